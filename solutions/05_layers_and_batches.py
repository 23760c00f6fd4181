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
# **After this lesson you can** take a whole layer and a whole batch back in three lines, say which gradients are summed and over what, and train a network of any depth with gradients that are all your own.
#
# **Time** about 150 minutes, and sections 1 to 5 make a good first sitting. **You need** lessons [01](01_chain_rule.ipynb) to [04](04_multipath_gradients.ipynb): paths that add, the ReLU gate, the Jacobian of softmax. And the product of two matrices.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import layers_and_batches as ex
    from backprop.progress_bar import progress_bar
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
course_map(ex)

# %% [markdown]
# ## 1. A layer is a matrix product
#
# So far one example went through the network at a time. From here on a whole **batch** of $N$ examples goes through at once, one example a row. A layer with $D$ inputs and $K$ units is
#
# $$Z = XW + b,\qquad z_{nk} = \sum_{i=1}^{D} x_{ni}\,w_{ik} + b_k.$$
#
# Say the shapes whenever you write such a line: $X$ is $(N, D)$, $W$ is $(D, K)$, $b$ is $(K,)$ and $Z$ is $(N, K)$. In a product, the two sizes that touch must agree, and they vanish.
#
# **Mind the change from lesson 04.** There $W$ had a *row* for each unit of the next layer. Here it has a *column* for each unit. One is the transpose of the other, and every formula in which they stand is turned with them.
#
# | | lesson 04 | from here on |
# |---|---|---|
# | an example | a column $x$, shape $(D,)$ | a row of $X$, shape $(N, D)$ |
# | the weights into unit $k$ | row $k$ of $W$, which is $(K, D)$ | column $k$ of $W$, which is $(D, K)$ |
# | forward | `z = W @ x + b` | `Z = X @ W + b` |
# | back to the inputs | `W.T @ dL_dz` | you will write it |
# | the gradient of $W$ | `np.outer(dL_dz, x)`, of shape $(K, D)$ | you will write it, of shape $(D, K)$ |
#
# Both are in use. `torch.nn.Linear` stores its weights as in lesson 04 and multiplies by their transpose.
#
# ### One example first
#
# Take one example, a row $x$ with $D$ entries. Input $i$ feeds *every* unit of the layer, unit $k$ through the weight $w_{ik}$. So the graph forks at $x_i$, and what comes back adds up. With $\delta_k = \frac{\partial L}{\partial z_k}$,
#
# $$\frac{\partial L}{\partial x_i} = \sum_{k=1}^{K} w_{ik}\,\delta_k,\qquad \frac{\partial L}{\partial w_{ik}} = x_i\,\delta_k,\qquad \frac{\partial L}{\partial b_k} = \delta_k.$$
#
# The first of these is the heart of back-propagation through layers: **an input gets the weighted sum of the next layer's deltas**, each weighted by the very weight through which the input was sent.
#
# The next cell has a layer with four inputs and three units, and asks PyTorch what comes back for two different upstream gradients. Before you run it: what comes back to the first input, whose weights are 0.2, 0.5 and $-0.26$, if $\delta = (1, 1, 1)$? And if $\delta = (1, -2, 0.5)$?

# %%
W = np.array([[0.2, 0.8, -0.5, 1.0], [0.5, -0.91, 0.26, -0.5], [-0.26, -0.27, 0.17, 0.87]]).T  # shape (4, 3)
x = np.array([1.0, 2.0, 3.0, 2.5])
for delta in ([1.0, 1.0, 1.0], [1.0, -2.0, 0.5]):
    x_t = torch.tensor(x, requires_grad=True)
    z = x_t @ torch.tensor(W)
    z.backward(torch.tensor(delta))  # as if this had arrived at z
    print("delta", delta, "  dL_dx", x_t.grad.numpy().round(6))

# %% [markdown]
# With $\delta = (1, 1, 1)$ somebody who forgets the deltas, and adds up the rows of $W$, gets the right numbers. With $(1, -2, 0.5)$ the slip shows. Examples in which many numbers are equal hide mistakes; the checks use numbers that differ.
#
# ### Exercise 1: one example
#
# The line for the biases is done. You do the other two.


