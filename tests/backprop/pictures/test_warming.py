"""Pictures that are drawn ahead of time."""

import inspect

import pytest
from backprop import pictures
from backprop.pictures.stage.sheet import glyphs_of
from backprop.pictures.warming import PICTURES


def test_every_function_that_opens_a_picture_is_known():
    opening = {name for name in pictures.__all__ if inspect.isfunction(getattr(pictures, name))}
    assert opening - {"warm"} == PICTURES.keys()


@pytest.mark.parametrize("name", ["descend_by_hand", "explore_depth"])
def test_a_picture_that_was_drawn_ahead_of_time_sets_no_new_letters(name):
    glyphs_of.cache_clear()
    pictures.warm([name, "no_picture"])
    before = glyphs_of.cache_info().misses
    getattr(pictures, name)().close()
    assert glyphs_of.cache_info().misses == before
