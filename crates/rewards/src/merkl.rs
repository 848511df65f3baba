//! Merkl's campaigns for ranges of a concentrated pool: a budget paid by the hour to whoever earned
//! fees and held the pool's tokens at its swaps.
//!
//! The terms and their limits are those of the contract that takes campaigns on; the scores are
//! computed off the chain by a program that is not public, by the formula its documentation gives.
//! How that program rounds is not known: here every share is floored to 18 decimals. What is paid
//! out is a leaf of [`crate::merkle_claim`].

mod creation;
mod error;
mod facts;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Timestamp, U256, mul_div};

pub use creation::{CampaignRequest, CreatorRules};
pub use error::MerklError;
pub use facts::FACTS;
pub use state::{MerklAccount, MerklState, MerklTerms, MerklWeights};

use crate::Account;

#[cfg(test)]
mod tests;

/// One in weights and boosts (`base 10**4`).
pub const BASE_4: u32 = 10_000;
/// One in shares of a score.
pub const SHARE_ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// A reward counts if it is more than its interval's divided by this.
const SMALLEST_PART: u64 = 10_000_000;

/// A running campaign.
///
/// Source: `DistributionParameters.sol` of AngleProtocol/merkl-contracts at 300fd27f for the terms;
/// docs.merkl.xyz, "Concentrated Liquidity Mechanisms", for the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merkl {
    terms: MerklTerms,
    updated_at: Timestamp,
    allotted: Amount,
    undistributed: Amount,
    boost_supply: Amount,
    totals: Sums,
    accounts: BTreeMap<Account, Entry>,
}

/// Sums over the swaps since the last settlement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    fees: Amount,
    amount0: Amount,
    amount1: Amount,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Entry {
    sums: Sums,
    boost: Amount,
    earned: Amount,
}

/// A position at a swap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// Whose it is; several of one account add up.
    pub account: Account,
    /// What the swap paid it, in one unit for all positions.
    pub fees: Amount,
    /// token0 in it, raw units.
    pub amount0: Amount,
    /// token1 in it, raw units.
    pub amount1: Amount,
    /// Whether the pool's price is within its range.
    pub is_in_range: bool,
}

/// What an interval paid an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MerklReward {
    /// To whom.
    pub account: Account,
    /// How much, raw units of the reward token.
    pub amount: Amount,
}

/// What an account and the pool have of the three things that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScoreInput {
    /// Fees earned.
    pub fees: Amount,
    /// token0 held, summed over swaps.
    pub amount0: Amount,
    /// token1 held, summed over swaps.
    pub amount1: Amount,
}

/// Returns the weighted share of a pool that belongs to a position, in parts of [`SHARE_ONE`]; each
/// of the three parts is floored, to the campaign's favour, and is nothing where the pool has
/// nothing. `None` where a part has more than the whole or a number passes 2^256 - 1.
pub fn score_share(weights: MerklWeights, part: ScoreInput, whole: ScoreInput) -> Option<U256> {
    let one = SHARE_ONE.checked_div(U256::from(BASE_4))?;
    let terms = [
        (weights.fees, part.fees, whole.fees),
        (weights.amount0, part.amount0, whole.amount0),
        (weights.amount1, part.amount1, whole.amount1),
    ];
    terms.into_iter().try_fold(U256::ZERO, |sum, (weight, part, whole)| {
        if part > whole {
            return None;
        }
        if whole.is_zero() {
            return Some(sum);
        }
        let weight = U256::from(weight).checked_mul(one)?;
        sum.checked_add(mul_div(weight, part.0, whole.0)?)
    })
}

/// Returns a score with its boost: as many more parts as the account's share of the boosting token
/// gives, at most the score times the largest boost; as Curve's gauges do. Rounds down.
///
/// `boosted_reward` is in base 1e4, at least 1; `None` where a number passes 2^256 - 1.
pub fn boosted(score: U256, boosted_reward: u32, boost: Amount, supply: Amount) -> Option<U256> {
    let most = mul_div(score, U256::from(boosted_reward), U256::from(BASE_4))?;
    if supply.is_zero() {
        return Some(score);
    }
    let parts = U256::from(boosted_reward.checked_sub(BASE_4)?);
    let parts = parts.checked_mul(SHARE_ONE.checked_div(U256::from(BASE_4))?)?;
    let more = mul_div(parts, boost.0, supply.0)?;
    Some(score.checked_add(more)?.min(most))
}

impl Sums {
    fn checked_add(self, holding: &Holding) -> Option<Self> {
        Some(Self {
            fees: self.fees.checked_add(holding.fees)?,
            amount0: self.amount0.checked_add(holding.amount0)?,
            amount1: self.amount1.checked_add(holding.amount1)?,
        })
    }

    fn input(self) -> ScoreInput {
        ScoreInput { fees: self.fees, amount0: self.amount0, amount1: self.amount1 }
    }
}

impl Merkl {
    /// Returns the terms of the campaign.
    pub fn terms(&self) -> &MerklTerms {
        &self.terms
    }

    /// Returns all that an account has earned so far, raw units: the amount of its leaf.
    pub fn earned(&self, account: Account) -> Amount {
        self.accounts.get(&account).map(|entry| entry.earned).unwrap_or_default()
    }

    /// Returns all accounts that earned anything, ascending.
    pub fn rewards(&self) -> Vec<MerklReward> {
        let rewards = self.accounts.iter();
        let rewards =
            rewards.map(|(account, entry)| MerklReward { account: *account, amount: entry.earned });
        rewards.filter(|reward| !reward.amount.is_zero()).collect()
    }

