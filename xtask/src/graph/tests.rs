use super::rules::{LEVELS, OUTSIDE, level, matches};
use super::{edges, picture, signers, table, text};
use crate::workspace::{Crate, Edge};

/// Returns a crate in the folder of its name; an edge written `[name]` is a dev-dependency.
fn named(name: &str, to: &[&str]) -> Crate {
    let mut manifest_text = format!("[package]\nname = \"tidemill-{name}\"\n\n[dependencies]\n");
    let mut edges = Vec::new();
    for word in to {
        let bare = word.trim_matches(['[', ']']);
        manifest_text.push_str(&format!("tidemill-{bare}.workspace = true\n"));
        edges.push(Edge { to: bare.to_owned(), dev: bare.len() != word.len() });
    }
    Crate {
        package: format!("tidemill-{name}"),
        manifest: format!("crates/{name}/Cargo.toml"),
        manifest_text,
        edges,
    }
}

/// Asserts that the edge checks over `crates` say exactly `expected`, in any order.
fn check(crates: &[Crate], expected: &[&str]) {
    let mut findings = edges::check(crates);
    findings.extend(edges::check_absent(crates));
    findings.sort();
    let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(said, expected);
}

#[test]
fn downward_edges_pass() {
    check(
        &[named("units", &[]), named("amm", &["units"]), named("market", &["amm", "units"])],
        &[],
    );
}

#[test]
fn upward_and_sideways_edges_are_named_with_their_line() {
    let crates = [named("model", &["amm"]), named("amm", &["units", "[market]"])];
    check(
        &crates,
        &[
            "crates/amm/Cargo.toml:6: `amm` depends on `market`: level 1 to level 2; allowed: \
             edges to a strictly lower level, dev-dependencies included [graph]",
            "crates/model/Cargo.toml:5: `model` depends on `amm`: level 1 to level 1; allowed: \
             edges to a strictly lower level, dev-dependencies included [graph]",
        ],
    );
}

#[test]
fn a_crate_without_a_level_is_an_error_naming_it() {
    check(
        &[named("helpers", &["units"])],
        &["crates/helpers/Cargo.toml:2: crate `helpers` has no level; allowed: a row in LEVELS \
           of xtask/src/graph/rules.rs [graph]"],
    );
}

#[test]
fn a_folder_that_is_not_its_crates_name_is_an_error() {
    let mut misplaced = named("amm", &[]);
    misplaced.manifest = "crates/pools/Cargo.toml".to_owned();
    check(
        &[misplaced],
        &["crates/pools/Cargo.toml:2: package `tidemill-amm` in folder `crates/pools`; allowed: \
           package `tidemill-pools` there [graph]"],
    );
}

#[test]
fn testkit_is_for_tests_and_bench_for_nobody() {
    let crates = [
        named("testkit", &["replay"]),
        named("bench", &["testkit", "replay"]),
        named("amm", &["[testkit]"]),
        named("market", &["testkit"]),
        named("cli", &["[bench]"]),
    ];
    check(
        &crates,
        &[
            "crates/cli/Cargo.toml:5: `cli` depends on `bench`; allowed: nobody depends on it \
             [graph]",
            "crates/market/Cargo.toml:5: `market` depends on `testkit`; allowed: under \
             [dev-dependencies] only [graph]",
        ],
    );
}

#[test]
fn a_forbidden_path_is_found_through_other_crates() {
    let crates =
        [named("strategies", &["routing"]), named("routing", &["store"]), named("store", &[])];
    check(
        &crates,
        &["crates/strategies/Cargo.toml:5: path strategies -> routing -> store; allowed: \
           strategies see market and ledger, never risk, execution, feeds or storage [graph]"],
    );
}

#[test]
fn a_cycle_ends_the_search_for_paths() {
    let crates = [named("strategy", &["strategies"]), named("strategies", &["strategy"])];
    assert!(edges::check_absent(&crates).is_empty());
}

