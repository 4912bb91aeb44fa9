"""One consumer of the reference market: an ordinary Mesa agent that runs the readable rules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from experiments.reference.cars import Deal
from experiments.reference.rules import Heard, calendar_weeks, carried_away_after, heard, patience_left
from experiments.reference.waiting import NONE, Waiting
from market.calendar import DAYS, Round
from market.chance import word
from market.people import awareness, choice, utility
from market.people.aftersales import PLATFORM
from market.people.demand import SLIGHT
from market.people.loyalty import platform_pull_of_one
from market.people.orders import IDLE, SEARCHING
from market.stories.grievance import defers_of_one

if TYPE_CHECKING:
    from experiments.reference.market import ReferenceMarket

NOTHING = Heard()


class Decision(NamedTuple):
    """What a consumer chose; `trusting` is the offer chosen had all trust been at its baseline."""

    offer: int
    margin: float
    trusting: int


class Consumer(Waiting):
    """A household with a need, a search, a choice, an order and a car, one after the other.

    The attributes are those of `market.people.consumers.Consumer`, with the same meaning; -1 stands for none.
    """

    acquaintances: list[Consumer]
    followees: list[Consumer]

    def __init__(self, model: ReferenceMarket, row: int, profile: int, stratum: int, tier: int) -> None:
        """Enter the market; `row` is the address of this consumer's luck."""
        super().__init__(model, row, profile, stratum, tier)
        self.thresholds: dict[int, float] = {}

    @property
    def media_use(self) -> list[float]:
        """Time at each place relative to an average household."""
        return self.model.media_use[self.profile]

    # ------------------------------------------------------------------------------------------ need and search

    def need_and_search(self, this: Round) -> None:
        """A need arises when it is due; a search ends when it is over, or when excitement carries the consumer away."""
        clock, days, begins = self.model.clock, self.model.case.calendar.days, 0.0
        if self.stage == IDLE:
            if self.due > this.market_time:
                return
            begins = max(calendar_weeks(clock, days, self.due) - this.begin, 0.0)
            self.need()
        elif self.stage > SEARCHING:
            return
        after = self.carried_away(begins, this.weeks) if self.model.exciting else None
        if self.due <= this.market_time:
            self.model.decides(self, calendar_weeks(clock, days, self.due))
        elif after is not None and self.due > clock.at((this.week + 1) * DAYS):
            self.model.decides(self, this.begin + after, carried_away=True)

    def need(self) -> None:
        """Begin a search, whose length is drawn now."""
        model = self.model
        longest = float(model.case.population.history_weeks)
        self.due += model.profiles.search_weeks_of_one(model.chance, self.row, self.profile, self.spell, longest)
        self.stage = SEARCHING
        self.patience = -math.log(model.chance.one("impulse", self.row, columns=(self.spell,)))

    def carried_away(self, begins: float, ends: float) -> float | None:
        """When the excitement around the cars this consumer knows makes him decide, in weeks since the round began.

        It works between two such times; None if that is not enough.
        """
        talked, followed = self.listen()
        excited = sum(
            car.excited
            for car in self.model.exciting
            if self.knows(car.position, talked.get(car.position, NOTHING), followed.get(car.position, NOTHING))
        )
        pull = excited * self.model.habits[self.profile].impulsiveness
        before, half_life = self.patience, self.model.case.media.excitement_half_life_weeks
        self.patience = patience_left(before, pull, begins=begins, ends=ends, half_life_weeks=half_life)
        if self.patience > 0.0 or pull == 0.0:
            return None
        return min(carried_away_after(before, pull, begins=begins, half_life_weeks=half_life), ends)

    # ----------------------------------------------------------------------------------------- know and choose

    def listen(self) -> tuple[dict[int, Heard], dict[int, Heard]]:
        """What acquaintances say, and what the accounts followed say, about all cars at once."""
        week, media = self.model.week, self.model.case.media
        forgetting, ties = media.forgetting_per_week, [tie.shown for tie in self.acquaintances]
        talked = heard([tie[:2] for tie in ties], week, forgetting, [tie[2] for tie in ties])
        if media.following_per_week == 0.0:
            return talked, {}
        return talked, heard([tie.shown[:2] for tie in self.followees], week, forgetting)

    @property
    def shown(self) -> tuple[int, int, float]:
        """The car this consumer has, since which week, and how loudly he talks of it, as of the week's beginning."""
        seen = self.model.seen
        return seen[self.row] if seen else (self.car, self.car_week, self.loudness if self.car >= 0 else 1.0)

    def knows(self, car: int, talked: Heard, followed: Heard) -> bool:
        """Whether media contacts and talk exceed this consumer's threshold for a car."""
        model, media = self.model, self.model.case.media
        if car not in self.thresholds:
            self.thresholds[car] = -math.log(model.chance.one("awareness", self.row, columns=(model.cars[car].word,)))
        spoken = media.word_of_mouth_per_week * talked.weeks + media.following_per_week * followed.weeks
        return awareness.knows(self.media_use, model.cars[car].contacts, spoken, self.thresholds[car])

    def choose(self) -> Decision:
        """The best of the open offers of the cars known and not given up, or the outside good; and its margin."""
        model, section = self.model, self.model.case.choice
        talked, followed = self.listen()
        total: dict[int, float] = {}
        for car, listed in model.on_offer.items():
            about = talked.get(car, NOTHING)
            if car not in self.tried and self.knows(car, about, followed.get(car, NOTHING)):
                for deal in listed:
                    shock = choice.shock_of_one(
                        model.chance, self.row, self.spell, deal.word, deal.car.nest_word, section.dissimilarity
                    )
                    total[deal.offer] = self.utility(deal, about.share) + shock
        outside = section.outside_utility + choice.outside_shock_of_one(model.chance, self.row, self.spell)
        trusting, margin = choice.best_of_one(total, outside, model.car_of)
        trusted = [self.trusted(car.position, model.day) for car in model.cars]
        if max(map(abs, trusted)) <= SLIGHT:
            return Decision(trusting, margin, trusting)
        felt = {offer: v + trusted[model.car_of[offer]] for offer, v in total.items()}
        return Decision(*choice.best_of_one(felt, outside, model.car_of), trusting)

    def utility(self, deal: Deal, company: float) -> float:
        """Utility of an offer before luck and trust; `company` is the share of acquaintances who have the car."""
        model, car = self.model, deal.car
        held = self.grievance_at(model.day / DAYS)
        stays = self.car != NONE and model.cars[self.car].brand == car.brand
        v = utility.utility_of_one(
            self.tastes, cost_cny=deal.cost_cny, range_km=car.range_km, fast_charge=car.fast_charge,
            intelligence=car.intelligence, rents_battery=deal.rents_battery, weeks_saved=deal.weeks_saved,
            wait_weeks=car.promised_weeks, swap_coverage=model.companies.swap_coverage(car.position, self.tier),
            cap_km=deal.cap_km, overage_worth_cny=deal.overage_worth_cny, appeal=deal.appeal, promise=deal.promise,
            liking=deal.liking[self.profile], company=company,
            loyalty=model.case.choice.loyalty * max(self.satisfaction - held, 0.0) if stays else 0.0,
        )  # fmt: skip
        is_served = self.car != NONE and self.provider == PLATFORM
        cared_by = model.companies.platform_of(self.car) if is_served else None
        return v + platform_pull_of_one(model.case.aftersales, cared_by, deal.sold_by, held)

    def defers(self, car: int) -> bool:
        """Whether this consumer, who would choose a car, waits because of a live story that he has heard."""
        live = [tale for tale in self.model.public.live if tale.car == car and tale.is_known_to(self.row)]
        stories, severity = [word(tale.word) for tale in live], [tale.severity * tale.sparks for tale in live]
        return defers_of_one(self.model.chance, self.row, self.spell, stories, severity, self.model.case.deferral)
