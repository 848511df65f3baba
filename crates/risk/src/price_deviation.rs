use tidemill_amm::concentrated::{sqrt_price_at_tick, tick_at_sqrt_price};
use tidemill_market::PoolMarket;
use tidemill_model::PoolId;
use tidemill_units::{
    Bps, SqrtPrice, Tick, TokenIndex, TokenPair, U256, mul_div, mul_div_rounding_up, sqrt,
};

use crate::scene::Scene;
use crate::{Minutes, Refusal};

/// How far the price may be from its own mean for anything to be opened or swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviationLimit {
    /// The most by which the higher of the two may be above the lower.
    pub most: Bps,
    /// Over how long the mean is; before so much is known of a pool, nothing passes there.
    pub over: Minutes,
}

impl DeviationLimit {
    /// Refuses where a price is too far from its mean; `None` is a mean that is not known yet.
    pub(crate) fn check(
        &self,
        pool: PoolId,
        spot: SqrtPrice,
        mean: Option<Tick>,
    ) -> Result<(), Refusal> {
        let minutes = self.over.count();
        let mean = mean.ok_or(Refusal::NoMeanPrice { pool, minutes })?;
        let mean = sqrt_price_at_tick(mean).ok_or(Refusal::NoPrice)?;
        let (apart_bps, limit_bps) = (deviation_bps(spot, mean), self.most.0);
        if apart_bps <= limit_bps {
            Ok(())
        } else {
            Err(Refusal::PriceDeviates { pool, apart_bps, limit_bps })
        }
    }
}

const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);
const Q192: U256 = U256::from_limbs([0, 0, 0, 1]);

/// Returns by how much the higher of two prices is above the lower, in basis points, rounded up;
/// the largest number where that passes it.
pub(crate) fn deviation_bps(one: SqrtPrice, other: SqrtPrice) -> u32 {
    let (low, high) = (one.min(other).to_x96(), one.max(other).to_x96());
    if low == high {
        return 0;
    }
    let bps = mul_div_rounding_up(high, Q96, low)
        .and_then(|root| root.checked_mul(root))
        .and_then(|ratio| mul_div_rounding_up(ratio, U256::from(Bps::ONE.0), Q192))
        .and_then(|bps| bps.checked_sub(U256::from(Bps::ONE.0)));
    bps.and_then(|bps| u32::try_from(bps).ok()).unwrap_or(u32::MAX)
}

/// Returns the price of one token of a pool in another as the root of it, Q64.96; in a concentrated
/// pool always token1 per token0. `None` without one.
pub(crate) fn spot(scene: &Scene<'_>, pool: PoolId, pair: TokenPair) -> Option<SqrtPrice> {
    match scene.market.pool(pool)? {
        PoolMarket::Concentrated(pool) => {
            let pool = pool.pool();
            pool.is_initialized().then(|| pool.sqrt_price())
        }
        PoolMarket::Shares(pool) => {
            let price = pool.pool().spot_price(pair, scene.market.now()).ok()?;
            SqrtPrice::from_x96(sqrt(mul_div(price.output, Q192, price.input)?))
        }
    }
}

/// Returns the prices of a pool that means are kept of: one in a concentrated pool, and in a pool
/// of shares that of each other token in the first.
pub(crate) fn priced_pairs(market: &PoolMarket) -> Vec<TokenPair> {
    let count = match market {
        PoolMarket::Concentrated(_) => 2,
        PoolMarket::Shares(pool) => pool.header().tokens.len(),
    };
    let others = (1..count).filter_map(|place| u8::try_from(place).ok());
    others.map(|place| TokenPair { input: TokenIndex(place), output: TokenIndex(0) }).collect()
}

/// Returns the tick of a price; `None` outside all ticks.
pub(crate) fn tick_of(scene: &Scene<'_>, pool: PoolId, pair: TokenPair) -> Option<Tick> {
    if let PoolMarket::Concentrated(pool) = scene.market.pool(pool)? {
        let pool = pool.pool();
        return pool.is_initialized().then(|| pool.tick());
    }
    tick_at_sqrt_price(spot(scene, pool, pair)?)
}
