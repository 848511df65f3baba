//! The table and its JSON form.

use serde_json::{Value, json};

use crate::harness::{Contestant, Row, Target, Timing};

const NAME: usize = 38;
const CELL: usize = 20;

pub(crate) fn print_header() {
    let mut line = format!("{:<NAME$}", "ns per operation (best of 7 rounds)");
    for contestant in Contestant::ALL {
        line.push_str(&format!("{:>CELL$}", contestant.name()));
    }
    println!("{line}{:>12}{:>10}  met", "ratio", "target");
}

pub(crate) fn print_row(row: &Row, timing: &Timing) {
    let mut line = format!("{:<NAME$}", row.title);
    for contestant in Contestant::ALL {
        let cell = timing.of(contestant).map_or_else(|| "-".to_owned(), |ns| format!("{ns:.1}"));
        line.push_str(&format!("{cell:>CELL$}"));
    }
    let met = match timing.meets(row.target) {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    println!("{line}{:>12}{:>10}  {met}", result(row.target, timing), row.target.to_string());
}

/// What the target is held against: a ratio, or a rate where there is nobody to divide by.
fn result(target: Target, timing: &Timing) -> String {
    let ratio = timing.ratio().map(|ratio| format!("{ratio:.2}x"));
    let rate = timing.of(Contestant::Tidemill).map(|ns| format!("{:.2} M/s", 1e3 / ns));
    match target {
        Target::PerSecond(_) => rate,
        Target::TimesFaster(_) | Target::TimesSlower(_) | Target::Shown => ratio.or(rate),
    }
    .unwrap_or_else(|| "-".to_owned())
}

pub(crate) fn to_json(name: &str, row: &Row, timing: &Timing) -> Value {
    let nanoseconds: serde_json::Map<String, Value> = timing
        .nanoseconds
        .iter()
        .map(|(contestant, ns)| (contestant.name().to_owned(), json!(ns)))
        .collect();
    let (times_faster, per_second) = match row.target {
        Target::TimesFaster(times) => (Some(times), None),
        Target::TimesSlower(times) => (Some(1.0 / times), None),
        Target::PerSecond(rate) => (None, Some(rate)),
        Target::Shown => (None, None),
    };
    json!({
        "workload": name,
        "title": row.title,
        "ns_per_operation": nanoseconds,
        "ratio": timing.ratio(),
        "operations_per_second": timing.of(Contestant::Tidemill).map(|ns| 1e9 / ns),
        "target_ratio": times_faster,
        "target_operations_per_second": per_second,
        "met": timing.meets(row.target),
        "notes": row.notes,
    })
}
