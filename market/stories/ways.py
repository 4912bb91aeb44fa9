"""Ways: from whom those who heard of a story on one day had it.

Nobody acts on it; it is kept so that a life can be told. Who was told in several ways at once is said to have heard it
from the acquaintance, else in the buyers' groups, else in the feeds; who is left has met it or was told at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]
Amounts = NDArray[np.float64]
_NOBODY: Rows = np.empty(0, np.intp)


class Told(NamedTuple):
    """Some who heard of a story, by way: rows of consumers; `talkers` are whom each of `by_talk` had it from."""

    by_talk: Rows
    talkers: Rows
    in_groups: Rows
    in_feeds: Rows
    directly: Rows


class Ways(NamedTuple):
    """Whom a story reached on a day in each way, whether they knew of it before or not."""

    listeners: Rows = _NOBODY
    talkers: Rows = _NOBODY
    """(ties,) who told each of the listeners"""
    grouped: Rows = _NOBODY
    fed: Rows = _NOBODY
    contacts: Amounts = np.empty(0)
    """(places,) of an average user with the story in the feeds"""

    def of(self, rows: Rows) -> Told:
        """How some consumers heard of it; a listener of several has it from the first of them.

        >>> ways = Ways(np.array([5, 3, 5]), np.array([7, 8, 9]), np.array([3, 4]), np.array([2]))
        >>> told = ways.of(np.array([2, 3, 4, 5, 6]))
        >>> [part.tolist() for part in told]
        [[3, 5], [8, 7], [4], [2], [6]]
        """
        listener, first = np.unique(self.listeners, return_index=True)
        by_talk = np.isin(rows, listener)
        talkers = self.talkers[first[np.searchsorted(listener, rows[by_talk])]]
        in_groups = ~by_talk & np.isin(rows, self.grouped)
        in_feeds = ~by_talk & ~in_groups & np.isin(rows, self.fed)
        directly = ~(by_talk | in_groups | in_feeds)
        return Told(rows[by_talk], talkers, rows[in_groups], rows[in_feeds], rows[directly])
