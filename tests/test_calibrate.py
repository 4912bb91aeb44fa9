"""Calibration: constants that made the data come back from the data."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from experiments.calibrate import (
    CENSORED,
    contract,
    fit_constants,
    implied_shares,
    month_weights,
    quiet,
    shares_by_car,
    units,
)
from market import Case, Market

MODELS = {"seagull": ("BYD", "Seagull"), "su7": ("Xiaomi", "SU7"), "dolphin": ("BYD", "Dolphin")}


def sales_file(months: dict[str, dict[tuple[str, str], int]]) -> pd.DataFrame:
    """Sales by month and model as a file of the user would list them."""
    rows = [(m, brand, model, n) for m, listed in months.items() for (brand, model), n in listed.items()]
    return pd.DataFrame(rows, columns=["month", "brand", "model", "units"])


def test_a_model_that_is_not_listed_is_censored_not_zero() -> None:
    """It sold less than the smallest listed model: half of that stands in."""
    sales = sales_file({"2025-01": {("other", ""): 900, ("BYD", "Seagull"): 80, ("Xiaomi", "SU7"): 20}})
    assert units(sales, "2025-01", ("BYD", "Seagull")) == (80.0, False)
    assert units(sales, "2025-01", ("BYD", "Dolphin")) == (CENSORED * 20.0, True)


def test_orders_are_what_later_deliveries_imply() -> None:
    """Orders of the first 13 weeks are the deliveries three weeks later, month by month in proportion to days."""
    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    sales = sales_file({m: {("BYD", "Seagull"): 100 * i, ("Xiaomi", "SU7"): 100} for i, m in enumerate(months, 1)})
    totals = pd.DataFrame({"month": months, "bev_total": [1_000.0] * 4})
    weights = month_weights(date(2025, 1, 6), 3.0)
    share = implied_shares(sales, totals, {"seagull": MODELS["seagull"]}, weights)["seagull"]
    parts = np.array([5 / 31, 28 / 28, 31 / 31, 27 / 30])
    assert share == pytest.approx((parts * [100, 200, 300, 400]).sum() / (parts * 1_000).sum())


def test_the_contraction_finds_the_constants_that_made_the_shares() -> None:
    """Simulate shares from known constants, forget the constants, recover them to two hundredths of a util."""
    case = Case.load("jd-gac-catl")
    keys = sorted(case.cars)
    true = np.array([case.cars[key].appeal for key in keys])
    market = Market(quiet(case, 1_000, true, []), rng=1)
    share = shares_by_car(market, true)
    target = {key: float(s) for key, s in zip(keys, share, strict=True)}
    found = contract(market, target, np.zeros(len(keys)), rounds=600)
    assert found == pytest.approx(true, abs=0.02)


def test_the_bundled_constants_come_from_the_fit() -> None:
    """A small fit to a made-up file hits its targets within one per cent of each share."""
    case = Case.load("dealer-baseline")
    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    listed = {("BYD", "Seagull"): 30_000, ("Xiaomi", "SU7"): 25_000, ("Tesla", "Model Y"): 5_000}
    sales = sales_file(dict.fromkeys(months, listed))
    totals = pd.DataFrame({"month": months, "bev_total": [500_000.0] * 4})
    rest = {key: 0.25 for key in case.cars if key.startswith("rest_")}
    names = {
        "models": MODELS,
        "rest": rest,
        "later": {},
        "like": {key: "seagull" for key in case.cars if key not in {*MODELS, *rest}},
    }
    fit = fit_constants(case, sales, totals, names, consumers=2_000)
    assert fit.fitted == pytest.approx(fit.target, rel=0.01)
    assert fit.constants["ut"] == fit.constants["seagull"]
