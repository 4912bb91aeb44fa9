"""The chronicle: what was said and done about cars, and the lives of some consumers. It draws nothing.

`Events` is a list of acts (failures, complaints, answers). `Panel` follows the first 500 consumers and 500 buyers of
the focal car, so that a life can be told; nothing else is ever recorded consumer by consumer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.people.aftersales import CARE

if TYPE_CHECKING:
    import pandas as pd

    from market.catalogue import Catalogue
    from market.chance import Chance
    from market.people.owners import Visits

Rows = NDArray[np.intp]
Positions = int | NDArray[np.integer]
"""In the catalogue: one for all, or one for each consumer."""
Act = Literal[
    "failure", "complaint", "answer", "refusal", "apology", "remedy", "refund", "shift", "exit", "decision",
    "bargain", "end",
]  # fmt: skip
EVENTS_COLUMNS = (
    "day", "date", "car", "kind", "act", "organisation", "informed", "complaints", "response_days", "misattribution",
)  # fmt: skip
PANEL_COLUMNS = ("week", "consumer", "profile", "event", "car", "channel", "organisation", "value")
FIRST, BUYERS = 500, 500
TOGETHER = "+"
"""Stands between the ids of organisations that speak with one voice; no id contains it."""


class Event(NamedTuple):
    """One act around a car. Numbers that do not apply are NaN."""

    day: int
    car: str
    kind: str
    """of failure, also for what answers it"""
    act: Act
    organisation: str
    """whose act it is; several with one voice are joined by `TOGETHER`; empty: nobody's"""
    informed: float
    """households that know of the story by then"""
    complaints: float
    """households that complained"""
    response_days: float
    """from the failure to this act"""
    misattribution: float
    """half the sum of |blame - contribution|, of those who know; NaN where the contribution is unknown"""


