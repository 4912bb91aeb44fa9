"""What all tests share: slow proofs run when they are asked for; a server and a Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from browsing import Server, Visitor
    from playwright.sync_api import Browser


BROWSER = "browser"
"""Tests of one process: they share a server, which takes long to start, and two browsers at once would be slower."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --run-slow."""
    parser.addoption("--run-slow", action="store_true", help="also run the tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "slow: a longer proof, run with --run-slow or -m slow")


class OneBrowser(LoadFileScheduling):
    """Each file of tests in one process, and all that need a browser together in one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return BROWSER if Path(file).name.startswith("test_browser") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Which process runs which tests."""
    return OneBrowser(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out unless they are asked for, by --run-slow, -m slow or their own name."""
    if config.getoption("--run-slow") or "slow" in str(config.getoption("-m")):
        return
    named = [argument for argument in config.invocation_params.args if "::" in str(argument)]
    slow = [item for item in items if item.get_closest_marker("slow") and not any(item.name in str(n) for n in named)]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all visitors."""
    from browsing import serving

    yield from serving(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium as the system has it; it leaves with its module, as it keeps an event loop of its own running."""
    from browsing import chromiums

    yield from chromiums()


@pytest.fixture
def visit(server: Server, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Visitors, each with a browser profile of its own; none may have seen a fault."""
    from browsing import visits

    yield from visits(server, chromium)
