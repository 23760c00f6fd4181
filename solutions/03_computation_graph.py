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
# # 03 Computation graphs
#
# **After this lesson you can** read any formula as a graph, compute values forward and derivatives backward through it, write a backward pass for any graph, and say what PyTorch does when you call `.backward()`.
#
# **Time** about two and a half hours. A good place for a break is after section 4. **You need** lessons [01](01_chain_rule.ipynb) and [02](02_one_two_one_network.ipynb).

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import computation_graph as ex
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
# They repeat lessons 01 and 02 and earn no points. Work them out on paper.
#
# 1. $p = \delta z$ with a constant $\delta$ and $z = wx + b$, $x = 1.5$ and $w = 0.2$, and $\frac{\partial p}{\partial w} = 0.6$. What is $\frac{\partial p}{\partial b}$?
# 2. $q$ is the log loss of $\hat y = \sigma(z)$ for the target $y = 1$, and $\hat y = 0.7$. What is $\frac{dq}{dz}$?
# 3. $r$ is the sum of squared residuals of two points with targets 1.5 and $-1$. Both have the prediction $c = 1$. What is $\frac{dr}{dc}$?


# %% nbgrader={"grade": false, "grade_id": "recall_03-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_03():
    """Return dp_db, dq_dz, dr_dc: three numbers."""
    ### BEGIN SOLUTION
    return 0.4, -0.3, 3
    ### END SOLUTION


# %%
ex.recall_03.check(recall_03)

# %% [markdown]
# <!-- hints: recall_03 -->

# %% [markdown]
# ## 1. A formula is a graph
#
# Take **logistic regression**. It is a single unit of lesson 02, with two inputs: two weights, a bias, the sigmoid and the log loss. In one line it is
#
# $$L = -\bigl(y\log\sigma(w_1x_1 + w_2x_2 + b) + (1 - y)\log(1 - \sigma(w_1x_1 + w_2x_2 + b))\bigr).$$
#
# A program evaluates it in small steps, each with a name: two products $p_1 = w_1x_1$ and $p_2 = w_2x_2$, their sum with the bias $z$, the sigmoid $\hat y$, the loss $L$. Draw each number as a **node**. From each number draw an arrow, an **edge**, to every number that is computed directly from it. This is the **computation graph**. The inputs, the parameters and the target are the nodes without incoming edges.
#
# ![](../img/logistic_graph.svg)
#
# As data, a graph is a table with an entry for every computed node: the nodes that it is computed from directly, its **parents**. A second table has the rule of each node, here as a `lambda`, which is a small function without a name.

# %%
parents = {
    "p1": ["w1", "x1"],
    "p2": ["w2", "x2"],
    "z": ["p1", "p2", "b"],
    "yhat": ["z"],
    "L": ["yhat", "y"],
}
rules = {
    "p1": lambda w1, x1: w1 * x1,
    "p2": lambda w2, x2: w2 * x2,
    "z": lambda p1, p2, b: p1 + p2 + b,
    "yhat": lambda z: 1 / (1 + np.exp(-z)),
    "L": lambda yhat, y: -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)),
}

# %% [markdown]
# When can a node be computed? As soon as *its own parents* are known. It does not wait for a "layer" or a "row" of the drawing. Any order in which every node comes after its parents will do. Such an order is called **topological**. It always exists, because no node is computed from itself, directly or indirectly. The backward pass uses the reverse order.
#
# Before you run the next cell: which nodes can be computed first? Can $z$ come before $p_2$?

