//! Tapes that a real pool makes: each call goes to a [`Pool`], and what it answers is recorded, so
//! that the tape reproduces.
//!
//! Tests of several crates take this file in with `#[path]`. It is not in `testkit`, which knows
//! nothing of our pools, and whose interpreter would come into every one of those test builds.
#![allow(dead_code, reason = "each crate uses its own part")]

use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, SwapAmount, SwapRequest, SwapResult, sqrt_price_at_tick,
};
use tidemill_model::{
    Address, ChainEvent, ChainId, Event, EventBody, Outcome, PoolBuild, PoolEvent, PoolHeader,
    PoolId, PoolStart, RecordedAfter, Sequence, Tape, TapeEvent, Token,
};
use tidemill_units::{
    Amount, Amounts, BlockNumber, FeePips, GasPrice, Liquidity, LogIndex, RelativeTolerance, Side,
    Tick, TickRange, Timestamp, U256,
};

pub(crate) const POOL: PoolId = PoolId(0);
/// Block and time of the `initialize`.
pub(crate) const FIRST_BLOCK: u64 = 1_000;
pub(crate) const FIRST_TIME: u64 = 1_700_000_000;
pub(crate) const BLOCK_SECONDS: u64 = 12;
pub(crate) const TICK_SPACING: i32 = 60;
/// Liquidity beside which that of a test's own orders is small.
pub(crate) const DEEP: u128 = 1_000_000_000_000_000_000_000;

/// A pool and the record of everything that was done to it.
#[derive(Clone)]
pub(crate) struct SyntheticTape {
    pool: Pool,
    tape: Tape,
    block: u64,
    log_index: u32,
    gas_price: Option<GasPrice>,
}

impl SyntheticTape {
    /// A pool of 0.3 % and tick spacing 60 whose tape begins with its `initialize`.
    pub(crate) fn at_tick(tick: i32) -> Self {
        let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
        let header = PoolHeader {
            chain_id: ChainId(1),
            pool: Address::default(),
            build: PoolBuild::UniswapV3,
            token0: token("ONE"),
            token1: token("TWO"),
            fee: FeePips(3_000),
            tick_spacing: TICK_SPACING,
            start: PoolStart::Creation,
            amount_tolerance: RelativeTolerance::EXACT,
        };
        let pool = Pool::new(header.fee, header.tick_spacing).expect("a pool's constants");
        let tape = Tape { header, initial_positions: Vec::new(), events: Vec::new() };
        let (block, log_index, gas_price) = (FIRST_BLOCK, 0, None);
        let mut synthetic = Self { pool, tape, block, log_index, gas_price };
        let sqrt_price = sqrt_price_at_tick(Tick(tick)).expect("a valid tick");
        let tick = synthetic.pool.initialize(sqrt_price, synthetic.now()).expect("a first price");
        synthetic.record(PoolEvent::Initialize { sqrt_price, tick: Some(tick) });
        synthetic
    }

    /// [`Self::at_tick`] with [`DEEP`] liquidity over all ticks.
    pub(crate) fn deep_at_tick(tick: i32) -> Self {
        let mut synthetic = Self::at_tick(tick);
        synthetic.mint(0, full_range(), DEEP);
        synthetic
    }

    /// What is recorded from here on is so many blocks later.
    pub(crate) fn skip_blocks(&mut self, blocks: u64) {
        self.block += blocks;
        self.log_index = 0;
    }

