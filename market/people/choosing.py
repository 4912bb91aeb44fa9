"""What choosing takes and gives: what consumers know, the offers that are open, decisions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.people import choice
from market.people.utility import OfferTable

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]


class Knowledge(NamedTuple):
    """What some consumers know: whether each car, and the share of their acquaintances who have it; (rows, cars)."""

    known: NDArray[np.bool_]
    company: Floats


class Decisions(NamedTuple):
    """What some consumers chose: offer (or `choice.OUTSIDE`) and its margin in utility over the best other car.

    `trusting` is the offer each would have chosen had everybody's trust been at its baseline.
    """

    offer: Rows
    margin: Floats
    trusting: Rows

    def only(self, some: NDArray[np.bool_] | Rows) -> Decisions:
        """Those of some of the consumers: (rows,) says of whom, or their positions."""
        return Decisions(self.offer[some], self.margin[some], self.trusting[some])


class Listed(NamedTuple):
    """The offers that are open, out of those of a catalogue: arrays over them."""

    open: NDArray[np.bool_]
    """(offers of the catalogue,)"""
    offers: NDArray[np.intp]
    """positions in the catalogue"""
    sold_by: NDArray[np.intp]
    """the platform that sells it, -1: none"""
    car_of: NDArray[np.intp]
    nest_of: NDArray[np.intp]
    """position among the nests of `shock_keys`"""
    shock_keys: NDArray[np.uint64]
    """of the offers, the outside good and the nests"""

    @classmethod
    def of(
        cls, catalogue: Catalogue, is_open: NDArray[np.bool_], sold_by: NDArray[np.intp], dissimilarity: float
    ) -> Listed:
        """List what is open."""
        at = np.flatnonzero(is_open)
        nests, nest_of = np.unique(catalogue.nest_of[at], return_inverse=True)
        keys = choice.shock_keys(catalogue.offer_keys[at], catalogue.nest_keys[nests], dissimilarity)
        return cls(is_open.copy(), at, sold_by[at], catalogue.car_of[at], nest_of, keys)


class Ready(NamedTuple):
    """What some consumers choose as things stand: theirs as long as nothing that they look at changes."""

    listed: Listed
    offers: OfferTable
    contacts: NDArray[np.float64]
    """(places, cars) as media were remembered"""
    rows: Rows
    """ascending"""
    spell: NDArray[np.int16]
    chosen: Decisions
    """by their positions among those listed"""

    def holds(self, listed: Listed, offers: OfferTable, contacts: NDArray[np.float64]) -> bool:
        """Whether offers and the memory of media are those of then."""
        return self.listed is listed and self.offers is offers and np.array_equal(self.contacts, contacts)

    def of(self, rows: Rows, spell: NDArray[np.int16]) -> tuple[Decisions, NDArray[np.bool_]]:
        """What some choose (a copy), and for whom it is known: those who are among them in the same search."""
        at = self.rows.searchsorted(rows)
        known = self.rows.take(at, mode="clip") == rows
        at[~known] = 0
        return self.chosen.only(at), known & (self.spell[at] == spell)