class Events:
    """What was said and done, in order of time. A copy goes its own way."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.written: list[Event] = []

    def note(
        self, day: int, car: str, kind: str, act: Act, organisations: Sequence[str] = (), *, informed: float = np.nan,
        complaints: float = np.nan, response_days: float = np.nan, misattribution: float = np.nan,
    ) -> None:  # fmt: skip
        """Write an act down; it belongs to all `organisations` together."""
        by = TOGETHER.join(sorted(organisations))
        self.written.append(Event(day, car, kind, act, by, informed, complaints, response_days, misattribution))

    def frame(self, start: date) -> pd.DataFrame:
        """One row for each act: the columns of EVENTS_COLUMNS; days count from `start`."""
        import pandas as pd

        columns = dict(zip(Event._fields, zip(*self.written, strict=True), strict=True)) if self.written else {}
        day = np.array(columns.get("day", ()), np.int32)
        data: dict[str, object] = {"day": day, "date": _dates(start, day)}
        for name in EVENTS_COLUMNS[2:6]:
            data[name] = pd.Categorical(np.array(columns.get(name, ()), object))
        for name in EVENTS_COLUMNS[6:]:
            data[name] = np.array(columns.get(name, ()), float)
        return pd.DataFrame(data, columns=list(EVENTS_COLUMNS))


class Panel:
    """The lives that are followed, as columns that grow. A copy goes its own way.

    The first consumers are followed from the start. A buyer of the focal car is followed from the purchase on, while
    among the `buyers` with the least luck of all buyers so far; who is displaced leaves the panel with all that was
    recorded. Luck is handed in, so the panel is the same whoever bought first.
    """

    def __init__(
        self, catalogue: Catalogue, profiles: tuple[str, ...], profile: NDArray[np.int8], first: int = FIRST,
        buyers: int = BUYERS, chance: Chance | None = None, focal: int | None = None,
    ) -> None:  # fmt: skip
        """Follow the `first` consumers; `profile` (consumers,) says of which of the `profiles` each is.

        With luck from `chance`, buyers of the car at position `focal` are followed too.
        """
        self.catalogue, self.chance, self.focal = catalogue, chance, focal
        self.names = {
            "profile": profiles, "car": tuple(catalogue.cars), "channel": tuple(catalogue.channels),
            "organisation": catalogue.organisations,
        }  # fmt: skip
        self.first, self.most, self.profile = min(first, len(profile)), buyers, profile
        self.watched = np.zeros(len(profile), bool)
        """(consumers,) who is followed now"""
        self.watched[: self.first] = True
        self.awake = self.first > 0 or self.most > 0
        """whether anybody is followed, or may be"""
        self.buyers: Rows = np.empty(0, np.intp)
        self.luck = np.empty(0, np.float32)
        """(buyers,) of those followed, in order of luck"""
        self.events: list[str] = []
        """names of the events seen so far; chunks name them by position"""
        self.chunks: list[tuple[int, Rows, int, Positions, Positions, Positions]] = []
        """week, consumers, event, car, channel and organisation of what happened: one for all, or one for each"""
        self.values: list[float | NDArray[np.floating]] = []

    def buy(self, rows: Rows, luck: NDArray[np.float32]) -> None:
        """These consumers bought the focal car; `luck` in (0, 1) is each consumer's own and never changes."""
        if len(rows) == 0 or self.most == 0:
            return
        full = len(self.buyers) == self.most
        promising = luck <= self.luck[-1] if full else np.ones(len(rows), bool)
        if not promising.any():
            return
        every, at = np.unique(np.concatenate([self.buyers, rows[promising]]), return_index=True)
        lucky = np.concatenate([self.luck, luck[promising]])[at]
        keep = np.lexsort((every, lucky))[: self.most]
        self.watched[self.buyers] = False
        self.buyers, self.luck = every[keep].astype(np.intp), lucky[keep]
        self.watched[self.buyers] = True
        self.watched[: self.first] = True

    def rest(self) -> None:
        """Follow nobody from now on: for a run of which only totals are kept. It changes nothing else."""
        self.first, self.most, self.awake = 0, 0, False
        self.watched[:] = False

    def follow(self, week: int, flow: str, rows: Rows, offer: NDArray[np.integer], price: NDArray[np.floating]) -> None:
        """A flow of consumers with their offers and prices (CNY); who orders the focal car may be followed from now."""
        if not self.awake:
            return
        if flow == "orders" and self.focal is not None and self.chance is not None:
            buyers = rows[self.catalogue.car_of[offer] == self.focal]
            if len(buyers):
                self.buy(buyers, self.chance.uniform("panel", buyers))
        kept = self.watched[rows].nonzero()[0]
        if len(kept):
            had = offer[kept]
            car, channel = self.catalogue.car_of[had], self.catalogue.channel_of[had]
            self._write(week, flow, rows[kept], car, channel, -1, price[kept])

    def visit(self, week: int, visits: Visits, kinds: Sequence[str], share: NDArray[np.float64]) -> None:
        """Owners' visits of the year: who cared for the car, what the year cost (CNY), and which `kinds` failed.

        `share` (categories, cars, sides, organisations) divides each side; the largest part of its care is named,
        nobody where an independent did it.
        """
        followed = self.watched[visits.rows].nonzero()[0] if self.awake else visits.rows[:0]
        if len(followed) == 0:
            return
        rows, car = visits.rows[followed], visits.car[followed]
        cares = share[CARE, car, visits.provider[followed, CARE] - 1]
        carer = np.where(cares.max(axis=1) > 0.0, cares.argmax(axis=1), -1)
        failed = visits.failed[followed]
        for k in np.flatnonzero(failed.any(axis=0)).tolist():
            self._write(week, kinds[k], rows[failed[:, k]], car[failed[:, k]])
        self._write(week, "visit", rows, car, -1, carer, visits.cny[followed].sum(axis=1))
        bought = visits.bought_out[followed]
        if bought.any():
            self._write(week, "buy_out", rows[bought], car[bought])

    def record(
        self, week: int, event: str, rows: Rows, *, car: Positions = -1, channel: Positions = -1,
        organisation: Positions = -1, value: float | NDArray[np.floating] = np.nan,
    ) -> None:  # fmt: skip
        """Something happens to consumers: those who are followed are kept. -1 and NaN say that there is nothing to say.

        `car`, `channel` and `organisation` are positions in the catalogue, one for all or one for each row, as is
        `value`, whose unit depends on the event.
        """
        kept = self.watched[rows].nonzero()[0] if self.awake else rows[:0]
        if len(kept) == 0:
            return
        car, channel, organisation = (_of_kept(entry, kept) for entry in (car, channel, organisation))
        self._write(week, event, rows[kept], car, channel, organisation, _of_kept(value, kept))

    def _write(
        self, week: int, event: str, rows: Rows, car: Positions = -1, channel: Positions = -1,
        organisation: Positions = -1, value: float | NDArray[np.floating] = np.nan,
    ) -> None:  # fmt: skip
        """Keep what happens to consumers who are all followed; entries are one for all, or one for each row."""
        if event not in self.events:
            self.events.append(event)
        self.chunks.append((week, rows, self.events.index(event), car, channel, organisation))
        self.values.append(value)

    def frame(self) -> pd.DataFrame:
        """One row for each thing that happened to a consumer of the panel: the columns of PANEL_COLUMNS.

        In order of time, and of consumers within a week; what happens to one consumer in one week is in order too.
        """
        import pandas as pd

        lengths = np.array([len(chunk[1]) for chunk in self.chunks], np.intp)
        columns = list(zip(*self.chunks, strict=True)) or [()] * 6
        week, row, event, car, channel, organisation = (_together(column, lengths, np.int32) for column in columns)
        value = _together(self.values, lengths, np.float64)
        here = np.flatnonzero(self.watched[row])
        here = here[np.lexsort((here, row[here], week[here]))]

        def named(position: NDArray[np.int32], names: Sequence[str]) -> pd.Categorical:
            return pd.Categorical.from_codes(position[here], categories=pd.Index(list(names), dtype=object))

        data: dict[str, object] = {"week": week[here], "consumer": row[here].astype(np.int64)}
        data["profile"] = named(self.profile[row].astype(np.int32), self.names["profile"])
        data["event"] = named(event, self.events)
        places = (("car", car), ("channel", channel), ("organisation", organisation))
        data |= {name: named(position, self.names[name]) for name, position in places}
        return pd.DataFrame(data | {"value": value[here]}, columns=list(PANEL_COLUMNS))


def _of_kept(given: Any, kept: Rows) -> Any:
    """What is given for the rows kept: one for all, or one for each."""
    return given[kept] if isinstance(given, np.ndarray) else given


def _together(entries: Sequence[Any], lengths: NDArray[np.intp], kind: type[np.number[Any]]) -> NDArray[Any]:
    """The entries of all chunks one after the other, each as long as its chunk."""
    each = np.array([isinstance(entry, np.ndarray) and entry.ndim > 0 for entry in entries], bool)
    out = np.repeat(np.array([0 if own else e for e, own in zip(entries, each, strict=True)], kind), lengths)
    ends = np.cumsum(lengths)
    for chunk in np.flatnonzero(each).tolist():
        out[ends[chunk] - lengths[chunk] : ends[chunk]] = entries[chunk]
    return out


def _dates(start: date, day: NDArray[np.integer]) -> NDArray[np.datetime64]:
    return (np.datetime64(start, "D") + day.astype(np.int64)).astype("datetime64[ms]")
