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
# # 01 The chain rule
#
# **After this lesson you can** take the derivative of any formula that is built from smaller ones, along one path and along several, and let PyTorch tell you which of your steps is wrong.
#
# **Time** about 90 minutes. **You need** derivatives as school teaches them, and a little Python.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import chain_rule as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
course_map(ex)

# %% [markdown]
# ## Why a whole course about one rule
#
# A network has adjustable numbers, its **parameters**, written together as $\theta$. For an input $x$ it makes a **prediction** $\hat y$. The number that we would like to see instead is the **target** $y$. The network learns by repeating four steps.
#
# ![](../img/training_loop.svg)
#
# 1. **Forward.** Put the inputs in, get a prediction out.
# 2. **Loss.** Measure by one number, $L$, how far the prediction is from the target.
# 3. **Backward.** Find out, for every parameter, how $L$ changes when that parameter changes a little: its *gradient*.
# 4. **Update.** Move every parameter against its gradient: by a small number $\alpha$ times that gradient.
#
# Step 3 is *back-propagation*. Step 4 is *gradient descent*. They are two different things: back-propagation computes gradients, and gradient descent uses them. This course is about step 3. It is done with one rule, the chain rule, used many times and in a clever order.

# %% [markdown]
# ## How you work here
#
# Every exercise has two cells. In the first one you write a function. The second one checks it. The check calls your function with several inputs that you have not chosen, works out the right answers with PyTorch's `.backward()`, and puts both side by side.
#
# | the check says | it means |
# |---|---|
# | ✓ right | your number is PyTorch's number, on every input it tried |
# | ✗ first wrong link | the first one that is not; begin looking here |
# | ↳ right, given your … | this step is correct; it only carries on an earlier slip |
# | ✗ wrong | this one has a slip of its own |
# | ✗ wrong on other inputs | it happens to fit on the inputs shown, and not on others |
#
# Each link earns an equal share of the exercise's points. Under each check there are three hints, folded inside each other. Open as many as you need. `ex` holds this lesson's exercises. Three calls help when you are stuck, here for the exercise `one_path`:
#
# - `ex.one_path.hint()` shows the next hint.
# - `ex.one_path.inputs()` gives you one of the sets of inputs that the check uses.
# - `ex.one_path.referee()` writes PyTorch's side of the check into a new cell, ready to run and change.

# %% [markdown]
# ## 1. The slopes you need
#
# The **derivative** of a function is its slope: how fast the output moves, compared with the input, for a very small move. We write $\frac{dy}{dx}$ for the slope of $y$ when $x$ moves.
#
# | function | slope | remark |
# |---|---|---|
# | $e^x$ | $e^x$ | its own slope |
# | $x^2$ | $2x$ | |
# | $1/x$ | $-1/x^2$ | falls as $x$ grows, on either side of 0 |
# | $\sin x$ | $\cos x$ | |
# | $\cos x$ | $-\sin x$ | |
# | $\log x$ | $1/x$ | the natural logarithm, for $x > 0$ |
#
# Three more functions are everywhere in neural networks.
#
# | name | function | what it does |
# |---|---|---|
# | sigmoid | $\sigma(x) = \dfrac{1}{1 + e^{-x}}$ | turns any number into one between 0 and 1 |
# | softplus | $\log(1 + e^x)$ | a smooth bend: close to 0 on the left, close to $x$ on the right |
# | ReLU | $\max(0, x)$ | the same bend with a corner: 0 on the left, $x$ on the right |
#
# Look at the three curves. Before you read on, guess for each one where it is steepest.

# %%
x = np.linspace(-5, 5, 201)
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(x, 1 / (1 + np.exp(-x)), "-", label="sigmoid")
ax.plot(x, np.log(1 + np.exp(x)), "--", label="softplus")
ax.plot(x, np.maximum(0, x), ":", linewidth=2.5, label="ReLU")
ax.set(xlabel="x", ylim=(-0.3, 5))
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# The sigmoid is steepest in the middle, at $x = 0$. Softplus and ReLU are steepest on the right. At its corner ReLU has no slope at all. Programs choose one there, and PyTorch chooses 0.
#
# ### Exercise 1: basic slopes
#
# Write the slopes of five functions: of $1/u$ and $\log u$ at $u$, and of sigmoid, softplus and ReLU at $v$. The first one is there already. In Python a power is written `**`; `^` is something else.
#
# The sigmoid and softplus are functions inside functions. If you do not know how to handle such a function yet, do the other three, read section 2, and come back. Each slope earns its own point.


