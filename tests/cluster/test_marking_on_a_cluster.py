"""Without a cluster: submissions whose workers are lost, and which replies are taken."""

import queue
import sys
import threading
from datetime import datetime

import msgpack
import nbformat
import pytest
from distributed import KilledWorker

from autograder.cluster import on_cluster, worker
from autograder.cluster.marker import LARGE, LOSSES, TOGETHER, ClusterMarker
from autograder.cluster.versions import difference, versions
from autograder.cluster.wire import BadReply, Reply, ReplyKind, decode_replies, decode_reply, encode_replies, encode_reply, outcome_in
from autograder.cluster.workforce import UNDER_WAY, Member, Stage, Workforce
from autograder.grading.engine import EngineLost, EngineProblem, NotMarked
from autograder.grading.marker import outcome_bytes, submission_from_bytes
from autograder.grading.marking import Outcome
from autograder.grading.submission import Submission
from autograder.sandbox import SandboxProblem

WHEN = datetime(2026, 1, 2, 3, 4)
PAGE = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("1", id="a")])
DEAD = KilledWorker("a task", None, 3)


def submission(text: bytes = b"{}") -> Submission:
    return Submission({"exercise": text}, {"notes.txt": b"x"}, WHEN, ["odd"], fingerprint="f" + text.decode())


def outcome(of: Submission, **parts) -> Outcome:
    return Outcome("", of.timestamp, {"exercise": PAGE}, {"exercise": PAGE}, {}, ["odd"], fingerprint=of.fingerprint, **parts)


def marked(handed_in: bytes) -> bytes:
    student, sent = submission_from_bytes(handed_in)
    assert student == "", "a worker need not know whose work it is"
    return encode_reply(Reply(ReplyKind.MARKED, data=outcome_bytes(outcome(sent))))


class FakeTasks:
    """Answers what is sent by `answer(handed_in)`, `time` submissions of a
    bundle; an exception of it is the scheduler's end.
    """

    class client:
        status = "running"

    def __init__(self, answer, time=100):
        self.answer, self.time, self.pending = answer, time, queue.SimpleQueue()
        self.under_way = self.most = self.together = 0

    def send(self, tag, function, name, identity, handed_in, workers):
        self.pending.put((tag, handed_in))
        self.under_way += 1
        self.most, self.together = max(self.most, self.under_way), max(self.together, len(handed_in))

    def wake(self):
        self.pending.put(None)

    def lost(self):
        return EngineLost("gone")

    def finished(self):
        found = self.pending.get()
        if found is None:
            return []
        self.under_way -= 1
        replies = [self.answer(one) for one in found[1][: self.time]]
        lost = [reply for reply in replies if isinstance(reply, BaseException)]
        return [(found[0], lost[0] if lost else encode_replies(replies))]


class FakeWorkforce(Workforce):
    def look(self, *, now=False):
        pass


def mark(answer, texts, time=100):
    """The outcomes of submissions with these texts, or their exceptions; and the tasks."""
    tasks = FakeTasks(answer, time)
    workforce = FakeWorkforce(tasks, "name", b"package", lambda words: None)
    workforce.members["tcp://a"] = Member(2, Stage.READY)
    marker = ClusterMarker(tasks, workforce, ["exercise"])
    assert marker.at_once == 2 * UNDER_WAY
    futures = [marker.submit(f"s{number}", submission(text)) for number, text in enumerate(texts)]
    found = [future.exception(30) or future.result() for future in futures]
    marker.stop()
    return found, tasks


def test_outcomes_come_back_under_the_names_of_those_who_handed_in_and_only_a_few_are_under_way():
    found, tasks = mark(marked, [b"%d" % number for number in range(20)])
    assert [(one.student, one.fingerprint) for one in found] == [(f"s{number}", f"f{number}") for number in range(20)]
    assert all(one.files == {"notes.txt": b"x"} and one.timestamp == WHEN for one in found)
    assert tasks.most <= 2 * UNDER_WAY


@pytest.mark.parametrize(("time", "together"), [(100, TOGETHER), (1, 2), (3, 4)])
def test_as_many_go_together_as_a_worker_has_time_for(time, together):
    found, tasks = mark(marked, [b"%d" % number for number in range(300)], time)
    assert [one.fingerprint for one in found] == [f"f{number}" for number in range(300)]
    assert tasks.together == together
    assert tasks.most <= 2 * UNDER_WAY


def test_what_shares_a_bundle_with_a_submission_that_takes_workers_down_is_marked():
    texts = [b"bomb" if number == 150 else b"%d" % number for number in range(300)]
    found, _ = mark(lambda handed_in: DEAD if b"bomb" in handed_in else marked(handed_in), texts)
    assert isinstance(found.pop(150), NotMarked)
    assert all(isinstance(one, Outcome) for one in found)


