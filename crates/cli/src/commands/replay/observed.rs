use serde::Serialize;
use tidemill_market::{ClassTotals, EventPlace, GrowthBounds, ObservedReport, SwapClass};
use tidemill_model::Tape;
use tidemill_replay::{ObservedReplay, replay_observed};
use tidemill_store::AnyTape;
use tidemill_units::{Amount, Side, U256, mul_div_rounding_up};

use crate::failure::Failure;
use crate::{output, progress};

/// Big integers are decimal strings.
#[derive(Serialize)]
struct Json {
    fidelity: &'static str,
    events: u64,
    swaps: u64,
    swaps_exact: ClassJson,
    swaps_inferred: ClassJson,
    swaps_bounded: ClassJson,
    swaps_unresolved: ClassJson,
    opened_by_first_swap: bool,
    liquidity_changes: u64,
    ticks_inferred: u64,
    sqrt_price_x96: Option<String>,
    tick: Option<i32>,
    liquidity: Option<String>,
    fee_growth_global_0_x128: BoundsJson,
    fee_growth_global_1_x128: BoundsJson,
    first_bounded: Option<PlaceJson>,
    first_unresolved: Option<PlaceJson>,
    findings: Vec<String>,
    findings_in_all: u64,
    replay_seconds: f64,
    events_per_second: f64,
}

#[derive(Serialize)]
struct ClassJson {
    swaps: u64,
    paid0: String,
    paid1: String,
    fees0: String,
    fees1: String,
    /// Of what all swaps paid in, in millionths.
    share_of_volume0_ppm: u64,
    share_of_volume1_ppm: u64,
    /// Of the fees of all swaps, in millionths.
    share_of_fees0_ppm: u64,
    share_of_fees1_ppm: u64,
}

#[derive(Serialize)]
struct BoundsJson {
    certainty: &'static str,
    least: String,
    most: String,
    /// How far the bounds are apart beside the lower one, in 10^-18, rounded up.
    width_e18: Option<String>,
}

#[derive(Serialize)]
struct PlaceJson {
    block: u64,
    log_index: u32,
}

pub(super) fn run(tape: &AnyTape, json: bool) -> Result<(), Failure> {
    let AnyTape::Concentrated(tape) = tape else {
        return Err(Failure::input("--fidelity observed is for concentrated pools"));
    };
    let replayed = run_with_bar(tape)?;
    let shown = Json::of(&replayed);
    if json {
        output::print_json(&shown)?
    } else {
        shown.print(&replayed.report)?
    }
    match replayed.report.findings.first() {
        None => Ok(()),
        Some(finding) => Err(Failure::finding(finding)),
    }
}

fn run_with_bar(tape: &Tape) -> Result<ObservedReplay, Failure> {
    let bar = progress::bar(tape.events.len() as u64, "replaying");
    let replayed = replay_observed(tape, |done| bar.set_position(done)).map_err(Failure::input);
    bar.finish_and_clear();
    replayed
}

impl Json {
    fn of(replayed: &ObservedReplay) -> Self {
        let ObservedReplay { report, end, fee_growth_global: [growth0, growth1], elapsed } =
            replayed;
        let seconds = elapsed.as_secs_f64();
        let class = |class| ClassJson::of(report, report.class(class));
        Self {
            fidelity: "observed",
            events: report.events,
            swaps: report.swaps(),
            swaps_exact: class(SwapClass::Exact),
            swaps_inferred: class(SwapClass::Inferred),
            swaps_bounded: class(SwapClass::Bounded),
            swaps_unresolved: class(SwapClass::Unresolved),
            opened_by_first_swap: report.is_opened_by_swap,
            liquidity_changes: report.liquidity_changes,
            ticks_inferred: report.ticks_inferred,
            sqrt_price_x96: end.map(|end| end.sqrt_price.to_string()),
            tick: end.map(|end| end.tick.0),
            liquidity: end.map(|end| end.liquidity.to_string()),
            fee_growth_global_0_x128: BoundsJson::of(growth0),
            fee_growth_global_1_x128: BoundsJson::of(growth1),
            first_bounded: report.first_bounded.map(PlaceJson::of),
            first_unresolved: report.first_unresolved.map(PlaceJson::of),
            findings: report.findings.iter().map(ToString::to_string).collect(),
            findings_in_all: report.findings_in_all,
            replay_seconds: seconds,
            events_per_second: if seconds > 0.0 { report.events as f64 / seconds } else { 0.0 },
        }
    }

