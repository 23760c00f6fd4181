"""What is loaded before any submission: what the assignment imports, and nothing else."""

import json

from autograder.running.imports import imports_in_course, imports_of


def test_imports_are_found_with_what_they_need_and_others_are_left_alone():
    cells = [
        ("import numpy as np, os\nfrom backprop.exercises import chain_rule as ex", False),
        ("if True:\n    import matplotlib.pyplot as plt\nimport torch.nn.functional as F  # comment", False),
        ("import tensorflow\nfrom a_package_that_starts_threads import x\nimport numpy as np", False),
        ("torch.testing.assert_close(f(x), y)\nimport numpy", True),
    ]
    found = imports_of(cells)
    assert set(found.everywhere) == {
        *("numpy", "torch", "filelock", "backprop.exercises", "backprop.exercises.chain_rule", "matplotlib.pyplot", "torch.nn.functional"),
    }
    assert found.everywhere.index("torch") < found.everywhere.index("backprop.exercises.chain_rule")
    assert found.tests == ["torch.testing"]
    assert imports_of([("import numpy as np", False), ("np.testing.assert_allclose(1, 1)", True)]).tests == ["numpy.testing"]
    assert found.students == []


def test_what_is_only_looked_at_is_loaded_for_students_alone():
    found = imports_of([("from backprop.pictures import explore", False), ("import ipywidgets", True)])
    assert set(found.everywhere) == {"numpy", "torch", "filelock", "matplotlib.pyplot"}
    assert set(found.students) == {"ipywidgets", "backprop.pictures", "backprop.pictures.explore"}
    assert found.tests == []


def test_where_nothing_is_imported_students_can_still_draw():
    found = imports_of([("def square(x):\n    return x * x", False), ("assert square(2) == 4", True)])
    assert (found.everywhere, found.tests) == (["numpy", "matplotlib.pyplot"], [])


def test_the_notebooks_of_a_course_are_read_and_broken_ones_passed_over(tmp_path):
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    test = {"nbgrader": {"grade": True, "solution": False}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "import torch"},
        {"cell_type": "code", "metadata": {}, "source": ["import numpy\n", "x = 1"]},
        {"cell_type": "code", "metadata": test, "source": "import matplotlib"},
    ]
    (folder / "ps1.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (folder / "broken.ipynb").write_text('{"cells": [7]}', encoding="utf-8")
    found = imports_in_course(tmp_path, "ps1")
    assert (found.everywhere, found.tests) == (["numpy", "matplotlib.pyplot"], ["matplotlib"])
    assert imports_in_course(tmp_path, "another").tests == []
