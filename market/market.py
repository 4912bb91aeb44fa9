"""The market: a Mesa model whose week is a list of named acts."""

from __future__ import annotations

import copy
from typing import Self

import numpy as np
from numpy.typing import NDArray

from market import effects
from market.agenda import Agenda
from market.agents import agents_of
from market.calendar import DAYS, Clock, Round
from market.case import Case
from market.catalogue import Catalogue
from market.chance import Chance
from market.drift import wander
from market.engagement import engage
from market.happenings import Happening, TaxCliff
from market.industry.programmes import Redesign
from market.industry.supply import LONGEST_PROMISE_WEEKS, Supply
from market.ledger import Ledger
from market.opening import demand_of, draw_places, households_behind, open_market
from market.people import choice, consumers, network
from market.people.consumers import Consumer
from market.people.everyone import Populated, forget
from market.people.order_book import Handover, OrderBook
from market.people.owners import Failing
from market.people.profiles import Profiles
from market.people.search import NOBODY, Rows, Search
from market.people.trust import Trust
from market.stories.complaints import AT_VISITS


class Market(Populated):
    """One market: consumers, cars, channels and makers, week by week.

    Each week is cut into rounds at the days on which something happens (usually one round), and into days while a
    story lives. In every round (8-11 and 13 once a week, in its last round, looking back on all of it):

    1. `happen`: dated events from outside take effect
    2. `decide`: at the start of a week, organisations review prices, traffic, stations and programmes
    3. `announce`: prices and promised lead times are stated; attractiveness drifts
    4. `inform`: media contacts arrive and are forgotten, excitement cools
    5. `need_and_search`: needs arise, searches end, some decide on impulse
    6. `shop`: those who decide choose an offer or the outside good, or wait because of a story
    7. `move_on`: reservations, test drives, deposits, locked orders
    8. `build`: factories build, cars are assigned first come, first served
    9. `reconsider`: some who wait give up
    10. `hand_over`: the others get their cars
    11. `drive`: owners whose day of the year it is spend money, meet failures, and judge who serves them
    12. `spread`: stories spread for a day; whoever hears of one blames, trusts less, and may have a grievance
    13. `account`: at the end of a week complaints may become public, and books and ledger are written

    Within an act everybody moves at once on the state left by the act before (synchronous updating).
    """

    ACTS = (
        "happen", "decide", "announce", "inform", "need_and_search", "shop", "move_on", "build", "reconsider",
        "hand_over", "drive", "spread", "account",
    )  # fmt: skip
    AT_WEEKS_END = frozenset({"build", "reconsider", "hand_over", "drive", "account"})

    def __init__(self, case: Case | str = "jd-gac-catl", rng: int = 1) -> None:
        """Build the market of a case in its stationary week 0; `rng` is the seed of all its luck, a whole number."""
        if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
            raise TypeError(f"rng: {rng!r} was given; it must be a whole number, the seed of all luck")
        super().__init__(rng=int(rng) % 2**32)
        self.case = case = Case.load(case) if isinstance(case, str) else case
        self.chance = Chance(int(rng))
        self.week = 0
        self.clock = Clock(case.calendar)
        self.organisations = agents_of(self, case.organisations)
        self.catalogue = catalogue = Catalogue(
            case.cars, case.channels, case.packages, case.plans, list(case.organisations), case.calendar.start,
            case.functions,
        )  # fmt: skip
        self.supply = Supply(catalogue.cars)
        self.supply.fill_stock(catalogue.launched(0))
        self.ledger = Ledger(
            catalogue, tuple(sorted(case.profiles)), case.calendar.start, case.calendar.weeks, frozenset(case.platforms)
        )
        self.appeal = wander(self.chance, case.calendar, case.drift, catalogue.cars, catalogue.car_keys)
        """(weeks, cars) attractiveness beyond the attributes, in utility"""
        self.profiles = Profiles(case.profiles, case.platforms, case.choice.reference_budget_cny)
        place = draw_places(case, self.chance, self.profiles)
        self.consumers = self.populate(Consumer, case.population.consumers, **place)
        self.household, self.people_by_profile = households_behind(case, place)
        """(strata,) households that one consumer stands for, and (profiles,) all of them"""
        baseline = [case.organisations[key].trust for key in catalogue.organisations]
        self.trust = Trust(case.trust, baseline, len(self.consumers), self.people_by_profile)
        self.demand = demand_of(self)
        self.book = OrderBook(
            self.chance, self.consumers, self.profiles, catalogue, case.orders, case.ownership, self.household,
            self.record, self.clock, self.trust,
        )  # fmt: skip
        self.agenda = Agenda(case, catalogue)
        self.search = Search(
            self.chance, self.consumers, self.profiles, self.demand, self.clock, float(case.population.history_weeks)
        )
        self._deciding, self._handover = NOBODY, Handover(np.empty(0, np.intp), np.empty(0))
        self._stock = self._built = np.zeros(len(catalogue.cars))
        self.attention = 0.0
        """media contacts of an average consumer by bursts this week"""
        self._lead_weeks = self.supply.lead_weeks  # without friction
        engage(self)
        self.supply.lead_weeks = self._lead_weeks + self.partnership.lead_weeks(0.0)
        effects.announce_tax_cliffs(self)
        self._lay_out(0, 0, queues=True)
        open_market(self)

    def step(self) -> None:
        """Run one week. Raises RuntimeError after the last week of the calendar."""
        if self.week >= self.case.calendar.weeks:
            raise RuntimeError(f"the run ended after {self.week} weeks; build a case with more calendar.weeks to go on")
        self.opinion.week = self.week
        rounds = self.agenda.rounds(self.clock, self.week, stories_live=self.opinion.live)
        self.demand.look_around(keep=len(rounds) > 1, until=rounds[-1].market_time)
        for this in rounds:
            for act in self.ACTS:
                if act not in self.AT_WEEKS_END:
                    getattr(self, act)(this)
                elif this.ends_week:
                    getattr(self, act)(this.whole_week)
        self.demand.look_around(keep=False)
        self.week += 1

    def run(self, weeks: int | None = None) -> Self:
        """Run to the end of the calendar, or the given number of weeks."""
        left = self.case.calendar.weeks - self.week
        for _ in range(left if weeks is None else min(weeks, left)):
            self.step()
        return self

    def happen(self, this: Round) -> None:
        """Act 1: events of the first day of the round."""
        for happening in self.agenda.today(this.first_day):
            effects.apply(self, happening)
        self.agenda.end_promotions(this.first_day)

    def schedule(self, happening: Happening) -> None:
        """Add a happening to this market alone. Raises ValueError if its day has passed, or for what it names."""
        self.agenda.add(happening, self.week * DAYS)
        if isinstance(happening, TaxCliff):
            effects.announce_tax_cliff(self, happening, today=self.week * DAYS)

    def decide(self, this: Round) -> None:
        """Act 2: at the start of a week organisations look at the week before and decide."""
        if not this.begins_week:
            return
        for event in self.industry.decide(this.week, self.ledger.week(this.week - 1), self.book.line.backlog()):
            if isinstance(event, Redesign):
                self.partnership.look()
                self.agenda.refresh()
            effects.chronicle_bargain(self, event, this.first_day)
        self.supply.lead_weeks = self._lead_weeks + self.partnership.lead_weeks(this.first_day)

    def announce(self, this: Round) -> None:
        """Act 3: what is on offer in this round, at which price and lead time; queues are looked at once a week."""
        if this.begins_week or self.agenda.cuts(this.first_day):
            self._lay_out(this.week, this.first_day, queues=this.begins_week)

    def _lay_out(self, week: int, day: int, queues: bool) -> None:
        """Offers as they are on a day; what an exclusive contract forbids cannot be had."""
        if queues:
            self._queue_weeks = self.supply.promised_weeks(self.book.line.backlog(), np.zeros_like(self.supply.stock))
        monday, launch = week * DAYS, self.catalogue.launch_day
        until_launch = np.where(launch > day, launch - monday, 0) / DAYS
        self.promised_weeks = np.minimum(self._queue_weeks + until_launch, LONGEST_PROMISE_WEEKS)
        self.demand.week = week
        self.demand.lay_out(self.appeal[week], self.promised_weeks, day)
        self.demand.open &= self.industry.accounts.open_to_others(monday)

    def inform(self, this: Round) -> None:
        """Act 4: media contacts arrive and are forgotten."""
        if this.begins_week:
            self.demand.memory.pass_week(this.week)
        self.demand.memory.cool(this.days)

    def need_and_search(self, this: Round) -> None:
        """Act 5: who needs a car begins to search; whose search is over, or who is carried away, decides."""
        self._deciding = self.search.pass_time(this, self.catalogue.launched(this.first_day))

    def shop(self, this: Round) -> None:
        """Act 6: those who decide choose among the offers they know and the outside good, or wait."""
        if len(self._deciding.rows) == 0:
            return
        (rows, at, _), decisions = self._deciding, self.demand.choose(self._deciding.rows)
        unmoved = self.search.search_on(self._deciding, decisions.offer)
        if unmoved.any():
            rows, at, decisions = rows[~unmoved], at[~unmoved], decisions.only(~unmoved)
        column, week = self.consumers.columns, this.week
        self.opinion.count_lost(rows, decisions)
        waits = self.opinion.hold_back(rows, decisions.offer)
        if waits.any():
            column["due"][rows[waits]] = self.clock.market_time(at[waits].astype(float) + self.case.deferral.weeks)
            rows, at, decisions = rows[~waits], at[~waits], decisions.only(~waits)
        column["due"][rows] = consumers.NEVER
        outside = decisions.offer == choice.OUTSIDE
        self._buy_outside(rows[outside], at[outside], week)
        stay = ~outside
        self.book.enter(
            rows[stay], decisions.offer[stay], decisions.margin[stay], at[stay], self.promised_weeks.astype(np.float32),
            self.demand.offers.price_cny, self.catalogue.launched(this.first_day),
        )  # fmt: skip

    def _buy_outside(self, rows: Rows, at: NDArray[np.float32], week: int) -> None:
        """Some buy another car, at given times (weeks): their need is over."""
        if len(rows) == 0:
            return
        column = self.consumers.columns
        self.ledger.outside[week] += self.book.weight(rows).sum()
        self.owners.leave(rows, week)
        self.panel.record(week, "outside", rows)
        column["car"][rows], column["car_week"][rows], column["satisfaction"][rows] = -1, week, 0.0
        self.book.settle(rows, self.clock.market_time(at))

    def move_on(self, this: Round) -> None:
        """Act 7: the path from reservation to locked order."""
        launched = self.catalogue.launched(this.first_day)
        drives = self.supply.test_drive_credit + self.supply.test_drives * this.begins_week
        self.supply.test_drive_credit = self.book.move_on(this, drives, launched)

    def build(self, this: Round) -> None:
        """Act 8: lines build; cars in stock and cars just built are assigned, first come, first served."""
        self._stock, weeks_on_sale = self.supply.stock, (this.first_day - self.catalogue.launch_day) / DAYS
        self._built = self.supply.produce(self.book.line.backlog(), weeks_on_sale, this.weeks)
        self._assign(this)

    def _assign(self, this: Round) -> None:
        car = self.supply.lead_weeks, self.catalogue.launched(this.last_day)
        self._handover = self.book.handovers(this, self._stock, self._built, *car)

    def reconsider(self, this: Round) -> None:
        """Act 9: some who wait give up, at the latest when their car is there; those behind them move up."""
        if self.book.reconsider(this, self._handover):
            self._assign(this)

    def hand_over(self, this: Round) -> None:
        """Act 10: cars are handed over; whoever waited longer than promised trusts less."""
        rows, column = self.book.waiting[self._handover.position], self.consumers.columns
        offer, late = column["offer"][rows].astype(np.intp), self._handover.at - column["promised"][rows]
        self.supply.stock = self.supply.stock - self.book.hand_over(self._handover, len(self.catalogue.cars))
        self.owners.deliver(rows, offer, self._handover.at, this.week)
        self.judgement.arrive_late(rows, self.catalogue.car_of[offer], late, this.first_day + this.days)

    def drive(self, this: Round) -> None:
        """Act 11: owners whose day of the year it is are visited."""
        rates, hurt = self.complaints.own(this.first_day, self.capability.now)
        failing = Failing(AT_VISITS, rates, hurt, self.case.orders.grievance_half_life_weeks)
        deviation = None if self.trust.at_rest else lambda rows: self.trust.deviation(rows, this.first_day + this.days)
        visits = self.owners.visit(this.first_day, this.days, failing, deviation)
        self.panel.visit(this.week, visits, AT_VISITS, self.owners.sides.share)
        self.judgement.meet_failures(visits, AT_VISITS, this.first_day + this.days)

    def spread(self, this: Round) -> None:
        """Act 12: a day of news."""
        if self.opinion.live:
            self.opinion.spread(this, self.agenda.awaited(this.first_day))

    def account(self, this: Round) -> None:
        """Act 13: at the end of a week, complaints become public and the week is written down."""
        in_market, backlog = self.search.in_market(self.household), float(self.book.line.backlog().sum())
        contacts = self.demand.memory.contacts_per_week(this.week) + self.attention + self.opinion.take_attention()
        self.attention = 0.0
        exposed = self.complaints.exposed(self.book, self.owners, this.now)
        rates = self.complaints.rates(this.first_day, self.capability.now)
        for outbreak in self.complaints.week(this.week, rates, exposed):
            self.opinion.break_out(outbreak, (this.week + 1) * DAYS)
        self.industry.settle(this.week, self.ledger.week(this.week))
        sold = self.ledger.delivered(this.week)
        self.standing.write(this.week, sold, self.trust, self.opinion.account, self.owners, self.people_by_profile)
        self.ledger.close_week(this.week, in_market, backlog, contacts, self.catalogue.launched(this.last_day))

    def record(
        self, flow: str, rows: Rows, offer: NDArray[np.integer], forfeits: NDArray[np.bool_] | None = None
    ) -> None:
        """Write a flow of consumers, and what becomes of their deposits, into the ledger of this week."""
        column, weight = self.consumers.columns, self.book.weight(rows)
        price = column["price"][rows] if flow == "deliveries" else None
        self.ledger.record(flow, self.week, offer, column["profile"][rows], weight, price)
        self.ledger.record_deposits(flow, self.week, offer, weight, forfeits)
        self.panel.follow(self.week, flow, rows, offer, column["price"][rows])

    # ------------------------------------------------------------------------------------------ copies and the end

    def fork(self) -> Self:
        """A market that continues from here on its own, with the same luck; what never changes is shared."""
        return copy.deepcopy(self)

    def go_on_as(self, case: Case) -> Self:
        """Go on with what lies ahead in another case, which has been the same so far; see `agenda.same_until`."""
        self.case = case
        self.agenda.turn_to(case)
        return self

    def close(self) -> None:
        """Free the memory: the market cannot run on, its ledger can still be read."""
        self.industry.accounts.books.finish()
        self.consumers.columns.clear()
        for part in (self.trust, self.owners, self.opinion):
            part.forget()
        self.demand.acquaintances = self.demand.followees = network.Network.directed(0, [], [])
        self.remove_all_agents()
        forget(self)
