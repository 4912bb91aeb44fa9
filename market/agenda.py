"""The agenda: which dated events lie ahead, on which days a week is cut, and which promotions run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from market.calendar import DAYS, Calendar, Clock, Round
from market.case import Case, CaseError
from market.catalogue import Catalogue
from market.checks.happenings import happenings as faults_of_happenings
from market.happenings import Answer, Failure, Happening, Promotion, RoleMove, TaxCliff


class Agenda:
    """The dated events of one market: those of its case, and those that were added to it alone."""

    def __init__(self, case: Case, catalogue: Catalogue) -> None:
        """Take over the happenings of a case and the moves of roles that it has decided."""
        self.calendar: Calendar = case.calendar
        self.catalogue = catalogue
        self.promotions: dict[str, tuple[int, int, float]] = {}
        """running ones by happening: car, last day, discount"""
        self.turn_to(case)

    def turn_to(self, case: Case) -> None:
        """What lies ahead is that of a case from now on; what was added to this market alone is forgotten."""
        self.case = case
        self.happenings: list[Happening] = dated(case)
        self.refresh()

    def _cut_days(self) -> frozenset[int]:
        """Days on which something happens: a week is cut there."""
        day_of, catalogue = self.calendar.day_of, self.catalogue
        self._nothing = without_consequence(self.happenings)
        days = {day_of(h.on) for h in self.happenings if self._matters(h)}
        days |= {day_of(h.until) for h in self.happenings if isinstance(h, Promotion)}
        listed = (catalogue.launch_day, catalogue.opens_day, catalogue.closes_day)
        return frozenset(days).union(*(days_of_cars.tolist() for days_of_cars in listed))

    def _matters(self, happening: Happening) -> bool:
        return happening.id not in self._nothing

    def add(self, happening: Happening, today: int) -> None:
        """Add a happening to this market alone.

        Raises ValueError if its day has passed, CaseError if it names what the case, or what was added, has not.
        """
        if self.calendar.day_of(happening.on) < today:
            raise ValueError(
                f"happenings.{happening.id}.on: {happening.on} has passed; give {self.calendar.date_of(today)} or later"
            )
        planned = self.case.model_copy(update={"happenings": [*self.happenings, happening]})
        at = f"happenings.{happening.id}."
        if faults := [fault for fault in faults_of_happenings(planned) if fault.path.startswith(at)]:
            raise CaseError(faults)
        self.happenings.append(happening)
        self.refresh()

    def refresh(self) -> None:
        """Look again at what happens when: something was added, or the dates of a car have changed."""
        self._cuts = self._cut_days()
        self._ahead: dict[int, list[Happening]] = {}
        """by day: answers last, else in the order of ids"""
        for happening in sorted(self.happenings, key=lambda h: (isinstance(h, Answer), h.id)):
            self._ahead.setdefault(self.calendar.day_of(happening.on), []).append(happening)
        told = {day: [h for h in happen if tells(h) and self._matters(h)] for day, happen in self._ahead.items()}
        self._telling = sorted(day for day, happen in told.items() if happen)
        """days on which a story begins or is taken further"""
        self._answers = [(day, h.to) for day, happen in self._ahead.items() for h in happen if isinstance(h, Answer)]

    def rounds(self, clock: Clock, week: int, stories_live: bool) -> list[Round]:
        """The rounds of a week: daily while a story lives, and from the day on which one begins or is answered."""
        return clock.rounds(week, self._cuts | set(self._daily(week, stories_live)))

    def _daily(self, week: int, stories_live: bool) -> Sequence[int]:
        first, last = week * DAYS, (week + 1) * DAYS
        if not stories_live:
            first = next((day for day in self._telling if first <= day < last), last)
        return range(first, last)

    def cuts(self, day: int) -> bool:
        """Whether something happens on a day: on any other of a week, all is on offer as on the day before."""
        return day in self._cuts

    def today(self, day: int) -> list[Happening]:
        """What happens on a day of the run: answers last, else in the order of ids, whatever that of the list."""
        return list(self._ahead.get(day, ()))

    def awaited(self, day: int) -> set[str]:
        """Failures that will be answered after a day."""
        return {to for on, to in self._answers if on > day}

    def end_promotions(self, day: int) -> None:
        """Promotions whose last day has passed go out of the prices."""
        for key in [key for key, (_, until, _) in self.promotions.items() if until == day]:
            car, _, discount = self.promotions.pop(key)
            self.catalogue.promotion_cny[car] -= discount


def dated(case: Case) -> list[Happening]:
    """All dated events of a case: its happenings, and the moves of roles that it has decided."""
    moves = [RoleMove(on=d.start, **d.model_dump(exclude={"start"})) for d in case.decisions]
    return [*case.happenings, *moves]


def without_consequence(happenings: Iterable[Happening]) -> set[str]:
    """Ids of failures without severity, and of what is said about them: they leave everything as it was."""
    listed = list(happenings)
    failures = {h.id for h in listed if isinstance(h, Failure) and h.severity == 0.0}
    return failures | {h.id for h in listed if isinstance(h, Answer) and h.to in failures}


def same_until(cases: Sequence[Case]) -> int:
    """The first week in which markets of some cases with the same seed may differ; 0 if they do from the start.

    What differs must be dated to leave any week the same. An answer matters from the failure on that it is to, since
    people who await one speak on, and a tax cliff from the start, since market time is bent around it.
    """
    first, events = cases[0], [{happening.id: happening for happening in dated(case)} for case in cases]
    undated = set(type(first).model_fields) - {"happenings", "decisions"} - first.presentation
    if any(getattr(case, name) != getattr(first, name) for case in cases[1:] for name in undated):
        return 0
    days, failures = [], {h.id: h.on for of_case in events for h in of_case.values() if isinstance(h, Failure)}
    for key in set().union(*events):
        versions = [of_case.get(key) for of_case in events]
        if any(version != versions[0] for version in versions):
            days += [_matters_from(version, failures, first.calendar) for version in versions if version is not None]
    return min([first.calendar.weeks, *(max(day // DAYS, 0) for day in days)])


def _matters_from(happening: Happening, failures: Mapping[str, date], calendar: Calendar) -> int:
    """The first day of a run on which it can matter that a happening lies ahead."""
    if isinstance(happening, TaxCliff):
        return 0
    to = failures.get(happening.to, happening.on) if isinstance(happening, Answer) else happening.on
    return calendar.day_of(min(to, happening.on))


def tells(happening: Happening) -> bool:
    """Whether a happening begins a story or takes one further. A failure without severity does neither."""
    return isinstance(happening, Answer) or (isinstance(happening, Failure) and happening.severity > 0.0)
