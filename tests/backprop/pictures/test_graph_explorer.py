"""The graph explorer shows PyTorch's numbers, highlights the
product that it describes, and marks learners' functions.
"""

import re
from xml.etree import ElementTree

import pytest
from backprop.figures.networks import LOGISTIC, NETWORKS, ONE_TWO_ONE
from backprop.pictures import explore
from backprop.pictures.stage.sheet import amount
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.pictures.test_stage import SVG, move
from tests.examples import examples

every_network = pytest.mark.parametrize("name", NETWORKS)
LOGISTIC_ASKS = LOGISTIC.exercise.asks


def texts(picture, key):
    """What is written at a node or an arrow, in order."""
    things = ElementTree.fromstring(picture.frame).iter(f"{SVG}g")
    return [text.text for thing in things if thing.get("data-key") == key for text in thing.iter(f"{SVG}text")]


def words(caption):
    return re.sub(r"<[^>]*>", "", caption)


@every_network
@examples(10)
@given(data=st.data())
def test_every_node_shows_its_value_and_its_gradient(name, data):
    picture, network = explore(name), NETWORKS[name]
    key = data.draw(st.sampled_from(list(network.inputs)))
    value = data.draw(st.floats(*network.range(key)).map(lambda number: round(number, 2)))
    if len(network.inputs) > 10:
        move(picture, on_slider=key)
        move(picture, value=value)
    else:
        move(picture, **{key: value})
    assert picture.message == ""
    now = network.trace({key: value})
    for node in network.places:
        assert texts(picture, node) == [amount(now.values[node]), amount(now.gradients[node])]


def test_every_edge_shows_its_slope():
    picture = explore("logistic", w1=-2.5)
    assert texts(picture, "x1>p1") == ["−2.5"]
    assert texts(picture, "w1>p1") == ["1.5"]
    assert texts(picture, "b>z") == ["1"]


@every_network
def test_what_is_lit_is_a_product_that_is_the_gradient(name):
    network = NETWORKS[name]
    picture, now = explore(name), network.trace({})
    for key in network.labels:
        move(picture, pointed=key)
        shown = words(picture.caption)
        if key == network.output:
            assert "= 1: the backward pass begins here" in shown
        else:
            assert shown.rpartition("= ")[2] in (amount(now.gradients[key]), amount(now.gradients[key], 6))


def test_one_path_is_written_out_factor_by_factor():
    picture = explore("logistic")
    move(picture, chosen="w1")
    assert words(picture.caption) == "∂L/∂w1 = ∂L/∂ŷ · ∂ŷ/∂z · ∂z/∂(w1x1) · ∂(w1x1)/∂w1= (−1.6065) · 0.235 · 1 · 1.5 = −0.5663".replace(
        "ŷ", "y\u0302"
    )
    assert "w 1 is −4, and its gradient is −0.566311" in picture.summary


def test_where_paths_meet_the_products_add():
    picture = explore("one_two_one")
    move(picture, chosen="x")
    now = ONE_TWO_ONE.trace({})
    first, second = (path.product for path in now.paths("x"))
    assert "path 2" in picture.caption
    assert words(picture.caption).endswith(f"= {amount(first + second, 6)}")


def test_an_edge_tells_the_share_that_comes_along_it():
    picture = explore("one_two_one")
    move(picture, pointed="x>z1_1")
    share = next(path.product for path in ONE_TWO_ONE.trace({}).paths("x") if "z1_1" in path.nodes)
    assert words(picture.caption).endswith(f"= {amount(share)}")
    assert "share" in picture.caption


def test_a_value_out_of_range_is_refused():
    picture = explore("logistic")
    frame = picture.frame
    move(picture, y=1.5)
    assert "y has to be between 0 and 1" in picture.message
    assert picture.frame == frame


def test_where_the_loss_is_infinite_the_picture_says_so_and_lives():
    picture = explore("logistic")
    for key, value in {"x1": 8.0, "w1": 8.0, "w2": 8.0, "x2": 8.0, "y": 0.0}.items():
        move(picture, **{key: value})
    assert texts(picture, "L")[0] == "infinity"
    move(picture, x1=1.0, w1=1.0, w2=1.0, x2=1.0)
    assert "infinity" not in picture.frame


# --- the learner's own function -------------------------------------------------------------------


def right(*inputs):
    """A right answer at any inputs, by PyTorch."""
    exercise = LOGISTIC.exercise
    return exercise.measure(dict(zip(LOGISTIC.inputs, inputs))).truth


def test_a_right_function_is_told_so_at_all_inputs():
    picture = explore("logistic", right)
    for value in (-4.0, 0.5, 3.0):
        move(picture, w1=value)
        assert "✓ Your function gives every gradient" in picture.caption
        assert [texts(picture, name)[0] for name in ("w1", "w2", "b")] == ["✓"] * 3


@pytest.mark.parametrize("mistake", LOGISTIC.exercise.mistakes, ids=lambda mistake: mistake.id)
def test_every_known_mistake_is_marked_on_the_graph(mistake):
    exercise = LOGISTIC.exercise
    values = {"x1": 1.5, "x2": 2.5, "w1": 0.7, "w2": -0.3, "b": 0.4, "y": 0.3}

    def wrong(*inputs):
        return exercise.mistaken(mistake, exercise.measure(dict(zip(LOGISTIC.inputs, inputs))))

    picture = explore("logistic", wrong, **values)
    sample = exercise.measure(values)
    answer = exercise.mistaken(mistake, sample)
    off = [ask for ask in LOGISTIC_ASKS if float(answer[ask]) != pytest.approx(float(sample.truth[ask]), rel=1e-4)]
    assert off
    assert f"first wrong link is {off[0]}" in picture.caption
    for ask in LOGISTIC_ASKS:
        assert texts(picture, ask.removeprefix("dL_d"))[0] == ("✗" if ask in off else "✓")


def raises(*inputs):
    raise ValueError("oh no")


def not_started(*inputs):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raises, "stopped with ValueError: oh no"),
        (not_started, "Not started yet"),
        (lambda *inputs: None, "Your function"),
        (lambda *inputs: (float("nan"),) * 5, "first wrong link is dL_dyhat"),
        (lambda *inputs: ("one", 2, 3, 4, 5), "first wrong link is dL_dyhat"),
        (lambda *inputs: 3, "Your function"),
        (7, "Your function"),
    ],
)
def test_a_function_that_fails_or_returns_nonsense_leaves_the_picture_alive(function, said):
    picture = explore("logistic", function)
    assert said in picture.caption
    move(picture, w1=2.0)
    assert texts(picture, "w1")[-2] == "2"


def test_the_function_gets_what_the_exercise_gives_it():
    picture = explore("one_two_one", lambda *inputs: ONE_TWO_ONE.exercise.measure(dict(zip(ONE_TWO_ONE.inputs, inputs))).truth)
    assert "✓ Your function gives every gradient" in picture.caption


def test_unknown_networks_and_functions_without_an_exercise_are_refused():
    with pytest.raises(ValueError, match="choose one of one_two_one, logistic"):
        explore("resnet")
    with pytest.raises(ValueError, match="nothing to compare"):
        explore("relu", right)
