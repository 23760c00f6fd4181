"""What a class did in one assignment, counted from the findings of its students."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from backprop.checking.findings import FactKind, LinkState

from autograder.findings.data import ExerciseFinding, Standing, SubmissionFindings

from .lesson import Figure, Item, LessonOutline
from .statistics import difficulty, histogram, point_biserial

FEWEST = 10  # students, for a correlation to say anything
LINES = 2  # shown of each misconception
TOPICS = 3  # for the next lecture
LOW = 0.5  # of the points: who has less needs help


@dataclass
class LinkSummary:
    """How many students have a link right, wrong first,
    wrong after another, or right given earlier mistakes.
    """

    name: str
    right: int = 0
    first_wrong: int = 0
    wrong: int = 0
    follows: int = 0


@dataclass(frozen=True)
class ItemSummary:
    """One exercise: how many students are how far, its links, and its statistics.

    hidden          right on the inputs of the visible check, wrong on others
    difficulty      the difficulty index p, the mean share of the points
    discrimination  the point-biserial correlation of "right" with the points of the other
                    exercises; None below FEWEST students
    """

    name: str
    section: str
    most: float
    right: int
    partly: int
    wrong: int
    untouched: int
    hidden: int
    difficulty: float | None
    discrimination: float | None
    links: list[LinkSummary]


@dataclass(frozen=True)
class WrongLine:
    """A line of code that a misconception was named for, and how many students wrote it."""

    exercise: str
    link: str
    line: str
    students: int


@dataclass(frozen=True)
class Misconception:
    """A mistake by its id: its words, how many students
    made it, in which exercises, and two of their lines.
    """

    id: str
    words: str
    students: int
    exercises: dict[str, int]
    lines: list[WrongLine]


@dataclass(frozen=True)
class FactSummary:
    """What is true of wrong answers that fit no name."""

    kind: str
    words: str
    students: int
    exercises: dict[str, int]


@dataclass(frozen=True)
class Trouble:
    """An exercise that somebody tried and that is not right."""

    exercise: str
    link: str
    mistake: str


@dataclass(frozen=True)
class Need:
    """A student who needs help: the share of the points,
    how many exercises are right, and what is wrong.
    """

    student: str
    share: float
    right: int
    exercises: int
    repeated: list[str]  # misconceptions shown in several exercises
    troubles: list[Trouble]


@dataclass(frozen=True)
class Topic:
    """A misconception for the next lecture, with the
    exercise where it is most frequent, and a figure.
    """

    misconception: str
    words: str
    students: int
    exercise: str
    section: str
    figure: Figure | None


@dataclass(frozen=True)
class AssignmentSummary:
    """What a class did in one assignment. Points are those of the checks."""

    assignment: str
    title: str
    students: int
    not_started: int
    unreadable: int
    most: float
    mean: float | None
    median: float | None
    histogram: list[int]
    items: list[ItemSummary]
    misconceptions: list[Misconception]
    facts: list[FactSummary]
    needs: list[Need]
    topics: list[Topic]
    by_hand: list[str] = field(default_factory=list)  # answers and tasks that a person marks; points are without them
    waiting: int | None = None  # submissions with a part that is not marked yet; None if the gradebook does not say


def summarise(lesson: LessonOutline, findings: Sequence[SubmissionFindings], *, names: bool = False) -> AssignmentSummary:
    """The summary of a class; students have numbers in place of names unless `names`."""
    marked = [one for one in findings if one.readable and one.exercises]
    shares = [one.points / one.most if one.most else 0.0 for one in marked]
    misconceptions = _misconceptions(marked)
    items = _items(lesson, marked)
    most = max((one.most for one in marked), default=0.0)
    return AssignmentSummary(
        assignment=lesson.assignment,
        title=lesson.title,
        students=len(marked),
        not_started=sum(not one.started for one in marked),
        unreadable=len(findings) - len(marked),
        most=most,
        mean=round(fmean(shares) * most, 2) if shares else None,
        median=round(median(shares) * most, 2) if shares else None,
        histogram=histogram(shares),
        items=items,
        misconceptions=misconceptions,
        facts=_facts(marked),
        needs=_needs(marked, names),
        topics=[_topic(one, lesson) for one in misconceptions[:TOPICS]],
        by_hand=list(lesson.by_hand),
    )


# --- exercises


def _items(lesson: LessonOutline, marked: Sequence[SubmissionFindings]) -> list[ItemSummary]:
    """The exercises in the lesson's order; those that it does not know after them."""
    found: dict[str, list[tuple[ExerciseFinding, float]]] = defaultdict(list)
    for one in marked:
        for exercise in one.exercises:
            found[exercise.exercise].append((exercise, one.points - exercise.points))
    known = {item.name: item for item in lesson.items}
    order = [name for name in known if name in found] + [name for name in found if name not in known]
    return [_item(known.get(name, Item(name, "", None)), found[name]) for name in order]


