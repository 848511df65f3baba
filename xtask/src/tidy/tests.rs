use super::allow::AllowList;
use super::files::{File, Skip};
use super::source::{code_only, has_word, lines_before_tests};
use super::{check_file, crates, lengths, links};
use crate::finding::Finding;
use crate::workspace::Crate;

const EXACT_HEADER: &str = "//! Docs.
#![cfg_attr(
    not(test),
    deny(clippy::float_arithmetic, clippy::arithmetic_side_effects, clippy::as_conversions)
)]
";

fn file(path: &str, text: &str) -> File {
    File { path: path.to_owned(), text: text.to_owned() }
}

/// Asserts that the file checks find exactly these (line, rule) pairs.
fn check(path: &str, text: &str, expected: &[(usize, &str)]) {
    let mut findings = check_file(&file(path, text));
    findings.sort();
    let found: Vec<(usize, &str)> =
        findings.iter().map(|finding| (finding.line, finding.rule)).collect();
    assert_eq!(found, expected, "{path}: {findings:?}");
}

#[test]
fn file_length_is_checked_at_its_limit_and_tests_do_not_count() {
    let body = "const A: u8 = 1;\n".repeat(800);
    check("crates/cli/src/long.rs", &body, &[]);
    check("crates/cli/src/long.rs", &format!("{body}\n"), &[(801, "file-lines")]);
    check("crates/cli/tests/long.rs", &format!("{body}\n"), &[]);
    check("crates/cli/src/long/tests.rs", &format!("{body}\n"), &[]);
    check("crates/cli/src/long.rs", &format!("{body}#[cfg(test)]\nmod tests {{\n}}\n"), &[]);
}

#[test]
fn lib_rs_is_shorter_than_other_files() {
    let body = "pub mod a;\n".repeat(121);
    check("crates/cli/src/lib.rs", &body, &[(121, "lib-lines")]);
    check("crates/cli/src/other.rs", &body, &[]);
}

#[test]
fn columns_are_characters_and_for_rust_only() {
    let line = format!("// {}\n", "→".repeat(97));
    check("xtask/src/a.rs", &line, &[]);
    check("xtask/src/a.rs", &format!("// {}\n", "→".repeat(98)), &[(1, "columns")]);
    check("README.md", &format!("{}\n", "word ".repeat(60).trim_end()), &[]);
}

#[test]
fn a_long_file_is_a_note_before_it_is_a_finding() {
    assert_eq!(lengths::note(&file("a.rs", &"\n".repeat(300))), None);
    assert_eq!(
        lengths::note(&file("a.rs", &"\n".repeat(301))),
        Some("a.rs: 301 lines, 300 wanted".to_owned())
    );
    assert_eq!(lengths::note(&file("a.md", &"\n".repeat(301))), None);
}

#[test]
fn blanks_and_tabs() {
    check(
        "docs/a.md",
        "one \ntwo\t\nthree\r\n\tfour\n",
        &[(1, "blanks"), (2, "blanks"), (3, "blanks")],
    );
    check("xtask/src/a.rs", "fn a() {\n\tb();\n}\n", &[(2, "blanks")]);
}

#[test]
fn unfinished_work_is_found_in_code_not_in_strings_or_comments() {
    check("xtask/src/a.rs", "fn a() { todo!() }\n", &[(1, "unfinished")]);
    check("xtask/src/tests.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n", &[(2, "unfinished")]);
    check("xtask/src/a.rs", "// not dbg!\nconst A: &str = \"todo!\";\n", &[]);
    check("xtask/src/a.rs", "my_todo!();\n", &[]);
}

#[test]
fn markers_are_found_anywhere_as_whole_words() {
    let marker = concat!("FIX", "ME");
    check("docs/a.md", &format!("a\n{marker}: b\n"), &[(2, "unfinished")]);
    check("test.sh", "mktemp --directory tidemill.XXXXXX\n", &[]);
}

#[test]
fn pure_crates_do_not_reach_outside() {
    let text = "use std::time::Duration;\nuse std::fs;\nfn a() -> HashMap<u8, u8> { b() }\n";
    check("crates/market/src/a.rs", text, &[(1, "pure"), (2, "pure"), (3, "hasher")]);
    check("crates/market/src/tests.rs", text, &[]);
    check("crates/store/src/a.rs", text, &[]);
    check("crates/market/src/a.rs", "//! No `SystemTime` here.\nlet operand::b = c;\n", &[]);
}

