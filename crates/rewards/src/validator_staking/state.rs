use thiserror::Error;
use tidemill_units::{Amount, Timestamp};

use super::{Decimal, Staking};
use crate::Account;

/// Everything that determines what a staking module does; lists are sorted by their keys, each key
/// once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StakingState {
    /// What governance sets.
    pub parameters: StakingParameters,
    /// The community pool, fractions included.
    pub community_pool: Decimal,
    /// Validators by operator.
    pub validators: Vec<Validator>,
    /// Delegations by delegator and validator.
    pub delegations: Vec<Delegation>,
    /// Unbonding delegations by delegator and validator.
    pub unbondings: Vec<Unbonding>,
    /// Redelegations by delegator, source and destination.
    pub redelegations: Vec<Redelegation>,
}

/// What governance sets (`x/staking` and `x/distribution` parameters).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakingParameters {
    /// How long unbonding and redelegation take, in seconds; above zero.
    pub unbonding_seconds: u64,
    /// Entries that one unbonding delegation or redelegation may have; above zero.
    pub max_entries: u32,
    /// Tokens to a unit of voting power; above zero.
    pub power_reduction: Amount,
    /// The community's part of what is allocated.
    pub community_tax: Decimal,
    /// The proposer's part, zero since SDK 0.47; with the other two at most one.
    pub base_proposer_reward: Decimal,
    /// What the proposer gets besides, times the part of the power that signed.
    pub bonus_proposer_reward: Decimal,
}

/// The SDK's defaults of 0.45 for a token of six decimals: 21 days, seven entries, 2 % tax, 1 % and
/// 4 % to the proposer.
impl Default for StakingParameters {
    fn default() -> Self {
        let percent = |parts: u64| Decimal(tidemill_units::U256::from_limbs([parts, 0, 0, 0]));
        Self {
            unbonding_seconds: 1_814_400,
            max_entries: 7,
            power_reduction: Amount::from_u64(1_000_000),
            community_tax: percent(20_000_000_000_000_000),
            base_proposer_reward: percent(10_000_000_000_000_000),
            bonus_proposer_reward: percent(40_000_000_000_000_000),
        }
    }
}

/// A validator with what its delegators have together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validator {
    /// Whose it is.
    pub operator: Account,
    /// Whether its tokens count as voting power.
    pub status: BondStatus,
    /// Whether it is barred from being bonded.
    pub is_jailed: bool,
    /// All tokens delegated to it.
    pub tokens: Amount,
    /// All shares of its delegators.
    pub shares: Decimal,
    /// The operator's part of its rewards, at most one.
    pub commission_rate: Decimal,
    /// The operator's own delegation may not fall below this without jailing the validator.
    pub min_self_delegation: Amount,
    /// The reward period that runs, from 1.
    pub period: u64,
    /// Sum over all ended periods of rewards per token.
    pub reward_ratio: Decimal,
    /// The delegators' rewards of the running period.
    pub current_rewards: Decimal,
    /// Commission not withdrawn.
    pub commission: Decimal,
    /// Rewards and commission not withdrawn, dust included.
    pub outstanding: Decimal,
    /// Slashes, by height and period.
    pub slashes: Vec<SlashEvent>,
}

/// Where a validator is between voting and gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BondStatus {
    /// Its tokens do not vote; leaving it with a redelegation takes no time.
    #[default]
    Unbonded,
    /// It stopped voting and can still be slashed.
    Unbonding {
        /// The block in which it stopped.
        height: u64,
        /// When it will be unbonded.
        until: Timestamp,
    },
    /// It votes.
    Bonded,
}

/// A slash, as the distribution of rewards has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlashEvent {
    /// Its block.
    pub height: u64,
    /// The period it ended.
    pub period: u64,
    /// The part of the tokens that was burned, rounded up, at most one.
    pub fraction: Decimal,
    /// Rewards per token up to the end of that period.
    pub reward_ratio: Decimal,
}

