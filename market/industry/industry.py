"""The industry: what organisations decide at the start of a week, and the money that a week has moved.

It gathers the parts that decide - prices, traffic, capability, swap stations, programmes - and the accounts. The
market hands it facts and lets it write into the catalogue; it knows no stories.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.case import Case
from market.catalogue import Catalogue
from market.chance import Chance
from market.industry import price_review
from market.industry.accounts import Accounts
from market.industry.capability import Capability
from market.industry.customization import Customisation
from market.industry.decisions import Transitions
from market.industry.negotiation import Facts
from market.industry.price_review import Prices, Response
from market.industry.programmes import Redesign, Refusal
from market.industry.supply import Supply
from market.industry.swap_network import SwapNetwork
from market.industry.traffic import Traffic
from market.ledger import Flows
from market.organisations import TASKS
from market.people.demand import Demand
from market.people.owners import Owners
from market.people.trends import Trends

Floats = NDArray[np.float64]
QUARTER = 13
OWNER_LINES = {"care": "care", "accessories": "accessories", "finance": "insurance", "energy": "energy"}
"""What owners spend money on, and the line of the books that it is written to."""


class Industry:
    """All organisations at work. The market owns it."""

    def __init__(
        self, case: Case, chance: Chance, catalogue: Catalogue, supply: Supply, demand: Demand, owners: Owners,
        capability: Capability, household: Floats, households: float,
    ) -> None:  # fmt: skip
        """Begin with what the case states; `household` (strata,) are those behind a consumer, `households` all."""
        self.case, self.chance, self.catalogue, self.supply, self.demand = case, chance, catalogue, supply, demand
        self.owners, self.capability, self.household = owners, capability, household
        self.accounts = Accounts(
            catalogue, case.organisations, case.contracts, case.costs, case.calendar.start, case.calendar.weeks
        )
        self.transitions = Transitions(
            case.transition, tuple(catalogue.cars), catalogue.functions, catalogue.organisations
        )
        self.trends = Trends(case.profiles, case.platforms)
        self.traffic = Traffic(
            case.traffic, catalogue.cars, demand.memory.places, households, demand.memory.begins <= 0
        )
        self.prices = Prices(catalogue)
        self._tiers = np.array(list(case.population.by_tier().values()))
        self.swap = SwapNetwork(demand.coverage.T, self._tiers, case.swap_network)
        swapped = [(c, car.swap_operator) for c, car in enumerate(catalogue.cars.values()) if car.swap]
        served = [(c, operator) for c, operator in swapped if operator]
        self._operators = sorted({operator for _, operator in served})
        self._swapped = np.array([c for c, _ in served], np.intp)
        self._operator_of = np.array([self._operators.index(operator) for _, operator in served], np.intp)
        """(cars with an operator,) which it is"""
        self._coordination = np.array([car.coordination for car in catalogue.cars.values()])
        self.customisation = Customisation(
            chance, case.programmes, case.imitation, case.technology, case.calendar, catalogue, case.platforms,
            case.costs.unit_cost,
        )  # fmt: skip
        self._sample = price_review.fixed_sample(chance, case.population.consumers)
        self._use = demand.profiles.media_use
        self._sold = np.zeros((QUARTER, len(catalogue.cars)))
        self._built = np.zeros(len(catalogue.cars))
        self._settled: list[int] = []
        """weeks whose spending by owners is not in the books yet"""
        self.accounts.books.kept_by(self._catch_up)

    # ------------------------------------------------------------------------------------- the start of a week

    def decide(self, week: int, flows: Flows, backlog: Floats) -> list[Redesign | Refusal]:
        """Organisations look at the week before (`flows`; `backlog` (cars,)) and decide. Returns bargains and refusals.

        Whatever changes is written into the catalogue, the demand and the supply at once.
        """
        day, cars = week * DAYS, len(self.catalogue.cars)
        self._sold[week % QUARTER] = np.bincount(self.catalogue.car_of, flows.orders, cars)
        self.capability.learn(self._jobs(flows))
        self.owners.look(self.capability.now)
        self.demand.platform_of = self.owners.sides.platform
        self._open_stations(week)
        self._buy_traffic(week, day)
        self._review_prices(week, day, backlog)
        built, self._built = self.supply.built - self._built, self.supply.built.copy()
        choosers = float(self.case.population.market_size / self.case.population.horizon_weeks)
        facts = Facts(
            week, day, self.demand, self.household, choosers, flows.orders,
            np.bincount(self.catalogue.car_of, flows.deliveries, cars).astype(float), built, self.supply.capacity,
        )  # fmt: skip
        events = self.customisation.advance(facts)
        for event in events:
            if isinstance(event, Redesign):
                event.write(self.catalogue)
                self.accounts.unit_cost_cny[event.car] = self.case.costs.unit_cost * self.catalogue.price_cny[event.car]
                self.accounts.agree(event.car, event.platform, event.maker, event.transfer_cny)
                launch = self.catalogue.launch_day[event.car]
                self.demand.memory.begins[event.car] = min(self.demand.memory.begins[event.car], int(launch))
                self.demand.renew()
        return events

    def _jobs(self, flows: Flows) -> Floats:
        """What was done in the week before: care by the owners' account, deliveries by who hands over."""
        by_car = np.bincount(self.catalogue.car_of, flows.deliveries, len(self.catalogue.cars))
        delivered = self.accounts.holders("delivery").T @ (by_car[:, None] * self._tiers)
        jobs = self.owners.take_jobs()
        for task in ("delivery", "test_drive"):
            jobs[:, TASKS.index(task)] += delivered
        return jobs

    def _open_stations(self, week: int) -> None:
        """Operators open stations for those who rent a battery: more people can swap nearby."""
        if not self._operators or self.case.swap_network.per_week == 0.0:
            return
        renting = self.owners.subscriptions.by_car_and_tier()
        subscribers = np.zeros((len(self._operators), renting.shape[1]))
        np.add.at(subscribers, self._operator_of, renting[self._swapped])
        for operator, cny in zip(self._operators, self.swap.grow(subscribers), strict=True):
            self.accounts.stations(week, operator, float(cny))
        self.demand.coverage = self.swap.coverage().T.copy()

    def _buy_traffic(self, week: int, day: int) -> None:
        """Contacts are bought at this week's prices, from people who are where the trends have taken them."""
        profiles, memory = self.demand.profiles, self.demand.memory
        drifted = self.trends.media_use_at(float(week)) if self.trends.drift_per_year.any() else self._use
        profiles.media_use = drifted * self.owners.media_use()
        on_air = (memory.begins <= day) & (self.catalogue.closes_day > day)
        self.traffic.set_prices(week, self.trends.attention_at(float(week)), on_air)
        memory.rate = self.traffic.rate

    def _review_prices(self, week: int, day: int, backlog: Floats) -> None:
        """Makers whose policy says so review their list prices."""
        on_sale = self.catalogue.launched(day) & (self.catalogue.closes_day > day)
        if not (self.prices.due(week) & on_sale).any():
            return

        def response() -> Response:
            weight = self.household[self.demand.population.columns["stratum"][self._sample]]
            return price_review.expected_response(self.demand, self._sample, weight)

        self.catalogue.price_cny[:] = self.prices.review(
            week, self.catalogue, on_sale, self.supply.stock, backlog, self._sold.mean(axis=0),
            self.accounts.unit_cost_cny, response,
        )  # fmt: skip

    # --------------------------------------------------------------------------------------- the end of a week

    def settle(self, week: int, flows: Flows) -> None:
        """Write the money of a week into the books."""
        accounts, owners, cars = self.accounts, self.owners, len(self.catalogue.cars)
        accounts.hand_over(week, flows.deliveries, flows.revenue_cny)
        accounts.deposits(week, flows.orders, flows.deliveries, flows.cancellations - flows.forfeits, flows.forfeits)
        count = np.bincount(self.catalogue.car_of, flows.deliveries, cars)
        accounts.coordinate(week, self.case.responsibility.coordination_cny * self._coordination * count)
        rents = owners.rents(week)
        before = owners.subscriptions.households.sum(axis=(1, 2, 3))
        bought = owners.subscriptions.take_flows()["bought_out"]
        price = np.where(np.isfinite(owners.subscriptions.terms.price), owners.subscriptions.terms.price, 0.0)
        gone = bought.sum(axis=1)
        part = np.divide(gone, before + gone, out=np.zeros(cars), where=before + gone > 0.0)
        accounts.rents(week, rents.rent.sum(axis=(1, 2)), rents.overage.sum(axis=(1, 2)), bought @ price, part)
        bill = self.traffic.bill(week * DAYS, DAYS, self.demand.memory.begins, self.catalogue.closes_day)
        accounts.media(week, self.traffic.places, bill)
        self._settled.append(week)
        accounts.close(week, owners.owners())

    def _catch_up(self) -> None:
        """Somebody reads the books: what owners spent in weeks that are over is written, and all else."""
        settled, self._settled = np.array(self._settled, np.intp), []
        if len(settled):
            received = self.owners.accounts.spent[settled].sum(axis=3).swapaxes(0, 1)
            self.accounts.settlement.aftersales(settled, list(OWNER_LINES.values()), received[: len(OWNER_LINES)])
        self.accounts.settlement.write()
