//! What assets are worth through the pools of a run, by hand.

use tidemill_model::{AssetId, Event, EventBody, PoolId, PriceEvent, QuotePrice, Sequence};
use tidemill_units::{Amount, Side, SignedAmount};

use super::synthetic_tape::{POOL, SyntheticTape, amounts, chain_events};
use crate::{AssetPrices, Footprint, Market, NativeValue, PoolValuation, Valuation};

const ONE: AssetId = AssetId(0);
const TWO: AssetId = AssetId(1);
const OTHER: AssetId = AssetId(5);
const FAR: AssetId = AssetId(6);
const TOLD: AssetId = AssetId(9);
const VALUATION: Valuation = Valuation::Pool(PoolValuation {
    pool: POOL,
    quote: Side::Token1.index(),
    native: NativeValue::Token(Side::Token1.index()),
});

/// At tick 23,028 a token0 is worth ten of token1, a little more than nothing less.
const TENFOLD: i32 = 23_027;

/// Three pools: one in two at par, another in one at ten, and two that no other shares.
fn market() -> Market {
    let mut market = Market::new(Footprint::PriceTaker);
    let mut sequence = 0;
    for tick in [0, TENFOLD, 0] {
        let tape = SyntheticTape::deep_at_tick(tick);
        let id = market.add_pool(tape.tape()).expect("a tape");
        for event in chain_events(tape.tape()) {
            sequence += 1;
            let EventBody::Chain(mut chain) = event.body else { panic!("of a chain") };
            chain.pool = id;
            let event =
                Event { sequence: Sequence(sequence), body: EventBody::Chain(chain), ..event };
            market.apply(&event).expect("it reproduces");
        }
    }
    let price = QuotePrice { quote: Amount::from_u64(3), of: Amount::from_u64(2) };
    let body = EventBody::Price(PriceEvent { asset: TOLD, price });
    let event = Event::at(Sequence(sequence + 1), market.now(), body);
    market.apply(&event).expect("a price");
    market
}

const POOLS: [(PoolId, [AssetId; 2]); 3] =
    [(PoolId(1), [OTHER, ONE]), (POOL, [ONE, TWO]), (PoolId(2), [FAR, AssetId(7)])];

fn prices<'a>(market: &'a Market, pools: &'a [(PoolId, [AssetId; 2])]) -> AssetPrices<'a> {
    let pools = pools.iter().map(|(id, assets)| (*id, assets.as_slice()));
    AssetPrices::new(market, VALUATION, pools).expect("its pool has a price")
}

#[test]
fn an_asset_is_worth_what_the_nearest_pool_says() {
    let market = market();
    let prices = prices(&market, &POOLS);
    let value = |asset, amount| prices.value(asset, Amount::from_u64(amount));
    let worth = |amount| Some(Amount::from_u64(amount));
    assert_eq!(value(TWO, 1_000), worth(1_000));
    assert_eq!(value(ONE, 1_000), worth(1_000));
    // 1.0001^23027 is 9.9998, so a thousand of it are 9,999 of the token that both pools have.
    assert_eq!(value(OTHER, 1_000), worth(9_999));
    assert_eq!(value(TOLD, 1_001), worth(1_501));
    assert_eq!(value(FAR, 1_000), None, "no pool has it and a token that is worth something");
    assert_eq!(value(AssetId(99), 1), None);
    let balance = |asset, amount| prices.balance(asset, SignedAmount::from_i128(amount));
    assert_eq!(balance(OTHER, 1_000), Some(SignedAmount::from_i128(9_999)));
    assert_eq!(balance(OTHER, -1_000), Some(SignedAmount::from_i128(-10_000)));
    assert_eq!(balance(TOLD, -1_001), Some(SignedAmount::from_i128(-1_502)));
}

#[test]
fn amounts_of_a_pool_are_those_of_its_own_tokens() {
    let market = market();
    let prices = prices(&market, &POOLS);
    let both = amounts(1_000, 50).into();
    assert_eq!(prices.tokens(PoolId(1), &both), Some(Amount::from_u64(9_999 + 50)));
    assert_eq!(prices.tokens(POOL, &both), Some(Amount::from_u64(1_050)));
    assert_eq!(prices.tokens(PoolId(2), &both), None);
    assert_eq!(prices.tokens(PoolId(2), &amounts(0, 0).into()), Some(Amount::ZERO));
    assert_eq!(prices.tokens(PoolId(3), &both), None);
}

#[test]
fn there_are_no_prices_without_the_pool_that_values_are_stated_in() {
    let market = market();
    let without = POOLS.iter().filter(|(id, _)| *id != POOL);
    let pools = without.map(|(id, assets)| (*id, assets.as_slice()));
    assert!(AssetPrices::new(&market, VALUATION, pools).is_none());
    let empty = Market::new(Footprint::PriceTaker);
    let pools = POOLS.iter().map(|(id, assets)| (*id, assets.as_slice()));
    assert!(AssetPrices::new(&empty, VALUATION, pools).is_none());
}