# %%
values = {"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1.0}
waiting = ["L", "yhat", "z", "p2", "p1"]  # on purpose in the worst order
while waiting:
    ready = [node for node in waiting if all(parent in values for parent in parents[node])]
    for node in ready:
        given = [values[parent] for parent in parents[node]]
        values[node] = rules[node](*given)
        waiting.remove(node)
        print(f"{node:5s} = {values[node]: .4f}   from {', '.join(parents[node])}")

# %% [markdown]
# Each round finds the nodes whose parents are all known. This is the forward pass.
#
# In the backward pass a node waits for every node that *uses* it, that is, for all nodes whose parent it is. Only then is the derivative of $L$ with respect to it complete.

# %% [markdown]
# ## 2. What each kind of node does in the backward pass
#
# For every edge into a node there is a **local derivative**: the derivative of the node's output with respect to that input. In the backward pass the derivative of $L$ with respect to the node's output is known first; it is called the **upstream gradient**. The node multiplies it by each local derivative and passes the results to its parents.
#
# ### Exercise 1: a prediction
#
# Take only the add node, $z = p_1 + p_2 + b$ with $p_1 = -6$, $p_2 = 7.5$, $b = -1$. Suppose that the upstream gradient is $\frac{\partial L}{\partial z} = -0.6$. What is $\frac{\partial L}{\partial p_1}$? Return one number.


# %% nbgrader={"grade": false, "grade_id": "at_the_add-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def at_the_add():
    """Return dL_dp1: one number, where z = p1 + p2 + b and dL_dz = -0.6."""
    ### BEGIN SOLUTION
    return -0.6
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "at_the_add", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.at_the_add.check(at_the_add)
### BEGIN HIDDEN TESTS
ex.at_the_add.check(at_the_add)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: at_the_add -->

# %% [markdown]
# Increase $p_1$ a little, and see how much the sum changes.

# %%
p1, p2, b = -6.0, 7.5, -1.0
change = 0.001
dz = (p1 + change + p2 + b) - (p1 + p2 + b)
print(f"z changes by {dz:.6f} when p1 changes by {change}")

# %% [markdown]
# The sum changes by as much as $p_1$: the local derivative is 1. So $L$ changes by about $-0.6$ times 0.001, and an add node passes the upstream gradient on unchanged. Three kinds of nodes occur again and again.
#
# | node | in the backward pass | in words |
# |---|---|---|
# | $s = u + v$ | $\dfrac{\partial L}{\partial u} = \dfrac{\partial L}{\partial s}$ and the same for $v$ | add passes the upstream gradient on |
# | $p = u\,v$ | $\dfrac{\partial L}{\partial u} = \dfrac{\partial L}{\partial p}\,v$ and $\dfrac{\partial L}{\partial v} = \dfrac{\partial L}{\partial p}\,u$ | multiply: times the other factor |
# | $a = f(z)$ | $\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial a}\,f'(z)$ | a function of one input: times its derivative |
#
# The loss is a node as well, with two inputs and a formula of its own. If $u$ is used by several nodes, each of them contributes such a term, and the terms are added.

# %% [markdown]
# ### Exercise 2: one add, one multiply
#
# Let $p = uv$ and $s = p + w$. The upstream gradient `dL_ds` is given; for the backward pass it does not matter how $L$ is computed from $s$. Return the derivatives of $L$ with respect to $p$, $w$, $u$ and $v$: four numbers in this order.


# %% nbgrader={"grade": false, "grade_id": "add_and_multiply-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add_and_multiply(u, v, w, dL_ds):
    """Return dL_dp, dL_dw, dL_du, dL_dv: four numbers. All inputs are numbers.

    p = u*v, s = p + w
    """
    dL_dp = dL_ds
    ### BEGIN SOLUTION
    dL_dw = dL_ds
    dL_du = dL_dp * v
    dL_dv = dL_dp * u
    ### END SOLUTION
    return dL_dp, dL_dw, dL_du, dL_dv


# %% nbgrader={"grade": true, "grade_id": "add_and_multiply", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.add_and_multiply.check(add_and_multiply)
### BEGIN HIDDEN TESTS
ex.add_and_multiply.check(add_and_multiply, seed=79134, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: add_and_multiply -->

# %% [markdown]
# ## 3. Logistic regression, the whole backward pass
#
# Now go through the whole graph from right to left. With the numbers of the figure, $x_1 = 1.5$, $x_2 = 2.5$, $w_1 = -4$, $w_2 = 3$, $b = -1$, $y = 1$:
#
# - $\dfrac{\partial L}{\partial\hat y} = -\dfrac{1}{\hat y}$, because with $y = 1$ only the first term of the loss is left;
# - $\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial\hat y}\cdot\hat y(1-\hat y) = -(1 - \hat y) = \hat y - 1$;
# - the add node passes it on, and each multiply node multiplies by the other factor.
#
# The next picture goes through it one node at a time. When the backward pass begins, tick the box and predict each number before you press Next. Which steps need no calculation at all?

# %%
from backprop.pictures import step_through

step_through("logistic")

# %% [markdown]
# Those of the add node need none: the upstream gradient at $z$ is $-0.3775$, and all three inputs get it unchanged. Every step of the backward pass uses one upstream gradient and one local derivative, and nothing else.
#
# The next cell computes the same in PyTorch.

# %%
numbers = torch.tensor([1.5, 2.5, -4.0, 3.0, -1.0, 1.0], dtype=torch.float64)
x1, x2, w1, w2, b, y = (number.requires_grad_() for number in numbers.unbind())
z = w1 * x1 + w2 * x2 + b
yhat = torch.sigmoid(z)
L = -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat))
for node in (z, yhat):
    node.retain_grad()  # PyTorch keeps the gradient of an inner node only if asked
