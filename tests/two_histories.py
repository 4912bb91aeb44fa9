"""Cases for the reference market and the market to go through together, and what may differ between their histories."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from experiments.reference import ReferenceMarket
from market import Case, Market
from market.calendar import DAYS, Season
from market.ledger import FLOWS
from market.people.grievance import faded
from market.people.orders import IDLE, SEARCHING

STATE = ("stage", "spell", "offer", "car", "car_week", "driven", "driven_week", "owned", "provider")
WHOLE_WEEKS = 20

START = date(2025, 10, 6)
AROUND_THE_LAUNCH = {"calendar.start": START, "calendar.weeks": WHOLE_WEEKS, "population.consumers": 1_000}
"""The launch (9 November), the revealed term (25 November) and the tax cliff (1 January) lie inside."""

EVENTFUL = {
    "population.consumers": 900,
    "population.market_size": 4e6,
    "population.horizon_weeks": 20,
    "population.history_weeks": 20,
    "ownership.replacement_weeks": 6.0,
    "orders.calm_per_week": 0.05,
    "cars.seagull.quality": 1.5,
    "cars.xingyuan.quality": 1.0,
    "cars.ut_super.reservations_from": date(2025, 10, 21),
    "cars.dolphin.withdrawn": date(2025, 12, 4),
    "cars.q05.launch": None,
    "cars.q05.on_sale": False,
    "cars.mg4.production.test_drives_per_week": 900.0,
    "channels.direct.refundable_until": "deposit",
    "channels.dealer.refundable_until": "delivery",
    "profiles.douyin_like.impulsiveness": 0.6,
}
"""Short needs, quick replacement, scarce drives, reservations before the launch, a car withdrawn and one to come."""

HAPPENINGS: list[dict[str, Any]] = [
    {"id": "cheaper", "kind": "price_change", "car": "seagull", "on": "2025-10-16", "price_cny": 61_000.0},
    {
        "id": "sale", "kind": "promotion", "car": "xingyuan", "on": "2025-10-29", "until": "2025-11-20",
        "discount_cny": 9_000.0,
    },
    {
        "id": "weekend", "kind": "promotion", "car": "dolphin", "on": "2025-10-23", "until": "2025-10-25",
        "discount_cny": 12_000.0,
    },
    {"id": "fire", "kind": "capacity_change", "car": "rest_middle", "on": "2025-11-03", "capacity_per_week": 3_000.0},
    {
        "id": "surprise", "kind": "launch", "car": "q05", "on": "2025-11-12", "contacts": 2.0, "excitement": 3.0,
        "mix": {"douyin": 1.0},
    },
    {"id": "talk", "kind": "media_burst", "car": "su7", "on": "2025-10-20", "contacts": 1.0, "excitement": 1.0},
    {"id": "term", "kind": "revealed_term", "plan": "baas", "on": "2025-11-18", "cancelling": 0.3},
]  # fmt: skip

HEATED = {
    "population.consumers": 500,
    "population.market_size": 4e6,
    "population.horizon_weeks": 20,
    "population.history_weeks": 20,
    "ownership.replacement_weeks": 150.0,
    "news.retelling": 0.6,
    "news.interest.searching": 1.0,
    "news.feed.contacts_per_day": 2.0,
    "deferral.share": 0.9,
    "trust.choice_weight": 30.0,
    "trust.cancelling_per_week": 3.0,
    "aftersales.platform_loyalty": 1.5,
    "aftersales.referral": 1.0,
    "plans.baas.buy_out_cny": 38_000.0,
    "cars.ut_super.appeal": 7.5,
    "firestorm.threshold": 150.0,
    "failures.quality_defect.per_thousand": 300.0,
    "failures.service_failure.per_thousand": 300.0,
    "failures.swap_trouble.per_thousand": 300.0,
    "failures.delivery_delay.severity": 2.0,
}
"""Much goes wrong, much is said, and people mind."""

SAID: list[dict[str, Any]] = [
    {
        "id": "defect", "kind": "quality_defect", "car": "ut_super", "on": "2025-11-13", "severity": 2.0,
        "attention": 3.0, "mix": {"douyin": 0.7, "elsewhere": 0.3},
    },
    {
        "id": "blame", "kind": "answer", "to": "defect", "by": ["jd"], "on": "2025-11-15", "shift_to": "gac",
        "admission": -0.4, "attention": 1.0,
    },
    {
        "id": "sorry", "kind": "answer", "to": "defect", "by": ["gac", "jd"], "on": "2025-11-21", "admission": 0.5,
        "remedy_cny": 3_000.0, "directly": 0.8,
    },
    {"id": "fire", "kind": "quality_defect", "car": "seagull", "on": "2025-10-21", "known": False, "attention": 20.0},
    {"id": "trifle", "kind": "service_failure", "car": "su7", "on": "2025-10-09", "severity": 0.0},
    {
        "id": "service", "kind": "decision", "car": "ut_super", "on": "2025-11-27", "function": "service",
        "from": "gac", "to": "jd", "share": 0.5, "setup_cny": 1e8, "unit_cost_cny": 100.0, "learning_weeks": 8.0,
    },
    {"id": "goodbye", "kind": "exit", "car": "ut_super", "on": "2026-01-14", "leaver": "catl", "heir": "gac"},
]  # fmt: skip
"""Answers that deny, blame a partner and make good; a story of unknown contribution; a role that moves; an exit."""

SILENCE = {"news.talk_per_tie_per_day": 0.0, "news.pool_per_day": 0.0, "news.feed.contacts_per_day": 0.0}

CORNERS: dict[str, dict[str, Any]] = {
    "no nests": {"choice.dissimilarity": 1.0},
    "tight nests": {"choice.dissimilarity": 0.15, "choice.outside_utility": 5.0},
    "nothing is forgotten": {"media.forgetting_per_week": 0.0},
    "nobody talks": {"acquaintances.degree": 0, "acquaintances.followees": 0.0},
    "nobody follows": {"media.following_per_week": 0.0, "media.word_of_mouth_per_week": 1.0},
    "no season": dict.fromkeys([f"calendar.season.{month}" for month in Season.model_fields], 1.0),
    "equal weights": {"population.weights": "design", "drift.permanent_sd_per_month": 0.0},
    "rent can be bought out": {"plans.baas.buy_out_cny": 38_000.0, "plans.baas.undisclosed": []},
    "nobody hears": SILENCE,
    "stories only on feeds": {**SILENCE, "news.feed.contacts_per_day": 2.0, "news.feed.exponent": 1.0},
    "talk for ever": {"news.talking_days": 0.0, "news.pool_per_day": 0.0, "news.talk_per_tie_per_day": 0.1},
    "talk for a day": {"news.talking_days": 1.0, "news.retelling": 1.0, "news.following": 1.0},
    "trust is for ever": {"trust.half_life_days": 0.0, "trust.floor": 0.5},
    "trust does not matter": {"trust.choice_weight": 0.0, "trust.cancelling_per_week": 0.0},
    "nobody knows who does what": {"attribution.trust_sensitivity": 0.0, "profiles.douyin_like.knowledge.mean": 0.0, "profiles.douyin_like.knowledge.sd": 0.0},
    "everybody waits": {"deferral.share": 1.0, "deferral.weeks": 0.5},
    "owners of no account": {"aftersales.referral": 0.0, "aftersales.platform_loyalty": 0.0, "aftersales.trust": 0.0},
}  # fmt: skip


def around_the_launch(name: str, changes: dict[str, Any] | None = None) -> Case:
    """A bundled case from October 2025 on, without what happened before."""
    case = Case.load(name)
    gone = {f"happenings.{happening.id}": None for happening in case.happenings if happening.on < START}
    return case.change({**gone, **AROUND_THE_LAUNCH, **(changes or {})})


def eventful() -> Case:
    """The default case with one happening of every kind, and everything that a path can meet."""
    return around_the_launch("jd-gac-catl", EVENTFUL | {f"happenings.{item['id']}": item for item in HAPPENINGS})


def heated() -> Case:
    """The default case with failures and answers of every kind, a role that moves and a partner who leaves."""
    return around_the_launch("jd-gac-catl", HEATED | {f"happenings.{item['id']}": item for item in SAID})


SLACK = {"patience": 1e-4, "satisfaction": 1e-4, "price": 1e-4, "margin": 2e-3}
"""How far single and double precision may differ, in each quantity's own unit; times are in weeks."""


