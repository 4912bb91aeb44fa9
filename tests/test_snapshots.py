"""A line that begins at a snapshot is the market that was asked for, to the bit, whatever was done to it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace

import pyarrow
import pytest

from dashboards import address, history
from dashboards.making import Making
from dashboards.packed import Packed
from dashboards.snapshots import Snapshots, so_far
from market import Case, Market

START = address.Market("jd-gac-catl", 1_000, 5)
"""The bundled case: the focal car's first deliveries make a story in week 46 (the first is 0)."""

TABLES = ("sales", "organisations", "finance", "market", "events", "panel")
SEEN = 58
"""Weeks that are compared: ten after the last act."""

HISTORIES = {
    "a price": "1.price.30.10.ut_super",
    "a story of one's own, answered late": "1.failure.45.200.quality_defect~2.apology.48.60.act_1-gac",
    "another answer to the same story": "1.failure.45.200.quality_defect~2.remedy.47.5000.act_1-jd",
    "a story of the case, answered late": "1.apology.54.80.first_deliveries-jd",
    "a recall, and a partner blamed": "1.recall.43.4000.quality_defect~2.blame.46.50.act_1-jd-gac",
    "a role that moves while a story lives": "1.term.44.300.baas~2.move.47.100.delivery-gac-jd",
}


LONGER = {
    "a price": 26,
    "another answer to the same story": 39,
    "a recall, and a partner blamed": 39,
    "a role that moves while a story lives": 39,
}
"""Proofs of the night, and the snapshots at which they begin."""


def asked(acts: str) -> address.Market:
    """A market with acts, checked as those of an address are."""
    allowed = history.allowed(START.case, "", acts)
    assert not allowed.refused, acts
    return replace(START, acts=allowed.acts)


def tables(market: Market) -> dict[str, str]:
    """Everything that a market has written, as text."""
    return {name: getattr(market.ledger, name)().to_csv() for name in TABLES}


def run(market: address.Market, snapshots: Snapshots) -> tuple[int, dict[str, str]]:
    """The week at which a market went on, and what it had written when the comparison ends."""
    making = Making(market, snapshots)
    began = making.week
    while making.week < SEEN:
        making.step()
    found = tables(making.market)
    making.stop(waited_for=False)
    return began, found


@pytest.fixture(scope="module")
def shared() -> Iterator[Snapshots]:
    """What visitors who watch the case without acts have left behind."""
    snapshots = Snapshots(budget_mb=1_000.0)
    run(START, snapshots)
    yield snapshots
    snapshots.clear()


@pytest.mark.parametrize(
    ("name", "week"),
    [
        ("a story of one's own, answered late", 39),
        ("a story of the case, answered late", 39),
        *(pytest.param(name, week, marks=pytest.mark.slow) for name, week in LONGER.items()),
    ],
)
def test_a_line_from_a_snapshot_is_the_line_from_the_beginning(name: str, week: int, shared: Snapshots) -> None:
    """Acts before, at and after a snapshot, answers to stories that live there: the same tables either way."""
    market = asked(HISTORIES[name])
    began, found = run(market, shared)
    assert began == week
    assert found == run(market, Snapshots())[1]
    assert run(market, shared) == (SEEN, found)


def test_an_awaited_answer_is_part_of_what_has_been_so_far() -> None:
    """People who await an answer speak on, so a story with an answer to come is not the story without one."""
    failure, answer = HISTORIES["a story of one's own, answered late"].split("~")
    alone, answered = asked(failure), asked(f"{failure}~{answer}")
    assert so_far(alone, 45) == so_far(answered, 45) == START
    assert so_far(answered, 46) == answered != so_far(alone, 46)
    once_more = asked(HISTORIES["a story of the case, answered late"])
    assert so_far(once_more, 46) == START
    assert so_far(once_more, 47) == once_more


@pytest.mark.parametrize(("markets", "kept"), [(3.5, 3), (0.0, 1)])
def test_snapshots_stay_within_their_budget(markets: float, kept: int) -> None:
    """The oldest go first, but one that somebody waits for goes last; one always stays. What is shared counts once."""
    first = Market(history.case_of(START), rng=1)
    packed = Packed(first)
    snapshots = Snapshots((markets * packed.bytes + sum(packed.shared_bytes.values())) / 1e6)
    snapshots.put(START, first, waited_for=True)
    for seed in range(10, 20):
        snapshots.put(replace(START, seed=seed), first)
    assert len(snapshots) == kept
    assert snapshots.nearest(START, history.case_of(START)) is not None
    assert len(snapshots) == kept - 1  # what was stopped on its way is used up
    snapshots.clear()


def test_a_packed_market_goes_on_as_it_was() -> None:
    """Whatever becomes of the market itself or of others that go on from there; the case and the network are theirs."""
    market = Market(history.case_of(replace(START, consumers=2_000)), rng=3).run(40)
    packed, fork = Packed(market), market.fork()
    market.run(8)
    market.consumers.columns["price"][:] = 1.0
    other = packed.market().run(2)
    other.trust.forget()
    twin = packed.market()
    assert (packed.week, twin.week) == (40, 40)
    assert twin.case is fork.case
    assert twin.demand.acquaintances is fork.demand.acquaintances
    assert tables(twin.run(8)) == tables(fork.run(8))


@pytest.mark.parametrize(
    "name",
    [name if name == "second-product" else pytest.param(name, marks=pytest.mark.slow) for name in Case.bundled()],
)
def test_every_case_goes_on_from_what_was_packed_as_if_it_had_not_been(name: str) -> None:
    """Packed again and again on its way, whatever it holds: programmes, contracts, subscriptions, stories."""
    case = Case.load(name).change({"population.consumers": 1_000})
    whole, broken = Market(case, rng=4).run(), Market(case, rng=4)
    while broken.week < case.calendar.weeks:
        broken = Packed(broken).market().run(17)
    assert tables(broken) == tables(whole)


def test_what_never_changes_is_not_packed() -> None:
    """A market of many people takes less than half of what its plain pickle does, even pressed as much."""
    market = Market(history.case_of(replace(START, consumers=20_000)), rng=1).run(3)
    packed = Packed(market)
    plain = pyarrow.compress(pickle.dumps(market, protocol=5), codec="lz4", asbytes=True)
    assert packed.bytes < len(plain) / 2
    assert len(plain) - packed.bytes > 0.5 * sum(packed.shared_bytes.values())
