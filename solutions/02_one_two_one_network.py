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
# # 02 The 1-2-1 network
#
# **After this lesson you can** write down every gradient of a small network with weights, biases and a hidden layer, for classification and for regression, and train it with your own gradients.
#
# **Time** about two and a half hours. A good place for a break is after part one. **You need** [lesson 01](01_chain_rule.ipynb): the chain rule along one path and over two, and the derivatives of sigmoid and softplus.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import one_two_one_network as ex
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {cure}") from None

import matplotlib.pyplot as plt
import numpy as np
import torch

plt.style.use("backprop.drawing.lesson")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# %%
course_map(ex)

# %% [markdown]
# ## Three quick questions
#
# They repeat lesson 01 and earn no points. Work them out on paper.
#
# 1. $p = (3x - 1)^2$. What is $\frac{dp}{dx}$ at $x = 1$?
# 2. $q = uv + v$ with $v = 3u$. What is $\frac{dq}{du}$ at $u = 1$?
# 3. $r = \sigma(t)$, and at one particular $t$ the value of $r$ is 0.8. What is $\frac{dr}{dt}$ there?


# %% nbgrader={"grade": false, "grade_id": "recall_02-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_02():
    """Return dp_dx, dq_du, dr_dt: three numbers."""
    ### BEGIN SOLUTION
    return 12, 9, 0.16
    ### END SOLUTION


# %%
ex.recall_02.check(recall_02)

# %% [markdown]
# <!-- hints: recall_02 -->

# %% [markdown]
# ## Part one: a classifier
#
# One number $x$ comes in. Two hidden units process it, and one output unit combines their outputs. Every $x$ belongs to class 0 or to class 1, and the output $\hat y$ is the probability that the network assigns to class 1.
#
# ![](../img/one_two_one.svg)
#
# Every unit does two things. It computes a weighted sum: each input times a **weight**, plus a **bias**. Then it applies an activation function, here the sigmoid.
#
# | symbol | in code | meaning |
# |---|---|---|
# | $z_k^{[l]}$ | `z1_2` for $l = 1, k = 2$ | pre-activation: the weighted sum plus bias of unit $k$ in layer $l$ |
# | $a_k^{[l]}$ | `a1_2` | activation: the output of the unit |
# | $w_k^{[1]}$ | `w1_2` | weight from $x$ into hidden unit $k$ |
# | $w_k^{[2]}$ | `w2_2` | weight from hidden unit $k$ into the output unit |
# | $b_k^{[l]}$ | `b1_2` | bias of unit $k$ of layer $l$ |
# | $\hat y$ | `yhat` | the prediction, $a_1^{[2]}$ |
# | $y$ | `y` | the target: the probability that class 1 should get, often 0 or 1 |
#
# With one weight into each hidden unit we can write $w_k^{[1]}$. In larger networks a weight needs two indices: $w_{j\to k}^{[l]}$ leads from unit $j$ of layer $l - 1$ to unit $k$ of layer $l$.
#
# A weighted sum plus a bias is called **affine**. It is linear only if the bias is 0: for the input 0 the result is the bias.

# %% [markdown]
# ### The forward pass
#
# $$\begin{aligned} z_k^{[1]} &= w_k^{[1]} x + b_k^{[1]}, & a_k^{[1]} &= \sigma(z_k^{[1]}) \qquad (k = 1, 2),\\ z_1^{[2]} &= w_1^{[2]} a_1^{[1]} + w_2^{[2]} a_2^{[1]} + b_1^{[2]}, & \hat y &= \sigma(z_1^{[2]}). \end{aligned}$$
#
# The usual loss for probabilities is the **log loss**, also called binary cross-entropy:
#
# $$L = -\bigl(y\log\hat y + (1 - y)\log(1 - \hat y)\bigr).$$
#
# Here $\log$ is the natural logarithm. The sigmoid is always between 0 and 1, so both logarithms exist. If the target is $y = 1$, only the first term is left, $-\log\hat y$: it is small when $\hat y$ is near 1 and large when $\hat y$ is near 0. If $y = 0$, only the second term is left. Targets between 0 and 1 are allowed as well. They are called soft targets, and with them both terms count.
#
# ### Exercise 1: forward
#
# The backward pass uses the values of the forward pass, so begin with these. Return seven numbers: both pre-activations of the hidden layer, then both activations, then the pre-activation of the output unit, $\hat y$ and $L$.


