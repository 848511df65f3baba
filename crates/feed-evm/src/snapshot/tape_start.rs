//! The start of a tape from a pool's ticks.

use std::collections::{BTreeMap, VecDeque};

use tidemill_amm::concentrated::{ConcentratedState, TickState};
use tidemill_model::{BuildEvent, InitialPosition, PoolEvent, PoolStart, TapeEvent};
use tidemill_units::{BlockNumber, Liquidity, Tick, TickRange};

/// What ends and what begins at a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TickSums {
    /// Liquidity of ranges that begin here.
    pub begins: u128,
    /// Liquidity of ranges that end here.
    pub ends: u128,
}

/// Why a pool's ticks are no start of a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// Gross and net of a tick are the sum and the difference of what begins and ends there; no
    /// two numbers have these.
    #[error("tick {0}: no liquidity begins and ends here with this gross and net")]
    Tick(Tick),
    /// More ends at a tick than began below it, or less in all.
    #[error("tick {0}: other liquidity ends up to here than began below")]
    Unbalanced(Tick),
    /// The events after the snapshot burn more of a range than the ticks can hold of it.
    #[error("range {} to {}: more is burned later than its ticks hold", .0.lower, .0.upper)]
    Burned(TickRange),
    /// Whose range staked liquidity is in does not follow from the ticks: they have its net alone.
    #[error("tick {0}: staked liquidity, whose ranges do not follow from the ticks")]
    Staked(Tick),
}

/// Returns how a tape begins that goes on from a state: its start, and ranges that add up to the
/// gross and the net of every tick.
///
/// Which ranges there really were, ticks do not say, and calls cannot list them. Any ranges that
/// add up are the same to swaps and to fee growth; to burns they are not, since one can only burn
/// what a range has. So `events`, those of the tape, come first: a range of which they burn more
/// than they mint has at least that, and what is left of the ticks becomes ranges by
/// [`ranges_of`]. A tape with this start replays every burn in `events`.
///
/// Errors: those of [`StartError`].
pub fn tape_start(
    state: &ConcentratedState,
    block: BlockNumber,
    events: &[TapeEvent],
) -> Result<(PoolStart, Vec<InitialPosition>), StartError> {
    if let Some(entry) = state.ticks.iter().find(|entry| entry.staked_liquidity_net.0 != 0) {
        return Err(StartError::Staked(entry.tick));
    }
    let mut sums = BTreeMap::new();
    for entry in &state.ticks {
        sums.insert(entry.tick, sums_of(entry).ok_or(StartError::Tick(entry.tick))?);
    }
    let mut ranges = burned_beyond_minted(events);
    for (range, liquidity) in &ranges {
        take(&mut sums, range_of(*range), *liquidity)
            .ok_or(StartError::Burned(range_of(*range)))?;
    }
    for (range, liquidity) in ranges_of(&sums)? {
        let held = ranges.entry((range.lower, range.upper)).or_default();
        // What a tick holds in all fits, so what one of its ranges holds does too.
        *held = held.saturating_add(liquidity);
    }
    let position = |((lower, upper), liquidity): ((Tick, Tick), u128)| InitialPosition {
        range: TickRange { lower, upper },
        liquidity: Liquidity(liquidity),
        staked: Liquidity::ZERO,
    };
    let ranges = ranges.into_iter().filter(|(_, liquidity)| *liquidity > 0);
    let ConcentratedState { sqrt_price, tick, liquidity, .. } = *state;
    Ok((PoolStart::Snapshot { block, sqrt_price, tick, liquidity }, ranges.map(position).collect()))
}

