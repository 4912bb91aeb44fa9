"""The organisations of the reference market: those of a market that has been opened, told of plain consumers.

What belongs to few organisations is not written twice: books, contracts, prices, traffic, programmes, capability, swap
stations, partnerships, the luck of firestorms, and the accounts in which all this is written down are the market's
own. What they know of consumers - who owns, rents, was served, trusts - is counted here from the plain ones, one by
one, where the market keeps running totals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.reference.cars import ListedCar
from experiments.reference.owner import Visit
from market import effects
from market.calendar import DAYS
from market.catalogue import Catalogue
from market.happenings import FailureKind
from market.industry.programmes import Redesign
from market.ledger import Flows, Ledger
from market.market import Market
from market.organisations import TASKS
from market.people.aftersales import CARE, CATEGORIES, NOBODY, SIDES
from market.people.orders import MOMENT, ORDERED
from market.people.owner_accounts import tally
from market.people.sides import role_of
from market.people.subscriptions import Flow
from market.people.trust import Trust
from market.stories.complaints import AT_VISITS, Exposed
from market.stories.firestorm import Outbreak

if TYPE_CHECKING:
    from experiments.reference.consumer import Consumer

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
TASK_OF = {"care": "care", "accessories": "film_accessories"}
COPIED = (
    "stage", "spell", "due", "offer", "since", "exposed", "promised", "patience", "margin", "car", "car_week", "driven",
    "driven_week", "price", "owned", "provider", "grievance", "grieved", "satisfaction",
)  # fmt: skip


class TrustOfPeople(Trust):
    """Trust as organisations and tables ask for it, read from plain consumers."""

    def __init__(self, of: Trust, people: Sequence[Consumer]) -> None:
        """Nothing is stored here."""
        super().__init__(of.section, of.baseline, 0, of.households, on=False)
        self.people = people

    @property
    def at_rest(self) -> bool:
        """Whether nothing has ever moved anybody's trust."""
        return not any(person.deviations for person in self.people)

    def deviation(self, rows: Rows, day: float) -> NDArray[np.float32]:
        """Trust less its baseline on a day: (rows, organisations)."""
        table = [list(self.people[row].deviation(int(day)).values()) for row in rows.tolist()]
        return np.array(table, np.float32).reshape(len(rows), len(self.baseline))

    def mean(self, day: float) -> Floats:
        """Mean trust over the households of each profile: (profiles, organisations)."""
        total = np.zeros((len(self.households), len(self.baseline)))
        for person in self.people:
            if person.deviations:
                total[person.profile] += person.weight * np.array(list(person.deviation(int(day)).values()))
        behind = self.households[:, None]
        return self.baseline + np.divide(total, behind, out=np.full_like(total, np.nan), where=behind > 0.0)


