//! A run as one picture: what it was worth beside holding, what it gained and earned over time,
//! where the price went, which ranges it held and what it did.

mod clock;
mod figures;
mod lanes;
mod path;
mod plot;
mod scale;
#[cfg(test)]
mod tests;

use crate::format::{MoneyFormat, percent, utc_minute};
use crate::page::markup::{escape, number, put};
use crate::{StrategySheet, TearSheet, ValuePoint};
use clock::Clock;
use lanes::Lanes;
use plot::{Band, Curve, Plot};

const STYLE: &str = include_str!("run_chart/style.css");

/// How many characters of a strategy's parameters are said.
const SAID: usize = 116;

/// The drawing's size in its own units, which are pixels where nothing scales it.
const WIDTH: f64 = 860.0;
const SIDE: f64 = 20.0;
/// Where the first plot's heading stands; title and subtitle are above.
const HEAD: f64 = 104.0;
/// From a heading to its plot, and from a plot to the next heading.
const BELOW_HEADING: f64 = 10.0;
const ABOVE_HEADING: f64 = 30.0;
const VALUE_HEIGHT: f64 = 118.0;
const GAIN_HEIGHT: f64 = 104.0;
const PRICE_HEIGHT: f64 = 136.0;
/// From the lowest plot or lane to the figures: the clock's labels, and some air.
const CLOCK: f64 = 40.0;

/// Which run to draw, and what to draw it against.
#[derive(Clone, Copy, Debug)]
pub struct RunChart<'a> {
    /// The report that the run is part of.
    pub sheet: &'a TearSheet,
    /// The strategy, one of the report's.
    pub strategy: &'a StrategySheet,
    /// Another one of the report's to draw it against; holding where there is none.
    pub against: Option<&'a StrategySheet>,
}

/// Draws a run as an SVG that stands alone: no script, no font, no request, under 40 kB for a run
/// of a thousand points.
///
/// From the top: value beside holding (or beside another strategy), the difference and what was
/// earned in fees and rewards, the pool's price over the ranges held, a lane of marks for each kind
/// of action, and the terms of the identity as the report has them. Values are in whole quote
/// tokens, times in UTC. Its colours follow the reader's light or dark scheme on a ground of its
/// own; its title and description say the figures in words. The same sheet gives the same bytes.
///
/// A point that is not finite is left out, and so is a plot without points.
pub fn render_run_chart(chart: &RunChart<'_>) -> String {
    let picture = Picture::of(chart);
    let mut body = String::new();
    let mut top = picture.value(&mut body, HEAD + BELOW_HEADING);
    top = picture.gain(&mut body, top + ABOVE_HEADING);
    top = picture.price(&mut body, top + ABOVE_HEADING);
    top = picture.lanes.draw(&mut body, &picture.clock, top);
    picture.clock.label(&mut body, top);
    top = figures::draw(&mut body, chart, picture.money, top + CLOCK);
    let height = top + 4.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n"
    );
    picture.head(&mut svg, height);
    svg + &body + "</svg>\n"
}

/// What all parts of the drawing share.
struct Picture<'a> {
    chart: &'a RunChart<'a>,
    money: MoneyFormat,
    quote: &'a str,
    clock: Clock,
    lanes: Lanes<'a>,
}

impl<'a> Picture<'a> {
    fn of(chart: &'a RunChart<'a>) -> Self {
        let RunChart { sheet, strategy, .. } = *chart;
        let lanes = Lanes::of(strategy);
        let ends = strategy.value.first().zip(strategy.value.last());
        let (from, to) = ends
            .map_or((sheet.pool.from_unix, sheet.pool.to_unix), |(first, last)| {
                (first.unix, last.unix)
            });
        let left = plot::label_room(chart).max(lanes.label_room());
        Self {
            chart,
            money: MoneyFormat::of(sheet),
            quote: &sheet.pool.quote_symbol,
            clock: Clock { from, to: to.max(from + 1), left, right: WIDTH - SIDE - 12.0 },
            lanes,
        }
    }

    /// What it is drawn against, in words.
    fn other_name(&self) -> &str {
        self.chart.against.map_or("holding", |other| &other.name)
    }

    fn head(&self, svg: &mut String, height: f64) {
        let RunChart { sheet, strategy, .. } = *self.chart;
        let pool = &sheet.pool;
        let place = match &pool.on_chain {
            Some(on) => format!("{} on {}", pool.name, on.chain),
            None => pool.name.clone(),
        };
        let ground = format!("width=\"{}\" height=\"{}\"", WIDTH - 1.0, height - 1.0);
        put(
            svg,
            format_args!(
                "<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
                 <style>{STYLE}</style>\n\
                 <rect class=\"ground\" x=\".5\" y=\".5\" {ground} rx=\"8\"/>\n",
                escape(&format!("{} in {}", strategy.name, place)),
                escape(&figures::in_words(self.chart, self.money)),
            ),
        );
        let period = format!(
            "{}, {} to {} UTC",
            place,
            utc_minute(pool.from_unix),
            utc_minute(pool.to_unix),
        );
        let net = self.money.rounded_signed(strategy.net_quote);
        let gain = figures::ratio(strategy.net_quote, strategy.deposit_quote, self.money);
        let right = WIDTH - SIDE;
        put(
            svg,
            format_args!(
                "<text class=\"name\" x=\"{SIDE}\" y=\"32\">{}</text>\
                 <text class=\"soft\" x=\"{SIDE}\" y=\"52\">{}</text>\
                 <text class=\"soft\" x=\"{SIDE}\" y=\"70\">{}</text>\n\
                 <text class=\"name\" x=\"{right}\" y=\"32\" text-anchor=\"end\">{} {}</text>\
                 <text class=\"soft\" x=\"{right}\" y=\"52\" text-anchor=\"end\">\
                 against holding, {}</text>\n",
                escape(&strategy.name),
                escape(&period),
                escape(&setup(strategy)),
                number(&net),
                escape(self.quote),
                number(&percent(gain, true)),
            ),
        );
    }

