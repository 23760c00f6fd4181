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
# # 08 Inside a transformer
#
# **After this lesson you can** derive and write the backward pass of the layers that large models are made of: normalisation, embedding, attention, convolution, max-pooling, dropout, residual connections. At the end you train a small language model, and every gradient in it is yours.
#
# **Time** about four hours. Good places for a break are after section 2 and after section 5. **You need** lesson [05](05_layers_and_batches.ipynb): dense layers, broadcasting, softmax, cross-entropy; and from lesson [04](04_multipath_gradients.ipynb) that the contributions of several paths add.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import inside_a_transformer as ex
    from backprop.progress_bar import progress_bar
except ModuleNotFoundError as missing:
    advice = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {advice}") from None

import re

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
# 1. A bias $b = (b_1, b_2)$ is added to every row of a batch, $Z = XW + b$, and $\frac{\partial L}{\partial Z}$ has the rows $(1, -2)$, $(0.5, 4)$ and $(2, 1.5)$. What is $\frac{\partial L}{\partial b_2}$?
# 2. A softmax has three outputs, $p = (0.5, 0.3, 0.2)$. The upstream gradient is $\frac{\partial L}{\partial p} = (3, 0, 0)$. What is $\frac{\partial L}{\partial z_1}$, the derivative with respect to the first logit?
# 3. $y = x \cdot x + 3x$, and the upstream gradient is $\frac{dL}{dy} = 5$. What is $\frac{dL}{dx}$ at $x = 2$?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_08-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_08():
    """Return dL_db2, dL_dz1 and dL_dx, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return 3.5, 0.75, 35
    ### END SOLUTION


# %%
ex.recall_08.check(recall_08)

# %% [markdown]
# <!-- hints: recall_08 -->

# %% [markdown]
# ## The plan
#
# A transformer predicts the next character (or word) of a text. This is the one that you will train, with one **block**:
#
# ![](../img/transformer_block.svg)
#
# Dense layers, ReLU, softmax and cross-entropy are known. New are the tables at the beginning (an **embedding**), **LayerNorm**, **attention** and the **residual connections**. Sections 1 to 3 take them one by one. Sections 4 to 6 add what other networks are made of: convolution, max-pooling, dropout. Section 7 puts the model together.
#
# Nothing here needs a new rule of calculus. In each layer you ask the same three questions. Which values are nodes of the graph? Where does a value go to more than one place, so that gradients add? And what is the local derivative on each edge?
#
# Rows are examples, or the positions of a text. Columns are features. A gradient has the shape of what it is the gradient of.

# %% [markdown]
# ## 1. Normalisation
#
# Activations that are far too large or far too small make training slow or impossible. **LayerNorm** gives every row of a batch the mean 0 and the variance 1. Then it multiplies each feature by a scale $\gamma$ and adds a shift $\beta$. Both are parameters. For one row $x$ with $D$ entries,
#
# $$\begin{aligned}
# m &= \frac1D\sum_i x_i, & c_i &= x_i - m, & v &= \frac1D\sum_i c_i^2,\\
# s &= \frac{1}{\sqrt{v + \varepsilon}}, & \hat x_i &= c_i\,s, & y_i &= \gamma_i\hat x_i + \beta_i.
# \end{aligned}$$
#
# The small number $\varepsilon$, often $10^{-5}$, keeps $s$ finite when all entries are equal. (The checks use a larger $\varepsilon$, so that forgetting it shows.) In NumPy, for a batch:


# %%
def layer_norm(X, gamma, beta, eps=1e-5):
    """Normalise each row of X (N, D); gamma and beta have shape (D,)."""
    C = X - X.mean(axis=1, keepdims=True)
    s = 1 / np.sqrt((C**2).mean(axis=1, keepdims=True) + eps)
    return gamma * C * s + beta


# %% [markdown]
# Two rows follow, and the second one is $10$ times the first one plus $100$. Which outputs do you expect?

# %%
X = np.array([[0.4, -1.3, 2.1, 0.9], [104.0, 87.0, 121.0, 109.0]])
print(layer_norm(X, gamma=np.ones(4), beta=np.zeros(4)).round(4))

# %% [markdown]
# Both rows are the same after LayerNorm, to four digits: a shift of the whole row and a positive factor have no effect. That says something about the gradient before we derive it.
#
# ### Exercise 1: a prediction
#
# Let $\varepsilon = 0$, $x = (0.4, -1.3, 2.1, 0.9)$, and let $\frac{\partial L}{\partial\hat x} = (1, -2, 0.5, 3)$ arrive at $\hat x$. Do not compute the gradient. Use only that $\hat x$ does not change when $x$ is shifted or multiplied by a positive number.
#
# **Return** two numbers, in this order: the sum of the four entries of $\frac{\partial L}{\partial x}$, and the factor by which $\frac{\partial L}{\partial x}$ is multiplied if $x$ is replaced by $10x$ and the same gradient arrives at $\hat x$.


# %% nbgrader={"grade": false, "grade_id": "shift_and_scale-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shift_and_scale():
    """Return sum_of_dL_dx and factor_of_dL_dx, your predictions: two numbers."""
    ### BEGIN SOLUTION
    return 0, 0.1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shift_and_scale", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.shift_and_scale.check(shift_and_scale)
### BEGIN HIDDEN TESTS
ex.shift_and_scale.check(shift_and_scale)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: shift_and_scale -->

# %%
for factor in (1, 10, 100):
    x = (factor * torch.tensor(X[0])).requires_grad_()
    xhat = (x - x.mean()) / x.var(correction=0).sqrt()
    xhat.backward(torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64))
    total = abs(x.grad.sum().item())
    print(f"x times {factor:3d}: {x.grad.numpy().round(5)}   sum {total:.5f}")

# %% [markdown]
# So a LayerNorm passes back a small gradient to large activations and a large gradient to small ones. It works against both vanishing and exploding gradients.
#
# ### Link by link
#
# Each step of the formula is a node:
#
# ![](../img/layer_norm_graph.svg)
#
# The graph has two forks. $x$ goes into $c$ directly and through the mean $m$. And $c$ goes into $\hat x$ directly and through $v$ and $s$. **The mean and the variance depend on every entry, so every $\hat x_i$ depends on every $x_j$.** From the right to the left, with $d_i = \frac{\partial L}{\partial \hat x_i}$:
#
# - $d_i = \gamma_i\,\frac{\partial L}{\partial y_i}$, a multiply node.
# - $\hat x_i = c_i s$. The number $s$ is used by every entry, so its gradient is a sum: $\frac{\partial L}{\partial s} = \sum_i d_i\,c_i$.
# - $s = (v + \varepsilon)^{-1/2}$, so $\frac{ds}{dv} = -\frac12(v + \varepsilon)^{-3/2} = -\frac12 s^3$.
# - $v$ is the mean of the $c_i^2$, so $\frac{\partial v}{\partial c_i} = \frac{2c_i}{D}$. Two paths lead back to $c_i$: $\;\frac{\partial L}{\partial c_i} = d_i\,s + \frac{\partial L}{\partial v}\,\frac{2c_i}{D}$.
# - $m$ is subtracted from every entry, $\frac{\partial c_i}{\partial m} = -1$, and what comes back adds.
# - $m$ is the mean of the $x_i$, so $\frac{\partial m}{\partial x_i} = \frac1D$. Two paths lead back to $x_i$.
#
# ### Exercise 2: one row, link by link
#
# The first line is written. **Return** the six gradients, in the order of the list. `dL_ds`, `dL_dv` and `dL_dm` are numbers, the others have shape $(D,)$.


# %% nbgrader={"grade": false, "grade_id": "layer_norm_links-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_norm_links(dL_dy, x, gamma, eps):
    """Go back through y = gamma * xhat + beta for one row.

    dL_dy, x, gamma (D,), eps a number
    ->  dL_dxhat (D,), dL_ds, dL_dv numbers, dL_dc (D,), dL_dm a number, dL_dx (D,)
    """
    D = len(x)
    c = x - x.mean()
    s = 1 / np.sqrt((c**2).mean() + eps)
    dL_dxhat = gamma * dL_dy
    ### BEGIN SOLUTION
    dL_ds = (dL_dxhat * c).sum()
    dL_dv = -0.5 * s**3 * dL_ds
    dL_dc = dL_dxhat * s + dL_dv * 2 * c / D
    dL_dm = -dL_dc.sum()
    dL_dx = dL_dc + dL_dm / D
    ### END SOLUTION
    return dL_dxhat, dL_ds, dL_dv, dL_dc, dL_dm, dL_dx


# %% nbgrader={"grade": true, "grade_id": "layer_norm_links", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.layer_norm_links.check(layer_norm_links)
### BEGIN HIDDEN TESTS
ex.layer_norm_links.check(layer_norm_links, seed=42853, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: layer_norm_links -->

# %% [markdown]
# ### All links in one
#
# Put the links into one another. First $\frac{\partial L}{\partial v}\cdot\frac{2c_i}{D} = -\frac12 s^3\Bigl(\sum_j d_j c_j\Bigr)\frac{2c_i}{D}$. With $\hat x = cs$ this is $-s\,\hat x_i\cdot\frac1D\sum_j d_j\hat x_j$, so
#
# $$\frac{\partial L}{\partial c} = s\,\bigl(d - \hat x\,\operatorname{mean}(d\odot\hat x)\bigr).$$
#
# For the last step, $\frac{\partial L}{\partial x} = \frac{\partial L}{\partial c} - \operatorname{mean}\bigl(\frac{\partial L}{\partial c}\bigr)$. The entries of $\hat x$ add up to 0, so only $d$ contributes to this mean, and
#
# $$\boxed{\;\frac{\partial L}{\partial x} = s\,\bigl(d - \operatorname{mean}(d) - \hat x\,\operatorname{mean}(d\odot\hat x)\bigr)\;}$$
#
# In words: from what arrives, take away its mean and its part along $\hat x$, and divide by the standard deviation. With $\varepsilon = 0$ the result is exactly orthogonal to the row of ones, because a shift of $x$ has no effect, and to $\hat x$, because a common factor has none. The first is your first prediction: the entries add up to 0. The second prediction is the factor $s$: for $10x$ it is a tenth, while $\hat x$ and $d$ are the same.
#
# ### Exercise 3: LayerNorm for a batch
#
# Now for $N$ rows, and with the gradients of $\gamma$ and $\beta$, which are shared by all rows. **Return** `dL_dgamma` $(D,)$, `dL_dbeta` $(D,)$ and `dL_dX` $(N, D)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "layer_norm_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_norm_backward(dL_dY, X, gamma, eps=1e-5):
    """Go back through Y = layer_norm(X, gamma, beta, eps).

    dL_dY, X (N, D), gamma (D,)  ->  dL_dgamma (D,), dL_dbeta (D,), dL_dX (N, D)
    """
    ### BEGIN SOLUTION
    C = X - X.mean(axis=1, keepdims=True)
    s = 1 / np.sqrt((C**2).mean(axis=1, keepdims=True) + eps)
    Xhat = C * s
    dL_dgamma = (dL_dY * Xhat).sum(axis=0)
    dL_dbeta = dL_dY.sum(axis=0)
    d = dL_dY * gamma
    along = Xhat * (d * Xhat).mean(axis=1, keepdims=True)
    dL_dX = s * (d - d.mean(axis=1, keepdims=True) - along)
    return dL_dgamma, dL_dbeta, dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "layer_norm_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.layer_norm_backward.check(layer_norm_backward)
### BEGIN HIDDEN TESTS
ex.layer_norm_backward.check(layer_norm_backward, seed=17290, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: layer_norm_backward -->

# %% [markdown]
# ### BatchNorm: the other axis
#
# **BatchNorm** does the same with each *column*: its mean and variance are taken over the examples of the batch, one for each feature. The graph is the same, and so is the formula. Only the axis of the statistics has changed. $\gamma$ and $\beta$ still belong to the features.
#
# What does that mean for one example? Change a single entry, in row 0 and column 0, and see which outputs move. Predict it for LayerNorm and for BatchNorm first.

# %%
rng = np.random.default_rng(8)
X = rng.normal(size=(3, 4))
moved = X.copy()
moved[0, 0] += 0.5
for axis, name in ((1, "LayerNorm"), (0, "BatchNorm")):
    before = (X - X.mean(axis, keepdims=True)) / X.std(axis, keepdims=True)
    after = (moved - moved.mean(axis, keepdims=True)) / moved.std(axis, keepdims=True)
    changed = np.abs(after - before) > 1e-9
    rows, columns = changed.any(axis=1).sum(), changed.any(axis=0).sum()
    print(f"{name}: {rows} row(s) and {columns} column(s) move")

# %% [markdown]
# With BatchNorm, the output of one example depends on the *other* examples in its batch, and each example gets gradient from the losses of the others. With LayerNorm examples stay apart. That is one reason why transformers use LayerNorm: a text may be processed alone, and in training no position may see what comes later.
#
# (When a network with BatchNorm is *used*, the mean and the variance are fixed numbers, averages that were noted during training. Then they are constants, and $\frac{\partial L}{\partial x} = s\,d$ is right. During training it is one of the most common mistakes.)
#
# ### Exercise 4: open, BatchNorm
#
# $\hat x_{ni} = (x_{ni} - m_i)\,s_i$ with the mean and the variance of column $i$, then $y_{ni} = \gamma_i\hat x_{ni} + \beta_i$. **Return** `dL_dgamma` $(D,)$, `dL_dbeta` $(D,)$ and `dL_dX` $(N, D)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "batch_norm_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_norm_backward(dL_dY, X, gamma, eps=1e-5):
    """Go back through a BatchNorm whose statistics are those of the batch X.

    dL_dY, X (N, D), gamma (D,)  ->  dL_dgamma (D,), dL_dbeta (D,), dL_dX (N, D)
    """
    ### BEGIN SOLUTION
    C = X - X.mean(axis=0)
    s = 1 / np.sqrt((C**2).mean(axis=0) + eps)
    Xhat = C * s
    d = dL_dY * gamma
    dL_dX = s * (d - d.mean(axis=0) - Xhat * (d * Xhat).mean(axis=0))
    return (dL_dY * Xhat).sum(axis=0), dL_dY.sum(axis=0), dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch_norm_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.batch_norm_backward.check(batch_norm_backward)
### BEGIN HIDDEN TESTS
ex.batch_norm_backward.check(batch_norm_backward, seed=90466, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: batch_norm_backward -->

# %% [markdown]
# ## 2. Embedding: a row that is looked up
#
# A text becomes numbers in two steps. Each kind of character, a **token**, has a number, its id. And each id has a row of parameters in a table $E$, its **embedding**. A second table $P$ has a row for each **position**. A text of $T$ tokens becomes
#
# $$x_t = E_{\mathrm{id}_t} + P_t,\qquad t = 0, \dots, T-1.$$
#
# In NumPy that is `E[ids] + P[:T]`. The table $P$ may have more rows than this text has tokens.
#
# What comes back to a table? If token 2 stands at three positions, row 2 of $E$ is used three times. A parameter that is used three times is a fork, and three contributions add:
#
# $$\frac{\partial L}{\partial E_k} = \sum_{t\,:\,\mathrm{id}_t = k}\frac{\partial L}{\partial x_t},\qquad \frac{\partial L}{\partial P_t} = \frac{\partial L}{\partial x_t}.$$
#
# A row that is not looked up has the gradient 0. (The lookup is a matrix product, $X = HE$, with a matrix $H$ of zeros that has a single 1 in each row. So $\frac{\partial L}{\partial E} = H^{\mathsf T}\frac{\partial L}{\partial X}$, as for every dense layer.)
#
# There is a line of NumPy that looks right and is not. The next cell adds 1 for every token of `[2, 0, 2, 1, 2]` in two ways. What will the two counts be?

# %%
ids = np.array([2, 0, 2, 1, 2])
count_a, count_b = np.zeros(4), np.zeros(4)
count_a[ids] += 1
np.add.at(count_b, ids, 1)
print("count[ids] += 1          ", count_a)
print("np.add.at(count, ids, 1) ", count_b)

# %% [markdown]
# `count[ids] += 1` first reads all entries, adds 1 to what it has read, and then writes. An index that occurs three times is written three times with the same number. `np.add.at` adds once for every occurrence.
#
# ### Exercise 5: the two tables
#
# **Return** `dL_dE` and `dL_dP`, in the shapes of $E$ and $P$, in this order.


# %% nbgrader={"grade": false, "grade_id": "embedding_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def embedding_backward(dL_dX, ids, E, P):
    """Go back through X = E[ids] + P[:len(ids)].

    dL_dX (T, D), ids (T,) whole numbers, E (V, D), P (M, D) with M >= T
    ->  dL_dE (V, D), dL_dP (M, D)
    """
    ### BEGIN SOLUTION
    dL_dE, dL_dP = np.zeros_like(E), np.zeros_like(P)
    np.add.at(dL_dE, ids, dL_dX)
    dL_dP[: len(ids)] = dL_dX
    return dL_dE, dL_dP
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "embedding_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.embedding_backward.check(embedding_backward)
### BEGIN HIDDEN TESTS
ex.embedding_backward.check(embedding_backward, seed=63518, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: embedding_backward -->

# %% [markdown]
# ## 3. Attention
#
# So far each position of a text is processed alone. In **attention**, positions exchange information. Each position $i$ has three vectors:
#
# - a **query** $q_i$: what it looks for;
# - a **key** $k_i$: what it offers to be found by;
# - a **value** $v_i$: what it hands over when it is found.
#
# Position $i$ compares its query with the key of every position $j$ it may use: the **score** is $s_{ij} = \frac{1}{\sqrt d}\,q_i\cdot k_j$, where $d$ is the length of a query. A softmax turns row $i$ of the scores into **weights** $a_{i1}, a_{i2}, \dots$ that add up to 1, and the output is the weighted mean of the values. With the vectors as the rows of $Q$, $K$ $(T, d)$ and $V$,
#
# $$S = \frac{1}{\sqrt d}\,QK^{\mathsf T},\qquad A = \operatorname{softmax}(S)\ \text{row by row},\qquad O = AV.$$
#
# Why $\sqrt d$? If the entries of $q$ and $k$ are independent with mean 0 and variance 1, then $q\cdot k$ is a sum of $d$ terms, each with variance 1, and has the variance $d$. Dividing by $\sqrt d$ makes it 1 again. With larger scores the softmax would be close to 0 and 1, where its derivative is close to 0.
#
# A model that predicts the next character must not see it. So position $i$ may use only the positions $j \le i$: the **causal mask**. The scores with $j > i$ are replaced by $-\infty$ *before* the softmax. Then $e^{-\infty} = 0$, and the other weights of the row still add up to 1.
#
# ### Exercise 6: forward
#
# **Return** the weights $A$ of shape $(T, T)$ and the outputs $O$ of shape $(T, e)$, in this order. `np.triu_indices(T, 1)` gives the places above the diagonal.


# %% nbgrader={"grade": false, "grade_id": "causal_attention-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def causal_attention(Q, K, V):
    """Compute the weights and the outputs of a causal head.

    Q, K (T, d), V (T, e)  ->  A (T, T), O (T, e)
    """
    ### BEGIN SOLUTION
    S = Q @ K.T / np.sqrt(Q.shape[1])
    S[np.triu_indices(len(S), 1)] = -np.inf
    exponentials = np.exp(S - S.max(axis=1, keepdims=True))
    A = exponentials / exponentials.sum(axis=1, keepdims=True)
    return A, A @ V
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "causal_attention", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.causal_attention.check(causal_attention)
### BEGIN HIDDEN TESTS
ex.causal_attention.check(causal_attention, seed=38127, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: causal_attention -->

# %% [markdown]
# ### Exercise 7: a prediction
#
# A text has five positions. The loss depends on one output only, the one at position 3 (counted from 1), so only row 3 of $\frac{\partial L}{\partial O}$ is not 0. How many *rows* of $\frac{\partial L}{\partial V}$ have an entry that is not 0? How many of $\frac{\partial L}{\partial Q}$, and of $\frac{\partial L}{\partial K}$? **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "attention_rows-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_rows():
    """Return rows_of_dL_dV, rows_of_dL_dQ and rows_of_dL_dK: three numbers."""
    ### BEGIN SOLUTION
    return 3, 1, 3
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attention_rows", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.attention_rows.check(attention_rows)
### BEGIN HIDDEN TESTS
ex.attention_rows.check(attention_rows)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: attention_rows -->

# %%
rng = np.random.default_rng(8)
Q, K, V = (torch.tensor(rng.normal(size=(5, 2)), requires_grad=True) for _ in range(3))
scores = (Q @ K.T / 2**0.5).masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf)
O = torch.softmax(scores, dim=1) @ V
O[2].backward(torch.tensor([1.0, 2.0], dtype=torch.float64))  # position 3 only
for name, leaf in {"V": V, "Q": Q, "K": K}.items():
    print(f"dL_d{name}, transposed:\n{leaf.grad.numpy().T.round(4)}")

# %% [markdown]
# The gradient goes back to one query, and to the keys and values of the positions that this query may use. Nothing reaches a later position.
#
# ### Link by link
#
# ![](../img/attention_back.svg)
#
# Attention is two matrix products with a softmax between them. You know all three.
#
# - $O = AV$ is a dense layer with $A$ in the place of the inputs and $V$ in the place of the weights: $\;\frac{\partial L}{\partial V} = A^{\mathsf T}\frac{\partial L}{\partial O}$ and $\frac{\partial L}{\partial A} = \frac{\partial L}{\partial O}V^{\mathsf T}$. The second one is not 0 where $A$ is masked: if such a weight *were* a little larger than 0, the output would change.
# - The softmax, row by row, as in lesson 05: $\;\frac{\partial L}{\partial s_{ij}} = a_{ij}\bigl(g_{ij} - \sum_k a_{ik}\,g_{ik}\bigr)$ with $g = \frac{\partial L}{\partial A}$. Where $a_{ij} = 0$ this is 0. So the mask needs no line of its own in the backward pass.
# - $S = \frac{1}{\sqrt d}QK^{\mathsf T}$. In indices $s_{ij} = \frac{1}{\sqrt d}\sum_r q_{ir}k_{jr}$, so
#
# $$\frac{\partial L}{\partial q_{ir}} = \frac{1}{\sqrt d}\sum_j \frac{\partial L}{\partial s_{ij}}\,k_{jr},\qquad \frac{\partial L}{\partial k_{jr}} = \frac{1}{\sqrt d}\sum_i \frac{\partial L}{\partial s_{ij}}\,q_{ir}.$$
#
# A query collects over the keys, along its row of $S$. A key collects over the queries, down its column.
#
# ### Exercise 8: attention, link by link
#
# Begin with `A, O = causal_attention(Q, K, V)`, your own function. **Return** the five gradients `dL_dV`, `dL_dA`, `dL_dS`, `dL_dQ`, `dL_dK`, in this order, each in the shape of what it is the gradient of.


# %% nbgrader={"grade": false, "grade_id": "attention_links-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_links(dL_dO, Q, K, V):
    """Go back through A, O = causal_attention(Q, K, V).

    dL_dO, V (T, e), Q, K (T, d)
    ->  dL_dV (T, e), dL_dA (T, T), dL_dS (T, T), dL_dQ (T, d), dL_dK (T, d)
    """
    ### BEGIN SOLUTION
    A, O = causal_attention(Q, K, V)
    dL_dV = A.T @ dL_dO
    dL_dA = dL_dO @ V.T
    dL_dS = A * (dL_dA - (A * dL_dA).sum(axis=1, keepdims=True))
    dL_dQ = dL_dS @ K / np.sqrt(Q.shape[1])
    dL_dK = dL_dS.T @ Q / np.sqrt(Q.shape[1])
    return dL_dV, dL_dA, dL_dS, dL_dQ, dL_dK
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "attention_links", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.attention_links.check(attention_links)
### BEGIN HIDDEN TESTS
ex.attention_links.check(attention_links, seed=71603, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: attention_links -->

# %% [markdown]
# ### Exercise 9: open, the whole head
#
# Queries, keys and values are made from the same inputs $X$ $(T, D)$, by three matrices without biases: $Q = XW_q$, $K = XW_k$, $V = XW_v$. Derive the gradients of all of them. **Return** `dL_dWv`, `dL_dWk`, `dL_dWq` and `dL_dX`, in this order.


# %% nbgrader={"grade": false, "grade_id": "head_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def head_backward(dL_dO, X, Wq, Wk, Wv):
    """Go back through a causal head with Q = X @ Wq, K = X @ Wk, V = X @ Wv.

    dL_dO (T, e), X (T, D), Wq, Wk (D, d), Wv (D, e)
    ->  dL_dWv (D, e), dL_dWk (D, d), dL_dWq (D, d), dL_dX (T, D)
    """
    ### BEGIN SOLUTION
    dL_dV, _, _, dL_dQ, dL_dK = attention_links(dL_dO, X @ Wq, X @ Wk, X @ Wv)
    dL_dX = dL_dQ @ Wq.T + dL_dK @ Wk.T + dL_dV @ Wv.T
    return X.T @ dL_dV, X.T @ dL_dK, X.T @ dL_dQ, dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "head_backward", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.head_backward.check(head_backward)
### BEGIN HIDDEN TESTS
ex.head_backward.check(head_backward, seed=20954, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: head_backward -->

# %% [markdown]
# ### A picture to play with
#
# The picture shows a small head, with $T = 5$ and $d = 2$, on the letters of a word. The loss depends on one output only, in the outlined row. The cells of the matrix are the weights $A$. To its right and below it is what goes back: the gradient at each score of the row, and the sizes of the gradients at the queries, keys and values. The gradient $g = \frac{\partial L}{\partial o_i}$ has the length 1. Point at a column to see how its numbers are computed.
#
# - Make the factor on the scores large. Which gradients vanish, which one stays, and why?
# - Make it 0.1. Now the gradients at the scores are not small, but those at the query and the keys are. Why?
# - Choose position 1. Why does only one vector receive a gradient? Remove the causal mask: what else receives one now?

# %%
from backprop.pictures import explore_attention

explore_attention()

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# - The softmax picks one position. Its weight is close to 1, so the gradient at its value is close to $g$. The gradients at all scores vanish, and with them those at the query and the keys. For the other positions $a_{ij}$ is close to 0. For the one that is picked, $\sum_k a_{ik}\,g_{ik}$ is close to $g_{ij}$, so the bracket is close to 0.
# - The factor $c$ also multiplies in the backward pass: $s_{ij} = \frac{c}{\sqrt d}\,q_i\cdot k_j$, so the gradient at $q_i$ is $\frac{c}{\sqrt d}\sum_j \frac{\partial L}{\partial s_{ij}}\,k_j$.
# - Position 1 may use only itself. Its weight is 1 whatever the score is, so nothing reaches the score. Without the mask the gradient reaches query 1, and the keys and values of all positions.
#
# </details>

# %% [markdown]
# (Large models have many heads side by side, each with its own three matrices. Their outputs are joined and multiplied by one more matrix.)
#
# ## 4. Convolution: one kernel at every place
#
# In attention the weights are computed from the inputs, anew for each position. A **convolution** has the same few weights at every place, and each output depends on a small window of inputs. In one dimension, with $T$ inputs $x_0, \dots, x_{T-1}$ and a **kernel** of $k$ weights,
#
# $$z_t = \sum_{j=0}^{k-1} w_j\,x_{t+j} + b,\qquad t = 0, \dots, T-k.$$
#
# ![](../img/weight_at_every_place.svg)
#
# The figure shows both ways to read the sum. A weight is used at every place, so it collects over all places. An input lies in up to $k$ windows, in each under another weight:
#
# $$\begin{gathered}
# \frac{\partial L}{\partial w_j} = \sum_t \frac{\partial L}{\partial z_t}\,x_{t+j},\qquad \frac{\partial L}{\partial b} = \sum_t \frac{\partial L}{\partial z_t},\\
# \frac{\partial L}{\partial x_i} = \sum_j w_j\,\frac{\partial L}{\partial z_{i-j}}\ \text{ where } z_{i-j} \text{ exists}.
# \end{gathered}$$
#
# In the first sum the index of $x$ is $t + j$, in the last one that of $z$ is $i - j$. The sign has changed: **from the outputs back to the inputs, the kernel is reversed.** Strictly, the operation with $x_{t+j}$ is called cross-correlation, and the one with $z_{i-j}$ convolution. Deep learning calls the first one convolution. In NumPy `np.convolve` is the second one.
#
# For example $w = (1, 2, 4)$, and the gradient arrives at one place only, $\frac{\partial L}{\partial z} = (0, 1, 0)$. There are five inputs. What comes back to them?

# %%
x = torch.tensor([0.5, -1.0, 2.0, 0.3, 1.2], requires_grad=True)
w = torch.tensor([1.0, 2.0, 4.0], requires_grad=True)
z = torch.stack([(w * x[t : t + 3]).sum() for t in range(3)])
z.backward(torch.tensor([0.0, 1.0, 0.0]))
print("dL_dx", x.grad.numpy(), "  dL_dw", w.grad.numpy())

# %% [markdown]
# One place sends back the kernel itself to the inputs of its window, and the window to the kernel. With several places, such contributions overlap and add.
#
# ### Exercise 10: one channel
#
# The line for the bias is written. A loop over the places is fine. **Return** `dL_db`, a number, `dL_dw` $(k,)$ and `dL_dx` $(T,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "convolution_links-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolution_links(dL_dz, x, w):
    """Go back through z[t] = sum of w * x[t:t + k], plus b.

    dL_dz (T - k + 1,), x (T,), w (k,)  ->  dL_db a number, dL_dw (k,), dL_dx (T,)
    """
    dL_db = dL_dz.sum()
    ### BEGIN SOLUTION
    dL_dw, dL_dx = np.zeros_like(w), np.zeros_like(x)
    for t in range(len(dL_dz)):
        dL_dw += dL_dz[t] * x[t : t + len(w)]
        dL_dx[t : t + len(w)] += dL_dz[t] * w
    ### END SOLUTION
    return dL_db, dL_dw, dL_dx


# %% nbgrader={"grade": true, "grade_id": "convolution_links", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.convolution_links.check(convolution_links)
### BEGIN HIDDEN TESTS
ex.convolution_links.check(convolution_links, seed=55842, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: convolution_links -->

# %% [markdown]
# ### Exercise 11: open, channels and filters
#
# In practice every position has $C$ numbers, the **channels**, and there are $F$ kernels, the **filters**. At each place the window, of shape $(k, C)$, gives $F$ outputs:
#
# $$z_{tf} = \sum_{j=0}^{k-1}\sum_{c=1}^{C} x_{t+j,\,c}\;w_{jcf} + b_f.$$
#
# This is a dense layer with $kC$ inputs and $F$ units, used at every place. **Return** `dL_db` $(F,)$, `dL_dW` $(k, C, F)$ and `dL_dX` $(T, C)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "convolution_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def convolution_backward(dL_dZ, X, W):
    """Go back through Z[t, f] = sum over j, c of X[t + j, c] * W[j, c, f], plus b[f].

    dL_dZ (T - k + 1, F), X (T, C), W (k, C, F)
    ->  dL_db (F,), dL_dW (k, C, F), dL_dX (T, C)
    """
    ### BEGIN SOLUTION
    k = len(W)
    dL_dW, dL_dX = np.zeros_like(W), np.zeros_like(X)
    for t in range(len(dL_dZ)):
        dL_dW += X[t : t + k][:, :, None] * dL_dZ[t]
        dL_dX[t : t + k] += W @ dL_dZ[t]
    return dL_dZ.sum(axis=0), dL_dW, dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "convolution_backward", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.convolution_backward.check(convolution_backward)
### BEGIN HIDDEN TESTS
ex.convolution_backward.check(convolution_backward, seed=30779, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: convolution_backward -->

# %% [markdown]
# ## 5. Max: the gradient goes to the winner
#
# $m = \max(x_1, \dots, x_D)$ is the value of one of the inputs. Raise that one a little, and $m$ rises as much. Change another one a little, and $m$ stays as it is, because a small change does not make it the largest. So
#
# $$\frac{\partial m}{\partial x_i} = \begin{cases}1 & \text{if } x_i \text{ is the largest,}\\ 0 & \text{otherwise.}\end{cases}$$
#
# In the backward pass a max routes the gradient: all of it goes to the largest input, the **winner**. Only *which* input wins depends on the values; the local derivative is 1 or 0, as with ReLU. (ReLU is a max as well, of $z$ and 0.)
#
# If two inputs are equal and largest, there is no derivative. PyTorch then makes a choice, as for ReLU at 0, and not every function makes the same one. What would you choose for $x = (3, 5, 5)$?

# %%
for name, function in {
    "x.max()": lambda x: x.max(),
    "x.amax()": lambda x: x.amax(),
    "x.max(dim=0)": lambda x: x.max(dim=0).values,
    "max_pool1d": lambda x: torch.nn.functional.max_pool1d(x[None], 3).sum(),
}.items():
    x = torch.tensor([3.0, 5.0, 5.0], requires_grad=True)
    function(x).backward()
    print(f"{name:13s}", x.grad.numpy())

# %% [markdown]
# The maximum of a whole tensor and `amax` share the gradient among the winners. The maximum along a dimension and max-pooling give all of it to one of them, here the first. In the checks no two entries are equal.
#
# ### Exercise 12: the maximum of each row
#
# $m_n = \max_i x_{ni}$. **Return** `dL_dX` of shape $(N, D)$.


# %% nbgrader={"grade": false, "grade_id": "row_max_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def row_max_backward(dL_dm, X):
    """Return dL_dX (N, D) for m = X.max(axis=1); dL_dm has shape (N,), X (N, D)."""
    ### BEGIN SOLUTION
    return dL_dm[:, None] * (X.max(axis=1, keepdims=True) == X)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "row_max_backward", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.row_max_backward.check(row_max_backward)
### BEGIN HIDDEN TESTS
ex.row_max_backward.check(row_max_backward, seed=66120, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: row_max_backward -->

# %% [markdown]
# ### Exercise 13: open, max-pooling
#
# **Max-pooling** takes the maximum of each window, for each channel on its own. A window has `width` rows, and each begins `stride` rows after the one before:
#
# $$y_{jc} = \max_{0 \le i < \text{width}} x_{j\cdot\text{stride} + i,\;c}.$$
#
# Here the stride is smaller than the width, so windows overlap. Before you write: how much arrives at an input that wins in two windows? **Return** `dL_dX` of shape $(T, C)$.


# %% nbgrader={"grade": false, "grade_id": "max_pool_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def max_pool_backward(dL_dY, X, width, stride):
    """Return dL_dX (T, C) for max-pooling down the columns of X (T, C).

    dL_dY (number of windows, C); width and stride are whole numbers
    """
    ### BEGIN SOLUTION
    dL_dX = np.zeros_like(X)
    for j in range(len(dL_dY)):
        start = j * stride
        winners = start + X[start : start + width].argmax(axis=0)
        dL_dX[winners, np.arange(X.shape[1])] += dL_dY[j]  # one winner for each channel
    return dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "max_pool_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.max_pool_backward.check(max_pool_backward)
### BEGIN HIDDEN TESTS
ex.max_pool_backward.check(max_pool_backward, seed=14385, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: max_pool_backward -->

# %% [markdown]
# ### A convolution and a max-pooling to play with
#
# The picture shows eight inputs, a kernel of three weights with a bias, and max-pooling over windows of two outputs. Here the windows do not overlap. The values go down from $x$ to $y$. Below them the gradients go on from $\frac{\partial L}{\partial y}$ to $\frac{\partial L}{\partial x}$. Point at an input, a weight or an output to see how its numbers are computed.
#
# - Point at $w_1$. How many terms of its sum are not 0? Change the input $x_3$. Why is it never another number of terms?
# - Nothing arrives at $x_0$. Make it smaller until something does. What changes then at $w_0$, and does $y_0$ jump?
# - Set $w_1$ and $w_2$ to 0, and $w_0$ to 1. Which inputs receive a gradient now, and how much?

# %%
from backprop.pictures import explore_convolution

explore_convolution()

# %% [markdown]
# <details>
# <summary>Answers</summary>
#
# - Three, as long as the inputs that they contain are not 0. Each of the three windows sends its gradient to one output, so $\frac{\partial L}{\partial z_t}$ is 0 at three of the six places. Another input can change which places these are, but not their number.
# - $x_0$ is used for $z_0$ only, and $z_0$ is smaller than $z_1$. The weight $w_0$ is negative, so a smaller $x_0$ makes $z_0$ larger. From $x_0 = -1.5$ on, $z_0$ is the maximum: $z_0$ receives the gradient 1, and $x_0$ receives $w_0 \cdot 1 = -0.7$. The gradient at $w_0$ jumps, because its term with $x_1$ is replaced by one with $x_0$. The maximum $y_0$ does not jump: where the two outputs change places, they are equal.
# - Then $z_t = x_t + b$, a copy of the first six inputs. The three that are the largest of their windows receive 1, −0.5 and 2, and all others exactly 0.
#
# </details>

# %% [markdown]
# ## 6. Dropout and the residual connection
#
# **Dropout** sets each entry of a layer to 0 with probability $p$ during training, so that a network does not rely on single units. What is kept is divided by $1 - p$; then the expected value of every entry is what it was. With a random **mask** of zeros and ones,
#
# $$R = H\odot\frac{\text{mask}}{1-p}.$$
#
# The mask is no parameter: the backward pass treats it as a constant, and uses the *same* mask: what was dropped in the forward pass had no influence on the loss, so nothing comes back to it.
#
# A **residual connection** adds the input of a branch to its output, $Y = X + f(X)$. Its Jacobian is $I + J_f$. However small $J_f$ is, the gradient arrives through the $I$; lesson 05 shows what that does for a deep network. In the graph it is a fork at $X$ and an add node at $Y$:
#
# $$\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} + \bigl(\text{what comes back through } f\bigr).$$
#
# Take $f(x) = 0.01\,x$ in each of 20 layers. Predict the derivative of the last output with respect to the first input, with and without the residual connections.

# %%
for skip in (0.0, 1.0):
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(20):
        y = skip * y + 0.01 * y
    y.backward()
    print(f"{'with' if skip else 'without'} residual connections: {x.grad.item():.3g}")

# %% [markdown]
# ### Exercise 14: both in one
#
# $H = XW$, then dropout, then the sum: $Y = X + H\odot\frac{\text{mask}}{1-p}$. **Return** `dL_dH`, `dL_dW` and `dL_dX`, in this order. $W$ is square, so a transpose that is missing does not show in the shape.


# %% nbgrader={"grade": false, "grade_id": "dropout_residual_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dropout_residual_backward(dL_dY, X, W, mask, p):
    """Go back through Y = X + (X @ W) * mask / (1 - p).

    dL_dY, X, mask (N, D), W (D, D), p a number
    ->  dL_dH (N, D) with H = X @ W, dL_dW (D, D), dL_dX (N, D)
    """
    ### BEGIN SOLUTION
    dL_dH = dL_dY * mask / (1 - p)
    dL_dW = X.T @ dL_dH
    dL_dX = dL_dY + dL_dH @ W.T
    return dL_dH, dL_dW, dL_dX
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "dropout_residual_backward", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.dropout_residual_backward.check(dropout_residual_backward)
### BEGIN HIDDEN TESTS
ex.dropout_residual_backward.check(dropout_residual_backward, seed=49237, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: dropout_residual_backward -->

# %% [markdown]
# ## 7. A language model by hand
#
# Now the model of the plan. A window of $T$ characters goes in, and at every position comes out a prediction of the *next* character. With the tables $E$ and $P$ and the targets $y_t$, which are the inputs shifted by one place,
#
# $$\begin{aligned}
# X_0 &= E[\mathrm{ids}] + P,\\
# X_1 &= X_0 + \operatorname{head}\bigl(\operatorname{LayerNorm}_1(X_0)\bigr),\\
# X_2 &= X_1 + \operatorname{MLP}\bigl(\operatorname{LayerNorm}_2(X_1)\bigr),\\
# Z &= X_2U + c,
# \end{aligned}$$
#
# with $\operatorname{MLP}(N) = \max(0,\,NW_1 + b_1)\,W_2 + b_2$. The loss is the mean cross-entropy over the $T$ positions. (Dropout is left out, so that every run gives the same numbers.)
#
# Two functions of lesson 05 are used again:


# %%
def dense_backward(dL_dZ, X, W):
    """Return dL_dX, dL_dW and dL_db for Z = X @ W + b (lesson 05)."""
    return dL_dZ @ W.T, X.T @ dL_dZ, dL_dZ.sum(axis=0)


def cross_entropy(Z, targets):
    """Return the mean loss and dL_dZ (T, V); targets (T,) holds the right classes."""
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    positions = np.arange(len(Z))
    dL_dZ = np.exp(log_P)
    dL_dZ[positions, targets] -= 1
    return -log_P[positions, targets].mean(), dL_dZ / len(Z)


# %% [markdown]
# ### Exercise 15: the second half of the block
#
# $Y = X + \operatorname{MLP}(\operatorname{LayerNorm}(X))$: a LayerNorm, two dense layers with a ReLU between them, and a residual connection around all of it. You may call your `layer_norm_backward`, and `layer_norm` and `dense_backward` from above. **Return** the seven gradients in the order in which you meet them: `dL_db2`, `dL_dW2`, `dL_db1`, `dL_dW1`, `dL_dbeta`, `dL_dgamma`, `dL_dX`.


# %% nbgrader={"grade": false, "grade_id": "mlp_block_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mlp_block_backward(dL_dY, X, gamma, beta, W1, b1, W2, b2, eps=1e-5):
    """Go back through Y = X + relu(layer_norm(X) @ W1 + b1) @ W2 + b2.

    dL_dY, X (T, D), gamma, beta, b2 (D,), W1 (D, H), b1 (H,), W2 (H, D)
    ->  dL_db2, dL_dW2, dL_db1, dL_dW1, dL_dbeta, dL_dgamma, dL_dX
    """
    ### BEGIN SOLUTION
    N = layer_norm(X, gamma, beta, eps)
    A = np.maximum(0, N @ W1 + b1)
    dL_dA, dL_dW2, dL_db2 = dense_backward(dL_dY, A, W2)
    dL_dN, dL_dW1, dL_db1 = dense_backward(dL_dA * (A > 0), N, W1)
    dL_dgamma, dL_dbeta, branch = layer_norm_backward(dL_dN, X, gamma, eps)
    return dL_db2, dL_dW2, dL_db1, dL_dW1, dL_dbeta, dL_dgamma, dL_dY + branch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "mlp_block_backward", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
ex.mlp_block_backward.check(mlp_block_backward)
### BEGIN HIDDEN TESTS
ex.mlp_block_backward.check(mlp_block_backward, seed=81502, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: mlp_block_backward -->

# %% [markdown]
# ### Exercise 16: open, the whole model
#
# All parameters are in one list, `theta`, in the order in which the forward pass meets them:
#
# $$E,\ P,\ \gamma_1,\ \beta_1,\ W_q,\ W_k,\ W_v,\ \gamma_2,\ \beta_2,\ W_1,\ b_1,\ W_2,\ b_2,\ U,\ c.$$
#
# **Return** 16 values: the loss, then the gradients of all 15, **in the order of the backward pass: the reverse of `theta`**. The first two lines are written. Before you begin, say at which two places a gradient is the sum of two contributions because of a residual connection.


# %% nbgrader={"grade": false, "grade_id": "model_backward-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def model_backward(ids, targets, theta, eps=1e-5):
    """Compute the loss and the gradients of all parameters.

    ids, targets (T,), theta a list of 15 arrays
    ->  L, then dL_dc, dL_dU, ..., dL_dP, dL_dE, each in the shape of its parameter
    """
    E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = theta
    X0 = E[ids] + P[: len(ids)]
    ### BEGIN SOLUTION
    N1 = layer_norm(X0, gamma1, beta1, eps)
    X1 = X0 + causal_attention(N1 @ Wq, N1 @ Wk, N1 @ Wv)[1]
    A = np.maximum(0, layer_norm(X1, gamma2, beta2, eps) @ W1 + b1)
    X2 = X1 + A @ W2 + b2
    L, dL_dZ = cross_entropy(X2 @ U + c, targets)
    dL_dX2, dL_dU, dL_dc = dense_backward(dL_dZ, X2, U)
    *of_mlp, dL_dX1 = mlp_block_backward(dL_dX2, X1, gamma2, beta2, W1, b1, W2, b2, eps)
    *of_head, dL_dN1 = head_backward(dL_dX1, N1, Wq, Wk, Wv)
    dL_dgamma1, dL_dbeta1, through_head = layer_norm_backward(dL_dN1, X0, gamma1, eps)
    dL_dE, dL_dP = embedding_backward(dL_dX1 + through_head, ids, E, P)
    of_first_norm_and_tables = dL_dbeta1, dL_dgamma1, dL_dP, dL_dE
    return L, dL_dc, dL_dU, *of_mlp, *of_head, *of_first_norm_and_tables
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "model_backward", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
ex.model_backward.check(model_backward)
### BEGIN HIDDEN TESTS
ex.model_backward.check(model_backward, seed=28634, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: model_backward -->

# %% [markdown]
# ### Exercise 17: training
#
# One step takes one window of $T + 1$ characters: the first $T$ are the inputs, the last $T$ are the targets. `windows` has a window in each row. For each of them, compute the loss and all gradients, then move all parameters by $-\alpha$ times their gradients. **Return** `losses`, the loss of each window before its step, and `theta_end`, the list of parameters after the last step, in this order. Leave the arrays of the caller as they are.


# %% nbgrader={"grade": false, "grade_id": "train_model-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_model(windows, theta, alpha, eps=1e-5):
    """Take one step of gradient descent for each window.

    windows (steps, T + 1) whole numbers, theta a list of arrays, alpha a number
    ->  losses (steps,), theta_end, a list of arrays
    """
    ### BEGIN SOLUTION
    losses = []
    for window in windows:
        L, *gradients = model_backward(window[:-1], window[1:], theta, eps)
        losses.append(L)
        pairs = zip(theta, reversed(gradients))
        theta = [part - alpha * gradient for part, gradient in pairs]
    return losses, theta
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_model", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.train_model.check(train_model)
### BEGIN HIDDEN TESTS
ex.train_model.check(train_model, seed=95071, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: train_model -->

# %% [markdown]
# ### A text to learn from
#
# A small grammar makes sentences about animals. In every sentence the verb must agree with its subject: *the cat sees*, but *the cats see*. To get that right, a model has to look back.


# %%
def sentence(rng):
    """A sentence of the grammar, as a string that ends with a full stop and a space."""
    subject, thing = rng.choice(["cat", "dog", "hen", "pig"], size=2)
    verb = rng.choice(["see", "like", "chase"])
    many = rng.random() < 0.5
    return f"the {subject}{'s' * many} {verb}{'s' * (not many)} the {thing}. "


rng = np.random.default_rng(8)
text = "".join(sentence(rng) for _ in range(500))
letters = sorted(set(text))
V = len(letters)
codes = np.array([letters.index(letter) for letter in text])
print(text[:64])
print(f"{len(text)} characters of {V} kinds: {''.join(letters)!r}")

# %% [markdown]
# Now the parameters at the start. Weights have the variance $\frac1D$, before a ReLU $\frac2D$ (lesson 05). The last matrices of the two branches, $W_v$ and $W_2$, have $\frac{1}{4D}$ and $\frac{1}{4H}$, so that the branches add little at first. The last layer has $\frac{1}{100D}$, so that the first loss is close to $\log V$.

# %%
T, D, d, H = 24, 24, 12, 48  # window, features, length of a query, hidden units


def parameters(V, rng):
    """The starting values of all 15 parameters, in the order of theta."""

    def weights(rows, columns, variance):
        return rng.normal(0, np.sqrt(variance), (rows, columns))

    tables = [weights(V, D, 0.25), weights(T, D, 0.25)]
    head = [weights(D, d, 1 / D), weights(D, d, 1 / D), weights(D, D, 0.25 / D)]
    hidden = [weights(D, H, 2 / D), np.zeros(H), weights(H, D, 0.25 / H), np.zeros(D)]
    norms = [np.ones(D), np.zeros(D)]
    last = [weights(D, V, 0.01 / D), np.zeros(V)]
    return [*tables, *norms, *head, *norms, *hidden, *last]


start = parameters(V, rng)
places = rng.integers(0, len(codes) - T, size=2000)
windows = np.stack([codes[place : place + T + 1] for place in places])
print(f"{sum(part.size for part in start)} parameters, log V = {np.log(V):.4f}")

# %% [markdown]
# ### Side by side with PyTorch
#
# The same model with `.backward()`, and PyTorch's own functions for the layers. Both take the same 100 steps in float64. Until your `train_model` is written, the rest of the lesson shows PyTorch's steps.


# %%
def model_with_pytorch(ids, theta):
    """The logits of the model, by PyTorch's own layers; theta is a list of tensors."""
    E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = theta
    F, size = torch.nn.functional, (E.shape[1],)
    X0 = F.embedding(ids, E) + P[: len(ids)]
    N1 = F.layer_norm(X0, size, gamma1, beta1)
    Q, K, V = (part[None] for part in (N1 @ Wq, N1 @ Wk, N1 @ Wv))
    X1 = X0 + F.scaled_dot_product_attention(Q, K, V, is_causal=True)[0]
    N2 = F.layer_norm(X1, size, gamma2, beta2)
    return (X1 + F.relu(N2 @ W1 + b1) @ W2 + b2) @ U + c


