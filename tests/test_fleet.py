"""The fleet and its accounts: running totals, battery rents, and the figures made of them."""

from __future__ import annotations

import numpy as np
import pytest
from owning import NOTHING_FAILS, Owner, give, live, offer, owners, profiles

from market.people.aftersales import CATEGORIES, NOBODY, PLATFORM, SIDES, Aftersales, liking
from market.people.owner_accounts import LINES
from market.people.subscriptions import MONTHS_PER_WEEK

EVERYBODY = np.arange(4_000)


def test_the_distance_is_that_of_all_tastes() -> None:
    """Drawn on its own, it is the number that the consumer's tastes hold."""
    who, rows = owners(), EVERYBODY[::7]
    all_tastes = who.profiles.tastes(who.chance, rows, (rows % 2).astype(np.int8), np.ones(len(rows), np.float32))
    np.testing.assert_allclose(who.km_per_month(rows), all_tastes.km_per_month, rtol=1e-5)


# -------------------------------------------------------------------------------------------------- running totals


def test_running_totals_are_what_a_recount_gives() -> None:
    """Over any sequence of handovers, departures and visits: owners by last provider, subscribers, charges."""
    who, states = owners(), np.random.default_rng(5)
    column, count = who.population.columns, len(who.catalogue.offers)
    for week in range(60):
        rows = np.sort(states.choice(EVERYBODY, 150, replace=False))
        for which in range(count):
            give(who, rows[which::count], which, week + 0.5)
        gone = np.setdiff1d(states.choice(EVERYBODY, 30), rows)
        who.leave(gone, week)
        column["car"][gone] = -1
        who.visit(7 * week, 7, NOTHING_FAILS)
        who.rents(week)
    owns = column["car"] >= 0
    recount = np.zeros(who.cared.shape)
    np.add.at(recount, (column["car"][owns], column["profile"][owns], column["provider"][owns]), 2.0)
    np.testing.assert_allclose(who.cared, recount, atol=1e-6)
    assert who.owners().sum() == pytest.approx(2.0 * owns.sum())
    renters = np.flatnonzero(who.renting)
    assert (who.catalogue.plan_of[column["owned"][renters]] == who.catalogue.plan_index["rent"]).all()
    assert who.subscriptions.households.sum() == pytest.approx(2.0 * len(renters))
    beyond = np.maximum(who.km_per_month(renters).astype(float) - 3_000.0, 0.0).sum()
    rents = who.subscriptions.rents(1.0)
    assert rents.rent.sum() == pytest.approx(2.0 * len(renters) * 399.0 * MONTHS_PER_WEEK)
    assert rents.overage.sum() == pytest.approx(2.0 * 0.2 * beyond * MONTHS_PER_WEEK, abs=1e-6)
    flows = who.subscriptions.take_flows()
    assert flows["begun"].sum() - flows["ended"].sum() == pytest.approx(2.0 * len(renters))
    assert (column["owned"][~owns] == -1).all() and (column["provider"][~owns] == NOBODY).all()


def test_the_fleet_found_at_the_start_is_taken_in() -> None:
    """Whoever drives a car in week 0 is an owner since then, also while another car is on order."""
    who = owners()
    column = who.population.columns
    column["car"][:], column["car_week"][:], column["owned"][:] = 1, -10, -1
    column["stage"][:100], column["driven"][:100], column["driven_week"][:100] = 5, 0, -200
    column["owned"][100:200] = offer(who, "a", plan="rent")
    column["car"][100:200] = 0
    who.open()
    assert who.owners().tolist() == [2.0 * 200, 2.0 * 3_800]
    assert who.subscriptions.by_car_and_tier().sum() == pytest.approx(2.0 * 100)
    np.testing.assert_array_equal(who.media_use(), 1.0)
    _, _, car = who.due(-364, 364)
    assert who.cared[:, :, 1:].sum() == pytest.approx(2.0 * len(car)) and 0 < len(car) < 4_000
    assert (column["provider"][:100] > NOBODY).all()  # 200 weeks old: visited within the year
    visits = live(who, range(52))
    assert sorted(np.concatenate([v.rows for v in visits]).tolist()) == EVERYBODY.tolist()


