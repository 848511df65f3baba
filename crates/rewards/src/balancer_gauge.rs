//! Balancer's liquidity gauge of the fifth version: stakers of a pool's shares divide what the
//! controller gives the gauge of the emission, up to a cap, and whatever else is brought to it.
//!
//! Stakes are tokens themselves: whoever is sent some has staked. The rewards that others bring
//! are paid out of what the gauge holds, which the model keeps count of.

mod allowances;
mod error;
mod facts;
mod rewards;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256};

use crate::curve_gauge::{GaugePeriod, GaugeStake};
use crate::gauge_controller::{GaugeController, RELATIVE_ONE};
use crate::gauge_integral::IntegralSpan;
use crate::token_admin::TokenAdmin;
use crate::working_balance::{BoostedStake, TOKENLESS_PERCENT, percent};
use crate::{Account, VoteEscrow};

pub use error::BalancerGaugeError;
pub use facts::FACTS;
pub use rewards::{
    MOST_REWARDS, REWARD_DURATION, RewardClaim, RewardClaimFor, RewardPayment, RewardStream,
};
pub use state::{AllowanceState, BalancerGaugeState, BalancerStakeState, HeldState, ReceiverState};

use BalancerGaugeError::{Overflow, Underflow};

const SCALE: u64 = 1_000_000_000_000_000_000;

/// A gauge: who has staked what, what of it works, what it has earned, and what else is paid.
///
/// Source: `LiquidityGaugeV5.vy` (Vyper 0.3.1) of v2-deployments 20220822-mainnet-gauge-factory-v2.
/// Of the lists of past periods only the last entry is kept, which is all that anything depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalancerGauge {
    identity: GaugeIdentity,
    relative_weight_cap: U256,
    is_killed: bool,
    period: GaugePeriod,
    stakers: BTreeMap<Account, Staker>,
    extra: ExtraRewards,
    allowances: BTreeMap<(Account, Account), U256>,
    receivers: BTreeMap<Account, Account>,
}

/// What never changes of a gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaugeIdentity {
    /// The gauge's own address.
    pub account: Account,
    /// The pool token to be staked (`lp_token`).
    pub pool_token: Account,
    /// Who may kill the gauge, cap it and add rewards: the authorizer adaptor.
    pub admin: Account,
    /// Balancer's vault, which needs nobody's leave to move stakes.
    pub vault: Account,
}

/// An account's stake, and its part of each reward token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Staker {
    stake: GaugeStake,
    /// In the order of the reward tokens; those it never met are left out.
    rewards: Vec<RewardClaim>,
}

/// What the gauge pays besides the emission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ExtraRewards {
    streams: Vec<RewardStream>,
    /// What the gauge has of each token, that of the pool included.
    held: BTreeMap<Account, Amount>,
}

/// What a gauge asks of other contracts.
#[derive(Debug)]
pub struct BalancerSources<'a> {
    /// The admin of BAL, for the rate.
    pub token_admin: &'a mut TokenAdmin,
    /// The controller, for the gauge's share.
    pub controller: &'a mut GaugeController,
    /// The escrow, for boosts: what the boost proxy says while nobody delegates.
    pub escrow: &'a VoteEscrow,
}

/// Shares to be staked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalancerDeposit {
    /// Whose stake they become. Nobody's leave is needed.
    pub recipient: Account,
    /// Raw units of the pool token; the caller pays them.
    pub value: Amount,
    /// Whether the recipient's reward tokens are paid out.
    pub claims: bool,
}

/// Shares to be unstaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalancerWithdrawal {
    /// Whose stake they are; the shares are to be paid to it.
    pub account: Account,
    /// Raw units of the pool token.
    pub value: Amount,
    /// Whether the account's reward tokens are paid out.
    pub claims: bool,
}

/// A stake to be moved from one account to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeTransfer {
    /// Whose stake it is.
    pub from: Account,
    /// Whose it becomes.
    pub to: Account,
    /// Raw units of the gauge's own token, one for each of the pool's.
    pub value: Amount,
}

/// What a gauge was before an operation on some accounts.
#[derive(Clone, Debug)]
pub(crate) struct BalancerGaugeUndo {
    period: GaugePeriod,
    stakers: [(Account, Option<Staker>); 2],
    extra: ExtraRewards,
}

type Answer<T> = Result<T, BalancerGaugeError>;
type Done = Answer<()>;
type Paid = Answer<Vec<RewardPayment>>;

