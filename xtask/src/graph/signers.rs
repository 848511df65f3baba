//! No path from a crate that only reads to anything that can sign.

use super::rules;
use crate::failure::Failure;
use crate::finding::Finding;
use crate::workspace::{Crate, PREFIX, cargo};

/// Returns every path from a read-only crate to a signer.
///
/// Cargo's tree is asked for one crate at a time, because a feature another member turns on would
/// otherwise show a path that this crate's own build does not have. Dev-dependencies are left
/// out: the oracles in `testkit` run real bytecode, and their interpreter verifies signatures.
///
/// # Errors
/// [`Failure::Environment`] when cargo cannot resolve the tree offline.
pub(super) fn check(crates: &[Crate]) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    for read_only in crates.iter().filter(|row| rules::matches(rules::READ_ONLY, row.short())) {
        let tree = cargo(&[
            "tree",
            "--offline",
            "--package",
            &read_only.package,
            "--edges",
            "normal,build",
            "--target",
            "all",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ])?;
        findings.extend(check_tree(read_only, &tree));
    }
    Ok(findings)
}

/// Returns one finding for each signer in `tree`, whose lines read `<depth> <package> <rest>`.
pub(super) fn check_tree(read_only: &Crate, tree: &str) -> Vec<Finding> {
    let mut path: Vec<&str> = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let depth = words.next().and_then(|word| word.parse::<usize>().ok());
        let (Some(depth), Some(package)) = (depth, words.next()) else { continue };
        path.truncate(depth);
        path.push(package);
        if !rules::matches(rules::SIGNERS, package) {
            continue;
        }
        let next = path.get(1).copied().unwrap_or(package);
        let finding = Finding {
            path: read_only.manifest.clone(),
            line: read_only.line_naming(next),
            rule: "signer",
            what: format!("path to a signer: {}", path.join(" -> ")),
            allowed: format!(
                "no signer under `{}`; the list is SIGNERS in xtask/src/graph/rules.rs",
                read_only.package.strip_prefix(PREFIX).unwrap_or(&read_only.package)
            ),
        };
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}
