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
# **After this lesson you can** differentiate any formula that is built from simpler functions, along one path and along several, and check your derivative in three ways.
#
# **Time** about 120 minutes. **You need** derivatives as school teaches them, and a little Python. If you have not opened [00 Start here](00_start_here.ipynb): it takes five minutes.
#
# **Shift+Enter** runs a cell, and so does ▶ (*Run*) in the toolbar. Run the cells from top to bottom. *Kernel*, *Restart Kernel and Run Up to Selected Cell* clears the memory and runs everything above the selected cell again.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.exercises import chain_rule as ex
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
# ## Why derive by hand what a program can do
#
# PyTorch differentiates programs automatically. So why do it by hand? Here is a case in which the result is useless, and no error message says so.
#
# A classifier answers "yes" or "no". It computes a number $z$, and the sigmoid $\sigma(z) = \frac{1}{1 + e^{-z}}$ turns it into the probability of "yes". For one picture $z = 17$, and the right answer is "no". The classifier is confident and wrong, so training should correct it. The usual measure of the error is the log loss; for the answer "no" it is $L = -\log(1 - \sigma(z))$, here about 17. The next cell asks PyTorch for $L$ and for its derivative: in float32, the 7-digit numbers that PyTorch uses by default, and in float64, with 16 digits. Should the derivative be positive, negative or 0?

# %%
for precision in (torch.float32, torch.float64):
    z = torch.tensor(17.0, dtype=precision, requires_grad=True)
    no = torch.tensor(0.0, dtype=precision)
    L = torch.nn.functional.binary_cross_entropy(torch.sigmoid(z), no)
    L.backward()
    print(f"{precision}: loss {L.item():.4f}, derivative {z.grad.item():.4f}")

# %% [markdown]
# The loss grows with $z$, and the derivative is 1.0000. In float32 PyTorch says 0: the classifier will learn nothing from its worst mistake. PyTorch has differentiated the program correctly, but in float32 this program rounds $\sigma(17)$ to 1. Somebody who can derive $\frac{dL}{dz} = \sigma(z)$ on paper sees that 0 is wrong, and can write a better program. You will do both, in lessons 02 and 03.
#
# After this course you can derive the backward pass of a network yourself, compare it with PyTorch's, and say which step is wrong when the two differ.
#
# ## How a network learns
#
# A network has adjustable numbers, its **parameters**, written together as $\theta$. For an input $x$ it computes a **prediction** $\hat y$. The value that the prediction should have is the **target** $y$. Training repeats four steps.
#
# ![](../img/training_loop.svg)
#
# 1. **Forward pass.** Compute the prediction from the inputs.
# 2. **Loss.** Measure by one number, $L$, how far the prediction is from the target.
# 3. **Backward pass.** Compute the derivative of $L$ with respect to every parameter. All these derivatives together are the **gradient** of $L$.
# 4. **Update.** Change every parameter by $-\alpha$ times its derivative, where $\alpha$ is a small positive number.
#
# Step 3 is *back-propagation*. Step 4 is *gradient descent*. They are two different things: back-propagation computes the gradient, and gradient descent uses it. This course is about step 3. It needs one rule, the chain rule, applied many times in a good order.
#
# Every exercise has two cells. You complete the function in the first. The second checks it against PyTorch, on inputs that you have not chosen. Three folded hints are below each check.

# %% [markdown]
# ## 1. Derivatives
#
# The **derivative** of a function is its slope. If $x$ changes by a small amount $dx$, then $y = f(x)$ changes by approximately
#
# $$dy \approx f'(x)\,dx,$$
#
# and the smaller $dx$, the smaller the error compared with $dx$. The derivative $f'(x)$ is also written $\frac{dy}{dx}$. Everything in this lesson follows from this one line.
#
# | function | derivative | remark |
# |---|---|---|
# | $e^x$ | $e^x$ | |
# | $x^n$ | $n\,x^{n-1}$ | for example $x^2$ has the derivative $2x$ |
# | $1/x$ | $-1/x^2$ | negative: $1/x$ decreases on either side of 0 |
# | $\sin x$ | $\cos x$ | |
# | $\cos x$ | $-\sin x$ | |
# | $\log x$ | $1/x$ | the natural logarithm, for $x > 0$ |
#
# ### Exercise 1: two derivatives
#
# Return the derivatives of $1/u$ and of $\log u$ at the number $u > 0$, in this order. In Python a power is written `**`, as in `u**2`. (`^` is something else.)


