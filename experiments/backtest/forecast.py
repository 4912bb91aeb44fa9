"""A forecast from an origin: the fitted market run on under many draws of what is not known, month by month.

A draw is a seed (people, choices, how attractiveness wanders) with parameters: growth by age and size from another
sample of the months learned from, the error of each model's level, and the error of the whole market's volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.backtest import dynamics, season
from experiments.backtest.contestants import on_sale, rest_of
from experiments.backtest.dynamics import MEMORY, Dynamics
from experiments.backtest.panel import Panel, month_of_year
from experiments.backtest.structure import Draw, Stage
from experiments.sales import Cars
from experiments.sales.sales import Model
from experiments.sales.tables import month_after
from market import Case

Floats = NDArray[np.float64]

LEAST_SHARE = 1e-7
"""Of a car of which no simulated consumer bought any."""
ERRORS = 36
"""Past errors of the forecasts of the whole market that a draw takes one of."""


@dataclass(frozen=True)
class Origin:
    """All that a forecast from one month rests on, the fitted constants included."""

    panel: Panel
    stage: Stage
    dynamics: Dynamics
    constants: dict[str, float]
    unknown: tuple[Model, ...]
    """models of which the cars file says nothing"""
    seed: int

    @classmethod
    def fit(cls, panel: Panel, base: Case, cars: Cars, horizon: int, consumers: int, seed: int = 1) -> Origin:
        """Fit the market of the last month of a panel."""
        learned = dynamics.learn(panel, horizon)
        listed, unknown = on_sale(panel, learned, cars)
        stage = Stage(base, (*listed, *rest_of(base, listed, cars)), panel.months[-1], horizon, consumers)
        return cls(panel, stage, learned, stage.fit(), unknown, seed)

    @property
    def models(self) -> tuple[Model, ...]:
        """Models that are forecast: those listed in the last month that compete, the largest first."""
        listed = {model for model, known in zip(self.panel.models, self.panel.listed[-1], strict=True) if known}
        return tuple(car.model for car in self.stage.cars if car.model in listed and car.model is not None)

    def draw(self, number: int) -> tuple[Floats, Floats]:
        """One draw, counted from 1: share of each model by month (horizon, models), and cars of the whole market.

        Draws come in pairs whose errors of level are opposite (antithetic variates, Hammersley & Morton 1956).
        """
        rng = np.random.default_rng([self.seed, (number + 1) // 2, len(self.panel.months)])
        other = dynamics.learn(self.panel, self.stage.horizon, rng)
        growth = dict(zip(self.panel.models, other.growth, strict=True))
        of_level = self.dynamics.transitory * (MEMORY / 2.0) ** 0.5 * (1.0 if number % 2 else -1.0)
        drawn = Draw(
            seed=self.seed + number,
            constants={key: at + of_level * rng.standard_normal() for key, at in self.constants.items()},
            growth={c.key: float(growth[c.model]) for c in self.stage.cars if c.model is not None and c.growth != 0.0},
            permanent=self.dynamics.permanent,
            transitory=self.dynamics.transitory * (1.0 - MEMORY / 2.0) ** 0.5,
        )
        share = np.maximum(self.stage.run(drawn), LEAST_SHARE)
        place = {car.model: at for at, car in enumerate(self.stage.cars)}
        of_model = share[:, [place[model] for model in self.models]]
        return of_model * np.exp(self._waves()), self._volume(number)

    def _waves(self) -> Floats:
        """What the month of the quarter adds to each forecast model: (horizon, models)."""
        at = [self.panel.models.index(model) for model in self.models]
        months = [month_of_year(month_after(self.panel.months[-1], h)) % 3 for h in range(1, self.stage.horizon + 1)]
        return self.dynamics.wave[at][:, months].T

    def volume(self) -> Floats:
        """Cars of the whole market by month, by its season: (horizon,)."""
        months = self.panel.months
        known = season.Season.of(months, self.panel.total)
        ratio = [known.ratio(months[-1], month_after(months[-1], h)) for h in range(1, self.stage.horizon + 1)]
        return np.asarray(self.panel.total[-1] * np.exp(ratio))

    def _volume(self, number: int) -> Floats:
        """The same with the error of a past forecast, less the middle of them; draws go through them in turn."""
        horizon = self.stage.horizon
        past = season.errors(self.panel.months, self.panel.total, horizon, ERRORS)
        if len(past) == 0:
            return self.volume()
        order = np.random.default_rng(self.seed).permutation(len(past))
        error = past[order[number % len(past)]] - np.median(past, axis=0)
        return np.asarray(self.volume() * np.exp(error))