L.backward()
print(f"z = {z.item():.4f}, yhat = {yhat.item():.4f}, L = {L.item():.4f}")
for name, node in {"yhat": yhat, "z": z, "w1": w1, "w2": w2, "b": b}.items():
    print(f"dL_d{name:5s}{node.grad.item(): .4f}")

# %% [markdown]
# In the next picture you can change the numbers. Predict first: if $x_1$ is 0, which weight has the derivative 0, and does $w_1$ still influence the loss? And can any weight make $\frac{\partial L}{\partial b}$ larger than 1?

# %%
from backprop.pictures import explore

explore("logistic")

# %% [markdown]
# With $x_1 = 0$ the derivative with respect to $w_1$ is 0, because the local derivative is $x_1$, and $w_1$ has no influence on the loss. No weight can do the other: the derivative with respect to $b$ is $\hat y - y$, which is always between $-1$ and 1.
#
# Next, do both passes yourself. The values go above the nodes, from left to right, the derivatives below, from right to left. After a mistake, later numbers count as right if they follow from yours. You have seen these numbers, so press "New numbers" first. Before you begin: how many of the 14 fields need no calculation?

# %%
from backprop.pictures import fill_in

fill_in("logistic")

# %% [markdown]
# Three: once $\frac{\partial L}{\partial z}$ is known, the add node passes it on to $w_1x_1$, $w_2x_2$ and $b$.
#
# Special numbers hide mistakes. With $y = 1$, somebody who forgets the second term of the loss still gets the right answer. That is why the check uses soft targets (targets between 0 and 1) and inputs of both signs.
#
# ### Exercise 3: the logistic graph
#
# Return the derivatives of $L$ with respect to $\hat y$, $z$, $w_1$, $w_2$ and $b$: five numbers in this order.


# %% nbgrader={"grade": false, "grade_id": "logistic_graph-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_graph(x1, x2, w1, w2, b, y):
    """Return dL_dyhat, dL_dz, dL_dw1, dL_dw2, dL_db: five numbers.

    All inputs are numbers, y is between 0 and 1.
    """
    z = w1 * x1 + w2 * x2 + b
    yhat = 1 / (1 + np.exp(-z))
    ### BEGIN SOLUTION
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    dL_dw1 = dL_dz * x1
    dL_dw2 = dL_dz * x2
    dL_db = dL_dz
    ### END SOLUTION
    return dL_dyhat, dL_dz, dL_dw1, dL_dw2, dL_db


# %% nbgrader={"grade": true, "grade_id": "logistic_graph", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.logistic_graph.check(logistic_graph)
### BEGIN HIDDEN TESTS
ex.logistic_graph.check(logistic_graph, seed=79669, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: logistic_graph -->

# %% [markdown]
# The next picture compares your function with PyTorch on the graph. Before you change a number: suppose that somebody has forgotten the second term of the log loss, the one with $1 - y$. For which $y$ is the result still right?

# %%
from backprop.pictures import explore

explore("logistic", logistic_graph)

# %% [markdown]
# The forgotten term is 0 at $y = 1$, so there the result is right; for any other $y$ it is wrong. If your check is right, the marks stay ✓ for all numbers.

# %% [markdown]
# ## 4. One ReLU unit
#
# The second graph has three inputs and the activation function ReLU, the *rectified linear unit*.
#
# ![](../img/relu_neuron.svg)
#
# The formulas are $z = w_1x_1 + w_2x_2 + w_3x_3 + b$ and $a = \max(0, z)$. In the figure $x = (1, -2, 3)$, $w = (-3, -1, 2)$, $b = 1$, so $z = 6$ and $a = 6$, and the upstream gradient $\frac{\partial L}{\partial a}$ is 1.


# %%
def neuron(x, w, b, upstream):
    x, w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (x, w, b))
    z = (x * w).sum() + b
    (upstream * torch.relu(z)).backward()  # L = upstream * a, so dL/da is upstream
    derivatives = f"dL_dx = {x.grad.tolist()}   dL_dw = {w.grad.tolist()}"
    print(f"z = {z.item():4.1f}   {derivatives}   dL_db = {b.grad.item()}")


neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], 1.0, upstream=1.0)

# %% [markdown]
# What changes if the upstream gradient is $-2$? With the upstream gradient $-2$, what if the bias is $-6$, so that $z$ is negative? And if it is $-5$, so that $z = 0$? Predict the three lines. (In the output, `-0.0` is 0: floating-point zero has a sign.)

# %%
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], 1.0, upstream=-2.0)
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], -6.0, upstream=-2.0)
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], -5.0, upstream=-2.0)

# %% [markdown]
# The derivative of ReLU is 1 for $z > 0$ and 0 for $z < 0$. So the upstream gradient either passes unchanged or is replaced by 0, like at a **gate** that is open or closed. Which of the two depends on the sign of $z$ alone, not on the sign of an input, a weight or the upstream gradient. At $z = 0$ ReLU has no derivative; PyTorch uses 0 there.
#
# In the next picture the upstream gradient is 1. Before you change $b$: how far must it fall until the gate closes, and which derivatives change before that?

# %%
from backprop.pictures import explore

explore("relu")

# %% [markdown]
# The gate closes when $b$ has fallen by 6, to $-5$. Until then no derivative changes, because $b$ is a factor of none of them. From there on all derivatives except $\frac{\partial L}{\partial a}$ are 0.

# %% [markdown]
# ### Exercise 4: the ReLU unit
#
# `x` and `w` are arrays of the same length $n$. `dL_da` is the upstream gradient, a number. Return the derivatives of $L$ with respect to $z$, $x$, $w$ and $b$, in this order: a number, two arrays of shape $(n,)$, a number. (The check never has $z = 0$.)


# %% nbgrader={"grade": false, "grade_id": "relu_neuron-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_neuron(x, w, b, dL_da):
    """Return dL_dz (a number), dL_dx (n,), dL_dw (n,), dL_db (a number).

    x and w have shape (n,); b and dL_da are numbers.
    """
    z = np.sum(x * w) + b
    ### BEGIN SOLUTION
    dL_dz = dL_da if z > 0 else 0.0
    dL_dx = dL_dz * w
    dL_dw = dL_dz * x
    dL_db = dL_dz
    ### END SOLUTION
    return dL_dz, dL_dx, dL_dw, dL_db