# %% nbgrader={"grade": false, "grade_id": "basic_slopes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def basic_slopes(u):
    """Return dreciprocal_du, dlog_du: two numbers, at the number u > 0."""
    ### BEGIN SOLUTION
    dreciprocal_du = -1 / u**2
    dlog_du = 1 / u
    ### END SOLUTION
    return dreciprocal_du, dlog_du


# %% nbgrader={"grade": true, "grade_id": "basic_slopes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.basic_slopes.check(basic_slopes)
### BEGIN HIDDEN TESTS
ex.basic_slopes.check(basic_slopes, seed=31172, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: basic_slopes -->

# %% [markdown]
# ## 2. One path: a function inside a function
#
# Let $y$ depend on $g$, and $g$ on $x$. Change $x$ by a small $dx$. Then $dg \approx \frac{dg}{dx}\,dx$. This $dg$ is a small change as well, so $dy \approx \frac{dy}{dg}\,dg \approx \frac{dy}{dg}\cdot\frac{dg}{dx}\,dx$. Compare with $dy \approx \frac{dy}{dx}\,dx$:
#
# $$\frac{dy}{dx} = \frac{dy}{dg}\cdot\frac{dg}{dx}.$$
#
# This is the **chain rule**. Rates of change along a chain multiply: if $g$ changes 3 times as fast as $x$, and $y$ changes 5 times as fast as $g$, then $y$ changes 15 times as fast as $x$. Each derivative is taken *at the value that its function was given*: the outer one at $g$, the inner one at $x$.
#
# ### Exercise 2: a prediction
#
# Let $g = 3x + 1$ and $y = g^2$. What is $\frac{dy}{dx}$ at $x = 2$? Work it out on paper and return one number. The cell after the check shows the answer.


# %% nbgrader={"grade": false, "grade_id": "gears-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gears():
    """Return dy_dx at x = 2, one number, for y = g**2 and g = 3*x + 1."""
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
# The next cell changes $x$ by a thousandth and prints the changes of $g$ and $y$.


# %%
def g_of(x):
    return 3 * x + 1


dx = 0.001
dg = g_of(2 + dx) - g_of(2)
dy = g_of(2 + dx) ** 2 - g_of(2) ** 2
print(f"dx = {dx}")
print(f"dg = {dg:.4f}, so dg/dx = {dg / dx:.2f}")
print(f"dy = {dy:.5f}, so dy/dg = {dy / dg:.2f} and dy/dx = {dy / dx:.2f}")

# %% [markdown]
# The last digits are off because $dx$ is small but not 0: that is the "≈".
#
# ### A worked example
#
# Take $y = (e^x + x)^2$. The last operation is the square. Give a name to what is squared: $g = e^x + x$, so $y = g^2$.
#
# $$\frac{dy}{dg} = 2g, \qquad \frac{dg}{dx} = e^x + 1, \qquad \frac{dy}{dx} = 2g\,(e^x + 1) = 2(e^x + x)(e^x + 1).$$
#
# In code every factor gets a name that reads like the mathematics: `dy_dg` is $\frac{dy}{dg}$. The cell then asks PyTorch for the same number. A *tensor* is PyTorch's array; ours is called `x_t`. `float64` asks for 16 digits, and `requires_grad=True` asks PyTorch to record the operations on it. `y_t.backward()` computes the derivative and stores it in `x_t.grad`. `.item()` returns it as a plain number.

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
# Let $y = g^3$ with $g = e^x + x^2$. Return $\frac{dy}{dg}$, $\frac{dg}{dx}$ and $\frac{dy}{dx}$, three numbers in this order.


# %% nbgrader={"grade": false, "grade_id": "one_path-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def one_path(x):
    """Return dy_dg, dg_dx, dy_dx: three numbers, at the number x.

    y = g**3, g = exp(x) + x**2
    """
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
# ## 3. Activation functions
#
# Each unit of a network applies a simple nonlinear function to a number. Such a function is called an **activation function**, or a **nonlinearity**. Three of them are everywhere.
#
# | name | function | what it does |
# |---|---|---|
# | sigmoid | $\sigma(v) = \dfrac{1}{1 + e^{-v}}$ | maps any number to one between 0 and 1 |
# | softplus | $\log(1 + e^v)$ | close to 0 for very negative $v$, close to $v$ for large $v$ |
# | ReLU | $\max(0, v)$ | 0 for negative $v$, and $v$ for positive $v$; it has a corner at 0 |
#
# Look at the three curves. Before you read on: where is each one steepest, and how steep is it there?

# %% tags=["same-for-all"]
v = np.linspace(-5, 5, 201)
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(v, 1 / (1 + np.exp(-v)), "-", label="sigmoid")
ax.plot(v, np.log(1 + np.exp(v)), "--", label="softplus")
ax.plot(v, np.maximum(0, v), ":", linewidth=2.5, label="ReLU")
ax.set(xlabel="v", ylim=(-0.3, 5))
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# The sigmoid is steepest at $v = 0$; the exercise lets you compute how steep. Softplus and ReLU approach or reach slope 1 on the right. ReLU has no derivative at its corner. Programs choose a value there, and PyTorch chooses 0.
#
# ### Exercise 4: activation functions
#
# Return the derivatives of sigmoid, softplus and ReLU at the number $v$, three numbers in this order. The first two are functions inside functions: name the inner function, then use the chain rule. The derivative of the sigmoid can be written with the value of the sigmoid itself.


# %% nbgrader={"grade": false, "grade_id": "activation_slopes-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def activation_slopes(v):
    """Return dsigmoid_dv, dsoftplus_dv, drelu_dv: three numbers, at the number v."""
    sigmoid = 1 / (1 + np.exp(-v))
    ### BEGIN SOLUTION
    dsigmoid_dv = sigmoid * (1 - sigmoid)
    dsoftplus_dv = sigmoid
    drelu_dv = 1.0 if v > 0 else 0.0
    ### END SOLUTION
    return dsigmoid_dv, dsoftplus_dv, drelu_dv


# %% nbgrader={"grade": true, "grade_id": "activation_slopes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.activation_slopes.check(activation_slopes)
### BEGIN HIDDEN TESTS
ex.activation_slopes.check(activation_slopes, seed=60417, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: activation_slopes -->

# %% [markdown]
# At $v = 0$ the sigmoid is $\frac12$, so its derivative is $\frac12\cdot\frac12 = \frac14$. It is smaller everywhere else.

# %% [markdown]
# ## 4. Longer chains
#
# With more functions there are more factors. For $y = e^{x^2}$ let $u = x^2$. Then $y = e^u$, and
#
# $$\frac{dy}{dx} = \frac{dy}{du}\cdot\frac{du}{dx} = e^u \cdot 2x = 2x\,e^{x^2}.$$
#
# Apply one more exponential: $y = e^{e^{x^2}}$. Give every intermediate value a name. Each step from one name to the next is a **link** of the chain.
#
# ![](../img/chain_links.svg)
#
# The derivative of a link is its **local derivative**. It often uses values that the forward pass has already computed: here $e^u$ is needed for $v$, and it is the local derivative of $v$ as well.
#
# In the next picture each link has a plot of its own, with its derivative drawn as a tangent. The output of one plot is the input of the next. The product of the local derivatives is below; the plot on the right shows $y$ against $x$.
#
# Before you run the cell, predict two things. At which $x$ is $y$ flat, and which link is the reason? And when $x$ goes from 0.5 to 1, which of the three local derivatives grows most? Then move $x$.

# %%
from backprop.pictures import follow_chain

follow_chain("long_chain")

# %% [markdown]
# At $x = 0$ the first link is flat. One factor of 0 makes the whole product 0, whatever the other factors are. From 0.5 to 1 the local derivative of the last link grows most, from 3.6 to 15.2. The product grows from 4.6 to 82.4, because all three factors grow. Tick *Predict the slope of the whole* to practise, and try the other chains in the list.
#
# ### Exercise 5: a chain with three links
#
# Let $u = x^2$, $v = e^u$, $y = e^v$. Return the three local derivatives, from $y$ back to $x$, and then $\frac{dy}{dx}$: four numbers.


# %% nbgrader={"grade": false, "grade_id": "long_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def long_chain(x):
    """Return dy_dv, dv_du, du_dx, dy_dx: four numbers, at the number x.

    u = x**2, v = exp(u), y = exp(v)
    """
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
# ### Exercise 6: with no names given
#
# Let $y = \dfrac{1}{e^{x^2}}$. Choose your own names for the intermediate values. Return $\frac{dy}{dx}$, one number.


# %% nbgrader={"grade": false, "grade_id": "reciprocal_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def reciprocal_chain(x):
    """Return dy_dx: one number, at the number x, for y = 1 / exp(x**2)."""
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
# The next figure shows this function, and below it the derivative that PyTorch computes at every point. Before you run the cell: at which $x$ is the derivative 0, and where, roughly, is it largest in size? (`.detach().numpy()` returns a tensor's values as a NumPy array.)

# %% tags=["same-for-all"]
x_t = torch.linspace(-2.5, 2.5, 201, dtype=torch.float64, requires_grad=True)
y_t = 1 / torch.exp(x_t**2)
y_t.sum().backward()  # each y depends on its own x only, so one call gives all derivatives
x, y, dy_dx = x_t.detach().numpy(), y_t.detach().numpy(), x_t.grad.numpy()

fig, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4), sharex=True, layout="constrained")
top.plot(x, y)
top.set(ylabel="y")
bottom.plot(x, dy_dx, "--", color="tab:red")
bottom.set(xlabel="x", ylabel="dy/dx")
for ax in (top, bottom):
    ax.grid(alpha=0.3)

