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
# **Time** about 100 minutes. **You need** [lesson 01](01_chain_rule.ipynb): the chain rule along one path and over two.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import one_two_one_network as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import matplotlib.pyplot as plt
import numpy as np
import torch


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# %%
course_map(ex)

# %% [markdown]
# ## Part one: a classifier
#
# One number $x$ comes in. Two hidden units look at it, and one output unit looks at them. Every $x$ belongs to class 0 or to class 1, and the output $\hat y$ is the probability that the network gives to class 1.
#
# ![](../img/one_two_one.svg)
#
# Every unit does the same two things. It adds up what comes in, each input times a **weight**, plus a **bias**. Then it bends the sum with a sigmoid.
#
# | symbol | in code | meaning |
# |---|---|---|
# | $z_k^{[l]}$ | `z1_2` for $l = 1, k = 2$ | pre-activation: the sum that unit $k$ of layer $l$ forms |
# | $a_k^{[l]}$ | `a1_2` | activation: what the unit puts out |
# | $w_k^{[1]}$ | `w1_2` | weight from $x$ into hidden unit $k$ |
# | $w_k^{[2]}$ | `w2_2` | weight from hidden unit $k$ into the output unit |
# | $b_k^{[l]}$ | `b1_2` | bias of unit $k$ of layer $l$ |
# | $\hat y$ | `yhat` | the prediction, $a_1^{[2]}$ |
# | $y$ | `y` | the target: how probable class 1 truly is |
#
# With one weight into each hidden unit we can write $w_k^{[1]}$. In larger networks a weight needs two indices: $w_{j\to k}^{[l]}$ leads from unit $j$ of layer $l - 1$ to unit $k$ of layer $l$.
#
# A sum with a bias is called **affine**, not linear: with the bias, an input of 0 need not give 0.

# %% [markdown]
# ### The forward pass
#
# $$\begin{aligned} z_k^{[1]} &= w_k^{[1]} x + b_k^{[1]}, & a_k^{[1]} &= \sigma(z_k^{[1]}) \qquad (k = 1, 2),\\ z_1^{[2]} &= w_1^{[2]} a_1^{[1]} + w_2^{[2]} a_2^{[1]} + b_1^{[2]}, & \hat y &= \sigma(z_1^{[2]}). \end{aligned}$$
#
# How wrong is $\hat y$? For probabilities the **log loss** is the usual measure:
#
# $$L = -\bigl(y\log\hat y + (1 - y)\log(1 - \hat y)\bigr).$$
#
# If the target is $y = 1$, only the first term is left, $-\log\hat y$: small when $\hat y$ is near 1, huge when it is near 0. If $y = 0$ it is the other way round. Targets between 0 and 1 are allowed. They are called soft, and they keep both terms alive.
#
# ### Exercise 1: forward
#
# Everything on the way back uses numbers from the way there. So first the forward pass, every name of it.


# %% nbgrader={"grade": false, "grade_id": "forward_pass-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def forward_pass(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return z1_1, z1_2, a1_1, a1_2, z2_1, yhat, L; all inputs are numbers."""
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
# From here on the exercises use the function in the next cell for the forward pass. A slip in yours costs nothing later.


# %%
def network(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1):
    """Return z1_1, z1_2, a1_1, a1_2, z2_1, yhat."""
    z1_1, z1_2 = w1_1 * x + b1_1, w1_2 * x + b1_2
    a1_1, a1_2 = sigmoid(z1_1), sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    return z1_1, z1_2, a1_1, a1_2, z2_1, sigmoid(z2_1)


# %% [markdown]
# ### Every edge has a number
#
# Now draw the network as a graph in which every node is one quantity, and write on every edge its **local derivative**: how fast the node at its end moves when the node at its beginning does.
#
# ![](../img/one_two_one_edges.svg)
#
# Apart from the last edge, through the loss, there are only three kinds.
#
# - Through a sigmoid: $\dfrac{\partial a}{\partial z} = a(1 - a)$.
# - From a weight, or from what it is multiplied with: the other factor.
# - From a bias: 1.
#
# To get $\frac{\partial L}{\partial\,\text{anything}}$, walk from there to $L$ and multiply what is written on the edges. If there are several ways, add their products.

