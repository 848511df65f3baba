use std::collections::BTreeMap;

use tidemill_units::{Amount, U256};

use super::{FeeDistributor, FeeToken, FeeUser};
use crate::week::WEEK;
use crate::{Account, StateError};

/// All that determines what a [`FeeDistributor`] does, beside its escrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeDistributorState {
    /// First week of the distribution, its beginning in seconds since 1970.
    pub start_time: u64,
    /// First week whose supply is not noted yet.
    pub time_cursor: u64,
    /// Voting supplies at the beginnings of weeks, ascending.
    pub total_supply: Vec<WeekAmount>,
    /// Tokens that were ever given or checkpointed, ascending.
    pub tokens: Vec<FeeTokenState>,
    /// Users, ascending.
    pub users: Vec<FeeUserState>,
}

/// An amount that belongs to a week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WeekAmount {
    /// Its beginning, in seconds since 1970.
    pub week: u64,
    /// The amount, raw units.
    pub amount: Amount,
}

/// A token of a fee distributor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeTokenState {
    /// Which.
    pub token: Account,
    /// Week of its first checkpoint.
    pub start_time: u64,
    /// Time of its last checkpoint; 0 for none.
    pub time_cursor: u64,
    /// Balance at its last checkpoint, less what was paid since; below 2^128.
    pub cached_balance: Amount,
    /// What the distributor has of it.
    pub balance: Amount,
    /// What it pays for each week, ascending, none of them zero.
    pub tokens_per_week: Vec<WeekAmount>,
}

/// A user of a fee distributor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeeUserState {
    /// Who.
    pub user: Account,
    /// First week that may pay it.
    pub start_time: u64,
    /// First week whose balance is not noted yet; 0 for never checkpointed.
    pub time_cursor: u64,
    /// Points of its lock that lie behind that week.
    pub last_epoch_checkpointed: u64,
    /// Whether only itself may claim for it.
    pub is_only_caller_enabled: bool,
    /// Its voting balances at the beginnings of weeks, ascending, none of them zero.
    pub balances: Vec<WeekAmount>,
    /// First week not claimed of each token, ascending by token.
    pub token_time_cursors: Vec<(Account, u64)>,
}

impl FeeDistributor {
    /// Resumes from a state.
    ///
    /// Errors: weeks that are none or do not ascend, tokens or users that do not ascend, a token's
    /// balance below what is noted of it.
    pub fn new(state: &FeeDistributorState) -> Result<Self, StateError> {
        let is_week = |week: u64| week.checked_rem(WEEK) == Some(0);
        if !is_week(state.start_time) {
            return Err(StateError::of("start_time", "the beginning of a week"));
        }
        if !is_week(state.time_cursor) || state.time_cursor < state.start_time {
            return Err(StateError::of("time_cursor", "a week from the start on"));
        }
        let allowed = "weeks in ascending order";
        let total_supply =
            weeks(&state.total_supply, false).ok_or(StateError::of("total_supply", allowed))?;
        let mut tokens = BTreeMap::new();
        for (index, of) in state.tokens.iter().enumerate() {
            let error = |allowed| StateError::at("tokens", index, allowed);
            if tokens.last_key_value().is_some_and(|(last, _)| *last >= of.token) {
                return Err(error("ascending by token"));
            }
            if of.cached_balance > of.balance || of.cached_balance.0.bit_len() > 128 {
                return Err(error("a cached balance of at most the balance and 2^128 - 1"));
            }
            let token = FeeToken {
                start_time: of.start_time,
                time_cursor: of.time_cursor,
                cached_balance: of.cached_balance.0,
                balance: of.balance.0,
                per_week: weeks(&of.tokens_per_week, true).ok_or(error(allowed))?,
            };
            tokens.insert(of.token, token);
        }
        let mut users = BTreeMap::new();
        for (index, of) in state.users.iter().enumerate() {
            let error = |allowed| StateError::at("users", index, allowed);
            if users.last_key_value().is_some_and(|(last, _)| *last >= of.user) {
                return Err(error("ascending by user"));
            }
            let cursors = &of.token_time_cursors;
            if !is_week(of.time_cursor) || !cursors.is_sorted_by(|one, next| one.0 < next.0) {
                return Err(error("cursors at weeks, those of tokens ascending by token"));
            }
            let user = FeeUser {
                start_time: of.start_time,
                time_cursor: of.time_cursor,
                last_epoch_checkpointed: of.last_epoch_checkpointed,
                is_only_caller_enabled: of.is_only_caller_enabled,
                balances: weeks(&of.balances, true).ok_or(error(allowed))?,
                token_cursors: cursors.iter().copied().collect(),
            };
            users.insert(of.user, user);
        }
        let (start_time, time_cursor) = (state.start_time, state.time_cursor);
        Ok(Self { start_time, time_cursor, total_supply, tokens, users })
    }

    /// Returns all there is to resume from.
    pub fn state(&self) -> FeeDistributorState {
        let tokens = self.tokens.iter().map(|(account, token)| FeeTokenState {
            token: *account,
            start_time: token.start_time,
            time_cursor: token.time_cursor,
            cached_balance: Amount(token.cached_balance),
            balance: Amount(token.balance),
            tokens_per_week: amounts(&token.per_week),
        });
        let users = self.users.iter().map(|(account, user)| FeeUserState {
            user: *account,
            start_time: user.start_time,
            time_cursor: user.time_cursor,
            last_epoch_checkpointed: user.last_epoch_checkpointed,
            is_only_caller_enabled: user.is_only_caller_enabled,
            balances: amounts(&user.balances),
            token_time_cursors: user.token_cursors.iter().map(|(of, week)| (*of, *week)).collect(),
        });
        FeeDistributorState {
            start_time: self.start_time,
            time_cursor: self.time_cursor,
            total_supply: amounts(&self.total_supply),
            tokens: tokens.collect(),
            users: users.collect(),
        }
    }
}

fn amounts(weeks: &BTreeMap<u64, U256>) -> Vec<WeekAmount> {
    weeks.iter().map(|(week, amount)| WeekAmount { week: *week, amount: Amount(*amount) }).collect()
}

fn weeks(list: &[WeekAmount], refuses_zero: bool) -> Option<BTreeMap<u64, U256>> {
    let is_good = |of: &WeekAmount| {
        of.week.checked_rem(WEEK) == Some(0) && !(refuses_zero && of.amount.is_zero())
    };
    let ascends = list.is_sorted_by(|one, next| one.week < next.week);
    let all = list.iter().all(is_good) && ascends;
    all.then(|| list.iter().map(|of| (of.week, of.amount.0)).collect())
}
