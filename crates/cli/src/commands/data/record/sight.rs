use tidemill_catalogue::{Answered, Coverage, Gap, Span};

/// How the rows of a series follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Their numbers rise by one.
    Numbers,
    /// They begin so many microseconds apart.
    Intervals(i64),
    /// Nothing tells whether one is missing, but that the feed says so.
    Times,
}

/// What of a series was seen, in microseconds of the rows' own times, and why the rest was not.
///
/// Whatever is taken from it is true if the process ends there: nothing is said to be answered but
/// what lies between rows that were seen to follow each other.
#[derive(Debug)]
pub(super) struct Sight {
    rule: Rule,
    /// What was recorded before the first row.
    before: Coverage,
    /// The last number there is.
    number: Option<u64>,
    /// Whether a row was seen.
    has_begun: bool,
    /// When a whole book was seen before the first row.
    snapshot: Option<i64>,
    /// From where on what was seen is not told yet.
    from: i64,
    /// Up to where rows were seen: not in it. Of numbered rows those of the last time may go on.
    to: i64,
    /// Why something may be missing since the last row.
    unseen: Option<String>,
    told: Answered,
    gaps: u64,
}

const BEGAN: &str = "the recording began here: what came before in this microsecond is not known";
const ENDED: &str = "the recording ended here: what came later in this microsecond is not known";
const NOT_RECORDED: &str = "no recording ran, or it was killed before it wrote this";

impl Sight {
    /// Goes on behind what is recorded, of which the last number is told.
    pub(super) fn new(rule: Rule, before: Coverage, number: Option<u64>) -> Self {
        let told = Answered::default();
        let (has_begun, snapshot, from, to) = (false, None, 0, 0);
        Self { rule, before, number, has_begun, snapshot, from, to, unseen: None, told, gaps: 0 }
    }

    /// How many holes were named.
    pub(super) fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Something may be missing from here on. The first reason counts until a row is seen.
    pub(super) fn lost(&mut self, cause: impl Into<String>) {
        self.unseen.get_or_insert_with(|| cause.into());
    }

    /// A row was seen, of a time and with a number, if the rule has numbers.
    pub(super) fn row(&mut self, time: i64, number: u64) {
        match (self.has_begun, self.rule) {
            (false, _) => self.begin(time, number),
            (true, Rule::Numbers) => self.next_number(time, number),
            (true, Rule::Intervals(_)) => {
                let cause = self.unseen.take();
                let untold = || "the venue told no such candles".to_owned();
                self.name(self.to, time, cause.unwrap_or_else(untold));
            }
            (true, Rule::Times) => {
                if let Some(cause) = self.unseen.take() {
                    self.name(self.to, time.max(self.to.saturating_add(1)), cause);
                }
            }
        }
        let length = match self.rule {
            Rule::Numbers => 0,
            Rule::Intervals(length) => length,
            Rule::Times => 1,
        };
        self.number = self.number.max(Some(number));
        self.to = self.to.max(time.saturating_add(length));
    }

    /// A whole book was seen, by our clock: it counts from the next change on, which has a time.
    pub(super) fn snapshot(&mut self, seen_at: i64) {
        if !self.has_begun {
            self.snapshot.get_or_insert(seen_at);
        }
    }

    /// The first row: what lies between it and what was recorded before was not seen.
    fn begin(&mut self, time: i64, number: u64) {
        self.has_begun = true;
        let start = self.snapshot.map_or(time, |snapshot| snapshot.min(time));
        (self.from, self.to) = (start, time);
        let cause = self.unseen.take();
        let Some(known) = self.known(start) else {
            self.began_within(time);
            return;
        };
        if self.before.spans().iter().any(|span| span.contains(start)) {
            return;
        }
        if self.follows(number) {
            let mut gaps = self.before.gaps().iter();
            let edge = gaps.rfind(|gap| gap.to == known && gap.cause == ENDED);
            self.from = edge.map_or(known, |gap| gap.from);
            return;
        }
        self.began_within(time);
        self.push(Gap { from: known, to: start, cause: not_recorded(cause) });
    }

    /// Whether a number is the next of those recorded before.
    fn follows(&self, number: u64) -> bool {
        let next = self.number.and_then(|last| last.checked_add(1));
        self.rule == Rule::Numbers && next == Some(number)
    }

    /// Numbered rows before the first may have been of its own time.
    fn began_within(&mut self, time: i64) {
        if self.rule == Rule::Numbers {
            let to = time.saturating_add(1);
            self.edge(Gap { from: time, to, cause: BEGAN.to_owned() });
            self.from = to;
        }
    }

    /// Returns up to where anything is told of the times up to this one.
    fn known(&self, time: i64) -> Option<i64> {
        let spans = self.before.spans().iter().filter(|span| span.from <= time);
        let ends = spans.map(|span| span.to.min(time));
        let gaps = self.before.gaps().iter().filter(|gap| gap.from <= time);
        ends.chain(gaps.map(|gap| gap.to.min(time))).max()
    }

    fn next_number(&mut self, time: i64, number: u64) {
        let next = self.number.and_then(|last| last.checked_add(1));
        let cause = self.unseen.take();
        if let Some(next) = next.filter(|next| *next < number) {
            let cause = cause.unwrap_or_else(|| "the venue's numbers have a hole".to_owned());
            let cause = format!("{cause}: numbers {next} to {} are missing", number - 1);
            // Those missing may be of the same times as the rows around them.
            self.name(self.to, time.max(self.to).saturating_add(1), cause);
        }
    }

    /// Ends what was seen, and names what was not.
    fn name(&mut self, from: i64, to: i64, cause: String) {
        if from < to {
            self.told.spans.extend(Span::new(self.from, from));
            self.from = to;
            self.push(Gap { from, to, cause });
        }
    }

    fn push(&mut self, gap: Gap) {
        if gap.from < gap.to {
            self.gaps += 1;
            self.told.gaps.push(gap);
        }
    }

    /// The end of what is told of numbered rows, which is no hole anybody made.
    fn edge(&mut self, gap: Gap) {
        self.told.gaps.push(gap);
    }

    /// Returns what there is to tell since it was asked last.
    pub(super) fn take(&mut self) -> Answered {
        self.told.spans.extend(Span::new(self.from, self.to));
        if self.has_begun && self.rule == Rule::Numbers && self.from <= self.to {
            // What follows covers it.
            let gap = Gap { from: self.to, to: self.to.saturating_add(1), cause: ENDED.to_owned() };
            self.edge(gap);
        }
        self.from = self.from.max(self.to);
        std::mem::take(&mut self.told)
    }

    /// The recording that began at `began` is over: what may be missing up to `now` is named.
    pub(super) fn end(&mut self, began: i64, now: i64) {
        let cause = self.unseen.take();
        if let (false, Some(snapshot)) = (self.has_begun, self.snapshot) {
            self.row(snapshot, 0);
        }
        match (cause, self.has_begun) {
            (None, _) => {}
            (Some(cause), true) => self.name(self.to, now.max(self.to.saturating_add(1)), cause),
            (Some(cause), false) => match self.known(now) {
                Some(from) => self.push(Gap { from, to: now, cause: not_recorded(Some(cause)) }),
                None => self.push(Gap { from: began, to: now, cause }),
            },
        }
    }
}

fn not_recorded(cause: Option<String>) -> String {
    cause.map_or(NOT_RECORDED.to_owned(), |cause| format!("{NOT_RECORDED}; then {cause}"))
}

#[cfg(test)]
mod tests;
