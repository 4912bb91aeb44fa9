"""Stories: cascades on known graphs, percolation, final sizes, the classical epidemic, attention, firestorms."""

from __future__ import annotations

import math

import numpy as np

from experiments.verify.crowds import (
    Floats,
    aware_share,
    begin,
    cascade,
    copies,
    crowd,
    final_size,
    random_graph,
    reached,
    spread,
    stories,
)
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, counts, every, exact, means, none, row
from market.chance import Chance
from market.people.network import Network
from market.stories import feeds, firestorm
from market.stories.feeds import Feed
from market.stories.firestorm import Firestorm

TALK, STOPS = "market.stories.talk.talk", "market.stories.talk.stops"
STORIES = "market.stories.news.Stories"
N = 20_000

SMALL = (
    (Network.from_edges(4, [0, 1, 2], [1, 2, 3]), 0, 1.4170),
    (Network.from_edges(5, [0, 0, 0, 0], [1, 2, 3, 4]), 0, 2.2000),
    (Network.from_edges(5, [1, 1, 1, 1], [0, 2, 3, 4]), 0, 1.5700),
    (Network.from_edges(4, [0, 1, 2, 3], [1, 2, 3, 0]), 0, 1.8097),
    (Network.from_edges(4, [0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3]), 0, 2.316556),
)
"""Ties, the first to know, and the exact expected size of a cascade at p = .3."""
RATIOS = (1.2, 1.5, 2.0, 3.0)
SIZES = (0.313698, 0.582812, 0.796812, 0.940480)
PEAKS = {1.5: 0.063023, 2.0: 0.153426, 3.0: 0.300463}


@row(
    "stories.cascade",
    "Independent cascade, p = .3: path, star from hub, star from leaf, cycle, complete graph",
    "独立级联（p = 0.3）：路径、星形（中心）、星形（叶）、环、完全图",
    "exact enumeration",
    TALK,
    STOPS,
)
def small_cascades() -> Finding:
    """Expected sizes: five small graphs, twenty seeds of 2,000 copies of each, one day of talk each."""
    sizes = []
    for seed in SEEDS:
        found = []
        for ties, first, _ in SMALL:
            many = copies(ties, 2_000)
            seeds = np.arange(0, len(many), len(ties)) + first
            found.append(reached(cascade(Chance(seed), many, seeds, 0.3)) / 2_000)
        sizes.append(found)
    return means(sizes, [expected for _, _, expected in SMALL], known_to=5e-5)


@row(
    "stories.percolation",
    "Outbreak probability and size, mean degree 8, p = .2 and .3",
    "爆发概率与规模（平均度 8，p = 0.2、0.3）",
    "bond percolation: both are the root of r = 1 - exp(-8 p r)",
    TALK,
    STOPS,
    seconds=3.2,
)
def percolation() -> Finding:
    """From one person on a random graph of 5,000, forty starts on each of twenty graphs."""
    n, found = 5_000, []
    for seed in SEEDS:
        ties, both = random_graph(seed, n, 8.0), []
        for p in (0.2, 0.3):
            sizes = [reached(cascade(Chance(20 * seed + k), ties, np.array([k]), p)) / n for k in range(40)]
            large = [size for size in sizes if size > 0.1]
            both += [len(large) / len(sizes), float(np.mean(large))]
        found.append(both)
    return means(found, [0.641981, 0.641981, 0.878596, 0.878596], known_to=[0.0, 0.001, 0.0, 0.001])


