//! Traces that do not belong in a committed file: markers, stray blanks, one machine's paths.

use super::files::File;
use super::rules::{CARGO_SOURCE, MACHINE_PATHS, MARKERS, REGISTRY_HOSTS};
use super::source::has_word;
use crate::finding::Finding;

/// Returns every marker, trailing blank, tab in Rust, machine path and registry of `file`.
pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.split('\n').enumerate() {
        let found = check_line(file, line);
        findings.extend(found.into_iter().map(|(rule, what, allowed)| Finding {
            path: file.path.clone(),
            line: index + 1,
            rule,
            what,
            allowed: allowed.to_owned(),
        }));
    }
    findings
}

fn check_line(file: &File, line: &str) -> Vec<(&'static str, String, &'static str)> {
    let mut found = Vec::new();
    for marker in MARKERS.iter().filter(|marker| has_word(line, marker)) {
        found.push(("unfinished", format!("`{marker}`"), "an issue, or the work itself"));
    }
    if line.ends_with([' ', '\t', '\r']) {
        found.push(("blanks", "blank at the end of the line".to_owned(), "none"));
    }
    if file.is_rust() && line.contains('\t') {
        found.push(("blanks", "tab".to_owned(), "spaces, or `\\t` in a string"));
    }
    for path in MACHINE_PATHS.iter().filter(|path| has_path(line, path)) {
        found.push(("machine", format!("absolute path under `{path}`"), "relative paths"));
    }
    for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(*host)) {
        found.push(("machine", format!("registry host `{host}`"), "the client's own default"));
    }
    if let Some(source) = named_registry(&file.path, line) {
        found.push(("machine", format!("package source `{source}`"), "the client's own default"));
    }
    found
}

/// Whether `line` has an absolute path that begins with `start`, and not merely a longer relative
/// path or address with the same folder inside.
fn has_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|character| {
            super::source::in_name(character) || matches!(character, '.' | '-' | '}' | '~')
        })
    })
}

/// Returns the package source that a lock or client configuration names in `line`.
fn named_registry<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let line = line.trim();
    let value = |key: &str| line.strip_prefix(key).map(|rest| rest.trim_matches(['"', ',', ' ']));
    match path.rsplit('/').next().unwrap_or(path) {
        "Cargo.lock" => value("source = ").filter(|source| *source != CARGO_SOURCE),
        "package-lock.json" | "npm-shrinkwrap.json" => value("\"resolved\": \"http"),
        ".npmrc" => value("registry="),
        "config.toml" if path.ends_with(".cargo/config.toml") => {
            value("[source.").or_else(|| value("[registr")).or_else(|| value("index = "))
        }
        _ => None,
    }
}
