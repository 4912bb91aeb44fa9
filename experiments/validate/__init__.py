"""Validation: a frozen market against what was reported."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.validate.validation import Task, Validation, validate

__all__ = ["Task", "Validation", "validate"]

__getattr__ = on_demand(__name__, {"validation": ("Task", "Validation", "validate")})
