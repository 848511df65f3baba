use std::ops::Range;

use comfy_table::{Cell, CellAlignment, LineStyle, Row, Table, TableStyle};

use crate::comparison::Comparison;
use crate::format::{MoneyFormat, utc_minute};
use crate::terms::{in_words, terms};
use crate::{Identity, LockedTokens, StrategySheet, TearSheet};

/// Rules above, below and under the heading; columns are told apart by space alone.
const STYLE: TableStyle =
    TableStyle::new().top_border(RULE).header_separator(RULE).bottom_border(RULE);
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');

/// Where a name in the first column, and a heading over a column of numbers, is wrapped.
const NAME_WIDTH: usize = 24;
const HEADING_WIDTH: usize = 13;

/// Renders the comparison of all strategies for a terminal of so many columns.
///
/// A row is a strategy where that fits; otherwise a row is a metric and a column a strategy, in as
/// many blocks as the width asks for. Below stands each strategy's identity, written out with
/// every digit. No line is longer than `width`, unless a single strategy's column alone is (under
/// about 40 columns). UTF-8, no colour codes, lines end in `\n`.
pub fn render_table(sheet: &TearSheet, width: u16) -> String {
    let width = usize::from(width);
    let comparison = Comparison::of(sheet);
    let mut lines = wrap(&heading(sheet), width);
    let wide = strategies_down(&comparison);
    if fits(&wide, width) {
        lines.extend(wide.lines());
    } else {
        let mut first = 0;
        while first < comparison.rows.len() {
            let (table, next) = widest_block(&comparison, first, width);
            if first > 0 {
                lines.push(String::new());
            }
            lines.extend(table.lines());
            first = next;
        }
    }
    if let Some(caution) = &comparison.caution {
        lines.extend(wrap(&format!("* {caution}"), width));
    }
    lines.push(String::new());
    let sum = in_words(sheet, " - ", |term| term.short);
    let sum = format!("{sum}, to the raw unit:");
    lines.extend(wrap(&sum, width));
    for strategy in &sheet.strategies {
        lines.extend(identity_lines(sheet, strategy, width));
        lines.extend(stopped_lines(strategy, width));
        lines.extend(locked_lines(sheet, strategy, width));
    }
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn heading(sheet: &TearSheet) -> String {
    let pool = &sheet.pool;
    let place = pool.on_chain.as_ref().map_or(String::new(), |on| format!(" on {}", on.chain));
    format!(
        "{}{place}, {} to {} UTC, amounts in {}",
        pool.name,
        utc_minute(pool.from_unix),
        utc_minute(pool.to_unix),
        pool.quote_symbol
    )
}

/// Lays out a row a strategy.
fn strategies_down(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    let mut heading = vec![Cell::new("Strategy")];
    heading.extend(comparison.columns.iter().map(|each| numeric(&each.title, HEADING_WIDTH)));
    table.load_style(STYLE).set_header(heading);
    for row in &comparison.rows {
        let mut cells = vec![Cell::new(wrap(&row.name, NAME_WIDTH).join("\n"))];
        cells.extend(row.cells.iter().map(|cell| numeric(&cell.text, usize::MAX)));
        table.add_row(cells);
    }
    table
}

/// Lays out a row a metric, for as many strategies from `first` on as fit and at least one.
///
/// Returns the table and the first strategy left out.
fn widest_block(comparison: &Comparison, first: usize, width: usize) -> (Table, usize) {
    let unbroken = metrics_down(comparison, first..comparison.rows.len(), NAME_WIDTH);
    if fits(&unbroken, width) {
        return (unbroken, comparison.rows.len());
    }
    let mut end = first + 1;
    let mut best = metrics_down(comparison, first..end, HEADING_WIDTH);
    while end < comparison.rows.len() {
        let wider = metrics_down(comparison, first..end + 1, HEADING_WIDTH);
        if !fits(&wider, width) {
            break;
        }
        best = wider;
        end += 1;
    }
    (best, end)
}

fn metrics_down(comparison: &Comparison, strategies: Range<usize>, heading_width: usize) -> Table {
    let rows = &comparison.rows[strategies];
    let mut table = Table::new();
    let mut heading = vec![Cell::new("")];
    heading.extend(rows.iter().map(|row| numeric(&row.name, heading_width)));
    table.load_style(STYLE).set_header(heading);
    for (index, column) in comparison.columns.iter().enumerate() {
        let mut line = Row::new();
        line.add_cell(Cell::new(&column.title));
        for row in rows {
            line.add_cell(numeric(&row.cells[index].text, usize::MAX));
        }
        table.add_row(line);
    }
    table
}

fn numeric(text: &str, wrap_at: usize) -> Cell {
    Cell::new(wrap(text, wrap_at).join("\n")).set_alignment(CellAlignment::Right)
}

/// Whether the table's rule, which spans it and is one column a character, is within the width.
fn fits(table: &Table, width: usize) -> bool {
    table.lines().next().is_none_or(|rule| rule.chars().count() <= width)
}

/// Writes one strategy's sum; later lines are indented under the name.
fn identity_lines(sheet: &TearSheet, strategy: &StrategySheet, width: usize) -> Vec<String> {
    let identity = Identity::of(strategy);
    let money = MoneyFormat::of(sheet);
    let term = |amount| {
        let text = money.exact(amount);
        if amount.is_negative() { format!("({text})") } else { text }
    };
    let verdict = if identity.holds() { "✓".to_owned() } else { failure(&identity) };
    let mut parts = vec![format!("{verdict} {}:", strategy.name)];
    for (place, each) in terms(sheet).into_iter().enumerate() {
        let sign = match (place, each.adds) {
            (0, _) => "",
            (_, true) => "+ ",
            (_, false) => "- ",
        };
        parts.push(format!("{sign}{}", term((each.amount)(&identity))));
    }
    parts.push(format!("= {} {}", money.exact(identity.net), sheet.pool.quote_symbol));
    join_within(&parts, width)
}

/// Says that the figures are of a strategy that was stopped, when and why.
fn stopped_lines(strategy: &StrategySheet, width: usize) -> Vec<String> {
    let lines = strategy
        .stopped
        .iter()
        .flat_map(|stopped| wrap(&format!("✗ {}", stopped.sentence()), width.saturating_sub(4)));
    lines.map(|line| format!("    {line}")).collect()
}

/// Says what of the final value nobody can have yet, and when.
fn locked_lines(sheet: &TearSheet, strategy: &StrategySheet, width: usize) -> Vec<String> {
    let money = MoneyFormat::of(sheet);
    let line = |locked: &LockedTokens| {
        let (value, until) = (money.exact(locked.value_quote), utc_minute(locked.until_unix));
        format!("{value} {} of it is locked until {until} UTC", sheet.pool.quote_symbol)
    };
    let room = width.saturating_sub(4);
    let lines = strategy.locked.iter().flat_map(|locked| wrap(&line(locked), room));
    lines.map(|line| format!("    {line}")).collect()
}

fn failure(identity: &Identity) -> String {
    let found = identity.difference().map_or("out of range".to_owned(), |raw| raw.to_string());
    format!("✗ DOES NOT ADD UP (by {found} here, {} in the run)", identity.reported_difference)
}

/// Joins parts by spaces, starting an indented line rather than passing `width`.
fn join_within(parts: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + part.chars().count() <= width => {
                line.push(' ');
                line.push_str(part);
            }
            Some(_) => lines.push(format!("    {part}")),
            None => lines.push(part.clone()),
        }
    }
    lines
}

/// Breaks text at spaces and after hyphens, and a piece longer than `width` inside it.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut gap = usize::from(used > 0);
        for piece in word.split_inclusive('-') {
            let length = piece.chars().count();
            if used > 0 && used + gap + length > width {
                lines.push(std::mem::take(&mut line));
                (used, gap) = (0, 0);
            }
            line.extend(std::iter::repeat_n(' ', gap));
            used += gap;
            gap = 0;
            for character in piece.chars() {
                if used == width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push(character);
                used += 1;
            }
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests;