#[test]
fn pure_crates_may_not_hide_an_import_in_braces() {
    let text = "use std::{\n    collections::BTreeMap,\n    fs::{self, File},\n    env,\n};\n";
    check("crates/amm/src/a.rs", text, &[(3, "pure"), (4, "pure")]);
    check("crates/amm/src/a.rs", "use std::{fmt, ops::{Add, Sub}};\n", &[]);
}

#[test]
fn pure_crates_keep_no_global_state() {
    let text = "static A: OnceLock<u8> = OnceLock::new();\nstatic TABLE: [u8; 1] = [1];\n";
    check("crates/engine/src/a.rs", text, &[(1, "pure")]);
    check("crates/engine/src/a.rs", "thread_local! {}\n", &[(1, "pure")]);
}

#[test]
fn pure_rules_stop_at_an_inline_test_module() {
    let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    check("crates/amm/src/a.rs", text, &[]);
}

#[test]
fn the_simulator_neither_draws_nor_looks_at_the_clock() {
    let text = "use rand::Rng;\nuse std::time::Instant;\n";
    check("crates/exec-sim/src/a.rs", text, &[(1, "pure"), (2, "pure")]);
}

#[test]
fn lifting_an_exact_lint_needs_a_reason() {
    let bare = "#[allow(clippy::as_conversions)]\nfn a() {}\n";
    check("crates/amm/src/a.rs", bare, &[(1, "exact")]);
    check("crates/cli/src/a.rs", bare, &[]);
    let reasoned =
        "#[expect(\n    clippy::as_conversions,\n    reason = \"u8 fits\"\n)]\nfn a() {}\n";
    check("crates/amm/src/a.rs", reasoned, &[]);
    check("crates/amm/src/a.rs", "let a = b.expect(clippy::as_conversions);\n", &[]);
}

#[test]
fn machine_paths_are_found_but_not_relative_ones() {
    let path = concat!("/ho", "me/");
    check("docs/a.md", &format!("see {path}me/a\n"), &[(1, "machine")]);
    check("docs/a.md", &format!("see docs{path}a and ~{path}\n"), &[]);
}

#[test]
fn registries_are_found_in_text_locks_and_client_settings() {
    let host = concat!("registry.", "npmjs.org");
    check("docs/a.md", &format!("from {host}\n"), &[(1, "machine")]);
    let resolved = "{\n  \"resolved\": \"https://mirror.invalid/a.tgz\",\n}\n";
    check("contracts/package-lock.json", resolved, &[(2, "machine")]);
    check("docs/sample.json", resolved, &[]);
    check(".npmrc", "registry=https://mirror.invalid\n", &[(1, "machine")]);
    check(".cargo/config.toml", "[source.crates-io]\n", &[(1, "machine")]);
    let lock = "source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";
    check("Cargo.lock", lock, &[]);
    check("Cargo.lock", "source = \"git+https://example.invalid/a\"\n", &[(1, "machine")]);
}

#[test]
fn links_lead_to_files_of_the_repository() {
    let exists = |path: &str| matches!(path, "README.md" | "docs/a.md" | "docs");
    let text = "[a](a.md#top) [b](../README.md) [c](https://example.invalid/x) [d](#here)\n\
                [e](gone.md) and [f](../docs/) [g](README.md)\n";
    let findings = links::check(&file("docs/b.md", text), &exists);
    let said: Vec<(usize, &str)> =
        findings.iter().map(|finding| (finding.line, finding.what.as_str())).collect();
    assert_eq!(
        said,
        [
            (2, "link to `gone.md`, which does not exist"),
            (2, "link to `README.md`, which does not exist"),
        ]
    );
    assert!(links::check(&file("docs/b.rs", text), &exists).is_empty());
}

/// Asserts that the crate checks find exactly these rules.
fn check_crate(name: &str, manifest: &str, root: &str, expected: &[&str]) {
    let member = Crate {
        package: format!("tidemill-{name}"),
        manifest: format!("crates/{name}/Cargo.toml"),
        manifest_text: manifest.to_owned(),
        edges: Vec::new(),
    };
    let files = [file(&format!("crates/{name}/src/lib.rs"), root)];
    let findings = crates::check(&member, &files);
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, expected, "{findings:?}");
}

