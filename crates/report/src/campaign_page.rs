mod svg;

use crate::campaign_rows::{
    CampaignFormat, CampaignRows, brings_from, idle, last_but_shortest, move_text, number as plain,
    part, significant, words,
};
use crate::format::{MISSING, count, days, decimal, percent, utc_minute};
use crate::page::markup::{escape, name, number, pairs, put};
use crate::page::{CSS, fill};
use crate::{CampaignOutcome, CampaignSheet, DepthSides};
use svg::{Axes, Line};

const TEMPLATE: &str = include_str!("campaign_page/campaign.html");
const MORE_CSS: &str = include_str!("campaign_page/campaign.css");

/// Renders a campaign as one HTML page that needs nothing else and opens offline: its charts are
/// drawn in the markup, and no script is in it. A content security policy forbids it any request.
pub fn render_campaign_page(sheet: &CampaignSheet) -> String {
    let format = CampaignFormat::of(sheet);
    let title = format!("Incentive campaign for {}", sheet.pool.name);
    let first = sheet.before.depth.first().map_or_else(String::new, |at| move_text(at.percent));
    let quote = &sheet.pool.quote_symbol;
    let later = plain(last_but_shortest(sheet));
    let largest = sheet.programmes.first().and_then(|each| each.outcomes.last());
    let largest = largest.map_or_else(String::new, |outcome| format.reward(outcome.budget));
    let reward = &sheet.reward.symbol;
    fill(
        TEMPLATE,
        &[
            ("title", &escape(&title)),
            ("css", &[CSS, MORE_CSS].concat()),
            ("pool_line", &pool_line(sheet)),
            ("facts", &facts(sheet, &format)),
            ("terms", &escape(&terms(sheet))),
            ("rules", &rules(sheet)),
            ("comparison", &comparison(sheet)),
            ("keys", &keys(sheet)),
            ("depth_caption", &escape(&format!("{first}, both sides, {quote}, by budget"))),
            ("depth", &by_budget(sheet, ("Depth by budget", false), &depth_of, &format)),
            ("impact_caption", &escape(&impact_caption(sheet, &format))),
            ("impact", &by_budget(sheet, ("Price impact by budget", false), &impact_of, &format)),
            ("path_caption", &escape(&format!("{quote}, budget {largest} {reward}"))),
            ("path", &paths(sheet, &format)),
            ("kept_caption", &escape(&format!("{first}, {quote}, {later} days after, by budget"))),
            ("kept", &by_budget(sheet, ("Depth kept by budget", false), &kept_of, &format)),
            ("cost_caption", &escape(&format!("{first}, {quote} a day per 1,000, by budget"))),
            ("cost", &by_budget(sheet, ("Cost of depth by budget", true), &cost_of, &format)),
            (
                "idle",
                &by_budget(sheet, ("Paid to idle capital by budget", true), &idle_of, &format),
            ),
            ("groups", &groups(sheet)),
            ("capture", &capture(sheet, &format)),
            ("reward", &escape(reward)),
            ("paid", &paid(sheet, &format)),
            ("sums", if sums_hold(sheet) { "✓ they do." } else { "✗ they do not." }),
            ("returns", &returns(sheet, &format)),
            ("remains", &remains(sheet, &format)),
            ("notes", &notes(sheet)),
            ("provenance", &provenance(sheet)),
        ],
    )
}

fn pool_line(sheet: &CampaignSheet) -> String {
    let pool = &sheet.pool;
    format!(
        "<strong>{}</strong> on {} · recorded {} to {}&nbsp;UTC · {} swaps",
        escape(&pool.name),
        escape(&pool.chain),
        utc_minute(pool.from_unix),
        utc_minute(pool.to_unix),
        count(pool.swaps),
    )
}

fn facts(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let (before, quote) = (&sheet.before, escape(&sheet.pool.quote_symbol));
    let amount = |amount| number(&format!("{} {quote}", format.quote(amount)));
    let mut rows = vec![
        ("Capital now", amount(before.capital_quote)),
        ("Fees, recorded", amount(before.fees_quote)),
        ("Fees a year", number(&percent(before.yields.fees, false))),
        ("LVR a year", number(&percent(before.yields.lvr, false))),
        ("Net a year, unpaid", number(&percent(before.yields.net, true))),
    ];
    for at in before.depth.iter().take(1) {
        rows.push(("Depth now", amount(at.depth.both())));
    }
    if let Some(trade) = before.trade {
        rows.push(("Impact now", number(&format!("{} bp", decimal(trade.impact_bps, 3)))));
    }
    let price = sheet.reward.price_quote.to_decimal_string(sheet.pool.quote_decimals);
    let price = price.trim_end_matches('0').trim_end_matches('.').to_owned();
    let reward = format!("{} at {price} {quote}", escape(&sheet.reward.symbol));
    rows.push(("Reward", number(&reward)));
    rows.push(("Duration", number(&days(sheet.reward.duration_seconds))));
    pairs("facts", rows)
}