def together(case: Case, seed: int) -> tuple[ReferenceMarket, Market]:
    """Both markets at the end of the calendar."""
    return ReferenceMarket(case, rng=seed).run(), Market(case, rng=seed).run()


def differences(twin: ReferenceMarket, market: Market) -> list[str]:
    """What is not the same in the two: empty when all agrees.

    Households to 1e-9, which is less than a thousandth of a consumer; states as they are; patience to 1e-4, the margin
    of a choice to 2e-3 (a nest's luck is a logarithm of a sine, which float32 may nearly lose). Times are where a
    patience that is known to 1e-6 is used up by a hazard of some .005 a week: to 3e-4 weeks.
    """
    found = []
    for flow in FLOWS:
        if not np.allclose(twin.ledger.flows[flow], market.ledger.flows[flow], rtol=1e-9, atol=0.0):
            found.append(flow)
    column, stage = market.consumers.columns, market.consumers.columns["stage"]
    for name in STATE:
        if [getattr(consumer, name) for consumer in twin.people] != column[name].tolist():
            found.append(name)
    asked = {"due": stage <= SEARCHING, "patience": stage != IDLE, "satisfaction": stage == stage}
    asked |= dict.fromkeys(("since", "exposed", "promised", "price", "margin"), stage > SEARCHING)
    for name, who in asked.items():
        own = np.array([getattr(consumer, name) for consumer in twin.people])[who]
        if not np.allclose(own, column[name][who], rtol=1e-6, atol=SLACK.get(name, 3e-4)):
            found.append(name)
    tried = [sum(1 << car for car in consumer.tried) for consumer in twin.people]
    if tried != column["tried"].tolist():
        found.append("tried")
    if [consumer.row for consumer in twin.waiting] != market.book.waiting.tolist():
        found.append("waiting")
    for name, quantity in (("stock", market.supply.stock), ("drives_left", market.supply.test_drive_credit)):
        if not np.allclose([getattr(car, name) for car in twin.cars], quantity, rtol=1e-9, atol=1e-6):
            found.append(name)
    return [
        *found, *feelings_that_differ(twin, market), *stories_that_differ(twin, market),
        *owners_that_differ(twin, market),
    ]  # fmt: skip