# %% nbgrader={"grade": false, "grade_id": "dense_example-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_example(dL_dz, x, W):
    """Return dL_db (K,), dL_dx (D,), dL_dW (D, K) for z = x @ W + b; dL_dz has shape (K,), x (D,), W (D, K)."""
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
# ## 2. A batch adds up
#
# Now $N$ rows. What do the examples share? Not their inputs: a row of $X$ meets only its own row of $Z$. But all of them pass through the *same* weights and biases. A weight that is used $N$ times is a fork with $N$ branches.
#
# ### Exercise 2: a prediction
#
# $X$ has shape $(5, 4)$ and $W$ has shape $(4, 3)$: five examples, four inputs, three units. How many terms are added up in *one* entry of $\frac{\partial L}{\partial X}$? In one entry of $\frac{\partial L}{\partial W}$? In one entry of $\frac{\partial L}{\partial b}$?


# %% nbgrader={"grade": false, "grade_id": "terms-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def terms():
    """Return your prediction: the number of terms in one entry of dL_dX, of dL_dW and of dL_db, where X is (5, 4) and W (4, 3)."""
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
# Change one number and see which entries of $Z$ move. Each that moves is one way to the loss, and so one term.

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
    moved = after != before
    print(f"{name} moves {moved.sum()} entries of Z: {moved.any(axis=1).sum()} row(s), {moved.any(axis=0).sum()} column(s)")

# %% [markdown]
# So an entry of $X$ collects over the $K$ units, and an entry of $W$ or $b$ collects over the $N$ examples:
#
# $$\frac{\partial L}{\partial x_{ni}} = \sum_{k=1}^{K} \frac{\partial L}{\partial z_{nk}}\,w_{ik},\qquad \frac{\partial L}{\partial w_{ik}} = \sum_{n=1}^{N} x_{ni}\,\frac{\partial L}{\partial z_{nk}},\qquad \frac{\partial L}{\partial b_k} = \sum_{n=1}^{N} \frac{\partial L}{\partial z_{nk}}.$$
#
# Two of these sums are matrix products in disguise. A matrix product sums over the second index of its left factor, which is the first index of its right factor. Where an index stands in the wrong place, a transpose moves it.
#
# And there is a check that costs nothing: **a gradient has the shape of what it is the gradient of.** For $\frac{\partial L}{\partial W}$ you have $X$ of shape $(N, D)$ and $\frac{\partial L}{\partial Z}$ of shape $(N, K)$, and you need $(D, K)$. If $N$, $D$ and $K$ all differ, only one product of the two has that shape.
#
# The same layer as above, with three examples. The upstream gradient is 1 everywhere in the first row, 2 in the second, 3 in the third. What do you expect for the biases?

# %%
X = np.array([[1.0, 2.0, 3.0, 2.5], [2.0, 5.0, -1.0, 2.0], [-1.5, 2.7, 3.3, -0.8]])
upstream = torch.tensor([[1.0] * 3, [2.0] * 3, [3.0] * 3], dtype=torch.float64)
X_t, W_t = torch.tensor(X, requires_grad=True), torch.tensor(W, requires_grad=True)
b_t = torch.tensor([2.0, 3.0, 0.5], dtype=torch.float64, requires_grad=True)
(X_t @ W_t + b_t).backward(upstream)
for name, leaf in {"dL_dX": X_t, "dL_dW": W_t, "dL_db": b_t}.items():
    print(f"{name}, shape {tuple(leaf.grad.shape)}:\n{leaf.grad.numpy().round(6)}\n")

# %% [markdown]
# The columns of $\frac{\partial L}{\partial W}$ are all alike here, because every unit received the same deltas. That is the data's doing, not the layer's.
#
# ### Exercise 3: a dense layer, backwards
#
# The three gradients of $Z = XW + b$, for any $N$, $D$ and $K$. Turn the three sums above into NumPy: one line each, without a loop.


