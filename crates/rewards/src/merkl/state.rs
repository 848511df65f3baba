use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp};

use super::{BASE_4, Entry, Merkl, Sums};
use crate::{Account, StateError};

/// All that determines what a [`Merkl`] campaign does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MerklState {
    /// What was agreed on.
    pub terms: MerklTerms,
    /// When it last saw a swap or a settlement.
    pub updated_at: Timestamp,
    /// What of the amount is due to intervals that are over, raw units.
    pub allotted: Amount,
    /// What of that was paid to nobody, raw units.
    pub undistributed: Amount,
    /// How much of the boosting token there is.
    pub boost_supply: Amount,
    /// Who held anything or has a boost, ascending by account.
    pub accounts: Vec<MerklAccount>,
}

/// The terms of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerklTerms {
    /// What is shared out, raw units of the reward token.
    pub amount: Amount,
    /// From when.
    pub start: Timestamp,
    /// For how long, in seconds; at least an hour.
    pub duration_seconds: u64,
    /// What counts how much.
    pub weights: MerklWeights,
    /// Whether positions out of range count (`isOutOfRangeIncentivized`).
    pub is_out_of_range_incentivized: bool,
    /// The largest boost in base 1e4, at least one (`boostedReward`); `None` for no boost.
    pub boosted_reward: Option<u32>,
}

/// What counts how much in a score, in base 1e4; together one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerklWeights {
    /// Fees earned (`propFees`).
    pub fees: u32,
    /// token0 held (`propToken0`).
    pub amount0: u32,
    /// token1 held (`propToken1`).
    pub amount1: u32,
}

/// An account of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerklAccount {
    /// Whose.
    pub account: Account,
    /// Fees earned since the last settlement.
    pub fees: Amount,
    /// token0 held, summed over the swaps since.
    pub amount0: Amount,
    /// token1 held, summed over the swaps since.
    pub amount1: Amount,
    /// What it has of the boosting token.
    pub boost: Amount,
    /// All it has earned, raw units of the reward token.
    pub earned: Amount,
}

impl MerklWeights {
    /// Returns the sum; `None` past 2^32 - 1.
    pub fn sum(self) -> Option<u32> {
        self.fees.checked_add(self.amount0)?.checked_add(self.amount1)
    }
}

impl MerklState {
    /// Returns the state of a campaign that has seen nothing yet.
    pub fn of(terms: MerklTerms) -> Self {
        Self { terms, ..Self::default() }
    }
}

impl MerklTerms {
    fn check(&self) -> Result<(), StateError> {
        if self.duration_seconds < 3600 || self.start.0.checked_add(self.duration_seconds).is_none()
        {
            return Err(StateError::of("duration_seconds", "3600 or more, ending before 2^64"));
        }
        if self.weights.sum() != Some(BASE_4) {
            return Err(StateError::of("weights", "three that add up to 10000"));
        }
        if self.boosted_reward.is_some_and(|boosted| boosted < BASE_4) {
            return Err(StateError::of("boosted_reward", "10000 or more"));
        }
        Ok(())
    }
}

impl Merkl {
    /// Resumes from a state.
    ///
    /// Errors: terms out of bounds, accounts that do not ascend, sums past 2^256 - 1, and amounts
    /// that do not add up: earned and undistributed are what was allotted, at most all.
    pub fn new(state: &MerklState) -> Result<Self, StateError> {
        state.terms.check()?;
        let mut accounts = BTreeMap::new();
        let mut totals = Sums::default();
        let mut paid = state.undistributed;
        for (index, of) in state.accounts.iter().enumerate() {
            if accounts.last_key_value().is_some_and(|(last, _)| *last >= of.account) {
                return Err(StateError::at("accounts", index, "ascending by account"));
            }
            let sums = Sums { fees: of.fees, amount0: of.amount0, amount1: of.amount1 };
            let sum = |total: Amount, part| total.checked_add(part);
            let added = sum(totals.fees, of.fees)
                .zip(sum(totals.amount0, of.amount0))
                .zip(sum(totals.amount1, of.amount1))
                .zip(sum(paid, of.earned));
            let Some((((fees, amount0), amount1), earned)) = added else {
                return Err(StateError::at("accounts", index, "sums of at most 2^256 - 1"));
            };
            totals = Sums { fees, amount0, amount1 };
            paid = earned;
            let entry = Entry { sums, boost: of.boost, earned: of.earned };
            accounts.insert(of.account, entry);
        }
        if paid != state.allotted || state.allotted > state.terms.amount {
            let allowed = "what is earned and undistributed, at most the amount";
            return Err(StateError::of("allotted", allowed));
        }
        Ok(Self {
            terms: state.terms,
            updated_at: state.updated_at,
            allotted: state.allotted,
            undistributed: state.undistributed,
            boost_supply: state.boost_supply,
            totals,
            accounts,
        })
    }

    /// Returns all there is to resume from.
    pub fn state(&self) -> MerklState {
        let accounts = self.accounts.iter().map(|(account, entry)| MerklAccount {
            account: *account,
            fees: entry.sums.fees,
            amount0: entry.sums.amount0,
            amount1: entry.sums.amount1,
            boost: entry.boost,
            earned: entry.earned,
        });
        MerklState {
            terms: self.terms,
            updated_at: self.updated_at,
            allotted: self.allotted,
            undistributed: self.undistributed,
            boost_supply: self.boost_supply,
            accounts: accounts.collect(),
        }
    }
}
