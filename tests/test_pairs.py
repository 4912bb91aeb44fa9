"""Pairs of markets in the background: exact where nothing differs, the laboratory's numbers, shared, and given up."""

from __future__ import annotations

import json
import pickle
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from drawing import solara
from paired import ran
from small_cases import small_case

from dashboards import address, history, pair_numbers, pairs
from dashboards.pair_numbers import Tally
from dashboards.pair_runs import Asked, NotComparableError, Pair, one_pair
from experiments import compare as comparing
from market import Case

assert solara  # without it these tests are skipped

CASE = small_case().change({"population.consumers": 1_500, "calendar.weeks": 16, "display.focal_car": "a"})
DEARER = CASE.change({"cars.a.price_cny": 90_000.0})


class Steps:
    """A queue whose background work is done by hand, a piece at a time."""

    def __init__(self) -> None:
        self.jobs: list[Any] = []

    def later(
        self, work: Callable[[], Iterator[Any]], told: Callable[[Any], None], ended: Callable[[bool], None]
    ) -> Any:
        """Keep the work."""
        job = type("Job", (), {})()
        job.work, job.told, job.ended, job.cancelled = work, told, ended, False
        job.cancel = lambda: setattr(job, "cancelled", True)
        self.jobs.append(job)
        return job

    def finish(self) -> None:
        """Do the oldest job to its end."""
        job = self.jobs.pop(0)
        for what in [] if job.cancelled else job.work():
            if what is not None:
                job.told(what)
        if not job.cancelled:
            job.ended(False)


