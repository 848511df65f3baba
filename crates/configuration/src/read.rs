use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::de::DeTable;

use crate::blame::{allowed_for, culprit};
use crate::tree::{Node, of_table};
use crate::words::{TAG, found_and_expected, nearest, quoted};
use crate::{KeyPath, Step};

/// What keeps a text from being read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Mistake {
    /// What is wrong and what is allowed, in one line.
    pub message: String,
    /// The bytes that are wrong; the heading of a table that lacks a key.
    pub at: Range<usize>,
}

/// Reads a TOML text. `beside` names keys of tables that serde does not list where it says what a
/// table may have, because they are in a structure that another one is flattened into: each with
/// the table, by its keys without the items of lists.
///
/// Errors: see [`Mistake`]; the first one of a text that is no TOML, of an unknown key, of a key
/// that is missing, and of a value of the wrong type, each at its own place whatever serde knows of
/// it.
pub fn read<T: DeserializeOwned>(text: &str, beside: &[(&str, &[&str])]) -> Result<T, Mistake> {
    let error = match toml::from_str(text) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    let at = error.span().unwrap_or(0..0);
    let plain = |message: &str| Mistake { message: message.to_owned(), at: at.clone() };
    let Ok(table) = DeTable::parse(text) else { return Err(plain(error.message())) };
    let nodes = of_table(table.get_ref(), &KeyPath::default());
    let nodes: Vec<_> = nodes.into_iter().flat_map(Node::all).collect();
    let said = node_at(&nodes, &at);
    let message = error.message();
    if let Some(key) = name_after(message, "unknown field ") {
        return Err(unknown_key((message, key), said, (&nodes, &at), beside));
    }
    let path = said.map(|node| node.path.clone()).unwrap_or_default();
    if let Some(key) = name_after(message, "missing field ") {
        // A structure that another is flattened into has no keys that are unknown before all are
        // there: the one that is missing may be there under a wrong name.
        let mut below = nodes.iter().filter(|node| node.path.parent() == path);
        if let Some(node) = below.find(|node| nearest(node.name(), [key]).is_some()) {
            let message = format!("unknown field `{}`; did you mean `{key}`?", node.name());
            return Err(Mistake { message, at: node.key.clone() });
        }
        let allowed = allowed_for::<T>(text, &path, key);
        let table = if path == KeyPath::default() { String::new() } else { format!("{path}: ") };
        return Err(plain(&format!("{table}{message}; allowed is {allowed}")));
    }
    let path = culprit::<T>(text, path);
    let node = nodes.iter().find(|node| node.path == path);
    let at = node.map_or(at, |node| node.value.clone());
    let Some((found, mut expected)) = found_and_expected(message) else {
        return Err(Mistake { message: unknown_name(message, &path), at });
    };
    if let (TAG, Some(Step::Key(key))) = (expected.as_str(), path.steps().last()) {
        expected = allowed_for::<T>(text, &path.parent(), key);
    }
    let is_date = node.is_some_and(Node::is_date);
    let found = if is_date { "a date or time".to_owned() } else { found };
    Err(Mistake { message: format!("{path} is {found}; allowed is {expected}"), at })
}

/// Returns the node that bytes are, the key of or the value; else the one that is written there.
fn node_at<'n, 'd>(nodes: &'n [Node<'d>], at: &Range<usize>) -> Option<&'n Node<'d>> {
    let value = nodes.iter().rfind(|node| node.value == *at);
    value.or_else(|| nodes.iter().rfind(|node| node.key == *at))
}

/// Returns the name in backticks right after this.
fn name_after<'m>(message: &'m str, start: &str) -> Option<&'m str> {
    quoted(message.strip_prefix(start)?).next()
}

fn unknown_name(message: &str, path: &KeyPath) -> String {
    let names = message.split_once(", expected ").map_or("", |(_, names)| names);
    let meant = name_after(message, "unknown variant ");
    let meant = meant.and_then(|wrong| nearest(wrong, quoted(names)));
    let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("{path}: {message}{meant}")
}

/// A key that is not known is marked itself, wherever serde saw it.
fn unknown_key(
    (message, key): (&str, &str),
    said: Option<&Node<'_>>,
    (nodes, at): (&[Node<'_>], &Range<usize>),
    beside: &[(&str, &[&str])],
) -> Mistake {
    let own = said.filter(|node| node.key == *at && node.value != *at);
    let said = said.map(|node| node.path.clone()).unwrap_or_default();
    let table = if own.is_some() { said.parent() } else { said };
    let inside = table.clone().key(key);
    let found = own.or_else(|| nodes.iter().find(|node| node.path == inside));
    let at = found.map_or(at.clone(), |node| node.key.clone());
    let of_table = beside.iter().find(|(name, _)| table.leads_to(name));
    let of_table = of_table.map(|(_, keys)| *keys).unwrap_or_default();
    let names = message.split_once(", expected ").map_or("", |(_, names)| names);
    let known: Vec<&str> = quoted(names).chain(of_table.iter().copied()).collect();
    let shown: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let expected = match shown.as_slice() {
        [] => "there are no keys".to_owned(),
        [one] => format!("expected {one}"),
        [one, other] => format!("expected {one} or {other}"),
        more => format!("expected one of {}", more.join(", ")),
    };
    let meant = nearest(key, known.iter().copied());
    let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Mistake { message: format!("unknown field `{key}`, {expected}{meant}"), at }
}
