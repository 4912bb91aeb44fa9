"""Risk: known distributions, intervals that hold what they promise, and recovery times by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from experiments import intervals
from experiments.stress import risk


def futures(table: NDArray[np.float64], **columns: Any) -> pd.DataFrame:
    """A table of draws by seeds in the long form."""
    draws, seeds = np.indices(table.shape)
    return pd.DataFrame({"draw": draws.ravel(), "seed": seeds.ravel(), "loss": table.ravel(), **columns})


def test_the_worst_part_of_normal_losses_is_as_the_formulas_say() -> None:
    losses = np.random.default_rng(1).standard_normal(200_000)
    # quantile 1.6449 and mean beyond it 2.0627 (density over tail); standard errors .0047 and .0069
    assert risk.value_at_risk(losses) == pytest.approx(1.64485, abs=4 * 0.0047)
    assert risk.expected_shortfall(losses) == pytest.approx(2.06271, abs=4 * 0.0069)


def test_expected_shortfall_counts_the_last_future_in_part() -> None:
    losses = np.arange(1.0, 31.0)
    assert risk.expected_shortfall(losses, 0.05) == pytest.approx((30.0 + 0.5 * 29.0) / 1.5)
    assert risk.expected_shortfall(losses, 1.0) == pytest.approx(losses.mean())
    assert risk.expected_shortfall([3.0, 7.0], 0.05) == 7.0
    assert math.isnan(risk.expected_shortfall([]))
    with pytest.raises(ValueError, match="tail"):
        risk.expected_shortfall(losses, 0.0)


def test_two_risks_together_are_never_worse_than_both_alone() -> None:
    random = np.random.default_rng(2)
    for tail in (0.05, 0.1, 0.37, 1.0):
        one, other = random.pareto(1.5, (2, 400, 23))
        together = risk.expected_shortfall(one + other, tail)
        apart = risk.expected_shortfall(one, tail) + risk.expected_shortfall(other, tail)
        assert (together <= apart + 1e-9).all()
        assert (risk.expected_shortfall(one, tail) >= risk.value_at_risk(one, tail) - 1e-9).all() or tail == 1.0


SETS = 600


@pytest.mark.parametrize("shape", [(8, 4), (1, 4), (12, 10)])
@pytest.mark.parametrize("spread", [(1.0, 0.0, 0.3), (1.0, 1.0, 1.0), (0.3, 1.0, 0.3)])
def test_intervals_of_means_hold_the_truth_as_often_as_they_say(
    shape: tuple[int, int], spread: tuple[float, float, float]
) -> None:
    """Whatever draws, seeds and the rest add to a loss; .95 within four standard errors of so many sets (.0089)."""
    random, hits = np.random.default_rng(3), 0
    for _ in range(SETS):
        found = risk.estimates(crossed_losses(random, shape, spread))
        hits += found["mean_low"] <= 0.0 <= found["mean_high"]
    assert 0.914 <= hits / SETS <= 0.986


def test_an_interval_that_takes_futures_for_independent_is_far_too_narrow() -> None:
    random, hits = np.random.default_rng(3), 0
    for _ in range(SETS):
        losses = crossed_losses(random, (8, 4), (1.0, 1.0, 0.3)).ravel()
        low, high = intervals.student(losses[:, None])
        hits += bool(low[0] <= 0.0 <= high[0])
    assert hits / SETS < 0.75


def test_the_worst_part_has_limits_only_where_it_holds_several_draws_and_seeds() -> None:
    random, hits = np.random.default_rng(5), np.zeros(2)
    for _ in range(SETS):
        found = risk.estimates(random.standard_normal((1, 200)))
        hits += [
            found["worst_low"] <= 1.64485 <= found["worst_high"],
            found["shortfall_low"] <= 2.06271 <= found["shortfall_high"],
        ]
    # ten futures in the tail: the shortfall's t interval is some points too narrow, as its losses are skewed
    assert 0.914 <= hits[0] / SETS <= 0.986 and 0.86 <= hits[1] / SETS <= 0.986
    few = risk.estimates(random.standard_normal((50, 20)))
    assert np.isnan([few["worst_low"], few["shortfall_high"]]).all() and np.isfinite(few["mean_low"])


def crossed_losses(
    random: np.random.Generator, shape: tuple[int, int], spread: tuple[float, float, float]
) -> NDArray[np.float64]:
    """Losses of draws by seeds around 0, with what draws, seeds and the rest add to them (standard deviations)."""
    draws, seeds = shape
    of_draw, of_seed, rest = (random.normal(0.0, 1.0, size) for size in ((draws, 1), (1, seeds), shape))
    return spread[0] * of_draw * (draws > 1) + spread[1] * of_seed + spread[2] * rest


def test_a_row_for_each_group_whatever_is_missing() -> None:
    whole = futures(np.arange(12.0).reshape(4, 3), measure="whole")
    holed = futures(np.arange(12.0).reshape(4, 3), measure="holed")
    holed.loc[holed["draw"] == 1, "loss"] = [np.nan, 1.0, 2.0]
    empty = futures(np.full((2, 2), np.nan), measure="empty")
    table = risk.at_risk(pd.concat([whole, holed, empty]), ["measure"]).set_index("measure")
    assert table["futures"].to_dict() == {"whole": 12, "holed": 9, "empty": 0}
    assert table.loc["whole", "mean"] == pytest.approx(5.5)
    assert table.loc["holed", "mean"] == pytest.approx(np.mean([0, 1, 2, 6, 7, 8, 9, 10, 11]))
    assert table.loc["whole", "tail_futures"] == pytest.approx(0.6)
    assert table["mean"].isna().to_dict() == {"whole": False, "holed": False, "empty": True}
    row = {str(name): float(value) for name, value in table.loc["whole"].items()}
    assert row["mean_low"] < row["mean"] < row["mean_high"] and np.isnan([row["worst_low"], row["shortfall_low"]]).all()


def test_one_future_has_no_interval() -> None:
    row = risk.at_risk(futures(np.array([[3.0]]), measure="x"), ["measure"]).iloc[0]
    assert row["mean"] == row["shortfall"] == 3.0 and np.isnan([row["mean_low"], row["shortfall_high"]]).all()


def test_means_pass_over_what_nobody_said() -> None:
    table = futures(np.array([[1.0, np.nan], [3.0, np.nan]]), measure="blame").rename(columns={"loss": "value"})
    row = risk.means(table, ["measure"]).iloc[0]
    assert (row["futures"], row["mean"]) == (2, 2.0)
    assert (row["mean_high"] - 2.0) == pytest.approx(12.7062) == 2.0 - row["mean_low"]  # t with one degree of freedom


def test_what_is_lost_within_a_horizon() -> None:
    def weeks(deliveries: list[float], trust: float) -> dict[str, NDArray[np.float64]]:
        sold = np.array(deliveries)
        return {
            "deliveries": sold, "market_deliveries": np.full(4, 100.0), "share": sold / 100.0,
            "order_share": sold / 200.0, "trust.jd": np.full(4, trust), "profit.jd": 10.0 * sold, "backlog": sold,
        }  # fmt: skip

    lost = risk.lost_within(weeks([8, 2, 4, 8], 0.5), weeks([8, 8, 8, 8], 0.7), begins=1, horizon=2)
    assert lost["share"] == pytest.approx(0.05) and lost["share_without"] == pytest.approx(0.08)
    assert lost["order_share"] == pytest.approx(0.025)
    assert lost["deliveries"] == 10.0 and lost["profit.jd"] == 100.0
    assert lost["trust.jd"] == pytest.approx(0.2)
    assert "backlog" not in lost


@pytest.mark.parametrize(
    ("world", "weeks"),
    [
        ([1.0] * 12, 0.0),
        ([1, 1, 0.96, 0.97, 0.98, 1, 1, 1, 1, 1, 1, 1], 0.0),
        ([1, 1, 0.5, 0.5, 0.5, 1, 1, 1, 1, 1, 1, 1], 3.0),
        ([1, 1, 1, 1, 1, 1, 0.2, 1, 1, 1, 1, 1], 5.0),
        ([1, 1, 0.5, 0.5, 0.5, 1, 1, 1, 0.5, 0.5, 0.5, 0.5], math.inf),
        ([np.nan] * 12, math.inf),
    ],
)
def test_recovery_by_hand(world: list[float], weeks: float) -> None:
    assert risk.recovery_weeks(world, [1.0] * 12, begins=2) == weeks


def test_nothing_to_lose_is_nothing_lost() -> None:
    assert risk.recovery_weeks([0.0] * 8, [0.5] * 4 + [0.0] * 4, begins=0) == math.inf
    assert risk.recovery_weeks([np.nan, 0.0, 0.0, 0.0, 0.0], [np.nan, 0.0, 0.0, 0.0, 0.0], begins=0) == 0.0
    assert risk.recovery_weeks([1.0] * 3, [1.0] * 3, begins=0) == math.inf


def test_recoveries_count_those_that_are_not_back() -> None:
    said = risk.recoveries([0.0, 4.0, 6.0, math.inf, math.inf], followed=58)
    assert said == {"median": math.inf, "never_fell": 0.2, "not_back": 0.4, "followed": 58.0, "futures": 5.0}
    assert risk.recoveries([4.0, math.inf], 58)["median"] == math.inf
    assert risk.recoveries([4.0, 6.0], 58)["median"] == 5.0
    assert risk.recoveries([0.0, 0.0, 0.0, 4.0, 6.0], 58)["median"] == 5.0  # of those that fell
    assert math.isnan(risk.recoveries([], 58)["median"]) and math.isnan(risk.recoveries([0.0], 58)["median"])
