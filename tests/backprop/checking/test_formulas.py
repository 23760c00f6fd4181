"""The engine names, with the numbers of the formula on 25 samples, what no exercise declares."""

import pytest

from tests.backprop.checking.formulas import FORMULAS
from tests.course import check_values, name

NAMELESS = ("one sum", "one product", "one difference", "one of its operands")  # nobody knows which
PAIRS = [(exercise, mistake) for exercise, mistakes in FORMULAS.items() for mistake in mistakes]


@pytest.mark.parametrize(("exercise", "mistake"), PAIRS, ids=name)
def test_the_engine_names_the_numbers_of_the_formula_on_25_samples(exercise, mistake):
    """A name is given only if it reproduces the numbers on every sample."""
    report = check_values(exercise, lambda sample: exercise.mistaken(mistake, sample), seed=5, samples=25)
    assert not report.passed
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake.id
    assert report.mistake not in exercise.mistakes
    assert not [nameless for nameless in NAMELESS if nameless in report.mistake.words.lower()], report.mistake.words
