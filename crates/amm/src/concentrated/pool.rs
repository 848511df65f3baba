//! The state of a pool and what the protocol's owner may do to it (v3-core 1.0.1
//! `UniswapV3Pool.sol`; `PancakeV3Pool.sol` of PancakeSwap's v3-core 1.0.2).

use std::collections::BTreeMap;

use tidemill_units::{
    Amount, Amounts, FeeGrowth, FeePips, Liquidity, SignedLiquidity, SqrtPrice, Tick, TickRange,
    Timestamp, U256,
};

use super::oracle::{Oracle, Present};
use super::position::{Position, PositionKey};
use super::rules::Fork;
use super::swap_step::FeeRule;
use super::tick_table::{Accumulators, TickInfo, TickTable, wrap_56, wrap_160};
use super::{Build, PoolError, sqrt_price_at_tick, tick_at_sqrt_price};

/// A Uniswap v3 pool or one of its kin: everything that its contract stores but the token balances.
///
/// Which contract it is ([`Pool::build`]) is fixed when it is made; an operation that the contract
/// does not have is refused with [`PoolError::NotInBuild`].
///
/// Operations return what is to be paid and leave payment to the caller; the reverts for not paying
/// (`M0`, `M1`, `IIA`) therefore do not exist here, nor do those of the tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    pub(super) fee: FeeRule,
    pub(super) tick_spacing: i32,
    pub(super) max_liquidity_per_tick: Liquidity,
    pub(super) sqrt_price: SqrtPrice,
    pub(super) tick: Tick,
    pub(super) liquidity: Liquidity,
    pub(super) fee_growth_global: [FeeGrowth; 2],
    /// In what unit, the build says.
    pub(super) protocol_shares: [u16; 2],
    /// Slipstream's are its gauge's.
    pub(super) protocol_fees: [u128; 2],
    pub(super) ticks: TickTable,
    /// How many initialized ticks are at or below `tick`.
    pub(super) cursor: usize,
    pub(super) positions: BTreeMap<PositionKey, Position>,
    pub(super) oracle: Oracle,
    pub(super) fork: Fork,
    /// Counts the changes, so that a staged swap can tell that its pool has moved on.
    pub(super) revision: u64,
}

/// Constructor values that no factory would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersError {
    /// A fee of 1,000,000 pips or more.
    #[error("a fee of {0} pips; a pool's is below 1000000")]
    Fee(FeePips),
    /// A tick spacing outside 1 to 16383.
    #[error("a tick spacing of {0}; a pool's is 1 to 16383")]
    TickSpacing(i32),
    /// A fee above what the build allows.
    #[error("a fee of {fee} pips; such a pool's is at most {most}")]
    FeeAbove {
        /// The fee given.
        fee: FeePips,
        /// The most there is.
        most: FeePips,
    },
    /// A tick spacing that the build does not allow.
    #[error("a tick spacing of {spacing}; such a pool's is 1 to {most}")]
    TickSpacingAbove {
        /// The spacing given.
        spacing: i32,
        /// The most there is.
        most: i32,
    },
    /// A v4 pool whose fee its hook sets; hooks are not modelled.
    #[error("a dynamic fee is set by a hook, and pools with hooks are not modelled")]
    DynamicFee,
}

/// A pool's price and ticks at some instant, without its positions, fees and observations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The price.
    pub sqrt_price: SqrtPrice,
    /// The tick: that of the price, or one below it where a swap stopped on a tick from above.
    pub tick: Tick,
    /// The liquidity of every initialized tick, ascending.
    pub ticks: Vec<TickLiquidity>,
}

/// The liquidity that begins and ends at a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickLiquidity {
    /// The tick.
    pub tick: Tick,
    /// Of all positions that begin or end here.
    pub gross: Liquidity,
    /// What begins here less what ends here.
    pub net: SignedLiquidity,
}

/// Why a snapshot is not the state of any pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The price is out of range, or the tick is not its tick.
    #[error("tick {tick} is not that of the square root price {sqrt_price}")]
    TickOfPrice {
        /// The tick given.
        tick: Tick,
        /// The price given.
        sqrt_price: SqrtPrice,
    },
    /// A tick out of order, off the spacing, out of bounds, empty, or with impossible liquidity.
    #[error("tick {0} is out of order, off the spacing, out of bounds or has impossible liquidity")]
    BadTick(Tick),
    /// The net liquidity does not add up to zero, or falls below it.
    #[error("the liquidity of the ticks does not add up to zero")]
    Unbalanced,
}

