"""Formulas of mistakes that no exercise declares: the engine names them by itself.

Each was once typed into its exercise. FORMULAS has them by exercise, with the name that is given.
"""

import numpy as np
import torch
from backprop.autodiff.misdirect import product_with, with_slope
from backprop.exercises import chain_rule, computation_graph, layers_and_batches, multipath_gradients, one_two_one_network
from backprop.exercises.arrays import broadcasting, curvature, engine, rules
from backprop.exercises.arrays.shared import undone
from backprop.exercises.depth import minibatches, residual
from backprop.exercises.depth.shared import mean_cross_entropy as depth_loss
from backprop.exercises.digits import gradients, training
from backprop.exercises.digits.shared import mean_cross_entropy as digits_loss
from backprop.exercises.transformer import attention, convolution, model, normalisation, routing
from backprop.questions.mistake import Mistake


def wrong(id, **formulas):
    """A mistake whose words are the engine's."""
    return Mistake(id, "", **formulas)


# --- whole backward passes with a mistake ---------------------------------------------------------


def _sigmoid_chain(unit):
    """The chain with unit(weight, a) in the place of each sigmoid's unit."""

    def forward(node, x, w, y):
        a = x
        for weight in w:
            a = unit(weight, a)
        node("L", (a - y) ** 2)

    return forward


def _graph(multiply=lambda a, b: a * b, bend=torch.tanh, once=False):
    """Any graph with other operations; `once`: of each node only the first use counts, which in a
    backward pass is the last to write.
    """

    def forward(node, values, ops):
        nodes, used = list(values), set()
        for name, *operands in ops:
            live = {}
            for place in reversed(range(len(operands))):
                k = operands[place]
                live[place] = nodes[k].detach() if once and k in used else nodes[k]
                used.add(k)
            first, last = live[0], live[len(operands) - 1]
            nodes.append({"add": lambda a, b: a + b, "mul": multiply, "tanh": lambda a, b: bend(a)}[name](first, last))
        node("L", nodes[-1])

    return forward


def _tanh(slope):
    return lambda z: with_slope(torch.tanh(z), z, slope(z))


def _deep_network(slope, last_slope):
    """The deep network with other derivatives of its tanh."""

    def forward(node, x, weights):
        a = x
        for k, W in enumerate(weights):
            z = W @ a
            a = with_slope(torch.tanh(z), z, (last_slope if k == len(weights) - 1 else slope)(z))
        node("L", (a**2).sum())

    return forward


def _tanh_slope(z):
    return 1 - torch.tanh(z) ** 2


