"""Contracts move money as they say, and what is switched off moves nothing."""

from __future__ import annotations

import copy
from datetime import timedelta

import numpy as np
import pytest
from ledgers import CATL, FREE, GAC, JD, ROLES, accounts, conserved, gained, sold
from small_cases import START

from market.cars import FUNCTIONS

COSTS = {
    "unit_cost": 0.8, "battery": 0.3, "battery_margin": 0.2, "commission": 0.05, "selling": 0.02,
    "package_margin": 0.4, "warranty_cny": 520.0, "warranty_margin": 0.1,
}  # fmt: skip


# One car


def test_one_car_sold_with_a_package_and_a_rented_battery_by_hand() -> None:
    """90,000 on the list, 40,000 off for a rented battery, film for 3,000: every line, to the fen."""
    contract = {"cars": ["good"], "commission": 0.1, "definition_fee_cny": 1_000.0}
    book = accounts({"one": contract}, COSTS)
    book.hand_over(0, *sold(book, "good", "jd_store", "film", "baas"))
    assert gained(book) == {
        "car": {"jd": 50_000.0, "households": -50_000.0},
        "transfer": {"gac": 50_000.0, "jd": -50_000.0},
        "commission": {"gac": -9_000.0, "jd": 9_000.0},
        "selling": {"jd": -1_800.0, "outside": 1_800.0},
        "package": {"douyin": 3_000.0, "households": -3_000.0},
        "package_cost": {"douyin": -1_800.0, "outside": 1_800.0},
        "capital": {"catl": -40_000.0, "gac": 40_000.0},
        "production": {"gac": -50_400.0, "outside": 50_400.0},
        "battery": {"catl": 21_600.0, "gac": -21_600.0},
        "cells": {"catl": -17_280.0, "outside": 17_280.0},
        "definition_fee": {"gac": -300.0, "jd": 300.0},
    }
    conserved(book)


def test_a_car_of_one_organisation_pays_itself_and_only_the_outside_shows() -> None:
    """The maker sells, builds and powers its own car: what it pays itself nets to nothing, to the yuan."""
    book = accounts(costs=COSTS)
    book.hand_over(0, *sold(book, "plain", "dealer"))
    told = gained(book)
    assert set(told) == {"car", "selling", "production", "cells"}
    assert sum(line.get("gac", 0.0) for line in told.values()) == pytest.approx(80_000.0 * (1 - 0.02 - 0.8 * 0.94))
    assert book.books.interface_share() == pytest.approx(0.03 / (1 - 0.02 - 0.8 * 0.94))


def test_whoever_holds_a_role_at_the_time_has_its_income() -> None:
    """The same car, the same contract: when the maker sells by itself, the platform has neither price nor commission."""
    terms = {"one": {"cars": ["good"], "commission": 0.1, "data_fee_cny": 520.0}}
    book = accounts(terms, FREE)
    book.hand_over(0, *sold(book, "good", "jd_store"))
    book.close(0, np.array([100.0, 0.0]))
    book.catalogue.roles[0, FUNCTIONS.index("sales")] = np.eye(4)[GAC]
    book.catalogue.roles[0, FUNCTIONS.index("data")] = np.eye(4)[CATL]
    book.hand_over(1, *sold(book, "good", "jd_store"))
    book.close(1, np.array([100.0, 0.0]))
    profit = book.books.profit()[:, 0]
    assert profit[0].round(6).tolist() == [0.0, 0.0, 81_000.0 - 600.0, 9_000.0 + 600.0]
    assert profit[1].round(6).tolist() == [1_000.0, 0.0, 89_000.0, 0.0]


def test_switched_off_only_the_price_moves() -> None:
    """No commission, no costs, no contract: the maker has the price, all else is silent."""
    book = accounts(costs=FREE)
    book.hand_over(0, *sold(book, "good", "jd_store", households=3.0))
    book.close(0, np.array([5_000.0, 5_000.0]))
    assert gained(book) == {
        "car": {"jd": 270_000.0, "households": -270_000.0},
        "transfer": {"jd": -270_000.0, "gac": 270_000.0},
    }


def test_a_contract_may_name_the_seller_of_some_channels() -> None:
    """What is sold in the live stream is sold by its platform there, and by nobody else elsewhere."""
    contract = {"channels": ["live"], "seller": "douyin", "commission": 0.2}
    book = accounts({"one": contract}, FREE)
    book.hand_over(0, *sold(book, "plain", "live"))
    book.hand_over(1, *sold(book, "plain", "dealer"))
    assert gained(book)["commission"] == {"gac": -16_000.0, "douyin": 16_000.0}
    assert "commission" not in gained(book, 1)


def test_a_contract_binds_from_its_first_day() -> None:
    """Before it, custom holds."""
    contract = {"commission": 0.2, "start": (START + timedelta(days=7)).isoformat()}
    book = accounts({"one": contract}, FREE | {"commission": 0.1})
    for week in (0, 1):
        book.hand_over(week, *sold(book, "good", "jd_store"))
    assert [gained(book, week)["commission"]["jd"] for week in (0, 1)] == [9_000.0, 18_000.0]


