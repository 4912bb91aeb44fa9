"""News of the reference market: stories spread day by day among plain consumers and the members of buyers' groups."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.reference.hearsay import Circle, Tale, Told, hazards_in_groups, heat_after, reaction, retold_of_one
from market.calendar import DAYS
from market.stories import news
from market.stories.feeds import LEAST, feed_contacts_of_one, reached_of_one
from market.stories.talk import ACTS, HEARD, KNOWN, contacts_of_one, told_in_pool_of_one

if TYPE_CHECKING:
    from experiments.reference.consumer import Consumer
    from experiments.reference.market import ReferenceMarket


class ReferenceNews:
    """All stories that live, in the order in which they became known."""

    def __init__(self, model: ReferenceMarket) -> None:
        """No story yet."""
        self.model, self.section, self.chance = model, model.case.news, model.chance
        self.places = (*model.case.platforms, "elsewhere")
        self.feeds = [self.section.feed_of(place) for place in self.places]
        interest = self.section.interest
        takes_in = (interest.buyers, interest.searching, interest.others)
        self.interest = [float(np.float32(share)) for share in takes_in]
        self.live: list[Tale] = []

    # --------------------------------------------------------------------------------------------- begin and act

    def begin(self, tale: Tale, concerned: Iterable[Consumer], share: float) -> Told:
        """A failure becomes known: a share of those concerned, and of the members of groups, has met it."""
        self.live.append(tale)
        rows = [consumer.row for consumer in concerned]
        met = tale.people.directly(self.chance, "witness", 0, rows, share)
        members = tale.members.directly(self.chance, "witness", 0, range(news.MEMBERS), share)
        return self._tell(tale, tale.day, met, members, HEARD)

    def act(self, tale: Tale, day: int, concerned: Iterable[Consumer], directly: float, heat: Sequence[float]) -> Told:
        """Something is said about a story: those concerned are told in part, those who talk may follow."""
        share = directly if tale.severity > 0.0 else 0.0
        if tale.severity > 0.0:
            tale.heat = [now + more for now, more in zip(tale.heat, heat, strict=True)]
        tale.acts += 1
        rows = [consumer.row for consumer in concerned]
        people = self._reached(tale.people, tale.acts, rows, share)
        members = self._reached(tale.members, tale.acts, range(news.MEMBERS), share)
        return self._tell(tale, day, people, members, HEARD | HEARD << min(tale.acts, ACTS))

    def _reached(self, circle: Circle, act: int, rows: Iterable[int], share: float) -> set[int]:
        """Who of some people is told of an act at once, and who talks and follows what is said."""
        at_once = circle.directly(self.chance, "told", act, rows, share)
        follow = circle.directly(self.chance, "follows", act, sorted(circle.talkers), self.section.following)
        return {*at_once, *follow}

    def _tell(self, tale: Tale, day: int, people: Iterable[int], members: Iterable[int], bits: int) -> Told:
        age, retelling = day - tale.day, self.section.retelling * tale.sparks
        tale.members.learn(self.chance, age, dict.fromkeys(members, bits), retelling)
        told = Told(tale, tale.people.learn(self.chance, age, dict.fromkeys(people, bits), retelling))
        self._count(told)
        return told

    def _count(self, told: Told) -> None:
        for row in told.first:
            consumer = self.model.people[row]
            told.tale.informed[consumer.profile] += consumer.weight

    # ------------------------------------------------------------------------------------------------------- days

    def spread(self, day: int) -> list[Told]:
        """One day of news: everybody hears on the state of the morning."""
        seen = [self.contacts(number) for number in range(len(self.live))]
        pools = [[c for c in self.model.people if c.is_concerned(tale)] for tale in self.live]
        return [self._day_of(*what, day) for what in zip(self.live, seen, pools, strict=True)]

    def contacts(self, number: int) -> list[float]:
        """Contacts a day of an average user with a live story, by place."""
        return [
            feed_contacts_of_one([tale.heat[place] for tale in self.live], number, feed)
            for place, feed in enumerate(self.feeds)
        ]

    def _day_of(self, tale: Tale, seen: Sequence[float], pool: Sequence[Consumer], day: int) -> Told:
        age, section, told = day - tale.day, self.section, dict[int, int]()
        in_groups = section.pool_per_day * tale.loudness
        hazards = hazards_in_groups(tale.members.heard, in_groups, news.MEMBERS)
        self._along_ties(tale, age, told)
        self._in_pool(tale.people, tale, age, [consumer.row for consumer in pool], hazards, told)
        self._from_feeds(tale, age, seen, told)
        tale.people.fall_silent(self.chance, age, section.talking_days)
        if section.pool_per_day > 0.0:
            self._day_in_groups(tale, age, hazards, seen)
        heard = Told(tale, tale.people.learn(self.chance, age, told, section.retelling * tale.sparks))
        self._count(heard)
        self._react(tale, heard)
        return heard

    def _along_ties(self, tale: Tale, age: int, told: dict[int, int]) -> None:
        """Talkers tell what they know to acquaintances who do not."""
        rate = min(1.0, self.section.talk_per_tie_per_day * tale.loudness)
        if rate == 0.0:
            return
        for talker in sorted(tale.people.talkers):
            bits = tale.people.heard[talker] & KNOWN
            for row, luck in contacts_of_one(self.chance, tale.word, age, self.model.ties, talker, rate):
                takes_in = self.interest[self.model.people[row].situation(tale.car)]
                if bits & ~tale.people.heard[row] and retold_of_one(takes_in, rate, luck):
                    told[row] = told.get(row, 0) | bits

    def _in_pool(
        self, circle: Circle, tale: Tale, age: int, rows: Iterable[int], hazards: list[float], told: dict[int, int]
    ) -> None:
        """Buyers' groups tell their members what they do not know."""
        if hazards[0] > 0.0:
            for row in circle.lack(tale.known_bits, rows):
                if bits := told_in_pool_of_one(self.chance, circle.word, age, row, hazards):
                    told[row] = told.get(row, 0) | bits

    def _from_feeds(self, tale: Tale, age: int, seen: Sequence[float], told: dict[int, int]) -> None:
        """Feeds show all that is known."""
        uses = self.model.media_use
        if max(sum(map(float.__mul__, seen, use)) for use in uses) * max(self.interest) <= LEAST:
            return
        for row in tale.people.lack(tale.known_bits, range(len(self.model.people))):
            consumer = self.model.people[row]
            takes_in = self.interest[consumer.situation(tale.car)]
            if reached_of_one(self.chance, tale.word, age, row, seen, uses[consumer.profile], takes_in):
                told[row] = tale.known_bits

    def _day_in_groups(self, tale: Tale, age: int, hazards: list[float], seen: Sequence[float]) -> None:
        """The groups among themselves: members hear there, and from feeds as an average buyer does."""
        households, uses = self.model.households, self.model.media_use
        whole = sum(households)
        usual = [sum(map(float.__mul__, households, column)) / whole for column in zip(*uses, strict=True)]
        told: dict[int, int] = {}
        self._in_pool(tale.members, tale, age, range(news.MEMBERS), hazards, told)
        if sum(map(float.__mul__, seen, usual)) * self.interest[0] > LEAST:
            for row in tale.members.lack(tale.known_bits, range(news.MEMBERS)):
                if reached_of_one(self.chance, tale.members.word, age, row, seen, usual, self.interest[0]):
                    told[row] = tale.known_bits
        tale.members.fall_silent(self.chance, age, self.section.talking_days)
        tale.members.learn(self.chance, age, told, self.section.retelling * tale.sparks)

    def _react(self, tale: Tale, heard: Told) -> None:
        """Those who heard of it today react, and the feeds cool for a day."""
        first, households, uses = heard.first, self.model.households, self.model.media_use
        for place, feed in enumerate(self.feeds):
            part = sum(c.weight * uses[c.profile][place] for c in map(self.model.people.__getitem__, first))
            whole = sum(behind * use[place] for behind, use in zip(households, uses, strict=True))
            more = reaction(feed.engagement, tale.sparks, part, whole)
            tale.heat[place] = heat_after(tale.heat[place], feed.half_life_days, more)

    def end(self, day: int, kept: Container[str]) -> list[Tale]:
        """Drop the stories that are over, and return them: too old, or quiet and nothing more to come."""
        last, over = self.section.last_talkers, []
        for number, tale in enumerate(self.live):
            talking = sum(self.model.people[row].weight for row in tale.people.talkers)
            is_quiet = (
                sum(self.contacts(number)) < self.section.ends_below
                and len(tale.members.talkers) <= last * sum(bool(bits & HEARD) for bits in tale.members.heard)
                and talking <= last * sum(tale.informed)
            )
            too_old = day - tale.day + 1 >= self.section.longest_weeks * DAYS
            if too_old or (is_quiet and tale.word not in kept):
                over.append(tale)
        self.live = [tale for tale in self.live if tale not in over]
        return over
