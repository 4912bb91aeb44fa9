/* Two markets beside each other: pure functions of what the pairs say, the visitor's choices and the space there is. */
(function () {
  "use strict";

  const UNIT = 1000; // shares travel in thousandths of a percent

  const panels = () => window.whosecar.panels;
  const at = (dates, w) => Date.parse(dates[w]);
  const points = (dates, row, unit) => row.map((value, w) => [at(dates, w), value === null ? null : value / unit]);

  function axis(dates, lang, width, grid, shown) {
    return { ...panels().dates({ dates }, lang, width, shown), gridIndex: grid };
  }

  function values(grid, look, more) {
    const text = panels().text();
    const said = (value) => (look.unit === 1 ? window.whosecar.tell.amount(look.lang, value) : +value.toFixed(3) + (grid ? "" : "%"));
    return { type: "value", gridIndex: grid, axisLabel: { ...text, formatter: said }, splitLine: { lineStyle: { color: panels().style("--wc-line") } }, splitNumber: 4, ...more };
  }

  const line = (id, name, grid, data, look) => ({ id, name, type: "line", xAxisIndex: grid, yAxisIndex: grid, data, symbol: "none", animation: false, emphasis: { disabled: true }, ...look });

  /* Both shares above; below, the difference with the band in which it lies, and the week that the numbers are of. */
  function difference(box, found, row, look) {
    const { dates } = found;
    const { style } = panels();
    const upper = Math.round(box.height * 0.56);
    const edge = { left: 52, right: 16 };
    const { ink, unit } = look;
    const low = points(dates, row.low, unit);
    const wide = row.low.map((value, w) => [at(dates, w), value === null ? null : (row.high[w] - value) / unit]);
    const mark = { silent: true, symbol: "none", animation: false, label: { show: false }, data: [{ xAxis: at(dates, look.week - 1) }], lineStyle: { color: style("--wc-accent"), type: "solid", width: 1 } };
    const zero = { ...mark, data: [...mark.data, { yAxis: 0, lineStyle: { color: style("--wc-muted"), type: "solid", width: 1 } }] };
    return {
      animation: false,
      grid: [
        { ...edge, top: 12, height: upper - 30 },
        { ...edge, top: upper + 8, bottom: 28 },
      ],
      xAxis: [axis(dates, look.lang, box.width, 0, false), axis(dates, look.lang, box.width, 1)],
      yAxis: [values(0, look, { min: 0 }), values(1, look, { scale: true })],
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: { trigger: "axis", confine: true, className: "wc-tip", axisPointer: { type: "line" }, formatter: look.tip },
      series: [
        line("b", "B", 0, points(dates, row.base, unit), { lineStyle: { width: 2, color: style("--wc-text"), type: [5, 4] }, itemStyle: { color: style("--wc-text") } }),
        line("a", "A", 0, points(dates, row.other, unit), { lineStyle: { width: 2.5, color: ink }, itemStyle: { color: ink }, markLine: mark }),
        line("low", "low", 1, low, { stack: "band", stackStrategy: "all", lineStyle: { opacity: 0 }, silent: true }),
        line("wide", "wide", 1, wide, { stack: "band", stackStrategy: "all", lineStyle: { opacity: 0 }, areaStyle: { color: ink, opacity: 0.22 }, silent: true }),
        line("mean", "A-B", 1, points(dates, row.mean, unit), { lineStyle: { width: 2.5, color: ink }, itemStyle: { color: ink }, markLine: zero }),
      ],
    };
  }

  /* Every brand's share on one side, stacked. */
  function areas(box, found, side, look) {
    const { dates } = found;
    const { style } = panels();
    return {
      animation: false,
      grid: { left: 44, right: 10, top: 10, bottom: 28 },
      xAxis: axis(dates, look.lang, box.width, 0),
      yAxis: values(0, look, { min: 0, max: look.most }),
      tooltip: { trigger: "axis", confine: true, className: "wc-tip", axisPointer: { type: "line" }, formatter: look.tip },
      series: look.order.map((id) => line(id, found.names[id], 0, points(dates, found.brands[id][side], UNIT), { stack: "share", lineStyle: { width: 1, color: style("--wc-card") }, areaStyle: { color: look.inks[id], opacity: found.many.includes(id) ? 0.25 : 0.94 }, itemStyle: { color: look.inks[id] } })),
    };
  }

  /* Where a difference and its interval lie on a scale that is the same for all rows: percent of the width. */
  function places(rows) {
    const most = Math.max(1e-9, ...rows.flatMap((row) => [row.mean, row.low, row.high]).filter((value) => value !== null).map(Math.abs));
    const place = (value) => 50 + (47 * value) / most;
    return rows.map((row) => ({ dot: place(row.mean), low: row.low === null ? null : place(row.low), high: row.high === null ? null : place(row.high) }));
  }

  const quoted = (cell) => (/[",\n]/.test(String(cell)) ? '"' + String(cell).replace(/"/g, '""') + '"' : String(cell));

  /* Rows of cells as a file, with the mark by which spreadsheets know Chinese. */
  const csv = (rows) => "\ufeff" + rows.map((row) => row.map((cell) => quoted(cell === null || cell === undefined ? "" : cell)).join(",")).join("\r\n") + "\r\n";

  window.whosecar.compare = { UNIT, difference, areas, places, csv };
})();
