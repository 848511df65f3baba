use tidemill_amm::SwapAmount;
use tidemill_amm::concentrated::{Pool, Rounding, SwapRequest, sqrt_price_at_tick};
use tidemill_market::{Footprint, Market};
use tidemill_model::{Address, ChainId};
use tidemill_rewards::merkl::{CreatorRules, MerklWeights};
use tidemill_units::{
    Amount, Amounts, FeePips, Liquidity, Side, Tick, TickRange, Timestamp, TokenIndex,
};

use super::book::Book;
use super::{Campaign, Capture, CaptureError, Group, capture};
use crate::config::{Cast, Placement, Plan, Supply};
use crate::flow::Flow;
use crate::position::add;
use crate::programme::{Programme, Rule};
use crate::recording::{About, Call, History, RangeRecording, Recorded, Recording};
use crate::share_flow::{ShareRecording, ShareSample};

mod shares;

pub(super) const DAY: u64 = 86_400;
const NARROW: TickRange = TickRange { lower: Tick(-600), upper: Tick(600) };

pub(super) fn about(last: u64) -> About {
    About {
        name: String::from("A/B"),
        chain_id: ChainId(1),
        address: Address::default(),
        tokens: Vec::new(),
        first: Timestamp(1_000_000),
        last: Timestamp(1_000_000 + last),
        events: 0,
        swaps: 0,
    }
}

fn everywhere() -> TickRange {
    TickRange::full(10).unwrap()
}

/// One range around a price of one, and no call over a day.
fn quiet() -> Recording {
    let mut start = Pool::new(FeePips(500), 10).unwrap();
    start.initialize(sqrt_price_at_tick(Tick(0)).unwrap(), Timestamp(999_000)).unwrap();
    add(&mut start, (0, NARROW), Liquidity(1_000_000_000_000), Timestamp(999_000)).unwrap();
    let ranges = RangeRecording { start, calls: Vec::new(), left_out: 0 };
    let history = History::Ranges(Box::new(ranges));
    Recording::by_hand(about(DAY), history, Market::new(Footprint::PriceTaker))
}

/// The same with swaps to and fro, small and large, and a provider who comes and goes.
pub(super) fn lively() -> Recording {
    let mut recording = quiet();
    let History::Ranges(ranges) = &mut recording.history else { return recording };
    let second = |second: u64| Timestamp(1_000_000 + second);
    for index in 0..60_u64 {
        let down = if index % 10 == 0 { index % 20 == 0 } else { index % 2 == 0 };
        let input = if down { Side::Token0 } else { Side::Token1 };
        let size = if index % 10 == 0 { 20_000_000_000 } else { 500_000_000 + index * 1_000 };
        let amount = SwapAmount::ExactIn(Amount::from_u64(size));
        let call = Call::Swap(SwapRequest { input, amount, price_limit: None });
        ranges.calls.push(Recorded { at: second(index * 1_400), call });
        let liquidity = Liquidity(300_000_000_000);
        let other = TickRange { lower: Tick(-200), upper: Tick(100) };
        if index == 20 {
            ranges.calls.push(Recorded { at: second(28_500), call: Call::Add(other, liquidity) });
        }
        if index == 40 {
            let call = Call::Remove(other, liquidity);
            ranges.calls.push(Recorded { at: second(56_500), call });
        }
    }
    recording
}

pub(crate) fn plan(placement: Placement) -> Plan {
    Plan {
        quote: TokenIndex(1),
        quote_decimals: 6,
        budgets: Vec::new(),
        reward_symbol: String::from("R"),
        reward_decimals: 18,
        reward_price: Amount::from_u64(1),
        duration_seconds: 14 * DAY,
        lead_seconds: DAY,
        supply: Supply {
            required_return: None,
            epsilon: f64::INFINITY,
            cost_return: 0.0,
            placement,
            volume_elasticity: 0.0,
            half_life_days: 7.0,
            staked_part: 1.0,
            wide_part: 0.25,
            parked_part: 0.5,
        },
        depth_moves: vec![0.01],
        trade: Amount::from_u64(1_000_000),
        after_days: vec![7.0],
        cast: Cast {
            parked_distance: 0.2,
            jit: Amount::from_u64(10_000_000_000),
            jit_trade: Amount::from_u64(10_000_000_000),
            same_block: Amount::from_u64(10_000_000_000),
            same_block_every: 7,
        },
        programmes: Vec::new(),
        left_out: Vec::new(),
    }
}

