"""Whole markets with all but one mechanism switched off: what is left must follow from that mechanism alone."""

from __future__ import annotations

import numpy as np

from experiments.verify.crowds import Floats, bass_recursion
from experiments.verify.diffusion import DISCRETE, P, Q
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, at_least, every, exact, means, row
from experiments.verify.small import NO_TIES, NOBODY_CANCELS, START, car, small_case
from experiments.verify.toy import count
from market import Case, Market
from market.people.awareness import NOBODY
from market.people.consumers import NEVER
from market.people.orders import SEARCHING

MARKET, DEMAND = "market.Market", "market.people.demand.Demand"


# ---------------------------------------------------------------------------------------------- awareness alone


def bass_case(p: float, q: float, weeks: int) -> Case:
    """One car that everybody who has heard of it takes at once; 501 consumers who all know each other."""
    only = car("ann", 80_000.0, exposure={"contacts_per_week": p})
    only["production"] |= {"capacity_per_week": 1e7, "inventory_weeks": 100.0, "lead_weeks": 0.0}
    hype = {
        "id": "hype",
        "on": START.isoformat(),
        "kind": "media_burst",
        "car": "a",
        "contacts": 0.0,
        "excitement": 1e9,
    }
    return small_case(
        cars={"a": only},
        calendar__weeks=weeks,
        population__consumers=501,
        population__owners_share=0.0,
        acquaintances__degree=512,
        acquaintances__rewiring=0.0,
        acquaintances__followees=0.0,
        media__forgetting_per_week=0.0,
        media__word_of_mouth_per_week=q,
        media__following_per_week=0.0,
        media__excitement_half_life_weeks=1e12,
        happenings=[hype],
        profiles__plain__impulsiveness=1e9,
        choice__outside_utility=-1e6,
        orders__test_drive_sd=0.0,
        ownership__replacement_weeks=1e7,
        ownership__replacement_shape=20.0,
    ).change(NOBODY_CANCELS)


def everybody_searches(market: Market) -> Market:
    """Bring the consumers to where Bass begins: all of them looking, for as long as it takes, nobody with a car."""
    column, rows = market.consumers.columns, np.arange(len(market.consumers))
    column["car"][:] = NOBODY
    column["spell"][:] = 0
    market.book.waiting = market.book.waiting[:0]
    market.search.begin(rows)
    column["due"][:] = NEVER
    return market


def adopted(case: Case, seed: int) -> Floats:
    """Cumulated orders as a share of all consumers, by week."""
    market = everybody_searches(Market(case, rng=seed)).run()
    orders = market.ledger.by_car("orders")[:, 0] / market.household[0]
    return np.asarray(np.cumsum(orders) / len(market.consumers))


@row(
    "markets.bass",
    "Cumulated orders after 1, 2, 5, 10, 20 weeks in a market of one car",
    "单车市场第 1、2、5、10、20 周的累计订单比例",
    "F += (1 - F)(1 - exp(-(p + q F)))",
    MARKET,
    seconds=5.4,
)
def bass_market() -> Finding:
    """Forty markets: media, word of mouth, thresholds, impulse, choice and the path to an order, all else off."""
    case = bass_case(P, Q, 20)
    found = [adopted(case, seed)[[t - 1 for t in DISCRETE]] for seed in range(40)]
    return means(found, list(DISCRETE.values()), known_to=0.001)


@row(
    "markets.media-only",
    "The same without word of mouth, p = .1: after 1, 4, 8, 12 weeks",
    "同上，无口碑、p = 0.1：第 1、4、8、12 周",
    "1 - exp(-p t)",
    MARKET,
    seconds=1.1,
)
def media_only() -> Finding:
    """Twenty markets with no ties at all."""
    case, at = bass_case(0.1, 0.0, 12).change(NO_TIES), np.array([1, 4, 8, 12])
    return means([adopted(case, seed)[at - 1] for seed in SEEDS], -np.expm1(-0.1 * at))


@row(
    "markets.sparse",
    "Adopters after 10 weeks with ten acquaintances instead of 500, as a share of the recursion's",
    "熟人仅 10 位时第 10 周采用比例与递推之比",
    "below 1: local saturation (Watts & Strogatz 1998)",
    MARKET,
    seconds=1.1,
)
def sparse() -> Finding:
    """What is missing from the recursion: shown as the recursion's share over the market's, which must exceed 1."""
    case = bass_case(P, Q, 10).change({"acquaintances.degree": 10})
    found = float(np.mean([adopted(case, seed)[-1] for seed in SEEDS]))
    return at_least(bass_recursion(P, Q, 10)[-1] / found, 1.005)


