//! What rules ask for, event by event. A raw unit is a whole token here, and the price is token1
//! per token0.

use std::collections::BTreeMap;

use tidemill_model::Tape;
use tidemill_units::Side;

use super::synthetic_tape::SyntheticTape;
use super::{Desk, MILLION, amounts, asked, without_amounts};
use crate::{
    FixedRange, FullRange, Hold, Recentre, RecentreReset, RulesConfig, StrategyConfig,
    StrategyKind, VolatilityRange,
};

fn rules(text: &str) -> StrategyKind {
    let text = Some(format!("hypothesis = \"A test.\"\n{text}"));
    StrategyKind::Rules(RulesConfig { text, ..RulesConfig::default() })
}

/// A deep pool that stands at each of these ticks for eleven blocks.
fn path(ticks: &[i32]) -> SyntheticTape {
    let mut synthetic = SyntheticTape::deep_at_tick(ticks[0]);
    for tick in &ticks[1..] {
        synthetic.skip_blocks(5);
        synthetic.swap_to(*tick);
        for _ in 0..6 {
            synthetic.skip_blocks(1);
            // One unit is all fee: the price stays.
            synthetic.swap_in(Side::Token0, 1);
        }
    }
    synthetic
}

#[track_caller]
fn check(text: &str, ticks: &[i32], expected: &[&str]) {
    let asked = asked(&rules(text), MILLION, path(ticks).tape());
    assert_eq!(without_amounts(&asked), expected, "{asked:#?}");
}

/// Why it has stopped at the end, if it has; and how often it asked for something.
fn stopped(text: &str, tape: &Tape) -> (Option<String>, usize) {
    let mut desk = Desk::new(&StrategyConfig::of(rules(text)), MILLION, tape);
    for recorded in &tape.events {
        desk.sequence += 1;
        desk.market.apply(&super::chain_event(desk.sequence, recorded)).expect("it reproduces");
        desk.decide();
        desk.settle();
    }
    (desk.strategy.fault().map(ToString::to_string), desk.asked.len())
}

#[test]
fn a_twin_asks_for_what_its_library_strategy_asks_for() {
    let recentre = |half_width_ticks, threshold_ticks| {
        let reset = RecentreReset::Tau { threshold_ticks };
        StrategyKind::Recentre(Recentre { half_width_ticks, reset })
    };
    let volatility = StrategyKind::VolatilityRange(VolatilityRange::default());
    let file = |text: &'static str| {
        move |parameters: &[(&str, f64)]| {
            let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), *value));
            let parameters: BTreeMap<_, _> = parameters.collect();
            let text = Some(text.to_owned());
            StrategyKind::Rules(RulesConfig { text, parameters, ..RulesConfig::default() })
        }
    };
    let hold = file(include_str!("../../../../examples/rules/hold.toml"));
    let full = file(include_str!("../../../../examples/rules/full_range.toml"));
    let fixed = file(include_str!("../../../../examples/rules/fixed_range.toml"));
    let moving = file(include_str!("../../../../examples/rules/recentre.toml"));
    let adapting = file(include_str!("../../../../examples/rules/volatility_range.toml"));
    let twins = [
        (StrategyKind::Hold(Hold {}), hold(&[])),
        (StrategyKind::FullRange(FullRange {}), full(&[])),
        (StrategyKind::FixedRange(FixedRange { half_width_ticks: 600 }), fixed(&[])),
        (recentre(600, 600), moving(&[])),
        (recentre(60, 10), moving(&[("half_width_ticks", 60.0), ("threshold_ticks", 10.0)])),
        (volatility, adapting(&[])),
    ];
    let ticks = [0, 5, 11, 9, -2, -13, 700, 1_500, 60, 61, -2_000, -300, -301, 4_000];
    for wallet in [MILLION, amounts(0, 2_000_000), amounts(7, 0), amounts(0, 0)] {
        for (library, twin) in &twins {
            let path = path(&ticks);
            let expected = asked(library, wallet, path.tape());
            assert_eq!(asked(twin, wallet, path.tape()), expected, "{library:?} {wallet:?}");
        }
    }
}

