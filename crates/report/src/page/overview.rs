//! What stands above and below the strategies: the pool, the comparison, notes and provenance.

use serde::Serialize;
use tidemill_units::SignedAmount;

use super::markup::{escape, name, number, pairs, put, tone};
use crate::comparison::Comparison;
use crate::format::{MoneyFormat, count, days, decimal, percent, utc_minute};
use crate::terms::{in_words, terms};
use crate::{Identity, TearSheet};

/// Terms of the sum where there are neither programmes nor exchanges.
const FEWEST_TERMS: usize = 4;

/// One step of the attribution waterfall: where its bar begins and ends, and what it says.
#[derive(Serialize)]
pub(crate) struct Bar {
    label: &'static str,
    text: String,
    from: f64,
    to: f64,
    total: bool,
}

/// Returns each strategy's waterfall: what adds up, what costs down, and the net from zero.
pub(crate) fn bars(sheet: &TearSheet, money: MoneyFormat) -> Vec<Vec<Bar>> {
    let terms = terms(sheet);
    let steps = |identity: Identity| {
        let mut level = 0.0;
        let mut step = |label, amount: SignedAmount, adds: bool| {
            let signed = if adds { Some(amount) } else { amount.checked_neg() };
            let change = signed.map_or(f64::NAN, |amount| money.to_chart(amount));
            let text = signed.map_or_else(String::new, |amount| money.rounded_signed(amount));
            let from = level;
            level += change;
            Bar { label, text: text.replace('-', "\u{2212}"), from, to: level, total: false }
        };
        let steps = terms.iter().map(|term| step(term.title, (term.amount)(&identity), term.adds));
        let mut bars: Vec<_> = steps.collect();
        let net = money.rounded_signed(identity.net).replace('-', "\u{2212}");
        let to = money.to_chart(identity.net);
        bars.push(Bar { label: "= Net versus hold", text: net, from: 0.0, to, total: true });
        bars
    };
    sheet.strategies.iter().map(|each| steps(Identity::of(each))).collect()
}

/// Writes the line under the title.
pub(crate) fn pool_line(sheet: &TearSheet) -> String {
    let pool = &sheet.pool;
    let length = days(pool.to_unix.saturating_sub(pool.from_unix));
    let place =
        pool.on_chain.as_ref().map_or(String::new(), |on| format!(" on {}", escape(&on.chain)));
    format!(
        "<strong>{}</strong>{place} · {} to {}&nbsp;UTC · {}",
        escape(&pool.name),
        utc_minute(pool.from_unix),
        utc_minute(pool.to_unix),
        number(&length)
    )
}

/// Writes the figures of the pool, or of the feeds of a run without one.
pub(crate) fn facts(sheet: &TearSheet) -> String {
    let pool = &sheet.pool;
    let price_title =
        format!("Price, {} per {}", escape(&pool.quote_symbol), escape(&pool.base_symbol));
    let mut rows = Vec::new();
    if let (Some(first), Some(last)) = (sheet.price.first(), sheet.price.last()) {
        let change = percent(last.price / first.price - 1.0, true);
        let text = format!(
            "{} → {} <span class=\"{}\">{}</span>",
            number(&decimal(first.price, price_places(first.price))),
            number(&decimal(last.price, price_places(first.price))),
            tone(&change),
            number(&change)
        );
        rows.push((price_title.as_str(), text));
    }
    match &pool.on_chain {
        Some(on) => {
            rows.push(("Swaps", count(on.swaps)));
            rows.push(("Pool events", count(pool.events)));
            let blocks = format!("{} to {}", count(on.first_block), count(on.last_block));
            rows.push(("Blocks", blocks));
            rows.push(("Pool contract", format!("<code>{}</code>", escape(&on.address))));
        }
        None => rows.push(("Events of feeds", count(pool.events))),
    }
    pairs("facts", rows)
}

/// Returns the decimals that show a price with about six significant digits.
pub(crate) fn price_places(price: f64) -> usize {
    let magnitude = price.abs().log10().floor();
    // The cast saturates, and is zero for a price that is zero or not a number.
    (5.0 - magnitude).clamp(2.0, 18.0) as usize
}

/// Writes the headline table.
pub(crate) fn comparison(sheet: &TearSheet) -> String {
    let comparison = Comparison::of(sheet);
    let wide = if terms(sheet).len() <= FEWEST_TERMS { "" } else { " wide" };
    let mut html = format!("<table class=\"comparison{wide}\"><thead><tr>");
    html += "<th scope=\"col\">Strategy</th>";
    for column in &comparison.columns {
        put(&mut html, format_args!("<th scope=\"col\">{}</th>", name(&column.title)));
    }
    html += "</tr></thead><tbody>";
    for (index, row) in comparison.rows.iter().enumerate() {
        put(
            &mut html,
            format_args!(
                "<tr><th scope=\"row\"><a href=\"#strategy-{index}\">\
                 <span class=\"swatch s{}\"></span>{}</a></th>",
                index % 8,
                name(&row.name)
            ),
        );
        for (column, cell) in comparison.columns.iter().zip(&row.cells) {
            let class = if column.signed { tone(&cell.text) } else { "level" };
            let exact = cell.exact.as_ref().map_or_else(String::new, |text| {
                format!(" title=\"{} {}\"", number(text), escape(&sheet.pool.quote_symbol))
            });
            put(
                &mut html,
                format_args!(
                    "<td class=\"{class}\" data-label=\"{}\"{exact}>{}</td>",
                    escape(&column.title),
                    number(&cell.text)
                ),
            );
        }
        html += "</tr>";
    }
    html += "</tbody></table>";
    if let Some(caution) = &comparison.caution {
        put(&mut html, format_args!("<p class=\"caution\">* {}</p>", escape(caution)));
    }
    html
}

