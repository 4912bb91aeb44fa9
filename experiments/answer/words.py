"""What an answer says, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("Whose car is it?", "这是谁的车？"),
    "kind": ("An answer, and how sure it is", "一个回答，以及把握有多大"),
    "summary": (
        "{case}. Who defined the car, who was blamed against assumed contribution and control, what each cause cost, "
        "who earned, and which division of roles and which contract would be least regretted.",
        "{case}。谁定义了这辆车，谁受指责（对照所设责任与控制），各原因的代价，谁赚了钱，怎样分工与签约最不后悔。",
    ),
    "consumers": ("Simulated consumers", "模拟消费者"),
    "seeds": ("Seeds of the case", "案例的随机种子数"),
    "markets": ("Markets with other assumptions", "改变假设的市场数"),
    "fingerprint": ("Fingerprint of the case", "案例指纹"),
    "short": ("In short", "简而言之"),
    "defined": ("Who defined the car", "谁定义了这辆车"),
    "who_defined": (
        "{car} is defined by {definers} (a judgement); the public sees it as the car of {face} (a judgement).",
        "{car}的定义权：{definers}（判断）；公众眼中它是谁的车：{face}（判断）。",
    ),
    "roles": ("Roles and face that the case assumes, %", "案例所设的分工与门面，%"),
    "function": ("Function", "职能"),
    "f_definition": ("definition", "定义"),
    "f_standard": ("standard", "标准"),
    "f_pace": ("pace", "节奏"),
    "f_production": ("production", "制造"),
    "f_battery": ("battery", "电池"),
    "f_marketing": ("marketing", "营销"),
    "f_sales": ("sales", "销售"),
    "f_finance": ("finance", "金融"),
    "f_delivery": ("delivery", "交付"),
    "f_service": ("service", "服务"),
    "f_data": ("data", "数据"),
    "f_face": ("face: whose car the public thinks it is", "门面：公众认为是谁的车"),
    "blamed": ("Who was blamed", "谁受指责"),
    "who_was_blamed": (
        "{party}: {blame} % of the blame for the car ({low} to {high} over seeds); by control it would have been "
        "{control} %, by assumed contribution {cause} %.",
        "{party}：受到此车全部指责的 {blame}%（各种子 {low} 至 {high}）；按控制应为 {control}%，"
        "按所设责任应为 {cause}%。",
    ),
    "party": ("Party", "一方"),
    "c_blame": ("Blamed, % of blame", "受指责，占指责 %"),
    "c_control": ("Due by control, %", "按控制应受，%"),
    "c_cause": ("Due by assumed contribution, %", "按所设责任应受，%"),
    "blamed_about": ("Blame for the car, mean of the seeds", "因此车受到的指责，各种子平均"),
    "cost": ("What each cause cost", "各原因的代价"),
    "earned": ("Who earned", "谁赚了钱"),
    "who_earned": (
        "Interface share: {mean} % of all profit on cars and owners ({low} to {high} over seeds) is earned by "
        "definition, marketing, sales, finance and data.",
        "界面份额：汽车与车主全部利润的 {mean}%（各种子 {low} 至 {high}）来自定义、营销、销售、金融与数据。",
    ),
    "who_earned_here": (
        "Of the profit on this car it is {mean} % ({low} to {high}).",
        "就此车的利润而言为 {mean}%（{low} 至 {high}）。",
    ),
    "least": ("Which division and which contract would be least regretted", "怎样分工、怎样签约最不后悔"),
    "sure": ("How sure this is", "把握有多大"),
    "how_often": (
        "{party} is blamed beyond its control in {often} % of {runs} markets in which all uncertain numbers are moved.",
        "在改变全部不确定参数的 {runs} 个市场中，{party}有 {often}% 受到超出其控制的指责。",
    ),
    "sure_about": (
        "{numbers} numbers of grade C or D were moved at once, in groups, along trajectories of {runs} markets: those "
        "that act on stories, blame, trust, waiting and cancelling between half and twice their value, all others by a "
        "quarter, since the constants of cars were fitted with them.",
        "{numbers} 个 C、D 级参数分组同时变动，沿轨迹共 {runs} 个市场："
        "作用于舆情、归责、信任、等待与取消的在一半到两倍之间变动，"
        "其余在四分之一以内变动，因为车型常数是与它们一起拟合的。",
    ),
    "figure": ("Figure", "数字"),
    "low": ("5 % of markets below", "5% 的市场低于"),
    "median": ("Median", "中位数"),
    "high": ("5 % of markets above", "5% 的市场高于"),
    "spread": ("Headline figures over {runs} markets", "{runs} 个市场中的主要数字"),
    "decide": ("Which group of assumptions moves what, and how far", "哪组假设影响什么、影响多大"),
    "decide_note": (
        "Mean size of the effect of a group over its range (grouped Morris), in the unit of the outcome, ± half of its "
        "95 % interval. Luck moves figures too: a group within its interval of 0 says nothing.",
        "各组在其范围内的平均影响（分组 Morris），以结果的单位计，"
        "± 为 95% 区间之半。随机性也会带来变动：区间含 0 的组说明不了什么。",
    ),
    "group": ("Group of assumptions", "假设组"),
    "numbers": ("Numbers", "参数个数"),
    "again": ("How to make it again", "如何重现"),
    "again_about": ("One command, in a new folder:", "一条命令，写入新文件夹："),
    "step_run": ("1 of 4: the case on {runs} seeds", "第 1 步（共 4 步）：案例，{runs} 个种子"),
    "step_causes": ("2 of 4: causes switched off in every combination", "第 2 步（共 4 步）：逐一及组合关闭各原因"),
    "step_division": ("3 of 4: divisions of roles and contracts", "第 3 步（共 4 步）：分工与合同"),
    "step_assumptions": ("4 of 4: all uncertain numbers", "第 4 步（共 4 步）：全部不确定参数"),
    "written": (
        "The page: {file}; each step can be opened with `whosecar report`",
        "页面：{file}；各步可用 `whosecar report` 打开",
    ),
}

GROUPS: Mapping[str, tuple[str, str]] = {
    "focal car": ("the car itself", "该车本身"),
    "other cars": ("the other cars", "其他车型"),
    "happenings": ("the events", "事件"),
    "failures": ("how things go wrong", "故障如何发生"),
    "news": ("how stories spread", "故事如何传播"),
    "trust": ("how trust moves", "信任如何变动"),
    "attribution": ("how blame is divided", "指责如何分配"),
    "orders": ("between choice and delivery", "选择到交付之间"),
    "profiles": ("consumers' tastes and habits", "消费者的偏好与习惯"),
    "population": ("who is in the market", "市场中有谁"),
    "organisations": ("what organisations can do", "各机构的能力"),
    "aftersales": ("what owners spend", "车主的花费"),
    "costs": ("what things cost", "各项成本"),
    "contracts": ("what partners agreed on", "合同条款"),
    "choice": ("how offers are compared", "如何比较"),
    "media": ("how contacts work", "触达如何起作用"),
    "channels": ("ways to buy", "购买渠道"),
    "responsibility": ("control and friction", "控制与摩擦"),
    "imitation": ("how other makers follow", "其他车企如何跟进"),
    "acquaintances": ("who knows whom", "谁认识谁"),
    "ownership": ("experience and replacement", "用车体验与换车"),
    "packages": ("what is sold around the car", "车外服务包"),
    "plans": ("how the battery is paid for", "电池付费方案"),
    "deferral": ("who waits while a story is live", "舆情中谁在观望"),
    "firestorm": ("how complaints become public", "投诉如何公开"),
    "alliance": ("what blaming each other does", "互相指责的后果"),
    "swap_network": ("swap stations", "换电站"),
    "traffic": ("what contacts cost", "流量价格"),
    "technology": ("how modular cars are", "模块化程度"),
    "transition": ("moving a role", "职能转移"),
    "capability_learning": ("learning by doing", "干中学"),
}
