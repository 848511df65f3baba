//! Liquidity for one swap: by hand on a pool of one range, and in the built-in week against a
//! position that is followed through the same swap.

use tidemill_market::{Footprint, NativeValue, PoolValuation};
use tidemill_model::{PoolId, Tape};
use tidemill_replay::{
    JustInTimeTerms, PositionRequest, ServedSwap, TapePoint, follow_position, serve_just_in_time,
};
use tidemill_units::{
    Amount, Amounts, Bps, Gas, GasPrice, Side, SignedAmount, TickRange, TokenIndex,
};

use crate::data::{setup, week};
use crate::synthetic_tape::{SyntheticTape, amounts, range};

fn terms() -> JustInTimeTerms {
    let quote = TokenIndex(1);
    JustInTimeTerms {
        valuation: PoolValuation { pool: PoolId(0), quote, native: NativeValue::Token(quote) },
        capital: Amount::from_u128(1_000_000_000_000_000_000_000),
        least: Amount::ZERO,
        gas: Gas(1_000),
        fallback_price: GasPrice(1_000_000_000),
        bid: Bps(5_000),
        markout_blocks: 5,
        hindsight: false,
    }
}

fn served(tape: &Tape, terms: &JustInTimeTerms) -> Vec<ServedSwap> {
    let report = serve_just_in_time(tape, terms, |_| {}).unwrap();
    assert!(report.looked_at <= report.swaps);
    report.served
}

fn signed(raw: i128) -> SignedAmount {
    SignedAmount::from_i128(raw)
}

/// A swap of 3 * 10^18 of token1 at a price of one, on 10^21 of liquidity and a fee of 0.3 %, taken
/// back a block later.
fn up_and_back() -> SyntheticTape {
    let mut made = SyntheticTape::deep_at_tick(0);
    made.skip_blocks(1);
    made.swap_in(Side::Token1, 3_000_000_000_000_000_000);
    made.skip_blocks(1);
    made.swap_to(0);
    made
}

/// Worked out in Python with the contract's roundings. Between the ticks 0 and 60, 10^21 of token0
/// are 333850249709699449134759 of liquidity, 99.70 % of all there is then. The price goes up by
/// 0.0018 % instead of 0.6 %, and of the fee of 9 * 10^15 that part is 8973122313607940. Gas costs
/// 10^12, and of the rest the builder has half. For 2982041012251690289 of token0,
/// 2982067648889039006 of token1 come back: where the price is one again, 26636637348717 more than
/// was given.
#[test]
fn a_swap_that_is_taken_back_pays_nearly_its_whole_fee() {
    let made = up_and_back();
    let [swap, _] = served(made.tape(), &terms())[..] else { panic!("two swaps") };
    assert_eq!(swap.range, range(0, 60));
    assert_eq!(swap.liquidity.0, 333_850_249_709_699_449_134_759);
    assert_eq!(swap.paid.deposited, amounts(1_000_000_000_000_000_000_000, 0));
    let withdrawn = amounts(997_017_958_987_748_309_711, 2_982_067_648_889_039_006);
    assert_eq!(swap.paid.withdrawn, withdrawn);
    assert_eq!(swap.paid.fees, amounts(0, 8_973_122_313_607_940));
    assert_eq!(swap.volume, Amount::from_u128(3_000_000_000_000_000_000));
    assert_eq!(swap.capital, Amount::from_u128(1_000_000_000_000_000_000_000));
    assert_eq!(swap.fees, signed(8_973_122_313_607_940));
    assert_eq!(swap.inventory, signed(26_636_637_348_717));
    assert_eq!(swap.gas, signed(1_000_000_000_000));
    assert_eq!(swap.bid, signed(4_486_061_156_803_970));
    assert_eq!(swap.net, signed(4_512_697_794_152_687));
}

/// At the price that the swap left on record the inventory is 17838610278381820 less: twice the
/// fee. Whoever has seen that price lets it pass, and so the second one, which gives token0 for
/// more than one and leaves it worth one.
#[test]
fn a_swap_that_is_right_costs_more_than_its_fee() {
    let made = up_and_back();
    let now = JustInTimeTerms { markout_blocks: 0, ..terms() };
    let found = served(made.tape(), &now);
    assert_eq!(found[0].inventory, signed(-17_838_610_278_381_820));
    assert_eq!(found[0].net, signed(-13_352_549_121_577_850));
    assert_eq!(served(made.tape(), &JustInTimeTerms { hindsight: true, ..now }), []);
    let later = served(made.tape(), &JustInTimeTerms { hindsight: true, ..terms() });
    assert_eq!(later.len(), 1);
    assert_eq!(later[0].paid, found[0].paid);
}

#[test]
fn what_pays_less_than_its_gas_or_is_too_small_is_let_pass() {
    let made = up_and_back();
    assert_eq!(served(made.tape(), &JustInTimeTerms { gas: Gas(10_000_000), ..terms() }), []);
    let least = Amount::from_u128(4_000_000_000_000_000_000);
    assert_eq!(served(made.tape(), &JustInTimeTerms { least, ..terms() }), []);
}

/// A position that is opened after the event before a swap and closed after it, with every swap
/// executed again, pays and is paid the same.
#[test]
fn in_the_week_it_is_what_a_position_around_the_swap_is_paid() {
    let mut tape = week().clone();
    tape.events.truncate(1_500);
    let setup = setup("");
    let dollars = |dollars: u64| Amount::from_u64(dollars * 1_000_000);
    let terms = JustInTimeTerms {
        valuation: *setup.valuation.pool().unwrap(),
        capital: dollars(1_000_000),
        least: dollars(20_000),
        gas: Gas(0),
        ..terms()
    };
    let found = served(&tape, &terms);
    let free: Vec<_> = found.iter().filter(|swap| swap.request.price_limit.is_none()).collect();
    assert!(free.len() >= 10, "{} of {}", free.len(), found.len());
    for swap in free.into_iter().take(10) {
        check_against_position(&tape, swap);
    }
    for swap in &found {
        let parts = [swap.inventory, SignedAmount::ZERO.checked_sub(swap.gas).unwrap()];
        let left = parts.iter().fold(swap.fees, |sum, part| sum.checked_add(*part).unwrap());
        assert_eq!(left.checked_sub(swap.bid), Some(swap.net));
        assert!(swap.fees > swap.gas, "{swap:?}");
        assert!(swap.capital <= terms.capital && swap.volume >= terms.least);
    }
}

fn check_against_position(tape: &Tape, swap: &ServedSwap) {
    let place = tape
        .events
        .partition_point(|event| (event.block, event.log_index) < (swap.block, swap.log_index));
    let point = |place: usize| {
        let event = &tape.events[place];
        TapePoint { block: event.block, log_index: Some(event.log_index) }
    };
    let TickRange { lower, upper } = swap.range;
    let request = PositionRequest {
        range: TickRange { lower, upper },
        liquidity: swap.liquidity,
        open: Some(point(place - 1)),
        close: Some(point(place)),
        footprint: Footprint::ReExecuted,
    };
    let report = follow_position(tape, &request, |_| {}).unwrap();
    let paid: [Amounts; 3] = [swap.paid.deposited, swap.paid.withdrawn, swap.paid.fees];
    assert_eq!(paid, [report.deposit, report.withdraw, report.fees], "{swap:?}");
}