/// Worth of the one range at a price of one, both sides.
const CAPITAL: f64 = 2.0 * 29_551_000_000.0;

pub(super) fn flow(capital: f64) -> Flow {
    Flow { capital, seconds: DAY as f64, intervals: Vec::new() }
}

pub(super) fn merkl(fee_per_billion: u64, out_of_range: bool) -> Rule {
    Rule::Merkl {
        weights: MerklWeights { fees: 4_000, amount0: 3_000, amount1: 3_000 },
        is_out_of_range_incentivized: out_of_range,
        rules: CreatorRules {
            default_fees: fee_per_billion,
            reward_token_min_amount: Amount::from_u64(1),
            ..CreatorRules::default()
        },
    }
}

pub(super) fn shared(
    recording: &Recording,
    (plan, capital): (&Plan, f64),
    (budget, added): (u64, f64),
    rule: Rule,
) -> Result<Capture, CaptureError> {
    let flow = flow(capital);
    let budget = Amount::from_u64(budget);
    let campaign = Campaign { recording, plan, flow: &flow, budget, added, staked: added };
    capture(campaign, &Programme { name: String::from("p"), rule })
}

const RULES: fn() -> [Rule; 5] = || {
    [
        Rule::StakingRewards,
        Rule::V3Staker,
        Rule::SlipstreamGauge,
        merkl(0, false),
        merkl(7_000_000, true),
    ]
};

