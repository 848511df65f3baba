use tidemill_model::{ChainEvent, Event, EventBody, PoolEvent, PoolId, RecordedAfter, Sequence};
use tidemill_units::{
    Amounts, BlockNumber, Liquidity, LogIndex, RelativeTolerance, Side, SignedAmount,
    SignedAmounts, Tick, Timestamp,
};

use super::Log;
use super::synthetic_tape::{SyntheticTape, address, amounts, full_range, range};
use crate::{Footprint, MarketError};

const LIQUIDITY: u128 = 1_000_000;

/// Block 1000: `initialize` at tick 0. Block 1003: a mint of owner 1, and a swap.
fn recorded() -> SyntheticTape {
    let mut synthetic = SyntheticTape::at_tick(0);
    synthetic.skip_blocks(3);
    synthetic.mint(1, full_range(), LIQUIDITY);
    synthetic.swap_in(Side::Token0, 10_000);
    synthetic
}

/// Changes the event at an index and expects the replay to stop there with this message.
#[track_caller]
fn check(index: usize, change: impl FnOnce(&mut PoolEvent), message: &str) {
    let mut tape = recorded().tape().clone();
    change(&mut tape.events[index].event);
    check_tape(&tape, index, message);
}

/// Adds an event behind the recorded ones and expects the replay to stop there with this message.
#[track_caller]
fn check_added(event: PoolEvent, message: &str) {
    let mut synthetic = recorded();
    synthetic.record(event);
    check_tape(synthetic.tape(), 3, message);
}

#[track_caller]
fn check_tape(tape: &tidemill_model::Tape, index: usize, message: &str) {
    let mut log = Log::new(tape, Footprint::PriceTaker);
    log.record_all(&tape.events[..index]);
    let error = log.record(&tape.events[index]).expect_err("a mismatch");
    let MarketError::Mismatch { block, log_index, .. } = error else { panic!("{error}") };
    assert_eq!((block, log_index), (tape.events[index].block, tape.events[index].log_index));
    assert_eq!(error.to_string(), message);
}

/// Bends a swap and expects the one message that names its amounts.
#[track_caller]
fn check_swap(change: impl FnOnce(&mut SignedAmounts, &mut RecordedAfter), amounts: &str) {
    let message = format!(
        "block 1003, log index 1: the swap {amounts} reproduces neither as exact input, nor as \
         exact output, nor to its price"
    );
    let bend = |event: &mut PoolEvent| match event {
        PoolEvent::Swap { amounts, after } => change(amounts, after),
        other => panic!("{other:?}"),
    };
    check(2, bend, &message);
}

#[test]
fn an_initialize_names_the_tick_that_differs() {
    let change = |event: &mut PoolEvent| {
        let PoolEvent::Initialize { tick, .. } = event else { panic!("{event:?}") };
        *tick = Some(Tick(1));
    };
    check(0, change, "block 1000, log index 0: the initialize gives tick 0, recorded is 1");
    let again = recorded().tape().events[0].event.clone();
    check_added(
        again,
        "block 1003, log index 2: the initialize reverts: the pool is initialized already (AI)",
    );
}

#[test]
fn a_swap_is_refused_for_any_value_that_differs() {
    let signed = SignedAmount::from_i128;
    // Up to 10003 the fee takes the difference, and the swap is the same but for what was paid.
    check_swap(|amounts, _| amounts.amount0 = signed(10_004), "(10004, -9871)");
    check_swap(|amounts, _| amounts.amount1 = signed(-9_870), "(10000, -9870)");
    check_swap(|amounts, _| amounts.amount1 = signed(-9_872), "(10000, -9872)");
    let same = "(10000, -9871)";
    check_swap(|_, after| after.sqrt_price = Some(tidemill_units::SqrtPrice::MIN), same);
    check_swap(|_, after| after.liquidity = Some(Liquidity(LIQUIDITY + 1)), same);
    check_swap(|_, after| after.tick = after.tick.map(|tick| Tick(tick.0 + 1)), same);
}

#[test]
fn a_mint_names_the_amount_that_differs() {
    for (which, message) in [
        (amounts(1, 0), "the mint gives amount0 1000000, recorded is 1000001"),
        (amounts(0, 1), "the mint gives amount1 1000000, recorded is 1000001"),
    ] {
        let change = |event: &mut PoolEvent| {
            let PoolEvent::Mint { amounts, .. } = event else { panic!("{event:?}") };
            *amounts = amounts.checked_add(which).unwrap();
        };
        check(1, change, &format!("block 1003, log index 0: {message}"));
    }
}

