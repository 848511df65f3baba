//! Minting, burning and collecting (v3-core 1.0.1 `UniswapV3Pool.sol`), and how much liquidity
//! amounts buy (v3-periphery 1.4.4 `LiquidityAmounts.sol`).

use tidemill_units::{
    Amount, Amounts, Liquidity, SignedLiquidity, SqrtPrice, TickRange, Timestamp, U256, mul_div,
};

use super::pool::check_range;
use super::sqrt_price_math::{PriceSpan, Rounding, amount0_delta, amount1_delta};
use super::tick_table::{RangeEnd, TickChange, add_delta};
use super::{Pool, PoolError, Position, PositionKey, sqrt_price_at_tick};

/// A change of a position that was checked and may be made.
#[derive(Clone, Copy)]
struct CheckedChange {
    ticks: Option<[TickChange; 2]>,
    position: Position,
    amounts: Amounts,
    liquidity_in_range: Option<Liquidity>,
}

impl Pool {
    /// Adds liquidity to a position; returns what is to be paid, rounded up.
    ///
    /// Errors: [`PoolError::NotInitialized`], [`PoolError::LiquidityOutOfRange`], those of a
    /// misplaced range, [`PoolError::TickLiquidityOverflow`], [`PoolError::TickOffSpacing`].
    pub fn mint(
        &mut self,
        key: PositionKey,
        liquidity: Liquidity,
        now: Timestamp,
    ) -> Result<Amounts, PoolError> {
        let change = self.check_mint(key, liquidity)?;
        Ok(self.make(key, change, now))
    }

    /// Returns what minting would cost, without doing it.
    ///
    /// Errors as [`Pool::mint`].
    pub fn quote_mint(&self, key: PositionKey, liquidity: Liquidity) -> Result<Amounts, PoolError> {
        self.check_mint(key, liquidity).map(|change| change.amounts)
    }

    fn check_mint(
        &self,
        key: PositionKey,
        liquidity: Liquidity,
    ) -> Result<CheckedChange, PoolError> {
        self.require_initialized()?;
        let delta = SignedLiquidity::positive(liquidity).filter(|delta| delta.0 > 0);
        self.check(key, delta.ok_or(PoolError::LiquidityOutOfRange)?)
    }

    /// Removes liquidity from a position and brings its fees up to date; returns what the liquidity
    /// was worth, rounded down. That and the fees can be collected afterwards. Zero liquidity only
    /// brings the fees up to date.
    ///
    /// Errors: [`PoolError::NotInitialized`], [`PoolError::LiquidityOutOfRange`], those of a
    /// misplaced range, [`PoolError::LiquidityUnderflow`], [`PoolError::NoPosition`].
    pub fn burn(
        &mut self,
        key: PositionKey,
        liquidity: Liquidity,
        now: Timestamp,
    ) -> Result<Amounts, PoolError> {
        self.require_initialized()?;
        let delta = SignedLiquidity::negative(liquidity).ok_or(PoolError::LiquidityOutOfRange)?;
        let mut change = self.check(key, delta)?;
        change.position.credit(change.amounts);
        Ok(self.make(key, change, now))
    }

    /// Pays out what a position is owed, up to the amounts requested.
    ///
    /// Errors: [`PoolError::NotInitialized`].
    pub fn collect(
        &mut self,
        key: PositionKey,
        requested: [u128; 2],
    ) -> Result<Amounts, PoolError> {
        if self.managed().is_ok() {
            return Err(PoolError::NotInBuild);
        }
        self.require_initialized()?;
        let position = self.positions.get_mut(&key);
        Ok(position.map_or(Amounts::ZERO, |position| position.collect(requested)))
    }

    /// Returns what a position would be paid if it were burned and collected now, fees apart.
    ///
    /// Errors as [`Pool::burn`].
    pub fn worth(&self, key: PositionKey) -> Result<PositionWorth, PoolError> {
        let before = self.position(&key);
        let delta = SignedLiquidity::negative(before.liquidity);
        let change = self.check(key, delta.ok_or(PoolError::LiquidityOutOfRange)?)?;
        let [fees0, fees1] = change.position.tokens_owed;
        let fees = Amounts { amount0: Amount::from_u128(fees0), amount1: Amount::from_u128(fees1) };
        Ok(PositionWorth { principal: change.amounts, fees })
    }

    /// `_modifyPosition` and `_updatePosition` up to the first write.
    fn check(&self, key: PositionKey, delta: SignedLiquidity) -> Result<CheckedChange, PoolError> {
        if self.managed().is_ok() {
            return Err(PoolError::NotInBuild);
        }
        check_range(key.range)?;
        let ticks = if delta.0 == 0 { None } else { Some(self.check_ticks(key.range, delta)?) };
        let inside = self.fee_growth_inside(key.range);
        let before = self.position(&key);
        let position = if self.staking().is_ok_and(|staking| staking.gauge == key.owner) {
            before.updated_staked(delta, inside)?
        } else {
            before.updated(delta, inside)?
        };
        let rounding = if delta.0 < 0 { Rounding::Down } else { Rounding::Up };
        let amounts = self.amounts_of(key.range, delta.magnitude(), rounding)?;
        let in_range = delta.0 != 0 && key.range.contains(self.tick);
        let liquidity_in_range =
            if in_range { Some(add_delta(self.liquidity, delta)?) } else { None };
        Ok(CheckedChange { ticks, position, amounts, liquidity_in_range })
    }

