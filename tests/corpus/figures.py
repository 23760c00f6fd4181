"""What the checks make of the corpus, in figures and as lists of what fails."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.names import is_true_name
from tests.corpus.registry import CATALOGUE, LESSONS, Answer, answers, judge

# These are told as a fact about the numbers rather than as a misunderstanding.
FACTUAL = frozenset({"right-but-permuted", "rounded", "kept-dimension"})

KNOWN_WEAK = Path(__file__).parent / "known_weak.json"


def is_accepted(answer: Answer) -> bool:
    """A wrong answer that passes."""
    return not answer.right and judge(answer.id).passed


def is_rejected(answer: Answer) -> bool:
    """A right answer that does not pass."""
    return answer.right and not judge(answer.id).passed


def has_wrong_first_link(answer: Answer) -> bool:
    """A wrong answer, rejected, whose first wrong link is another than the report says."""
    verdict = judge(answer.id)
    return not answer.right and not verdict.passed and verdict.first != answer.first


def has_false_name(answer: Answer) -> bool:
    """An answer that is given the name of a mistake that it does not make."""
    name = judge(answer.id).name
    return name is not None and (answer.right or not is_true_name(answer, name))


def is_catalogued(answer: Answer) -> bool:
    """A wrong answer whose cause the catalogue wants to be named."""
    unreadable = answer.first is None and judge(answer.id).links == 0
    return answer.cause in CATALOGUE and not answer.unnamed and not unreadable


def is_named(answer: Answer) -> bool:
    """A wrong answer that is given a true name."""
    return judge(answer.id).name is not None and not has_false_name(answer)


def is_helped(answer: Answer) -> bool:
    """A wrong answer that is rejected, and truly named, told
    a fact, or located among several links.
    """
    verdict = judge(answer.id)
    located = verdict.links > 1 and verdict.first == answer.first
    return not verdict.passed and not has_false_name(answer) and (is_named(answer) or bool(verdict.facts) or located)


def is_named_or_told(answer: Answer) -> bool:
    """A wrong answer that is truly named, or is told the fact that is as good as its name."""
    told = answer.cause in FACTUAL and bool(judge(answer.id).facts) and not has_false_name(answer)
    return is_named(answer) or told


FAILURES = {
    "wrong answers accepted": is_accepted,
    "right answers rejected": is_rejected,
    "first wrong link missed": has_wrong_first_link,
    "false names": has_false_name,
}


WEAK = {
    "mistakes of the catalogue without a name": lambda answer: is_catalogued(answer) and not is_named_or_told(answer),
    "other mistakes without a name": lambda answer: not answer.right and not is_catalogued(answer) and not is_named_or_told(answer),
    "wrong answers without any help": lambda answer: not answer.right and not is_helped(answer),
}


def weak(kind: str, among: Iterable[Answer]) -> list[str]:
    """Return the ids of the answers that are weak in this way."""
    return [answer.id for answer in among if WEAK[kind](answer)]


def failing(kind: str, among: Iterable[Answer]) -> list[str]:
    """Return the ids of the answers that fail in this way."""
    return [answer.id for answer in among if FAILURES[kind](answer)]


def known_weak() -> dict[str, list[str]]:
    """Return the ids of the answers that are known to fail, for each kind of failure."""
    return json.loads(KNOWN_WEAK.read_text())


def forget_what_no_longer_fails() -> list[str]:
    """Remove the answers that pass from the list of known failures, and return their ids."""
    kept, gone = {}, []
    for kind, ids in known_weak().items():
        still = set(failing(kind, answers().values()))
        kept[kind] = [name for name in ids if name in still]
        gone += [name for name in ids if name not in still]
    KNOWN_WEAK.write_text(json.dumps(kept, indent=2) + "\n")
    return gone


@dataclass
class Figures:
    """Counts over some answers of the corpus."""

    wrong: int = 0
    wrong_rejected: int = 0
    right: int = 0
    right_accepted: int = 0
    catalogued: int = 0  # wrong answers with a cause of the catalogue
    catalogued_named: int = 0
    false_names: int = 0
    helped: int = 0  # truly named, told a fact, or located among several links

    @property
    def named_share(self) -> float:
        """The share of the catalogued causes that are truly named."""
        return self.catalogued_named / max(self.catalogued, 1)

    @property
    def helped_share(self) -> float:
        """The share of the wrong answers that are truly named, told a fact or located."""
        return self.helped / max(self.wrong, 1)


def figures(among: Iterable[Answer]) -> Figures:
    """Count."""
    found = Figures()
    for answer in among:
        verdict = judge(answer.id)
        found.false_names += has_false_name(answer)
        if answer.right:
            found.right += 1
            found.right_accepted += verdict.passed
            continue
        found.wrong += 1
        found.wrong_rejected += not verdict.passed
        if is_catalogued(answer):
            found.catalogued += 1
            found.catalogued_named += is_named_or_told(answer)
        found.helped += is_helped(answer)
    return found


def of_lesson(lesson: str) -> list[Answer]:
    """Return the answers of one lesson."""
    return [answer for answer in answers().values() if answer.lesson == lesson]


def table() -> str:
    """Return the figures, a line for each lesson and one for all."""
    lines = [f"{'':10}{'wrong':>7}{'rejected':>10}{'right':>7}{'accepted':>10}{'catalogued':>12}{'named':>8}{'false':>7}{'helped':>8}"]
    rows = {lesson: of_lesson(lesson) for lesson in LESSONS} | {"all": list(answers().values())}
    for title, among in rows.items():
        count = figures(among)
        lines.append(
            f"{title:10}{count.wrong:7}{count.wrong_rejected:10}{count.right:7}{count.right_accepted:10}"
            f"{count.catalogued:12}{count.named_share:8.1%}{count.false_names:7}{count.helped_share:8.1%}"
        )
    return "\n".join(lines)
