"""Promises of `whosecar calibrate`: constants meet their shares, intervals hold what is true, bad input is refused."""

from __future__ import annotations

import numpy as np
import pytest
from fitting import FIRST, LAST, NEW, OLD, base, cars, models, sales, steady

from experiments.calibrate import settling
from experiments.calibrate.build import Built, car_id, first_monday, market_of
from experiments.calibrate.contraction import Sample, contract, sample_of
from experiments.calibrate.levels import fit_levels, parts_of_rest
from experiments.calibrate.moments import moments, observed, scene
from experiments.calibrate.parameters import AGEING, ALWAYS, MEDIA, TRUST, changes, parameters
from experiments.calibrate.path import expected_path, through_lines
from experiments.calibrate.simulations import draws, setting
from experiments.calibrate.targets import targets
from experiments.sales.sales import Model
from market import Case, CaseError, Market
from market.people import choice


def built(**changed: object) -> Built:
    """The small market of a year."""
    return market_of(base(**changed), sales(), cars(), FIRST, LAST)


# ------------------------------------------------------------------------------------------ the market of a file


def test_listed_models_become_cars() -> None:
    """A model that the case knows stays as it was; others are made of their rows; new ones are launched in their month."""
    of = built()
    case = of.case
    assert of.model_of["a"] == models()[0]
    assert len(of.model_of) == OLD + NEW
    made = case.cars[car_id(models()[1])]
    assert (made.price_cny, made.range_km, made.launch) == (64_000.0, 410.0, None)
    assert str(case.cars[car_id(models()[OLD])].launch) == "2024-04-01"
    assert case.cars["a"].price_cny == base().cars["a"].price_cny
    assert case.calendar.start == first_monday(FIRST)
    assert case.calendar.day_of(first_monday("2025-01")) <= case.calendar.days
    assert case.cars["rest"].aggregate


def test_models_without_a_row_stay_in_the_rest() -> None:
    """They are named, and nothing else changes."""
    more = sales(steady() | {Model("Zed", "Z"): [0.02] * 12})
    of = market_of(base(), more, cars(), FIRST, LAST)
    assert of.without_row == (Model("Zed", "Z"),)
    assert len(of.model_of) == OLD + NEW


def test_only_the_most_sold_become_cars() -> None:
    """The others are named."""
    of = market_of(base(), sales(), cars(), FIRST, LAST, most=5)
    assert len(of.model_of) == 5
    assert len(of.left_out) == OLD + NEW - 5


def test_a_case_without_aggregates_cannot_be_fitted() -> None:
    """What is not listed has no place."""
    with pytest.raises(CaseError, match="aggregate"):
        market_of(base(**{"cars.rest.aggregate": False}), sales(), cars(), FIRST, LAST)


def test_what_is_not_listed_is_half_of_the_smallest_that_is() -> None:
    """In the months to which a car is fitted, month by month."""
    paths = steady()
    small = models()[0]
    paths[small] = [0.0, *paths[small][1:]]
    least = min(path[0] for model, path in paths.items() if path[0] > 0.0)
    target = targets(built(), sales(paths))["a"]
    assert target.listed == 2
    assert target.share == pytest.approx((0.5 * least + sum(paths[small][1:3])) / 3, rel=1e-3)


# ------------------------------------------------------------------------------------------------- constants


def test_the_array_contraction_finds_constants_in_and_out_of_nests() -> None:
    """Shares are those of the nested logit in closed form; constants that made them are found again."""
    rng = np.random.default_rng(1)
    v, nest, lam = rng.normal(size=(300, 5)), np.array([0, 1, 1, 2, 3]), 0.6
    sample = Sample(np.exp(v / lam), np.full(300, 1 / 300), nest, lam, 0.3)
    true = np.array([0.5, -1.0, 0.7, 0.0, 1.5])
    closed = choice.probabilities(v + true, nest, lam, 0.3).mean(axis=0)
    assert sample.shares(true) == pytest.approx(closed, abs=1e-12)
    assert contract(sample, closed) == pytest.approx(true, abs=2e-3)


def test_shares_of_a_sample_are_those_of_the_market() -> None:
    """The arrays say what `Demand.expected_shares` says."""
    market = Market(base(population__consumers=300), rng=1)
    rows = np.arange(300)
    of_offer = market.demand.expected_shares(rows, market.book.weight(rows))[:-1]
    by_car = np.bincount(market.catalogue.car_of, of_offer, 2)
    assert sample_of(market, rows).shares(np.zeros(2)) == pytest.approx(by_car, abs=1e-9)


