use serde::{Deserialize, Serialize};

/// A half-open interval `from <= x < to`, of block numbers or of microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first inside.
    pub from: i64,
    /// The first behind it; above `from`.
    pub to: i64,
}

/// A hole that is known, and why it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The first that is missing.
    pub from: i64,
    /// The first behind the hole; above `from`.
    pub to: i64,
    /// Why, in words: what the venue or node said, or what a file leaves out.
    pub cause: String,
}

/// What was asked for and fully answered, and what is known to be missing.
///
/// Spans ascend and neither meet nor overlap; no gap overlaps a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    spans: Vec<Span>,
    gaps: Vec<Gap>,
}

impl Span {
    /// Returns the interval; `None` unless `from` is below `to`.
    pub fn new(from: i64, to: i64) -> Option<Self> {
        (from < to).then_some(Self { from, to })
    }

    /// Whether it holds a number.
    pub fn contains(self, place: i64) -> bool {
        self.from <= place && place < self.to
    }

    /// Returns what both hold.
    pub fn overlap(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

impl Gap {
    /// Returns where it is.
    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.to }
    }
}

impl Coverage {
    /// Returns what spans and gaps say together: what is answered is no gap, and what is named a
    /// gap among them is not answered. Empty intervals are left out.
    pub fn new(spans: &[Span], gaps: &[Gap]) -> Self {
        let mut coverage = Self::default();
        coverage.add(spans, gaps);
        coverage
    }

    /// Adds what was answered, which ends gaps known before, and then new gaps, which are cut out.
    pub fn add(&mut self, spans: &[Span], gaps: &[Gap]) {
        let mut all: Vec<Span> = self.spans.iter().chain(spans).copied().collect();
        all.retain(|span| span.from < span.to);
        self.spans = united(all);
        let cuts = if self.gaps.is_empty() { &[] } else { spans };
        for span in cuts {
            self.gaps = self.gaps.iter().flat_map(|gap| gap_without(gap, *span)).collect();
        }
        for gap in gaps.iter().filter(|gap| gap.from < gap.to) {
            let cut = |span: &Span| without(*span, gap.span());
            self.spans = self.spans.iter().flat_map(cut).collect();
            self.gaps = self.gaps.iter().flat_map(|old| gap_without(old, gap.span())).collect();
            self.gaps.push(gap.clone());
        }
        self.gaps.sort();
        self.gaps = joined_gaps(std::mem::take(&mut self.gaps));
    }

    /// Returns what was answered.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Returns the holes that are known.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Returns what of an interval was not answered, ascending, gaps included.
    pub fn missing(&self, within: Span) -> Vec<Span> {
        let mut missing = Vec::new();
        let mut from = within.from;
        for span in self.spans.iter().filter_map(|span| span.overlap(within)) {
            missing.extend(Span::new(from, span.from));
            from = span.to;
        }
        missing.extend(Span::new(from, within.to));
        missing
    }
}

fn united(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut result: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match result.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => result.push(span),
        }
    }
    result
}

fn without(span: Span, cut: Span) -> impl Iterator<Item = Span> {
    let before = Span::new(span.from, span.to.min(cut.from));
    let after = Span::new(span.from.max(cut.to), span.to);
    before.into_iter().chain(after)
}

fn gap_without(gap: &Gap, cut: Span) -> impl Iterator<Item = Gap> {
    let named = |span: Span| Gap { from: span.from, to: span.to, cause: gap.cause.clone() };
    without(gap.span(), cut).map(named).collect::<Vec<_>>().into_iter()
}

/// Neighbours with one cause are one gap.
fn joined_gaps(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut result: Vec<Gap> = Vec::with_capacity(gaps.len());
    for gap in gaps {
        match result.last_mut() {
            Some(last) if last.to == gap.from && last.cause == gap.cause => last.to = gap.to,
            _ => result.push(gap),
        }
    }
    result
}

#[cfg(test)]
mod tests;
