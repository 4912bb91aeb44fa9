"""The market of some months: the consumers of a case, and a car for each model that a sales file lists in them.

A model that the case knows keeps what the case says of it. Others are made of their row in the cars file: they are
built, sold and faced by their maker alone. What no row describes stays in the aggregates of the case.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from typing import Any

from experiments.sales import Cars, Sales
from experiments.sales.attributes import Attributes
from experiments.sales.sales import Model
from experiments.sales.tables import month_after, months_between
from market import Case, CaseError, Fault
from market.checks.cars import MOST_CARS

MOST_MODELS = 40
"""Models that become cars, those that the case knows and then the most sold; the others stay in the aggregates."""
ROOM = 1.5
"""Capacity of a line as a ratio to the best month of its car: makers add shifts before they turn buyers away."""
FALLBACK = {"fast_charge": 0.5, "intelligence": 0.4}
"""Where a cars file is silent: the default of the case."""
FASTEST_MINUTES, SLOWEST_MINUTES = 15.0, 60.0
"""From 30 to 80 per cent: what counts as 1 and as 0 in `fast_charge`."""
DAYS_A_MONTH = 365.25 / 12.0
CONTACTS = 0.12
"""Media contacts a week with a car of which nothing is known: usual in the bundled cases (judgement)."""


@dataclass(frozen=True)
class Built:
    """A market that sales can be held against."""

    case: Case
    model_of: dict[str, Model]
    """which model each car is; aggregates and cars that the file does not list are absent"""
    first: str
    last: str
    """months covered by the sales, as 2025-01"""
    made: frozenset[Model]
    """models that became cars by their row, the case not knowing them"""
    without_row: tuple[Model, ...]
    """listed models that no row describes"""
    left_out: tuple[Model, ...]
    """listed models with a row beyond the most sold ones"""

    @property
    def months(self) -> tuple[str, ...]:
        """Months of the window, in order."""
        return months_of(self.first, self.last)


def months_of(first: str, last: str) -> tuple[str, ...]:
    """Months from one to another, both included.

    >>> months_of("2024-12", "2025-02")
    ('2024-12', '2025-01', '2025-02')
    """
    return tuple(month_after(first, n) for n in range(months_between(first, last) + 1))


def car_id(model: Model) -> str:
    """Id of the car that is a model.

    >>> car_id(Model("Wuling", "Hongguang Mini EV")), car_id(Model("Zeekr", "001"))
    ('wuling_hongguang_mini_ev', 'zeekr_001')
    """
    plain = unicodedata.normalize("NFKD", f"{model.brand} {model.model}").encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return words if words and words[0].isalpha() else f"car_{words}"


def first_monday(month: str) -> date:
    """The first Monday of a month.

    >>> first_monday("2025-01")
    datetime.date(2025, 1, 6)
    """
    first = date(int(month[:4]), int(month[5:]), 1)
    return first + timedelta(days=(7 - first.weekday()) % 7)


def known_models(case: Case, models: Sequence[Model], cars: Cars) -> dict[str, Model]:
    """Which of some models the single cars of a case are: by id, by the bundled list of names, or by their name.

    Names are those of the sales, with the brand or without, and the Chinese ones of the cars file.
    """
    listed = resources.files("experiments") / "library" / "sales-names.toml"
    said = tomllib.loads(listed.read_text(encoding="utf-8"))
    stated = {key: Model(*pair) for key, pair in said["models"].items()}
    stated |= {key: Model(*entry["model"]) for key, entry in said["later"].items() if "model" in entry}
    by_id = {car_id(model): model for model in models}
    by_name: dict[str, list[Model]] = {}
    for model in models:
        told = cars[model].name_zh if model in cars else ""
        for name in filter(None, {model.model, f"{model.brand} {model.model}", told}):
            by_name.setdefault(name.casefold(), []).append(model)
    found: dict[str, Model] = {}
    for key, car in case.cars.items():
        same = by_name.get(car.name.en.casefold()) or by_name.get(car.name.zh.casefold()) or []
        guess = by_id.get(key) or stated.get(key) or (same[0] if len(same) == 1 else None)
        if guess is not None and guess in models and guess not in found.values() and not car.aggregate:
            found[key] = guess
    return found


def market_of(
    base: Case, sales: Sales, cars: Cars, first: str, last: str, most: int = MOST_MODELS, weeks_beyond: int = 0
) -> Built:
    """The market of the months from `first` to `last`, and some weeks beyond them, with at most `most` listed models.

    Raises CaseError where nothing could be calibrated: no model with a row, or a case without an aggregate to hold
    what is not listed.
    """
    window = sales.until(last).since(first)
    listed = sorted(window.models(), key=lambda model: -_sold(window, model))
    known = known_models(base, listed, cars)
    rows = [model for model in listed if model in known.values()]
    rows += [model for model in listed if model in cars and model not in rows]
    aggregates = [key for key, car in base.cars.items() if car.aggregate]
    room = min(most, MOST_CARS - len(aggregates) - sum(key not in known and key not in aggregates for key in base.cars))
    kept = rows[: max(room, len(known))]
    if faults := _faults(base, kept, aggregates):
        raise CaseError(faults)
    tables: dict[str, Any] = json.loads(base.model_dump_json())
    start = first_monday(first)
    end = first_monday(month_after(last))
    weeks = (end - start).days // 7 + 1 + weeks_beyond
    tables["calendar"] |= {"start": start.isoformat(), "weeks": weeks}
    tables["population"] |= {"market_size": _market_size(window, weeks), "horizon_weeks": weeks}
    table = tables["cars"]
    model_of = dict(known)
    ids = {model: key for key, model in model_of.items()}
    for number, model in enumerate(kept, start=1):
        if model not in ids:
            ids[model] = car_id(model)
            model_of[ids[model]] = model
            table[ids[model]] = _car(model, cars[model], number)
            _add_owner(tables, cars[model], number)
        _date(table[ids[model]], cars[model].launch_month if model in cars else None, window, model, start)
        _line(table[ids[model]], window, model)
    built = Case.parse(tables)
    unknown = tuple(model for model in listed if model not in rows)
    made = frozenset(kept) - set(known.values())
    return Built(built, model_of, first, last, made, unknown, tuple(rows[len(kept) :]))


def _faults(base: Case, kept: Sequence[Model], aggregates: Sequence[str]) -> list[Fault]:
    faults = []
    if not kept:
        faults.append(Fault("--cars", "describes no model that is listed", remedy="add rows for the listed models"))
    if not aggregates:
        what = "has no car with aggregate = true"
        faults.append(Fault("CASE", what, "models that no month lists need one", "begin with a case that has some"))
    return faults


def _sold(window: Sales, model: Model) -> float:
    rows = window.table
    return float(rows["units"][(rows["brand"] == model.brand) & (rows["model"] == model.model)].sum())


def _market_size(window: Sales, weeks: int) -> float:
    """Households that need a car in so many weeks, at the pace of the window."""
    return float(window.total.sum() / (len(window.months) * DAYS_A_MONTH / 7.0) * weeks)


def _car(model: Model, row: Attributes, number: int) -> dict[str, Any]:
    """A car made of its row, sold by its maker."""
    speed = (SLOWEST_MINUTES - row.fast_charge_minutes) / (SLOWEST_MINUTES - FASTEST_MINUTES)
    return {
        "name": {"en": f"{model.brand} {model.model}", "zh": row.name_zh or f"{model.brand} {model.model}"},
        "fictional": {"en": f"Model {number}", "zh": f"车型{number}"},
        "brand": _id(model.brand, "brand"),
        "maker": _id(row.maker, "maker"),
        "price_cny": row.price_cny,
        "range_km": row.range_km,
        "fast_charge": round(min(max(speed, 0.0), 1.0), 2) if speed == speed else FALLBACK["fast_charge"],
        "intelligence": row.intelligence if row.intelligence == row.intelligence else FALLBACK["intelligence"],
        "exposure": {"contacts_per_week": CONTACTS},
        "production": {"capacity_per_week": 1_000.0, "inventory_weeks": 2.5},
    }


def _id(name: str, kind: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"{kind}_{words}" if words else kind


def _add_owner(tables: dict[str, Any], row: Attributes, number: int) -> None:
    """Brand and maker of a car, where the case does not have them, and a channel that sells it."""
    brand, maker = _id(row.brand, "brand"), _id(row.maker, "maker")
    tables["brands"].setdefault(
        brand,
        {
            "name": {"en": row.brand, "zh": row.brand},
            "fictional": {"en": f"Brand {number}", "zh": f"品牌{number}"},
        },
    )
    tables["organisations"].setdefault(
        maker,
        {
            "kind": "oem",
            "name": {"en": row.maker, "zh": row.maker},
            "fictional": {"en": f"Maker {number}", "zh": f"厂商{number}"},
        },
    )
    channels = tables["channels"]
    plain = [key for key, channel in channels.items() if channel["platform"] is None]
    tables["cars"][car_id(Model(row.brand, row.model))]["channels"] = plain[:1] or list(channels)[:1]


def _date(table: dict[str, Any], launch: str | None, window: Sales, model: Model, start: date) -> None:
    """A car that came within the window is launched in it; one that was there before is on sale from the start."""
    month = min(filter(None, [launch, window.first_listed()[model]]))
    table["on_sale"] = True
    table["launch"] = f"{month}-01" if date.fromisoformat(f"{month}-01") > start else None
    table["reservations_from"] = None
    if table["launch"] is None:
        table["exposure"]["begins"] = None


def _line(table: dict[str, Any], window: Sales, model: Model) -> None:
    """A line that can build the best month of its car, and some more."""
    best = max(window.listed(month).get(model, 0.0) for month in window.months)
    table["production"]["capacity_per_week"] = round(ROOM * best / DAYS_A_MONTH * 7.0, -1)
