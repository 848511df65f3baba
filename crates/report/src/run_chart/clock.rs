//! The axis of time, which all plots share.

use jiff::Timestamp;

use super::WIDTH;
use super::path::pixels;
use crate::page::markup::put;

/// A stretch of time, seconds since 1970-01-01 UTC, and where it is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) from: u64,
    /// Above `from`.
    pub(super) to: u64,
    pub(super) left: f64,
    pub(super) right: f64,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// Steps between ticks; months where the last is too dense.
const STEPS: [u64; 12] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];
/// The least room of a tick with its label.
const ROOM: f64 = 78.0;
/// Half of what the widest label takes.
const HALF_LABEL: f64 = 30.0;

impl Clock {
    /// Where a time is drawn; one before the start or after the end is drawn there.
    pub(super) fn x(&self, unix: u64) -> f64 {
        let inside = unix.clamp(self.from, self.to);
        let part = (inside - self.from) as f64 / (self.to - self.from) as f64;
        self.left + part * (self.right - self.left)
    }

    /// Draws a line at each tick from `top` to `bottom`.
    pub(super) fn draw(&self, svg: &mut String, top: f64, bottom: f64) {
        let lines = self.ticks().into_iter().map(|(unix, _)| {
            let [x, top, bottom] = [self.x(unix), top, bottom].map(pixels);
            format!("M{x} {top}V{bottom}")
        });
        let lines: String = lines.collect();
        put(svg, format_args!("<path class=\"grid\" d=\"{lines}\"/>\n"));
    }

    /// Writes the ticks' labels below the lowest line.
    pub(super) fn label(&self, svg: &mut String, bottom: f64) {
        let y = pixels(bottom + 16.0);
        put(svg, format_args!("<g text-anchor=\"middle\">"));
        for (unix, label) in self.ticks() {
            let x = pixels(self.x(unix).min(WIDTH - HALF_LABEL));
            put(svg, format_args!("<text class=\"tick\" x=\"{x}\" y=\"{y}\">{label}</text>"));
        }
        put(svg, format_args!("</g>\n"));
    }

    fn ticks(&self) -> Vec<(u64, String)> {
        let most = (((self.right - self.left) / ROOM) as u64).max(2);
        let step = STEPS.into_iter().find(|step| (self.to - self.from) / step <= most);
        let Some(step) = step else { return self.months(most) };
        let first = self.from.div_ceil(step);
        let times = (first..=self.to / step).map(|index| index * step);
        times.map(|unix| (unix, label(unix, unix % DAY != 0))).collect()
    }

    /// The first day of every month, or of every so many.
    fn months(&self, most: u64) -> Vec<(u64, String)> {
        let every = ((self.to - self.from) / (30 * DAY)).div_ceil(most).max(1);
        let mut months = Vec::new();
        let mut last = String::new();
        for day in self.from.div_ceil(DAY)..=self.to / DAY {
            let month = written(day * DAY, "%Y-%m");
            if month != last && written(day * DAY, "%d") == "01" {
                months.push((day * DAY, month.clone()));
            }
            last = month;
        }
        months.into_iter().step_by(usize::try_from(every).unwrap_or(usize::MAX)).collect()
    }
}

/// Writes a time as `5 Dec`, or of a day's inside as `06:00`.
fn label(unix: u64, is_inside: bool) -> String {
    if is_inside { written(unix, "%H:%M") } else { written(unix, "%-d %b") }
}

fn written(unix: u64, format: &str) -> String {
    let at = i64::try_from(unix).ok().and_then(|unix| Timestamp::from_second(unix).ok());
    at.map_or(String::new(), |at| at.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::{Clock, DAY, HOUR};

    fn labels(days: u64, hours: u64) -> String {
        let from = 1_733_011_211;
        let clock = Clock { from, to: from + days * DAY + hours * HOUR, left: 80.0, right: 830.0 };
        clock.ticks().into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_stand_at_round_times_and_say_the_day_where_one_begins() {
        assert_eq!(labels(7, 1), "2 Dec 3 Dec 4 Dec 5 Dec 6 Dec 7 Dec 8 Dec");
        assert_eq!(labels(0, 30), "06:00 12:00 18:00 2 Dec 06:00");
        assert_eq!(labels(200, 0), "2025-01 2025-02 2025-03 2025-04 2025-05 2025-06");
    }

    #[test]
    fn times_outside_are_drawn_at_the_ends() {
        let clock = Clock { from: 100, to: 200, left: 0.0, right: 50.0 };
        assert_eq!(
            [50, 100, 150, 200, 900].map(|unix| clock.x(unix)),
            [0.0, 0.0, 25.0, 50.0, 50.0]
        );
    }
}
