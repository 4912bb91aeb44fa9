"""The path of a consumer of the reference market from a choice to a car, by the readable rules."""

from __future__ import annotations

import math

from experiments.reference.cars import Deal
from experiments.reference.owner import Owner
from experiments.reference.rules import anger_between, forfeit_of_one, market_weeks
from market.calendar import DAYS, Round
from market.people import orders, ownership
from market.people.orders import IDLE, LOCKED, ORDERED, RESERVED, SEARCHING, TESTING
from market.people.profiles import normal_quantile

NONE = -1


class Waiting(Owner):
    """A consumer who has chosen: a reservation, a test drive, a deposit, a locked order, a car."""

    spell: int
    due: float
    tried: set[int]
    since: float
    exposed: float
    promised: float
    patience: float
    margin: float
    car_week: int
    driven_week: int
    price: float

    @property
    def deal(self) -> Deal:
        """The offer reserved or ordered, as it is now."""
        return self.model.deals[self.offer]

    @property
    def forfeit(self) -> float:
        """Thousand CNY that cancelling now would cost."""
        refunded = self.car_week <= self.model.refunded.get(self.offer, -math.inf)
        return forfeit_of_one(self.deal.channel, self.stage, refunded)

    def buy_another(self, at: float) -> None:
        """Take the outside good, a car that is not in this case, at a time in weeks."""
        self.leaves()
        self.car, self.car_week, self.satisfaction = NONE, self.model.week, 0.0
        self.replace(at)

    def look_later(self, at: float) -> None:
        """Wait instead of choosing at a time in weeks, and decide again after a while."""
        self.due = market_weeks(self.model.clock, at + self.model.case.deferral.weeks)

    def wait(self, offer: int, margin: float, at: float) -> None:
        """Take a place in the waiting list at a time in weeks, with a promised delivery and a patience of one's own."""
        model, deal = self.model, self.model.deals[offer]
        self.stage, self.due, self.offer, self.margin = RESERVED, math.inf, offer, margin
        self.since = self.exposed = at
        self.promised, self.price = at + deal.car.promised_weeks, deal.price_cny
        self.patience = -math.log(model.chance.one("cancelling", self.row, columns=(self.spell, deal.word)))
        model.queue(self)
        if deal.channel.reservation_weeks > 0.0 or not deal.car.launched:
            model.record("reservations", self)

    def wear(self, until: float) -> float | None:
        """Wait until a time in weeks in the present stage. Returns when all patience was used up, or None."""
        begins, ends = self.exposed, max(until, self.exposed)
        revealed = sum(anger_between(anger, begins, ends) for anger in self.model.angers.get(self.deal.plan, ()))
        revealed += self.distrust(self.deal.car.position, begins, ends) + self.resentment(begins, ends)
        hazard = orders.cumulated_hazard_of_one(
            self.stage, begins, ends, self.promised, revealed, self.forfeit, self.model.habits[self.profile].cancelling,
            self.model.case.orders,
        )  # fmt: skip
        before = self.patience
        self.patience, self.exposed = before - hazard, ends
        return begins + before / hazard * (ends - begins) if self.patience <= 0.0 else None

    def reconsider(self, until: float) -> None:
        """Wait until a time in weeks, or give up before it."""
        at = self.wear(until)
        if at is not None:
            self.give_up(at)

    def live_until(self, day: int) -> None:
        """Wait as one is until a day begins: what is heard then changes it.

        Whose car may be there by then gets it, or gives up, at the end of the week.
        """
        car_is_near = self.stage == LOCKED and self.since + self.deal.car.lead_weeks <= day / DAYS
        if self.stage > SEARCHING and not car_is_near:
            self.reconsider(day / DAYS)

    def give_up(self, at: float) -> None:
        """Leave the list at a time in weeks, or cancel an order, and look again: at other cars, and not this week."""
        if self.stage >= ORDERED:
            self.model.record("cancellations", self, forfeits=self.forfeit > 0.0)
            self.car, self.car_week = self.driven, self.driven_week
        self.tried.add(self.deal.car.position)
        self.stage, self.offer, self.patience = SEARCHING, NONE, math.inf
        clock, again = self.model.clock, self.model.case.orders.second_search_weeks
        next_week = math.nextafter(clock.at((self.model.week + 1) * DAYS), math.inf)
        self.due = max(market_weeks(clock, at) + again, next_week)

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
        """Whether this consumer queues for a test drive; not if an earlier order locks this week anyway."""
        week = self.model.week
        locks = self.since < week and self.since + self.deal.channel.lock_weeks < week + 1 - orders.MOMENT
        return self.deal.car.launched and (self.stage == TESTING or (self.stage == ORDERED and not locks))

    def drive(self) -> None:
        """Try the car: whoever still prefers it orders it for good, everybody else gives it up."""
        word, at = self.deal.car.word, max(self.since, float(self.model.week))
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
        at = self.since + self.deal.car.lead_weeks
        return min(max(at, this.begin), this.now) if at <= this.now + orders.MOMENT else None

    def take_delivery(self, at: float) -> None:
        """Own the car from a time in weeks, and judge it, and who brought it, by what was promised."""
        model, listed, offer = self.model, self.deal.car, self.offer
        model.record("deliveries", self)
        shock = normal_quantile(model.chance.one("experience", self.row, columns=(self.spell,)))
        late = at - self.promised
        self.satisfaction = ownership.satisfaction_of_one(
            model.case.ownership, shock, listed.quality, listed.section.promise.expectation, late
        )
        self.replace(at)
        self.begins_to_own(offer, at)
        if late > 0.0:
            usual = model.case.failures.of("delivery_delay").severity
            severity = min(late / model.case.trust.late_weeks, 1.0) * usual
            self.suffers(listed.position, "delivery_delay", severity, model.night)

    def replace(self, at: float) -> None:
        """The need is over at a time in weeks; the next one comes in time."""
        model = self.model
        lasts = ownership.replacement_of_one(model.chance, model.case.ownership, self.row, self.spell)
        self.due = market_weeks(model.clock, at) + lasts
        self.stage, self.offer, self.tried = IDLE, NONE, set()
        self.spell += 1
