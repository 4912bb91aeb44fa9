"""Whole markets in a crisis: blame, news, trust and money with all but one mechanism switched off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from experiments.verify.crowds import Floats
from experiments.verify.row import Finding, at_least, every, exact, none, row
from experiments.verify.small import NO_FAILURES, NO_NEWS, NO_TIES, NO_TRUST, START, small_case
from market import Case, Market

MARKET = "market.Market"
KNOWN_ON = START + timedelta(days=59)
TRUE, FACE = {"ann": 0.1, "bob": 0.6, "cat": 0.3}, {"ann": 0.7, "bob": 0.3}
FAILURE: dict[str, Any] = {
    "id": "fault", "kind": "quality_defect", "on": KNOWN_ON, "car": "a", "contribution": TRUE, "attention": 3.0,
}  # fmt: skip
SHARED = {
    "definition": {"ann": 0.3, "bob": 0.7}, "production": {"bob": 1.0}, "marketing": {"ann": 1.0},
    "service": {"ann": 0.2, "bob": 0.5, "cat": 0.3}, "battery": {"cat": 1.0},
}  # fmt: skip


def partners(happenings: list[dict[str, Any]], **changes: Any) -> Case:
    """The small case with failures, news and trust on; car `a` is made, sold and named by several."""
    ground = {"cars.a.roles": SHARED, "cars.a.face": FACE, "news.witnesses": 0.3, "cars.a.appeal": 7.0}
    return small_case(heart=True, calendar__weeks=20).change(ground | {"happenings": happenings} | changes)


def known_by(mean: float) -> dict[str, float]:
    """Everybody knows exactly so much of who does what."""
    return {"profiles.plain.knowledge.mean": mean, "profiles.plain.knowledge.sd": 0.0}


def blamed(knowledge: float) -> Floats:
    """Shares of blame of ann, bob and cat in the week of a failure, and misattribution, while trust never moves."""
    account = Market(partners([FAILURE], **known_by(knowledge), **NO_TRUST), rng=1).run().opinion.account
    received = account.amounts(8).blame
    return np.append(received / received.sum(), account.misattribution_of_all(8))


@row(
    "markets.all-known",
    "Blame in a market where everybody knows all; misattribution",
    "人人知情的市场中的归责；误归责",
    "contribution .1 .6 .3; 0",
    MARKET,
)
def all_known() -> Finding:
    """Trust is off; everything else of stories is on."""
    return exact(blamed(1.0), [0.1, 0.6, 0.3, 0.0], 1e-9)


@row(
    "markets.face-only",
    "Blame in a market where nobody knows anything; misattribution",
    "人人不知情的市场中的归责；误归责",
    "face .7 .3 0; half of |face - cause|",
    MARKET,
)
def face_only() -> Finding:
    """The same with knowledge 0."""
    return exact(blamed(0.0), [0.7, 0.3, 0.0, 0.6], 1e-9)


@row(
    "markets.sole-holder",
    "Blame-to-control and blame-to-contribution ratio of a maker that does everything; friction",
    "包揽一切的车企的责备/控制比、责备/责任比；摩擦",
    "1, 1, 0",
    MARKET,
)
def sole_holder() -> Finding:
    """Trust moves and consumers know little, and still nobody else can be blamed."""
    case = partners([FAILURE | {"contribution": {}}], **{"cars.a.roles": {}, "cars.a.face": {}, "calendar.weeks": 12})
    market = Market(case, rng=1).run()
    account = market.opinion.account
    ratios = [ratio(11).value[0] for ratio in (account.ratio_to_control, account.ratio_to_contribution)]
    return exact([*ratios, market.partnership.friction(0.0).max()], [1.0, 1.0, 0.0], 1e-12)


@row(
    "markets.silent",
    "Households that hear of a failure beside its witnesses, with ties, feeds and groups off; witnesses",
    "关闭关系、信息流与群时，目击者以外听说故障的户数；目击户数",
    "nobody can tell them",
    MARKET,
)
def silent() -> Finding:
    """Four weeks after it became known."""
    quiet = {name: value for name, value in NO_NEWS.items() if name != "news.witnesses"} | NO_TIES
    market = Market(partners([FAILURE], **quiet), rng=1).run(12)
    told = next(event.informed for event in market.events.written if event.kind == "quality_defect")
    later = [float(story.informed.sum()) for story in market.opinion.stories.live]
    return every(none(sum(abs(one - told) for one in later)), at_least(told, 100.0))


@row(
    "markets.no-failures",
    "Blame, public events and moved trust when no failure can happen",
    "故障率为零时的归责、公共事件数、变动的信任",
    "nothing",
    MARKET,
)
def no_failures() -> Finding:
    """Every failure rate 0, and nobody minds a day of delay; stories, trust and all else on, thirty weeks."""
    calm = {**NO_FAILURES, "failures.delivery_delay.severity": 0.0, "calendar.weeks": 30}
    market = Market(partners([], **calm), rng=1).run()
    received = sum(float(market.opinion.account.amounts(week).blame.sum()) for week in range(30))
    moved = int(np.count_nonzero(market.trust.deviation(np.arange(len(market.consumers)), 210.0)))
    return every(none(received), none(len(market.events.written)), none(moved + (not market.trust.at_rest)))


@row(
    "markets.money",
    "Largest sum over all parties of any week, car and line, as a share of all money that moved",
    "各周、车型、科目上所有主体收支之和的最大值（占总流量）",
    "what one pays another receives",
    MARKET,
)
def money() -> Finding:
    """With a contract, an answer with a remedy, an exit and a failure."""
    answer = {
        "id": "words", "kind": "answer", "on": KNOWN_ON + timedelta(days=3), "to": "fault", "by": ["ann", "bob"],
        "remedy_cny": 2_000.0, "refund": True, "attention": 2.0,
    }  # fmt: skip
    leaves = {
        "id": "leaves",
        "kind": "exit",
        "on": START + timedelta(days=80),
        "car": "a",
        "leaver": "cat",
        "heir": "bob",
    }
    contract = {
        "cars": ["a"], "seller": "ann", "commission": 0.05, "exit_fee_cny": 1e6, "liability_after_exit_weeks": 4,
        "data_fee_cny": 50.0, "definition_fee_cny": 300.0, "minimum_volume_per_year": 1e6, "shortfall_cny": 10.0,
    }  # fmt: skip
    market = Market(partners([FAILURE, answer, leaves], **{"contracts.deal": contract}), rng=1).run()
    books = market.industry.accounts.books
    gap = float(np.abs(books.flow.sum(axis=-1)).max() / np.abs(books.flow).sum())
    households = books.parties.index("households")
    paid = -float((books.received("car") + books.received("package"))[..., households].sum())
    return every(exact(gap, 0.0, 1e-12), exact(paid / float(market.ledger.revenue_cny.sum()), 1.0, 1e-12))
