"""Promises of reports: one page that needs nothing else, says all that went in, and what the tables say."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Callable
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import result_folders
from typer.testing import CliRunner, Result

from experiments import figures, summary
from experiments.cli import app
from experiments.manifest import BANNER
from experiments.report import compare as report_compare
from experiments.report import document as report
from experiments.report import explain as report_explain
from experiments.report import inputs as report_inputs
from experiments.report import parts as report_parts
from experiments.report.folder import Folder
from experiments.report.parts import Column, Picture, Report, Table
from market import Case, CaseError

ALONE = frozenset({"meta", "link", "br", "img", "hr", "input", "path", "use"})
Made = Callable[..., Path]


class Page(HTMLParser):
    """What a reader, or a reader's software, finds on a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data if "style" not in self.open else ""

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """`made(kind)` is a small result folder of a kind, made once."""
    root, known = tmp_path_factory.mktemp("results"), dict[tuple[str, str], Path]()

    def of(kind: str, names: str = "real") -> Path:
        if (kind, names) not in known:
            known[kind, names] = result_folders.make(kind, root / names, names)
        return known[kind, names]

    return of


@pytest.fixture(scope="session")
def read(made: Made) -> Report:
    """The report of a run, read once."""
    return report.read(made("run"))


@lru_cache(maxsize=4)
def html(folder: Path, lang: str = "en") -> str:
    return report.page(report.read(folder, lang))


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments], standalone_mode=False)


BY_DAY = [("run", "en"), ("stress", "zh"), ("alone", "zh")]
BY_NIGHT = [(kind, lang) for kind in result_folders.KINDS for lang in ("en", "zh") if (kind, lang) not in BY_DAY]


