//! Charts as inline SVG, drawn once: no script, no font, no request.

use crate::page::markup::{escape, put};

/// The drawing's size in its own units; it scales with the page.
const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 268.0;
const LEFT: f64 = 54.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 40.0;

/// A line of a chart.
pub(crate) struct Line<'a> {
    pub(crate) name: &'a str,
    /// Which of the page's colours, and of its dashes.
    pub(crate) colour: usize,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) has_marks: bool,
}

/// What a chart says of itself.
pub(crate) struct Axes<'a> {
    /// For those who do not see it.
    pub(crate) title: &'a str,
    pub(crate) across: &'a str,
    pub(crate) starts_at_zero: bool,
    /// A moment to be marked, with its word.
    pub(crate) mark: Option<(f64, &'a str)>,
}

/// Draws lines over one another.
pub(crate) fn lines(axes: &Axes<'_>, lines: &[Line<'_>]) -> String {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let is_drawn = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
    let xs = Scale::of(points().filter(is_drawn).map(|(x, _)| x), true).cut();
    let ys = Scale::of(points().filter(is_drawn).map(|(_, y)| y), axes.starts_at_zero);
    let x = |value: f64| LEFT + xs.part(value) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - ys.part(value) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(axes.title)
    );
    svg += "<g class=\"grid\">";
    for tick in ys.ticks() {
        let at = y(tick);
        put(
            &mut svg,
            format_args!(
                "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 7.0,
                at + 4.0,
                compact(tick, ys.step)
            ),
        );
    }
    for tick in xs.ticks() {
        put(
            &mut svg,
            format_args!(
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                x(tick),
                HEIGHT - BOTTOM + 17.0,
                compact(tick, xs.step)
            ),
        );
    }
    put(
        &mut svg,
        format_args!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text></g>",
            WIDTH - RIGHT,
            HEIGHT - 5.0,
            escape(axes.across)
        ),
    );
    if let Some((at, word)) = axes.mark {
        let at = x(at);
        put(
            &mut svg,
            format_args!(
                "<g class=\"mark\"><line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{}\"/>\
                 <text x=\"{:.1}\" y=\"{}\">{}</text></g>",
                HEIGHT - BOTTOM,
                at + 5.0,
                TOP + 10.0,
                escape(word)
            ),
        );
    }
    for line in lines {
        draw(&mut svg, line, (&x, &y));
    }
    svg + "</svg>"
}

fn draw(svg: &mut String, line: &Line<'_>, (x, y): (&dyn Fn(f64) -> f64, &dyn Fn(f64) -> f64)) {
    let place: Vec<_> = line
        .points
        .iter()
        .filter(|(across, up)| across.is_finite() && up.is_finite())
        .map(|(across, up)| (x(*across), y(*up)))
        .collect();
    let path: Vec<_> = place.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    put(
        svg,
        format_args!(
            "<g class=\"s{0} dash{0}\"><title>{1}</title><polyline points=\"{2}\"/>",
            line.colour % 8,
            escape(line.name),
            path.join(" ")
        ),
    );
    if line.has_marks {
        for (x, y) in place {
            put(svg, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"));
        }
    }
    svg.push_str("</g>");
}

/// A range of values with round steps.
struct Scale {
    low: f64,
    high: f64,
    step: f64,
    /// The highest value.
    last: f64,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, from_zero: bool) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
        }
        if !(low.is_finite() && high.is_finite()) {
            (low, high) = (0.0, 1.0);
        }
        if from_zero {
            low = low.min(0.0);
        }
        if high - low <= high.abs() * 1e-9 {
            // A flat line stands in the middle.
            let room = if high == 0.0 { 1.0 } else { high.abs() * 0.1 };
            (low, high) = (if from_zero { low } else { low - room }, high + room);
        }
        let step = round_step((high - low) / 4.0);
        let [low_step, high_step] = [(low / step).floor() * step, (high / step).ceil() * step];
        Self { low: low_step, high: high_step, step, last: high }
    }

    /// Ends the range with the last value, not with a step.
    fn cut(self) -> Self {
        Self { high: self.last, ..self }
    }

    fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> Vec<f64> {
        // At most about eight, whatever the values.
        let count = ((self.high - self.low) / self.step + 1e-9).floor().clamp(1.0, 12.0) as u32;
        (0..=count).map(|index| self.low + f64::from(index) * self.step).collect()
    }
}

/// Returns one, two or five times a power of ten, not below a number.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= least);
    factor.unwrap_or(10.0) * power
}

/// Writes a tick's value with as many digits as tell it from its neighbours.
pub(crate) fn compact(value: f64, step: f64) -> String {
    let (unit, name) = match value.abs().max(step) {
        large if large >= 1e9 => (1e9, "B"),
        large if large >= 1e6 => (1e6, "M"),
        large if large >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    let places = (-(step / unit).log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{:.places$}", value / unit);
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'));
    if is_zero { String::from("0") } else { format!("{text}{name}").replace('-', "\u{2212}") }
}