/// Writes the links to the strategies, which the script turns into tabs.
pub(crate) fn contents(sheet: &TearSheet) -> String {
    let mut html = String::new();
    for (index, strategy) in sheet.strategies.iter().enumerate() {
        put(
            &mut html,
            format_args!(
                "<a id=\"tab-{index}\" href=\"#strategy-{index}\">\
                 <span class=\"swatch s{}\"></span>{}</a>",
                index % 8,
                name(&strategy.name)
            ),
        );
    }
    html
}

/// Writes the sum that every strategy's parts are.
pub(crate) fn sum(sheet: &TearSheet) -> String {
    in_words(sheet, " − ", |term| term.long)
}

/// Writes what the other pools, the reward programmes and the exchanges are, or nothing.
pub(crate) fn services(sheet: &TearSheet) -> String {
    let exchanges = sheet.exchanges.iter().map(|each| (&each.name, "", &each.parameters));
    let programmes = sheet.programmes.iter();
    let programmes = programmes.map(|each| (&each.name, each.kind.as_str(), &each.parameters));
    let pools = sheet.other_pools.iter();
    let pools = pools.map(|each| (&each.name, each.kind.as_str(), &each.parameters));
    section("Other pools", pools)
        + &section("Reward programmes", programmes)
        + &section("Exchanges", exchanges)
}

fn section<'a>(
    title: &str,
    services: impl Iterator<Item = (&'a String, &'a str, &'a Vec<(String, String)>)>,
) -> String {
    let mut html = String::new();
    for (called, kind, parameters) in services {
        let (called, kind) = (name(called), escape(kind));
        put(&mut html, format_args!("<h3>{called} <small>{kind}</small></h3>"));
        html += &plain_table(parameters);
    }
    if html.is_empty() { html } else { format!("<section><h2>{title}</h2>{html}</section>") }
}

/// Writes names and values as a table.
pub(crate) fn plain_table(rows: &[(String, String)]) -> String {
    let mut html = String::from("<table class=\"plain\"><tbody>");
    for (name, value) in rows {
        let (name, value) = (escape(name), escape(value));
        put(
            &mut html,
            format_args!("<tr><th scope=\"row\"><code>{name}</code></th><td>{value}</td></tr>"),
        );
    }
    html + "</tbody></table>"
}

/// Writes the definition of rewards, or nothing.
pub(crate) fn rewards(sheet: &TearSheet) -> &'static str {
    if sheet.programmes.is_empty() {
        return "";
    }
    "<div><dt>Rewards</dt><dd>What reward tokens were worth at their price when they were sold, \
     before what the sale cost, and what those not sold or not claimed are worth at the end. What \
     their price did in between is part of it.</dd></div>"
}

/// Writes the definitions of funding and hedge, or nothing.
pub(crate) fn hedges(sheet: &TearSheet) -> &'static str {
    if sheet.exchanges.is_empty() {
        return "";
    }
    "<div><dt>Funding</dt><dd>What was paid on perpetual futures, less what was received.</dd>\
     </div><div><dt>Hedge</dt><dd>What contracts of exchanges gained at their mark prices, with \
     the cash that they were paid with. What a trade gave less than it took at the mark price, and \
     its commission, are in the swap cost.</dd></div>"
}

/// Writes the remarks, or nothing.
pub(crate) fn notes(sheet: &TearSheet) -> String {
    if sheet.notes.is_empty() {
        return String::new();
    }
    let mut html = String::from("<section><h2>Notes</h2><ul class=\"notes\">");
    for note in &sheet.notes {
        put(&mut html, format_args!("<li>{}</li>", escape(note)));
    }
    html + "</ul></section>"
}

/// Writes what it takes to make the report again.
pub(crate) fn provenance(sheet: &TearSheet) -> String {
    let made = &sheet.provenance;
    let tape = made.tape_blake3.iter();
    let tape = tape.map(|hash| ("Tape (BLAKE3)", format!("<code>{}</code>", escape(hash))));
    let command = ("Command", format!("<code>{}</code>", escape(&made.command)));
    let version = ("Tidemill", escape(&made.tidemill_version));
    pairs("provenance", std::iter::once(version).chain(tape).chain([command]))
}
