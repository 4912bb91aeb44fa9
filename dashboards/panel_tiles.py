"""The tiles: who defines, who is blamed beyond control, whose owners come back, where the profit is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards import series
from dashboards.panel_windows import asked_about, behind, ratio, whole, window
from market import Case


def tiles(case: Case, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Figures of one organisation and of the market, week by week: hundredths of a percent, and of a ratio.

    `definition` is definition power, `blame` the blame-to-control ratio with its standard error, `loop` the closed-loop
    share, all of the organisation `of`; `interface` is of the whole market. `behind` counts effective consumers.
    """
    weekly, who = found["market"], asked_about(case)
    weeks = len(weekly)
    everybody, judged = found["organisations"], found["judged"]
    of = everybody[(everybody["organisation"] == who) & (everybody["profile"] == "all")].sort_values("week")
    judged = judged[judged["organisation"] == who].sort_values("week")
    delivered = weekly["deliveries"].to_numpy(float)
    defined = window((of["definition_power"].fillna(0.0).to_numpy(float) * delivered)[:, None])[:, 0]
    money = window(found["weeks"][["interface_cny", "profit_cny"]].to_numpy(float))
    return {
        "of": who,
        "definition": whole(ratio(defined, window(delivered[:, None])[:, 0]), 1e4),
        "blame": whole(of["blame_to_control"].to_numpy(float), 100.0),
        "error": whole(judged["error"].to_numpy(float), 100.0),
        "loop": whole(of["closed_loop_share"].to_numpy(float), 1e4),
        "interface": whole(ratio(money[:, 0], money[:, 1]), 1e4),
        "behind": {
            "definition": whole(_definers(case, found["sales"], who, weeks)),
            "blame": whole(judged["behind"].to_numpy(float)),
            "loop": whole(judged["owners_behind"].fillna(0.0).to_numpy(float)),
        },
    }


def _definers(case: Case, sales: pd.DataFrame, who: str, weeks: int) -> series.Floats:
    """Effective consumers who took over a car that an organisation helped define, in 13 weeks: (weeks,)."""
    cars = series.sold(sales, "car", range(weeks))
    roles = series.by_role(cars, case, "definition")
    return behind(roles)[:, roles.ids.index(who)] if who in roles.ids else np.zeros(weeks)
