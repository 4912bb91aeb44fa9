"""Promises of figures and of the numbers beside them: they can be read, they are true, they change nothing."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from evidence import MANY, z_of
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from experiments import figures, summary
from experiments.figures import labelling

START = date(2025, 1, 6)
WEEKS = 60
TOUCHING = 0.02
"""Inches by which two boxes may overlap: the space that a font leaves around its letters."""


def sales(
    deliveries: Mapping[str, Sequence[float]], weight: float = 1.0, replicates: Sequence[float] = (1.0,)
) -> pd.DataFrame:
    """A table of sales by hand: deliveries of each car by week, one row a week; each consumer weighs the same."""
    rows = [
        {"replicate": r, "week": week, "car": car, "reservations": 0.0, "orders": 0.0, "cancellations": 0.0}
        | {"deliveries": factor**i * cars, "consumers_behind": factor**i * cars / weight}
        for r, factor in enumerate(replicates)
        for i, (car, weekly) in enumerate(sorted(deliveries.items()))
        for week, cars in enumerate(weekly)
        if cars > 0
    ]
    columns = ["replicate", "week", "car", *summary.FLOWS, "consumers_behind"]
    return pd.DataFrame(rows, columns=columns).astype({"week": int, "replicate": int})


def names(table: pd.DataFrame) -> dict[str, str]:
    """A name for every car of a table."""
    return {car: f"The {car}" for car in sorted(set(table["car"]))}


def drawn(table: pd.DataFrame, weeks: int = WEEKS, **more: Any) -> Figure:
    """The figure of a table."""
    return figures.share_over_time(table, start=START, weeks=weeks, labels=names(table), **more)


def words(figure: Figure, *kinds: str) -> list[Text]:
    """Texts of the given kinds (all kinds if none is given) that say something."""
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in texts if not kinds or text.get_gid() in kinds]


def png(figure: Figure) -> bytes:
    """The bytes of its file."""
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def points(line: Line2D) -> NDArray[np.float64]:
    """Days and heights of a line: (points, 2)."""
    return np.asarray(line.get_xydata(), float)


def boxes(figure: Figure, texts: Sequence[Text]) -> list[tuple[str, Bbox]]:
    """Where each text is drawn, in dots."""
    figure.canvas.draw()
    return [(text.get_text(), text.get_window_extent()) for text in texts]


def meetings(figure: Figure, texts: Sequence[Text]) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes overlap in both directions."""
    edge = TOUCHING * figure.dpi
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes(figure, texts), 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > edge and min(a.y1, b.y1) - max(a.y0, b.y0) > edge
    ]


def curves(figure: Figure) -> dict[str, Line2D]:
    """Solid lines over time by colour."""
    return {
        str(to_hex(line.get_color())): line
        for line in figure.axes[0].get_lines()
        if len(points(line)) == WEEKS and line.get_linestyle() == "-" and line.get_linewidth() > 1
    }


def close_cars(count: int, seed: int) -> dict[str, list[float]]:
    """Cars whose shares are all but equal, so that every label wants the same place."""
    luck = np.random.default_rng(seed)
    return {f"car_{i:02d}": list(1_000.0 + luck.normal(0, 3, WEEKS)) for i in range(count)}


CROWD = [figures.Badge(START + timedelta(days=200 + d), f"event number {d} with a title") for d in range(12)]
FOOT = "whosecar 0.1.0, case x, fingerprint 0123456789abcdef, 50,000 consumers, seed 1\n" + "A long sentence. " * 20


@pytest.mark.parametrize("seed", range(4))
def test_no_two_words_of_a_crowded_figure_meet(seed: int) -> None:
    """Twelve lines that end at the same place and twelve events in twelve days: every word can still be read."""
    figure = drawn(sales(close_cars(12, seed)), heading="a crowd", source=FOOT, happenings=CROWD)
    assert meetings(figure, words(figure)) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_word_is_on_the_page(lang: str) -> None:
    """Also very long names, titles and sources stay inside the figure."""
    long = figures.Badge(START + timedelta(weeks=5), "an event with a title that goes on and on " * 6)
    table = sales(close_cars(9, 1))
    labels = dict.fromkeys(names(table), "An Extraordinarily Long Name of a Car Plus")
    figure = figures.share_over_time(
        table, start=START, weeks=WEEKS, labels=labels, heading="a heading without end " * 12, source=FOOT,
        happenings=[long], lang=lang,
    )  # fmt: skip
    page = figure.bbox.padded(1.0)
    outside = [
        text for text, box in boxes(figure, words(figure)) if not page.containsx(box.x0) or not page.containsx(box.x1)
    ]
    outside += [
        text for text, box in boxes(figure, words(figure)) if not page.containsy(box.y0) or not page.containsy(box.y1)
    ]
    assert outside == []


