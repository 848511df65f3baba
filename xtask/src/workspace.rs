//! Our crates and the dependencies they declare, as cargo reports them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::Failure;

/// The prefix every package of ours carries; what follows is the folder under `crates/`.
pub(crate) const PREFIX: &str = "tidemill-";

/// Our crates, sorted by name.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Absolute path of the folder that holds the root manifest.
    pub(crate) root: PathBuf,
    /// Every member.
    pub(crate) crates: Vec<Crate>,
}

/// One member of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Crate {
    /// Package name as the manifest gives it.
    pub(crate) package: String,
    /// Path of the manifest from the root, with forward slashes.
    pub(crate) manifest: String,
    /// Text of the manifest.
    pub(crate) manifest_text: String,
    /// Dependencies on other packages of ours, as declared.
    pub(crate) edges: Vec<Edge>,
}

/// One declared dependency on a package of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Short name of the package depended on.
    pub(crate) to: String,
    /// Whether only tests, examples and benches see it.
    pub(crate) dev: bool,
}

impl Crate {
    /// Returns the package name without our prefix.
    pub(crate) fn short(&self) -> &str {
        short(&self.package)
    }

    /// Returns the folder of the manifest, from the root.
    pub(crate) fn folder(&self) -> &str {
        self.manifest.strip_suffix("/Cargo.toml").unwrap_or("")
    }

    /// Returns the line of the manifest that names `package`, or 1.
    pub(crate) fn line_naming(&self, package: &str) -> usize {
        let names = |line: &str| {
            line.trim_start().strip_prefix(package).is_some_and(|rest| {
                !rest.starts_with(|next: char| next == '-' || next == '_' || next.is_alphanumeric())
            })
        };
        self.manifest_text.lines().position(names).map_or(1, |index| index + 1)
    }
}

/// Returns `package` without our prefix.
pub(crate) fn short(package: &str) -> &str {
    package.strip_prefix(PREFIX).unwrap_or(package)
}

/// Runs cargo with `arguments` and returns its standard output.
///
/// # Errors
/// [`Failure::Environment`] with cargo's own words when it cannot run or ends badly.
pub(crate) fn cargo(arguments: &[&str]) -> Result<String, Failure> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let environment =
        |problem: String| Failure::Environment(format!("cargo {}: {problem}", arguments.join(" ")));
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| environment(error.to_string()))?;
    if !output.status.success() {
        return Err(environment(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|error| environment(error.to_string()))
}

/// Asks cargo for the members and reads their manifests.
///
/// # Errors
/// [`Failure::Environment`] when cargo refuses the workspace or a manifest cannot be read.
pub(crate) fn load() -> Result<Workspace, Failure> {
    let json = cargo(&["metadata", "--no-deps", "--offline", "--format-version", "1"])?;
    let metadata: Metadata = serde_json::from_str(&json)
        .map_err(|error| Failure::Environment(format!("cargo metadata: {error}")))?;
    let root = metadata.workspace_root;
    let mut crates = Vec::with_capacity(metadata.packages.len());
    for package in metadata.packages {
        let manifest_text = std::fs::read_to_string(&package.manifest_path).map_err(|error| {
            Failure::Environment(format!("{}: {error}", package.manifest_path.display()))
        })?;
        let manifest = relative(&root, &package.manifest_path);
        let edges = package.dependencies.into_iter().filter_map(Dependency::into_edge).collect();
        crates.push(Crate { package: package.name, manifest, manifest_text, edges });
    }
    crates.sort_by(|left, right| left.package.cmp(&right.package));
    Ok(Workspace { root, crates })
}

/// Returns `path` from `root`, with forward slashes.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

impl Dependency {
    fn into_edge(self) -> Option<Edge> {
        let ours = self.name.starts_with(PREFIX) || self.name == "xtask";
        let dev = self.kind.as_deref() == Some("dev");
        ours.then(|| Edge { to: short(&self.name).to_owned(), dev })
    }
}
