use tidemill_market::PoolPrices;
use tidemill_model::QuotePrice;
use tidemill_signals::{sqrt_price_at_tick_f64, sqrt_price_to_f64};
use tidemill_units::{Amount, SignedAmount, SqrtPrice, Tick, TokenIndex, U256};

/// Turns a pool's integers into numbers that people read; for charts and ratios only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceScale {
    quote: TokenIndex,
    base: TokenIndex,
    /// 10^(decimals of token0 - decimals of token1).
    token1_per_token0: f64,
    /// 10^(decimals of the base token - decimals of the quote token).
    quote_per_base: f64,
    quote_unit: f64,
}

const TWO_POW_64: f64 = 18_446_744_073_709_551_616.0;

impl PriceScale {
    /// Returns the scale of a pool whose tokens have these decimals and whose values are stated in
    /// one of them. The price shown is that of the pool's first other token, the base token.
    pub fn new(decimals: &[u8], quote: TokenIndex) -> Self {
        let base = base_of(quote);
        let of = |token: TokenIndex| decimals.get(token.place()).map_or(0, |one| i32::from(*one));
        Self {
            quote,
            base,
            token1_per_token0: 10_f64.powi(of(TokenIndex(0)) - of(TokenIndex(1))),
            quote_per_base: 10_f64.powi(of(base) - of(quote)),
            quote_unit: 10_f64.powi(of(quote)),
        }
    }

    /// Returns the scale of a run without a pool, whose values are stated in a token of so many
    /// decimals.
    pub fn without_pool(quote_decimals: u8) -> Self {
        Self::new(&[quote_decimals], TokenIndex(0))
    }

    /// Returns the token whose price is shown.
    pub fn base(&self) -> TokenIndex {
        self.base
    }

    /// Returns the price in whole quote tokens for one whole base token; not a number without one.
    pub fn price(&self, prices: &PoolPrices) -> f64 {
        match prices {
            PoolPrices::Concentrated(price) => self.price_of_root(*price),
            PoolPrices::Shares(prices) => prices.get(self.base.place()).map_or(f64::NAN, |price| {
                from_u256(price.output) / from_u256(price.input) * self.quote_per_base
            }),
        }
    }

    fn price_of_root(&self, sqrt_price: SqrtPrice) -> f64 {
        let sqrt = sqrt_price_to_f64(sqrt_price);
        self.oriented(sqrt * sqrt)
    }

    /// Returns the price of a tick of a concentrated pool in whole quote tokens for one whole base
    /// token.
    pub fn price_of_tick(&self, tick: Tick) -> f64 {
        let sqrt = sqrt_price_at_tick_f64(tick);
        self.oriented(sqrt * sqrt)
    }

    fn oriented(&self, raw: f64) -> f64 {
        let token1_per_token0 = raw * self.token1_per_token0;
        if self.quote == TokenIndex(0) { 1.0 / token1_per_token0 } else { token1_per_token0 }
    }

    /// Returns a value in whole quote tokens.
    pub fn whole(&self, raw: SignedAmount) -> f64 {
        to_f64(raw) / self.quote_unit
    }
}

/// Returns an exchange's price in whole quote units for one whole base unit; the decimals are those
/// of base and quote.
pub(crate) fn whole_price(price: QuotePrice, [base, quote]: [u8; 2]) -> f64 {
    let decades = i32::from(base) - i32::from(quote);
    from_u256(price.quote.0) / from_u256(price.of.0) * 10_f64.powi(decades)
}

/// Returns the first token that is not the quote.
fn base_of(quote: TokenIndex) -> TokenIndex {
    if quote == TokenIndex(0) { TokenIndex(1) } else { TokenIndex(0) }
}

/// Returns an amount as the nearest float.
pub(crate) fn to_f64(raw: SignedAmount) -> f64 {
    let Amount(magnitude) = raw.magnitude();
    let magnitude = from_u256(magnitude);
    if raw.is_negative() { -magnitude } else { magnitude }
}

fn from_u256(number: U256) -> f64 {
    let limbs = number.into_limbs().map(|limb| limb as f64);
    limbs.iter().rev().fold(0.0, |sum, limb| sum * TWO_POW_64 + limb)
}
