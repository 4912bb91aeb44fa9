"""The cars of the reference market and what can be had of them: one plain object per car, one record per offer."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from experiments.reference.rules import (  # fmt: skip
    build_on_line,
    contacts_after,
    excitement_after,
    need_of_one,
    promised_weeks_of_one,
    ramped_weeks_of_one,
    wander_of_one,
)
from market.calendar import DAYS, Round
from market.cars import Car, Channel
from market.case import Case
from market.catalogue import Catalogue, annuity, battery_cost
from market.industry.supply import LONGEST_PROMISE_WEEKS
from market.market import Market
from market.people.awareness import Media
from market.people.search import CALM


class ListedCar:
    """One car of the case: on sale or not, known or not, built and in stock."""

    launched: bool
    promised_weeks: float
    queue_weeks: float
    price_cny: float
    discount_cny: float
    range_km: float
    fast_charge: float
    intelligence: float
    quality: float
    capacity: float
    face: dict[str, float]

    def __init__(self, opening: Market, position: int, key: str) -> None:
        """Take the car as it stands in week 0 of a market that has just been built."""
        catalogue, memory, case = opening.catalogue, opening.demand.memory, opening.case
        section = case.cars[key]
        self.catalogue, self.memory, self.supply = catalogue, memory, opening.supply
        self.position, self.section, self.word = position, section, int(catalogue.car_keys[position])
        self.brand, self.line = section.brand, catalogue.car_index[section.base_car or key]
        self.nest_word = int(catalogue.car_keys[self.line])
        self.contacts: list[float] = memory.contacts[:, position].tolist()
        self.excitement = self.excited = 0.0
        self.hot = False
        self.stock = float(opening.supply.stock[position])
        self.lead_weeks = float(opening.supply.lead_weeks[position])
        self.drives_left = 0.0
        launch = case.calendar.start if section.launch is None else section.launch
        self.appeal = wander_of_one(
            opening.chance, case.drift, car_key=self.word, first_week=case.calendar.start.toordinal() // DAYS,
            weeks=case.calendar.weeks, appeal=section.appeal, trend_per_month=section.trend_per_month,
            launch_week=max(case.calendar.day_of(launch) // DAYS, 0),
        )  # fmt: skip
        self.look()

    def look(self) -> None:
        """Read what organisations have decided about the car, and which contacts they buy for it."""
        catalogue, at = self.catalogue, self.position
        self.price_cny, self.discount_cny = float(catalogue.price_cny[at]), float(catalogue.promotion_cny[at])
        self.range_km, self.fast_charge = float(catalogue.range_km[at]), float(catalogue.fast_charge[at])
        self.intelligence, self.quality = float(catalogue.intelligence[at]), float(catalogue.quality[at])
        self.launch_day, self.opens_day = int(catalogue.launch_day[at]), int(catalogue.opens_day[at])
        self.closes_day, self.begins = int(catalogue.closes_day[at]), int(self.memory.begins[at])
        self.face = dict(zip(catalogue.organisations, catalogue.face[at].tolist(), strict=True))
        self.rate: list[float] = self.memory.rate[:, at].tolist()
        self.capacity = float(self.supply.capacity[at])
        self.week_capacity = max(self.capacity + float(self.supply.carried[at]), 0.0)

    def weeks_on_sale(self, day: int) -> float:
        """Weeks since the launch, below 0 before it."""
        return (day - self.launch_day) / DAYS

    def look_at_queue(self, queue: float, line: ListedCar) -> None:
        """Work out the lead time of a car on sale from the queue of the line."""
        terms = self.section.production
        self.queue_weeks = promised_weeks_of_one(
            queue, self.capacity, line.capacity,
            lead_weeks=self.lead_weeks, optimism=terms.promise_optimism, weeks_on_sale=0.0,
        )  # fmt: skip

    def announce(self, day: int) -> None:
        """State price, design and lead time: that of the queue, and the time until the launch."""
        self.look()
        self.launched = day >= self.launch_day
        until_launch = 0.0 if self.launched else -self.weeks_on_sale(day - day % DAYS)
        self.promised_weeks = min(self.queue_weeks + until_launch, LONGEST_PROMISE_WEEKS)

    def pass_week(self, week: int, media: Media) -> None:
        """New contacts arrive, old ones are forgotten."""
        self.contacts = [
            contacts_after(
                contacts, rate, begins=self.begins, first_day=week * DAYS, days=DAYS,
                forgetting=media.forgetting_per_week,
            )
            for contacts, rate in zip(self.contacts, self.rate, strict=True)
        ]  # fmt: skip

    def tell(self, place: int, contacts: float, day: int, media: Media) -> None:
        """Contacts at once on a day, as they will be remembered at the end of its week, like all others."""
        left = (DAYS - day % DAYS) % DAYS
        self.contacts[place] += contacts_after(
            contacts, 0.0, begins=0, first_day=day, days=left, forgetting=media.forgetting_per_week
        )

    def begin(self, day: int, media: Media) -> None:
        """Media tell of the car from a day on: what the rest of its week brings, if that was not counted already."""
        left = (DAYS - day % DAYS) % DAYS
        for begins, sign in ((day, 1.0), (self.begins, -1.0)):
            for place, rate in enumerate(self.rate):
                self.contacts[place] += sign * contacts_after(
                    0.0, rate, begins=begins, first_day=day, days=left, forgetting=media.forgetting_per_week
                )

    def cool(self, this: Round, media: Media) -> None:
        """Excitement cools; whether there was any this week is decided by its highest level at the start of a round."""
        self.excited = self.excitement
        self.hot = self.excited > CALM or (self.hot and not this.begins_week)
        half_life = media.excitement_half_life_weeks
        self.excitement = excitement_after(self.excitement, days=this.days, half_life_weeks=half_life)

    def need(self, backlog: float) -> float:
        """Cars its maker would like to have built: the backlog and the target stock, less what is in stock."""
        target = self.section.production.inventory_weeks * self.capacity if self.launched else 0.0
        return need_of_one(backlog, self.stock, target)

    def reached_capacity(self, this: Round) -> float:
        """Cars that can be built in a round, as far as the line has been ramped up."""
        if not self.launched:
            return 0.0
        age, ramp = self.weeks_on_sale(this.first_day), self.section.production.ramp_weeks
        return self.week_capacity * (ramped_weeks_of_one(age + this.weeks, ramp) - ramped_weeks_of_one(age, ramp))


def look_at_queues(cars: Sequence[ListedCar], backlog: Sequence[float]) -> None:
    """Once a week: cars of one line wait in one queue, each beyond its own stock."""
    queue = [0.0] * len(cars)
    for car in cars:
        queue[car.line] += max(backlog[car.position] - car.stock, 0.0)
    for car in cars:
        car.look_at_queue(queue[car.line], cars[car.line])


def build(cars: Sequence[ListedCar], backlog: Sequence[float], this: Round) -> list[float]:
    """Build for a round, line by line, into stock. Returns what was built of each car."""
    amounts = [0.0] * len(cars)
    for line in {car.line for car in cars}:
        members = [car for car in cars if car.line == line]
        built = build_on_line(
            [car.need(backlog[car.position]) for car in members],
            [car.reached_capacity(this) for car in members],
            cars[line].week_capacity * this.weeks,
        )
        for car, amount in zip(members, built, strict=True):
            car.stock += amount
            amounts[car.position] = amount
            car.supply.carried[car.position] = 0.0
    return amounts


@dataclass(frozen=True, slots=True)
class Deal:
    """One offer in one round, as a consumer meets it."""

    offer: int
    """position in the catalogue"""
    car: ListedCar
    section: Car
    channel: Channel
    plan: str
    word: int
    """the offer's address of luck"""
    price_cny: float
    """paid at the handover: car less discounts, plus the package"""
    cost_cny: float
    """the price, and the present value of having the battery under the plan"""
    weeks_saved: float
    rents_battery: bool
    cap_km: float | None
    """distance a month that the rent covers, where that is known"""
    overage_worth_cny: float
    """present value of one km a month above the cap"""
    appeal: float
    promise: float
    liking: tuple[float, ...]
    """of the channel, by profile"""
    sold_by: str | None
    """the platform whose channel it is"""


