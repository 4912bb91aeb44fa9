"""What the page of one life promises: somebody is found and told, in both languages, and nobody waits for nothing."""

from __future__ import annotations

import pytest
from drawing import solara

from dashboards import address, lives, texts
from market import Case

assert solara  # without it these tests are skipped


@pytest.fixture(scope="module")
def panel() -> str:
    """The panel of a small market, as it is kept."""
    asked = address.Market("jd-gac-catl", 20_000, 1)
    text = lives.simulate(asked, lambda part: True)
    assert text is not None
    return text


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_somebody_who_cancelled_is_found_and_told(panel: str, language: texts.Language) -> None:
    """A JD-like buyer who cancelled, in both languages and under fictional names."""
    case = Case.load("jd-gac-catl").change({"display.names": "fictional"})
    told = lives.told(panel, case, 1, lives.Wish(profile="jd_like"), language)
    life = told["life"]
    assert told["found"][0] == told["consumer"]
    assert "cancellations" in [one["event"] for one in life["sentences"]]
    assert all(one["words"] and 1 <= one["week"] <= case.calendar.weeks for one in life["sentences"])
    text = lives.text_of(told)
    assert not any(real in text for real in ("JD", "京东", "GAC", "广汽", "Aion", "埃安"))


def test_who_was_not_followed_or_does_not_exist_has_no_life(panel: str) -> None:
    """A number out of reach or a profile of another case: an empty answer, no fault."""
    case = Case.load("jd-gac-catl")
    assert lives.told(panel, case, 1, lives.Wish(consumer=19_998), "en")["life"] is None
    nobody = lives.told(panel, case, 1, lives.Wish(profile="nowhere"), "en")
    assert (nobody["found"], nobody["life"]) == ([], None)


def test_a_simulation_for_a_life_ends_when_nobody_waits() -> None:
    """At the next week; and what the queue has kept is not simulated again."""
    asked = address.Market("jd-gac-catl", 20_000, 77)
    assert lives.simulate(asked, lambda part: False) is None
    lives.PANELS.put(asked, "kept")
    assert lives.simulate(asked, lambda part: False) == "kept"