# ---------------------------------------------------------------------------------------------- choice alone


def decided(case: Case) -> Finding:
    """All who have not yet decided in their present need are asked in week 5: numbers by offer less probabilities."""
    off, expected = [], np.zeros(0)
    for seed in SEEDS:
        market = Market(case, rng=seed).run(5)
        column = market.consumers.columns
        rows = np.flatnonzero((column["stage"] <= SEARCHING) & (column["tried"] == 0))
        chances = market.demand.expected_shares(rows, np.ones(len(rows)))
        off.append(count(market.demand.choose(rows).offer, len(chances) - 1) / len(rows) - chances)
        expected = np.append(expected, chances)
    mean = expected.reshape(len(off), -1).mean(axis=0)
    return means(np.array(off) + mean, mean)


@row(
    "markets.decisions",
    "Decisions in a market of three cars, outside good last",
    "三车市场中的决策份额（末项为外部选项）",
    "closed form over the same people",
    MARKET,
    DEMAND,
    seconds=1.1,
)
def decisions() -> Finding:
    """6,000 consumers with tastes and awareness of their own, twenty markets."""
    return decided(small_case(choice__outside_utility=1.0, population__consumers=6_000))


@row(
    "markets.shared-base",
    "The same where car b is built on car a",
    "同上：b 车以 a 车为基础",
    "closed nested logit over the same people",
    MARKET,
    DEMAND,
    seconds=1.1,
)
def shared_base() -> Finding:
    """Variants of one base are one nest."""
    return decided(small_case(choice__outside_utility=1.0, population__consumers=6_000, cars__b__base_car="a"))


# ---------------------------------------------------------------------------------------------- supply alone


@row(
    "markets.scarce",
    "Deliveries of a car that is short, as a share of what its line can build",
    "缺货车型交付量与产能之比",
    "capacity, whatever people wish",
    MARKET,
)
def scarce() -> Finding:
    """A line of 200 a week and more orders than that, after 10, 20 and 30 weeks; exact to one consumer."""
    case = small_case(
        cars__c__production={"capacity_per_week": 200.0, "inventory_weeks": 0.0, "lead_weeks": 1.0},
        choice__outside_utility=-1.0,
    )
    market = Market(case, rng=1).run()
    c, weight = market.catalogue.car_index["c"], float(market.household[0])
    built = np.cumsum(market.ledger.by_car("deliveries")[:, c])[[9, 19, 29]]
    return exact(built, 200.0 * np.array([10, 20, 30]), weight)


@row(
    "markets.conserved",
    "Households lost between order and delivery; cars lost between line and owner; cancelled",
    "订单至交付间丢失的户数；产线至车主间丢失的车数；取消数",
    "conservation",
    MARKET,
)
def conserved() -> Finding:
    """Queues, launches and cancellations: the largest weekly gap over three cars and thirty weeks, in households."""
    case = small_case(
        cars__a__production={"capacity_per_week": 300.0, "inventory_weeks": 1.0},
        cars__b__production={"capacity_per_week": 400.0, "inventory_weeks": 0.0, "test_drives_per_week": 700.0},
        orders__late_per_week=0.05,
    )
    market = Market(case, rng=3)
    cars = len(market.catalogue.cars)

    def waiting() -> Floats:
        rows = market.book.ordered()
        where = market.catalogue.car_of[market.consumers.column("offer")[rows]]
        return np.bincount(where, market.book.weight(rows), cars).astype(float)

    opening, stock, gaps, lost = waiting(), market.supply.stock.copy(), [0.0], [0.0]
    for _ in range(case.calendar.weeks):
        market.step()
        flow = {name: market.ledger.by_car(name).sum(axis=0) for name in ("orders", "cancellations", "deliveries")}
        left = opening + flow["orders"] - flow["cancellations"] - flow["deliveries"] - waiting()
        gaps.append(float(np.abs(left).max()))
        lost.append(float(np.abs(stock + market.supply.built - market.supply.stock - flow["deliveries"]).max()))
    return every(exact([max(gaps), max(lost)], [0.0, 0.0], 1e-6), at_least(flow["cancellations"].sum(), 1_000.0))
