//! Which value a type was refused for, where serde says no more than the table.
//!
//! Of a structure that is flattened into another, and of an enum that is told by a key among its
//! own, serde forgets where the values came from. The value that is to blame is the one without
//! which the document reads, or is refused for something else.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::words::{found_and_expected, plain, quoted};
use crate::{KeyPath, Step};

/// Returns the way to the value below this one that is to blame; this one where none is.
pub(crate) fn culprit<T: DeserializeOwned>(text: &str, path: KeyPath) -> KeyPath {
    let Ok(document) = toml::from_str::<Table>(text).map(Value::Table) else { return path };
    let document = without_dates(document);
    let Some(said) = refusal::<T>(document.clone()) else { return path };
    let mut path = path;
    while let Some(below) = blamed_below::<T>(&document, &path, &said) {
        path = below;
    }
    path
}

/// The document with an empty table for each date: read from a text a date is a table to serde, and
/// read from a value it may be a text as well.
fn without_dates(value: Value) -> Value {
    match value {
        Value::Datetime(_) => Value::Table(Table::new()),
        Value::Array(items) => Value::Array(items.into_iter().map(without_dates).collect()),
        Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| (key, without_dates(value)));
            Value::Table(entries.collect())
        }
        other @ (Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_)) => {
            other
        }
    }
}

/// What the document is refused for; nothing where it reads.
fn refusal<T: DeserializeOwned>(document: Value) -> Option<String> {
    T::deserialize(document).err().map(|error| error.message().to_owned())
}

fn blamed_below<T: DeserializeOwned>(
    document: &Value,
    path: &KeyPath,
    said: &str,
) -> Option<KeyPath> {
    let below = keys_below(at(document, path.steps())?, path);
    let mut required = Vec::new();
    for child in below {
        let Some(value) = at(document, child.steps()).cloned() else { continue };
        match refusal::<T>(without(document.clone(), child.steps())) {
            Some(other) if other == said => {}
            // Whatever is taken away from what must be there is missed; the message names the value
            // that it is about.
            Some(other) if other.starts_with("missing field ") => {
                required.push((child, names(said, &value)));
            }
            Some(_) | None => return Some(child),
        }
    }
    let named = required.iter().position(|(_, is_named)| *is_named);
    let only = (required.len() == 1).then_some(0);
    named.or(only).map(|at| required.swap_remove(at).0)
}

/// Whether a message is about a value such as this.
fn names(message: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => message.contains(text.as_str()),
        Value::Integer(number) => message.contains(&format!("`{number}`")),
        Value::Float(_) => message.contains("floating point"),
        Value::Boolean(is) => message.contains(&format!("`{is}`")),
        Value::Array(_) => message.contains("sequence"),
        Value::Table(_) | Value::Datetime(_) => message.contains("map"),
    }
}

fn keys_below(value: &Value, path: &KeyPath) -> Vec<KeyPath> {
    match value {
        Value::Table(table) => table.keys().map(|key| path.clone().key(key)).collect(),
        Value::Array(items) => (0..items.len()).map(|place| path.clone().item(place)).collect(),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => Vec::new(),
    }
}

fn at<'v>(value: &'v Value, way: &[Step]) -> Option<&'v Value> {
    way.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(place) => value.get(*place),
    })
}

fn at_mut<'v>(value: &'v mut Value, way: &[Step]) -> Option<&'v mut Value> {
    way.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Item(place) => value.get_mut(*place),
    })
}

fn without(mut document: Value, way: &[Step]) -> Value {
    let Some((last, above)) = way.split_last() else { return document };
    match (at_mut(&mut document, above), last) {
        (Some(Value::Table(table)), Step::Key(key)) => drop(table.remove(key)),
        (Some(Value::Array(items)), Step::Item(place)) if *place < items.len() => {
            drop(items.remove(*place));
        }
        _ => {}
    }
    document
}

/// Returns what can be written for a key that is missing, as the refusal of an empty text there
/// says it.
pub(crate) fn allowed_for<T: DeserializeOwned>(text: &str, table: &KeyPath, key: &str) -> String {
    let tried = toml::from_str::<Table>(text).ok().and_then(|document| {
        let mut document = Value::Table(document);
        let Some(Value::Table(table)) = at_mut(&mut document, table.steps()) else { return None };
        table.insert(key.to_owned(), Value::String(String::new()));
        refusal::<T>(document)
    });
    let said = tried.unwrap_or_default();
    if let Some(names) = said.strip_prefix("unknown variant ``, expected ") {
        let names: Vec<_> = quoted(names).collect();
        return names.join(", ");
    }
    let of_text = said.contains("string \"\"");
    let expected = found_and_expected(&said).filter(|_| of_text).map(|(_, expected)| expected);
    expected.unwrap_or_else(|| plain("a string"))
}
