/* The chart as a picture to take away: the same lines on an opaque ground, with title, legend and source. */
(function () {
  "use strict";

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* Without quotation marks, which the attributes of an SVG would not survive. */
  const FONT = "system-ui, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif";

  /* Hand a file to the browser. */
  function save(name, content, mime) {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([content], { type: mime }));
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /* Everything in the option of the chart that is shown, with words around it; `told`: title, subtitle, source, names. */
  function option(chart, told) {
    const text = { color: style("--wc-text"), fontFamily: FONT };
    const shown = chart.getOption();
    const plain = (axes) => axes.map((axis) => ({ ...axis, axisLabel: { ...axis.axisLabel, fontFamily: FONT } }));
    const quiet = { ...text, color: style("--wc-muted"), fontSize: 12 };
    return {
      ...shown,
      animation: false,
      backgroundColor: style("--wc-card"),
      tooltip: undefined,
      title: { text: told.title, subtext: told.subtitle, left: 16, top: 12, textStyle: { ...text, fontSize: 18 }, subtextStyle: quiet },
      legend: { bottom: 40, left: 16, right: 16, textStyle: quiet, itemHeight: 9, itemWidth: 16, data: shown.series.filter((line) => told.names[line.id]).map((line) => told.names[line.id]) },
      graphic: [{ type: "text", left: 16, bottom: 12, style: { text: told.source, fill: quiet.color, font: "11px " + FONT, width: 1120, overflow: "break" } }],
      xAxis: plain(shown.xAxis),
      yAxis: plain(shown.yAxis),
      grid: [{ left: 60, right: 30, top: 80, bottom: 150 }],
      series: shown.series.map((line) => ({ ...line, name: told.names[line.id] || line.id })),
    };
  }

  /* Draw it anew, off the page, as PNG or SVG. */
  function take(echarts, chart, kind, told) {
    const svg = kind === "svg";
    const size = { width: 1200, height: 720 };
    const drawn = svg
      ? echarts.init(document.createElement("div"), null, { renderer: "svg", ...size })
      : echarts.init(document.createElement("canvas"), null, { devicePixelRatio: 2, ...size });
    drawn.setOption(option(chart, told));
    if (svg) save(told.file + ".svg", drawn.renderToSVGString(), "image/svg+xml");
    else drawn.getRenderedCanvas({ pixelRatio: 2, backgroundColor: style("--wc-card") }).toBlob((blob) => save(told.file + ".png", blob, "image/png"));
    if (svg) drawn.dispose();
    else setTimeout(() => drawn.dispose(), 1000);
  }

  window.whosecar.picture = { save, take, chart: null };
})();
