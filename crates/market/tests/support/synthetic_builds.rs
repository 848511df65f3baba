//! Tapes that a pool of each of Uniswap v3's kin makes, from its creation: each call goes to a
//! [`Pool`], and what it answers is recorded as its logs would say it.
//!
//! Tests of several crates take this file in with `#[path]`.
#![allow(dead_code, reason = "each crate uses its own part")]

use tidemill_amm::concentrated::{
    Build, Owner, Pool, PositionKey, SaltedKey, SlipstreamParameters, SwapAmount, SwapRequest,
    sqrt_price_at_tick,
};
use tidemill_model::{
    Address, BuildEvent, Bytes32, ChainId, InitialPosition, PoolBuild, PoolEvent, PoolHeader,
    PoolStart, RecordedAfter, Tape, TapeEvent, Token,
};
use tidemill_units::{
    Amount, Amounts, BlockNumber, FeePips, Gas, GasPrice, Liquidity, LogIndex, RelativeTolerance,
    Side, SignedLiquidity, Tick, TickRange, Timestamp,
};

pub(crate) const KIN: [Build; 3] = [Build::PancakeV3, Build::Slipstream, Build::UniswapV4];
pub(crate) const GAUGE: Address = Address([0x6a; 20]);
pub(crate) const MANAGER: Address = Address([0x3a; 20]);
const SPACING: i32 = 60;
const DEEP: u128 = 1_000_000_000_000_000_000_000_000;

/// A pool and the record of everything that was done to it.
#[derive(Clone)]
pub(crate) struct SyntheticBuild {
    pub(crate) pool: Pool,
    pub(crate) tape: Tape,
    block: u64,
    log_index: u32,
}

pub(crate) fn range(lower: i32, upper: i32) -> TickRange {
    TickRange { lower: Tick(lower), upper: Tick(upper) }
}

fn new_pool(build: Build) -> (Pool, PoolBuild) {
    let fee = FeePips(3_000);
    let (pool, build) = match build {
        Build::UniswapV3 => (Pool::new(fee, SPACING), PoolBuild::UniswapV3),
        Build::PancakeV3 => {
            (Pool::pancake_v3(fee, SPACING), PoolBuild::PancakeV3 { fee_protocol: [0; 2] })
        }
        Build::Slipstream => {
            let unstaked_fee = FeePips(100_000);
            let parameters = SlipstreamParameters {
                fee,
                unstaked_fee,
                tick_spacing: SPACING,
                gauge: Owner(GAUGE.0),
                position_manager: Owner(MANAGER.0),
            };
            let build = PoolBuild::Slipstream {
                unstaked_fee,
                gauge: GAUGE,
                position_manager: MANAGER,
                staked_liquidity: Liquidity::ZERO,
            };
            (Pool::slipstream(parameters), build)
        }
        Build::UniswapV4 => {
            let pool_id = Bytes32([0x44; 32]);
            let build = PoolBuild::UniswapV4 { pool_id, protocol_fee: [0; 2] };
            (Pool::uniswap_v4(fee, SPACING), build)
        }
    };
    (pool.expect("a pool's constants"), build)
}

