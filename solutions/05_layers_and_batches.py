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
# # 05 Layers and batches
#
# **After this lesson you can** write the backward pass of a layer for a whole batch in three lines, say which gradients are sums and over which axis, and train a network of any depth with gradients that you have derived yourself, from initial weights that fit its depth, on minibatches.
#
# **Time** about five hours. Good places for a break are after section 5 and after section 7, where the first half ends. **You need** lessons [01](01_chain_rule.ipynb) to [04](04_multipath_gradients.ipynb): gradients of several paths add, ReLU, the Jacobian of softmax, the product of two matrices.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import layers_and_batches as ex
    from backprop.progress_bar import progress_bar
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {cure}") from None

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
# 1. A neuron computes $z = w_1x_1 + w_2x_2 + b$ and $a = \max(0, z)$ with $x = (2, -1)$, $w = (0.5, 3)$, $b = 1.5$. The upstream gradient is $\frac{\partial L}{\partial a} = 4$. What is $\frac{\partial L}{\partial w_1}$?
# 2. $L = ab$ with $a = 2x$ and $b = x^2$. What is $\frac{dL}{dx}$ at $x = 3$?
# 3. A softmax has two outputs, $p_1 = 0.7$ and $p_2 = 0.3$. What is $\frac{\partial p_1}{\partial z_2}$, the derivative of the first output with respect to the *second* logit?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_05-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_05():
    """Return dL_dw1, dL_dx and dp1_dz2, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return 0, 54, -0.21
    ### END SOLUTION


# %%
ex.recall_05.check(recall_05)

# %% [markdown]
# <!-- hints: recall_05 -->

# %% [markdown]
# ## 1. A layer is a matrix product
#
# So far one example at a time went through the network. From here on a **batch** of $N$ examples goes through at once, one example in each row of a matrix $X$. A **dense layer** with $D$ inputs and $K$ units computes
#
# $$Z = XW + b,\qquad z_{nk} = \sum_{i=1}^{D} x_{ni}\,w_{ik} + b_k.$$
#
# Write down the shapes whenever you write such a line: $X$ is $(N, D)$, $W$ is $(D, K)$, $b$ is $(K,)$ and $Z$ is $(N, K)$. In the product $XW$ the inner sizes must match, here $D$ and $D$; that axis is summed over. The outer sizes remain.
#
# **The convention changes here.** In lesson 04, $W$ has a *row* for each unit of the next layer. From here on it has a *column* for each unit. One matrix is the transpose of the other, so every formula with $W$ in it is transposed too.
#
# | | lesson 04 | from here on |
# |---|---|---|
# | an example | a column $x$, shape $(D,)$ | a row of $X$, shape $(N, D)$ |
# | the weights into unit $k$ | row $k$ of $W$, which is $(K, D)$ | column $k$ of $W$, which is $(D, K)$ |
# | forward | `z = W @ x + b` | `Z = X @ W + b` |
# | gradient of the inputs | `W.T @ dL_dz` | exercise 3 |
# | gradient of $W$ | `np.outer(dL_dz, x)`, of shape $(K, D)$ | exercise 3, of shape $(D, K)$ |
#
# Both conventions are in use. `torch.nn.Linear` stores its weights as in lesson 04 and multiplies by their transpose.
#
# ### One example first
#
# Take one example, a row $x$ with $D$ entries. Input $i$ is used by *every* unit of the layer, by unit $k$ with the weight $w_{ik}$. So there are $K$ paths from $x_i$ to the loss, and their contributions add. With $\delta_k = \frac{\partial L}{\partial z_k}$,
#
# $$\frac{\partial L}{\partial x_i} = \sum_{k=1}^{K} w_{ik}\,\delta_k,\qquad \frac{\partial L}{\partial w_{ik}} = x_i\,\delta_k,\qquad \frac{\partial L}{\partial b_k} = \delta_k.$$
#
# The first formula is the central one of this lesson: **the gradient of an input is the weighted sum of the next layer's deltas**, with the weights of that input.
#
# The next cell has a layer with four inputs and three units. PyTorch computes $\frac{\partial L}{\partial x}$ for two upstream gradients $\delta$. The weights of the first input are 0.2, 0.5 and $-0.26$. Before you run the cell, predict its gradient for $\delta = (1, 1, 1)$ and for $\delta = (1, -2, 0.5)$.

# %%
W = np.array([[0.2, 0.5, -0.26], [0.8, -0.91, -0.27], [-0.5, 0.26, 0.17], [1, -0.5, 0.87]])
x = np.array([1.0, 2.0, 3.0, 2.5])
for delta in ([1.0, 1.0, 1.0], [1.0, -2.0, 0.5]):
    x_t = torch.tensor(x, requires_grad=True)
    z = x_t @ torch.tensor(W)
    z.backward(torch.tensor(delta, dtype=torch.float64))  # the upstream gradient at z
    print("delta", delta, "  dL_dx", x_t.grad.numpy().round(6))

# %% [markdown]
# With $\delta = (1, 1, 1)$, a program that leaves out the deltas and only adds up the rows of $W$ gives the right numbers. With $\delta = (1, -2, 0.5)$ it does not. Equal numbers hide mistakes, so the checks use numbers that differ.
#
# ### Exercise 1: one example
#
# The line for the biases is written. Write the other two. **Return** `dL_db` of shape $(K,)$, `dL_dx` of shape $(D,)$ and `dL_dW` of shape $(D, K)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "dense_example-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_example(dL_dz, x, W):
    """Return the three gradients of z = x @ W + b.

    dL_dz (K,), x (D,), W (D, K)
    ->  dL_db (K,), dL_dx (D,), dL_dW (D, K)
    """
    dL_db = dL_dz
    ### BEGIN SOLUTION
    dL_dx = W @ dL_dz
    dL_dW = np.outer(x, dL_dz)
    ### END SOLUTION
    return dL_db, dL_dx, dL_dW


# %% nbgrader={"grade": true, "grade_id": "dense_example", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.dense_example.check(dense_example)
### BEGIN HIDDEN TESTS
ex.dense_example.check(dense_example, seed=61027, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: dense_example -->

# %% [markdown]
# ## 2. The gradients of a batch
#
# Now there are $N$ rows. The examples do not share their inputs: row $n$ of $X$ has an influence on row $n$ of $Z$ only. But all of them use the *same* weights and biases. A weight that is used $N$ times has $N$ paths to the loss.
#
# ### Exercise 2: a prediction
#
# $X$ has shape $(5, 4)$ and $W$ has shape $(4, 3)$: five examples, four inputs, three units. One entry of $\frac{\partial L}{\partial X}$ is a sum: of how many terms? And one entry of $\frac{\partial L}{\partial W}$? And one of $\frac{\partial L}{\partial b}$? **Return** the three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "terms-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def terms():
    """Return the number of terms in one entry of dL_dX, of dL_dW and of dL_db.

    X has shape (5, 4), W has shape (4, 3).
    """
    ### BEGIN SOLUTION
    return 3, 5, 5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "terms", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.terms.check(terms)
### BEGIN HIDDEN TESTS
ex.terms.check(terms)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: terms -->

# %% [markdown]
# The next cell changes one number and counts the entries of $Z$ that change. Each of them is on one path to the loss, so each gives one term.

# %%
X_ones, W_ones, b_ones = np.ones((5, 4)), np.ones((4, 3)), np.ones(3)
before = X_ones @ W_ones + b_ones
one_x, one_w, one_b = X_ones.copy(), W_ones.copy(), b_ones.copy()
one_x[0, 0] = one_w[0, 0] = one_b[0] = 2.0
for name, after in {
    "one entry of X": one_x @ W_ones + b_ones,
    "one entry of W": X_ones @ one_w + b_ones,
    "one entry of b": X_ones @ W_ones + one_b,
}.items():
    changed = after != before
    rows, columns = changed.any(axis=1).sum(), changed.any(axis=0).sum()
    print(f"{name} changes {changed.sum()} entries of Z: {rows} row(s), {columns} column(s)")

# %% [markdown]
# So the gradient of an entry of $X$ is a sum over the $K$ units, and the gradient of an entry of $W$ or $b$ is a sum over the $N$ examples:
#
# $$\frac{\partial L}{\partial x_{ni}} = \sum_{k=1}^{K} \frac{\partial L}{\partial z_{nk}}\,w_{ik},\qquad \frac{\partial L}{\partial w_{ik}} = \sum_{n=1}^{N} x_{ni}\,\frac{\partial L}{\partial z_{nk}},\qquad \frac{\partial L}{\partial b_k} = \sum_{n=1}^{N} \frac{\partial L}{\partial z_{nk}}.$$
#
# The first two sums are matrix products. A matrix product sums over the second index of its left factor, which is also the first index of its right factor. Where the index is in the wrong place, take the transpose.
#
# The shapes tell whether a product can be right: **a gradient has the shape of the variable that it belongs to.** For $\frac{\partial L}{\partial W}$ there are $X$ of shape $(N, D)$ and $\frac{\partial L}{\partial Z}$ of shape $(N, K)$, and the result must have the shape $(D, K)$. If $N$, $D$ and $K$ differ, only one product of the two, transposed or not, has that shape.
#
# The next cell has the layer of section 1 and three examples. The upstream gradient is 1 everywhere in the first row, 2 in the second, 3 in the third. What do you expect for the biases?

# %%
X = np.array([[1.0, 2.0, 3.0, 2.5], [2.0, 5.0, -1.0, 2.0], [-1.5, 2.7, 3.3, -0.8]])
W = np.array([[0.2, 0.5, -0.26], [0.8, -0.91, -0.27], [-0.5, 0.26, 0.17], [1, -0.5, 0.87]])
upstream = torch.tensor([[1.0] * 3, [2.0] * 3, [3.0] * 3], dtype=torch.float64)
X_t, W_t = torch.tensor(X, requires_grad=True), torch.tensor(W, requires_grad=True)
b_t = torch.tensor([2.0, 3.0, 0.5], dtype=torch.float64, requires_grad=True)
(X_t @ W_t + b_t).backward(upstream)
for name, leaf in {"dL_dX": X_t, "dL_dW": W_t, "dL_db": b_t}.items():
    print(f"{name}, shape {tuple(leaf.grad.shape)}:\n{leaf.grad.numpy().round(6)}\n")

# %% [markdown]
# The columns of $\frac{\partial L}{\partial W}$ are equal here because the upstream gradient that we chose is the same for all units. In general they differ.
#
# ### Exercise 3: the backward pass of a dense layer
#
# Write the three sums above in NumPy, for any $N$, $D$ and $K$. Each takes one line, and none needs a loop. **Return** `dL_dX` of shape $(N, D)$, `dL_dW` of shape $(D, K)$ and `dL_db` of shape $(K,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "dense_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_backward(dL_dZ, X, W):
    """Return the three gradients of Z = X @ W + b.

    dL_dZ (N, K), X (N, D), W (D, K)
    ->  dL_dX (N, D), dL_dW (D, K), dL_db (K,)
    """
    ### BEGIN SOLUTION
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    ### END SOLUTION
    return dL_dX, dL_dW, dL_db


# %% nbgrader={"grade": true, "grade_id": "dense_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.dense_backward.check(dense_backward)
### BEGIN HIDDEN TESTS
ex.dense_backward.check(dense_backward, seed=24871, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: dense_backward -->

# %% [markdown]
# In matrices, these three lines are
#
# $$\begin{gathered}
# \frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z}\,W^{\mathsf T},\qquad \frac{\partial L}{\partial W} = X^{\mathsf T}\,\frac{\partial L}{\partial Z},\\
# \frac{\partial L}{\partial b} = \text{the sum of the rows of } \frac{\partial L}{\partial Z}.
# \end{gathered}$$
#
# The figure shows them with their shapes. In each product the inner sizes match.
#
# ![](../img/dense_shapes.svg)

# %% [markdown]
# ## 3. What is broadcast is summed
#
# Look at `+ b` again. $XW$ has shape $(N, K)$ and $b$ has shape $(K,)$. NumPy can still add them: it uses the row $b$ for every row of $XW$. This is called **broadcasting**. It has the effect of copying $b$ into each row. A value that is used $N$ times has $N$ paths to the loss, so in the backward pass the gradients of all copies are added.
#
# ![](../img/broadcast_fork.svg)
#
# The rule holds for every broadcast, not only for biases: **sum over the axes along which the array was copied, so that the gradient has the array's own shape.**
#
# NumPy aligns shapes at the right, and copies along an axis that is missing or has length 1:
#
# | shape | becomes | copied along | backward: sum |
# |---|---|---|---|
# | $(K,)$ | $(N, K)$ | down the rows | `.sum(axis=0)` |
# | $(N, 1)$ | $(N, K)$ | across the columns | `.sum(axis=1, keepdims=True)` |
# | $()$, a number | $(N, K)$ | both ways | `.sum()` |
#
# A wrong shape often causes no error. Suppose that a bias of shape $(3,)$ gets a gradient of shape $(1, 3)$: the numbers are right, and there is one axis too many. Will the update stop with an error? And what if three targets of shape $(3,)$ are subtracted from three predictions of shape $(3, 1)$?

# %%
b = np.array([0.5, -1.0, 2.0])
b_after = b - 0.1 * np.ones((1, 3))
print("b had the shape", b.shape, "and now has the shape", b_after.shape)
yhat, y = np.array([[0.2], [0.7], [0.9]]), np.array([0.0, 1.0, 1.0])
print("yhat - y has the shape", (yhat - y).shape)

# %% [markdown]
# There is no error in either case. In the second one the program now has nine residuals for three examples, and nothing in their mean shows it. This is why the checks are strict about shapes.
#
# ### Exercise 4: three broadcasts
#
# $Y = U \odot v + c + s$, where $\odot$ is the entrywise product. $U$ has shape $(N, K)$, $v$ has shape $(K,)$, $c$ is a column of shape $(N, 1)$, and $s$ is a number. In indices, $y_{nk} = u_{nk}v_k + c_n + s$. The gradients do not depend on the values of $c$ and $s$, so the function does not get them. **Return** `dL_dU` of shape $(N, K)$, `dL_dv` of shape $(K,)$, `dL_dc` of shape $(N, 1)$ and the number `dL_ds`, in this order.


# %% nbgrader={"grade": false, "grade_id": "broadcast_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def broadcast_backward(dL_dY, U, v):
    """Return the four gradients of Y = U * v + c + s.

    dL_dY (N, K), U (N, K), v (K,)
    ->  dL_dU (N, K), dL_dv (K,), dL_dc (N, 1), dL_ds
    """
    ### BEGIN SOLUTION
    dL_dU = dL_dY * v
    dL_dv = (dL_dY * U).sum(axis=0)
    dL_dc = dL_dY.sum(axis=1, keepdims=True)
    dL_ds = dL_dY.sum()
    ### END SOLUTION
    return dL_dU, dL_dv, dL_dc, dL_ds


# %% nbgrader={"grade": true, "grade_id": "broadcast_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.broadcast_backward.check(broadcast_backward)
### BEGIN HIDDEN TESTS
ex.broadcast_backward.check(broadcast_backward, seed=50338, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: broadcast_backward -->

# %% [markdown]
# ## 4. Activation functions
#
# A dense layer is an affine function, and a composition of affine functions is affine again. So a network needs nonlinear functions between its dense layers: the **activation functions**, also called nonlinearities.
#
# **ReLU** is applied entry by entry: $a_{nk} = \max(0, z_{nk})$. So its backward pass works entry by entry too. Each entry of the upstream gradient is passed on where $z_{nk} > 0$ and replaced by 0 elsewhere; the shape stays $(N, K)$:
#
# $$\frac{\partial L}{\partial z_{nk}} = \frac{\partial L}{\partial a_{nk}}\,[z_{nk} > 0].$$
#
# In NumPy `Z > 0` is an array of True and False. In a product True counts as 1 and False as 0.
#
# In the next cell the upstream gradient is 10, 20, 30 in the first row and 40, 50, 60 in the second. Predict the gradient of $Z$ before you run it.

# %%
Z = torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]], requires_grad=True)
torch.relu(Z).backward(torch.tensor([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]))
print(Z.grad.numpy())

# %% [markdown]
# ### Exercise 5: a ReLU layer
#
# $Z = XW + b$ and $A = \max(0, Z)$. The upstream gradient is $\frac{\partial L}{\partial A}$. You may call your `dense_backward`. **Return** `dL_dZ` of shape $(N, K)$, `dL_dX` of shape $(N, D)$, `dL_dW` of shape $(D, K)$ and `dL_db` of shape $(K,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "relu_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_layer(X, W, b, dL_dA):
    """Return the gradients of A = max(0, Z), Z = X @ W + b.

    X (N, D), W (D, K), b (K,), dL_dA (N, K)
    ->  dL_dZ (N, K), dL_dX (N, D), dL_dW (D, K), dL_db (K,)
    """
    Z = X @ W + b
    ### BEGIN SOLUTION
    dL_dZ = dL_dA * (Z > 0)
    dL_dX, dL_dW, dL_db = dense_backward(dL_dZ, X, W)
    ### END SOLUTION
    return dL_dZ, dL_dX, dL_dW, dL_db


# %% nbgrader={"grade": true, "grade_id": "relu_layer", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.relu_layer.check(relu_layer)
### BEGIN HIDDEN TESTS
ex.relu_layer.check(relu_layer, seed=83216, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: relu_layer -->

# %% [markdown]
# **Softmax** is applied row by row: $p_{nk} = e^{z_{nk}} / \sum_j e^{z_{nj}}$. Each row of $P$ adds up to 1, and no example has an influence on the row of another. For one row, lesson 04 derived the Jacobian $\operatorname{diag}(p) - p\,p^{\mathsf T}$. Let $g = \frac{\partial L}{\partial p}$ be the upstream gradient of that row. The Jacobian is symmetric, so
#
# $$\frac{\partial L}{\partial z} = \bigl(\operatorname{diag}(p) - p\,p^{\mathsf T}\bigr)\,g = p \odot g - p\,(p^{\mathsf T}g) = p \odot \bigl(g - p^{\mathsf T}g\bigr).$$
#
# The number $p^{\mathsf T}g = \sum_i p_i g_i$ is the mean of the entries of $g$, weighted with the probabilities. It is subtracted from every entry of $g$. So there is no need to compute the Jacobian matrix. A product of this kind, a transposed Jacobian times an upstream gradient, is called a **vector-Jacobian product**.
#
# ### Exercise 6: a softmax layer
#
# The same for a whole batch. With `keepdims=True` the sum over each row has shape $(N, 1)$, which broadcasts against $(N, K)$. **Return** `P` and `dL_dZ`, both of shape $(N, K)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "softmax_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_layer(Z, dL_dP):
    """Return P, the softmax of each row of Z, and the gradient of Z.

    Z (N, K), dL_dP (N, K)  ->  P (N, K), dL_dZ (N, K)
    """
    ### BEGIN SOLUTION
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = exponentials / exponentials.sum(axis=1, keepdims=True)
    dL_dZ = P * (dL_dP - (P * dL_dP).sum(axis=1, keepdims=True))
    ### END SOLUTION
    return P, dL_dZ


# %% nbgrader={"grade": true, "grade_id": "softmax_layer", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.softmax_layer.check(softmax_layer)
### BEGIN HIDDEN TESTS
ex.softmax_layer.check(softmax_layer, seed=37590, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: softmax_layer -->

# %% [markdown]
# ## 5. One loss for the whole batch
#
# Every example $n$ has its own loss $\ell_n$. The loss of the batch is one number, either their sum or their mean:
#
# $$L_{\text{sum}} = \sum_{n=1}^{N}\ell_n,\qquad L_{\text{mean}} = \frac{1}{N}\sum_{n=1}^{N}\ell_n.$$
#
# Both are in use. The choice is made **once, in the loss**. With the mean, the factor $\frac{1}{N}$ is part of $\frac{\partial L}{\partial \ell_n}$, and so of every gradient that is computed from it. The backward pass of a layer contains no such factor: it is a sum over the batch in both cases. Two mistakes are common: a program announces the mean and computes the gradient of the sum, or it divides by $N$ in the loss and again in every layer.
#
# ### Exercise 7: a prediction
#
# Every example is put into the batch a second time, so that there are $2N$ of them. The parameters do not change. By what factor does the gradient of a weight change if the loss is the sum? And if it is the mean? **Return** the two factors, in this order.


# %% nbgrader={"grade": false, "grade_id": "twice_the_batch-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice_the_batch():
    """Return the factor for the sum and the factor for the mean."""
    ### BEGIN SOLUTION
    return 2, 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "twice_the_batch", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.twice_the_batch.check(twice_the_batch)
### BEGIN HIDDEN TESTS
ex.twice_the_batch.check(twice_the_batch)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: twice_the_batch -->

# %%
X_small = torch.tensor([[0.5, -1.2], [1.4, 0.3], [-0.7, 0.9]])
for reduce in (torch.sum, torch.mean):
    w = torch.tensor([0.8, -0.6], requires_grad=True)
    (once,) = torch.autograd.grad(reduce((X_small @ w) ** 2), w)
    (twice,) = torch.autograd.grad(reduce((torch.cat([X_small, X_small]) @ w) ** 2), w)
    print(f"{reduce.__name__:5s} once {once.numpy().round(4)}   twice {twice.numpy().round(4)}")

# %% [markdown]
# With the sum, a larger batch makes larger steps for the same learning rate. With the mean it does not, which is why most programs use the mean. We use it from here on.
#
# ### Cross-entropy
#
# The usual loss for classification is the **cross-entropy**. For one example with the target $y$, whose entries are not negative and add up to 1, it is
#
# $$\ell = -\sum_{k} y_k \log p_k.$$
#
# If $y$ is 1 for one class and 0 for the others, one term is left: minus the natural logarithm of the probability of the right class.
#
# What is its gradient with respect to the logits? The loss gives $\frac{\partial \ell}{\partial p_i} = -\frac{y_i}{p_i}$. With the local derivatives of the softmax, $\frac{\partial p_i}{\partial z_j} = p_i\bigl([i = j] - p_j\bigr)$,
#
# $$\frac{\partial \ell}{\partial z_j} = \sum_i \Bigl(-\frac{y_i}{p_i}\Bigr)\,p_i\bigl([i = j] - p_j\bigr) = -y_j + p_j\sum_i y_i = p_j - y_j.$$
#
# Here $[i = j]$ is 1 if $i = j$ and 0 otherwise. Every $p_i$ in a denominator cancels, and the sum of the targets is 1. The result is **prediction minus target**. For a sigmoid with log loss the result was $\sigma(z) - y$; that is the same formula for two classes whose logits are $z$ and 0. With the mean over the batch,
#
# $$\frac{\partial L}{\partial Z} = \frac{1}{N}\,(P - Y).$$
#
# This holds for softmax *with cross-entropy* only. With another loss, use your `softmax_layer`.
#
# ### Exercise 8: a prediction
#
# Before training, a network should prefer no class. Let all its logits be 0. There are three classes and five examples, each with one right class, and the loss is the mean. **Return** the number $L$; two decimals are enough.


# %% nbgrader={"grade": false, "grade_id": "first_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_loss():
    """Return the mean cross-entropy of five examples, three classes, all logits 0."""
    ### BEGIN SOLUTION
    return np.log(3)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "first_loss", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.first_loss.check(first_loss)
### BEGIN HIDDEN TESTS
ex.first_loss.check(first_loss)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: first_loss -->

# %%
logits = torch.zeros((5, 3), dtype=torch.float64, requires_grad=True)
L = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 1, 1]))
L.backward()
print(f"L = {L.item():.4f}")
print("gradient of the first example's logits:", logits.grad[0].numpy().round(4))

# %% [markdown]
# The loss is $\log 3$, and with $K$ classes it is $\log K$. So look at the first loss of every training: if it is far from $\log K$, then the initial weights, the targets or the loss are not as intended. Section 7 has such a case.
#
# The gradient of the first example is $(\tfrac13 - 1, \tfrac13, \tfrac13)$ divided by 5.
#
# One problem is known from lesson 03, section 6, "Overflow and saturation". For a large logit $e^z$ overflows, and a probability that rounds to 0 has the logarithm $-\infty$. So simplify the logarithm of the softmax first, and compute then:
#
# $$\log p_k = z_k - \log\sum_j e^{z_j} = (z_k - m) - \log\sum_j e^{z_j - m},\qquad m = \max_j z_j.$$
#
# Now no exponent is positive, so nothing overflows, and the sum is at least 1, so its logarithm is finite.
#
# ### Exercise 9: softmax with cross-entropy
#
# The mean loss of a batch and its gradient. In some batches of the check one logit is larger than 750, in others one is smaller than $-750$. **Return** the number `L` and `dL_dZ` of shape $(N, K)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "softmax_cross_entropy-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_cross_entropy(Z, Y):
    """Return the mean cross-entropy of a batch and its gradient.

    Z (N, K) logits, Y (N, K) targets, each row adds up to 1
    ->  L, dL_dZ (N, K)
    """
    ### BEGIN SOLUTION
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    L = -(Y * log_P).sum() / len(Z)
    dL_dZ = (np.exp(log_P) - Y) / len(Z)
    ### END SOLUTION
    return L, dL_dZ


# %% nbgrader={"grade": true, "grade_id": "softmax_cross_entropy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.softmax_cross_entropy.check(softmax_cross_entropy)
### BEGIN HIDDEN TESTS
ex.softmax_cross_entropy.check(softmax_cross_entropy, seed=70914, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: softmax_cross_entropy -->

# %% [markdown]
# ## 6. A network of any depth
#
# A network is a list of weight matrices and a list of biases, one of each for every layer. With $A^{[0]} = X$,
#
# $$\begin{aligned}
# Z^{[l]} &= A^{[l-1]}W^{[l]} + b^{[l]},\\
# A^{[l]} &= \max\bigl(0, Z^{[l]}\bigr)\ \text{ for every layer but the last,}
# \end{aligned}$$
#
# and the last $Z$ contains the logits. The backward pass alternates between two steps, the one of a dense layer and the one of a ReLU:
#
# ![](../img/network_back.svg)
#
# The gradient of $W^{[l]}$ needs $A^{[l-1]}$, so the forward pass must store the activations. For ReLU the backward pass needs to know where $Z^{[l]} > 0$. That is where $A^{[l]} > 0$, so the activations are enough.
#
# In Python lists are numbered from 0: `weights[0]` belongs to the first layer, and `activations[0]` is $X$. So **layer `k` computes `activations[k + 1]` from `activations[k]`, `weights[k]` and `biases[k]`**.
#
# ### Exercise 10: forward
#
# **Return** the list of all activations: $X$ first, then the output of each hidden layer, and the logits at the end. It has one entry more than `weights`. Entry $k$ has as many rows as $X$ and a column for each unit of that layer.


# %% nbgrader={"grade": false, "grade_id": "network_forward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_forward(X, weights, biases):
    """Return the list of activations: X, the outputs of the hidden layers, the logits.

    X (N, D); weights and biases: lists of arrays
    """
    ### BEGIN SOLUTION
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    return activations
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "network_forward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.network_forward.check(network_forward)
### BEGIN HIDDEN TESTS
ex.network_forward.check(network_forward, seed=45172, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: network_forward -->

# %% [markdown]
# ### Exercise 11: backward
#
# The whole backward pass, for the mean cross-entropy. Call your `network_forward`, `softmax_cross_entropy` and `dense_backward`; what you add is the order of the steps, and the backward pass of each ReLU. **Return** the list of the gradients of the weights, the list of the gradients of the biases, and `dL_dX` of shape $(N, D)$, in this order, both lists in the order of the layers.


# %% nbgrader={"grade": false, "grade_id": "network_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_backward(X, Y, weights, biases):
    """Return the gradients of the mean cross-entropy: dL_dweights, dL_dbiases, dL_dX.

    X (N, D), Y (N, K); weights and biases: lists of arrays
    ->  two lists of arrays with the shapes of weights and biases, dL_dX (N, D)
    """
    ### BEGIN SOLUTION
    activations = network_forward(X, weights, biases)
    L, dL_dZ = softmax_cross_entropy(activations[-1], Y)
    dL_dweights, dL_dbiases = [], []
    for k in reversed(range(len(weights))):
        dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])
        dL_dweights.insert(0, dL_dW)
        dL_dbiases.insert(0, dL_db)
        dL_dZ = dL_dA * (activations[k] > 0)
    return dL_dweights, dL_dbiases, dL_dA
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "network_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.network_backward.check(network_backward)
### BEGIN HIDDEN TESTS
ex.network_backward.check(network_backward, seed=92653, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: network_backward -->

# %% [markdown]
# ## 7. Training by hand
#
# The next cell makes two classes that no straight line separates: two arms of a spiral, 100 points each. It also draws the initial parameters.


# %%
def spiral(points, turns, rng):
    """Return X (2 * points, 2) and Y (2 * points, 2): points on two arms of a spiral.

    Y has a 1 in the column of the arm that the point is on.
    """
    radius = np.linspace(0.1, 1, points)
    arms = []
    for arm in range(2):
        angle = 2 * np.pi * turns * radius + np.pi * arm + rng.normal(0, 0.12, points)
        arm_points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        arms.append(2 * arm_points)
    return np.concatenate(arms), np.repeat(np.eye(2), points, axis=0)


def initial_parameters(widths, rng):
    """Return weights with standard deviation sqrt(2 / inputs), and biases 0."""
    sizes = list(zip(widths, widths[1:]))
    weights = [rng.normal(0, np.sqrt(2 / inputs), (inputs, units)) for inputs, units in sizes]
    return weights, [np.zeros(units) for units in widths[1:]]


rng = np.random.default_rng(3)
X, Y = spiral(100, 1.5, rng)
start_weights, start_biases = initial_parameters([2, 24, 12, 2], rng)

# %% [markdown]
# The weights are random numbers with the standard deviation $\sqrt{2/D}$, where $D$ is the number of inputs of the layer. With ReLU this keeps activations of about the same size from layer to layer; section 9 derives it.
#
# ### Exercise 12: open, train it
#
# Write the training loop. One step is: forward, loss, backward, update,
#
# $$W^{[l]} \leftarrow W^{[l]} - \alpha\,\frac{\partial L}{\partial W^{[l]}},\quad b^{[l]} \leftarrow b^{[l]} - \alpha\,\frac{\partial L}{\partial b^{[l]}}\quad\text{for all layers at once.}$$
#
# All gradients of a step are taken at the parameters *before* the step. **Return** the list of losses, the list of the final weights and the list of the final biases, in this order. As in lesson 02, the list of losses has `steps + 1` numbers: the loss before the first step, then the loss after each step. Do not change the arrays that you are given.
#
# The check runs the same training with PyTorch's gradients: five short runs on small batches, and one of 200 steps on a spiral with three arms. Every loss and every parameter has to agree to eight digits.


# %% nbgrader={"grade": false, "grade_id": "train-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, Y, weights, biases, alpha, steps):
    """Return losses (steps + 1,), weights_end and biases_end of gradient descent.

    X (N, D), Y (N, K); weights and biases: lists of arrays; alpha; steps: an int
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dL_dW for W, dL_dW in zip(weights, dL_dweights)]
        biases = [b - alpha * dL_db for b, dL_db in zip(biases, dL_dbiases)]
    losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
    return losses, weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.train.check(train)
