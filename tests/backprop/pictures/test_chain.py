"""The chain-rule explorer: its numbers are PyTorch's, its tangents
have the slopes it shows, its axes stay, and it refuses bad input.
"""

import re
import xml.etree.ElementTree as ET
from math import prod

import numpy as np
import pytest
import torch
from backprop.pictures import follow_chain
from backprop.pictures.chain.chains import CHAINS, WHOLE
from backprop.pictures.chain.picture import BOTTOM, TOP, LinkPlot
from backprop.pictures.stage.plot import ticks
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples

SVG = "{http://www.w3.org/2000/svg}"
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

# Written out again, one function a link.
BY_HAND = {
    "exp_square": lambda x: [u := x**2, u.exp()],
    "long_chain": lambda x: [u := x**2, v := u.exp(), v.exp()],
    "reciprocal_chain": lambda x: [u := x**2, v := u.exp(), 1 / v],
    "square_of_sum": lambda x: [g := x.exp() + x, g**2],
    "three_sigmoids": lambda x, w1, w2, w3: [h1 := (w1 * x).sigmoid(), h2 := (w2 * h1).sigmoid(), (w3 * h2).sigmoid()],
}
law = examples(60)
every_chain = pytest.mark.parametrize("chain", CHAINS)


def by_hand(chain, x, **weights):
    """The intermediate values, the slope of each link,
    and the slope of the whole, with PyTorch alone.
    """
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    nodes = [x, *BY_HAND[chain](x, *(torch.tensor(one, dtype=torch.float64) for one in weights.values()))]
    slopes = [torch.autograd.grad(after, before, retain_graph=True)[0].item() for before, after in zip(nodes, nodes[1:])]
    return [node.item() for node in nodes], slopes, torch.autograd.grad(nodes[-1], x)[0].item()


def number(words):
    mantissa, _, power = words.replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(RAISED) or 0)


def things(picture):
    """What can be pointed at, by its key."""
    return {group.get("data-key"): group for group in ET.fromstring(picture.frame).iter(f"{SVG}g") if group.get("data-key")}


def in_colour(group, name):
    """The numbers written in a colour: vermillion ones are slopes, blue ones are values."""
    return [
        number(text.text) for text in group.iter(f"{SVG}text") if f"fill:var(--bp-{name}," in text.get("style") and text.text not in "?›"
    ]


@st.composite
def settings_of_a_chain(draw):
    """A chain, an x, and weights, wherever they may be."""
    chain = draw(st.sampled_from(list(CHAINS)))
    return chain, {name: draw(st.floats(*CHAINS[chain].range(name))) for name in CHAINS[chain].start}


@law
@given(settings_of_a_chain())
def test_every_number_in_the_picture_is_pytorchs(case):
    chain, values = case
    nodes, slopes, whole = by_hand(chain, **values)
    drawn = things(follow_chain(chain, **values))
    assert list(drawn) == [*(link.name for link in CHAINS[chain].links), WHOLE]
    for group, before, slope in zip(drawn.values(), nodes, slopes):
        assert in_colour(group, "blue") == pytest.approx([before], rel=1e-4, abs=6e-5)
        assert in_colour(group, "vermillion") == pytest.approx([slope], rel=1e-4, abs=6e-5)
    assert in_colour(drawn[WHOLE], "blue") == pytest.approx([nodes[0], nodes[-1]], rel=1e-4, abs=6e-5)
    assert in_colour(drawn[WHOLE], "vermillion") == pytest.approx([whole], rel=1e-4, abs=6e-5)


@law
@given(settings_of_a_chain())
def test_the_product_of_the_slopes_is_the_slope_of_the_whole(case):
    chain, values = case
    now = CHAINS[chain].trace(values)
    assert prod(now.slopes[step] for step in CHAINS[chain].steps) == pytest.approx(now.gradients["x"], rel=1e-12, abs=1e-300)


