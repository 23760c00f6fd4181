# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 Build an autodiff engine
#
# **After this lesson you can** write `backward()` yourself: numbers that remember what they were made from, the order in which gradients come back, and the other direction, forward mode. Your engine will run the networks of lessons 02 to 04 and agree with PyTorch.
#
# **Time** about 120 minutes. **You need** lessons [03](03_computation_graph.ipynb) and [04](04_multipath_gradients.ipynb), and Python classes: `__init__`, methods, `self`.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import autodiff_engine as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import time

import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
course_map(ex)

# %% [markdown]
# ## 1. What a number has to remember
#
# In lesson 03 a graph was a list of operations, and somebody had to write that list. PyTorch needs no list. You write `w * x + b`, and the graph is there. How?
#
# The trick is small. Take an object in place of a number. Whenever two such objects are multiplied, Python calls a method of ours, and the method makes a new object that **remembers its parents**. So the graph draws itself while the program runs.
#
# ![](../img/engine_node.svg)
#
# One more thing can be noted at once. While the product $p = uv$ is worked out, $u$ and $v$ are known, so the **local derivatives** $\frac{\partial p}{\partial u} = v$ and $\frac{\partial p}{\partial v} = u$ are known as well, as numbers. The node keeps them, one for each edge. We call them the **slopes**. With them the forward pass has left behind all that the way back needs.
#
# ### Exercise 1: a prediction
#
# Let $q = x\cdot x$, then $s = q + x$, then $L = s\cdot c$ with a constant $c$ that is a node too. How many nodes does the graph have, and how many edges?


# %% nbgrader={"grade": false, "grade_id": "nodes_and_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nodes_and_edges():
    """Return your prediction of nodes and edges, for q = x*x, s = q + x, L = s*c."""
    ### BEGIN SOLUTION
    return 5, 6
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "nodes_and_edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.nodes_and_edges.check(nodes_and_edges)
### BEGIN HIDDEN TESTS
ex.nodes_and_edges.check(nodes_and_edges)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: nodes_and_edges -->

# %%
parents = {"x": [], "c": [], "q": ["x", "x"], "s": ["q", "x"], "L": ["s", "c"]}
print("nodes:", len(parents), "  edges:", sum(len(made_from) for made_from in parents.values()))

# %% [markdown]
# The first operation has $x$ twice among its operands, so **two** edges lead from $x$ to $q$, each with its own slope. Keep that in mind: it is where many engines go wrong.

# %% [markdown]
# ### Exercise 2: the node
#
# A `Value` keeps four things:
#
# | attribute | what it is |
# |---|---|
# | `data` | the number itself |
# | `parents` | the nodes it was made from, a tuple; empty for a leaf |
# | `slopes` | the slope on the edge from each parent, in the same order |
# | `grad` | $\frac{\partial L}{\partial\,\text{this node}}$, once it has been worked out; what should it be before anything has arrived? |


