"""The market of an origin: consumers of a case, cars of the sales file, constants fitted to their shares, then run on.

Volumes are left to the season of the whole market; the simulated market says how it divides. So its own season is flat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.backtest.contestants import Contestant
from experiments.sales.tables import month_after
from market import Case, Market
from market.calendar import Season
from market.people.choice import probabilities

Floats = NDArray[np.float64]

OUTSIDE = 0.05
"""Households that end with a car outside the case: a judgement, the same as in the bundled cases."""
LEAD_DAYS = 14
"""The market opens so many days before the last known month ends: what is delivered next has been ordered by then."""
HISTORY_WEEKS = 26
FIT_CONSUMERS = 10_000
ROUNDS, CLOSE_ENOUGH = 80, 1e-3
AWAY = -50.0
"""Constant of a car that nobody chooses."""
CONTACTS = 0.2
"""Media contacts a week of every car; all but 1 % know a car that has long been on sale."""
PLENTY = 500_000.0
"""Cars a week that a line may build: supply is no limit."""
MARKET_PER_WEEK = 150_000.0
"""Households; only shares are read, so its size does not matter."""


class Draw(NamedTuple):
    """One run of a fitted market."""

    seed: int
    constants: dict[str, float]
    """appeal by key of the car"""
    growth: dict[str, float]
    permanent: float
    transitory: float


@dataclass(frozen=True)
class Stage:
    """The market of an origin before its constants are known: all that its cases have in common."""

    base: Case
    cars: tuple[Contestant, ...]
    origin: str
    """the last known month"""
    horizon: int
    consumers: int

    @property
    def start(self) -> date:
        """A Monday some days before the last known month ends."""
        end = _first_day(month_after(self.origin))
        day = end - timedelta(days=LEAD_DAYS)
        return day - timedelta(days=day.weekday())

    @property
    def weeks(self) -> int:
        """From the start to the end of the last month of the horizon."""
        end = _first_day(month_after(self.origin, self.horizon + 1))
        return -(-(end - self.start).days // 7)

    def case(self, draw: Draw | None = None, consumers: int | None = None) -> Case:
        """The market as a case; without a draw nothing wanders."""
        tables = json.loads(self.base.model_dump_json(exclude_none=True))
        made = {car.key: _car(car) for car in self.cars}
        if draw is not None:
            for key, constant in draw.constants.items():
                made[key] |= {"appeal": constant, "trend_per_month": draw.growth.get(key, 0.0)}
        platforms = {key: said for key, said in tables["organisations"].items() if said["kind"] == "platform"}
        makers = {car.brand: _maker(car.brand) for car in self.cars}
        keys = {brand: f"maker_{place:02d}" for place, brand in enumerate(sorted(makers))}
        for car in self.cars:
            made[car.key] |= {"brand": keys[car.brand], "maker": keys[car.brand]}
        tables |= {
            "cars": made, "brands": {},
            "organisations": platforms | {keys[brand]: said for brand, said in makers.items()},
            "channels": {"retail": {"name": _text("retail", "零售")}},
            "packages": {"standard": {"name": _text("standard", "标准")}},
            "plans": {"buy": {"name": _text("buy", "购买")}},
            "contracts": {}, "programmes": {}, "happenings": [], "decisions": [], "sources": {}, "display": {},
            "drift": {
                "permanent_sd_per_month": 0.0 if draw is None else draw.permanent,
                "transitory_sd_per_month": 0.0 if draw is None else draw.transitory,
            },
            "calendar": {
                "start": self.start.isoformat(), "weeks": self.weeks,
                "season": dict.fromkeys(Season.model_fields, 1.0),
            },
        }  # fmt: skip
        tables["population"] |= {
            "consumers": consumers or self.consumers, "horizon_weeks": self.weeks, "history_weeks": HISTORY_WEEKS,
            "market_size": MARKET_PER_WEEK * self.weeks,
        }  # fmt: skip
        for profile in tables["profiles"].values():
            profile["channels"] = {}
        return Case.parse(tables)

    def fit(self) -> dict[str, float]:
        """Constants by key with which shares of all decisions are those of the cars."""
        market = Market(self.case(consumers=min(self.consumers, FIT_CONSUMERS)), rng=1)
        constants = contract(Shares(market), {car.key: car.share for car in self.cars})
        market.close()
        return constants

    def run(self, draw: Draw) -> Floats:
        """Share of all deliveries by month after the origin and car, in the order of `cars`: (horizon, cars)."""
        market = Market(self.case(draw), rng=draw.seed).run()
        weekly = market.ledger.by_car("deliveries")
        order = [market.catalogue.car_index[car.key] for car in self.cars]
        market.close()
        monthly = days_in_months(self.start, self.weeks, self.origin, self.horizon) @ weekly[:, order]
        return np.asarray(monthly / monthly.sum(axis=1, keepdims=True))


class Shares:
    """Expected shares of the cars of a market in week 0, as its consumers know and like them, for any constants."""

    def __init__(self, market: Market) -> None:
        """Ask all consumers once; what they think of a car beside its constant does not change."""
        rows = np.arange(len(market.consumers))
        self.index = market.catalogue.car_index
        market.demand.lay_out(np.zeros(len(self.index)), market.supply.lead_weeks, 0)
        knowledge = market.demand.knowledge(rows)
        self._utility = market.demand.utilities(rows, knowledge.company).astype(float)
        self._open = market.demand.considered(rows, knowledge.known)
        weight = market.book.weight(rows)
        self._weight = weight / weight.sum()
        self._car_of, self._outside = market.catalogue.car_of, market.case.choice.outside_utility

    def __call__(self, appeal: Floats) -> Floats:
        """Share of each car in all decisions: (cars,). Each car is one offer, so there are no nests."""
        chances = probabilities(self._utility + appeal[self._car_of], None, 1.0, self._outside, self._open)
        return np.bincount(self._car_of, self._weight @ chances, len(appeal)).astype(float, copy=False)

    def of_newcomer(self, key: str, appeal: Floats, constants: Floats) -> Floats:
        """Share of one car in all cars chosen, for each of its `constants` at some `appeal` of the others.

        From one look: with the constant, everybody's odds of taking the car move by its exponential.
        """
        at = self.index[key]
        chances = probabilities(self._utility + appeal[self._car_of], None, 1.0, self._outside, self._open)
        own = chances[:, self._car_of == at].sum(axis=1)
        outside, odds = 1.0 - chances.sum(axis=1), own / (1.0 - own)
        found = np.empty(len(constants))
        for place, constant in enumerate(constants):
            moved = odds * np.exp(constant - appeal[at])
            taken = moved / (1.0 + moved)
            inside = 1.0 - outside * (1.0 - taken) / (1.0 - own)
            found[place] = (self._weight @ taken) / (self._weight @ inside)
        return found


def contract(shares: Shares, share: Mapping[str, float]) -> dict[str, float]:
    """Constants by key with which the cars have some shares of all decisions but `OUTSIDE`; other cars are kept away.

    Each constant moves by the log of the wanted over the expected share (Berry, Levinsohn & Pakes 1995), less that of
    the outside good, by which few rounds suffice.
    """
    order = np.array([shares.index[key] for key in share])
    wanted = np.array(list(share.values()))
    wanted = (1.0 - OUTSIDE) * wanted / wanted.sum()
    appeal = np.full(len(shares.index), AWAY)
    appeal[order] = 0.0
    for _ in range(ROUNDS):
        now = shares(appeal)
        gap = np.log(wanted) - np.log(now[order])
        if np.abs(gap).max() < CLOSE_ENOUGH:
            break
        appeal[order] += gap - np.log(OUTSIDE / (1.0 - now.sum()))
    return {key: float(appeal[at]) for key, at in zip(share, order, strict=True)}


def days_in_months(start: date, weeks: int, origin: str, horizon: int) -> Floats:
    """Part of each week that lies in each month after an origin: (horizon, weeks)."""
    edges = np.array([_first_day(month_after(origin, h)).toordinal() for h in range(1, horizon + 2)])
    begins = start.toordinal() + 7 * np.arange(weeks)
    inside = np.minimum(edges[1:, None], begins + 7) - np.maximum(edges[:-1, None], begins)
    return np.asarray(np.clip(inside, 0, 7) / 7.0)


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _maker(name: str) -> dict[str, Any]:
    return {"kind": "oem", "name": _text(name, name), "fictional": _text(name, name)}


def _car(car: Contestant) -> dict[str, Any]:
    name = _text(car.key, car.key) if car.model is None else _text(" ".join(car.model), " ".join(car.model))
    return {
        "name": name, "fictional": _text(car.key, car.key), "price_cny": car.price_cny, "range_km": car.range_km,
        "fast_charge": car.fast_charge, "intelligence": car.intelligence, "channels": ["retail"],
        "exposure": {"contacts_per_week": CONTACTS},
        "production": {"capacity_per_week": PLENTY, "inventory_weeks": 1.0},
        "aggregate": car.model is None,
    }  # fmt: skip
