//! The table of crates in ARCHITECTURE.md.

use super::rules;
use crate::finding::Finding;
use crate::workspace::Crate;

/// Returns a finding for each crate whose level and name no row of the table gives, and for each
/// row without a crate.
pub(super) fn check(path: &str, page: &str, crates: &[Crate]) -> Vec<Finding> {
    let finding = |line: usize, what: String, allowed: String| Finding {
        path: path.to_owned(),
        line,
        rule: "graph",
        what,
        allowed,
    };
    let mut findings = Vec::new();
    let rows: Vec<(usize, &str, &str)> = page
        .lines()
        .enumerate()
        .filter_map(|(index, line)| parse_row(line).map(|(level, name)| (index + 1, level, name)))
        .collect();
    for member in crates {
        let name = member.short();
        let level = rules::level(name).map_or_else(|| "-".to_owned(), |level| level.to_string());
        if !rows.iter().any(|(_, row_level, row_name)| (*row_level, *row_name) == (&*level, name)) {
            let what = format!("crate `{name}` has no row at its level");
            findings.push(finding(1, what, format!("a row `| {level} | `{name}` | ..`")));
        }
    }
    for (line, _, name) in rows {
        if !crates.iter().any(|member| member.short() == name) {
            let what = format!("a row for crate `{name}`, which does not exist");
            findings.push(finding(line, what, "rows of crates that exist".to_owned()));
        }
    }
    findings
}

/// Returns the level and the name of a row of the table, `None` for any other line.
fn parse_row(line: &str) -> Option<(&str, &str)> {
    let (level, rest) = line.strip_prefix("| ")?.split_once(" | `")?;
    let (name, _) = rest.split_once("` | ")?;
    let is_level = level == "-" || level.parse::<u8>().is_ok();
    let is_name = name.chars().all(|character| character == '-' || character.is_ascii_lowercase());
    (is_level && is_name).then_some((level, name))
}