# %% nbgrader={"grade": false, "grade_id": "dense_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_backward(dL_dZ, X, W):
    """Return dL_dX (N, D), dL_dW (D, K), dL_db (K,) for Z = X @ W + b; dL_dZ has shape (N, K), X (N, D), W (D, K)."""
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
# $$\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z}\,W^{\mathsf T},\qquad \frac{\partial L}{\partial W} = X^{\mathsf T}\,\frac{\partial L}{\partial Z},\qquad \frac{\partial L}{\partial b} = \text{the sum of the rows of } \frac{\partial L}{\partial Z}.$$
#
# Here they are with their shapes. The sizes that touch agree, everywhere.
#
# ![](../img/dense_shapes.svg)

# %% [markdown]
# ## 3. What is broadcast is summed
#
# Look at the `+ b` once more. $XW$ has shape $(N, K)$ and $b$ has shape $(K,)$. NumPy adds them all the same: it uses the one row $b$ for every row of $XW$. That is **broadcasting**, and it copies. A value that is copied is used several times, so it is a fork, and on the way back it collects a share from each copy.
#
# ![](../img/broadcast_fork.svg)
#
# The rule holds for every broadcast, not for biases only: **sum over the axes along which it was copied, and come out with the shape it had.**
#
# NumPy lines shapes up from the right, and copies along an axis that is missing or has length 1:
#
# | shape | becomes | copied along | sum on the way back |
# |---|---|---|---|
# | $(K,)$ | $(N, K)$ | down the rows | `.sum(axis=0)` |
# | $(N, 1)$ | $(N, K)$ | across the columns | `.sum(axis=1, keepdims=True)` |
# | $()$, a number | $(N, K)$ | both ways | `.sum()` |
#
# The shape matters more than it seems. Suppose that a bias of shape $(3,)$ gets a gradient of shape $(1, 3)$: right numbers, one axis too many. Will the update stop with an error? And what if somebody subtracts three targets of shape $(3,)$ from three predictions of shape $(3, 1)$?

# %%
b = np.array([0.5, -1.0, 2.0])
b_after = b - 0.1 * np.ones((1, 3))
print("b had the shape", b.shape, "and has now the shape", b_after.shape)
yhat, y = np.array([[0.2], [0.7], [0.9]]), np.array([0.0, 1.0, 1.0])
print("yhat - y has the shape", (yhat - y).shape)

# %% [markdown]
# No error, either time. The second is the worse one: three residuals have become nine, and their mean is a number like any other. This is why the checks are strict about shapes.
#
# ### Exercise 4: three broadcasts
#
# $Y = U \odot v + c + s$, where $\odot$ multiplies entry by entry. $U$ has shape $(N, K)$, $v$ has shape $(K,)$, $c$ is a column of shape $(N, 1)$, and $s$ is a number. In indices, $y_{nk} = u_{nk}v_k + c_n + s$. You need neither $c$ nor $s$ for the gradients, so they are not handed over.


# %% nbgrader={"grade": false, "grade_id": "broadcast_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def broadcast_backward(dL_dY, U, v):
    """Return dL_dU (N, K), dL_dv (K,), dL_dc (N, 1), dL_ds for Y = U * v + c + s; dL_dY and U have shape (N, K), v (K,)."""
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
# ## 4. Layers that bend
#
# A dense layer alone is affine, and a stack of affine layers is one affine layer again. Between them stand the bends.
#
# **ReLU** works entry by entry: $a_{nk} = \max(0, z_{nk})$. So does its backward pass. Every entry of $Z$ has a gate of its own, and all of $(N, K)$ stays $(N, K)$:
#
# $$\frac{\partial L}{\partial z_{nk}} = \frac{\partial L}{\partial a_{nk}}\,[z_{nk} > 0].$$
#
# In NumPy `Z > 0` is a table of True and False. In a product True counts as 1 and False as 0.
#
# Before the next cell: the upstream gradient is 10, 20, 30 in the first row and 40, 50, 60 in the second. What passes?

# %%
Z = torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, -6.0]], requires_grad=True)
torch.relu(Z).backward(torch.tensor([[10.0, 20.0, 30.0], [40.0, 50.0, 60.0]]))
print(Z.grad.numpy())

# %% [markdown]
# ### Exercise 5: a ReLU layer
#
# $Z = XW + b$ and $A = \max(0, Z)$. What arrives is $\frac{\partial L}{\partial A}$. You may call your `dense_backward`.


