//! Limits that are off until they are set: how they are written, and runs of the week under them.

use tidemill_engine::Journal;
use tidemill_model::{AssetId, EventBody, OutcomeKind};
use tidemill_replay::{BacktestConfig, Setup, audit, record_journal};
use tidemill_risk::{
    AssetLimit, BreakEven, Budget, DecisionKind, DepthLimit, DeviationLimit, ExposureLimits, Fall,
    Minutes, RangeTimer, Refusal, Safeguards, StopCause, StopRule, ValueLimits,
};
use tidemill_units::{Amount, Bps};

use crate::data::{run, setup, week};

const DOCUMENTATION: &str = include_str!("../../../../docs/configuration.md");

const EVERYTHING: &str = r#"
[limits]
max_asset = { WETH = "1.5", USDC = "7" }
max_pool_quote = "1"
max_chain_quote = "2"
max_venue_quote = "3"
max_gross_quote = "4"
max_net_exposure_quote = "5"
max_delta_quote = "6"
max_concentration_bps = 7
min_depth_quote = "8"
min_depth_within_ticks = 9
max_pool_share_bps = 10
max_slippage_bps = 11
max_price_deviation_bps = 12
price_mean_minutes = 13
max_silence_minutes = 14
max_openings_per_day = 15
max_swap_quote_per_day = "16"
max_gas_quote_per_day = "17"
stop_loss_bps = 18
trailing_stop_bps = 19
position_stop_loss_bps = 20
position_trailing_stop_bps = 21
stop_cool_down_minutes = 22
out_of_range_minutes = 23
back_in_range_minutes = 24
break_even_margin_bps = 25
break_even_horizon_hours = 26
"#;

fn minutes(minutes: u32) -> Minutes {
    Minutes::new(minutes).unwrap()
}

fn refused(toml: &str) -> String {
    let config = BacktestConfig::from_toml(toml).unwrap();
    config.resolve(week()).unwrap_err().to_string()
}

#[test]
fn every_limit_is_read_as_written() {
    let dollars = |whole: u64| Some(Amount::from_u64(whole * 1_000_000));
    let asset = |asset, most| AssetLimit { asset: AssetId(asset), most: Amount::from_u64(most) };
    let expected = Safeguards {
        assets: vec![asset(0, 7_000_000), asset(1, 1_500_000_000_000_000_000)],
        values: ValueLimits {
            pool: dollars(1),
            chain: dollars(2),
            venue: dollars(3),
            gross: dollars(4),
        },
        exposures: ExposureLimits { net: dollars(5), delta: dollars(6) },
        max_concentration: Some(Bps(7)),
        depth: Some(DepthLimit { least: dollars(8).unwrap(), within_ticks: 9 }),
        max_pool_share: Some(Bps(10)),
        max_slippage: Some(Bps(11)),
        price_deviation: Some(DeviationLimit { most: Bps(12), over: minutes(13) }),
        max_silence: Some(minutes(14)),
        budget: Budget {
            max_openings_per_day: Some(15),
            max_swap_quote_per_day: dollars(16),
            max_gas_quote_per_day: dollars(17),
        },
        portfolio_stop: StopRule { stop_loss: Fall::new(18), trailing: Fall::new(19) },
        position_stop: StopRule { stop_loss: Fall::new(20), trailing: Fall::new(21) },
        cool_down: Some(minutes(22)),
        out_of_range: Some(RangeTimer { close_after: minutes(23), reset_after: Some(minutes(24)) }),
        break_even: Some(BreakEven { margin: Bps(25), horizon: minutes(26 * 60) }),
    };
    assert_eq!(setup(EVERYTHING).safeguards, expected);
    assert_eq!(setup("").safeguards, Safeguards::default());
    let few = "[limits]\nmin_depth_quote = \"1\"\nmax_price_deviation_bps = 1\n\
               out_of_range_minutes = 1\nbreak_even_margin_bps = 1\n";
    let Safeguards { depth, price_deviation, out_of_range, break_even, .. } = setup(few).safeguards;
    assert_eq!(depth.unwrap().within_ticks, 100);
    assert_eq!(price_deviation.unwrap().over, minutes(30));
    assert_eq!(out_of_range.unwrap().reset_after, None);
    assert_eq!(break_even.unwrap().horizon, minutes(24 * 60));
}

