"""The answer as a page: what was asked, four answers with figures, and how sure they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments import outcome_names
from experiments.answer.steps import ASSUMPTIONS, CAUSES, DIVISION, EFFECTS, RUN, STEPS
from experiments.answer.words import GROUPS, TEXTS
from experiments.figures import blame as figures_blame
from experiments.figures import sensitivity as figures_sensitivity
from experiments.manifest import banner
from experiments.report import parts
from experiments.report.compare import causes_section
from experiments.report.folder import Folder
from experiments.report.parts import Column, Picture, Report, Section, Table, phrase
from experiments.report.run import money_section
from experiments.report.stress import regret_section
from experiments.stress import folder as stress_folder
from experiments.stress.words import Speaker
from market import CaseError, Fault
from market.casefile.faults import show

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from market import Case

DECIDED = ("order_share", "cancelled_share", "misattribution", "interface_here")
"""Outcomes of which the page says what decides them; beside these, blame over control of who has most of the face."""
MOST_GROUPS = 12
QUANTILES = {"low": 0.05, "median": 0.5, "high": 0.95}


def read(place: Path, lang: str = "en") -> Report:
    """The page of a folder that `whosecar answer` filled. Raises CaseError where a step is missing."""
    for key in STEPS:
        if not (place / key).is_dir():
            given = f"{show(str(place), 200)} has no {key}/"
            raise CaseError([Fault("DIR", given, remedy="run `whosecar answer --out` there, to its end")])
    run, causes, division = (Folder.open(place / key) for key in (RUN, CAUSES, DIVISION))
    case, say = run.case, phrase(TEXTS, lang)
    stress, found = stress_folder.read(division.path)
    speaker, drawer = (Speaker(stress, case, found, one) for one in (lang, parts.drawable(lang)))
    runs, effects = _assumptions(place / ASSUMPTIONS)
    told = [
        Section(say("defined"), _who_defined(run, lang), (_roles(case, lang),)),
        _blamed(run, causes, lang),
        _renamed(causes_section(causes, lang), say("cost"), ()),
        _renamed(money_section(run, lang), say("earned"), _who_earned(causes, lang)),
        _renamed(regret_section(division, speaker, drawer), say("least"), tuple(list(speaker.sentences())[-1:])),
        _sure(case, run, runs, effects, lang),
    ]
    answer = Section(say("short"), tuple(sentence for section in told[:2] for sentence in section.sentences))
    return Report(
        say("title"), say("kind"), say("summary", case=case.told(case.title, lang)), _facts(run, runs, lang),
        (answer, *told, _again(place, lang)), banner(case, lang), lang,
    )  # fmt: skip


def _assumptions(place: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The runs of the sweep over all uncertain values, and how far each group moves what."""
    import pandas as pd

    from experiments.sweep import Sweep

    return Sweep.open(place).runs(), pd.read_parquet(place / EFFECTS)


def _renamed(section: Section, heading: str, sentences: tuple[str, ...]) -> Section:
    return Section(heading, (*sentences, *section.sentences), section.parts, section.commands)


def _facts(run: Folder, runs: pd.DataFrame, lang: str) -> tuple[tuple[str, str], ...]:
    say, case = phrase(TEXTS, lang), run.case
    return (
        (say("consumers"), f"{case.population.consumers:,}"),
        (say("seeds"), str(len(run.seeds))),
        (say("markets"), f"{len(runs):,}"),
        (say("fingerprint"), case.fingerprint),
    )


def _roles(case: Case, lang: str) -> Table:
    """Who holds what of the focal car, and its face: what the case assumes."""
    say, car = phrase(TEXTS, lang), case.cars[_focal(case)]
    rows = {function: car.holders(function) for function in case.functions} | {"face": car.public_face()}
    held = [key for key in case.organisations if any(row.get(key) for row in rows.values())]
    body = tuple(
        (say(f"f_{key}") if f"f_{key}" in TEXTS else key,
         *(parts.number(row[key], 100.0, 0) if row.get(key) else "" for key in held))
        for key, row in rows.items()
    )  # fmt: skip
    names = tuple(case.label("organisations", key, lang) for key in held)
    return Table(say("roles"), (say("function"), *names), body, (False, *(True,) * len(held)))


