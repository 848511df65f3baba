use tidemill_model::PoolHeader;
use tidemill_signals::{sqrt_price_at_tick_f64, sqrt_price_to_f64};
use tidemill_units::{Amount, Side, SignedAmount, SqrtPrice, Tick};

/// Turns a pool's integers into numbers that people read; for charts and ratios only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceScale {
    quote: Side,
    /// 10^(decimals of token0 - decimals of token1).
    token1_per_token0: f64,
    quote_unit: f64,
}

const TWO_POW_64: f64 = 18_446_744_073_709_551_616.0;

impl PriceScale {
    /// Returns the scale of a pool whose values are stated in one of its tokens.
    pub fn new(header: &PoolHeader, quote: Side) -> Self {
        let decimals = [header.token0.decimals, header.token1.decimals].map(i32::from);
        let [decimals0, decimals1] = decimals;
        let quote_decimals = match quote {
            Side::Token0 => decimals0,
            Side::Token1 => decimals1,
        };
        Self {
            quote,
            token1_per_token0: 10_f64.powi(decimals0 - decimals1),
            quote_unit: 10_f64.powi(quote_decimals),
        }
    }

    /// Returns the price in whole quote tokens for one whole base token.
    pub fn price(&self, sqrt_price: SqrtPrice) -> f64 {
        let sqrt = sqrt_price_to_f64(sqrt_price);
        self.oriented(sqrt * sqrt)
    }

    /// Returns the price of a tick in whole quote tokens for one whole base token.
    pub fn price_of_tick(&self, tick: Tick) -> f64 {
        let sqrt = sqrt_price_at_tick_f64(tick);
        self.oriented(sqrt * sqrt)
    }

    fn oriented(&self, raw: f64) -> f64 {
        let token1_per_token0 = raw * self.token1_per_token0;
        match self.quote {
            Side::Token0 => 1.0 / token1_per_token0,
            Side::Token1 => token1_per_token0,
        }
    }

    /// Returns a value in whole quote tokens.
    pub fn whole(&self, raw: SignedAmount) -> f64 {
        let magnitude = to_f64(raw.magnitude()) / self.quote_unit;
        if raw.is_negative() { -magnitude } else { magnitude }
    }
}

/// Returns an amount as the nearest float.
fn to_f64(amount: Amount) -> f64 {
    let limbs = amount.0.into_limbs().map(|limb| limb as f64);
    limbs.iter().rev().fold(0.0, |sum, limb| sum * TWO_POW_64 + limb)
}
