"""Traffic of a case: platforms that budgets and drifts name, and hours of a day at the end of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import ELSEWHERE, fault, known
from market.people.trends import WEEKS_A_YEAR

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault

MINUTES_A_DAY = 1_440.0


def traffic(case: Case) -> Iterator[Fault]:
    """Faults of media budgets and of the drift of attention."""
    for key, car in case.cars.items():
        at = f"cars.{key}.exposure.budget_cny_per_week"
        yield from known(at, car.exposure.budget_cny_per_week, {*case.platforms, ELSEWHERE}, "platform (or elsewhere)")
        if any(car.exposure.budget_cny_per_week.values()) and case.traffic.contact_cny == 0.0:
            yield fault(
                at,
                car.exposure.budget_cny_per_week,
                "cannot be spent where traffic.contact_cny is 0",
                "give a contact a price or leave the budget out",
            )
    years = case.calendar.weeks / WEEKS_A_YEAR
    for key, profile in case.profiles.items():
        at = f"profiles.{key}.minutes_drift_per_year"
        yield from known(at, profile.minutes_drift_per_year, profile.minutes_a_day, "platform in minutes_a_day")
        for platform, drift in profile.minutes_drift_per_year.items():
            minutes = profile.minutes_a_day.get(platform, 0.0) * math.exp(min(drift * years, 50.0))
            if minutes > MINUTES_A_DAY >= profile.minutes_a_day.get(platform, 0.0):
                yield fault(
                    f"{at}.{platform}",
                    drift,
                    f"would make {minutes:.0f} minutes a day at the end of the run, of {MINUTES_A_DAY:.0f}",
                    "lower it",
                )
