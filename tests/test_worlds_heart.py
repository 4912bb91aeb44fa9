"""Worlds that differ in a failure, an answer, a move or an exit differ in nothing else, and not before it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alliances import KNOWN_IN_WEEK, alliance, answer, fault, happening
from numpy.typing import NDArray
from small_cases import content, differing, state

from market import Case, Market
from market.case import CaseError

WEEKS = 22
TAKES = {"kind": "decision", "car": "a", "from": "bob", "to": "ann"}
EVENTS: dict[str, tuple[Any, ...]] = {
    "failure": (fault(),),
    "failure under a plan": (fault(kind="undisclosed_term", plan="buy"),),
    "answer": (fault(), answer(2, remedy_cny=2_000.0, refund=True, admission=0.3)),
    "answers on one day": (fault(), answer(2, admission=0.3), answer(2, id="also", by=["bob"], shift_to="cat")),
    "move": (happening(0, id="takes", function="service", setup_cny=1e6, learning_weeks=9.0, **TAKES),),
    "exit": (happening(0, id="leaves", kind="exit", car="a", leaver="cat", heir="bob"),),
    "exit of the platform": (happening(0, id="leaves", kind="exit", car="a", leaver="ann", heir="bob"),),
}


@cache
def small() -> Case:
    """The alliance with few consumers, and so many complaints that some become public by themselves."""
    many = {"failures.quality_defect.per_thousand": 60.0, "firestorm.threshold": 30.0}
    return alliance(**many, **{"population.consumers": 900, "calendar.weeks": WEEKS})


@cache
def quiet() -> tuple[dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """What is known before the week in which anything dated happens, and at the end if nothing does."""
    market = Market(small(), rng=2).run(KNOWN_IN_WEEK)
    before = {name: array.copy() for name, array in state(market).items()}
    return before, state(market.run())


def planned(name: str, case: Case | None = None) -> Case:
    """A case with dated events in it."""
    listed = {f"happenings.{h.id}": h.model_dump(mode="json", by_alias=True) for h in EVENTS[name]}
    return (small() if case is None else case).change(listed)


@pytest.mark.parametrize("name", EVENTS)
def test_what_happens_leaves_every_earlier_week_as_it_was_and_changes_what_follows(name: str) -> None:
    """To the bit: consumers, ledger, trust, blame, money, roles."""
    before, end = quiet()
    market = Market(planned(name), rng=2).run(KNOWN_IN_WEEK)
    assert differing(before, state(market)) == []
    assert differing(end, state(market.run())) != []


@pytest.mark.parametrize("name", EVENTS)
def test_what_is_scheduled_happens_as_if_it_had_been_in_the_case(name: str) -> None:
    """Scheduled from the start, or in a fork on the eve."""
    expected = state(Market(planned(name), rng=2).run())
    from_start, on_the_eve = Market(small(), rng=2), Market(small(), rng=2).run(KNOWN_IN_WEEK).fork()
    for market in (from_start, on_the_eve):
        for one in EVENTS[name]:
            market.schedule(one)
        assert differing(expected, state(market.run())) == []


COPIES: dict[str, Callable[[Market], Market]] = {
    "fork": lambda market: market.fork(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda market: pickle.loads(pickle.dumps(market)),
}


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_in_the_midst_of_a_story_goes_on_as_the_original_would(way: str) -> None:
    """While people talk, with answers still to come; run first the copy, then the original."""
    case = planned("answers on one day").change(
        {"happenings.answer.on": answer(9).on, "happenings.also.on": answer(9).on}
    )
    expected = state(Market(case, rng=2).run())
    market = Market(case, rng=2).run(KNOWN_IN_WEEK + 1)
    assert market.opinion.live
    before = {name: array.copy() for name, array in state(market).items()}
    twin = COPIES[way](market)
    assert differing(expected, state(twin.run())) == []
    assert differing(before, state(market)) == []
    assert differing(expected, state(market.run())) == []


@pytest.mark.parametrize("name", EVENTS)
def test_what_happens_in_a_fork_leaves_the_original_alone(name: str) -> None:
    """Trust, roles, books, budgets, stories: nothing that changes is shared."""
    _, end = quiet()
    market = Market(small(), rng=2).run(KNOWN_IN_WEEK)
    twin = market.fork()
    for one in EVENTS[name]:
        twin.schedule(one)
    twin.run()
    assert differing(end, state(market.run())) == []
    assert differing(end, state(twin)) != []


def test_a_null_difference_is_exactly_zero() -> None:
    """Sections set to what they are, a move of nothing, a remedy of nothing in a case read back from its file."""
    case = planned("answer")
    same = case.change({name: content(case)[name] for name in ("trust", "news", "failures", "aftersales", "costs")})
    expected = state(Market(case, rng=2).run())
    for twin in (same, Case.parse(case.to_toml())):
        assert differing(expected, state(Market(twin, rng=2).run())) == []


TABLES = ("organisations", "finance", "events", "panel", "sales", "market")


def test_other_names_of_organisations_change_names_in_all_tables_and_nothing_else() -> None:
    """Every organisation gets another id, in the opposite alphabetical order."""
    case = planned("answers on one day", planned("move"))
    new = {key: f"z{99 - i}" for i, key in enumerate(sorted(case.organisations))}
    tables = {name: renamed(part, new) if name != "sources" else {} for name, part in content(case).items()}
    first, second = (Market(one, rng=2).run() for one in (case, Case.parse(tables)))
    assert first.opinion.account.amounts(KNOWN_IN_WEEK).blame.sum() > 0.0
    for name in TABLES:
        ours, theirs = (getattr(market.ledger, name)() for market in (first, second))
        named = [column for column in ("organisation", "maker", "definer", "brand") if column in ours]
        ours = ours.assign(**{column: in_new_names(ours[column], new) for column in named})
        assert len(ours) > 0, name
        before, after = (in_order(frame) for frame in (ours, theirs))
        pd.testing.assert_frame_equal(before, after, check_dtype=False, check_categorical=False, rtol=1e-9, obj=name)


def in_new_names(column: pd.Series[Any], new: dict[str, str]) -> list[str]:
    """Names of organisations, of several with one voice too, after they have been renamed."""
    names = ["" if pd.isna(cell) else str(cell) for cell in column]
    return ["+".join(sorted(new.get(one, one) for one in name.split("+"))) for name in names]


def renamed(item: Any, new: dict[str, str]) -> Any:
    """A part of a case in which organisations have other ids."""
    if isinstance(item, dict):
        return {new.get(key, key): renamed(value, new) for key, value in item.items()}
    if isinstance(item, list):
        return [renamed(one, new) for one in item]
    return new.get(item, item) if isinstance(item, str) else item


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with its words as plain text, its rows in order of weeks, words, and then of all numbers."""
    words = [column for column in frame.columns if not pd.api.types.is_numeric_dtype(frame[column].dtype)]
    plain = frame.assign(**{column: ["" if pd.isna(cell) else str(cell) for cell in frame[column]] for column in words})
    numbers = [column for column in plain.columns if column not in words]
    return plain.sort_values([*words, *numbers], kind="stable", ignore_index=True)