    fn value(&self, svg: &mut String, top: f64) -> f64 {
        let RunChart { strategy, against, .. } = *self.chart;
        let ours = points(&strategy.value, |at| at.value);
        let other = match against {
            Some(other) => points(&other.value, |at| at.value),
            None => points(&strategy.value, |at| at.hold),
        };
        let said = |curve: &[(u64, f64)]| self.end_of(curve, false);
        let curves = [
            Curve { class: "other", name: self.other_name(), said: said(&other), points: other },
            Curve { class: "ours", name: &strategy.name, said: said(&ours), points: ours },
        ];
        let heading = format!("Value, {}", self.quote);
        let plot = Plot { heading, height: VALUE_HEIGHT, shows_zero: false, bands: Vec::new() };
        plot.draw(svg, &self.clock, &curves, top)
    }

    fn gain(&self, svg: &mut String, top: f64) -> f64 {
        let RunChart { strategy, against, .. } = *self.chart;
        let gained = match against {
            None => points(&strategy.value, |at| at.value - at.hold),
            Some(other) => less(&strategy.value, &other.value),
        };
        let rewards = strategy.cumulative_rewards.iter().map(|(_, value)| *value);
        let rewards = rewards.chain(std::iter::repeat(0.0));
        let earned: Vec<_> = strategy
            .cumulative_fees
            .iter()
            .zip(rewards)
            .map(|((unix, fees), rewards)| (*unix, fees + rewards))
            .collect();
        let is_any = |earned: &[(u64, f64)]| earned.iter().any(|(_, value)| *value > 0.0);
        let has_fees = is_any(&strategy.cumulative_fees);
        let name = match (has_fees, is_any(&strategy.cumulative_rewards)) {
            (true, true) => "fees and rewards so far",
            (false, true) => "rewards so far",
            (_, false) => "fees so far",
        };
        let mut curves = Vec::new();
        if is_any(&earned) {
            let said = self.end_of(&earned, true);
            curves.push(Curve { class: "earned", name, said, points: earned });
        }
        let name = format!("{} less {}", strategy.name, self.other_name());
        let said = self.end_of(&gained, true);
        curves.push(Curve { class: "ours area", name: &name, said, points: gained });
        let heading = format!("Gain, {}", self.quote);
        let plot = Plot { heading, height: GAIN_HEIGHT, shows_zero: true, bands: Vec::new() };
        plot.draw(svg, &self.clock, &curves, top)
    }

    fn price(&self, svg: &mut String, top: f64) -> f64 {
        let RunChart { sheet, strategy, .. } = *self.chart;
        let price: Vec<_> = sheet.price.iter().map(|at| (at.unix, at.price)).collect();
        let is_banded = |range: &&crate::RangeSpan| !range.full_range;
        let bands: Vec<_> = strategy
            .ranges
            .iter()
            .filter(is_banded)
            .map(|range| Band {
                from: range.from_unix,
                to: range.to_unix,
                low: range.lower_price,
                high: range.upper_price,
            })
            .collect();
        let per = format!("{} per {}", self.quote, sheet.pool.base_symbol);
        let curves = [Curve {
            class: "price",
            name: "price of the pool",
            said: String::new(),
            points: price,
        }];
        let plot = Plot {
            heading: format!("Price, {per}"),
            height: PRICE_HEIGHT,
            shows_zero: false,
            bands,
        };
        plot.draw(svg, &self.clock, &curves, top)
    }

    /// The last value of a curve, with as many digits as the report's money has.
    fn end_of(&self, curve: &[(u64, f64)], signed: bool) -> String {
        let Some((_, last)) = curve.last() else { return String::new() };
        let text = crate::format::decimal(*last, usize::from(self.money.shown));
        let is_gain = signed && text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) && *last > 0.0;
        if is_gain { format!("+{text}") } else { text }
    }
}

/// What a strategy was told, or what it is where there is nothing to tell; cut short where it is
/// long.
fn setup(strategy: &StrategySheet) -> String {
    let said = |(name, value): &(String, String)| format!("{name} {value}");
    let told: Vec<_> = strategy.parameters.iter().map(said).collect();
    let said = if told.is_empty() { strategy.summary.clone() } else { told.join(", ") };
    match said.char_indices().nth(SAID) {
        Some((end, _)) => format!("{}\u{2026}", said.get(..end).unwrap_or_default()),
        None => said,
    }
}

fn points(value: &[ValuePoint], of: fn(&ValuePoint) -> f64) -> Vec<(u64, f64)> {
    value.iter().map(|at| (at.unix, of(at))).collect()
}

/// One strategy's value less another's, which is taken as it last was.
fn less(ours: &[ValuePoint], other: &[ValuePoint]) -> Vec<(u64, f64)> {
    let mut others = other.iter().peekable();
    let mut last = other.first();
    let mut gained = Vec::with_capacity(ours.len());
    for at in ours {
        while let Some(next) = others.next_if(|next| next.unix <= at.unix) {
            last = Some(next);
        }
        if let Some(last) = last {
            gained.push((at.unix, at.value - last.value));
        }
    }
    gained
}
