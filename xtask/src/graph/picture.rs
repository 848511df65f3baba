//! The picture of the graph in ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::rules;
use crate::finding::Finding;
use crate::workspace::Crate;

/// The line the picture begins after.
pub(super) const BEGIN: &str = "<!-- graph:begin, drawn by `cargo xtask graph --mermaid` -->";
/// The line the picture ends before.
pub(super) const END: &str = "<!-- graph:end -->";

/// Returns the graph of the crates that have a level, as a fenced Mermaid flowchart.
///
/// Only normal and build dependencies are drawn, and of those only the ones no longer path
/// implies: with all of them the picture cannot be read. `cargo xtask graph` prints every edge.
pub(super) fn draw(crates: &[Crate]) -> String {
    let mut rows: Vec<(u8, &Crate)> =
        crates.iter().filter_map(|row| Some((rules::level(row.short())?, row))).collect();
    rows.sort_by_key(|(level, row)| (std::cmp::Reverse(*level), row.short()));
    let mut out = "```mermaid\nflowchart TD\n".to_owned();
    for (level, row) in &rows {
        // Writing to a `String` cannot be refused.
        let _ = writeln!(out, "    {}[\"{level} {}\"]", id(row.short()), row.short());
    }
    for (_, row) in &rows {
        let direct = below(crates, row.short());
        let implied: BTreeSet<&str> =
            direct.iter().flat_map(|next| reachable(crates, next)).collect();
        for next in direct.difference(&implied) {
            let _ = writeln!(out, "    {} --> {}", id(row.short()), id(next));
        }
    }
    out.push_str("```\n");
    out
}

/// Returns `page` with what stands between the markers replaced, `None` without markers.
pub(super) fn replace(page: &str, drawn: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{drawn}{END}{after}"))
}

/// Returns a finding when the picture on `page` is not `drawn`.
pub(super) fn check(path: &str, page: &str, drawn: &str) -> Option<Finding> {
    let redrawn = replace(page, drawn);
    (redrawn.as_deref() != Some(page)).then(|| Finding {
        path: path.to_owned(),
        line: page.lines().position(|line| line.contains(BEGIN)).map_or(1, |index| index + 1),
        rule: "graph",
        what: "the picture is not the real graph".to_owned(),
        allowed: "what `cargo xtask graph --mermaid` draws".to_owned(),
    })
}

fn id(name: &str) -> String {
    name.replace('-', "_")
}

/// Returns what `name` depends on directly, among our crates that have a level.
fn below<'a>(crates: &'a [Crate], name: &str) -> BTreeSet<&'a str> {
    crates
        .iter()
        .filter(|row| row.short() == name)
        .flat_map(|row| &row.edges)
        .filter(|edge| !edge.dev && rules::level(&edge.to).is_some())
        .map(|edge| edge.to.as_str())
        .collect()
}

/// Returns everything below `name`, `name` itself excluded. Ends on a cycle too.
fn reachable<'a>(crates: &'a [Crate], name: &str) -> BTreeSet<&'a str> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&str> = below(crates, name).into_iter().collect();
    while let Some(next) = waiting.pop() {
        if seen.insert(next) {
            waiting.extend(below(crates, next));
        }
    }
    seen
}