@law
@given(settings_of_a_chain())
def test_what_is_shown_stays_in_view(case):
    chain, values = case
    now = CHAINS[chain].trace(values)
    for name, (low, high) in CHAINS[chain].spans.items():
        assert low <= now.values[name] <= high
    _, whole = CHAINS[chain].curves(values)[WHOLE]
    low, high = CHAINS[chain].spans[CHAINS[chain].output]
    assert low <= min(whole) <= max(whole) <= high


@law
@given(settings_of_a_chain())
def test_the_point_is_on_its_curve(case):
    chain, values = case
    now, curves = CHAINS[chain].trace(values), CHAINS[chain].curves(values, points=2001)
    for before, after in CHAINS[chain].steps:
        inside = np.isfinite(curves[after][1])
        low, high = CHAINS[chain].spans[after]
        assert np.interp(now.values[before], *(part[inside] for part in curves[after])) == pytest.approx(
            now.values[after], abs=(high - low) / 100
        )


@law
@given(st.floats(-1, 1), st.floats(0, 1), st.floats(-1e6, 1e6))
def test_a_tangent_is_as_steep_as_it_says_and_stays_in_its_frame(across, up, slope):
    plot = LinkPlot(40, 140, (-1.0, 1.0), (0.0, 1.0))
    (x1, y1), (x2, y2) = plot.tangent(across, up, slope)
    for x, y in ((x1, y1), (x2, y2)):
        assert plot.left - 1e-6 <= x <= plot.right + 1e-6
        assert TOP - 1e-6 <= y <= BOTTOM + 1e-6
    assert np.hypot(x2 - x1, y2 - y1) > 5  # there is always something to see
    wide, high = plot.x(1.0) - plot.x(0.0), plot.y(0.0) - plot.y(1.0)
    run, rise = (x2 - x1) / wide, (y1 - y2) / high  # in units of the axes
    assert rise == pytest.approx(slope * run, abs=1e-6 * (1 + abs(slope)))
    assert run > 0


def polylines(picture, name):
    """The lines of a colour, as lists of points; `picture` may be a part of one."""
    whole = ET.fromstring(picture.frame) if hasattr(picture, "frame") else picture
    paths = [path for path in whole.iter(f"{SVG}path") if f"stroke:var(--bp-{name}," in path.get("style", "")]
    return [[tuple(map(float, point.split())) for point in path.get("d")[1:].split("L")] for path in paths]


@every_chain
@pytest.mark.parametrize("part", [0.1, 0.35, 0.8])
def test_each_tangent_lies_along_its_curve(chain, part):
    low, high = CHAINS[chain].span
    for group in things(follow_chain(chain, x=low + part * (high - low))).values():
        curve = np.array(max(polylines(group, "ink"), key=len))
        dot = float(group.find(f"{SVG}circle").get("cx"))
        (x1, y1), (x2, y2) = polylines(group, "vermillion")[0]
        steepness = np.interp(dot, curve[:, 0], np.gradient(curve[:, 1], curve[:, 0]))
        assert np.arctan((y2 - y1) / (x2 - x1)) == pytest.approx(np.arctan(steepness), abs=0.06)


@pytest.mark.parametrize("x", [-1.0, -0.35, 0.0, 0.7])
def test_the_output_of_each_link_is_carried_to_the_next(x):
    lines = polylines(follow_chain("long_chain", x=x), "blue")
    carried = [line for line in lines if len(line) == 5]  # out at the side, down, along, up to the foot of the next
    assert len(carried) == 2
    for line in carried:
        leaving, arriving = line[0], line[-1]
        assert any(end == leaving for _, end in (other for other in lines if len(other) == 2))  # from the point on the curve
        assert any(start == arriving for start, _ in (other for other in lines if len(other) == 2))  # up to the next point
    into_whole = [line for line in lines if len(line) == 2 and line[0][1] == line[1][1] and line[1][0] - line[0][0] == 40]
    assert len(into_whole) == 1


