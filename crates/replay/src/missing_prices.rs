//! Finding the prices that a tape leaves out.
//!
//! The amounts of a swap do not say whether its input or its output was fixed, and the two leave
//! prices that differ in the last digits. Where the tape records no price after the swap, what
//! comes later decides: both are followed until one of them no longer reproduces.

use std::borrow::Cow;

use tidemill_market::{Footprint, Market, MarketError, PoolMarket};
use tidemill_model::{PoolEvent, PoolId, Tape, TapeEvent};
use tidemill_store::ShareTape;
use tidemill_units::SqrtPrice;

use crate::RunTape;
use crate::replay_tape::chain_event;

/// Swaps without a price beyond which none is looked for: such a tape says too little to decide.
const MAX_MISSING: usize = 1_000;
/// Histories followed at the same time; the first found are kept.
const MAX_BRANCHES: usize = 8;

/// One way to read the tape so far.
#[derive(Clone)]
struct Branch {
    market: Market,
    /// The prices taken, by row.
    chosen: Vec<(usize, SqrtPrice)>,
}

fn lacks_price(event: &PoolEvent) -> bool {
    event.swap().is_some_and(|(_, after)| after.sqrt_price.is_none())
}

/// A tape with its missing prices filled in.
#[expect(clippy::large_enum_variant, reason = "there is one for a whole run")]
pub(crate) enum Prepared<'a> {
    Concentrated(Cow<'a, Tape>),
    Shares(&'a ShareTape),
}

impl Prepared<'_> {
    pub(crate) fn tape(&self) -> RunTape<'_> {
        match self {
            Self::Concentrated(tape) => RunTape::Concentrated(tape),
            Self::Shares(tape) => RunTape::Shares(tape),
        }
    }
}

/// Returns the tape as [`with_prices`] does; pools of shares have no prices to be missing.
///
/// Errors: those of a start that is no pool's state.
pub(crate) fn prepared(tape: RunTape<'_>) -> Result<Prepared<'_>, MarketError> {
    Ok(match tape {
        RunTape::Concentrated(tape) => Prepared::Concentrated(with_prices(tape)?),
        RunTape::Shares(tape) => Prepared::Shares(tape),
    })
}

/// Returns the tape with the prices filled in that its other rows decide; as it is where none is
/// missing, where amounts are rounded, where more than 1,000 are missing, or where no choice
/// reproduces.
///
/// Errors: those of a start that is no pool's state.
pub(crate) fn with_prices(tape: &Tape) -> Result<Cow<'_, Tape>, MarketError> {
    let missing = tape.events.iter().filter(|recorded| lacks_price(&recorded.event)).count();
    let is_exact = tape.header.amount_tolerance.is_exact();
    if missing == 0 || missing > MAX_MISSING || !is_exact {
        return Ok(Cow::Borrowed(tape));
    }
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = market.add_pool(tape)?;
    let mut branches = vec![Branch { market, chosen: Vec::new() }];
    for (row, recorded) in tape.events.iter().enumerate() {
        branches = branches
            .into_iter()
            .flat_map(|branch| branch.followed_by(pool, row, recorded))
            .collect();
        drop_twins(&mut branches, pool);
    }
    let Some(first) = branches.into_iter().next() else { return Ok(Cow::Borrowed(tape)) };
    let mut filled = tape.clone();
    for (row, price) in first.chosen {
        if let Some(recorded) = filled.events.get_mut(row) {
            recorded.event.set_price_after(price);
        }
    }
    Ok(Cow::Owned(filled))
}

/// Histories that have come to the same state go on alike: the first stands for them.
fn drop_twins(branches: &mut Vec<Branch>, pool: PoolId) {
    if branches.len() < 2 {
        return;
    }
    let mut seen = Vec::new();
    branches.retain(|branch| {
        let pool = branch.market.pool(pool).and_then(PoolMarket::concentrated);
        let state = pool.map(|pool| {
            let history = pool.history();
            (history.sqrt_price(), history.tick(), history.liquidity())
        });
        let is_new = !seen.contains(&state);
        seen.push(state);
        is_new
    });
    branches.truncate(MAX_BRANCHES);
}

impl Branch {
    /// Returns the ways in which this one can go on; none where the row does not reproduce.
    fn followed_by(self, pool: PoolId, row: usize, recorded: &TapeEvent) -> Vec<Self> {
        let sequence = row as u64 + 1;
        let Some((amounts, after)) = recorded.event.swap() else {
            return self.applied(pool, sequence, recorded);
        };
        if after.sqrt_price.is_some() {
            return self.applied(pool, sequence, recorded);
        }
        let concentrated = self.market.pool(pool).and_then(PoolMarket::concentrated);
        let prices = concentrated.map(|pool| pool.possible_prices(amounts, after));
        let mut prices = prices.unwrap_or_default();
        let last = prices.pop();
        let mut ways = Vec::new();
        let taken = |mut branch: Self, price| {
            branch.chosen.push((row, price));
            let mut priced = recorded.clone();
            priced.event.set_price_after(price);
            branch.applied(pool, sequence, &priced)
        };
        for price in prices {
            ways.extend(taken(self.clone(), price));
        }
        ways.extend(last.map(|price| taken(self, price)).unwrap_or_default());
        ways
    }

    fn applied(mut self, pool: PoolId, sequence: u64, recorded: &TapeEvent) -> Vec<Self> {
        let applied = self.market.apply(&chain_event(pool, sequence, recorded));
        if applied.is_ok() { vec![self] } else { Vec::new() }
    }
}
