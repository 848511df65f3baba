//! What the metapools before the factory (GUSD, HUSD, USDK, USDN and others over the 3pool, 2020
//! and 2021) have beyond: a base pool's virtual price that they keep for ten minutes, fees that
//! can change, a switch that stops all but withdrawals in proportion, and reasons in words.

use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::{Both, StableSwapMeta, StableSwapMetaError as Error};
use crate::curve_math::Rounding;
use crate::stable_swap::{Generation, MAX_FEE};

/// For how many seconds the virtual price is kept (`BASE_CACHE_EXPIRES`).
pub const BASE_CACHE_EXPIRES: u64 = 600;

/// What a metapool before the factory keeps and the factory's do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeFactory {
    /// The base pool's virtual price as it was last asked for, times 10^18.
    pub base_virtual_price: Amount,
    /// When that was.
    pub base_cache_updated: Timestamp,
    /// The administrator's part of the fees, in 10^-10; at most all.
    pub admin_fee: u64,
    /// Whether only withdrawals in proportion work.
    pub is_killed: bool,
    /// Until when it can be killed.
    pub kill_deadline: Timestamp,
}

impl BeforeFactory {
    fn is_stale(&self, at: Timestamp) -> bool {
        at.0 > self.base_cache_updated.0.saturating_add(BASE_CACHE_EXPIRES)
    }
}

/// What a bound of the caller's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Shares,
    Exchange,
    Withdrawal,
    OneCoin,
}

impl StableSwapMeta {
    /// What the pool's two coins count for.
    pub(super) fn rates(&self, at: Timestamp) -> Result<Both, Error> {
        Ok([self.rate_multiplier, self.rate_of_shares(at)?])
    }

    /// What the base pool's shares count for: asked for anew once the kept price is too old, and
    /// at every call by the factory's pools (`_vp_rate_ro`).
    fn rate_of_shares(&self, at: Timestamp) -> Result<U256, Error> {
        match &self.before_factory {
            Some(kept) if !kept.is_stale(at) => Ok(kept.base_virtual_price.0),
            Some(_) | None => Ok(self.base.virtual_price(at)?.0),
        }
    }

    /// Begins a call that changes the pool: checks that it is not killed, and keeps the rate that
    /// it works with where the kept one is too old (`_vp_rate`).
    pub(super) fn begin(&mut self, rates: Both, at: Timestamp) -> Result<(), Error> {
        if let Some(kept) = &mut self.before_factory {
            if kept.is_killed {
                return Err(Error::Killed);
            }
            if kept.is_stale(at) {
                let [_, rate] = rates;
                kept.base_virtual_price = Amount(rate);
                kept.base_cache_updated = at;
            }
        }
        self.update(at)
    }

    pub(super) fn rounding(&self) -> &'static Rounding {
        if self.before_factory.is_some() { &Rounding::META } else { &Rounding::THIRD }
    }

    /// The administrator's part of the fees.
    pub(super) fn admin_fee(&self) -> U256 {
        self.before_factory.map_or(super::ADMIN, |kept| U256::from(kept.admin_fee))
    }

    /// The refusal for a bound that is passed; the factory's pools give no reason.
    pub(super) fn passed(&self, bound: Bound) -> Error {
        match (bound, self.before_factory.is_some()) {
            (Bound::Shares, false) => Error::Slippage,
            (Bound::Exchange, false) => Error::ExchangeTooSmall,
            (Bound::Withdrawal | Bound::OneCoin, false) => Error::WithdrawalTooSmall,
            (Bound::Shares, true) => Error::SharesPassBound,
            (Bound::Exchange | Bound::Withdrawal, true) => Error::TooFewCoins,
            (Bound::OneCoin, true) => Error::NotEnoughCoins,
        }
    }

    /// Pays out what the pool holds beyond its balances, in both coins as they are.
    pub(super) fn pay_beyond(&mut self) -> TokenAmounts {
        let paid = self.admin_balances();
        self.holdings = self.balances;
        paid
    }

    /// Gives the providers what the pool holds beyond their balances (`donate_admin_fees`).
    ///
    /// Errors: `OnlyBeforeFactory`.
    pub fn donate_admin_fees(&mut self) -> Result<(), Error> {
        self.before_factory.ok_or(Error::OnlyBeforeFactory)?;
        self.balances = self.holdings;
        Ok(())
    }

    /// Sets the fee and the administrator's part of it, at once: that a change waits three days is
    /// the caller's to know (`commit_new_fee` and `apply_new_fee`).
    ///
    /// Errors: `OnlyBeforeFactory`, `FeeTooHigh`.
    pub fn set_fees(&mut self, fee: u64, admin_fee: u64) -> Result<(), Error> {
        let kept = self.before_factory.as_mut().ok_or(Error::OnlyBeforeFactory)?;
        if fee > MAX_FEE || admin_fee > Generation::V1.max_admin_fee() {
            return Err(Error::FeeTooHigh);
        }
        kept.admin_fee = admin_fee;
        self.fee = U256::from(fee);
        Ok(())
    }

    /// Stops all but withdrawals in proportion (`kill_me`).
    ///
    /// Errors: `OnlyBeforeFactory`; `KillDeadlinePassed`.
    pub fn kill_me(&mut self, at: Timestamp) -> Result<(), Error> {
        let kept = self.before_factory.as_mut().ok_or(Error::OnlyBeforeFactory)?;
        if kept.kill_deadline <= at {
            return Err(Error::KillDeadlinePassed);
        }
        kept.is_killed = true;
        Ok(())
    }

    /// Lets everything work again (`unkill_me`).
    ///
    /// Errors: `OnlyBeforeFactory`.
    pub fn unkill_me(&mut self) -> Result<(), Error> {
        self.before_factory.as_mut().ok_or(Error::OnlyBeforeFactory)?.is_killed = false;
        Ok(())
    }
}