### BEGIN HIDDEN TESTS
ex.train.check(train, seed=18446, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: train -->

# %% [markdown]
# ### Side by side with PyTorch
#
# The next cell has the same training with `.backward()` and PyTorch's own optimizer.


# %%
def train_with_pytorch(X, Y, weights, biases, alpha, steps):
    """What `train` does, with PyTorch's gradients and PyTorch's optimizer."""
    X, Y = torch.tensor(X), torch.tensor(Y)
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    biases = [torch.tensor(b, requires_grad=True) for b in biases]
    optimizer, losses = torch.optim.SGD([*weights, *biases], lr=alpha), []
    for step in range(steps + 1):
        A = X
        for W, b in zip(weights[:-1], biases[:-1]):
            A = torch.relu(A @ W + b)
        L = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], Y)
        losses.append(L.item())
        if step < steps:
            optimizer.zero_grad()
            L.backward()
            optimizer.step()
    return losses, [W.detach().numpy() for W in weights], [b.detach().numpy() for b in biases]


def trainer():
    """Your `train`, or PyTorch's training while yours is not written."""
    try:
        train(X[:2], Y[:2], start_weights, start_biases, 0.1, 1)
    except (NotImplementedError, NameError):
        return train_with_pytorch
    return train


# %% [markdown]
# Both now take 200 steps on the spiral. Until your `train` is written, this cell and those below use PyTorch's training in its place.

