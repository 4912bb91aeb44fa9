"""Promises of the laboratory's figures: every word can be read, the marks are the numbers, nothing else is touched."""

from __future__ import annotations

import itertools
import warnings
from datetime import date

import gallery
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from test_figures import TOUCHING, png, words

from experiments.figures import blame as figures_blame
from experiments.figures import compare as figures_compare
from experiments.figures import labelling, plate, scenarios
from experiments.figures import money as figures_money
from experiments.figures import risk as figures_risk
from experiments.figures import sensitivity as figures_sensitivity

NAMES = tuple(gallery.gallery("en"))
OFTEN = ("over_time", "sobol", "regret", "pareto", "box")
"""Figures that are drawn in Chinese by day too."""


def bars(axes: Axes) -> list[Rectangle]:
    """Bars of a plot from the top row down, as they were drawn."""
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


def widths(axes: Axes) -> list[float]:
    return [bar.get_width() for bar in bars(axes)]


def unseen(figure: Figure) -> set[int]:
    """Labels of ticks beyond the ends of their axis, which are not drawn."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            found |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    return found


def check(figure: Figure) -> None:
    """No two words meet, and all are on the page."""
    figure.canvas.draw()
    edge, page, gone = TOUCHING * figure.dpi, figure.bbox.padded(1.0), unseen(figure)
    drawn = [(t.get_text(), t.get_window_extent()) for t in words(figure) if id(t) not in gone]
    meeting = [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(drawn, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > edge and min(a.y1, b.y1) - max(a.y0, b.y0) > edge
    ]
    outside = [t for t, b in drawn if b.x0 < page.x0 or b.x1 > page.x1 or b.y0 < page.y0 or b.y1 > page.y1]
    assert (meeting, outside) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_every_word_can_be_read_and_is_on_the_page(name: str) -> None:
    """Long names of factors, organisations and strategies, values that are all but equal, and a long source."""
    figure = gallery.gallery("en")[name]()
    check(figure)
    said = " ".join(text.get_text() for text in words(figure, "small-print"))
    assert "fingerprint 0123456789abcdef" in said and "seeds 1-10" in said
    assert all(float(text.get_fontsize()) >= 5.2 for text in words(figure))


@pytest.mark.parametrize("name", [n if n in OFTEN else pytest.param(n, marks=pytest.mark.slow) for n in NAMES])
def test_chinese_can_be_read_too_in_a_font_that_has_it(name: str) -> None:
    lang = "zh" if labelling.chinese_font() else "en"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a glyph that is missing
        figure = gallery.gallery(lang)[name]()
        check(figure)
    title = words(figure, "title")[0].get_text()
    assert any(ord(letter) >= 0x4E00 for letter in title) == (lang == "zh")


def test_a_waterfall_leads_from_one_world_to_the_other() -> None:
    """Each step begins where the last one ended, and the last ends at the base."""
    figure = gallery.gallery("en")["waterfall"]()
    first, *steps, last = sorted(bars(figure.axes[0]), key=lambda bar: bar.get_y())
    at = first.get_width()
    for step, part in zip(steps, gallery.parts("en")["part"], strict=True):
        assert step.get_x() == pytest.approx(at) and step.get_width() == pytest.approx(100 * part)
        at += step.get_width()
    assert last.get_width() == pytest.approx(at) == pytest.approx(100 * (0.012 - 0.0038))


def test_sobol_bars_are_the_indices_the_largest_total_on_top() -> None:
    figure = gallery.gallery("en")["sobol"]()
    table = gallery.indices().sort_values("total", ascending=False)
    expected = table[["first", "total"]].to_numpy().ravel()
    np.testing.assert_allclose(widths(figure.axes[0]), expected)
    assert words(figure, "row")[0].get_text() == table["label"].iloc[0]


def test_a_tornado_reaches_from_the_low_to_the_high_value_around_the_base() -> None:
    figure = gallery.gallery("en")["tornado"]()
    table = gallery.swings()
    drawn = bars(figure.axes[0])
    assert all(bar.get_x() == pytest.approx(1.2) for bar in drawn)
    np.testing.assert_allclose(sorted(widths(figure.axes[0])), sorted(100 * np.r_[table["low"], table["high"]] - 1.2))
    assert_farthest_first(drawn)


def assert_farthest_first(drawn: list[Rectangle]) -> None:
    reach = [max(abs(bar.get_width()) for bar in pair) for pair in zip(drawn[::2], drawn[1::2], strict=True)]
    assert reach == sorted(reach, reverse=True)


def test_a_tornado_with_intervals_draws_them_and_begins_with_what_moves_it_farthest() -> None:
    figure = gallery.gallery("en")["sure_tornado"]()
    assert_farthest_first(bars(figure.axes[0]))
    assert words(figure, "row")[0].get_text() == gallery.sure_swings()["label"].iloc[1]
    lines = [
        one for one in figure.axes[0].get_lines() if np.size(one.get_xdata()) == 2 and np.ptp(one.get_ydata()) == 0
    ]
    spans = sorted(float(np.ptp(one.get_xdata())) for one in lines)
    np.testing.assert_allclose(spans, [0.12] * 6 + [0.18] * 6)


def test_coefficients_are_ordered_by_size_with_their_intervals() -> None:
    figure = gallery.gallery("en")["regression"]()
    np.testing.assert_allclose(widths(figure.axes[0]), [0.6, -0.4, 0.2, -0.1, 0.05, 0.0])
    lines = [
        line for line in figure.axes[0].get_lines() if np.size(line.get_xdata()) == 2 and line.get_linewidth() == 1.1
    ]
    np.testing.assert_allclose(np.ptp(np.array([line.get_xdata() for line in lines], float), axis=1), 0.2)


def test_the_least_maximum_regret_is_framed_and_the_last_column_is_the_maximum() -> None:
    table = gallery.regrets("en")
    figure = gallery.gallery("en")["regret"]()
    values = [text.get_text() for text in words(figure, "value")]
    rows = [values[i : i + 6] for i in range(0, 30, 6)]
    ordered = table.loc[table.max(axis=1).sort_values().index]
    assert [row[-1] for row in rows] == [plate.short(1e-6 * v) for v in ordered.max(axis=1)]
    assert [row[0] for row in rows] == [plate.short(1e-6 * v) for v in ordered["none"]]
    frame = [bar for bar in bars(figure.axes[0]) if not bar.get_fill()]
    assert len(frame) == 1 and frame[0].get_y() == pytest.approx(-0.48)
    assert "".join(text.get_text() for text in words(figure, "row")[:1]) == ordered.index[0]


def test_regret_reads_in_grey_and_every_number_stands_out_from_its_cell() -> None:
    """A larger regret is darker; the contrast of letters to their ground is at least 4 to 1."""

    def light(colour: str) -> float:
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    grounds = [light(labelling.mix(figures_risk.PALE, figures_risk.DARK, part)) for part in np.linspace(0, 1, 101)]
    assert all(b < a for a, b in itertools.pairwise(grounds))
    for part, ground in zip(np.linspace(0, 1, 101), grounds, strict=True):
        ink = 1.0 if part > figures_risk.WHITE_ABOVE else light(labelling.INK)
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.0


def test_blame_control_and_contribution_are_where_the_table_says_and_differ_in_form() -> None:
    figure = gallery.gallery("en")["blame"]()
    single = [line for line in figure.axes[0].get_lines() if np.size(line.get_xdata()) == 1]
    marks: dict[str, list[float]] = {marker: [] for marker, _ in figures_blame.MARKS.values()}
    for line in single:
        marks[str(line.get_marker())].append(float(np.asarray(line.get_xdata())[0]))
    table = gallery.blame("en")
    for kind, (marker, _) in figures_blame.MARKS.items():
        np.testing.assert_allclose(marks[marker], 100 * table[kind])


def test_bands_of_a_comparison_are_the_intervals_of_the_difference() -> None:
    figure = gallery.gallery("en")["over_time"]()
    upper, lower = figure.axes
    table = gallery.weeks()
    base, other = (np.asarray(line.get_ydata(), float) for line in upper.get_lines()[:2])
    np.testing.assert_allclose(base, 100 * table["base"])
    np.testing.assert_allclose(other, 100 * table["what_if"])
    band = next(one for one in lower.collections if isinstance(one, FillBetweenPolyCollection))
    heights = np.asarray(band.get_paths()[0].vertices)[:, 1]
    assert heights.min() == pytest.approx(100 * table["low"].min())
    assert heights.max() == pytest.approx(100 * table["high"].max())


def test_an_effect_that_luck_explains_is_hollow_and_one_without_a_base_is_left_to_the_table() -> None:
    figure = gallery.gallery("en")["effects"]()
    marks = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    assert [line.get_markerfacecolor() == "white" for line in marks] == [False, False, True]
    assert any("3 of 4 rows" in text.get_text() for text in words(figure, "small-print"))


def test_a_box_is_drawn_over_the_whole_range_and_its_limits_are_said() -> None:
    figure = scenarios.box(gallery.limits(), {"coverage": 0.9, "density": 0.8}, "bad")
    inside = [bar for bar in bars(figure.axes[0]) if bar.get_width() < 1.0]
    np.testing.assert_allclose([bar.get_x() for bar in inside], [0.0, 0.6, 1 / 12], atol=1e-12)
    np.testing.assert_allclose([bar.get_width() for bar in inside], [0.375, 0.4, 4.5 / 12])
    assert [text.get_text() for text in words(figure, "value")] == ["≤ 0.35", "≥ 0.6", "≥ 3", "≤ 7.5"]
    of_words = gallery.limits().assign(words=["", "one, two", ""])
    assert "one, two" in [t.get_text() for t in words(scenarios.box(of_words, {"coverage": 1, "density": 1}, "bad"))]


def test_money_is_in_millions_with_ranges_where_they_are_known() -> None:
    figure = gallery.gallery("en")["earnings"]()
    ordered = gallery.money("en").sort_values("all", ascending=False)
    np.testing.assert_allclose(widths(figure.axes[0]), 1e-6 * ordered["all"])
    ranges = [[line for line in axes.get_lines() if line.get_linewidth() == 1.1] for axes in figure.axes]
    assert [len(lines) for lines in ranges] == [5, 4]


def test_a_long_table_is_cut_and_the_figure_says_so() -> None:
    rows = [(f"factor number {i}", 1 / (i + 1), 0.0, 1.0, 1 / (i + 1), 0.0, 1.0) for i in range(40)]
    figure = figures_sensitivity.sobol(pd.DataFrame(rows, columns=list(gallery.indices())), "an outcome", 100)
    assert len(words(figure, "row")) == plate.MOST_ROWS
    assert any("24 of 40 rows" in text.get_text() for text in words(figure, "small-print"))
    check(figure)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_table_without_rows_is_a_frame_with_a_sentence(lang: str) -> None:
    none = gallery.indices().head(0)
    figures = [
        figures_sensitivity.sobol(none, "x", 0, lang=lang),
        figures_sensitivity.morris(gallery.effects_of_morris().head(0), "x", "y", 0, lang=lang),
        figures_sensitivity.convergence(gallery.growing().head(0), "x", lang=lang),
        figures_sensitivity.regression(gallery.coefficients().head(0), "x", 0, lang=lang),
        figures_sensitivity.tornado(gallery.swings().head(0), 0.0, "x", "y", lang=lang),
        figures_compare.effects(gallery.effects("en").head(0), 0, lang=lang),
        figures_blame.blame(gallery.blame("en").head(0), lang=lang),
        figures_money.earnings(gallery.money("en").head(0), "x", "y", panels={"all": "all"}, lang=lang),
        figures_risk.regret(gallery.regrets("en").head(0), "x", "y", lang=lang),
        figures_risk.pareto(gallery.gains("en").head(0), ("x", ""), ("y", ""), lang=lang),
        scenarios.box(gallery.limits().head(0), {"coverage": 0, "density": 0}, "bad", lang=lang),
    ]
    assert all(plate.NOTHING[lang == "zh"] in [t.get_text() for t in words(figure)] for figure in figures)


def test_the_same_table_gives_the_same_bytes_and_no_setting_is_touched() -> None:
    before = dict(mpl.rcParams)
    draw = gallery.gallery("en")["over_time"]
    assert png(draw()) == png(draw())
    assert dict(mpl.rcParams) == before


def test_one_week_alone_can_be_drawn() -> None:
    """A comparison of a run of one week has a point and no line, which is no error."""
    table = gallery.weeks(1).assign(date=[date(2025, 1, 6)])
    assert png(figures_compare.over_time(table, "x", "y", 2))


@pytest.mark.parametrize("value", [1e-12, 0.999999, 99.95, 1e15, -0.0])
def test_short_numbers_are_within_half_a_percent(value: float) -> None:
    said = plate.short(value).replace(",", "").replace("−", "-")
    assert float(said) == pytest.approx(value, rel=0.005, abs=1e-300)


@pytest.mark.parametrize(
    ("ticks", "said"),
    [
        ([0.943, 0.9435, 0.944], ["0.9430", "0.9435", "0.9440"]),
        ([-2000.0, 0.0, 2000.0], ["−2,000", "0", "2,000"]),
        ([-0.1, 1e-17, 0.1, 0.2], ["−0.1", "0", "0.1", "0.2"]),
        ([123_456.0, 123_457.0], ["123,456", "123,457"]),
        ([0.00001], ["0.00001"]),
    ],
)
def test_no_two_ticks_of_an_axis_say_the_same(ticks: list[float], said: list[str]) -> None:
    assert plate.plain().format_ticks(ticks) == said
