//! Farms: when they stake, claim, sell, leave and come back.

mod by_rules;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, ProgrammeMarket, Seat};
use tidemill_model::{
    AssetId, Event, EventBody, PositionId, PriceEvent, ProgrammeId, QuotePrice, Sequence,
};
use tidemill_rewards::Account;
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_units::{Amount, Amounts, Gas, GasPrice, Timestamp, U256};

use super::synthetic_tape::{
    POOL, SyntheticTape, TICK_SPACING, chain_event, full_range, outcome_event,
};
use super::{Desk, FIXED, MILLION, VALUATION, recentre, without_amounts};
use crate::{
    ClaimRule, FarmConfig, FarmSetup, PoolFacts, Proceeds, QuoteScale, RoundGas, Services,
    StrategyConfig, StrategyKind,
};

const REWARD: AssetId = AssetId(3);
const FIRST: ProgrammeId = ProgrammeId(0);
/// A million millions for the time of the programme.
const BUDGET: u64 = 1_000_000_000_000;
/// Wei are units of token1 here, and gas costs one each.
const GAS: RoundGas =
    RoundGas { claim: Gas(50), sell: Gas(150), restart: Gas(800), fallback_price: GasPrice(1) };
const BROAD: u128 = 33_000_000;

/// Others' liquidity at a price of one, and something that happens every ten blocks.
fn quiet(events: usize) -> SyntheticTape {
    let mut tape = SyntheticTape::at_tick(0);
    tape.mint(0, full_range(), BROAD);
    for _ in 0..events {
        tape.skip_blocks(10);
        tape.flash(Amounts::ZERO);
    }
    tape
}

/// A strategy in a pool with an incentive, whose orders are executed before the next event.
struct Farmer {
    desk: Desk,
    tape: SyntheticTape,
    place: usize,
}

impl Farmer {
    fn new(kind: StrategyKind, farm: FarmConfig, tape: SyntheticTape, seconds: [u64; 2]) -> Self {
        let config = StrategyConfig { farm: Some(farm), ..StrategyConfig::of(kind) };
        Self::of(&config, tape, seconds)
    }

    fn of(config: &StrategyConfig, tape: SyntheticTape, seconds: [u64; 2]) -> Self {
        let mut market = Market::new(Footprint::ReExecuted);
        market.add_pool(tape.tape()).expect("a tape");
        let first = tape.tape().events[0].time;
        let [start, end] = seconds.map(|seconds| Timestamp(first.0 + seconds));
        let key = IncentiveKey {
            reward_token: Account([2; 20]),
            pool: Account(tape.tape().header.pool.0),
            start_time: start,
            end_time: end,
            refundee: Account([5; 20]),
        };
        let mut staker = V3Staker::new(&V3StakerState::default()).expect("a new staker");
        staker.create_incentive(key, Amount::from_u64(BUDGET), first).expect("within bounds");
        let programme = ProgrammeMarket::new(POOL, REWARD, staker.into(), Seat::V3Staker(key));
        market.add_programme(programme).expect("the pool is there");
        let (token0, token1, native) = (AssetId(0), AssetId(1), AssetId(2));
        let funds = [(token0, MILLION.amount0), (token1, MILLION.amount1)];
        let mut ledger = Ledger::funded(&funds).expect("small");
        ledger.add_pool(POOL, PoolAssets::of_two(token0, token1, native));
        let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
        let farm = Some(FarmSetup { programme: FIRST, gas: GAS });
        let scale = Some(QuoteScale::new(&[0, 0], VALUATION.pool().expect("a pool").quote));
        let strategy = config.build(facts, Services { farm, scale, ..Services::default() });
        let strategy = strategy.expect("parameters within their ranges");
        let desk = Desk { strategy, market, ledger, sequence: 0, asked: Vec::new() };
        Self { desk, tape, place: 0 }
    }

    /// Ends what is in flight, takes in recorded events, and decides after each.
    fn go(&mut self, events: usize) -> &mut Self {
        for _ in 0..events {
            self.desk.settle();
            let recorded = &self.tape.tape().events[self.place];
            self.place += 1;
            self.desk.sequence += 1;
            let event = chain_event(self.desk.sequence, recorded);
            self.desk.market.apply(&event).expect("it reproduces");
            self.desk.decide();
        }
        self
    }

    fn finish(&mut self) -> Vec<&str> {
        let left = self.tape.tape().events.len() - self.place;
        self.go(left);
        without_amounts(&self.desk.asked)
    }

    /// Learns that so many of the reward token are worth so much.
    fn price(&mut self, quote: Amount, of: Amount) {
        self.desk.sequence += 1;
        let now = self.desk.market.now();
        let price = PriceEvent { asset: REWARD, price: QuotePrice { quote, of } };
        let event = Event::at(Sequence(self.desk.sequence), now, EventBody::Price(price));
        self.desk.market.apply(&event).expect("a price");
    }

