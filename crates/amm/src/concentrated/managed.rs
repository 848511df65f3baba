//! A pool of Uniswap v4's `PoolManager` (v4-core 1.0.2 `Pool.sol`, `Position.sol`,
//! `ProtocolFees.sol`): what it has instead of minting, burning and collecting.

use std::collections::BTreeMap;

use tidemill_units::{
    Amount, Amounts, FeeGrowth, FeePips, Liquidity, Side, SignedAmount, SignedAmounts,
    SignedLiquidity, TickRange,
};

use super::pool::{ParametersError, check_range};
use super::rules::{Fork, INT128};
use super::sqrt_price_math::{Rounding, growth_per_liquidity};
use super::swap_step::FeeRule;
use super::tick_table::{RangeEnd, TickChange, add_delta};
use super::{Build, Owner, Pool, PoolError};

/// What a v4 pool keeps beyond a v3 pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ManagedPool {
    /// The whole fee on each token paid in: the protocol's, and the providers' of the rest.
    pub(super) swap_fees: [FeeRule; 2],
    pub(super) positions: BTreeMap<SaltedKey, SaltedPosition>,
}

/// What identifies a position of a v4 pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaltedKey {
    /// Who owns it.
    pub owner: Owner,
    /// Its ticks.
    pub range: TickRange,
    /// Tells an owner's positions in one range apart.
    pub salt: [u8; 32],
}

/// The state of a position of a v4 pool, which is owed nothing: fees are paid at each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SaltedPosition {
    /// Its liquidity.
    pub liquidity: Liquidity,
    /// Fee growth inside its range when it was last changed, token0 and token1.
    pub fee_growth_inside_last: [FeeGrowth; 2],
}

/// What a change of liquidity pays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LiquidityChange {
    /// What the liquidity is worth: into the pool (positive, rounded up) or out of it (negative,
    /// rounded down).
    pub principal: SignedAmounts,
    /// The fees that the position had earned, paid out of the pool.
    pub fees: Amounts,
}

/// A change of a position that was checked and may be made.
struct Modification {
    ticks: Option<[TickChange; 2]>,
    position: SaltedPosition,
    change: LiquidityChange,
    /// In range; `None` where that does not change.
    liquidity: Option<Liquidity>,
}

/// Returns what a swap costs in all: the protocol's fee, and the providers' of what is left
/// (`ProtocolFeeLibrary.calculateSwapFee`); the product is rounded down.
fn whole_fee(protocol: u16, fee: FeePips) -> FeePips {
    let protocol = u32::from(protocol);
    let product = u64::from(protocol).saturating_mul(u64::from(fee.0));
    let common = product.checked_div(1_000_000).and_then(|part| u32::try_from(part).ok());
    FeePips(protocol.saturating_add(fee.0).saturating_sub(common.unwrap_or(0)))
}

pub(super) fn swap_fees(shares: [u16; 2], fee: FeePips) -> Result<[FeeRule; 2], ParametersError> {
    let [fee0, fee1] = shares.map(|share| Build::UniswapV4.fee_rule(whole_fee(share, fee)));
    Ok([fee0?, fee1?])
}

impl Pool {
    /// Returns a v4 pool without a hook that waits for its first price.
    ///
    /// Errors: [`ParametersError`] for a fee above 1,000,000 pips (all of the input), a dynamic
    /// fee, which needs a hook, or a tick spacing outside 1 to 32767.
    pub fn uniswap_v4(fee: FeePips, tick_spacing: i32) -> Result<Self, ParametersError> {
        let positions = BTreeMap::new();
        // Checked first, so that it is the pool's own fee that an error names.
        Build::UniswapV4.fee_rule(fee)?;
        let managed = ManagedPool { swap_fees: swap_fees([0; 2], fee)?, positions };
        Self::of(Fork::UniswapV4(Box::new(managed)), fee, tick_spacing)
    }

    /// Adds liquidity to a position, or removes it, and pays out the fees that it has earned
    /// (`PoolManager.modifyLiquidity`). No liquidity only pays the fees.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for v4, [`PoolError::NotInitialized`], those of a
    /// misplaced range, [`PoolError::TickLiquidityOverflow`], [`PoolError::NetLiquidityOverflow`],
    /// [`PoolError::TickOffSpacing`], [`PoolError::LiquidityUnderflow`],
    /// [`PoolError::LiquidityOverflow`], [`PoolError::NoPosition`], and [`PoolError::OutOfRange`]
    /// for an amount that 128 bits with a sign do not hold.
    pub fn modify_liquidity(
        &mut self,
        key: SaltedKey,
        delta: SignedLiquidity,
    ) -> Result<LiquidityChange, PoolError> {
        let Modification { ticks, position, change, liquidity } =
            self.check_modification(&key, delta)?;
        if let Some(ticks) = ticks {
            let accumulators = super::Accumulators {
                fee_growth_global: self.fee_growth_global,
                ..super::Accumulators::default()
            };
            for tick in ticks {
                self.ticks.apply(tick, self.tick, &accumulators);
            }
            self.cursor = self.ticks.cursor_at(self.tick);
        }
        self.managed_mut()?.positions.insert(key, position);
        self.liquidity = liquidity.unwrap_or(self.liquidity);
        self.touch();
        Ok(change)
    }

