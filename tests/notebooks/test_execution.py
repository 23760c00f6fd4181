"""Every lesson runs headlessly, solved and as released, and works out the curriculum's numbers."""

import re

import pytest
from nbclient import NotebookClient

from autograder.building import lesson_paths, release_notebook, source_notebook

LESSONS = lesson_paths()

# What the lessons must print, from the curriculum: found in the output of code, never in its text.
NUMBERS = {
    "01_chain_rule": ["2.281088", "nan"],
    "02_one_two_one_network": [
        *("0.496714 -0.138264 0.647689 1.52303", "0.718291 0.833415 0.917395", "0.686258 0.657178 0.638065"),
        *("1.51042 1.540695 1.565978", "3.066789", "'w1': -0.32634, 'w2': -0.694397, 'w3': -1.464861, 'w4': -1.160213"),
        *("'b1': -0.64688, 'b2': -1.295596, 'b3': -1.765813", "+0.0176581", "3.036543", "0.294302", "2.806948", "2.79623", "2.79532"),
        *("shared: 4", "more: 6"),
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
        *("2.9 1.4 2.1 2.3", "0.947846 0.802184 0.890903 0.908877", "1.657402 0.447192", "0.770336 0.229664", "0.105491", "0.176918"),
        *("-0.162527 0.162527", "-0.154051 -0.130377 -0.144796 -0.147717", "0.930377", "0.089622", "sum +0.003159 PyTorch +0.003159"),
        *("output 1: -0.003159", "output 1: +0.004739", "output 2: -0.003159", "output 2: +0.004739"),
    ],
    "06_autodiff_engine": [
        *("L = 0.4741 dL_dw1 = -0.5663 dL_dw2 = -0.9439 dL_db = -0.3775", "SSR = 3.066789"),
        *("'w1': -0.32634, 'w2': -0.694397, 'w3': -1.464861, 'w4': -1.160213, 'b1': -0.64688, 'b2': -1.295596, 'b3': -1.765813",),
        *("L = 0.105491", "dL/dw_131 = +0.003159", "to rounding: True", "RecursionError: maximum recursion depth exceeded"),
    ],
}


def execute(notebook, folder):
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return [(cell, output) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def printed(outputs):
    return re.sub(r"\s+", " ", " ".join(output.text for _, output in outputs if output.output_type == "stream"))


def points(outputs):
    return {
        cell.metadata.nbgrader.grade_id: float(output.data["text/plain"])
        for cell, output in outputs
        if output.output_type == "execute_result" and cell.metadata.get("nbgrader", {}).get("grade")
    }


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_solved_it_runs_cleanly_earns_every_point_and_shows_the_numbers(lesson, tmp_path):
    notebook = source_notebook(lesson)
    outputs = execute(notebook, tmp_path)
    assert not [output for _, output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    worth = {
        c.metadata.nbgrader.grade_id: c.metadata.nbgrader.points for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")
    }
    assert points(outputs) == worth
    text = printed(outputs)
    missing = [number for number in NUMBERS[lesson.stem] if number not in text]
    assert not missing, text


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_as_released_it_runs_to_its_end_without_an_error_and_earns_nothing(lesson, tmp_path):
    outputs = execute(release_notebook(source_notebook(lesson)), tmp_path)
    assert not [output for _, output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert points(outputs)
    assert set(points(outputs).values()) == {0.0}
    reports = [output.data["text/plain"] for _, output in outputs if output.output_type == "display_data" and "text/plain" in output.data]
    assert sum("Not started yet" in report for report in reports) == len(points(outputs))


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
