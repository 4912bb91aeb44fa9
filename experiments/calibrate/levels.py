"""Constants of all cars of a market, given its dynamic parameters: cars that were there first, then those that came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.calibrate.constants import OUTSIDE_SHARE
from experiments.calibrate.contraction import Sample, contract, sample_of
from experiments.calibrate.targets import Target, rest
from market import Case, Market

Floats = NDArray[np.float64]
ROWS = 2_500
"""Consumers whose expected choices are worked out: shares of 1 % are known to some 3 % of themselves."""
TOGETHER = 4
"""New cars that are fitted at once, those that came nearest to each other."""
REBUILT = 2
"""Times the market is built anew, since what households drive in week 0 depends on the constants."""


@dataclass(frozen=True)
class Levels:
    """Constants of the cars of a case, (cars,) in sorted order, in utility."""

    at_start: Floats
    """as the case states them: where the line of ageing begins"""
    at_target: Floats
    """in the months to which each car was fitted"""
    missed: float
    """largest log points by which a share misses its target"""


def fit_levels(
    case: Case, found: Mapping[str, Target], parts_of_rest: Mapping[str, float], ageing: float,
    guess: Floats | None = None, seed: int = 1, consumers: int = ROWS,
) -> Levels:  # fmt: skip
    """Constants with which expected choices give the shares in `found`; see `targets`.

    `ageing` is lost a month by every single car. What is left is divided among the aggregates by `parts_of_rest`.
    `guess` (cars,) is where to begin.
    """
    keys = sorted(case.cars)
    appeal = np.array([case.cars[key].appeal for key in keys]) if guess is None else guess.copy()
    single = np.array([key in found for key in keys])
    aggregate = np.array([case.cars[key].aggregate for key in keys])
    at = np.array([found[key].at if key in found else 0.0 for key in keys])
    new = np.array([key in found and found[key].new for key in keys])
    share = np.array([found[key].share if key in found else np.nan for key in keys]) * (1.0 - OUTSIDE_SHARE)
    later = ~single & ~aggregate
    parts = np.array([parts_of_rest[key] for key in keys if case.cars[key].aggregate])
    old_at = float(at[single & ~new].mean()) if (single & ~new).any() else 0.0
    missed = 0.0
    for _ in range(REBUILT):
        sample = _sample(_quiet(case, consumers, _by(keys, appeal), _where(keys, new | later)), seed, consumers)
        target = np.where(new | later, np.nan, share)
        target[aggregate] = parts * rest(found, old_at) * (1.0 - OUTSIDE_SHARE)
        moved = contract(sample, target, np.where(new | later, -np.inf, 0.0))
        appeal = np.where(new | later, appeal, appeal + moved)
        missed = _missed(sample, target, moved)
        if not new.any():
            continue
        sample = _sample(_quiet(case, consumers, _by(keys, appeal), _where(keys, later)), seed, consumers)
        order = np.flatnonzero(new)[np.argsort(at[new], kind="stable")]
        change = np.zeros(len(keys))
        for start in range(0, len(order), TOGETHER):
            group = order[start : start + TOGETHER]
            when = float(at[group].mean())
            aged = np.where(single, -ageing * (when - np.where(new, at, old_at)), 0.0)
            now = change + aged
            now[later | np.isin(np.arange(len(keys)), order[start + TOGETHER :])] = -np.inf
            now[group] = change[group]
            target = np.full(len(keys), np.nan)
            target[group] = share[group]
            moved = contract(sample, target, now)
            change[group] = moved[group]
            missed = max(missed, _missed(sample, target, moved))
        appeal = appeal + change
    at_start = np.where(single, appeal + ageing * at, appeal)
    return Levels(like_their_base(case, at_start, later), like_their_base(case, appeal, later), missed)


def parts_of_rest(case: Case, seed: int = 1, consumers: int = ROWS) -> dict[str, float]:
    """Part of each aggregate in what all have together, by the constants that the case states."""
    sample = _sample(_quiet(case, consumers, {}, ()), seed, consumers)
    share = sample.shares(np.zeros(len(case.cars)))
    of = {key: float(share[n]) for n, key in enumerate(sorted(case.cars)) if case.cars[key].aggregate}
    return {key: part / sum(of.values()) for key, part in of.items()}


def _quiet(case: Case, consumers: int, appeal: Mapping[str, float], without: Collection[str]) -> Case:
    """The case with given constants, as if every car but some had long been on sale: no drift, nothing happens.

    What `constants.quiet` does, without checking the whole case again: it is done some thousand times.
    """
    cars = {
        key: car.model_copy(
            update={
                "appeal": appeal.get(key, car.appeal),
                "on_sale": key not in without,
                "launch": None,
                "reservations_from": None,
                "exposure": car.exposure.model_copy(update={"begins": None}),
            }
        )
        for key, car in case.cars.items()
    }
    still = {"permanent_sd_per_month": 0.0, "transitory_sd_per_month": 0.0}
    return case.model_copy(
        update={
            "cars": cars,
            "happenings": [],
            "drift": case.drift.model_copy(update=still),
            "population": case.population.model_copy(update={"consumers": consumers}),
        }
    )


def _sample(case: Case, seed: int, consumers: int) -> Sample:
    market = Market(case, rng=seed)
    sample = sample_of(market, np.arange(min(consumers, len(market.consumers))))
    market.close()
    return sample


def _by(keys: list[str], appeal: Floats) -> dict[str, float]:
    return dict(zip(keys, appeal.tolist(), strict=True))


def _where(keys: list[str], hidden: NDArray[np.bool_]) -> set[str]:
    return {key for key, gone in zip(keys, hidden, strict=True) if gone}


def _missed(sample: Sample, target: Floats, moved: Floats) -> float:
    fitted = np.isfinite(target)
    return float(np.abs(np.log(sample.shares(moved)[fitted] / target[fitted])).max(initial=0.0))


def like_their_base(case: Case, of_cars: Floats, later: NDArray[np.bool_]) -> Floats:
    """Values of cars, (cars,); those of which nothing is known take over that of the car they are built on."""
    keys = sorted(case.cars)
    at = {key: n for n, key in enumerate(keys)}
    found = of_cars.copy()
    for key, unknown in zip(keys, later, strict=True):
        base = case.cars[key].base_car
        if unknown and base is not None:
            found[at[key]] = of_cars[at[base]]
    return found
