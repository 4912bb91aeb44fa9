"""How soon a market can be played in Chromium, and how smoothly: `python tests/frames_dashboard.py`.

To be run on a machine that does nothing else; the load of the machine is told with the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from statistics import median
from typing import TYPE_CHECKING, Any

from load_dashboard import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLAGS = ["--no-sandbox", "--disable-gpu"]
SECONDS_PLAYED = 4

ANOTHER_SEED = """(seed) => new Promise((done) => {
    const began = performance.now();
    const times = {};
    const look = () => {
        const market = window.whosecar.state.market;
        if (market.seed === seed) {
            times.ready = times.ready || performance.now() - began;
            if (market.made === market.dates.length) {
                done({ ready: times.ready / 1000, whole: (performance.now() - began) / 1000 });
                return;
            }
        }
        setTimeout(look, 5);
    };
    const field = document.getElementById("wc-seed");
    field.value = seed;
    field.dispatchEvent(new Event("change"));
    look();
})"""
"""Ask for a market that nobody has asked for; the seconds until it can be played, and until all of it is there."""

FRAMES_WHILE_PLAYING = """(seconds) => new Promise((done) => {
    let drawn = 0;
    const count = () => { drawn += 1; };
    window.whosecar.watch(count);
    window.whosecar.play();
    setTimeout(() => {
        window.whosecar.unwatch(count);
        window.whosecar.pause();
        done(drawn / seconds);
    }, 1000 * seconds);
})"""
"""Frames a second in which the play-head moved and all that watches it was drawn."""


def measure(page: Page, address: str, consumers: int, markets: int) -> dict[str, Any]:
    """Seconds until new markets of so many consumers can be played and are whole, and frames a second."""
    page.goto(f"{address}/market?lang=en&consumers={consumers}&seed=1")
    page.wait_for_function("window.whosecar?.state.market?.made === 104", timeout=120_000)
    times = [page.evaluate(ANOTHER_SEED, seed) for seed in range(2, 2 + markets)]
    page.wait_for_timeout(500)
    played = page.evaluate("window.whosecar.state.market.consumers")
    assert played == consumers, f"{played} consumers were played, not {consumers}"
    return {
        "consumers": consumers,
        **{f"{name}_s": round(median(time[name] for time in times), 2) for name in ("ready", "whole")},
        **{f"{name}_best_s": round(min(time[name] for time in times), 2) for name in ("ready", "whole")},
        "frames_a_second": round(page.evaluate(FRAMES_WHILE_PLAYING, SECONDS_PLAYED), 1),
    }


def main() -> None:
    """Measure and write the numbers as JSON."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consumers", type=int, nargs="+", default=[20_000, 100_000], help="(default: %(default)s)")
    parser.add_argument("--markets", type=int, default=5, help="new ones of each size (default: %(default)s)")
    given = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if (found := shutil.which(name))), None)
    told: dict[str, Any] = {"cores": os.cpu_count(), "load_before": os.getloadavg()}
    with Server() as server, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        told["markets"] = [measure(page, server.address, size, given.markets) for size in given.consumers]
        browser.close()
    told["load_after"] = os.getloadavg()
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
