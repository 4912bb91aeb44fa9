"""Trust of each consumer in each organisation: hit by what is experienced and heard, then recovering slowly.

`T += g x (evidence - T)`, `g = w x max(1 / (k + n), g_min)`: with equal weights, no floor and no recovery this is the
mean of a beta distribution after as many observations (Raiffa & Schlaifer 1961). What is stored is the deviation from
the baseline, which fades by half in every half-life. It fades when somebody looks, so that idle consumers cost
nothing, and what is linear in it - the mean, the hazard of cancelling - is known without looking.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.calendar import DAYS
from market.fields import Section, Share, value

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Rows = NDArray[np.intp]
UNTOUCHED = -1  # the day of the last hit of whose trust has never moved
EDGE = 1e-6
"""Trust comes no nearer to 0 and 1 than this, unless its baseline does."""


class TrustSection(Section):
    """How trust moves, and what it does to choices and orders."""

    prior_weight: float = value(
        10.0, unit="observations", meaning="weight k of the first impression against later evidence", gt=0.0, le=1e9
    )
    floor: Share = value(
        0.02, unit="share", meaning="least part g_min of the way that an observation moves trust; 0: none"
    )
    loss_weight: float = value(
        2.0, unit="observations", meaning="weight of evidence below trust; 0: trust is never lost", ge=0.0, le=1e3,
        grade="D", source="the laboratory says 1.5-2.5",
    )  # fmt: skip
    gain_weight: float = value(
        1.0, unit="observations", meaning="weight of evidence above trust; 0: only time restores it", ge=0.0, le=1e3
    )
    half_life_days: float = value(
        45.0, unit="days", meaning="until half of a deviation from the baseline is gone; 0: it stays", ge=0.0, le=1e9,
        grade="D", source="slow trust half-life, 30-60 days",
    )  # fmt: skip
    experienced: float = value(
        2.0, unit="observations", meaning="weight of a failure of one's own of severity 1; 0: none", ge=0.0, le=1e3
    )
    late_weeks: float = value(
        8.0, unit="weeks", meaning="delay of one's own car that weighs like a failure of severity 1", gt=0.0, le=1e4
    )
    heard: float = value(
        1.0, unit="observations", meaning="weight of a failure of severity 1 that one hears of; 0: none", ge=0.0,
        le=1e3,
    )  # fmt: skip
    remedied: float = value(
        1.0, unit="observations", meaning="weight of a remedy that makes good all that one lost; 0: none", ge=0.0,
        le=1e3,
    )  # fmt: skip
    choice_weight: float = value(
        3.0, unit="utility", meaning="worth of full trust against none in those whose face is on the car; 0: none",
        ge=0.0, le=100.0, grade="D", source="judgement: losing a baseline of .6 weighs like 30-50 thousand CNY",
    )  # fmt: skip
    cancelling_per_week: float = value(
        0.3, unit="per week", meaning="added hazard of cancelling when all trust is lost; 0: none", ge=0.0, le=100.0
    )


def gain(weight: ArrayLike, so_far: ArrayLike, prior_weight: float, floor: float = 0.0) -> NDArray[np.floating]:
    """Part of the way to the evidence that trust goes, at most all of it: `weight x max(1 / (k + n), g_min)`.

    `weight` and `so_far` (any shape) are in observations; n counts the observation itself. The floor is in proportion
    to the weight, so that who is hardly blamed hardly loses trust.

    >>> gain(1.0, 1.0, prior_weight=9.0).item()
    0.1
    >>> gain(2.0, 992.0, prior_weight=8.0, floor=0.05).item()
    0.1
    """
    per_observation = np.maximum(1.0 / (prior_weight + np.asarray(so_far)), floor)
    return np.minimum(np.asarray(weight) * per_observation, 1.0)


def gain_of_one(weight: float, so_far: float, prior_weight: float, floor: float = 0.0) -> float:
    """The readable rule behind `gain`."""
    return min(weight * max(1.0 / (prior_weight + so_far), floor), 1.0)


def updated(
    trust: ArrayLike, so_far: ArrayLike, evidence: ArrayLike, weight: ArrayLike, section: TrustSection
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Trust after an observation, and the evidence so far including it; shapes broadcast.

    `trust` and `evidence` are in [0, 1], `so_far` and `weight` in observations. Evidence below trust is a loss, any
    other a gain; both have weights of their own. Where the weight is 0 nothing moves.

    >>> plain = TrustSection(prior_weight=10.0, floor=0.0, loss_weight=1.0, gain_weight=1.0)
    >>> trust, so_far = np.float64(0.8), np.float64(0.0)
    >>> for success in 11 * [1.0] + 9 * [0.0]:
    ...     trust, so_far = updated(trust, so_far, success, 1.0, plain)
    >>> round(float(trust), 6), float(so_far)  # the mean of a beta distribution (8, 2) after 11 of 20
    (0.633333, 20.0)
    """
    before, shown = np.asarray(trust), np.asarray(evidence)
    felt = np.asarray(weight) * np.where(shown < before, section.loss_weight, section.gain_weight)
    seen = np.asarray(so_far) + felt
    return before + gain(felt, seen, section.prior_weight, section.floor) * (shown - before), seen


def updated_of_one(
    trust: float, so_far: float, evidence: float, weight: float, section: TrustSection
) -> tuple[float, float]:
    """The readable rule behind `updated`."""
    felt = weight * (section.loss_weight if evidence < trust else section.gain_weight)
    seen = so_far + felt
    return trust + gain_of_one(felt, seen, section.prior_weight, section.floor) * (evidence - trust), seen


