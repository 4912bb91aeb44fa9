"""Profiles are distributions and not classes, and luck is as large as its sources say."""

from __future__ import annotations

import numpy as np
import pytest
from evidence import MANY, SEEDS, z_between, z_of
from numpy.typing import NDArray
from small_cases import NO_DRIFT, content, differing, small_case, state

from market import Case, Market

# Profiles are distributions, not classes


def two_equal_profiles() -> Case:
    """The small case with its profile entered twice, half each."""
    tables = content(small_case(population__consumers=4_000))
    half = tables["profiles"].pop("plain") | {"share": 0.5}
    tables["profiles"] = {"left": half, "right": half}
    return Case.parse(tables)


def test_a_profile_split_into_two_equal_halves_changes_nobody() -> None:
    """A profile is a distribution of tastes and habits: its name moves nobody."""
    one = Market(small_case(population__consumers=4_000), rng=1).run()
    two = Market(two_equal_profiles(), rng=1).run()
    assert set(two.consumers.column("profile").tolist()) == {0, 1}
    assert {name for name in differing(state(one), state(two)) if name.startswith("consumers.")} == {
        "consumers.profile"
    }
    for flow, written in one.ledger.flows.items():
        assert written.sum(axis=2) == pytest.approx(two.ledger.flows[flow].sum(axis=2))


def test_equal_profiles_do_equally_well() -> None:
    """Orders, cancellations and deliveries per consumer, by car, over twenty seeds."""
    rates: list[list[NDArray[np.float64]]] = [[], []]
    for seed in SEEDS:
        market = Market(two_equal_profiles(), rng=seed).run()
        people = np.bincount(market.consumers.column("profile"))
        for profile in (0, 1):
            flows = [
                market.ledger.flows[name][:, :, profile].sum() for name in ("orders", "cancellations", "deliveries")
            ]
            rates[profile].append(np.array(flows) / people[profile])
    assert np.all(z_between(rates[0], rates[1]) < MANY)


def test_profiles_that_differ_act_differently() -> None:
    """Or the tests above would prove nothing: a profile that minds money more buys the cheap car more often."""
    thrifty = two_equal_profiles().change({"profiles.left.price_per_10k_cny.median": -2.0})
    shares: list[list[float]] = [[], []]
    for seed in SEEDS:
        market = Market(thrifty, rng=seed).run()
        cheap = market.catalogue.car_of == market.catalogue.car_index["c"]
        orders = market.ledger.flows["orders"].sum(axis=0)
        for profile in (0, 1):
            shares[profile].append(float(orders[cheap, profile].sum() / orders[:, profile].sum()))
    assert np.mean(shares[0]) > np.mean(shares[1])
    assert z_between(shares[0], shares[1]) > MANY


# Luck


@pytest.mark.slow
def test_more_consumers_mean_less_noise_as_the_square_root_says() -> None:
    """Sixteen times the consumers, a quarter of the spread between runs: forty seeds each."""
    spread = {}
    for consumers in (400, 6_400):
        case = small_case(population__consumers=consumers, calendar__weeks=20)
        orders = [Market(case, rng=seed).run().ledger.flows["orders"].sum() for seed in range(40)]
        spread[consumers] = np.std(orders, ddof=1)
    error_of_log_ratio = np.sqrt(1.0 / 39)  # each log sd has variance 1 / (2 x 39)
    assert abs(np.log(spread[400] / spread[6_400]) - np.log(4.0)) < MANY * error_of_log_ratio
    assert spread[400] > 2.0 * spread[6_400]


def test_luck_of_the_cars_belongs_to_the_car_and_the_date() -> None:
    """Attractiveness drifts alike whoever else is on the market, and not at all when drift is switched off."""
    case = small_case(drift__permanent_sd_per_month=0.3, drift__transitory_sd_per_month=0.1)
    tables = content(case)
    del tables["cars"]["b"]
    alone, all_three = Market(Case.parse(tables), rng=4), Market(case, rng=4)
    bases = []
    for market in (alone, all_three):
        drift = []
        for _ in range(10):
            market.step()
            offer = [o.car for o in market.catalogue.offers].index("a")
            drift.append(market.demand.offers.base[0, offer])
        bases.append(drift)
    assert bases[0] == bases[1]
    assert len(set(bases[0])) == 10
    still = Market(case.change(NO_DRIFT), rng=4)
    assert len({still.run(1).demand.offers.base[0, 0] for _ in range(10)}) == 1


def test_drift_of_a_date_is_the_same_whenever_the_run_begins() -> None:
    """A run that begins two weeks later sees the same changes of attractiveness in the same weeks."""
    changes = []
    for start in ("2025-01-06", "2025-01-20"):
        case = small_case(drift__permanent_sd_per_month=0.3, calendar__start=start, calendar__weeks=20)
        appeal = Market(case, rng=4).appeal
        changes.append(np.diff(appeal, axis=0))
    assert changes[1][:-2] == pytest.approx(changes[0][2:], abs=1e-9)


def test_drift_has_the_spread_asked_for() -> None:
    """A month's change of attractiveness has sd .21, twelve months' change the square root of twelve times that."""
    case = small_case(
        drift__permanent_sd_per_month=0.21, population__consumers=50, calendar__weeks=53, population__history_weeks=1
    )
    month = 365.25 / 12 / 7
    changes = []
    for seed in range(60):
        appeal = Market(case, rng=seed).appeal
        changes.append((np.square(appeal[52] - appeal[0]) / (52 / month)).mean())
    assert z_of(changes, 0.21**2) < MANY
