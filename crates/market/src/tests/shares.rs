use tidemill_amm::Pool;
use tidemill_model::{
    Event, EventBody, GasPaid, Holding, OrderKey, Outcome, OutcomeKind, PositionId, Sequence,
    ShareEvent,
};
use tidemill_units::{Amount, TokenAmounts, TokenIndex, U256};

use super::seeded::Seeded;
use super::synthetic_shares::{POOL, SyntheticShares, amounts, pair, share_event};
use crate::{
    Footprint, Market, MarketError, Mismatch, OwnDeposit, OwnWorth, ShareMismatch, SharePoolMarket,
};

pub(super) const FOOTPRINTS: [Footprint; 2] = [Footprint::PriceTaker, Footprint::ReExecuted];

/// A market that takes in recorded events of a pool of shares, and outcomes of ours.
pub(super) struct ShareLog {
    pub(super) market: Market,
    sequence: u64,
}

impl ShareLog {
    pub(super) fn new(tape: &SyntheticShares, footprint: Footprint) -> Self {
        let mut market = Market::new(footprint);
        let first = tape.events.first().map_or(tape.now(), |event| event.time);
        assert_eq!(market.add_share_pool(&tape.header, &tape.start, first), Ok(POOL));
        Self { market, sequence: 0 }
    }

    pub(super) fn pool(&self) -> &SharePoolMarket {
        self.market.pool(POOL).expect("added").shares().expect("a pool of shares")
    }

    fn next_key(&self) -> OrderKey {
        OrderKey { sequence: Sequence(self.sequence), intent: 0 }
    }

    pub(super) fn record(&mut self, tape: &SyntheticShares, events: std::ops::Range<usize>) {
        for recorded in &tape.events[events] {
            self.sequence += 1;
            let event = share_event(self.sequence, recorded);
            assert_eq!(self.market.apply(&event), Ok(()), "{recorded:?}");
        }
    }

    pub(super) fn outcome(&mut self, kind: OutcomeKind) -> Result<(), MarketError> {
        let (block, now) = (self.market.block(), self.market.now());
        let outcome = Outcome { order: self.next_key(), block, gas: GasPaid::default(), kind };
        self.sequence += 1;
        self.market.apply(&Event::at(
            Sequence(self.sequence),
            now,
            EventBody::Outcome(Box::new(outcome)),
        ))
    }

    /// Opens with as much of these amounts as the pool takes.
    pub(super) fn open(&mut self, desired: &TokenAmounts) -> (PositionId, OwnDeposit) {
        let deposit = self.pool().quote_own_deposit(desired, self.market.now());
        let deposit = deposit.expect("a deposit").expect("enough");
        let position = PositionId(self.next_key());
        let OwnDeposit { deposited, shares } = deposit;
        let holding = Holding::Shares(shares);
        let opened = OutcomeKind::Opened { position, pool: POOL, holding, deposited };
        assert_eq!(self.outcome(opened), Ok(()));
        (position, deposit)
    }

    pub(super) fn close(&mut self, position: PositionId) -> OwnWorth {
        let worth = self.market.worth(position).expect("open");
        let OwnWorth { principal: withdrawn, fees } = worth;
        assert_eq!(self.outcome(OutcomeKind::Closed { position, withdrawn, fees }), Ok(()));
        worth
    }
}

fn pools() -> [SyntheticShares; 2] {
    [SyntheticShares::pair(), SyntheticShares::three_coins()]
}

/// Swaps in all directions, deposits and withdrawals of others.
fn extend(tape: &mut SyntheticShares, random: &mut Seeded, operations: usize) {
    let count = u64::try_from(tape.header.tokens.len()).expect("few");
    let mut held = Vec::new();
    for _ in 0..operations {
        tape.skip_blocks(random.below(3));
        let balances = tape.shares().balances();
        match random.below(8) {
            0 => {
                let part = U256::from(7 + random.below(90));
                let mut amounts = balances;
                for amount in amounts.as_mut_slice() {
                    *amount = Amount(amount.0 / part);
                }
                held.push(tape.deposit(amounts));
            }
            1 => {
                if let Some(shares) = held.pop() {
                    tape.withdraw(shares);
                }
            }
            _ => {
                let input = random.below(count);
                let output = (input + 1 + random.below(count - 1)) % count;
                let [input, output] = [input, output].map(|one| u8::try_from(one).expect("few"));
                let balance = balances.get(TokenIndex(input)).expect("a token");
                let part = balance.0 / U256::from(3 + random.below(3_000));
                tape.swap(input, output, u128::try_from(part).expect("small"));
            }
        }
    }
}

