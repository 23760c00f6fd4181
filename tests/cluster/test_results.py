"""Which results are taken from a worker, and what one that is refused costs."""

import pickle
import sys
from pathlib import Path

import pytest
from distributed import LocalCluster
from distributed.protocol.serialize import deserialize

from autograder.cluster.connecting import RESULTS, connected
from autograder.cluster.tasks import Tasks

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux")


class Armed:
    """What is unpickled makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def marks() -> bytes:
    return b"marks"


def an_object() -> object:
    return object()


def fails() -> bytes:
    raise ValueError("no marks")


def test_no_kind_of_result_is_unpickled(tmp_path):
    """Dask's own kind names the class of a result by a pickle: a worker could forge it."""
    made = tmp_path / "made"
    forged = {"serializer": "dask", "type-serialized": pickle.dumps(Armed(made)), "sub-header": {}}
    for header in (forged, {"serializer": "pickle"}):
        with pytest.raises(TypeError, match="only able to deserialize"):
            deserialize(header, [pickle.dumps(Armed(made))], deserializers=RESULTS)
    assert not made.exists()
    with pytest.raises(Exception, match=r"NoneType|dispatch"):
        deserialize(forged, [b""], deserializers=["dask"])
    assert made.exists(), "Dask has changed: this kind could be taken again"


def test_a_result_that_is_refused_costs_no_other_one():
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None) as local,
        connected(local.scheduler_address) as client,
    ):
        tasks, workers = Tasks(client, "here"), list(client.nthreads())
        for function in (marks, an_object, fails):
            tasks.send(function, function, workers=workers)
        found = {}
        while len(found) < 3:
            found |= dict(tasks.finished())
    assert found[marks] == b"marks"
    assert isinstance(found[an_object], TypeError)
    assert isinstance(found[fails], ValueError)
