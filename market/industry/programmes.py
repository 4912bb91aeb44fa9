"""Programmes of reverse customisation as a case states them, and what came of each proposal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from market.fields import Id, Section, Share, value
from market.industry.audience import Hearing
from market.industry.bargaining import Terms
from market.industry.design import Policy
from market.industry.options import Levels, Options

if TYPE_CHECKING:
    import pandas as pd

    from market.catalogue import Catalogue


class Approach(Section):
    """How a platform looks for a car: whom it asks, what may be chosen, and on which terms."""

    policy: Policy = value(
        "mean-taste", unit="", meaning="maker-knows-best, mean-taste, segment, individual: how a design is picked"
    )
    hearing: Hearing = value(Hearing, unit="", meaning="how the audience is asked")
    options: Options = value(Options, unit="", meaning="what may be chosen")
    terms: Terms = value(Terms, unit="", meaning="what is bargained about")
    planning_weeks: float = value(
        156.0, unit="weeks", meaning="horizon of the profits that both parties predict", gt=0.0, le=1_040.0
    )


class Programme(Approach):
    """One product that a platform and a maker may bring to market: planned cars of the case wait for it."""

    platforms: list[Id] = value(..., unit="ids", meaning="platforms that may propose it", min_length=1)
    cars: list[Id] = value(
        ..., unit="ids", meaning="planned cars (on_sale = false) for it; their makers are the candidates", min_length=1
    )
    start: date = value(..., unit="date", meaning="first day on which it may be proposed", grade="D")
    after: Id | None = value(
        None, unit="id", meaning="programme that must have launched before; its maker is the partner known; none: first"
    )
    pause_weeks: float = value(
        13.0, unit="weeks", meaning="from the launch of that programme to this proposal", ge=0.0, le=520.0
    )
    retry_weeks: float | None = value(
        26.0, unit="weeks", meaning="from a refusal to the next proposal; none: a refusal is final", ge=1.0, le=520.0
    )


class Imitation(Section):
    """How other makers let a platform define one of their cars."""

    per_week: float = value(
        0.01, unit="per week", meaning="hazard of a maker with idle lines at full visible success; 0: nobody imitates",
        ge=0.0, le=10.0,
    )  # fmt: skip
    visible_share: float = value(
        0.01, unit="share of deliveries", meaning="share of customised cars at which 63 % of their success is seen",
        gt=0.0, le=1.0,
    )  # fmt: skip
    idle_weight: Share = value(
        0.5, unit="share", meaning="part of the hazard that goes with the maker's idle capacity; 0: none"
    )
    approach: Approach = value(
        lambda: Approach(options=Options(price_share=Levels())), unit="",
        meaning="how an imitator's car is customised; unless said otherwise its price stays as it is",
    )  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """A proposal on which nobody agreed. `platform` and `maker` came closest; None where nobody could gain."""

    programme: str
    platform: str | None
    maker: str | None


@dataclass(frozen=True)
class Redesign:
    """A car that a platform and its maker agreed on; the market writes it into its catalogue on receipt."""

    programme: str
    platform: str
    maker: str
    car: int
    """position in the catalogue"""
    attributes: dict[str, float]
    """range_km, fast_charge, intelligence, quality; price_cny where the deal changes it"""
    definition: NDArray[np.float64]
    """(organisations,) the new row of its definition, summing to 1"""
    transfer_cny: float
    """CNY that the maker pays the platform for each car sold; below 0: the other way"""
    launch_day: int | None
    """day of the run on which it comes to market; None: it is on sale already"""

    def write(self, catalogue: Catalogue) -> None:
        """Put the design, its price, its definer and its launch into a catalogue."""
        for name, number in self.attributes.items():
            getattr(catalogue, name)[self.car] = number
        catalogue.roles[self.car, catalogue.functions.index("definition")] = self.definition
        if self.launch_day is not None:
            catalogue.launch_day[self.car] = self.launch_day
            catalogue.opens_day[self.car] = min(int(catalogue.opens_day[self.car]), self.launch_day)


@dataclass(frozen=True)
class Proposal:
    """One row of the record: what was proposed, predicted and agreed. Profits in CNY over the planning horizon."""

    week: int
    programme: str
    platform: str
    maker: str
    car: str
    agreed: bool
    definition_share: float
    transfer_cny: float
    """of the maker to the platform, per car"""
    predicted_cars: float
    """households that would buy any car of the line-up over the horizon"""
    platform_cny: float
    maker_cny: float
    data: float
    """owners known to the platform"""
    depth: float
    lead_weeks: float
    range_km: float
    fast_charge: float
    intelligence: float
    quality: float
    price_cny: float


def proposal_table(proposals: Sequence[Proposal]) -> pd.DataFrame:
    """Proposals as a table, one row per car proposed."""
    import pandas as pd

    columns = list(Proposal.__dataclass_fields__)
    return pd.DataFrame([[getattr(p, name) for name in columns] for p in proposals], columns=columns)
