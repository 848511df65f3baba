use std::fmt;
use std::ops::Range;

use tidemill_strategy::StrategyFault;

/// The text of a rules file, and what messages call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    name: String,
    text: String,
}

/// A mistake in a rules file, with the line that it is in.
///
/// Shown as the file, the line and the column, both from 1 on, what is wrong and what is allowed,
/// the line itself, and a caret under each character that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError {
    /// The file, as the configuration names it.
    pub file: String,
    /// The line, from 1 on.
    pub line: usize,
    /// The character of the line, from 1 on.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub problem: String,
    /// The line; at most [`WIDEST`](Self::WIDEST) characters of it around the column.
    shown: String,
    /// How many characters stand before the carets, and how many carets there are.
    carets: (usize, usize),
}

impl RulesError {
    /// How many characters of a line are shown at most.
    pub const WIDEST: usize = 160;

    /// Returns it as what a strategy gives up with.
    pub(super) fn into_fault(self) -> StrategyFault {
        let rule = format!("{}:{}:{}", self.file, self.line, self.column);
        StrategyFault::Failed { rule, error: self.problem }
    }

    /// Returns it in one line, without the text of the file.
    pub fn in_a_line(&self) -> String {
        format!("{}:{}:{}: {}", self.file, self.line, self.column, self.problem)
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let (before, count) = self.carets;
        writeln!(formatter, "{}", self.in_a_line())?;
        writeln!(formatter, "{margin} |")?;
        writeln!(formatter, "{number} | {}", self.shown)?;
        write!(formatter, "{margin} | {}{}", " ".repeat(before), "^".repeat(count))
    }
}

impl std::error::Error for RulesError {}

impl Source {
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned() }
    }

    /// Returns the mistake of what stands at these bytes.
    pub(super) fn mistake(&self, at: &Range<usize>, problem: String) -> RulesError {
        let start = floor_of(&self.text, at.start);
        let end = floor_of(&self.text, at.end.max(start));
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[..start].matches('\n').count() + 1;
        let rest = &self.text[line_start..];
        let whole = rest.split('\n').next().unwrap_or("").trim_end_matches('\r');
        let column = self.text[line_start..start].chars().count();
        let end_of_line = line_start + whole.len();
        let meant = self.text.get(start..end.min(end_of_line)).unwrap_or("").chars().count();
        let skipped = column.saturating_sub(RulesError::WIDEST / 2);
        let shown: String = whole
            .chars()
            .skip(skipped)
            .take(RulesError::WIDEST)
            .map(|shown| if shown.is_control() { ' ' } else { shown })
            .collect();
        let before = column - skipped;
        let room = shown.chars().count().saturating_sub(before);
        let carets = (before, meant.min(room).max(1));
        RulesError { file: self.name.clone(), line, column: column + 1, problem, shown, carets }
    }
}

/// The start of the character that a byte belongs to, or the end of the text.
fn floor_of(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Where an expression stands in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// All of it, quotes included.
    pub(super) span: Range<usize>,
    /// The byte of the file at which its text begins; none where it is written with escapes, so
    /// that its characters are not those of the file.
    pub(super) text_start: Option<usize>,
}

impl Origin {
    pub(super) fn new(source: &Source, span: Range<usize>, text: &str) -> Self {
        let raw = source.text.get(span.clone()).unwrap_or("");
        let text_start = raw.find(text).map(|offset| span.start + offset);
        Self { span, text_start }
    }

    /// Returns the bytes of the file for bytes of the expression.
    pub(super) fn place(&self, within: &Range<usize>) -> Range<usize> {
        match self.text_start {
            Some(start) => start + within.start..start + within.end,
            None => self.span.clone(),
        }
    }
}
