"use strict";
// Where ticks stand, how numbers and times read, and how far an axis reaches. Draws nothing.
const Scale = (() => {
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const MINUTES = [1, 5, 15].map((each) => each * MINUTE);
  const HOURS = [1, 3, 6, 12].map((each) => each * HOUR);
  const DAYS = [1, 2, 7, 14].map((each) => each * DAY);
  const MONTH_STEPS = [1, 3, 6, 12, 60];
  const TIME_STEPS = [...MINUTES, ...HOURS, ...DAYS];

  const pad = (value) => String(value).padStart(2, "0");

  function number(value, digits, signed) {
    if (value === null || !Number.isFinite(value)) return "n/a";
    const shown = Math.abs(value).toLocaleString("en-GB", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    const zero = !/[1-9]/.test(shown);
    return (zero ? "" : value < 0 ? "\u2212" : signed ? "+" : "") + shown;
  }

  // Round steps, about `count` of them between the ends.
  function valueTicks(low, high, count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.8);
    const step = factor * power;
    const ticks = [];
    for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++)
      ticks.push(index * step);
    const places = -Math.floor(Math.log10(step) + 1e-9) + (factor === 2.5 ? 1 : 0);
    return { ticks, digits: Math.min(20, Math.max(0, places)) };
  }

  // Times about 72 pixels apart or more, and how to write one: months where days are too dense.
  function timeTicks(from, to, width) {
    const fit = Math.max(2, Math.floor(width / 72));
    const step = TIME_STEPS.find((each) => (to - from) / each <= fit);
    if (!step) return { ticks: monthTicks(from, to, fit), label: month };
    const ticks = [];
    for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
    return { ticks, label: (at) => (at % DAY === 0 ? day(at) : clock(at)) };
  }

  function monthTicks(from, to, fit) {
    const start = new Date(from * 1000);
    const months = (to - from) / (30.4 * DAY);
    const every = MONTH_STEPS.find((each) => months / each <= fit) || 120;
    const first = start.getUTCFullYear() * 12;
    const ticks = [];
    for (let index = first; ; index += every) {
      const at = Date.UTC(Math.floor(index / 12), index % 12) / 1000;
      if (at > to) return ticks;
      if (at >= from) ticks.push(at);
    }
  }

  function month(at) {
    const date = new Date(at * 1000);
    return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  }

  const day = (at) => `${new Date(at * 1000).getUTCDate()} ${month(at).slice(0, 3)}`;

  function clock(at) {
    const date = new Date(at * 1000);
    return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  }

  const moment = (at) => `${day(at)} ${month(at).slice(4)} ${clock(at)} UTC`;

  // The index of the last point at or before the time, or -1.
  function indexAt(points, at) {
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  // The lowest and highest value to show.
  function extent(spec) {
    let low = Infinity;
    let high = -Infinity;
    for (const series of spec.series) {
      for (const point of series.points) {
        if (point[1] === null) continue;
        low = Math.min(low, point[1]);
        high = Math.max(high, point[1]);
      }
    }
    if (low > high) [low, high] = [0, 1];
    if (spec.zero) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (spec.zero && low === high) high = 1;
    // Ranges widen the view, but by no more than the price's own extent on each side.
    const room = high - low || Math.abs(high) || 1;
    const lowest = low - room;
    const highest = high + room;
    for (const band of spec.bands || []) {
      low = Math.min(low, Math.max(band.low, lowest));
      high = Math.max(high, Math.min(band.high, highest));
    }
    const margin = (high - low || Math.abs(high) || 1) * 0.06;
    const ends = (value, padded) => (spec.zero && value === 0 ? 0 : padded);
    return [ends(low, low - margin), ends(high, high + margin)];
  }

  // The first and last time that any series has a point for.
  function times(spec) {
    const ends = spec.series
      .filter((series) => series.points.length)
      .map((series) => [series.points[0][0], series.points[series.points.length - 1][0]]);
    const from = Math.min(...ends.map((each) => each[0]));
    const to = Math.max(...ends.map((each) => each[1]));
    return ends.length ? [from, Math.max(to, from + 1)] : [0, 1];
  }

  return { extent, indexAt, moment, number, timeTicks, times, valueTicks };
})();