#[test]
fn the_first_rule_that_holds_and_has_something_to_do_acts() {
    // The first always holds, and has nothing to do where something is open.
    let text = "[[rule]]\nwhen = true\ndo = \"open\"\nhalf_width_ticks = 60\n\
                [[rule]]\nwhen = \"tick > 100\"\ndo = \"close\"\n\
                [[rule]]\nwhen = \"tick > 50\"\ndo = \"unstake\"\n";
    let asked = asked(&rules(text), MILLION, path(&[0, 150]).tape());
    let expected = ["0: open -60..60", "5: close", "5: swap", "6: open 60..240", "7: close"];
    assert_eq!(without_amounts(&asked)[..5], expected, "{asked:#?}");
}

#[test]
fn recentring_closes_and_opens_by_one_rule() {
    let text = "[[rule]]\nwhen = \"!is_open || minutes_out_of_range > 0\"\ndo = \"recentre\"\n\
                half_width_ticks = 60\n";
    // In block 5 the price leaves the range; that it has been outside for a time is so in block 6.
    check(text, &[0, 300, 310], &["0: open -60..60", "6: close", "6: swap", "7: open 240..360"]);
}

#[test]
fn a_move_that_has_begun_is_finished_whatever_holds_then() {
    // Back inside by the time that the position is closed.
    let text = "[[rule]]\nwhen = \"!is_open && minutes_since_start == 0\"\ndo = \"open\"\n\
                half_width_ticks = 60\n\
                [[rule]]\nwhen = \"tick == 300\"\ndo = \"recentre\"\nhalf_width_ticks = 120\n";
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.skip_blocks(1);
    synthetic.swap_in(Side::Token0, 1);
    synthetic.skip_blocks(1);
    synthetic.swap_to(300);
    synthetic.skip_blocks(1);
    synthetic.swap_to(0);
    for _ in 0..4 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, 1);
    }
    let asked = asked(&rules(text), MILLION, synthetic.tape());
    let lines = without_amounts(&asked);
    // Back at zero, or a tick below it.
    let expected = ["0: open -60..60", "2: close", "2: swap", "3: open -180..120"];
    assert_eq!(lines, expected, "{asked:#?}");
}

#[test]
fn rules_tell_positions_apart_by_name() {
    let text = "[[rule]]\nposition = \"below\"\nwhen = \"!is_open && tick < 100\"\ndo = \"open\"\n\
                lower_tick = \"first_tick - 120\"\nupper_tick = \"first_tick\"\npart_bps = 5000\n\
                balance = false\n\
                [[rule]]\nposition = \"above\"\nwhen = \"!is_open && tick < 100\"\ndo = \"open\"\n\
                lower_tick = \"first_tick + 60\"\nupper_tick = \"first_tick + 180\"\n\
                balance = false\n\
                [[rule]]\nposition = \"above\"\nwhen = \"tick > upper_tick\"\ndo = \"close\"\n\
                [[rule]]\nposition = \"below\"\nwhen = \"tick > upper_tick + 300\"\n\
                do = \"close\"\n";
    let asked = asked(&rules(text), MILLION, path(&[0, 200, 400]).tape());
    assert_eq!(
        without_amounts(&asked),
        ["0: open -120..0", "0: open 60..180", "5: close", "16: close"],
        "{asked:#?}"
    );
    assert!(asked[0].ends_with("with 500000 and 500000"), "{asked:#?}");
}