def test_a_line_is_the_four_week_share_of_deliveries() -> None:
    """What is drawn is the sum over four weeks of a car's deliveries in that of all cars, fewer weeks at the start."""
    luck = np.random.default_rng(3)
    weekly = {"a": luck.uniform(500, 900, WEEKS), "b": luck.uniform(1_500, 1_900, WEEKS)}
    figure = drawn(sales({car: list(values) for car, values in weekly.items()}))
    last, total = (np.convolve(v, np.ones(4))[:WEEKS] for v in (weekly["a"], weekly["a"] + weekly["b"]))
    ordered = sorted(curves(figure).values(), key=lambda line: float(points(line)[:, 1].mean()))
    np.testing.assert_allclose(points(ordered[0])[:, 1], 100 * last / total)
    np.testing.assert_allclose(points(ordered[1])[:, 1], 100 - 100 * last / total)
    axis = next(text.get_text() for text in words(figure, "title") if "%" in text.get_text())
    assert "4-week moving mean" in axis
    assert "deliveries" in axis


def test_the_dates_on_the_axis_are_the_dates_of_the_weeks() -> None:
    """The first point stands on the first day, the next a week later, and the axis starts with that day."""
    figure = drawn(sales(close_cars(2, 0)))
    days = points(next(iter(curves(figure).values())))[:, 0]
    assert days[0] == START.toordinal()
    assert set(np.diff(days)) == {7.0}
    assert figure.axes[0].get_xticklabels()[0].get_text() == "6 Jan\n2025"


@pytest.mark.parametrize(("weeks", "most"), [(1, 3), (6, 5), (30, 12), (104, 13), (520, 13), (5_200, 13)])
def test_months_are_few_enough_to_be_read_however_long_the_run(weeks: int, most: int) -> None:
    """From one week to a century the axis has a handful of marks that do not meet."""
    table = sales({"a": [100.0] * weeks, "b": [50.0] * weeks})
    figure = drawn(table, weeks)
    ticks = [text for text in figure.axes[0].get_xticklabels() if text.get_text()]
    assert 1 <= len(ticks) <= most
    assert meetings(figure, ticks) == []


def test_there_are_at_most_eight_lines_and_the_focal_car_is_one_of_them() -> None:
    """Small cars become one line, except the car that the case is about."""
    table = sales({f"car_{i:02d}": [1_000.0 * (i + 1)] * WEEKS for i in range(20)} | {"focal": [10.0] * WEEKS})
    figure = drawn(table, focal=["focal"])
    labels = [text.get_text() for text in words(figure, "end-label")]
    assert len(labels) == figures.MOST_LINES
    assert any(label.startswith("The focal") for label in labels)
    assert any("all others" in label for label in labels)
    assert sum(float(label.split()[-1]) for label in labels) == pytest.approx(100, abs=0.5)


def test_what_would_flatten_the_other_lines_is_said_and_not_drawn() -> None:
    """A rest of the market at 90 % is written above the scale, which then fits the cars."""
    table = sales({"small": [500.0] * WEEKS, "tiny": [500.0] * WEEKS, "rest": [9_000.0] * WEEKS})
    figure = drawn(table, rest=["rest"])
    assert figure.axes[0].get_ylim()[1] < 10
    assert [t.get_text() for t in words(figure, "end-label") if "\u2191" in t.get_text()] == ["\u2191 The rest  90.0"]