pub(super) fn desired(tape: &SyntheticShares, part: u64) -> TokenAmounts {
    let mut amounts = tape.start.shares().expect("shares").balances();
    for amount in amounts.as_mut_slice() {
        *amount = Amount(amount.0 / U256::from(part));
    }
    amounts
}

#[test]
fn whatever_we_do_the_history_of_shares_stays_what_was_recorded() {
    for seed in 0..40 {
        for mut tape in pools() {
            extend(&mut tape, &mut Seeded(seed), 40);
            for footprint in FOOTPRINTS {
                let mut log = ShareLog::new(&tape, footprint);
                log.record(&tape, 0..10);
                let (first, _) = log.open(&desired(&tape, 10));
                log.record(&tape, 10..20);
                log.open(&desired(&tape, 3));
                log.close(first);
                log.record(&tape, 20..tape.events.len());
                assert_eq!(log.pool().history(), &tape.pool, "{footprint:?}, seed {seed}");
                if footprint == Footprint::PriceTaker {
                    assert_eq!(log.pool().pool(), &tape.pool, "seed {seed}");
                }
            }
        }
    }
}

#[test]
fn a_deposit_and_withdrawal_with_nothing_between_loses_only_rounding() {
    for mut tape in pools() {
        extend(&mut tape, &mut Seeded(5), 20);
        for footprint in FOOTPRINTS {
            let mut log = ShareLog::new(&tape, footprint);
            log.record(&tape, 0..tape.events.len());
            let desired = desired(&tape, 10);
            let (position, deposit) = log.open(&desired);
            assert!(desired.checked_sub(&deposit.deposited).is_some(), "no more than offered");
            let paid = log.close(position);
            assert!(paid.fees.is_zero(), "{footprint:?}: {paid:?}");
            let amounts = deposit.deposited.as_slice().iter().zip(paid.principal.as_slice());
            for (deposited, paid) in amounts {
                let lost = deposited.0.abs_diff(paid.0);
                if tape.header.tokens.len() == 3 {
                    // Rounded up to raw units of 6 decimals, a deposit is a little out of
                    // proportion: what is too much of one coin comes back as another.
                    assert!(lost <= deposited.0 / U256::from(100_000), "{footprint:?}: {lost}");
                } else {
                    assert!(paid <= deposited && lost <= U256::ONE, "{footprint:?}: {lost}");
                }
            }
        }
    }
}

#[test]
fn all_shares_of_a_price_taker_are_worth_the_balances() {
    for mut tape in pools() {
        let total = tape.shares().total_shares();
        extend(&mut tape, &mut Seeded(6), 0);
        let mut log = ShareLog::new(&tape, Footprint::PriceTaker);
        let balances = tape.shares().balances();
        let (position, deposit) = log.open(&balances);
        assert_eq!((deposit.shares, deposit.deposited), (total, balances));
        let count = u8::try_from(tape.header.tokens.len()).expect("few");
        for input in 0..count {
            let part = balances.get(TokenIndex(input)).expect("a token").0 / U256::from(50);
            tape.swap(input, (input + 1) % count, u128::try_from(part).expect("small"));
        }
        log.record(&tape, 0..tape.events.len());
        let worth = log.market.worth(position).expect("open");
        let all = worth.principal.checked_add(&worth.fees);
        assert_eq!(all, Some(tape.shares().balances()));
        assert!(worth.fees.as_slice().iter().all(|fee| !fee.is_zero()), "{worth:?}");
    }
}

