"""One consumer of the reference market: an ordinary Mesa agent that runs the readable rules."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

import mesa

from experiments.reference_cars import Deal
from experiments.reference_rules import (
    Heard,
    anger_between,
    calendar_weeks,
    forfeit_of_one,
    heard,
    market_weeks,
    patience_left,
)
from market.calendar import DAYS, Round
from market.people import awareness, choice, orders, ownership, utility
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, TESTING
from market.people.profiles import normal_quantile
from market.people.sampling import budget_of_one

if TYPE_CHECKING:
    from experiments.reference import ReferenceMarket

NOTHING = Heard()
NONE = -1


class Consumer(mesa.Agent):
    """A household with a need, a search, a choice, an order and a car, one after the other.

    The attributes are those of `market.people.consumers.Consumer`, with the same meaning; -1 stands for none.
    """

    model: ReferenceMarket
    acquaintances: list[Consumer]
    followees: list[Consumer]
    stage: int
    spell: int
    due: float
    offer: int
    tried: set[int]
    since: float
    exposed: float
    promised: float
    patience: float
    margin: float
    car: int
    car_week: int
    driven: int
    driven_week: int
    price: float
    satisfaction: float

    def __init__(self, model: ReferenceMarket, row: int, profile: int, stratum: int, tier: int) -> None:
        """Enter the market; `row` is the address of this consumer's luck."""
        super().__init__(model)
        self.row, self.profile, self.stratum, self.tier = row, profile, stratum, tier
        self.weight = model.household[stratum]
        self.habits = model.habits[profile]
        self.media_use = model.media_use[profile]
        self.thresholds: dict[int, float] = {}

    @cached_property
    def tastes(self) -> dict[str, float]:
        """Every taste by name; they never change, so they are drawn once, when first asked for."""
        budget = budget_of_one(self.model.chance, self.row, self.model.budgets[self.stratum])
        return self.model.profiles.tastes_of_one(self.model.chance, self.row, self.profile, budget)

    # ------------------------------------------------------------------------------------------ need and search

    def need_and_search(self, this: Round) -> None:
        """A need arises when it is due; a search ends when it is over, or when excitement carries the consumer away."""
        if self.stage == IDLE:
            if self.due > this.market_time:
                return
            self.need()
        elif self.stage > SEARCHING:
            return
        carried_away = bool(self.model.exciting) and self.carried_away()
        if self.due <= this.market_time:
            self.model.decide(self, calendar_weeks(self.model.clock, self.model.days, self.due))
        elif carried_away:
            self.model.decide(self, this.now)

    def need(self) -> None:
        """Begin a search, whose length is drawn now."""
        model = self.model
        longest = float(model.case.population.history_weeks)
        self.due += model.profiles.search_weeks_of_one(model.chance, self.row, self.profile, self.spell, longest)
        self.stage = SEARCHING
        self.patience = -math.log(model.chance.one("impulse", self.row, columns=(self.spell,)))

    def carried_away(self) -> bool:
        """Whether the excitement around the cars this consumer knows is enough to decide now."""
        talked, followed = self.listen()
        excited = sum(
            car.excited
            for car in self.model.exciting
            if self.knows(car.position, talked.get(car.position, NOTHING), followed.get(car.position, NOTHING))
        )
        self.patience = patience_left(self.patience, excited, self.habits.impulsiveness)
        return self.patience <= 0.0

    # ----------------------------------------------------------------------------------------- know and choose

    def listen(self) -> tuple[dict[int, Heard], dict[int, Heard]]:
        """What acquaintances say, and what the accounts followed say, about all cars at once."""
        week, media = self.model.week, self.model.case.media
        talked = heard([(tie.car, tie.car_week) for tie in self.acquaintances], week, media.forgetting_per_week)
        if media.following_per_week == 0.0:
            return talked, {}
        return talked, heard([(tie.car, tie.car_week) for tie in self.followees], week, media.forgetting_per_week)

    def knows(self, car: int, talked: Heard, followed: Heard) -> bool:
        """Whether media contacts and talk exceed this consumer's threshold for a car."""
        model, media = self.model, self.model.case.media
        if car not in self.thresholds:
            self.thresholds[car] = -math.log(model.chance.one("awareness", self.row, columns=(model.cars[car].word,)))
        spoken = media.word_of_mouth_per_week * talked.weeks + media.following_per_week * followed.weeks
        return awareness.knows(self.media_use, model.cars[car].contacts, spoken, self.thresholds[car])

    def choose(self) -> tuple[int, float]:
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
        return choice.best_of_one(total, outside, model.car_of)

    def utility(self, deal: Deal, company: float) -> float:
        """Utility of an offer before luck; `company` is the share of acquaintances who have the car."""
        model, car = self.model, deal.section
        stays = self.car != NONE and model.cars[self.car].brand == car.brand
        return utility.utility_of_one(
            self.tastes, cost_cny=deal.cost_cny, range_km=car.range_km, fast_charge=car.fast_charge,
            intelligence=car.intelligence, rents_battery=deal.rents_battery, weeks_saved=deal.weeks_saved,
            wait_weeks=deal.car.promised_weeks, swap_coverage=model.swap_coverage(car, self.tier), cap_km=deal.cap_km,
            overage_worth_cny=deal.overage_worth_cny, appeal=deal.appeal, promise=deal.promise,
            liking=deal.liking[self.profile], company=company,
            loyalty=model.case.choice.loyalty * max(self.satisfaction, 0.0) if stays else 0.0,
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------- the path

    @property
    def deal(self) -> Deal:
        """The offer reserved or ordered, as it is now."""
        return self.model.deals[self.offer]

    def buy_another(self, at: float) -> None:
        """Take the outside good, a car that is not in this case, at a time in weeks."""
        self.car, self.car_week, self.satisfaction = NONE, self.model.week, 0.0
        self.replace(at)

    def wait(self, offer: int, margin: float, at: float) -> None:
        """Take a place in the waiting list at a time in weeks, with a promised delivery and a patience of one's own."""
        model, deal = self.model, self.model.deals[offer]
        self.stage, self.due, self.offer, self.margin = RESERVED, math.inf, offer, margin
        self.since = self.exposed = at
        self.promised, self.price = at + deal.car.promised_weeks, deal.price_cny
        self.patience = -math.log(model.chance.one("cancelling", self.row, columns=(self.spell, deal.word)))
        model.waiting.append(self)
        if deal.channel.reservation_weeks > 0.0 or not deal.car.launched:
            model.record("reservations", self)

    def wear(self, until: float) -> float | None:
        """Wait until a time in weeks in the present stage. Returns when all patience was used up, or None."""
        begins, ends = self.exposed, max(until, self.exposed)
        revealed = sum(anger_between(anger, begins, ends) for anger in self.model.angers.get(self.deal.plan, ()))
        hazard = orders.cumulated_hazard_of_one(
            self.stage, begins, ends, self.promised, revealed, forfeit_of_one(self.deal.channel, self.stage),
            self.habits.cancelling, self.model.case.orders,
        )  # fmt: skip
        before = self.patience
        self.patience, self.exposed = before - hazard, ends
        return begins + before / hazard * (ends - begins) if self.patience <= 0.0 else None

    def reconsider(self, until: float) -> None:
        """Wait until a time in weeks, or give up before it."""
        at = self.wear(until)
        if at is not None:
            self.give_up(at)

    def give_up(self, at: float) -> None:
        """Leave the list at a time in weeks and look again, at other cars; whoever had ordered cancels."""
        if self.stage >= ORDERED:
            self.model.record("cancellations", self, forfeits=forfeit_of_one(self.deal.channel, self.stage) > 0.0)
            self.car, self.car_week = self.driven, self.driven_week
        self.tried.add(self.deal.car.position)
        self.stage, self.offer, self.patience = SEARCHING, NONE, math.inf
        self.due = market_weeks(self.model.clock, at) + self.model.case.orders.second_search_weeks

    def move_on(self, this: Round) -> None:
        """A reservation becomes a deposit or a place in the queue for a test drive; a deposit locks in time.

        Whoever loses patience before that does not get there.
        """
        car, terms = self.deal.car, self.deal.channel
        following = orders.after_choice(
            self.stage, launched=car.launched, deposit_first=terms.deposit_first, waited_weeks=this.now - self.since,
            reservation_weeks=terms.reservation_weeks, lock_weeks=terms.lock_weeks,
        )  # fmt: skip
        if following == self.stage:
            return
        if self.stage == RESERVED:
            until = max(self.since + terms.reservation_weeks, car.launch_day / DAYS)
        else:
            until = self.since + terms.lock_weeks
        gives_up_at = self.wear(until)
        if gives_up_at is not None:
            self.give_up(gives_up_at)
            return
        self.stage, self.since = following, until
        if following == ORDERED:
            self.order()

    @property
    def wants_to_drive(self) -> bool:
        """Whether this consumer stands in the queue for a test drive."""
        return self.stage in (TESTING, ORDERED) and self.deal.car.launched

    def drive(self, this: Round) -> None:
        """Try the car: whoever still prefers it orders it for good, everybody else gives it up."""
        word, at = self.deal.car.word, max(self.since, this.begin)
        gives_up_at = self.wear(at)
        surprise = normal_quantile(self.model.chance.one("test drive", self.row, columns=(self.spell, word)))
        if gives_up_at is None and not orders.likes_the_drive_of_one(self.margin, surprise, self.model.case.orders):
            gives_up_at = at
        if gives_up_at is not None:
            self.give_up(gives_up_at)
            return
        if self.stage == TESTING:
            self.order()
        self.stage, self.since = LOCKED, at

    def order(self) -> None:
        """Pay the deposit; from next week acquaintances see the new car."""
        self.model.record("orders", self)
        self.driven, self.driven_week = self.car, self.car_week
        self.car, self.car_week = self.deal.car.position, self.model.week

    def ready_at(self, this: Round) -> float | None:
        """When in a round this consumer could be handed the car, in weeks; None if not in this round."""
        if self.stage != LOCKED or not self.deal.car.launched:
            return None
        at = self.since + self.deal.section.production.lead_weeks
        return min(max(at, this.begin), this.now) if at <= this.now + orders.MOMENT else None

    def take_delivery(self, at: float) -> None:
        """Own the car from a time in weeks, and judge it by what was promised."""
        model, car = self.model, self.deal.section
        model.record("deliveries", self)
        shock = normal_quantile(model.chance.one("experience", self.row, columns=(self.spell,)))
        self.satisfaction = ownership.satisfaction_of_one(
            model.case.ownership, shock, car.quality, car.promise.expectation, at - self.promised
        )
        self.replace(at)

    def replace(self, at: float) -> None:
        """The need is over at a time in weeks; the next one comes in time."""
        model = self.model
        lasts = ownership.replacement_of_one(model.chance, model.case.ownership, self.row, self.spell)
        self.due = market_weeks(model.clock, at) + lasts
        self.stage, self.offer, self.tried = IDLE, NONE, set()
        self.spell += 1
