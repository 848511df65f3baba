use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use tidemill_engine::{
    AuditWorld, DriveError, Engine, EngineError, Journal, RefusedIntent, Stop, drive,
};
use tidemill_exec_sim::{Models, SimulatedWorld, SimulationError, TimedPrice};
use tidemill_ledger::{Ledger, LedgerError};
use tidemill_market::{Market, MarketError, PoolValuation, ProgrammeMarket, Valuation};
use tidemill_model::ProgrammeId;
use tidemill_report::{AttributionError, RunRecord};
use tidemill_risk::{Decision, Risk, Safeguards};
use tidemill_strategies::{BuildError, StrategyConfig};
use tidemill_strategy::Strategy;

use crate::config::{POOL, pool_numbers, services};
use crate::feeds::{equip, stream};
use crate::missing_prices::prepared;
use crate::run::{run_together, start_of};
use crate::{ConfigError, PoolSetup, RunSource, RunTape, Setup};

/// What one strategy's run left.
#[derive(Clone, Debug)]
pub struct StrategyRun {
    /// The strategy.
    pub strategy: StrategyConfig,
    /// What it earned, paid and did.
    pub record: RunRecord,
    /// How many things feeds said.
    pub told: u64,
    /// What risk refused.
    pub refused: Vec<RefusedIntent>,
    /// Since when it was not asked any more, and why; `None` where it was to the end. The figures
    /// are those of closing everything then.
    pub stopped: Option<Stop>,
    /// What rebalances, claims and compoundings were expected to bring, and what they brought;
    /// none without a break-even rule.
    pub decisions: Vec<Decision>,
    /// The digest of all events and decisions, in hexadecimal.
    pub digest: String,
    /// The largest part by which its fees can be too high; price-taker only.
    pub dilution_bound: Option<f64>,
    /// Others' recorded calls that reverted with us in the pool; re-executed only.
    pub reverted_with_us: u64,
}

/// All runs over one tape.
#[derive(Clone, Debug)]
pub struct Backtest {
    /// How they were run.
    pub setup: Setup,
    /// The runs, in the order of the configuration.
    pub runs: Vec<StrategyRun>,
}

/// Why a backtest could not be finished.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BacktestError {
    /// The tape does not reproduce.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// The engine refused an event.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The opening balance could not be booked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A value left its range.
    #[error(transparent)]
    Attribution(#[from] AttributionError),
    /// A strategy that farms in a programme that is not there.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A strategy that cannot run on this pool.
    #[error(transparent)]
    Strategy(#[from] BuildError),
    /// The simulated venue broke down.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// Fees, loss and costs do not add up to the net result: a bug of ours, never to be printed
    /// over.
    #[error(
        "strategy `{name}`: fees + rewards - IL - swap cost - gas - funding + hedge differs from \
         the net result by {difference}"
    )]
    DoesNotAddUp {
        /// The strategy.
        name: String,
        /// By how many raw quote units.
        difference: String,
    },
    /// An order without an end: a bug of ours.
    #[error("strategy `{0}`: an order has no end after the last event")]
    Unfinished(String),
    /// The tape never gives a price.
    #[error("the tape has no price")]
    NoPrice,
    /// In a run without a tape, no feed says anything.
    #[error("no feed says anything, and the run has no tape")]
    Silent,
}

impl BacktestError {
    /// Whether the fault lies with the tape: an event that does not reproduce, or an impossible
    /// start.
    pub fn is_of_the_tape(&self) -> bool {
        matches!(self, Self::Market(_) | Self::Engine(EngineError::Market(_)) | Self::NoPrice)
    }
}

impl From<DriveError<SimulationError>> for BacktestError {
    fn from(error: DriveError<SimulationError>) -> Self {
        match error {
            DriveError::Engine(error) => Self::Engine(error),
            DriveError::World(error) => Self::Simulation(error),
        }
    }
}

/// Runs every strategy of a setup over a tape, in parallel; `progress` is told now and then how
/// many events all of them together have taken in.
///
/// A strategy that panics, floods or gives up is stopped, and the others go on. One that does not
/// return from a call is waited for; [`backtest_watched`](crate::backtest_watched) leaves it
/// behind.
///
/// Errors: see [`BacktestError`]; the first in the order of the strategies.
pub fn backtest<'a>(
    source: impl Into<RunSource<'a>>,
    setup: Setup,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Backtest, BacktestError> {
    let source = source.into();
    let prepared = source.tape().map(prepared).transpose()?;
    let source = prepared.as_ref().map_or(source, |prepared| prepared.tape().into());
    let done = AtomicU64::new(0);
    let count = |events: u64| progress(done.fetch_add(events, Ordering::Relaxed) + events);
    let groups = dealt(setup.strategies.iter().collect(), rayon::current_num_threads());
    let run = |group: Vec<&StrategyConfig>| {
        let decider = |strategy: &StrategyConfig| {
            let decider = decider_of(source, &setup, strategy)?;
            Ok((strategy.clone(), decider))
        };
        run_together((source, &setup), group.into_iter().map(decider), &count)
    };
    let ended: Vec<_> = groups.into_par_iter().map(run).collect();
    let runs: Result<Vec<_>, _> = collected(ended).collect();
    Ok(Backtest { runs: runs?, setup })
}