    fn position(&self) -> PositionId {
        self.desk.ledger.positions().next().expect("one").0
    }

    fn gathered(&self) -> Amount {
        self.desk.market.reward(self.position()).expect("staked").amount
    }

    fn last(&self) -> &str {
        self.desk.asked.last().expect("something was asked for")
    }
}

fn farm(claim: ClaimRule, proceeds: Proceeds) -> FarmConfig {
    FarmConfig { claim, proceeds, ..FarmConfig::default() }
}

const LONG: [u64; 2] = [0, 1_000_000];

#[test]
fn a_farm_stakes_once_and_claims_by_the_clock() {
    let config =
        FarmConfig { claim_every_hours: Some(2), ..farm(ClaimRule::Every, Proceeds::Hold) };
    let mut farmer = Farmer::new(FIXED, config, quiet(190), LONG);
    // Two hours are 600 blocks of twelve seconds; a claim keeps the position where it is.
    let expected = ["0: open -600..600", "0: stake", "600: claim", "1200: claim", "1800: claim"];
    assert_eq!(farmer.finish(), expected);
}

#[test]
fn a_farm_that_never_claims_leaves_when_the_programme_ends() {
    let config = farm(ClaimRule::Never, Proceeds::Hold);
    let mut farmer = Farmer::new(FIXED, config, quiet(30), [0, 1_000]);
    // The first event of second 1,000 or later is that of 1,080; nothing is staked again.
    assert_eq!(farmer.finish(), ["0: open -600..600", "0: stake", "90: unstake"]);
    assert_eq!(farmer.desk.market.programme_of(farmer.position()), None);
}

#[test]
fn a_farm_waits_for_a_programme_that_has_not_begun() {
    let config = farm(ClaimRule::Never, Proceeds::Hold);
    let mut farmer = Farmer::new(FIXED, config, quiet(30), [500, 1_000]);
    assert_eq!(farmer.finish(), ["0: open -600..600", "50: stake", "90: unstake"]);
}

/// The least that is worth claiming: its square is at least `2 G P`.
fn threshold(farmer: &Farmer, gas: u64) -> Amount {
    let worth = farmer.desk.market.worth(farmer.position()).expect("open");
    let all = worth.principal.checked_add(&worth.fees).expect("small");
    // The price is one to the unit.
    let capital: U256 = all.as_slice().iter().map(|amount| amount.0).sum();
    let square = capital * U256::from(2 * gas);
    let root = square.root(2);
    let exact = root * root == square;
    Amount(if exact { root } else { root + U256::from(1) })
}

#[test]
fn the_break_even_rule_holds_to_the_unit() {
    for (proceeds, gas, asks) in [
        (Proceeds::Hold, 50, "claim"),
        (Proceeds::Sell, 200, "claim"),
        (Proceeds::Compound, 950, "unstake"),
    ] {
        let config = farm(ClaimRule::BreakEven, proceeds);
        let mut farmer = Farmer::new(FIXED, config, quiet(10), LONG);
        farmer.go(6);
        assert!(farmer.last().contains("stake"), "{}", farmer.last());
        assert_eq!(farmer.desk.asked.len(), 2, "nothing has a price yet");
        let (of, enough) = (farmer.gathered(), threshold(&farmer, gas));
        assert!(!of.is_zero());
        let before = enough.checked_sub(Amount::from_u64(1)).expect("more than nothing");
        farmer.price(before, of);
        farmer.desk.decide();
        assert_eq!(farmer.desk.asked.len(), 2, "{proceeds:?}: a unit less is not enough");
        farmer.price(enough, of);
        farmer.desk.decide();
        assert!(farmer.last().ends_with(asks), "{proceeds:?}: {:?}", farmer.desk.asked);
    }
    // Some 2,000,000 in the pool: 14,143 is what 50 of gas take, 28,285 what 200 do.
    let config = farm(ClaimRule::BreakEven, Proceeds::Hold);
    let mut farmer = Farmer::new(FIXED, config, quiet(10), LONG);
    farmer.go(6);
    let found = [threshold(&farmer, 50), threshold(&farmer, 200)];
    let near =
        |found: Amount, expected: u64| found.0.abs_diff(U256::from(expected)) <= U256::from(60);
    assert!(near(found[0], 14_143) && near(found[1], 28_285), "{found:?}");
}

