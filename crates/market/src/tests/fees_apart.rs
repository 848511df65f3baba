//! Solidly's pools with us inside: beside the market runs a second pool, by the test itself, with
//! the pool's own calls and nothing of the market, in which we are a holder of our own. Both must
//! agree to the unit in all that the pool holds and pays.

mod staked;

use tidemill_amm::Pool;
use tidemill_amm::constant_product::{Holder, PairSwap, Recipient};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyPool};
use tidemill_model::{ParameterChange, PoolEvent, ShareEvent};
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenAmounts, U256};

use super::seeded::Seeded;
use super::shares::{FOOTPRINTS, ShareLog, at_router, desired};
use super::synthetic_shares::SyntheticShares;
use crate::Footprint;

const US: [Holder; 2] = [Holder::Account([1; 20]), Holder::Account([2; 20])];

fn pools() -> [SyntheticShares; 5] {
    use SolidlyBuild::{Solidly, Velodrome2};
    [
        SyntheticShares::fees_apart(),
        SyntheticShares::solidly(Velodrome2, true, 5),
        SyntheticShares::solidly(Velodrome2, false, 100),
        SyntheticShares::solidly(Solidly, true, 1),
        SyntheticShares::solidly(Solidly, false, 1),
    ]
}

fn of(pool: &mut Pool) -> &mut SolidlyPool {
    let Pool::Solidly(pool) = pool else { panic!("a Solidly pool") };
    pool
}

fn solidly(pool: &Pool) -> &SolidlyPool {
    let Pool::Solidly(pool) = pool else { panic!("a Solidly pool") };
    pool
}

fn part(of: Amounts, divisor: u64) -> Amounts {
    let divisor = U256::from(divisor);
    Amounts { amount0: Amount(of.amount0.0 / divisor), amount1: Amount(of.amount1.0 / divisor) }
}

/// What others do: everything that a pair writes logs of, as its logs say it.
fn extend(tape: &mut SyntheticShares, random: &mut Seeded, operations: usize) {
    let mut held = Vec::new();
    for _ in 0..operations {
        tape.skip_blocks(random.below(3));
        let now = tape.now();
        let pool = of(&mut tape.pool);
        let reserves = pool.reserves().amounts;
        match random.below(14) {
            0 | 1 => {
                let offered = part(reserves, 5 + random.below(90));
                held.push(tape.deposit(at_router(reserves, offered.into())));
            }
            2 => {
                if let Some(shares) = held.pop() {
                    tape.withdraw(shares);
                }
            }
            3 => {
                let gift = part(reserves, 1_000 + random.below(100_000));
                pool.give(gift).expect("small");
                tape.record(ShareEvent::Gift(Box::new(gift.into())));
                if random.once_in(2) {
                    let paid = of(&mut tape.pool).skim(Recipient::Outside).expect("a surplus");
                    tape.record(ShareEvent::Skim(Box::new(paid.into())));
                } else {
                    of(&mut tape.pool).sync(now).expect("small");
                    let reserves = solidly(&tape.pool).reserves().amounts;
                    tape.record(ShareEvent::Sync(Box::new(reserves.into())));
                }
            }
            4 => {
                // A gift that only the record of the reserves tells of.
                pool.give(part(reserves, 10_000)).expect("small");
                pool.sync(now).expect("small");
                let reserves = pool.reserves().amounts;
                tape.record(ShareEvent::Sync(Box::new(reserves.into())));
            }
            5 => {
                let claimed = pool.claim_fees(Holder::Others).expect("fees");
                tape.record(ShareEvent::ClaimFees(Box::new(claimed.into())));
            }
            6 => {
                let fee = u32::try_from(1 + random.below(200)).expect("small");
                pool.set_fee(fee).expect("allowed");
                let fee = Some(Amount::from_u64(u64::from(fee)));
                let change = ParameterChange { fee, ..ParameterChange::default() };
                tape.record(ShareEvent::SetParameters(Box::new(change)));
            }
            _ => swap(tape, random),
        }
    }
}

/// A swap by a router, with the reserves after it as the pair logs them.
fn swap(tape: &mut SyntheticShares, random: &mut Seeded) {
    let now = tape.now();
    let pool = of(&mut tape.pool);
    let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
    let reserve = pool.reserves().amounts.get(input);
    let amount = Amount(reserve.0 / U256::from(3 + random.below(3_000)));
    let Ok((paid, taken)) = swap_in(pool, input, amount, now) else { return };
    tape.record(ShareEvent::PairSwap { paid, taken });
    let reserves = solidly(&tape.pool).reserves().amounts;
    tape.record(ShareEvent::Sync(Box::new(reserves.into())));
}

