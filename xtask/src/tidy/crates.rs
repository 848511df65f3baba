//! What every crate carries: crate docs, the workspace's lints, and the lints of exact crates.

use super::files::File;
use super::rules::{EXACT, EXACT_LINTS};
use super::source::code_only;
use crate::finding::Finding;
use crate::workspace::Crate;

/// Returns what the crate's manifest or its root files lack.
pub(super) fn check(member: &Crate, files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !inherits_lints(&member.manifest_text) {
        findings.push(Finding {
            path: member.manifest.clone(),
            line: 1,
            rule: "lints",
            what: "the workspace's lints are not inherited".to_owned(),
            allowed: "`[lints]` with `workspace = true`".to_owned(),
        });
    }
    for root in ["src/lib.rs", "src/main.rs"] {
        let path = format!("{}/{root}", member.folder());
        let Some(file) = files.iter().find(|file| file.path == path) else { continue };
        if !file.text.starts_with("//! ") {
            findings.push(Finding {
                path: path.clone(),
                line: 1,
                rule: "crate-docs",
                what: "no crate docs".to_owned(),
                allowed: "`//!` from the first line: purpose, place, what it does not know"
                    .to_owned(),
            });
        }
        if root == "src/lib.rs" && EXACT.contains(&member.short()) && !denies_exact_lints(file) {
            findings.push(Finding {
                path,
                line: 1,
                rule: "exact",
                what: "float and unchecked arithmetic are not denied".to_owned(),
                allowed: format!("#![cfg_attr(not(test), deny({}))]", EXACT_LINTS.join(", ")),
            });
        }
    }
    findings
}

fn inherits_lints(manifest: &str) -> bool {
    let parsed = manifest.parse::<toml::Table>().ok();
    let workspace = parsed.as_ref().and_then(|table| table.get("lints")?.get("workspace"));
    workspace.and_then(toml::Value::as_bool) == Some(true)
}

/// Whether the file denies the exact lints for everything but tests, however it is laid out.
fn denies_exact_lints(file: &File) -> bool {
    let squeezed: String =
        code_only(&file.text).chars().filter(|character| !character.is_whitespace()).collect();
    let opens = ["#![cfg_attr(not(test),deny(", "#![deny("];
    opens.iter().any(|open| {
        squeezed.match_indices(open).any(|(start, _)| {
            let list = squeezed[start + open.len()..].split(')').next().unwrap_or("");
            EXACT_LINTS.iter().all(|lint| list.split(',').any(|denied| denied == *lint))
        })
    })
}