impl BalancerGauge {
    /// Returns a gauge as the factory leaves it, which may begin an epoch of BAL. Its share of the
    /// emission counts up to the cap, in 1e-18.
    ///
    /// Errors: `CapTooLarge`, `TokenAdmin`. Source: `initialize`.
    pub fn deployed(
        identity: GaugeIdentity,
        relative_weight_cap: U256,
        token_admin: &mut TokenAdmin,
        at: Timestamp,
    ) -> Result<Self, BalancerGaugeError> {
        check_cap(relative_weight_cap)?;
        // Unlike a checkpoint, this reads the rate after it may have changed.
        let future_epoch_time = token_admin.future_epoch_time_write(at)?;
        let inflation_rate = token_admin.rate;
        let period = GaugePeriod { at, inflation_rate, future_epoch_time, ..Default::default() };
        Ok(Self {
            identity,
            relative_weight_cap,
            is_killed: false,
            period,
            stakers: BTreeMap::new(),
            extra: ExtraRewards::default(),
            allowances: BTreeMap::new(),
            receivers: BTreeMap::new(),
        })
    }

    /// Returns what never changes of the gauge.
    pub fn identity(&self) -> &GaugeIdentity {
        &self.identity
    }

    /// Returns the share of the emission that counts at most, in 1e-18 (`getRelativeWeightCap`).
    pub fn relative_weight_cap(&self) -> U256 {
        self.relative_weight_cap
    }

    /// Says whether the gauge gets no emission (`is_killed`).
    pub fn is_killed(&self) -> bool {
        self.is_killed
    }

    /// Returns what the gauge's checkpoints bring forward.
    pub fn period(&self) -> &GaugePeriod {
        &self.period
    }

    /// Returns what an account has staked and earned of the emission, as of its last checkpoint.
    pub fn stake_of(&self, account: Account) -> GaugeStake {
        self.stakers.get(&account).map(|staker| staker.stake).unwrap_or_default()
    }

    /// Returns the gauge's share of the emission in the week of this time, in 1e-18, as far as it
    /// counts. Errors: `Controller`. Source: `getCappedRelativeWeight`.
    pub fn capped_relative_weight(
        &self,
        controller: &GaugeController,
        at: Timestamp,
    ) -> Result<U256, BalancerGaugeError> {
        let share = controller.gauge_relative_weight(self.identity.account, at)?;
        Ok(share.min(self.relative_weight_cap))
    }

    /// Sets the share that counts at most, also for the time since the last checkpoint.
    ///
    /// Errors: `NotAdmin`, `CapTooLarge`. Source: `setRelativeWeightCap`.
    pub fn set_relative_weight_cap(&mut self, caller: Account, cap: U256) -> Done {
        self.check_admin(caller)?;
        check_cap(cap)?;
        self.relative_weight_cap = cap;
        Ok(())
    }

    /// Ends the gauge's emission, or lets it begin again, each also for the time since the last
    /// checkpoint. Errors: `NotAdmin`. Source: `killGauge`, `unkillGauge`.
    pub fn set_killed(&mut self, caller: Account, is_killed: bool) -> Done {
        self.check_admin(caller)?;
        self.is_killed = is_killed;
        Ok(())
    }