    /// What is recorded from here on paid this per gas.
    pub(crate) fn set_gas_price(&mut self, gas_price: Option<u128>) {
        self.gas_price = gas_price.map(GasPrice);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(FIRST_TIME + (self.block - FIRST_BLOCK) * BLOCK_SECONDS)
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Puts an event on the tape that the pool knows nothing of.
    pub(crate) fn record(&mut self, event: PoolEvent) {
        let time = self.now();
        self.tape.events.push(TapeEvent {
            block: BlockNumber(self.block),
            log_index: LogIndex(self.log_index),
            time,
            gas_used: None,
            gas_price: self.gas_price,
            event,
        });
        self.log_index += 1;
    }

    pub(crate) fn mint(&mut self, owner: u8, range: TickRange, liquidity: u128) -> Amounts {
        let (now, liquidity) = (self.now(), Liquidity(liquidity));
        let amounts = self.pool.mint(key(owner, range), liquidity, now).expect("a mint");
        self.record(PoolEvent::Mint { owner: Some(address(owner)), range, liquidity, amounts });
        amounts
    }

    pub(crate) fn burn(&mut self, owner: u8, range: TickRange, liquidity: u128) -> Amounts {
        let (now, liquidity) = (self.now(), Liquidity(liquidity));
        let amounts = self.pool.burn(key(owner, range), liquidity, now).expect("a burn");
        self.record(PoolEvent::Burn { owner: Some(address(owner)), range, liquidity, amounts });
        amounts
    }

    pub(crate) fn collect(&mut self, owner: u8, range: TickRange) -> Amounts {
        let amounts = self.pool.collect(key(owner, range), [u128::MAX; 2]).expect("a collect");
        self.record(PoolEvent::Collect { owner: Some(address(owner)), range, amounts });
        amounts
    }

    /// Records a swap if the pool takes it.
    pub(crate) fn swap(&mut self, request: SwapRequest) -> Option<SwapResult> {
        let result = self.pool.swap(request, self.now()).ok()?;
        let after = RecordedAfter {
            sqrt_price: Some(result.sqrt_price),
            liquidity: Some(result.liquidity),
            tick: Some(result.tick),
        };
        self.record(PoolEvent::Swap { amounts: result.amounts, after });
        Some(result)
    }

    pub(crate) fn swap_in(&mut self, input: Side, amount: u128) -> SwapResult {
        self.swap(exact_in(input, amount)).expect("a swap")
    }

    /// Swaps as much as it takes to get to the price of a tick, if the price is not there yet.
    pub(crate) fn swap_to(&mut self, tick: i32) {
        let target = sqrt_price_at_tick(Tick(tick)).expect("a valid tick");
        let is_up = target > self.pool.sqrt_price();
        if target != self.pool.sqrt_price() {
            let input = if is_up { Side::Token1 } else { Side::Token0 };
            let amount = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
            let swapped = self.swap(SwapRequest { input, amount, price_limit: Some(target) });
            assert_eq!(swapped.map(|swap| swap.sqrt_price), Some(target), "enough to get there");
        }
    }

    pub(crate) fn flash(&mut self, paid: Amounts) {
        self.pool.flash(Amounts::ZERO, paid).expect("a flash loan");
        self.record(PoolEvent::Flash { paid });
    }

    pub(crate) fn set_fee_protocol(&mut self, shares: [u8; 2]) {
        self.pool.set_fee_protocol(shares).expect("a protocol fee");
        let [fee_protocol0, fee_protocol1] = shares;
        self.record(PoolEvent::SetFeeProtocol { fee_protocol0, fee_protocol1 });
    }

    pub(crate) fn liquidity_of(&self, owner: u8, range: TickRange) -> u128 {
        self.pool.position(&key(owner, range)).liquidity.0
    }
}

pub(crate) fn address(owner: u8) -> Address {
    Address([owner; 20])
}

fn key(owner: u8, range: TickRange) -> PositionKey {
    PositionKey { owner: Owner([owner; 20]), range }
}

pub(crate) fn range(lower: i32, upper: i32) -> TickRange {
    TickRange { lower: Tick(lower), upper: Tick(upper) }
}

pub(crate) fn full_range() -> TickRange {
    TickRange::full(TICK_SPACING).expect("a spacing")
}

pub(crate) fn exact_in(input: Side, amount: u128) -> SwapRequest {
    let amount = SwapAmount::ExactIn(Amount::from_u128(amount));
    SwapRequest { input, amount, price_limit: None }
}

pub(crate) fn amounts(amount0: u128, amount1: u128) -> Amounts {
    Amounts { amount0: Amount::from_u128(amount0), amount1: Amount::from_u128(amount1) }
}

/// What a world makes of a recorded event.
pub(crate) fn chain_event(sequence: u64, recorded: &TapeEvent) -> Event {
    let TapeEvent { block, log_index, time, gas_price, event, .. } = recorded.clone();
    let chain = ChainEvent { pool: POOL, block, log_index, gas_price, event };
    let sequence = Sequence(sequence);
    Event::at(sequence, time, EventBody::Chain(chain))
}

/// The log of a tape in which we do nothing; sequences count from 1.
pub(crate) fn chain_events(tape: &Tape) -> Vec<Event> {
    (1..).zip(&tape.events).map(|(sequence, recorded)| chain_event(sequence, recorded)).collect()
}

pub(crate) fn outcome_event(sequence: u64, time: Timestamp, outcome: Outcome) -> Event {
    let sequence = Sequence(sequence);
    Event::at(sequence, time, EventBody::Outcome(Box::new(outcome)))
}
