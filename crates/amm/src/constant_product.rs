//! The Uniswap v2 pair, as the deployed v2-core 1.0.1 behaves, and its forks with another fee.
//!
//! Forks compile other numbers into the same contract: [`PairParameters`]. Some put their own name
//! for `UniswapV2` in the reasons of their reverts, which [`PairError::reason`] does not follow.
//!
//! The two tokens are taken to be plain: a transfer moves exactly its amount and never fails. The
//! pair's own lock has no counterpart, since nothing can call a pair while it is borrowed.

mod error;
mod facts;
mod parameters;
mod party;
mod quote;
mod share_pool;
mod state;

use std::collections::BTreeMap;

use tidemill_units::{Amount, Amounts, Timestamp, U256, mul_div, sqrt};

pub use error::PairError;
pub use facts::FACTS;
pub use parameters::{PairFee, PairParameters, ProtocolShare};
pub use party::{Holder, Recipient};
pub use quote::{QuoteError, TradeReserves, amount_in, amount_out};
pub use state::PairState;

/// Shares locked for ever at the first deposit (`MINIMUM_LIQUIDITY`).
pub const MINIMUM_LIQUIDITY: Amount = Amount::from_u64(1000);

/// A pair: its reserves, what it really holds, its price clock and its shares.
///
/// Source: v2-core 1.0.1 `UniswapV2Pair.sol` and `UniswapV2ERC20.sol`, without allowances and
/// permits, which never touch the pool.
///
/// [`Default`] is an empty pair of Uniswap's, as its factory creates it, the protocol fee off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    parameters: PairParameters,
    reserves: Reserves,
    holdings: Amounts,
    k_last: U256,
    total_supply: Amount,
    shares: BTreeMap<Holder, Amount>,
    fee_to: Option<[u8; 20]>,
}

/// What the contract's `_update` writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserves {
    /// What the pair trades with; each below 2^112.
    pub amounts: Amounts,
    /// When they were last written, in seconds modulo 2^32 (`blockTimestampLast`).
    pub updated_at: u32,
    /// Sum of token1 per token0, as UQ112.112, times seconds, modulo 2^256.
    pub price0_cumulative: U256,
    /// Sum of token0 per token1, as UQ112.112, times seconds, modulo 2^256.
    pub price1_cumulative: U256,
}

/// A swap as its caller asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairSwap {
    /// What the pair pays out; either or both.
    pub out: Amounts,
    /// Who gets it.
    pub to: Recipient,
    /// What is paid in during the swap, as by a flash callback. What was given before counts too.
    pub paid: Amounts,
}

/// What the protocol takes at a deposit or withdrawal.
struct ProtocolFee {
    is_on: bool,
    shares: U256,
    total_supply: U256,
}

impl Pair {
    /// Returns an empty pair, as a factory of this fork creates it, with the protocol fee off.
    pub fn empty(parameters: PairParameters) -> Self {
        Self { parameters, ..Self::default() }
    }

    /// Returns the fee and the protocol's share of it.
    pub fn parameters(&self) -> PairParameters {
        self.parameters
    }

    /// Returns reserves, their time, and the price sums.
    pub fn reserves(&self) -> &Reserves {
        &self.reserves
    }

    /// Returns the tokens the pair really has: its reserves and what was given since.
    pub fn holdings(&self) -> Amounts {
        self.holdings
    }

    /// Returns the product of the reserves after the last deposit or withdrawal with the protocol
    /// fee on, else zero.
    pub fn k_last(&self) -> U256 {
        self.k_last
    }

    /// Returns all shares there are.
    pub fn total_supply(&self) -> Amount {
        self.total_supply
    }

    /// Returns the shares of one holder.
    pub fn shares_of(&self, holder: Holder) -> Amount {
        self.shares.get(&holder).copied().unwrap_or_default()
    }