@row(
    "stories.final-size",
    "Final size at R0 = 1.2, 1.5, 2, 3 when 2 % know at the start",
    "最终规模（R0 = 1.2、1.5、2、3，初始知晓 2 %）",
    "r = 1 - .98 exp(-R0 r); without the 2 %: .313698 .582812 .796812 .940480",
    TALK,
    STOPS,
    seconds=0.8,
)
def final_sizes() -> Finding:
    """20,000 people on random graphs of mean degree 10, who talk for a day with probability R0 / 10 a tie."""
    sizes = []
    for seed in SEEDS:
        luck, ties = Chance(seed), random_graph(seed, N, 10.0)
        sizes.append([reached(cascade(luck, ties, np.arange(N // 50), ratio / 10.0)) / N for ratio in RATIOS])
    known = exact([final_size(ratio) for ratio in RATIOS], SIZES, 1e-6)
    found = means(sizes, [final_size(ratio, 0.02) for ratio in RATIOS], known_to=0.002)
    return Finding(found.expected, found.got, found.tolerance, max(found.miss, known.miss))


def pool_recursion(ratio: float, days: float, seeds: float, length: int) -> Floats:
    """Share that talks on each morning, in full mixing."""
    silent, talking, path = 1.0 - seeds, seeds, []
    for _ in range(length):
        path.append(talking)
        new = silent * -math.expm1(-ratio / days * talking)
        silent, talking = silent - new, talking * (1.0 - 1.0 / days) + new
    return np.array(path)


@row(
    "stories.epidemic-limit",
    "Peak prevalence of the recursion at R0 = 1.5, 2, 3 with short days",
    "短日步长下递推的峰值（R0 = 1.5、2、3）",
    "Kermack & McKendrick (1927): .063023 .153426 .300463",
)
def epidemic_limit() -> Finding:
    """The recursion against which the pool is held nears the published epidemic when talking lasts 4,000 days."""
    found = [pool_recursion(ratio, 4_000.0, 1e-6, 200_000).max() for ratio in PEAKS]
    return exact(found, list(PEAKS.values()), 2e-4)


@row(
    "stories.pool",
    "Peak share that talks in the pool, R0 = 1.5, 2, 3; then the final sizes",
    "群内谈论峰值（R0 = 1.5、2、3）；随后为最终规模",
    "the same recursion at 20 days of talking; r = 1 - .99 exp(-R0 r)",
    STORIES,
    "market.stories.talk.told_in_pool",
    "market.stories.talk.pool_hazards",
    seconds=5.3,
)
def pool() -> Finding:
    """3,000 owners, no ties, no feeds; 1 % are witnesses. Peaks of the mean path, known to .005; sizes to .02."""
    n, days, length = 3_000, 20.0, 260
    peaks, expected, sizes = [], [], []
    for ratio in PEAKS:
        paths, ends = [], []
        for seed in SEEDS:
            people, told = (
                crowd(seed, n, 0),
                stories(n, pool_per_day=ratio / days, talking_days=days, longest_weeks=100),
            )
            begin(told, people, witnesses=0.01)
            path = [len(told.live[0].talkers) / n for _ in spread(told, people, length)]
            paths.append(path)
            ends.append(aware_share(told, people))
        peaks.append(np.mean(paths, axis=0).max())
        expected.append(pool_recursion(ratio, days, 0.01, length).max())
        sizes.append(ends)
    whole = means(np.transpose(sizes), [final_size(ratio, 0.01) for ratio in PEAKS], known_to=0.02)
    return every(exact(peaks, expected, 0.005), whole)


@row(
    "stories.half-life",
    "Half-life of attention .1, 1.5, 7 days; what is left after 6 days at 1.5",
    "注意力半衰期 0.1、1.5、7 天；1.5 天半衰期 6 天后的剩余",
    "exponential decay; Weibo hot-list archive: 6.25 %",
    "market.stories.feeds.attention_step",
    STORIES,
)
def half_life() -> Finding:
    """Measured as the slope of log heat over ten days of a story to which nobody reacts."""
    found = []
    for days in (0.1, 1.5, 7.0):
        feed = {"contacts_per_day": 0.2, "half_life_days": days, "engagement": 0.0}
        people, told = crowd(1, 500), stories(500, feed=feed)
        begin(told, people, attention=8.0, witnesses=0.0)
        heat = [8.0] + [told.live[0].heat[2] for _ in spread(told, people, 10)]
        found.append(-1.0 / np.polyfit(np.arange(11), np.log2(heat), 1)[0])
    left = float(feeds.attention_step(1.0, 6.0, 1.5))
    return exact([*found, left], [0.1, 1.5, 7.0, 0.0625], 1e-8)


@row(
    "stories.feed",
    "Share that a feed reaches in a day: buyers, searchers, others of two profiles",
    "信息流一日触达率：两类人群的车主、选购者、其他人",
    "1 - exp(-contacts x use x interest)",
    STORIES,
    "market.stories.feeds.feed_contacts",
)
def feed() -> Finding:
    """40,000 people, one place, no ties and no pool, twenty seeds."""
    n, interest = 40_000, {"buyers": 0.9, "searching": 0.4, "others": 0.1}
    one, shares = Feed(contacts_per_day=2.0), []
    for seed in SEEDS:
        people, told = crowd(seed, n, 0), stories(n, feed=one, interest=interest)
        begin(told, people, attention=3.0, mix={"douyin": 1.0}, witnesses=0.0)
        next(spread(told, people, 1))
        aware, what = told.live[0].aware(), people.situation(np.arange(n), 1)
        shares.append([[aware[(people.profile == p) & (what == s)].mean() for s in range(3)] for p in range(2)])
    heat = 3.0**one.exponent
    contacts = 2.0 * heat / (heat + one.usual_heat**one.exponent)
    use = np.array([0.6, 1.3])
    return means(shares, -np.expm1(-contacts * np.multiply.outer(use, list(interest.values()))))


@row(
    "stories.super-linear",
    "Contacts from twice the heat, exponent 1, 1.5, 2; of a story that fills the feed",
    "热度加倍时的接触倍数（指数 1、1.5、2）；占满信息流时的接触",
    "2^exponent while small; the feed's limit",
    "market.stories.feeds.feed_contacts",
)
def super_linear() -> Finding:
    """Heats of 1e-6 and 2e-6, then of 1e9."""
    sized = [Feed(exponent=power, contacts_per_day=0.5) for power in (1.0, 1.5, 2.0)]
    ratios = [float(feeds.feed_contacts([2e-6], one)[0] / feeds.feed_contacts([1e-6], one)[0]) for one in sized]
    full = float(feeds.feed_contacts([1e9], sized[2])[0])
    return exact([*ratios, full], [2.0, 2.0**1.5, 4.0, 0.5], 1e-5)


@row(
    "stories.firestorm",
    "Share of weeks with a public event at C / C0 = .3, 1, 2, a = 2",
    "公共事件频率（C/C0 = 0.3、1、2）",
    "1 - exp(-(C / C0)^a)",
    "market.stories.firestorm.Firestorms",
    "market.stories.firestorm.probability",
    seconds=0.8,
)
def public_events() -> Finding:
    """500 weeks of twenty seeds, no cool-down; C0 = 30 complaints per 10,000 households, a = 2."""
    section = Firestorm(threshold=30.0, exponent=2.0, cool_down_weeks=0.0, least_households=1.0)
    complaints, households = np.zeros((3, 7)), np.full(3, 10_000.0)
    complaints[:, 0] = (9.0, 30.0, 60.0)
    found = []
    for seed in SEEDS:
        storms, seen = firestorm.Firestorms(section, np.arange(3, dtype=np.uint64), [False] * 3), np.zeros(3)
        for week in range(500):
            for outbreak in storms.arise(Chance(seed), week, complaints, households):
                seen[outbreak.car] += 1
        found.append(seen / 500)
    return means(found, [-math.expm1(-((c / 30.0) ** 2)) for c in (9.0, 30.0, 60.0)])


@row(
    "stories.silence",
    "Listeners with ties, pool and feeds off; with talk on but no ties",
    "关闭关系、群与信息流时的听众数；有谈论但无关系时",
    "nobody can hear",
    STORIES,
)
def silence() -> Finding:
    """3,000 people, ten days, 1 % witnesses, then a fifth."""
    nobody = Network.from_edges(3_000, [], [])
    heard = 0
    for witnesses, told, people in (
        (0.01, stories(3_000), crowd(1, 3_000)),
        (0.2, stories(3_000, talk_per_tie_per_day=1.0), crowd(1, 3_000, ties=nobody)),
    ):
        begin(told, people, attention=5.0, witnesses=witnesses)
        heard += sum(len(one[0].first) for one in spread(told, people, 10))
    return none(heard)


@row(
    "stories.crossing",
    "A day of talk: share of ties that carry a story, p = .05, .3",
    "一日谈论中传递消息的关系比例（p = 0.05、0.3）",
    "Bernoulli(p)",
    "market.stories.talk.contacts",
)
def crossing() -> Finding:
    """Every tie of a random graph of 20,000 with everybody talking, twenty seeds."""
    from market.stories import talk

    seen = []
    for p in (0.05, 0.3):
        for seed in SEEDS:
            ties = random_graph(seed, 2_000, 10.0)
            told = len(talk.contacts(Chance(seed), "tale", 1, ties, np.arange(2_000), p).talker)
            seen.append((p, [told, ties.ends.size - told]))
    return every(*(counts([one for q, one in seen if q == p], [p, 1.0 - p]) for p in (0.05, 0.3)))
