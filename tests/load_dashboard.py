"""What the dashboard bears: `python tests/load_dashboard.py`, on a machine that does nothing else.

A class of visitors plays markets, clicks, and acts at its play-heads; then everybody leaves; then more come than there
are seats. Playing itself asks nothing of the server: a market is sent once and drawn by the browser.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Self
from urllib.error import HTTPError

from light_visitor import LightVisitor

SECONDS_BETWEEN_CLICKS = 3.0
SECONDS_BETWEEN_ACTS = 30.0
CLICKS = (("by", "car"), ("by", "brand"), ("mean", 1), ("mean", 4), ("shape", "lines"), ("shape", "areas"))
ACTS = ("price", "burst")


@dataclass
class Load:
    """What was measured; seconds, megabytes."""

    clicks: list[float] = field(default_factory=list)
    """from click until the page is told to show it"""
    lines: list[float] = field(default_factory=list)
    """from an act at the play-head until the line that follows can be drawn"""
    pages: list[float] = field(default_factory=list)
    """from opening a page until its market can be played"""
    mb_before: float = 0.0
    mb_with: float = 0.0
    mb_after: float = 0.0
    threads_before: int = 0
    threads_after: int = 0
    cpu_after: float = 0.0
    """part of a core that is used when everybody has gone"""

    def summary(self, visitors: int) -> dict[str, float]:
        """The numbers that were promised."""
        return {
            "clicks": len(self.clicks),
            "click_median_ms": round(1e3 * median(self.clicks)),
            "click_p95_ms": round(1e3 * _percentile(self.clicks, 95)),
            "lines": len(self.lines),
            "line_median_s": round(median(self.lines), 2),
            "line_p95_s": round(_percentile(self.lines, 95), 2),
            "page_median_s": round(median(self.pages), 2),
            "mb_before": round(self.mb_before),
            "mb_a_visitor": round((self.mb_with - self.mb_before) / visitors, 1),
            "mb_after_of_before": round(self.mb_after / self.mb_before, 2),
            "threads_left": self.threads_after - self.threads_before,
            "cpu_after": round(self.cpu_after, 3),
        }


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


class Server:
    """The command at work, with the process in which it simulates."""

    def __init__(self, *options: str) -> None:
        """Start it on a free port."""
        command = [sys.executable, "-m", "dashboards.server", "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, "the server did not start"
        self.address = found.group()

    def __enter__(self) -> Self:
        """It runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """It is told to stop."""
        self.process.terminate()
        self.process.wait(20)

    def _family(self) -> list[Path]:
        """The process and those that it has begun, as folders of /proc."""
        own = str(self.process.pid)
        found = [Path("/proc") / own]
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
            if parent == own:
                found.append(folder)
        return found

    def _status(self, name: str) -> int:
        """A number of their status; one that is just ending has none."""
        told = [(one / "status").read_text() for one in self._family()]
        return sum(int(number) for text in told for number in re.findall(rf"{name}:\s+(\d+)", text))

    def megabytes(self) -> float:
        """Resident memory of all its processes."""
        return self._status("VmRSS") / 1024

    def threads(self) -> int:
        """Threads of all its processes."""
        return self._status("Threads")

    def seconds(self) -> float:
        """Processor time of all its processes so far."""
        rows = [(one / "stat").read_text().rsplit(")", 1)[1].split() for one in self._family()]
        return sum(int(row[11]) + int(row[12]) for row in rows) / 100


async def visit(server: Server, number: int, luck: int, seconds: float, load: Load) -> LightVisitor:
    """One visitor: opens the page, clicks and acts for some time, and stays."""
    chance = random.Random(number)
    visitor = LightVisitor(server.address)
    search = f"case=jd-gac-catl&consumers=20000&seed={luck}"
    await asyncio.sleep(number * 0.2)
    await asyncio.to_thread(visitor.load, search)
    began = time.perf_counter()
    await visitor.enter(search)
    await visitor.until(visitor.played)
    load.pages.append(time.perf_counter() - began)
    until, acted = time.perf_counter() + seconds, chance.uniform(0.0, SECONDS_BETWEEN_ACTS)
    next_act, week, number_of_acts = time.perf_counter() + acted, 40, 0
    while time.perf_counter() < until:
        await asyncio.sleep(chance.expovariate(1 / SECONDS_BETWEEN_CLICKS))
        if time.perf_counter() >= next_act:
            next_act, week, number_of_acts = next_act + SECONDS_BETWEEN_ACTS, week + 4, number_of_acts + 1
            load.lines.append(await act(visitor, chance, week))
        else:
            load.clicks.append(await click(visitor, chance))
    return visitor


