"""Engagement: organisations and the public are put to work around the consumers of a market that is being built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from market.chronicle import Events, Panel
from market.industry.capability import Capability
from market.industry.industry import Industry
from market.people.owners import Horizon, Owners
from market.standing import Standing
from market.stories.answers import Alliances
from market.stories.blame_account import BlameAccount
from market.stories.complaints import Complaints
from market.stories.judgement import Judgement
from market.stories.opinion import Opinion
from market.stories.partnership import Partnership

if TYPE_CHECKING:
    from market.market import Market


def engage(market: Market) -> None:
    """Give a market its owners, its industry and its public, all in the state of the first day."""
    case, chance, catalogue, profiles = market.case, market.chance, market.catalogue, market.profiles
    market.capability = Capability(case.organisations, list(case.population.by_tier()), case.capability_learning)
    market.owners = Owners(
        chance, market.consumers, profiles, catalogue, case.aftersales, market.household,
        Horizon(case.choice.holding_months, case.choice.discount_per_month), case.calendar.weeks, case.platforms,
        market.capability.now,
    )  # fmt: skip
    market.demand.platform_of = market.owners.sides.platform
    market.industry = Industry(
        case, chance, catalogue, market.supply, market.demand, market.owners, market.capability, market.household,
        float(market.people_by_profile.sum()),
    )  # fmt: skip
    market.partnership = Partnership(
        catalogue, case.responsibility, case.failures, market.industry.transitions,
        Alliances(case.alliance, len(catalogue.cars)),
    )  # fmt: skip
    market.complaints = Complaints(case, chance, catalogue, market.partnership)
    market.events = Events()
    focal = None if case.focal_car is None else catalogue.car_index[case.focal_car]
    column = market.consumers.columns["profile"]
    market.panel = Panel(catalogue, profiles.keys, column, chance=chance, focal=focal)
    account = BlameAccount(case.calendar.weeks, len(catalogue.cars), len(catalogue.organisations), len(profiles.keys))
    market.judgement = Judgement(
        case, chance, catalogue, market.consumers, profiles, market.demand, market.trust, market.partnership,
        market.household, account, market.book, market.supply,
    )  # fmt: skip
    market.opinion = Opinion(market.judgement, market.events, market.panel)
    kinds = [case.organisations[key].kind for key in catalogue.organisations]
    market.standing = Standing(catalogue, kinds, profiles.keys, case.calendar.weeks)
    market.ledger.engage(
        market.industry.accounts.books, market.standing, market.events, market.panel, case.responsibility.interface
    )
