//! Depth and price impact, by swaps in the pool itself with the capital that came minted into it.

use tidemill_amm::concentrated::{self, SwapRequest};
use tidemill_amm::{Pool, PoolError, SwapAmount, Trade};
use tidemill_report::{DepthSides, TradeImpact};
use tidemill_units::{Amount, Liquidity, Side, Timestamp, TokenIndex, TokenPair, U256, mul_div};

use crate::config::{Placement, Supply};
use crate::number::{from_word, to_amount};
use crate::position::{add, band, bought, moved, positions_by_range};

/// A pool, looked at from its quote token.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) pool: Pool,
    pub(crate) quote: TokenIndex,
    pub(crate) now: Timestamp,
}

/// Why capital could not be put into the pool, or the pool cannot be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DepthError {
    /// The pool takes no such deposit.
    #[error("the pool does not take the capital that would come: {0}")]
    Refused(#[from] PoolError),
    /// The same, of a concentrated pool.
    #[error("the pool does not take the capital that would come: {0}")]
    RefusedRange(#[from] concentrated::PoolError),
    /// A number passes what its type holds.
    #[error("the capital that would come passes what a pool can hold")]
    TooMuch,
}

impl Looked {
    fn pair(&self) -> TokenPair {
        let other = if self.quote == TokenIndex(0) { TokenIndex(1) } else { TokenIndex(0) };
        TokenPair { input: self.quote, output: other }
    }

    /// Returns the pool with capital added, raw units of the quote token, of which `whole` is all
    /// that the pool had.
    ///
    /// Errors: those of the pool.
    pub(crate) fn with(
        &self,
        capital: f64,
        whole: f64,
        supply: &Supply,
    ) -> Result<Self, DepthError> {
        let mut looked = self.clone();
        if capital < 1.0 {
            return Ok(looked);
        }
        let part = part_of_capital(capital / whole).ok_or(DepthError::TooMuch)?;
        if let Pool::Concentrated(pool) = &mut looked.pool {
            let side = self.quote.side().unwrap_or(Side::Token1);
            let wide = capital * supply.wide_part;
            add_to_ranges(pool, (capital - wide, wide), (whole, supply.placement), side, self.now)?;
        } else if let Some(balances) = looked.pool.shares().map(|pool| pool.balances()) {
            let mut amounts = balances;
            for amount in amounts.as_mut_slice() {
                *amount = Amount(mul_div(amount.0, part, PART_ONE).ok_or(DepthError::TooMuch)?);
            }
            if let Pool::BalancerV1(pool) = &looked.pool {
                // The contract takes what its own rounding makes of an offer, and nothing else.
                amounts = pool.largest_join(&amounts).map_or(amounts, |join| join.amounts);
            }
            if let Some(pool) = looked.pool.shares_mut() {
                pool.deposit(&amounts, self.now)?;
            }
        }
        Ok(looked)
    }

    /// Returns what it takes to move the price of the other token by a fraction: quote tokens paid
    /// in for a rise, taken out for a fall. Nothing where the pool has no such price.
    pub(crate) fn depth(&self, by: f64) -> DepthSides {
        let (up, down) = match &self.pool {
            Pool::Concentrated(pool) => {
                (self.to_price(pool, 1.0 + by, true), self.to_price(pool, 1.0 - by, false))
            }
            Pool::ConstantProduct(_)
            | Pool::Solidly(_)
            | Pool::StableSwap(_)
            | Pool::StableSwapMeta(_)
            | Pool::StableSwapMetaNg(_)
            | Pool::StableSwapNg(_)
            | Pool::CryptoSwap(_)
            | Pool::BalancerV1(_)
            | Pool::Weighted(_)
            | Pool::ComposableStable(_) => {
                (self.searched(1.0 + by, true), self.searched(1.0 - by, false))
            }
        };
        DepthSides { up: up.unwrap_or_default(), down: down.unwrap_or_default() }
    }

    fn to_price(&self, pool: &concentrated::Pool, factor: f64, pays_quote: bool) -> Option<Amount> {
        let quote = self.quote.side()?;
        let factor = match quote {
            Side::Token1 => factor,
            Side::Token0 => 1.0 / factor,
        };
        let request = SwapRequest {
            input: if pays_quote { quote } else { quote.other() },
            amount: SwapAmount::ExactIn(Amount::from_u128(u128::MAX)),
            price_limit: Some(moved(pool.sqrt_price(), factor)?),
        };
        let staged = pool.stage_swap(request, &mut ()).ok()?;
        let amounts = staged.result().amounts;
        let of_quote = match quote {
            Side::Token0 => amounts.amount0,
            Side::Token1 => amounts.amount1,
        };
        Some(of_quote.magnitude())
    }

    /// The least input after which the price is there, by bisection over whole units.
    fn searched(&self, factor: f64, pays_quote: bool) -> Option<Amount> {
        let pair = self.pair();
        let backwards = TokenPair { input: pair.output, output: pair.input };
        let (trade, price) = if pays_quote { (pair, backwards) } else { (backwards, backwards) };
        let spot = |pool: &Pool| {
            let price = pool.spot_price(price, self.now).ok()?;
            Some(from_word(price.output) / from_word(price.input))
        };
        let target = spot(&self.pool)? * factor;
        let swapped = |amount: U256| {
            let mut pool = self.pool.clone();
            let trade = Trade { pair: trade, amount: SwapAmount::ExactIn(Amount(amount)) };
            let quote = pool.swap(&trade, self.now).ok()?;
            Some((quote, spot(&pool)?))
        };
        // Some pools take no more than a part of what they have: that is too much, too.
        let is_there =
            |amount: U256| {
                swapped(amount).is_none_or(|(_, price)| {
                    if pays_quote { price >= target } else { price <= target }
                })
            };
        let mut high = self.pool.shares()?.balances().get(trade.input)?.0;
        let mut low = U256::ZERO;
        let mut doublings = 0;
        while !is_there(high) {
            (low, high) = (high, high.checked_mul(U256::from(2_u8))?);
            doublings += 1;
            if doublings > 64 {
                return None;
            }
        }
        while high.saturating_sub(low) > U256::ONE {
            let middle = low + (high - low) / U256::from(2_u8);
            if is_there(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        // Where the pool refuses before the price is there, it has no such depth.
        let (quote, _) = swapped(high)?;
        Some(if pays_quote { quote.amount_in } else { quote.amount_out })
    }

    /// Returns what a trade that pays the quote token gives up against the price at the margin;
    /// `None` where the pool cannot make it.
    pub(crate) fn impact(&self, trade: Amount) -> Option<TradeImpact> {
        let pair = self.pair();
        let asked = Trade { pair, amount: SwapAmount::ExactIn(trade) };
        let quote = self.pool.quote(&asked, self.now).ok()?;
        if quote.amount_in != trade {
            // A pool that ends before takes a part, which is another trade.
            return None;
        }
        let spot = self.pool.spot_price(pair, self.now).ok()?;
        let spot = from_word(spot.output) / from_word(spot.input);
        let [paid, taken, fee] =
            [quote.amount_in, quote.amount_out, quote.fee.amount].map(|amount| from_word(amount.0));
        let (paid_net, taken_gross) =
            if quote.fee.token == pair.input { (paid - fee, taken) } else { (paid, taken + fee) };
        Some(TradeImpact {
            amount_out: quote.amount_out,
            impact_bps: (1.0 - taken_gross / (spot * paid_net)).max(0.0) * 10_000.0,
            cost_bps: (1.0 - taken / (spot * paid)).max(0.0) * 10_000.0,
        })
    }
}

/// The one of parts of the pool's capital.
pub(crate) const PART_ONE: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// Returns a part in units of [`PART_ONE`]; `None` past a billion times the whole.
pub(crate) fn part_of_capital(part: f64) -> Option<U256> {
    (0.0..=1e9).contains(&part).then(|| to_amount(part * 1e18).0)
}

/// Returns liquidity times a part, rounded down.
pub(crate) fn scaled(liquidity: u128, part: U256) -> Option<Liquidity> {
    let scaled = mul_div(U256::from(liquidity), part, PART_ONE)?;
    u128::try_from(scaled).ok().map(Liquidity)
}

fn add_to_ranges(
    pool: &mut concentrated::Pool,
    (placed, wide): (f64, f64),
    (whole, placement): (f64, Placement),
    quote: Side,
    now: Timestamp,
) -> Result<(), DepthError> {
    let spacing = pool.tick_spacing();
    let everywhere = tidemill_units::TickRange::full(spacing).ok_or(DepthError::TooMuch)?;
    let mut wanted = Vec::new();
    match placement {
        Placement::Present => {
            let part = part_of_capital(placed / whole).ok_or(DepthError::TooMuch)?;
            for (range, liquidity) in positions_by_range(pool) {
                wanted.push((range, scaled(liquidity, part).ok_or(DepthError::TooMuch)?));
            }
        }
        Placement::Band(half_width) => {
            let range = band(pool, half_width).ok_or(DepthError::TooMuch)?;
            wanted.push((range, bought(pool, range, to_amount(placed), quote)));
        }
        Placement::Full => {
            wanted.push((everywhere, bought(pool, everywhere, to_amount(placed), quote)));
        }
    }
    wanted.push((everywhere, bought(pool, everywhere, to_amount(wide), quote)));
    for (range, liquidity) in wanted {
        if !liquidity.is_zero() {
            add(pool, (1, range), liquidity, now)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
