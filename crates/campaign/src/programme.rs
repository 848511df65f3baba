use serde::Deserialize;
use tidemill_rewards::crv_emission;
use tidemill_rewards::merkl::{
    CampaignRequest, CreatorRules, MerklError, MerklTerms, MerklWeights,
};
use tidemill_rewards::v3_staker::V3StakerState;
use tidemill_rewards::{Moment, WEEK, token_admin};
use tidemill_units::{Amount, Timestamp, U256};

use crate::config::{ConfigError, Plan, not_allowed, read_whole};
use crate::recording::Recording;

/// A programme as a configuration writes it; which keys there may be depends on the kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeConfig {
    /// Which contract's rule.
    pub kind: String,
    /// What it is called; its kind without one.
    pub name: Option<String>,
    /// `merkl`: weight of fees, in base 10,000.
    pub fees_weight: Option<u32>,
    /// `merkl`: weight of token0 held.
    pub token0_weight: Option<u32>,
    /// `merkl`: weight of token1 held.
    pub token1_weight: Option<u32>,
    /// `merkl`: whether positions out of range count.
    pub out_of_range: Option<bool>,
    /// `merkl`: the least it takes an hour, whole reward tokens.
    pub least_hourly: Option<String>,
    /// `merkl`: what it keeps of the budget, in parts of a billion.
    pub fee_per_billion: Option<u64>,
    /// `master_chef`: seconds between blocks.
    pub block_seconds: Option<u64>,
    /// `curve_gauge`, `balancer_gauge`: part of all votes that the present stakers have.
    pub votes_of_present: Option<f64>,
    /// `curve_gauge`, `balancer_gauge`: part of all votes that those who come have.
    pub votes_of_added: Option<f64>,
}

/// A programme, made definite.
#[derive(Clone, Debug, PartialEq)]
pub struct Programme {
    /// What it is called.
    pub name: String,
    /// Its rule.
    pub rule: Rule,
}

/// By which contract's rule a budget is shared out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Synthetix StakingRewards: by stake, whatever its range.
    StakingRewards,
    /// Uniswap's v3-staker: by seconds in range of the pool's whole liquidity.
    V3Staker,
    /// Slipstream's gauge: by seconds in range of the staked liquidity.
    SlipstreamGauge,
    /// Merkl: by fees earned and tokens held at swaps.
    Merkl {
        /// What counts how much.
        weights: MerklWeights,
        /// Whether positions out of range count.
        is_out_of_range_incentivized: bool,
        /// What the contract that takes campaigns on asks for.
        rules: CreatorRules,
    },
    /// SushiSwap's MasterChef: by stake and block, and a tenth on top for the developers.
    MasterChef {
        /// Seconds between blocks.
        block_seconds: u64,
    },
    /// Curve's and Balancer's gauges: by stake, boosted by votes.
    BoostedGauge {
        /// Whose.
        family: GaugeFamily,
        /// Who has the votes.
        votes: Votes,
    },
    /// Aerodrome's gauge of shares: by stake and second, epoch by epoch.
    AerodromeGauge,
}

/// Whose gauge it is that votes boost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaugeFamily {
    /// Curve's `LiquidityGauge`, with CRV and a lock of four years.
    Curve,
    /// Balancer's `LiquidityGaugeV5`, with BAL and a lock of one year.
    Balancer,
}

/// Who has how many of 10,000 votes; nobody who stakes has the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Votes {
    /// Those staked already.
    pub of_present: u64,
    /// Those who come.
    pub of_added: u64,
}

const KINDS_OF_RANGES: [&str; 4] = ["staking_rewards", "v3_staker", "slipstream_gauge", "merkl"];
const KINDS_OF_SHARES: [&str; 5] =
    ["staking_rewards", "master_chef", "curve_gauge", "balancer_gauge", "aerodrome_gauge"];
/// The kinds that votes boost.
const BOOSTED: [&str; 2] = ["curve_gauge", "balancer_gauge"];
/// The one of votes.
pub(crate) const ALL_VOTES: u64 = 10_000;
/// A gauge knows no boost in its first two weeks and counts its weight from the week after next:
/// it is set up this long before the campaign.
pub(crate) const GAUGE_LEAD: u64 = 4 * WEEK;