# %% nbgrader={"grade": true, "grade_id": "relu_neuron", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.relu_neuron.check(relu_neuron)
### BEGIN HIDDEN TESTS
ex.relu_neuron.check(relu_neuron, seed=20425, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: relu_neuron -->

# %% [markdown]
# ## 5. The same in PyTorch
#
# You have called `.backward()` many times by now. This is what happens.
#
# - A tensor that you create with `requires_grad=True` is a **leaf**: something whose derivative you want. A tensor that is computed from leaves is an inner node.
# - Every operation on such tensors creates a new node, and the node stores in `grad_fn` which operation it was and who its parents are. So the graph is built while the program runs.
# - `L.backward()` goes through that graph from `L` in reverse topological order, and *adds* the derivative with respect to each leaf to the `.grad` of that leaf.
# - Inner nodes keep their derivative only if you call `retain_grad()`.
# - Many operations save values of the forward pass for the backward pass. `.backward()` frees them. A second `.backward()` through the *same* graph is then an error, unless the first was called with `retain_graph=True`. A graph that has saved nothing, such as that of `w + 1`, can be used again.

# %%
w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
p = w * 2
L = p**2
print("L was computed by", L.grad_fn.name())
print("  from the result of", [parent.name() for parent, _ in L.grad_fn.next_functions])
print("p was computed by", p.grad_fn.name())
print("is a leaf:  w", w.is_leaf, "  p", p.is_leaf)
p.retain_grad()
L.backward()
print("w.grad =", w.grad.item(), "  p.grad =", p.grad.item(), "(None without retain_grad)")

# %% [markdown]
# ### Exercise 5: a prediction
#
# Let $L = w^2$ with $w = 3$. We run the forward and the backward pass, and then both once more, with nothing in between. What is `w.grad` after the second backward pass? Return one number.


# %% nbgrader={"grade": false, "grade_id": "two_calls-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_calls():
    """Return w.grad: one number, after two backward passes of L = w**2 at w = 3."""
    ### BEGIN SOLUTION
    return 12
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_calls", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.two_calls.check(two_calls)
### BEGIN HIDDEN TESTS
ex.two_calls.check(two_calls)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_calls -->

# %%
w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
for call in (1, 2):
    (w**2).backward()
    print(f"after call {call}: w.grad = {w.grad.item()}")
w.grad.zero_()
(w**2).backward()
print(f"after zero_ and one more call: {w.grad.item()}")

# %% [markdown]
# `.backward()` *adds* to what is in `.grad`. Adding is right when a leaf is used in several places of one graph. But it also means that a training loop has to clear the gradients before each backward pass, with `optimizer.zero_grad()`. Without that, every step uses the sum of all gradients so far.

# %% [markdown]
# ## 6. Overflow and saturation
#
# A formula can be right on paper and fail in floating-point numbers. Take the log loss as it is written above, with $z = 40$ and $y = 1$. The prediction is excellent, and the loss should be nearly 0. What do you expect to see?


# %%
def log_loss_naive(z, y):
    yhat = 1 / (1 + torch.exp(-z))
    return -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat))


z = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
L = log_loss_naive(z, 1.0)
L.backward()
print("z = 40, y = 1: loss", L.item(), "  gradient", z.grad.item())

# %% [markdown]
# `nan` means "not a number". In float64 $\sigma(40)$ rounds to exactly 1. Then $\log(1 - \hat y)$ is $-\infty$, its factor $1 - y$ is 0, and in floating point $0\cdot(-\infty)$ is `nan`.
#
# PyTorch's own `binary_cross_entropy` prevents that: it replaces any logarithm below $-100$ by $-100$. Is that enough? The next cell repeats the example from the beginning of lesson 01 in float32: $z = 17$, $y = 0$. The true loss is 17.0 and the true derivative 1.0. (A *logit* is the pre-activation $z$ of the output's sigmoid.)

# %%
z = torch.tensor(17.0, requires_grad=True)
L = torch.nn.functional.binary_cross_entropy(torch.sigmoid(z), torch.tensor(0.0))
L.backward()
print(f"sigmoid, then binary_cross_entropy:  loss {L.item():.1f}   gradient {z.grad.item():.1f}")

z = torch.tensor(17.0, requires_grad=True)
L = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(0.0))
L.backward()
print(f"the same, computed from z:           loss {L.item():.1f}   gradient {z.grad.item():.1f}")

# %% [markdown]
# PyTorch computes the sigmoid as $\frac{1}{1 + e^{-17}}$. In float32 $1 + e^{-17}$ is rounded to 1, so the result is 1. (The float32 number nearest to $\sigma(17)$ would be $1 - 2^{-24}$.) Then the logarithm of $1 - \hat y = 0$ is replaced by $-100$, and the derivative of the sigmoid, $\hat y(1 - \hat y)$, is 0: the upstream gradient is multiplied by 0, and the network does not learn from its error. Autograd has made no mistake: **it is exact about the program, not about the mathematics.** The program has to change.
#
# The second line computes the loss from $z$ and never forms $\hat y$. Put $\hat y = \sigma(z)$ into the log loss. Multiply the numerator and the denominator of $\sigma(z) = \frac{1}{1 + e^{-z}}$ by $e^z$: then $\sigma(z) = \frac{e^z}{1 + e^z}$ and $1 - \sigma(z) = \frac{1}{1 + e^z}$. So $\log\sigma(z) = z - \log(1 + e^z)$ and $\log(1 - \sigma(z)) = -\log(1 + e^z)$. In the loss, the factors $y$ and $1 - y$ of $\log(1 + e^z)$ add up to 1:
#
# $$L = \log(1 + e^z) - y z, \qquad \frac{\partial L}{\partial z} = \sigma(z) - y.$$
#
# One problem is left: in float64 $e^z$ itself is too large from about $z = 710$ on; it **overflows** to infinity. The function `np.logaddexp(a, b)` computes $\log(e^a + e^b)$ without computing the exponentials of large numbers, so that it does not overflow. Note that $1 = e^0$.
#
# ### Exercise 6: a stable log loss
#
# Return the loss and its derivative with respect to $z$, in this order: two numbers, right for every $z$, also for 800 and $-800$. (A warning about an overflow is harmless if the result is right: in floating point $1/(1 + \infty)$ is 0.)


