"""Public names of a package, imported from its modules when they are first asked for.

A command's module stands in the package whose work it starts. Importing it must not import what the work needs, or
`whosecar --help` would wait for pandas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def on_demand(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a package whose public `names` are listed by module.

    A name that is not listed raises AttributeError, as in any module.
    """
    module_of = {name: module for module, listed in names.items() for name in listed}

    def get(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{module_of[name]}"), name)

    return get
