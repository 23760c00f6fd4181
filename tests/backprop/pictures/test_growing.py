"""The growing network without a browser: what it counts, counted again in other ways."""

import itertools
import re
import statistics
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from backprop.pictures import grow_deep
from backprop.pictures.paths.growing import DEEPEST, WIDEST, backward, count, in_words, network, walk
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples

sizes = st.tuples(st.integers(1, 5), st.integers(1, 4))


def matrices(graph, depth, width):
    found = np.zeros((depth, width, width))
    for (layer, start), (_, end), weight in graph.edges(data="weight"):
        found[layer, end, start] = weight
    return found


@examples(20)
@given(sizes)
def test_paths_multiplications_and_gradient(size):
    depth, width = size
    graph, counted = network(depth, width), count(depth, width)
    weights = matrices(graph, depth, width)
    ways = list(itertools.product(range(width), repeat=depth))
    assert counted.paths == len(ways)
    assert counted.multiplications == graph.number_of_edges() == np.count_nonzero(weights)

    products = []
    for way in ways:
        share = weights[0][way[0], 0]
        for W, below, above in zip(weights[1:], way, way[1:]):
            share *= W[above, below]
        products.append(share)
    x = torch.zeros(width, dtype=torch.float64, requires_grad=True)
    a = x
    for W in weights:
        a = torch.tensor(W) @ a
    a.sum().backward()
    assert counted.gradient == pytest.approx(x.grad[0].item())
    assert sorted(walk(graph, (0, 0))) == pytest.approx(sorted(products))
    if counted.walked is not None:
        assert counted.walked == pytest.approx(x.grad[0].item())


def test_the_count_of_multiplications_follows_the_graph_and_is_no_formula():
    graph = network(3, 3).copy()
    graph.remove_edge((1, 0), (2, 2))
    assert backward(graph)[0] == 26


def test_the_largest_network():
    counted = count(DEEPEST, WIDEST)
    assert (counted.paths, counted.multiplications, counted.walked) == (8**12, 768, None)


@pytest.mark.parametrize(
    ("number", "words"),
    [(256, ""), (9999, ""), (46656, "about 46.7 thousand"), (1679616, "about 1.7 million"), (2176782336, "about 2.2 billion")],
)
def test_numbers_in_words(number, words):
    assert in_words(number) == words


def test_the_caption_and_the_summary_say_what_was_counted():
    picture = grow_deep(4, 4)
    assert "256" in picture.caption
    assert "64</b> multiplications" in picture.caption
    assert "one by one" in picture.caption
    assert picture.summary == "4 layers of width 4: 256 paths from the first input, 64 multiplications in the backward pass."
    picture.inputs = {"depth": 12, "width": 6}
    assert "2\u202f176\u202f782\u202f336" in picture.caption
    assert "36 minutes" in picture.caption
    assert "counted along the graph" in picture.caption
    assert "one by one" not in picture.caption
    picture.inputs = {"depth": 1, "width": 1}
    assert picture.summary == "1 layer of width 1: 1 path from the first input, 1 multiplication in the backward pass."


def units_of_the_path(picture):
    """Where the units that the drawn path goes through are, from left to right."""
    dots = [part for part in ET.fromstring(picture.frame).iter() if part.tag.endswith("circle") and "--bp-blue" in part.get("style")]
    return [float(dot.get("cy")) for dot in sorted(dots, key=lambda dot: float(dot.get("cx")))]


def test_the_button_walks_every_path_once_and_begins_again():
    picture = grow_deep(3, 3)
    seen = []
    for press in range(27):
        seen.append(tuple(units_of_the_path(picture)))
        picture.inputs = {"next": press + 1}
    assert len(set(seen)) == 27
    assert {len(way) for way in seen} == {4}
    assert tuple(units_of_the_path(picture)) == seen[0]


def test_a_depth_is_chosen_on_the_curves():
    picture = grow_deep(3, 3)
    picture.inputs = {"chosen": "depth:9"}
    assert picture.depth == 9
    assert "19\u202f683" in picture.caption
    words = [part.get("aria-label") for part in ET.fromstring(picture.frame).iter() if part.get("data-key") == "depth:9"]
    assert words == ["depth 9: 19\u202f683 paths, 81 multiplications"]


@pytest.mark.parametrize("value", [None, "", "many", float("nan"), 0, 13, -1])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(value):
    picture = grow_deep(3, 3)
    picture.inputs = {"depth": 2}
    before = picture.frame
    picture.inputs = {"depth": value}
    assert re.match("The depth has to be", picture.message)
    assert picture.frame == before
    picture.inputs = {"depth": 4}
    assert picture.message == ""
    assert picture.frame != before


def test_a_move_takes_less_than_50_milliseconds():
    picture = grow_deep(3, 3)
    times = []
    for width, depth in itertools.product(range(1, 9), range(1, 13)):
        start = time.process_time()
        picture.inputs = {"width": width, "depth": depth}
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05
