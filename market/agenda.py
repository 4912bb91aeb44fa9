"""The agenda: which dated events lie ahead, on which days a week is cut, and which promotions run."""

from __future__ import annotations

from collections.abc import Sequence

from market.calendar import DAYS, Calendar, Clock, Round
from market.case import Case, CaseError
from market.catalogue import Catalogue
from market.checks.happenings import happenings as faults_of_happenings
from market.happenings import Answer, Failure, Happening, Promotion, RoleMove


class Agenda:
    """The dated events of one market: those of its case, and those that were added to it alone."""

    def __init__(self, case: Case, catalogue: Catalogue) -> None:
        """Take over the happenings of a case and the moves of roles that it has decided."""
        self.case = case
        self.calendar: Calendar = case.calendar
        self.catalogue = catalogue
        moves = [RoleMove(on=d.start, **d.model_dump(exclude={"start"})) for d in case.decisions]
        self.happenings: list[Happening] = [*case.happenings, *moves]
        self.promotions: dict[str, tuple[int, int, float]] = {}
        """running ones by happening: car, last day, discount"""
        self.refresh()

    def _cut_days(self) -> frozenset[int]:
        """Days on which something happens: a week is cut there."""
        day_of, catalogue = self.calendar.day_of, self.catalogue
        self._nothing = {h.id for h in self.happenings if isinstance(h, Failure) and h.severity == 0.0}
        days = {day_of(h.on) for h in self.happenings if self._matters(h)}
        days |= {day_of(h.until) for h in self.happenings if isinstance(h, Promotion)}
        listed = (catalogue.launch_day, catalogue.opens_day, catalogue.closes_day)
        return frozenset(days).union(*(days_of_cars.tolist() for days_of_cars in listed))

    def _matters(self, happening: Happening) -> bool:
        """False of a failure without severity, and of what is said about it: they leave everything as it was."""
        return (happening.to if isinstance(happening, Answer) else happening.id) not in self._nothing

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


def tells(happening: Happening) -> bool:
    """Whether a happening begins a story or takes one further. A failure without severity does neither."""
    return isinstance(happening, Answer) or (isinstance(happening, Failure) and happening.severity > 0.0)
