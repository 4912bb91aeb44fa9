"""What things are called and which colour they wear, for one case, language and choice of real or fictional names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from market import Case

from dashboards import colours, texts
from dashboards.texts import Language

SECTIONS = {"brand": "brands", "car": "cars", "maker": "organisations", "definer": "organisations", "channel": "channels"}
"""The section of a case that names what a chart is grouped by."""

MANY = ("rest", "other")
"""Ids that begin so stand for many cars, brands or makers; they wear grey, and none of them leads."""


def stands_for_many(key: str) -> bool:
    """Whether an id is a group of unlisted cars, brands or makers rather than one."""
    return key.startswith(MANY)


def platform_cars(case: Case) -> list[str]:
    """Cars that a platform helps to define: what the title asks about."""
    platforms = set(case.platforms)
    return [key for key, car in case.cars.items() if any(o in platforms and part > 0 for o, part in car.holders("definition").items())]


def identities(case: Case) -> dict[str, dict[str, colours.Ink]]:
    """The colour of every brand, car, organisation and channel: platform cars first, then in the order of the case."""
    focal = platform_cars(case)
    cars = sorted(case.cars, key=lambda key: (stands_for_many(key), key not in focal))
    of_brand = {key: case.cars[key].brand for key in cars}
    brands = colours.inks(of_brand.values(), frozenset(filter(stands_for_many, of_brand.values())))
    makers: dict[str, colours.Ink] = {}
    for key in cars:
        makers.setdefault(case.cars[key].maker, brands[of_brand[key]])
    platforms = colours.inks([*[f"#{n}" for n in range(len(set(of_brand.values())) - 1)], *case.platforms])
    organisations = {**{key: platforms[key] for key in case.platforms}, **makers}
    rest = [key for key in case.organisations if key not in organisations]
    organisations |= colours.inks(rest)
    own_shade = sorted(cars, key=lambda key: (stands_for_many(key), key in focal and len(focal) < list(of_brand.values()).count(of_brand[key])))
    return {
        "brand": brands,
        "car": {**colours.shades({key: of_brand[key] for key in cars}, brands)},
        "maker": {key: organisations[key] for key in own_shade and organisations},
        "definer": organisations,
        "channel": colours.inks(case.channels),
    }
