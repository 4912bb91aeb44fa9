"""The command `whosecar`: cases shown and listed, help, what is imported, what it starts and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import in_python, whosecar
from typer.testing import CliRunner

from experiments import cli, run
from experiments.cli import app
from market import Case

pytestmark = pytest.mark.usefixtures("here")
HEAVY = {"numpy", "pandas", "mesa", "matplotlib", "scipy", "pyarrow", "market.market", "market.case"}


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
