"""Calibration. So far: brand and model constants from the orders that a quarter of real deliveries implies.

The constants are found by the contraction of Berry, Levinsohn & Pakes (1995): each constant moves by the log of the
observed over the simulated share until both agree. It works on *demand* (expected choices of the case's own consumers
in week 0, everything on sale), not on deliveries that a full factory bounds.

    python -m experiments.calibrate CASE --sales FILE --totals FILE --names FILE

prints the constants as `--set` lines with the target and the fitted share of each car.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from market import Case, Market

OUTSIDE_SHARE = 0.05
"""Households that end with a car outside the case: a judgement."""
WEEKS = 13
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
    return {month: float(sum(f"{day:%Y-%m}" == month for day in days)) for month in sorted({f"{day:%Y-%m}" for day in days})}


def units(sales: pd.DataFrame, month: str, model: Sequence[str]) -> tuple[float, bool]:
    """Cars of a model in a month, and whether the figure is censored (the model is not listed)."""
    rows = sales[sales.month == month]
    listed = rows[rows.brand != "other"]
    own = listed[(listed.brand == model[0]) & (listed.model == model[1])]
    return (float(own.units.sum()), False) if len(own) else (CENSORED * float(listed.units.min()), True)


def implied_shares(sales: pd.DataFrame, totals: pd.DataFrame, models: Mapping[str, Sequence[str]], weights: Mapping[str, float]) -> dict[str, float]:
    """Share of each car in all orders that the deliveries of some months imply; months weighted by their days."""
    bev = totals.set_index("month").bev_total
    length = {m: pd.Period(m).days_in_month for m in weights}
    market = sum(bev[m] * w / length[m] for m, w in weights.items())
    return {
        car: sum(units(sales, m, model)[0] * w / length[m] for m, w in weights.items()) / market
        for car, model in models.items()
    }


def contract(market: Market, target: Mapping[str, float], appeal: np.ndarray[Any, Any], rounds: int = 60) -> np.ndarray[Any, Any]:
    """Move the constants of the cars in `target` until expected shares agree: the new appeal of all cars, in utility."""
    catalogue, n = market.catalogue, len(market.consumers)
    rows = np.arange(n)
    weight = market.book.weight(rows)
    index = [catalogue.car_index[car] for car in target]
    wanted = np.array(list(target.values()))
    appeal = appeal.copy()
    for _ in range(rounds):
        market.demand.lay_out(appeal, market.supply.lead_weeks, 0)
        share = np.bincount(catalogue.car_of, market.demand.expected_shares(rows, weight)[:-1], len(catalogue.cars))[index]
        gap = np.log(wanted) - np.log(share)
        appeal[index] += gap
        if np.abs(gap).max() < 1e-4:
            break
    return appeal


def quiet(case: Case, consumers: int, without: Sequence[str]) -> Case:
    """The case as if every car but some had long been on sale: no drift, no happenings, launches in the past."""
    changes: dict[str, Any] = {
        "population.consumers": consumers,
        "drift.permanent_sd_per_month": 0.0,
        "drift.transitory_sd_per_month": 0.0,
    }
    for key in case.cars:
        changes[f"cars.{key}.on_sale"] = key not in without
    case = case.change(changes)
    cars = {
        key: car.model_copy(update={"launch": None, "reservations_from": None, "exposure": car.exposure.model_copy(update={"begins": None})})
        for key, car in case.cars.items()
    }
    return case.model_copy(update={"happenings": [], "cars": cars})


def fit_constants(case: Case, sales: pd.DataFrame, totals: pd.DataFrame, names: Mapping[str, Any], consumers: int = 20_000) -> Fit:
    """Constants of all cars of a case: those on sale first, then those that came later, then those like another."""
    target = implied_shares(sales, totals, names["models"], month_weights(case.calendar.start, 3.0))
    left = 1.0 - sum(target.values())
    target |= {car: left * part for car, part in names["rest"].items()}
    target = {car: share * (1.0 - OUTSIDE_SHARE) for car, share in target.items()}
    later = {}
    for car, spec in names["later"].items():
        if "share" in spec:
            later[car] = spec["share"] * (1.0 - OUTSIDE_SHARE)
        else:
            later[car] = units(sales, spec["month"], spec["model"])[0] / totals.set_index("month").bev_total[spec["month"]] * (1.0 - OUTSIDE_SHARE)
    appeal = np.array([case.cars[key].appeal for key in sorted(case.cars)])
    for wanted, hidden in ((target, [*later, *names["like"]]), (later, list(names["like"]))):
        for _ in range(3):  # what households drive in week 0 depends on the constants, so build anew
            settled = case.change({f"cars.{key}.appeal": float(a) for key, a in zip(sorted(case.cars), appeal, strict=True)})
            market = Market(quiet(settled, consumers, hidden), rng=1)
            appeal = contract(market, wanted, appeal)
            share = np.bincount(market.catalogue.car_of, market.demand.expected_shares(np.arange(consumers), market.book.weight(np.arange(consumers)))[:-1], len(appeal))
            fitted = {car: float(share[market.catalogue.car_index[car]]) for car in wanted}
            market.close()
        target |= wanted
        target_fitted = fitted if wanted is target else target_fitted | fitted
    keys = sorted(case.cars)
    constants = {key: round(float(a), 3) for key, a in zip(keys, appeal, strict=True)}
    constants |= {car: constants[other] for car, other in names["like"].items()}
    return Fit(constants, target, target_fitted)


def main() -> None:
    """Fit the constants of a case and print them."""
    parser = argparse.ArgumentParser(description="Brand and model constants from a quarter of real deliveries.")
    parser.add_argument("case")
    parser.add_argument("--sales", type=Path, required=True, help="CSV: month, brand, model, units")
    parser.add_argument("--totals", type=Path, required=True, help="CSV: month, cars_total, bev_total")
    parser.add_argument("--names", type=Path, default=Path(__file__).parent / "library" / "sales-names.toml")
    given = parser.parse_args()
    names = tomllib.loads(given.names.read_text(encoding="utf-8"))
    fit = fit_constants(Case.load(given.case), pd.read_csv(given.sales), pd.read_csv(given.totals), names)
    print(fit.table().to_string(float_format="{:.4f}".format))
    print("\n".join(f"--set cars.{car}.appeal={constant}" for car, constant in fit.constants.items()))


if __name__ == "__main__":
    main()
