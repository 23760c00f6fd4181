"""Runs a forward pass once in PyTorch, under a function mode that notes each operation."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from .lazy import torch
from .operations import KINDS, Moves, Operation
from .tape import Array, Forward, is_list_of_arrays

# PyTorch's names of operations that have another name here. Operators are called __rsub__ and the
# like.
CALLED_HERE = {
    "radd": "add",
    "rmul": "mul",
    "truediv": "div",
    "rtruediv": "rdiv",
    "square": "pow",
    "rmatmul": "matmul",
    "logaddexp": "softplus",  # where one of the two is 0
}
READS = ("item", "bool", "float", "int", "tolist", "numpy", "index")  # what makes numbers of tensors: what follows may depend on them


class Tracer:
    """What is noted of one run of `forward`: the attributes of a Recording.

    differs  the slots of tensors that have a gradient
    """

    def __init__(self, forward: Forward, inputs: Mapping[str, Any]) -> None:
        self.operations: list[Operation] = []
        self.values: list[Array] = []
        self.nodes: dict[str, int | tuple[int, ...]] = {}
        self.names: dict[int, str] = {}
        self.again = True
        self.in_place = False
        self.slots: dict[int, int] = {}
        self.kept: list[Any] = []  # an id is that of one tensor as long as the tensor lives
        self.differs: set[int] = set()
        self.versions: dict[int, int] = {}
        self.made_by: dict[int, Operation] = {}
        self.entries: set[int] = set()  # slots that are called by a node and an index, as w[2], until they get a name
        self.derived: set[int] = set()  # tensors without a gradient that are worked out from those that have one
        self._run(forward, inputs)

    def _run(self, forward: Forward, inputs: Mapping[str, Any]) -> None:
        leaves = [self._leaf(name, value) for name, value in inputs.items()]
        with _mode(self):
            forward(self._node, *leaves)
        if any(tensor._version != self.versions[id(tensor)] for tensor in self.kept if tensor.requires_grad):
            self.in_place = True

    def _keep(self, tensor: Any) -> int:
        """The slot of a tensor."""
        if id(tensor) not in self.slots:
            if id(tensor) in self.derived:
                self.again = False
            self.slots[id(tensor)] = len(self.values)
            self.values.append(tensor.detach().numpy().copy())
            self.kept.append(tensor)
            self.versions[id(tensor)] = tensor._version
            if tensor.requires_grad:
                self.differs.add(self.slots[id(tensor)])
        return self.slots[id(tensor)]

    def _node(self, name: str, value: Any) -> Any:
        nodes, names = self.nodes, self.names
        if isinstance(value, list):
            nodes[name] = tuple(self._keep(part) for part in value)
            for k, slot in enumerate(map(self._keep, value)):
                if slot not in names:
                    names[slot] = f"{name}[{k}]"
                    self.entries.add(slot)  # until it has a name of its own
            return value
        slot = nodes[name] = self._keep(value)
        if slot in self.entries:
            self.entries.remove(slot)
            names.pop(slot)
        names.setdefault(slot, name)
        return value

    def _leaf(self, name: str, value: Any) -> Any:
        if is_list_of_arrays(value):
            return self._node(name, [torch.tensor(item, dtype=torch.float64, requires_grad=True) for item in value])
        if is_real(value):
            return self._node(name, torch.tensor(value, dtype=torch.float64, requires_grad=True))
        return value

    def note(self, function: Any, args: tuple[Any, ...], keywords: dict[str, Any], output: Any) -> None:
        """Record an operation whose result has a gradient.

        Other results are constants and not computed again.
        """
        called = getattr(function, "__name__", "").strip("_")
        depends = any(self._depends(argument) for argument in _flat((*args, *keywords.values())))
        if called in READS and depends:
            self.again = False
        outputs = [output] if isinstance(output, torch.Tensor) else list(output) if isinstance(output, (tuple, list)) else []
        for place, one in enumerate(outputs):
            if not isinstance(one, torch.Tensor) or id(one) in self.slots:
                continue
            if one.grad_fn is not None:
                many = not isinstance(output, torch.Tensor)
                self._note_one(CALLED_HERE.get(called, called), called, function, args, keywords, one, place if many else None)
            elif depends:
                self.derived.add(id(one))
                self.kept.append(one)

    def _depends(self, value: Any) -> bool:
        """Whether a value is worked out from the inputs."""
        return isinstance(value, torch.Tensor) and (value.requires_grad or id(value) in self.derived)

    def _note_one(
        self, kind: str, called: str, function: Any, args: tuple[Any, ...], keywords: dict[str, Any], output: Any, place: int | None
    ) -> None:
        known = _known(kind, called, args, keywords) if place is None else None
        if known is not None:
            operands, axis, keepdims = known
            self._add(kind, operands, output, axis=axis, keepdims=keepdims)
            return
        tensors = tuple(argument for argument in _flat((*args, *keywords.values())) if isinstance(argument, torch.Tensor))
        apply = _applied(function, args, keywords, place)
        moves = _moves(function, called, args, keywords, place, tensors)
        self._add(f"{called} of PyTorch", tensors, output, apply=apply, moves=moves)
        index = place if called == "unbind" else args[1] if called == "getitem" else None
        if isinstance(index, int) and (whole := self.names.get(self.slots[id(tensors[0])])):
            self.entries.add(self.slots[id(output)])
            self.names[self.slots[id(output)]] = f"{whole}[{index}]"

    def _add(self, kind: str, operands: tuple[Any, ...], output: Any, **how: Any) -> None:
        slots = tuple(self._keep(one) if isinstance(one, torch.Tensor) else None for one in operands)
        values = tuple(one if slot is None else self.values[slot] for one, slot in zip(operands, slots))
        names = tuple("" if slot is None else self.names.get(slot, "") for slot in slots)
        before = tuple(None if slot is None else self.made_by.get(slot) for slot in slots)
        slot = self._keep(output)
        op = Operation(len(self.operations), kind, slots, values, slot, self.values[slot], names, before, **how)
        self.operations.append(op)
        self.made_by[slot] = op


def _mode(tracer: Tracer) -> Any:
    """A function mode that hands each operation to `tracer`."""
    from torch.overrides import TorchFunctionMode

    class Recorder(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            output = function(*args, **(kwargs or {}))
            tracer.note(function, args, kwargs or {}, output)
            return output

    return Recorder()


def _flat(values: Iterable[Any]) -> list[Any]:
    """`values` with the entries of lists and tuples in their place."""
    found: list[Any] = []
    for value in values:
        found += _flat(value) if isinstance(value, (list, tuple)) else [value]
    return found


def _known(kind: str, called: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[tuple[Any, ...], Any, bool] | None:
    """Operands, axis and keepdims of an operation of KINDS; None if it is called in another way."""
    if called == "logaddexp" and not keywords and any(_is_zero(argument) for argument in args):
        return tuple(argument for argument in args if not _is_zero(argument))[:1], None, False
    if kind not in KINDS:
        return None
    if kind in ("sum", "mean", "softmax", "log_softmax"):
        axis = keywords.get("dim", keywords.get("axis", args[1] if len(args) > 1 else None))
        keepdims = keywords.get("keepdim", keywords.get("keepdims", args[2] if len(args) > 2 else False))
        plain = not set(keywords) - {"dim", "axis", "keepdim", "keepdims"} and isinstance(keepdims, bool)
        return ((args[0],), tuple(axis) if isinstance(axis, list) else axis, keepdims) if plain else None
    if keywords:
        return None
    if called == "square":
        return (args[0], 2), None, False
    if kind == "pow" and isinstance(args[1], torch.Tensor):
        return None
    expected = 2 if kind in ("add", "sub", "rsub", "mul", "div", "rdiv", "pow", "matmul") else 1
    return (args, None, False) if len(args) == expected else None


def _is_zero(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and not value.requires_grad and not bool(value.any())


def _applied(function: Any, args: tuple[Any, ...], keywords: dict[str, Any], place: int | None) -> Callable[..., Any]:
    """The function of only the tensors among its arguments; the others are fixed."""

    def filled(value: Any, tensors: list[Any]) -> Any:
        if isinstance(value, torch.Tensor):
            return tensors.pop(0)
        return type(value)(filled(one, tensors) for one in value) if isinstance(value, (list, tuple)) else value

    shape = _without_numbers(args), {name: _without_numbers(value) for name, value in keywords.items()}

    def apply(*tensors: Any) -> Any:
        left = list(tensors)
        output = function(*(filled(value, left) for value in shape[0]), **{name: filled(value, left) for name, value in shape[1].items()})
        return output if place is None else output[place]

    return apply


def _without_numbers(value: Any) -> Any:
    """Arguments with empty tensors in the places of tensors, so that no graph is kept alive."""
    if isinstance(value, torch.Tensor):
        return torch.empty(0)
    return type(value)(_without_numbers(one) for one in value) if isinstance(value, (list, tuple)) else value


def _moves(
    function: Any, called: str, args: tuple[Any, ...], keywords: dict[str, Any], place: int | None, tensors: tuple[Any, ...]
) -> Moves | None:
    """Forward and backward functions of an operation that only moves
    numbers, such as indexing, reshaping, transposing, stacking or masking.

    None for any other operation.
    """
    if keywords:
        return None
    if called == "stack" and len(args) == 1:
        return Moves(lambda *parts: np.stack(parts), lambda i, g: g[:, i])
    if len(tensors) != 1:
        return None
    shape, after = tuple(tensors[0].shape), tuple(args[1:])
    if called in ("reshape", "view", "flatten", "squeeze", "unsqueeze"):
        output = tuple(function(*args).shape)
        return Moves(lambda x: x.reshape(output), lambda i, g: g.reshape(len(g), *shape))
    if called == "unbind" and place is not None and after in ((), (0,)):
        return _at_index(shape, (place,))
    if called == "getitem":
        index = args[1] if isinstance(args[1], tuple) else (args[1],)
        return _at_index(shape, tuple(map(_as_index, index))) if all(map(_is_index, index)) else None
    if called == "masked_fill" and len(args) == 3 and isinstance(args[2], (int, float)):
        mask, value = args[1].numpy().copy(), args[2]
        return Moves(lambda x: np.where(mask, value, x), lambda i, g: np.where(mask, 0.0, g))
    if called == "t" or (called == "get" and function == torch.Tensor.T.__get__):
        return Moves(lambda x: x.T, lambda i, g: g.transpose(0, *range(g.ndim - 1, 0, -1)))
    return None


def _is_index(one: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return not one.requires_grad and not one.is_floating_point()
    places = isinstance(one, list) and all(isinstance(place, int) for place in one)
    return one is None or one is Ellipsis or isinstance(one, (int, slice)) or places


def _as_index(one: Any) -> Any:
    return one.numpy().copy() if isinstance(one, torch.Tensor) else np.array(one) if isinstance(one, list) else one


def _at_index(shape: tuple[int, ...], index: tuple[Any, ...]) -> Moves:
    def back(i: int, g: Array) -> Array:
        found = np.zeros((len(g), *shape))
        if any(isinstance(one, np.ndarray) for one in index):
            np.add.at(found, (slice(None), *index), g)  # an entry may be taken several times
        else:
            found[(slice(None), *index)] = g
        return found

    return Moves(lambda x: x[index], back)


def is_real(value: Any) -> bool:
    """Whether an input is a real number or an array of them, and has a gradient."""
    return isinstance(value, float) or getattr(getattr(value, "dtype", None), "kind", "") == "f"
