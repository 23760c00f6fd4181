"""Cells that run once for a class: every submission ends as if it had run them itself."""

import copy
import json
import re

import pytest

from autograder.building import lesson_paths, source_notebook
from autograder.grading import class_run
from autograder.grading.assemble import assemble
from autograder.grading.marking import job_for, mark, written
from tests.grading.course import PLAIN, answer, check, code, filled, notebook, points, release_of, side_of, submit
from tests.nbgrader.submissions import solved

pytestmark = pytest.mark.xdist_group("grading-class-run")

START = "import numpy as np\nimport torch\nimport matplotlib.pyplot as plt"
HELPER = "data = np.array([1.0, 2.0, 3.0])\n\ndef scaled(x):\n    return 2 * x * data"
DEAR = """\
import math as m
total, rows = np.zeros(3), []
for number in range(100):
    total += scaled(number)
    rows.append([number, m.pi])
alias = rows
weight = torch.tensor([0.5], requires_grad=True)
(weight * 3).sum().backward()

def above(x, least=total):
    return x[x > least.min()]

fig, ax = plt.subplots(figsize=(1, 1))
ax.plot(total)
print("total", total, above(total))"""
AFTER = "print(total, len(rows), alias is rows, weight, weight.grad, above(total, 1), m.pi)"


def tagged(source):
    cell = code(source)
    cell.metadata["tags"] = [class_run.TAG]
    return cell


COURSE = notebook(
    code(START),
    code(HELPER),
    tagged(DEAR),
    code(AFTER),
    answer("shift-answer", "def shift(x):\n    ### BEGIN SOLUTION\n    return x + total\n    ### END SOLUTION"),
    check("shift", "np.testing.assert_allclose(shift(1.0), 1 + 9900 * data)"),
)
SHIFT = "def shift(x):\n    return x + total"


@pytest.fixture(scope="module")
def executor(running_executors):
    return running_executors()


@pytest.fixture(scope="module")
def side(tmp_path_factory):
    return side_of(tmp_path_factory.mktemp("course"), COURSE)


@pytest.fixture(scope="module")
def kept(executor, side):
    return class_run.results(executor, side, side.notebooks["exercise"], at_once=True)


def handed_in(*before, after=(), shift=SHIFT, **changed):
    """A submission: student cells before and after
    the tagged one, and changed texts of course cells.
    """
    made = release_of(COURSE)
    start, helper, dear, *rest = made.cells
    helper.source, dear.source = changed.get("helper", helper.source), changed.get("dear", dear.source)
    rest[1].source = shift
    made.cells = [start, helper, *map(code, before), dear, *map(code, after), *rest]
    return made


def ran(executor, side, made, kept):
    """The notebook's cells in the written file, and
    how many took their results from the class run.
    """
    ours = side.notebooks["exercise"]
    assembled = assemble(ours.cells, copy.deepcopy(made))
    executed = executor.run(job_for(assembled, ours, None, executor.course_files(side), kept))
    page, _ = written(assembled, executed, "")
    return page, sum(cell.replayed for cell in executed.cells)


def outputs(page):
    """The outputs of each cell, without the seconds that a loop took."""
    return [re.sub(r"in \d+\.\d s", "in some time", json.dumps(cell.get("outputs"))) for cell in page.cells]


