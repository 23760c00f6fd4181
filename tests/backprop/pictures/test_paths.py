"""The path explorer without a browser: its paths,
contributions and sums against PyTorch, computed independently.
"""

import re
import statistics
import time
import xml.etree.ElementTree as ET

import pytest
import torch
from backprop.autodiff.trace import Path, Trace
from backprop.figures.networks import NETWORKS
from backprop.pictures import follow_paths
from backprop.pictures.paths.story import Story
from backprop.pictures.paths.waterfall import levels, nice
from backprop.pictures.stage.sheet import amount
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.pictures.moves import counting_objects
from tests.examples import examples

NUMBER = r"[−+]?[\d.]+(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"


def read(words):
    """A number as `amount` writes it."""
    mantissa, _, power = words.partition("·10")
    raised = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(mantissa.replace("−", "-")) * 10.0 ** int(raised or 0)


def four_four_two(**changed):
    """The gradient of every weight in the 4-4-2 network, as matrices, by PyTorch alone."""
    W1 = torch.tensor([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]], dtype=torch.float64)
    W2 = torch.tensor([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]], dtype=torch.float64)
    for name, value in changed.items():
        matrix, place = name.split("_")
        {"w1": W1, "w2": W2}[matrix][int(place[0]) - 1, int(place[1]) - 1] = value
    W1.requires_grad_(), W2.requires_grad_()
    yhat = torch.softmax(W2 @ torch.sigmoid(W1 @ torch.tensor([2.0, 5, 3, 3], dtype=torch.float64)), 0)
    ((yhat - torch.tensor([1.0, 0.0])) ** 2).sum().backward()
    return W1.grad, W2.grad


def drawn(picture):
    return ET.fromstring(picture.frame)


def thing(picture, key):
    return next(part for part in drawn(picture).iter() if part.get("data-key") == key)


def keys(picture, kind):
    return [part.get("data-key") for part in drawn(picture).iter() if (part.get("data-key") or "").startswith(f"{kind}:")]


def texts(part):
    return [text.text for text in part.iter("{http://www.w3.org/2000/svg}text")]


def written_shares(picture):
    return [
        read(next(text for text in texts(thing(picture, key)) if re.fullmatch(rf"[−+]?{NUMBER}", text) and "." in text))
        for key in keys(picture, "bar")
    ]


def told(picture):
    """The sum, and PyTorch's gradient, as the caption says them."""
    words = re.sub("<[^>]*>", "", picture.caption)
    return read(re.search(rf"(?:[Tt]ogether|path): ({NUMBER})\.", words)[1]), read(re.search(rf"says .* = ({NUMBER}),", words)[1])


def bars(picture, key):
    """The two bars of a path, as (left, width); the first box is the row itself."""
    boxes = [part for part in thing(picture, key).iter("{http://www.w3.org/2000/svg}rect")][1:]
    return [(float(box.get("x")), float(box.get("width"))) for box in boxes]


def test_the_four_shares_of_the_lesson():
    picture = follow_paths("four_four_two", "w1_31")
    assert sorted(written_shares(picture)) == [-0.003159, -0.003159, 0.004739, 0.004739]
    assert told(picture) == (0.003159, 0.003159)
    assert four_four_two()[0][2, 0].item() == pytest.approx(0.003159, abs=1e-6)


@pytest.mark.parametrize("column", [1, 2, 3, 4])
def test_the_paths_of_the_first_row_cancel_and_the_picture_says_so(column):
    picture = follow_paths("four_four_two", f"w1_1{column}")
    assert all(written_shares(picture))
    assert len(written_shares(picture)) == 4
    assert told(picture) == (0, 0)
    assert "They cancel" in picture.caption
    assert "cancel" in picture.summary
    assert "cancel" not in follow_paths("four_four_two", f"w1_3{column}").summary


@examples(40)
@given(st.floats(-8, 8), st.floats(-8, 8), st.sampled_from(["w1_31", "w1_12", "w2_12", "w1_44"]))
def test_every_sum_is_pytorchs_gradient(first, second, weight):
    picture = follow_paths("four_four_two", weight, w1_31=first, w2_13=second)
    by_layer = dict(zip("12", four_four_two(w1_31=first, w2_13=second)))
    layer, place = weight.removeprefix("w").split("_")
    gradient = by_layer[layer][int(place[0]) - 1, int(place[1]) - 1].item()
    together, said = told(picture)
    assert said == pytest.approx(gradient, rel=0.051, abs=1e-6)  # six digits, or, of a very small number, two
    assert together == pytest.approx(gradient, rel=0.051, abs=1e-6)
    assert "✓ the same" in texts(drawn(picture))


