"""Who stands around the consumers: platforms, makers, energy companies and dealers.

They are few and ordinary Mesa agents. A case lists them by id with a real and a fictional name.
"""

from __future__ import annotations

from typing import Any, Literal

import mesa

from market.fields import Id, Section, Share, Text, value

Kind = Literal["platform", "oem", "energy", "dealer"]


class Organisation(Section):
    """One organisation of a case."""

    kind: Kind = value(..., unit="", meaning="platform, oem, energy company or dealer group", grade="B", source="press")
    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")
    swap_coverage: dict[Id, Share] = value(
        dict, unit="share of consumers", meaning="consumers with one of its swap stations within 5 km, by city tier",
    )  # fmt: skip


class Brand(Section):
    """The name on the car, where it is not the maker's own."""

    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")


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
