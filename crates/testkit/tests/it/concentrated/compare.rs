//! The model in the contract's storage layout and in its getters' words.

use std::collections::{BTreeMap, HashSet};

use tidemill_amm::concentrated::{Build, Observation, Pool, Position, PositionKey, TickInfo};
use tidemill_testkit::{
    Address, Call, PoolBuild, PoolOracle, PoolSlot, PositionId, Random, SlotChange, int_word,
};
use tidemill_units::{Tick, U256};

/// Everything that a test ever touched, with the slot it lives in.
#[derive(Default)]
pub(super) struct Registry {
    ticks: BTreeMap<i32, U256>,
    words: BTreeMap<i32, U256>,
    positions: BTreeMap<PositionKey, U256>,
    known: HashSet<U256>,
    build: PoolBuild,
}

impl Registry {
    pub(super) fn new(build: PoolBuild) -> Self {
        Self { build, ..Self::default() }
    }

    pub(super) fn note(&mut self, key: PositionKey, spacing: i32) {
        let build = self.build;
        for Tick(tick) in [key.range.lower, key.range.upper] {
            let known = &mut self.known;
            self.ticks.entry(tick).or_insert_with(|| {
                let slot = build.tick(tick);
                known.extend((0..4).map(|field| slot + U256::from(field)));
                slot
            });
            let word = tick.div_euclid(spacing) >> 8;
            self.words.entry(word).or_insert_with(|| {
                let slot = build.bitmap(word);
                known.insert(slot);
                slot
            });
        }
        let known = &mut self.known;
        self.positions.entry(key).or_insert_with(|| {
            let slot = build.position(id_of(&key));
            known.extend((0..4).map(|field| slot + U256::from(field)));
            slot
        });
    }

    /// Says which change of the contract nothing in the model stands for.
    pub(super) fn unknown(&self, changes: &[SlotChange]) -> Option<SlotChange> {
        let is_known = |slot: &U256| {
            let first = self.build.slot(PoolSlot::OBSERVATIONS);
            let is_global = *slot <= U256::from(self.build.slot(PoolSlot::LIQUIDITY));
            let is_observation = *slot >= U256::from(first) && *slot < U256::from(first + 65_535);
            is_global || is_observation || self.known.contains(slot)
        };
        changes.iter().copied().find(|change| !is_known(&change.slot))
    }

    /// Compares all that is stored, but only the observations about the latest if `all` is unset.
    pub(super) fn compare(&self, model: &Pool, oracle: &PoolOracle, all: bool, context: &str) {
        let check = |slot: U256, word: U256, what: &dyn std::fmt::Debug| {
            let real = oracle.slot(slot);
            assert!(word == real, "{what:?}: model {word:#x}, contract {real:#x}, {context}");
        };
        for (slot, word) in (0_u64..).zip(globals(model)) {
            check(U256::from(slot), word, &("global slot", slot));
        }
        let mut bitmap: BTreeMap<i32, U256> = BTreeMap::new();
        for (Tick(tick), _) in model.ticks() {
            assert!(self.ticks.contains_key(&tick), "no position ends at tick {tick}, {context}");
            let compressed = tick.div_euclid(model.tick_spacing());
            *bitmap.entry(compressed >> 8).or_default() |= U256::ONE << (compressed & 0xff);
        }
        for (tick, slot) in &self.ticks {
            let words = model.tick_info(Tick(*tick)).map_or([U256::ZERO; 4], tick_words);
            for (field, word) in words.into_iter().enumerate() {
                check(slot + U256::from(field), word, &("tick", tick, "slot", field));
            }
        }
        for (word, slot) in &self.words {
            let bits = bitmap.get(word).copied().unwrap_or_default();
            check(*slot, bits, &("bitmap", word));
        }
        for (key, _) in model.positions() {
            assert!(self.positions.contains_key(key), "{key:?} is not one of ours, {context}");
        }
        for (key, slot) in &self.positions {
            for (field, word) in position_words(&model.position(key)).into_iter().enumerate() {
                check(slot + U256::from(field), word, &(key, "slot", field));
            }
        }
        for index in observations_to_compare(model, all) {
            let word = observation_word(&model.oracle().observation(index));
            let slot = U256::from(self.build.slot(PoolSlot::OBSERVATIONS) + u64::from(index));
            check(slot, word, &("observation", index));
        }
    }