# %% nbgrader={"grade": false, "grade_id": "relu_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_layer(X, W, b, dL_dA):
    """Return dL_dZ (N, K), dL_dX (N, D), dL_dW (D, K), dL_db (K,); X has shape (N, D), W (D, K), b (K,), dL_dA (N, K)."""
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
# **Softmax** works row by row. The classes of one example compete with each other, and examples do not: $p_{nk} = e^{z_{nk}} / \sum_j e^{z_{nj}}$, and each row of $P$ adds up to 1. For one row lesson 04 has the Jacobian, $\operatorname{diag}(p) - p\,p^{\mathsf T}$. Let $g = \frac{\partial L}{\partial p}$ arrive. The Jacobian is symmetric, so
#
# $$\frac{\partial L}{\partial z} = \bigl(\operatorname{diag}(p) - p\,p^{\mathsf T}\bigr)\,g = p \odot g - p\,(p^{\mathsf T}g) = p \odot \bigl(g - p^{\mathsf T}g\bigr).$$
#
# The number $p^{\mathsf T}g = \sum_i p_i g_i$ is the mean of what arrives, weighted with the probabilities. It is subtracted from every entry of $g$. There is no need to build a Jacobian at all, and for a batch there would be $N$ of them.
#
# ### Exercise 6: a softmax layer
#
# Return $P$ and $\frac{\partial L}{\partial Z}$ for a whole batch. `keepdims=True` leaves a row's sum in a column of shape $(N, 1)$, and that broadcasts as it should.


# %% nbgrader={"grade": false, "grade_id": "softmax_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_layer(Z, dL_dP):
    """Return P (N, K) and dL_dZ (N, K); each row of Z has the logits of one example, dL_dP has shape (N, K)."""
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
# Every example has a loss $\ell_n$ of its own. The batch needs one number. Is it the sum, or the mean?
#
# $$L_{\text{sum}} = \sum_{n=1}^{N}\ell_n,\qquad L_{\text{mean}} = \frac{1}{N}\sum_{n=1}^{N}\ell_n.$$
#
# You may choose, and you choose **once, in the loss**. With the mean, the factor $\frac{1}{N}$ enters at the first step back and then travels along in every delta. A layer knows nothing of it. It adds up what arrives, in both cases. Some notes announce an average and then compute a sum; others divide in the loss and again in every layer.
#
# ### Exercise 7: a prediction
#
# Somebody puts every example into the batch a second time, so that there are $2N$. The parameters stay as they are. By what factor does the gradient of a weight change if the loss is the sum? And if it is the mean?


# %% nbgrader={"grade": false, "grade_id": "twice_the_batch-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def twice_the_batch():
    """Return your prediction: the factor with a sum, and the factor with a mean, when every example is there twice."""
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
# With a sum, a larger batch makes longer steps for the same learning rate. With a mean it does not, which is why most programs take the mean. So do we from here on.
#
# ### Cross-entropy
#
# The usual loss for classes is the **cross-entropy**. For one example with the target $y$, whose entries are not negative and add up to 1, it is
#
# $$\ell = -\sum_{k} y_k \log p_k.$$
#
# If $y$ is 1 for one class and 0 for the others, one term is left: minus the (natural) logarithm of the probability of the right class.
#
# What comes back to the logits? From the loss to the probabilities $\frac{\partial \ell}{\partial p_i} = -\frac{y_i}{p_i}$, and then through the softmax,
#
# $$\frac{\partial \ell}{\partial z_j} = \sum_i \Bigl(-\frac{y_i}{p_i}\Bigr)\,p_i\bigl([i = j] - p_j\bigr) = -y_j + p_j\sum_i y_i = p_j - y_j.$$
#
# Every $p_i$ in a denominator has cancelled, and the sum of the targets is 1. What is left is **prediction minus target**. With sigmoid and log loss you found the same, $\sigma(z) - y$: that is softmax with two classes whose logits are $z$ and 0. And with the mean over the batch,
#
# $$\frac{\partial L}{\partial Z} = \frac{1}{N}\,(P - Y).$$
#
# This belongs to softmax *with cross-entropy*. With another loss, use your `softmax_layer`.
#
# ### Exercise 8: a prediction
#
# Before training, a network should know nothing. Let all its logits be 0. There are three classes, five examples, each with one right class, and the loss is the mean. What is $L$? Two decimals will do.