# %% nbgrader={"grade": false, "grade_id": "basic_slopes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def basic_slopes(u, v):
    """Return dreciprocal_du, dlog_du, dsigmoid_dv, dsoftplus_dv, drelu_dv at the numbers u > 0 and v."""
    dreciprocal_du = -1 / u**2
    ### BEGIN SOLUTION
    dlog_du = 1 / u
    s = 1 / (1 + np.exp(-v))
    dsigmoid_dv = s * (1 - s)
    dsoftplus_dv = s
    drelu_dv = 1.0 if v > 0 else 0.0
    ### END SOLUTION
    return dreciprocal_du, dlog_du, dsigmoid_dv, dsoftplus_dv, drelu_dv


# %% nbgrader={"grade": true, "grade_id": "basic_slopes", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.basic_slopes.check(basic_slopes)
### BEGIN HIDDEN TESTS
ex.basic_slopes.check(basic_slopes, seed=31172, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: basic_slopes -->
#
# How steep does the sigmoid get? At 0 its value is $\frac12$ and its slope $\frac12\cdot\frac12 = \frac14$. Softplus comes as close to slope 1 as you like.

# %% [markdown]
# ## 2. One path: a function inside a function
#
# One gear turns another. Turn the first one a little, and the second turns three times as far. The second drives a third one, which turns five times as far as the second. How far does the third turn, compared with the first? Three times five: fifteen times as far. Speeds in a row **multiply**. That is the chain rule.
#
# If $y$ depends on $g$, and $g$ depends on $x$, then
#
# $$\frac{dy}{dx} = \frac{dy}{dg}\cdot\frac{dg}{dx}.$$
#
# The first factor is how fast $y$ moves when $g$ does. The second is how fast $g$ moves when $x$ does. Each slope is taken *at the number that its function was given*: the outer one at the value of $g$, the inner one at $x$.
#
# ### Exercise 2: a prediction
#
# Let $g = 3x + 1$ and $y = g^2$. At $x = 2$, what is $\frac{dy}{dx}$? Work it out on paper, and let the function return your number. The cell after the check settles it.


# %% nbgrader={"grade": false, "grade_id": "gears-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gears():
    """Return your prediction of dy/dx at x = 2, for y = g**2 and g = 3*x + 1."""
    ### BEGIN SOLUTION
    return 42
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gears", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
ex.gears.check(gears)
### BEGIN HIDDEN TESTS
ex.gears.check(gears)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: gears -->

# %% [markdown]
# Here is the experiment. Turn $x$ by a thousandth and watch how far $g$ and $y$ move.


# %%
def g_of(x):
    return 3 * x + 1


move = 0.001
dg = g_of(2 + move) - g_of(2)
dy = g_of(2 + move) ** 2 - g_of(2) ** 2
print(f"x moves by {move}")
print(f"g moves by {dg:.4f}, {dg / move:.2f} times as far as x")
print(f"y moves by {dy:.5f}, {dy / dg:.2f} times as far as g and {dy / move:.2f} times as far as x")

# %% [markdown]
# The last digits are not exact because the move was small, not infinitely small.
#
# ### A worked example
#
# Take $y = (e^x + x)^2$. The last thing that is done is the square. What is squared gets a name: $g = e^x + x$, so $y = g^2$.
#
# $$\frac{dy}{dg} = 2g, \qquad \frac{dg}{dx} = e^x + 1, \qquad \frac{dy}{dx} = 2g\,(e^x + 1) = 2(e^x + x)(e^x + 1).$$
#
# In code every factor has a name that reads like the mathematics: `dy_dg` is $\frac{dy}{dg}$. PyTorch works the same number out by itself. A *tensor* is PyTorch's array; we call ours `x_t`. `float64` asks for 16 digits, and `requires_grad=True` asks PyTorch to remember what is done with it. `y_t.backward()` then walks back from `y_t` and leaves the slope in `x_t.grad`. `.item()` takes the plain number out.

# %%
x = 0.7
g = np.exp(x) + x
dy_dg = 2 * g
dg_dx = np.exp(x) + 1
print("by hand:", dy_dg * dg_dx)

x_t = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
y_t = (torch.exp(x_t) + x_t) ** 2
y_t.backward()
print("PyTorch:", x_t.grad.item())

# %% [markdown]
# ### Exercise 3: one path
#
# Now $y = (e^x + x^2)^3$, with $g = e^x + x^2$. Return both slopes and their product.


# %% nbgrader={"grade": false, "grade_id": "one_path-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_path(x):
    """Return dy_dg, dg_dx, dy_dx at the number x, for y = g**3 and g = exp(x) + x**2."""
    g = np.exp(x) + x**2
    ### BEGIN SOLUTION
    dy_dg = 3 * g**2
    dg_dx = np.exp(x) + 2 * x
    dy_dx = dy_dg * dg_dx
    ### END SOLUTION
    return dy_dg, dg_dx, dy_dx


# %% nbgrader={"grade": true, "grade_id": "one_path", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.one_path.check(one_path)
### BEGIN HIDDEN TESTS
ex.one_path.check(one_path, seed=62336, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: one_path -->

# %% [markdown]
# ## 3. Longer chains
#
# More gears, more factors. For $y = e^{x^2}$ name the inner result $u = x^2$. Then $y = e^u$, and
#
# $$\frac{dy}{dx} = \frac{dy}{du}\cdot\frac{du}{dx} = e^u \cdot 2x = 2x\,e^{x^2}.$$
#
# Put one more exponential around it: $y = e^{e^{x^2}}$. Again every step gets a name, **one name a link**.
#
# ![](../img/chain_links.svg)
#
# Naming the steps is half of back-propagation. The other half is to keep the numbers: a slope is often made of values that the forward pass has worked out already.
#
# In the next picture each link has a plot of its own, with its slope as a tangent. What comes out of one plot goes into the next. Below stands the product of the slopes, and on the right the whole with *its* tangent.
#
# Before you run the cell, predict two things. There is one $x$ at which the whole is flat, although two of the three links are not. Which $x$ is it, and which link is to blame? And as $x$ goes from 0.5 to 1, which of the three slopes grows most? Then move $x$ and see.

# %%
from backprop.pictures import follow_chain

follow_chain("long_chain")

# %% [markdown]
# At $x = 0$ the first link is flat. One factor of 0 makes the whole product 0, however steep the other links are. From 0.5 to 1 the slope of the last link grows most, from 3.6 to 15.2. The product grows even more, from 4.6 to 82.4, because all three factors grow. Tick *Predict the slope of the whole* if you want to multiply for yourself, and try the other chains in the list.
#
# ### Exercise 4: a chain with three links
#
# Return the slope of each link, from $y$ back to $x$, and the slope of the whole.


# %% nbgrader={"grade": false, "grade_id": "long_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def long_chain(x):
    """Return dy_dv, dv_du, du_dx, dy_dx at the number x, for u = x**2, v = exp(u), y = exp(v)."""
    u = x**2
    v = np.exp(u)
    y = np.exp(v)
    ### BEGIN SOLUTION
    dy_dv = y
    dv_du = v
    du_dx = 2 * x
    dy_dx = dy_dv * dv_du * du_dx
    ### END SOLUTION
    return dy_dv, dv_du, du_dx, dy_dx


# %% nbgrader={"grade": true, "grade_id": "long_chain", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.long_chain.check(long_chain)
### BEGIN HIDDEN TESTS
ex.long_chain.check(long_chain, seed=24085, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: long_chain -->

# %% [markdown]
# ### Exercise 5: with fewer names given
#
# Now $y = \dfrac{1}{e^{x^2}}$. Choose your own names. Return only $\frac{dy}{dx}$.


# %% nbgrader={"grade": false, "grade_id": "reciprocal_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reciprocal_chain(x):
    """Return dy_dx at the number x, for y = 1 / exp(x**2)."""
    ### BEGIN SOLUTION
    v = np.exp(x**2)
    dy_dv = -1 / v**2
    dv_dx = v * 2 * x
    return dy_dv * dv_dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "reciprocal_chain", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.reciprocal_chain.check(reciprocal_chain)
### BEGIN HIDDEN TESTS
ex.reciprocal_chain.check(reciprocal_chain, seed=57850, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: reciprocal_chain -->

# %% [markdown]
# Let us look at this function. In the next figure the lower curve is the slope of the upper one, worked out by PyTorch at every point. Before you run the cell: at which $x$ is the slope 0, and where, roughly, is it furthest from 0? (`.detach().numpy()` gives a tensor's values as a NumPy array.)

# %%
x_t = torch.linspace(-2.5, 2.5, 201, dtype=torch.float64, requires_grad=True)
y_t = 1 / torch.exp(x_t**2)
y_t.sum().backward()  # each y depends on its own x only, so one call gives all the slopes
x, y, slope = x_t.detach().numpy(), y_t.detach().numpy(), x_t.grad.numpy()

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4), sharex=True, layout="constrained")
top.plot(x, y)
top.set(ylabel="y")
bottom.plot(x, slope, "--", color="tab:red")
bottom.set(xlabel="x", ylabel="dy/dx")
for ax in (top, bottom):
    ax.grid(alpha=0.3)

# %% [markdown]
# The slope is 0 at the top, at $x = 0$. It is furthest from 0 where the hill is steepest, at $\pm\frac{1}{\sqrt 2} \approx \pm 0.71$.
#
# ## 4. Two inputs: hold one still
#
# A function may have several inputs. Then we ask for one slope at a time. The slope of $y$ when only $x$ moves and everything else is held still is a **partial derivative**, written $\frac{\partial y}{\partial x}$ with a round ∂.
#
# For $g = xz$, hold $z$ still and move $x$: $z$ is now a mere number, so $\frac{\partial g}{\partial x} = z$. In the same way $\frac{\partial g}{\partial z} = x$. In a product each factor's slope is *the other factor*. Remember that one. It will be in every lesson.
#
# The chain rule stays as it is. If $y = f(g)$ and $g$ depends on $x$ and $z$,
#
# $$\frac{\partial y}{\partial x} = \frac{dy}{dg}\cdot\frac{\partial g}{\partial x},\qquad \frac{\partial y}{\partial z} = \frac{dy}{dg}\cdot\frac{\partial g}{\partial z}.$$
#
# The outer slope is the same in both. Work it out once and use it twice. That small saving, repeated a million times, is much of what makes training large networks possible.
#
# ### Exercise 6: two inputs, one inner function
#
# Let $y = \sin g$ with $g = x^2 z + 3z$. Return $\frac{dy}{dg}$ and both partial derivatives of $y$. In code a round ∂ is a plain d: `dy_dx`.


# %% nbgrader={"grade": false, "grade_id": "inner_partials-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inner_partials(x, z):
    """Return dy_dg, dy_dx, dy_dz at the numbers x and z, for y = sin(g) and g = x**2 * z + 3 * z."""
    g = x**2 * z + 3 * z
    ### BEGIN SOLUTION
    dy_dg = np.cos(g)
    dy_dx = dy_dg * 2 * x * z
    dy_dz = dy_dg * (x**2 + 3)
    ### END SOLUTION
    return dy_dg, dy_dx, dy_dz


# %% nbgrader={"grade": true, "grade_id": "inner_partials", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.inner_partials.check(inner_partials)
### BEGIN HIDDEN TESTS
ex.inner_partials.check(inner_partials, seed=44438, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: inner_partials -->

# %% [markdown]
# ## 5. Two paths: multiply along, add across
#
# What if $x$ reaches $y$ by two ways?
#
# ![](../img/several_paths.svg)
#
# Call what comes out $y = f(g, h)$. Move $x$ a little. Then $g$ moves, and pushes $y$. And $h$ moves, and pushes $y$ as well. The two pushes add up:
#
# $$\frac{dy}{dx} = \frac{\partial y}{\partial g}\cdot\frac{dg}{dx} + \frac{\partial y}{\partial h}\cdot\frac{dh}{dx}.$$
#
# **Multiply along a path. Add over the paths.** With more paths there are more products to add, and nothing else changes. Back-propagation is this rule, used from the back to the front.
#
# ### A worked example
#
# Take $y = x^2(3x + 1) - \sin(x^2)$. The square stands in two places, so it gets one name: $h = x^2$. With $g = 3x + 1$ we have $y = hg - \sin h$.
#
# | slope | holding still | value |
# |---|---|---|
# | $\partial y/\partial g$ | $h$ | $h$ |
# | $\partial y/\partial h$ | $g$ | $g - \cos h$ |
# | $dg/dx$ | | $3$ |
# | $dh/dx$ | | $2x$ |
#
# $$\frac{dy}{dx} = 3h + 2x\,(g - \cos h) = 3x^2 + 2x\,(3x + 1 - \cos x^2).$$
#
# Before you run the next cell: at $x = 0.5$, which of the two paths do you expect to push harder?

# %%
x = 0.5
g, h = 3 * x + 1, x**2
through_g = h * 3
through_h = (g - np.cos(h)) * 2 * x
print(f"through g {through_g:.6f} + through h {through_h:.6f} = {through_g + through_h:.6f}")

x_t = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
(x_t**2 * (3 * x_t + 1) - torch.sin(x_t**2)).backward()
print(f"PyTorch {x_t.grad.item():.6f}")

# %% [markdown]
# ### Exercise 7: two paths
#
# Now $g = 2x - 1$, $h = x^3$ and $y = hg + \cos h$. Return the four slopes and the derivative of the whole.


# %% nbgrader={"grade": false, "grade_id": "two_paths-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_paths(x):
    """Return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx at the number x, for g = 2*x - 1, h = x**3, y = h*g + cos(h)."""
    g = 2 * x - 1
    h = x**3
    ### BEGIN SOLUTION
    dy_dg = h
    dy_dh = g - np.sin(h)
    dg_dx = 2
    dh_dx = 3 * x**2
    dy_dx = dy_dg * dg_dx + dy_dh * dh_dx
    ### END SOLUTION
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx


# %% nbgrader={"grade": true, "grade_id": "two_paths", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.two_paths.check(two_paths)
### BEGIN HIDDEN TESTS
ex.two_paths.check(two_paths, seed=61285, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_paths -->

# %% [markdown]
# ## 6. A chain of sigmoids
#
# Now the first thing that looks like a network. A number $x$ passes through three sigmoids, each with a **weight** in front of it, a number that can be learned:
#
# $$h_1 = \sigma(w_1 x),\qquad h_2 = \sigma(w_2 h_1),\qquad \hat y = \sigma(w_3 h_2),\qquad L = (\hat y - y)^2.$$
#
# From here on $y$ is the **target**, and no longer the result. $\hat y$, read "y hat", is the prediction, and $L$ is the loss.
#
# How does $L$ change when $w_2$ does? Follow the way from $w_2$ to $L$: it goes through $h_2$ and through $\hat y$. So
#
# $$\frac{\partial L}{\partial w_2} = \underbrace{2(\hat y - y)}_{\partial L/\partial \hat y}\cdot\underbrace{\hat y(1 - \hat y)\,w_3}_{\partial \hat y/\partial h_2}\cdot\underbrace{h_2(1 - h_2)\,h_1}_{\partial h_2/\partial w_2}.$$
#
# Here we used that the sigmoid's slope can be written with its own value, $\sigma' = \sigma(1 - \sigma)$, and the rule of the other factor: in $w_2 h_1$ the slope for $w_2$ is $h_1$.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def second_weight(x, w1, w2, w3, y):
    """Print dL_dw2 of the chain as its three factors."""
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    factors = [2 * (yhat - y), yhat * (1 - yhat) * w3, h2 * (1 - h2) * h1]
    print("dL_dw2 =", " * ".join(f"{factor:.6f}" for factor in factors), f"= {np.prod(factors):.6f}")


second_weight(x=0.8, w1=1.5, w2=-1.2, w3=2.0, y=0.25)

# %% [markdown]
# For $w_1$ the way is longer, but it *begins* with the same factors: $\partial L/\partial \hat y$ and $\partial \hat y/\partial h_2$. If you go back from $L$ one node at a time and keep the gradient of each node, nothing is worked out twice.
#
# ### Exercise 8: all three weights
#
# Return the gradients in the order in which the backward pass meets them.


# %% nbgrader={"grade": false, "grade_id": "three_sigmoids-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_sigmoids(x, w1, w2, w3, y):
    """Return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1; all inputs are numbers."""
    h1 = sigmoid(w1 * x)
    h2 = sigmoid(w2 * h1)
    yhat = sigmoid(w3 * h2)
    ### BEGIN SOLUTION
    dL_dyhat = 2 * (yhat - y)
    delta3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = delta3 * h2
    dL_dh2 = delta3 * w3
    delta2 = dL_dh2 * h2 * (1 - h2)
    dL_dw2 = delta2 * h1
    dL_dh1 = delta2 * w2
    delta1 = dL_dh1 * h1 * (1 - h1)
    dL_dw1 = delta1 * x
    ### END SOLUTION
    return dL_dyhat, dL_dw3, dL_dh2, dL_dw2, dL_dh1, dL_dw1


# %% nbgrader={"grade": true, "grade_id": "three_sigmoids", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.three_sigmoids.check(three_sigmoids)
### BEGIN HIDDEN TESTS
ex.three_sigmoids.check(three_sigmoids, seed=65198, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: three_sigmoids -->

# %% [markdown]
# ### What the slopes do to a long chain
#
# The sigmoid's slope is never more than $\frac14$. Every sigmoid on the way back multiplies the gradient by such a factor. Suppose there are ten sigmoids and every weight is 1. How large can the product of ten slopes be, at most? And how do the gradients of the ten weights compare? Make a guess, then run the cell.

# %%
x_t = torch.tensor(0.5, dtype=torch.float64)
weights = [torch.tensor(1.0, dtype=torch.float64, requires_grad=True) for _ in range(10)]
h = x_t
for w in weights:
    h = torch.sigmoid(w * h)
h.backward()
for number, w in enumerate(weights, start=1):
    print(f"weight {number:2d} (of 10): gradient {w.grad.item():.2e}")
print(f"1/4 ten times over is {0.25**10:.2e}")

# %% [markdown]
# The gradient of weight 1 has all ten slopes in it, times $x = 0.5$. The output hardly notices that weight any more. This is called the **vanishing gradient**. It is one of the reasons why ReLU, whose slope is 1 for every positive input, replaced the sigmoid inside deep networks.
#
# Would larger weights help? A weight is a factor of its link's slope. Let $x = 0.5$ and let all three weights of a shorter chain grow from 1 to 5. Does the product of the three slopes grow 125 times? Guess, run the cell, and move the weights.

# %%
from backprop.pictures import follow_chain

follow_chain("three_sigmoids")

# %% [markdown]
# It *shrinks*, from 0.012 to 0.0006. Each slope is the weight times the slope of the sigmoid, and a large weight pushes the sigmoid out to its flat end. There it is called **saturated**. Now set all weights back to 1 and $x$ to 6: one saturated link is enough.
#
# ### Exercise 9: open, any number of sigmoids
#
# Nothing is given this time. The weights come as an array `w` of any length $n$, with $h_0 = x$, $h_k = \sigma(w_k h_{k-1})$, $\hat y = h_n$ and $L = (\hat y - y)^2$. Return all the gradients as one array of the same shape as `w`, the entry of the weight next to $x$ first.
#
# Python counts from 0: $w_k$ is `w[k - 1]`. In a list `h` that begins with `x`, the weight `w[k]` stands between `h[k]` and `h[k + 1]`.


# %% nbgrader={"grade": false, "grade_id": "sigmoid_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid_chain(x, w, y):
    """Return dL_dw, an array of shape (n,), for the numbers x and y and the weights w of shape (n,)."""
    ### BEGIN SOLUTION
    h = [x]
    for weight in w:
        h.append(sigmoid(weight * h[-1]))
    dL_dw = np.zeros(len(w))
    dL_dh = 2 * (h[-1] - y)
    for k in reversed(range(len(w))):
        delta = dL_dh * h[k + 1] * (1 - h[k + 1])
        dL_dw[k] = delta * h[k]
        dL_dh = delta * w[k]
    return dL_dw
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "sigmoid_chain", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.sigmoid_chain.check(sigmoid_chain)
### BEGIN HIDDEN TESTS
ex.sigmoid_chain.check(sigmoid_chain, seed=57300, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: sigmoid_chain -->

# %% [markdown]
# ## 7. How to check a derivative
#
# There are three ways to get a derivative, and each can check the others.
#
# 1. **By hand**, as you have done.
# 2. **By nudging**: move the input a little to both sides, by a step $h$, see how far the output moves, and divide by the distance between the two points. This is the *central difference*. (The letter $h$ has a third meaning here; everybody uses it for the step.)
# 3. **By autograd**: PyTorch applies the chain rule for you, step by step.
#
# ### Exercise 10: the central difference
#
# `f` is a function of one number. You may call it, but you cannot look inside.


# %% nbgrader={"grade": false, "grade_id": "central_difference-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_difference(f, x, h):
    """Return dy_dx, the central difference of the function f at the number x with the step h."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "central_difference", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.central_difference.check(central_difference)
### BEGIN HIDDEN TESTS
ex.central_difference.check(central_difference, seed=93567, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: central_difference -->

# %% [markdown]
# How small should $h$ be? It seems the smaller the better. The next figure shows the error of the central difference, and of the *one-sided* difference $\frac{f(x + h) - f(x)}{h}$, which looks to one side only. Predict what the two curves will look like as $h$ goes from $10^{-1}$ down to $10^{-15}$.


# %% tags=["same-for-all"]
def worked(x):
    return (np.exp(x) + x) ** 2


x = 0.7
true_slope = 2 * (np.exp(x) + x) * (np.exp(x) + 1)
steps = 10.0 ** np.arange(-15, 0)
one_sided = [abs((worked(x + h) - worked(x)) / h - true_slope) for h in steps]
central = [abs((worked(x + h) - worked(x - h)) / (2 * h) - true_slope) for h in steps]

fig, ax = plt.subplots(figsize=(7, 3.5))
ax.loglog(steps, one_sided, "s--", label="one-sided difference")
ax.loglog(steps, central, "o-", label="central difference")
ax.set(xlabel="step h", ylabel="error")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# Read it from right to left. Each time $h$ is ten times smaller, the error is ten times smaller for the one-sided difference, and a hundred times for the central one. Further to the left the error *rises* again. There the two values of $f$ agree in nearly all of their digits, the difference keeps only the rounding, and dividing by a small $h$ makes that large. For the central difference in float64, numbers with 16 digits, about $h = 10^{-5}$ is best. In float32, with 7 digits, the best error would be far larger.
#
# So nudging gives an approximation. Autograd is exact, up to rounding, but it is exact about *the program*:

# %%
x_t = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
torch.sqrt(x_t**2).backward()  # the same function as |x|
print("sqrt(x**2) at 0:", x_t.grad.item())

x_t = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
torch.relu(x_t).backward()
h = 1e-5
print("ReLU at 0: PyTorch", x_t.grad.item())
print("ReLU at 0: central difference", (max(0, h) - max(0, -h)) / (2 * h))

# %% [markdown]
# On the way back the first program divides 1 by 0, which gives infinity, and then multiplies infinity by 0. The result is `nan`, not a number. At its corner ReLU has no slope: PyTorch picks 0, the central difference picks the middle. Neither is wrong. The question was.
#
# And the third way, by hand, breaks where we do: a lost factor, a turned sign, a path forgotten. That is why every check in this course holds two ways against each other. If you want the third as well, ask for a second opinion, here for exercise 7: `ex.two_paths.check(two_paths, second_opinion=True)`.

# %% [markdown]
# ## What to remember
#
# - Name every intermediate result. One name a link.
# - Along a path, slopes multiply. Over the paths, products add.
# - Each slope is taken at the number that its function was given in the forward pass.
# - In a product, each factor's slope is the other factor.
# - Going back from the loss, one node at a time, nothing is worked out twice.
# - Back-propagation computes gradients. Gradient descent uses them.
#
# Next: [02 The 1-2-1 network](02_one_two_one_network.ipynb), where the chain has weights, biases and a fork.
