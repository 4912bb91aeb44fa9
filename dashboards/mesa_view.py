"""The same market in Mesa's stock SolaraViz, for those who know Mesa: `solara run dashboards.mesa_view`.

For one's own computer: it simulates and draws on the server, step by step, and knows neither languages nor links.
"""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import solara
from mesa.visualization import SolaraViz
from mesa.visualization.utils import update_counter

from dashboards.names import Names
from experiments.figures import share_over_time
from market import Case, Market


@solara.component
def Shares(market: Market) -> None:
    """Market share so far, drawn again after each step."""
    update_counter.get()
    case = market.case
    names = Names(case, "en")
    if market.week == 0:
        solara.Text("Press play or step.")
        return
    labels = {key: names.label("car", key) for key in case.cars}
    figure = share_over_time(
        market.ledger.sales(), start=case.calendar.start, weeks=market.week, labels=labels, heading=names.title()
    )
    solara.FigureMatplotlib(figure)


@solara.component
def Page() -> None:
    """A market of its own for each visitor: made inside the page, not once for all at import."""
    case = solara.use_memo(lambda: Case.load("jd-gac-catl").change({"population.consumers": 20_000}), [])
    market = solara.use_memo(lambda: Market(case, rng=1), [])
    solara.use_effect(lambda: market.close, [])
    SolaraViz(market, components=[(Shares, 0)], model_params={"case": case, "rng": 1}, name="Whose car is it?")
