use std::collections::BTreeMap;

use tidemill_model::{
    AssetId, Ballot, Choice, GasPaid, GaugeNumber, Intent, Order, OutcomeKind, PositionId,
    Rejection,
};
use tidemill_units::{Amount, Bps, Gas, GasPrice, Side, SignedAmount, Timestamp, TokenAmounts};

use super::seeded::Seeded;
use super::{
    NATIVE, NO_GAS, PROGRAMME, REWARD, TOKEN0, TOKEN1, amounts, arbitrage, close, closed, end,
    funded,
};
use super::{POOL, key, open, opened, order, reward, sell, swap, swapped};
use crate::{Account, Ledger, LedgerError};

const ASSETS: [AssetId; 4] = [TOKEN0, TOKEN1, NATIVE, REWARD];

fn sum<'a>(amounts: impl Iterator<Item = &'a SignedAmount>) -> SignedAmount {
    let add = |sum: SignedAmount, amount: &SignedAmount| sum.checked_add(*amount).expect("small");
    amounts.fold(SignedAmount::ZERO, add)
}

/// Everything that holds of any ledger at any time, if no block was taken back: of the money of one
/// that was, orders may have been approved that the wallet can no longer pay for.
fn check(ledger: &Ledger, context: &str) {
    check_books(ledger, context);
    check_reserved(ledger, context);
}

/// Everything that holds of any ledger at any time.
pub(super) fn check_books(ledger: &Ledger, context: &str) {
    let mut folded = BTreeMap::<(Account, AssetId), SignedAmount>::new();
    for posting in ledger.journal() {
        for asset in ASSETS {
            let legs = posting.legs.iter().filter(|leg| leg.asset == asset);
            let balance = sum(legs.map(|leg| &leg.amount));
            assert!(balance.is_zero(), "{posting:?} is off by {balance}, {context}");
        }
        for leg in &posting.legs {
            let balance = folded.entry((leg.account, leg.asset)).or_default();
            *balance = balance.checked_add(leg.amount).expect("small");
        }
    }
    for ((account, asset), balance) in folded {
        assert_eq!(ledger.balance(account, asset), balance, "{account:?} {asset:?}, {context}");
    }
    for (id, position) in ledger.positions() {
        for (asset, side) in [(TOKEN0, Side::Token0), (TOKEN1, Side::Token1)] {
            let held = ledger.balance(Account::Position(id), asset);
            assert_eq!(
                Some(held),
                SignedAmount::positive(position.deposited.get(side.index()).unwrap()),
                "{context}"
            );
        }
    }
}

fn check_reserved(ledger: &Ledger, context: &str) {
    for (asset, side) in [(TOKEN0, Side::Token0), (TOKEN1, Side::Token1)] {
        assert!(!ledger.balance(Account::Wallet, asset).is_negative(), "overdrawn, {context}");
        let reserved = ledger.in_flight().map(|order| match order.intent {
            Intent::Open { desired, .. } => desired.get(side.index()).unwrap(),
            Intent::Swap { pair, amount_in, .. } if pair.input == side.index() => amount_in,
            Intent::Arbitrage { legs: [first, _], amount_in, .. }
                if first.pair.input == side.index() =>
            {
                amount_in
            }
            Intent::Swap { .. }
            | Intent::Arbitrage { .. }
            | Intent::Close { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. } => Amount::ZERO,
        });
        let reserved = reserved.fold(Amount::ZERO, |sum, part| sum.checked_add(part).unwrap());
        let free = ledger.available(asset).checked_add(reserved);
        assert_eq!(free, Some(ledger.wallet(asset)), "available and reserved, {context}");
    }
    let selling = ledger.in_flight().filter_map(|order| {
        let Intent::Sell { amount_in, .. } = order.intent else { return None };
        Some(amount_in)
    });
    let selling = selling.fold(Amount::ZERO, |sum, part| sum.checked_add(part).unwrap());
    let free = ledger.available(REWARD).checked_add(selling);
    assert_eq!(free, Some(ledger.wallet(REWARD)), "available and being sold, {context}");
}

