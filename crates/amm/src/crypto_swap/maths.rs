//! What the operations ask of the maths, and which generation answers how.

use tidemill_units::{U256, sqrt};

use super::checked::{
    Checked, THREE, TWO, WAD, ZERO, difference, product, quotient, small, sum, times_over, wad_of,
};
use super::closed_form::{self, Solution};
use super::newton::{self, Rounds, Shape};
use super::roots::{mean_by_cbrt, reduction};
use super::{CryptoGeneration, CryptoSwap, CryptoSwapError, TwoCryptoBuild, cubic_of_two};

impl CryptoSwap {
    /// Amplification and gamma now. Source: `_A_gamma` of all generations.
    pub(super) fn shape(&self, at: u64) -> Checked<Shape> {
        let end = Shape { a: small(self.future.a), gamma: small(self.future.gamma) };
        if at >= self.future_time {
            return Ok(end);
        }
        let length = difference(small(self.future_time), small(self.initial_time))?;
        let passed = difference(small(at), small(self.initial_time))?;
        let left = difference(length, passed)?;
        let between = |from: u64, to: U256| {
            quotient(sum(product(small(from), left)?, product(to, passed)?)?, length)
        };
        Ok(Shape {
            a: between(self.initial.a, end.a)?,
            gamma: between(self.initial.gamma, end.gamma)?,
        })
    }

    /// Balances in 10^-18 of the first coin, at the price scale. Source: `xp`.
    pub(super) fn scaled(&self, balances: &[U256; 3]) -> Checked<[U256; 3]> {
        let [first, second, third] = *balances;
        let unit = product(self.price_scale[0], self.precisions[1])?;
        let second = wad_of(second, unit)?;
        let third = if self.generation.coins() == 2 {
            ZERO
        } else {
            let unit = product(self.price_scale[1], self.precisions[2])?;
            wad_of(third, unit)?
        };
        Ok([product(first, self.precisions[0])?, second, third])
    }

    /// D of scaled balances. Source: `newton_D`; `known_k0` helps the ng generation alone.
    pub(super) fn invariant_of(&self, shape: &Shape, xp: [U256; 3], known_k0: U256) -> Checked {
        let limits = self.generation.limits();
        match self.generation {
            CryptoGeneration::TwoCrypto(_) => {
                newton::invariant_of_two(shape, &limits, [xp[0], xp[1]])
            }
            CryptoGeneration::Tricrypto2 => newton::invariant_of_three(shape, &limits, xp),
            CryptoGeneration::TricryptoNg => closed_form::invariant(shape, xp, known_k0),
            CryptoGeneration::TwocryptoNg(build) => {
                cubic_of_two::invariant_of(shape, build, [xp[0], xp[1]], known_k0)
            }
        }
    }

    /// The scaled balance of a coin that D and the others leave. Source: `newton_y`, `get_y`.
    pub(super) fn solve(
        &self,
        shape: &Shape,
        xp: &[U256; 3],
        d: U256,
        coin: usize,
    ) -> Checked<Solution> {
        let limits = self.generation.limits();
        let others = match coin {
            0 => [xp[1], xp[2]],
            1 => [xp[0], xp[2]],
            _ => [xp[0], xp[1]],
        };
        let other = xp[usize::from(coin == 0)];
        let balance = match self.generation {
            CryptoGeneration::TwoCrypto(build) => {
                let rounds = match build {
                    TwoCryptoBuild::Euroc => Rounds::OneAboveTheLine,
                    TwoCryptoBuild::Eurt
                    | TwoCryptoBuild::Crv
                    | TwoCryptoBuild::Cvx
                    | TwoCryptoBuild::Factory => Rounds::Plain,
                };
                newton::balance_of_two(shape, &limits, other, d, rounds)?
            }
            CryptoGeneration::Tricrypto2 => newton::balance_of_three(shape, &limits, others, d)?,
            CryptoGeneration::TricryptoNg => {
                return closed_form::solve(shape, &limits, others, d);
            }
            CryptoGeneration::TwocryptoNg(build) => {
                return cubic_of_two::solve(shape, build, other, d);
            }
        };
        Ok(Solution { balance, k0: ZERO })
    }