# %%
my_train = trainer()
losses, weights, biases = my_train(X, Y, start_weights, start_biases, 0.1, 200)
by_pytorch = train_with_pytorch(X, Y, start_weights, start_biases, 0.1, 200)
gap_of_losses = np.max(np.abs(np.subtract(losses, by_pytorch[0])))
pairs = zip([*weights, *biases], [*by_pytorch[1], *by_pytorch[2]])
gap_of_parameters = max(np.max(np.abs(mine - theirs)) for mine, theirs in pairs)
print("trained by", my_train.__name__)
print(f"loss before the first step {losses[0]:.4f}, after the last {losses[-1]:.4f}")
print("all losses within 1e-8 of PyTorch's:", gap_of_losses < 1e-8)
print("all parameters within 1e-8 of PyTorch's:", gap_of_parameters < 1e-8)

# %% [markdown]
# ### Is the first loss right?
#
# With two classes the loss of a network that prefers no class is $\log 2 \approx 0.693$. Ours starts at about 1.41, twice as much: the untrained network gives a high probability to one class, and for many points to the wrong one. The cause is the last layer. Its random weights make logits that are far from 0. The next cell makes the weights of the last layer ten times smaller. What will the first loss be?

# %%
small_last = [*start_weights[:-1], 0.1 * start_weights[-1]]
for words, its_weights in (("as drawn", start_weights), ("last layer times 0.1", small_last)):
    first = train_with_pytorch(X, Y, its_weights, start_biases, 0.1, 0)[0][0]
    print(f"{words}: first loss {first:.3f}, {first / np.log(2):.2f} times log 2")

