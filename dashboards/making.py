"""One market in the making: from the nearest snapshot to its horizon, a week at a time."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards import acts, address, history, lives, panels, series
from dashboards.memory import discard, give_back
from dashboards.snapshots import Snapshots
from market import Market

WEEKS_BETWEEN = 13
"""So many weeks lie between two snapshots of a market without acts, in which everybody's lines begin."""

WEEKS_BETWEEN_ACTED = 26
"""Between two after the last act: few lines begin there."""


@dataclass(frozen=True)
class Made:
    """What came of a market: what the browser plays, its sales as Parquet, and its followed consumers."""

    text: str
    sales: bytes = b""
    panel: str = ""


class Making:
    """A market on its way to the horizon."""

    def __init__(self, asked: address.Market, snapshots: Snapshots) -> None:
        """Go on from the latest snapshot that is its beginning, or build it."""
        self.asked, self._snapshots = asked, snapshots
        self._case = history.case_of(asked)
        self.market = snapshots.nearest(asked, self._case) or Market(self._case, rng=asked.seed)
        self._last_act = max((act.week for act in acts.parse(asked.acts).acts), default=0)

    @property
    def week(self) -> int:
        """Weeks that are done."""
        return self.market.week

    @property
    def weeks(self) -> int:
        """Weeks in all."""
        return self._case.calendar.weeks

    def step(self) -> None:
        """Run one week; keep a copy of the market now and then, and before the last act, which may be changed."""
        here, between = self.week, WEEKS_BETWEEN_ACTED if self.asked.acts else WEEKS_BETWEEN
        due = here == self._last_act or (here > self._last_act and here % between == 0)
        if here > 0 and due and self._snapshots.worth(self.asked, self.market):
            self._snapshots.put(self.asked, self.market)
        self.market.step()

    def text(self) -> str:
        """What can be played so far."""
        return series.played(self._case, self.asked, self.market.ledger.sales(), self.market.ledger.totals())

    def end(self) -> Made:
        """What came of it; the market is let go."""
        found = panels.tables(self.market)
        more = {"panels": panels.compact(self._case, found)}
        text = series.played(self._case, self.asked, found["sales"], found["market"], more)
        made = Made(text, history.written(found["sales"]), lives.written(self.market.ledger.panel()))
        discard(self.market)
        give_back()
        return made

    def stop(self, waited_for: bool) -> None:
        """Stop on the way; the market becomes a snapshot from which it can go on."""
        if self.week:
            self._snapshots.put(self.asked, self.market, waited_for)
        discard(self.market)
        give_back()