    /// Compares all that the getters give, for some ticks, positions and observations.
    pub(super) fn compare_getters(
        &self,
        model: &Pool,
        oracle: &mut PoolOracle,
        random: &mut Random,
        context: &str,
    ) {
        let mut check = |call: Call, words: &[U256], what: &dyn std::fmt::Debug| {
            let real = oracle.view(call).unwrap().unwrap().words();
            assert_eq!(words, real, "{what:?}: model and contract, {context}");
        };
        let [protocol0, protocol1] = model.protocol_fees().map(U256::from);
        let [growth0, growth1] = model.fee_growth_global().map(|growth| growth.0);
        let most = U256::from(model.max_liquidity_per_tick().0);
        let spacing = int_word(i64::from(model.tick_spacing()));
        check(Call::new("slot0()", 0), &slot0_words(model), &"slot0");
        check(Call::new("feeGrowthGlobal0X128()", 0), &[growth0], &"fee growth 0");
        check(Call::new("feeGrowthGlobal1X128()", 0), &[growth1], &"fee growth 1");
        check(Call::new("protocolFees()", 0), &[protocol0, protocol1], &"protocol fees");
        check(Call::new("liquidity()", 0), &[U256::from(model.liquidity().0)], &"liquidity");
        check(Call::new("maxLiquidityPerTick()", 0), &[most], &"most liquidity per tick");
        check(Call::new("tickSpacing()", 0), &[spacing], &"tick spacing");
        check(Call::new("fee()", 0), &[U256::from(model.fee().0)], &"fee");
        for tick in self.ticks.keys() {
            let words = tick_getter_words(model.tick_info(Tick(*tick)));
            check(Call::new("ticks(int24)", 1).int(i64::from(*tick)), &words, tick);
        }
        for key in self.positions.keys() {
            let position = model.position(key);
            let [inside0, inside1] = position.fee_growth_inside_last.map(|growth| growth.0);
            let [owed0, owed1] = position.tokens_owed.map(U256::from);
            let words = [U256::from(position.liquidity.0), inside0, inside1, owed0, owed1];
            check(Call::new("positions(bytes32)", 1).word(id_of(key).key()), &words, key);
        }
        let some = u64::from(model.oracle().cardinality_next()) + 2;
        for index in [0, model.oracle().index(), random.below(some.min(65_535)) as u16] {
            let entry = model.oracle().observation(index);
            let words = [
                U256::from(entry.time),
                int_word(entry.tick_cumulative),
                entry.seconds_per_liquidity,
                U256::from(entry.initialized),
            ];
            let call = Call::new("observations(uint256)", 1).word(U256::from(index));
            check(call, &words, &("observation", index));
        }
    }
}

fn observations_to_compare(model: &Pool, all: bool) -> Vec<u16> {
    let oracle = model.oracle();
    if all || oracle.cardinality_next() <= 16 {
        return (0..oracle.cardinality_next().saturating_add(2).min(65_534)).collect();
    }
    let index = oracle.index();
    let next = oracle.cardinality_next();
    let near = [0, 1, index.saturating_sub(1), index, index.saturating_add(1).min(65_534)];
    near.into_iter().chain([next - 1, next.min(65_534)]).collect()
}

pub(super) fn id_of(key: &PositionKey) -> PositionId {
    PositionId {
        owner: Address::from(key.owner.0),
        lower: key.range.lower.0,
        upper: key.range.upper.0,
    }
}

/// Keeps the low bits of a two's complement word, as packing does.
fn low_bits(word: U256, bits: usize) -> U256 {
    word & ((U256::ONE << bits) - U256::ONE)
}

fn slot0_words(model: &Pool) -> [U256; 7] {
    let [share0, share1] = model.protocol_shares();
    let width = if model.build() == Build::PancakeV3 { 16 } else { 4 };
    let oracle = model.oracle();
    [
        model.sqrt_price().to_x96(),
        int_word(i64::from(model.tick().0)),
        U256::from(oracle.index()),
        U256::from(oracle.cardinality()),
        U256::from(oracle.cardinality_next()),
        U256::from(share0) | U256::from(share1) << width,
        U256::from(model.is_initialized()),
    ]
}

fn globals(model: &Pool) -> Vec<U256> {
    let [price, tick, index, cardinality, next, shares, unlocked] = slot0_words(model);
    let slot0 = price | low_bits(tick, 24) << 160 | index << 184 | cardinality << 200 | next << 216;
    let mut words = match model.build() {
        Build::PancakeV3 => vec![slot0, shares | unlocked << 32],
        Build::UniswapV3 | Build::Slipstream | Build::UniswapV4 => {
            vec![slot0 | shares << 232 | unlocked << 240]
        }
    };
    let [protocol0, protocol1] = model.protocol_fees().map(U256::from);
    words.extend(model.fee_growth_global().map(|growth| growth.0));
    words.extend([protocol0 | protocol1 << 128, U256::from(model.liquidity().0)]);
    words
}

fn net_word(info: &TickInfo) -> U256 {
    let magnitude = U256::from(info.liquidity_net.0.unsigned_abs());
    if info.liquidity_net.0 < 0 { magnitude.wrapping_neg() } else { magnitude }
}

fn tick_words(info: &TickInfo) -> [U256; 4] {
    let [outside0, outside1] = info.fee_growth_outside.map(|growth| growth.0);
    [
        U256::from(info.liquidity_gross.0) | net_word(info) << 128,
        outside0,
        outside1,
        low_bits(int_word(info.tick_cumulative_outside), 56)
            | info.seconds_per_liquidity_outside << 56
            | U256::from(info.seconds_outside) << 216
            | U256::ONE << 248,
    ]
}

fn tick_getter_words(info: Option<&TickInfo>) -> [U256; 8] {
    let Some(info) = info else { return [U256::ZERO; 8] };
    let [outside0, outside1] = info.fee_growth_outside.map(|growth| growth.0);
    [
        U256::from(info.liquidity_gross.0),
        net_word(info),
        outside0,
        outside1,
        int_word(info.tick_cumulative_outside),
        info.seconds_per_liquidity_outside,
        U256::from(info.seconds_outside),
        U256::ONE,
    ]
}

fn position_words(position: &Position) -> [U256; 4] {
    let [inside0, inside1] = position.fee_growth_inside_last.map(|growth| growth.0);
    let [owed0, owed1] = position.tokens_owed.map(U256::from);
    [U256::from(position.liquidity.0), inside0, inside1, owed0 | owed1 << 128]
}

fn observation_word(entry: &Observation) -> U256 {
    U256::from(entry.time)
        | low_bits(int_word(entry.tick_cumulative), 56) << 32
        | entry.seconds_per_liquidity << 88
        | U256::from(entry.initialized) << 248
}
