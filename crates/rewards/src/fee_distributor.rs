//! Balancer's fee distributor: tokens shared out by the week among the holders of a vote escrow,
//! by their voting balances at the week's beginning.
//!
//! The escrow is the caller's and comes in as an argument, since it lives on its own; so are the
//! payments. A week is paid when it is over.

mod checkpoint;
mod error;
mod facts;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256};

use crate::vote_escrow::VoteEscrow;
use crate::week::{WEEK, week_start};
use crate::{Account, Moment};
use checkpoint::{FeeToken, FeeUser, SupplyCheckpoint, next_week_start};

pub use error::FeeDistributorError;
pub use facts::FACTS;
pub use state::{FeeDistributorState, FeeTokenState, FeeUserState, WeekAmount};

use FeeDistributorError::Overflow;

#[cfg(test)]
mod tests;

/// Weeks that one call goes through at most: of a token, of the supply, and of one claim.
pub const MOST_WEEKS: usize = 20;

/// What distributes the fees of a vote escrow.
///
/// Source: `FeeDistributor.sol` of v2-deployments 20220714-fee-distributor-v2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeDistributor {
    start_time: u64,
    time_cursor: u64,
    total_supply: BTreeMap<u64, U256>,
    tokens: BTreeMap<Account, FeeToken>,
    users: BTreeMap<Account, FeeUser>,
}

/// Who claims, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeClaimant {
    /// Who sends the transaction.
    pub caller: Account,
    /// Who is paid.
    pub user: Account,
}

/// What a checkpoint of a token shares out, and logs (`TokenCheckpointed`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenCheckpoint {
    /// Raw units of the token, more than none.
    pub amount: Amount,
    /// From when on the last part of it is for, in seconds since 1970.
    pub last: u64,
}

/// What a claim of one token does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenClaim {
    /// Raw units that are to be paid to the user.
    pub amount: Amount,
    /// What was shared out just before; none where nothing was.
    pub checkpoint: Option<TokenCheckpoint>,
    /// The first week that the user has not claimed yet.
    pub time_cursor: u64,
}

impl FeeDistributor {
    /// Returns a distributor that starts at the beginning of the week of `start_time`.
    ///
    /// Errors: `StartInPast`; `ZeroSupply` where it starts in this week and nobody had a vote at
    /// its beginning; `Escrow`. Source: the constructor.
    pub fn deployed(
        escrow: &VoteEscrow,
        start_time: u64,
        now: Moment,
    ) -> Result<Self, FeeDistributorError> {
        let start_time = week_start(start_time);
        let current = week_start(now.at.0);
        if start_time < current {
            return Err(FeeDistributorError::StartInPast);
        }
        if start_time == current {
            let supply = escrow.total_supply(Timestamp(current));
            if supply.map_err(FeeDistributorError::Escrow)?.is_zero() {
                return Err(FeeDistributorError::ZeroSupply);
            }
        }
        let (total_supply, tokens, users) = Default::default();
        Ok(Self { start_time, time_cursor: start_time, total_supply, tokens, users })
    }

    /// Returns the first week whose supply is not noted yet (`getTimeCursor`).
    pub fn time_cursor(&self) -> u64 {
        self.time_cursor
    }

    /// Returns the first week whose balance of a user is not noted yet (`getUserTimeCursor`).
    pub fn user_time_cursor(&self, user: Account) -> u64 {
        self.users.get(&user).map_or(0, |user| user.time_cursor)
    }

    /// Returns until when a token was shared out (`getTokenTimeCursor`).
    pub fn token_time_cursor(&self, token: Account) -> u64 {
        self.tokens.get(&token).map_or(0, |token| token.time_cursor)
    }

    /// Returns the first week that a user has not claimed of a token (`getUserTokenTimeCursor`).
    pub fn user_token_time_cursor(&self, user: Account, token: Account) -> u64 {
        let user = self.users.get(&user);
        let token_start = self.tokens.get(&token).map_or(0, |token| token.start_time);
        let cursor = user.and_then(|user| user.token_cursors.get(&token)).copied();
        cursor.unwrap_or_else(|| token_start.max(user.map_or(0, |user| user.start_time)))
    }

