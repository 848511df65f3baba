use std::collections::BTreeMap;

use thiserror::Error;
use tidemill_units::{Amount, Timestamp, U256};

use crate::Account;

/// A pool of staked ether with its rebasing token, wrapper and withdrawal queue.
///
/// Source: lidofinance/lido-dao v2.0.0 `Lido.sol`, `StETH.sol`, `WstETH.sol`,
/// `WithdrawalQueue.sol`, `WithdrawalQueueBase.sol`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiquidStaking {
    pub(super) accounts: PoolAccounts,
    pub(super) fee: ProtocolFee,
    pub(super) request_margin_seconds: u64,
    pub(super) buffered: Amount,
    pub(super) consensus_balance: Amount,
    pub(super) deposited_validators: u64,
    pub(super) appeared_validators: u64,
    pub(super) total_shares: Amount,
    pub(super) shares: BTreeMap<Account, Amount>,
    pub(super) wrapped: BTreeMap<Account, Amount>,
    pub(super) burn_requested: Amount,
    pub(super) requests: Vec<WithdrawalRequest>,
    pub(super) finalized: usize,
    pub(super) checkpoints: Vec<Checkpoint>,
    pub(super) locked: Amount,
}

/// Everything that determines what a pool does; lists by account are sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiquidStakingState {
    /// The contracts among the accounts.
    pub accounts: PoolAccounts,
    /// What the protocol takes of rewards.
    pub fee: ProtocolFee,
    /// A request has to be this old, in seconds, when a report finalises it.
    pub request_margin_seconds: u64,
    /// Ether that waits in the pool.
    pub buffered: Amount,
    /// Ether with validators, as last reported.
    pub consensus_balance: Amount,
    /// Validators that were ever deposited for.
    pub deposited_validators: u64,
    /// Those of them that reports have seen.
    pub appeared_validators: u64,
    /// Shares by holder, none of them zero.
    pub shares: Vec<(Account, Amount)>,
    /// Wrapped tokens by holder, none of them zero.
    pub wrapped: Vec<(Account, Amount)>,
    /// Shares that the burner was asked to burn and has not.
    pub burn_requested: Amount,
    /// Requests in order; the first has the id 1.
    pub requests: Vec<WithdrawalRequest>,
    /// How many of them are final.
    pub finalized: u64,
    /// Rates of finalisations, in order.
    pub checkpoints: Vec<Checkpoint>,
    /// Ether set aside for claims.
    pub locked: Amount,
}

/// The contracts that hold shares or may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolAccounts {
    /// The rebasing token, which may not hold itself.
    pub token: Account,
    /// The wrapper.
    pub wrapper: Account,
    /// The withdrawal queue.
    pub queue: Account,
    /// The burner.
    pub burner: Account,
    /// The treasury.
    pub treasury: Account,
}

/// What the protocol takes of rewards, in parts of the precision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtocolFee {
    /// The node operators' parts.
    pub modules: Vec<ModuleFee>,
    /// All of it, with the treasury's; below 2^96.
    pub total: U256,
    /// What the whole reward is.
    pub precision: U256,
}

/// A module of node operators and its part of the fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModuleFee {
    /// Who gets it.
    pub recipient: Account,
    /// How much.
    pub fee: U256,
}

/// A withdrawal, with the sums up to and with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WithdrawalRequest {
    /// Whose.
    pub owner: Account,
    /// Rebasing tokens of all requests so far, below 2^128.
    pub cumulative_amount: Amount,
    /// Their shares, below 2^128.
    pub cumulative_shares: Amount,
    /// When it was made.
    pub requested_at: Timestamp,
    /// Whether it was paid.
    pub is_claimed: bool,
}

/// The most a share counts for, from one request on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The id of the first request it is for.
    pub from_request: u64,
    /// Ether per share, in parts of 10^27.
    pub max_share_rate: U256,
}

/// A state that no pool can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{field}: {rule}")]
pub struct LiquidStateError {
    /// Where.
    pub field: &'static str,
    /// What has to hold there.
    pub rule: &'static str,
}