/// A delegation, and from where its rewards count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// Whose it is.
    pub delegator: Account,
    /// To whom.
    pub validator: Account,
    /// Its shares of the validator.
    pub shares: Decimal,
    /// The last period before it counts.
    pub start_period: u64,
    /// Rewards per token up to the end of that period.
    pub start_ratio: Decimal,
    /// What it was worth then, in tokens, rounded down.
    pub start_stake: Decimal,
    /// The block of its last change or withdrawal.
    pub start_height: u64,
}

/// Tokens on their way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unbonding {
    /// Who gets them.
    pub delegator: Account,
    /// From whom.
    pub validator: Account,
    /// Its entries, in the order they were made; at least one.
    pub entries: Vec<UnbondingEntry>,
}

/// One undelegation, or several of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnbondingEntry {
    /// Its block.
    pub creation_height: u64,
    /// When it is paid.
    pub completes_at: Timestamp,
    /// What it was at first: slashes are parts of this.
    pub initial_balance: Amount,
    /// What is left to be paid.
    pub balance: Amount,
}

/// Delegations that moved and can be slashed for what the source did before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redelegation {
    /// Whose they are.
    pub delegator: Account,
    /// From whom.
    pub source: Account,
    /// To whom.
    pub destination: Account,
    /// Its entries, in the order they were made; at least one.
    pub entries: Vec<RedelegationEntry>,
}

/// One redelegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedelegationEntry {
    /// Its block, or that in which the source began unbonding.
    pub creation_height: u64,
    /// When it stops being slashed for the source.
    pub completes_at: Timestamp,
    /// The tokens that moved.
    pub initial_balance: Amount,
    /// The shares of the destination they became.
    pub shares: Decimal,
}

/// A state that no chain can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field}: {rule}")]
pub struct StakingStateError {
    /// Where.
    pub field: &'static str,
    /// What has to hold there.
    pub rule: &'static str,
}

impl Staking {
    /// Takes up a state.
    ///
    /// Errors: [`StakingStateError`], naming the field and the rule it breaks.
    pub fn new(state: &StakingState) -> Result<Self, StakingStateError> {
        check_parameters(&state.parameters)?;
        let rule = |field, holds, rule| {
            if holds { Ok(()) } else { Err(StakingStateError { field, rule }) }
        };
        const ORDER: &str = "sorted by key, each key once";
        let sorted = |field, is_sorted| rule(field, is_sorted, ORDER);
        sorted("validators", state.validators.is_sorted_by(|a, b| a.operator < b.operator))?;
        let pair = |each: &Delegation| (each.delegator, each.validator);
        sorted("delegations", state.delegations.is_sorted_by(|a, b| pair(a) < pair(b)))?;
        let pair = |each: &Unbonding| (each.delegator, each.validator);
        sorted("unbondings", state.unbondings.is_sorted_by(|a, b| pair(a) < pair(b)))?;
        let triple = |each: &Redelegation| (each.delegator, each.source, each.destination);
        sorted("redelegations", state.redelegations.is_sorted_by(|a, b| triple(a) < triple(b)))?;
        for validator in &state.validators {
            check_validator(state, validator)?;
        }
        for delegation in &state.delegations {
            let index =
                state.validators.binary_search_by_key(&delegation.validator, |v| v.operator);
            let validator = index.ok().and_then(|index| state.validators.get(index));
            // Without shares it can outlive its validator, as in the SDK.
            let is_known = validator.map_or(delegation.shares.is_zero(), |validator| {
                delegation.start_period < validator.period
                    && delegation.start_ratio <= validator.reward_ratio
            });
            rule("delegations", is_known, "of a known validator, from a period that has ended")?;
        }
        let is_open = |entry: &UnbondingEntry| entry.balance <= entry.initial_balance;
        let unbondings = state.unbondings.iter();
        let mut unbondings = unbondings.map(|each| &each.entries);
        let holds = unbondings.all(|all| !all.is_empty() && all.iter().all(is_open));
        rule("unbondings", holds, "at least one entry, none above its initial balance")?;
        let mut redelegations = state.redelegations.iter();
        let holds = redelegations.all(|all| !all.entries.is_empty());
        rule("redelegations", holds, "at least one entry")?;
        let outstanding = state.validators.iter().map(|validator| validator.outstanding);
        let held = outstanding
            .into_iter()
            .try_fold(state.community_pool, Decimal::checked_add)
            .ok_or(StakingStateError { field: "outstanding", rule: "all of them fit 256 bits" })?;
        Ok(Self {
            parameters: state.parameters,
            community_pool: state.community_pool,
            held,
            validators: state.validators.iter().map(|v| (v.operator, v.clone())).collect(),
            delegations: state
                .delegations
                .iter()
                .map(|each| ((each.delegator, each.validator), *each))
                .collect(),
            unbondings: state
                .unbondings
                .iter()
                .map(|each| ((each.delegator, each.validator), each.entries.clone()))
                .collect(),
            redelegations: state
                .redelegations
                .iter()
                .map(|each| ((each.delegator, each.source, each.destination), each.entries.clone()))
                .collect(),
        })
    }