    /// Returns what was allotted to past intervals and paid to nobody, raw units.
    pub fn undistributed(&self) -> Amount {
        self.undistributed
    }

    /// Returns when the campaign is over.
    pub fn period_finish(&self) -> Timestamp {
        Timestamp(self.terms.start.0.saturating_add(self.terms.duration_seconds))
    }

    /// Sets what an account has of the boosting token, as of the next settlement.
    ///
    /// Errors: `NoBoost`, where the campaign has none.
    pub fn set_boost(&mut self, account: Account, boost: Amount) -> Result<(), MerklError> {
        self.terms.boosted_reward.ok_or(MerklError::NoBoost)?;
        self.accounts.entry(account).or_default().boost = boost;
        Ok(())
    }

    /// Sets how much of the boosting token there is, as of the next settlement.
    ///
    /// Errors: `NoBoost`.
    pub fn set_boost_supply(&mut self, supply: Amount) -> Result<(), MerklError> {
        self.terms.boosted_reward.ok_or(MerklError::NoBoost)?;
        self.boost_supply = supply;
        Ok(())
    }

    /// Takes note of a swap: all positions as they were at it, with what it paid them. Every swap
    /// counts the same, whatever its size. Positions out of range count only where the campaign
    /// says so, and then in the pool's total too.
    ///
    /// Errors: `OutsideCampaign` before the start and from the end on; `TimeRunsBackwards`;
    /// `SumOverflow`.
    pub fn observe(&mut self, holdings: &[Holding], at: Timestamp) -> Result<(), MerklError> {
        self.check_time(at)?;
        if at < self.terms.start || at >= self.period_finish() {
            return Err(MerklError::OutsideCampaign);
        }
        let is_out_incentivized = self.terms.is_out_of_range_incentivized;
        let counts = |holding: &&Holding| holding.is_in_range || is_out_incentivized;
        let totals = holdings.iter().filter(counts).try_fold(self.totals, Sums::checked_add);
        self.totals = totals.ok_or(MerklError::SumOverflow)?;
        for holding in holdings.iter().filter(counts) {
            // No sum of an account passes the total, which has just been added up.
            let entry = self.accounts.entry(holding.account).or_default();
            entry.sums = entry.sums.checked_add(holding).unwrap_or(entry.sums);
        }
        self.updated_at = at;
        Ok(())
    }

    /// Ends an interval: shares what the time since the last one allots by the scores of its swaps,
    /// rounded down, and forgets them. Rewards of an interval of at most a ten-millionth of it are
    /// not paid. Answers who earned what, by account.
    ///
    /// Errors: `TimeRunsBackwards`; `SumOverflow` for boosts of absurd amounts.
    pub fn settle(&mut self, at: Timestamp) -> Result<Vec<MerklReward>, MerklError> {
        self.check_time(at)?;
        let allotted = self.allotted_at(at).ok_or(MerklError::SumOverflow)?;
        let interval = allotted.checked_sub(self.allotted).ok_or(MerklError::SumOverflow)?;
        let scores = self.scores().ok_or(MerklError::SumOverflow)?;
        let total = scores.iter().try_fold(U256::ZERO, |sum, (_, score)| sum.checked_add(*score));
        let total = total.ok_or(MerklError::SumOverflow)?;
        let least = interval.0.checked_div(U256::from(SMALLEST_PART)).unwrap_or_default();
        let mut left = interval;
        let mut rewards = Vec::new();
        for (account, score) in scores {
            let amount = mul_div(interval.0, score, total).map(Amount).unwrap_or_default();
            if amount.0 > least {
                left = left.checked_sub(amount).ok_or(MerklError::SumOverflow)?;
                rewards.push(MerklReward { account, amount });
            }
        }
        self.undistributed = self.undistributed.checked_add(left).ok_or(MerklError::SumOverflow)?;
        for entry in self.accounts.values_mut() {
            entry.sums = Sums::default();
        }
        for reward in &rewards {
            let entry = self.accounts.entry(reward.account).or_default();
            // All that is earned is part of the budget, which is one number.
            entry.earned = entry.earned.checked_add(reward.amount).unwrap_or(entry.earned);
        }
        self.totals = Sums::default();
        self.allotted = allotted;
        self.updated_at = at;
        Ok(rewards)
    }

    fn check_time(&self, at: Timestamp) -> Result<(), MerklError> {
        if at < self.updated_at { Err(MerklError::TimeRunsBackwards) } else { Ok(()) }
    }

    /// Returns how much of the budget is due by a time, rounded down.
    fn allotted_at(&self, at: Timestamp) -> Option<Amount> {
        let elapsed = at.seconds_since(self.terms.start).min(self.terms.duration_seconds);
        let duration = U256::from(self.terms.duration_seconds);
        mul_div(self.terms.amount.0, U256::from(elapsed), duration).map(Amount)
    }

    fn scores(&self) -> Option<Vec<(Account, U256)>> {
        let whole = self.totals.input();
        let mut scores = Vec::new();
        for (account, entry) in &self.accounts {
            if entry.sums == Sums::default() {
                continue;
            }
            let mut score = score_share(self.terms.weights, entry.sums.input(), whole)?;
            if let Some(boosted_reward) = self.terms.boosted_reward {
                score = boosted(score, boosted_reward, entry.boost, self.boost_supply)?;
            }
            scores.push((*account, score));
        }
        Some(scores)
    }
}
