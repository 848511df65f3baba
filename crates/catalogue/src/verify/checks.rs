//! The checks of rows, fed one after another in the order of their keys.

use jiff::tz::Offset;
use tidemill_units::InstantUs;

use crate::verify::{Check, Finding, Severity};
use crate::{Coverage, CoverageUnit, Dataset, Source, Span};

/// The most holes that are named one by one; the others are summed up.
const MAX_NAMED: usize = 200;

/// Where findings about a source go.
pub(crate) struct Findings {
    pub(crate) source: Source,
    pub(crate) all: Vec<Finding>,
}

impl Findings {
    #[expect(clippy::too_many_arguments, reason = "these are the facts of a finding")]
    pub(crate) fn add(
        &mut self,
        (severity, check): (Severity, Check),
        place: impl Into<String>,
        what: impl Into<String>,
        allowed: &str,
        count: u64,
    ) {
        self.all.push(Finding {
            severity,
            check,
            source: self.source.to_string(),
            place: place.into(),
            what: what.into(),
            allowed: allowed.to_owned(),
            count,
        });
    }

    /// Writes a place of the source: a time or a block.
    pub(crate) fn place(&self, place: i64) -> String {
        match self.source.dataset().coverage_unit() {
            CoverageUnit::Blocks => format!("block {place}"),
            CoverageUnit::Microseconds => time_text(place),
        }
    }
}

/// Writes an instant as `2024-01-05 12:30:00`, with places of the second where it has some.
pub(crate) fn time_text(micros: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_microsecond(micros) else { return micros.to_string() };
    let time = Offset::UTC.to_datetime(time);
    let format = if micros % 1_000_000 == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.f" };
    time.strftime(format).to_string()
}

/// Writes a length of time in the units that people use.
pub(crate) fn length_text(micros: i64) -> String {
    let minutes = micros / 60_000_000;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => format!("{} s", micros / 1_000_000),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// How often something was found, and where first.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    first: Option<i64>,
}

impl Tally {
    pub(crate) fn add(&mut self, place: i64) {
        self.count += 1;
        self.first.get_or_insert(place);
    }

    pub(crate) fn tell(
        &self,
        findings: &mut Findings,
        kind: (Severity, Check),
        what: &str,
        allowed: &str,
    ) {
        if let Some(first) = self.first {
            let place = format!("first at {}", findings.place(first));
            let what = format!("{}: {what}", counted(self.count, "row"));
            findings.add(kind, place, what, allowed, self.count);
        }
    }
}

/// Holes in rows that should be a fixed step apart.
pub(crate) struct Spacing {
    step: i64,
    last: Option<i64>,
    holes: Vec<Span>,
    off_grid: Tally,
}

impl Spacing {
    pub(crate) fn new(step: i64) -> Self {
        Self { step, last: None, holes: Vec::new(), off_grid: Tally::default() }
    }

    pub(crate) fn row(&mut self, place: i64) {
        if place.rem_euclid(self.step) != 0 {
            self.off_grid.add(place);
        }
        if let Some(next) = self.last.map(|last| last.saturating_add(self.step))
            && next < place
        {
            self.holes.push(Span { from: next, to: place });
        }
        self.last = Some(place);
    }

    pub(crate) fn tell(&self, findings: &mut Findings, coverage: &Coverage) {
        let kind = (Severity::Warning, Check::Gap);
        let allowed = "one row for each interval";
        for hole in self.holes.iter().take(MAX_NAMED) {
            let missing = hole.to.saturating_sub(hole.from) / self.step;
            let cause = coverage.gaps().iter().find(|gap| gap.span().overlap(*hole).is_some());
            let cause = cause.map_or("not named by the manifest", |gap| gap.cause.as_str());
            let length = length_text(hole.to.saturating_sub(hole.from));
            let missing = u64::try_from(missing).unwrap_or(0);
            let (rows, until) = (counted(missing, "row"), findings.place(hole.to));
            let what = format!("{rows} missing, {length}, up to {until} ({cause})");
            findings.add(kind, findings.place(hole.from), what, allowed, missing);
        }
        let rest = self.holes.get(MAX_NAMED..).unwrap_or_default();
        if let Some(first) = rest.first() {
            let missing: i64 = rest.iter().map(|hole| (hole.to - hole.from) / self.step).sum();
            let missing = u64::try_from(missing).unwrap_or(0);
            let what = format!("{} missing in {} more holes", counted(missing, "row"), rest.len());
            findings.add(kind, findings.place(first.from), what, allowed, missing);
        }
        let allowed = "times that are multiples of the interval";
        self.off_grid.tell(findings, kind, "off the interval's grid", allowed);
    }
}

