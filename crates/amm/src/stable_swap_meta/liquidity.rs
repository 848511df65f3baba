use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use super::before_factory::Bound;
use super::{Both, COINS, Market, StableSwapMeta, StableSwapMetaError as Error, both};
use crate::curve_math::{FEE_DENOMINATOR, FOUR, difference, part, product, quotient, sum};
use crate::stable_swap::{LiquidityChange, LiquidityLog};

/// Balances before and after, with their invariants.
struct Move {
    before: Both,
    after: Both,
    d_before: U256,
    d_after: U256,
}

/// Balances after the fee on what is out of proportion.
struct Charged {
    /// With the providers' part of the fee, as the contract keeps them.
    kept: Both,
    /// Without the fee, as shares are reckoned from.
    bare: Both,
    fees: Both,
}

impl StableSwapMeta {
    /// Returns about how many shares a deposit mints or a withdrawal burns: rounded down, and
    /// without the fee on what is out of proportion.
    ///
    /// Errors: `WrongCoinCount`; `Base`; those of arithmetic, such as `DivisionByZero` of an empty
    /// pool. Source: `MetaUSD.calc_token_amount`.
    pub fn calc_token_amount(
        &self,
        amounts: &TokenAmounts,
        change: LiquidityChange,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        let market = self.market(at)?;
        let before = market.invariant()?;
        let moved = match change {
            LiquidityChange::Deposit => {
                let after = market.invariant_of(&self.with(&both(amounts)?)?)?;
                difference(after, before)?
            }
            LiquidityChange::Withdrawal => {
                let after = market.invariant_of(&self.without(&both(amounts)?)?)?;
                difference(before, after)?
            }
        };
        Ok(Amount(part(moved, self.total_supply, before)?))
    }

    /// Adds coins and returns the shares minted for them, rounded down. What is out of the pool's
    /// proportion pays a fee, of which the administrator takes half.
    ///
    /// Errors: `WrongCoinCount`; `FirstDepositIncomplete`, `InvariantNotRaised`, `Slippage`;
    /// `Base`; `TokenRefuses`; those of arithmetic. Source: `MetaUSD.add_liquidity`.
    pub fn add_liquidity(
        &mut self,
        amounts: &TokenAmounts,
        minimum_shares: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.add_liquidity_logged(amounts, minimum_shares, at).map(|log| log.shares)
    }

    /// Adds coins as [`add_liquidity`](Self::add_liquidity) does, and returns all that the log
    /// says.
    ///
    /// Errors: as that. Source: `MetaUSD.add_liquidity`, event `AddLiquidity`.
    pub fn add_liquidity_logged(
        &mut self,
        amounts: &TokenAmounts,
        minimum_shares: Amount,
        at: Timestamp,
    ) -> Result<LiquidityLog, Error> {
        let amounts = both(amounts)?;
        let market = self.market(at)?;
        let mut next = self.clone();
        next.begin(market.rates, at)?;
        let is_first = self.total_supply.is_zero();
        // Before the factory, balances that nobody has shares of are not looked at.
        let d_before = if is_first && self.before_factory.is_some() {
            U256::ZERO
        } else {
            market.invariant()?
        };
        if is_first && amounts.iter().any(U256::is_zero) {
            return Err(Error::FirstDepositIncomplete);
        }
        let after = self.with(&amounts)?;
        let d_after = market.invariant_of(&after)?;
        if d_after <= d_before {
            return Err(Error::InvariantNotRaised);
        }
        let (minted, fees) = if is_first {
            next.balances = after;
            (d_after, [U256::ZERO; COINS])
        } else {
            let moved = Move { before: self.balances, after, d_before, d_after };
            let Charged { kept, bare, fees } = self.charge(&moved)?;
            next.balances = kept;
            let worth = difference(market.invariant_of(&bare)?, d_before)?;
            (part(self.total_supply, worth, d_before)?, fees)
        };
        if minted < minimum_shares.0 {
            return Err(self.passed(Bound::Shares));
        }
        next.receive(&amounts)?;
        next.total_supply = sum(self.total_supply, minted)?;
        *self = next;
        Ok(LiquidityLog {
            shares: Amount(minted),
            fees: self.listed(&fees),
            invariant: Amount(d_after),
        })
    }

