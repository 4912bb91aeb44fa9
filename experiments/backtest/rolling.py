"""A backtest: forecasts from rolling origins, each made with what was known then alone, beside simple benchmarks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.backtest import benchmarks, launches, scores
from experiments.backtest.benchmarks import ATTRACTION
from experiments.backtest.forecast import Origin
from experiments.backtest.panel import Panel, by_brand
from experiments.sales import Cars, Sales
from experiments.sales.sales import Model
from experiments.sales.tables import MONTH, month_after
from experiments.workers import here, local, results
from market import Case, CaseError, Fault

Floats = NDArray[np.float64]

CONSUMERS, DRAWS = 30_000, 40
"""By default: simulated consumers of a run, and runs of each origin."""
FEWEST_MONTHS = 15
"""That must come before the first origin: a season, and errors of its forecasts."""
METHODS = (scores.STRUCTURE, *benchmarks.NAMES)


def bundled_cars() -> Path:
    """The cars file that ships: the models of China's market of 2018 to 2025."""
    return Path(str(resources.files("experiments") / "library" / "china-bev-cars.csv"))


def is_month(text: str) -> bool:
    """Whether a text is a month.

    >>> is_month("2024-12"), is_month("2024-13")
    (True, False)
    """
    return MONTH.fullmatch(text) is not None


class Plan(NamedTuple):
    """What is asked of a backtest."""

    case: Case
    sales: Sales
    cars: Cars
    first: str
    """the first origin: the last month that the market is fitted to"""
    horizon: int
    origins: int
    consumers: int = CONSUMERS
    draws: int = DRAWS
    seed: int = 1
    launches: bool = True

    @property
    def months(self) -> tuple[str, ...]:
        """The origins."""
        return tuple(month_after(self.first, k) for k in range(self.origins))

    def faults(self) -> Iterator[Fault]:
        """What speaks against it: months that the sales file does not hold."""
        known, allowed = self.sales.months, f"the sales file covers {self.sales.months[0]} to {self.sales.months[-1]}"
        if self.first not in known:
            yield Fault("--train-until", f"given {self.first}", allowed, "choose a month of it")
        elif known.index(self.first) + 1 < FEWEST_MONTHS:
            remedy = f"leave at least {FEWEST_MONTHS} months before the first origin"
            yield Fault("--train-until", f"given {self.first}", allowed, remedy)
        elif self.months[-1] >= known[-1]:
            last = f"the last origin is {self.months[-1]}, after which no month is known"
            yield Fault("--origins", last, allowed, "ask for fewer origins, or begin earlier")


class Task(NamedTuple):
    """A piece of work: an origin to fit, a draw of one, or the launches of a month."""

    kind: str
    at: int
    """place of the origin, or of the month of the launches"""
    number: int = 0
    models: tuple[Model, ...] = ()
    origin: Origin | None = None


@dataclass(frozen=True)
class Backtest:
    """All that was found."""

    plan: Plan
    cells: pd.DataFrame
    """one row a cell: level, origin, target, horizon, series, actual, every method, and the structure's intervals"""
    scores: pd.DataFrame
    differences: pd.DataFrame
    """MASE of the structure less each benchmark's, with a 90 % interval"""
    launches: pd.DataFrame
    launch_scores: dict[str, float]
    unknown: tuple[Model, ...]
    """models of which the cars file says nothing: forecast from their sales alone, and not predicted as launches"""
    parameters: pd.DataFrame
    """what each origin learned"""


def pieces(plan: Plan) -> int:
    """How many pieces of work a plan has."""
    months = len(launches.newcomers(Panel.of(plan.sales), plan.cars)[0]) if plan.launches else 0
    return plan.origins * (1 + plan.draws) + months