# %% [markdown]
# ### Watch it learn
#
# Now 2000 steps, in rounds of 50. The parameters are stored after six numbers of steps. After 200 steps the loss was about 0.65, a little below $\log 2$, so not much has been learned by then. The **decision boundary** is the line on which both classes have the probability $\frac12$. Before you run the next cells: how will the loss continue? And which shape will the decision boundary have at step 500?

# %%
my_train = trainer()
moments = [0, 50, 200, 500, 1000, 2000]
weights, biases = start_weights, start_biases
losses = my_train(X, Y, weights, biases, 0.1, 0)[0]
stored = {0: (weights, biases)}
for done in progress_bar(range(50, 2001, 50), "training"):
    new_losses, weights, biases = my_train(X, Y, weights, biases, 0.1, 50)
    losses.extend(new_losses[1:])  # the first one is there already
    if done in moments:
        stored[done] = weights, biases


# %%
def probability_of_first_arm(points, weights, biases):
    """The network's first probability at each point, shape (number of points,)."""
    A = points
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    Z = A @ weights[-1] + biases[-1]
    return 1 / (1 + np.exp(Z[:, 1] - Z[:, 0]))  # softmax with two classes is a sigmoid


def draw_boundary(ax, weights, biases, title):
    """Draw the points of both arms, the network's probability, and where it is 1/2."""
    side = np.linspace(-2.3, 2.3, 100)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    p = probability_of_first_arm(grid.reshape(-1, 2), weights, biases).reshape(100, 100)
    ax.contourf(side, side, p, levels=np.linspace(0, 1, 11), cmap="PuOr")
    ax.contour(side, side, p, levels=[0.5], colors="black", linewidths=1)
    ax.plot(*X[:100].T, "o", color="black", markersize=3.5)
    ax.plot(*X[100:].T, "^", color="white", ms=4.5, mec="black", mew=0.6)
    ax.set(title=title, xticks=[], yticks=[], aspect="equal")


# %%
fig, axes = plt.subplots(2, 3, figsize=(9, 6.4), layout="constrained")
for ax, moment in zip(axes.flat, moments):
    draw_boundary(ax, *stored[moment], f"step {moment}")
    right = (probability_of_first_arm(X, *stored[moment]) > 0.5) == (Y[:, 0] == 1)
    print(f"step {moment:4d}: loss {losses[moment]:.3f}, {right.mean():6.1%} of the points right")

fig, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
ax.plot(losses)
for moment in moments:
    ax.axvline(moment, color="grey", linestyle=":")
ax.set(xlabel="step", ylabel="loss", xlim=(0, 2000))
ax.grid(alpha=0.3)