/// Holes in numbers that should rise by one; summed up, for there may be very many.
#[derive(Default)]
pub(crate) struct Numbers {
    last: Option<i64>,
    holes: u64,
    missing: i64,
    first: Option<Span>,
    longest: Option<Span>,
    total: i64,
}

impl Numbers {
    /// Takes the first and the last number of a row.
    pub(crate) fn row(&mut self, first: i64, last: i64) {
        let next = self.last.map_or(first, |last| last.saturating_add(1));
        if next < first {
            let hole = Span { from: next, to: first };
            let length = |span: Span| span.to - span.from;
            self.holes += 1;
            self.missing += length(hole);
            self.first.get_or_insert(hole);
            if self.longest.is_none_or(|longest| length(longest) < length(hole)) {
                self.longest = Some(hole);
            }
        }
        self.total += last.saturating_sub(next).saturating_add(1);
        self.last = Some(self.last.map_or(last, |before| before.max(last)));
    }

    pub(crate) fn tell(&self, findings: &mut Findings, what: &str) {
        let (Some(first), Some(longest)) = (self.first, self.longest) else { return };
        let permille = self.missing.saturating_mul(1000) / self.total.max(1);
        let what = format!(
            "{} {what} missing ({}.{} %) in {} ranges; the longest {} to {}",
            self.missing,
            permille / 10,
            permille % 10,
            self.holes,
            longest.from,
            longest.to - 1,
        );
        let place = format!("first {} to {}", first.from, first.to - 1);
        let kind = (Severity::Warning, Check::Gap);
        let count = u64::try_from(self.missing).unwrap_or(0);
        findings.add(kind, place, what, "numbers that rise by one", count);
    }
}

/// Returns that go far beyond those of their day or year: more than so many times the median
/// distance from the median, scaled to a standard deviation.
pub(crate) struct Outliers {
    last: Option<f64>,
    /// The returns of one partition, with their places.
    returns: Vec<(i64, f64)>,
    found: u64,
    worst: Option<(i64, f64)>,
}

/// How many robust standard deviations a return may be from the median.
pub(crate) const OUTLIER_DEVIATIONS: f64 = 40.0;

/// Fewer returns say nothing about what is usual.
const FEWEST_RETURNS: usize = 30;

/// Returns below this are no outliers, however quiet the day.
const LEAST_OUTLIER: f64 = 0.02;

impl Outliers {
    pub(crate) fn new() -> Self {
        Self { last: None, returns: Vec::new(), found: 0, worst: None }
    }

    /// Takes a price; one that is not above zero is for another check.
    pub(crate) fn price(&mut self, place: i64, price: f64) {
        if price <= 0.0 || !price.is_finite() {
            return;
        }
        if let Some(last) = self.last.replace(price) {
            self.returns.push((place, (price / last).ln()));
        }
    }

    /// Ends a partition.
    pub(crate) fn end_partition(&mut self) {
        let returns = std::mem::take(&mut self.returns);
        if returns.len() < FEWEST_RETURNS {
            return;
        }
        let mut sorted: Vec<f64> = returns.iter().map(|(_, value)| *value).collect();
        let median = median(&mut sorted);
        let mut distances: Vec<f64> =
            returns.iter().map(|(_, value)| (value - median).abs()).collect();
        // 1.4826 makes the median distance of normal values their standard deviation.
        let deviation = 1.4826 * self::median(&mut distances);
        let limit = (OUTLIER_DEVIATIONS * deviation).max(LEAST_OUTLIER);
        for (place, value) in returns {
            let far = (value - median).abs();
            if far > limit {
                self.found += 1;
                if self.worst.is_none_or(|(_, worst)| worst.abs() < far) {
                    self.worst = Some((place, value));
                }
            }
        }
    }

