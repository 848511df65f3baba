//! W5: whole swaps through a pool of 400 initialized ticks, 0 to 100 of them crossed.
//!
//! Four swaps go round: down exact in, back up exact out, up exact in, back down exact out. Each
//! starts where the last one ended. `v3_swap` works out amounts, price, tick and liquidity; so does
//! `stage_swap`, and fee growth with them. The rows of swaps made go on where no crate does: fee
//! growth, the ticks' outside values and the oracle are written, and the pool is left changed.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use alloy_primitives::aliases::U24;
use alloy_primitives::{I256, U160};
use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, SwapAmount, SwapRequest, sqrt_price_at_tick,
};
use tidemill_units::{
    Amount, FeePips, Liquidity, Side, SqrtPrice, Tick, TickRange, Timestamp, U256,
};
use uniswap_v3_sdk::entities::{Tick as SdkTick, TickListDataProvider};
use uniswap_v3_sdk::utils::{SwapState, v3_swap};

use crate::harness::{Contestant, Row, Target};
use crate::inputs::{Random, to_i256, to_u160};

const FEE: u32 = 3_000;
const SPACING: i32 = 60;
/// Price and liquidity are those of the recorded week's pool, USDC and WETH at 0.05 %, roughly.
const CENTRE: i32 = 193_380;
/// Initialized ticks on either side of the starting price.
const SIDE: i32 = 200;
/// Swaps compared before the timing.
const COMPARED: usize = 400;
const BLOCK_SECONDS: u64 = 12;

/// What is timed of ours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Work {
    /// What `v3_swap` does: the swap is worked out, the pool stays.
    WorkedOut,
    /// The pool is changed.
    Made,
}

pub(crate) fn none() -> Result<Row, String> {
    row(0, Work::WorkedOut)
}

pub(crate) fn one() -> Result<Row, String> {
    row(1, Work::WorkedOut)
}

pub(crate) fn ten() -> Result<Row, String> {
    row(10, Work::WorkedOut)
}

pub(crate) fn hundred() -> Result<Row, String> {
    row(100, Work::WorkedOut)
}

pub(crate) fn none_made() -> Result<Row, String> {
    row(0, Work::Made)
}

pub(crate) fn ten_made() -> Result<Row, String> {
    row(10, Work::Made)
}

fn row(crossings: usize, work: Work) -> Result<Row, String> {
    let pool = pool().map_err(|error| format!("building the pool: {error}"))?;
    let requests = round_trip(&pool, crossings)?;
    let ours = Ours { pool: pool.clone(), requests, next: 0, now: Timestamp(0) };
    let theirs = Theirs::of(&ours)?;
    compare(ours.clone(), theirs.clone(), crossings)?;
    let (title, target) = match work {
        Work::WorkedOut => ("whole swap", Target::TimesFaster(5.0)),
        Work::Made => ("whole swap, made", Target::Shown),
    };
    let mut theirs = theirs;
    Ok(Row {
        title: format!("{title}, crossings: {crossings}"),
        target,
        operations: 1,
        contestants: vec![
            (
                Contestant::Tidemill,
                match work {
                    Work::WorkedOut => work_out(ours)?,
                    Work::Made => make(ours),
                },
            ),
            (
                Contestant::UniswapV3Sdk,
                Box::new(move |iterations| {
                    for _ in 0..iterations {
                        let leg = theirs.advance();
                        if let Ok(state) = theirs.swap(black_box(leg)) {
                            theirs.state = black_box(state);
                        }
                    }
                }),
            ),
        ],
        notes: Vec::new(),
    })
}

type Run = Box<dyn FnMut(u64)>;

