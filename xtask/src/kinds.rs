//! `cargo xtask kinds`: the pages of all kinds of pools and of all reward programmes, written from
//! their own registries.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use tidemill_amm::{KindFacts, Proof, kinds};
use tidemill_rewards::programmes;

use crate::failure::Failure;
use crate::finding::Finding;
use crate::tidy::files::read_tree;
use crate::workspace;

/// A page that a registry writes.
struct Page {
    /// Its place, from the root.
    path: &'static str,
    /// What stands above the table.
    head: &'static str,
    /// What its things are, at the head of the table's first column.
    noun: &'static str,
    kinds: &'static [&'static KindFacts],
}

const POOLS_HEAD: &str = "\
# Kinds of pools

Every kind of pool that Tidemill runs: which contracts it equals, how that is shown, and where it
surprises. The name is the `kind` of a [state file](pool-state.md).

This page is written by `cargo xtask kinds` from the registry in `crates/amm`; change it there. Each
test named here exists: the same command checks it.
";

const PROGRAMMES_HEAD: &str = "\
# Reward programmes

Every reward programme that Tidemill computes: which contracts it equals, how that is shown, and
where it surprises. Each has a [state file](programme-state.md), which `tidemill earn` answers from.

This page is written by `cargo xtask kinds` from the registry in `crates/rewards`; change it there.
Each test named here exists: the same command checks it.
";

fn pages() -> [Page; 2] {
    [
        Page { path: "docs/pool-kinds.md", head: POOLS_HEAD, noun: "kind", kinds: kinds() },
        Page {
            path: "docs/reward-programmes.md",
            head: PROGRAMMES_HEAD,
            noun: "programme",
            kinds: programmes(),
        },
    ]
}

/// Writes the pages, or with `--check` only compares them; either way, looks for the tests they
/// name.
///
/// # Errors
/// [`Failure::Findings`] for a stale page or a test that is nowhere, [`Failure::Environment`] where
/// the tree cannot be read or a page not written.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err(Failure::Usage("usage: cargo xtask kinds [--check]".to_owned())),
    };
    let root = workspace::load()?.root;
    let tests = test_names(&root)?;
    let mut findings = Vec::new();
    for page in pages() {
        findings.extend(missing_tests(&page, &tests));
        if check {
            findings.extend(stale(&page, &root));
        } else {
            page.write(&root)?;
        }
    }
    Failure::unless_clean(findings)
}

fn stale(page: &Page, root: &Path) -> Option<Finding> {
    let written = std::fs::read_to_string(root.join(page.path)).unwrap_or_default();
    let stale = || finding(page, "the page is stale".to_owned(), "`cargo xtask kinds` writes it");
    (written != page.text()).then(stale)
}

fn finding(page: &Page, what: String, allowed: &str) -> Finding {
    let path = page.path.to_owned();
    Finding { path, line: 1, rule: "kinds", what, allowed: allowed.to_owned() }
}

/// The names of all functions of the crates' sources and tests.
fn test_names(root: &std::path::Path) -> Result<BTreeSet<String>, Failure> {
    let files = read_tree(root)?;
    let sources = files.iter().filter(|file| file.is_rust() && file.path.starts_with("crates/"));
    Ok(sources.flat_map(|file| functions(&file.text)).collect())
}

fn functions(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("fn ").skip(1).filter_map(|rest| {
        let is_name = |character: char| character.is_alphanumeric() || character == '_';
        let name: String = rest.chars().take_while(|character| is_name(*character)).collect();
        (!name.is_empty()).then_some(name)
    })
}

/// Every test that a proof or quirk names, one or several parted by commas, with its kind.
fn named_tests(kind: &KindFacts) -> Vec<&'static str> {
    let proofs = kind.proof.iter().map(|proof| match proof {
        Proof::Bytecode { test, .. }
        | Proof::Recorded { test, .. }
        | Proof::NaiveModel { test } => *test,
    });
    let quirks = kind.quirks.iter().map(|quirk| quirk.test);
    proofs.chain(quirks).flat_map(|tests| tests.split(", ")).collect()
}

fn missing_tests(page: &Page, known: &BTreeSet<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for kind in page.kinds {
        for test in named_tests(kind) {
            // A path such as `module::test` ends in the test's own name.
            let name = test.rsplit("::").next().unwrap_or(test);
            if !known.contains(name) {
                let what = format!("`{}` names the test `{test}`", kind.name);
                findings.push(finding(page, what, "a test that exists"));
            }
        }
    }
    findings
}

