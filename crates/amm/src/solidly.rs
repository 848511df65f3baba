//! The Solidly pool, volatile and stable, and Velodrome's second build of it, which is Aerodrome's.
//!
//! Fees are taken out of the input, set apart, and belong to whoever held shares then; they are
//! claimed and never part of the reserves. The tokens are taken to be plain: a transfer moves
//! exactly its amount and never fails.

mod curve;
mod error;
mod facts;
mod share_pool;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, Side, Timestamp, U256, sqrt};

use self::curve::{Curve, ONE, difference, product, quotient, scaled, sum};
use crate::constant_product::{Holder, PairSwap, Recipient};
pub use error::SolidlyError;
pub use facts::FACTS;
pub use state::SolidlyState;

/// Shares locked for ever at the first deposit (`MINIMUM_LIQUIDITY`).
pub const MINIMUM_LIQUIDITY: Amount = Amount::from_u64(1000);
/// What a stable pool's invariant must pass at the first deposit (`MINIMUM_K`).
const MINIMUM_K: U256 = U256::from_limbs([10_000_000_000, 0, 0, 0]);
const TEN_THOUSAND: U256 = U256::from_limbs([10_000, 0, 0, 0]);

/// Whose contract a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SolidlyBuild {
    /// `BaseV1Pair` of Solidly and the forks that kept its curve.
    Solidly,
    /// `Pool` of Velodrome v2 and Aerodrome: another end of the stable curve's iteration, and rules
    /// for a stable pool's first deposit.
    Velodrome2,
}

/// A pool: its reserves, what it really holds, its fees and its shares.
///
/// Source: `Pool.sol` and `PoolFees.sol`, aerodrome-finance/contracts at 5908982b; for the first
/// build `BaseV1-core.sol`. Pauses, names, permits and time-weighted observations are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolidlyPool {
    curve: Curve,
    decimals: [u8; 2],
    fee: u32,
    reserves: SolidlyReserves,
    holdings: Amounts,
    indexes: [U256; 2],
    fees: Amounts,
    total_supply: Amount,
    holders: BTreeMap<Holder, SolidlyHolder>,
}

/// What the contract's `_update` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolidlyReserves {
    /// What the pool trades with.
    pub amounts: Amounts,
    /// When they were last written.
    pub updated_at: Timestamp,
    /// Sum of reserve0 times seconds.
    pub reserve0_cumulative: U256,
    /// Sum of reserve1 times seconds.
    pub reserve1_cumulative: U256,
}

/// A holder's shares and its part of the fees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SolidlyHolder {
    /// Its shares.
    pub shares: Amount,
    /// The pool's index of token0 when the holder was last brought up to date.
    pub supply_index0: U256,
    /// The pool's index of token1 when the holder was last brought up to date.
    pub supply_index1: U256,
    /// Fees of token0 it can claim, as of then.
    pub claimable0: Amount,
    /// Fees of token1 it can claim, as of then.
    pub claimable1: Amount,
}

impl SolidlyPool {
    /// Returns reserves, their time, and their sums.
    pub fn reserves(&self) -> &SolidlyReserves {
        &self.reserves
    }

    /// Returns the tokens the pool really has: its reserves and what was given since.
    pub fn holdings(&self) -> Amounts {
        self.holdings
    }

    /// Returns the fees set apart and not claimed yet.
    pub fn fees(&self) -> Amounts {
        self.fees
    }

    /// Returns the fees per share since the pool's start, with 18 decimals, of token0 and token1.
    pub fn indexes(&self) -> [U256; 2] {
        self.indexes
    }

    /// Returns all shares there are.
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns what is recorded of a holder; all zero for one that never held shares. The locked
    /// shares are [`Holder::Zero`]'s.
    pub fn holder(&self, holder: Holder) -> SolidlyHolder {
        self.holders.get(&holder).copied().unwrap_or_default()
    }

    /// Sets the fee on the input, in ten-thousandths (`PoolFactory.setFee`, `setCustomFee`);
    /// refuses more than 300, the factory's largest.
    pub fn set_fee(&mut self, fee: u32) -> Result<(), crate::StateError> {
        if fee > state::LARGEST_FEE {
            return Err(crate::StateError::of("fee", "0 to 300"));
        }
        self.fee = fee;
        Ok(())
    }

    /// Returns what an input buys, the fee taken off first; rounded down.
    ///
    /// Errors: `Overflow` and `DivisionByZero` for empty pools and absurd amounts, `NoConvergence`.
    /// Source: `Pool.getAmountOut`.
    pub fn amount_out(&self, amount_in: Amount, input: Side) -> Result<Amount, SolidlyError> {
        let kept = difference(amount_in.0, self.fee_of(amount_in.0)?)?;
        let Amounts { amount0, amount1 } = self.reserves.amounts;
        self.curve.amount_out(kept, input, [amount0, amount1]).map(Amount)
    }

