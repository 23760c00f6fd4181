"""Notebooks that are no lessons run headlessly too, solved and as released."""

import pytest

from autograder.building import page_paths, release_notebook, source_notebook
from tests.notebooks.test_execution import execute, printed, unclean


@pytest.mark.parametrize("page", page_paths(), ids=lambda path: path.stem)
def test_a_page_runs_to_its_end_and_shows_no_score(page, tmp_path):
    for notebook, verdict in (
        (source_notebook(page), "right on 6 different inputs"),
        (release_notebook(source_notebook(page)), "Not started yet"),
    ):
        outputs = execute(notebook, tmp_path)
        assert unclean(outputs) == []
        assert printed(outputs).startswith("All is there. You can begin.")
        shown = [str(output.data) for _, output in outputs if "data" in output and "Course map" not in str(output.data)]
        assert sum(verdict in text for text in shown) == 1
        assert not any(" points" in text for text in shown)
