//! Where a world's random positions, prices and amounts come from.

use tidemill_amm::concentrated::sqrt_price_at_tick;
use tidemill_amm::concentrated::{Owner, SaltedKey, SwapAmount, SwapRequest};
use tidemill_units::{Amount, Side, SignedLiquidity, SqrtPrice, Tick, TickRange, U256};

use super::World;
use crate::tally::Tally;

impl World {
    fn tick(&mut self) -> i32 {
        let spacing = self.model.tick_spacing();
        match self.random.below(64) {
            0 => self.random.between(Tick::MIN.0, Tick::MAX.0),
            1 | 2 => self.random.between(Tick::MIN.0 / spacing, Tick::MAX.0 / spacing) * spacing,
            3 => self.random.pick(&[Tick::MIN.0, Tick::MAX.0, Tick::MIN.0 - 1, Tick::MAX.0 + 1]),
            4 => self.home + self.random.between(-2, 2),
            _ => {
                let index = self.random.below(self.ticks.len() as u64) as usize;
                self.ticks[index]
            }
        }
    }

    pub(super) fn new_key(&mut self) -> SaltedKey {
        let (mut lower, mut upper) = (self.tick(), self.tick());
        if lower > upper && !self.random.once_in(24) {
            (lower, upper) = (upper, lower);
        }
        if lower == upper && !self.random.once_in(4) {
            upper = (upper + self.model.tick_spacing()).min((1 << 23) - 1);
        }
        let actor = self.oracle.actors[self.random.below(2) as usize];
        let salt = match self.random.below(3) {
            0 => U256::MAX,
            salt => U256::from(salt),
        };
        let range = TickRange { lower: Tick(lower), upper: Tick(upper) };
        let key = SaltedKey { owner: Owner(actor.0.0), range, salt: salt.to_be_bytes() };
        self.note(key);
        key
    }

    pub(super) fn old_key(&mut self) -> Option<SaltedKey> {
        let keys: Vec<_> = self.model.salted_positions().map(|(key, _)| *key).collect();
        (!keys.is_empty()).then(|| keys[self.random.below(keys.len() as u64) as usize])
    }

    pub(super) fn delta(&mut self, key: &SaltedKey) -> SignedLiquidity {
        let most = self.model.max_liquidity_per_tick().0 as i128;
        let held = self.model.salted_position(key).liquidity.0 as i128;
        SignedLiquidity(match self.random.below(64) {
            0 | 1 => self.random.pick(&[i128::MAX, i128::MIN, i128::MIN + 1, i128::MAX - 1]),
            2 => self.random.pick(&[most, most - 1, most + 1, most / 2, most / 2 + 1, -most]),
            3 => self.random.wide(127).to::<u128>() as i128,
            4 => -(held + 1),
            5 => 1,
            6..11 => 0,
            11..22 => -held,
            22..32 => -(self.random.up_to(U256::from(held as u128)).to::<u128>() as i128),
            _ => self.random.wide(self.liquidity_bits).to::<u128>() as i128,
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
            2 => self.random.pick(&[
                U256::ONE << 127,
                (U256::ONE << 127) - U256::ONE,
                (U256::ONE << 127) + U256::ONE,
            ]),
            _ => self.random.wide((bits + 2).clamp(3, 250)),
        })
    }

    pub(super) fn request(&mut self, tally: &mut Tally) -> (SwapRequest, SqrtPrice) {
        let mut limit = self.price_limit();
        let upwards = limit > self.model.sqrt_price();
        let wrong_way = self.random.once_in(40);
        let input = if upwards != wrong_way { Side::Token1 } else { Side::Token0 };
        let is_exact_in = self.random.once_in(2);
        let side = if is_exact_in { input } else { input.other() };
        let amount = match self.random.below(16) {
            0..3 => Amount(U256::MAX >> 1),
            3 if is_exact_in => Amount(U256::ONE << 255),
            _ => self.amount(side),
        };
        let amount =
            if is_exact_in { SwapAmount::ExactIn(amount) } else { SwapAmount::ExactOut(amount) };
        let request = |limit| SwapRequest { input, amount, price_limit: Some(limit) };
        match self.random.below(8) {
            0 => {
                if let Ok(staged) = self.model.stage_swap(request(limit), &mut ()) {
                    limit = staged.result().sqrt_price;
                    tally.count("swap at its natural end");
                }
                (request(limit), limit)
            }
            1 => {
                let amount = self.amount_to_limit(request(limit)).unwrap_or(amount);
                (SwapRequest { amount, ..request(limit) }, limit)
            }
            _ => (request(limit), limit),
        }
    }

    /// The amount that exactly, or all but a unit, takes a swap to its limit.
    fn amount_to_limit(&mut self, request: SwapRequest) -> Option<SwapAmount> {
        let unbounded = Amount(U256::MAX >> 1);
        let (amount, side) = match request.amount {
            SwapAmount::ExactIn(_) => (SwapAmount::ExactIn(unbounded), request.input),
            SwapAmount::ExactOut(_) => (SwapAmount::ExactOut(unbounded), request.input.other()),
        };
        let staged = self.model.stage_swap(SwapRequest { amount, ..request }, &mut ()).ok()?;
        let exact = staged.result().amounts.get(side).magnitude();
        let exact = match self.random.below(4) {
            0 => exact.checked_add(Amount::from_u64(1))?,
            1 => exact.checked_sub(Amount::from_u64(1))?,
            _ => exact,
        };
        Some(match request.amount {
            SwapAmount::ExactIn(_) => SwapAmount::ExactIn(exact),
            SwapAmount::ExactOut(_) => SwapAmount::ExactOut(exact),
        })
    }

    fn price_limit(&mut self) -> SqrtPrice {
        match self.random.below(32) {
            0 => self.random.pick(&[
                SqrtPrice::ZERO,
                SqrtPrice::MIN,
                SqrtPrice::MAX,
                SqrtPrice::from_x96((U256::ONE << 160) - U256::ONE).unwrap(),
            ]),
            1 => self.model.sqrt_price(),
            2..8 => self.near_price(),
            8 | 9 => {
                let upwards = self.random.once_in(2);
                self.far_limit(upwards)
            }
            choice => {
                let index = self.random.below(self.ticks.len() as u64 - 2) as usize;
                let price = sqrt_price_at_tick(Tick(self.ticks[index + 2])).unwrap().to_x96();
                SqrtPrice::from_x96(match choice {
                    10 => price + U256::ONE,
                    11 => price - U256::ONE,
                    _ => price,
                })
                .unwrap()
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
        let far = self.far_limit(moved >= price);
        let moved = SqrtPrice::from_x96(moved).unwrap_or(far);
        if moved.to_x96() >= price { moved.min(far) } else { moved.max(far) }
    }

    /// The end of all prices, or a price some fifty bitmap words away if that is nearer.
    fn far_limit(&mut self, upwards: bool) -> SqrtPrice {
        let words = if self.random.once_in(100) { 2_000 } else { 50 };
        let reach = self.model.tick_spacing().saturating_mul(256 * words);
        let tick = if upwards {
            self.model.tick().0.saturating_add(reach)
        } else {
            self.model.tick().0.saturating_sub(reach)
        };
        if tick < Tick::MIN.0 {
            SqrtPrice::LOWEST_LIMIT
        } else if tick >= Tick::MAX.0 {
            SqrtPrice::HIGHEST_LIMIT
        } else {
            sqrt_price_at_tick(Tick(tick)).unwrap()
        }
    }
}
