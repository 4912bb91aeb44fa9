"""Cases made at random: any valid case that files may state, on small populations, and what must hold of its market."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from small_cases import small_case

from market import Case, CaseError, Market
from market.happenings import FAILURES
from market.industry.books import LINES
from market.modes import MODES
from market.people.orders import STAGES

SMALL = "three makers"
Changes = dict[str, Any]
Number = tuple[str, FieldInfo, float]

MOST: dict[str, float] = {
    "population.consumers": 300, "calendar.weeks": 16, "population.history_weeks": 40, "acquaintances.degree": 12,
    "acquaintances.followees": 12, "steps": 3, "sample": 200, "variants": 3,
}  # fmt: skip
"""Largest values tried where more would only take longer: by full name or last part of it."""


@cache
def base(name: str) -> Case:
    """A bundled case, or the small one of the tests with every mechanism on."""
    return small_case(heart=True) if name == SMALL else Case.load(name)


@cache
def numbers(name: str) -> tuple[Number, ...]:
    """Every single number of a case with its field, by full name."""
    return tuple(_numbers(base(name), ""))


def _numbers(section: BaseModel, at: str) -> Iterator[Number]:
    for name, info in type(section).model_fields.items():
        value, path = getattr(section, name), f"{at}{info.alias or name}"
        inside: dict[str, Any] = {}
        if isinstance(value, BaseModel):
            inside = {"": value}
        elif isinstance(value, dict):
            inside = {f".{key}": item for key, item in value.items()}
        elif isinstance(value, list):
            inside = {f".{getattr(item, 'id', '')}": item for item in value}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield path, info, value
        for key, item in inside.items():
            if isinstance(item, BaseModel):
                yield from _numbers(item, f"{path}{key}.")


def limits(path: str, info: FieldInfo) -> tuple[float, float]:
    """Within which a number may be tried: the limits of its field, and MOST."""
    low, high = -1e6, 1e6
    for limit in info.metadata:
        low = float(getattr(limit, "ge", getattr(limit, "gt", low)))
        high = float(getattr(limit, "le", getattr(limit, "lt", high)))
    return low, max(low, min(high, MOST.get(path, MOST.get(path.split(".")[-1], high))))


def _some(luck: random.Random, ids: Any, most: int = 3) -> list[str]:
    known = sorted(ids)
    return luck.sample(known, luck.randint(1, min(most, len(known))))


def _row(luck: random.Random, ids: Any) -> dict[str, float]:
    """Shares of some of the ids that sum to 1 but for rounding."""
    parts = {key: luck.choice((0.0, 1.0, luck.random(), 1e-9)) for key in _some(luck, ids)}
    total = sum(parts.values())
    return {key: part / total for key, part in parts.items()} if total else {next(iter(parts)): 1.0}


def _number(luck: random.Random, path: str, info: FieldInfo, now: float) -> float:
    low, high = limits(path, info)
    tried = luck.choice((low, high, 0.0, 1.0, now * 10.0 ** luck.uniform(-2.0, 2.0), now * luck.uniform(0.5, 2.0)))
    inside = min(max(tried, low), high)
    return round(inside) if isinstance(now, int) else inside


def _day(luck: random.Random, case: Case) -> date:
    return case.calendar.start + timedelta(days=luck.randint(0, 7 * int(MOST["calendar.weeks"]) + 7))


def happening(luck: random.Random, case: Case, key: str, failures: list[tuple[str, date]]) -> Changes:
    """A dated event of any kind that concerns what is in the case."""
    car, on = luck.choice(sorted(case.cars)), _day(luck, case)
    places = {*case.platforms, "elsewhere"}
    heat = luck.choice((0.0, luck.uniform(0.0, 5.0), 1e3))
    parties = luck.sample(sorted(case.organisations), 2)
    kinds: dict[str, Callable[[], Changes]] = {
        "price_change": lambda: {"price_cny": luck.uniform(1e3, 5e5)},
        "promotion": lambda: {"discount_cny": luck.uniform(0, 5e4), "until": on + timedelta(luck.randint(1, 60))},
        "tax_cliff": lambda: {"pull_forward_share": luck.random(), "pull_forward_weeks": luck.uniform(0.1, 30.0)},
        "launch": lambda: {"contacts": heat, "mix": _row(luck, places), "excitement": heat},
        "capacity_change": lambda: {"capacity_per_week": luck.choice((0.0, 1e6, luck.uniform(0, 1e4)))},
        "revealed_term": lambda: {"plan": luck.choice(sorted(case.plans)), "cancelling": heat},
        "media_burst": lambda: {"contacts": heat, "mix": _row(luck, places)},
        "exit": lambda: {"leaver": parties[0], "heir": parties[1]},
        "decision": lambda: _move(luck, case, parties),
        "answer": lambda: _answer(luck, case, failures),
        "failure": lambda: {
            "severity": luck.uniform(0.0, 10.0), "contribution": luck.choice(({}, _row(luck, case.organisations))),
            "known": luck.random() < 0.8, "attention": heat, "mix": _row(luck, places),
            "plan": luck.choice((None, *sorted(case.plans))),
        },
    }  # fmt: skip
    open_to = [kind for kind in kinds if kind != "answer" or failures]
    (kind,) = luck.choices(open_to, [{"failure": 3, "answer": 4}.get(kind, 1) for kind in open_to])
    made = {"id": key, "kind": kind, "on": on, **kinds[kind]()}
    if kind == "failure":
        made["kind"] = luck.choice(FAILURES)
        failures.append((key, on))
    without_car = ("tax_cliff", "revealed_term", "answer")
    return made if kind in without_car else {"car": car, **made}


def _move(luck: random.Random, case: Case, parties: list[str]) -> Changes:
    """A part of a role that goes from one party to the other."""
    return {
        "function": luck.choice(case.functions), "from": parties[0], "to": parties[1], "share": luck.random(),
        "setup_cny": luck.choice((0.0, 1e8)), "unit_cost_cny": luck.choice((0.0, 500.0)),
        "learning_weeks": luck.choice((0.0, 6.0)),
    }  # fmt: skip


def _answer(luck: random.Random, case: Case, failures: list[tuple[str, date]]) -> Changes:
    to, since = luck.choice(failures)
    by = _some(luck, case.organisations, 2)
    return {
        "to": to, "on": since + timedelta(luck.choice((0, 1, 2, 6, 30))), "by": by, "admission": luck.uniform(-1, 1),
        "shift_to": luck.choice([None, *sorted({*case.organisations} - {*by})]),
        "remedy_cny": luck.choice((0.0, 3_000.0, 1e6)), "refund": luck.random() < 0.3, "directly": luck.random(),
        "information": luck.random() < 0.3, "attention": luck.choice((0.0, 1.0, 1e3)),
    }  # fmt: skip


def contract(luck: random.Random, case: Case) -> Changes:
    """What partners may have agreed on."""
    holder, of = luck.sample(sorted(case.organisations), 2)
    start = _day(luck, case)
    return {
        "cars": luck.choice((None, _some(luck, case.cars))), "channels": luck.choice((None, _some(luck, case.channels))),
        "seller": luck.choice((None, holder)), "commission": luck.random(), "start": luck.choice((None, start)),
        "definition_fee_cny": luck.choice((0.0, 5e3)), "minimum_volume_per_year": luck.choice((1.0, 1e5)),
        "shortfall_cny": luck.choice((0.0, 800.0)), "exclusive_until": start + timedelta(luck.randint(1, 90)),
        "exit_fee_cny": luck.choice((0.0, 1e8)), "liability_after_exit_weeks": luck.choice((0.0, 4.0, 100.0)),
        "data_fee_cny": luck.choice((0.0, 100.0)), "remedy_split": luck.choice(({}, _row(luck, case.organisations))),
        "stake": luck.choice((None, {"holder": holder, "of": of, "share": luck.random()})),
    }  # fmt: skip


def changes(luck: random.Random, name: str) -> Changes:
    """What makes a case of a given one: numbers anywhere within their limits, rows of roles, modes, events, contracts."""
    case = base(name)
    start = case.calendar.start + timedelta(days=luck.randint(0, 6))
    size = {"population.consumers": luck.randint(2, 300), "calendar.weeks": luck.randint(1, 16)}
    made: Changes = {"calendar.start": start, **size}
    for path, info, now in luck.sample(numbers(name), luck.randint(0, 12)):
        if path not in size:
            made[path] = _number(luck, path, info, now)
    for _ in range(luck.randint(0, 3)):
        car = luck.choice(sorted(case.cars))
        row = luck.choice((f"roles.{luck.choice(case.functions)}", "face"))
        made[f"cars.{car}.{row}"] = _row(luck, case.organisations)
    if luck.random() < 0.3:
        made[f"cars.{luck.choice(sorted(case.cars))}.mode"] = luck.choice(MODES)
    later = case.change({"calendar.start": start}) if not case.happenings and not case.decisions else case
    failures: list[tuple[str, date]] = []
    for at in range(luck.randint(0, 6)):
        made[f"happenings.random{at}"] = happening(luck, later, f"random{at}", failures)
    for at in range(luck.randint(0, 2)):
        parties = luck.sample(sorted(case.organisations), 2)
        move = {"id": f"random{at}", "car": luck.choice(sorted(case.cars)), "start": _day(luck, case)}
        made[f"decisions.random{at}"] = move | _move(luck, case, parties)
    if luck.random() < 0.5:
        made["contracts.random"] = contract(luck, case)
    return made


def with_those_that_hold(case: Case, wanted: Changes) -> tuple[Case, Changes]:
    """The case with all changes that are valid together: those a fault names, or else the last one, are left out."""
    left = dict(wanted)
    while True:
        try:
            return case.change(left), left
        except CaseError as error:
            named = [fault.path for fault in error.faults]
            bad = [key for key in left if any(f"{path}.".startswith(f"{key}.") for path in named)]
            for key in bad or list(left)[-1:]:
                del left[key]


BASES = (SMALL, *Case.bundled())


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A valid case: one of the bundled ones or the small one, with changes made at random."""
    name = draw(st.sampled_from(BASES))
    luck = draw(st.randoms(use_true_random=False))
    return with_those_that_hold(base(name), changes(luck, name))[0]


