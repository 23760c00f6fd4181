"""The operations of one forward pass, each use of a tensor an edge of its own, so that a backward rule can be replaced.

A Recording runs a forward pass once under PyTorch's function mode. Every tensor that an operation uses is handed to it through
a view, whose node in PyTorch's graph is the edge from the operation to that operand. During a backward pass a hook at that node
can put another contribution in the place of the true one; PyTorch works out all the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .lazy import torch
from .tape import Array, Forward, is_list_of_arrays, parts_of

MOST_ROWS = 12  # of a Jacobian: each takes a backward pass

# What PyTorch calls an operation, and what it is called here; operators come as __rsub__ and the like.
KINDS = {
    "add": "add",
    "radd": "add",
    "sub": "sub",
    "rsub": "rsub",
    "mul": "mul",
    "rmul": "mul",
    "div": "div",
    "truediv": "div",
    "rdiv": "rdiv",
    "rtruediv": "rdiv",
    "neg": "neg",
    "pow": "pow",
    "square": "pow",
    "exp": "exp",
    "log": "log",
    "sin": "sin",
    "cos": "cos",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "relu",
    "softplus": "softplus",
    "sqrt": "sqrt",
    "reciprocal": "reciprocal",
    "matmul": "matmul",
    "rmatmul": "matmul",
    "sum": "sum",
    "mean": "mean",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
}


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of the forward pass.

    kind      one of KINDS
    operands  what it was applied to: tensors as the forward pass has them, numbers as they are
    edges     the view of each operand that the operation received; None for a number
    output    its result
    function  the function itself, to be applied to other numbers; keywords as it was called
    """

    number: int
    kind: str
    operands: tuple[Any, ...]
    edges: tuple[Any, ...]
    output: Any
    function: Callable[..., Any] = field(repr=False)
    keywords: Mapping[str, Any] = field(default_factory=dict, repr=False)


Contribution = Callable[[Any], Any]  # from the gradient at the operation's output to that of the operand