    fn print(&self, report: &ObservedReport) -> Result<(), Failure> {
        let mut rows = vec![
            ("fidelity", self.fidelity.to_owned()),
            ("events", self.events.to_string()),
            ("swaps", self.swaps.to_string()),
            ("  exact", self.swaps_exact.text()),
            ("  inferred", self.swaps_inferred.text()),
            ("  bounded", self.swaps_bounded.text()),
            ("  unresolved", self.swaps_unresolved.text()),
        ];
        if self.opened_by_first_swap {
            rows.push(("  opening", "1, which says where the pool is".to_owned()));
        }
        rows.extend([
            ("mints and burns", self.liquidity_changes.to_string()),
            ("ticks inferred", self.ticks_inferred.to_string()),
        ]);
        let unknown = || "unknown".to_owned();
        rows.extend([
            ("sqrt price x96", self.sqrt_price_x96.clone().unwrap_or_else(unknown)),
            ("tick", self.tick.map_or_else(unknown, |tick| tick.to_string())),
            ("liquidity", self.liquidity.clone().unwrap_or_else(unknown)),
            ("fee growth 0 x128", self.fee_growth_global_0_x128.text()),
            ("fee growth 1 x128", self.fee_growth_global_1_x128.text()),
        ]);
        let place = |place: &Option<EventPlace>| {
            place.map_or("none".to_owned(), |EventPlace { block, log_index }| {
                format!("block {block}, log index {log_index}")
            })
        };
        rows.extend([
            ("first bounded", place(&report.first_bounded)),
            ("first unresolved", place(&report.first_unresolved)),
            ("findings", self.findings_in_all.to_string()),
            ("seconds", format!("{:.4}", self.replay_seconds)),
            ("events per second", format!("{:.0}", self.events_per_second)),
        ]);
        output::print_rows(&rows)
    }
}

impl ClassJson {
    fn of(report: &ObservedReport, totals: &ClassTotals) -> Self {
        let share = |side: Side, of: fn(&ClassTotals) -> tidemill_units::Amounts| {
            let all = SwapClass::ALL.map(|class| of(report.class(class)).get(side));
            let all = all.into_iter().fold(U256::ZERO, |sum, one| sum.saturating_add(one.0));
            millionths(of(totals).get(side), all)
        };
        Self {
            swaps: totals.swaps,
            paid0: totals.paid.amount0.to_string(),
            paid1: totals.paid.amount1.to_string(),
            fees0: totals.fees.amount0.to_string(),
            fees1: totals.fees.amount1.to_string(),
            share_of_volume0_ppm: share(Side::Token0, |totals| totals.paid),
            share_of_volume1_ppm: share(Side::Token1, |totals| totals.paid),
            share_of_fees0_ppm: share(Side::Token0, |totals| totals.fees),
            share_of_fees1_ppm: share(Side::Token1, |totals| totals.fees),
        }
    }

    fn text(&self) -> String {
        let percent = |ppm: u64| format!("{}.{:04} %", ppm / 10_000, ppm % 10_000);
        format!(
            "{}, of volume {} of token0 and {} of token1, of fees {} and {}",
            self.swaps,
            percent(self.share_of_volume0_ppm),
            percent(self.share_of_volume1_ppm),
            percent(self.share_of_fees0_ppm),
            percent(self.share_of_fees1_ppm),
        )
    }
}

/// Returns a part of a whole in millionths, rounded up, so that nothing there is shows as none.
fn millionths(part: Amount, whole: U256) -> u64 {
    let share = mul_div_rounding_up(part.0, U256::from(1_000_000_u32), whole);
    share.and_then(|share| u64::try_from(share).ok()).unwrap_or(0)
}

impl BoundsJson {
    fn of(bounds: &GrowthBounds) -> Self {
        let e18 = U256::from(10_u64.pow(18));
        let width = mul_div_rounding_up(bounds.width(), e18, bounds.least.0);
        Self {
            certainty: bounds.certainty().name(),
            least: bounds.least.to_string(),
            most: bounds.most.to_string(),
            width_e18: width.map(|width| width.to_string()),
        }
    }

    fn text(&self) -> String {
        if self.least == self.most {
            return format!("{} ({})", self.least, self.certainty);
        }
        let width = self.width_e18.as_deref().unwrap_or("unknown");
        format!("{} to {} ({}, {width}e-18 apart)", self.least, self.most, self.certainty)
    }
}

impl PlaceJson {
    fn of(place: EventPlace) -> Self {
        Self { block: place.block.0, log_index: place.log_index.0 }
    }
}
