//! What a tape says of a pool, folded once.

use tidemill_amm::concentrated::{self, Build, SwapRequest};
use tidemill_market::{Footprint, Market, MarketError, PoolMarket, PoolPrices};
use tidemill_model::{
    Address, BuildEvent, ChainEvent, ChainId, Event, EventBody, PoolEvent, PoolId, Sequence,
    ShareEvent, TapeEvent, Token,
};
use tidemill_store::{AnyTape, ShareTape};
use tidemill_units::{Liquidity, TickRange, Timestamp, TokenIndex};

use crate::share_flow::ShareRecording;

/// A pool's recorded history, executed again and checked, and what of it a campaign asks for.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What is said of the pool.
    pub(crate) about: About,
    /// Its history.
    pub(crate) history: History,
    /// The pool as it is at the end.
    market: Market,
}

/// What is said of the pool.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) chain_id: ChainId,
    pub(crate) address: Address,
    pub(crate) tokens: Vec<Token>,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
    pub(crate) events: u64,
    pub(crate) swaps: u64,
}

/// The history of either form of pool.
#[derive(Clone, Debug)]
pub(crate) enum History {
    Ranges(Box<RangeRecording>),
    Shares(Box<ShareRecording>),
}

/// The history of a concentrated pool.
#[derive(Clone, Debug)]
pub(crate) struct RangeRecording {
    /// Before the first call.
    pub(crate) start: concentrated::Pool,
    pub(crate) calls: Vec<Recorded>,
    /// Events that are not made again: fees' collection, changes of fees, donations.
    pub(crate) left_out: u64,
}

/// A call of the history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    pub(crate) at: Timestamp,
    pub(crate) call: Call,
}

/// What was called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Swap(SwapRequest),
    Add(TickRange, Liquidity),
    Remove(TickRange, Liquidity),
}

impl Recording {
    /// Executes a tape again and keeps what a campaign asks for; `progress` is told now and then
    /// how many events are done.
    ///
    /// Errors: those of the market, at the first event that does not reproduce.
    pub fn of(tape: &AnyTape, progress: &dyn Fn(u64)) -> Result<Self, MarketError> {
        match tape {
            AnyTape::Concentrated(tape) => {
                let mut market = Market::new(Footprint::PriceTaker);
                let pool = market.add_pool(tape)?;
                let header = &tape.header;
                let about = About {
                    name: range_pool_name(tape),
                    chain_id: header.chain_id,
                    address: header.pool,
                    tokens: vec![header.token0.clone(), header.token1.clone()],
                    ..About::of(&tape.events)
                };
                let ranges = fold_ranges(&mut market, pool, &tape.events, progress)?;
                let history = History::Ranges(Box::new(ranges));
                Ok(Self { about, history, market })
            }
            AnyTape::Shares(tape) => Self::of_shares(tape, progress),
        }
    }

    fn of_shares(tape: &ShareTape, progress: &dyn Fn(u64)) -> Result<Self, MarketError> {
        let mut market = Market::new(Footprint::PriceTaker);
        let first = tape.events.first().map_or(Timestamp(0), |event| event.time);
        let pool = market.add_share_pool(&tape.header, &tape.start, first)?;
        let symbols: Vec<_> = tape.header.tokens.iter().map(|token| &*token.symbol).collect();
        let about = About {
            name: format!("{} {}", symbols.join("/"), tape.start.kind()),
            chain_id: tape.header.chain_id,
            address: tape.header.pool,
            tokens: tape.header.tokens.clone(),
            ..About::of(&tape.events)
        };
        let history = ShareRecording::fold(&mut market, pool, &tape.events, progress)?;
        Ok(Self { about, history: History::Shares(Box::new(history)), market })
    }

    #[cfg(test)]
    pub(crate) fn by_hand(about: About, history: History, market: Market) -> Self {
        Self { about, history, market }
    }

    /// Returns the pool's tokens, in its order.
    pub fn tokens(&self) -> &[Token] {
        &self.about.tokens
    }

    /// Whether providers have ranges.
    pub fn is_concentrated(&self) -> bool {
        matches!(self.history, History::Ranges(_))
    }

    /// Whether the pool counts seconds per liquidity.
    pub(crate) fn has_oracle(&self) -> bool {
        match &self.history {
            History::Ranges(ranges) => ranges.start.build() != Build::UniswapV4,
            History::Shares(_) => false,
        }
    }

    /// Returns the pool's prices at the end; `None` where it has none.
    pub fn prices(&self, quote: TokenIndex) -> Option<PoolPrices> {
        self.market.pool(PoolId(0))?.prices(quote, self.market.now())
    }