# %% nbgrader={"grade": false, "grade_id": "first_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_loss():
    """Return your prediction of the mean cross-entropy of five examples and three classes when all logits are 0."""
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
logits = torch.zeros((5, 3), requires_grad=True)
L = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 1, 1]))
L.backward()
print(f"L = {L.item():.4f}, the gradient at the first example's logits is {logits.grad[0].numpy().round(4)}")

# %% [markdown]
# A first loss that is far from $\log K$ says that something is wrong before training has begun: the start, the targets or the loss.
#
# The gradient of the first example is $(\tfrac13 - 1, \tfrac13, \tfrac13)$ divided by 5.
#
# One trap is an old friend from lesson 03. Logits can be large, and then $e^z$ overflows, or a probability rounds to 0 and its logarithm is $-\infty$. Put the softmax into the logarithm before you compute anything:
#
# $$\log p_k = z_k - \log\sum_j e^{z_j} = (z_k - m) - \log\sum_j e^{z_j - m},\qquad m = \max_j z_j.$$
#
# No exponent is positive any more, and the sum is at least 1.
#
# ### Exercise 9: softmax with cross-entropy
#
# The mean over the batch, and its gradient at the logits. In some of the check's batches one logit is beyond 750, in others below $-750$.


# %% nbgrader={"grade": false, "grade_id": "softmax_cross_entropy-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_cross_entropy(Z, Y):
    """Return L, the mean over the batch, and dL_dZ (N, K); Z and Y have shape (N, K), each row of Y adds up to 1."""
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
# You have all the pieces. A network is a list of weight matrices and a list of biases, layer by layer. With $A^{[0]} = X$,
#
# $$Z^{[l]} = A^{[l-1]}W^{[l]} + b^{[l]},\qquad A^{[l]} = \max\bigl(0, Z^{[l]}\bigr)\ \text{ for every layer but the last,}$$
#
# and the last $Z$ has the logits. On the way back two steps take turns, a dense layer and a gate:
#
# ![](../img/network_back.svg)
#
# The backward pass needs what the forward pass has seen: $A^{[l-1]}$ for the weights of layer $l$. So the forward pass keeps it. Must it keep the $Z^{[l]}$ too, for the gates? Where $A^{[l]} > 0$ there is $Z^{[l]} > 0$, and the other way round. The activations are enough.
#
# In Python the lists count from 0: `weights[0]` leads from $X$ to the first hidden layer, and `activations[0]` is $X$ itself. So **`weights[k]` meets `activations[k]`** and makes `activations[k + 1]`.
#
# ### Exercise 10: forward
#
# Return the list of all activations: $X$ first, then what each hidden layer puts out, and the logits at the end. It has one entry more than `weights`.


# %% nbgrader={"grade": false, "grade_id": "network_forward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_forward(X, weights, biases):
    """Return the list of activations: X (N, D), the hidden layers' outputs, the logits; weights and biases are lists of arrays."""
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
# The whole backward pass. Return the gradients of the weights, as a list in the order of `weights`, those of the biases in the same way, and $\frac{\partial L}{\partial X}$. The loss is the mean cross-entropy. Your `network_forward`, `softmax_cross_entropy` and `dense_backward` do most of the work; what you add is the order of things, and the gates.


# %% nbgrader={"grade": false, "grade_id": "network_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def network_backward(X, Y, weights, biases):
    """Return dL_dweights and dL_dbiases, lists of arrays with the shapes of weights and biases, and dL_dX (N, D)."""
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
# Here is something that no straight line can separate: two arms of a spiral, 100 points each.


