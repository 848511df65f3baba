use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tidemill_ledger::{Ledger, OpenPosition};
use tidemill_market::Market;
use tidemill_model::{Event, Holding, Intent, PositionId, Sequence};
use tidemill_risk::{Refusal, contracts_out};
use tidemill_strategy::{Strategy, StrategyFault, View};
use tidemill_units::InstantUs;

/// The most intents at one event. A vote for thirty gauges that pay two hundred tokens, the most
/// that a configuration can have, claims or sells two hundred at once.
pub const MAX_INTENTS: usize = 1_024;

/// How many intents may be refused in a row. Beyond them it is a flood if there were also more than
/// [`MAX_REFUSED_PER_EVENT`] of them for each event: asking for the same again at every event,
/// while a limit or a gap of a feed refuses it, is what a strategy should do.
pub const MAX_REFUSED_IN_A_ROW: u64 = 4_096;

/// How many intents an event may see refused, on average since one was approved; a ladder of as
/// many ranges may ask for all of them again.
pub const MAX_REFUSED_PER_EVENT: u64 = 64;

/// How many intents may be nonsense since one was approved: about a pool, a position, a programme
/// or a pair of tokens that is not there, or about a range that the pool cannot have. No price and
/// no limit will ever make sense of those.
pub const MAX_NONSENSE: u64 = 1_000;

/// That a strategy is not asked any more, from when on and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The event that it was asked at last.
    pub sequence: Sequence,
    /// When that was seen.
    pub at: InstantUs,
    /// Why.
    pub cause: StopCause,
}

/// Why a strategy is not asked any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StopCause {
    /// Its code panicked.
    #[error("it panicked: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// More at one event than anybody can mean; none of it was looked at.
    #[error("it wanted {wanted} things at one event, and {limit} are allowed")]
    TooManyIntents {
        /// How many.
        wanted: usize,
        /// How many there may be.
        limit: usize,
    },
    /// It goes on asking for much that it cannot have.
    #[error("{refused} of its intents were refused in a row, within {events} events")]
    Flood {
        /// How many since one was approved.
        refused: u64,
        /// At how many events.
        events: u64,
    },
    /// It goes on asking for what cannot be.
    #[error("{times} of its intents made no sense since one was approved, the last one: {refusal}")]
    Nonsense {
        /// How many.
        times: u64,
        /// Why the last was refused.
        refusal: Refusal,
    },
    /// It gave up itself, or was given up on from outside.
    #[error(transparent)]
    Fault(StrategyFault),
}

/// Watches over one strategy: counts what is refused, and keeps why it was stopped.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    /// Refused since one was approved.
    refused: u64,
    /// Events at which any was, and the last of them.
    events: u64,
    last: Option<Sequence>,
    /// Nonsense since one was approved.
    nonsense: u64,
    stop: Option<Stop>,
}

impl Guard {
    pub(crate) fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// Asks a strategy that was not stopped.
    ///
    /// Errors: a panic, a fault, or more intents than are allowed.
    pub(crate) fn ask(
        &self,
        strategy: &mut dyn Strategy,
        view: &View<'_>,
    ) -> Result<Vec<Intent>, StopCause> {
        // A strategy that panicked may be left half changed: it is dropped, and not looked at.
        let asked = catch_unwind(AssertUnwindSafe(|| {
            let intents = strategy.decide(view);
            (intents, strategy.fault().cloned())
        }));
        match asked {
            Err(panic) => Err(StopCause::Panicked { message: message_of(panic.as_ref()) }),
            Ok((_, Some(fault))) => Err(StopCause::Fault(fault)),
            Ok((intents, None)) if intents.len() > MAX_INTENTS => {
                Err(StopCause::TooManyIntents { wanted: intents.len(), limit: MAX_INTENTS })
            }
            Ok((intents, None)) => Ok(intents),
        }
    }

