/* The charts of a panel as one picture to take away, side by side, with title, captions and source around them. */
(function () {
  "use strict";

  const EDGE = 24;
  const GAP = 28;
  const LINE = 18;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const plain = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
  const breadth = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 11.5 : 6), 0);

  /* Words cut into lines of a width: at spaces, or anywhere in Chinese. */
  function folded(text, width) {
    const lines = [""];
    text.split(/(?<=[\s，。；、])/).forEach((part) => {
      if (breadth(lines[lines.length - 1] + part) > width) lines.push("");
      lines[lines.length - 1] += part;
    });
    return lines;
  }

  function written(x, y, text, size, colour, weight) {
    return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight || 400}" fill="${colour}">${plain(text)}</text>`;
  }

  /* One chart drawn anew as SVG, put in its place. */
  function placed(echarts, chart, x, y) {
    const size = { width: chart.getWidth(), height: chart.getHeight() };
    const copy = echarts.init(null, null, { renderer: "svg", ssr: true, ...size });
    copy.setOption({ ...chart.getOption(), animation: false, tooltip: undefined, aria: undefined });
    const family = getComputedStyle(document.body).fontFamily;
    const drawn = copy.renderToSVGString().split(family).join(family.replace(/"/g, "'"));
    copy.dispose();
    return drawn.replace("<svg ", `<svg x="${x}" y="${y}" overflow="visible" `);
  }

  function drawn(echarts, charts, told) {
    const [ink, quiet] = [style("--wc-text"), style("--wc-muted")];
    const widths = charts.map((chart) => chart.getWidth());
    const width = Math.max(640, widths.reduce((sum, one) => sum + one, 0) + GAP * (charts.length - 1)) + 2 * EDGE;
    const above = told.captions.length ? 3 * LINE + 6 : 0;
    const top = 74 + above;
    const tall = Math.max(...charts.map((chart) => chart.getHeight()));
    const notes = told.notes.filter(Boolean).flatMap((note) => folded(note, width - 2 * EDGE));
    const height = top + tall + 20 + notes.length * LINE + EDGE;
    const body = [written(EDGE, 38, told.title, 20, ink, 700), written(EDGE, 58, told.subtitle, 13, quiet)];
    charts.reduce((x, chart, i) => {
      (told.captions[i] || []).forEach((line, row) => body.push(written(x, 86 + row * LINE, line, row ? 12 : 15, row ? quiet : ink, row ? 400 : 600)));
      body.push(placed(echarts, chart, x, top));
      return x + widths[i] + GAP;
    }, EDGE);
    notes.forEach((line, row) => body.push(written(EDGE, top + tall + 28 + row * LINE, line, 12, quiet)));
    const font = plain(getComputedStyle(document.body).fontFamily).replace(/&quot;/g, "'");
    const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${font}"><rect width="100%" height="100%" fill="${style("--wc-card")}"/>${body.join("")}</svg>`;
    return { text, width, height };
  }

  /* Give the picture to the visitor, as SVG or, twice as fine, as PNG. */
  function take(echarts, charts, kind, told) {
    if (!charts.length) return;
    const { text, width, height } = drawn(echarts, charts, told);
    if (kind === "svg") {
      window.whosecar.picture.save(told.file + ".svg", text, "image/svg+xml");
      return;
    }
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [2 * width, 2 * height];
      canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
      canvas.toBlob((blob) => window.whosecar.picture.save(told.file + ".png", blob, "image/png"));
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
  }

  window.whosecar.sheet = { take };
})();
