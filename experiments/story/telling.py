"""One consumer's life in sentences, made from the panel alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.table import Table
from rich.text import Text

from experiments.console import console
from experiments.manifest import banner
from experiments.story.lives import Lives

if TYPE_CHECKING:
    from market import Case

TEXTS = {
    "who": (
        "Consumer {consumer}, {profile}: a simulated household.",
        "第 {consumer} 号消费者，{profile}：一户模拟家庭。",
    ),
    "unprofiled": ("Consumer {consumer}: a simulated household.", "第 {consumer} 号消费者：一户模拟家庭。"),
    "nothing": ("In these weeks nothing happened to it that is recorded.", "这段时间没有任何记录。"),
    "week": ("Week of", "周起始"),
    "run": ("Seed {seed}, fingerprint {fingerprint}; {weeks} weeks from {start}.",
            "种子 {seed}，指纹 {fingerprint}；自 {start} 起 {weeks} 周。"),
    "reservations": ("Reserves {car} ({channel}) at {amount} CNY.", "预定{car}（{channel}），价格 {amount} 元。"),
    "orders": ("Orders {car} ({channel}) for {amount} CNY.", "下单{car}（{channel}），价格 {amount} 元。"),
    "cancellations": ("Cancels {car}, ordered {ago}.", "取消{ago}下单的{car}。"),
    "cancellations_heard": (
        "Cancels {car}, ordered {ago}, after hearing what went wrong with it.",
        "听说所出的问题后，取消{ago}下单的{car}。",
    ),
    "deliveries": ("Gets {car}, ordered {ago}, for {amount} CNY.", "提到{ago}下单的{car}，付 {amount} 元。"),
    "outside": ("Chooses a car that is not listed.", "选择了一款未列入的车。"),
    "lost": ("Would have chosen {car}, were trust what it was.", "若信任如初，本会选择{car}。"),
    "deferred": ("Would choose {car}, but waits because of a story.", "本想选择{car}，因听到的消息再等一等。"),
    "heard": (
        "Hears what went wrong with {whose} and blames {organisation} most: {share} % of the blame.",
        "听说{whose}出了问题，最怪{organisation}：占指责的 {share}%。",
    ),
    "heard_again": (
        "Hears that something else went wrong with {whose} and blames {organisation} most: {share} % of the blame.",
        "又听说{whose}出了别的问题，最怪{organisation}：占指责的 {share}%。",
    ),
    "told_by": ("Heard it from an acquaintance, consumer {teller}.", "是从熟人（第 {teller} 号消费者）那里听说的。"),
    "told_in_group": ("Heard it in the buyers' group.", "是在车主群里听说的。"),
    "told_by_feed": ("Read it in the feed of {organisation}.", "是在{organisation}的信息流里看到的。"),
    "told_by_feed_elsewhere": ("Read it in a feed.", "是在别处的信息流里看到的。"),
    "told_directly": ("Met it itself, or was told by those who answer.", "是自己遇到的，或由相关方直接告知。"),
    "answer": ("Hears answer {count} to what went wrong with {whose}.", "听到关于{whose}所出问题的第 {count} 次回应。"),
    "visit": (
        "Has {whose} cared for by {organisation}; care, accessories, insurance and energy until then: {amount} CNY.",
        "{whose}由{organisation}养护；至此养护、用品、保险与能源共 {amount} 元。",
    ),
    "quality_defect": ("Meets a defect of {whose}.", "遇到{whose}的质量问题。"),
    "service_failure": ("Is let down by the service of {whose}.", "对{whose}的服务失望。"),
    "swap_trouble": ("Has trouble swapping the battery of {whose}.", "{whose}换电遇到麻烦。"),
    "claim_dispute": ("Disputes a promise made about {whose}.", "就{whose}的承诺发生争议。"),
    "buy_out": ("Buys the battery of {whose} that was rented.", "买断{whose}所租的电池。"),
    "other": ("{event}: {car}.", "{event}：{car}。"),
    "car": ("the {car}", "{car}"),
    "car_of_many": ("one of the {car}", "{car}中的一款"),
    "on_order": ("the {car} on order", "所订的{car}"),
    "on_order_of_many": ("the car on order", "所订的车"),
    "own": ("its own {car}", "自家的{car}"),
    "own_of_many": ("its own car", "自家的车"),
    "independent": ("an independent workshop", "独立维修店"),
    "nobody": ("nobody in particular", "并非哪一家"),
    "before": ("before the start", "开局之前"),
    "same": ("the same week", "同一周"),
    "last": ("a week before", "一周前"),
    "ago": ("{weeks} weeks before", "{weeks}周前"),
    "waits": ("At the end it waits for {car}.", "期末仍在等待{car}。"),
    "drives": ("At the end it drives {car}.", "期末驾驶{car}。"),
    "elsewhere": ("At the end it drives a car that is not listed.", "期末驾驶一款未列入的车。"),
    "looks": ("At the end it is looking for another car.", "期末仍在另寻一款车。"),
    "unknown": ("What it drives at the end was not recorded.", "期末驾驶何车，未有记录。"),
}  # fmt: skip


class Sentence(NamedTuple):
    """What happened in a week."""

    week: date
    """its first day"""
    words: str


@dataclass
class Memory:
    """What the sentences so far have said."""

    ordered: dict[str, int] = field(default_factory=dict)
    """week of the order by car on order"""
    heard: set[str] = field(default_factory=set)
    """cars of which a story was heard"""
    drives: str | None = None
    """car, an empty word for one that is not listed, None: not said"""
    looks: bool = False
    """has cancelled and not chosen since"""
    said: set[Sentence] = field(default_factory=set)
    """what is heard of two stories in a week need not be said twice"""


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def tell(lives: Lives, consumer: int, lang: str = "en") -> None:
    """Print a consumer's life. Raises CaseError if he was not followed."""
    rows, case, out = lives.of(consumer), lives.case, console()
    out.print(Text(case.told(case.title, lang), style="bold"))
    if len(rows) == 0:
        out.print(say("unprofiled", lang, consumer=f"{consumer:,}"))
        out.print(say("nothing", lang))
    else:
        profile = case.label("profiles", str(rows["profile"].iloc[0]), lang)
        out.print(say("who", lang, consumer=f"{consumer:,}", profile=profile))
        out.print(_told(lives, consumer, lang))
        out.print(ending(lives, consumer, lang))
    size = {"weeks": case.calendar.weeks, "start": case.calendar.start}
    out.print(say("run", lang, seed=lives.seed, fingerprint=case.fingerprint, **size), style="dim")
    if said := banner(case, lang):
        out.print(said, style="italic")


