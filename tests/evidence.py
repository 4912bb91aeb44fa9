"""How tests judge numbers that rest on luck: as the verification does."""

from __future__ import annotations

from experiments.verify.evidence import (
    MANY,
    SEEDS,
    UNLIKELY,
    fisher_p,
    flat_p,
    pooled_p,
    standard_error,
    z_between,
    z_of,
)

__all__ = [
    "MANY", "SEEDS", "UNLIKELY", "fisher_p", "flat_p", "pooled_p", "standard_error", "z_between", "z_of",
]  # fmt: skip