def test_the_order_of_happenings_on_one_day_does_not_matter() -> None:
    """A failure and the answers to it on the same day, listed either way."""
    events = [fault(), answer(0, admission=0.3), answer(0, id="also", by=["bob"], shift_to="cat")]
    listed = [h.model_dump(mode="json", by_alias=True) for h in events]
    ends = [state(Market(small().change({"happenings": order}), rng=2).run()) for order in (listed, listed[::-1])]
    assert differing(*ends) == []


def test_nobody_holds_what_an_organisation_that_left_held() -> None:
    """After an exit the leaver has no row, no control, no new liability; rows sum to 1 as before."""
    market = Market(planned("exit of the platform"), rng=2).run()
    a, ann = market.catalogue.car_index["a"], market.catalogue.organisations.index("ann")
    roles = market.catalogue.roles
    assert roles[a, :, ann].max() == 0.0
    assert roles.sum(axis=2) == pytest.approx(np.ones(roles.shape[:2]))
    assert market.partnership.control[a, ann] == 0.0
    finance = market.ledger.finance()
    after = finance[(finance["car"] == "a") & (finance["organisation"] == "ann") & (finance["week"] > KNOWN_IN_WEEK)]
    assert set(after["line"]) <= {"media", "care", "accessories", "insurance", "energy"} | {
        f"{line}_cost" for line in ("care", "accessories", "insurance", "energy")
    }


UNKNOWN: dict[str, Any] = {
    "happenings.fault.car": fault(car="nowhere"),
    "happenings.fault.contribution": fault(contribution={"nobody": 1.0}),
    "happenings.fault.plan": fault(plan="nothing"),
    "happenings.answer.to": answer(1, to="silence"),
    "happenings.leaves.heir": happening(0, id="leaves", kind="exit", car="a", leaver="ann", heir="nobody"),
    "happenings.takes.function": happening(0, id="takes", function="singing", **TAKES),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_happen_is_refused_when_it_is_scheduled(name: str) -> None:
    """With the full name of what is wrong; the market goes on as if nothing had been said."""
    market = Market(small(), rng=2)
    with pytest.raises(CaseError, match=name.replace(".", r"\.")):
        market.schedule(UNKNOWN[name])
    assert differing(state(Market(small(), rng=2).run(2)), state(market.run(2))) == []
