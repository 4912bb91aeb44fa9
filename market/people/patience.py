"""Patience: what waiting costs it, until some who wait give up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.people import grievance, orders
from market.people.orders import Anger, Orders, Terms
from market.people.population import Population
from market.people.trust import Trust
from market.people.waiting import Places

Rows = NDArray[np.intp]
Floats = NDArray[np.float32]
NO_REFUND = np.iinfo(np.int32).min


@dataclass
class Patience:
    """The patience of all who wait: a unit exponential, drawn when the wait begins, that hazards use up."""

    population: Population
    catalogue: Catalogue
    section: Orders
    terms: Terms
    trust: Trust
    angers: list[tuple[NDArray[np.bool_], Anger]]
    """revealed terms: the (offers,) they concern, and what they do"""
    refunded: NDArray[np.int32]
    """(offers,) last week whose orders can be cancelled without losing a deposit; `NO_REFUND`: none can"""

    def wear(
        self, rows: Rows, places: Places, until: NDArray[np.floating]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Let consumers wait until given times (weeks) in the stage they are in. Returns who gives up, and when."""
        if len(rows) == 0:
            return np.zeros(0, bool), np.zeros(0)
        column = self.population.columns
        begins, stage = column["exposed"][rows], places.stage
        ends = np.maximum(until, begins).astype(np.float32, copy=False)
        forfeit = self.terms.forfeit[stage, places.channel]
        if self._refunds():
            forfeit[self.is_refunded(rows, places.offer)] = 0.0
        hazard = orders.cumulated_hazard(
            stage, begins, ends, places.promised, self._revealed(rows, places, begins, ends), forfeit, places.ratio,
            self.section,
        )  # fmt: skip
        before = column["patience"][rows]
        left = before - hazard
        column["patience"][rows], column["exposed"][rows] = left, ends
        gives_up, at = left <= 0, begins.astype(float)
        leave = gives_up.nonzero()[0]
        if len(leave):
            worn, had = hazard[leave], before[leave]
            part = np.divide(had, worn, out=np.zeros(len(leave), np.float32), where=worn > 0)
            at[leave] += part.clip(0, 1).astype(float) * (ends[leave] - begins[leave])
        return gives_up, at

    def _refunds(self) -> bool:
        """Whether a refund has been offered to anybody."""
        return bool(np.maximum.reduce(self.refunded) != NO_REFUND)

    def is_refunded(self, rows: Rows, offer: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Who of those who ordered did so before a refund was offered: later ones knew the terms."""
        if not self._refunds():
            return np.zeros(len(rows), bool)
        ordered: NDArray[np.int16] = self.population.columns["car_week"][rows]
        return ordered <= self.refunded[offer]

    def _revealed(self, rows: Rows, places: Places, begins: Floats, ends: Floats) -> Floats:
        """Hazard that lost trust, revealed terms and grievances add, cumulated from `begins` to `ends`: (rows,)."""
        revealed = np.zeros(len(rows))
        if not self.trust.at_rest:
            hit = self.trust.moved(rows).nonzero()[0]
            if len(hit):
                who = rows[hit], self.catalogue.face, begins[hit], ends[hit]
                revealed[hit] = self.trust.cancelling(*who, car=places.car[hit])
        for under_plan, anger in self.angers:
            some = under_plan[places.offer].nonzero()[0]
            if len(some):
                revealed[some] += anger.cumulated(begins[some], ends[some])
        column = self.population.columns
        held = column["grievance"][rows]
        grieves = held.nonzero()[0]
        if len(grieves):
            revealed[grieves] += grievance.cumulated(
                held[grieves], column["grieved"][rows[grieves]], begins[grieves], ends[grieves],
                self.section.grievance_per_week, self.section.grievance_half_life_weeks,
            )  # fmt: skip
        return revealed.astype(np.float32)
