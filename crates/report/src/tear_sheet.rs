use serde::{Deserialize, Serialize};
use tidemill_units::SignedAmount;

use crate::format::utc_minute;
use crate::raw_units;

/// Everything one report shows: a pool or exchanges over a period and what each strategy made of
/// them.
///
/// Money is raw units of the run's quote token, written to JSON as decimal strings. Floats are
/// ratios and chart points, already rounded, and must be finite; one that is not prints as `n/a`
/// and leaves a gap in its chart. Times are seconds since 1970-01-01 UTC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TearSheet {
    /// The report's heading.
    pub title: String,
    /// The pool, or that there is none, and the period.
    pub pool: PoolHeader,
    /// The pool's or the first instrument's price over the period, rising in time, thinned to about
    /// 2,000 points.
    pub price: Vec<PricePoint>,
    /// The reward programmes for the pool's providers; their figures are shown where there are any.
    #[serde(default)]
    pub programmes: Vec<ProgrammeSheet>,
    /// The pools beside that one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_pools: Vec<OtherPoolSheet>,
    /// The exchanges that the strategies could trade at; funding and hedge are shown where there
    /// are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeSheet>,
    /// The strategies, in the order to show them. Names should differ.
    pub strategies: Vec<StrategySheet>,
    /// What it takes to make this report again.
    pub provenance: Provenance,
    /// Remarks on the data or the run, a sentence each.
    pub notes: Vec<String>,
}

/// What providers of a pool have, which decides how the page explains fees and footprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provision {
    /// Liquidity in ranges of prices.
    Ranges,
    /// Shares of the whole, which grow by the fees.
    Shares,
    /// Shares of the whole, beside which the fees are kept until they are claimed (Solidly).
    SharesBesideFees,
}

/// What the strategies ran in, and the stretch of its history: a pool, or exchanges alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolHeader {
    /// Such as `USDC/WETH 0.05 %`, or the names of the exchanges.
    pub name: String,
    /// What is to be said of a pool; nothing of a run without one.
    #[serde(flatten)]
    pub on_chain: Option<OnChain>,
    /// The token whose price is shown.
    pub base_symbol: String,
    /// The token everything is valued in.
    pub quote_symbol: String,
    /// Digits behind the point of one whole quote token.
    pub quote_decimals: u8,
    /// The start of the period, seconds since 1970-01-01 UTC.
    pub from_unix: u64,
    /// The end of the period, no earlier than the start.
    pub to_unix: u64,
    /// Pool events replayed; of a run without a pool all that feeds said.
    pub events: u64,
}

/// A pool on its chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnChain {
    /// Such as `Ethereum`.
    pub chain: String,
    /// The pool contract, `0x` and 40 hexadecimal digits.
    pub address: String,
    /// What providers have in it.
    pub provision: Provision,
    /// How many tokens it has.
    pub token_count: usize,
    /// The first block replayed.
    pub first_block: u64,
    /// The last block replayed.
    pub last_block: u64,
    /// Swaps among the events.
    pub swaps: u64,
}

/// A reward programme that the strategies could stake in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProgrammeSheet {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind, such as `v3_staker`.
    pub kind: String,
    /// Parameter and value, as configured.
    pub parameters: Vec<(String, String)>,
}

/// A pool of the run beside the one that values are stated in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherPoolSheet {
    /// Its name in the configuration.
    pub name: String,
    /// Such as `USDC/WETH 0.3 %`.
    pub kind: String,
    /// What its tape is, by name and value.
    pub parameters: Vec<(String, String)>,
}

/// An exchange that the strategies could trade at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangeSheet {
    /// Its name in the configuration.
    pub name: String,
    /// Parameter and value, as configured.
    pub parameters: Vec<(String, String)>,
}

/// The pool's price at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PricePoint {
    /// Seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// Whole quote tokens for one whole base token.
    pub price: f64,
}

