use tidemill_units::{Amount, Timestamp, U256};

use super::{LiquidError, LiquidStaking, WithdrawalRequest};
use crate::Account;

/// The least and the most of one withdrawal (`MIN_STETH_WITHDRAWAL_AMOUNT`,
/// `MAX_STETH_WITHDRAWAL_AMOUNT`).
const LEAST: Amount = Amount::from_u64(100);
const MOST: Amount = Amount(U256::from_limbs([3_875_820_019_684_212_736, 54, 0, 0]));
/// Parts that a share rate counts in (`E27_PRECISION_BASE`).
const PRECISION: U256 = U256::from_limbs([11_515_845_246_265_065_472, 54_210_108, 0, 0]);

/// What a finalisation takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finalization {
    /// Ether to be locked.
    pub to_lock: Amount,
    /// Shares to be burned.
    pub to_burn: Amount,
}

/// Who claims what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The request, from 1.
    pub request: u64,
    /// Who claims it.
    pub owner: Account,
}

/// Requests taken together.
struct Batch {
    rate: U256,
    amount: U256,
    shares: U256,
}

impl LiquidStaking {
    /// Returns the rebasing tokens of requests that are not final (`unfinalizedStETH`).
    pub fn unfinalized(&self) -> Amount {
        let last = self.requests.last().map_or(Amount::ZERO, |each| each.cumulative_amount);
        let (before, _) = self.sums(self.finalized);
        Amount(last.0.saturating_sub(before))
    }

