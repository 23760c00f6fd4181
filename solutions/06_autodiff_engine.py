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
# **After this lesson you can** write a small **automatic differentiation** engine: a class whose objects record the computation graph, and a method `backward()` that computes all gradients. You also know forward mode and when it is cheaper. Your engine will run the networks of lessons 02 to 04 and agree with PyTorch.
#
# **Time** about two and a half hours. A good place for a break is after section 5. **You need** lessons [03](03_computation_graph.ipynb) and [04](04_multipath_gradients.ipynb), and Python classes: `__init__`, methods, `self`. One of the quick questions is about lesson [05](05_layers_and_batches.ipynb).

# %%
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
# The variables are objects in place of plain numbers. When two of them are multiplied, Python calls a method of their class. The method returns a new object that contains the result and **references to its parents**, the two factors. So the graph is recorded while the program runs.
#
# ![](../img/engine_node.svg)
#
# A node can store one more thing. When the product $p = uv$ is computed, $u$ and $v$ are known numbers, so the **local derivatives** $\frac{\partial p}{\partial u} = v$ and $\frac{\partial p}{\partial v} = u$ are known too. The node stores them, one for each edge, in an attribute called `slopes`. These stored values are all that the backward pass needs.
#
# ### Exercise 1: a prediction
#
# Let $q = x\cdot x$, then $s = q + x$, then $L = s\cdot c$ with a constant $c$ that is a node too. **Return** the number of nodes of this graph and the number of its edges, in this order.


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
# | `slopes` | the local derivative with respect to each parent, in the same order |
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
# Which local derivatives does a sum have, and which a product? **Return** from each function a new `Value` with the result, a tuple of its two parents and a tuple of the two local derivatives in the same order.


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
# The check computes $s = u + v$, $p = uv$, $q = u\,u$ and $r = u\,c$ with a plain number $c$. It multiplies the slopes along each path of your graph and adds over the paths. So an operation may also be composed of others.
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
# These have one parent each. `z**n` is a power with a plain number $n$; the others are functions of the node alone. Each local derivative is a function of the node's data or of the new value. **Return** from each function a new `Value` with the result, the tuple `(self,)` and a tuple with the one local derivative. If some of the six are not written yet, the check looks at the others.


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
# Suppose that the gradient of a node is complete. Along each edge to a parent, the chain rule multiplies it by the local derivative on that edge. The product is one term of the parent's gradient. The gradient of a node is the sum of such terms, one for each edge that leaves it.
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
# Here `self` is a node whose own gradient is complete. For each edge, **add** one term to the `grad` of the parent. The function returns nothing.


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
# In the figure $u$ is used twice, for $a$ and directly for $L$. On the left, the backward step of $u$ comes after that of $a$. On the right it comes too early: the term that $a$ adds to $u$'s gradient afterwards never reaches $x$. There is no error message; the gradient of $x$ is wrong.
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
# Three steps: set every gradient of the graph to 0, set the gradient of the output, and let each node do its backward step, in the right order. After `L.backward()` each node of the graph has $\frac{\partial L}{\partial\,\text{node}}$ in its `grad`, also if `backward()` is called a second time. The function returns nothing.


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
# The network of lesson 04, with its softmax and its squared error. Lists of nodes take the place of matrices. Which sign has $\frac{\partial L}{\partial w_{131}}$, which is a sum over four paths? And which row of the gradient of $W^{[1]}$ is exactly 0?

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
    print(f"dL/dw_131 = {grad[2, 0]:+.6f}")
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
# If `order` is recursive, ten thousand calls are nested, and Python allows about a thousand. PyTorch uses no recursion here, and neither should we.
#
# ### Exercise 11: open, an order without recursion
#
# Write `long_order`, which returns the same kind of list as `order`, without recursion. Then assign it: `Value.order = long_order`. The rest of the function is written. **Return** the numbers `L`, `dL_dx` and `dL_dw`, in this order.


# %% nbgrader={"grade": false, "grade_id": "deep_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deep_chain(x, w, n):
    """Return L, dL_dx, dL_dw for a = x, then n times a = w*a + x; L is the last a.

    n may be 5000.
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
# In the solution each node is taken from the list of waiting nodes twice, because it may enter the order only after its parents. The first time its parents are added to the waiting nodes. The second time they are all in the order.
#
# ## 8. Forward mode
#
# The chain rule can also be applied from the inputs to the output. Let all numbers depend on a variable $t$, and let $\dot u = \frac{du}{dt}$. If $\dot u$ and $\dot v$ are known, so is the derivative of whatever is computed from $u$ and $v$:
#
# $$(u + v)^{\boldsymbol\cdot} = \dot u + \dot v, \qquad (uv)^{\boldsymbol\cdot} = \dot u\,v + u\,\dot v, \qquad f(u)^{\boldsymbol\cdot} = f'(u)\,\dot u.$$
#
# So each number is stored together with its derivative; such a pair is called a **dual number**. The derivative of the result is known as soon as its value is. There is no graph to store and no backward pass. This is **forward mode**. What the lessons have used so far is called **reverse mode**.
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
# ## What a framework adds
#
# Your engine has the same principle as PyTorch's autograd. Three things are missing.
#
# - **Tensors.** Our nodes are numbers. A framework's nodes are arrays, and the local derivative on an edge is a Jacobian matrix $J$, far too large to store. It is not needed: the backward step multiplies the gradient by the local derivative, which for arrays is the vector-Jacobian product $J^{\mathsf T} g$ with the upstream gradient $g$. Each operation has a rule that computes this product without $J$. For $y = Wx$ it is $W^{\mathsf T} g$, as in lesson 04. Forward mode computes $J\,\dot x$ instead.
# - **Saved values.** Our nodes store local derivatives. A framework stores the inputs or outputs that its rules need, and computes the rest in the backward pass.
# - **Memory.** Saved values take most of the memory in training, so a framework frees them during the backward pass. If memory is short, **checkpointing** stores only some of the nodes and computes the others a second time when the backward pass needs them. For a chain of $n$ steps, storing about $\sqrt n$ of them costs one more forward pass and reduces the memory from about $n$ to about $2\sqrt n$ nodes. PyTorch has it as `torch.utils.checkpoint`.
#
# There are also methods without a backward pass. In the forward-forward algorithm (Geoffrey Hinton, "The Forward-Forward Algorithm: Some Preliminary Investigations", 2022, [arXiv 2212.13345](https://arxiv.org/abs/2212.13345)) each layer is trained on its own: its activity should be high for real data and low for made-up data.
#
# ## What to remember
#
# - A node stores its value, its parents and the local derivative for each of them.
# - The backward step of a node adds, for each edge, gradient times local derivative to the parent's gradient. It adds with `+=`, also where one parent occurs twice.
# - A node may do its backward step when all nodes that were computed from it have done theirs. A topological order, taken from its end, guarantees this.
# - Set the gradients to 0 first, and start with $\frac{\partial L}{\partial L} = 1$.
# - Forward mode computes a column of the Jacobian per pass, reverse mode a row. Training needs one row.
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
# Next: [07 Find the bug](07_find_the_bug.ipynb), in which you find the mistakes in eleven backward passes that others have written.
