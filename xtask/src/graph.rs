//! `cargo xtask graph`: which crate may depend on which.

mod edges;
mod picture;
mod rules;
mod signers;
mod table;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::Path;

use crate::failure::Failure;
use crate::workspace::{self, Crate};

/// The page the picture is drawn on.
const PAGE: &str = "ARCHITECTURE.md";

/// Prints and checks the graph.
///
/// # Errors
/// [`Failure::Findings`] when an edge, a path or the picture is wrong.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let flags: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (redraw, check) = match flags.as_slice() {
        [] => (false, false),
        ["--mermaid"] => (true, false),
        ["--check"] => (false, true),
        _ => {
            return Err(Failure::Usage(format!(
                "graph takes `--mermaid` or `--check`, not `{}`",
                flags.join(" ")
            )));
        }
    };
    let workspace = workspace::load()?;
    if !check {
        print!("{}", text(&workspace.crates));
    }
    let mut findings = edges::check(&workspace.crates);
    findings.extend(edges::check_absent(&workspace.crates));
    findings.extend(signers::check(&workspace.crates)?);
    let drawn = picture::draw(&workspace.crates);
    if redraw {
        replace_picture(&workspace.root.join(PAGE), &drawn)?;
        println!("drawn in {PAGE}");
    } else if check {
        let page = read(&workspace.root.join(PAGE))?;
        findings.extend(picture::check(PAGE, &page, &drawn));
        findings.extend(table::check(PAGE, &page, &workspace.crates));
    }
    findings.sort();
    Failure::unless_clean(findings)?;
    if check {
        println!("graph: {} crates, every edge allowed", workspace.crates.len());
    }
    Ok(())
}

/// Returns one line for each crate, highest level first: level, name, what it depends on.
/// Dev-dependencies stand in brackets.
fn text(crates: &[Crate]) -> String {
    let mut rows: Vec<&Crate> = crates.iter().collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(rules::level(row.short())), row.short().to_owned()));
    let mut out = String::new();
    for row in rows {
        let level = rules::level(row.short()).map_or_else(|| "-".to_owned(), |at| at.to_string());
        let mut to: Vec<String> = row
            .edges
            .iter()
            .map(|edge| if edge.dev { format!("[{}]", edge.to) } else { edge.to.clone() })
            .collect();
        to.sort();
        // Writing to a `String` cannot be refused.
        let _ = writeln!(out, "{level}  {:<10} -> {}", row.short(), to.join(" "));
    }
    out
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))
}

fn replace_picture(path: &Path, drawn: &str) -> Result<(), Failure> {
    let page = read(path)?;
    let redrawn = picture::replace(&page, drawn).ok_or_else(|| {
        Failure::Environment(format!(
            "{}: no lines `{}` and `{}` to draw between",
            path.display(),
            picture::BEGIN,
            picture::END
        ))
    })?;
    std::fs::write(path, redrawn)
        .map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))
}
