//! Runs of several strategies over one tape, side by side on one thread.

use std::sync::Arc;

use tidemill_engine::{Engine, drive_while};
use tidemill_exec_sim::{SimulatedWorld, TimedPrice};
use tidemill_market::{Dilution, Footprint, Market, ResolvedSwaps, SwapResolver};
use tidemill_model::{Event, EventBody, OutcomeKind, PositionId};
use tidemill_report::{AttributionError, PriceScale, Recorder, Start};
use tidemill_strategies::StrategyConfig;
use tidemill_strategy::Strategy;
use tidemill_units::Amount;

use crate::backtest::{engine, prices_of, world};
use crate::config::{POOL, pool_numbers};
use crate::{BacktestError, RunSource, RunTape, Setup, StrategyRun};

/// How many recorded events a run takes in before the next run is at its turn. What is worked out
/// of them for all runs is less than a quarter of a megabyte, which a core keeps at hand, and is
/// all that is kept of it however long the tape is.
const WINDOW: usize = 256;

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: u64 = 4_096;

/// A strategy as it was declared, and what decides.
pub(crate) type Decider = (StrategyConfig, Box<dyn Strategy>);

/// Runs deciders over a tape with the feeds and candles that their strategies declare; returns
/// their ends in the same order. They know nothing of each other: all that they share is what the
/// recorded swaps were found to be, which is found once for all of them.
pub(crate) fn run_together(
    (source, setup): (RunSource<'_>, &Setup),
    deciders: impl Iterator<Item = Result<Decider, BacktestError>>,
    progress: &dyn Fn(u64),
) -> Vec<Result<StrategyRun, BacktestError>> {
    let prices = prices_of(setup);
    let begin = |decider| Run::new((source, setup, &prices), decider?, progress);
    let mut runs: Vec<_> = deciders.map(begin).collect();
    let mut resolver = match source.tape() {
        // What one run alone works out is shared with nobody; a tape that does not begin is not
        // begun by the runs either, which say why.
        Some(RunTape::Concentrated(tape)) if runs.len() > 1 => SwapResolver::new(tape).ok(),
        Some(RunTape::Concentrated(_) | RunTape::Shares(_)) | None => None,
    };
    let mut until = 0;
    for window in source.tape().map_or(&[][..], RunTape::events).chunks(WINDOW) {
        let swaps = resolver.as_mut().map(|resolver| Arc::new(resolver.resolve_next(window)));
        until += window.len() as u64;
        for run in &mut runs {
            let Ok(going) = run else { continue };
            if let Err(error) = going.advance(until, swaps.as_ref()) {
                *run = Err(error);
            }
        }
    }
    runs.into_iter().map(|run| run.and_then(Run::finish)).collect()
}

/// One strategy's run over a tape, as far as it has come.
struct Run<'a> {
    source: RunSource<'a>,
    setup: &'a Setup,
    strategy: StrategyConfig,
    engine: Engine,
    world: SimulatedWorld<'a>,
    watcher: Watcher<'a>,
}

/// What looks at a run from outside.
struct Watcher<'a> {
    recorder: Recorder,
    dilution: Option<f64>,
    broken: Option<AttributionError>,
    /// What feeds said.
    told: u64,
    unreported: u64,
    progress: &'a dyn Fn(u64),
}

