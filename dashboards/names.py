"""What things are called and which colour they wear, for one case, language and choice of real or fictional names."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dashboards import colours, texts
from dashboards.colours import Ink
from dashboards.texts import Language
from market import Case

SECTIONS = {
    "brand": "brands",
    "car": "cars",
    "maker": "organisations",
    "definer": "organisations",
    "channel": "channels",
    "profile": "profiles",
}
"""The section of a case that names what a chart is grouped by."""

MANY = ("rest", "other")
"""Ids that begin so stand for many cars, brands or makers; they wear grey, and none of them leads."""


ALONE = Ink(colours.HUES[5][1], colours.HUES[5][2])
"""What makers sell without a platform wears sky blue: most of the market, beside the few modes that are asked about."""


def stands_for_many(key: str) -> bool:
    """Whether an id is a group of unlisted cars, brands or makers rather than one."""
    return key.startswith(MANY)


def mode_of(case: Case, key: str) -> str:
    """How a platform takes part in a car: its mode, `alone` where it has none, `rest` where it stands for many."""
    return "rest" if stands_for_many(key) else case.cars[key].mode or "alone"


def platform_cars(case: Case) -> list[str]:
    """Cars that a platform helps to define: what the title asks about."""
    platforms = set(case.platforms)
    return [
        key
        for key, car in case.cars.items()
        if any(o in platforms and part > 0 for o, part in car.holders("definition").items())
    ]


def identities(case: Case) -> dict[str, dict[str, Ink]]:
    """The colour of every brand, car, organisation and channel: platform cars first, then in the order of the case.

    A car wears a shade of its brand, a maker the colour of its first brand. A platform that helps to define cars, and
    its channel, wear black (white on dark): the party that the page asks about stands out from all brands. Further
    ones are dashed.
    """
    focal = platform_cars(case)
    ranked = sorted(case.cars, key=lambda key: (stands_for_many(key), key not in focal))
    brand_of = {key: case.cars[key].brand for key in ranked}
    brands = colours.inks(brand_of.values(), frozenset(filter(stands_for_many, brand_of.values())))
    definers = {o for key in focal for o in case.cars[key].holders("definition")}
    asked = [key for key in case.platforms if key in definers]
    platforms = {key: replace(colours.PLATFORM, dashed=key != asked[0]) for key in asked}
    makers: dict[str, Ink] = {}
    for key in ranked:
        makers.setdefault(case.cars[key].maker, brands[brand_of[key]])
    others = [key for key in case.organisations if key not in makers and key not in platforms]
    organisations = {**colours.inks(others), **platforms, **makers}
    of_platform = {
        key: platforms[channel.platform] for key, channel in case.channels.items() if channel.platform in platforms
    }
    modes = list(dict.fromkeys(mode_of(case, key) for key in ranked))
    return {
        "brand": brands,
        "mode": {**colours.inks((key for key in modes if key != "alone"), frozenset({"rest"})), "alone": ALONE},
        "car": colours.shades(brand_of, brands),
        "maker": organisations,
        "definer": organisations,
        "channel": {**colours.inks(key for key in case.channels if key not in of_platform), **of_platform},
    }


class Names:
    """A case in one language; `display.names` of the case decides between real and fictional."""

    def __init__(self, case: Case, language: Language) -> None:
        """Hold the case and the language."""
        self.case, self.language = case, language

    def label(self, by: str, key: str) -> str:
        """The name of a brand, car, maker, definer, channel or mode as a label: with a capital."""
        if by == "mode":
            return texts.say(f"mode_{key}", self.language)
        name = self.case.label(SECTIONS[by], key, self.language)
        return name[:1].upper() + name[1:]

    def title(self) -> str:
        """The name of the case."""
        return self.case.told(self.case.title, self.language)

    def summary(self) -> str:
        """The case in a sentence."""
        return self.case.told(self.case.summary, self.language)

    def happening(self, happening: Any) -> str:
        """What a happening is called: its own title where it has one, else its kind and its car."""
        if happening.title is not None:
            text = self.case.told(happening.title, self.language)
            return text[:1].upper() + text[1:]
        kind = f"kind_{happening.kind}"
        what = texts.say(kind if kind in texts.TEXTS else "kind_other", self.language)
        car = getattr(happening, "car", None)
        return texts.say("kind_of_car", self.language, what=what, car=self.label("car", car)) if car else what


def legend(key: str, case: Case, language: Language) -> str:
    """Names and colours of everything in the case called `key` as JSON, for the widgets."""
    names, inks = Names(case, language), identities(case)
    labels = {by: {id_: names.label(by, id_) for id_ in inks[by]} for by in inks}
    labels["profile"] = {id_: names.label("profile", id_) for id_ in case.profiles}
    content = {
        "case": key,
        "names": labels,
        "inks": {by: {id_: [ink.light, ink.dark, int(ink.dashed)] for id_, ink in inks[by].items()} for by in inks},
        "happenings": {h.id: names.happening(h) for h in case.happenings},
        "banner": texts.say("banner", language) if case.display.names == "real" else "",
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
