//! What every unbalanced operation ends with: the oracle, the profit, and the price scale's walk.

use tidemill_units::{U256, sqrt};

use super::checked::{
    Checked, E16, E20, WAD, ZERO, difference, machine_quotient, product, quotient, small, sum,
    times_over, wad_of,
};
use super::closed_form;
use super::generation::Walk;
use super::maths::PROBE;
use super::newton::Shape;
use super::roots::{exp_of_minus, half_to_the, wad_sqrt};
use super::state::MAX_PACKED;
use super::{CryptoGeneration, CryptoSwap, CryptoSwapError};

/// What an operation knows when it comes to tweak the price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tweak {
    pub(super) shape: Shape,
    /// Scaled balances after the operation.
    pub(super) xp: [U256; 3],
    /// D after it, where the operation knows it.
    pub(super) d: Option<U256>,
    /// K0 that the solver found, which helps to compute D; else zero.
    pub(super) k0: U256,
    /// A price that the operation saw, in the first generations: of which coin, and what. Zero is
    /// none.
    pub(super) seen: (usize, U256),
}

/// A price scale to move to, with what the pool would be worth there.
struct Move {
    price_scale: [U256; 2],
    d: U256,
    virtual_price: U256,
}

impl CryptoSwap {
    fn price_count(&self) -> usize {
        self.generation.coins().saturating_sub(1)
    }

    /// The moving average of prices as it stands now. Source: `internal_price_oracle`,
    /// `price_oracle`.
    pub(super) fn averaged_prices(&self, at: u64) -> Checked<[U256; 2]> {
        let mut oracle = self.price_oracle;
        let Some(elapsed) = at.checked_sub(self.last_prices_time).filter(|elapsed| *elapsed > 0)
        else {
            return Ok(oracle);
        };
        let power = times_over(small(elapsed), WAD, small(self.parameters.ma_time))?;
        let alpha =
            if self.generation.is_ng() { exp_of_minus(power)? } else { half_to_the(power)? };
        for (index, average) in oracle.iter_mut().enumerate().take(self.price_count()) {
            let last = self.last_prices[index];
            let last = if self.generation.is_ng() {
                last.min(product(small(2), self.price_scale[index])?)
            } else {
                last
            };
            let newer = product(last, difference(WAD, alpha)?)?;
            *average = sum(newer, product(*average, alpha)?)?.wrapping_div(WAD);
        }
        Ok(oracle)
    }

    /// Three coins' prices share a word, and one that does not fit is refused.
    fn packed(&self, prices: [U256; 2]) -> Checked<[U256; 2]> {
        let fits = self.generation.coins() == 2 || prices.iter().all(|price| *price < MAX_PACKED);
        if fits { Ok(prices) } else { Err(CryptoSwapError::PriceTooLarge) }
    }

    /// Source: `tweak_price` of each generation.
    pub(super) fn tweak_price(&mut self, tweak: &Tweak, at: u64) -> Checked<()> {
        if self.last_prices_time < at {
            self.price_oracle = self.packed(self.averaged_prices(at)?)?;
            self.last_prices_time = at;
        }
        let d = match tweak.d.filter(|d| !d.is_zero()) {
            Some(d) => d,
            None => self.invariant_of(&tweak.shape, tweak.xp, tweak.k0)?,
        };
        self.last_prices = self.packed(self.newest_prices(tweak, d)?)?;

        let old_virtual_price = self.virtual_price;
        let (mut virtual_price, mut xcp_profit) = (WAD, WAD);
        if !old_virtual_price.is_zero() {
            virtual_price = self.worth_per_share(d, &self.price_scale)?;
            xcp_profit = times_over(self.xcp_profit, virtual_price, old_virtual_price)?;
            self.check_loss(virtual_price, at)?;
        }
        self.xcp_profit = xcp_profit;
        match self.generation {
            CryptoGeneration::TwoCrypto(build) => {
                self.adjust_two(tweak, build.walk(), (d, virtual_price), at)
            }
            CryptoGeneration::Tricrypto2 => self.adjust_three(tweak, d, virtual_price),
            CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => {
                self.adjust_ng(tweak, d, virtual_price)
            }
        }
    }