HARMLESS = {
    "nothing": {},
    "prints and answers of their own": {"before": ["print('hello')\nx = data.copy()\nx[0] = 9\nscaled(x)"]},
    "a figure of their own": {"after": ["fig, ax = plt.subplots(figsize=(1, 1))\nax.plot([1, 2]);"]},
    "names that are their functions' own": {"before": ["def own(ax):\n    fig = ax\n    return fig"], "after": ["own(3)"]},
    "what is made is used and changed": {"after": ["total[0] += 5\nalias.append(1)\nprint(len(rows))\nabove(total)"]},
    "the same once more": {"helper": HELPER + "\n" + HELPER},
    "an error": {"before": ["1 / 0"], "after": ["1 / 0\n"]},
    "the last cells by number": {"after": ["print(_ih[-2][:20], In[-2][:20])\n_i"]},
    "a lost process": {"after": ["import os\nos._exit(1)"]},
}
CHANGED = {
    "another text": {"dear": DEAR.replace("range(100)", "range(99)")},
    "another helper": {"helper": HELPER.replace("2 *", "3 *")},
    "a helper of the helper's": {"helper": HELPER.replace("2 *", "two() *") + "\ndef two():\n    return 3"},
    "no helper": {"helper": "1"},
    "bound anew": {"before": ["data = np.zeros(3)"]},
    "changed in place": {"before": ["data[0] = 5"]},
    "changed in a function": {"before": ["def change():\n    data[0] = 5\nchange()"]},
    "deleted": {"before": ["del data"]},
    "another type": {"before": ["data = data.tolist()"]},
    "a class of their own": {
        "before": ["class Mine(np.ndarray):\n    def __rmul__(self, x):\n        return np.ones(3)\ndata = data.view(Mine)"]
    },
    "a default": {"helper": HELPER.replace("(x)", "(x, y=2)")},
    "what was a built-in": {"before": ["def range(n):\n    return [1]"]},
    "a module bound anew": {"before": ["np = __import__('types').SimpleNamespace(zeros=lambda n: np.ones(n))"]},
    "a function of a module": {"before": ["plt.subplots = lambda *args, **kwargs: (None, plt.gca())"]},
    "settings of NumPy": {"before": ["np.set_printoptions(precision=1)"]},
    "settings of matplotlib": {"before": ["plt.rcParams['lines.linewidth'] = 9"]},
    "settings of PyTorch": {"before": ["torch.set_default_dtype(torch.float64)"]},
    "warnings are errors": {"before": ["import warnings\nwarnings.simplefilter('error')"]},
    "the figure is used": {"after": ["print(len(fig.axes))"]},
    "the figure is used in a function from before": {"before": ["def look():\n    return len(fig.axes)"], "after": ["look()"]},
    "the figure is used in a test": {"shift": "def shift(x):\n    return x + total * len(fig.axes)"},
    "all names are asked for": {"after": ["sorted(name for name in globals() if name in ('fig', 'ax'))"]},
    "a magic": {"after": ["%who Figure"]},
}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_submission_that_leaves_it_alone_has_the_same_without_running_it(executor, side, kept, name):
    case = HARMLESS[name]
    made = handed_in(*case.get("before", ()), **{key: value for key, value in case.items() if key != "before"})
    shared, replayed = ran(executor, side, made, kept)
    alone, none = ran(executor, side, made, {})
    assert (replayed, none) == (1, 0)
    assert outputs(shared) == outputs(alone)
    assert points(shared) == points(alone)
    assert "total" in str(outputs(shared)[2 + len(case.get("before", ()))])


@pytest.mark.parametrize("name", CHANGED)
def test_where_it_could_do_something_else_it_runs(executor, side, kept, name):
    case = CHANGED[name]
    made = handed_in(*case.get("before", ()), **{key: value for key, value in case.items() if key != "before"})
    shared, replayed = ran(executor, side, made, kept)
    alone, _ = ran(executor, side, made, {})
    assert replayed == 0
    assert outputs(shared) == outputs(alone)
    assert points(shared) == points(alone)


def test_an_answer_that_uses_what_it_made_earns_its_points(executor, side, kept):
    shared, replayed = ran(executor, side, handed_in(), kept)
    assert replayed == 1
    assert points(shared) == {"shift": 2}


def test_nothing_goes_from_one_submission_to_another(executor, side, kept):
    spoilt, replayed = ran(executor, side, handed_in(after=["total[:] = 7\nrows.clear()\nabove = None"]), kept)
    assert replayed == 1
    assert points(spoilt) == {"shift": 0}
    untouched, replayed = ran(executor, side, handed_in(), kept)
    assert replayed == 1
    assert outputs(untouched) == outputs(ran(executor, side, handed_in(), {})[0])


UNFIT = {
    "missing": "it fails",
    "print('x')\n1 / 0": "it fails",
    "import warnings as w\nw.warn('beware')": "it fails, warns",
    "1 + 1": "ends with a value",
    "print(np.random.rand())": "random numbers",
    "torch.rand(1);": "random numbers",
    "np.random.default_rng().random();\nentropy = np.random.default_rng().random()": "not the same each time",
    "print(time.perf_counter())": "the module time",
    "print(clock())": "the module time",
    "print(Path('table.csv').exists())": "the module pathlib",
    "open('out.txt', 'w').close()": "the module io",
    "table = np.loadtxt('table.csv')": "outside the notebook: the file",
    "np.savetxt('mine.csv', [1.0])": "outside the notebook: the file",
    "__import__('subprocess').run(['true']);": "outside the notebook",
    "base[0] = 1": "changes what it did not make",
    "append()": "changes what it did not make",
    "np.set_printoptions(precision=3)": "changes what it did not make, or settings",
    "del base": "changes what it did not make",
    "print(sorted(globals())[:1])": "globals",
    "%time 1": "get_ipython",
    "print(beside.VALUE)": "lies beside the notebook",
    "print(answered(1))": "it fails",
    "print(Thing())": "the class Thing|an object of the type",
    "counting()": "sets names",
    "print(drawn.random())": "changes what it did not make",
    "": "nothing in it",
}


