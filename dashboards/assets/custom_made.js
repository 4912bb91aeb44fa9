/* Customisation over time: the customised share of the market, and below it how many makers take part. */
(function () {
  "use strict";

  function option(box, market, data, week, look) {
    const { style, text, dates, points, thinSpans } = window.whosecar.panels;
    const share = data.share.map((value) => (value ? value : null));
    const first = share.findIndex((value) => value !== null);
    const spans = thinSpans(data.behind.map((n, w) => (share[w] === null ? null : n))).map((span) => [span[0] - first, span[1] - first]);
    const drawn = week - 1 - first;
    const ink = first < 0 || drawn < 0 ? look.ink : window.whosecar.chart.fade(look.ink, style("--wc-grey"), spans, drawn);
    const most = Math.max(...data.share.map((value) => value || 0), 100) / 100;
    const makers = Math.max(...data.makers, 2);
    const split = Math.round(box.height * 0.62);
    const line = { type: "value", min: 0, splitLine: { lineStyle: { color: style("--wc-line") } } };
    const title = (value, top) => ({ text: value, left: 0, top, textStyle: { ...text(), fontWeight: 600, color: style("--wc-text") } });
    return {
      animation: false,
      useUTC: true,
      title: [title(look.share, 0), title(look.makers, split + 4)],
      grid: [
        { left: 40, right: 18, top: 26, height: split - 40 },
        { left: 40, right: 18, top: split + 28, bottom: 24 },
      ],
      xAxis: [
        { ...dates(market, look.lang, box.width, false), gridIndex: 0 },
        { ...dates(market, look.lang, box.width), gridIndex: 1 },
      ],
      yAxis: [
        { ...line, gridIndex: 0, max: Math.ceil(most * 1.05), splitNumber: 3, axisLabel: { ...text(), formatter: "{value}%" } },
        { ...line, gridIndex: 1, max: makers, interval: Math.max(1, Math.ceil(makers / 2)), axisLabel: text() },
      ],
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0, className: "wc-tip", axisPointer: { type: "line", lineStyle: { color: style("--wc-muted"), type: "solid", width: 1 } }, formatter: look.tip },
      series: [
        { id: "share", type: "line", xAxisIndex: 0, yAxisIndex: 0, data: points(market, share, week, 100), showSymbol: false, emphasis: { disabled: true }, itemStyle: { color: look.ink }, lineStyle: { width: 2.5, color: ink } },
        { id: "makers", type: "line", step: "end", xAxisIndex: 1, yAxisIndex: 1, data: points(market, data.makers, week, 1), showSymbol: false, emphasis: { disabled: true }, itemStyle: { color: style("--wc-text") }, lineStyle: { width: 2, color: style("--wc-text") } },
      ],
    };
  }

  window.whosecar.customMade = { option };
})();