    fn check_loss(&mut self, virtual_price: U256, at: u64) -> Checked<()> {
        let is_loss = if self.generation.is_ng() {
            self.future_time < at && virtual_price <= self.virtual_price
        } else {
            self.future_time == 0 && virtual_price < self.virtual_price
        };
        if is_loss {
            return Err(CryptoSwapError::Loss);
        }
        if !self.generation.is_ng() && self.future_time == 1 {
            self.future_time = 0;
        }
        Ok(())
    }

    fn newest_prices(&self, tweak: &Tweak, d: U256) -> Checked<[U256; 2]> {
        let mut prices = self.last_prices;
        if self.generation.is_ng() {
            let coins = self.generation.coins();
            let bare = closed_form::marginal_prices(&tweak.shape, tweak.xp, coins, d)?;
            for (place, price) in prices.iter_mut().enumerate().take(self.price_count()) {
                *price = wad_of(bare[place], self.price_scale[place])?;
            }
            return Ok(prices);
        }
        let (coin, seen) = tweak.seen;
        if seen.is_zero() {
            return self.probed_prices(tweak, d);
        }
        match coin.checked_sub(1).and_then(|place| prices.get_mut(place)) {
            Some(price) => *price = seen,
            None => {
                for price in prices.iter_mut().take(self.price_count()) {
                    *price = times_over(*price, WAD, seen)?;
                }
            }
        }
        Ok(prices)
    }

    /// Prices as a purchase with a millionth of the first balance would meet them.
    fn probed_prices(&self, tweak: &Tweak, d: U256) -> Checked<[U256; 2]> {
        let mut prices = self.last_prices;
        let probe = tweak.xp[0].wrapping_div(PROBE);
        let mut xp = tweak.xp;
        xp[0] = sum(xp[0], probe)?;
        for (place, price) in prices.iter_mut().enumerate().take(self.price_count()) {
            let coin = place.saturating_add(1);
            let value = product(self.price_scale[place], probe)?;
            let left = self.solve(&tweak.shape, &xp, d, coin)?.balance;
            *price = quotient(value, difference(tweak.xp[coin], left)?)?;
        }
        Ok(prices)
    }

    fn settle(&mut self, d: U256, virtual_price: U256) {
        self.d = d;
        self.virtual_price = virtual_price;
    }

    /// Whether there is profit enough to pay for a move of the price scale.
    fn has_profit(&self, virtual_price: U256) -> Checked<bool> {
        let doubled = difference(product(virtual_price, small(2))?, WAD)?;
        let extra = product(small(2), small(self.parameters.allowed_extra_profit))?;
        Ok(doubled > sum(self.xcp_profit, extra)?)
    }

    /// The ratio of the two prices less one, its sign dropped, in 10^-18.
    fn deviation(&self, place: usize) -> Checked {
        let ratio = times_over(self.price_oracle[place], WAD, self.price_scale[place])?;
        Ok(ratio.abs_diff(WAD))
    }

    /// Goes `step` of `norm` towards the oracle; what D and the virtual price would be there.
    fn moved(&self, tweak: &Tweak, norm: U256, step: U256) -> Checked<Move> {
        let mut price_scale = self.price_scale;
        let mut xp = tweak.xp;
        let rest = difference(norm, step)?;
        for (place, price) in price_scale.iter_mut().enumerate().take(self.price_count()) {
            let far = product(step, self.price_oracle[place])?;
            *price = quotient(sum(product(*price, rest)?, far)?, norm)?;
        }
        for (place, price) in price_scale.iter().enumerate().take(self.price_count()) {
            let coin = place.saturating_add(1);
            xp[coin] = times_over(xp[coin], *price, self.price_scale[place])?;
        }
        let d = self.invariant_of(&tweak.shape, xp, ZERO)?;
        if self.generation.rechecks_balances() {
            for each in xp.iter().take(self.generation.coins()) {
                let fraction = times_over(*each, WAD, d)?;
                if fraction < E16 || fraction > E20 {
                    return Err(CryptoSwapError::UnsafePriceScale);
                }
            }
        }
        let worth = product(WAD, self.worth(d, &price_scale)?)?;
        let virtual_price = if self.generation.is_ng() {
            machine_quotient(worth, self.total_supply)
        } else {
            quotient(worth, self.total_supply)?
        };
        Ok(Move { price_scale, d, virtual_price })
    }

