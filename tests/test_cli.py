"""Promises of the command `whosecar`: what it writes, what it prints, what it leaves alone."""

from __future__ import annotations

import errno
import io
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from experiments import cli, console, folder, run, story, whose
from experiments.benchmark import market as benchmark
from experiments.cli import app
from experiments.figures import shares as figures
from experiments.manifest import BANNER
from market import Case, CaseError, Market

SMALL = ["--consumers", "3000", "--weeks", "6"]
TABLES = ["events", "finance", "market", "organisations", "panel", "sales"]
WRITTEN = sorted(["case.toml", "manifest.json", "share.png", *(f"{name}.parquet" for name in TABLES)])
HEAVY = {"numpy", "pandas", "mesa", "matplotlib", "scipy", "pyarrow", "market.market", "market.case"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whosecar(*words: str) -> Result:
    """A command that must end well."""
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == 0, result.output
    return result


def in_python(code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own that finds the project."""
    surroundings = {**os.environ, "PYTHONPATH": str(Path(run.__file__).parents[1])}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=surroundings, check=check, timeout=60)


def manifest(place: str) -> dict[str, Any]:
    """What a result folder says about itself."""
    found: dict[str, Any] = json.loads(Path(place, "manifest.json").read_text(encoding="utf-8"))
    return found


# ------------------------------------------------------------------------------------------- result folders


def test_a_run_writes_the_documented_files_and_nothing_else(here: Path) -> None:
    """Also into a folder whose parents are not there yet, and with nothing left beside it."""
    whosecar("run", *SMALL, "--out", "a/b/result")
    assert sorted(file.name for file in Path("a/b/result").iterdir()) == WRITTEN
    everything = {str(file.relative_to(here)) for file in here.rglob("*")}
    assert everything == {"a", "a/b", "a/b/result", *(f"a/b/result/{name}" for name in WRITTEN)}


def test_an_empty_folder_may_be_filled() -> None:
    """A folder that was made for the result is as good as a new one."""
    Path("result").mkdir()
    whosecar("run", *SMALL, "--out", "result")
    assert sorted(file.name for file in Path("result").iterdir()) == WRITTEN


def test_the_tables_are_those_of_the_ledger() -> None:
    """Reading a Parquet file gives the table that the market gives in Python; Parquet keeps time in milliseconds."""
    whosecar("run", *SMALL, "--seed", "7", "--out", "result")
    case = Case.load("jd-gac-catl").change({"population.consumers": 3_000, "calendar.weeks": 6})
    ledger = Market(case, rng=7).run().ledger
    for name in TABLES:
        table = getattr(ledger, name)()
        kept = table.astype({"date": "datetime64[ms]"}) if "date" in table else table
        words = dict.fromkeys(table.select_dtypes("category"), "object")
        found = pd.read_parquet(f"result/{name}.parquet")
        pd.testing.assert_frame_equal(found.astype(words), kept.astype(words))


def test_the_written_case_with_the_seed_of_the_manifest_is_the_same_run() -> None:
    """A result can be made again from its folder alone, to the last bit of every table and of the figure's lines."""
    whosecar("run", *SMALL, "--seed", "3", "--set", "cars.ut.price_cny=70_000", "--out", "first")
    said = manifest("first")
    whosecar("run", "first/case.toml", "--seed", str(said["seed"]), "--out", "second")
    assert manifest("second")["fingerprint"] == said["fingerprint"] == Case.load(Path("first/case.toml")).fingerprint
    for name in (f"{table}.parquet" for table in TABLES):
        assert pq.read_table(f"first/{name}").equals(pq.read_table(f"second/{name}"), check_metadata=True)


def test_the_same_seed_gives_the_same_bytes_and_another_one_another_market() -> None:
    """Tables and figure of two equal runs do not differ in a byte; the case is the same whatever the seed."""
    for name, seed in (("first", "1"), ("second", "1"), ("third", "2")):
        whosecar("run", *SMALL, "--seed", seed, "--out", name)
    for file in (*(f"{table}.parquet" for table in TABLES), "share.png", "case.toml"):
        assert Path("first", file).read_bytes() == Path("second", file).read_bytes()
    assert Path("first/sales.parquet").read_bytes() != Path("third/sales.parquet").read_bytes()
    assert Path("first/case.toml").read_bytes() == Path("third/case.toml").read_bytes()


def test_replicates_are_runs_with_seeds_in_a_row() -> None:
    """With R runs every table has a column `replicate`; number r is the run with the seed S + r."""
    whosecar("run", *SMALL, "--seed", "5", "--replicates", "3", "--out", "all")
    whosecar("run", *SMALL, "--seed", "6", "--out", "one")
    assert manifest("all")["seeds"] == [5, 6, 7]
    for name in TABLES:
        table, one = pd.read_parquet(f"all/{name}.parquet"), pd.read_parquet(f"one/{name}.parquet")
        assert list(table.columns) == ["replicate", *one.columns]
        assert sorted(table["replicate"].unique()) == [0, 1, 2] or name == "events"
        again = table[table["replicate"] == 1].drop(columns="replicate").reset_index(drop=True)
        words = dict.fromkeys(one.select_dtypes("category"), "str")
        pd.testing.assert_frame_equal(again.astype(words), one.astype(words))


def test_every_column_says_its_unit() -> None:
    """Units travel with the Parquet columns and in the manifest."""
    whosecar("run", *SMALL, "--replicates", "2", "--out", "result")
    for name in (f"{table}.parquet" for table in TABLES):
        schema = pq.read_schema(f"result/{name}")
        units = {field.name: field.metadata[b"unit"].decode() for field in schema}
        assert all(units.values())
        assert manifest("result")["tables"][name] == {
            "rows": pq.read_metadata(f"result/{name}").num_rows,
            "units": units,
        }
    assert pq.read_schema("result/sales.parquet").field("revenue_cny").metadata[b"unit"] == b"CNY"


def test_csv_holds_what_parquet_holds_and_opens_in_a_spreadsheet() -> None:
    """The same values as text, marked as UTF-8 so that Chinese is not garbled."""
    whosecar("run", *SMALL, "--out", "parquet")
    whosecar("run", *SMALL, "--out", "csv", "--format", "csv")
    assert sorted(f.name for f in Path("csv").iterdir()) == [name.replace(".parquet", ".csv") for name in WRITTEN]
    for name in TABLES:
        assert Path(f"csv/{name}.csv").read_bytes().startswith(b"\xef\xbb\xbf")
        table = pd.read_parquet(f"parquet/{name}.parquet")
        words = dict.fromkeys(table.select_dtypes("category"), str)
        dates = ["date"] if "date" in table else []
        text = pd.read_csv(f"csv/{name}.csv", encoding="utf-8-sig", parse_dates=dates, dtype=words, na_values=[])
        plain = table.astype(dict.fromkeys(words, object))
        for column in words:  # a spreadsheet cannot tell an empty word from none
            text[column], plain[column] = text[column].fillna("").astype(object), plain[column].fillna("")
        pd.testing.assert_frame_equal(text, plain, check_dtype=False, rtol=1e-12)
    assert sorted(manifest("csv")["tables"]) == [f"{name}.csv" for name in TABLES]


def test_the_manifest_says_what_was_run_and_nothing_of_the_machine(here: Path) -> None:
    """Versions, times, case, seed and command as typed; no path but what was typed."""
    whosecar("run", *SMALL, "--seed", "4", "--out", "result")
    said = manifest("result")
    case = Case.load("jd-gac-catl").change({"population.consumers": 3_000, "calendar.weeks": 6})
    assert said["command"] == "whosecar run --consumers 3000 --weeks 6 --seed 4 --out result"
    assert (said["case"], said["fingerprint"]) == ("jd-gac-catl", case.fingerprint)
    assert (said["consumers"], said["weeks"], said["seed"], said["replicates"]) == (3_000, 6, 4, 1)
    assert {"whosecar", "python", "numpy", "mesa", "platform"} <= said.keys()
    assert said["started"] <= said["finished"]
    assert said["banner"].startswith("Scenario, not forecast")
    written = "".join(Path("result", name).read_text(encoding="utf-8") for name in ("manifest.json", "case.toml"))
    assert all(path not in written for path in (str(here), sys.prefix, str(Path.home()) + os.sep))


# ------------------------------------------------------------------------------------------- when it goes wrong


@pytest.mark.parametrize(("raised", "status"), [(KeyboardInterrupt(), 130), (RuntimeError("a bug"), 1)])
def test_a_run_that_is_cut_off_leaves_nothing(
    raised: BaseException, status: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C or a crash there is no folder, no part of one, and no parent that was made for it."""
    step = Market.step

    def failing(self: Market) -> None:
        if self.week == 3:
            raise raised
        step(self)

    monkeypatch.setattr(Market, "step", failing)
    result = CliRunner().invoke(app, ["run", *SMALL, "--out", "a/b"])
    assert result.exit_code == status
    assert list(here.iterdir()) == []
    assert ("stopped; nothing was written" in result.stderr) == (status == 130)


def test_a_run_that_is_cut_off_keeps_the_replicates_that_are_finished(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the third of four: two are told and written, status 130."""
    begun, step = 0, Market.step

    def failing(self: Market) -> None:
        nonlocal begun
        begun += self.week == 0
        if begun == 3:
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(Market, "step", failing)
    result = CliRunner().invoke(app, ["run", *SMALL, "--replicates", "4", "--out", "a"])
    assert result.exit_code == 130 and "2 of 4 runs" in result.stderr and "Written to a" in result.stdout
    assert pd.read_parquet("a/sales.parquet")["replicate"].unique().tolist() == [0, 1]


def test_a_full_disk_is_said_and_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written whole is not written at all."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(figures, "save", full)
    result = CliRunner().invoke(app, ["run", *SMALL, "--out", "a/b"])
    assert result.exit_code == 2
    assert result.stderr == '--out: "a/b" cannot be written: no space left on device; choose another folder\n'
    assert "Lost to lost trust" in result.stdout and "Written to" not in result.stdout  # what was found is told
    assert list(here.iterdir()) == []


def test_what_a_killed_run_left_does_not_stop_the_next(here: Path) -> None:
    """The lock of a killed process is gone with it; its unfinished folder is replaced."""
    Path(".result.part").mkdir()
    Path(".result.part/sales.parquet").write_bytes(b"half of")
    Path(".result.lock").touch()
    whosecar("run", *SMALL, "--out", "result")
    assert [file.name for file in here.iterdir()] == ["result"]
    assert sorted(file.name for file in Path("result").iterdir()) == WRITTEN


def test_a_folder_that_was_filled_meanwhile_is_not_overwritten() -> None:
    """Who came first keeps the place, even if it was not by this command."""

    def fill_while_another_writes() -> None:
        with folder.new_folder(Path("result")) as part:
            (part / "manifest.json").touch()
            Path("result").mkdir()
            Path("result/mine.txt").write_text("mine", encoding="utf-8")

    with pytest.raises(CaseError, match="is not empty"):
        fill_while_another_writes()
    assert [file.name for file in Path("result").iterdir()] == ["mine.txt"]


# ------------------------------------------------------------------------------------------- what is printed


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


# ------------------------------------------------------------------------------------------- cases


@pytest.mark.parametrize("name", Case.bundled())
def test_what_show_prints_loads_back_equal(name: str) -> None:
    """The whole case as TOML, with units and sources beside the values, is that case."""
    printed = whosecar("show", name).stdout
    Path("copy.toml").write_text(printed, encoding="utf-8")
    assert Case.load(Path("copy.toml")) == Case.load(name)
    assert "  # CNY; " in printed
    checked = whosecar("check", "copy.toml").stdout
    assert checked == f"ok: copy.toml, fingerprint {Case.load(name).fingerprint}\n"


def test_a_case_may_be_a_base_and_nothing_more() -> None:
    """`base = "..."` alone, or with sources, is that case."""
    Path("same.toml").write_text('base = "jd-gac-catl"\n', encoding="utf-8")
    assert Case.load("jd-gac-catl").fingerprint in whosecar("check", "same.toml").stdout


def test_the_schema_is_json_and_the_one_of_cases() -> None:
    """Editors can complete and check case files with it."""
    assert json.loads(whosecar("schema").stdout) == Case.schema()


def test_the_list_of_cases_says_what_each_is_in_two_languages() -> None:
    """Each bundled case has its name and one sentence, in both languages or in the one asked for."""
    both, chinese = ("".join(whosecar("cases", *more).stdout.split()) for more in ([], ["--lang", "zh"]))
    for name in Case.bundled():
        summary = Case.load(name).summary
        assert name in both
        assert "".join(summary.en.split()) in both.replace("(thedefault)", "")
        assert "".join(summary.zh.split()) in both
        assert "".join(summary.zh.split()) in chinese.replace("(默认)", "")
        assert "".join(summary.en.split()) not in chinese


# ------------------------------------------------------------------------------------------- the command itself


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["benchmark", "-h"], [], ["--version"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """A page of help needs no numerical library, so that it comes at once."""
    code = f"""
import sys
from experiments.cli import main
sys.argv = ["whosecar", *{words!r}]
try:
    main()
except SystemExit as end:
    print("status", end.code, sorted({HEAVY!r} & set(sys.modules)))
"""
    said = in_python(code).stdout
    assert said.splitlines()[-1] == "status 0 []"
    assert "whosecar" in said


def test_the_first_page_of_help_does_not_even_import_pydantic() -> None:
    """Nor anything of the market but its version."""
    code = "import sys; sys.argv = ['whosecar', '--help']; from experiments.cli import main; main()"
    loaded = (
        f"import atexit, sys; atexit.register(lambda: print(sorted({{'pydantic', *{HEAVY!r}}} & set(sys.modules))))\n"
    )
    assert in_python(loaded + code).stdout.splitlines()[-1] == "[]"


def test_bad_input_is_told_without_a_numerical_library() -> None:
    """A command that only starts another process, as the dashboard does, does not load the market first."""
    code = "import sys; sys.argv = ['whosecar', 'dashboard', '--port', 'x']; from experiments.cli import main; main()"
    loaded = f"import atexit, sys; atexit.register(lambda: print(sorted({HEAVY!r} & set(sys.modules))))\n"
    found = in_python(loaded + code, check=False)
    assert (found.returncode, found.stdout) == (2, "[]\n")
    assert found.stderr.startswith('--port: given "x"; allowed: ')


def test_importing_the_commands_touches_no_dashboard() -> None:
    """Experiments never import the dashboard; the command starts it as a process."""
    code = (
        "import sys, experiments.cli, experiments.run, experiments.benchmark.market; print('dashboards' in sys.modules)"
    )
    assert in_python(code).stdout == "False\n"


def test_a_case_is_read_and_refused_without_the_market() -> None:
    """Data flow one way, case to market: no fault of a case has to wait for Mesa, pandas or SciPy."""
    code = (
        "import sys; import experiments.run, experiments.stress.design; from market import Case; "
        "Case.load('jd-gac-catl').change({'cars.ut_super.price_cny': 80_000}); "
        "print(sorted({'mesa', 'pandas', 'scipy', 'market.market', 'market.people.population'} & {*sys.modules}))"
    )
    assert in_python(code).stdout == "[]\n"


def test_without_the_extra_the_dashboard_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 2 and one line that can be pasted."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["dashboard"])
    assert result.exit_code == 2
    assert result.stderr == f"{cli.INSTALL}\n"


def test_the_dashboard_is_started_with_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Host, port, language and number of visitors reach the server, and its status is the command's."""
    started: list[list[str]] = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)

    def serve(command: Sequence[str]) -> int:
        started.append([*command])
        return 3

    monkeypatch.setattr(cli, "serve", serve)
    words = ["dashboard", "--host", "0.0.0.0", "--port", "0", "--lang", "zh", "--max-sessions", "9", "--open"]
    assert CliRunner().invoke(app, words).exit_code == 3
    options = started[0][started[0].index("dashboards.server") + 1 :]
    assert options == ["--host", "0.0.0.0", "--port", "0", "--max-sessions", "9", "--lang", "zh", "--open"]


def test_who_stops_the_command_stops_the_server() -> None:
    """A signal to end reaches the process behind it, whose status is passed on."""
    server = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); "
        "print('ready', flush=True); signal.pause()"
    )
    code = f"import sys; from experiments.cli import serve; sys.exit(serve([sys.executable, '-c', {server!r}]))"
    surroundings = {**os.environ, "PYTHONPATH": str(Path(run.__file__).parents[1])}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=surroundings) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == "ready\n"
        command.send_signal(signal.SIGTERM)
        assert command.wait(timeout=30) == 7


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A benchmark small enough for a test, in this process."""
    plan = benchmark.Plan(large=(2_000, 8), small=(500, 4), reference=(200, 2), huge=(4_000, 8), starts=1)
    monkeypatch.setattr(benchmark, "PLANS", {"quick": plan})
    monkeypatch.setattr(benchmark, "peak_memory", itertools.count(1e6, 1e6).__next__)
    monkeypatch.setattr(benchmark, "alone", lambda measure, size: benchmark.MEASURES[measure](*size))


def test_the_benchmark_states_what_was_measured_beside_its_target(tiny: None) -> None:
    """Each line of the speed table, with unit, target and verdict, and a figure that compares machines."""
    said = whosecar("benchmark", "--quick").stdout
    for words in (
        "ns per consumer-week",
        "microseconds",
        "bytes per consumer",
        "plain Mesa agents",
        "--help",
        "GB",
        "kernel",
    ):
        assert words in said
    verdicts = [line for line in said.splitlines() if "<=" in line or ">=" in line]
    assert len(verdicts) == 8
    assert all(("met" in line) != ("missed" in line) for line in verdicts)


def test_a_measurement_has_a_process_and_a_core_of_its_own() -> None:
    """What is measured does not share its memory or its threads with whoever asks."""
    assert benchmark.alone("kernel", (1_000, 2))["seconds"] > 0.0


def test_a_target_is_met_on_the_right_side() -> None:
    """Times must not exceed their target, the gain over plain agents must not fall short of it."""
    assert benchmark.Row("time", 1.0, "s", 2.0).met is True
    assert benchmark.Row("time", 3.0, "s", 2.0).met is False
    assert benchmark.Row("gain", 3.0, "times", 2.0, at_least=True).met is True
    assert benchmark.Row("no target", 3.0, "s").met is None