impl LiquidStaking {
    /// Takes up a state.
    ///
    /// Errors: [`LiquidStateError`], naming the field and the rule it breaks.
    pub fn new(state: &LiquidStakingState) -> Result<Self, LiquidStateError> {
        let rule =
            |field, holds, rule| if holds { Ok(()) } else { Err(LiquidStateError { field, rule }) };
        let is_list = |list: &[(Account, Amount)]| {
            list.is_sorted_by(|a, b| a.0 < b.0) && list.iter().all(|each| !each.1.is_zero())
        };
        let total = |list: &[(Account, Amount)]| {
            list.iter().try_fold(Amount::ZERO, |sum, each| sum.checked_add(each.1))
        };
        const LIST: &str = "sorted by holder, each once, none of them zero, 256 bits in all";
        let total_shares = total(&state.shares).filter(|_| is_list(&state.shares));
        let total_shares = total_shares.ok_or(LiquidStateError { field: "shares", rule: LIST })?;
        let wrapped = total(&state.wrapped).filter(|_| is_list(&state.wrapped));
        rule("wrapped", wrapped.is_some(), LIST)?;
        let known = state.appeared_validators <= state.deposited_validators;
        rule("appeared_validators", known, "at most the deposited ones")?;
        let fees = state.fee.modules.iter();
        let fees = fees.map(|each| each.fee).try_fold(U256::ZERO, |sum, fee| sum.checked_add(fee));
        let holds = fees.is_some_and(|fees| fees <= state.fee.total)
            && state.fee.total <= state.fee.precision
            && state.fee.total.bit_len() <= 96;
        rule("fee", holds, "modules at most the total, that at most the precision, and 96 bits")?;
        let is_word = |amount: Amount| amount.0.bit_len() <= 128;
        let holds = state.requests.is_sorted_by(|a, b| {
            a.cumulative_amount <= b.cumulative_amount && a.cumulative_shares <= b.cumulative_shares
        }) && state
            .requests
            .iter()
            .all(|each| is_word(each.cumulative_amount) && is_word(each.cumulative_shares));
        rule("requests", holds, "sums that rise and fit 128 bits")?;
        let finalized = usize::try_from(state.finalized).ok();
        let finalized = finalized.filter(|count| *count <= state.requests.len());
        let finalized = finalized
            .ok_or(LiquidStateError { field: "finalized", rule: "at most all requests" })?;
        let first = state.checkpoints.first().map(|each| each.from_request);
        let last = state.checkpoints.last().map_or(0, |each| each.from_request);
        let holds = state.checkpoints.is_sorted_by(|a, b| a.from_request < b.from_request)
            && last <= state.finalized
            && first == (state.finalized > 0).then_some(1);
        rule("checkpoints", holds, "from the first request on, in order, up to what is final")?;
        Ok(Self {
            accounts: state.accounts,
            fee: state.fee.clone(),
            request_margin_seconds: state.request_margin_seconds,
            buffered: state.buffered,
            consensus_balance: state.consensus_balance,
            deposited_validators: state.deposited_validators,
            appeared_validators: state.appeared_validators,
            total_shares,
            shares: state.shares.iter().copied().collect(),
            wrapped: state.wrapped.iter().copied().collect(),
            burn_requested: state.burn_requested,
            requests: state.requests.clone(),
            finalized,
            checkpoints: state.checkpoints.clone(),
            locked: state.locked,
        })
    }

    /// Returns everything that determines what the pool will do.
    pub fn state(&self) -> LiquidStakingState {
        LiquidStakingState {
            accounts: self.accounts,
            fee: self.fee.clone(),
            request_margin_seconds: self.request_margin_seconds,
            buffered: self.buffered,
            consensus_balance: self.consensus_balance,
            deposited_validators: self.deposited_validators,
            appeared_validators: self.appeared_validators,
            shares: self.shares.iter().map(|(holder, shares)| (*holder, *shares)).collect(),
            wrapped: self.wrapped.iter().map(|(holder, tokens)| (*holder, *tokens)).collect(),
            burn_requested: self.burn_requested,
            requests: self.requests.clone(),
            finalized: u64::try_from(self.finalized).unwrap_or(u64::MAX),
            checkpoints: self.checkpoints.clone(),
            locked: self.locked,
        }
    }
}