    /// Takes the move if half of all profit stays.
    fn take(&mut self, to: &Move) -> Checked<bool> {
        let stays = to.virtual_price > WAD
            && difference(product(small(2), to.virtual_price)?, WAD)? > self.xcp_profit;
        if stays {
            self.price_scale = self.packed(to.price_scale)?;
            self.settle(to.d, to.virtual_price);
        }
        Ok(stays)
    }

    fn adjust_two(
        &mut self,
        tweak: &Tweak,
        walk: Walk,
        (d, virtual_price): (U256, U256),
        at: u64,
    ) -> Checked<()> {
        if !walk.minds_distance && !self.not_adjusted {
            if !self.has_profit(virtual_price)? {
                self.settle(d, virtual_price);
                return Ok(());
            }
            self.not_adjusted = true;
        }
        let norm = self.deviation(0)?;
        let least = walk.part.map_or(ZERO, |part| norm.checked_div(small(part)).unwrap_or(norm));
        let step = small(self.parameters.adjustment_step).max(least);
        let is_far = norm > step && !self.virtual_price.is_zero();
        if !self.not_adjusted && self.has_profit(virtual_price)? && is_far {
            self.not_adjusted = true;
        }
        if !self.not_adjusted {
            self.settle(d, virtual_price);
            return Ok(());
        }
        if is_far {
            let to = self.moved(tweak, norm, step)?;
            if self.take(&to)? {
                return Ok(());
            }
        } else if !walk.minds_distance {
            self.settle(d, virtual_price);
            return Ok(());
        }
        self.not_adjusted = false;
        self.settle(d, virtual_price);
        self.claim(at)
    }

    fn adjust_three(&mut self, tweak: &Tweak, d: U256, virtual_price: U256) -> Checked<()> {
        if !self.not_adjusted && self.has_profit(virtual_price)? {
            self.not_adjusted = true;
        }
        if self.not_adjusted {
            let step = small(self.parameters.adjustment_step);
            let mut norm = ZERO;
            for place in 0..self.price_count() {
                let deviation = self.deviation(place)?;
                norm = sum(norm, product(deviation, deviation)?)?;
            }
            if norm > product(step, step)? && !self.virtual_price.is_zero() {
                let norm = wad_sqrt(norm.wrapping_div(WAD))?;
                let to = self.moved(tweak, norm, step)?;
                if self.take(&to)? {
                    return Ok(());
                }
                self.not_adjusted = false;
            }
        }
        self.settle(d, virtual_price);
        Ok(())
    }

    /// How far the oracle is from the price scale, in 10^-18 of it.
    fn distance_of_ng(&self) -> Checked {
        if self.generation.coins() == 2 {
            let ratio = self.price_oracle[0].wrapping_mul(WAD);
            return Ok(machine_quotient(ratio, self.price_scale[0]).abs_diff(WAD));
        }
        let mut norm = ZERO;
        for place in 0..self.price_count() {
            let deviation = self.deviation(place)?;
            norm = norm.wrapping_add(product(deviation, deviation)?);
        }
        Ok(sqrt(norm))
    }

    fn adjust_ng(&mut self, tweak: &Tweak, d: U256, virtual_price: U256) -> Checked<()> {
        if self.has_profit(virtual_price)? {
            let norm = self.distance_of_ng()?;
            let step = small(self.parameters.adjustment_step).max(norm.wrapping_div(small(5)));
            if norm > step {
                let to = self.moved(tweak, norm, step)?;
                if self.take(&to)? {
                    return Ok(());
                }
            }
        }
        self.settle(d, virtual_price);
        Ok(())
    }
}
