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
# **After this lesson you can** follow every path from a weight to the loss and add the contributions, differentiate through a softmax, and say why back-propagation does not follow paths one by one.
#
# **Time** about 120 minutes. **You need** lessons [01](01_chain_rule.ipynb) to [03](03_computation_graph.ipynb). Matrix products are explained in section 2.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import multipath_gradients as ex
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {cure}") from None

import itertools
import time

import matplotlib.pyplot as plt
import numpy as np
import torch

plt.style.use("backprop.drawing.lesson")


# Used from section 3 on, where they are explained.
def example():
    """Return x (4,), y (2,), W1 (4, 4), W2 (2, 4) of the 4-4-2 network."""
    x, y = np.array([2.0, 5, 3, 3]), np.array([1.0, 0])
    W1 = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5]]
    W1 += [[-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
    W2 = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
    return x, y, np.array(W1), np.array(W2)


def softmax(z):
    exponentials = np.exp(z - z.max())  # the same result, and it cannot overflow
    return exponentials / exponentials.sum()


def network(x, W1, W2, y):
    """Return z1, a1, z2, yhat, L."""
    z1 = W1 @ x
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ a1
    yhat = softmax(z2)
    return z1, a1, z2, yhat, ((yhat - y) ** 2).sum()


# %%
course_map(ex)

# %% [markdown]
# ## Three quick questions
#
# They repeat lessons 01 to 03 and earn no points. Work them out on paper.
#
# 1. $p = su$ with $s = u + 3$. What is $\frac{dp}{du}$ at $u = 2$?
# 2. $q = 3\max(0, z)$. What is $\frac{dq}{dz}$ at $z = -0.5$?
# 3. $r = \sigma(2\,\sigma(x))$. What is $\frac{dr}{dx}$ at $x = 0$? (You may use that $\sigma'(1) = 0.1966$.)


# %% nbgrader={"grade": false, "grade_id": "recall_04-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_04():
    """Return dp_du, dq_dz, dr_dx: three numbers."""
    ### BEGIN SOLUTION
    return 7, 0, 0.1966 * 2 * 0.25
    ### END SOLUTION


# %%
ex.recall_04.check(recall_04)

# %% [markdown]
# <!-- hints: recall_04 -->

# %% [markdown]
# ## 1. Where paths fork, derivatives add
#
# When the value of a node is used in two places, the graph **forks**. In the forward pass the value is copied. In the backward pass a contribution arrives from each place, and the two add up.
#
# ![](../img/fork_adds.svg)
#
# You have seen this with $x$ in the 1-2-1 network, and with `+=` in the last exercise of lesson 03.
#
# Here is a deeper network. The weight $w$ leads from the input to one unit of the first hidden layer. The output of that unit goes to three units of the second hidden layer, and theirs to the output unit.
#
# ![](../img/deep_paths.svg)
#
# In this section $w$, $u_k$ and $v_k$ are short for $w_{1\to 1}^{[1]}$, $w_{1\to k}^{[2]}$ and $w_{k\to 1}^{[3]}$ of the figure. Without biases and without the grey part of the figure:
#
# $$\begin{gathered}
# a^{[1]} = \sigma(wx),\qquad a_k^{[2]} = \sigma(u_k a^{[1]})\quad(k = 1, 2, 3),\\
# \hat y = \sigma\Bigl(\sum_k v_k a_k^{[2]}\Bigr),\qquad L = (\hat y - y)^2.
# \end{gathered}$$
#
# Three paths lead from $w$ to $L$, one through each $a_k^{[2]}$. Their first and last factors are the same; those in the middle differ:
#
# $$\frac{\partial L}{\partial w} = \sum_{k=1}^{3}\; \frac{\partial L}{\partial\hat y}\cdot\frac{\partial\hat y}{\partial a_k^{[2]}}\cdot\frac{\partial a_k^{[2]}}{\partial a^{[1]}}\cdot\frac{\partial a^{[1]}}{\partial w}.$$
#
# A weight of a later layer has fewer paths. From $u_2$ there is a single path, so the derivative has one term, a product of local derivatives:
#
# $$\frac{\partial L}{\partial u_2} = \frac{\partial L}{\partial\hat y}\cdot\underbrace{\hat y(1-\hat y)\,v_2}_{\partial\hat y/\partial a_2^{[2]}}\cdot\underbrace{a_2^{[2]}(1 - a_2^{[2]})\,a^{[1]}}_{\partial a_2^{[2]}/\partial u_2}.$$
#
# In the next picture you can change all numbers of the figure. Point at a node or an arrow to see the derivative there as a sum of products, path by path. Then click the arrow of $w_{2\to 1}^{[3]}$, from $a_2^{[2]}$ to $\hat y$, set that weight to 0, and point at the arrow of $w_{1\to 1}^{[1]}$ again. One of its three contributions is then 0. Predict: will the derivative for $w_{1\to 1}^{[1]}$ become smaller, larger, or change its sign?

# %%
from backprop.pictures import explore

explore("deep")

# %% [markdown]
# It changes its sign, from $+0.0037$ to $-0.0065$. The positive contribution through $a_2^{[2]}$ is gone, and the negative one is now larger than the positive one that is left. Both of these have changed as well, by the same factor: $\hat y$ has changed, and with it the factors that all paths share.
#
# ### Exercise 1: three paths
#
# Return the contributions of the three paths, an array of shape $(3,)$ with the path through $a_k^{[2]}$ in entry `k - 1`, and then their sum, one number.


# %% nbgrader={"grade": false, "grade_id": "three_paths-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_paths(x, w, u, v, y):
    """Return dL_dw_by_path (3,), dL_dw (a number).

    u and v have shape (3,); x, w and y are numbers.
    """
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
# ## 2. Matrix products
#
# The weights between two layers form a matrix. In this lesson the matrix $W$ has one **row for each unit where an edge ends** and one **column for each unit where it begins**: $w_{jk}$ in row $j$, column $k$ belongs to the edge from unit $k$ to unit $j$. All tables of this lesson follow this rule.
#
# | product | in code | shapes | entry |
# |---|---|---|---|
# | matrix times vector | `W @ a` | $(n, m)$ and $(m,)$ give $(n,)$ | $\sum_k w_{jk}\,a_k$: row $j$ of $W$ with $a$ |
# | transposed matrix times vector | `W.T @ d` | $(m, n)$ and $(n,)$ give $(m,)$ | $\sum_j w_{jk}\,d_j$: column $k$ of $W$ with $d$ |
# | outer product | `np.outer(d, a)` | $(n,)$ and $(m,)$ give $(n, m)$ | $d_j\,a_k$ |
# | entry by entry | `d * d` | $(n,)$ and $(n,)$ give $(n,)$ | $d_j\,d_j$ |
#
# In a matrix product the inner sizes must match; that axis is summed over. The transposed matrix $W^{\mathsf T}$, in code `W.T`, has rows and columns exchanged.
#
# These products are exactly what a layer needs. In the forward pass, $z_j = \sum_k w_{jk}\,a_k$ is `W @ a`. In the backward pass, let $d_j = \frac{\partial L}{\partial z_j}$. The unit $a_k$ goes into every $z_j$, so its derivative is the sum over the paths, $\sum_j d_j\,w_{jk}$: `W.T @ d`. The weight $w_{jk}$ is on one path only, so its derivative is $d_j\,a_k$: `np.outer(d, a)`, which has the shape of $W$.
#
# Predict the four shapes before you run the cell, and the first entry of each product.

# %%
W = np.array([[1.0, 2, 3], [4, 5, 6]])
a = np.array([1.0, 0, -1])
d = np.array([10.0, 1])
print("W @ a         ", W @ a)
print("W.T @ d       ", W.T @ d)
print("np.outer(d, a)", np.outer(d, a).tolist())
print("d * d         ", d * d)

# %% [markdown]
# ## 3. A network with two outputs
#
# The rest of the lesson looks at one network in detail: four inputs, four hidden sigmoid units, and two outputs. The outputs go through a **softmax**, which turns them into probabilities. The loss is the squared error, and all biases are 0. It is called the 4-4-2 network.
#
# | symbol | in code | meaning |
# |---|---|---|
# | $z^{[1]} = W_1 x$ | `z1` | pre-activations of the hidden units |
# | $a^{[1]} = \sigma(z^{[1]})$ | `a1` | activations of the hidden units |
# | $z^{[2]} = W_2\,a^{[1]}$ | `z2` | pre-activations of the outputs, called **logits** |
# | $\hat y = \text{softmax}(z^{[2]})$ | `yhat` | the prediction, one probability for each class |
# | $L = \sum_i(\hat y_i - y_i)^2$ | `L` | the loss |
# | $w_{k\to j}^{[l]}$ | `W1[j - 1, k - 1]` | weight of layer $l$ from unit $k$ to unit $j$: row $j$, column $k$ of the matrix, counted from 1; Python counts from 0 |
#
# For example, $w_{1\to 3}^{[1]}$, from input 1 to hidden unit 3, is `W1[2, 0]`. The functions `example`, `softmax` and `network` are in the first cell of the lesson.

# %%
x, y, W1, W2 = example()
z1, a1, z2, yhat, L = network(x, W1, W2, y)
for name, value in {"z1": z1, "a1": a1, "z2": z2, "yhat": yhat, "L": L}.items():
    print(f"{name:5s}", np.round(value, 6))

# %% [markdown]
# ### The Jacobian of softmax
#
# Softmax turns any numbers into probabilities:
#
# $$\hat y_i = \frac{e^{z_i}}{\sum_j e^{z_j}}.$$
#
# In this section $z_j$ is short for the logit $z_j^{[2]}$. Every logit is in the denominator of *every* output. If $z_2$ rises, $\hat y_2$ rises, and $\hat y_1$ must fall, because the outputs add up to 1. So softmax, unlike a sigmoid, does not treat each number by itself. Its derivative is a table of partial derivatives, the **Jacobian**: row $i$, column $j$ is the derivative of output $i$ with respect to logit $j$,
#
# $$\frac{\partial\hat y_i}{\partial z_j} = \hat y_i\,\bigl([i = j] - \hat y_j\bigr).$$
#
# Here $[i = j]$ is 1 if $i = j$, and 0 if not. This follows from the quotient rule. Write $S = \sum_j e^{z_j}$. If $i = j$, numerator and denominator both depend on $z_j$: $\frac{e^{z_i}S - e^{z_i}e^{z_i}}{S^2} = \hat y_i(1 - \hat y_i)$. If $i \ne j$, only the denominator does: $-\frac{e^{z_i}e^{z_j}}{S^2} = -\hat y_i\hat y_j$. The next cell computes the Jacobian numerically. What does each column add up to?

# %%
h = 1e-5
columns = [(softmax(z2 + h * e) - softmax(z2 - h * e)) / (2 * h) for e in np.eye(2)]
jacobian = np.column_stack(columns)
print("central differences:\n", jacobian.round(6))
print("each column adds up to", jacobian.sum(axis=0).round(10))

# %% [markdown]
# Every column adds up to 0, because the outputs always add up to 1: what one gains, the others lose.
#
# ### Exercise 2: the Jacobian of softmax
#
# Return the Jacobian for any number $n$ of classes, an array of shape $(n, n)$: row $i$ is output $i$, column $j$ is logit $j$.


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

# %% [markdown]
# ### Exercise 3: a prediction
#
# The weight $w_{1\to 3}^{[1]}$ leads from input 1 to hidden unit 3, and hidden unit 3 goes into both logits. Count softmax as one step, with an edge from every logit to every output. How many paths lead from $w_{1\to 3}^{[1]}$ to $L$? Return one number.


# %% nbgrader={"grade": false, "grade_id": "count_by_eye-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_by_eye():
    """Return paths: the number of paths from the weight W1[2, 0] to L."""
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
# ### The paths of one weight
#
# The hidden unit goes into two logits, and each logit goes into both outputs.
#
# ![](../img/four_paths.svg)
#
# In the next picture you can change the numbers of this network. Click the arrow of $w_{1\to 1}^{[2]}$, from $a_1^{[1]}$ to $z_1^{[2]}$. Predict: if you raise that weight from 0.5 to 2, $\hat y_1$ rises; by how much does $\hat y_2$ fall? And how are the derivatives below $z_1^{[2]}$ and $z_2^{[2]}$ related?

# %%
from backprop.pictures import explore

explore("four_four_two")

# %% [markdown]
# $\hat y_2$ falls by exactly as much as $\hat y_1$ rises, and the two derivatives are opposite numbers, before and after: the loss depends only on the difference of the two logits.
#
# Now list the four paths of $w_{1\to 3}^{[1]}$. Each path is one choice of an output $i$ and a logit $j$, and its contribution is a product of five local derivatives. The next cell asks PyTorch for each local derivative and multiplies along the paths.

# %%
x_t, y_t, W1_t, W2_t = (torch.tensor(value, requires_grad=True) for value in example())
z1_t = W1_t @ x_t
a1_t = torch.sigmoid(z1_t)
z2_t = W2_t @ a1_t
yhat_t = torch.softmax(z2_t, dim=0)
L_t = ((yhat_t - y_t) ** 2).sum()


def local(top, bottom, index):
    """The derivative of the number top with respect to bottom[index]."""
    return torch.autograd.grad(top, bottom, retain_graph=True)[0][index].item()


total = 0.0
first_two = local(z1_t[2], W1_t, (2, 0)) * local(a1_t[2], z1_t, 2)
for i, j in itertools.product(range(2), range(2)):
    last_two = local(yhat_t[i], z2_t, j) * local(L_t, yhat_t, i)
    share = first_two * local(z2_t[j], a1_t, 2) * last_two
    total += share
    print(f"through logit {j + 1} and output {i + 1}: {share:+.6f}")
print(f"sum {total:+.6f}    PyTorch {local(L_t, W1_t, (2, 0)):+.6f}")

# %% [markdown]
# Two contributions are positive and two are negative. Without the two paths through the second logit $-0.006319$ is left. The right value is $+0.003159$. The mistake changes not only the size but the *sign*: a small step with the wrong sign makes the loss larger.
#
# Now look at the first row of the derivative with respect to $W_1$: all weights into hidden unit 1. Hidden unit 1 goes into the logits through the weights 0.5 and 0.5. Before you run the cell: what will the first row be?

# %%
x_t, y_t, W1_t, W2_t = (torch.tensor(value, requires_grad=True) for value in example())
yhat_t = torch.softmax(W2_t @ torch.sigmoid(W1_t @ x_t), dim=0)
((yhat_t - y_t) ** 2).sum().backward()
print(W1_t.grad.numpy().round(6))

# %% [markdown]
# It is 0. (PyTorch's own numbers there are about $10^{-18}$, which is rounding.) Hidden unit 1 adds the same amount to both logits, and softmax depends only on their difference. The paths exist, but their contributions **cancel**. A derivative of 0 does not mean that there is no path to the loss.
#
# The next picture draws the contribution of every path of one weight as a bar, once from zero, once end to end. It begins with $w_{1\to 1}^{[1]}$, the first entry of that row of zeros. Predict: which of its four bars point left? And if you change $w_{1\to 1}^{[2]}$ from 0.5 to 0.6, does the derivative stay 0?

# %%
from backprop.pictures import follow_paths

follow_paths("four_four_two", "w1_11")

# %% [markdown]
# The two through logit 1 point left, the two through logit 2 point right, all four equally far. With 0.6 they no longer cancel: hidden unit 1 now adds more to logit 1 than to logit 2, and the derivative is $-0.001416$. Choose $w_{1\to 3}^{[1]}$, with the 0.5 restored, to see the four contributions that you computed above.

# %% [markdown]
# ## 4. Through the softmax, with matrices
#
# The derivative with respect to a logit is a sum over the outputs:
#
# $$\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial\hat y_i}\cdot\frac{\partial\hat y_i}{\partial z_j}.$$
#
# This is the transposed Jacobian times $\frac{\partial L}{\partial\hat y}$, as in section 2, with the Jacobian in the place of $W$. Such a product is called a **vector-Jacobian product**. The Jacobian of softmax is $\operatorname{diag}(\hat y) - \hat y\,\hat y^{\mathsf T}$, where $\operatorname{diag}(\hat y)$ has $\hat y$ on its diagonal and zeros elsewhere, and $\hat y\,\hat y^{\mathsf T}$ is the outer product of $\hat y$ with itself. It is symmetric, so transposing does not change it. For the weights, $\frac{\partial L}{\partial W_2}$ is the outer product of $\frac{\partial L}{\partial z^{[2]}}$ and $a^{[1]}$.
#
# You may have seen that softmax simply gives $\hat y - y$. That holds for another loss, the cross-entropy, and not for the squared error. The last lines of the next cell take one step on $w_{2\to 1}^{[2]}$, the weight 0.8, with $\alpha = 1$. Before you run it: will the weight become larger or smaller?

# %%
x, y, W1, W2 = example()
z1, a1, z2, yhat, L = network(x, W1, W2, y)
z2_t, W2_t = torch.tensor(z2, requires_grad=True), torch.tensor(W2, requires_grad=True)
((torch.softmax(z2_t, dim=0) - torch.tensor(y)) ** 2).sum().backward()
((torch.softmax(W2_t @ torch.tensor(a1), dim=0) - torch.tensor(y)) ** 2).sum().backward()
print("dL_dz2           ", z2_t.grad.numpy().round(6))
print("yhat - y         ", (yhat - y).round(6))
print("dL_dW2, first row", W2_t.grad[0].numpy().round(6))

stepped = W2.copy()
stepped[0, 1] -= 1.0 * W2_t.grad[0, 1].item()
print(f"the step changes the weight from 0.8 to {stepped[0, 1]:.6f}")
print(f"and the loss from {L:.6f} to {network(x, W1, stepped, y)[-1]:.6f}")

# %% [markdown]
# ### Exercise 4: the output layer
#
# Three classes, five hidden units. `a1` holds the activations of the hidden layer. Return the derivatives of $L$ with respect to $\hat y$, $z^{[2]}$ and $W_2$: two vectors and a matrix of the shape of $W_2$. You may call your `softmax_jacobian`.


# %% nbgrader={"grade": false, "grade_id": "softmax_output_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_output_layer(a1, W2, y):
    """Return dL_dyhat (3,), dL_dz2 (3,), dL_dW2 (3, 5).

    a1 has shape (5,), W2 (3, 5), y (3,).
    """
    z2 = W2 @ a1
    yhat = softmax(z2)
    dL_dyhat = 2 * (yhat - y)
    ### BEGIN SOLUTION
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = jacobian.T @ dL_dyhat
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
# Each hidden unit goes into every logit, so its derivative is a sum over the logits. Return the derivatives of $L$ with respect to $z^{[2]}$, $W_2$, $a^{[1]}$, $z^{[1]}$ and $W_1$, in this order. You may call your `softmax_output_layer`.


# %% nbgrader={"grade": false, "grade_id": "softmax_hidden_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def softmax_hidden_layer(x, W1, W2, y):
    """Return dL_dz2 (3,), dL_dW2 (3, 5), dL_da1 (5,), dL_dz1 (5,), dL_dW1 (5, 4).

    x has shape (4,), W1 (5, 4), W2 (3, 5), y (3,).
    """
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
# Now list the paths yourself, as PyTorch did in section 3. One weight $w$ leads into one hidden unit, $a = \sigma(wx + c)$, where $c$ is the contribution of the other inputs. The unit adds $v_j a$ to logit $j$, and the other hidden units add $r_j$: $z_j = v_j a + r_j$. There are three classes, so nine paths. Return the table of their contributions, of shape $(3, 3)$ with output $i$ in row $i$ and logit $j$ in column $j$, and then their sum, one number.


# %% nbgrader={"grade": false, "grade_id": "paths_of_a_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paths_of_a_weight(x, w, c, v, r, y):
    """Return dL_dw_by_path (3, 3), dL_dw (a number).

    Row i is output i, column j is logit j. v, r and y have shape (3,).
    """
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = softmax(v * a + r)
    ### BEGIN SOLUTION
    jacobian = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dyhat = 2 * (yhat - y)
    dL_dw_by_path = x * a * (1 - a) * dL_dyhat[:, None] * jacobian * v[None, :]
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
# ## 5. Too many paths
#
# Listing paths explains what a derivative is made of. As a way to compute it, it is far too slow.
#
# ### Exercise 7: paths and edges
#
# A network is given by the number of units in each layer, for example `[4, 4, 2]`. Every unit has an edge to every unit of the next layer. Return two whole numbers: how many paths begin at some unit of the first layer and end at some unit of the last layer, and how many edges there are.


# %% nbgrader={"grade": false, "grade_id": "paths_and_edges-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def paths_and_edges(widths):
    """Return paths, edges: two whole numbers.

    widths is a list of at least two whole numbers.
    """
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
# With width 6, each further layer multiplies the number of paths by 6, and adds 36 edges. Back-propagation uses every edge once.
#
# In the next picture you can choose the depth and the width of a network. It counts the paths from *one* input to the outputs, where the exercise counted those from all inputs, and the multiplications of PyTorch's backward pass. It begins with 4 layers of width 4, which have $4^4 = 256$ such paths. Predict: how many multiplications does the backward pass need? And at width 6, which depth is the first with more than a million paths?

# %%
from backprop.pictures import grow_deep

grow_deep(depth=4, width=4)

# %% [markdown]
# 64 multiplications, one for each edge. At width 6, depth 8 is the first: 1679616 paths, and 288 multiplications.
#
# The next two cells measure the time. They follow every path from one input of a network of width 6, without activation functions, in plain Python, and compare with PyTorch's backward pass.


# %%
def seconds(depth, width=6):
    """Seconds for one derivative: by listing all paths, and by a backward pass."""
    rng = np.random.default_rng(depth)
    weights = [rng.normal(size=(width, width)) / width for _ in range(depth)]
    start = time.perf_counter()
    total = 0.0
    for path in itertools.product(range(width), repeat=depth):
        share = weights[0][path[0], 0]
        for W, below, above in zip(weights[1:], path, path[1:]):
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
seconds(1)  # the very first call is slow, for reasons that have nothing to do with paths
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
# Both give the same number (the `assert` checks it). Back-propagation is faster for one reason: **where paths meet, it adds their contributions at once and continues with the sum.** All paths through a unit share the factors before that unit, and $ab + ac = a(b + c)$ needs one multiplication instead of two.
#
# ### Exercise 8: open, a deep network
#
# The network has any number of layers of any size: $a^{[0]} = x$, $a^{[l]} = \tanh(W_l\,a^{[l-1]})$, and $L$ is the sum of the squares of the last $a$. Return $\frac{\partial L}{\partial x}$, an array of the shape of $x$. Some of the check's networks have fourteen layers and more than $10^{11}$ paths, so do not list them. The derivative of $\tanh$ is $1 - \tanh^2$.


# %% nbgrader={"grade": false, "grade_id": "deep_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def deep_backward(x, weights):
    """Return dL_dx, of the shape of x.

    weights is a list of matrices; the first one is next to x.
    """
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
# - Where a value is used several times, its derivative is the sum of the contributions of all paths. Contributions have signs and may cancel.
# - In a layer $z = Wa$: `W.T @ dL_dz` for $a$, and `np.outer(dL_dz, a)` for $W$, which has the shape of $W$.
# - Every output of a softmax depends on every logit. Its Jacobian is $\operatorname{diag}(\hat y) - \hat y\,\hat y^{\mathsf T}$; the entries off the diagonal must not be left out.
# - $\hat y - y$ at the logits belongs to softmax with cross-entropy, not to softmax with squared error.
# - The number of paths grows like width to the power of depth, the number of edges like width squared times depth. Back-propagation adds paths where they meet, so its cost grows like the number of edges.
#
# **One question that joins two ideas.** Add the same number $c$ to all logits of a softmax. What happens to $\hat y$? And what does that say about the sum of each *row* of the Jacobian, and about the sum of all entries of $\frac{\partial L}{\partial z}$ for any loss?
#
# <details>
# <summary>Answer</summary>
#
# Numerator and denominator are multiplied by $e^c$, so $\hat y$ does not change. The change of $\hat y_i$ is $\sum_j \frac{\partial\hat y_i}{\partial z_j}\,c = 0$, so each row adds up to 0. Therefore $\sum_j\frac{\partial L}{\partial z_j} = \sum_i\frac{\partial L}{\partial\hat y_i}\sum_j\frac{\partial\hat y_i}{\partial z_j} = 0$ for any loss: the derivatives at the logits always add up to 0, as $-0.162527$ and $0.162527$ do in section 4.
#
# </details>

# %% [markdown]
# Next: [05 Layers and batches](05_layers_and_batches.ipynb), where a layer and a whole batch go back in three lines.
