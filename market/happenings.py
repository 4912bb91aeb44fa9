"""Happenings: dated events from outside. One vocabulary for case files, sweeps and the browser.

A happening is data. What it does is said in `market.effects`, in one place; to add a kind, write its class here, list
it in `Happening`, and say there what it does.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

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
        None, unit="date", meaning="from when people know; none: all along", grade="B", source="press"
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


FailureKind = Literal[
    "delivery_delay", "quality_defect", "service_failure", "swap_trouble", "claim_dispute", "undisclosed_term",
    "partners_disagree",
]  # fmt: skip
FAILURES: tuple[FailureKind, ...] = get_args(FailureKind)


class Failure(Dated):
    """Something goes wrong around a car and becomes known: the beginning of a story."""

    kind: FailureKind
    car: Id = value(..., unit="id", meaning="which car")
    severity: float = value(1.0, unit="ratio", meaning="how bad it is, 1: usual; 0: nothing happens", ge=0.0, le=10.0)
    contribution: Shares = value(
        dict, unit="share", meaning="assumed contribution by organisation; empty: what roles and kind imply"
    )
    known: bool = value(
        True, unit="", meaning="false: who contributed is unknown, only the blame that people give is reported"
    )
    plan: Id | None = value(
        None,
        unit="id",
        meaning="concerns those under this energy plan only, whose terms become known; none: all",
    )
    attention: float = value(
        0.0,
        unit="heat",
        meaning="mass attention it starts with, 1: as hot as usual topics",
        ge=0.0,
        le=1e6,
    )
    mix: Shares = value(lambda: {"elsewhere": 1.0}, unit="share", meaning="where that attention is")


class Answer(Dated):
    """What organisations say and do about a failure, alone or jointly; how late shows in its date."""

    kind: Literal["answer"] = "answer"
    to: Id = value(..., unit="id", meaning="the failure it answers: the id of a happening")
    by: list[Id] = value(..., unit="ids", meaning="organisations that answer with one voice", min_length=1)
    admission: float = value(
        0.0,
        unit="share",
        meaning="part of the blame they take upon themselves in the public's eyes; below 0: they deny it",
        ge=-1.0,
        le=1.0,
    )
    shift_to: Id | None = value(None, unit="id", meaning="partner whom they blame instead; none: nobody")
    remedy_cny: float = value(
        0.0, unit="CNY", meaning="worth of the remedy to each household concerned, paid while budgets last", ge=0.0,
        le=1e6,
    )  # fmt: skip
    directly: Share = value(
        0.5, unit="share", meaning="part of those concerned who are told at once, by letter or in the app; 0: nobody"
    )
    refund: bool = value(False, unit="", meaning="orders concerned can be cancelled without losing a deposit")
    information: bool = value(False, unit="", meaning="ends what keeps the story alive: the open question is answered")
    attention: float = value(
        0.0, unit="heat", meaning="mass attention that it brings: the story is told again", ge=0.0,
        le=1e6,
    )  # fmt: skip
    mix: Shares = value(lambda: {"elsewhere": 1.0}, unit="share", meaning="where that attention is")


class Move(Section):
    """A role, or part of one, goes from one organisation to another, at a cost and with a time of learning.

    From who holds nothing of it on that day nothing moves, and nothing is paid.
    """

    id: Id = Field(description="what the decision is called")
    car: Id = value(..., unit="id", meaning="which car")
    function: Id = value(..., unit="id", meaning="which function")
    giver: Id = value(..., unit="id", meaning="organisation that gives it away", alias="from")
    taker: Id = value(..., unit="id", meaning="organisation that takes it over", alias="to")
    share: Share = value(1.0, unit="share", meaning="part of what the giver holds that moves")
    setup_cny: float = value(0.0, unit="CNY", meaning="paid once by the taker", ge=0.0, le=1e12)
    unit_cost_cny: float = value(0.0, unit="CNY", meaning="paid by the taker for each car handed over", ge=0.0, le=1e6)
    learning_weeks: float = value(
        0.0, unit="weeks", meaning="until the taker does it as well as it can; friction is raised until then", ge=0.0,
        le=520.0,
    )  # fmt: skip


class Decision(Move):
    """A move of a role that a case has planned."""

    start: date = value(..., unit="date", meaning="day on which the role moves")


class RoleMove(Dated, Move):
    """A move of a role as a dated event."""

    kind: Literal["decision"] = "decision"


class Exit(Dated):
    """An organisation leaves a car: another takes over what it held."""

    kind: Literal["exit"] = "exit"
    car: Id = value(..., unit="id", meaning="which car")
    leaver: Id = value(..., unit="id", meaning="organisation that leaves")
    heir: Id = value(..., unit="id", meaning="organisation that takes over its functions")


Happening = Annotated[
    PriceChange
    | Promotion
    | TaxCliff
    | Launch
    | CapacityChange
    | RevealedTerm
    | MediaBurst
    | Failure
    | Answer
    | RoleMove
    | Exit,
    Field(discriminator="kind"),
]
