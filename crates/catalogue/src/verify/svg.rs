use std::fmt::Write as _;

use crate::verify::SourceReport;

const WIDTH: usize = 960;
const ROW: usize = 92;
const BARS: usize = 56;

/// Draws one line of bars for each source; the tallest day of a source fills its line.
pub(crate) fn draw(sources: &[SourceReport]) -> String {
    let height = ROW * sources.len().max(1) + 8;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (source, number) in sources.iter().zip(0_usize..) {
        line(&mut svg, source, number * ROW);
    }
    svg.push_str("</svg>\n");
    svg
}

fn line(svg: &mut String, source: &SourceReport, top: usize) {
    let count = source.days.len();
    let most = source.days.iter().map(|day| day.rows.max(day.expected.unwrap_or(0))).max();
    let most = most.unwrap_or(0).max(1);
    let ends = source.days.first().zip(source.days.last());
    let ends = ends.map_or(String::new(), |(a, b)| format!("{} to {}", a.day, b.day));
    let title = format!("{}  {} rows  {ends}", source.source, source.rows);
    // Writing into a string cannot fail.
    let _ = writeln!(svg, "<text x=\"8\" y=\"{}\" fill=\"#333333\">{title}</text>", top + 20);
    let base = top + 28 + BARS;
    for (day, place) in source.days.iter().zip(0_usize..) {
        let left = place * (WIDTH - 16) * 100 / count.max(1);
        let right = (place + 1) * (WIDTH - 16) * 100 / count.max(1);
        let share = u128::from(day.rows) * 5_600 / u128::from(most);
        let tall = usize::try_from(share).unwrap_or(0);
        let short = day.expected.is_some_and(|expected| day.rows < expected);
        let colour = if short || day.rows == 0 { "#c4451d" } else { "#2a6f97" };
        // A day without rows is a mark below the line.
        let (y, tall) = if tall == 0 { (base, 300) } else { (base, tall) };
        let top_of = if day.rows == 0 { y * 100 } else { y * 100 - tall };
        let wide = (right - left).saturating_sub(if count < 400 { 100 } else { 0 }).max(20);
        let _ = writeln!(
            svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"><title>{}: {}{}\
             </title></rect>",
            hundredths(left + 800),
            hundredths(top_of),
            hundredths(wide),
            hundredths(tall),
            day.day,
            day.rows,
            day.expected.map_or(String::new(), |expected| format!(" of {expected}")),
        );
    }
}

fn hundredths(value: usize) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}
