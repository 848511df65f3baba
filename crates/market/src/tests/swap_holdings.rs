use tidemill_amm::concentrated::{Owner, PositionKey, Rounding};
use tidemill_rewards::Account;
use tidemill_units::{Amount, U256, mul_div};

use super::Log;
use super::random_pool::random_tape;
use super::seeded::Seeded;
use crate::{Footprint, SwapHoldings, is_swap};

const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);
const FEE_PARTS: U256 = U256::from_limbs([0, 1, 0, 0]);

/// Whole raw units of token0 as token1's parts.
fn in_parts_of_token1(amount0: U256, root: U256) -> U256 {
    mul_div(mul_div(amount0 * FEE_PARTS, root, Q96).unwrap(), root, Q96).unwrap()
}

/// What positions may collect after a swap and could not before it is what the swap paid them, but
/// for the rounding of both ends, in either token.
#[test]
fn a_swap_pays_each_position_what_it_may_collect_more() {
    let mut random = Seeded(91);
    let (mut both, mut crossed, mut apart) = ([0_u32; 2], 0, 0);
    for _ in 0..30 {
        let made = random_tape(&mut random, 60);
        let mut log = Log::new(made.tape(), Footprint::PriceTaker);
        for event in &made.tape().events {
            let pool = log.pool().history().clone();
            log.record_all(std::slice::from_ref(event));
            if !is_swap(&event.event) {
                continue;
            }
            let after = log.pool().history();
            let holdings = SwapHoldings::before(&pool).after(after).unwrap();
            let live = pool.positions().filter(|(_, position)| !position.liquidity.is_zero());
            let live: Vec<_> = live.collect();
            assert_eq!(live.len(), holdings.len());
            let root = after.sqrt_price().to_x96();
            for ((key, position), holding) in live.into_iter().zip(&holdings) {
                assert_eq!(holding.account, Account(key.owner.0));
                let held = after.amounts_of(key.range, position.liquidity, Rounding::Down).unwrap();
                assert_eq!((holding.amount0, holding.amount1), (held.amount0, held.amount1));
                let tick = after.tick();
                let is_in_range = key.range.lower <= tick && tick < key.range.upper;
                assert_eq!(holding.is_in_range, is_in_range);

                let [had, has] = [&pool, after].map(|pool| pool.worth(*key).unwrap().fees);
                let more = |had: Amount, has: Amount| has.0 - had.0;
                let paid0 = more(had.amount0, has.amount0);
                let paid1 = more(had.amount1, has.amount1) * FEE_PARTS;
                // Each of the two was rounded down before and after.
                let one0 = in_parts_of_token1(U256::from(1), root) + U256::from(3);
                let middle = in_parts_of_token1(paid0, root) + paid1;
                let slack = one0 + FEE_PARTS;
                assert!(holding.fees.0 <= middle + slack, "{holding:?} {middle}");
                assert!(holding.fees.0 + slack >= middle, "{holding:?} {middle}");
                both[0] += u32::from(!paid0.is_zero());
                both[1] += u32::from(!paid1.is_zero());
                apart += u32::from(!holding.fees.is_zero() && !is_in_range);
            }
            crossed += u32::from(pool.liquidity() != after.liquidity());
        }
    }
    assert!(both.iter().all(|count| *count > 100) && crossed > 20 && apart > 5);
}

#[test]
fn a_position_that_the_price_never_met_is_paid_nothing() {
    let mut made = super::synthetic_tape::SyntheticTape::deep_at_tick(0);
    let far = super::synthetic_tape::range(6_000, 6_060);
    made.mint(3, far, 1_000_000_000);
    let before = made.pool().clone();
    made.swap_in(tidemill_units::Side::Token1, 1_000_000_000_000);
    let holdings = SwapHoldings::before(&before).after(made.pool()).unwrap();
    let key = PositionKey { owner: Owner(holdings[1].account.0), range: far };
    assert_eq!(made.pool().position(&key).liquidity.0, 1_000_000_000);
    assert!(!holdings[0].fees.is_zero() && holdings[0].is_in_range);
    assert!(holdings[1].fees.is_zero() && !holdings[1].is_in_range);
    assert!(!holdings[1].amount0.is_zero() && holdings[1].amount1.is_zero());
}
