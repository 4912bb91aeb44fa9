"""Evidence: the two crises of 2025 as natural experiments, read off a market as a newspaper would report them.

Each is run once to the day before, and continued in several worlds that share every bit of luck: as it was, without the
event, and, where somebody answered, without the answer. A world without the event says what would have been reported
anyway, so that a figure that fits both says nothing. Nothing here is fitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from market import Case, Market
from market.calendar import DAYS, Round
from market.happenings import FAILURES, Answer, Failure, Happening, MediaBurst

Floats = NDArray[np.float64]
Moments = dict[str, float]
AFTER_DAYS, MONTH_DAYS, BLAME_WEEKS, TREND_WEEKS = 7, 28, 2, 4
FALL = 0.1
"""A flow has fallen when it is this part below what it would have been."""
OVERSAMPLED = 8.0
"""Sampling rate of the households that could afford the car, against 1 for the others."""


class Watched(Market):
    """A market that also writes flows and attention down day by day; it goes the same way as any other."""

    def __init__(self, case: Case, rng: int) -> None:
        """Build the market of a case."""
        self.today = 0
        self.daily: dict[tuple[str, int], Floats] = {}
        """(cars,) households by flow and first day of the round"""
        self.shown: dict[str, dict[int, float]] = {}
        """contacts a day that feeds bring to an average user, by story and day"""
        super().__init__(case, rng)

    def happen(self, this: Round) -> None:
        """Act 1, on a day that is kept in mind."""
        self.today = this.first_day
        super().happen(this)

    def spread(self, this: Round) -> None:
        """Act 12, after a look at what feeds will show."""
        if self.opinion.live:
            stories = self.opinion.stories
            for story, seen in zip(stories.live, stories.contacts().sum(axis=1), strict=True):
                self.shown.setdefault(story.word, {})[this.first_day] = float(seen)
        super().spread(this)

    def record(
        self, flow: str, rows: NDArray[np.intp], offer: NDArray[np.integer], forfeits: NDArray[np.bool_] | None = None
    ) -> None:
        """Write a flow into the ledger, and into the diary."""
        super().record(flow, rows, offer, forfeits)
        cars = len(self.catalogue.cars)
        here = self.daily.setdefault((flow, self.today), np.zeros(cars))
        here += np.bincount(self.catalogue.car_of[offer], self.book.weight(rows), cars)

    def between(self, flow: str, first: int, end: int, car: str) -> float:
        """Households of a flow of a car from a day up to, and without, another."""
        at = self.catalogue.car_index[car]
        return float(sum(of[at] for (name, day), of in self.daily.items() if name == flow and first <= day < end))


# ------------------------------------------------------------------------------------------------ what happened


def events_of(case: Case) -> list[Failure | Answer]:
    """Failures of the focal car that the case dates, and the answers to them, in order of time."""
    failures = [h for h in case.happenings if h.kind in FAILURES and getattr(h, "car", None) == case.focal_car]
    ids = {h.id for h in failures}
    answers = [h for h in case.happenings if isinstance(h, Answer) and h.to in ids]
    found = [h for h in (*failures, *answers) if isinstance(h, Failure | Answer)]
    return sorted(found, key=lambda h: (h.on, isinstance(h, Answer), h.id))


def moved(events: Iterable[Failure | Answer], days: int) -> list[Failure | Answer]:
    """The same events some days later."""
    return [event.model_copy(update={"on": event.on + timedelta(days=days)}) for event in events]


def without_events(case: Case, until: date, consumers: int | None = None, start: date | None = None) -> Case:
    """The case without these events and running at least `until` a date, more closely sampled around the focal car."""
    first = start or case.calendar.start
    price = case.cars[_focal(case)].price_cny
    changes: dict[str, object] = {f"happenings.{event.id}": None for event in events_of(case)}
    changes |= {"calendar.start": first, "calendar.weeks": ceil((until - first).days / DAYS)}
    for stratum in case.population.strata:
        low, high = stratum.budget_cny
        rate = OVERSAMPLED if low <= price < high else 1.0
        changes[f"population.strata.{stratum.id}.sampling_rate"] = rate
    return case.change(changes | ({} if consumers is None else {"population.consumers": consumers}))


def _focal(case: Case) -> str:
    if case.focal_car is None:
        raise ValueError("display.focal_car: none is set; name the car whose crisis is looked at")
    return case.focal_car


def _worlds(
    quiet: Case, seed: int, day: int, worlds: Sequence[Sequence[Happening]], cuts: Iterable[int]
) -> Iterator[Watched]:
    """One market after the other, run to its end, that go their own ways from the week of `day`.

    All are cut at the days `cuts`, so that a queue of test drives is served day by day in each of them.
    """
    before = Watched(quiet, seed).run(day // DAYS)
    marks = [
        MediaBurst(id=f"mark_{cut}", on=quiet.calendar.date_of(cut), car=_focal(quiet), contacts=0.0) for cut in cuts
    ]
    for events in worlds:
        world = before.fork()
        for event in (*marks, *events):
            world.schedule(event)
        yield world.run()
        world.close()
    before.close()


def by_month(by_week: Floats, start: date, names: Sequence[str]) -> pd.DataFrame:
    """Weekly flows (weeks, cars) as whole months: a row for each ("2025-04"), weeks divided by their days.

    >>> by_month(np.full((9, 1), 7.0), date(2025, 1, 6), ["a"])["a"].to_dict()
    {'2025-02': 28.0}
    """
    days = pd.date_range(start, periods=DAYS * len(by_week), freq="D")
    table = pd.DataFrame(np.repeat(by_week / DAYS, DAYS, axis=0), columns=list(names))
    months = days.strftime("%Y-%m")
    total = table.groupby(months).sum()
    whole = pd.Series(months).value_counts().reindex(total.index) == [pd.Period(m).days_in_month for m in total.index]
    return total[whole.to_numpy()]


# ------------------------------------------------------------------------------------------------ November 2025


def crisis(case: Case, seed: int, later_days: int = 0, consumers: int | None = None) -> Moments:
    """What would have been reported of the focal car's crisis; `later_days` moves it to another date.

    Shares are of orders standing on the day plus those of the week after it. Keys that begin with `quiet_` say the
    same of the world without the event.
    """
    events, car = moved(events_of(case), later_days), _focal(case)
    happened = min(event.on for event in events)
    answers = [event for event in events if isinstance(event, Answer)]
    quiet = without_events(case, happened + timedelta(days=8 * DAYS), consumers)
    day = quiet.calendar.day_of(happened)
    week, answered = day // DAYS, quiet.calendar.day_of(min((a.on for a in answers), default=happened))
    failures = [event for event in events if isinstance(event, Failure)]
    cuts = range(day, answered + MONTH_DAYS + 1)
    found: Moments = {}
    blame: list[Floats] = []
    lost: list[float] = []
    for name, world in zip(
        ("", "quiet_", "silent_"), _worlds(quiet, seed, day, (events, (), failures), cuts), strict=True
    ):
        cancelled = world.between("cancellations", day, day + AFTER_DAYS, car)
        found[f"{name}cancelled_share"] = _part(cancelled, _standing(world, car, day))
        blame.append(sum(world.opinion.account.amounts(w).blame for w in range(week, week + BLAME_WEEKS)))
        lost.append(_net_orders(world, car, answered, answered + MONTH_DAYS))
        if name == "":
            found |= _launched(world, car, day) | _answered(world, car, day, failures, answers)
    added = np.maximum(blame[0] - blame[1], 0.0)
    keys = world.catalogue.organisations
    found |= {f"blame_{key}": _part(float(added[keys.index(key)]), float(added.sum())) for key in keys}
    return found | {"remaining_loss": _part(lost[1] - lost[0], lost[1] - lost[2])}


def _standing(world: Watched, car: str, day: int) -> float:
    """Orders that stood on a day or came in the week after it: what could be cancelled then."""
    ordered = world.between("orders", -DAYS, day + AFTER_DAYS, car)
    return ordered - sum(world.between(flow, -DAYS, day, car) for flow in ("cancellations", "deliveries"))


def _net_orders(world: Watched, car: str, first: int, end: int) -> float:
    return world.between("orders", first, end, car) - world.between("cancellations", first, end, car)


def _launched(world: Watched, car: str, day: int) -> Moments:
    """What was known before the crisis: reservations of the first day, orders until the day before."""
    launch = int(world.catalogue.launch_day[world.catalogue.car_index[car]])
    return {
        "first_day_reservations": world.between("reservations", launch, launch + 1, car),
        "orders_before": world.between("orders", -DAYS, day, car),
    }


def _answered(
    world: Watched, car: str, day: int, failures: Sequence[Failure], answers: Sequence[Answer]
) -> Moments:  # fmt: skip
    """How late the answer came, and which part of those who ever heard did so only afterwards."""
    kinds = {failure.kind for failure in failures}
    written = [event for event in world.events.written if event.car == car and event.kind in kinds and event.day >= day]
    informed: dict[str, float] = {}
    for event in written:
        if event.act not in ("failure", "complaint", "end", "decision", "exit"):
            informed.setdefault(event.kind, event.informed)
    ended = {event.kind: event.informed for event in written if event.act == "end" and event.kind in informed}
    live = {s.kind: float(s.informed.sum()) for s in world.opinion.stories.live if s.kind in informed}
    at_last = sum({**live, **ended}.values())
    days = min((a.on for a in answers), default=None)
    return {
        "attention_left": _part(at_last - sum(informed.values()), at_last) if informed else np.nan,
        "response_days": np.nan if days is None else float(world.case.calendar.day_of(days) - day),
    }


# ------------------------------------------------------------------------------------------------ March 2025

START, END = date(2024, 11, 25), date(2025, 10, 1)
BASE, MONTHS = ("2024-12", "2025-01", "2025-02", "2025-03"), range(4, 10)


def safety(case: Case, seed: int, later_days: int = 0, consumers: int | None = None, whole: bool = True) -> Moments:
    """What would have been reported of the focal car's safety event; `later_days` moves it and what followed.

    Shares of a month are of all cars delivered, against the mean of December to March. Without `whole`, the market
    ends soon after the event and only the change of orders is told.
    """
    events, car = moved(events_of(case), later_days), _focal(case)
    first = events[0]
    until = END if whole else first.on + timedelta(days=5 * DAYS)
    events = [event for event in events if event.on < until]
    quiet = without_events(case, until, consumers, START)
    day = quiet.calendar.day_of(first.on)
    found: Moments = {}
    flows: list[dict[str, Floats]] = []
    cuts = range(day, day + MONTH_DAYS + 1)
    for name, world in zip(("", "quiet_"), _worlds(quiet, seed, day, (events, ()), cuts), strict=True):
        before, after = (world.between("orders", d, d + MONTH_DAYS, car) for d in (day - MONTH_DAYS, day))
        found[f"{name}orders_change"] = _part(after - before, before)
        if not whole:
            continue
        focal = world.catalogue.car_index[car]
        flows.append({flow: world.ledger.by_car(flow)[:, focal] for flow in ("orders", "deliveries")})
        found |= {f"{name}{key}": value for key, value in _shares(world, car).items()}
        if name == "":
            found |= _attention(world.shown.get(first.id, {}), day)
    if whole:
        found["lag_months"] = lag_weeks(flows[0], flows[1], day // DAYS) / (365.25 / 12 / DAYS)
    return found


def _shares(world: Watched, car: str) -> Moments:
    """Change of a car's share by month, and of its brand's in August against March; orders of the brand's launch."""
    cars = world.catalogue.cars
    table = by_month(world.ledger.by_car("deliveries"), world.case.calendar.start, list(cars))
    share = table.div(table.sum(axis=1), axis=0)
    of_car = dict(zip(share.index, share[car].to_numpy(float), strict=True))
    usual = float(np.mean([of_car[month] for month in BASE]))
    found = {f"share_{m - 3}": _part(of_car[f"2025-{m:02}"] - usual, usual) for m in MONTHS}
    of_brand = [key for key in cars if cars[key].brand == cars[car].brand]
    brand = share[of_brand].sum(axis=1)
    found["brand_august"] = _part(brand["2025-08"] - brand["2025-03"], brand["2025-03"])
    for key in of_brand:
        launch = int(world.catalogue.launch_day[world.catalogue.car_index[key]])
        if key != car and launch > 0:
            found["launch_orders"] = world.between("orders", launch, launch + AFTER_DAYS, key)
    return found