# %% nbgrader={"grade": false, "grade_id": "forward_pass-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_pass(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L: seven numbers.

    All inputs are numbers.
    """
    z1_1 = w1_1 * x + b1_1
    ### BEGIN SOLUTION
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    L = -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))
    ### END SOLUTION
    return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L


# %% nbgrader={"grade": true, "grade_id": "forward_pass", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
ex.forward_pass.check(forward_pass)
### BEGIN HIDDEN TESTS
ex.forward_pass.check(forward_pass, seed=44493, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: forward_pass -->

# %% [markdown]
# From here on the exercises use the function in the next cell for the forward pass. If yours has a mistake, later exercises are not affected.


# %%
def network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1):
    """Return z1_1, z1_2, a1_1, a1_2, z2_1, yhat."""
    z1_1, z1_2 = w1_1 * x + b1_1, w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    return z1_1, z1_2, a1_1, a1_2, z2_1, sigmoid(z2_1)


# %% [markdown]
# ### Local derivatives on the edges
#
# Draw the network as a graph in which every node is one quantity, and write on every edge its **local derivative**: the derivative of the quantity at its end with respect to the quantity at its beginning.
#
# ![](../img/one_two_one_edges.svg)
#
# Apart from the last edge, into the loss, there are three kinds.
#
# - Into an activation: $\dfrac{\partial a}{\partial z} = a(1 - a)$.
# - From a weight into a weighted sum, or from what the weight is multiplied by: the other factor.
# - From a bias into a weighted sum: 1.
#
# To get the derivative of $L$ with respect to any quantity, follow the edges from there to $L$ and multiply their local derivatives. If there are several paths, add their products.

# %% [markdown]
# The next picture shows the same graph, with numbers that you can change. Before you do: how many edges lie between $w_1^{[1]}$ and $L$? And will $\frac{\partial L}{\partial w_1^{[1]}}$ change when you move $b_2^{[1]}$, the bias of the *other* hidden unit? Then point at $w_1^{[1]}$, or choose it, and move $b_2^{[1]}$.

# %%
from backprop.pictures import explore

explore("one_two_one")

# %% [markdown]
# Five edges, and five factors in the product. When $b_2^{[1]}$ changes, three of them stay as they are. The two next to $\hat y$ change. The other unit is on no path from $w_1^{[1]}$ to $L$, but it influences $\hat y$, and so every derivative in the network.

# %% [markdown]
# ### From the loss to the last pre-activation
#
# The last two edges are best taken together. The derivative of $\log\hat y$ is $\frac{1}{\hat y}$. The derivative of $\log(1 - \hat y)$ is $-\frac{1}{1 - \hat y}$, because the inner function $1 - \hat y$ has the derivative $-1$. With the minus sign in front of both terms,
#
# $$\frac{\partial L}{\partial\hat y} = -\frac{y}{\hat y} + \frac{1 - y}{1 - \hat y} = \frac{-y(1 - \hat y) + (1 - y)\hat y}{\hat y(1 - \hat y)} = \frac{\hat y - y}{\hat y(1 - \hat y)}.$$
#
# The derivative of the sigmoid is $\hat y(1 - \hat y)$, and in the product it cancels:
#
# $$\frac{\partial L}{\partial z_1^{[2]}} = \hat y - y.$$
#
# It is the prediction minus the target. This holds whenever a sigmoid is followed by the log loss, and it is one reason why the two are used together. The derivative of the loss with respect to a pre-activation is needed so often that it has a letter of its own, **delta**: $\delta = \frac{\partial L}{\partial z}$.

# %%
y = 0.3
yhat = np.array([0.1, 0.3, 0.5, 0.9])
dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
dyhat_dz = yhat * (1 - yhat)
print("dL_dyhat           ", dL_dyhat.round(6))
print("dL_dyhat * dyhat_dz", (dL_dyhat * dyhat_dz).round(6))
print("yhat - y           ", (yhat - y).round(6))

# %% [markdown]
# ### Exercise 2: a prediction
#
# Weight and bias are in the same sum, $z = wx + b$. Let $x = 2.5$, $w = 0.3$ and $b = -0.1$, and suppose that $\frac{\partial L}{\partial b} = 0.04$. What is $\frac{\partial L}{\partial w}$? Return one number.


# %% nbgrader={"grade": false, "grade_id": "bias_or_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bias_or_weight():
    """Return dL_dw: one number.

    z = w*x + b, x = 2.5, w = 0.3, b = -0.1, dL_db = 0.04
    """
    ### BEGIN SOLUTION
    return 0.1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bias_or_weight", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.bias_or_weight.check(bias_or_weight)
### BEGIN HIDDEN TESTS
ex.bias_or_weight.check(bias_or_weight)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: bias_or_weight -->

# %% [markdown]
# For the bias, $\frac{\partial L}{\partial b} = \delta\cdot 1 = \delta$. For the weight, $\frac{\partial L}{\partial w} = \delta\cdot x$. The two are equal only if $x = 1$ or $\delta = 0$. Taking them as equal is a common mistake, and an example with $x = 1$ does not reveal it. The next cell asks PyTorch for a few values of $x$.

# %%
for x in (1.0, 2.5, -0.7):
    w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.3, -0.1))
    (0.04 * (w * x + b)).backward()  # L = 0.04 z, so dL/db is 0.04
    print(f"x = {x:4.1f}   dL_db = {b.grad.item():.3f}   dL_dw = {w.grad.item():.3f}")

# %% [markdown]
# ### Exercise 3: the output layer
#
# The forward pass and `dL_dyhat` are given. Return five numbers: `dL_dyhat`; $\delta$ of the output unit, which is `dL_dz2_1`; then the derivatives of $L$ with respect to $w_1^{[2]}$, $w_2^{[2]}$ and $b_1^{[2]}$.


# %% nbgrader={"grade": false, "grade_id": "output_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_layer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_db2_1: five numbers.

    All inputs are numbers.
    """
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    ### BEGIN SOLUTION
    dL_dz2_1 = yhat - y
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_2
    dL_db2_1 = dL_dz2_1
    ### END SOLUTION
    return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_db2_1


