mod decider;
mod samples;

use serde::{Deserialize, Serialize};
use tidemill_model::InstrumentId;
use tidemill_strategy::Strategy;
use tidemill_units::{Amount, Bps};

use crate::declared::{Declared, Site, row};
use crate::{BuildError, ParameterError, bounded};
use decider::PairsDecider;

/// Hypothesis: two instruments follow the same thing, so that what one leaves of the other comes
/// back within hours, by more than four trades and the funding of that time cost.
///
/// Samples the logarithms of both prices, and regresses those of the first on those of the second
/// over a window. What the line leaves over has to pass Engle and Granger's test, and to come back
/// with a half-life between two bounds. Where the newest of it is `entry_sigmas` deviations off or
/// more, the dear instrument is sold and the cheap one bought: `notional_quote` of the first, and
/// the line's slope times that of the second. Line, deviation and quantities stay as they are until
/// the score is back at `exit_sigmas`; at `stop_sigmas`, and after `max_hold_minutes`, the pair is
/// closed too, and none is entered before the score was below the entry again. One leg without the
/// other is completed once while the score asks for it, and closed at any price otherwise. Old
/// prices and those of a feed with a gap are not looked at. Never stops.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pairs {
    /// The instrument that is explained, by its name in the configuration; the first one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The instrument that explains it, paid in the same token; the first other one without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// What the first leg is worth at its mark when it is entered, in whole tokens that both are
    /// paid in, above zero; rounded down to its step.
    pub notional_quote: String,
    /// Between two samples, which begin at multiples of it since 1970; 1 to 1440 minutes.
    pub sample_minutes: u64,
    /// How many samples count, 20 to 10000.
    pub window_samples: u32,
    /// Lagged differences in the test, 0 to 8.
    pub lags: u32,
    /// The level that the test has to refuse no cointegration at, 100, 500 or 1000 basis points;
    /// 10000 asks for no test.
    pub significance_bps: u32,
    /// Deviations from the line at which it is entered, 0.1 to 20.
    pub entry_sigmas: f64,
    /// Deviations at which it is closed, 0 to `entry_sigmas`.
    pub exit_sigmas: f64,
    /// Deviations at which it is given up, `entry_sigmas` to 100.
    pub stop_sigmas: f64,
    /// Half of the way back takes so long at least, 1 to `max_half_life_minutes`.
    pub min_half_life_minutes: u64,
    /// Half of the way back takes so long at most, to 525600 minutes.
    pub max_half_life_minutes: u64,
    /// After so long it is given up, 1 to 525600 minutes.
    pub max_hold_minutes: u64,
    /// The age from which on a price is not looked at, 1 to 86400 seconds; less than the candles of
    /// its feed, or a sample would join prices of two times.
    pub max_price_age_seconds: u32,
    /// How much worse than the mark a trade may be, 1 to 1000 basis points.
    pub max_slippage_bps: u32,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            first: None,
            second: None,
            notional_quote: "10000".to_owned(),
            sample_minutes: 60,
            window_samples: 240,
            lags: 1,
            significance_bps: 500,
            entry_sigmas: 2.0,
            exit_sigmas: 0.5,
            stop_sigmas: 4.0,
            min_half_life_minutes: 60,
            max_half_life_minutes: 4_320,
            max_hold_minutes: 10_080,
            max_price_age_seconds: 60,
            max_slippage_bps: 50,
        }
    }
}

/// The two instruments of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairSetup {
    /// The one that is explained, and the one that explains it.
    pub legs: [PairLeg; 2],
    /// Decimals of the token that both are paid in.
    pub quote_decimals: u8,
}

/// An instrument of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairLeg {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Quantities are multiples of this.
    pub step: Amount,
    /// Whether it can be sold short.
    pub is_contract: bool,
}

/// The level of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Significance {
    OnePercent,
    FivePercent,
    TenPercent,
    None,
}