# What must hold of any market


def unsound(market: Market) -> list[str]:
    """What does not hold of a market that has run: numbers that are none, shares beyond 0 and 1, things lost."""
    return [*_unsound_people(market), *_unsound_tables(market), *_unsound_money(market)]


def _unsound_people(market: Market) -> Iterator[str]:
    consumers = market.consumers
    for name, column in consumers.columns.items():
        if column.dtype.kind == "f" and np.isnan(column).any():
            yield f"consumers.{name} is no number"
    stage = consumers.column("stage")
    if stage.min() < 0 or stage.max() >= len(STAGES):
        yield "a stage that there is not"
    waiting = np.flatnonzero(np.isin(stage, [STAGES.index(s) for s in ("ordered", "locked") if s in STAGES]))
    car = market.catalogue.car_of[consumers.column("offer")[waiting]]
    counted = np.bincount(car, market.book.weight(waiting), len(market.catalogue.cars))
    if not np.allclose(market.book.line.backlog(), counted, rtol=1e-9, atol=1e-6):
        yield "the backlog is not who waits"
    rows = market.catalogue.roles.sum(axis=2)
    if not np.allclose(rows, 1.0, atol=1e-6):
        yield "roles of a car do not sum to 1"
    trust = market.trust.deviation(np.arange(len(consumers)), market.week * 7)
    if not np.isfinite(trust).all():
        yield "trust is no number"


