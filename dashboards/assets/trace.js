/* A few lines over some weeks as a drawing: pure functions of what is shown and of the space there is. */
(function () {
  "use strict";

  const TOP = 26;
  const BELOW = 26;
  const GAP = 18;

  const level = (lang, value, unit, given) => {
    if (value === null || value === undefined) return "–";
    const few = unit === "%" ? (Math.abs(value) < 10 ? 2 : 1) : unit === "ratio" ? 2 : 0;
    const digits = unit === "%" && given !== undefined ? given : few;
    const text = new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
    return text.replace("-", "−") + (unit === "%" ? "%" : "");
  };

  /* The end of an axis, and its step: 1, 2 or 5 times a power of ten. */
  function scale(most) {
    const rough = most / 3;
    const unit = 10 ** Math.floor(Math.log10(rough));
    const step = unit * [1, 2, 2.5, 5, 10].find((times) => times * unit >= rough);
    return { step, top: step * Math.ceil(most / step) };
  }

  /* Labels at the ends, pushed apart so that none covers another. */
  function apart(lines, floor) {
    const order = [...lines].sort((a, b) => a.y - b.y);
    order.forEach((line, i) => (line.at = Math.max(line.y, i ? order[i - 1].at + GAP : TOP)));
    for (let i = order.length - 1, edge = floor; i >= 0; i -= 1, edge = order[i + 1].at - GAP) order[i].at = Math.min(order[i].at, edge);
  }

  function draw(shown, width, lang, dark) {
    const height = width < 520 ? 260 : 300;
    const left = 18 + 7 * (shown.unit === "%" ? 4 : String(Math.round(Math.max(...shown.lines.flatMap((line) => line.values)))).length + 1);
    const longest = Math.max(...shown.lines.map((line) => [...line.name].reduce((sum, sign) => sum + (sign > "⺀" ? 13 : 6.6), 52)));
    const right = width - Math.min(longest, width * 0.42);
    const bottom = height - BELOW;
    const all = shown.lines.flatMap((line) => line.values.filter((value) => value !== null));
    const { step, top } = scale(Math.max(1e-9, ...all) * 1.05);
    const count = shown.dates.length;
    const x = (i) => left + ((right - left) * i) / Math.max(1, count - 1);
    const y = (value) => bottom - ((bottom - TOP) * value) / top;
    const levels = [];
    for (let value = 0; value <= top + step / 1e3; value += step) levels.push({ y: y(value), text: new Intl.NumberFormat(lang === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 2 }).format(value) + (shown.unit === "%" ? "%" : "") });
    const few = Math.max(1, Math.ceil(((count - 1) * 76) / (right - left)));
    const day = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    const days = shown.dates.map((date, i) => ({ x: x(i), text: day.format(new Date(date + "T00:00:00Z")), anchor: "middle", i })).filter((mark) => mark.i % few === 0);
    const at = (date) => {
      const first = Date.parse(shown.dates[0]);
      const last = Date.parse(shown.dates[count - 1]);
      return left + ((right - left) * (Math.max(first, Math.min(last, Date.parse(date))) - first)) / (last - first || 1);
    };
    const marks = shown.marks.map((mark, i) => ({ x: at(mark.date), number: i + 1 }));
    for (let i = 1; i < marks.length; i += 1) marks[i].x = Math.max(marks[i].x, marks[i - 1].x + 20);
    const lines = shown.lines.map((line) => {
      const known = line.values.map((value, i) => [i, value]).filter((point) => point[1] !== null);
      const path = known.map(([i, value], n) => (n ? "L" : "M") + x(i).toFixed(1) + " " + y(value).toFixed(1)).join("");
      const [i, value] = known[known.length - 1] || [0, 0];
      const ink = line.ink ? line.ink[dark ? 1 : 0] : "var(--wc-text)";
      return { ...line, path, x: x(i), y: y(value), value: level(lang, value, shown.unit), stroke: line.thin ? "var(--wc-muted)" : ink };
    });
    apart(lines, bottom);
    return { width, height, left, right, bottom, levels, days, marks, lines, run: null };
  }

  window.whosecar = Object.assign(window.whosecar || {}, { trace: { draw, level } });
})();
