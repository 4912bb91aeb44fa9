"""Standing: how each organisation stands week by week - trusted, blamed, defining cars, earning from owners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.catalogue import Catalogue
from market.people.owners import Owners
from market.people.trust import Trust
from market.roles import definition_power
from market.stories.blame_account import BlameAccount

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
ORGANISATIONS_COLUMNS = (
    "week", "date", "organisation", "kind", "profile", "trust", "blame", "cause", "control", "blame_to_control",
    "definition_power", "aftermarket_cny", "closed_loop_share",
)  # fmt: skip
ALL = "all"


class Standing:
    """Weekly snapshots of all organisations: arrays over (weeks, profiles and last all of them, organisations)."""

    def __init__(self, catalogue: Catalogue, kinds: Sequence[str], profiles: tuple[str, ...], weeks: int) -> None:
        """Make room for a run; `kinds` (organisations,) as the case states them."""
        self.catalogue, self.kinds, self.profiles = catalogue, kinds, (*profiles, ALL)
        shape = (weeks, len(profiles) + 1, len(catalogue.organisations))
        names = ("trust", "blame", "cause", "control", "aftermarket_cny", "closed_loop_share", "behind")
        self.by_profile = {name: np.full(shape, np.nan) for name in names}
        self.blame_to_control, self.ratio_error, self.definition_power = np.full((3, weeks, shape[2]), np.nan)
        self.weeks_written = 0

    def write(
        self, week: int, deliveries: Floats, trust: Trust, account: BlameAccount, owners: Owners, households: Floats
    ) -> None:
        """Take a snapshot at the end of a week: `deliveries` (cars,), `households` (profiles,) behind the consumers."""
        table = self.by_profile
        trusted, amounts = trust.mean((week + 1) * DAYS), account.amounts(week)
        behind = np.where(households > 0.0, households, 0.0)
        table["trust"][week, :-1] = trusted
        table["trust"][week, -1] = behind @ np.where(np.isnan(trusted), 0.0, trusted) / behind.sum()
        table["blame"][week, :-1] = account.by_profile[week]
        table["blame"][week, -1] = amounts.blame
        table["cause"][week, -1], table["control"][week, -1] = amounts.cause, amounts.control
        table["aftermarket_cny"][week] = owners.accounts.aftermarket(week)
        table["closed_loop_share"][week], table["behind"][week] = owners.accounts.closed_loop(
            week, owners.sides.involved
        )
        self.blame_to_control[week], self.ratio_error[week] = account.ratio_to_control(week)
        self.definition_power[week] = definition_power(self.catalogue.definition, deliveries)
        self.weeks_written = week + 1

    def frame(self, start: date) -> pd.DataFrame:
        """One row per week, organisation and profile (and `all`): the columns of ORGANISATIONS_COLUMNS.

        Blame, cause and control are amounts in households: in rows of `all` their sums over rows give the ratios, and
        `blame_to_control` is that of the last 13 weeks. Cause and control are given for `all` only.
        """
        import pandas as pd

        weeks, profiles, organisations = self.by_profile["trust"][: self.weeks_written].shape
        week, profile, organisation = (at.ravel() for at in np.indices((weeks, profiles, organisations)))
        is_all = profile == profiles - 1
        day = (np.datetime64(start, "D") + 7 * week.astype(np.int64)).astype("datetime64[ms]")

        def named(codes: NDArray[np.intp], names: Sequence[str]) -> pd.Categorical:
            return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype=object))

        kinds = sorted(set(self.kinds))
        kind = np.array([kinds.index(k) for k in self.kinds], np.intp)
        data: dict[str, object] = {
            "week": week.astype(np.int32),
            "date": day,
            "organisation": named(organisation, list(self.catalogue.organisations)),
            "kind": named(kind[organisation], kinds),
            "profile": named(profile, list(self.profiles)),
        }
        for name in ("trust", "blame", "cause", "control", "aftermarket_cny", "closed_loop_share"):
            data[name] = self.by_profile[name][week, profile, organisation]
        for name in ("blame_to_control", "definition_power"):
            data[name] = np.where(is_all, getattr(self, name)[week, organisation], np.nan)
        return pd.DataFrame(data, columns=list(ORGANISATIONS_COLUMNS))