def test_what_fails_in_a_bundle_costs_itself_and_nothing_else():
    def answer(handed_in):
        return MemoryError("no memory") if b"large" in handed_in else marked(handed_in)

    texts = [b"large" if number == 150 else b"%d" % number for number in range(300)]
    found, _ = mark(answer, texts)
    assert "MemoryError: no memory" in str(found.pop(150))
    assert all(isinstance(one, Outcome) for one in found)


def test_a_scheduler_that_is_lost_while_a_bundle_is_looked_at_leaves_nobody_waiting():
    class Gone(FakeWorkforce):
        def look(self, *, now=False):
            if now:
                raise EngineLost("gone")

    def answer(handed_in):
        return encode_reply(Reply(ReplyKind.ABSENT)) if b"last" in handed_in else marked(handed_in)

    tasks = FakeTasks(answer)
    workforce = Gone(tasks, "name", b"package", lambda words: None)
    workforce.members["tcp://a"] = Member(1, Stage.READY)
    marker = ClusterMarker(tasks, workforce, ["exercise"])
    futures = [marker.submit(f"s{number}", submission(b"last" if number == 39 else b"%d" % number)) for number in range(40)]
    found = [future.exception(30) or future.result() for future in futures]
    assert all(isinstance(one, Outcome | EngineLost) for one in found)
    assert isinstance(found[39], EngineLost)
    marker.stop()


