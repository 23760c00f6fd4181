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
# **After this lesson you can** find the first wrong line in a backward pass that somebody else has written, say why it is wrong, correct it, and check the correction. You also know which tests a wrong gradient can pass, and how gradient checking can mislead.
#
# **Time** about three hours. A good place for a break is after section 3. **You need** lessons [01](01_chain_rule.ipynb) to [04](04_multipath_gradients.ipynb). Section 5 uses a batch of examples as the rows of a matrix, as lesson [05](05_layers_and_batches.ipynb) does.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import find_the_bug as ex
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {cure}") from None

import matplotlib.pyplot as plt
import numpy as np
import torch
from backprop.race import compare, descend, race

plt.style.use("backprop.drawing.lesson")

# %%
course_map(ex)

# %% [markdown]
# ## Three quick questions
#
# They are about the lessons before this one, and they earn no points. Use pencil and paper.
#
# 1. $L = (y - \hat y)^2$. What is $\frac{\partial L}{\partial\hat y}$ at $y = 3$, $\hat y = 1$?
# 2. $z = wx + b$ with $x = -2$, and $\frac{\partial L}{\partial b} = 0.5$. What is $\frac{\partial L}{\partial w}$?
# 3. A program computes $f(1.01) = 2.04$ and $f(0.99) = 1.98$. Which derivative at 1 do these two numbers suggest?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_07-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_07():
    """Return dL_dyhat, dL_dw and df_dx, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return -4, -1, 3
    ### END SOLUTION


# %%
ex.recall_07.check(recall_07)

# %% [markdown]
# <!-- hints: recall_07 -->

# %% [markdown]
# ## 1. How to look for a bug
#
# A wrong gradient often looks plausible. The program runs, the numbers have the usual size, and the loss may even fall. This lesson has eleven programs. Each has one mistake, of a kind that is common in notes and in code. For each program there are two exercises:
#
# - **Which line, and why?** Give the number of the *first* line whose result is wrong. Later lines may give wrong results too, because they use the wrong one. Then choose the reason from a list. The check applies each mistake of the list to a correct program and compares the results with those of the wrong program.
# - **Correct it.** Copy the lines and correct one. PyTorch checks the result.
#
# ![](../img/first_wrong_line.svg)
#
# The lines are numbered by comments at their ends: `# 1`, `# 2`. The function `compare` prints what a program returns, and below it PyTorch's numbers for the same inputs.

# %% [markdown]
# ## 2. Three flaws in one page
#
# The first three programs belong together. They fit the softplus network of lesson 02 to three points: the forward pass, the gradients of the last layer, and one step of gradient descent for $b_3$. Each of them has one mistake.

# %%
# <!-- program: flawed_two_units -->

# %%
# <!-- program: flawed_last_layer -->

# %%
# <!-- program: flawed_one_step -->

# %% [markdown]
# The programs start with the same random weights as lesson 02, use $\alpha = 0.01$, and print three numbers. Run the next cell and decide whether they look plausible.

# %%
fit = {"x": np.array([0.1, 0.53, 0.82]), "y": np.array([1.2, 3.2, 1.1])}
fit |= dict(zip(["w1", "w2", "w3", "w4"], np.random.RandomState(42).randn(4)))
fit |= {"b1": 0.0, "b2": 0.0, "b3": 0.0}
fit = {name: fit[name] for name in ["x", "y", "w1", "b1", "w2", "b2", "w3", "w4", "b3"]}  # in order


def inputs_of_last_layer(blue, orange):
    """The inputs of the second program, in order."""
    last = {name: fit[name] for name in ("w3", "w4", "b3")}
    return {"y": fit["y"], "blue": blue, "orange": orange} | last


def run_all_three(alpha=0.01):
    """Return SSR, dSSR_db3, b3 and SSR after one step, by the three programs."""
    blue, orange, _, SSR = ex.flawed_two_units(**fit)
    *_, dSSR_db3 = ex.flawed_last_layer(**inputs_of_last_layer(blue, orange))
    hidden = fit["w3"] * blue + fit["w4"] * orange
    _, b3_new, SSR_new, _ = ex.flawed_one_step(fit["y"], hidden, 0.0, dSSR_db3, alpha)
    return SSR, dSSR_db3, b3_new, SSR_new


SSR, dSSR_db3, b3_new, SSR_new = run_all_three()
print(f"SSR {SSR:.6f}   dSSR_db3 {dSSR_db3:.6f}   b3 after the step {b3_new:.6f}")

# %% [markdown]
# A loss of about 3, a derivative of about $-6$, a small step: these numbers look plausible. But the program does not print the loss *after* the step. The next cell does, and prints PyTorch's numbers below.

# %%
truth = ex.two_units.measure(fit).truth
layer_inputs = inputs_of_last_layer(truth["blue"], truth["orange"])
true_db3 = float(ex.last_layer.measure(layer_inputs).truth["dSSR_db3"])
hidden = fit["w3"] * truth["blue"] + fit["w4"] * truth["orange"]
step_inputs = {"y": fit["y"], "hidden": hidden, "b3": 0.0, "dSSR_db3": true_db3, "alpha": 0.01}
true_SSR_new = ex.one_step.measure(step_inputs).truth["SSR_new"]
for words, numbers in {
    "the programs": (SSR, dSSR_db3, SSR_new),
    "PyTorch     ": (truth["SSR"], true_db3, true_SSR_new),
}.items():
    loss, derivative, loss_after = numbers
    print(f"{words} SSR {loss:.6f}   dSSR_db3 {derivative:.6f}   SSR after the step {loss_after:.6f}")

# %% [markdown]
# None of the three numbers is right, and the loss has *risen*. There is a mistake in each program. Begin with the first one, because the others use its results.

# %% [markdown]
# ### Exercise 1: which line, and why?
#
# Look at `flawed_two_units`. A picture of the network is in [lesson 02](02_one_two_one_network.ipynb). Exactly one of the mistakes below leads to the program's results on all inputs of the check. **Return** a dictionary with the numbers of the line and of the reason, such as `{"line": 1, "why": 1}`.
#
# <!-- reasons: two_units_verdict -->


# %% nbgrader={"grade": false, "grade_id": "two_units_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_units_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# With biases of 0, two of these reasons lead to the same numbers. With other biases they do not. Inputs without special values (no 0, no 1, no two equal numbers) are called **generic**. The check uses only such inputs.

# %% [markdown]
# ### Exercise 2: correct it
#
# Copy the four lines of `flawed_two_units` and correct one of them. **Return** `blue`, `orange` and `green`, of the shape of `x`, and the number `SSR`, in this order.


# %% nbgrader={"grade": false, "grade_id": "two_units-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_units(x, y, w1, b1, w2, b2, w3, w4, b3):
    """Return blue, orange, green, SSR of the 1-2-1 network with softplus units.

    x and y are arrays, the rest are numbers.
    """
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
# What does the mistake do to the network? The next cell draws the output of both hidden units, with the mistake and without. What do you expect to see on the left?

# %% tags=["same-for-all"]
grid = np.linspace(0, 1, 51)
fig, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
used = {"with the mistake": fit["w1"], "corrected": fit["w2"]}  # orange's weight
for ax, (title, weight) in zip(axes, used.items()):
    ax.plot(grid, np.logaddexp(0, fit["w1"] * grid), "-", lw=5, alpha=0.4, label="blue")
    ax.plot(grid, np.logaddexp(0, weight * grid), "--", label="orange")
    ax.set(title=title, xlabel="x")
    ax.legend()

# %% [markdown]
# With the mistake, and as long as both biases are equal, both units have the same output: `green` is a multiple of one curve plus $b_3$, whatever $w_3$ and $w_4$ are. The program still runs, and its loss can still fall.
#
# Now the second program. It gets the right values of `blue` and `orange`, so only its own mistake can make its results wrong. When the programs ran together, $\frac{\partial\,\mathrm{SSR}}{\partial b_3}$ was $-5.716432$, with two mistakes; the true value is $-1.765813$. Will it be nearer to the true value now?

# %%
compare(ex.last_layer, flawed_last_layer, layer_inputs)

# %% [markdown]
# ### Exercise 3: which line, and why?
#
# Look at `flawed_last_layer`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: last_layer_verdict -->


# %% nbgrader={"grade": false, "grade_id": "last_layer_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_layer_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 4: correct it
#
# Copy the five lines of `flawed_last_layer` and correct one of them. **Return** `dSSR_dgreen` of shape $(n,)$ and the numbers `dSSR_dw3`, `dSSR_dw4`, `dSSR_db3`, in this order.


# %% nbgrader={"grade": false, "grade_id": "last_layer-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_layer(y, blue, orange, w3, w4, b3):
    """Return the gradients of SSR with respect to green and the last layer.

    y (n,), blue (n,), orange (n,), the rest are numbers
    ->  dSSR_dgreen (n,), dSSR_dw3, dSSR_dw4, dSSR_db3
    """
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
# Now both programs train the last layer, from the same initial parameters and with the same learning rate. (The hidden layer does not change.) At the start the wrong derivative is about three and a half times too large. Will the loss fall with it?

# %%
last = {"start": layer_inputs, "moving": "w3 w4 b3", "alpha": 0.01, "steps": 8}
race(
    wrong=lambda: descend(ex.last_layer, flawed_last_layer, **last),
    corrected=lambda: descend(ex.last_layer, last_layer, **last),
)

# %% [markdown]
# It falls, at first even faster than with the right gradient. After two or three steps nothing looks wrong. But with the residual $r_i$ of point $i$, the program's derivative with respect to $\text{green}_i$ is $-2r_i^2$, which is never positive. So every step raises $b_3$, whatever the data are, and in the end the loss grows without bound.
#
# The third program takes the step. It gets the right derivative.

# %%
compare(ex.one_step, flawed_one_step, step_inputs)

# %% [markdown]
# ### Exercise 5: which line, and why?
#
# Look at `flawed_one_step`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: one_step_verdict -->


# %% nbgrader={"grade": false, "grade_id": "one_step_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_step_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 6: correct it
#
# Copy the five lines of `flawed_one_step` and correct one of them. `step` is the amount that is *subtracted* from $b_3$. **Return** the numbers `step`, `b3_new`, `SSR_new` and `gain`, in this order.


# %% nbgrader={"grade": false, "grade_id": "one_step-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_step(y, hidden, b3, dSSR_db3, alpha):
    """Return step, b3_new, SSR_new, gain of one step on b3; green = hidden + b3.

    y and hidden have shape (n,). step is what is subtracted from b3.
    """
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
# Now forty steps of $b_3$ alone, with the right derivative each time. Lesson 02 shows one of the two curves: which one?


# %%
def forty_steps(take_step, b3=0.0):
    y, hidden = step_inputs["y"], step_inputs["hidden"]
    losses = [((y - (hidden + b3)) ** 2).sum()]
    for _ in range(40):
        dSSR_db3 = (-2 * (y - (hidden + b3))).sum()
        _, b3, loss, _ = take_step(y, hidden, b3, dSSR_db3, 0.01)
        losses.append(loss)
    return losses


race(
    log=True,
    wrong=lambda: forty_steps(flawed_one_step),
    corrected=lambda: forty_steps(one_step),
)

# %% [markdown]
# In the first run of this section the loss rose from 2.858216 to 2.884057, but that was not printed. **Print the loss after the first step.** If the gradient is not 0 and $\alpha$ is small enough, it must be lower.
#
# ## 3. Softmax, twice
#
# Next is the network of lesson 04: four inputs, four hidden units, two logits, a softmax, the squared error. The first program computes the Jacobian of the softmax, $\frac{\partial\hat y_i}{\partial z_j}$ in row $i$ and column $j$, then the gradients with respect to $z^{[2]}$ and $W^{[2]}$.

# %%
# <!-- program: flawed_squared_softmax -->

# %%
x4, y2 = np.array([2.0, 5, 3, 3]), np.array([1.0, 0])
W1 = np.array(
    [
        *([0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5]),
        *([-0.3, 0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]),
    ]
)
W2 = np.array([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]])
a1 = 1 / (1 + np.exp(-W1 @ x4))
softmax_inputs = {"a1": a1, "W2": W2, "y": y2}
print("the program's Jacobian\n", flawed_squared_softmax(**softmax_inputs)[0].round(6))

# %% [markdown]
# The first entry, $-0.079117$, should be the derivative of the first probability with respect to *its own* logit. Can it be negative? Decide, then look at the whole matrix.

# %%
compare(ex.squared_softmax, flawed_squared_softmax, softmax_inputs)

# %% [markdown]
# ### Exercise 7: which line, and why?
#
# Look at `flawed_squared_softmax`. The true first entry is $+0.176918$. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: squared_softmax_verdict -->


# %% nbgrader={"grade": false, "grade_id": "squared_softmax_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def squared_softmax_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 8: correct it
#
# Copy the six lines of `flawed_squared_softmax` and correct one of them. The check uses three classes. **Return** `dyhat_dz2` of shape $(k, k)$, `dL_dz2` of shape $(k,)$ and `dL_dW2` of shape $(k, n)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "squared_softmax-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def squared_softmax(a1, W2, y):
    """Return three derivatives of L = sum((yhat - y)**2), yhat = softmax(W2 @ a1).

    a1 (n,), W2 (k, n), y (k,)
    ->  dyhat_dz2 (k, k), dL_dz2 (k,), dL_dW2 (k, n)
    """
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
# Forty steps of $W_2$ with each program. What will the loss of the wrong one do in the first few steps, and what in the end?

# %%
softmax_run = {"start": softmax_inputs, "moving": "W2", "alpha": 0.5, "steps": 40}
race(
    wrong=lambda: descend(ex.squared_softmax, flawed_squared_softmax, **softmax_run),
    corrected=lambda: descend(ex.squared_softmax, squared_softmax, **softmax_run),
)

# %% [markdown]
# For ten steps the loss of the wrong program grows, to more than seventeen times its initial value. Then it falls: at other weights the wrong factor has the other sign. The last loss alone does not show that something is wrong.
#
# ### One path of two
#
# The other program continues to the single weight $w_{1\to 3}^{[1]}$, from input 1 to hidden unit 3, which is `W1[2, 0]`. As in lesson 04, $c$ is the contribution of the other inputs to the pre-activation of the unit, and $r_j$ is the contribution of the other units to logit $j$.

# %%
# <!-- program: flawed_first_weight -->

# %%
z1, z2 = W1 @ x4, W2 @ a1
v, w = W2[:, 2], W1[2, 0]
weight_inputs = {"x": 2.0, "w": w, "c": z1[2] - w * 2.0, "v": v}
weight_inputs |= {"r": z2 - v * a1[2], "y": y2}
print(f"dL_dw {flawed_first_weight(**weight_inputs)[2]:.6f}")

# %% [markdown]
# The result is about $-0.0063$. The other entries of the gradient are of this size too, so it looks plausible. Run the next cell and compare the signs.

# %%
compare(ex.first_weight, flawed_first_weight, weight_inputs)

w_t = torch.tensor(w, requires_grad=True, dtype=torch.float64)
a_t = torch.sigmoid(2.0 * w_t + weight_inputs["c"])
yhat_t = torch.softmax(torch.tensor(v) * a_t + torch.tensor(weight_inputs["r"]), dim=0)
((yhat_t[0] - 1.0) ** 2).backward()
print(f"for comparison, without the second OUTPUT: {w_t.grad.item():+.6f}")

# %% [markdown]
# ### Exercise 9: which line, and why?
#
# Look at `flawed_first_weight`. Paths lead from the hidden unit to each logit, and from each logit to each output. Which of them are missing? **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: first_weight_verdict -->


# %% nbgrader={"grade": false, "grade_id": "first_weight_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_weight_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 10: correct it
#
# Copy the six lines of `flawed_first_weight` and correct one of them. The check uses three logits. **Return** `dL_dz` of shape $(k,)$ and the numbers `dL_da` and `dL_dw`, in this order.


# %% nbgrader={"grade": false, "grade_id": "first_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_weight(x, w, c, v, r, y):
    """Return three gradients for one weight w into one hidden unit.

    x, w and c are numbers; v (k,), r (k,), y (k,)
    ->  dL_dz (k,), dL_da, dL_dw
    """
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
# At the start the gradient has the wrong sign, so a step raises the loss, however small it is. Here are sixty steps of this one weight.

# %%
weight_run = {"start": weight_inputs, "moving": "w", "alpha": 5.0, "steps": 60}
race(
    wrong=lambda: descend(ex.first_weight, flawed_first_weight, **weight_run),
    corrected=lambda: descend(ex.first_weight, first_weight, **weight_run),
)

# %% [markdown]
# If a path is left out, a gradient may have the wrong size or the wrong sign, or a nonzero value where 0 is right. The gradient is the sum over *all* paths.
#
# ## 4. Programs that passed a test
#
# The next two programs come with a test, and both pass it.
#
# The first is a chain of two sigmoid units with a log loss. Its author compared it with PyTorch at $x = 1$.

# %%
# <!-- program: flawed_hidden_weight -->

# %%
chain = {"x": 1.0, "w": 0.6, "b": -0.3, "v": -1.4, "c": 0.5, "y": 0.8}
compare(ex.hidden_weight, flawed_hidden_weight, chain)

# %% [markdown]
# All digits of the four gradients agree. Is the program right? Change the 1.0 in the cell above to another $x$ and run it again.

# %% [markdown]
# ### Exercise 11: which line, and why?
#
# Look at `flawed_hidden_weight`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: hidden_weight_verdict -->


# %% nbgrader={"grade": false, "grade_id": "hidden_weight_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_weight_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 12: correct it
#
# Copy the eight lines of `flawed_hidden_weight` and correct one of them. **Return** the numbers `dL_dv`, `dL_dc`, `dL_dw` and `dL_db`, in this order.


# %% nbgrader={"grade": false, "grade_id": "hidden_weight-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hidden_weight(x, w, b, v, c, y):
    """Return dL_dv, dL_dc, dL_dw, dL_db of the log loss; all are numbers.

    a = sigmoid(w * x + b), yhat = sigmoid(v * a + c)
    """
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
# Now $w$ and $b$ are trained on one example with $x = -2$. What is the effect of the missing factor $x$ when $x$ is negative?

# %%
chain_run = {"start": chain | {"x": -2.0}, "moving": "w b", "alpha": 0.5, "steps": 60}
race(
    wrong=lambda: descend(ex.hidden_weight, flawed_hidden_weight, **chain_run),
    corrected=lambda: descend(ex.hidden_weight, hidden_weight, **chain_run),
)

# %% [markdown]
# For negative $x$ the program's derivative for $w$ has the wrong sign. With $x = 1$ a missing factor $x$ has no effect, with a bias of 0 a missing bias has none, and with a target of 1 the second term of the log loss is 0. **Test with generic numbers.**
#
# ### A second example
#
# This is the ReLU neuron of lesson 03 with a squared error. Its author tested it on that lesson's numbers, where $z = 6$.

# %%
# <!-- program: flawed_relu_unit -->

# %%
first = {"x": np.array([1.0, -2, 3]), "w": np.array([-3.0, -1, 2]), "b": 1.0, "y": 4.5}
compare(ex.relu_unit, flawed_relu_unit, first)

# %% [markdown]
# All gradients are right. Now the same neuron with $w_3 = -1$. What is $z$ then, and what should the gradients be?

# %%
second = first | {"w": np.array([-3.0, -1, -1])}
compare(ex.relu_unit, flawed_relu_unit, second)

# %% [markdown]
# ### Exercise 13: which line, and why?
#
# Look at `flawed_relu_unit`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: relu_unit_verdict -->


# %% nbgrader={"grade": false, "grade_id": "relu_unit_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_unit_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 14: correct it
#
# Copy the six lines of `flawed_relu_unit` and correct one of them. **Return** the numbers `dL_da` and `dL_dz`, then `dL_dw` and `dL_dx` of shape $(n,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "relu_unit-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relu_unit(x, w, b, y):
    """Return four gradients of L = (a - y)**2, a = relu(w·x + b).

    x (n,), w (n,), b and y are numbers
    ->  dL_da, dL_dz, dL_dw (n,), dL_dx (n,)
    """
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
# Now the weights are trained on the second example, where $z < 0$ at the start. Which of the two programs will reach the lower loss?

# %%
relu_run = {"start": second, "moving": "w", "alpha": 0.01, "steps": 40}
race(
    wrong=lambda: descend(ex.relu_unit, flawed_relu_unit, **relu_run),
    corrected=lambda: descend(ex.relu_unit, relu_unit, **relu_run),
)

# %% [markdown]
# The *wrong* one does. The true gradient is 0, so the right program does not change the weights. The wrong one changes them until $z > 0$, and from then on its gradient is right. So a falling loss does not show that a gradient is right, and a constant loss does not show that it is wrong. (With another target the same mistake makes $z$ smaller still.) Some methods replace the derivative by another rule on purpose, and say so. But the result is not the derivative of this loss.
#
# A program with two cases needs a test for **each case**: here one with $z > 0$ and one with $z < 0$.
#
# ## 5. In the training loop
#
# An affine model, a batch of examples as the rows of $X$, and a loss that is described as the *average* over the batch.

# %%
# <!-- program: flawed_batch_average -->

# %%
X = np.array(
    [
        *([0, 0.3, -0.3], [-0.9, -0.5, -1], [0.1, 1.3, -0.5]),
        *([-0.6, 0.5, 0.4], [0.1, -0.9, 0], [0.7, -1.3, -0.5]),
    ]
)
targets = np.array([-0.2, 0.2, -2.2, -0.7, 2.5, 3.8])
batch = {"X": X, "y": targets, "w": np.array([0.2, 0.1, -0.3]), "b": 0.1}
compare(ex.batch_average, flawed_batch_average, batch)

# %% [markdown]
# The loss is right. Divide the program's gradients by PyTorch's before you choose. What is the quotient, and which number of this batch is equal to it?

# %% [markdown]
# ### Exercise 15: which line, and why?
#
# Look at `flawed_batch_average`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: batch_average_verdict -->


# %% nbgrader={"grade": false, "grade_id": "batch_average_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_average_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 16: correct it
#
# Copy the five lines of `flawed_batch_average` and correct one of them. **Return** the number `L`, `dL_dyhat` of shape $(N,)$, `dL_dw` of shape $(D,)$ and the number `dL_db`, in this order.


# %% nbgrader={"grade": false, "grade_id": "batch_average-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def batch_average(X, y, w, b):
    """Return L, the average over the batch of (yhat - y)**2, and three gradients.

    X (N, D), y (N,), w (D,), b
    ->  L, dL_dyhat (N,), dL_dw (D,), dL_db
    """
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
# All gradients have the right direction and are six times too large. Does it matter? With $\alpha = 0.2$:


# %%
def average_descent(program, alpha=0.2, steps=12):
    now, losses = dict(batch), []
    for _ in range(steps + 1):
        loss, _, dL_dw, dL_db = program(**now)
        losses.append(loss)
        now |= {"w": now["w"] - alpha * dL_dw, "b": now["b"] - alpha * dL_db}
    return losses


race(
    log=True,
    wrong=lambda: average_descent(flawed_batch_average),
    corrected=lambda: average_descent(batch_average),
)

# %% [markdown]
# A gradient that is six times too large has the effect of a learning rate that is six times too large. Whether that matters depends on $\alpha$, and on the size of the batch: with another batch size the same program takes other steps. Whether the gradient has the factor $\frac{1}{N}$ follows from the loss: it has if the loss is an average.
#
# ### Two steps
#
# The next program uses PyTorch's gradients. It takes two steps with one weight, the first on one example, the second on another.

# %%
# <!-- program: flawed_two_steps -->

# %%
pair = {"w": 0.6, "x": np.array([1.4, 1.7]), "y": np.array([2.1, -0.8]), "alpha": 0.1}
compare(ex.two_steps, flawed_two_steps, pair)

# %% [markdown]
# ### Exercise 17: which line, and why?
#
# Look at `flawed_two_steps`. Here a line is missing, so the result of the *next* numbered line is wrong. Give the first numbered line whose result is wrong. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: two_steps_verdict -->


# %% nbgrader={"grade": false, "grade_id": "two_steps_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_steps_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 18: correct it
#
# Correct the program, with PyTorch or by hand. **Return** the numbers `g1`, `w1`, `g2` and `w2`, in this order.


# %% nbgrader={"grade": false, "grade_id": "two_steps-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_steps(w, x, y, alpha):
    """Return g1, w1, g2, w2: gradient and new weight of two steps on (w * x - y)**2.

    x (2,), y (2,): one example per step; w and alpha are numbers
    """
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
# In a long training each step uses the sum of all gradients so far. What happens when the weight reaches the minimum, where the gradient is 0 and the sum is not?


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


race(
    never_cleared=lambda: many_steps(clear=False),
    cleared=lambda: many_steps(clear=True),
)

# %% [markdown]
# The weight goes past the minimum, and the loss oscillates. (An optimizer with *momentum* uses such a sum too, but in it older gradients count less and less.)
#
# ### A loss that falls
#
# One hidden layer of tanh units, six points, a sum of squares. In 150 steps with this program the loss falls from 19 to less than 0.3.

# %%
# <!-- program: flawed_small_network -->

# %%
network = {
    "x": np.array([-1.6, -1.1, -0.4, 0.3, 0.9, 1.5]),
    "y": np.array([0.9, 1.3, 0.4, -0.6, -0.9, 0.3]),
    "w": np.array([0.9, -0.6, 1.4]),
    "b": np.array([0.4, 0.7, -0.5]),
    "v": np.array([0.5, -0.8, 0.6]),
    "c": 0.2,
}
network_run = {"start": network, "moving": "w b v c", "alpha": 0.05, "steps": 150}
losses = descend(ex.small_network, flawed_small_network, **network_run)
print(f"loss at the start {losses[0]:.6f}, after one step {losses[1]:.6f}")
print(f"after 150 steps {losses[-1]:.6f}")
print("lower after every step:", bool(np.all(np.diff(losses) < 0)))

# %% [markdown]
# The loss falls in every step. Is the gradient right? The next cell compares.

# %%
compare(ex.small_network, flawed_small_network, network)

# %% [markdown]
# ### Exercise 19: which line, and why?
#
# Look at `flawed_small_network`. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: small_network_verdict -->


# %% nbgrader={"grade": false, "grade_id": "small_network_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def small_network_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 20: correct it
#
# Copy the eight lines of `flawed_small_network` and correct one of them. **Return** `dL_dv` of shape $(k,)$, the number `dL_dc`, `dL_dw` and `dL_db` of shape $(k,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "small_network-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def small_network(x, y, w, b, v, c):
    """Return four gradients of L = sum((yhat - y)**2) for a layer of tanh units.

    x (n,), y (n,), w (k,), b (k,), v (k,), c
    ->  dL_dv (k,), dL_dc, dL_dw (k,), dL_db (k,)
    """
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
# The third curve belongs to the wrong program with twice the learning rate.

# %%
twice = network_run | {"alpha": 0.1}
race(
    log=True,
    wrong=lambda: descend(ex.small_network, flawed_small_network, **network_run),
    corrected=lambda: descend(ex.small_network, small_network, **network_run),
    wrong_with_twice_the_rate=lambda: descend(ex.small_network, flawed_small_network, **twice),
)

# %% [markdown]
# Half the gradient with twice the learning rate takes the same steps as the right gradient with the right rate. So this mistake does not show in any curve of the loss. It matters when two programs are compared, when a learning rate is copied, or when a second term is added to the loss.
#
# ### What a falling loss shows
#
# Let $g$ be the gradient and $v$ the vector that a program uses in its place. For a small step,
#
# $$L(\theta - \alpha v) = L(\theta) - \alpha\, g\cdot v + O(\alpha^2).$$
#
# This holds where the loss is twice continuously differentiable; $O(\alpha^2)$ is at most a constant times $\alpha^2$ for small $\alpha$. If $g\cdot v > 0$, the loss falls for every small enough $\alpha > 0$; if $g\cdot v < 0$, it rises. So if the loss falls for all small $\alpha$, then $g\cdot v \ge 0$, and **that is all that a falling loss shows**: if neither vector is 0, the angle between $v$ and $g$ is at most 90 degrees. Half of all directions have this property. The formula explains the programs of this lesson: half the gradient, or six times the gradient, has $g\cdot v > 0$, and the loss falls if $\alpha$ is small enough. A step with the wrong sign has $g\cdot v < 0$. And for a ReLU unit with $z < 0$ the gradient $g$ is 0: a small step does not change the loss, and about a larger step the formula says nothing.
#
# The next picture is the fit of lesson 02. It can train with a gradient or a step that has one of fourteen mistakes. The dashed curve is gradient descent with PyTorch's gradients. With how many of the fourteen will the loss be lower after three hundred steps than at the start: three, seven or eleven? Decide, then choose some of them and press *A hundred steps* three times for each.

# %%
from backprop.pictures import descend_by_hand

descend_by_hand()

# %% [markdown]
# Eleven. Two diverge: the step with the wrong sign and the squared residual. One ends higher than it began: the gradients of the last layer are computed from the first point only. The other eleven start at 3.07 and end between 2.79 and 2.83; with PyTorch's gradients it is 2.8002. Two of the eleven end lower than PyTorch. So a lower loss does not show that a gradient is right either.
#
# ## 6. Saturation
#
# The last program is a log loss, summed over examples. The logarithm of 0 is infinite, so its author replaced logarithms below $-100$ by $-100$, as libraries do.

# %%
# <!-- program: flawed_log_loss -->

# %%
logits = {"z": np.array([45.0, 3.0, -2.0]), "y": np.array([0.0, 0.2, 0.7])}
with np.errstate(divide="ignore"):  # no warning about the logarithm of 0
    _, L, dL_dz = flawed_log_loss(**logits)
print("L", L.round(6), "  dL_dz", dL_dz.round(6))

# %% [markdown]
# There is no `nan` and no `inf`. For the first example $z = 45$ and the target is 0, so this prediction is very wrong. What should its gradient be? What is it in the program?

# %%
with np.errstate(divide="ignore"):
    compare(ex.log_loss, flawed_log_loss, logits)

# %% [markdown]
# ### Exercise 21: which line, and why?
#
# Look at `flawed_log_loss`. As formulas, `log_rest` at $z$ is equal to `log_yhat` at $-z$. In the program it is not. **Return** a dictionary with the numbers of the line and of the reason. The reasons are:
#
# <!-- reasons: log_loss_verdict -->


# %% nbgrader={"grade": false, "grade_id": "log_loss_verdict-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_loss_verdict():
    """Return {"line": the first wrong line, "why": the number of the reason}."""
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
# ### Exercise 22: correct it
#
# Write the loss and its gradient so that they are right for every logit, however far it is from 0. **Return** `log_rest` of shape $(n,)$, the number `L` and `dL_dz` of shape $(n,)$, in this order.


# %% nbgrader={"grade": false, "grade_id": "log_loss-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_loss(z, y):
    """Return log(1 - yhat), the log loss summed over the examples, and its gradient.

    z (n,), y (n,)  ->  log_rest (n,), L, dL_dz (n,)
    """
    ### BEGIN SOLUTION
    log_yhat, log_rest = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    L = -(y * log_yhat + (1 - y) * log_rest).sum()
    dL_dz = np.exp(log_yhat) - y
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
# Now gradient descent changes the logits themselves. Which of the three will change?

# %%
logit_run = {"start": logits, "moving": "z", "alpha": 1.0, "steps": 60}
with np.errstate(divide="ignore"):
    figure = race(
        wrong=lambda: descend(ex.log_loss, flawed_log_loss, **logit_run),
        corrected=lambda: descend(ex.log_loss, log_loss, **logit_run),
    )
figure

# %% [markdown]
# In the wrong program the two moderate logits change. The first one does not: its prediction is so wrong that $1 - \hat y$ rounds to 0, and so its gradient is 0. PyTorch's own `binary_cross_entropy` after a sigmoid does the same (lesson 03, section 6, "Overflow and saturation"). The formulas are right, but the floating-point program is not.
#
# ## 7. Gradient checking
#
# Eight of the eleven mistakes are in a gradient. All eight are found by **gradient checking**: change each parameter by a small $h$ in both directions, and compare the central difference with the claimed derivative. The other three are in a forward pass, in a step and in a loss. Gradient checking cannot find these: the differences of a wrong loss agree with the gradient of the wrong loss.
#
# ### Exercise 23: open, gradient checking
#
# `f` takes an array `theta` of shape $(n,)$ and returns a number. `claimed` is what somebody says its gradient is. Compute the central differences with the step `h`. A claim is suspect if it differs from the central difference by more than
#
# $$10^{-6} + 0.001\,|\text{central difference}|.$$
#
# The first term is an **absolute tolerance**. Without it, a right derivative of 0 would be suspect, because a central difference is rarely exactly 0. **Return** `dy_dtheta` of shape $(n,)$, the central differences, and `suspects` of shape $(n,)$, with 1.0 for each suspect claim and 0.0 for each other, in this order. Do not change `theta`.


# %% nbgrader={"grade": false, "grade_id": "bug_finder-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bug_finder(f, theta, claimed, h):
    """Return the central differences of f, and which claimed derivatives are suspect.

    f: a function of theta; theta (n,), claimed (n,), h
    ->  dy_dtheta (n,), suspects (n,)
    """
    ### BEGIN SOLUTION
    steps = h * np.eye(len(theta))
    differences = [(f(theta + step) - f(theta - step)) / (2 * h) for step in steps]
    dy_dtheta = np.array(differences)
    suspects = (np.abs(claimed - dy_dtheta) > 1e-6 + 0.001 * np.abs(dy_dtheta)) * 1.0
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
# Now use it on the half gradient of section 5, which no falling loss could show. (If your `bug_finder` is not ready yet, this cell says so.)


# %%
data = ex.small_network.inputs(0)
theta = np.concatenate([data["w"], data["b"], data["v"], [data["c"]]])


def loss_of(theta):
    """The loss of the small network as a function of one array of ten parameters."""
    w, b, v, c = theta[:3], theta[3:6], theta[6:9], theta[9]
    return ((np.tanh(np.outer(data["x"], w) + b) @ v + c - data["y"]) ** 2).sum()


dL_dv, dL_dc, dL_dw, dL_db = ex.flawed_small_network(**data)
try:
    claimed = np.concatenate([dL_dw, dL_db, dL_dv, [dL_dc]])
    _, suspects = bug_finder(loss_of, theta, claimed, 1e-4)
    print(f"{int(np.sum(suspects))} of {len(theta)} derivatives are suspect")
except Exception as error:
    print(f"bug_finder is not ready yet: {type(error).__name__}")

# %% [markdown]
# ### When a gradient check misleads
#
# Here are five functions of one variable. For each, somebody claims a derivative, and a gradient check compares it with the central difference at one point.

# %%
# <!-- program: gradient_checks -->

# %%
for name, (f, claimed, x, h) in gradient_checks().items():
    difference = (f(x + h) - f(x - h)) / (2 * h)
    print(f"{name:16s} claimed {claimed(x):.6g}, central difference {difference:.6g}")

# %% [markdown]
# ### Exercise 24: a prediction
#
# Some of the claims are right although the numbers differ, and some are wrong although the numbers agree. Which claims are right, for every $x$ at which the function is differentiable? **Return** five numbers, in the order of the list: 1 for a right claim, 0 for a wrong one.


# %% nbgrader={"grade": false, "grade_id": "pitfalls-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pitfalls():
    """Return 1 (the claim is right) or 0 (it is wrong) for each of the five checks.

    both_zero, kink, single_precision, one_point, relative_error
    """
    ### BEGIN SOLUTION
    return 0, 1, 1, 0, 1
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "pitfalls", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.pitfalls.check(pitfalls)
### BEGIN HIDDEN TESTS
ex.pitfalls.check(pitfalls)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: pitfalls -->

# %% [markdown]
# The next cell repeats each check in float64, at several points, and with an absolute tolerance.

# %%
points = np.array([-1.7, -0.6, 0.3, 1.9])
for name, (f, claimed, _, _) in gradient_checks().items():
    differences = (f(points + 1e-5) - f(points - 1e-5)) / 2e-5
    gap = np.max(np.abs(claimed(points) - differences))
    print(f"{name:16s} largest difference {gap:.0e}:", "right" if gap < 1e-6 else "wrong")

# %% [markdown]
# - **both_zero**: where ReLU is 0, a program that always returns 0 is right. Check points on both sides.
# - **kink**: the two points $x \pm h$ are on different sides of the kink of ReLU, so the central difference is not the derivative. Use a smaller $h$ or another point.
# - **single_precision**: in float32 a number near 9 is rounded by up to $5\cdot10^{-7}$, and the difference is divided by $2h = 2\cdot10^{-6}$. In float32 the best $h$ is about $10^{-3}$, in float64 about $10^{-5}$ (lesson 01, section 8, "How to check a derivative").
# - **one_point**: $3x^2$ and $3x$ are equal at $x = 1$. Use several generic points.
# - **relative_error**: the right derivative is 0, and the central difference is $10^{-10}$. Their relative difference is 100 %. Use an absolute tolerance too.
#
# `torch.autograd.gradcheck` (lesson 01, section 8, "How to check a derivative") has both tolerances. It expects float64: for float32 inputs it warns, and it will usually fail.

# %% [markdown]
# ## What to remember
#
# | mistake | a test that it passes | a test that finds it |
# |---|---|---|
# | a unit uses another unit's weight | the size of the loss | generic biases |
# | squared residual in the gradient | the loss after one step | the loss after a few steps |
# | wrong sign of the step | the loss before the step | the loss after it |
# | Jacobian of softmax without its off-diagonal entries | the size of the gradient | the sign of one entry |
# | a path left out | the size of the gradient | its sign |
# | a missing factor $x$ | an example with $x = 1$ | another $x$ |
# | ReLU passes every gradient | an example with $z > 0$ | one with $z < 0$ |
# | a sum for an average | the direction of the gradient | its size, or a larger learning rate |
# | gradients not cleared | the first step | the second step |
# | half the gradient | the curve of the loss | gradient checking |
# | a saturated logarithm | no `nan` and no `inf` | a prediction that is very wrong |
#
# - Look for the *first* wrong result. Later lines may be wrong only because they use it.
# - Compare with something independent: PyTorch, central differences, a case computed by hand.
# - Use several generic inputs, and one for each case of the program.
# - Print the loss after the first step. If it falls for all small $\alpha$, then $g\cdot v \ge 0$, and no more is known.
# - A gradient check needs a relative and an absolute tolerance, several points away from kinks, and float64. It cannot find a mistake in the loss itself.
#
# **One question that joins two ideas.** The gradient check of a network for $K$ classes passes for all its parameters. But its loss starts far above $\log K$, and it grows from step to step. Which two kinds of mistakes in this lesson fit, and why does the check pass?
#
# <details>
# <summary>Answer</summary>
#
# A mistake in the forward pass, as in `flawed_two_units`: the check compares the gradient with differences of the same wrong loss, so it passes. And a step with the wrong sign, as in `flawed_one_step`: the gradient is right, and the check does not look at the step. (A learning rate that is too large fits too.) The first loss far above $\log K$ may also come from large initial weights of the last layer, as in lesson 05, section 7, "Training by hand".
#
# </details>

# %% [markdown]
# Next: [08 Inside a transformer](08_inside_a_transformer.ipynb), in which you derive the gradients of attention and of the layers around it.
