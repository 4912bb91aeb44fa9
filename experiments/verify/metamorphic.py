"""What needs no oracle: changes of a choice situation that must change nothing, or exactly so much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.verify.choice import PROBABILITIES
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, counts, every, exact, means, none, row
from experiments.verify.toy import DISSIMILARITY, NESTS, Floats, chosen, count, names, utility, with_outside
from market.people import choice
from market.people.choice import OUTSIDE

SHOCKS, BEST = "market.people.choice.shocks", "market.people.choice.best"
LAWS: tuple[tuple[NDArray[np.intp], float], ...] = ((np.arange(5), 1.0), (NESTS, DISSIMILARITY))


@row(
    "metamorphic.constant",
    "A constant added to all utilities, the outside one too: largest change, plain and nested; people who move",
    "所有效用（含外部选项）加同一常数：最大变化（普通、嵌套）；改变选择的人数",
    "no change",
    PROBABILITIES,
    SHOCKS,
    BEST,
)
def constant() -> Finding:
    """Closed shares with 7 added; of 100,000 simulated people at most 10 may move, by rounding."""
    v, findings, moved = utility(), [], 0
    for nests, lam in LAWS:
        change = choice.probabilities(v + 7.0, nests, lam, outside=7.0) - choice.probabilities(v, nests, lam)
        findings.append(exact(np.abs(change).max(), 0.0, 1e-12))
        moved += int((chosen(1, v + 7.0, nests, lam, outside=7.0) != chosen(1, v, nests, lam)).sum())
    return every(*findings, exact(moved, 0.0, 10.0))


def cloned(nests: NDArray[np.intp], lam: float) -> tuple[Floats, NDArray[np.intp]]:
    """The toy market with offer 0 doubled, each less liked by lambda ln 2; plain clones are cars of their own."""
    v = np.append(utility(), utility()[0])
    v[[0, 5]] -= lam * np.log(2.0)
    return v, np.append(nests, nests[0] if lam < 1.0 else 5)


@row(
    "metamorphic.clones",
    "Offer 0 replaced by two clones at V - ln 2, or in its nest at V - lambda ln 2: largest change of shares",
    "选项 0 换成两个 V − ln 2（巢内 V − λ ln 2）的克隆：份额最大变化",
    "their sum and all others unchanged",
    PROBABILITIES,
)
def clones() -> Finding:
    """Plain and nested, closed."""
    findings = []
    for nests, lam in LAWS:
        v, nest_of = cloned(nests, lam)
        shares = choice.probabilities(v, nest_of, lam)
        merged = np.append(shares[0] + shares[5], shares[1:5])
        findings.append(exact(np.abs(merged - choice.probabilities(utility(), nests, lam)).max(), 0.0, 1e-12))
    return every(*findings)


@row(
    "metamorphic.simulated-clones",
    "The same by simulated choices, plain, then nested",
    "同上：模拟选择（普通、嵌套）",
    "the shares of the undoubled market",
    SHOCKS,
    BEST,
)
def simulated_clones() -> Finding:
    """A million people each; shares of the clones together, of the others and of the outside good."""
    findings = []
    for nests, lam in LAWS:
        v, nest_of = cloned(nests, lam)
        seen = [count(chosen(seed, v, nest_of, lam), 6) for seed in SEEDS]
        merged = [np.append(one[0] + one[5], np.append(one[1:5], one[6])) for one in seen]
        findings.append(counts(merged, with_outside(choice.probabilities(utility(), nests, lam))))
    return every(*findings)


@row(
    "metamorphic.equal-clones",
    "Two equal clones of one car, V = 0, lambda = .4 and 1: share of both, closed, then simulated",
    "同车两个等同克隆（V = 0，λ = 0.4 与 1）：合计份额（闭式、模拟）",
    "2^lambda / (1 + 2^lambda): more than one, less than twice as much",
    PROBABILITIES,
    SHOCKS,
    BEST,
)
def equal_clones() -> Finding:
    """They must not just split what one had."""
    closed, found, expected = [], [], []
    for lam in (0.4, 1.0):
        expected.append(2.0**lam / (1.0 + 2.0**lam))
        closed.append(choice.probabilities(np.zeros(2), [0, 0], lam).sum())
        found.append([np.mean(chosen(seed, np.zeros(2), [0, 0], lam) != OUTSIDE) for seed in SEEDS])
    return every(exact(closed, expected, 1e-12), means(np.transpose(found), expected))


@row(
    "metamorphic.hopeless",
    "V = -inf against the offer not being listed: largest change of shares, people who choose otherwise",
    "V = −∞ 与未列出该选项相比：份额最大变化、改变选择的人数",
    "as if absent",
    PROBABILITIES,
    SHOCKS,
    BEST,
)
def hopeless() -> Finding:
    """Plain and nested; 50,000 people each."""
    v, kept, keys, findings, otherwise = utility(), [0, 1, 3, 4], names("offer", 5), [], 0
    v[2] = -np.inf
    for nests, lam in LAWS:
        absent = choice.probabilities(v[kept], nests[kept], lam)
        findings.append(exact(np.abs(choice.probabilities(v, nests, lam)[kept] - absent).max(), 0.0, 1e-12))
        cars, car_of = np.unique(nests[kept], return_inverse=True)
        all_cars = names("car", int(nests.max()) + 1)
        without = chosen(1, v[kept], car_of, lam, offers=keys[kept], cars=all_cars[cars])
        listed = np.where(without == OUTSIDE, OUTSIDE, np.array(kept)[without])
        otherwise += int((chosen(1, v, nests, lam) != listed).sum())
    return every(*findings, none(otherwise))


@row(
    "metamorphic.order",
    "People who choose otherwise when offers are listed in another order",
    "选项换序后改变选择的人数",
    "luck follows the id of an offer",
    SHOCKS,
    BEST,
)
def order() -> Finding:
    """Plain and nested; 50,000 people each."""
    v, turned, otherwise = utility(), np.array([3, 1, 4, 0, 2]), 0
    for nests, lam in LAWS:
        cars, car_of = np.unique(nests[turned], return_inverse=True)
        all_cars = names("car", int(nests.max()) + 1)
        again = chosen(1, v[turned], car_of, lam, offers=names("offer", 5)[turned], cars=all_cars[cars])
        straight = np.where(again == OUTSIDE, OUTSIDE, turned[again])
        otherwise += int((chosen(1, v, nests, lam) != straight).sum())
    return none(otherwise)


@row(
    "metamorphic.added-offer",
    "People who move between old offers when a sixth is added; those it wins",
    "新增第六个选项后在旧选项间移动的人数；被其赢得的占比",
    "nobody; its closed share",
    SHOCKS,
    BEST,
    PROBABILITIES,
)
def added_offer() -> Finding:
    """Gumbel shocks keyed by person and offer survive a new offer; a million people."""
    v, more, strangers, won = utility(), np.append(utility(), 0.0), 0, []
    for seed in SEEDS:
        before, after = chosen(seed, v), chosen(seed, more)
        strangers += int(((before != after) & (after != 5)).sum())
        won.append(float(np.mean(after == 5)))
    return every(none(strangers), means(won, choice.probabilities(more)[5]))
