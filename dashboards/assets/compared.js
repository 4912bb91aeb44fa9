/* What the page of comparisons says and draws of the pairs: the life of its charts, its words and its numbers. */
(function () {
  "use strict";

  const { compare, panels, tell } = window.whosecar;
  const UNIT = compare.UNIT;
  const ORDERS = "~orders"; // stands among the brands whose share can be drawn; no id is called so

  const computed = {
    t() {
      return JSON.parse(this.words);
    },
    now() {
      return JSON.parse(this.view);
    },
    wanted() {
      return JSON.parse(this.wish);
    },
    data() {
      return this.found ? Object.freeze(JSON.parse(this.found)) : null;
    },
    dark() {
      return window.whosecar.state.dark;
    },
    week() {
      const weeks = this.data ? this.data.dates.length : 0;
      return this.at > 0 && this.at <= weeks ? this.at : weeks;
    },
    date() {
      return tell.date(this.now.lang, this.data.dates[this.week - 1]);
    },
    weekSaid() {
      return tell.fill(this.t.week_value, { week: this.week, weeks: this.data.dates.length, date: this.date });
    },
    heads() {
      return ["A", "B"];
    },
    /* Brands, those that differ most first, what stands for many last. */
    listed() {
      return Object.keys(this.data.brands).filter((id) => this.data.brands[id].base.some((value) => value > 0) || this.data.brands[id].other.some((value) => value > 0));
    },
    /* What is drawn: a brand's share, the focal car's (empty), or its orders. */
    chosen() {
      const { shown } = this.wanted;
      if (!this.data) return "";
      return this.data.brands[shown] || (shown === ORDERS && this.data.car) ? shown : this.data.car ? "" : this.listed[0];
    },
    orders() {
      return this.chosen === ORDERS;
    },
    row() {
      if (!this.data) return null;
      if (this.orders) return this.data.focal.orders;
      return this.chosen ? this.data.brands[this.chosen] : this.data.focal.share[this.now.mean];
    },
    /* Shares travel in thousandths of a percent, orders as they are. */
    unit() {
      return this.orders ? 1 : UNIT;
    },
    what() {
      return this.chosen && !this.orders ? this.data.names[this.chosen] : this.data.car;
    },
    ordersTitle() {
      return tell.fill(this.t.compare_orders, { what: this.data.car });
    },
    shareTitle() {
      return this.orders ? this.ordersTitle : tell.fill(this.t.compare_share, { what: this.what });
    },
    shareAbout() {
      return this.orders ? this.t.compare_orders_about : tell.fill(this.t.compare_share_about, { mean: this.now.mean });
    },
    brandsAbout() {
      return tell.fill(this.t.compare_by_brand_about, { mean: this.now.mean, date: this.date });
    },
    rowsAbout() {
      return tell.fill(this.t.compare_rows_about, { pairs: this.data.pairs });
    },
    nowSaid() {
      const [a, b] = [this.row.other, this.row.base].map((row) => this.amount(row[this.week - 1]));
      return { change: this.difference(this.row.mean[this.week - 1]), between: this.between(this.row, this.week - 1), of: this.heads[0] + " " + a + " · " + this.heads[1] + " " + b };
    },
    sentence() {
      const [a, b] = [this.row.other, this.row.base].map((row) => this.amount(row[this.week - 1]));
      return tell.fill(this.t.compare_sentence, { what: this.shareTitle, date: this.date, a, b, difference: this.difference(this.row.mean[this.week - 1]), between: this.between(this.row, this.week - 1) });
    },
    source() {
      const { consumers, lang, seed } = this.now;
      const text = tell.fill(this.t.compare_source, { consumers: tell.whole(lang, consumers), pairs: this.data.pairs, first: seed, last: seed + this.data.pairs - 1 });
      if (!this.row.behind) return text;
      const buyers = this.row.behind[this.week - 1];
      return text + " " + tell.fill(this.t.compare_basis, { what: this.what, buyers: tell.whole(lang, buyers) });
    },
    forest() {
      const w = this.week - 1;
      const rows = this.listed.map((id) => ({ id, ...Object.fromEntries(["base", "other", "mean", "low", "high"].map((key) => [key, this.data.brands[id][key][w]])) }));
      const places = compare.places(rows);
      return rows
        .map((row, i) => ({
          id: row.id,
          name: this.data.names[row.id],
          ink: this.inkOf(row.id),
          a: this.percent(row.other),
          b: this.percent(row.base),
          change: this.signed(row.mean),
          said: tell.fill(this.t.compare_points, { n: this.signed(row.mean) }) + ", " + this.between(this.data.brands[row.id], w),
          clear: row.low !== null && (row.low > 0 || row.high < 0),
          size: Math.abs(row.mean),
          ...places[i],
        }))
        .sort((one, two) => two.size - one.size);
    },
    parts() {
      return ["car", "market", "party"]
        .map((of) => ({ of, rows: this.data.rows.filter((row) => row.of === of).map((row) => ({ label: row.label, clear: row.clear, a: this.written(row, row.other), b: this.written(row, row.base), change: this.written(row, row.mean, true), between: this.limits(row) })) }))
        .filter((part) => part.rows.length);
    },
    columns() {
      return [this.t.table_week, this.t.table_date, ...this.heads, this.t.compare_difference, this.t.compare_low, this.t.compare_high];
    },
    weekly() {
      const number = (value, digits) => (value === null ? this.t.none_yet : (value / this.unit).toFixed(this.orders ? 0 : digits));
      return this.data.dates.map((day, w) => [w + 1, tell.date(this.now.lang, day), number(this.row.other[w], 2), number(this.row.base[w], 2), ...["mean", "low", "high"].map((key) => number(this.row[key][w], 3))]).reverse();
    },
    order() {
      const total = (id) => this.data.brands[id].base.reduce((sum, value) => sum + value, 0);
      const many = (id) => this.data.many.includes(id);
      return [...this.listed].sort((one, two) => many(one) - many(two) || total(two) - total(one));
    },
    /* The top of both pictures: what is not many brands fills them. */
    most() {
      const named = this.order.filter((id) => !this.data.many.includes(id));
      const level = (side) => Math.max(...this.data.dates.map((_, w) => named.reduce((sum, id) => sum + this.data.brands[id][side][w], 0)));
      return Math.min(100, Math.ceil(Math.max(level("base"), level("other")) / UNIT / 10) * 10 || 100);
    },
  };

  const watch = {
    view() {
      this.at = this.now.week;
    },
    data(now, before) {
      if (Boolean(now) !== Boolean(before)) this.$nextTick(this.start);
      else this.draw();
    },
    row: "draw",
    week: "draw",
    dark: "draw",
  };

  const methods = {
    percent(value) {
      return value === null ? this.t.none_yet : panels.count(this.now.lang, value / UNIT, 2) + "%";
    },
    signed(value) {
      return value === null ? this.t.none_yet : tell.signed(this.now.lang, value / UNIT, Math.abs(value) < 100 ? 3 : 2);
    },
    /* What is drawn, in its unit, and its difference. */
    amount(value) {
      return this.orders && value !== null ? tell.whole(this.now.lang, value) : this.percent(value);
    },
    change(value) {
      return this.orders && value !== null ? tell.signed(this.now.lang, value, 0) : this.signed(value);
    },
    difference(value) {
      return this.orders ? this.change(value) : tell.fill(this.t.compare_points, { n: this.signed(value) });
    },
    between(row, w) {
      if (row.low[w] === null) return this.t.compare_no_interval;
      const say = row === this.row ? this.change : this.signed;
      return tell.fill(this.t.compare_between, { low: say(row.low[w]), high: say(row.high[w]) });
    },
    inkOf(id) {
      const inks = id && id !== ORDERS ? this.data.inks[id] : this.data.ink;
      return inks[this.dark ? 1 : 0] || panels.style("--wc-accent");
    },
    /* A number of the table in its unit; `change`: with its sign. */
    written(row, value, change) {
      if (value === null) return this.t.none_yet;
      const { lang } = this.now;
      const sign = change && value > 0 ? "+" : "";
      if (row.sort === "percent") return change ? tell.signed(lang, value, 2) : panels.count(lang, value, 2) + "%";
      if (row.sort === "money") return sign + panels.money(lang, { large: this.t.money_large, small: this.t.money_small }, value);
      if (row.sort === "whole") return change ? tell.signed(lang, value, 0) : tell.whole(lang, value);
      return change ? tell.signed(lang, value, 3) : panels.count(lang, value, 3);
    },
    limits(row) {
      if (row.low === null) return this.t.compare_no_interval;
      return tell.fill(this.t.compare_between, { low: this.written(row, row.low, true), high: this.written(row, row.high, true) });
    },
    tip(at, rows) {
      const lines = rows.filter((row) => row.value !== null).map((row) => ({ name: row.name, share: row.share || this.percent(row.value), ink: row.ink }));
      return window.whosecar.chart.tip(tell.date(this.now.lang, this.data.dates[at]), lines);
    },
    places() {
      return [this.$refs.lines, this.$refs.areas_a, this.$refs.areas_b].map((place) => (Array.isArray(place) ? place[0] : place)).filter(Boolean);
    },
    start() {
      const found = this.places();
      if (!found.length) {
        this.stop();
        return;
      }
      this.observer = this.observer || new ResizeObserver(() => this.measure());
      window.requirejs([`${window.solara.cdn}/echarts@5.4.0/dist/echarts.min.js`], (echarts) => {
        if (!this.observer) return;
        this.charts = found.filter((place) => place.isConnected).map((place) => echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" }));
        found.forEach((place) => this.observer.observe(place));
        this.measure();
      });
    },
    stop() {
      if (this.observer) this.observer.disconnect();
      (this.charts || []).forEach((chart) => chart.dispose());
      this.observer = null;
      this.charts = [];
    },
    measure() {
      (this.charts || []).forEach((chart) => chart.resize());
      this.draw();
    },
    draw() {
      if (!this.data || !this.charts || this.charts.length < 3) return;
      const box = (chart) => ({ width: chart.getWidth(), height: chart.getHeight() });
      const [lines, a, b] = this.charts;
      const { lang } = this.now;
      const rows = (at) => [
        { name: "A", value: this.row.other[at], share: this.amount(this.row.other[at]), ink: this.inkOf(this.chosen) },
        { name: "B", value: this.row.base[at], share: this.amount(this.row.base[at]), ink: "var(--wc-text)" },
        { name: this.t.compare_difference, value: this.row.mean[at], share: this.change(this.row.mean[at]) + " (" + this.between(this.row, at) + ")", ink: "transparent" },
      ];
      lines.setOption(compare.difference(box(lines), this.data, this.row, { ink: this.inkOf(this.chosen), unit: this.unit, lang, week: this.week, tip: (hit) => (hit.length ? this.tip(hit[0].dataIndex, rows(hit[0].dataIndex)) : "") }), true);
      const inks = Object.fromEntries(this.order.map((id) => [id, this.inkOf(id)]));
      [[a, "other"], [b, "base"]].forEach(([chart, side]) => {
        const of = (at) => this.order.map((id) => ({ name: this.data.names[id], value: this.data.brands[id][side][at], ink: inks[id] })).sort((one, two) => two.value - one.value);
        chart.setOption(compare.areas(box(chart), this.data, side, { lang, order: this.order, inks, most: this.most, tip: (hit) => (hit.length ? this.tip(hit[0].dataIndex, of(hit[0].dataIndex)) : "") }), true);
      });
    },
    picture(kind) {
      const told = { file: ["compare", this.now.case, this.now.seed].join("-"), title: this.shareTitle, subtitle: this.shareAbout, captions: [], notes: [this.t.compare_side_a + " (━); " + this.t.compare_side_b + " (╌)", this.sentence, this.source, this.now.names === "fictional" ? "" : this.t.banner] };
      window.requirejs([`${window.solara.cdn}/echarts@5.4.0/dist/echarts.min.js`], (echarts) => window.whosecar.sheet.take(echarts, (this.charts || []).slice(0, 1), kind, told));
    },
    save() {
      const outcomes = this.data.rows.map((row) => [row.label, row.unit || row.sort, row.other, row.base, row.mean, row.low, row.high]);
      const head = [this.t.compare_what, "", ...this.heads, this.t.compare_difference, this.t.compare_low, this.t.compare_high];
      const text = compare.csv([head, ...outcomes, [], [this.shareTitle], this.columns, ...this.weekly]);
      window.whosecar.picture.save(["compare", this.now.case, this.now.seed].join("-") + ".csv", text, "text/csv");
    },
  };

  window.whosecar.compared = { computed, methods, watch };
})();
