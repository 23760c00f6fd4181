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
# **After this lesson you have** written a network that reads digits, with nothing but NumPy: its initial parameters, its gradients, the gradient check, its training and its evaluation. You have chosen its design yourself, and you can give reasons in a short report.
#
# **Time** about four hours: three for the exercises, one for the report and the experiment at the end. A good place for a break is after section 4. **You need** lesson [05](05_layers_and_batches.ipynb): networks of any depth, softmax with cross-entropy, initialisation, minibatches; and from lesson [07](07_find_the_bug.ipynb) how a gradient is checked.

# %%
import sys

if "google.colab" in sys.modules:  # Google Colab has the large packages, not the course
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
# This is the usual order of work. The later a mistake is noticed, the more stages it can be in. So each stage has a test of its own, which takes seconds:
#
# | stage | test |
# |---|---|
# | data | look at some images |
# | initial parameters | the first loss is close to $\log K$ for $K$ classes |
# | gradients | central differences agree |
# | training loop | the network overfits twenty examples |
# | design | the loss on a validation set |
# | result | the accuracy on a test set, and the confusion matrix |
#
# You write every function from its first line. Each answer cell has the signature and says what the function gets and returns. You choose the widths, the learning rate and the number of epochs. So some checks do not compare numbers with PyTorch's: they measure what your function does, and the column *required* says what they ask for.
#
# Numbers that are chosen before the training, such as widths and learning rate, are called **hyperparameters**. The parameters are what the training changes.
#
# ## 1. The data
#
# The digits are drawn by a program in the style of a display with seven segments. Each one is shifted, scaled, slanted, thicker or thinner, and noise is added to every pixel. An image has 12 rows of 8 pixels, so an example is a row of 96 numbers. The label is the digit.

