use tidemill_amm::concentrated::{
    Pool, PriceSpan, Rounding, amount0_delta, amount1_delta, sqrt_price_at_tick,
};
use tidemill_amm::{SwapAmount, Trade};
use tidemill_market::PoolMarket;
use tidemill_units::{
    Amount, Amounts, Side, SignedLiquidity, SqrtPrice, Tick, Timestamp, TokenAmounts, TokenIndex,
    TokenPair, U256,
};

use crate::Refusal;

/// How deep a pool has to be before anything is opened in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthLimit {
    /// The least value that others offer within so many ticks of the price, in raw quote units.
    pub least: Amount,
    /// How many ticks to either side, a tick being a factor of 1.0001 in price; 1 to 887272.
    pub within_ticks: u32,
}

impl DepthLimit {
    /// Refuses a pool that is too shallow.
    pub(crate) fn check(&self, depth: Amount) -> Result<(), Refusal> {
        if depth >= self.least {
            Ok(())
        } else {
            Err(Refusal::TooShallow { depth, least: self.least })
        }
    }
}

/// Returns what others in a pool give of each token, fees apart, before its price has moved by so
/// many ticks, rounded down.
///
/// Of a concentrated pool that is what its liquidity is made of to either side of the price. Of a
/// pool of shares it is the most of each token that the quote token buys, to within a 2^32nd, and
/// of the quote token the least that another token buys. `None` where the pool has no price.
pub(crate) fn depth(
    market: &PoolMarket,
    within_ticks: u32,
    (quote, now): (TokenIndex, Timestamp),
) -> Option<TokenAmounts> {
    let ticks = i32::try_from(within_ticks).unwrap_or(i32::MAX);
    match market {
        PoolMarket::Concentrated(pool) => {
            concentrated(pool.history(), ticks).map(TokenAmounts::from)
        }
        PoolMarket::Shares(pool) => of_shares(pool.history(), quote, ticks, now),
    }
}

fn concentrated(pool: &Pool, ticks: i32) -> Option<Amounts> {
    if !pool.is_initialized() {
        return None;
    }
    let tick = pool.tick();
    let highest = Tick(tick.0.saturating_add(ticks)).min(Tick::MAX);
    let lowest = Tick(tick.0.saturating_sub(ticks)).max(Tick::MIN);
    let (mut at, mut liquidity, mut amount0) = (pool.sqrt_price(), pool.liquidity(), Amount::ZERO);
    for next in pool.initialized_between(tick, highest) {
        let to = sqrt_price_at_tick(next)?;
        let part = amount0_delta(PriceSpan::between(at, to), liquidity, Rounding::Down).ok()?;
        amount0 = amount0.checked_add(part)?;
        liquidity = liquidity.checked_add_signed(pool.tick_info(next)?.liquidity_net)?;
        at = to;
    }
    let rest = PriceSpan::between(at, sqrt_price_at_tick(highest)?.max(at));
    amount0 = amount0.checked_add(amount0_delta(rest, liquidity, Rounding::Down).ok()?)?;
    let (mut at, mut liquidity, mut amount1) = (pool.sqrt_price(), pool.liquidity(), Amount::ZERO);
    for next in pool.initialized_between(lowest, tick).rev() {
        let to = sqrt_price_at_tick(next)?;
        let part = amount1_delta(PriceSpan::between(at, to), liquidity, Rounding::Down);
        amount1 = amount1.checked_add(part)?;
        let crossed = SignedLiquidity(pool.tick_info(next)?.liquidity_net.0.checked_neg()?);
        liquidity = liquidity.checked_add_signed(crossed)?;
        at = to;
    }
    let rest = PriceSpan::between(at, sqrt_price_at_tick(lowest)?.min(at));
    amount1 = amount1.checked_add(amount1_delta(rest, liquidity, Rounding::Down))?;
    Some(Amounts { amount0, amount1 })
}

fn of_shares(
    pool: &tidemill_amm::Pool,
    quote: TokenIndex,
    ticks: i32,
    now: Timestamp,
) -> Option<TokenAmounts> {
    let balances = pool.shares()?.balances();
    let factor = sqrt_price_at_tick(Tick(ticks).min(Tick::MAX))?;
    let mut depth = TokenAmounts::zero(balances.len())?;
    let mut least = None::<Amount>;
    for (token, _) in balances.iter().filter(|(token, _)| *token != quote) {
        let bought = Search { pool, pair: TokenPair { input: quote, output: token }, factor, now };
        let sold = Search { pool, pair: TokenPair { input: token, output: quote }, factor, now };
        *depth.as_mut_slice().get_mut(token.place())? = bought.most(balances.get(quote)?)?;
        let sold = sold.most(balances.get(token)?)?;
        least = Some(least.map_or(sold, |least| least.min(sold)));
    }
    *depth.as_mut_slice().get_mut(quote.place())? = least?;
    Some(depth)
}

/// A search for the largest swap that leaves the price of a pool near enough.
struct Search<'a> {
    pool: &'a tidemill_amm::Pool,
    pair: TokenPair,
    /// The root of the factor by which the price may fall.
    factor: SqrtPrice,
    now: Timestamp,
}

impl Search<'_> {
    /// Returns the most of the output that can be had; `start`, the pool's balance of the input, is
    /// doubled up to 32 times where the price does not move enough.
    fn most(&self, start: Amount) -> Option<Amount> {
        self.pool.spot_price(self.pair, self.now).ok()?;
        let (mut within, mut beyond) = (U256::ZERO, start.0);
        let mut out = Amount::ZERO;
        for _ in 0..32 {
            let Some(more) = self.out(Amount(beyond)) else { break };
            (within, out) = (beyond, more);
            beyond = beyond.checked_mul(U256::from(2_u8))?;
        }
        for _ in 0..32 {
            let half = beyond.checked_sub(within)?.wrapping_shr(1);
            let middle = within.checked_add(half)?;
            match self.out(Amount(middle)) {
                Some(more) => (within, out) = (middle, more),
                None => beyond = middle,
            }
        }
        Some(out)
    }

    /// Returns what a swap gives; `None` where the pool refuses it or its price moves too far.
    fn out(&self, amount_in: Amount) -> Option<Amount> {
        const ONE: Amount = Amount(U256::from_limbs([0, 1 << 32, 0, 0]));
        let before = self.pool.spot_price(self.pair, self.now).ok()?.convert(ONE)?;
        let mut pool = self.pool.clone();
        let trade = Trade { pair: self.pair, amount: SwapAmount::ExactIn(amount_in) };
        let quote = pool.swap(&trade, self.now).ok()?;
        let after = pool.spot_price(self.pair, self.now).ok()?.convert(ONE)?;
        let is_near = self.factor.convert(after, Side::Token0)? >= before;
        is_near.then_some(quote.amount_out)
    }
}