def _item(item: Item, found: Sequence[tuple[ExerciseFinding, float]]) -> ItemSummary:
    exercises = [exercise for exercise, _ in found]
    standings = Counter(exercise.standing for exercise in exercises)
    right = [exercise.standing is Standing.RIGHT for exercise in exercises]
    p = difficulty([exercise.points / exercise.most if exercise.most else 0.0 for exercise in exercises])
    r = point_biserial(right, [rest for _, rest in found]) if len(found) >= FEWEST else None
    return ItemSummary(
        name=item.name,
        section=item.section,
        most=max(exercise.most for exercise in exercises),
        right=standings[Standing.RIGHT],
        partly=standings[Standing.PARTLY],
        wrong=standings[Standing.WRONG],
        untouched=standings[Standing.UNTOUCHED],
        hidden=sum(exercise.hidden for exercise in exercises),
        difficulty=None if p is None else round(p, 3),
        discrimination=None if r is None else round(r, 3),
        links=_links(exercises),
    )


def _links(exercises: Sequence[ExerciseFinding]) -> list[LinkSummary]:
    links: dict[str, LinkSummary] = {}
    for exercise in exercises:
        for name, state in exercise.links.items():
            link = links.setdefault(name, LinkSummary(name))
            if name == exercise.first:
                link.first_wrong += 1
            elif state == LinkState.RIGHT.name:
                link.right += 1
            elif state in (LinkState.GIVEN.name, LinkState.EFFECT.name):
                link.follows += 1
            else:
                link.wrong += 1
    return list(links.values())


# --- misconceptions


def _misconceptions(marked: Sequence[SubmissionFindings]) -> list[Misconception]:
    """The most shared first."""
    shown: dict[str, list[tuple[str, ExerciseFinding]]] = defaultdict(list)
    for one in marked:
        for exercise in one.exercises:
            if exercise.mistake:
                shown[exercise.mistake].append((one.student, exercise))
    found = [_misconception(name, cases) for name, cases in shown.items()]
    return sorted(found, key=lambda one: (-one.students, one.id))


def _misconception(name: str, cases: Sequence[tuple[str, ExerciseFinding]]) -> Misconception:
    words = Counter(exercise.words for _, exercise in cases if exercise.words)
    lines = Counter((exercise.exercise, exercise.first, exercise.line) for _, exercise in cases if exercise.line)
    return Misconception(
        id=name,
        words=_most_common(words)[0] if words else "",
        students=len({student for student, _ in cases}),
        exercises=dict(Counter(exercise.exercise for _, exercise in cases).most_common()),
        lines=[WrongLine(exercise, link, line, lines[exercise, link, line]) for exercise, link, line in _most_common(lines)[:LINES]],
    )


def _most_common(counts: Counter[Any]) -> list[Any]:
    """The keys, the most common first; equally common ones in the order of their names."""
    return sorted(counts, key=lambda key: (-counts[key], key))


def _facts(marked: Sequence[SubmissionFindings]) -> list[FactSummary]:
    shown: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in marked:
        for exercise in one.exercises:
            for kind in exercise.facts:
                shown[kind].append((one.student, exercise.exercise))
    found = [
        FactSummary(
            kind,
            FactKind[kind].value if kind in FactKind.__members__ else kind,
            len({student for student, _ in cases}),
            dict(Counter(exercise for _, exercise in cases).most_common()),
        )
        for kind, cases in shown.items()
    ]
    return sorted(found, key=lambda one: (-one.students, one.kind))


def _topic(misconception: Misconception, lesson: LessonOutline) -> Topic:
    exercise = next(iter(misconception.exercises))
    item = next((item for item in lesson.items if item.name == exercise), Item(exercise, "", None))
    return Topic(misconception.id, misconception.words, misconception.students, exercise, item.section, item.figure)


# --- students


def _needs(marked: Sequence[SubmissionFindings], names: bool) -> list[Need]:
    """Those who have started and need help, the lowest share of the points first."""
    found = sorted((one for one in map(_need, marked) if one is not None), key=lambda one: (one.share, one.student))
    if names:
        return found
    return [Need(f"Student {n}", one.share, one.right, one.exercises, one.repeated, one.troubles) for n, one in enumerate(found, start=1)]


def _need(one: SubmissionFindings) -> Need | None:
    """Whether a student needs help: less than half of the
    points, or one misconception in several exercises.
    """
    share = one.points / one.most if one.most else 1.0
    mistakes = Counter(exercise.mistake for exercise in one.exercises if exercise.mistake)
    repeated = sorted(name for name, count in mistakes.items() if count > 1)
    if not one.started or (share >= LOW and not repeated):
        return None
    right = sum(exercise.standing is Standing.RIGHT for exercise in one.exercises)
    return Need(one.student, round(share, 3), right, len(one.exercises), repeated, list(_troubles(one)))


def _troubles(one: SubmissionFindings) -> Iterator[Trouble]:
    for exercise in one.exercises:
        if exercise.standing in (Standing.PARTLY, Standing.WRONG):
            yield Trouble(exercise.exercise, exercise.first, exercise.mistake)
