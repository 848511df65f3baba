//! A swap and the one back, in one order.

use tidemill_ledger::PoolAssets;
use tidemill_model::{AssetId, Intent, OutcomeKind, PoolId, PoolPair};
use tidemill_units::{Amount, GasPrice, Side};

use super::VALUATION;
use super::guarded::amount;
use super::synthetic_tape::{POOL, SyntheticTape, chain_event};
use super::{ASSETS, DEPOSIT, Desk, loose};
use crate::{AssetLimit, Budget, Refusal, Risk, Safeguards};

const OTHER: PoolId = PoolId(1);
const STRANGE: PoolId = PoolId(2);

/// The desk with a second pool, in which token0 is worth six percent more, and a third that has
/// another second token.
fn desk() -> Desk {
    let mut desk = Desk::new(loose());
    let tape = SyntheticTape::deep_at_tick(600);
    for (pool, token1) in [(OTHER, ASSETS.tokens()[1]), (STRANGE, AssetId(7))] {
        assert_eq!(desk.market.add_pool(tape.tape()), Ok(pool));
        desk.ledger.add_pool(pool, PoolAssets::of_two(ASSETS.tokens()[0], token1, AssetId(2)));
        for recorded in &tape.tape().events {
            desk.sequence += 1;
            let mut event = chain_event(desk.sequence, recorded);
            if let tidemill_model::EventBody::Chain(chain) = &mut event.body {
                chain.pool = pool;
            }
            desk.market.apply(&event).expect("a tape that reproduces");
        }
    }
    desk
}

fn arbitrage(legs: [(PoolId, Side); 2], amount_in: u128, min_amount_out: u128) -> Intent {
    let legs = legs.map(|(pool, input)| PoolPair { pool, pair: input.into_other() });
    let [amount_in, min_amount_out] = [amount_in, min_amount_out].map(Amount::from_u128);
    Intent::Arbitrage { legs, amount_in, min_amount_out, tip: GasPrice(0) }
}

const ROUND: [(PoolId, Side); 2] = [(POOL, Side::Token1), (OTHER, Side::Token0)];

#[test]
fn an_arbitrage_ends_in_the_token_that_it_begins_with_in_another_pool() {
    let mut desk = desk();
    for legs in [
        [(POOL, Side::Token1), (POOL, Side::Token0)],
        [(POOL, Side::Token1), (OTHER, Side::Token1)],
        [(POOL, Side::Token1), (STRANGE, Side::Token0)],
        [(POOL, Side::Token1), (PoolId(3), Side::Token0)],
    ] {
        let refused = desk.ask(arbitrage(legs, 1_000, 1_001)).map(drop);
        assert_eq!(refused, Err(Refusal::NoSuchPair), "{legs:?}");
    }
    assert!(desk.ask(arbitrage(ROUND, 1_000, 1_001)).is_ok());
}

#[test]
fn an_arbitrage_gains_or_is_not_made() {
    let mut desk = desk();
    for least in [0, 999, 1_000] {
        let (amount_in, least) = (Amount::from_u64(1_000), Amount::from_u64(least));
        let refused = desk.ask(arbitrage(ROUND, 1_000, least.0.to())).map(drop);
        assert_eq!(refused, Err(Refusal::NothingGained { amount_in, least }));
    }
    let order = desk.ask(arbitrage(ROUND, 1_000, 1_001)).expect("it gains");
    // 997 for 1,000, less a unit of rounding; 993 of them, worth 1,054.
    let OutcomeKind::Arbitraged { between, amount_out, .. } = desk.settle(order) else {
        panic!("both swaps are made")
    };
    assert_eq!([between, amount_out], [996, 1_054].map(Amount::from_u64));
    assert_eq!(desk.ledger.wallet(ASSETS.tokens()[0]), Amount::from_u128(DEPOSIT));
    assert_eq!(desk.ledger.wallet(ASSETS.tokens()[1]), Amount::from_u128(DEPOSIT + 54));
}

#[test]
fn an_arbitrage_takes_no_more_than_is_at_hand() {
    let mut desk = desk();
    let [wanted, available] = [DEPOSIT + 1, DEPOSIT].map(Amount::from_u128);
    let refused = desk.ask(arbitrage(ROUND, DEPOSIT + 1, DEPOSIT + 2)).map(drop);
    assert_eq!(refused, Err(Refusal::InsufficientBalance { available, wanted }));
    let refused = desk.ask(arbitrage(ROUND, 0, 1)).map(drop);
    assert_eq!(refused, Err(Refusal::ZeroAmount));
    assert!(desk.ask(arbitrage(ROUND, DEPOSIT - 10, DEPOSIT)).is_ok());
    // What is on its way is not at hand.
    let [wanted, available] = [11, 10].map(Amount::from_u64);
    let refused = desk.ask(arbitrage(ROUND, 11, 12)).map(drop);
    assert_eq!(refused, Err(Refusal::InsufficientBalance { available, wanted }));
}

/// At 1.0618 a thousand bring 62 more before fees.
#[test]
fn what_an_arbitrage_can_bring_counts_as_held() {
    let [mut tight, mut loose_desk] = [DEPOSIT + 60, DEPOSIT + 70].map(|most| {
        let mut desk = desk();
        let limit = AssetLimit { asset: ASSETS.tokens()[1], most: amount(most) };
        let safeguards = Safeguards { assets: vec![limit], ..Safeguards::default() };
        desk.risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards);
        desk
    });
    let refused = tight.ask(arbitrage(ROUND, 1_000, 1_001)).map(drop);
    assert!(matches!(refused, Err(Refusal::TooMuchOfAsset { .. })), "{refused:?}");
    assert!(loose_desk.ask(arbitrage(ROUND, 1_000, 1_001)).is_ok());
    // What is on its way counts as if it were there.
    let refused = loose_desk.ask(arbitrage(ROUND, 1_000, 1_001)).map(drop);
    assert!(matches!(refused, Err(Refusal::TooMuchOfAsset { .. })), "{refused:?}");
}

#[test]
fn what_an_arbitrage_pays_in_is_of_the_days_budget() {
    let mut desk = desk();
    let budget = Budget { max_swap_quote_per_day: Some(amount(1_500)), ..Budget::default() };
    let safeguards = Safeguards { budget, ..Safeguards::default() };
    desk.risk = Risk::new(loose(), VALUATION).with_safeguards(safeguards);
    assert!(desk.ask(arbitrage(ROUND, 1_000, 1_001)).is_ok());
    let (swapped, limit) = (amount(1_501), amount(1_500));
    let refused = desk.ask(arbitrage(ROUND, 501, 502)).map(drop);
    assert_eq!(refused, Err(Refusal::TooMuchSwapped { swapped, limit }));
    assert!(desk.ask(arbitrage(ROUND, 500, 501)).is_ok());
}
