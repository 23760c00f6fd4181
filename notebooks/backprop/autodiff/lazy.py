"""Modules that are imported when first used, so that `import backprop` stays quick."""

import gc
import importlib
from types import ModuleType
from typing import Any


class LazyModule:
    """Stands for the module `name` and imports it at the first attribute asked for.

    What is in memory then is no longer looked through for garbage: a large module's objects stay,
    and one look through all of them takes as long as several checks.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def _load(self) -> ModuleType:
        if "_module" not in self.__dict__:
            self._module = importlib.import_module(self._name)
            gc.freeze()
        return self._module

    def __getattr__(self, attribute: str) -> Any:
        found = self.__dict__[attribute] = getattr(self._load(), attribute)  # the next look-up does not come here
        return found


torch = LazyModule("torch")
