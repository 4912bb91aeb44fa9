"""Organisations at work in a market: few, and ordinary Mesa agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mesa

from market.organisations import Organisation


class OrganisationAgent(mesa.Agent):
    """An organisation at work in a market."""

    def __init__(self, model: Any, key: str, section: Organisation) -> None:
        """Enter the market under the id that the case gives."""
        super().__init__(model)
        self.key, self.kind, self.swap_coverage = key, section.kind, dict(section.swap_coverage)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.key}>"


class Platform(OrganisationAgent):
    """Owns an audience: a shop, a live stream, a ride-hailing app."""


class OEM(OrganisationAgent):
    """Makes cars."""


class EnergyCompany(OrganisationAgent):
    """Makes, owns or swaps battery packs."""


class Dealer(OrganisationAgent):
    """Sells and services cars for makers."""


AGENTS: dict[str, type[OrganisationAgent]] = {
    "platform": Platform,
    "oem": OEM,
    "energy": EnergyCompany,
    "dealer": Dealer,
}


def agents_of(model: Any, sections: Mapping[str, Organisation]) -> dict[str, OrganisationAgent]:
    """The organisations of a case as agents, by id in alphabetical order."""
    return {key: AGENTS[section.kind](model, key, section) for key, section in sorted(sections.items())}
