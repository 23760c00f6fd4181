"""Which names are true of which cause: for each exercise,
cause -> the ids of the mistakes whose words truly describe it.

A mistake whose id is the cause itself, or one of the answer's other causes, needs no entry. An id
may end in `*`. A cause may be written with the letter of one answer (`other-unit/a`). GENERAL has
the rules that all exercises share. Of an answer with two independent mistakes, the name of either
is true where its words are true of that mistake.
"""

from fnmatch import fnmatchcase

from tests.corpus.registry import Answer

VERDICT = {"effect-for-cause": "line-*", "wrong-line": "line-*", "wrong-reason": "why-*"}

GENERAL = {
    "activation-for-input": "other-quantity",
    "added-for-multiplied": "factors-added",
    "another-function": "another-activation",
    "another-functions-slope": "sigmoid-formula-for-another tanh-formula-for-another another-functions-slope",
    "bias-mean": "mean-for-sum",
    "derivative-slip-in-square": "square-lost",
    "diagonal-forgotten": "softmax-own-terms-left-out",
    "factor-lost": "no-outgoing-weight",
    "forward-copy-paste": "other-unit units-copied",
    "function-for-slope": "value-for-slope",
    "gate-on-wrong-sign-carrier": "gate-on-upstream",
    "gate-reversed": "gate-turned",
    "half-of-a-slope": "half-of-the-slope",
    "inner-only": "another-functions-slope",
    "links-added": "factors-added",
    "lost-bias": "inner-argument lost-bias",
    "multiply-treated-as-add": "no-outgoing-weight",
    "no-activation-slope": "no-hidden-slope",
    "no-hidden-slope": "no-activation-slope",
    "off-by-one-layer": "other-quantity",
    "off-by-one-link": "input-for-slope",
    "one-path": "one-sample",
    "other-unit": "other-quantity units-copied units-swapped",
    "overwrite": "one-sample",
    "paths-averaged": "mean-for-sum",
    "power-lost": "square-lost half-of-the-slope",
    "power-rule-for-exp": "power-rule-on-exponential",
    "pre-activation-for-activation": "other-quantity",
    "product-for-factor": "both-factors",
    "sign": "slope-sign sign-turned",
    "slope-of-activation": "slope-at-output",
    "softplus-slope-is-sigmoid-slope": "another-functions-slope",
    "uphill": "forward-sign",
    "upstream-added": "factors-added",
    "upstream-ignored": "lost-upstream",
    "value-for-slope": "input-for-slope",
    "weight-equals-bias": "bias-like-weight",
    "wrong-base": "wrong-base",
}

LESSON_01 = {
    "basic_slopes": {
        "two-slips": "slope-sign",
        "function-for-slope": "log-slope-is-log",
        "another-functions-slope": "log-differentiated-twice",
    },
    "activation_slopes": {
        "function-for-slope": "slope-is-value relu-slope-is-relu",
        "outer-only": "sigmoid-no-inner-slope softplus-no-inner-slope",
    },
    "gears": {"dropped-link": "lost-factor-two"},
    "one_path": {
        "dropped-term": "dropped-exponential",
        "power-rule-for-exp": "power-rule-on-exponential",
        "another-functions-slope": "square-for-cube no-activation-slope",
        "links-added": "slopes-added",
    },
    "long_chain": {
        "forward-values": "value-for-slope",
        "dropped-link": "dropped-inner-link outermost-dropped",
        "off-by-one-link": "outer-at-wrong-node",
        "wrong-argument": "outer-at-wrong-node",
    },
    "reciprocal_chain": {
        "another-functions-slope": "lost-upstream",
        "dropped-link/d": "lost-upstream",
        "lost-x": "base-lost",
        "dropped-link": "dropped-inner-link outer-only",
        "quotient-rule-slip": "reciprocal-sign",
    },
    "inner_partials": {
        "forward-slip": "lost-factor",
        "dropped-link": "outer-slope-lost",
        "inner-argument": "outer-at-x",
        "dropped-term": "dropped-product-term",
        "lost-other-factor": "factor-lost",
        "sign": "sine-sign",
        "function-for-slope": "slope-is-value",
    },
    "two_paths": {
        "function-for-slope": "both-factors",
        "one-path": "one-path-h",
        "overwrite": "one-path-h",
        "inner-slopes-left-out": "local-slopes-summed",
        "dropped-term": "dropped-product",
        "sign": "cosine-sign",
        "two-slips": "cosine-sign",
    },
    "three_sigmoids": {
        "two-slips": "half-of-the-slope",
        "no-activation-slope": "no-hidden-slope no-first-slope",
        "no-outgoing-weight": "no-outgoing-weight-1",
        "lost-upstream": "no-upstream",
    },
    "sigmoid_chain": {
        "loop-stops-early": "path-left-out",
        "return-in-loop": "path-left-out",
        "lost-activation": "no-outgoing-weight",
        "right-but-permuted": "reversed-order",
    },
    "central_difference": {
        "precedence-of-division": "division-order",
        "divided-by-h": "half-width",
        "one-sided": "forward-difference backward-difference",
        "one-sided-over-two-h": "half-step",
        "half-step": "step-halved",
        "h-ignored": "step-not-used",
        "sign": "difference-sign",
    },
}