# %% [markdown]
# The circles are the first arm, the triangles the second one. The region is purple where the network gives the first arm a probability above $\frac12$ and orange where it is below; the black line is the decision boundary.
#
# In the first 50 steps the loss falls to about 0.66: the strong preference for one class disappears. Then, for hundreds of steps, the boundary is nearly a straight line; at step 500 about two thirds of the points are classified correctly. In the next 500 steps the boundary starts to wind and the loss falls from 0.606 to 0.194. At step 2000 all 200 points are classified correctly.
#
# **Try it.** Change one thing in the cells above and run them again. First predict what will happen.
#
# - The widths `[2, 2]`: no hidden layer. What is the best that this network can do?
# - A learning rate of 1, or of 0.001.
# - The widths `[2, 5, 2]`, or six layers.

# %% [markdown]
# **One question that joins two ideas.** Add the same number $c$ to all logits of one example. How does its cross-entropy change? What does that say about the sum of the entries of one row of $\frac{\partial L}{\partial Z}$, and does $\frac1N(P - Y)$ agree?
#
# <details>
# <summary>Answer</summary>
#
# The softmax does not change: the factor $e^c$ cancels. So neither does the loss, and its derivative along the direction $(1, 1, \dots, 1)$ is 0. That derivative is the sum of the partial derivatives, so the entries of the row add up to 0. In $\frac1N(P - Y)$ they do: each row of $P$ adds up to 1, and so does each row of $Y$.
#
# </details>

# %% [markdown]
# # Second half: depth and minibatches
#
# Here the first half ends, and this is a good place for a break. Your network can have any depth. The second half is about what goes wrong when it is deep, how to choose its initial weights, and how to train it on a part of the data at a time.
#
# ### Three quick questions
#
# They earn no points. Use pencil and paper.
#
# 1. A chain has five links, each with the local derivative $\frac12$. At its end the upstream gradient is 64. What is the gradient at its beginning?
# 2. $a = \max(0, z)$ entry by entry, with $z = (1, -2, 3)$. The upstream gradient at $a$ is $(4, 5, 6)$. What is the sum of the entries of $\frac{\partial L}{\partial z}$?
# 3. The loss of a batch of 8 is the mean. The gradient of one example's own loss with respect to a weight is 24. What does this example contribute to the gradient of the batch?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_depth-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_depth():
    """Return dL_dx, sum_of_dL_dZ and share, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return 2, 10, 3
    ### END SOLUTION


# %%
ex.recall_depth.check(recall_depth)

# %% [markdown]
# <!-- hints: recall_depth -->

# %% [markdown]
# ## 8. Fifty layers
#
# The gradient of the first layer is a product with a factor for each layer behind it. A product of many factors is easily very small or very large: $0.9^{50}$ is about 0.005, and $1.1^{50}$ is about 117. In lesson 01 the product of ten sigmoid derivatives was below $10^{-6}$. If the gradients become smaller from layer to layer in the backward pass, they **vanish**, and the first layers hardly change. If they become larger, they **explode**, and a step is far too long. ReLU alone does not prevent either of the two.
#
# To see it, measure the **size** of an array as the root of its mean square, often written RMS:
#
# $$\text{size of } A = \sqrt{\text{mean of all } a_{nk}^2}.$$
#
# Unlike the largest entry or the sum of squares, it does not depend on the number of entries if these are all alike.
#
# ### Exercise 13: measure the sizes
#
# A network of ReLU layers without biases, $A^{[l]} = \max\bigl(0, A^{[l-1]}W^{[l]}\bigr)$ for *every* layer, also the last. You get $\frac{\partial L}{\partial A}$ at the output of the last layer. **Return** the list of the sizes of $A^{[l]}$ and the list of the sizes of $\frac{\partial L}{\partial Z^{[l]}}$, in this order. Both lists begin with the first layer and have one number for each layer.


# %% nbgrader={"grade": false, "grade_id": "gradient_sizes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradient_sizes(X, weights, dL_dA):
    """Return the sizes of A and of dL_dZ, layer by layer, the first layer first.

    X (N, D); weights: a list of arrays, a ReLU after each; dL_dA (N, K) at the output
    """
    ### BEGIN SOLUTION
    activations = [X]
    for W in weights:
        activations.append(np.maximum(0, activations[-1] @ W))
    sizes_of_dL_dZ = []
    for k in reversed(range(len(weights))):
        dL_dZ = dL_dA * (activations[k + 1] > 0)
        sizes_of_dL_dZ.insert(0, np.sqrt(np.mean(dL_dZ**2)))
        dL_dA = dL_dZ @ weights[k].T
    return [np.sqrt(np.mean(A**2)) for A in activations[1:]], sizes_of_dL_dZ
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gradient_sizes", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.gradient_sizes.check(gradient_sizes)
### BEGIN HIDDEN TESTS
ex.gradient_sizes.check(gradient_sizes, seed=31607, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: gradient_sizes -->

# %% [markdown]
# Now fifty layers of 80 units. The weights are drawn with mean 0 and the variance $\frac{c}{D}$, where $D = 80$ is the number of inputs. The inputs and the gradient at the output are random too, of size about 1. Until your `gradient_sizes` is written, the next cell uses PyTorch in its place.


# %%
def sizes_with_pytorch(X, weights, dL_dA):
    """What `gradient_sizes` returns, by PyTorch's backward pass."""
    A, Z, sizes_of_A = torch.tensor(X, requires_grad=True), [], []
    for W in weights:
        Z.append(A @ torch.tensor(W))
        A = torch.relu(Z[-1])
        sizes_of_A.append((A**2).mean().sqrt().item())
    deltas = torch.autograd.grad(A, Z, torch.tensor(dL_dA))
    return sizes_of_A, [(delta**2).mean().sqrt().item() for delta in deltas]


def measured_sizes(c, depth=50, width=80):
    """The sizes in a deep ReLU network whose weights have the variance c / width."""
    rng = np.random.default_rng(5)
    X, dL_dA = rng.normal(size=(2, 64, width))
    weights = [rng.normal(0, np.sqrt(c / width), (width, width)) for _ in range(depth)]
    try:
        return gradient_sizes(X, weights, dL_dA)
    except (NotImplementedError, NameError):
        return sizes_with_pytorch(X, weights, dL_dA)


# %% [markdown]
# Predict before you run the cell: of which order of magnitude is the gradient at the first layer for $c = 1$, for $c = 2$ and for $c = 4$?

# %%
for c in (1, 2, 4):
    sizes_of_A, sizes_of_dL_dZ = measured_sizes(c)
    print(f"c = {c}: size of A at layer 50 {sizes_of_A[-1]:.1e}", end="   ")
    print(f"dL/dZ at layer 50 {sizes_of_dL_dZ[-1]:.2f}, at layer 1 {sizes_of_dL_dZ[0]:.1e}")

# %% [markdown]
# A factor of 2 in the variance decides whether the gradients vanish, keep their size or explode. The gradient of a weight matrix is $A^{[l-1]\mathsf T}\delta^{[l]}$. At the first layer $\delta$ has vanished or exploded, at the last layer $A$ has, and in between both have in part. So with $c = 1$ the gradients of all weight matrices are tiny, and with $c = 4$ all are huge.
#
# ### A picture to play with
#
# The picture shows the same experiment: a blue dot for the size of the pre-activations $Z$ of each layer (the activations are their positive part), an orange square for the size of the gradient at $Z$. Forward is from left to right, backward from right to left. The scale is logarithmic, so a constant factor for each layer is a straight line.
#
# - Which $c$ keeps both lines level? Find it before section 9 derives it.
# - Set the width to 4, and press "New draw" several times. What happens that does not happen with 80 units?

# %%
from backprop.pictures import explore_depth

explore_depth()

# %% [markdown]
# ## 9. The variance that keeps the size
#
# **Forward.** One pre-activation is $z = \sum_{i=1}^{D} a_i w_i$. The weights are independent of each other and of the $a_i$, with mean 0 and variance $v$. In $\mathbb E[z^2]$ each product $a_i a_j w_i w_j$ with $i \ne j$ has the expected value 0, so only the $D$ squares are left:
#
# $$\mathbb E[z^2] = v\sum_{i=1}^{D} a_i^2 = D\,v\;\overline{a^2},\qquad\text{where } \overline{a^2} \text{ is the mean of the } a_i^2.$$
#
# If the weights have a symmetric distribution, $z$ and $-z$ are equally likely. ReLU sets the negative half to 0, and half of the mean square is left. So a layer multiplies the mean square of the activations by $\tfrac12 D\,v$, on average.
#
# **Backward.** The gradient of an input is $\frac{\partial L}{\partial a_i} = \sum_{k=1}^{K} w_{ik}\,\delta_k$, a sum over the $K$ units. If $\delta$ is independent of these weights, the same argument gives $K\,v\;\overline{\delta^2}$. Then the gradient passes the ReLU of the layer before, which is open for half of its units, so again half of the mean square is left: the factor is $\tfrac12 K\,v$.
#
# $$\text{forward: } v = \frac{2}{D},\qquad\qquad \text{backward: } v = \frac{2}{K}.$$
#
# ![](../img/variance_kept.svg)
#
# With $D = K$ both are the same, and the size of the activations and the size of the gradients change by $\sqrt{c/2}$ in each layer. With $D \ne K$ no variance is right for both. But it is enough to take one rule everywhere. With $v = \frac2D$ in all layers the factors of the backward pass are $\frac KD$, and each $K$ is the $D$ of the next layer: in the product over all layers everything cancels but the width at the end and the width at the beginning. Nothing grows with the depth.
#
# Two remarks on the argument. In the backward pass $\delta_k$ contains the gate of unit $k$, which depends on the weights $w_{ik}$; we have treated the two as independent. And an expected value is a mean over many draws. In a single draw the factors of the layers scatter around 1, and the deviations multiply. That is why the sizes for $c = 2$ in section 8 are not exactly 1. Wider layers scatter less.
#
# **Sources.** Glorot and Bengio (2010) made this argument for activation functions with derivative 1 near 0, such as tanh. There is no factor $\frac12$, so forward asks for $\frac1D$ and backward for $\frac1K$, and they propose the compromise $\frac{2}{D + K}$. He, Zhang, Ren and Sun (2015) added the ReLU and proposed $\frac2D$. In PyTorch these are `torch.nn.init.xavier_normal_` and `torch.nn.init.kaiming_normal_`. $D$ is called the fan-in of a layer there and $K$ its fan-out, and both are read off a matrix with a *row* for each unit. `torch.nn.Linear` itself draws its weights with the variance $\frac{1}{3D}$: that is $c = \frac13$.
#
# ### Exercise 14: a prediction
#
# All layers of a network have the same number of units. By which factor does the *size* of the activations change, from the inputs to the output of the last layer, on average, in each of these networks? The weights have the variance $\frac cD$.
#
# 1. 20 ReLU layers, $c = 1$
# 2. 8 layers without an activation function, $c = 3$
# 3. 10 ReLU layers, $c = 8$
#
# **Return** three numbers, in this order. You may write them as powers, such as `0.1**3`.