    /// Returns the pool as it is at the end.
    pub(crate) fn present(&self) -> Option<tidemill_amm::Pool> {
        Some(match self.market.pool(PoolId(0))? {
            PoolMarket::Concentrated(pool) => {
                tidemill_amm::Pool::Concentrated(Box::new(pool.history().clone()))
            }
            PoolMarket::Shares(pool) => pool.history().clone(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.market.now()
    }
}

impl About {
    fn of(events: &[TapeEvent]) -> Self {
        let time = |event: Option<&TapeEvent>| event.map_or(Timestamp(0), |event| event.time);
        Self {
            name: String::new(),
            chain_id: ChainId(0),
            address: Address::default(),
            tokens: Vec::new(),
            first: time(events.first()),
            last: time(events.last()),
            events: events.len() as u64,
            swaps: events.iter().filter(|event| is_swap(&event.event)).count() as u64,
        }
    }
}

pub(crate) fn is_swap(event: &PoolEvent) -> bool {
    let PoolEvent::Shares(event) = event else { return event.swap().is_some() };
    matches!(
        event.without_claim(),
        ShareEvent::Swap { .. } | ShareEvent::SwapUnderlying { .. } | ShareEvent::PairSwap { .. }
    )
}

fn range_pool_name(tape: &tidemill_model::Tape) -> String {
    let header = &tape.header;
    let percent = format!("{:.4}", f64::from(header.fee.0) / 10_000.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    let build = match header.build.name() {
        "uniswap_v3" => String::new(),
        name => format!(" {name}"),
    };
    format!("{}/{}{build} {percent} %", header.token0.symbol, header.token1.symbol)
}

/// How many events pass between two reports of progress.
const PROGRESS_EVERY: u64 = 4_096;

pub(crate) fn apply(
    market: &mut Market,
    pool: PoolId,
    (done, recorded): (u64, &TapeEvent),
    progress: &dyn Fn(u64),
) -> Result<(), MarketError> {
    let chain: ChainEvent = recorded.in_pool(pool);
    market.apply(&Event::at(Sequence(done), recorded.time, EventBody::Chain(chain)))?;
    if done.is_multiple_of(PROGRESS_EVERY) {
        progress(done);
    }
    Ok(())
}

fn fold_ranges(
    market: &mut Market,
    pool: PoolId,
    events: &[TapeEvent],
    progress: &dyn Fn(u64),
) -> Result<RangeRecording, MarketError> {
    let unknown = MarketError::UnknownPool(pool);
    let history = |market: &Market| {
        market.pool(pool).and_then(PoolMarket::concentrated).map(|pool| pool.history().clone())
    };
    let mut start = history(market).ok_or_else(|| unknown.clone())?;
    let (mut calls, mut left_out) = (Vec::new(), 0);
    for (recorded, done) in events.iter().zip(1..) {
        apply(market, pool, (done, recorded), progress)?;
        if matches!(recorded.event, PoolEvent::Initialize { .. }) {
            start = history(market).ok_or_else(|| unknown.clone())?;
            continue;
        }
        let call = if recorded.event.swap().is_some() {
            let pool = market.pool(pool).and_then(PoolMarket::concentrated);
            pool.and_then(|pool| pool.last_request()).map(Call::Swap)
        } else {
            liquidity_call(&recorded.event)
        };
        match call {
            Some(call) => calls.push(Recorded { at: recorded.time, call }),
            None => left_out += u64::from(changes_fees(&recorded.event)),
        }
    }
    Ok(RangeRecording { start, calls, left_out })
}

/// Returns the change of liquidity that an event is; `None` for any other.
fn liquidity_call(event: &PoolEvent) -> Option<Call> {
    if let PoolEvent::Mint { range, liquidity, .. } = event {
        return Some(Call::Add(*range, *liquidity));
    }
    if let PoolEvent::Burn { range, liquidity, .. } = event {
        return (!liquidity.is_zero()).then_some(Call::Remove(*range, *liquidity));
    }
    let PoolEvent::Build(event) = event else { return None };
    let BuildEvent::ModifyLiquidity { range, delta, .. } = **event else { return None };
    match delta.0 {
        0 => None,
        1.. => Some(Call::Add(range, delta.magnitude())),
        _ => Some(Call::Remove(range, delta.magnitude())),
    }
}

/// Whether an event that is not made again would change what providers are paid.
fn changes_fees(event: &PoolEvent) -> bool {
    if let PoolEvent::Build(event) = event {
        return !matches!(
            **event,
            BuildEvent::ModifyLiquidity { .. }
                | BuildEvent::CollectProtocol(_)
                | BuildEvent::CollectFees(_)
        );
    }
    matches!(event, PoolEvent::Flash { .. } | PoolEvent::SetFeeProtocol { .. })
}
