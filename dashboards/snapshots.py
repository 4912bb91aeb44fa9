"""Markets stopped in the middle of their run, so that another line can begin there instead of at week 0.

Two markets that differ only in what happens later have been one and the same so far: same people, same luck. A
snapshot of one is then the beginning of the other, to the bit.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from dashboards import acts, address, history
from market import Case, Market
from market.agenda import Agenda
from market.happenings import Failure

BUDGET_MB = 150.0
"""Memory for all snapshots: four of 20,000 consumers."""

BASE_MB, MB_PER_CONSUMER = 28.0, 0.0004
"""What a snapshot of two years takes of a process, measured: tables and books of the run, and 400 bytes a consumer."""


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
    return BASE_MB + MB_PER_CONSUMER * len(market.consumers)


@dataclass
class Snapshot:
    """A market at the beginning of a week; `waited_for`: it was stopped although somebody waits for it."""

    market: Market
    waited_for: bool


class Snapshots:
    """The snapshots used last, within the budget; those of work that somebody waits for go last."""

    def __init__(self, budget_mb: float = BUDGET_MB) -> None:
        """None yet."""
        self._budget_mb = budget_mb
        self._kept: OrderedDict[tuple[address.Market, int], Snapshot] = OrderedDict()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._kept)

    def put(self, asked: address.Market, market: Market, waited_for: bool = False) -> None:
        """Keep a market as it is now; it is not to be run on by whoever gives it."""
        key = so_far(asked, market.week), market.week
        there = self._kept.pop(key, None)
        if there is not None:
            there.market.close()
        self._kept[key] = Snapshot(market, waited_for)
        while len(self._kept) > 1 and sum(megabytes(one.market) for one in self._kept.values()) > self._budget_mb:
            unwanted = (key for key, one in self._kept.items() if not one.waited_for)
            self._kept.pop(next(unwanted, next(iter(self._kept)))).market.close()

    def worth(self, asked: address.Market, market: Market) -> bool:
        """Whether a copy of this market should be kept: there is none yet, and another would find room too."""
        return 2 * megabytes(market) <= self._budget_mb and (so_far(asked, market.week), market.week) not in self._kept

    def nearest(self, asked: address.Market, case: Case) -> Market | None:
        """A market that goes on as the one asked for, from the latest snapshot that is its beginning."""
        weeks = {week for _, week in self._kept}
        for week in sorted(weeks, reverse=True):
            key = so_far(asked, week), week
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                found.waited_for = False
                return go_on_as(found.market, case)
        return None

    def clear(self) -> None:
        """Forget them all."""
        for one in self._kept.values():
            one.market.close()
        self._kept.clear()
