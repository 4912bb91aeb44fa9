"""What the tiles and the panels under the chart show, as compact series that the browser plays.

`tables` takes what is needed out of a market; everything else here and in the `panel_` modules is a pure function of
the case and these tables. Figures cover the 13 weeks that end with the week of the play-head, unless they are said to
be of one week or cumulated. Numbers travel as whole numbers of a small unit, to be short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards import panel_blame, panel_customising, panel_flow, panel_money, panel_tiles
from market import Case, Market
from market.industry.programmes import proposal_table

Tables = Mapping[str, pd.DataFrame]


def tables(market: Market) -> dict[str, pd.DataFrame]:
    """What a market has written so far: the ledger's tables, and what stands beside them.

    Beside them: `judged`, the consumers behind blame and closed-loop share by organisation; `weeks`, misattribution
    and profit; `assets`, what organisations gained by assets that gain or lose value; `people`, households by
    profile; `proposals`, of cars.
    """
    ledger, account = market.ledger, market.opinion.account
    weeks, books = range(ledger.weeks_written), ledger.books
    error = [account.ratio_to_control(week).error for week in weeks]
    behind = [account.behind(week)[0] for week in weeks]
    owners = ledger.standing.by_profile["behind"][: len(weeks), -1]
    at_interface = [function in ledger.interface for function in books.functions]
    earned = books.by_function[: len(weeks)].sum(axis=1)
    week, car, organisation = books.asset_gain[: len(weeks)].nonzero()
    cars = (*books.cars, "")
    return {
        "sales": ledger.sales(),
        "organisations": ledger.organisations(),
        "finance": ledger.finance(),
        "market": ledger.market(),
        "events": ledger.events(),
        "judged": pd.DataFrame(
            {
                "week": np.repeat(np.arange(len(weeks)), len(books.organisations)),
                "organisation": [*books.organisations] * len(weeks),
                "error": np.ravel(error),
                "behind": np.ravel(behind),
                "owners_behind": np.ravel(owners),
            }
        ),
        "weeks": pd.DataFrame(
            {
                "misattribution": [account.misattribution_of_all(week) for week in weeks],
                "interface_cny": earned[:, at_interface].sum(axis=1),
                "profit_cny": earned.sum(axis=1),
            }
        ),
        "assets": pd.DataFrame(
            {
                "week": week,
                "car": [cars[i] for i in car],
                "organisation": [books.organisations[i] for i in organisation],
                "cny": books.asset_gain[week, car, organisation],
            }
        ),
        "people": pd.DataFrame({"profile": ledger.profiles, "households": market.people_by_profile}),
        "proposals": proposal_table(market.industry.customisation.proposals),
    }


def compact(case: Case, found: Tables) -> dict[str, Any]:
    """All panels of a market, ready to be written as JSON: see the `panel_` modules for each."""
    return {
        "tiles": panel_tiles.tiles(case, found),
        "flow": panel_flow.flow(case, found["sales"], len(found["market"])),
        "blame": panel_blame.blame(case, found),
        "money": panel_money.money(case, found),
        "customising": panel_customising.customising(case, found),
    }