    /// Burns shares for their part of both coins, rounded down, without a fee.
    ///
    /// Errors: `WrongCoinCount`; `WithdrawalTooSmall`; `DivisionByZero` without shares, `Underflow`
    /// for more than there are; `TokenRefuses`. Source: `MetaUSD.remove_liquidity`.
    pub fn remove_liquidity(
        &mut self,
        shares: Amount,
        minimum_amounts: &TokenAmounts,
        at: Timestamp,
    ) -> Result<TokenAmounts, Error> {
        let minimum = both(minimum_amounts)?;
        let mut next = self.clone();
        next.update(at)?;
        let mut paid = self.balances;
        for ((value, left), minimum) in paid.iter_mut().zip(&mut next.balances).zip(minimum) {
            *value = part(*left, shares.0, self.total_supply)?;
            if *value < minimum {
                return Err(self.passed(Bound::Withdrawal));
            }
            *left = difference(*left, *value)?;
        }
        next.pay(&paid)?;
        next.total_supply = self.after_burn(shares.0)?;
        *self = next;
        Ok(self.listed(&paid))
    }

    /// Takes chosen amounts out and returns the shares burned for them: rounded down and one more.
    ///
    /// Errors: `WrongCoinCount`; `NothingBurned`; `Slippage` past the most shares; `Base`;
    /// `TokenRefuses`; those of arithmetic. Source: `MetaUSD.remove_liquidity_imbalance`.
    pub fn remove_liquidity_imbalance(
        &mut self,
        amounts: &TokenAmounts,
        maximum_shares: Amount,
        at: Timestamp,
    ) -> Result<Amount, Error> {
        self.remove_liquidity_imbalance_logged(amounts, maximum_shares, at).map(|log| log.shares)
    }

    /// Takes amounts out as [`remove_liquidity_imbalance`](Self::remove_liquidity_imbalance) does,
    /// and returns all that the log says.
    ///
    /// Errors: as that.
    /// Source: `MetaUSD.remove_liquidity_imbalance`, event `RemoveLiquidityImbalance`.
    pub fn remove_liquidity_imbalance_logged(
        &mut self,
        amounts: &TokenAmounts,
        maximum_shares: Amount,
        at: Timestamp,
    ) -> Result<LiquidityLog, Error> {
        let amounts = both(amounts)?;
        let market = self.market(at)?;
        let mut next = self.clone();
        next.begin(market.rates, at)?;
        if self.total_supply.is_zero() && self.before_factory.is_some() {
            return Err(Error::NothingBurned);
        }
        let d_before = market.invariant()?;
        let after = self.without(&amounts)?;
        let d_after = market.invariant_of(&after)?;
        let moved = Move { before: self.balances, after, d_before, d_after };
        let Charged { kept, bare, fees } = self.charge(&moved)?;
        let burned = self.burned_for(&market, d_before, &bare)?;
        if burned > maximum_shares.0 {
            return Err(self.passed(Bound::Shares));
        }
        next.total_supply = self.after_burn(burned)?;
        next.balances = kept;
        next.pay(&amounts)?;
        *self = next;
        Ok(LiquidityLog {
            shares: Amount(burned),
            fees: self.listed(&fees),
            invariant: Amount(d_after),
        })
    }

    fn burned_for(&self, market: &Market, d_before: U256, bare: &Both) -> Result<U256, Error> {
        let worth = difference(d_before, market.invariant_of(bare)?)?;
        let burned = part(worth, self.total_supply, d_before)?;
        if burned.is_zero() {
            return Err(Error::NothingBurned);
        }
        Ok(sum(burned, U256::ONE)?)
    }

    /// The fee of what is out of proportion, in 10^-10 (`base_fee`).
    pub(super) fn imbalance_fee(&self) -> Result<U256, Error> {
        let coins = U256::from(COINS);
        Ok(quotient(product(self.fee, coins)?, product(FOUR, difference(coins, U256::ONE)?)?)?)
    }

    fn charge(&self, moved: &Move) -> Result<Charged, Error> {
        let rate = self.imbalance_fee()?;
        let (mut kept, mut bare, mut fees) = (moved.after, moved.after, moved.after);
        let places = kept.iter_mut().zip(&mut bare).zip(&mut fees).zip(moved.before);
        for (((kept, bare), logged), before) in places {
            let ideal = part(moved.d_after, before, moved.d_before)?;
            let fee = part(rate, ideal.abs_diff(*bare), FEE_DENOMINATOR)?;
            *kept = difference(*kept, part(fee, self.admin_fee(), FEE_DENOMINATOR)?)?;
            *bare = difference(*bare, fee)?;
            *logged = fee;
        }
        Ok(Charged { kept, bare, fees })
    }

    fn with(&self, amounts: &Both) -> Result<Both, Error> {
        let ([a, b], [c, d]) = (self.balances, *amounts);
        Ok([sum(a, c)?, sum(b, d)?])
    }

    fn without(&self, amounts: &Both) -> Result<Both, Error> {
        let ([a, b], [c, d]) = (self.balances, *amounts);
        Ok([difference(a, c)?, difference(b, d)?])
    }
}
