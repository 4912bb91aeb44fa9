"""News: failures that became known, and how each spreads day by day until nobody talks about it any more.

A story reaches people in three ways: along ties, inside the pool of those whom it concerns, and through feeds. Every
contact passes on all that the source knows: the failure itself and what has been said since (its *acts*: an excuse, a
refusal, an apology). So an answer reaches those who know of the failure only through the talk and the attention that
are left when it comes, and whoever hears of something new may talk again: acts re-ignite. A story can live without
any mass attention inside the pool alone.

Buyers' groups have far more members than a small run has buyers, and a handful would let a story die out by chance
that thousands keep alive. So groups are represented by `MEMBERS` members of their own, who know, talk and stop by the
same rules; consumers in the pool hear there at the rate at which these talk. What happens there depends on no n. (What
members hear from acquaintances outside is left out.)

A story costs one byte a consumer while it lives, and a day of it the work of its talkers and one draw for each
consumer who does not know all of it (none where feeds show nothing).
"""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from market.calendar import DAYS
from market.chance import Chance
from market.fields import Id, Section, Share, Shares, value
from market.happenings import FailureKind
from market.stories.feeds import LEAST, Feed, Feeds, attention_step, reach, shown
from market.stories.story import Act, Audience, Heard, Listeners, Story
from market.stories.talk import (
    ACTS,
    HEARD,
    KNOWN,
    NOTHING,
    Amounts,
    Knowledge,
    Rows,
    contacts,
    pool_hazards,
    together,
    told_in_pool,
)
from market.stories.ways import Ways

NOBODY: Rows = np.empty(0, np.intp)
ELSEWHERE: Shares = {"elsewhere": 1.0}
MEMBERS = 4_096
"""Members by whom buyers' groups are represented, whatever n is."""


class Interest(Section):
    """Part of a story that people take in, by what it is to them."""

    buyers: Share = value(1.0, unit="share", meaning="of those who drive or ordered the car")
    searching: Share = value(0.5, unit="share", meaning="of others who search for a car")
    others: Share = value(0.1, unit="share", meaning="of everybody else")


class News(Section):
    """How stories spread. Talk, pool and feeds each have a rate that switches them off when 0."""

    talk_per_tie_per_day: Share = value(
        0.03, unit="probability a day", meaning="that who talks tells an acquaintance who takes in all; 0: no talk"
    )
    talking_days: float = value(
        4.0, unit="days", meaning="mean time that somebody talks; 1: exactly a day, 0: for ever", ge=0.0, le=1e4
    )
    pool_per_day: float = value(
        0.6,
        unit="contacts a day",
        meaning="of a member of the buyers' groups when all of them talk; 0: no such groups",
        ge=0.0,
        le=100.0,
    )
    witnesses: Share = value(
        0.1, unit="share", meaning="of those concerned who meet the usual failure themselves; 0: nobody does"
    )
    following: Share = value(
        0.5, unit="probability", meaning="that who talks about a story hears at once what is said then; 0: nobody does"
    )
    retelling: Share = value(
        0.3, unit="probability", meaning="that who hears of a further act talks again; 0: acts re-ignite no talk"
    )
    interest: Interest = value(Interest, unit="", meaning="part of a story that people take in")
    feed: Feed = value(Feed, unit="", meaning="the feed of every place without its own entry in feeds")
    feeds: dict[Id, Feed] = value(dict, unit="", meaning="feeds of platforms, and of elsewhere")
    ends_below: float = value(
        1e-4, unit="contacts a day", meaning="of an average user, below which feeds keep no story alive; 0: all do",
        ge=0.0, le=100.0,
    )  # fmt: skip
    last_talkers: Share = value(
        0.02, unit="share", meaning="of those who know of a story, at which the few who still talk do not keep it alive"
    )
    longest_weeks: int = value(8, unit="weeks", meaning="after which every story ends", ge=1, le=520)

    def feed_of(self, place: str) -> Feed:
        """The feed of a platform, or of elsewhere."""
        return self.feeds.get(place, self.feed)


