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
# **After this lesson you can** read any formula as a graph, push values forward and gradients back through it, write a backward pass for a graph you have never seen, and say what PyTorch does when you call `.backward()`.
#
# **Time** about 100 minutes. **You need** lessons [01](01_chain_rule.ipynb) and [02](02_one_two_one_network.ipynb).

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import computation_graph as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import time

import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
course_map(ex)

# %% [markdown]
# ## 1. A formula is a graph
#
# Take logistic regression: two inputs, two weights, a bias, a sigmoid, the log loss. In one line it is
#
# $$L = -\bigl(y\log\sigma(w_1x_1 + w_2x_2 + b) + (1 - y)\log(1 - \sigma(w_1x_1 + w_2x_2 + b))\bigr).$$
#
# A computer never sees that line. It sees small steps, each with a name: two products $p_1 = w_1x_1$ and $p_2 = w_2x_2$, their sum with the bias $z$, the sigmoid $\hat y$, the loss $L$. Draw each number as a **node**, and an arrow, an **edge**, from each number to those that are made from it. That drawing is the **computation graph**. Inputs and parameters are nodes that nothing leads to.
#
# ![](../img/logistic_graph.svg)
#
# As data, a graph is a table: for every node, the nodes that it is made from, its **parents**. Beside it goes a rule for each node, here as a `lambda`, which is a small function without a name.

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
# When may a node be worked out? As soon as *its own parents* are known. It need not wait for anybody else, not for a "layer" or a "row" of the drawing. Any order in which every node comes after its parents will do. Such an order is called **topological**. The backward pass uses the same order from the other end.
#
# Before you run the next cell: which nodes can be worked out first? Can $z$ come before $p_2$?

# %%
values = {"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1.0}
waiting = ["L", "yhat", "z", "p2", "p1"]  # on purpose in the worst order
while waiting:
    ready = [node for node in waiting if all(parent in values for parent in parents[node])]
    for node in ready:
        values[node] = rules[node](*(values[parent] for parent in parents[node]))  # the rule, given its parents
        waiting.remove(node)
        print(f"{node:5s} = {values[node]: .4f}   from {', '.join(parents[node])}")

# %% [markdown]
# Each round finds the nodes whose parents are all there. That is the whole forward pass.
#
# On the way back the rule is turned round. A node waits for every node that *uses* it: only then is its gradient complete.
#
# ## 2. What each kind of node does on the way back
#
# Every node knows one thing: how fast its output moves with each of its inputs. That is its **local derivative**. On the way back it multiplies what arrives from behind, that is, from the side of the loss, by that, and passes it on.
#
# ### Exercise 1: a prediction
#
# Take the add node alone, $z = p_1 + p_2 + b$ with $p_1 = -6$, $p_2 = 7.5$, $b = -1$. With another loss than in the figure, $\frac{\partial L}{\partial z} = -0.6$ arrives at it. What is $\frac{\partial L}{\partial p_1}$?


# %% nbgrader={"grade": false, "grade_id": "at_the_add-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def at_the_add():
    """Return your prediction of dL_dp1, where dL_dz = -0.6 arrives at z = p1 + p2 + b."""
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
# Make $p_1$ a little larger and see how far the sum moves.

# %%
p1, p2, b = -6.0, 7.5, -1.0
move = 0.001
print("z moves by", round((p1 + move + p2 + b) - (p1 + p2 + b), 6), "when p1 moves by", move)

# %% [markdown]
# So $L$ moves by $-0.6$ times 0.001: an add node passes on what arrives. Here are all three kinds of nodes.
#
# | node | on the way back | in words |
# |---|---|---|
# | $s = u + v$ | $\dfrac{\partial L}{\partial u} = \dfrac{\partial L}{\partial s}$ and the same for $v$ | add passes on |
# | $p = u\,v$ | $\dfrac{\partial L}{\partial u} = \dfrac{\partial L}{\partial p}\,v$ and $\dfrac{\partial L}{\partial v} = \dfrac{\partial L}{\partial p}\,u$ | multiply swaps |
# | $a = f(z)$ | $\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial a}\,f'(z)$ | a bend multiplies by its slope |
#
# What arrives from behind has a name too: the **upstream gradient**.
#
# If $u$ is used elsewhere too, this is only its share from this node. The shares add.

# %% [markdown]
# ### Exercise 2: one add, one multiply
#
# Let $p = uv$ and $s = p + w$. The gradient `dL_ds` arrives from behind, and you do not need to know what made it. A node needs only its inputs and what arrives. Return the four gradients.


# %% nbgrader={"grade": false, "grade_id": "add_and_multiply-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def add_and_multiply(u, v, w, dL_ds):
    """Return dL_dp, dL_dw, dL_du, dL_dv for p = u*v and s = p + w; all inputs are numbers."""
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
# ## 3. Logistic regression, all the way back
#
# Now walk the whole graph from right to left. With the numbers of the figure, $x_1 = 1.5$, $x_2 = 2.5$, $w_1 = -4$, $w_2 = 3$, $b = -1$, $y = 1$:
#
# - $\dfrac{\partial L}{\partial\hat y} = -\dfrac{1}{\hat y}$, because with $y = 1$ only the first term of the loss is left;
# - $\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial\hat y}\cdot\hat y(1-\hat y) = \hat y - 1$;
# - add passes it on, and multiply swaps.
#
# You can walk it here, a node a step. Before you press Next for the first time on the way back, tick the box and predict each number. Which steps need no pencil at all?

# %%
from backprop.pictures import step_through

step_through("logistic")

# %% [markdown]
# At the add node there is nothing to work out: $-0.3775$ arrives at $z$, and all three inputs get it unchanged. Each step on the way back uses one number from behind and one slope, and nothing else.
#
# Here is the same in PyTorch, all at once.

# %%
x1, x2, w1, w2, b, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.5, 2.5, -4.0, 3.0, -1.0, 1.0))
z = w1 * x1 + w2 * x2 + b
yhat = torch.sigmoid(z)
L = -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat))
for node in (z, yhat):
    node.retain_grad()  # PyTorch keeps the gradients of such inner nodes only when asked
