"""Modules that are imported when first used, so that `import backprop` stays quick."""

import importlib
from types import ModuleType
from typing import Any


class LazyModule:
    """Stands for the module `name` and imports it at the first attribute asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _load(self) -> ModuleType:
        return importlib.import_module(self._name)

    def __getattr__(self, attribute: str) -> Any:
        found = self.__dict__[attribute] = getattr(self._load(), attribute)  # the next look-up does not come here
        return found


torch = LazyModule("torch")
