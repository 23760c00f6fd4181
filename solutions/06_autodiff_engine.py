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
# **After this lesson you can** write a small **automatic differentiation** engine: a class whose objects record the computation graph, and a method `backward()` that computes all gradients. In the first half its nodes are numbers, and it runs the networks of lessons 02 to 04. In the second half they are arrays, and it trains the network of lesson 05, step for step as PyTorch does. You also know forward mode, a check for a whole gradient, and how to get second derivatives.
#
# **Time** about five hours. Good places for a break are after section 5 and after section 8, where the first half ends. **You need** lessons [03](03_computation_graph.ipynb) and [04](04_multipath_gradients.ipynb), and Python classes: `__init__`, methods, `self`. The second half and one of the quick questions need lesson [05](05_layers_and_batches.ipynb).

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import autodiff_engine as ex
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {cure}") from None

import time

import matplotlib.pyplot as plt
import numpy as np
import torch

plt.style.use("backprop.drawing.lesson")

# %%
course_map(ex)

# %% [markdown]
# ## Three quick questions
#
# They are about the lessons before this one, and they earn no points. Use pencil and paper.
#
# 1. $p = uv$ and $L = p + u$. What is $\frac{\partial L}{\partial u}$ at $u = 2$, $v = 5$?
# 2. A dense layer $Z = XW + b$ has a batch of 32 examples, 4 inputs and 3 units. One entry of $\frac{\partial L}{\partial b}$ is a sum: of how many terms?
# 3. A network has one input, two hidden layers with 3 units each, and one output; each unit is connected to all units of the next layer. How many paths lead from the input to the output?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_06-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_06():
    """Return dL_du, terms_in_dL_db and paths, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return 6, 32, 9
    ### END SOLUTION


# %%
ex.recall_06.check(recall_06)

# %% [markdown]
# <!-- hints: recall_06 -->

# %% [markdown]
# ## 1. What a node stores
#
# In lesson 03 a graph was a list of operations, which somebody had to write. In PyTorch you write `w * x + b`, and the graph exists. How?
#
# The variables are objects, not plain numbers. When two of them are multiplied, Python calls a method of their class. The method returns a new object that contains the result and **references to its parents**, which are the two factors. So the graph is recorded while the program runs.
#
# ![](../img/engine_node.svg)
#
# A node can store one more thing. When the product $p = uv$ is computed, $u$ and $v$ are known numbers, so the **local derivatives** $\frac{\partial p}{\partial u} = v$ and $\frac{\partial p}{\partial v} = u$ are known too. The node stores them, one for each edge, in an attribute called `slopes`. These stored values are all that the backward pass needs.
#
# ### Exercise 1: a prediction
#
# Let $q = x\cdot x$, $s = q + x$ and $L = s\cdot c$, with a constant $c$ that is a node too. An edge leads from each operand of an operation to its result. **Return** the number of nodes of this graph and the number of its edges, in this order.


# %% nbgrader={"grade": false, "grade_id": "nodes_and_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nodes_and_edges():
    """Return nodes and edges of the graph of q = x*x, s = q + x, L = s*c."""
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
# The first operation has $x$ twice among its operands, so **two** edges lead from $x$ to $q$, each with its own local derivative. This case is a common source of errors in such engines.

# %% [markdown]
# ### Exercise 2: the node
#
# Write the method `__init__` of a class `Value`. It returns nothing; it stores four attributes:
#
# | attribute | what it is |
# |---|---|
# | `data` | the value, a number |
# | `parents` | the nodes that it was computed from, a tuple; empty for a leaf |
# | `slopes` | a tuple with the local derivative with respect to each parent, in the same order |
# | `grad` | $\frac{\partial L}{\partial\,\text{this node}}$ after the backward pass, a sum to which terms are added. What is it at the start? |


# %% nbgrader={"grade": false, "grade_id": "node-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Value:
    """A number that stores what it was computed from."""

    def __init__(self, data, parents=(), slopes=()):
        """Store data, parents and slopes, and the initial value of grad."""
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
# From here on the lesson uses the class in the next cell. If yours has a mistake, later exercises are not affected. `as_node` makes a leaf of a plain number and returns a node unchanged.


# %%
class Value:
    """A number that stores what it was computed from."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes = data, parents, slopes
        self.grad = 0.0

    def __repr__(self):
        return f"Value(data={self.data:.6g}, grad={self.grad:.6g})"


def as_node(x):
    return x if isinstance(x, Value) else Value(x)


# %% [markdown]
# ## 2. Operations that store their local derivatives
#
# Python evaluates `a + b` as `a.__add__(b)`, and `a * b` as `a.__mul__(b)`. A method is a function that is an attribute of its class, and it can be assigned after the class has been made. So this lesson adds methods to `Value` cell by cell.
#
# ### Exercise 3: sums and products
#
# Which two local derivatives does a sum have, and which does a product have? **Return** from each function a new `Value` with the result, a tuple of its two parents and a tuple of the two local derivatives in the same order.


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
# The check computes $s = u + v$, $p = uv$, $q = u\,u$ and $r = u\,c$ with a plain number $c$. It multiplies the local derivatives along each path of your graph and adds over the paths. So an operation may also be composed of others.
#
# The next cell shows what is stored in the graph of exercise 1.

# %%
with ex.once_built("sums and products"):
    x = Value(3.0)
    q = x * x
    L = (q + x) * 5.0
    for name, node in {"L": L, "q": q}.items():
        print(f"{name} = {node}\n   parents {node.parents}\n   slopes  {node.slopes}")
    print("both parents of q are the same object:", q.parents[0] is q.parents[1])

# %% [markdown]
# ### Exercise 4: powers and activation functions
#
# These have one parent each. `z**n` is a power with a plain number $n$; the other five have no further argument. At 0, where ReLU has no derivative, use 0. Each local derivative is a function of the node's data or of the new value. **Return** from each function a new `Value` with the result, the tuple `(self,)` and a tuple with the one local derivative. If some of the six are not written yet, the check looks at the others.


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
# ## 3. The backward step of one node
#
# Suppose that the gradient of a node is complete. For each edge from a parent to this node, the gradient times the local derivative of that edge is one term of the parent's gradient. The complete gradient of a node is the sum of such terms, one for each edge that leads from it to a node that uses it.
#
# ### Exercise 5: a prediction
#
# An engine contains the line `parent.grad = slope * self.grad`, with `=` in place of `+=`. It runs on $q = x\cdot x$, $L = c\,q$ with $x = 3$, $c = 5$. **Return** the number that is in `x.grad` at the end.


# %% nbgrader={"grade": false, "grade_id": "two_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_edges():
    """Return x.grad in the engine that overwrites, for L = c*x*x, x = 3, c = 5."""
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
q = Value(9.0, (x, x), (3.0, 3.0))  # x * x, written by hand with its local derivatives
q.grad = 5.0  # dL_dq
for parent, slope in zip(q.parents, q.slopes):
    parent.grad = slope * q.grad  # the mistake
    print("after one edge, x.grad =", parent.grad)
x_true = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
(5 * x_true * x_true).backward()
print("PyTorch says", x_true.grad.item())

# %% [markdown]
# Half of the gradient is lost. The sum over the two edges is $5\cdot 3 + 5\cdot 3 = 30$, which is $5\cdot 2x$.
#
# ### Exercise 6: the backward step
#
# Here `self` is a node whose own gradient is complete. For each entry of `parents`, **add** one term to the `grad` of that parent. The function returns nothing.