# %% [markdown]
# Here is the same graph, to move. Before you do: how many edges lie between $w_1^{[1]}$ and $L$? And will the gradient of $w_1^{[1]}$ change when you move $b_2^{[1]}$, the bias of the *other* hidden unit? Then point at $w_1^{[1]}$, or choose it, and move $b_2^{[1]}$.

# %%
from backprop.pictures import explore

explore("one_two_one")

# %% [markdown]
# Five edges, and five factors in the product. When $b_2^{[1]}$ moves, three of them stay as they are. The two on either side of $\hat y$ change. The other unit lies on no path from $w_1^{[1]}$ to $L$, but it has a say in $\hat y$, and so in every gradient of the network.

# %% [markdown]
# ### From the loss to the output's sum
#
# The last two edges belong together. The slope of the log loss is
#
# $$\frac{\partial L}{\partial\hat y} = -\frac{y}{\hat y} + \frac{1 - y}{1 - \hat y} = \frac{\hat y - y}{\hat y(1 - \hat y)},$$
#
# and the sigmoid's slope is $\hat y(1 - \hat y)$. Multiply them, and almost everything cancels:
#
# $$\frac{\partial L}{\partial z_1^{[2]}} = \hat y - y.$$
#
# Prediction minus target, nothing else. This happens whenever a sigmoid is followed by the log loss, and it is one reason for the pair. The derivative of the loss with respect to a pre-activation is used so often that it has a letter, **delta**: $\delta = \frac{\partial L}{\partial z}$.

# %%
y = 0.3
yhat = np.array([0.1, 0.3, 0.5, 0.9])
dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
dyhat_dz = yhat * (1 - yhat)
print("dL_dyhat        ", dL_dyhat.round(6))
print("times the slope ", (dL_dyhat * dyhat_dz).round(6))
print("yhat - y        ", (yhat - y).round(6))

# %% [markdown]
# ### Exercise 2: a prediction
#
# Bias and weight go into the same sum, $z = wx + b$. Suppose $x = 2.5$, $w = 0.3$, $b = -0.1$, and somebody tells you that $\frac{\partial L}{\partial b} = 0.04$. What is $\frac{\partial L}{\partial w}$?


# %% nbgrader={"grade": false, "grade_id": "bias_or_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bias_or_weight():
    """Return your prediction of dL_dw, where z = w*x + b, x = 2.5, w = 0.3, b = -0.1 and dL_db = 0.04."""
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
# The bias gets its unit's delta: $\frac{\partial L}{\partial b} = \delta$. The weight gets delta times what it was multiplied with: $\frac{\partial L}{\partial w} = x\,\delta$. They are the same number only if $x = 1$ (or if both are 0). Some published notes print them as equal. In an example with $x = 1$ nobody notices. Here is the same question for a few values of $x$, answered by PyTorch.

# %%
for x in (1.0, 2.5, -0.7):
    w, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (0.3, -0.1))
    (0.04 * (w * x + b)).backward()  # L = 0.04 z, so dL/db is 0.04
    print(f"x = {x:4.1f}   dL_db = {b.grad.item():.3f}   dL_dw = {w.grad.item():.3f}")

# %% [markdown]
# ### Exercise 3: the output layer
#
# The forward pass and `dL_dyhat` are there. Add `dL_dz2_1`, and from it the gradients of the second layer's two weights and its bias.


