"""Sales files: read whole or refused with every fault; what is not listed is censored, not zero; markets write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_cases import START, small_case

from experiments.sales import Cars, Sales
from experiments.sales.sales import Model
from experiments.sales.simulated import by_months, sales_of, write
from market import CaseError, Market

HEAD = "month,brand,model,units\n"
CARS = "brand,model,maker,launch_month,price_low,price_high,range_km,swap,grade\n"
GOOD = HEAD + "2025-01,other,,60\n2025-01,A,one,30\n2025-01,B,two,10\n2025-02,A,one,40\n2025-02,other,,60\n"


def put(folder: Path, text: str, name: str = "sales.csv") -> Path:
    """A file of the user."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    """Months in order, models as first listed, shares of the whole market, brands as lower bounds."""
    sales = Sales.read(put(tmp_path, GOOD))
    one, two = Model("A", "one"), Model("B", "two")
    assert sales.months == ("2025-01", "2025-02")
    assert sales.models() == (one, two)
    assert sales.shares("2025-01") == {one: 0.3, two: 0.1}
    assert sales.brand_shares("2025-02") == {"A": 0.4}
    assert sales.smallest("2025-01") == 10.0
    assert sales.units().isna().to_numpy().tolist() == [[False, False], [False, True]]
    assert sales.until("2025-01").months == ("2025-01",)
    assert sales.first_listed() == {one: "2025-01", two: "2025-01"}


def test_totals_come_before_what_is_listed(tmp_path: Path) -> None:
    """A list that leaves out the rest of the market needs the totals: shares are of them."""
    totals = put(tmp_path, "month,cars_total,bev_total\n2025-01,900,300\n2025-02,900,400\n", "totals.csv")
    sales = Sales.read(put(tmp_path, GOOD), totals)
    assert sales.shares("2025-01")[Model("A", "one")] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column month, brand, model, units"),
        (HEAD, "no rows"),
        ("month,month,brand,model,units\n", 'the column "month" twice'),
        (HEAD + "2025-01,A,one\n", "line 2: 3 cells"),
        (HEAD + "2025-1,A,one,3\n", 'line 2: month is "2025-1"; write a month as 2025-01'),
        (HEAD + "2025-01,A,one,-3\n", 'units is "-3"; give units from 0'),
        (HEAD + "2025-01,A,one,nan\n", 'units is "nan"'),
        (HEAD + "2025-01,A,one,1e99\n", 'units is "1e99"'),
        (HEAD + "2025-01,A,one,3\n2025-01,A,one,4\n", "line 3: says a month and model a second time"),
        (HEAD + "2025-01,other,,3\n2025-01,other,x,4\n2025-01,A,one,1\n", "line 3: says a month and model a second"),
        (HEAD + "2025-01,,one,3\n", "a row without a brand or a model"),
        (HEAD + "2025-01,A,one,3\n2025-03,A,one,3\n", "no rows of 2025-02"),
        (HEAD + "2025-01,A,one,3\n2025-02,other,,3\n", "2025-02 lists no model"),
        (HEAD + '"2025-01,A,one,3\n', "is no table"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Each fault names the file, the line and what to do."""
    with pytest.raises(CaseError) as caught:
        Sales.read(put(tmp_path, text))
    assert said in str(caught.value)
    assert str(caught.value).startswith("--sales: ")


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two bad cells, two lines."""
    with pytest.raises(CaseError) as caught:
        Sales.read(put(tmp_path, HEAD + "2025-1,A,one,3\n2025-02,A,one,x\n"))
    assert len(caught.value.faults) == 2


def test_totals_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """A month without a total, and a total below what is listed."""
    totals = put(tmp_path, "month,bev_total\n2025-01,50\n", "totals.csv")
    with pytest.raises(CaseError) as caught:
        Sales.read(put(tmp_path, GOOD), totals)
    assert "total of 50, yet 100 are listed" in str(caught.value)
    assert "no total of 2025-02" in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No file, a folder, bytes that are no text."""
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00")
    for file, said in ((tmp_path / "none.csv", "no such file"), (tmp_path, "directory"), (binary, "not UTF-8")):
        with pytest.raises(CaseError, match=said):
            Sales.read(file)


def test_attributes_are_read_with_their_grades(tmp_path: Path) -> None:
    """The middle of the prices; nothing where nothing is said."""
    row = Cars.read(put(tmp_path, CARS + "A,one,m,2024-05,90_000,110000,400,yes,B\n"))[Model("A", "one")]
    assert (row.price_cny, row.swap, row.grade) == (100_000.0, True, "B")
    assert np.isnan(row.fast_charge_minutes)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("A,one,m,2024-13,1000,2000,400,yes,B", "launch_month"),
        ("A,one,m,2024-05,3000,2000,400,yes,B", "price_high is below price_low"),
        ("A,one,m,2024-05,1000,2000,40,yes,B", "range_km"),
        ("A,one,m,2024-05,1000,2000,400,maybe,B", "give yes or no"),
        ("A,one,m,2024-05,1000,2000,400,yes,E", "give one of A, B, C, D"),
        (",one,m,2024-05,1000,2000,400,yes,B", "give a name"),
    ],
)
def test_bad_attributes_are_refused(tmp_path: Path, row: str, said: str) -> None:
    """By line, column and remedy."""
    with pytest.raises(CaseError, match=said):
        Cars.read(put(tmp_path, CARS + row + "\n"))


def test_weeks_become_months_without_losing_a_car() -> None:
    """Each week is divided by its days; the first month is made whole, one that has not ended is left out."""
    weekly = np.full((8, 1), 7.0)
    months = by_months(weekly, START, ["a"])["a"]
    lengths = {str(month): units for month, units in months.items()}
    assert all(units == pytest.approx(float(f"{_days(month)}")) for month, units in lengths.items())


def _days(month: str) -> int:
    import pandas as pd

    return int(pd.Period(month).days_in_month)


def test_a_market_writes_the_file_of_its_sales(tmp_path: Path) -> None:
    """Whole months of deliveries, at most so many models, the rest in one row; it reads back equal."""
    market = Market(small_case(population__consumers=400, calendar__weeks=18), rng=1).run()
    sales = sales_of(market, listed=2)
    file, totals = tmp_path / "sales.csv", tmp_path / "totals.csv"
    write(sales, file, totals)
    again = Sales.read(file, totals)
    assert again.table.equals(sales.table)
    assert again.total.tolist() == sales.total.tolist()
    assert all(len(again.listed(month)) <= 2 for month in again.months)
    whole = [month for month in again.months if month > f"{START:%Y-%m}"]
    delivered = by_months(market.ledger.by_car("deliveries"), START, list(market.catalogue.cars)).loc[whole]
    assert again.total[whole].sum() == pytest.approx(float(delivered.to_numpy().sum()), abs=2.0 * len(whole))
    assert Sales.read(file).total.tolist() == again.total.tolist()
