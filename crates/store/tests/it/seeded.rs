//! Random numbers from a printed seed, and random tapes made of them.

use tidemill_model::{
    Address, ChainId, InitialPosition, PoolBuild, PoolEvent, PoolHeader, PoolStart, RecordedAfter,
    Tape, TapeEvent, Token,
};
use tidemill_units::{
    Amount, Amounts, BlockNumber, FeePips, Gas, GasPrice, Liquidity, LogIndex, SignedAmount,
    SignedAmounts, SqrtPrice, Tick, TickRange, Timestamp, U256,
};

/// Vigna's SplitMix64: a counter and a mixing of its bits.
pub(crate) struct Seeded(pub(crate) u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    /// Of any length in bits, so that small and huge values are as frequent.
    pub(crate) fn wide(&mut self) -> U256 {
        let word = U256::from_limbs([self.next(), self.next(), self.next(), self.next()]);
        match self.below(258) {
            0 => U256::ZERO,
            257 => U256::MAX,
            bits => word.wrapping_shr(256 - usize::try_from(bits).unwrap()),
        }
    }

    pub(crate) fn u128(&mut self) -> u128 {
        let word = (u128::from(self.next()) << 64) | u128::from(self.next());
        match self.below(129) {
            128 => u128::MAX,
            bits => word >> bits,
        }
    }

    pub(crate) fn amount(&mut self) -> Amount {
        Amount(self.wide())
    }

    fn amounts(&mut self) -> Amounts {
        Amounts { amount0: self.amount(), amount1: self.amount() }
    }

    fn signed_amounts(&mut self) -> SignedAmounts {
        let halved = |amount: Amount| Amount(amount.0.wrapping_shr(1));
        let paid = SignedAmount::positive(halved(self.amount())).unwrap();
        let taken = match self.below(20) {
            0 => SignedAmount::MIN,
            _ => SignedAmount::negative(halved(self.amount())).unwrap(),
        };
        if self.below(2) == 0 {
            SignedAmounts { amount0: paid, amount1: taken }
        } else {
            SignedAmounts { amount0: taken, amount1: paid }
        }
    }

    fn address(&mut self) -> Address {
        Address(std::array::from_fn(|_| self.next().to_be_bytes()[0]))
    }

    pub(crate) fn tick(&mut self) -> Tick {
        Tick(i32::try_from(self.below(1_774_545)).unwrap() - 887_272)
    }

    fn price(&mut self) -> SqrtPrice {
        match self.below(10) {
            0 => SqrtPrice::MIN,
            1 => SqrtPrice::from_x96(SqrtPrice::MAX.to_x96().wrapping_sub(U256::ONE)).unwrap(),
            _ => {
                let range = SqrtPrice::MAX.to_x96().wrapping_sub(SqrtPrice::MIN.to_x96());
                let price = self.wide().wrapping_rem(range);
                SqrtPrice::from_x96(price.wrapping_add(SqrtPrice::MIN.to_x96())).unwrap()
            }
        }
    }

    pub(crate) fn range(&mut self, spacing: i32) -> TickRange {
        let most = 887_272 / spacing;
        loop {
            let mut tick = || {
                let steps = self.below(u64::try_from(2 * most + 1).unwrap());
                Tick((i32::try_from(steps).unwrap() - most) * spacing)
            };
            let (one, other) = (tick(), tick());
            if one != other {
                return TickRange { lower: one.min(other), upper: one.max(other) };
            }
        }
    }

    fn pool_event(&mut self, spacing: i32) -> PoolEvent {
        let owner = self.maybe(Self::address);
        let range = self.range(spacing);
        match self.below(10) {
            0 => PoolEvent::Mint {
                owner,
                range,
                liquidity: Liquidity(self.u128().max(1)),
                amounts: self.amounts(),
            },
            1 => PoolEvent::Burn {
                owner,
                range,
                liquidity: Liquidity(self.u128()),
                amounts: self.amounts(),
            },
            2 => PoolEvent::Collect {
                owner,
                range,
                amounts: Amounts {
                    amount0: Amount::from_u128(self.u128()),
                    amount1: Amount::from_u128(self.u128()),
                },
            },
            3 => PoolEvent::Flash { paid: self.amounts() },
            4 => PoolEvent::SetFeeProtocol {
                fee_protocol0: [0, 4, 10][usize::try_from(self.below(3)).unwrap()],
                fee_protocol1: [0, 5, 9][usize::try_from(self.below(3)).unwrap()],
            },
            _ => PoolEvent::Swap {
                amounts: self.signed_amounts(),
                after: RecordedAfter {
                    sqrt_price: self.maybe(Self::price),
                    liquidity: self.maybe(Self::u128).map(Liquidity),
                    tick: self.maybe(Self::tick),
                },
            },
        }
    }

    fn events(&mut self, spacing: i32, is_creation: bool) -> Vec<TapeEvent> {
        let count = 1 + self.below(300);
        let (mut block, mut log_index, mut time) = (1001_u64, 0_u32, self.below(2_000_000_000));
        (0..count)
            .map(|at| {
                if self.below(3) > 0 {
                    block += 1 + self.below(1 << self.0.count_ones().min(40));
                    time += self.below(1000);
                    log_index = u32::try_from(self.below(1 << 20)).unwrap();
                }
                log_index += 1 + u32::try_from(self.below(1 << 12)).unwrap();
                let event = if is_creation && at == 0 {
                    PoolEvent::Initialize { sqrt_price: self.price(), tick: None }
                } else {
                    self.pool_event(spacing)
                };
                TapeEvent {
                    block: BlockNumber(block),
                    log_index: LogIndex(log_index),
                    time: Timestamp(time),
                    gas_used: self.maybe(Self::next).map(Gas),
                    gas_price: self.maybe(Self::next).map(u128::from).map(GasPrice),
                    event,
                }
            })
            .collect()
    }

    /// A complete tick map around tick 0.
    fn snapshot(&mut self, spacing: i32) -> (PoolStart, Vec<InitialPosition>) {
        let mut ranges: Vec<TickRange> = (0..self.below(60)).map(|_| self.range(spacing)).collect();
        ranges.sort_unstable();
        ranges.dedup();
        let position = |range| InitialPosition {
            range,
            liquidity: Liquidity((self.u128() >> 8).max(1)),
            staked: Liquidity::ZERO,
        };
        let positions: Vec<InitialPosition> = ranges.into_iter().map(position).collect();
        let in_range = positions.iter().filter(|position| position.range.contains(Tick(0)));
        let liquidity = Liquidity(in_range.map(|position| position.liquidity.0).sum());
        let sqrt_price = SqrtPrice::from_x96(U256::from(1_u128 << 96)).unwrap();
        let block = BlockNumber(1000);
        (PoolStart::Snapshot { block, sqrt_price, tick: Tick(0), liquidity }, positions)
    }

    /// A tape of valid rows, over the whole range of every value; it is not a history that a pool
    /// could have had.
    pub(crate) fn tape(&mut self) -> Tape {
        let tick_spacing = [1, 10, 60, 200, 16_383][usize::try_from(self.below(5)).unwrap()];
        let is_creation = self.below(2) == 0;
        let (start, initial_positions) = if is_creation {
            (PoolStart::Creation, Vec::new())
        } else {
            self.snapshot(tick_spacing)
        };
        let mut addresses = [self.address(), self.address()];
        addresses.sort_unstable();
        let [address0, address1] = addresses;
        let tolerance = ["0", "1e-9", "0.01", "123e-18"][usize::try_from(self.below(4)).unwrap()];
        let mut token = |symbol: &str, address| Token {
            symbol: symbol.to_owned(),
            decimals: u8::try_from(self.below(39)).unwrap(),
            address: self.maybe(|_| address),
        };
        let (token0, token1) = (token("USDC.e", address0), token("₮ \"gold\"", address1));
        let header = PoolHeader {
            chain_id: ChainId(self.next()),
            pool: self.address(),
            build: PoolBuild::UniswapV3,
            token0,
            token1,
            fee: FeePips(u32::try_from(1 + self.below(999_999)).unwrap()),
            tick_spacing,
            start,
            amount_tolerance: tolerance.parse().unwrap(),
        };
        let events = self.events(tick_spacing, is_creation);
        Tape { header, initial_positions, events }
    }
}