    /// Returns what a user's balance was at the beginning of a week, if noted
    /// (`getUserBalanceAtTimestamp`).
    pub fn user_balance_at(&self, user: Account, week: u64) -> Amount {
        let user = self.users.get(&user);
        user.and_then(|user| user.balances.get(&week)).copied().map(Amount).unwrap_or_default()
    }

    /// Returns the supply at the beginning of a week, if noted (`getTotalSupplyAtTimestamp`).
    pub fn total_supply_at(&self, week: u64) -> Amount {
        self.total_supply.get(&week).copied().map(Amount).unwrap_or_default()
    }

    /// Returns what of a token is known to have come in, less what was paid
    /// (`getTokenLastBalance`).
    pub fn token_last_balance(&self, token: Account) -> Amount {
        self.tokens.get(&token).map(|token| Amount(token.cached_balance)).unwrap_or_default()
    }

    /// Returns what a token pays for a week (`getTokensDistributedInWeek`).
    pub fn tokens_distributed_in_week(&self, token: Account, week: u64) -> Amount {
        let token = self.tokens.get(&token);
        token.and_then(|token| token.per_week.get(&week)).copied().map(Amount).unwrap_or_default()
    }

    /// Says whether only a user itself may claim for it (`isOnlyCallerEnabled`).
    pub fn is_only_caller_enabled(&self, user: Account) -> bool {
        self.users.get(&user).is_some_and(|user| user.is_only_caller_enabled)
    }

    /// Returns what a claim would pay now, raw units of the token, without claiming.
    ///
    /// Errors: as [`claim_token`](Self::claim_token).
    pub fn claimable(
        &self,
        user: Account,
        token: Account,
        escrow: &VoteEscrow,
        now: Moment,
    ) -> Result<Amount, FeeDistributorError> {
        let claim = self.claim_of(user, &[token], escrow, now)?;
        Ok(claim.claims.first().map(|claim| claim.amount).unwrap_or_default())
    }

    /// Gives the distributor tokens by a plain transfer. The next checkpoint of the token spreads
    /// them over the time since the last.
    ///
    /// Errors: `TokenOverflow`, the token's own.
    pub fn donate(&mut self, token: Account, amount: Amount) -> Result<(), FeeDistributorError> {
        let entry = self.tokens.entry(token).or_default();
        let balance = entry.balance.checked_add(amount.0);
        entry.balance = balance.ok_or(FeeDistributorError::TokenOverflow)?;
        Ok(())
    }

    /// Takes tokens in for the current week; the caller pays them. Returns what is shared out
    /// before they come in and afterwards; none where nothing is.
    ///
    /// Errors: `NotStarted`, `TokenOverflow`, `MaximumBalance`. Source: `depositToken`.
    pub fn deposit_token(
        &mut self,
        token: Account,
        amount: Amount,
        now: Moment,
    ) -> Result<[Option<TokenCheckpoint>; 2], FeeDistributorError> {
        let mut entry = self.tokens.get(&token).cloned().unwrap_or_default();
        let shared_out = entry.deposit(self.start_time, amount, now.at.0)?;
        self.tokens.insert(token, entry);
        Ok(shared_out)
    }

    /// Takes several tokens in for the current week, one after another; all or none.
    ///
    /// Errors: as [`deposit_token`](Self::deposit_token). Source: `depositTokens`.
    pub fn deposit_tokens(
        &mut self,
        deposits: &[(Account, Amount)],
        now: Moment,
    ) -> Result<(), FeeDistributorError> {
        let mut changed = BTreeMap::new();
        for (token, amount) in deposits {
            let entry = self.changing(&mut changed, *token);
            entry.deposit(self.start_time, *amount, now.at.0)?;
        }
        self.tokens.extend(changed);
        Ok(())
    }