# %% [markdown]
# The derivative is 0 at the maximum, $x = 0$. It is largest in size at $x = \pm\frac{1}{\sqrt 2} \approx \pm 0.71$, where the curve is steepest.

# %% [markdown]
# ## 5. Several inputs: partial derivatives
#
# A function may have several inputs. The **partial derivative** $\frac{\partial y}{\partial x}$, with a round ∂, is the derivative with respect to $x$ while all other inputs are held constant.
#
# For $g = xz$ hold $z$ constant: then $z$ is a constant factor, so $\frac{\partial g}{\partial x} = z$. In the same way $\frac{\partial g}{\partial z} = x$. In a product, the derivative with respect to one factor is *the other factor*. Every lesson uses this.
#
# The chain rule is the same. If $y = f(g)$ and $g$ depends on $x$ and $z$,
#
# $$\frac{\partial y}{\partial x} = \frac{dy}{dg}\cdot\frac{\partial g}{\partial x},\qquad \frac{\partial y}{\partial z} = \frac{dy}{dg}\cdot\frac{\partial g}{\partial z}.$$
#
# Both contain $\frac{dy}{dg}$. Compute it once and use it twice. In a large network, this kind of reuse is what makes training affordable.
#
# ### Exercise 7: two inputs
#
# Let $y = \sin g$ with $g = x^2 z + 3z$. Return $\frac{dy}{dg}$, $\frac{\partial y}{\partial x}$ and $\frac{\partial y}{\partial z}$, three numbers in this order. In code a round ∂ is a plain d: `dy_dx`.


