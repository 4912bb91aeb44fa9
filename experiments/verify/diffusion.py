"""Awareness spreads as Bass said: thresholds crossed by what is heard, media memory, excitement."""

from __future__ import annotations

import math

import numpy as np

from experiments.verify.crowds import Floats, bass, bass_recursion, complete
from experiments.verify.evidence import SEEDS, standard_error
from experiments.verify.row import Finding, counts, every, exact, means, row
from market.cars import Car
from market.chance import Chance, words
from market.people import awareness
from market.people.awareness import NOBODY, Media, MediaMemory

P, Q = 0.03, 0.38
DISCRETE = {1: 0.029554, 2: 0.068753, 5: 0.261068, 10: 0.729837, 20: 0.993691}
CONTINUOUS = {1: 0.035758, 2: 0.085056, 5: 0.331199, 10: 0.812803, 20: 0.996259}
HEARD, THRESHOLDS = "market.people.awareness.heard_from", "market.people.awareness.thresholds"
MEMORY = "market.people.awareness.MediaMemory"


@row(
    "diffusion.tables",
    "The recursion's table (five weeks), then Bass's (five weeks)",
    "递推表（五周）与 Bass 表（五周）",
    "published: p = .03, q = .38",
)
def tables() -> Finding:
    """What the rows below are held against, at weeks 1, 2, 5, 10 and 20."""
    path = bass_recursion(P, Q, 20)
    found = [*(path[t - 1] for t in DISCRETE), *bass(P, Q, list(CONTINUOUS))]
    return exact(found, [*DISCRETE.values(), *CONTINUOUS.values()], 1e-6)


def spread(seed: int, n: int, cuts: int, steps: int) -> Floats:
    """Adopting share when who knows a car has it at once, each step 1 / cuts of a week, on a complete graph."""
    ties = complete(n)
    limits = awareness.thresholds(Chance(seed), np.arange(n), words(["car"]))[:, 0]
    cars, since, path = np.full(n, NOBODY, np.int16), np.zeros(n, np.int16), []
    for step in range(steps):
        without = np.flatnonzero(cars == NOBODY)
        talked, _ = awareness.heard_from(ties, without, cars, since, step, 1, 0.0)
        new = without[P / cuts * (step + 1) + Q / cuts * talked[:, 0] >= limits[without]]
        cars[new], since[new] = 0, step
        path.append(np.mean(cars == 0))
    return np.array(path)


def paths(cuts: int, n: int) -> Floats:
    """Twenty seeds of n consumers over twenty weeks: (seeds, steps)."""
    return np.array([spread(seed, n, cuts, 20 * cuts) for seed in SEEDS])


@row(
    "diffusion.recursion",
    "Adopters on a complete graph after 1, 2, 5, 10, 20 weeks",
    "完全图上第 1、2、5、10、20 周的采用比例",
    "F += (1 - F)(1 - exp(-(p + q F)))",
    HEARD,
    THRESHOLDS,
    seconds=0.7,
)
def recursion() -> Finding:
    """501 consumers, synchronous weeks, twenty seeds."""
    return means(paths(1, 501)[:, [t - 1 for t in DISCRETE]], list(DISCRETE.values()), known_to=0.001)


@row(
    "diffusion.half-steps",
    "Adopters in half-week steps after 1, 2, 5, 10, 20 weeks; error to Bass, half over whole steps",
    "半周步长下第 1、2、5、10、20 周的采用比例；与 Bass 闭式解之差的半步/整步比",
    "the recursion at half the rates; its own first-order error, .54",
    HEARD,
    THRESHOLDS,
    seconds=6.0,
)
def half_steps() -> Finding:
    """1,001 consumers, the same thresholds at both steps; errors are compared over weeks 4 to 8, where large."""
    early, at = [2 * t - 1 for t in DISCRETE], np.array([4, 5, 6, 8])
    closed, path = bass(P, Q, at), {cuts: paths(cuts, 1_001) for cuts in (1, 2)}
    theirs = {cuts: bass_recursion(P / cuts, Q / cuts, 20 * cuts) for cuts in (1, 2)}
    whole, half = ((closed - path[cuts][:, at * cuts - 1]).mean(axis=1) for cuts in (1, 2))
    expected = float((closed - theirs[2][2 * at - 1]).mean() / (closed - theirs[1][at - 1]).mean())
    width = 4.0 * float(standard_error(half - expected * whole)) / float(whole.mean())
    halved = exact(half.mean() / whole.mean(), expected, width)
    return every(means(path[2][:, early], theirs[2][early], known_to=0.001), halved)


