"""Reviews of prices: slopes that are those of the simulated demand, rules with readable twins, limits that hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_cases import car, small_case

from market import CaseError, Market
from market.chance import Chance
from market.industry import price_review
from market.industry.price_review import Prices, Response, expected_response, fixed_sample
from market.price_policy import Policy

Floats = NDArray[np.float64]


# ------------------------------------------------------------------------------------------- simulated demand


def market_of_three(base: str | None) -> Market:
    """Three makers; one sells in two channels, one lies below a price that people had been led to expect.

    The third car is built on the `base` car, if any.
    """
    lower = {"promise": {"reference_price_cny": 95_000.0, "bargain": 0.2}}
    cars = {
        "a": car("ann", 80_000.0, **lower),
        "b": car("bob", 90_000.0, channels=["shop", "web"]),
        "c": car("cat", 7e4, base_car=base),
    }
    return Market(small_case(cars=cars, population__consumers=3_000), rng=3)


@pytest.fixture
def built() -> Market:
    """Cars that share nothing."""
    return market_of_three(None)


def asked(market: Market) -> tuple[NDArray[np.intp], Floats]:
    """Some consumers and the weights of their households."""
    rows = fixed_sample(market.chance, len(market.consumers.columns["stratum"]), 700)
    return rows, market.household[market.consumers.columns["stratum"][rows]]


def shares_at(market: Market, price: Floats) -> Floats:
    """Expected shares of the cars at other list prices; the market's own prices stay."""
    catalogue, before = market.catalogue, market.catalogue.price_cny.copy()
    catalogue.price_cny[:] = price
    market.demand.lay_out(market.appeal[0], market.promised_weeks, 0)
    offers = market.demand.expected_shares(*asked(market))[:-1]
    catalogue.price_cny[:] = before
    market.demand.lay_out(market.appeal[0], market.promised_weeks, 0)
    return np.asarray(np.bincount(catalogue.car_of, offers, len(catalogue.cars)), float)


@pytest.mark.parametrize("base", [None, "a", "b"])
def test_expected_response_is_that_of_the_demand_itself(base: str | None) -> None:
    """Shares are the market's; slopes are what it answers when a list price moves a little."""
    built = market_of_three(base)
    price, response = built.catalogue.price_cny.copy(), expected_response(built.demand, *asked(built))
    np.testing.assert_allclose(response.share, shares_at(built, price), rtol=1e-12)
    for k in range(len(price)):
        step = np.where(np.arange(len(price)) == k, 400.0, 0.0)
        tried = (shares_at(built, price + step) - shares_at(built, price - step)) / 800.0
        np.testing.assert_allclose(response.slope[:, k], tried, rtol=2e-3, atol=1e-11)


def test_the_sample_hardly_depends_on_who_else_is_there() -> None:
    """One consumer more moves at most one of the sample; fewer than the sample are all asked."""
    many, more = set(fixed_sample(Chance(1), 5_000, 300)), set(fixed_sample(Chance(1), 5_001, 300))
    assert len(many) == len(more) == 300
    assert len(many - more) <= 1
    assert fixed_sample(Chance(1), 40, 300).tolist() == list(range(40))


# -------------------------------------------------------------------------------------------------- reviews


@pytest.mark.parametrize("seed", range(20))
def test_rules_of_a_review_are_their_readable_twins(seed: int) -> None:
    """The inventory rule and the limits, on random states."""
    states, n = np.random.default_rng(seed), 12
    price, stock, backlog = states.uniform(5e4, 2e5, n), *states.exponential(1_000.0, (2, n))
    sold, weeks = states.exponential(100.0, n) * states.integers(0, 2, n), states.choice([0.0, 6.0], n)
    stock[:2] = backlog[:2] = 0.0
    step = states.uniform(0.0, 0.1, n)
    stocked = price_review.inventory_price(price, stock, backlog, sold, weeks, step)
    rows = zip(price, stock, backlog, sold, weeks, step, strict=True)
    one = [price_review.inventory_price_of_one(*map(float, row)) for row in rows]
    np.testing.assert_allclose(stocked, one, rtol=1e-12)
    wanted, low, high = price * states.uniform(0.5, 1.5, n), price * 0.95, price * states.uniform(0.9, 1.1, n)
    cost = price * states.uniform(0.8, 1.1, n)
    limited = price_review.bounded(wanted, price, step, low, high, cost)
    rows = zip(wanted, price, step, low, high, cost, strict=True)
    np.testing.assert_allclose(limited, [price_review.bounded_of_one(*map(float, r)) for r in rows], rtol=1e-12)


def reviewed(
    market: Market, policy: Policy, weeks: int = 1, response: Callable[[], Response] | None = None, **state: Any
) -> list[Floats]:
    """List prices of a market over some weeks in which car a follows a policy and the state of the stock stays."""
    catalogue = market.catalogue
    before = catalogue.price_cny.copy()
    follow(market, policy=policy, every_weeks=2)
    prices, on_sale = Prices(catalogue), catalogue.launched(0)
    ordinary: dict[str, Any] = {"stock": np.full(3, 600.0), "backlog": np.zeros(3), "sold_per_week": np.full(3, 100.0)}
    ordinary |= {"cost": 0.85 * before, "response": response or never_asked} | state
    path = []
    for week in range(1, weeks + 1):
        catalogue.price_cny[:] = prices.review(week, catalogue, on_sale, **ordinary)
        path.append(catalogue.price_cny.copy())
    catalogue.price_cny[:] = before
    return path