# %% nbgrader={"grade": false, "grade_id": "inner_partials-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inner_partials(x, z):
    """Return dy_dg, dy_dx, dy_dz: three numbers, at the numbers x and z.

    y = sin(g), g = x**2 * z + 3 * z
    """
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
# ## 6. Several paths: multiply along a path, add over the paths
#
# Now let $x$ influence $y$ in two ways, through $g$ and through $h$.
#
# ![](../img/several_paths.svg)
#
# Write $y = f(g, h)$. If both $g$ and $h$ change a little, then
#
# $$dy \approx \frac{\partial y}{\partial g}\,dg + \frac{\partial y}{\partial h}\,dh,$$
#
# because the change through $g$ and the change through $h$ add up; what each does to the other is of the size $dg\cdot dh$, and much smaller. Put in $dg \approx \frac{dg}{dx}\,dx$ and $dh \approx \frac{dh}{dx}\,dx$:
#
# $$\frac{dy}{dx} = \frac{\partial y}{\partial g}\cdot\frac{dg}{dx} + \frac{\partial y}{\partial h}\cdot\frac{dh}{dx}.$$
#
# **Multiply along a path. Add over the paths.** With more paths there are more terms, and nothing else changes. Back-propagation applies this rule from the loss back to the inputs.
#
# You know one case from school. Let $y = g\,h$. The derivatives of the product are $\frac{\partial y}{\partial g} = h$ and $\frac{\partial y}{\partial h} = g$, so $\frac{dy}{dx} = h\,\frac{dg}{dx} + g\,\frac{dh}{dx}$. This is the product rule.
#
# ### A worked example
#
# Take $y = x^2(3x + 1) - \sin(x^2)$. The square occurs twice, so it gets one name: $h = x^2$. With $g = 3x + 1$ we have $y = hg - \sin h$.
#
# | derivative | held constant | value |
# |---|---|---|
# | $\partial y/\partial g$ | $h$ | $h$ |
# | $\partial y/\partial h$ | $g$ | $g - \cos h$ |
# | $dg/dx$ | | $3$ |
# | $dh/dx$ | | $2x$ |
#
# $$\frac{dy}{dx} = 3h + 2x\,(g - \cos h) = 3x^2 + 2x\,(3x + 1 - \cos x^2).$$
#
# Before you run the next cell: at $x = 0.5$, which of the two paths contributes more?

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
# ### Exercise 8: two paths
#
# Let $g = 2x - 1$, $h = x^3$ and $y = hg + \cos h$. Return the four local derivatives and then $\frac{dy}{dx}$: five numbers, in the order of the docstring.