#[test]
fn ranges_are_given_by_width_by_ticks_or_by_prices() {
    let opened = |keys: &str, tick: i32| {
        let text = format!("[[rule]]\nwhen = true\ndo = \"open\"\nbalance = false\n{keys}\n");
        let asked = asked(&rules(&text), MILLION, path(&[tick]).tape());
        let line = asked.first().expect(keys);
        line.split(' ').nth(2).expect("a range").to_owned()
    };
    // 2 % to either side: ln(1.02) / ln(1.0001) = 198.04, around 37 -161.04..235.04.
    assert_eq!(opened("width_bps = 400", 37), "-180..240");
    assert_eq!(opened("half_width_ticks = \"100 + 20 / 8\"", 37), "-120..180");
    assert_eq!(opened("half_width_ticks = 60\ncentre_tick = \"tick + 1000\"", 0), "900..1080");
    assert_eq!(opened("lower_tick = -61\nupper_tick = 60.5", 0), "-120..120");
    // ln(1.01) / ln(1.0001) = 99.5: up to 120, and -100.5: down to -120.
    assert_eq!(opened("lower_price = 0.99\nupper_price = 1.01", 0), "-120..120");
    assert_eq!(opened("lower_price = \"price\"\nupper_price = \"price * 1.5\"", 60), "60..4140");
    assert_eq!(opened("", 0), super::full().to_string());
}

#[test]
fn a_part_of_the_wallet_is_balanced_and_opened_and_the_rest_stays() {
    let text = "[[rule]]\nwhen = \"!is_open\"\ndo = \"open\"\nhalf_width_ticks = 600\n\
                part_bps = 2500\n";
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    for _ in 0..4 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token0, 1);
    }
    let asked = asked(&rules(text), amounts(0, 2_000_000), synthetic.tape());
    // A quarter, 500,000: half of it is swapped for 249,250 less a unit after a fee of 0.3 %, and
    // half a percent less is accepted.
    let expected =
        ["0: swap 250000 of Token1 for 248002 or more", "0: open -600..600 with 249249 and 250000"];
    assert_eq!(asked, expected);
}

#[test]
fn a_fixed_size_is_bought_where_the_price_is_low_and_not_too_often() {
    let text = "[[rule]]\nwhen = \"price < 1\"\ndo = \"swap\"\nsell_quote = 1000\n\
                every_minutes = 2\n";
    let mut synthetic = SyntheticTape::deep_at_tick(0);
    synthetic.skip_blocks(3);
    synthetic.swap_to(-10);
    // Twelve seconds a block: two minutes are ten of them.
    for _ in 0..22 {
        synthetic.skip_blocks(1);
        synthetic.swap_in(Side::Token1, 1);
    }
    let asked = asked(&rules(text), MILLION, synthetic.tape());
    let starts: Vec<_> = asked.iter().filter_map(|line| line.split(" for ").next()).collect();
    let swap = "swap 1000 of Token1";
    assert_eq!(starts, [format!("3: {swap}"), format!("13: {swap}"), format!("23: {swap}")]);
}

/// A fault is no zero and no silence: it ends the strategy, and says where.
#[test]
fn a_fault_stops_the_strategy_for_good_and_names_its_place() {
    let text = "[[rule]]\nwhen = \"1 / (tick - 40) > 0\"\ndo = \"close\"\n";
    let (reason, count) = stopped(text, path(&[0, 40, 80]).tape());
    let expected = "text:3:11: this divides by zero in `1 / (tick - 40) > 0`";
    assert_eq!((reason.as_deref(), count), (Some(expected), 0));
    let text = "[[rule]]\nwhen = \"tick == 40\"\ndo = \"open\"\nhalf_width_ticks = \"tick - 41\"\n";
    let (reason, count) = stopped(text, path(&[0, 40, 80]).tape());
    let expected = "text:5:21: half_width_ticks is -1; allowed is 1 to 443636";
    assert_eq!((reason.as_deref(), count), (Some(expected), 0));
    let text = "[[rule]]\nwhen = true\ndo = \"open\"\nlower_tick = 60\nupper_tick = \"tick\"\n";
    let (reason, _) = stopped(text, path(&[0, 80]).tape());
    assert_eq!(reason.as_deref(), Some("text:6:15: the upper end is not above the lower one"));
    let text = "[[rule]]\nwhen = true\ndo = \"swap\"\nsell_base = \"0 - price\"\n";
    let (reason, _) = stopped(text, path(&[0, 80]).tape());
    let expected = "text:5:14: sell_base is -1; allowed is an amount of at least zero";
    assert_eq!(reason.as_deref(), Some(expected));
    let text = "[[rule]]\nwhen = true\ndo = \"open\"\nlower_price = \"-price\"\nupper_price = 2\n";
    let (reason, _) = stopped(text, path(&[0, 80]).tape());
    let expected = "text:5:16: lower_price is -1; allowed is a price of the pool";
    assert_eq!(reason.as_deref(), Some(expected));
    let never =
        "[[rule]]\nwhen = \"tick > 1000\"\ndo = \"open\"\nhalf_width_ticks = \"1 / (tick - 40)\"\n";
    assert_eq!(stopped(never, path(&[0, 40]).tape()), (None, 0), "what is not asked is no fault");
}