#[test]
fn compounding_leaves_sells_closes_and_enters_again() {
    let config = farm(ClaimRule::BreakEven, Proceeds::Compound);
    let mut farmer = Farmer::new(FIXED, config, quiet(12), LONG);
    farmer.go(6);
    let (of, enough) = (farmer.gathered(), threshold(&farmer, 950));
    let fourfold = Amount(enough.0 * U256::from(4));
    farmer.price(fourfold, of);
    farmer.go(1);
    assert!(farmer.last().ends_with("unstake"), "{}", farmer.last());
    farmer.desk.settle();
    farmer.desk.settle();
    // The price is far too low for a second round.
    farmer.price(Amount::from_u64(1), of);
    let lines = farmer.finish();
    let steps: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
    let round: Vec<_> = steps[..6].to_vec();
    assert_eq!(round, ["open", "stake", "unstake", "sell", "close", "swap"], "{lines:?}");
    assert_eq!(steps[6..8], ["open", "stake"], "{lines:?}");
    assert_eq!(steps.len(), 8, "{lines:?}");
}

#[test]
fn proceeds_that_are_sold_are_not_sold_below_the_limit() {
    let config = FarmConfig {
        claim_every_hours: Some(1),
        max_sale_cost_bps: Some(100),
        ..farm(ClaimRule::Every, Proceeds::Sell)
    };
    let mut farmer = Farmer::new(FIXED, config, quiet(100), LONG);
    farmer.price(Amount::from_u64(1_000), Amount::from_u64(1));
    // The claim is asked for at block 300; at the next event it is done, and its sale on its way.
    farmer.go(32);
    assert!(farmer.last().ends_with("300: claim"), "{}", farmer.last());
    farmer.desk.settle_one();
    assert!(farmer.last().contains("300: sell "), "{}", farmer.last());
    // The price falls by a hundredth and more before the sale is included: it is refused, and not
    // tried again for an hour.
    farmer.price(Amount::from_u64(989), Amount::from_u64(1));
    farmer.go(29);
    let sales =
        |farmer: &Farmer| farmer.desk.asked.iter().filter(|line| line.contains("sell")).count();
    assert_eq!(sales(&farmer), 1, "{:?}", farmer.desk.asked);
    farmer.go(1);
    assert_eq!(sales(&farmer), 2, "{:?}", farmer.desk.asked);
    // That one is made: what is sold next is what the next claim pays.
    farmer.desk.settle();
    assert_eq!(farmer.desk.ledger.available(REWARD), Amount::ZERO);
}

/// A farm of a strategy that follows the price: out of the programme, out of the pool, and again.
#[test]
fn a_position_is_unstaked_before_it_is_closed() {
    let kind = recentre(600, 120);
    let mut tape = quiet(5);
    for tick in [300, -300, 300] {
        for _ in 0..3 {
            tape.skip_blocks(10);
            tape.swap_to(tick);
            tape.flash(Amounts::ZERO);
        }
    }
    let config = farm(ClaimRule::Never, Proceeds::Hold);
    let mut farmer = Farmer::new(kind, config, tape, LONG);
    let lines: Vec<String> = farmer.finish().into_iter().map(str::to_owned).collect();
    let mut is_staked = false;
    let mut rounds = 0;
    for line in &lines {
        match line.split(' ').nth(1).expect("block and what") {
            "stake" => is_staked = true,
            "unstake" => is_staked = false,
            "close" => {
                assert!(!is_staked, "{lines:?}");
                rounds += 1;
            }
            _ => {}
        }
    }
    assert!(rounds >= 2 && lines.len() < 40, "{lines:?}");
    // What is to be closed at once is not staked before.
    let count = |what: &str| lines.iter().filter(|line| line.ends_with(what)).count();
    assert_eq!((count(" stake"), count(" unstake")), (2, 2), "{lines:?}");
}

/// A reward that is worth nothing cannot be sold, and must not keep the position going in and out.
#[test]
fn worthless_rewards_hold_nothing_up() {
    for price in [None, Some(Amount::ZERO)] {
        let kind = recentre(600, 120);
        let mut tape = quiet(5);
        tape.skip_blocks(10);
        tape.swap_to(300);
        for _ in 0..50 {
            tape.skip_blocks(10);
            tape.flash(Amounts::ZERO);
        }
        let config = farm(ClaimRule::BreakEven, Proceeds::Compound);
        let mut farmer = Farmer::new(kind, config, tape, LONG);
        if let Some(quote) = price {
            farmer.price(quote, Amount::from_u64(1));
        }
        let lines = farmer.finish();
        let steps: Vec<_> = lines.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        assert_eq!(steps, ["open", "stake", "unstake", "close", "swap", "open", "stake"]);
    }
}

impl Desk {
    /// Ends the oldest order in flight, and decides on that.
    fn settle_one(&mut self) {
        let order = self.ledger.in_flight().next().copied().expect("one");
        let outcome = super::immediate_fill::outcome_of(&order, &self.market);
        self.sequence += 1;
        let event = outcome_event(self.sequence, self.market.now(), outcome);
        self.market.apply(&event).expect("it reproduces");
        self.ledger.apply(&event).expect("an outcome of its order");
        self.decide();
    }
}
