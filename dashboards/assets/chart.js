/* Drawing market shares: pure functions of the market, the visitor's choices and the space there is. */
(function () {
  "use strict";

  const GAP = 22;
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const times = (market) => market.dates.map((day) => Date.parse(day));

  /* The top of the axis in hundredths of a percent, the same for the whole run, so that nothing jumps. What stands for
     many (the rest of the market) may reach beyond it: the listed ones are what one wants to tell apart. */
  function ceiling(group, shown, own) {
    if (shown.shape === "focal" && own) return focused(group, shown, own);
    const listed = group.share[shown.mean].filter((_, i) => !group.many.includes(group.ids[i]));
    if (!listed.length) return 10000;
    const level = (w) => listed.reduce((sum, row) => (shown.shape === "areas" ? sum + row[w] : Math.max(sum, row[w])), 0);
    const most = listed[0].reduce((top, _, w) => Math.max(top, level(w)), 100);
    const unit = most > 2500 ? 1000 : 500;
    const top = Math.ceil((most * 1.04) / unit) * unit;
    return top > 9000 ? 10000 : top;
  }

  /* The same where the scale is that of one car and of its ghost. */
  function focused(group, shown, own) {
    const rows = [group.share[shown.mean][group.ids.indexOf(own.id)] || [], own.row ? own.row.share[shown.mean] : []];
    const most = Math.max(20, ...rows.flat()) * 1.08;
    const unit = 10 ** Math.floor(Math.log10(most));
    return unit * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((times) => times * unit >= most);
  }

  function across(box, market, at) {
    const [first, last] = [Date.parse(market.dates[0]), Date.parse(market.dates[market.dates.length - 1])];
    return box.left + ((box.width - box.left - box.right) * (Math.min(last, at) - first)) / (last - first || 1);
  }

  /* Labels at the right edge, each beside its band or line, pushed apart so that none covers another. */
  function ends(box, market, week, most, entries) {
    const plot = box.height - box.top - box.bottom;
    const gap = Math.min(GAP, (plot + 12) / Math.max(1, entries.length));
    const placed = entries.map((end) => ({ ...end, y: box.top + plot * Math.max(0, 1 - end.level / most) })).sort((a, b) => a.y - b.y || b.value - a.value);
    placed.forEach((end, i) => (end.top = Math.max(end.y, i ? placed[i - 1].top + gap : box.top)));
    for (let i = placed.length - 1, floor = box.top + plot; i >= 0; i -= 1) {
      placed[i].top = Math.min(placed[i].top, floor);
      floor = placed[i].top - gap;
    }
    const edge = box.width - box.right;
    const from = across(box, market, Date.parse(market.dates[week - 1])) + 4;
    placed.forEach((end) => (end.lead = `M${from} ${end.y}H${edge}C${edge + 8} ${end.y} ${edge + 6} ${end.top} ${edge + 14} ${end.top}`));
    return placed;
  }

  /* Numbered badges above the plot, where things happened, pushed apart within its width, and the line down from each. */
  function badges(box, market, week) {
    const shown = market.happenings.filter((item) => item.week <= week);
    const gap = Math.min(24, (box.width - 24) / Math.max(1, shown.length));
    const at = shown.map((item) => across(box, market, Date.parse(item.date)));
    const placed = [];
    at.forEach((x, i) => placed.push(Math.max(x, i ? placed[i - 1] + gap : 12)));
    for (let i = placed.length - 1, edge = box.width - 12; i >= 0; i -= 1, edge = placed[i + 1] - gap) placed[i] = Math.min(placed[i], edge);
    return shown.map((item, i) => ({
      id: item.id,
      iso: item.date,
      number: i + 1,
      place: { left: placed[i] + "px", top: "2px" },
      rule: { left: at[i] + "px", top: box.top - 8 + "px", height: box.height - box.top - box.bottom + 8 + "px" },
    }));
  }

  /* A colour that turns grey where it rests on too few consumers. */
  function fade(ink, grey, spans, last) {
    const seen = spans.filter((span) => span[0] <= last);
    if (!seen.length) return ink;
    if (last <= 0) return grey;
    const stops = [];
    let edge = 0;
    const add = (to, color) => {
      stops.push({ offset: edge, color }, { offset: to, color });
      edge = to;
    };
    seen.forEach((span) => {
      const from = Math.max(0, (span[0] - 0.5) / last);
      const to = Math.min(1, (span[1] + 0.5) / last);
      if (from > edge) add(from, ink);
      if (to > edge) add(to, grey);
    });
    if (edge < 1) add(1, ink);
    return { type: "linear", x: 0, y: 0, x2: 1, y2: 0, colorStops: stops };
  }

  /* Everything but the lines: axes, grid, tooltip. */
  function frame(box, market, group, shown, tip, own) {
    const zh = shown.lang === "zh";
    const quiet = style("--wc-muted");
    const text = { color: quiet, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 };
    const all = times(market);
    let first = Infinity;
    const date = (at) => {
      const day = new Date(at);
      if (day.getUTCDate() !== 1) return "";
      const year = day.getUTCFullYear() + (zh ? "年" : "");
      const month = zh ? day.getUTCMonth() + 1 + "月" : MONTHS[day.getUTCMonth()];
      if (!day.getUTCMonth()) return "{year|" + year + "}";
      first = Math.min(first, at);
      return at > first ? month : zh ? year + month : month + " " + year;
    };
    return {
      animation: false,
      useUTC: true,
      grid: { left: box.left, right: box.right, top: box.top, bottom: box.bottom },
      xAxis: {
        type: "time",
        min: all[0],
        max: all[all.length - 1],
        splitNumber: Math.max(3, Math.round((box.width - box.left - box.right) / 90)),
        axisLine: { lineStyle: { color: style("--wc-strong-line") } },
        axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, formatter: date, rich: { year: { fontWeight: 700, color: style("--wc-text") } } },
      },
      yAxis: {
        type: "value",
        min: 0,
        max: ceiling(group, shown, own) / 100,
        axisLabel: { ...text, formatter: "{value}%" },
        splitLine: { lineStyle: { color: style("--wc-line") } },
      },
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        className: "wc-tip",
        axisPointer: { type: "line", lineStyle: { color: quiet, type: "solid", width: 1 } },
        formatter: tip,
      },
      series: group.ids.map((id) => ({ id, name: id, type: "line", data: [] })),
    };
  }

  /* The lines up to the play-head, the last point between two weeks. `faint` tells which ones stand back; `own` is the
     focal car, with its row in the market without the visitor's acts. */
  function lines(market, group, shown, inks, dark, head, faint, own) {
    const whole = Math.floor(head + 1e-9);
    const part = head - whole;
    const all = times(market);
    const areas = shown.shape === "areas";
    const card = style("--wc-card");
    const grey = style(shown.shape === "focal" ? "--wc-muted" : "--wc-grey");
    const between = part > 1e-6 && whole > 0 && whole < all.length;
    const drawn = group.ids.map((id, i) => {
      const row = group.share[shown.mean][i];
      const level = (w) => (areas || row[w] > 0 ? row[w] / 100 : null);
      const data = [];
      for (let w = 0; w < whole; w += 1) data.push([all[w], level(w)]);
      if (between) data.push([all[whole - 1] + part * (all[whole] - all[whole - 1]), (row[whole - 1] + part * (row[whole] - row[whole - 1])) / 100 || level(whole)]);
      const hue = inks[id][dark ? 1 : 0];
      const first = areas ? 0 : Math.max(0, row.findIndex((value) => value > 0));
      const spans = group.thin[shown.mean][i].map((span) => [span[0] - first, span[1] - first]).filter((span) => span[1] >= 0);
      const ink = fade(hue, grey, spans, whole - 1 - first + (between ? part : 0));
      const aside = shown.shape === "focal" && own && id !== own.id;
      const back = faint(id) || (!areas && group.many.includes(id)) || aside;
      return {
        id,
        data,
        type: "line",
        symbol: "circle",
        showSymbol: whole === 1,
        symbolSize: 6,
        stack: areas ? "share" : null,
        lineStyle: areas
          ? { width: 1, color: card, opacity: 1, type: "solid" }
          : { width: aside ? 1 : back ? 1.5 : 2.5, color: ink, type: inks[id][2] ? [7, 3] : "solid", opacity: aside ? 0.15 : back ? 0.3 : 1, join: "round" },
        areaStyle: areas ? { color: ink, opacity: back ? 0.22 : 0.94 } : { opacity: 0 },
        itemStyle: { color: hue },
        emphasis: { disabled: true },
        z: back ? 2 : 3,
      };
    });
    return own && own.row && (!areas || group.ids[0] === own.id) ? [...drawn, shadow(own.row.share[shown.mean], all, whole, between ? part : 0)] : drawn;
  }

  /* The focal car as it went on without what the visitor did. */
  function shadow(row, all, whole, part) {
    const data = row.slice(0, whole).map((value, w) => [all[w], value / 100]);
    if (part) data.push([all[whole - 1] + part * (all[whole] - all[whole - 1]), (row[whole - 1] + part * (row[whole] - row[whole - 1])) / 100]);
    return {
      id: "ghost",
      name: "ghost",
      data,
      type: "line",
      symbol: "none",
      silent: true,
      lineStyle: { width: 2, color: style("--wc-text"), type: [5, 4] },
      itemStyle: { color: style("--wc-text") },
      emphasis: { disabled: true },
      z: 6,
    };
  }

  /* What the pointer shows: a date and its shares, as elements, so that no name is ever read as markup. */
  function tip(title, entries) {
    const box = document.createElement("div");
    const head = document.createElement("strong");
    head.textContent = title;
    box.append(head);
    entries.forEach((entry) => {
      const line = document.createElement("div");
      const [swatch, name, share] = ["i", "span", "b"].map((tag) => document.createElement(tag));
      swatch.style.background = entry.thin ? style("--wc-grey") : entry.ink;
      name.textContent = entry.name;
      share.textContent = entry.share;
      line.className = entry.thin ? "wc-thin" : "";
      line.append(swatch, name, share);
      box.append(line);
    });
    return box;
  }

  /* Whether labels find room beside the plot; else they stand below it. */
  const roomy = (box, count) => box.width >= 640 && (box.height - box.top - box.bottom + 12) / Math.max(1, count) >= 17;

  window.whosecar.chart = { roomy, ceiling, ends, badges, fade, frame, lines, tip };
})();
