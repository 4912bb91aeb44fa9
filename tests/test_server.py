"""The command `whosecar dashboard`: what it refuses, and what it does with a browser."""

from __future__ import annotations

import importlib
import socket

import pytest
from drawing import need

need("starlette")
from dashboards import server  # noqa: E402 - the extra comes first


@pytest.mark.parametrize(
    "arguments",
    [["--port", "x"], ["--port", "70000"], ["--port", "-1"], ["--max-sessions", "0"], ["--lang", "fr"], ["--nonsense"]],
)
def test_bad_arguments_end_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the argument; nothing is started."""
    with pytest.raises(SystemExit) as left:
        server.main(arguments)
    assert left.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_an_occupied_port_ends_with_status_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The message says which port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert server.main(["--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert str(port) in told
    assert "--port" in told
    assert told.count("\n") == 1


def test_answers_leave_at_once() -> None:
    """Asyncio turns off waiting for more to send only where a socket names its protocol: 40 ms of every click."""
    with server.listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("found", [True, False])
def test_the_page_is_opened_or_its_address_said(
    found: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A computer without a browser goes on serving."""
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or found)
    server._open_browser("http://localhost:1")
    assert opened == ["http://localhost:1"]
    assert ("http://localhost:1" in capsys.readouterr().err) is not found


def test_an_impossible_host_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A host that cannot be listened on is named."""
    assert server.main(["--host", "203.0.113.7", "--port", "0"]) == 2
    assert "203.0.113.7" in capsys.readouterr().err


def test_without_solara_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The remedy is the command to type."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "solara" else find(name))
    assert server.main([]) == 2
    assert "pip install '.[dashboard]'" in capsys.readouterr().err
