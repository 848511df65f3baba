//! Tapes that a real pool of shares makes: each call goes to a [`Pool`], and what it answers is
//! recorded, so that the tape reproduces. Tests of several crates take this file in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

use tidemill_amm::constant_product::{Pair, PairState};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyPool};
use tidemill_amm::stable_swap::{Generation, StableSwap, StableSwapState};
use tidemill_amm::{Pool, SharePool, SwapAmount, Trade};
use tidemill_model::{
    Address, ChainEvent, ChainId, Event, EventBody, LiquidityChange, PoolEvent, PoolId, Sequence,
    ShareEvent, SharePoolHeader, TapeEvent, Token,
};
use tidemill_units::{
    Amount, BlockNumber, LogIndex, RelativeTolerance, Timestamp, TokenAmounts, TokenIndex,
    TokenPair,
};

pub(crate) const POOL: PoolId = PoolId(0);
const FIRST_BLOCK: u64 = 1_000;
const FIRST_TIME: u64 = 1_700_000_000;
const WAD: u128 = 1_000_000_000_000_000_000;

/// A pool of shares and the record of everything that was done to it.
#[derive(Clone)]
pub(crate) struct SyntheticShares {
    pub(crate) header: SharePoolHeader,
    pub(crate) start: Pool,
    pub(crate) pool: Pool,
    pub(crate) events: Vec<TapeEvent>,
    block: u64,
    log_index: u32,
}

impl SyntheticShares {
    /// A v2 pair of 3,000,000 USDC and 1,000 WETH, 6 and 18 decimals.
    pub(crate) fn pair() -> Self {
        let mut pair = Pair::new(&PairState::default()).expect("an empty pair");
        let reserves = amounts(&[3_000_000_000_000, 1_000 * WAD]);
        pair.deposit(&reserves, Timestamp(FIRST_TIME - 60)).expect("a first deposit");
        Self::of(Pool::ConstantProduct(Box::new(pair)), &[("USDC", 6), ("WETH", 18)])
    }

    /// A volatile Aerodrome pool of 3,000,000 USDC and 1,000 WETH, with a fee of 0.3 %.
    pub(crate) fn fees_apart() -> Self {
        let mut pool = SolidlyPool::empty(SolidlyBuild::Velodrome2, false, 30, [6, 18])
            .expect("an empty pool");
        let reserves = amounts(&[3_000_000_000_000, 1_000 * WAD]);
        pool.deposit(&reserves, Timestamp(FIRST_TIME - 60)).expect("a first deposit");
        Self::of(Pool::Solidly(Box::new(pool)), &[("USDC", 6), ("WETH", 18)])
    }

    /// A Solidly pool of a million each of DAI and USDC, on the stable curve or not.
    pub(crate) fn solidly(build: SolidlyBuild, is_stable: bool, fee: u32) -> Self {
        let mut pool = SolidlyPool::empty(build, is_stable, fee, [18, 6]).expect("an empty pool");
        let reserves = amounts(&[1_000_000 * WAD, 1_000_000_000_000]);
        pool.deposit(&reserves, Timestamp(FIRST_TIME - 60)).expect("a first deposit");
        Self::of(Pool::Solidly(Box::new(pool)), &[("DAI", 18), ("USDC", 6)])
    }

    /// A StableSwap pool of a million each of DAI, USDC and USDT.
    pub(crate) fn three_coins() -> Self {
        let million = 1_000_000;
        let state = StableSwapState {
            generation: Generation::V1,
            balances: amounts(&[0, 0, 0]),
            precisions: vec![1, 1_000_000_000_000, 1_000_000_000_000],
            admin_balances: amounts(&[0, 0, 0]),
            total_supply: Amount::ZERO,
            initial_a: 2_000,
            future_a: 2_000,
            initial_a_time: Timestamp(0),
            future_a_time: Timestamp(0),
            fee: 4_000_000,
            admin_fee: 5_000_000_000,
            future_fee: 0,
            future_admin_fee: 0,
            admin_actions_deadline: Timestamp(0),
            is_killed: false,
            kill_deadline: Timestamp(0),
        };
        let mut pool = StableSwap::new(&state).expect("an empty pool");
        let first = amounts(&[million * WAD, million * 1_000_000, million * 1_000_000]);
        pool.deposit(&first, Timestamp(FIRST_TIME - 60)).expect("a first deposit");
        Self::of(Pool::StableSwap(Box::new(pool)), &[("DAI", 18), ("USDC", 6), ("USDT", 6)])
    }

    pub(crate) fn of(pool: Pool, tokens: &[(&str, u8)]) -> Self {
        let token = |(symbol, decimals): &(&str, u8)| Token {
            symbol: (*symbol).into(),
            decimals: *decimals,
            address: None,
        };
        Self::starting_from(pool, tokens.iter().map(token).collect())
    }