    pub(crate) fn tell(&self, findings: &mut Findings) {
        let Some((place, worst)) = self.worst else { return };
        let jumps = counted(self.found, "jump");
        let what = format!("{jumps} of the price; the largest {:+.2} %", 100.0 * worst);
        let allowed = format!(
            "log returns within {OUTLIER_DEVIATIONS} robust deviations of the day's or year's \
             median, or within 2 %"
        );
        let place = format!("largest at {}", findings.place(place));
        findings.add((Severity::Note, Check::Outlier), place, what, &allowed, self.found);
    }
}

/// Returns the middle value; zero of none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Times that run backwards, and arrivals before the event.
#[derive(Default)]
pub(crate) struct Clock {
    last: Option<InstantUs>,
    back: Tally,
    furthest_back_us: i64,
    early: Tally,
    earliest_us: i64,
}

impl Clock {
    pub(crate) fn row(&mut self, place: i64, time: Option<InstantUs>, seen_at: Option<InstantUs>) {
        let Some(time) = time else { return };
        if let Some(back) = self.last.and_then(|last| last.us_since(time)).filter(|us| *us > 0) {
            self.back.add(place);
            self.furthest_back_us = self.furthest_back_us.max(back);
        }
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        let early = seen_at.and_then(|seen| time.us_since(seen)).filter(|us| *us > 0);
        if let Some(early) = early {
            self.early.add(place);
            self.earliest_us = self.earliest_us.max(early);
        }
    }

    pub(crate) fn tell(&self, findings: &mut Findings) {
        let kind = (Severity::Warning, Check::Clock);
        let what = format!("the time runs back, by up to {} ms", self.furthest_back_us / 1000);
        self.back.tell(findings, kind, &what, "times that never fall in the order of the rows");
        let what = format!("seen before it happened, by up to {} ms", self.earliest_us / 1000);
        self.early.tell(findings, kind, &what, "seen_at at or after time");
    }
}

/// Rows of a source by day, and rows outside what was asked for.
pub(crate) struct Days {
    step: Option<i64>,
    pub(crate) rows: std::collections::BTreeMap<i64, u64>,
    outside: Tally,
}

const DAY_US: i64 = 86_400_000_000;

impl Days {
    pub(crate) fn of(source: &Source) -> Self {
        let step = source.interval().map(tidemill_model::Interval::us);
        Self { step, rows: std::collections::BTreeMap::new(), outside: Tally::default() }
    }

    pub(crate) fn row(&mut self, place: i64, time: Option<InstantUs>, spans: &[Span]) {
        if let Some(time) = time {
            *self.rows.entry(time.0.div_euclid(DAY_US)).or_default() += 1;
        }
        // Spans ascend, so the one that could hold it is the last that begins before.
        let after = spans.partition_point(|span| span.from <= place);
        let holds = after.checked_sub(1).and_then(|at| spans.get(at));
        if !holds.is_some_and(|span| span.contains(place)) {
            self.outside.add(place);
        }
    }

    pub(crate) fn tell(&self, findings: &mut Findings) {
        let kind = (Severity::Warning, Check::Place);
        let what = "outside what the manifest says was asked for";
        self.outside.tell(findings, kind, what, "rows inside the coverage");
    }

    /// Returns each day from the first to the last; a long history is cut to its last part.
    pub(crate) fn days(&self, dataset: Dataset) -> Vec<crate::verify::Day> {
        const MOST: i64 = 40_000;
        let ends = self.rows.keys().next().zip(self.rows.keys().next_back());
        let Some((first, last)) = ends else { return Vec::new() };
        let first = *first.max(&last.saturating_sub(MOST));
        let expected = |day: i64| {
            let full = self.step.filter(|step| DAY_US % step == 0).map(|step| DAY_US / step);
            let is_end = day == first || day == *last;
            full.filter(|_| !is_end && dataset.coverage_unit() == CoverageUnit::Microseconds)
        };
        let day = |day: i64| crate::verify::Day {
            day: time_text(day.saturating_mul(DAY_US)).chars().take(10).collect(),
            rows: self.rows.get(&day).copied().unwrap_or(0),
            expected: expected(day).and_then(|rows| u64::try_from(rows).ok()),
        };
        (first..=*last).map(day).collect()
    }
}

fn counted(count: u64, of: &str) -> String {
    if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") }
}
