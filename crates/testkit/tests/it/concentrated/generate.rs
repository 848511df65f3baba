//! Where a world's random prices, ticks and amounts come from.

use tidemill_amm::concentrated::{Owner, PositionKey, sqrt_price_at_tick};
use tidemill_testkit::{Address, Random};
use tidemill_units::{
    Amount, Amounts, Liquidity, Side, SqrtPrice, Tick, TickRange, Timestamp, U256,
};

use super::{Regime, World, neighbour};

pub(crate) fn home(random: &mut Random, regime: Regime) -> i32 {
    match regime {
        Regime::Ordinary | Regime::Managed => random.between(-300_000, 300_000),
        Regime::Ends => {
            let distance = random.wide(14).to::<i32>();
            if random.once_in(2) { Tick::MIN.0 + distance } else { Tick::MAX.0 - 1 - distance }
        }
        Regime::Coarse => random.between(Tick::MIN.0 + 5_000, -450_000),
    }
}

/// Ticks about home that ranges share and swaps stop at.
pub(crate) fn gathering(random: &mut Random, home: i32, spacing: i32) -> Vec<i32> {
    let most = Tick::MAX.0 / spacing * spacing;
    let centre = home.div_euclid(spacing) * spacing;
    let mut ticks = vec![-most, most];
    for distance in [0, 1, 1, 2, 3, 10, 40] {
        let steps = if distance < 3 { distance } else { random.between(3, distance.max(4) * 8) };
        ticks.push((centre + steps * spacing).clamp(-most, most));
        ticks.push((centre - steps * spacing).clamp(-most, most));
    }
    // The first and last tick of the bitmap word, where a step ends without a tick.
    let word = (centre / spacing) & !0xff;
    ticks.push((word * spacing).clamp(-most, most));
    ticks.push(((word + 255) * spacing).clamp(-most, most));
    ticks
}

pub(crate) fn first_price(random: &mut Random, home: i32, regime: Regime) -> SqrtPrice {
    let at_home = sqrt_price_at_tick(Tick(home)).unwrap();
    match random.below(16) {
        0 => SqrtPrice::from_x96(random.wide(160)).unwrap(),
        1..4 => random.pick(&[SqrtPrice::MAX, SqrtPrice::ZERO, neighbour(SqrtPrice::MIN, false)]),
        4..6 if regime == Regime::Ends => {
            random.pick(&[SqrtPrice::MIN, neighbour(SqrtPrice::MAX, false)])
        }
        4..9 => at_home,
        _ => {
            let above = sqrt_price_at_tick(Tick(home + 1)).unwrap();
            let width = above.to_x96() - at_home.to_x96();
            SqrtPrice::from_x96(at_home.to_x96() + random.up_to(width)).unwrap()
        }
    }
}

impl World {
    pub(super) fn timestamp(&self) -> Timestamp {
        Timestamp(self.now)
    }

    pub(super) fn tick(&mut self) -> i32 {
        let spacing = self.model.tick_spacing();
        match self.random.below(64) {
            0 => self.random.between(Tick::MIN.0, Tick::MAX.0),
            1 | 2 => self.random.between(Tick::MIN.0 / spacing, Tick::MAX.0 / spacing) * spacing,
            3 => self.random.pick(&[Tick::MIN.0, Tick::MAX.0]),
            4 | 5 => self.random.pick(&[
                Tick::MIN.0 - 1,
                Tick::MAX.0 + 1,
                -(1 << 23),
                (1 << 23) - 1,
                (Tick::MAX.0 / spacing + 1) * spacing,
            ]),
            6 => self.home + self.random.between(-2, 2),
            _ => {
                let index = self.random.below(self.ticks.len() as u64) as usize;
                self.ticks[index]
            }
        }
    }

    pub(super) fn range(&mut self) -> TickRange {
        let (mut lower, mut upper) = (self.tick(), self.tick());
        if lower > upper && !self.random.once_in(24) {
            (lower, upper) = (upper, lower);
        }
        if lower == upper && !self.random.once_in(4) {
            // Past the width of int24 the call itself would mean another tick.
            upper = (upper + self.model.tick_spacing()).min((1 << 23) - 1);
        }
        TickRange { lower: Tick(lower), upper: Tick(upper) }
    }

