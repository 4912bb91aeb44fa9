"""What a page sends over its websocket, and nothing else: checked before the application sees it.

Messages are Jupyter's (messaging protocol 5.3), of which a page needs a handful. Whatever else arrives was not sent by
one of our pages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any

LONGEST_ID = 64
LONGEST_LOCATION = 4_000
MOST_COLOURS = 40

CONTROL, STATES = "solara.control", "jupyter.widget.control"
STATES_VERSION = "1.0.0"


class Verdict(Enum):
    """What to do with a message."""

    FIT = "hand it on"
    IDLE = "ignore it: it would change what only the server changes"
    UNFIT = "end the websocket"


def verdict(text: Any) -> Verdict:
    """What to do with one message of a websocket; bytes, which our pages never send, are unfit."""
    if not isinstance(text, str):
        return Verdict.UNFIT
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return Verdict.UNFIT
    if not isinstance(message, dict) or message.get("channel") != "shell":
        return Verdict.UNFIT
    header, metadata, content = (message.get(name) for name in ("header", "metadata", "content"))
    if not (isinstance(header, dict) and isinstance(metadata, dict) and isinstance(content, dict)):
        return Verdict.UNFIT
    if not isinstance(message.get("parent_header"), dict):
        return Verdict.UNFIT
    kind = header.get("msg_type")
    if not _word(header.get("msg_id")) or not _word(header.get("session")):
        return Verdict.UNFIT
    if kind in ("kernel_info_request", "comm_info_request"):
        return Verdict.FIT
    if kind not in ("comm_open", "comm_msg", "comm_close") or not _word(content.get("comm_id")):
        return Verdict.UNFIT
    if kind == "comm_msg":
        return _said(content.get("data"))
    target = content.get("target_name")
    known = target == CONTROL or (target == STATES and metadata.get("version") == STATES_VERSION)
    return Verdict.FIT if kind == "comm_close" or known else Verdict.UNFIT


def _word(given: Any) -> bool:
    return isinstance(given, str) and 0 < len(given) <= LONGEST_ID


def _said(data: Any) -> Verdict:
    """What is said to a piece of the page: an event, the address or the colours of the page, or a question."""
    if not isinstance(data, dict):
        return Verdict.UNFIT
    match data.get("method"):
        case "custom":
            content = data.get("content")
            return _fit(isinstance(content, dict) and isinstance(content.get("event"), str))
        case "update":
            return _update(data.get("state"))
        case "run":
            return _fit(_run(data.get("args")))
        case "app-status" | "request_state" | "request_states":
            return Verdict.FIT
        case _:
            return Verdict.UNFIT


def _update(state: Any) -> Verdict:
    """Values that a browser may set: the address of the page, and whether it is dark."""
    kinds = {"location": str, "dark_effective": bool}
    if not isinstance(state, dict):
        return Verdict.UNFIT
    if not all(isinstance(value, kinds[key]) for key, value in state.items() if key in kinds):
        return Verdict.UNFIT
    if len(state.get("location", "")) > LONGEST_LOCATION:
        return Verdict.UNFIT
    return Verdict.FIT if state and set(state) <= set(kinds) else Verdict.IDLE


def _run(args: Any) -> bool:
    """How a page begins: its address, its colours, and no application but the only one."""
    if not isinstance(args, Mapping) or args.get("appName") not in (None, "__default__"):
        return False
    path, themes = args.get("path", ""), args.get("themes")
    plain = themes is None or (isinstance(themes, dict) and all(_colours(theme) for theme in themes.values()))
    return plain and isinstance(path, str) and len(path) <= LONGEST_LOCATION


def _colours(theme: Any) -> bool:
    if not isinstance(theme, dict) or len(theme) > MOST_COLOURS:
        return False
    return all(isinstance(ink, str | dict | None) for ink in theme.values())


def _fit(yes: bool) -> Verdict:
    return Verdict.FIT if yes else Verdict.UNFIT
