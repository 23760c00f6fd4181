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
# # 09 Capstone
#
# **After this lesson you have** written a network that reads digits, with nothing but NumPy: its start, its gradients, the check of its gradients, its training and its evaluation. You have chosen its design yourself, and you can say in a short report why you trust it.
#
# **Time** about three hours. A good place for a break is after section 4. **You need** lesson [05](05_layers_and_batches.ipynb): networks of any depth, softmax with cross-entropy, initialisation, minibatches; and from lesson [07](07_find_the_bug.ipynb) how a gradient is checked.

# %%
import sys

if "google.colab" in sys.modules:  # in Google Colab, install the course first; Colab has the large packages
    import subprocess

    wanted = ["backprop-by-hand", "anywidget", "psygnal"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*command, *wanted], check=True)
try:
    from backprop.course_map import course_map
    from backprop.digits import HEIGHT, WIDTH, draw_digits
    from backprop.exercises import capstone as ex
except ModuleNotFoundError as missing:
    advice = "Run `make lab` in the course folder and open this lesson there."
    raise SystemExit(f"{missing}. {advice}") from None

import matplotlib.pyplot as plt
import numpy as np

plt.style.use("backprop.drawing.lesson")

# %%
course_map(ex)

# %% [markdown]
# ## Three quick questions
#
# They are about the lessons before this one, and they earn no points. Use pencil and paper.
#
# 1. The loss is the mean cross-entropy of a batch of 4 examples. For one example the softmax gives the right class the probability $0.7$. What is $\frac{\partial L}{\partial z}$ for the logit of this class?
# 2. A dense layer takes 50 inputs and has 20 units, and a ReLU follows. Which variance should its weights have at the start?
# 3. $L(w + h) = 1.30$ and $L(w - h) = 1.27$, with $h = 0.01$. What is the central difference for $\frac{\partial L}{\partial w}$?
#
# **Return** three numbers, in this order.


# %% nbgrader={"grade": false, "grade_id": "recall_09-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def recall_09():
    """Return dL_dz, variance and dL_dw, the answers to questions 1, 2 and 3."""
    ### BEGIN SOLUTION
    return -0.075, 0.04, 1.5
    ### END SOLUTION


# %%
ex.recall_09.check(recall_09)

# %% [markdown]
# <!-- hints: recall_09 -->

# %% [markdown]
# ## The plan
#
# ![](../img/capstone_plan.svg)
#
# People who train networks for a living work in this order, because a mistake is cheap to find at the beginning and expensive at the end. Each stage has a test that costs seconds:
#
# | stage | test |
# |---|---|
# | data | look at some images |
# | start | the first loss is $\log K$ for $K$ classes |
# | gradients | central differences agree |
# | training loop | the network learns twenty examples by heart |
# | design | the loss on digits that it does not learn from |
# | result | digits that nobody has used yet, and which are confused |
#
# In this lesson the functions are yours from the first line on. Every answer cell has the signature and says what goes in and what comes out. The widths, the learning rate and the length of the training are your decision. So some checks do not compare numbers with PyTorch's: they measure what your function does.
#
# ## 1. The data
#
# The digits are drawn by a program in the style of a display with seven segments. Each one is shifted, scaled, slanted, thicker or thinner, and noise is added to every pixel. An image has 12 rows of 8 pixels, so an example is a row of 96 numbers. The label is the digit.

# %%
X, labels = draw_digits(600, seed=1)
print("X", X.shape, " labels", labels.shape, " images of each digit", np.bincount(labels))

