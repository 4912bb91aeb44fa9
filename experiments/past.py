"""The weeks that runs have in common: the first run leaves its market behind there, the others go on from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from market import Case, Market


@dataclass
class Past:
    """What markets of cases that are the same until a week have in common, for one seed at a time.

    Going on from a copy gives, to the bit, what running from week 0 gives; it only saves the weeks before.
    """

    week: int
    """first in which they may differ; see `market.agenda.same_until`"""
    _left: dict[int, Market] = field(default_factory=dict)
    """the market of a seed at the beginning of that week"""

    def market(self, case: Case, seed: int) -> Market:
        """A market of one of the cases: in the week in which they part, if one has come so far, else in week 0."""
        from market import Market

        if seed in self._left:
            return self._left[seed].fork().go_on_as(case)
        return Market(case, rng=seed)

    def pass_by(self, market: Market, seed: int) -> None:
        """A run is at the beginning of a week: if it is the one in which they part, leave a copy for the others."""
        if 0 < market.week == self.week and seed not in self._left:
            self.forget()
            self._left[seed] = market.fork()

    def forget(self) -> None:
        """Free the memory: the next run begins in week 0."""
        for market in self._left.values():
            market.close()
        self._left.clear()
