"""What one pays another receives; profit adds up by organisation and by function; assets wear out and do not vanish."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import accounts, conserved, sold
from numpy.typing import NDArray
from small_cases import START

from market.cars import FUNCTIONS
from market.happenings import Move
from market.industry.accounts import Accounts
from market.industry.assets import Assets, worth, worth_of_one
from market.industry.books import DEBTS, FINANCE_COLUMNS, HOUSEHOLDS, INTERFACE, LINES, NO_CAR, OUTSIDE, Books

ORGANISATIONS, CARS = ("ann", "bob", "cat"), ("a", "b")
PARTIES = (*ORGANISATIONS, HOUSEHOLDS, OUTSIDE)


def books(weeks: int = 4) -> Books:
    return Books(ORGANISATIONS, CARS, FUNCTIONS, weeks)


payments = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(sorted(LINES)), st.sampled_from(PARTIES), st.sampled_from(PARTIES),
        st.integers(-(10**11), 10**11), st.sampled_from([None, 0, 1]),
    ),
    max_size=60,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(payments)
def test_whole_yuan_are_conserved_to_the_yuan_in_every_week_car_and_line(told: list[Any]) -> None:
    """Whatever is paid by whomever to whomever, the sum over parties is exactly zero."""
    kept = books()
    for week, line, payer, payee, cny, car in told:
        kept.pay(week, line, payer, payee, cny, car=car)
    assert np.all(kept.flow.sum(axis=3) == 0.0)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**9), st.lists(st.floats(0.0, 1e11), min_size=2, max_size=2))
def test_shares_of_payers_and_payees_lose_nothing(seed: int, cny: list[float]) -> None:
    """Rows of roles on both sides: what moves is conserved to a millionth of it."""
    draws = np.random.default_rng(seed)
    payer, payee = draws.dirichlet(np.ones(3), 2), draws.dirichlet(np.ones(3))
    kept = books()
    kept.pay(1, "transfer", payer, payee, cny)
    assert np.all(np.abs(kept.flow.sum(axis=3)) <= 1e-6 * max(1.0, *cny))
    assert kept.flow[1, kept._line["transfer"], :2, :3] == pytest.approx(
        np.array(cny)[:, None] * (payee - payer), rel=1e-9, abs=1e-3
    )


@pytest.mark.parametrize("line", sorted(LINES))
def test_every_line_says_who_pays_and_who_earns(line: str) -> None:
    """Functions that a line names are functions of a car; a debt earns nobody anything."""
    kind = LINES[line]
    assert {kind.pays, kind.earns} <= {"", *FUNCTIONS}
    assert kind.means
    assert line not in DEBTS or not (kind.pays or kind.earns)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"cny": float("nan")}, "must be finite"),
        ({"cny": float("inf")}, "must be finite"),
        ({"cny": [1.0]}, "one for each of 2 cars"),
        ({"cny": [1.0, 2.0], "car": 1}, "one for each of 2 cars"),
        ({"payer": np.array([0.5, 0.4, 0.0])}, "must sum to 1"),
        ({"payee": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), "cny": [1.0, 1.0]}, "must sum to 1"),
        ({"payee": np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])}, "must sum to 1"),
    ],
)
def test_a_payment_that_would_lose_money_is_refused(fault: dict[str, Any], message: str) -> None:
    """And leaves the books as they were."""
    kept = books()
    told: dict[str, Any] = {"payer": "ann", "payee": "bob", "cny": 1.0} | fault
    with pytest.raises(ValueError, match=message):
        kept.pay(0, "transfer", **told)
    assert not kept.flow.any()


def test_unknown_lines_and_parties_are_refused() -> None:
    """A name that is not in the books is an error, not a new account."""
    with pytest.raises(KeyError):
        books().pay(0, "bribe", "ann", "bob", 1.0)
    with pytest.raises(KeyError):
        books().pay(0, "car", HOUSEHOLDS, "dan", 1.0)
    with pytest.raises(ValueError, match="stands for another party"):
        Books((*ORGANISATIONS, OUTSIDE), CARS, FUNCTIONS, 4)


def busy(seed: int, weeks: int = 30) -> Accounts:
    """Accounts after everything that can be paid has been paid, at random, with contracts of all kinds."""
    draws = np.random.default_rng(seed)
    stake = {"holder": "jd", "of": "gac", "share": 0.3}
    contract = {
        "cars": ["good"], "commission": 0.08, "definition_fee_cny": 700.0, "minimum_volume_per_year": 5_000.0,
        "shortfall_cny": 900.0, "data_fee_cny": 120.0, "exit_fee_cny": 1e7, "liability_after_exit_weeks": 3.0,
        "remedy_split": {"jd": 0.5, "gac": 0.3, "catl": 0.2}, "stake": stake,
    }  # fmt: skip
    book = accounts({"one": contract}, jd=4e5, weeks=weeks)
    offers, cars, parties = len(book.catalogue.offers), 2, 4
    book.open_deposits(draws.integers(0, 30, offers).astype(float))
    offered = book.settlement.offered
    for week in range(weeks):
        count: Any = draws.integers(0, 50, offers) * 1.5
        price = book.catalogue.price_cny[book.catalogue.car_of] - offered.discount_cny + offered.package_cny
        book.hand_over(week, count, count * price)
        book.deposits(week, *draws.integers(0, 9, (4, offers)).astype(float))
        rent, overage, buy_out = draws.uniform(0.0, 1e5, (3, cars))
        book.rents(week, rent, overage, buy_out, draws.uniform(0.0, 0.01, cars))
        for category in ("care", "accessories", "insurance", "energy"):
            book.aftersales(week, category, draws.uniform(0.0, 1e5, (cars, parties + 1)))
        book.media(week, "douyin", draws.uniform(0.0, 1e5, cars))
        book.media(week, "elsewhere", 1e4, payer="gac")
        book.stations(week, "catl", float(draws.uniform(0.0, 1e6)))
        book.remedy(week, "good", 40.0, 500.0, ["gac"])
        if week == weeks // 3:
            terms = {"id": "m", "car": "good", "function": "sales", "from": "jd", "to": "gac", "share": 0.5}
            book.role_moved(week, Move.model_validate({**terms, "setup_cny": 1e6, "unit_cost_cny": 300.0}))
            book.catalogue.roles[0, FUNCTIONS.index("sales")] = [0.0, 0.0, 0.5, 0.5]
        if week == weeks // 2:
            book.left(week, "good", "jd", "gac")
        book.close(week, draws.uniform(0.0, 500.0, cars))
    return book


@pytest.mark.parametrize("seed", range(5))
def test_money_is_conserved_over_any_sequence_of_flows(seed: int) -> None:
    """Cars, deposits, rents, spending, media, stations, remedies, moves, exits, stakes: nothing appears or is lost."""
    conserved(busy(seed))


@pytest.mark.parametrize("seed", range(3))
def test_what_organisations_keep_is_what_households_paid_less_what_went_outside(seed: int) -> None:
    """Summed over all parties, cars and weeks; deposits held are owed, assets are kept."""
    book = busy(seed).books
    by_party = book.flow.sum(axis=(0, 2))
    owed = by_party[[book._line[line] for line in DEBTS], :4].sum()
    households, outside = -by_party[:, 4].sum(), by_party[:, 5].sum()
    assert book.profit().sum() == pytest.approx(households - outside - owed + book.asset_gain.sum(), rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_profit_is_the_same_by_organisation_and_by_function(seed: int) -> None:
    """For each week and car: every yuan earned by an organisation was earned in a function."""
    book = busy(seed).books
    assert book.profit().sum(axis=2) == pytest.approx(book.by_function.sum(axis=2), rel=1e-9, abs=1e-3)
    for week in (0, 7):
        assert book.profit_of(np.array([week]))[0] == pytest.approx(book.profit()[week])


def test_the_table_tells_the_books() -> None:
    """Its columns are the contract's; over the parties of a week, car and line it sums to nothing."""
    book = busy(1).books
    table = book.finance(START)
    assert tuple(table.columns) == FINANCE_COLUMNS
    assert table["date"].dtype == np.dtype("datetime64[ms]")
    assert {HOUSEHOLDS, OUTSIDE, "jd"} <= set(table["organisation"])
    assert NO_CAR in set(table["car"])
    by_line = table.groupby(["week", "car", "line"], observed=True)["cny"]
    assert (by_line.sum().abs() <= 1e-6 * by_line.apply(lambda cny: cny.abs().sum())).all()
    rows = table[(table["week"] == 3) & (table["car"] == "good") & (table["organisation"] == "gac")]
    assert rows["cny"].sum() == pytest.approx(book.flow[3, :, 0, 2].sum())
    assert books().finance(START).empty


