use std::mem::{discriminant, replace};
use std::sync::Arc;

use tidemill_ledger::{Ledger, LedgerError};
use tidemill_market::{Market, MarketError, ResolvedSwaps, UndoLog};
use tidemill_model::{
    Event, EventBody, Intent, Order, OrderKey, OutcomeKind, PoolId, ReorgDepth, RevertedBlock,
    Sequence,
};
use tidemill_risk::{Approved, Refusal, Risk};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{BlockNumber, InstantUs};

use crate::guard::{Gone, Guard, is_nonsense, way_out};
use crate::{Digest, Stop, StopCause};

/// One strategy with its market, ledger and limits.
pub struct Engine {
    market: Market,
    /// None where no block can be taken back.
    undo: Option<Box<UndoLog>>,
    ledger: Ledger,
    risk: Risk,
    strategy: Box<dyn Strategy>,
    guard: Guard,
    digest: Digest,
    last: Option<Sequence>,
    /// Whether anything but feeds has spoken, where there is a pool: before that there is nothing
    /// to act on.
    has_begun: bool,
    refused: Vec<RefusedIntent>,
    /// The lowest block that was taken back since the strategy was last asked.
    reverted_from: Option<BlockNumber>,
}

/// What a step asks of the outside.
#[derive(Debug, Default)]
pub struct Step {
    /// Orders to execute.
    pub approved: Vec<Approved>,
}

/// An intent that risk refused, for the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedIntent {
    /// When.
    pub at: InstantUs,
    /// What it would have been.
    pub key: OrderKey,
    /// What was wanted.
    pub intent: Intent,
    /// Why not.
    pub refusal: Refusal,
    /// How many times an intent of this kind was refused for a reason of this kind; the rest of the
    /// entry is of the first time.
    pub times: u64,
}

/// Why a step could not be taken. The engine is then not to be used any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The event contradicts the market.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// The event contradicts the ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Events out of order.
    #[error("event {} follows event {}", .next.0, .last.0)]
    OutOfOrder {
        /// The event before.
        last: Sequence,
        /// The event that should have come later.
        next: Sequence,
    },
}

impl Engine {
    /// Returns an engine at the start of a run.
    pub fn new(market: Market, ledger: Ledger, risk: Risk, strategy: Box<dyn Strategy>) -> Self {
        let digest = Digest::default();
        let has_begun = risk.valuation().pool().is_none();
        Self {
            market,
            undo: None,
            ledger,
            risk,
            strategy,
            guard: Guard::default(),
            digest,
            last: None,
            has_begun,
            refused: Vec::new(),
            reverted_from: None,
        }
    }

    /// Keeps from here on what it takes to take so many blocks of each chain back. To be called
    /// before the first step of a run whose events can say that a block was reverted, and of no
    /// other: it costs the time to apply each event twice.
    pub fn keep_undo(&mut self, depth: ReorgDepth) {
        self.ledger.keep_reversible(depth.clone(), self.market.chains());
        self.undo = Some(Box::new(UndoLog::new(&self.market, depth)));
    }

    /// Lends the market what was worked out of the recorded events that come next in a pool: see
    /// [`Market::lend`].
    pub fn lend(&mut self, pool: PoolId, swaps: &Arc<ResolvedSwaps>) {
        self.market.lend(pool, swaps);
    }

    /// Takes a description of everything that the log does not say into the digest: two runs that
    /// differ in it have different digests. To be called before the first step.
    pub fn describe(&mut self, setup: &str) {
        self.digest.setup(setup);
    }

    /// Returns the world so far.
    pub fn market(&self) -> &Market {
        &self.market
    }

    /// Returns what is ours so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns the limits, and what they remember.
    pub fn risk(&self) -> &Risk {
        &self.risk
    }

    /// Returns what risk refused so far.
    pub fn refused(&self) -> &[RefusedIntent] {
        &self.refused
    }

    /// Returns since when the strategy is not asked any more, and why; `None` while it is. What it
    /// had open is being closed, or was.
    pub fn stopped(&self) -> Option<&Stop> {
        self.guard.stop()
    }

    /// Returns the digest of everything so far, in hexadecimal.
    pub fn digest(&self) -> String {
        self.digest.to_hex()
    }

    /// Takes in one event and decides; where values are stated in a pool, nothing before the first
    /// event that is none of a feed.
    ///
    /// A strategy that panics, gives up, or asks for more or for worse than the bounds of
    /// [`StopCause`] is asked no more. From that event on everything of its that is open is closed,
    /// through the entrance of `risk` that no limit shuts, and again where that failed.
    ///
    /// Errors: see [`EngineError`].
    pub fn step(&mut self, event: &Event) -> Result<Step, EngineError> {
        if let Some(last) = self.last.filter(|last| *last >= event.sequence) {
            return Err(EngineError::OutOfOrder { last, next: event.sequence });
        }
        self.last = Some(event.sequence);
        self.digest.event(event);
        match self.undo.as_deref_mut() {
            None => self.market.apply(event)?,
            Some(undo) => undo.apply(&mut self.market, event)?,
        }
        self.ledger.apply(event)?;
        if let EventBody::Reverted(reverted) = &event.body {
            // There is more to come of what stands in the place of the block.
            self.note_reverted(reverted);
            return Ok(Step::default());
        }
        self.has_begun |= !matches!(event.body, EventBody::Data(_) | EventBody::Feed(_));
        if !self.has_begun || is_after_the_end(event) {
            return Ok(Step::default());
        }
        let mut step = Step::default();
        let exits = self.exits(event, &mut step)?;
        let reverted_from = self.reverted_from.take();
        let view = View::new(&self.market, &self.ledger, *self.risk.valuation());
        let view = view.map(|view| view.with_reverted(reverted_from));
        let asked = match view {
            Some(view) if self.guard.stop().is_none() => {
                self.guard.ask(self.strategy.as_mut(), &view)
            }
            _ => Ok(Vec::new()),
        };
        let intents = asked.unwrap_or_else(|cause| self.stop(event, cause));
        let wanted = exits.saturating_add(intents.len());
        for (index, intent) in (exits..).zip(intents) {
            if self.guard.stop().is_none() {
                self.check(event, index, intent, &mut step)?;
            }
        }
        if self.guard.stop().is_some() {
            self.leave(event, wanted, &mut step)?;
        }
        Ok(step)
    }

