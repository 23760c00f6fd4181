"""The package: what it holds, and a learner and an instructor who have nothing else.

The wheel is installed into an environment of its own.
The dependencies are read from the environment that the tests run in (a .pth
file names its folder), since installing PyTorch again would take minutes;
the clone cannot be seen from there, nor any network.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from autograder.sandbox import find_isolation
from tests.browser.serving import free_port, serving
from tests.test_project import PROJECT, ROOT

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("package")]

NO_NETWORK = """\
import socket
connect = socket.socket.connect
def only_here(self, address):
    if self.family != getattr(socket, "AF_UNIX", None) and not str(address[0]).startswith("127."):
        raise OSError(f"the test forbids the network: {address}")
    return connect(self, address)
socket.socket.connect = only_here
"""
CHECK = """\
import backprop
from backprop.exercises import start_here as ex
print(backprop.__file__)
ex.first_slope.check(lambda x: 2 * x)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that is built from it, as `python -m build` makes them."""
    folder = tmp_path_factory.mktemp("package")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, tracked):  # a copy, so that nothing is written into the clone
        target = folder / "clone" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(folder / "clone")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel, {name for name in tracked if name}


@pytest.fixture(scope="module")
def run(built, tmp_path_factory):
    """run(command, *words): a command of the environment in which only the wheel is installed;
    what it printed.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(built[1])]
    subprocess.run(pip, check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    (packages / "no_network.py").write_text(NO_NETWORK, encoding="utf-8")
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\nimport no_network\n", encoding="utf-8")
    home = tmp_path_factory.mktemp("home")

    def run(command, *words, status=0):
        done = subprocess.run([python.parent / command, *words], cwd=home, env=run.environment, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    run.home, run.bin = home, python.parent
    run.environment = {**os.environ, "HOME": str(home), "PYTHONPATH": "", "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"}
    return run


def test_the_sdist_holds_every_file_of_the_clone(built):
    with tarfile.open(built[0]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert built[2] - held <= {".gitignore"}


def test_the_wheel_holds_lessons_figures_and_sources_and_no_test(built):
    names = set(zipfile.ZipFile(built[1]).namelist())
    course = {name for name in built[2] if name.startswith(("img/", "solutions/")) or name.endswith(".ipynb")}
    assert {f"backprop/course/{name}" for name in course} == {name for name in names if name.startswith("backprop/course/")}
    style_sheets = {name.removeprefix("notebooks/") for name in built[2] if name.endswith((".css", ".js", ".mplstyle"))}
    assert {name for name in style_sheets if name.startswith(("backprop/", "autograder/"))} <= names
    assert {name.split("/")[0] for name in names} == {"autograder", "backprop", f"backprop_by_hand-{PROJECT['version']}.dist-info"}


def test_a_learner_gets_the_lessons_in_jupyterlab(run):
    assert run("backprop", "--version").strip() == PROJECT["version"]
    assert run("backprop", "check-environment").startswith("All is there.")
    port = free_port()
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    options = ["--no-browser", "--port", str(port), "--IdentityProvider.token=secret", *root]
    command = [run.bin / "backprop", "lab", "learner", "--", *options]
    log = run.home / "lab.log"
    with serving(command, port, log, cwd=run.home, env=run.environment) as url:
        asked = urllib.request.Request(f"{url}/lab", headers={"Authorization": "token secret"})
        page = urllib.request.urlopen(asked, timeout=30).read().decode()
    assert "/lab/tree/notebooks/00_start_here.ipynb" in log.read_text(encoding="utf-8")
    assert "@jupyter/nbgrader:formgrader" in page, "instructors' tools are turned off"
    lessons = run.home / "learner"
    assert sorted(path.name for path in (lessons / "notebooks").glob("*.ipynb")) == sorted(
        path.name for path in ROOT.glob("notebooks/*.ipynb")
    )
    assert (lessons / "img" / "failing_check.svg").exists()
    where, *report = run("python", "-c", CHECK).splitlines()
    assert Path(where).is_relative_to(run.bin.parent)
    assert "right" in "\n".join(report)


def test_an_instructor_makes_a_course_and_the_sandbox_hides_its_solutions(run):
    run("autograder", "init", "course")
    source = run.home / "course" / "source"
    assert sorted(path.name for path in source.iterdir()) == sorted(path.stem for path in ROOT.glob("notebooks/*.ipynb"))
    assert (source / "01_chain_rule" / "img" / "several_paths.svg").exists()
    code = "from autograder.sandbox import find_isolation; print(find_isolation().words)"
    assert run("python", "-c", code).strip() == find_isolation().words
    shown = run("python", "-c", "from autograder.sandbox import readable_paths; print(*readable_paths(), sep='\\n')").splitlines()
    solutions = run("python", "-c", "from backprop.course_files import course_folder; print(course_folder('solutions'))").strip()
    assert Path(solutions).is_dir()
    assert not any(Path(solutions).is_relative_to(path) for path in shown), "student code can read the solutions"