def test_parts_that_rest_on_few_consumers_are_dotted_and_pale() -> None:
    """Under 30 effective consumers in four weeks a line is dotted and paler, and the page says why."""
    weekly = {"many": [3_000.0] * WEEKS, "few": [600.0] * 30 + [3_000.0] * 30}
    figure = drawn(sales(weekly, weight=100.0))  # 24 consumers in four weeks, then 120
    dotted = [
        line for line in figure.axes[0].get_lines() if line.get_linestyle() == "--" and len(points(line)) == WEEKS
    ]
    known = [~np.isnan(points(line)[:, 1]) for line in dotted]
    assert sorted(int(flags.sum()) for flags in known) == [0, 31]  # 30 weeks, and the one that joins them to the rest
    assert any("fewer than 30" in text.get_text() for text in words(figure, "small-print"))
    assert not any("fewer than 30" in t.get_text() for t in words(drawn(sales(weekly, weight=1.0)), "small-print"))


def test_bands_hold_the_middle_nine_tenths_of_the_replicates() -> None:
    """With replicates the line is the median and a band reaches from the 5 % to the 95 % quantile."""
    factors = [0.5 + 0.075 * i for i in range(21)]
    figure = drawn(sales({"a": [1_000.0] * WEEKS, "b": [1_000.0] * WEEKS}, replicates=factors), replicates=len(factors))
    shares = [100 * factor / (1 + factor) for factor in factors]
    bands = [np.asarray(band.get_paths()[0].vertices)[:, 1] for band in figure.axes[0].collections]
    assert len(bands) == 2
    heights = sorted((round(float(v.min()), 6), round(float(v.max()), 6)) for v in bands)
    low, high = np.quantile(shares, [0.05, 0.95])
    np.testing.assert_allclose(heights, sorted([(low, high), (100 - high, 100 - low)]), atol=1e-5)
    assert any("5-95 %" in text.get_text() for text in words(figure, "title"))
    assert not drawn(sales({"a": [1.0] * WEEKS, "b": [1.0] * WEEKS})).axes[0].collections


def test_badges_stand_for_what_happens_within_the_run() -> None:
    """An event gets a numbered badge and a line in the key; events outside the run get neither."""
    inside = [figures.Badge(START + timedelta(weeks=w), f"event {w}") for w in (30, 3)]
    outside = [figures.Badge(START + timedelta(weeks=w), "elsewhere") for w in (-1, WEEKS)]
    figure = drawn(sales(close_cars(3, 0)), happenings=[*inside, *outside])
    assert [text.get_text() for text in words(figure, "badge")] == ["1", "2"]
    key = [text.get_text() for text in words(figure, "key")]
    assert key == ["1", "27 Jan 2025  event 3", "2", "4 Aug 2025  event 30"]
    above = [box.y0 > figure.axes[0].bbox.y1 for _, box in boxes(figure, words(figure, "badge"))]
    assert all(above)


def test_lines_can_be_told_apart_in_grey() -> None:
    """Every line has a marker of its own, repeated beside its label."""
    figure = drawn(sales(close_cars(7, 2)))
    beside = [line for line in figure.axes[0].get_lines() if len(points(line)) == 1 and not line.get_clip_on()]
    markers = [line.get_marker() for line in beside if line.get_markersize() < 6]
    assert len(markers) == len(set(markers)) == 7


def test_a_market_that_sold_nothing_has_a_figure_that_says_so() -> None:
    """An empty table is drawn as an empty frame with a sentence."""
    figure = drawn(sales({}))
    assert any("no car was delivered" in text.get_text() for text in words(figure))
    assert png(figure)


def test_the_same_table_gives_the_same_bytes() -> None:
    """A figure is a pure function of its table, also of the table's rows in another order."""
    table = sales(close_cars(5, 4), replicates=[1.0, 1.1])
    once, again = (png(drawn(t, replicates=2, happenings=CROWD)) for t in (table, table.iloc[::-1]))
    assert once == again


