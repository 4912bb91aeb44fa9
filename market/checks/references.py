"""Ids that a case names must be among those that it lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.checks.common import ELSEWHERE, fault, known

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def references(case: Case) -> Iterator[Fault]:
    """Faults where an id points at nothing."""
    organisations, places = case.organisations, {*case.platforms, ELSEWHERE}
    for key, car in case.cars.items():
        at = f"cars.{key}"
        yield from known(f"{at}.maker", [car.maker], organisations, "organisation")
        yield from known(f"{at}.brand", [car.brand], {*case.brands, *organisations}, "brand or organisation")
        yield from known(f"{at}.base_car", [car.base_car], case.cars, "car")
        yield from known(f"{at}.swap_operator", [car.swap_operator], organisations, "organisation")
        yield from known(f"{at}.channels", car.channels, case.channels, "channel")
        yield from known(f"{at}.channels_in_reserve", car.channels_in_reserve, case.channels, "channel")
        yield from known(f"{at}.packages", car.packages, case.packages, "package")
        yield from known(f"{at}.face", car.face, organisations, "organisation")
        yield from known(f"{at}.roles", car.roles, case.functions, "function")
        for function, row in car.roles.items():
            yield from known(f"{at}.roles.{function}", row, organisations, "organisation")
        yield from known(f"{at}.exposure.mix", car.exposure.mix, places, "platform (or elsewhere)")
    for key, channel in case.channels.items():
        yield from known(f"channels.{key}.platform", [channel.platform], case.platforms, "platform")
    for key, package in case.packages.items():
        yield from known(f"packages.{key}.provider", [package.provider], organisations, "organisation")
    for key, plan in case.plans.items():
        yield from known(f"plans.{key}.cars", plan.cars or [], case.cars, "car")
        for other in case.cars if plan.cars is None else plan.cars:
            if other in case.cars and plan.discount_cny >= case.cars[other].price_cny:
                limit = f"must be below cars.{other}.price_cny ({case.cars[other].price_cny:g})"
                yield fault(f"plans.{key}.discount_cny", plan.discount_cny, limit, "lower it")
    for key, profile in case.profiles.items():
        yield from known(f"profiles.{key}.minutes_a_day", profile.minutes_a_day, case.platforms, "platform")
        yield from known(f"profiles.{key}.channels", profile.channels, case.channels, "channel")
    for key, organisation in organisations.items():
        yield from known(
            f"organisations.{key}.swap_coverage", organisation.swap_coverage, case.population.tiers, "city tier"
        )
    if "definition" not in case.functions:
        yield fault("functions", list(case.functions), "definition must be among them", "add definition")
