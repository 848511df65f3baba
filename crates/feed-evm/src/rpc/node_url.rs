use std::fmt;
use std::path::Path;

use reqwest::Url;

/// Where a node answers, with the key that such addresses hold.
///
/// The address is never shown: `Debug`, `Display` and every error name the scheme and the last two
/// parts of the host's name, because providers put keys in the user's name, the path, the query
/// and the first part of the host's name.
#[derive(Clone)]
pub struct NodeUrl {
    url: Url,
    shown: String,
    hidden: Vec<String>,
}

/// Why there is no address of a node.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}: {fault}")]
pub struct NodeUrlError {
    /// The variable or the file.
    pub source_name: String,
    /// What is wrong with it.
    pub fault: NodeUrlFault,
}

/// What is wrong with the source of a node's address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeUrlFault {
    /// The variable is not set, or set to nothing.
    #[error("the variable is not set; allowed is the URL of a node")]
    NotSet,
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(std::io::ErrorKind),
    /// Others than the file's owner may read or write it.
    #[error("the file's mode is {mode:04o}; allowed is 0600, since the URL may hold a key")]
    Mode {
        /// The permission bits.
        mode: u32,
    },
    /// No URL; what it says is not repeated.
    #[error("this is no URL (not shown, since it may hold a key): {0}")]
    NotUrl(String),
    /// A URL that no node is asked by.
    #[error("the scheme is `{0}`; allowed are http, https, ws and wss")]
    Scheme(String),
}

impl NodeUrl {
    /// Takes the address from a variable of the environment.
    ///
    /// Errors: not set, no URL, another scheme.
    pub fn from_environment(variable: &str) -> Result<Self, NodeUrlError> {
        let text = std::env::var(variable).unwrap_or_default();
        let source = || format!("environment variable {variable}");
        if text.trim().is_empty() {
            return Err(NodeUrlError { source_name: source(), fault: NodeUrlFault::NotSet });
        }
        Self::parse(&text).map_err(|fault| NodeUrlError { source_name: source(), fault })
    }

    /// Takes the address from a file that only its owner may read or write.
    ///
    /// Errors: unreadable, other permission bits than the owner's, no URL, another scheme.
    pub fn from_file(path: &Path) -> Result<Self, NodeUrlError> {
        let error = |fault| NodeUrlError { source_name: path.display().to_string(), fault };
        let unreadable = |fault: std::io::Error| error(NodeUrlFault::Read(fault.kind()));
        owner_only(path).map_err(error)?;
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(error)
    }

    /// Reads an address that is at hand already, one of a test's own server for example.
    ///
    /// Errors: no URL, another scheme.
    pub fn parse(text: &str) -> Result<Self, NodeUrlFault> {
        let url =
            Url::parse(text.trim()).map_err(|error| NodeUrlFault::NotUrl(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return Err(NodeUrlFault::Scheme(url.scheme().chars().take(12).collect()));
        }
        Ok(Self { shown: shown(&url), hidden: hidden(&url), url })
    }

    /// Whether it is asked over WebSocket.
    pub fn is_web_socket(&self) -> bool {
        matches!(self.url.scheme(), "ws" | "wss")
    }

    /// Whether what is said to it is encrypted on the way.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self.url.scheme(), "https" | "wss")
    }

    /// Whether it is a server of this machine.
    pub(super) fn is_loopback(&self) -> bool {
        matches!(self.url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    }

    /// The address itself, for the one who connects to it.
    pub(crate) fn reveal(&self) -> &Url {
        &self.url
    }

    /// Blackens in a text what the address hides: a server may say its caller's key back.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }
}

#[cfg(unix)]
fn owner_only(path: &Path) -> Result<(), NodeUrlFault> {
    use std::os::unix::fs::PermissionsExt;

    let metadata = std::fs::metadata(path).map_err(|error| NodeUrlFault::Read(error.kind()))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & !0o600 == 0 { Ok(()) } else { Err(NodeUrlFault::Mode { mode }) }
}

/// Where files have no such bits, nothing says that only the owner may read one.
#[cfg(not(unix))]
fn owner_only(_: &Path) -> Result<(), NodeUrlFault> {
    Err(NodeUrlFault::Read(std::io::ErrorKind::Unsupported))
}

fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    let numeric = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let parts: Vec<&str> = host.split('.').collect();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = match parts.as_slice() {
        [.., domain, top] if !numeric && parts.len() > 2 => format!("***.{domain}.{top}"),
        _ => host.to_owned(),
    };
    format!("{}://{host}{port}", url.scheme())
}

/// The parts of an address that may be a key, longest first, so that one inside another does not
/// leave the rest of it standing.
fn hidden(url: &Url) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend([url.username(), url.password().unwrap_or("")].map(str::to_owned));
    parts.extend(url.path_segments().into_iter().flatten().map(str::to_owned));
    parts.push(url.path().to_owned());
    parts.extend(url.query().map(str::to_owned));
    parts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
    let name = url.host_str().unwrap_or("");
    let host: Vec<&str> = name.split('.').collect();
    if name.parse::<std::net::Ipv4Addr>().is_err() {
        parts.extend(host.iter().rev().skip(2).map(|part| (*part).to_owned()));
    }
    // Shorter parts are words such as `v2`, and blackening them would spoil numbers in messages.
    parts.retain(|part| part.len() >= 6);
    parts.push(url.as_str().to_owned());
    parts.sort_by(|left, right| right.len().cmp(&left.len()).then(left.cmp(right)));
    parts.dedup();
    parts
}

impl fmt::Debug for NodeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Display for NodeUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

#[cfg(test)]
mod tests;