def test_the_market_meets_the_shares_it_was_fitted_to() -> None:
    """Without drift, the first months' sales are within 5 % of each target: constants, awareness, lines and all."""
    of = built()
    found = targets(of, sales())
    levels = fit_levels(of.case, found, parts_of_rest(base()), 0.0, consumers=1_000)
    assert levels.missed < 1e-3
    appeal = dict(zip(sorted(of.case.cars), levels.at_start.tolist(), strict=True))
    case = of.case.change({f"cars.{key}.appeal": level for key, level in appeal.items()})
    share = expected_path(case.change({"population.consumers": 1_500, "calendar.weeks": 20}), 1, 1_000).shares()
    for key, target in found.items():
        if not target.new:
            assert share[key].iloc[:3].mean() == pytest.approx(target.share, rel=0.05)


@pytest.mark.slow
def test_the_fitted_market_sells_what_it_was_fitted_to() -> None:
    """Delivered by sampled buyers, test drives and second thoughts included: shares within 12 %, 4 % in the mean.

    Before the correction they miss by 10 % in the mean; a car of 2 % rests on some 200 buyers (7 %).
    """
    of = setting(base(), built(), sales(), 1_000, 1_000)
    values = {"media": 1.0, "word_of_mouth": 0.1, "forgetting": 0.05, "price": 1.2, "ageing": 0.03, "ramp": 8.0}
    sold = settling.settle(of, values, 20_000)[1]
    missed = np.array([abs(np.log(sold[key] / target.share)) for key, target in of.found.items()])
    assert missed.max() < 0.12
    assert missed.mean() < 0.04


# --------------------------------------------------------------------------------------------------- the path


def test_lines_lose_no_order_and_a_ramp_delays_them() -> None:
    """What is not delivered waits; with ample lines deliveries are the orders of some weeks before."""
    orders = np.zeros((30, 2))
    orders[2:] = 100.0
    ample, short = np.array([1e6, 1e6]), np.array([150.0, 150.0])
    wait, opens = np.array([3.0, 2.5]), np.array([2.0, 2.0])
    plain = through_lines(orders, ample, np.zeros(2), wait, opens)
    assert plain[:5, 0].sum() == 0.0
    assert plain[5:, 0] == pytest.approx(100.0)
    assert plain[4, 1] == pytest.approx(50.0)
    ramped = through_lines(orders, short, np.array([20.0, 20.0]), wait, opens)
    assert (np.cumsum(ramped, axis=0) <= np.cumsum(plain, axis=0) + 1e-9).all()
    assert ramped[8].max() < 100.0
    assert ramped.max() <= 150.0 + 1e-9


# --------------------------------------------------------------------------------------------------- moments


def test_moments_of_steady_sales_are_what_they_are_made_of() -> None:
    """Old cars lose 3 % a month; new ones stand where they were fitted, and below it in their first months."""
    of = built()
    at = scene(of, sales())
    found = moments(observed(of, sales(), at.keys), at)
    assert found["path_6"] == pytest.approx(5 * np.log(0.97), abs=2e-3)
    assert found["spread_6"] == pytest.approx(0.0, abs=2e-3)
    assert found["robust"] == pytest.approx(0.0, abs=2e-3)
    assert found["new_launch"] == pytest.approx(np.log(1 / 3) / 2 + np.log(2 / 3) / 2, abs=2e-2)
    assert found["new_half_year"] == pytest.approx(0.0, abs=2e-2)
    assert found["kept_1"] > 0.9


# -------------------------------------------------------------------------------------------------- parameters


def test_each_parameter_changes_what_it_names_and_nothing_else() -> None:
    """Ageing is a trend of single cars only; media multiply what the case states."""
    case = built().case
    keys = [key for key, car in case.cars.items() if not car.aggregate]
    aged = changes(case, {AGEING.key: 0.03}, keys)
    assert aged == {f"cars.{key}.trend_per_month": -0.03 for key in keys}
    louder = changes(case, {MEDIA.key: 2.0}, keys)
    assert louder["cars.a.exposure.contacts_per_week"] == 2.0 * case.cars["a"].exposure.contacts_per_week
    assert len(changes(case, {p.key: p.low for p in ALWAYS}, keys)) == len(keys) * 2 + NEW + 1 + 1 + 4


def test_trust_is_asked_for_only_where_something_happens() -> None:
    """A dated failure within the months makes its half-life a parameter."""
    case = Case.load("full-stack")
    day = case.calendar.day_of(next(h for h in case.happenings if h.id == "su7_safety_event").on)
    assert TRUST in parameters(case, 0, day)
    assert TRUST not in parameters(case, 0, day - 1)


def test_prior_draws_are_even() -> None:
    """A thousand draws of each parameter fill the tenths of its prior alike."""
    drawn = draws(ALWAYS, 1_000)
    for p in ALWAYS:
        place = p.probability(np.array([one[p.key] for one in drawn]))
        assert np.abs(np.histogram(place, 10, (0.0, 1.0))[0] - 100).max() <= 8
