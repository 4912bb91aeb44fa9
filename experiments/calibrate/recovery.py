"""Simulate, forget, recover: whether true parameters lie where they are said to lie.

Some simulations are taken out of the table and stand for data whose parameters are known. From the others their
parameters are found again, exactly as from real sales. If the intervals are honest they hold the true value about as
often as they say, whether a parameter can be learned or not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.calibrate.inference import LEVEL, learn
from experiments.calibrate.parameters import Parameter

DATA_SETS = 20


def recover(
    table: pd.DataFrame, parameters: Sequence[Parameter], count: int = DATA_SETS, level: float = LEVEL
) -> pd.DataFrame:
    """One row a data set and parameter: true value, median, interval, and whether the interval holds it.

    The data sets are spread evenly over the table; none of them is learned from.
    """
    at = np.unique(np.linspace(0, len(table) - 1, count).round().astype(int))
    rest = table.drop(index=table.index[at])
    learner = learn(rest, parameters)
    rows = []
    for number, place in enumerate(at):
        known = table.iloc[place]
        data = {name: float(known[f"moment:{name}"]) for name in learner.names}
        found = learner.posterior(data).table(level)
        limits = found[["low", "median", "high", "learned"]].to_numpy(float)
        for (low, median, high, learned), p in zip(limits, parameters, strict=True):
            true = float(known[f"parameter:{p.key}"])
            rows.append(
                {
                    "data_set": number, "parameter": p.key, "true": true, "low": low, "median": median,
                    "high": high, "held": bool(low <= true <= high), "learned": learned,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def coverage(recovered: pd.DataFrame, parameters: Sequence[Parameter]) -> pd.DataFrame:
    """One row a parameter, and one for all: how often the interval held the true value, and how well it was found.

    `correlation` is that of median and true value, on the scale of the prior.
    """
    rows = []
    for p in parameters:
        own = recovered[recovered["parameter"] == p.key]
        true, median = (p.probability(own[name].to_numpy(float)) for name in ("true", "median"))
        rows.append(
            {
                "parameter": p.key, "data_sets": len(own), "held": int(own["held"].sum()),
                "share": float(own["held"].mean()), "correlation": float(np.corrcoef(true, median)[0, 1]),
                "learned": float(own["learned"].mean()),
            }
        )  # fmt: skip
    everything = {
        "parameter": "all", "data_sets": len(recovered), "held": int(recovered["held"].sum()),
        "share": float(recovered["held"].mean()), "correlation": float(np.mean([row["correlation"] for row in rows])),
        "learned": float(recovered["learned"].mean()),
    }  # fmt: skip
    return pd.DataFrame([*rows, everything])
