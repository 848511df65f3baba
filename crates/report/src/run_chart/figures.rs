//! The terms of the identity below the plots, and the picture in words.

use tidemill_units::SignedAmount;

use super::{RunChart, SIDE, WIDTH};
use crate::format::{MoneyFormat, percent, utc_minute};
use crate::page::markup::{escape, number, put};
use crate::terms::terms;
use crate::{Identity, StrategySheet};

const ROW: f64 = 17.0;
/// What a character of a figure takes at most, in pixels.
const CHARACTER: f64 = 8.6;

/// An amount as a part of another one, for people.
pub(super) fn ratio(amount: SignedAmount, whole: SignedAmount, money: MoneyFormat) -> f64 {
    money.to_chart(amount) / money.to_chart(whole)
}

/// Draws the sum and the remarks with their upper end at `top`; returns where they end.
pub(super) fn draw(svg: &mut String, chart: &RunChart<'_>, money: MoneyFormat, top: f64) -> f64 {
    let cells = cells(chart, money);
    let right = WIDTH - SIDE;
    put(svg, format_args!("<path class=\"rule\" d=\"M{SIDE} {top}H{right}\"/>\n"));
    let longest = cells.iter().map(|(text, name)| text.chars().count().max(name.len())).max();
    let least = longest.unwrap_or(1) as f64 * CHARACTER;
    let count = cells.len().min(((WIDTH - 2.0 * SIDE) / least) as usize).max(1);
    // As many in each row.
    let count = cells.len().div_ceil(cells.len().div_ceil(count));
    let wide = (WIDTH - 2.0 * SIDE) / count as f64;
    let mut y = top;
    for row in cells.chunks(count) {
        for (index, (text, name)) in row.iter().enumerate() {
            let (x, figure, label) = (SIDE + wide * index as f64, y + 22.0, y + 38.0);
            put(
                svg,
                format_args!(
                    "<text class=\"figure\" x=\"{x:.1}\" y=\"{figure}\">{text}</text>\
                     <text class=\"small\" x=\"{x:.1}\" y=\"{label}\">{}</text>\n",
                    escape(name)
                ),
            );
        }
        y += 38.0;
    }
    for line in remarks(chart, money) {
        y += ROW + 4.0;
        let line = escape(&line);
        put(svg, format_args!("<text class=\"small\" x=\"{SIDE}\" y=\"{y}\">{line}</text>\n"));
    }
    y + 12.0
}

/// Each term with its sign, and the net; the text is markup.
fn cells(chart: &RunChart<'_>, money: MoneyFormat) -> Vec<(String, String)> {
    let identity = Identity::of(chart.strategy);
    let terms = terms(chart.sheet).into_iter().enumerate().map(|(place, term)| {
        let amount = money.rounded((term.amount)(&identity));
        let sign = match (place, term.adds) {
            (0, _) => "",
            (_, true) => "+ ",
            (_, false) => "\u{2212} ",
        };
        let is_below = amount.starts_with('-');
        let amount = if is_below { format!("({amount})") } else { amount };
        (format!("{sign}{}", number(&amount)), term.long.to_owned())
    });
    let mut cells: Vec<_> = terms.collect();
    let net = number(&money.rounded(identity.net));
    cells.push((format!("= {net}"), format!("net, {}", chart.sheet.pool.quote_symbol)));
    cells
}

/// What is no term of the sum.
fn remarks(chart: &RunChart<'_>, money: MoneyFormat) -> Vec<String> {
    let RunChart { sheet, strategy, against } = *chart;
    let quote = &sheet.pool.quote_symbol;
    let amount = |text: String| text.replace('-', "\u{2212}");
    let mut parts = vec![format!("deposit {} {quote}", money.rounded(strategy.deposit_quote))];
    if !strategy.lvr_quote.is_zero() {
        let lvr = amount(money.rounded(strategy.lvr_quote));
        parts.push(format!("loss versus rebalancing (no term of the sum) {lvr}"));
    }
    if strategy.ranges.iter().any(|range| !range.full_range) {
        let part = percent(strategy.time_in_range, false);
        parts.push(format!("in range {part} of the time"));
    }
    parts.push(strategy.footprint.name().to_owned());
    let mut lines = vec![parts.join("; ")];
    if let Some(other) = against {
        let net = amount(money.rounded_signed(other.net_quote));
        lines.push(format!("{}: net {net} {quote} against holding", other.name));
    }
    if let Some(stopped) = &strategy.stopped {
        lines.push(format!("stopped {} UTC", utc_minute(stopped.unix)));
    }
    lines
}

/// Says the figures of the picture for those who do not see it.
pub(super) fn in_words(chart: &RunChart<'_>, money: MoneyFormat) -> String {
    let RunChart { sheet, strategy, against } = *chart;
    let quote = &sheet.pool.quote_symbol;
    let worth = |amount| format!("{} {quote}", money.rounded(amount));
    let StrategySheet { final_quote, hold_final_quote, deposit_quote, net_quote, .. } = strategy;
    let identity = Identity::of(strategy);
    let sum = terms(sheet)
        .into_iter()
        .map(|term| format!("{} {}", term.long, money.rounded((term.amount)(&identity))));
    let sum = sum.collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "From {} to {} UTC, {} turned {} into {}, and holding into {}: a net of {}. In {quote}: \
         {sum}.",
        utc_minute(sheet.pool.from_unix),
        utc_minute(sheet.pool.to_unix),
        strategy.name,
        worth(*deposit_quote),
        worth(*final_quote),
        worth(*hold_final_quote),
        worth(*net_quote),
    );
    if let Some(other) = against {
        text += &format!(
            " It is drawn against {}, whose net is {}.",
            other.name,
            worth(other.net_quote)
        );
    }
    for line in strategy.stopped.iter() {
        text += &format!(" It was {}.", line.sentence());
    }
    text
}
