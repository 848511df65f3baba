"use strict";
// The attribution as horizontal bars, each starting where the one above it ends.
const waterfall = (() => {
  const { el, text, widest } = Chart;
  const TOP = 6;
  const ROW = 38;
  const BAR = 20;
  const GAP = 14;

  function drawBar(svg, bar, top, x, width) {
    const y = top + (ROW - BAR) / 2;
    const total = bar.total ? "total" : "";
    const tone = bar.to === bar.from ? "level" : bar.to > bar.from ? "gain" : "loss";
    if (bar.total) el("line", { x1: 0, x2: width, y1: y - 8, y2: y - 8, class: "rule" }, svg);
    text(svg, bar.label, 0, y + 14, "start", `bar-label ${total}`);
    text(svg, bar.text, width, y + 14, "end", `bar-value ${total} ${tone}`);
    const [left, right] = [x(Math.min(bar.from, bar.to)), x(Math.max(bar.from, bar.to))];
    const size = { width: Math.max(right - left, 1.5), height: BAR };
    el("rect", { x: left, y, ...size, class: `bar ${tone} ${total}` }, svg);
    if (bar.total) return;
    const end = x(bar.to);
    el("line", { x1: end, x2: end, y1: y + BAR, y2: y + ROW, class: "link" }, svg);
  }

  return function waterfall(host, bars, label) {
    const svg = el("svg", { class: "chart", role: "img", "aria-label": label });
    host.replaceChildren(svg);
    let drawn = 0;

    function draw() {
      const width = host.clientWidth;
      if (!width || width === drawn) return;
      drawn = width;
      const height = TOP + ROW * bars.length + 4;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.replaceChildren();
      const labels = bars.map((bar) => bar.label);
      const values = bars.map((bar) => bar.text);
      const left = widest(svg, labels, "bar-label total") + GAP;
      const right = width - widest(svg, values, "bar-value total") - GAP;
      const ends = [0, ...bars.flatMap((bar) => [bar.from, bar.to])];
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      const x = (value) => left + ((value - low) / (high - low || 1)) * (right - left);
      bars.forEach((bar, index) => drawBar(svg, bar, TOP + index * ROW, x, width));
      el("line", { x1: x(0), x2: x(0), y1: TOP, y2: height - 4, class: "axis" }, svg);
    }

    new ResizeObserver(draw).observe(host);
    draw();
    return draw;
  };
})();