def feelings_that_differ(twin: ReferenceMarket, market: Market) -> list[str]:
    """Trust and grievance of every consumer; evidence so far, kept in half precision, moves trust by some 1e-5."""
    rows, day = np.arange(len(twin.people)), twin.night
    trust = [list(consumer.deviation(day).values()) for consumer in twin.people]
    grievance = [consumer.grievance_at(day / DAYS) for consumer in twin.people]
    column, half_life = market.consumers.columns, market.case.orders.grievance_half_life_weeks
    held = faded(column["grievance"], column["grieved"], day / DAYS, half_life)
    compared: dict[str, tuple[Any, Any]] = {
        "trust": (trust, market.trust.deviation(rows, day)),
        "grievance": (grievance, held),
    }
    return [name for name, (one, many) in compared.items() if not np.allclose(one, many, rtol=1e-4, atol=1e-4)]


def stories_that_differ(twin: ReferenceMarket, market: Market) -> list[str]:
    """Which stories live, who knows what of them and talks, how hot they are; who was lost or waits because of them."""
    tales, stories = twin.public.live, market.opinion.stories.live
    if [tale.word for tale in tales] != [story.word for story in stories]:
        return ["stories"]
    found = []
    for tale, story in zip(tales, stories, strict=True):
        for circle, listeners in ((tale.people, story.people), (tale.members, story.members)):
            if circle.heard != listeners.heard.tolist() or sorted(circle.talkers) != listeners.talkers.tolist():
                found.append(f"listeners of {tale.word}")
        if not np.allclose([*tale.heat, *tale.informed], [*story.heat, *story.informed], rtol=1e-6, atol=1e-9):
            found.append(f"heat of {tale.word}")
    for name in ("lost", "deferred"):
        if not np.allclose(getattr(twin.public, name), getattr(market.opinion, name), rtol=1e-9):
            found.append(name)
    return found


def owners_that_differ(twin: ReferenceMarket, market: Market) -> list[str]:
    """Who rents since when; what owners spent with whom, who came back, and who stayed with a brand."""
    found = []
    for name in ("handed_over", "renting"):
        if [getattr(consumer, name) for consumer in twin.people] != getattr(market.owners, name).tolist():
            found.append(name)
    ours, theirs = twin.companies.owners.accounts, market.owners.accounts
    for name in ("spent", "years", "weight", "squared", "had", "kept", "replaced", "stayed"):
        if not np.allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-5, atol=1e-3):
            found.append(name)
    return found
