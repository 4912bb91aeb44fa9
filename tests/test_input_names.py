"""Every input of a case is said in Chinese: what it means, its unit, its grade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from experiments import input_names
from experiments.input_names import said
from market import Case
from market.fields import Grade


def sections(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """A section of a case and all that are in it, each once."""

    def within(annotation: Any) -> Iterator[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        for part in get_args(annotation):
            yield from within(part)

    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for inner in within(field.annotation):
            yield from sections(inner, seen)


FIELDS = [field for section in sections(Case, set()) for field in section.model_fields.values()]
TOLD = {
    "meanings": {field.description for field in FIELDS if field.description},
    "units": {str(field.json_schema_extra["unit"]) for field in FIELDS if "unit" in (field.json_schema_extra or {})},
    "grades": set(get_args(Grade)),
}


@pytest.mark.parametrize("kind", TOLD)
def test_every_field_a_case_can_have_is_said_in_chinese_and_nothing_else(kind: Any) -> None:
    known = set(input_names.chinese(kind))
    assert TOLD[kind] - {""} - known == set(), "not in inputs_zh.toml"
    assert known - TOLD[kind] == set(), "no field says so any more"


def test_chinese_uses_chinese_punctuation_and_no_english_word_is_left_but_names_of_fields() -> None:
    """Half-width colons and semicolons betray a hurried text."""
    for english, chinese in input_names.chinese("meanings").items():
        assert not set(":;,?!") & set(chinese), english
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese), english


@pytest.mark.parametrize("name", Case.bundled())
def test_every_value_of_a_bundled_case_is_said_in_chinese(name: str) -> None:
    case = Case.load(name)
    left: dict[str, set[str]] = {"meanings": set(), "units": set()}
    for field in case.fields():
        known = case.provenance(field)
        for kind, english in (("meanings", known.meaning), ("units", known.unit)):
            if english and said(kind, english, "zh") == english and english != "0-1":  # type: ignore[arg-type]
                left[kind].add(english)
    assert left == {"meanings": set(), "units": set()}


def test_what_a_users_own_case_says_is_left_as_it_is() -> None:
    assert said("sources", "my own survey: 2026", "zh") == "my own survey: 2026"
    assert said("meanings", "length of a search", "en") == "length of a search"