impl Declared for Pairs {
    fn name(&self) -> &'static str {
        "pairs"
    }

    fn summary(&self) -> &'static str {
        "Sells the dear one of two instruments that move together and buys the other."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        rows.extend(self.first.as_ref().map(|first| row("first", first)));
        rows.extend(self.second.as_ref().map(|second| row("second", second)));
        rows.extend([
            row("notional_quote", &self.notional_quote),
            row("sample_minutes", &self.sample_minutes),
            row("window_samples", &self.window_samples),
            row("lags", &self.lags),
            row("significance_bps", &self.significance_bps),
            row("entry_sigmas", &self.entry_sigmas),
            row("exit_sigmas", &self.exit_sigmas),
            row("stop_sigmas", &self.stop_sigmas),
            row("min_half_life_minutes", &self.min_half_life_minutes),
            row("max_half_life_minutes", &self.max_half_life_minutes),
            row("max_hold_minutes", &self.max_hold_minutes),
            row("max_price_age_seconds", &self.max_price_age_seconds),
            row("max_slippage_bps", &self.max_slippage_bps),
        ]);
        rows
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn needs_pool(&self) -> bool {
        false
    }

    fn build(&self, site: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        let terms = self.terms()?;
        let setup = site.services.pair.ok_or(BuildError::NothingToPair)?;
        let notional = self.notional(setup.quote_decimals)?;
        Ok(Box::new(PairsDecider::new(terms, setup, notional)))
    }
}

/// The parameters, within their ranges.
#[derive(Clone, Copy, Debug)]
struct Terms {
    sample_us: i64,
    window: usize,
    lags: usize,
    significance: Significance,
    entry: f64,
    exit: f64,
    stop: f64,
    /// In samples.
    half_life: (f64, f64),
    hold_us: i64,
    price_age_us: i64,
    max_slippage: Bps,
}

impl Pairs {
    fn terms(&self) -> Result<Terms, ParameterError> {
        let minutes = bounded("sample_minutes", self.sample_minutes, (1, 1_440))?;
        let window = bounded("window_samples", self.window_samples, (20, 10_000))?;
        let lags = bounded("lags", self.lags, (0, 8))?;
        let significance = self.significance()?;
        let entry = bounded("entry_sigmas", self.entry_sigmas, (0.1, 20.0))?;
        let exit = bounded("exit_sigmas", self.exit_sigmas, (0.0, entry))?;
        let stop = bounded("stop_sigmas", self.stop_sigmas, (entry, 100.0))?;
        let most = bounded("max_half_life_minutes", self.max_half_life_minutes, (1, 525_600))?;
        let least = bounded("min_half_life_minutes", self.min_half_life_minutes, (1, most))?;
        let hold = bounded("max_hold_minutes", self.max_hold_minutes, (1, 525_600))?;
        let age = bounded("max_price_age_seconds", self.max_price_age_seconds, (1, 86_400))?;
        let slippage = bounded("max_slippage_bps", self.max_slippage_bps, (1, 1_000))?;
        let in_samples = |bound: u64| bound as f64 / minutes as f64;
        Ok(Terms {
            sample_us: microseconds(minutes.saturating_mul(60)),
            window: window as usize,
            lags: lags as usize,
            significance,
            entry,
            exit,
            stop,
            half_life: (in_samples(least), in_samples(most)),
            hold_us: microseconds(hold.saturating_mul(60)),
            price_age_us: microseconds(u64::from(age)),
            max_slippage: Bps(slippage),
        })
    }

    fn significance(&self) -> Result<Significance, ParameterError> {
        match self.significance_bps {
            100 => Ok(Significance::OnePercent),
            500 => Ok(Significance::FivePercent),
            1_000 => Ok(Significance::TenPercent),
            10_000 => Ok(Significance::None),
            other => Err(ParameterError {
                name: "significance_bps",
                value: other.to_string(),
                allowed: "100, 500, 1000 or 10000".to_owned(),
            }),
        }
    }

    fn notional(&self, decimals: u8) -> Result<Amount, ParameterError> {
        let text = &self.notional_quote;
        let parsed = Amount::from_decimal_str(text, decimals).ok();
        parsed.filter(|amount| !amount.is_zero()).ok_or_else(|| ParameterError {
            name: "notional_quote",
            value: format!("`{}`", text.escape_debug()),
            allowed: format!(
                "an amount above zero in whole tokens: digits, with at most one point and \
                 {decimals} digits behind it"
            ),
        })
    }
}

fn microseconds(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000_000)).unwrap_or(i64::MAX)
}