def test_what_is_not_the_same_for_all_is_not_kept(executor, tmp_path):
    """And why is said."""
    made = notebook(
        code("import numpy as np, torch, time, beside\nfrom time import perf_counter as clock\nfrom pathlib import Path"),
        code("base, drawn, count = np.zeros(3), np.random.default_rng(1), 0"),
        code("class Thing: pass\ndef append():\n    base[0] += 1\ndef counting():\n    global count\n    count += 1"),
        answer("answered", "def answered(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
        *map(tagged, UNFIT),
        tagged("fit = [1]"),
    )
    side = side_of(tmp_path, made, {"beside.py": "VALUE = 1", "table.csv": "1"})
    became = class_run.class_run(executor, side, side.notebooks["exercise"])
    for source, why in UNFIT.items():
        assert not became[source].kept, source
        assert any(words in became[source].why for words in why.split("|")), (source, became[source].why, became[source].outputs)
    assert became["fit = [1]"].kept, became["fit = [1]"].why


VIEWS = ("same = base", "part = base[1:]")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    ("later", "replayed"),
    [
        ("base[1] = 5\nprint(base)", 1),
        ("part = same = 2\nprint(part, same)", 1),
        ("print(part, same)", 0),
        ("base[1] = 5\nprint(globals()['part'])", 0),
    ],
)
def test_what_shares_memory_is_not_handed_over_and_not_missed(executor, tmp_path, view, later, replayed):
    made = notebook(
        code("import numpy as np, torch"),
        code("base, part, same = np.zeros(3), 0, 1"),
        tagged(view),
        answer("last", f"### BEGIN SOLUTION\n{later}\n### END SOLUTION"),
    )
    side = side_of(tmp_path, made)
    kept = class_run.results(executor, side, side.notebooks["exercise"], at_once=True)
    assert kept
    shared, count = ran(executor, side, filled(release_of(made), {"last": later}), kept)
    assert count == replayed
    assert outputs(shared) == outputs(ran(executor, side, filled(release_of(made), {"last": later}), {})[0])


def test_the_tag_counts_in_the_course_alone_and_never_on_answers_and_tests(executor, tmp_path):
    made = copy.deepcopy(PLAIN)
    for cell in made.cells:
        if cell.metadata.get("nbgrader"):
            cell.metadata["tags"] = [class_run.TAG]
    side = side_of(tmp_path, made)
    assert not class_run.results(executor, side, side.notebooks["exercise"], at_once=True)
    assert executor.made(f"{side.fingerprint} exercise") is None, "a course without tagged cells is not run beforehand"


def test_the_first_submission_runs_for_itself_and_later_ones_have_the_same(executor, tmp_path):
    side = side_of(tmp_path / "course", notebook(*COURSE.cells, tagged("print('last')")))
    pages = []
    for student in ("ada", "bob", "cy"):
        folder = submit(tmp_path, student, "exercise", handed_in()).parent
        pages.append(mark(executor, side, folder, student).pages["exercise"])
    assert outputs(pages[0]) == outputs(pages[1]) == outputs(pages[2])
    assert points(pages[2]) == {"shift": 2}
    assert len(executor.made(f"{side.fingerprint} exercise")) == 2


TAGGED = [path for path in lesson_paths() if class_run.TAG in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("lesson", TAGGED, ids=lambda path: path.stem)
def test_the_lessons_cells_are_the_same_for_all(executor, lesson, tmp_path):
    side = side_of(tmp_path, source_notebook(lesson))
    became = class_run.class_run(executor, side, side.notebooks["exercise"])
    assert not {source: cell.why for source, cell in became.items() if not cell.kept}
    shared, replayed = ran(executor, side, solved(lesson), {source: cell.kept for source, cell in became.items()})
    assert replayed == len(became)
    assert outputs(shared) == outputs(ran(executor, side, solved(lesson), {})[0])