    pub(super) fn new_key(&mut self) -> PositionKey {
        let index = self.random.below(self.owners.len() as u64) as usize;
        let key = PositionKey { owner: Owner(self.owners[index].0.0), range: self.range() };
        self.registry.note(key, self.model.tick_spacing());
        key
    }

    /// A position that exists, if there is one; not the manager's.
    pub(super) fn old_key(&mut self) -> Option<PositionKey> {
        let owners = &self.owners;
        let ours = |key: &&PositionKey| owners.contains(&Address::from(key.owner.0));
        let keys: Vec<_> = self.model.positions().map(|(key, _)| key).filter(ours).collect();
        (!keys.is_empty()).then(|| *keys[self.random.below(keys.len() as u64) as usize])
    }

    pub(super) fn liquidity(&mut self) -> Liquidity {
        let most = self.model.max_liquidity_per_tick().0;
        Liquidity(match self.random.below(64) {
            0 => self.random.pick(&[0, u128::MAX, 1 << 127, (1 << 127) - 1]),
            1 => self.random.pick(&[most, most - 1, most + 1, most / 2, most / 2 + 1]),
            2 => self.random.wide(127).to::<u128>(),
            3 => 1,
            _ => self.random.wide(self.liquidity_bits).to::<u128>(),
        })
    }

    /// An amount of the order that the world's liquidity makes of one token.
    pub(super) fn amount(&mut self, side: Side) -> Amount {
        let price_bits = self.model.sqrt_price().to_x96().bit_len() as u64;
        let bits = match side {
            Side::Token0 => (self.liquidity_bits + 96).saturating_sub(price_bits),
            Side::Token1 => (self.liquidity_bits + price_bits).saturating_sub(96),
        };
        Amount(match self.random.below(32) {
            0 => U256::from(self.random.below(3)),
            1 => self.random.wide(255),
            _ => self.random.wide((bits + 2).clamp(3, 250)),
        })
    }

    pub(super) fn amounts(&mut self) -> Amounts {
        Amounts { amount0: self.amount(Side::Token0), amount1: self.amount(Side::Token1) }
    }

    /// A price to stop at. Swaps that would walk over thousands of empty bitmap words take the
    /// bytecode long, and are rare here.
    pub(super) fn price_limit(&mut self) -> SqrtPrice {
        match self.random.below(32) {
            0 => self.random.pick(&[
                SqrtPrice::ZERO,
                SqrtPrice::MIN,
                SqrtPrice::MAX,
                SqrtPrice::from_x96((U256::ONE << 160) - U256::ONE).unwrap(),
            ]),
            1 => self.model.sqrt_price(),
            2..8 => self.near_price(),
            8 | 9 => self.far_limit(),
            choice => {
                let index = self.random.below(self.ticks.len() as u64 - 2) as usize;
                let tick = Tick(self.ticks[index + 2]);
                let price = sqrt_price_at_tick(tick).unwrap();
                match choice {
                    10 => neighbour(price, true),
                    11 => neighbour(price, false),
                    _ => price,
                }
            }
        }
    }

    fn near_price(&mut self) -> SqrtPrice {
        let price = self.model.sqrt_price().to_x96();
        let distance = self.random.wide(price.bit_len() as u64);
        let moved = if self.random.once_in(2) {
            price.saturating_add(distance)
        } else {
            price.saturating_sub(distance)
        };
        let far = self.far_limit_towards(moved >= price);
        let moved = SqrtPrice::from_x96(moved).unwrap_or(far);
        if moved.to_x96() >= price { moved.min(far) } else { moved.max(far) }
    }

    fn far_limit(&mut self) -> SqrtPrice {
        let upwards = self.random.once_in(2);
        self.far_limit_towards(upwards)
    }

    /// The end of all prices, or a price some fifty bitmap words away if that is nearer.
    fn far_limit_towards(&mut self, upwards: bool) -> SqrtPrice {
        let words = if self.random.once_in(100) { 2_000 } else { 50 };
        let reach = self.model.tick_spacing().saturating_mul(256 * words);
        let tick = if upwards {
            self.model.tick().0.saturating_add(reach)
        } else {
            self.model.tick().0.saturating_sub(reach)
        };
        if tick < Tick::MIN.0 {
            neighbour(SqrtPrice::MIN, true)
        } else if tick >= Tick::MAX.0 {
            neighbour(SqrtPrice::MAX, false)
        } else {
            sqrt_price_at_tick(Tick(tick)).unwrap()
        }
    }
}