/// Some order that the wallet can pay for, as risk would let through.
pub(super) fn random_order(random: &mut Seeded, ledger: &Ledger, sequence: u64) -> Order {
    let part_of = |random: &mut Seeded, asset| {
        let available = u64::try_from(ledger.available(asset).0).expect("small");
        random.below(available + 1)
    };
    let open_ones: Vec<_> = ledger.positions().map(|(id, _)| id).collect();
    let is_free = |id| ledger.in_flight().all(|other| other.intent.position() != Some(id));
    let is_staked = |id| ledger.position(id).is_some_and(|open| open.staked.is_some());
    let free = |staked| open_ones.iter().find(|id| is_free(**id) && is_staked(**id) == staked);
    let intent = match random.below(9) {
        8 => free(false).map_or(sell(0, 0), |position| {
            let (position, until) = (*position, Timestamp(random.below(9_000)));
            let part = Choice { gauge: GaugeNumber(1), part: Bps(5) };
            let ballot = Ballot::new(&[part]).expect("a ballot");
            match random.below(3) {
                0 => Intent::Vote { position, ballot },
                1 => Intent::Extend { position, until },
                _ => Intent::ClaimBribes { position, token: REWARD },
            }
        }),
        7 => free(false).map_or(sell(0, 0), |position| Intent::Compound { position: *position }),
        3 => free(false).map_or(sell(0, 0), |position| Intent::Stake {
            position: *position,
            programme: PROGRAMME,
        }),
        4 => free(true).map_or(sell(0, 0), |position| Intent::Claim { position: *position }),
        5 => free(true).map_or(sell(0, 0), |position| Intent::Unstake { position: *position }),
        6 => sell(part_of(random, REWARD), random.below(9)),
        0 => open(amounts(part_of(random, TOKEN0), part_of(random, TOKEN1))),
        1 => free(false)
            .map_or(open(amounts(0, 0)), |position| Intent::Close { position: *position }),
        _ if random.once_in(3) => arbitrage(Side::Token1, part_of(random, TOKEN1), random.below(9)),
        _ if random.once_in(2) => swap(Side::Token0, part_of(random, TOKEN0), random.below(9)),
        _ => swap(Side::Token1, part_of(random, TOKEN1), random.below(9)),
    };
    order(sequence, intent)
}

pub(super) fn random_end(random: &mut Seeded, order: &Order) -> OutcomeKind {
    match random.below(8) {
        0 => return OutcomeKind::Rejected(Rejection::TooLittleReceived),
        1 => return OutcomeKind::Expired,
        _ => {}
    }
    let some = |random: &mut Seeded| amounts(random.below(300_000), random.below(300_000));
    match order.intent {
        Intent::Open { desired, .. } => opened(order.key.sequence.0, lesser(desired, some(random))),
        Intent::Close { position } if random.once_in(3) => {
            OutcomeKind::Unbonding { position, ready_at: Timestamp(random.below(9_000)) }
        }
        Intent::Close { position } => closed(position.0.sequence.0, some(random), some(random)),
        Intent::Compound { position } => {
            OutcomeKind::Compounded { position, amount: Amount::from_u64(random.below(9_000)) }
        }
        Intent::Swap { pair, amount_in, .. } => {
            let input = pair.input_of_two().expect("a pool of two");
            let amount_in = u64::try_from(amount_in.0).expect("small");
            swapped(input, amount_in, 10 + random.below(300_000))
        }
        Intent::Arbitrage { legs, amount_in, .. } => OutcomeKind::Arbitraged {
            legs,
            amount_in,
            between: Amount::from_u64(random.below(300_000)),
            amount_out: Amount::from_u64(10 + random.below(300_000)),
        },
        Intent::Stake { position, programme } => {
            OutcomeKind::Staked { position, programme, fees: some(random) }
        }
        Intent::Vote { position, ballot } => OutcomeKind::Voted { position, ballot },
        Intent::Extend { position, until } => OutcomeKind::Extended { position, until },
        Intent::Claim { position } | Intent::ClaimBribes { position, .. } => {
            OutcomeKind::Claimed { position, reward: reward(random.below(9_000)) }
        }
        Intent::Unstake { position } => {
            OutcomeKind::Unstaked { position, reward: reward(random.below(9_000)) }
        }
        Intent::Trade { instrument, side, quantity, limit } => OutcomeKind::Traded {
            instrument,
            side,
            quantity,
            amount: limit,
            commission: Amount::from_u64(random.below(9)),
        },
        Intent::Sell { pool, into, amount_in, .. } => OutcomeKind::Sold {
            pool,
            reward: reward(u64::try_from(amount_in.0).expect("small")),
            into,
            amount_out: Amount::from_u64(10 + random.below(300_000)),
        },
    }
}

/// The lesser amount of each token.
fn lesser(one: TokenAmounts, other: TokenAmounts) -> TokenAmounts {
    let mut least = one;
    for (amount, other) in least.as_mut_slice().iter_mut().zip(other.as_slice()) {
        *amount = (*amount).min(*other);
    }
    least
}

