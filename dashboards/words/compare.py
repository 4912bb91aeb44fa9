"""What is said on the page that compares two markets."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "compare": ("Compare two markets", "比较两个市场"),
    "compare_about": (
        "The same people and the same luck on both sides, again and again with other luck: what differs is due to what "
        "the sides do not share. The interval says how sure that is.",
        "两边是同样的人、同样的运气，再换不同的运气反复比较：差异只来自两边的不同之处，区间说明它有多可靠。",
    ),
    "compare_side_a": ("A: this market", "A：这个市场"),
    "compare_side_b": ("B: compared with", "B：与之比较"),
    "compare_case": ("Case", "案例"),
    "compare_own": ("A case file of your own: {title}", "自带的案例文件：{title}"),
    "compare_own_gone": ("The case file is no longer here: bring it again.", "案例文件已不在：请重新上传。"),
    "compare_link": ("or paste a link to a market", "或粘贴一个市场的链接"),
    "compare_link_take": ("Take it", "使用"),
    "compare_link_fault": ("This is no link to a market of this page.", "这不是本页面市场的链接。"),
    "compare_file": ("or bring a case file", "或上传案例文件"),
    "compare_file_large": ("The file is too large: at most 190,000 characters.", "文件太大：最多 190,000 个字符。"),
    "compare_file_base": (
        "The file builds on another file. Export a whole case, or build on a bundled one.",
        "该文件基于另一个文件。请导出完整案例，或基于内置案例。",
    ),
    "compare_file_fault": ("The case has faults: {said}", "案例有误：{said}"),
    "compare_file_no_case": ("This is no case file.", "这不是案例文件。"),
    "compare_file_long": (
        "The case is too long or has too many cars: at most 260 weeks and 48 cars.",
        "案例太长或车型太多：最多 260 周、48 款车。",
    ),
    "compare_as_case": ("As the case has it: nothing changed, nothing done.", "与案例一致：没有修改，也没有行动。"),
    "compare_assumed": ("{label}: {value} (case: {usual})", "{label}：{value}（案例值：{usual}）"),
    "compare_swap": ("Swap A and B", "交换 A 与 B"),
    "compare_pairs": ("Pairs", "配对数"),
    "compare_going": ("Pair {pair} of {of}", "第 {pair} 对，共 {of} 对"),
    "compare_done": ("{of} pairs", "{of} 对"),
    "compare_stopped": ("Stopped after {pairs} of {of} pairs", "已停止：完成 {pairs} 对，共 {of} 对"),
    "compare_stop": ("Stop", "停止"),
    "compare_go_on": ("Go on", "继续"),
    "compare_apart": (
        "These two cases begin on different days: their weeks cannot be set beside each other.",
        "两个案例的起始日不同：各周无法对应比较。",
    ),
    "compare_first": ("The first pair is being simulated…", "正在模拟第一对……"),
    "compare_same": (
        "Both sides are the same market: every difference is exactly zero.",
        "两边是同一个市场：差异恰好为零。",
    ),
    # what came of it
    "compare_share": ("Share of deliveries: {what}", "交付份额：{what}"),
    "compare_share_about": (
        "{mean}-week mean of all pairs. Below: A less B in percentage points, with its 95% interval.",
        "各配对的 {mean} 周平均。下方：A 减 B（百分点）及其 95% 区间。",
    ),
    "compare_orders": ("Orders of {what} since the start", "{what}自开始以来的订单"),
    "compare_orders_about": (
        "Mean of all pairs. Below: A less B, its 95% interval. Orders answer at once, deliveries wait for capacity.",
        "各配对的平均。下方：A 减 B 及其 95% 区间。订单立即反应，交付则受产能限制。",
    ),
    "compare_shown": ("Whose share", "谁的份额"),
    "compare_week": ("Week that the numbers are of", "数字所在的周"),
    "compare_by_brand": ("Every brand", "所有品牌"),
    "compare_by_brand_about": (
        "{mean}-week mean share in the week of {date}; bars: A less B with its 95% interval. Faint: zero lies within.",
        "{date} 当周的 {mean} 周平均份额；横条：A 减 B 及其 95% 区间。浅色：区间含零。",
    ),
    "compare_areas": ("Side by side", "并列"),
    "compare_areas_about": (
        "Share of deliveries by brand, mean of all pairs; colours as in the list of brands, grey stands for many.",
        "各品牌的交付份额，所有配对的平均；颜色同品牌列表，灰色代表众多品牌。",
    ),
    "compare_rows": ("What differs over the whole run", "整个模拟期的差异"),
    "compare_rows_about": (
        "Means over the pairs so far ({pairs}); A less B, its 95% interval. Faint: zero lies within, it may be luck.",
        "{pairs} 对的平均；A 减 B 及其 95% 区间。浅色：区间含零，可能只是运气。",
    ),
    "compare_of_car": ("The car", "车型"),
    "compare_of_market": ("The market", "市场"),
    "compare_of_party": ("Each party", "各方"),
    "compare_what": ("Figure", "指标"),
    "compare_difference": ("A − B", "A − B"),
    "compare_between": ("between {low} and {high}", "{low} 至 {high}"),
    "compare_no_interval": ("no interval from one pair", "仅一对，无区间"),
    "compare_sentence": (
        "{what}, week of {date}: A {a}, B {b}, difference {difference}, {between}.",
        "{what}，{date} 当周：A {a}，B {b}，相差 {difference}，{between}。",
    ),
    "compare_points": ("{n} points", "{n} 个百分点"),
    "compare_table": ("Share of deliveries by week, in percent", "各周交付份额（%）"),
    "compare_low": ("From", "下限"),
    "compare_high": ("To", "上限"),
    "compare_csv": ("Numbers (CSV)", "数据 (CSV)"),
    "compare_source": (
        "{consumers} consumers on each side; pairs: {pairs}; luck {first} to {last}.",
        "每边 {consumers} 位消费者；配对数 {pairs}；运气 {first} 至 {last}。",
    ),
    "compare_basis": (
        "At least {buyers} simulated buyers of {what} on either side.",
        "每边至少 {buyers} 位{what}的模拟买家。",
    ),
    "compare_fault": (
        "One of these markets could not be simulated. Choose another case, or another file.",
        "其中一个市场无法模拟。请换一个案例或文件。",
    ),
    "page_compare": ("Compare", "比较"),
    "to_compare": ("Everything that differs", "所有差异"),
}
