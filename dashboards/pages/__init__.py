"""The pages of the dashboard and their addresses; Solara reads `routes`."""

from __future__ import annotations

import solara

from dashboards.pages import market, results, story

routes = [
    solara.Route(path="/", component=market.Page, layout=market.Frame),
    solara.Route(path="results", component=results.Page),
    solara.Route(path="life", component=story.Page),
]