SHARES = {
    "market": ("outside_share", "customised_share"),  # interface_share is one of profit, which may be a loss
    "organisations": ("trust", "definition_power", "closed_loop_share"),
    "events": ("misattribution",),
}
ABOVE_0 = {
    "sales": ("reservations", "orders", "cancellations", "deliveries", "revenue_cny", "consumers_behind"),
    "market": ("in_market", "orders", "deliveries", "backlog", "hhi", "makers_customising", "attention"),
    "organisations": ("blame", "cause", "control", "blame_to_control", "aftermarket_cny"),
    "events": ("informed", "complaints"),
}


def _unsound_tables(market: Market) -> Iterator[str]:
    for table in ("sales", "market", "organisations", "finance", "events", "panel"):
        frame = getattr(market.ledger, table)()
        for name in frame.columns:
            if frame[name].dtype.kind == "f" and np.isinf(frame[name]).any():
                yield f"{table}.{name} is infinite"
        for name in SHARES.get(table, ()):
            given = frame[name].dropna()
            if ((given < -1e-9) | (given > 1.0 + 1e-9)).any():
                yield f"{table}.{name} is no share: {given.min()} to {given.max()}"
        for name in ABOVE_0.get(table, ()):
            if (frame[name].dropna() < -1e-6).any():
                yield f"{table}.{name} is below 0: {frame[name].min()}"


def _unsound_money(market: Market) -> Iterator[str]:
    books = market.industry.accounts.books
    if not np.isfinite(books.flow).all():
        yield "an account is no number"
        return
    moved = np.abs(books.flow).sum(axis=3)
    lost = np.abs(books.flow.sum(axis=3)) > 1e-6 * np.maximum(moved, 1.0)
    if lost.any():
        yield f"money is lost in {sorted({list(LINES)[line] for line in np.nonzero(lost)[2]})}"
    households = books.parties.index("households")
    paid = -(books.received("car") + books.received("package"))[..., households].sum()
    if not np.isclose(paid, market.ledger.revenue_cny.sum(), rtol=1e-9, atol=1.0):
        yield f"households paid {paid}, the ledger says {market.ledger.revenue_cny.sum()}"