LESSON_02 = {
    "forward_pass": {
        "lost-bias": "lost-output-bias",
        "no-activation": "no-output-activation",
        "log-loss-sign": "minus-on-one-term",
        "lost-minus": "log-loss-sign",
    },
    "output_layer": {
        "other-unit/b": "units-swapped",
        "slope-of-z": "output-slope-of-z",
        "other-unit": "units-confused",
        "lost-upstream": "lost-upstream-at-weight",
        "two-slips": "pre-activation-for-activation",
    },
    "hidden_unit": {
        "wrong-loss": "factor-two",
        "own-operand/c": "input-for-slope",
        "other-unit": "units-confused weight-of-the-wrong-layer",
        "own-operand": "own-operand-w",
        "off-by-one-layer": "output-slope-for-hidden",
        "weight-equals-bias": "bias-like-weight",
        "two-slips": "units-confused",
    },
    "all_seven": {
        "other-unit/a": "units-swapped",
        "right-but-permuted/b": "units-swapped",
        "placeholder": "path-left-out",
        "two-slips/a": "both-factors",
        "weight-equals-bias": "bias-like-weight",
    },
    "input_gradient": {"one-path-to-input": "one-path-to-input-2", "weights-left-out": "no-incoming-weight"},
    "regression_output": {
        "other-unit/b": "units-swapped",
        "mean-for-sum": "mean-over-points",
        "one-sample": "last-sample",
        "sums-multiplied": "summed-too-early",
        "other-unit": "units-confused",
        "lost-upstream": "bias-counts-points",
        "two-slips": "residual-sign",
    },
    "regression_hidden": {
        "blue-times-one-minus-blue": "sigmoid-formula-for-another",
        "lost-bias": "inner-argument",
        "value-of-exponential": "another-functions-slope",
        "softplus-slope-is-softplus": "value-for-slope",
        "slope-of-activation": "slope-at-output",
        "mean-for-sum": "mean-over-points",
        "two-slips": "units-confused",
    },
    "descend": {"loss-missing": "losses-without-last"},
    "bias_or_weight": {
        "weight-times-input": "both-factors",
        "bias-times-bias": "other-quantity",
    },
}