class Stories:
    """All stories that live. `live` is in the order in which they became known."""

    def __init__(self, section: News, places: tuple[str, ...], n: int) -> None:
        """No story yet; `places` are the platforms in order and elsewhere, `n` the number of consumers."""
        self.section, self.places, self.n = section, places, n
        self.feeds = [section.feed_of(place) for place in places]
        self._feeds = Feeds(self.feeds)
        interest = section.interest
        self.interest = np.array([interest.buyers, interest.searching, interest.others], np.float32)
        self.live: list[Story] = []

    def heat_of(self, attention: float, mix: Shares) -> Amounts:
        """Heat by place: (places,)."""
        return attention * np.array([mix.get(place, 0.0) for place in self.places])

    def contacts(self) -> Amounts:
        """Contacts a day of an average user with each story at each place, as hot as it is: (stories, places)."""
        return self._feeds.contacts(np.array([story.heat for story in self.live]).reshape(-1, len(self.places)))

    def begin(
        self, audience: Audience, word: str, car: int, kind: FailureKind, day: int, cause: Amounts, concerned: Rows, *,
        severity: float = 1.0, known: bool = True, plan: str | None = None, attention: float = 0.0,
        mix: Shares = ELSEWHERE, loudness: float = 1.0, witnesses: float | None = None,
    ) -> Heard:  # fmt: skip
        """A failure becomes known on a day of the run: some of those `concerned` (rows) have met it themselves.

        `witnesses` is their share at severity 1, if not that of the case; at severity 0 nobody meets it and nobody
        hears of it. Who has met it talks about it from the `spread` of this day on.
        """
        share = min(1.0, severity * (self.section.witnesses if witnesses is None else witnesses))
        story = Story(
            word=word, car=car, kind=kind, day=day, cause=cause, known=known, severity=severity, plan=plan,
            people=Listeners.of(word, self.n), members=Listeners.of(f"{word} in groups", MEMBERS), loudness=loudness,
            heat=self.heat_of(attention * min(severity, 1.0), mix), informed=np.zeros(len(audience.households)),
        )  # fmt: skip
        self.live.append(story)
        met = self._directly(audience, story, "witness", 0, concerned, share)
        return self._told(audience, story, day, met, HEARD)

    def act(
        self, audience: Audience, story: Story, key: str, day: int, concerned: Rows = NOBODY, *,
        directly: float = 0.0, attention: float = 0.0, mix: Shares = ELSEWHERE, information: bool = False,
    ) -> Heard:  # fmt: skip
        """Something is said about a story: it brings attention of its own, and is told to those `concerned` (rows).

        Each of them is told with probability `directly`. Those who talk about the story that day may follow what is
        said; everybody else hears of it through the talk and the attention that there are. With `information` the
        open question is answered: from now on nothing re-ignites the story. About a failure of severity 0 nobody
        hears.
        """
        if story.severity == 0.0:
            attention, directly = 0.0, 0.0
        story.acts.append(Act(key, day))
        story.heat = story.heat + self.heat_of(attention, mix)
        if information:
            story.sparks = 0.0
        number, chance = len(story.acts), audience.chance
        told = self._directly(audience, story, "told", number, concerned, directly)
        follow = [who.following(chance, number, self.section.following) for who in (story.people, story.members)]
        rows = [np.union1d(*pair) for pair in zip(told, follow, strict=True)]
        return self._told(audience, story, day, rows, HEARD | HEARD << min(number, ACTS))

    def spread(self, audience: Audience, day: int, pools: Sequence[Rows]) -> list[Heard]:
        """One day of news of every live story; `pools` holds for each the rows of those whom it concerns.

        Everybody hears on the state of the morning. Then today's talkers fall silent or not, those who heard talk
        from tomorrow on, reactions heat the feeds, and the feeds cool for a day.
        """
        if not self.live:
            return []
        shown_by_feeds = self.contacts()
        return [
            self._day_of(audience, story, day, pool, seen)
            for story, pool, seen in zip(self.live, pools, shown_by_feeds, strict=True)
        ]

    def end(self, audience: Audience, day: int, kept: Container[str] = ()) -> list[Story]:
        """Drop the stories that are over at the end of a day, and return them.

        One is over when feeds would bring fewer contacts tomorrow than `ends_below` and no more than `last_talkers` of
        those who know of it talk, outside and inside the groups; or when it is too old. `kept` are words of stories to
        go on with even if quiet (an answer is due).
        """
        if not self.live:
            return []
        section, over = self.section, []
        for story, seen in zip(self.live, self.contacts().sum(axis=1), strict=True):
            few = audience.weigh(story.talkers).sum() <= section.last_talkers * story.informed.sum()
            few_inside = len(story.members.talkers) <= section.last_talkers * story.members.aware()
            quiet = seen < section.ends_below and few and few_inside
            too_old = day - story.day + 1 >= section.longest_weeks * DAYS
            if too_old or (quiet and story.word not in kept):
                over.append(story)
        self.live = [story for story in self.live if story not in over]
        return over

    def _day_of(self, audience: Audience, story: Story, day: int, pool: Rows, seen: Amounts) -> Heard:
        section, age = self.section, day - story.day
        hazards = pool_hazards(story.members.heard, section.pool_per_day * story.loudness)
        talkers, by_talk = self._along_ties(audience, story, age)
        grouped = in_pool(audience.chance, story.people, age, story.people.ignorant(story.known_bits, pool), hazards)
        fed = self._from_feeds(audience, story, age, seen)
        story.people.fall_silent(audience.chance, age, section.talking_days)
        if section.pool_per_day > 0.0:
            self._day_in_groups(audience, story, age, hazards, seen)
        first, answered, news = story.people.learn(
            audience.chance, age, *together([by_talk, grouped, fed]), section.retelling * story.sparks
        )
        story.heat, story.seen = attention_step(story.heat, 1.0, self._feeds.half_lives), float(seen.sum())
        if len(first):
            story.informed = story.informed + audience.weigh(first)
            story.heat += self._feeds.engagement * story.sparks * audience_share(audience, first)
        return Heard(story, first, answered, news, Ways(by_talk[0], talkers, grouped[0], fed[0], seen))

    def _day_in_groups(self, audience: Audience, story: Story, age: int, hazards: Amounts, seen: Amounts) -> None:
        """The groups among themselves: members hear there, and from feeds as an average buyer does."""
        members, chance = story.members, audience.chance
        ignorant = members.ignorant(story.known_bits)
        if len(ignorant) == 0:
            members.fall_silent(chance, age, self.section.talking_days)
            return
        shows = reach(seen, audience.usual_use()[None], self.interest[:1]).item()
        reached, _ = shown(chance, members.word, age, ignorant, shows)
        shown_all = reached, np.full(len(reached), np.uint8(story.known_bits))
        told = [in_pool(chance, members, age, ignorant, hazards), shown_all]
        members.fall_silent(chance, age, self.section.talking_days)
        members.learn(chance, age, *together(told), self.section.retelling * story.sparks)

    def _directly(
        self, audience: Audience, story: Story, name: str, act: int, concerned: Rows, share: float
    ) -> list[Rows]:
        """Who of those concerned, and of the members of their groups, meets or is told something: ascending."""
        found = []
        for listeners, rows in ((story.people, concerned), (story.members, np.arange(MEMBERS))):
            luck = audience.chance.uniform(name, rows, listeners.word, act)
            found.append(np.unique(rows[luck < np.float32(share)]))
        return found

    def _told(self, audience: Audience, story: Story, day: int, rows: list[Rows], bits: int) -> Heard:
        """Let consumers and members of the groups know something at once."""
        retelling, chance, age = self.section.retelling * story.sparks, audience.chance, day - story.day
        story.members.learn(chance, age, rows[1], bits, retelling)
        first, answered, news = story.people.learn(chance, age, rows[0], bits, retelling)
        story.informed = story.informed + audience.weigh(first)
        return Heard(story, first, answered, news)

    def _along_ties(self, audience: Audience, story: Story, age: int) -> tuple[Rows, tuple[Rows, Knowledge]]:
        """Talkers, and whom each of them tells what along a tie."""
        rate = min(1.0, self.section.talk_per_tie_per_day * story.loudness)
        met = contacts(audience.chance, story.word, age, audience.acquaintances, story.talkers, rate)
        if len(met.talker) == 0:
            return NOBODY, NOTHING
        bits = story.heard[met.talker] & np.uint8(KNOWN)
        new = ((bits & ~story.heard[met.listener]) != 0).nonzero()[0]
        listener = met.listener[new]
        takes_in = self.interest[audience.situation(listener, story.car)]
        reached = (met.luck[new] < np.float32(rate) * takes_in).nonzero()[0]
        through = new[reached]
        return met.talker[through], (listener[reached], bits[through])

    def _from_feeds(self, audience: Audience, story: Story, age: int, seen: Amounts) -> tuple[Rows, Knowledge]:
        """What feeds show, all that is known, and to whom."""
        table = reach(seen, audience.use, self.interest).astype(np.float32)
        highest, everything = float(table.max()), np.uint8(story.known_bits)
        if highest <= LEAST:
            return NOTHING
        # for everybody, and only then a look at who knows all of it: rows that follow each other are drawn quickest
        rows, luck = shown(audience.chance, story.word, age, range(self.n), highest)
        if len(rows) == 0:
            return NOTHING
        new = ((story.heard[rows] & everything) != everything).nonzero()[0]
        rows, luck = rows[new], luck[new]
        rows = rows[luck < table[audience.profile[rows], audience.situation(rows, story.car)]]
        return rows, np.full(len(rows), everything)


def in_pool(chance: Chance, listeners: Listeners, age: int, rows: Rows, hazards: Amounts) -> tuple[Rows, Knowledge]:
    """Who of some people who do not know everything is told in the groups on a day of the story, and what."""
    if hazards[0] <= 0.0 or len(rows) == 0:
        return NOTHING
    bits = told_in_pool(chance, listeners.word, age, rows, hazards)
    told = bits.nonzero()[0]
    return rows[told], bits[told]


def audience_share(audience: Audience, rows: Rows) -> Amounts:
    """Share of the time spent at each place that some consumers spend there: (places,)."""
    whole = np.asarray(audience.households @ audience.use, float)
    part = np.asarray(audience.weigh(rows) @ audience.use, float)
    share = np.zeros(len(whole))
    np.divide(part, whole, out=share, where=whole > 0.0)
    return share
