//! The text files of the tree: everything that is or could be committed.

use std::path::Path;

use crate::failure::Failure;
use crate::workspace::relative;

/// A text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Path from the root, with forward slashes.
    pub(crate) path: String,
    /// Contents.
    pub(crate) text: String,
}

impl File {
    /// Whether it is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it holds tests or benchmarks only, judged by its path.
    pub(super) fn is_test(&self) -> bool {
        let mut parts = self.path.rsplit('/');
        let file = parts.next().unwrap_or("");
        file == "tests.rs"
            || file.ends_with("_tests.rs")
            || parts.any(|folder| matches!(folder, "tests" | "benches"))
    }

    /// Returns the short name of the crate whose `src` holds it, if one does.
    pub(super) fn crate_name(&self) -> Option<&str> {
        let (name, inside) = self.path.strip_prefix("crates/")?.split_once('/')?;
        inside.starts_with("src/").then_some(name)
    }
}

/// Returns the text files under `root`, sorted by path.
///
/// Skipped: what the root's ignore file names (plain names, anchored or not, are understood;
/// patterns are not), version control, and files that are not UTF-8 text.
///
/// # Errors
/// [`Failure::Environment`] naming the folder or file that cannot be read.
pub(crate) fn read_tree(root: &Path) -> Result<Vec<File>, Failure> {
    let ignored = std::fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let skip = Skip::parse(&ignored);
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&folder, &error))?.path();
            let name = relative(root, &path);
            if skip.covers(&name) {
                continue;
            }
            let kind = path.symlink_metadata().map_err(|error| unreadable(&path, &error))?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
                if let Some(text) = text_of(bytes) {
                    files.push(File { path: name, text });
                }
            }
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

/// Returns the bytes as text, `None` when they are not.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Environment(format!("{}: {error}", path.display()))
}

/// What is not part of the tree.
#[derive(Debug)]
pub(super) struct Skip {
    anchored: Vec<String>,
    anywhere: Vec<String>,
}

impl Skip {
    /// Reads the plain names of an ignore file.
    pub(super) fn parse(ignore_file: &str) -> Self {
        let mut skip =
            Self { anchored: Vec::new(), anywhere: vec![".git".into(), "node_modules".into()] };
        for line in ignore_file.lines().map(str::trim) {
            let name = line.trim_end_matches('/');
            if name.is_empty() || name.starts_with('#') {
                continue;
            }
            match name.strip_prefix('/') {
                Some(path) => skip.anchored.push(path.to_owned()),
                None => skip.anywhere.push(name.to_owned()),
            }
        }
        skip
    }

    /// Whether the file or folder at `path` from the root is skipped.
    pub(super) fn covers(&self, path: &str) -> bool {
        let last = path.rsplit('/').next().unwrap_or(path);
        self.anchored.iter().any(|skipped| skipped == path)
            || self.anywhere.iter().any(|skipped| skipped == last)
    }
}