/// While a number is not known, a rule that takes it waits, and the next has its turn.
#[test]
fn a_rule_waits_for_what_is_not_known_yet() {
    let text = "[signals]\naverage = { kind = \"sma\", length = 3, every_minutes = 1 }\n\
                [[rule]]\nwhen = \"!is_open\"\ndo = \"open\"\n\
                half_width_ticks = \"60 * average\"\n";
    // Samples are taken in blocks 0, 5 and 10 (a minute is five blocks): then there are three.
    let asked = asked(&rules(text), MILLION, path(&[0, 1, 0]).tape());
    assert_eq!(without_amounts(&asked), ["10: swap", "10: open -60..120"], "{asked:#?}");
}

#[test]
fn named_values_have_the_units_that_they_say() {
    let holds = |claim: &str, ticks: &[i32]| {
        let text = format!("[[rule]]\nwhen = \"{claim}\"\ndo = \"open\"\nbalance = false\n");
        let (reason, count) = stopped(&text, path(ticks).tape());
        assert_eq!(reason, None, "{claim}");
        count > 0
    };
    for claim in [
        "tick == 60 && abs(price - 1.0001 ** 60) < 1e-9",
        "first_tick == 60 && first_price == price",
        "tick_spacing == 60 && fee_bps == 30",
        "block == 1000 && now_seconds == 1700000000",
        // 2023-11-14 22:13:20, a Tuesday.
        "hour_of_day == 22 && day_of_week == 2",
        "minutes_since_start == 0 && !is_known(minutes_since_action)",
        "available_quote == 1000000 && available_base == 1000000",
        "abs(wallet_value_quote - 1000000 * (1 + price)) < 2",
        "open_positions == 0 && positions_value_quote == 0",
        "!is_open && !is_known(in_range) && !is_known(is_staked)",
        "!is_known(lower_tick) && !is_known(upper_price) && !is_known(centre_tick)",
        "!is_known(position_value_quote) && !is_known(minutes_open) && !is_known(reward_quote)",
        "liquidity > 0 || tick == 60",
    ] {
        assert!(holds(claim, &[60]), "{claim}");
    }
    assert!(holds("minutes_since_start == 1 && block == 1005", &[60, 70]));
    let of_position = |claim: &str| {
        let text = format!(
            "[[rule]]\nwhen = \"!is_open\"\ndo = \"open\"\nhalf_width_ticks = 120\n\
             balance = false\n[[rule]]\nwhen = \"{claim}\"\ndo = \"close\"\n"
        );
        let asked = asked(&rules(&text), MILLION, path(&[0, 200]).tape());
        asked.iter().any(|line| line.ends_with("close"))
    };
    for claim in [
        "in_range && tick == 0",
        "lower_tick == -120 && upper_tick == 120 && centre_tick == 0",
        "abs(lower_price * upper_price - 1) < 1e-9 && lower_price < upper_price",
        "open_positions == 1 && positions_value_quote == position_value_quote",
        "abs(value_at_open_quote - 2000000) < 10 && price_at_open == 1",
        "!in_range && tick == 200 && minutes_out_of_range == 0.2",
        "!in_range && minutes_open == minutes_out_of_range + 1",
        "position_value_quote < value_at_open_quote + 1e6 && !is_staked",
        "minutes_since_action > 0 && available_quote < 10",
    ] {
        assert!(of_position(claim), "{claim}");
    }
    assert!(!of_position("in_range && tick == 200"));
}