@pytest.mark.parametrize(("kind", "lang"), [*BY_DAY, *(pytest.param(*one, marks=pytest.mark.slow) for one in BY_NIGHT)])
def test_a_page_of_any_result_is_whole_and_needs_no_network(made: Made, kind: str, lang: str) -> None:
    """Well formed, in its language, with headings in order, words for every figure, heads for every table."""
    folder = made(kind)
    text = html(folder, lang)
    page = Page(text)
    assert page.open == [] and text.startswith("<!doctype html>")
    assert page.all("html")[0]["lang"] == {"en": "en", "zh": "zh-CN"}[lang]
    assert not page.all("script") and not page.all("iframe") and "url(" not in text and "@import" not in text
    fetched = [a[name] for _, a in page.tags for name in ("src", "href", "srcset", "action") if name in a]
    assert fetched and all(address.startswith(("data:", "#")) for address in fetched)
    assert [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)] == [1, *[2] * len(page.all("h2"))]
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids)) and {a["href"][1:] for a in page.all("a")} <= set(ids)
    assert page.all("img") and all(len(image["alt"]) > 20 for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(cell["scope"] in ("col", "row") for cell in page.all("th"))
    case = Case.load(folder / "case.toml")
    assert page.text.count(BANNER[lang]) == 2
    assert case.fingerprint in page.text and json.loads((folder / "manifest.json").read_text())["command"] in page.text
    assert not re.search(r"\b(nan|None|inf)\b", page.text)
    assert str(folder) not in text


def test_a_figure_carries_its_own_shapes_and_no_letters_that_need_a_font(made: Made) -> None:
    page = Page(html(made("run")))
    svg = base64.b64decode(page.all("img")[0]["src"].partition("base64,")[2]).decode()
    assert svg.startswith("<?xml") and "<text" not in svg and "<path" in svg
    assert not re.search(r'(href|src)="(?!#)', svg)


@pytest.mark.slow
def test_the_same_folder_gives_the_same_page(made: Made) -> None:
    assert html(made("compare")) == report.page(report.read(made("compare")))


def test_every_input_is_on_the_page_with_unit_grade_and_source_what_was_changed_first(made: Made) -> None:
    folder = made("run")
    case = Case.load(folder / "case.toml")
    section = report_inputs.inputs(case, "en")
    first, *others = (part for part in section.parts if isinstance(part, Table))
    changed = {row[0]: row for row in first.rows}
    assert changed["cars.ut_super.price_cny"][1:4] == ("79,900", "CNY", "user") and set(changed) >= set(
        result_folders.SMALL
    )
    listed = {row[0]: row for table in others for row in table.rows}
    for name, value in case.fields().items():
        if (
            name.split(".")[0] in report_inputs.HIDDEN
            or value is None
            or report_inputs.NAMES & set(name.split(".")[1:])
        ):
            continue
        known = case.provenance(name)
        assert listed[name][2:5] == (known.unit, known.grade, known.source)


def test_inputs_are_said_in_chinese_on_a_chinese_page(made: Made) -> None:
    case = Case.load(made("run") / "case.toml").change({"cars.ut_super.roles.definition.jd": 0.4})
    changed, *others = (part for part in report_inputs.inputs(case, "zh").parts if isinstance(part, Table))
    rows = {row[0]: row for row in changed.rows}
    assert rows["cars.ut_super.price_cny"][2:] == ("元", "使用者", "使用者所设", "整车标价，中间配置")
    assert rows["cars.ut_super.roles.definition.gac"][4] == "因同一行的其他值被设定而按比例调整"
    trust = next(table for table in others if table.caption.startswith("trust，信任如何变动："))
    assert {row[0]: row[2:4] for row in trust.rows}["trust.half_life_days"] == ("天", "D")


def test_numbers_on_the_page_are_those_of_the_tables(made: Made, read: Report) -> None:
    folder = made("run")
    sales = pd.read_parquet(folder / "sales.parquet")
    case = Case.load(folder / "case.toml")
    tables = [part for section in read.sections for part in section.parts if isinstance(part, Table)]
    shown = {row[0]: row for row in tables[0].rows}
    for row in summary.by_car(sales, list(case.cars), 2):
        cells = shown[case.label("cars", row.car)]
        assert cells[1] == report_parts.number(row.share.value, 100.0, 2)
        assert cells[3] == f"{row.flows['deliveries']:,.0f}"


@pytest.mark.slow
def test_effects_on_the_page_are_those_of_the_comparison(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_parts, "picture", lambda figure, alt, numbers=None: Picture("data:,", alt, numbers))
    folder = made("compare")
    effects = pd.read_parquet(folder / "effects.parquet").set_index("outcome")
    section = next(s for s in report_compare.sections(Folder.open(folder), "en") if s.heading == "What changes")
    table = next(part for part in section.parts if isinstance(part, Table))
    row = next(row for row in table.rows if row[0].startswith("Orders: "))
    numbers = [float(cell.replace(",", "").replace("−", "-")) for cell in row[2:5]]
    expected = [float(effects[name]["orders"]) for name in ("base", "what_if", "difference")]
    assert numbers == pytest.approx(expected, rel=1e-3, abs=1)
    shown = Page(result_folders.compared()._repr_html_())
    assert shown.open == [] and "2 pairs" in shown.text and BANNER["en"] in shown.text


def test_fictional_names_replace_every_real_one(made: Made, tmp_path: Path) -> None:
    """Also in alternative texts, commands, inputs and sources; and there is no banner, as nobody is named."""
    for file in made("run").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    case = Case.load(tmp_path / "case.toml").change({"display.names": "fictional"})
    (tmp_path / "case.toml").write_text(case.to_toml(), encoding="utf-8")
    text = html(tmp_path)
    page = Page(text)
    whole = page.text + " ".join(image["alt"] for image in page.all("img"))
    for kind in ("organisations", "cars", "brands"):
        for key, thing in getattr(case, kind).items():
            if thing.fictional is not None and thing.fictional.en != thing.name.en:
                assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(thing.name.en)}(?![A-Za-z0-9])", whole), key
                assert case.label(kind, key) in whole or kind == "brands"
    assert BANNER["en"] not in page.text and "jd-gac-catl" not in text
    assert not re.search(r"\b(byd_auto|xpeng_motors|sgmw|ut_super|su7)\b", whole)


