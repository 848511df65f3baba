//! Relative links of Markdown pages.

use super::files::File;
use crate::finding::Finding;

/// Returns every relative link of a Markdown page that leads nowhere. `exists` is asked for paths
/// from the root.
pub(super) fn check(file: &File, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    if !file.path.ends_with(".md") {
        return Vec::new();
    }
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for target in targets(line).filter(|target| !exists(&resolve(folder, target))) {
            findings.push(Finding {
                path: file.path.clone(),
                line: index + 1,
                rule: "link",
                what: format!("link to `{target}`, which does not exist"),
                allowed: "files of this repository, relative to the page".to_owned(),
            });
        }
    }
    findings
}

/// Returns the files that the links of a line name, addresses and places on the same page aside.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let link = rest.split(')').next()?;
        let path = link.split('#').next()?;
        let relative = !path.is_empty() && !path.contains(':');
        relative.then_some(path)
    })
}

/// Returns `target` from the root, `..` taken away.
fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(target.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}