# %% nbgrader={"grade": false, "grade_id": "pass_back-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pass_back(self):
    """Add to the grad of each parent the terms that come from this node."""
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
# The check makes one node with the parents $a, b, c, a$, gives their gradients some values beforehand, and calls `pass_back()` once.
#
# ## 4. In which order?
#
# A node may do its backward step only when its gradient is complete: after *all nodes that were computed from it* have done theirs.
#
# ![](../img/visiting_order.svg)
#
# In the figure $u$ is used twice, for $a$ and directly for $L$. On the left, the backward step of $u$ comes after that of $a$. On the right it comes too early: the term that $a$ adds to $u$'s gradient afterwards never reaches $x$. There is no error message, but the gradient of $x$ is wrong.
#
# So we need a **topological order**: a list of the nodes in which every node comes after its parents. The backward pass takes this list from its end. In lesson 03 the list of operations was in such an order. Here there is no list, and we have to find an order from the parents alone.
#
# The next picture steps through the 1-2-1 network of lesson 02, forward in such an order and then backward. Press *Next* until the gradient of $z_1^{[2]}$ is there, and stop. Which nodes could come next? Is $x$ one of them?

# %%
from backprop.pictures import step_through

step_through("one_two_one")

# %% [markdown]
# Five could come next, the parents of $z_1^{[2]}$: two weights, a bias and two activations. Their order among themselves does not matter. $x$ is not one of them: its gradient has terms from both hidden units, whose gradients are not there yet.
#
# ### Exercise 7: a topological order
#
# **Return** a list of all nodes from which `self` was computed, directly or indirectly, each of them once, every node after its parents, and `self` last. A recursive function does this in a few lines. To recognise a node that has been visited, keep a set of the nodes, or of their `id(node)`.


# %% nbgrader={"grade": false, "grade_id": "order-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def order(self):
    """Return all nodes of the graph that ends in self, each after its parents."""
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
# There are usually many topological orders, so the check does not compare with one. It counts: the length of your list, the different nodes in it, and the edges whose parent comes before the child. It builds its graphs with your class alone, without operations; you can do the same with `ex.build`.

# %%
inputs = ex.order.inputs(0)
nodes = ex.build(Value, np.linspace(0.5, 1.5, inputs["leaves"]), inputs["edges"])
names = {id(node): f"n{place}" for place, node in enumerate(nodes)}
for node in nodes:
    print(names[id(node)], "has the parents", [names[id(parent)] for parent in node.parents])
with ex.once_built("order"):
    print("your order:", [names[id(node)] for node in nodes[-1].order()])

# %% [markdown]
# ## 5. Backward
#
# ### Exercise 8: backward
#
# Three steps: set every gradient of the graph to 0, set the gradient of the output, and let each node do its backward step, in the right order. After `L.backward()` each node of the graph has $\frac{\partial L}{\partial\,\text{node}}$ in its `grad`, also if `backward()` is called a second time. The local `nodes` is the list from your `order`. The function returns nothing.


# %% nbgrader={"grade": false, "grade_id": "backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(self):
    """Store dL/dnode in the grad of every node of the graph that ends in self, L."""
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
# The check uses four graphs: `tree`, in which no node is used twice; `fork`, with a node that is used in several places and one that is both operands of an operation; `ladder`, with more than sixty paths; and `fork` once more with two calls of `backward()`, which the report calls `again`. Like the graphs of exercise 7 they are built without operations. To look at one, take `inputs = ex.backward.inputs(0)` and call `ex.build(Value, inputs["fork"], inputs["edges"]["fork"])`; the first nodes are the leaves, and the last one is the output.
#
# A second call of our `backward()` gives the same gradients, because the first step clears them. PyTorch's `.backward()` *adds* to the `.grad` of a leaf instead, and the caller has to clear it.

# %%
with ex.once_built():
    x = Value(3.0)
    L = (x * x + x) * 5.0
    L.backward()
    print("dL_dx =", x.grad, "  by hand: 5 (2x + 1) =", 5 * (2 * 3 + 1))

# %% [markdown]
# ## 6. The other operators
#
# Some operators are still missing: `-u`, `u - v`, `u / v`. And `2 * u` fails as well: Python calls `(2).__mul__(u)` first, and the class of 2 does not know ours. Then Python tries the **reversed** operator, `u.__rmul__(2)`.
#
# ### Exercise 9: the other operators
#
# You need no new local derivatives. Each of these operators can be written with a sum, a product and a power, and then the local derivatives are right as well. In `reversed_subtract`, what is subtracted from what? **Return** a new node from each function.


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
Value.__radd__, Value.__rmul__ = add, multiply  # here the order does not matter
Value.__rsub__, Value.__rtruediv__ = reversed_subtract, reversed_divide


