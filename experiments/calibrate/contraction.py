"""Constants that make the shares of a nested mixed logit agree with given ones: the contraction of Berry et al. (1995).

Each constant moves by the log of the wanted over the present share until both agree. It works on the inclusive values
of a sample of consumers, worked out once: so a round costs a few operations on (consumers, cars).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from market import Market

Floats = NDArray[np.float64]
ROUNDS = 400
FARTHEST = 15.0
"""By which a constant moves at most, in utility."""
CLOSE = 1e-4
"""Log points by which shares may miss in the end."""


@dataclass(frozen=True)
class Sample:
    """Consumers who choose: what each car is worth to each, before its constant moves."""

    worth: Floats
    """(consumers, cars) sum over the offers of a car of exp(utility / dissimilarity); 0 where it is not considered"""
    weight: Floats
    """(consumers,) households behind each, summing to 1"""
    nest: NDArray[np.intp]
    """(cars,) nest of each car"""
    dissimilarity: float
    outside: float
    """utility of the outside good"""

    @cached_property
    def _alone(self) -> NDArray[np.bool_]:
        """(cars,) whether a car is a nest of its own: then its inclusive value moves with its constant, as it is."""
        return np.asarray(np.bincount(self.nest)[self.nest] == 1)

    @cached_property
    def _value(self) -> Floats:
        return np.asarray(self.worth[:, self._alone] ** self.dissimilarity)

    def shares(self, moved: Floats) -> Floats:
        """Expected share of each car when its constant has `moved` (cars,) in utility: (cars,); the rest is outside."""
        alone = self._alone
        everything = self._value @ np.exp(moved[alone]) + np.exp(self.outside)
        joint = []
        for nest in np.unique(self.nest[~alone]):
            cars = np.flatnonzero(self.nest == nest)
            scaled = self.worth[:, cars] * np.exp(moved[cars] / self.dissimilarity)
            total = scaled.sum(axis=1)
            value = total**self.dissimilarity
            everything += value
            ratio = np.divide(value, total, out=np.zeros_like(value), where=total > 0.0)
            joint.append((cars, scaled * ratio[:, None]))
        part = self.weight / everything
        found = np.empty(len(moved))
        found[alone] = (part @ self._value) * np.exp(moved[alone])
        for cars, chosen in joint:
            found[cars] = part @ chosen
        return found


def sample_of(market: Market, rows: NDArray[np.intp], appeal: Floats | None = None) -> Sample:
    """What the cars of a market are worth to some of its consumers as it stands, whoever has decided already.

    `appeal` (cars,) stands in for the constants of the week.
    """
    catalogue, demand = market.catalogue, market.demand
    if appeal is not None:
        demand.lay_out(appeal, market.supply.lead_weeks, 0)
    knowledge = demand.knowledge(rows)
    v = demand.utilities(rows, knowledge.company).astype(float)
    if (trusted := demand.trusted(rows)) is not None:
        v += trusted[:, catalogue.car_of]
    lam = demand.choice.dissimilarity
    worth = np.where(demand.considered(rows, knowledge.known), np.exp(v / lam), 0.0)
    cars = len(catalogue.cars)
    by_car = worth @ (catalogue.car_of[:, None] == np.arange(cars)).astype(float)
    nest = np.zeros(cars, np.intp)
    nest[catalogue.car_of] = np.unique(catalogue.nest_of, return_inverse=True)[1]
    weight = market.book.weight(rows)
    return Sample(by_car, weight / weight.sum(), nest, lam, demand.choice.outside_utility)


def contract(sample: Sample, target: Floats, moved: Floats | None = None, rounds: int = ROUNDS) -> Floats:
    """By how much constants move so that shares are those wanted: (cars,) in utility.

    `target` (cars,) is NaN where a constant stays; -inf in `moved` takes a car off the market. Shares that sum to 1 or
    more, or one above the part of the consumers who know the car, cannot be met: the rounds end without agreement.
    """
    moved = np.zeros(len(target)) if moved is None else moved.copy()
    fitted = np.isfinite(target)
    for _ in range(rounds):
        gap = np.log(target[fitted]) - np.log(np.maximum(sample.shares(moved)[fitted], 1e-12))
        moved[fitted] = np.clip(moved[fitted] + np.clip(gap, -3.0, 3.0), -FARTHEST, FARTHEST)
        if np.abs(gap).max(initial=0.0) < CLOSE:
            break
    return moved
