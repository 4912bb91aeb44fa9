"""What `whosecar run` prints: shares with errors, names under the banner, a bar, two languages."""

from __future__ import annotations

import io
import sys
from typing import Any

import pandas as pd
import pytest
from commands import SMALL, manifest, whosecar
from typer.testing import CliRunner

from experiments import console, story, whose
from experiments.cli import app
from experiments.figures import shares as figures
from experiments.manifest import BANNER
from market import Case

pytestmark = pytest.mark.usefixtures("here")


def test_shares_are_printed_with_errors_and_add_up() -> None:
    """Every car has a row of aligned numbers; the shares sum to 100 and equal those of the table of sales."""
    lines = whosecar("run", *SMALL, "--out", "result").stdout.splitlines()
    sales = pd.read_parquet("result/sales.parquet")
    share = 100 * sales.groupby("car", observed=True)["deliveries"].sum() / sales["deliveries"].sum()
    case = Case.load("jd-gac-catl")
    rows = {key: next(row for row in lines if row.startswith(car.name.en + "  ")) for key, car in case.cars.items()}
    printed = {key: row[len(case.cars[key].name.en) :].split() for key, row in rows.items()}
    for key, cells in printed.items():
        value = float(cells[0].strip("*-") or 0)
        assert value == pytest.approx(float(share.get(key, 0.0)), abs=0.051)
        assert cells[0] == "-" or cells[1] == "±"
    assert len({len(row.rstrip()) for row in rows.values()}) == 1
    assert any(line.startswith("Around Aion UT Super") for line in lines)
    assert lines[-1] == "Written to result"


def test_figures_on_few_consumers_are_marked_and_others_are_not() -> None:
    """A star stands before a share with fewer than 30 effective consumers, and is explained."""
    few, many = (whosecar("run", "--consumers", n, "--weeks", "4").stdout for n in ("500", "60000"))
    assert sum(" *" in line for line in few.splitlines()) > 3
    assert "* rests on fewer than 30 effective consumers" in few
    rest = next(line for line in many.splitlines() if line.startswith("other middle-class cars"))
    assert "*" not in rest


def test_real_names_come_with_the_banner_and_fictional_ones_without_a_real_name() -> None:
    """What is assigned to a named company is called an assumption wherever it is shown."""
    real = " ".join(whosecar("run", *SMALL, "--out", "real").stdout.split())
    assert BANNER["en"] in real
    made_up = whosecar("run", *SMALL, "--set", "display.names=fictional", "--out", "fictional").stdout
    assert "Scenario, not forecast" not in made_up
    assert manifest("fictional")["banner"] == ""
    case = Case.load("jd-gac-catl")
    named: list[Any] = [*case.cars.values(), *case.organisations.values()]
    names = {item.name.en for item in named if item.name.en not in {other.fictional.en for other in named}}
    assert [name for name in names if f"{name} " in made_up] == []
    assert "Orion" in made_up


def test_quiet_prints_nothing() -> None:
    """With --quiet only faults are said."""
    assert whosecar("run", *SMALL, "--quiet", "--out", "result").output == ""


def test_what_is_piped_is_plain_text() -> None:
    """No bar, no colours and no carriage returns in a pipe, whatever the environment wishes."""
    result = CliRunner().invoke(app, ["run", *SMALL], env={"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "COLUMNS": "40"})
    assert result.exit_code == 0
    assert not set(result.output) & {"\x1b", "\r", "━"}
    assert max(map(len, result.stdout.splitlines())) <= console.PIPED_WIDTH


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_a_terminal_shows_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the weeks are counted; asked to be quiet it stays empty."""
    for quiet in (False, True):
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        with console.progress(3, "en", quiet) as on_week:
            for _ in range(3):
                on_week()
        monkeypatch.undo()
        assert ("3/3" in screen.getvalue()) != quiet
        assert screen.getvalue() == "" or screen.getvalue().endswith("\x1b[2K")


@pytest.mark.parametrize("what", [key for key in console.TEXTS if key.startswith("progress")])
def test_a_bar_names_what_it_counts(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, also where nobody knows yet how much there is."""
    for lang, total, said in (("en", 3, "1/3"), ("zh", None, "1/?")):
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        with console.progress(total, lang, what=what) as on_done:
            on_done()
        monkeypatch.undo()
        assert said in screen.getvalue() and console.say(what, lang) in screen.getvalue()


def test_chinese_is_spoken_where_a_person_reads() -> None:
    """With --lang zh the table, the names and the banner are Chinese."""
    said = "".join(whosecar("run", *SMALL, "--lang", "zh").stdout.split())
    assert all(words in said for words in ("埃安UTsuper", "定义权", "闭环份额", "京东", "种子1", BANNER["zh"]))
    assert "Deliveries" not in said


def test_every_text_is_there_in_both_languages_with_the_same_gaps() -> None:
    """A sentence that is filled in with numbers is filled in with the same ones in Chinese."""
    import string

    for table in (console.TEXTS, figures.TEXTS, whose.TEXTS, story.TEXTS):
        for key, (english, chinese) in table.items():
            gaps = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
            assert gaps[0] == gaps[1], key
            assert english != chinese