LESSON_03 = {
    "at_the_add": {"own-operand": "own-operand-at-add"},
    "add_and_multiply": {
        "own-operand/c": "bias-times-bias",
        "two-slips": "sign-turned",
        "split-at-add/b": "path-left-out",
        "lost-upstream": "lost-upstream-at-multiply",
        "product-for-factor": "whole-product",
        "multiply-treated-as-add": "pass-through-multiply",
    },
    "logistic_graph": {
        "other-unit/b": "units-swapped",
        "dropped-negative-class": "target-one-only",
        "sign": "loss-slope-sign",
        "wrong-loss": "wrong-loss-at-output",
        "shortcut-at-the-wrong-place": "short-form-too-early",
        "other-unit": "inputs-confused",
        "lost-upstream": "lost-upstream-at-bias lost-upstream-at-sigmoid",
        "two-slips": "log-loss-sign",
    },
    "relu_neuron": {
        "two-slips": "slope-sign",
        "gate-on-wrong-sign-carrier": "gate-on-upstream gate-on-input",
        "no-gate": "bias-past-the-gate",
        "gate-reversed": "gate-turned",
        "function-for-slope": "value-for-slope",
        "lost-upstream": "lost-upstream-at-bias",
    },
    "two_calls": {
        "cleared-by-itself": "not-accumulated",
        "value-not-slope": "value-for-slope values-added",
        "accumulated-wrongly": "squared",
    },
    "stable_log_loss": {
        "lost-y": "path-left-out",
        "naive-form": "saturated",
        "overflowing-form": "overflow",
        "overflowing-gradient": "sigmoid-overflow",
        "sign": "turned-target-term",
    },
    "graph_forward": {"tanh-left-out": "no-tanh"},
    "graph_backward": {
        "no-activation-slope": "no-tanh-slope",
        "same-operand-once": "same-node-once",
        "fancy-index-add": "same-node-once",
    },
}

LESSON_04 = {
    "three_paths": {
        "no-activation-slope": "no-output-slope",
        "no-hidden-slope": "no-middle-slope no-first-slope",
        "no-outgoing-weight": "no-middle-weight",
        "lost-x": "no-first-weight",
        "reversed-residual": "loss-sign",
    },
    "softmax_jacobian": {
        "elementwise-softmax": "elementwise-softmax-vector",
        "diagonal-as-offdiagonal": "no-diagonal",
        "sign": "jacobian-sign",
        "denominator-held-still": "sum-of-ones",
        "dot-for-outer": "inner-product",
    },
    "count_by_eye": {"one-path-per-logit": "elementwise-softmax", "all-paths-of-the-network": "all-weights-counted"},
    "softmax_output_layer": {"two-slips": "lost-factor-two"},
    "softmax_hidden_layer": {"transposed-outer": "transposed-outer-1", "one-path": "first-logit-only"},
    "paths_of_a_weight": {"transposed-table": "paths-transposed", "lost-x": "no-input"},
    "paths_and_edges": {
        "first-layer-left-out": "inputs-not-chosen",
        "sum-for-product": "paths-added",
        "last-layer-left-out": "outputs-not-chosen",
        "sum-of-widths": "units-for-edges",
    },
    "deep_backward": {
        "lost-upstream": "no-activation-slope",
        "no-activation-slope": "no-hidden-slope no-last-slope",
        "another-functions-slope": "sigmoid-slope",
        "sign": "loss-sign",
    },
}