    /// Stakes shares for the recipient, after a checkpoint for it; the caller pays them. Nothing
    /// staked is a checkpoint of the emission alone, the boost left as it was. Returns the reward
    /// tokens that are to be paid.
    ///
    /// Errors: `Overflow`, `TokenRefuses`, and those of the sources. Source: `deposit`.
    pub fn deposit(
        &mut self,
        deposit: BalancerDeposit,
        mut sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Paid {
        let BalancerDeposit { recipient, value, claims } = deposit;
        self.atomically([recipient; 2], &mut sources, |gauge, sources| {
            gauge.checkpoint(recipient, sources, at)?;
            if value.is_zero() {
                return Ok(Vec::new());
            }
            let paid = gauge.checkpoint_rewards(recipient, claims, None, at)?;
            let total = gauge.period.total_supply.checked_add(value.0).ok_or(Overflow)?;
            gauge.period.total_supply = total;
            let stake = gauge.stake_mut(recipient);
            stake.balance = stake.balance.checked_add(value.0).ok_or(Overflow)?;
            gauge.limit(recipient, sources.escrow, at)?;
            gauge.receive(gauge.identity.pool_token, value)?;
            Ok(paid)
        })
    }

    /// Unstakes shares after a checkpoint; they are to be paid to the account. Nothing unstaked is
    /// a checkpoint of the emission alone. Returns the reward tokens that are to be paid.
    ///
    /// Errors: `Underflow` for more than is staked, `TokenRefuses`, and those of the sources.
    /// Source: `withdraw`.
    pub fn withdraw(
        &mut self,
        withdrawal: BalancerWithdrawal,
        mut sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Paid {
        let BalancerWithdrawal { account, value, claims } = withdrawal;
        self.atomically([account; 2], &mut sources, |gauge, sources| {
            gauge.checkpoint(account, sources, at)?;
            if value.is_zero() {
                return Ok(Vec::new());
            }
            let paid = gauge.checkpoint_rewards(account, claims, None, at)?;
            let total = gauge.period.total_supply.checked_sub(value.0).ok_or(Underflow)?;
            gauge.period.total_supply = total;
            let stake = gauge.stake_mut(account);
            stake.balance = stake.balance.checked_sub(value.0).ok_or(Underflow)?;
            gauge.limit(account, sources.escrow, at)?;
            gauge.pay(gauge.identity.pool_token, account, value)?;
            Ok(paid)
        })
    }

    /// Moves a stake to another account, both checkpointed first and their boosts set anew; rewards
    /// stay with whom they were earned by.
    ///
    /// Errors: `Underflow` for more than is staked, `Overflow`, and those of the sources.
    /// Source: `transfer`.
    pub fn transfer(
        &mut self,
        transfer: StakeTransfer,
        mut sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Done {
        let StakeTransfer { from, to, value } = transfer;
        self.atomically([from, to], &mut sources, |gauge, sources| {
            gauge.checkpoint(from, sources, at)?;
            gauge.checkpoint(to, sources, at)?;
            if value.is_zero() {
                return Ok(());
            }
            gauge.checkpoint_rewards(from, false, None, at)?;
            let stake = gauge.stake_mut(from);
            stake.balance = stake.balance.checked_sub(value.0).ok_or(Underflow)?;
            gauge.limit(from, sources.escrow, at)?;
            gauge.checkpoint_rewards(to, false, None, at)?;
            let stake = gauge.stake_mut(to);
            stake.balance = stake.balance.checked_add(value.0).ok_or(Overflow)?;
            gauge.limit(to, sources.escrow, at)
        })
    }

    /// Counts what an account has earned of the emission up to now, and sets its boost by its votes
    /// as they are. Reward tokens are left alone. The account itself or the minter asks for it.
    ///
    /// Errors: those of the sources. Source: `user_checkpoint`.
    pub fn user_checkpoint(
        &mut self,
        account: Account,
        mut sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Done {
        self.atomically([account; 2], &mut sources, |gauge, sources| {
            gauge.checkpoint(account, sources, at)?;
            gauge.limit(account, sources.escrow, at)
        })
    }

    /// Counts what an account has earned of the emission up to now and leaves its boost as it was;
    /// returns all it has ever earned here. Anybody may ask for it.
    ///
    /// Errors: those of the sources. Source: `claimable_tokens`, sent as a transaction.
    pub fn checkpoint_only(
        &mut self,
        account: Account,
        mut sources: BalancerSources<'_>,
        at: Timestamp,
    ) -> Result<Amount, BalancerGaugeError> {
        self.atomically([account; 2], &mut sources, |gauge, sources| {
            gauge.checkpoint(account, sources, at)?;
            Ok(Amount(gauge.stake_of(account).integrate_fraction))
        })
    }

    /// Takes away a boost that its account no longer has the votes for, or has touched its lock
    /// since. Anybody may do it.
    ///
    /// Errors: `KickNotAllowed`, `KickNotNeeded`, and those of the sources. Source: `kick`.
    pub fn kick(&mut self, account: Account, sources: BalancerSources<'_>, at: Timestamp) -> Done {
        let stake = self.stake_of(account);
        let voted_at = sources.escrow.user_points(account).last().map(|point| point.at);
        let is_later = voted_at.unwrap_or_default() > stake.integrate_checkpoint_of;
        if !sources.escrow.balance_of(account, at)?.is_zero() && !is_later {
            return Err(BalancerGaugeError::KickNotAllowed);
        }
        if stake.working_balance <= percent(stake.balance, TOKENLESS_PERCENT).ok_or(Overflow)? {
            return Err(BalancerGaugeError::KickNotNeeded);
        }
        self.user_checkpoint(account, sources, at)
    }

    /// Returns what is to be restored if an operation on these accounts has to be taken back.
    pub(crate) fn before(&self, accounts: [Account; 2]) -> BalancerGaugeUndo {
        let stakers = accounts.map(|account| (account, self.stakers.get(&account).cloned()));
        BalancerGaugeUndo { period: self.period, stakers, extra: self.extra.clone() }
    }

    /// Restores what was before an operation.
    pub(crate) fn restore(&mut self, undo: BalancerGaugeUndo) {
        self.period = undo.period;
        self.extra = undo.extra;
        for (account, before) in undo.stakers {
            match before {
                Some(staker) => self.stakers.insert(account, staker),
                None => self.stakers.remove(&account),
            };
        }
    }

    /// Does all of an operation on these accounts or nothing.
    fn atomically<T>(
        &mut self,
        accounts: [Account; 2],
        sources: &mut BalancerSources<'_>,
        operation: impl FnOnce(&mut Self, &mut BalancerSources<'_>) -> Answer<T>,
    ) -> Answer<T> {
        let undo = self.before(accounts);
        let token_admin = *sources.token_admin;
        let mark = sources.controller.hold();
        let result = operation(self, sources);
        sources.controller.release(mark, result.is_err());
        if result.is_err() {
            *sources.token_admin = token_admin;
            self.restore(undo);
        }
        result
    }

    fn stake_mut(&mut self, account: Account) -> &mut GaugeStake {
        &mut self.stakers.entry(account).or_default().stake
    }

    fn check_admin(&self, caller: Account) -> Done {
        if caller == self.identity.admin { Ok(()) } else { Err(BalancerGaugeError::NotAdmin) }
    }

    /// Source: `_checkpoint`.
    fn checkpoint(
        &mut self,
        account: Account,
        sources: &mut BalancerSources<'_>,
        at: Timestamp,
    ) -> Done {
        let before = self.period;
        let mut period = before;
        if before.future_epoch_time >= before.at {
            // The rate is read before the epoch may turn: the checkpoint that turns it goes on
            // with the old one.
            period.inflation_rate = sources.token_admin.rate;
            period.future_epoch_time = sources.token_admin.future_epoch_time_write(at)?;
        }
        if at > before.at {
            sources.controller.checkpoint_gauge(self.identity.account, at)?;
        }
        let rates = [before.inflation_rate, period.inflation_rate];
        let [rate, new_rate] = if self.is_killed { [U256::ZERO; 2] } else { rates };
        let span = IntegralSpan {
            integral: before.integrate_inv_supply,
            working_supply: before.working_supply,
            rate,
            new_rate,
            epoch_end: before.future_epoch_time.0,
            from: before.at.0,
            until: at.0,
        };
        let (controller, cap) = (&*sources.controller, self.relative_weight_cap);
        let share = |from| {
            let share = controller.gauge_relative_weight(self.identity.account, Timestamp(from));
            share.map(|share| share.min(cap))
        };
        period.integrate_inv_supply = span.integrated(share).ok_or(Overflow)?;
        period.period = period.period.checked_add(1).ok_or(Overflow)?;
        period.at = at;
        let stake = self.stake_mut(account);
        let grown = period.integrate_inv_supply.checked_sub(stake.integrate_inv_supply_of);
        let earned = stake.working_balance.checked_mul(grown.ok_or(Underflow)?).ok_or(Overflow)?;
        let earned = earned.checked_div(U256::from(SCALE)).unwrap_or_default();
        stake.integrate_fraction = stake.integrate_fraction.checked_add(earned).ok_or(Overflow)?;
        stake.integrate_inv_supply_of = period.integrate_inv_supply;
        stake.integrate_checkpoint_of = at;
        self.period = period;
        Ok(())
    }

    /// Sets what of a balance works by the votes behind it.
    ///
    /// Source: `_update_liquidity_limit`.
    fn limit(&mut self, account: Account, escrow: &VoteEscrow, at: Timestamp) -> Done {
        let stake = self.stake_of(account);
        let boosted = BoostedStake {
            balance: stake.balance,
            total_supply: self.period.total_supply,
            votes: escrow.balance_of(account, at)?.0,
            all_votes: escrow.total_supply(at)?.0,
        };
        let limit = boosted.working().ok_or(Overflow)?;
        let working = self.period.working_supply.checked_add(limit).ok_or(Overflow)?;
        self.period.working_supply = working.checked_sub(stake.working_balance).ok_or(Underflow)?;
        self.stake_mut(account).working_balance = limit;
        Ok(())
    }
}

fn check_cap(cap: U256) -> Done {
    let is_allowed = cap <= U256::from(RELATIVE_ONE);
    if is_allowed { Ok(()) } else { Err(BalancerGaugeError::CapTooLarge) }
}

#[cfg(test)]
mod tests;
