//! Positions that are in the tape: followed as a price-taker, each pays what its mint recorded, is
//! paid what its burn recorded, and earns what the pool paid it.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use tidemill_market::Footprint;
use tidemill_model::{Address, PoolEvent, Tape, TapeEvent};
use tidemill_replay::{PositionRequest, TapePoint, follow_position};
use tidemill_units::{Amounts, Liquidity, TickRange};

use crate::data::week;
use crate::second_pool::{Spell, paid};

/// A mint or a burn with liquidity.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Change {
    is_mint: bool,
    owner: Option<Address>,
    range: TickRange,
    liquidity: Liquidity,
    amounts: Amounts,
}

fn change(recorded: &TapeEvent) -> Option<Change> {
    match recorded.event {
        PoolEvent::Mint { owner, range, liquidity, amounts } => {
            Some(Change { is_mint: true, owner, range, liquidity, amounts })
        }
        PoolEvent::Burn { owner, range, liquidity, amounts } if !liquidity.is_zero() => {
            Some(Change { is_mint: false, owner, range, liquidity, amounts })
        }
        PoolEvent::Burn { .. }
        | PoolEvent::Initialize { .. }
        | PoolEvent::Swap { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_)
        | PoolEvent::Build(_) => None,
    }
}

fn changes(tape: &Tape) -> BTreeMap<usize, Change> {
    let indexed = tape.events.iter().enumerate();
    indexed.filter_map(|(index, event)| Some((index, change(event)?))).collect()
}

/// Whether a burn takes out what a mint put in.
fn undoes(burn: &Change, mint: &Change) -> bool {
    mint.is_mint && *burn == Change { is_mint: false, amounts: burn.amounts, ..*mint }
}

/// Mints that the same owner burned in the same block.
fn just_in_time(tape: &Tape) -> Vec<Spell> {
    let changes = changes(tape);
    let mut burned = BTreeSet::new();
    let mut spells = Vec::new();
    for (mint, minted) in changes.iter().filter(|(_, change)| change.is_mint) {
        let block = tape.events[*mint].block;
        let burn = changes.range(mint + 1..).find(|(burn, change)| {
            tape.events[**burn].block == block && undoes(change, minted) && burned.insert(**burn)
        });
        spells.extend(burn.map(|(burn, _)| Spell { mint: *mint, burn: *burn }));
    }
    spells
}

/// Ranges whose liquidity was minted once in the week, and all of that burned once, in a later
/// block.
fn longer_lived(tape: &Tape) -> Vec<Spell> {
    let mut by_range = BTreeMap::<TickRange, Vec<(usize, Change)>>::new();
    for (index, change) in changes(tape) {
        by_range.entry(change.range).or_default().push((index, change));
    }
    let spell = |changes: Vec<(usize, Change)>| {
        let [(mint, minted), (burn, burned)] = changes.as_slice() else { return None };
        let is_later = tape.events[*mint].block < tape.events[*burn].block;
        let spell = Spell { mint: *mint, burn: *burn };
        (undoes(burned, minted) && is_later).then_some(spell)
    };
    by_range.into_values().filter_map(spell).collect()
}

/// Follows each spell as a price-taker and compares it with the record and with the second pool;
/// returns how many earned something.
fn check(spells: &[Spell]) -> usize {
    let tape = week();
    let paid = paid(tape, spells);
    assert_eq!(paid.len(), spells.len());
    let earned = spells.par_iter().zip(&paid).filter(|(spell, paid)| {
        let at = |index: usize| {
            let TapeEvent { block, log_index, .. } = tape.events[index];
            Some(TapePoint { block, log_index: Some(log_index) })
        };
        let [minted, burned] =
            [spell.mint, spell.burn].map(|index| change(&tape.events[index]).unwrap());
        let request = PositionRequest {
            range: minted.range,
            liquidity: minted.liquidity,
            open: at(spell.mint),
            close: at(spell.burn),
            footprint: Footprint::PriceTaker,
        };
        let report = follow_position(tape, &request, |_| {}).unwrap();
        assert_eq!(report.deposit, minted.amounts, "{spell:?}");
        assert_eq!(report.withdraw, burned.amounts, "{spell:?}");
        assert_eq!(report.withdraw, paid.principal, "{spell:?}");
        assert_eq!(report.fees, paid.fees, "{spell:?}");
        !report.fees.is_zero()
    });
    earned.count()
}

#[test]
fn just_in_time_positions_earn_what_they_were_paid() {
    let spells = just_in_time(week());
    assert_eq!(spells.len(), 103);
    let earned = check(&spells);
    assert!(earned > 95, "{earned} of 103 earned something");
}

#[test]
fn longer_lived_positions_earn_what_they_were_paid() {
    let spells = longer_lived(week());
    assert!(spells.len() >= 50, "{} ranges", spells.len());
    let earned = check(&spells);
    assert!(earned > 50, "{earned} of {} earned something", spells.len());
}