fn terms(sheet: &CampaignSheet) -> String {
    let terms = &sheet.terms;
    let required = terms.required_return.map_or_else(
        || String::from("required return: what the pool pays as it is"),
        |required| format!("required return {} a year", percent(required, false)),
    );
    let epsilon = terms.epsilon.map_or_else(|| String::from("infinite"), plain);
    format!("{required}; elasticity {epsilon}; capital {}", terms.placement)
}

fn rules(sheet: &CampaignSheet) -> String {
    let rule = |each: &crate::ProgrammeOutcomes| {
        let from = brings_from(sheet, each).map_or_else(String::new, |text| format!(" {text}"));
        format!("<li><b>{}</b> {}{}</li>", name(&each.name), escape(&each.rule), escape(&from))
    };
    sheet.programmes.iter().map(rule).collect()
}

fn comparison(sheet: &CampaignSheet) -> String {
    let rows = CampaignRows::of(sheet);
    let mut html = String::from("<table class=\"comparison\"><thead><tr>");
    html += "<th scope=\"col\">Programme</th>";
    for heading in &rows.headings {
        put(&mut html, format_args!("<th scope=\"col\">{}</th>", name(heading)));
    }
    html += "</tr></thead><tbody>";
    let mut last = None;
    for row in &rows.rows {
        let is_new = last.replace(row.programme) != Some(row.programme);
        put(
            &mut html,
            format_args!(
                "<tr{}><th scope=\"row\"><span class=\"who\"><span class=\"swatch s{}\"></span>{}\
                 </span></th>",
                if is_new { " class=\"first\"" } else { "" },
                colour(row.programme) % 8,
                name(&row.name)
            ),
        );
        for (heading, cell) in rows.headings.iter().zip(&row.cells) {
            let heading = escape(heading);
            let cell = number(cell);
            put(&mut html, format_args!("<td data-label=\"{heading}\">{cell}</td>"));
        }
        html += "</tr>";
    }
    html + "</tbody></table>"
}

/// Returns which of the page's eight colours a programme has; the first, grey, is the last one's.
fn colour(programme: usize) -> usize {
    (programme + 1) % 8
}

fn keys(sheet: &CampaignSheet) -> String {
    let mut html = String::new();
    for (programme, each) in sheet.programmes.iter().enumerate() {
        put(
            &mut html,
            format_args!(
                "<li><svg class=\"chart-key s{0} dash{0}\" viewBox=\"0 0 26 6\" width=\"26\" \
                 height=\"6\" aria-hidden=\"true\"><g class=\"s{0} dash{0} chart\">\
                 <polyline points=\"0,3 26,3\"/></g></svg>{1}</li>",
                colour(programme),
                name(&each.name)
            ),
        );
    }
    html
}

fn groups(sheet: &CampaignSheet) -> String {
    let key = |(_, word, class): &(&str, &str, &str)| {
        format!("<li><span class=\"swatch {class}\"></span>{word}</li>")
    };
    words(sheet).iter().map(key).collect()
}

type Reading<'a> = &'a dyn Fn(&CampaignSheet, Option<&CampaignOutcome>) -> Option<Value>;

/// What a chart shows of an outcome.
enum Value {
    Depth(DepthSides),
    Number(f64),
}

fn depth_of(sheet: &CampaignSheet, outcome: Option<&CampaignOutcome>) -> Option<Value> {
    let at = outcome.map_or(&sheet.before.depth, |outcome| &outcome.depth).first()?;
    Some(Value::Depth(at.depth))
}

fn impact_of(sheet: &CampaignSheet, outcome: Option<&CampaignOutcome>) -> Option<Value> {
    let trade = outcome.map_or(sheet.before.trade, |outcome| outcome.trade)?;
    Some(Value::Number(trade.impact_bps))
}

