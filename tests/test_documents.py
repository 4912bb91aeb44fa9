"""Documents say what the project does: their tables are made from it, and every one of their commands works."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.documents import Bench, blocks, drifted, remade
from experiments.documents.fields import parameters
from experiments.documents.tables import TABLES, markdown
from market import Case

DOCUMENTS = sorted((Path(__file__).parents[1] / "docs").glob("*.md"))
MADE = [path for path in DOCUMENTS if blocks(path.read_text("utf-8"))]


def ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", MADE, ids=ids)
def test_the_tables_of_a_document_are_what_the_code_says(path: Path) -> None:
    assert drifted(path, only="table") == [], "run python -m experiments.documents --write --only table"


@pytest.mark.slow
@pytest.mark.parametrize("path", MADE, ids=ids)
def test_what_the_commands_of_a_document_print_is_what_it_shows(path: Path) -> None:
    assert drifted(path, only="whosecar") == [], "run python -m experiments.documents --write"


def test_a_document_that_says_something_else_has_drifted(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("<!-- made by: table grades jd-gac-catl -->\nall is known\n<!-- end -->\nthe rest\n", "utf-8")
    assert drifted(path) == ["table grades jd-gac-catl"] and "all is known" in path.read_text("utf-8")
    assert drifted(path, write=True) == ["table grades jd-gac-catl"]
    assert drifted(path) == [] and path.read_text("utf-8").endswith("<!-- end -->\nthe rest\n")
    assert "`jd-gac-catl`" in path.read_text("utf-8")


def test_commands_run_in_one_folder_and_a_failing_one_is_told() -> None:
    with Bench(small=True) as bench:
        bench.make("file mine.toml", '```toml\nbase = "jd-gac-catl"\n```\n')
        assert bench.make("whosecar check mine.toml").startswith(
            "```console\n$ whosecar check mine.toml\nok: mine.toml"
        )
        with pytest.raises(RuntimeError, match=r"status 2: .*nowhere"):
            bench.make("whosecar check nowhere.toml")
        with pytest.raises(ValueError, match="no such recipe; allowed"):
            bench.make("cowsay hello")


def test_a_block_that_is_never_ended_is_refused() -> None:
    with pytest.raises(ValueError, match="never ends"):
        blocks("<!-- made by: table cases -->\n")
    assert remade("a\n<!-- made by: x -->\nold\n<!-- end -->\nb", lambda recipe, old: f"{recipe} {old}") == (
        "a\n<!-- made by: x -->\nx old\n<!-- end -->\nb"
    )


def test_every_number_of_a_case_is_in_one_line_of_its_tables() -> None:
    case = Case.load("jd-gac-catl")
    found = parameters(case)
    assert len({one.name for one in found}) == len(found)
    price = next(one for one in found if one.name == "cars.*.price_cny")
    prices = [car.price_cny for car in case.cars.values()]
    assert price.values == f"{min(prices):,.0f} ... {max(prices):,.0f}" and price.allowed == "> 0, <= 10,000,000"
    numbers = {name for name, value in case.fields().items() if not name.endswith((".en", ".zh"))}
    assert {one.section for one in found} == {name.split(".")[0] for name in numbers}


def test_tables_are_aligned() -> None:
    lines = markdown(("a", "b"), [("x|y", 1), ("longer", 22)], [1]).splitlines()
    assert len({len(line) for line in lines}) == 1 and lines[2] == "| x\\|y   |   1 |"
    assert set(TABLES) >= {"state", "acts", "parameters", "cases", "grades"}