# %% nbgrader={"grade": false, "grade_id": "node-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Value:
    """A number that remembers what it was made from."""

    def __init__(self, data, parents=(), slopes=()):
        """Keep data, parents and slopes under these names, and begin a grad to which shares can be added."""
        ### BEGIN SOLUTION
        self.data = data
        self.parents = parents
        self.slopes = slopes
        self.grad = 0.0
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "node", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.node.check(Value)
### BEGIN HIDDEN TESTS
ex.node.check(Value, seed=60215, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: node -->

# %% [markdown]
# From here on the lesson uses the class in the next cell. A slip in yours costs nothing later. `as_node` turns a plain number into a leaf and leaves a node as it is.


# %%
class Value:
    """A number that remembers what it was made from."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __repr__(self):
        return f"Value(data={self.data:.6g}, grad={self.grad:.6g})"


def as_node(x):
    return x if isinstance(x, Value) else Value(x)


# %% [markdown]
# ## 2. Operations that note their slopes
#
# Python reads `a + b` as `a.__add__(b)`, and `a * b` as `a.__mul__(b)`. A class need not be written in one go. A method is a function that has been put into its class, and that can be done later, by assignment. So the class will grow cell by cell.
#
# ### Exercise 3: sums and products
#
# Return a new `Value`: its number, its two parents, its two slopes. Which slopes does a sum have, and which a product?


# %% nbgrader={"grade": false, "grade_id": "sums_and_products-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add(self, other):
    """Return the node self + other; other is a node or a plain number."""
    other = as_node(other)
    ### BEGIN SOLUTION
    return Value(self.data + other.data, (self, other), (1.0, 1.0))
    ### END SOLUTION


def multiply(self, other):
    """Return the node self * other; other is a node or a plain number."""
    other = as_node(other)
    ### BEGIN SOLUTION
    return Value(self.data * other.data, (self, other), (other.data, self.data))
    ### END SOLUTION


Value.__add__ = add
Value.__mul__ = multiply


# %% nbgrader={"grade": true, "grade_id": "sums_and_products", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.sums_and_products.check(Value)
### BEGIN HIDDEN TESTS
ex.sums_and_products.check(Value, seed=18437, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: sums_and_products -->

# %% [markdown]
# The check makes $s = u + v$, $p = uv$, $q = u\,u$ and $r = u\,c$ with a plain number $c$. It reads the slopes off your edges: along each path it multiplies, and over paths it adds. So an operation may also be put together from others.
#
# If your operations are done, the next cell shows what the graph of exercise 1 remembers.

# %%
with ex.once_built("sums and products"):
    x = Value(3.0)
    q = x * x
    L = (q + x) * 5.0
    print("L is", L, "made from", L.parents, "with the slopes", L.slopes)
    print("q is", q, "made from", q.parents, "with the slopes", q.slopes)
    print("both parents of q are the same object:", q.parents[0] is q.parents[1])

# %% [markdown]
# ### Exercise 4: powers and bends
#
# These have one parent each. `z**n` is a power with a plain number $n$; the others take nothing but the node itself. Each slope can be worked out from the node's own data or from the new value. If some of the six are not done yet, the check still looks at the rest.


# %% nbgrader={"grade": false, "grade_id": "bends-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def power(self, n):
    """Return the node self**n; n is a plain number."""
    ### BEGIN SOLUTION
    return Value(self.data**n, (self,), (n * self.data ** (n - 1),))
    ### END SOLUTION


def exp(self):
    """Return the node e**self."""
    ### BEGIN SOLUTION
    value = np.exp(self.data)
    return Value(value, (self,), (value,))
    ### END SOLUTION


def log(self):
    """Return the node log(self), the natural logarithm; self.data is positive."""
    ### BEGIN SOLUTION
    return Value(np.log(self.data), (self,), (1 / self.data,))
    ### END SOLUTION


def relu(self):
    """Return the node max(0, self)."""
    ### BEGIN SOLUTION
    is_open = 1.0 if self.data > 0 else 0.0
    return Value(is_open * self.data, (self,), (is_open,))
    ### END SOLUTION


def sigmoid(self):
    """Return the node 1 / (1 + e**-self)."""
    ### BEGIN SOLUTION
    value = 1 / (1 + np.exp(-self.data))
    return Value(value, (self,), (value * (1 - value),))
    ### END SOLUTION


def tanh(self):
    """Return the node tanh(self)."""
    ### BEGIN SOLUTION
    value = np.tanh(self.data)
    return Value(value, (self,), (1 - value**2,))
    ### END SOLUTION


Value.__pow__ = power
Value.exp, Value.log, Value.relu, Value.sigmoid, Value.tanh = exp, log, relu, sigmoid, tanh


# %% nbgrader={"grade": true, "grade_id": "bends", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.bends.check(Value)
### BEGIN HIDDEN TESTS
ex.bends.check(Value, seed=77103, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: bends -->

# %% [markdown]
# ## 3. What one node does on the way back
#
# Now the gradients. Suppose the gradient of a node is complete. It has to reach the parents: to each parent goes the node's gradient times the slope on the edge between them. If a node has several users, it gets a share from each.
#
# ### Exercise 5: a prediction
#
# Somebody writes an engine that says `parent.grad = slope * self.grad`, with `=` and not with `+=`. They run it on $q = x\cdot x$, $L = c\,q$ with $x = 3$, $c = 5$. What is in `x.grad` at the end?


# %% nbgrader={"grade": false, "grade_id": "two_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_edges():
    """Return your prediction of x.grad in the engine that overwrites, for L = c*x*x, x = 3, c = 5."""
    ### BEGIN SOLUTION
    return 15
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.two_edges.check(two_edges)
### BEGIN HIDDEN TESTS
ex.two_edges.check(two_edges)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_edges -->

# %%
x, c = Value(3.0), Value(5.0)
q = Value(9.0, (x, x), (3.0, 3.0))  # made by hand, with its slopes
q.grad = 5.0  # what arrives at q from L
for parent, slope in zip(q.parents, q.slopes):
    parent.grad = slope * q.grad  # the flaw
    print("after one edge, x.grad =", parent.grad)
x_true = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
(5 * x_true * x_true).backward()
print("PyTorch says", x_true.grad.item())

# %% [markdown]
# Half of it is lost. The sum over the two edges is $5\cdot 3 + 5\cdot 3$, the $2x$ of school times 5.
#
# ### Exercise 6: hand it back
#
# Here `self` is a node whose own gradient is complete. Add its share to the gradient of each parent.


# %% nbgrader={"grade": false, "grade_id": "pass_back-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pass_back(self):
    """Add to the grad of each parent what comes to it from this node; return nothing."""
    ### BEGIN SOLUTION
    for parent, slope in zip(self.parents, self.slopes):
        parent.grad += slope * self.grad
    ### END SOLUTION


Value.pass_back = pass_back


# %% nbgrader={"grade": true, "grade_id": "pass_back", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.pass_back.check(Value)
### BEGIN HIDDEN TESTS
ex.pass_back.check(Value, seed=35718, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: pass_back -->

# %% [markdown]
# The check makes one node with the parents $a, b, c, a$, puts something into their gradients beforehand, and calls `pass_back()` once.
#
# ## 4. In which order?
#
# A node may pass its gradient on only when that gradient is complete, and so only after *all its users* have passed on theirs.
#
# ![](../img/visiting_order.svg)
#
# In the picture $u$ is used twice. On the left, $u$ waits for $a$. On the right it goes too early: what $a$ sends back afterwards stays at $u$ and never reaches $x$. Nothing crashes. The number is simply wrong.
#
# So we need a **topological order**: a list of the nodes in which every node comes after its parents. The way back takes that list from its end. In lesson 03 the list of operations was such an order. Here nobody keeps a list, and we have to find one from the parents alone.
#
# The next picture walks through the 1-2-1 network of lesson 02 in such an order, and back. Press *Next* until the way back has passed $z_1^{[2]}$, and stop. Which nodes could come next? And is $x$ one of them?

# %%
from backprop.pictures import step_through

step_through("one_two_one")

# %% [markdown]
# Five could come next, those that $z_1^{[2]}$ is made from: two weights, a bias and two activations. The order among these five does not matter. $x$ is none of them: it waits until both hidden units have passed back what they have.
#
# ### Exercise 7: a topological order
#
# Return a list of all nodes that `self` was made from, directly or by way of others, each once, parents before what is made from them, and `self` last. A function that calls itself does it in a few lines. To recognise a node that has been visited, keep the nodes in a set, or their `id(node)`.


# %% nbgrader={"grade": false, "grade_id": "order-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def order(self):
    """Return the list of all nodes of the graph that ends in self, each after its parents."""
    nodes, visited = [], set()
    ### BEGIN SOLUTION

    def visit(node):
        if node not in visited:
            visited.add(node)
            for parent in node.parents:
                visit(parent)
            nodes.append(node)

    visit(self)
    return nodes
    ### END SOLUTION


Value.order = order


# %% nbgrader={"grade": true, "grade_id": "order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.order.check(Value)
### BEGIN HIDDEN TESTS
ex.order.check(Value, seed=42961, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: order -->

# %% [markdown]
# There are usually many such orders, so the check does not ask for one. It counts: how long your list is, how many different nodes are in it, and how many of the graph's edges begin before they end. It builds its graphs with your class alone, without operations; you can do the same with `ex.build`.

# %%
inputs = ex.order.inputs(0)
nodes = ex.build(Value, np.linspace(0.5, 1.5, inputs["leaves"]), inputs["edges"])
names = {id(node): f"n{place}" for place, node in enumerate(nodes)}
for node in nodes:
    print(names[id(node)], "is made from", [names[id(parent)] for parent in node.parents])
with ex.once_built("order"):
    print("your order:", [names[id(node)] for node in nodes[-1].order()])

# %% [markdown]
# ## 5. Backward
#
# ### Exercise 8: backward
#
# Everything is there. Three steps: clear every gradient of the graph, give the output its own, and let each node pass back what it has, in the right order. After `L.backward()` each node of the graph holds $\frac{\partial L}{\partial\,\text{node}}$ in its `grad`, also if `backward()` is called a second time.


# %% nbgrader={"grade": false, "grade_id": "backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(self):
    """Put dL/dnode into the grad of every node of the graph that ends in self, which is L; return nothing."""
    nodes = self.order()
    ### BEGIN SOLUTION
    for node in nodes:
        node.grad = 0.0
    self.grad = 1.0
    for node in reversed(nodes):
        node.pass_back()
    ### END SOLUTION


Value.backward = backward


# %% nbgrader={"grade": true, "grade_id": "backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.backward.check(Value)
### BEGIN HIDDEN TESTS
ex.backward.check(Value, seed=90274, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: backward -->

# %% [markdown]
# The check takes four graphs: a tree, in which nothing is used twice; a fork, with a node that is used in several places and one that is both operands of an operation; a ladder of diamonds, with more than sixty paths; and the fork `again`, with two calls of `backward()`. Like the graphs of exercise 7 they are built without operations. To look at one yourself, take `inputs = ex.backward.inputs(0)` and call `ex.build(Value, inputs["fork"], inputs["edges"]["fork"])`; the first nodes are the leaves, and the last one is the output.
#
# That a second call gives the same is a choice. PyTorch chose otherwise: there, `.backward()` *adds* to what is in the `.grad` of a leaf, and clearing is the caller's business. Ours clears first, because then one sentence says what `grad` is.

# %%
with ex.once_built():
    x = Value(3.0)
    L = (x * x + x) * 5.0
    L.backward()
    print("dL_dx =", x.grad, "  by hand: 5 (2x + 1) =", 5 * (2 * 3 + 1))

# %% [markdown]
# ## 6. A drop-in for numbers
#
# Some operators are still missing: `-u`, `u - v`, `u / v`. And `2 * u` fails as well. Python asks the *number* first, `(2).__mul__(u)`, and the number does not know our class. Then Python asks `u` once more, by another name: `u.__rmul__(2)`, the **reversed** operator.
#
# ### Exercise 9: the other operators
#
# You need no new slopes. All of these can be said with a sum, a product and a power, and then they inherit the right slopes. Which is it in `reversed_subtract`: what is subtracted from what?


# %% nbgrader={"grade": false, "grade_id": "arithmetic-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def negative(self):
    """Return the node -self."""
    ### BEGIN SOLUTION
    return self * -1.0
    ### END SOLUTION


def subtract(self, other):
    """Return the node self - other; other is a node or a plain number."""
    ### BEGIN SOLUTION
    return self + as_node(other) * -1.0
    ### END SOLUTION


def divide(self, other):
    """Return the node self / other; other is a node or a plain number."""
    ### BEGIN SOLUTION
    return self * as_node(other) ** -1.0
    ### END SOLUTION


def reversed_subtract(self, other):
    """Return the node other - self; other is a plain number."""
    ### BEGIN SOLUTION
    return as_node(other) - self
    ### END SOLUTION


def reversed_divide(self, other):
    """Return the node other / self; other is a plain number."""
    ### BEGIN SOLUTION
    return as_node(other) / self
    ### END SOLUTION


Value.__neg__, Value.__sub__, Value.__truediv__ = negative, subtract, divide
Value.__radd__, Value.__rmul__ = add, multiply  # the order of the operands does not matter here
Value.__rsub__, Value.__rtruediv__ = reversed_subtract, reversed_divide


# %% nbgrader={"grade": true, "grade_id": "arithmetic", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.arithmetic.check(Value)
### BEGIN HIDDEN TESTS
ex.arithmetic.check(Value, seed=51386, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: arithmetic -->

# %% [markdown]
# The nine entries of `values` are, in this order: $-u$, $u - v$, $u - c$, $c - u$, $u/v$, $u/c$, $c/u$, $c + u$, $c\,u$, with nodes $u$, $v$ and a plain number $c$.
#
# ### The logistic graph draws itself
#
# Lesson 03 again: $x_1 = 1.5$, $x_2 = 2.5$, $w_1 = -4$, $w_2 = 3$, $b = -1$, $y = 1$, so the loss is $-\log\hat y$. The drawing below is made from *your* graph: it follows your `parents`, and shows your `data` above each node, your `grad` below it, and your `slopes` on the edges.

# %%
with ex.once_built():
    x1, x2, w1, w2, b = (Value(number) for number in (1.5, 2.5, -4.0, 3.0, -1.0))
    z = w1 * x1 + w2 * x2 + b
    yhat = z.sigmoid()
    L = -yhat.log()
    L.backward()
    print(f"L = {L.data:.4f}  dL_dw1 = {w1.grad:.4f}  dL_dw2 = {w2.grad:.4f}  dL_db = {b.grad:.4f}")
    ex.draw_graph(L, x1=x1, x2=x2, w1=w1, w2=w2, b=b, z=z, yhat=yhat, L=L)

# %% [markdown]
# There are more nodes than in lesson 03, because the engine sees the program and not the formula: $w_1x_1 + w_2x_2 + b$ is two sums, and $-\log\hat y$ is a logarithm and a product with $-1$.

# %% [markdown]
# ### The 1-2-1 network
#
# The regression of lesson 02, with its three points and its starting values. The forward pass is written as if the parameters were numbers.

# %%
points = [(0.1, 1.2), (0.53, 3.2), (0.82, 1.1)]
start = [*np.random.RandomState(42).randn(4).tolist(), 0.0, 0.0, 0.0]


def fit_loss(w1, w2, w3, w4, b1, b2, b3):
    ssr = 0.0
    for x, y in points:
        blue = ((w1 * x + b1).exp() + 1).log()  # softplus
        orange = ((w2 * x + b2).exp() + 1).log()
        ssr = ssr + (y - (w3 * blue + w4 * orange + b3)) ** 2
    return ssr


# %%
with ex.once_built():
    theta = [Value(number) for number in start]
    ssr = fit_loss(*theta)
    ssr.backward()
    print(f"SSR = {ssr.data:.6f}, a graph of {len(ssr.order())} nodes")
    print({name: round(float(node.grad), 6) for name, node in zip(["w1", "w2", "w3", "w4", "b1", "b2", "b3"], theta)})

# %% [markdown]
# These are the seven gradients of lesson 02, and nobody has derived anything. Gradient descent needs three more lines.

# %%
with ex.once_built():
    for _ in range(200):
        theta = [Value(node.data - 0.01 * node.grad) for node in theta]  # a step, into fresh leaves
        ssr = fit_loss(*theta)
        ssr.backward()
    print(f"after 200 steps with alpha = 0.01: SSR = {ssr.data:.6f}")

# %% [markdown]
# ### The 4-4-2 network
#
# The network of lesson 04, with its softmax and its squared error. Lists of nodes take the place of matrices. Before you run it: which gradient did published notes print with the wrong sign, and which row was exactly 0?

# %%
x = [2.0, 5.0, 3.0, 3.0]
W1 = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0.0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
W2 = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]


def network_loss(W1, W2):
    a1 = [sum(w * entry for w, entry in zip(row, x)).sigmoid() for row in W1]
    exponentials = [sum(w * a for w, a in zip(row, a1)).exp() for row in W2]
    yhat = [e / sum(exponentials) for e in exponentials]
    return (yhat[0] - 1.0) ** 2 + yhat[1] ** 2


# %%
with ex.once_built():
    nodes1 = [[Value(w) for w in row] for row in W1]
    L = network_loss(nodes1, [[Value(w) for w in row] for row in W2])
    L.backward()
    grad = np.array([[node.grad for node in row] for row in nodes1])
    print(f"L = {L.data:.6f}, a graph of {len(L.order())} nodes")
    print(f"dL/dw_131 = {grad[2, 0]:+.6f}, and in the first row nothing is larger than {np.abs(grad[0]).max():.0e}")

    W1_t, W2_t = (torch.tensor(W, dtype=torch.float64, requires_grad=True) for W in (W1, W2))
    yhat_t = torch.softmax(W2_t @ torch.sigmoid(W1_t @ torch.tensor(x, dtype=torch.float64)), dim=0)
    ((yhat_t - torch.tensor([1.0, 0.0])) ** 2).sum().backward()
    print("as PyTorch has it, to rounding:", np.allclose(grad, W1_t.grad.numpy(), rtol=1e-10, atol=1e-15))

# %% [markdown]
# ### Exercise 10: any expression
#
# A list of operations as in lesson 03, with more of them. Now one walk is enough: build the graph with your engine, and let `backward()` do the rest. The leaves and the table of operations are there. The places after an operation's name say which nodes it takes.


# %% nbgrader={"grade": false, "grade_id": "run_graph-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
OPERATIONS = {
    **{"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b},
    **{"square": lambda a: a**2, "inverse": lambda a: 1 / a, "exp": lambda a: a.exp(), "log": lambda a: a.log()},
    **{"relu": lambda a: a.relu(), "sigmoid": lambda a: a.sigmoid(), "tanh": lambda a: a.tanh()},
}


def run_graph(values, ops):
    """Return L, the value of the last node, and dL_dvalues (n,); values has shape (n,), ops is a list like ("mul", 0, 1)."""
    leaves = [Value(float(value)) for value in values]
    nodes = list(leaves)
    ### BEGIN SOLUTION
    for name, *places in ops:
        nodes.append(OPERATIONS[name](*(nodes[place] for place in places)))
    nodes[-1].backward()
    ### END SOLUTION
    return nodes[-1].data, [leaf.grad for leaf in leaves]


# %% nbgrader={"grade": true, "grade_id": "run_graph", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.run_graph.check(run_graph)
### BEGIN HIDDEN TESTS
ex.run_graph.check(run_graph, seed=24809, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: run_graph -->

# %% [markdown]
# ## 7. Ten thousand nodes
#
# Take $a \leftarrow w\,a + x$, beginning with $a = x$, many times over. It is the bare bones of a recurrent network, and its graph is a long chain. What will your `order` do on a chain of 10,000 nodes?

# %%
with ex.once_built():
    x, w = Value(0.5), Value(0.9)
    a = x
    for _ in range(5_000):
        a = w * a + x
    try:
        a.backward()
        print("dL_dx =", x.grad)
    except RecursionError as error:
        print("RecursionError:", error)

# %% [markdown]
# If `order` calls itself for each parent, ten thousand calls stand inside one another. Python allows about a thousand. PyTorch does not work that way, and neither should we.
#
# ### Exercise 11: open, an order without recursion
#
# Write `long_order`, with the same promise as `order`, and without a function that calls itself. Then put it into the class: `Value.order = long_order`. The rest of the function is there.


# %% nbgrader={"grade": false, "grade_id": "deep_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deep_chain(x, w, n):
    """Return L, dL_dx, dL_dw for a = x, then n times a = w*a + x, and L the last a; n may be 5000."""
    ### BEGIN SOLUTION

    def long_order(self):
        nodes, visited, waiting = [], set(), [(self, False)]
        while waiting:
            node, ready = waiting.pop()
            if ready:
                nodes.append(node)
            elif node not in visited:
                visited.add(node)
                waiting.append((node, True))
                waiting += [(parent, False) for parent in node.parents]
        return nodes

    Value.order = long_order
    ### END SOLUTION
    x, w = Value(float(x)), Value(float(w))
    a = x
    for _ in range(n):
        a = w * a + x
    a.backward()
    return a.data, x.grad, w.grad


# %% nbgrader={"grade": true, "grade_id": "deep_chain", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.deep_chain.check(deep_chain)
### BEGIN HIDDEN TESTS
ex.deep_chain.check(deep_chain, seed=66502, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: deep_chain -->

# %% [markdown]
# Why is each node met twice? Because it may enter the order only after its parents. The first meeting sends the parents ahead. At the second they are all there.
#
# ## 8. The other direction
#
# The chain rule can also be applied from front to back. Let everything move with a parameter $t$, and let $\dot u$ be the speed of $u$, $\frac{du}{dt}$. If the speeds of $u$ and $v$ are known, so is the speed of anything made from them:
#
# $$(u + v)^{\boldsymbol\cdot} = \dot u + \dot v, \qquad (uv)^{\boldsymbol\cdot} = \dot u\,v + u\,\dot v, \qquad f(u)^{\boldsymbol\cdot} = f'(u)\,\dot u.$$
#
# So each number carries its speed along, a pair called a **dual number**. Nothing has to be remembered, no graph, no order, no way back: when the value is there, the derivative is there. This is **forward mode**.
#
# Dual numbers can also be read as algebra: write $u + \dot u\,\varepsilon$, reckon as usual, and put $\varepsilon^2 = 0$. Then $(u + \dot u\,\varepsilon)(v + \dot v\,\varepsilon) = uv + (\dot u v + u\dot v)\,\varepsilon$, the product rule.
#
# ### Exercise 12: dual numbers
#
# Write the three rules. The speed goes by the name `dot`.


# %% nbgrader={"grade": false, "grade_id": "dual-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Dual:
    """A number and its speed."""

    def __init__(self, data, dot):
        self.data, self.dot = data, dot

    def __add__(self, other):
        """Return self + other, a Dual; other is a Dual."""
        ### BEGIN SOLUTION
        return Dual(self.data + other.data, self.dot + other.dot)
        ### END SOLUTION

    def __mul__(self, other):
        """Return self * other, a Dual; other is a Dual."""
        ### BEGIN SOLUTION
        return Dual(self.data * other.data, self.dot * other.data + self.data * other.dot)
        ### END SOLUTION

    def tanh(self):
        """Return tanh(self), a Dual."""
        ### BEGIN SOLUTION
        value = np.tanh(self.data)
        return Dual(value, (1 - value**2) * self.dot)
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dual", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.dual.check(Dual)
### BEGIN HIDDEN TESTS
ex.dual.check(Dual, seed=83055, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: dual -->

# %% [markdown]
# To get $\frac{\partial L}{\partial w_k}$, let $w_k$ move with speed 1 and keep everything else still. That is one pass, and it answers for one parameter.
#
# ![](../img/two_modes.svg)
#
# All derivatives of all outputs make a table, the Jacobian: a row for each output, a column for each input. One pass of forward mode fills a column. One pass of reverse mode fills a row.
#
# ### Exercise 13: a prediction
#
# A program has 300 inputs and 7 outputs, and you want the whole table. How many passes does forward mode need, and how many backward passes does reverse mode need?


# %% nbgrader={"grade": false, "grade_id": "passes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def passes():
    """Return your prediction of forward_passes and reverse_passes, for 300 inputs and 7 outputs."""
    ### BEGIN SOLUTION
    return 300, 7
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "passes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.passes.check(passes)
### BEGIN HIDDEN TESTS
ex.passes.check(passes)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: passes -->

# %% [markdown]
# In training there is a single output, the loss, and there may be millions of inputs, the parameters. That is why it is reverse mode that trains networks. Measure it with your own two engines. The program is the same for both:


# %%
def chain_loss(w):
    a = w[0]
    for factor in w[1:]:
        a = (a * factor + factor).tanh()
    return a


def cost(parameters):
    """Seconds of computing for all derivatives of one loss, by your Value and by your Dual."""
    numbers = np.linspace(-1, 1, parameters).tolist()
    begin = time.process_time()
    leaves = [Value(number) for number in numbers]
    chain_loss(leaves).backward()
    middle = time.process_time()
    forward = [chain_loss([Dual(number, float(j == k)) for j, number in enumerate(numbers)]).dot for k in range(parameters)]
    end = time.process_time()
    assert np.allclose(forward, [leaf.grad for leaf in leaves])
    return middle - begin, end - middle


# %% [markdown]
# Before you run the next cell: if there are ten times as many parameters, the program itself takes ten times as long. How much longer will each mode take for all derivatives?

# %%
with ex.once_built("your engine and your dual numbers"):
    counts = [4, 8, 16, 40, 80, 160]
    reverse, forward = np.transpose([np.min([cost(count) for _ in range(3)], axis=0) for count in counts])
    fig, ax = plt.subplots(figsize=(7, 3.3))
    ax.loglog(counts, forward, "s--", label="forward mode, one pass a parameter")
    ax.loglog(counts, reverse, "o-", label="reverse mode, one pass for all")
    ax.set(xlabel="number of parameters", ylabel="seconds")
    ax.grid(alpha=0.3)
    ax.legend()
    print(
        f"16 to 160 parameters: reverse mode {reverse[-1] / reverse[2]:.0f} times, forward mode {forward[-1] / forward[2]:.0f} times as long"
    )

# %% [markdown]
# Both give the same derivatives; the cell would have stopped if not. Reverse mode grows like the program, forward mode like the program times the number of parameters.
#
# Forward mode has its place. It needs no memory for a graph, and with one input and many outputs it is the cheaper one. Reverse mode pays for its speed by keeping every node until the way back has passed it.
#
# ## Where to go next
#
# - **Vector-Jacobian products.** Our nodes are numbers. A framework's nodes are arrays, and the slope on an edge would be a whole Jacobian matrix $J$, far too large to store. It is not needed. What `pass_back` does is multiply the gradient by the slope, and for arrays that is $J^{\mathsf T} g$ with the gradient $g$ of the node. Each operation has a rule for that product, which never forms $J$. For $y = Wx$ it is $W^{\mathsf T} g$, as in lesson 04. Forward mode multiplies from the other side, $J\,\dot x$.
# - **Checkpointing.** If memory is short, keep only some of the nodes, and work the others out once more when the way back comes to them. For a chain of $n$ steps, keeping about $\sqrt n$ of them costs one more forward pass and brings the memory from about $n$ down to about $2\sqrt n$. PyTorch has it as `torch.utils.checkpoint`.
# - **No backward pass at all.** There is little evidence that a brain sends gradients back the way they came. The forward-forward algorithm (Hinton, 2022, [arXiv 2212.13345](https://arxiv.org/abs/2212.13345)) trains each layer on its own: it should respond strongly to real data and weakly to made-up data, and nothing is passed back between layers.
#
# ## What to remember
#
# - A node keeps its number, its parents, and the slope on the edge from each. The forward pass leaves behind all that the way back needs.
# - On the way back a node adds slope times gradient to each parent. `+=`, also where one parent occurs twice.
# - A node may pass on its gradient when all its users have. A topological order from its end does that.
# - Visit each node once. A list of your own can do what recursion does, and does not run out of depth.
# - Clear before you add, and begin with $\frac{\partial L}{\partial L} = 1$.
# - Forward mode fills a column of the Jacobian, reverse mode a row. Training wants one row.
#
# You have built the machine that has checked you since lesson 01.