/// Returns ranges whose sums at each tick are these: from the lowest tick up, what ends somewhere
/// is what began first. At most one fewer than ticks with a beginning and ticks with an end.
///
/// Errors: `Unbalanced` at the first tick where more ends than is there, or at the last where some
/// is left; nothing else can keep sums from being ranges.
pub fn ranges_of(sums: &BTreeMap<Tick, TickSums>) -> Result<Vec<(TickRange, u128)>, StartError> {
    let mut open = VecDeque::<(Tick, u128)>::new();
    let mut ranges = Vec::new();
    for (upper, TickSums { begins, ends }) in sums {
        let mut left = *ends;
        while left > 0 {
            let Some((lower, liquidity)) = open.front_mut() else {
                return Err(StartError::Unbalanced(*upper));
            };
            let ended = left.min(*liquidity);
            ranges.push((TickRange { lower: *lower, upper: *upper }, ended));
            left = left.saturating_sub(ended);
            *liquidity = liquidity.saturating_sub(ended);
            if *liquidity == 0 {
                open.pop_front();
            }
        }
        if *begins > 0 {
            open.push_back((*upper, *begins));
        }
    }
    match open.front() {
        None => Ok(ranges),
        Some((lower, _)) => {
            let last = sums.last_key_value().map_or(*lower, |(tick, _)| *tick);
            Err(StartError::Unbalanced(last))
        }
    }
}

/// Gross is what begins and what ends, net the one less the other.
fn sums_of(entry: &TickState) -> Option<TickSums> {
    let (gross, net) = (entry.liquidity_gross.0, entry.liquidity_net.0);
    let rest = gross.checked_sub(net.unsigned_abs()).filter(|rest| rest & 1 == 0)?;
    let (smaller, larger) = (rest >> 1, (rest >> 1).checked_add(net.unsigned_abs())?);
    Some(if net >= 0 {
        TickSums { begins: larger, ends: smaller }
    } else {
        TickSums { begins: smaller, ends: larger }
    })
}

/// Returns of each range the most that burns are ahead of mints at any time.
fn burned_beyond_minted(events: &[TapeEvent]) -> BTreeMap<(Tick, Tick), u128> {
    let mut ranges = BTreeMap::<(Tick, Tick), (u128, u128)>::new();
    for recorded in events {
        let Some((range, minted, burned)) = change_of(&recorded.event) else { continue };
        let (held, needed) = ranges.entry((range.lower, range.upper)).or_default();
        *held = held.saturating_add(minted);
        let missing = burned.saturating_sub(*held);
        *needed = needed.saturating_add(missing);
        *held = held.saturating_add(missing).saturating_sub(burned);
    }
    ranges.into_iter().map(|(range, (_, needed))| (range, needed)).collect()
}

/// What an event adds to a range, and what it takes away.
fn change_of(event: &PoolEvent) -> Option<(TickRange, u128, u128)> {
    match event {
        PoolEvent::Mint { range, liquidity, .. } => Some((*range, liquidity.0, 0)),
        PoolEvent::Burn { range, liquidity, .. } => Some((*range, 0, liquidity.0)),
        PoolEvent::Build(build) => match **build {
            BuildEvent::ModifyLiquidity { range, delta, .. } => {
                let amount = delta.0.unsigned_abs();
                let [added, removed] = if delta.0 < 0 { [0, amount] } else { [amount, 0] };
                Some((range, added, removed))
            }
            BuildEvent::PancakeSwap { .. }
            | BuildEvent::SetFeeProtocol(_)
            | BuildEvent::CollectProtocol(_)
            | BuildEvent::Stake { .. }
            | BuildEvent::CollectFees(_)
            | BuildEvent::SetFee(_)
            | BuildEvent::SetUnstakedFee(_)
            | BuildEvent::ManagedSwap { .. }
            | BuildEvent::Donate(_)
            | BuildEvent::ProtocolFeeUpdated(_) => None,
        },
        PoolEvent::Initialize { .. }
        | PoolEvent::Swap { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. }
        | PoolEvent::Shares(_) => None,
    }
}

fn range_of((lower, upper): (Tick, Tick)) -> TickRange {
    TickRange { lower, upper }
}

/// Takes a range's liquidity out of its ticks' sums; `None` where they do not hold it.
fn take(sums: &mut BTreeMap<Tick, TickSums>, range: TickRange, liquidity: u128) -> Option<()> {
    if liquidity == 0 {
        return Some(());
    }
    let lower = sums.get_mut(&range.lower)?;
    lower.begins = lower.begins.checked_sub(liquidity)?;
    let upper = sums.get_mut(&range.upper)?;
    upper.ends = upper.ends.checked_sub(liquidity)?;
    Some(())
}

#[cfg(test)]
mod tests;
