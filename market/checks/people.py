"""People of a case: budgets, medians and hours of a day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import fault

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def people(case: Case) -> Iterator[Fault]:
    """Faults of strata and profiles."""
    for stratum in case.population.strata:
        low, high = stratum.budget_cny
        if not 0.0 < low <= high:
            yield fault(
                f"population.strata.{stratum.id}.budget_cny",
                [low, high],
                "must be two positive sums, the lower first",
                "swap or correct them",
            )
    for key, profile in case.profiles.items():
        if profile.price_per_10k_cny.median >= 0.0:
            yield fault(
                f"profiles.{key}.price_per_10k_cny.median",
                profile.price_per_10k_cny.median,
                "must be below 0: money spent is a loss",
                "give a negative median",
            )
        for name in ("search_weeks", "km_per_month"):
            if getattr(profile, name).median <= 0.0:
                yield fault(
                    f"profiles.{key}.{name}.median",
                    getattr(profile, name).median,
                    "must be above 0",
                    "give a positive median",
                )
        if not 0.0 <= profile.knowledge.mean <= 1.0:
            yield fault(
                f"profiles.{key}.knowledge.mean",
                profile.knowledge.mean,
                "must be a share, 0 to 1",
                "give 0.7 for 70 %",
            )
        for platform, minutes in profile.minutes_a_day.items():
            if not 0.0 <= minutes <= 1_440.0:
                yield fault(
                    f"profiles.{key}.minutes_a_day.{platform}",
                    minutes,
                    "must be 0 to 1440 minutes",
                    "a day has 1440",
                )
