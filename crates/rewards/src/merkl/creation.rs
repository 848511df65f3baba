use tidemill_units::{Amount, Timestamp, U256};

use super::{BASE_4, Merkl, MerklError, MerklState, MerklTerms};

/// One in fees and rebates (`BASE_9`).
const BASE_9: u64 = 1_000_000_000;
/// Seconds of an hour, the unit of the minimum and the shortest campaign (`HOUR`).
const HOUR: u64 = 3600;

/// A campaign as its creator asks for it: terms whose amount still has the fee in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CampaignRequest {
    /// The terms.
    pub terms: MerklTerms,
}

/// What the contract that takes campaigns on has set for a creator and a reward token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CreatorRules {
    /// Fee where no other is set, in base 1e9, below one (`defaultFees`).
    pub default_fees: u64,
    /// Fee of the campaign's kind in base 1e9, below one; 0 for none set, 1 for no fee at all.
    pub campaign_specific_fees: u64,
    /// Part of the fee that the caller does not pay, in base 1e9 (`feeRebate`).
    pub fee_rebate: U256,
    /// Least amount in an hour, raw units; 0 for a token that is not taken.
    pub reward_token_min_amount: Amount,
}

impl CreatorRules {
    /// Returns what is left of an amount after the fee, rounded down to the protocol's favour.
    ///
    /// Errors: `FeeOutOfBounds`, `AmountOverflow`.
    /// Source: `DistributionCreator._computeFees` of AngleProtocol/merkl-contracts at 005348eb.
    pub fn net_amount(&self, amount: Amount) -> Result<Amount, MerklError> {
        if self.default_fees >= BASE_9 || self.campaign_specific_fees >= BASE_9 {
            return Err(MerklError::FeeOutOfBounds);
        }
        let base_fees = match self.campaign_specific_fees {
            0 => self.default_fees,
            1 => 0,
            specific => specific,
        };
        let one = U256::from(BASE_9);
        let kept = one.checked_sub(self.fee_rebate).ok_or(MerklError::FeeOutOfBounds)?;
        let fees = U256::from(base_fees).checked_mul(kept).and_then(|fees| fees.checked_div(one));
        let fees = fees.ok_or(MerklError::AmountOverflow)?;
        if fees.is_zero() {
            return Ok(amount);
        }
        let kept = one.checked_sub(fees).ok_or(MerklError::FeeOutOfBounds)?;
        let net = amount.0.checked_mul(kept).and_then(|product| product.checked_div(one));
        net.map(Amount).ok_or(MerklError::AmountOverflow)
    }
}

impl CampaignRequest {
    /// Creates the campaign, whose creator pays the amount asked for: the answer's to the
    /// distributor, the rest as fee.
    ///
    /// Errors, in this order: `DurationBelowHour`, `TokenNotWhitelisted`, `AmountOverflow`,
    /// `RewardTooLow`, those of [`CreatorRules::net_amount`]; then, of the contract's first
    /// version, `WeightsNotWhole`, `BoostBelowOne`, `AlreadyOver`.
    /// Source: `DistributionCreator._createCampaign` at 005348eb; before it `_createDistribution`.
    pub fn create(&self, rules: &CreatorRules, at: Timestamp) -> Result<Merkl, MerklError> {
        let terms = &self.terms;
        if terms.duration_seconds < HOUR {
            return Err(MerklError::DurationBelowHour);
        }
        if rules.reward_token_min_amount.is_zero() {
            return Err(MerklError::TokenNotWhitelisted);
        }
        let hourly = terms.amount.0.checked_mul(U256::from(HOUR));
        let hourly =
            hourly.and_then(|amount| amount.checked_div(U256::from(terms.duration_seconds)));
        if hourly.ok_or(MerklError::AmountOverflow)? < rules.reward_token_min_amount.0 {
            return Err(MerklError::RewardTooLow);
        }
        let amount = rules.net_amount(terms.amount)?;
        if terms.weights.sum() != Some(BASE_4) {
            return Err(MerklError::WeightsNotWhole);
        }
        if terms.boosted_reward.is_some_and(|boosted| boosted < BASE_4) {
            return Err(MerklError::BoostBelowOne);
        }
        let end = terms.start.0.checked_add(terms.duration_seconds);
        if end.ok_or(MerklError::AmountOverflow)? <= at.0 {
            return Err(MerklError::AlreadyOver);
        }
        let state = MerklState::of(MerklTerms { amount, ..*terms });
        Merkl::new(&state).map_err(|_| MerklError::AmountOverflow)
    }
}