    /// Gives the pool tokens, as a deposit, a payment or a gift: a plain transfer to it.
    ///
    /// Errors: `TokenOverflow`.
    pub fn give(&mut self, amounts: Amounts) -> Result<(), SolidlyError> {
        self.holdings = self.holdings.checked_add(amounts).ok_or(SolidlyError::TokenOverflow)?;
        Ok(())
    }

    /// Mints shares for what the pool holds beyond its reserves; returns how many, rounded down.
    ///
    /// Errors: `InsufficientLiquidityMinted`; `Overflow` for a first deposit below the minimum
    /// liquidity and for absurd amounts; `DepositsNotEqual` and `BelowMinimumK` for the first of a
    /// stable pool of the second build; `DivisionByZero` where a reserve is empty but shares exist.
    /// Source: `Pool.mint`.
    pub fn mint(&mut self, to: Holder, at: Timestamp) -> Result<Amount, SolidlyError> {
        let added = self.unaccounted()?;
        let supply = self.total_supply.0;
        let (minted, locked) = if supply.is_zero() {
            let root = sqrt(product(added.amount0.0, added.amount1.0)?);
            let minted = difference(root, MINIMUM_LIQUIDITY.0)?;
            self.check_first(added)?;
            (minted, MINIMUM_LIQUIDITY.0)
        } else {
            let Amounts { amount0, amount1 } = self.reserves.amounts;
            let by0 = quotient(product(added.amount0.0, supply)?, amount0.0)?;
            let by1 = quotient(product(added.amount1.0, supply)?, amount1.0)?;
            (by0.min(by1), U256::ZERO)
        };
        if minted.is_zero() {
            return Err(SolidlyError::InsufficientLiquidityMinted);
        }
        let total_supply = Amount(sum(sum(supply, locked)?, minted)?);
        let mut changed = BTreeMap::new();
        if !locked.is_zero() {
            let holder = self.up_to_date(Holder::Zero)?;
            changed.insert(Holder::Zero, holder.with_more(locked)?);
        }
        let before = changed.get(&to).copied().map_or_else(|| self.up_to_date(to), Ok)?;
        changed.insert(to, before.with_more(minted)?);
        let reserves = self.updated(self.holdings, at)?;

        for (holder, record) in changed {
            self.keep(holder, record);
        }
        self.total_supply = total_supply;
        self.reserves = reserves;
        Ok(Amount(minted))
    }

    /// Burns the shares that were sent to the pool; returns the tokens paid out for them, rounded
    /// down. The fees those shares earned while they lay there stay with the pool.
    ///
    /// Errors: `DivisionByZero` before the first deposit; `InsufficientLiquidityBurned`;
    /// `Overflow` for absurd holdings. Source: `Pool.burn`.
    pub fn burn(&mut self, to: Recipient, at: Timestamp) -> Result<Amounts, SolidlyError> {
        let (shares, supply) = (self.holder(Holder::Pair).shares.0, self.total_supply.0);
        let part = |held: Amount| quotient(product(shares, held.0)?, supply).map(Amount);
        let paid = Amounts {
            amount0: part(self.holdings.amount0)?,
            amount1: part(self.holdings.amount1)?,
        };
        if paid.amount0.is_zero() || paid.amount1.is_zero() {
            return Err(SolidlyError::InsufficientLiquidityBurned);
        }
        let holder = SolidlyHolder { shares: Amount::ZERO, ..self.up_to_date(Holder::Pair)? };
        let total_supply = Amount(difference(supply, shares)?);
        let holdings = self.after_payment(paid, to)?;
        let reserves = self.updated(holdings, at)?;

        self.keep(Holder::Pair, holder);
        self.total_supply = total_supply;
        self.holdings = holdings;
        self.reserves = reserves;
        Ok(paid)
    }

