"""One table of simulations: parameters drawn from the prior, and the moments of the market that each draw makes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate.build import Built
from experiments.calibrate.levels import Levels, fit_levels, parts_of_rest
from experiments.calibrate.moments import Scene, moments, scene, simulated
from experiments.calibrate.parameters import Parameter, changes, parameters
from experiments.calibrate.path import Path, expected_path
from experiments.calibrate.targets import Target, targets
from experiments.sales import Sales
from experiments.workers import here, local, results
from market import Case

Floats = NDArray[np.float64]
CONSUMERS = 4_000
"""Consumers of a simulation: what is counted is what they expect to choose, without the luck of a sample."""
SAMPLE = 2_000
"""Of them those whose expected choices are worked out."""


@dataclass(frozen=True)
class Setting:
    """All that a simulation needs beside its parameters."""

    built: Built
    bare: Case
    """the case without its sources, which a simulation does not need"""
    found: Mapping[str, Target]
    parts: Mapping[str, float]
    """of each aggregate in what is left"""
    guess: Floats
    """(cars,) constants to begin with"""
    at: Scene
    parameters: tuple[Parameter, ...]
    consumers: int
    sample: int


class Draw(NamedTuple):
    """One simulation to do."""

    number: int
    drawn: Mapping[str, float]
    """value by parameter"""


class Simulated(NamedTuple):
    """What a simulation gave."""

    moments: dict[str, float]
    levels: Levels
    path: Path
    share: pd.DataFrame
    """shares of the cars as a list of sales would give them"""


def setting(base: Case, built: Built, sales: Sales, consumers: int = CONSUMERS, sample: int = SAMPLE) -> Setting:
    """What all simulations of a market share."""
    found = targets(built, sales)
    bare = built.case.change({"sources": {}, "population.consumers": consumers})
    parts = parts_of_rest(base, consumers=sample)
    guess = fit_levels(bare, found, parts, 0.0, consumers=sample).at_target
    asked = parameters(built.case, 0, built.case.calendar.days)
    return Setting(built, bare, found, parts, guess, scene(built, sales, found), asked, consumers, sample)


def draws(asked: Sequence[Parameter], count: int, seed: int = 1) -> list[dict[str, float]]:
    """Parameters drawn from the prior: a scrambled Sobol sequence, evener than chance would be."""
    from scipy.stats import qmc

    sequence = qmc.Sobol(len(asked), scramble=True, seed=seed)
    chance = sequence.random_base2(int(np.ceil(np.log2(max(count, 2)))))[:count]
    columns = [p.at(chance[:, n]) for n, p in enumerate(asked)]
    return [{p.key: float(column[row]) for p, column in zip(asked, columns, strict=True)} for row in range(count)]


def fitted_case(of: Setting, values: Mapping[str, float], levels: Levels) -> Case:
    """The market with some parameters and the constants that go with them."""
    appeal = dict(zip(sorted(of.bare.cars), levels.at_start.tolist(), strict=True))
    case = of.bare.change(changes(of.bare, values, list(of.found)))
    cars = {key: car.model_copy(update={"appeal": appeal[key]}) for key, car in case.cars.items()}
    return case.model_copy(update={"cars": cars})


def simulate(of: Setting, values: Mapping[str, float], seed: int) -> Simulated:
    """The market that some parameters make: constants first, then the months, then the moments."""
    gc.collect()  # markets hold themselves in circles
    case = of.bare.change(changes(of.bare, values, list(of.found)))
    levels = fit_levels(case, of.found, of.parts, values.get("ageing", 0.0), of.guess, consumers=of.sample)
    path = expected_path(fitted_case(of, values, levels), seed, of.sample)
    share = simulated(path, of.at)
    total = path.units.sum(axis=1).reindex(list(of.at.months))
    return Simulated(moments(share, of.at, total), levels, path, share)


class _Task(NamedTuple):
    of: Setting
    draw: Draw
    seed: int


def _one(task: _Task) -> dict[str, float]:
    found = simulate(task.of, task.draw.drawn, task.seed)
    rows = {f"moment:{name}": value for name, value in found.moments.items()}
    keys = sorted(task.of.bare.cars)
    rows |= {f"constant:{key}": float(a) for key, a in zip(keys, found.levels.at_target, strict=True)}
    shares = found.path.shares().reindex(index=list(task.of.at.months), columns=list(task.of.at.keys)).to_numpy(float)
    for m, month in enumerate(task.of.at.months):
        rows |= {f"share:{key}:{month}": float(shares[m, k]) for k, key in enumerate(task.of.at.keys)}
    return rows | {f"parameter:{name}": value for name, value in task.draw.drawn.items()}


def table(
    of: Setting, count: int, workers: int = 1, seed: int = 1, on_done: Callable[[], None] = lambda: None
) -> pd.DataFrame:
    """One row a simulation: columns parameter:..., moment:..., constant:... and share:car:month; in order of the draws.

    Every row has luck of its own. A simulation that fails raises.
    """
    tasks = [_Task(of, Draw(n, values), seed + n) for n, values in enumerate(draws(of.parameters, count, seed))]
    rows: dict[int, dict[str, float]] = {}
    for task, found in results(_one, tasks, here() if workers == 1 else local(workers)):
        if isinstance(found, BaseException):
            raise found
        rows[task.draw.number] = found
        on_done()
    return pd.DataFrame([rows[n] for n in range(len(tasks))])
