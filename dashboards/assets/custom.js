/* The play-head: one small store that every widget of the page watches. The market arrives in parts; time passes here. */
(function () {
  "use strict";

  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const frames = new Set();
  let head = 0;
  let last = 0;
  let request = 0;
  let wish = 0;

  const state = Vue.observable({
    market: null,
    ghost: null,
    pending: false,
    week: 0,
    weeks: 0,
    playing: false,
    speed: 8,
    pinned: {},
    dark: document.documentElement.dataset.theme === "dark",
    said: 0,
  });

  /* Time waits at the last week that has been simulated until more of the market is there. */
  function move(to) {
    head = Math.max(0, Math.min(state.market ? state.market.made : 0, to));
    const week = Math.floor(head + 1e-9);
    if (week !== state.week) state.week = week;
    frames.forEach((frame) => frame(head));
  }

  function tick(now) {
    if (!state.playing) return;
    const passed = Math.min(0.25, (now - last) / 1000);
    last = now;
    if (calm.matches) {
      due += passed * Math.min(2, state.speed);
      if (due >= 1) {
        due = 0;
        move(Math.floor(head) + 1);
      }
    } else {
      move(head + passed * state.speed);
    }
    if (head >= state.weeks) pause();
    else request = window.requestAnimationFrame(tick);
  }
  let due = 0;

  function play() {
    if (!state.market || state.playing) return;
    wish = 0;
    if (head >= state.weeks) move(0);
    state.playing = true;
    last = performance.now();
    due = 1;
    request = window.requestAnimationFrame(tick);
  }

  function rest() {
    state.playing = false;
    window.cancelAnimationFrame(request);
    move(Math.floor(head + 1e-9));
  }

  function pause() {
    rest();
    state.said += 1;
    remember();
  }

  function seek(week) {
    rest();
    wish = Math.round(Number(week) || 0);
    move(wish);
    state.said += 1;
    remember();
  }

  /* The week stands in the address, so that a link leads to it; moving along the time line adds nothing to "Back". */
  function remember() {
    const url = new URL(window.location.href);
    if (state.week > 0) url.searchParams.set("week", String(state.week));
    else url.searchParams.delete("week");
    if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url.href);
  }

  /* A market, or a longer part of the one that is there. `keep`: the last one stays in sight until the next is there. */
  function load(text, start, keep) {
    const market = text ? JSON.parse(text) : null;
    const known = state.market;
    const same = market && known && market.key === known.key;
    if (same && market.made <= known.made) {
      state.pending = false;
      return;
    }
    if (market ? market.made < market.dates.length && market.made < start && !same : keep) {
      state.pending = true;
      return;
    }
    if (!same) rest();
    state.pending = false;
    state.market = market && Object.freeze(market);
    state.weeks = market ? market.dates.length : 0;
    if (!same) wish = market ? start || 0 : 0;
    move(same && wish <= head ? head : wish);
  }

  function haunt(text) {
    state.ghost = text ? Object.freeze(JSON.parse(text)) : null;
  }

  /* The market without the visitor's acts, if it is the one that belongs to what is played. */
  function ghost() {
    const { market, ghost: found } = state;
    return market && found && market.ghost === found.key ? found : null;
  }

  function pin(name) {
    Vue.set(state.pinned, name, !state.pinned[name]);
  }

  function wear(dark, chosen) {
    state.dark = dark;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    if (chosen) window.localStorage.setItem(":solara:theme.variant", JSON.stringify(dark ? "dark" : "light"));
    if (window.app && window.app.$vuetify) window.app.$vuetify.theme.dark = dark;
  }

  const formats = {};
  function number(language, options) {
    const key = language + JSON.stringify(options);
    if (!formats[key]) formats[key] = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", options);
    return formats[key];
  }

  /* Words, numbers and dates in the visitor's language. */
  const tell = {
    fill: (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]),
    share: (language, hundredths) => number(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(hundredths / 100) + "%",
    amount: (language, value) =>
      language === "zh"
        ? number(language, { notation: "compact", maximumSignificantDigits: 3 }).format(value)
        : number(language, { maximumSignificantDigits: 3 }).format(value),
    whole: (language, value) => number(language, { maximumFractionDigits: 0 }).format(value),
    signed: (language, value, digits) =>
      number(language, { signDisplay: "exceptZero", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value).replace("-", "−"),
    date: (language, iso) =>
      new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
        day: "numeric",
        month: language === "zh" ? "long" : "short",
        year: "numeric",
        timeZone: "UTC",
      }).format(new Date(iso + "T00:00:00Z")),
    leader: (group, mean, week) => {
      const ones = group.ids.map((id, i) => i).filter((i) => !group.many.includes(group.ids[i]));
      return ones.reduce((best, i) => (group.share[mean][i][week] > group.share[mean][best][week] ? i : best), ones[0] || 0);
    },
    thin: (group, mean, index, week) => (group.thin[mean][index] || []).some((span) => span[0] <= week && week <= span[1]),
  };

  window.whosecar = {
    state,
    tell,
    calm: () => calm.matches,
    head: () => head,
    play,
    pause,
    toggle: () => (state.playing ? pause() : play()),
    step: () => seek(Math.floor(head + 1e-9) + 1),
    reset: () => seek(0),
    seek,
    load,
    haunt,
    ghost,
    pin,
    wear,
    remember,
    watch: (frame) => frames.add(frame),
    unwatch: (frame) => frames.delete(frame),
  };

  window.addEventListener("keydown", (event) => {
    if (document.documentElement.dataset.page !== "market") return;
    const on = (what) => event.target.closest && event.target.closest(what);
    if (event.altKey || event.ctrlKey || event.metaKey || on("input, select, textarea, [contenteditable], [role=region]")) return;
    if (event.key === " " && !on("button, a, summary")) window.whosecar.toggle();
    else if (event.key === "ArrowRight") window.whosecar.step();
    else if (event.key === "Home") window.whosecar.reset();
    else return;
    event.preventDefault();
  });
})();
