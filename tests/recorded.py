"""What stock nbgrader gives to fixed notebooks is kept as data, as it takes minutes to run.

tests/recorded/NAME.json says which version of nbgrader gave it, and has a hash of the notebooks.
Where either has changed, stock nbgrader runs, the tests use what it gives now, and the test of the
record fails and says how to write it anew. `make test-long` always runs stock nbgrader, and writes
the record.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbgrader

from tests.examples import LONG

FOLDER = Path(__file__).with_suffix("")


@dataclass(frozen=True)
class Record:
    """What stock nbgrader gives, as plain data; `problem`: why its file is wrong, or empty."""

    value: Any
    problem: str


def recorded(name: str, source: Any, run: Callable[[], Any], *, folder: Path = FOLDER, anew: bool = LONG) -> Record:
    """What `run` gives for this source, from tests/recorded/NAME.json if it can be.

    `source` is everything that the result depends on besides nbgrader. It and the result of `run`
    are as `json` takes them.
    """
    path = folder / f"{name}.json"
    key = {"nbgrader": nbgrader.__version__, "source": hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()}
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    matches = {part: kept.get(part) for part in key} == key
    if matches and not anew:
        return Record(kept["value"], "")
    value = json.loads(json.dumps(run()))
    if not anew:
        problem = f"{path.name} is of other notebooks or another version of nbgrader. Write it anew: make test-long ARGS=<this test's file>"
    elif matches and value != kept["value"]:
        problem = (
            f"stock nbgrader gave something else to the same notebooks than {path.name} had. It is written anew: look at the difference"
        )
    else:
        problem = ""
    if anew:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(key | {"value": value}, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    return Record(value, problem)
