"""The real command and Chromium, for all tests that need a browser; see the fixtures of `conftest`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from drawing import need

from dashboards import texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

need("solara")
playwright = need("playwright.sync_api")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {1440: 900, 1024: 768, 390: 844}
SHORT = 10_000
"""Milliseconds after which something that should have come has not."""


class Server:
    """The command at work: where it listens and what it logs."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Start `whosecar dashboard` on a free port and wait for the line that says where it is."""
        self.log = folder / "server.log"
        command = [
            sys.executable,
            "-c",
            "from experiments.cli import main; main()",
            "dashboard",
            "--port",
            "0",
            *options,
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.search(r"http://\S+", self.said)
        assert found, f"no address: {self.said!r} {self.log.read_text()}"
        self.address = found.group()

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a plain request."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except HTTPError as refused:
            return refused.code, refused.read().decode("utf-8", "replace")

    def stop(self) -> int:
        """Tell it to stop, as a service manager would, and give its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def interrupt(self) -> int:
        """Press Ctrl-C, which reaches every process of the terminal, and give the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(20)


def serving(folder: Path, *options: str) -> Iterator[Server]:
    """One server for all visitors; it must end well and have logged no traceback."""
    running = Server(folder, *options)
    yield running
    assert running.stop() == 0
    assert "Traceback" not in running.log.read_text()


def chromiums() -> Iterator[Browser]:
    """Chromium as the system has it; none: skipped on a laptop, a failure in CI."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("needs Chromium")
    assert path is not None, "no Chromium: apt-get install chromium fonts-noto-cjk"
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One browser with one page, and all that went wrong in it."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        """Listen to everything before the first page opens."""
        self.context, self.address = context, address
        self.page: Page = context.new_page()
        self.page.set_default_timeout(SHORT)
        self.faults: list[str] = []
        self.page.on("pageerror", lambda fault: self.faults.append(f"page error: {fault}"))
        self.page.on(
            "console", lambda told: self.faults.append(f"console: {told.text}") if told.type == "error" else None
        )
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.page.on("websocket", lambda opened: self._asked(opened.url))
        self.page.on(
            "response", lambda got: self.faults.append(f"{got.status} {got.url}") if got.status >= 400 else None
        )

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.address).netloc:
            self.faults.append(f"outside: {url}")

    def open(self, search: str = "lang=en&consumers=20000") -> Visitor:
        """Go to an address and wait until its market can be played."""
        self.page.goto(f"{self.address}/market?{search}")
        playwright.expect(self.button("play", "replay", "pause")).to_be_enabled(timeout=2 * SHORT)
        return self

    def said(self, *keys: str) -> re.Pattern[str]:
        """Any of these texts, whole, in either language."""
        return re.compile("^(" + "|".join(re.escape(text) for key in keys for text in texts.TEXTS[key]) + ")$")

    def button(self, *keys: str) -> Locator:
        """The button called so."""
        return self.page.get_by_role("button", name=self.said(*keys))

    @property
    def week(self) -> int:
        """Where the time line stands."""
        return int(self.page.get_by_role("slider", name=self.said("week")).input_value())

    def waits_for_week(self, test: str) -> None:
        """Wait until the week of the time line passes a test in JavaScript."""
        self.page.wait_for_function(f"Number(document.querySelector('input[type=range]').value) {test}")

    def chart(self) -> str:
        """What the chart says of itself."""
        return self.page.get_by_role("img").get_attribute("aria-label") or ""


def visits(server: Server, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Visitors, each with a browser profile of its own; none may have seen a fault."""
    visitors: list[Visitor] = []

    def come(**options: Any) -> Visitor:
        context = chromium.new_context(viewport={"width": 1440, "height": WIDTHS[1440]}, **options)
        visitors.append(Visitor(context, server.address))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
        assert visitor.faults == []