@pytest.mark.parametrize(
    ("network", "weight", "paths"),
    [
        ("four_four_two", "x1", 16),
        ("four_four_two", "w2_12", 2),
        ("deep", "w11", 3),
        ("deep", "x2", 6),
        ("deep", "u2", 1),
        ("one_two_one", "x", 2),
        ("logistic", "w1", 1),
        ("relu", "b", 1),
        ("logistic", "y", 1),
    ],
)
def test_each_path_has_a_line_and_a_bar_in_every_network(network, weight, paths):
    picture = follow_paths(network, weight)
    assert keys(picture, "line") == [f"line:{place}" for place in range(paths)]
    assert keys(picture, "bar") == [f"bar:{place}" for place in range(paths)]
    assert told(picture)[0] == pytest.approx(NETWORKS[network].trace({}).gradients[weight], abs=1e-6)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_input_can_be_followed(network):
    picture = follow_paths(network)
    for name in NETWORKS[network].inputs:
        picture.inputs = {"weight": name}
        assert (picture.weight, picture.message) == (name, "")
        assert "✓ the same" in texts(drawn(picture))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=16))
def test_bars_end_to_end_begin_where_the_last_one_stopped(shares):
    reached = levels(shares)
    assert reached[0] == 0
    assert reached[-1] == pytest.approx(sum(shares))
    assert [after - before for before, after in zip(reached, reached[1:])] == pytest.approx(shares, abs=1e-9)


@given(st.floats(1e-300, 1e300))
def test_the_scale_is_round_and_no_smaller_than_the_largest_bar(largest):
    assert largest * (1 - 1e-9) <= nice(largest) <= 2.5 * largest * (1 + 1e-9)
    assert f"{nice(largest):.6e}".split("e")[0].rstrip("0") in ("1.", "2.", "5.")


def test_bars_are_as_long_as_their_shares_and_add_up_on_the_sheet():
    picture = follow_paths("four_four_two", "w1_31")
    shares = [path.product for path in NETWORKS["four_four_two"].trace({}).paths("w1_31")]
    apart, stacked = zip(*(bars(picture, f"bar:{place}") for place in range(4)))
    scales = [width / abs(share) for bar in (apart, stacked) for (_, width), share in zip(bar, shares)]
    assert scales == pytest.approx([scales[0]] * 8, rel=0.01)
    zero = apart[2][0]  # the third share is positive, so its bar begins at zero
    assert [left == pytest.approx(zero, abs=0.11) for left, _ in apart] == [share > 0 for share in shares]
    ends = [left + (width if share > 0 else 0) for (left, width), share in zip(stacked, shares)]
    begins = [left + (0 if share > 0 else width) for (left, width), share in zip(stacked, shares)]
    assert begins[1:] == pytest.approx(ends[:-1], abs=0.25)


@pytest.mark.parametrize("key", ["line:2", "bar:2"])
@pytest.mark.parametrize("how", ["pointed", "chosen"])
def test_a_bar_and_its_path_light_each_other(key, how):
    picture = follow_paths("four_four_two", "w1_31")
    quiet = picture.frame
    picture.inputs = {how: key}
    lit = picture.frame
    assert lit != quiet
    assert "Lit: path 3" in picture.summary
    assert "▸ path 3" in picture.caption
    assert "stroke-width:3.8" in ET.tostring(thing(picture, "line:2")).decode()
    assert "stroke-width:3.8" not in ET.tostring(thing(picture, "line:1")).decode()
    assert thing(picture, "bar:2").get("aria-pressed") == str(how == "chosen").lower()
    picture.inputs = {how: ""}
    assert picture.frame == quiet


@pytest.mark.parametrize("weight", ["w1_31", "x1"])
def test_lighting_a_path_moves_no_thing_on_the_page(weight):
    """The page changes what differs, place by place; a thing that moved would lose the focus."""
    picture = follow_paths("four_four_two", weight)

    def top():
        return [(part.tag, part.get("data-key")) for part in drawn(picture)]

    before = top()
    picture.inputs = {"pointed": "bar:1"}
    assert top() == before


