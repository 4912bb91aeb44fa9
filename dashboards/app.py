"""The Solara application behind its guard, and the settings that make it self-contained.

Solara reads its settings when it is imported, so `settle` comes first. What Solara would fetch from elsewhere (its own
bundle, icons, ECharts) is served from the installed package `solara-assets`.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
import warnings
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from dashboards import texts

HERE = Path(__file__).parent
PROOF = Path("cdn") / "requirejs@2.3.6" / "require.js"
"""A file of solara-assets that every page needs."""

SETTINGS = {
    "SOLARA_APP": "dashboards.pages",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_TELEMETRY_SERVER_USER_ID": "none",
    "SOLARA_ASSETS_PROXY": "false",
    "SOLARA_ASSETS_CDN": "/static/assets/cdn",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",
    "SOLARA_SESSION_HTTP_ONLY": "true",
    "SOLARA_STATE_AUTO_REMOUNT": "true",
    "SOLARA_THEME_LOADER": "whosecar",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": " · ".join(texts.TEXTS["title"]),
    "SOLARA_ROOT_PATH": "",
}


class MissingAssetsError(Exception):
    """The files that browsers need are not installed. Install the package solara-assets."""


def assets() -> Path:
    """The folder where `pip install solara-assets` has put what browsers need."""
    roots = [sysconfig.get_path("data"), sys.prefix, site.getuserbase()]
    for root in roots:
        folder = Path(root) / "share" / "solara"
        if (folder / PROOF).is_file():
            return folder
    raise MissingAssetsError(
        f"solara-assets is not installed: no share/solara/{PROOF.as_posix()} under {', '.join(map(str, roots))}"
    )


def settle() -> None:
    """Put Solara's settings into the environment. To be called before Solara is imported."""
    os.environ.update(SETTINGS)


def only_declared_events(widget: Any, _: Any, content: dict[str, Any], buffers: Any) -> None:
    """Let a browser call the events that a widget declares and nothing else.

    ipyvue as it comes also lets the browser import any module, make any object of it and set any attribute, which on
    a server would be letting visitors run code.
    """
    name = content.get("event") if isinstance(content, dict) else None
    if isinstance(name, str) and name in widget.events:
        arguments = (content.get("data", {}), buffers) if buffers else (content.get("data", {}),)
        getattr(widget, f"vue_{name}")(*arguments)


def application(seats: int) -> ASGIApp:
    """Everything that the server serves, for so many visitors at once."""
    settle()
    folder = assets()

    import solara.server.settings
    from ipyvue import VueTemplateWidget

    solara.server.settings.assets.extra_locations = [str(folder)]
    VueTemplateWidget.Events._handle_event = only_declared_events

    import solara.server.starlette
    from solara.server import kernel_context

    # The cookie is first-party on purpose; Solara would rather have it for pages inside other sites' frames.
    warnings.filterwarnings("ignore", message="Cookies with samesite=none require https")

    from dashboards.guard import Guard, Seats, full_page

    alive = Seats(seats, alive=lambda: list(kernel_context.contexts))
    return Guard(solara.server.starlette.app, alive, full_page(seats))
