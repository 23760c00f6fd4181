"""Every lesson runs headlessly as released and gives the
curriculum's numbers. tests/nbgrader runs the solved ones.
"""

import re
from base64 import b64decode
from io import BytesIO

import pytest
from matplotlib.image import imread
from nbclient import NotebookClient

from autograder.building import declared_in, lesson_paths, release_notebook, source_notebook

LESSONS = lesson_paths()

# What the lessons must print, from the curriculum: found in the output of code, never in its text.
NUMBERS = {
    "01_chain_rule": [
        *("float32: loss 100.0000, derivative 0.0000", "float64: loss 17.0000, derivative 1.0000", "dy/dg = 14.00 and dy/dx = 42.01"),
        *("2.281088", "predicted dL = -0.002861 seen -0.002878", "predicted dL = -0.286119 seen -0.428470", "0.056117", "9.54e-07"),
        *("w = 1.0: product of the three local derivatives 0.01203", "w = 5.0: product of the three local derivatives 0.00059"),
        *("numerical 0.65 e = 3.5e-01", "numerical 1e-10 e = 1.0e-06", "factor 2: True factor 1: False", "sqrt(x**2) at 0: nan"),
    ],
    "02_one_two_one_network": [
        *("0.496714 -0.138264 0.647689 1.52303", "0.718291 0.833415 0.917395", "0.686258 0.657178 0.638065"),
        *("1.51042 1.540695 1.565978", "3.066789", "dSSR_dw1 = -0.326340 dSSR_dw2 = -0.694397 dSSR_dw3 = -1.464861"),
        *(
            "dSSR_dw4 = -1.160213 dSSR_db1 = -0.646880 dSSR_db2 = -1.295596 dSSR_db3 = -1.765813",
            "+0.0176581",
            "3.036543",
            "0.294302",
            "2.806948",
            "2.79623",
            "2.79532",
        ),
        *("it fell by 0.0302, predicted 0.0312", "last layer: 4 hidden layer, more: 8 together, shared: 12 without sharing: 22"),
    ],
    "03_computation_graph": [
        *("p1 = -6.0000", "p2 = 7.5000", "z = 0.5000", "yhat = 0.6225", "L = 0.4741", "dL_dw1 -0.5663", "dL_dw2 -0.9439", "dL_db -0.3775"),
        *(
            "z = 6.0 dL_dx = [-3.0, -1.0, 2.0] dL_dw = [1.0, -2.0, 3.0] dL_db = 1.0",
            "loss nan",
            "loss 100.0 gradient 0.0",
            "loss 17.0 gradient 1.0",
        ),
    ],
    "04_multipath_gradients": [
        "W @ a [-2. -2.] W.T @ d [14. 25. 36.] np.outer(d, a) [[10.0, 0.0, -10.0], [1.0, 0.0, -1.0]] d * d [100. 1.]",
        *("2.9 1.4 2.1 2.3", "0.947846 0.802184 0.890903 0.908877", "1.657402 0.447192", "0.770336 0.229664", "0.105491", "0.176918"),
        *("-0.162527 0.162527", "-0.154051 -0.130377 -0.144796 -0.147717", "0.930377", "0.089622", "sum +0.003159 PyTorch +0.003159"),
        *("output 1: -0.003159", "output 1: +0.004739", "output 2: -0.003159", "output 2: +0.004739"),
    ],
    "05_layers_and_batches": [
        *("0.44 -0.38 -0.07 1.37", "0.88 -0.76 -0.14 2.74", "1.32 -1.14 -0.21 4.11", "-0.93 2.485 -0.935 2.435"),
        *("[[ 0.5 0.5 0.5] [20.1 20.1 20.1] [10.9 10.9 10.9] [ 4.1 4.1 4.1]]", "[6. 6. 6.]"),
        *("X changes 3 entries of Z: 1 row(s), 3 column(s)", "W changes 5 entries of Z: 5 row(s), 1 column(s)", "b changes 5 entries"),
        *("now has the shape (1, 3)", "has the shape (3, 3)", "[[10. 0. 30.] [ 0. 50. 0.]]", "L = 1.0986", "trained by train"),
        *("losses within 1e-8 of PyTorch's: True", "parameters within 1e-8 of PyTorch's: True", "first step 1.4056, after the last 0.6471"),
        *("as drawn: first loss 1.406, 2.03 times log 2", "last layer times 0.1: first loss 0.707, 1.02 times log 2"),
        *(
            "step 0: loss 1.406, 50.0%",
            "step 50: loss 0.659",
            "step 500: loss 0.606, 67.0%",
            "step 1000: loss 0.194",
            "2000: loss 0.011, 100.0%",
        ),
        *("c = 1: size of A at layer 50 1.3e-08 dL/dZ at layer 50 0.64, at layer 1 2.6e-08", "c = 2: size of A at layer 50 4.3e-01"),
        *("at layer 50 0.64, at layer 1 6.1e-01", "c = 4: size of A at layer 50 1.4e+07 dL/dZ at layer 50 0.64, at layer 1 1.4e+07"),
        *("v = 2 / D: mean square forward times 1.00, backward 0.26", "v = 2 / K: mean square forward times 3.95, backward 0.99"),
        *("as the rule says: median 0.910, nine in ten between 0.700 and 1.613", "last layer times 0.1: median 0.696"),
        *("all zero, ReLU, changed after 5 step(s): b3", "all zero, sigmoid, changed after 1 step(s): W3 b3", "W1 after 5 steps: 1"),
        *("c = 0.04: size without skip connections 1.5e-18, with them 1.6", "c = 0.1: size without skip connections 1.4e-13"),
        *("one epoch: 16 minibatches, the last one has 40", "minibatches of 64: mean off by +0.00, standard deviation 0.25"),
        *(
            "trained by train_minibatches",
            "first loss 1.102, loss of all examples at the end 0.993",
            "at the end 0.709",
            "at the end 0.031",
        ),
        "losses and parameters of 5 epochs within 1e-8: True",
    ],
    "06_autodiff_engine": [
        *("L = 0.4741 dL_dw1 = -0.5663 dL_dw2 = -0.9439 dL_db = -0.3775", "SSR = 3.066789"),
        *("dSSR_dw1 = -0.326340 dSSR_dw2 = -0.694397 dSSR_dw3 = -1.464861 dSSR_dw4 = -1.160213",),
        *("dSSR_db1 = -0.646880 dSSR_db2 = -1.295596 dSSR_db3 = -1.765813", "after 200 steps with alpha = 0.01: SSR = 2.80"),
        *("L = 0.105491", "dL/dW1[2, 0] = +0.003159", "up to rounding: True", "RecursionError: maximum recursion depth exceeded"),
        *("Jacobian: 128,000,000 entries, 1.02 GB", "entries of J: 48 of these 0: 24 J.T g equals X.T @ g: True"),
        *("shape (4, 1, 3) every entry is a sum of 5 terms", "running_sum gradient [10. 9. 7. 4.] in_order gradient [3. 1. 4. 2.]"),
        *("first step 1.4056, after the last 0.6471", "all 201 losses within 1e-12 of PyTorch's: True", "398 parameters: 796 losses"),
        *(
            "right measured -4.63183031 claimed -4.63183031",
            "forgotten measured -4.63183031 claimed -4.15139350",
            "1% off measured -4.63183031 claimed -4.63009776",
        ),
        *("change of the loss: -6.3766", "the gradient: -8.2971 and with the curvature: -6.6558"),
    ],
    "07_find_the_bug": [
        *("SSR 2.858216 dSSR_db3 -5.716432", "SSR after the step 2.884057", "SSR 3.066789 dSSR_db3 -1.765813 SSR after the step 3.036543"),
        *("dSSR_db3 program -6.133578 PyTorch -1.765813", "[[-0.079117 0. ]", "PyTorch [[0.176918, -0.176918], [-0.176918, 0.176918]]"),
        *("dL_dw program -0.006319 PyTorch 0.003159", "without the second OUTPUT: +0.001580", "SSR_new program 3.098905 PyTorch 3.036543"),
        *("dL_dw program 0.128503 PyTorch 0.128503", "g2 program 4.699184 PyTorch 8.227184", "L program 103.975515 PyTorch 48.975515"),
        *("wrong: loss 0.105491 at the start, 1.8", "wrong: loss 20.250000 at the start, 0.000000 after 40", "10 of 10 deriv"),
        *("loss at the start 19.197384, after one step 7.372234 after 150 steps 0.285404", "lower after every step: True"),
        *(
            "both_zero claimed 0, central difference 0",
            "kink claimed 1, central difference 0.65",
            "one_point claimed 3, central difference 3",
        ),
        *("single_precision claimed 6", "relative_error claimed 0, central difference 1e-10", "corrected: loss 0.105491"),
        "corrected: loss 19.197384 at the start, 0.192972 after 150 steps",
        "wrong with twice the rate: loss 19.197384 at the start, 0.192972 after 150 steps",
    ],
    "08_inside_a_transformer": [
        *("[[-0.1023 -1.4942 1.2895 0.307 ] [-0.1023", "x times 10:", "sum 0.00000", "LayerNorm: 1 row(s) and 4 column(s) move"),
        *("BatchNorm: 3 row(s) and 1 column(s) move", "count[ids] += 1 [1. 1. 1. 0.]", "np.add.at(count, ids, 1) [1. 1. 3. 0.]"),
        *(
            "dL_dx [0. 1. 2. 4. 0.] dL_dw [-1. 2. 0.3]",
            "x.amax() [0. 0.5 0.5]",
            "max_pool1d [0. 1. 0.]",
            "without residual connections: 1e-40",
        ),
        *("log V = 2.7726", "whose steps these are: train_model", "100 losses within 1e-8 of PyTorch's: True"),
        *("all 15 parameters within 1e-8 of PyTorch's: True", "mean loss of the last 100 steps: 0.3"),
        *("after 0 steps, 0% of the sentences right", "after 2000 steps, 28% of the sentences right"),
    ],
    "09_capstone": [
        *("log 10 = 2.3026", "widths [96, 10]: first loss 2.3119", "widths [96, 32, 10]: first loss 2.3040"),
        *("as written: [0 0 0 0 0 0]", "spoiled: [1 0 0 0 0 0]", "of the twenty: 100% right", "of the 580 others: 42% right"),
        *("rate 0.003: training loss 2.25", "rate 0.300: training loss 0.03", "rate 1, epoch 14 of 0 to 14"),
        *(
            "accuracy on the training set of 600: 100.0%",
            "accuracy on the test set of 1000: 95.8%",
            "epsilon 0.10, signs random : accuracy 93%",
            "epsilon 0.10, signs gradient: accuracy 15%",
        ),
    ],
}


