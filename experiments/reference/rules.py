"""Rules of the market in plain Python that have no readable form beside their columns: the specification.

Media, talk, excitement, lines, promises and queues, for one consumer, one car or one line at a time. Most of a week's
rules stand as `..._of_one` beside their columns in `market.people` and `market.stories`; these are the rest. What
stories do is in `experiments.reference.hearsay`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from market.calendar import DAYS, Clock
from market.cars import Channel, Drift
from market.chance import Chance
from market.drift import WEEKS_PER_MONTH
from market.industry.supply import LONGEST_PROMISE_WEEKS
from market.people.awareness import cooling_weeks, remembered
from market.people.orders import LOCKED, ORDERED, Anger
from market.people.profiles import normal_quantile


class Heard(NamedTuple):
    """What a circle of people says about one car."""

    weeks: float = 0.0
    """remembered weeks of contact, mean over all ties"""
    share: float = 0.0
    """part of the ties who have the car"""


def contacts_after(contacts: float, rate: float, *, begins: int, first_day: int, days: int, forgetting: float) -> float:
    """Remembered media contacts of one car in one place after a round: old ones fade while new ones arrive steadily.

    >>> contacts_after(2.0, 1.0, begins=0, first_day=7, days=7, forgetting=0.0)
    3.0
    """
    weeks = min(max(first_day + days - begins, 0), days) / DAYS
    if forgetting == 0.0:
        return contacts + rate * weeks
    return contacts * math.exp(-forgetting * days / DAYS) - rate * math.expm1(-forgetting * weeks) / forgetting


def excitement_after(excitement: float, *, days: int, half_life_weeks: float) -> float:
    """Excitement around one car after a round.

    >>> excitement_after(1.0, days=14, half_life_weeks=1.0)
    0.25
    """
    return float(excitement * 0.5 ** (days / DAYS / half_life_weeks))


def heard(
    ties: Sequence[tuple[int, int]], week: int, forgetting: float, loudness: Sequence[float] | None = None
) -> dict[int, Heard]:
    """What a consumer hears of every car in one pass over the ties, each (car or -1, week since when).

    Cars of this week count from the next: everybody speaks of what was there before. `loudness` says how much more than
    usual each of them talks (none: all alike).

    >>> heard([(4, 0), (4, 1), (-1, 0), (7, 2)], week=2, forgetting=0.0)
    {4: Heard(weeks=0.75, share=0.5)}
    """
    weeks: dict[int, list[float]] = {}
    for number, (car, since) in enumerate(ties):
        if car >= 0 and since < week:
            volume = 1.0 if loudness is None else loudness[number]
            weeks.setdefault(car, []).append(remembered(week - since, forgetting) * volume)
    return {car: Heard(sum(told) / len(ties), len(told) / len(ties)) for car, told in weeks.items()}


def patience_left(patience: float, pull: float, *, begins: float, ends: float, half_life_weeks: float) -> float:
    """Patience of a searching consumer after some of a round in which known cars excite the feed; at 0, decide.

    `pull` is the excitement around those cars when the round began, times the impulsiveness; it cools. Times are in
    weeks since the round began.

    >>> round(patience_left(1.0, 1.0, begins=0.0, ends=1.0, half_life_weeks=1.0) + 0.5 / math.log(2.0), 6)
    1.0
    """
    return float(patience - pull * (cooling_weeks(ends, half_life_weeks) - cooling_weeks(begins, half_life_weeks)))


def carried_away_after(patience: float, pull: float, *, begins: float, half_life_weeks: float) -> float:
    """Weeks since the round began after which patience is used up by a pull that works from `begins` on.

    >>> round(carried_away_after(0.5 / math.log(2.0), 1.0, begins=0.0, half_life_weeks=1.0), 6)
    1.0
    """
    felt, decay = float(cooling_weeks(begins, half_life_weeks)) + patience / pull, math.log(2.0) / half_life_weeks
    return -math.log1p(-decay * min(felt, (1.0 - 1e-12) / decay)) / decay


def anger_between(anger: Anger, begins: float, ends: float) -> float:
    """The hazard of cancelling that a revealed term adds between two times in weeks; none before it is revealed.

    >>> round(anger_between(Anger(0.5, 10.0, 2.0), 0.0, 12.0) * math.log(2.0), 6)
    0.5
    """
    left = [0.5 ** (max(time - anger.begins, 0.0) / anger.half_life) for time in (begins, ends)]
    return anger.hazard * anger.half_life / math.log(2.0) * (left[0] - left[1])


def calendar_weeks(clock: Clock, days: int, market_time: float) -> float:
    """Calendar time at which market time reaches a value, in weeks since the start of a run of so many days."""
    if market_time < 0.0:
        return market_time
    day = bisect_right(range(days + 1), market_time, key=clock.at) - 1
    if day >= days:
        return days / DAYS
    return (day + (market_time - clock.at(day)) / (clock.at(day + 1) - clock.at(day))) / DAYS


def market_weeks(clock: Clock, weeks: float) -> float:
    """Market time at a calendar time in weeks since the start of a run: the inverse of `calendar_weeks`."""
    if weeks < 0.0:
        return weeks
    day = math.floor(weeks * DAYS)
    return clock.at(day) + (weeks * DAYS - day) * (clock.at(day + 1) - clock.at(day))


def wander_of_one(
    chance: Chance, drift: Drift, *, car_key: int, first_week: int, weeks: int, appeal: float, trend_per_month: float,
    launch_week: int = 0,
) -> list[float]:  # fmt: skip
    """Attractiveness of one car at the start of each week: constant, trend, random walk and passing noise.

    `first_week` counts from the first week of the calendar, so that the history belongs to the dates. The walk starts
    at 0 in week 0 of the run, or in the week of the run in which the car is launched.
    """
    walk, path = 0.0, []
    for week in range(weeks):
        step = normal_quantile(chance.one("drift", first_week + week, columns=(car_key,)))
        noise = normal_quantile(chance.one("noise", first_week + week, columns=(car_key,)))
        walk += step * drift.permanent_sd_per_month / math.sqrt(WEEKS_PER_MONTH) if week > launch_week else 0.0
        passing = noise * drift.transitory_sd_per_month * math.sqrt(WEEKS_PER_MONTH)
        path.append(appeal + walk + passing + week * trend_per_month / WEEKS_PER_MONTH)
    return path


def ramped_weeks_of_one(weeks_on_sale: float, ramp_weeks: float) -> float:
    """Weeks of full capacity a line has built since its launch: capacity rises in a line, then it is full.

    >>> ramped_weeks_of_one(-1.0, 8.0), ramped_weeks_of_one(4.0, 8.0), ramped_weeks_of_one(10.0, 8.0)
    (0.0, 1.0, 6.0)
    """
    if weeks_on_sale <= 0.0:
        return 0.0
    return weeks_on_sale**2 / (2.0 * ramp_weeks) if weeks_on_sale < ramp_weeks else weeks_on_sale - ramp_weeks / 2.0


def need_of_one(backlog: float, stock: float, target_stock: float) -> float:
    """Cars that a maker would like to have built: orders and the target stock, less what is in stock."""
    return max(backlog + target_stock - stock, 0.0)


def build_on_line(needs: Sequence[float], capacities: Sequence[float], limit: float) -> list[float]:
    """Cars built of each car of one line: each up to its need and capacity, together up to the limit of the line.

    A line that is short is shared in proportion to what its cars could use.

    >>> build_on_line([10.0, 30.0], [20.0, 20.0], 15.0)
    [5.0, 10.0]
    """
    wanted = [min(need, capacity) for need, capacity in zip(needs, capacities, strict=True)]
    total = sum(wanted)
    return [want * limit / total for want in wanted] if total > limit else wanted


def promised_weeks_of_one(
    queue: float, capacity: float, line_capacity: float, *, lead_weeks: float, optimism: float, weeks_on_sale: float
) -> float:
    """Lead time promised to who orders one car now: handover, the time until the launch, and part of the queue.

    `queue` is what waits on the line beyond its stocks.
    """
    rate = min(capacity, line_capacity)
    wait = queue / rate if rate > 0.0 else LONGEST_PROMISE_WEEKS
    return min(lead_weeks + max(-weeks_on_sale, 0.0) + (1.0 - optimism) * wait, LONGEST_PROMISE_WEEKS)


def first_come_first_served(queue: Iterable[tuple[int, float]], available: Sequence[float]) -> list[bool]:
    """Who of (line, amount needed), in order of arrival, is served; nobody before those ahead in the same line.

    Whoever finds at least half of the amount is served.

    >>> first_come_first_served([(0, 2.0), (1, 1.0), (0, 2.0), (0, 1.0)], [2.5, 5.0])
    [True, True, False, False]
    """
    asked = [0.0] * len(available)
    served = []
    for line, amount in queue:
        asked[line] += amount
        served.append(asked[line] - 0.5 * amount <= available[line] * (1.0 + 1e-12))
    return served


def handover_times(
    queue: Iterable[tuple[int, float, float]], stock: Sequence[float], built: Sequence[float], *, begin: float,
    weeks: float,
) -> list[float | None]:  # fmt: skip
    """When each of (car, amount needed, ready at), in order of arrival, is handed a car; None: not in this round.

    `stock` is there when the round begins; what is `built` comes evenly over its `weeks`, to each in turn. Nobody is
    served before those ahead.

    >>> handover_times([(0, 2.0, 5.5), (0, 2.0, 5.5), (0, 2.0, 5.5)], [2.0], [2.5], begin=5.0, weeks=1.0)
    [5.5, 5.8, None]
    """
    asked = [0.0] * len(stock)
    times: list[float | None] = []
    for car, amount, ready in queue:
        asked[car] += amount
        missing = max(asked[car] - stock[car], 0.0)
        if asked[car] - 0.5 * amount > (stock[car] + built[car]) * (1.0 + 1e-12):
            times.append(None)
        elif missing == 0.0 or built[car] == 0.0:
            times.append(ready)
        else:
            times.append(max(ready, begin + min(missing / built[car], 1.0) * weeks))
    return times


def forfeit_of_one(channel: Channel, stage: int, refunded: bool = False) -> float:
    """Thousand CNY lost by cancelling in a stage of the path; nothing where an answer has offered a refund."""
    if refunded:
        return 0.0
    lost = {"deposit": stage in (ORDERED, LOCKED), "lock": stage == LOCKED, "delivery": False}
    return channel.deposit_cny / 1e3 if lost[channel.refundable_until] else 0.0
