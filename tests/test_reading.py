"""What takes a visitor some seconds to read: it fails politely, and ends when nobody wants it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from drawing import solara

from dashboards import results
from dashboards.reading import Read, Reading

assert solara  # without it these tests are skipped


@pytest.fixture
def ended() -> Callable[[Reading], None]:
    """Waits until nothing of a reading runs any more."""

    def wait(reading: Reading) -> None:
        thread = reading._thread
        if thread is not None:
            thread.join(10)

    return wait


def test_what_cannot_be_read_is_said_and_logged_in_one_line(
    tmp_path: Path, ended: Callable[[Reading], None], caplog: pytest.LogCaptureFixture
) -> None:
    """A broken folder takes nobody down, and no traceback reaches page or log."""
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "sales.parquet").write_bytes(b"no table")
    reading = Reading(results.read, results.POLITE)
    asked = results.Asked.of(tmp_path, "en", "results/broken")
    reading.want(asked)
    ended(reading)
    assert reading.news.value == Read(asked, failed=True)
    assert "Traceback" not in caplog.text


def test_what_nobody_wants_any_more_is_ended(ended: Callable[[Reading], None]) -> None:
    """A visitor who leaves ends the work at its next step; another wish takes the place of the last."""
    begun, left = threading.Event(), threading.Event()

    def work(key: str, goes_on: Callable[[float], bool]) -> str | None:
        if key == "long":
            begun.set()
            left.wait(10)
            return "long" if goes_on(0.5) else None
        return "short"

    reading = Reading(work, ())
    reading.want("long")
    assert begun.wait(10)
    reading.want("short")
    left.set()
    ended(reading)
    assert reading.news.value == Read("short", "short")
    reading.close()
    assert reading._thread is None