impl SyntheticBuild {
    /// A pool of 0.3 % at tick 0 with deep liquidity over all ticks.
    pub(crate) fn new(build: Build) -> Self {
        let (pool, build) = new_pool(build);
        let token = |symbol: &str| Token { symbol: symbol.into(), decimals: 18, address: None };
        let header = PoolHeader {
            chain_id: ChainId(8_453),
            pool: Address([0x11; 20]),
            build,
            token0: token("WETH"),
            token1: token("USDC"),
            fee: pool.fee(),
            tick_spacing: SPACING,
            start: PoolStart::Creation,
            amount_tolerance: RelativeTolerance::EXACT,
        };
        let tape = Tape { header, initial_positions: Vec::new(), events: Vec::new() };
        let mut made = Self { pool, tape, block: 1_000, log_index: 0 };
        let sqrt_price = sqrt_price_at_tick(Tick(0)).expect("a valid tick");
        let tick = made.pool.initialize(sqrt_price, made.now()).expect("a first price");
        made.record(PoolEvent::Initialize { sqrt_price, tick: Some(tick) });
        made.add(MANAGER, TickRange::full(SPACING).expect("a spacing"), DEEP);
        made
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000 + (self.block - 1_000) * 12)
    }

    pub(crate) fn skip_blocks(&mut self, blocks: u64) {
        self.block += blocks;
        self.log_index = 0;
    }

    pub(crate) fn record(&mut self, event: PoolEvent) {
        let time = self.now();
        self.tape.events.push(TapeEvent {
            block: BlockNumber(self.block),
            log_index: LogIndex(self.log_index),
            time,
            gas_used: Some(Gas(150_000)),
            gas_price: Some(GasPrice(1_000_000)),
            event,
        });
        self.log_index += 1;
    }

    fn build_event(&mut self, event: BuildEvent) {
        self.record(PoolEvent::Build(Box::new(event)));
    }

    fn managed(&mut self, owner: Address, range: TickRange, delta: i128) {
        let salt = [owner.0[0]; 32];
        let key = SaltedKey { owner: Owner(owner.0), range, salt };
        let delta = SignedLiquidity(delta);
        self.pool.modify_liquidity(key, delta).expect("a change");
        let owner = Some((owner, Bytes32(salt)));
        self.build_event(BuildEvent::ModifyLiquidity { owner, range, delta });
    }

    pub(crate) fn add(&mut self, owner: Address, range: TickRange, liquidity: u128) {
        if self.pool.build() == Build::UniswapV4 {
            return self.managed(owner, range, liquidity as i128);
        }
        let (key, now) = (PositionKey { owner: Owner(owner.0), range }, self.now());
        let liquidity = Liquidity(liquidity);
        let amounts = self.pool.mint(key, liquidity, now).expect("a mint");
        self.record(PoolEvent::Mint { owner: Some(owner), range, liquidity, amounts });
    }

    /// Removes liquidity and is paid all that it is owed.
    pub(crate) fn remove(&mut self, owner: Address, range: TickRange, liquidity: u128) {
        if self.pool.build() == Build::UniswapV4 {
            return self.managed(owner, range, -(liquidity as i128));
        }
        let (key, now) = (PositionKey { owner: Owner(owner.0), range }, self.now());
        let liquidity = Liquidity(liquidity);
        let amounts = self.pool.burn(key, liquidity, now).expect("a burn");
        self.record(PoolEvent::Burn { owner: Some(owner), range, liquidity, amounts });
        let amounts = self.pool.collect(key, [u128::MAX; 2]).expect("a collect");
        self.record(PoolEvent::Collect { owner: Some(owner), range, amounts });
    }

    /// Slipstream: moves liquidity of the position manager to the gauge, or back where it is below
    /// zero.
    pub(crate) fn stake(&mut self, range: TickRange, delta: i128) {
        let (delta, moves_position) = (SignedLiquidity(delta), true);
        self.pool.stake(range, delta, moves_position).expect("a stake");
        self.build_event(BuildEvent::Stake { range, delta, moves_position });
    }

    pub(crate) fn swap(&mut self, input: Side, amount: SwapAmount) {
        let before = self.pool.protocol_fees();
        let request = SwapRequest { input, amount, price_limit: None };
        let result = self.pool.swap(request, self.now()).expect("a swap");
        let (amounts, after) = (
            result.amounts,
            RecordedAfter {
                sqrt_price: Some(result.sqrt_price),
                liquidity: Some(result.liquidity),
                tick: Some(result.tick),
            },
        );
        match self.pool.build() {
            Build::UniswapV3 | Build::Slipstream => {
                self.record(PoolEvent::Swap { amounts, after });
            }
            Build::PancakeV3 => {
                let fees = self.pool.protocol_fees();
                let protocol_fees = Some([fees[0] - before[0], fees[1] - before[1]]);
                self.build_event(BuildEvent::PancakeSwap { amounts, after, protocol_fees });
            }
            Build::UniswapV4 => {
                let fee = Some(self.pool.swap_fee(input));
                self.build_event(BuildEvent::ManagedSwap { amounts, after, fee });
            }
        }
    }

    /// What only this build has, once.
    pub(crate) fn of_its_own(&mut self) {
        let some = Amounts { amount0: Amount::from_u64(1_000_000), amount1: Amount::from_u64(7) };
        match self.pool.build() {
            Build::UniswapV3 => {}
            Build::PancakeV3 => {
                self.pool.set_pancake_fee_protocol([1_000, 4_000]).expect("shares");
                self.build_event(BuildEvent::SetFeeProtocol([1_000, 4_000]));
                let paid = self.pool.collect_protocol([u128::MAX; 2]).expect("a collect");
                self.build_event(BuildEvent::CollectProtocol(paid));
                self.pool.flash(Amounts::ZERO, some).expect("a flash loan");
                self.record(PoolEvent::Flash { paid: some });
            }
            Build::Slipstream => {
                let full = TickRange::full(SPACING).expect("a spacing");
                let half = SignedLiquidity((DEEP / 2) as i128);
                self.pool.stake(full, half, true).expect("a stake");
                let moves_position = true;
                self.build_event(BuildEvent::Stake { range: full, delta: half, moves_position });
                self.pool.set_fee(FeePips(500)).expect("a fee");
                self.build_event(BuildEvent::SetFee(FeePips(500)));
                self.pool.set_unstaked_fee(FeePips(50_000)).expect("a fee");
                self.build_event(BuildEvent::SetUnstakedFee(FeePips(50_000)));
                self.swap(Side::Token0, SwapAmount::ExactIn(Amount::from_u128(DEEP / 1_000)));
                let paid = self.pool.collect_gauge_fees().expect("a collect");
                self.build_event(BuildEvent::CollectFees(paid));
                let less = SignedLiquidity(-1_000);
                self.pool.stake(full, less, false).expect("a change");
                let moves_position = false;
                self.build_event(BuildEvent::Stake { range: full, delta: less, moves_position });
                self.remove(GAUGE, full, 1_000);
            }
            Build::UniswapV4 => {
                self.pool.donate(some).expect("a donation");
                self.build_event(BuildEvent::Donate(some));
                self.pool.set_protocol_fee([700, 1_000]).expect("a fee");
                self.build_event(BuildEvent::ProtocolFeeUpdated([700, 1_000]));
                self.managed(MANAGER, TickRange::full(SPACING).expect("a spacing"), 0);
            }
        }
    }

    /// Swaps to and fro over `rounds` blocks, with others' positions and the build's own calls
    /// between them.
    pub(crate) fn lively(build: Build, rounds: u32) -> Self {
        let mut made = Self::new(build);
        for round in 0..rounds {
            made.skip_blocks(1);
            let side = if round % 3 == 0 { Side::Token1 } else { Side::Token0 };
            let size = DEEP / 400 * u128::from(round % 7 + 1);
            made.swap(side, SwapAmount::ExactIn(Amount::from_u128(size)));
            made.swap(side.other(), SwapAmount::ExactOut(Amount::from_u128(size / 2)));
            let near = range(-1_200, 1_200);
            match round % 6 {
                1 => made.add(Address([7; 20]), near, DEEP / 3),
                4 => made.remove(Address([7; 20]), near, DEEP / 4),
                _ => {}
            }
            if round == rounds / 2 {
                made.of_its_own();
            }
        }
        made
    }

    /// The rest of the tape as one that begins after a block of it: the header says the state, the
    /// initial positions all that there is then.
    pub(crate) fn since(&self, at: &Self) -> Tape {
        let mut tape = self.tape.clone();
        let block = at.tape.events.last().expect("an event").block;
        let pool = &at.pool;
        tape.header.start = PoolStart::Snapshot {
            block,
            sqrt_price: pool.sqrt_price(),
            tick: pool.tick(),
            liquidity: pool.liquidity(),
        };
        tape.header.fee = pool.fee();
        tape.header.build = match tape.header.build {
            PoolBuild::UniswapV3 => PoolBuild::UniswapV3,
            PoolBuild::PancakeV3 { .. } => {
                PoolBuild::PancakeV3 { fee_protocol: pool.protocol_shares() }
            }
            PoolBuild::Slipstream { gauge, position_manager, .. } => PoolBuild::Slipstream {
                unstaked_fee: pool.unstaked_fee(),
                gauge,
                position_manager,
                staked_liquidity: pool.staked_liquidity(),
            },
            PoolBuild::UniswapV4 { pool_id, .. } => {
                PoolBuild::UniswapV4 { pool_id, protocol_fee: pool.protocol_shares() }
            }
        };
        tape.events.retain(|event| event.block > block);
        let mut sums = std::collections::BTreeMap::<TickRange, (u128, u128)>::new();
        for (key, position) in pool.positions() {
            let (all, staked) = sums.entry(key.range).or_default();
            *all += position.liquidity.0;
            *staked += if key.owner == Owner(GAUGE.0) { position.liquidity.0 } else { 0 };
        }
        for (key, position) in pool.salted_positions() {
            sums.entry(key.range).or_default().0 += position.liquidity.0;
        }
        let initial = |(range, (all, staked)): (TickRange, (u128, u128))| InitialPosition {
            range,
            liquidity: Liquidity(all),
            staked: Liquidity(staked),
        };
        let with_liquidity = sums.into_iter().filter(|(_, (all, _))| *all > 0);
        tape.initial_positions = with_liquidity.map(initial).collect();
        tape
    }
}