    /// Asks to withdraw a rebasing balance, which goes to the queue; returns the request's id. No
    /// rewards are earned from then on, losses until it is final are shared.
    ///
    /// Errors: `RequestTooSmall`, `RequestTooLarge`, `PanicOverflow` of the sums, and those of
    /// [`transfer`](Self::transfer). Source: `WithdrawalQueue.requestWithdrawals`.
    pub fn request_withdrawal(
        &mut self,
        holder: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Result<u64, LiquidError> {
        check_amount(amount)?;
        let shares = self.shares_by_pooled(amount)?;
        self.movable(holder, self.accounts.queue, shares)?;
        let request = self.next_request(holder, amount, shares, at)?;
        self.move_shares(holder, self.accounts.queue, shares)?;
        Ok(self.enqueue(request))
    }

    /// Asks to withdraw wrapped tokens, which the queue unwraps; returns the request's id.
    ///
    /// Errors: `WrappedExceeded`, `ZeroUnwrap`, and those of
    /// [`request_withdrawal`](Self::request_withdrawal).
    /// Source: `WithdrawalQueue.requestWithdrawalsWstETH`.
    pub fn request_withdrawal_wrapped(
        &mut self,
        holder: Account,
        tokens: Amount,
        at: Timestamp,
    ) -> Result<u64, LiquidError> {
        let left = self.wrapped_of(holder).checked_sub(tokens);
        let left = left.ok_or(LiquidError::WrappedExceeded)?;
        if tokens.is_zero() {
            return Err(LiquidError::ZeroUnwrap);
        }
        let amount = self.pooled_by_shares(tokens)?;
        let shares = self.shares_by_pooled(amount)?;
        self.movable(self.accounts.wrapper, self.accounts.queue, shares)?;
        check_amount(amount)?;
        let request = self.next_request(holder, amount, shares, at)?;
        self.move_shares(self.accounts.wrapper, self.accounts.queue, shares)?;
        super::set(&mut self.wrapped, holder, left);
        Ok(self.enqueue(request))
    }

    /// Returns what it takes to finalise requests in batches, each given by its last id: of a batch
    /// its own amount, or its shares at the given rate where that is less.
    ///
    /// Errors: `ZeroShareRate`, `InvalidRequest`, `BatchesNotSorted`; `PanicDivision` for a batch
    /// of no shares; `PanicOverflow`. Source: `WithdrawalQueueBase.prefinalize`.
    pub fn prefinalize(&self, batches: &[u64], rate: U256) -> Result<Finalization, LiquidError> {
        if rate.is_zero() {
            return Err(LiquidError::ZeroShareRate);
        }
        let count = u64::try_from(self.requests.len()).unwrap_or(u64::MAX);
        let finalized = u64::try_from(self.finalized).unwrap_or(u64::MAX);
        let first = batches.first().is_some_and(|first| *first > finalized);
        let last = batches.last().is_some_and(|last| *last <= count);
        if !first || !last {
            return Err(LiquidError::InvalidRequest);
        }
        let mut done = Finalization::default();
        let mut before = finalized;
        for end in batches {
            if *end <= before {
                return Err(LiquidError::BatchesNotSorted);
            }
            let batch = self.batch(before, *end)?;
            let value = batch.value(rate)?;
            done.to_lock = done.to_lock.checked_add(value).ok_or(LiquidError::PanicOverflow)?;
            let to_burn = done.to_burn.checked_add(Amount(batch.shares));
            done.to_burn = to_burn.ok_or(LiquidError::PanicOverflow)?;
            before = *end;
        }
        Ok(done)
    }

    /// Pays a final request; returns the ether: its amount, or its shares at the rate of its
    /// finalisation where that is less, rounded down.
    ///
    /// Errors: `InvalidRequest`, `NotFinalized`, `AlreadyClaimed`, `NotOwner`, `PanicDivision`;
    /// `PanicOverflow` also where less is locked. Source: `WithdrawalQueue.claimWithdrawal`.
    pub fn claim(&mut self, claim: Claim) -> Result<Amount, LiquidError> {
        let Claim { request: id, owner } = claim;
        let index = id.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let index = index.ok_or(LiquidError::InvalidRequest)?;
        let request = self.requests.get(index).ok_or(LiquidError::InvalidRequest)?;
        if index >= self.finalized {
            return Err(LiquidError::NotFinalized);
        }
        if request.is_claimed {
            return Err(LiquidError::AlreadyClaimed);
        }
        if request.owner != owner {
            return Err(LiquidError::NotOwner);
        }
        let after = self.checkpoints.partition_point(|each| each.from_request <= id);
        let checkpoint = after.checked_sub(1).and_then(|last| self.checkpoints.get(last));
        let rate = checkpoint.ok_or(LiquidError::InvalidRequest)?.max_share_rate;
        let before = id.saturating_sub(1);
        let paid = self.batch(before, id)?.value(rate)?;
        let locked = self.locked.checked_sub(paid).ok_or(LiquidError::PanicOverflow)?;
        let request = self.requests.get_mut(index).ok_or(LiquidError::InvalidRequest)?;
        request.is_claimed = true;
        self.locked = locked;
        Ok(paid)
    }

    /// The sums up to a number of requests.
    fn sums(&self, count: usize) -> (U256, U256) {
        let last = count.checked_sub(1).and_then(|index| self.requests.get(index));
        last.map_or((U256::ZERO, U256::ZERO), |last| {
            (last.cumulative_amount.0, last.cumulative_shares.0)
        })
    }

    /// Source: `_calcBatch`.
    fn batch(&self, before: u64, end: u64) -> Result<Batch, LiquidError> {
        let count = |id: u64| usize::try_from(id).map_err(|_| LiquidError::InvalidRequest);
        let (amount_before, shares_before) = self.sums(count(before)?);
        let (amount, shares) = self.sums(count(end)?);
        let amount = amount.checked_sub(amount_before).ok_or(LiquidError::PanicOverflow)?;
        let shares = shares.checked_sub(shares_before).ok_or(LiquidError::PanicOverflow)?;
        // Both factors fit 128 bits.
        let scaled = amount.checked_mul(PRECISION).ok_or(LiquidError::PanicOverflow)?;
        let rate = scaled.checked_div(shares).ok_or(LiquidError::PanicDivision)?;
        Ok(Batch { rate, amount, shares })
    }

    fn next_request(
        &self,
        owner: Account,
        amount: Amount,
        shares: Amount,
        requested_at: Timestamp,
    ) -> Result<WithdrawalRequest, LiquidError> {
        let (amounts, all_shares) = self.sums(self.requests.len());
        let word = |sum: Option<U256>| {
            let sum = sum.filter(|sum| sum.bit_len() <= 128);
            sum.map(Amount).ok_or(LiquidError::PanicOverflow)
        };
        // The contract casts the shares of a request to 128 bits without a look.
        let [low, high, ..] = shares.0.into_limbs();
        let shares = U256::from_limbs([low, high, 0, 0]);
        Ok(WithdrawalRequest {
            owner,
            cumulative_amount: word(amounts.checked_add(amount.0))?,
            cumulative_shares: word(all_shares.checked_add(shares))?,
            requested_at,
            is_claimed: false,
        })
    }

    fn enqueue(&mut self, request: WithdrawalRequest) -> u64 {
        self.requests.push(request);
        u64::try_from(self.requests.len()).unwrap_or(u64::MAX)
    }
}

impl Batch {
    fn value(&self, rate: U256) -> Result<Amount, LiquidError> {
        if self.rate <= rate {
            return Ok(Amount(self.amount));
        }
        let value = self.shares.checked_mul(rate).ok_or(LiquidError::PanicOverflow)?;
        Ok(Amount(value.checked_div(PRECISION).unwrap_or_default()))
    }
}

fn check_amount(amount: Amount) -> Result<(), LiquidError> {
    if amount < LEAST {
        return Err(LiquidError::RequestTooSmall);
    }
    if amount > MOST {
        return Err(LiquidError::RequestTooLarge);
    }
    Ok(())
}