def _attention(shown: dict[int, float], day: int) -> Moments:
    """Part of all contacts with a story that fell into its first three days."""
    early = sum(seen for d, seen in shown.items() if d < day + 3)
    return {"three_days": _part(early, sum(shown.values()))}


def lag_weeks(event: dict[str, Floats], quiet: dict[str, Floats], week: int) -> float:
    """Weeks from the fall of orders to that of deliveries after an event; NaN if either never falls.

    A flow has fallen in the first four weeks whose sum is a tenth below that of the world without the event.

    >>> orders, ready = np.full(20, 10.0), np.full(20, 10.0)
    >>> event = {"orders": np.where(np.arange(20) < 4, 10.0, 5.0), "deliveries": np.where(np.arange(20) < 9, 10.0, 5.0)}
    >>> lag_weeks(event, {"orders": orders, "deliveries": ready}, week=4)
    5.0
    """
    fell, first = [], max(week - TREND_WEEKS + 1, 0)
    for flow in ("orders", "deliveries"):
        window = np.ones(TREND_WEEKS)
        with_it, without = (np.convolve(world[flow][first:], window, "valid") for world in (event, quiet))
        low = np.flatnonzero(with_it < (1.0 - FALL) * without)
        fell.append(float(low[0]) if len(low) else np.nan)
    return fell[1] - fell[0]


def _part(amount: float, of: float) -> float:
    return float(amount / of) if of > 0.0 else float("nan")
