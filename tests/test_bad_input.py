"""Promises of the command line to whoever makes a mistake: status 2, what and where and what to do, nothing touched."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments import folder, run
from experiments.cli import app

BASED = 'base = "jd-gac-catl"\n'
HAPPENING = '[[happenings]]\nid = "x"\non = 2025-03-01\nkind = '
LAUNCH = HAPPENING + '"launch"\ncar = "ut"\n'

# A case file that builds on the default case: what it says, the field that is blamed, and a part of the remedy. Every
# rule between sections has its row in broken_rules.py; here is one of each sort, as a file.
CASES = [
    # wrong types
    ('[population]\nconsumers = "many"', "population.consumers", "write a number, without quotes"),
    ("[population]\nconsumers = 1_000.5", "population.consumers", "round it"),
    ("[population]\nmarket_size = true", "population.market_size", "not true or false"),
    ('[cars.ut_super]\nprice_cny = "cheap"', "cars.ut_super.price_cny", "write a number, without quotes"),
    ('[calendar]\nstart = "soon"', "calendar.start", "write an existing day"),
    ("[profiles]\njd_like = 3", "profiles.jd_like", "allowed: a table"),
    ("functions = 3", "functions", "allowed: a list"),
    ("[title]\nen = 5", "title.en", "put it in quotes"),
    # not a number, infinite, negative, zero, huge
    ("[population]\nmarket_size = nan", "population.market_size", "give a finite number"),
    ("[population]\nmarket_size = inf", "population.market_size", "give a finite number"),
    ("[cars.ut_super]\nprice_cny = -inf", "cars.ut_super.price_cny", "give a finite number"),
    ("[cars.ut_super]\nprice_cny = -1", "cars.ut_super.price_cny", "choose one within these limits"),
    ("[population]\nconsumers = -5", "population.consumers", "choose one within these limits"),
    ("[population]\nconsumers = 0", "population.consumers", "choose one within these limits"),
    ("[population]\nconsumers = 60_000_000", "population.consumers", "choose one within these limits"),
    ("[population]\nconsumers = 1e15", "population.consumers", "choose one within these limits"),
    ("[calendar]\nweeks = 0", "calendar.weeks", "choose one within these limits"),
    ("[calendar]\nweeks = 5_201", "calendar.weeks", "choose one within these limits"),
    ("[plans.baas]\nrent_cny_per_month = -1", "plans.baas.rent_cny_per_month", "choose one within these limits"),
    ("[cars.ut_super.face]\njd = -0.2", "cars.ut_super.face.jd", "from 0 to 1"),
    # shares that do not sum to 1
    ("[population]\ntiers = { tier1 = 0.5, tier2 = 0.4 }", "population.tiers", "must sum to 1"),
    ("[profiles.jd_like]\nshare = 0.9", "profiles.*.share", "must sum to 1"),
    ("[cars.ut_super.roles]\nsales = { jd = 0.5, gac = 0.4 }", "cars.ut_super.roles.sales", "must sum to 1"),
    ("[cars.ut_super.exposure]\nmix = { jd = 0.4, elsewhere = 0.5 }", "cars.ut_super.exposure.mix", "must sum to 1"),
    # unknown names
    ("[population]\nhouses = 3", "population.houses", "known here: consumers"),
    ('[cars.ut_super]\ncolour = "red"', "cars.ut_super.colour", "known here: name"),
    ('[cars.ut_super]\nmaker = "gca"', "cars.ut_super.maker", "name one of these"),
    ("[cars.ut_super.roles]\nsails = { jd = 1.0 }", "cars.ut_super.roles", "name one of these"),
    ('[organisations.jd]\nkind = "shop"', "organisations.jd.kind", "choose one of these"),
    ('[display]\nnames = "secret"', "display.names", "choose one of these"),
    (HAPPENING + '"lanch"\ncar = "ut"', "happenings.x.kind", "did you mean launch?"),
    ("[cars.UT]\nprice_cny = 3", "cars.UT", "rename it"),
    ('remove = ["cars.utt"]', "remove", "did you mean cars.ut"),
    # what contradicts itself
    ("[cars.dolphin]\nswap = true", "cars.dolphin.swap_operator", "or set swap = false"),
    # empty lists
    ("[population]\nstrata = []", "population.strata", "add to it"),
    ("[cars.ut_super]\nchannels = []", "cars.ut_super.channels", "add to it"),
    ("functions = []", "functions", "add to it"),
    # duplicate ids
    (LAUNCH + LAUNCH, "happenings", "rename one"),
    ('[[happenings]]\non = 2025-03-01\nkind = "launch"\ncar = "ut"', "happenings", "add it"),
    # dates reversed or impossible
    ("[calendar]\nstart = 2025-02-30", "case.toml", "mend the text there"),
    ("[calendar]\nstart = 9999-12-01", "calendar.weeks", "start earlier or run fewer weeks"),
    (LAUNCH.replace("2025-03-01", "2024-03-01"), "happenings.x.on", "start earlier or remove it"),
]

# A file that is no case at all: its bytes, and a part of what is said about it.
FILES = [
    (b"", "empty", "write at least base"),
    (bytes(range(256)), "a binary file", "name a file that holds a case"),
    ('title = "é"'.encode("latin-1"), "not UTF-8", "save it with the encoding UTF-8"),
    (b"<html></html>", "not TOML", "mend the text there"),
    (b'{"population": {"consumers": 3}}', "not TOML", "mend the text there"),
    (b"a = " + b"[" * 5_000 + b"]" * 5_000, "not TOML", "write it flatter"),
    (b"#" * 6_000_000, "too large", "name a file that holds a case"),
    (b"x = 1", "calendar: missing", "add it"),
    (b'base = "nowhere.toml"\n[calendar]\nweeks = 3', "base: ", "bundled: "),
    (b"base = 3\n[calendar]\nweeks = 3", "base: given 3", "bundled: "),
    (b'base = "case.toml"\n[calendar]\nweeks = 3', "base: a circle", "take one base away"),
    (b"[calendar]\nweeks = 3\nweeks = 4", "not TOML", "mend the text there"),
]

# A command line: its words, and what the message says.
COMMANDS = [
    ("run no-such-case", "no-such-case: no such bundled case or file", "bundled: "),
    ("run jd-gac-cattl", "jd-gac-cattl: no such bundled case or file", "did you mean jd-gac-catl?"),
    ("run folder", "folder: a folder", "name a file inside it"),
    ("run jd-gac-catl another", "unexpected extra argument", "see whosecar run --help"),
    ("run --consumers x", "population.consumers: given", "write a number"),
    ("run --consumers -3", "population.consumers: given -3", "choose one within these limits"),
    ("run --consumers 1e400", "population.consumers: given inf", "a whole number from 1"),
    ("run --consumers nan", "population.consumers: given nan", "a whole number from 1"),
    ("run --consumers 99999999999999999999999", "population.consumers: given", "give a smaller number"),
    ("run --consumers", "--consumers", "see whosecar --help"),
    ("run --weeks 0", "calendar.weeks: given 0", "choose one within these limits"),
    ("run --weeks 1.5", "calendar.weeks: given 1.5", "round it"),
    ("run --weeks 3 --set calendar.weeks=4", "calendar.weeks: set twice", "set it once"),
    ("run --seed -1", "--seed: given", "a whole number from 0 to"),
    ("run --seed 1.5", "--seed: given", "a whole number from 0 to"),
    ("run --seed 99999999999", "--seed: given", "choose one within these limits"),
    ("run --replicates 0", "--replicates: given", "a whole number from 1 to"),
    ("run --replicates two", "--replicates: given", "a whole number from 1 to"),
    ("run --replicates 1000000", "--replicates: given", "choose one within these limits"),
    ("run --format xlsx", "--format: given", "allowed: parquet or csv"),
    ("run --lang fr", "--lang: given", "allowed: en or zh"),
    ("run --set calendar.weeks", "calendar.weeks", "write for example calendar.weeks=52"),
    ("run --set =3", "no name and value", "write for example calendar.weeks=52"),
    ("run --set calendar.week=3", "calendar.week: no such name", "did you mean calendar.weeks?"),
    ("run --set a..b=3", "a..b: no such name", "known here: "),
    ("run --set cars.utsuper.price_cny=3", "cars.utsuper.price_cny", "did you mean cars.ut_super.price_cny?"),
    ("run --set cars.ut_super.price_cny=nan", "cars.ut_super.price_cny", "give a finite number"),
    ("run --set cars.ut_super.roles.sales={jd=0.5}", "cars.ut_super.roles.sales", "must sum to 1"),
    ("run --set cars.ut_super.roles.sales.jd=1.5", "cars.ut_super.roles.sales.jd", "from 0 to 1"),
    ("run --set calendar.start=2025-02-30", "calendar.start", "write an existing day"),
    ("run --set population=3", "population: given 3", "allowed: a table"),
    ("run --set cars={}", "cars: given an empty table", "add to it"),
    ("run --set happenings.announced.id=other", "happenings.announced.id", "take the item away and add it anew"),
    ("run --wekks 3", "--wekks", "see whosecar run --help"),
    ("run --quiet=3", "--quiet", "see whosecar --help"),
    ("run --out full", '"full" is not empty; nothing is overwritten', "choose another folder or remove it"),
    ("run --out result", '"result" holds a result', "choose another folder or remove it"),
    ("run --out plain.txt", '"plain.txt" exists and is no folder', "choose another folder or remove it"),
    ("run --out plain.txt/new", '"plain.txt/new" cannot be written', "choose another folder"),
    ("run --out dangling", '"dangling" is a link that leads nowhere', "choose another folder or remove it"),
    ("run --out .", "names no folder", "give a name"),
    (f"run --out {'x' * 300}", "cannot be written", "choose another folder"),
    ("run --out", "--out", "see whosecar --help"),
    ("show", "CASE", "see whosecar show --help"),
    ("show no-such-case", "no-such-case: no such bundled case or file", "bundled: "),
    ("check", "FILE", "see whosecar check --help"),
    ("check no-such-file.toml", "no-such-file.toml: no such bundled case or file", "bundled: "),
    ("check folder", "folder: a folder", "name a file inside it"),
    ("schema please", "unexpected extra argument", "see whosecar schema --help"),
    ("cases --lang xx", "--lang: given", "choose one of these"),
    ("benchmark --quick --full", "not both", "see whosecar benchmark --help"),
    ("benchmark --fast", "--fast", "see whosecar benchmark --help"),
    ("dashboard --port x", "--port: given", "a whole number from 0 to 65_535"),
    ("dashboard --port 70000", "--port: given", "choose one within these limits"),
    ("dashboard --max-sessions 0", "--max-sessions: given", "choose one within these limits"),
    ("dashboard --lang fr", "--lang: given", "choose one of these"),
    ("rn", "'rn'", "see whosecar --help"),
    ("--nope", "--nope", "see whosecar --help"),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with things that a careless command might overwrite."""
    monkeypatch.chdir(tmp_path)
    for name in ("folder", "full", "result"):
        Path(name).mkdir()
    Path("full/precious.txt").write_text("mine", encoding="utf-8")
    Path("result/manifest.json").write_text("{}", encoding="utf-8")
    Path("plain.txt").write_text("mine", encoding="utf-8")
    Path("dangling").symlink_to("nowhere")
    return tmp_path


