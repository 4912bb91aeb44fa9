"""Controls: the dozen assumptions that matter, as whole numbers that fit into an address.

Each control knows which fields of a case it stands for, in which unit, within which limits, and from when a change is
felt. The grade and the source come from the case itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboards import reports, texts
from dashboards.names import Names
from dashboards.reports import Changes
from experiments.input_names import said
from market import Case, CaseError
from market.casefile.sources import Provenance

_FORM = re.compile(r"([a-z]{1,12})\.(-?[0-9]{1,7})", re.ASCII)


@dataclass(frozen=True)
class Control:
    """One assumption. `now` gives its value in a case in whole steps, none where the case has no such thing."""

    unit: str
    least: int
    most: int
    step: int
    field: Callable[[Case], str]
    now: Callable[[Case], int | None]
    change: Callable[[Case, int], Changes]
    digits: int = 0
    """Shown divided by ten to this power."""
    dated: bool = False
    """Felt from a day within the run on, not from its start."""


class Found(NamedTuple):
    """The controls of an address that can be set, and whether all of it could be used."""

    values: dict[str, int]
    all_used: bool


def platform(case: Case) -> str | None:
    """The platform that brings out the focal car, or would."""
    return None if case.focal_car is None else case.cars[case.focal_car].partners.get("platform")


def _focal(case: Case) -> str:
    return f"cars.{case.focal_car}"


def _percent(value: float) -> int:
    return round(100.0 * value)


def _row(row: Mapping[str, float], key: str, share: float, otherwise: str) -> dict[str, float]:
    """A row of shares with one of them set and the others rescaled; alone, it leaves the rest to somebody else."""
    others = {name: part for name, part in row.items() if name != key and part > 0.0}
    total = sum(others.values())
    others = {name: part / total for name, part in others.items()} if total else {otherwise: 1.0}
    return {name: (1.0 - share) * part for name, part in others.items()} | {key: share}


def _role(function: str) -> Control:
    """The platform's part of one function of the focal car."""

    def now(case: Case) -> int | None:
        who = platform(case)
        if who is None or function not in case.functions:
            return None
        return _percent(case.cars[str(case.focal_car)].holders(function).get(who, 0.0))

    def change(case: Case, value: int) -> Changes:
        car, who = case.cars[str(case.focal_car)], str(platform(case))
        return {f"{_focal(case)}.roles.{function}": _row(car.holders(function), who, value / 100.0, car.maker)}

    return Control("percent", 0, 100, 5, lambda case: f"{_focal(case)}.roles.{function}.{platform(case)}", now, change)


def _face_now(case: Case) -> int | None:
    who = platform(case)
    return None if who is None else _percent(case.cars[str(case.focal_car)].public_face().get(who, 0.0))


def _face(case: Case, value: int) -> Changes:
    car = case.cars[str(case.focal_car)]
    return {f"{_focal(case)}.face": _row(car.public_face(), str(platform(case)), value / 100.0, car.maker)}


def _repair(case: Case) -> Mapping[str, float]:
    who = platform(case)
    return {} if who is None else case.organisations[who].capability.get("warranty_repair", {})


def _repair_changes(case: Case, value: int) -> Changes:
    row = _repair(case)
    most = max(row.values())
    at = f"organisations.{platform(case)}.capability.warranty_repair"
    return {f"{at}.{tier}": value / 100.0 * level / most for tier, level in row.items()}


def _drift_now(case: Case) -> int | None:
    who = platform(case)
    drifts = [p.minutes_drift_per_year[who] for p in case.profiles.values() if who in p.minutes_drift_per_year]
    return _percent(drifts[0]) if drifts else None


def _drift(case: Case, value: int) -> Changes:
    who = str(platform(case))
    listed = [key for key, p in case.profiles.items() if who in p.minutes_drift_per_year]
    return {f"profiles.{key}.minutes_drift_per_year.{who}": value / 100.0 for key in listed}


def _plain(name: str, per: float) -> tuple[Callable[[Case], int | None], Callable[[Case, int], Changes]]:
    """How one single field is read and set; `per` steps are one of its unit."""
    return (
        lambda case: round(per * case.get(name.format(focal=_focal(case)))),
        lambda case, value: {name.format(focal=_focal(case)): value / per},
    )


