"""What an assignment does not import is not loaded early, and works in students' code anyway."""

import pytest

from autograder.running.executor import Executor
from autograder.running.imports import imports_of
from autograder.running.job import Cell, Job

DRAWS = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([0, 1])\nplt.show()"


@pytest.mark.end_to_end
def test_a_student_can_draw_and_derive_where_the_course_imports_nothing():
    imports = imports_of([("def square(x):\n    return x * x", False)])
    with Executor(preload=imports.everywhere, for_tests=imports.tests, for_students=imports.students) as executor:
        ran = executor.run(Job([Cell(DRAWS), Cell("import torch\nprint(torch.get_num_threads())")])).cells
    assert [output["output_type"] for output in ran[0].outputs] == ["display_data"]
    assert "image/png" in ran[0].outputs[0]["data"]
    assert [output.get("text") for output in ran[1].outputs] == ["1\n"]
