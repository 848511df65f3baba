//! The tables, lists and values of a document, with where each of them stands.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{KeyPath, Step};

/// Anything of a document that has a place of its own.
#[derive(Clone)]
pub(crate) struct Node<'d> {
    pub(crate) path: KeyPath,
    /// Where its key is written; that of its list where it has none.
    pub(crate) key: Range<usize>,
    /// Where its value is, the heading of a table.
    pub(crate) value: Range<usize>,
    what: &'d DeValue<'d>,
}

/// How far into a document a way leads.
pub(crate) struct Found {
    pub(crate) span: Range<usize>,
    /// Whether all of the way is there.
    pub(crate) is_whole: bool,
}

/// Returns the nodes below a table, one level deep.
pub(crate) fn of_table<'d>(table: &'d DeTable<'d>, path: &KeyPath) -> Vec<Node<'d>> {
    let entries = table.iter().map(|(key, value)| Node {
        path: path.clone().key(key.get_ref()),
        key: key.span(),
        value: value.span(),
        what: value.get_ref(),
    });
    entries.collect()
}

impl<'d> Node<'d> {
    /// Returns what is directly below it: the entries of a table, the items of a list.
    pub(crate) fn children(&self) -> Vec<Self> {
        match self.what {
            DeValue::Table(table) => of_table(table, &self.path),
            DeValue::Array(items) => {
                let item = |(place, value): (usize, &'d Spanned<DeValue<'d>>)| Node {
                    path: self.path.clone().item(place),
                    key: self.key.clone(),
                    value: value.span(),
                    what: value.get_ref(),
                };
                items.iter().enumerate().map(item).collect()
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => Vec::new(),
        }
    }

    /// Returns its key; nothing of an item of a list.
    pub(crate) fn name(&self) -> &str {
        match self.path.steps().last() {
            Some(Step::Key(key)) => key,
            Some(Step::Item(_)) | None => "",
        }
    }

    /// Whether it is a value that serde takes for a table.
    pub(crate) fn is_date(&self) -> bool {
        matches!(self.what, DeValue::Datetime(_))
    }

    /// Returns it and everything below it.
    pub(crate) fn all(self) -> Vec<Self> {
        let below = self.children().into_iter().flat_map(Self::all);
        let mut all: Vec<_> = below.collect();
        all.insert(0, self);
        all
    }

    /// Follows the rest of a way from here. Where it names no item of a list, that is meant which
    /// is the only one with the rest of the way.
    pub(crate) fn follow(&self, way: &[Step]) -> Found {
        let here = |is_whole| Found { span: self.value.clone(), is_whole };
        let Some((step, rest)) = way.split_first() else { return here(true) };
        let children = self.children();
        let is_list = matches!(self.what, DeValue::Array(_));
        match step {
            Step::Key(_) if is_list => {
                let ways = children.iter().map(|item| item.follow(way));
                let mut ways: Vec<_> = ways.collect();
                let is_only = ways.len() == 1;
                ways.retain(|found| found.is_whole || is_only);
                match ways.pop() {
                    Some(found) if ways.is_empty() => found,
                    _ => here(false),
                }
            }
            Step::Key(_) | Step::Item(_) => {
                let next = children.iter().find(|node| node.path.steps().last() == Some(step));
                next.map_or_else(|| here(false), |node| node.follow(rest))
            }
        }
    }
}
