"""The sentences of a stress test: what a strategist would read aloud, in English or Chinese."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments import console
from experiments.stress.regret import ALL, STRATEGY
from experiments.stress.tables import at, row_of
from experiments.stress.worlds import AXES, NONE, WORLD, Stress

if TYPE_CHECKING:
    import pandas as pd

    from experiments.stress.tables import Findings
    from market import Case

MILLION = 1e-6
LEAST_MONEY = 0.5e6
"""CNY: what a party loses or gains less than this by is not told, and all together neither lose nor gain."""
LEAST_SHARE = 5e-5
"""A share of deliveries that changes by less than this is said not to change."""
FEW_IN_TAIL = 5.0
"""With fewer futures than this in the worst part, its mean is said to rest on few."""

TEXTS = {
    "futures": (
        "{worlds} worlds; futures of each: {futures}, draws of {values} uncertain values ({draws}) x seeds ({seeds}).",
        "{worlds} 个情景，各 {futures} 种未来：{values} 个不确定参数的 {draws} 次抽样 × {seeds} 个种子。",
    ),
    "futures_stated": (
        "{worlds} worlds; futures of each: {futures}, one for each seed, all values as the case states them.",
        "{worlds} 个情景，各 {futures} 种未来：{seeds} 个种子，参数均取案例所设的值。",
    ),
    "lost": (
        "{crisis}: if {nothing}, {car} {moves} {share} points of its share of deliveries in {weeks} weeks ({sure}), "
        "which is {part} % of what it would have had; in the worst 5 % of futures it {moves_then} {worst}.",
        "{crisis}：若{nothing}，{car}在 {weeks} 周内{moves} {share} 个百分点的交付份额（{sure}），"
        "相当于应有份额的 {part}%；在最差 5% 的未来中平均{moves_then} {worst}。",
    ),
    "same_share": (
        "{crisis}: if {nothing}, the share of deliveries of {car} stays what it would have been in {weeks} weeks, to "
        "0.01 points ({sure}); in the worst 5 % of futures it {moves_then} {worst}.",
        "{crisis}：若{nothing}，{car}在 {weeks} 周内的交付份额变化不到 0.01 个百分点（{sure}）；"
        "在最差 5% 的未来中平均{moves_then} {worst}。",
    ),
    "loses": ("loses", "损失"),
    "gains": ("gains", "获得"),
    "lose": ("lose", "损失"),
    "gain": ("gain", "获得"),
    "interval": ("95 % interval {low} to {high}", "95% 区间 {low} 至 {high}"),
    "one_future": ("one future, so no interval", "仅一种未来，无区间"),
    "money": (
        "All parties together {move} {mean} million CNY against the same futures without it ({sure}); in the worst 5 % "
        "they {move_then} {worst}. {who}.",
        "与没有危机的同一未来相比，各方合计{move} {mean} 百万元（{sure}）；最差 5% 中平均{move_then} {worst}。{who}。",
    ),
    "even": (
        "All parties together earn what they would have earned without it, to a million CNY ({sure}); in the worst 5 % "
        "they {move_then} {worst}. {who}.",
        "与没有危机的同一未来相比，各方合计利润变化不到一百万元（{sure}）；最差 5% 中平均{move_then} {worst}。{who}。",
    ),
    "party_loses": ("{party} loses {amount}", "{party}损失 {amount}"),
    "party_gains": ("{party} gains {amount}", "{party}获得 {amount}"),
    "nobody": ("No party loses or gains as much as half a million", "没有一方的得失达到五十万元"),
    "people": (
        "Over the whole run, {cancelled} and {deferred} than without it.",
        "在整个模拟期内，{cancelled}，{deferred}。",
    ),
    "more_cancelled": ("{count} more households cancel", "取消订单者增加 {count} 户"),
    "fewer_cancelled": ("{count} fewer households cancel", "取消订单者减少 {count} 户"),
    "same_cancelled": ("no more and no fewer households cancel", "取消订单者不变"),
    "more_deferred": ("{count} more put the choice off", "推迟选择者增加 {count} 户"),
    "fewer_deferred": ("{count} fewer put the choice off", "推迟选择者减少 {count} 户"),
    "same_deferred": ("no more and no fewer put the choice off", "推迟选择者不变"),
    "never_fell": (
        "Its share of orders does not fall by 5 % in any future.",
        "任何一种未来中订单份额都没有下降 5%。",
    ),
    "back": (
        "Its share of orders falls by 5 % or more in {fell} % of futures and is then back after {weeks} (median); in "
        "{not_back} % of futures it is not back within {followed}.",
        "{fell}% 的未来中订单份额下降 5% 或更多，恢复时间的中位数为 {weeks}；{not_back}% 的未来在 {followed}内未恢复。",
    ),
    "not_back": (
        "Its share of orders falls by 5 % or more in {fell} % of futures; in {not_back} % it is not back within "
        "{followed}.",
        "{fell}% 的未来中订单份额下降 5% 或更多；{not_back}% 的未来在 {followed}内未恢复。",
    ),
    "week": ("{count} week", "{count} 周"),
    "weeks": ("{count} weeks", "{count} 周"),
    "thin": (
        "The worst 5 % rest on {tail} futures: for figures to rely on, ask for more (--draws, --seeds).",
        "最差 5% 仅含 {tail} 种未来：如需可靠数字，请增加（--draws、--seeds）。",
    ),
    "alone": (
        "The worst 5 % are the worst of {futures} futures alone: for figures to rely on, ask for more "
        "(--draws, --seeds).",
        "共 {futures} 种未来，最差 5% 即其中最差的一种：如需可靠数字，请增加（--draws、--seeds）。",
    ),
    "only": (
        "One future has no worst 5 %: for figures to rely on, ask for more (--draws, --seeds).",
        "仅一种未来，无从谈最差 5%：如需可靠数字，请增加（--draws、--seeds）。",
    ),
    "alike": (
        "Over all crises no strategy is half a million CNY worse than another, for all together: nothing here tells "
        "them apart.",
        "综合全部危机，对各方合计而言各策略相差不到五十万元：此处无法区分优劣。",
    ),
    "choose": (
        "Least to regret over all crises, for all together: {best} (at most {most} million CNY worse than the best "
        "choice; {nothing}: {none}).",
        "综合全部危机，对各方合计而言最不后悔的选择：{best}（最多比最优少 {most} 百万元；{nothing}：{none}）。",
    ),
    "choose_nothing": (
        "Least to regret over all crises, for all together: {nothing} (at most {most} million CNY worse than the best "
        "choice).",
        "综合全部危机，对各方合计而言最不后悔的选择：{nothing}（最多比最优少 {most} 百万元）。",
    ),
    "agree": ("{parties} would choose the same.", "{parties}也会作此选择。"),
    "differ": ("{party} would rather have: {best}.", "{party}更愿意选择：{best}。"),
    "nothing": ("nothing is done", "不采取任何措施"),
    "all": ("All", "合计"),
}


def futures(stress: Stress, values: int, lang: str) -> str:
    """How many worlds and futures there are, and what differs between futures; `values` are drawn in each."""
    draws, seeds = max(stress.draws, 1), stress.seeds
    words = {"worlds": len(stress.worlds()), "futures": draws * seeds, "draws": draws, "values": values, "seeds": seeds}
    return TEXTS["futures" if stress.draws else "futures_stated"][lang == "zh"].format(**words)


@dataclass(frozen=True)
class Speaker:
    """Puts a test's findings into words, in one language and with the names that the case shows."""

    stress: Stress
    case: Case
    found: Findings
    lang: str

    def say(self, key: str, **words: Any) -> str:
        """A text in the language, with its braces filled in."""
        return TEXTS[key][self.lang == "zh"].format(**words)

    def title(self, axis: str, key: str) -> str:
        """What an option is called."""
        return self.case.told(self.stress.options(axis)[key].title, self.lang)

    def strategy(self, row: Any) -> str:
        """A strategy by the titles of what it does; row has the columns of STRATEGY."""
        keys = zip(AXES[1:], STRATEGY, strict=True)
        said = [self.title(axis, row[name]) for axis, name in keys if row[name] != NONE]
        return ("；" if self.lang == "zh" else "; ").join(said) or self.say("nothing")

    def party(self, key: str) -> str:
        """What a party is called."""
        return self.say("all") if key == ALL else self.case.label("organisations", key, self.lang)

    @property
    def car(self) -> str:
        """What the car is called that the test looks at."""
        focal = self.case.focal_car
        return "-" if focal is None else self.case.label("cars", focal, self.lang)

    @property
    def crises(self) -> list[str]:
        """Ids of the crises."""
        return [key for key in self.stress.options("crises") if key != NONE]

    # ------------------------------------------------------------------------------------------------ sentences

    def sentences(self) -> Iterator[str]:
        """What a strategist would read aloud: the crises if nothing is done, then what to do."""
        for crisis in self.crises:
            yield self._joined(self._of_crisis(crisis))
        yield self._joined(self._choice())

    def cautions(self) -> Iterator[str]:
        """What has to be known before the numbers are relied on."""
        tail = float(self.found.risk["tail_futures"].min())
        futures = int(self.found.risk["futures"].min())
        if tail <= 1.0:
            yield self.say("alone" if futures > 1 else "only", futures=futures)
        elif tail < FEW_IN_TAIL:
            yield self.say("thin", tail=f"{tail:.1f}")

    def _joined(self, sentences: Iterator[str]) -> str:
        return ("" if self.lang == "zh" else " ").join(sentences)

    def _of_crisis(self, crisis: str) -> Iterator[str]:
        longest = self.stress.horizons_weeks[-1]
        quiet = dict(zip(WORLD, (crisis, NONE, NONE, NONE), strict=True))
        own = at(self.found.risk, quiet)
        share, usual, money = (row_of(own, longest, name) for name in ("share", "share_without", "profit.all"))
        if share is None or usual is None or money is None:
            return
        title = self.title("crises", crisis)
        sign = 100.0 if share["mean"] >= 0.0 else -100.0
        yield self.say(
            "lost" if abs(share["mean"]) >= LEAST_SHARE else "same_share",
            crisis=title[:1].upper() + title[1:], nothing=self.say("nothing"), car=self.car, weeks=longest,
            moves=self._moves(share["mean"]), share=number(share["mean"], 2, sign), sure=self._sure(share, 2, sign),
            moves_then=self._moves(share["shortfall"]), worst=number(abs(share["shortfall"]), 2, 100.0),
            part=number(share["mean"] / usual["mean"] if usual["mean"] > 0.0 else 0.0, 0, sign),
        )  # fmt: skip
        bearers = at(self.found.bearers, quiet)
        yield self._of_money(money, bearers[bearers["measure"] == "profit"])
        people = bearers.set_index("measure")["mean"]
        if {"cancelled", "deferred"} <= set(people.index):
            yield self.say("people", **{name: self._counted(name, people[name]) for name in ("cancelled", "deferred")})
        row = at(self.found.recovery, quiet | {"series": "order_share"}).iloc[0]
        parts = {"not_back": number(row["not_back"], 0, 100.0), "fell": number(1.0 - row["never_fell"], 0, 100.0)}
        key = "never_fell" if row["never_fell"] == 1.0 else "back" if math.isfinite(row["median"]) else "not_back"
        yield self.say(key, weeks=self._weeks(row["median"]), followed=self._weeks(row["followed"]), **parts)

    def _weeks(self, count: float) -> str:
        said = number(count, 0)
        return self.say("week" if said == "1" else "weeks", count=said)

    def _counted(self, what: str, households: float) -> str:
        """How many more or fewer households do something, in whole numbers."""
        how = "same" if round(households) == 0 else "fewer" if households < 0.0 else "more"
        return self.say(f"{how}_{what}", count=number(abs(households), 0))

    def _moves(self, lost: float) -> str:
        return self.say("loses" if lost >= 0.0 else "gains")

    def _sure(self, row: Mapping[str, float], digits: int, scale: float) -> str:
        """The interval of a mean, told from the low end to the high one after scaling; none of one future."""
        low, high = (row[end] for end in (("mean_low", "mean_high") if scale > 0.0 else ("mean_high", "mean_low")))
        if math.isnan(low):
            return self.say("one_future")
        return self.say("interval", low=number(low, digits, scale), high=number(high, digits, scale))

    def _of_money(self, money: Mapping[str, float], profits: pd.DataFrame) -> str:
        """What all parties lose or gain together, and each of them: those that lose first."""
        sign = MILLION if money["mean"] >= 0.0 else -MILLION
        moves = {
            "move": self.say("lose" if money["mean"] >= 0.0 else "gain"),
            "move_then": self.say("lose" if money["shortfall"] >= 0.0 else "gain"),
        }
        words = {"mean": number(money["mean"], 0, sign), "sure": self._sure(money, 0, sign)}
        words |= {"worst": number(abs(money["shortfall"]), 0, MILLION)}
        told = profits[profits["mean"].abs() >= LEAST_MONEY].sort_values("mean", ascending=False)
        who = [
            self.say(
                "party_loses" if lost > 0.0 else "party_gains",
                party=self.party(party), amount=number(abs(lost), 0, MILLION),
            )
            for party, lost in zip(told["party"], told["mean"], strict=True)
        ]  # fmt: skip
        joined = ("，" if self.lang == "zh" else ", ").join(who) or self.say("nobody")
        return self.say("money" if abs(money["mean"]) >= LEAST_MONEY else "even", **words, **moves, who=joined)

    def _choice(self) -> Iterator[str]:
        """Which strategy is least to regret, for all and for each party."""
        profit = self.found.regret[self.found.regret["measure"] == "profit"]
        together = profit[profit["party"] == ALL]
        best = together[together["minimax"]]
        if best.empty:
            return
        if together["max_regret"].max() < LEAST_MONEY:
            yield self.say("alike")
            return
        none = together[(together[list(STRATEGY)] == NONE).all(axis=1)].iloc[0]
        words = {"most": number(best["max_regret"].iloc[0], 0, MILLION), "nothing": self.say("nothing")}
        if none["minimax"] or none["max_regret"] - best["max_regret"].iloc[0] < LEAST_MONEY:
            best = together[(together[list(STRATEGY)] == NONE).all(axis=1)]
            words["most"] = number(best["max_regret"].iloc[0], 0, MILLION)
            yield self.say("choose_nothing", **words)
        else:
            words["none"] = number(none["max_regret"], 0, MILLION)
            best = best.head(1)  # of several as good the first, which is the one that is named
            yield self.say("choose", best=self.strategy(best.iloc[0]), **words)
        chosen = set(best[list(STRATEGY)].itertuples(index=False, name=None))
        same, others = [], []
        for party, own in profit[profit["party"] != ALL].groupby("party", sort=False):
            wanted = own[own["minimax"]]
            if own["max_regret"].max() - own["max_regret"].min() < LEAST_MONEY:
                continue  # all is one to it
            at_choice = own[[one in chosen for one in own[list(STRATEGY)].itertuples(index=False, name=None)]]
            costs = at_choice["max_regret"].min() - wanted["max_regret"].min()
            if chosen & set(wanted[list(STRATEGY)].itertuples(index=False, name=None)):
                same.append(self.party(str(party)))
            elif costs >= LEAST_MONEY:  # less is nothing to speak of
                others.append(self.say("differ", party=self.party(str(party)), best=self.strategy(wanted.iloc[0])))
        if same:
            yield self.say("agree", parties=console.listed(same, self.lang))
        yield from others


def number(value: float, digits: int, scale: float = 1.0) -> str:
    """A number without a minus before nothing, "-" where there is none."""
    if math.isnan(value):
        return "-"
    said = f"{scale * value:,.{digits}f}"
    return said.removeprefix("-") if not said.strip("-0.,") else said
