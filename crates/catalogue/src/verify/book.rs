use crate::verify::checks::{Clock, Findings, Numbers, Tally};
use crate::verify::rows::{RowChecks, Verified, tell_gaps};
use crate::verify::{Check, Severity};
use crate::{BookMessage, BookRow, Coverage, Record as _, Source};

/// What is checked of a book's messages.
///
/// Where a venue tells the update before, numbers need not rise by one: an update follows on the
/// one before or on a snapshot. Elsewhere each number stands once.
#[derive(Default)]
pub(crate) struct BookChecks {
    clock: Clock,
    /// Updates that do not tell the one before.
    updates: Numbers,
    last_update: Option<u64>,
    /// The last snapshot, if no update has come since.
    snapshot: Option<u64>,
    broken: Tally,
}

impl Verified for BookRow {
    type Checks = BookChecks;
}

impl BookChecks {
    /// Whether an update follows on what is known before it.
    fn follows(&self, row: &BookRow, previous: u64) -> bool {
        let Some(last) = self.last_update.max(self.snapshot) else { return true };
        // The first update after a snapshot may begin before it.
        let joins = |snapshot: u64| {
            previous == snapshot
                || row.first_update_id.is_some_and(|first| first <= snapshot.saturating_add(1))
        };
        previous == last || self.last_update == Some(previous) || self.snapshot.is_some_and(joins)
    }
}

impl RowChecks<BookRow> for BookChecks {
    fn of(_: &Source) -> Self {
        Self::default()
    }

    fn row(&mut self, place: i64, row: &BookRow) {
        if row.row != 0 {
            return;
        }
        if row.message == BookMessage::Snapshot {
            self.snapshot = Some(row.last_update_id);
            return;
        }
        let at = row.time().map_or(0, |time| time.0);
        match row.previous_update_id {
            Some(previous) if !self.follows(row, previous) => self.broken.add(at),
            Some(_) => {}
            None => {
                let first = row.first_update_id.and_then(|first| i64::try_from(first).ok());
                self.updates.row(first.unwrap_or(place), place);
            }
        }
        (self.last_update, self.snapshot) = (Some(row.last_update_id), None);
        self.clock.row(at, row.time, row.seen_at);
    }

    fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        tell_gaps(findings, coverage);
        self.updates.tell(findings, "updates");
        let kind = (Severity::Warning, Check::Gap);
        let what = "an update that does not follow on the one before";
        self.broken.tell(findings, kind, what, "the number of the update before, or a snapshot");
        self.clock.tell(findings);
    }
}
