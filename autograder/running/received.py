"""Checks the outputs that the student's process sends: their types and their size."""

from typing import Any

from . import codec
from .codec import NotEncodable
from .shell import MOST, Outputs


def within(outputs: list[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """The outputs of a cell, checked for types and
    size, which the student's process may have ignored.
    """
    kept = Outputs(limit)
    for output in outputs[: 2 * MOST]:
        kind, data = output.get("output_type"), output.get("data")
        if kind == "stream" and isinstance(output.get("text"), str):
            kept.stream("stderr" if output.get("name") == "stderr" else "stdout", output["text"])
        elif kind in ("display_data", "execute_result") and type(data) is dict:
            metadata, count = output.get("metadata"), output.get("execution_count")
            metadata = metadata if type(metadata) is dict and _is_plain(metadata) else {}
            plain_ones = {mime: part for mime, part in data.items() if isinstance(mime, str) and _is_plain(part)}
            kept.show(kind, plain_ones, metadata, count if type(count) is int else None)
        elif kind == "error" and sum(entry["output_type"] == "error" for entry in kept.list) < 10:
            lines = output.get("traceback")
            words = [line for line in lines if isinstance(line, str)] if type(lines) is list else []
            kept.error(str(output.get("ename")), str(output.get("evalue")), words)
    return kept.list


def _is_plain(value: Any) -> bool:
    """Text, or a little of anything plain."""
    try:
        return isinstance(value, str) or len(codec.encode(value)) < 100_000
    except NotEncodable:
        return False
