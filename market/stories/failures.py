"""Failures: the seven kinds, how often each meets a household, in which functions it arises, what those concerned feel.

How often it comes to complaints follows from `hazards`, what becomes public from `firestorm`. Grievances are utility:
0.3 is worth about 9,000 CNY to a consumer with the price taste of the bundled cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from market.cars import FUNCTIONS
from market.fields import Id, Section, Shares, value
from market.happenings import FAILURES, FailureKind

Floats = NDArray[np.float64]
DELAY, DEFECT, SERVICE, SWAP, CLAIM, TERM, QUARREL = range(len(FAILURES))
"""Positions of the kinds, in the order of `FAILURES`."""


def _rate(default: float, of: str = "households and year") -> float:
    unit = f"complaints per 1,000 {of}"
    rate: float = value(default, unit=unit, meaning="how often it goes wrong; 0: never", ge=0.0, le=1e6)
    return rate


def _causal(**shares: float) -> Shares:
    meaning = "functions in which the cause lies; those that the case has not are left out"
    row: Shares = value(lambda: dict(shares), unit="share", meaning=meaning, min_length=1)
    return row


def _alone(default: float) -> float:
    meaning = "part that arises whatever the friction and capability; 0: only through them"
    part: float = value(default, unit="ratio", meaning=meaning, ge=0.0, le=100.0)
    return part


def _friction(default: float) -> float:
    meaning = "added to that part at full friction; 0: friction does no harm"
    part: float = value(default, unit="ratio", meaning=meaning, ge=0.0, le=100.0)
    return part


def _missing(default: float) -> float:
    meaning = "added to that part where nobody can do the task; 0: capability does not matter"
    part: float = value(default, unit="ratio", meaning=meaning, ge=0.0, le=100.0)
    return part


def _quality(default: float) -> float:
    meaning = "fall of the log rate with the quality of the car; 0: none"
    effect: float = value(default, unit="per utility", meaning=meaning, ge=0.0, le=10.0)
    return effect


def _task(default: str | None) -> Id | None:
    task: Id | None = value(default, unit="id", meaning="capability that prevents it; none: no one task")
    return task


def _function(default: str | None) -> Id | None:
    meaning = "function whose holders need that capability; none: nobody's"
    function: Id | None = value(default, unit="id", meaning=meaning)
    return function


def _grievance(default: float) -> float:
    meaning = "what those concerned feel when they hear of it; 0: nothing"
    felt: float = value(default, unit="utility", meaning=meaning, ge=0.0, le=20.0)
    return felt


def _talk(default: float) -> float:
    meaning = "how much more than usual it is talked about; 0: never"
    loudness: float = value(default, unit="ratio", meaning=meaning, ge=0.0, le=100.0)
    return loudness


def _witnesses(default: float | None) -> float | None:
    meaning = "of those concerned who met a public case of it themselves; none: that of news"
    met: float | None = value(default, unit="share", meaning=meaning, ge=0.0, le=1.0)
    return met


class FailureSection(Section):
    """One kind of failure: how often, why, and what it means to those concerned."""

    per_thousand: float = _rate(0.0)
    alone: float = _alone(1.0)
    friction_effect: float = _friction(0.0)
    missing_effect: float = _missing(0.0)
    quality_effect: float = _quality(0.0)
    task: Id | None = _task(None)
    function: Id | None = _function(None)
    causal: Shares = _causal(definition=1.0)
    severity: float = value(
        1.0, unit="ratio", meaning="how bad a public case of it is, 1: usual; 0: nothing follows", ge=0.0, le=10.0
    )
    grievance: float = _grievance(0.2)
    talk: float = _talk(1.0)
    witnesses: float | None = _witnesses(None)


class DeliveryDelay(FailureSection):
    """Cars come later than promised; counted by households and week late."""

    per_thousand: float = _rate(5.0, "households and week late")
    friction_effect: float = _friction(1.0)
    missing_effect: float = _missing(0.5)
    task: Id | None = _task("delivery")
    function: Id | None = _function("delivery")
    causal: Shares = _causal(pace=0.3, production=0.4, delivery=0.3)
    grievance: float = _grievance(0.15)


class QualityDefect(FailureSection):
    """Something about the car is broken, or is not what was shown."""

    per_thousand: float = _rate(12.0)
    friction_effect: float = _friction(0.5)
    quality_effect: float = _quality(0.5)
    causal: Shares = _causal(definition=0.2, pace=0.1, production=0.5, battery=0.2)
    grievance: float = _grievance(0.3)
    talk: float = _talk(1.5)
    witnesses: float | None = _witnesses(0.02)


class ServiceFailure(FailureSection):
    """A repair, a claim or a call is not dealt with."""

    per_thousand: float = _rate(6.0)
    alone: float = _alone(0.4)
    friction_effect: float = _friction(1.0)
    missing_effect: float = _missing(1.5)
    task: Id | None = _task("warranty_repair")
    function: Id | None = _function("service")
    causal: Shares = _causal(sales=0.1, delivery=0.1, service=0.8)
    grievance: float = _grievance(0.15)
    talk: float = _talk(0.7)


class SwapTrouble(FailureSection):
    """Stations are full, closed or far; counted by those who rent the battery."""

    per_thousand: float = _rate(15.0, "renting households and year")
    alone: float = _alone(0.3)
    friction_effect: float = _friction(0.5)
    missing_effect: float = _missing(1.0)
    task: Id | None = _task("swap")
    function: Id | None = _function("battery")
    causal: Shares = _causal(standard=0.2, battery=0.6, service=0.2)
    grievance: float = _grievance(0.2)


class ClaimDispute(FailureSection):
    """A statement about the car is disputed: advertising, range, who pays for a repair."""

    per_thousand: float = _rate(4.0)
    friction_effect: float = _friction(1.0)
    causal: Shares = _causal(definition=0.1, marketing=0.6, sales=0.2, service=0.1)
    grievance: float = _grievance(0.2)


class UndisclosedTerm(FailureSection):
    """A term turns out not to have been displayed; counted by those under a plan with such a term, until it is."""

    per_thousand: float = _rate(30.0, "households under such a plan and year")
    causal: Shares = _causal(marketing=0.4, sales=0.3, finance=0.1, battery=0.2)
    grievance: float = _grievance(0.3)
    talk: float = _talk(1.5)


class PartnersDisagree(FailureSection):
    """Partners contradict each other in public; one organisation alone cannot, strained alliances do more often."""

    per_thousand: float = _rate(20.0)
    alone: float = _alone(0.0)
    friction_effect: float = _friction(1.0)
    causal: Shares = _causal(definition=0.2, standard=0.2, pace=0.2, marketing=0.2, data=0.2)
    grievance: float = _grievance(0.08)
    talk: float = _talk(0.7)
    witnesses: float | None = _witnesses(0.02)


class Failures(Section):
    """The seven kinds of failure."""

    delivery_delay: DeliveryDelay = value(DeliveryDelay, unit="", meaning="delivery later than promised")
    quality_defect: QualityDefect = value(QualityDefect, unit="", meaning="something about the car is not right")
    service_failure: ServiceFailure = value(ServiceFailure, unit="", meaning="service does not come or does not help")
    swap_trouble: SwapTrouble = value(SwapTrouble, unit="", meaning="swapping the battery does not work")
    claim_dispute: ClaimDispute = value(ClaimDispute, unit="", meaning="a statement is disputed")
    undisclosed_term: UndisclosedTerm = value(UndisclosedTerm, unit="", meaning="a term was not displayed")
    partners_disagree: PartnersDisagree = value(PartnersDisagree, unit="", meaning="partners contradict each other")

    def of(self, kind: FailureKind) -> FailureSection:
        """The section of a kind."""
        section: FailureSection = getattr(self, kind)
        return section

    def every(self) -> list[FailureSection]:
        """All kinds in the order of `FAILURES`."""
        return [self.of(kind) for kind in FAILURES]


def causal_matrix(section: Failures, functions: Sequence[str] = FUNCTIONS) -> Floats:
    """In which functions failures arise: (kinds, functions), each row summing to 1.

    Functions that the case does not have are left out and the others count for more; a kind that none of them
    explains arises in all alike.

    >>> causal_matrix(Failures(), ["production", "sales"])[DEFECT].tolist()
    [1.0, 0.0]
    """
    causal = np.array([[kind.causal.get(function, 0.0) for function in functions] for kind in section.every()])
    total = causal.sum(axis=1, keepdims=True)
    return np.divide(causal, total, out=np.full_like(causal, 1.0 / len(functions)), where=total > 0.0)
