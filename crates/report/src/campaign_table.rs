use comfy_table::{Cell, CellAlignment, LineStyle, Row, Table, TableStyle};

use crate::CampaignSheet;
use crate::campaign_rows::{CampaignFormat, CampaignRows, brings_from, move_text, number};
use crate::format::{days, decimal, percent, utc_minute};
use crate::table::wrap;

const STYLE: TableStyle =
    TableStyle::new().top_border(RULE).header_separator(RULE).bottom_border(RULE);
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
const HEADING_WIDTH: usize = 8;

/// Renders a campaign's comparison for a terminal of so many columns.
///
/// A row is a budget under a programme; where that does not fit, each is a block of lines of its
/// own. UTF-8, no colour codes, lines end in `\n`.
pub fn render_campaign_table(sheet: &CampaignSheet, width: u16) -> String {
    let width = usize::from(width);
    let rows = CampaignRows::of(sheet);
    let mut lines = heading(sheet).iter().flat_map(|line| wrap(line, width)).collect::<Vec<_>>();
    lines.push(String::new());
    let table = table(&rows);
    if table.lines().all(|line| line.chars().count() <= width) {
        lines.extend(table.lines());
    } else {
        for row in &rows.rows {
            lines.push(row.name.clone());
            for (heading, cell) in rows.headings.iter().zip(&row.cells) {
                lines.push(format!("  {heading:<30}{cell:>14}"));
            }
            lines.push(String::new());
        }
    }
    lines.push(String::new());
    for each in &sheet.programmes {
        let from = brings_from(sheet, each).map(|text| format!("* {}: {text}", each.name));
        lines.extend(from.iter().flat_map(|line| wrap(line, width)));
    }
    for note in &sheet.notes {
        lines.extend(wrap(&format!("* {note}"), width));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn heading(sheet: &CampaignSheet) -> Vec<String> {
    let format = CampaignFormat::of(sheet);
    let (pool, before) = (&sheet.pool, &sheet.before);
    let quote = &pool.quote_symbol;
    let mut lines = vec![format!(
        "{} on {}, {} to {} UTC, amounts in {quote}",
        pool.name,
        pool.chain,
        utc_minute(pool.from_unix),
        utc_minute(pool.to_unix),
    )];
    lines.push(format!(
        "Without rewards: capital {}, a year {} fees less {} lost to rebalancing",
        format.quote(before.capital_quote),
        percent(before.yields.fees, false),
        percent(before.yields.lvr, false),
    ));
    let depth: Vec<_> = before
        .depth
        .iter()
        .map(|at| format!("{} {}", move_text(at.percent), format.quote(at.depth.both())))
        .collect();
    let impact = before.trade.map(|trade| decimal(trade.impact_bps, 3));
    lines.push(format!(
        "Depth {}; a trade of {} moves the price it gets by {} bp",
        depth.join(", "),
        format.quote(sheet.terms.trade_quote),
        impact.unwrap_or_else(|| String::from("n/a")),
    ));
    let terms = &sheet.terms;
    let epsilon = terms.epsilon.map_or_else(|| String::from("infinite"), number);
    let required = terms.required_return.map_or_else(
        || String::from("what the pool as it is pays"),
        |required| percent(required, false),
    );
    lines.push(format!(
        "{} of {}; required return {required}, elasticity {epsilon}, capital {}",
        days(sheet.reward.duration_seconds),
        sheet.reward.symbol,
        terms.placement,
    ));
    lines
}

fn table(rows: &CampaignRows) -> Table {
    let mut table = Table::new();
    let numeric = |text: &str, width| {
        Cell::new(wrap(text, width).join("\n")).set_alignment(CellAlignment::Right)
    };
    let mut heading = vec![Cell::new("Programme")];
    heading.extend(rows.headings.iter().map(|each| numeric(each, HEADING_WIDTH)));
    table.load_style(STYLE).set_header(heading);
    let mut last = None;
    for row in &rows.rows {
        let is_new = last.replace(row.programme) != Some(row.programme);
        let mut cells = vec![Cell::new(if is_new { row.name.as_str() } else { "" })];
        cells.extend(row.cells.iter().map(|cell| numeric(cell, usize::MAX)));
        table.add_row(Row::from(cells));
    }
    // Eleven columns fit into 120 with one space less between them.
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    table
}

#[cfg(test)]
mod tests;