    /// Sets who gets the protocol's share of the fees, or nobody
    /// (`UniswapV2Factory.setFeeTo`, one switch for all pairs of a factory).
    pub fn set_fee_to(&mut self, fee_to: Option<[u8; 20]>) {
        self.fee_to = fee_to;
    }

    /// Gives the pair tokens, as a deposit, a payment or a gift: a plain transfer to it.
    ///
    /// Errors: `TokenOverflow`.
    pub fn give(&mut self, amounts: Amounts) -> Result<(), PairError> {
        self.holdings = self.holdings.checked_add(amounts).ok_or(PairError::TokenOverflow)?;
        Ok(())
    }

    /// Mints shares for what the pair holds beyond its reserves; returns how many, rounded down.
    ///
    /// Errors: `InsufficientLiquidityMinted`; `SubUnderflow` for a first deposit below the minimum
    /// liquidity; `MulOverflow` and `Overflow` for absurd amounts.
    /// Source: `UniswapV2Pair.mint`.
    pub fn mint(&mut self, to: Holder, at: Timestamp) -> Result<Amount, PairError> {
        let added = self.unaccounted()?;
        let fee = self.protocol_fee()?;
        let is_first = fee.total_supply.is_zero();
        let (minted, locked) = if is_first {
            let root = sqrt(product(added.amount0.0, added.amount1.0)?);
            (difference(root, MINIMUM_LIQUIDITY.0)?, MINIMUM_LIQUIDITY.0)
        } else {
            let by0 = share(added.amount0, fee.total_supply, self.reserves.amounts.amount0.0)?;
            let by1 = share(added.amount1, fee.total_supply, self.reserves.amounts.amount1.0)?;
            (by0.min(by1), U256::ZERO)
        };
        if minted.is_zero() {
            return Err(PairError::InsufficientLiquidityMinted);
        }
        let total_supply = sum(sum(fee.total_supply, locked)?, minted)?;
        let reserves = self.updated(self.holdings, at)?;

        self.credit_protocol(&fee);
        self.credit(Holder::Zero, locked);
        self.credit(to, minted);
        self.settle_liquidity(reserves, total_supply, fee.is_on);
        Ok(Amount(minted))
    }

    /// Burns the shares that were sent to the pair; returns the tokens paid out for them, rounded
    /// down.
    ///
    /// Errors: `DivisionByZero` before the first deposit; `InsufficientLiquidityBurned`;
    /// `MulOverflow` and `Overflow` for absurd holdings.
    /// Source: `UniswapV2Pair.burn`.
    pub fn burn(&mut self, to: Recipient, at: Timestamp) -> Result<Amounts, PairError> {
        let burned = self.shares_of(Holder::Pair);
        let fee = self.protocol_fee()?;
        let paid = Amounts {
            amount0: Amount(share(burned, self.holdings.amount0.0, fee.total_supply)?),
            amount1: Amount(share(burned, self.holdings.amount1.0, fee.total_supply)?),
        };
        if paid.amount0.is_zero() || paid.amount1.is_zero() {
            return Err(PairError::InsufficientLiquidityBurned);
        }
        let total_supply = difference(fee.total_supply, burned.0)?;
        let holdings = self.after_payment(paid, to)?;
        let reserves = self.updated(holdings, at)?;

        self.credit_protocol(&fee);
        self.shares.remove(&Holder::Pair);
        self.holdings = holdings;
        self.settle_liquidity(reserves, total_supply, fee.is_on);
        Ok(paid)
    }