LESSON_05 = {
    "dense_example": {
        "mean-for-sum": "paths-averaged",
        "one-path": "one-unit-only",
        "no-outgoing-weight": "no-weights",
        "summed-too-much": "bias-of-all-units",
    },
    "terms": {
        "axes-exchanged": "inputs-for-units batch-for-units inputs-for-batch",
        "one-term": "one-example",
        "bias-alone": "unsummed-bias",
        "all-entries": "all-entries-for-bias",
    },
    "dense_backward": {
        "activation-in-bias": "add-treated-as-multiply",
        "mean-for-sum": "inputs-averaged",
        "lost-upstream": "bias-counts-examples",
        "wrong-axis": "bias-summed-over-units",
        "summed-too-much": "bias-of-all-units",
        "one-sample": "overwrite",
        "sums-multiplied": "summed-too-early",
        "transposed-result": "transposed-dX",
    },
    "broadcast_backward": {
        "unsummed": "v-not-summed",
        "own-operand": "v-own-operand",
        "unbroadcast-mean": "v-averaged c-averaged",
        "mean-for-sum": "s-averaged",
        "wrong-axis": "v-summed-over-units",
        "lost-dimension": "dropped-dimension",
        "not-unbroadcast": "c-not-summed s-summed-halfway",
        "lost-upstream": "s-constant",
        "sums-multiplied": "summed-too-early",
        "factor-lost": "no-factor",
    },
    "relu_layer": {
        "two-slips": "slope-sign",
        "gate-on-wrong-sign-carrier": "gate-on-upstream",
        "lost-bias": "gate-without-bias",
        "gate-reversed": "gate-turned",
        "function-for-slope": "value-for-slope",
        "gate-forgotten-further-back": "inputs-past-the-gate weights-past-the-gate",
        "gate-twice-with-input": "gate-on-input",
    },
    "softmax_layer": {
        "softmax-over-the-batch": "softmax-over-batch softmax-over-all",
        "wrong-axis": "sum-over-batch",
        "summed-too-much": "sum-over-all",
        "plain-sum-for-weighted": "sum-without-probabilities",
        "another-functions-slope": "sigmoid-for-softmax",
    },
    "twice_the_batch": {
        "factors-exchanged": "sum-and-mean-exchanged",
        "same-for-both": "mean-doubles",
        "halved": "mean-halves",
        "unchanged": "sum-unchanged",
        "squared": "sum-squared",
    },
    "first_loss": {
        "sum-for-mean": "summed",
        "probability-not-loss": "probability-for-loss",
        "sign": "loss-sign",
        "wrong-base": "decimal-logarithm other-logarithm",
        "loss-zero": "no-loss",
        "wrong-number-of-classes": "two-classes",
    },
    "softmax_cross_entropy": {
        "denominators-dropped": "no-softmax-slope",
        "sum-for-mean": "mean-forgotten",
        "mean-for-sum": "mean-over-entries mean-twice divided-by-entries",
        "sign": "loss-sign",
        "overflowing-form": "overflow",
        "log-of-zero": "saturated",
        "lost-y": "target-dropped",
        "squared-error": "wrong-loss",
        "hard-targets": "hard-targets-only",
    },
    "network_forward": {
        "relu-on-the-logits": "gate-on-logits",
        "no-activation": "no-gate",
        "input-left-out": "inputs-left-out",
        "last-only": "logits-only",
        "relu-on-the-input": "gated-inputs",
    },
    "network_backward": {
        "gate-on-the-logits": "gate-on-logits",
        "gate-on-the-input": "gate-on-inputs",
        "function-for-slope": "value-for-slope",
        "right-but-permuted": "back-to-front biases-back-to-front",
        "mean-for-sum": "mean-twice",
        "sum-for-mean": "mean-forgotten",
    },
    "train": {
        "no-outgoing-weight": "last-layer-only",  # the deltas of a softmax add up to 0, so nothing arrives further back
        "stale-half-step": "stale-biases",
        "biases-not-moved": "biases-at-rest",
        "mean-for-sum": "mean-twice",
        "one-step-too-few": "one-step-short",
    },
}

