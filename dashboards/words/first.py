"""What is said on the first page, of votes, and in the figures that it shares with the lessons."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "page_first": ("First view", "首页"),
    "first_when": ("{car}, one week before the first deliveries of {date}", "{car}，{date}首批交付的前一周"),
    "first_roles": (
        "{seller} sells it, {builder} builds it, {battery} runs the battery.",
        "{seller}卖车，{builder}造车，{battery}管电池。",
    ),
    "first_term": (
        "A term is reported as not displayed at purchase. Who gets blamed?",
        "有一项条款据报在购车时没有展示。谁会挨骂？",
    ),
    "first_reveal": ("Reveal what the market says", "揭晓市场的答案"),
    "first_again": ("Back to the vote", "回到投票"),
    "first_laboratory": ("Open the whole laboratory", "打开完整实验室"),
    "first_lessons": ("Three lessons of 45 minutes", "三节 45 分钟的课"),
    "first_luck": ("Another luck", "换一次运气"),
    "first_making": (
        "The market is being simulated while you vote…",
        "投票的同时，市场正在模拟……",
    ),
    "first_made": ("The market is ready.", "市场已就绪。"),
    "first_failed": (
        "This market could not be simulated. Please reload the page.",
        "这个市场无法模拟，请重新载入页面。",
    ),
    # who is blamed
    "bars_title": ("Assumed to have contributed, and blamed", "假设的责任，与受到的责备"),
    "bars_sub": (
        "Of the stories told about the car in these weeks, by households that heard of them.",
        "这几周流传的事件，按听说的家庭计算。",
    ),
    "bars_vote": ("Your class", "全班投票"),
    "bars_cause": ("Assumed contribution", "假设的责任份额"),
    "bars_blame": ("Blamed", "受责备"),
    "bars_nobody": ("voted for nobody: {part}", "投“没有人”：{part}"),
    "bars_none": ("Nobody is blamed: no story is told.", "没有人受责备：没有事件流传。"),
    "bars_thin": ("grey: fewer than 30 simulated consumers", "灰色：不足 30 位模拟消费者"),
    # the line
    "line_title": ("Share of {car} in all orders kept", "{car}在全部保留订单中的份额"),
    "line_sub": (
        "% of battery-electric cars ordered and not cancelled since the week before the first deliveries",
        "自首批交付前一周起，已下订且未取消的纯电动车中的占比（%）",
    ),
    "line_why": (
        "Deliveries hide it: the line is sold out for weeks, so that it delivers the same whoever leaves the queue.",
        "交付量看不出来：产能已订满数周，不论谁退出队列，交付都一样。",
    ),
    "line_this": ("this market", "这个市场"),
    "line_no_event": ("nothing is reported", "没有报道"),
    "line_no_act": ("without the act", "没有这一行动"),
    "line_effect_event": ("Orders kept, because of the reports", "因报道而变化的保留订单"),
    "line_effect_act": ("Orders kept, because of the act", "因这一行动而变化的保留订单"),
    "line_interval": (
        "95% interval {low} to {high}, over {pairs} pairs of markets with the same luck",
        "95% 区间 {low} 至 {high}，{pairs} 对同运气的市场",
    ),
    "line_one": (
        "in this one luck; other lucks are being tried…",
        "仅此一次运气；正在尝试其他运气……",
    ),
    "line_based": ("based on {buyers} simulated buyers", "依据 {buyers} 位模拟买家"),
    "line_moved": (
        "{now} orders kept instead of {without}; cancelled {gone} instead of {stayed}",
        "保留订单 {now}，否则为 {without}；取消 {gone}，否则为 {stayed}",
    ),
    "line_unclear": (
        "The interval holds zero: no difference can be told.",
        "区间包含零：看不出差别。",
    ),
    "line_sentence": (
        "{title}. {lines}",
        "{title}。{lines}",
    ),
    "line_end": ("{name}: {value} in the week of {date}.", "{name}：{date}当周 {value}。"),
    # the acts
    "levers": ("What if …", "如果……"),
    "lever_disclose": ("Disclose earlier", "提前告知"),
    "lever_disclose_about": (
        "The term stands on the page from the first day of sale.",
        "从开售第一天起，条款就写在页面上。",
    ),
    "lever_answer": ("Answer in 48 hours", "48 小时内回应"),
    "lever_answer_about": (
        "The same answers, refunds and remedies, after two days instead of six.",
        "同样的回应、退订与补偿，两天后而不是六天后。",
    ),
    "lever_deliver": ("{seller} takes over delivery", "{seller}接管交付"),
    "lever_deliver_about": (
        "All of delivery moves one week before; it costs money and half a year of learning.",
        "交付在一周前全部移交；要花钱，也要半年学习。",
    ),
    "first_how": ("What is this?", "这是什么？"),
    "first_how_text": (
        "A market of {consumers} simulated consumers, cut to the {weeks} weeks around the reports. The dashed line is "
        "the same people with the same luck. Contributions are assumptions; every one can be changed in the "
        "laboratory.",
        "由 {consumers} 位模拟消费者组成的市场，只取报道前后 {weeks} 周。虚线是同样的人、同样的运气。责任份额都是假设，"
        "均可在实验室中修改。",
    ),
    # votes
    "vote_nobody": ("Nobody", "没有人"),
    "vote_label": ("Vote: {question}", "投票：{question}"),
    "vote_tap": ("{name}: {count} votes", "{name}：{count} 票"),
    "vote_hands": ("Count hands", "清点举手"),
    "vote_less": ("One hand less for {name}", "{name}减一只手"),
    "vote_more": ("One hand more for {name}", "{name}加一只手"),
    "vote_all": ("{count} votes", "共 {count} 票"),
    "vote_clear": ("Begin anew", "重新投票"),
    "room_open": ("Let phones vote", "让手机投票"),
    "room_join": ("Join a class", "加入班级"),
    "room_code": ("Code of the class", "班级代码"),
    "room_go": ("Join", "加入"),
    "room_is": ("Class {code}", "班级 {code}"),
    "room_how": (
        "On any device in this network: {address}",
        "在本网络的任何设备上打开：{address}",
    ),
    "room_local": (
        "This address works on this computer alone. Start with --host 0.0.0.0 to let the class in.",
        "这个地址只能在本机使用。用 --host 0.0.0.0 启动，全班才能加入。",
    ),
    "room_leave": ("Leave the class", "离开班级"),
    "room_gone": ("There is no class {code} any more.", "班级 {code} 已不存在。"),
}
