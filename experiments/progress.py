"""How far many runs are: a bar on a terminal, a line a minute where the command is piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.sweep import Tally

SECONDS_BETWEEN_LINES = 60.0
TEXTS = {
    "done": ("{done:,} of {total:,} runs", "已完成 {done:,} / {total:,} 次运行"),
    "failed": ("{failed:,} failed", "{failed:,} 次失败"),
    "rate": ("{rate:.3g} a minute", "每分钟 {rate:.3g} 次"),
    "left": ("{left} left", "剩余 {left}"),
}


def said(tally: Tally, seconds: float, lang: str = "en") -> str:
    """How far it is after some seconds, on one line: done, failed, and from the first run on rate and time left.

    >>> from experiments.sweep import Tally
    >>> said(Tally(total=200, finished=49, failed=1, before=20), 60.0)
    '50 of 200 runs, 1 failed, 30 a minute, 0:05:00 left'
    """
    done = tally.finished + tally.failed
    rate = (done - tally.before) / seconds if seconds > 0.0 else 0.0
    words = [("done", {"done": done, "total": tally.total}), ("failed", {"failed": tally.failed})]
    shown = [TEXTS[key][lang == "zh"].format(**values) for key, values in words]
    if rate > 0.0:
        shown.append(TEXTS["rate"][lang == "zh"].format(rate=60.0 * rate))
        shown.append(TEXTS["left"][lang == "zh"].format(left=_clock((tally.total - done) / rate)))
    return ("，" if lang == "zh" else ", ").join(shown)


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> _clock(3_725.2)
    '1:02:05'
    """
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


@contextmanager
def of_runs(lang: str = "en", quiet: bool = False) -> Iterator[Callable[[Tally], None]]:
    """What to call with each tally of a sweep: it shows a bar on a terminal, else writes a line a minute to stderr."""
    if quiet:
        yield lambda tally: None
    elif sys.stdout.isatty():
        yield from _bar(lang)
    else:
        yield _lines(lang)


def _bar(lang: str) -> Iterator[Callable[[Tally], None]]:
    from rich.progress import BarColumn, Progress, TextColumn

    from experiments.console import console

    began = time.monotonic()
    with Progress(
        BarColumn(bar_width=None), TextColumn("{task.description}"), console=console(), transient=True
    ) as bar:
        task = bar.add_task("", total=None)

        def show(tally: Tally) -> None:
            text = said(tally, time.monotonic() - began, lang)
            bar.update(task, total=tally.total, completed=tally.finished + tally.failed, description=text)

        yield show


def _lines(lang: str) -> Callable[[Tally], None]:
    began = last = time.monotonic()

    def show(tally: Tally) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            sys.stderr.write(said(tally, now - began, lang) + "\n")
            sys.stderr.flush()

    return show