/// Books and ends random orders, and tries between them what must be refused.
fn check_run(seed: u64) {
    let mut random = Seeded(seed);
    let mut ledger = funded();
    let mut flying = Vec::<Order>::new();
    let (mut ended, mut sequence) = (Vec::<Order>::new(), 0);
    for step in 0..120 {
        let context = format!("step {step}, seed {seed}");
        let (journal, positions) = (ledger.journal().to_vec(), ledger.positions().count());
        if flying.is_empty() || (flying.len() < 5 && random.once_in(2)) {
            sequence += 1;
            let order = random_order(&mut random, &ledger, sequence);
            assert_eq!(ledger.book(order), Ok(()), "{context}");
            assert_eq!(
                ledger.book(order),
                Err(LedgerError::AlreadyInFlight(order.key)),
                "{context}"
            );
            flying.push(order);
            assert_eq!(ledger.journal(), journal, "booking moves nothing, {context}");
        } else {
            let index = random.below(u64::try_from(flying.len()).expect("few"));
            let order = flying.swap_remove(usize::try_from(index).expect("few"));
            let gas = GasPaid { gas: Gas(random.below(500_000)), price: GasPrice(random.wide(40)) };
            let event = end(order.key.sequence.0, random_end(&mut random, &order), gas);
            assert_eq!(ledger.apply(&event), Ok(()), "{event:?}, {context}");
            let again = Err(LedgerError::NotInFlight(order.key));
            assert_eq!(ledger.apply(&event), again, "an order ends once, {context}");
            ended.push(order);
            assert_eq!(
                &ledger.journal()[..journal.len()],
                journal,
                "nothing is deleted, {context}"
            );
            assert_eq!(ledger.journal().len(), journal.len() + 1, "one posting an end, {context}");
            assert!(ledger.positions().count().abs_diff(positions) <= 1, "{context}");
        }
        check(&ledger, &context);
        let keys: Vec<_> = ledger.in_flight().map(|order| order.key).collect();
        let mut expected: Vec<_> = flying.iter().map(|order| order.key).collect();
        expected.sort_unstable();
        assert_eq!(keys, expected, "in flight until the end is known, {context}");
    }
    let of_orders = ledger.journal().iter().filter_map(|posting| posting.order);
    let expected: Vec<_> = ended.iter().map(|order| order.key).collect();
    assert_eq!(of_orders.collect::<Vec<_>>(), expected, "one posting an order, seed {seed}");
}

#[test]
fn after_any_sequence_of_outcomes_the_books_balance_and_nothing_is_lost() {
    (0..300).for_each(check_run);
}

#[test]
fn everything_of_ours_is_what_was_put_in_and_what_was_earned() {
    // Wallet and positions are capital, fees, swaps and divergence, turned round.
    let mut ledger = funded();
    let run = |ledger: &mut Ledger, sequence, intent, kind| {
        ledger.book(order(sequence, intent)).expect("new");
        ledger.apply(&end(sequence, kind, NO_GAS)).expect("an end of it");
    };
    run(&mut ledger, 1, open(amounts(500, 700)), opened(1, amounts(500, 600)));
    run(&mut ledger, 2, swap(Side::Token0, 100, 90), swapped(Side::Token0, 100, 95));
    let position = PositionId(key(1));
    let staked = OutcomeKind::Staked { position, programme: PROGRAMME, fees: amounts(2, 0) };
    run(&mut ledger, 3, Intent::Stake { position, programme: PROGRAMME }, staked);
    assert_eq!(ledger.position(position).map(|open| open.staked), Some(Some(PROGRAMME)));
    let claimed = OutcomeKind::Claimed { position, reward: reward(70) };
    run(&mut ledger, 4, Intent::Claim { position }, claimed);
    let unstaked = OutcomeKind::Unstaked { position, reward: reward(7) };
    run(&mut ledger, 5, Intent::Unstake { position }, unstaked);
    assert_eq!(ledger.position(position).map(|open| open.staked), Some(None));
    assert_eq!(ledger.balance(Account::RewardsEarned, REWARD), SignedAmount::from_i128(-77));
    let sold = OutcomeKind::Sold {
        pool: POOL,
        reward: reward(60),
        into: Side::Token1.index(),
        amount_out: Amount::from_u64(590),
    };
    run(&mut ledger, 6, sell(60, 590), sold);
    assert_eq!(ledger.wallet(REWARD), Amount::from_u64(17));
    run(&mut ledger, 7, close(1), closed(1, amounts(450, 660), amounts(3, 4)));
    for asset in ASSETS {
        let accounts = [
            Account::Wallet,
            Account::Capital,
            Account::FeesEarned,
            Account::RewardsEarned,
            Account::Divergence,
            Account::Swaps,
            Account::Gas,
        ];
        let balances = accounts.map(|account| ledger.balance(account, asset));
        assert_eq!(sum(balances.iter()), SignedAmount::ZERO, "{asset:?}");
    }
    check(&ledger, "by hand");
}
