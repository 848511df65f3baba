use tidemill_units::{Amount, U256};

use crate::Hop;
use crate::best_trade::{BestTrade, executed};

/// Finds the best input by golden sections of the integers: two looks at each pool for each of at
/// most 370 sections.
///
/// What a hop cannot take counts as too much; of what earns nothing, the less it loses the better.
pub(crate) fn searched(hops: &[Hop<'_>], most: Amount) -> Option<BestTrade> {
    let (mut low, mut high) = (U256::ZERO, most.0);
    let mut best: Option<BestTrade> = None;
    while low < high {
        let width = high - low;
        let step = golden(width);
        let [left, right] = [high - step, low + step].map(|place| look(hops, place, &mut best));
        if left >= right {
            high = if low + step < high { low + step } else { high - U256::ONE };
        } else {
            low = if high - step > low { high - step } else { low + U256::ONE };
        }
    }
    look(hops, low, &mut best);
    best
}

/// The profit of an input, below zero where it loses, and lowest where a hop cannot take it.
fn look(hops: &[Hop<'_>], input: U256, best: &mut Option<BestTrade>) -> (Outcome, U256) {
    let amount_in = Amount(input);
    if let Some(trade) = executed(hops, amount_in) {
        let profit = trade.profit;
        if best.as_ref().is_none_or(|best| best.profit < profit) {
            *best = Some(trade);
        }
        return (Outcome::Earns, profit.0);
    }
    let back = hops.iter().try_fold(amount_in, |amount, hop| Some(hop.quote(amount)?.amount_out));
    match back {
        // The less it loses the better.
        Some(back) => (Outcome::Loses, U256::MAX - (input - back.0.min(input))),
        None if input.is_zero() => (Outcome::Loses, U256::MAX),
        None => (Outcome::TooMuch, U256::MAX - input),
    }
}

/// In the order of what is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    TooMuch,
    Loses,
    Earns,
}

/// The larger part of a width cut by the golden section, at least half of it, rounded up.
fn golden(width: U256) -> U256 {
    let part = width / U256::from(1_000_000_u32) * U256::from(618_034_u32)
        + width % U256::from(1_000_000_u32) * U256::from(618_034_u32) / U256::from(1_000_000_u32);
    part.max(width - width / U256::from(2_u8))
}
