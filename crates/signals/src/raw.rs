use tidemill_units::{SqrtPrice, Tick};

/// ln(1.0001) / 2: what one tick adds to the logarithm of the square root of the price.
pub(crate) const LOG_SQRT_PER_TICK: f64 = 4.999_750_016_665_417e-5;

/// Returns the square root of a price, token1 per token0 in raw units, within 1e-15 of it
/// relatively.
pub fn sqrt_price_to_f64(sqrt_price: SqrtPrice) -> f64 {
    let value = sqrt_price.to_x96();
    let [low, middle, high, _] = *value.as_limbs();
    let two_to_64 = 18_446_744_073_709_551_616.0;
    let two_to_96 = 79_228_162_514_264_337_593_543_950_336.0;
    ((high as f64 * two_to_64 + middle as f64) * two_to_64 + low as f64) / two_to_96
}

/// Returns how many ticks a price is from one, parts of a tick included: its logarithm over that of
/// 1.0001.
///
/// Shape: positive and finite.
pub fn ticks_from_one(price: f64) -> f64 {
    libm::log(price) / (2.0 * LOG_SQRT_PER_TICK)
}

/// Returns the square root of a tick's price, token1 per token0 in raw units, within 2e-14
/// relatively.
///
/// Shape: any tick of `Tick::MIN..=Tick::MAX`. The contract's own value is an integer and comes
/// from `amm`; this is its real-valued definition, `1.0001^(tick/2)`.
pub fn sqrt_price_at_tick_f64(tick: Tick) -> f64 {
    libm::exp(f64::from(tick.0) * LOG_SQRT_PER_TICK)
}