CONTROLS: dict[str, Control] = {
    "window": Control("choice", 0, 1, 1, lambda case: "calendar.start", reports.window_now, reports.window),
    "event": Control(
        "choice", 0, 1, 1, lambda case: f"happenings.{reports.reported(case)[0].id}.severity",
        lambda case: 1 if reports.reported(case) else None, reports.event, dated=True,
    ),
    "people": Control(
        "percent", 5, 95, 5, lambda case: "profiles.jd_like.share",
        lambda case: _percent(case.profiles["jd_like"].share) if "jd_like" in case.profiles else None,
        lambda case, value: {"profiles.jd_like.share": value / 100.0},
    ),
    "face": Control("percent", 0, 100, 5, lambda case: f"{_focal(case)}.face.{platform(case)}", _face_now, _face),
    "definition": _role("definition"),
    "sales": _role("sales"),
    "delivery": _role("delivery"),
    "service": _role("service"),
    "repair": Control(
        "percent", 0, 100, 5, lambda case: f"organisations.{platform(case)}.capability.warranty_repair.tier1",
        lambda case: _percent(max(_repair(case).values())) if any(_repair(case).values()) else None, _repair_changes,
    ),
    "promise": Control(
        "utility", 0, 100, 5, lambda case: f"{_focal(case)}.promise.expectation",
        *_plain("{focal}.promise.expectation", 100.0), digits=2,
    ),
    "price": Control(
        "cny", 45_000, 400_000, 1_000, lambda case: f"{_focal(case)}.price_cny", *_plain("{focal}.price_cny", 1.0)
    ),
    "media": Control(
        "contacts", 0, 100, 5, lambda case: f"{_focal(case)}.exposure.contacts_per_week",
        *_plain("{focal}.exposure.contacts_per_week", 100.0), digits=2,
    ),
    "drift": Control(
        "yearly", -50, 50, 5, lambda case: f"profiles.jd_like.minutes_drift_per_year.{platform(case)}", _drift_now,
        _drift,
    ),
    "bids": Control(
        "yearly", -20, 50, 5, lambda case: "traffic.other_growth_per_year",
        *_plain("traffic.other_growth_per_year", 100.0),
    ),
    "term": Control(
        "choice", 0, 1, 1, lambda case: f"plans.{reports.hidden(case)[0]}.undisclosed",
        lambda case: 0 if reports.hidden(case) else None, reports.displayed, dated=True,
    ),
    "delay": Control(
        "days", 0, 90, 1, lambda case: f"happenings.{reports.answers(case)[0][0].id}.on", reports.delay_now,
        reports.delay, dated=True,
    ),
    "remedy": Control(
        "percent", 0, 500, 25, lambda case: f"happenings.{reports.paid(case)[0].id}.remedy_cny",
        lambda case: 100 if reports.paid(case) else None, reports.remedy, dated=True,
    ),
}  # fmt: skip


def parse(text: str) -> Found:
    """The values that a text sets, by form alone, in the order of the controls.

    >>> parse("price.79000~people.60~people.x")
    Found(values={'people': 60, 'price': 79000}, all_used=False)
    """
    if not text:
        return Found({}, True)
    parts = text.split("~")
    read = [_FORM.fullmatch(part) for part in parts[: len(CONTROLS)]]
    values = {found[1]: int(found[2]) for found in read if found and found[1] in CONTROLS}
    return Found({key: values[key] for key in CONTROLS if key in values}, len(values) == len(parts))


def write(values: Mapping[str, int]) -> str:
    """Values as they stand in an address."""
    return "~".join(f"{key}.{values[key]}" for key in CONTROLS if key in values)


def fitting(case: Case, text: str) -> Found:
    """The values of a text that a case allows and that differ from its own; none where its checks refuse them."""
    found = parse(text)
    values = {
        key: value
        for key, value in found.values.items()
        if CONTROLS[key].now(case) is not None and CONTROLS[key].least <= value <= CONTROLS[key].most
    }
    all_used = found.all_used and len(values) == len(found.values)
    values = {key: value for key, value in values.items() if value != CONTROLS[key].now(case)}
    try:
        apply(case, values)
    except CaseError:
        return Found({}, False)
    return Found(values, all_used)


def apply(case: Case, values: Mapping[str, int]) -> Case:
    """The case with these assumptions. Raises CaseError where they are not allowed together."""
    changes: Changes = {}
    for key, value in values.items():
        changes |= CONTROLS[key].change(case, value)
    return case.change(changes) if changes else case


def offered(case: Case, values: Mapping[str, int], language: texts.Language) -> list[dict[str, Any]]:
    """What can be assumed of a case, for the widgets: value, usual value, limits, unit, field, grade and source.

    Sources and fields name real organisations, so they are not told where names are fictional.
    """
    names, listed, who = Names(case, language), [], platform(case)
    real = case.display.names == "real"
    for key, control in CONTROLS.items():
        usual = control.now(case)
        if usual is None:
            continue
        field = control.field(case)
        known = _provenance(case, field)
        named = "jd" if key == "people" else who
        label = texts.say(f"control_{key}", language, who=names.label("maker", named) if named else "")
        source = said("sources", known.source, language) if real else ""
        listed.append(
            {
                "name": key, "label": label, "unit": control.unit, "digits": control.digits,
                "value": values.get(key, usual), "usual": usual, "least": min(control.least, usual),
                "most": max(control.most, usual), "step": control.step, "grade": known.grade,
                "source": source, "field": field if real else "", "dated": control.dated,
            }
        )  # fmt: skip
    return listed


def _provenance(case: Case, field: str) -> Provenance:
    """Where a value comes from: its own source, that of the row it is in, or that of the mode which gives the row."""
    for name in (field, field.rpartition(".")[0]):
        with suppress(CaseError):
            return case.provenance(name)
    return case.provenance(f"{_focal(case)}.mode")
