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
# # 04 Many paths
#
# **After this lesson you can** follow every path from a weight to the loss, add the paths up, take gradients through a softmax, and say why nobody follows paths one by one.
#
# **Time** about 100 minutes. **You need** lessons [01](01_chain_rule.ipynb) to [03](03_computation_graph.ipynb), and matrix times vector.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import multipath_gradients as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import itertools
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
course_map(ex)

# %% [markdown]
# ## 1. Where paths fork, gradients add
#
# When the value of a node is used in two places, the graph **forks**. On the way forward the value is copied. On the way back, something comes home from each place, and the two add up.
#
# ![](../img/fork_adds.svg)
#
# You know this already, from $x$ in the 1-2-1 network and from `+=` in the last exercise of lesson 03. In this lesson almost everything forks.
#
# Here is a deeper network. The weight $w$ leads from the input to one unit of the first hidden layer. That unit feeds three units of the second hidden layer, and all three feed the output.
#
# ![](../img/deep_paths.svg)
#
# Here we write $w$, $u_k$ and $v_k$ for the weights $w_{1\to 1}^{[1]}$, $w_{1\to k}^{[2]}$ and $w_{k\to 1}^{[3]}$ of the figure, and leave out the biases and the grey part of the figure:
#
# $$a^{[1]} = \sigma(wx),\qquad a_k^{[2]} = \sigma(u_k a^{[1]})\quad(k = 1, 2, 3),\qquad \hat y = \sigma\Bigl(\sum_k v_k a_k^{[2]}\Bigr),\qquad L = (\hat y - y)^2.$$
#
# Three paths lead from $w$ to $L$, one through each $a_k^{[2]}$. They begin and end with the same factors and differ in the middle:
#
# $$\frac{\partial L}{\partial w} = \sum_{k=1}^{3}\; \frac{\partial L}{\partial\hat y}\cdot\frac{\partial\hat y}{\partial a_k^{[2]}}\cdot\frac{\partial a_k^{[2]}}{\partial a^{[1]}}\cdot\frac{\partial a^{[1]}}{\partial w}.$$
#
# For a weight of a later layer there are fewer. From $u_2$ there is a single path, and the expansion has one term, a product of local derivatives:
#
# $$\frac{\partial L}{\partial u_2} = \frac{\partial L}{\partial\hat y}\cdot\underbrace{\hat y(1-\hat y)\,v_2}_{\partial\hat y/\partial a_2^{[2]}}\cdot\underbrace{a_2^{[2]}(1 - a_2^{[2]})\,a^{[1]}}_{\partial a_2^{[2]}/\partial u_2}.$$
#
# Here is the whole figure, to move. Point at a node or an arrow, and you read its gradient as a product, path by path. Before you touch it: click the arrow of $w_{2\to 1}^{[3]}$, from $a_2^{[2]}$ to $\hat y$, set that weight to 0, and point at the arrow of $w_{1\to 1}^{[1]}$ again. One of its three shares will vanish. Will the gradient of $w_{1\to 1}^{[1]}$ shrink, grow, or change its sign?

# %%
from backprop.pictures import explore

explore("deep")

# %% [markdown]
# It changes its sign, from $+0.0037$ to $-0.0065$. The share through $a_2^{[2]}$ is gone, and it was one of the two that held the negative one in check. The two that are left have grown, both by the same factor: $\hat y$ has moved, and with it the factors at the end of every path.
#
# ### Exercise 1: three paths
#
# Return the share of each path, as an array of shape $(3,)$, and then the gradient. To see single paths, the check gives $w$ a copy of its own on each of them: the gradient at a copy is that path's share.


# %% nbgrader={"grade": false, "grade_id": "three_paths-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_paths(x, w, u, v, y):
    """Return dL_dw_by_path (3,) and dL_dw; u and v have shape (3,), x, w and y are numbers."""
    a1 = 1 / (1 + np.exp(-w * x))
    a2 = 1 / (1 + np.exp(-u * a1))
    yhat = 1 / (1 + np.exp(-np.sum(v * a2)))
    ### BEGIN SOLUTION
    dL_dz = 2 * (yhat - y) * yhat * (1 - yhat)
    dL_dw_by_path = dL_dz * v * a2 * (1 - a2) * u * a1 * (1 - a1) * x
    dL_dw = dL_dw_by_path.sum()
    ### END SOLUTION
    return dL_dw_by_path, dL_dw