def _focal(case: Case) -> str:
    if case.focal_car is None:
        raise CaseError([Fault("display.focal_car", "no car has several partners", remedy="name one")])
    return case.focal_car


def _who_defined(run: Folder, lang: str) -> tuple[str, ...]:
    say, case = phrase(TEXTS, lang), run.case
    row = case.cars[_focal(case)].holders("definition")
    face = case.cars[_focal(case)].public_face()
    words = {
        "car": case.label("cars", _focal(case), lang),
        "definers": _shares(case, row, lang), "face": _shares(case, face, lang),
    }  # fmt: skip
    return (say("who_defined", **words),)


def _shares(case: Case, row: Any, lang: str) -> str:
    held = sorted(((value, key) for key, value in row.items() if value), reverse=True)
    said = [f"{case.label('organisations', key, lang)} {100 * value:.0f} %" for value, key in held]
    return ("、" if lang == "zh" else ", ").join(said)


class _Seeds(NamedTuple):
    """An outcome over the seeds of the case as it is."""

    mean: float
    low: float
    high: float

    def words(self) -> dict[str, str]:
        """Mean, least and greatest in percent."""
        return {name: parts.number(value, 100.0, 0) for name, value in self._asdict().items()}


def _over_seeds(causes: Folder, name: str) -> _Seeds:
    """The base case of the comparison: the mean of an outcome, its least and its greatest."""
    pairs = causes.table("pairs")
    values = pairs.loc[pairs["outcome"] == name, "base"]
    return _Seeds(float(values.mean()), float(values.min()), float(values.max()))


def _blamed(run: Folder, causes: Folder, lang: str) -> Section:
    """Blame for the car by party, beside what control and assumed contribution would give."""
    import pandas as pd

    say, case, drawn = phrase(TEXTS, lang), run.case, parts.drawable(lang)
    keys = {"blame": "blamed_here", "control": "control_here", "cause": "contribution_here"}
    rows, sentences = [], []
    for party in case.cars[_focal(case)].public_face():
        found = {key: _over_seeds(causes, f"{name}.{party}") for key, name in keys.items()}
        rows.append({"party": party} | {key: value.mean for key, value in found.items()})
        words = {key: parts.number(value.mean, 100.0, 0) for key, value in found.items()}
        ends = {end: found["blame"].words()[end] for end in ("low", "high")}
        sentences.append(say("who_was_blamed", party=case.label("organisations", party, lang), **words, **ends))
    table = pd.DataFrame(rows).sort_values("blame", ascending=False, kind="stable")

    def named(language: str) -> pd.DataFrame:
        return table.assign(label=[case.label("organisations", key, language) for key in table["party"]])

    columns = {"label": Column(say("party"))}
    columns |= {key: Column(say(f"c_{key}"), 100.0, 1) for key in keys}
    shown = parts.table(named(lang), say("blamed_about"), columns, lang=lang)
    figure = figures_blame.blame(named(drawn), source=run.source(drawn), lang=drawn)
    return Section(say("blamed"), tuple(sentences), (parts.picture(figure, " ".join(sentences), shown),))


def _who_earned(causes: Folder, lang: str) -> tuple[str, ...]:
    """The interface share of all profit over the run, and of the profit on the car."""
    say = phrase(TEXTS, lang)
    everywhere, here = (_over_seeds(causes, name) for name in ("interface_share", "interface_here"))
    return (say("who_earned", **everywhere.words()), say("who_earned_here", **here.words()))