def backtest(plan: Plan, workers: int = 1, on_done: Callable[[], None] = lambda: None) -> Backtest:
    """Carry out a plan; the same plan gives the same result with any number of workers. Raises CaseError."""
    if faults := list(plan.faults()):
        raise CaseError(faults)
    panel = Panel.of(plan.sales)
    places = [panel.months.index(month) for month in plan.months]
    work = partial(carry_out, plan=plan, panel=panel)

    def done(tasks: Sequence[Task]) -> list[object]:
        found: dict[tuple[str, int, int], object] = {}
        for task, outcome in results(work, tasks, here() if workers == 1 else local(workers)):
            if isinstance(outcome, BaseException):
                raise outcome
            found[task.kind, task.at, task.number] = outcome
            on_done()
        return [found[task.kind, task.at, task.number] for task in tasks]

    fitted = [one for one in done([Task("fit", at) for at in places]) if isinstance(one, Origin)]
    numbers = range(1, plan.draws + 1)
    both = zip(places, fitted, strict=True)
    drawn = done([Task("draw", at, number, origin=origin) for at, origin in both for number in numbers])
    rows: list[dict[str, object]] = []
    for place, (at, origin) in enumerate(zip(places, fitted, strict=True)):
        pairs = [one for one in drawn[place * plan.draws : (place + 1) * plan.draws] if isinstance(one, tuple)]
        share, volume = (np.array(part) for part in zip(*pairs, strict=True))
        rows += _rows(origin, panel, at, plan.cars, share, volume)
    new, nameless = launches.newcomers(panel, plan.cars) if plan.launches else ({}, ())
    looked = done([Task("launch", at, models=tuple(models)) for at, models in sorted(new.items())])
    first = [launch for found in looked if isinstance(found, list) for launch in found]
    predicted = launches.predict(first, month_after(plan.sales.months[0], 12))
    cells = pd.DataFrame(rows)
    others = [method for method in METHODS if method != scores.STRUCTURE]
    return Backtest(
        plan, cells, scores.table(cells, METHODS),
        pd.DataFrame(
            [
                dict(zip(("level", "method", "difference", "low_90", "high_90"), (level, method, *of), strict=True))
                for level in ("brand", "model") for method in others
                for of in [scores.difference(cells, level, method)]
            ]
        ),
        predicted, launches.summary(predicted),
        tuple(dict.fromkeys([*(model for origin in fitted for model in origin.unknown), *nameless])),
        pd.DataFrame([_learned(origin) for origin in fitted]),
    )  # fmt: skip


def carry_out(task: Task, plan: Plan, panel: Panel) -> Origin | tuple[Floats, Floats] | list[launches.Launch]:
    """Do one piece of work."""
    if task.kind == "fit":
        return Origin.fit(panel.until(task.at), plan.case, plan.cars, plan.horizon, plan.consumers, plan.seed)
    if task.kind == "draw" and task.origin is not None:
        return task.origin.draw(task.number)
    fit_consumers = min(plan.consumers, launches.CONSUMERS)
    return launches.look((task.at, task.models), panel, plan.case, plan.cars, fit_consumers)


def _learned(origin: Origin) -> dict[str, object]:
    """What an origin learned of how shares move."""
    learned = origin.dynamics
    return {
        "origin": origin.panel.months[-1], "models": len(origin.models), "permanent_sd_per_month": learned.permanent,
        "transitory_sd_per_month": learned.transitory, "lowest_growth": float(learned.growth.min()),
        "highest_growth": float(learned.growth.max()), "fingerprint": origin.stage.case().fingerprint,
    }  # fmt: skip


def _rows(origin: Origin, panel: Panel, at: int, cars: Cars, share: Floats, volume: Floats) -> list[dict[str, object]]:
    """Cells of an origin, of models and of brands; `share` (draws, horizon, models), `volume` (draws, horizon)."""
    known, horizon = origin.panel, origin.stage.horizon
    targets = [month_after(known.months[-1], h) for h in range(1, horizon + 1)]
    units = share * volume[:, :, None]
    point = np.median(share, axis=0) * origin.volume()[:, None]
    ahead, _ = benchmarks.season_of(known, horizon)
    pulled = benchmarks.attraction(known, cars, ahead)
    place = [known.models.index(model) for model in origin.models]
    simple = {name: found[:, place] for name, found in benchmarks.all_of(known.units, known, horizon).items()}
    future = [panel.models.index(model) for model in origin.models]
    rows = scores.cells(
        "model", known.months[-1], targets, [" ".join(model) for model in origin.models], known.units[:, place],
        _ahead(panel.units, at, horizon)[:, future], point, units, simple | {ATTRACTION: pulled[:, place]},
    )  # fmt: skip
    names, past = by_brand(known.units, known.brands)
    later_names, later = by_brand(panel.units, panel.brands)
    on_sale = [b for b, name in enumerate(names) if any(model.brand == name for model in origin.models)]
    member = np.array([[model.brand == names[b] for b in on_sale] for model in origin.models], float)
    of_brand = np.array([[model.brand == names[b] for b in on_sale] for model in known.models], float)
    simple = {name: found[:, on_sale] for name, found in benchmarks.all_of(past, known, horizon).items()}
    actual = _ahead(later, at, horizon)[:, [later_names.index(names[b]) for b in on_sale]]
    drawn_to = np.nan_to_num(pulled) @ of_brand
    middle = np.median(share @ member, axis=0) * origin.volume()[:, None]
    return rows + scores.cells(
        "brand", known.months[-1], targets, [names[b] for b in on_sale], past[:, on_sale], actual, middle,
        units @ member, simple | {ATTRACTION: np.where(drawn_to > 0.0, drawn_to, np.nan)},
    )  # fmt: skip


def _ahead(units: Floats, at: int, horizon: int) -> Floats:
    """The months after a place, NaN where they are not known yet: (horizon, series)."""
    found = np.full((horizon, units.shape[1]), np.nan)
    later = units[at + 1 : at + 1 + horizon]
    found[: len(later)] = later
    return found