    /// Stops a strategy at an event, and drops it.
    pub(crate) fn set(&mut self, event: &Event, cause: StopCause, strategy: Box<dyn Strategy>) {
        self.stop = Some(Stop { sequence: event.sequence, at: event.seen_at, cause });
        // What it does when it is dropped is its own code, too.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(move || drop(strategy))) {
            mem::forget(panic);
        }
    }

    pub(crate) fn note_approved(&mut self) {
        (self.refused, self.events, self.nonsense) = (0, 0, 0);
        self.last = None;
    }

    /// Counts an intent that an event saw refused.
    ///
    /// Errors: [`StopCause::Nonsense`] and [`StopCause::Flood`].
    pub(crate) fn note_refused(
        &mut self,
        event: &Event,
        refusal: Refusal,
        is_nonsense: bool,
    ) -> Result<(), StopCause> {
        let is_next = self.last.replace(event.sequence) != Some(event.sequence);
        self.events = self.events.saturating_add(u64::from(is_next));
        self.refused = self.refused.saturating_add(1);
        self.nonsense = self.nonsense.saturating_add(u64::from(is_nonsense));
        if self.nonsense > MAX_NONSENSE {
            return Err(StopCause::Nonsense { times: self.nonsense, refusal });
        }
        let usual = self.events.saturating_mul(MAX_REFUSED_PER_EVENT);
        if self.refused > MAX_REFUSED_IN_A_ROW.max(usual) {
            return Err(StopCause::Flood { refused: self.refused, events: self.events });
        }
        Ok(())
    }
}

/// Stands where a strategy stood that was stopped.
pub(crate) struct Gone;

impl Strategy for Gone {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        Vec::new()
    }
}

/// Whether an intent that was refused is about something that is not there at all.
pub(crate) fn is_nonsense(
    intent: &Intent,
    refusal: Refusal,
    (market, ledger): (&Market, &Ledger),
) -> bool {
    match *intent {
        Intent::Open { pool, .. } | Intent::Swap { pool, .. } | Intent::Sell { pool, .. } => {
            let cannot_be = matches!(
                refusal,
                Refusal::BadRange
                    | Refusal::BadPlacement
                    | Refusal::NoSuchPair
                    | Refusal::NoProgramme
            );
            cannot_be || market.pool(pool).is_none()
        }
        Intent::Arbitrage { legs, .. } => {
            matches!(refusal, Refusal::NoSuchPair | Refusal::NothingGained { .. })
                || legs.iter().any(|leg| market.pool(leg.pool).is_none())
        }
        Intent::Trade { .. } => {
            matches!(refusal, Refusal::NoInstrument | Refusal::BadQuantity { .. })
        }
        Intent::Close { position }
        | Intent::Stake { position, .. }
        | Intent::Claim { position }
        | Intent::Unstake { position }
        | Intent::Compound { position }
        | Intent::Vote { position, .. }
        | Intent::Extend { position, .. }
        | Intent::ClaimBribes { position, .. } => {
            let is_known = ledger.position(position).is_some();
            !is_known || matches!(refusal, Refusal::NoProgramme)
        }
    }
}

/// What it takes to close everything that is open, as far as it can be asked for now: staked
/// positions are taken out of their programmes first. What is on its way is not asked for again,
/// nor what a contract would only refuse, at a cost, until its time has come.
pub(crate) fn way_out(market: &Market, ledger: &Ledger) -> Vec<Intent> {
    let leaving = ledger.positions().filter_map(|(id, open)| leave(market, id, open));
    let is_new = |intent: &Intent| !ledger.in_flight().any(|order| order.intent == *intent);
    leaving.filter(is_new).chain(contracts_out(ledger)).collect()
}

fn leave(market: &Market, position: PositionId, open: &OpenPosition) -> Option<Intent> {
    if open.staked.is_some() {
        let can_leave = market.reward(position).is_some();
        return can_leave.then_some(Intent::Unstake { position });
    }
    let is_time = match open.holding {
        Holding::Range { .. } | Holding::Shares(_) => true,
        Holding::Stake { .. } => {
            let staking = market.staking_of(position);
            let ready_at = staking.and_then(|staking| staking.ready_at(position));
            ready_at.is_none_or(|ready_at| ready_at <= market.now())
        }
        Holding::Lock { .. } => market.can_unlock(position),
    };
    is_time.then_some(Intent::Close { position })
}

/// What a panic said, where it said something.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it did not say why".to_owned())
}
