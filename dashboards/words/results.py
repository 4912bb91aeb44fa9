"""Words of the navigation and of the page that shows results of the laboratory."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # the navigation
    "pages": ("Pages", "页面"),
    "page_market": ("Market", "市场"),
    "page_results": ("Results", "结果"),
    "page_life": ("A life", "一段经历"),
    "skip_content": ("Skip to the content", "跳到正文"),
    # the list
    "results": ("Results of the laboratory", "实验室的结果"),
    "results_label": ("Which result to open", "打开哪个结果"),
    "result_none": (
        "No result can be opened on this server yet. Start it with the option --results and a folder that holds "
        "results, for example:",
        "这个服务器上还没有可打开的结果。请用 --results 选项指定一个存放结果的文件夹来启动，例如：",
    ),
    "result_empty": (
        "The folder of results is empty. A result is made by a command such as:",
        "结果文件夹是空的。结果由这样的命令产生：",
    ),
    "result_choose": (
        "Choose a result: what was tried, what came of it, how sure that is, and how to make it again.",
        "选择一个结果：试了什么、得到什么、有多可靠，以及如何重现。",
    ),
    "result_refused": (
        "There is no such result on this server. Choose one of the list.",
        "这个服务器上没有这个结果，请从列表中选择。",
    ),
    "result_broken": (
        "This folder cannot be read as a result. It may be unfinished, or made by another version: make it again.",
        "无法将这个文件夹作为结果读取。它可能未完成，或由另一版本产生：请重新生成。",
    ),
    "result_reading": ("Reading the result and drawing its figures…", "正在读取结果并绘图……"),
    "sort_run": ("Run", "运行"),
    "sort_sweep": ("Sweep", "批量实验"),
    "sort_compare": ("Comparison", "对比"),
    "sort_stress": ("Stress test", "压力测试"),
    "sort_explain": ("Explanation", "解释"),
    "sort_calibrate": ("Calibration", "校准"),
    # the upload
    "upload": ("Bring a result along", "带来一个结果"),
    "upload_hint": (
        "A zip file of one result folder, 5 MB at most. Only you see it, and it is gone when you leave.",
        "一个结果文件夹的 zip 文件，最大 5 MB。只有你能看到，离开后即删除。",
    ),
    "upload_choose": ("Choose a zip file", "选择 zip 文件"),
    "upload_sending": ("Sending… {part} %", "正在发送…… {part}%"),
    "uploaded": ("Your own result", "你带来的结果"),
    "upload_large": (
        "This file is too large: 5 MB packed, 40 MB unpacked.",
        "文件过大：压缩后最大 5 MB，解压后最大 40 MB。",
    ),
    "upload_no_zip": ("This is not a zip file that can be read.", "这不是可以读取的 zip 文件。"),
    "upload_unknown": (
        "This zip file holds something that the laboratory does not write. Pack one result, nothing else.",
        "这个 zip 文件里有实验室不会写出的内容。请只打包一个结果文件夹。",
    ),
    "upload_no_result": ("This zip file holds no result that can be read.", "这个 zip 文件里没有可以读取的结果。"),
    # one result
    "result_one": ("The result", "所选结果"),
    "result_parts": ("Parts of this result", "这个结果的各部分"),
    "part_response": ("Two factors at a time", "同时看两个因子"),
    "part_runs": ("One run", "单次运行"),
    "numbers_show": ("The numbers of this figure", "本图的数字"),
    "copy": ("Copy the command", "复制命令"),
    "copied": ("Copied", "已复制"),
    # two factors
    "map_sentence": (
        "Mean of {label} over all runs in a cell. The stronger the colour, the higher; open a cell for its runs.",
        "每格为其中所有运行的{label}平均值。颜色越浓值越高；点开一格可看其中的运行。",
    ),
    "map_across": ("Across", "横向"),
    "map_down": ("Down", "纵向"),
    "map_outcome": ("Outcome", "结果"),
    "map_cell": (
        "{down}: {row}; {across}: {column}. {value} {unit}, {runs} runs",
        "{down}：{row}；{across}：{column}。{value} {unit}，{runs} 次运行",
    ),
    "map_runs": ("{runs} runs", "{runs} 次运行"),
    "map_empty": ("no run", "没有运行"),
    # one run
    "runs_about": (
        "Every run can be made again, with all its tables, by one command in a terminal.",
        "每次运行都可以在终端用一条命令重做，并得到全部表格。",
    ),
    "runs_first": ("The first {few} of {all} runs.", "共 {all} 次运行，此处为前 {few} 次。"),
    "run_id": ("Run", "运行"),
    "run_point": ("Design point", "设计点"),
    "run_seed": ("Seed", "种子"),
    "run_state": ("State", "状态"),
    "run_done": ("done", "完成"),
    "run_failed": ("failed", "失败"),
    "run_command": ("Make it again", "重做"),
}