# %% nbgrader={"grade": false, "grade_id": "output_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def output_layer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_db2_1; all inputs are numbers."""
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
# Take the weight $w_2^{[1]}$, from $x$ into hidden unit 2. Put a finger on it in the picture above and walk to $L$. You cross five edges. The last two together are $\hat y - y$, as we have seen. From $L$ back:
#
# $$\frac{\partial L}{\partial w_2^{[1]}} = \underbrace{\frac{\partial L}{\partial z_1^{[2]}}}_{\hat y - y}\cdot\frac{\partial z_1^{[2]}}{\partial a_2^{[1]}}\cdot\frac{\partial a_2^{[1]}}{\partial z_2^{[1]}}\cdot\frac{\partial z_2^{[1]}}{\partial w_2^{[1]}}.$$
#
# The picture says what the other three factors are. Read from left to right this is the backward pass: each factor takes the gradient one node further back.
#
# ### Exercise 4: one hidden unit, link by link
#
# The check looks at every link, so write each one down.


# %% nbgrader={"grade": false, "grade_id": "hidden_unit-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_unit(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2; all inputs are numbers."""
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
# Unit 1 goes the same way as unit 2, with its own numbers. The gradients are asked for from the back of the network to the front, the order in which you find them.


# %% nbgrader={"grade": false, "grade_id": "all_seven-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def all_seven(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_db2_1, dL_dw2_2, dL_dw2_1, dL_db1_2, dL_db1_1, dL_dw1_2, dL_dw1_1; all inputs are numbers."""
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
# The graph once more, with your seven gradients judged on it. A prediction first: if $x$ is set to 0, which of the seven become 0, and which do not? Then move the slider of $x$ there.

# %%
explore("one_two_one", all_seven)

# %% [markdown]
# The two weights of the first layer, and only they: each is its unit's delta times $x$. Their biases keep their gradients, which are the deltas themselves.

# %% [markdown]
# ### Exercise 6: the input
#
# Nobody trains an input. But in a deeper network the input of a layer is the output of the one before, so its gradient is what has to be handed on. And here **two paths meet**: $x$ feeds both hidden units.


# %% nbgrader={"grade": false, "grade_id": "input_gradient-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def input_gradient(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    """Return dL_dz1_1, dL_dz1_2, dL_dx; all inputs are numbers."""
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
# Now the network is to predict a number, not a probability. Three things change. The hidden units use **softplus**. The output unit has no bend at all. And the loss is the **sum of squared residuals** (SSR) over all points, where a residual is target minus prediction.
#
# The notes this example comes from give the curves colours, and we keep the names: *blue* is the first hidden unit's output, *orange* the second's, *green* the prediction.
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
# There are three points, and every point $i$ has its own blue, orange and green. The parameters are shared by all.

# %%
x_data = np.array([0.1, 0.53, 0.82])
y_data = np.array([1.2, 3.2, 1.1])
rng = np.random.RandomState(42)  # the numbers that np.random.seed(42) gives
w1, w2, w3, w4 = rng.randn(4)
theta_start = np.array([w1, w2, w3, w4, 0.0, 0.0, 0.0])


def softplus(z):
    return np.logaddexp(0, z)  # log(exp(0) + exp(z)), safe for large z


def fit_forward(theta, x):
    """Return blue, orange, green for the parameters theta = (w1, w2, w3, w4, b1, b2, b3) and the points x of shape (n,)."""
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange = softplus(w1 * x + b1), softplus(w2 * x + b2)
    return blue, orange, w3 * blue + w4 * orange + b3


# %% [markdown]
# Before the next two cells: the middle point lies high, the outer two lie low. With these random weights, where will the green curve run at the start? Above all three points, between them, or below?


# %% tags=["same-for-all"]
def draw_fit(ax, theta, title):
    x = np.linspace(0, 1, 101)
    blue, orange, green = fit_forward(theta, x)
    w3, w4 = theta[2:4]
    ax.plot(x, w3 * blue, "--", color="tab:blue", label="w3 · blue")
    ax.plot(x, w4 * orange, ":", color="tab:orange", label="w4 · orange")
    ax.plot(x, green, "-", color="tab:green", label="green")
    ax.plot(x_data, y_data, "ko", label="data")
    ax.set(xlabel="x", title=title, ylim=(-1, 4))
    ax.grid(alpha=0.3)


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
# Each point has its own residual, and the slope of its square is
#
# $$\frac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i} = -2\,(y_i - \text{green}_i).$$
#
# Where does the minus come from? From the inner function: green stands with a minus inside the square. This one array is needed for *every* parameter of the network. Work it out once and keep it.
#
# The bias $b_3$ moves every green point by the same amount. So $b_3$ reaches the loss by three paths, one a point, and the paths add:
#
# $$\frac{\partial\,\mathrm{SSR}}{\partial b_3} = \sum_i \frac{\partial\,\mathrm{SSR}}{\partial\,\text{green}_i}\cdot 1.$$
#
# ### Exercise 7: the last layer
#
# The points come as arrays now, of any length $n$. `dSSR_dgreen` has shape $(n,)$. The other gradients are single numbers.