def train_with_pytorch(windows, theta, alpha):
    """What `train_model` does, with PyTorch's gradients and PyTorch's optimizer."""
    theta = [torch.tensor(part, requires_grad=True) for part in theta]
    optimizer, losses = torch.optim.SGD(theta, lr=alpha), []
    for window in torch.tensor(windows):
        logits = model_with_pytorch(window[:-1], theta)
        L = torch.nn.functional.cross_entropy(logits, window[1:])
        losses.append(L.item())
        optimizer.zero_grad()
        L.backward()
        optimizer.step()
    return losses, [part.detach().numpy() for part in theta]


# %%
alpha = 0.2
try:
    losses, theta = train_model(windows[:100], start, alpha)
    trainer = train_model
except NotImplementedError:
    trainer = train_with_pytorch
    losses, theta = trainer(windows[:100], start, alpha)
their_losses, their_theta = train_with_pytorch(windows[:100], start, alpha)
gap = np.max(np.abs(np.subtract(losses, their_losses)))
gaps = [np.max(np.abs(mine - torchs)) for mine, torchs in zip(theta, their_theta)]
print("whose steps these are:", trainer.__name__)
print(f"loss at the first step {losses[0]:.4f}, at the last {losses[-1]:.4f}")
print("100 losses within 1e-8 of PyTorch's:", gap < 1e-8)
print(f"all {len(gaps)} parameters within 1e-8 of PyTorch's:", max(gaps) < 1e-8)