#[test]
fn a_signer_is_found_at_any_depth_with_its_path() {
    let tree = "0 tidemill-replay v0.1.0\n1 tidemill-store v0.1.0\n2 parquet v59.0.0\n\
                1 tidemill-chain v0.1.0\n2 alloy v2.5.0\n3 alloy-signer-local v2.5.0\n\
                3 serde v1.0.0\n1 alloy-signer-local v2.5.0 (*)\n";
    let findings = signers::check_tree(&named("replay", &["store", "chain"]), tree);
    let paths: Vec<&str> = findings.iter().map(|finding| finding.what.as_str()).collect();
    assert_eq!(
        paths,
        [
            "path to a signer: tidemill-replay -> tidemill-chain -> alloy -> alloy-signer-local",
            "path to a signer: tidemill-replay -> alloy-signer-local",
        ]
    );
    assert_eq!(findings[0].line, 6, "the line that brings the path in");
    assert!(signers::check_tree(&named("replay", &[]), "0 tidemill-replay\n1 ring\n").is_empty());
}

#[test]
fn our_own_signing_crates_count_as_signers() {
    let findings =
        signers::check_tree(&named("web", &[]), "0 tidemill-web v0.1.0\n1 tidemill-exec-evm v0\n");
    assert_eq!(findings.len(), 1);
}

#[test]
fn patterns_match_whole_names_unless_starred() {
    assert!(matches(&["feed-*"], "feed-evm"));
    assert!(!matches(&["feed-*"], "feed"));
    assert!(matches(&["report"], "report"));
    assert!(!matches(&["report"], "reporter"));
}

#[test]
fn no_crate_stands_in_both_tables_or_twice() {
    let mut names: Vec<&str> = LEVELS.iter().map(|(name, _)| *name).collect();
    names.extend(OUTSIDE.iter().map(|(name, _)| *name));
    let before = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), before);
    assert_eq!(level("units"), Some(0));
}

#[test]
fn the_picture_leaves_out_implied_edges_tests_and_tools() {
    let crates = [
        named("exec-sim", &["market", "units", "[testkit]"]),
        named("market", &["units"]),
        named("units", &[]),
        named("testkit", &["units"]),
    ];
    assert_eq!(
        picture::draw(&crates),
        "```mermaid\nflowchart TD\n    exec_sim[\"5 exec-sim\"]\n    market[\"2 market\"]\n    \
         units[\"0 units\"]\n    exec_sim --> market\n    market --> units\n```\n"
    );
}

#[test]
fn the_picture_is_replaced_between_its_markers_only() {
    let page = format!("# Top\n{}\nold\n{}\nrest\n", picture::BEGIN, picture::END);
    let redrawn = picture::replace(&page, "new\n").expect("markers are there");
    assert_eq!(redrawn, format!("# Top\n{}\nnew\n{}\nrest\n", picture::BEGIN, picture::END));
    assert_eq!(picture::check("A.md", &redrawn, "new\n"), None);
    let stale = picture::check("A.md", &page, "new\n").expect("the old picture differs");
    assert_eq!((stale.path.as_str(), stale.line), ("A.md", 2));
    assert!(picture::check("A.md", "no markers\n", "new\n").is_some());
    assert_eq!(picture::replace("no markers\n", "new\n"), None);
}

#[test]
fn the_printed_graph_has_one_line_a_crate_with_dev_edges_in_brackets() {
    let crates = [named("units", &[]), named("amm", &["units", "[testkit]"])];
    assert_eq!(text(&crates), "1  amm        -> [testkit] units\n0  units      -> \n");
}

#[test]
fn the_table_of_crates_has_each_crate_at_its_level_and_no_other() {
    let crates = [named("units", &[]), named("amm", &[]), named("testkit", &[])];
    let page = "| level | crate | what |\n|--:|---|---|\n| 0 | `units` | numbers |\n\
                | 2 | `amm` | pools |\n| - | `testkit` | oracles |\n| 1 | `signals` | series |\n\
                | 9 | no floats | `units` | lint |\n";
    let said: Vec<(usize, String)> = table::check("A.md", page, &crates)
        .into_iter()
        .map(|finding| (finding.line, finding.what))
        .collect();
    assert_eq!(
        said,
        [
            (1, "crate `amm` has no row at its level".to_owned()),
            (6, "a row for crate `signals`, which does not exist".to_owned()),
        ]
    );
}