# %% nbgrader={"grade": false, "grade_id": "regression_output-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_output(x, y, w1, w2, w3, w4, b1, b2, b3):
    """Return dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3; x and y have shape (n,), the rest are numbers."""
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
# ### One parameter downhill
#
# The gradients of all parameters together say in which direction the loss grows fastest. To make it smaller, go the other way, a small step $\alpha$ (the **learning rate**) times the gradient:
#
# $$b_3 \leftarrow b_3 - \alpha\,\frac{\partial\,\mathrm{SSR}}{\partial b_3}.$$
#
# With $\alpha = 0.01$, and only $b_3$ moving for now, PyTorch gives the slopes and we take one step. The slope for $b_3$ will turn out to be about $-1.77$. By roughly how much will the loss fall?

# %%
theta = torch.tensor(theta_start, requires_grad=True)
x_t, y_t = torch.tensor(x_data), torch.tensor(y_data)


def ssr(theta):
    w1, w2, w3, w4, b1, b2, b3 = theta
    blue, orange = (torch.nn.functional.softplus(z) for z in (w1 * x_t + b1, w2 * x_t + b2))
    return ((y_t - (w3 * blue + w4 * orange + b3)) ** 2).sum()


ssr(theta).backward()
gradients = theta.grad.numpy()
print(dict(zip(["w1", "w2", "w3", "w4", "b1", "b2", "b3"], gradients.round(6).tolist())))

step = theta_start.copy()
step[6] -= 0.01 * gradients[6]
print(f"b3 {step[6]:+.7f}   SSR before {ssr(theta).item():.6f}   after {ssr(torch.tensor(step)).item():.6f}")

# %% [markdown]
# Now 400 such steps, $b_3$ alone. What can they do to the green curve, and what can they not do?

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
# The curve has slid upwards as a whole, and that is all that $b_3$ can do. Only the hidden layer can bend it.
#
# ### Then the hidden layer
#
# From green back to $w_1$ there are three more edges: through $w_3$, through softplus, and through the product $w_1 x$. You know the slope of softplus from lesson 01; it is taken at what goes *into* softplus. As with $b_3$, every point has a share, and the shares add.
#
# ### Exercise 8: the hidden layer
#
# `dSSR_dgreen`, `dSSR_dblue` and `dSSR_dorange` have shape $(n,)$. The other four are single numbers.


# %% nbgrader={"grade": false, "grade_id": "regression_hidden-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def regression_hidden(x, y, w1, w2, w3, w4, b1, b2, b3):
    """Return dSSR_dgreen, dSSR_dblue, dSSR_dorange, dSSR_dw1, dSSR_db1, dSSR_dw2, dSSR_db2; x and y have shape (n,)."""
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
# Count the different derivatives that you had to evaluate. For the last layer there were four: $\frac{\partial\,\mathrm{SSR}}{\partial\,\text{green}}$, which all three parameters share, and one local derivative for each of $w_3$, $w_4$, $b_3$. For the hidden layer there are six more: green to blue, blue to its sum, and the same for orange, make four, and the two local derivatives to $w_1$ and $w_2$ are the other two; those to the biases are 1. Ten in all. (The slopes to $b_1$ and $b_2$ are 1 and are not counted; that to $b_3$ is 1 as well, but we count it, as the notes do.)
#
# Now suppose that somebody writes each of the seven gradients as a product from the beginning and shares nothing. How many factors is that in all? Count the edges on each way, then run the cell.

