//! One plot: its heading with the key to its curves, grid, bands and curves.

use super::clock::Clock;
use super::path::{line, pixels};
use super::scale::Scale;
use super::{RunChart, SIDE};
use crate::page::markup::{escape, number, put};

/// What a character of a tick's label takes at most, in pixels, and what stands beside it.
pub(super) const CHARACTER: f64 = 6.7;
pub(super) const BESIDE_LABEL: f64 = 10.0;
/// One tick for so many pixels of height.
const TICK_ROOM: f64 = 27.0;

/// A line over time.
pub(super) struct Curve<'a> {
    /// Its classes in the style; `area` among them shades it down to zero.
    pub(super) class: &'static str,
    pub(super) name: &'a str,
    /// What stands behind its name, such as its last value.
    pub(super) said: String,
    /// Seconds since 1970-01-01 UTC, ascending, and a value.
    pub(super) points: Vec<(u64, f64)>,
}

/// A span of time between two values.
pub(super) struct Band {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) low: f64,
    pub(super) high: f64,
}

pub(super) struct Plot {
    pub(super) heading: String,
    pub(super) height: f64,
    pub(super) shows_zero: bool,
    pub(super) bands: Vec<Band>,
}

/// A plot's place: its scale of values between two heights.
struct View<'a> {
    clock: &'a Clock,
    scale: Scale,
    top: f64,
    bottom: f64,
}

impl View<'_> {
    fn y(&self, value: f64) -> f64 {
        self.bottom - self.scale.part(value) * (self.bottom - self.top)
    }
}

