//! What a strategy did: a lane for each kind of action with a mark for each.

use super::SIDE;
use super::clock::Clock;
use super::path::pixels;
use super::plot::{BESIDE_LABEL, CHARACTER};
use crate::StrategySheet;
use crate::page::markup::{escape, put};

/// Kinds of actions that have a lane of their own; the rest share one.
const MOST: usize = 6;
const HEIGHT: f64 = 15.0;
/// Between the plot above and the first lane.
const GAP: f64 = 10.0;
const MARK: f64 = 9.0;

/// The lanes, in the order in which their kinds first occurred.
pub(super) struct Lanes<'a> {
    lanes: Vec<Lane<'a>>,
}

struct Lane<'a> {
    name: &'a str,
    class: &'static str,
    times: Vec<u64>,
}

impl<'a> Lanes<'a> {
    pub(super) fn of(strategy: &'a StrategySheet) -> Self {
        let mut lanes: Vec<Lane<'a>> = Vec::new();
        for action in &strategy.actions {
            let is_known = lanes.iter().any(|lane| lane.name == action.what);
            let name = if is_known || lanes.len() < MOST { action.what.as_str() } else { "other" };
            add(&mut lanes, name, action.unix);
        }
        for (unix, _) in &strategy.refusals {
            add(&mut lanes, "refused", *unix);
        }
        if let Some(stopped) = &strategy.stopped {
            add(&mut lanes, "stopped", stopped.unix);
        }
        Self { lanes }
    }

    /// The room that the names take.
    pub(super) fn label_room(&self) -> f64 {
        let widest = self.lanes.iter().map(|lane| lane.label().chars().count()).max();
        SIDE + widest.unwrap_or(0) as f64 * CHARACTER + BESIDE_LABEL
    }

    /// Draws the lanes below `top` and returns where they end.
    pub(super) fn draw(&self, svg: &mut String, clock: &Clock, top: f64) -> f64 {
        if self.lanes.is_empty() {
            return top;
        }
        let mut y = top + GAP;
        clock.draw(svg, y, y + HEIGHT * self.lanes.len() as f64);
        for lane in &self.lanes {
            let (x, at) = (pixels(clock.left - BESIDE_LABEL), pixels(y + 9.0));
            put(
                svg,
                format_args!(
                    "<text class=\"tick\" x=\"{x}\" y=\"{at}\" text-anchor=\"end\">{}</text>\
                     <path class=\"{}\" d=\"{}\"/>\n",
                    escape(&lane.label()),
                    lane.class,
                    lane.marks(clock, y)
                ),
            );
            y += HEIGHT;
        }
        y
    }
}

fn add<'a>(lanes: &mut Vec<Lane<'a>>, name: &'a str, unix: u64) {
    match lanes.iter_mut().find(|lane| lane.name == name) {
        Some(lane) => lane.times.push(unix),
        None => lanes.push(Lane { name, class: class(name), times: vec![unix] }),
    }
}

/// What went wrong has another colour.
fn class(name: &str) -> &'static str {
    match name {
        "refused" | "stopped" | "rejected" | "expired" | "liquidated" => "warn",
        _ => "mark",
    }
}

impl Lane<'_> {
    fn label(&self) -> String {
        format!("{} \u{d7} {}", self.name, crate::format::count(self.times.len() as u64))
    }

    /// One mark for those that would stand in the same place.
    fn marks(&self, clock: &Clock, y: f64) -> String {
        let mut places: Vec<_> = self.times.iter().map(|unix| pixels(clock.x(*unix))).collect();
        places.dedup();
        let mark = |x: &String| format!("M{x} {}v{MARK}", pixels(y));
        places.iter().map(mark).collect()
    }
}
