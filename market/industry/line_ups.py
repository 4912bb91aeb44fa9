"""Design policies: from an audience and an option space to the menu of line-ups that are bargained over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from market.industry import design
from market.industry.audience import Audience
from market.industry.design import Menu, Policy, Stakes
from market.industry.options import Designs, Slot

Floats = NDArray[np.float64]


def segments(audience: Audience, number: int) -> NDArray[np.intp]:
    """The group of each person asked, (rows,): like price sensitivity, groups of equally many households."""
    order = np.argsort(audience.price, kind="stable")
    before = np.cumsum(audience.weight[order]) - audience.weight[order] / 2
    group = np.empty(len(order), np.intp)
    group[order] = np.minimum((before / audience.weight.sum() * number).astype(np.intp), number - 1)
    return group


def menu(
    policy: Policy, audience: Audience, slots: Sequence[Slot], designs: Designs, stakes: Stakes, luck: Floats
) -> Menu:
    """The line-ups that a policy puts forward, with the profits that the platform predicts.

    `luck` (designs,) are standard normals times the noise in standard deviations of the scores: errors that the
    prediction of each design carries, shared equally by both parties' profits. Policies with several cars fill the
    slots in order. The car as planned is always on the menu.
    """
    heard = audience.mean() if policy == "mean-taste" else audience
    if policy == "maker-knows-best":
        return design.single_car(heard, slots[0], designs, designs.as_planned(), stakes)
    single = design.single_cars(heard, slots[0], designs, stakes)
    error = luck * float((single.platform_cny + single.maker_cny).std())
    if policy == "mean-taste" or len(slots) == 1:
        return Menu(single.line_ups, single.platform_cny + error / 2, single.maker_cny + error / 2, single.cars)
    if policy == "segment":
        chosen = [by_segment(audience, slots, designs, stakes, error)]
    else:
        chosen = individual(audience, slots, designs, stakes, error)
    offered = [(designs.as_planned(),), *chosen]
    rows = [design.line_up(audience, slots, designs, cars, stakes) for cars in offered]
    platform, maker, sold = (np.array(column) for column in zip(*rows, strict=True))
    wrong = np.array([sum(error[d] for d in sorted(set(cars))) for cars in offered])
    return Menu(tuple(offered), platform + wrong / 2, maker + wrong / 2, sold)


def by_segment(
    audience: Audience, slots: Sequence[Slot], designs: Designs, stakes: Stakes, error: Floats
) -> tuple[int, ...]:
    """One design for each segment's person of mean tastes, as if the others were not there."""
    group = segments(audience, len(slots))
    chosen = []
    for k, slot in enumerate(slots):
        single = design.single_cars(audience.of(group == k).mean(), slot, designs, stakes, position=k)
        chosen.append(int(design.select(single.platform_cny + single.maker_cny, error)))
    return tuple(chosen)


def individual(
    audience: Audience, slots: Sequence[Slot], designs: Designs, stakes: Stakes, error: Floats
) -> list[tuple[int, ...]]:
    """Line-ups of 1, 2, ... variants: each adds the design with the largest joint profit, then all are reconsidered.

    Variants compete with each other, so a second one serves those whom the first leaves cold.
    """
    values = [design.worth(audience, k, slot, designs) for k, slot in enumerate(slots)]
    found: list[tuple[int, ...]] = []
    chosen: list[int] = []
    for number in range(1, len(slots) + 1):
        chosen.append(-1)
        for _ in range(2):  # one pass to add, one to reconsider; more passes find nothing on the grids in use
            for k in reversed(range(number)):
                chosen[k] = _best_beside(k, chosen, values, audience, designs, stakes, error)
            if number == 1:
                break
        found.append(tuple(chosen))
    return found


def _best_beside(
    k: int, chosen: Sequence[int], values: Sequence[Floats], audience: Audience, designs: Designs, stakes: Stakes,
    error: Floats,
) -> int:  # fmt: skip
    """The design of slot k that earns most jointly beside the designs of the other slots filled so far."""
    placed = [design.Placed(j, d, values[j][:, d]) for j, d in enumerate(chosen) if j != k and d >= 0]
    every = np.arange(len(designs))
    platform, maker, _ = design.predicted(audience, k, every, values[k], placed, designs, stakes)
    seen = error.copy()
    seen[[car.design for car in placed]] = 0.0  # what is misjudged once is not misjudged twice
    return int(design.select((platform + maker).sum(axis=0), seen))
