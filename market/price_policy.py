"""How the price of a car is set: its section of the case. The rules themselves stand in `market.industry`."""

from __future__ import annotations

from typing import Literal

from market.fields import Section, value

Policy = Literal["fixed", "inventory", "best_response"]


class Pricing(Section):
    """Who reviews the list price of one car, how often, and how far it may move.

    Dated price changes and promotions of a case come on top: a price that a happening sets becomes the one from which
    `lowest` and `highest` are counted.
    """

    policy: Policy = value(
        "fixed",
        unit="",
        meaning="fixed: never reviewed (off); inventory: follows the stock; best_response: the highest profit of its "
        "maker at the present prices of all others",
        source="list prices and their dated changes are data of a case",
    )
    every_weeks: int = value(4, unit="weeks", meaning="time between two reviews", ge=1, le=520)
    step: float = value(
        0.03, unit="share of the price", meaning="largest change at one review; 0: no change", ge=0.0, le=1.0
    )
    target_stock_weeks: float = value(
        6.0, unit="weeks of sales", meaning="free stock at which the inventory rule leaves the price alone", ge=0.0,
        le=104.0, grade="C", source="dealer inventory factor about 1.4 months, 2025",
    )  # fmt: skip
    lowest: float = value(0.85, unit="share of the list price", meaning="floor of the price", ge=0.0, le=1.0)
    highest: float = value(1.05, unit="share of the list price", meaning="ceiling of the price", ge=1.0, le=10.0)
