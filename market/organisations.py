"""Who stands around the consumers: platforms, makers, energy companies and dealers.

A case lists them by id with a real and a fictional name; `market.agents` puts them to work. What an organisation can
do around a car is its capability, by task and city tier: three thousand film shops are not a car service network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from market.fields import Id, Section, Share, Text, value

Kind = Literal["platform", "oem", "energy", "dealer"]
Task = Literal[
    "film_accessories", "care", "warranty_repair", "high_voltage_repair", "swap", "test_drive", "delivery"
]  # fmt: skip
TASKS: tuple[Task, ...] = get_args(Task)

USUAL: Mapping[Kind, Mapping[Task, float]] = MappingProxyType({
    "platform": {},
    "oem": {
        "film_accessories": 0.4, "care": 0.6, "warranty_repair": 0.8, "high_voltage_repair": 0.6, "test_drive": 0.8,
        "delivery": 0.8,
    },
    "energy": {"high_voltage_repair": 0.4},
    "dealer": {
        "film_accessories": 0.6, "care": 0.7, "warranty_repair": 0.7, "high_voltage_repair": 0.4, "test_drive": 0.8,
        "delivery": 0.8,
    },
})  # fmt: skip
"""Capability of a usual organisation of each kind in every city tier, where a case states none (judgement, grade D): a
maker's includes the shops under its name. A task that is not listed: none."""


class Organisation(Section):
    """One organisation of a case."""

    kind: Kind = value(..., unit="", meaning="platform, oem, energy company or dealer group", grade="B", source="press")
    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")
    swap_coverage: dict[Id, Share] = value(
        dict, unit="share of consumers", meaning="consumers with one of its swap stations within 5 km, by city tier",
    )  # fmt: skip
    capability: dict[Id, dict[Id, Share]] = value(
        dict, unit="0-1", meaning="how well it does a task, by task and city tier, 0: not at all; missing: as is usual",
    )  # fmt: skip
    trust: float = value(
        0.6, unit="0-1", meaning="trust that consumers have in it when nothing has happened", gt=0.0, lt=1.0
    )
    remedy_budget_cny: float | None = value(
        None, unit="CNY", meaning="what it can pay for remedies during a run; none: no limit", ge=0.0, le=1e13
    )

    def able(self, task: Task, tier: str) -> float:
        """How well it does a task in a city tier, 0 to 1: as stated, or as is usual for its kind."""
        return self.capability.get(task, {}).get(tier, USUAL[self.kind].get(task, 0.0))


def capability(organisations: Mapping[str, Organisation], tiers: Sequence[str]) -> NDArray[np.float64]:
    """What organisations can do at the start: (organisations, tasks, tiers) in 0-1, organisations in sorted order.

    >>> text = {"en": "a", "zh": "a"}
    >>> shop = Organisation(kind="platform", name=text, fictional=text, capability={"care": {"town": 0.5}})
    >>> capability({"shop": shop}, ["town"])[0, TASKS.index("care")].tolist()
    [0.5]
    """
    table = [
        [[organisations[key].able(task, tier) for tier in tiers] for task in TASKS] for key in sorted(organisations)
    ]
    return np.array(table, float).reshape(len(organisations), len(TASKS), len(tiers))


class Brand(Section):
    """The name on the car, where it is not the maker's own."""

    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")