# %%
def spiral(points, turns, rng):
    """Return X (2 * points, 2) and Y (2 * points, 2): two arms that wind around each other, and which arm each point is on."""
    radius = np.linspace(0.1, 1, points)
    arms = []
    for arm in range(2):
        angle = 2 * np.pi * turns * radius + np.pi * arm + rng.normal(0, 0.12, points)
        arms.append(2 * np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    return np.concatenate(arms), np.repeat(np.eye(2), points, axis=0)


rng = np.random.default_rng(3)
X, Y = spiral(100, 1.5, rng)
widths = [2, 24, 12, 2]
start_weights = [rng.normal(0, np.sqrt(2 / fan_in), (fan_in, units)) for fan_in, units in zip(widths, widths[1:])]
start_biases = [np.zeros(units) for units in widths[1:]]

# %% [markdown]
# The weights begin at random. (The spread $\sqrt{2/D}$ keeps the size of the signals about the same from layer to layer when ReLU shuts half of them out.) If all weights were 0, the hidden units would be copies of each other: what would their gradients be?
#
# ### Exercise 12: open, train it
#
# Write the training loop. One step is: forward, loss, backward, update,
#
# $$W^{[l]} \leftarrow W^{[l]} - \alpha\,\frac{\partial L}{\partial W^{[l]}},\qquad b^{[l]} \leftarrow b^{[l]} - \alpha\,\frac{\partial L}{\partial b^{[l]}}\qquad\text{for all layers at once.}$$
#
# All gradients of a step are taken at the parameters *before* the step. Return the loss with which each step begins, `steps` numbers in all (lesson 02 also noted the one after the last step), and then the weights and biases after the last step, as lists.
#
# The check does the same with PyTorch's gradients: five short runs on small batches, and one of 200 steps on a spiral with three arms. Every loss and every parameter has to agree to eight digits.


# %% nbgrader={"grade": false, "grade_id": "train-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(X, Y, weights, biases, alpha, steps):
    """Return losses (steps,), weights_end and biases_end, lists of arrays; alpha is a number, steps an int."""
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        losses.append(softmax_cross_entropy(network_forward(X, weights, biases)[-1], Y)[0])
        dL_dweights, dL_dbiases, _ = network_backward(X, Y, weights, biases)
        weights = [W - alpha * dL_dW for W, dL_dW in zip(weights, dL_dweights)]
        biases = [b - alpha * dL_db for b, dL_db in zip(biases, dL_dbiases)]
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
# The same network, the same start, the same steps, with `.backward()` in the place of your work.


# %%
def train_with_pytorch(X, Y, weights, biases, alpha, steps):
    """What `train` does, with PyTorch's gradients and PyTorch's optimizer."""
    X, Y = torch.tensor(X), torch.tensor(Y)
    weights, biases = ([torch.tensor(part, requires_grad=True) for part in parts] for parts in (weights, biases))
    optimizer, losses = torch.optim.SGD([*weights, *biases], lr=alpha), []
    for _ in range(steps):
        A = X
        for W, b in zip(weights[:-1], biases[:-1]):
            A = torch.relu(A @ W + b)
        L = torch.nn.functional.cross_entropy(A @ weights[-1] + biases[-1], Y)
        losses.append(L.item())
        optimizer.zero_grad()
        L.backward()
        optimizer.step()
    return losses, [W.detach().numpy() for W in weights], [b.detach().numpy() for b in biases]


# %% [markdown]
# Both now take 200 steps on the spiral. Until your `train` is written, the rest of the lesson shows PyTorch's steps.

# %%
try:
    losses, weights, biases = train(X, Y, start_weights, start_biases, alpha=0.1, steps=200)
    trainer = train
except NotImplementedError:
    trainer = train_with_pytorch
    losses, weights, biases = trainer(X, Y, start_weights, start_biases, alpha=0.1, steps=200)
theirs = train_with_pytorch(X, Y, start_weights, start_biases, alpha=0.1, steps=200)
gap_of_losses = np.max(np.abs(np.subtract(losses, theirs[0])))
gap_of_parameters = max(np.max(np.abs(mine - torchs)) for mine, torchs in zip([*weights, *biases], [*theirs[1], *theirs[2]]))
print("whose steps these are:", trainer.__name__)
print(f"loss at the first step {losses[0]:.4f}, at the last {losses[-1]:.4f}")
print("200 losses within 1e-8 of PyTorch's:", gap_of_losses < 1e-8, "  all parameters:", gap_of_parameters < 1e-8)

# %% [markdown]
# ### Watch it learn
#
# Now 2000 steps, in rounds of 50. We keep the parameters at six moments. After 200 steps the loss was 0.65. A network that gives both arms the same probability everywhere pays $\log 2$, about 0.69, so not much has been learned yet. Before you run the next cells: will the loss go on falling at that pace? And what will the boundary look like before it winds?

# %%
moments = [0, 50, 200, 500, 1000, 2000]
weights, biases, losses = start_weights, start_biases, []
seen = {0: (weights, biases)}
for done in progress_bar(range(50, 2001, 50), "training"):
    new_losses, weights, biases = trainer(X, Y, weights, biases, 0.1, 50)
    losses.extend(new_losses)
    if done in moments:
        seen[done] = weights, biases


# %%
def probability_of_first_arm(points, weights, biases):
    """The network's first probability at each point, shape (number of points,)."""
    A = points
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    Z = A @ weights[-1] + biases[-1]
    return 1 / (1 + np.exp(Z[:, 1] - Z[:, 0]))  # softmax with two classes is a sigmoid


# %%
def draw_boundary(ax, weights, biases, title):
    """The two arms, and how sure the network is in between; the line is where it cannot decide."""
    side = np.linspace(-2.3, 2.3, 100)
    grid = np.stack(np.meshgrid(side, side), axis=-1)
    p = probability_of_first_arm(grid.reshape(-1, 2), weights, biases).reshape(100, 100)
    ax.contourf(side, side, p, levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.6)
    ax.contour(side, side, p, levels=[0.5], colors="black", linewidths=1)
    ax.plot(*X[:100].T, "o", color="tab:blue", markersize=2.5)
    ax.plot(*X[100:].T, "^", color="tab:orange", markersize=2.5)
    ax.set(title=title, xticks=[], yticks=[], aspect="equal")


# %%
fig, axes = plt.subplots(1, 6, figsize=(10, 2.1), layout="constrained")
for ax, moment in zip(axes, moments):
    draw_boundary(ax, *seen[moment], f"step {moment}")
    right = (probability_of_first_arm(X, *seen[moment]) > 0.5) == (Y[:, 0] == 1)
    loss = losses[min(moment, len(losses) - 1)]
    print(f"step {moment:4d}: loss {loss:.3f}, {right.mean():6.1%} of the points on the right side")

fig, ax = plt.subplots(figsize=(10, 2.6), layout="constrained")
ax.plot(losses)
for moment in moments:
    ax.axvline(moment, color="grey", linestyle=":")
ax.set(xlabel="step", ylabel="loss", xlim=(0, 2000))
ax.grid(alpha=0.3)

# %% [markdown]
# At the start the loss is 1.41, twice $\log 2$: this random network takes every point for the same arm, and with confidence. The first steps take that back. Then, for hundreds of steps, the boundary is hardly more than a straight line, and at step 500 two thirds of the points are on the right side. Then the line bends, and within the next 500 steps two thirds of the loss are gone. At step 2000 all 200 points are on the right side.
#
# Every number on the way came from your three lines for a dense layer, a gate, and $\frac1N(P - Y)$.
#
# **Play with it.** Change one thing in the cells above and run them again. First say what you expect.
#
# - `widths = [2, 2]`: no hidden layer. What is the best that it can do?
# - All starting weights 0. Which parameters move at all?
# - A learning rate of 1, or of 0.001.
# - `widths = [2, 5, 2]`, or six layers.
#
# ## What to remember
#
# - Examples are rows. $Z = XW + b$ with shapes $(N, D)(D, K) + (K,)$ gives $(N, K)$.
# - Three lines take a layer back: $\frac{\partial L}{\partial Z}W^{\mathsf T}$ for the inputs, $X^{\mathsf T}\frac{\partial L}{\partial Z}$ for the weights, the sum of the rows for the biases.
# - A gradient has the shape of what it is the gradient of.
# - Inputs collect over the units. Weights and biases collect over the batch. What was broadcast is summed.
# - Sum or mean is settled in the loss, once.
# - ReLU has a gate for each entry; softmax ties together a row.
# - Softmax with cross-entropy leaves $\frac1N(P - Y)$ at the logits.
# - Backwards through a network: dense layer, gate, dense layer, gate. Keep the activations, and move all parameters at once.
#
# Next: [06 An autodiff engine](06_autodiff_engine.ipynb), where you build the machine that has been the referee so far.
