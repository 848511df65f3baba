"use strict";
// Line charts as SVG. A point is [seconds, value]; a value that is null leaves a gap.
const Chart = (() => {
  // The namespace is read off the page's own mark: a page that names no address can fetch none.
  const NS = document.getElementById("mark").namespaceURI;

  function el(name, attributes, parent) {
    const node = document.createElementNS(NS, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (parent) parent.append(node);
    return node;
  }

  function text(parent, content, x, y, anchor, cls) {
    const node = el("text", { x, y, "text-anchor": anchor, class: cls || "tick" }, parent);
    node.textContent = content;
    return node;
  }

  // The width of the widest of these lines, as the browser sets them.
  function widest(svg, lines, cls) {
    const probe = text(svg, "", 0, 0, "start", cls);
    const widths = lines.map((each) => {
      probe.textContent = each;
      return probe.getComputedTextLength();
    });
    probe.remove();
    return Math.max(...widths, 0);
  }

  // Draws the axes and returns where they put times and values.
  function frame(svg, spec, width) {
    const height = spec.height(width);
    const [low, high] = Scale.extent(spec);
    const [from, to] = Scale.times(spec);
    const values = Scale.valueTicks(low, high, Math.max(4, Math.round(height / 48)));
    const labels = values.ticks.map((each) => Scale.number(each, values.digits, spec.signed));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    const left = Math.ceil(widest(svg, labels, "tick")) + 12;
    const area = { left, right: width - 14, top: 8, bottom: height - 26 };
    const x = (at) => area.left + ((at - from) / (to - from)) * (area.right - area.left);
    const y = (value) => area.bottom - ((value - low) / (high - low)) * (area.bottom - area.top);
    const grid = el("g", { class: "grid" }, svg);
    values.ticks.forEach((each, index) => {
      const cls = each === 0 && spec.zero ? "zero" : "";
      el("line", { x1: area.left, x2: area.right, y1: y(each), y2: y(each), class: cls }, grid);
      text(grid, labels[index], area.left - 8, y(each) + 4, "end");
    });
    const clock = Scale.timeTicks(from, to, area.right - area.left);
    for (const each of clock.ticks) {
      el("line", { x1: x(each), x2: x(each), y1: area.top, y2: area.bottom }, grid);
      const label = clock.label(each);
      const half = widest(svg, [label], "tick") / 2;
      const at = Math.max(half, Math.min(x(each), width - half));
      text(grid, label, at, area.bottom + 18, "middle");
    }
    return { area, from, to, x, y, width };
  }

  function drawBands(svg, bands, view) {
    const { area } = view;
    const clamp = (value) => Math.min(area.bottom, Math.max(area.top, value));
    const group = el("g", { class: "bands" }, svg);
    for (const band of bands) {
      const x = view.x(Math.max(band.from, view.from));
      const width = Math.max(view.x(Math.min(band.to, view.to)) - x, 0.5);
      const y = clamp(view.y(band.high));
      const bottom = clamp(view.y(band.low));
      el("rect", { x, y, width, height: Math.max(bottom - y, 0) }, group);
      // An edge outside the view gets no line: it would look like a bound.
      for (const edge of [view.y(band.high), view.y(band.low)]) {
        if (edge !== clamp(edge)) continue;
        el("line", { x1: x, x2: x + width, y1: edge, y2: edge }, group);
      }
    }
  }

  function drawSeries(svg, series, view) {
    let path = "";
    let pen = "M";
    let started = null;
    let last = null;
    for (const [at, value] of series.points) {
      if (value === null) {
        pen = "M";
        continue;
      }
      const x = view.x(at).toFixed(1);
      path += `${pen}${x} ${view.y(value).toFixed(1)}`;
      pen = "L";
      started ??= x;
      last = x;
    }
    const group = el("g", { class: `series ${series.cls}` }, svg);
    if (series.area && started !== null) {
      const floor = view.y(0).toFixed(1);
      el("path", { class: "area", d: `${path}L${last} ${floor}L${started} ${floor}Z` }, group);
    }
    el("path", { class: "line", d: path }, group);
  }

  function legend(host, items) {
    host.replaceChildren(
      ...items.map((item) => {
        const entry = document.createElement("span");
        entry.className = `key ${item.cls} ${item.band ? "band" : ""}`;
        entry.append(document.createElement("i"), item.name);
        return entry;
      }),
    );
  }

  function tipRow(tip, cls, name, value) {
    const row = document.createElement("div");
    row.className = `key ${cls}`;
    const label = document.createElement("span");
    label.textContent = name;
    const figure = document.createElement("b");
    figure.textContent = value;
    row.append(document.createElement("i"), label, figure);
    tip.append(row);
  }

  // Keeps a chart in the host as wide as the host, and returns what draws it again.
  function line(host, legendHost, spec) {
    const svg = el("svg", {
      class: "chart",
      role: "img",
      tabindex: "0",
      "aria-label": `${spec.label}. Use the arrow keys to read values.`,
    });
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.setAttribute("role", "status");
    tip.hidden = true;
    host.replaceChildren(svg, tip);
    legend(legendHost, spec.legend || spec.series);
    let view = null;
    let cursor = null;
    // The time asked for; what is shown is the last point at or before it.
    let wanted = null;

    function draw() {
      const width = host.clientWidth;
      if (!width || (view && view.width === width)) return;
      view = frame(svg, spec, width);
      if (spec.bands) drawBands(svg, spec.bands, view);
      for (const series of spec.series) drawSeries(svg, series, view);
      cursor = el("g", { class: "cursor" }, svg);
      hide();
    }

    function hide() {
      tip.hidden = true;
      wanted = null;
      if (cursor) cursor.replaceChildren();
    }

    function show(time) {
      if (!view) return;
      wanted = Math.min(view.to, Math.max(view.from, time));
      let at = wanted;
      cursor.replaceChildren();
      tip.replaceChildren();
      const head = document.createElement("p");
      tip.append(head);
      for (const series of spec.series) {
        const point = series.points[Scale.indexAt(series.points, at)];
        if (!point) continue;
        if (series === spec.series[0]) at = point[0];
        const [, value] = point;
        tipRow(tip, series.cls, series.name, Scale.number(value, spec.digits, spec.signed));
        if (value === null) continue;
        el("circle", { cx: view.x(at), cy: view.y(value), r: 3.5, class: series.cls }, cursor);
      }
      const extra = spec.extra ? spec.extra(at) : [];
      for (const [name, value] of extra) tipRow(tip, "none", name, value);
      head.textContent = Scale.moment(at);
      const x = view.x(at);
      cursor.prepend(el("line", { x1: x, x2: x, y1: view.area.top, y2: view.area.bottom }));
      tip.hidden = false;
      const scale = svg.clientWidth / view.width || 1;
      const beside = x * scale + 14;
      const room = host.clientWidth - tip.offsetWidth;
      const place = beside <= room ? beside : Math.max(0, x * scale - tip.offsetWidth - 14);
      tip.style.setProperty("left", `${place}px`);
    }

    svg.addEventListener("pointermove", (event) => {
      if (!view) return;
      const box = svg.getBoundingClientRect();
      const share =
        ((event.clientX - box.left) * (view.width / box.width) - view.area.left) /
        (view.area.right - view.area.left);
      show(view.from + share * (view.to - view.from));
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      if (!view) return;
      const step = ((view.to - view.from) / 100) * (event.shiftKey ? 10 : 1);
      const now = wanted ?? view.from;
      const keys = { ArrowLeft: now - step, ArrowRight: now + step, Home: view.from, End: view.to };
      const target = keys[event.key];
      if (event.key === "Escape") hide();
      if (target === undefined) return;
      event.preventDefault();
      show(target);
    });
    new ResizeObserver(draw).observe(host);
    draw();
    return draw;
  }

  return { el, line, text, widest };
})();