def test_a_weight_is_chosen_in_the_graph_and_then_on_the_slider():
    picture = follow_paths("four_four_two", "w1_31")
    picture.inputs = {"chosen": "w2_12"}
    assert (picture.weight, len(keys(picture, "bar"))) == ("w2_12", 2)
    picture.inputs = {"chosen": "w2_12", "value": 2.0}
    assert told(picture)[0] == pytest.approx(four_four_two(w2_12=2.0)[1][0, 1].item(), abs=1e-6)


def test_a_lit_path_that_the_next_weight_does_not_have_is_forgotten():
    picture = follow_paths("four_four_two", "x1")
    picture.inputs = {"pointed": "bar:12"}
    picture.inputs = {"pointed": "bar:12", "weight": "w2_12"}
    assert picture.message == ""
    assert "Lit" not in picture.summary


def test_of_many_paths_the_lit_one_shows_its_factors():
    picture = follow_paths("four_four_two", "x1")
    assert "<tr" not in picture.caption
    assert "Point at a path" in picture.caption
    picture.inputs = {"pointed": "line:9"}
    assert picture.caption.count("<tr") == 1
    assert "▸ path 10" in picture.caption
    path = NETWORKS["four_four_two"].trace({}).paths("x1")[9]
    for slope in path.slopes:
        assert amount(slope) in picture.caption


def test_a_gradient_that_the_paths_do_not_give_would_be_called_wrong():
    now = Trace({"w1": 1.0, "L": 1.0}, {"w1": 2.0, "L": 1.0}, {("w1", "L"): 1.0})
    story = Story(NETWORKS["logistic"], now, "w1")
    assert story.paths == [Path(("w1", "L"), (1.0,))]
    assert not story.agrees()
    assert "not the same" in story.caption()


@pytest.mark.parametrize("value", [None, "", "abc", float("nan"), float("inf"), 9, -1e9])
def test_what_cannot_be_used_is_refused_and_the_picture_stands(value):
    picture = follow_paths("four_four_two", "w1_31")
    picture.inputs = {"value": 1.0}
    before = picture.frame
    picture.inputs = {"value": value}
    assert "has to be" in picture.message
    assert picture.frame == before
    picture.inputs = {"value": 0.5}
    assert picture.message == ""
    assert picture.frame != before
    picture.inputs = {"value": 0.5, "weight": "nonsense"}
    assert "no input" in picture.message


def test_names_that_do_not_exist_are_refused_at_once():
    with pytest.raises(ValueError, match="no network"):
        follow_paths("nonsense")
    with pytest.raises(ValueError, match="no input"):
        follow_paths("deep", "w1_31")
    with pytest.raises(ValueError, match="no input"):
        follow_paths("deep", nonsense=1)
    with pytest.raises(ValueError, match="has to be a number"):
        follow_paths("deep", w11=float("nan"))


def test_saturated_units_leave_a_picture_without_bars():
    picture = follow_paths("deep", "w11", x1=8, w11=8, w12=8, u1=-8, u2=-8, u3=-8)
    assert picture.message == ""
    ET.fromstring(picture.frame)


@pytest.mark.parametrize("weight", ["w1_31", "x1"])
def test_a_move_takes_less_than_50_milliseconds(weight):
    picture = follow_paths("four_four_two", weight)
    times = []
    for step in range(25):
        start = time.process_time()
        picture.inputs = {"value": step / 10, "pointed": f"bar:{step % 4}"}
        times.append(time.process_time() - start)
    assert statistics.median(times) < 0.05


def test_moves_keep_no_memory():
    picture = follow_paths("deep", "w11")

    def move(times):
        for step in range(times):
            picture.inputs = {"value": step / 1000, "pointed": f"bar:{step % 3}"}

    with counting_objects() as count:
        move(50)
        before = count()
        move(300)
        assert count() - before < 100


def test_on_a_narrow_page_the_share_of_each_path_is_seen_before_its_factors():
    picture = follow_paths("four_four_two", "w1_31")
    rows = re.findall(r"<tr.*?</tr>", picture.caption)
    shares = [re.sub(r"<.*?>", "", re.findall(r"<td>(.*?)</td>", row)[0]) for row in rows]
    assert sorted(shares) == ["+0.004739", "+0.004739", "−0.003159", "−0.003159"]
