"""Endurance: any valid case runs to its end, loses nothing, keeps its shares, and gives the same history again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_cases import BASES, base, cases, changes, unsound, with_those_that_hold
from small_cases import differing, state

import market
from market import Case, Market
from market.happenings import FAILURES

pytestmark = pytest.mark.slow

KINDS = (
    "price_change", "promotion", "tax_cliff", "launch", "capacity_change", "revealed_term", "media_burst", "answer",
    "decision", "exit",
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(case=cases())
def test_any_valid_case_runs_loses_nothing_and_reproduces(case: Case) -> None:
    """Money, cars and people are all there; read back from what it writes, the case gives the same market to the bit."""
    first = Market(case, rng=1).run()
    assert unsound(first) == []
    again = Market(Case.parse(case.to_toml()), rng=1).run()
    assert differing(state(first), state(again)) == []
    first.close()
    again.close()


def test_random_cases_are_worth_running() -> None:
    """Nearly all changes hold, and every sort of them comes about: or the test above would say little."""
    kept = refused = 0
    seen: set[str] = set()
    for seed, name in enumerate(BASES * 8):
        wanted = changes(random.Random(seed), name)
        case, held = with_those_that_hold(base(name), wanted)
        kept, refused = kept + len(held), refused + len(wanted) - len(held)
        seen |= {happening.kind for happening in case.happenings if happening.id.startswith("random")}
        seen |= {path.split(".")[0] for path in held if ".random" in path}
        seen |= {"row" for path in held if ".roles." in path or path.endswith(".face")}
    assert kept > 10 * refused
    assert {"happenings", "decisions", "contracts", "row", *KINDS, *FAILURES} <= seen


LONG = """
import sys
from market import Case, Market

def held():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096

still = {"drift.permanent_sd_per_month": 0.0, "drift.transitory_sd_per_month": 0.0}
case = Case.load("jd-gac-catl").change({"population.consumers": int(sys.argv[1]), "calendar.weeks": 520, **still})
market = Market(case, rng=1)
for week in range(520):
    market.step()
    if week % 26 == 25:
        print(week + 1, held(), float(market.ledger.backlog[week]), flush=True)
"""
"""Ten years of the default case; every half a year what the process holds in memory. Without drift: over ten years it
makes one car so liked, while its line stays as long as it is, that nearly everybody waits for it."""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not say what a process holds")
def test_ten_years_of_a_million_consumers_need_no_more_memory_than_two() -> None:
    """What the process holds after ten years is within a fifth of what it held after two, and people still wait for cars.

    Room for the ledger counts only when its weeks are written, which is most of the difference. A byte of each consumer
    that is kept every other week, or a story that is never forgotten, would be more.
    """
    surroundings = {**os.environ, "PYTHONPATH": str(Path(market.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LONG, "1000000"], env=surroundings, check=True, capture_output=True, text=True
    )
    weeks, held, backlog = np.array([line.split() for line in done.stdout.splitlines()], float).T
    assert weeks[-1] == 520
    assert np.all(backlog > 0.0)
    assert held[weeks > 104].max() <= 1.2 * held[weeks <= 104].max()
