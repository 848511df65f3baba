"use strict";
// Fills the page's charts from the embedded sheet and turns the list of strategies into tabs.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const sheet = read("sheet");
  const bars = read("bars");
  const redraws = [];
  const colour = (index) => `s${index % 8}${index >= 8 ? " again" : ""}`;
  const tall = (width) => (width < 520 ? 240 : 330);
  const low = (width) => (width < 520 ? 210 : 240);

  function digitsFor(points) {
    const largest = points.reduce((most, point) => Math.max(most, Math.abs(point[1] ?? 0)), 0);
    return Math.min(18, Math.max(2, 5 - Math.floor(Math.log10(largest || 1))));
  }

  const held = sheet.strategies.flatMap((strategy) => strategy.value.slice(0, 1));
  const money = digitsFor(held.map((point) => [point.unix, point.hold]));

  function place(figure, spec) {
    const plot = figure.querySelector(".plot");
    redraws.push(Chart.line(plot, figure.querySelector(".legend"), spec));
  }

  function overview() {
    const series = sheet.strategies.map((strategy, index) => ({
      name: strategy.name,
      cls: colour(index),
      points: strategy.value.map((point) => [
        point.unix,
        point.value === null || point.hold === null ? null : point.value - point.hold,
      ]),
    }));
    place(document.getElementById("overview"), {
      label: "Net versus hold of every strategy over time",
      series,
      zero: true,
      signed: true,
      digits: money,
      height: tall,
    });
  }

  function rangeAt(strategy, at) {
    const range =
      strategy.ranges.find((each) => each.from_unix <= at && at < each.to_unix) ||
      strategy.ranges.find((each) => each.to_unix === at);
    return range || null;
  }

  function price(figure, strategy, index) {
    const points = sheet.price.map((point) => [point.unix, point.price]);
    const digits = digitsFor(points);
    const bands = strategy.ranges
      .filter((range) => !range.full_range)
      .map((range) => ({
        from: range.from_unix,
        to: range.to_unix,
        low: range.lower_price,
        high: range.upper_price,
      }));
    const hasPool = sheet.pool.provision !== undefined;
    const hasRanges = sheet.pool.provision === "ranges";
    const series = [{ name: "Price", cls: "ink", points }];
    const name = bands.length === 1 ? "Range held" : `Ranges held (${bands.length})`;
    const key = { name, cls: colour(index), band: true };
    const legend = bands.length ? [...series, key] : series;
    const extra = (at) => {
      const range = rangeAt(strategy, at);
      if (!hasPool) return [];
      if (!hasRanges) return [["Shares", range ? "held" : "none"]];
      if (!range) return [["Range", "none"]];
      if (range.full_range) return [["Range", "full"]];
      return [
        ["Upper bound", Scale.number(range.upper_price, digits)],
        ["Lower bound", Scale.number(range.lower_price, digits)],
      ];
    };
    place(figure, {
      label: hasRanges ? `Price and the ranges of ${strategy.name}` : "Price",
      series,
      legend,
      bands,
      extra,
      digits,
      height: tall,
    });
  }

  function value(figure, strategy, index) {
    const series = [
      {
        name: "Holding",
        cls: "hold",
        points: strategy.value.map((point) => [point.unix, point.hold]),
      },
      {
        name: strategy.name,
        cls: colour(index),
        points: strategy.value.map((point) => [point.unix, point.value]),
      },
    ];
    place(figure, {
      label: `Value of ${strategy.name} against holding`,
      series,
      digits: money,
      height: low,
    });
  }

  function fees(figure, strategy, index) {
    const series = [
      { name: "Fees earned", cls: colour(index), points: strategy.cumulative_fees, area: true },
    ];
    if (strategy.cumulative_rewards.length) {
      series.push({
        name: "Rewards earned",
        cls: `${colour(index)} again`,
        points: strategy.cumulative_rewards,
      });
    }
    place(figure, {
      label: `Cumulative fees of ${strategy.name}`,
      series,
      zero: true,
      digits: money,
      height: low,
    });
  }

  function attribution(figure, strategy, index) {
    const label = bars[index].map((bar) => `${bar.label} ${bar.text}`).join(", ");
    redraws.push(
      waterfall(figure.querySelector(".plot"), bars[index], `${strategy.name}: ${label}`),
    );
  }

  const draw = { price, value, fees, waterfall: attribution };

  function charts(panel) {
    const index = Number(panel.dataset.strategy);
    for (const figure of panel.querySelectorAll("figure")) {
      const kind = figure.querySelector(".plot").dataset.chart;
      draw[kind](figure, sheet.strategies[index], index);
    }
  }

  function tabs(panels) {
    const list = document.querySelector(".tabs");
    const tabs = [...list.querySelectorAll("a")];
    list.setAttribute("role", "tablist");
    const select = (chosen, focus) => {
      tabs.forEach((tab, index) => {
        const on = index === chosen;
        tab.setAttribute("aria-selected", on);
        tab.tabIndex = on ? 0 : -1;
        panels[index].hidden = !on;
        if (on && focus) tab.focus();
      });
    };
    tabs.forEach((tab, index) => {
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panels[index].id);
      panels[index].setAttribute("role", "tabpanel");
      panels[index].setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        history.replaceState(null, "", `#${panels[index].id}`);
        select(index, true);
      });
      tab.addEventListener("keydown", (event) => {
        const target = {
          ArrowLeft: index - 1,
          ArrowRight: index + 1,
          Home: 0,
          End: tabs.length - 1,
        }[event.key];
        if (target === undefined) return;
        event.preventDefault();
        select((target + tabs.length) % tabs.length, true);
      });
    });
    const fromHash = () => panels.findIndex((panel) => `#${panel.id}` === location.hash);
    window.addEventListener("hashchange", () => {
      const chosen = fromHash();
      if (chosen < 0) return;
      select(chosen, false);
      document.getElementById("strategies").scrollIntoView();
    });
    window.addEventListener("beforeprint", () => {
      for (const panel of panels) panel.hidden = false;
      for (const redraw of redraws) redraw();
    });
    window.addEventListener("afterprint", () =>
      select(
        tabs.findIndex((tab) => tab.tabIndex === 0),
        false,
      ),
    );
    select(Math.max(0, fromHash()), false);
  }

  const panels = [...document.querySelectorAll(".panel")];
  if (!panels.length) return;
  overview();
  panels.forEach(charts);
  tabs(panels);
})();