# %% nbgrader={"grade": true, "grade_id": "arithmetic", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.arithmetic.check(Value)
### BEGIN HIDDEN TESTS
ex.arithmetic.check(Value, seed=51386, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: arithmetic -->

# %% [markdown]
# The nine entries of `values` in the report are, in this order: $-u$, $u - v$, $u - c$, $c - u$, $u/v$, $u/c$, $c/u$, $c + u$, $c\,u$, with nodes $u$, $v$ and a plain number $c$.
#
# ### The graph of logistic regression
#
# The example of lesson 03: $x_1 = 1.5$, $x_2 = 2.5$, $w_1 = -4$, $w_2 = 3$, $b = -1$, $y = 1$, so the loss is $-\log\hat y$. The drawing below is made from *your* graph: it follows your `parents`, and shows your `data` above each node, your `grad` below it, and your `slopes` on the edges.

# %%
with ex.once_built():
    x1, x2, w1, w2, b = (Value(number) for number in (1.5, 2.5, -4.0, 3.0, -1.0))
    z = w1 * x1 + w2 * x2 + b
    yhat = z.sigmoid()
    L = -yhat.log()
    L.backward()
    print(f"L = {L.data:.4f}")
    print(f"dL_dw1 = {w1.grad:.4f}  dL_dw2 = {w2.grad:.4f}  dL_db = {b.grad:.4f}")
    ex.draw_graph(L, x1=x1, x2=x2, w1=w1, w2=w2, b=b, z=z, yhat=yhat, L=L)

# %% [markdown]
# There are more nodes than in lesson 03, because the engine records each operation of the program: $w_1x_1 + w_2x_2 + b$ is two sums, and $-\log\hat y$ is a logarithm and a product with $-1$.

# %% [markdown]
# ### The 1-2-1 network
#
# The regression of lesson 02, with its three points and its initial parameters. The forward pass is written as if the parameters were numbers.

# %%
points = [(0.1, 1.2), (0.53, 3.2), (0.82, 1.1)]
initial = [*np.random.RandomState(42).randn(4).tolist(), 0.0, 0.0, 0.0]


def fit_loss(w1, w2, w3, w4, b1, b2, b3):
    ssr = 0.0
    for x, y in points:
        blue = ((w1 * x + b1).exp() + 1).log()  # softplus
        orange = ((w2 * x + b2).exp() + 1).log()
        ssr = ssr + (y - (w3 * blue + w4 * orange + b3)) ** 2
    return ssr


# %%
with ex.once_built():
    theta = [Value(number) for number in initial]
    ssr = fit_loss(*theta)
    ssr.backward()
    print(f"SSR = {ssr.data:.6f}, a graph of {len(ssr.order())} nodes")
    for name, node in zip(["w1", "w2", "w3", "w4", "b1", "b2", "b3"], theta):
        print(f"dSSR_d{name} = {node.grad:.6f}")

# %% [markdown]
# These are the seven gradients of lesson 02, without a derivation by hand. Gradient descent needs only a loop around this.

# %%
with ex.once_built():
    theta = [Value(number) for number in initial]
    for _ in range(200):
        fit_loss(*theta).backward()
        theta = [Value(node.data - 0.01 * node.grad) for node in theta]  # the step, into new leaves
    ssr = fit_loss(*theta)
    print(f"after 200 steps with alpha = 0.01: SSR = {ssr.data:.6f}")

# %% [markdown]
# ### The 4-4-2 network
#
# The network of lesson 04, with its softmax and its squared error. Lists of nodes take the place of matrices. Which sign has the derivative of $L$ with respect to $w_{1\to 3}^{[1]}$, which is a sum over four paths? And which row of the gradient of $W^{[1]}$ is exactly 0?

# %%
x = [2.0, 5.0, 3.0, 3.0]
W1 = [
    *([0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5]),
    *([-0.3, 0.0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]),
]
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
    print(f"dL/dW1[2, 0] = {grad[2, 0]:+.6f}")
    print(f"largest absolute entry of the first row: {np.abs(grad[0]).max():.0e}")

    W1_t, W2_t = (torch.tensor(W, dtype=torch.float64, requires_grad=True) for W in (W1, W2))
    a1_t = torch.sigmoid(W1_t @ torch.tensor(x, dtype=torch.float64))
    yhat_t = torch.softmax(W2_t @ a1_t, dim=0)
    ((yhat_t - torch.tensor([1.0, 0.0])) ** 2).sum().backward()
    same = np.allclose(grad, W1_t.grad.numpy(), rtol=1e-10, atol=1e-15)
    print("equal to PyTorch's gradient up to rounding:", same)

# %% [markdown]
# ### Exercise 10: any expression
#
# A list of operations as in lesson 03, with more kinds of them: build the graph with your engine, then call `backward()`. The leaves and the table of operations are written. The numbers after an operation's name say which nodes are its operands. **Return** the number `L` and the list of the leaves' gradients, in the order of `values`.


# %% nbgrader={"grade": false, "grade_id": "run_graph-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
OPERATIONS = {
    **{"add": lambda a, b: a + b, "sub": lambda a, b: a - b},
    **{"mul": lambda a, b: a * b, "div": lambda a, b: a / b},
    **{"square": lambda a: a**2, "inverse": lambda a: 1 / a},
    **{"exp": lambda a: a.exp(), "log": lambda a: a.log(), "relu": lambda a: a.relu()},
    **{"sigmoid": lambda a: a.sigmoid(), "tanh": lambda a: a.tanh()},
}


def run_graph(values, ops):
    """Return L, the value of the last node, and the gradients of the leaves.

    values (n,), ops: a list of entries like ("mul", 0, 1)
    ->  L, dL_dvalues (n,)
    """
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
# Start with $a = x$ and repeat $a \leftarrow w\,a + x$ many times. This is a minimal recurrent network, and its graph is a long chain. What will your `order` do on a chain of 10,000 nodes?

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
# If `order` is recursive, ten thousand calls are nested, and by default Python allows only about a thousand. PyTorch uses no recursion here, and neither should we.
#
# ### Exercise 11: open, an order without recursion
#
# Inside `deep_chain`, write a function `long_order(self)`, which returns the same kind of list as `order`, without recursion. Below it, assign it: `Value.order = long_order`. The rest of `deep_chain` is written. `L` uses `a` three times, so an order that is not topological gives wrong gradients. **Return** the numbers `L`, `dL_dx` and `dL_dw`, in this order.


# %% nbgrader={"grade": false, "grade_id": "deep_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deep_chain(x, w, n):
    """Return L, dL_dx, dL_dw, three numbers; n may be 5000.

    a = x, then n times a = w*a + x, then L = a + w*a*(a + x)
    """
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
    L = a + w * a * (a + x)
    L.backward()
    return L.data, x.grad, w.grad


# %% nbgrader={"grade": true, "grade_id": "deep_chain", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.deep_chain.check(deep_chain)
### BEGIN HIDDEN TESTS
ex.deep_chain.check(deep_chain, seed=66502, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: deep_chain -->

# %% [markdown]
# In the solution each node is taken from the list of waiting nodes twice, because it may enter the order only after its parents. The first time its parents are added to the waiting nodes. The second time they are all in the order.
#
# ## 8. Forward mode
#
# The chain rule can also be applied from the inputs to the output. Let all numbers depend on a variable $t$, and let $\dot u = \frac{du}{dt}$. If $\dot u$ and $\dot v$ are known, so is the derivative of whatever is computed from $u$ and $v$:
#
# $$(u + v)^{\boldsymbol\cdot} = \dot u + \dot v, \qquad (uv)^{\boldsymbol\cdot} = \dot u\,v + u\,\dot v, \qquad f(u)^{\boldsymbol\cdot} = f'(u)\,\dot u.$$
#
# So each number is stored together with its derivative; such a pair is called a **dual number**. The derivative of the result is computed together with its value. There is no graph to store and no backward pass. This is **forward mode**. What the lessons have used so far is called **reverse mode**.
#
# Dual numbers also have an algebra: write $u + \dot u\,\varepsilon$, calculate as usual, and set $\varepsilon^2 = 0$. Then $(u + \dot u\,\varepsilon)(v + \dot v\,\varepsilon) = uv + (\dot u v + u\dot v)\,\varepsilon$, which contains the product rule.
#
# ### Exercise 12: dual numbers
#
# Write the three rules. The derivative $\dot u$ is the attribute `dot`. **Return** a new `Dual` from each method.


# %% nbgrader={"grade": false, "grade_id": "dual-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Dual:
    """A number and its derivative with respect to t."""

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
# To get $\frac{\partial L}{\partial w_k}$, set $\dot w_k = 1$ and the derivative of every other input to 0. One such pass gives the derivative with respect to one parameter.
#
# ![](../img/two_modes.svg)
#
# The derivatives of all outputs with respect to all inputs form the **Jacobian**: a row for each output, a column for each input. One pass of forward mode computes a column. One backward pass of reverse mode computes a row.
#
# ### Exercise 13: a prediction
#
# A program has 300 inputs and 7 outputs, and you want the whole Jacobian. **Return** the number of passes that forward mode needs and the number of backward passes that reverse mode needs, in this order.


# %% nbgrader={"grade": false, "grade_id": "passes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def passes():
    """Return forward_passes and reverse_passes, for 300 inputs and 7 outputs."""
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
# In training there is one output, the loss, and there may be millions of inputs, the parameters. That is why networks are trained with reverse mode. The next cells measure both modes with your two classes, on the same program.


# %%
def chain_loss(w):
    a = w[0]
    for factor in w[1:]:
        a = (a * factor + factor).tanh()
    return a


def cost(parameters):
    """Return the seconds that Value and Dual take for all derivatives of one loss."""
    numbers = np.linspace(-1, 1, parameters).tolist()
    begin = time.perf_counter()
    leaves = [Value(number) for number in numbers]
    chain_loss(leaves).backward()
    middle = time.perf_counter()
    forward = []
    for k in range(parameters):
        w = [Dual(number, float(j == k)) for j, number in enumerate(numbers)]
        forward.append(chain_loss(w).dot)
    end = time.perf_counter()
    assert np.allclose(forward, [leaf.grad for leaf in leaves])
    return middle - begin, end - middle


# %% [markdown]
# With ten times as many parameters the program itself takes ten times as long. How many times as long will each mode take for all derivatives? Predict, then run the cell.

# %%
with ex.once_built("your engine and your dual numbers"):
    counts = [4, 8, 16, 40, 80, 160]
    fastest = [np.min([cost(count) for _ in range(3)], axis=0) for count in counts]
    reverse, forward = np.transpose(fastest)
    fig, ax = plt.subplots(figsize=(7, 3.3))
    ax.loglog(counts, forward, "s--", label="forward mode, one pass per parameter")
    ax.loglog(counts, reverse, "o-", label="reverse mode, one backward pass")
    ax.set(xlabel="number of parameters", ylabel="seconds")
    ax.grid(alpha=0.3)
    ax.legend()
    print("160 parameters in place of 16:")
    print(f"reverse mode takes {reverse[-1] / reverse[2]:.0f} times as long")
    print(f"forward mode takes {forward[-1] / forward[2]:.0f} times as long")

# %% [markdown]
# Both modes give the same derivatives; otherwise the `assert` would have stopped the cell. The time of reverse mode grows like the time of the program. The time of forward mode grows like the time of the program times the number of parameters. In general, all partial derivatives of one output cost at most a small constant times the program itself (Baur and Strassen, 1983).
#
# Forward mode needs no memory for a graph, and with one input and many outputs it is the cheaper mode. Reverse mode has to store every node until the backward pass has used it.
#
# **Where it comes from.** Reverse mode was described by Seppo Linnainmaa in 1970, for rounding errors. Paul Werbos proposed it for neural networks in 1974. Rumelhart, Hinton and Williams made it widely known in 1986, under the name back-propagation.
#
# **One question that joins two ideas.** Two losses $L_1$ and $L_2$ are computed from the same activations, and you want the gradients of $L_1 + L_2$. With your engine, what is in `w.grad` after `L1.backward()` and then `L2.backward()`? What would it be in PyTorch? Which single call gives the gradients that you want, and why is it cheaper than two?
#
# <details>
# <summary>Answer</summary>
#
# Your engine clears the gradients at the start of each call, so $\frac{\partial L_2}{\partial w}$ is left. PyTorch adds, so there it is the sum (with `retain_graph=True` at the first call). The call is `(L1 + L2).backward()`. The gradients at the shared activations are added first, and everything below them is then passed once in place of twice.
#
# </details>

# %% [markdown]
# # Second half: arrays
#
# Here the first half ends, and this is a good place for a break. In the second half the nodes of the engine become arrays. Then it trains the network of lesson 05, and two more tools follow: a check of a whole gradient with two evaluations of the loss, and second derivatives.
#
# ### Three quick questions
#
# They earn no points. Use pencil and paper.
#
# 1. A column $c$ of shape $(8, 1)$ is added to a matrix of shape $(8, 5)$. One entry of $\frac{\partial L}{\partial c}$ is a sum: of how many terms?
# 2. $Z = XW$ with shapes $(6, 4)$ and $(4, 3)$. One entry of $\frac{\partial L}{\partial X}$ is a sum: of how many terms?
# 3. $q = x\cdot x$ and $L = q + 3x$ with $x = 4$. Which number is in `x.grad` after `L.backward()`?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_arrays-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_arrays():
    """Return terms_in_dL_dc, terms_in_dL_dX and x_grad: three numbers."""
    ### BEGIN SOLUTION
    return 5, 3, 11
    ### END SOLUTION


# %%
ex.recall_arrays.check(recall_arrays)

# %% [markdown]
# <!-- hints: recall_arrays -->

# %% [markdown]
# ## 9. Rules in place of stored derivatives
#
# Your engine makes a node for each number. The network of lesson 05 has $2\cdot 24 + 24\cdot 12 + 12\cdot 2 = 360$ weights, and each is multiplied once for each of the 200 points: 72,000 product nodes for one forward pass. With arrays as nodes, $Z = XW$ is **one** node.
#
# What is the local derivative on an edge between arrays? It is the Jacobian: a row for each entry of the output, a column for each entry of the input.
#
# ### Exercise 14: a prediction
#
# $X$ has shape $(64, 200)$ and $W$ has shape $(200, 100)$: a batch of 64 and a layer of moderate size. **Return** the number of entries of the Jacobian of $Z = XW$ with respect to $W$, and the number of entries of $\frac{\partial L}{\partial W}$, in this order.


# %% nbgrader={"grade": false, "grade_id": "jacobian_size-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def jacobian_size():
    """Return entries_of_jacobian and entries_of_dL_dW: two numbers."""
    ### BEGIN SOLUTION
    return (64 * 100) * (200 * 100), 200 * 100
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "jacobian_size", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.jacobian_size.check(jacobian_size)
### BEGIN HIDDEN TESTS
ex.jacobian_size.check(jacobian_size)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: jacobian_size -->

# %%
outputs, inputs = 64 * 100, 200 * 100
print(f"Jacobian: {outputs * inputs:,} entries, {outputs * inputs * 8 / 1e9:.2f} GB in float64")
print(f"of these not 0, because z_nk depends on column k of W only: {200 / inputs:.0%}")
print(f"gradient of W: {inputs:,} entries")

# %% [markdown]
# No engine stores such a Jacobian. It is not needed: the backward pass only multiplies the upstream gradient $g$, written as a vector, by the transpose of the Jacobian. This **vector-Jacobian product** $J^{\mathsf T}g$ is often easy to compute without $J$. For $Z = XW$ and the weights it is $X^{\mathsf T}g$, with $g$ as a matrix again. The next cell computes it in both ways, for a small layer.

# %%
rng = np.random.default_rng(6)
X_few, W_few, g_few = rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))
J = torch.autograd.functional.jacobian(lambda W: torch.tensor(X_few) @ W, torch.tensor(W_few))
J = J.numpy().reshape(6, 8)  # a row for each of the 6 outputs, a column for each of the 8 weights
by_jacobian = (J.T @ g_few.reshape(6)).reshape(4, 2)
print("entries of J:", J.size, "  of these 0:", (J == 0).sum())
print("J.T g equals X.T @ g:", np.allclose(by_jacobian, X_few.T @ g_few))