impl Rule {
    /// Returns the kind as configurations write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::StakingRewards => "staking_rewards",
            Self::V3Staker => "v3_staker",
            Self::SlipstreamGauge => "slipstream_gauge",
            Self::Merkl { .. } => "merkl",
            Self::MasterChef { .. } => "master_chef",
            Self::BoostedGauge { family: GaugeFamily::Curve, .. } => "curve_gauge",
            Self::BoostedGauge { family: GaugeFamily::Balancer, .. } => "balancer_gauge",
            Self::AerodromeGauge => "aerodrome_gauge",
        }
    }

    /// Returns what it pays for, in one sentence.
    pub const fn summary(&self) -> &'static str {
        match self {
            Self::StakingRewards => {
                "Pays by value staked and second, in range or not (Synthetix StakingRewards)."
            }
            Self::V3Staker => {
                "Pays seconds in range as a part of the pool's whole liquidity; the part of what \
                 is not staked is refunded (Uniswap v3-staker)."
            }
            Self::SlipstreamGauge => {
                "Pays seconds in range as a part of the staked liquidity, epoch by epoch; the \
                 fees of what is staked are its voters' (Slipstream gauge)."
            }
            Self::Merkl { .. } => {
                "Pays fees earned and tokens held at swaps, by weights; needs no staking (Merkl)."
            }
            Self::MasterChef { .. } => {
                "Pays by stake and block, and mints a tenth on top for the developers (MasterChef)."
            }
            Self::BoostedGauge { family: GaugeFamily::Curve, .. } => {
                "Pays by stake and second; votes raise a stake up to 2.5 times (Curve gauge)."
            }
            Self::BoostedGauge { family: GaugeFamily::Balancer, .. } => {
                "Pays by stake and second; votes raise a stake up to 2.5 times (Balancer \
                 LiquidityGaugeV5)."
            }
            Self::AerodromeGauge => {
                "Pays by stake and second, epoch by epoch; the fees of what is staked are its \
                 voters' (Aerodrome gauge of shares)."
            }
        }
    }

    /// Whether the fees of what is staked go to those who vote for the gauge.
    pub(crate) const fn gives_fees_to_voters(&self) -> bool {
        matches!(self, Self::SlipstreamGauge | Self::AerodromeGauge)
    }
}

/// Makes the programmes definite. Where none are given they are those that fit the pool, the
/// schedule and the budgets, and what is said of each that does not comes with them.
pub(crate) fn resolve(
    configs: &[ProgrammeConfig],
    plan: &Plan,
    recording: &Recording,
) -> Result<(Vec<Programme>, Vec<String>), ConfigError> {
    if configs.is_empty() {
        return defaults(plan, recording);
    }
    if configs.len() > 8 {
        let given = format!("a list of {}", configs.len());
        return Err(not_allowed("programme", &given, "1 to 8 programmes"));
    }
    let mut programmes: Vec<Programme> = Vec::new();
    for (place, config) in configs.iter().enumerate() {
        let of_item = |error: ConfigError| error.of_item("programme", place);
        let programme = config.resolve(plan, recording).map_err(of_item)?;
        let name = &programme.name;
        let is_printable = (1..=40).contains(&name.chars().count());
        if !is_printable || name.chars().any(char::is_control) {
            let allowed = "1 to 40 characters, none of them a control character";
            return Err(of_item(not_allowed("programme.name", &name.escape_debug(), allowed)));
        }
        if programmes.iter().any(|other| other.name == programme.name) {
            return Err(of_item(ConfigError::SameName(programme.name)));
        }
        programmes.push(programme);
    }
    Ok((programmes, Vec::new()))
}

