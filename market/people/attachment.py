"""A network in which newcomers tie themselves to those who have many ties already (Barabasi & Albert 1999).

The market runs on the small world and the accounts of `network`; this one is there for whoever asks how much a few
very well known people would change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market.chance import Chance
from market.people.network import Network


def preferential_attachment(chance: Chance, n: int, per_newcomer: int) -> Network:
    """Undirected ties of `n` consumers who come one after the other, each with `per_newcomer` ties of its own.

    The first `per_newcomer` + 1 all know each other. Each tie of a later one leads to an earlier one, with probability
    in proportion to the ties that one has then (its own of the moment not counted): an end of an earlier tie, drawn
    evenly. In a large network P(k) = 2 m (m + 1) / (k (k + 1) (k + 2)). Somebody drawn twice stays, so that degrees
    are exact. One consumer more changes no tie between those before. Source: Batagelj & Brandes (2005), who show that
    a list of ends is enough.

    Raises ValueError if `per_newcomer` is below 1.
    """
    if per_newcomer < 1:
        raise ValueError(f"{per_newcomer} ties of each newcomer; give 1 or more")
    first = min(per_newcomer + 1, n)
    heads, tails = np.triu_indices(first, 1)
    known = len(heads)
    newcomers = np.repeat(np.arange(first, n), per_newcomer)
    before = 2 * (known + (newcomers - first) * per_newcomer)
    drawn = _below(chance.bits("attachment", np.arange(len(newcomers))), before)
    owner = np.concatenate([heads, newcomers])
    other = np.concatenate([tails, np.full(len(newcomers), -1)])
    # end 2 e is the owner of tie e, end 2 e + 1 whom it leads to, which may itself have been drawn
    tie = np.arange(known, known + len(newcomers))
    while len(tie):
        at = drawn[tie - known]
        found = np.where(at % 2 == 0, owner[at // 2], other[at // 2])
        other[tie] = found
        tie = tie[found < 0]
    return Network.from_edges(n, owner, other)


def _below(bits: NDArray[np.uint64], limits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers from 0 to below each limit (under 2**32), evenly, from the high 32 bits."""
    return ((bits >> np.uint64(32)) * limits.astype(np.uint64) >> np.uint64(32)).astype(np.int64)
