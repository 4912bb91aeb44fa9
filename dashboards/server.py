"""The command behind `whosecar dashboard`: start the page, say where it is, stop cleanly."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

BAD_INPUT = 2
INTERRUPTED = 130
"""Exit status when it was stopped before it had begun to serve."""

DEFAULT_PORT = 8765
DEFAULT_SEATS = 50
LANGUAGE_VARIABLE = "WHOSECAR_LANG"
ROOT_VARIABLE = "WHOSECAR_RESULTS"
"""Holds the folder of results that visitors may open."""

LARGEST_MESSAGE = 256 * 1024
"""Bytes that a browser may send at once; clicks take some hundred."""

INSTALL = "the dashboard needs more packages: in the project's folder, pip install '.[dashboard]'"
READY = {"en": "{title} {address} (stop with Ctrl-C)", "zh": "{title} {address} （按 Ctrl-C 停止）"}


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    parsed = argparse.ArgumentParser(
        prog="whosecar dashboard", description="Watch the market in a browser; works without internet."
    )
    parsed.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets the local network in (default: %(default)s)",
    )
    parsed.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port to listen on; 0 takes any free one (default: %(default)s)",
    )
    parsed.add_argument(
        "--lang", choices=("en", "zh"), help="language of a visitor who has not chosen one (default: the browser's)"
    )
    parsed.add_argument(
        "--max-sessions", type=_seats, default=DEFAULT_SEATS, help="visitors at once (default: %(default)s)"
    )
    parsed.add_argument("--open", action="store_true", help="open the page in this computer's browser")
    parsed.add_argument(
        "--results", type=_folder, metavar="ROOT", help="folder whose results visitors may open (default: none)"
    )
    return parsed


def _folder(text: str) -> str:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder; give one that holds results of the laboratory")
    return str(Path(text).resolve())


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a whole number from 0 to 65535")
    return int(text)


def _seats(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of visitors; give a whole number from 1 to 10000")
    return int(text)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on host and port; an OSError says why there is none."""
    family, _, _, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # With the protocol named, answers leave at once instead of waiting for more (TCP_NODELAY, which asyncio then sets).
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(target)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def addresses(listening: socket.socket) -> list[str]:
    """Where a browser finds the page: on this computer, and on the local network where that is let in."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        return [f"http://localhost:{port}", *(f"http://{address}:{port}" for address in _network_addresses())]
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"]


def _network_addresses() -> list[str]:
    """The address by which this computer leaves for its default network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address kept for documentation (RFC 5737)
        except OSError:
            return []
        return [probe.getsockname()[0]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; the exit status is 0 then, and 2 with one message when it could not start."""
    asked = parser().parse_args(arguments)
    missing = [
        name for name in ("solara", "ipyvuetify", "uvicorn", "starlette") if importlib.util.find_spec(name) is None
    ]
    if missing:
        return _fail(f"{INSTALL} (missing: {', '.join(missing)})")
    try:
        listening = listen(asked.host, asked.port)
    except (OSError, UnicodeError) as fault:
        return _fail(f"cannot listen on {asked.host} port {asked.port}: {fault}; choose another with --host or --port")
    with listening:
        if asked.lang:
            os.environ[LANGUAGE_VARIABLE] = asked.lang
        if asked.results:
            os.environ[ROOT_VARIABLE] = asked.results
        try:
            return _serve(listening, asked.max_sessions, asked.lang or "en", asked.open)
        except KeyboardInterrupt:
            return INTERRUPTED


def _open_browser(address: str) -> None:
    """Show the page in this computer's browser; where there is none, say so and serve on."""
    if not webbrowser.open(address):
        sys.stderr.write(f"whosecar dashboard: no browser was found to open; open {address} in one\n")


def _serve(listening: socket.socket, seats: int, language: str, opening: bool) -> int:
    from dashboards.app import MissingAssetsError, assets

    try:
        assets()
    except MissingAssetsError as fault:
        return _fail(f"{INSTALL} ({fault})")
    # Before Solara: when Mesa is imported it looks through all modules that there are, which then takes seconds.
    from dashboards.compute import QUEUE

    try:
        QUEUE.start()  # whoever simulates gets ready at the same time
        return _answer(listening, seats, language, opening)
    finally:
        QUEUE.close()


def _answer(listening: socket.socket, seats: int, language: str, opening: bool) -> int:
    """Answer browsers until told to stop."""
    import uvicorn

    from dashboards import texts
    from dashboards.app import application

    served = application(seats)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                title = texts.TEXTS["title"][texts.LANGUAGES.index(language)]
                sys.stdout.write(READY[language].format(title=title, address=" ".join(addresses(listening))) + "\n")
                sys.stdout.flush()
                if opening:
                    threading.Thread(target=_open_browser, args=addresses(listening)[:1], daemon=True).start()

    logging.getLogger("solara").setLevel(logging.WARNING)
    config = uvicorn.Config(
        served, log_level="warning", access_log=False, loop="asyncio", ws_max_size=LARGEST_MESSAGE,
        timeout_graceful_shutdown=2, server_header=False,
    )  # fmt: skip
    server = Server(config)
    # uvicorn stops at these signals and then raises them again; being told to stop is not a failure.
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, _stopped)
    server.run(sockets=[listening])
    return 0 if server.started else 1


def _stopped(number: int, frame: FrameType | None) -> None:
    """The server has already stopped for this signal."""


def _fail(message: str) -> int:
    sys.stderr.write(f"whosecar dashboard: {message}\n")
    return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