    /// Returns everything that determines what the module will do.
    pub fn state(&self) -> StakingState {
        StakingState {
            parameters: self.parameters,
            community_pool: self.community_pool,
            validators: self.validators.values().cloned().collect(),
            delegations: self.delegations.values().copied().collect(),
            unbondings: self
                .unbondings
                .iter()
                .map(|(&(delegator, validator), entries)| Unbonding {
                    delegator,
                    validator,
                    entries: entries.clone(),
                })
                .collect(),
            redelegations: self
                .redelegations
                .iter()
                .map(|(&(delegator, source, destination), entries)| Redelegation {
                    delegator,
                    source,
                    destination,
                    entries: entries.clone(),
                })
                .collect(),
        }
    }
}

fn check_parameters(parameters: &StakingParameters) -> Result<(), StakingStateError> {
    let field = "parameters";
    if parameters.unbonding_seconds == 0
        || parameters.max_entries == 0
        || parameters.power_reduction.is_zero()
    {
        let rule = "unbonding time, entries and power reduction are above zero";
        return Err(StakingStateError { field, rule });
    }
    let parts = [parameters.base_proposer_reward, parameters.bonus_proposer_reward];
    let sum = parts.into_iter().try_fold(parameters.community_tax, Decimal::checked_add);
    if sum.is_none_or(|sum| sum > Decimal::ONE) {
        let rule = "community tax and proposer rewards are at most one together";
        return Err(StakingStateError { field, rule });
    }
    Ok(())
}

fn check_validator(state: &StakingState, validator: &Validator) -> Result<(), StakingStateError> {
    let rule = |field, holds, rule| {
        if holds { Ok(()) } else { Err(StakingStateError { field, rule }) }
    };
    rule("commission_rate", validator.commission_rate <= Decimal::ONE, "at most one")?;
    rule("period", validator.period > 0, "from 1")?;
    let own = state.delegations.iter().filter(|each| each.validator == validator.operator);
    let shares = own.map(|each| each.shares).try_fold(Decimal::ZERO, Decimal::checked_add);
    rule("shares", shares == Some(validator.shares), "what the delegations have together")?;
    let has_tokens = validator.tokens.is_zero() || !validator.shares.is_zero();
    rule("tokens", has_tokens, "none without shares")?;
    let parts = validator.current_rewards.checked_add(validator.commission);
    let covered = parts.is_some_and(|parts| parts <= validator.outstanding);
    rule("outstanding", covered, "at least current rewards and commission")?;
    let slashes = &validator.slashes;
    let holds = slashes.is_sorted_by(|a, b| (a.height, a.period) < (b.height, b.period))
        && slashes.iter().all(|slash| {
            slash.fraction <= Decimal::ONE
                && slash.period < validator.period
                && slash.reward_ratio <= validator.reward_ratio
        });
    rule("slashes", holds, "in order, fractions at most one, of periods that have ended")
}
