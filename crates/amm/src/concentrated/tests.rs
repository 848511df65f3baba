mod forks;

use tidemill_units::{SqrtPrice, Tick, U256};

use super::{sqrt_price_at_tick, tick_at_sqrt_price};

#[test]
fn every_tick_comes_back_from_both_sides_of_its_price() {
    assert_eq!(sqrt_price_at_tick(Tick::MIN), Some(SqrtPrice::MIN));
    assert_eq!(sqrt_price_at_tick(Tick::MAX), Some(SqrtPrice::MAX));
    assert_eq!(tick_at_sqrt_price(SqrtPrice::MAX), None);
    let mut below = None;
    for tick in (Tick::MIN.0..Tick::MAX.0).map(Tick) {
        let price = sqrt_price_at_tick(tick).expect("valid");
        assert!(below.is_none_or(|below| below < price), "prices rise with ticks, at {tick}");
        assert_eq!(tick_at_sqrt_price(price), Some(tick), "{tick}");
        let under = SqrtPrice::from_x96(price.to_x96() - U256::ONE).expect("below");
        let expected = (tick > Tick::MIN).then(|| Tick(tick.0 - 1));
        assert_eq!(tick_at_sqrt_price(under), expected, "just under {tick}");
        below = Some(price);
    }
}