# %% [markdown]
# ### Before and after
#
# The model writes by predicting, again and again: it gives probabilities for the next character, one is drawn, and it is appended to the text. What will an untrained model write? And what will it have learned first, after a few hundred steps: letters, words, or the agreement of subject and verb?


# %%
def write(theta, length, rng):
    """A text of `length` characters that the model writes, beginning after a space."""
    theta = [torch.tensor(part) for part in theta]
    ids = [letters.index(" ")]
    for _ in range(length):
        logits = model_with_pytorch(torch.tensor(ids[-T:]), theta)[-1]
        p = torch.softmax(logits, dim=0).numpy()
        ids.append(int(rng.choice(V, p=p / p.sum())))
    return "".join(letters[k] for k in ids[1:])


def share_of_right_sentences(words):
    """The share of the complete sentences that the grammar could have made."""
    noun, verb = "(cat|dog|hen|pig)", "(see|like|chase)"
    right = re.compile(f"the {noun}(s {verb}| {verb}s) the {noun}")
    complete = words.split(". ")[1:-1]
    return np.mean([bool(right.fullmatch(one)) for one in complete] or [False])


# %%
losses, theta, written = [], start, {0: write(start, 500, np.random.default_rng(1))}
for done in progress_bar(range(100, 2001, 100), "training"):
    rate = 0.5 if done <= 1200 else 0.2 if done <= 1700 else 0.05  # shorter steps at the end
    new_losses, theta = trainer(windows[done - 100 : done], theta, rate)
    losses.extend(new_losses)
    if done in (100, 400, 2000):
        written[done] = write(theta, 500, np.random.default_rng(1))