impl Plot {
    /// Draws it with its upper end at `top` and returns its lower end; without any point it draws
    /// nothing and returns where it would have ended had it no height.
    pub(super) fn draw(
        &self,
        svg: &mut String,
        clock: &Clock,
        curves: &[Curve<'_>],
        top: f64,
    ) -> f64 {
        if curves.iter().all(|curve| curve.points.is_empty()) {
            return top - super::ABOVE_HEADING;
        }
        let values = curves.iter().flat_map(|curve| curve.points.iter().map(|(_, value)| *value));
        let ends = self.bands.iter().flat_map(|band| [band.low, band.high]);
        let scale = Scale::of(values, ends, self.shows_zero);
        let view = View { clock, scale, top, bottom: top + self.height };
        self.key(svg, curves, top - super::BELOW_HEADING);
        clock.draw(svg, view.top, view.bottom);
        self.grid(svg, &view);
        self.draw_bands(svg, &view);
        for curve in curves {
            draw_curve(svg, curve, &view);
        }
        view.bottom
    }

    /// One text, so that nothing in it can overlap, however wide its letters are.
    fn key(&self, svg: &mut String, curves: &[Curve<'_>], y: f64) {
        put(
            svg,
            format_args!(
                "<text x=\"{SIDE}\" y=\"{y}\"><tspan class=\"head\">{}</tspan>",
                escape(&self.heading)
            ),
        );
        for curve in curves.iter().rev() {
            let class = curve.class.split(' ').next().unwrap_or_default();
            let said =
                if curve.said.is_empty() { String::new() } else { format!(" {}", curve.said) };
            put(
                svg,
                format_args!(
                    "<tspan class=\"key {class}\" dx=\"18\">{}</tspan><tspan dx=\"6\">{}{}</tspan>",
                    sample(class),
                    escape(curve.name),
                    number(&said)
                ),
            );
        }
        if !self.bands.is_empty() {
            let band = "<tspan class=\"key band\" dx=\"18\">\u{25a0}</tspan><tspan dx=\"6\">";
            put(svg, format_args!("{band}range held</tspan>"));
        }
        put(svg, format_args!("</text>\n"));
    }

    fn grid(&self, svg: &mut String, view: &View<'_>) {
        let (left, right) = (view.clock.left, view.clock.right);
        let ticks = view.scale.ticks((self.height / TICK_ROOM) as u32);
        let mut lines = String::new();
        put(svg, format_args!("<g text-anchor=\"end\">"));
        for tick in &ticks.at {
            let y = view.y(*tick);
            let (x, label) = (pixels(left - BESIDE_LABEL), ticks.label(*tick));
            let at = pixels(y + 4.0);
            put(svg, format_args!("<text class=\"tick\" x=\"{x}\" y=\"{at}\">{label}</text>"));
            put(&mut lines, format_args!("M{} {}H{}", pixels(left), pixels(y), pixels(right)));
        }
        put(svg, format_args!("</g>\n<path class=\"grid\" d=\"{lines}\"/>\n"));
        if self.shows_zero {
            let (left, right, y) = (pixels(left), pixels(right), pixels(view.y(0.0)));
            put(svg, format_args!("<path class=\"zero\" d=\"M{left} {y}H{right}\"/>\n"));
        }
    }

    /// An edge outside of the plot gets no line: it would look like a bound.
    fn draw_bands(&self, svg: &mut String, view: &View<'_>) {
        if self.bands.is_empty() {
            return;
        }
        let (left, width) = (view.clock.left, view.clock.right - view.clock.left);
        // A drawing of its own, which cuts off what is outside of it.
        put(
            svg,
            format_args!(
                "<svg x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{3}\" \
                 viewBox=\"{0} {1} {2} {3}\"><path class=\"band\" d=\"",
                pixels(left),
                pixels(view.top),
                pixels(width),
                pixels(view.bottom - view.top)
            ),
        );
        let beyond = |y: f64| y.clamp(view.top - 2.0, view.bottom + 2.0);
        for band in &self.bands {
            let (from, to) = (view.clock.x(band.from), view.clock.x(band.to));
            let (high, low) = (beyond(view.y(band.high)), beyond(view.y(band.low)));
            let (wide, tall) = (pixels((to - from).max(0.5)), pixels(low - high));
            put(svg, format_args!("M{} {}h{wide}v{tall}h-{wide}z", pixels(from), pixels(high)));
        }
        put(svg, format_args!("\"/></svg>\n"));
    }
}

/// What stands for a curve in the key, drawn as its line is.
fn sample(class: &str) -> &'static str {
    match class {
        "other" => "- -",
        "earned" => "\u{b7}\u{b7}\u{b7}",
        _ => "\u{2014}",
    }
}

fn draw_curve(svg: &mut String, curve: &Curve<'_>, view: &View<'_>) {
    let place = |(unix, value): &(u64, f64)| (view.clock.x(*unix), view.y(*value));
    let places: Vec<_> = curve.points.iter().map(place).collect();
    let data = line(&places);
    let mut classes = curve.class.split(' ');
    let class = classes.next().unwrap_or_default();
    let ends = places.first().zip(places.last());
    if let Some((first, last)) = ends.filter(|_| classes.any(|class| class == "area")) {
        let floor = pixels(view.y(0.0));
        put(
            svg,
            format_args!(
                "<path class=\"shade\" d=\"{data}L{} {floor}L{} {floor}z\"/>\n",
                pixels(last.0),
                pixels(first.0)
            ),
        );
    }
    let name = escape(curve.name);
    put(svg, format_args!("<path class=\"{class}\" d=\"{data}\"><title>{name}</title></path>\n"));
}

/// The room that the labels of the plots' ticks take, as wide as the widest value is written.
pub(super) fn label_room(chart: &RunChart<'_>) -> f64 {
    let widest = |values: &mut dyn Iterator<Item = f64>, shows_zero: bool, height: f64| {
        let ticks =
            Scale::of(values, std::iter::empty(), shows_zero).ticks((height / TICK_ROOM) as u32);
        let labels = ticks.at.iter().map(|at| ticks.label(*at).chars().count());
        labels.max().unwrap_or(0)
    };
    let value = &chart.strategy.value;
    let values =
        widest(&mut value.iter().flat_map(|at| [at.value, at.hold]), false, super::VALUE_HEIGHT);
    let gains = widest(&mut value.iter().map(|at| at.value - at.hold), true, super::GAIN_HEIGHT);
    let prices =
        widest(&mut chart.sheet.price.iter().map(|at| at.price), false, super::PRICE_HEIGHT);
    let characters = values.max(gains).max(prices);
    SIDE + characters as f64 * CHARACTER + BESIDE_LABEL
}
