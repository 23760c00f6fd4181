"""The progress bar yields every round, and leaves
a line of text, in plain Python as in a notebook.
"""

import re

import nbformat
from backprop.progress_bar import progress_bar
from nbclient import NotebookClient

CELLS = {
    "all": "from backprop.progress_bar import progress_bar\nprint(sum(progress_bar(range(5), 'counting')))",
    "stopped": "for k in progress_bar([7, 8, 9], 'counting'):\n    if k == 9: raise ValueError('stop')",
}


def test_in_plain_python_it_prints_one_line(capsys):
    assert list(progress_bar([3, 1, 2], "counting")) == [3, 1, 2]
    assert re.fullmatch(r"counting: 3 of 3 rounds in \d+\.\d s\n", capsys.readouterr().out)


def test_a_loop_that_is_left_says_how_far_it_came(capsys):
    for item in progress_bar("abc", "reading"):
        if item == "b":
            break
    assert capsys.readouterr().out.startswith("reading: 1 of 3 rounds")


def test_in_a_notebook_the_bar_gives_way_to_the_line(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()])
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    for cell, expected in zip(notebook.cells, ("counting: 5 of 5 rounds", "counting: 2 of 3 rounds")):
        (shown,) = [output for output in cell.outputs if output.output_type == "display_data"]
        assert list(shown.data) == ["text/plain"]
        assert shown.data["text/plain"].startswith(expected)
        assert not [output for output in cell.outputs if output.get("name") == "stderr"]
