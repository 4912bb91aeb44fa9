"""Two markets side by side: all that each knows and has written down, and where they are not equal to the bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market import Case, Market
from market.calendar import DAYS


def content(case: Case) -> dict[str, Any]:
    """A case as plain tables."""
    tables: dict[str, Any] = json.loads(case.model_dump_json())
    return tables


def state(market: Market) -> dict[str, NDArray[Any]]:
    """All that a market knows and has written down, by name."""
    ledger, supply = market.ledger, market.supply
    kept: dict[str, NDArray[Any]] = {f"ledger.{name}": flow for name, flow in ledger.flows.items()}
    kept |= {
        f"ledger.{name}": getattr(ledger, name)
        for name in ("revenue_cny", "in_market", "backlog", "outside", "attention", "makers_customising")
    }
    kept |= {f"consumers.{name}": column for name, column in market.consumers.columns.items()}
    kept |= {"waiting": market.book.waiting, "stock": supply.stock, "built": supply.built}
    kept |= {"contacts": market.demand.memory.contacts, "excitement": market.demand.memory.excitement}
    return kept | heart(market)


def heart(market: Market) -> dict[str, NDArray[Any]]:
    """What is known of roles, trust, blame, owners, money and stories, by name."""
    owners, industry, opinion = market.owners, market.industry, market.opinion
    kept: dict[str, NDArray[Any]] = {f"standing.{name}": table for name, table in market.standing.by_profile.items()}
    kept |= {f"owners.{name}": getattr(owners, name) for name in ("handed_over", "renting", "cared")}
    kept |= {"roles": market.catalogue.roles, "friction": market.partnership.friction(float(market.week * DAYS))}
    kept |= {"ratio": market.standing.blame_to_control, "definition_power": market.standing.definition_power}
    kept |= {"trust": market.trust.deviation(np.arange(len(market.consumers)), market.week * DAYS)}
    kept |= {"lost": opinion.lost, "deferred": opinion.deferred, "spent": owners.accounts.spent}
    kept |= {f"heard.{story.word}": story.heard for story in opinion.stories.live}
    kept |= {"books": industry.accounts.books.flow, "capability": market.capability.now, "swap": industry.swap.opened}
    return kept | {"events": np.array([tuple(map(str, event)) for event in market.events.written])}


def differing(first: dict[str, NDArray[Any]], second: dict[str, NDArray[Any]]) -> list[str]:
    """Names of what is not equal to the bit."""
    alone = set(first) ^ set(second)
    return [
        name
        for name in first | second
        if name in alone or first[name].shape != second[name].shape or first[name].tobytes() != second[name].tobytes()
    ]