# %% nbgrader={"grade": true, "grade_id": "three_paths", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.three_paths.check(three_paths)
### BEGIN HIDDEN TESTS
ex.three_paths.check(three_paths, seed=48723, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: three_paths -->

# %% [markdown]
# ## 2. A network with two outputs
#
# The rest of the lesson looks at one network closely: four inputs, four hidden sigmoid units, and two outputs that go through a **softmax**, which turns them into probabilities (its formula comes below). The loss is the squared error, and all biases are 0.
#
# | symbol | in code | meaning | elsewhere also called |
# |---|---|---|---|
# | $z^{[1]} = W_1 x$ | `z1` | pre-activations of the hidden units | $a_1$ |
# | $a^{[1]} = \sigma(z^{[1]})$ | `a1` | what the hidden units put out | $h_1$ |
# | $z^{[2]} = W_2 a^{[1]}$ | `z2` | the outputs' pre-activations, called **logits** | $a_2$ |
# | $\hat y = \text{softmax}(z^{[2]})$ | `yhat` | the prediction, one probability a class | |
# | $L = \sum_i(\hat y_i - y_i)^2$ | `L` | the loss | |
#
# The matrices hold one *row for each unit of the next layer*: $w_{jk}$ in row $j$, column $k$ leads from unit $k$ to unit $j$; lesson 02 writes $w_{k\to j}$. The notes the numbers come from write $w_{131}$ for the weight of layer 1 into hidden unit 3 from input 1. That is $w_{1\to 3}^{[1]}$ in the figure below, row 3, column 1 of $W_1$, and `W1[2, 0]` in Python, which counts from 0.

# %%
x = np.array([2.0, 5, 3, 3])
y = np.array([1.0, 0])
W1 = np.array([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]])
W2 = np.array([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]])


def softmax(z):
    exponentials = np.exp(z - z.max())  # subtracting the largest changes nothing and cannot overflow
    return exponentials / exponentials.sum()


def network(x, W1, W2, y):
    z1 = W1 @ x
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ a1
    yhat = softmax(z2)
    return z1, a1, z2, yhat, ((yhat - y) ** 2).sum()


# %%
z1, a1, z2, yhat, L = network(x, W1, W2, y)
for name, value in {"z1": z1, "a1": a1, "z2": z2, "yhat": yhat, "L": L}.items():
    print(f"{name:5s}", np.round(value, 6))

# %% [markdown]
# ### Softmax ties the outputs together
#
# Softmax turns any numbers into probabilities:
#
# $$\hat y_i = \frac{e^{z_i}}{\sum_j e^{z_j}}.$$
#
# In what follows $z_j$ is short for $z_j^{[2]}$, entry $j$ of the vector `z2`. Every logit stands in the denominator of *every* output. If $z_2$ rises, $\hat y_2$ rises, and $\hat y_1$ must fall, because they add up to 1. So softmax is not a bend that treats each number by itself, like a sigmoid. Its derivative is a whole table, the **Jacobian**: row $i$, column $j$ says how fast output $i$ moves with logit $j$,
#
# $$\frac{\partial\hat y_i}{\partial z_j} = \hat y_i\,\bigl([i = j] - \hat y_j\bigr).$$
#
# Here $[i = j]$ is 1 if $i = j$ and 0 if not. It is the quotient rule of school. Write $S = \sum_j e^{z_j}$. If $i = j$, numerator and denominator both move: $\frac{e^{z_i}S - e^{z_i}e^{z_i}}{S^2} = \hat y_i(1 - \hat y_i)$. If not, only the denominator moves: $-\frac{e^{z_i}e^{z_j}}{S^2} = -\hat y_i\hat y_j$. The next cell looks at it by nudging.

# %%
h = 1e-5
jacobian = np.column_stack([(softmax(z2 + h * e) - softmax(z2 - h * e)) / (2 * h) for e in np.eye(2)])
print("by nudging:\n", jacobian.round(6))
print("each column adds up to", jacobian.sum(axis=0).round(10))