#[test]
fn numbers_have_the_documented_ranges() {
    for (key, largest, beside) in [
        ("max_concentration_bps", 10_000, ""),
        ("min_depth_within_ticks", 887_272, "min_depth_quote = \"1\""),
        ("max_pool_share_bps", 10_000, ""),
        ("max_slippage_bps", 10_000, ""),
        ("max_price_deviation_bps", 10_000, ""),
        ("price_mean_minutes", 1_440, "max_price_deviation_bps = 1"),
        ("max_silence_minutes", 10_080, ""),
        ("max_openings_per_day", 10_000, ""),
        ("stop_loss_bps", 9_999, ""),
        ("trailing_stop_bps", 9_999, ""),
        ("position_stop_loss_bps", 9_999, ""),
        ("position_trailing_stop_bps", 9_999, ""),
        ("stop_cool_down_minutes", 525_600, "position_stop_loss_bps = 1"),
        ("out_of_range_minutes", 525_600, ""),
        ("back_in_range_minutes", 525_600, "out_of_range_minutes = 1"),
        ("break_even_margin_bps", 1_000_000, ""),
        ("break_even_horizon_hours", 8_760, "break_even_margin_bps = 1"),
    ] {
        let with = |value: u32| format!("[limits]\n{key} = {value}\n{beside}\n");
        for value in [1, largest] {
            assert_ne!(setup(&with(value)).safeguards, Safeguards::default(), "{key} = {value}");
        }
        let allowed = format!("1 to {largest}");
        for value in [0, largest + 1] {
            let message = format!("limits.{key} is {value}; allowed is {allowed}");
            assert_eq!(refused(&with(value)), message);
        }
        let row = DOCUMENTATION.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        assert!(row.unwrap().contains(&format!("| {allowed}")), "{row:?}");
    }
}

#[test]
fn amounts_are_of_known_tokens_and_have_no_sign() {
    let refusal = refused("[limits]\nmax_asset = { DAI = \"1\" }");
    assert_eq!(refusal, "limits.max_asset is DAI; allowed is USDC or WETH");
    for key in [
        "max_pool_quote",
        "max_chain_quote",
        "max_venue_quote",
        "max_gross_quote",
        "max_net_exposure_quote",
        "max_delta_quote",
        "min_depth_quote",
        "max_swap_quote_per_day",
        "max_gas_quote_per_day",
    ] {
        let refusal = refused(&format!("[limits]\n{key} = \"-1\""));
        assert!(refusal.starts_with(&format!("limits.{key} is `-1`; allowed is ")), "{refusal}");
        assert_ne!(
            setup(&format!("[limits]\n{key} = \"0\"")).safeguards,
            Safeguards::default(),
            "{key}"
        );
    }
    let refusal = refused("[limits]\nmax_asset = { WETH = \"-1\" }");
    assert!(refusal.starts_with("limits.max_asset is `-1`; allowed is "), "{refusal}");
}

#[test]
fn a_limit_that_stands_alone_and_says_nothing_is_refused() {
    for (key, beside) in [
        ("min_depth_within_ticks", "limits.min_depth_quote"),
        ("price_mean_minutes", "limits.max_price_deviation_bps"),
        (
            "stop_cool_down_minutes",
            "limits.position_stop_loss_bps or limits.position_trailing_stop_bps",
        ),
        ("back_in_range_minutes", "limits.out_of_range_minutes"),
        ("break_even_horizon_hours", "limits.break_even_margin_bps"),
    ] {
        let message = format!("limits.{key} is 5; allowed is only beside {beside}");
        assert_eq!(refused(&format!("[limits]\n{key} = 5\n")), message);
    }
}

const RECENTRE: &str = "[[strategy]]\nkind = \"recentre\"\nhalf_width_ticks = 300\n\
                        threshold_ticks = 200\n";

fn recentred(limits: &str) -> Setup {
    setup(&format!("[limits]\n{limits}\n{RECENTRE}"))
}

/// When positions were opened, in seconds.
fn openings(journal: &Journal) -> Vec<u64> {
    let opened = journal.events.iter().filter(|event| {
        matches!(&event.body, EventBody::Outcome(outcome)
            if matches!(outcome.kind, OutcomeKind::Opened { .. }))
    });
    opened.map(|event| event.second().0).collect()
}

fn journal(setup: &Setup) -> Journal {
    record_journal(week(), setup, &setup.strategies[0]).unwrap().0
}

#[test]
fn limits_that_are_never_reached_change_no_decision() {
    let without = recentred("");
    let far = "max_asset = { WETH = \"1000000\" }\nmax_pool_quote = \"100000000\"\n\
               max_slippage_bps = 10000\nmax_pool_share_bps = 10000\ntrailing_stop_bps = 9999\n\
               position_stop_loss_bps = 9999\nout_of_range_minutes = 525600\n\
               max_gas_quote_per_day = \"1000000\"\nmin_depth_quote = \"0\"";
    let with = recentred(far);
    let (before, after) = (run(without.clone()), run(with.clone()));
    let [before, after] = [&before.runs[0], &after.runs[0]];
    assert_eq!(before.record.actions, after.record.actions);
    assert_eq!(before.refused, after.refused);
    assert_ne!(before.digest, after.digest, "what a run is held to is part of its digest");
    assert_eq!(journal(&without), journal(&with));
    assert_eq!(before.decisions, []);
}

