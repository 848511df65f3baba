//! Pools of Uniswap v3's kin: their tapes reproduce, and every bent value is named.

use tidemill_amm::concentrated::{Build, Pool};
use tidemill_model::{
    BuildEvent, Holding, OrderKey, OutcomeKind, PoolEvent, PositionId, Sequence, Tape,
};
use tidemill_units::{Amount, FeePips, Liquidity};

use super::synthetic_builds::{KIN, SyntheticBuild, range};
use super::synthetic_tape::{POOL, chain_event, outcome_event};
use crate::{Footprint, Market, MarketError, PoolMarket};

fn market(tape: &Tape, footprint: Footprint) -> Market {
    let mut market = Market::new(footprint);
    market.add_pool(tape).unwrap();
    market
}

fn replayed(tape: &Tape) -> Result<Pool, MarketError> {
    let mut market = market(tape, Footprint::PriceTaker);
    for (sequence, recorded) in (1..).zip(&tape.events) {
        market.apply(&chain_event(sequence, recorded))?;
    }
    let pool = market.pool(POOL).and_then(PoolMarket::concentrated).unwrap();
    Ok(pool.history().clone())
}

#[test]
fn each_build_reproduces_from_its_creation_to_the_same_state() {
    for build in KIN {
        let made = SyntheticBuild::lively(build, 40);
        assert_eq!(replayed(&made.tape).unwrap(), made.pool, "{build:?}");
    }
}

#[test]
fn each_build_goes_on_from_a_snapshot_as_from_its_creation() {
    for build in KIN {
        let early = SyntheticBuild::lively(build, 12);
        let mut made = early.clone();
        for round in 0..9 {
            made.skip_blocks(1);
            let side = [tidemill_units::Side::Token0, tidemill_units::Side::Token1][round % 2];
            let amount = Amount::from_u128(3_000_000_000_000_000_000_000 * (1 + round as u128));
            made.swap(side, tidemill_amm::concentrated::SwapAmount::ExactIn(amount));
            if round == 5 {
                made.of_its_own();
            }
        }
        let pool = replayed(&made.since(&early)).unwrap();
        let [then, now] = [&early.pool, &made.pool].map(Pool::state);
        let state = pool.state();
        assert_eq!(state.sqrt_price, now.sqrt_price, "{build:?}");
        assert_eq!(state.liquidity, now.liquidity, "{build:?}");
        assert_eq!(state.staked_liquidity, now.staked_liquidity, "{build:?}");
        assert_eq!((state.fee, state.unstaked_fee), (now.fee, now.unstaked_fee), "{build:?}");
        assert_eq!(state.protocol_shares, now.protocol_shares, "{build:?}");
        for token in 0..2 {
            let grown = now.fee_growth_global[token].wrapping_sub(then.fee_growth_global[token]);
            assert_eq!(state.fee_growth_global[token], grown, "{build:?}, token {token}");
        }
    }
}

/// Bends the first event of a kind and returns what the replay says.
fn said(build: Build, bend: impl Fn(&mut BuildEvent) -> bool) -> String {
    let mut tape = SyntheticBuild::lively(build, 12).tape;
    let bent = tape.events.iter_mut().any(|recorded| match &mut recorded.event {
        PoolEvent::Build(event) => bend(event),
        _ => false,
    });
    assert!(bent, "an event to bend");
    let error = replayed(&tape).unwrap_err().to_string();
    error.split_once(": ").unwrap().1.to_owned()
}

