"""Small cases with every mechanism switched off unless somebody asks for it."""

from __future__ import annotations

import datetime
from typing import Any

from market import Case
from market.calendar import Season
from market.happenings import FAILURES

START = datetime.date(2025, 1, 6)
NO_SEASON = {f"calendar.season.{month}": 1.0 for month in Season.model_fields}
NO_DRIFT = {"drift.permanent_sd_per_month": 0.0, "drift.transitory_sd_per_month": 0.0}
DEPOSIT_FIRST = {"deposit_first": True, "deposit_cny": 2_000.0, "reservation_weeks": 0.5, "lock_weeks": 1.0}
NO_TIES = {"acquaintances.degree": 0, "acquaintances.followees": 0.0}
NOBODY_CANCELS = {"orders.calm_per_week": 0.0, "orders.reservation_loss_per_week": 0.0, "orders.late_per_week": 0.0}

NO_FAILURES = {f"failures.{kind}.per_thousand": 0.0 for kind in FAILURES} | {"firestorm.threshold": 0.0}
NO_NEWS = {
    "news.talk_per_tie_per_day": 0.0, "news.pool_per_day": 0.0, "news.witnesses": 0.0,
    "news.feed.contacts_per_day": 0.0, "deferral.share": 0.0,
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
            "summary": {"en": "three makers, a car each", "zh": "三家车企，各一款车"},
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
