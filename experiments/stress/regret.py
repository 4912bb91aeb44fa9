"""Regret: which strategy one would least wish to have chosen otherwise, and which are beaten by no other.

A state of the world is a crisis under one draw of the uncertain values, averaged over luck; a strategy is an answer, a
decision and a contract. The regret of a strategy in a state is what the best strategy of that state earns more (Savage
1951). Pure functions on tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
STRATEGY = ("answer", "decision", "contract")
STATE = ("crisis", "draw")
ALL = "all"
"""Party under which the sum of all parties stands."""
RESAMPLES = 1_000
ROUNDING = 1e-9
"""Numbers closer than this part of the largest among them are the same: sums of flows between parties round."""
Sense = Literal["most", "least"]


def regrets(payoffs: ArrayLike) -> Floats:
    """What each strategy earns less than the best one of the same state: payoffs and result (strategies, states).

    >>> regrets([[3.0, 0.0], [1.0, 2.0]]).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    table = np.asarray(payoffs, float)
    result: Floats = table.max(axis=0, keepdims=True) - table
    result[result <= ROUNDING * np.abs(payoffs).max(initial=0.0)] = 0.0
    return result


def regret_table(payoffs: pd.DataFrame, *, value: str = "payoff", resamples: int = RESAMPLES) -> pd.DataFrame:
    """Regret of every strategy, for each party and in all: a row each, by party and in the order of strategies.

    `payoffs` has the columns of STRATEGY and STATE, `seed`, `party` and `value`; luck is averaged first, as nobody can
    choose by it. The result: `mean_regret` over crises (each counts alike) and draws with a 95 % interval from
    resampled draws, `max_regret` with the crisis and the draw in which it arises, and whether a strategy is the one of
    `minimax` regret. States in which a strategy has no number are left out for all strategies.
    """
    import pandas as pd

    strategies = payoffs[list(STRATEGY)].drop_duplicates()
    rows = []
    for party, own in payoffs.groupby("party", sort=False, observed=True):
        mean = own.groupby([*STRATEGY, *STATE], observed=True, sort=False)[value].mean()
        table = mean.unstack(list(STATE)).reindex(pd.MultiIndex.from_frame(strategies))  # noqa: PD010 - two levels at once
        table = table.dropna(axis="columns")
        if table.empty:
            continue
        regret = regrets(table.to_numpy())
        low, high = _interval(regret, [state[1] for state in table.columns], resamples)
        worst = regret.argmax(axis=1)
        least = regret.max(axis=1).min()
        for at, strategy in enumerate(table.index):
            crisis, draw = table.columns[worst[at]]
            rows.append(
                dict(zip(STRATEGY, strategy, strict=True))
                | {
                    "party": party, "mean_payoff": float(table.iloc[at].mean()),
                    "mean_regret": float(regret[at].mean()), "mean_regret_low": float(low[at]),
                    "mean_regret_high": float(high[at]), "max_regret": float(regret[at].max()),
                    "worst_crisis": crisis, "worst_draw": draw, "states": regret.shape[1],
                    "minimax": bool(regret[at].max() <= least + 1e-9 * max(abs(least), 1.0)),
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _interval(regret: Floats, draws: Sequence[object], resamples: int) -> tuple[Floats, Floats]:
    """Limits of the mean regret of each strategy if other values had been drawn: (strategies,) each."""
    known = sorted(set(draws), key=str)
    if len(known) < 2 or resamples == 0:
        return np.full(len(regret), np.nan), np.full(len(regret), np.nan)
    of_draw = np.array([[draw == one for one in known] for draw in draws], float)
    total, states = regret @ of_draw, of_draw.sum(axis=0)
    random = np.random.default_rng(0)
    times = random.multinomial(len(known), np.full(len(known), 1.0 / len(known)), resamples).T
    means = (total @ times) / (states @ times)
    low, high = np.quantile(means, [0.025, 0.975], axis=1)
    return low, high


def with_all(payoffs: pd.DataFrame, *, value: str = "payoff") -> pd.DataFrame:
    """The same payoffs and under them those of all parties together, in each run."""
    import pandas as pd

    keys = [*STRATEGY, *STATE, "seed"]
    together = payoffs.groupby(keys, observed=True, sort=False)[value].sum(min_count=1).reset_index()
    return pd.concat([payoffs, together.assign(party=ALL)], ignore_index=True)


def undominated(objectives: ArrayLike, senses: Sequence[Sense]) -> NDArray[np.bool_]:
    """Which rows are on the Pareto front: no other is at least as good in every column and better in one.

    `objectives` (rows, columns); a row with a missing number is never on it. Equal rows are on it together.

    >>> undominated([[1.0, 5.0], [2.0, 3.0], [1.0, 2.0]], ("most", "least")).tolist()
    [False, True, True]
    """
    signs = np.array([1.0 if sense == "most" else -1.0 for sense in senses])
    gains = np.asarray(objectives, float) * signs
    whole = ~np.isnan(gains).any(axis=1)
    near = ROUNDING * np.abs(gains[whole]).max(axis=0, initial=0.0)
    better = gains[:, None, :] >= gains[None, :, :] - near
    more = gains[:, None, :] > gains[None, :, :] + near
    beats = better.all(axis=2) & more.any(axis=2)
    result: NDArray[np.bool_] = whole & ~beats.any(axis=0)
    return result


def pareto(strategies: pd.DataFrame, senses: Mapping[str, Sense]) -> pd.DataFrame:
    """The same strategies with a column `front`: whether each is beaten by no other in the columns of `senses`."""
    front = undominated(strategies[list(senses)].to_numpy(float), list(senses.values()))
    return strategies.assign(front=front)