class Companies:
    """All organisations; the market `opening` is never stepped, its consumers are only what organisations look at."""

    def __init__(self, opening: Market, people: Sequence[Consumer], cars: Sequence[ListedCar]) -> None:
        """Take over the organisations of a market that has just been opened."""
        self.opening, self.people, self.cars = opening, people, cars
        self.catalogue: Catalogue = opening.catalogue
        self.case, self.industry, self.owners = opening.case, opening.industry, opening.owners
        self.partnership, self.complaints = opening.partnership, opening.complaints
        self.trust = opening.trust = opening.demand.trust = TrustOfPeople(opening.trust, people)
        self.account = opening.judgement.account
        listed = opening.catalogue.cars.values()
        self.operators = sorted({car.swap_operator for car in listed if car.swap and car.swap_operator})
        self.replaced: list[tuple[int, int, float, bool]] = []
        """car given up, profile, households and whether the brand stays, since last written down"""
        self.hurt: dict[FailureKind, float] = {}
        self._own_rates: Floats = np.zeros((len(cars), len(AT_VISITS)))

    def engage(self, ledger: Ledger) -> None:
        """Let a ledger read what organisations write down."""
        ledger.engage(
            self.industry.accounts.books, self.opening.standing, self.opening.events, self.opening.panel,
            self.case.responsibility.interface,
        )  # fmt: skip

    # ---------------------------------------------------------------------------------------- what consumers ask for

    def table(self, row: NDArray[np.floating]) -> dict[str, float]:
        """A row over organisations by name."""
        return dict(zip(self.catalogue.organisations, row.tolist(), strict=True))

    def contribution(self, car: int, kind: FailureKind) -> dict[str, float]:
        """Assumed contribution to a failure, from the roles."""
        return self.table(self.partnership.contribution(car, kind))

    def side(self, car: int, side: int) -> dict[str, float]:
        """Who stands on a side of a car when it is cared for."""
        return self.table(self.owners.sides.share[CARE, car, side])

    def near(self, car: int, tier: int, category: int, side: int) -> float | None:
        """What a side can do in a city tier, None where it is absent."""
        able = float(self.owners.sides.near[car, tier, category, side])
        return None if math.isnan(able) else able

    def is_outsider(self, car: int) -> bool:
        """Whether the platform that could care for a car has no role in it."""
        sides = self.owners.sides
        return bool(sides.platform[car] >= 0 and not sides.involved[car, sides.platform[car]])

    def forbidden(self, day: int) -> set[int]:
        """Offers that no channel has any more, or that an exclusive contract forbids."""
        accounts = self.industry.accounts
        allowed = accounts.agreements.open_to_others(day, accounts.holders("sales")) & ~self.catalogue.closed
        return set(np.flatnonzero(~allowed).tolist())

    def day_of(self, at: float) -> int:
        """The day of the run that a time in weeks belongs to; within a moment of midnight it is the day to come."""
        return math.floor((at + MOMENT) * DAYS)

    def swap_coverage(self, car: int, tier: int) -> float:
        """Whether a swap station for a car is near, 0-1, in a city tier."""
        section = self.cars[car].section
        if not section.swap or section.swap_operator is None:
            return 0.0
        return float(self.opening.demand.coverage[tier, self.operators.index(section.swap_operator)])

    def packager(self, offer: int) -> str:
        """The side that provides the package of an offer; nobody for none."""
        side = NOBODY if offer < 0 else int(self.owners.sides.packaged[offer])
        return "" if side == NOBODY else SIDES[side - 1]

    def platform_of(self, car: int) -> str | None:
        """The platform on whose side a car is cared for."""
        at = int(self.owners.sides.platform[car])
        return None if at < 0 else self.catalogue.organisations[at]

    def own_rate(self, car: int, kind: FailureKind) -> float:
        """How often a year a kind of failure meets an owner himself, today."""
        return float(self._own_rates[car, AT_VISITS.index(kind)])

    def look_at_failures(self, day: int) -> None:
        """Note today's rates of the failures that owners meet themselves, and what each means to them."""
        self._own_rates, hurt = self.complaints.own(day, self.opening.capability.now)
        self.hurt = dict(zip(AT_VISITS, hurt.tolist(), strict=True))

    # ---------------------------------------------------------------------------------------------- what they are told

    def subscribed(self, flow: Flow, offer: int, households: float) -> None:
        """A subscription of a battery has begun, ended or been bought out."""
        car, plan = self.catalogue.car_of[offer], self.catalogue.plan_of[offer]
        self.owners.subscriptions.flows[flow][car, plan] += households

    def write_down(self, week: int, visits: Sequence[Visit]) -> None:
        """Account for visits, and for the cars that were replaced."""
        accounts, catalogue = self.owners.accounts, self.catalogue
        for before, of, behind, stays in self.replaced:
            brand = np.array([catalogue.brand_of_car[before]])
            accounts.replace(week, brand, np.array([of]), np.array([behind]), np.array([stays]))
        self.replaced.clear()
        if not visits:
            return
        car, profile, weight = self._columns([(v.car, v.owner.profile, v.owner.weight) for v in visits])
        accounts.visit(week, car, profile, weight, np.array([v.years for v in visits]))
        shape = (len(self.cars), len(self.opening.profiles.keys), len(SIDES))
        for c, category in enumerate(CATEGORIES):
            sides, cny = np.array([v.providers[c] - 1 for v in visits]), np.array([v.cny[c] for v in visits])
            spent = tally(shape, (car, profile, sides), weight * cny)
            accounts.spend(week, category, spent, self.owners.sides.share[c])
        last, now = np.array([v.last for v in visits]), np.array([v.providers[CARE] for v in visits])
        among = (shape[0], shape[1], len(SIDES) + 1, len(SIDES) + 1)
        flow = tally(among, (car, profile, last, now), weight)
        accounts.care(week, flow, self.owners.sides.share[CARE])
        self._teach(visits)
        self._sell_batteries(week, [v for v in visits if v.bought_out >= 0], shape[:2])

    def _columns(self, entries: Sequence[tuple[int, int, float]]) -> tuple[Rows, Rows, Floats]:
        car, profile, weight = zip(*entries, strict=True)
        return np.array(car, np.intp), np.array(profile, np.intp), np.array(weight, float)

    def _teach(self, visits: Sequence[Visit]) -> None:
        """Those who served learn from it."""
        jobs, sides = self.owners.jobs, self.owners.sides
        service = role_of(self.catalogue, "service")
        for visit in visits:
            tier, weight = visit.owner.tier, visit.owner.weight
            for category, task in TASK_OF.items():
                c = CATEGORIES.index(category)
                served = sides.share[c, visit.car, visit.providers[c] - 1]
                jobs[:, TASKS.index(task), tier] += weight * served
            if "quality_defect" in visit.failed:
                jobs[:, TASKS.index("warranty_repair"), tier] += weight * service[visit.car]

    def _sell_batteries(self, week: int, visits: Sequence[Visit], shape: tuple[int, ...]) -> None:
        if visits:
            price = self.owners.subscriptions.terms.price
            cells = self._columns([(v.car, v.owner.profile, v.owner.weight * price[v.bought_out]) for v in visits])
            cny, holder = tally(shape, cells[:2], cells[2]), role_of(self.catalogue, "battery")
            self.owners.accounts.spend(week, "battery", cny[:, :, None], holder[:, None, :])

    # --------------------------------------------------------------------------------------------- what they look at

    def look(self) -> None:
        """Count owners and subscribers, and see every consumer, stock and campaign as they are now."""
        opening, column = self.opening, self.opening.consumers.columns
        for name in COPIED:
            column[name][:] = [getattr(person, name) for person in self.people]
        column["tried"][:] = [sum(1 << car for car in person.tried) for person in self.people]
        for car in self.cars:
            opening.supply.stock[car.position] = car.stock
            opening.demand.memory.contacts[:, car.position] = car.contacts
        self._count_owners()

    def _count_owners(self) -> None:
        owners, catalogue = self.owners, self.catalogue
        owners.cared[:] = 0.0
        totals = owners.subscriptions
        totals.households[:], totals.overage_cny_per_month[:] = 0.0, 0.0
        for person in self.people:
            if person.drives >= 0:
                owners.cared[person.drives, person.profile, person.provider] += person.weight
            if person.renting:
                plan = int(catalogue.plan_of[person.owned])
                car, terms = int(catalogue.car_of[person.owned]), list(catalogue.plans.values())[plan]
                beyond = max(person.tastes["km_per_month"] - (terms.cap_km_per_month or math.inf), 0.0)
                totals.households[car, plan, person.tier, person.profile] += person.weight
                overage = person.weight * beyond * terms.overage_cny_per_km
                totals.overage_cny_per_month[car, plan, person.profile] += overage

    def lay_out(self, week: int, day: int) -> None:
        """Keep the offers that forecasts of demand are made of up to date."""
        demand = self.opening.demand
        demand.week = week
        promised = np.array([car.promised_weeks for car in self.cars])
        demand.lay_out(np.array([car.appeal[week] for car in self.cars]), promised, day)

    # --------------------------------------------------------------------------------------------------- what they do

    def decide(self, week: int, day: int, flows: Flows, backlog: Sequence[float]) -> None:
        """Review prices, traffic, stations and programmes at the start of a week."""
        self.look()
        for event in self.industry.decide(week, flows, np.array(backlog)):
            if isinstance(event, Redesign):
                self.partnership.look()
            effects.chronicle_bargain(self.opening, event, day)

    def outbreaks(self, week: int, day: int, now: float, waiting: Sequence[Consumer]) -> list[Outbreak]:
        """Complaints of a week that become public."""
        self.look()
        orders, late = np.zeros((2, len(self.cars)))
        by_offer = np.zeros(len(self.catalogue.offers))
        for person in waiting:
            if person.stage >= ORDERED:
                car = self.catalogue.car_of[person.offer]
                orders[car] += person.weight
                late[car] += person.weight * (person.promised < now)
                by_offer[person.offer] += person.weight
        exposed = Exposed(self.owners.owners(), orders, late, *self.owners.renters(by_offer))
        rates = self.complaints.rates(day, self.opening.capability.now)
        return self.complaints.week(week, rates, exposed)

    def settle(self, week: int, flows: Flows) -> None:
        """Write down the money of a week, and how everybody stands."""
        self.industry.settle(week, flows)
        sold = np.bincount(self.catalogue.car_of, flows.deliveries, len(self.cars))
        self.opening.standing.write(week, sold, self.trust, self.account, self.owners, self.opening.people_by_profile)
