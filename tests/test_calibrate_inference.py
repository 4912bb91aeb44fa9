"""Promises of the inference behind `whosecar calibrate`: intervals hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from experiments.calibrate import coverage, learn, recover
from experiments.calibrate.parameters import Parameter

TOY = tuple(Parameter(key, 0.0, 1.0, False, "", key, key) for key in ("seen", "mixed", "hidden"))


def toy(seed: int, rows: int = 400) -> pd.DataFrame:
    """Simulations of which one parameter is seen, one is mixed with it, one leaves no trace; twenty moments are noise."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((rows, 3))
    told = {
        "a": drawn[:, 0] + 0.1 * rng.normal(size=rows),
        "b": drawn[:, 0] * drawn[:, 1] + 0.1 * rng.normal(size=rows),
    }
    told |= {f"noise{n}": rng.normal(size=rows) for n in range(20)}
    columns = {f"parameter:{p.key}": drawn[:, n] for n, p in enumerate(TOY)}
    return pd.DataFrame(columns | {f"moment:{key}": value for key, value in told.items()})


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Over 200 data sets kept out of the table 90 % intervals hold .90 of the true values, within 4 standard errors."""
    table = pd.concat([coverage(recover(toy(seed), TOY, 50), TOY).assign(seed=seed) for seed in range(4)])
    share = table.groupby("parameter")["held"].sum() / 200
    error = np.sqrt(0.9 * 0.1 / 200)
    for p in TOY:
        assert abs(share[p.key] - 0.9) < 4.0 * error
    learned = table.groupby("parameter")["learned"].mean()
    assert learned["seen"] > 0.5 > learned["mixed"] > 0.1 > learned["hidden"]


def test_data_unlike_any_simulation_lead_nobody_outside_the_prior() -> None:
    """A moment a hundred standard deviations off counts as far and no further."""
    learner = learn(toy(1), TOY)
    found = learner.posterior(dict.fromkeys(learner.names, 100.0))
    assert ((found.drawn >= 0.0) & (found.drawn <= 1.0)).all()
    assert found.weight.sum() == pytest.approx(1.0)