fn swap_in(
    pool: &mut SolidlyPool,
    input: Side,
    amount: Amount,
    now: Timestamp,
) -> Result<(Amounts, Amounts), tidemill_amm::solidly::SolidlyError> {
    let taken = Amounts::of(input.other(), pool.amount_out(amount, input)?);
    let paid = Amounts::of(input, amount);
    pool.swap(PairSwap { out: taken, to: Recipient::Outside, paid }, now)?;
    Ok((paid, taken))
}

/// The second pool, with what the history's reserves were: a `sync` says no gift.
struct Second {
    pool: SolidlyPool,
    history: SolidlyPool,
}

impl Second {
    /// Makes a recorded call, as whoever made it would have here.
    fn again(&mut self, event: &ShareEvent, now: Timestamp) {
        let pool = &mut self.pool;
        match event {
            ShareEvent::PairSwap { paid, .. } => {
                let input = if paid.amount0.is_zero() { Side::Token1 } else { Side::Token0 };
                // The first build can refuse its own quote.
                swap_in(pool, input, paid.get(input), now).ok();
            }
            ShareEvent::Deposit(change) => {
                let reserves = pool.reserves().amounts;
                let amounts = at_router(reserves, change.amounts).two().expect("two tokens");
                pool.give(amounts).expect("small");
                pool.mint(Holder::Others, now).expect("shares");
            }
            ShareEvent::Withdraw(change) => {
                let shares =
                    change.shares.expect("recorded").min(pool.holder(Holder::Others).shares);
                pool.transfer(Holder::Others, Holder::Pair, shares).expect("theirs");
                pool.burn(Recipient::Outside, now).expect("a payment");
            }
            ShareEvent::Gift(amounts) => {
                pool.give(amounts.two().expect("two tokens")).expect("small");
            }
            ShareEvent::Skim(_) => drop(pool.skim(Recipient::Outside).expect("a surplus")),
            ShareEvent::Sync(reserves) => {
                let (reserves, before) = (reserves.two().expect("two tokens"), &self.history);
                if reserves != before.reserves().amounts {
                    pool.give(reserves.checked_sub(before.holdings()).expect("more"))
                        .expect("small");
                    pool.sync(now).expect("small");
                }
            }
            ShareEvent::ClaimFees(_) => drop(pool.claim_fees(Holder::Others).expect("fees")),
            ShareEvent::SetParameters(change) => {
                let fee = change.fee.expect("a fee").0;
                pool.set_fee(u32::try_from(fee).expect("small")).expect("allowed");
            }
            other => panic!("{other:?}"),
        }
    }

    fn open(&mut self, who: Holder, deposited: &TokenAmounts, now: Timestamp) -> Amount {
        self.pool.give(deposited.two().expect("two tokens")).expect("small");
        self.pool.mint(who, now).expect("shares")
    }

    /// What a holder is paid for all of its shares, fees included, and the fees.
    fn close(&mut self, who: Holder, now: Timestamp) -> [TokenAmounts; 2] {
        let shares = self.pool.holder(who).shares;
        self.pool.transfer(who, Holder::Pair, shares).expect("its own");
        let paid = self.pool.burn(Recipient::Outside, now).expect("a payment");
        let fees = self.pool.claim_fees(who).expect("fees");
        [paid.checked_add(fees).expect("small").into(), fees.into()]
    }

    fn check(&self, log: &ShareLog) {
        let with_us = solidly(log.pool().pool());
        assert_eq!(with_us.reserves(), self.pool.reserves());
        assert_eq!(with_us.holdings(), self.pool.holdings());
        assert_eq!(with_us.indexes(), self.pool.indexes());
        assert_eq!(with_us.fees(), self.pool.fees());
        assert_eq!(with_us.total_supply(), self.pool.total_supply());
        assert_eq!(with_us.holder(Holder::Others), self.pool.holder(Holder::Others));
    }
}

