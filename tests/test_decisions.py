"""Decisions move roles at their price and with a time of learning; an unsound one is refused."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import FREE, GAC, NAMES, accounts, gained, sold
from small_cases import small_case

from market import Case, Market
from market.cars import FUNCTIONS
from market.casefile import CaseError
from market.happenings import Move
from market.industry.decisions import Transition, Transitions, inherited, moved, unlearned, unlearned_of_one

MOVE = {"id": "m", "car": "good", "function": "service", "from": "gac", "to": "jd"}


def move(**terms: Any) -> Move:
    return Move.model_validate(MOVE | terms)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.floats(0.0, 1.0))
def test_rows_of_roles_still_sum_to_one_after_a_move_and_an_exit(seed: int, share: float) -> None:
    """Nothing is lost, nothing is below 0, functions that do not move stay as they are."""
    draws = np.random.default_rng(seed)
    roles = draws.dirichlet(np.ones(4), (2, len(FUNCTIONS)))
    before = roles.copy()
    transitions = Transitions(Transition(), ["good", "plain"], FUNCTIONS, NAMES)
    transitions.move(roles, move(share=share, learning_weeks=8.0), day=3)
    assert roles.sum(axis=2) == pytest.approx(1.0)
    assert roles.min() >= 0.0
    untouched = [f for f, name in enumerate(FUNCTIONS) if name != "service"]
    assert np.array_equal(roles[:, untouched], before[:, untouched])
    assert np.array_equal(roles[1], before[1])
    transitions.leave(roles, "good", "gac", "jd", day=10)
    assert roles.sum(axis=2) == pytest.approx(1.0)
    assert not roles[0, :, GAC].any()
    again = moved(moved([0.25, 0.75], 0, 1, 1.0), 1, 0, 0.25)
    assert again.tolist() == [0.25, 0.75]
    assert inherited(before[0], GAC, GAC).sum(axis=1) == pytest.approx(1.0 - before[0][:, GAC])


def test_learning_agrees_with_its_readable_rule() -> None:
    """Before, on, during and after; nothing to learn takes no time."""
    weeks = np.linspace(-2.0, 30.0, 65)
    for length in (0.0, 0.5, 8.0, 26.0):
        one = [unlearned_of_one(since, length) for since in weeks]
        assert unlearned(weeks, length) == pytest.approx(one)


def test_a_role_in_new_hands_causes_friction_until_it_is_learned() -> None:
    """.6 of service moves: .1 x .6 on the day, half of it half-way, none at the end; other cars have none; off is off."""
    roles = accounts().catalogue.roles
    transitions = Transitions(Transition(friction=0.1), ["good", "plain"], FUNCTIONS, NAMES)
    transitions.move(roles.copy(), move(learning_weeks=8.0), day=14)
    added = [transitions.friction(day)[0] for day in (13, 14, 14 + 28, 14 + 56, 999)]
    assert added == pytest.approx([0.0, 0.06, 0.03, 0.0, 0.0])
    assert not transitions.friction(14)[1]
    off = Transitions(Transition(friction=0.0), ["good", "plain"], FUNCTIONS, NAMES)
    off.move(roles.copy(), move(learning_weeks=8.0), day=14)
    assert not off.friction(14).any()
    forked = copy.deepcopy(transitions)
    forked.move(roles.copy(), move(learning_weeks=8.0), day=14)
    assert transitions.friction(14)[0] == pytest.approx(0.06)


def test_a_move_costs_the_taker_its_setting_up_and_every_car_after() -> None:
    """In the function that moved; the heir of the taker bears it after an exit."""
    book = accounts(costs=FREE)
    book.role_moved(0, move(setup_cny=5e6, unit_cost_cny=400.0))
    book.hand_over(0, *sold(book, "good", "jd_store", households=10.0))
    assert gained(book)["setup"] == {"jd": -5e6, "outside": 5e6}
    assert gained(book)["unit_cost"] == {"jd": -4_000.0, "outside": 4_000.0}
    service = book.books.functions.index("service")
    assert book.books.by_function[0, 0, service] == pytest.approx(-5_004_000.0)
    book.left(1, "good", "jd", "gac")
    book.hand_over(1, *sold(book, "good", "jd_store", households=10.0))
    assert gained(book, 1)["unit_cost"] == {"gac": -4_000.0, "outside": 4_000.0}


def test_a_move_from_who_holds_nothing_is_no_move() -> None:
    """Nothing is paid, nothing noted, nobody does anything else; the same move from who holds it costs what it says."""
    asked = {"id": "m", "car": "a", "function": "sales", "to": "bob", "on": "2025-03-03", "kind": "decision"}
    terms = {"setup_cny": 5e6, "unit_cost_cny": 400.0, "learning_weeks": 8.0}
    plain, empty, real = (
        Market(small_case(happenings=happenings), rng=1).run()
        for happenings in ([], [{**asked, **terms, "from": "cat"}], [{**asked, **terms, "from": "ann"}])
    )
    for name, flow in plain.ledger.flows.items():
        assert np.array_equal(flow, empty.ledger.flows[name])
    books = [market.industry.accounts.books for market in (plain, empty, real)]
    assert np.array_equal(books[0].by_function, books[1].by_function)
    assert books[2].by_function.sum() < books[0].by_function.sum()
    assert not empty.events.written and [event.act for event in real.events.written] == ["decision"]


MOVES = [
    ({"car": "d"}, "decisions.m.car: \"d\"; no such car"),
    ({"function": "song"}, "decisions.m.function: \"song\"; no such function"),
    ({"from": "dan"}, "decisions.m.from: \"dan\"; no such organisation"),
    ({"to": "ann"}, "decisions.m.to: \"ann\"; must differ from from"),
    ({"start": "2024-01-01"}, "decisions.m.start: 2024-01-01; must not be before the run starts"),
    ({"share": 2.0}, "decisions.m.share: given 2; allowed: a number from 0 to 1"),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "message"), MOVES)
def test_an_unsound_decision_is_refused_by_its_full_name(terms: dict[str, Any], message: str) -> None:
    """With what was given, what is allowed and a remedy."""
    sound = {"id": "m", "car": "a", "function": "sales", "from": "ann", "to": "bob", "start": "2025-03-01"}
    assert isinstance(small_case(decisions=[sound]), Case)
    with pytest.raises(CaseError) as caught:
        small_case(decisions=[sound | terms])
    assert message in str(caught.value)


def test_when_a_platform_leaves_channels_in_reserve_take_over() -> None:
    """Before it goes nobody else sells the car; afterwards its own shop takes no more orders of it."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 4_000, "calendar.weeks": 56})
    day = case.calendar.start + timedelta(weeks=48)
    leaves = {"kind": "exit", "on": day, "car": "ut_super", "leaver": "jd", "heir": "gac"}
    sales = Market(case.change({"happenings.leaves": leaves}), rng=1).run().ledger.sales()
    sales = sales[sales["car"] == "ut_super"]
    reserved = sales[sales["channel"] == "jd_store"].groupby("week")["reservations"].sum()
    ordered = sales[sales["channel"] == "dealer"].groupby("week")["orders"].sum()
    assert reserved[reserved.index < 48].sum() > 0.0
    assert reserved[reserved.index >= 48].sum() == 0.0
    assert ordered[ordered.index < 48].sum() == 0.0
    assert ordered[ordered.index >= 48].sum() > 0.0
    stays = Market(case.change({"happenings.leaves": leaves, "cars.ut_super.channels_in_reserve": []}), rng=1).run()
    table = stays.ledger.sales()
    assert set(table.loc[(table["car"] == "ut_super") & (table["orders"] > 0.0), "channel"]) == {"jd_store"}
