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
# # 00 Start here
#
# **After this page you can** run a cell, write an answer, read what a check says about it, open a hint, and look up a symbol.
#
# **Time** about five minutes. **You need** nothing. Nothing on this page is graded.
#
# ## 1. Run a cell
#
# This is a notebook: text and code in cells, one below the other. Click into the grey cell below and press **Shift+Enter**. It runs, and what it prints appears under it. This one looks whether everything that the course needs is there, and says in words what is missing.

# %%
try:
    import backprop
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing}. Run `make lab` in the course folder and open this page there.") from None

print(backprop.environment_report())

# %% [markdown]
# Run the cells of a notebook from the top to the bottom; later ones use what earlier ones have made. If you get lost, choose *Kernel*, then *Restart Kernel and Run Up to Selected Cell*.
#
# The next cell shows the **map of the course**, which stands at the top of every lesson. It says what you have done and what is next, and every name in it leads there. Whenever a check finds you right, the map moves. What it remembers stays on your computer: points, dates and the number of attempts, no answers.

# %%
from backprop.course_map import course_map
from backprop.exercises import start_here as ex

course_map(ex)

# %% [markdown]
# ## 2. Write an answer and check it
#
# In every exercise you complete a function, and the cell below it checks the function. The first one is a present: for $y = x^2$, the slope is $\frac{dy}{dx} = 2x$.
#
# 1. Run the next two cells as they are. The check says that you have not started.
# 2. Write `return x` in place of the line with `raise`, and run both cells again. That is wrong, on purpose: read what the check says.
# 3. Now write `return 2 * x`, and run both once more.


# %% nbgrader={"grade": false, "grade_id": "first_slope-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_slope(x):
    """Return dy_dx, the slope of y = x**2 at the number x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %%
ex.first_slope.check(first_slope)

# %% [markdown]
# <!-- hints: first_slope -->
#
# The check has called your function with several values of $x$ that you have not chosen, and compared each result with what PyTorch says. PyTorch is a library that can differentiate programs. In this course it is the referee.
#
# ## 3. Read what a check says
#
# Most exercises ask for several derivatives at once, in the order in which you work them out, from the loss back. Then a report looks like this one.
#
# ![](../img/failing_check.svg)
#
# | it says | it means |
# |---|---|
# | ✓ right | right on all inputs that were tried |
# | ✗ first wrong link | begin here: everything before it is right |
# | ↳ right, given your … | wrong, but only because of an earlier line; mend that one first |
# | ✗ wrong | wrong as well, in a way that the first wrong link does not explain |
# | a sentence below the table | the slip that leads to exactly your numbers, if it is one that we know |
# | ○ Not started yet | the placeholder line is still there |
#
# Nothing you write can break a check. If your function stops with an error, the check tells you the error and the line.
#
# ## 4. When you are stuck
#
# Below every check three hints are folded away: a question, an equation, almost code. Click on *Hint 1* above to see one. There are also four things you can type, with the name of any exercise:

# %%
ex.first_slope.hint()

# %%
ex.first_slope.inputs()

# %% [markdown]
# - `ex.first_slope.hint()` shows the next hint;
# - `ex.first_slope.inputs()` gives one of the sets of inputs that the check uses;
# - `ex.first_slope.check(first_slope, second_opinion=True)` adds a column of slopes by nudging the input, without any calculus;
# - `ex.first_slope.referee()` writes PyTorch's side of the check into a new cell, to run and change.
#
# Asking for a hint costs nothing, and nobody is told.
#
# ## 5. Symbols and words
#
# Come back to this table whenever you meet a symbol that you do not remember. The lessons explain each of them where it is first used.
#
# | symbol | in code | meaning |
# |---|---|---|
# | $x$, $y$ | `x`, `y` | what goes into the network, and the target, what should come out |
# | $w_{j\to k}^{[l]}$ | `w1_2`, `W1` | weight from unit $j$ of layer $l-1$ to unit $k$ of layer $l$; with one input, `w1_2` is the weight into unit 2 of layer 1; `W1` has all the weights of layer 1 |
# | $b_k^{[l]}$ | `b1_2` | bias of unit $k$ of layer $l$ |
# | $z$ | `z` | pre-activation: the weighted sum plus the bias, before the bend |
# | $a$ | `a` | activation: what a unit puts out, after the bend |
# | $\sigma(z)$ | `1 / (1 + np.exp(-z))` | sigmoid, a bend from 0 to 1; its slope is $\sigma(1-\sigma)$ |
# | $\hat y$ | `yhat` | the prediction |
# | $L$ | `L` | the loss: one number that says how wrong the prediction is |
# | $\frac{\partial L}{\partial w}$ | `dL_dw` | how fast $L$ grows when $w$ alone grows: the gradient at $w$ |
# | $\frac{\partial z}{\partial w}$ | `dz_dw` | a local derivative, across one edge of the graph |
# | $\delta$ | `dL_dz` | short for $\frac{\partial L}{\partial z}$ |
# | $\alpha$ | `alpha` | the learning rate: how far a step goes |
#
# | word | meaning |
# |---|---|
# | forward pass | work out all values, from the inputs to the loss |
# | backward pass | work out all gradients, from the loss back to the inputs; it changes nothing |
# | update, step | change the parameters a little, against their gradients |
# | parameter | a weight or a bias: what training changes |
# | upstream gradient | the gradient that arrives at a node from the side of the loss |
# | affine | weighted sum plus a bias; linear only if the bias is 0 |
# | logit | a pre-activation just before a sigmoid or a softmax |
# | generic inputs | numbers that hide nothing: no zeros, no ones, both signs |
# | shape $(n,)$ | an array with one index and $n$ entries; $(N, D)$ has $N$ rows and $D$ columns |
#
# ## What to remember
#
# - Shift+Enter runs a cell. Run them from the top.
# - Write a function, run the check, read the *first* wrong link.
# - A hint costs nothing.
#
# Next: [01 The chain rule](01_chain_rule.ipynb).