# %% nbgrader={"grade": false, "grade_id": "stable_log_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stable_log_loss(z, y):
    """Return L, dL_dz: two numbers, for any number z and y between 0 and 1."""
    ### BEGIN SOLUTION
    L = np.logaddexp(0, z) - y * z
    dL_dz = np.exp(-np.logaddexp(0, -z)) - y
    ### END SOLUTION
    return L, dL_dz


# %% nbgrader={"grade": true, "grade_id": "stable_log_loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.stable_log_loss.check(stable_log_loss)
### BEGIN HIDDEN TESTS
ex.stable_log_loss.check(stable_log_loss, seed=52750, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: stable_log_loss -->

# %% [markdown]
# ## 7. Any graph at all
#
# Now write back-propagation for any graph. The graph is given as data: an array `values` with the inputs, which are nodes 0, 1, 2 and so on, and a list `ops` of operations. Each operation computes the next node from earlier ones:
#
# - `("add", i, j)` is node $i$ plus node $j$,
# - `("mul", i, j)` is node $i$ times node $j$,
# - `("tanh", i)` is $\tanh$ of node $i$, an activation function like the sigmoid but between $-1$ and 1, with the derivative $1 - \tanh^2$.
#
# For example, with two inputs the list `[("mul", 0, 1), ("tanh", 2)]` computes $\tanh$ of their product: node 2 is the product, and node 3 is the output.
#
# The last node is the output $L$. Since operations use earlier nodes only, the list is in topological order already.
#
# ### Exercise 7: forward
#
# Return the values of all nodes in one array of shape $(n + m,)$: the $n$ inputs first, then one entry for each of the $m$ operations.


# %% nbgrader={"grade": false, "grade_id": "graph_forward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def graph_forward(values, ops):
    """Return nodes, the values of all nodes, of shape (n + m,).

    values has shape (n,), ops is a list of m operations.
    """
    ### BEGIN SOLUTION
    nodes = list(values)
    for name, *operands in ops:
        if name == "add":
            nodes.append(nodes[operands[0]] + nodes[operands[1]])
        elif name == "mul":
            nodes.append(nodes[operands[0]] * nodes[operands[1]])
        else:
            nodes.append(np.tanh(nodes[operands[0]]))
    return np.array(nodes)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "graph_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.graph_forward.check(graph_forward)
### BEGIN HIDDEN TESTS
ex.graph_forward.check(graph_forward, seed=86277, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: graph_forward -->

# %% [markdown]
# ### Exercise 8: open, backward through any graph
#
# Return the derivatives of the output with respect to the $n$ inputs, an array of shape $(n,)$. Go through the list from its end to its beginning. Every node adds its contribution to the derivative of each of its parents. Some nodes are used more than once, also twice by the same operation: in `("mul", 2, 2)` node 2 is both factors. You may call your `graph_forward`.


# %% nbgrader={"grade": false, "grade_id": "graph_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def graph_backward(values, ops):
    """Return dL_dvalues, of shape (n,), where L is the last node.

    values has shape (n,), ops is a list of operations.
    """
    ### BEGIN SOLUTION
    nodes = graph_forward(values, ops)
    grad = np.zeros(len(nodes))
    grad[-1] = 1.0
    for k in reversed(range(len(ops))):
        out = len(values) + k
        name, *operands = ops[k]
        if name == "add":
            i, j = operands
            grad[i] += grad[out]
            grad[j] += grad[out]
        elif name == "mul":
            i, j = operands
            grad[i] += grad[out] * nodes[j]
            grad[j] += grad[out] * nodes[i]
        else:
            grad[operands[0]] += grad[out] * (1 - nodes[out] ** 2)
    return grad[: len(values)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "graph_backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.graph_backward.check(graph_backward)
### BEGIN HIDDEN TESTS
ex.graph_backward.check(graph_backward, seed=89012, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: graph_backward -->

# %% [markdown]
# This is back-propagation, complete. What PyTorch adds is many more kinds of nodes, arrays in place of numbers, and speed. The method has a history: Seppo Linnainmaa described it in 1970 as a way to trace rounding errors through a program, Paul Werbos proposed it for training networks in 1974, and Rumelhart, Hinton and Williams made it known in 1986.

# %% [markdown]
# ## 8. Why it is fast
#
# The chain rule can be applied in two directions. In the forward direction one starts at a single input and computes the derivative of every node with respect to that input. This is **forward mode**, and it takes one pass for every parameter. In the backward direction one starts at the loss and computes the derivative of the loss with respect to every node. This is **reverse mode**: one pass gives the derivatives with respect to all parameters, *because the loss is one number*. (For a function with many outputs, reverse mode takes one pass for every output.)
#
# Central differences apply no chain rule, but they cost as much as forward mode: two runs of the program for each parameter. Before you run the next two cells: with ten times as many parameters, how much longer will each of the two take?


# %%
def passes(parameters):
    """Seconds for one gradient: by a backward pass, and by central differences."""
    w = torch.linspace(-1, 1, parameters, dtype=torch.float64, requires_grad=True)

    def loss(w):
        return torch.tanh(w * w.flip(0)).sum()

    start = time.perf_counter()
    loss(w).backward()
    backward = time.perf_counter() - start
    start = time.perf_counter()
    with torch.no_grad():
        for k in range(parameters):
            nudge = torch.zeros_like(w)
            nudge[k] = 1e-5
            (loss(w + nudge) - loss(w - nudge)) / 2e-5
    return backward, time.perf_counter() - start


# %%
passes(10)  # the very first call is slow, for reasons that have nothing to do with gradients
counts = [10, 30, 100, 300]
backward, differences = zip(*(passes(count) for count in counts))
fig, ax = plt.subplots(figsize=(7, 3.3))
ax.loglog(counts, differences, "s--", label="central differences")
ax.loglog(counts, backward, "o-", label="one forward and one backward pass")
ax.set(xlabel="number of parameters", ylabel="seconds")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# Four things make the backward pass cheap. Terms that many derivatives share are computed once. The values of the forward pass are stored, and the local derivatives are computed from them. Whole layers are computed with matrix products. And one pass serves all parameters. Baur and Strassen proved in 1983 that for a function with one output all partial derivatives together take at most a small constant times as many operations as the function itself, however many inputs it has.
#
# The price is memory: every value that a local derivative needs has to be kept until the backward pass has used it.

# %% [markdown]
# ## What to remember
#
# - A formula is a graph. A node can be computed when its own parents are known, and its derivative is complete when all nodes that use it have contributed.
# - In the backward pass: upstream gradient times local derivative. Add passes it on, multiply multiplies by the other factor, a function of one input multiplies by its derivative.
# - The derivative of ReLU is 1 for $z > 0$ and 0 for $z < 0$.
# - Where a node is used several times, the contributions add: write `+=`.
# - PyTorch adds to `.grad`. Clear it before each backward pass.
# - Autograd is exact about the program. If the program overflows or saturates, its derivative is wrong too.
# - One backward pass serves all parameters, because the loss is one number.
#
# **One question that joins two ideas.** A unit computes $z = wx + b$ and $a = \max(0, z)$, and $z$ is negative for every example in the data. What are $\frac{\partial L}{\partial w}$ and $\frac{\partial L}{\partial b}$ for each example, and what does gradient descent do to this unit?
#
# <details>
# <summary>Answer</summary>
#
# The gate is closed for every example, so $\frac{\partial L}{\partial z} = 0$, and both derivatives are 0. Gradient descent never changes $w$ and $b$, so the gate stays closed as long as the unit's inputs stay the same. This is called a dead ReLU unit. (With softplus the derivatives would be small but not 0.)
#
# </details>

# %% [markdown]
# Next: [04 Many paths](04_multipath_gradients.ipynb), where the number of paths from a weight to the loss grows quickly.
