"""Promises of the tables and of what is said about them: columns, money, ratios, and the four questions of a run."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_cases import START, small_case

from experiments import console, findings, manifest, run, whose
from experiments.run import Outcome
from experiments.summary import Figure
from market import Case
from market.catalogue import Catalogue
from market.chronicle import Panel
from market.happenings import Answer, Happening
from market.people.aftersales import INDEPENDENT, MAKER
from market.people.owners import Visits
from market.stories.blame_account import BlameAccount

CONTRACT = {
    "sales": "week, date, car, brand, maker, definer, channel, package, plan, profile, reservations, orders, "
    "cancellations, deliveries, revenue_cny, consumers_behind",
    "organisations": "week, date, organisation, kind, profile, trust, blame, cause, control, blame_to_control, "
    "definition_power, aftermarket_cny, closed_loop_share",
    "finance": "week, date, car, organisation, line, cny",
    "market": "week, date, in_market, orders, deliveries, backlog, outside_share, hhi, customised_share, "
    "makers_customising, interface_share, attention",
    "events": "day, date, car, kind, act, organisation, informed, complaints, response_days, misattribution",
    "panel": "week, consumer, profile, event, car, channel, organisation, value",
}
"""Columns that are checked from outside (DESIGN 7)."""
WEEKS = 56


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Two runs of the usual case, a little beyond the complaints and their answers."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 6_000, "calendar.weeks": WEEKS})
    return run.simulate(case, 1, 2)


def one(table: pd.DataFrame, replicate: int = 0) -> pd.DataFrame:
    """The rows of one run."""
    return table[table["replicate"] == replicate].drop(columns="replicate")


# ------------------------------------------------------------------------------------------- tables


def test_tables_have_the_agreed_columns(outcome: Outcome) -> None:
    """Names and order, with the number of the run in front where there are several."""
    assert list(outcome.tables) == list(CONTRACT)
    for name, table in outcome.tables.items():
        assert list(table.columns) == ["replicate", *CONTRACT[name].split(", ")]
        assert all(manifest.units(name, table).values())
        assert set(table["replicate"]) == {0, 1}


def test_words_stay_categories_in_alphabetical_order(outcome: Outcome) -> None:
    """Runs stacked over each other share their categories, though not every run saw every word."""
    for table in outcome.tables.values():
        for column in table.select_dtypes("category"):
            words = list(table[column].cat.categories)
            assert words == sorted(words)


def test_money_in_the_table_of_finance_sums_to_zero(outcome: Outcome) -> None:
    """Over organisations, households and the outside, in every week, car and line."""
    table = outcome.tables["finance"]
    sums = table.groupby(["replicate", "week", "car", "line"], observed=True)["cny"].agg(["sum", "size"])
    largest = table["cny"].abs().max()
    assert (sums["sum"].abs() < 1e-9 * largest).all()
    assert (sums["size"] > 1).all()


def test_ratios_of_a_run_are_those_of_the_sums_over_rows(outcome: Outcome) -> None:
    """Blame over control and over contribution, as the table of organisations and the findings say."""
    rows = outcome.tables["organisations"]
    every = one(rows[rows["profile"] == "all"])
    sums = every.groupby("organisation", observed=True)[["blame", "control", "cause"]].sum()
    finding = outcome.findings[0]
    said = dict(zip(finding.organisations, finding.by_organisation["to_control"].value, strict=True))
    for key in ("jd", "gac", "catl"):
        assert said[key] == pytest.approx(sums.loc[key, "blame"] / sums.loc[key, "control"])
    assert sums["blame"].sum() == pytest.approx(sums["control"].sum())
    assert sum(finding.by_organisation["blamed"].value) == pytest.approx(1.0)


def test_rows_of_profiles_carry_trust_and_blame(outcome: Outcome) -> None:
    """Trust lies in (0, 1), and the blame of the profiles is the blame of all."""
    rows = one(outcome.tables["organisations"])
    assert rows["trust"].between(0.0, 1.0, inclusive="neither").all()
    everybody = rows["profile"] == "all"
    assert rows.loc[everybody, "blame"].sum() == pytest.approx(rows.loc[~everybody, "blame"].sum())
    assert rows.loc[~everybody, ["cause", "control", "blame_to_control", "definition_power"]].isna().all(axis=None)


def test_only_the_tables_asked_for_are_kept() -> None:
    """Sales and market always are; a thousand runs on the screen need no more."""
    kept = run.simulate(small_case(calendar__weeks=3), tables=("panel",)).tables
    assert list(kept) == ["sales", "market", "panel"]


# ------------------------------------------------------------------------------------------- findings


def test_the_definition_of_a_week_counts_with_the_cars_of_that_week(outcome: Outcome) -> None:
    """Shares of definition sum to one; nobody moved a role here, so they are the rows of the case."""
    case, finding = outcome.case, outcome.findings[0]
    sales = one(outcome.sales)
    sold = sales.groupby("car", observed=True)["deliveries"].sum() / sales["deliveries"].sum()
    power = dict(zip(finding.organisations, finding.by_organisation["defines"].value, strict=True))
    expected = sum(sold.get(key, 0.0) * car.holders("definition").get("jd", 0.0) for key, car in case.cars.items())
    assert power["jd"] == pytest.approx(expected)
    assert sum(power.values()) == pytest.approx(1.0)


def test_whoever_heard_and_then_cancelled_is_counted_once_and_in_that_order() -> None:
    """Only what was heard of that car, before."""
    rows = [
        (1, "heard", "a"), (1, "cancellations", "a"), (2, "cancellations", "a"), (2, "heard", "a"),
        (3, "heard", "b"), (3, "cancellations", "a"), (4, "heard", "a"), (4, "heard", "a"), (4, "cancellations", "a"),
        (5, "cancellations", "b"),
    ]  # fmt: skip
    panel = pd.DataFrame(rows, columns=["consumer", "event", "car"])
    share = findings.after_hearing(panel, "a")
    assert (share.value, share.effective) == (0.5, 4.0)
    assert share.error == pytest.approx(0.25)
    assert findings.after_hearing(panel, None).effective == 5.0
    assert np.isnan(findings.after_hearing(panel.head(1), "a").value)


def test_several_runs_are_put_together_as_their_mean() -> None:
    """A run that has nothing to say does not count; the error is that of the mean."""
    runs = [Figure(value, 0.5, 40.0) for value in (1.0, float("nan"), 3.0)]
    both = findings.together(runs)
    assert (both.value, both.error, both.effective) == (2.0, pytest.approx(1.0), 120.0)
    assert findings.together(runs[:1]) is runs[0]
    assert np.isnan(findings.together(runs[1:2] * 2).value)


def test_a_market_that_has_not_begun_says_nothing() -> None:
    """There is no week to read."""
    from market import Market

    market = Market(small_case())
    with pytest.raises(ValueError, match="it has not run a week"):
        findings.read(market, market.ledger.sales(), market.ledger.panel())


def test_equal_households_are_as_many_as_they_are() -> None:
    """Behind the ratios of a story that fifty consumers heard are fifty effective consumers, whatever their weight."""
    account = BlameAccount(4, 1, 2, 1)
    blame, rows = np.tile([0.3, 0.7], (50, 1)), np.zeros(50, int)
    account.record(1, 0, rows, np.full(50, 160.0), blame, [0.5, 0.5], [0.9, 0.1], known=False)
    to_control, to_contribution = account.behind(3)
    assert to_control == pytest.approx([50.0, 50.0])
    assert to_contribution.tolist() == [0.0, 0.0]


def test_the_panel_tells_of_visits_and_of_what_failed() -> None:
    """The largest part of a side's care is named, independents are nobody's; only who is followed is written down."""
    case = small_case()
    catalogue = Catalogue(case.cars, case.channels, case.packages, case.plans, list(case.organisations), START)
    panel = Panel(catalogue, ("plain",), np.zeros(9, np.int8), first=3, buyers=0)
    provider = np.array([[MAKER] * 4, [INDEPENDENT] * 4, [MAKER] * 4], np.int8)
    visits = Visits(
        rows=np.array([0, 2, 7]), car=np.array([1, 1, 0]), day=np.array([9, 9, 9]), years=np.ones(3, np.float32),
        provider=provider, cny=np.full((3, 4), 100.0, np.float32), failed=np.array([[True], [False], [True]]),
        bought_out=np.array([False, True, False]),
    )  # fmt: skip
    share = np.zeros((4, 3, 3, 3))
    share[:, :, MAKER - 1] = [0.2, 0.8, 0.0]
    panel.visit(1, visits, ["quality_defect"], share)
    kept = panel.frame()
    found = list(zip(kept["consumer"], kept["event"], kept["organisation"].astype(object), kept["value"], strict=True))
    assert [row[:2] for row in found] == [(0, "quality_defect"), (0, "visit"), (2, "visit"), (2, "buy_out")]
    assert found[1][2:] == ("bob", 400.0)
    assert pd.isna(found[2][2])
    assert set(kept["car"]) == {"b"}


# ------------------------------------------------------------------------------------------- what is printed


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_summary_answers_the_four_questions(
    outcome: Outcome, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each organisation around the focal car has an aligned row in both tables; others have none."""
    console.show_outcome(outcome, lang)
    printed = capsys.readouterr().out
    whole = "".join(printed.split())
    for column in (*whose.FIRST, *whose.SECOND):
        assert all("".join(part.split()) in whole for part in whose.say(column.name, lang).split("\n"))
    assert "".join(whose.say("note", lang).split()) in whole
    lines = printed.splitlines()[3:]
    for key in ("jd", "gac", "catl"):
        name = outcome.case.label("organisations", key, lang)
        assert sum(line.startswith(f"{name} ") for line in lines) == 2
    assert not any(line.startswith(f"{outcome.case.label('organisations', 'tesla_china', lang)} ") for line in lines)
    first = next(line for line in lines if line.strip() and "±" in line)
    assert first.startswith(outcome.case.label("cars", "ut_super", lang))


