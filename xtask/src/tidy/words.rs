//! Words that must not stand in code: unfinished work, and impurity in pure crates.

use super::files::File;
use super::rules::{EXACT, EXACT_LINTS, IMPURE, IMPURE_STD, PURE, UNFINISHED};
use super::source::{has_word, lines_before_tests};
use crate::finding::Finding;

/// Returns every macro or attribute that means unfinished work. `code` is the file's code alone.
pub(super) fn check_everywhere(file: &File, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for word in UNFINISHED.iter().filter(|word| has_word(line, word)) {
            findings.push(Finding {
                path: file.path.clone(),
                line: index + 1,
                rule: "unfinished",
                what: format!("`{word}`"),
                allowed: "finished code, and tests that run".to_owned(),
            });
        }
    }
    findings
}

/// Returns every use of the outside world, or of an order set by a hasher, in a pure crate.
pub(super) fn check_pure(file: &File, code: &str) -> Vec<Finding> {
    let Some(name) = file.crate_name().filter(|name| PURE.contains(name)) else {
        return Vec::new();
    };
    if file.is_test() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut push = |line: usize, word: &str| {
        let ordered = word.starts_with("Hash") || word == "RandomState";
        findings.push(Finding {
            path: file.path.clone(),
            line,
            rule: if ordered { "hasher" } else { "pure" },
            what: format!("`{word}` in pure crate `{name}`"),
            allowed: if ordered {
                "BTreeMap, BTreeSet or a map by index: no order depends on a hasher".to_owned()
            } else {
                "what arrives as an argument or an event".to_owned()
            },
        });
    };
    let shown = lines_before_tests(&file.text);
    for (index, line) in code.lines().enumerate().take(shown) {
        for word in IMPURE.iter().filter(|word| has_word(line, word)) {
            push(index + 1, word);
        }
    }
    for (line, module) in braced_std_imports(code) {
        if line <= shown && IMPURE_STD.contains(&module.as_str()) {
            push(line, &format!("std::{module}"));
        }
    }
    findings
}

/// Returns the modules named directly inside each `std::{..}`, with their lines.
fn braced_std_imports(code: &str) -> Vec<(usize, String)> {
    const OPEN: &str = "std::{";
    let mut modules = Vec::new();
    for (start, _) in code.match_indices(OPEN) {
        let mut line = code[..start].matches('\n').count() + 1;
        let mut depth = 1_usize;
        let mut name = String::new();
        for character in code[start + OPEN.len()..].chars() {
            if depth == 1 && super::source::in_name(character) {
                name.push(character);
                continue;
            }
            if !name.is_empty() {
                modules.push((line, std::mem::take(&mut name)));
            }
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                '\n' => line += 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    modules
}

/// Returns every place in an exact crate that lifts one of its lints without saying why.
pub(super) fn check_exact(file: &File, code: &str) -> Vec<Finding> {
    let exact = file.crate_name().is_some_and(|name| EXACT.contains(&name));
    if !exact || file.is_test() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for opener in ["allow(", "expect("] {
        for (start, _) in code.match_indices(opener) {
            let attribute = code[..start].trim_end().ends_with(['[', ',']);
            let body = code[start..].split(']').next().unwrap_or("");
            let lints = EXACT_LINTS.iter().filter(|lint| has_word(body, lint));
            if !attribute || has_word(body, "reason") {
                continue;
            }
            findings.extend(lints.map(|lint| Finding {
                path: file.path.clone(),
                line: code[..start].matches('\n').count() + 1,
                rule: "exact",
                what: format!("`{lint}` lifted without a reason"),
                allowed: "a `reason = \"..\"` that says why it cannot go wrong".to_owned(),
            }));
        }
    }
    findings
}