#[test]
fn openings_of_the_week_keep_to_the_budget() {
    let free = openings(&journal(&recentred("")));
    let worst = free
        .iter()
        .map(|at| free.iter().filter(|other| at - 86_400 < **other && *other <= at).count());
    assert!(worst.max() > Some(2), "the week asks for more than two a day: {free:?}");
    let limited = recentred("max_openings_per_day = 2");
    let kept = openings(&journal(&limited));
    assert!(!kept.is_empty());
    for at in &kept {
        let day = kept.iter().filter(|other| at - 86_400 < **other && *other <= at);
        assert!(day.count() <= 2, "{kept:?}");
    }
    let run = &run(limited).runs[0];
    let is_budget = |refusal: &Refusal| matches!(refusal, Refusal::TooManyOpenings { .. });
    assert!(run.refused.iter().any(|refused| is_budget(&refused.refusal)));
}

#[test]
fn a_stop_ends_the_week_early_and_its_run_replays_to_its_digest() {
    let stopped = recentred("trailing_stop_bps = 50");
    let strategy = &stopped.strategies[0];
    let (journal, digest) = record_journal(week(), &stopped, strategy).unwrap();
    let run = &run(stopped.clone()).runs[0];
    assert_eq!(run.digest, digest);
    let cause = Refusal::Stopped(StopCause::TrailingStop);
    assert!(run.refused.iter().any(|refused| refused.refusal == cause), "{:?}", run.refused);
    let last = openings(&journal).last().copied().unwrap();
    let end = week().events.last().unwrap().time.0;
    assert!(end - last > 86_400, "nothing is opened after the stop");
    assert_eq!(audit(week(), &stopped, strategy, journal).unwrap(), digest);
}

#[test]
fn rebalances_of_the_week_are_kept_with_what_they_brought() {
    let gated = recentred("break_even_margin_bps = 1\nbreak_even_horizon_hours = 12");
    let run_of = |setup: Setup| run(setup).runs.remove(0);
    let lax_setup = gated.clone();
    let lax = run_of(gated);
    let rebalances = lax.decisions.iter().filter(|one| one.kind == DecisionKind::Rebalance);
    let realised: Vec<_> = rebalances.clone().filter_map(|one| one.realised).collect();
    assert!(rebalances.clone().count() > 3, "{:?}", lax.decisions);
    assert!(realised.len() + 1 >= rebalances.clone().count(), "all but the last are over");
    for one in rebalances {
        assert!(!one.predicted_cost.is_zero() && !one.predicted_gain.is_zero(), "{one:?}");
    }
    for realised in realised {
        // The horizon is over at the first event after it.
        assert!(realised.after_seconds < 12 * 3_600 + 600, "{realised:?}");
    }
    let strict = recentred("break_even_margin_bps = 1000000\nbreak_even_horizon_hours = 1");
    let kept = openings(&journal(&strict)).len();
    assert!((1..openings(&journal(&lax_setup)).len()).contains(&kept), "{kept} openings");
    let strict = run_of(strict);
    let is_gate = |refusal: &Refusal| matches!(refusal, Refusal::NotWorthwhile { .. });
    assert!(strict.refused.iter().any(|refused| is_gate(&refused.refusal)));
}

/// A stake of about half a million dollars at 3.65 % a year earns a ten-thousandth of itself each
/// day, and what is compounded a ten-thousandth of that.
#[test]
fn compounding_is_worth_what_it_earns_itself() {
    let staked = |limits: &str| {
        let setup = setup(&format!(
            "[limits]\n{limits}\n[[staking]]\nkind = \"validator_staking\"\ntoken = \"WETH\"\n\
             yearly_rate = \"0.0365\"\nunbonding_hours = 30\n[[strategy]]\nkind = \"stake\"\n\
             compound_every_days = 1\n"
        ));
        run(setup).runs.remove(0)
    };
    let year = staked("break_even_margin_bps = 1\nbreak_even_horizon_hours = 8760");
    let [first, .., last] = &year.decisions[..] else { panic!("{:?}", year.decisions) };
    assert_eq!((first.kind, last.realised), (DecisionKind::Compound, None));
    let dollars = |amount: Amount| amount.to_string().parse::<f64>().unwrap() / 1e6;
    // Fifty dollars a day, and half a cent a day of them for 365 days.
    let gain = dollars(first.predicted_gain);
    assert!((1.5..2.1).contains(&gain), "{gain}");
    let realised = first.realised.unwrap();
    let days = realised.after_seconds as f64 / 86_400.0;
    assert!((0.9..1.2).contains(&days), "{days} until it was compounded again");
    let a_year = dollars(realised.gain) * 365.0 / days;
    // At another day's price of ether.
    assert!((a_year / gain - 1.0).abs() < 0.2, "{a_year} against {gain}");
    let day = staked("break_even_margin_bps = 10000\nbreak_even_horizon_hours = 24");
    assert_eq!(day.decisions, [], "a cent does not pay for gas");
    let is_gate = |refusal: &Refusal| {
        matches!(refusal, Refusal::NotWorthwhile { kind: DecisionKind::Compound, .. })
    };
    assert!(day.refused.iter().any(|refused| is_gate(&refused.refusal)), "{:?}", day.refused);
}
