use tidemill_units::{SqrtPrice, Tick, U256, mul_div, sqrt};

/// 1 as Q128.128.
const ONE: U256 = U256::from_limbs([0, 0, 1, 0]);

/// Whether a price lies in the band of a tick, from the tick's own price up to the next one's.
///
/// A sanity check of recorded input: the band's ends are computed to about 40 bits and widened by
/// as much, and the upper end is inside because a swap that stops on a boundary from above is left
/// one tick below it. Whether price and tick agree to the unit is for the pool to say.
pub(crate) fn tick_holds_price(tick: Tick, price: SqrtPrice) -> bool {
    let band = || {
        let next = Tick(tick.0.checked_add(1)?);
        let (low, high) = (near_price(tick)?, near_price(next)?);
        let low = low.checked_sub(slack(low)?).unwrap_or(U256::ZERO);
        let high = high.checked_add(slack(high)?)?;
        Some((low..=high).contains(&price.to_x96()))
    };
    band().unwrap_or(false)
}

/// 2^-40 of a price, and two units for the coarseness of the lowest prices.
fn slack(price: U256) -> Option<U256> {
    price.wrapping_shr(40).checked_add(U256::from(2_u8))
}

/// Returns `sqrt(1.0001^tick)` as Q64.96, by repeated squaring of `sqrt(1 / 1.0001)`.
fn near_price(tick: Tick) -> Option<U256> {
    let mut power = sqrt(mul_div(U256::MAX, U256::from(10_000_u16), U256::from(10_001_u16))?);
    let mut ratio = ONE;
    let mut rest = tick.0.unsigned_abs();
    while rest != 0 {
        if rest & 1 == 1 {
            ratio = mul_div(ratio, power, ONE)?;
        }
        power = mul_div(power, power, ONE)?;
        rest >>= 1;
    }
    if tick.0 > 0 {
        ratio = U256::MAX.checked_div(ratio)?;
    }
    Some(ratio.wrapping_shr(32))
}
