"""Verification: the market's own functions against answers that nobody here made up."""

from typing import TYPE_CHECKING

from experiments.on_demand import on_demand

if TYPE_CHECKING:
    from experiments.verify.mutants import MUTANTS, Mutant, surviving
    from experiments.verify.row import Finding, Row
    from experiments.verify.verification import Result, result, rows, verify

__all__ = ["MUTANTS", "Finding", "Mutant", "Result", "Row", "result", "rows", "surviving", "verify"]

__getattr__ = on_demand(
    __name__,
    {
        "mutants": ("MUTANTS", "Mutant", "surviving"),
        "row": ("Finding", "Row"),
        "verification": ("Result", "result", "rows", "verify"),
    },
)