def test_words_of_a_case_cannot_become_markup(tmp_path: Path) -> None:
    odd = '<script>alert("x")</script> & "so on"'
    case = result_folders.case(title={"en": odd, "zh": odd})
    (tmp_path / "case.toml").write_text(case.to_toml(), encoding="utf-8")
    sales = pd.DataFrame(columns=["week", "car", *summary.FLOWS, "consumers_behind"])
    sales.astype({"week": int}).to_parquet(tmp_path / "sales.parquet")
    (tmp_path / "manifest.json").write_text('{"seeds": [1], "command": "whosecar run <b>"}', encoding="utf-8")
    page = Page(html(tmp_path))
    assert not page.all("script") and not page.all("b") and odd in page.text


def test_what_no_result_is_or_must_not_be_overwritten_is_refused(made: Made, tmp_path: Path) -> None:
    """Status 2 and a line that says what to do; nothing is written."""
    empty, notes = tmp_path / "empty", tmp_path / "notes.html"
    empty.mkdir()
    notes.write_text("mine", encoding="utf-8")
    for arguments, said in (
        ((empty,), "holds no result"),
        ((tmp_path / "none",), "holds no result"),
        ((made("run"), "--out", notes), "exists and is no report"),
        ((made("run"), "--out", tmp_path / "no" / "page.html"), "there is no such folder"),
        ((made("run"), "--out", empty), "is a folder"),
        ((made("run"), "--lang", "fr"), "--lang"),
    ):
        found = invoke("report", *arguments)
        assert found.exit_code == 2 and said in found.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ["empty", "notes.html"] and notes.read_text() == "mine"


def test_a_broken_table_is_named(made: Made, tmp_path: Path) -> None:
    for name in ("case.toml", "manifest.json"):
        (tmp_path / name).write_bytes((made("run") / name).read_bytes())
    (tmp_path / "sales.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(CaseError, match="sales.parquet.* cannot be read"):
        report.read(tmp_path)


def test_the_command_writes_a_page_and_writes_over_its_own(
    made: Made, read: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "read", lambda folder, lang: read)
    monkeypatch.setattr(report, "page", lambda found: f"<!doctype html>\n{report.MARK}>{found.title}")
    file = tmp_path / "page.html"
    for _ in range(2):
        found = invoke("report", made("run"), "--out", file, "--lang", "zh")
        assert found.exception is None and str(file) in found.output
    assert read.title in file.read_text(encoding="utf-8") and [one.name for one in tmp_path.iterdir()] == ["page.html"]


def test_a_sweep_opens_in_duckdb_and_polars_with_the_lines_that_its_page_gives(made: Made) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    from experiments.report.sweep import OPENING
    from experiments.sweep import Sweep

    folder = made("sweep")
    scope = {"duckdb": duckdb, "polars": polars, "Sweep": Sweep}
    tables = [eval(line.replace("DIR", str(folder)), scope) for line in OPENING]  # the lines as a user types them
    numbers = [tables[0].df()["orders"], tables[1]["orders"].to_pandas(), tables[2]["orders"]]
    assert len(numbers[0]) == 6
    assert all(sorted(one) == sorted(numbers[2]) for one in numbers)


def test_a_failed_run_is_on_the_page_with_its_error(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments.report import sweep as report_sweep
    from experiments.sweep import Sweep

    runs = Sweep.open(made("sweep")).runs()
    runs.loc[2, ["status", "error"]] = ["failed", "ValueError: it rained"]
    monkeypatch.setattr(Sweep, "runs", lambda self: runs)
    sections = report_sweep.sections(Folder.open(made("sweep")), "en")
    failed = next(section for section in sections if section.heading == "Runs that failed")
    table = failed.parts[0]
    assert isinstance(table, Table) and table.rows == ((runs["run_id"].iloc[2], "1", "ValueError: it rained"),)
    assert "5 are done and 1 failed" in sections[0].sentences[0]


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_a_page_fits_a_screen_of_any_width_and_asks_for_nothing(made: Made, tmp_path: Path, width: int) -> None:
    """No page scrolls sideways, only wide tables and figures within it; the browser fetches nothing else."""
    playwright, path = pytest.importorskip("playwright.sync_api"), shutil.which("chromium")
    if path is None and os.environ.get("CI") != "true":
        pytest.skip("needs Chromium")
    assert path is not None, "no Chromium: apt-get install chromium fonts-noto-cjk"
    file, asked = tmp_path / "page.html", list[str]()
    file.write_text(html(made("stress"), "zh"), encoding="utf-8")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 300)")
        browser.close()
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]


