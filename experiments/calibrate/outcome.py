"""The fitted case: values, and beside each of them where it comes from and between which ends it lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments.calibrate.levels import Levels
from experiments.calibrate.parameters import changes
from experiments.calibrate.simulations import Setting
from experiments.sales import Cars
from market import Case

LITTLE = 0.15
"""Part of the prior's width below which the data are said to say little of a parameter."""
FITTED = "fitted"


def case_of(
    of: Setting, values: Mapping[str, float], levels: Levels, found: pd.DataFrame, constants: pd.DataFrame, cars: Cars,
    consumers: int, ahead_weeks: int,
) -> Case:  # fmt: skip
    """The market with fitted values, which runs on for some weeks beyond the months it was fitted to."""
    built, case = of.built, of.built.case
    weeks = case.calendar.weeks + ahead_weeks
    size = case.population.market_size / case.population.horizon_weeks * weeks
    changed: dict[str, Any] = {
        "calendar.weeks": weeks, "population.market_size": round(size), "population.horizon_weeks": weeks,
        "population.consumers": consumers,
    }  # fmt: skip
    stated = _rounded(changes(case, values, list(of.found)))
    levelled = {
        f"cars.{key}.appeal": round(float(level), 3)
        for key, level in zip(sorted(case.cars), levels.at_start, strict=True)
    }
    changed |= stated | levelled
    made = case.change(changed)
    book = {name: source.model_dump() for name, source in case.sources.items()}
    book |= _about_cars(of, cars)
    book |= _about_window(of)
    span = f"{built.first} to {built.last}"
    how = {str(row["parameter"]): _said(row, span) for row in _rows(found)}
    for name in stated:
        book[name] = {"grade": FITTED, "source": how[_parameter_of(name)]}
    by_car = {str(row["car"]): row for row in _rows(constants)}
    for name in levelled:
        book[name] = _about_constant(of, name.split(".")[1], by_car, span)
    tables = {"sources": {name: said for name, said in book.items() if _there(made, name)}}
    return Case.parse(made.model_dump(mode="json") | tables)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: float(f"{value:.4g}") for name, value in values.items()}


def _parameter_of(name: str) -> str:
    """Which parameter sets a field."""
    ends = {
        "contacts_per_week": "media", "trend_per_month": "ageing", "ramp_weeks": "ramp", "median": "price",
        "word_of_mouth_per_week": "word_of_mouth", "forgetting_per_week": "forgetting",
        "permanent_sd_per_month": "walk", "transitory_sd_per_month": "noise", "half_life_days": "trust_half_life",
    }  # fmt: skip
    return ends[name.rpartition(".")[2]]


def _said(row: Mapping[str, Any], span: str) -> str:
    """Source of a fitted parameter: how, and between which ends."""
    text = (
        f"simulation-based fit to sales of {span}: {row['parameter']} {row['median']:.3g} {row['unit']}, 90 % interval "
        f"{row['low']:.3g} to {row['high']:.3g}, before {row['prior_low']:.3g} to {row['prior_high']:.3g}"
    )
    return text + ("; the sales say little of it" if row["learned"] < LITTLE else "")


def _about_constant(of: Setting, key: str, by_car: Mapping[str, Mapping[str, Any]], span: str) -> dict[str, str]:
    target, row = of.found.get(key), by_car[key]
    interval = f"90 % interval {row['low'] - row['constant']:+.2f} to {row['high'] - row['constant']:+.2f}"
    if target is None and of.built.case.cars[key].aggregate:
        return {"grade": FITTED, "source": f"contraction on what {span} do not list, divided as in the case before"}
    if target is None:
        return {"grade": "D", "source": "not on sale in the months of the fit: as before, or as the car it is built on"}
    if target.listed == 0:
        why = f"listed in none of the {len(target.months)} months to which it is fitted"
        return {"grade": "D", "source": f"contraction on half of the smallest share listed: {why}; {interval}"}
    what = f"share of {100 * target.share:.2f} % in {target.listed} of {len(target.months)} months that list it"
    when = "after its launch" if target.new else "from the first on"
    return {"grade": FITTED, "source": f"contraction on a {what}, {when}, sales of {span}; {interval}"}


def _about_cars(of: Setting, cars: Cars) -> dict[str, dict[str, str]]:
    """Sources of cars that were made of a row."""
    found: dict[str, dict[str, str]] = {}
    for key, model in of.built.model_of.items():
        at = f"cars.{key}"
        if model in cars and model in of.built.made:
            row = cars[model]
            said = {"grade": row.grade or "C", "source": row.source or "cars file of the user"}
            found |= {f"{at}.{name}": said for name in ("price_cny", "range_km", "fast_charge", "intelligence", "name")}
            judged = "judgement: sold by its maker, as usual"
            found |= {
                f"{at}.channels": {"grade": "D", "source": judged},
                f"{at}.exposure": {"grade": "D", "source": "judgement: as well known as usual"},
            }
        found[f"{at}.production"] = {
            "grade": "D",
            "source": "judgement: a line that builds half as much again as the best month of the fit",
        }
        if of.built.case.cars[key].launch is not None:
            found[f"{at}.launch"] = {"grade": "C", "source": "month of the launch in the cars file; day judged"}
    return found


def _about_window(of: Setting) -> dict[str, dict[str, str]]:
    span = f"{of.built.first} to {of.built.last}"
    return {
        "calendar.start": {"grade": "D", "source": f"first Monday of the months of the fit, {span}"},
        "calendar.weeks": {"grade": "D", "source": "months of the fit and a year beyond"},
        "population.market_size": {"grade": "A", "source": f"sales of {span} at their mean pace"},
        "population.horizon_weeks": {"grade": "D", "source": "length of the run"},
        "population.consumers": {"grade": "D", "source": "choice of the user"},
    }


def _there(case: Case, name: str) -> bool:
    """Whether a source still names something: those with wildcards always do."""
    if "*" in name:
        return True
    try:
        case.get(name)
    except ValueError:
        return False
    return True