# Deposits


def test_deposits_are_a_debt_until_they_are_forfeited() -> None:
    """Ten pay 2,000; five get cars, three get it back, one loses it: 2,000 are held and 2,000 are earned."""
    book = accounts(costs=FREE)
    one, _ = sold(book, "good", "jd_store")
    book.deposits(0, 10.0 * one, 5.0 * one, 3.0 * one, one)
    assert gained(book) == {
        "deposit": {"jd": 2_000.0, "households": -2_000.0},
        "forfeit": {"jd": 2_000.0, "households": -2_000.0},
    }
    assert book.books.profit()[0].sum() == pytest.approx(2_000.0)


def test_deposits_held_go_to_who_sells_from_now_on() -> None:
    """With those paid before the run: 8 x 2,000 were with the platform, 2 x 2,000 of them in the books."""
    book = accounts(costs=FREE)
    one, _ = sold(book, "good", "jd_store")
    book.open_deposits(6.0 * one)
    book.deposits(0, 2.0 * one, 0.0 * one, 0.0 * one, 0.0 * one)
    book.catalogue.roles[0, FUNCTIONS.index("sales")] = np.eye(4)[GAC]
    book.deposits(1, 0.0 * one, 8.0 * one, 0.0 * one, 0.0 * one)
    assert gained(book, 1) == {"deposit": {"jd": -16_000.0, "households": 16_000.0}}
    conserved(book)


# Terms


def test_a_guaranteed_volume_that_is_missed_is_paid_for_once_a_year() -> None:
    """1,000 cars guaranteed, 52 x 10 sold: 480 x 900 after 52 weeks on sale, from the seller to the maker."""
    contract = {"cars": ["good"], "minimum_volume_per_year": 1_000.0, "shortfall_cny": 900.0}
    book = accounts({"one": contract}, FREE)
    for week in range(60):
        book.hand_over(week, *sold(book, "good", "jd_store", households=10.0))
        book.close(week, np.zeros(2))
    paid = book.books.received("shortfall").sum(axis=1)
    assert np.flatnonzero(np.abs(paid).sum(axis=1)).tolist() == [51]
    assert paid[51, [GAC, JD]] == pytest.approx([432_000.0, -432_000.0])


def test_a_volume_that_is_met_costs_nothing() -> None:
    """And a year counts from the day on which the cars are on sale."""
    contract = {"cars": ["good"], "minimum_volume_per_year": 500.0, "shortfall_cny": 900.0}
    book = accounts({"one": contract}, FREE, weeks=110)
    book.catalogue.launch_day[0] = 7 * 7
    for week in range(110):
        book.hand_over(week, *sold(book, "good", "jd_store", households=10.0 * (week < 59)))
        book.close(week, np.zeros(2))
    paid = book.books.received("shortfall").sum(axis=1)[:, GAC]
    assert paid == pytest.approx([0.0] * 110) or np.flatnonzero(paid).min() > 58
    assert np.flatnonzero(paid > 1.0).tolist() == []


def test_a_bargain_is_paid_for_each_car_until_the_next_one() -> None:
    """From the maker to the platform; below nothing the platform pays; other cars are not concerned."""
    book = accounts(costs=FREE)
    for week, cny in enumerate((800.0, -300.0, 0.0)):
        book.agree(0, "jd", "gac", cny)
        for car in ("good", "plain"):
            book.hand_over(week, *sold(book, car, "jd_store", households=10.0))
    assert gained(book, 0)["definition_fee"] == {"gac": -8_000.0, "jd": 8_000.0}
    assert gained(book, 1)["definition_fee"] == {"gac": 3_000.0, "jd": -3_000.0}
    assert "definition_fee" not in gained(book, 2)


def test_an_exclusive_contract_closes_the_channels_of_other_platforms_until_its_day() -> None:
    """Dealers may sell; the other platform may not, until the day; other cars are not concerned."""
    contract = {"cars": ["good"], "exclusive_until": (START + timedelta(days=30)).isoformat()}
    book = accounts({"one": contract})
    channels = np.array([f"{o.car}:{o.channel}" for o in book.catalogue.offers])
    sales = book.holders("sales")
    closed = channels[~book.agreements.open_to_others(29, sales)]
    assert set(closed) == {"good:live"}
    assert book.agreements.open_to_others(30, sales).all()
    named = accounts({"one": contract | {"seller": "douyin"}})
    assert set(channels[~named.agreements.open_to_others(29, sales)]) == {"good:jd_store"}
    assert accounts().agreements.open_to_others(0, sales).all()