    /// Returns what [`Pool::modify_liquidity`] would pay, without doing it.
    ///
    /// Errors: as there.
    pub fn quote_modify_liquidity(
        &self,
        key: SaltedKey,
        delta: SignedLiquidity,
    ) -> Result<LiquidityChange, PoolError> {
        self.check_modification(&key, delta).map(|checked| checked.change)
    }

    /// Everything up to the first write.
    fn check_modification(
        &self,
        key: &SaltedKey,
        delta: SignedLiquidity,
    ) -> Result<Modification, PoolError> {
        self.managed()?;
        self.require_initialized()?;
        check_range(key.range)?;
        let ticks = if delta.0 == 0 { None } else { Some(self.managed_ticks(key.range, delta)?) };
        let inside = self.fee_growth_inside(key.range);
        let (position, fees) = self.salted_position(key).changed(delta, inside)?;
        let change = LiquidityChange { principal: self.principal(key.range, delta)?, fees };
        change.check()?;
        let is_in_range = key.range.contains(self.tick);
        let liquidity = is_in_range.then(|| add_delta(self.liquidity, delta)).transpose()?;
        Ok(Modification { ticks, position, change, liquidity })
    }

    /// Records a position of a v4 pool whose liquidity the ticks already hold; its fees count from
    /// now. Adds to what was adopted under the same key.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for v4, [`PoolError::TickNotInitialized`] where an end
    /// of the range is no tick of the pool, [`PoolError::LiquidityOverflow`].
    pub fn adopt_salted(&mut self, key: SaltedKey, liquidity: Liquidity) -> Result<(), PoolError> {
        self.managed()?;
        for tick in [key.range.lower, key.range.upper] {
            self.ticks.get(tick).ok_or(PoolError::TickNotInitialized)?;
        }
        let fee_growth_inside_last = self.fee_growth_inside(key.range);
        let held = self.salted_position(&key).liquidity;
        let sum = held.0.checked_add(liquidity.0).ok_or(PoolError::LiquidityOverflow)?;
        let position = SaltedPosition { liquidity: Liquidity(sum), fee_growth_inside_last };
        self.managed_mut()?.positions.insert(key, position);
        Ok(())
    }

    /// `updateTick` of both ends, and only then the bound on their liquidity.
    fn managed_ticks(
        &self,
        range: TickRange,
        delta: SignedLiquidity,
    ) -> Result<[TickChange; 2], PoolError> {
        let unbounded = Liquidity(u128::MAX);
        let check = |tick, end| {
            let change = self.ticks.check_change(tick, delta, end, unbounded);
            // Only the net can leave its range: the gross has an error of its own.
            change.map_err(|error| match error == PoolError::OutOfRange {
                true => PoolError::NetLiquidityOverflow,
                false => error,
            })
        };
        let ticks = [check(range.lower, RangeEnd::Lower)?, check(range.upper, RangeEnd::Upper)?];
        let most = self.max_liquidity_per_tick;
        if delta.0 > 0 && ticks.iter().any(|tick| tick.gross() > most) {
            return Err(PoolError::TickLiquidityOverflow);
        }
        if ticks.iter().any(|tick| self.ticks.is_off_spacing(tick)) {
            return Err(PoolError::TickOffSpacing);
        }
        Ok(ticks)
    }

    fn principal(
        &self,
        range: TickRange,
        delta: SignedLiquidity,
    ) -> Result<SignedAmounts, PoolError> {
        let is_removed = delta.0 < 0;
        let rounding = if is_removed { Rounding::Down } else { Rounding::Up };
        let amounts = self.amounts_of(range, delta.magnitude(), rounding)?;
        let sign = if is_removed { SignedAmount::negative } else { SignedAmount::positive };
        let signed = |amount| sign(amount).ok_or(PoolError::OutOfRange);
        Ok(SignedAmounts { amount0: signed(amounts.amount0)?, amount1: signed(amounts.amount1)? })
    }

    /// Gives both amounts to the liquidity in range (`PoolManager.donate`).
    ///
    /// Errors: [`PoolError::NotInBuild`] but for v4, [`PoolError::NotInitialized`],
    /// [`PoolError::NoLiquidityInRange`], and [`PoolError::OutOfRange`] from 2^127 on.
    pub fn donate(&mut self, amounts: Amounts) -> Result<(), PoolError> {
        self.managed()?;
        self.require_initialized()?;
        if self.liquidity.is_zero() {
            return Err(PoolError::NoLiquidityInRange);
        }
        let mut growths = [FeeGrowth::ZERO; 2];
        for (growth, amount) in growths.iter_mut().zip([amounts.amount0, amounts.amount1]) {
            if amount.0 >= INT128 {
                return Err(PoolError::OutOfRange);
            }
            let part = growth_per_liquidity(amount, self.liquidity);
            *growth = FeeGrowth(part.ok_or(PoolError::OutOfRange)?);
        }
        for (global, growth) in self.fee_growth_global.iter_mut().zip(growths) {
            *global = global.wrapping_add(growth);
        }
        self.touch();
        Ok(())
    }

