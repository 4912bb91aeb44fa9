"""Queues: the slotted backlog, Little's law, and how long a launch spike takes, through lines and deliveries."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from experiments.verify.crowds import Floats
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, every, exact, means, none, row, spread
from market.cars import Car
from market.industry import supply
from market.people import orders

STEP = "market.industry.supply.backlog_step"
SUPPLY, SERVE = "market.industry.supply.Supply", "market.people.orders.serve_in_order"


@row(
    "supply.backlog",
    "Slotted backlog, Poisson(9) orders, 10 built: mean, P(empty), mean wait",
    "离散时段积压（Poisson(9) 订单、产能 10）：均值、空闲概率、平均等待",
    "bulk-service queue (Bruneel & Kim 1993); Little (1961)",
    STEP,
    seconds=2.4,
)
def backlog() -> Finding:
    """X <- max(X + Poisson(9) - 10, 0) on 500 lines at once, 2,000 steps after 400 to settle, twenty seeds."""
    found = []
    for seed in SEEDS:
        generator, waiting = np.random.default_rng(seed), np.zeros(500)
        total = empty = 0.0
        for slot in range(2_400):
            waiting = supply.backlog_step(waiting, generator.poisson(9.0, 500), 10.0)
            if slot >= 400:
                total += waiting.mean()
                empty += np.mean(waiting == 0.0)
        found.append([total / 2_000, empty / 2_000])
    waits = float(np.mean(found, axis=0)[0]) / 9.0
    return every(means(found, [3.10124, 0.446500]), exact(waits, 0.34458, 0.01 * 0.34458))


def line_of_one(capacity: float) -> supply.Supply:
    """The supply of one car, with nothing in stock."""
    name = {"en": "car", "zh": "车"}
    car = Car.model_validate(
        {
            "name": name, "fictional": name, "brand": "maker", "maker": "maker", "price_cny": 1e5, "channels": ["shop"],
            "range_km": 400.0, "exposure": {"contacts_per_week": 0.1},
            "production": {"capacity_per_week": capacity, "inventory_weeks": 0.0, "lead_weeks": 0.0},
        }
    )  # fmt: skip
    return supply.Supply({"car": car})


class Queue(NamedTuple):
    """What happened on a line that serves single orders."""

    length: Floats
    """orders waiting at the end of each week"""
    waited: Floats
    """weeks, of each order that was served, in the order of being served"""
    jumped: int
    """weeks in which somebody was served before those ahead"""
    unbalanced: int
    """order-weeks waited by all, less the sum of the lengths: 0 by Little's law"""


def queue(seed: int, opening: int, arrivals: float, capacity: float, weeks: int) -> Queue:
    """Run a line that builds for single orders and hands over to them."""
    line, generator = line_of_one(capacity), np.random.default_rng(seed)
    came, length, waited, jumped = np.zeros(opening), [], [], 0
    for week in range(weeks):
        came = np.concatenate([came, np.full(generator.poisson(arrivals), float(week))])
        line.produce(np.array([float(len(came))]), np.array([1e3]), 1.0)
        served = orders.serve_in_order(np.zeros(len(came), np.intp), np.ones(len(came)), line.stock)
        jumped += int(np.any(np.diff(served.astype(int)) > 0))
        line.stock -= served.sum()
        waited.append(week - came[served])
        came = came[~served]
        length.append(len(came))
    everybody = np.concatenate(waited)
    unbalanced = round(float(everybody.sum() + (weeks - came).sum())) - sum(length)
    return Queue(np.array(length, float), everybody, jumped, unbalanced)


@row(
    "supply.little",
    "The same through line and queue: mean wait, mean backlog; Little's law to the unit; queue jumpers",
    "经产线与排队的同一结果：平均等待、平均积压；利特尔法则逐单成立；插队次数",
    "Little (1961)",
    SUPPLY,
    SERVE,
    seconds=3.3,
)
def little() -> Finding:
    """Cars are built and handed over one by one as in the market, 1,500 weeks, twenty seeds."""
    runs = [queue(seed, 0, 9.0, 10.0, 1_500) for seed in SEEDS]
    found = [[run.waited.mean(), run.length.mean()] for run in runs]
    broken = none(sum(abs(run.unbalanced) for run in runs)), none(sum(run.jumped for run in runs))
    return every(means(found, [0.34458, 3.10124]), *broken)


@row(
    "supply.spike",
    "A launch spike of 5,000, 80 more a week, 100 built: clears after 250 weeks, sd 7.1",
    "5,000 张首发订单、每周新增 80、产能 100：250 周清空，标准差 7.1",
    "random walk with drift -20",
    STEP,
)
def spike() -> Finding:
    """Three hundred launches; clearing falls on whole weeks, half a week is allowed for."""
    waiting, cleared, generator = np.full(300, 5_000.0), np.zeros(300), np.random.default_rng(1)
    for week in range(1, 400):
        waiting = np.where(cleared > 0.0, 0.0, supply.backlog_step(waiting, generator.poisson(80.0, 300), 100.0))
        cleared[(waiting == 0.0) & (cleared == 0.0)] = week
    deviation, error = spread(cleared)
    return every(means(cleared, 250.0, known_to=0.5), exact(deviation, np.sqrt(5_000 * 80 / 20**3), 4.0 * error))


@row(
    "supply.first-come",
    "Weeks waited by the first, 2,500th and 5,000th of a launch spike",
    "首发订单第 1、2,500、5,000 位的等待周数",
    "first come, first served: 100 a week",
    SUPPLY,
    SERVE,
)
def first_come() -> Finding:
    """The line builds 100 a week, and nobody is served before those ahead."""
    run = queue(1, 5_000, 80.0, 100.0, 100)
    return every(exact(run.waited[[0, 2_499, 4_999]], [0.0, 24.0, 49.0], 0.0), none(run.jumped))


@row(
    "supply.shared-line",
    "Two cars that share a line of 20 and need 10 and 25; a third alone; a ramp",
    "两车共线（产能 20，需求 10 与 25）、独线一车、爬坡",
    "in proportion to need; half the square over the ramp",
    "market.industry.supply.build",
    "market.industry.supply.ramped_weeks",
)
def shared_line() -> Finding:
    """Built by car, and weeks of full capacity four weeks into a ramp of eight and two weeks after it."""
    built = supply.build([10.0, 30.0, 5.0], [20.0, 25.0, 9.0], [0, 0, 2], [20.0, 99.0, 9.0])
    ramp = supply.ramped_weeks([4.0, 10.0], 8.0)
    return exact([*built, *ramp], [10.0 * 20 / 35, 25.0 * 20 / 35, 5.0, 1.0, 6.0], 1e-12)