/// Deals things out to so many groups at most, in turn; none is empty.
pub(crate) fn dealt<T>(things: Vec<T>, most: usize) -> Vec<Vec<T>> {
    let count = most.min(things.len());
    let mut groups: Vec<Vec<T>> = (0..count).map(|_| Vec::new()).collect();
    for (place, thing) in things.into_iter().enumerate() {
        groups[place % count].push(thing);
    }
    groups
}

/// Returns what was [`dealt`] in the order in which it was.
fn collected<T>(groups: Vec<Vec<T>>) -> impl Iterator<Item = T> {
    let mut groups: VecDeque<_> = groups.into_iter().map(Vec::into_iter).collect();
    std::iter::from_fn(move || {
        let mut group = groups.pop_front()?;
        let next = group.next();
        groups.push_back(group);
        next
    })
}

/// What decides as a configured strategy says.
pub(crate) fn decider_of(
    source: RunSource<'_>,
    setup: &Setup,
    strategy: &StrategyConfig,
) -> Result<Box<dyn Strategy>, BacktestError> {
    let offered = setup.offered(source);
    let services = services(strategy, offered, &setup.models.gas)?;
    Ok(strategy.build(offered.facts(strategy)?, services)?)
}

/// Returns an engine with nothing applied yet.
pub(crate) fn engine(
    source: RunSource<'_>,
    setup: &Setup,
    strategy: &StrategyConfig,
    decider: Box<dyn Strategy>,
) -> Result<Engine, BacktestError> {
    let description = description(source, setup, strategy);
    let mut market = Market::new(setup.footprint);
    let mut ledger = Ledger::default();
    if let RunSource::Tape(tape) = source {
        let pool = tape.add_to(&mut market)?;
        ledger = Ledger::funded(&start_of(setup).deposit)?;
        ledger.add_pool(pool, setup.assets);
    }
    for other in &setup.pools {
        let pool = other.run_tape().add_to(&mut market)?;
        ledger.add_pool(pool, other.assets);
    }
    let risk = Risk::new(setup.limits, setup.valuation);
    let risk = risk.with_safeguards(setup.safeguards.clone());
    for reward in &setup.rewards {
        let start = reward.start.clone();
        let programme = ProgrammeMarket::new(reward.pool, reward.asset, start, reward.seat);
        market.add_programme(programme)?;
    }
    for staking in &setup.stakings {
        market.add_staking(staking.market(POOL, setup.assets.tokens().len()))?;
    }
    for voting in &setup.votings {
        market.add_voting(voting.market(POOL, setup.assets.tokens().len()))?;
    }
    let risk = risk.with_feeds(equip(&mut market, &setup.feeds, strategy)?);
    for exchange in &setup.exchanges {
        let quote = setup.assets.token(exchange.quote).ok_or(ConfigError::EmptyTape)?;
        ledger.fund_exchange(exchange.venue, quote, exchange.deposit)?;
        for (instrument, _) in &exchange.instruments {
            let id = market.add_instrument(instrument.clone())?;
            ledger.add_instrument(id, instrument.instrument);
        }
    }
    let mut engine = Engine::new(market, ledger, risk, decider);
    engine.describe(&description);
    Ok(engine)
}

pub(crate) fn world<'a>(
    source: RunSource<'a>,
    setup: &'a Setup,
    prices: &'a [TimedPrice],
) -> Result<SimulatedWorld<'a>, BacktestError> {
    let feeds = stream(&setup.feeds).map_err(SimulationError::from)?;
    let world = match source {
        RunSource::Tape(tape) => SimulatedWorld::new(POOL, tape.events(), setup.models)
            .with_prices(prices)
            .with_feeds(feeds, setup.chain_latency),
        RunSource::Exchanges(_) => SimulatedWorld::without_pools(feeds, setup.models),
    };
    let others = pool_numbers().zip(&setup.pools);
    let world =
        others.fold(world, |world, (id, pool)| world.with_pool(id, pool.run_tape().events()));
    let accounts = setup.exchanges.iter().map(|exchange| exchange.account(&setup.assets));
    let accounts: Option<Vec<_>> = accounts.collect();
    let instruments = setup.exchanges.iter().flat_map(|exchange| {
        exchange.instruments.iter().map(|(instrument, _)| instrument.instrument.venue)
    });
    let world = world.with_exchanges(
        accounts.ok_or(BacktestError::Ledger(LedgerError::OutOfRange))?,
        instruments.collect(),
    );
    let quoted = setup.exchanges.iter().flat_map(|exchange| exchange.options.iter().copied());
    let world = world.with_options(quoted.collect());
    Ok((0..)
        .map(ProgrammeId)
        .zip(&setup.rewards)
        .fold(world, |world, (programme, reward)| world.with_programme(programme, &reward.events)))
}