# %% tags=["same-for-all"]
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
# Which two digits will the network confuse most often? Write down your guess. Section 9 shows the result.
#
# ## 2. Initial parameters
#
# The sizes of a network are a list: `[96, 32, 10]` is one hidden layer of 32 units between 96 inputs and 10 logits. There is a ReLU after each layer but the last.
#
# - Weights of hidden layers are random numbers with the mean 0 and the variance $\frac2D$, where $D$ is the number of inputs of the layer.
# - Biases are 0.
# - The last layer is a special case. Before training all classes should be about equally likely, with the loss $\log K$. So the logits must be close to 0. Draw the weights of the last layer in the same way and multiply them by $0.1$.
#
# ### Exercise 1: initial parameters
#
# **Return** the list of weights and the list of biases, in this order, with one array for every layer. Draw all numbers from one generator made from `seed`, so that a result can be repeated and no two layers have the same numbers.
#
# The check measures what you draw. `hidden_variance_times_inputs` is the mean of the squared weights times $D$, for each hidden layer; a value near 2 counts as 2. For the last layer a value up to 0.05 counts as 0. `largest_bias` is the largest bias in size. In the last three lines 1 means yes: the same seed gives the same weights, another seed gives others, and so does another layer.


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
# **Return** the probabilities of all classes, an array of shape $(N, K)$. There may be any number of layers. With one layer there is no hidden one. In some batches of the check a logit is so large that its exponential overflows.


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
# In lesson 05 the targets were a matrix $Y$. Its row $n$ would be 1 at $\mathrm{label}_n$ and 0 elsewhere. In NumPy, `P[np.arange(N), labels]` takes one entry from each row.
#
# **Return** the number `L`, the list of the gradients of the weights and the list of the gradients of the biases, in this order, both lists in the order of the layers. There may be any number of layers. The backward pass needs the activations, which `class_probabilities` does not keep.


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
# In exercise 3 your gradients were compared with PyTorch's. Without such a reference you check them with central differences. An entry of the gradient is **suspect** if
#
# $$\bigl|\text{claimed} - \text{central difference}\bigr| > \text{atol} + \text{rtol}\cdot\bigl|\text{central difference}\bigr|.$$
#
# The relative tolerance is for derivatives of any size. The absolute one is for those that are 0 or nearly so, where the rounding error of the difference is all that is left (lesson 07).
#
# ### Exercise 4: check a list of parameters
#
# `loss(parameters)` takes a list of arrays and returns a number. `gradients` is the claimed gradient, a list of arrays of the same shapes. **Return** the list of the central differences, in the shapes of the parameters, and the list of the numbers of suspect entries, one number for each array, in this order. Do not change the arrays that you are given.


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
    for part, difference in zip(moved, differences):
        for place in np.ndindex(part.shape):
            kept = part[place]
            part[place] = kept + h
            above = loss(moved)
            part[place] = kept - h
            below = loss(moved)
            part[place] = kept
            difference[place] = (above - below) / (2 * h)
    suspects = [
        (np.abs(claimed - difference) > atol + rtol * np.abs(difference)).sum() for claimed, difference in zip(gradients, differences)
    ]
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
# The next cell checks your own network on ten digits. Then it changes one entry of the first layer's gradient by 1 % and checks again. Will the check find it?

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
# An **epoch** is one pass over all examples, in a new random order. It is divided into **minibatches** of `size` examples; the last one may be shorter. Each minibatch gives one step.
#
# ### Exercise 5: a prediction
#
# A network has the sizes 96, 32, 10. It is trained on 610 digits in minibatches of 32. **Return** the number of its parameters, the number of steps in one epoch, and the number of examples in the last minibatch, in this order.


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
# **Return** the list of the minibatches of one epoch. Each is a pair `(examples, their labels)`, arrays of the shapes $(\text{size}, D)$ and $(\text{size},)$; the last one may be shorter. The order of the examples is random and depends on `seed` only.
#
# The check measures the sizes, and how often the least used and the most used example occur. In the other four lines 1 means yes and 0 means no: each example has its own label, the order is not that of the data, the same seed gives the same order, and another seed gives another order.


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
# For each minibatch compute the loss and all gradients, then move all parameters by $-\alpha$ times their gradients. **Return** the list of the losses, one for each minibatch and before its step, the list of the weights and the list of the biases after the last step, in this order. Do not change the arrays that you are given. The check takes the same steps with PyTorch's gradients.


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
# ## 6. Overfit twenty examples
#
# A short test comes before a long training: can the network fit twenty examples perfectly? It has far more parameters than examples, so it should. If the loss does not come close to 0, look for a mistake in the gradients, the step, the labels or the learning rate. More data would not help.
#
# ### Exercise 8: overfit on purpose
#
# Choose the sizes of the hidden layers, the learning rate and the number of steps. All twenty digits have to be right, and the mean loss has to be at most 0.05. (A smaller loss counts as 0.05.) **Return** the list of the weights and the list of the biases, in this order.