# %% nbgrader={"grade": false, "grade_id": "size_factors-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def size_factors():
    """Return relu_twenty, linear_eight and relu_ten: three factors."""
    ### BEGIN SOLUTION
    return 0.5**10, 3**4, 4**5
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "size_factors", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.size_factors.check(size_factors)
### BEGIN HIDDEN TESTS
ex.size_factors.check(size_factors)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: size_factors -->

# %% tags=["same-for-all"]
rng = np.random.default_rng(2)
for words, c, depth, relu in (
    ("20 ReLU layers, c = 1", 1, 20, True),
    ("8 linear layers, c = 3", 3, 8, False),
    ("10 ReLU layers, c = 8", 8, 10, True),
):
    A = start = rng.normal(size=(20, 300))
    for _ in range(depth):
        A = A @ rng.normal(0, np.sqrt(c / 300), (300, 300))
        A = np.maximum(0, A) if relu else A
    print(f"{words}: factor {np.sqrt(np.mean(A**2) / np.mean(start**2)):.3g}")

# %% [markdown]
# These networks have 300 units in each layer. A single draw deviates a little from the average.
#
# ### Exercise 15: another activation function
#
# The **leaky ReLU** does not set negative pre-activations to 0, but multiplies them by a small slope $s$: $a = z$ for $z > 0$, and $a = s\,z$ otherwise. With $s = 0$ it is a ReLU. Derive the variance of the weights that keeps the size of the activations, and the one that keeps the size of the gradients. **Return** the two variances, forward first.


# %% nbgrader={"grade": false, "grade_id": "variances-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def variances(inputs, units, slope):
    """Return forward_variance and backward_variance of a layer with a leaky ReLU.

    inputs and units: whole numbers; slope: the derivative for negative z
    """
    ### BEGIN SOLUTION
    return 2 / ((1 + slope**2) * inputs), 2 / ((1 + slope**2) * units)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "variances", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.variances.check(variances)
### BEGIN HIDDEN TESTS
ex.variances.check(variances, seed=80921, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: variances -->

# %% [markdown]
# The next cell measures both factors for one ReLU layer with 400 inputs and 100 units. For each of the three variances: which factor will be 1?

# %%
rng = np.random.default_rng(8)
inputs, units = 400, 100
A, dL_dA = rng.normal(size=(200, inputs)), rng.normal(size=(200, units))
for words, v in (
    ("2 / D", 2 / inputs),
    ("2 / K", 2 / units),
    ("Glorot for ReLU, 4 / (D + K)", 4 / (inputs + units)),
):
    W = rng.normal(0, np.sqrt(v), (inputs, units))
    forward = np.mean(np.maximum(0, A @ W) ** 2) / np.mean(A**2)
    backward = np.mean(((dL_dA * (A @ W > 0)) @ W.T) ** 2) / np.mean(dL_dA**2)
    print(f"v = {words}: mean square forward times {forward:.2f}, backward {backward:.2f}")

# %% [markdown]
# ## 10. A start that works
#
# In section 7 the first loss was 1.406 in place of $\log 2$, and 0.707 after the weights of the last layer were made ten times smaller. The rule explains it. The last layer has no ReLU behind it, so with the variance $\frac2D$ the mean square of the logits is about *twice* that of the activations before. Large random logits mean high probabilities for random classes, and the first steps of the training only undo this. So initialise the last layer with smaller weights.
#
# ### Exercise 16: initial weights
#
# You get `noise`, a list of matrices of random numbers with mean 0 and variance 1, one for each layer, in the shape of its weights: a row for each input, a column for each unit. Scale them. For each hidden layer the variance is to be the one that keeps the size of the activations with ReLU. For the last layer the weights are to be 0.1 times as large as the same rule would make them. **Return** the list of the weights.


# %% nbgrader={"grade": false, "grade_id": "initial_weights-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def initial_weights(noise):
    """Return a list of weights, in the shapes of the arrays in noise."""
    ### BEGIN SOLUTION
    weights = [np.sqrt(2 / len(part)) * part for part in noise]
    weights[-1] = 0.1 * weights[-1]
    return weights
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "initial_weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.initial_weights.check(initial_weights)
### BEGIN HIDDEN TESTS
ex.initial_weights.check(initial_weights, seed=12764, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: initial_weights -->

# %% [markdown]
# That was a single draw. The next cell draws the network of section 7 a thousand times, with random inputs and random classes. How much do you expect the first loss to scatter with each of the two last layers?

# %%
rng = np.random.default_rng(4)
widths = [2, 24, 12, 2]
first_losses = {"as the rule says": [], "last layer times 0.1": []}
for _ in range(1000):
    A, right = rng.normal(size=(50, widths[0])), rng.integers(2, size=50)
    for inputs, hidden in zip(widths[:-2], widths[1:-1]):
        A = np.maximum(0, A @ rng.normal(0, np.sqrt(2 / inputs), (inputs, hidden)))
    Z = A @ rng.normal(0, np.sqrt(2 / widths[-2]), (widths[-2], widths[-1]))
    gap = Z[np.arange(50), 1 - right] - Z[np.arange(50), right]  # wrong minus right logit
    for words, factor in zip(first_losses, (1, 0.1)):
        first_losses[words].append(np.logaddexp(0, factor * gap).mean())
for words, found in first_losses.items():
    low, middle, high = np.quantile(found, [0.05, 0.5, 0.95])
    print(f"{words}: median {middle:.3f}, nine in ten between {low:.3f} and {high:.3f}")

# %% [markdown]
# The 1.406 of section 7 is on the high side, but no exception. With the smaller last layer every draw begins close to $\log 2$.
#
# ### Two ways to start badly
#
# Why are the weights random at all? Equal weights fail in two different ways.
#
# ### Exercise 17: a prediction
#
# A network with the widths 2, 4, 3, 2 has six parameter arrays: three weight matrices and three vectors of biases. All biases begin at 0. The loss is the cross-entropy, and there are more examples of one class than of the other.
#
# 1. All weights are 0, and the activation function is ReLU. How many of the six arrays change in the first step?
# 2. All weights are 0, and the activation function is the sigmoid. How many of the six arrays change in the first step?
# 3. All weights are 0.1, only those into the second class are $-0.1$, and the activation function is ReLU. How many different columns does the first weight matrix have after 5 steps?
#
# **Return** the three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "bad_starts-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bad_starts():
    """Return changed_with_relu, changed_with_sigmoid and different_columns."""
    ### BEGIN SOLUTION
    return 1, 2, 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bad_starts", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.bad_starts.check(bad_starts)
### BEGIN HIDDEN TESTS
ex.bad_starts.check(bad_starts)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: bad_starts -->

# %% [markdown]
# The next cell trains the three networks. What will have changed after 5 steps?


# %%
def train_from(weights, activation, steps):
    """Return weights and biases after some steps on 60 points, 40 of class 0."""
    X = torch.tensor(np.random.default_rng(1).normal(size=(60, 2)))
    labels = torch.tensor([0] * 40 + [1] * 20)
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    biases = [torch.zeros(W.shape[1], dtype=W.dtype, requires_grad=True) for W in weights]
    optimizer = torch.optim.SGD([*weights, *biases], lr=0.1)
    for _ in range(steps):
        A = X
        for W, b in zip(weights[:-1], biases[:-1]):
            A = activation(A @ W + b)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], labels).backward()
        optimizer.step()
    return [part.detach().numpy() for part in (*weights, *biases)]


# %%
shapes = [(2, 4), (4, 3), (3, 2)]
zero = [np.zeros(shape) for shape in shapes]
equal = [np.full((2, 4), 0.1), np.full((4, 3), 0.1), np.tile([0.1, -0.1], (3, 1))]
names = ["W1", "W2", "W3", "b1", "b2", "b3"]
for words, start, activation in (
    ("all zero, ReLU", zero, torch.relu),
    ("all zero, sigmoid", zero, torch.sigmoid),
    ("equal, ReLU", equal, torch.relu),
):
    before = [*start, np.zeros(4), np.zeros(3), np.zeros(2)]
    for steps in (1, 5):
        after = train_from(start, activation, steps)
        pairs = zip(names, before, after)
        changed = [name for name, old, new in pairs if np.abs(new - old).max() > 1e-12]
        print(f"{words}, changed after {steps} step(s): {' '.join(changed)}")
    columns = np.unique(after[0].round(9), axis=1).shape[1]
    print(f"{words}, different columns of W1 after 5 steps: {columns}")

