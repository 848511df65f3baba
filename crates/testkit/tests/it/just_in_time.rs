//! Liquidity for one swap against the real Uniswap v3 pool: a mint, the swap, a burn and a collect
//! pay what the benchmark says they do.

use tidemill_amm::concentrated::{
    Owner, Pool, PositionKey, SwapAmount, SwapRequest, sqrt_price_at_tick,
};
use tidemill_market::just_in_time;
use tidemill_testkit::{
    Address, Adjustment, Artifacts, PoolOracle, PoolParameters, PoolSwapCall, PositionId, Random,
};
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, Side, SqrtPrice, Tick, TickRange, Timestamp, U256,
};

const NOW: Timestamp = Timestamp(1_700_000_000);
const SPACING: i32 = 60;

/// The real pool, and ours beside it.
struct Both {
    oracle: PoolOracle,
    pool: Pool,
}

impl Both {
    /// A pool at a tick, with three ranges of somebody's around it.
    fn at_tick(artifacts: &Artifacts, tick: i32) -> Self {
        let parameters = PoolParameters { fee: 3_000, tick_spacing: SPACING };
        let mut oracle = PoolOracle::new(artifacts, parameters, 2).unwrap();
        oracle.evm.set_timestamp(U256::from(NOW.0));
        let price = sqrt_price_at_tick(Tick(tick)).unwrap();
        oracle.initialize(price.to_x96()).unwrap();
        let mut pool = Pool::new(FeePips(3_000), SPACING).unwrap();
        pool.initialize(price, NOW).unwrap();
        let mut both = Self { oracle, pool };
        let centre = tick.div_euclid(SPACING) * SPACING;
        for (steps, liquidity) in [(100, 1 << 80), (10, 1 << 82), (2, 1 << 81)] {
            let width = steps * SPACING;
            let range = TickRange { lower: Tick(centre - width), upper: Tick(centre + width) };
            both.mint(0, range, Liquidity(liquidity));
        }
        both
    }

    fn owner(&self, actor: usize) -> (Address, Owner) {
        let address = self.oracle.actors[actor];
        (address, Owner(address.into_array()))
    }

    fn mint(&mut self, actor: usize, range: TickRange, liquidity: Liquidity) -> Amounts {
        let (address, owner) = self.owner(actor);
        let id = position(address, range);
        let paid = self.oracle.mint(address, id, liquidity.0, Adjustment::default()).unwrap();
        let ours = self.pool.mint(PositionKey { owner, range }, liquidity, NOW).unwrap();
        let answer = paid.result.unwrap();
        let paid = [0, 1].map(|index| Amount(answer.word(index).unwrap()));
        assert_eq!(paid, [ours.amount0, ours.amount1]);
        ours
    }

    fn swap(&mut self, request: SwapRequest) -> [U256; 2] {
        let zero_for_one = request.input == Side::Token0;
        let end = if zero_for_one { SqrtPrice::MIN.to_x96() } else { SqrtPrice::MAX.to_x96() };
        let one = U256::from(1);
        let limit = if zero_for_one { end + one } else { end - one };
        let amount_specified = match request.amount {
            SwapAmount::ExactIn(amount) => amount.0,
            SwapAmount::ExactOut(amount) => amount.0.wrapping_neg(),
        };
        let sqrt_price_limit = request.price_limit.map_or(limit, SqrtPrice::to_x96);
        let adjustment = Adjustment::default();
        let call = PoolSwapCall { zero_for_one, amount_specified, sqrt_price_limit, adjustment };
        let answer = self.oracle.swap(self.oracle.actors[0], call).unwrap().result.unwrap();
        self.pool.swap(request, NOW).unwrap();
        [0, 1].map(|index| answer.word(index).unwrap())
    }

    /// Burns and collects everything; returns what was released, and what was paid on top of it.
    fn leave(&mut self, actor: usize, range: TickRange, liquidity: Liquidity) -> [Amounts; 2] {
        let (address, owner) = self.owner(actor);
        let id = position(address, range);
        let released = amounts(&self.oracle.burn(id, liquidity.0).unwrap().result.unwrap());
        let paid = self.oracle.collect(id, [u128::MAX; 2]).unwrap().result.unwrap();
        let key = PositionKey { owner, range };
        self.pool.burn(key, liquidity, NOW).unwrap();
        self.pool.collect(key, [u128::MAX; 2]).unwrap();
        [released, amounts(&paid).checked_sub(released).unwrap()]
    }
}

fn position(owner: Address, range: TickRange) -> PositionId {
    PositionId { owner, lower: range.lower.0, upper: range.upper.0 }
}

fn amounts(answer: &tidemill_testkit::Answer) -> Amounts {
    let [amount0, amount1] = [0, 1].map(|index| Amount(answer.word(index).unwrap()));
    Amounts { amount0, amount1 }
}

#[test]
fn a_mint_a_swap_a_burn_and_a_collect_pay_what_is_said_before() {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    let mut random = Random::new(77);
    let (mut crossings, mut paid_fees) = (0, 0);
    for tick in [-60_013, -60, 0, 59, 194_321] {
        let mut both = Both::at_tick(&artifacts, tick);
        for _ in 0..12 {
            let lower = both.pool.tick().0.div_euclid(SPACING) * SPACING;
            let steps = random.between(0, 2);
            let range = TickRange {
                lower: Tick(lower - steps * SPACING),
                upper: Tick(lower + (1 + random.between(0, 2)) * SPACING),
            };
            let liquidity = Liquidity(1 << (70 + random.below(25)));
            let request = request(&both.pool, &mut random);
            let said = just_in_time(&both.pool, (range, liquidity), request, NOW).unwrap();
            assert_eq!(both.mint(1, range, liquidity), said.deposited);
            let changes = both.swap(request);
            let expected = [Side::Token0, Side::Token1]
                .map(|side| said.swap.amounts.get(side).to_twos_complement());
            assert_eq!(changes, expected);
            assert_eq!(both.leave(1, range, liquidity), [said.withdrawn, said.fees]);
            crossings += said.swap.crossings;
            paid_fees += u32::from(!said.fees.is_zero());
        }
    }
    assert!(crossings > 10 && paid_fees > 30, "{crossings} crossings, {paid_fees} paid");
}

/// Swaps of a fixed input, of a fixed output, and of an input up to a price.
fn request(pool: &Pool, random: &mut Random) -> SwapRequest {
    let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
    let away = if input == Side::Token0 { -200 } else { 200 };
    // What a hundredth of a tick to some hundred ticks of the pool's own liquidity hold.
    let target = sqrt_price_at_tick(Tick(pool.tick().0 + away)).unwrap();
    let to = SwapRequest {
        input,
        amount: SwapAmount::ExactIn(Amount::from_u128(u128::MAX)),
        price_limit: Some(target),
    };
    let whole = pool.stage_swap(to, &mut ()).unwrap().result().amounts;
    let part = |side: Side, random: &mut Random| {
        let whole = whole.get(side).magnitude().0;
        Amount(random.up_to(whole).max(U256::from(1_000)))
    };
    let (amount, price_limit) = match random.below(3) {
        0 => (SwapAmount::ExactIn(part(input, random)), None),
        1 => (SwapAmount::ExactOut(part(input.other(), random)), None),
        _ => (SwapAmount::ExactIn(part(input, random)), Some(target)),
    };
    SwapRequest { input, amount, price_limit }
}