/// The invariant of a v2 position is what it was when it was opened: only fees make it grow.
#[test]
fn the_principal_of_a_pair_keeps_the_product_of_its_deposit() {
    for footprint in FOOTPRINTS {
        let mut tape = SyntheticShares::pair();
        for amount in [50_000_000_000, 400_000_000_000, 7] {
            tape.swap(0, 1, amount);
        }
        tape.swap(1, 0, 30_000_000_000_000_000_000);
        let mut log = ShareLog::new(&tape, footprint);
        log.record(&tape, 0..1);
        let (position, deposit) = log.open(&desired(&tape, 100));
        let product = |amounts: &TokenAmounts| {
            amounts.as_slice().iter().fold(U256::ONE, |product, one| product * one.0)
        };
        for event in 1..tape.events.len() {
            log.record(&tape, event..event + 1);
            let worth = log.market.worth(position).expect("open");
            let (before, now) = (product(&deposit.deposited), product(&worth.principal));
            // A raw unit of 30,000 USDC is the coarsest step.
            let apart = before.abs_diff(now);
            assert!(apart < before / U256::from(1_000_000_000), "{footprint:?}: {before} {now}");
            assert!(!worth.fees.is_zero());
        }
    }
}

#[test]
fn re_executed_calls_meet_a_pool_that_we_are_in() {
    for mut tape in pools() {
        let apart = tape.clone();
        extend(&mut tape, &mut Seeded(8), 12);
        let mut log = ShareLog::new(&apart, Footprint::ReExecuted);
        let (_, deposit) = log.open(&desired(&tape, 4));
        let mut with_us = apart.pool.clone();
        let now = log.market.now();
        let shares = with_us.shares_mut().expect("shares").deposit(&deposit.deposited, now);
        assert_eq!(shares, Ok(deposit.shares));
        for recorded in &tape.events {
            log.sequence += 1;
            log.market.apply(&share_event(log.sequence, recorded)).expect("it reproduces");
            again(&mut with_us, recorded);
        }
        assert_eq!(log.pool().pool(), &with_us);
        assert_ne!(log.pool().pool(), log.pool().history());
    }
}

/// What a router would deposit in a pair, and the amounts as they are in other pools.
fn in_proportion(pool: &Pool, amounts: TokenAmounts) -> TokenAmounts {
    let Pool::ConstantProduct(pair) = pool else { return amounts };
    at_router(pair.reserves().amounts, amounts)
}

/// All of one token and of the other what the reserves are in proportion to.
pub(super) fn at_router(reserves: tidemill_units::Amounts, offered: TokenAmounts) -> TokenAmounts {
    let (held0, held1) = (reserves.amount0.0, reserves.amount1.0);
    let [amount0, amount1] = *offered.as_slice() else { panic!("two tokens") };
    let beside0 = Amount(amount0.0 * held1 / held0);
    if beside0 <= amount1 {
        TokenAmounts::from_array([amount0, beside0])
    } else {
        TokenAmounts::from_array([Amount(amount1.0 * held0 / held1), amount1])
    }
}

