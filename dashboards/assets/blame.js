/* Blame over time for one organisation: what it is blamed, what it is assumed to have contributed, what it controls. */
(function () {
  "use strict";

  const LOOKS = {
    blame: { width: 2.5, type: "solid", z: 4 },
    cause: { width: 1.75, type: [6, 4], z: 3 },
    control: { width: 1.75, type: [1.5, 3], z: 2 },
  };

  /* The three lines; blame wears the organisation's colour, grey where it rests on too few consumers. */
  function option(box, market, data, place, week, look) {
    const { style, text, dates, points, thinSpans } = window.whosecar.panels;
    const axis = dates(market, look.lang, box.width);
    const own = look.ink;
    const first = data.shares.blame[place].findIndex((value) => value !== null);
    const known = data.behind[place].map((n, w) => (data.shares.blame[place][w] === null ? null : n));
    const spans = thinSpans(known).map((span) => [span[0] - first, span[1] - first]);
    const last = data.shares.blame[place].slice(0, week).reduce((found, value, w) => (value === null ? found : w), -1);
    const ink = first < 0 || last < first ? own : window.whosecar.chart.fade(own, style("--wc-grey"), spans, last - first);
    return {
      animation: false,
      useUTC: true,
      grid: { left: 40, right: 14, top: 10, bottom: 24 },
      xAxis: axis,
      yAxis: {
        type: "value",
        min: 0,
        max: look.top,
        interval: look.top / 2,
        axisLabel: { ...text(), formatter: "{value}%" },
        splitLine: { lineStyle: { color: style("--wc-line") } },
      },
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0, className: "wc-tip", axisPointer: { type: "line", lineStyle: { color: style("--wc-muted"), type: "solid", width: 1 } }, formatter: look.tip },
      series: Object.keys(LOOKS).map((measure) => ({
        id: measure,
        name: measure,
        type: "line",
        data: points(market, data.shares[measure][place], week, 10),
        showSymbol: false,
        connectNulls: false,
        z: LOOKS[measure].z,
        emphasis: { disabled: true },
        itemStyle: { color: measure === "blame" ? own : style("--wc-muted") },
        lineStyle: { width: LOOKS[measure].width, type: LOOKS[measure].type, color: measure === "blame" ? ink : style("--wc-text"), opacity: measure === "control" ? 0.7 : 1 },
      })),
    };
  }

  /* The top of the axis, one for all organisations, so that heights compare. */
  function top(data) {
    const most = Object.values(data.shares).flat(2).reduce((found, value) => Math.max(found, value || 0), 100);
    return Math.min(100, Math.ceil(most / 200) * 20);
  }

  /* Stories known by a week: when they began, what is known of their spread, whether they are still told. */
  function stories(data, week) {
    return data.stories
      .filter((story) => story.acts[0][0] <= week)
      .map((story) => {
        const acts = story.acts.filter((act) => act[0] <= week);
        const last = acts[acts.length - 1];
        const said = [...new Set(acts.map((act) => act[1]).filter((act) => act !== "failure" && act !== "end"))];
        return { ...story, began: acts[0][0], first: Math.max(1, acts[0][3]), informed: last[3], alive: last[1] !== "end", said };
      })
      .sort((a, b) => Number(b.focal) - Number(a.focal) || b.began - a.began);
  }

  /* A number of households as a place between 100 and 10 million, on a scale in which each step is ten times more. */
  const place = (households) => 100 * Math.max(0, Math.min(1, (Math.log10(Math.max(100, households)) - 2) / 5));

  window.whosecar.blame = { option, top, stories, place };
})();