impl Pool {
    /// Returns a Uniswap v3 pool that waits for its first price.
    pub fn new(fee: FeePips, tick_spacing: i32) -> Result<Self, ParametersError> {
        Self::of(Fork::UniswapV3, fee, tick_spacing)
    }

    /// Returns a PancakeSwap v3 pool that waits for its first price.
    pub fn pancake_v3(fee: FeePips, tick_spacing: i32) -> Result<Self, ParametersError> {
        Self::of(Fork::PancakeV3, fee, tick_spacing)
    }

    pub(super) fn of(fork: Fork, fee: FeePips, spacing: i32) -> Result<Self, ParametersError> {
        let build = fork.build();
        Ok(Self {
            fee: build.fee_rule(fee)?,
            tick_spacing: spacing,
            max_liquidity_per_tick: build.max_liquidity_per_tick(spacing)?,
            sqrt_price: SqrtPrice::ZERO,
            tick: Tick(0),
            liquidity: Liquidity::ZERO,
            fee_growth_global: [FeeGrowth::ZERO; 2],
            protocol_shares: [0; 2],
            protocol_fees: [0; 2],
            ticks: TickTable::new(spacing),
            cursor: 0,
            positions: BTreeMap::new(),
            oracle: Oracle::default(),
            fork,
            revision: 0,
        })
    }

    /// Gives the pool its first price; returns the tick of it.
    ///
    /// Errors: [`PoolError::AlreadyInitialized`], [`PoolError::PriceOutOfRange`].
    pub fn initialize(&mut self, sqrt_price: SqrtPrice, now: Timestamp) -> Result<Tick, PoolError> {
        if self.is_initialized() {
            return Err(PoolError::AlreadyInitialized);
        }
        let tick = tick_at_sqrt_price(sqrt_price).ok_or(PoolError::PriceOutOfRange)?;
        self.start_at(sqrt_price, tick, now);
        if self.build() == Build::PancakeV3 {
            self.protocol_shares = [pancake_first_share(self.fee()); 2];
        }
        Ok(tick)
    }

    pub(super) fn start_at(&mut self, sqrt_price: SqrtPrice, tick: Tick, now: Timestamp) {
        self.sqrt_price = sqrt_price;
        self.tick = tick;
        if self.build() != Build::UniswapV4 {
            self.oracle = Oracle::initialize(block_time(now));
        }
        self.touch();
    }

