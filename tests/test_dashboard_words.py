"""Words of the dashboard: each in both languages, none in a template, every icon there."""

from __future__ import annotations

import re
import string
from pathlib import Path

from drawing import need

need("starlette")
from dashboards import address, app, texts  # noqa: E402 - the extra comes first

HERE = Path(address.__file__).parent


def templates() -> list[Path]:
    """The Vue templates of all widgets."""
    return sorted(HERE.glob("widgets/*.vue"))


def sources() -> str:
    """Templates, scripts and Python of the dashboard, but for the table of texts."""
    files = [*templates(), *HERE.glob("*.py"), *HERE.glob("pages/*.py"), *HERE.glob("assets/*.js")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.name != "texts.py")


def test_every_text_is_there_in_both_languages_with_the_same_braces() -> None:
    """Neither language lacks a text, and both are filled in with the same things."""
    for key, (english, chinese) in texts.TEXTS.items():
        assert english.strip(), key
        assert chinese.strip(), key
        fields = [
            sorted(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in (english, chinese)
        ]
        assert fields[0] == fields[1], key


def test_every_text_asked_for_exists_and_every_text_is_asked_for() -> None:
    """No missing key, in Python or in a template, and none that nobody uses."""
    code = sources()
    asked = {
        key
        for found in re.findall(r"""\bt\.(\w+)|\bt\[["'](\w+)["']\]|say\(["'](\w+)|\["(\w+)"\]""", code)
        for key in found
        if key
    }
    begun = {part for found in re.findall(r"""["'](\w+_)["'] ?\+|f"(\w+_)\{""", code) for part in found if part}
    options = set(re.findall(r'name: "(\w+)", choices', code))
    said = re.findall(r"""\bt\.(\w+)|\bt\[["'](\w+)["']\]|say\(["'](\w+)""", code)
    assert not {key for found in said for key in found if key and key not in texts.TEXTS}
    assert options <= set(texts.TEXTS)
    starts = tuple(begun | {f"{option}_" for option in options})
    assert not {key for key in texts.TEXTS if key not in asked | options and not key.startswith(starts)}


def test_templates_hold_no_words_of_their_own() -> None:
    """Everything a template shows comes from the table of texts."""
    for path in templates():
        shown = re.search(r"<template>(.*)</template>", path.read_text(encoding="utf-8"), re.S)
        assert shown is not None
        bare = re.sub(r"\{\{.*?\}\}", "", re.sub(r"<[^>]*?(\"[^\"]*\"[^>]*?)*>", "", shown.group(1)), flags=re.S)
        assert not re.search(r"[A-Za-z一-鿿]", bare), f"{path.name}: {bare.split()}"
        assert not re.search(r'\s(aria-label|title|placeholder|alt)="', shown.group(1)), path.name


def test_every_icon_exists_in_the_icon_font() -> None:
    """An icon newer than the font that ships would be blank."""
    bundle = next((app.assets() / "cdn").glob("@widgetti/solara-vuetify-app@10.*/dist/fonts.css")).read_text(
        encoding="utf-8"
    )
    used = set(re.findall(r"\bmdi-[a-z0-9-]+", sources()))
    assert used
    assert not {icon for icon in used if f".{icon}::before" not in bundle}