@row(
    "diffusion.hazard",
    "Known after .2 and .9 contacts: never, then, first",
    "接触 0.2 与 0.9 后的知晓：从未、其间、起初",
    "1 - exp(-contacts)",
    THRESHOLDS,
)
def hazard() -> Finding:
    """50,000 consumers and two cars of twenty seeds; last the joint law of both cars, which must be independent."""
    rows_, seen, both = np.arange(50_000), [], []
    for seed in SEEDS:
        limits = awareness.thresholds(Chance(seed), rows_, words(["a", "b"]))
        little, more = limits <= 0.2, limits <= 0.9
        seen.append([little[:, 0].sum(), (more & ~little)[:, 0].sum(), (~more)[:, 0].sum()])
        both.append(np.bincount(2 * more[:, 0] + more[:, 1], minlength=4))
    known, never = -math.expm1(-0.9), math.exp(-0.9)
    first = -math.expm1(-0.2)
    joint = [never**2, never * known, known * never, known**2]
    return every(counts(seen, [first, math.exp(-0.2) - never, never]), counts(both, joint))


def memory(forgetting: float, begins: int = -1_000, half_life: float = 1.0) -> MediaMemory:
    """The memory of one car with .3 contacts a week."""
    name = {"en": "car", "zh": "车"}
    car = Car.model_validate(
        {
            "name": name, "fictional": name, "brand": "maker", "maker": "maker", "price_cny": 1e5, "channels": ["shop"],
            "range_km": 400.0, "exposure": {"contacts_per_week": 0.3},
            "production": {"capacity_per_week": 1.0, "inventory_weeks": 0.0},
        }
    )  # fmt: skip
    section = Media(forgetting_per_week=forgetting, excitement_half_life_weeks=half_life)
    return MediaMemory(section, {"a": car}, (), np.array([begins], np.int64))


@row(
    "diffusion.media",
    "Contacts 30 weeks on, media begun on day 10; forgetting 0, .04, 1; and after a long run",
    "第 10 天开始投放、30 周后的接触（遗忘 0、0.04、1）及长期均衡",
    "dc/dt = rate - forgetting c",
    MEMORY,
)
def media() -> Finding:
    """.3 contacts a week; last: what an old car has at the start, with forgetting .04."""
    found, expected, weeks = [], [], 200 / 7.0
    for forgetting in (0.0, 0.04, 1.0):
        new = memory(forgetting, 10)
        for week in range(30):
            new.pass_week(week)
        found.append(new.contacts.item())
        expected.append(0.3 * (weeks if forgetting == 0.0 else -math.expm1(-forgetting * weeks) / forgetting))
    found.append(memory(0.04).contacts.item())
    return exact(found, [*expected, 0.3 / 0.04], 1e-9)


@row(
    "diffusion.excitement",
    "Excitement of 5 after ten weeks at half-lives of 1 and 2 weeks; a burst remembered from a Thursday",
    "初始热度 5、半衰期 1 与 2 周、十周后；周四脉冲的记忆",
    "halving; exp(-forgetting x weeks)",
    MEMORY,
)
def excitement() -> Finding:
    """In one piece and in days alike; two contacts on day 3, forgotten at .3 a week, at the end of week 4."""
    found = []
    for half_life, days in ((1.0, 7), (2.0, 1)):
        one = memory(0.04, begins=3, half_life=half_life)
        one.burst(0, 2.0, {"elsewhere": 1.0}, 5.0)
        for _ in range(70 // days):
            one.cool(days)
        found.append(one.excitement.item())
    quiet, told = memory(0.3, begins=1_000), memory(0.3, begins=1_000)
    for week in range(4):
        quiet.pass_week(week)
        told.pass_week(week)
        if week == 0:
            told.burst(0, 2.0, {"elsewhere": 1.0}, 0.0, 3)
    found.append((told.contacts - quiet.contacts).item())
    return exact(found, [5.0 * 0.5**10, 5.0 * 0.5**5, 2.0 * math.exp(-0.3 * 25 / 7.0)], 1e-9)