def contents(place: Path) -> dict[str, bytes | None]:
    """Everything below a folder: the bytes of files, None for folders and links that lead nowhere."""
    return {str(file): file.read_bytes() if file.is_file() else None for file in sorted(place.rglob("*"))}


def refused(words: list[str], here: Path) -> str:
    """What a command says that must fail without touching anything."""
    before = contents(here)
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert result.stderr.endswith("\n")
    assert contents(here) == before
    return result.stderr


@pytest.mark.parametrize(("text", "field", "remedy"), CASES)
def test_a_faulty_case_is_refused_by_field_and_with_a_remedy(text: str, field: str, remedy: str, here: Path) -> None:
    """The line that begins with the full name of the field says what to do; check says the same as run."""
    Path("case.toml").write_text(BASED + text, encoding="utf-8")
    said = refused(["run", "case.toml", "--out", "new"], here)
    lines = [line for line in said.splitlines() if line.startswith(field)]
    assert lines, said
    assert any(remedy in line for line in lines), said
    assert refused(["check", "case.toml"], here) == said


@pytest.mark.parametrize(("content", "what", "remedy"), FILES)
def test_a_file_that_is_no_case_is_refused(content: bytes, what: str, remedy: str, here: Path) -> None:
    """Empty, binary, of another encoding or format, endless, circular: one clear message."""
    Path("case.toml").write_bytes(content)
    said = refused(["run", "case.toml", "--out", "new"], here)
    assert what in said
    assert remedy in said


