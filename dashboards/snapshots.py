"""Markets stopped in the middle of their run, so that another line can begin there instead of at week 0.

Two markets that differ only in what happens later have been one and the same so far: same people, same luck. A
snapshot of one is then the beginning of the other, to the bit.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace

from dashboards import acts, address, history
from dashboards.packed import Packed
from market import Case, Market
from market.happenings import Failure

BUDGET_MB = 40.0
"""Memory for snapshots of markets with acts, and as much for those without, which are the beginning of everybody's
lines: some thirty of 20,000 consumers each."""

MOST_CONSUMERS = 100_000
"""Of a market that is kept without being stopped on its way; it takes 5 MB and as much again for who knows whom."""


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


@dataclass
class Snapshot:
    """A market at the beginning of a week; `stopped`: what it was on its way to, although somebody waits for that."""

    packed: Packed
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
        """Keep a market as it is now."""
        key = so_far(asked, market.week), market.week
        self._kept.pop(key, None)
        self._kept[key] = Snapshot(Packed(market), asked if waited_for else None)
        alike = [other for other in self._kept if bool(other[0].acts) == bool(key[0].acts)]
        for other in sorted(alike, key=lambda other: self._kept[other].stopped is not None)[:-1]:
            if _megabytes([self._kept[one].packed for one in alike]) <= self._budget_mb:
                break
            alike.remove(other)
            del self._kept[other]

    def release(self, asked: address.Market) -> None:
        """Nobody waits for a market any more that was stopped on its way."""
        for one in self._kept.values():
            if one.stopped == asked:
                one.stopped = None

    def worth(self, asked: address.Market, market: Market) -> bool:
        """Whether a market should be kept as it is: there is none like it yet, and it does not push out all others."""
        return len(market.consumers) <= MOST_CONSUMERS and (so_far(asked, market.week), market.week) not in self._kept

    def nearest(self, asked: address.Market, case: Case) -> Market | None:
        """A market that goes on as the one asked for, from the latest snapshot that is its beginning.

        What was stopped on its way to it is used up; any other snapshot stays for more lines.
        """
        for week in sorted({week for _, week in self._kept}, reverse=True):
            key = so_far(asked, week), week
            found = self._kept.get(key)
            if found is not None:
                if found.stopped == asked:
                    del self._kept[key]
                else:
                    self._kept.move_to_end(key)
                return found.packed.market().go_on_as(case)
        return None

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()


def _megabytes(kept: list[Packed]) -> float:
    """What some take together; what they share counts once."""
    shared = {who: size for one in kept for who, size in one.shared_bytes.items()}
    return (sum(one.bytes for one in kept) + sum(shared.values())) / 1e6
