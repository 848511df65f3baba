/// What a folder's file system or an object store said no to, by what can be done about it.
///
/// The texts are the store's, on one line, cut to 600 characters and without credentials.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The credentials are wrong, or do not allow it: do not retry with them.
    #[error("access is denied: {0}")]
    Denied(String),
    /// There is no such bucket: make it, or name another.
    #[error("there is no such bucket: {0}")]
    NoBucket(String),
    /// It cannot be reached, is overloaded or broke off, and was asked as often as allowed: retry
    /// later. Whether what was asked was still done is not known; doing it again is safe.
    #[error("the store does not answer; try again later: {0}")]
    Unavailable(String),
    /// Anything else: do not retry.
    #[error("{0}")]
    Other(String),
}

/// The most characters of what a store says that are passed on.
const MAX_TEXT: usize = 600;

impl StoreFault {
    /// Sorts what a store said, and takes secrets out of it.
    pub(crate) fn new(error: &object_store::Error, secrets: &[String]) -> Self {
        let text = one_line(&error.to_string(), secrets);
        let is_denied = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        // A listing that is refused comes without its kind.
        if is_denied || has_status(&text, &["401", "403"]) {
            Self::Denied(text)
        } else if is_no_bucket(error) {
            Self::NoBucket(text)
        } else if is_transport(error) || is_overload(&text) {
            Self::Unavailable(text)
        } else {
            Self::Other(text)
        }
    }
}

/// Whether a store says that a thing is not there, and the bucket that it would be in is.
pub(crate) fn is_not_there(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. }) && !is_no_bucket(error)
}

fn is_no_bucket(error: &object_store::Error) -> bool {
    error.to_string().contains("NoSuchBucket")
}

/// Whether an answer did not come, or not whole.
#[cfg(feature = "s3")]
fn is_transport(error: &object_store::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<object_store::client::HttpError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A folder's file system is asked without an answer that could be lost.
#[cfg(not(feature = "s3"))]
fn is_transport(_: &object_store::Error) -> bool {
    false
}

/// Whether the answer was one that may pass.
fn is_overload(text: &str) -> bool {
    has_status(text, &["5", "429", "408"]) || text.contains("Server returned error response")
}

/// Whether the answer had such a status. The client keeps it to itself but for the text.
fn has_status(text: &str, beginnings: &[&str]) -> bool {
    let status = text.split_once("status code: ").map_or("", |(_, status)| status);
    beginnings.iter().any(|beginning| status.starts_with(beginning))
}

/// Returns a text on one line, cut, with secrets blackened.
fn one_line(text: &str, secrets: &[String]) -> String {
    let text = redacted(text, secrets);
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Returns a text with secrets blackened.
pub(crate) fn redacted(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
}
