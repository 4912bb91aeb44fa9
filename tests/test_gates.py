"""Figures do not depend on how finely the market is sampled, nor on the weekday on which a run begins.

Drift is switched off: it is luck that all consumers share, and would hide what is looked for.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
import pytest
from evidence import MANY, standard_error
from numpy.typing import NDArray
from scipy import stats
from small_cases import FLOWS, NO_DRIFT, NO_SEASON, flows

from market import Case, Market
from market.calendar import DAYS

WEEKS = 56
"""Ten weeks beyond the first deliveries of the focal car, so that its launch, queue and cancellations count."""

FOCAL = "ut_super"
HEART = ("informed households", "public stories", "trust lost in jd", "spent by owners", "owners kept")
OF_FLOWS = np.arange(2 * len(FLOWS) + len(HEART)) < 2 * len(FLOWS)
WATCHED = (*(f"{name} of {car}" for name in FLOWS for car in ("all cars", FOCAL)), *HEART)


@cache
def still() -> Case:
    """The default case without drift."""
    return Case.load("jd-gac-catl").change({**NO_DRIFT, "calendar.weeks": WEEKS})


def watched(case: Case, seed: int) -> NDArray[np.float64]:
    """What is WATCHED of a run, cumulated to the end of each week: (WATCHED, weeks + 1)."""
    market = Market(case, rng=seed).run()
    focal = market.catalogue.car_index[FOCAL]
    weekly = [series for flow in flows(market).values() for series in (flow.sum(axis=1), flow[:, focal])]
    return np.array([[0.0, *np.cumsum(series[: market.week])] for series in (*weekly, *of_the_heart(market))])


def between(cumulated: NDArray[np.float64], first: float, last: float) -> NDArray[np.float64]:
    """What came between two moments, in weeks: (WATCHED,)."""
    ends = np.arange(cumulated.shape[1])
    return np.array([np.interp(last, ends, grown) - np.interp(first, ends, grown) for grown in cumulated])


def of_the_heart(market: Market) -> list[NDArray[np.float64]]:
    """Weekly series of HEART: households who hear of a story, stories that begin, and so on."""
    standing, owners, weeks = market.standing, market.owners.accounts, market.case.calendar.weeks
    began = [event.day // DAYS for event in market.events.written if event.act == "failure"]
    jd = market.catalogue.organisations.index("jd")
    trusted = np.concatenate([market.trust.baseline[jd : jd + 1], standing.by_profile["trust"][:, -1, jd]])
    return [
        standing.by_profile["blame"][:, -1].sum(axis=1),
        np.bincount(began, minlength=weeks).astype(float),
        -np.diff(trusted),
        owners.spent.sum(axis=(1, 2, 3, 4)),
        owners.kept.sum(axis=(1, 2)),
    ]


@cache
def ran(consumers: int, seed: int) -> NDArray[np.float64]:
    """What is watched of a run of so many consumers, once for all tests."""
    return watched(still().change({"population.consumers": consumers}), seed)


def sampled(consumers: int, seeds: int) -> NDArray[np.float64]:
    """Totals of several runs: (seeds, WATCHED)."""
    return np.array([ran(consumers, seed)[:, -1] for seed in range(seeds)])


def beyond(off: NDArray[np.float64], error: NDArray[np.float64]) -> dict[str, float]:
    """What is more than four standard errors off, and by how many."""
    some = np.where(off == 0.0, 0.0, np.inf)
    z = np.divide(np.abs(off), error, out=some, where=error > 0.0)
    return {name: round(float(far), 1) for name, far in zip(WATCHED, z, strict=True) if far > MANY}


def apart(few: int, many: int, seeds: int) -> dict[str, float]:
    """What differs between samples of different size, in pairs of one seed.

    What becomes public is luck that consumers share, whatever their number. With so few pairs, as improbable a
    deviation as four standard errors is by Student's distribution. A car whose line is at its limit delivers a whole
    number of consumers: half of one more or less is no difference.
    """
    gaps = sampled(many, seeds) - sampled(few, seeds)
    wider = stats.t.isf(stats.norm.sf(MANY), seeds - 1) / MANY
    grain = Market(still().change({"population.consumers": few}), rng=0).household.min() / 2.0
    off = np.maximum(np.abs(gaps.mean(axis=0)) - np.where(OF_FLOWS, grain, 0.0), 0.0)
    return beyond(off, wider * standard_error(gaps))


@pytest.mark.slow
def test_5_000_consumers_give_the_means_of_20_000() -> None:
    """Orders, cancellations and deliveries, stories, trust, owners: in pairs of one seed, as by night with a million."""
    assert apart(5_000, 20_000, 8) == {}


@pytest.mark.slow
def test_20_000_consumers_give_the_means_of_100_000() -> None:
    """On seeds of their own: within 4 standard errors."""
    few, many = sampled(20_000, 16), sampled(100_000, 6)
    assert beyond(many.mean(axis=0) - few.mean(axis=0), np.hypot(standard_error(few), standard_error(many))) == {}


@pytest.mark.slow
def test_20_000_and_100_000_consumers_give_the_means_of_a_million() -> None:
    """In pairs of one seed, twelve of them."""
    for consumers in (20_000, 100_000):
        assert apart(consumers, 1_000_000, 12) == {}, consumers


def begun_later(days: int, seed: int) -> NDArray[np.float64]:
    """Totals between the same two dates of a run that begins some days later; all happenings keep their dates."""
    start = still().calendar.start + timedelta(days=days)
    case = still().change({"calendar.start": start, "population.consumers": 20_000})
    case = case.change({f"happenings.{h.id}.announced": start for h in case.happenings if h.kind == "tax_cliff"})
    begun = watched(case, seed) if days else ran(20_000, seed)
    return between(begun, 2.0 - days / 7.0, WEEKS - 1.0 - days / 7.0)


def shifted(days: list[int], seeds: int) -> dict[int, dict[str, float]]:
    """What differs beyond sampling error when a run begins later, by number of days."""
    base = np.array([begun_later(0, seed) for seed in range(seeds)])
    found = {}
    for later in days:
        runs = np.array([begun_later(later, seed) for seed in range(seeds)])
        error = np.hypot(standard_error(base), standard_error(runs))
        if differs := beyond(runs.mean(axis=0) - base.mean(axis=0), error):
            found[later] = differs
    return found


def test_a_run_that_begins_some_days_later_is_the_same_run() -> None:
    """What is watched between the same two dates: within 4 standard errors."""
    assert shifted([3], 10) == {}


@pytest.mark.slow
def test_a_run_may_begin_on_any_day_of_the_week() -> None:
    """One to six days later, with more seeds."""
    assert shifted([1, 2, 3, 4, 5, 6], 30) == {}


@pytest.mark.slow
def test_week_0_is_an_ordinary_week() -> None:
    """Without season, news and launches, the first weeks are as the later ones: within 4 standard errors or 3 %.

    Who searches, who orders, who cancels, what is delivered and how many wait, over twenty seeds.
    """
    case = still().change({**NO_SEASON, "calendar.weeks": 60, "population.consumers": 20_000, "happenings": []})
    case = case.change({f"cars.{key}.launch": None for key in case.cars} | {f"cars.{FOCAL}.exposure.begins": None})
    ample = {"capacity_per_week": 1e6, "inventory_weeks": 4.0}
    case = case.change({f"cars.{key}.production": ample for key in case.cars})
    names = ("in_market", "backlog", "orders", "deliveries", "outside", "cancellations")
    early, late = [], []
    for seed in range(20):
        ledger = Market(case, rng=seed).run().ledger
        series = [
            ledger.in_market,
            ledger.backlog,
            *(ledger.flows[f].sum(axis=(1, 2)) for f in ("orders", "deliveries")),
        ]
        table = np.array([*series, ledger.outside, ledger.flows["cancellations"].sum(axis=(1, 2))])
        early.append(table[:, :4].mean(axis=1))
        late.append(table[:, 40:].mean(axis=1))
    off = np.abs(np.mean(early, axis=0) - np.mean(late, axis=0))
    error = standard_error(np.array(early) - np.array(late))
    allowed = np.maximum(MANY * error, 0.03 * np.mean(late, axis=0))
    ratio = np.mean(early, axis=0) / np.mean(late, axis=0)
    assert {name: round(r, 3) for name, r, bad in zip(names, ratio, off > allowed, strict=True) if bad} == {}
