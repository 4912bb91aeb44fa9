"""Owning: what holds for one holds for all."""

from __future__ import annotations

import numpy as np
import pytest
from owning import catalogue, owners
from two_forms import SEEDS, SUMMED, agree

from market.catalogue import battery_cost
from market.chance import Chance
from market.industry.capability import CapabilityLearning, learned, learned_of_one
from market.industry.swap_network import SwapNetworkSection, coverage, coverage_of_one, density, opened, opened_of_one
from market.people import aftersales, loyalty
from market.people.aftersales import CATEGORIES, SIDES, Aftersales
from market.people.profiles import normal_quantile
from market.people.subscriptions import Rental, battery_bill, buys_out, buys_out_of_one

SECTION = Aftersales(trust=2.0, habit=0.7, package=1.3, capability=1.7)
KINDS = ("quality_defect", "service_failure", "swap_trouble")


@pytest.mark.parametrize("seed", SEEDS)
def test_one_turns_to_the_side_that_all_turn_to(seed: int) -> None:
    """Trust, capability, package and habit pull; a side that is absent is never chosen."""
    states, n, chance = np.random.default_rng(seed), 200, Chance(seed)
    near = states.uniform(size=(n, len(CATEGORIES), len(SIDES))).astype(np.float32)
    near[states.uniform(size=n) < 0.3, :, 0] = np.nan
    trust = states.normal(0.0, 0.2, (n, len(SIDES))).astype(np.float32)
    packaged, habit = states.integers(0, 4, (2, n)).astype(np.int8)
    rows, day = states.integers(0, 10**7, n), states.integers(0, 700, n)
    standing = aftersales.standing(SECTION, near).transpose(2, 1, 0)
    utility = aftersales.provider_utility(SECTION, standing, trust.T, packaged, habit)
    chosen = aftersales.choose_provider(chance, utility, rows, day)
    names = ("nobody", *SIDES)
    for i in range(n):
        one = [
            [
                aftersales.provider_utility_of_one(
                    SECTION, category, side, None if np.isnan(near[i, c, s]) else float(near[i, c, s]),
                    float(trust[i, s]), names[packaged[i]], names[habit[i]],
                )
                for s, side in enumerate(SIDES)
            ]
            for c, category in enumerate(CATEGORIES)
        ]  # fmt: skip
        agree(np.exp(utility[:, :, i].T), np.exp(one), within=SUMMED)
        assert chosen[i].tolist() == aftersales.choose_provider_of_one(chance, one, int(rows[i]), int(day[i]))
        assert not (np.isnan(near[i, 0, 0]) and (chosen[i] == aftersales.PLATFORM).any())
    assert set(np.unique(chosen)) == {1, 2, 3}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_spends_what_all_spend(seed: int) -> None:
    """Log-normal amounts in proportion to the time owned; nothing where the median is nothing."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    rows, years = states.integers(0, 10**7, 200), states.uniform(size=200).astype(np.float32)
    section = Aftersales(energy={"cny_per_year": {"median": 0.0, "sigma": 1.0}})
    many = aftersales.spending(chance, section, rows, years)
    one = [
        [
            aftersales.spending_of_one(section, category, normal_quantile(chance.one("spending", row)), year)
            for category in CATEGORIES
        ]
        for row, year in zip(rows.tolist(), years.tolist(), strict=True)
    ]
    agree(many, one, within=SUMMED)
    assert not many[:, CATEGORIES.index("energy")].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_meets_failures_as_all_do(seed: int) -> None:
    """Service fails where little can be done; who owns the battery has no trouble swapping it."""
    states, n = np.random.default_rng(seed), 300
    rates, years, served = states.exponential(0.3, (n, 3)), *states.uniform(size=(2, n)).astype(np.float32)
    renting = states.uniform(size=n) < 0.5
    many = aftersales.failure_chance(SECTION, KINDS, rates, years, served, renting)
    one = [
        [
            aftersales.failure_chance_of_one(
                SECTION, kind, float(rates[i, k]), float(years[i]), float(served[i]), bool(renting[i])
            )
            for k, kind in enumerate(KINDS)
        ]
        for i in range(n)
    ]
    agree(many, one, within=SUMMED)
    assert not many[~renting, 2].any() and many[renting, 2].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_feels_after_a_visit_and_talks_as_all_do(seed: int) -> None:
    """Good care makes up, failures hurt; the pleased talk more, within limits; the platform that cared pulls."""
    states, n = np.random.default_rng(seed), 300
    satisfied = states.normal(0.0, 2.0, n).astype(np.float32)
    grievance, served, hurt, years = (states.uniform(0.0, 1.0, n).astype(np.float32) for _ in range(4))
    many = aftersales.after_visit(SECTION, satisfied, grievance, served, hurt, years)
    states_of = list(zip(*(x.tolist() for x in (satisfied, grievance, served, hurt, years)), strict=True))
    agree(np.transpose(many), [aftersales.after_visit_of_one(SECTION, *state) for state in states_of], within=SUMMED)
    talk = [loyalty.referral_of_one(SECTION, s, g) for s, g, *_ in states_of]
    agree(loyalty.referral(SECTION, satisfied, grievance), talk, within=SUMMED)
    assert min(talk) >= 1 / loyalty.LOUDEST and max(talk) <= loyalty.LOUDEST
    provider, platform = states.integers(0, 4, n).astype(np.int8), states.integers(-1, 3, n)
    sold_by = np.array([-1, 0, 1, 2])
    pull = loyalty.platform_pull(SECTION, provider, platform, grievance, sold_by)
    one = [
        [
            loyalty.platform_pull_of_one(
                SECTION, str(o) if p == 1 and o >= 0 else None, None if seller < 0 else str(seller), g
            )
            for seller in sold_by
        ]
        for p, o, g in zip(provider.tolist(), platform.tolist(), grievance.tolist(), strict=True)
    ]
    agree(pull, one)
    assert pull.any() and not pull[:, 0].any()


@pytest.mark.parametrize("rate", [0.0, 0.004])
def test_one_buys_the_battery_out_when_all_do(rate: float) -> None:
    """Whoever would pay more in rent than the battery costs beyond what it is worth later."""
    states, plan = np.random.default_rng(3), catalogue().plans["rent"]
    for price in (None, 5_000.0, 15_000.0, 30_000.0):
        offered = plan.model_copy(update={"buy_out_cny": price, "residual_share": 0.2})
        terms = Rental.of({"rent": offered})
        km, months = states.uniform(0.0, 8_000.0, 200), states.uniform(-5.0, 60.0, 200)
        bill = battery_bill(km, terms.rent[0], terms.cap[0], terms.overage[0])
        many = buys_out(bill, months, terms.price[0], terms.residual[0], rate)
        one = [buys_out_of_one(offered, *pair, rate) for pair in zip(km.tolist(), months.tolist(), strict=True)]
        assert many.tolist() == one
        assert many.any() == (price is not None)
        if price is not None:  # the same decision that made the plan worth its price at the start
            at_once = buys_out_of_one(offered, 0.0, 60.0, rate)
            kept = battery_cost(offered.model_copy(update={"buy_out_cny": None}), 60.0, rate)
            assert at_once == (price < kept)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_learns_and_builds_as_all_do(seed: int) -> None:
    """Learning by doing, and stations by tier."""
    states = np.random.default_rng(seed)
    learning = CapabilityLearning(rate=0.4, jobs=500.0)
    start, done = states.uniform(size=100), states.exponential(2_000.0, 100)
    one = [learned_of_one(s, q, learning) for s, q in zip(start.tolist(), done.tolist(), strict=True)]
    agree(learned(start, done, learning), one)
    for _ in range(50):
        section = SwapNetworkSection(
            per_week=states.uniform(0, 30), station_cny=states.choice([0.0, 2e6]), budget_cny_per_week=2e7,
        )  # fmt: skip
        here, before = states.integers(0, 2, 3) * states.exponential(4_000.0, 3), states.exponential(3.0, 3)
        new = opened_of_one(here.tolist(), before.tolist(), 0.5, section)
        agree(opened(here, before, 0.5, section), new)
        assert sum(new) <= section.per_week * 0.5 * (1 + 1e-12)
    given, shares = states.uniform(0.01, 0.9, (2, 3)), np.array([0.3, 0.3, 0.4])
    more = states.exponential(200.0, (2, 3))
    near = density(given, shares, 1_000.0)
    reach = -np.log(1.0 - given) + near * more
    agree(coverage(given, near, more), [[coverage_of_one(x) for x in row] for row in reach.tolist()])


def test_what_one_drives_is_what_all_drive() -> None:
    """While another car is on order, the old one is driven."""
    who = owners(10)
    column = who.population.columns
    column["car"][:], column["driven"][:] = 1, np.arange(10) % 3 - 1
    column["stage"][:5] = 4
    assert who.driving(np.arange(10)).tolist() == [-1, 0, 1, -1, 0, 1, 1, 1, 1, 1]
