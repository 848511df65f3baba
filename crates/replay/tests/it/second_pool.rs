//! A second replay, by the test itself: the pool's own calls and nothing of the market, with
//! chosen positions of the tape minted under owners of their own.
//!
//! Who owns liquidity does not change what swaps do, so history stays as it was; but what the pool
//! pays such an owner for burning and collecting is what the chain paid for that position alone.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, Snapshot, SwapAmount, SwapRequest, TickLiquidity,
};
use tidemill_model::{PoolEvent, PoolStart, RecordedAfter, Tape};
use tidemill_units::{
    Amount, Amounts, Liquidity, Side, SignedAmounts, SignedLiquidity, Tick, TickRange, U256,
};

/// A position of the tape, by the indices of the events that minted and burned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) mint: usize,
    pub(crate) burn: usize,
}

/// What a spell was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paid {
    pub(crate) principal: Amounts,
    pub(crate) fees: Amounts,
}

/// Executes a tape that starts from a snapshot and returns what each spell was paid.
pub(crate) fn paid(tape: &Tape, spells: &[Spell]) -> Vec<Paid> {
    let owners: BTreeMap<usize, u16> = spells
        .iter()
        .zip(1..)
        .flat_map(|(spell, owner)| [(spell.mint, owner), (spell.burn, owner)])
        .collect();
    let mut pool = start(tape);
    let mut paid = BTreeMap::new();
    for (index, recorded) in tape.events.iter().enumerate() {
        let (now, owner) = (recorded.time, owners.get(&index).copied());
        let key = |range| PositionKey { owner: owner_of(owner.unwrap_or(0)), range };
        match recorded.event {
            PoolEvent::Swap { amounts, after } => {
                let staged = requests(amounts, after).into_iter().find_map(|request| {
                    let staged = pool.stage_swap(request, &mut ()).ok()?;
                    let result = staged.result();
                    let is_it = result.amounts == amounts
                        && after.sqrt_price.is_none_or(|price| price == result.sqrt_price);
                    is_it.then_some(staged)
                });
                pool.commit_swap(&staged.unwrap(), now);
            }
            PoolEvent::Mint { range, liquidity, amounts, .. } => {
                assert_eq!(pool.mint(key(range), liquidity, now), Ok(amounts));
            }
            PoolEvent::Burn { range, liquidity, amounts, .. } if !liquidity.is_zero() => {
                assert_eq!(pool.burn(key(range), liquidity, now), Ok(amounts));
                if let Some(owner) = owner {
                    let collected = pool.collect(key(range), [u128::MAX; 2]).unwrap();
                    let fees = collected.checked_sub(amounts).unwrap();
                    paid.insert(owner, Paid { principal: amounts, fees });
                }
            }
            PoolEvent::Burn { .. } => {}
            PoolEvent::Initialize { .. }
            | PoolEvent::Collect { .. }
            | PoolEvent::Flash { .. }
            | PoolEvent::SetFeeProtocol { .. }
            | PoolEvent::Shares(_)
            | PoolEvent::Build(_) => panic!("the week has no {recorded:?}"),
        }
    }
    paid.into_values().collect()
}

fn owner_of(number: u16) -> Owner {
    let mut bytes = [0; 20];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Owner(bytes)
}

/// The three calls that could stand behind a recorded swap.
fn requests(amounts: SignedAmounts, after: RecordedAfter) -> [SwapRequest; 3] {
    let input = if amounts.amount0.is_negative() { Side::Token1 } else { Side::Token0 };
    let all = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
    let paid = amounts.get(input).magnitude();
    let received = amounts.get(input.other()).magnitude();
    [
        (SwapAmount::ExactIn(paid), None),
        (SwapAmount::ExactOut(received), None),
        (all, after.sqrt_price),
    ]
    .map(|(amount, price_limit)| SwapRequest { input, amount, price_limit })
}

fn start(tape: &Tape) -> Pool {
    let PoolStart::Snapshot { sqrt_price, tick, .. } = tape.header.start else {
        panic!("a tape from a snapshot");
    };
    let mut ticks = BTreeMap::<Tick, (u128, i128)>::new();
    for position in &tape.initial_positions {
        let TickRange { lower, upper } = position.range;
        let signed = i128::try_from(position.liquidity.0).unwrap();
        for (end, net) in [(lower, signed), (upper, -signed)] {
            let entry = ticks.entry(end).or_default();
            *entry = (entry.0 + position.liquidity.0, entry.1 + net);
        }
    }
    let entry = |(tick, (gross, net))| TickLiquidity {
        tick,
        gross: Liquidity(gross),
        net: SignedLiquidity(net),
    };
    let ticks = ticks.into_iter().map(entry).collect();
    let snapshot = Snapshot { sqrt_price, tick, ticks };
    let (fee, spacing) = (tape.header.fee, tape.header.tick_spacing);
    let mut pool =
        Pool::from_snapshot(fee, spacing, &snapshot, tape.events.first().unwrap().time).unwrap();
    for position in &tape.initial_positions {
        let key = PositionKey { owner: owner_of(0), range: position.range };
        pool.adopt(key, position.liquidity).unwrap();
    }
    pool
}