def recovered(deviation: ArrayLike, days: ArrayLike, half_life_days: float) -> NDArray[np.floating]:
    """What is left of a deviation from the baseline after some days; a half-life of 0 means all of it.

    >>> recovered([-0.2, 0.1], 90.0, half_life_days=45.0).tolist()
    [-0.05, 0.025]
    """
    if half_life_days == 0.0:
        return np.asarray(deviation) * np.ones_like(days, float)
    return np.asarray(deviation) * np.exp2(np.asarray(days) / -half_life_days)


def recovered_of_one(deviation: float, days: float, half_life_days: float) -> float:
    """The readable rule behind `recovered`."""
    return float(deviation * 0.5 ** (days / half_life_days)) if half_life_days else deviation


def lost_of_one(deviation: dict[str, float], face: dict[str, float]) -> float:
    """The readable rule behind `Trust.lost`: trust lost in each organisation counts by its share of the face."""
    return sum(share * max(-deviation[key], 0.0) for key, share in face.items())


def felt_of_one(deviation: dict[str, float], face: dict[str, float]) -> float:
    """The readable rule behind `Trust.felt`: face-weighted trust less its baseline."""
    return sum(share * deviation[key] for key, share in face.items())


def cancelling_of_one(lost: float, since_weeks: float, until_weeks: float, section: TrustSection) -> float:
    """The readable rule behind `Trust.cancelling`: the hazard fades with the deviation, halving every half-life.

    `lost` is the trust lost at the last hit; the times are counted from it.
    """
    since, until, half_life = max(since_weeks, 0.0), max(until_weeks, 0.0), section.half_life_days / DAYS
    felt = (
        until - since
        if half_life == 0.0
        else half_life / math.log(2.0) * (0.5 ** (since / half_life) - 0.5 ** (until / half_life))
    )
    return section.cancelling_per_week * lost * felt


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
        self._moved = False

    @property
    def at_rest(self) -> bool:
        """Whether nothing has ever moved trust: all deviations are exactly 0."""
        return not self._moved

    def moved(self, rows: Rows) -> NDArray[np.bool_]:
        """Whose trust has ever moved: (rows,)."""
        return self._touched[rows] != UNTOUCHED if self._moved else np.zeros(len(rows), bool)

    def deviation(self, rows: Rows, day: float) -> Floats:
        """Trust less its baseline on a day: (rows, O)."""
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
        days = (day - self._touched[rows]).astype(np.float32)
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
        if weights.ndim < 2:
            weights = np.broadcast_to(weights, (len(rows), len(self.baseline)))
        concerned = np.flatnonzero(weights.any(axis=0))
        if not self.on or len(concerned) == 0:
            return
        if shown.ndim > 0:
            shown = np.broadcast_to(shown, weights.shape)[:, concerned]
        deviation, so_far = self.deviation(rows, day), self._so_far.take(rows, axis=0)
        before, level = deviation[:, concerned], self._level[concerned]
        # `updated`, on deviations: what does not move keeps its last digit
        change = shown - level - before
        felt = weights[:, concerned] * np.where(
            change < 0, np.float32(self.section.loss_weight), np.float32(self.section.gain_weight)
        )
        seen = so_far[:, concerned] + felt
        change *= gain(felt, seen, self.section.prior_weight, self.section.floor)
        after = np.maximum(before + change, self._lowest[concerned]).astype(np.float32, copy=False)
        after = np.minimum(after, self._highest[concerned])
        deviation[:, concerned], so_far[:, concerned] = after, seen
        _write(self._deviation, rows, deviation)
        _write(self._so_far, rows, so_far)
        self._touched[rows] = day
        self._sums, self._sums_day = self._sums_on(day), day
        for column, moved in zip(concerned, (after - before).T, strict=True):
            self._sums[:, column] += np.bincount(profile, households * moved, len(self._sums))
        self._moved = True

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

    def cancelling(self, rows: Rows, face: ArrayLike, begins: Floats, ends: Floats) -> Floats:
        """Hazard of cancelling that lost trust adds, cumulated from `begins` to `ends` (weeks): (rows,), exact.

        Trust as it is now counts from the consumer's last hit on; who is about to be hit waits until then first.
        """
        if self.at_rest or self.section.cancelling_per_week == 0.0:
            return np.zeros(len(rows), np.float32)
        hit = self._touched[rows]
        since, until = (np.maximum(weeks - hit / DAYS, 0.0) for weeks in (begins, ends))
        half_life = self.section.half_life_days / DAYS
        felt = until - since
        if half_life > 0.0:
            felt = half_life / math.log(2.0) * (np.exp2(since / -half_life) - np.exp2(until / -half_life))
        lost = np.einsum("no,no->n", np.maximum(-self._deviation.take(rows, axis=0), 0), np.asarray(face, np.float32))
        return (self.section.cancelling_per_week * lost * felt).astype(np.float32)


def _write(table: NDArray[np.floating], rows: Rows, values: NDArray[np.floating]) -> None:
    """Rows of a table, each as one block of bytes: three times faster than number by number."""
    block = np.dtype((np.void, table.itemsize * table.shape[1]))
    table.view(block)[:, 0][rows] = np.ascontiguousarray(values).view(block)[:, 0]