@every_chain
def test_the_axes_stand_still_while_x_moves(chain):
    """All ticks and all curves; only what is blue or vermillion moves."""
    low, high = CHAINS[chain].span
    picture = follow_chain(chain)
    still = set()
    for x in np.linspace(low, high, 7):
        picture.inputs = {f"{chain}:x": float(x)}
        quiet = [
            (t.get("x"), t.get("y"), t.text) for t in ET.fromstring(picture.frame).iter(f"{SVG}text") if "--bp-quiet" in t.get("style")
        ]
        still.add(str((quiet, polylines(picture, "ink"), polylines(picture, "quiet"))))
    assert len(still) == 1


@pytest.mark.parametrize("span", [span for chain in CHAINS.values() for span in chain.spans.values()])
def test_a_few_round_numbers_on_each_axis(span):
    for about in (3, 4):
        found = ticks(span, about)
        assert 2 <= len(found) <= 5
        assert all(span[0] <= one <= span[1] and len(f"{one:g}") <= 4 for one in found)


# --- moving ---------------------------------------------------------------------------------------


def caption(picture):
    return re.sub("<[^>]*>", "", picture.caption)


def test_moving_x_moves_all():
    picture = follow_chain("long_chain")
    for x in (0.3, -0.8):
        picture.inputs = picture.inputs | {"long_chain:x": x}
        nodes, slopes, whole = by_hand("long_chain", x)
        assert picture.message == ""
        assert f"{nodes[1]:.4f}".rstrip("0") in picture.summary
        told = [number(word.strip("() ")) for word in caption(picture).split("= ")[2].replace("Point", "·").split("·")[:3]]
        assert told == pytest.approx(slopes[::-1], rel=1e-4, abs=6e-5)
        assert in_colour(things(picture)[WHOLE], "vermillion") == pytest.approx([whole], rel=1e-4, abs=6e-5)


def test_each_chain_keeps_its_own_x():
    picture = follow_chain("long_chain")
    picture.inputs = {"long_chain:x": -0.25}
    picture.inputs = picture.inputs | {"chain": "three_sigmoids"}
    assert [control["key"] for control in picture.controls if control["kind"] == "slider"] == [
        f"three_sigmoids:{name}" for name in ("x", "w1", "w2", "w3")
    ]
    picture.inputs = picture.inputs | {"three_sigmoids:x": 5.0, "three_sigmoids:w2": -2.0}
    assert in_colour(things(picture)[WHOLE], "blue")[0] == 5
    picture.inputs = picture.inputs | {"chain": "long_chain"}
    assert in_colour(things(picture)[WHOLE], "blue")[0] == -0.25
    assert follow_chain("long_chain").values["long_chain"]["x"] == CHAINS["long_chain"].x  # and no other picture is moved


@every_chain
def test_pointing_at_a_link_lights_up_its_factor(chain):
    picture = follow_chain(chain)
    _, slopes, _ = by_hand(chain, **CHAINS[chain].start)
    for link, slope in zip(CHAINS[chain].links, slopes):
        picture.inputs = {"pointed": link.name}
        symbol, factor = (re.sub("<[^>]*>", "", lit) for lit in re.findall("<b><u>(.*?)</u></b>", picture.caption))
        assert symbol.startswith("d")
        assert number(factor.strip("()")) == pytest.approx(slope, rel=1e-4, abs=6e-5)
        assert [key for key, group in things(picture).items() if group.get("aria-pressed") == "true"] == [link.name]
        assert "This link" in picture.caption
    picture.inputs = {"pointed": ""}
    assert "<u>" not in picture.caption


def test_a_chosen_link_stays_lit():
    picture = follow_chain("long_chain")
    picture.inputs = {"chosen": "u"}
    picture.inputs = picture.inputs | {"pointed": "v"}
    assert things(picture)["v"].get("aria-pressed") == "true"
    picture.inputs = picture.inputs | {"pointed": ""}
    assert things(picture)["u"].get("aria-pressed") == "true"


def test_three_sigmoids_make_a_gradient_vanish():
    picture = follow_chain("three_sigmoids")
    for x in np.linspace(-6, 6, 25):
        picture.inputs = {"three_sigmoids:x": float(x)}
        *factors, whole = [in_colour(group, "vermillion")[0] for group in things(picture).values()]
        assert all(0 < factor <= 0.25 for factor in factors)
        assert 0 < whole < 1 / 64
    assert "0.0156" in picture.caption