    /// Notes the supply at the beginning of each week, of at most 20, and brings the escrow up to
    /// now; does nothing in the very second in which a week begins.
    ///
    /// Errors: `Escrow`. Source: `checkpoint`.
    pub fn checkpoint(
        &mut self,
        escrow: &mut VoteEscrow,
        now: Moment,
    ) -> Result<(), FeeDistributorError> {
        let supply = self.supply_checkpoint(escrow, now)?;
        self.write_supply(supply, escrow);
        Ok(())
    }

    /// Notes a user's balance at the beginning of each week, in at most 50 steps over weeks and
    /// changes of its lock.
    ///
    /// Errors: `NotStarted`. Source: `checkpointUser`.
    pub fn checkpoint_user(
        &mut self,
        user: Account,
        escrow: &VoteEscrow,
        now: Moment,
    ) -> Result<(), FeeDistributorError> {
        let points = escrow.user_points(user);
        if points.is_empty() {
            return Ok(());
        }
        let mut entry = self.users.get(&user).cloned().unwrap_or_default();
        entry.checkpoint(self.start_time, points, now.at.0)?;
        self.users.insert(user, entry);
        Ok(())
    }

    /// Spreads what came in of a token evenly over the time since its last checkpoint, of which
    /// at most 20 weeks get their part. Returns what is shared out; none where nothing is.
    ///
    /// Errors: `NotStarted`, `MaximumBalance`. Source: `checkpointToken`.
    pub fn checkpoint_token(
        &mut self,
        token: Account,
        now: Moment,
    ) -> Result<Option<TokenCheckpoint>, FeeDistributorError> {
        let mut entry = self.tokens.get(&token).cloned().unwrap_or_default();
        let shared_out = entry.checkpoint(self.start_time, true, now.at.0)?;
        self.tokens.insert(token, entry);
        Ok(shared_out)
    }

    /// As [`checkpoint_token`](Self::checkpoint_token), for several; all or none.
    pub fn checkpoint_tokens(
        &mut self,
        tokens: &[Account],
        now: Moment,
    ) -> Result<(), FeeDistributorError> {
        let mut changed = BTreeMap::new();
        for token in tokens {
            let entry = self.changing(&mut changed, *token);
            entry.checkpoint(self.start_time, true, now.at.0)?;
        }
        self.tokens.extend(changed);
        Ok(())
    }

    /// Lets only a user itself claim for it from now on, or everybody again.
    pub fn set_only_caller_check(&mut self, user: Account, enabled: bool) {
        self.users.entry(user).or_default().is_only_caller_enabled = enabled;
    }

    /// Claims a token for a user, to whom the answer is to be paid: of at most 20 weeks, those that
    /// are over and checkpointed, each rounded down.
    ///
    /// Errors: `SenderNotAllowed`, `Escrow`, `NotStarted`, `MaximumBalance`, `DivisionByZero`.
    /// Source: `claimToken`.
    pub fn claim_token(
        &mut self,
        who: FeeClaimant,
        token: Account,
        escrow: &mut VoteEscrow,
        now: Moment,
    ) -> Result<Amount, FeeDistributorError> {
        let amounts = self.claim_tokens(who, &[token], escrow, now)?;
        Ok(amounts.first().copied().unwrap_or_default())
    }

    /// Claims several tokens for a user, one after another; all or none.
    ///
    /// Errors: as [`claim_token`](Self::claim_token). Source: `claimTokens`.
    pub fn claim_tokens(
        &mut self,
        who: FeeClaimant,
        tokens: &[Account],
        escrow: &mut VoteEscrow,
        now: Moment,
    ) -> Result<Vec<Amount>, FeeDistributorError> {
        let claims = self.claim_each(who, tokens, escrow, now)?;
        Ok(claims.into_iter().map(|claim| claim.amount).collect())
    }

    /// As [`claim_tokens`](Self::claim_tokens), and says of each token what the contract logs.
    ///
    /// Errors: as there.
    pub fn claim_each(
        &mut self,
        who: FeeClaimant,
        tokens: &[Account],
        escrow: &mut VoteEscrow,
        now: Moment,
    ) -> Result<Vec<TokenClaim>, FeeDistributorError> {
        let FeeClaimant { caller, user } = who;
        if self.is_only_caller_enabled(user) && caller != user {
            return Err(FeeDistributorError::SenderNotAllowed);
        }
        let claim = self.claim_of(user, tokens, escrow, now)?;
        self.write_supply(claim.supply, escrow);
        self.users.insert(user, claim.user);
        self.tokens.extend(claim.tokens);
        Ok(claim.claims)
    }

