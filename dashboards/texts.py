"""Every word that the dashboard says, in English and Chinese, in one table.

Words with `{braces}` are filled in with numbers, dates and names, here or in the browser; both languages of an entry
hold the same braces.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Literal

from dashboards.words import acts, compare, controls, first, lessons, lives, panels, results

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

HTML_LANGUAGE: dict[Language, str] = {"en": "en", "zh": "zh-CN"}
"""What the page declares itself to be, so that screen readers and fonts choose well."""

TEXTS: dict[str, tuple[str, str]] = {
    # the frame
    "title": ("Whose car is it?", "这是谁的车？"),
    "subtitle": (
        "One sells it, one builds it, one owns the battery: a market to watch and to break.",
        "一家卖，一家造，一家管电池：一个可以观察、也可以打破的市场。",
    ),
    "skip": ("Skip to the chart", "跳到图表"),
    "language": ("中文", "English"),
    "language_label": ("以中文显示 (show in Chinese)", "Show in English (以英文显示)"),
    "to_dark": ("Dark", "深色"),
    "to_dark_label": ("Change to dark colours", "换成深色"),
    "to_light": ("Light", "浅色"),
    "to_light_label": ("Change to light colours", "换成浅色"),
    "names": ("Real names", "真实名称"),
    "names_label": ("Show the real names of companies and cars", "显示企业和车型的真实名称"),
    "banner": (
        "Scenario, not forecast or finding of fault. Contributions assigned to named organisations are editable "
        "assumptions reconstructed from cited press reports. Not endorsed by them.",
        "这是情景推演，不是预测，也不认定任何过错。对具名机构所设的责任份额，是依据所引新闻报道重建、可以修改的假设，未经这些机构认可。",
    ),
    "link_fault": (
        "Part of this link could not be used ({fields}); the usual values are shown instead.",
        "这个链接有一部分无法使用（{fields}），已改用默认值。",
    ),
    "panel_fault": (
        "This part of the page failed; the rest goes on. Reloading the page usually mends it.",
        "页面的这一部分出错了，其余部分照常。重新载入页面通常可以恢复。",
    ),
    "market_fault": (
        "This market could not be simulated. Choose another case, or reload the page.",
        "这个市场无法模拟。请换一个案例，或重新载入页面。",
    ),
    # what is simulated
    "cases": ("Case", "案例"),
    "cases_label": ("Which market to watch", "观察哪个市场"),
    "settings": ("Assumptions", "设定"),
    "consumers": ("Simulated consumers", "模拟消费者数"),
    "consumers_hint": ("More consumers: steadier lines, a longer wait.", "人数越多，曲线越稳，等待也越久。"),
    "seed": ("Luck", "运气"),
    "seed_hint": (
        "The same number gives the same market, on any machine.",
        "同一个数字，在任何机器上都得到同一个市场。",
    ),
    "seed_next": ("Another luck", "换一次运气"),
    # the tiles
    "tiles": ("This week", "本周"),
    "tile_orders": ("Orders", "订单"),
    "tile_deliveries": ("Deliveries", "交付"),
    "tile_backlog": ("Backlog", "待交付"),
    "tile_leader": ("Leader", "领先者"),
    "unit_week": ("cars a week", "辆/周"),
    "unit_cars": ("cars", "辆"),
    "none_yet": ("–", "–"),
    "explain": ("What is this?", "这是什么？"),
    "explain_close": ("Close", "关闭"),
    "explain_orders": (
        "Cars ordered in this week, all listed cars together. An order is not a sale: the buyer may still cancel.",
        "本周全部所列车型的订单。订单不等于销售：买家仍可能取消。",
    ),
    "explain_deliveries": (
        "Cars handed over in this week. Market share is counted in deliveries.",
        "本周交到买家手中的车。市场份额按交付量计算。",
    ),
    "explain_backlog": (
        "Cars that are ordered and neither delivered nor cancelled at the end of the week.",
        "到本周末已下订、尚未交付也未取消的车。",
    ),
    "explain_leader": (
        "The largest share of the deliveries, grouped and averaged as in the chart.",
        "交付份额最大的一个，分组与平均方式同图表。",
    ),
    # the chart
    "share": ("Market share over time", "市场份额的变化"),
    "share_weekly": ("% of the week's deliveries, {by}", "占当周交付量的 %，{by}"),
    "share_mean": ("% of deliveries, {mean}-week mean, {by}", "占交付量的 %，最近 {mean} 周平均，{by}"),
    "share_cut": ("; the rest lies above", "；其余市场在上方"),
    "by": ("Group by", "分组"),
    "by_brand": ("Brand", "品牌"),
    "by_car": ("Car", "车型"),
    "by_maker": ("Maker", "制造者"),
    "by_definer": ("Definer", "定义者"),
    "by_channel": ("Channel", "渠道"),
    "by_mode": ("Mode", "模式"),
    "as_brand": ("by brand", "按品牌"),
    "as_car": ("by car", "按车型"),
    "as_maker": ("by who builds the car", "按制造者"),
    "as_definer": ("by part in defining the car", "按参与定义的份额"),
    "as_channel": ("by sales channel", "按销售渠道"),
    "as_mode": ("by how a platform takes part", "按平台参与方式"),
    "mode_full-stack": ("Full stack, one company", "全栈自营"),
    "mode_equity-stake": ("Platform holds a stake", "平台持股"),
    "mode_co-creation": ("Co-creation", "联合共创"),
    "mode_supply-chain-customisation": ("Customised and sold by a platform", "供应链定制与销售"),
    "mode_virtual-maker": ("Virtual maker", "虚拟车厂"),
    "mode_dealer-baseline": ("Dealers, no platform", "经销商，无平台"),
    "mode_alone": ("Maker alone", "车企独立"),
    "mode_rest": ("Unlisted cars", "未列车型"),
    "shape": ("Shape", "图形"),
    "shape_areas": ("Stacked", "堆叠"),
    "shape_lines": ("Lines", "折线"),
    "mean": ("Mean", "平均"),
    "mean_1": ("1 week", "1 周"),
    "mean_4": ("4 weeks", "4 周"),
    "mean_13": ("13 weeks", "13 周"),
    "highlight": ("Highlight in the chart", "在图中突出显示"),
    "thin": ("fewer than 30 simulated buyers", "不足 30 位模拟买家"),
    "thin_note": (
        "Grey: the figure rests on fewer than 30 simulated buyers. Choose a longer mean or more consumers.",
        "灰色：该数字所依据的模拟买家不足 30 位。可选更长的平均周数或更多消费者。",
    ),
    "source": (
        "Simulated: {consumers} consumers stand for {households} households; luck {seed}.",
        "模拟结果：{consumers} 位消费者代表 {households}户家庭；运气 {seed}。",
    ),
    "chart_sentence": (
        "{share}, {by}. Week {week} of {weeks}, {date}: {shares}. {based}",
        "{share}，{by}。第 {week} 周，共 {weeks} 周，{date}：{shares}。{based}",
    ),
    "chart_empty": (
        "{share}, {by}. Nothing has happened yet: press play.",
        "{share}，{by}。还什么都没有发生：请按播放。",
    ),
    "based": ("Based on {buyers} simulated buyers.", "依据 {buyers} 位模拟买家。"),
    "poster": ("Let the market run", "让市场运行"),
    "poster_hint": ("{weeks} weeks from {date}", "从 {date} 起 {weeks} 周"),
    "simulating": ("Simulating the market…", "正在模拟市场……"),
    "table_show": ("Show as table", "以表格显示"),
    "table_hide": ("Hide the table", "收起表格"),
    "table_caption": ("Market share in percent, newest week first", "市场份额（%），最近一周在前"),
    "table_week": ("Week", "周"),
    "table_date": ("Week of", "该周起始"),
    # happenings
    "happenings": ("What happened", "发生了什么"),
    "happenings_ahead": ("Nothing so far. What happens will be listed here.", "目前还没有。发生的事会列在这里。"),
    "kind_of_car": ("{what}: {car}", "{what}：{car}"),
    "kind_price_change": ("Price change", "调价"),
    "kind_promotion": ("Promotion", "促销"),
    "kind_tax_cliff": ("Purchase tax changes", "购置税调整"),
    "kind_launch": ("Launch", "上市"),
    "kind_capacity_change": ("Capacity change", "产能变化"),
    "kind_revealed_term": ("Term reported as not displayed at purchase", "据报购买时未展示的条款"),
    "kind_media_burst": ("Burst of media attention", "媒体集中关注"),
    "kind_other": ("Event", "事件"),
    # the transport
    "transport": ("Play the market", "播放市场"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "replay": ("Play again", "重播"),
    "step": ("Step one week", "前进一周"),
    "reset": ("Back to the start", "回到开始"),
    "week": ("Week", "周次"),
    "week_value": ("Week {week} of {weeks}, {date}", "第 {week} 周，共 {weeks} 周，{date}"),
    "week_short": ("Week {week} / {weeks}", "第 {week} / {weeks} 周"),
    "speed": ("Weeks a second", "每秒周数"),
    "announce": (
        "Week {week}, {date}. {leader} leads with {share}.",
        "第 {week} 周，{date}。{leader} 以 {share} 领先。",
    ),
    # the server
    "full_title": ("All seats are taken", "座位已满"),
    "full_text": (
        "{seats} visitors are watching a market right now, as many as this computer takes. "
        "This page tries again by itself every 15 seconds.",
        "现在有 {seats} 位访客正在观察市场，这台电脑已经坐满。本页每 15 秒自动重试一次。",
    ),
    **acts.TEXTS,
    **compare.TEXTS,
    **controls.TEXTS,
    **first.TEXTS,
    **lessons.TEXTS,
    **lives.TEXTS,
    **panels.TEXTS,
    **results.TEXTS,
}


def say(key: str, language: Language, **values: object) -> str:
    """One text with its braces filled in."""
    text = TEXTS[key][LANGUAGES.index(language)]
    return text.format(**values) if values else text


@lru_cache(maxsize=len(LANGUAGES))
def words(language: Language) -> str:
    """The whole table in one language as JSON, for the widgets; one string, so that no render walks it."""
    column = LANGUAGES.index(language)
    return json.dumps({key: texts[column] for key, texts in TEXTS.items()}, ensure_ascii=False)
