"""Pages drawn without a browser, for tests: what the extra `dashboard` must bring, and what stands on a page."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest


def need(name: str) -> ModuleType:
    """A module of the extra `dashboard`; without it tests are skipped on a laptop and fail in CI."""
    if os.environ.get("CI") == "true":
        return importlib.import_module(name)
    return pytest.importorskip(name, reason="needs pip install '.[dashboard]'")


need("starlette")
from dashboards import address, app  # noqa: E402 - the extra comes first

app.settle()  # Solara reads its settings when it is imported
solara = need("solara")
CASES = ["dealer-baseline", "jd-gac-catl"]
USUAL = address.View(case="jd-gac-catl")


def everything(widget: Any) -> Iterator[Any]:
    """A widget, all that stands inside it, and their words."""
    yield widget
    for child in [] if isinstance(widget, str) else getattr(widget, "children", ()):
        yield from everything(child)


def notes(context: Any) -> str:
    """All words of a page that stand outside its templates."""
    return " ".join(part for part in everything(context.container) if isinstance(part, str))


def piece(context: Any, *traits: str) -> Any:
    """The one widget that has these traits."""
    found = [
        part
        for part in everything(context.container)
        if not isinstance(part, str) and all(hasattr(part, t) for t in traits)
    ]
    assert len(found) == 1
    return found[0]