    /// Pays out first, sets the fee on what came in apart, and then checks that what is left keeps
    /// the invariant. Returns what came in, as the pool counts it.
    ///
    /// Errors: `InsufficientOutputAmount`, `InsufficientLiquidity`, `InvalidTo`,
    /// `InsufficientInputAmount`, `K`; `DivisionByZero` for a fee without shares to earn it;
    /// `TokenOverflow` and `Overflow` for absurd amounts. Source: `Pool.swap`.
    pub fn swap(&mut self, swap: PairSwap, at: Timestamp) -> Result<Amounts, SolidlyError> {
        let (reserves, out) = (self.reserves.amounts, swap.out);
        if out.is_zero() {
            return Err(SolidlyError::InsufficientOutputAmount);
        }
        if out.amount0 >= reserves.amount0 || out.amount1 >= reserves.amount1 {
            return Err(SolidlyError::InsufficientLiquidity);
        }
        match swap.to {
            Recipient::TokenContract => return Err(SolidlyError::InvalidTo),
            Recipient::Outside | Recipient::Pair => {}
        }
        let holdings = self.after_payment(out, swap.to)?;
        let holdings = holdings.checked_add(swap.paid).ok_or(SolidlyError::TokenOverflow)?;
        let left = reserves.checked_sub(out).ok_or(SolidlyError::Overflow)?;
        let came_in = Amounts {
            amount0: holdings.amount0.checked_sub(left.amount0).unwrap_or_default(),
            amount1: holdings.amount1.checked_sub(left.amount1).unwrap_or_default(),
        };
        if came_in.is_zero() {
            return Err(SolidlyError::InsufficientInputAmount);
        }
        let (fee0, index0) = self.accrued(came_in.amount0, self.indexes[0])?;
        let (fee1, index1) = self.accrued(came_in.amount1, self.indexes[1])?;
        let taken = Amounts { amount0: fee0, amount1: fee1 };
        let holdings = holdings.checked_sub(taken).ok_or(SolidlyError::Overflow)?;
        let fees = self.fees.checked_add(taken).ok_or(SolidlyError::TokenOverflow)?;
        let k_after = self.curve.k(holdings.amount0.0, holdings.amount1.0)?;
        if k_after < self.curve.k(reserves.amount0.0, reserves.amount1.0)? {
            return Err(SolidlyError::K);
        }
        self.reserves = self.updated(holdings, at)?;
        self.holdings = holdings;
        self.fees = fees;
        self.indexes = [index0, index1];
        Ok(came_in)
    }

    /// Pays out what the pool holds beyond its reserves, and returns it.
    ///
    /// Source: `Pool.skim`.
    pub fn skim(&mut self, to: Recipient) -> Result<Amounts, SolidlyError> {
        let surplus = self.unaccounted()?;
        self.holdings = self.after_payment(surplus, to)?;
        Ok(surplus)
    }

    /// Makes what the pool holds its reserves.
    ///
    /// Errors: `Overflow` of the sums over time. Source: `Pool.sync`.
    pub fn sync(&mut self, at: Timestamp) -> Result<(), SolidlyError> {
        self.reserves = self.updated(self.holdings, at)?;
        Ok(())
    }

    /// Pays a holder the fees it has coming, and returns them.
    ///
    /// Errors: `Overflow` for absurd indexes. Source: `Pool.claimFees`.
    pub fn claim_fees(&mut self, holder: Holder) -> Result<Amounts, SolidlyError> {
        let mut record = self.up_to_date(holder)?;
        let claimed = Amounts { amount0: record.claimable0, amount1: record.claimable1 };
        let fees = self.fees.checked_sub(claimed).ok_or(SolidlyError::Overflow)?;
        (record.claimable0, record.claimable1) = (Amount::ZERO, Amount::ZERO);
        self.keep(holder, record);
        self.fees = fees;
        Ok(claimed)
    }

    /// Pays fees that somebody among [`Holder::Others`] claimed: what one of many has coming is not
    /// known here, what all of them have is, but for the wei that is rounded off for each.
    ///
    /// Errors: `Overflow` for more than all fees that are set apart. Source: `Pool.claimFees`.
    pub fn claim_of_others(&mut self, claimed: Amounts) -> Result<(), SolidlyError> {
        let mut record = self.up_to_date(Holder::Others)?;
        let fees = self.fees.checked_sub(claimed).ok_or(SolidlyError::Overflow)?;
        let left = |coming: Amount, paid: Amount| coming.checked_sub(paid).unwrap_or_default();
        record.claimable0 = left(record.claimable0, claimed.amount0);
        record.claimable1 = left(record.claimable1, claimed.amount1);
        self.holders.insert(Holder::Others, record);
        self.fees = fees;
        Ok(())
    }

    /// Returns the fees a holder has coming, those of its last change included.
    ///
    /// Errors: as [`claim_fees`](Self::claim_fees).
    pub fn claimable(&self, holder: Holder) -> Result<Amounts, SolidlyError> {
        let record = self.up_to_date(holder)?;
        Ok(Amounts { amount0: record.claimable0, amount1: record.claimable1 })
    }

    /// Moves shares from one holder to another; to [`Holder::Pair`] before they are burned. Both
    /// are brought up to date first.
    ///
    /// Errors: `InsufficientBalance`. Source: `Pool.transfer`.
    pub fn transfer(
        &mut self,
        from: Holder,
        to: Holder,
        shares: Amount,
    ) -> Result<(), SolidlyError> {
        let (mut sender, receiver) = (self.up_to_date(from)?, self.up_to_date(to)?);
        let left = sender.shares.checked_sub(shares);
        sender.shares = left.ok_or(SolidlyError::InsufficientBalance)?;
        let receiver = if from == to { sender } else { receiver };
        let receiver = receiver.with_more(shares.0)?;
        self.keep(from, sender);
        self.keep(to, receiver);
        Ok(())
    }