#[test]
fn a_provider_is_paid_what_the_pool_with_it_inside_pays_a_holder() {
    let (mut earned, mut events) = (0, 0);
    for seed in 0..60 {
        for mut tape in pools() {
            let mut random = Seeded(seed);
            let first = tape.pool.clone();
            extend(&mut tape, &mut random, 40);
            let mut log = ShareLog::new(&tape, Footprint::ReExecuted);
            let mut second =
                Second { pool: solidly(&first).clone(), history: solidly(&first).clone() };
            let count = tape.events.len();
            let mut ours = Vec::new();
            for (index, recorded) in tape.events.iter().enumerate() {
                // From the first to a sixth of the pool, and in the middle ten times its size.
                let size = match index {
                    2 => Some(6 + random.below(1_000)),
                    _ if index == count / 2 => Some(0),
                    _ => None,
                };
                if let Some(size) = size {
                    let now = log.market.now();
                    let mut wanted = desired(&tape, size.max(1));
                    if size == 0 {
                        for amount in wanted.as_mut_slice() {
                            *amount = Amount(amount.0 * U256::from(10));
                        }
                    }
                    let (position, deposit) = log.open(&wanted);
                    let who = US[ours.len()];
                    assert_eq!(second.open(who, &deposit.deposited, now), deposit.shares);
                    ours.push((position, who));
                }
                let PoolEvent::Shares(event) = &recorded.event else { panic!("shares") };
                log.record(&tape, index..index + 1);
                second.again(event, recorded.time);
                second.history = solidly(log.pool().history()).clone();
                if !ours.is_empty() {
                    second.check(&log);
                }
                if index == count * 3 / 4 && ours.len() > 1 {
                    earned += check_close(&mut log, &mut second, ours.remove(0));
                }
            }
            events += count;
            assert_eq!(log.pool().history(), &tape.pool, "history stays as recorded");
            for one in ours {
                earned += check_close(&mut log, &mut second, one);
            }
        }
    }
    assert!(events > 10_000 && earned > 500, "{events} events, {earned} earned");
}

/// Closes a position in both and compares; returns one where it had earned fees.
fn check_close(
    log: &mut ShareLog,
    second: &mut Second,
    (position, who): (tidemill_model::PositionId, Holder),
) -> usize {
    let paid = log.close(position);
    let [all, fees] = second.close(who, log.market.now());
    assert_eq!(paid.principal.checked_add(&paid.fees), Some(all));
    assert!(paid.fees.checked_sub(&fees).is_some(), "fees kept apart are fees: {paid:?} {fees:?}");
    second.check(log);
    usize::from(!fees.is_zero())
}

/// A price-taker of the recorded pool is paid, for each share, what a holder in it is.
#[test]
fn a_price_taker_has_the_fees_of_a_holder_of_as_many_shares() {
    for seed in 0..20 {
        for mut tape in pools() {
            let total = solidly(&tape.pool).total_supply();
            let mut log = ShareLog::new(&tape, Footprint::PriceTaker);
            let (position, deposit) = log.open(&desired(&tape, 1));
            assert_eq!(deposit.shares, total);
            let mut random = Seeded(seed);
            for _ in 0..20 {
                tape.skip_blocks(1);
                swap(&mut tape, &mut random);
            }
            log.record(&tape, 0..tape.events.len());
            let pool = solidly(&tape.pool);
            let indexes = pool.indexes();
            let expected = indexes.map(|index| {
                let wad = U256::from(1_000_000_000_000_000_000_u64);
                Amount(index * total.0 / wad)
            });
            let worth = log.market.worth(position).expect("open");
            let kept = worth.principal.checked_add(&worth.fees).expect("small");
            let reserves = TokenAmounts::from(pool.reserves().amounts);
            let apart = kept.checked_sub(&reserves).expect("fees beside the reserves");
            assert_eq!(apart, TokenAmounts::from_array(expected));
        }
    }
}

/// Of a claim that is only a part of what others have coming, it is the same part with us inside:
/// ours stays where it is.
#[test]
fn a_claim_of_others_is_none_of_ours() {
    for footprint in FOOTPRINTS {
        let mut tape = SyntheticShares::fees_apart();
        let mut log = ShareLog::new(&tape, footprint);
        let (position, _) = log.open(&desired(&tape, 1));
        let mut random = Seeded(3);
        for _ in 0..30 {
            tape.skip_blocks(1);
            swap(&mut tape, &mut random);
        }
        let coming = of(&mut tape.pool).claimable(Holder::Others).expect("fees");
        let claimed = part(coming, 4);
        of(&mut tape.pool).claim_of_others(claimed).expect("there");
        tape.record(ShareEvent::ClaimFees(Box::new(claimed.into())));
        let last = tape.events.len() - 1;
        log.record(&tape, 0..last);
        let before = log.market.worth(position);
        let theirs =
            |log: &ShareLog| solidly(log.pool().pool()).claimable(Holder::Others).expect("fees");
        let had = theirs(&log);
        log.record(&tape, last..last + 1);
        assert_eq!(log.market.worth(position), before);
        let left = theirs(&log);
        for side in [Side::Token0, Side::Token1] {
            let (had, left) = (had.get(side).0, left.get(side).0);
            let quarter = (had - left) * U256::from(4);
            assert!(quarter.abs_diff(had) <= U256::from(8), "{footprint:?}: {had} {left}");
        }
        assert_eq!(log.pool().counts().reverted_with_us, 0);
    }
}
