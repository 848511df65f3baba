//! Times contenders side by side: calibrated rounds, interleaved, the best of each.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: u32 = 7;
const SHORTEST_ROUND: Duration = Duration::from_millis(20);

/// Whose code is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    Tidemill,
    UniswapV3Sdk,
    UniswapV3Math,
    CurveMath,
    BalancerMaths,
    AlloySolTypes,
    /// What rules say, written in Rust.
    RustTwin,
    /// The same work with nothing shared.
    EachAlone,
}

impl Contestant {
    pub(crate) const ALL: [Self; 8] = [
        Self::Tidemill,
        Self::UniswapV3Sdk,
        Self::UniswapV3Math,
        Self::CurveMath,
        Self::BalancerMaths,
        Self::AlloySolTypes,
        Self::RustTwin,
        Self::EachAlone,
    ];

    /// Returns the crate's published name, or what else it is.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tidemill => "tidemill",
            Self::UniswapV3Sdk => "uniswap-v3-sdk",
            Self::UniswapV3Math => "uniswap_v3_math",
            Self::CurveMath => "curve-math",
            Self::BalancerMaths => "balancer-maths-rust",
            Self::AlloySolTypes => "alloy-sol-types",
            Self::RustTwin => "twin-in-rust",
            Self::EachAlone => "each-alone",
        }
    }
}

/// Runs a number of iterations of one contestant's workload.
pub(crate) type Run = Box<dyn FnMut(u64)>;

/// What a row is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// At least this many times faster than the fastest published crate.
    TimesFaster(f64),
    /// At most this many times the time of the other contestant.
    TimesSlower(f64),
    /// At least this many operations a second, where no published crate does the job.
    PerSecond(f64),
    /// Shown without a target.
    Shown,
}

/// One workload, ready to be timed: the results have been compared already.
pub(crate) struct Row {
    /// What one operation is, for the reader of the table.
    pub(crate) title: String,
    pub(crate) target: Target,
    /// Operations in one iteration.
    pub(crate) operations: u64,
    pub(crate) contestants: Vec<(Contestant, Run)>,
    /// Known deviations and what they touch.
    pub(crate) notes: Vec<String>,
}

/// Best times of a row.
pub(crate) struct Timing {
    pub(crate) nanoseconds: Vec<(Contestant, f64)>,
}

impl Timing {
    pub(crate) fn of(&self, contestant: Contestant) -> Option<f64> {
        self.nanoseconds.iter().find(|(each, _)| *each == contestant).map(|(_, ns)| *ns)
    }

    /// Returns the fastest time of all others over ours.
    pub(crate) fn ratio(&self) -> Option<f64> {
        let ours = self.of(Contestant::Tidemill)?;
        let published = Contestant::ALL.iter().filter(|each| **each != Contestant::Tidemill);
        let fastest = published.filter_map(|each| self.of(*each)).reduce(f64::min)?;
        Some(fastest / ours)
    }

    /// Whether the target is met; `None` where there is none.
    pub(crate) fn meets(&self, target: Target) -> Option<bool> {
        match target {
            Target::TimesFaster(times) => Some(self.ratio()? >= times),
            Target::TimesSlower(times) => Some(1.0 / self.ratio()? <= times),
            Target::PerSecond(rate) => Some(1e9 / self.of(Contestant::Tidemill)? >= rate),
            Target::Shown => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesFaster(times) => write!(formatter, "{times:.0}x"),
            Self::TimesSlower(times) => write!(formatter, "1/{times:.0}x"),
            Self::PerSecond(rate) => write!(formatter, "{:.1} M/s", rate / 1e6),
            Self::Shown => formatter.write_str("-"),
        }
    }
}

/// Runs an operation over the inputs in a circle, hiding inputs and results from the optimiser.
pub(crate) fn circle<I: 'static, O>(inputs: Vec<I>, operation: impl Fn(&I) -> O + 'static) -> Run {
    Box::new(move |iterations| {
        let inputs = inputs.iter().cycle();
        for input in inputs.take(usize::try_from(iterations).unwrap_or(usize::MAX)) {
            black_box(operation(black_box(input)));
        }
    })
}

/// Runs one contestant's iterations. Never inlined, so that an instruction counter can be switched
/// on for just this function (`valgrind --tool=callgrind --toggle-collect='*harness::measured*'`).
#[inline(never)]
pub(crate) fn measured(run: &mut Run, iterations: u64) {
    run(iterations);
}

/// Times a row: every contestant in every round, so that a slow moment of the machine hits all.
pub(crate) fn time(row: &mut Row) -> Timing {
    let mut entries: Vec<_> = row
        .contestants
        .iter_mut()
        .map(|(contestant, run)| {
            let iterations = calibrate(run);
            (*contestant, run, iterations, f64::INFINITY)
        })
        .collect();
    for _ in 0..ROUNDS {
        for (_, run, iterations, best) in &mut entries {
            let per_operation = elapsed(run, *iterations).as_secs_f64() * 1e9
                / (*iterations * row.operations) as f64;
            *best = best.min(per_operation);
        }
    }
    Timing { nanoseconds: entries.iter().map(|(who, .., best)| (*who, *best)).collect() }
}

/// Doubles the iterations until a round is long enough; that also warms caches and predictors.
fn calibrate(run: &mut Run) -> u64 {
    let mut iterations = 1;
    while elapsed(run, iterations) < SHORTEST_ROUND {
        iterations *= 2;
    }
    iterations
}

fn elapsed(run: &mut Run, iterations: u64) -> Duration {
    let start = Instant::now();
    measured(run, iterations);
    start.elapsed()
}
