"""Calibration: cases fitted to real sales, with intervals, and the proof that what is true is found again."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.calibrate.build import Built, car_id, market_of
    from experiments.calibrate.calibration import Calibration, calibrate
    from experiments.calibrate.constants import (
        CENSORED,
        Fit,
        contract,
        fit_constants,
        implied_shares,
        month_weights,
        quiet,
        shares_by_car,
        units,
    )
    from experiments.calibrate.inference import Learner, Posterior, learn
    from experiments.calibrate.levels import Levels, fit_levels
    from experiments.calibrate.path import Path, expected_path
    from experiments.calibrate.recovery import coverage, recover

__all__ = [
    "CENSORED", "Built", "Calibration", "Fit", "Learner", "Levels", "Path", "Posterior", "calibrate", "car_id",
    "contract", "coverage", "expected_path", "fit_constants", "fit_levels", "implied_shares", "learn", "market_of",
    "month_weights", "quiet", "recover", "shares_by_car", "units",
]  # fmt: skip

__getattr__ = on_demand(
    __name__,
    {
        "build": ("Built", "car_id", "market_of"),
        "calibration": ("Calibration", "calibrate"),
        "constants": (
            "CENSORED", "Fit", "contract", "fit_constants", "implied_shares", "month_weights", "quiet", "shares_by_car",
            "units",
        ),
        "inference": ("Learner", "Posterior", "learn"),
        "levels": ("Levels", "fit_levels"),
        "path": ("Path", "expected_path"),
        "recovery": ("coverage", "recover"),
    },
)  # fmt: skip
