"""What the page of comparisons shows of two cases and their pairs, as JSON for the browser."""

from __future__ import annotations

import json
import math
from datetime import timedelta
from typing import Any

from dashboards import acts, address, controls, history, names, texts
from dashboards.pair_numbers import Difference, Tally
from dashboards.pair_runs import Asked
from experiments import outcomes
from experiments.outcome_names import CNY, HOUSEHOLDS, SHARE
from market import Case

OF_CAR = ("orders", "cancelled_share", "deliveries", "share", "informed", "misattribution", "lost", "deferred")
OF_MARKET = ("customised_share", "interface_share", "hhi", "outside_share")
BY_PARTY = ("profit", "blame_to_control", "trust", "definition_power", "closed_loop")
"""Outcomes that the page shows, in this order; the laboratory has more."""

HUNDREDFOLD = {SHARE[0], "share of blame", "share of owners' spending", "share of decisions"}


def described(case: Case, market: address.Market | None, language: texts.Language) -> dict[str, Any]:
    """One side in words: its title and, of a market of the page, what was assumed and done."""
    told = names.Names(case, language)
    changed, done = [], set()
    if market is not None:
        plain = history.case_of(address.Market(market.case, market.consumers, market.seed), case.display.names)
        values = controls.parse(market.set).values
        changed = [one for one in controls.offered(plain, values, language) if one["name"] in values]
        done = {act.id for act in acts.parse(market.acts).acts}
    return {
        "title": told.title(),
        "summary": told.summary(),
        "set": [
            {"label": one["label"], "unit": one["unit"], **{k: _scaled(one, k) for k in ("value", "usual")}}
            for one in changed
        ],
        "acts": [
            {"date": happening.on.isoformat(), "text": told.happening(happening)}
            for happening in sorted(case.happenings, key=lambda one: (one.on, one.id))
            if happening.id in done
        ],
    }


def _scaled(control: dict[str, Any], key: str) -> float:
    return round(control[key] / 10 ** control["digits"], control["digits"])


def found(asked: Asked, tally: Tally, mean: int, language: texts.Language) -> str:
    """Weeks, brands and outcomes of the pairs so far, with names and colours of both cases."""
    own, against = asked.other, asked.base
    labels: dict[str, str] = {}
    inks: dict[str, list[str | int]] = {}
    for case in (against, own):
        told = names.Names(case, language)
        for brand, ink in names.identities(case)["brand"].items():
            labels[brand] = told.label("brand", brand)
            inks[brand] = [ink.light, ink.dark, int(ink.dashed)]
    start = asked.base.calendar.start
    car = asked.focal
    content = {
        "pairs": tally.pairs,
        "of": asked.most,
        "dates": [(start + timedelta(weeks=week)).isoformat() for week in range(asked.weeks)],
        "car": names.Names(own, language).label("car", car) if car else "",
        "ink": _ink(own, car),
        "focal": tally.of_focal(),
        "brands": tally.of_brands(mean),
        "many": [key for key in labels if names.stands_for_many(key)],
        "names": labels,
        "inks": inks,
        "rows": rows(asked, tally, language),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _ink(case: Case, car: str | None) -> list[str]:
    """Colours of the focal car on light and dark."""
    if car is None:
        return ["", ""]
    ink = names.identities(case)["car"][car]
    return [ink.light, ink.dark]


def rows(asked: Asked, tally: Tally, language: texts.Language) -> list[dict[str, Any]]:
    """Outcomes of the whole run in both worlds, what differs, and its interval."""
    if not tally.pairs:
        return []
    everything, case = tally.outcomes(), asked.other
    if asked.focal is not None and case.focal_car != asked.focal:
        case = case.change({"display.focal_car": asked.focal})
    about = {
        "car": OF_CAR if asked.focal else (),
        "market": OF_MARKET,
        "party": [f"{name}.{key}" for name in BY_PARTY for key in asked.parties],
    }
    return [
        {"of": of, "label": told.label, **_row(everything[name], told.unit, outcomes.about(name, case).unit)}
        for of, listed in about.items()
        for name in listed
        if name in everything and not math.isnan(everything[name].mean)
        for told in [outcomes.about(name, case, language)]
    ]


def _row(difference: Difference, unit: str, english: str) -> dict[str, Any]:
    """The numbers of a row in the unit that readers see: `sort` says how the browser writes them."""
    sort = "number"
    if english in HUNDREDFOLD:
        sort = "percent"
    elif english == CNY[0]:
        sort = "money"
    elif english == HOUSEHOLDS[0] or abs(difference.base) >= 100.0:
        sort = "whole"
    times = {"percent": 100.0, "money": 1e-6}.get(sort, 1.0)
    values = {key: getattr(difference, key) * times for key in ("base", "other", "mean", "low", "high")}
    known = {key: None if math.isnan(value) else round(value, 6) for key, value in values.items()}
    return {"sort": sort, "unit": "" if sort in ("percent", "money") else unit, "clear": difference.clear, **known}