fn defaults(
    plan: &Plan,
    recording: &Recording,
) -> Result<(Vec<Programme>, Vec<String>), ConfigError> {
    let (mut programmes, mut left_out) = (Vec::new(), Vec::new());
    for kind in kinds(recording) {
        match of_kind(kind).resolve(plan, recording) {
            Ok(programme) => programmes.push(programme),
            Err(error) => left_out.push(error.to_string()),
        }
    }
    Ok((programmes, left_out))
}

fn of_kind(kind: &str) -> ProgrammeConfig {
    ProgrammeConfig { kind: kind.to_owned(), ..ProgrammeConfig::default() }
}

/// The kinds that a pool can have.
fn kinds(recording: &Recording) -> &'static [&'static str] {
    if recording.is_concentrated() { &KINDS_OF_RANGES } else { &KINDS_OF_SHARES }
}

impl ProgrammeConfig {
    fn resolve(&self, plan: &Plan, recording: &Recording) -> Result<Programme, ConfigError> {
        let name = self.name.clone().unwrap_or_else(|| self.kind.clone());
        let rule = self.rule(plan, recording);
        let checked = rule.and_then(|rule| check_schedule(&rule, plan).map(|()| rule));
        match checked {
            Ok(rule) => Ok(Programme { name, rule }),
            Err(error) => Err(ConfigError::Programme { name, error: Box::new(error) }),
        }
    }

    fn rule(&self, plan: &Plan, recording: &Recording) -> Result<Rule, ConfigError> {
        let kinds = kinds(recording);
        if !kinds.contains(&self.kind.as_str()) {
            let pool = if recording.is_concentrated() { "a concentrated pool" } else { "shares" };
            let allowed = format!("{}, for {pool}", kinds.join(", "));
            return Err(not_allowed("kind", &self.kind.escape_debug(), &allowed));
        }
        let rule = match self.kind.as_str() {
            "v3_staker" if !recording.has_oracle() => {
                let allowed = "a pool that counts seconds per liquidity; this one has no oracle";
                return Err(not_allowed("kind", &self.kind, allowed));
            }
            "v3_staker" => Rule::V3Staker,
            "slipstream_gauge" => Rule::SlipstreamGauge,
            "merkl" => self.merkl(plan)?,
            "master_chef" => self.master_chef()?,
            "curve_gauge" => self.boosted_gauge(GaugeFamily::Curve)?,
            "balancer_gauge" => self.boosted_gauge(GaugeFamily::Balancer)?,
            "aerodrome_gauge" => Rule::AerodromeGauge,
            _ => Rule::StakingRewards,
        };
        self.check_keys(&rule)?;
        Ok(rule)
    }

    fn merkl(&self, plan: &Plan) -> Result<Rule, ConfigError> {
        let weights = MerklWeights {
            fees: self.fees_weight.unwrap_or(4_000),
            amount0: self.token0_weight.unwrap_or(3_000),
            amount1: self.token1_weight.unwrap_or(3_000),
        };
        let MerklWeights { fees, amount0, amount1 } = weights;
        if weights.sum() != Some(10_000) {
            let given = format!("{fees}, {amount0} and {amount1}");
            let allowed = "fees_weight, token0_weight and token1_weight that add up to 10000";
            return Err(not_allowed("fees_weight", &given, allowed));
        }
        let least = self.least_hourly.as_deref().unwrap_or("1");
        let rules = CreatorRules {
            default_fees: self.fee_per_billion.unwrap_or(0),
            reward_token_min_amount: read_whole("least_hourly", least, plan.reward_decimals)?,
            ..CreatorRules::default()
        };
        let is_out_of_range_incentivized = self.out_of_range.unwrap_or(false);
        Ok(Rule::Merkl { weights, is_out_of_range_incentivized, rules })
    }

    fn master_chef(&self) -> Result<Rule, ConfigError> {
        match self.block_seconds.unwrap_or(12) {
            block_seconds @ 1..=3_600 => Ok(Rule::MasterChef { block_seconds }),
            other => Err(not_allowed("block_seconds", &other, "1 to 3600")),
        }
    }

