"""Constants of the bundled cases, from the orders that a quarter of real deliveries implies.

The constants are found by the contraction of Berry, Levinsohn & Pakes (1995): each constant moves by the log of the
observed over the simulated share until both agree. It works on *demand* (expected choices of the case's own consumers
in week 0, everything on sale), not on deliveries that a full factory bounds.

    python -m experiments.calibrate CASE --sales FILE --totals FILE --names FILE

prints the constants as `--set` lines with the target and the fitted share of each car.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate import contraction
from experiments.calibrate.contraction import sample_of
from market import Case, Market

OUTSIDE_SHARE = 0.05
"""Households that end with a car outside the case: a judgement."""
WEEKS = 13
LAG_WEEKS = 3.0
"""From the order to the delivery of a car in stock."""
Floats = NDArray[np.float64]
CENSORED = 0.5
"""A model that is not listed in a month sold between nothing and the smallest listed model: taken as half of it."""


@dataclass(frozen=True)
class Fit:
    """Constants by car, the shares they were fitted to and the shares they give."""

    constants: dict[str, float]
    target: dict[str, float]
    fitted: dict[str, float]

    def table(self) -> pd.DataFrame:
        """One row a car: constant (utility), target and fitted share of orders."""
        return pd.DataFrame({"constant": self.constants, "target": self.target, "fitted": self.fitted})


def month_weights(start: date, lag_weeks: float) -> dict[str, float]:
    """Days of each month in which the orders of the first quarter of a run are delivered, `lag_weeks` later.

    >>> {month: round(days) for month, days in month_weights(date(2025, 1, 6), 3.0).items()}
    {'2025-01': 5, '2025-02': 28, '2025-03': 31, '2025-04': 27}
    """
    first = start + timedelta(weeks=lag_weeks)
    days = [first + timedelta(days=d) for d in range(7 * WEEKS)]
    return {
        month: float(sum(f"{day:%Y-%m}" == month for day in days)) for month in sorted({f"{day:%Y-%m}" for day in days})
    }


def units(sales: pd.DataFrame, month: str, model: Sequence[str]) -> tuple[float, bool]:
    """Cars of a model in a month, and whether the figure is censored (the model is not listed)."""
    rows = sales[sales.month == month]
    listed = rows[rows.brand != "other"]
    own = listed[(listed.brand == model[0]) & (listed.model == model[1])]
    return (float(own.units.sum()), False) if len(own) else (CENSORED * float(listed.units.min()), True)


def implied_shares(
    sales: pd.DataFrame, totals: pd.DataFrame, models: Mapping[str, Sequence[str]], weights: Mapping[str, float]
) -> dict[str, float]:
    """Share of each car in all orders that the deliveries of some months imply; months weighted by their days."""
    bev = totals.set_index("month").bev_total
    length = {m: pd.Period(m).days_in_month for m in weights}
    market = sum(bev[m] * w / length[m] for m, w in weights.items())
    return {
        car: sum(units(sales, m, model)[0] * w / length[m] for m, w in weights.items()) / market
        for car, model in models.items()
    }


def shares_by_car(market: Market, appeal: Floats) -> Floats:
    """Expected share of each car in the decisions of all consumers of a market in week 0, given their constants."""
    return sample_of(market, np.arange(len(market.consumers)), appeal).shares(np.zeros(len(appeal)))


def contract(market: Market, target: Mapping[str, float], appeal: Floats, rounds: int = contraction.ROUNDS) -> Floats:
    """Move the constants of the cars in `target` until shares agree: the new appeal of all cars, in utility."""
    wanted = np.full(len(appeal), np.nan)
    wanted[[market.catalogue.car_index[car] for car in target]] = list(target.values())
    sample = sample_of(market, np.arange(len(market.consumers)), appeal)
    return appeal + contraction.contract(sample, wanted, rounds=rounds)


def quiet(case: Case, consumers: int, appeal: Floats, without: Sequence[str]) -> Case:
    """The case with given constants, as if every car but some had long been on sale: no drift, nothing happens."""
    changes: dict[str, Any] = {
        "population.consumers": consumers,
        "drift.permanent_sd_per_month": 0.0,
        "drift.transitory_sd_per_month": 0.0,
        "happenings": [],
    }
    for key, constant in zip(sorted(case.cars), appeal, strict=True):
        at = f"cars.{key}"
        changes |= {f"{at}.appeal": float(constant), f"{at}.on_sale": key not in without}
        changes |= {f"{at}.{name}": None for name in ("launch", "reservations_from", "exposure.begins")}
    return case.change(changes)


def targets(case: Case, sales: pd.DataFrame, totals: pd.DataFrame, names: Mapping[str, Any]) -> list[dict[str, float]]:
    """Shares of all decisions to fit to: of the cars on sale at the start, then of those that came later."""
    first = implied_shares(sales, totals, names["models"], month_weights(case.calendar.start, LAG_WEEKS))
    left = 1.0 - sum(first.values())
    first |= {car: left * part for car, part in names["rest"].items()}
    bev = totals.set_index("month").bev_total
    later = {
        car: said["share"] if "share" in said else units(sales, said["month"], said["model"])[0] / bev[said["month"]]
        for car, said in names["later"].items()
    }
    return [{car: share * (1.0 - OUTSIDE_SHARE) for car, share in stage.items()} for stage in (first, later)]


def fit_constants(
    case: Case, sales: pd.DataFrame, totals: pd.DataFrame, names: Mapping[str, Any], consumers: int = 20_000
) -> Fit:
    """Constants of all cars of a case: those on sale first, then those that came later, then those like another."""
    keys = sorted(case.cars)
    appeal = np.array([case.cars[key].appeal for key in keys])
    first, later = targets(case, sales, totals, names)
    fitted: dict[str, float] = {}
    for wanted, hidden in ((first, [*later, *names["like"]]), (later, list(names["like"]))):
        for _ in range(3):  # what households drive in week 0 depends on the constants, so build anew
            market = Market(quiet(case, consumers, appeal, hidden), rng=1)
            appeal = contract(market, wanted, appeal)
        share = shares_by_car(market, appeal)
        fitted |= {car: float(share[market.catalogue.car_index[car]]) for car in wanted}
    constants = {key: round(float(a), 3) for key, a in zip(keys, appeal, strict=True)}
    constants |= {car: constants[other] for car, other in names["like"].items()}
    return Fit(constants, first | later, fitted)


def main() -> None:
    """Fit the constants of a case and print them."""
    parser = argparse.ArgumentParser(description="Brand and model constants from a quarter of real deliveries.")
    parser.add_argument("case")
    parser.add_argument("--sales", type=Path, required=True, help="CSV: month, brand, model, units")
    parser.add_argument("--totals", type=Path, required=True, help="CSV: month, cars_total, bev_total")
    parser.add_argument("--names", type=Path, default=Path(__file__).parents[1] / "library" / "sales-names.toml")
    given = parser.parse_args()
    names = tomllib.loads(given.names.read_text(encoding="utf-8"))
    fit = fit_constants(Case.load(given.case), pd.read_csv(given.sales), pd.read_csv(given.totals), names)
    sys.stdout.write(fit.table().to_string(float_format="{:.4f}".format) + "\n")
    sys.stdout.writelines(f"--set cars.{car}.appeal={constant}\n" for car, constant in fit.constants.items())