async def click(visitor: LightVisitor, chance: random.Random) -> float:
    """Choose another way to look at the market; the seconds until the page is told to show it."""
    shown = visitor.view()
    key, value = chance.choice([(key, value) for key, value in CLICKS if shown[key] != value])
    began = time.perf_counter()
    await visitor.call(("legend", "view", "progress"), "choose", {key: value})
    await visitor.until(lambda: visitor.view()[key] == value)
    return time.perf_counter() - began


async def act(visitor: LightVisitor, chance: random.Random, week: int) -> float:
    """Act at the play-head; the seconds until what comes of it can be drawn there."""
    acts = f"1.{chance.choice(ACTS)}.{week}.{chance.randint(10, 30)}.ut_super"
    began = time.perf_counter()
    await visitor.call(("acts", "view"), "choose", {"acts": acts, "week": week})
    await visitor.until(lambda: visitor.played().get("key", "").endswith(acts) and visitor.played()["made"] > week)
    return time.perf_counter() - began


async def crowd(visitors: int, lucks: int, seconds: float) -> Load:
    """A class comes, plays and leaves."""
    load = Load()
    with Server("--max-sessions", str(visitors)) as server:
        warm = LightVisitor(server.address)  # what is made once for everybody is there before anything is measured
        warm.load()
        await warm.enter()
        await warm.until(lambda: warm.played().get("made") == 104)
        await warm.leave()
        await asyncio.sleep(60)
        load.mb_before, load.threads_before = server.megabytes(), server.threads()
        loop = [visit(server, number, 1 + number % lucks, seconds, load) for number in range(visitors)]
        there = await asyncio.gather(*loop)
        load.mb_with = server.megabytes()
        for visitor in there:
            await visitor.leave()
        await asyncio.sleep(60)
        load.mb_after, load.threads_after = server.megabytes(), server.threads()
        used = server.seconds()
        await asyncio.sleep(5)
        load.cpu_after = (server.seconds() - used) / 5
    return load


async def full(visitors: int, seats: int) -> dict[str, float]:
    """More come at once than there are seats: who is let in, and how soon the others are told."""
    with Server("--max-sessions", str(seats)) as server, ThreadPoolExecutor(visitors) as pool:
        there = [LightVisitor(server.address) for _ in range(visitors)]

        def come(visitor: LightVisitor) -> tuple[bool, float]:
            began = time.perf_counter()
            try:
                visitor.load()
            except HTTPError as refused:
                if refused.code != 503:
                    raise
                return False, time.perf_counter() - began
            return True, time.perf_counter() - began

        async def arrive(visitor: LightVisitor) -> tuple[bool, float]:
            let_in, took = await asyncio.get_running_loop().run_in_executor(pool, come, visitor)
            if let_in:
                await visitor.enter()
            return let_in, took

        told = await asyncio.gather(*(arrive(visitor) for visitor in there))
        inside = [visitor for visitor, (let_in, _) in zip(there, told, strict=True) if let_in]
        playable = [await visitor.until(visitor.played) for visitor in inside]
        late = [await asyncio.to_thread(come, LightVisitor(server.address)) for _ in range(10)]
        for visitor in inside:
            await visitor.leave()
    refused = [took for let_in, took in [*told, *late] if not let_in]
    return {"let_in": len(inside), "refused": len(refused), "longest_s": round(max(refused), 2), "in_s": max(playable)}


def main() -> None:
    """Measure and write the numbers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=30, help="how many play at once (default: %(default)s)")
    parser.add_argument("--lucks", type=int, default=5, help="different markets among them (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=90.0, help="how long they play (default: %(default)s)")
    parser.add_argument("--everything", action="store_true", help="write every measurement too")
    given = parser.parse_args()
    load = asyncio.run(crowd(given.visitors, given.lucks, given.seconds))
    told: dict[str, Any] = {"visitors": given.visitors, "lucks": given.lucks, **load.summary(given.visitors)}
    told["full"] = asyncio.run(full(100, 50))
    if given.everything:
        told["all"] = asdict(load)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
