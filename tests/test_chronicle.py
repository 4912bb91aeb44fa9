"""The chronicle keeps what it is told, of those it follows, in the columns that were agreed."""

from __future__ import annotations

import copy
import datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from small_cases import small_case

from market import Case, Market
from market.catalogue import Catalogue
from market.chance import Chance
from market.chronicle import EVENTS_COLUMNS, PANEL_COLUMNS, Events, Panel

START = datetime.date(2025, 1, 6)


def panel(n: int = 100, first: int = 5, buyers: int = 3) -> Panel:
    """A small panel of a small case."""
    case = small_case()
    catalogue = Catalogue(case.cars, case.channels, case.packages, case.plans, list(case.organisations), START)
    return Panel(catalogue, ("plain", "plainer"), (np.arange(n) % 2).astype(np.int8), first, buyers)


def luck(rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Each consumer's own."""
    return Chance(1).uniform("panel", rows)


def luckiest(rows: NDArray[np.intp], number: int) -> list[int]:
    """Whom the panel should follow, by a plain sort."""
    return sorted(sorted(rows.tolist(), key=lambda row: float(luck(np.array([row]))[0]))[:number])


# Events


def test_events_have_their_columns_even_when_nothing_happened() -> None:
    """Names, order and kinds of columns are the same with and without rows."""
    empty, some = Events(), Events()
    some.note(3, "a", "quality_defect", "failure", informed=120.0, complaints=7.0, misattribution=0.25)
    some.note(9, "a", "quality_defect", "answer", ["bob", "ann"], response_days=6.0)
    for events in (empty, some):
        frame = events.frame(START)
        assert list(frame.columns) == list(EVENTS_COLUMNS)
        assert frame["date"].dtype == "datetime64[ms]"
        assert frame["day"].dtype == np.int32
        assert all(frame[name].dtype == float for name in EVENTS_COLUMNS[6:])
    assert len(empty.frame(START)) == 0
    assert some.frame(START)["date"].dt.strftime("%Y-%m-%d").tolist() == ["2025-01-09", "2025-01-15"]
    assert some.frame(START)["organisation"].tolist() == ["", "ann+bob"]
    assert some.frame(START)["response_days"].isna().tolist() == [True, False]
    assert some.frame(START)["act"].tolist() == ["failure", "answer"]


def test_a_copy_of_events_goes_its_own_way() -> None:
    """What is noted in a fork is not noted here."""
    events = Events()
    events.note(1, "a", "claim_dispute", "failure")
    fork = copy.deepcopy(events)
    fork.note(2, "a", "claim_dispute", "end")
    assert (len(events.written), len(fork.written)) == (1, 2)


# Panel


def test_the_first_consumers_are_followed_and_nobody_else() -> None:
    """One entry for all, or one for each row; what is not said is empty."""
    lives = panel()
    lives.record(0, "search", np.array([7, 2, 99]))
    lives.record(1, "order", np.array([50, 4, 2]), car=np.array([0, 1, 2]), channel=1, value=np.array([1.0, 2.0, 3.0]))
    lives.record(1, "heard", np.array([60]), organisation=0)
    frame = lives.frame()
    assert list(frame.columns) == list(PANEL_COLUMNS)
    assert frame["consumer"].tolist() == [2, 2, 4]
    assert frame["event"].tolist() == ["search", "order", "order"]
    assert frame["profile"].tolist() == ["plain", "plain", "plain"]
    assert frame["car"].astype(object).where(frame["car"].notna(), None).tolist() == [None, "c", "b"]
    assert frame["channel"].tolist()[1:] == ["web", "web"]
    assert frame["organisation"].isna().all()
    assert frame["value"].tolist()[1:] == [3.0, 2.0]


def test_an_empty_panel_has_its_columns() -> None:
    """Also when fewer consumers exist than would be followed."""
    frame = panel(n=3, first=500).frame()
    assert list(frame.columns) == list(PANEL_COLUMNS)
    assert len(frame) == 0


@pytest.mark.parametrize("seed", range(5))
def test_the_buyers_with_least_luck_are_followed_whatever_their_order(seed: int) -> None:
    """Bought in other batches or twice, the same buyers are followed in the end."""
    draw = np.random.default_rng(seed)
    rows = draw.choice(np.arange(5, 100), 40, replace=False)
    one_by_one, at_once = panel(), panel()
    for row in draw.permutation(rows):
        one_by_one.buy(np.array([row]), luck(np.array([row])))
    for batch in np.array_split(rows, 3):
        at_once.buy(batch, luck(batch))
    at_once.buy(rows[:7], luck(rows[:7]))
    assert sorted(one_by_one.buyers.tolist()) == sorted(at_once.buyers.tolist()) == luckiest(rows, 3)
    assert np.flatnonzero(one_by_one.watched).tolist() == [0, 1, 2, 3, 4, *luckiest(rows, 3)]


def test_who_is_displaced_leaves_with_all_that_was_recorded() -> None:
    """The panel holds whole lives since the purchase, not the remains of others; the first stay, also as buyers."""
    lives, rows = panel(buyers=1), np.array([3, 40, 41, 42])
    by_luck = rows[np.argsort(luck(rows))[::-1]]
    for week, row in enumerate(by_luck):
        lives.buy(np.array([row]), luck(np.array([row])))
        lives.record(week, "order", rows, car=0)
    followed = {3, int(by_luck[-1])}
    frame = lives.frame()
    assert set(frame["consumer"]) == followed
    assert frame.loc[frame["consumer"] == 3, "week"].tolist() == [0, 1, 2, 3]
    assert frame["week"].is_monotonic_increasing


def test_what_happens_to_one_consumer_in_a_week_stays_in_order() -> None:
    """A life is read from top to bottom."""
    lives = panel()
    for event in ("search", "reservation", "order", "cancellation"):
        lives.record(2, event, np.array([1, 0]))
    frame = lives.frame()
    assert frame["consumer"].tolist() == [0] * 4 + [1] * 4
    assert frame["event"].tolist() == ["search", "reservation", "order", "cancellation"] * 2


def test_a_copy_of_the_panel_goes_its_own_way() -> None:
    """A fork follows its own buyers."""
    lives = panel()
    fork = copy.deepcopy(lives)
    fork.buy(np.array([50]), luck(np.array([50])))
    fork.record(1, "order", np.array([50]), car=0)
    assert (len(lives.frame()), len(fork.frame())) == (0, 1)
    assert not lives.watched[50]


def test_nobody_is_followed_as_a_buyer_when_none_shall_be() -> None:
    """The number of buyers can be 0."""
    lives = panel(buyers=0)
    lives.buy(np.array([50]), luck(np.array([50])))
    assert not lives.watched[50]


def test_a_panel_at_rest_keeps_nothing_and_changes_nothing_else() -> None:
    """A run of which only totals are kept is the run that it would have been."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 400, "calendar.weeks": 4})
    watched, resting = (Market(case, rng=2) for _ in range(2))
    resting.panel.rest()
    watched.run()
    resting.run()
    assert len(watched.ledger.panel()) > 0
    assert len(resting.ledger.panel()) == 0
    for name, column in watched.consumers.columns.items():
        np.testing.assert_array_equal(resting.consumers.columns[name], column, err_msg=name)
    for flow, told in watched.ledger.flows.items():
        np.testing.assert_array_equal(resting.ledger.flows[flow], told, err_msg=flow)