impl Page {
    fn text(&self) -> String {
        let mut page = self.head.to_owned();
        line(&mut page, &format!("\n| {} | what it is | proof |\n|---|---|---|", self.noun));
        for kind in self.kinds {
            let mut proofs: Vec<&str> = Vec::new();
            for name in kind.proof.iter().map(proof_name) {
                if !proofs.contains(&name) {
                    proofs.push(name);
                }
            }
            let row =
                format!("| [`{0}`](#{0}) | {1} | {2} |", kind.name, kind.title, proofs.join(", "));
            line(&mut page, &row);
        }
        for kind in self.kinds {
            section(&mut page, kind);
        }
        page
    }

    fn write(&self, root: &Path) -> Result<(), Failure> {
        let path = root.join(self.path);
        let failed =
            |error: std::io::Error| Failure::Environment(format!("{}: {error}", path.display()));
        std::fs::write(&path, self.text()).map_err(failed)?;
        println!("written: {}", self.path);
        Ok(())
    }
}

/// Writing to a string cannot fail.
fn line(page: &mut String, text: &str) {
    let written = writeln!(page, "{text}");
    debug_assert!(written.is_ok(), "a string grows");
}

fn proof_name(proof: &Proof) -> &'static str {
    match proof {
        Proof::Bytecode { .. } => "bytecode",
        Proof::Recorded { .. } => "recorded answers",
        Proof::NaiveModel { .. } => "second model",
    }
}

fn section(page: &mut String, kind: &KindFacts) {
    line(page, &format!("\n## {}\n\n{}.", kind.name, kind.title));
    list(
        page,
        "Models",
        kind.models.iter().map(|model| format!("{}: {}", model.name, model.version)),
    );
    list(page, "Proof", kind.proof.iter().map(proof_line));
    if kind.gas.is_empty() {
        line(page, "\n**Gas**: not measured.");
    } else {
        line(page, "\n**Gas**, measured on the bytecode, the transaction's 21,000 included:\n");
        line(page, "| call | gas |\n|---|--:|");
        for figure in kind.gas {
            line(page, &format!("| {} | {} |", figure.call, figure.gas));
        }
    }
    let quirks = kind.quirks.iter();
    list(page, "Surprises", quirks.map(|quirk| format!("{} (`{}`)", quirk.says, quirk.test)));
    list(page, "Not modelled", kind.absent.iter().map(|absent| (*absent).to_owned()));
}

fn list(page: &mut String, title: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    line(page, &format!("\n**{title}**:\n"));
    for item in items {
        line(page, &format!("* {item}"));
    }
}

fn proof_line(proof: &Proof) -> String {
    match proof {
        Proof::Bytecode { package, test } => {
            format!("random operations beside the bytecode of {package} (`{test}`)")
        }
        Proof::Recorded { what, test } => format!("{what} (`{test}`)"),
        Proof::NaiveModel { test } => {
            format!("random operations beside a second model in big integers (`{test}`)")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, functions, missing_tests};
    use std::collections::BTreeSet;
    use tidemill_amm::{KindFacts, Proof, Quirk};

    const KIND: KindFacts = KindFacts {
        name: "some_kind",
        title: "Some kind",
        models: &[],
        proof: &[Proof::NaiveModel { test: "one_test, other::test" }],
        gas: &[],
        quirks: &[Quirk { says: "It is odd.", test: "it_is_odd" }],
        absent: &[],
    };

    const PAGE: Page =
        Page { path: "docs/some.md", head: "# Some\n", noun: "kind", kinds: &[&KIND] };

    #[test]
    fn a_test_that_is_nowhere_is_found() {
        let known = |text: &str| functions(text).collect::<BTreeSet<String>>();
        let all = "fn one_test() {}\n    fn test() {}\nfn it_is_odd() {}";
        assert!(missing_tests(&PAGE, &known(all)).is_empty());
        let found = missing_tests(&PAGE, &known("fn one_test() {}\nfn it_is_odd() {}"));
        assert_eq!(found.len(), 1);
        assert!(found[0].what.contains("other::test"), "{}", found[0].what);
    }

    #[test]
    fn the_page_names_what_there_is() {
        let page = PAGE.text();
        for text in ["| [`some_kind`](#some_kind) | Some kind | second model |", "* It is odd."] {
            assert!(page.contains(text), "{page}");
        }
    }
}