# %% nbgrader={"grade": false, "grade_id": "two_paths-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_paths(x):
    """Return dy_dg, dy_dh, dg_dx, dh_dx, dy_dx: five numbers, at the number x.

    g = 2*x - 1, h = x**3, y = h*g + cos(h)
    """
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
# ### What one small step does
#
# The same rule says what happens when *all* parameters change a little. For a loss with two parameters, $dL \approx \frac{\partial L}{\partial\theta_1}\,d\theta_1 + \frac{\partial L}{\partial\theta_2}\,d\theta_2$. Gradient descent chooses $d\theta_k = -\alpha\,\frac{\partial L}{\partial\theta_k}$, so
#
# $$dL \approx -\alpha\left[\Bigl(\frac{\partial L}{\partial\theta_1}\Bigr)^2 + \Bigl(\frac{\partial L}{\partial\theta_2}\Bigr)^2\right].$$
#
# The bracket is the sum of the squares of all partial derivatives, the squared length of the gradient. It is never negative: a *small* step against the gradient lowers the loss, by about $\alpha$ times this number. The next cell takes $L = \sin(\theta_1^2\,\theta_2 + 3\theta_2)$. For which of the three values of $\alpha$ do you expect the two columns to differ most?


# %%
def example_loss(theta):
    return torch.sin(theta[0] ** 2 * theta[1] + 3 * theta[1])


theta = torch.tensor([0.8, 0.3], dtype=torch.float64, requires_grad=True)
L = example_loss(theta)
L.backward()
squared_length = (theta.grad**2).sum()
for alpha in (0.001, 0.01, 0.1):
    new_L = example_loss(theta - alpha * theta.grad)
    predicted, seen = -alpha * squared_length.item(), (new_L - L).item()
    print(f"alpha = {alpha:5}: predicted dL = {predicted:.6f}   seen {seen:.6f}")

# %% [markdown]
# For the largest step: the rule is for small changes, and its error grows like $\alpha^2$.

# %% [markdown]
# ## 7. A chain of sigmoids
#
# Here is a small network. A number $x$ passes through three units in a row. Each unit multiplies its input by a **weight**, a number that training can change, and applies the sigmoid. The output of a unit is called its **activation**, $a$.
#
# $$a_1 = \sigma(w_1 x),\qquad a_2 = \sigma(w_2 a_1),\qquad \hat y = \sigma(w_3 a_2),\qquad L = (\hat y - y)^2.$$
#
# From here on $y$ is the **target**, and no longer the result. $\hat y$, read "y hat", is the prediction, and $L$ is the loss.
#
# How does $L$ change with $w_2$? The path from $w_2$ to $L$ goes through $a_2$ and $\hat y$. So
#
# $$\frac{\partial L}{\partial w_2} = \underbrace{2(\hat y - y)}_{\partial L/\partial \hat y}\cdot\underbrace{\hat y(1 - \hat y)\,w_3}_{\partial \hat y/\partial a_2}\cdot\underbrace{a_2(1 - a_2)\,a_1}_{\partial a_2/\partial w_2}.$$
#
# This uses the derivative of the sigmoid written with its own value, $\sigma' = \sigma(1 - \sigma)$, and the product rule for one factor: the derivative of $w_2 a_1$ with respect to $w_2$ is $a_1$.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def second_weight(x, w1, w2, w3, y):
    """Print dL_dw2 of the chain as its three factors."""
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    factors = [2 * (yhat - y), yhat * (1 - yhat) * w3, a2 * (1 - a2) * a1]
    product = " * ".join(f"{factor:.6f}" for factor in factors)
    print(f"dL_dw2 = {product} = {np.prod(factors):.6f}")


second_weight(x=0.8, w1=1.5, w2=-1.2, w3=2.0, y=0.25)

# %% [markdown]
# For $w_1$ the path is longer, but it *begins* (from the loss) with the same factors: $\partial L/\partial \hat y$ and $\partial \hat y/\partial a_2$. If you go back from $L$ one node at a time and keep the derivative at each node, nothing is computed twice.
#
# ### Exercise 9: all three weights
#
# Return the six derivatives in the order in which the backward pass computes them.