def execute(notebook, folder):
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return shown(notebook)


def shown(notebook):
    """The outputs of an executed notebook, each with its cell."""
    return [(cell, output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def unclean(outputs):
    """Errors, what was written to stderr, and objects of Matplotlib that a last line shows."""
    return [
        output
        for _, output in outputs
        if output.output_type == "error" or output.get("name") == "stderr" or "<matplotlib" in output.get("data", {}).get("text/plain", "")
    ]


def opaque(outputs):
    """The cells with a plot that is not transparent: in the dark theme it would be a white area."""
    plots = [(cell, output) for cell, output in outputs if "image/png" in output.get("data", {})]
    wants_a_page = [cell.source for cell, output in plots if output.metadata.get("needs_background")]
    return wants_a_page + [
        cell.source for cell, output in plots if imread(BytesIO(b64decode(output.data["image/png"])))[0, 0, 3:].tolist() != [0.0]
    ]


def printed(outputs):
    return re.sub(r"\s+", " ", " ".join(output.text for _, output in outputs if output.output_type == "stream"))


def points(outputs):
    return {
        cell.metadata.nbgrader.grade_id: float(output.data["text/plain"])
        for cell, output in outputs
        if output.output_type == "execute_result" and cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_as_released_it_runs_to_its_end_without_an_error_and_earns_nothing(lesson, tmp_path):
    outputs = execute(release_notebook(source_notebook(lesson)), tmp_path)
    assert unclean(outputs) == []
    assert opaque(outputs) == []
    assert points(outputs)
    assert set(points(outputs).values()) == {0.0}
    reports = [output.data["text/plain"] for _, output in outputs if output.output_type == "display_data" and "text/plain" in output.data]
    assert sum("Not started yet" in report for report in reports) == len(declared_in(lesson))


def test_the_numbers_are_worked_out_and_not_typed_in():
    """A number that is expected in the output must not stand in the code that prints it."""
    for lesson in LESSONS:
        code = "\n".join(cell.source for cell in source_notebook(lesson).cells if cell.cell_type == "code")
        for number in NUMBERS[lesson.stem]:
            assert not any(digits in code for digits in re.findall(r"\d\.\d{4,}", number)), number


def test_calling_a_check_before_its_function_is_defined_is_answered_in_one_sentence(tmp_path):
    notebook = source_notebook(LESSONS[0])
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "one_path-answer"]
    check = next(position for position, cell in enumerate(notebook.cells) if cell.id == "one_path")
    notebook.cells = [notebook.cells[0], notebook.cells[check]]
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (error,) = notebook.cells[1].outputs
    assert error.output_type == "error"
    assert error.traceback == ["one_path is not defined yet. Run the cell above that defines it, then run this one again."]