# %% [markdown]
# So a node of an array engine does not store local derivatives. It stores a **rule**: a function that takes the upstream gradient and the values of the operands, and returns the contribution to each operand.
#
# ![](../img/array_node.svg)
#
# All else remains as it is: parents, order, clear, start with 1, add. Sections 10 and 11 write the rules, section 12 puts them into an engine.

# %% [markdown]
# ## 10. Broadcasting
#
# NumPy combines arrays of different shapes. It aligns the shapes at their **last** axis. An axis that is missing, or has length 1, is copied:
#
# | | shape | copied along |
# |---|---|---|
# | $a$ | `(4, 1, 3)` | the middle axis, 5 times |
# | $b$ | `(5, 3)`, read as `(1, 5, 3)` | the first axis, 4 times |
# | $a\cdot b$ | `(4, 5, 3)` | |
#
# From lesson 05 you know what this means for the gradient: what is copied in the forward pass is **summed** in the backward pass. There you knew the shapes. An engine has to do it for any shapes.
#
# ![](../img/undo_broadcast.svg)
#
# ### Exercise 15: undo a broadcast
#
# `grad` is the gradient of an operand as if the operand had the broadcast shape. `shape` is the operand's own shape. **Return** the gradient of the operand, an array of shape `shape`.


# %% nbgrader={"grade": false, "grade_id": "unbroadcast-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(grad, shape):
    """Return grad summed over the axes along which an array of this shape was copied.

    grad: an array; shape: a tuple that NumPy can broadcast to grad.shape
    """
    ### BEGIN SOLUTION
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "unbroadcast", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.unbroadcast.check(unbroadcast)
### BEGIN HIDDEN TESTS
ex.unbroadcast.check(unbroadcast, seed=28116, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: unbroadcast -->

# %% [markdown]
# The first rule is that of a sum $y = a + b$. Its local derivatives are 1, so each operand gets the upstream gradient, in its own shape. The next cell has it.


# %%
def add_rule(dL_dy, a, b):
    """Return dL_da and dL_db, in the shapes of a and b, for y = a + b."""
    return unbroadcast(dL_dy, a.shape), unbroadcast(dL_dy, b.shape)


with ex.once_built("unbroadcast"):
    for part in add_rule(np.ones((4, 5, 3)), np.zeros((4, 1, 3)), np.zeros((5, 3))):
        print("shape", part.shape, "  every entry is a sum of", int(part.flat[0]), "terms")

# %% [markdown]
# ### Exercise 16: the elementwise product
#
# $y = a\cdot b$, entry by entry, with broadcasting. **Return** `dL_da` in the shape of $a$ and `dL_db` in the shape of $b$, in this order.


# %% nbgrader={"grade": false, "grade_id": "multiply_rule-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def multiply_rule(dL_dy, a, b):
    """Return dL_da and dL_db, in the shapes of a and b, for y = a * b."""
    ### BEGIN SOLUTION
    return unbroadcast(dL_dy * b, a.shape), unbroadcast(dL_dy * a, b.shape)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multiply_rule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.multiply_rule.check(multiply_rule)
### BEGIN HIDDEN TESTS
ex.multiply_rule.check(multiply_rule, seed=50342, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: multiply_rule -->

# %% [markdown]
# ## 11. Products, sums, maxima, indices
#
# ### Exercise 17: the matrix product
#
# $Y = AB$, where both factors are matrices. It is the dense layer of lesson 05 without the bias. **Return** `dL_dA` in the shape of $A$ and `dL_dB` in the shape of $B$, in this order.


# %% nbgrader={"grade": false, "grade_id": "matmul_rule-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def matmul_rule(dL_dY, A, B):
    """Return dL_dA and dL_dB for Y = A @ B.

    dL_dY (N, K), A (N, D), B (D, K)  ->  dL_dA (N, D), dL_dB (D, K)
    """
    ### BEGIN SOLUTION
    return dL_dY @ B.T, A.T @ dL_dY
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "matmul_rule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.matmul_rule.check(matmul_rule)
### BEGIN HIDDEN TESTS
ex.matmul_rule.check(matmul_rule, seed=71938, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: matmul_rule -->

# %% [markdown]
# ### Exercise 18: the sum along an axis
#
# `x.sum(axis=1)` adds along one axis, and that axis is gone in the result. With `keepdims=True` it stays, with length 1. With `axis=None` everything is added, and the result is one number. The backward pass does the opposite of `unbroadcast`: every term of a sum gets the upstream gradient of that sum. `dL_dy` has the shape of the result; with `axis=None` that is one number, or an array with one entry where `keepdims` is true.
#
# **Return** `dL_dx`, an array of the shape of $x$.


# %% nbgrader={"grade": false, "grade_id": "sum_rule-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sum_rule(dL_dy, x, axis, keepdims):
    """Return dL_dx, in the shape of x, for y = x.sum(axis=axis, keepdims=keepdims).

    axis: an int or None; dL_dy has the shape of y
    """
    ### BEGIN SOLUTION
    if axis is not None and not keepdims:
        dL_dy = np.expand_dims(dL_dy, axis)
    return dL_dy * np.ones_like(x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sum_rule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.sum_rule.check(sum_rule)
### BEGIN HIDDEN TESTS
ex.sum_rule.check(sum_rule, seed=16075, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: sum_rule -->

# %% [markdown]
# ### Exercise 19: the maximum along an axis
#
# If an entry that is not the largest grows a little, the maximum does not change. If the largest one grows, the maximum grows by the same amount. You may call your `sum_rule`. In the check no two entries are equal.
#
# **Return** `dL_dx`, an array of the shape of $x$.


# %% nbgrader={"grade": false, "grade_id": "max_rule-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_rule(dL_dy, x, axis, keepdims):
    """Return dL_dx, in the shape of x, for y = x.max(axis=axis, keepdims=keepdims).

    axis: an int or None; dL_dy has the shape of y
    """
    ### BEGIN SOLUTION
    is_largest = x == x.max(axis=axis, keepdims=True)
    return np.where(is_largest, sum_rule(dL_dy, x, axis, keepdims), 0.0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "max_rule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.max_rule.check(max_rule)
### BEGIN HIDDEN TESTS
ex.max_rule.check(max_rule, seed=93214, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: max_rule -->

# %% [markdown]
# If two entries are equally large, there is no derivative, and a convention is needed, as for ReLU at 0. PyTorch's `amax` divides what arrives equally between the two. The solution gives all of it to each, which is simpler and less good: if both entries grow together, the maximum grows by the same amount, but the two gradients predict twice as much.
#
# ### Exercise 20: indexing
#
# `x[key]` takes entries out of an array. The key may be a slice, a column `(slice(None), 2)`, which means `x[:, 2]`, an array of row numbers, or a pair of lists with the rows and the columns of single entries. Some entries are taken several times, others not at all.
#
# **Return** `dL_dx`, an array of the shape of $x$.


# %% nbgrader={"grade": false, "grade_id": "index_rule-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def index_rule(dL_dy, x, key):
    """Return dL_dx, in the shape of x, for y = x[key]; dL_dy has the shape of y."""
    ### BEGIN SOLUTION
    dL_dx = np.zeros_like(x)
    np.add.at(dL_dx, key, dL_dy)
    return dL_dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "index_rule", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.index_rule.check(index_rule)
### BEGIN HIDDEN TESTS
ex.index_rule.check(index_rule, seed=40857, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: index_rule -->

# %% [markdown]
# ## 12. The engine
#
# A node is now called `Tensor`, as in PyTorch. In place of `slopes` it has the attribute `rule`. Nodes are numbered as they are made, and a node is always made after its parents. So the nodes, sorted by their numbers, are in a topological order, and no recursion is needed. The method `graph` returns them from the last to the first, in the order of the backward pass.


# %%
class Tensor:
    """An array that stores what it was computed from."""

    __array_ufunc__ = None  # so that array * tensor asks the tensor
    made = 0

    def __init__(self, data, parents=(), rule=None):
        self.data, self.parents, self.rule = np.asarray(data, dtype=float), parents, rule
        self.grad = np.zeros_like(self.data)
        Tensor.made += 1
        self.number = Tensor.made

    def contributions(self):
        """Return what this node passes to each parent, in their order."""
        return self.rule(self.grad) if self.parents else ()


# %%
def graph(self):
    """Return all nodes from which self was computed, each before its parents."""
    found, waiting = {self}, [self]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return sorted(found, key=lambda node: node.number, reverse=True)


Tensor.graph = graph

# %% [markdown]
# The next cell makes an operation on `Tensor`s out of a NumPy function and its rule. In the forward pass it applies the function. The rule waits in the new node until the backward pass calls it with the upstream gradient.


# %%
def operation(function, rule):
    """Return a function that makes a new Tensor and records the rule."""

    def apply(*operands, **settings):
        parents = [x if isinstance(x, Tensor) else Tensor(x) for x in operands]
        values = [parent.data for parent in parents]

        def contributions(dL_dy):
            found = rule(dL_dy, *values, **settings)
            return found if isinstance(found, tuple) else (found,)

        return Tensor(function(*values, **settings), parents, contributions)

    return apply


# %%
Tensor.__add__ = Tensor.__radd__ = operation(np.add, lambda *given: add_rule(*given))
Tensor.__mul__ = Tensor.__rmul__ = operation(np.multiply, lambda *given: multiply_rule(*given))
Tensor.__matmul__ = operation(np.matmul, lambda *given: matmul_rule(*given))
Tensor.__rmatmul__ = lambda self, left: Tensor(left) @ self

sum_along = operation(np.sum, lambda *given, **how: sum_rule(*given, **how))
max_along = operation(np.max, lambda *given, **how: max_rule(*given, **how))
entries = operation(lambda x, key: x[key], lambda *given, **how: index_rule(*given, **how))


def sum_of(self, axis=None, keepdims=False):
    return sum_along(self, axis=axis, keepdims=keepdims)


def max_of(self, axis=None, keepdims=False):
    return max_along(self, axis=axis, keepdims=keepdims)


Tensor.sum, Tensor.max = sum_of, max_of
Tensor.__getitem__ = lambda self, key: entries(self, key=key)

# %% [markdown]
# (Each `lambda` looks your rule up when it is called. So if you correct a rule later, the engine uses the new one at once.)
#
# The functions of one number have rules that you know: each entry has its own local derivative. Differences and quotients are put together from the others, as in section 6.


# %%
def elementwise(function, slope):
    """Return the operation that applies function to each entry, with its derivative."""
    return operation(function, lambda dL_dy, x: dL_dy * slope(x))


Tensor.exp, Tensor.log = elementwise(np.exp, np.exp), elementwise(np.log, lambda x: 1 / x)
Tensor.tanh = elementwise(np.tanh, lambda x: 1 - np.tanh(x) ** 2)
Tensor.relu = elementwise(lambda x: np.maximum(0, x), lambda x: x > 0)
Tensor.cos = elementwise(np.cos, lambda x: -np.sin(x))
Tensor.T = property(operation(np.transpose, lambda dL_dy, x: dL_dy.T))
raised = operation(lambda x, n: x**n, lambda dL_dy, x, n: dL_dy * n * x ** (n - 1))
Tensor.__pow__ = lambda self, n: raised(self, n=n)
Tensor.__neg__ = lambda self: self * -1.0
Tensor.__sub__ = lambda self, other: self + other * -1.0
Tensor.__rsub__ = lambda self, other: self * -1.0 + other
Tensor.__truediv__ = lambda self, other: self * (other**-1.0)
Tensor.__rtruediv__ = lambda self, other: other * self**-1.0

# %% [markdown]
# ### Exercise 21: the backward pass on arrays
#
# Three steps again: every gradient of the graph becomes an array of zeros, the output's gradient becomes 1, and each node adds what its rule computes to the gradients of its parents. After `L.backward()` each node has $\frac{\partial L}{\partial\,\text{node}}$ in its `grad`, in the shape of its `data`, also after a second call. The function returns nothing.
#
# The check builds random expressions: matrix products, broadcasting along rows and along columns, rows that are taken several times, sums, maxima, nodes that are used several times. It compares the gradients of the five leaves $A$ $(N, D)$, $W$ $(D, K)$, $b$ $(K,)$, $c$ $(N, 1)$ and $s$, a number, with PyTorch's. It uses all your rules, so those have to be right first.


# %% nbgrader={"grade": false, "grade_id": "array_engine-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tensor_backward(self):
    """Store dL/dnode in the grad of every node of the graph that ends in self, L."""
    nodes = self.graph()
    ### BEGIN SOLUTION
    for node in nodes:
        node.grad = np.zeros_like(node.data)
    self.grad = np.ones_like(self.data)
    for node in nodes:
        for parent, contribution in zip(node.parents, node.contributions()):
            parent.grad = parent.grad + contribution
    ### END SOLUTION


Tensor.backward = tensor_backward


# %% nbgrader={"grade": true, "grade_id": "array_engine", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.array_engine.check(Tensor)
### BEGIN HIDDEN TESTS
ex.array_engine.check(Tensor, seed=60391, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: array_engine -->

# %% [markdown]
# Whatever is written with these operations can be differentiated now. Three functions of one array $x$, each with one line that is worth a thought:
#
# - the running sum $y_t = x_0 + \dots + x_t$ is a product with a triangular matrix of ones;
# - sorting is indexing: the order is a list of indices;
# - a convolution with a kernel of three weights takes windows of three entries, and multiplies.
#
# The next cell takes $L = 1\,y_0 + 2\,y_1 + 3\,y_2 + 4\,y_3$ for the running sum. Predict the gradient: into which of the $y$ does $x_0$ go, and into which $x_3$?


# %%
def running_sum(x):
    return (np.tril(np.ones((4, 4))) @ x[:, None])[:, 0]


def in_order(x):
    return x[np.argsort(x.data)]


def convolved(x):
    return x[np.arange(2)[:, None] + np.arange(3)] @ np.array([[0.5], [-2.0], [3.0]])


with ex.once_built("your engine for arrays"):
    for function in (running_sum, in_order, convolved):
        x_array = Tensor([0.7, -1.2, 2.5, 0.1])
        y_array = function(x_array)
        weights = 1.0 + np.arange(y_array.data.size).reshape(y_array.data.shape)
        (y_array * weights).sum().backward()
        print(f"{function.__name__:12s} gradient", x_array.grad)

# %% [markdown]
# $x_0$ is part of all four sums, so its gradient is $1 + 2 + 3 + 4$; $x_3$ is part of the last one only. For sorting, each entry gets the weight of the place to which it moves. For the convolution, $x_1$ and $x_2$ are in both windows, so each of their gradients has two terms. **Autodiff Puzzles** (Sasha Rush, [github.com/srush/Autodiff-Puzzles](https://github.com/srush/Autodiff-Puzzles)) is a public collection of twenty such functions, whose derivatives are to be found entry by entry. Your engine differentiates all of them; the tests of this course try each one.

# %% [markdown]
# ## 13. The spiral again
#
# Now the training of lesson 05, without a derivation: the same points, the same initial parameters, the same loss. The labels are numbers here, the index of the right class, and indexing picks the right logarithm of each row.


# %%
def two_arms(points, turns, rng):
    """Return X (2 * points, 2), the spiral of lesson 05, and labels (2 * points,)."""
    radius, arms = np.linspace(0.1, 1, points), []
    for arm in range(2):
        angle = 2 * np.pi * turns * radius + np.pi * arm + rng.normal(0, 0.12, points)
        arms.append(2 * np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return np.concatenate(arms), np.repeat([0, 1], points)


rng = np.random.default_rng(3)
X_spiral, labels = two_arms(100, 1.5, rng)
sizes = [(2, 24), (24, 12), (12, 2)]
start_weights = [rng.normal(0, np.sqrt(2 / inputs), (inputs, units)) for inputs, units in sizes]
start_biases = [np.zeros(units) for inputs, units in sizes]


# %%
def spiral_loss(X, labels, weights, biases):
    """Return the mean cross-entropy, a Tensor; weights, biases: lists of Tensors."""
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = (A @ W + b).relu()
    Z = A @ weights[-1] + biases[-1]
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - shifted.exp().sum(axis=1, keepdims=True).log()
    return -log_P[np.arange(len(labels)), labels].sum() / len(labels)


# %% [markdown]
# ### Exercise 22: train with your engine
#
# Gradient descent on `spiral_loss`, with gradients from your engine. Every parameter becomes a leaf. **Return** the list of losses, the list of the final weights and the list of the final biases, as arrays, in this order. The list of losses has `steps + 1` numbers: the loss before the first step, then the loss after each step. Every loss and every parameter has to agree with PyTorch's to eight digits.


# %% nbgrader={"grade": false, "grade_id": "train_tensors-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_tensors(X, labels, weights, biases, alpha, steps):
    """Return losses (steps + 1,), weights_end and biases_end of gradient descent.

    X (N, D), labels (N,) ints; weights, biases: lists of arrays; alpha; steps: an int
    """
    ### BEGIN SOLUTION
    losses = []
    for step in range(steps + 1):
        W, b = [Tensor(part) for part in weights], [Tensor(part) for part in biases]
        L = spiral_loss(X, labels, W, b)
        losses.append(float(L.data))
        if step < steps:
            L.backward()
            weights = [leaf.data - alpha * leaf.grad for leaf in W]
            biases = [leaf.data - alpha * leaf.grad for leaf in b]
    return losses, weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_tensors", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.train_tensors.check(train_tensors)
### BEGIN HIDDEN TESTS
ex.train_tensors.check(train_tensors, seed=31744, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: train_tensors -->

# %% [markdown]
# The check uses small networks. The next cells take the 200 steps of lesson 05, once with your engine and once with PyTorch in float64.


# %%
def train_with_pytorch(X, labels, weights, biases, alpha, steps):
    """Return the losses of the same training with PyTorch."""
    W, b = ([torch.tensor(part, requires_grad=True) for part in parts] for parts in (weights, biases))
    optimizer, losses = torch.optim.SGD([*W, *b], lr=alpha), []
    for _ in range(steps + 1):
        A = torch.tensor(X)
        for k in range(len(W) - 1):
            A = torch.relu(A @ W[k] + b[k])
        L = torch.nn.functional.cross_entropy(A @ W[-1] + b[-1], torch.tensor(labels))
        losses.append(L.item())
        optimizer.zero_grad()
        L.backward()
        optimizer.step()
    return losses


# %%
with ex.once_built("train_tensors and your engine for arrays"):
    start = X_spiral, labels, start_weights, start_biases
    by_engine, trained_weights, trained_biases = train_tensors(*start, 0.1, 200)
    by_pytorch = train_with_pytorch(*start, 0.1, 200)
    apart = np.abs(np.subtract(by_engine, by_pytorch)).max()
    print(f"loss before the first step {by_engine[0]:.4f}, after the last {by_engine[-1]:.4f}")
    print("all 201 losses within 1e-12 of PyTorch's:", apart < 1e-12)

# %% [markdown]
# These are the losses of lesson 05. There the gradients were derived by hand; here a program derives them.
#
# ## 14. Check a whole gradient at once
#
# How do you check a gradient of a large network if there is no PyTorch to compare with? Lesson 01 had the central difference, for one derivative at a time. There is a quicker way: move **all** parameters together, along a direction $v$ that is drawn at random,
#
# $$\theta(t) = \theta + t\,v.$$
#
# Then the loss is a function of the one number $t$, and every parameter is a path from $t$ to the loss. The chain rule adds these paths:
#
# $$\frac{dL}{dt} = \sum_k \frac{\partial L}{\partial\theta_k}\,v_k = g\cdot v.$$
#
# The left side can be measured by a central difference. The right side is what the gradient claims.
#
# ### Exercise 23: a prediction
#
# The spiral's network has the layers 2, 24, 12, 2, with biases. How many times is the loss evaluated to check every partial derivative by its own central difference? And how many times to check the gradient along one direction? **Return** the two numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "evaluations-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluations():
    """Return entry_by_entry and along_one_direction: two numbers."""
    ### BEGIN SOLUTION
    return 2 * (2 * 24 + 24 + 24 * 12 + 12 + 12 * 2 + 2), 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "evaluations", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.evaluations.check(evaluations)
### BEGIN HIDDEN TESTS
ex.evaluations.check(evaluations)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: evaluations -->

# %%
count = sum(part.size for part in [*start_weights, *start_biases])
print(f"{count} parameters: {2 * count} losses entry by entry, and 2 along a direction")

# %% [markdown]
# ### Exercise 24: the directional check
#
# `f` is a function of an array of parameters that returns the loss, `gradient` is what somebody claims its gradient is. **Return** two numbers: the derivative of `f` along `v`, measured by a central difference with the step `h`, and the derivative that the gradient claims. (In half of the check's cases the gradient is wrong in one entry. Your function only computes the two numbers.)


# %% nbgrader={"grade": false, "grade_id": "directional_check-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def directional_check(f, theta, v, gradient, h):
    """Return measured and claimed, the derivative of f at theta along v: two numbers.

    f: a function of an array; theta, v, gradient (n,); h: a small step
    """
    ### BEGIN SOLUTION
    measured = (f(theta + h * v) - f(theta - h * v)) / (2 * h)
    claimed = gradient @ v
    return measured, claimed
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "directional_check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.directional_check.check(directional_check)
### BEGIN HIDDEN TESTS
ex.directional_check.check(directional_check, seed=85520, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: directional_check -->

# %% [markdown]
# The next cells check the gradient of the spiral's network, first the right one, and then two wrong ones: in the first the biases of the second layer are forgotten, in the second a single entry of 398 is off by 1%.


# %%
def as_vector(parts):
    """Return all entries of a list of arrays in one vector."""
    return np.concatenate([part.ravel() for part in parts])


def loss_and_gradient(theta):
    """Return the spiral's loss and its gradient at a vector of all parameters."""
    shapes = [part.shape for part in [*start_weights, *start_biases]]
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    leaves = [Tensor(part.reshape(shape)) for part, shape in zip(np.split(theta, cuts), shapes)]
    L = spiral_loss(X_spiral, labels, leaves[:3], leaves[3:])
    L.backward()
    return float(L.data), as_vector([leaf.grad for leaf in leaves])


def loss_alone(theta):
    """Return the spiral's loss at a vector of all parameters."""
    return loss_and_gradient(theta)[0]


# %%
with ex.once_built("your engine for arrays and directional_check"):
    theta_start = as_vector([*start_weights, *start_biases])
    right = loss_and_gradient(theta_start)[1]
    forgotten, one_percent = right.copy(), right.copy()
    forgotten[384:396] = 0
    one_percent[np.argmax(np.abs(right))] *= 1.01
    direction = np.random.default_rng(0).normal(size=theta_start.size)
    claims = {"right": right, "biases forgotten": forgotten, "one entry 1% off": one_percent}
    for words, claim in claims.items():
        pair = directional_check(loss_alone, theta_start, direction, claim, 1e-6)
        print(f"{words:17s} measured {pair[0]:.8f}   claimed {pair[1]:.8f}")

# %% [markdown]
# The right gradient agrees to six digits or more. Both wrong ones do not, even the one with a small error in a single entry. The check says *that* something is wrong and not *where*; for that, go back to single entries, or to the rules.
#
# Could a wrong gradient pass? Only if its error $e$ is orthogonal to $v$, $e\cdot v = 0$. A direction that is drawn at random practically never is. But a very small $e\cdot v$ hides in the error of the central difference, so use float64 and two or three directions. PyTorch has this check as `torch.autograd.gradcheck(..., fast_mode=True)`.
#
# ## 15. Second derivatives: forward over reverse
#
# The gradient says how the loss changes. How does the **gradient** change if the parameters move along $v$? Its rate of change is
#
# $$\frac{d}{dt}\,\frac{\partial L}{\partial\theta_j}(\theta + tv) = \sum_k \frac{\partial^2 L}{\partial\theta_j\,\partial\theta_k}\,v_k = (Hv)_j.$$
#
# The matrix $H$ of all second derivatives is the **Hessian**. With 398 parameters it has 158,404 entries; with a million parameters it has $10^{12}$, eight terabytes in float64. The **Hessian-vector product** $Hv$ has as many entries as there are parameters, like the gradient.
#
# To compute it you need the derivative of *the program that computes the gradient*, along one direction. That is one pass of forward mode. And the program is your backward pass. So put dual numbers into it: **forward over reverse**. Every number $\theta_k$ becomes $\theta_k + v_k\varepsilon$, the forward pass and the backward pass calculate with dual numbers, and in the end each gradient is
#
# $$\frac{\partial L}{\partial\theta_j} + (Hv)_j\,\varepsilon.$$
#
# We use your scalar `Value` and your `Dual`. Three things must fit together. In the backward pass dual numbers meet plain ones (the zeros, the 1, the slopes of a sum), so the next cell lets your sum and product take plain numbers. The slope of tanh needs a difference and a power, which are added; the last line is for printing. And `np.tanh`, given an object that is no number, calls the method `tanh` of that object. So a `Value` whose data is a `Dual` works if your `tanh` of exercise 4 is written with `np.tanh`.


# %%
def taking_numbers(method):
    """Return the method, with a plain number read as Dual(number, 0)."""

    def with_dual(self, other):
        return method(self, other if isinstance(other, Dual) else Dual(other, 0.0))

    return with_dual


Dual.__add__ = Dual.__radd__ = taking_numbers(Dual.__add__)
Dual.__mul__ = Dual.__rmul__ = taking_numbers(Dual.__mul__)
Dual.__neg__ = lambda self: self * -1.0
Dual.__sub__ = lambda self, other: self + other * -1.0
Dual.__rsub__ = lambda self, other: self * -1.0 + other
Dual.__pow__ = lambda self, n: Dual(self.data**n, n * self.data ** (n - 1) * self.dot)
Dual.__format__ = lambda self, form: f"{self.data:{form}} + {self.dot:{form}} ε"

# %% [markdown]
# The loss is that of the 1-2-1 network in lesson 02, on its three points, with tanh as the activation function. `theta` is a list of seven parameters.


# %%
def curved_loss(theta):
    """Return the sum of squared residuals at theta = w1, w2, w3, w4, b1, b2, b3."""
    w1, w2, w3, w4, b1, b2, b3 = theta
    total = 0.0
    for x, y in ((0.1, 1.2), (0.53, 3.2), (0.82, 1.1)):
        hidden1, hidden2 = (w1 * x + b1).tanh(), (w2 * x + b2).tanh()
        residual = w3 * hidden1 + w4 * hidden2 + b3 + -y
        total = residual * residual + total
    return total


# %% [markdown]
# ### Exercise 25: open, a Hessian-vector product
#
# Make seven leaves, each a `Value` whose data is a `Dual`; compute `curved_loss`; call `backward()`. **Return** `dL_dtheta` and `Hv`, two lists of seven numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "hessian_vector-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hessian_vector(theta, v):
    """Return the gradient of curved_loss and the product of its Hessian with v.

    theta (7,), v (7,)  ->  dL_dtheta (7,), Hv (7,)
    """
    ### BEGIN SOLUTION
    leaves = [Value(Dual(number, speed)) for number, speed in zip(theta, v)]
    curved_loss(leaves).backward()
    return [leaf.grad.data for leaf in leaves], [leaf.grad.dot for leaf in leaves]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hessian_vector", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.hessian_vector.check(hessian_vector)
### BEGIN HIDDEN TESTS
ex.hessian_vector.check(hessian_vector, seed=12963, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: hessian_vector -->

# %% [markdown]
# What is it good for? In lesson 02 the gradient predicted how far the loss falls in one step, and the loss fell a little less. The missing part is the curvature along the step. For $\theta \to \theta - \alpha g$,
#
# $$L(\theta - \alpha g) \approx L - \alpha\,g\cdot g + \tfrac12\alpha^2\, g\cdot Hg.$$

# %%
with ex.once_built("hessian_vector"):
    theta_small, alpha = np.array([0.5, -0.1, 0.6, 1.5, 0.1, -0.2, 0.3]), 0.02
    gradient, _ = map(np.array, hessian_vector(theta_small, np.zeros(7)))
    _, Hg = map(np.array, hessian_vector(theta_small, gradient))
    before = curved_loss([Value(number) for number in theta_small]).data
    after = curved_loss([Value(number) for number in theta_small - alpha * gradient]).data
    first = -alpha * gradient @ gradient
    print(f"change of the loss: {after - before:.4f}")
    print(f"predicted with the gradient: {first:.4f}")
    print(f"and with the curvature:      {first + alpha**2 / 2 * gradient @ Hg:.4f}")

# %% [markdown]
# One Hessian-vector product costs a small constant times one gradient, whatever the number of parameters. The whole Hessian would be one product for each column, 398 for the spiral. PyTorch has the same under `torch.func`: `jvp` of `grad`. Optimizers that use curvature, and estimates of the largest curvature of a loss, are built on it.
#
# ## What a framework adds
#
# Your engine works on arrays, by the same principle as PyTorch's autograd. A framework goes further in three respects.
#
# - **Saved values.** Our rules keep all operands. A framework keeps for each operation only what its rule needs, often the output and not the input.
# - **Memory.** Saved values take most of the memory in training, so a framework frees them during the backward pass. If memory is short, **checkpointing** stores only some of the nodes and computes the others a second time when the backward pass needs them. For a chain of $n$ steps, storing about $\sqrt n$ of them costs one more forward pass and reduces the memory from about $n$ to about $2\sqrt n$ nodes. PyTorch has it as `torch.utils.checkpoint`.
# - **Speed.** Each of our operations is a call to NumPy. A framework runs them on a GPU, and joins several into one.
#
# There are also methods without a backward pass. In the forward-forward algorithm (Geoffrey Hinton, "The Forward-Forward Algorithm: Some Preliminary Investigations", 2022, [arXiv 2212.13345](https://arxiv.org/abs/2212.13345)) each layer is trained on its own: its activity should be high for real data and low for made-up data.
#
# ## What to remember
#
# - A node stores its value, its parents and, for each of them, a local derivative or a rule.
# - The backward step of a node adds, for each edge, gradient times local derivative to the parent's gradient. It adds with `+=`, also where one parent occurs twice.
# - A node may do its backward step when all nodes that were computed from it have done theirs. A topological order, taken from its end, guarantees this.
# - Set the gradients to 0 first, and start with $\frac{\partial L}{\partial L} = 1$.
# - Forward mode computes a column of the Jacobian per pass, reverse mode a row. Training needs one row.
# - Between arrays the local derivative is a Jacobian. A rule computes the vector-Jacobian product without it.
# - What was copied is summed; what was summed is copied; a maximum passes everything to the largest entry; what was taken by index is added at its place.
# - Two evaluations of the loss check a whole gradient along a random direction.
# - Forward mode through the backward pass gives $Hv$ at the cost of a few gradients.
#
# **One question that joins two ideas.** The rule of a sum copies, and the rule of copying sums: each is the backward pass of the other. Which operation does `index_rule` carry out in its own forward direction, and what would *its* rule be? What is the pattern?
#
# <details>
# <summary>Answer</summary>
#
# It adds the entries of $g$ into an array of zeros at the places `key`. Its rule is indexing: $\frac{\partial L}{\partial g}$ is the upstream gradient taken at `key`. The pattern: a rule multiplies by $J^{\mathsf T}$, which is a linear operation. Its own rule multiplies by $(J^{\mathsf T})^{\mathsf T} = J$, and that is what the original operation does to a small change. So the backward pass of a backward pass, with respect to $g$, is a pass of forward mode. With respect to the values of the operands it gives second derivatives: PyTorch records the backward pass as a graph too if you ask for it with `create_graph=True`.
#
# </details>

# %% [markdown]
# Next: [07 Find the bug](07_find_the_bug.ipynb), in which you find the mistakes in eleven backward passes that others have written.