/// Works the four swaps out in turn, each on the pool as the one before leaves it.
fn work_out(mut ours: Ours) -> Result<Run, String> {
    let mut stages = Vec::new();
    for _ in 0..ours.requests.len() {
        let before = ours.pool.clone();
        let request = ours.advance();
        ours.pool.swap(request, ours.now).map_err(|error| error.to_string())?;
        stages.push((before, request));
    }
    let mut next = 0;
    Ok(Box::new(move |iterations| {
        for _ in 0..iterations {
            let (pool, request) = &stages[next];
            next = (next + 1) % stages.len();
            black_box(pool.stage_swap(black_box(*request), &mut ())).ok();
        }
    }))
}

fn make(mut ours: Ours) -> Run {
    Box::new(move |iterations| {
        for _ in 0..iterations {
            let request = ours.advance();
            black_box(ours.pool.swap(black_box(request), ours.now)).ok();
        }
    })
}

#[derive(Clone)]
struct Ours {
    pool: Pool,
    requests: [SwapRequest; 4],
    next: usize,
    now: Timestamp,
}

impl Ours {
    fn advance(&mut self) -> SwapRequest {
        let request = self.requests[self.next];
        self.next = (self.next + 1) % self.requests.len();
        self.now = Timestamp(self.now.0 + BLOCK_SECONDS);
        request
    }
}

#[derive(Clone, Copy)]
struct Leg {
    zero_for_one: bool,
    amount: I256,
}

#[derive(Clone)]
struct Theirs {
    ticks: TickListDataProvider,
    state: SwapState,
    legs: [Leg; 4],
    next: usize,
}

impl Theirs {
    fn of(ours: &Ours) -> Result<Self, String> {
        let ticks = ours
            .pool
            .ticks()
            .map(|(tick, info)| SdkTick::new(tick.0, info.liquidity_gross.0, info.liquidity_net.0));
        let leg = |request: &SwapRequest| {
            let zero_for_one = request.input == Side::Token0;
            Ok(Leg { zero_for_one, amount: to_i256(request.amount)? })
        };
        let legs = ours.requests.iter().map(leg).collect::<Result<Vec<_>, String>>()?;
        Ok(Self {
            ticks: TickListDataProvider::new(ticks.collect(), SPACING),
            state: SwapState {
                amount_specified_remaining: I256::ZERO,
                amount_calculated: I256::ZERO,
                sqrt_price_x96: to_u160(ours.pool.sqrt_price()),
                tick_current: ours.pool.tick().0,
                liquidity: ours.pool.liquidity().0,
            },
            legs: legs.try_into().map_err(|_| "four swaps make a round".to_owned())?,
            next: 0,
        })
    }

    fn advance(&mut self) -> Leg {
        let leg = self.legs[self.next];
        self.next = (self.next + 1) % self.legs.len();
        leg
    }

    fn swap(&self, leg: Leg) -> Result<SwapState, uniswap_v3_sdk::error::Error> {
        let SwapState { sqrt_price_x96, tick_current, liquidity, .. } = self.state;
        ready(v3_swap(
            U24::from(FEE),
            sqrt_price_x96,
            tick_current,
            liquidity,
            SPACING,
            &self.ticks,
            leg.zero_for_one,
            leg.amount,
            None::<U160>,
        ))
    }
}

/// Polls a future that never waits.
fn ready<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a list of ticks in memory has nothing to wait for"),
    }
}

/// Both pools walk along together; amounts, price, tick and liquidity agree after every swap.
fn compare(mut ours: Ours, mut theirs: Theirs, crossings: usize) -> Result<(), String> {
    for _ in 0..COMPARED {
        let (request, leg) = (ours.advance(), theirs.advance());
        let mine = ours.pool.swap(request, ours.now).map_err(|error| error.to_string())?;
        theirs.state = theirs.swap(leg).map_err(|error| error.to_string())?;
        let SwapState { amount_specified_remaining, amount_calculated, .. } = theirs.state;
        let specified = leg.amount - amount_specified_remaining;
        let (amount0, amount1) = if leg.zero_for_one == (leg.amount > I256::ZERO) {
            (specified, amount_calculated)
        } else {
            (amount_calculated, specified)
        };
        let after = (mine.sqrt_price.to_x96(), mine.tick.0, mine.liquidity.0);
        let their_price = U256::from(theirs.state.sqrt_price_x96);
        let amounts = [mine.amounts.amount0, mine.amounts.amount1];
        let agree = after == (their_price, theirs.state.tick_current, theirs.state.liquidity)
            && amounts.map(|amount| amount.to_twos_complement())
                == [amount0.into_raw(), amount1.into_raw()]
            && mine.crossings == crossings;
        if !agree {
            return Err(format!("{request:?}: {mine:?}, {:?}", theirs.state));
        }
    }
    Ok(())
}