/// One strategy's results. Quote amounts are raw units of the quote token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategySheet {
    /// The strategy's name, short enough to head a column.
    pub name: String,
    /// Its hypothesis in one line.
    pub summary: String,
    /// Parameter and value, as configured.
    pub parameters: Vec<(String, String)>,
    /// How our liquidity acts on recorded history.
    pub footprint: Footprint,
    /// For a price-taker: the largest part by which the fees can be too high, 0.01 being 1 %.
    pub dilution_bound: Option<f64>,
    /// Swap fees earned.
    #[serde(with = "raw_units")]
    pub fees_quote: SignedAmount,
    /// Rewards earned, before what selling them costs.
    #[serde(with = "raw_units")]
    pub rewards_quote: SignedAmount,
    /// Impermanent loss against holding the deposit; a loss is positive.
    #[serde(with = "raw_units")]
    pub il_quote: SignedAmount,
    /// Loss versus rebalancing; a loss is positive. It is no term of the identity.
    #[serde(with = "raw_units")]
    pub lvr_quote: SignedAmount,
    /// What the strategy's own swaps and trades paid in fees, commissions and price; a cost is
    /// positive.
    #[serde(with = "raw_units")]
    pub swap_cost_quote: SignedAmount,
    /// What exchanges took for trades and liquidations; part of the swap cost.
    #[serde(with = "raw_units", default)]
    pub commission_quote: SignedAmount,
    /// Gas paid; a cost is positive.
    #[serde(with = "raw_units")]
    pub gas_quote: SignedAmount,
    /// Funding paid on perpetual futures; a payment is positive.
    #[serde(with = "raw_units", default)]
    pub funding_quote: SignedAmount,
    /// What contracts of exchanges gained.
    #[serde(with = "raw_units", default)]
    pub hedge_quote: SignedAmount,
    /// Final value less that of holding the deposit.
    #[serde(with = "raw_units")]
    pub net_quote: SignedAmount,
    /// Value of the deposit at the start.
    #[serde(with = "raw_units")]
    pub deposit_quote: SignedAmount,
    /// Value at the end.
    #[serde(with = "raw_units")]
    pub final_quote: SignedAmount,
    /// Value at the end of the deposited tokens, had they been held.
    #[serde(with = "raw_units")]
    pub hold_final_quote: SignedAmount,
    /// The part of the period with liquidity in range, 0 to 1.
    pub time_in_range: f64,
    /// Final value over deposit, less one.
    pub return_: f64,
    /// The return compounded to 365 days.
    pub annualised_return: f64,
    /// The return of holding the deposit.
    pub hold_return: f64,
    /// The largest fall in value from an earlier peak, as a part of that peak, 0 to 1.
    pub max_drawdown: f64,
    /// Annualised mean return over its standard deviation; `None` where it is undefined.
    pub sharpe: Option<f64>,
    /// Times the position was moved.
    pub rebalances: u64,
    /// The run's digest, hexadecimal.
    pub digest: String,
    /// Value and holding over time, rising in time.
    pub value: Vec<ValuePoint>,
    /// Seconds since 1970-01-01 UTC and the fees earned until then, in whole quote tokens.
    pub cumulative_fees: Vec<(u64, f64)>,
    /// Seconds since 1970-01-01 UTC and what the rewards earned until then were worth then, in
    /// whole quote tokens; empty where there are no programmes.
    #[serde(default)]
    pub cumulative_rewards: Vec<(u64, f64)>,
    /// The ranges held, in order of time.
    pub ranges: Vec<RangeSpan>,
    /// What the strategy did, in order of time.
    pub actions: Vec<ActionRow>,
    /// Seconds since 1970-01-01 UTC and why an intent was refused.
    pub refusals: Vec<(u64, String)>,
    /// Since when the strategy was not asked any more, and why; `None` where it was to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedAt>,
    /// What rebalances, claims and compounding were expected to bring, in order of time; none
    /// without a break-even rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionRow>,
    /// Tokens that are locked at the end; they count in the final value at the pool's price.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<LockedTokens>,
    /// `fees + rewards - IL - swap cost - gas - funding + hedge - net` as the run itself measured
    /// it: zero.
    #[serde(with = "raw_units")]
    pub identity_difference: SignedAmount,
}

/// That a strategy was stopped before the end of the period, and closed what it had open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoppedAt {
    /// When, seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// The number of the event in the run's log.
    pub event: u64,
    /// Why, such as `it panicked: ...`.
    pub reason: String,
}

impl StoppedAt {
    /// Returns it in words, such as `stopped at event 12, 2024-12-01 00:04 UTC: it panicked: ...`.
    pub fn sentence(&self) -> String {
        let (event, when) = (self.event, utc_minute(self.unix));
        format!("stopped at event {event}, {when} UTC: {}", self.reason)
    }
}

/// Something that was done because it should bring more than it costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// When it was approved, seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// What was decided.
    pub what: String,
    /// What it was expected to bring, raw units of the quote token.
    #[serde(with = "raw_units")]
    pub predicted_gain_quote: SignedAmount,
    /// What it was expected to cost.
    #[serde(with = "raw_units")]
    pub predicted_cost_quote: SignedAmount,
    /// What it has brought; none where that could not be told by the end of the run.
    pub realised: Option<RealisedGain>,
}

/// What a decision has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealisedGain {
    /// How much, raw units of the quote token.
    #[serde(with = "raw_units")]
    pub gain_quote: SignedAmount,
    /// In how many seconds.
    pub after_seconds: u64,
}

/// Tokens that nobody can withdraw before a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedTokens {
    /// Their part of the final value, raw units of the quote token.
    #[serde(with = "raw_units")]
    pub value_quote: SignedAmount,
    /// When they can be withdrawn, seconds since 1970-01-01 UTC.
    pub until_unix: u64,
}

/// How a strategy's liquidity acts on recorded history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Footprint {
    /// History is unchanged; our share of the fees is taken from the recorded fee growth.
    PriceTaker,
    /// Every recorded swap is executed again with our liquidity in the pool.
    ReExecuted,
}

impl Footprint {
    /// Returns the name used in output: `price-taker` or `re-executed`.
    pub fn name(self) -> &'static str {
        match self {
            Self::PriceTaker => "price-taker",
            Self::ReExecuted => "re-executed",
        }
    }
}

/// What a strategy, and holding its deposit, were worth at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValuePoint {
    /// Seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// The strategy's value in whole quote tokens, unclaimed fees in and costs out.
    pub value: f64,
    /// The deposit's value in whole quote tokens, had it been held.
    pub hold: f64,
}

/// A range that a strategy provided liquidity in, from opening to closing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RangeSpan {
    /// When it was opened, seconds since 1970-01-01 UTC.
    pub from_unix: u64,
    /// When it was closed, or the end of the period.
    pub to_unix: u64,
    /// The lower bound, whole quote tokens for one base token.
    pub lower_price: f64,
    /// The upper bound, whole quote tokens for one base token.
    pub upper_price: f64,
    /// Whether it spans every price, so that no band can be drawn.
    pub full_range: bool,
}

/// One thing a strategy did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    /// Seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// The block it was executed in.
    pub block: u64,
    /// What it did, in a word or two.
    pub what: String,
    /// Its range, amounts or reason.
    pub detail: String,
    /// Gas paid for it, raw units of the quote token.
    #[serde(with = "raw_units")]
    pub gas_quote: SignedAmount,
}

/// What it takes to make a report again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of Tidemill that ran.
    pub tidemill_version: String,
    /// The BLAKE3 hash of the tape, hexadecimal; none of a run without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tape_blake3: Option<String>,
    /// The command line.
    pub command: String,
}