# %%
ways = {
    "w3": ["SSR-green", "green-w3"],
    "w4": ["SSR-green", "green-w4"],
    "b3": ["SSR-green", "green-b3"],
    "w1": ["SSR-green", "green-blue", "blue-sum1", "sum1-w1"],
    "b1": ["SSR-green", "green-blue", "blue-sum1"],
    "w2": ["SSR-green", "green-orange", "orange-sum2", "sum2-w2"],
    "b2": ["SSR-green", "green-orange", "orange-sum2"],
}
last, hidden = ("w3", "w4", "b3"), ("w1", "b1", "w2", "b2")
shared_last = {edge for name in last for edge in ways[name]}
shared_all = {edge for way in ways.values() for edge in way}
print("last layer, shared:   ", len(shared_last))
print("hidden layer, more:   ", len(shared_all - shared_last))
print("without sharing:      ", sum(len(way) for way in ways.values()))

# %% [markdown]
# The network is tiny, and the saving is already a factor of two. In a deep network every gradient shares almost its whole way with others. Lesson 04 counts it.
#
# ### Exercise 9: open, gradient descent
#
# Put it together. `theta` is an array with $w_1, w_2, w_3, w_4, b_1, b_2, b_3$. Take `steps` steps of gradient descent with the learning rate `alpha`, all seven parameters at once, each time with gradients taken at the parameters *before* the step. Return the final parameters, shape $(7,)$, and the losses before the first step and after each, shape $(\text{steps} + 1,)$. The check takes the same steps with PyTorch's gradients, which are those of `torch.optim.SGD`.


# %% nbgrader={"grade": false, "grade_id": "descend-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def descend(theta, x, y, alpha, steps):
    """Return theta_end (7,) and losses (steps + 1,); theta (7,), x and y (n,), alpha a number, steps an int."""
    ### BEGIN SOLUTION
    theta = np.array(theta)
    losses = [((y - fit_forward(theta, x)[2]) ** 2).sum()]
    for _ in range(steps):
        _, dSSR_dw3, dSSR_dw4, dSSR_db3 = regression_output(x, y, *theta)
        _, _, _, dSSR_dw1, dSSR_db1, dSSR_dw2, dSSR_db2 = regression_hidden(x, y, *theta)
        gradient = np.array([dSSR_dw1, dSSR_dw2, dSSR_dw3, dSSR_dw4, dSSR_db1, dSSR_db2, dSSR_db3])
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
# Now make the steps yourself, with the gradients of your exercises 7 and 8. Your curve is solid, that of PyTorch's gradients dashed. Before you press: which of the seven parameters will the first step move furthest, and which way?
#
# Then choose a slip under *Gradients*, and say first whether it still trains: half the gradient, the squared residual kept, weights that get their biases' gradients.

# %%
from backprop.pictures import descend_by_hand

descend_by_hand(regression_output, regression_hidden)

# %% [markdown]
# The longest bar is that of $b_3$. It points down, and a step goes against it: $b_3$ moves furthest, and upwards. Half the gradient still trains, for it is the true one with half the learning rate. The squared residual has lost its sign, so every point pushes green up, even a point that green is far above, and the loss explodes. With the biases' gradients the loss even falls faster at first. After some thirty steps it begins to creep up, and PyTorch's overtakes it. A loss that falls does not prove a gradient right. A comparison with another derivation does, and that is what the checks do.

# %% [markdown]
# ### Watch it learn
#
# When do we stop? After a fixed number of steps, or when the loss hardly changes any more: when two losses in a row differ by less than a small number $\varepsilon$. The next cell trains all seven parameters with PyTorch's gradients: it initialises once, and then goes forward, backward, update, again and again. `zero_grad` clears the old gradients first, because PyTorch adds to `.grad`. It says which of the two came first. If your exercise is right, your function would draw the same picture.