/// Makes a recorded call in another pool, by hand.
fn again(pool: &mut Pool, recorded: &tidemill_model::TapeEvent) {
    use tidemill_amm::{SwapAmount, Trade};
    let at = recorded.time;
    let tidemill_model::PoolEvent::Shares(event) = &recorded.event else { panic!("shares") };
    let made = match event {
        ShareEvent::Swap { pair, amount_in, .. } => {
            let amount = SwapAmount::ExactIn(*amount_in);
            pool.swap(&Trade { pair: *pair, amount }, at).map(drop)
        }
        ShareEvent::Deposit(change) => {
            let amounts = in_proportion(pool, change.amounts);
            pool.shares_mut().expect("shares").deposit(&amounts, at).map(drop)
        }
        ShareEvent::Withdraw(change) => {
            let shares = change.shares.expect("recorded");
            pool.shares_mut().expect("shares").withdraw(shares, at).map(drop)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(made, Ok(()));
}

#[test]
fn a_swap_of_ours_moves_the_pool_with_us_only() {
    for footprint in FOOTPRINTS {
        let tape = SyntheticShares::three_coins();
        let mut log = ShareLog::new(&tape, footprint);
        let (pair, amount_in) = (pair(0, 2), Amount::from_u128(1_000_000_000_000_000_000_000));
        let quote = log.pool().quote_own_swap(pair, amount_in, log.market.now()).expect("a quote");
        let amount_out = quote.amount_out;
        let swapped = OutcomeKind::Swapped { pool: POOL, pair, amount_in, amount_out };
        assert_eq!(log.outcome(swapped), Ok(()));
        assert_eq!(log.pool().history(), &tape.pool);
        let is_moved = log.pool().pool() != &tape.pool;
        assert_eq!(is_moved, footprint == Footprint::ReExecuted);
    }
}

#[test]
fn the_least_shares_beside_a_position_are_those_while_swaps_went_through() {
    let mut tape = SyntheticShares::pair();
    let total = tape.shares().total_shares();
    tape.swap(0, 1, 1_000_000);
    tape.deposit(amounts(&[3_000_000_000_000, 1_000_000_000_000_000_000_000]));
    tape.swap(0, 1, 1_000_000);
    let mut log = ShareLog::new(&tape, Footprint::PriceTaker);
    let (position, deposit) = log.open(&desired(&tape, 10));
    assert_eq!(log.market.dilution(position), None, "no swap yet");
    log.record(&tape, 0..tape.events.len());
    let dilution = log.market.dilution(position).expect("swaps went through");
    assert_eq!((dilution.ours, dilution.beside), (deposit.shares, total));
}

#[test]
fn outcomes_that_a_pool_of_shares_cannot_reproduce_are_refused() {
    for footprint in FOOTPRINTS {
        for tape in pools() {
            let mut log = ShareLog::new(&tape, footprint);
            let (open, deposit) = log.open(&desired(&tape, 10));
            let worth = log.market.worth(open).expect("open");
            let one = |amounts: TokenAmounts| {
                let one = TokenAmounts::of(amounts.len(), TokenIndex(1), Amount::from_u64(1));
                amounts.checked_add(&one.expect("a token")).expect("small")
            };
            let position = PositionId(OrderKey { sequence: Sequence(77), intent: 0 });
            let more = Holding::Shares(Amount(deposit.shares.0 + U256::ONE));
            let (deposited, pool) = (deposit.deposited, POOL);
            let (withdrawn, fees) = (worth.principal, worth.fees);
            let bad = [
                OutcomeKind::Opened { position, pool, holding: more, deposited },
                OutcomeKind::Closed { position, withdrawn, fees },
                OutcomeKind::Closed { position: open, withdrawn: one(withdrawn), fees },
                OutcomeKind::Closed { position: open, withdrawn, fees: one(fees) },
            ];
            for kind in bad {
                let order = log.next_key();
                let mut other = ShareLog { market: log.market.clone(), sequence: log.sequence };
                assert_eq!(other.outcome(kind), Err(MarketError::Outcome { order }), "{kind:?}");
            }
        }
    }
}

#[test]
fn a_record_that_does_not_reproduce_is_named() {
    let mut tape = SyntheticShares::pair();
    let (amount_in, amount_out) = (Amount::from_u64(1_000_000), Amount::from_u64(5));
    tape.record(ShareEvent::Swap { pair: pair(0, 1), amount_in, amount_out });
    let mut log = ShareLog::new(&tape, Footprint::PriceTaker);
    let refused = log.market.apply(&share_event(1, &tape.events[0]));
    let Err(MarketError::Mismatch { block, mismatch: Mismatch::Shares(why), .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(block, tape.events[0].block);
    assert!(matches!(*why, ShareMismatch::Value { kind: "swap", .. }), "{why:?}");
}

/// A deposit out of proportion makes a gift of the rest, and does so again with us in the pool.
#[test]
fn what_somebody_gave_the_pair_is_given_again() {
    let mut tape = SyntheticShares::pair();
    tape.deposit(amounts(&[600_000_000_000, 1_000_000_000_000_000_000]));
    let mut log = ShareLog::new(&tape, Footprint::ReExecuted);
    let (position, deposit) = log.open(&desired(&tape, 1));
    log.record(&tape, 0..1);
    let worth = log.market.worth(position).expect("open");
    let paid = worth.principal.checked_add(&worth.fees).expect("small");
    let gained = paid.checked_sub(&deposit.deposited).expect("more of both");
    // Nearly half of 600,000 USDC less the 3,000 that its WETH was in proportion to.
    let usdc = gained.get(TokenIndex(0)).expect("a token");
    assert!(usdc > Amount::from_u64(295_000_000_000), "{usdc}");
    assert_eq!(log.pool().counts().reverted_with_us, 0);
}

/// A pair's own logs: each call's swap, and the reserves after it, which are not those of the pair
/// with us in it.
#[test]
fn a_pairs_own_logs_are_executed_again_by_what_was_asked() {
    let mut tape = SyntheticShares::pair();
    for (input, amount) in [(0, 60_000_000_000), (1, 20_000_000_000_000_000_000)] {
        tape.swap(input, 1 - input, amount);
    }
    let swaps = std::mem::take(&mut tape.events);
    let mut reserves = tape.start.shares().expect("shares").balances();
    for recorded in swaps {
        let tidemill_model::PoolEvent::Shares(event) = recorded.event else { panic!("shares") };
        let ShareEvent::Swap { pair, amount_in, amount_out } = event else { panic!("a swap") };
        let input = pair.input_of_two().expect("two tokens");
        let paid = tidemill_units::Amounts::of(input, amount_in);
        let taken = tidemill_units::Amounts::of(input.other(), amount_out);
        tape.record(ShareEvent::PairSwap { paid, taken });
        let after = reserves.checked_add(&paid.into()).expect("small");
        reserves = after.checked_sub(&taken.into()).expect("there");
        tape.record(ShareEvent::Sync(Box::new(reserves)));
    }
    let gift = amounts(&[1_000_000_000, 0]);
    reserves = reserves.checked_add(&gift).expect("small");
    tape.record(ShareEvent::Sync(Box::new(reserves)));
    let mut log = ShareLog::new(&tape, Footprint::ReExecuted);
    let (_, deposit) = log.open(&desired(&tape, 1));
    let mut by_hand = tape.start.clone();
    let now = log.market.now();
    let shares = by_hand.shares_mut().expect("shares").deposit(&deposit.deposited, now);
    assert_eq!(shares, Ok(deposit.shares));
    for (input, amount) in [(0, 60_000_000_000), (1, 20_000_000_000_000_000_000)] {
        let amount = tidemill_amm::SwapAmount::ExactIn(Amount::from_u128(amount));
        let trade = tidemill_amm::Trade { pair: pair(input, 1 - input), amount };
        by_hand.swap(&trade, now).expect("a swap");
    }
    log.record(&tape, 0..tape.events.len());
    let balances = by_hand.shares().expect("shares").balances().checked_add(&gift);
    assert_eq!(Some(log.pool().pool().shares().expect("shares").balances()), balances);
    assert_eq!(log.pool().counts().swaps_exact_in, 2);
    assert_eq!(log.pool().counts().reverted_with_us, 0);
}

/// Solidly's pools take the fee out of the reserves: a tenth of all shares has a tenth of it.
#[test]
fn fees_that_a_pool_keeps_apart_are_a_position_s_too() {
    for footprint in FOOTPRINTS {
        let mut tape = SyntheticShares::fees_apart();
        tape.skip_blocks(1);
        tape.swap(0, 1, 1_000).expect("a swap that comes before us");
        tape.skip_blocks(1);
        tape.swap(0, 1, 30_000_000_000).expect("a swap");
        let mut log = ShareLog::new(&tape, footprint);
        log.record(&tape, 0..1);
        let (position, deposit) = log.open(&desired(&tape, 10));
        log.record(&tape, 1..2);
        // 0.3 % of 30,000 USDC is 90; beside us there are ten shares for each of ours.
        let parts = match footprint {
            Footprint::PriceTaker => 10,
            Footprint::ReExecuted => 11,
        };
        let fees = log.close(position).fees;
        let usdc = fees.get(TokenIndex(0)).expect("a token").0;
        let expected = U256::from(90_000_000 / parts);
        assert!(usdc.abs_diff(expected) <= U256::from(2), "{usdc}, {footprint:?}, {deposit:?}");
        assert_eq!(fees.get(TokenIndex(1)), Some(Amount::ZERO));
    }
}
