"""Trust of each consumer in each organisation: hit by what is experienced and heard, then recovering slowly.

What is stored is the deviation from the baseline, which fades by half in every half-life. It fades when somebody
looks, so that idle consumers cost nothing, and what is linear in it - the mean, the hazard of cancelling - is known
without looking. The rules by which it moves stand in `trust_rules`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.calendar import DAYS
from market.people.trust_rules import (
    TrustSection,
    cancelling_of_one,
    felt_of_one,
    gain,
    gain_of_one,
    lost_of_one,
    recovered,
    recovered_of_one,
    updated,
    updated_of_one,
)

__all__ = [
    "Trust", "TrustSection", "cancelling_of_one", "felt_of_one", "gain", "gain_of_one", "lost_of_one", "recovered",
    "recovered_of_one", "updated", "updated_of_one",
]  # fmt: skip

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Rows = NDArray[np.intp]
UNTOUCHED = -1
"""The day of the last hit of somebody whose trust has never moved."""
FEW = 256
"""Rows up to which a table is moved or written as a whole."""
EDGE = 1e-6
"""Trust comes no nearer to 0 and 1 than this, unless its baseline does."""


class Trust:
    """Trust of `n` consumers in O organisations. Only this class writes trust; others hand it arrays.

    Takes 6 O + 4 bytes per consumer: the deviation from the baseline (float32), the evidence so far (float16, which
    is exact for whole observations to 2,048, when one more hardly counts) and the day on which both held. Rows handed
    in are distinct, days never go back. `copy.deepcopy` makes an independent copy. Nothing is drawn.
    """

    def __init__(
        self, section: TrustSection, baseline: ArrayLike, n: int, households: ArrayLike, on: bool = True
    ) -> None:
        """Everybody at the `baseline` (O,); `households` (profiles,) are those behind all consumers of a profile.

        With `on` false nothing is stored and nothing ever moves.
        """
        self.section, self.on = section, on
        self._loss_weight, self._gain_weight = np.float32(section.loss_weight), np.float32(section.gain_weight)
        self.baseline: Amounts = np.asarray(baseline, float)
        self.households: Amounts = np.asarray(households, float)
        shape = (n if on else 0, len(self.baseline))
        self._deviation: Floats = np.zeros(shape, np.float32)
        self._so_far = np.zeros(shape, np.float16)
        self._touched = np.full(shape[0], UNTOUCHED, np.int32)
        self._level: Floats = self.baseline.astype(np.float32)
        self._lowest = np.minimum(EDGE - self._level, 0).astype(np.float32)
        self._highest = np.maximum(1 - EDGE - self._level, 0).astype(np.float32)
        self._sums: Amounts = np.zeros((len(self.households), len(self.baseline)))
        """(profiles, O): households times deviation, as of the day below"""
        self._sums_day = 0
        self._profiles = np.arange(len(self.households))[:, None]
        self._moved = False
        self._faces: _Faces | None = None

    @property
    def at_rest(self) -> bool:
        """Whether nothing has ever moved trust: all deviations are exactly 0."""
        return not self._moved

    def moved(self, rows: Rows) -> NDArray[np.bool_]:
        """Whose trust has ever moved: (rows,)."""
        return self._touched[rows] != UNTOUCHED if self._moved else np.zeros(len(rows), bool)

    def moved_since(self, rows: Rows, day: float) -> NDArray[np.bool_]:
        """Whose trust has moved on a day or later: (rows,)."""
        return self._touched[rows] >= day if self._moved else np.zeros(len(rows), bool)

    def deviation(self, rows: Rows, day: float) -> Floats:
        """Trust less its baseline on a day, or at the last hit where that came later: (rows, O)."""
        if self.at_rest:
            return np.zeros((len(rows), len(self.baseline)), np.float32)
        deviation = self._deviation.take(rows, axis=0)
        deviation *= self._kept(rows, day)[:, None]
        return deviation

    def forget(self) -> None:
        """Free the memory: means can still be read, nobody's trust."""
        self._deviation, self._so_far, self._touched = self._deviation[:0], self._so_far[:0], self._touched[:0]

    def _kept(self, rows: Rows, day: float) -> Floats:
        """Part of each consumer's deviations that is left: (rows,)."""
        days = np.maximum(day - self._touched[rows], 0).astype(np.float32)
        return recovered(np.float32(1), days, self.section.half_life_days).astype(np.float32, copy=False)

    def move(
        self, rows: Rows, evidence: ArrayLike, weight: ArrayLike, day: int, profile: NDArray[np.integer],
        households: Amounts,
    ) -> None:  # fmt: skip
        """An observation: what has recovered until `day` (whole) is written down, then the hit falls.

        `evidence` in [0, 1] and `weight` in observations are (rows, O), or broadcast to it; where the weight is 0
        nothing moves. `profile` and `households` (rows,) say for whom each consumer stands.
        """
        weights, shown = np.asarray(weight, np.float32), np.asarray(evidence, np.float32)
        if not self.on or not weights.any():
            return
        if weights.ndim < 2:
            weights = np.broadcast_to(weights, (len(rows), len(self.baseline)))
        deviation = self.deviation(rows, day)
        so_far: NDArray[np.floating] = self._so_far.take(rows, axis=0)
        self._sums, self._sums_day = self._sums_on(day), day
        of_profile = (profile == self._profiles) * households
        if len(rows) <= FEW:
            deviation, so_far, moved = self._hit(deviation, so_far, shown, weights, slice(None))
            self._sums += of_profile @ moved
        else:  # where the weight is 0 nothing moves; with many rows it is worth looking who is concerned
            some = np.flatnonzero(weights.any(axis=0))
            shown = np.broadcast_to(shown, weights.shape)[:, some] if shown.ndim > 0 else shown
            after, seen, moved = self._hit(deviation[:, some], so_far[:, some], shown, weights[:, some], some)
            deviation[:, some], so_far[:, some] = after, seen
            self._sums[:, some] += of_profile @ moved
        _write(self._deviation, rows, deviation)
        _write(self._so_far, rows, so_far)
        self._touched[rows] = day
        self._moved = True

    def _hit(
        self, before: Floats, so_far: NDArray[np.floating], shown: Floats, weights: Floats, some: slice | Rows
    ) -> tuple[Floats, Floats, Floats]:
        """`updated`, on deviations, for some organisations: deviation and evidence after it, and the move.

        All are (rows, organisations); what does not move keeps its last digit.
        """
        change = shown - self._level[some] - before
        felt = weights * np.where(change < 0, self._loss_weight, self._gain_weight)
        seen = so_far + felt
        change *= gain(felt, seen, self.section.prior_weight, self.section.floor)
        change += before
        np.maximum(change, self._lowest[some], out=change)
        after = np.minimum(change, self._highest[some], out=change)
        return after, seen, after - before

    def _sums_on(self, day: float) -> Amounts:
        return np.asarray(recovered(self._sums, day - self._sums_day, self.section.half_life_days), float)

    def mean(self, day: float) -> Amounts:
        """Mean trust over the households of each profile on a day: (profiles, O); NaN for a profile without any.

        It costs nothing in n: recovery is linear, so the mean recovers as one consumer does.
        """
        behind = self.households[:, None]
        deviation = np.divide(self._sums_on(day), behind, out=np.full_like(self._sums, np.nan), where=behind > 0.0)
        return self.baseline + deviation

    def felt(self, rows: Rows, face: ArrayLike, day: float) -> Floats:
        """Face-weighted trust less its baseline, for every car: (rows, cars). `face` is (cars, O)."""
        return self.deviation(rows, day) @ np.asarray(face, np.float32).T

    def utility(self, rows: Rows, face: ArrayLike, day: float) -> Floats:
        """What trust adds to the utility of every car on a day: (rows, cars). `face` is (cars, O)."""
        return np.float32(self.section.choice_weight) * self.felt(rows, face, day)

    def lost(self, rows: Rows, face: ArrayLike, day: float) -> Floats:
        """Trust lost on a day in those whose face is on one's car: (rows,). `face` is (rows, O).

        Trust gained in one organisation does not make up for trust lost in another.
        """
        return np.einsum("no,no->n", np.maximum(-self.deviation(rows, day), 0), np.asarray(face, np.float32))

    def cancelling(self, rows: Rows, face: ArrayLike, begins: Floats, ends: Floats, car: Rows | None = None) -> Floats:
        """Hazard of cancelling that lost trust adds, cumulated from `begins` to `ends` (weeks): (rows,), exact.

        Trust as it is now counts from the consumer's last hit on; who is about to be hit waits until then first.
        `face` is (rows, O), or (cars, O) with the `car` of each.
        """
        hazard = np.zeros(len(rows), np.float32)
        if self.at_rest or self.section.cancelling_per_week == 0.0:
            return hazard
        lost = self._lost_at_hit(rows, np.asarray(face), np.arange(len(rows)) if car is None else car)
        some = lost.nonzero()[0]
        if len(some) == 0:
            return hazard
        hit = self._touched[rows[some]] / DAYS
        since, until = (np.maximum(weeks[some] - hit, 0.0) for weeks in (begins, ends))
        half_life = self.section.half_life_days / DAYS
        felt = until - since
        if half_life > 0.0:
            felt = half_life / math.log(2.0) * (np.exp2(since / -half_life) - np.exp2(until / -half_life))
        hazard[some] = self.section.cancelling_per_week * lost[some] * felt
        return hazard

    def _lost_at_hit(self, rows: Rows, face: NDArray[np.floating], car: Rows) -> Floats:
        """As `lost` on the day of the last hit; `face` is (cars, O), few of them on each car, `car` (rows,)."""
        lost = np.zeros(len(rows), np.float32)
        if self._faces is None or not np.array_equal(self._faces.face, face):
            self._faces = _Faces.of(face)
        for named, shares in zip(self._faces.named, self._faces.share, strict=True):
            deviation = self._deviation[rows, named[car]]
            lost += shares[car] * np.maximum(-deviation, 0)
        return lost


class _Faces(NamedTuple):
    """Whose face is on the cars: the first on each, the second, and so on."""

    face: NDArray[np.floating]
    """(cars, O)"""
    named: Rows
    """(faces on a car at most, cars) whose"""
    share: Floats
    """(faces on a car at most, cars) 0 where there are not so many"""

    @classmethod
    def of(cls, face: NDArray[np.floating]) -> _Faces:
        """Look who is on each car."""
        most = int(np.count_nonzero(face, axis=1).max(initial=0))
        named = np.argsort(face == 0.0, axis=1, kind="stable")[:, :most]  # those on the car first
        share = np.take_along_axis(face, named, axis=1).astype(np.float32)
        return cls(face.copy(), np.ascontiguousarray(named.T), np.ascontiguousarray(share.T))


def _write(table: NDArray[np.floating], rows: Rows, values: NDArray[np.floating]) -> None:
    """Rows of a table, where they are many each as one block of bytes: three times faster than number by number."""
    if len(rows) <= FEW:
        table[rows] = values
        return
    block = np.dtype((np.void, table.itemsize * table.shape[1]))
    table.view(block)[:, 0][rows] = np.ascontiguousarray(values).view(block)[:, 0]
