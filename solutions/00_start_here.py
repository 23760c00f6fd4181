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
# A notebook is a list of cells with text or code. Click into the grey cell below and press **Shift+Enter**. The cell runs, its output appears below it, and the next cell is selected. The ▶ button in the toolbar (*Run*) does the same. This first cell checks that everything the course needs is installed.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    import backprop
except ModuleNotFoundError as missing:
    cure = "Run `make lab` in the course folder and open this page there."
    raise SystemExit(f"{missing}. {cure}") from None

print(backprop.environment_report())

# %% [markdown]
# Run the cells from top to bottom: later cells use names that earlier cells define. To begin again with a clean memory, choose *Kernel*, *Restart Kernel*. What you have written stays in the notebook, but its cells have to be run again; *Kernel*, *Restart Kernel and Run Up to Selected Cell* does both. A star, `[*]`, beside a cell means that it is still running; the ■ button stops it.
#
# The next cell shows the **map of the course**. It is at the top of every lesson, shows which exercises are right and which one is next, and each name is a link. It is updated after each check. The record stays on your computer: points, dates and the number of attempts, no answers.

# %%
from backprop.course_map import course_map
from backprop.exercises import start_here as ex

course_map(ex)

# %% [markdown]
# ## 2. Write an answer and check it
#
# In every exercise you complete a function. The cell below it checks the function. For $y = x^2$, the derivative is $\frac{dy}{dx} = 2x$.
#
# 1. Run the next two cells as they are. The check says that you have not started.
# 2. Replace the line with `raise` by `return x`, and run both cells again. This answer is wrong on purpose: read what the check says.
# 3. Write `return 2 * x`, and run both cells again.