    /// Makes swaps that were staged before unusable.
    pub(super) fn touch(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Returns a pool that goes on from a snapshot, with fee growth and the oracle starting here.
    ///
    /// Its positions are not known; [`Pool::adopt`] names those whose fees are to be kept.
    pub fn from_snapshot(
        fee: FeePips,
        tick_spacing: i32,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Self, SnapshotFailure> {
        let mut pool = Self::new(fee, tick_spacing)?;
        pool.restore(snapshot, now)?;
        Ok(pool)
    }

    /// Takes a snapshot over into a pool that was just made.
    pub(super) fn restore(
        &mut self,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<(), SnapshotError> {
        let Snapshot { sqrt_price, tick, ref ticks } = *snapshot;
        if !is_tick_of(tick, sqrt_price) {
            return Err(SnapshotError::TickOfPrice { tick, sqrt_price });
        }
        self.start_at(sqrt_price, tick, now);
        let mut running = 0_i128;
        let mut last = None;
        for entry in ticks {
            let in_order = last.is_none_or(|last| last < entry.tick) && entry.tick.is_valid();
            let gross_fits = !entry.gross.is_zero() && entry.gross <= self.max_liquidity_per_tick;
            let net_fits = entry.net.magnitude() <= entry.gross;
            if !(in_order && gross_fits && net_fits && entry.tick.is_multiple_of(self.tick_spacing))
            {
                return Err(SnapshotError::BadTick(entry.tick));
            }
            last = Some(entry.tick);
            running = running.checked_add(entry.net.0).ok_or(SnapshotError::Unbalanced)?;
            let in_range = u128::try_from(running).map_err(|_| SnapshotError::Unbalanced)?;
            if entry.tick <= tick {
                self.liquidity = Liquidity(in_range);
            }
            self.ticks.insert_snapshot(*entry);
        }
        if running != 0 {
            return Err(SnapshotError::Unbalanced);
        }
        self.cursor = self.ticks.cursor_at(tick);
        Ok(())
    }

    /// Records a position whose liquidity the snapshot's ticks already hold; its fees count from
    /// now. Adds to what was adopted under the same key.
    ///
    /// Errors: [`PoolError::TickNotInitialized`] where an end of the range is not in the snapshot,
    /// [`PoolError::LiquidityOverflow`].
    pub fn adopt(&mut self, key: PositionKey, liquidity: Liquidity) -> Result<(), PoolError> {
        for tick in [key.range.lower, key.range.upper] {
            self.ticks.get(tick).ok_or(PoolError::TickNotInitialized)?;
        }
        let inside = self.fee_growth_inside(key.range);
        let position = self.positions.entry(key).or_default();
        let sum = position.liquidity.0.checked_add(liquidity.0);
        position.liquidity = Liquidity(sum.ok_or(PoolError::LiquidityOverflow)?);
        position.fee_growth_inside_last = inside;
        Ok(())
    }

    /// Sets the protocol's share of the swap fees of a v3 pool: one n-th of each token's, 0 for
    /// none.
    ///
    /// Errors: [`PoolError::NotInBuild`], [`PoolError::NotInitialized`],
    /// [`PoolError::BadFeeProtocol`].
    pub fn set_fee_protocol(&mut self, shares: [u8; 2]) -> Result<(), PoolError> {
        self.set_shares(Build::UniswapV3, shares.map(u16::from))
    }

    /// Sets the protocol's share of the swap fees of a Pancake pool: 0, or 1,000 to 4,000 of
    /// 10,000, of each token's.
    ///
    /// Errors: [`PoolError::NotInBuild`], [`PoolError::NotInitialized`],
    /// [`PoolError::BadFeeProtocol`].
    pub fn set_pancake_fee_protocol(&mut self, shares: [u16; 2]) -> Result<(), PoolError> {
        self.set_shares(Build::PancakeV3, shares)
    }

    fn set_shares(&mut self, build: Build, shares: [u16; 2]) -> Result<(), PoolError> {
        self.require_build(build)?;
        self.require_initialized()?;
        if !build.accepts_shares(shares) {
            return Err(PoolError::BadFeeProtocol);
        }
        self.protocol_shares = shares;
        self.touch();
        Ok(())
    }

    fn require_build(&self, build: Build) -> Result<(), PoolError> {
        if self.build() == build { Ok(()) } else { Err(PoolError::NotInBuild) }
    }

    /// Pays out protocol fees up to the amounts requested; one unit of each stays behind, as in the
    /// contract.
    ///
    /// Errors: [`PoolError::NotInBuild`] but for Uniswap v3 and Pancake,
    /// [`PoolError::NotInitialized`].
    pub fn collect_protocol(&mut self, requested: [u128; 2]) -> Result<Amounts, PoolError> {
        if !matches!(self.fork, Fork::UniswapV3 | Fork::PancakeV3) {
            return Err(PoolError::NotInBuild);
        }
        self.collect_owed(requested)
    }

    pub(super) fn collect_owed(&mut self, requested: [u128; 2]) -> Result<Amounts, PoolError> {
        self.require_initialized()?;
        let mut paid = [Amount::ZERO; 2];
        let tokens = self.protocol_fees.iter_mut().zip(requested).zip(&mut paid);
        for ((owed, requested), paid) in tokens {
            let amount = requested.min(*owed);
            // Keeping one unit keeps the storage slot warm.
            let amount = if amount == *owed { amount.saturating_sub(1) } else { amount };
            *owed = owed.saturating_sub(amount);
            *paid = Amount::from_u128(amount);
        }
        let [amount0, amount1] = paid;
        Ok(Amounts { amount0, amount1 })
    }

    /// Makes room for more observations. Errors: [`PoolError::NotInitialized`].
    pub fn increase_observation_cardinality_next(&mut self, next: u16) -> Result<(), PoolError> {
        self.require_initialized()?;
        self.oracle.grow(next);
        Ok(())
    }

    pub(super) fn require_initialized(&self) -> Result<(), PoolError> {
        if self.is_initialized() { Ok(()) } else { Err(PoolError::NotInitialized) }
    }

    pub(super) fn present(&self, now: Timestamp) -> Present {
        Present { time: block_time(now), tick: self.tick, liquidity: self.liquidity }
    }

    pub(super) fn accumulators(&self, now: Timestamp) -> Accumulators {
        let present = self.present(now);
        if self.build() == Build::UniswapV4 {
            let fee_growth_global = self.fee_growth_global;
            return Accumulators { fee_growth_global, ..Accumulators::default() };
        }
        let cumulatives = self.oracle.now(present);
        Accumulators {
            fee_growth_global: self.fee_growth_global,
            seconds_per_liquidity: cumulatives.seconds_per_liquidity,
            tick_cumulative: cumulatives.tick_cumulative,
            time: present.time,
        }
    }

    /// Writes an observation; Slipstream writes none within 15 seconds of the last.
    pub(super) fn write_observation(&mut self, now: Timestamp) {
        let present = self.present(now);
        let last = self.oracle.observation(self.oracle.index()).time;
        let is_early = || last.wrapping_add(14) >= present.time;
        if !(matches!(self.fork, Fork::Slipstream(_)) && is_early()) {
            self.oracle.write(present);
        }
    }

    /// Returns whose contract it is.
    pub fn build(&self) -> Build {
        self.fork.build()
    }

    /// Whether the pool has a price.
    pub fn is_initialized(&self) -> bool {
        self.sqrt_price != SqrtPrice::ZERO
    }

    /// Returns the swap fee.
    pub fn fee(&self) -> FeePips {
        self.fee.fee()
    }

    /// Returns the spacing of the ticks that may be initialized.
    pub fn tick_spacing(&self) -> i32 {
        self.tick_spacing
    }

    /// Returns the most liquidity that a tick may carry.
    pub fn max_liquidity_per_tick(&self) -> Liquidity {
        self.max_liquidity_per_tick
    }

    /// Returns the price; zero before initialization.
    pub fn sqrt_price(&self) -> SqrtPrice {
        self.sqrt_price
    }

    /// Returns the tick: that of the price, or one below where a swap stopped on a tick from above.
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// Returns the liquidity in range.
    pub fn liquidity(&self) -> Liquidity {
        self.liquidity
    }

    /// Returns the fee growth of the whole pool, token0 and token1.
    pub fn fee_growth_global(&self) -> [FeeGrowth; 2] {
        self.fee_growth_global
    }

    /// Returns the protocol's share of each token's fees as one n-th, 0 for none: a Uniswap v3
    /// pool's; zero for the others, whose [`Pool::protocol_shares`] mean something else.
    pub fn fee_protocol(&self) -> [u8; 2] {
        let is_v3 = self.build() == Build::UniswapV3;
        self.protocol_shares.map(|share| u8::try_from(share).ok().filter(|_| is_v3).unwrap_or(0))
    }

    /// Returns the protocol's shares by token paid in: one n-th of the fees (Uniswap v3), so many
    /// 10,000ths of them (Pancake) or so many pips of the input (v4); 0 for none.
    pub fn protocol_shares(&self) -> [u16; 2] {
        self.protocol_shares
    }

    /// Returns what the protocol, or Slipstream's gauge, may collect, token0 and token1.
    pub fn protocol_fees(&self) -> [u128; 2] {
        self.protocol_fees
    }

    /// Returns the oracle.
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// Returns the initialized ticks, ascending.
    pub fn ticks(&self) -> impl Iterator<Item = (Tick, &TickInfo)> {
        self.ticks.iter()
    }

    /// Returns the initialized ticks above one tick and up to another, ascending: those that a
    /// rising swap between the two crosses, and in reverse those that a falling one does.
    pub fn initialized_between(
        &self,
        above: Tick,
        up_to: Tick,
    ) -> impl DoubleEndedIterator<Item = Tick> {
        self.ticks.between(above, up_to)
    }

    /// Returns an initialized tick.
    pub fn tick_info(&self, tick: Tick) -> Option<&TickInfo> {
        self.ticks.get(tick)
    }

    /// Returns a position; one that never was is all zeros, as in the contract.
    pub fn position(&self, key: &PositionKey) -> Position {
        self.positions.get(key).copied().unwrap_or_default()
    }

    /// Returns all positions that ever were, by owner and range.
    pub fn positions(&self) -> impl Iterator<Item = (&PositionKey, &Position)> {
        self.positions.iter()
    }

    /// Returns fee growth inside a range, token0 and token1 (`Tick.getFeeGrowthInside`).
    ///
    /// A tick that is not initialized counts as it would if it were initialized now.
    pub fn fee_growth_inside(&self, range: TickRange) -> [FeeGrowth; 2] {
        let below = self.fee_growth_below(range.lower);
        let above_upper = self.fee_growth_below(range.upper);
        std::array::from_fn(|token| {
            let up_to = |growth: &[FeeGrowth; 2]| growth.get(token).copied().unwrap_or_default();
            up_to(&above_upper).wrapping_sub(up_to(&below))
        })
    }

    /// Fee growth at prices below a tick.
    fn fee_growth_below(&self, tick: Tick) -> [FeeGrowth; 2] {
        let [global0, global1] = self.fee_growth_global;
        match self.ticks.get(tick).map(|info| info.fee_growth_outside) {
            // A tick that is initialized now takes all growth so far as below it.
            None => [global0, global1],
            Some(outside) if tick <= self.tick => outside,
            Some([outside0, outside1]) => {
                [global0.wrapping_sub(outside0), global1.wrapping_sub(outside1)]
            }
        }
    }

    /// Returns the oracle's accumulators at some seconds before `now`, one for each entry.
    ///
    /// Errors: [`PoolError::NoObservation`], [`PoolError::ObservationTooOld`].
    pub fn observe(
        &self,
        now: Timestamp,
        seconds_ago: &[u32],
    ) -> Result<Vec<super::Cumulatives>, PoolError> {
        if self.oracle.cardinality() == 0 {
            return Err(PoolError::NoObservation);
        }
        let present = self.present(now);
        seconds_ago.iter().map(|seconds| self.oracle.observe(present, *seconds)).collect()
    }

    /// Returns what the accumulators gathered while the price was inside a range; only differences
    /// between two calls mean anything.
    ///
    /// Errors: those of a misplaced range, and [`PoolError::TickNotInitialized`].
    pub fn snapshot_cumulatives_inside(
        &self,
        now: Timestamp,
        range: TickRange,
    ) -> Result<CumulativesInside, PoolError> {
        check_range(range)?;
        let lower = self.ticks.get(range.lower).ok_or(PoolError::TickNotInitialized)?;
        let upper = self.ticks.get(range.upper).ok_or(PoolError::TickNotInitialized)?;
        let (lower, upper) = (CumulativesInside::outside(lower), CumulativesInside::outside(upper));
        if self.tick < range.lower {
            return Ok(lower.less(upper));
        }
        if self.tick >= range.upper {
            return Ok(upper.less(lower));
        }
        let now = self.accumulators(now);
        let all = CumulativesInside {
            tick_cumulative: now.tick_cumulative,
            seconds_per_liquidity: now.seconds_per_liquidity,
            seconds: now.time,
        };
        Ok(all.less(lower).less(upper))
    }
}

/// What the accumulators gathered while the price was inside a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CumulativesInside {
    /// Tick times seconds, wrapping as `int56`.
    pub tick_cumulative: i64,
    /// Seconds per liquidity, Q32.128, wrapping at 2^160.
    pub seconds_per_liquidity: U256,
    /// Seconds, wrapping at 2^32.
    pub seconds: u32,
}

impl CumulativesInside {
    fn outside(info: &TickInfo) -> Self {
        Self {
            tick_cumulative: info.tick_cumulative_outside,
            seconds_per_liquidity: info.seconds_per_liquidity_outside,
            seconds: info.seconds_outside,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            tick_cumulative: wrap_56(self.tick_cumulative.wrapping_sub(other.tick_cumulative)),
            seconds_per_liquidity: wrap_160(
                self.seconds_per_liquidity.wrapping_sub(other.seconds_per_liquidity),
            ),
            seconds: self.seconds.wrapping_sub(other.seconds),
        }
    }
}

/// Why a pool could not be made from a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotFailure {
    /// The constructor values are impossible.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// The state is impossible.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// Keeps the seconds that a contract keeps of a block's time.
pub(super) fn block_time(now: Timestamp) -> u32 {
    u32::try_from(now.0 & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

fn is_tick_of(tick: Tick, sqrt_price: SqrtPrice) -> bool {
    let Some(of_price) = tick_at_sqrt_price(sqrt_price) else { return false };
    let stopped_on_it = sqrt_price_at_tick(of_price) == Some(sqrt_price);
    tick == of_price || (stopped_on_it && tick.0.checked_add(1) == Some(of_price.0))
}

pub(super) fn check_range(range: TickRange) -> Result<(), PoolError> {
    if range.lower >= range.upper {
        Err(PoolError::TicksMisordered)
    } else if range.lower < Tick::MIN {
        Err(PoolError::LowerTickTooLow)
    } else if range.upper > Tick::MAX {
        Err(PoolError::UpperTickTooHigh)
    } else {
        Ok(())
    }
}

/// The share of 10,000 that a Pancake pool starts with (`PancakeV3Pool.initialize`).
fn pancake_first_share(fee: FeePips) -> u16 {
    match fee.0 {
        100 => 3_300,
        500 => 3_400,
        _ => 3_200,
    }
}