class Listener:
    """Somebody who waits, and remembers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.parts: list[float] = []
        self.fault = False

    def told(self, asked: Asked, part: float, text: str, tally: Tally) -> None:
        """Remember."""
        self.parts.append(part)
        if text and text not in self.texts:
            self.texts.append(text)

    def failed(self, asked: Asked) -> None:
        """Remember the failure."""
        self.fault = True


def test_a_market_beside_itself_differs_by_nothing() -> None:
    """Same people, same luck: zero, not about zero, with an interval of no width."""
    tally = ran(Asked.of(CASE, CASE, seed=4), range(4, 6))
    for found in (tally.share(16, 13), tally.orders(16), *tally.outcomes().values()):
        if not np.isnan(found.mean):
            assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_pair_in_which_one_world_has_no_value_counts_for_neither() -> None:
    """So the difference shown is that of the two means beside it."""
    both = pair_numbers._Both()
    for base, other in (([0.4], [0.5]), ([0.9], [np.nan]), ([np.nan], [0.1]), ([0.6], [0.3])):
        both.add(np.array(base), np.array(other))
    base, other, mean, _, _ = (float(row[0]) for row in both.rows())
    assert (base, other) == pytest.approx((0.5, 0.4)) and mean == pytest.approx(other - base)


def test_pairs_give_the_numbers_of_the_laboratory() -> None:
    """The page and `whosecar compare` say the same of the same two worlds, with the same interval."""
    tally = ran(Asked.of(CASE, DEARER, seed=1), range(1, 4))
    found = comparing.compare(CASE, DEARER, pairs=3)
    for name, here in tally.outcomes().items():
        there = found.effect(name)
        told = [here.base, here.other, here.mean, here.low, here.high]
        same = [there[key] for key in ("base", "what_if", "difference", "t_low", "t_high")]
        assert told == pytest.approx(same, rel=1e-9, abs=1e-9, nan_ok=True), name
    weeks = found.weeks[found.weeks["series"] == "orders"].sort_values("week")
    assert tally.orders(16).mean == pytest.approx(float(weeks["difference"].sum()))
    assert tally.orders(16).mean < 0.0
    share = found.weeks[found.weeks["series"] == "share"].sort_values("week").iloc[-1]
    last = tally.share(16, 1)
    assert [last.mean, last.low, last.high] == pytest.approx([100 * share[k] for k in ("difference", "low", "high")])


def test_what_the_browser_gets_is_what_the_numbers_are() -> None:
    """Whole numbers of small units, a place for each week, and no interval from one pair alone."""
    asked = Asked.of(CASE, DEARER, weeks=10)
    one, two = ran(asked, range(1, 2)), ran(asked, range(1, 3))
    sent = json.loads(pairs.text_of(asked, two))
    assert (sent["pairs"], sent["of"], sent["weeks"], sent["car"]) == (2, pairs.PAIRS, 10, "a")
    shown = two.share(10, 4)
    for key in ("base", "other", "mean", "low", "high"):
        assert len(sent["share"]["4"][key]) == 10
        assert sent["share"]["4"][key][-1] == pytest.approx(1e3 * getattr(shown, key), abs=0.51)
    assert set(json.loads(pairs.text_of(asked, one))["orders"]["low"]) == {None}
    brands = two.of_brands(4)
    assert sum(row["base"][-1] or 0 for row in brands.values()) == pytest.approx(100_000, abs=len(brands))
    assert sum(row["mean"][-1] or 0 for row in brands.values()) == pytest.approx(0, abs=len(brands))


def test_everybody_who_asks_shares_one_pair_after_the_other() -> None:
    """Two visitors with the same question cost one; who has fewest pairs comes next; each seed is counted once."""
    queue, first, second, third = Steps(), Listener(), Listener(), Listener()
    bench = pairs.Bench(queue)
    asked, other = Asked.of(CASE, DEARER, most=2, weeks=3), Asked.of(CASE, CASE, most=2, weeks=3)
    bench.ask(first, asked)
    bench.ask(second, Asked.of(CASE, DEARER, most=2, weeks=3))
    assert len(queue.jobs) == 1
    late = queue.jobs[0]
    queue.finish()
    bench.ask(third, other)
    late.told(0.5)  # of a pair that is already counted: it came late, and nothing happens
    queue.finish()
    queue.finish()
    assert third.texts
    queue.finish()
    assert not queue.jobs
    assert first.texts == second.texts
    assert [json.loads(text)["pairs"] for text in first.texts] == [1, 2]
    assert first.parts[-1] == 1.0
    assert first.parts == sorted(first.parts)


def test_what_nobody_waits_for_is_given_up_and_what_is_done_stays() -> None:
    """A visitor who leaves ends the work; who comes back finds the pairs that were done."""
    queue, visitor = Steps(), Listener()
    bench = pairs.Bench(queue)
    asked = Asked.of(CASE, DEARER, most=3, weeks=2)
    bench.ask(visitor, asked)
    queue.finish()
    begun = queue.jobs[0]
    bench.leave(visitor)
    assert begun.cancelled
    queue.finish()
    assert not queue.jobs
    again = Listener()
    bench.ask(again, asked)
    assert [json.loads(text)["pairs"] for text in again.texts] == [1]
    queue.finish()
    assert [json.loads(text)["pairs"] for text in again.texts] == [1, 2]


def test_a_pair_that_fails_is_said_and_tried_no_more() -> None:
    """A market that cannot be made ends this comparison alone, also for who asks later."""
    queue, visitor, later, well = Steps(), Listener(), Listener(), Listener()
    bench = pairs.Bench(queue)
    asked = Asked.of(CASE, DEARER, weeks=2)
    bench.ask(visitor, asked)
    bench.ask(well, Asked.of(CASE, CASE, most=1, weeks=2))
    queue.jobs.pop(0).ended(True)
    assert visitor.fault
    bench.ask(later, asked)
    assert later.fault
    queue.finish()
    assert not queue.jobs
    assert not well.fault
    assert well.texts


def test_a_visitor_hears_through_one_thread_that_ends() -> None:
    """News come to the page of their visitor; when nothing is wanted any more no thread is left."""
    queue = Steps()
    pairing = pairs.Pairing(pairs.Bench(queue))
    asked = Asked.of(CASE, DEARER, most=1, weeks=2)
    pairing.want(asked)
    heard = threading.Event()
    pairing.news.subscribe(lambda news: heard.set() if news.pairs == 1 else None)
    thread = pairing._thread
    assert thread is not None
    queue.finish()
    assert heard.wait(5)
    pairing.close()
    thread.join(5)
    assert not thread.is_alive()


def test_only_cases_of_the_same_days_are_compared() -> None:
    """Weeks of different years are not set beside each other; a shorter case ends the comparison; work can be sent."""
    late = CASE.change({"calendar.start": "2026-01-05"})
    with pytest.raises(NotComparableError):
        Asked.of(CASE, late)
    assert Asked.of(CASE, Case.load("jd-gac-catl").change({"calendar.start": str(CASE.calendar.start)})).weeks == 16
    assert pickle.loads(pickle.dumps(Asked.of(CASE, DEARER))) == Asked.of(CASE, DEARER)


def test_what_two_markets_share_is_run_once_and_changes_nothing() -> None:
    """Acts and answers after some weeks: forked there or run twice from the start, the pair is the same to the bit."""
    case = "1.failure.3.100.delivery_delay~2.apology.5.30.act_1-gac"
    without = address.Market("jd-gac-catl", 20_000, 2)
    acted = replace(without, acts=case)
    unanswered, young = replace(acted, acts=case.split("~")[0]), replace(without, set="people.40")
    two = (
        (without, acted),
        (acted, unanswered),
        (without, young),
        (replace(acted, acts="1.price.3.10.ut_super"), without),
    )
    assert [Asked.of_markets(one, other).together for one, other in two] == [3, 3, 0, 3]
    small = {"population.consumers": 1_000}
    one, other = (history.case_of(market).change(small) for market in (without, acted))
    asked = Asked.of(one, other, 2, weeks=8), replace(Asked.of(one, other, 2, weeks=8), together=0)
    assert asked[0] == asked[1] and asked[0].together == 3
    forked, twice = (list(one_pair(one, 2))[-1] for one in asked)
    assert isinstance(forked, Pair)
    assert isinstance(twice, Pair)
    for market, again in zip(forked, twice, strict=True):
        for name in market._fields:
            np.testing.assert_equal(getattr(market, name), getattr(again, name))
