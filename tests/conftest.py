"""What all tests share: slow proofs run when they are asked for."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --run-slow."""
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "slow: a longer proof, run with --run-slow or -m slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out unless they are asked for, by --run-slow, -m slow or their own name."""
    if config.getoption("--run-slow") or "slow" in str(config.getoption("-m")):
        return
    named = [argument for argument in config.invocation_params.args if "::" in str(argument)]
    slow = [item for item in items if item.get_closest_marker("slow") and not any(item.name in str(n) for n in named)]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