# %% nbgrader={"grade": false, "grade_id": "three_sigmoids-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def three_sigmoids(x, w1, w2, w3, y):
    """Return dL_dyhat, dL_dw3, dL_da2, dL_dw2, dL_da1, dL_dw1: six numbers.

    All inputs are numbers.
    """
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    ### BEGIN SOLUTION
    dL_dyhat = 2 * (yhat - y)
    dL_dz3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = dL_dz3 * a2
    dL_da2 = dL_dz3 * w3
    dL_dz2 = dL_da2 * a2 * (1 - a2)
    dL_dw2 = dL_dz2 * a1
    dL_da1 = dL_dz2 * w2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dw1 = dL_dz1 * x
    ### END SOLUTION
    return dL_dyhat, dL_dw3, dL_da2, dL_dw2, dL_da1, dL_dw1


# %% nbgrader={"grade": true, "grade_id": "three_sigmoids", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.three_sigmoids.check(three_sigmoids)
### BEGIN HIDDEN TESTS
ex.three_sigmoids.check(three_sigmoids, seed=65198, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: three_sigmoids -->

# %% [markdown]
# ### Vanishing gradients
#
# The derivative of the sigmoid is at most $\frac14$, and each sigmoid contributes one such factor. Suppose there are ten sigmoids and every weight is 1. How large can the product of the ten derivatives be, at most? And how do the derivatives with respect to the ten weights compare? Make a guess, then run the cell.

# %%
x_t = torch.tensor(0.5, dtype=torch.float64)
weights = [torch.tensor(1.0, dtype=torch.float64, requires_grad=True) for _ in range(10)]
a = x_t
for w in weights:
    a = torch.sigmoid(w * a)
a.backward()
for number, w in enumerate(weights, start=1):
    print(f"weight {number:2d} (of 10): derivative {w.grad.item():.2e}")
print(f"1/4 to the power of 10: {0.25**10:.2e}")

# %% [markdown]
# The derivative for weight 1 contains all ten sigmoid derivatives, times $x = 0.5$. The output hardly depends on that weight. This is called a **vanishing gradient**. It is one of the reasons why deep networks use ReLU, whose derivative is 1 for every positive input.
#
# Would larger weights help? Each weight is a factor of its link's derivative. Let $x = 0.5$, and let all three weights of the shorter chain grow together from 1 to 5. Does the product of the three local derivatives grow 125 times? Guess, run the cell, and move the weights.

# %%
from backprop.pictures import follow_chain

follow_chain("three_sigmoids")

# %% [markdown]
# Only at first. The next cell prints the product for several common weights.

# %%
for w in (1.0, 1.5, 2.0, 2.5, 3.0, 5.0):
    a, product = 0.5, 1.0
    for _ in range(3):
        before, a = a, 1 / (1 + np.exp(-w * a))
        product *= w * a * (1 - a)
    print(f"w = {w}: product of the three local derivatives {product:.5f}")

# %% [markdown]
# It grows from 0.012 at $w = 1$ to its maximum, 0.0331, near $w = 1.97$, and then falls: at $w = 5$ it is 0.0006. A local derivative here is the weight times the derivative of the sigmoid. A large weight makes the pre-activation large, and there the sigmoid is almost flat. It is called **saturated**. In the picture, set all weights to 1 and $x$ to 6: one saturated link is enough.
#
# ### Exercise 10: open, any number of sigmoids
#
# Now the weights are an array `w` of any length $n$: $a_0 = x$, $a_k = \sigma(w_k a_{k-1})$, $\hat y = a_n$ and $L = (\hat y - y)^2$. Return one array of the shape of `w`: entry `w[0]` belongs to the weight next to $x$.
#
# Python counts from 0: $w_k$ is `w[k - 1]`. In a list `a` that begins with `x`, the weight `w[k]` is between `a[k]` and `a[k + 1]`. Nothing is given this time; you may call `sigmoid` from above.


# %% nbgrader={"grade": false, "grade_id": "sigmoid_chain-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sigmoid_chain(x, w, y):
    """Return dL_dw: an array of shape (n,).

    x and y are numbers, w has shape (n,).
    """
    ### BEGIN SOLUTION
    a = [x]
    for weight in w:
        a.append(sigmoid(weight * a[-1]))
    dL_dw = np.zeros(len(w))
    dL_da = 2 * (a[-1] - y)
    for k in reversed(range(len(w))):
        dL_dz = dL_da * a[k + 1] * (1 - a[k + 1])
        dL_dw[k] = dL_dz * a[k]
        dL_da = dL_dz * w[k]
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
# ## 8. How to check a derivative
#
# There are three ways to get a derivative, and each can check the others.
#
# 1. **By hand**, as you have done.
# 2. **Numerically**: evaluate the function at $x + h$ and $x - h$ for a small step $h$, and divide the difference of the values by the distance of the two points. This is the **central difference**.
# 3. **By automatic differentiation** (autograd): PyTorch applies the chain rule to the program, step by step.
#
# Comparing the first with the second is called **gradient checking**.
#
# ### Exercise 11: the central difference
#
# `f` is a function of one number. You can call it, but you do not know its formula. Return one number.


# %% nbgrader={"grade": false, "grade_id": "central_difference-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def central_difference(f, x, h):
    """Return dy_dx: the central difference of f at the number x with the step h."""
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
# How small should $h$ be? The next figure shows the error of the central difference, in float64 and in float32, and of the *one-sided* difference $\frac{f(x + h) - f(x)}{h}$. Predict: does the error keep falling as $h$ goes from $10^{-1}$ down to $10^{-15}$?


# %% tags=["same-for-all"]
def worked(x):
    return (np.exp(x) + x) ** 2


def errors(precision, steps, backwards=1):
    """Errors of (f(x + h) - f(x - backwards * h)) / ((1 + backwards) * h) at 0.7."""
    x, found = precision(0.7), []
    true = 2 * (np.exp(0.7) + 0.7) * (np.exp(0.7) + 1)
    for h in steps.astype(precision):
        left, right = x - precision(backwards) * h, x + h
        quotient = float(worked(right) - worked(left)) / float((1 + backwards) * h)
        found.append(abs(quotient - true))
    return np.array(found)


steps, wide = 10.0 ** np.arange(-15, 0), 10.0 ** np.arange(-7, 0)
central, single = errors(np.float64, steps), errors(np.float32, wide)
fig, ax = plt.subplots(figsize=(7, 3.5))
ax.loglog(steps, errors(np.float64, steps, backwards=0), "s--", label="one-sided, float64")
ax.loglog(steps, central, "o-", label="central, float64")
ax.loglog(wide, single, "^:", label="central, float32")
ax.set(xlabel="step h", ylabel="error")
ax.legend()
ax.grid(alpha=0.3)
for name, h, error in (("float64", steps, central), ("float32", wide, single)):
    print(f"{name}: smallest error {error.min():.0e}, at h = {h[error.argmin()]:.0e}")

# %% [markdown]
# Read the figure from right to left. Each time $h$ becomes ten times smaller, the error becomes ten times smaller for the one-sided difference, and a hundred times for the central one. Further to the left the error grows again. There the two values of $f$ agree in nearly all of their digits, so their difference consists mostly of rounding error, and dividing by a small $h$ makes it large. In float64 the best $h$ for the central difference is between $10^{-6}$ and $10^{-5}$. In float32 it is about $10^{-3}$, and even then the error is about a million times larger. So check gradients in float64.
#
# ### What can go wrong with a gradient check
#
# A numerical derivative is an approximation, so it never equals yours exactly. How close is close enough? A plain difference depends on the scale: 0.001 is much for a derivative of 0.002 and nothing for one of 5000. The usual measure is the **relative error**, with a floor that protects it when both numbers are 0 or consist of rounding error only:
#
# $$e = \frac{|p - q|}{\max(|p|,\,|q|,\,\text{floor})}.$$
#
# ### Exercise 12: a relative error that can be trusted
#
# Let `p` be a derivative by hand, `q` the numerical one, and `floor` a small positive number. Return $e$, one number. The check tries equal numbers, opposite signs, both 0, and numbers far below the floor.


# %% nbgrader={"grade": false, "grade_id": "relative_error-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def relative_error(p, q, floor):
    """Return e: one number, for the numbers p, q and floor > 0."""
    ### BEGIN SOLUTION
    return abs(p - q) / max(abs(p), abs(q), floor)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "relative_error", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.relative_error.check(relative_error)
### BEGIN HIDDEN TESTS
ex.relative_error.check(relative_error, seed=38204, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: relative_error -->

# %% [markdown]
# Even a good measure can mislead. In each of the next three cases the derivative by hand and the numerical one are compared with $h = 10^{-5}$ in float64. In which of them is the derivative by hand *right*?
#
# 1. $f(x) = x^2$, by hand $x^2$, checked at $x = 2$.
# 2. $f(x) = \max(0, x)$, by hand 1 for positive $x$, checked at $x = 3\cdot 10^{-6}$.
# 3. $f(x) = x^3$, by hand $3x^2$, checked at $x = 0$.


# %%
def compare(title, f, by_hand, x, h=1e-5, floor=1e-4):
    numerical = (f(x + h) - f(x - h)) / (2 * h)
    error = abs(by_hand - numerical) / max(abs(by_hand), abs(numerical), floor)
    print(f"{title}: by hand {by_hand:.6g}   numerical {numerical:.6g}   e = {error:.1e}")


compare("1. one lucky point     ", lambda x: x**2, by_hand=2.0**2, x=2.0)
compare("   the same, at x = 1.3", lambda x: x**2, by_hand=1.3**2, x=1.3)
compare("2. a kink within h     ", lambda x: max(0.0, x), by_hand=1.0, x=3e-6)
compare("   the same, at x = 0.3", lambda x: max(0.0, x), by_hand=1.0, x=0.3)
compare("3. both are nearly 0   ", lambda x: x**3, by_hand=0.0, x=0.0)
compare("   without a floor     ", lambda x: x**3, by_hand=0.0, x=0.0, floor=0.0)

# %% [markdown]
# The first is wrong and passes: $x^2$ and $2x$ agree at $x = 2$. So check at several points with no special values. The second is right and fails: the corner at 0 is between $x - h$ and $x + h$, where the function is not a straight line. So move the point, or make $h$ smaller, before you doubt the derivative. The third is right, and only the floor says so: the numerical value is $h^2 = 10^{-10}$, and relative to itself any error is 100 %.
#
# PyTorch has a function that does all this, `torch.autograd.gradcheck`. It compares PyTorch's own backward pass with central differences, entry by entry, with a relative and an absolute tolerance, and expects float64. It is the usual test for a backward pass that somebody has written by hand. The next cell gives it one right backward pass and one that has lost a factor 2.


# %%
class Square(torch.autograd.Function):
    """x**2 with a backward pass written by hand."""

    factor = 2.0

    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(context, upstream):
        (x,) = context.saved_tensors
        return upstream * Square.factor * x


x_t = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
print("factor 2:", torch.autograd.gradcheck(Square.apply, x_t, raise_exception=False))
Square.factor = 1.0
print("factor 1:", torch.autograd.gradcheck(Square.apply, x_t, raise_exception=False))

# %% [markdown]
# ### Where autograd fails
#
# Autograd is exact up to rounding, but it is exact about *the program*:

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
# In the backward pass the first program divides by 0, which gives infinity, and multiplies the result by 0. The outcome is `nan`, "not a number". ReLU has no derivative at 0: PyTorch takes 0, and the central difference gives the mean of the two sides.
#
# A derivation by hand fails where we make mistakes: a lost factor, a wrong sign, a missing path. That is why every check in this course compares two ways. For the third as well, ask for a second opinion: `ex.two_paths.check(two_paths, second_opinion=True)`.

# %% [markdown]
# ## What to remember
#
# - $dy \approx \frac{dy}{dx}\,dx$. From this line follows the chain rule: derivatives multiply along a path, and the products add over the paths.
# - Give every intermediate value a name. Each local derivative is taken at the value that its function was given.
# - In a product, the derivative with respect to one factor is the other factor.
# - Going back from the loss one node at a time, nothing is computed twice.
# - Back-propagation computes the gradient. Gradient descent uses it: a small step changes the loss by about $-\alpha$ times the squared length of the gradient.
# - Check gradients in float64, at several points, with a relative and an absolute tolerance.
#
# **One question that joins two ideas.** A chain of five sigmoids has all weights equal to 1, and its loss is $L = (\hat y - y)^2$ with $\hat y$ and $y$ between 0 and 1. Somebody computes the derivative with respect to the first weight by central differences in float32, and finds it unreliable. Why is it so small, and why is float32 then not enough?
#
# <details>
# <summary>Answer</summary>
#
# It is a product of $2(\hat y - y)$, $x$ and five sigmoid derivatives, each at most $\frac14$: in size at most $2|x|\cdot\frac{1}{1024}$. For $x = 0.5$ the loss changes by less than $10^{-5}$ when the weight changes by 0.01. In float32 the loss is rounded after about 7 digits, so only a few digits of this change are left.
#
# </details>

# %% [markdown]
# Next: [02 The 1-2-1 network](02_one_two_one_network.ipynb), where the chain has weights, biases and a fork.