#[test]
fn a_burn_of_more_than_there_is_or_of_nothing_is_refused() {
    let burn = |owner, liquidity, amounts| PoolEvent::Burn {
        owner: Some(address(owner)),
        range: full_range(),
        liquidity: Liquidity(liquidity),
        amounts,
    };
    let reverts = "block 1003, log index 2: the burn reverts:";
    let too_much = format!("{reverts} less liquidity than is to be removed (LS)");
    check_added(burn(1, LIQUIDITY + 1, Amounts::ZERO), &too_much);
    check_added(burn(2, 1, Amounts::ZERO), &too_much);
    let nothing = format!("{reverts} the position has no liquidity (NP)");
    check_added(burn(2, 0, Amounts::ZERO), &nothing);
    let off = "block 1003, log index 2: the burn gives amount0 1009969, recorded is 1";
    check_added(burn(1, LIQUIDITY, amounts(1, 990_129)), off);
}

#[test]
fn a_collect_is_compared_where_owners_are_known() {
    let collect = |owner| PoolEvent::Collect { owner, range: full_range(), amounts: amounts(5, 0) };
    check_added(
        collect(Some(address(1))),
        "block 1003, log index 2: the collect gives amount0 0, recorded is 5",
    );
    let mut synthetic = recorded();
    synthetic.record(collect(None));
    Log::new(synthetic.tape(), Footprint::PriceTaker).record_all(&synthetic.tape().events);
}

#[test]
fn what_the_pool_refuses_is_named_with_its_reason() {
    let reverts = |kind, reason| format!("block 1003, log index 2: the {kind} reverts: {reason}");
    let mint = PoolEvent::Mint {
        owner: Some(address(1)),
        range: range(0, 61),
        liquidity: Liquidity(1),
        amounts: Amounts::ZERO,
    };
    check_added(mint, &reverts("mint", "a tick is not a multiple of the tick spacing"));
    check_added(
        PoolEvent::SetFeeProtocol { fee_protocol0: 0, fee_protocol1: 3 },
        &reverts("set_fee_protocol", "the protocol fee is neither 0 nor 4 to 10"),
    );
    let mut synthetic = SyntheticTape::at_tick(0);
    synthetic.record(PoolEvent::Flash { paid: amounts(1, 1) });
    check_tape(
        synthetic.tape(),
        1,
        "block 1000, log index 1: the flash reverts: no liquidity in range (L)",
    );
}

#[test]
fn what_was_not_recorded_is_not_compared() {
    let mut tape = recorded().tape().clone();
    for recorded in &mut tape.events {
        match &mut recorded.event {
            PoolEvent::Swap { after, .. } => *after = RecordedAfter::default(),
            PoolEvent::Initialize { tick, .. } => *tick = None,
            _ => {}
        }
    }
    let mut log = Log::new(&tape, Footprint::PriceTaker);
    log.record_all(&tape.events);
    assert_eq!(log.pool().history(), recorded().pool());
    let counts = log.pool().counts();
    assert_eq!((counts.events, counts.swaps(), counts.liquidity_changes), (3, 1, 1));
}

#[test]
fn rounded_records_pass_within_the_stated_tolerance_only() {
    let bend = |tolerance: &str| {
        let mut tape = recorded().tape().clone();
        tape.header.amount_tolerance = tolerance.parse::<RelativeTolerance>().unwrap();
        let PoolEvent::Swap { amounts, .. } = &mut tape.events[2].event else { panic!("a swap") };
        amounts.amount1 = SignedAmount::from_i128(-9_800);
        let mut log = Log::new(&tape, Footprint::PriceTaker);
        log.record_all(&tape.events[..2]);
        (log.record(&tape.events[2]).is_ok(), log.pool().history() == recorded().pool())
    };
    assert_eq!(bend("0.009"), (true, true), "the pool goes on with the exact values");
    assert!(!bend("0.005").0);
}

#[test]
fn a_price_that_moves_for_nothing_reproduces_in_both_directions() {
    // No liquidity is in range: anybody may move the price, and both amounts are zero. Only the
    // price tells which token was meant to be paid.
    let mut synthetic = SyntheticTape::at_tick(0);
    for tick in [-500, 700, 20, -500] {
        synthetic.swap_to(tick);
    }
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    log.record_all(&synthetic.tape().events);
    assert_eq!(log.pool().history(), synthetic.pool());
    assert_eq!(log.pool().counts().swaps_price_limited, 4);
}

#[test]
fn an_event_of_an_unknown_pool_is_refused() {
    let synthetic = recorded();
    let mut log = Log::new(synthetic.tape(), Footprint::PriceTaker);
    let body = EventBody::Chain(ChainEvent {
        pool: PoolId(1),
        block: BlockNumber(1),
        log_index: LogIndex(0),
        gas_price: None,
        event: synthetic.tape().events[0].event.clone(),
    });
    let event = Event::at(Sequence(1), Timestamp(1), body);
    assert_eq!(log.market.apply(&event), Err(MarketError::UnknownPool(PoolId(1))));
}