# %%
for done, words in written.items():
    share = share_of_right_sentences(words)
    print(f"after {done} steps, {share:.0%} of the sentences right:\n    {words[:64]}")
print(f"\nmean loss of the last 100 steps: {np.mean(losses[-100:]):.3f}")

fig, ax = plt.subplots(figsize=(9, 2.6), layout="constrained")
ax.plot(losses, color="0.5", alpha=0.5, linewidth=0.8, label="each window")
smooth = np.convolve(losses, np.ones(50) / 50, mode="valid")
ax.plot(np.arange(49, len(losses)), smooth, linewidth=2.5, label="mean of 50 windows")
ax.set(xlabel="step", ylabel="loss", ylim=(0, None))
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# The loss cannot reach 0, because the grammar draws at random: four animals, two numbers, three verbs, four animals. That is $\log(4\cdot2\cdot3\cdot4) \approx 4.56$ for a sentence of about 23 characters, or 0.2 for each character. And at the beginning of a window the model does not know yet where in a sentence it is.
#
# All the gradients came from your functions: two matrix products around a softmax, a formula for LayerNorm, three lines for a dense layer, a lookup, and sums wherever a value was used more than once. Larger models have more blocks, more heads and more data. Their layers are these.
#
# **Play with it.** Change one thing and run the cells of section 7 again. First say what you expect.
#
# - `T = 2`: the model sees two characters. Which mistakes will it make?
# - Leave out the positions (`P` all 0, and its gradient too). Does it still learn?
# - Leave out the factor $\frac{1}{\sqrt d}$ in the backward pass only. Does the loss still fall? (At first it does; after some hundred steps it rises again. Lesson 07 says why a loss that falls shows so little.)
#
# ## A question that joins two ideas
#
# The backward pass of a softmax is $p\odot(g - p^{\mathsf T}g)$. That of LayerNorm is $s\,(d - \operatorname{mean}(d) - \dots)$. Both take a mean away from what arrives. What do the two layers have in common that makes this necessary? Answer in a sentence before you open the next line.
#
# <details>
# <summary>An answer</summary>
#
# Neither layer's output changes when the same number is added to all inputs of a row. So the derivative in the direction of the row of ones is 0, and the entries of the gradient must add up to 0. Taking away a mean does that: in the softmax the mean is weighted with $p$, because $p$ multiplies the difference afterwards. LayerNorm has a second such direction, $\hat x$, because a common factor has no effect either. That is its third term.
#
# </details>
#
# ## What to remember
#
# - Derive a new layer as always: name the nodes, find the forks, multiply along the edges, add where paths meet.
# - Normalisation: the mean and the variance depend on every input. $\frac{\partial L}{\partial x} = s\,(d - \operatorname{mean}(d) - \hat x\operatorname{mean}(d\odot\hat x))$. LayerNorm works along the features, BatchNorm along the batch.
# - Embedding: a row that is looked up several times collects several contributions. Use `np.add.at`, not `+=` with repeated indices.
# - Attention: $\frac{\partial L}{\partial V} = A^{\mathsf T}\frac{\partial L}{\partial O}$, then the softmax row by row, then $\frac{1}{\sqrt d}$ and two products. Masked weights are 0, and so nothing comes back through them.
# - Convolution: the kernel is used at every place, so its gradient is a sum over the places. From the outputs back to the inputs, the kernel is reversed.
# - Max routes the gradient to the winner. Dropout uses the mask of the forward pass again.
# - A residual connection adds: the gradient of the sum arrives directly, and through the branch as well.

# %% [markdown]
# Next: [09 Capstone](09_capstone.ipynb), in which you build, check and train a network from an empty page.
