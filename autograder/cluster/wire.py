"""A worker's replies, as plain msgpack.

Nothing that a student made is ever pickled: it is bytes and text in these messages. The grading
process takes a reply only if it is exactly one of those below and of bounded size, and an outcome
only if it is that of the submission that was sent and its notebooks are valid.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import msgpack
import nbformat

from autograder.grading.marker import outcome_from_bytes
from autograder.grading.marking import Outcome
from autograder.grading.prepared import Prepared
from autograder.grading.submission import Submission
from autograder.running import codec

LARGEST_REPLY = 2**28  # bytes: the executed notebooks of one submission
MOST_FLAGS = 10_000


class BadReply(Exception):
    """A worker's reply is none; the message says what is wrong with it."""


class ReplyKind(StrEnum):
    """What a reply says."""

    LOADED = "loaded"  # the worker holds an executor for the assignment
    READY = "ready"  # and what was done once for the class
    REFUSED = "refused"  # it will not grade for this run
    PREPARED = "prepared"  # what was done once for the class
    MARKED = "marked"  # a submission, run
    ABSENT = "absent"  # this worker does not hold the assignment: it has just started
    UNFIT = "unfit"  # the worker's machine or executor has failed
    FAULT = "fault"  # the grader failed on this submission


@dataclass(frozen=True)
class Reply:
    """A reply; which fields are filled depends on its kind.

    words    why, for a person
    worker   its address
    sandbox  the worker's isolation, in words
    key      of what the reference's run depends on, the isolation included
    data     the codec's bytes of what was prepared or of an outcome
    """

    kind: ReplyKind
    words: str = ""
    worker: str = ""
    sandbox: str = ""
    key: str = ""
    data: bytes = b""


TYPES = {"kind": str, "words": str, "worker": str, "sandbox": str, "key": str, "data": bytes}


def encode_reply(reply: Reply) -> bytes:
    """A reply as bytes; a fault in place of one that is too large to be taken."""
    data: bytes = msgpack.packb({name: value for name, value in asdict(reply).items() if value}, default=str)
    if len(data) > LARGEST_REPLY:
        return encode_reply(Reply(ReplyKind.FAULT, f"the executed notebooks are larger than {LARGEST_REPLY >> 20} MiB together"))
    return data


def encode_replies(replies: list[bytes]) -> bytes:
    """Several encoded replies as bytes."""
    data: bytes = msgpack.packb(replies)
    return data


def decode_replies(data: object, most: int) -> list[object]:
    """From one to `most` replies, each for `decode_reply`. BadReply if it is anything else."""
    try:
        replies = msgpack.unpackb(_bounded(data, 2 * LARGEST_REPLY), max_ext_len=0, max_array_len=most)
    except BadReply:
        raise
    except Exception as error:  # whatever it breaks, it is no list of replies
        raise BadReply(f"it cannot be read ({type(error).__name__})") from error
    if not isinstance(replies, list) or not replies:
        raise BadReply("it is no list of replies")
    return replies


def decode_reply(data: object) -> Reply:
    """A worker's reply. BadReply if it is anything else."""
    try:
        parts = msgpack.unpackb(_bounded(data, LARGEST_REPLY), strict_map_key=True, max_ext_len=0)
        if any(type(value) is not TYPES[name] for name, value in parts.items()):
            raise BadReply("a part of it is of the wrong type")
        return Reply(**{**parts, "kind": ReplyKind(parts["kind"])})
    except BadReply:
        raise
    except Exception as error:  # whatever it breaks, it is no reply
        raise BadReply(f"it cannot be read ({type(error).__name__})") from error


def _bounded(data: object, most: int) -> bytes:
    """The same; BadReply if it is no bytes, or too many."""
    if not isinstance(data, bytes):
        raise BadReply(f"it is of the type {type(data).__name__}")
    if len(data) > most:
        raise BadReply(f"it is larger than {most >> 20} MiB")
    return data


def prepared_in(reply: Reply) -> Prepared:
    """What was done once for the class. BadReply if the reply holds something else."""
    try:
        return Prepared.from_dict(codec.decode(reply.data))
    except Exception as error:
        raise BadReply(f"what was prepared cannot be read ({type(error).__name__})") from error


def outcome_in(reply: Reply, submission: Submission, notebooks: Collection[str]) -> Outcome:
    """The outcome of a submission to an assignment with these notebooks.

    BadReply if the reply holds something else.
    """
    try:
        outcome = outcome_from_bytes(reply.data, submission)
        for page in outcome.pages.values():
            nbformat.validate(page, version=4)
    except nbformat.ValidationError:
        raise BadReply("a notebook in it is not valid") from None
    except Exception as error:  # whatever it breaks, it is no outcome
        raise BadReply(f"its outcome cannot be read ({type(error).__name__})") from error
    if set(outcome.pages) != set(notebooks) or set(outcome.notebooks) != set(notebooks):
        raise BadReply("its notebooks are not those of the assignment")
    if outcome.fingerprint != submission.fingerprint or outcome.timestamp != submission.timestamp:
        raise BadReply("it is the outcome of another submission")
    if not (_are_flags(outcome.flags) and type(outcome.failed) is bool):
        raise BadReply("its flags are no list of texts")
    return outcome


def _are_flags(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_FLAGS and all(isinstance(words, str) for words in value)