def test_the_battery_is_bought_out_when_that_pays_and_once() -> None:
    who = owners()
    plan = who.catalogue.plans["rent"].model_copy(update={"buy_out_cny": 12_000.0})
    who.subscriptions.terms.price[who.catalogue.plan_index["rent"]] = plan.buy_out_cny
    give(who, EVERYBODY, offer(who, "a", plan="rent"))
    bought = sum(int(v.bought_out.sum()) for v in live(who, range(104)))
    assert bought == len(EVERYBODY) and not who.renting.any()
    assert who.accounts.spent[:, LINES.index("battery")].sum() == pytest.approx(2.0 * bought * 12_000.0)
    assert np.abs(who.subscriptions.households).max() < 1e-6
    flows = who.subscriptions.take_flows()
    assert flows["bought_out"].sum() == 2.0 * bought and not flows["ended"].any()


# --------------------------------------------------------------------------------------------------------- figures


def test_with_a_strong_habit_all_come_back_and_without_one_as_many_as_anybody() -> None:
    for habit in (0.0, 50.0):
        who = owners(n=20_000, habit=habit, package=0.0)
        give(who, np.arange(20_000), offer(who, "a"))
        first = live(who, range(1, 53))
        live(who, range(53, 105))
        kept = who.accounts.retention(104)[-1]
        if habit:
            assert kept[:2].tolist() == [1.0, 1.0]
            continue
        tier, share = who.population.columns["tier"], []
        for t in range(2):
            chosen = np.concatenate([v.provider[tier[v.rows] == t, 0] for v in first])
            share.append(np.bincount(chosen, minlength=4) / 20_000)
        expected = sum(s[PLATFORM] ** 2 * 2 for s in share) / sum(s[PLATFORM] for s in share)
        assert abs(kept[0] - expected) < 4 * 2 * np.sqrt(0.25 / (20_000 * sum(s[PLATFORM] for s in share)))
        assert np.isnan(kept[2])


def test_the_closed_loop_is_the_part_of_what_its_owners_spend() -> None:
    """Received from owners of cars it has a role in, over all that they spend; it knows its effective number."""
    who = owners()
    give(who, EVERYBODY[:1_000], offer(who, "a"))
    give(who, EVERYBODY[1_000:], offer(who, "b"))
    live(who, range(52))
    share, effective = who.accounts.closed_loop(51, who.sides.involved, window=52)
    spent = who.accounts.spent.sum(axis=(0, 1))
    assert share[-1, 0] == pytest.approx(spent[0, :, 0].sum() / spent[0].sum())
    assert share[-1, 1] == pytest.approx(spent[:, :, 1].sum() / spent.sum())
    visited = int((who.accounts.weight.sum(axis=(0, 2)) / 2.0)[0])
    assert effective[-1, 0] == pytest.approx(visited) and effective[-1, 1] > effective[-1, 0]
    value = who.accounts.lifetime_value(51, who.sides.involved, 0.08)
    assert np.isnan(value).all()  # nobody has been asked twice yet


def test_who_takes_the_same_brand_again_stays() -> None:
    who = owners()
    give(who, EVERYBODY, offer(who, "a"))
    give(who, EVERYBODY[:1_000], offer(who, "a", "care"), 60.0)
    give(who, EVERYBODY[1_000:1_600], offer(who, "b"), 60.0)
    who.leave(EVERYBODY[1_600:2_000], 60)
    brand = who.catalogue.brands.index("mak")
    assert who.accounts.brand_retention(60)[-1, brand] == 0.5
    assert who.accounts.replaced[60].sum() == 2.0 * 2_000


def test_owners_spend_more_time_on_the_platform_that_cares_for_their_car() -> None:
    for effect in (0.0, 0.2):
        who = owners(time_on_platform=effect)
        assert (who.media_use() == 1.0).all()
        give(who, EVERYBODY, offer(who, "a"))
        live(who, range(52))
        served = (who.population.columns["provider"] == PLATFORM)[EVERYBODY % 2 == 0].mean()
        np.testing.assert_allclose(who.media_use()[0], [1.0 + effect * served, 1.0], rtol=1e-6)


def test_defaults_say_where_they_come_from_and_leave_every_side_some_owners() -> None:
    shares = np.exp(liking(Aftersales()))
    shares /= shares.sum(axis=1, keepdims=True)
    assert shares.min() > 0.03 and shares.shape == (len(CATEGORIES), len(SIDES))
    assert Owner.provider.dtype == np.int8 and profiles().keys == ("p", "q")