#[test]
fn every_budget_is_accounted_for_to_the_unit() {
    let placements = [Placement::Present, Placement::Band(0.02), Placement::Full];
    for recording in [quiet(), lively()] {
        for placement in placements {
            let mut plan = plan(placement);
            for staked_part in [0.0, 0.3, 1.0] {
                plan.supply.staked_part = staked_part;
                for rule in RULES() {
                    for (budget, added) in [(2_000_000, 0.0), (98_765_432_109_876_543, 3e10)] {
                        let got = shared(&recording, (&plan, CAPITAL), (budget, added), rule);
                        let got = got.unwrap();
                        assert_eq!(got.sum(), Some(Amount::from_u64(budget)), "{rule:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_budget_is_nobodys() {
    let got = shared(&lively(), (&plan(Placement::Full), CAPITAL), (0, 1e9), Rule::V3Staker);
    assert_eq!(got, Ok(Capture::default()));
}

/// Of which parts of a hundred the groups are paid, rounded.
fn percent(capture: &Capture, budget: u64) -> [u64; 6] {
    Group::ALL.map(|group| {
        let paid = u64::try_from(capture.of(group).0).unwrap();
        ((u128::from(paid) * 1_000 / u128::from(budget) + 5) / 10) as u64
    })
}

#[test]
fn equal_liquidity_side_by_side_is_paid_alike() {
    let recording = quiet();
    let mut plan = plan(Placement::Present);
    (plan.supply.wide_part, plan.supply.parked_part) = (0.0, 0.0);
    let budget = 10_000_000_000;
    for rule in [Rule::StakingRewards, Rule::V3Staker, Rule::SlipstreamGauge] {
        let got = shared(&recording, (&plan, CAPITAL), (budget, CAPITAL), rule).unwrap();
        assert_eq!(percent(&got, budget), [50, 50, 0, 0, 0, 0], "{rule:?}");
    }
    // Half of the present capital does not stake. The staker leaves its part; the others share it.
    plan.supply.staked_part = 0.5;
    let of = |rule| {
        let got = shared(&recording, (&plan, CAPITAL), (budget, CAPITAL), rule).unwrap();
        (percent(&got, budget), got.returned, got.rest)
    };
    let (paid, returned, rest) = of(Rule::V3Staker);
    assert!(rest.is_zero());
    assert_eq!(paid, [25, 50, 0, 0, 0, 0]);
    let returned = u64::try_from(returned.0).unwrap();
    assert!(returned.abs_diff(budget / 4) < 10, "{returned}");
    assert_eq!(of(Rule::SlipstreamGauge).0, [33, 67, 0, 0, 0, 0]);
    assert_eq!(of(Rule::StakingRewards).0, [33, 67, 0, 0, 0, 0]);
    // Without a swap Merkl pays nobody.
    let (paid, returned, rest) = of(merkl(0, false));
    assert_eq!((paid, returned, rest), ([0; 6], Amount::ZERO, Amount::from_u64(budget)));
}

#[test]
fn who_is_paid_for_doing_nothing_depends_on_the_rule() {
    let recording = lively();
    let plan = plan(Placement::Band(0.03));
    let budget = 1_000_000_000_000;
    let of = |rule| {
        let got = shared(&recording, (&plan, CAPITAL), (budget, 2e10), rule).unwrap();
        Group::ALL.map(|group| !got.of(group).is_zero())
    };
    // Present, added, wide, parked, just in time, in and out within a block.
    assert_eq!(of(Rule::StakingRewards), [true, true, true, true, false, false]);
    assert_eq!(of(Rule::V3Staker), [true, true, true, false, false, false]);
    assert_eq!(of(Rule::SlipstreamGauge), [true, true, true, false, false, false]);
    assert_eq!(of(merkl(0, false)), [true, true, true, false, true, true]);
    assert_eq!(of(merkl(0, true)), [true; 6]);
}

#[test]
fn an_unstaked_pool_leaves_the_emission_in_the_gauge() {
    let mut plan = plan(Placement::Full);
    plan.supply.staked_part = 0.0;
    let budget = Amount::from_u64(5_000_000);
    let of = |rule| shared(&lively(), (&plan, CAPITAL), (5_000_000, 0.0), rule).unwrap();
    for rule in [Rule::SlipstreamGauge, Rule::StakingRewards] {
        assert_eq!(of(rule).rest, budget, "{rule:?}");
    }
    assert_eq!(of(Rule::V3Staker).returned, budget, "the staker refunds");
}

#[test]
fn what_came_and_does_not_stake_is_not_paid() {
    let mut plan = plan(Placement::Present);
    (plan.supply.wide_part, plan.supply.parked_part) = (0.0, 0.0);
    let flow = flow(CAPITAL);
    let budget = 10_000_000_000;
    let of = |recording: &Recording, rule| {
        let campaign = Campaign {
            recording,
            plan: &plan,
            flow: &flow,
            budget: Amount::from_u64(budget),
            added: CAPITAL,
            staked: CAPITAL / 2.0,
        };
        let got = capture(campaign, &Programme { name: String::from("p"), rule }).unwrap();
        percent(&got, budget)
    };
    // A half beside a whole.
    assert_eq!(of(&quiet(), Rule::SlipstreamGauge), [67, 33, 0, 0, 0, 0]);
    assert_eq!(of(&shares::recorded(false), Rule::AerodromeGauge), [67, 33, 0, 0, 0, 0]);
}

/// Beside the range around the price twice its liquidity above it, and, if asked for, a swap at
/// noon to where it is the other way round.
fn two_ranges(swaps: bool) -> Recording {
    let mut recording = quiet();
    let History::Ranges(ranges) = &mut recording.history else { return recording };
    let above = TickRange { lower: Tick(600), upper: Tick(1_200) };
    let liquidity = Liquidity(2_000_000_000_000);
    add(&mut ranges.start, (0, above), liquidity, Timestamp(999_000)).unwrap();
    if swaps {
        let request = SwapRequest {
            input: Side::Token1,
            amount: SwapAmount::ExactIn(Amount::from_u128(1 << 100)),
            price_limit: sqrt_price_at_tick(Tick(900)),
        };
        let at = Timestamp(1_000_000 + DAY / 2);
        ranges.calls.push(Recorded { at, call: Call::Swap(request) });
    }
    recording
}

#[test]
fn what_is_paid_out_of_range_is_told_apart() {
    let plan = plan(Placement::Full);
    let budget = 10_000_000_000_000;
    let idle = |recording: &Recording, rule| {
        let got = shared(recording, (&plan, CAPITAL), (budget, 0.0), rule).unwrap();
        let idle = u64::try_from(got.idle_of(Group::Present).0).unwrap();
        (idle, u64::try_from(got.of(Group::Present).0).unwrap())
    };
    // 1 / 1.0001^300 = 0.970447 and 1 / 1.0001^600 = 0.941767: twice their difference is 0.4925 of
    // itself and 2 (1 - 0.970447), which is in range.
    let (paid, all) = idle(&two_ranges(false), Rule::StakingRewards);
    assert_eq!((paid * 10_000).div_ceil(all), 4_926, "{paid} of {all}");
    // From noon on it is the other that is out of range.
    let (paid, all) = idle(&two_ranges(true), Rule::StakingRewards);
    assert!(paid.abs_diff(all / 2) < 100_000, "{paid} of {all}");
    for rule in [Rule::V3Staker, Rule::SlipstreamGauge, merkl(0, false)] {
        assert_eq!(idle(&two_ranges(true), rule).0, 0, "{rule:?}");
    }
    // The swap ends with the lower range out of range; fees are the upper's and its own.
    let (paid, all) = idle(&two_ranges(true), merkl(0, true));
    assert!(0 < paid && paid < all, "{paid} of {all}");
}

#[test]
fn merkls_fee_is_its_makers() {
    let plan = plan(Placement::Full);
    let got = shared(&lively(), (&plan, CAPITAL), (1_000_000_000, 1e10), merkl(30_000_000, false));
    assert_eq!(got.unwrap().makers, Amount::from_u64(30_000_000));
}

#[test]
fn a_refusal_names_the_programme() {
    let mut plan = plan(Placement::Full);
    plan.duration_seconds = 800 * DAY;
    let got = shared(&quiet(), (&plan, CAPITAL), (1_000, 0.0), Rule::V3Staker);
    assert_eq!(
        got.unwrap_err().to_string(),
        "programme `v3_staker` refuses: the incentive lasts too long"
    );
}

#[test]
fn a_book_holds_what_its_positions_hold() {
    let ranges = [(-600, 600), (-100, 50), (-30, -20), (20, 300), (0, 10), (-10, 0), (-600, -100)];
    let mut book = Book::default();
    let mut tick = Tick(5);
    let liquidity = |index: usize| 1_000_000_000_000 * (index as u128 + 1) + 7;
    let range = |(lower, upper): (i32, i32)| TickRange { lower: Tick(lower), upper: Tick(upper) };
    for (index, ends) in ranges.iter().enumerate() {
        book.set(range(*ends), 1, tick);
        book.set(range(*ends), liquidity(index), tick);
    }
    for next in [7, 7, 60, 15, -5, -25, -700, 700, 301, 299, 0, -1, 5] {
        book.follow(tick, Tick(next));
        tick = Tick(next);
        let price = sqrt_price_at_tick(tick).unwrap();
        let mut expected = [Amounts::ZERO; 2];
        for (index, ends) in ranges.iter().enumerate() {
            let (range, liquidity) = (range(*ends), Liquidity(liquidity(index)));
            let amounts = tidemill_amm::concentrated::amounts_for_liquidity(
                price,
                range,
                liquidity,
                Rounding::Down,
            );
            let place = usize::from(!range.contains(tick));
            expected[place] = expected[place].checked_add(amounts.unwrap()).unwrap();
        }
        for (got, expected) in book.holdings(price).into_iter().zip(expected) {
            for side in [Side::Token0, Side::Token1] {
                let got = u64::try_from(got.get(side).0).unwrap();
                let expected = u64::try_from(expected.get(side).0).unwrap();
                assert!(got.abs_diff(expected) <= 14, "{tick:?} {side:?}: {got} {expected}");
            }
        }
    }
    for ends in ranges {
        book.set(range(ends), 0, tick);
    }
    assert_eq!(book.holdings(sqrt_price_at_tick(tick).unwrap()), [Amounts::ZERO; 2]);
    assert_eq!(book.ranges().count(), 0);
    assert!(everywhere().contains(tick));
}
