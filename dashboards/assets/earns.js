/* Who earns: profit cumulated since the start, as lines over time and as bars by what it was earned with. */
(function () {
  "use strict";

  /* Cumulated amounts from changes; all zeros travel as nothing. */
  function cumulated(steps, weeks) {
    let sum = 0;
    return steps.length ? steps.slice(0, weeks).map((step) => (sum += step)) : Array(weeks).fill(0);
  }

  /* Profit of one party by group at a week, and its sum. */
  function parts(rows, week) {
    const groups = rows.map((steps) => cumulated(steps, week)[week - 1] || 0);
    return { groups, total: groups.reduce((sum, value) => sum + value, 0) };
  }

  function total(rows, week) {
    const lines = rows.map((steps) => cumulated(steps, week));
    return Array.from({ length: week }, (_, w) => lines.reduce((sum, line) => sum + line[w], 0));
  }

  function option(box, market, lines, look) {
    const { style, text, dates, points } = window.whosecar.panels;
    const flat = lines.flatMap((line) => line.row);
    const [low, high] = [Math.min(0, ...flat), Math.max(0, ...flat)];
    return {
      animation: false,
      useUTC: true,
      grid: { left: 4, right: look.narrow ? 70 : 92, top: 12, bottom: 4, containLabel: true },
      xAxis: { ...dates(market, look.lang, box.width), axisLine: { onZero: false, lineStyle: { color: style("--wc-strong-line") } } },
      yAxis: {
        type: "value",
        min: low < 0 ? null : 0,
        max: high > 0 ? null : 0,
        splitNumber: 4,
        axisLabel: { ...text(), formatter: look.money },
        splitLine: { lineStyle: { color: style("--wc-line") } },
      },
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0, className: "wc-tip", axisPointer: { type: "line", lineStyle: { color: style("--wc-muted"), type: "solid", width: 1 } }, formatter: look.tip },
      series: lines.map((line, i) => ({
        id: line.id,
        name: line.id,
        type: "line",
        data: points(market, line.row, line.row.length, 1),
        showSymbol: false,
        emphasis: { disabled: true },
        endLabel: { ...text(), show: true, color: look.fade(line.ink) === line.ink ? style("--wc-text") : style("--wc-muted"), formatter: () => line.name, distance: 6, width: look.narrow ? 62 : 84, overflow: "truncate" },
        labelLayout: { moveOverlap: "shiftY" },
        itemStyle: { color: line.ink },
        lineStyle: { width: 2.5, color: look.fade(line.ink), type: line.dashed ? [7, 3] : "solid" },
        z: 3 + lines.length - i,
        markLine: i ? undefined : { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: style("--wc-strong-line"), type: "solid", width: 1 }, data: [{ yAxis: 0 }] },
      })),
    };
  }

  window.whosecar.earns = { cumulated, parts, total, option };
})();
