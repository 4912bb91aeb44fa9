"""Small populations and models that the tests of columns, sets and Mesa share."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from market.people.everyone import Populated
from market.people.population import Column, Derived, Population, RowAgent, for_all

AGES = [31, 18, 31, 64, 45, 18, 77, 31, 52, 40, 45, 29]
SCORES = [0.5, 0.25, 0.125, 0.5, 0.75, 1.0, 0.5, 0.0, 0.25, 0.5, 0.5, 0.375]


def doubled_age(people: Population, rows: np.ndarray) -> np.ndarray:
    """Twice the age, as a function of whole rows."""
    ages: np.ndarray = people.column("age")[rows].astype(np.int64)
    return ages * 2


class Consumer(RowAgent):
    """A consumer with one column of each sort."""

    age = Column(np.int8, 40, unit="years", meaning="age at the start", static=True)
    stage = Column(np.int8, 0, meaning="where on the path to a car")
    trust = Column(np.float32, 0.5, unit="share", meaning="trust in each organisation")
    double = Derived(doubled_age, unit="years", meaning="twice the age")

    @property
    def grown(self) -> bool:
        """Whether the consumer may drive."""
        return bool(self.age >= 18)

    def birthday(self, gifts: int = 0) -> int:
        """Move on by one stage; return the age."""
        self.stage += 1 + gifts
        return int(self.age)

    @for_all
    def advance_all(self: Any, by: int) -> Any:
        """Move a whole set on."""
        self.set("stage", self.get("stage") + by)
        return self.get("stage")


class Saver(Consumer):
    """A consumer with one attribute more and another default."""

    stage = Column(np.int16, 7)
    savings = Column(np.float64, 0.0, unit="CNY")


def people_of(n: int = 10, **columns: Any) -> Population:
    """A population of n with ages 15, 16, ..."""
    columns.setdefault("age", np.arange(15, 15 + n))
    return Population(mesa.Model(rng=1), Consumer, n, **columns)


class Visits:
    """What a consumer does, whoever stores it."""

    def visit(self: Any, times: int = 1) -> int:
        """Move on by some stages; return the new stage."""
        self.stage += times
        return int(self.stage)


class Buyer(Visits, RowAgent):
    """A consumer kept as a row."""

    age = Column(np.int8)
    score = Column(np.float32)
    stage = Column(np.int16)


class PlainBuyer(Visits, mesa.Agent):
    """The same consumer kept as an object."""

    def __init__(self, model: mesa.Model, age: int, score: float) -> None:
        super().__init__(model)
        self.age, self.score, self.stage = age, score, 0


class Firm(Visits, mesa.Agent):
    """An ordinary agent."""

    def __init__(self, model: mesa.Model, age: int) -> None:
        super().__init__(model)
        self.age, self.score, self.stage = age, 0.5, 0


class Town(Populated):
    """Firms and consumers; the consumers are rows."""

    def __init__(self, firms: int = 3, rng: int = 1) -> None:
        super().__init__(rng=rng)
        for i in range(firms):
            Firm(self, 31 + i)
        self.buyers = self.populate(Buyer, len(AGES), age=AGES, score=SCORES)
        self.week = 0

    def step(self) -> None:
        """Everybody visits, in random order."""
        self.week += 1
        self.agents.shuffle_do("visit", self.week)


class PlainTown(mesa.Model):
    """Firms and consumers; all are objects."""

    def __init__(self, firms: int = 3, rng: int = 1) -> None:
        super().__init__(rng=rng)
        for i in range(firms):
            Firm(self, 31 + i)
        for age, score in zip(AGES, SCORES, strict=True):
            PlainBuyer(self, age, score)
        self.week = 0

    step = Town.step


def seen(result: Any) -> Any:
    """A result as plain values: agents by identifier, sets as lists in order, groups as dictionaries."""
    if isinstance(result, mesa.Agent):
        return f"agent {result.unique_id}"
    if hasattr(result, "groups"):
        return {seen(key): seen(group) for key, group in result.groups.items()}
    if isinstance(result, np.ndarray | np.generic):
        return result.tolist()
    if isinstance(result, dict):
        return {seen(key): seen(value) for key, value in result.items()}
    if isinstance(result, str | int | float | bool) or result is None:
        return result
    return [seen(one) for one in result]
