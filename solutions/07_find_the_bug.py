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
# # 07 Find the bug
#
# **After this lesson you can** take a backward pass that somebody else has written, find the first line that is wrong, say why it is wrong, and prove that your repair is right. And you know which tests a wrong gradient can pass.
#
# **Time** about 120 minutes. **You need** lessons [01](01_chain_rule.ipynb) to [04](04_multipath_gradients.ipynb). Section 5 uses a batch of examples as the rows of a matrix, as lesson 05 does.

# %%
try:
    from backprop.course_map import course_map
    from backprop.exercises import find_the_bug as ex
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this lesson there.") from None

import matplotlib.pyplot as plt
import numpy as np
import torch
from backprop.race import descend, race

# %%
course_map(ex)

# %% [markdown]
# ## 1. How to look for a bug
#
# A wrong gradient rarely looks wrong. The program runs, the numbers have the right size, and often the loss falls. In this lesson there are eleven programs. Each has one flaw, of a kind that stands in published notes and in working code. Each time you do three things:
#
# - **Which line?** Name the *first* line that gives a wrong number. Lines after it give wrong numbers too, but only because of what they were handed.
# - **Why?** Choose the reason. The check makes each of the slips you can choose from, and sees which one leads to the numbers of the program.
# - **Repair it.** Copy the lines, mend one, and let PyTorch judge.
#
# ![](../img/first_wrong_line.svg)
#
# The numbers at the ends of the lines, `# 1`, `# 2`, are there to be named. One little tool for all cases prints what a program says beside what PyTorch says about the same inputs.


# %%
def compare(exercise, program, inputs):
    """Print what the program returns, and PyTorch's numbers below."""
    truth = exercise.measure(inputs).truth
    for name, mine in zip(exercise.asks, program(**inputs)):
        print(f"{name:12s} program {np.round(mine, 6).tolist()}\n{'':12s} PyTorch {truth[name].round(6).tolist()}")


# %% [markdown]
# ## 2. Three flaws in one page
#
# The first story is about the network of lesson 02 with its softplus units, fitted to three points. Somebody has written the forward pass, the gradients of the last layer, and one step for $b_3$, on one page. Here are the three pieces.


# %%
def flawed_two_units(x, y, w1, b1, w2, b2, w3, w4, b3):
    """Return blue, orange, green, SSR of the 1-2-1 network with softplus units; x and y are arrays, the rest are numbers."""
    blue = np.logaddexp(0, w1 * x + b1)  # 1
    orange = np.logaddexp(0, w1 * x + b2)  # 2
    green = w3 * blue + w4 * orange + b3  # 3
    SSR = ((y - green) ** 2).sum()  # 4
    return blue, orange, green, SSR


# %%
def flawed_last_layer(y, blue, orange, w3, w4, b3):
    """Return dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3; y, blue and orange have shape (n,), the rest are numbers."""
    green = w3 * blue + w4 * orange + b3  # 1
    dSSR_dgreen = -2 * (y - green) ** 2  # 2
    dSSR_dw3 = (dSSR_dgreen * blue).sum()  # 3
    dSSR_dw4 = (dSSR_dgreen * orange).sum()  # 4
    dSSR_db3 = dSSR_dgreen.sum()  # 5
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_db3


# %%
def flawed_one_step(y, hidden, b3, dSSR_db3, alpha):
    """Return step, b3_new, SSR_new, gain: one step on b3, where green = hidden + b3; y and hidden have shape (n,)."""
    SSR = ((y - (hidden + b3)) ** 2).sum()  # 1
    step = alpha * dSSR_db3  # 2
    b3_new = b3 + step  # 3
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()  # 4
    gain = SSR - SSR_new  # 5
    return step, b3_new, SSR_new, gain


# %% [markdown]
# The page starts from the same random weights as lesson 02, takes $\alpha = 0.01$, and prints three numbers. Do they look plausible to you? Run it, and decide before you go on.

# %%
x, y = np.array([0.1, 0.53, 0.82]), np.array([1.2, 3.2, 1.1])
w1, w2, w3, w4 = np.random.RandomState(42).randn(4)
page = {"x": x, "y": y, "w1": w1, "b1": 0.0, "w2": w2, "b2": 0.0, "w3": w3, "w4": w4, "b3": 0.0}

blue, orange, green, SSR = flawed_two_units(**page)
*_, dSSR_db3 = flawed_last_layer(y, blue, orange, w3, w4, 0.0)
_, b3_new, SSR_new, _ = flawed_one_step(y, w3 * blue + w4 * orange, 0.0, dSSR_db3, alpha=0.01)
print(f"SSR {SSR:.6f}   dSSR_db3 {dSSR_db3:.6f}   b3 after the step {b3_new:.6f}")

# %% [markdown]
# A loss of about 3, a clear slope, a small step. Nothing in it looks odd. But the page never prints the loss *after* the step. The next cell does, and asks PyTorch for the same numbers.

# %%
truth = ex.two_units.measure(page).truth
start = {"y": y, "blue": truth["blue"], "orange": truth["orange"], "w3": w3, "w4": w4, "b3": 0.0}
slope = ex.last_layer.measure(start).truth["dSSR_db3"]
print(f"the page   SSR {SSR:.6f}   dSSR_db3 {dSSR_db3:.6f}   SSR after the step {SSR_new:.6f}")

hidden = w3 * truth["blue"] + w4 * truth["orange"]
step = {"y": y, "hidden": hidden, "b3": 0.0, "dSSR_db3": float(slope), "alpha": 0.01}
after = ex.one_step.measure(step).truth["SSR_new"]
print(f"PyTorch    SSR {truth['SSR']:.6f}   dSSR_db3 {slope:.6f}   SSR after the step {after:.6f}")