# %% nbgrader={"grade": false, "grade_id": "overfit_twenty-answer", "locked": false, "schema_version": 3, "solution": true, "task": false}
def overfit_twenty(X, labels, seed):
    """Train a network of your own until it fits twenty digits perfectly.

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
# The network is right on all twenty. The next cell applies it to the 580 images that it was not trained on. Predict the share that is right.


# %%
def share_right(X, labels, weights, biases):
    """The share of the examples whose most probable class is the right one."""
    return (class_probabilities(X, weights, biases).argmax(axis=1) == labels).mean()


with ex.once_written():
    overfitted = overfit_twenty(X[:20], labels[:20], seed=0)
    seen = share_right(X[:20], labels[:20], *overfitted)
    others = share_right(X[20:], labels[20:], *overfitted)
    print(f"of the twenty:      {seen:.0%} right")
    print(f"of the 580 others:  {others:.0%} right")

# %% [markdown]
# The examples that a network is trained on are its **training set**. The share of examples that are right is the **accuracy**. If it is much higher on the training set than on other examples, the network **overfits**: it fits these examples and does not **generalise** to new ones. So every statement about quality needs examples that were not used in the training.
#
# ## 7. The learning rate
#
# To compare designs you need a **validation set**: digits that the network is not trained on. For the final result you need a **test set**: digits that were used neither for the training nor for any decision. If you choose the best of many runs by its accuracy on the test set, this accuracy is too high as an estimate for new digits.
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
            unseen = loss_and_gradients(X_validation, labels_validation, weights, biases)[0]
            validation_losses[row, epoch] = unseen
        print(f"rate {alpha:6.3f}: training loss {np.mean(losses):9.4f}", end=", ")
        print(f"validation loss {unseen:9.4f}")

# %%
fig, ax = plt.subplots(figsize=(8, 3), layout="constrained")
for rate, curve in zip(rates, validation_losses):
    ax.plot(curve, linestyle="--" if rate >= 1 else "-", label=f"{rate:g}")
ax.axhline(np.log(10), color="grey", linestyle=":")
ax.set(xlabel="epoch", ylabel="validation loss", ylim=(0, 3), xlim=(0, 14))
ax.legend(title="learning rate", ncols=2, loc="center left", bbox_to_anchor=(1, 0.5))
ax.grid(alpha=0.3)

# %% [markdown]
# The dotted line is $\log 10$, the loss before training. A single run proves little: take other seeds in `starting_parameters` and run the two cells again. Which rates are good with every seed?
#
# ### Exercise 9: choose
#
# `training_losses` and `validation_losses` have a row for each rate and a column for each epoch. A run that has diverged has nan or infinity from some epoch on. Find the lowest validation loss of all rates and epochs; it counts wherever it stands, also in a run that diverges later. **Return** its rate and its epoch, counted from 0, in this order.


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
# ## 8. The whole training
#
# ### Exercise 10: open, your own network
#
# Write the whole training: initial parameters, and for each epoch new minibatches and their steps. You choose the design. Try it on the validation set first; add cells as you need them.
#
# The check trains with your function six times, each time on 600 other digits. Then it measures the accuracy on 400 digits that your function did not get. **It has to be at least 88 %, every time.** (More counts as 88 %. In a hundred trainings with one hidden layer of 32 units it was between 92 % and 98.5 %, and in twenty trainings without a hidden layer between 91 % and 95 %.) With a large learning rate the loss sometimes jumps, even in the last epoch. A smaller rate, at least at the end, prevents that.
#
# **Return** the list of the weights and the list of the biases, in this order. One training should take about a second at most.


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
# ## 9. The confusion matrix
#
# The accuracy does not say which digits are difficult. The **confusion matrix** $C$ does: $C_{ij}$ is the number of examples **with label $i$ and prediction $j$**. Rows are true classes, columns are predictions. The right predictions are on the diagonal.
#
# ### Exercise 11: the confusion matrix
#
# **Return** the matrix of counts, of shape $(K, K)$; the share of each class that is right, of shape $(K,)$; and the accuracy, a number, in this order. Every class has at least one example.


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
# The test set is drawn here for the first time. Before you run the cells: which pairs of digits differ in a single segment? Which pair will have the largest number off the diagonal?

# %%
X_test, labels_test = draw_digits(1000, seed=3)

with ex.once_written():
    network = fit_digits(X, labels, seed=0)
    predictions = class_probabilities(X_test, *network).argmax(axis=1)
    counts, right_of_class, accuracy = confusion_matrix(labels_test, predictions, 10)
    print(f"accuracy on the training set of {len(X)}: {share_right(X, labels, *network):.1%}")
    print(f"accuracy on the test set of {len(X_test)}:    {accuracy:.1%}")
    print("right of each class:", right_of_class.round(2))

# %%
with ex.once_written():
    fig, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
    wrong = counts - np.diag(np.diag(counts))
    ax.imshow(wrong, cmap="Oranges")
    for row, column in np.ndindex(10, 10):
        ink = "white" if wrong[row, column] > wrong.max() / 2 else "black"
        middle = {"ha": "center", "va": "center", "fontsize": 8, "color": ink}
        ax.text(column, row, f"{counts[row, column]:.0f}", **middle)
    ax.set(xlabel="prediction", ylabel="label", xticks=range(10), yticks=range(10))

# %%
with ex.once_written():
    fig, axes = plt.subplots(2, 6, figsize=(9, 4.2), layout="constrained")
    for ax, example in zip(axes.flat, np.flatnonzero(predictions != labels_test)):
        ax.imshow(X_test[example].reshape(HEIGHT, WIDTH), cmap="gray_r", vmin=-0.2, vmax=1.2)
        ax.set_title(f"{labels_test[example]} taken for {predictions[example]}", fontsize=10)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])

# %% [markdown]
# Seven pairs differ in a single segment: 0 and 8, 1 and 7, 3 and 9, 5 and 6, 5 and 9, 6 and 8, 8 and 9. The network confuses some of them often and others hardly ever. Its inputs are pixels and not segments, and which pixels a segment covers depends on shift, size and slant.
#
# ## 10. The gradient at the input
#
# Training uses the derivatives with respect to the parameters. The loss also has a derivative with respect to every pixel. It says how much the loss depends on this pixel, and in which direction. You need no other backward pass: for a single example $\frac{\partial L}{\partial b^{[1]}} = \frac{\partial L}{\partial z^{[1]}}$, so
#
# $$\frac{\partial L}{\partial x} = W^{[1]}\,\frac{\partial L}{\partial b^{[1]}}.$$
#
# Now change every pixel by the same small amount $\varepsilon$, upwards or downwards. To first order the loss changes by $\sum_i \frac{\partial L}{\partial x_i}\,\varepsilon s_i$ with the signs $s_i = \pm 1$. It rises most if every $s_i$ is the sign of $\frac{\partial L}{\partial x_i}$; then the change is $\varepsilon\sum_i \bigl|\frac{\partial L}{\partial x_i}\bigr|$. With random signs most of the terms cancel.
#
# ![](../img/pixel_gradient.svg)
#
# An image that is changed in this way, so that the network is wrong about it, is called an **adversarial example**. The method is the *fast gradient sign method* of Goodfellow, Shlens and Szegedy (2015).
#
# The noise in the images has the standard deviation 0.15. The next cell changes every pixel of the validation digits by 0.05 and by 0.1. Predict the accuracy, with random signs and with the signs of the gradient.

# %%
with ex.once_written():
    rng = np.random.default_rng(6)
    along_gradient = np.zeros_like(X_validation)
    for row, (x, label) in enumerate(zip(X_validation, labels_validation)):
        dL_dbiases = loss_and_gradients(x[None], np.array([label]), *network)[2]
        along_gradient[row] = np.sign(network[0][0] @ dL_dbiases[0])
    at_random = rng.choice([-1, 1], X_validation.shape)
    for epsilon in (0, 0.05, 0.1):
        for words, signs in (("random", at_random), ("gradient", along_gradient)):
            right = share_right(X_validation + epsilon * signs, labels_validation, *network)
            print(f"epsilon {epsilon:4.2f}, signs {words:8s}: accuracy {right:4.0%}")

# %% [markdown]
# A change that is smaller than the noise makes the network wrong about most digits, if its direction is that of the gradient. In a random direction the same change does little. In 96 dimensions a random direction is nearly orthogonal to the gradient: the cosine of the angle is of the order $1/\sqrt{96} \approx 0.1$.
#
# ### A picture to play with
#
# The picture shows one image, the gradient at its pixels and the probabilities. The network is the one of this lesson's own solution: one hidden layer of 32 units, trained on the 600 digits of section 1. Its images are none of those above.
#
# - Take an 8 and raise $\varepsilon$ slowly. At which $\varepsilon$ does the prediction change, and to which digit? Compare with random signs.
# - Take a negative $\varepsilon$. What happens to the probability of the label?
# - Which pixels have the largest derivatives? Compare a 0 with an 8: where would you add ink to turn one into the other?
# - Compare the change of the loss with its first-order prediction, for $\varepsilon = 0.01$ and for $\varepsilon = 0.1$.

# %%
from backprop.pictures import explore_pixels

explore_pixels()

# %% [markdown]
# ## 11. Your report
#
# Write half a page for a colleague who knows what a network is and has not seen your notebook. In a class a teacher marks it with the points of this table. If you learn alone, mark it yourself a day later.
#
# | points | what is marked |
# |---|---|
# | 3 | **Are the gradients right?** What you checked, with which tolerances and at how many entries, and one thing that this check cannot show. |
# | 3 | **Why this design?** Widths, learning rate, minibatch size and epochs, with numbers from your own experiments, from the validation set. |
# | 2 | **What does it confuse?** The accuracy on the test set, the number of its digits, and the pair that is confused most, with a reason. |
# | 2 | **What did not work,** or what you would try next, and which result would speak against it. |

# %% [markdown] nbgrader={"grade": true, "grade_id": "report", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# **Gradients.** All 900 entries of a network with the widths 96, 8, 6, 10 were compared with central differences ($h = 10^{-5}$, rtol $10^{-4}$, atol $10^{-8}$), on ten digits: none was suspect, and one entry changed by 1 % was found. The check cannot show that the loss is the one that was meant: a loss with shuffled labels has right gradients too.
#
# **Design.** One hidden layer of 32 units, minibatches of 20, 20 epochs. Of seven learning rates, 1 had the lowest loss on 300 validation digits (0.11 after 15 epochs, and 0.15 for 0.3), but not with every seed, so I took 0.3. With 0.003 the loss was still 2.26, and with 10 it stayed above $\log 10$.
#
# **Result.** The accuracy was 95.8 % on 1000 test digits, and 100 % on the 600 digits of the training set. Most often a 0 was taken for an 8, 13 times in 100. They differ in the middle segment only, and after a shift it lies on other pixels.
#
# **Next.** The network has to learn each shift anew, so I would try a convolution as in lesson 08. If it is not better with 600 digits, then shifts are not what limits it.
# ### END SOLUTION

# %% [markdown] nbgrader={"grade": false, "grade_id": "experiment", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": true}
# ### An experiment of your own
#
# Change one thing, and write down beforehand what you expect. For example: no hidden layer; twice the noise (`draw_digits(600, 1, noise=0.3)`); half of the training digits; minibatches of 1 or of 600. Add cells below this one for the code, and one sentence each for the expectation, the result and the conclusion. It is worth 4 points, marked by hand: 1 for an expectation with a reason, 2 for a comparison in which one thing differs and which is repeated with at least three seeds, 1 for a conclusion that the numbers support.
#
# === BEGIN MARK SCHEME ===
#
# Full marks also for an expectation that was wrong. No mark for the comparison if the test set was used to choose, or if there is a single run of each kind.
#
# === END MARK SCHEME ===

# %% [markdown]
# ## What to remember
#
# - Test each stage before the next one: look at the data, first loss $\log K$, gradient check, overfit twenty examples, then train.
# - Initial parameters: variance $\frac2D$ before a ReLU, biases 0, a last layer with small weights.
# - The gradient check needs both tolerances, and a kink within $h$ can make a right entry suspect.
# - An epoch uses each example once, in a new order; examples and labels are shuffled by one permutation; each minibatch has a mean of its own.
# - The training set is for the parameters, the validation set for the hyperparameters, the test set for the final result, once.
# - A network that is much better on its training set than on other examples overfits.
# - Rows of the confusion matrix are true classes, columns are predictions.
# - The loss has a gradient at its input as well. A change of all pixels along its signs, smaller than the noise, can change the prediction.
#
# **One question that joins two ideas.** Your network is right on 95 % of the test digits and on all of its training digits. Somebody mixes all the digits, shuffles them, and splits them anew into training, validation and test set. Is the accuracy on the new test set an unbiased estimate for the *old* network?
#
# <details>
# <summary>Answer</summary>
#
# No. 600 of the 1900 digits were in the old training set, so about a third of the new test digits were too. There the old network is nearly always right, so the estimate is too high. A set is a test set for a given network only if none of its examples was used in the training or for a decision. So split once, before the training, and keep the split.
#
# </details>
#
# This is the last lesson. You can now derive, program and check the gradients of any network that you can write down.