class Recording:
    """The operations and the named nodes of `forward` at `inputs`, in float64.

    results  for some operations, by number, another result: results[number](operands, this recording), as values. The
             derivatives of the operation stay what they are
    """

    def __init__(self, forward: Forward, inputs: Mapping[str, Any], results: Mapping[int, Callable[..., Any]] | None = None) -> None:
        self.operations: list[Operation] = []
        self.nodes: dict[str, Any] = {}
        self.names: dict[int, str] = {}
        self._kept: list[Any] = []
        with _mode(self, results or {}):
            forward(self._node, *(self._leaf(name, value) for name, value in inputs.items()))
        self.output = next(reversed(self.nodes))
        self.inputs = tuple(inputs)

    def name(self, tensor: Any) -> str:
        """The name that the forward pass gives to `tensor`; empty for one without a name."""
        return self.names.get(id(tensor), "")

    def value(self, name: str) -> Array:
        """The value of a node."""
        return self.nodes[name].detach().numpy()

    def gradients(self, asks: Sequence[str], changes: Sequence["Change | Replacement"] = ()) -> dict[str, Array]:
        """The derivatives `asks`, with the backward pass changed as said. Values of nodes are as they are.

        asks  "dL_dw" and the like; a derivative has the shape of its top followed by that of its bottom
        """
        wanted = [ask for ask in asks if ask not in self.nodes]
        found = {ask: self.value(ask) for ask in asks if ask in self.nodes}
        by_top: dict[str, list[tuple[str, str]]] = {}
        for ask in wanted:
            top, bottom = parts_of(ask, self.nodes)
            by_top.setdefault(top, []).append((ask, bottom))
        with ExitStack() as hooks:
            for change in changes:
                hooks.enter_context(change.applied())
            for top, pairs in by_top.items():
                found |= self._from(top, pairs)
        # PyTorch hands over the gradient at a tensor as it is before that tensor's own hook.
        replaced = {id(change.tensor): change.rule for change in changes if isinstance(change, Replacement)}
        for ask in wanted:
            tensor = self.nodes[parts_of(ask, self.nodes)[1]]
            if id(tensor) in replaced:
                found[ask] = replaced[id(tensor)](torch.as_tensor(found[ask])).numpy()
        return found

    def _from(self, top: str, pairs: list[tuple[str, str]]) -> dict[str, Array]:
        bottoms = [self.nodes[bottom] for _, bottom in pairs]
        whole = self.nodes[top]
        rows = [self._row(entry, bottoms) for entry in (whole.reshape(-1) if whole.ndim else [whole])]
        return {ask: np.stack([row[k] for row in rows]).reshape((*whole.shape, *bottoms[k].shape)) for k, (ask, _) in enumerate(pairs)}

    @staticmethod
    def _row(entry: Any, bottoms: list[Any]) -> list[Array]:
        gradients = torch.autograd.grad(entry, bottoms, retain_graph=True, allow_unused=True)
        return [np.zeros(bottom.shape) if gradient is None else gradient.numpy() for bottom, gradient in zip(bottoms, gradients)]

    def differentiable(self, asks: Sequence[str]) -> bool:
        """Whether `asks` are values and derivatives that `gradients` can answer in reasonable time."""
        tops = {parts_of(ask, self.nodes)[0] for ask in asks if ask not in self.nodes}
        return all(self.nodes[top].numel() <= MOST_ROWS and self.nodes[top].requires_grad for top in tops)

    def _node(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            whole = self._node(name, torch.cat([part.reshape(-1) for part in value]))
            parts = [part.reshape(old.shape) for part, old in zip(whole.split([part.numel() for part in value]), value)]
            self.names |= {id(part): f"{name}[{k}]" for k, part in enumerate(parts)}
            self._kept += parts  # an id is that of one tensor as long as the tensor lives
            return parts
        if not value.is_leaf and id(value) in self.names:
            value = value.view_as(value)  # a second name for one tensor
        self.nodes[name] = value
        self.names[id(value)] = name
        return value

    def _leaf(self, name: str, value: Any) -> Any:
        if is_list_of_arrays(value):
            return self._node(name, [torch.tensor(item, dtype=torch.float64, requires_grad=True) for item in value])
        is_array = getattr(getattr(value, "dtype", None), "kind", "") == "f"
        if isinstance(value, float) or is_array:
            leaf = torch.tensor(value, dtype=torch.float64, requires_grad=True)
            return self._node(name, leaf.view_as(leaf))
        return value


@dataclass(frozen=True, eq=False)
class Change:
    """Another contribution along one edge of a backward pass.

    operation, operand  the edge: from the operation's output back to this operand
    rule                rule(gradient at the output) -> what the operand gets; of the operand's shape
    """

    operation: Operation
    operand: int
    rule: Contribution

    @contextmanager
    def applied(self) -> Iterator[None]:
        """In force for the backward passes within."""
        arrived: list[Any] = []

        def note(gradients: tuple[Any, ...]) -> None:
            arrived[:] = [gradients[0]]

        def replace(given: tuple[Any, ...], _: tuple[Any, ...]) -> tuple[Any, ...] | None:
            if not arrived or given[0] is None:
                return None
            wrong = self.rule(arrived[0])
            return (wrong.broadcast_to(given[0].shape).clone(),)

        handles = (
            self.operation.output.grad_fn.register_prehook(note),
            self.operation.edges[self.operand].grad_fn.register_hook(replace),
        )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


@dataclass(frozen=True, eq=False)
class Replacement:
    """Another gradient at a tensor in the middle of a backward pass: rule(true gradient there) -> what is passed on."""

    tensor: Any
    rule: Contribution

    @contextmanager
    def applied(self) -> Iterator[None]:
        """In force for the backward passes within."""
        handle = self.tensor.register_hook(lambda gradient: self.rule(gradient))
        try:
            yield
        finally:
            handle.remove()


def _mode(recording: Recording, results: Mapping[int, Callable[..., Any]]) -> Any:
    """A function mode that notes each operation of KINDS on tensors that need a gradient."""
    operations = recording.operations
    from torch.overrides import TorchFunctionMode

    class Recorder(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kind = KINDS.get(getattr(function, "__name__", "").strip("_"))
            keywords = kwargs or {}
            if kind is None or not torch.is_grad_enabled() or not any(_differentiable(argument) for argument in args):
                return function(*args, **keywords)
            edges = tuple(argument.view_as(argument) if _differentiable(argument) else None for argument in args)
            received = [argument if edge is None else edge for argument, edge in zip(args, edges)]
            output = function(*received, **keywords)
            if _differentiable(output):
                if len(operations) in results:
                    given = [argument.detach() if isinstance(argument, torch.Tensor) else argument for argument in args]
                    output = output + (results[len(operations)](given, recording) - output).detach()
                operations.append(Operation(len(operations), kind, tuple(args), edges, output, function, keywords))
            return output

    return Recorder()


def _differentiable(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad
