//! What backtests of the week report adds up, and is what a hand calculation gives.

use tidemill_market::Market;
use tidemill_model::{EventBody, OutcomeKind};
use tidemill_replay::{Setup, StrategyRun, record_journal};
use tidemill_strategies::{Hold, StrategyKind};
use tidemill_units::{Amount, Side, SignedAmount, SqrtPrice};

use crate::data::{FOOTPRINTS, five, run, run_of, setup, week};

fn float(value: SignedAmount) -> f64 {
    value.to_string().parse().unwrap()
}

fn check_sums(run: &StrategyRun) {
    let name = run.strategy.name();
    let settlement = &run.record.settlement;
    let identity = &settlement.identity;
    assert!(identity.holds(), "{name}: {identity:?}");
    let gained = settlement.final_value.checked_sub(settlement.hold_value);
    assert_eq!(gained, Some(identity.net), "{name}");
    let gas = run.record.actions.iter().map(|action| action.gas_quote);
    let gas = gas.reduce(|sum, gas| sum.checked_add(gas).unwrap());
    assert_eq!(gas.unwrap_or(SignedAmount::ZERO), identity.gas, "{name}: gas of the actions");
    assert!((0.0..=1.0).contains(&run.record.time_in_range), "{name}");
    assert!(run.refused.is_empty(), "{name}: {:?}", run.refused);
}

fn check_earner(run: &StrategyRun) {
    let name = run.strategy.name();
    let identity = &run.record.settlement.identity;
    for (what, value) in [("fees", identity.fees), ("il", identity.il), ("gas", identity.gas)] {
        assert!(value > SignedAmount::ZERO, "{name}: {what} {value}");
    }
    assert!(run.record.lvr > 0.0, "{name}: LVR {}", run.record.lvr);
    assert!(run.record.time_in_range > 0.5, "{name}: {}", run.record.time_in_range);
    let opened = run.record.actions.iter().filter(|action| action.what == "open").count();
    assert_eq!(run.record.ranges.len(), opened, "{name}");
    assert_eq!(run.record.rebalances + 1, opened as u64, "{name}");
    let (_, charted) = run.record.cumulative_fees.last().unwrap();
    let fees = float(identity.fees) / 1e6;
    assert!((charted / fees - 1.0).abs() < 1e-9, "{name}: charted {charted}, reported {fees}");
}

#[test]
fn the_parts_of_every_strategy_add_up_in_both_footprints() {
    for footprint in FOOTPRINTS {
        let finished = run(five(footprint));
        assert_eq!(finished.runs.len(), 5);
        for run in &finished.runs {
            check_sums(run);
            if run.strategy.kind != StrategyKind::Hold(Hold {}) {
                check_earner(run);
            }
            let is_bounded = footprint == "price-taker" && !run.record.actions.is_empty();
            let bound = run.dilution_bound;
            assert_eq!(bound.is_some(), is_bounded, "{} {footprint}", run.strategy.name());
            assert!(bound.is_none_or(|bound| bound > 0.0));
        }
        let moved = |name| run_of(&finished, name).record.rebalances;
        assert_eq!([moved("full_range"), moved("fixed_range")], [0, 0]);
        assert!(moved("recentre") > 3 && moved("volatility_range") > 0);
    }
}

#[test]
fn holding_is_worth_exactly_what_it_is() {
    for footprint in FOOTPRINTS {
        let finished = run(five(footprint));
        let hold = run_of(&finished, "hold");
        let identity = &hold.record.settlement.identity;
        let parts = [identity.fees, identity.il, identity.swap_cost, identity.gas, identity.net];
        assert_eq!(parts, [SignedAmount::ZERO; 5]);
        assert_eq!(hold.record.lvr.to_bits(), 0.0_f64.to_bits());
        assert_eq!(hold.record.settlement.final_value, hold.record.settlement.hold_value);
        assert!(hold.record.actions.is_empty() && hold.record.ranges.is_empty());
        assert_eq!((hold.record.rebalances, hold.record.time_in_range), (0, 0.0));
        assert!(hold.record.value.iter().all(|point| point.value == point.hold));
    }
}

/// Half of the deposit is kept as USDC and half goes into WETH at the first price, rounded down.
#[test]
fn the_deposit_is_halved_at_the_first_price() {
    let setup = setup("deposit_quote = \"1000000.000001\"");
    let deposit = setup.deposit.two().unwrap();
    assert_eq!(deposit.amount0.to_string(), "500000000001");
    let price = price_of_token0(first_price());
    let weth: f64 = deposit.amount1.to_string().parse().unwrap();
    assert!((weth / (5e11 * price) - 1.0).abs() < 1e-12, "{weth}");
}

fn first_price() -> SqrtPrice {
    "1301306933974535479658162063663846".parse().unwrap()
}

/// Raw token1 for one raw token0, as a float.
fn price_of_token0(price: SqrtPrice) -> f64 {
    let root = price.to_string().parse::<f64>().unwrap() / 2_f64.powi(96);
    root * root
}

/// A swap of ours and the pool's price before it.
struct OwnSwap {
    price: SqrtPrice,
    input: Side,
    amount_in: Amount,
    amount_out: Amount,
}

/// Drives a market through the log of a run and stops before each of our swaps.
fn own_swaps(setup: &Setup) -> Vec<OwnSwap> {
    let [strategy] = setup.strategies.as_slice() else { panic!("one strategy") };
    let (journal, _) = record_journal(week(), setup, strategy).unwrap();
    let mut market = Market::new(setup.footprint);
    let pool = market.add_pool(week()).unwrap();
    let mut swaps = Vec::new();
    for event in &journal.events {
        if let EventBody::Outcome(outcome) = &event.body
            && let OutcomeKind::Swapped { pair, amount_in, amount_out, .. } = outcome.kind
        {
            let input = pair.input_of_two().unwrap();
            let price = market.pool(pool).unwrap().concentrated().unwrap().pool().sqrt_price();
            swaps.push(OwnSwap { price, input, amount_in, amount_out });
        }
        market.apply(event).unwrap();
    }
    swaps
}

/// Value given less value received, in raw USDC at the price before the swap.
fn cost_by_hand(swap: &OwnSwap) -> f64 {
    let price = price_of_token0(swap.price);
    let in_usdc = |side: Side, amount: Amount| {
        let amount: f64 = amount.to_string().parse().unwrap();
        match side {
            Side::Token0 => amount,
            Side::Token1 => amount / price,
        }
    };
    in_usdc(swap.input, swap.amount_in) - in_usdc(swap.input.other(), swap.amount_out)
}

#[test]
fn a_swap_costs_the_value_given_less_the_value_received() {
    for footprint in FOOTPRINTS {
        let setup = setup(&format!(
            "footprint = \"{footprint}\"\n[[strategy]]\nkind = \"recentre\"\n\
             half_width_ticks = 300\nthreshold_ticks = 200\n"
        ));
        let swaps = own_swaps(&setup);
        assert!(swaps.len() > 3, "{} swaps", swaps.len());
        let by_hand: Vec<f64> = swaps.iter().map(cost_by_hand).collect();
        for (swap, cost) in swaps.iter().zip(&by_hand) {
            // Never less than the fee of 0.05 %, of what was paid in.
            let price = price_of_token0(swap.price);
            let paid: f64 = swap.amount_in.to_string().parse().unwrap();
            let paid = if swap.input == Side::Token0 { paid } else { paid / price };
            assert!(*cost >= paid * 0.000_499_999, "{cost} for {paid}");
        }
        let finished = run(setup);
        let record = &finished.runs[0].record;
        let reported = float(record.settlement.identity.swap_cost);
        let by_hand: f64 = by_hand.iter().sum();
        // Each of the two values of a swap is rounded down to a raw unit.
        let rounding = 2.0 * swaps.len() as f64;
        assert!((reported - by_hand).abs() <= rounding, "{reported}, by hand {by_hand}");
        let details = record.actions.iter().filter(|action| action.what == "swap");
        let amounts = |swap: &OwnSwap| (swap.amount_in.to_string(), swap.amount_out.to_string());
        let matching = details.zip(&swaps).filter(|(action, swap)| {
            let (amount_in, amount_out) = amounts(swap);
            action.detail.starts_with(&amount_in) && action.detail.contains(&amount_out)
        });
        assert_eq!(matching.count(), swaps.len());
    }
}
