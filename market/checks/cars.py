"""Cars of a case: how many, dates in order, lines, swaps and plans."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from market.catalogue import offers_of
from market.checks.common import fault

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault

MOST_CARS = 60
MOST_OFFERS = 512


def cars(case: Case) -> Iterator[Fault]:
    """Faults of cars."""
    if len(case.cars) > MOST_CARS:
        yield fault("cars", len(case.cars), f"at most {MOST_CARS} cars", "put small ones into a rest group")
    if (count := len(offers_of(case.cars, case.plans))) > MOST_OFFERS:
        yield fault(
            "cars", f"{count} offers", f"at most {MOST_OFFERS} offers", "list fewer channels, packages or plans"
        )
    for key, car in case.cars.items():
        dates = [("reservations_from", car.reservations_from), ("launch", car.launch), ("withdrawn", car.withdrawn)]
        given = [(name, day) for name, day in dates if day is not None]
        for (first, earlier), (second, later) in pairwise(given):
            if later < earlier:
                yield fault(
                    f"cars.{key}.{second}",
                    later,
                    f"must not be before {first} ({earlier})",
                    "swap or correct the dates",
                )
        if car.base_car is not None and (car.base_car == key or _base_is_built_on_another(case, car.base_car)):
            yield fault(
                f"cars.{key}.base_car",
                car.base_car,
                "must be another car with a line of its own",
                "name the car whose line it is",
            )
        if car.swap and car.swap_operator is None:
            yield fault(
                f"cars.{key}.swap_operator",
                None,
                "needed when swap is true",
                "name who runs the stations, or set swap = false",
            )
        if not any(plan.cars is None or key in plan.cars for plan in case.plans.values()):
            yield fault(f"cars.{key}", "no energy plan", "at least one plan must offer it", "list the car in a plan")
        if both := sorted({*car.channels} & {*car.channels_in_reserve}):
            yield fault(
                f"cars.{key}.channels_in_reserve", both, "sell it from the start", "list each channel in one of the two"
            )
        for name in ("channels", "channels_in_reserve", "packages"):
            listed = getattr(car, name)
            if len(set(listed)) < len(listed):
                yield fault(f"cars.{key}.{name}", listed, "names something twice", "list each once")


def _base_is_built_on_another(case: Case, key: str) -> bool:
    """Whether the base of a car has itself a base."""
    return key in case.cars and case.cars[key].base_car is not None