def _sure(case: Case, run: Folder, runs: pd.DataFrame, effects: pd.DataFrame, lang: str) -> Section:
    """How far headline figures move when every uncertain number does, and which group of numbers moves them most."""
    import pandas as pd

    say = phrase(TEXTS, lang)
    face = case.cars[_focal(case)].public_face()
    loudest = max(face, key=lambda key: face[key])
    wanted = [*DECIDED, *(f"blamed_here.{key}" for key in face), *(f"blame_to_control.{key}" for key in face)]
    rows, done = [], runs[runs["status"] == "done"]
    for name in wanted:
        if name not in done or not done[name].notna().any():
            continue
        shown, values = outcome_names.shown(name, case, lang), done[name].dropna()
        ends = values.quantile(list(QUANTILES.values()))
        words = {key: parts.number(value, shown.scale) for key, value in zip(QUANTILES, ends, strict=True)}
        rows.append({"figure": f"{shown.label}, {shown.unit}"} | words)
    columns = {"figure": Column(say("figure"))} | {key: Column(say(key)) for key in QUANTILES}
    spread = parts.table(pd.DataFrame(rows), say("spread", runs=len(done)), columns, lang=lang)
    spread = replace(spread, right=(False, *(True,) * len(QUANTILES)))
    deciding = [*DECIDED, f"blame_to_control.{loudest}"]
    decide = _deciding(case, effects[effects["outcome"].isin(deciding)], lang)
    above = (done[f"blamed_here.{loudest}"] - done[f"control_here.{loudest}"]).dropna()
    often = say(
        "how_often", party=case.label("organisations", loudest, lang),
        often=parts.number(float((above > 0.0).mean()), 100.0, 0), runs=len(above),
    )  # fmt: skip
    about = say("sure_about", numbers=int(effects.groupby("group")["factors"].first().sum()), runs=len(done))
    moved = effects[effects["outcome"] == deciding[-1]]
    figure = () if moved.empty else (_moving(case, moved, run.source, say("decide_note"), lang),)
    return Section(say("sure"), (often, about), (spread, *figure, decide))


def _moving(case: Case, effects: pd.DataFrame, source: Callable[[str], str], alt: str, lang: str) -> Picture:
    """How far each group of assumptions moves one outcome; the table after it has the same numbers and others."""
    drawn = parts.drawable(lang)
    shown = outcome_names.shown(str(effects["outcome"].iloc[0]), case, drawn)
    table = effects.assign(label=[_group(str(group), drawn) for group in effects["group"]])
    figure = figures_sensitivity.groups(
        table, shown.label, shown.unit, int(effects["runs"].iloc[0]), scale=shown.scale, most=MOST_GROUPS,
        source=source(drawn), lang=drawn,
    )  # fmt: skip
    return parts.picture(figure, f"{shown.label}: {alt}")


def _group(key: str, lang: str) -> str:
    return GROUPS.get(key, (key, key))[lang == "zh"]


def _deciding(case: Case, effects: pd.DataFrame, lang: str) -> Table:
    """Groups by outcome: how far a group moves it over its range, a star where the interval leaves 0."""
    say = phrase(TEXTS, lang)
    outcomes = list(dict.fromkeys(effects["outcome"].astype(str)))
    size = effects.assign(part=effects["mu_star"] / effects.groupby("outcome")["mu_star"].transform("sum"))
    order = size.groupby("group")["part"].sum().sort_values(ascending=False, kind="stable").index[:MOST_GROUPS]
    cells = {(str(row["outcome"]), str(row["group"])): row for row in effects.to_dict("records")}
    shown = {name: outcome_names.shown(name, case, lang) for name in outcomes}
    body = []
    for group in order:
        words = [
            f"{parts.number(row['mu_star'], shown[name].scale, 2)} ± "
            f"{parts.number(row['high'] - row['mu_star'], shown[name].scale, 2)}"
            for name in outcomes
            if (row := cells.get((name, str(group)))) is not None
        ]
        count = int(effects.loc[effects["group"] == group, "factors"].iloc[0])
        body.append((_group(str(group), lang), str(count), *words))
    headings = (say("group"), say("numbers"), *(f"{one.label}, {one.unit}" for one in shown.values()))
    return Table(say("decide"), headings, tuple(body), (False, *(True,) * (1 + len(outcomes))), say("decide_note"))


def _again(place: Path, lang: str) -> Section:
    """The one command that makes all of it again."""
    say = phrase(TEXTS, lang)
    try:
        typed = json.loads((place / RUN / "manifest.json").read_text(encoding="utf-8")).get("command", "")
    except (OSError, ValueError):
        typed = ""
    return Section(say("again"), (say("again_about"),), (), (str(typed) or "whosecar answer --out DIR",))
