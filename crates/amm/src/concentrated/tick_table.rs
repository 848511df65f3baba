//! The initialized ticks of a pool (v3-core 1.0.1 `libraries/Tick.sol` and `TickBitmap.sol`).
//!
//! The contract finds neighbours in a bitmap; here the ticks are a sorted list, which the swap
//! walks with a cursor. Only the bitmap's word boundaries show outside, because a swap rounds
//! there.

use tidemill_units::{FeeGrowth, Liquidity, Side, SignedLiquidity, SqrtPrice, Tick, U256};

use super::{PoolError, TickLiquidity, sqrt_price_at_tick};

/// What a pool knows of an initialized tick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TickInfo {
    /// Liquidity of all positions that begin or end here; never zero.
    pub liquidity_gross: Liquidity,
    /// Added to the liquidity in range when the price rises through here.
    pub liquidity_net: SignedLiquidity,
    /// Fee growth on the side of the tick where the price is not, token0 and token1.
    pub fee_growth_outside: [FeeGrowth; 2],
    /// Seconds per liquidity on that side, Q32.128, wrapping at 2^160.
    pub seconds_per_liquidity_outside: U256,
    /// Tick times seconds on that side, wrapping as `int56`.
    pub tick_cumulative_outside: i64,
    /// Seconds on that side, wrapping at 2^32.
    pub seconds_outside: u32,
    sqrt_price: SqrtPrice,
}

/// The accumulators of a pool at one instant, from which a tick takes what lies outside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accumulators {
    /// Fee growth of the whole pool, token0 and token1.
    pub fee_growth_global: [FeeGrowth; 2],
    /// Seconds per liquidity, Q32.128, wrapping at 2^160.
    pub seconds_per_liquidity: U256,
    /// Tick times seconds, wrapping as `int56`.
    pub tick_cumulative: i64,
    /// The time, modulo 2^32.
    pub time: u32,
}

/// All initialized ticks, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TickTable {
    spacing: i32,
    keys: Vec<i32>,
    /// For each key, its place in `infos`.
    slots: Vec<u32>,
    infos: Vec<Option<TickInfo>>,
    free: Vec<u32>,
}

/// The next price at which a swap has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NextStop {
    pub(super) tick: Tick,
    /// What the table has of it where it is initialized; a mere word boundary has nothing.
    pub(super) initialized: Option<InitializedStop>,
}

/// What a swap needs of an initialized tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct InitializedStop {
    pub(super) slot: u32,
    pub(super) sqrt_price: SqrtPrice,
    pub(super) liquidity_net: SignedLiquidity,
}

/// How a change of liquidity alters a tick, checked but not yet made.
#[derive(Clone, Copy, Debug)]
pub(super) struct TickChange {
    tick: Tick,
    gross: Liquidity,
    net: SignedLiquidity,
    is_new: bool,
}

impl TickChange {
    pub(super) fn gross(&self) -> Liquidity {
        self.gross
    }

    /// The tick, if the change takes the last of its liquidity.
    pub(super) fn cleared(&self) -> Option<Tick> {
        self.gross.is_zero().then_some(self.tick)
    }
}

/// Which end of a position a tick is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RangeEnd {
    Lower,
    Upper,
}

pub(super) fn wrap_160(value: U256) -> U256 {
    value & U256::from_limbs([u64::MAX, u64::MAX, 0xffff_ffff, 0])
}

/// Keeps the low 56 bits, signed, as Solidity's `int56` does.
pub(super) fn wrap_56(value: i64) -> i64 {
    value.wrapping_shl(8) >> 8_u32
}

impl TickTable {
    pub(super) fn new(spacing: i32) -> Self {
        Self { spacing, keys: vec![], slots: vec![], infos: vec![], free: vec![] }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Tick, &TickInfo)> {
        self.keys
            .iter()
            .zip(&self.slots)
            .filter_map(|(key, slot)| Some((Tick(*key), self.info(*slot)?)))
    }