@pytest.mark.parametrize(("line", "what", "remedy"), COMMANDS, ids=lambda text: text[:50])
def test_a_faulty_command_line_is_refused(line: str, what: str, remedy: str, here: Path) -> None:
    """Every message is one line that says what was given and what to do."""
    said = refused(line.split(" "), here)
    assert what in said
    assert remedy in said
    assert said.count("\n") == 1


def test_every_fault_of_a_command_line_is_named_at_once(here: Path) -> None:
    """Whoever mends a command needs to try only once more."""
    Path("case.toml").write_text(BASED + "[population]\nconsumers = 0\n[calendar]\nweeks = 0", encoding="utf-8")
    said = refused(["run", "case.toml", "--seed", "x", "--format", "doc", "--out", "full"], here)
    fields = [line.split(":")[0] for line in said.splitlines()]
    assert sorted(fields) == ["--format", "--out", "--seed", "calendar.weeks", "population.consumers"]


@pytest.mark.parametrize("place", ["", "\0", "a\0b", ".."])
def test_a_place_without_a_name_is_refused(place: str, here: Path) -> None:
    """Nothing can be written to no place, above this one, or where no file can be."""
    assert "names no folder" in refused(["run", "--out", place], here)


@pytest.mark.parametrize("case", ["", "a\0b", "x" * 5_000, "\ud800", "/dev/null", ".."])
def test_a_name_that_can_name_nothing_is_refused(case: str, here: Path) -> None:
    """Names that the system itself rejects, devices and folders are no cases."""
    assert refused(["run", case], here)