# %% nbgrader={"grade": true, "grade_id": "output_layer", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.output_layer.check(output_layer)
### BEGIN HIDDEN TESTS
ex.output_layer.check(output_layer, seed=40077, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: output_layer -->

# %% [markdown]
# ### Further back, into the hidden layer
#
# Take the weight $w_2^{[1]}$, from $x$ into hidden unit 2. In the picture above, follow its path to $L$: five edges. The last two together contribute $\hat y - y$. Written from $L$ back:
#
# $$\frac{\partial L}{\partial w_2^{[1]}} = \underbrace{\frac{\partial L}{\partial z_1^{[2]}}}_{\hat y - y}\cdot\frac{\partial z_1^{[2]}}{\partial a_2^{[1]}}\cdot\frac{\partial a_2^{[1]}}{\partial z_2^{[1]}}\cdot\frac{\partial z_2^{[1]}}{\partial w_2^{[1]}}.$$
#
# The other three factors are written on the edges of the figure. Read from left to right, this is the backward pass: after each factor the product is the derivative of $L$ with respect to the next node of the path.
#
# ### Exercise 4: one hidden unit, link by link
#
# Return the derivatives of $L$ with respect to $z_1^{[2]}$, $a_2^{[1]}$, $z_2^{[1]}$ and $w_2^{[1]}$, the nodes of this path from $\hat y$ back, and then with respect to the bias $b_2^{[1]}$: five numbers. The check looks at each of them.


# %% nbgrader={"grade": false, "grade_id": "hidden_unit-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_unit(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2: five numbers.

    All inputs are numbers.
    """
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    ### BEGIN SOLUTION
    dL_dz2_1 = yhat - y
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = dL_dz1_2 * x
    dL_db1_2 = dL_dz1_2
    ### END SOLUTION
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2


# %% nbgrader={"grade": true, "grade_id": "hidden_unit", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.hidden_unit.check(hidden_unit)
### BEGIN HIDDEN TESTS
ex.hidden_unit.check(hidden_unit, seed=66020, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: hidden_unit -->

# %% [markdown]
# ### Exercise 5: all seven
#
# Unit 1 has the same formulas as unit 2, with its own weight, bias and activation. Return the derivatives of $L$ with respect to all seven parameters, seven numbers, in the order of the docstring: first $b_1^{[2]}$, $w_2^{[2]}$, $w_1^{[2]}$, then the first layer.


# %% nbgrader={"grade": false, "grade_id": "all_seven-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def all_seven(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_db2_1, dL_dw2_2, dL_dw2_1, dL_db1_2, dL_db1_1, dL_dw1_2, dL_dw1_1.

    All inputs and all seven results are numbers.
    """
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    ### BEGIN SOLUTION
    delta2 = yhat - y
    delta1_1 = delta2 * w2_1 * a1_1 * (1 - a1_1)
    delta1_2 = delta2 * w2_2 * a1_2 * (1 - a1_2)
    return delta2, delta2 * a1_2, delta2 * a1_1, delta1_2, delta1_1, delta1_2 * x, delta1_1 * x
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "all_seven", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
ex.all_seven.check(all_seven)
### BEGIN HIDDEN TESTS
ex.all_seven.check(all_seven, seed=79743, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: all_seven -->

# %% [markdown]
# The next picture is the same graph, with your seven derivatives compared to PyTorch's. Predict first: if $x$ is set to 0, which of the seven become 0, and which do not? Then move $x$ to 0.

# %%
explore("one_two_one", all_seven)

# %% [markdown]
# Those of the two weights of the first layer, and only they: each is $\delta$ of its unit times $x$. The derivatives for the biases are the deltas themselves.

# %% [markdown]
# ### Exercise 6: the input
#
# In a deeper network the input of one layer is the output of the layer before, so the backward pass needs the derivative with respect to the input too. (Sometimes inputs are even trained: adversarial examples and style transfer change the input, not the weights, by gradient steps.) Here **two paths** lead from $x$ to $L$, because $x$ goes into both hidden units. Return the two deltas of the hidden layer and $\frac{\partial L}{\partial x}$: three numbers.


# %% nbgrader={"grade": false, "grade_id": "input_gradient-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def input_gradient(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dz1_1, dL_dz1_2, dL_dx: three numbers. All inputs are numbers."""
    z1_1, z1_2, a1_1, a1_2, z2_1, yhat = network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1)
    ### BEGIN SOLUTION
    dL_dz1_1 = (yhat - y) * w2_1 * a1_1 * (1 - a1_1)
    dL_dz1_2 = (yhat - y) * w2_2 * a1_2 * (1 - a1_2)
    dL_dx = dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2
    ### END SOLUTION
    return dL_dz1_1, dL_dz1_2, dL_dx


# %% nbgrader={"grade": true, "grade_id": "input_gradient", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.input_gradient.check(input_gradient)
### BEGIN HIDDEN TESTS
ex.input_gradient.check(input_gradient, seed=55575, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: input_gradient -->

# %% [markdown]
# ## Part two: the same network fits a curve
#
# Now the network has to predict a number, not a probability. Three things change. The hidden units use **softplus**. The output unit has no activation function. And the loss is the **sum of squared residuals** (SSR) over all points, where the residual of a point is its target minus its prediction.
#
# This example uses colours as names: *blue* is the output of the first hidden unit, *orange* that of the second, *green* the prediction. With so few parameters one index is enough. The table translates; after it, only the left column is used.
#
# | here | in part one |
# |---|---|
# | $\text{blue}_i = \text{softplus}(w_1 x_i + b_1)$ | $a_1^{[1]}$ |
# | $\text{orange}_i = \text{softplus}(w_2 x_i + b_2)$ | $a_2^{[1]}$ |
# | $\text{green}_i = w_3\,\text{blue}_i + w_4\,\text{orange}_i + b_3$ | $\hat y$ |
# | $\mathrm{SSR} = \sum_i (y_i - \text{green}_i)^2$ | $L$ |
# | $w_1, w_2, b_1, b_2$ | $w_1^{[1]}, w_2^{[1]}, b_1^{[1]}, b_2^{[1]}$ |
# | $w_3, w_4, b_3$ | $w_1^{[2]}, w_2^{[2]}, b_1^{[2]}$ |
#
# There are three points $(x_i, y_i)$, and every point has its own blue, orange and green. All points share the seven parameters.

# %%
x_data = np.array([0.1, 0.53, 0.82])
y_data = np.array([1.2, 3.2, 1.1])
rng = np.random.RandomState(42)  # the numbers that np.random.seed(42) gives
w1, w2, w3, w4 = rng.randn(4)
theta_start = np.array([w1, w2, w3, w4, 0.0, 0.0, 0.0])


def softplus(z):
    return np.logaddexp(0, z)  # log(exp(0) + exp(z)), safe for large z


def fit_forward(theta, x):
    """Return blue, orange, green, each of the shape of x (n,).

    theta = (w1, w2, w3, w4, b1, b2, b3)
    """
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange = softplus(w1 * x + b1), softplus(w2 * x + b2)
    return blue, orange, w3 * blue + w4 * orange + b3


# %% [markdown]
# The middle point is high, the outer two are low. Before you run the next two cells: with these random weights, where will the green curve be, above all three points, between them, or below?


# %% tags=["same-for-all"]
def draw_fit(ax, theta, title):
    x = np.linspace(0, 1, 101)
    blue, orange, green = fit_forward(theta, x)
    w3, w4 = theta[2:4]
    ax.plot(x, w3 * blue, "--", color="tab:blue", label="w3 · blue")
    ax.plot(x, w4 * orange, ":", color="tab:orange", label="w4 · orange")
    ax.plot(x, green, "-", color="tab:green", label="green")
    ax.plot(x_data, y_data, "o", color="0.5", label="data")
    ax.set(xlabel="x", title=title, ylim=(-1, 4.5))
    ax.grid(alpha=0.3)
    ax.legend(fontsize="small")


fig, ax = plt.subplots(figsize=(7, 3.5))
draw_fit(ax, theta_start, "at the start")

# %%
blue, orange, green = fit_forward(theta_start, x_data)
print("w1 w2 w3 w4 ", theta_start[:4].round(6))
print("blue        ", blue.round(6))
print("orange      ", orange.round(6))
print("green       ", green.round(6))
print("SSR         ", ((y_data - green) ** 2).sum().round(6))


# %% [markdown]
# ### The last layer first
#
# Each point has its own residual. The derivative of its square is
#
# $$\frac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i} = -2\,(y_i - \text{green}_i).$$
#
# The minus sign is the derivative of the inner function $y_i - \text{green}_i$ with respect to $\text{green}_i$. These numbers, one for each point, are needed for *every* parameter of the network, so compute them once.
#
# The bias $b_3$ changes every green value by the same amount. So there is one path from $b_3$ to the loss through each of the three points, and the contributions of the paths add:
#
# $$\frac{\partial\,\mathrm{SSR}}{\partial b_3} = \sum_i \frac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i}\cdot 1.$$
#
# ### Exercise 7: the last layer
#
# The points are given as two arrays, `x` and `y`, of any length $n$. Return `dSSR_dgreen` of shape $(n,)$, then the derivatives of SSR with respect to $w_3$, $w_4$ and $b_3$: three numbers.


# %% nbgrader={"grade": false, "grade_id": "regression_output-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_output(x, y, w1, w2, w3, w4, b1, b2, b3):
    """Return dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3 (numbers).

    x and y have shape (n,); the parameters are numbers.
    """
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    ### BEGIN SOLUTION
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * blue).sum()
    dSSR_dw4 = (dSSR_dgreen * orange).sum()
    dSSR_db3 = dSSR_dgreen.sum()
    ### END SOLUTION
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_db3


# %% nbgrader={"grade": true, "grade_id": "regression_output", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.regression_output.check(regression_output)
### BEGIN HIDDEN TESTS
ex.regression_output.check(regression_output, seed=20831, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: regression_output -->

# %% [markdown]
# ### One gradient step
#
# The gradient is the vector of all seven partial derivatives. If it is not 0, it points in the direction in which the loss grows fastest. To lower the loss, change each parameter by $-\alpha$ times its derivative, where $\alpha$ is the **learning rate**. For $b_3$ this means
#
# $$b_3 \leftarrow b_3 - \alpha\,\frac{\partial\,\mathrm{SSR}}{\partial b_3}.$$
#
# The next cell takes one such step for $b_3$ alone, with $\alpha = 0.01$ and PyTorch's derivative, which is about $-1.766$. By how much will the loss fall, approximately? (By lesson 01 the change of the loss is about the derivative times the change of $b_3$.)

# %%
theta = torch.tensor(theta_start, requires_grad=True)
x_t, y_t = torch.tensor(x_data), torch.tensor(y_data)


def ssr(theta):
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange = (torch.nn.functional.softplus(z) for z in (w1 * x_t + b1, w2 * x_t + b2))
    return ((y_t - (w3 * blue + w4 * orange + b3)) ** 2).sum()


ssr(theta).backward()
gradients = theta.grad.numpy()
for name, derivative in zip(["w1", "w2", "w3", "w4", "b1", "b2", "b3"], gradients):
    print(f"dSSR_d{name} = {derivative:.6f}")

step = theta_start.copy()
step[6] -= 0.01 * gradients[6]
before, after = ssr(theta).item(), ssr(torch.tensor(step)).item()
print(f"b3 {step[6]:+.7f}   SSR before {before:.6f}   after {after:.6f}")
print(f"it fell by {before - after:.4f}, predicted {0.01 * gradients[6] ** 2:.4f}")

# %% [markdown]
# The step is $-\alpha$ times the derivative, so the predicted change of the loss is $-\alpha$ times the square of the derivative.
#
# Now 400 such steps, still for $b_3$ alone. What can they change about the green curve, and what can they not change?

# %% tags=["same-for-all"]
b3_path, losses = theta_start.copy(), []
for _ in range(400):
    green = fit_forward(b3_path, x_data)[2]
    losses.append(((y_data - green) ** 2).sum())
    b3_path[6] -= 0.01 * (-2 * (y_data - green)).sum()
losses.append(((y_data - fit_forward(b3_path, x_data)[2]) ** 2).sum())
print(f"after 400 steps of b3 alone: b3 = {b3_path[6]:.6f}, SSR = {losses[-1]:.6f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
left.plot(losses)
left.set(xlabel="step", ylabel="SSR", title="loss")
left.grid(alpha=0.3)
draw_fit(right, b3_path, "b3 alone has moved")

# %% [markdown]
# The whole curve has moved up, without a change of its shape; $b_3$ can do nothing else. To change the shape of the curve, the other parameters have to change.
#
# ### Then the hidden layer
#
# From green back to $w_1$ there are three more edges: from blue to green, with the local derivative $w_3$; through softplus; and from $w_1$ to the sum $w_1 x_i + b_1$. The derivative of softplus is the sigmoid (lesson 01), taken at the *input* of softplus. As for $b_3$, every point contributes, and the contributions add.
#
# ### Exercise 8: the hidden layer
#
# Return seven results: `dSSR_dgreen`, `dSSR_dblue` and `dSSR_dorange`, three arrays of shape $(n,)$; then the derivatives of SSR with respect to $w_1$, $b_1$, $w_2$ and $b_2$, four numbers. Note this order: each weight is followed by its bias.


# %% nbgrader={"grade": false, "grade_id": "regression_hidden-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_hidden(x, y, w1, w2, w3, w4, b1, b2, b3):
    """Return dSSR_dgreen, dSSR_dblue, dSSR_dorange, each (n,), and
    dSSR_dw1, dSSR_db1, dSSR_dw2, dSSR_db2, which are numbers.

    x and y have shape (n,); the parameters are numbers.
    """
    blue, orange, green = fit_forward((w1, w2, w3, w4, b1, b2, b3), x)
    ### BEGIN SOLUTION
    dSSR_dgreen = -2 * (y - green)
    dSSR_dblue = dSSR_dgreen * w3
    dSSR_dorange = dSSR_dgreen * w4
    delta1 = dSSR_dblue * sigmoid(w1 * x + b1)
    delta2 = dSSR_dorange * sigmoid(w2 * x + b2)
    dSSR_dw1, dSSR_db1 = (delta1 * x).sum(), delta1.sum()
    dSSR_dw2, dSSR_db2 = (delta2 * x).sum(), delta2.sum()
    ### END SOLUTION
    return dSSR_dgreen, dSSR_dblue, dSSR_dorange, dSSR_dw1, dSSR_db1, dSSR_dw2, dSSR_db2


# %% nbgrader={"grade": true, "grade_id": "regression_hidden", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
ex.regression_hidden.check(regression_hidden)
### BEGIN HIDDEN TESTS
ex.regression_hidden.check(regression_hidden, seed=96376, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: regression_hidden -->

# %% [markdown]
# ### What is shared
#
# Count the local derivatives that the seven parameters need for one point, if each is computed once. For the last layer there are four: SSR to green, and green to each of $w_3$, $w_4$, $b_3$. The hidden layer needs eight more: green to blue, blue to its pre-activation, and from there to $w_1$ and to $b_1$; and the same four for orange. (Those to the biases are 1; they are counted like all others.) That makes twelve.
#
# Now suppose that each of the seven derivatives is computed as a product of its own, and nothing is shared. How many factors are there? Count the edges on each path, then run the cell.

# %%
paths = {
    "w3": ["SSR-green", "green-w3"],
    "w4": ["SSR-green", "green-w4"],
    "b3": ["SSR-green", "green-b3"],
    "w1": ["SSR-green", "green-blue", "blue-sum1", "sum1-w1"],
    "b1": ["SSR-green", "green-blue", "blue-sum1", "sum1-b1"],
    "w2": ["SSR-green", "green-orange", "orange-sum2", "sum2-w2"],
    "b2": ["SSR-green", "green-orange", "orange-sum2", "sum2-b2"],
}
last, hidden = ("w3", "w4", "b3"), ("w1", "b1", "w2", "b2")
shared_last = {edge for name in last for edge in paths[name]}
shared_all = {edge for path in paths.values() for edge in path}
print("last layer:           ", len(shared_last))
print("hidden layer, more:   ", len(shared_all - shared_last))
print("together, shared:     ", len(shared_all))
print("without sharing:      ", sum(len(path) for path in paths.values()))

# %% [markdown]
# Twenty-two in place of twelve. In a deep network the paths of different parameters have most of their edges in common; lesson 04 counts paths.
#
# ### Exercise 9: open, gradient descent
#
# **Gradient descent** repeats: forward pass, backward pass, update. `theta` is an array with $w_1, w_2, w_3, w_4, b_1, b_2, b_3$, in this order. Take `steps` steps with the learning rate `alpha`. Each step changes all seven parameters at once, with derivatives taken at the parameters *before* the step. Return the final parameters, shape $(7,)$, and the losses, shape $(\text{steps} + 1,)$: the loss before the first step, and the loss after each step. Do not change the array `theta` itself. You may call your functions from exercises 7 and 8. The check takes the same steps with PyTorch's gradients, as `torch.optim.SGD` does.


# %% nbgrader={"grade": false, "grade_id": "descend-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descend(theta, x, y, alpha, steps):
    """Return theta_end (7,) and losses (steps + 1,).

    theta has shape (7,), x and y (n,); alpha is a number, steps a whole number.
    """
    ### BEGIN SOLUTION
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        _, dSSR_dw3, dSSR_dw4, dSSR_db3 = regression_output(x, y, *theta)
        _, _, _, dSSR_dw1, dSSR_db1, dSSR_dw2, dSSR_db2 = regression_hidden(x, y, *theta)
        weights = [dSSR_dw1, dSSR_dw2, dSSR_dw3, dSSR_dw4]
        gradient = np.array([*weights, dSSR_db1, dSSR_db2, dSSR_db3])
        theta = theta - alpha * gradient
        losses.append(((y - fit_forward(theta, x)[2]) ** 2).sum())
    return theta, losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "descend", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.descend.check(descend)
### BEGIN HIDDEN TESTS
ex.descend.check(descend, seed=17878, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: descend -->

# %% [markdown]
# ### Step by step
#
# Now take the steps one by one, with the derivatives of your exercises 7 and 8. Your curve is solid, that of PyTorch's gradients dashed. Before you press the button: which of the seven parameters will the first step change most, and in which direction?
#
# Then choose a wrong gradient under *Gradients*, and say first whether the loss will still fall: half the gradient, the squared residual kept, weights that get their biases' derivatives.

# %%
from backprop.pictures import descend_by_hand

descend_by_hand(regression_output, regression_hidden)

# %% [markdown]
# The longest bar is that of $b_3$. Its derivative is negative, and a step has the opposite sign: $b_3$ changes most, and upwards. Half the gradient still trains: it is the right gradient with half the learning rate. The squared residual has lost its sign, so every point pushes green up, even a point that green is far above, and the loss explodes. With the biases' derivatives the loss falls *faster* at first. It is lowest after 29 steps and rises from then on, and from step 53 PyTorch's loss is lower.
#
# What does a falling loss tell you? If a program changes the parameters by $-\alpha v$, whatever $v$ is, then $L(\theta - \alpha v) = L(\theta) - \alpha\,g\cdot v + O(\alpha^2)$, where $g$ is the true gradient and $g\cdot v = \sum_k g_k v_k$. The term $O(\alpha^2)$ is at most a constant times $\alpha^2$ for small $\alpha$. If $g\cdot v > 0$, the loss falls for every small enough $\alpha > 0$; if $g\cdot v < 0$, it rises. So a loss that falls with small steps shows only that $g\cdot v$ is not negative. It does not show that $v = g$; for that, compare $v$ with a second derivation.

# %% [markdown]
# ### A whole training run
#
# When should training stop? After a fixed number of steps, or when two losses in a row differ by less than a small number $\varepsilon$. The next cell trains all seven parameters with PyTorch's gradients until one of the two happens, and prints which. `zero_grad` clears the old gradients before each backward pass, because PyTorch adds to `.grad`.

# %% tags=["same-for-all"]
theta = torch.tensor(theta_start, requires_grad=True)
optimizer = torch.optim.SGD([theta], lr=0.01)
epsilon, limit = 1e-6, 3000
losses = []
for step in range(limit + 1):
    loss = ssr(theta)
    losses.append(loss.item())
    if step == limit or (step and abs(losses[-2] - losses[-1]) < epsilon):
        break
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
reason = "the loss stopped changing" if step < limit else "the step limit was reached"
print(f"{reason}: {step} steps, SSR {losses[-1]:.5f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
left.plot(losses)
left.set(xlabel="step", ylabel="SSR", title="loss", xscale="symlog")
left.grid(alpha=0.3)
draw_fit(right, theta.detach().numpy(), f"after {step} steps")

# %% [markdown]
# Most of the improvement comes in the first few steps; after that the loss falls very slowly. The green curve is still almost a straight line.
#
# One could also train the last layer to the end first, and the hidden layer afterwards. The next two cells compare the two ways, with 40 000 steps each. Their gradients are central differences, as in lesson 01. Which way do you expect to end lower?

# %%
NUDGES = 1e-5 * np.vstack([np.eye(7), -np.eye(7)])


def numerical_gradients(thetas):
    """Central differences for all seven parameters of each row of thetas (k, 7)."""
    nudged = thetas[:, None, :] + NUDGES  # (k, 14, 7)
    green = fit_forward(np.moveaxis(nudged, 2, 0)[..., None], x_data)[2]
    losses = ((y_data - green) ** 2).sum(axis=-1)
    return (losses[:, :7] - losses[:, 7:]) / 2e-5


def train(thetas, moving, steps, alpha=0.01):
    """Gradient descent for each row of thetas, in the columns where moving is 1."""
    for _ in range(steps):
        thetas = thetas - alpha * moving * numerical_gradients(thetas)
    return thetas


# %% tags=["same-for-all"]
everything, last_layer = np.ones(7), np.isin(np.arange(7), [2, 3, 6])
both = np.vstack([theta_start, theta_start])
both = train(both, np.vstack([everything, last_layer]), 20_000)
both = train(both, np.vstack([everything, 1 - last_layer]), 20_000)
for k, name in enumerate(("all seven together", "layer by layer")):
    green = fit_forward(both[k], x_data)[2]
    print(f"{name:20s} SSR {((y_data - green) ** 2).sum():.5f}")

# %% [markdown]
# From this one start, training all seven together ends lower, by 0.0009. The better reason to do so is another one: the best value of each parameter depends on the others, and one backward pass gives all seven derivatives anyway.
#
# Still, 2.795 is a poor fit. Is this network unable to do better, or is the starting point the reason? The last cell compares with the best straight line, and with the same descent from another random start. What do you expect?

# %% tags=["same-for-all"]
line = np.polyfit(x_data, y_data, 1)
other_start = np.append(np.random.RandomState(1).randn(4), [0.0, 0.0, 0.0])
other = train(other_start[None, :], 1.0, 10_000)[0]
print(f"the best straight line   SSR {((y_data - np.polyval(line, x_data)) ** 2).sum():.6f}")
print(f"from another start       SSR {((y_data - fit_forward(other, x_data)[2]) ** 2).sum():.6f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
draw_fit(left, both[0], "from our start")
draw_fit(right, other, "from another start")

# %% [markdown]
# From our start the green curve becomes nearly the best straight line, and there the gradient is almost 0. From another start the same descent finds a curve that passes through all three points, up to rounding. So the result of gradient descent depends on where it starts.

# %% [markdown]
# ## What to remember
#
# - A unit computes $z = wx + b$ and $a = f(z)$. In the backward pass, multiply by $f'(z)$ to get $\delta = \frac{\partial L}{\partial z}$.
# - $\frac{\partial L}{\partial b} = \delta$, and $\frac{\partial L}{\partial w}$ is $\delta$ times what the weight is multiplied by.
# - Sigmoid and log loss together give $\delta = \hat y - y$.
# - A parameter that is used for many points gets the sum of their contributions.
# - Go from the loss to the inputs and store the derivative at each node. Then nothing is computed twice.
# - A step is $-\alpha$ times the gradient, with all derivatives taken before the step. A falling loss does not prove that the gradient is right.
#
# **One question that joins two ideas.** In part one, set $w_1^{[2]} = 0$. Which of the seven derivatives are then 0 for every $x$ and $y$? And, if $\hat y \ne y$ and $x \ne 0$, are they still 0 after one gradient step?
#
# <details>
# <summary>Answer</summary>
#
# $\delta_1^{[1]} = (\hat y - y)\,w_1^{[2]}\,a_1^{[1]}(1 - a_1^{[1]})$ is 0, so $\frac{\partial L}{\partial w_1^{[1]}}$ and $\frac{\partial L}{\partial b_1^{[1]}}$ are 0: the only path of hidden unit 1 goes through $w_1^{[2]}$. But $\frac{\partial L}{\partial w_1^{[2]}} = (\hat y - y)\,a_1^{[1]}$ is not 0 if $\hat y \ne y$. So the first step changes $w_1^{[2]}$, and after it the other two are no longer 0, unless the new $\hat y$ happens to equal $y$.
#
# </details>

# %% [markdown]
# Next: [03 Computation graphs](03_computation_graph.ipynb), where one recipe does all of this for any formula.