    /// The fee at scaled balances, in 10^-10. Source: `_fee` and `reduction_coefficient`.
    pub(super) fn fee_at(&self, xp: &[U256; 3]) -> Checked {
        let parameters = &self.parameters;
        let fee_gamma = small(parameters.fee_gamma);
        let total = sum(sum(xp[0], xp[1])?, xp[2])?;
        let k = match self.generation {
            CryptoGeneration::TwoCrypto(_) | CryptoGeneration::TwocryptoNg(_) => {
                let four = small(4_000_000_000_000_000_000);
                times_over(times_over(four, xp[0], total)?, xp[1], total)?
            }
            CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => {
                let mut k = WAD;
                for each in xp {
                    k = quotient(product(product(k, THREE)?, *each)?, total)?;
                }
                k
            }
        };
        let near = reduction(k, fee_gamma)?;
        let mid = product(small(parameters.mid_fee), near)?;
        let out = product(small(parameters.out_fee), difference(WAD, near)?)?;
        Ok(sum(mid, out)?.wrapping_div(WAD))
    }

    /// The fee of adding or taking amounts unequally, in 10^-10. Source: `_calc_token_fee`.
    pub(super) fn liquidity_fee(&self, amounts: &[U256; 3], xp: &[U256; 3]) -> Checked {
        let fee = self.fee_at(xp)?;
        let (count, fee) = match self.generation {
            CryptoGeneration::TwoCrypto(_) | CryptoGeneration::TwocryptoNg(_) => {
                (TWO, product(fee, TWO)?.wrapping_div(small(4)))
            }
            CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => {
                (THREE, product(fee, THREE)?.wrapping_div(small(8)))
            }
        };
        let total = sum(sum(amounts[0], amounts[1])?, amounts[2])?;
        let average = total.wrapping_div(count);
        let mut apart = ZERO;
        for amount in amounts.iter().take(self.generation.coins()) {
            apart = sum(apart, amount.abs_diff(average))?;
        }
        sum(times_over(fee, apart, total)?, small(100_000))
    }

    /// The worth of D if the coins lay at the price scale: their geometric mean. Source: `get_xcp`.
    pub(super) fn worth(&self, d: U256, price_scale: &[U256; 2]) -> Checked {
        let part = |count: U256, price: U256| times_over(d, WAD, product(count, price)?);
        match self.generation {
            CryptoGeneration::TwoCrypto(_) => {
                let (a, b) = (d.wrapping_shr(1), part(TWO, price_scale[0])?);
                newton::mean_of_two(a.max(b), a.min(b))
            }
            CryptoGeneration::TwocryptoNg(_) => {
                Ok(sqrt(product(d.wrapping_shr(1), part(TWO, price_scale[0])?)?))
            }
            CryptoGeneration::Tricrypto2 | CryptoGeneration::TricryptoNg => {
                let first = d.wrapping_div(THREE);
                let x = [first, part(THREE, price_scale[0])?, part(THREE, price_scale[1])?];
                if self.generation == CryptoGeneration::Tricrypto2 {
                    newton::mean_of_three(newton::sorted(x))
                } else {
                    mean_by_cbrt(x)
                }
            }
        }
    }

    /// The worth of D per share, in 10^-18.
    pub(super) fn worth_per_share(&self, d: U256, price_scale: &[U256; 2]) -> Checked {
        times_over(WAD, self.worth(d, price_scale)?, self.total_supply)
    }

    /// The number of coins.
    pub(super) fn count(&self) -> U256 {
        if self.generation.coins() == 2 { TWO } else { THREE }
    }

    /// The place of a coin that the pool has.
    pub(super) fn coin(&self, coin: tidemill_units::TokenIndex) -> Checked<usize> {
        let place = coin.place();
        if place < self.generation.coins() { Ok(place) } else { Err(CryptoSwapError::NoSuchCoin) }
    }

    /// The price of a coin at the margin in the first, in 10^-18, without fees: from the
    /// invariant's derivatives, for which the first generations have no call.
    pub(super) fn price_at_margin(&self, shape: &Shape, coin: usize) -> Checked {
        let Some(place) = coin.checked_sub(1) else { return Ok(WAD) };
        let xp = self.scaled(&self.balances)?;
        let prices = closed_form::marginal_prices(shape, xp, self.generation.coins(), self.d)?;
        let (price, scale) = (prices[place.min(1)], self.price_scale[place.min(1)]);
        wad_of(price, scale)
    }
}

/// A millionth of the first balance is what the first generations try the price with.
pub(super) const PROBE: U256 = small(1_000_000);
/// Amounts up to this are too coarse to take a price from.
pub(super) const COARSE: U256 = small(100_000);