def bars(picture):
    """How long the filled bars are, as parts of their frames."""
    widths = [float(box.get("width")) for box in ET.fromstring(picture.frame).iter(f"{SVG}rect") if box.get("height") == "12.0"]
    return [filled / frame for frame, filled in zip(widths[::2], widths[1::2])]


def test_the_bars_are_as_long_as_the_slopes():
    values = {"x": 0.4, "w1": 4.6, "w2": -3.0, "w3": 5.0}
    _, slopes, whole = by_hand("three_sigmoids", **values)
    assert bars(follow_chain("three_sigmoids", **values)) == pytest.approx([min(1, abs(one)) for one in (*slopes, whole)], abs=1e-3)
    steep = follow_chain("three_sigmoids", x=0.0, w1=5.0)
    assert bars(steep)[0] == 1
    assert "›" in steep.frame
    assert bars(follow_chain("long_chain")) == []


# --- predicting -----------------------------------------------------------------------------------


def test_a_prediction_hides_the_slope_of_the_whole_until_it_is_right():
    picture = follow_chain("long_chain", x=0.7)
    _, _, whole = by_hand("long_chain", 0.7)
    tangents = len(polylines(picture, "vermillion"))
    picture.inputs = {"predict": True}
    everything = picture.frame + picture.caption + picture.summary + str(picture.controls)
    assert f"{whole:.3f}" not in everything
    assert len(polylines(picture, "vermillion")) == tangents - 1

    picture.inputs = picture.inputs | {"guess": "1.4"}
    assert picture.controls[2]["state"] == "wrong"
    assert f"{whole:.3f}" not in picture.frame + picture.caption + picture.summary

    picture.inputs = picture.inputs | {"guess": f"{whole:.1f}"}
    assert picture.controls[2]["state"] == "right"
    assert f"{whole:.3f}" in picture.frame
    assert f"{whole:.3f}" in picture.summary
    assert len(polylines(picture, "vermillion")) == tangents

    picture.inputs = picture.inputs | {"long_chain:x": 0.2}
    assert picture.controls[2]["state"] == "wrong"


@pytest.mark.parametrize("off", [1.03, 0.97, -1.0])
def test_a_prediction_has_to_be_right_to_two_digits(off):
    picture = follow_chain("exp_square", x=0.8)
    _, _, whole = by_hand("exp_square", 0.8)
    picture.inputs = {"predict": True, "guess": str(off * whole)}
    assert picture.controls[2]["state"] == "wrong"


# --- what cannot be used --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("long_chain:x", 7, "between -1 and 1"),
        ("long_chain:x", "", "You wrote nothing"),
        ("long_chain:x", "nan", "x has to be a number"),
        ("three_sigmoids:w1", -5.5, "w₁ has to be between -5 and 5"),
        ("guess", "a lot", "Your prediction has to be a number"),
        ("chain", "daisy", "There is no chain 'daisy'"),
        ("long_chain:w1", 1.0, "There is no 'w1' to move here"),
        ("nonsense", 1.0, "That did not work"),
    ],
)
def test_bad_input_is_refused_in_words_and_changes_nothing(key, value, said):
    picture = follow_chain("long_chain")
    before = picture.frame
    picture.inputs = {key: value}
    assert said in picture.message
    assert picture.frame == before
    picture.inputs = picture.inputs | {"long_chain:x": 0.1}
    assert picture.message == ""
    assert picture.frame != before


@pytest.mark.parametrize(
    ("chain", "values", "said"),
    [
        ("daisy", {}, "choose one of exp_square"),
        ("long_chain", {"z": 1.0}, "'z'"),
        ("long_chain", {"x": 3.0}, "between -1 and 1"),
        ("long_chain", {"x": float("nan")}, "has to be a number"),
    ],
)
def test_a_call_that_makes_no_sense_says_so(chain, values, said):
    with pytest.raises(ValueError, match=said):
        follow_chain(chain, **values)
