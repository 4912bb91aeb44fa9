"""What choosing takes and gives: what consumers know, the offers that are open, what is a consumer's own, decisions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.people import choice
from market.people.profiles import Tastes

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

    def only(self, some: NDArray[np.bool_]) -> Decisions:
        """Those of some of the consumers: (rows,) says of whom."""
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


class Own(NamedTuple):
    """What is some consumers' own in a choice, and the same all week once they have looked around."""

    rows: Rows
    """ascending"""
    spell: NDArray[np.int16]
    listed: Listed
    told: list[Floats]
    """contacts with each car that other people bring, (cars, rows) each"""
    company: Floats
    """(rows, cars) as in `Knowledge`"""
    enough: Floats
    """(rows, cars) contacts at which each knows each car"""
    tastes: Tastes
    shocks: Floats
    """(rows, offers + 1)"""

    def of(self, rows: Rows, spell: NDArray[np.int16], listed: Listed) -> Own | None:
        """What is the own of some of them, ascending; None unless all are among them, in the same search."""
        at = self.rows.searchsorted(rows)
        if listed is not self.listed or not np.array_equal(self.rows.take(at, mode="clip"), rows):
            return None
        if not np.array_equal(self.spell[at], spell):
            return None
        told = [contacts.take(at, axis=1) for contacts in self.told]
        company, enough, shocks = (table.T.take(at, axis=1).T for table in (self.company, self.enough, self.shocks))
        return Own(rows, spell, listed, told, company, enough, self.tastes.of(at), shocks)