def test_without_a_focal_car_the_largest_definers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A case in which nobody shares a car has no car to stand in front."""
    plain = run.simulate(small_case(calendar__weeks=12))
    assert plain.case.focal_car is None
    console.show_outcome(plain, "en")
    lines = capsys.readouterr().out.splitlines()
    assert "Who defines most cars" in lines
    assert "this" not in next(line for line in lines if "Closed-loop" in line)
    assert whose.organisations(plain)[:1] == ["cat"] or len(whose.organisations(plain)) == 3


def test_few_consumers_mark_the_ratios_too(capsys: pytest.CaptureFixture[str]) -> None:
    """A star stands before what rests on fewer than 30 effective consumers."""
    assert console.number(Figure(1.5, float("nan"), 29.0), 2, 1.0).plain == "*1.50"
    assert console.number(Figure(1.5, 0.25, 31.0), 2, 1.0).plain == "1.50 ± 0.25"
    assert console.number(Figure(1_234_567.0, float("nan"), np.inf), 1, 1e-6).plain == "1.2"
    assert console.number(Figure(float("nan"), float("nan"), 99.0)).plain == "-"


def test_fictional_names_reach_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing printed names a real organisation where names are fictional."""
    case = Case.load("jd-gac-catl").change(
        {"population.consumers": 2_000, "calendar.weeks": 50, "display.names": "fictional"}
    )
    console.show_outcome(run.simulate(case), "en")
    printed = capsys.readouterr().out
    named: list[Any] = [*case.organisations.values(), *case.cars.values()]
    real = {item.name.en for item in named} - {item.fictional.en for item in named}
    assert [name for name in real if f"{name} " in printed] == []
    assert case.organisations["jd"].fictional.en in printed


def test_every_kind_of_happening_has_a_name_in_both_languages() -> None:
    """Also failures, answers, moves and exits; who answers is named."""
    from typing import get_args

    kinds = {
        kind for member in get_args(get_args(Happening)[0]) for kind in get_args(member.model_fields["kind"].annotation)
    }
    assert kinds == set(run.KINDS)
    assert all(english != chinese for english, chinese in run.KINDS.values())
    case = Case.load("jd-gac-catl").change({"display.names": "fictional"})
    answer = Answer(id="a", on=datetime.date(2025, 12, 1), to="b", by=["jd", "gac"])
    assert run.happening_label(case, answer) == "answer: Jade Market, Southern Motor"
    assert run.happening_label(case, answer, "zh") == "回应：玉京商城、南方汽车"
