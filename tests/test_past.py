"""Runs that differ only in what is dated share their first weeks: the same tables to the bit, with fewer weeks run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import trial
from experiments.designs import Design
from experiments.past import Past
from experiments.sweep import bunches, dry_run, sweep
from experiments.workers import here
from market import Case, Market
from market.agenda import same_until

WEEKS, STORY = 56, 46
"""Weeks of a run, and the one (the first is 0) in which the focal car's story begins."""
BASE = Case.load("jd-gac-catl").change({"population.consumers": 400, "calendar.weeks": WEEKS})
MOVE = {"start": "2025-12-24", "car": "ut_super", "function": "service", "from": "jd", "to": "gac"}
SALE = {"on": "2025-12-10", "kind": "promotion", "car": "ut_super", "discount_cny": 5_000.0, "until": "2025-12-20"}
DATED: dict[str, tuple[dict[str, Any], int]] = {
    "another severity": ({"happenings.first_deliveries.severity": 3.0}, STORY),
    "an answer later": ({"happenings.answer_on_cap.on": "2025-12-15"}, STORY),
    "no answer": ({"happenings.answer_on_cap": None, "happenings.apology_on_cap": None}, STORY),
    "a promotion": ({"happenings.sale": SALE}, 48),
    "a role that moves": ({"decisions.service_to_maker": MOVE}, 50),
    "a burst": ({"happenings.announced.contacts": 0.0}, 40),
    "a tax cliff": ({"happenings.purchase_tax.pull_forward_share": 0.3}, 0),
    "not dated": ({"cars.ut_super.price_cny": 60_000.0}, 0),
    "another title": ({"title.en": "another"}, WEEKS),
}


@pytest.mark.parametrize("name", list(DATED))
def test_cases_are_the_same_until_something_dated_differs(name: str) -> None:
    """An answer to a story matters as soon as the story lives, since people who await one speak on."""
    changes, week = DATED[name]
    other = BASE.change(changes) if name != "another title" else BASE.model_copy(update={"title": BASE.summary})
    assert same_until([BASE, other]) == same_until([other, BASE, other]) == week


def test_three_cases_part_where_the_first_two_do() -> None:
    cases = [BASE, *(BASE.change(DATED[name][0]) for name in ("a promotion", "a role that moves"))]
    assert same_until(cases) == 48 and same_until([cases[0], cases[2]]) == 50


def test_runs_that_share_their_first_weeks_give_the_tables_of_runs_that_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = [{}, *(DATED[name][0] for name in list(DATED)[:5]), DATED["not dated"][0]]
    stepped, step = 0, Market.step

    def counted(market: Market) -> None:
        nonlocal stepped
        stepped += 1
        step(market)

    design = Design.of_list(BASE, points, range(1, 3), series=True)
    with monkeypatch.context() as patch:
        patch.setattr(Market, "step", counted)
        found = sweep(design, tmp_path / "s", here())
    runs, weeks = found.runs(), found.series()
    # six points share 46 weeks of each seed, one goes alone
    assert (runs["status"] == "done").all() and stepped == 2 * (STORY + 6 * (WEEKS - STORY) + WEEKS)
    for point, seed in ((0, 1), (2, 2), (3, 1), (4, 2), (5, 1), (6, 2)):
        alone = trial.perform(design.case_at(point), seed, series=True)
        here_too = (runs["point"] == point) & (runs["seed"] == seed)
        of_run = {name: runs.loc[here_too, name].iloc[0] for name in alone.outcomes}
        pd.testing.assert_series_equal(
            pd.Series(of_run), pd.Series(alone.outcomes), check_exact=True, check_names=False
        )
        series = weeks[(weeks["point"] == point) & (weeks["seed"] == seed)].reset_index(drop=True)
        assert alone.weeks is not None
        pd.testing.assert_frame_equal(series[list(alone.weeks)], pd.DataFrame(alone.weeks), check_exact=True)


def test_points_go_together_that_differ_in_what_is_dated_alone() -> None:
    late, dear = {"happenings.answer_on_cap.on": "2025-12-15"}, {"cars.ut_super.price_cny": 60_000.0}
    found = bunches.bunches(Design.of_list(BASE, [{}, dear, late, {**late, **dear}, {"trust.face": 0.3}]))
    assert found == {0: (0, 2), 2: (0, 2), 1: (1, 3), 3: (1, 3)}
    assert bunches.bunches(Design.of_list(BASE, [{}, dear])) == {}
    many = [{"happenings.first_deliveries.severity": 1.0 + n / 100.0} for n in range(bunches.LARGEST + 2)]
    assert {len(bunch) for bunch in bunches.bunches(Design.of_list(BASE, many)).values()} == {bunches.LARGEST, 2}


def test_the_part_of_the_weeks_that_is_run_is_that_which_markets_do_not_share() -> None:
    """Three runs of eight weeks that part in week 4: 8 + 4 + 4 of 24; a point that cannot be counts for nothing."""
    launch = BASE.calendar.date_of(4 * 7 + 2).isoformat()
    base = BASE.change({"calendar.weeks": 8, "happenings.first_deliveries.on": launch})
    severities = [{"happenings.first_deliveries.severity": severity} for severity in (0.5, 1.0, 2.0, -1.0)]
    design = Design.of_list(base, severities)
    assert bunches.part_run((0, 1, 2), design.case_at) == pytest.approx(2.0 / 3.0)
    assert bunches.part_run((0, 1, 2, 3), design.case_at) == pytest.approx(2.0 / 3.0)
    assert bunches.part_run((0, 3), design.case_at) == 1.0
    found = dry_run.estimate(Design.of_list(base, severities[:3]), workers=1)
    assert found.part_run == pytest.approx(2.0 / 3.0)
    assert found.seconds == pytest.approx(sum(found.seconds_each) * 2.0 / 3.0)


def test_a_point_that_cannot_be_costs_its_bunch_nothing(tmp_path: Path) -> None:
    base = BASE.change({"calendar.weeks": 3})
    severities = [{"happenings.first_deliveries.severity": severity} for severity in (1.0, -1.0, 2.0)]
    runs = sweep(Design.of_list(base, severities), tmp_path / "s", here()).runs()
    assert runs["status"].tolist() == ["done", "failed", "done"]


def test_a_market_that_is_left_behind_is_let_go_of() -> None:
    past, market = Past(week=1), Market(BASE, rng=1)
    past.pass_by(market, 1)
    assert past.market(BASE, 1).week == 0
    market.step()
    past.pass_by(market, 1)
    assert past.market(BASE, 1).week == 1 and past.market(BASE, 2).week == 0
    past.forget()
    assert past.market(BASE, 1).week == 0