# %% nbgrader={"grade": false, "grade_id": "first_slope-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def first_slope(x):
    """Return dy_dx, the derivative of y = x**2 at the number x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %%
ex.first_slope.check(first_slope)

# %% [markdown]
# <!-- hints: first_slope -->

# %% [markdown]
# The check called your function with several values of $x$ and compared each result with the derivative that PyTorch computes. PyTorch is a library that differentiates programs. In this course it tells you whether you are right.
#
# ## 3. Read what a check says
#
# Most exercises ask for several derivatives, in the order in which the backward pass computes them, from the loss to the inputs. The docstring says which, in which order, and of which shape. Return them as a tuple in that order, or as a dict with the names as keys: `return dL_dz, dL_dw` and `return {"dL_dw": dL_dw, "dL_dz": dL_dz}` are the same answer. A report then looks like this one.
#
# ![](../img/failing_check.svg)
#
# | the report says | meaning |
# |---|---|
# | ✓ right | equal to PyTorch's value on every input that was tried |
# | ✗ first wrong link | begin here: everything before it is right |
# | ↳ right, given your … | this step is right; it uses an earlier value that is wrong |
# | ✗ wrong | this step is wrong too, and the first wrong link does not explain it |
# | ✗ wrong on other inputs | right on the inputs shown, wrong on others |
# | a sentence below the table | a known mistake that gives exactly your numbers |
# | ○ Not started yet | the line with `raise` is still there |
#
# Each derivative earns an equal share of the exercise's points. A check never changes your function, and you can run it as often as you like. If your function raises an error, the check shows the error and its line.
#
# The *Validate* button in a notebook's toolbar is for courses with a teacher: it runs the whole notebook once, as the teacher's computer will, and lists the cells that are not finished. This takes up to a minute. While you work you do not need it; the checks below the exercises say more, and say it at once.
#
# ## 4. When you are stuck
#
# Below every check there are three folded hints: a question, an equation, and almost the code. Click on *Hint 1* above. Four calls help as well. They work with the name of any exercise:

# %%
ex.first_slope.hint()

# %%
ex.first_slope.inputs()

# %% [markdown]
# - `ex.first_slope.hint()` shows the next hint.
# - `ex.first_slope.inputs()` returns one set of inputs that the check uses.
# - `ex.first_slope.check(first_slope, second_opinion=True)` adds a column with numerical derivatives, which need no calculus.
# - `ex.first_slope.referee()` writes the PyTorch program behind the check into a new cell, for you to run and change.
#
# Hints cost no points and are not recorded.
#
# ## 5. Symbols and words
#
# Come back to these tables when you meet a symbol or a word that you do not know. Each lesson explains them where they are first used.
#
# | symbol | in code | meaning | usual term |
# |---|---|---|---|
# | $x$, $y$ | `x`, `y` | input of the network, and the value its output should have | input (feature), target (label) |
# | $w_{j\to k}^{[l]}$ | `w1_2`, `W1` | weight from unit $j$ of layer $l-1$ to unit $k$ of layer $l$; with one input, `w1_2` is the weight into unit 2 of layer 1; `W1` holds all weights of layer 1 | weight, weight matrix |
# | $b_k^{[l]}$ | `b1_2` | number added in unit $k$ of layer $l$ | bias |
# | $z$ | `z` | weighted sum plus bias | pre-activation |
# | $a$ | `a` | output of a unit, $a = f(z)$ | activation |
# | $f$, for example $\sigma(z)$ | `1 / (1 + np.exp(-z))` | the function that a unit applies to $z$; $\sigma$ is the sigmoid, with derivative $\sigma(1-\sigma)$ | activation function, nonlinearity |
# | $\hat y$ | `yhat` | output of the network | prediction |
# | $L$ | `L` | one number that measures how wrong the prediction is | loss, cost |
# | $\frac{\partial L}{\partial w}$ | `dL_dw` | how fast $L$ changes when $w$ alone changes | partial derivative |
# | $\nabla L$ | | the vector of all partial derivatives of $L$; one entry is often called "the gradient of $w$" for short | gradient |
# | $\frac{\partial z}{\partial w}$ | `dz_dw` | derivative across one edge of the graph | local derivative |
# | $\frac{\partial\hat y_i}{\partial z_j}$ | `dyhat_dz` | table of all partial derivatives of a vector: row $i$, column $j$ | Jacobian |
# | $\delta$ | `dL_dz` | short for $\frac{\partial L}{\partial z}$ | delta, error signal, adjoint |
# | $\alpha$ | `alpha` | factor of the gradient in one step | learning rate, step size |
#
# | term | meaning |
# |---|---|
# | forward pass | computing all values, from the inputs to the loss |
# | backward pass, back-propagation | computing all derivatives, from the loss to the inputs; it changes no parameter |
# | gradient descent, update, step | changing the parameters by $-\alpha$ times the gradient |
# | parameter | a weight or a bias: what training changes |
# | upstream gradient | the derivative of the loss with respect to a node's output: what arrives at the node in the backward pass |
# | vector-Jacobian product | upstream gradient times Jacobian: what a node does in the backward pass |
# | directional check | comparing $g\cdot v$ with a central difference along one random direction $v$, for all parameters at once |
# | Hessian, Hessian-vector product | the matrix $H$ of all second derivatives; $Hv$ says how the gradient changes along $v$ |
# | vanishing, exploding gradient | a product of many local derivatives that becomes very small, or very large |
# | gradient checking | comparing a derivative with a numerical one, $\frac{f(x+h)-f(x-h)}{2h}$, the central difference |
# | autograd, automatic differentiation | what PyTorch does: the chain rule applied by a program |
# | affine | weighted sum plus bias; linear only if the bias is 0 |
# | logit | a pre-activation that goes into a sigmoid or a softmax at the output |
# | initialisation | the choice of the weights with which training begins |
# | skip connection, residual connection | the input of a block is added to its output |
# | sample, batch, minibatch | one example; all examples together; a few of them |
# | epoch | one pass through all examples, one step for each minibatch |
# | hyperparameter | a number chosen before training, such as the learning rate or the width of a layer |
# | training set, validation set, test set | the examples for the steps; others to choose hyperparameters with; others again for the final result, used once |
# | accuracy, confusion matrix | the share of examples that are classified correctly; the table of how often each class (row) is predicted as each class (column) |
# | overfitting | the loss is much lower on the training set than on other examples; the opposite is to generalise |
# | adversarial example | an input with a small change, along the gradient with respect to the input, that makes the prediction wrong |
# | stochastic gradient descent, SGD | gradient descent in which each step uses a random minibatch |
# | shape $(n,)$ | an array with one index and $n$ entries; shape $(N, D)$ has $N$ rows and $D$ columns |
#
# ## What to remember
#
# - Shift+Enter runs a cell. Run the cells from the top.
# - Write a function, run the check, and read the *first* wrong link.
# - Hints cost nothing.
#
# Next: [01 The chain rule](01_chain_rule.ipynb).