LESSON_06 = {
    "nodes_and_edges": {
        "same-operand-once": "double-edge-once",
        "constant-not-counted": "constant-left-out",
        "leaves-not-counted": "operations-only",
        "operations-counted": "edges-of-a-chain",
    },
    "node": {"grad-one": "grad-starts-at-one", "grad-is-data": "grad-starts-at-data"},
    "sums_and_products": {
        "two-slips": "forward-sign",
        "one-path": "path-left-out",
        "one-slope-for-two-parents": "own-operand",
        "own-operand": "operands-for-slopes",
        "multiply-treated-as-add": "product-slopes-of-a-sum",
        "forward-copy-paste": "multiply-for-add",
        "slopes-left-out": "parents-forgotten",
        "same-operand-once": "same-node-once",
        "product-for-factor": "value-for-slope",
    },
    "bends": {
        "two-slips": "slope-sign",
        "power-kept": "exponent-not-lowered",
        "lost-power-factor": "exponent-factor-lost",
        "power-rule-for-exp": "exp-like-a-power",
        "no-activation-slope": "exp-slope-one",
        "reciprocal-of-value": "log-slope-of-value",
        "wrong-base": "log-to-base-ten",
        "function-for-slope": "relu-value-for-slope sigmoid-value-for-slope",
        "gate-reversed": "gate-turned",
        "slope-of-z": "tanh-slope-of-z",
        "another-functions-slope": "sigmoid-slope-for-tanh",
    },
    "two_edges": {
        "as-if-it-added": "added",
        "upstream-dropped": "lost-upstream added-without-upstream",
        "value-not-slope": "value-for-slope",
        "upstream-only": "lost-slope",
    },
    "pass_back": {
        "overwrite": "path-left-out",
        "wrong-direction": "nothing-arrives",
        "no-effect": "nothing-arrives",
        "same-operand-once": "same-node-once",
        "return-in-loop": "first-parent-only",
        "own-grad-used-up": "first-parent-only",
        "split-at-add": "shared-out",
        "multiplied-for-added": "multiplied",
    },
    "order": {
        "reversed": "output-first",
        "visited-forgotten": "visited-again",
        "self-left-out": "output-missing",
        "parents-only": "one-generation",
        "breadth-first": "by-distance",
        "same-data-same-node": "equal-numbers-once",
        "one-path": "first-parents-only",
        "leaves-left-out": "leaves-missing",
    },
    "backward": {
        "not-cleared": "leaves-not-cleared",
        "no-seed": "all-still-zero",
        "cleared-after-the-seed": "all-still-zero",
        "cleared-in-the-loop": "all-still-zero nothing-passed-back",
        "method-not-called": "nothing-passed-back",
        "exhausted-iterator": "nothing-passed-back all-still-zero",
        "last-node-left-out": "nothing-passed-back",
        "forward-order": "only-from-the-output",
        "only-self-passes-back": "only-from-the-output",
        "cleared-after-passing": "cleared-afterwards",
        "seed-is-the-value": "begins-with-its-value",
    },
    "arithmetic": {
        "operands-exchanged": "reversed-difference reversed-quotient",
        "sign": "minus-passes-on negative-passes-on",
        "power-lost": "reciprocal-not-squared",
        "detached": "denominator-forgotten",
        "power-sign": "quotient-is-product",
    },
    "run_graph": {
        "data-for-grad": "values-for-gradients",
        "no-backward": "all-still-zero",
        "detached": "all-still-zero",
        "copies-of-leaves": "all-still-zero",
    },
    "deep_chain": {
        "reversed": "last-step-only",
        "node-before-parents": "last-step-only",
        "one-path": "last-step-only",
        "self-left-out": "all-still-zero",
    },
    "dual": {
        "speeds-multiplied": "dots-multiplied",
        "one-path": "path-left-out",
        "dropped-term": "first-factor-only",
        "speed-left-out": "slope-without-speed",
        "no-activation-slope": "speed-without-slope",
        "function-of-speed": "tanh-of-speed",
    },
    "passes": {
        "modes-exchanged": "exchanged",
        "one-pass-each": "one-forward-pass",
        "as-for-one-loss": "one-backward-pass",
        "as-by-nudging": "two-for-each",
    },
}

LESSON_06_ARRAYS = {
    "jacobian_size": {"other-variable": "jacobian-of-X"},
    "unbroadcast": {"lost-dimension": "dropped-dimension", "one-sample": "one-use-only"},
    "multiply_rule": {
        "multiply-treated-as-add": "lost-factor",
        "not-unbroadcast/b": "second-not-unbroadcast",
    },
    "matmul_rule": {"transposed-dW": "transposed-dB transposed-results", "swapped-operands": "exchanged"},
    "sum_rule": {"mean-for-sum": "shared-equally", "summed-too-much": "summed-again"},
    "max_rule": {
        "no-gate": "no-mask",
        "function-for-slope": "value-for-slope",
        "gate-reversed": "all-but-largest",
    },
    "array_engine": {
        "no-seed": "all-still-zero",
        "cleared-after-the-seed": "all-still-zero",
        "one-path": "first-operand-only",
        "forward-order": "all-still-zero",
    },
    "train_tensors": {"biases-not-moved": "biases-at-rest", "no-effect": "parameters-at-rest"},
    "evaluations": {"lost-bias": "weights-only", "as-for-all": "direction-entry-by-entry"},
    "directional_check": {
        "one-sided": "forward-difference",
        "divided-by-h": "half-width",
        "direction-forgotten": "direction-not-in-claim",
        "unsummed": "not-summed",
        "normalised": "claimed-normalised",
    },
    "hessian_vector": {
        "gradient-again": "gradient-for-product",
        "order-of-results": "parts-exchanged",
        "speeds-one": "all-ones",
        "curvature-alone": "curvature-along-v",
    },
}

