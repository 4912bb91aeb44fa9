"""Who stands around the consumers: platforms, makers, energy companies and dealers.

A case lists them by id with a real and a fictional name; `market.agents` puts them to work.
"""

from __future__ import annotations

from typing import Literal

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