def deals(case: Case, catalogue: Catalogue, cars: Sequence[ListedCar], disclosed: set[str], week: int) -> list[Deal]:
    """Every offer at this moment; of plans not disclosed nobody knows the cap."""
    section = case.choice
    worth = annuity(section.discount_per_month, section.holding_months)
    profiles = [profile for _, profile in sorted(case.profiles.items())]
    words = catalogue.offer_keys.tolist()
    listed = []
    for position, offer in enumerate(catalogue.offers):
        car = cars[catalogue.car_index[offer.car]]
        channel, package, plan = case.channels[offer.channel], case.packages[offer.package], case.plans[offer.plan]
        promise, list_price = car.section.promise, car.price_cny - car.discount_cny
        pays = list_price - plan.discount_cny + package.price_cny
        expected_price = promise.reference_price_cny or car.section.price_cny
        is_capped = plan.cap_km_per_month and plan.overage_cny_per_km and offer.plan in disclosed
        listed.append(
            Deal(
                offer=position, car=car, section=car.section, channel=channel, plan=offer.plan, word=words[position],
                price_cny=pays, cost_cny=pays + battery_cost(plan, section.holding_months, section.discount_per_month),
                weeks_saved=package.search_weeks_saved, rents_battery=plan.rent_cny_per_month > 0.0,
                cap_km=plan.cap_km_per_month if is_capped else None,
                overage_worth_cny=plan.overage_cny_per_km * worth,
                appeal=car.appeal[week],
                promise=promise.expectation + promise.bargain * max(expected_price - list_price, 0.0) / 1e4,
                liking=tuple(profile.channels.get(offer.channel, 0.0) for profile in profiles),
                sold_by=channel.platform,
            )
        )  # fmt: skip
    return listed


def open_deals(listed: Sequence[Deal], day: int, forbidden: Set[int] = frozenset()) -> dict[int, list[Deal]]:
    """The deals that can be reserved or ordered on a day, by car; some offers are `forbidden` whatever the day."""
    by_car: dict[int, list[Deal]] = {}
    for deal in listed:
        if deal.car.opens_day <= day < deal.car.closes_day and deal.offer not in forbidden:
            by_car.setdefault(deal.car.position, []).append(deal)
    return by_car
