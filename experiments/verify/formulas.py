"""What can be made wrong: formulas of the market and the laboratory, each with a wrong one in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from market.stories.talk import HEARD, TALKING

Wrong = Callable[[Any], Any]
"""The right function in, the wrong one out."""


@dataclass(frozen=True)
class Mutant:
    """One formula and how it is made wrong."""

    key: str
    en: str
    zh: str
    at: str
    """dotted name of what is replaced: a function of a module, or a method of a class of one"""
    wrong: Wrong

    def title(self, lang: str = "en") -> str:
        """What is wrong, in a language."""
        return self.zh if lang == "zh" else self.en


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "blame-face",
        "cause and face are swapped in attribution",
        "归责中对调了责任与面孔",
        "market.stories.blame.attribution",
        lambda right: lambda knows, cause, face, *more, **named: right(knows, face, cause, *more, **named),
    ),
    Mutant(
        "trust-half-life",
        "trust recovers with half the half-life",
        "信任恢复的半衰期减半",
        "market.people.trust_rules.recovered",
        lambda right: lambda deviation, days, half_life: right(deviation, days, half_life / 2.0),
    ),
    Mutant(
        "trust-forgets",
        "evidence so far is not counted",
        "不计已有证据",
        "market.people.trust_rules.gain",
        lambda right: lambda weight, so_far, *more, **named: right(weight, 0.0, *more, **named),
    ),
    Mutant(
        "nest-shocks",
        "shocks of a nest take 1 - lambda for lambda",
        "巢内冲击以 1 − λ 代替 λ",
        "market.people.choice.positive_stable_log",
        lambda right: lambda turn, wait, lam: right(turn, wait, 1.0 - lam),
    ),
    Mutant(
        "nest-shares",
        "closed shares take 1 - lambda for lambda",
        "闭式份额以 1 − λ 代替 λ",
        "market.people.choice.probabilities",
        lambda right: (
            lambda v, nests=None, lam=1.0, *more, **named: right(
                v, nests, lam if lam == 1.0 else 1.0 - lam, *more, **named
            )
        ),
    ),
    Mutant(
        "slopes-plain",
        "price derivatives forget the nests",
        "价格导数忽略嵌套",
        "market.people.choice.price_derivatives",
        lambda right: lambda v, taste, nests=None, lam=1.0, *more, **named: right(v, taste, None, 1.0, *more, **named),
    ),
    Mutant(
        "same-luck",
        "a second need draws the shocks of the first",
        "第二次需求沿用第一次的冲击",
        "market.people.choice.shocks",
        lambda right: lambda chance, who, spell, *more: right(chance, who, np.zeros_like(spell), *more),
    ),
    Mutant(
        "half-threshold",
        "consumers know a car after half the contacts",
        "接触一半即知晓",
        "market.people.awareness.thresholds",
        lambda right: lambda *given: right(*given) / np.float32(2.0),
    ),
    Mutant(
        "heard-at-once",
        "those who got a car this week already tell of it",
        "本周获车者当周即传播",
        "market.people.awareness.heard_from",
        lambda right: (
            lambda ties, who, car, since, week, *more, **named: right(ties, who, car, since, week + 1, *more, **named)
        ),
    ),
    Mutant(
        "no-recovery",
        "people talk for one day more than they should",
        "人们多谈论一天",
        "market.stories.talk.stops",
        lambda right: lambda chance, word, day, talkers, days: right(chance, word, day, talkers, days + 1.0),
    ),
    Mutant(
        "pool-of-hearers",
        "in groups all who know talk, for ever",
        "群内知情者永远都在谈论",
        "market.stories.talk.pool_hazards",
        lambda right: (
            lambda heard, contacts: right(np.where(heard & HEARD, heard | TALKING, heard).astype(np.uint8), contacts)
        ),
    ),
    Mutant(
        "slow-attention",
        "attention takes twice as long to halve",
        "注意力减半所需时间加倍",
        "market.stories.feeds.attention_step",
        lambda right: lambda heat, days, half_life: right(heat, days, 2.0 * np.asarray(half_life)),
    ),
    Mutant(
        "linear-firestorm",
        "the exponent of a firestorm is 1",
        "舆情风暴指数取 1",
        "market.stories.firestorm.probability",
        lambda right: (
            lambda complaints, households, section: right(
                complaints, households, section.model_copy(update={"exponent": 1.0})
            )
        ),
    ),
    Mutant(
        "backlog-order",
        "capacity is used before the orders of the week come",
        "先用产能、后计当周订单",
        "market.industry.supply.backlog_step",
        lambda right: lambda waiting, arrivals, capacity: right(waiting, 0.0, capacity) + np.asarray(arrivals, float),
    ),
    Mutant(
        "last-come",
        "the last to come are served first",
        "后到先得",
        "market.people.orders.serve_in_order",
        lambda right: lambda line, amount, there: right(line[::-1], amount[::-1], there)[::-1],
    ),
    Mutant(
        "no-curse",
        "designs are picked from half the noise",
        "选型时噪声减半",
        "market.industry.design.select",
        lambda right: lambda scores, noise=0.0: right(scores, np.asarray(noise) / 2.0),
    ),
    Mutant(
        "single-offers",
        "a firm forgets its other offers when it sets a price",
        "定价时忘记自家其他选项",
        "market.industry.pricing.interests",
        lambda right: lambda firm: np.eye(len(np.asarray(firm))),
    ),
    Mutant(
        "rewired-twice",
        "twice as many ties are redirected",
        "重连率加倍",
        "market.people.network.small_world",
        lambda right: lambda chance, n, degree, rewiring: right(chance, n, degree, min(1.0, 2.0 * rewiring)),
    ),
    Mutant(
        "proportional-blame",
        "causes share a failure in proportion to their probabilities",
        "按概率比例分摊故障责任",
        "market.stories.blame.noisy_or_shapley",
        lambda right: (
            lambda p: right(p).sum(axis=-1, keepdims=True) * (np.asarray(p) / np.sum(p, axis=-1, keepdims=True))
        ),
    ),
    Mutant(
        "indices-swapped",
        "first-order and total indices are swapped",
        "对调一阶与总指数",
        "experiments.explain.sensitivity.sobol",
        lambda right: lambda points, values: right(points, values).replace({"first": "total", "total": "first"}),
    ),
    Mutant(
        "loud-distrust",
        "lost trust adds twice the hazard of cancelling",
        "失去信任的取消风险加倍",
        "market.people.trust.Trust.cancelling",
        lambda right: lambda self, *given, **named: 2.0 * right(self, *given, **named),
    ),
    Mutant(
        "half-feeds",
        "feeds show half of what they should",
        "信息流展示减半",
        "market.stories.feeds.Feeds.contacts",
        lambda right: lambda self, heats: right(self, heats) / 2.0,
    ),
    Mutant(
        "endless-lines",
        "cars that share a line build as if each had it alone",
        "共线车型各自独享产能",
        "market.industry.supply.build",
        lambda right: lambda need, own, line, limit: np.minimum(need, own),
    ),
    Mutant(
        "weak-platform",
        "the maker bargains with the weight of the platform",
        "谈判中车企用了平台的权重",
        "market.industry.bargaining.nash_bargain",
        lambda right: (
            lambda platform, maker, apart=(0.0, 0.0), weight=0.5, *more, **named: right(
                platform, maker, apart, 1.0 - weight, *more, **named
            )
        ),
    ),
    Mutant(
        "no-borders",
        "hand-offs between organisations cost nothing",
        "跨机构交接没有成本",
        "market.roles.hand_offs",
        lambda right: lambda roles, coupling: 0.0 * right(roles, coupling),
    ),
)