def test_figures_leave_the_settings_of_others_alone() -> None:
    """Drawing changes none of matplotlib's settings and never imports pyplot, which would keep every figure."""
    before = dict(mpl.rcParams)
    png(drawn(sales(close_cars(3, 0)), lang="zh"))
    assert dict(mpl.rcParams) == before
    code = "import sys; from experiments import summary; from experiments.figures import labelling, shares; print('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_chinese_is_drawn_in_a_font_that_has_it() -> None:
    """Where the computer has a font with Chinese, no letter of a Chinese figure is a box."""
    lang = "zh" if labelling.chinese_font() else "en"
    said = figures.Badge(START + timedelta(weeks=3), "购置税免征转减半" if lang == "zh" else "tax change")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = drawn(
            sales(close_cars(3, 0)), lang=lang, happenings=[said], source="来源" if lang == "zh" else "source"
        )
        assert png(figure)
    assert (words(figure, "title")[0].get_text() == "市场份额的变化") == (lang == "zh")


@given(wanted=st.lists(st.floats(-100, 100), min_size=1, max_size=12), gap=st.floats(0.01, 5), room=st.floats(1.0, 300))
@settings(max_examples=200, deadline=None)
def test_labels_moved_apart_keep_order_distance_and_limits(wanted: list[float], gap: float, room: float) -> None:
    """They stay in order and within limits, as far apart as asked or as there is room, and do not move without need."""
    low, high = -room / 2, room / 2
    places = labelling.apart(wanted, gap, low, high)
    ranks = sorted(range(len(wanted)), key=lambda i: wanted[i])
    ordered = [places[i] for i in ranks]
    kept = min(gap, room / max(len(wanted) - 1, 1))
    assert all(b - a >= kept - 1e-9 for a, b in itertools.pairwise(ordered))
    assert min(places) >= low - 1e-9
    assert max(places) <= high + 1e-9
    free = all(b - a >= gap for a, b in itertools.pairwise(sorted(wanted)))
    if free and low <= min(wanted) and max(wanted) <= high:
        np.testing.assert_allclose(places, wanted, atol=1e-9)


def test_the_standard_error_beside_a_share_is_how_far_it_is_off() -> None:
    """Drawn again and again from one market, shares lie around the true one as the stated standard error says."""
    probabilities, weights = np.array([0.5, 0.3, 0.2]), np.array([1.0, 4.0, 2.0])
    luck = np.random.default_rng(1)
    true = probabilities[0] * weights[0] / (probabilities @ weights)
    squared = []
    for _ in range(150):
        counts = luck.multinomial(500, probabilities)
        table = pd.concat([sales({c: [n * w]}, weight=w) for c, n, w in zip("abc", counts, weights, strict=True)])
        share = summary.by_car(table, ["a", "b", "c"])
        found = next(row.share for row in share if row.car == "a")
        squared.append(((found.value - true) / found.error) ** 2)
        assert found.effective == pytest.approx(counts[0])
    assert abs(float(z_of(squared, 1.0, known_to=0.02))) < MANY


def test_definition_power_is_the_sales_weighted_share_in_defining() -> None:
    """Shares in the definition of each car when it was delivered, by deliveries, sum to one over the organisations."""
    table = sales({"alone": [150.0, 150.0], "shared": [60.0, 40.0]})
    alone, shared, moved = [1.0, 0.0], [0.7, 0.3], [0.2, 0.8]
    definition = np.array([[alone, shared], [alone, moved]])
    power = summary.definition_power(table, definition, ["alone", "shared"], ["maker", "platform"])
    assert power["platform"].value == pytest.approx((0.3 * 60 + 0.8 * 40) / 400)
    assert sum(figure.value for figure in power.values()) == pytest.approx(1.0)
    assert power["platform"].effective == pytest.approx(100)
    assert list(power) == ["maker", "platform"]


def test_several_runs_state_the_error_of_their_mean() -> None:
    """With replicates a share is the mean over runs, with the standard error of that mean."""
    table = sales({"a": [100.0], "b": [100.0]}, replicates=[1.0, 2.0, 3.0])
    found = {row.car: row for row in summary.by_car(table, ["a", "b"], 3)}
    shares = np.array([1 / 2, 2 / 3, 3 / 4])
    assert found["b"].share.value == pytest.approx(shares.mean())
    assert found["b"].share.error == pytest.approx(shares.std(ddof=1) / np.sqrt(3))
    assert found["b"].flows["deliveries"] == pytest.approx(200.0)
