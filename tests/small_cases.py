"""Small cases with every mechanism switched off unless a test asks for it, and ways to compare two markets."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market import Case, Market
from market.calendar import DAYS, Round, Season
from market.happenings import FAILURES

START = datetime.date(2025, 1, 6)
NO_SEASON = {f"calendar.season.{month}": 1.0 for month in Season.model_fields}
NO_DRIFT = {"drift.permanent_sd_per_month": 0.0, "drift.transitory_sd_per_month": 0.0}
DEPOSIT_FIRST = {"deposit_first": True, "deposit_cny": 2_000.0, "reservation_weeks": 0.5, "lock_weeks": 1.0}
NO_TIES = {"acquaintances.degree": 0, "acquaintances.followees": 0.0}
NOBODY_CANCELS = {"orders.calm_per_week": 0.0, "orders.reservation_loss_per_week": 0.0, "orders.late_per_week": 0.0}

NO_FAILURES = {f"failures.{kind}.per_thousand": 0.0 for kind in FAILURES} | {"firestorm.threshold": 0.0}
NO_NEWS = {
    "news.talk_per_tie_per_day": 0.0, "news.pool_per_day": 0.0, "news.witnesses": 0.0, "news.feed.contacts_per_day": 0.0,
    "deferral.share": 0.0,
}  # fmt: skip
NO_TRUST = {
    "trust.loss_weight": 0.0, "trust.gain_weight": 0.0, "trust.experienced": 0.0, "trust.heard": 0.0,
    "trust.remedied": 0.0, "trust.choice_weight": 0.0, "trust.cancelling_per_week": 0.0,
    "attribution.trust_sensitivity": 0.0, "attribution.shifted": 0.0,
}  # fmt: skip
NO_FRICTION = {
    "responsibility.lead_weeks": 0.0, "transition.friction": 0.0, "alliance.strain_per_shift": 0.0,
    "alliance.friction_effect": 0.0, "alliance.disagreement": 0.0,
}  # fmt: skip
NO_CARE = {
    "aftersales.trust": 0.0, "aftersales.capability": 0.0, "aftersales.package": 0.0, "aftersales.habit": 0.0,
    "aftersales.service_worth": 0.0, "aftersales.soothing": 0.0, "aftersales.referral": 0.0,
    "aftersales.time_on_platform": 0.0, "aftersales.platform_loyalty": 0.0,
}  # fmt: skip
STEADY_INDUSTRY = {
    "imitation.per_week": 0.0, "capability_learning.rate": 0.0, "swap_network.per_week": 0.0,
    "traffic.contact_cny": 0.0, "traffic.elasticity": 0.0, "traffic.other_growth_per_year": 0.0,
}  # fmt: skip
NO_TOTALS = {
    "capability_learning.rate": 0.0, "swap_network.per_week": 0.0, "aftersales.time_on_platform": 0.0,
    "traffic.elasticity": 0.0, "traffic.other_growth_per_year": 0.0, "firestorm.threshold": 0.0,
    "news.feed.contacts_per_day": 0.0, "news.ends_below": 0.0,
}  # fmt: skip
"""Nothing depends on what consumers do all together, so that one more of them can change nobody."""

HEART_OFF = NO_FAILURES | NO_NEWS | NO_TRUST | NO_FRICTION | NO_CARE | STEADY_INDUSTRY
"""Every mechanism of failures, news, trust, roles, owners and industry switched off: what is left is the old market of
choices, orders and supply, in which its laws hold exactly."""


def named(key: str) -> dict[str, dict[str, str]]:
    """A name in both languages."""
    return {"name": {"en": key, "zh": key}}


def car(maker: str, price_cny: float, **fields: Any) -> dict[str, Any]:
    """A car with ample supply and wide exposure."""
    ordinary = {
        **named(maker), "fictional": {"en": maker, "zh": maker}, "brand": maker, "maker": maker, "price_cny": price_cny,
        "range_km": 450.0, "appeal": 5.0, "channels": ["shop"], "exposure": {"contacts_per_week": 0.1},
        "production": {"capacity_per_week": 1e6, "inventory_weeks": 2.0},
    }  # fmt: skip
    return ordinary | fields


def small_case(heart: bool = False, **changes: Any) -> Case:
    """Three makers with a car each, one of them also sold on line with a deposit first; `changes` by full name.

    Without `heart`, HEART_OFF holds but for what `changes` say.
    """
    makers = {key: {**named(key), "fictional": {"en": key, "zh": key}, "kind": "oem"} for key in ("ann", "bob", "cat")}
    plain = {
        **named("plain"), "share": 1.0, "search_weeks": {"median": 4.0, "sigma": 0.5}, "minutes_a_day": {},
        "price_per_10k_cny": {"median": -0.6, "sigma": 0.3},
    }  # fmt: skip
    case = Case.parse(
        {
            "title": {"en": "small", "zh": "小"},
            "summary": {"en": "for tests", "zh": "测试"},
            "calendar": {"start": START.isoformat(), "weeks": 30},
            "population": {
                "consumers": 2_000, "market_size": 1e5, "horizon_weeks": 30, "history_weeks": 20,
                "strata": [{"id": "all", "share": 1.0, "budget_cny": [60_000, 100_000]}], "tiers": {"city": 1.0},
            },
            "profiles": {"plain": plain},
            "organisations": makers,
            "cars": {
                "a": car("ann", 80_000.0),
                "b": car("bob", 90_000.0, channels=["shop", "web"]),
                "c": car("cat", 70_000.0),
            },
            "channels": {"shop": named("shop"), "web": {**named("web"), **DEPOSIT_FIRST}},
            "packages": {"standard": named("standard")},
            "plans": {"buy": named("buy")},
        }
    )  # fmt: skip
    ground: dict[str, Any] = {**NO_SEASON, **NO_DRIFT, **({} if heart else HEART_OFF)}
    return case.change(ground | {name.replace("__", "."): value for name, value in changes.items()})


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


def rounds(market: Market) -> list[Round]:
    """The rounds of the week that comes next."""
    return market.agenda.rounds(market.clock, market.week, stories_live=market.opinion.live)


def acts(market: Market, until: str | None = None) -> Iterator[tuple[str, Round]]:
    """Run one week act by act: yields each act and its round just before the act takes place."""
    for this in rounds(market):
        for act in market.ACTS:
            yield act, this
            getattr(market, act)(this)
    market.week += 1


FLOWS = ("orders", "cancellations", "deliveries")


def flows(market: Market, names: Iterable[str] = FLOWS) -> dict[str, NDArray[np.float64]]:
    """Households by week and car."""
    return {name: market.ledger.by_car(name) for name in names}