def _without_outgoing_weights(node, x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    a1_1, a1_2 = torch.sigmoid(w1_1 * x + b1_1), torch.sigmoid(w1_2 * x + b1_2)
    z2_1 = with_slope(w2_1 * a1_1.detach(), a1_1, 1.0) + with_slope(w2_2 * a1_2.detach(), a1_2, 1.0)
    z2_1 = z2_1 + (w2_1 - w2_1.detach()) * a1_1.detach() + (w2_2 - w2_2.detach()) * a1_2.detach() + b2_1
    node("L", torch.nn.functional.softplus(z2_1) - y * z2_1)


def _network(loss, slope):
    """A network of ReLU layers with another derivative of each ReLU."""

    def forward(node, X, targets, weights, biases):
        A = X
        for W, b in zip(weights, biases):
            Z = A @ W + b
            A = with_slope(torch.relu(Z), Z, slope(Z))
        node("L", loss(Z, torch.as_tensor(targets)))

    return forward


def _regression(slope):
    """The regression of lesson 02 with another derivative of each softplus."""

    def forward(node, x, y, w1, w2, w3, w4, b1, b2, b3):
        softplus = torch.nn.functional.softplus
        z1, z2 = w1 * x + b1, w2 * x + b2
        blue = node("blue", with_slope(softplus(z1), z1, slope(z1)))
        orange = node("orange", with_slope(softplus(z2), z2, slope(z2)))
        green = node("green", w3 * blue + w4 * orange + b3)
        node("SSR", ((y - green) ** 2).sum())

    return forward


def _head_with(paths, root=True):
    """The attention head in which only some of queries, keys and values send something back to the
    inputs, or in which the scores' divisor is left out on the way back.
    """

    def forward(node, dL_dO, X, Wq, Wk, Wv):
        def sent(name, W):
            reaching = X if name in paths else X.detach()
            return reaching @ W.detach() + X.detach() @ W - (X @ W).detach()

        Q, K, V = sent("Q", Wq), sent("K", Wk), sent("V", Wv)
        S = Q @ K.T / Q.shape[1] ** 0.5
        S = S if root else with_slope(S, Q @ K.T, 1.0)
        A = torch.softmax(S.masked_fill(torch.ones_like(S).triu(1).bool(), -1e3), dim=1)
        node("L", (dL_dO.detach() * (A @ V)).sum())

    return forward


def _mlp_block(slope):
    def forward(node, dL_dY, X, gamma, beta, W1, b1, W2, b2, eps):
        centred = X - X.mean(dim=1, keepdim=True)
        N = gamma * centred / torch.sqrt((centred**2).mean(dim=1, keepdim=True) + eps) + beta
        Z1 = N @ W1 + b1
        node("L", (dL_dY.detach() * (X + with_slope(torch.relu(Z1), Z1, slope(Z1)) @ W2 + b2)).sum())

    return forward


def _turned(Z):
    return (Z < 0).double()


def _head(node, dL_dO, X, Wq, Wk, Wv):
    """The attention head with the diagonal of the softmax's Jacobian alone."""
    S = (X @ Wq) @ (X @ Wk).T / Wq.shape[1] ** 0.5
    S = S.masked_fill(torch.ones_like(S).triu(1).bool(), -1e3)
    A = torch.softmax(S, dim=1)
    node("L", (dL_dO.detach() * (with_slope(A, S, A * (1 - A)) @ (X @ Wv))).sum())


def _mean_steps(node, theta, x, y, alpha, steps):
    one_two_one_network.descend.forward(node, theta, x, y, alpha / x.numel(), steps)


def _training(data, loss, step=lambda part, gradient, alpha: part - alpha * gradient, groups=None, adds_up=False, after=False, lacking=0):
    """A loop of descent on loss(data[k], parameters), with one thing wrong in its steps.

    groups  groups(number of parameters) -> their places, in groups that are moved one after another
    after   whether the loss after the last step is noted
    lacking how many of the last steps the parameters at the end lack
    """

    def forward(node, weights, biases, alpha):
        parts = [part.detach().clone() for part in (*weights, *biases)]
        losses, kept = [], [torch.zeros_like(part) for part in parts]
        history = [parts]
        for one in data:
            parts = list(parts)
            for turn, group in enumerate(groups(len(parts)) if groups else [range(len(parts))]):
                live = [part.clone().requires_grad_() for part in parts]
                L = loss(one, live[: len(weights)], live[len(weights) :])
                losses += [L.detach()] if turn == 0 else []
                for place, gradient in zip(group, torch.autograd.grad(L, [live[place] for place in group])):
                    kept[place] = gradient + (kept[place] if adds_up else 0)
                    parts[place] = step(parts[place], kept[place], alpha.item())
            history.append(parts)
        losses += [loss(data[-1], parts[: len(weights)], parts[len(weights) :])] if after else []
        parts = history[-1 - lacking]
        node("losses", torch.stack(losses))
        node("weights_end", parts[: len(weights)])
        node("biases_end", parts[len(weights) :])

    return forward


def _full_batch(**rules):
    """Training as in lesson 05."""

    def forward(node, X, Y, weights, biases, alpha, steps):
        data = [(X.detach(), Y.detach())] * int(steps)
        _training(data, lambda one, *parameters: depth_loss(*one, *parameters), after=True, **rules)(node, weights, biases, alpha)

    return forward


def _in_minibatches(**rules):
    """Training as at the end of lesson 05."""

    def forward(node, X, Y, weights, biases, alpha, orders, size):
        data = [(X.detach()[rows], Y.detach()[rows]) for order in torch.as_tensor(orders) for rows in order.split(size)]
        _training(data, lambda one, *parameters: depth_loss(*one, *parameters), **rules)(node, weights, biases, alpha)

    return forward


def _epoch(**rules):
    """Training as in lesson 09."""

    def forward(node, batches, weights, biases, alpha):
        data = [(torch.as_tensor(X), labels) for X, labels in batches]
        _training(data, lambda one, *parameters: digits_loss(*one, *parameters), **rules)(node, weights, biases, alpha)

    return forward


STEPS = {
    "uphill": {"step": lambda part, gradient, alpha: part + alpha * gradient},
    "no-learning-rate": {"step": lambda part, gradient, alpha: part - gradient},
    "not-cleared": {"adds_up": True},
    "frozen-parameter": {"groups": lambda parts: [range(parts // 2)]},
    "frozen-parameter in the first layer": {"groups": lambda parts: [[k for k in range(parts) if k % (parts // 2)]]},
    "frozen-parameter in the last layer": {"groups": lambda parts: [[k for k in range(parts) if (k + 1) % (parts // 2)]]},
    "frozen-parameter, one array": {"groups": lambda parts: [range(1, parts)]},
    "one-step-short": {"lacking": 1},
    "stale-half-step": {"groups": lambda parts: [range(parts // 2), range(parts // 2, parts)]},
    "stale-half-step in layers": {"groups": lambda parts: [[k, parts // 2 + k] for k in range(parts // 2)]},
    "stale-half-step in layers, the last first": {"groups": lambda parts: [[k, parts // 2 + k] for k in reversed(range(parts // 2))]},
}


def _wrong_steps(training):
    return tuple(wrong(key.partition(" ")[0].strip(","), program=training(**rules)) for key, rules in STEPS.items())


# --- what several formulas share ------------------------------------------------------------------


def _softplus_at_output(activation, weight):
    """A link of `regression_hidden`, with the derivative of softplus at the function's output."""

    def formula(v):
        delta = getattr(v, f"dSSR_d{activation}") / (1 + np.exp(-getattr(v, activation)))
        return (delta * v.x).sum() if weight else delta.sum()

    return formula


def _times(ask, factor):
    return lambda v: getattr(v, ask) * factor


def _without_slope(unit, by_x):
    """A link of the first layer in `all_seven`, without the derivative of the unit's sigmoid."""
    return lambda v: v.dL_dz2_1 * getattr(v, f"w2_{unit}") * (v.x if by_x else 1.0)


def _rising_together(v):
    """The gradient at the logits, with the sign between different classes turned."""
    p, pairs = v.yhat, np.outer(v.yhat, v.yhat)
    return p * (1 - p) * v.dL_dyhat + (pairs - np.diag(np.diag(pairs))) @ v.dL_dyhat


def _offdiagonal_turned(v):
    return v.dL_dw_by_path * np.where(np.eye(3) > 0, 1, -1)


def _to_a(v, local, grad=None):
    return undone(np.broadcast_to((v.dL_dy if grad is None else grad) * local, v.dL_dy.shape), v.a.shape)


def _to_b(v, local, grad=None):
    return undone(np.broadcast_to((v.dL_dy if grad is None else grad) * local, v.dL_dy.shape), v.b.shape)


def _counted(v):
    """How often each entry is taken."""
    G = np.zeros_like(v.x)
    np.add.at(G, v.key, 1.0)
    return G


# --- all, by exercise -----------------------------------------------------------------------------

AT_THE_OUTPUT = (
    wrong("wrong-loss", dL_dyhat=lambda v: 2 * (v.yhat - v.y)),
    wrong("no-activation-slope", dL_dz2_1=lambda v: v.dL_dyhat),
    wrong("slope-of-z", dL_dz2_1=lambda v: v.dL_dyhat * v.z2_1 * (1 - v.z2_1)),
    wrong("slope-twice", dL_dz2_1=lambda v: (v.yhat - v.y) * v.yhat * (1 - v.yhat)),
)
AT_THE_SOFTMAX = (
    wrong("softmax-offdiagonal-sign", dL_dz2=_rising_together),
    wrong("no-softmax-slope", dL_dz2=lambda v: v.dL_dyhat),
    wrong("first-output-only", dL_dz2=lambda v: v.dL_dyhat[0] * v.yhat[0] * (np.eye(len(v.yhat))[0] - v.yhat)),
)

FORMULAS = {
    layers_and_batches.train: _wrong_steps(_full_batch),
    minibatches.train_minibatches: _wrong_steps(_in_minibatches),
    training.train_epoch: _wrong_steps(_epoch),
    chain_rule.three_sigmoids: (
        wrong("no-activation-slope", dL_dw2=lambda v: v.dL_da2 * v.a1),
        wrong("slope-of-z", dL_dw3=lambda v: v.dL_dyhat * (v.w3 * v.a2) * (1 - v.w3 * v.a2) * v.a2),
        wrong("loss-sign", dL_dyhat=lambda v: 2 * (v.y - v.yhat)),
        wrong("no-activation-slope", dL_dw3=lambda v: v.dL_dyhat * v.a2),
        wrong("no-hidden-slope", dL_dw1=lambda v: v.dL_da1 * v.x),
        wrong(
            "own-operand",
            dL_dw3=lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat) * v.w3,
            dL_dw2=lambda v: v.dL_da2 * v.a2 * (1 - v.a2) * v.w2,
            dL_dw1=lambda v: v.dL_da1 * v.a1 * (1 - v.a1) * v.w1,
        ),
        wrong("no-outgoing-weight", dL_da2=lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat)),
        wrong("no-outgoing-weight", dL_da1=lambda v: v.dL_da2 * v.a2 * (1 - v.a2)),
        wrong("own-operand", dL_da2=lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat) * v.a2),
    ),
    chain_rule.sigmoid_chain: (
        wrong("no-activation-slope", program=_sigmoid_chain(lambda w, a: with_slope(torch.sigmoid(w * a), w * a, 1.0))),
        wrong("slope-of-z", program=_sigmoid_chain(lambda w, a: with_slope(torch.sigmoid(w * a), w * a, w * a * (1 - w * a)))),
        wrong("loss-sign", dL_dw=lambda v: -v.dL_dw),
        wrong("own-operand", program=_sigmoid_chain(lambda w, a: torch.sigmoid(product_with(w, a, to_a=w, to_b=w)))),
    ),
    one_two_one_network.output_layer: (
        *AT_THE_OUTPUT,
        wrong("slope-twice", dL_dyhat=lambda v: v.yhat - v.y),
        wrong("pre-activation-for-activation", dL_dw2_1=lambda v: v.dL_dz2_1 * v.z1_1),
        wrong("input-for-activation", dL_dw2_1=lambda v: v.dL_dz2_1 * v.x),
        wrong("own-operand", dL_dw2_1=lambda v: v.dL_dz2_1 * v.w2_1),
        wrong("other-unit", dL_dw2_2=lambda v: v.dL_dz2_1 * v.a1_1),
        wrong("lost-upstream", dL_dw2_1=lambda v: v.a1_1),
        wrong("bias-times-bias", dL_db2_1=lambda v: v.dL_dz2_1 * v.b2_1),
        wrong("lost-upstream", dL_db2_1=lambda v: 1.0),
    ),
    one_two_one_network.hidden_unit: (
        wrong("no-hidden-slope", dL_dz1_2=lambda v: v.dL_da1_2),
        *AT_THE_OUTPUT,
        wrong("no-outgoing-weight", dL_da1_2=lambda v: v.dL_dz2_1),
        wrong("other-unit", dL_da1_2=lambda v: v.dL_dz2_1 * v.w2_1),
        wrong("own-operand", dL_da1_2=lambda v: v.dL_dz2_1 * v.a1_2),
        wrong("lost-upstream", dL_da1_2=lambda v: v.w2_2),
        wrong("other-unit", dL_da1_2=lambda v: v.dL_dz2_1 * v.w1_2),
        wrong("slope-of-z", dL_dz1_2=lambda v: v.dL_da1_2 * v.z1_2 * (1 - v.z1_2)),
        wrong("other-unit", dL_dz1_2=lambda v: v.dL_da1_2 * v.yhat * (1 - v.yhat)),
        wrong("bias-equals-weight", dL_dw1_2=lambda v: v.dL_dz1_2),
        wrong("own-operand", dL_dw1_2=lambda v: v.dL_dz1_2 * v.w1_2),
        wrong("bias-like-weight", dL_db1_2=lambda v: v.dL_dz1_2 * v.x),
        wrong("bias-times-bias", dL_db1_2=lambda v: v.dL_dz1_2 * v.b1_2),
    ),
    one_two_one_network.all_seven: (
        wrong(
            "no-hidden-slope",
            **{f"dL_d{name}{unit}": _without_slope(unit, by_x) for unit in (1, 2) for name, by_x in (("b1_", False), ("w1_", True))},
        ),
        *AT_THE_OUTPUT,
        wrong("no-outgoing-weight", program=_without_outgoing_weights),
        wrong("bias-like-weight", dL_db1_1=lambda v: v.dL_db1_1 * v.x, dL_db1_2=lambda v: v.dL_db1_2 * v.x),
        wrong("bias-equals-weight", dL_dw1_1=lambda v: v.dL_dz1_1, dL_dw1_2=lambda v: v.dL_dz1_2),
        wrong("every-unit-gets-the-sum", dL_dz1_1=lambda v: v.dL_dz1_1 + v.dL_dz1_2, dL_dz1_2=lambda v: v.dL_dz1_1 + v.dL_dz1_2),
        wrong("other-unit", dL_dz1_2=lambda v: v.dL_dz1_1),
        wrong("pre-activation-for-activation", dL_dw2_1=lambda v: v.dL_dz2_1 * v.z1_1, dL_dw2_2=lambda v: v.dL_dz2_1 * v.z1_2),
        wrong("input-for-activation", dL_dw2_1=lambda v: v.dL_dz2_1 * v.x, dL_dw2_2=lambda v: v.dL_dz2_1 * v.x),
        wrong("own-operand", dL_dw2_1=lambda v: v.dL_dz2_1 * v.w2_1, dL_dw2_2=lambda v: v.dL_dz2_1 * v.w2_2),
        wrong("bias-times-bias", dL_db2_1=lambda v: v.dL_dz2_1 * v.b2_1),
    ),
    one_two_one_network.input_gradient: (
        wrong("one-path-to-input", dL_dx=lambda v: v.dL_dz1_1 * v.w1_1),
        wrong("one-path-to-input", dL_dx=lambda v: v.dL_dz1_2 * v.w1_2),
        wrong("no-outgoing-weight", dL_dx=lambda v: v.dL_dz1_1 + v.dL_dz1_2),
        wrong("no-hidden-slope", dL_dz1_1=lambda v: v.dL_da1_1),
        *AT_THE_OUTPUT,
        wrong("no-outgoing-weight", dL_dz1_1=lambda v: v.dL_dz2_1 * v.a1_1 * (1 - v.a1_1)),
        wrong("own-operand", dL_dx=lambda v: (v.dL_dz1_1 + v.dL_dz1_2) * v.x),
        wrong("paths-averaged", dL_dx=lambda v: v.dL_dx / 2),
        wrong("absolute-paths", dL_dx=lambda v: abs(v.dL_dz1_1 * v.w1_1) + abs(v.dL_dz1_2 * v.w1_2)),
    ),
    one_two_one_network.regression_output: (
        wrong("residual-sign", dSSR_dgreen=lambda v: 2 * (v.y - v.green)),
        wrong(
            "one-sample",
            dSSR_dw3=lambda v: v.dSSR_dgreen[-1] * v.blue[-1],
            dSSR_dw4=lambda v: v.dSSR_dgreen[-1] * v.orange[-1],
            dSSR_db3=lambda v: v.dSSR_dgreen[-1],
        ),
        wrong(
            "mean-for-sum",
            dSSR_dw3=lambda v: v.dSSR_dw3 / v.x.size,
            dSSR_dw4=lambda v: v.dSSR_dw4 / v.x.size,
            dSSR_db3=lambda v: v.dSSR_db3 / v.x.size,
        ),
        wrong("input-for-activation", dSSR_dw3=lambda v: (v.dSSR_dgreen * v.x).sum()),
        wrong("pre-activation-for-activation", dSSR_dw3=lambda v: (v.dSSR_dgreen * (v.w1 * v.x + v.b1)).sum()),
        wrong("other-unit", dSSR_dw4=lambda v: (v.dSSR_dgreen * v.blue).sum()),
        wrong("bias-times-bias", dSSR_db3=lambda v: v.dSSR_dgreen.sum() * v.b3),
        wrong("own-operand", dSSR_dw3=lambda v: (v.dSSR_dgreen * v.w3).sum()),
    ),
    one_two_one_network.regression_hidden: (
        wrong("residual-sign", dSSR_dgreen=lambda v: 2 * (v.y - v.green)),
        wrong("softplus-slope-is-sigmoid-slope", program=_regression(lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z)))),
        wrong(
            "slope-at-output",
            dSSR_dw1=_softplus_at_output("blue", True),
            dSSR_db1=_softplus_at_output("blue", False),
            dSSR_dw2=_softplus_at_output("orange", True),
            dSSR_db2=_softplus_at_output("orange", False),
        ),
        wrong(
            "mean-for-sum",
            dSSR_dw1=lambda v: v.dSSR_dw1 / v.x.size,
            dSSR_db1=lambda v: v.dSSR_db1 / v.x.size,
            dSSR_dw2=lambda v: v.dSSR_dw2 / v.x.size,
            dSSR_db2=lambda v: v.dSSR_db2 / v.x.size,
        ),
        wrong("one-sample", dSSR_dw1=lambda v: v.dSSR_dz1[0] * v.x[0], dSSR_db1=lambda v: v.dSSR_dz1[0]),
        wrong("own-operand", dSSR_dw1=lambda v: v.dSSR_db1 * v.w1),
    ),
    one_two_one_network.forward_pass: (
        wrong("units-copied", z1_2=lambda v: v.w1_1 * v.x + v.b1_1),
        wrong("lost-bias", z1_1=lambda v: v.w1_1 * v.x),
        wrong("no-activation", a1_1=lambda v: v.z1_1),
        wrong("no-activation", yhat=lambda v: v.z2_1),
        wrong("lost-bias", z2_1=lambda v: v.z2_1 - v.b2_1),
    ),
    one_two_one_network.descend: (wrong("mean-for-sum", program=_mean_steps),),
    computation_graph.add_and_multiply: (
        wrong("both-factors", dL_du=lambda v: v.dL_dp * v.p),
        wrong("split-at-add", dL_dp=lambda v: v.dL_ds / 2, dL_dw=lambda v: v.dL_ds / 2),
        wrong("bias-times-bias", dL_dp=lambda v: v.dL_ds * v.p),
        wrong("lost-upstream", dL_dp=lambda v: 1.0, dL_dw=lambda v: 1.0),
        wrong("lost-upstream", dL_du=lambda v: v.v, dL_dv=lambda v: v.u),
    ),
    computation_graph.relu_neuron: (
        wrong("upstream-dropped", dL_dz=lambda v: float(v.z > 0)),
        wrong("gate-without-bias", dL_dz=lambda v: v.dL_da * ((v.x * v.w).sum() > 0)),
        wrong("gate-on-wrong-sign-carrier", dL_dx=lambda v: v.dL_dz * v.w * (v.w > 0), dL_dw=lambda v: v.dL_dz * v.x * (v.w > 0)),
        wrong("gate-on-wrong-sign-carrier", dL_dx=lambda v: v.dL_dz * v.w * (v.x > 0), dL_dw=lambda v: v.dL_dz * v.x * (v.x > 0)),
        wrong("lost-upstream", dL_dx=lambda v: v.w, dL_dw=lambda v: v.x),
        wrong("no-gate", dL_db=lambda v: v.dL_da),
        wrong("no-gate", dL_dz=lambda v: v.dL_da),
        wrong("gate-on-upstream", dL_dz=lambda v: max(v.dL_da, 0.0)),
        wrong("gate-turned", dL_dz=lambda v: v.dL_da * (v.z < 0)),
        wrong("bias-times-bias", dL_db=lambda v: v.dL_dz * v.b),
        wrong("lost-upstream", dL_db=lambda v: 1.0),
    ),
    computation_graph.graph_backward: (
        wrong("overwrite", program=_graph(once=True)),
        wrong("own-operand", program=_graph(multiply=lambda a, b: product_with(a, b, to_a=a, to_b=b))),
        wrong("no-activation-slope", program=_graph(bend=_tanh(lambda z: 1.0))),
        wrong("slope-of-z", program=_graph(bend=_tanh(lambda z: 1 - z**2))),
    ),
    multipath_gradients.softmax_output_layer: (
        wrong("loss-sign", dL_dyhat=lambda v: 2 * (v.y - v.yhat)),
        wrong("transposed-outer", dL_dW2=lambda v: np.outer(v.a1, v.dL_dz2)),
        wrong("elementwise-softmax", dL_dz2=lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat)),
        *AT_THE_SOFTMAX,
        wrong("mean-for-sum", dL_dyhat=lambda v: 2 * (v.yhat - v.y) / len(v.y)),
        wrong("own-operand", dL_dW2=lambda v: v.dL_dz2[:, None] * v.W2),
        wrong("lost-upstream", dL_dW2=lambda v: np.tile(v.a1, (3, 1))),
    ),
    multipath_gradients.softmax_hidden_layer: (
        wrong("loss-sign", dL_dyhat=lambda v: 2 * (v.y - v.yhat)),
        wrong("transposed-outer", dL_dW2=lambda v: v.dL_dW2.T),
        wrong("one-sample", dL_da1=lambda v: v.W2[0] * v.dL_dz2[0]),
        wrong("transposed-outer", dL_dW1=lambda v: v.dL_dW1.T),
        wrong("elementwise-softmax", dL_dz2=lambda v: 2 * (v.yhat - v.y) * v.yhat * (1 - v.yhat)),
        wrong("no-hidden-slope", dL_dz1=lambda v: v.dL_da1),
        *AT_THE_SOFTMAX,
        wrong("pre-activation-for-activation", dL_dW2=lambda v: np.outer(v.dL_dz2, v.z1)),
        wrong("absolute-paths", dL_da1=lambda v: np.abs(v.W2 * v.dL_dz2[:, None]).sum(axis=0)),
        wrong("slope-of-z", dL_dz1=lambda v: v.dL_da1 * v.z1 * (1 - v.z1)),
        wrong("every-unit-gets-the-sum", dL_dz1=lambda v: np.full(5, v.dL_dz1.sum())),
    ),
    multipath_gradients.three_paths: (
        wrong("mean-for-sum", dL_dw=lambda v: v.dL_dw_by_path.mean()),
        wrong("loss-sign", dL_dw_by_path=lambda v: -v.dL_dw_by_path),
        wrong("paths-multiplied", dL_dw=lambda v: np.prod(v.dL_dw_by_path)),
        wrong("absolute-paths", dL_dw=lambda v: np.abs(v.dL_dw_by_path).sum()),
        wrong("own-operand", dL_dw_by_path=lambda v: v.dL_dw_by_path / v.x * v.w),
        wrong("no-hidden-slope", dL_dw_by_path=lambda v: v.dL_da1 * v.x),
        wrong("no-hidden-slope", dL_dw_by_path=lambda v: v.dL_da2 * v.u * v.a1 * (1 - v.a1) * v.x),
        wrong("no-activation-slope", dL_dw_by_path=lambda v: v.dL_dw_by_path / (v.yhat * (1 - v.yhat))),
        wrong("no-outgoing-weight", dL_dw_by_path=lambda v: v.dL_dw_by_path / v.v),
        wrong("no-outgoing-weight", dL_dw_by_path=lambda v: v.dL_dw_by_path / v.u),
    ),
    multipath_gradients.paths_of_a_weight: (
        wrong("transposed", dL_dw_by_path=lambda v: v.dL_dw_by_path.T),
        wrong("loss-sign", dL_dw_by_path=lambda v: -v.dL_dw_by_path),
        wrong("no-hidden-slope", dL_dw_by_path=lambda v: v.dL_da * v.x),
        wrong("elementwise-softmax", dL_dw_by_path=lambda v: np.diag(np.diag(v.dL_dw_by_path))),
        wrong("softmax-offdiagonal-sign", dL_dw_by_path=_offdiagonal_turned),
        wrong("no-outgoing-weight", dL_dw_by_path=lambda v: v.dL_dw_by_path / v.v),
        wrong("absolute-paths", dL_dw=lambda v: np.abs(v.dL_dw_by_path).sum()),
    ),
    multipath_gradients.deep_backward: (
        wrong("lost-factor-two", dL_dx=lambda v: v.dL_dx / 2),
        wrong("slope-of-z", program=_deep_network(lambda z: 1 - z**2, lambda z: 1 - z**2)),
        wrong("no-activation-slope", program=_deep_network(_tanh_slope, lambda z: 1.0)),
    ),
    layers_and_batches.dense_example: (
        wrong("constant-bias", dL_db=lambda v: np.ones(len(v.dL_dz))),
        wrong("upstream-ignored", dL_dx=lambda v: v.W.sum(axis=1)),
        wrong("one-sample", dL_dx=lambda v: v.W[:, 0] * v.dL_dz[0]),
        wrong("mean-for-sum", dL_dx=lambda v: v.dL_dx / len(v.dL_dz)),
        wrong("transposed-outer", dL_dW=lambda v: v.dL_dW.T),
        wrong("no-outgoing-weight", dL_dx=lambda v: np.full(len(v.x), v.dL_dz.sum())),
        wrong("absolute-paths", dL_dx=lambda v: np.abs(v.W * v.dL_dz).sum(axis=1)),
        wrong("own-operand", dL_dW=lambda v: v.W * v.dL_dz),
        wrong("lost-upstream", dL_dW=lambda v: np.outer(v.x, np.ones(len(v.dL_dz)))),
    ),
    layers_and_batches.dense_backward: (
        wrong("transposed-dW", dL_dW=lambda v: v.dL_dW.T),
        wrong("bias-mean", dL_db=lambda v: v.dL_db / len(v.X)),
        wrong("mean-for-sum", dL_dW=lambda v: v.dL_dW / len(v.X)),
        wrong("one-sample", dL_dW=lambda v: np.outer(v.X[0], v.dL_dZ[0]), dL_db=lambda v: v.dL_dZ[0]),
        wrong("wrong-axis", dL_db=lambda v: v.dL_dZ.sum(axis=1)),
        wrong("constant-bias", dL_db=lambda v: np.full(v.dL_dZ.shape[1], float(len(v.X)))),
        wrong("upstream-ignored", dL_dX=lambda v: np.tile(v.W.sum(axis=1), (len(v.X), 1))),
        wrong("transposed", dL_dX=lambda v: v.dL_dX.T),
        wrong("mean-for-sum", dL_dX=lambda v: v.dL_dX / len(v.X)),
        wrong("sums-multiplied", dL_dW=lambda v: np.outer(v.X.sum(axis=0), v.dL_dZ.sum(axis=0))),
        wrong("lost-upstream", dL_dW=lambda v: np.outer(v.X.sum(axis=0), np.ones(v.dL_dZ.shape[1]))),
        wrong("constant-bias", dL_db=lambda v: np.ones(v.dL_dZ.shape[1])),
    ),
    layers_and_batches.broadcast_backward: (
        wrong("wrong-axis", dL_dc=lambda v: v.dL_dY.sum(axis=0)),
        wrong("own-operand", dL_dU=lambda v: v.dL_dY * v.U),
        wrong("no-outgoing-weight", dL_dU=lambda v: v.dL_dY),
        wrong("lost-upstream", dL_dU=lambda v: np.tile(v.v, (len(v.U), 1))),
        wrong("mean-for-sum", dL_dv=lambda v: v.dL_dv / len(v.U)),
        wrong("bias-equals-weight", dL_dv=lambda v: v.dL_dY.sum(axis=0)),
        wrong("own-operand", dL_dv=lambda v: (v.dL_dY * v.v).sum(axis=0)),
        wrong("mean-for-sum", dL_ds=lambda v: v.dL_dY.mean()),
        wrong("constant-bias", dL_ds=lambda v: 1.0),
    ),
    layers_and_batches.relu_layer: (
        wrong("transposed-dW", dL_dW=lambda v: v.dL_dW.T),
        wrong("bias-mean", dL_db=lambda v: v.dL_db / len(v.X)),
        wrong("one-sample", dL_dW=lambda v: np.outer(v.X[0], v.dL_dZ[0]), dL_db=lambda v: v.dL_dZ[0]),
        wrong("upstream-dropped", dL_dZ=lambda v: (v.Z > 0).astype(float)),
        wrong("no-gate", dL_dX=lambda v: v.dL_dA @ v.W.T),
        wrong("no-gate", dL_dW=lambda v: v.X.T @ v.dL_dA),
        wrong("no-gate", dL_db=lambda v: v.dL_dA.sum(axis=0)),
        wrong("no-gate", dL_dZ=lambda v: v.dL_dA),
        wrong("gate-without-bias", dL_dZ=lambda v: v.dL_dA * (v.X @ v.W > 0)),
        wrong("gate-turned", dL_dZ=lambda v: v.dL_dA * (v.Z < 0)),
        wrong("gate-on-upstream", dL_dZ=lambda v: v.dL_dA * (v.dL_dA > 0)),
        wrong("bias-times-bias", dL_db=lambda v: v.dL_db * v.b),
    ),
    layers_and_batches.softmax_layer: (
        wrong("wrong-axis", P=lambda v: np.exp(v.Z) / np.exp(v.Z).sum(axis=0)),
        wrong("elementwise-softmax", dL_dZ=lambda v: v.dL_dP * v.P * (1 - v.P)),
        wrong("no-softmax-slope", dL_dZ=lambda v: v.dL_dP),
        wrong("softmax-offdiagonal-sign", dL_dZ=lambda v: v.P * (v.dL_dP * (1 - 2 * v.P) + (v.dL_dP * v.P).sum(axis=1, keepdims=True))),
    ),
    layers_and_batches.network_backward: (
        wrong("bias-mean", dL_dbiases=lambda v: v.dL_dbiases / len(v.X)),
        wrong("no-gate", program=_network(torch.nn.functional.cross_entropy, torch.ones_like)),
        wrong("gate-turned", program=_network(torch.nn.functional.cross_entropy, _turned)),
        wrong("value-for-slope", program=_network(torch.nn.functional.cross_entropy, torch.relu)),
    ),
    residual.residual_backward: (
        wrong("transposed-dW", dL_dV=lambda v: v.dL_dV.T),
        wrong("transposed-dW", dL_dW=lambda v: v.dL_dW.T),
        wrong("no-gate", dL_dZ=lambda v: v.dL_dY @ v.V.T),
        wrong("split-at-add", **{ask: _times(ask, 0.5) for ask in residual.residual_backward.asks}),
        wrong("pre-activation-for-activation", dL_dV=lambda v: v.Z.T @ v.dL_dY),
        wrong("gate-turned", dL_dZ=lambda v: v.dL_dY @ v.V.T * (v.Z < 0)),
        wrong("value-for-slope", dL_dZ=lambda v: v.dL_dY @ v.V.T * np.maximum(0, v.Z)),
        wrong("paths-averaged", dL_dX=lambda v: v.dL_dX / 2),
    ),
    broadcasting.multiply_rule: (
        wrong("own-operand", dL_da=lambda v: _to_a(v, v.a), dL_db=lambda v: _to_b(v, v.b)),
        wrong("lost-upstream", dL_da=lambda v: _to_a(v, v.b, np.ones_like(v.dL_dy)), dL_db=lambda v: _to_b(v, v.a, np.ones_like(v.dL_dy))),
        wrong("no-outgoing-weight", dL_da=lambda v: undone(v.dL_dy, v.a.shape), dL_db=lambda v: undone(v.dL_dy, v.b.shape)),
        wrong("both-factors", dL_da=lambda v: _to_a(v, v.a * v.b), dL_db=lambda v: _to_b(v, v.a * v.b)),
    ),
    rules.matmul_rule: (
        wrong("transposed", dL_dA=lambda v: v.dL_dA.T, dL_dB=lambda v: v.dL_dB.T),
        wrong("transposed", dL_dB=lambda v: v.dL_dB.T),
        wrong("right-but-permuted", dL_dA=lambda v: v.dL_dB, dL_dB=lambda v: v.dL_dA),
        wrong("lost-upstream", dL_dA=lambda v: np.ones_like(v.dL_dY) @ v.B.T, dL_dB=lambda v: v.A.T @ np.ones_like(v.dL_dY)),
        wrong("mean-for-sum", dL_dB=lambda v: v.dL_dB / len(v.A)),
        wrong("one-sample", dL_dB=lambda v: np.outer(v.A[0], v.dL_dY[0])),
        wrong("one-sample", dL_dB=lambda v: np.outer(v.A[-1], v.dL_dY[-1])),
    ),
    rules.sum_rule: (wrong("lost-upstream", dL_dx=lambda v: np.ones_like(v.x)),),
    rules.max_rule: (wrong("lost-upstream", dL_dx=lambda v: (v.x == v.x.max(axis=v.axis, keepdims=True)).astype(float)),),
    rules.index_rule: (wrong("lost-upstream", dL_dx=_counted),),
    attention.attention_links: (
        wrong("own-operand", dL_dQ=lambda v: v.dL_dS @ v.Q / v.Q.shape[1] ** 0.5),
        wrong("own-operand", dL_dK=lambda v: v.dL_dS.T @ v.K / v.Q.shape[1] ** 0.5),
        wrong("no-transpose", dL_dV=lambda v: v.A @ v.dL_dO),
        wrong("transposed", dL_dA=lambda v: v.dL_dA.T),
        wrong("second-term-forgotten", dL_dS=lambda v: v.A * v.dL_dA),
        wrong("mean-unweighted", dL_dS=lambda v: v.A * (v.dL_dA - v.dL_dA.sum(axis=1, keepdims=True))),
        wrong("missing-root-d", dL_dQ=lambda v: v.dL_dS @ v.K, dL_dK=lambda v: v.dL_dS.T @ v.Q),
        wrong("missing-root-d", dL_dK=lambda v: v.dL_dS.T @ v.Q),
        wrong("elementwise-softmax", dL_dS=lambda v: v.A * (1 - v.A) * v.dL_dA),
        wrong("softmax-offdiagonal-sign", dL_dS=lambda v: v.A * (v.dL_dA + (v.A * v.dL_dA).sum(axis=1, keepdims=True))),
    ),
    attention.head_backward: (
        wrong("missing-root-d", program=_head_with("QKV", root=False)),
        *(wrong("one-path", program=_head_with(paths)) for paths in ("V", "QK", "QV", "KV", "Q", "K")),
        wrong("right-but-permuted", dL_dWk=lambda v: v.dL_dWq, dL_dWq=lambda v: v.dL_dWk),
        wrong("transposed-dW", dL_dWv=lambda v: v.dL_dWv.T),
        wrong(
            "one-sample",
            dL_dWv=lambda v: np.outer(v.X[-1], v.dL_dV[-1]),
            dL_dWk=lambda v: np.outer(v.X[-1], v.dL_dK[-1]),
            dL_dWq=lambda v: np.outer(v.X[-1], v.dL_dQ[-1]),
        ),
        wrong("elementwise-softmax", program=_head),
        wrong("paths-averaged", dL_dX=lambda v: v.dL_dX / 3),
    ),
    convolution.convolution_links: (
        wrong("bias-mean", dL_db=lambda v: v.dL_dz.mean()),
        wrong("one-sample", dL_db=lambda v: v.dL_dz[0]),
        wrong("lost-upstream", dL_db=lambda v: float(len(v.dL_dz))),
        wrong("mean-for-sum", dL_dw=lambda v: v.dL_dw / len(v.dL_dz)),
        wrong("lost-upstream", dL_dw=lambda v: np.lib.stride_tricks.sliding_window_view(v.x, len(v.w)).sum(axis=0)),
    ),
    model.mlp_block_backward: (
        wrong("no-gate", dL_db1=lambda v: (v.dL_dY @ v.W2.T).sum(axis=0)),
        wrong("input-for-activation", dL_dW1=lambda v: v.X.T @ v.dL_dZ1),
        wrong("transposed-dW", dL_dW2=lambda v: v.dL_dW2.T),
        wrong("bias-mean", dL_db2=lambda v: v.dL_db2 / len(v.X), dL_db1=lambda v: v.dL_db1 / len(v.X)),
        wrong("no-gate", program=_mlp_block(torch.ones_like)),
        wrong("gate-turned", program=_mlp_block(_turned)),
        wrong("value-for-slope", program=_mlp_block(torch.relu)),
        wrong("pre-activation-for-activation", dL_dW2=lambda v: v.Z1.T @ v.dL_dY),
    ),
    normalisation.layer_norm_links: (
        wrong("both-factors", dL_ds=lambda v: (v.dL_dxhat * v.xhat).sum()),
        wrong("slope-sign", dL_dv=lambda v: -v.dL_dv),
        wrong("power-kept", dL_dv=lambda v: -0.5 * v.dL_ds * v.s),
        wrong("one-path", dL_dc=lambda v: v.dL_dv * 2 * v.c / len(v.x)),
        wrong("lost-factor-two", dL_dc=lambda v: v.dL_dxhat * v.s + v.dL_dv * v.c / len(v.x)),
        wrong("sign-lost", dL_dm=lambda v: -v.dL_dm),
        wrong("mean-for-sum", dL_dm=lambda v: v.dL_dm / len(v.x)),
        wrong("one-path", dL_dx=lambda v: np.full(len(v.x), v.dL_dm / len(v.x))),
        wrong("own-operand", dL_dxhat=lambda v: v.dL_dy * v.xhat),
        wrong("lost-upstream", dL_dxhat=lambda v: v.gamma),
        wrong("mean-for-sum", dL_ds=lambda v: v.dL_ds / len(v.x)),
    ),
    routing.dropout_residual_backward: (
        wrong("transposed-dW", dL_dW=lambda v: v.dL_dW.T),
        wrong("no-transpose", dL_dX=lambda v: v.dL_dY + v.dL_dH @ v.W),
        wrong("paths-averaged", dL_dX=lambda v: v.dL_dX / 2),
        wrong("split-at-add", dL_dH=_times("dL_dH", 0.5), dL_dX=_times("dL_dX", 0.5)),
    ),
    gradients.loss_and_gradients: (
        wrong("bias-mean", dL_dbiases=lambda v: v.dL_dbiases / len(v.X)),
        wrong("no-gate", program=_network(torch.nn.functional.cross_entropy, torch.ones_like)),
        wrong("reversed-residual", dL_dweights=_times("dL_dweights", -1.0), dL_dbiases=_times("dL_dbiases", -1.0)),
        wrong("gate-turned", program=_network(torch.nn.functional.cross_entropy, _turned)),
        wrong("value-for-slope", program=_network(torch.nn.functional.cross_entropy, torch.relu)),
    ),
    model.model_backward: (
        wrong("pre-activation-for-activation", dL_dW2=lambda v: v.Z1.T @ v.dL_dX2),
        wrong("other-unit", dL_dU=lambda v: v.X1.T @ v.dL_dZ),
        wrong("reversed-residual", **{ask: _times(ask, -1.0) for ask in model.model_backward.asks[1:]}),
    ),
    curvature.directional_check: (wrong("lost-factor", claimed=lambda s: s.gradient.sum()),),
    curvature.hessian_vector: (wrong("right-but-permuted", dL_dtheta=lambda s: s.Hv, Hv=lambda s: s.dL_dtheta),),
    engine.train_tensors: (
        wrong(
            "step-without-effect",
            losses=lambda v: np.full(v.steps + 1, v.losses[0]),
            weights_end=lambda v: v.weights,
            biases_end=lambda v: v.biases,
        ),
    ),
    chain_rule.activation_slopes: (wrong("slope-of-z", dsigmoid_dv=lambda v: v.v * (1 - v.v)),),
    chain_rule.one_path: (
        wrong("power-kept", dy_dg=lambda v: 3 * v.g**3),
        wrong("power-rule-on-exponential", dg_dx=lambda v: v.x * np.exp(v.x - 1) + 2 * v.x),
    ),
    chain_rule.long_chain: (wrong("power-rule-on-exponential", dv_du=lambda v: v.u * np.exp(v.u - 1)),),
    chain_rule.inner_partials: (wrong("value-for-slope", dy_dg=lambda v: np.sin(v.g)),),
    chain_rule.two_paths: (
        wrong("one-path", dy_dx=lambda v: v.dy_dg * v.dg_dx),
        wrong("one-path", dy_dx=lambda v: v.dy_dh * v.dh_dx),
        wrong("own-operand", dy_dg=lambda v: v.g),
        wrong("one-path", dy_dh=lambda v: v.g),
        wrong("one-path", dy_dh=lambda v: -np.sin(v.h)),
    ),
    computation_graph.at_the_add: (
        wrong("split-at-add", dL_dp1=lambda v: v.dL_dz / 3),
        wrong("lost-upstream", dL_dp1=lambda v: 1.0),
        wrong("bias-times-bias", dL_dp1=lambda v: v.dL_dz * v.p1),
    ),
    computation_graph.stable_log_loss: (wrong("lost-term", L=lambda v: np.logaddexp(0, v.z)),),
    minibatches.combined_gradient: (wrong("right-but-permuted", of_the_sum=lambda v: v.of_the_mean, of_the_mean=lambda v: v.of_the_sum),),
    layers_and_batches.softmax_cross_entropy: (
        wrong("lost-factor", L=lambda v: -torch.log_softmax(torch.tensor(v.Z), dim=1).numpy().sum() / len(v.Z)),
        wrong("target-forgotten", dL_dZ=lambda v: torch.softmax(torch.tensor(v.Z), dim=1).numpy() / len(v.Z)),
        wrong("reversed-residual", dL_dZ=lambda v: -v.dL_dZ),
    ),
    multipath_gradients.softmax_jacobian: (
        wrong("elementwise-softmax", dyhat_dz=lambda v: np.diag(v.yhat * (1 - v.yhat))),
        wrong("second-term-forgotten", dyhat_dz=lambda v: np.diag(v.yhat)),
    ),
    one_two_one_network.bias_or_weight: (
        wrong("own-operand", dL_dw=lambda v: v.dL_db * v.w),
        wrong("lost-upstream", dL_dw=lambda v: v.x),
    ),
    convolution.convolution_backward: (
        wrong("bias-mean", dL_db=lambda v: v.dL_dZ.mean(axis=0)),
        wrong("wrong-axis", dL_db=lambda v: v.dL_dZ.sum(axis=1)),
        wrong("transposed", dL_dW=lambda v: v.dL_dW.transpose(2, 1, 0).copy()),
    ),
}
