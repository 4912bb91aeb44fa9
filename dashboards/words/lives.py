"""Words of the page that tells one consumer's life."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "life": ("A consumer's story", "一位消费者的经历"),
    "life_about": (
        "Behind every line of the chart there are people. Pick one of those who were followed, and read what happened.",
        "图中每条线的背后都是一个个具体的人。从被跟踪的人里选一位，看看发生了什么。",
    ),
    "life_market": (
        "In the market: {title}, {consumers} consumers, luck {seed}.",
        "所在市场：{title}，{consumers} 位消费者，运气 {seed}。",
    ),
    "life_search": ("Show me", "请给我看"),
    "life_profile": ("a buyer like this", "哪一类买家"),
    "life_anybody": ("anybody", "任何人"),
    "life_who": ("who", "他或她"),
    "life_who_cancelled": ("cancelled an order", "取消过订单"),
    "life_who_lost": ("would have bought, had trust lasted", "若信任仍在便会购买"),
    "life_who_heard": ("heard what went wrong", "听说了所出的问题"),
    "life_who_kept": ("kept to the order in spite of it", "尽管如此仍保留订单"),
    "life_who_deferred": ("waits because of what was heard", "因所听到的而再等一等"),
    "life_found": ("Whose lives show it best", "最能说明问题的人"),
    "life_one": ("No. {consumer}", "第 {consumer} 号"),
    "life_number": ("or by number", "或按编号"),
    "life_number_hint": (
        "The first 500 consumers are followed, and some buyers of the car that the case is about.",
        "被跟踪的是前 500 位消费者，以及案例主角车型的部分买家。",
    ),
    "life_nobody": (
        "In this market it happened to nobody who was followed. Choose something else, or simulate more consumers.",
        "在这个市场里，被跟踪的人都没有遇到这种情况。请换一项，或模拟更多消费者。",
    ),
    "life_unfollowed": ("This consumer was not followed.", "这位消费者没有被跟踪。"),
    "life_source": (
        "Who hears of a story in several ways on one day is said to have it from the acquaintance.",
        "同一天从多处听说时，记为来自熟人。",
    ),
    "life_end": ("At the end", "最后"),
    "life_week": ("Week {week}", "第 {week} 周"),
    "life_see": ("See the market in week {week}, {date}", "看第 {week} 周（{date}）的市场"),
    "life_simulating": ("Looking for people in this market…", "正在这个市场里找人……"),
    "life_note": (
        "A simulated household, not a person. One life is an example, not evidence.",
        "这是一户模拟家庭，不是真人。单个经历只是例子，不是证据。",
    ),
}