    fn check_ticks(
        &self,
        range: TickRange,
        delta: SignedLiquidity,
    ) -> Result<[TickChange; 2], PoolError> {
        let most = self.max_liquidity_per_tick;
        let lower = self.ticks.check_change(range.lower, delta, RangeEnd::Lower, most)?;
        let upper = self.ticks.check_change(range.upper, delta, RangeEnd::Upper, most)?;
        if self.ticks.is_off_spacing(&lower) || self.ticks.is_off_spacing(&upper) {
            return Err(PoolError::TickOffSpacing);
        }
        Ok([lower, upper])
    }

    fn make(&mut self, key: PositionKey, change: CheckedChange, now: Timestamp) -> Amounts {
        if let Some(ticks) = change.ticks {
            let accumulators = self.accumulators(now);
            for tick in ticks {
                self.ticks.apply(tick, self.tick, &accumulators);
                if let (Some(cleared), Ok(staking)) = (tick.cleared(), self.staking_mut()) {
                    staking.nets.remove(&cleared);
                }
            }
            self.cursor = self.ticks.cursor_at(self.tick);
        }
        self.positions.insert(key, change.position);
        if let Some(liquidity) = change.liquidity_in_range {
            self.write_observation(now);
            self.liquidity = liquidity;
        }
        self.touch();
        change.amounts
    }

    /// Returns the tokens that liquidity in a range is made of at the current price.
    ///
    /// Errors: those of a misplaced range.
    pub fn amounts_of(
        &self,
        range: TickRange,
        liquidity: Liquidity,
        rounding: Rounding,
    ) -> Result<Amounts, PoolError> {
        amounts_for_liquidity(self.sqrt_price, range, liquidity, rounding)
    }

    /// Returns the most liquidity that the amounts buy in a range at the current price.
    ///
    /// Errors: those of a misplaced range, and [`PoolError::LiquidityOverflow`] past 2^128 - 1.
    pub fn liquidity_for(
        &self,
        range: TickRange,
        amounts: Amounts,
    ) -> Result<Liquidity, PoolError> {
        liquidity_for_amounts(self.sqrt_price, range, amounts)
    }
}

/// What a position is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionWorth {
    /// What its liquidity is worth, rounded down.
    pub principal: Amounts,
    /// What it has earned and not collected.
    pub fees: Amounts,
}

fn range_prices(range: TickRange) -> Result<[SqrtPrice; 2], PoolError> {
    check_range(range)?;
    let lower = sqrt_price_at_tick(range.lower).ok_or(PoolError::LowerTickTooLow)?;
    let upper = sqrt_price_at_tick(range.upper).ok_or(PoolError::UpperTickTooHigh)?;
    Ok([lower, upper])
}

/// Returns the tokens that liquidity in a range is made of at a price.
///
/// The contract looks at the tick, which differs from that of the price where a swap stopped on a
/// tick from above; the amounts are the same, since one side of the range is then empty.
///
/// Errors: those of a misplaced range.
pub fn amounts_for_liquidity(
    price: SqrtPrice,
    range: TickRange,
    liquidity: Liquidity,
    rounding: Rounding,
) -> Result<Amounts, PoolError> {
    let [lower, upper] = range_prices(range)?;
    let price = price.clamp(lower, upper);
    Ok(Amounts {
        amount0: amount0_delta(PriceSpan::between(price, upper), liquidity, rounding)?,
        amount1: amount1_delta(PriceSpan::between(lower, price), liquidity, rounding),
    })
}

/// Returns the most liquidity that the amounts buy in a range at a price
/// (`LiquidityAmounts.getLiquidityForAmounts`, rounded down twice as there).
///
/// Errors: those of a misplaced range, and [`PoolError::LiquidityOverflow`] past 2^128 - 1.
pub fn liquidity_for_amounts(
    price: SqrtPrice,
    range: TickRange,
    amounts: Amounts,
) -> Result<Liquidity, PoolError> {
    let [lower, upper] = range_prices(range)?;
    if price <= lower {
        return liquidity_for_amount0(lower, upper, amounts.amount0);
    }
    if price >= upper {
        return liquidity_for_amount1(lower, upper, amounts.amount1);
    }
    let of_token0 = liquidity_for_amount0(price, upper, amounts.amount0)?;
    let of_token1 = liquidity_for_amount1(lower, price, amounts.amount1)?;
    Ok(of_token0.min(of_token1))
}

const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);

fn liquidity_for_amount0(
    low: SqrtPrice,
    high: SqrtPrice,
    amount: Amount,
) -> Result<Liquidity, PoolError> {
    let width = high.to_x96().wrapping_sub(low.to_x96());
    let product = mul_div(low.to_x96(), high.to_x96(), Q96);
    let liquidity = product.and_then(|product| mul_div(amount.0, product, width));
    to_liquidity(liquidity)
}

fn liquidity_for_amount1(
    low: SqrtPrice,
    high: SqrtPrice,
    amount: Amount,
) -> Result<Liquidity, PoolError> {
    to_liquidity(mul_div(amount.0, Q96, high.to_x96().wrapping_sub(low.to_x96())))
}

fn to_liquidity(value: Option<U256>) -> Result<Liquidity, PoolError> {
    let value = value.and_then(|value| u128::try_from(value).ok());
    value.map(Liquidity).ok_or(PoolError::LiquidityOverflow)
}
