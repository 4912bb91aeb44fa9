"""Cars built on one base are one nest: closer substitutes than cars that share nothing, by the closed nested logit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from evidence import MANY
from numpy.typing import NDArray
from small_cases import NO_TIES, car, small_case

from market import Case, Market
from market.people import choice

Floats = NDArray[np.float64]


def family(base: str | None = "a", **changes: Any) -> Case:
    """Cars a, b and c of three makers; b, in two channels, is built on `base`."""
    return small_case(cars__b__base_car=base, **changes)


def closed(market: Market, rows: NDArray[np.intp]) -> Floats:
    """Expected share of each car and, last, of the outside good."""
    offers = market.demand.expected_shares(rows, np.ones(len(rows)))
    return np.append(np.bincount(market.catalogue.car_of, offers[:-1], len(market.catalogue.cars)), offers[-1])


def test_cars_that_share_nothing_are_nests_of_their_own() -> None:
    """The keys of luck are then those of the cars themselves: nests by base car change nothing there."""
    catalogue = Market(family(None)).catalogue
    assert np.array_equal(catalogue.nest_of, catalogue.car_of)
    assert np.array_equal(catalogue.nest_keys, catalogue.car_keys)


def test_cars_on_one_base_share_the_nest_of_the_base_car() -> None:
    catalogue = Market(family("c")).catalogue
    assert catalogue.nest_of_car.tolist() == [0, 1, 1]
    assert catalogue.nest_keys.tolist() == catalogue.car_keys[[0, 2]].tolist()
    assert catalogue.nest_of.tolist() == catalogue.nest_of_car[catalogue.car_of].tolist()


def test_shocks_of_cars_on_one_base_correlate_and_keep_the_luck_of_each_offer() -> None:
    """By 1 - lambda^2 within the nest; whoever judges a car that shares nothing judges it with the same luck."""
    shocks = []
    rows, spell = np.arange(40_000), np.zeros(40_000, np.int16)
    for case in (family(None), family("a")):
        catalogue, lam = Market(case).catalogue, case.choice.dissimilarity
        keys = choice.shock_keys(catalogue.offer_keys, catalogue.nest_keys, lam)
        market = Market(case, rng=4)
        shocks.append(choice.shocks(market.chance, rows, spell, keys, catalogue.nest_of, lam))
    apart, together = shocks
    (a, *b, c) = range(4)
    assert np.array_equal(apart[:, [a, c, -1]], together[:, [a, c, -1]])
    expected, error = 1.0 - lam**2, 1.0 / np.sqrt(len(rows))
    for offer in b:
        assert abs(np.corrcoef(apart[:, a], apart[:, offer])[0, 1]) < MANY * error
        assert np.corrcoef(together[:, a], together[:, offer])[0, 1] == pytest.approx(expected, abs=MANY * error)
        assert abs(np.corrcoef(together[:, c], together[:, offer])[0, 1]) < MANY * error


def with_clone(base: str | None, dissimilarity: float = 0.6) -> Market:
    """Nobody knows anybody or has to wait; car d equals car a, and is built on `base`."""
    loud = {"exposure": {"contacts_per_week": 100.0}}
    cars = {
        "a": car("ann", 80_000.0, **loud), "b": car("bob", 90_000.0, **loud), "c": car("cat", 70_000.0, **loud),
        "d": car("ann", 80_000.0, base_car=base, **loud),
    }  # fmt: skip
    market = Market(small_case(cars=cars, choice__dissimilarity=dissimilarity).change(NO_TIES), rng=2)
    market.demand.lay_out(np.full(4, 5.0), np.zeros(4), 0)
    return market


@pytest.mark.parametrize("dissimilarity", [1.0, 0.6, 0.05])
def test_a_clone_inside_a_base_is_worth_lambda_ln_two(dissimilarity: float) -> None:
    """As much as an improvement of the base car by lambda ln 2: next to nothing when the nest is tight."""
    market = with_clone("a", dissimilarity)
    known, tried = market.demand.knowledge(np.arange(400)).known, market.consumers.columns["tried"][:400]
    rows = np.flatnonzero(known.all(axis=1) & (tried == 0))
    assert len(rows) > 100
    pair = closed(market, rows)
    market.catalogue.closes_day[3] = 0
    market.demand.open = market.catalogue.open_offers(0)
    before = closed(market, rows)
    market.demand.offers.base[:, market.catalogue.car_of == 0] += np.float32(dissimilarity * np.log(2.0))
    better = closed(market, rows)
    assert pair[0] == pytest.approx(pair[3])
    assert pair[0] + pair[3] == pytest.approx(better[0], rel=1e-5)
    assert pair[[1, 2, 4]] == pytest.approx(better[[1, 2, 4]], rel=1e-5)
    assert (pair[0] + pair[3]) / before[0] <= 2.0**dissimilarity + 1e-9


def test_a_clone_moves_nobody_between_two_cars_that_it_does_not_touch() -> None:
    """Person by person: whoever decides otherwise turns to the clone, and mostly from the car that it copies."""
    rows = np.arange(2_000)
    lost = {}
    for base in ("a", None):
        market = with_clone(base)
        after = market.demand.choose(rows).offer
        market.demand.open = market.demand.open & (market.catalogue.car_of != 3)
        before = market.demand.choose(rows).offer
        moved = before != after
        assert moved.any() and np.all(after[moved] == 3)
        lost[base] = (before[moved] == 0).sum() / (after == 3).sum()
    assert lost["a"] > lost[None] + 0.1


def test_a_shared_base_without_nests_is_a_shared_line_only() -> None:
    """At a dissimilarity of 1 cars that share a base are chosen as if they did not."""
    apart, together = (
        Market(family(base, choice__dissimilarity=1.0), rng=5).demand.choose(np.arange(1_000)) for base in (None, "a")
    )
    assert np.array_equal(apart.offer, together.offer)
