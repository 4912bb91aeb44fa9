"""What is reported about the focal car, and what is said about it: what the controls of a case change there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from market import Case
from market.happenings import Answer, Failure

Changes = dict[str, Any]

WINDOW = 15
"""Weeks simulated where only those around an event are, so many of them before it."""

WEEKS_BEFORE = 6
WINDOW_HISTORY = 20
"""Weeks of needs before those, so that backlogs and searches are filled; 39 give the same figures with fewer buyers."""


def answers(case: Case) -> list[tuple[Answer, Failure]]:
    """Answers of the case to failures of the focal car, each with its failure."""
    failures = {h.id: h for h in case.happenings if isinstance(h, Failure) and h.car == case.focal_car}
    return [(h, failures[h.to]) for h in case.happenings if isinstance(h, Answer) and h.to in failures]


def delay_now(case: Case) -> int | None:
    """Days from the first report to the first answer to it; none where nothing is answered."""
    delays = [(answer.on - failure.on).days for answer, failure in answers(case)]
    return min(delays) if delays else None


def delay(case: Case, value: int) -> Changes:
    """Every answer comes so many days after its failure."""
    return {f"happenings.{a.id}.on": f.on + timedelta(days=value) for a, f in answers(case)}


def paid(case: Case) -> list[Answer]:
    """Answers that come with a remedy."""
    return [answer for answer, _ in answers(case) if answer.remedy_cny > 0.0]


def remedy(case: Case, value: int) -> Changes:
    """Every remedy, in percent of what the case offers."""
    return {f"happenings.{a.id}.remedy_cny": a.remedy_cny * value / 100.0 for a in paid(case)}


def hidden(case: Case) -> list[str]:
    """Energy plans of the focal car with a term that is not displayed at purchase."""
    plans = case.plans.items()
    return [key for key, p in plans if p.undisclosed and (p.cars is None or case.focal_car in p.cars)]


def displayed(case: Case, value: int) -> Changes:
    """A displayed term is nothing that could be revealed."""
    if not value:
        return {}
    revealed = [h for h in case.happenings if isinstance(h, Failure) and h.kind == "undisclosed_term"]
    plans: Changes = {f"plans.{key}.undisclosed": [] for key in hidden(case)}
    return plans | {f"happenings.{h.id}.severity": 0.0 for h in revealed if h.car == case.focal_car}


def reported(case: Case) -> list[Failure]:
    """What is reported about the focal car on days within the run."""
    listed = [h for h in case.happenings if isinstance(h, Failure) and h.car == case.focal_car and h.severity > 0.0]
    end = case.calendar.start + timedelta(weeks=case.calendar.weeks)
    return [failure for failure in listed if case.calendar.start <= failure.on < end]


def event(case: Case, value: int) -> Changes:
    """0: what is reported does not happen."""
    return {} if value else {f"happenings.{failure.id}.severity": 0.0 for failure in reported(case)}


def window_now(case: Case) -> int | None:
    """0 where a case has weeks enough on both sides of what is first reported; it then can be cut to those."""
    days = [failure.on for failure in reported(case)]
    weeks = (min(days) - case.calendar.start).days // 7 if days else 0
    return 0 if WEEKS_BEFORE < weeks < case.calendar.weeks - (WINDOW - WEEKS_BEFORE) else None


def window(case: Case, value: int) -> Changes:
    """The weeks around what is first reported, and only households that will need a car then or did just before.

    As many households a week as in the whole run, so that the same consumers lie closer: each stands for fewer.
    """
    if not value:
        return {}
    first = min(failure.on for failure in reported(case))
    start = case.calendar.start + timedelta(weeks=(first - case.calendar.start).days // 7 - WEEKS_BEFORE)
    people = case.population
    return {
        **{f"happenings.{h.id}": None for h in case.happenings if h.on < start},
        "calendar.start": start,
        "calendar.weeks": WINDOW,
        "population.market_size": people.market_size * WINDOW / people.horizon_weeks,
        "population.horizon_weeks": WINDOW,
        "population.history_weeks": min(people.history_weeks, WINDOW_HISTORY),
    }
