"""Trends: how much time each profile spends on each platform, and who comes to need a car, as the years go by.

Time moves from shelves to content, the young enter and the old leave: both are trends of a profile, in log points a
year. Without them everything here stays, to the last bit, as it is in week 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.chance import Chance
from market.people.profiles import Profile

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 52.0


class Trends:
    """Minutes and weights of all profiles over time; profiles in alphabetical order, platforms as given."""

    def __init__(self, sections: Mapping[str, Profile], platforms: Sequence[str]) -> None:
        """Lay out minutes a day, their drift and the entry of each profile."""
        listed = [profile for _, profile in sorted(sections.items())]
        self.shares = np.array([p.share for p in listed])
        self.entry_per_year = np.array([p.entry_per_year for p in listed])
        shape = (len(listed), len(platforms))
        self.minutes = np.array([[p.minutes_a_day.get(k, 0.0) for k in platforms] for p in listed]).reshape(shape)
        drift = [[p.minutes_drift_per_year.get(key, 0.0) for key in platforms] for p in listed]
        self.drift_per_year = np.array(drift, float).reshape(shape)
        self._looked_at = math.nan, np.zeros(len(platforms))
        """a week, and the mean minutes then: it is asked for twice"""
        self._first_minutes = self._mean_minutes(0.0)

    def minutes_at(self, week: float) -> Floats:
        """Minutes a day of a member of each profile on each platform: (profiles, platforms)."""
        return self.minutes * np.exp(self.drift_per_year * (week / WEEKS_A_YEAR))

    def shares_at(self, weeks: ArrayLike) -> Floats:
        """Shares of the profiles among those who come to need a car at some moments: (..., profiles), summing to 1."""
        time = np.asarray(weeks, float)[..., None]
        if not self.entry_per_year.any():
            return np.broadcast_to(self.shares, (*time.shape[:-1], len(self.shares)))
        grown = self.shares * np.exp(self.entry_per_year * (time / WEEKS_A_YEAR))
        return grown / grown.sum(axis=-1, keepdims=True)

    def share_of_one(self, profile: int, weeks: float) -> float:
        """The readable rule behind `shares_at`: one profile, one moment."""
        grown = [
            share * math.exp(entry * weeks / WEEKS_A_YEAR)
            for share, entry in zip(self.shares.tolist(), self.entry_per_year.tolist(), strict=True)
        ]
        return grown[profile] / sum(grown)

    def profile_at_need(self, chance: Chance, rows: NDArray[np.intp], weeks: ArrayLike) -> NDArray[np.int8]:
        """The profile of some consumers whose needs arise at `weeks` (rows,), in market time: (rows,).

        The luck is that of a profile without trends, so that without them nobody changes.
        """
        luck = chance.uniform("profile", rows).astype(float)
        edges = np.cumsum(self.shares_at(weeks), axis=-1)[:, :-1]
        return (luck[:, None] >= edges).sum(axis=1).astype(np.int8)

    def profile_at_need_of_one(self, chance: Chance, row: int, weeks: float) -> int:
        """The readable rule behind `profile_at_need`."""
        luck, edge = chance.one("profile", row), 0.0
        for profile in range(len(self.shares) - 1):
            edge += self.share_of_one(profile, weeks)
            if luck < edge:
                return profile
        return len(self.shares) - 1

    def media_use_at(self, week: float) -> NDArray[np.float32]:
        """Time on each platform relative to the average household of that week: (profiles, platforms + elsewhere).

        Elsewhere reaches all alike. In week 0 this is `Profiles.media_use`.
        """
        minutes, mean = self.minutes_at(week), self._mean_minutes(week)
        use = np.divide(minutes, mean, out=np.zeros_like(minutes), where=mean > 0)
        return np.hstack([use, np.ones((len(minutes), 1))]).astype(np.float32)

    def attention_at(self, week: float) -> Floats:
        """Time that the average household spends on each platform, relative to week 0: (platforms + elsewhere,).

        Elsewhere, and where nobody is, it stays 1.
        """
        now, first = self._mean_minutes(week), self._first_minutes
        return np.append(np.divide(now, first, out=np.ones_like(now), where=first > 0), 1.0)

    def _mean_minutes(self, week: float) -> Floats:
        if week != self._looked_at[0]:
            self._looked_at = week, self.shares_at(week) @ self.minutes_at(week)
        return self._looked_at[1]