# %% [markdown]
# Why does every column add up to 0? Because the outputs always add up to 1: what one gains, the others lose.
#
# ### Exercise 2: the Jacobian of softmax
#
# For any number of classes. Row $i$ is output $i$, column $j$ is logit $j$.


# %% nbgrader={"grade": false, "grade_id": "softmax_jacobian-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_jacobian(z):
    """Return dyhat_dz, of shape (n, n), for the logits z of shape (n,)."""
    p = np.exp(z - z.max())
    p = p / p.sum()
    ### BEGIN SOLUTION
    return np.diag(p) - np.outer(p, p)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "softmax_jacobian", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.softmax_jacobian.check(softmax_jacobian)
### BEGIN HIDDEN TESTS
ex.softmax_jacobian.check(softmax_jacobian, seed=97357, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: softmax_jacobian -->
#
# As a matrix this is $\operatorname{diag}(\hat y) - \hat y\,\hat y^{\mathsf T}$, where $\mathsf T$ turns a column into a row.

# %% [markdown]
# ### Exercise 3: a prediction
#
# Look at the weight $w_{131}$, from input 1 to hidden unit 3. Hidden unit 3 feeds both logits. How many paths lead from $w_{131}$ to $L$?


# %% nbgrader={"grade": false, "grade_id": "count_by_eye-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_by_eye():
    """Return your prediction: the number of paths from w_131 to L in the 4-4-2 network with softmax outputs."""
    ### BEGIN SOLUTION
    return 4
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "count_by_eye", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.count_by_eye.check(count_by_eye)
### BEGIN HIDDEN TESTS
ex.count_by_eye.check(count_by_eye)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: count_by_eye -->

# %% [markdown]
# There are four. The hidden unit feeds two logits, and each logit moves both outputs.
#
# ![](../img/four_paths.svg)
#
# Here is this network, to move. Before you touch it: click the arrow of $w_{1\to 1}^{[2]}$, from $a_1^{[1]}$ to $z_1^{[2]}$. If you raise that weight from 0.5 to 2, $\hat y_1$ rises. By how much does $\hat y_2$ fall? And what do the gradients below $z_1^{[2]}$ and $z_2^{[2]}$ have to do with each other?

# %%
from backprop.pictures import explore

explore("four_four_two")

# %% [markdown]
# $\hat y_2$ falls by exactly as much as $\hat y_1$ rises, and the two gradients are opposites, before and after: what helps one logit hurts the other.
#
# We can list the four paths. Every path is one choice of a logit $j$ and one of an output $i$, and its share is a product of five local derivatives. The next cell asks PyTorch for each local derivative and multiplies along the paths.

# %%
t = {name: torch.tensor(value, requires_grad=True) for name, value in {"W1": W1, "W2": W2}.items()}
z1_t = t["W1"] @ torch.tensor(x)
a1_t = torch.sigmoid(z1_t)
z2_t = t["W2"] @ a1_t
yhat_t = torch.softmax(z2_t, dim=0)
L_t = ((yhat_t - torch.tensor(y)) ** 2).sum()


def slope(top, bottom, index):
    return torch.autograd.grad(top, bottom, retain_graph=True)[0][index].item()


shared = slope(z1_t[2], t["W1"], (2, 0)) * slope(a1_t[2], z1_t, 2)

# %%
total = 0.0
for i, j in itertools.product(range(2), range(2)):
    share = shared * slope(z2_t[j], a1_t, 2) * slope(yhat_t[i], z2_t, j) * slope(L_t, yhat_t, i)
    total += share
    print(f"through logit {j + 1} and output {i + 1}: {share:+.6f}")
L_t.backward()
print(f"sum {total:+.6f}    PyTorch {t['W1'].grad[2, 0].item():+.6f}")

# %% [markdown]
# Two shares are positive and two are negative. Leave out the two paths through the second logit, and $-0.006318$ is left; published notes print $-0.0064$. The truth is $+0.003159$: not only another number, but the other *sign*. A small step with the wrong sign makes the loss larger.
#
# Now look at the first row of the gradient of $W_1$, all the weights into hidden unit 1. Before you run it: hidden unit 1 reaches the logits through the weights 0.5 and 0.5. What will come back?

# %%
print(t["W1"].grad.numpy().round(6))

# %% [markdown]
# Exactly 0 on paper. (PyTorch's own numbers there are about $10^{-18}$, which is rounding.) Whatever hidden unit 1 adds, it adds to both logits alike, and softmax sees only their difference. The paths are all there, and they **cancel**. A gradient of 0 does not mean that there is no way to the loss.
#
# The next cell draws every path of one weight and its share as a bar, once from zero, once end to end. It begins with $w_{1\to 1}^{[1]}$, the first entry of that row of zeros. Which of its four bars point left, do you think? And if you then move $w_{1\to 1}^{[2]}$ from 0.5 to 0.6, does the gradient stay 0?

# %%
from backprop.pictures import follow_paths

follow_paths("four_four_two", "w1_11")

# %% [markdown]
# The two through logit 1 point left, the two through logit 2 point right, all four equally far. With 0.6 the balance is lost: hidden unit 1 now helps logit 1 more than logit 2, and the gradient is $-0.001416$. Choose $w_{1\to 3}^{[1]}$ with the 0.5 back in its place, and the bars are the four shares that you saw above.
#
# ## 3. Through the softmax, in matrices
#
# The gradient at a logit is the sum over the outputs:
#
# $$\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial\hat y_i}\cdot\frac{\partial\hat y_i}{\partial z_j},$$
#
# and that is a matrix product, the transposed Jacobian (rows and columns exchanged; this one is symmetric, so nothing changes) times $\frac{\partial L}{\partial\hat y}$. The weight $w_{jk}$ of $W_2$ multiplies $a_k$ on its way into logit $j$, so $\frac{\partial L}{\partial w_{jk}} = \frac{\partial L}{\partial z_j}\,a_k$: the **outer product** of the two vectors, a table with the product of entry $j$ of one and entry $k$ of the other (`np.outer`). It has the shape of $W_2$.
#
# You may have seen that softmax gives simply $\hat y - y$. That is true with another loss, the cross-entropy. With the squared error it is not. And a question before the next cell: its last line takes one step on $w_{212}$, the weight 0.8, with $\alpha = 1$. Will the weight grow or shrink?

# %%
z2_leaf = torch.tensor(z2, requires_grad=True)
((torch.softmax(z2_leaf, 0) - torch.tensor(y)) ** 2).sum().backward()
print("dL_dz2          ", z2_leaf.grad.numpy().round(6))
print("yhat - y        ", (yhat - y).round(6))
print("dL_dW2, first row", t["W2"].grad[0].numpy().round(6))

stepped = W2.copy()
stepped[0, 1] -= 1.0 * t["W2"].grad[0, 1].item()
print(f"the step takes w_212 from 0.8 to {stepped[0, 1]:.6f}")
print(f"and the loss from {L:.6f} to {network(x, W1, stepped, y)[-1]:.6f}")

# %% [markdown]
# ### Exercise 4: the output layer
#
# Three classes, five hidden units. `a1` is what the hidden layer puts out. You may call your `softmax_jacobian`, if its check is right.


# %% nbgrader={"grade": false, "grade_id": "softmax_output_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_output_layer(a1, W2, y):
    """Return dL_dyhat (3,), dL_dz2 (3,), dL_dW2 (3, 5); a1 has shape (5,), W2 (3, 5), y (3,)."""
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    ### BEGIN SOLUTION
    dL_dz2 = softmax_jacobian(z2).T @ dL_dyhat
    dL_dW2 = np.outer(dL_dz2, a1)
    ### END SOLUTION
    return dL_dyhat, dL_dz2, dL_dW2


# %% nbgrader={"grade": true, "grade_id": "softmax_output_layer", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.softmax_output_layer.check(softmax_output_layer)
### BEGIN HIDDEN TESTS
ex.softmax_output_layer.check(softmax_output_layer, seed=31755, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: softmax_output_layer -->

# %% [markdown]
# ### Exercise 5: both layers
#
# Hidden unit $k$ feeds every logit. What comes back to it is a sum over the logits, each with the weight through which it was fed. Return the gradients from the logits back to $W_1$.


# %% nbgrader={"grade": false, "grade_id": "softmax_hidden_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_hidden_layer(x, W1, W2, y):
    """Return dL_dz2 (3,), dL_dW2 (3, 5), dL_da1 (5,), dL_dz1 (5,), dL_dW1 (5, 4); x has shape (4,), y (3,)."""
    z1, a1, z2, yhat, L = network(x, W1, W2, y)
    ### BEGIN SOLUTION
    _, dL_dz2, dL_dW2 = softmax_output_layer(a1, W2, y)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dW1 = np.outer(dL_dz1, x)
    ### END SOLUTION
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dW1


# %% nbgrader={"grade": true, "grade_id": "softmax_hidden_layer", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.softmax_hidden_layer.check(softmax_hidden_layer)
### BEGIN HIDDEN TESTS
ex.softmax_hidden_layer.check(softmax_hidden_layer, seed=78619, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: softmax_hidden_layer -->

# %% [markdown]
# ### Exercise 6: every path of one weight
#
# Now you list the paths, as PyTorch did above. One weight $w$ leads into one hidden unit, $a = \sigma(wx + c)$, where $c$ stands for all that the other inputs bring. The unit adds $v_j a$ to logit $j$, and the other units add $r_j$: $z_j = v_j a + r_j$. There are three classes, so nine paths. Return the table of their shares, row $j$ for the logit, column $i$ for the output, and the gradient.


# %% nbgrader={"grade": false, "grade_id": "paths_of_a_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paths_of_a_weight(x, w, c, v, r, y):
    """Return dL_dw_by_path (3, 3), row j for logit j and column i for output i, and dL_dw; v, r, y have shape (3,)."""
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    ### BEGIN SOLUTION
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dyhat = 2 * (yhat - y)
    dL_dw_by_path = x * a * (1 - a) * v[:, None] * jacobian.T * dL_dyhat[None, :]
    dL_dw = dL_dw_by_path.sum()
    ### END SOLUTION
    return dL_dw_by_path, dL_dw


# %% nbgrader={"grade": true, "grade_id": "paths_of_a_weight", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.paths_of_a_weight.check(paths_of_a_weight)
### BEGIN HIDDEN TESTS
ex.paths_of_a_weight.check(paths_of_a_weight, seed=16473, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: paths_of_a_weight -->

# %% [markdown]
# ## 4. Too many paths
#
# Listing paths explains the gradient. It is no way to compute it.
#
# ### Exercise 7: paths and edges
#
# A network is given by the number of units in each layer, for example `[4, 4, 2]`, every unit feeding every unit of the next layer. Count all the paths that begin at some unit of the first layer and end at some unit of the last. And how many edges are there?


# %% nbgrader={"grade": false, "grade_id": "paths_and_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paths_and_edges(widths):
    """Return paths and edges, two whole numbers; widths is a list of ints, at least two."""
    ### BEGIN SOLUTION
    paths = 1
    for width in widths:
        paths *= width
    edges = sum(above * below for above, below in zip(widths, widths[1:]))
    ### END SOLUTION
    return paths, edges


# %% nbgrader={"grade": true, "grade_id": "paths_and_edges", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.paths_and_edges.check(paths_and_edges)
### BEGIN HIDDEN TESTS
ex.paths_and_edges.check(paths_and_edges, seed=63549, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: paths_and_edges -->

# %% [markdown]
# With width 6, each further layer multiplies the number of paths by 6. The number of edges grows only by 36. Back-propagation visits every edge once. At how many layers, would you say, does following the paths become hopeless?
#
# Let a network grow. The picture counts the paths from one input to the outputs, and the multiplications that PyTorch's backward pass does. It begins with 4 layers of width 4, which have $4^4 = 256$ such paths. How many multiplications will the backward pass need? And at width 6, which depth is the first with more than a million paths?

# %%
from backprop.pictures import grow_deep

grow_deep(depth=4, width=4)

# %% [markdown]
# 64 multiplications, one for each edge. At width 6 the eighth layer takes it past a million: 1679616 paths, and 288 multiplications.
#
# The next two cells take the time. They follow every path from one input of a network of width 6, without bends, in plain Python, and beside it run PyTorch's backward pass.


# %%
def seconds(depth, width=6):
    """Seconds to get one gradient by listing all paths, and by one backward pass, for `depth` layers."""
    rng = np.random.default_rng(depth)
    weights = [rng.normal(size=(width, width)) / width for _ in range(depth)]
    start = time.perf_counter()
    total = 0.0
    for way in itertools.product(range(width), repeat=depth):
        share = weights[0][way[0], 0]
        for W, below, above in zip(weights[1:], way, way[1:]):
            share *= W[above, below]
        total += share
    listing = time.perf_counter() - start
    x = torch.zeros(width, dtype=torch.float64, requires_grad=True)
    a = x
    for W in weights:
        a = torch.tensor(W) @ a
    start = time.perf_counter()
    a.sum().backward()
    assert abs(x.grad[0].item() - total) < 1e-9
    return listing, time.perf_counter() - start


# %%
seconds(1)  # the first call of all is slow, for reasons that have nothing to do with paths
depths = [1, 2, 3, 4, 5, 6]
listing, backward = zip(*(seconds(depth) for depth in depths))
fig, ax = plt.subplots(figsize=(7, 3.3))
ax.semilogy(depths, listing, "s--", label="following every path")
ax.semilogy(depths, backward, "o-", label="back-propagation")
ax.set(xlabel="layers", ylabel="seconds")
ax.grid(alpha=0.3)
ax.legend()
growth = (listing[-1] / listing[-3]) ** 0.5
print(f"following paths: about {growth:.1f} times as long for each further layer")

# %% [markdown]
# Both give the same number; the cell would have stopped if not. The trick of back-propagation is small and changes everything: **wherever paths meet, add them up at once, and go on with the sum.** All that comes back to a unit has the same ways on from there, so its sum can travel each of them in one go. It is $ab + ac = a(b + c)$, and nothing more.
#
# ### Exercise 8: open, a deep network
#
# Any number of layers of any size: $a^{[0]} = x$, $a^{[l]} = \tanh(W_l\,a^{[l-1]})$, and $L$ is the sum of the squares of the last $a$. Return $\frac{\partial L}{\partial x}$. Some of the check's networks have fourteen layers and more than $10^{11}$ paths, so add where they meet. The slope of $\tanh$ is $1 - \tanh^2$.


# %% nbgrader={"grade": false, "grade_id": "deep_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deep_backward(x, weights):
    """Return dL_dx, of the shape of x; weights is a list of matrices, the first one next to x."""
    ### BEGIN SOLUTION
    a = [x]
    for W in weights:
        a.append(np.tanh(W @ a[-1]))
    dL_da = 2 * a[-1]
    for W, above in zip(weights[::-1], a[::-1]):
        dL_da = W.T @ (dL_da * (1 - above**2))
    return dL_da
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "deep_backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.deep_backward.check(deep_backward)
### BEGIN HIDDEN TESTS
ex.deep_backward.check(deep_backward, seed=20866, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: deep_backward -->

# %% [markdown]
# ## What to remember
#
# - Where a value is used several times, its gradient is the sum of what comes back.
# - Each path's share is a product of local derivatives. Shares have signs and may cancel.
# - Softmax ties all outputs together. Its Jacobian is $\operatorname{diag}(\hat y) - \hat y\,\hat y^{\mathsf T}$, and the off-diagonal part is not optional.
# - $\hat y - y$ at the logits belongs to softmax with cross-entropy, not to softmax with squared error.
# - For one example, the gradient of a matrix of weights is an outer product, and has the shape of the matrix.
# - Paths grow like width to the power of depth, edges like width squared times depth. Back-propagation adds paths where they meet, and so pays for the edges only.
#
# You have now derived every gradient of four small networks by hand. [Lesson 01](01_chain_rule.ipynb) looks different from here: go back and see how little it takes.
#
# Next: [05 Layers and batches](05_layers_and_batches.ipynb), where a layer and a whole batch go back in three lines.