def test_a_stake_shares_profit_and_loss() -> None:
    """30 % of what the maker earns on the car, before any stake, whether it earns or loses."""
    stake = {"holder": "jd", "of": "gac", "share": 0.3}
    for unit_cost in (0.5, 1.0):
        costs = FREE | {"unit_cost": unit_cost, "commission": 0.1}
        book = accounts({"one": {"cars": ["good"], "commission": 0.1, "stake": stake}}, costs)
        for car in ("good", "plain"):
            book.hand_over(0, *sold(book, car, "jd_store"))
        book.close(0, np.zeros(2))
        earned = 90_000.0 * (0.9 - unit_cost)
        assert book.books.received("stake")[0, :, JD] == pytest.approx([0.3 * earned, 0.0, 0.0])
        assert book.books.profit()[0, 0, GAC] == pytest.approx(0.7 * earned)


def test_two_stakes_are_worked_out_side_by_side() -> None:
    """In whichever order contracts are listed, each is a share of the profit before stakes."""
    first = {"cars": ["good"], "channels": ["live"], "stake": {"holder": "jd", "of": "gac", "share": 0.5}}
    second = {"cars": ["good"], "channels": ["dealer"], "stake": {"holder": "catl", "of": "gac", "share": 0.5}}
    for names in (("a", "b"), ("b", "a")):
        book = accounts(dict(zip(names, (first, second), strict=True)), FREE)
        book.hand_over(0, *sold(book, "good", "jd_store"))
        book.close(0, np.zeros(2))
        assert book.books.profit()[0, 0].round(6).tolist() == [45_000.0, 0.0, 0.0, 45_000.0]


# Owners, traffic


def test_owners_pay_providers_and_holders_of_the_battery() -> None:
    """Spending by provider, rent, kilometres above the cap, packs bought out; who is nobody in the case is outside."""
    book = accounts(costs=FREE | {"margins": {"care": 0.4}})
    spent = np.array([[0.0, 0.0, 100.0, 50.0, 30.0], [0.0, 0.0, 0.0, 0.0, 20.0]])
    book.aftersales(0, "care", spent)
    book.rents(0, np.array([400.0, 0.0]), np.array([40.0, 0.0]), np.zeros(2), np.zeros(2))
    assert gained(book) == {
        "care": {"gac": 100.0, "jd": 50.0, "households": -200.0, "outside": 50.0},
        "care_cost": {"gac": -60.0, "jd": -30.0, "outside": 90.0},
        "rent": {"catl": 400.0, "households": -400.0},
        "overage": {"catl": 40.0, "households": -40.0},
    }
    with pytest.raises(KeyError):
        book.aftersales(0, "golf", spent)


def test_packs_bought_out_leave_the_books_at_their_worth() -> None:
    """Half of the packs sold at what they are worth: nothing earned, nothing lost."""
    book = accounts(costs=FREE)
    book.hand_over(0, *sold(book, "good", "jd_store", plan="baas", households=10.0))
    book.rents(0, np.zeros(2), np.zeros(2), np.array([200_000.0, 0.0]), np.array([0.5, 0.0]))
    book.close(0, np.zeros(2))
    assert book.assets.value[0, CATL] == pytest.approx(200_000.0)
    assert book.books.profit()[0, 0, CATL] == pytest.approx(0.0)


def test_advertising_is_paid_by_who_holds_marketing_and_earned_by_platforms() -> None:
    """Elsewhere is outside; a sum that concerns no car needs a payer."""
    book = accounts()
    book.media(0, "douyin", np.array([1_000.0, 500.0]))
    book.media(0, "elsewhere", 200.0, payer="jd")
    assert gained(book) == {"media": {"jd": -900.0, "gac": -800.0, "douyin": 1_500.0, "outside": 200.0}}
    with pytest.raises(ValueError, match="name who pays"):
        book.media(0, "douyin", 1.0)


# What does not depend on how things are listed


def test_relabelling_organisations_permutes_the_books() -> None:
    """The maker and the platform swap ids: their money swaps, to the bit."""
    swap = {"jd": "gac", "gac": "jd"}
    other = {function: {swap.get(o, o): s for o, s in row.items()} for function, row in ROLES.items()}
    for row in other.values():
        row.setdefault("catl", 0.0)
    book, mirrored = accounts(costs=COSTS), accounts(costs=COSTS, roles=other)
    for one in (book, mirrored):
        one.hand_over(0, *sold(one, "good", "jd_store"))
    permuted = [CATL, 1, JD, GAC, 4, 5]
    assert mirrored.books.flow[0, :, 0][:, permuted] == pytest.approx(book.books.flow[0, :, 0], rel=1e-12)


def test_a_copy_goes_its_own_way() -> None:
    """What a forked market pays is not in the books of the other."""
    book = accounts(jd=1e6)
    other = copy.deepcopy(book)
    other.remedy(0, "plain", 10.0, 1_000.0, ["jd"])
    other.hand_over(0, *sold(other, "good", "jd_store", plan="baas"))
    assert not book.books.flow.any()
    assert not book.assets.bought.any()
    assert book.liability.budget_cny[JD] == 1e6
