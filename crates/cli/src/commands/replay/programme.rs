use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use tidemill_market::{ProgrammeTotals, TokenTotal};
use tidemill_model::{Address, ProgrammeHeader, ProgrammeKind};
use tidemill_replay::{ProgrammeReplay, replay_programme};
use tidemill_store::{AnyTape, ProgrammeTape, read_programme_tape};

use crate::commands::{open, unusable_tape};
use crate::failure::Failure;
use crate::{output, progress};

/// Amounts are decimal strings.
#[derive(Serialize)]
struct Json {
    programme: &'static str,
    events: u64,
    kinds: BTreeMap<&'static str, u64>,
    mismatches: u64,
    staked: Vec<TotalJson>,
    paid: Vec<TotalJson>,
    unclaimed: Vec<TotalJson>,
    replay_seconds: f64,
    events_per_second: f64,
}

/// The token is `null` where the tape does not name it.
#[derive(Serialize)]
struct TotalJson {
    token: Option<String>,
    amount: String,
}

/// Executes a programme's tape again and prints what came of it.
pub(super) fn run(path: &Path, pool: Option<&Path>, is_json: bool) -> Result<(), Failure> {
    let tape = read_programme_tape(path).map_err(Failure::input)?;
    let report = match pool.map(|path| open(Some(path))).transpose()? {
        None => run_with_bar(path, &tape, None)?,
        Some(AnyTape::Concentrated(pool)) => run_with_bar(path, &tape, Some(&pool))?,
        Some(AnyTape::Shares(_)) => {
            return Err(unusable_tape(pool, &"is the tape of a pool of shares, not of ranges"));
        }
    };
    let json = Json::of(&tape.header, &report);
    if is_json {
        output::print_json(&json)?;
    } else {
        json.print()?;
    }
    match report.mismatch {
        None => Ok(()),
        Some(mismatch) => Err(Failure::finding(mismatch)),
    }
}

fn run_with_bar(
    path: &Path,
    tape: &ProgrammeTape,
    pool: Option<&tidemill_model::Tape>,
) -> Result<ProgrammeReplay, Failure> {
    let bar = progress::bar(tape.events.len() as u64, "replaying");
    let report = replay_programme(tape, pool, |done| bar.set_position(done));
    bar.finish_and_clear();
    report.map_err(|error| unusable_tape(Some(path), &error))
}

impl Json {
    fn of(header: &ProgrammeHeader, report: &ProgrammeReplay) -> Self {
        let seconds = report.elapsed.as_secs_f64();
        let ProgrammeTotals { staked, paid, unclaimed } = &report.totals;
        let reward = match header.reward_tokens.as_slice() {
            [token] => Some(*token),
            _ => None,
        };
        Self {
            programme: ProgrammeKind::name(header.kind),
            events: report.events,
            kinds: report.counts.clone(),
            mismatches: u64::from(report.mismatch.is_some()),
            staked: totals(staked, None),
            paid: totals(paid, reward),
            unclaimed: totals(unclaimed, reward),
            replay_seconds: seconds,
            events_per_second: if seconds > 0.0 { report.events as f64 / seconds } else { 0.0 },
        }
    }

    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![("programme".to_owned(), self.programme.to_owned())];
        rows.push(("events".to_owned(), self.events.to_string()));
        let kinds = self.kinds.iter();
        rows.extend(kinds.map(|(kind, count)| (format!("  {kind}"), count.to_string())));
        rows.push(("mismatches".to_owned(), self.mismatches.to_string()));
        let all = [("staked", &self.staked), ("paid", &self.paid), ("unclaimed", &self.unclaimed)];
        for (name, totals) in all {
            rows.extend(totals.iter().map(|total| (total.title(name), total.amount.clone())));
        }
        rows.push(("seconds".to_owned(), format!("{:.4}", self.replay_seconds)));
        rows.push(("events per second".to_owned(), format!("{:.0}", self.events_per_second)));
        let rows: Vec<(&str, String)> =
            rows.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        output::print_rows(&rows)
    }
}

impl TotalJson {
    fn title(&self, name: &str) -> String {
        match &self.token {
            Some(token) => format!("{name}, {token}"),
            None => name.to_owned(),
        }
    }
}

fn totals(totals: &[TokenTotal], only: Option<Address>) -> Vec<TotalJson> {
    let total = |total: &TokenTotal| TotalJson {
        token: total.token.or(only).map(|token| token.to_string()),
        amount: total.amount.to_string(),
    };
    totals.iter().map(total).collect()
}