/// The prices of all reward tokens, in order of time.
pub(crate) fn prices_of(setup: &Setup) -> Vec<TimedPrice> {
    let bribes = setup.votings.iter().flat_map(|voting| voting.prices.clone());
    let rewards = setup.rewards.iter().flat_map(|reward| reward.prices.clone());
    let mut prices: Vec<_> = rewards.chain(bribes).collect();
    prices.sort_by_key(|price| price.time);
    prices
}

/// Everything besides the log that a run follows from, in the form of Rust's `Debug`.
fn description(source: RunSource<'_>, setup: &Setup, strategy: &StrategyConfig) -> String {
    let valuation = stated(&setup.valuation);
    let Setup { deposit, footprint, models, limits, .. } = setup;
    let Setup { rewards, stakings, votings, chain_latency, .. } = setup;
    // A feed is what it says, wherever its file is.
    let feeds: Vec<_> = setup.feeds.iter().map(|feed| &feed.terms).collect();
    let needs = &strategy.needs;
    let Models { gas, inclusion, sale } = models;
    let header = match source {
        RunSource::Tape(tape) => header_of(tape),
        RunSource::Exchanges(tokens) => format!("{tokens:?}"),
    };
    let kind = &strategy.kind;
    let farm = &strategy.farm;
    let around = strategy.around();
    let mut description = format!(
        "{header} {kind:?} {farm:?} {valuation} {deposit:?} {footprint:?} {inclusion:?} {gas:?} \
         {sale:?} {limits:?} {rewards:?} {stakings:?} {votings:?} {feeds:?} {chain_latency:?} \
         {needs:?}{around}"
    );
    if setup.safeguards != Safeguards::default() {
        description += &format!(" {:?}", setup.safeguards);
    }
    for pool in &setup.pools {
        let PoolSetup { name, assets, .. } = pool;
        description += &format!(" {name:?} {assets:?} {}", header_of(pool.run_tape()));
    }
    if !setup.exchanges.is_empty() {
        description += &format!(" {:?}", setup.exchanges);
    }
    description
}

/// How values are stated. The words stand in the digests of all runs.
fn stated(valuation: &Valuation) -> String {
    match valuation {
        Valuation::Pool(PoolValuation { pool, quote, native }) => {
            format!("Valuation {{ pool: {pool:?}, quote: {quote:?}, native: {native:?} }}")
        }
        Valuation::Exchanges(quote) => format!("Valuation {{ exchanges: {quote:?} }}"),
    }
}

fn header_of(tape: RunTape<'_>) -> String {
    match tape {
        RunTape::Concentrated(tape) => format!("{:?}", tape.header),
        RunTape::Shares(tape) => format!("{:?} {:?}", tape.header, tape.start),
    }
}

/// Runs a strategy and returns its digest with the log of everything that it saw.
///
/// Errors: as [`backtest`].
pub fn record_journal<'a>(
    source: impl Into<RunSource<'a>>,
    setup: &Setup,
    strategy: &StrategyConfig,
) -> Result<(Journal, String), BacktestError> {
    let source = source.into();
    journal_of(source, setup, strategy, decider_of(source, setup, strategy)?)
}

/// Runs a strategy of one's own over a tape, with the feeds and candles that a configured strategy
/// declares, and returns its digest with the log of everything that it saw.
///
/// Errors: as [`backtest`].
pub fn record_journal_of<'a>(
    source: impl Into<RunSource<'a>>,
    setup: &Setup,
    declared: &StrategyConfig,
    decider: Box<dyn Strategy>,
) -> Result<(Journal, String), BacktestError> {
    journal_of(source.into(), setup, declared, decider)
}

fn journal_of(
    source: RunSource<'_>,
    setup: &Setup,
    strategy: &StrategyConfig,
    decider: Box<dyn Strategy>,
) -> Result<(Journal, String), BacktestError> {
    let mut engine = engine(source, setup, strategy, decider)?;
    let prices = prices_of(setup);
    let mut world = world(source, setup, &prices)?;
    let mut journal = Journal::default();
    drive(&mut engine, &mut world, |_, event, is_applied| {
        if is_applied {
            journal.events.push(event.clone());
        }
    })?;
    Ok((journal, engine.digest()))
}

/// Replays a journal and returns the digest, which is that of the run that wrote it.
///
/// Errors: as [`backtest`].
pub fn audit<'a>(
    source: impl Into<RunSource<'a>>,
    setup: &Setup,
    strategy: &StrategyConfig,
    journal: Journal,
) -> Result<String, BacktestError> {
    let source = source.into();
    let mut engine = engine(source, setup, strategy, decider_of(source, setup, strategy)?)?;
    let driven = drive(&mut engine, &mut AuditWorld::new(journal), |_, _, _| {});
    driven.map_err(|error| match error {
        DriveError::Engine(error) => BacktestError::Engine(error),
        DriveError::World(never) => match never {},
    })?;
    Ok(engine.digest())
}
