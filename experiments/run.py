"""Run a case a number of times and write down what came of it, and how to make it again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import findings, summary
from experiments.findings import Finding
from experiments.manifest import Format, banner, figure_source, manifest, units
from market import Case, Fault, __version__
from market.happenings import FAILURES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TABLES = ("sales", "organisations", "finance", "market", "events", "panel")
"""What a run writes, by the names that the ledger gives them."""

BYTES_PER_CONSUMER = 300
"""Peak memory of a market above its libraries, by measurement at a million consumers, rounded down."""


@dataclass(frozen=True)
class Outcome:
    """What came of running a case: its tables, and what is needed to make them again."""

    case: Case
    seeds: tuple[int, ...]
    tables: Mapping[str, pd.DataFrame]
    """by name; with several seeds each has a column `replicate`"""
    findings: tuple[Finding, ...]
    """what each run says about organisations"""
    started: datetime
    finished: datetime

    @property
    def sales(self) -> pd.DataFrame:
        """Flows by week, offer and profile."""
        return self.tables["sales"]

    @property
    def market(self) -> pd.DataFrame:
        """The whole market by week."""
        return self.tables["market"]

    def _repr_html_(self) -> str:
        """What it looks like in a notebook; see `experiments.notebook`."""
        from experiments import notebook

        return notebook.of_outcome(self)


def simulate(
    case: Case, seed: int = 1, replicates: int = 1, on_week: Callable[[], None] = lambda: None,
    tables: Sequence[str] = TABLES, *, keep_finished: bool = False,
) -> Outcome:  # fmt: skip
    """Run a case with the seeds seed, seed + 1, ... and keep some `tables`, those of sales and market always.

    `on_week` is called after every week of every replicate. With `keep_finished`, Ctrl-C ends it with the replicates
    that are finished, if any is: then `seeds` are fewer.
    """
    started = datetime.now(UTC)
    seeds = tuple(range(seed, seed + replicates))
    found: dict[str, list[pd.DataFrame]] = {
        name: [] for name in TABLES if name in {"sales", "market"} or name in tables
    }
    said = []
    for number, one in enumerate(seeds):
        try:
            of_run, read = _one(case, one, on_week, {*found, "panel"})
        except KeyboardInterrupt:
            if number == 0 or not keep_finished:
                raise
            seeds = seeds[:number]
            break
        said.append(read)
        for name, kept in found.items():
            if replicates > 1:
                of_run[name].insert(0, "replicate", number)
            kept.append(of_run[name])
    stacked = {name: _stacked(kept) for name, kept in found.items()}
    return Outcome(case, seeds, stacked, tuple(said), started, datetime.now(UTC))


def _one(
    case: Case, seed: int, on_week: Callable[[], None], names: Iterable[str]
) -> tuple[dict[str, pd.DataFrame], Finding]:
    """Some tables of one run, and what it says about organisations."""
    from market import Market

    market = Market(case, rng=seed)
    try:
        for _ in range(case.calendar.weeks):
            market.step()
            on_week()
        of_run = {name: getattr(market.ledger, name)() for name in names}
        return of_run, findings.read(market, of_run["sales"], of_run["panel"])
    finally:
        market.close()


def _stacked(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables under each other, with words kept as categories in alphabetical order."""
    import pandas as pd

    if len(tables) == 1:
        return tables[0]
    words = [str(name) for name in tables[0] if isinstance(tables[0][name].dtype, pd.CategoricalDtype)]
    every = {name: sorted({word for table in tables for word in table[name].cat.categories}) for name in words}
    alike = [
        table.assign(**{name: table[name].cat.set_categories(found) for name, found in every.items()})
        for table in tables
    ]
    return pd.concat(alike, ignore_index=True)


# ------------------------------------------------------------------------------------------------ bad input


def memory_fault(case: Case, at_once: int = 1) -> Iterator[Fault]:
    """A fault where the consumers of a case obviously do not fit into the memory of this machine, run `at_once`."""
    from market.casefile.faults import number

    needed, free = at_once * case.population.consumers * BYTES_PER_CONSUMER, available_memory()
    if free is not None and needed > free:
        yield Fault(
            "population.consumers",
            f"given {number(case.population.consumers)}",
            f"they need about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free",
            f"give at most {number(int(free / at_once / BYTES_PER_CONSUMER) // 1_000 * 1_000)}"
            + (f", or fewer than {at_once} workers" if at_once > 1 else ""),
        )


def available_memory() -> int | None:
    """Bytes that this process may still use, where the system says so."""
    found = []
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    except (OSError, ValueError):
        names = getattr(os, "sysconf_names", {})
        if "SC_PHYS_PAGES" in names and "SC_PAGE_SIZE" in names:
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):  # no control group, or one without a limit
        groups = Path("/sys/fs/cgroup")
        limit, used = (int((groups / f"memory.{name}").read_text(encoding="ascii")) for name in ("max", "current"))
        found.append(limit - used)
    return min(found, default=None)


# ------------------------------------------------------------------------------------------------ writing


