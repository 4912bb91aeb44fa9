"""Platform and maker share what they gain by Nash's rule, refuse what gains nothing, and know their other partners."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from market.industry.bargaining import Pair, nash_bargain, outside_options, partners, stands_still

PLATFORM, MAKER = np.array([60.0, 30.0]), np.array([40.0, 90.0])
ALONE = (10.0, 30.0)


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_of_two_designs_the_larger_surplus_is_shared_by_weight(weight: float) -> None:
    settled = nash_bargain(PLATFORM, MAKER, ALONE, weight)
    assert settled is not None and settled.design == 1
    surplus = 120.0 - 40.0
    assert settled.platform_cny == pytest.approx(10.0 + weight * surplus)
    assert settled.maker_cny == pytest.approx(30.0 + (1.0 - weight) * surplus)
    assert settled.transfer_cny == pytest.approx(settled.platform_cny - PLATFORM[1])


@pytest.mark.parametrize("limit", [0.0, 5.0, 20.0, 1e6])
@pytest.mark.parametrize("weight", [0.3, 0.5, 0.8])
def test_the_product_of_gains_is_the_largest_that_transfers_allow(weight: float, limit: float) -> None:
    settled = nash_bargain(PLATFORM, MAKER, ALONE, weight, limit)
    assert settled is not None

    def loss(transfer: float, design: int) -> float:
        gains = PLATFORM[design] + transfer - ALONE[0], MAKER[design] - transfer - ALONE[1]
        return np.inf if min(gains) < 0 else -(gains[0] ** weight) * gains[1] ** (1 - weight)

    found = -min(
        float(minimize_scalar(loss, bounds=bounds, args=(d,), method="bounded", options={"xatol": 1e-9}).fun)
        for d in (0, 1)
        for bounds in [(max(-limit, ALONE[0] - PLATFORM[d]), min(limit, MAKER[d] - ALONE[1]))]
        if bounds[0] < bounds[1] or limit == 0.0
    )  # fmt: skip
    got = (settled.platform_cny - ALONE[0]) ** weight * (settled.maker_cny - ALONE[1]) ** (1 - weight)
    assert abs(settled.transfer_cny) <= limit + 1e-9
    assert got == pytest.approx(found, rel=1e-6)


def test_nobody_agrees_to_less_than_what_he_has() -> None:
    assert nash_bargain(PLATFORM, MAKER, (90.0, 40.0)) is None
    assert nash_bargain([-5.0], [20.0], limit=1.0) is None
    rescued = nash_bargain([-5.0], [20.0], limit=6.0)
    assert rescued is not None and 0.0 <= rescued.platform_cny <= 1.0


def test_a_better_alternative_pays_and_does_not_change_the_design() -> None:
    before, after = nash_bargain(PLATFORM, MAKER, ALONE), nash_bargain(PLATFORM, MAKER, (30.0, 30.0))
    assert before is not None and after is not None
    assert after.design == before.design
    assert after.platform_cny == pytest.approx(before.platform_cny + 10.0)


def test_other_units_of_money_change_nothing() -> None:
    one, cents = (
        nash_bargain(PLATFORM, MAKER, ALONE, 0.3),
        nash_bargain(100 * PLATFORM, 100 * MAKER, (1000.0, 3000.0), 0.3),
    )
    assert one is not None and cents is not None
    assert cents.design == one.design and cents.transfer_cny == pytest.approx(100 * one.transfer_cny)


def test_idle_lines_and_traffic_weaken_a_maker() -> None:
    def alone(idle: float, threat: float) -> float:
        return stands_still(1_000.0, idle, 9_000.0, 500.0, threat)

    assert alone(0.0, 0.0) == 9e6
    assert alone(400.0, 0.0) == pytest.approx(600 * 9_000.0)
    assert alone(5_000.0, 0.0) == 0.0
    assert alone(5_000.0, 0.5) == -250 * 9_000.0


def test_the_pair_with_the_largest_surplus_sits_down() -> None:
    joint = np.array([[100.0, 140.0], [120.0, 90.0]])
    assert partners(joint, np.zeros((2, 2)), np.array([[0.0, 60.0], [0.0, 60.0]])) == Pair(1, 0)
    assert partners(joint, np.full((2, 2), 80.0), np.full((2, 2), 80.0)) is None
    assert partners(np.empty((0, 0)), np.empty((0, 0)), np.empty((0, 0))) is None


def test_another_partner_is_an_alternative_only_for_who_shares_it() -> None:
    payoff = {Pair(0, 0): (50.0, 50.0), Pair(0, 1): (30.0, 30.0), Pair(1, 0): (20.0, 45.0), Pair(1, 1): (99.0, 99.0)}
    assert outside_options(Pair(0, 0), payoff, (0.0, 5.0)) == (30.0, 45.0)
    assert outside_options(Pair(0, 0), {Pair(0, 0): (50.0, 50.0)}, (0.0, 5.0)) == (0.0, 5.0)