def test_large_submissions_do_not_go_together():
    _, tasks = mark(marked, [b"%d" % number + b"x" * (LARGE // 2) for number in range(60)])
    assert tasks.together == 1


def test_a_task_marks_until_its_time_or_its_size_is_up(monkeypatch):
    clock, replies = iter(range(100)), {b"a": b"1", b"b": b"22", b"c": b"3"}
    monkeypatch.setattr(worker, "_mark_one", lambda name, identity, one: replies[one])
    monkeypatch.setattr(worker.time, "monotonic", lambda: next(clock) / 10)
    assert decode_replies(worker.mark("name", "identity", [b"a", b"b", b"c"]), 3) == [b"1", b"22", b"3"]
    monkeypatch.setattr(worker, "A_TASK", 0.05)
    assert decode_replies(worker.mark("name", "identity", [b"a", b"b", b"c"]), 3) == [b"1"]
    monkeypatch.setattr(worker, "A_TASK", 100)
    monkeypatch.setattr(worker, "LARGEST_REPLY", 2)
    assert decode_replies(worker.mark("name", "identity", [b"a", b"b", b"c"]), 3) == [b"1", b"22"]


@pytest.mark.parametrize("loss", [DEAD, encode_reply(Reply(ReplyKind.ABSENT))], ids=["four workers killed", "the worker is a new one"])
def test_what_takes_workers_down_is_set_aside_and_its_neighbours_are_marked(loss):
    lock, seen = threading.Lock(), []

    def answer(handed_in):
        _, sent = submission_from_bytes(handed_in)
        with lock:
            seen.append(sent.fingerprint)
            neighbour = sent.fingerprint == "fneighbour" and seen.count("fneighbour") == 1
        return loss if sent.fingerprint == "fbomb" or neighbour else marked(handed_in)

    found, _ = mark(answer, [b"0", b"bomb", b"neighbour", b"1"])
    assert [one.student for one in found if isinstance(one, Outcome)] == ["s0", "s2", "s3"]
    assert isinstance(found[1], NotMarked)
    assert "alone" in str(found[1])
    assert seen.index("f1") < len(seen) - 1 - seen[::-1].index("fbomb"), "it ran alone before the others were done"
    assert seen.count("fbomb") == (2 if loss is DEAD else LOSSES + 2)


def test_a_lost_scheduler_ends_all_that_waits_and_all_that_comes_later():
    def answer(handed_in):
        raise EngineLost("gone")

    tasks = FakeTasks(answer)
    workforce = FakeWorkforce(tasks, "name", b"package", lambda words: None)
    workforce.members["tcp://a"] = Member(1, Stage.READY)
    marker = ClusterMarker(tasks, workforce, ["exercise"])
    with pytest.raises(EngineLost):
        marker.submit("ada", submission()).result(30)
    with pytest.raises(EngineLost):
        marker.submit("bob", submission())
    marker.stop()


def test_a_worker_that_is_unfit_gets_nothing_more_and_its_submission_runs_elsewhere():
    replies = [encode_reply(Reply(ReplyKind.UNFIT, "No space left", worker="tcp://b"))]
    told = []
    tasks = FakeTasks(lambda handed_in: replies.pop() if replies else marked(handed_in))
    workforce = FakeWorkforce(tasks, "name", b"package", told.append)
    workforce.members |= {"tcp://a": Member(1, Stage.READY), "tcp://b": Member(1, Stage.READY)}
    marker = ClusterMarker(tasks, workforce, ["exercise"])
    assert marker.submit("ada", submission()).result(30).student == "ada"
    marker.stop()
    assert told == ["The worker tcp://b does not grade for this run: No space left"]
    assert workforce.addresses(Stage.READY) == ["tcp://a"]


class Pickled:
    def __reduce__(self):
        return eval, ("1 / 0",)


@pytest.mark.parametrize(
    "data",
    [
        None,
        Pickled(),
        b"",
        b"\xc1",
        msgpack.packb([]),
        msgpack.packb({"kind": "nothing"}),
        msgpack.packb({"kind": "ready", "words": 1}),
        msgpack.packb({"kind": "ready", "more": "x"}),
        msgpack.packb({"kind": "ready", 1: "x"}),
        msgpack.packb({"kind": "ready", "words": msgpack.ExtType(1, b"x")}),
        b"\x81" * 100_000,
    ],
    ids=lambda data: repr(data)[:20],
)
def test_what_is_no_reply_is_refused(data):
    with pytest.raises(BadReply):
        decode_reply(data)


def test_replies_come_back_as_they_were_and_nothing_else_does():
    assert decode_replies(encode_replies([b"a", b""]), 2) == [b"a", b""]
    for data in (None, b"", msgpack.packb([]), msgpack.packb({}), encode_replies([b"a"] * 3), msgpack.packb([msgpack.ExtType(1, b"x")])):
        with pytest.raises(BadReply):
            decode_replies(data, 2)


def test_a_reply_is_of_bounded_size(monkeypatch):
    assert decode_reply(encode_reply(Reply(ReplyKind.MARKED, data=b"x" * 100))).data == b"x" * 100
    monkeypatch.setattr("autograder.cluster.wire.LARGEST_REPLY", 90)
    assert decode_reply(encode_reply(Reply(ReplyKind.MARKED, data=b"x" * 100))).kind is ReplyKind.FAULT
    with pytest.raises(BadReply, match="larger"):
        decode_reply(msgpack.packb({"kind": "marked", "data": b"x" * 100}))


def changed(**parts):
    one = outcome(submission())
    for name, value in parts.items():
        setattr(one, name, value)
    return outcome_bytes(one)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        changed(pages={}),
        changed(pages={"exercise": PAGE, "other": PAGE}),
        changed(notebooks={}),
        changed(pages={"exercise": nbformat.from_dict({"cells": 1})}),
        changed(flags="text"),
        changed(flags=[1]),
        changed(failed=1),
        changed(fingerprint="other"),
        changed(timestamp=None),
    ],
)
def test_what_is_no_outcome_of_this_submission_is_refused(data):
    assert outcome_in(Reply(ReplyKind.MARKED, data=changed()), submission(), ["exercise"]).flags == ["odd"]
    with pytest.raises(BadReply):
        outcome_in(Reply(ReplyKind.MARKED, data=data), submission(), ["exercise"])


def test_a_bad_outcome_costs_its_own_submission():
    found, _ = mark(lambda handed_in: marked(handed_in) if b"good" in handed_in else b"junk", [b"good", b"bad"])
    assert isinstance(found[0], Outcome)
    assert isinstance(found[1], NotMarked)


def test_versions_differ_in_words():
    mine = versions()
    assert difference(mine, mine) == ""
    assert difference(mine, mine | {"torch": "1.0"}) == f"it has torch 1.0, and this run needs {mine['torch']}; install that version there"
    assert "same revision" in difference(mine, mine | {"sources": "others"})


def test_a_worker_refuses_another_version_and_a_weaker_sandbox(monkeypatch):
    def weak(package):
        raise SandboxProblem("Student code cannot be shut off on this machine.")

    monkeypatch.setattr(worker, "get_worker", lambda: type("Worker", (), {"plugins": {}}))
    monkeypatch.setattr(worker, "_executor", weak)
    monkeypatch.setattr(worker.pickle, "loads", lambda package: None)
    reply = decode_reply(worker.enlist("name", versions(), b""))
    assert reply == Reply(ReplyKind.REFUSED, "Student code cannot be shut off on this machine.")
    reply = decode_reply(worker.enlist("name", versions() | {"Python": "2.7"}, b""))
    assert reply.kind is ReplyKind.REFUSED
    assert "Python" in reply.words


def test_dask_that_is_not_installed_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for name in [name for name in sys.modules if name.startswith("autograder.cluster.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(EngineProblem, match=r"\.\[cluster\]"):
        on_cluster("tcp://127.0.0.1:8786", lambda words: None)