# %% [markdown]
# - **All weights 0, with ReLU: the units are dead.** All hidden activations are 0, so $\frac{\partial L}{\partial W^{[l]}} = A^{[l-1]\mathsf T}\delta^{[l]}$ is 0 for $l \ge 2$. And $\delta^{[l]}W^{[l]\mathsf T}$ is 0, so the first layer gets the gradient 0 too. Only the last bias ever changes. Units can also die by chance: in the picture of section 8, with a width of 4, some layer is soon 0 for all examples.
# - **Equal weights: the units stay equal.** They compute the same activation, get the same gradient and take the same step. All units of a layer do what one unit could do. Random weights are needed to **break this symmetry**.
# - **All weights 0, with the sigmoid** is a failure of the second kind. The hidden activations are $\frac12$, so the last weights change in the first step, and the others follow. The network learns, but its units stay equal.
#
# ## 11. Skip connections
#
# The initial variance matters at the start of the training. A **skip connection**, also called a residual connection, keeps gradients from vanishing during the whole training (He, Zhang, Ren and Sun, 2016). It adds the input of a block to its output:
#
# $$Y = X + f(X).$$
#
# ![](../img/skip_connection.svg)
#
# Let $J$ be the Jacobian of $f$ for one example. The Jacobian of the block is $I + J$, and for a row vector of gradients $\frac{\partial L}{\partial y}$
#
# $$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}\,(I + J) = \frac{\partial L}{\partial y} + \frac{\partial L}{\partial y}\,J.$$
#
# In a chain of plain layers the gradient is multiplied by $J$ in each. If all $J$ are small, the product vanishes. In a chain of blocks it is multiplied by $I + J$, and there is always one path on which the gradient arrives unchanged: the one through all skip connections. With $n$ blocks there are $2^n$ paths, since each block is passed directly or through its branch.
#
# ### Exercise 18: through a block
#
# The branch has two dense layers without biases, with a ReLU between them: $Z = XW$, $A = \max(0, Z)$ and $Y = X + AV$. $X$ has the shape $(N, D)$, $W$ the shape $(D, H)$, and $V$ the shape $(H, D)$. **Return** `dL_dV`, `dL_dZ`, `dL_dW` and `dL_dX`, in this order, each in the shape of its variable.


# %% nbgrader={"grade": false, "grade_id": "residual_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def residual_backward(dL_dY, X, W, V):
    """Return dL_dV, dL_dZ, dL_dW, dL_dX for Y = X + max(0, Z) @ V, Z = X @ W.

    dL_dY (N, D), X (N, D), W (D, H), V (H, D)
    ->  dL_dV (H, D), dL_dZ (N, H), dL_dW (D, H), dL_dX (N, D)
    """
    ### BEGIN SOLUTION
    Z = X @ W
    dL_dV = np.maximum(0, Z).T @ dL_dY
    dL_dZ = dL_dY @ V.T * (Z > 0)
    dL_dW = X.T @ dL_dZ
    dL_dX = dL_dY + dL_dZ @ W.T
    ### END SOLUTION
    return dL_dV, dL_dZ, dL_dW, dL_dX