    fn boosted_gauge(&self, family: GaugeFamily) -> Result<Rule, ConfigError> {
        let [present, added] =
            [("votes_of_present", self.votes_of_present), ("votes_of_added", self.votes_of_added)]
                .map(|(key, part)| match part.unwrap_or(0.0) {
                    part if (0.0..=1.0).contains(&part) => {
                        Ok((part * ALL_VOTES as f64).round() as u64)
                    }
                    part => Err(not_allowed(key, &part, "0 to 1")),
                });
        let (of_present, of_added) = (present?, added?);
        if of_present + of_added > ALL_VOTES {
            let given = self.votes_of_added.unwrap_or(0.0);
            let allowed = "at most what votes_of_present leaves of 1";
            return Err(not_allowed("votes_of_added", &given, allowed));
        }
        Ok(Rule::BoostedGauge { family, votes: Votes { of_present, of_added } })
    }

    /// Refuses keys that mean nothing to the kind.
    fn check_keys(&self, rule: &Rule) -> Result<(), ConfigError> {
        let keys = [
            ("fees_weight", self.fees_weight.is_some(), &["merkl"][..]),
            ("token0_weight", self.token0_weight.is_some(), &["merkl"][..]),
            ("token1_weight", self.token1_weight.is_some(), &["merkl"][..]),
            ("out_of_range", self.out_of_range.is_some(), &["merkl"][..]),
            ("least_hourly", self.least_hourly.is_some(), &["merkl"][..]),
            ("fee_per_billion", self.fee_per_billion.is_some(), &["merkl"][..]),
            ("block_seconds", self.block_seconds.is_some(), &["master_chef"]),
            ("votes_of_present", self.votes_of_present.is_some(), &BOOSTED),
            ("votes_of_added", self.votes_of_added.is_some(), &BOOSTED),
        ];
        for (key, is_given, kinds) in keys {
            if is_given && !kinds.contains(&rule.kind()) {
                let given = format!("given for {}", rule.kind());
                let kinds = kinds.join(" or ");
                return Err(not_allowed(key, &given, &format!("with kind {kinds} only")));
            }
        }
        Ok(())
    }
}

/// Checks a programme's own bounds on when and how much it pays.
fn check_schedule(rule: &Rule, plan: &Plan) -> Result<(), ConfigError> {
    let Plan { duration_seconds, lead_seconds, .. } = *plan;
    let day = |seconds: u64| seconds as f64 / 86_400.0;
    let duration = "schedule.duration_days";
    match rule {
        Rule::StakingRewards => Ok(()),
        Rule::V3Staker => {
            let bounds = V3StakerState::default();
            let most_lead = bounds.max_incentive_start_lead_time_seconds;
            let most = bounds.max_incentive_duration_seconds;
            if lead_seconds > most_lead {
                let allowed = format!("at most {} days ahead (startTime)", day(most_lead));
                return Err(not_allowed("schedule.lead_days", &day(lead_seconds), &allowed));
            }
            if duration_seconds > most {
                let allowed = format!("at most {} days (maxIncentiveDuration)", day(most));
                return Err(not_allowed(duration, &day(duration_seconds), &allowed));
            }
            Ok(())
        }
        Rule::SlipstreamGauge | Rule::AerodromeGauge => check_epochs(plan),
        Rule::Merkl { .. } => check_merkl(rule, plan),
        Rule::MasterChef { block_seconds } => {
            if duration_seconds < *block_seconds {
                let allowed = format!("at least one block of {block_seconds} seconds");
                return Err(not_allowed(duration, &day(duration_seconds), &allowed));
            }
            Ok(())
        }
        Rule::BoostedGauge { family, .. } => check_emission(*family, plan),
    }
}

/// Checks what a gauge of epochs asks for: whole ones, and a rate above zero in each.
fn check_epochs(plan: &Plan) -> Result<(), ConfigError> {
    let seconds = plan.duration_seconds;
    if !seconds.is_multiple_of(WEEK) {
        let days = seconds as f64 / 86_400.0;
        return Err(not_allowed("schedule.duration_days", &days, "whole epochs of 7 days"));
    }
    // The first epoch is notified of the smallest part.
    each_budget(plan, |budget| {
        let least = U256::from(seconds);
        let text = Amount(least).to_decimal_string(plan.reward_decimals);
        (budget.0 < least).then(|| format!("at least {text}, one raw unit a second"))
    })
}