L.backward()
print(f"z = {z.item():.4f}, yhat = {yhat.item():.4f}, L = {L.item():.4f}")
for name, node in {"yhat": yhat, "z": z, "w1": w1, "w2": w2, "b": b}.items():
    print(f"dL_d{name:5s}{node.grad.item(): .4f}")

# %% [markdown]
# Now move the numbers themselves. Predict before you do: if $x_1$ goes to 0, which weight's gradient is 0, and does $w_1$ still matter for the loss? And can any weight make the gradient at $b$ larger than 1?

# %%
from backprop.pictures import explore

explore("logistic")

# %% [markdown]
# With $x_1 = 0$ the gradient at $w_1$ is 0: multiply hands $w_1$ the value of its partner, and the weight moves nothing. The gradient at $b$ is $\hat y - y$, which never leaves the range from $-1$ to 1.
#
# Next, do a whole pass yourself. The values go above the nodes, from left to right, the gradients below, from right to left. If you slip, what follows is judged by your own number. You have seen these numbers, so press "New numbers" first. Before you begin: how many of the 14 fields can you fill without working anything out?

# %%
from backprop.pictures import fill_in

fill_in("logistic")

# %% [markdown]
# Three: once the gradient at $z$ is there, the add node gives it to $w_1x_1$, $w_2x_2$ and $b$ unchanged. Everything else takes one multiplication or one function.
#
# The numbers of this example are friendly, and friendly numbers hide mistakes. With $y = 1$ somebody who forgets the second term of the loss still gets the right answer here. That is why the check uses soft targets and inputs of both signs.
#
# ### Exercise 3: the logistic graph
#
# Return the gradients, from the loss back to the parameters.


# %% nbgrader={"grade": false, "grade_id": "logistic_graph-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def logistic_graph(x1, x2, w1, w2, b, y):
    """Return dL_dyhat, dL_dz, dL_dw1, dL_dw2, dL_db; all inputs are numbers, y between 0 and 1."""
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
# Your function and PyTorch, side by side on the graph. Before you move anything: at which numbers might the two differ, if the check above is green? And suppose somebody had forgotten the second term of the log loss, the one with $1 - y$: where would $y$ have to be for that to show?

# %%
explore("logistic", logistic_graph)

# %% [markdown]
# With a green check the marks stay ✓ wherever you go. The forgotten term is $0$ at $y = 1$, so there the slip hides, and it shows as soon as $y$ leaves 1.
#
# ## 4. One ReLU neuron
#
# A second graph, with three inputs and a corner in it.
#
# ![](../img/relu_neuron.svg)
#
# $z = w_1x_1 + w_2x_2 + w_3x_3 + b$ and $a = \max(0, z)$. In the figure $x = (1, -2, 3)$, $w = (-3, -1, 2)$, $b = 1$, so $z = 6$ and $a = 6$, and the upstream gradient is 1.


# %%
def neuron(x, w, b, upstream):
    x, w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (x, w, b))
    z = (x * w).sum() + b
    (upstream * torch.relu(z)).backward()  # L = upstream * a, so that dL/da is the upstream gradient
    print(f"z = {z.item():4.1f}   dL_dx = {x.grad.tolist()}   dL_dw = {w.grad.tolist()}   dL_db = {b.grad.item()}")


neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], 1.0, upstream=1.0)

# %% [markdown]
# What will change if the upstream gradient is $-2$? Keep that $-2$: what if the bias is $-6$, so that $z$ is negative? And if it is $-5$, so that $z = 0$? Say it before you run. (In the output, `-0.0` is 0; a float zero carries a sign.)