def write(
    outcome: Outcome, folder: Path, *, name: str, command: Sequence[str], form: Format = "parquet", lang: str = "en"
) -> None:
    """Fill a folder: case, manifest, tables, figure. `name` and `command` are as the user typed them."""
    from experiments import figures

    (folder / "case.toml").write_text(outcome.case.to_toml(), encoding="utf-8", newline="\n")
    for key, table in outcome.tables.items():
        if form == "csv":
            table.to_csv(folder / f"{key}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
        else:
            _write_parquet(key, table, folder / f"{key}.parquet", outcome)
    figures.save(share_figure(outcome, name, lang), folder / "share.png")
    text = json.dumps(manifest(outcome, name, command, form), indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))


def has_chinese_font() -> bool:
    """Whether figures can be in Chinese on this machine."""
    from experiments.figures import labelling

    return labelling.chinese_font() is not None


def share_figure(outcome: Outcome, name: str, lang: str = "en") -> Figure:
    """Market share over time as a figure of an outcome; see `share_figure_of`."""
    return share_figure_of(outcome.case, outcome.sales, outcome.seeds, name, lang)


def share_figure_of(case: Case, sales: pd.DataFrame, seeds: Sequence[int], name: str, lang: str = "en") -> Figure:
    """Market share over time from a table of sales; fictional names, where shown, go through every text."""
    from experiments import figures
    from market.agenda import without_consequence

    lang, off = lang if has_chinese_font() else "en", without_consequence(case.happenings)
    return figures.share_over_time(
        sales,
        start=case.calendar.start,
        weeks=case.calendar.weeks,
        labels={key: case.label("cars", key, lang) for key in case.cars},
        heading=case.told(case.title, lang),
        source=figure_source(case, seeds, lang, name),
        focal=summary.focal_cars(case),
        rest=summary.rest_of_market(case),
        happenings=[figures.Badge(h.on, happening_label(case, h, lang)) for h in case.happenings if h.id not in off],
        replicates=len(seeds),
        lang=lang,
    )


KINDS = {
    "price_change": ("new price", "调价"),
    "promotion": ("promotion", "促销"),
    "tax_cliff": ("tax change", "税收调整"),
    "launch": ("launch", "上市"),
    "capacity_change": ("capacity change", "产能调整"),
    "revealed_term": ("term revealed", "条款被披露"),
    "media_burst": ("media burst", "媒体热点"),
    "delivery_delay": ("late deliveries", "交付延期"),
    "quality_defect": ("defect reported", "质量问题被报道"),
    "service_failure": ("service complaints", "服务投诉"),
    "swap_trouble": ("trouble with swapping", "换电问题"),
    "claim_dispute": ("disputed promise", "宣传争议"),
    "undisclosed_term": ("term reported as not displayed", "条款被报道为未展示"),
    "partners_disagree": ("partners disagree", "合作方意见不一"),
    "answer": ("answer", "回应"),
    "decision": ("role moves", "分工变动"),
    "exit": ("partner leaves", "合作方退出"),
}
"""What each kind of happening is called, in English and Chinese."""


ACTS = {
    "failure": ("becomes known", "曝光"),
    "answer": ("is answered", "作出回应"),
    "refusal": ("is denied", "否认"),
    "apology": ("apology", "道歉"),
    "shift": ("blame on a partner", "归咎于合作方"),
    "remedy": ("remedy", "补偿"),
    "refund": ("refund", "退款"),
    "decision": ("role moves", "分工变动"),
    "exit": ("leaves", "退出"),
    "bargain": ("agreed", "达成协议"),
    "no_bargain": ("no agreement", "未达成协议"),
    "end": ("is over", "平息"),
}
"""What was done about something, in English and Chinese: the acts of the events table that pages list."""


def act_label(act: str, kind: str, lang: str = "en") -> str:
    """What an act of the events table is called; who refuses to define a car together denies nothing."""
    key = "no_bargain" if act == "refusal" and kind not in FAILURES else act
    return ACTS[key][lang == "zh"]


def happening_label(case: Case, happening: Any, lang: str = "en") -> str:
    """What a happening is called: its title where it has one, else its kind and car, or its kind and who speaks."""
    if happening.title is not None:
        return case.told(happening.title, lang)
    kind = KINDS.get(happening.kind, (happening.kind.replace("_", " "),) * 2)[lang == "zh"]
    car = getattr(happening, "car", None)
    names = [case.label("cars", car, lang)] if car else []
    names += [case.label("organisations", key, lang) for key in getattr(happening, "by", ())]
    return kind + (
        ("\uff1a" if lang == "zh" else ": ") + ("\u3001" if lang == "zh" else ", ").join(names) if names else ""
    )


def _write_parquet(name: str, table: pd.DataFrame, file: Path, outcome: Outcome) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = pa.Table.from_pandas(table, preserve_index=False)
    about = {
        "whosecar": __version__,
        "fingerprint": outcome.case.fingerprint,
        "seeds": json.dumps(outcome.seeds),
        "banner": banner(outcome.case),
    }
    schema, unit = content.schema, units(name, table)
    for i, field in enumerate(schema):
        schema = schema.set(i, field.with_metadata({"unit": unit[field.name]}))
    pq.write_table(content.cast(schema.with_metadata({**(schema.metadata or {}), **about})), file)
