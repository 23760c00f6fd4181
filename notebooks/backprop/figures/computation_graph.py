"""The figures of lesson 03: logistic regression and a ReLU neuron as graphs."""

from matplotlib.figure import Figure

from ..drawing.palette import QUIET
from ..drawing.shapes import SMALL, arrow, canvas, key, readings
from .elements import FORWARD_AND_BACKWARD, graph, labelled, shape_of
from .networks import LOGISTIC, RELU
from .numbers import logistic_numbers, relu_numbers
from .registry import described


@described(
    "Logistic regression on one example as a computation graph, each node with its value above and the gradient of L below. "
    "x1 = 1.5 with gradient 1.5102 and w1 = -4 with gradient -0.5663 meet in w1 x1 = -6 with gradient -0.3775. "
    "x2 = 2.5 with gradient -1.1326 and w2 = 3 with gradient -0.9439 meet in w2 x2 = 7.5 with gradient -0.3775. "
    "Both products and b = -1 with gradient -0.3775 add up to z = 0.5 with gradient -0.3775. "
    "z gives y-hat = 0.6225 with gradient -1.6065; y-hat and y = 1 give L = 0.4741 with gradient 1."
)
def logistic_graph() -> Figure:
    """Logistic regression as a computation graph: values above the nodes, gradients below."""
    values, gradients = logistic_numbers()
    figure, axes = canvas(*LOGISTIC.size)
    nodes = {name: shape_of(axes, LOGISTIC, name) for name in LOGISTIC.places if name != "y"}
    edges = ["x1 p1", "w1 p1", "x2 p2", "w2 p2", "p1 z", "b z", "p2 z", "z yhat", "yhat L"]
    graph(axes, nodes, edges, values, gradients)
    target = shape_of(axes, LOGISTIC, "y")
    arrow(axes, target, nodes["L"])
    readings(axes, target, values["y"], None)
    key(axes, 400, 400, FORWARD_AND_BACKWARD)
    return figure


@described(
    "One ReLU neuron as a computation graph, each node with its value above and the gradient of the output a below. "
    "x1 = 1 with gradient -3 and w1 = -3 with gradient 1 meet in w1 x1 = -3; "
    "x2 = -2 with gradient -1 and w2 = -1 with gradient -2 meet in w2 x2 = 2; "
    "x3 = 3 with gradient 2 and w3 = 2 with gradient 3 meet in w3 x3 = 6. "
    "The three products and b = 1 with gradient 1 add up to z = 6; ReLU gives a = 6. "
    "The gradient at a is 1, and it is 1 at a, at z, at b and at each product."
)
def relu_neuron() -> Figure:
    """A ReLU neuron as a computation graph: values above the nodes, gradients below."""
    values, gradients = relu_numbers()
    figure, axes = canvas(*RELU.size)
    nodes = {name: shape_of(axes, RELU, name) for name in RELU.places}
    edges = ["x1 p1", "w1 p1", "x2 p2", "w2 p2", "x3 p3", "w3 p3", "p1 z", "p2 z", "b z", "p3 z", "z a"]
    arrows = graph(axes, nodes, edges, values, gradients)
    labelled(axes, arrows["z a"], "ReLU", (0, -18), QUIET, size=SMALL)
    key(axes, 470, 520, FORWARD_AND_BACKWARD)
    return figure