    /// Lets risk close what it has to, before the strategy is asked; returns how many orders that
    /// were.
    fn exits(&mut self, event: &Event, step: &mut Step) -> Result<usize, EngineError> {
        self.risk.observe(event, &self.market, &self.ledger);
        let exits = self.risk.exits(&self.market, &self.ledger);
        let count = exits.len();
        for (index, intent) in exits.into_iter().enumerate() {
            let order = self.order(event, index, intent);
            match self.risk.reduce(order, &self.ledger) {
                Ok(approved) => self.take(approved, step)?,
                Err(refusal) => self.refuse(event, &order, refusal),
            }
        }
        Ok(count)
    }

    /// Stops the strategy; returns what is wanted of it instead, nothing.
    fn stop(&mut self, event: &Event, cause: StopCause) -> Vec<Intent> {
        self.digest.stopped(event.sequence, &cause);
        let strategy = replace(&mut self.strategy, Box::new(Gone));
        self.guard.set(event, cause, strategy);
        Vec::new()
    }

    /// Closes what a stopped strategy has open; the keys go on from those of its own intents.
    fn leave(&mut self, event: &Event, wanted: usize, step: &mut Step) -> Result<(), EngineError> {
        for (index, intent) in (wanted..).zip(way_out(&self.market, &self.ledger)) {
            let order = self.order(event, index, intent);
            // It is asked for again at the next event where it cannot be had now.
            let Ok(approved) = self.risk.reduce(order, &self.ledger) else { continue };
            self.take(approved, step)?;
        }
        Ok(())
    }

    fn order(&self, event: &Event, index: usize, intent: Intent) -> Order {
        let key =
            OrderKey { sequence: event.sequence, intent: u16::try_from(index).unwrap_or(u16::MAX) };
        Order { key, intent, decided_in: self.market.block() }
    }

    /// Checks an intent of the strategy.
    fn check(
        &mut self,
        event: &Event,
        index: usize,
        intent: Intent,
        step: &mut Step,
    ) -> Result<(), EngineError> {
        let order = self.order(event, index, intent);
        match self.risk.check(order, &self.market, &self.ledger) {
            Ok(approved) => {
                self.guard.note_approved();
                self.take(approved, step)?;
            }
            Err(refusal) => {
                self.refuse(event, &order, refusal);
                let is_nonsense = is_nonsense(&intent, refusal, (&self.market, &self.ledger));
                if let Err(cause) = self.guard.note_refused(event, refusal, is_nonsense) {
                    self.stop(event, cause);
                }
            }
        }
        Ok(())
    }

    /// Books an approved order as in flight.
    fn take(&mut self, approved: Approved, step: &mut Step) -> Result<(), EngineError> {
        self.digest.approved(approved.order());
        self.ledger.book(*approved.order())?;
        step.approved.push(approved);
        Ok(())
    }

    fn refuse(&mut self, event: &Event, order: &Order, refusal: Refusal) {
        self.digest.refused(order, &refusal);
        self.record_refusal(event.seen_at, order, refusal);
    }

    /// Only blocks of the chain that the strategy looks at are any news to it.
    fn note_reverted(&mut self, reverted: &RevertedBlock) {
        let pool = self.risk.valuation().pool();
        let chain = pool.and_then(|pool| self.market.chain_of(pool.pool));
        if chain == Some(reverted.chain) {
            let lowest = self.reverted_from.map_or(reverted.number, |at| at.min(reverted.number));
            self.reverted_from = Some(lowest);
        }
    }

    /// Strategies may ask for the same at every event; one entry stands for all of a kind,
    /// so that there are never more than kinds of intent times kinds of refusal.
    fn record_refusal(&mut self, at: InstantUs, order: &Order, refusal: Refusal) {
        let Order { key, intent, .. } = *order;
        let same = self.refused.iter_mut().find(|earlier| {
            discriminant(&earlier.refusal) == discriminant(&refusal)
                && discriminant(&earlier.intent) == discriminant(&intent)
        });
        match same {
            Some(last) => last.times = last.times.saturating_add(1),
            None => self.refused.push(RefusedIntent { at, key, intent, refusal, times: 1 }),
        }
    }
}

/// An order expires only when the venue is gone: there is nobody left to decide for.
fn is_after_the_end(event: &Event) -> bool {
    matches!(&event.body, EventBody::Outcome(outcome) if outcome.kind == OutcomeKind::Expired)
}