def test_a_place_that_another_run_writes_to_is_refused(here: Path) -> None:
    """The second run ends at once and leaves the first alone, which then ends well."""
    with folder.new_folder(Path("new")) as part:
        (part / "manifest.json").write_text("{}", encoding="utf-8")
        said = refused(["run", "--consumers", "100", "--weeks", "1", "--out", "new"], here)
        assert said.startswith('--out: another run is writing to "new"')
        assert "wait until it has finished, or choose another folder" in said
    assert contents(here / "new") == {str(here / "new" / "manifest.json"): b"{}"}


def test_more_consumers_than_memory_are_refused_before_it_is_filled(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says how many would fit."""
    monkeypatch.setattr(run, "available_memory", lambda: 1_000_000_000)
    said = refused(["run", "--consumers", "20_000_000", "--out", "new"], here)
    assert said.startswith("population.consumers: given 20_000_000")
    assert f"give at most {int(1e9 / run.BYTES_PER_CONSUMER) // 1_000 * 1_000:_}" in said


# Command lines for real processes, and what they say.
PROCESSES = [
    (["run", "--out", "plain.txt/new", "--consumers", "200", "--weeks", "1"], '--out: "plain.txt/new"'),
    (["run", "--wekks", "3"], "--wekks"),
    (["check", "binary.toml"], "binary.toml: a binary file"),
    (["show", "\udcff"], "no such bundled case or file"),
    (["run", "--seed"], "--seed"),
    (["dashboard", "--port", "-1", "--wrong"], "--wrong"),
    (["unknown"], "'unknown'"),
]


@pytest.mark.parametrize(("words", "what"), PROCESSES)
def test_a_process_ends_in_status_two_and_one_message(words: list[str], what: str, here: Path) -> None:
    """As a shell sees it: status 2, one line on stderr, nothing on stdout, no traceback, whatever the locale."""
    Path("binary.toml").write_bytes(bytes(range(256)))
    before = contents(here)
    root = Path(run.__file__).parents[1]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "experiments.cli", *words]
    done = subprocess.run(command, capture_output=True, env=surroundings, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    said = done.stderr.decode("utf-8")
    assert what in said
    assert said.count("\n") == 1
    assert contents(here) == before