def _told(lives: Lives, consumer: int, lang: str) -> Table:
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    made.add_column(say("week", lang), no_wrap=True)
    made.add_column("", overflow="fold")
    for sentence in sentences(lives, consumer, lang):
        made.add_row(sentence.week.isoformat(), sentence.words)
    return made


def sentences(lives: Lives, consumer: int, lang: str = "en") -> Iterator[Sentence]:
    """What happened to a consumer, in order. Raises CaseError if he was not followed."""
    memory = Memory()
    row: Any
    for row in lives.of(consumer).itertuples(index=False):
        week = lives.case.calendar.start + timedelta(weeks=int(row.week))
        sentence = Sentence(week, _sentence(lives.case, row, memory, lang))
        if sentence not in memory.said:
            yield sentence
        memory.said.add(sentence)
        remember(memory, row)


def ending(lives: Lives, consumer: int, lang: str = "en") -> str:
    """How it stands with a consumer at the end."""
    memory = Memory()
    for row in lives.of(consumer).itertuples(index=False):
        remember(memory, row)
    if memory.ordered:
        return say("waits", lang, car=_named("car", lives.case, next(reversed(memory.ordered)), lang))
    if memory.looks:
        return say("looks", lang)
    if memory.drives is None:
        return say("unknown", lang)
    if memory.drives == "":
        return say("elsewhere", lang)
    return say("drives", lang, car=_named("car", lives.case, memory.drives, lang))


def remember(memory: Memory, row: Any) -> None:
    """Keep in mind what a row of the panel says."""
    match row.event:
        case "orders":
            memory.ordered[row.car], memory.looks = int(row.week), False
        case "cancellations":
            memory.ordered.pop(row.car, None)
            memory.looks = True
        case "deliveries":
            memory.ordered.pop(row.car, None)
            memory.drives, memory.looks = row.car, False
        case "outside":
            memory.drives, memory.looks = "", False
        case "visit":
            memory.drives = row.car
        case "heard":
            memory.heard.add(row.car)


def _sentence(case: Case, row: Any, memory: Memory, lang: str) -> str:
    key, known = row.event, row.value == row.value
    if key == "cancellations" and row.car in memory.heard:
        key = "cancellations_heard"
    if key == "heard" and row.car in memory.heard:
        key = "heard_again"
    if key == "told_by_feed" and not row.organisation:
        key = "told_by_feed_elsewhere"
    relation = "on_order" if row.car in memory.ordered else "own" if memory.drives == row.car else "car"
    absent = "independent" if key == "visit" else "nobody"
    organisation = case.label("organisations", row.organisation, lang) if row.organisation else say(absent, lang)
    words = {
        "car": _named("car", case, row.car, lang),
        "channel": case.label("channels", row.channel, lang) if row.channel else "",
        "organisation": organisation,
        "amount": f"{row.value:,.0f}" if known else "-",
        "share": f"{100.0 * row.value:.0f}" if known else "-",
        "count": int(row.value) + 1 if known else "-",
        "teller": f"{row.value:,.0f}" if known else "-",
        "ago": _ago(memory.ordered.get(row.car), int(row.week), lang),
        "whose": _named(relation, case, row.car, lang),
        "event": row.event.replace("_", " "),
    }
    return say(key if key in TEXTS else "other", lang, **words)


def _ago(ordered: int | None, week: int, lang: str) -> str:
    if ordered is None:
        return say("before", lang)
    weeks = week - ordered
    return say("same" if weeks == 0 else "last" if weeks == 1 else "ago", lang, weeks=weeks)


def _named(relation: str, case: Case, car: str, lang: str) -> str:
    """A car as it is spoken of: one that stands for many has no name of its own."""
    if not car:
        return ""
    many = "_of_many" if case.cars[car].aggregate else ""
    return say(relation + many, lang, car=case.label("cars", car, lang))