#[test]
fn what_only_a_build_logs_is_compared() {
    let pancake = said(Build::PancakeV3, |event| match event {
        BuildEvent::PancakeSwap { protocol_fees: Some([fee0, fee1]), .. } => {
            (*fee0, *fee1) = (*fee0 + 1, *fee1 + 1);
            true
        }
        _ => false,
    });
    assert!(pancake.starts_with("the swap gives protocol_fee0 "), "{pancake}");
    let v4 = said(Build::UniswapV4, |event| match event {
        BuildEvent::ManagedSwap { fee, .. } => {
            *fee = Some(FeePips(2_999));
            true
        }
        _ => false,
    });
    assert_eq!(v4, "the swap gives fee_pips 3000, recorded is 2999");
    let gauge = said(Build::Slipstream, |event| match event {
        BuildEvent::CollectFees(amounts) => {
            amounts.amount0 = Amount::ZERO;
            true
        }
        _ => false,
    });
    assert!(gauge.starts_with("the collect_fees gives amount0 "), "{gauge}");
    let fee = said(Build::Slipstream, |event| match event {
        BuildEvent::SetFee(fee) => {
            *fee = FeePips(501);
            true
        }
        _ => false,
    });
    assert!(fee.contains("reproduces neither"), "{fee}");
    let stake = said(Build::Slipstream, |event| match event {
        BuildEvent::Stake { delta, moves_position: true, .. } => {
            delta.0 = i128::MAX;
            true
        }
        _ => false,
    });
    assert!(stake.starts_with("the stake reverts: "), "{stake}");
    let owner = said(Build::UniswapV4, |event| match event {
        BuildEvent::ModifyLiquidity { delta, owner: Some((_, salt)), .. } if delta.0 < 0 => {
            salt.0[31] ^= 1;
            true
        }
        _ => false,
    });
    assert!(owner.starts_with("the modify_liquidity reverts: "), "{owner}");
}

#[test]
fn an_event_of_another_build_is_refused() {
    for build in KIN {
        for other in KIN.into_iter().filter(|other| *other != build) {
            let mut tape = SyntheticBuild::new(build).tape;
            let events = SyntheticBuild::lively(other, 12).tape.events;
            let is_foreign =
                |event: &&tidemill_model::TapeEvent| matches!(event.event, PoolEvent::Build(_));
            tape.events.push(events.iter().rfind(is_foreign).unwrap().clone());
            let error = replayed(&tape).unwrap_err().to_string();
            assert!(error.contains("a pool of this kind has no"), "{build:?}: {error}");
        }
    }
}

/// A position that is on the tape is paid to the unit what a price-taker beside it would be, and
/// v4's and Slipstream's rules are those of the pool itself.
#[test]
fn our_position_is_paid_by_the_builds_own_rules() {
    let id = PositionId(OrderKey { sequence: Sequence(0), intent: 0 });
    let liquidity = Liquidity(1_000_000_000_000_000_000_000);
    for build in KIN {
        let made = SyntheticBuild::lively(build, 30);
        let mut paid = Vec::new();
        for footprint in [Footprint::PriceTaker, Footprint::ReExecuted] {
            let mut market = market(&made.tape, footprint);
            let (first, rest) = made.tape.events.split_at(2);
            let mut sequence = 0;
            let mut apply = |market: &mut Market, events: &[tidemill_model::TapeEvent]| {
                for recorded in events {
                    sequence += 1;
                    market.apply(&chain_event(sequence, recorded)).unwrap();
                }
            };
            apply(&mut market, first);
            let range = range(-600, 600);
            let pool = market.pool(POOL).and_then(PoolMarket::concentrated).unwrap();
            let deposited = pool.quote_own(range, liquidity).unwrap().into();
            let holding = Holding::Range { range, liquidity };
            let kind = OutcomeKind::Opened { position: id, pool: POOL, holding, deposited };
            outcome(&mut market, kind);
            apply(&mut market, rest);
            let worth = market.worth(id).unwrap();
            let (withdrawn, fees) = (worth.principal, worth.fees);
            outcome(&mut market, OutcomeKind::Closed { position: id, withdrawn, fees });
            assert_eq!(market.worth(id), None, "{build:?}");
            assert!(fees.iter().all(|(_, fee)| !fee.is_zero()), "{build:?}: {fees:?}");
            paid.push(fees);
        }
        // Ours is a thousandth of the liquidity: fees differ by about as much.
        for ((_, taken), (_, shared)) in paid[0].iter().zip(paid[1].iter()) {
            let off = taken.0.abs_diff(shared.0);
            assert!(off * tidemill_units::U256::from(100) < taken.0, "{build:?}: {paid:?}");
        }
    }
}

fn outcome(market: &mut Market, kind: OutcomeKind) {
    let order = OrderKey { sequence: Sequence(0), intent: 0 };
    let (block, gas) = (market.block(), tidemill_model::GasPaid::default());
    let outcome = tidemill_model::Outcome { order, block, gas, kind };
    let now = market.now();
    market.apply(&outcome_event(1, now, outcome)).unwrap();
}
