"""Modes, partners, capability and responsibility of a case: slots, tasks, tiers and functions that must exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.cars import FUNCTIONS
from market.checks.common import known
from market.modes import PARTNERS
from market.organisations import TASKS

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def modes(case: Case) -> Iterator[Fault]:
    """Faults of modes and of what follows from roles."""
    for key, car in case.cars.items():
        yield from known(f"cars.{key}.partners", car.partners, PARTNERS, "partner slot")
        for slot, partner in car.partners.items():
            yield from known(f"cars.{key}.partners.{slot}", [partner], case.organisations, "organisation")
    for key, organisation in case.organisations.items():
        at = f"organisations.{key}.capability"
        yield from known(at, organisation.capability, TASKS, "task")
        for task, by_tier in organisation.capability.items():
            yield from known(f"{at}.{task}", by_tier, case.population.tiers, "city tier")
    functions = {*case.functions, *FUNCTIONS}
    yield from known("responsibility.control", case.responsibility.control, functions, "function")
    yield from known("responsibility.interface", case.responsibility.interface, functions, "function")
    for coupled in case.responsibility.couplings:
        at = f"responsibility.couplings.{coupled.id}"
        yield from known(f"{at}.first", [coupled.first], functions, "function")
        yield from known(f"{at}.second", [coupled.second], functions, "function")
    yield from known("display.focal_car", [case.display.focal_car], case.cars, "car")