    /// Pays out first and then checks that what came in keeps the product of the reserves, less
    /// the fee on the input. Returns what came in, as the pair counts it.
    ///
    /// Errors: `InsufficientOutputAmount`, `InsufficientLiquidity`, `InvalidTo`,
    /// `InsufficientInputAmount`, `K`; `TokenOverflow`, `MulOverflow` and `Overflow` for absurd
    /// amounts.
    /// Source: `UniswapV2Pair.swap`.
    pub fn swap(&mut self, swap: PairSwap, at: Timestamp) -> Result<Amounts, PairError> {
        let reserves = self.reserves.amounts;
        let out = swap.out;
        if out.is_zero() {
            return Err(PairError::InsufficientOutputAmount);
        }
        if out.amount0 >= reserves.amount0 || out.amount1 >= reserves.amount1 {
            return Err(PairError::InsufficientLiquidity);
        }
        match swap.to {
            Recipient::TokenContract => return Err(PairError::InvalidTo),
            Recipient::Outside | Recipient::Pair => {}
        }
        let holdings = self.after_payment(out, swap.to)?;
        let holdings = holdings.checked_add(swap.paid).ok_or(PairError::TokenOverflow)?;
        let left = reserves.checked_sub(out).ok_or(PairError::SubUnderflow)?;
        let came_in = Amounts {
            amount0: holdings.amount0.checked_sub(left.amount0).unwrap_or_default(),
            amount1: holdings.amount1.checked_sub(left.amount1).unwrap_or_default(),
        };
        if came_in.is_zero() {
            return Err(PairError::InsufficientInputAmount);
        }
        let fee = self.parameters.fee;
        let adjusted0 = less_fee(fee, holdings.amount0, came_in.amount0)?;
        let adjusted1 = less_fee(fee, holdings.amount1, came_in.amount1)?;
        let scale = fee.scale();
        let product_scale = scale.wrapping_mul(scale);
        if product(adjusted0, adjusted1)? < product(self.reserves.product(), product_scale)? {
            return Err(PairError::K);
        }
        self.reserves = self.updated(holdings, at)?;
        self.holdings = holdings;
        Ok(came_in)
    }

    /// Pays out what the pair holds beyond its reserves, and returns it.
    ///
    /// Source: `UniswapV2Pair.skim`.
    pub fn skim(&mut self, to: Recipient) -> Result<Amounts, PairError> {
        let surplus = self.unaccounted()?;
        self.holdings = self.after_payment(surplus, to)?;
        Ok(surplus)
    }

    /// Makes what the pair holds its reserves.
    ///
    /// Errors: `Overflow`. Source: `UniswapV2Pair.sync`.
    pub fn sync(&mut self, at: Timestamp) -> Result<(), PairError> {
        self.reserves = self.updated(self.holdings, at)?;
        Ok(())
    }

    /// Moves shares from one holder to another; to [`Holder::Pair`] before they are burned.
    ///
    /// Errors: `SubUnderflow` where the holder has fewer. Source: `UniswapV2ERC20.transfer`.
    pub fn transfer(&mut self, from: Holder, to: Holder, shares: Amount) -> Result<(), PairError> {
        let left = difference(self.shares_of(from).0, shares.0)?;
        if left.is_zero() {
            self.shares.remove(&from);
        } else {
            self.shares.insert(from, Amount(left));
        }
        self.credit(to, shares.0);
        Ok(())
    }

    fn unaccounted(&self) -> Result<Amounts, PairError> {
        self.holdings.checked_sub(self.reserves.amounts).ok_or(PairError::SubUnderflow)
    }

    fn after_payment(&self, paid: Amounts, to: Recipient) -> Result<Amounts, PairError> {
        match to {
            Recipient::Pair => Ok(self.holdings),
            Recipient::Outside | Recipient::TokenContract => {
                self.holdings.checked_sub(paid).ok_or(PairError::SubUnderflow)
            }
        }
    }

    /// Source: `UniswapV2Pair._mintFee`, and `PancakePair._mintFee` (0.1.0) with another share:
    /// that part of the growth of the root of the product.
    fn protocol_fee(&self) -> Result<ProtocolFee, PairError> {
        let is_on = self.fee_to.is_some();
        let mut shares = U256::ZERO;
        if is_on && !self.k_last.is_zero() {
            let root = sqrt(self.reserves.product());
            let last = sqrt(self.k_last);
            if root > last {
                let share = self.parameters.protocol_share;
                let growth = product(self.total_supply.0, difference(root, last)?)?;
                let numerator = product(growth, share.taken())?;
                let denominator = sum(product(root, share.left())?, product(last, share.taken())?)?;
                shares = quotient(numerator, denominator)?;
            }
        }
        Ok(ProtocolFee { is_on, shares, total_supply: sum(self.total_supply.0, shares)? })
    }

