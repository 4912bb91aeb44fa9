"""Backtests: forecasts from rolling origins on a user's sales file, beside simple benchmarks."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.backtest.rolling import Backtest, Plan, backtest

__all__ = ["Backtest", "Plan", "backtest"]

__getattr__ = on_demand(__name__, {"rolling": ("Backtest", "Plan", "backtest")})