/// A pool with 200 positions, whose ends are the 400 multiples of the spacing around the price,
/// once each, paired at random.
fn pool() -> Result<Pool, Box<dyn std::error::Error>> {
    let mut random = Random::seeded(5);
    let mut ends: Vec<i32> = (-SIDE..SIDE).map(|index| CENTRE + index * SPACING).collect();
    for last in (1..ends.len()).rev() {
        let place = random.below(u32::try_from(last + 1)?);
        ends.swap(last, usize::try_from(place)?);
    }
    let mut pool = Pool::new(FeePips(FEE), SPACING)?;
    pool.initialize(price_within(CENTRE + SPACING / 2)?, Timestamp(0))?;
    for pair in ends.chunks_exact(2) {
        let (lower, upper) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        let range = TickRange { lower: Tick(lower), upper: Tick(upper) };
        let key = PositionKey { owner: Owner::default(), range };
        let liquidity = 1 << 57 | u128::from(random.word() >> 7);
        pool.mint(key, Liquidity(liquidity), Timestamp(0))?;
    }
    Ok(pool)
}

/// Half way from one tick to the next: a price exactly on a tick is rare, and slower to place.
fn price_within(tick: i32) -> Result<SqrtPrice, String> {
    let ends = [tick, tick + 1].map(|tick| sqrt_price_at_tick(Tick(tick)).map(SqrtPrice::to_x96));
    let middle = match ends {
        [Some(low), Some(high)] => SqrtPrice::from_x96((low + high) >> 1),
        [None, _] | [_, None] => None,
    };
    middle.ok_or_else(|| format!("tick {tick} is out of range"))
}

/// Finds the amounts that cross this many ticks down, back, up and back, by swapping to a price.
fn round_trip(pool: &Pool, crossings: usize) -> Result<[SwapRequest; 4], String> {
    let start = CENTRE + SPACING / 2;
    let away = i32::try_from(crossings).map_err(|error| error.to_string())? * SPACING;
    // Without a crossing the swap moves half way to the nearest tick.
    let away = away.max(SPACING / 4);
    let mut pool = pool.clone();
    let mut to = |input: Side, tick: i32| {
        let request = SwapRequest {
            input,
            amount: SwapAmount::ExactIn(Amount(U256::ONE << 200)),
            price_limit: Some(price_within(tick)?),
        };
        let made = pool.swap(request, Timestamp(0)).map_err(|error| error.to_string())?;
        Ok::<_, String>([made.amounts.amount0.magnitude(), made.amounts.amount1.magnitude()])
    };
    let [down, _] = to(Side::Token0, start - away)?;
    let [back_up, _] = to(Side::Token1, start)?;
    let [_, up] = to(Side::Token1, start + away)?;
    let [_, back_down] = to(Side::Token0, start)?;
    let request = |input, amount| SwapRequest { input, amount, price_limit: None };
    Ok([
        request(Side::Token0, SwapAmount::ExactIn(down)),
        request(Side::Token1, SwapAmount::ExactOut(back_up)),
        request(Side::Token1, SwapAmount::ExactIn(up)),
        request(Side::Token0, SwapAmount::ExactOut(back_down)),
    ])
}