#[test]
fn every_crate_has_docs_and_the_workspace_lints() {
    let lints = "[lints]\nworkspace = true\n";
    check_crate("report", lints, "//! Docs.\n", &[]);
    check_crate("report", "[lints]\nworkspace = false\n", "//! Docs.\n", &["lints"]);
    check_crate("report", "# [lints]\n# workspace = true\n", "//! Docs.\n", &["lints"]);
    check_crate("report", lints, "// Docs.\n", &["crate-docs"]);
}

#[test]
fn exact_crates_deny_all_three_lints() {
    let lints = "[lints]\nworkspace = true\n";
    check_crate("amm", lints, EXACT_HEADER, &[]);
    check_crate("amm", lints, "//! Docs.\n", &["exact"]);
    let two = EXACT_HEADER.replace(", clippy::as_conversions", "");
    check_crate("amm", lints, &two, &["exact"]);
    let commented = EXACT_HEADER.replace('\n', "\n// ").replacen("// #", "//#", 1);
    check_crate("amm", lints, &commented, &["exact"]);
}

fn finding(path: &str, rule: &'static str) -> Finding {
    Finding { path: path.into(), line: 7, rule, what: "a".into(), allowed: "b".into() }
}

#[test]
fn an_allow_row_excuses_its_rule_in_its_place_only() {
    let list = AllowList::parse(
        "[[allow]]\npath = \"docs/\"\nrule = \"blanks\"\nreason = \"recorded output\"\n",
    )
    .expect("a valid list");
    let kept = list.apply(
        "xtask/tidy.toml",
        vec![
            finding("docs/a.txt", "blanks"),
            finding("docs/a.txt", "machine"),
            finding("docsier/a.txt", "blanks"),
        ],
    );
    assert_eq!(kept, [finding("docs/a.txt", "machine"), finding("docsier/a.txt", "blanks")]);
}

#[test]
fn an_allow_row_must_be_needed_and_reasoned() {
    let list = AllowList::parse(
        "[[allow]]\npath = \"a.rs\"\nrule = \"columns\"\nreason = \"a table\"\n\
         [[allow]]\npath = \"b.rs\"\nrule = \"columns\"\nreason = \" \"\n",
    )
    .expect("a valid list");
    let findings = list.apply("xtask/tidy.toml", vec![finding("b.rs", "columns")]);
    let said: Vec<&str> = findings.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        said,
        ["nothing left to excuse by `columns` in `a.rs`", "no reason for `columns` in `b.rs`"]
    );
    assert!(AllowList::parse("[[allow]]\npath = \"a.rs\"\nrule = \"columns\"\n").is_err());
}

#[test]
fn code_is_told_from_comments_and_literals() {
    let cases = [
        ("a // b\nc", "a     \nc"),
        ("a /* b /* c */ d */ e", "a                   e"),
        ("f(\"x\\\"y\") z", "f(      ) z"),
        ("f(r#\"x\"y\"#) z", "f(        ) z"),
        ("f(br\"x\\\") z", "f(b     ) z"),
        ("r#type x", "r#type x"),
        ("'\"' x '\\'' y", "    x      y"),
        ("fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)"),
        ("\"a\nb\" c", "  \n   c"),
    ];
    for (text, expected) in cases {
        assert_eq!(code_only(text), expected, "{text}");
    }
}

#[test]
fn words_are_whole() {
    assert!(has_word("use std::time;", "std::time"));
    assert!(!has_word("use std::timeline;", "std::time"));
    assert!(!has_word("operand::a", "rand::"));
    assert!(has_word("rand::a", "rand::"));
}

#[test]
fn an_inline_test_module_ends_the_counted_lines() {
    assert_eq!(lines_before_tests("a\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n}\n"), 1);
    assert_eq!(lines_before_tests("a\n#[cfg(test)]\nmod tests;\nb\n"), 4);
    assert_eq!(lines_before_tests("a\n#[cfg(test)]\nfn b() {\n}\n"), 4);
}

#[test]
fn ignored_files_are_skipped_where_the_ignore_file_says() {
    let skip = Skip::parse("# comment\n/target\n/contracts/build/\n.env\n");
    for path in ["target", "contracts/build", "a/.env", ".git", "contracts/node_modules"] {
        assert!(skip.covers(path), "{path}");
    }
    for path in ["crates/target", "build", "contracts", "targets"] {
        assert!(!skip.covers(path), "{path}");
    }
}