impl<'a> Run<'a> {
    fn new(
        (source, setup, prices): (RunSource<'a>, &'a Setup, &'a [TimedPrice]),
        (strategy, decider): Decider,
        progress: &'a dyn Fn(u64),
    ) -> Result<Self, BacktestError> {
        let engine = engine(source, setup, &strategy, decider)?;
        let world = world(source, setup, prices)?;
        let recorder = recorder(source, setup)?;
        let (dilution, broken) = (None, None);
        let watcher = Watcher { recorder, dilution, broken, told: 0, unreported: 0, progress };
        Ok(Self { source, setup, strategy, engine, world, watcher })
    }

    /// Goes on until the pool has seen so many recorded events, with what was worked out of them.
    fn advance(
        &mut self,
        until: u64,
        swaps: Option<&Arc<ResolvedSwaps>>,
    ) -> Result<(), BacktestError> {
        if let Some(swaps) = swaps {
            self.engine.lend(POOL, swaps);
        }
        let is_before = |engine: &Engine| {
            engine.market().pool(POOL).is_some_and(|pool| pool.counts().events < until)
        };
        self.drive(is_before)
    }

    fn drive(&mut self, goes_on: impl Fn(&Engine) -> bool) -> Result<(), BacktestError> {
        let Self { engine, world, watcher, .. } = self;
        drive_while(engine, world, goes_on, |engine, event, is_applied| {
            watcher.watch(engine, event, is_applied);
        })?;
        Ok(())
    }

    /// Goes on to the end, and adds up.
    fn finish(mut self) -> Result<StrategyRun, BacktestError> {
        self.drive(|_| true)?;
        let Self { source, setup, strategy, engine, watcher, .. } = self;
        let Watcher { recorder, mut dilution, broken, told, unreported, progress } = watcher;
        progress(unreported);
        if let Some(error) = broken {
            return Err(error.into());
        }
        if setup.footprint == Footprint::PriceTaker {
            for (id, _) in engine.ledger().positions() {
                dilution = worst(dilution, dilution_of(engine.market(), id));
            }
        }
        let record = recorder.finish(engine.market(), engine.ledger())?;
        let record = record.ok_or(match source {
            RunSource::Tape(_) => BacktestError::NoPrice,
            RunSource::Exchanges(_) => BacktestError::Silent,
        })?;
        let identity = &record.settlement.identity;
        if !identity.holds() {
            let name = strategy.name();
            let difference = identity.reported_difference.to_string();
            return Err(BacktestError::DoesNotAddUp { name, difference });
        }
        Ok(StrategyRun {
            strategy,
            record,
            told,
            refused: engine.refused().to_vec(),
            stopped: engine.stopped().cloned(),
            decisions: engine.risk().decisions().copied().collect(),
            digest: engine.digest(),
            dilution_bound: dilution,
            reverted_with_us: engine
                .ledger()
                .pools()
                .filter_map(|(id, _)| engine.market().pool(id))
                .map(|pool| pool.counts().reverted_with_us)
                .sum(),
        })
    }
}

impl Watcher<'_> {
    fn watch(&mut self, engine: &Engine, event: &Event, is_applied: bool) {
        let noted = if is_applied {
            self.unreported += 1;
            self.told += u64::from(matches!(event.body, EventBody::Data(_) | EventBody::Feed(_)));
            if self.unreported == PROGRESS_EVERY {
                (self.progress)(self.unreported);
                self.unreported = 0;
            }
            self.recorder.after(engine.market(), event)
        } else {
            note_dilution(engine.market(), event, &mut self.dilution);
            self.recorder.before(engine.market(), engine.ledger(), event)
        };
        if let Err(error) = noted {
            self.broken.get_or_insert(error);
        }
    }
}

/// What gathers the figures of a run.
fn recorder(source: RunSource<'_>, setup: &Setup) -> Result<Recorder, BacktestError> {
    let (scale, pools, seconds) = match (source, setup.valuation.pool()) {
        (RunSource::Tape(tape), Some(stated)) => {
            let others = pool_numbers().zip(setup.pools.iter().map(|pool| pool.assets));
            let seconds = match (tape.events().first(), tape.events().last()) {
                (Some(first), Some(last)) => last.time.seconds_since(first.time),
                _ => 0,
            };
            let scale = PriceScale::new(&tape.decimals(), stated.quote);
            (scale, std::iter::once((POOL, setup.assets)).chain(others).collect(), seconds)
        }
        (source, _) => {
            let tokens = source.tokens();
            let quote = setup.quote().and_then(|quote| tokens.get(quote.place()).copied());
            (PriceScale::without_pool(quote.map_or(0, |token| token.decimals)), Vec::new(), 0)
        }
    };
    Ok(Recorder::new(setup.valuation, &pools, scale, &start_of(setup), seconds)?)
}

/// What a strategy starts with, on the chain and at exchanges.
pub(crate) fn start_of(setup: &Setup) -> Start {
    let amounts = setup.deposit.as_slice().iter().copied();
    // Without a pool there is no wallet that could hold anything.
    let tokens = setup.assets.tokens().iter().filter(|_| setup.valuation.pool().is_some());
    let deposit = tokens.copied().zip(amounts).collect();
    let at_exchanges = setup.exchanges.iter();
    let at_exchanges = at_exchanges
        .filter_map(|exchange| Some((setup.assets.token(exchange.quote)?, exchange.deposit)));
    Start { deposit, at_exchanges: at_exchanges.collect() }
}

/// A position's dilution is known until it is closed: it is read just before.
fn note_dilution(market: &Market, event: &Event, worst_so_far: &mut Option<f64>) {
    if market.pool(POOL).is_none_or(|pool| pool.footprint() == Footprint::ReExecuted) {
        return;
    }
    if let EventBody::Outcome(outcome) = &event.body
        && let OutcomeKind::Closed { position, .. } = outcome.kind
    {
        *worst_so_far = worst(*worst_so_far, dilution_of(market, position));
    }
}

/// The most that a price-taker's fees can be too high: our liquidity or shares over what they would
/// have shared with, at the least that was beside them.
fn dilution_of(market: &Market, id: PositionId) -> Option<f64> {
    let Dilution { ours, beside } = market.dilution(id)?;
    Some(float(ours) / float(beside))
}

fn float(amount: Amount) -> f64 {
    amount.0.into_limbs().iter().rev().fold(0.0, |sum, limb| sum * 2_f64.powi(64) + *limb as f64)
}

fn worst(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}
