//! `cargo xtask tidy`: lengths, forbidden words, crate headers and machine traces.

mod allow;
mod crates;
pub(crate) mod files;
mod lengths;
mod links;
mod rules;
mod source;
#[cfg(test)]
mod tests;
mod traces;
mod words;

use crate::failure::Failure;
use crate::finding::Finding;
use crate::workspace;

/// Where the exceptions are, each with its reason.
const ALLOW_LIST: &str = "xtask/tidy.toml";

/// Checks every text file of the tree.
///
/// # Errors
/// [`Failure::Findings`] for broken rules and for allow-list rows that excuse nothing.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let verbose = match arguments {
        [] => false,
        [flag] if flag == "--verbose" => true,
        _ => {
            return Err(Failure::Usage(format!(
                "tidy takes `--verbose` or nothing, not `{}`",
                arguments.join(" ")
            )));
        }
    };
    let workspace = workspace::load()?;
    let files = files::read_tree(&workspace.root)?;
    let mut findings: Vec<Finding> = files.iter().flat_map(check_file).collect();
    let exists = |path: &str| workspace.root.join(path).exists();
    findings.extend(files.iter().flat_map(|file| links::check(file, &exists)));
    for member in &workspace.crates {
        findings.extend(crates::check(member, &files));
    }
    let list = allow::read(&workspace.root.join(ALLOW_LIST))?;
    let mut findings = list.apply(ALLOW_LIST, findings);
    findings.sort();
    if verbose {
        for note in files.iter().filter_map(lengths::note) {
            println!("{note}");
        }
    }
    Failure::unless_clean(findings)?;
    println!("tidy: {} files, nothing to say", files.len());
    Ok(())
}

/// Returns every broken rule of one file, the allow-list not considered.
fn check_file(file: &files::File) -> Vec<Finding> {
    let mut findings = lengths::check(file);
    findings.extend(traces::check(file));
    if file.is_rust() {
        let code = source::code_only(&file.text);
        findings.extend(words::check_everywhere(file, &code));
        findings.extend(words::check_pure(file, &code));
        findings.extend(words::check_exact(file, &code));
    }
    findings
}