fn cost_of(_: &CampaignSheet, outcome: Option<&CampaignOutcome>) -> Option<Value> {
    Some(Value::Number(outcome?.cost_per_depth_day? * 1_000.0))
}

fn idle_of(_: &CampaignSheet, outcome: Option<&CampaignOutcome>) -> Option<Value> {
    let outcome = outcome.filter(|outcome| !outcome.budget.is_zero())?;
    Some(Value::Number(part(idle(&outcome.capture), outcome.budget) * 100.0))
}

fn kept_of(sheet: &CampaignSheet, outcome: Option<&CampaignOutcome>) -> Option<Value> {
    let Some(outcome) = outcome else { return depth_of(sheet, None) };
    let later = last_but_shortest(sheet);
    let retained = outcome.retained.iter().find(|retained| retained.days == later)?;
    Some(Value::Depth(retained.depth))
}

/// Draws a reading of every programme against the budget, from the pool without any.
fn by_budget(
    sheet: &CampaignSheet,
    (title, starts_at_zero): (&str, bool),
    reading: Reading<'_>,
    format: &CampaignFormat,
) -> String {
    let value = |value: Value| match value {
        Value::Depth(depth) => format.quote_to_chart(depth.both()),
        Value::Number(number) => number,
    };
    let budget = |outcome: &CampaignOutcome| {
        let text = outcome.budget.to_decimal_string(sheet.reward.decimals);
        text.parse().unwrap_or(f64::NAN)
    };
    let mut lines = Vec::new();
    for (programme, each) in sheet.programmes.iter().enumerate() {
        let start = reading(sheet, None).map(|start| (0.0, value(start)));
        let points = each
            .outcomes
            .iter()
            .filter_map(|outcome| Some((budget(outcome), value(reading(sheet, Some(outcome))?))));
        lines.push(Line {
            name: &each.name,
            colour: colour(programme),
            points: start.into_iter().chain(points).collect(),
            has_marks: true,
        });
    }
    let across = format!("budget, {}", sheet.reward.symbol);
    let axes = Axes { title, across: &across, starts_at_zero, mark: None };
    svg::lines(&axes, &lines)
}

fn impact_caption(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let trade = format.quote(sheet.terms.trade_quote);
    format!("bp, a trade of {trade} {}, by budget", sheet.pool.quote_symbol)
}

fn paths(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let unit = format.quote_to_chart(tidemill_units::Amount::from_u64(1));
    let mut lines = Vec::new();
    for (programme, each) in sheet.programmes.iter().enumerate() {
        let path = each.outcomes.last().map_or(&[] as &[_], |outcome| outcome.path.as_slice());
        lines.push(Line {
            name: &each.name,
            colour: colour(programme),
            points: path.iter().map(|(day, capital)| (*day, capital * unit)).collect(),
            has_marks: false,
        });
    }
    let ends = sheet.reward.duration_seconds as f64 / 86_400.0;
    let axes = Axes {
        title: "Capital that came, over time",
        across: "days since the start",
        starts_at_zero: true,
        mark: Some((ends, "end")),
    };
    svg::lines(&axes, &lines)
}

/// Writes a bar for each budget of each programme; its parts add up to the whole width.
fn capture(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let mut html = String::from("<div class=\"stacks\">");
    for each in &sheet.programmes {
        put(&mut html, format_args!("<div class=\"stack\"><h4>{}</h4>", name(&each.name)));
        for outcome in &each.outcomes {
            let budget = number(&format.reward(outcome.budget));
            put(&mut html, format_args!("<p><span>{budget}</span><span class=\"bar-of\">"));
            for (key, word, class) in words(sheet) {
                let paid = outcome.capture.part(key);
                if !paid.is_zero() {
                    let percent = part(paid, outcome.budget) * 100.0;
                    put(
                        &mut html,
                        format_args!(
                            "<i class=\"{class}\" style=\"width:{percent:.3}%\" \
                             title=\"{word}: {percent:.2}\u{a0}%\"></i>"
                        ),
                    );
                }
            }
            html += "</span></p>";
        }
        html += "</div>";
    }
    html + "</div>"
}

/// A cell's text, and all its digits where it has been rounded.
type TableCell = (String, Option<String>);

