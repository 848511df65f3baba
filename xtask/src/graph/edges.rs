//! Edges between our own crates: downward, and not along a forbidden path.

use std::collections::{BTreeMap, VecDeque};

use super::rules::{self, Dependents};
use crate::finding::Finding;
use crate::workspace::{Crate, Edge, PREFIX};

const RULE: &str = "graph";

/// Returns every crate the tables do not know, every folder that is not named as its crate,
/// and every edge, dev-dependencies included, that does not go strictly down.
pub(super) fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for from in crates {
        findings.extend(check_name(from));
        let level = rules::level(from.short());
        if level.is_none() && rules::outside(from.short()).is_none() {
            findings.push(Finding {
                path: from.manifest.clone(),
                line: from.line_naming("name"),
                rule: RULE,
                what: format!("crate `{}` has no level", from.short()),
                allowed: "a row in LEVELS of xtask/src/graph/rules.rs".to_owned(),
            });
        }
        findings.extend(from.edges.iter().filter_map(|edge| check_edge(from, level, edge)));
    }
    findings
}

fn check_name(found: &Crate) -> Option<Finding> {
    let expected = match found.folder().strip_prefix("crates/") {
        Some(folder) => format!("{PREFIX}{folder}"),
        None => found.folder().to_owned(),
    };
    (found.package != expected).then(|| Finding {
        path: found.manifest.clone(),
        line: found.line_naming("name"),
        rule: RULE,
        what: format!("package `{}` in folder `{}`", found.package, found.folder()),
        allowed: format!("package `{expected}` there"),
    })
}

/// Returns what is wrong with one edge. `level` is that of the crate it begins at, `None` for
/// one outside the levels.
fn check_edge(from: &Crate, level: Option<u8>, edge: &Edge) -> Option<Finding> {
    let finding = |what: String, allowed: &str| {
        Some(Finding {
            path: from.manifest.clone(),
            line: from.line_naming(&format!("{PREFIX}{}", edge.to)),
            rule: RULE,
            what,
            allowed: allowed.to_owned(),
        })
    };
    let pair = format!("`{}` depends on `{}`", from.short(), edge.to);
    match rules::outside(&edge.to) {
        Some(Dependents::Nobody) => return finding(pair, "nobody depends on it"),
        Some(Dependents::DevOnly) if !edge.dev && rules::outside(from.short()).is_none() => {
            return finding(pair, "under [dev-dependencies] only");
        }
        Some(Dependents::DevOnly) => return None,
        None => {}
    }
    let (Some(from_level), Some(to_level)) = (level, rules::level(&edge.to)) else {
        // An unknown crate is reported once, at its own manifest; one outside may see everything.
        return None;
    };
    if to_level < from_level {
        return None;
    }
    finding(
        format!("{pair}: level {from_level} to level {to_level}"),
        "edges to a strictly lower level, dev-dependencies included",
    )
}

/// Returns every forbidden path through the normal and build dependencies of our crates.
pub(super) fn check_absent(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for absent in rules::ABSENT {
        for from in crates.iter().filter(|row| rules::matches(absent.from, row.short())) {
            let Some(path) = shortest_path(crates, from.short(), absent.to) else { continue };
            let next = path.get(1).map_or("", String::as_str);
            findings.push(Finding {
                path: from.manifest.clone(),
                line: from.line_naming(&format!("{PREFIX}{next}")),
                rule: RULE,
                what: format!("path {}", path.join(" -> ")),
                allowed: absent.rule.to_owned(),
            });
        }
    }
    findings
}

/// Returns the shortest path, both ends included, from `from` to a crate matching `to`.
fn shortest_path(crates: &[Crate], from: &str, to: &[&str]) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<String, String> = BTreeMap::new();
    let mut waiting = VecDeque::from([from.to_owned()]);
    while let Some(at) = waiting.pop_front() {
        if at != from && rules::matches(to, &at) {
            let mut path = vec![at];
            while let Some(before) = path.last().and_then(|last| came_from.get(last)) {
                path.push(before.clone());
            }
            path.reverse();
            return Some(path);
        }
        let edges = crates.iter().filter(|row| row.short() == at).flat_map(|row| &row.edges);
        for edge in edges.filter(|edge| !edge.dev) {
            if edge.to != from && !came_from.contains_key(&edge.to) {
                came_from.insert(edge.to.clone(), at.clone());
                waiting.push_back(edge.to.clone());
            }
        }
    }
    None
}
