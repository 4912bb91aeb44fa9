"""Sweeps: designs run on any pool of workers, into a folder."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.sweep.running import Stopped, Sweep, Tally, sweep

__all__ = ["Stopped", "Sweep", "Tally", "sweep"]

__getattr__ = on_demand(__name__, {"running": ("Stopped", "Sweep", "Tally", "sweep")})
