//! Everything that the report of an incentive campaign shows, as plain data.

use serde::{Serialize, Serializer};
use tidemill_units::Amount;

/// A designed campaign: budgets times programmes, side by side.
///
/// Amounts are raw units; serialised they are decimal strings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignSheet {
    /// The pool and what was recorded of it.
    pub pool: CampaignPool,
    /// What is paid, and when.
    pub reward: CampaignReward,
    /// What the model assumes.
    pub terms: CampaignTerms,
    /// The pool without the campaign.
    pub before: CampaignBefore,
    /// One for each programme, its outcomes in the order of the budgets.
    pub programmes: Vec<ProgrammeOutcomes>,
    /// What a reader should know of this run.
    pub notes: Vec<String>,
    /// What it takes to make the report again.
    pub provenance: CampaignProvenance,
}

/// The pool.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignPool {
    /// As people call it.
    pub name: String,
    /// The chain's name.
    pub chain: String,
    /// Its contract.
    pub address: String,
    /// The token that values are stated in.
    pub quote_symbol: String,
    /// Its decimals.
    pub quote_decimals: u8,
    /// The token whose price moves.
    pub base_symbol: String,
    /// Time of the first event, in seconds since 1970.
    pub from_unix: u64,
    /// Time of the last.
    pub to_unix: u64,
    /// How many events were recorded.
    pub events: u64,
    /// How many of them are swaps.
    pub swaps: u64,
    /// Whether providers have ranges.
    pub is_concentrated: bool,
}

/// The reward.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignReward {
    /// The token's symbol.
    pub symbol: String,
    /// Its decimals.
    pub decimals: u8,
    /// What a whole token is worth, raw units of the quote token.
    #[serde(serialize_with = "as_text")]
    pub price_quote: Amount,
    /// From start to end, in seconds.
    pub duration_seconds: u64,
}

/// What the model assumes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignTerms {
    /// Net return a year that capital asks for; `None` where the pool as it is sets it.
    pub required_return: Option<f64>,
    /// Elasticity of the supply; `None` for an infinite one.
    pub epsilon: Option<f64>,
    /// Costs a year, as a fraction of the capital.
    pub cost_return: f64,
    /// Where capital that comes is put, in words.
    pub placement: String,
    /// Elasticity of volume to liquidity.
    pub volume_elasticity: f64,
    /// Days in which half of what came leaves after the end.
    pub half_life_days: f64,
    /// The trade whose price impact is stated, raw units of the quote token.
    #[serde(serialize_with = "as_text")]
    pub trade_quote: Amount,
}

/// The pool without the campaign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignBefore {
    /// All providers' capital at the end of the record, raw units of the quote token.
    #[serde(serialize_with = "as_text")]
    pub capital_quote: Amount,
    /// What would come without any reward, likewise.
    #[serde(serialize_with = "as_text")]
    pub comes_unpaid_quote: Amount,
    /// What all providers were paid in fees over the record, likewise.
    #[serde(serialize_with = "as_text")]
    pub fees_quote: Amount,
    /// Returns a year of the first capital to come.
    pub yields: CampaignYields,
    /// What capital has to earn a year, before loss versus rebalancing and costs.
    pub need: f64,
    /// Depth for each move.
    pub depth: Vec<DepthAt>,
    /// The stated trade; `None` where the pool cannot make it.
    pub trade: Option<TradeImpact>,
}

/// Returns a year, as fractions of the capital.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CampaignYields {
    /// Fees.
    pub fees: f64,
    /// Rewards.
    pub rewards: f64,
    /// Loss versus rebalancing, to be subtracted.
    pub lvr: f64,
    /// Costs, to be subtracted.
    pub costs: f64,
    /// What is left.
    pub net: f64,
}

/// Depth to either side, raw units of the quote token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DepthSides {
    /// Paid in until the price has risen so far.
    #[serde(serialize_with = "as_text")]
    pub up: Amount,
    /// Taken out until it has fallen so far.
    #[serde(serialize_with = "as_text")]
    pub down: Amount,
}

impl DepthSides {
    /// Returns both sides together.
    pub fn both(&self) -> Amount {
        self.up.checked_add(self.down).unwrap_or(self.up)
    }
}

/// Depth for one move of the price.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct DepthAt {
    /// The move, in percent.
    pub percent: f64,
    /// To either side.
    pub depth: DepthSides,
}

/// What a trade gives up against the price at the margin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TradeImpact {
    /// What it is paid, raw units of the other token.
    #[serde(serialize_with = "as_text")]
    pub amount_out: Amount,
    /// Without the pool's fee, in basis points.
    pub impact_bps: f64,
    /// With it.
    pub cost_bps: f64,
}

/// One programme over all budgets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProgrammeOutcomes {
    /// What it is called.
    pub name: String,
    /// By which contract's rule.
    pub kind: String,
    /// What that pays for.
    pub rule: String,
    /// The least budget that brings anybody, about, raw units of the reward token; `None` where no
    /// budget does.
    #[serde(serialize_with = "as_optional_text")]
    pub brings_from: Option<Amount>,
    /// One for each budget, ascending.
    pub outcomes: Vec<CampaignOutcome>,
}

