"""What is said around the lessons; their own texts stand in `dashboards/lessons/*.toml`."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "page_lessons": ("Lessons", "课程"),
    "lessons_title": ("Three lessons", "三节课"),
    "lessons_sub": (
        "45 minutes each: a question, a vote, an act, and what the market says. Arrow keys turn pages, R reveals, "
        "T shows the teacher's notes.",
        "每节 45 分钟：提问、投票、出手，再看市场怎么说。方向键翻页，R 揭晓，T 显示教师提示。",
    ),
    "lesson_time": ("{minutes} minutes, {steps} steps", "{minutes} 分钟，{steps} 步"),
    "lesson_all": ("All lessons", "全部课程"),
    "lesson_where": ("Step {step} of {steps} · {minutes} min", "第 {step} 步，共 {steps} 步 · {minutes} 分钟"),
    "lesson_back": ("Previous step", "上一步"),
    "lesson_on": ("Next step", "下一步"),
    "lesson_reveal": ("Reveal", "揭晓"),
    "lesson_hide": ("Hide again", "重新隐藏"),
    "lesson_end": ("The lesson is over.", "本课结束。"),
    "lesson_choose": ("The class decides", "全班决定"),
    "lesson_notes": ("Teacher's notes (T)", "教师提示 (T)"),
    "lesson_making": ("The markets of this step are being simulated…", "正在模拟这一步的市场……"),
    "lesson_failed": ("A market of this step could not be simulated.", "这一步的市场无法模拟。"),
    "lesson_laboratory": ("Open this market in the laboratory", "在实验室中打开这个市场"),
    "lesson_luck": ("One simulated market, luck {luck}.", "一次模拟的市场，运气 {luck}。"),
    "roles_face": ("Face: whose car people think it is", "脸面：人们以为是谁的车"),
    "roles_control": ("Control", "控制力"),
    "roles_definition": ("Part in its definition", "在定义中的份额"),
    "bars_control": ("Control", "控制力"),
    "bars_earned": ("Profit", "利润"),
    # the teacher's book
    "book_title": ("Teaching with Whose Car", "用《这是谁的车？》上课"),
    "book_intro": (
        "Start `whosecar dashboard --host 0.0.0.0`, show `/` on the wall and let phones join with the code under the "
        "vote. Companies and cars have fictional names; real ones are one click away, under a banner. The three "
        "lessons stand at `/lessons`: arrow keys turn pages, R reveals, T shows the teacher's notes. Every number "
        "below was measured: the mean of {lucks} lucks and, in brackets, the lowest and highest of them. This page "
        "is written by `python -m dashboards.teaching --out docs`.",
        "运行 `whosecar dashboard --host 0.0.0.0`，把 `/` 投到墙上，让手机用投票下方的代码加入。"
        "企业和车型使用虚构名称；真实名称一键可见，并带有声明。三节课在 `/lessons`："
        "方向键翻页，R 揭晓，T 显示教师提示。下面每个数字都是测得的："
        "{lucks} 次运气的平均值，方括号内为最低与最高。本页由 `python -m dashboards.teaching --out docs` 写成。",
    ),
    "book_first": ("The first five minutes", "最初五分钟"),
    "book_first_how": (
        "Read the question, let the class vote, press “{answer}”. Then let them predict each of the three acts before "
        "it is pressed.",
        "读出问题，全班投票，按“{answer}”。然后在按下三个行动之前，逐一让学生预测。",
    ),
    "book_act": ("What differs", "差别"),
    "book_kept": ("Orders kept by the end of the tenth week", "到第十周末保留的订单"),
    "book_event": ("The reports of the first deliveries", "首批交付的报道"),
    "book_first_end": (
        "What was displayed at purchase counts for more than how fast one explains afterwards, and whoever takes over "
        "a role takes its failures along. Deliveries show nothing of it while the factory is sold out.",
        "购买时展示了什么，比事后解释得多快更要紧；接管一项职能，也就接管了它的失误。工厂订满期间，交付量什么也看不出来。",
    ),
    "book_minutes": ("{n} minutes", "{n} 分钟"),
    "book_expect": ("Expect:", "预期："),
    "book_notes": ("Notes.", "提示。"),
    "unit_points": ("points", "个百分点"),
}
