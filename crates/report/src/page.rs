use serde::Serialize;

use crate::TearSheet;
use crate::format::MoneyFormat;

pub(crate) mod markup;
mod overview;
mod strategy;
mod wording;

const TEMPLATE: &str = include_str!("page/page.html");
/// Definitions of what only runs in a pool have.
const OF_POOL: &str = include_str!("page/of_pool.html");
const FOOTPRINTS: &str = include_str!("page/footprints.html");
/// Definitions of what runs at exchanges alone have in their place.
const OF_EXCHANGES: &str = include_str!("page/of_exchanges.html");
pub(crate) const CSS: &str = include_str!("page/page.css");
/// In the order they need one another.
const SCRIPTS: [&str; 4] = [
    include_str!("page/scale.js"),
    include_str!("page/chart.js"),
    include_str!("page/waterfall.js"),
    include_str!("page/page.js"),
];

/// Renders the tear sheet as one HTML page that needs nothing else and opens offline.
///
/// The tables and the sums are in the markup and read without scripts; the charts are drawn by the
/// page's own script from the sheet, which is embedded whole as JSON in the element `sheet`. A
/// content security policy in the page forbids it any request.
pub fn render_page(sheet: &TearSheet) -> String {
    let money = MoneyFormat::of(sheet);
    let panels: String = sheet
        .strategies
        .iter()
        .enumerate()
        .map(|(index, each)| strategy::panel(sheet, each, index, money))
        .collect();
    fill(
        TEMPLATE,
        &[
            ("title", &markup::escape(&sheet.title)),
            ("css", CSS),
            ("pool_line", &overview::pool_line(sheet)),
            ("facts", &overview::facts(sheet)),
            ("comparison", &overview::comparison(sheet)),
            ("contents", &overview::contents(sheet)),
            ("panels", &panels),
            ("services", &overview::services(sheet)),
            ("notes", &overview::notes(sheet)),
            ("sum", &overview::sum(sheet)),
            ("hold", wording::hold(sheet.pool.on_chain.as_ref())),
            ("prices", wording::prices(sheet.pool.on_chain.as_ref())),
            ("definitions", &definitions(sheet)),
            ("footprints", &footprints(sheet)),
            ("quote", &markup::escape(&sheet.pool.quote_symbol)),
            ("provenance", &overview::provenance(sheet)),
            ("sheet", &script_json(sheet)),
            ("bars", &script_json(&overview::bars(sheet, money))),
            ("scripts", &SCRIPTS.map(|text| format!("<script>\n{text}</script>\n")).concat()),
        ],
    )
}

/// Defines what the sum is made of, and what else is told of a strategy.
fn definitions(sheet: &TearSheet) -> String {
    let Some(on) = &sheet.pool.on_chain else {
        return fill(OF_EXCHANGES, &[("hedges", overview::hedges(sheet))]);
    };
    fill(
        OF_POOL,
        &[
            ("rewards", overview::rewards(sheet)),
            ("hedges", overview::hedges(sheet)),
            ("earned", wording::earned(!sheet.programmes.is_empty())),
            ("fees", wording::fees(on.provision)),
            ("rebalanced", wording::rebalanced(on)),
            ("loss_of_moving", wording::loss_of_moving(on.provision)),
            ("time_in_range", wording::time_in_range(on.provision)),
            ("quote", &markup::escape(&sheet.pool.quote_symbol)),
        ],
    )
}

/// Says what footprints are, where there is a pool that could have one.
fn footprints(sheet: &TearSheet) -> String {
    let on = sheet.pool.on_chain.as_ref();
    on.map_or(String::new(), |on| fill(FOOTPRINTS, &[("calls", wording::calls(on.provision))]))
}

/// Writes JSON that no text inside can end the script element of: every `<` is escaped.
fn script_json<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_string(value).expect("plain data with string keys is always JSON");
    json.replace('<', "\\u003c")
}

/// Puts each slot's text where the template says `{{slot}}`, in one pass: text that is put in is
/// never read as template again. A name without a slot stays as it is.
pub(crate) fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let slot = after.split_once("}}").and_then(|(name, tail)| {
            slots.iter().find(|(slot, _)| *slot == name).map(|(_, text)| (*text, tail))
        });
        let (text, tail) = slot.unwrap_or(("{{", after));
        page.push_str(text);
        rest = tail;
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests;