/// What a budget does under a programme.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CampaignOutcome {
    /// The budget, raw units of the reward token.
    #[serde(serialize_with = "as_text")]
    pub budget: Amount,
    /// What it is worth, raw units of the quote token.
    #[serde(serialize_with = "as_text")]
    pub budget_quote: Amount,
    /// What of that is spent: what the payer has back or never minted left out, likewise.
    #[serde(serialize_with = "as_text")]
    pub spent_quote: Amount,
    /// Capital that comes for it, likewise; what would come unpaid left out.
    #[serde(serialize_with = "as_text")]
    pub added_quote: Amount,
    /// Returns a year of that capital.
    pub yields: CampaignYields,
    /// Depth for each move, while the campaign runs.
    pub depth: Vec<DepthAt>,
    /// The stated trade; `None` where the pool cannot make it.
    pub trade: Option<TradeImpact>,
    /// What one quote token of additional depth costs a day of what is spent, at the first move;
    /// `None` where no depth comes.
    pub cost_per_depth_day: Option<f64>,
    /// What one basis point of price impact saved costs a day, in quote tokens; `None` where none
    /// is saved.
    pub cost_per_bp_day: Option<f64>,
    /// Fees of what is staked that go to those who vote for the gauge, over the campaign, raw units
    /// of the quote token.
    #[serde(serialize_with = "as_text")]
    pub fees_to_voters_quote: Amount,
    /// Who is paid what.
    pub capture: CampaignCapture,
    /// What remains.
    pub retained: Vec<Retained>,
    /// Days since the start and the capital that came, raw units of the quote token, to draw.
    pub path: Vec<(f64, f64)>,
}

/// What became of a budget, raw units of the reward token: all of it, to the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CampaignCapture {
    /// What the recorded providers are paid in range, and what those are who come unpaid.
    #[serde(serialize_with = "as_text")]
    pub present: Amount,
    /// What those are paid who come and follow the price.
    #[serde(serialize_with = "as_text")]
    pub added: Amount,
    /// What those are paid who come and are at every price.
    #[serde(serialize_with = "as_text")]
    pub wide: Amount,
    /// What recorded providers, and those who come, are paid while the price is out of their range.
    #[serde(serialize_with = "as_text")]
    pub out_of_range: Amount,
    /// What capital parked out of range is paid.
    #[serde(serialize_with = "as_text")]
    pub parked: Amount,
    /// What the just-in-time provider is paid.
    #[serde(serialize_with = "as_text")]
    pub just_in_time: Amount,
    /// What capital that comes and goes within a block is paid.
    #[serde(serialize_with = "as_text")]
    pub same_block: Amount,
    /// What the programme's makers take.
    #[serde(serialize_with = "as_text")]
    pub makers: Amount,
    /// What the payer has back or never minted.
    #[serde(serialize_with = "as_text")]
    pub returned: Amount,
    /// What nobody is paid: stranded, and what divisions leave.
    #[serde(serialize_with = "as_text")]
    pub rest: Amount,
}

impl CampaignCapture {
    /// Returns the parts, in the order of the report, each with its key.
    pub fn parts(&self) -> [(&'static str, Amount); 10] {
        [
            ("present", self.present),
            ("added", self.added),
            ("wide", self.wide),
            ("out_of_range", self.out_of_range),
            ("parked", self.parked),
            ("just_in_time", self.just_in_time),
            ("same_block", self.same_block),
            ("makers", self.makers),
            ("returned", self.returned),
            ("rest", self.rest),
        ]
    }

    /// Returns the part of a key; nothing for a key that is none.
    pub fn part(&self, key: &str) -> Amount {
        let parts = self.parts();
        parts.iter().find(|(of, _)| *of == key).map_or(Amount::ZERO, |(_, part)| *part)
    }

    /// Returns all of it; `None` past 2^256 - 1.
    pub fn sum(&self) -> Option<Amount> {
        self.parts().iter().try_fold(Amount::ZERO, |sum, (_, part)| sum.checked_add(*part))
    }
}

/// What remains some time after the end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Retained {
    /// Days after the end.
    pub days: f64,
    /// Capital that came and is still there, raw units of the quote token.
    #[serde(serialize_with = "as_text")]
    pub capital_quote: Amount,
    /// Depth for the first move.
    pub depth: DepthSides,
    /// The stated trade; `None` where the pool cannot make it.
    pub trade: Option<TradeImpact>,
    /// What one quote token of the depth that remains cost; `None` where none does.
    pub cost_per_depth: Option<f64>,
}

/// What it takes to make the report again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CampaignProvenance {
    /// The version.
    pub tidemill_version: String,
    /// The tape's content.
    pub tape_blake3: String,
    /// The command.
    pub command: String,
}

fn as_optional_text<S: Serializer>(
    amount: &Option<Amount>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    amount.map(|amount| amount.to_string()).serialize(serializer)
}

fn as_text<S: Serializer>(amount: &Amount, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(amount)
}