def test_the_interface_share_is_profit_of_the_interface_over_all_profit() -> None:
    """Sales earn 60, production 40: .6; a week without profit has none; one organisation in all roles changes nothing."""
    kept = books()
    for seller, maker in (("ann", "bob"), ("cat", "cat")):
        kept = books()
        kept.pay(0, "car", HOUSEHOLDS, seller, 1_000.0, car=0)
        kept.pay(0, "transfer", seller, maker, 1_000.0, car=0)
        kept.pay(0, "commission", maker, seller, 60.0, car=0)
        kept.pay(0, "production", maker, OUTSIDE, 900.0, car=0)
        assert kept.interface_share() == pytest.approx(0.6)
    shares = kept.interface_shares()
    assert shares[0] == pytest.approx(0.6)
    assert np.isnan(shares[1:]).all()
    assert kept.profit()[0, 0].tolist() == [0.0, 0.0, 100.0]
    assert set(INTERFACE) <= set(FUNCTIONS)


# Assets


@pytest.mark.parametrize("residual", [0.0, 0.2, 1.0])
def test_worth_agrees_with_its_readable_rule(residual: float) -> None:
    """Before, at and after the end of a life."""
    ages = np.linspace(0.0, 700.0, 50)
    one = [worth_of_one(age, 520.0, residual) for age in ages]
    assert worth(ages, 520.0, residual) == pytest.approx(one)


