/* Channel flow: from profiles over channels to brands, in the 13 weeks up to the play-head. */
(function () {
  "use strict";

  const WINDOW = 13;

  /* Cars along each path in the window, with the squared weights behind them. */
  function paths(data, at, only) {
    const from = Math.max(0, at - WINDOW + 1);
    return data.paths
      .map(([profile, channel, brand], i) => {
        const cars = data.cars[i].slice(from, at + 1).reduce((sum, value) => sum + value, 0);
        return { ends: [data.profiles[profile], data.channels[channel], data.brands[brand]], cars, squares: cars * data.each[i] };
      })
      .filter((path) => path.cars > 0 && (!only || data.focal.includes(path.ends[2])));
  }

  /* What passes each place, by column: households, their part of all, effective consumers. */
  function nodes(data, found) {
    const total = found.reduce((sum, path) => sum + path.cars, 0);
    return [data.profiles, data.channels, data.brands].map((ids, column) =>
      ids
        .map((id) => {
          const through = found.filter((path) => path.ends[column] === id);
          const cars = through.reduce((sum, path) => sum + path.cars, 0);
          const squares = through.reduce((sum, path) => sum + path.squares, 0);
          return { id, column, cars, part: total ? cars / total : 0, behind: squares ? (cars * cars) / squares : 0 };
        })
        .filter((node) => node.cars > 0)
    );
  }

  /* A diagram in which every ribbon wears the colour of the brand that it ends in. */
  function option(box, columns, found, look) {
    const { style, text, FEWEST } = window.whosecar.panels;
    const narrow = box.width < 560;
    const grey = style("--wc-grey");
    const slim = (behind) => behind < FEWEST;
    const label = { ...text(), color: style("--wc-text"), textBorderColor: style("--wc-card"), textBorderWidth: 3, lineHeight: 14 };
    const data = columns.flat().map((node) => ({
      name: node.column + ":" + node.id,
      depth: node.column,
      value: node.cars,
      itemStyle: { color: slim(node.behind) ? grey : look.ink(node), borderWidth: 0, opacity: 1 },
      label: { ...label, color: slim(node.behind) ? style("--wc-muted") : label.color, position: ["left", "top", "right"][node.column], distance: node.column === 1 ? 2 : 5, ...(node.column === 0 ? { width: narrow ? 80 : 110, overflow: "break" } : {}), formatter: look.label(node, narrow) },
    }));
    const links = found.flatMap((path) =>
      [0, 1].map((step) => ({
        source: step + ":" + path.ends[step],
        target: step + 1 + ":" + path.ends[step + 1],
        value: path.cars,
        lineStyle: { color: slim(path.cars / (path.squares / path.cars)) ? grey : look.brand(path.ends[2]), opacity: look.focal(path.ends[2]) ? 0.85 : 0.42, curveness: 0.5 },
      }))
    );
    return {
      animation: false,
      tooltip: { trigger: "item", confine: true, transitionDuration: 0, className: "wc-tip", formatter: look.tip },
      series: [
        {
          id: "flow",
          type: "sankey",
          left: narrow ? 86 : 116,
          right: narrow ? 118 : 150,
          top: 20,
          bottom: 6,
          nodeWidth: 12,
          nodeGap: 18,
          layoutIterations: 0,
          draggable: false,
          emphasis: { focus: "trajectory", lineStyle: { opacity: 0.95 } },
          data,
          links,
        },
      ],
    };
  }

  window.whosecar.flow = { paths, nodes, option };
})();
