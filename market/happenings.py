"""Happenings: dated events from outside. One vocabulary for case files, sweeps and the browser.

A happening is data. What it does is said in `market.effects`, in one place; to add a kind, write its class here, list
it in `Happening`, and say there what it does.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from market.fields import Id, Section, Share, Shares, Text, value


class Dated(Section):
    """What all happenings have."""

    id: Id = Field(description="what the happening is called")
    on: date = value(..., unit="date", meaning="day on which it happens", grade="B", source="press")
    title: Text | None = value(None, unit="", meaning="a line for figures and the time line", source="design")


class PriceChange(Dated):
    """A new list price."""

    kind: Literal["price_change"] = "price_change"
    car: Id = value(..., unit="id", meaning="which car")
    price_cny: float = value(..., unit="CNY", meaning="the new list price", gt=0.0, le=1e7)


class Promotion(Dated):
    """A discount for a time."""

    kind: Literal["promotion"] = "promotion"
    car: Id = value(..., unit="id", meaning="which car")
    discount_cny: float = value(..., unit="CNY", meaning="taken off the list price", ge=0.0, le=1e7)
    until: date = value(..., unit="date", meaning="first day without the discount")


class TaxCliff(Dated):
    """A tax advantage ends: purchases are pulled forward across the day."""

    kind: Literal["tax_cliff"] = "tax_cliff"
    pull_forward_weeks: float = value(
        8.0, unit="weeks", meaning="how far around the day demand moves", gt=0.0, le=104.0
    )
    pull_forward_share: Share = value(
        ..., unit="share", meaning="part of the demand of the weeks after that moves before"
    )
    announced: date | None = value(
        None, unit="date", meaning="from when people know; none: from the start", grade="B", source="press"
    )


class Launch(Dated):
    """A car of the case comes to market, whatever its own launch date says."""

    kind: Literal["launch"] = "launch"
    car: Id = value(..., unit="id", meaning="which car")
    contacts: float = value(
        0.0, unit="contacts", meaning="media contacts of an average consumer on the day", ge=0.0, le=1e3
    )
    mix: Shares = value(lambda: {"elsewhere": 1.0}, unit="share", meaning="where they happen")
    excitement: float = value(0.0, unit="ratio", meaning="multiplies impulsiveness while it lasts", ge=0.0, le=1e9)


class CapacityChange(Dated):
    """A line builds more or fewer cars from now on."""

    kind: Literal["capacity_change"] = "capacity_change"
    car: Id = value(..., unit="id", meaning="which car")
    capacity_per_week: float = value(..., unit="cars a week", meaning="capacity in full swing", ge=0.0, le=1e7)


class RevealedTerm(Dated):
    """A term of a plan that was reported as not displayed at purchase becomes known."""

    kind: Literal["revealed_term"] = "revealed_term"
    plan: Id = value(..., unit="id", meaning="which energy plan")
    cancelling: float = value(
        0.3, unit="per week", meaning="added hazard of cancelling for those who ordered under the plan", ge=0.0, le=1e3,
    )  # fmt: skip
    half_life_weeks: float = value(
        1.0,
        unit="weeks",
        meaning="half-life of that hazard",
        gt=0.0,
        le=1e6,
        grade="A",
        source="attention with flare-ups: 7 days",
    )


class MediaBurst(Dated):
    """A campaign, a launch event or a hot topic around a car."""

    kind: Literal["media_burst"] = "media_burst"
    car: Id = value(..., unit="id", meaning="which car")
    contacts: float = value(..., unit="contacts", meaning="media contacts of an average consumer", ge=0.0, le=1e3)
    mix: Shares = value(lambda: {"elsewhere": 1.0}, unit="share", meaning="where they happen")
    excitement: float = value(0.0, unit="ratio", meaning="multiplies impulsiveness while it lasts", ge=0.0, le=1e9)


Happening = Annotated[
    PriceChange | Promotion | TaxCliff | Launch | CapacityChange | RevealedTerm | MediaBurst,
    Field(discriminator="kind"),
]
