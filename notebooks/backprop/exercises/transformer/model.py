"""A character model of one transformer block: its
second half, the whole of it, and its training.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.tape import flat
from ...exercise import Exercise, Mistake
from ...questions.sampling import Rng, positive, signed, sizes
from ...questions.training import STALE, Training
from ..support.descent import Descent, Loss
from .shared import Array, masked

PARAMETERS = ("E", "P", "gamma1", "beta1", "Wq", "Wk", "Wv", "gamma2", "beta2", "W1", "b1", "W2", "b2", "U", "c")
DEFAULT_EPS = 1e-5
EPS_LOST = "The argument eps is not used: a LayerNorm in yours has the default value of eps. Pass eps on to every function that takes it."
EPS_FORWARD_ONLY = "In the forward pass yours uses the argument eps, and in the backward pass the default value. Pass eps on there too."
TWO_WAYS = "The inputs of a residual connection reach its sum directly and through the branch, and both contributions are added. "


def _layer_norm(X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    m = X.mean(dim=1, keepdim=True)
    v = ((X - m) ** 2).mean(dim=1, keepdim=True)
    return gamma * (X - m) / torch.sqrt(v + eps) + beta


def _default_eps(X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """LayerNorm where eps was not passed on."""
    return _layer_norm(X, gamma, beta, DEFAULT_EPS)


def _default_eps_backward(X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """LayerNorm where eps was passed on in the forward pass only."""
    other = _layer_norm(X, gamma, beta, DEFAULT_EPS)
    return other + (_layer_norm(X, gamma, beta, eps) - other).detach()


# --- LayerNorm, an MLP and a residual connection --------------------------------------------------


def _mlp_block(node: Any, dL_dY: Any, X: Any, gamma: Any, beta: Any, W1: Any, b1: Any, W2: Any, b2: Any, eps: Any) -> None:
    N = node("N", _layer_norm(X, gamma, beta, eps))
    Z1 = node("Z1", N @ W1 + b1)
    Y = X + torch.relu(Z1) @ W2 + b2
    node("L", (dL_dY.detach() * Y).sum())


def _mlp_block_with(skip: float = 1.0, branch: float = 1.0, norm: Callable[..., Any] = _layer_norm) -> Any:
    """The block with the gradient along one branch scaled, or with another normalisation."""

    def forward(node: Any, dL_dY: Any, X: Any, gamma: Any, beta: Any, W1: Any, b1: Any, W2: Any, b2: Any, eps: Any) -> None:
        into_branch, direct = (share * X + (X - share * X).detach() for share in (branch, skip))
        N = norm(into_branch, gamma, beta, eps)
        Z1 = N @ W1 + b1
        node("L", (dL_dY.detach() * (direct + torch.relu(Z1) @ W2 + b2)).sum())

    return forward


def _norm_passed_over(X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """LayerNorm that passes the gradient of its outputs on to its inputs as it is."""
    return _layer_norm(X.detach(), gamma, beta, eps) + X - X.detach()


def _sample_mlp_block(rng: Rng) -> dict[str, Any]:
    length, features, hidden = sizes(rng, 3, 3, 6)
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(length, features)),
        "X": signed(rng, 0.3, 2.5, size=(length, features)),
        "gamma": signed(rng, 0.4, 1.8, size=features),
        "beta": signed(rng, 0.2, 0.8, size=features),
        "W1": signed(rng, 0.3, 1.2, size=(features, hidden)),
        "b1": signed(rng, 0.2, 0.8, size=hidden),
        "W2": signed(rng, 0.3, 1.2, size=(hidden, features)),
        "b2": signed(rng, 0.2, 0.8, size=features),
        "eps": positive(rng, 0.05, 0.4),
    }


def _gates_of_both_kinds(v: SimpleNamespace) -> bool:
    return bool(np.any(v.Z1 > 0) and np.any(v.Z1 < 0) and np.abs(v.Z1).min() > 1e-2)


mlp_block_backward = Exercise(
    name="mlp_block_backward",
    asks=("dL_db2", "dL_dW2", "dL_db1", "dL_dW1", "dL_dbeta", "dL_dgamma", "dL_dX"),
    forward=_mlp_block,
    sample=_sample_mlp_block,
    regimes=(_gates_of_both_kinds,),
    points=7,
    hints=(
        "Write the forward pass as a list of layers, each with its input. Go back through it: dense layer, gate, "
        "dense layer, LayerNorm. What "
        "is added at the very end, and why?",
        r"With $N = \operatorname{LayerNorm}(X)$, $A = \max(0, NW_1 + b_1)$, $Y = X + AW_2 + b_2$: "
        r"$\frac{\partial L}{\partial A} = "
        r"\frac{\partial L}{\partial Y}W_2^{\mathsf T}$, "
        r"$\frac{\partial L}{\partial Z_1} = \frac{\partial L}{\partial A}\odot[A > 0]$, "
        r"$\frac{\partial L}{\partial X} = \frac{\partial L}{\partial Y} + (\text{through LayerNorm})$.",
        "Forward: N, then A. Back: `dL_dA, dL_dW2, dL_db2 = dense_backward(dL_dY, A, W2)`, the gate, "
        "`dense_backward` once more with N and W1, then `layer_norm_backward`. Its last result is the branch's share of dL_dX. "
        "Which share is missing?",
    ),
    mistakes=(
        Mistake("skip-lost", TWO_WAYS + "Yours leaves out the direct one.", program=_mlp_block_with(skip=0.0)),
        Mistake("branch-lost", TWO_WAYS + "Yours leaves out the branch.", program=_mlp_block_with(branch=0.0)),
        Mistake("paths-averaged", TWO_WAYS + "Nothing is divided by their number.", program=_mlp_block_with(skip=0.5, branch=0.5)),
        Mistake(
            "norm-passed-over",
            "Between the inputs and the first dense layer stands the LayerNorm. Yours goes past it in the backward pass.",
            program=_mlp_block_with(norm=_norm_passed_over),
        ),
        Mistake("eps-lost", EPS_LOST, program=_mlp_block_with(norm=_default_eps)),
        Mistake("eps-forward-only", EPS_FORWARD_ONLY, program=_mlp_block_with(norm=_default_eps_backward)),
        Mistake(
            "norm-without-shift",
            "The first dense layer takes the output of the LayerNorm, shift included. Yours leaves beta out.",
            dL_dW1=lambda v: (v.N - v.beta).T @ v.dL_dZ1,
        ),
        Mistake(
            "unsummed-bias",
            "All positions use the same biases, so their contributions are added. Yours still has a row for each.",
            dL_db2=lambda v: v.dL_dY,
        ),
        Mistake(
            "scale-like-shift",
            "That is the gradient of the shift. The scale multiplies, so the other factor comes in.",
            dL_dgamma=lambda v: v.dL_dN.sum(axis=0),
        ),
    ),
)

# --- the whole model ------------------------------------------------------------------------------


def _model(node: Any, ids: Any, targets: Any, theta: Any, eps: Any) -> None:
    names = ("E", "P", "gamma1", "beta1", "Wq", "Wk", "Wv", "gamma2", "beta2", "W1", "b1", "W2", "b2", "U", "c")
    E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = (node(name, part) for name, part in zip(names, theta))
    X0 = node("X0", E[torch.as_tensor(ids)] + P[: len(ids)])
    N1 = _layer_norm(X0, gamma1, beta1, eps)
    S = masked((N1 @ Wq) @ (N1 @ Wk).T / Wq.shape[1] ** 0.5)
    X1 = node("X1", X0 + torch.softmax(S, dim=1) @ (N1 @ Wv))
    N2 = _layer_norm(X1, gamma2, beta2, eps)
    Z1 = node("Z1", N2 @ W1 + b1)
    X2 = node("X2", X1 + torch.relu(Z1) @ W2 + b2)
    Z = node("Z", X2 @ U + c)
    node("L", torch.nn.functional.nll_loss(torch.log_softmax(Z, dim=1), torch.as_tensor(targets)))


def _model_loss(ids: Any, targets: Any, theta: Any, eps: Any) -> Any:
    E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = theta
    X0 = E[ids] + P[: len(ids)]
    N1 = _layer_norm(X0, gamma1, beta1, eps)
    S = masked((N1 @ Wq) @ (N1 @ Wk).T / Wq.shape[1] ** 0.5)
    X1 = X0 + torch.softmax(S, dim=1) @ (N1 @ Wv)
    X2 = X1 + torch.relu(_layer_norm(X1, gamma2, beta2, eps) @ W1 + b1) @ W2 + b2
    return torch.nn.functional.cross_entropy(X2 @ U + c, targets)


class _Model:
    """The loss of the model in torch, with a mistake in
    its backward pass where a subclass overrides a part.
    """

    def norm(self, X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
        return _layer_norm(X, gamma, beta, eps)

    def attend(self, N: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
        S = masked((N @ Wq) @ (N @ Wk).T / Wq.shape[1] ** 0.5)
        return torch.softmax(S, dim=1) @ (N @ Wv)

    def residual(self, X: Any, branch: Any) -> Any:
        return X + branch

    def loss(self, Z: Any, targets: Any) -> Any:
        return torch.nn.functional.cross_entropy(Z, targets)

    def __call__(self, ids: Any, targets: Any, theta: Sequence[Any], eps: Any) -> Any:
        E, P, gamma1, beta1, Wq, Wk, Wv, gamma2, beta2, W1, b1, W2, b2, U, c = theta
        X0 = E[torch.as_tensor(ids)] + P[: len(ids)]
        X1 = self.residual(X0, self.attend(self.norm(X0, gamma1, beta1, eps), Wq, Wk, Wv))
        X2 = self.residual(X1, torch.relu(self.norm(X1, gamma2, beta2, eps) @ W1 + b1) @ W2 + b2)
        return self.loss(X2 @ U + c, torch.as_tensor(targets))


def _with(**parts: Callable[..., Any]) -> Any:
    """The whole model as a forward pass, with some of its parts replaced."""
    wrong = type("Wrong", (_Model,), {name: staticmethod(part) for name, part in parts.items()})()

    def forward(node: Any, ids: Any, targets: Any, theta: Any, eps: Any) -> None:
        node("L", wrong(ids, targets, [node(name, part) for name, part in zip(PARAMETERS, theta)], eps))

    return forward


def _unmasked(N: Any, Wq: Any, Wk: Any, Wv: Any) -> Any:
    S = (N @ Wq) @ (N @ Wk).T / Wq.shape[1] ** 0.5
    right = torch.softmax(masked(S), dim=1) @ (N @ Wv)
    wrong = torch.softmax(S, dim=1) @ (N @ Wv)
    return wrong + (right - wrong).detach()


def _statistics_fixed(X: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    m = X.mean(dim=1, keepdim=True).detach()
    v = ((X - m) ** 2).mean(dim=1, keepdim=True).detach()
    return gamma * (X - m) / torch.sqrt(v + eps) + beta


def _scaled_loss(factor: Callable[[Any], float]) -> Callable[..., Any]:
    """The loss with its gradient scaled by factor(Z), and its value as it is."""

    def loss(Z: Any, targets: Any) -> Any:
        right = torch.nn.functional.cross_entropy(Z, targets)
        return factor(Z) * right + (right - factor(Z) * right).detach()

    return loss


def _sample_text(rng: Rng, kinds: int, length: int) -> Array:
    """Tokens of which at least one occurs twice."""
    return rng.permutation(np.concatenate([rng.integers(0, kinds, size=length - 1), [0, 0]]))[: length + 1]


def _sample_parameters(rng: Rng, kinds: int, length: int) -> list[Array]:
    features, width, hidden = sizes(rng, 3, 3, 5)
    return [
        signed(rng, 0.2, 1.2, size=(kinds, features)),
        signed(rng, 0.2, 1.2, size=(length + 1, features)),
        signed(rng, 0.5, 1.5, size=features),
        signed(rng, 0.1, 0.6, size=features),
        signed(rng, 0.3, 0.9, size=(features, width)),
        signed(rng, 0.3, 0.9, size=(features, width)),
        signed(rng, 0.3, 0.9, size=(features, features)),
        signed(rng, 0.5, 1.5, size=features),
        signed(rng, 0.1, 0.6, size=features),
        signed(rng, 0.3, 1.0, size=(features, hidden)),
        signed(rng, 0.1, 0.6, size=hidden),
        signed(rng, 0.3, 1.0, size=(hidden, features)),
        signed(rng, 0.1, 0.6, size=features),
        signed(rng, 0.3, 1.0, size=(features, kinds)),
        signed(rng, 0.1, 0.6, size=kinds),
    ]


def _sample_model(rng: Rng) -> dict[str, Any]:
    kinds, length = int(rng.integers(4, 7)), int(rng.integers(5, 8))
    text = _sample_text(rng, kinds, length)
    theta = _sample_parameters(rng, kinds, length)
    return {"ids": text[:-1], "targets": text[1:], "theta": theta, "eps": positive(rng, 0.05, 0.4)}


def _gradient_of(name: str) -> Callable[[SimpleNamespace], Array]:
    return lambda v: getattr(v, f"dL_d{name}")


model_backward = Exercise(
    name="model_backward",
    asks=("L", *(f"dL_d{name}" for name in reversed(PARAMETERS))),
    forward=_model,
    sample=_sample_model,
    regimes=(_gates_of_both_kinds,),
    points=8,
    hints=(
        "List the steps of the forward pass, each with its input and its parameters. "
        "Which of your functions goes back through each step? Where "
        "do two gradients add?",
        r"$\frac{\partial L}{\partial Z} = \frac1T(P - Y)$, a dense layer, your `mlp_block_backward` to $X_1$; "
        r"then $\frac{\partial L}{\partial X_0} = \frac{\partial L}{\partial X_1} + (\text{through the head and the first LayerNorm})$, "
        "and at last the tables $E$ and $P$.",
        "`dL_dX2, dL_dU, dL_dc = dense_backward(dL_dZ, X2, U)`, then `mlp_block_backward(dL_dX2, X1, ...)`, `head_backward(dL_dX1, N1, "
        "...)`, `layer_norm_backward(dL_dN1, X0, ...)`, `embedding_backward(dL_dX0, ids, E, P)`. "
        "The first residual connection: which two gradients arrive at X0?",
    ),
    mistakes=(
        Mistake(
            "mean-forgotten",
            "The loss is a mean over the positions. Your gradients are those of the sum.",
            program=_with(loss=_scaled_loss(lambda Z: float(len(Z)))),
        ),
        Mistake(
            "mean-twice",
            "The loss has divided by the number of positions already. Yours divides a second time.",
            program=_with(loss=_scaled_loss(lambda Z: 1 / len(Z))),
        ),
        Mistake(
            "sum-for-mean",
            "The loss is the mean over the positions, and yours is the sum.",
            program=_with(loss=lambda Z, targets: torch.nn.functional.cross_entropy(Z, targets, reduction="sum")),
        ),
        Mistake(
            "skip-lost",
            TWO_WAYS + "In yours both direct ways are missing.",
            program=_with(residual=lambda X, branch: X.detach() + branch),
        ),
        Mistake(
            "statistics-are-constant",
            "The mean and the variance of a LayerNorm are computed from its inputs. In yours they are fixed numbers.",
            program=_with(norm=_statistics_fixed),
        ),
        Mistake("eps-lost", EPS_LOST, program=_with(norm=_default_eps)),
        Mistake("eps-forward-only", EPS_FORWARD_ONLY, program=_with(norm=_default_eps_backward)),
        Mistake(
            "order-of-results",
            "These are the right gradients in the order of theta. The order of the backward pass is the reverse: the last parameter first.",
            **{f"dL_d{name}": _gradient_of(other) for name, other in zip(PARAMETERS, reversed(PARAMETERS))},
        ),
        Mistake(
            "mask-forgotten",
            "In the backward pass your weights of attention are not masked.",
            program=_with(attend=_unmasked),
        ),
        Mistake(
            "first-skip-lost",
            TWO_WAYS + "At the first one, around the head, yours leaves out the direct way.",
            dL_dP=lambda v: _without_first_skip(v)[0],
            dL_dE=lambda v: _without_first_skip(v)[1],
        ),
        Mistake(
            "head-lost",
            TWO_WAYS + "At the first one yours leaves out the head, so only the direct way reaches the tables.",
            dL_dP=lambda v: _rows(v, v.dL_dX1)[0],
            dL_dE=lambda v: _rows(v, v.dL_dX1)[1],
        ),
        Mistake(
            "fancy-index-add",
            "A token that occurs twice is looked up twice, and both contributions add. In yours the last use replaces the others.",
            dL_dE=lambda v: _last_use(v),
        ),
    ),
)


def _rows(v: SimpleNamespace, dL_dX0: Array) -> tuple[Array, Array]:
    """What the two tables get when dL_dX0 arrives at their sum."""
    dL_dP, dL_dE = np.zeros_like(v.theta[1]), np.zeros_like(v.theta[0])
    dL_dP[: len(v.ids)] = dL_dX0
    np.add.at(dL_dE, v.ids, dL_dX0)
    return dL_dP, dL_dE


def _without_first_skip(v: SimpleNamespace) -> tuple[Array, Array]:
    return _rows(v, v.dL_dX0 - v.dL_dX1)


def _last_use(v: SimpleNamespace) -> Array:
    G = np.zeros_like(v.theta[0])
    G[v.ids] += v.dL_dX0
    return G


# --- training -------------------------------------------------------------------------------------


def _train_model(node: Any, windows: Any, theta: Any, alpha: Any, eps: Any) -> None:
    theta = [part.detach().clone().requires_grad_() for part in theta]
    losses = []
    for window in torch.as_tensor(windows):
        L = _model_loss(window[:-1], window[1:], theta, eps.detach())
        losses.append(L.detach())
        gradients = torch.autograd.grad(L, theta)
        with torch.no_grad():
            for part, gradient in zip(theta, gradients):
                part -= alpha * gradient
    node("losses", torch.stack(losses))
    node("theta_end", theta)


def _windows_of(v: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = {name: v[name] for name in ("theta", "eps")}
    return [{"ids": window[:-1], "targets": window[1:]} | given for window in v["windows"]]


def _train_with(
    window_of: Callable[[Any, int], Any] = lambda windows, k: windows[k],
    targets: Callable[[Any], Any] = lambda window: window[1:],
    eps_of: Callable[[Any], Any] = lambda eps: eps,
    **rules: Any,
) -> Any:
    """Training on other windows or targets, with another eps, or with other rules of descent."""

    def forward(node: Any, windows: Any, theta: Any, alpha: Any, eps: Any) -> None:
        def of(window: Any) -> Loss:
            return lambda parts: _model_loss(window[:-1], targets(window), parts, eps_of(eps.detach()))

        losses = [of(window_of(torch.as_tensor(windows), k)) for k in range(len(windows))]
        found, history = Descent(**rules).run(theta, [(loss, loss) for loss in losses], alpha)
        node("losses", torch.stack(found))
        node("theta_end", history[-1])

    return forward


def _sample_training(rng: Rng) -> dict[str, Any]:
    kinds, length = int(rng.integers(4, 6)), int(rng.integers(4, 6))
    windows = np.stack([_sample_text(rng, kinds, length) for _ in range(3)])
    theta = _sample_parameters(rng, kinds, length)
    return {"windows": windows, "theta": theta, "alpha": float(rng.integers(11, 30)) / 100, "eps": positive(rng, 0.05, 0.4)}


train_model = Exercise(
    name="train_model",
    asks=("losses", "theta_end"),
    forward=_train_model,
    training=Training(
        loss=_model,
        inputs=_windows_of,
        parameters=("theta",),
        told=lambda moved: {"theta_end": flat(moved["theta"])},
        ends_with_step=True,
    ),
    sample=_sample_training,
    rtol=1e-8,
    points=4,
    hints=(
        "Which part of a window are the inputs, and which part are the targets? At which parameters are all gradients of a step taken?",
        r"With the window $c_0, c_1, \dots, c_T$: inputs $c_0, \dots, c_{T-1}$, targets $c_1, \dots, c_T$. Then "
        r"$\theta \leftarrow \theta - \alpha\,\frac{\partial L}{\partial\theta}$ for all parameters at once.",
        "For each window: `L, *gradients = model_backward(window[:-1], window[1:], theta, eps)`, store L, then make a new list theta. "
        "In which order are the gradients, and in which order is theta? `zip` pairs them as they come.",
    ),
    mistakes=(
        Mistake(
            "stale-half-step",
            STALE,
            program=_train_with(groups=lambda parts: [range(9, parts), range(9)]),
        ),
        Mistake("eps-lost", EPS_LOST, program=_train_with(eps_of=lambda eps: DEFAULT_EPS)),
        Mistake(
            "first-window-only",
            "Every step takes the next window of the text. Yours takes the first one each time.",
            program=_train_with(window_of=lambda windows, k: windows[0]),
        ),
        Mistake(
            "targets-not-shifted",
            "The target of a position is the character that comes next. Yours is the character that stands there.",
            program=_train_with(targets=lambda window: window[:-1]),
        ),
        Mistake(
            "tables-at-rest",
            "The tables of the embedding are parameters too, and yours do not move.",
            program=_train_with(groups=lambda parts: [range(2, parts)]),
        ),
        Mistake(
            "block-at-rest",
            "Only your last layer and the tables move. All parameters learn, in every step.",
            program=_train_with(groups=lambda parts: [[0, 1, *range(13, parts)]]),
        ),
        Mistake(
            "first-loss-missing",
            "There is one loss for each window. Yours leaves the first one out.",
            losses=lambda v: v.losses[1:],
        ),
        Mistake("last-loss-only", "That is the last loss. One for each window is asked for.", losses=lambda v: v.losses[-1]),
        Mistake("mean-of-losses", "That is the mean of the losses. One for each window is asked for.", losses=lambda v: v.losses.mean()),
    ),
)
