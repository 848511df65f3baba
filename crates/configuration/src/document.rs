use std::ops::Range;

use toml::de::DeTable;

use crate::tree::{Found, of_table};
use crate::{KeyPath, Step};

/// The text of a configuration, and what it is called in messages.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// Its file, as it was named.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// Where in a document something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// From a byte to before another.
    Bytes(Range<usize>),
    /// At a key, the first of these that is there; else as near to one of them as the document
    /// comes, at the table that should have it.
    Keys(Vec<KeyPath>),
}

/// Columns between two stops of a tabulator never matter: one is repeated as it is.
const TABULATOR: char = '\t';

impl Document<'_> {
    /// Returns a message with the file, the line and the column that it is about, both from 1 on
    /// and the column in characters, and below it the line with what is meant underlined. Where
    /// nothing in the document is meant, the message has the file alone. Lines are separated by
    /// `\n`; the last has none after it.
    pub fn show(&self, message: &str, at: &Place) -> String {
        let message = message.trim_end().replace('\n', "; ");
        let name = self.name;
        let Some(span) = self.span(at) else { return format!("{name}: {message}") };
        let start = floor(self.text, span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
        let rest = self.text.get(line_start..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let number = before.matches('\n').count().saturating_add(1);
        let ahead = before.get(line_start..).unwrap_or_default();
        let column = ahead.chars().count().saturating_add(1);
        let marked = self.text.get(start..floor(self.text, span.end)).unwrap_or_default();
        let marked = marked.lines().next().unwrap_or_default().trim_end().chars().count();
        let carets = "^".repeat(marked.max(1));
        let is_tab = |letter| letter == TABULATOR;
        let blank: String =
            ahead.chars().map(|letter| if is_tab(letter) { letter } else { ' ' }).collect();
        // What a terminal would take for a command is not shown to it.
        let hidden = |letter: char| letter.is_control() && !is_tab(letter);
        let line: String =
            line.chars().map(|letter| if hidden(letter) { '\u{fffd}' } else { letter }).collect();
        let gutter = " ".repeat(number.to_string().len());
        format!(
            "{name}:{number}:{column}: {message}\n{gutter} |\n{number} | {line}\n{gutter} | \
             {blank}{carets}"
        )
    }

    /// Whether the document says anything at a place, or near it.
    pub fn has(&self, at: &Place) -> bool {
        self.span(at).is_some()
    }

    fn span(&self, at: &Place) -> Option<Range<usize>> {
        let paths = match at {
            Place::Bytes(span) => return Some(span.clone()),
            Place::Keys(paths) => paths,
        };
        let mut nearest = None;
        for path in paths {
            match self.find(path.steps()) {
                Some(Found { span, is_whole: true }) => return Some(span),
                Some(found) => nearest = nearest.or(Some(found.span)),
                None => {}
            }
        }
        nearest
    }

    /// Returns how far a way leads; `None` where not even its first step is there.
    fn find(&self, way: &[Step]) -> Option<Found> {
        let table = DeTable::parse(self.text).ok()?;
        let (Step::Key(first), rest) = way.split_first()? else { return None };
        let path = KeyPath::default().key(first);
        let nodes = of_table(table.get_ref(), &KeyPath::default());
        nodes.iter().find(|node| node.path == path).map(|node| node.follow(rest))
    }
}

/// Returns the nearest place at or before a byte where a character begins.
fn floor(text: &str, byte: usize) -> usize {
    text.floor_char_boundary(byte.min(text.len()))
}