def stock(weeks: int = 40) -> Assets:
    return Assets(weeks, np.array([10.0, 20.0]), np.array([0.2, 0.0]), 2)


def test_an_asset_costs_in_wear_what_it_cost_less_what_is_left() -> None:
    """Bought for 1,000 with .2 left after 10 weeks: 80 a week, then nothing; an organisation without one has none."""
    assets = stock()
    assets.buy(0, 0, np.array([1_000.0, 0.0]))
    gains = np.array([assets.close(week).sum(axis=0) for week in range(30)])
    assert gains[0].tolist() == [1_000.0, 0.0]
    assert gains[1:11, 0] == pytest.approx(-80.0)
    assert gains[11:] == pytest.approx(0.0)
    assert assets.value[0] == pytest.approx([200.0, 0.0])
    assert assets.history[:30, 0] == pytest.approx(np.cumsum(gains[:, 0]))


def test_assets_sold_are_gone_whatever_their_age() -> None:
    """A quarter sold takes a quarter of the value, and of all wear to come."""
    assets, whole = stock(), stock()
    for week in range(6):
        for one in (assets, whole):
            one.buy(week, 0, np.array([500.0, 0.0]))
    assets.part_with(0, 0.25)
    for week in (6, 9, 30):
        assert assets.worth_at(week) == pytest.approx(0.75 * whole.worth_at(week))
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="give 0 to 1"):
            assets.part_with(0, share)


def test_a_pack_bought_earns_and_costs_nothing_at_first() -> None:
    """What the battery's holder pays for it is kept as value: the week's profit is the margin on cells alone."""
    book = accounts(costs={"unit_cost": 0.8, "battery": 0.5, "battery_margin": 0.25})
    book.hand_over(0, *sold(book, "good", "jd_store", plan="baas"))
    book.close(0, np.zeros(2))
    margins: NDArray[np.float64] = book.books.profit()[0].sum(axis=0)
    assert margins[0] == pytest.approx(0.25 * 0.5 * 0.8 * 90_000.0)
    assert book.assets.value.sum() == 40_000.0