    /// Source: `UniswapV2Pair._update`.
    fn updated(&self, holdings: Amounts, at: Timestamp) -> Result<Reserves, PairError> {
        if holdings.amount0.0.bit_len() > 112 || holdings.amount1.0.bit_len() > 112 {
            return Err(PairError::Overflow);
        }
        let before = &self.reserves;
        let [b0, b1, b2, b3, ..] = at.0.to_le_bytes();
        let updated_at = u32::from_le_bytes([b0, b1, b2, b3]);
        let elapsed = U256::from(updated_at.wrapping_sub(before.updated_at));
        let Amounts { amount0: reserve0, amount1: reserve1 } = before.amounts;
        // A price of an empty reserve is undefined, and the contract then adds nothing.
        let grown = |sum: U256, numerator: Amount, denominator: Amount| {
            let price = mul_div(numerator.0, Q112, denominator.0).unwrap_or_default();
            sum.wrapping_add(price.wrapping_mul(elapsed))
        };
        Ok(Reserves {
            amounts: holdings,
            updated_at,
            price0_cumulative: grown(before.price0_cumulative, reserve1, reserve0),
            price1_cumulative: grown(before.price1_cumulative, reserve0, reserve1),
        })
    }

    fn settle_liquidity(&mut self, reserves: Reserves, total_supply: U256, fee_is_on: bool) {
        self.k_last = if fee_is_on { reserves.product() } else { U256::ZERO };
        self.total_supply = Amount(total_supply);
        self.reserves = reserves;
    }

    fn credit_protocol(&mut self, fee: &ProtocolFee) {
        if let Some(account) = self.fee_to {
            self.credit(Holder::Account(account), fee.shares);
        }
    }

    /// All shares add up to the total supply, which was checked: no holder's can overflow.
    fn credit(&mut self, holder: Holder, shares: U256) {
        if !shares.is_zero() {
            let held = self.shares.entry(holder).or_default();
            *held = Amount(held.0.wrapping_add(shares));
        }
    }
}

impl Reserves {
    /// Returns the product of the two: below 2^224, so it cannot wrap.
    fn product(&self) -> U256 {
        self.amounts.amount0.0.wrapping_mul(self.amounts.amount1.0)
    }
}

const Q112: U256 = U256::from_limbs([0, 1 << 48, 0, 0]);

fn sum(a: U256, b: U256) -> Result<U256, PairError> {
    a.checked_add(b).ok_or(PairError::AddOverflow)
}

fn difference(a: U256, b: U256) -> Result<U256, PairError> {
    a.checked_sub(b).ok_or(PairError::SubUnderflow)
}

fn product(a: U256, b: U256) -> Result<U256, PairError> {
    a.checked_mul(b).ok_or(PairError::MulOverflow)
}

fn quotient(a: U256, b: U256) -> Result<U256, PairError> {
    a.checked_div(b).ok_or(PairError::DivisionByZero)
}

/// The part `amount` of `of` is entitled to, of `whole`: the product must fit 256 bits.
fn share(amount: Amount, of: U256, whole: U256) -> Result<U256, PairError> {
    quotient(product(amount.0, of)?, whole)
}

/// A balance in thousandths, or ten-thousandths, less the fee on what came in.
fn less_fee(fee: PairFee, holding: Amount, came_in: Amount) -> Result<U256, PairError> {
    difference(product(holding.0, fee.scale())?, product(came_in.0, fee.taken())?)
}

#[cfg(test)]
mod tests;