# %% [markdown]
# Not one of the three numbers is right, and the loss has *risen*. There is a flaw in each piece. Work from the front: as long as a line is wrong, no later number can be trusted.

# %% [markdown]
# ### Exercise 1: which line, and why?
#
# Begin with `flawed_two_units`. A picture of the network is in [lesson 02](02_one_two_one_network.ipynb). One of these slips leads to what the program prints, on every input that the check tries:
#
# <!-- reasons: two_units_verdict -->


# %% nbgrader={"grade": false, "grade_id": "two_units_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_units_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 2, "why": 4}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_units_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.two_units_verdict.check(two_units_verdict)
### BEGIN HIDDEN TESTS
ex.two_units_verdict.check(two_units_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_units_verdict -->

# %% [markdown]
# The page starts with biases of 0, and then two of these reasons lead to the same numbers. On other inputs they do not. Inputs that hide nothing, no zeros and no ones, are called **generic**. The check uses only such inputs.

# %% [markdown]
# ### Exercise 2: repair it
#
# Copy the four lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "two_units-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_units(x, y, w1, b1, w2, b2, w3, w4, b3):
    """Return blue, orange, green, SSR of the 1-2-1 network with softplus units; x and y are arrays, the rest are numbers."""
    ### BEGIN SOLUTION
    blue = np.logaddexp(0, w1 * x + b1)
    orange = np.logaddexp(0, w2 * x + b2)
    green = w3 * blue + w4 * orange + b3
    SSR = ((y - green) ** 2).sum()
    return blue, orange, green, SSR
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_units", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.two_units.check(two_units)
### BEGIN HIDDEN TESTS
ex.two_units.check(two_units, seed=53445, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_units -->

# %% [markdown]
# What did the slip do to the network? Draw what the orange unit puts out, with the slip and without. What do you expect to see of the blue unit in the left picture?

# %%
grid = np.linspace(0, 1, 51)
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for ax, title, weight in zip(axes, ("with the slip", "repaired"), (w1, w2)):
    ax.plot(grid, np.logaddexp(0, w1 * grid), "-", lw=5, alpha=0.4, color="tab:blue", label="blue")
    ax.plot(grid, np.logaddexp(0, weight * grid), "--", color="tab:orange", label="orange")
    ax.set(title=title, xlabel="x")
    ax.legend()

# %% [markdown]
# With the slip, and as long as their biases agree, the two units are one: green has only a single curve to scale, whatever $w_3$ and $w_4$ are. The program still runs, and it still trains.
#
# Now the second piece. It gets the right values of `blue` and `orange`, so whatever is wrong now is its own fault. Its slope was $-5.716432$ on the page, and the true one is $-1.765813$. Two flaws have come together in the first number. What is left when the first is mended?

# %%
compare(ex.last_layer, flawed_last_layer, start)

# %% [markdown]
# ### Exercise 3: which line, and why?
#
# Look at `flawed_last_layer`. The reason is one of these:
#
# <!-- reasons: last_layer_verdict -->


# %% nbgrader={"grade": false, "grade_id": "last_layer_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_layer_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 2, "why": 3}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "last_layer_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.last_layer_verdict.check(last_layer_verdict)
### BEGIN HIDDEN TESTS
ex.last_layer_verdict.check(last_layer_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: last_layer_verdict -->

# %% [markdown]
# ### Exercise 4: repair it
#
# Copy the five lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "last_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_layer(y, blue, orange, w3, w4, b3):
    """Return dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3; y, blue and orange have shape (n,), the rest are numbers."""
    ### BEGIN SOLUTION
    green = w3 * blue + w4 * orange + b3
    dSSR_dgreen = -2 * (y - green)
    dSSR_dw3 = (dSSR_dgreen * blue).sum()
    dSSR_dw4 = (dSSR_dgreen * orange).sum()
    dSSR_db3 = dSSR_dgreen.sum()
    return dSSR_dgreen, dSSR_dw3, dSSR_dw4, dSSR_db3
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "last_layer", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.last_layer.check(last_layer)
### BEGIN HIDDEN TESTS
ex.last_layer.check(last_layer, seed=30772, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: last_layer -->

# %% [markdown]
# Now let both programs train the last layer, each with its own gradient, from the same start and with the same learning rate. (The hidden layer stays as it is.) The flawed slopes are about three and a half times too large. Will the loss of the flawed one fall?

# %%
race(
    flawed=lambda: descend(ex.last_layer, flawed_last_layer, start, "w3 w4 b3", alpha=0.01, steps=8),
    repaired=lambda: descend(ex.last_layer, last_layer, start, "w3 w4 b3", alpha=0.01, steps=8),
)

# %% [markdown]
# It falls, at first even faster. Somebody who watches two or three steps is content. But $-2r^2$ has the same sign for every point, so the curve is pushed up whatever the data say, and it never stops.
#
# The third piece is the step. It is handed a slope that is right.

# %%
compare(ex.one_step, flawed_one_step, step)

# %% [markdown]
# ### Exercise 5: which line, and why?
#
# Look at `flawed_one_step`. The reason is one of these:
#
# <!-- reasons: one_step_verdict -->


# %% nbgrader={"grade": false, "grade_id": "one_step_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_step_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 3, "why": 2}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "one_step_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.one_step_verdict.check(one_step_verdict)
### BEGIN HIDDEN TESTS
ex.one_step_verdict.check(one_step_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: one_step_verdict -->

# %% [markdown]
# ### Exercise 6: repair it
#
# Copy the five lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "one_step-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_step(y, hidden, b3, dSSR_db3, alpha):
    """Return step, b3_new, SSR_new, gain: one step on b3, where green = hidden + b3; y and hidden have shape (n,)."""
    ### BEGIN SOLUTION
    SSR = ((y - (hidden + b3)) ** 2).sum()
    step = alpha * dSSR_db3
    b3_new = b3 - step
    SSR_new = ((y - (hidden + b3_new)) ** 2).sum()
    gain = SSR - SSR_new
    return step, b3_new, SSR_new, gain
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "one_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.one_step.check(one_step)
### BEGIN HIDDEN TESTS
ex.one_step.check(one_step, seed=62750, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: one_step -->

# %% [markdown]
# Forty steps of $b_3$ alone, with the right slope each time. One of the curves you know from lesson 02.


# %%
def forty_steps(one_step, b3=0.0):
    losses = [((y - (hidden + b3)) ** 2).sum()]
    for _ in range(40):
        _, b3, loss, _ = one_step(y, hidden, b3, (-2 * (y - (hidden + b3))).sum(), alpha=0.01)
        losses.append(loss)
    return losses


race(log=True, flawed=lambda: forty_steps(flawed_one_step), repaired=lambda: forty_steps(one_step))

# %% [markdown]
# On the page the loss rose from 2.858216 to 2.884057, and nobody looked. **Print the loss after a step.** It costs one line. With a small enough step it must be lower, unless the gradient is zero already.
#
# ## 3. Softmax, twice
#
# Next is the network of lesson 04: four inputs, four hidden units, two logits, a softmax, the squared error. The first program carries the gradient through the softmax.


# %%
def flawed_squared_softmax(a1, W2, y):
    """Return dyhat_dz2 (k, k), dL_dz2 (k,), dL_dW2 (k, n) of L = sum((softmax(W2 @ a1) - y)**2); a1 has shape (n,), y (k,)."""
    z2 = W2 @ a1  # 1
    yhat = np.exp(z2) / np.exp(z2).sum()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dyhat_dz2 = np.diag(yhat * (1 - yhat) * (z2 - z2.sum()))  # 4
    dL_dz2 = dyhat_dz2.T @ dL_dyhat  # 5
    dL_dW2 = np.outer(dL_dz2, a1)  # 6
    return dyhat_dz2, dL_dz2, dL_dW2


# %%
x4, y2 = np.array([2.0, 5, 3, 3]), np.array([1.0, 0])
W1 = np.array([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]])
W2 = np.array([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]])
a1 = 1 / (1 + np.exp(-W1 @ x4))
layer = {"a1": a1, "W2": W2, "y": y2}
print("the program's table of slopes\n", flawed_squared_softmax(**layer)[0].round(6))

# %% [markdown]
# The first entry is $-0.079117$. It claims to say how fast the first probability moves when *its own* logit rises. Can it be negative? Decide, then look at the whole table.

# %%
compare(ex.squared_softmax, flawed_squared_softmax, layer)

# %% [markdown]
# ### Exercise 7: which line, and why?
#
# The truth in that place is $+0.176918$. The reason is one of these:
#
# <!-- reasons: squared_softmax_verdict -->


# %% nbgrader={"grade": false, "grade_id": "squared_softmax_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def squared_softmax_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 4, "why": 4}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "squared_softmax_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.squared_softmax_verdict.check(squared_softmax_verdict)
### BEGIN HIDDEN TESTS
ex.squared_softmax_verdict.check(squared_softmax_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: squared_softmax_verdict -->

# %% [markdown]
# ### Exercise 8: repair it
#
# Copy the lines and mend the table. The check uses three classes.


# %% nbgrader={"grade": false, "grade_id": "squared_softmax-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def squared_softmax(a1, W2, y):
    """Return dyhat_dz2 (k, k), dL_dz2 (k,), dL_dW2 (k, n) of L = sum((softmax(W2 @ a1) - y)**2); a1 has shape (n,), y (k,)."""
    ### BEGIN SOLUTION
    z2 = W2 @ a1
    yhat = np.exp(z2) / np.exp(z2).sum()
    dL_dyhat = 2 * (yhat - y)
    dyhat_dz2 = np.diag(yhat) - np.outer(yhat, yhat)
    dL_dz2 = dyhat_dz2.T @ dL_dyhat
    dL_dW2 = np.outer(dL_dz2, a1)
    return dyhat_dz2, dL_dz2, dL_dW2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "squared_softmax", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.squared_softmax.check(squared_softmax)
### BEGIN HIDDEN TESTS
ex.squared_softmax.check(squared_softmax, seed=96319, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: squared_softmax -->

# %% [markdown]
# Forty steps of $W_2$ with each. What will the flawed one do in the first few steps, and what in the end?

# %%
race(
    flawed=lambda: descend(ex.squared_softmax, flawed_squared_softmax, layer, "W2", alpha=0.5, steps=40),
    repaired=lambda: descend(ex.squared_softmax, squared_softmax, layer, "W2", alpha=0.5, steps=40),
)

# %% [markdown]
# For ten steps the flawed program makes the loss larger, to more than seventeen times what it was. Then, by luck, the numbers turn, and it comes down. Whoever looks only at the last loss will call it a success.
#
# ### One way out of two
#
# The other program goes one layer further back, to the single weight $w_{131}$ from input 1 to hidden unit 3. As in lesson 04, $c$ stands for what the other inputs bring to the unit, and $r_j$ for what the other units bring to logit $j$.


# %%
def flawed_first_weight(x, w, c, v, r, y):
    """Return dL_dz (k,), dL_da, dL_dw for one weight w into one hidden unit; v, r and y have shape (k,), x, w and c are numbers."""
    a = 1 / (1 + np.exp(-(w * x + c)))  # 1
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat  # 4
    dL_da = dL_dz[0] * v[0]  # 5
    dL_dw = dL_da * a * (1 - a) * x  # 6
    return dL_dz, dL_da, dL_dw


# %%
z1, z2 = W1 @ x4, W2 @ a1
v = W2[:, 2]
weight = {"x": 2.0, "w": W1[2, 0], "c": z1[2] - W1[2, 0] * 2.0, "v": v, "r": z2 - v * a1[2], "y": y2}
print(f"dL_dw {flawed_first_weight(**weight)[2]:.6f}")

# %% [markdown]
# Published notes print $-0.0064$ here; with all digits kept, the same slip gives $-0.006319$. The number is small, as its neighbours in $W_1$ are, and nobody would be surprised by it. Run the next cell and look at the sign.

# %%
compare(ex.first_weight, flawed_first_weight, weight)

w = torch.tensor(weight["w"], requires_grad=True, dtype=torch.float64)
a = torch.sigmoid(2.0 * w + weight["c"])
yhat = torch.softmax(torch.tensor(v) * a + torch.tensor(weight["r"]), dim=0)
((yhat[0] - 1.0) ** 2).backward()
print(f"for comparison, without the second OUTPUT: {w.grad.item():+.6f}")

# %% [markdown]
# ### Exercise 9: which line, and why?
#
# From the hidden unit the ways part twice: first to the logits, then from each logit to the outputs. What has gone wrong on the way back? The reason is one of these:
#
# <!-- reasons: first_weight_verdict -->


# %% nbgrader={"grade": false, "grade_id": "first_weight_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_weight_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 5, "why": 4}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "first_weight_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.first_weight_verdict.check(first_weight_verdict)
### BEGIN HIDDEN TESTS
ex.first_weight_verdict.check(first_weight_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: first_weight_verdict -->

# %% [markdown]
# ### Exercise 10: repair it
#
# Copy the six lines and mend one. There are three logits in the check.


# %% nbgrader={"grade": false, "grade_id": "first_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_weight(x, w, c, v, r, y):
    """Return dL_dz (k,), dL_da, dL_dw for one weight w into one hidden unit; v, r and y have shape (k,), x, w and c are numbers."""
    ### BEGIN SOLUTION
    a = 1 / (1 + np.exp(-(w * x + c)))
    yhat = np.exp(v * a + r) / np.exp(v * a + r).sum()
    dL_dyhat = 2 * (yhat - y)
    dL_dz = (np.diag(yhat) - np.outer(yhat, yhat)) @ dL_dyhat
    dL_da = (dL_dz * v).sum()
    dL_dw = dL_da * a * (1 - a) * x
    return dL_dz, dL_da, dL_dw
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "first_weight", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.first_weight.check(first_weight)
### BEGIN HIDDEN TESTS
ex.first_weight.check(first_weight, seed=17328, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: first_weight -->

# %% [markdown]
# A gradient with the wrong sign leads the wrong way, however small the steps are. Here are sixty steps of this one weight.

# %%
race(
    flawed=lambda: descend(ex.first_weight, flawed_first_weight, weight, "w", alpha=5.0, steps=60),
    repaired=lambda: descend(ex.first_weight, first_weight, weight, "w", alpha=5.0, steps=60),
)

# %% [markdown]
# A path that is left out may change a gradient's size, or its sign, or turn a 0 into something else. Only the sum over *all* paths is the gradient.
#
# ## 4. It passed the test
#
# The next two programs come with a test, and both pass it.
#
# The first is a chain of two sigmoid units with a log loss. Its author compared it with PyTorch at $x = 1$.


# %%
def flawed_hidden_weight(x, w, b, v, c, y):
    """Return dL_dv, dL_dc, dL_dw, dL_db of the log loss; a = sigmoid(w * x + b), yhat = sigmoid(v * a + c); all are numbers."""
    a = 1 / (1 + np.exp(-(w * x + b)))  # 1
    yhat = 1 / (1 + np.exp(-(v * a + c)))  # 2
    dL_dz2 = yhat - y  # 3
    dL_dv = dL_dz2 * a  # 4
    dL_dc = dL_dz2  # 5
    dL_dz1 = dL_dz2 * v * a * (1 - a)  # 6
    dL_dw = dL_dz1  # 7
    dL_db = dL_dz1  # 8
    return dL_dv, dL_dc, dL_dw, dL_db


# %%
chain = {"x": 1.0, "w": 0.6, "b": -0.3, "v": -1.4, "c": 0.5, "y": 0.8}
compare(ex.hidden_weight, flawed_hidden_weight, chain)

# %% [markdown]
# Four gradients, and every digit agrees. Would you put your name to it? Try another $x$ before you answer: change the 1.0 above, or run the check.

# %% [markdown]
# ### Exercise 11: which line, and why?
#
# Look at `flawed_hidden_weight`. The reason is one of these:
#
# <!-- reasons: hidden_weight_verdict -->


# %% nbgrader={"grade": false, "grade_id": "hidden_weight_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_weight_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 7, "why": 1}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hidden_weight_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.hidden_weight_verdict.check(hidden_weight_verdict)
### BEGIN HIDDEN TESTS
ex.hidden_weight_verdict.check(hidden_weight_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: hidden_weight_verdict -->

# %% [markdown]
# ### Exercise 12: repair it
#
# Copy the eight lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "hidden_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_weight(x, w, b, v, c, y):
    """Return dL_dv, dL_dc, dL_dw, dL_db of the log loss; a = sigmoid(w * x + b), yhat = sigmoid(v * a + c); all are numbers."""
    ### BEGIN SOLUTION
    a = 1 / (1 + np.exp(-(w * x + b)))
    yhat = 1 / (1 + np.exp(-(v * a + c)))
    dL_dz2 = yhat - y
    dL_dv = dL_dz2 * a
    dL_dc = dL_dz2
    dL_dz1 = dL_dz2 * v * a * (1 - a)
    dL_dw = dL_dz1 * x
    dL_db = dL_dz1
    return dL_dv, dL_dc, dL_dw, dL_db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "hidden_weight", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.hidden_weight.check(hidden_weight)
### BEGIN HIDDEN TESTS
ex.hidden_weight.check(hidden_weight, seed=20494, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: hidden_weight -->

# %% [markdown]
# Now train $w$ and $b$ on one example with $x = -2$. What does a gradient do whose factor $x$ is missing, when $x$ is negative?

# %%
start = chain | {"x": -2.0}
race(
    flawed=lambda: descend(ex.hidden_weight, flawed_hidden_weight, start, "w b", alpha=0.5, steps=60),
    repaired=lambda: descend(ex.hidden_weight, hidden_weight, start, "w b", alpha=0.5, steps=60),
)

# %% [markdown]
# $x = 1$ makes a factor $x$ invisible, a bias of 0 makes a lost bias invisible, and a target of 1 hides the second term of the log loss. **Test with generic numbers.**
#
# ### The second example
#
# This is the ReLU neuron of lesson 03 with a squared error. It has been tested on that lesson's numbers, where $z = 6$.


# %%
def flawed_relu_unit(x, w, b, y):
    """Return dL_da, dL_dz, dL_dw (n,), dL_dx (n,) of L = (relu(w·x + b) - y)**2; x and w have shape (n,), b and y are numbers."""
    z = np.sum(w * x) + b  # 1
    a = np.maximum(z, 0.0)  # 2
    dL_da = 2 * (a - y)  # 3
    dL_dz = dL_da * (a >= 0)  # 4
    dL_dw = dL_dz * x  # 5
    dL_dx = dL_dz * w  # 6
    return dL_da, dL_dz, dL_dw, dL_dx


# %%
first = {"x": np.array([1.0, -2, 3]), "w": np.array([-3.0, -1, 2]), "b": 1.0, "y": 4.5}
compare(ex.relu_unit, flawed_relu_unit, first)

# %% [markdown]
# All right again. Now a second example: the same neuron with $w_3 = -1$. What is $z$ then, and what should the gradients be?

# %%
second = first | {"w": np.array([-3.0, -1, -1])}
compare(ex.relu_unit, flawed_relu_unit, second)

# %% [markdown]
# ### Exercise 13: which line, and why?
#
# Look at `flawed_relu_unit`. The reason is one of these:
#
# <!-- reasons: relu_unit_verdict -->


# %% nbgrader={"grade": false, "grade_id": "relu_unit_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_unit_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 4, "why": 3}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "relu_unit_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.relu_unit_verdict.check(relu_unit_verdict)
### BEGIN HIDDEN TESTS
ex.relu_unit_verdict.check(relu_unit_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: relu_unit_verdict -->

# %% [markdown]
# ### Exercise 14: repair it
#
# Copy the six lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "relu_unit-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_unit(x, w, b, y):
    """Return dL_da, dL_dz, dL_dw (n,), dL_dx (n,) of L = (relu(w·x + b) - y)**2; x and w have shape (n,), b and y are numbers."""
    ### BEGIN SOLUTION
    z = np.sum(w * x) + b
    a = np.maximum(z, 0.0)
    dL_da = 2 * (a - y)
    dL_dz = dL_da * (z > 0)
    dL_dw = dL_dz * x
    dL_dx = dL_dz * w
    return dL_da, dL_dz, dL_dw, dL_dx
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "relu_unit", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.relu_unit.check(relu_unit)
### BEGIN HIDDEN TESTS
ex.relu_unit.check(relu_unit, seed=81239, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: relu_unit -->

# %% [markdown]
# Train the weights on the second example, where the unit is shut at the start. Which of the two programs will do better?

# %%
race(
    flawed=lambda: descend(ex.relu_unit, flawed_relu_unit, second, "w", alpha=0.01, steps=40),
    repaired=lambda: descend(ex.relu_unit, relu_unit, second, "w", alpha=0.01, steps=40),
)

# %% [markdown]
# The *flawed* one does. The true gradient is 0, so the right program stays where it is; the wrong one opens the unit, and from then on it is right. So a falling loss does not prove that a gradient is right, and a loss that stands still does not prove that it is wrong. (On another target the same flaw pushes a shut unit further shut.) If you want such a rule, choose it and say so. But it is not the derivative of this loss.
#
# A program with a case in it needs an example for **each case**: here one with $z > 0$ and one with $z < 0$.
#
# ## 5. In the training loop
#
# An affine model, a batch of examples as the rows of $X$, and a loss that is announced as the *average* over the batch.


# %%
def flawed_batch_average(X, y, w, b):
    """Return L, the average over the batch of (yhat - y)**2, and dL_dyhat (N,), dL_dw (D,), dL_db; X has shape (N, D), y (N,)."""
    yhat = X @ w + b  # 1
    L = ((yhat - y) ** 2).mean()  # 2
    dL_dyhat = 2 * (yhat - y)  # 3
    dL_dw = X.T @ dL_dyhat  # 4
    dL_db = dL_dyhat.sum()  # 5
    return L, dL_dyhat, dL_dw, dL_db


# %%
X = np.array([[0, 0.3, -0.3], [-0.9, -0.5, -1], [0.1, 1.3, -0.5], [-0.6, 0.5, 0.4], [0.1, -0.9, 0], [0.7, -1.3, -0.5]])
batch = {"X": X, "y": np.array([-0.2, 0.2, -2.2, -0.7, 2.5, 3.8]), "w": np.array([0.2, 0.1, -0.3]), "b": 0.1}
compare(ex.batch_average, flawed_batch_average, batch)

# %% [markdown]
# The loss is right. Divide one list by the other before you choose: what is the quotient, and what in this batch has that number?

# %% [markdown]
# ### Exercise 15: which line, and why?
#
# Look at `flawed_batch_average`. The reason is one of these:
#
# <!-- reasons: batch_average_verdict -->


# %% nbgrader={"grade": false, "grade_id": "batch_average_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_average_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 3, "why": 2}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch_average_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.batch_average_verdict.check(batch_average_verdict)
### BEGIN HIDDEN TESTS
ex.batch_average_verdict.check(batch_average_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: batch_average_verdict -->

# %% [markdown]
# ### Exercise 16: repair it
#
# Copy the five lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "batch_average-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_average(X, y, w, b):
    """Return L, the average over the batch of (yhat - y)**2, and dL_dyhat (N,), dL_dw (D,), dL_db; X has shape (N, D), y (N,)."""
    ### BEGIN SOLUTION
    yhat = X @ w + b
    L = ((yhat - y) ** 2).mean()
    dL_dyhat = 2 * (yhat - y) / len(y)
    dL_dw = X.T @ dL_dyhat
    dL_db = dL_dyhat.sum()
    return L, dL_dyhat, dL_dw, dL_db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "batch_average", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.batch_average.check(batch_average)
### BEGIN HIDDEN TESTS
ex.batch_average.check(batch_average, seed=23337, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: batch_average -->

# %% [markdown]
# All gradients point the right way and are six times too long. A harmless flaw? With $\alpha = 0.2$:


# %%
def average_descent(program, alpha=0.2, steps=12):
    now, losses = dict(batch), []
    for _ in range(steps + 1):
        loss, _, dL_dw, dL_db = program(**now)
        losses.append(loss)
        now |= {"w": now["w"] - alpha * dL_dw, "b": now["b"] - alpha * dL_db}
    return losses


race(log=True, flawed=lambda: average_descent(flawed_batch_average), repaired=lambda: average_descent(batch_average))

# %% [markdown]
# A gradient that is six times too long is a learning rate that is six times too large. Whether that matters depends on $\alpha$, and on the size of the batch, which somebody will change one day. Sum or average: the *loss* decides, once, and the gradient follows.
#
# ### Two steps
#
# The next program is short, and leaves the gradients to PyTorch. It takes two steps with one weight, the first on one example, the second on another.


# %%
def flawed_two_steps(w, x, y, alpha):
    """Return g1, w1, g2, w2: two steps on (w * x - y)**2, each with its gradient; x and y have shape (2,), one example a step."""
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()  # 1
    w1 = w - alpha * g1  # 2
    weight.data.fill_(w1)
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()  # 3
    w2 = w1 - alpha * g2  # 4
    return g1, w1, g2, w2


# %%
pair = {"w": 0.6, "x": np.array([1.4, 1.7]), "y": np.array([2.1, -0.8]), "alpha": 0.1}
compare(ex.two_steps, flawed_two_steps, pair)

# %% [markdown]
# ### Exercise 17: which line, and why?
#
# What a line leaves out can make the *next* numbered line wrong. Name the first numbered line that gives a wrong number. The reason is one of these:
#
# <!-- reasons: two_steps_verdict -->


# %% nbgrader={"grade": false, "grade_id": "two_steps_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_steps_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 3, "why": 3}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_steps_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.two_steps_verdict.check(two_steps_verdict)
### BEGIN HIDDEN TESTS
ex.two_steps_verdict.check(two_steps_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_steps_verdict -->

# %% [markdown]
# ### Exercise 18: repair it
#
# Mend the program, with PyTorch or by hand.


# %% nbgrader={"grade": false, "grade_id": "two_steps-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_steps(w, x, y, alpha):
    """Return g1, w1, g2, w2: two steps on (w * x - y)**2, each with its gradient; x and y have shape (2,), one example a step."""
    ### BEGIN SOLUTION
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    ((weight * x[0] - y[0]) ** 2).backward()
    g1 = weight.grad.item()
    w1 = w - alpha * g1
    weight.data.fill_(w1)
    weight.grad.zero_()
    ((weight * x[1] - y[1]) ** 2).backward()
    g2 = weight.grad.item()
    w2 = w1 - alpha * g2
    return g1, w1, g2, w2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "two_steps", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.two_steps.check(two_steps)
### BEGIN HIDDEN TESTS
ex.two_steps.check(two_steps, seed=58931, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: two_steps -->

# %% [markdown]
# In a long run each step uses the sum of all gradients so far. What does such a sum do when the weight has reached the valley? Think of a ball that nothing slows down.


# %%
def many_steps(clear, steps=60, alpha=0.02):
    w, losses = torch.tensor(0.6, dtype=torch.float64, requires_grad=True), []
    x, y = torch.tensor([1.4, 1.7]), torch.tensor([2.1, 1.9])
    for _ in range(steps + 1):
        if clear:
            w.grad = None
        loss = ((w * x - y) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        w.data -= alpha * w.grad
    return losses


race(never_cleared=lambda: many_steps(clear=False), cleared=lambda: many_steps(clear=True))

# %% [markdown]
# It rolls past the valley, up the other side, and back, again and again.
#
# ### A loss that falls
#
# One hidden layer of tanh units, six points, a sum of squares. Somebody has trained it, seen the loss fall from 19 to less than 0.3, and gone home.


# %%
def flawed_small_network(x, y, w, b, v, c):
    """Return dL_dv (k,), dL_dc, dL_dw (k,), dL_db (k,) of L = sum((yhat - y)**2); x and y have shape (n,), w, b and v (k,)."""
    A = np.tanh(np.outer(x, w) + b)  # 1
    yhat = A @ v + c  # 2
    dL_dyhat = yhat - y  # 3
    dL_dv = A.T @ dL_dyhat  # 4
    dL_dc = dL_dyhat.sum()  # 5
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)  # 6
    dL_dw = x @ dL_dZ  # 7
    dL_db = dL_dZ.sum(axis=0)  # 8
    return dL_dv, dL_dc, dL_dw, dL_db


# %%
network = {
    "x": np.array([-1.6, -1.1, -0.4, 0.3, 0.9, 1.5]),
    "y": np.array([0.9, 1.3, 0.4, -0.6, -0.9, 0.3]),
    "w": np.array([0.9, -0.6, 1.4]),
    "b": np.array([0.4, 0.7, -0.5]),
    "v": np.array([0.5, -0.8, 0.6]),
    "c": 0.2,
}
losses = descend(ex.small_network, flawed_small_network, network, "w b v c", alpha=0.05, steps=150)
print(f"loss {losses[0]:.6f} at the start, {losses[1]:.6f} after one step, {losses[-1]:.6f} after 150")

# %% [markdown]
# Every step went downhill. Is there anything left to check? Compare.

# %%
compare(ex.small_network, flawed_small_network, network)

# %% [markdown]
# ### Exercise 19: which line, and why?
#
# Look at `flawed_small_network`. The reason is one of these:
#
# <!-- reasons: small_network_verdict -->


# %% nbgrader={"grade": false, "grade_id": "small_network_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def small_network_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 3, "why": 2}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "small_network_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.small_network_verdict.check(small_network_verdict)
### BEGIN HIDDEN TESTS
ex.small_network_verdict.check(small_network_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: small_network_verdict -->

# %% [markdown]
# ### Exercise 20: repair it
#
# Copy the eight lines and mend one of them.


# %% nbgrader={"grade": false, "grade_id": "small_network-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def small_network(x, y, w, b, v, c):
    """Return dL_dv (k,), dL_dc, dL_dw (k,), dL_db (k,) of L = sum((yhat - y)**2); x and y have shape (n,), w, b and v (k,)."""
    ### BEGIN SOLUTION
    A = np.tanh(np.outer(x, w) + b)
    yhat = A @ v + c
    dL_dyhat = 2 * (yhat - y)
    dL_dv = A.T @ dL_dyhat
    dL_dc = dL_dyhat.sum()
    dL_dZ = np.outer(dL_dyhat, v) * (1 - A**2)
    dL_dw = x @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dv, dL_dc, dL_dw, dL_db
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "small_network", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.small_network.check(small_network)
### BEGIN HIDDEN TESTS
ex.small_network.check(small_network, seed=87387, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: small_network -->

# %% [markdown]
# The third curve is the flawed program with twice the learning rate.

# %%
race(
    log=True,
    flawed=lambda: descend(ex.small_network, flawed_small_network, network, "w b v c", alpha=0.05, steps=150),
    repaired=lambda: descend(ex.small_network, small_network, network, "w b v c", alpha=0.05, steps=150),
    flawed_at_twice_the_rate=lambda: descend(ex.small_network, flawed_small_network, network, "w b v c", alpha=0.1, steps=150),
)

# %% [markdown]
# Half the gradient with twice the rate is the right gradient with the right rate, digit for digit. So this flaw trains, and no picture of a falling loss will ever show it. **A falling loss proves nothing about the gradient.** It shows up on the day when you compare two programs, share a learning rate, or add a second term to the loss.
#
# The next picture is the fit of lesson 02, with fourteen slips to choose from. PyTorch's descent is the dashed one. How many of the fourteen will have brought the loss down after three hundred steps: three, seven or eleven? Decide, then choose some and press *A hundred steps* three times for each.

# %%
from backprop.pictures import descend_by_hand

descend_by_hand()

# %% [markdown]
# Eleven. Two explode: the step uphill and the squared residual. One ends higher than it began: the last layer that sees the first point only. The other eleven start at 3.07 and end between 2.79 and 2.83, where PyTorch's 2.8002 is. One of them is even ahead of PyTorch, with softplus taken for its own slope. Being ahead is not being right.
#
# ## 6. Out of range
#
# The last program is a log loss, summed over examples. Its author knew that a logarithm of 0 is trouble, and guards against it the way libraries do.


# %%
def flawed_log_loss(z, y):
    """Return log_rest (n,), L and dL_dz (n,) of the log loss, summed over the examples; z and y have shape (n,)."""
    yhat = 1 / (1 + np.exp(-z))  # 1
    log_yhat = np.maximum(np.log(yhat), -100)  # 2
    log_rest = np.maximum(np.log(1 - yhat), -100)  # 3
    L = -(y * log_yhat + (1 - y) * log_rest).sum()  # 4
    dL_dz = (yhat - y) / np.maximum(yhat * (1 - yhat), 1e-12) * yhat * (1 - yhat)  # 5
    return log_rest, L, dL_dz


# %%
logits = {"z": np.array([45.0, 3.0, -2.0]), "y": np.array([0.0, 0.2, 0.7])}
with np.errstate(divide="ignore"):  # NumPy would mention the logarithm of 0
    log_rest, L, dL_dz = flawed_log_loss(**logits)
print("L", L.round(6), "  dL_dz", dL_dz.round(6))

# %% [markdown]
# No `nan`, no `inf`. The first prediction could not be worse: $z = 45$, and the target is 0. What gradient should it get? And what did it get?

# %%
with np.errstate(divide="ignore"):
    compare(ex.log_loss, flawed_log_loss, logits)

# %% [markdown]
# ### Exercise 21: which line, and why?
#
# On paper `log_yhat` and `log_rest` are mirror images. In the program they are not. The reason is one of these:
#
# <!-- reasons: log_loss_verdict -->


# %% nbgrader={"grade": false, "grade_id": "log_loss_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_loss_verdict():
    """Return the number of the first wrong line and of the reason, as {"line": ..., "why": ...}."""
    ### BEGIN SOLUTION
    return {"line": 3, "why": 3}
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "log_loss_verdict", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.log_loss_verdict.check(log_loss_verdict)
### BEGIN HIDDEN TESTS
ex.log_loss_verdict.check(log_loss_verdict)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: log_loss_verdict -->

# %% [markdown]
# ### Exercise 22: repair it
#
# The loss and its gradient, for any logit.


# %% nbgrader={"grade": false, "grade_id": "log_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_loss(z, y):
    """Return log_rest (n,), L and dL_dz (n,) of the log loss, summed over the examples; z and y have shape (n,)."""
    ### BEGIN SOLUTION
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    dL_dz = 1 / (1 + np.exp(-z)) - y
    return log_rest, L, dL_dz
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "log_loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.log_loss.check(log_loss)
### BEGIN HIDDEN TESTS
ex.log_loss.check(log_loss, seed=18602, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: log_loss -->

# %% [markdown]
# Let the logits themselves move. Which of the three can learn?

# %%
with np.errstate(divide="ignore"):
    picture = race(
        flawed=lambda: descend(ex.log_loss, flawed_log_loss, logits, "z", alpha=1.0, steps=60),
        repaired=lambda: descend(ex.log_loss, log_loss, logits, "z", alpha=1.0, steps=60),
    )
picture

# %% [markdown]
# With the flaw the two moderate logits learn, and the one that is badly wrong never moves: it is *because* it is so wrong that its gradient has vanished. PyTorch's own `binary_cross_entropy` after a sigmoid does the same (lesson 03). The formula was right. The program was not.
#
# ## 7. Build the bug finder
#
# Eight of the eleven flaws are in a gradient, and all eight fall to one tool: nudge every parameter, one after the other, and compare with what is claimed. The other three are in a forward pass, in a step and in a loss. The tool cannot see those: the differences of a wrong loss agree with the gradient of the wrong loss.
#
# ### Exercise 23: open, the bug finder
#
# `f` takes an array `theta` of shape $(n,)$ and returns a number. `claimed` is what somebody says its gradient is. Return the slopes by central differences with the step `h`, and for each entry a 1.0 if the claim is off by more than a thousandth of the slope, 0.0 if not.


# %% nbgrader={"grade": false, "grade_id": "bug_finder-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bug_finder(f, theta, claimed, h):
    """Return dy_dtheta (n,), by central differences, and suspects (n,), 1.0 where claimed is wrong and 0.0 where it is right."""
    ### BEGIN SOLUTION
    dy_dtheta = np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in np.eye(len(theta))])
    suspects = (np.abs(claimed - dy_dtheta) > 0.001 * np.abs(dy_dtheta)) * 1.0
    return dy_dtheta, suspects
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bug_finder", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.bug_finder.check(bug_finder)
### BEGIN HIDDEN TESTS
ex.bug_finder.check(bug_finder, seed=77510, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: bug_finder -->

# %% [markdown]
# Point it at the half gradient, which no falling loss could betray. (If your finder is not ready yet, this cell says so.)


# %%
def loss_of(theta):
    """The loss of the small network as a function of all its ten parameters in one array."""
    w, b, v, c = theta[:3], theta[3:6], theta[6:9], theta[9]
    return ((np.tanh(np.outer(network["x"], w) + b) @ v + c - network["y"]) ** 2).sum()


# %%
dL_dv, dL_dc, dL_dw, dL_db = flawed_small_network(**network)
theta = np.concatenate([network["w"], network["b"], network["v"], [network["c"]]])
try:
    _, suspects = bug_finder(loss_of, theta, np.concatenate([dL_dw, dL_db, dL_dv, [dL_dc]]), 1e-4)
    print(f"{int(np.sum(suspects))} of {len(theta)} gradients are suspect")
except Exception as error:
    print(f"bug_finder is not ready yet: {type(error).__name__}")

# %% [markdown]
# ## What to remember
#
# | flaw | what did not show it | what did |
# |---|---|---|
# | a unit fed with another's weight | a plausible loss | generic biases |
# | a power kept, a step uphill | one line of print | the loss after a few steps |
# | a table of slopes without its off-diagonal | the gradient's size | the sign of one entry |
# | a path left out | the gradient's size | its sign |
# | a factor $x$ lost | a test at $x = 1$ | another $x$ |
# | a gate that never shuts | the first example | the second |
# | a sum for an average | a small learning rate | a larger one |
# | half a gradient | a falling loss | a comparison |
# | a gradient that has vanished | a guard against `nan` | a prediction that is very wrong |
#
# - Look for the *first* wrong number. What follows it only passes it on.
# - Check against something independent: PyTorch, central differences, a case worked out by hand.
# - Use generic inputs, more than one, and one for every case.
# - Print the loss after the step. But a falling loss proves nothing.
#
# You have read eleven programs that were wrong, and mended them. The next one will be your own.