    /// The initialized ticks above one tick and up to another, ascending.
    pub(super) fn between(
        &self,
        above: Tick,
        up_to: Tick,
    ) -> impl DoubleEndedIterator<Item = Tick> {
        let [first, end] = [above, up_to].map(|tick| self.cursor_at(tick));
        self.keys.get(first..end).unwrap_or_default().iter().copied().map(Tick)
    }

    pub(super) fn get(&self, tick: Tick) -> Option<&TickInfo> {
        let place = self.keys.binary_search(&tick.0).ok()?;
        self.info(*self.slots.get(place)?)
    }

    pub(super) fn info(&self, slot: u32) -> Option<&TickInfo> {
        self.infos.get(usize::try_from(slot).ok()?)?.as_ref()
    }

    /// Returns how many initialized ticks are at or below `tick`.
    pub(super) fn cursor_at(&self, tick: Tick) -> usize {
        self.keys.partition_point(|key| *key <= tick.0)
    }

    /// Returns where a swap from `tick` has to stop next: the nearest initialized tick in its
    /// direction, or the boundary of the bitmap word if that comes first
    /// (`TickBitmap.nextInitializedTickWithinOneWord`), or the end of all ticks.
    #[inline(always)]
    pub(super) fn next_stop(&self, tick: Tick, cursor: usize, input: Side) -> NextStop {
        let (place, boundary) = match input {
            Side::Token0 => (cursor.wrapping_sub(1), self.word_start(tick).max(Tick::MIN.0)),
            Side::Token1 => (cursor, self.word_end(tick).min(Tick::MAX.0)),
        };
        let found = self.keys.get(place).filter(|key| match input {
            Side::Token0 => **key >= boundary,
            Side::Token1 => **key <= boundary,
        });
        let stop = found.zip(self.slots.get(place)).and_then(|(key, slot)| {
            let TickInfo { sqrt_price, liquidity_net, .. } = *self.info(*slot)?;
            let initialized = Some(InitializedStop { slot: *slot, sqrt_price, liquidity_net });
            Some(NextStop { tick: Tick(*key), initialized })
        });
        stop.unwrap_or(NextStop { tick: Tick(boundary), initialized: None })
    }

    /// The lowest tick of the bitmap word that holds `tick`; at most 256 spacings below, so that
    /// nothing saturates.
    #[inline(always)]
    fn word_start(&self, tick: Tick) -> i32 {
        let word = self.compressed(tick) >> 8_u32;
        word.wrapping_shl(8).saturating_mul(self.spacing)
    }

    /// The highest tick of the bitmap word that holds the next multiple above `tick`.
    #[inline(always)]
    fn word_end(&self, tick: Tick) -> i32 {
        let next = self.compressed(tick).saturating_add(1);
        (next | 0xff).saturating_mul(self.spacing)
    }

    #[inline(always)]
    fn compressed(&self, tick: Tick) -> i32 {
        tick.0.div_euclid(self.spacing)
    }

    /// Checks what adding `delta` to one end of a position does (`Tick.update`).
    pub(super) fn check_change(
        &self,
        tick: Tick,
        delta: SignedLiquidity,
        end: RangeEnd,
        max_liquidity: Liquidity,
    ) -> Result<TickChange, PoolError> {
        let info = self.get(tick);
        let gross_before = info.map_or(Liquidity::ZERO, |info| info.liquidity_gross);
        let net_before = info.map_or(0, |info| info.liquidity_net.0);
        let gross = add_delta(gross_before, delta)?;
        if gross > max_liquidity {
            return Err(PoolError::TickLiquidityOverflow);
        }
        let net = match end {
            RangeEnd::Lower => net_before.checked_add(delta.0),
            RangeEnd::Upper => net_before.checked_sub(delta.0),
        };
        let net = SignedLiquidity(net.ok_or(PoolError::OutOfRange)?);
        Ok(TickChange { tick, gross, net, is_new: gross_before.is_zero() && !gross.is_zero() })
    }

    /// Whether a change would initialize a tick that the spacing forbids (`TickBitmap.flipTick`).
    pub(super) fn is_off_spacing(&self, change: &TickChange) -> bool {
        change.is_new && !change.tick.is_multiple_of(self.spacing)
    }