/// Writes a table whose first column names programme and budget.
fn table(
    sheet: &CampaignSheet,
    headings: &[String],
    cells: &dyn Fn(&CampaignOutcome) -> Vec<TableCell>,
) -> String {
    let format = CampaignFormat::of(sheet);
    let mut html = String::from("<table class=\"plain\"><thead><tr><th scope=\"col\"></th>");
    for heading in headings {
        put(&mut html, format_args!("<th scope=\"col\">{}</th>", name(heading)));
    }
    html += "</tr></thead><tbody>";
    for each in &sheet.programmes {
        for outcome in &each.outcomes {
            let label = format!("{}, {}", each.name, format.reward(outcome.budget));
            put(&mut html, format_args!("<tr><th scope=\"row\">{}</th>", name(&label)));
            for (cell, exact) in cells(outcome) {
                let title = exact
                    .map_or_else(String::new, |exact| format!(" title=\"{}\"", escape(&exact)));
                put(&mut html, format_args!("<td{title}>{}</td>", number(&cell)));
            }
            html += "</tr>";
        }
    }
    html + "</tbody></table>"
}

fn paid(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let words = words(sheet);
    let headings: Vec<_> = words.iter().map(|(_, word, _)| (*word).to_owned()).collect();
    table(sheet, &headings, &|outcome| {
        let keys = words.iter().map(|(key, _, _)| *key);
        keys.map(|key| outcome.capture.part(key))
            .map(|paid| {
                let exact = paid.to_decimal_string(sheet.reward.decimals);
                (format.reward(paid), Some(exact))
            })
            .collect()
    })
}

fn sums_hold(sheet: &CampaignSheet) -> bool {
    let outcomes = sheet.programmes.iter().flat_map(|each| &each.outcomes);
    outcomes.into_iter().all(|outcome| outcome.capture.sum() == Some(outcome.budget))
}

fn returns(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let voters = format!("Fees to voters, {}", sheet.pool.quote_symbol);
    let headings = ["Capital", "Fees", "Rewards", "LVR", "Costs", "Net", &voters];
    let headings = headings.map(str::to_owned);
    table(sheet, &headings, &|outcome| {
        let yields = outcome.yields;
        let lost = |part: f64| percent(if part == 0.0 { 0.0 } else { -part }, false);
        [
            format.quote(outcome.added_quote),
            percent(yields.fees, false),
            percent(yields.rewards, false),
            lost(yields.lvr),
            lost(yields.costs),
            percent(yields.net, true),
            format.quote(outcome.fees_to_voters_quote),
        ]
        .map(|text| (text, None))
        .to_vec()
    })
}

fn remains(sheet: &CampaignSheet, format: &CampaignFormat) -> String {
    let outcome = sheet.programmes.first().and_then(|each| each.outcomes.first());
    let after = outcome.map_or(&[] as &[_], |outcome| outcome.retained.as_slice());
    let mut headings = Vec::new();
    for retained in after {
        let days = plain(retained.days);
        headings.push(format!("Capital, {days} d"));
        headings.push(format!("Depth, {days} d"));
        headings.push(format!("Impact, {days} d"));
        headings.push(format!("Paid per 1 of it, {days} d"));
    }
    let before = sheet.before.depth.first().map(|at| at.depth.both()).unwrap_or_default();
    table(sheet, &headings, &|outcome| {
        let mut cells = Vec::new();
        for retained in &outcome.retained {
            let more = part(retained.depth.both(), before) - 1.0;
            cells.push((format.quote(retained.capital_quote), None));
            cells.push((percent(more, true), Some(format.quote(retained.depth.both()))));
            let impact = retained.trade.map(|trade| decimal(trade.impact_bps, 3));
            cells.push((impact.unwrap_or_else(|| MISSING.to_owned()), None));
            cells.push((significant(retained.cost_per_depth), None));
        }
        cells
    })
}

fn notes(sheet: &CampaignSheet) -> String {
    let mut html = String::from("<section><h2>Notes</h2><ul class=\"notes\">");
    for note in &sheet.notes {
        put(&mut html, format_args!("<li>{}</li>", escape(note)));
    }
    html + "</ul></section>"
}

fn provenance(sheet: &CampaignSheet) -> String {
    let made = &sheet.provenance;
    pairs(
        "provenance",
        [
            ("Tidemill", escape(&made.tidemill_version)),
            ("Tape (BLAKE3)", format!("<code>{}</code>", escape(&made.tape_blake3))),
            ("Command", format!("<code>{}</code>", escape(&made.command))),
        ],
    )
}

#[cfg(test)]
pub(crate) mod tests;
