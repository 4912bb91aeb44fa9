"""What stories do: who never hears of them, whom answers reach, when stories end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from evidence import MANY, standard_error

from experiments.verify.crowds import PLACES, aware_share, begin, crowd, spread, stories
from market.case import Case
from market.checks.news import news as faults_of
from market.people.network import Network
from market.stories.news import MEMBERS, News, Stories
from market.stories.talk import ACTS, HEARD, TALKING, pool_hazards

N = 3_000
LOUD: dict[str, Any] = {"talk_per_tie_per_day": 0.05, "pool_per_day": 0.2, "feed": {"contacts_per_day": 0.3}}
NONE = Network.from_edges(N, [], [])


def test_without_ties_pool_and_feeds_nobody_hears_but_who_has_met_it() -> None:
    """All off, and each of the three alone brings somebody."""
    heard = {}
    for on in ("", *LOUD):
        people, told = crowd(1, N), stories(N, **({on: LOUD[on]} if on else {}))
        first = begin(told, people, attention=5.0, witnesses=0.01).first
        heard[on] = sum(len(h[0].first) for h in spread(told, people, 10))
        assert len(first) == pytest.approx(30, abs=25)
    assert heard[""] == 0
    assert min(heard[on] for on in LOUD) > 20


def test_talk_without_ties_and_pools_without_members_reach_nobody() -> None:
    """The rates are on, but there is nobody to tell."""
    people, told = crowd(1, N, ties=NONE), stories(N, talk_per_tie_per_day=1.0, pool_per_day=9.0)
    begin(told, people, attention=5.0, witnesses=0.2)
    assert all(len(h[0].first) == 0 for h in spread(told, people, 5, pool=np.empty(0, np.intp)))


def test_who_takes_in_nothing_hears_nothing_outside_the_pool() -> None:
    """Interest 0 of some stops ties and feeds for them, and for nobody else."""
    people, told = crowd(1, N), stories(N, **LOUD | {"pool_per_day": 0.0}, interest={"others": 0.0})
    begin(told, people, attention=5.0, witnesses=0.0)
    list(spread(told, people, 10))
    what = people.situation(np.arange(N), 1)
    aware = told.live[0].aware()
    assert not aware[what == 2].any()
    assert aware[what < 2].mean() > 0.2


def test_a_failure_of_severity_0_is_known_to_nobody_and_over_at_once() -> None:
    """Not even an answer to it is heard."""
    people, told = crowd(1, N), stories(N, **LOUD)
    assert len(begin(told, people, attention=5.0, severity=0.0).first) == 0
    answer = told.act(people, told.live[0], "answer", 40, np.arange(N), directly=1.0, attention=9.0)
    assert len(answer.answered) == 0
    assert all(len(h[0].first) == 0 for h in spread(told, people, 3))
    assert [story.word for story in stories_ended(told, people, 42)] == ["story"]
    assert told.live == []


def stories_ended(told: Stories, people: Any, day: int) -> list[Any]:
    told.section = told.section.model_copy(update={"ends_below": 1e-4})
    return told.end(people, day)


# Answers


def answered(delay: int, days: int = 25, **news: Any) -> float:
    """Share of those who know of the failure whom an answer reaches that comes after `delay` days."""
    people, told = crowd(4, N), stories(N, **news)
    begin(told, people, attention=3.0, witnesses=0.05)
    story = told.live[0]
    for day in range(40, 40 + delay + days):
        if day == 40 + delay:
            told.act(people, story, "answer", day)
        told.spread(people, day, [np.arange(N)])
    rows = np.flatnonzero(story.aware())
    return float(story.has_heard("answer", rows).mean())


@pytest.mark.parametrize("on", LOUD)
def test_an_answer_reaches_through_what_is_left(on: str) -> None:
    """By talk, by the pool and by feeds alike: the later, the fewer; nobody when it is all over."""
    shares = [answered(delay, **{on: LOUD[on]}, talking_days=2.0) for delay in (0, 2, 6, 60)]
    assert shares[0] > shares[1] > shares[2] >= shares[3]
    assert shares[0] > 0.05
    assert shares[3] < 0.01


def test_who_is_told_directly_knows_failure_and_answer() -> None:
    """They are the first who know, and talk about both; others hear both at once or one after the other."""
    people, told = crowd(5, N), stories(N, talk_per_tie_per_day=0.2, talking_days=5.0)
    begin(told, people, witnesses=0.0)
    story, rows = told.live[0], np.array([5, 3, 3, 900])
    heard = told.act(people, story, "refusal", 41, rows, directly=1.0)
    assert heard.first.tolist() == heard.answered.tolist() == [3, 5, 900]
    assert heard.news.tolist() == [2, 2, 2]
    later = told.spread(people, 41, [rows])[0]
    assert later.first.tolist() == later.answered.tolist() != []
    assert story.has_heard("refusal", later.first).all()
    talkers = story.talkers
    told.act(people, story, "apology", 42)
    knows = story.has_heard("apology", np.arange(N))
    drawn = [people.chance.one("follows", row, "story", 2) < 0.5 for row in talkers.tolist()]
    assert knows[talkers].tolist() == drawn
    assert knows.sum() == sum(drawn) > 0
    with pytest.raises(ValueError, match="nonsense"):
        story.has_heard("nonsense", rows)


def test_each_hears_of_each_act_once() -> None:
    """Over a story with seven acts: first once, each act once, the acts from the sixth on counted together."""
    people, told = crowd(6, 800), stories(800, **LOUD | {"pool_per_day": 3.0}, retelling=1.0)
    day_of_first, acts_heard = np.zeros(800, int), np.zeros((800, ACTS + 1), int)
    reports = [begin(told, people, attention=1.0, witnesses=0.1)]
    for day in range(40, 60):
        if day % 2 == 0 and len(told.live[0].acts) < 7:
            reports.append(told.act(people, told.live[0], f"act {day}", day, attention=1.0))
        reports += told.spread(people, day, [np.arange(800)])
    for heard in reports:
        day_of_first[heard.first] += 1
        for bit in range(1, ACTS + 1):
            acts_heard[heard.answered[heard.news >> np.uint8(bit) & 1 != 0], bit] += 1
    assert day_of_first.max() == acts_heard.max() == 1
    assert (day_of_first == told.live[0].aware()).all()
    assert told.live[0].known_bits == 127
    assert acts_heard[:, ACTS].mean() > 0.5


RARE: dict[str, Any] = {
    "talk_per_tie_per_day": 0.02, "interest": {"others": 0.4}, "feed": {"contacts_per_day": 0.1},
}  # fmt: skip


def informed_after(seed: int, **answer: Any) -> float:
    people = crowd(seed, N)
    told = stories(N, **RARE, talking_days=3.0, retelling=1.0)
    begin(told, people, attention=0.2, witnesses=0.02)
    for day in range(40, 70):
        if day == 43:
            told.act(people, told.live[0], "answer", day, np.flatnonzero(told.live[0].aware()), directly=1.0, **answer)
        told.spread(people, day, [np.arange(N)])
    return aware_share(told, people)


def test_an_act_re_ignites_and_information_does_not() -> None:
    """Paired over seeds: being told again makes people talk again; with the question answered they do not."""
    again = np.array([informed_after(seed) for seed in range(8)])
    calm = np.array([informed_after(seed, information=True) for seed in range(8)])
    loud = np.array([informed_after(seed, attention=3.0) for seed in range(8)])
    for more, less in ((again, calm), (loud, again)):
        assert (more >= less).all()
        assert (more - less).mean() > MANY * standard_error(more - less)


# The end


def test_a_story_ends_when_talk_and_attention_are_below_the_limit() -> None:
    """Or after the longest life; one to whom an answer is due goes on; others live on."""
    people = crowd(7, N)
    told = Stories(News(feed={"contacts_per_day": 0.3}, ends_below=1e-3, longest_weeks=8), PLACES, N)
    begin(told, people, "short", attention=0.5, witnesses=0.05)
    begin(told, people, "due", attention=0.5, witnesses=0.05)
    last = {}
    for day in range(40, 40 + 70):
        told.spread(people, day, [np.arange(0, N, 10)] * len(told.live))
        for story in told.end(people, day, kept={"due"}):
            last[story.word] = day - 40 + 1
            assert story.word == "due" or people.weigh(story.talkers).sum() <= 0.02 * story.informed.sum()
    assert 7 < last["short"] < 50
    assert last["due"] == 56
    assert told.live == []
    assert told.spread(people, 200, []) == []


def test_those_concerned_are_told_directly_in_part() -> None:
    """Each with the given probability, in the pool as in the groups; nobody else."""
    people, told, concerned = crowd(12, N), stories(N, pool_per_day=0.1), np.arange(0, N, 3)
    begin(told, people, witnesses=0.0)
    story = told.live[0]
    heard = told.act(people, story, "answer", 41, concerned[::-1], directly=0.3)
    drawn = [row for row in concerned.tolist() if people.chance.one("told", row, "story", 1) < 0.3]
    assert heard.answered.tolist() == drawn
    assert len(story.members.talkers) == pytest.approx(0.3 * MEMBERS, abs=4 * (0.21 * MEMBERS) ** 0.5)


def test_groups_talk_at_the_rate_of_those_who_know() -> None:
    """Contacts a day times the share of members that talks and knows: of the failure, and of each act."""
    heard = np.array([HEARD | TALKING, HEARD, 3 | TALKING, 0], np.uint8)
    assert pool_hazards(heard, 2.0).tolist() == [1.0, 0.5, 0, 0, 0, 0, 0]


def test_feeds_of_unknown_places_are_faults() -> None:
    """The id is named with what is allowed."""
    case = cast(Case, SimpleNamespace(platforms=("jd",), news=News(feeds={"jd": {}, "elsewhere": {}, "weibo": {}})))
    (fault,) = faults_of(case)
    assert (fault.path, fault.given) == ("news.feeds", '"weibo"')
    assert "elsewhere, jd" in fault.allowed
