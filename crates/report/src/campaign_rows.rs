//! The comparison of a campaign's outcomes as texts, for the page and the terminal alike.

use tidemill_units::{Amount, SignedAmount};

use crate::format::{MISSING, MoneyFormat, decimal, percent};
use crate::price::to_f64;
use crate::{CampaignCapture, CampaignOutcome, CampaignSheet, ProgrammeOutcomes};

/// How a campaign's report prints amounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CampaignFormat {
    pub(crate) quote: MoneyFormat,
    pub(crate) reward: MoneyFormat,
}

/// The comparison: a heading over each column, and a row for each outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CampaignRows {
    pub(crate) headings: Vec<String>,
    pub(crate) rows: Vec<CampaignRow>,
}

/// An outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CampaignRow {
    pub(crate) programme: usize,
    pub(crate) name: String,
    pub(crate) cells: Vec<String>,
}

/// A key of [`CampaignCapture::parts`], its word, and its class on the page.
type Word = (&'static str, &'static str, &'static str);

/// What is paid to whom, as the report words it.
const WORDS: [Word; 10] = [
    ("present", "Present providers", "s0"),
    ("added", "Came, follows the price", "s1"),
    ("wide", "Came, at every price", "s6"),
    ("out_of_range", "Left out of range", "s3"),
    ("parked", "Parked out of range", "s2"),
    ("just_in_time", "Just in time", "s4"),
    ("same_block", "In and out in a block", "s7"),
    ("makers", "Programme’s makers", "s5"),
    ("returned", "Refunded, never minted", "back"),
    ("rest", "Nobody", "nobody"),
];

/// Returns the words for what can be paid in the sheet's pool: where providers have no ranges, none
/// is out of one, and nobody is there for a single swap.
pub(crate) fn words(sheet: &CampaignSheet) -> Vec<Word> {
    if sheet.pool.is_concentrated {
        return WORDS.to_vec();
    }
    let of_ranges = ["wide", "out_of_range", "parked", "just_in_time"];
    let words = WORDS.into_iter().filter(|(key, _, _)| !of_ranges.contains(key));
    words.map(|word| if word.0 == "added" { ("added", "Came", word.2) } else { word }).collect()
}

impl CampaignFormat {
    pub(crate) fn of(sheet: &CampaignSheet) -> Self {
        let quote = sheet.pool.quote_decimals;
        let reward = sheet.reward.decimals;
        let largest = sheet.programmes.iter().flat_map(|each| &each.outcomes);
        let largest = largest.map(|each| each.budget).max().unwrap_or_default();
        Self { quote: shown(sheet.before.capital_quote, quote), reward: shown(largest, reward) }
    }

    /// Writes an amount of the quote token, rounded for reading.
    pub(crate) fn quote(&self, amount: Amount) -> String {
        rounded(self.quote, amount)
    }

    /// Writes an amount of the reward token, rounded for reading.
    pub(crate) fn reward(&self, amount: Amount) -> String {
        rounded(self.reward, amount)
    }

    /// Returns an amount of the quote token in whole tokens, to draw with.
    pub(crate) fn quote_to_chart(&self, amount: Amount) -> f64 {
        SignedAmount::positive(amount).map_or(f64::NAN, |amount| self.quote.to_chart(amount))
    }
}

/// Shows as many decimals as give an amount about five digits.
fn shown(largest: Amount, decimals: u8) -> MoneyFormat {
    let text = largest.to_decimal_string(decimals);
    let whole = text.split('.').next().unwrap_or_default().trim_start_matches('0').len();
    let wanted = u8::try_from(5_usize.saturating_sub(whole).min(6)).unwrap_or(0);
    MoneyFormat { decimals, shown: wanted.min(decimals) }
}

fn rounded(format: MoneyFormat, amount: Amount) -> String {
    SignedAmount::positive(amount).map_or_else(|| amount.to_string(), |some| format.rounded(some))
}

/// Returns a part of a whole.
pub(crate) fn part(part: Amount, whole: Amount) -> f64 {
    let of = |amount| SignedAmount::positive(amount).map_or(f64::NAN, to_f64);
    if whole.is_zero() { 0.0 } else { of(part) / of(whole) }
}

/// Returns what of a budget went to capital that adds nothing to depth: out of range, or there for
/// a moment.
pub(crate) fn idle(capture: &CampaignCapture) -> Amount {
    let CampaignCapture { out_of_range, parked, just_in_time, same_block, .. } = *capture;
    sum([out_of_range, parked, just_in_time, same_block])
}

fn sum<const COUNT: usize>(parts: [Amount; COUNT]) -> Amount {
    parts.into_iter().fold(Amount::ZERO, |sum, part| sum.checked_add(part).unwrap_or(sum))
}

/// Says below which budget a programme brings nobody; nothing where any brings somebody.
pub(crate) fn brings_from(sheet: &CampaignSheet, each: &ProgrammeOutcomes) -> Option<String> {
    let symbol = &sheet.reward.symbol;
    match each.brings_from {
        Some(least) if least.is_zero() => None,
        Some(least) => {
            let least = CampaignFormat::of(sheet).reward(least);
            Some(format!("Nobody comes for less than about {least} {symbol}."))
        }
        None => Some(String::from("Nobody comes, whatever is paid.")),
    }
}

/// Writes a move of the price, such as `±1 %`.
pub(crate) fn move_text(percent: f64) -> String {
    format!("±{} %", number(percent))
}

/// Writes a number without needless zeros.
pub(crate) fn number(value: f64) -> String {
    let text = decimal(value, 4);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Writes an optional number with so many significant digits, about.
pub(crate) fn significant(value: Option<f64>) -> String {
    value.map_or_else(
        || MISSING.to_owned(),
        |value| {
            let places = match value.abs() {
                large if large >= 1_000.0 => 0,
                large if large >= 10.0 => 1,
                large if large >= 1.0 => 2,
                _ => 4,
            };
            decimal(value, places)
        },
    )
}

impl CampaignRows {
    pub(crate) fn of(sheet: &CampaignSheet) -> Self {
        let format = CampaignFormat::of(sheet);
        let first = sheet.before.depth.first();
        let later = last_but_shortest(sheet);
        let headings = [
            format!("Budget, {}", sheet.reward.symbol),
            String::from("Capital that comes"),
            format!("Depth {}", first.map_or_else(String::new, |at| move_text(at.percent))),
            String::from("Impact, bp"),
            String::from("A day per 1,000 of depth"),
            String::from("A day per bp"),
            String::from("To what came"),
            String::from("To idle capital"),
            String::from("Not paid out"),
            format!("Depth kept, {} days", number(later)),
        ];
        let mut rows = Vec::new();
        for (programme, each) in sheet.programmes.iter().enumerate() {
            for outcome in &each.outcomes {
                rows.push(CampaignRow {
                    programme,
                    name: each.name.clone(),
                    cells: cells(sheet, outcome, &format, later),
                });
            }
        }
        Self { headings: headings.to_vec(), rows }
    }
}

/// The second of the days after the end, or the only one.
pub(crate) fn last_but_shortest(sheet: &CampaignSheet) -> f64 {
    let outcome = sheet.programmes.first().and_then(|each| each.outcomes.first());
    let retained = outcome.map_or(&[] as &[_], |outcome| outcome.retained.as_slice());
    retained.get(1).or(retained.first()).map_or(0.0, |retained| retained.days)
}

fn cells(
    sheet: &CampaignSheet,
    outcome: &CampaignOutcome,
    format: &CampaignFormat,
    later: f64,
) -> Vec<String> {
    let before = sheet.before.depth.first().map(|at| at.depth.both()).unwrap_or_default();
    let more = |depth: Amount| percent(part(depth, before) - 1.0, true);
    let depth = outcome.depth.first().map(|at| at.depth.both()).unwrap_or_default();
    let capture = &outcome.capture;
    let came = sum([capture.added, capture.wide]);
    let share = |amount| percent(part(amount, outcome.budget), false);
    let kept = outcome.retained.iter().find(|retained| retained.days == later);
    vec![
        format.reward(outcome.budget),
        format.quote(outcome.added_quote),
        more(depth),
        outcome.trade.map_or_else(|| MISSING.to_owned(), |trade| decimal(trade.impact_bps, 3)),
        significant(outcome.cost_per_depth_day.map(|cost| cost * 1_000.0)),
        significant(outcome.cost_per_bp_day),
        share(came),
        share(idle(capture)),
        share(sum([capture.returned, capture.rest])),
        kept.map_or_else(|| MISSING.to_owned(), |retained| more(retained.depth.both())),
    ]
}