LESSON_07 = {
    "two_units": {
        "two-slips": "forward-sign",
        "other-unit": "units-confused bias-confused units-copied outgoing-confused",
        "lost-bias": "lost-output-bias",
        "unit-fed-with-unit": "units-in-series",
    },
    "last_layer": {"other-unit": "units-confused", "two-slips": "squared-residual-kept"},
    "one_step": {
        "sign-in-the-step": "step-negated",
        "old-parameter": "old-loss",
        "step-is-the-value": "replaced-for-moved",
        "gain-sign": "gain-turned",
        "divided-by-learning-rate": "divided-by-rate",
    },
    "squared_softmax": {
        "denominator-held-still": "denominator-held",
        "no-softmax-slope": "lost-softmax",
        "sign": "jacobian-sign",
    },
    "first_weight": {"one-path": "first-logit-only"},
    "hidden_weight": {"bias-equals-weight": "weight-as-bias", "weight-equals-bias": "bias-as-weight"},
    "relu_unit": {
        "two-slips": "slope-sign",
        "pre-activation-for-activation/a": "no-activation",
        "gate-reversed": "gate-turned",
        "gate-on-wrong-sign-carrier": "gate-on-upstream",
        "function-for-slope": "value-for-slope",
        "loss-sign": "reversed-residual",
    },
    "batch_average": {
        "sum-for-mean": "sum-in-the-loss",
        "mean-for-sum": "averaged-in-the-layer",
        "divided-by-features": "inputs-for-examples",
        "two-slips": "sum-for-mean",
    },
    "two_steps": {
        "stale-half-step": "stale-weight",
        "other-unit": "same-example",
        "bias-equals-weight": "lost-inner-slope",
        "from-the-start-again": "step-from-the-start",
        "weight-not-moved": "stale-weight",
    },
    "small_network": {
        "no-activation-slope": "no-hidden-slope",
        "another-functions-slope": "sigmoid-slope",
        "bias-equals-weight": "weight-as-bias",
        "bias-mean": "mean-for-sum",
        "two-slips": "lost-factor-two",
    },
    "log_loss": {
        "flawed-copy": "saturated",
        "one-minus-logarithm": "one-minus-the-log",
        "logarithms-exchanged": "logs-confused",
        "sign": "turned-log",
        "guard-kept-in-the-gradient": "loss-only",
        "half-repaired": "overflow",
        "overflowing-form": "overflow",
        "overflowing-gradient": "overflow-in-the-gradient",
    },
    "bug_finder": {
        "one-sided": "forward-difference",
        "divided-by-h": "half-width",
        "all-at-once": "all-nudged-at-once",
        "same-array-nudged": "nothing-moves",
        "reversed": "innocent-marked",
        "absolute-threshold": "absolute-tolerance-only",
        "norm-relative-threshold": "relative-to-the-largest",
        "one-verdict-for-all": "one-verdict",
    },
}

LESSON_08 = {
    "layer_norm_links": {"unsummed": "not-summed", "sign": "sign-of-difference"},
    "attention_links": {"no-transpose": "weights-untransposed", "wrong-axis": "softmax-over-queries"},
    "model_backward": {"sum-for-mean": "mean-forgotten"},
}

TRUE_NAMES = {
    "lesson_01": LESSON_01,
    "lesson_02": LESSON_02,
    "lesson_03": LESSON_03,
    "lesson_04": LESSON_04,
    "lesson_05": LESSON_05,
    "lesson_06": LESSON_06,
    "lesson_06_arrays": LESSON_06_ARRAYS,
    "lesson_07": LESSON_07,
    "lesson_08": LESSON_08,
}


def is_true_name(answer: Answer, name: str) -> bool:
    """Tell whether the mistake of this id says, in its words, what the answer's code shows."""
    own = VERDICT if answer.exercise.endswith("_verdict") else TRUE_NAMES[answer.lesson].get(answer.exercise, {})
    causes = (answer.cause, *answer.also)
    letter = answer.id.rpartition("/")[2]
    keys = (*causes, f"{answer.cause}/{letter}")
    listed = [pattern for key in keys for table in (own, GENERAL) for pattern in table.get(key, "").split()]
    return any(fnmatchcase(name, pattern) for pattern in [*(() if answer.unnamed else causes), *listed])