fig, axes = plt.subplots(2, 10, figsize=(9, 2.7), layout="constrained")
for place, ax in enumerate(axes.T.flat):
    image = X[labels == place // 2][place % 2].reshape(HEIGHT, WIDTH)
    ax.imshow(image, cmap="gray_r", vmin=-0.2, vmax=1.2)
    ax.set(xticks=[], yticks=[])
for digit, ax in enumerate(axes[0]):
    ax.set_title(digit, fontsize=10)

# %% [markdown]
# Which digits will be confused most easily? Note your guess. Section 9 shows it.
#
# ## 2. The start
#
# A network is a list of sizes: `[96, 32, 10]` is one hidden layer of 32 units between 96 inputs and 10 logits. There is a ReLU after each layer but the last.
#
# - Weights of hidden layers are random numbers with the mean 0 and the variance $\frac2D$, where $D$ is the number of inputs of the layer.
# - Biases are 0.
# - The last layer is a special case. At the start the network knows nothing, so all classes should be about equally likely, with the loss $\log K$. Then the logits must be close to 0. Multiply the random weights of the last layer by $0.1$.
#
# ### Exercise 1: initial parameters
#
# **Return** the list of weights and the list of biases, one of each for every layer. Draw all numbers from one generator made from `seed`, so that a result can be repeated and no two layers have the same numbers.
#
# The check measures. `hidden_variance_times_inputs` is the mean of the squared weights times $D$ for each hidden layer, and about 2 counts as 2. For the last layer everything up to 0.05 counts as 0.


# %% nbgrader={"grade": false, "grade_id": "starting_parameters-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def starting_parameters(widths, seed):
    """Draw the parameters at which training starts.

    widths: a list of sizes [D, ..., K], two or more; seed: an int
    ->  weights, biases: lists of arrays; layer k has weights of the shape
        (widths[k], widths[k + 1]) and biases of the shape (widths[k + 1],)
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    sizes = list(zip(widths, widths[1:]))
    weights = [rng.normal(0, np.sqrt(2 / D), (D, K)) for D, K in sizes]
    weights[-1] *= 0.1
    return weights, [np.zeros(K) for K in widths[1:]]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "starting_parameters", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.starting_parameters.check(starting_parameters)
### BEGIN HIDDEN TESTS
ex.starting_parameters.check(starting_parameters, seed=60273, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: starting_parameters -->

# %% [markdown]
# ## 3. The network and its gradients
#
# ### Exercise 2: forward
#
# **Return** the probabilities of all classes, of shape $(N, K)$. The list of layers can have any length, also one: then there is no hidden layer. In some batches of the check a logit is so large that its exponential is no float.


# %% nbgrader={"grade": false, "grade_id": "class_probabilities-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def class_probabilities(X, weights, biases):
    """Return P (N, K), the softmax of the logits of every example.

    X (N, D); weights and biases: lists of arrays
    """
    ### BEGIN SOLUTION
    A = X
    for W, b in zip(weights[:-1], biases[:-1]):
        A = np.maximum(0, A @ W + b)
    Z = A @ weights[-1] + biases[-1]
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    return P / P.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "class_probabilities", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.class_probabilities.check(class_probabilities)
### BEGIN HIDDEN TESTS
ex.class_probabilities.check(class_probabilities, seed=11938, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: class_probabilities -->

# %% [markdown]
# ### Exercise 3: open, the gradients of every layer
#
# The loss is the mean cross-entropy. A label is a whole number here, the class itself: for $N$ examples
#
# $$L = -\frac1N\sum_{n=1}^{N}\log p_{n,\,\mathrm{label}_n}.$$
#
# So row $n$ of the targets $Y$ would be 1 at $\mathrm{label}_n$ and 0 elsewhere. In NumPy, `P[np.arange(N), labels]` has one entry of each row. **Return** `L`, the list of the gradients of the weights and the list of the gradients of the biases, both in the order of the layers. Write the function for any number of layers; `class_probabilities` forgets the activations, which the backward pass needs.


# %% nbgrader={"grade": false, "grade_id": "loss_and_gradients-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def loss_and_gradients(X, labels, weights, biases):
    """Return L, dL_dweights, dL_dbiases of the mean cross-entropy.

    X (N, D), labels (N,) whole numbers; weights and biases: lists of arrays
    ->  a number, and two lists of arrays with the shapes of weights and biases
    """
    ### BEGIN SOLUTION
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(np.maximum(0, activations[-1] @ W + b))
    Z = activations[-1] @ weights[-1] + biases[-1]
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    examples = np.arange(len(X))
    L = -log_P[examples, labels].mean()
    dL_dZ = np.exp(log_P)
    dL_dZ[examples, labels] -= 1
    dL_dZ /= len(X)
    dL_dweights, dL_dbiases = [], []
    for A, W in zip(reversed(activations), reversed(weights)):
        dL_dweights.insert(0, A.T @ dL_dZ)
        dL_dbiases.insert(0, dL_dZ.sum(axis=0))
        dL_dZ = (dL_dZ @ W.T) * (A > 0)
    return L, dL_dweights, dL_dbiases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "loss_and_gradients", "locked": true, "points": 9, "schema_version": 3, "solution": false, "task": false}
ex.loss_and_gradients.check(loss_and_gradients)
### BEGIN HIDDEN TESTS
ex.loss_and_gradients.check(loss_and_gradients, seed=73341, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: loss_and_gradients -->

# %% [markdown]
# ### Is the first loss right?
#
# The next cell computes the loss of three untrained networks on the digits. Which number do you expect, and may it depend on the widths?

# %%
with ex.once_written():
    print(f"log 10 = {np.log(10):.4f}")
    for widths in ([96, 10], [96, 32, 10], [96, 64, 32, 16, 10]):
        start = starting_parameters(widths, seed=0)
        first = loss_and_gradients(X, labels, *start)[0]
        print(f"widths {widths}: first loss {first:.4f}")

# %% [markdown]
# ## 4. The gradient check
#
# PyTorch has confirmed your gradients, in the exercise. In your own work there may be nobody who does, so you write the check too. An entry of the gradient is suspect if
#
# $$\bigl|\text{claimed} - \text{central difference}\bigr| > \text{atol} + \text{rtol}\cdot\bigl|\text{central difference}\bigr|.$$
#
# The relative tolerance is for derivatives of any size. The absolute one is for those that are 0 or nearly so, where the rounding error of the difference is all that is left (lesson 07).
#
# ### Exercise 4: check a list of parameters
#
# `loss(parameters)` takes a list of arrays and returns a number. `gradients` is what somebody claims, a list of arrays of the same shapes. **Return** the list of the central differences, in the shapes of the parameters, and the number of suspect entries in each array. Leave the arrays of the caller as they are.


# %% nbgrader={"grade": false, "grade_id": "check_gradients-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def check_gradients(loss, parameters, gradients, h, rtol, atol):
    """Compare claimed gradients with central differences, entry by entry.

    loss: a function of a list of arrays; parameters, gradients: lists of arrays;
    h, rtol, atol: numbers
    ->  dL_dparameters: a list of arrays; suspects: a count for each array
    """
    ### BEGIN SOLUTION
    moved = [np.array(part) for part in parameters]
    differences = [np.zeros(part.shape) for part in moved]
    for part, slopes in zip(moved, differences):
        for place in np.ndindex(part.shape):
            kept = part[place]
            part[place] = kept + h
            above = loss(moved)
            part[place] = kept - h
            below = loss(moved)
            part[place] = kept
            slopes[place] = (above - below) / (2 * h)
    suspects = [(np.abs(claimed - slopes) > atol + rtol * np.abs(slopes)).sum() for claimed, slopes in zip(gradients, differences)]
    return differences, suspects
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "check_gradients", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.check_gradients.check(check_gradients)
### BEGIN HIDDEN TESTS
ex.check_gradients.check(check_gradients, seed=38820, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: check_gradients -->

# %% [markdown]
# Now use it on your own network, with ten digits. The second run spoils one entry of the first layer by 1 %. Will the check find it?

# %%
with ex.once_written():
    weights, biases = starting_parameters([96, 8, 6, 10], seed=4)
    few, few_labels = X[:10], labels[:10]

    def loss_of(parameters):
        return loss_and_gradients(few, few_labels, parameters[:3], parameters[3:])[0]

    parameters = [*weights, *biases]
    _, dL_dweights, dL_dbiases = loss_and_gradients(few, few_labels, weights, biases)
    gradients = [*dL_dweights, *dL_dbiases]
    suspects = check_gradients(loss_of, parameters, gradients, 1e-5, 1e-4, 1e-8)[1]
    print("suspect entries of each array, as written:", np.array(suspects))
    largest = np.unravel_index(np.abs(gradients[0]).argmax(), gradients[0].shape)
    gradients[0][largest] *= 1.01
    suspects = check_gradients(loss_of, parameters, gradients, 1e-5, 1e-4, 1e-8)[1]
    print("suspect entries of each array, spoiled:   ", np.array(suspects))

# %% [markdown]
# If an entry is suspect although your gradients passed exercise 3: a pre-activation may lie so close to 0 that moving a weight by $h$ takes it across the kink of the ReLU. Another seed, or a smaller $h$, tells these cases from mistakes.
#
# ## 5. Minibatches and steps
#
# An **epoch** is one pass over all examples, in a new random order. It is cut into **minibatches** of `size` examples, and the last one has what is left. Each minibatch gives one step.
#
# ### Exercise 5: a prediction
#
# A network has the sizes 96, 32, 10. It is trained on 610 digits in minibatches of 32. **Return** three numbers: of its parameters, of the steps in one epoch, and of the examples in the last minibatch.


# %% nbgrader={"grade": false, "grade_id": "count_first-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_first():
    """Return parameters, steps and last_batch, your predictions: three numbers."""
    ### BEGIN SOLUTION
    return 96 * 32 + 32 + 32 * 10 + 10, 20, 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "count_first", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.count_first.check(count_first)
### BEGIN HIDDEN TESTS
ex.count_first.check(count_first)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: count_first -->

# %% [markdown]
# ### Exercise 6: minibatches
#
# **Return** a list of pairs `(examples, their labels)`: arrays of the shapes $(\text{size}, D)$ and $(\text{size},)$. The order is random and depends on `seed` only.
#
# The check looks at the sizes, and at how often the least and the most used example occurs. With 1 for yes and 0 for no it says whether each example has its own label, whether the order is another one than that of the data, whether the same seed gives the same order, and whether another seed gives another order.


# %% nbgrader={"grade": false, "grade_id": "shuffled_batches-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shuffled_batches(X, labels, size, seed):
    """Return the minibatches of one epoch: a list of pairs (examples, their labels).

    X (N, D), labels (N,); size, seed: ints
    """
    ### BEGIN SOLUTION
    order = np.random.default_rng(seed).permutation(len(X))
    batches = []
    for first in range(0, len(X), size):
        rows = order[first : first + size]
        batches.append((X[rows], labels[rows]))
    return batches
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "shuffled_batches", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.shuffled_batches.check(shuffled_batches)
### BEGIN HIDDEN TESTS
ex.shuffled_batches.check(shuffled_batches, seed=24106, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: shuffled_batches -->

# %% [markdown]
# ### Exercise 7: a step for each minibatch
#
# For each minibatch compute the loss and all gradients, then move all parameters by $-\alpha$ times their gradients. **Return** `losses`, the loss of each minibatch before its step, and the lists of the weights and of the biases after the last step. Leave the arrays of the caller as they are. The check takes the same steps with PyTorch's gradients.


# %% nbgrader={"grade": false, "grade_id": "train_epoch-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(batches, weights, biases, alpha):
    """Take one step of gradient descent for each minibatch.

    batches: a list of pairs (X, labels)
    weights, biases: lists of arrays; alpha: a number
    ->  losses (steps,), weights_end, biases_end
    """
    ### BEGIN SOLUTION
    losses = []
    for X, labels in batches:
        L, dL_dweights, dL_dbiases = loss_and_gradients(X, labels, weights, biases)
        losses.append(L)
        weights = [W - alpha * dL_dW for W, dL_dW in zip(weights, dL_dweights)]
        biases = [b - alpha * dL_db for b, dL_db in zip(biases, dL_dbiases)]
    return losses, weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "train_epoch", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
ex.train_epoch.check(train_epoch)
### BEGIN HIDDEN TESTS
ex.train_epoch.check(train_epoch, seed=50917, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: train_epoch -->

# %% [markdown]
# ## 6. Twenty examples by heart
#
# Before a long training, a short test: can the network learn twenty examples by heart? It has far more parameters than examples, so it should. If the loss does not come close to 0, there is a mistake in the gradients, the step or the labels, and no amount of data will help.
#
# ### Exercise 8: overfit on purpose
#
# Choose the sizes of the hidden layers, the learning rate and the number of steps. **Return** the weights and the biases with which all twenty digits are right and the mean loss is at most 0.05. (A smaller loss counts as 0.05.)


# %% nbgrader={"grade": false, "grade_id": "overfit_twenty-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def overfit_twenty(X, labels, seed):
    """Train a network of your own until it knows twenty digits by heart.

    X (20, 96), labels (20,), seed: an int  ->  weights, biases: lists of arrays
    """
    ### BEGIN SOLUTION
    weights, biases = starting_parameters([96, 32, 10], seed)
    return train_epoch([(X, labels)] * 300, weights, biases, 0.3)[1:]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "overfit_twenty", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
ex.overfit_twenty.check(overfit_twenty)
### BEGIN HIDDEN TESTS
ex.overfit_twenty.check(overfit_twenty, seed=86605)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: overfit_twenty -->

# %% [markdown]
# The twenty are right. And other digits? The next cell asks the same network about the images that it has not seen. Predict the share.


# %%
def share_right(X, labels, weights, biases):
    """The share of the examples whose most probable class is the right one."""
    return (class_probabilities(X, weights, biases).argmax(axis=1) == labels).mean()


with ex.once_written():
    by_heart = overfit_twenty(X[:20], labels[:20], seed=0)
    print(f"of the twenty:      {share_right(X[:20], labels[:20], *by_heart):.0%} right")
    print(f"of the 580 others:  {share_right(X[20:], labels[20:], *by_heart):.0%} right")

# %% [markdown]
# So the share that is right on the examples that a network was trained with says nothing about other examples. Every number about quality has to come from digits that the training has not used.
#
# ## 7. The learning rate
#
# To compare designs you need digits that the network does not learn from: the **validation set**. And for the last number in your report you need digits that you have not used for any decision either: the **test set**. If you choose the best of many runs by the test set, its number is no longer that of unseen digits.
#
# The next cell draws 300 validation digits and trains a network at seven learning rates for 15 epochs. Which rates will be too small, and which too large?

# %%
X_validation, labels_validation = draw_digits(300, seed=2)
rates = np.array([0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0])
training_losses = np.full((len(rates), 15), np.nan)
validation_losses = np.full((len(rates), 15), np.nan)

with ex.once_written(), np.errstate(all="ignore"):
    for row, alpha in enumerate(rates):
        weights, biases = starting_parameters([96, 32, 10], seed=0)
        for epoch in range(15):
            batches = shuffled_batches(X, labels, 20, seed=epoch)
            losses, weights, biases = train_epoch(batches, weights, biases, alpha)
            training_losses[row, epoch] = np.mean(losses)
            validation_losses[row, epoch] = loss_and_gradients(X_validation, labels_validation, weights, biases)[0]
        print(f"rate {alpha:6.3f}: training loss {training_losses[row, -1]:9.4f}, validation loss {validation_losses[row, -1]:9.4f}")

# %%
fig, ax = plt.subplots(figsize=(8, 3), layout="constrained")
for rate, curve in zip(rates, validation_losses):
    ax.plot(curve, label=f"{rate:g}")
ax.axhline(np.log(10), color="grey", linestyle=":")
ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 3), xlim=(0, 14))
ax.legend(title="learning rate", ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))
ax.grid(alpha=0.3)

# %% [markdown]
# The dotted line is $\log 10$, where every network starts. Before you trust a single run: take other seeds in `starting_parameters` and run the two cells again. Which rates are good with every seed?
#
# ### Exercise 9: choose
#
# `training_losses` and `validation_losses` have a row for each rate and a column for each epoch. A run that has diverged has nan or infinity from some epoch on. **Return** the rate with the lowest validation loss of all epochs, and the epoch in which it was reached, counted from 0. The lowest loss counts wherever it stands, also in a run that diverges later.


# %% nbgrader={"grade": false, "grade_id": "choose_rate-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose_rate(rates, training_losses, validation_losses):
    """Return alpha, the best of the rates, and epoch, the number of its best epoch.

    rates (R,); training_losses, validation_losses (R, E), with nan where a run diverged
    """
    ### BEGIN SOLUTION
    usable = np.where(np.isfinite(validation_losses), validation_losses, np.inf)
    row, epoch = np.unravel_index(usable.argmin(), usable.shape)
    return rates[row], epoch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose_rate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
ex.choose_rate.check(choose_rate)
### BEGIN HIDDEN TESTS
ex.choose_rate.check(choose_rate, seed=19562, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: choose_rate -->

# %%
with ex.once_written():
    alpha, epoch = choose_rate(rates, training_losses, validation_losses)
    print(f"rate {alpha:g}, epoch {epoch} of 0 to 14")

# %% [markdown]
# ## 8. Digits that it has not seen
#
# Now everything together.
#
# ### Exercise 10: open, your own network
#
# Write the whole training: initial parameters, and for each epoch new minibatches and their steps. The design is yours. Try it out with the validation set first; add cells as you need them.
#
# The check trains with your function six times, each time on 600 other digits, and counts on 400 that it has not been given. **At least 88 % of them have to be right, every time.** (More counts as 88 %. One hidden layer of 32 units reached between 92 % and 98.5 % in a hundred trainings, and a network without hidden layer between 91 % and 95 % in twenty.) With a large learning rate the loss jumps now and then, also in the last epoch. A smaller rate, at least at the end, prevents that.
#
# **Return** the weights and the biases. Keep to about a second for one training.


# %% nbgrader={"grade": false, "grade_id": "fit_digits-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_digits(X, labels, seed):
    """Train a network of your own on digits.

    X (N, 96), labels (N,), seed: an int  ->  weights, biases: lists of arrays
    """
    ### BEGIN SOLUTION
    weights, biases = starting_parameters([96, 32, 10], seed)
    for epoch in range(20):
        batches = shuffled_batches(X, labels, 20, seed + epoch)
        _, weights, biases = train_epoch(batches, weights, biases, 0.3)
    return weights, biases
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit_digits", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
ex.fit_digits.check(fit_digits)
### BEGIN HIDDEN TESTS
ex.fit_digits.check(fit_digits, seed=33471)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: fit_digits -->

# %% [markdown]
# ## 9. What is confused with what
#
# One number hides which digits are difficult. The **confusion matrix** $C$ shows it: $C_{ij}$ is the number of examples **with label $i$ that were taken for $j$**. Rows are true classes, columns are predictions. The right answers are on the diagonal.
#
# ### Exercise 11: the confusion matrix
#
# **Return** the matrix of counts; the share of each class that is right, of shape $(K,)$; and the accuracy, the share of all examples that are right.


# %% nbgrader={"grade": false, "grade_id": "confusion_matrix-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def confusion_matrix(labels, predictions, classes):
    """Count which class is taken for which.

    labels, predictions (N,) whole numbers from 0 to classes - 1; classes: an int
    ->  counts (classes, classes), right_of_class (classes,), accuracy: a number
    """
    ### BEGIN SOLUTION
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, predictions), 1)
    right = np.diag(counts)
    return counts, right / counts.sum(axis=1), right.sum() / counts.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "confusion_matrix", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
ex.confusion_matrix.check(confusion_matrix)
### BEGIN HIDDEN TESTS
ex.confusion_matrix.check(confusion_matrix, seed=70285, samples=25)
### END HIDDEN TESTS

# %% [markdown]
# <!-- hints: confusion_matrix -->

# %% [markdown]
# The test set is drawn here for the first time. Before you run the cells: which two digits differ in a single segment? Which pair will have the largest number beside the diagonal?

# %%
X_test, labels_test = draw_digits(1000, seed=3)

with ex.once_written():
    network = fit_digits(X, labels, seed=0)
    predictions = class_probabilities(X_test, *network).argmax(axis=1)
    counts, right_of_class, accuracy = confusion_matrix(labels_test, predictions, 10)
    print(f"on the {len(X)} digits of the training: {share_right(X, labels, *network):.1%} right")
    print(f"on {len(X_test)} unseen digits:       {accuracy:.1%} right")
    print("right of each class:", right_of_class.round(2))

# %%
with ex.once_written():
    fig, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", width_ratios=[1, 1])
    wrong = counts - np.diag(np.diag(counts))
    axes[0].imshow(wrong, cmap="Oranges")
    for row, column in np.ndindex(10, 10):
        ink = "white" if wrong[row, column] > wrong.max() / 2 else "black"
        middle = {"ha": "center", "va": "center", "fontsize": 8, "color": ink}
        axes[0].text(column, row, f"{counts[row, column]:.0f}", **middle)
    axes[0].set(xlabel="prediction", ylabel="label", xticks=range(10), yticks=range(10))
    axes[0].grid(visible=False)
    mistaken = np.flatnonzero(predictions != labels_test)[:12]
    tiles = np.full((3 * (HEIGHT + 1), 4 * (WIDTH + 1)), 0.5)
    for place, example in enumerate(mistaken):
        row, column = place // 4 * (HEIGHT + 1), place % 4 * (WIDTH + 1)
        tiles[row : row + HEIGHT, column : column + WIDTH] = X_test[example].reshape(HEIGHT, WIDTH)
    axes[1].imshow(tiles, cmap="gray_r", vmin=-0.2, vmax=1.2)
    axes[1].set(title="some that were wrong", xticks=[], yticks=[])
    for place, example in enumerate(mistaken):
        print(f"{place}: label {labels_test[example]}, taken for {predictions[example]}")

# %% [markdown]
# ## 10. Your report
#
# Numbers do not explain themselves. Write half a page for a colleague who knows what a network is and has not seen your notebook. In a class a person marks it, with the points of this table. If you learn alone, mark it yourself a day later.
#
# | points | what is marked |
# |---|---|
# | 3 | **Are the gradients right?** What you checked, with which tolerances and at how many entries, and one thing that this check cannot show. |
# | 3 | **Why this design?** Widths, learning rate, minibatch size and epochs, with numbers from your own experiments, from the validation set. |
# | 2 | **What does it confuse?** Accuracy on unseen digits, how many there were, and the pair that is confused most, with a reason. |
# | 2 | **What did not work,** or what you would try next, and which result would change your mind. |

# %% [markdown] nbgrader={"grade": true, "grade_id": "report", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Gradients.** All entries of a network with the widths 96, 8, 6, 10 were compared with central differences ($h = 10^{-5}$, rtol $10^{-4}$, atol $10^{-8}$), on ten digits: none was suspect, and one entry spoiled by 1 % was found. The check cannot show that the loss is the one that was meant: a loss with shuffled labels has right gradients too.
#
# **Design.** One hidden layer of 32 units, minibatches of 20, 20 epochs. Of seven learning rates, 1 had the lowest loss on 300 validation digits (0.11 after 15 epochs, and 0.15 for 0.3), but not with every seed, so I took 0.3. With 0.003 the loss was still 2.26, and with 10 it stayed above $\log 10$.
#
# **Result.** 95.8 % of 1000 unseen digits were right, and 100 % of the 600 digits of the training. Most often a 0 was taken for an 8. They differ in the middle segment only, and after a shift it lies on other pixels.
#
# **Next.** The network has to learn each shift anew, so I would try a convolution as in lesson 08. If it is not better with 600 digits, then shifts are not what limits it.
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": true}
# ### An experiment of your own
#
# Change one thing and say beforehand what you expect. For example: no hidden layer; twice the noise (`draw_digits(600, 1, noise=0.3)`); half of the training digits; minibatches of 1 or of 600. Add cells below this one for the code, and a sentence each for the expectation, the result and what it means. It is worth 4 points, marked by hand: 1 for an expectation with a reason, 2 for a comparison in which one thing differs and which is repeated with at least three seeds, 1 for a conclusion that the numbers support.
#
# === BEGIN MARK SCHEME ===
#
# Full marks also for an expectation that was wrong. No mark for the comparison if the test set was used to choose, or if there is a single run of each kind.
#
# === END MARK SCHEME ===

# %% [markdown]
# ## A question that joins two ideas
#
# Your network reads 95 % of the unseen digits and all of those that it was trained with. Somebody takes all the digits, shuffles them again, and splits them anew into training, validation and test set. Would the accuracy on the new test set be an honest number for the *old* network? Answer in a sentence before you open the next line.
#
# <details>
# <summary>An answer</summary>
#
# No. Most of the new test digits were in the old training set, where the old network is right nearly always, so the number would be too high. A test set is unseen only with respect to a given training: a split comes before the first step, and it stays.
#
# </details>
#
# ## What to remember
#
# - Test in the order of cost: look at the data, first loss $\log K$, gradient check, twenty examples by heart, then train.
# - A start: variance $\frac2D$ before a ReLU, biases 0, a small last layer.
# - The gradient check needs both tolerances, and a kink within $h$ can make a right entry suspect.
# - An epoch uses each example once, in a new order; examples and labels are shuffled by one permutation; each minibatch has a mean of its own.
# - Training set for the parameters, validation set for the decisions, test set once, for the report.
# - Rows of the confusion matrix are true classes, columns are predictions.
#
# This is the last lesson. You can now derive, program and check the gradients of any network that you can write down. The next time that a framework does it for you, you know what it does.
