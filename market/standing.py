"""Standing: how each organisation stands week by week - trusted, blamed, defining cars, earning from owners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
GROUPS = {
    "trust": ("trust",), "blame": ("blame", "cause", "control"),
    "owners": ("aftermarket_cny", "closed_loop_share", "behind"),
}  # fmt: skip
"""Tables by profile, in groups that are worked out together; behind: effective consumers behind a closed-loop share."""
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names}


class Tables(Mapping[str, Floats]):
    """The tables of a standing by name; each is worked out when it is asked for."""

    def __init__(self, standing: Standing) -> None:
        """Ask this standing."""
        self._standing = standing

    def __getitem__(self, name: str) -> Floats:
        """One table."""
        return self._standing.table(name)

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(GROUP_OF)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(GROUP_OF)


class Standing:
    """All organisations week by week: arrays over (weeks, profiles and last all of them, organisations).

    A week is noted when it ends; what follows from the accounts of blame and owners is worked out when somebody asks.
    """

    def __init__(self, catalogue: Catalogue, kinds: Sequence[str], profiles: tuple[str, ...], weeks: int) -> None:
        """Make room for a run; `kinds` (organisations,) as the case states them."""
        self.catalogue, self.kinds, self.profiles = catalogue, kinds, (*profiles, ALL)
        cars, organisations = len(catalogue.cars), len(catalogue.organisations)
        shape = (weeks, len(profiles) + 1, organisations)
        self._tables = {name: np.full(shape, np.nan) for name in GROUP_OF}
        self._ratio, self._error, self._power = np.full((3, weeks, organisations), np.nan)
        self._trusted = np.full((weeks, len(profiles), organisations), np.nan)
        self._deliveries, self._households = np.zeros((weeks, cars)), np.zeros(len(profiles))
        self._definition = np.zeros((weeks, cars, organisations))
        self._involved = np.zeros((weeks, cars, organisations), bool)
        self._known = dict.fromkeys((*GROUPS, "ratio"), 0)
        """how many weeks of each group of tables are worked out"""
        self.weeks_written = 0
        self.by_profile: Mapping[str, Floats] = Tables(self)
        """`table` of every name"""

    def write(
        self, week: int, deliveries: Floats, trust: Trust, account: BlameAccount, owners: Owners, households: Floats
    ) -> None:
        """Note the end of a week: `deliveries` (cars,), `households` (profiles,) behind the consumers."""
        self._account, self._owners, self._households = account, owners.accounts, households
        self._trusted[week], self._deliveries[week] = trust.mean((week + 1) * DAYS), deliveries
        self._definition[week], self._involved[week] = self.catalogue.definition, owners.sides.involved
        self.weeks_written = week + 1

    def table(self, name: str) -> Floats:
        """One table: (weeks, profiles and all, organisations), NaN where there is nothing to say."""
        group = GROUP_OF[name]
        if weeks := self._new_weeks(group):
            getattr(self, f"_look_at_{group}")(weeks)
        return self._tables[name]

    @property
    def blame_to_control(self) -> Floats:
        """Blame received over blame due by control in the last 13 weeks: (weeks, organisations)."""
        self._look_at_ratios()
        return self._ratio

    @property
    def ratio_error(self) -> Floats:
        """Sampling error of that ratio: (weeks, organisations)."""
        self._look_at_ratios()
        return self._error

    @property
    def definition_power(self) -> Floats:
        """Sales-weighted share in the definition of all cars: (weeks, organisations)."""
        self._look_at_ratios()
        return self._power

    def _new_weeks(self, group: str) -> range:
        """The weeks that were written since a group of tables was last worked out."""
        weeks = range(self._known[group], self.weeks_written)
        self._known[group] = self.weeks_written
        return weeks

    def _look_at_trust(self, weeks: range) -> None:
        some, behind = slice(weeks.start, weeks.stop), np.where(self._households > 0.0, self._households, 0.0)
        trusted = self._trusted[some]
        self._tables["trust"][some, :-1] = trusted
        self._tables["trust"][some, -1] = behind @ np.where(np.isnan(trusted), 0.0, trusted) / behind.sum()

    def _look_at_blame(self, weeks: range) -> None:
        self._tables["blame"][weeks.start : weeks.stop, :-1] = self._account.by_profile[weeks.start : weeks.stop]
        for week in weeks:
            amounts = self._account.amounts(week)
            for name in GROUPS["blame"]:
                self._tables[name][week, -1] = getattr(amounts, name)

    def _look_at_owners(self, weeks: range) -> None:
        for week in weeks:
            closed_loop = self._owners.closed_loop(week, self._involved[week])
            for name, found in zip(GROUPS["owners"], (self._owners.aftermarket(week), *closed_loop), strict=True):
                self._tables[name][week] = found

    def _look_at_ratios(self) -> None:
        for week in self._new_weeks("ratio"):
            self._ratio[week], self._error[week] = self._account.ratio_to_control(week)
            self._power[week] = definition_power(self._definition[week], self._deliveries[week])

    def frame(self, start: date) -> pd.DataFrame:
        """One row per week, organisation and profile (and `all`): the columns of ORGANISATIONS_COLUMNS.

        Blame, cause and control are amounts in households: in rows of `all` their sums over rows give the ratios, and
        `blame_to_control` is that of the last 13 weeks. Cause and control are given for `all` only.
        """
        import pandas as pd

        weeks, profiles, organisations = self.table("trust")[: self.weeks_written].shape
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
            data[name] = self.table(name)[week, profile, organisation]
        for name in ("blame_to_control", "definition_power"):
            data[name] = np.where(is_all, getattr(self, name)[week, organisation], np.nan)
        return pd.DataFrame(data, columns=list(ORGANISATIONS_COLUMNS))
