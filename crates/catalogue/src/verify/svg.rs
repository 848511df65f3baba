use std::fmt::Write as _;
use std::ops::Range;

use crate::verify::{Day, Severity, SourceReport};

const WIDTH: usize = 960;
const SIDE: usize = 16;
/// Where the first source begins, below the legend.
const HEAD: usize = 36;
/// One source: two lines of text, its bars, the lane of what is missing, the axis.
const SOURCE: usize = 124;
const BARS: usize = 40;
const LANE: usize = 8;
/// Columns at most, so that none is narrower than two pixels.
const COLUMNS: usize = (WIDTH - 2 * SIDE) / 2;
/// Labels of the axis at most; one is as wide as `2024-01-05`.
const LABELS: usize = 12;

/// Colours by class, in light and in dark.
const STYLE: &str = "text{fill:#1d2a33}.soft{fill:#5b6b75}.ground{fill:#ffffff}.rows{fill:#2a6f97}\
.none{fill:#e6ebee}.short{fill:#c4451d}.axis{stroke:#9aa7af}\
@media(prefers-color-scheme:dark){text{fill:#e4eaee}.soft{fill:#9fb0bb}.ground{fill:#12181c}\
.rows{fill:#5aa9d6}.none{fill:#2a343b}.short{fill:#f0764c}.axis{stroke:#5b6b75}}";

/// Draws for each source its rows by day and, in a lane below, the days that lack some; many days
/// share a column, and one short day among them marks it.
pub(crate) fn draw(sources: &[SourceReport]) -> String {
    let height = HEAD + SOURCE * sources.len().max(1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"12\">\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n"
    );
    legend(&mut svg);
    for (source, number) in sources.iter().zip(0_usize..) {
        draw_source(&mut svg, source, HEAD + number * SOURCE);
    }
    svg.push_str("</svg>\n");
    svg
}

// Writing into a string cannot fail, here and below.
fn legend(svg: &mut String) {
    let entries = [("rows", "rows of a day"), ("short", "rows missing"), ("none", "none missing")];
    for ((class, name), number) in entries.into_iter().zip(0_usize..) {
        let left = SIDE + number * 130;
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{left}\" y=\"12\" width=\"12\" height=\"12\"/>\
             <text class=\"soft\" x=\"{}\" y=\"22\">{name}</text>",
            left + 18
        );
    }
}

fn draw_source(svg: &mut String, source: &SourceReport, top: usize) {
    let (title, summary) = (escaped(&source.source), escaped(&summary(source)));
    let (first, second) = (top + 14, top + 30);
    let _ = writeln!(
        svg,
        "<text x=\"{SIDE}\" y=\"{first}\" font-weight=\"600\">{title}</text>\
         <text class=\"soft\" x=\"{SIDE}\" y=\"{second}\">{summary}</text>"
    );
    let days = &source.days;
    let most = days.iter().map(|day| day.rows.max(day.expected.unwrap_or(0))).max();
    let most = most.unwrap_or(0).max(1);
    let (bars, lane) = (top + 38, top + 38 + BARS + 2);
    for column in columns(days.len()) {
        let Some(shown) = days.get(column.days.clone()) else { continue };
        let tall = tallness(shown, most);
        let Column { left, wide, .. } = column;
        let class = if shown.iter().any(is_short) { "short" } else { "none" };
        let _ = writeln!(
            svg,
            "<g><title>{}</title><rect class=\"rows\" x=\"{left}\" y=\"{}\" width=\"{wide}\" \
             height=\"{tall}\"/><rect class=\"{class}\" x=\"{left}\" y=\"{lane}\" \
             width=\"{wide}\" height=\"{LANE}\"/></g>",
            said(shown),
            bars + BARS - tall,
        );
    }
    axis(svg, days, lane + LANE);
}

/// What stands below the name of a source.
fn summary(source: &SourceReport) -> String {
    let mut summary = format!("{} rows", source.rows);
    if let Some((first, last)) = source.days.first().zip(source.days.last()) {
        let _ = write!(summary, ", {} to {}", first.day, last.day);
    }
    let mut is_clean = true;
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let count = source.findings.iter().filter(|found| found.severity == severity).count();
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let _ = write!(summary, ", {count} {severity}{plural}");
            is_clean = false;
        }
    }
    if is_clean {
        summary.push_str(", nothing found");
    }
    summary
}

/// Days side by side that share a column, and where it is drawn.
struct Column {
    days: Range<usize>,
    left: usize,
    wide: usize,
}

fn columns(days: usize) -> impl Iterator<Item = Column> {
    let count = days.min(COLUMNS);
    (0..count).map(move |number| {
        let of_days = |number: usize| number * days / count;
        let place = |number: usize| SIDE + number * (WIDTH - 2 * SIDE) / count;
        let (left, right) = (place(number), place(number + 1));
        // Columns with room for it stand apart.
        let apart = usize::from(right - left > 4);
        Column { days: of_days(number)..of_days(number + 1), left, wide: right - left - apart }
    })
}

fn is_short(day: &Day) -> bool {
    day.rows == 0 || day.expected.is_some_and(|expected| day.rows < expected)
}

/// The mean of a column's days, as a share of the tallest day of the source; any row shows.
fn tallness(days: &[Day], most: u64) -> usize {
    let rows: u128 = days.iter().map(|day| u128::from(day.rows)).sum();
    let all = u128::from(most) * days.len() as u128;
    let tall = rows * BARS as u128 / all.max(1);
    let least = usize::from(rows > 0);
    usize::try_from(tall).unwrap_or(BARS).clamp(least, BARS)
}

fn said(days: &[Day]) -> String {
    let rows: u64 = days.iter().map(|day| day.rows).sum();
    let expected: Option<u64> = days.iter().map(|day| day.expected).sum();
    let of = expected.map_or(String::new(), |expected| format!(" of {expected}"));
    match days {
        [day] => format!("{}: {rows}{of}", day.day),
        [first, .., last] => {
            let short = days.iter().filter(|day| is_short(day)).count();
            format!("{} to {}: {rows}{of}, short on {short} days", first.day, last.day)
        }
        [] => String::new(),
    }
}

/// The years, months or days that the columns stand for, whichever leaves room for the labels.
fn axis(svg: &mut String, days: &[Day], top: usize) {
    let _ = writeln!(svg, "<path class=\"axis\" d=\"M{SIDE} {top}.5H{}\"/>", WIDTH - SIDE);
    let begins = |ending: &str| -> Vec<usize> {
        let places = days.iter().zip(0_usize..);
        places.filter(|(day, _)| day.day.ends_with(ending)).map(|(_, place)| place).collect()
    };
    let (marks, length) = match (begins("-01-01"), begins("-01")) {
        (years, _) if years.len() > 2 => (years, "2024".len()),
        (_, months) if months.len() > 2 => (months, "2024-01".len()),
        (_, _) => ((0..days.len()).collect(), "2024-01-05".len()),
    };
    for place in marks.iter().step_by(marks.len().div_ceil(LABELS).max(1)) {
        let label = days.get(*place).and_then(|day| day.day.get(..length)).unwrap_or_default();
        let left = SIDE + place * (WIDTH - 2 * SIDE) / days.len().max(1);
        let (end, text) = (top + 4, top + 16);
        let _ = writeln!(
            svg,
            "<path class=\"axis\" d=\"M{left}.5 {top}V{end}\"/>\
             <text class=\"soft\" x=\"{left}\" y=\"{text}\">{label}</text>"
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
