"""What goes wrong: how often, why, and when it becomes public."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from evidence import MANY, SEEDS
from small_cases import small_case

from market import CaseError
from market.cars import FUNCTIONS
from market.chance import Chance, words
from market.happenings import FAILURES
from market.stories import failures, firestorm, hazards
from market.stories.failures import CLAIM, DEFECT, DELAY, QUARREL, SERVICE, SWAP, TERM, Failures
from market.stories.firestorm import Firestorm, Firestorms
from market.stories.hazards import WEEKS_A_YEAR

KEYS = words(["a", "b", "c"])


def quiet(**rates: float) -> Failures:
    """Failures that never happen, but for the kinds named."""
    case = small_case(**{f"failures__{kind}__per_thousand": rates.get(kind, 0.0) for kind in FAILURES})
    section: Failures = case.failures
    return section


# Hazards


def test_every_kind_has_causes_that_sum_to_one() -> None:
    """Also where a case goes without some functions, or has none of those that usually cause a kind."""
    for functions in (FUNCTIONS, ("definition", "sales"), ("definition", "dance")):
        causal = failures.causal_matrix(Failures(), functions)
        assert causal.shape == (len(FAILURES), len(functions))
        np.testing.assert_allclose(causal.sum(axis=1), 1.0, rtol=1e-12)
    assert causal[SWAP].tolist() == [0.5, 0.5]
    assert causal[DEFECT].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_car_has_the_hazards_of_all(seed: int) -> None:
    """The readable rule gives every cell of the columns, strain between partners included."""
    states, section, cars = np.random.default_rng(seed), Failures(), 20
    friction, quality = states.uniform(0, 1, cars), states.normal(0, 1, cars)
    able, quarrel = states.uniform(0, 1, (cars, len(FAILURES))), states.uniform(1, 5, cars)
    many = hazards.hazards(section, friction, quality, able, quarrel)
    one = [
        [
            hazards.hazard_of_one(
                kind, float(friction[m]), float(quality[m]), float(able[m, k]), float(quarrel[m]) if k == QUARREL else 1
            )
            for k, kind in enumerate(section.every())
        ]
        for m in range(cars)
    ]
    np.testing.assert_allclose(many, one, rtol=1e-12)
    assert (many >= 0).all()


def test_who_does_all_alone_never_disagrees() -> None:
    """Friction 0: no quarrel, however strained; more friction, more failures of every kind that it feeds."""
    section = Failures()
    alone, shared = (hazards.hazards(section, f, 0.0, disagreement=3.0)[0] for f in (0.0, 0.6))
    assert alone[QUARREL] == 0.0
    assert shared[QUARREL] > 0.0
    assert (shared >= alone).all()


def test_only_the_capability_of_those_who_hold_the_function_counts() -> None:
    """Service is done by who holds it; where the case knows no such task nothing is missing."""
    roles = np.zeros((2, 2, 2))
    roles[0, :, 0], roles[1, :, 1] = 1.0, 1.0
    capability = np.zeros((2, 1, 2))
    capability[1, 0] = [0.8, 0.4]
    able = hazards.ability(Failures(), capability, ["warranty_repair"], [0.5, 0.5], roles, ["definition", "service"])
    assert able[:, SERVICE].tolist() == pytest.approx([0.0, 0.6])
    assert (np.delete(able, SERVICE, axis=1) == 1.0).all()
    rates = hazards.hazards(Failures(), 0.0, 0.0, able)
    assert rates[0, SERVICE] > rates[1, SERVICE]


def test_complaints_are_counted_by_those_whom_a_kind_can_meet() -> None:
    """Owners meet defects, the late delays, renters swaps; a year of weeks gives the rate itself."""
    rates = np.ones((1, len(FAILURES)))

    def complaints(weeks: float) -> np.ndarray:
        """Of 100 owners, 10 orders, 5 of them late, 40 renters and 30 who do not know a term."""
        return hazards.expected_complaints(rates, [100], [10], [5], [40], [30], weeks)[0]

    many = complaints(WEEKS_A_YEAR)
    assert many[[DEFECT, SERVICE, SWAP, TERM, CLAIM]].tolist() == pytest.approx([100, 100, 40, 30, 110])
    assert many[DELAY] == pytest.approx(5 * WEEKS_A_YEAR)
    np.testing.assert_allclose(complaints(0.25) + complaints(0.75), complaints(1.0))


def test_rate_zero_means_never() -> None:
    """No complaints, nothing becomes public."""
    rates = hazards.hazards(quiet(), [0.9, 0.1, 0.0], 0.0, 0.0, 5.0)
    assert not rates.any()
    storms = Firestorms(Firestorm(), KEYS, [False] * 3)
    assert [storms.arise(Chance(1), week, rates, np.full(3, 1e6)) for week in range(200)] == [[]] * 200


# Firestorms


def test_the_probability_is_the_one_designed() -> None:
    """`1 - exp(-(C / C0)^a)`, C0 per 10,000 owners and orders; the readable rule says the same; None: never."""
    section = Firestorm(threshold=20.0, exponent=1.7, least_households=3_000.0)
    states = np.random.default_rng(4)
    complaints, households = states.exponential(50, 300), states.uniform(0, 1e5, 300)
    many = firestorm.probability(complaints, households, section)
    one = [firestorm.probability_of_one(c, h, section) for c, h in zip(complaints, households, strict=True)]
    np.testing.assert_allclose(many, one, rtol=1e-9)
    scaled = firestorm.probability(complaints * 7, np.maximum(households, 3_000) * 7, section)
    np.testing.assert_allclose(many, scaled, rtol=1e-9)
    never = section.model_copy(update={"threshold": 0.0})
    assert not firestorm.probability(complaints, households, never).any()
    assert firestorm.probability_of_one(1e9, 1.0, never) == 0.0


def test_public_events_are_as_frequent_as_their_probability() -> None:
    """Without cool-down, over weeks, cars, kinds and seeds; the severity is spread around 1."""
    section = Firestorm(threshold=30.0, cool_down_weeks=0.0, severity_sigma=0.4)
    households = np.array([1e4, 1e5, 1e6])
    complaints = households[:, None] * np.linspace(5e-4, 3e-3, len(FAILURES))
    likely = firestorm.probability(complaints, households[:, None], section)
    found, logs = np.zeros_like(likely), []
    weeks = 100
    for seed in SEEDS:
        storms = Firestorms(section, KEYS, [False] * 3)
        for week in range(weeks):
            for event in storms.arise(Chance(seed), week, complaints, households):
                found[event.car, FAILURES.index(event.kind)] += 1
                logs.append(np.log(event.severity))
    tries = weeks * len(SEEDS)
    z = (found / tries - likely) / np.sqrt(likely * (1 - likely) / tries)
    assert np.abs(z).max() < MANY
    assert abs(np.mean(logs)) < MANY * 0.4 / np.sqrt(len(logs))
    assert np.std(logs) == pytest.approx(0.4, abs=MANY * 0.4 / np.sqrt(2 * len(logs)))


def test_after_an_event_its_car_and_kind_cool_down() -> None:
    """Nothing of the kind for so many weeks; aggregates never make news; a copy remembers on its own."""
    storms = Firestorms(Firestorm(threshold=1e-3, cool_down_weeks=5.0), KEYS, [False, True, False])
    complaints, households = np.full((3, len(FAILURES)), 1e4), np.full(3, 1e4)
    storms.remember(-1, 2, FAILURES[0])
    first = storms.arise(Chance(1), 0, complaints, households)
    assert {event.car for event in first} == {0, 2}
    assert len(first) == 2 * len(FAILURES) - 1
    other = copy.deepcopy(storms)
    again = [len(storms.arise(Chance(1), week, complaints, households)) for week in range(1, 6)]
    assert again == [0, 0, 0, 1, 13]
    assert len(other.arise(Chance(1), 5, complaints, households)) == 14


def test_events_of_one_car_depend_on_that_car_alone() -> None:
    """Cars in another order, or one car fewer, leave the others' luck as it is."""
    section, households = Firestorm(threshold=30.0), np.array([1e4, 2e4, 3e4])
    complaints = np.random.default_rng(2).uniform(5, 60, (3, len(FAILURES)))

    def events(order: list[int]) -> set[tuple[int, int, str, float]]:
        storms = Firestorms(section, KEYS[order], [False] * len(order))
        return {
            (week, order[e.car], e.kind, e.severity)
            for week in range(60)
            for e in storms.arise(Chance(8), week, complaints[order], households[order])
        }

    every = events([0, 1, 2])
    assert len(every) > 10
    assert events([2, 0, 1]) == every
    assert events([2, 0]) == {event for event in every if event[1] != 1}


# The case


def test_a_case_says_where_failures_arise() -> None:
    """A row set in part is rescaled; a function that nobody knows is refused with the full name."""
    case = small_case().change({"failures.quality_defect.causal.production": 0.8})
    assert sum(case.failures.quality_defect.causal.values()) == pytest.approx(1.0)
    with pytest.raises(CaseError, match=r"failures\.swap_trouble\.causal: .*no such function"):
        small_case(failures__swap_trouble__causal={"dance": 1.0})
    with pytest.raises(CaseError, match=r"failures\.claim_dispute\.causal"):
        small_case(failures__claim_dispute__causal={"sales": 0.5})
    with pytest.raises(CaseError, match=r"firestorm\.threshold"):
        small_case(firestorm__threshold=-1.0)
