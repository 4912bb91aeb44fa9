"""Two worlds that differ in one thing: what cannot depend on it must be the same to the bit."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from experiments.verify.histories import content, differing, state
from experiments.verify.row import Finding, at_least, every, exact, none, row
from experiments.verify.small import NO_TIES, NO_TOTALS, small_case
from market import Case, Market

MARKET, FORK = "market.Market", "market.Market.fork"
WEEKS = 52
"""Up to after the launch of the focal car and the news about its terms."""


def real(**changes: Any) -> Case:
    """The default case with a small sample of its consumers."""
    return Case.load("jd-gac-catl").change({"population.consumers": 3_000, "calendar.weeks": WEEKS} | changes)


@row(
    "worlds.null",
    "Tables that differ when nothing differs: same values restated, other names shown, written and read",
    "仅重述取值、改显示名、写出再读入时不同的表数",
    "a null difference is exactly zero",
    MARKET,
    seconds=2.2,
)
def null() -> Finding:
    """52 weeks of the default case, everything that a market knows, to the bit."""
    case = real()
    end = state(Market(case, rng=1).run())
    same = case.change({"cars.seagull.price_cny": case.cars["seagull"].price_cny})
    shown = case.change({"display.names": "fictional"})
    return none(
        sum(len(differing(end, state(Market(one, rng=1).run()))) for one in (same, shown, Case.parse(case.to_toml())))
    )


@row(
    "worlds.earlier-weeks",
    "Tables that differ before a happening in week 25; afterwards (at least)",
    "第 25 周事件之前不同的表数；之后（至少）",
    "causes come first",
    MARKET,
    seconds=0.7,
)
def earlier_weeks() -> Finding:
    """A price cut on a Thursday of the default case; weeks before it are the same to the bit, the end is not."""
    case, week = real(**{"calendar.weeks": 36}), 25
    cut = {
        "kind": "price_change", "on": case.calendar.start + timedelta(days=7 * week + 3), "car": "seagull",
        "price_cny": 60_000.0,
    }  # fmt: skip
    markets = [Market(one, rng=1).run(week) for one in (case, case.change({"happenings.extra": cut}))]
    before = len(differing(*(state(market) for market in markets)))
    after = len(differing(*(state(market.run()) for market in markets)))
    return every(none(before), at_least(after, 1.0))


@row(
    "worlds.fork",
    "Tables that differ between a fork that goes on and the original; original disturbed by it",
    "分叉续跑与原市场不同的表数；原市场受其扰动的表数",
    "a fork is the same world",
    FORK,
    MARKET,
    seconds=1.2,
)
def forked() -> Finding:
    """Forked in week 30; the fork runs first, then a second fork lives through something else, then the original."""
    market = Market(real(), rng=1).run(30)
    twin, other = market.fork(), market.fork()
    other.catalogue.price_cny[:] *= 0.8
    other.run()
    here = {name: table.copy() for name, table in state(market).items()}
    end = state(twin.run())
    disturbed = len(differing(here, state(market)))
    return every(none(len(differing(end, state(market.run())))), none(disturbed))


@row(
    "worlds.relabelled",
    "Tables of sales that differ when all organisations are renamed, but for the names",
    "全部机构换名后（名称除外）不同的销售表列数",
    "labels carry no meaning",
    MARKET,
    seconds=1.2,
)
def relabelled() -> Finding:
    """Every organisation gets another id, in the opposite alphabetical order."""
    case = real()
    new = {key: f"z{99 - i}" for i, key in enumerate(sorted(case.organisations))}

    def rename(item: Any) -> Any:
        if isinstance(item, dict):
            return {new.get(key, key): rename(value) for key, value in item.items()}
        if isinstance(item, list):
            return [rename(one) for one in item]
        return new.get(item, item) if isinstance(item, str) else item

    tables = {name: rename(part) if name != "sources" else {} for name, part in content(case).items()}
    ours, theirs = (Market(one, rng=1).run().ledger.sales() for one in (case, Case.parse(tables)))
    for column in ("maker", "definer", "brand"):
        ours[column] = [new.get(key, key) for key in ours[column]]
    return none(sum(not _same(ours[name], theirs[name]) for name in ours.columns))


def _same(ours: pd.Series[Any], theirs: pd.Series[Any]) -> bool:
    return [str(one) for one in ours] == [str(one) for one in theirs]


@row(
    "worlds.listed-otherwise",
    "Tables that differ when cars, offers, happenings and organisations are listed the other way round",
    "车、选项、事件与机构倒序列出时不同的表数",
    "order carries no meaning",
    MARKET,
    seconds=1.2,
)
def listed_otherwise() -> Finding:
    """52 weeks of the default case."""
    case = real()
    tables = content(case)
    for name in ("organisations", "cars", "channels", "packages", "plans", "happenings"):
        part = tables[name]
        tables[name] = dict(reversed(part.items())) if isinstance(part, dict) else part[::-1]
    ends = [state(Market(one, rng=1).run()) for one in (case, Case.parse(tables))]
    return none(len(differing(*ends)))


@row(
    "worlds.one-more",
    "Consumers whose history changes when 7 more live in the market",
    "市场多 7 位消费者时历史改变的人数",
    "everybody's luck is his own",
    MARKET,
    seconds=1.1,
)
def one_more() -> Finding:
    """3,000 consumers; no ties, no totals, ample supply: then nobody can tell that there are more."""
    ample = {"capacity_per_week": 1e7, "inventory_weeks": 4.0, "test_drives_per_week": 1e9}
    supply = {f"cars.{key}.production": ample for key in real().cars}
    ground = {**NO_TIES, **NO_TOTALS, **supply, "population.weights": "design"}
    few, many = (
        Market(real(**ground, **{"population.consumers": n, "population.market_size": 16e6 * n / 3_000}), rng=1).run()
        for n in (3_000, 3_007)
    )
    others = many.consumers.columns
    changed = [np.flatnonzero(column != others[name][:3_000]) for name, column in few.consumers.columns.items()]
    return none(len(np.unique(np.concatenate(changed))))


@row(
    "worlds.untouched",
    "Consumers who move between two offers that a dearer third one does not touch; who leave it",
    "第三款涨价时在两款未变选项间移动的人数；离开它的人数",
    "structural shocks",
    MARKET,
    "market.people.demand.Demand",
    seconds=0.5,
)
def untouched() -> Finding:
    """All consumers of the default case are asked in week 40, before and after one car loses half a util."""
    market = Market(real(**{"population.consumers": 20_000}), rng=1).run(40)
    rows = np.arange(len(market.consumers))
    car = market.catalogue.car_index["seagull"]
    car_of = np.append(market.catalogue.car_of, -1)
    before = market.demand.choose(rows).offer
    market.demand.offers.base[:, market.catalogue.car_of == car] -= np.float32(0.5)
    after = market.demand.choose(rows).offer
    moved = before != after
    strangers = int((moved & (car_of[before] != car)).sum())
    return every(none(strangers), at_least(int(moved.sum()), 20.0))


@row(
    "worlds.more-consumers",
    "Exponent by which run-to-run deviations fall with the number of consumers, 300 to 2,400",
    "运行间标准差随消费者数（300 至 2,400）下降的指数",
    "-1/2: twice the consumers, sd down by sqrt 2",
    MARKET,
    seconds=8.0,
)
def more_consumers() -> Finding:
    """Orders of three cars over sixteen weeks in forty markets of each size; the mean exponent of the three."""
    sizes = (300, 2_400)
    spread = []
    for size in sizes:
        case = small_case(population__consumers=size, calendar__weeks=16)
        orders = [Market(case, rng=seed).run().ledger.by_car("orders").sum(axis=0) for seed in range(40)]
        spread.append(np.std(orders, axis=0, ddof=1))
    exponent = float(np.mean(np.log(spread[1] / spread[0])) / math.log(sizes[1] / sizes[0]))
    error = math.sqrt(2.0 / (2 * 39)) / math.log(sizes[1] / sizes[0])
    return exact(exponent, -0.5, 4.0 * error)


@row(
    "worlds.days",
    "Largest relative difference of flows between weeks cut into days and whole weeks",
    "按日切分与整周计算的流量最大相对差",
    "hazards are crossed, not tossed",
    MARKET,
    seconds=0.7,
)
def days() -> Finding:
    """26 weeks, 2,000 consumers, 156 empty happenings on all days but Mondays; nothing else differs."""
    case = small_case(heart=True, calendar__weeks=26).change({"firestorm.threshold": 0.0})
    empty = {"kind": "media_burst", "car": "a", "contacts": 0.0}
    start = case.calendar.start
    cut = case.change(
        {f"happenings.empty_{day}": empty | {"on": start + timedelta(days=day)} for day in range(182) if day % 7}
    )
    weeks, daily = (Market(one, rng=1).run() for one in (case, cut))
    found = []
    for name in ("orders", "cancellations", "deliveries"):
        ours, theirs = weeks.ledger.by_car(name), daily.ledger.by_car(name)
        found.append(float(np.abs(ours - theirs).max() / ours.max()))
    return exact(found, np.zeros(3), 1e-12)