def follow(market: Market, **rule: Any) -> None:
    """Give car a another price policy."""
    cars = market.catalogue.cars
    pricing_of_a = cars["a"].pricing.model_copy(update=rule)
    market.catalogue.cars = cars | {"a": cars["a"].model_copy(update={"pricing": pricing_of_a})}


def never_asked() -> Response:
    """Demand in a market in which nobody answers it."""
    raise AssertionError("demand was asked for, but nobody answers it")


def test_fixed_prices_are_never_reviewed(built: Market) -> None:
    """Whatever the stock."""
    for price in reviewed(built, "fixed", weeks=8, stock=np.zeros(3), backlog=np.full(3, 1e6)):
        assert np.array_equal(price, built.catalogue.price_cny)


def test_a_full_yard_makes_a_car_cheaper_down_to_its_floor(built: Market) -> None:
    """A step every other week, to 85 % of the list price; the others stay."""
    path = np.array(reviewed(built, "inventory", weeks=16, stock=np.full(3, 1e5)))
    ratio = path / built.catalogue.price_cny
    assert np.all(ratio[:, 1:] == 1.0)
    assert ratio[:4, 0] == pytest.approx([1.0, 0.97, 0.97, 0.97**2])
    assert ratio[-1, 0] == pytest.approx(0.85)


def test_the_usual_stock_leaves_a_price_alone_and_a_queue_raises_it(built: Market) -> None:
    """Six weeks of sales are usual; a queue brings the price to its ceiling."""
    assert np.array_equal(reviewed(built, "inventory", weeks=2)[-1], built.catalogue.price_cny)
    dear = reviewed(built, "inventory", weeks=8, backlog=np.full(3, 1e4))[-1]
    assert dear[0] == pytest.approx(1.05 * built.catalogue.price_cny[0])


def test_a_car_is_not_sold_below_cost(built: Market) -> None:
    """By a review, that is."""
    cost = 0.93 * built.catalogue.price_cny
    path = reviewed(built, "inventory", weeks=16, stock=np.full(3, 1e5), cost=cost)
    assert path[-1][0] == pytest.approx(cost[0])


def test_a_best_response_goes_towards_the_best_margin_step_by_step(built: Market) -> None:
    """Within its limits it ends where the margin is what share and slope ask for."""
    catalogue, before = built.catalogue, built.catalogue.price_cny.copy()
    follow(built, policy="best_response", every_weeks=1, lowest=0.1, highest=10.0, step=0.05)
    prices, cost, nothing = Prices(catalogue), 0.7 * before, np.zeros(3)

    def now() -> Response:
        built.demand.lay_out(built.appeal[0], built.promised_weeks, 0)
        return expected_response(built.demand, *asked(built))

    for week in range(1, 40):
        earlier = catalogue.price_cny.copy()
        catalogue.price_cny[:] = prices.review(
            week, catalogue, catalogue.launched(0), nothing, nothing, nothing, cost, now
        )
        assert np.all(np.abs(catalogue.price_cny / earlier - 1.0) < 0.05 + 1e-12)
    response = now()
    assert np.all(catalogue.price_cny[1:] == before[1:])
    margin = -response.share[0] / response.slope[0, 0]
    assert catalogue.price_cny[0] - cost[0] == pytest.approx(margin, rel=1e-3)


def test_a_price_set_by_a_happening_becomes_the_one_to_count_from(built: Market) -> None:
    """Floor and ceiling move with it."""
    catalogue, before = built.catalogue, built.catalogue.price_cny.copy()
    prices = Prices(catalogue)
    prices.inventory, prices.every_weeks = np.array([True, False, False]), np.ones(3, np.intp)
    catalogue.price_cny[0] = before[0] / 2.0
    state = (np.full(3, 1e5), np.zeros(3), np.ones(3), np.zeros(3))
    for week in range(1, 12):
        catalogue.price_cny[:] = prices.review(week, catalogue, catalogue.launched(0), *state, never_asked)
    assert catalogue.price_cny[0] == pytest.approx(0.85 * before[0] / 2.0)


def test_cars_that_are_not_on_sale_and_week_0_are_not_reviewed(built: Market) -> None:
    """Nor is a week between two reviews."""
    prices = Prices(built.catalogue)
    prices.inventory, prices.every_weeks = np.array([True, True, False]), np.array([1, 4, 1])
    assert [prices.due(week).tolist() for week in (0, 1, 4)] == [[False] * 3, [True, False, False], [True, True, False]]
    state = (np.full(3, 1e5), np.zeros(3), np.ones(3), np.zeros(3))
    only_b = np.array([False, True, True])
    after = prices.review(4, built.catalogue, only_b, *state, never_asked)
    assert (after != built.catalogue.price_cny).tolist() == [False, True, False]


def test_an_aggregate_cannot_answer_with_a_price() -> None:
    """It stands for many makers."""
    case = small_case().change({"cars.a.aggregate": True})
    with pytest.raises(CaseError, match=r"cars\.a\.pricing\.policy: .*cannot be that of an aggregate"):
        case.change({"cars.a.pricing.policy": "best_response"})


def test_demand_that_is_asked_twice_answers_the_same(built: Market) -> None:
    """Asking changes nothing, and the order of those asked does not matter."""
    rows, weight = asked(built)
    first, again = expected_response(built.demand, rows, weight), expected_response(built.demand, rows, weight)
    assert np.array_equal(first.slope, again.slope)
    backwards = expected_response(built.demand, rows[::-1].copy(), weight[::-1].copy())
    np.testing.assert_allclose(backwards.slope, first.slope, rtol=1e-9)
