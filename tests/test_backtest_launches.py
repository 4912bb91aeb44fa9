"""New models in the backtest: predicted from those before them alone, and trusted as far as that has proved right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.backtest import launches
from experiments.sales.sales import Model
from experiments.sales.tables import month_after

FIRST = "2021-01"


def made_up_launches(count: int, trusty: float, seed: int = 4) -> list[launches.Launch]:
    """Launches whose constants say more (1) or nothing (0) of their shares."""
    rng = np.random.default_rng(seed)
    curve = 1.0 / (1.0 + np.exp(4.0 - launches.GRID))
    found = []
    for n in range(count):
        price = float(rng.normal(11.5, 0.6))
        log_share = -4.5 - trusty * (price - 11.5) + rng.normal(0, 0.1 if trusty else 0.6)
        share = float(np.exp(log_share))
        volume = share * 1e5
        model = Model("Ash", str(n))
        found.append(launches.Launch(
            model, month_after(FIRST, n), n, price, float(np.log(1e5)), volume, share, 6, 1e5, curve, 6.0
        ))  # fmt: skip
    return found


def test_a_constant_gives_the_share_it_was_taken_from() -> None:
    """Constant to share and back, between the points of the grid."""
    for launch in made_up_launches(3, 1.0):
        assert launch.share_at(launch.constant()) == pytest.approx(launch.share, rel=0.02)


def test_a_launch_is_predicted_from_those_before_it_alone() -> None:
    """What became of later launches, and of those whose six months are not over, moves no earlier prediction."""
    one = made_up_launches(40, 1.0)
    other = [launch if launch.at < 20 else made_up_launches(40, 0.0, 9)[launch.at] for launch in one]
    first, second = (launches.predict(found, FIRST).set_index("month")["predicted"] for found in (one, other))
    before = [month for month in first.index if month < month_after(FIRST, 20)]
    assert len(before) == 20 - launches.MONTHS - launches.FEWEST_PAST + 1
    assert first[before].tolist() == second[before].tolist()


def test_the_structure_is_trusted_as_far_as_it_has_proved_right() -> None:
    """Where price says all, predictions rank launches; where it says nothing, trust falls below where it began."""
    good, bad = (launches.predict(made_up_launches(60, trusty), FIRST) for trusty in (1.0, 0.0))
    assert launches.summary(good)["rank_correlation"] > 0.6
    assert good["trusted"].iloc[-1] > launches.PRIOR > bad["trusted"].iloc[-1]


def test_rank_correlation_and_its_interval() -> None:
    """Spearman's own example of perfect and reversed order; the interval narrows with the number."""
    up = pd.Series(np.arange(20.0))
    assert launches.rank_correlation(up, up**3)[0] == pytest.approx(1.0)
    assert launches.rank_correlation(up, -up)[0] == pytest.approx(-1.0)
    rng = np.random.default_rng(1)
    pairs = (pd.DataFrame(rng.normal(size=(n, 2))) for n in (20, 500))
    wide, narrow = (launches.rank_correlation(pair[0], pair[1]) for pair in pairs)
    assert wide[2] - wide[1] > 2.0 * (narrow[2] - narrow[1])
