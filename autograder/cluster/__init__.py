"""Grading on many machines by dask.distributed. CLUSTER.md, one folder up, is its manual."""

from collections.abc import Callable

from autograder.grading.engine import EngineProblem, Start


def on_cluster(where: str, say: Callable[[str], None]) -> Start:
    """The engine that sends submissions to the scheduler at `where`.

    `say` is told what a person should know of the workers. EngineProblem if Dask is not installed.
    """
    try:
        from .engine import ClusterEngine
    except ModuleNotFoundError as missing:
        if missing.name in ("dask", "distributed"):
            raise EngineProblem(
                f"Grading on Dask needs {missing.name}, which is not installed. It belongs to the project's extra `cluster`: "
                "python -m pip install --constraint constraints.txt --editable '.[cluster]' in its folder, here and on every worker."
            ) from None
        raise
    return lambda work: ClusterEngine(work, where, say)
