"""Owners: who is visited when, what they spend and with whom, what they rent, and the figures made of it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from owning import KINDS, NOTHING_FAILS, give, live, offer, owners
from scipy.stats import chisquare
from small_cases import small_case

from market.checks.aftersales import aftersales as faults_of
from market.people.aftersales import CATEGORIES, INDEPENDENT, MAKER, PLATFORM, Aftersales, liking
from market.people.fleet import YEAR
from market.people.owner_accounts import LINES
from market.people.owners import Failing

EVERYBODY = np.arange(4_000)


# ---------------------------------------------------------------------------------------------------------- visits


def test_every_owner_is_visited_once_a_year_on_a_day_of_the_own() -> None:
    """Days are spread evenly; the first visit comes within a year of the handover and accounts for the time since."""
    who = owners()
    give(who, EVERYBODY, offer(who, "b"), at_weeks=4.0)
    first, second = live(who, range(4, 56)), live(who, range(56, 108))
    assert sorted(np.concatenate([v.rows for v in second]).tolist()) == EVERYBODY.tolist()
    visited = np.concatenate([v.rows for v in first])
    later = np.setdiff1d(EVERYBODY, visited)  # their day of the year is that of the handover itself
    assert set(later) == set(np.concatenate([v.rows[v.day == 28 + YEAR] for v in second])) and len(later) < 40
    assert len(np.unique(visited)) == len(visited)
    assert chisquare([len(v.rows) for v in second]).pvalue > 1e-4
    assert all((v.years == 1.0).all() for v in second)
    for visits in first:
        np.testing.assert_allclose(visits.years, (visits.day - 28) / YEAR, rtol=1e-6)


def test_nobody_is_visited_before_the_handover_or_without_a_listed_car() -> None:
    who = owners()
    give(who, EVERYBODY[:2_000], offer(who, "b"), at_weeks=10.0)
    assert not len(np.concatenate([v.rows for v in live(who, range(10))]))
    later = np.concatenate([v.rows for v in live(who, range(10, 20))])
    assert later.max() < 2_000
    who.leave(EVERYBODY[:1_000], 20)
    who.population.columns["car"][:1_000] = -1
    assert np.concatenate([v.rows for v in live(who, range(20, 60))]).min() >= 1_000


def test_a_week_cut_into_days_has_the_same_visits() -> None:
    whole, cut = owners(), owners()
    for who in (whole, cut):
        give(who, EVERYBODY, offer(who, "a", "care", "rent"))
    live(whole, range(60))
    for day in range(60 * 7):
        cut.visit(day, 1, NOTHING_FAILS)
    for name, column in whole.population.columns.items():
        np.testing.assert_array_equal(column, cut.population.columns[name])
    np.testing.assert_allclose(whole.accounts.spent, cut.accounts.spent, rtol=1e-9)


def test_one_owner_more_changes_nothing_for_the_others() -> None:
    few, many = owners(n=3_999), owners(n=4_000)
    for who in (few, many):
        give(who, np.arange(len(who.population)), offer(who, "a"))
    for one, other in zip(live(few, range(30)), live(many, range(30)), strict=True):
        here = other.rows < 3_999
        np.testing.assert_array_equal(one.rows, other.rows[here])
        np.testing.assert_array_equal(one.provider, other.provider[here])
        np.testing.assert_array_equal(one.cny, other.cny[here])


def test_a_copy_lives_on_its_own() -> None:
    who = owners()
    give(who, EVERYBODY, offer(who, "a"))
    twin = copy.deepcopy(who)
    first = np.concatenate([v.provider for v in live(twin, range(20))])
    assert not who.accounts.spent.any() and twin.accounts.spent.any()
    assert not who.population.columns["provider"].any() and who.owners().tolist() == [8_000.0, 0.0]
    np.testing.assert_array_equal(first, np.concatenate([v.provider for v in live(who, range(20))]))


# --------------------------------------------------------------------------------------------- spending and sides


def test_choices_of_providers_equal_the_closed_logit() -> None:
    """At rest, without habit: shares of the sides are those of a logit; a car without a platform has none of it."""
    who = owners(n=40_000, habit=0.0, package=1.0)
    rows = np.arange(40_000)
    give(who, rows, offer(who, "a", "care"))
    visits = live(who, range(1, 53))
    tier = who.population.columns["tier"]
    for c in range(len(CATEGORIES)):
        for t in range(2):
            chosen = np.concatenate([v.provider[tier[v.rows] == t, c] for v in visits])
            v = liking(who.section)[c] + 2.0 * who.sides.near[0, t, c] + np.array([1.0, 0.0, 0.0])
            v = v.astype(float)
            expected = np.exp(v) / np.exp(v).sum()
            counts = np.bincount(chosen, minlength=4)[1:]
            assert chisquare(counts, expected * counts.sum()).pvalue > 1e-4


def test_what_is_spent_is_the_mean_of_the_log_normal_and_somebody_receives_all_of_it() -> None:
    who = owners(n=40_000)
    give(who, np.arange(40_000), offer(who, "a"), at_weeks=0.0)
    live(who, range(52))
    first = who.accounts.spent[:52].sum(axis=0)
    visits = live(who, range(52, 104))
    spent = who.accounts.spent[52:104].sum(axis=0)
    for line, terms in zip(CATEGORIES, who.section.spendings(), strict=True):
        sigma, n = terms.cny_per_year.sigma, 40_000
        mean = terms.cny_per_year.median * np.exp(sigma**2 / 2)
        error = mean * np.sqrt(np.expm1(sigma**2) / n)
        assert abs(spent[LINES.index(line)].sum() / (2.0 * n) - mean) < 4 * error
    assert spent[:4].sum() == pytest.approx(2.0 * sum(v.cny.sum(dtype=float) for v in visits))
    assert 0.45 < first.sum() / spent.sum() < 0.55
    ant, mak, pak = 0, 1, 2
    assert not spent[LINES.index("care"), :, :, pak].any()
    assert spent[LINES.index("energy"), :, :, pak].sum() > 0
    assert (spent[LINES.index("care"), 0, :, [ant, mak, 3]] > 0).all()


def test_without_any_platform_nobody_turns_to_one() -> None:
    who = owners()
    who.catalogue.roles[:, :, 0] = 0.0
    who.catalogue.roles[:, :, 1] = 1.0
    ability = np.zeros((3, 7, 2))
    who.look(ability)
    assert who.sides.platform.tolist() == [-1, -1]
    give(who, EVERYBODY, offer(who, "a"))
    chosen = np.concatenate([v.provider for v in live(who, range(52))])
    assert set(np.unique(chosen)) == {MAKER, INDEPENDENT}


def test_trust_lost_in_the_platform_costs_it_owners() -> None:
    """Same luck, one difference."""

    def shunned(rows: np.ndarray) -> np.ndarray:
        deviation = np.zeros((len(rows), 3), np.float32)
        deviation[:, 0] = -0.4
        return deviation

    calm, hit = owners(), owners()
    for who in (calm, hit):
        give(who, EVERYBODY, offer(who, "a"))
    before = [calm.visit(7 * w, 7, NOTHING_FAILS) for w in range(52)]
    after = [hit.visit(7 * w, 7, NOTHING_FAILS, shunned) for w in range(52)]
    one, other = (np.concatenate([v.provider for v in year]) for year in (before, after))
    assert (other == PLATFORM).sum() < 0.8 * (one == PLATFORM).sum()
    assert not ((other == PLATFORM) & (one != PLATFORM)).any()


# ------------------------------------------------------------------------------------------------ what fails, feels


def test_failures_meet_owners_at_their_rates() -> None:
    who = owners(n=40_000)
    give(who, np.arange(40_000), offer(who, "b"))
    rates = np.array([[0.0] * 4, [0.2, 0.0, 0.05, 3.0]])
    live(who, range(52))
    failed = np.concatenate([v.failed for v in live(who, range(52, 104), Failing(KINDS, rates, np.ones(4), 4.0))])
    expected = -np.expm1(-np.array([0.2, 0.0, 0.05, 0.0]))  # nobody rents: swapping troubles nobody
    error = np.sqrt(expected * (1 - expected) / 40_000)
    assert (np.abs(failed.mean(axis=0) - expected) <= 4 * error).all()


def test_where_nothing_fails_and_service_is_worth_nothing_nobody_feels_anything() -> None:
    who = owners(service_worth=0.0)
    give(who, EVERYBODY, offer(who, "a"))
    live(who, range(60))
    assert not who.population.columns["grievance"].any() and not who.population.columns["satisfaction"].any()


def test_a_grievance_fades_and_care_soothes_it() -> None:
    """What is left after a visit: halved by time, less what good care makes up for."""
    who = owners(soothing=0.5, service_worth=0.0)
    give(who, EVERYBODY, offer(who, "a"))
    who.population.columns["grievance"][:] = 1.0
    visits = who.visit(28, 7, NOTHING_FAILS)
    served = who.sides.near[0, who.population.columns["tier"][visits.rows], 0, visits.provider[:, 0] - 1]
    expected = 0.5 ** (visits.day / 7 / 4.0) * (1 - 0.5 * served)
    np.testing.assert_allclose(who.population.columns["grievance"][visits.rows], expected, rtol=1e-5)


def test_spending_below_nothing_is_refused() -> None:
    case = small_case()
    assert not list(faults_of(case))
    section = Aftersales(care={"cny_per_year": {"median": -1.0, "sigma": 0.1}})
    wrong = list(faults_of(case.model_copy(update={"aftersales": section})))
    assert [fault.path for fault in wrong] == ["aftersales.care.cny_per_year.median"]