# %% tags=["same-for-all"]
theta = torch.tensor(theta_start, requires_grad=True)
optimizer = torch.optim.SGD([theta], lr=0.01)
epsilon, limit = 1e-8, 3000
losses = [ssr(theta).item()]
for step in range(1, limit + 1):
    optimizer.zero_grad()
    ssr(theta).backward()
    optimizer.step()
    losses.append(ssr(theta).item())
    if abs(losses[-2] - losses[-1]) < epsilon:
        break
reason = "the loss had settled" if step < limit else "the limit came first"
print(f"{reason}: {step} steps, SSR {losses[-1]:.5f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
left.plot(losses)
left.set(xlabel="step", ylabel="SSR", title="loss", xscale="symlog")
left.grid(alpha=0.3)
draw_fit(right, theta.detach().numpy(), f"after {step} steps")

# %% [markdown]
# The first few steps bring nearly all of the gain. Then the loss creeps. The green curve is still almost a straight line.
#
# Some notes train the last layer to the end first, and the layer before it afterwards. The next two cells try it both ways, with 40 000 steps each. They get their gradients by nudging all seven parameters, as at the end of lesson 01. Which way do you expect to end lower?

# %%
NUDGES = 1e-5 * np.vstack([np.eye(7), -np.eye(7)])


def nudged_gradient(theta):
    """All seven gradients of the fit to the three points, by central differences: 14 forward passes at once."""
    thetas = (theta + NUDGES).T[:, :, None]
    losses = ((y_data - fit_forward(thetas, x_data)[2]) ** 2).sum(axis=1)
    return (losses[:7] - losses[7:]) / 2e-5


def train(theta, moving, steps, alpha=0.01):
    theta, mask = theta.copy(), np.isin(np.arange(7), moving)
    for _ in range(steps):
        theta -= alpha * mask * nudged_gradient(theta)
    return theta


# %% tags=["same-for-all"]
last_layer, hidden_layer = [2, 3, 6], [0, 1, 4, 5]
together = train(theta_start, range(7), 40_000)
in_turn = train(train(theta_start, last_layer, 20_000), hidden_layer, 20_000)
for name, theta in (("layer by layer", in_turn), ("all seven together", together)):
    print(f"{name:20s} SSR {((y_data - fit_forward(theta, x_data)[2]) ** 2).sum():.5f}")

# %% [markdown]
# All together ends lower here, by 0.0009, from this one start. The better reason to move all seven at once is another one: each parameter's best place depends on where the others are, and one backward pass gives all seven gradients anyway.
#
# Yet 2.795 is a poor fit. Is it the network that cannot do better, or our start? The last cell compares with the best straight line, and with the same descent from another random start. What do you expect?

# %% tags=["same-for-all"]
line = np.polyfit(x_data, y_data, 1)
other_start = np.append(np.random.RandomState(1).randn(4), [0.0, 0.0, 0.0])
other = train(other_start, range(7), 10_000)
print(f"the best straight line   SSR {((y_data - np.polyval(line, x_data)) ** 2).sum():.6f}")
print(f"from another start       SSR {((y_data - fit_forward(other, x_data)[2]) ** 2).sum():.6f}")

fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.3), layout="constrained")
draw_fit(left, together, "from our start")
draw_fit(right, other, "from another start")

# %% [markdown]
# From our start the green curve has become nearly the best straight line, and there the loss is almost flat. From another start the same descent passes through all three points. Where descent begins matters.
#
# ## What to remember
#
# - A unit forms $z = wx + b$ and puts out $a = \sigma(z)$. On the way back, multiply by the slope of the bend; then, for the weight, by what it was multiplied with, and for the bias by 1.
# - Sigmoid and log loss together leave $\delta = \hat y - y$.
# - $\frac{\partial L}{\partial b} = \delta$ and $\frac{\partial L}{\partial w} = x\,\delta$. They agree only at $x = 1$.
# - A parameter that is used for many points collects a share from each.
# - Work from the back to the front, keep each node's gradient, and nothing is worked out twice.
# - A step goes *against* the gradient, with all gradients taken before the step.
#
# Next: [03 Computation graphs](03_computation_graph.ipynb), where one recipe does all of this for any formula.