    /// Sets the protocol's fee on token0 and on token1 paid in, in pips of the input
    /// (`ProtocolFees.setProtocolFee`).
    ///
    /// Errors: [`PoolError::NotInBuild`] but for v4, [`PoolError::BadFeeProtocol`] above 1,000,
    /// [`PoolError::NotInitialized`].
    pub fn set_protocol_fee(&mut self, shares: [u16; 2]) -> Result<(), PoolError> {
        self.managed()?;
        if !Build::UniswapV4.accepts_shares(shares) {
            return Err(PoolError::BadFeeProtocol);
        }
        self.require_initialized()?;
        let fees = swap_fees(shares, self.fee()).map_err(|_| PoolError::BadFee)?;
        self.managed_mut()?.swap_fees = fees;
        self.protocol_shares = shares;
        self.touch();
        Ok(())
    }

    /// Pays out protocol fees of one token; an amount of zero stands for all of them
    /// (`ProtocolFees.collectProtocolFees`). The manager has one account a token for all its
    /// pools; this is what this pool added to it.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for v4, [`PoolError::ProtocolFeesExceeded`].
    pub fn collect_protocol_fees(
        &mut self,
        token: Side,
        amount: Amount,
    ) -> Result<Amount, PoolError> {
        self.managed()?;
        let [fees0, fees1] = &mut self.protocol_fees;
        let owed = match token {
            Side::Token0 => fees0,
            Side::Token1 => fees1,
        };
        let paid = if amount.is_zero() { Amount::from_u128(*owed) } else { amount };
        let left = Amount::from_u128(*owed).checked_sub(paid);
        let left = left.and_then(|left| u128::try_from(left.0).ok());
        *owed = left.ok_or(PoolError::ProtocolFeesExceeded)?;
        Ok(paid)
    }

    /// Returns a position of a v4 pool; one that never was is all zeros.
    pub fn salted_position(&self, key: &SaltedKey) -> SaltedPosition {
        let found = self.managed().ok().and_then(|managed| managed.positions.get(key));
        found.copied().unwrap_or_default()
    }

    /// Returns all positions of a v4 pool that ever were.
    pub fn salted_positions(&self) -> impl Iterator<Item = (&SaltedKey, &SaltedPosition)> {
        self.managed().ok().into_iter().flat_map(|managed| &managed.positions)
    }

    /// Returns what a swap that pays in a token costs in all, the protocol's part included.
    pub fn swap_fee(&self, input: Side) -> FeePips {
        match (self.managed(), input) {
            (Ok(ManagedPool { swap_fees: [fee, _], .. }), Side::Token0)
            | (Ok(ManagedPool { swap_fees: [_, fee], .. }), Side::Token1) => fee.fee(),
            (Err(_), _) => self.fee(),
        }
    }

    pub(super) fn managed(&self) -> Result<&ManagedPool, PoolError> {
        match &self.fork {
            Fork::UniswapV4(managed) => Ok(managed),
            Fork::UniswapV3 | Fork::PancakeV3 | Fork::Slipstream(_) => Err(PoolError::NotInBuild),
        }
    }

    pub(super) fn managed_mut(&mut self) -> Result<&mut ManagedPool, PoolError> {
        match &mut self.fork {
            Fork::UniswapV4(managed) => Ok(managed),
            Fork::UniswapV3 | Fork::PancakeV3 | Fork::Slipstream(_) => Err(PoolError::NotInBuild),
        }
    }
}

impl SaltedPosition {
    /// `Position.update`: the position after, and the fees it is paid.
    fn changed(
        &self,
        delta: SignedLiquidity,
        inside: [FeeGrowth; 2],
    ) -> Result<(Self, Amounts), PoolError> {
        if delta.0 == 0 && self.liquidity.is_zero() {
            return Err(PoolError::NoPosition);
        }
        let liquidity = add_delta(self.liquidity, delta)?;
        let [last0, last1] = self.fee_growth_inside_last;
        let [inside0, inside1] = inside;
        let earned = |now: FeeGrowth, last: FeeGrowth| {
            let earned = now.wrapping_sub(last).earned_by(self.liquidity);
            earned.filter(|earned| *earned < INT128).map(Amount).ok_or(PoolError::OutOfRange)
        };
        let fees = Amounts { amount0: earned(inside0, last0)?, amount1: earned(inside1, last1)? };
        Ok((Self { liquidity, fee_growth_inside_last: inside }, fees))
    }
}

impl LiquidityChange {
    /// Whether both parts and their sum are `int128`, seen from the caller.
    fn check(&self) -> Result<(), PoolError> {
        let tokens = [
            (self.principal.amount0, self.fees.amount0),
            (self.principal.amount1, self.fees.amount1),
        ];
        for (principal, fees) in tokens {
            let size = principal.magnitude();
            let fits = if principal.is_negative() {
                size.checked_add(fees).is_some_and(|sum| sum.0 < INT128)
            } else {
                size.0 <= INT128
            };
            if !fits {
                return Err(PoolError::OutOfRange);
            }
        }
        Ok(())
    }
}