def test_a_picture_has_the_same_bytes_again() -> None:
    from gallery import gallery

    draw = gallery("en")["sobol"]
    one, other = (report_parts.picture(draw(), "words") for _ in range(2))
    assert isinstance(one, Picture) and one.address == other.address
    assert figures.DOTS_PER_INCH == 200


@pytest.mark.parametrize(
    ("value", "scale", "digits", "said"),
    [
        (0.12345, 100.0, 1, "12.3"), (-1234.5, 1.0, 0, "−1,234"), (float("nan"), 1.0, -1, "-"), (None, 1.0, -1, "-"),
        (1234567.0, 1.0, -1, "1,234,567"), (0.000012345, 1.0, -1, "0.000012"), ("word", 1.0, -1, "word"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_a_reader_expects(value: float, scale: float, digits: int, said: str) -> None:
    assert report_parts.number(value, scale, digits) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("share_end < 0.02", "Share < 2 %"), ("orders >= 1,234,567.5", "Share >= 123,456,750 %"),
        ("profit.jd <-1,250", "Share < −125,000 %"), ("whatever it is", "whatever it is"),
    ],
)  # fmt: skip
def test_what_was_asked_of_an_outcome_is_said_with_its_threshold(question: str, said: str) -> None:
    assert report_explain._asked(question, "Share", 100.0, "%") == said


def test_a_very_long_table_is_cut_and_says_so() -> None:
    frame = pd.DataFrame({"a": range(1_000), "b": [True] * 1_000})
    table = report_parts.table(frame, "long", {"a": Column("A", 1.0, 0), "b": Column("B")})
    assert len(table.rows) == report_parts.MOST_ROWS and "400" in table.note and "1,000" in table.note
    assert table.rows[0] == ("0", "yes") and table.right == (True, False)


def test_results_show_themselves_in_a_notebook(made: Made) -> None:
    """Case, run and sweep (and a comparison, by night): well formed, with the banner, and with nothing but escaped words."""
    from experiments import run as running
    from experiments.sweep import Sweep

    case = result_folders.case(title={"en": "<b>odd", "zh": "<b>odd"}).change({"calendar.weeks": 2})
    shown = [running.simulate(case, tables=())._repr_html_(), case._repr_html_()]
    shown.append(Sweep.open(made("sweep"))._repr_html_())
    for text in shown:
        page = Page(text)
        assert page.open == [] and "fingerprint" in page.text
    assert "<b>odd" in Page(shown[0]).text and "6 of 6 runs done" in shown[2]
    assert all(BANNER["en"] in text for text in (shown[0], *shown[2:]))


def test_a_design_of_one_factor_at_a_time_has_a_tornado_with_its_numbers(made: Made) -> None:
    """In the report of the explanation and in that of the sweep: values at both ends, changes, intervals."""
    folder = made("alone")
    measures = pd.read_parquet(folder / "sensitivity.parquet").set_index(["factor", "measure"])
    change = 100.0 * float(measures.loc[("cars.ut_super.price_cny", "at_low"), "value"])
    for place in (folder, folder.with_name("alone-sweep")):
        page = Page(html(place))
        alts = [image["alt"] for image in page.all("img") if " in the base case. " in image["alt"]]
        assert len(alts) == 1 and "at 71,000" in alts[0] and "at { jd = 1 }" in alts[0]
        assert "Change at the low value" in page.text and "No box" not in page.text
        assert (report_parts.number(change) in page.text) == (place == folder)  # the sweep tells of another outcome
