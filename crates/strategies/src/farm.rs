use serde::{Deserialize, Serialize};
use tidemill_model::{Intent, PositionId, ProgrammeId, Reward};
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::{Bps, Gas, GasPrice, Timestamp, U256};

use crate::sale::sale;
use crate::{ParameterError, bounded};

/// How a strategy's positions are farmed: staked in a reward programme, and when and for what the
/// rewards are claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FarmConfig {
    /// The programme, by its name in the configuration; the first one without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// When rewards are claimed.
    #[serde(default)]
    pub claim: ClaimRule,
    /// Hours between two claims under `every`, 1 to 8760; 24 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_every_hours: Option<u64>,
    /// What becomes of claimed rewards.
    #[serde(default)]
    pub proceeds: Proceeds,
    /// The most that a sale may cost, 1 to 10000 basis points of the price; 200 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_sale_cost_bps: Option<u32>,
}

/// When rewards are claimed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimRule {
    /// When what has gathered is worth `sqrt(2 G P)`: with capital `P` and a round that costs `G`,
    /// that is what the interval of least loss brings ([`compounding`](crate::compounding)).
    #[default]
    BreakEven,
    /// After so many hours.
    Every,
    /// Only when the programme or the position ends.
    Never,
}

/// What becomes of claimed rewards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proceeds {
    /// They are sold, and the position is opened again with all there is.
    #[default]
    Compound,
    /// They are sold.
    Sell,
    /// They are kept.
    Hold,
}

impl FarmConfig {
    /// Returns what farming adds to a strategy, in a line.
    pub(crate) fn summary(&self) -> String {
        let claim = match self.claim {
            ClaimRule::BreakEven => "claims when that pays for itself",
            ClaimRule::Every => "claims by the clock",
            ClaimRule::Never => "claims at the end",
        };
        let proceeds = match self.proceeds {
            Proceeds::Compound => "sells and compounds",
            Proceeds::Sell => "sells",
            Proceeds::Hold => "keeps the rewards",
        };
        format!("Stakes its position, {claim}, {proceeds}.")
    }
}

impl ClaimRule {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BreakEven => "break_even",
            Self::Every => "every",
            Self::Never => "never",
        }
    }
}

impl Proceeds {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compound => "compound",
            Self::Sell => "sell",
            Self::Hold => "hold",
        }
    }
}

/// What the break-even rule takes a round to cost; the sale's own cost grows with what is sold, and
/// does not move the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoundGas {
    /// Being paid, and staying.
    pub claim: Gas,
    /// Selling what was paid.
    pub sell: Gas,
    /// Leaving the programme and the pool, entering both again, and the swap in between.
    pub restart: Gas,
    /// The price of gas while none was recorded.
    pub fallback_price: GasPrice,
}

/// The programme that a strategy farms in, and what that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FarmSetup {
    /// The programme.
    pub programme: ProgrammeId,
    /// What a round costs.
    pub gas: RoundGas,
}

/// Hypothesis: staking a position pays more than what staking, claiming and selling cost.
///
/// Stakes every position of the strategy inside it as soon as the programme takes it, takes it out
/// before that strategy closes it and when the programme ends, and claims by its rule in between.
/// Compounding leaves the programme and the pool, sells, and lets the strategy enter again with all
/// there is. An order that the chain refused is tried again after an hour. Never stops.
pub(crate) struct Farm {
    inner: Box<dyn Strategy>,
    setup: FarmSetup,
    claim: ClaimRule,
    claim_seconds: u64,
    proceeds: Proceeds,
    max_sale_cost: Bps,
    /// The last claim, or the first stake.
    claimed_at: Option<Timestamp>,
    /// Whether the position is on its way out in order to be opened larger.
    restarting: bool,
    /// What was asked for last, and when.
    tried: Option<(Timestamp, Attempt)>,
}

/// Returns the hours between two claims, 24 without any.
///
/// Errors: hours outside 1 to 8760, or given beside another rule.
pub(crate) fn claim_hours(
    name: &'static str,
    given: Option<u64>,
    rule: ClaimRule,
) -> Result<u64, ParameterError> {
    let hours = bounded(name, given.unwrap_or(24), (1, 8_760))?;
    if given.is_some() && rule != ClaimRule::Every {
        let allowed = "left out unless claim is `every`".to_owned();
        return Err(ParameterError { name, value: hours.to_string(), allowed });
    }
    Ok(hours)
}

/// What may be refused, and is not to be asked for at every event then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    Stake(PositionId),
    Claim(PositionId),
    Unstake(PositionId),
    Sell,
}

const RETRY_SECONDS: u64 = 3_600;