    /// Records a holder; all zeros are what is said of anybody else.
    fn keep(&mut self, holder: Holder, record: SolidlyHolder) {
        if record == SolidlyHolder::default() {
            self.holders.remove(&holder);
        } else {
            self.holders.insert(holder, record);
        }
    }

    fn fee_of(&self, amount_in: U256) -> Result<U256, SolidlyError> {
        match self.curve.build {
            // The first build divides by the fee's inverse: nothing there to overflow.
            SolidlyBuild::Solidly if self.fee == 1 => quotient(amount_in, TEN_THOUSAND),
            SolidlyBuild::Solidly | SolidlyBuild::Velodrome2 => {
                quotient(product(amount_in, U256::from(self.fee))?, TEN_THOUSAND)
            }
        }
    }

    /// The fee of an input, and the index after it (`_update0`, `_update1`).
    fn accrued(&self, came_in: Amount, index: U256) -> Result<(Amount, U256), SolidlyError> {
        if came_in.is_zero() {
            return Ok((Amount::ZERO, index));
        }
        let fee = self.fee_of(came_in.0)?;
        // The first build divides by the supply even where there is no fee.
        if fee.is_zero() && self.curve.build == SolidlyBuild::Velodrome2 {
            return Ok((Amount::ZERO, index));
        }
        let per_share = quotient(product(fee, ONE)?, self.total_supply.0)?;
        Ok((Amount(fee), sum(index, per_share)?))
    }

    /// A holder after `_updateFor`.
    fn up_to_date(&self, holder: Holder) -> Result<SolidlyHolder, SolidlyError> {
        let mut record = self.holder(holder);
        let earned = |supply_index: U256, index: U256, claimable: Amount| {
            let growth = difference(index, supply_index)?;
            let part = quotient(product(record.shares.0, growth)?, ONE)?;
            sum(claimable.0, part).map(Amount)
        };
        let [index0, index1] = self.indexes;
        if !record.shares.is_zero() {
            let claimable0 = earned(record.supply_index0, index0, record.claimable0)?;
            let claimable1 = earned(record.supply_index1, index1, record.claimable1)?;
            (record.claimable0, record.claimable1) = (claimable0, claimable1);
        }
        (record.supply_index0, record.supply_index1) = (index0, index1);
        Ok(record)
    }

    /// The rules for the first deposit of a stable pool, which the first build does not have.
    fn check_first(&self, added: Amounts) -> Result<(), SolidlyError> {
        match self.curve.build {
            SolidlyBuild::Velodrome2 if self.curve.is_stable => {}
            SolidlyBuild::Velodrome2 | SolidlyBuild::Solidly => return Ok(()),
        }
        let (amount0, amount1) = (added.amount0.0, added.amount1.0);
        if scaled(amount0, self.curve.unit0)? != scaled(amount1, self.curve.unit1)? {
            return Err(SolidlyError::DepositsNotEqual);
        }
        if self.curve.k(amount0, amount1)? <= MINIMUM_K {
            return Err(SolidlyError::BelowMinimumK);
        }
        Ok(())
    }

    fn unaccounted(&self) -> Result<Amounts, SolidlyError> {
        self.holdings.checked_sub(self.reserves.amounts).ok_or(SolidlyError::Overflow)
    }

    fn after_payment(&self, paid: Amounts, to: Recipient) -> Result<Amounts, SolidlyError> {
        match to {
            Recipient::Pair => Ok(self.holdings),
            Recipient::Outside | Recipient::TokenContract => {
                self.holdings.checked_sub(paid).ok_or(SolidlyError::Overflow)
            }
        }
    }

    /// Source: `Pool._update`.
    fn updated(&self, holdings: Amounts, at: Timestamp) -> Result<SolidlyReserves, SolidlyError> {
        let before = &self.reserves;
        let elapsed = at.0.checked_sub(before.updated_at.0).ok_or(SolidlyError::Overflow)?;
        let Amounts { amount0, amount1 } = before.amounts;
        let mut after = SolidlyReserves { amounts: holdings, updated_at: at, ..*before };
        if elapsed > 0 && !amount0.is_zero() && !amount1.is_zero() {
            let seconds = U256::from(elapsed);
            after.reserve0_cumulative =
                sum(before.reserve0_cumulative, product(amount0.0, seconds)?)?;
            after.reserve1_cumulative =
                sum(before.reserve1_cumulative, product(amount1.0, seconds)?)?;
        }
        Ok(after)
    }
}

impl SolidlyHolder {
    fn with_more(mut self, shares: U256) -> Result<Self, SolidlyError> {
        self.shares = Amount(sum(self.shares.0, shares)?);
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
