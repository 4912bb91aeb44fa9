"""Uncertainty: which values of a case nobody knows well, within which limits, and samples of them all.

Values of grade C and D are uncertain. Of these all are drawn that act on stories, blame, trust, waiting and cancelling.
The others are held: the constants of cars were fitted together with tastes, media and production of the market, so that
drawing those would ask a market that has not been fitted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from market import Case
from market.happenings import Failure

UNCERTAIN = ("C", "D")
SPREAD = 2.0
"""Without a stated range, a value is drawn between half and twice its default, evenly in logarithm."""
SHARES = ("share", "probability", "0-1")
"""Units of values that cannot exceed 1 begin with these words."""

DRAWN = (
    r"orders\..*", r"trust\..*", r"attribution\..*", r"deferral\..*",
    r"news\.(?!ends_below|last_talkers|longest_weeks).*",
    r"firestorm\..*", r"alliance\..*", r"failures\.[a-z_]+\.(?!causal).*", r"ownership\.(experience_sd|late_penalty)",
    r"profiles\.[a-z_]+\.(cancelling|knowledge\.mean)",
    r"channels\.[a-z_]+\.(deposit_cny|reservation_weeks|lock_weeks)",
)  # fmt: skip
"""Names of the values that are drawn, as regular expressions; beside these, those of the focal car and its events."""
OF_CAR = ("promise.expectation", "production.promise_optimism", "production.capacity_per_week", "production.ramp_weeks")
OF_EVENT = ("severity", "attention", "admission", "remedy_cny")

RANGES: Mapping[str, tuple[float, float]] = {
    "trust.loss_weight": (1.5, 2.5),
    "trust.half_life_days": (30.0, 60.0),
    "news.feed.exponent": (1.0, 2.0),
    "firestorm.exponent": (1.0, 3.0),
}
"""Stated ranges: of the literature for trust (louder bad news, slow half-life), of what is possible for exponents."""
KNOWLEDGE, SHIFT = 0.2, 0.2
"""Knowledge of a profile, and the largest part of the face and of a contribution, lie this far around their default."""


NEAR, NEAR_SHIFT = 1.25, 0.05
"""What does not act on stories, blame, trust, waiting and cancelling is drawn within this ratio, or this far around."""
CHOSEN = ("choice of the case", "definition", "design", "covers ")
"""Sources of values that somebody chose, as these words begin them."""


class Factor(NamedTuple):
    """One uncertain value and the range it is drawn from."""

    name: str
    default: float
    low: float
    high: float
    even_in_logarithm: bool

    def at(self, part: float) -> float:
        """The value below which a given part of the draws falls."""
        if self.even_in_logarithm:
            return float(self.low * (self.high / self.low) ** part)
        return float(self.low + part * (self.high - self.low))


def uncertain(case: Case) -> dict[str, float]:
    """All numbers of grade C or D in a case by full name, without those that are off (0)."""
    found = {}
    for name, value in case.fields().items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and value != 0.0 and case.provenance(name).grade in UNCERTAIN:
            found[name] = float(value)
    return found


def factors(case: Case, events: Sequence[str] = ()) -> list[Factor]:
    """What is drawn around a case, by name: `events` are the ids of the happenings that are looked at."""
    car = case.focal_car
    patterns = [re.compile(pattern) for pattern in DRAWN]
    patterns += [re.compile(rf"cars\.{car}\.{re.escape(part)}") for part in OF_CAR]
    patterns += [re.compile(rf"happenings\.{event}\.{part}") for event in events for part in OF_EVENT]
    known = uncertain(case)
    found = [_factor(case, name, value) for name, value in known.items() if any(p.fullmatch(name) for p in patterns)]
    face = {} if car is None else case.cars[car].public_face()
    found += _largest(f"cars.{car}.face", face)
    for happening in case.happenings:
        if happening.id in events and isinstance(happening, Failure):
            found += _largest(f"happenings.{happening.id}.contribution", happening.contribution)
    return sorted(found)


def every(case: Case, events: Sequence[str] = ()) -> list[Factor]:
    """Every number of grade C or D: those of `factors` in their ranges, all others within NEAR of their default.

    Why nearer: the constants of cars were fitted together with them. Choices of the case (its size and length) are no
    assumptions about the world; of a row of shares the largest is drawn, and the others give way.
    """
    found = {factor.name: factor for factor in factors(case, events)}
    in_rows: set[str] = set()
    for row in case.rows_of_shares():
        in_rows |= set(row)
        key = max(sorted(row), key=lambda name: row[name])
        graded = any(case.provenance(name).grade in UNCERTAIN for name in row)
        if graded and row[key] < 1.0 and not found.keys() & row.keys():
            low, high = max(row[key] - NEAR_SHIFT, 0.0), min(row[key] + NEAR_SHIFT, 1.0)
            found[key] = Factor(key, row[key], low, high, False)
    for name, value in uncertain(case).items():
        known = case.provenance(name)
        if name not in found and name not in in_rows and not known.source.startswith(CHOSEN):
            low, high = sorted((value / NEAR, value * NEAR))
            found[name] = Factor(name, value, low, min(high, 1.0) if known.unit.startswith(SHARES) else high, False)
    return sorted(found.values())


def _factor(case: Case, name: str, value: float) -> Factor:
    if name in RANGES:
        return Factor(name, value, *RANGES[name], False)
    if name.endswith(".knowledge.mean"):
        return Factor(name, value, max(value - KNOWLEDGE, 0.0), min(value + KNOWLEDGE, 1.0), False)
    low, high = sorted((value / SPREAD, value * SPREAD))
    bounded = case.provenance(name).unit.startswith(SHARES)
    return Factor(name, value, low, min(high, 1.0) if bounded else high, value > 0.0)


def _largest(row: str, shares: Mapping[str, float]) -> list[Factor]:
    """The largest part of a row of shares; the others of the row give way to it."""
    if not shares or max(shares.values()) == 1.0:
        return []
    key = max(sorted(shares), key=lambda one: shares[one])
    value = float(shares[key])
    return [Factor(f"{row}.{key}", value, max(value - SHIFT, 0.0), min(value + SHIFT, 1.0), False)]


def draws(of: Sequence[Factor], runs: int, seed: int) -> list[dict[str, float]]:
    """Latin hypercube: `runs` sets of values by name, in which each value is spread evenly over its range.

    >>> from math import log2
    >>> factor = Factor("a", 2.0, 1.0, 4.0, True)
    >>> sorted(int(2.0 * log2(drawn["a"])) for drawn in draws([factor], 4, seed=1))
    [0, 1, 2, 3]
    """
    if not of:
        return [{} for _ in range(runs)]
    from scipy.stats import qmc  # a second that no fault needs

    parts = qmc.LatinHypercube(len(of), seed=seed).random(runs)
    return [{factor.name: factor.at(p) for factor, p in zip(of, row, strict=True)} for row in parts.tolist()]
