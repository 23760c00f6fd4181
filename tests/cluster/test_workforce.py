"""Which workers take part in a run: who is asked, who refuses, and how long a run waits."""

import pytest

from autograder.cluster import worker
from autograder.cluster import workforce as workforces
from autograder.cluster.wire import Reply, ReplyKind, encode_reply
from autograder.cluster.workforce import UNDER_WAY, Asking, Stage, Workforce
from autograder.grading.engine import EngineLost, EngineProblem

LOADED = encode_reply(Reply(ReplyKind.LOADED, sandbox="limits", key="k"))
READY = encode_reply(Reply(ReplyKind.READY))
REFUSED = encode_reply(Reply(ReplyKind.REFUSED, "it has torch 1.0"))


class FakeTasks:
    """Notes what is sent; `present` are the scheduler's workers with their threads."""

    def __init__(self, present):
        self.present, self.sent, self.forgotten = present, [], []
        self.client = self

    def nthreads(self):
        if self.present is None:
            raise OSError("closed")
        return self.present

    def send(self, tag, function, *arguments, workers, elsewhere):
        assert workers == [tag.address]
        assert not elsewhere
        self.sent.append((tag.address, function))

    def forget(self, tag):
        self.forgotten.append(tag)

    def lost(self):
        return EngineLost("gone")


@pytest.fixture
def told():
    return []


@pytest.fixture
def workforce(told):
    made = Workforce(FakeTasks({"tcp://a": 1, "tcp://b": 4}), "name", b"package", told.append)
    made.look(now=True)
    return made


def test_every_worker_is_asked_once_and_gets_ready_when_it_knows_what_was_prepared(workforce):
    workforce.look(now=True)
    assert sorted(workforce.tasks.sent) == [("tcp://a", worker.enlist), ("tcp://b", worker.enlist)]
    assert not workforce.settled()
    workforce.hear("tcp://a", LOADED)
    workforce.hear("tcp://b", LOADED)
    assert workforce.settled()
    assert workforce.room() == 0
    workforce.brief(b"prepared")
    assert not workforce.settled()
    for address in ("tcp://a", "tcp://b"):
        assert (address, worker.brief) in workforce.tasks.sent
        workforce.hear(address, READY)
    assert workforce.settled()
    assert workforce.room() == UNDER_WAY * 5


def test_a_worker_that_joins_later_is_briefed_as_soon_as_it_has_loaded(workforce):
    workforce.brief(b"prepared")
    workforce.tasks.present["tcp://c"] = 2
    workforce.look(now=True)
    workforce.hear("tcp://c", LOADED)
    workforce.hear("tcp://c", READY)
    assert workforce.room() == UNDER_WAY * 2


def test_refusals_are_said_and_if_all_refuse_nobody_is_graded(workforce, told):
    workforce.hear("tcp://a", REFUSED)
    assert told == ["The worker tcp://a does not grade for this run: it has torch 1.0"]
    assert not workforce.settled()
    workforce.hear("tcp://b", ModuleNotFoundError("No module named 'autograder'"))
    with pytest.raises(EngineProblem, match=r"torch 1\.0") as problem:
        workforce.settled()
    assert "install it there" in str(problem.value)
    workforce.hear("tcp://b", b"no reply")
    assert sorted(workforce.addresses(Stage.REFUSED)) == ["tcp://a", "tcp://b"]


def test_a_worker_that_is_gone_is_said_and_its_answer_is_not_waited_for(workforce, told):
    workforce.hear("tcp://a", LOADED)
    workforce.tasks.present.pop("tcp://b")
    workforce.look(now=True)
    assert workforce.tasks.forgotten == [Asking("tcp://b")]
    assert told == ["The worker tcp://b is gone; what it had is run elsewhere."]
    assert workforce.settled()
    workforce.hear("tcp://b", LOADED)
    assert list(workforce.members) == ["tcp://a"]


def test_a_run_waits_some_time_for_stragglers_and_some_for_any_worker(workforce, monkeypatch):
    monkeypatch.setattr(workforces, "STRAGGLERS", -1.0)
    assert not workforce.settled(), "nobody has answered"
    workforce.hear("tcp://a", LOADED)
    assert workforce.settled()
    monkeypatch.setattr(workforces, "PATIENCE", -1.0)
    workforce.look(now=True)
    workforce.tasks.present.clear()
    with pytest.raises(EngineLost, match="no worker"):
        workforce.look(now=True)


def test_a_scheduler_that_does_not_answer_is_lost(workforce):
    workforce.tasks.present = None
    workforce.look()
    with pytest.raises(EngineLost):
        workforce.look(now=True)