# %% nbgrader={"grade": true, "grade_id": "residual_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.residual_backward.check(residual_backward)
### BEGIN HIDDEN TESTS
ex.residual_backward.check(residual_backward, seed=66413, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: residual_backward -->

# %% [markdown]
# The next cell has 25 such blocks, that is 50 dense layers of 80 units. $W$ has the variance $\frac2D$, and $V$ has the variance $\frac cD$. There is no ReLU behind $V$, so a branch multiplies the mean square by $c$. Predict for $c = 0.04$, $c = 0.1$ and $c = 1$: how large is the gradient at the beginning without the skip connections, and with them?


# %% tags=["same-for-all"]
def gradient_at_the_start(c, skip, blocks=25, width=80):
    """The size of dL_dX in front of the first block; at the end it is about 1."""
    rng = np.random.default_rng(6)
    X = torch.tensor(rng.normal(size=(64, width)), requires_grad=True)
    Y = X
    for _ in range(blocks):
        W, V = rng.normal(size=(2, width, width)) * np.sqrt([[[2 / width]], [[c / width]]])
        Y = skip * Y + torch.relu(Y @ torch.tensor(W)) @ torch.tensor(V)
    (dL_dX,) = torch.autograd.grad(Y, X, torch.tensor(rng.normal(size=Y.shape)))
    return (dL_dX**2).mean().sqrt().item()


for c in (0.04, 0.1, 1):
    plain, with_skip = (gradient_at_the_start(c, skip) for skip in (0, 1))
    print(f"c = {c}: size without skip connections {plain:.1e}, with them {with_skip:.1f}")

# %% [markdown]
# Without skip connections the size changes by $\sqrt c$ in each block. With them the mean square is multiplied by $1 + c$ on average: the two contributions are uncorrelated, since the weights in $V$ have mean 0, so their mean squares add. After 25 blocks the size has changed by about $(1 + c)^{25/2}$, which is 1.6 for $c = 0.04$ and 3.3 for $c = 0.1$, but 5793 for $c = 1$. So with skip connections small branches do not make gradients vanish, but large branches still make them explode. Deep residual networks keep their branches small at the start, with $c$ of about one divided by the number of blocks, or by a normalisation as in lesson [08](08_inside_a_transformer.ipynb).
#
# Tick "skip connections" in the picture and compare. Each block of the picture has one dense layer, $Z_l = Z_{l-1} + \max(0, Z_{l-1})\,W_l$, so a block multiplies the mean square by $1 + \frac c2$ on average.

# %%
from backprop.pictures import explore_depth

explore_depth(depth=50, width=80, c=0.2)

# %% [markdown]
# ## 12. Minibatches
#
# So far every step used all examples. This is called **full-batch** gradient descent. Usually a step uses only a part of them:
#
# - The examples are **shuffled** and divided into **minibatches**. Each minibatch gives one step.
# - One pass over all examples is an **epoch**. Each epoch is shuffled anew.
# - If the size of the minibatches does not divide the number of examples, **the last minibatch of an epoch is short**.
#
# ![](../img/one_epoch.svg)
#
# ### Exercise 19: a prediction
#
# There are 1000 examples, and a minibatch has 64. **Return** the number of steps of one epoch, the number of examples in its last minibatch, and the number of steps of five epochs, in this order.


# %% nbgrader={"grade": false, "grade_id": "epoch_steps-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def epoch_steps():
    """Return steps, last_batch and updates."""
    ### BEGIN SOLUTION
    return 16, 40, 80
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "epoch_steps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.epoch_steps.check(epoch_steps)
### BEGIN HIDDEN TESTS
ex.epoch_steps.check(epoch_steps)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: epoch_steps -->

# %%
rows = torch.utils.data.TensorDataset(torch.arange(1000))
batches = [len(batch) for (batch,) in torch.utils.data.DataLoader(rows, batch_size=64)]
print("one epoch:", len(batches), "minibatches, the last one has", batches[-1], "examples")
print("five epochs:", 5 * len(batches), "steps")

# %% [markdown]
# `DataLoader` is PyTorch's tool for this. With `shuffle=True` it draws a new order for each epoch; with `drop_last=True` it leaves a short last minibatch out.
#
# ### Exercise 20: divide an epoch
#
# `order` is an array of row numbers: a shuffled `np.arange(N)`. **Return** the list of the minibatches of this epoch, in this order: arrays of `size` row numbers each, only the last one may have fewer.


# %% nbgrader={"grade": false, "grade_id": "minibatches-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def minibatches(order, size):
    """Return order, an array (N,), in pieces: a list of arrays of `size` numbers.

    The last one has what is left over.
    """
    ### BEGIN SOLUTION
    return [order[first : first + size] for first in range(0, len(order), size)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "minibatches", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.minibatches.check(minibatches)
### BEGIN HIDDEN TESTS
ex.minibatches.check(minibatches, seed=28450, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: minibatches -->

# %% [markdown]
# ### Why it works: mean and sum again
#
# The loss of a minibatch is the *mean* over its examples. So its gradient is the mean of the gradients of these examples. If the examples are drawn at random, its expected value is the mean over all examples, the full-batch gradient. So the gradient of a minibatch is an **unbiased estimate** of the full one: right on average, and noisy. A method that uses random estimates is called **stochastic**, hence **stochastic gradient descent**, SGD. (`torch.optim.SGD` only does the update. Whether it is stochastic depends on the batches that you compute the loss on.)
#
# With the mean, the expected step is the same whatever the size of the minibatch. With the sum, the expected step of a minibatch of 64 would be 64 times that of a single example, and each size would need its own learning rate.
#
# ### Exercise 21: all minibatches together
#
# The gradients of all minibatches of an epoch are computed at the *same* parameters, without a step between them. Each is the gradient of the mean over its minibatch, and `counts` says how many examples it has. **Return** the gradient of the *sum* over all examples and the gradient of the *mean* over all examples, in this order, both in the shape of one of the gradients.


# %% nbgrader={"grade": false, "grade_id": "combined_gradient-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def combined_gradient(gradients, counts):
    """Return of_the_sum and of_the_mean, arrays in the shape of one gradient.

    gradients: a list of arrays of the same shape; counts: a list of whole numbers
    """
    ### BEGIN SOLUTION
    of_the_sum = sum(count * gradient for count, gradient in zip(counts, gradients))
    return of_the_sum, of_the_sum / sum(counts)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "combined_gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.combined_gradient.check(combined_gradient)
### BEGIN HIDDEN TESTS
ex.combined_gradient.check(combined_gradient, seed=73390, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: combined_gradient -->

# %% [markdown]
# How noisy is the estimate? The next cell has a thousand examples with one number each, the derivative of their own loss. It draws many minibatches and computes the standard deviation of their means. A minibatch that is four times as large costs four times as much. How much smaller is the standard deviation?

# %% tags=["same-for-all"]
rng = np.random.default_rng(9)
own_derivatives = rng.normal(0.5, 2.0, size=1000)
for size in (1, 4, 16, 64):
    means = [rng.choice(own_derivatives, size, replace=False).mean() for _ in range(4000)]
    gap = np.mean(means) - own_derivatives.mean()
    noise = np.std(means)
    print(f"minibatches of {size:2d}: mean off by {gap:+.2f}, standard deviation {noise:.2f}")

# %% [markdown]
# Four times the work halves the standard deviation. Often four steps with small minibatches make more progress than one step with a large one. This is why minibatches are small.
#
# ### Exercise 22: open, train on minibatches
#
# `orders` has a row for each epoch: the shuffled row numbers of that epoch. They are given, so that PyTorch can take the same steps. In each step the loss is the mean cross-entropy of one minibatch, and all weights and biases change by $-\alpha$ times its gradient. You may call your `minibatches` and `train`, or your `network_backward`.
#
# **Return** the list of losses, one for each minibatch, *before* its step; the list of the final weights and the list of the final biases, in this order. Do not change the arrays that you are given. Every loss and every parameter has to agree with PyTorch's to eight digits.


# %% nbgrader={"grade": false, "grade_id": "train_minibatches-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_minibatches(X, Y, weights, biases, alpha, orders, size):
    """Return losses (number of steps,), weights_end and biases_end.

    X (N, D), Y (N, K); weights and biases: lists of arrays; orders (epochs, N)
    """
    ### BEGIN SOLUTION
    losses = []
    for order in orders:
        for rows in minibatches(order, size):
            step = train(X[rows], Y[rows], weights, biases, alpha, 1)
            losses.append(step[0][0])
            weights, biases = step[1:]
    return losses, weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_minibatches", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.train_minibatches.check(train_minibatches)
### BEGIN HIDDEN TESTS
ex.train_minibatches.check(train_minibatches, seed=55128, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: train_minibatches -->

# %% [markdown]
# ### Three arms
#
# The last experiment has a spiral of three arms with 77 points each, 231 in all. The next cells make it, with initial weights as in exercise 16, and have the training with PyTorch's gradients beside yours.


# %%
def three_arms(points, rng):
    """Return X (3 * points, 2) and Y (3 * points, 3), a 1 in the column of the arm."""
    radius = np.linspace(0.1, 1, points)
    angles = [2 * np.pi * (radius + arm / 3) + rng.normal(0, 0.15, points) for arm in range(3)]
    arms = [np.column_stack([radius * np.cos(t), radius * np.sin(t)]) for t in angles]
    return 2 * np.concatenate(arms), np.repeat(np.eye(3), points, axis=0)


rng = np.random.default_rng(7)
X3, Y3 = three_arms(77, rng)
weights3 = [rng.normal(0, np.sqrt(2 / D), (D, K)) for D, K in ((2, 24), (24, 12), (12, 3))]
weights3[-1] *= 0.1
start3 = weights3, [np.zeros(24), np.zeros(12), np.zeros(3)], 0.1  # alpha is the last one


# %%
def minibatches_with_pytorch(X, Y, weights, biases, alpha, orders, size):
    """What `train_minibatches` does, with PyTorch's gradients and its optimizer."""
    X, Y, losses = torch.tensor(X), torch.tensor(Y), []
    weights = [torch.tensor(W, requires_grad=True) for W in weights]
    biases = [torch.tensor(b, requires_grad=True) for b in biases]
    optimizer = torch.optim.SGD([*weights, *biases], lr=alpha)
    for order in torch.tensor(orders):
        for rows in order.split(size):
            A = X[rows]
            for W, b in zip(weights[:-1], biases[:-1]):
                A = torch.relu(A @ W + b)
            L = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], Y[rows])
            losses.append(L.item())
            optimizer.zero_grad()
            L.backward()
            optimizer.step()
    return losses, [W.detach().numpy() for W in weights], [b.detach().numpy() for b in biases]


# %% [markdown]
# 60 epochs of full-batch steps, of minibatches of 32, and of minibatches of 8, all with the same learning rate. An epoch costs about the same number of multiplications in each. Which one ends with the lowest loss over all examples? And which loss do you expect in the very first step?

# %%
orders = np.array([np.random.default_rng(epoch).permutation(231) for epoch in range(60)])
try:
    train_minibatches(X3[:4], Y3[:4], *start3, np.array([[2, 0, 3, 1]]), 3)
    my_minibatches = train_minibatches
except (NotImplementedError, NameError):
    my_minibatches = minibatches_with_pytorch
print("trained by", my_minibatches.__name__)
for size in (231, 32, 8):
    losses, *end = my_minibatches(X3, Y3, *start3, orders, size)
    whole = minibatches_with_pytorch(X3, Y3, *end, 0.1, orders[:1], 231)[0][0]
    words = f"{len(losses):5d} steps on {size:3d} examples"
    print(f"{words}: first loss {losses[0]:.3f}, loss of all examples at the end {whole:.3f}")

# %%
mine = my_minibatches(X3, Y3, *start3, orders[:5], 32)
theirs = minibatches_with_pytorch(X3, Y3, *start3, orders[:5], 32)
flat = [np.concatenate([losses, *map(np.ravel, [*W, *b])]) for losses, W, b in (mine, theirs)]
print("losses and parameters of 5 epochs within 1e-8:", np.abs(flat[0] - flat[1]).max() < 1e-8)

# %% [markdown]
# The first loss is close to $\log 3 \approx 1.099$, as it should be. In the same number of epochs, smaller minibatches take more steps. Each step follows a noisier gradient, but here the loss at the end is lower all the same. On hardware that works in parallel, a minibatch of 32 takes hardly longer than a single example, so a very small size wastes time.
#
# **Try it.** Change one thing in the cells above and run them again. First predict what will happen.
#
# - The learning rate 1 in place of 0.1, with minibatches of 8.
# - The same order in every epoch.
# - The last weights as the rule says, without the factor 0.1.
# - Minibatches of 231 in each epoch, shuffled: is anything random in such a step?
#
# ## What to remember
#
# - Examples are rows. $Z = XW + b$ with the shapes $(N, D)(D, K) + (K,)$ has the shape $(N, K)$.
# - The backward pass of a dense layer: $\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z}W^{\mathsf T}$, $\frac{\partial L}{\partial W} = X^{\mathsf T}\frac{\partial L}{\partial Z}$, and $\frac{\partial L}{\partial b}$ is the sum of the rows of $\frac{\partial L}{\partial Z}$. A gradient has the shape of the variable that it belongs to.
# - The gradient of an input is a sum over the units; the gradients of weights and biases are sums over the batch. What is broadcast in the forward pass is summed in the backward pass.
# - Sum or mean over the batch is a property of the loss. The factor $\frac1N$ occurs once.
# - Softmax with mean cross-entropy has the gradient $\frac1N(P - Y)$ at the logits, and a loss of $\log K$ if all logits are equal.
# - With weights of the variance $\frac cD$ a ReLU layer multiplies the size of what passes by $\sqrt{c/2}$, forward and (if $K = D$) backward. $c = 2$ keeps it; with another $c$ it vanishes or explodes with the depth.
# - If all weights are 0, with ReLU, no weight ever changes. If all weights of a layer are equal, its units stay equal. With small weights in the last layer the first loss is close to $\log K$.
# - A skip connection has the Jacobian $I + J$: the gradient also arrives unchanged.
# - An epoch is one pass over the shuffled data, with one step for each minibatch; the last minibatch may be short. The gradient of a minibatch is an unbiased, noisy estimate of the full one; four times as many examples halve its standard deviation.
#
# **One question that joins two ideas.** In a network of fifty blocks $Y = X + \max(0, XW)\,V$ every $V$ is 0 at the start, and every $W$ is random. What is the Jacobian of the whole chain of blocks? All $V$ are equal and all are 0: are the units dead, or do they stay equal? Which of the matrices change in the first step?
#
# <details>
# <summary>Answer</summary>
#
# Each block has $J = 0$, so the Jacobian of the chain is $I$: activations and gradients keep their size exactly, whatever the depth. The gradient of $V$ is $A^{\mathsf T}\frac{\partial L}{\partial Y}$ with $A = \max(0, XW)$. It is not 0, and its rows differ, because the hidden units have different random weights. So every $V$ changes in the first step. The gradient of $W$ comes back through $V$ and is 0 in the first step; from the second step on $W$ changes as well. Nothing is dead, and nothing stays equal.
#
# </details>

# %% [markdown]
# Next: [06 Build an autodiff engine](06_autodiff_engine.ipynb), in which you write the program that computes gradients, as PyTorch's autograd does.