# %%
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], 1.0, upstream=-2.0)
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], -6.0, upstream=-2.0)
neuron([1.0, -2.0, 3.0], [-3.0, -1.0, 2.0], -5.0, upstream=-2.0)

# %% [markdown]
# ReLU is a **gate**. If $z > 0$ it is open, and whatever arrives passes. If $z < 0$ it is shut, and nothing passes: a small change of $z$ changes nothing. Whether it is open depends on $z$ alone, not on the sign of an input, a weight or the gradient. At $z = 0$ there is no slope; PyTorch takes 0.
#
# Here is the neuron to move, with 1 arriving at $a$. Before you move $b$: how far must it fall until the gate shuts, and which gradients change on the way there?

# %%
explore("relu")

# %% [markdown]
# The gate shuts when $b$ has fallen by 6, to $-5$. On the way there no gradient changes at all, because $b$ is a factor in none of them. Then all but the one at $a$ are 0 at once.

# %% [markdown]
# ### Exercise 4: the ReLU neuron
#
# `x` and `w` are arrays of the same length $n$. `dL_da` is the upstream gradient.


# %% nbgrader={"grade": false, "grade_id": "relu_neuron-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_neuron(x, w, b, dL_da):
    """Return dL_dz, dL_dx (n,), dL_dw (n,), dL_db; x and w have shape (n,), b and dL_da are numbers."""
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
# - A tensor that you make yourself with `requires_grad=True` is a **leaf**: something we want the gradient of. What is worked out from it is an inner node.
# - Every operation on it makes a new node, and the node remembers in `grad_fn` which operation it was and who its parents are. So the graph is drawn while the program runs.
# - `L.backward()` walks that graph from `L` back, in topological order from the other end, and leaves in the `.grad` of each leaf what arrives there.
# - Inner nodes keep their gradient only if you call `retain_grad()`.
# - After that the kept values are freed. A second `.backward()` through the *same* graph is an error, unless the first was called with `retain_graph=True`.

# %%
w = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
p = w * 2
L = p**2
print("L was made by ", L.grad_fn.name(), " from ", [parent.name() for parent, _ in L.grad_fn.next_functions if parent])
print("p was made by ", p.grad_fn.name())
print("is a leaf:  w", w.is_leaf, "  p", p.is_leaf)
p.retain_grad()
L.backward()
print("w.grad =", w.grad.item(), "  p.grad =", p.grad.item(), "(None without retain_grad)")

# %% [markdown]
# ### Exercise 5: a prediction
#
# Let $L = w^2$ with $w = 3$. We run forward and backward, and then forward and backward once more, and touch nothing in between. What is in `w.grad`?


# %% nbgrader={"grade": false, "grade_id": "two_calls-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_calls():
    """Return your prediction of w.grad after two backward passes of L = w**2 at w = 3."""
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
# `.backward()` *adds* to what is in `.grad`. Adding is right when a leaf is used in several places: there gradients do add. But it also means that a training loop has to clear the gradients before each backward pass, with `optimizer.zero_grad()`. If you forget, every step uses the sum of all gradients so far.
#
# ## 6. When the numbers run out
#
# A derivation can be right on paper and fail on a computer. Look at the log loss as it is written above, with $z = 40$ and $y = 1$. The prediction is excellent and the loss should be nearly 0. What do you expect to see?


# %%
def log_loss_naive(z, y):
    yhat = 1 / (1 + torch.exp(-z))
    return -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat))


z = torch.tensor(40.0, dtype=torch.float64, requires_grad=True)
L = log_loss_naive(z, 1.0)
L.backward()
print("z = 40, y = 1: loss", L.item(), "  gradient", z.grad.item())

# %% [markdown]
# `nan` means "not a number". In float64 $\sigma(40)$ rounds to exactly 1. Then $\log(1 - \hat y)$ is $-\infty$, and $0\cdot\infty$ is not a number.
#
# PyTorch's own `binary_cross_entropy` guards against that: it never lets a logarithm fall below $-100$. Is that enough? Try it in float32, for a prediction that is badly *wrong*: $z = 17$, $y = 0$. The true loss is 17.0 and the true gradient 1.0. (A *logit* is a $z$ before its sigmoid.)

# %%
z = torch.tensor(17.0, requires_grad=True)
L = torch.nn.functional.binary_cross_entropy(torch.sigmoid(z), torch.tensor(0.0))
L.backward()
print(f"sigmoid, then binary_cross_entropy:  loss {L.item():.1f}   gradient {z.grad.item():.1f}")

z = torch.tensor(17.0, requires_grad=True)
L = torch.nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(0.0))
L.backward()
print(f"the same, worked out from z:         loss {L.item():.1f}   gradient {z.grad.item():.1f}")

