"""One market in the making: from the nearest snapshot to its horizon, a week at a time."""

from __future__ import annotations

import gc
from dataclasses import dataclass

from dashboards import acts, address, history, lives, panels, series
from dashboards.snapshots import Snapshots
from market import Market

WEEKS_BETWEEN = 13
"""So many weeks lie between two snapshots."""


@dataclass(frozen=True)
class Made:
    """What came of a market: what the browser plays, its sales as Parquet, and its followed consumers."""

    text: str
    sales: bytes = b""
    panel: str = ""


class Making:
    """A market on its way to the horizon."""

    def __init__(self, asked: address.Market, snapshots: Snapshots) -> None:
        """Go on from the latest snapshot that is its beginning, or build it.

        Markets refer to themselves, so those that are done with are only freed when Python looks for such circles,
        which it does by the number of objects, not by their size: without help, hundreds of megabytes would wait.
        """
        gc.collect()
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
        here = self.week
        due = here > 0 and (here % WEEKS_BETWEEN == 0 or here == self._last_act)
        if due and self._snapshots.worth(self.asked, self.market):
            self._snapshots.put(self.asked, self.market.fork())
        self.market.step()

    def text(self) -> str:
        """What can be played so far."""
        return series.played(self._case, self.asked, self.market.ledger.sales(), self.market.ledger.market())

    def end(self) -> Made:
        """What came of it; the market is closed."""
        ledger = self.market.ledger
        sales = ledger.sales()
        more = {"panels": panels.compact(self._case, panels.tables(self.market))}
        text = series.played(self._case, self.asked, sales, ledger.market(), more)
        made = Made(text, history.written(sales), lives.written(ledger.panel()))
        self.market.close()
        return made

    def stop(self, waited_for: bool) -> None:
        """Stop on the way; the market becomes a snapshot from which it can go on."""
        if self.week:
            self._snapshots.put(self.asked, self.market, waited_for)
        else:
            self.market.close()