    /// Makes a checked change. A new tick takes everything so far as below it.
    pub(super) fn apply(&mut self, change: TickChange, current: Tick, now: &Accumulators) {
        match self.keys.binary_search(&change.tick.0) {
            Ok(place) if change.gross.is_zero() => {
                self.keys.remove(place);
                let slot = self.slots.remove(place);
                if let Some(info) = self.info_mut(slot) {
                    *info = None;
                }
                self.free.push(slot);
            }
            Ok(place) => {
                let slot = self.slots.get(place).copied();
                if let Some(Some(info)) = slot.and_then(|slot| self.info_mut(slot)) {
                    info.liquidity_gross = change.gross;
                    info.liquidity_net = change.net;
                }
            }
            Err(place) if !change.gross.is_zero() => self.insert(place, change, current, now),
            Err(_) => {}
        }
    }

    fn insert(&mut self, place: usize, change: TickChange, current: Tick, now: &Accumulators) {
        let outside = if change.tick <= current { *now } else { Accumulators::default() };
        let info = TickInfo {
            liquidity_gross: change.gross,
            liquidity_net: change.net,
            fee_growth_outside: outside.fee_growth_global,
            seconds_per_liquidity_outside: outside.seconds_per_liquidity,
            tick_cumulative_outside: outside.tick_cumulative,
            seconds_outside: outside.time,
            sqrt_price: sqrt_price_at_tick(change.tick).unwrap_or_default(),
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.infos.push(None);
            // There are at most 1,774,545 ticks.
            u32::try_from(self.infos.len()).unwrap_or(u32::MAX).saturating_sub(1)
        });
        if let Some(entry) = self.info_mut(slot) {
            *entry = Some(info);
        }
        self.keys.insert(place, change.tick.0);
        self.slots.insert(place, slot);
    }

    fn info_mut(&mut self, slot: u32) -> Option<&mut Option<TickInfo>> {
        self.infos.get_mut(usize::try_from(slot).ok()?)
    }

    /// Turns a tick's outside values over to the other side (`Tick.cross`).
    pub(super) fn cross(&mut self, slot: u32, now: &Accumulators) {
        let Some(Some(info)) = self.info_mut(slot) else { return };
        for (outside, global) in info.fee_growth_outside.iter_mut().zip(now.fee_growth_global) {
            *outside = global.wrapping_sub(*outside);
        }
        info.seconds_per_liquidity_outside =
            wrap_160(now.seconds_per_liquidity.wrapping_sub(info.seconds_per_liquidity_outside));
        info.tick_cumulative_outside =
            wrap_56(now.tick_cumulative.wrapping_sub(info.tick_cumulative_outside));
        info.seconds_outside = now.time.wrapping_sub(info.seconds_outside);
    }
}

/// Returns the liquidity after a change (`LiquidityMath.addDelta`).
#[inline(always)]
pub(super) fn add_delta(
    liquidity: Liquidity,
    delta: SignedLiquidity,
) -> Result<Liquidity, PoolError> {
    liquidity.checked_add_signed(delta).ok_or(if delta.0 < 0 {
        PoolError::LiquidityUnderflow
    } else {
        PoolError::LiquidityOverflow
    })
}

impl TickTable {
    /// Appends a tick of a snapshot; they come ascending, with nothing outside yet.
    pub(super) fn insert_snapshot(&mut self, entry: TickLiquidity) {
        let TickLiquidity { tick, gross, net } = entry;
        let change = TickChange { tick, gross, net, is_new: true };
        self.insert(self.keys.len(), change, Tick::MIN, &Accumulators::default());
    }

    /// Sets the fee growth outside a tick, if it is initialized.
    pub(super) fn set_growth_outside(&mut self, tick: Tick, growth: [FeeGrowth; 2]) {
        let place = self.keys.binary_search(&tick.0).ok();
        let slot = place.and_then(|place| self.slots.get(place)).copied();
        if let Some(Some(info)) = slot.and_then(|slot| self.info_mut(slot)) {
            info.fee_growth_outside = growth;
        }
    }
}
