"""The backtest on a real sales file: what is claimed of it in docs/BACKTEST.md still holds."""

from __future__ import annotations

import os

import pandas as pd
import pytest

from experiments.backtest import Backtest, Plan, backtest, scores
from experiments.backtest.rolling import bundled_cars
from experiments.sales import Cars, Sales
from market import Case

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("WHOSECAR_SALES" not in os.environ, reason="needs real sales: WHOSECAR_SALES=FILE"),
]


@pytest.fixture(scope="module")
def found() -> Backtest:
    """The eight origins of the document, with fewer consumers and draws."""
    sales, cars = Sales.read(os.environ["WHOSECAR_SALES"]), Cars.read(bundled_cars())
    return backtest(Plan(Case.load("china-bev-2025"), sales, cars, "2024-12", 3, 8, 20_000, 20))


def of(table: pd.DataFrame, level: str, method: str, score: str) -> float:
    """One score."""
    row = table[(table["level"] == level) & (table["method"] == method)]
    return float(row[score].item())


@pytest.mark.parametrize("level", ["brand", "model"])
def test_forecasts_beat_the_seasonal_naive_and_the_last_value(found: Backtest, level: str) -> None:
    """MASE below 1, errors below the seasonal naive's on the same cells, and below the last value's."""
    assert of(found.scores, level, scores.STRUCTURE, "mase") < 1.0
    assert of(found.scores, level, scores.STRUCTURE, "to_seasonal_naive") < 1.0
    own, last = (of(found.scores, level, method, "mase") for method in (scores.STRUCTURE, "last value"))
    assert own < last


@pytest.mark.parametrize("level", ["brand", "model"])
def test_intervals_cover_about_what_they_say(found: Backtest, level: str) -> None:
    """The 90 % intervals hold 80 to 97 % of what came."""
    assert 0.80 <= of(found.scores, level, scores.STRUCTURE, "covers_90") <= 0.97


def test_new_models_are_ranked_by_price_and_attributes(found: Backtest) -> None:
    """Launches since 2019: rank correlation of .5 or more, typical errors below those of the average of past launches."""
    said = found.launch_scores
    assert said["launches"] > 50
    assert said["rank_correlation"] >= 0.5
    assert said["median_abs_log_error"] < said["average_median_abs_log_error"]
