"""Profiles: distributions of tastes and habits. JD-like and Douyin-like consumers are two of them, not two classes.

Nothing here is stored. A consumer's tastes are pure functions of chance, drawn whenever somebody needs them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from market.chance import Chance
from market.fields import Id, LogNormal, Normal, Section, Share, Text, value

Floats = NDArray[np.float32]
_STANDARD = NormalDist()
HELVESTON = "Helveston et al. 2015, ratios kept, price rescaled"

Drifts = Annotated[float, Field(ge=-5.0, le=5.0)]

NORMAL_TASTES = ("ln_range", "fast_charge", "swap", "intelligence", "battery_rent", "social")
"""Tastes that are normal across the consumers of a profile; the price taste is log-normal."""


class Profile(Section):
    """One kind of consumer: a distribution of tastes and habits."""

    name: Text = value(..., unit="", meaning="its name", source="design")
    share: Share = value(..., unit="share", meaning="part of all households")
    search_weeks: LogNormal = value(
        ...,
        unit="weeks",
        meaning="length of a search",
        grade="D",
        source="median decision 45 days, sigma .7; longer for planners",
    )
    impulsiveness: float = value(
        0.0, unit="per week", meaning="hazard of deciding at once while a known car excites the feed", ge=0.0, le=1e9
    )
    minutes_a_day: dict[Id, float] = value(
        ..., unit="minutes a day", meaning="time on each platform", grade="D", source="judgement on QuestMobile 2025"
    )
    minutes_drift_per_year: dict[Id, Drifts] = value(
        dict, unit="log points a year", meaning="growth of the time on each platform; a missing one: 0, steady"
    )
    entry_per_year: Drifts = value(
        0.0,
        unit="log points a year",
        meaning="growth of its weight among those who come to need a car, relative to other profiles; 0: steady",
    )
    channels: dict[Id, float] = value(dict, unit="utility", meaning="liking of each channel; a missing one: 0")
    price_per_10k_cny: LogNormal = value(
        ...,
        unit="utility per 10,000 CNY at the reference budget",
        meaning="taste for money spent, log-normal",
        grade="D",
        source=HELVESTON,
    )
    ln_range: Normal = value(
        lambda: Normal(mean=2.2, sd=0.8),
        unit="utility per log point of range",
        meaning="taste for range",
        source=HELVESTON,
    )
    fast_charge: Normal = value(
        lambda: Normal(mean=0.2, sd=0.6), unit="utility", meaning="taste for fast charging", source=HELVESTON
    )
    swap: Normal = value(
        lambda: Normal(mean=0.15, sd=0.4), unit="utility", meaning="taste for a swap station within 5 km"
    )
    intelligence: Normal = value(
        lambda: Normal(mean=0.5, sd=0.6), unit="utility", meaning="taste for driver assistance and software"
    )
    battery_rent: Normal = value(
        lambda: Normal(mean=-0.1, sd=0.6), unit="utility", meaning="taste for renting the battery"
    )
    social: Normal = value(
        lambda: Normal(mean=0.5, sd=0.3), unit="utility", meaning="taste for what all acquaintances drive",
        grade="B", source="Pettifor et al. 2017: social influence r = .24",
    )  # fmt: skip
    effort: float = value(0.05, unit="utility per week", meaning="worth of a week of search saved", ge=0.0, le=10.0)
    wait: float = value(
        -0.06, unit="utility per week", meaning="taste for each week of promised waiting", ge=-10.0, le=0.0
    )
    km_per_month: LogNormal = value(
        lambda: LogNormal(median=1_000.0, sigma=0.55), unit="km a month", meaning="distance driven", grade="B",
        source="average of 12-13 thousand km a year",
    )  # fmt: skip
    cancelling: float = value(
        1.0, unit="ratio", meaning="hazard of cancelling relative to the average", ge=0.0, le=100.0
    )
    knowledge: Normal = value(
        lambda: Normal(mean=0.5, sd=0.15), unit="share",
        meaning="how far blame follows who does what for a car rather than whose face is on it; cut to 0-1",
    )  # fmt: skip


_TASTE_KEYS = np.arange(2 + len(NORMAL_TASTES))
"""One draw each: the price taste, the distance driven, then the normal tastes."""


@dataclass(frozen=True)
class Tastes:
    """Tastes of some consumers: one float32 array each, one entry per row asked for."""

    price: Floats
    """utility per 10,000 CNY, below 0"""
    normal: Floats
    """(rows, len(NORMAL_TASTES))"""
    effort: Floats
    wait: Floats
    km_per_month: Floats


def _log_normal(distributions: Sequence[LogNormal]) -> tuple[Floats, Floats]:
    """ln |median| and sigma by profile."""
    median = np.log([abs(d.median) for d in distributions]).astype(np.float32)
    return median, np.array([d.sigma for d in distributions], np.float32)


class Profiles:
    """All profiles of a case, ready to draw from for any rows."""

    def __init__(self, sections: Mapping[str, Profile], platforms: Sequence[str], reference_budget_cny: float) -> None:
        """Lay the parameters out as arrays; profiles in alphabetical order, platforms as given."""
        self.sections = dict(sorted(sections.items()))
        self.keys, listed = tuple(self.sections), list(self.sections.values())
        self.shares = np.array([p.share for p in listed])
        self.reference_budget_cny = reference_budget_cny
        self._search = _log_normal([p.search_weeks for p in listed])
        price, km = (_log_normal([getattr(p, t) for p in listed]) for t in ("price_per_10k_cny", "km_per_month"))
        normal = [[getattr(p, taste) for p in listed] for taste in NORMAL_TASTES]
        self._middle = np.array([price[0], km[0], *([one.mean for one in each] for each in normal)], np.float32)
        self._spread = np.array([price[1], km[1], *([one.sd for one in each] for each in normal)], np.float32)
        """(tastes, profiles) in the order of the draws, of the price and the distance in logarithms"""
        self.effort = np.array([p.effort for p in listed], np.float32)
        self.wait = np.array([p.wait for p in listed], np.float32)
        self.impulsiveness = np.array([p.impulsiveness for p in listed], np.float32)
        self.cancelling = np.array([p.cancelling for p in listed], np.float32)
        self._knowledge = np.array([(p.knowledge.mean, p.knowledge.sd) for p in listed], np.float32).T
        self._liking: dict[tuple[str, ...], NDArray[np.float64]] = {}
        minutes = np.array([[p.minutes_a_day.get(key, 0.0) for key in platforms] for p in listed], float)
        mean = self.shares @ minutes if len(platforms) else np.zeros(0)
        use = np.divide(minutes, mean, out=np.zeros_like(minutes), where=mean > 0)
        self.media_use = np.hstack([use, np.ones((len(listed), 1))]).astype(np.float32)
        """(profiles, platforms + elsewhere): time relative to the average household"""

    def liking(self, channels: tuple[str, ...]) -> NDArray[np.float64]:
        """Liking of each channel by profile, in utility: (profiles, channels)."""
        if channels not in self._liking:
            table = [[p.channels.get(key, 0.0) for key in channels] for p in self.sections.values()]
            self._liking[channels] = np.array(table)
        return self._liking[channels]

    def search_weeks(
        self,
        chance: Chance,
        rows: NDArray[np.intp],
        profile: NDArray[np.int8],
        spell: NDArray[np.int16],
        longest: float,
    ) -> Floats:
        """Length of this search, in weeks of market time, cut at `longest`: one entry per row."""
        median, sigma = self._search
        draws = chance.normal("search", rows, spell)
        return np.minimum(np.exp(median[profile] + sigma[profile] * draws), np.float32(longest))

    def search_weeks_of_one(self, chance: Chance, row: int, profile: int, spell: int, longest: float) -> float:
        """The readable rule behind `search_weeks`."""
        section = self.sections[self.keys[profile]].search_weeks
        draw = normal_quantile(chance.one("search", row, columns=(spell,)))
        return min(section.median * math.exp(section.sigma * draw), longest)

    def tastes(self, chance: Chance, rows: NDArray[np.intp], profile: NDArray[np.int8], budget_cny: Floats) -> Tastes:
        """All tastes of some consumers; a larger budget makes the same price weigh less, in proportion."""
        draws = chance.inborn("many_normal", "taste", rows, _TASTE_KEYS)
        draws *= self._spread.take(profile, axis=1)
        draws += self._middle.take(profile, axis=1)
        price, km = np.exp(draws[:2])
        price *= np.float32(-self.reference_budget_cny) / budget_cny
        return Tastes(price, draws[2:].T, self.effort[profile], self.wait[profile], km)

    def tastes_of_one(self, chance: Chance, row: int, profile: int, budget_cny: float) -> dict[str, float]:
        """The readable rule behind `tastes`: every taste of one consumer by name."""
        section = self.sections[self.keys[profile]]
        draws = [normal_quantile(chance.one("taste", row, columns=(i,))) for i in range(len(_TASTE_KEYS))]
        price, km = section.price_per_10k_cny, section.km_per_month
        tastes = {"price": price.median * math.exp(price.sigma * draws[0]) * self.reference_budget_cny / budget_cny}
        tastes["km_per_month"] = km.median * math.exp(km.sigma * draws[1])
        for name, draw in zip(NORMAL_TASTES, draws[2:], strict=True):
            distribution: Normal = getattr(section, name)
            tastes[name] = distribution.mean + distribution.sd * draw
        return tastes | {"effort": section.effort, "wait": section.wait}

    def knowledge(self, chance: Chance, rows: NDArray[np.intp], profile: NDArray[np.int8]) -> Floats:
        """How far each consumer knows who does what for a car, in [0, 1]: one entry per row, the same all life long."""
        mean, sd = self._knowledge
        return (mean[profile] + sd[profile] * chance.inborn("normal", "knowledge", rows)).clip(0, 1)

    def knowledge_of_one(self, chance: Chance, row: int, profile: int) -> float:
        """The readable rule behind `knowledge`."""
        section = self.sections[self.keys[profile]].knowledge
        drawn = section.mean + section.sd * normal_quantile(chance.one("knowledge", row))
        return min(max(drawn, 0.0), 1.0)


def normal_quantile(u: float) -> float:
    """The standard normal quantile of one number."""
    return _STANDARD.inv_cdf(u)