# %% [markdown]
# In float32 this $\sigma(17)$ is exactly 1. So the logarithm is cut off at $-100$, and the sigmoid's slope $\hat y(1 - \hat y)$ is exactly 0: whatever arrives is multiplied by 0. The network is as wrong as can be, and will not learn from it. Autograd has made no mistake. **It is exact about the program, not about the mathematics.** The program was bad.
#
# The second line works from $z$ and never forms $\hat y$. Put $\hat y = \sigma(z)$ into the log loss: $\log\sigma(z) = z - \log(1 + e^z)$ and $\log(1 - \sigma(z)) = -\log(1 + e^z)$. So
#
# $$L = \log(1 + e^z) - y z, \qquad \frac{\partial L}{\partial z} = \sigma(z) - y.$$
#
# One trap is left: $e^z$ itself overflows from about $z = 710$ on. The function `logaddexp(a, b)` is $\log(e^a + e^b)$, worked out so that it cannot overflow.
#
# ### Exercise 6: a loss that survives
#
# Return the loss and its gradient for any $z$, also for 800 and $-800$. (A warning about an overflow is harmless if what comes out is right: $1/(1 + \infty)$ is 0.)


# %% nbgrader={"grade": false, "grade_id": "stable_log_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def stable_log_loss(z, y):
    """Return L and dL_dz of the log loss at the numbers z (of any size) and y between 0 and 1."""
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
# Now write the machine itself. A graph comes as data: an array `values` with the inputs, which are nodes 0, 1, 2 and so on, and a list `ops` of operations. Each operation makes the next node from earlier ones:
#
# - `("add", i, j)` is node $i$ plus node $j$,
# - `("mul", i, j)` is node $i$ times node $j$,
# - `("tanh", i)` is $\tanh$ of node $i$, a bend like the sigmoid but between $-1$ and 1, with the slope $1 - \tanh^2$.
#
# The last node is the output $L$. Since operations use earlier nodes only, the list is in topological order already.
#
# ### Exercise 7: forward
#
# Return the values of all nodes, the inputs first.


# %% nbgrader={"grade": false, "grade_id": "graph_forward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def graph_forward(values, ops):
    """Return the values of all nodes, of shape (n + m,); values has shape (n,), ops is a list of m operations."""
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
# Walk the list from its end to its beginning. Every node adds its share to the gradient of each of its parents. Mind nodes that are used more than once, also twice by the same operation: in `("mul", 2, 2)` node 2 is both factors.


# %% nbgrader={"grade": false, "grade_id": "graph_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def graph_backward(values, ops):
    """Return dL_dvalues, of shape (n,), where L is the last node of the graph; values has shape (n,)."""
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
# This is back-propagation, all of it. What PyTorch adds is many more kinds of nodes, arrays in place of numbers, and speed.
#
# ## 8. Why it is fast
#
# There are two directions in which one could apply the chain rule. Going forward, one asks for a single input at a time: if this one moves, what does everything else do? That is **forward mode**, and it costs one pass for every parameter. Going backward, one asks the loss: what moves you? That is **reverse mode**, one pass for all parameters together.
#
# Nudging applies no chain rule, but it pays like forward mode: two runs of the program for each parameter. Before you run the next two cells: with ten times as many parameters, how much longer will each way take?


# %%
def passes(parameters):
    """Seconds for all gradients of one loss: by one backward pass, and by nudging each parameter."""
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
passes(10)  # the first call of all is slow, for reasons that have nothing to do with gradients
counts = [10, 30, 100, 300, 1000]
backward, nudging = zip(*(passes(count) for count in counts))
fig, ax = plt.subplots(figsize=(7, 3.3))
ax.loglog(counts, nudging, "s--", label="nudging each parameter")
ax.loglog(counts, backward, "o-", label="one forward and one backward pass")
ax.set(xlabel="number of parameters", ylabel="seconds")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# Four things make the backward pass cheap. Terms that many gradients share are worked out once. The values of the forward pass are kept, and the local derivatives are made of them. Whole layers are done with matrices. And one pass serves all parameters.
#
# The price is memory: every value that a local derivative is made of has to be kept until the backward pass has used it.
#
# ## What to remember
#
# - A formula is a graph of small steps. A node can be worked out when its own parents are known.
# - Add passes on, multiply swaps, a bend multiplies by its slope. What arrives from behind is a factor in all three.
# - ReLU is a gate that opens and shuts with the sign of $z$.
# - Where a node is used several times its gradient is a sum, so write `+=`.
# - PyTorch adds to `.grad`. Clear it before each backward pass.
# - Autograd is exact about the program. If the program overflows or saturates, the gradient is lost with it.
# - One backward pass serves all parameters; forward mode needs one for each.
#
# Next: [04 Many paths](04_multipath_gradients.ipynb), where the ways from a weight to the loss become too many to count.
