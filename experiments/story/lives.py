"""Lives of consumers: the panel of a run or of a result folder, and whose life in it is worth telling."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from market import Case, CaseError, Fault
from market.casefile.faults import number, show
from market.chronicle import FIRST, PANEL_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Who = Literal["cancelled", "lost", "heard", "kept", "deferred"]
WHO: tuple[Who, ...] = get_args(Who)
"""Cancelled an order, would have chosen a car but for lost trust, heard a story, kept to the order in spite of one,
waited because of one."""
MARK: dict[Who, str] = {"cancelled": "cancellations", "lost": "lost", "heard": "heard", "deferred": "deferred"}
"""What the panel calls it, where one event says it."""


@dataclass(frozen=True)
class Lives:
    """The panel of one run: what happened to the consumers who were followed."""

    case: Case
    seed: int
    panel: pd.DataFrame
    """in order of weeks; of one consumer in the order in which things happened"""

    def of(self, consumer: int) -> pd.DataFrame:
        """What happened to a consumer: no rows if nothing did. Raises CaseError if he was not followed."""
        rows = self.panel[self.panel["consumer"] == consumer]
        if len(rows) == 0 and consumer >= min(FIRST, self.case.population.consumers):
            buyers = self.panel.loc[self.panel["consumer"] >= FIRST, "consumer"].drop_duplicates()
            some = ", ".join(map(str, buyers.head(3)))
            followed = f"followed are 0 to {min(FIRST, self.case.population.consumers) - 1}" + (
                f" and buyers like {some}" if some else ""
            )
            raise CaseError(
                [Fault("--consumer", f"given {number(consumer)}", followed, "choose one of these, or --who")]
            )
        return rows.reset_index(drop=True)

    def find(self, who: Who) -> int:
        """The consumer whose life shows it best: about the focal car if any, then with most to tell, then the first.

        Raises CaseError if it happened to nobody who was followed.
        """
        rows = self._showing(who)
        if len(rows) == 0:
            found = [other for other in WHO if other != who and len(self._showing(other))]
            remedy = f"choose {' or '.join(found)}" if found else "choose a run with more consumers or weeks"
            given = f"given {show(who)}"
            raise CaseError([Fault("--who", given, "it happened to nobody who was followed in this run", remedy)])
        focal = set(rows.loc[rows["car"] == self.case.focal_car, "consumer"]) or set(rows["consumer"])
        lives = self.panel[self.panel["consumer"].isin(focal)].groupby("consumer")
        told = lives["event"].agg(["nunique", "size"]).reset_index()
        return int(
            told.sort_values(["nunique", "size", "consumer"], ascending=[False, False, True])["consumer"].iloc[0]
        )

    def first(self) -> int:
        """The consumer to tell of if nobody says whose life: the first of `WHO` that somebody shows, else the fullest.

        Raises CaseError if nothing happened to anybody who was followed.
        """
        shown = next((who for who in WHO if len(self._showing(who))), None)
        if shown is not None:
            return self.find(shown)
        if self.panel.empty:
            nothing = "nothing happened to anybody who was followed in this run"
            raise CaseError([Fault("--who", nothing, remedy="choose a run with more consumers or weeks")])
        return int(self.panel["consumer"].mode().iloc[0])

    def _showing(self, who: Who) -> pd.DataFrame:
        """Rows of the panel in which it happens; for who kept, the delivery."""
        if who in MARK:
            return self.panel[self.panel["event"] == MARK[who]]
        lives = self.panel.assign(at=range(len(self.panel)))
        same = [lives["consumer"], lives["car"]]
        known = {name: lives["at"].where(lives["event"] == name).groupby(same).ffill() for name in ("orders", "heard")}
        kept = (lives["event"] == "deliveries") & (known["orders"] < known["heard"])
        return self.panel[kept]


def of_run(case: Case, seed: int, on_week: Callable[[], None] = lambda: None) -> Lives:
    """Run a case and keep its panel; `on_week` is called after each week."""
    from experiments.run import simulate

    return Lives(case, seed, _plain(simulate(case, seed, 1, on_week, ("panel",)).tables["panel"]))


def of_folder(folder: Path) -> Lives:
    """The panel of a result folder; with several runs, that of the first. Raises CaseError if it is not there."""
    import pandas as pd

    where = show(str(folder), 200)
    try:
        seed = int(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["seed"])
        if (folder / "panel.parquet").exists():
            panel = pd.read_parquet(folder / "panel.parquet")
        else:
            panel = pd.read_csv(folder / "panel.csv", encoding="utf-8-sig", dtype={"organisation": object})
        if "replicate" in panel:
            panel = panel[panel["replicate"] == 0].drop(columns="replicate").reset_index(drop=True)
        lives = _plain(panel)
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "choose a folder that `whosecar run --out` has written"
        raise CaseError([Fault("--from", f"{where} holds no result that can be read", remedy=remedy)]) from error
    return Lives(Case.load(folder / "case.toml"), seed, lives)


def _plain(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with words as words and nothing where nothing is said. Raises KeyError where a column is missing."""
    whole = panel[list(PANEL_COLUMNS)]
    names = ["profile", "event", "car", "channel", "organisation"]
    words = whole[names].astype(object)
    return whole.assign(**{name: words[name].where(words[name].notna(), "") for name in names})