    fn claim_of(
        &self,
        user: Account,
        tokens: &[Account],
        escrow: &VoteEscrow,
        now: Moment,
    ) -> Result<Claim, FeeDistributorError> {
        let supply = self.supply_checkpoint(escrow, now)?;
        let mut entry = self.users.get(&user).cloned().unwrap_or_default();
        entry.checkpoint(self.start_time, escrow.user_points(user), now.at.0)?;
        let mut changed = BTreeMap::new();
        let mut claims = Vec::with_capacity(tokens.len());
        for account in tokens {
            let token = self.changing(&mut changed, *account);
            let checkpoint = token.checkpoint(self.start_time, false, now.at.0)?;
            let (amount, time_cursor) = self.claim_one(&mut entry, *account, token, &supply)?;
            claims.push(TokenClaim { amount, checkpoint, time_cursor });
        }
        Ok(Claim { supply, user: entry, tokens: changed, claims })
    }

    /// Source: `_claimToken`.
    fn claim_one(
        &self,
        user: &mut FeeUser,
        account: Account,
        token: &mut FeeToken,
        supply: &SupplyCheckpoint,
    ) -> Result<(Amount, u64), FeeDistributorError> {
        let start = user.start_time.max(token.start_time);
        let mut week = user.token_cursors.get(&account).copied().unwrap_or(start);
        let noted = supply.time_cursor.min(user.time_cursor);
        let end = next_week_start(noted).ok_or(Overflow)?.min(week_start(token.time_cursor));
        let mut amount = U256::ZERO;
        for _ in 0..MOST_WEEKS {
            if week >= end {
                break;
            }
            let paid = token.per_week.get(&week).copied().unwrap_or_default();
            let balance = user.balances.get(&week).copied().unwrap_or_default();
            let total = supply.supplies.get(&week).or_else(|| self.total_supply.get(&week));
            let total = total.copied().unwrap_or_default();
            let product = paid.checked_mul(balance).ok_or(Overflow)?;
            let part = product.checked_div(total).ok_or(FeeDistributorError::DivisionByZero)?;
            amount = amount.checked_add(part).ok_or(Overflow)?;
            week = week.checked_add(WEEK).ok_or(Overflow)?;
        }
        if week > 0 {
            user.token_cursors.insert(account, week);
        }
        token.cached_balance = token.cached_balance.checked_sub(amount).ok_or(Overflow)?;
        token.balance = token.balance.checked_sub(amount).ok_or(Overflow)?;
        Ok((Amount(amount), week))
    }

    /// Source: `_checkpointTotalSupply`.
    fn supply_checkpoint(
        &self,
        escrow: &VoteEscrow,
        now: Moment,
    ) -> Result<SupplyCheckpoint, FeeDistributorError> {
        SupplyCheckpoint::of(self.time_cursor, escrow, now)
    }

    fn write_supply(&mut self, supply: SupplyCheckpoint, escrow: &mut VoteEscrow) {
        self.time_cursor = supply.time_cursor;
        self.total_supply.extend(supply.supplies);
        if let Some(checkpointed) = supply.escrow {
            *escrow = checkpointed;
        }
    }

    fn changing<'a>(
        &self,
        changed: &'a mut BTreeMap<Account, FeeToken>,
        token: Account,
    ) -> &'a mut FeeToken {
        let known = || self.tokens.get(&token).cloned().unwrap_or_default();
        changed.entry(token).or_insert_with(known)
    }
}

/// What a claim would write.
struct Claim {
    supply: SupplyCheckpoint,
    user: FeeUser,
    tokens: BTreeMap<Account, FeeToken>,
    claims: Vec<TokenClaim>,
}
