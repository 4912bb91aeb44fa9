"""News: what holds for one consumer holds for all, rule by rule and over whole stories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from two_forms import SEEDS, agree

from experiments.verify.crowds import begin, crowd, stories
from market.chance import Chance
from market.people.network import Network
from market.people.orders import IDLE, ORDERED
from market.stories import feeds, talk
from market.stories.feeds import Feed
from market.stories.news import Stories
from market.stories.story import Audience, Story
from market.stories.talk import ACTS, HEARD, KNOWN, TALKING


@pytest.mark.parametrize("seed", SEEDS)
def test_one_talks_as_all_talk(seed: int) -> None:
    """Whom each talker tells, with which luck, on networks with double ties, loops and people without any."""
    states, luck = np.random.default_rng(seed), Chance(seed)
    ties = Network.directed(400, *states.integers(0, 390, (2, 3_000)))
    talkers = np.sort(states.choice(400, 150, replace=False))
    met = talk.contacts(luck, "tale", seed, ties, talkers, 0.3)
    one = [
        (talker, *told)
        for talker in talkers.tolist()
        for told in talk.contacts_of_one(luck, "tale", seed, ties, talker, 0.3)
    ]
    assert list(zip(met.talker.tolist(), met.listener.tolist(), met.luck.tolist(), strict=True)) == one
    assert len(one) > 200


@pytest.mark.parametrize("days", [0.0, 0.5, 1.0, 4.0, 1e4])
def test_one_falls_silent_when_all_do(days: float) -> None:
    """For ever, at once, after a geometric time."""
    luck, rows = Chance(3), np.random.default_rng(4).integers(0, 10_000_000, 500)
    many = talk.stops(luck, "tale", 6, rows, days)
    assert many.tolist() == [talk.stops_of_one(luck, "tale", 6, row, days) for row in rows.tolist()]


def test_one_is_told_in_the_pool_what_all_are_told() -> None:
    """Bits of the failure and of its acts, some of which nobody there knows."""
    luck, rows = Chance(5), np.random.default_rng(5).integers(0, 10_000_000, 2_000)
    hazards = np.array([0.9, 0.7, 0.0, 0.3, 0.1, 0.0, 0.05])
    many = talk.told_in_pool(luck, "tale", 2, rows, hazards)
    assert len(hazards) == 1 + ACTS
    assert many.tolist() == [talk.told_in_pool_of_one(luck, "tale", 2, row, hazards.tolist()) for row in rows.tolist()]
    assert not ((many > 0) & (many & HEARD == 0)).any()


def test_one_is_to_a_story_what_all_are() -> None:
    """Buyers, also while another car is on order, but not those who had it before; searchers; bystanders."""
    states = np.random.default_rng(6)
    car, driven, stage = states.integers(-1, 4, 300), states.integers(-1, 4, 300), states.integers(0, 6, 300)
    columns = car.astype(np.int16), driven.astype(np.int16), stage.astype(np.int8)
    every = list(zip(car.tolist(), driven.tolist(), stage.tolist(), strict=True))
    one = [talk.situation_of_one(*of, 2) for of in every]
    assert talk.situation(*columns, 2).tolist() == one
    assert set(one) == {0, 1, 2}
    assert talk.has(*columns, 2).tolist() == [talk.has_of_one(*of, 2) for of in every]
    assert not talk.has_of_one(car=1, driven=2, stage=IDLE, this=2)
    assert talk.has_of_one(car=1, driven=2, stage=ORDERED, this=2)


def test_one_story_is_shown_like_several() -> None:
    """Contacts with each of several stories at one place."""
    heats, feed = np.random.default_rng(7).exponential(2.0, 6), Feed(exponent=1.7, usual_heat=3.0)
    agree(feeds.feed_contacts(heats, feed), [feeds.feed_contacts_of_one(heats.tolist(), k, feed) for k in range(6)])


def test_one_is_reached_when_all_are() -> None:
    """By profile and situation, from the draws of those near enough."""
    states, luck, rows = np.random.default_rng(8), Chance(8), np.arange(0, 5_000_000, 1_009)
    contacts, use, interest = [0.3, 0.5, 0.1], np.array([[0.5, 1.5, 1.0], [1.4, 0.8, 1.0]]), [1.0, 0.5, 0.1]
    profile, situation = states.integers(0, 2, len(rows)), states.integers(0, 3, len(rows))
    table = feeds.reach(contacts, use, interest).astype(np.float32)
    near, drawn = feeds.shown(luck, "tale", 3, rows, float(table.max()))
    at = np.searchsorted(rows, near)
    reached = near[drawn < table[profile[at], situation[at]]]
    one = [
        row
        for row, p, s in zip(rows.tolist(), profile.tolist(), situation.tolist(), strict=True)
        if feeds.reached_of_one(luck, "tale", 3, row, contacts, use[p].tolist(), interest[s])
    ]
    assert reached.tolist() == one
    assert len(one) > 500


def learns(luck: Chance, word: str, age: int, row: int, byte: int, told: int, retelling: float) -> int:
    """What one knows, and whether one talks, after being told."""
    news = told & ~byte
    if not news:
        return byte
    drawn = luck.one("retells", row, word, age, columns=(news,))
    return byte | news | (TALKING if news & HEARD or drawn < np.float32(retelling) else 0)


@dataclass
class PlainStory:
    """A story as a loop over consumers: the bytes of all, those of the members of groups, and the heat by place."""

    told: Stories
    people: Audience
    story: Story
    heard: list[int]
    members: list[int]
    heat: list[float]

    def act(self, number: int, directly: float, attention: list[float]) -> None:
        """Something is said: to those concerned (everybody) in part, and to those who follow."""
        luck, section, story = self.people.chance, self.told.section, self.story
        age, bits = story.acts[-1].day - story.day, HEARD | HEARD << number
        for bytes_of, word in ((self.heard, story.word), (self.members, f"{story.word} in groups")):
            for i, byte in enumerate(bytes_of):
                told = luck.one("told", i, word, number) < np.float32(directly)
                follows = byte & TALKING and luck.one("follows", i, word, number) < np.float32(section.following)
                if told or follows:
                    bytes_of[i] = learns(luck, word, age, i, byte, bits, section.retelling * story.sparks)
        self.heat = [heat + more for heat, more in zip(self.heat, attention, strict=True)]

    def spread(self, day: int) -> None:
        """A day of news."""
        told, people, story, heard = self.told, self.people, self.story, self.heard
        section, luck, n, age = told.section, people.chance, len(heard), day - story.day
        retelling, rate = section.retelling * story.sparks, section.talk_per_tie_per_day * story.loudness
        takes_in = [section.interest.buyers, section.interest.searching, section.interest.others]
        columns = (people.car.tolist(), people.driven.tolist(), people.stage.tolist())
        what = [talk.situation_of_one(*of, story.car) for of in zip(*columns, strict=True)]
        contacts = [feeds.feed_contacts_of_one([h], 0, feed) for h, feed in zip(self.heat, told.feeds, strict=True)]
        talkers, new = [i for i in range(n) if heard[i] & TALKING], [0] * n
        for talker in talkers:
            for listener, drawn in talk.contacts_of_one(luck, story.word, age, people.acquaintances, talker, rate):
                if drawn < np.float32(rate) * np.float32(takes_in[what[listener]]):
                    new[listener] |= heard[talker] & KNOWN
        most = section.pool_per_day * story.loudness / len(self.members)
        hazards = [most * sum(m >> bit & 1 for m in self.members if m & TALKING) for bit in range(1 + ACTS)]
        for i in range(n):
            new[i] |= talk.told_in_pool_of_one(luck, story.word, age, i, hazards)
            use = people.use[people.profile[i]].tolist()
            if feeds.reached_of_one(luck, story.word, age, i, contacts, use, takes_in[what[i]]):
                new[i] |= story.known_bits
        self._in_groups(age, hazards, contacts, takes_in[0], retelling)
        first = np.zeros(len(self.heat))
        for i in range(n):
            if heard[i] & TALKING and talk.stops_of_one(luck, story.word, age, i, section.talking_days):
                heard[i] &= KNOWN
            if new[i] & ~heard[i] & HEARD:
                first += people.weight[people.stratum[i]] * people.use[people.profile[i]]
            heard[i] = learns(luck, story.word, age, i, heard[i], new[i], retelling)
        share = first / (people.households @ people.use)
        for place, feed in enumerate(told.feeds):
            kept = self.heat[place] * 0.5 ** (1.0 / feed.half_life_days)
            self.heat[place] = kept + feed.engagement * story.sparks * float(share[place])

    def _in_groups(
        self, age: int, hazards: list[float], contacts: list[float], interest: float, retelling: float
    ) -> None:
        luck, story, word = self.people.chance, self.story, f"{self.story.word} in groups"
        use = (self.people.households @ self.people.use / self.people.households.sum()).tolist()
        for i, byte in enumerate(self.members):
            new, after = talk.told_in_pool_of_one(luck, word, age, i, hazards), byte
            if feeds.reached_of_one(luck, word, age, i, contacts, use, interest):
                new |= story.known_bits
            if byte & TALKING and talk.stops_of_one(luck, word, age, i, self.told.section.talking_days):
                after &= KNOWN
            self.members[i] = learns(luck, word, age, i, after, new, retelling)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_story_told_to_one_after_the_other_is_the_story_told_to_all(seed: int) -> None:
    """Ten days with talk, groups, feeds, two answers and information: every byte and every heat agree."""
    n = 400
    people = crowd(seed, n)
    told = stories(
        n, talk_per_tie_per_day=0.1, talking_days=3.0, pool_per_day=0.3, retelling=0.5,
        feed={"contacts_per_day": 0.4, "engagement": 3.0}, feeds={"jd": {"exponent": 2.0, "half_life_days": 4.0}},
        interest={"buyers": 1.0, "searching": 0.6, "others": 0.2},
    )  # fmt: skip
    met = begin(told, people, attention=0.3, mix={"douyin": 0.6, "jd": 0.4}, witnesses=0.02, loudness=1.2).first
    story = told.live[0]
    assert met.tolist() == [i for i in range(n) if people.chance.one("witness", i, "story", 0) < np.float32(0.02)]
    plain = PlainStory(told, people, story, story.heard.tolist(), story.members.heard.tolist(), story.heat.tolist())
    for day in range(40, 50):
        if day in (43, 47):
            final = day == 47
            told.act(people, story, f"answer on {day}", day, np.arange(n), directly=0.02, attention=0.5,
                     mix={"jd": 1.0}, information=final)  # fmt: skip
            plain.act(1 + final, 0.02, [0.0, 0.5, 0.0])
        told.spread(people, day, [np.arange(n)])
        plain.spread(day)
        assert story.heard.tolist() == plain.heard
        assert story.members.heard.tolist() == plain.members
        assert story.talkers.tolist() == [i for i in range(n) if plain.heard[i] & TALKING]
        agree(story.heat, plain.heat, within=1e-12)
    weight = people.weight[people.stratum]
    assert story.informed.sum() == pytest.approx(weight[story.aware()].sum(), rel=1e-12)
    assert 0.3 < story.aware().mean() < 1.0
    assert 0.05 < story.has_heard("answer on 47", np.arange(n)).mean() < story.aware().mean()