/// Checks what an emission that falls from year to year can pay at one rate.
fn check_emission(family: GaugeFamily, plan: &Plan) -> Result<(), ConfigError> {
    let seconds = plan.duration_seconds;
    let (epoch, rate) = match family {
        GaugeFamily::Curve => (crv_emission::EPOCH, U256::from(crv_emission::INITIAL_RATE)),
        GaugeFamily::Balancer => (token_admin::RATE_REDUCTION_TIME, token_admin::INITIAL_RATE),
    };
    let most = epoch.saturating_sub(GAUGE_LEAD + WEEK);
    if seconds > most {
        let day = |seconds: u64| seconds as f64 / 86_400.0;
        let allowed = format!("at most {} days, one rate of the emission", day(most));
        return Err(not_allowed("schedule.duration_days", &day(seconds), &allowed));
    }
    each_budget(plan, |budget| {
        let most = rate.saturating_mul(U256::from(seconds));
        let text = Amount(most).to_decimal_string(plan.reward_decimals);
        (budget.0 > most).then(|| format!("at most {text}, the first year's emission"))
    })
}

fn check_merkl(rule: &Rule, plan: &Plan) -> Result<(), ConfigError> {
    for budget in plan.budgets.iter().filter(|budget| !budget.is_zero()) {
        let at = Moment::default().at;
        let Err(error) = merkl_campaign(rule, plan, (*budget, Timestamp(at.0 + 1), at)) else {
            continue;
        };
        let Rule::Merkl { rules, .. } = rule else { return Ok(()) };
        let decimals = plan.reward_decimals;
        let least = rules.reward_token_min_amount.to_decimal_string(decimals);
        return Err(match error {
            MerklError::DurationBelowHour => {
                let days = plan.duration_seconds as f64 / 86_400.0;
                not_allowed("schedule.duration_days", &days, "at least an hour")
            }
            MerklError::TokenNotWhitelisted => {
                let allowed = "above 0: a token without a least amount is not taken";
                not_allowed("least_hourly", &least, allowed)
            }
            MerklError::RewardTooLow => {
                let budget = budget.to_decimal_string(decimals);
                not_allowed("budgets", &budget, &format!("at least {least} an hour"))
            }
            MerklError::FeeOutOfBounds => {
                not_allowed("fee_per_billion", &rules.default_fees, "0 to 999999999")
            }
            MerklError::AmountOverflow
            | MerklError::WeightsNotWhole
            | MerklError::BoostBelowOne
            | MerklError::AlreadyOver
            | MerklError::OutsideCampaign
            | MerklError::TimeRunsBackwards
            | MerklError::SumOverflow
            | MerklError::NoBoost => not_allowed("budgets", &error, "what the contract takes"),
        });
    }
    Ok(())
}

/// Creates the campaign of a budget, as the contract does.
pub(crate) fn merkl_campaign(
    rule: &Rule,
    plan: &Plan,
    (amount, start, at): (Amount, Timestamp, Timestamp),
) -> Result<tidemill_rewards::merkl::Merkl, MerklError> {
    let Rule::Merkl { weights, is_out_of_range_incentivized, rules } = *rule else {
        return Err(MerklError::OutsideCampaign);
    };
    let terms = MerklTerms {
        amount,
        start,
        duration_seconds: plan.duration_seconds,
        weights,
        is_out_of_range_incentivized,
        boosted_reward: None,
    };
    CampaignRequest { terms }.create(&rules, at)
}

fn each_budget(plan: &Plan, fault: impl Fn(&Amount) -> Option<String>) -> Result<(), ConfigError> {
    for budget in plan.budgets.iter().filter(|budget| !budget.is_zero()) {
        if let Some(allowed) = fault(budget) {
            let budget = budget.to_decimal_string(plan.reward_decimals);
            return Err(not_allowed("budgets", &budget, &allowed));
        }
    }
    Ok(())
}