    /// Any pool, whose times are no later than the first event's.
    pub(crate) fn starting_from(pool: Pool, tokens: Vec<Token>) -> Self {
        let header = SharePoolHeader {
            chain_id: ChainId(1),
            pool: Address::default(),
            tokens,
            base_tokens: Vec::new(),
            state_after_block: BlockNumber(FIRST_BLOCK - 1),
            amount_tolerance: RelativeTolerance::EXACT,
        };
        let (start, events) = (pool.clone(), Vec::new());
        Self { header, start, pool, events, block: FIRST_BLOCK, log_index: 0 }
    }

    /// What is recorded from here on is so many blocks later.
    pub(crate) fn skip_blocks(&mut self, blocks: u64) {
        self.block += blocks;
        self.log_index = 0;
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(FIRST_TIME + (self.block - FIRST_BLOCK) * 12)
    }

    pub(crate) fn shares(&mut self) -> &mut dyn SharePool {
        self.pool.shares_mut().expect("a pool of shares")
    }

    /// Puts an event on the tape that the pool knows nothing of.
    pub(crate) fn record(&mut self, event: ShareEvent) {
        self.events.push(TapeEvent {
            block: BlockNumber(self.block),
            log_index: LogIndex(self.log_index),
            time: self.now(),
            gas_used: None,
            gas_price: None,
            event: PoolEvent::Shares(event),
        });
        self.log_index += 1;
    }

    /// Swaps there and back in all directions, and others' deposits and withdrawals between them;
    /// `below` gives random numbers below a bound.
    pub(crate) fn busy(&mut self, operations: usize, below: &mut dyn FnMut(u64) -> u64) {
        let count = u64::try_from(self.header.tokens.len()).expect("few");
        let mut others = Vec::new();
        for _ in 0..operations {
            self.skip_blocks(1 + below(40));
            let balances = self.shares().balances();
            match below(12) {
                0 => {
                    let (mut part, of) = (balances, Amount::from_u64(20 + below(80)));
                    for amount in part.as_mut_slice() {
                        *amount = Amount(amount.0 / of.0);
                    }
                    others.push(self.deposit(part));
                }
                1 => {
                    if let Some(shares) = others.pop() {
                        self.withdraw(shares);
                    }
                }
                _ => {
                    let input = below(count);
                    let output = (input + 1 + below(count - 1)) % count;
                    let [input, output] =
                        [input, output].map(|one| u8::try_from(one).expect("few"));
                    let balance = balances.get(TokenIndex(input)).expect("a token");
                    let part = balance.0 / Amount::from_u64(15 + below(400)).0;
                    self.swap(input, output, u128::try_from(part).expect("small"));
                }
            }
        }
    }

    /// Records a swap of an exact input, if the pool takes it; returns what came out.
    pub(crate) fn swap(&mut self, input: u8, output: u8, amount_in: u128) -> Option<Amount> {
        let (pair, now) = (pair(input, output), self.now());
        let amount = SwapAmount::ExactIn(Amount::from_u128(amount_in));
        let quote = self.pool.swap(&Trade { pair, amount }, now).ok()?;
        let (amount_in, amount_out) = (quote.amount_in, quote.amount_out);
        self.record(ShareEvent::Swap { pair, amount_in, amount_out });
        Some(amount_out)
    }

    pub(crate) fn deposit(&mut self, amounts: TokenAmounts) -> Amount {
        let now = self.now();
        let shares = self.shares().deposit(&amounts, now).expect("a deposit");
        self.record(ShareEvent::Deposit(Box::new(change(amounts, shares))));
        shares
    }

    pub(crate) fn withdraw(&mut self, shares: Amount) -> TokenAmounts {
        let now = self.now();
        let amounts = self.shares().withdraw(shares, now).expect("a withdrawal");
        self.record(ShareEvent::Withdraw(Box::new(change(amounts, shares))));
        amounts
    }
}

fn change(amounts: TokenAmounts, shares: Amount) -> LiquidityChange {
    let shares = Some(shares);
    LiquidityChange { amounts, shares, fees: None, invariant: None, total_shares: None }
}

pub(crate) fn pair(input: u8, output: u8) -> TokenPair {
    TokenPair { input: TokenIndex(input), output: TokenIndex(output) }
}

pub(crate) fn amounts(raw: &[u128]) -> TokenAmounts {
    let all: Vec<_> = raw.iter().copied().map(Amount::from_u128).collect();
    TokenAmounts::new(&all).expect("1 to 8 tokens")
}

/// What a world makes of a recorded event.
pub(crate) fn share_event(sequence: u64, recorded: &TapeEvent) -> Event {
    let TapeEvent { block, log_index, time, gas_price, event, .. } = recorded.clone();
    let chain = ChainEvent { pool: POOL, block, log_index, gas_price, event };
    let sequence = Sequence(sequence);
    Event::at(sequence, time, EventBody::Chain(chain))
}
