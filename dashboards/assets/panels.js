/* What all panels share: the week they show, their chart's life, and how money and small numbers are said. */
(function () {
  "use strict";

  const FEWEST = 30;
  const PAUSE = 250; // milliseconds between two drawings of a chart while time passes

  const computed = {
    t() {
      return JSON.parse(this.words);
    },
    key() {
      return JSON.parse(this.legend);
    },
    lang() {
      return JSON.parse(this.view).lang;
    },
    dark() {
      return window.whosecar.state.dark;
    },
    market() {
      const market = window.whosecar.state.market;
      return market && market.case === this.key.case && market.panels ? market : null;
    },
    week() {
      return this.market ? Math.min(window.whosecar.state.week, this.market.panels.customising.share.length) : 0;
    },
    /* The place of the play-head's week in every row of numbers; -1: nothing has been played yet. */
    at() {
      return this.week - 1;
    },
    playing() {
      return window.whosecar.state.playing;
    },
    /* The panel's own part of the market. */
    data() {
      return this.market && this.market.panels[this.shows];
    },
    /* What a picture says of the choices made in its panel. */
    about() {
      return "";
    },
    orgs() {
      return this.key.names.definer;
    },
  };

  const methods = {
    toggle() {
      this.open = !this.open;
      this.$nextTick(this.open ? this.start : this.stop);
    },
    ink(by, id) {
      return (this.key.inks[by][id] || ["#5B6675", "#A3B0BF"])[this.dark ? 1 : 0];
    },
    /* Every chart of the panel, drawn when its place is there and again when that changes its size. */
    start() {
      this.charts = this.charts || [];
      const found = [].concat(this.$refs.canvas || []);
      this.observer = this.observer || new ResizeObserver(() => this.measure());
      window.requirejs([`${window.solara.cdn}/echarts@5.4.0/dist/echarts.min.js`], (echarts) => {
        if (!this.observer) return;
        this.charts.filter((chart) => !found.includes(chart.getDom())).forEach((chart) => chart.dispose());
        this.charts = found.filter((place) => place.isConnected).map((place) => echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" }));
        this.sight = this.sight || new IntersectionObserver(() => this.follow());
        found.forEach((place) => {
          this.observer.observe(place);
          this.sight.observe(place);
        });
        this.measure();
      });
    },
    stop() {
      [this.observer, this.sight].forEach((one) => one && one.disconnect());
      this.observer = this.sight = null;
      window.clearTimeout(this.later);
      (this.charts || []).forEach((chart) => chart.dispose());
      this.charts = [];
    },
    measure() {
      (this.charts || []).forEach((chart) => chart.resize());
      this.draw();
    },
    /* The charts as one picture to take away, with what they show, when, and on what they rest. */
    picture(kind) {
      const { market, lang, t } = this;
      const date = window.whosecar.tell.date(lang, market.dates[this.at]);
      const when = window.whosecar.tell.fill(t.week_value, { week: this.week, weeks: market.dates.length, date });
      const source = window.whosecar.tell.fill(t.source, { consumers: window.whosecar.tell.whole(lang, market.consumers), households: window.whosecar.tell.amount(lang, market.households), seed: market.seed });
      const told = { file: [market.case, market.seed, this.name].join("-"), title: t[this.name], subtitle: [this.about, when].filter(Boolean).join(" · "), captions: this.captions ? this.captions() : [], notes: [source, this.key.banner] };
      window.requirejs([`${window.solara.cdn}/echarts@5.4.0/dist/echarts.min.js`], (echarts) => window.whosecar.sheet.take(echarts, this.charts || [], kind, told));
    },
    /* The play-head has moved: draw now, or a little later if that was just done. */
    follow() {
      const wait = window.whosecar.state.playing ? PAUSE - (performance.now() - (this.drawn || 0)) : 0;
      window.clearTimeout(this.later);
      if (wait > 0) this.later = window.setTimeout(() => this.draw(), wait);
      else this.draw();
    },
    draw() {
      window.clearTimeout(this.later);
      if (!this.open || !this.market || !this.week) return;
      this.drawn = performance.now();
      (this.charts || []).forEach((chart, i) => {
        if (chart.getWidth() > 40 && (!this.playing || inSight(chart.getDom()))) chart.setOption(this.option({ width: chart.getWidth(), height: chart.getHeight() }, i), { replaceMerge: ["series"] });
      });
    },
  };

  const inSight = (place) => {
    const box = place.getBoundingClientRect();
    return box.bottom > 0 && box.top < window.innerHeight;
  };

  /* Draws again when what it shows changes; a panel adds its own choices. What is out of sight waits for the pause. */
  const watch = { week: "follow", playing: "draw", dark: "draw", legend: "draw", lang: "draw" };

  /* A panel: what all of them share, with what this one does in its own way. `shows` is its part of the market, `own`
     what it remembers of the visitor's choices. */
  function panel(one) {
    return {
      data: () => ({ name: one.name, shows: one.shows, open: false, table: false, ...one.own }),
      computed: { ...computed, ...one.computed },
      watch: { ...watch, ...one.watch },
      beforeDestroy() {
        this.stop();
      },
      methods: { ...methods, ...one.methods },
    };
  }

  const count = (language, value, digits) => window.whosecar.tell.fill("{n}", { n: new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "−") });

  /* Million CNY in words: CNY 1.8 bn, 18.4 亿元. */
  function money(language, words, millions) {
    const size = Math.abs(millions);
    if (language === "zh") return size >= 100 ? window.whosecar.tell.fill(words.large, { n: count(language, millions / 100, 1) }) : window.whosecar.tell.fill(words.small, { n: count(language, millions * 100, 0) });
    return size >= 1000 ? window.whosecar.tell.fill(words.large, { n: count(language, millions / 1000, 1) }) : window.whosecar.tell.fill(words.small, { n: count(language, millions, 0) });
  }

  const text = () => ({ color: style("--wc-muted"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 });
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  /* A time axis that says years in full and months where there is room. */
  function dates(market, lang, width, shown) {
    const zh = lang === "zh";
    const last = market.dates.length - 1;
    let first = Infinity;
    const months = new Intl.DateTimeFormat(zh ? "zh-CN" : "en-GB", { month: "short", timeZone: "UTC" });
    return {
      type: "time",
      min: Date.parse(market.dates[0]),
      max: Date.parse(market.dates[last]),
      splitNumber: Math.max(2, Math.round(width / 110)),
      axisLine: { lineStyle: { color: style("--wc-strong-line") } },
      axisTick: { show: false },
      axisLabel: {
        ...text(),
        show: shown !== false,
        hideOverlap: true,
        formatter: (at) => {
          const day = new Date(at);
          if (day.getUTCDate() !== 1) return "";
          const year = day.getUTCFullYear() + (zh ? "年" : "");
          if (!day.getUTCMonth()) return year;
          first = Math.min(first, at);
          return at > first ? months.format(day) : zh ? year + months.format(day) : months.format(day) + " " + year;
        },
      },
    };
  }

  /* Numbers up to the play-head as points in time; none where there is no number. */
  const points = (market, row, week, scale) => row.slice(0, week).map((value, w) => [Date.parse(market.dates[w]), value === null || value === undefined ? null : value / scale]);

  /* Stretches of weeks that rest on too few consumers. */
  function thinSpans(behind) {
    const spans = [];
    behind.forEach((n, w) => {
      if (n === null || n >= FEWEST) return;
      if (spans.length && spans[spans.length - 1][1] === w - 1) spans[spans.length - 1][1] = w;
      else spans.push([w, w]);
    });
    return spans;
  }

  window.whosecar.panels = { FEWEST, panel, count, money, text, style, dates, points, thinSpans };
})();
