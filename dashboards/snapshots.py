"""Markets stopped in the middle of their run, so that another line can begin there instead of at week 0.

Two markets that differ only in what happens later have been one and the same so far: same people, same luck. A
snapshot of one is then the beginning of the other, to the bit.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from dashboards import acts, address, history
from dashboards.memory import discard, give_back
from market import Case, Market
from market.agenda import Agenda
from market.happenings import Failure

BUDGET_MB = 65.0
"""Memory for snapshots of markets with acts, and as much for those without, which are the beginning of everybody's
lines: some nine of 20,000 consumers each."""

BASE_MB, MB_PER_RUN, MB_PER_CONSUMER = 3.5, 2.0, 0.00016
"""What a snapshot takes, measured: at week 0; tables and books of a whole run more; and of each consumer."""


def so_far(asked: address.Market, week: int) -> address.Market:
    """What of a market matters to its weeks before `week`: two markets with the same are the same until then.

    These are its acts before that week, and later answers to stories that have begun: a story of which people await an
    answer lives on.
    """
    done = acts.parse(asked.acts).acts
    if not done:
        return asked
    begun = {act.id for act in done if act.week < week} | _begun(asked, week)
    kept = [act for act in done if act.week < week or act.target.split("-")[0] in begun]
    return replace(asked, acts=acts.write(kept))


def _begun(asked: address.Market, week: int) -> set[str]:
    """Failures of the case itself that lie before a week."""
    case = history.case_of(replace(asked, acts=""))
    end = acts.first_day(case, week)
    return {one.id for one in case.happenings if isinstance(one, Failure) and one.on < end}


def go_on_as(market: Market, case: Case) -> Market:
    """A copy of a market that goes on with what lies ahead in a case; that case has been the same so far."""
    twin = market.fork()
    twin.case = twin.agenda.case = case
    twin.agenda.happenings = Agenda(case, twin.catalogue).happenings
    twin.agenda.refresh()
    return twin


def megabytes(market: Market) -> float:
    """About how much memory a snapshot of a market takes."""
    run = market.week / market.case.calendar.weeks
    return BASE_MB + MB_PER_RUN * run + MB_PER_CONSUMER * len(market.consumers)


@dataclass
class Snapshot:
    """A market at the beginning of a week; `stopped`: what it was on its way to, although somebody waits for that."""

    market: Market
    stopped: address.Market | None


Key = tuple[address.Market, int]


class Snapshots:
    """The snapshots used last, within the budgets; those of work that somebody waits for go last."""

    def __init__(self, budget_mb: float = BUDGET_MB) -> None:
        """None yet."""
        self._budget_mb = budget_mb
        self._kept: OrderedDict[Key, Snapshot] = OrderedDict()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._kept)

    def put(self, asked: address.Market, market: Market, waited_for: bool = False) -> None:
        """Keep a market as it is now; it is not to be run on by whoever gives it."""
        key = so_far(asked, market.week), market.week
        self._forget(key)
        self._kept[key] = Snapshot(market, asked if waited_for else None)
        alike = [other for other in self._kept if bool(other[0].acts) == bool(key[0].acts)]
        taken = sum(megabytes(self._kept[other].market) for other in alike)
        unwanted = []
        for other in sorted(alike, key=lambda other: self._kept[other].stopped is not None)[:-1]:
            if taken > self._budget_mb:
                taken -= megabytes(self._kept[other].market)
                unwanted.append(other)
        for other in unwanted:
            self._forget(other)
        if unwanted:
            give_back()

    def release(self, asked: address.Market) -> None:
        """Nobody waits for a market any more that was stopped on its way."""
        for one in self._kept.values():
            if one.stopped == asked:
                one.stopped = None

    def worth(self, asked: address.Market, market: Market) -> bool:
        """Whether a copy of this market should be kept: there is none yet, and another would find room too."""
        return 2 * megabytes(market) <= self._budget_mb and (so_far(asked, market.week), market.week) not in self._kept

    def nearest(self, asked: address.Market, case: Case) -> Market | None:
        """A market that goes on as the one asked for, from the latest snapshot that is its beginning.

        What was stopped on its way to it goes on itself; else the snapshot stays, and a copy of it goes on.
        """
        for week in sorted({week for _, week in self._kept}, reverse=True):
            key = so_far(asked, week), week
            found = self._kept.get(key)
            if found is not None and found.stopped == asked:
                return self._kept.pop(key).market
            if found is not None:
                self._kept.move_to_end(key)
                return go_on_as(found.market, case)
        return None

    def clear(self) -> None:
        """Forget them all."""
        for key in list(self._kept):
            self._forget(key)

    def _forget(self, key: Key) -> None:
        there = self._kept.pop(key, None)
        if there is not None:
            discard(there.market)
