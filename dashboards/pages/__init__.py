"""The pages of the dashboard and their addresses; Solara reads `routes`."""

from __future__ import annotations

import solara

from dashboards.pages import compare, first, lessons, market, results, story

routes = [
    solara.Route(path="/", component=first.Home, layout=market.Frame),
    solara.Route(path="lessons", component=lessons.Page),
    solara.Route(path="market", component=market.Page),
    solara.Route(path="compare", component=compare.Page),
    solara.Route(path="results", component=results.Page),
    solara.Route(path="life", component=story.Page),
]