impl Farm {
    pub(crate) fn new(
        inner: Box<dyn Strategy>,
        config: &FarmConfig,
        setup: FarmSetup,
    ) -> Result<Self, ParameterError> {
        let hours = claim_hours("farm.claim_every_hours", config.claim_every_hours, config.claim)?;
        let max_sale_cost = config.max_sale_cost_bps.unwrap_or(200);
        Ok(Self {
            inner,
            setup,
            claim: config.claim,
            claim_seconds: hours.saturating_mul(3_600),
            proceeds: config.proceeds,
            max_sale_cost: Bps(bounded("farm.max_sale_cost_bps", max_sale_cost, (1, 10_000))?),
            claimed_at: None,
            restarting: false,
            tried: None,
        })
    }

    /// Whether the same was asked for within the last hour, and so was refused.
    fn was_refused(&self, attempt: Attempt, now: Timestamp) -> bool {
        self.tried
            .is_some_and(|(at, tried)| tried == attempt && now.seconds_since(at) < RETRY_SECONDS)
    }

    fn ask(&mut self, attempt: Attempt, intent: Intent, now: Timestamp) -> Vec<Intent> {
        if self.was_refused(attempt, now) {
            return Vec::new();
        }
        self.tried = Some((now, attempt));
        vec![intent]
    }

    fn unstake(&mut self, position: PositionId, now: Timestamp) -> Vec<Intent> {
        self.ask(Attempt::Unstake(position), Intent::Unstake { position }, now)
    }

    fn sell(&mut self, view: &View<'_>, reward: Reward) -> Vec<Intent> {
        let Some(sale) = sale(view, reward, self.max_sale_cost) else { return Vec::new() };
        self.ask(Attempt::Sell, sale, view.now())
    }

    /// Whether what a staked position has earned is to be claimed now.
    fn is_due(&self, view: &View<'_>, position: PositionId) -> bool {
        match self.claim {
            ClaimRule::Never => false,
            ClaimRule::Every => {
                self.claimed_at.is_none_or(|at| view.now().seconds_since(at) >= self.claim_seconds)
            }
            ClaimRule::BreakEven => self.has_broken_even(view, position).unwrap_or(false),
        }
    }

    /// Whether `gathered^2 >= 2 G P`; `None` where something has no price.
    fn has_broken_even(&self, view: &View<'_>, position: PositionId) -> Option<bool> {
        let RoundGas { claim, sell, restart, fallback_price } = self.setup.gas;
        let gas = match self.proceeds {
            Proceeds::Hold => claim,
            Proceeds::Sell => Gas(claim.0.checked_add(sell.0)?),
            Proceeds::Compound => Gas(restart.0.checked_add(sell.0)?),
        };
        let cost = view.gas_value(gas, fallback_price)?.0;
        let gathered = view.reward_value(view.reward(position)?)?.0;
        let capital = view.position_value(position)?.0;
        let twice = cost.checked_mul(U256::from(2_u8))?.checked_mul(capital)?;
        Some(gathered.checked_mul(gathered)? >= twice)
    }

    /// What is to be done besides what the strategy inside asks for.
    fn tend(&mut self, view: &View<'_>) -> Vec<Intent> {
        let now = view.now();
        let Some((position, open)) = view.positions().next() else { return Vec::new() };
        let programme = self.setup.programme;
        let is_running = view.is_running(programme);
        if open.staked.is_none() {
            return match (self.restarting, is_running) {
                (true, _) => vec![Intent::Close { position }],
                (false, true) if view.could_stake(position, programme) => {
                    self.claimed_at.get_or_insert(now);
                    let stake = Intent::Stake { position, programme };
                    self.ask(Attempt::Stake(position), stake, now)
                }
                (false, _) => Vec::new(),
            };
        }
        if !is_running {
            return self.unstake(position, now);
        }
        if !self.is_due(view, position) {
            return Vec::new();
        }
        self.claimed_at = Some(now);
        if self.proceeds == Proceeds::Compound {
            self.restarting = true;
            return self.unstake(position, now);
        }
        self.ask(Attempt::Claim(position), Intent::Claim { position }, now)
    }
}

impl Strategy for Farm {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let wanted = self.inner.decide(view);
        if view.positions().next().is_none() {
            self.restarting = false;
        }
        if view.is_waiting() {
            return wanted;
        }
        let is_staked = |id| view.programme_of(id).is_some();
        let closing = wanted.iter().find_map(|intent| {
            let Intent::Close { position } = intent else { return None };
            Some(*position).filter(|id| is_staked(*id))
        });
        if let Some(position) = closing {
            return self.unstake(position, view.now());
        }
        // Rewards are sold before the strategy inside enters with what it has. What cannot be sold
        // holds nothing up: to stake what is to be closed would cost gas for ever.
        let rewards = view.rewards_at_hand().next().filter(|_| self.proceeds != Proceeds::Hold);
        let mut first = rewards.map(|reward| self.sell(view, reward)).unwrap_or_default();
        if first.is_empty() && wanted.is_empty() {
            first = self.tend(view);
        }
        if !first.is_empty() {
            return first;
        }
        wanted
    }

    fn fault(&self) -> Option<&StrategyFault> {
        self.inner.fault()
    }
}
