"""Sales by month and model, as a file of the user lists them: about the top twenty of each month, the rest in one row.

A model that a month does not list is not known to have sold nothing: it sold less than the smallest that is listed.
So it is *censored* there, and every figure of a brand is a lower bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from experiments.sales.tables import WHOLE, Table, month, month_after, months_between, number
from market import CaseError, Fault

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("month", "brand", "model", "units")
TOTALS = ("month", "bev_total")
OTHER = "other"
"""The brand of the row that holds what is not listed by model."""
MOST_UNITS = 1e9
ROUNDING = 0.001
"""By which the rows of a month may pass the market's total: both are rounded."""


class Model(NamedTuple):
    """A model as sales files name it."""

    brand: str
    model: str


@dataclass(frozen=True)
class Sales:
    """Sales of a market: `table` has columns month, brand, model, units, without the rows of what is not listed.

    `total` is the market by month, in cars; months are in order and without a gap.
    """

    table: pd.DataFrame
    total: pd.Series[float]

    @classmethod
    def read(cls, sales_csv: Path | str, totals_csv: Path | str | None = None) -> Self:
        """Read a file with month, brand, model, units, and the market's totals (month, bev_total) from another.

        Without totals a month is as large as its rows together, with the row whose brand is `other`. Raises CaseError
        naming every fault.
        """
        found = Table(Path(sales_csv), "--sales", COLUMNS)
        rows = found.frame({"month": month, "units": number(0.0, MOST_UNITS, "units")})
        other = rows["brand"] == OTHER
        for line in rows.index[~other & ((rows["brand"] == "") | (rows["model"] == ""))]:
            found.say(line, "a row without a brand or a model", f"name both, or give the brand {OTHER}")
        named = rows.where(~other, rows.assign(model=""))
        for line in rows.index[named.duplicated(["month", "brand", "model"])]:
            found.say(line, "says a month and model a second time", "keep one of the rows")
        seen = sorted(set(rows["month"][~other]))
        if not seen:
            found.say(WHOLE, "no model in any month", "list some models")
        else:
            _no_gap(found, sorted(set(rows["month"])))
            _some_model(found, rows, seen)
        found.settle()
        total = rows.groupby("month")["units"].sum()
        if totals_csv is not None:
            total = _totals(Path(totals_csv), total)
        listed = rows[~other & (rows["units"] > 0.0)].sort_values(["month", "units"], ascending=[True, False])
        return cls(listed.reset_index(drop=True), total.astype(float).rename("units"))

    @property
    def months(self) -> tuple[str, ...]:
        """All months, in order, as 2025-01."""
        return tuple(self.total.index)

    def models(self) -> tuple[Model, ...]:
        """Every model that some month lists, the first listed first."""
        pairs = self.table[["brand", "model"]].drop_duplicates()
        return tuple(Model(*pair) for pair in pairs.itertuples(index=False, name=None))

    def listed(self, of: str) -> dict[Model, float]:
        """Units of the models that a month lists, most first."""
        return dict(self._listed.get(of, {}))

    @cached_property
    def _listed(self) -> dict[str, dict[Model, float]]:
        found: dict[str, dict[Model, float]] = {}
        for of, brand, model, units in self.table[list(COLUMNS)].itertuples(index=False, name=None):
            found.setdefault(of, {})[Model(brand, model)] = float(units)
        return found

    def smallest(self, of: str) -> float:
        """Units of the smallest model that a month lists: who is not listed sold less."""
        return min(self.listed(of).values())

    def shares(self, of: str) -> dict[Model, float]:
        """Share of the whole market of each model that a month lists."""
        return {model: units / float(self.total[of]) for model, units in self.listed(of).items()}

    def brand_shares(self, of: str) -> dict[str, float]:
        """Share of the whole market that the listed models of each brand have together: a lower bound."""
        found: dict[str, float] = {}
        for model, share in self.shares(of).items():
            found[model.brand] = found.get(model.brand, 0.0) + share
        return found

    def units(self) -> pd.DataFrame:
        """Units by month (rows) and model (columns, brand and model); NaN where a model is not listed."""
        wide = self.table.pivot_table(index="month", columns=["brand", "model"], values="units")
        return wide.reindex(index=list(self.months), columns=list(self.models()))

    def first_listed(self) -> dict[Model, str]:
        """The first month that lists each model."""
        first = self.table.groupby(["brand", "model"])["month"].min()
        return {model: str(first[model]) for model in self.models()}

    def until(self, last: str) -> Sales:
        """What was known at the end of a month. Raises CaseError if the file does not reach it."""
        if last not in self.total.index:
            given = f"given {last}"
            allowed = f"allowed: a month from {self.months[0]} to {self.months[-1]}, which the sales file covers"
            raise CaseError([Fault("--until", given, allowed, "choose one of these")])
        return Sales(self.table[self.table["month"] <= last], self.total[self.total.index <= last])

    def since(self, first: str) -> Sales:
        """The months from one on."""
        return Sales(self.table[self.table["month"] >= first], self.total[self.total.index >= first])


def _no_gap(found: Table, months: list[str]) -> None:
    """Months follow each other: a missing one would be read as a month without sales."""
    for before, after in pairwise(months):
        if months_between(before, after) > 1:
            first, last = month_after(before), month_after(after, -1)
            missing = first if first == last else f"{first} to {last}"
            found.say(WHOLE, f"no rows of {missing}", "add what is missing")


def _some_model(found: Table, rows: pd.DataFrame, seen: list[str]) -> None:
    """Each month lists a model that sold: else nothing is known of who is not listed."""
    sold = set(rows["month"][(rows["brand"] != OTHER) & (rows["units"] > 0.0)])
    for one in sorted(set(rows["month"])):
        if one not in sold:
            what = "lists no model" if one not in seen else "lists no model that sold"
            found.say(WHOLE, f"{one} {what}", "list one, or leave the month out")


def _totals(file: Path, listed: pd.Series[float]) -> pd.Series[float]:
    """The market by month; it must cover the months of the sales and hold what they list."""
    found = Table(file, "--totals", TOTALS)
    rows = found.frame({"month": month, "bev_total": number(0.0, MOST_UNITS, "cars")})
    for line in rows.index[rows["month"].duplicated()]:
        found.say(line, "says a month a second time", "keep one of the rows")
    found.settle()
    total = rows.set_index("month")["bev_total"]
    of_market = dict(zip(rows["month"], rows["bev_total"], strict=True))
    for one, units in zip(listed.index, listed, strict=True):
        if one not in of_market:
            found.say(WHOLE, f"no total of {one}", "add it")
        elif of_market[one] * (1.0 + ROUNDING) < units:
            given = f"{one} has a total of {of_market[one]:,.0f}, yet {units:,.0f} are listed"
            found.say(WHOLE, given, "mend one of them")
    found.settle()
    return total.reindex(listed.index)
