use super::recentre;
use tidemill_model::InstrumentId;
use tidemill_units::{Amount, TokenIndex};

use crate::{
    BuildError, HedgeSetup, Hold, PairLeg, PairSetup, ParameterError, PoolFacts, Services,
    StrategyConfig, StrategyKind, bounded,
};

const FACTS: PoolFacts = PoolFacts::Concentrated { tick_spacing: 60 };

fn parse(text: &str) -> Result<StrategyConfig, String> {
    toml::from_str::<StrategyConfig>(text).map_err(|error| error.message().to_owned())
}

#[track_caller]
fn out_of_range(built: Result<(), BuildError>) -> ParameterError {
    match built {
        Err(BuildError::Parameter(error)) => error,
        other => panic!("{other:?} where a parameter is out of range"),
    }
}

/// Builds a strategy of a kind with one parameter set; the others have their defaults.
#[track_caller]
fn check(kind: &str, parameter: &str, value: &str, allowed: Option<&str>) {
    let config = parse(&format!("kind = \"{kind}\"\n{parameter} = {value}")).expect("a strategy");
    let built = config.kind.build(FACTS).map(drop);
    let (_, name) = parameter.rsplit_once('\n').unwrap_or(("", parameter));
    match allowed {
        None => assert_eq!(built, Ok(()), "{kind} {parameter} {value}"),
        Some(allowed) => {
            let error = out_of_range(built);
            assert_eq!((error.name, error.allowed.as_str()), (name, allowed));
            assert_eq!(
                error.to_string(),
                format!("{name} is {}; allowed is {allowed}", error.value)
            );
            assert_eq!(error.value, value.trim_end_matches(".0"));
        }
    }
}

#[test]
fn widths_are_from_the_tick_spacing_to_half_of_all_ticks() {
    let allowed = Some("60 to 443636");
    for (kind, parameter) in [
        ("fixed_range", "half_width_ticks"),
        ("recentre", "half_width_ticks"),
        ("volatility_range", "min_half_width_ticks"),
    ] {
        check(kind, parameter, "60", None);
        check(kind, parameter, "59", allowed);
        check(kind, parameter, "-600", allowed);
        check(kind, parameter, "443637", allowed);
    }
    check("fixed_range", "half_width_ticks", "443636", None);
    check("volatility_range", "max_half_width_ticks", "443636", None);
    check("volatility_range", "max_half_width_ticks", "200", None);
    check("volatility_range", "max_half_width_ticks", "199", Some("200 to 443636"));
}

#[test]
fn thresholds_are_at_least_a_tick() {
    check("recentre", "threshold_ticks", "1", None);
    check("recentre", "threshold_ticks", "443636", None);
    check("recentre", "threshold_ticks", "0", Some("1 to 443636"));
    check("recentre", "threshold_ticks", "443637", Some("1 to 443636"));
}

#[test]
fn the_measure_of_volatility_has_its_ranges_too() {
    let kind = "volatility_range";
    for (parameter, good, bad, allowed) in [
        ("sigmas", ["0.1", "20.0"], ["0.09", "20.1"], "0.1 to 20"),
        ("horizon_days", ["0.01", "365.0"], ["0.009", "366.0"], "0.01 to 365"),
        ("half_life_hours", ["0.1", "8760.0"], ["0.01", "8761.0"], "0.1 to 8760"),
        ("sample_minutes", ["1", "1440"], ["0", "1441"], "1 to 1440"),
    ] {
        good.iter().for_each(|value| check(kind, parameter, value, None));
        bad.iter().for_each(|value| check(kind, parameter, value, Some(allowed)));
    }
    for value in ["nan", "inf", "-inf"] {
        let config = parse(&format!("kind = \"{kind}\"\nsigmas = {value}")).expect("a number");
        let error = out_of_range(config.kind.build(FACTS).map(drop));
        assert_eq!((error.name, error.allowed.as_str()), ("sigmas", "0.1 to 20"));
    }
}

#[test]
fn both_ends_of_a_range_are_allowed_and_nothing_beyond() {
    assert_eq!(bounded("n", 1, (1, 3)), Ok(1));
    assert_eq!(bounded("n", 3, (1, 3)), Ok(3));
    let error = |value: i32| ParameterError {
        name: "n",
        value: value.to_string(),
        allowed: "1 to 3".into(),
    };
    assert_eq!(bounded("n", 0, (1, 3)), Err(error(0)));
    assert_eq!(bounded("n", 4, (1, 3)), Err(error(4)));
}

#[test]
fn what_is_written_comes_back() {
    let text =
        "name = \"mine\"\nkind = \"recentre\"\nhalf_width_ticks = 120\nthreshold_ticks = 60\n";
    let config = parse(text).expect("a strategy");
    assert_eq!(config.name(), "mine");
    assert_eq!(config.kind, recentre(120, 60));
    assert_eq!(toml::to_string(&config).as_deref(), Ok(text));
    assert_eq!(parse("kind = \"hold\"").map(|config| config.name()).as_deref(), Ok("hold"));
}

#[test]
fn a_typing_error_is_not_a_default() {
    for text in [
        "kind = \"recentre\"\nhalf_width = 120",
        "kind = \"hold\"\nhalf_width_ticks = 120",
        "kind = \"hodl\"",
        "half_width_ticks = 120",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn every_kind_has_a_name_a_summary_and_its_parameters_as_they_are_written() {
    let mut kinds = StrategyKind::defaults(Some(FACTS));
    assert_eq!(kinds.len(), 4);
    kinds.push(StrategyKind::Hold(Hold {}));
    for kind in kinds {
        assert!(kind.build(FACTS).is_ok(), "{kind:?}");
        assert!(!kind.summary().is_empty());
        let config = StrategyConfig::of(kind.clone());
        let text = toml::to_string(&config).expect("plain values");
        assert!(text.contains(&format!("kind = \"{}\"", kind.name())), "{text}");
        let written = text.lines().filter(|line| !line.starts_with("kind")).count();
        assert_eq!(kind.parameters().len(), written, "{text}");
        for (name, value) in kind.parameters() {
            assert!(text.contains(&format!("{name} = {value}")), "{name} {value} in {text}");
        }
    }
}

#[test]
fn a_pool_of_shares_has_room_for_strategies_without_ranges_only() {
    let shares = PoolFacts::Shares { kind: "stable_swap" };
    let names = |kinds: Vec<StrategyKind>| kinds.iter().map(StrategyKind::name).collect::<Vec<_>>();
    assert_eq!(names(StrategyKind::defaults(Some(shares))), ["hold", "full_range"]);
    for kind in StrategyKind::defaults(Some(FACTS)) {
        let built = kind.build(shares).map(drop);
        let strategy = kind.name();
        if strategy == "full_range" {
            assert_eq!(built, Ok(()));
        } else {
            assert_eq!(built, Err(BuildError::NeedsRanges { strategy, pool: "stable_swap" }));
        }
    }
}

/// What of a run's digest says how its strategy was told to decide.
#[test]
fn the_form_that_digests_contain_stays() {
    let forms: Vec<_> = StrategyKind::every().iter().map(|kind| format!("{kind:?}")).collect();
    let expected = [
        "Hold",
        "FullRange",
        "FixedRange { half_width_ticks: 600 }",
        "Stake { staking: None, compound_every_days: None, leave_after_days: None }",
        "Vote { voting: None, lock_bps: 10000, lock_weeks: None, most_gauges: 10, \
         vote_hours_before_end: 6, extend: false, claim: BreakEven, claim_every_hours: None, \
         proceeds: Sell, max_sale_cost_bps: 200 }",
        "Recentre { half_width_ticks: 600, threshold_ticks: 600 }",
        "VolatilityRange { sigmas: 2.0, horizon_days: 1.0, half_life_hours: 24.0, \
         sample_minutes: 5, min_half_width_ticks: 200, max_half_width_ticks: 5000 }",
    ];
    assert_eq!(forms[..expected.len()], expected);
}

/// Two contracts that are paid in a token of six decimals, and a third to hedge with.
fn exchange() -> Services {
    let step = Amount::from_u64(1);
    let leg = |number| PairLeg { instrument: InstrumentId(number), step, is_contract: true };
    let pair = Some(PairSetup { legs: [leg(0), leg(1)], quote_decimals: 6 });
    let hedge = Some(HedgeSetup { instrument: InstrumentId(2), base: TokenIndex(0), step });
    Services { pair, hedge, ..Services::default() }
}

#[test]
fn the_parameters_of_a_pair_have_their_ranges() {
    let built = |parameter: &str, value: &str| {
        let config = parse(&format!("kind = \"pairs\"\n{parameter} = {value}"));
        config.expect("a strategy").build(FACTS, exchange()).map(drop)
    };
    for (parameter, good, bad, allowed) in [
        ("sample_minutes", ["1", "1440"], ["0", "1441"], "1 to 1440"),
        ("window_samples", ["20", "10000"], ["19", "10001"], "20 to 10000"),
        ("lags", ["0", "8"], ["9", "10"], "0 to 8"),
        ("significance_bps", ["100", "10000"], ["0", "501"], "100, 500, 1000 or 10000"),
        ("entry_sigmas", ["0.5", "4.0"], ["0.09", "20.1"], "0.1 to 20"),
        ("exit_sigmas", ["0.0", "2.0"], ["-0.1", "2.1"], "0 to 2"),
        ("stop_sigmas", ["2.0", "100.0"], ["1.9", "100.1"], "2 to 100"),
        ("min_half_life_minutes", ["1", "4320"], ["0", "4321"], "1 to 4320"),
        ("max_half_life_minutes", ["60", "525600"], ["0", "525601"], "1 to 525600"),
        ("max_hold_minutes", ["1", "525600"], ["0", "525601"], "1 to 525600"),
        ("max_price_age_seconds", ["1", "86400"], ["0", "86401"], "1 to 86400"),
        ("max_slippage_bps", ["1", "1000"], ["0", "1001"], "1 to 1000"),
    ] {
        good.iter().for_each(|value| assert_eq!(built(parameter, value), Ok(()), "{parameter}"));
        for value in bad {
            let error = out_of_range(built(parameter, value));
            assert_eq!((error.name, error.allowed.as_str()), (parameter, allowed), "{value}");
        }
    }
    assert_eq!(built("notional_quote", "\"0.000001\""), Ok(()));
    for value in ["0", "", "-5", "1e3", "0.0000001", "$5"] {
        let error = out_of_range(built("notional_quote", &format!("\"{value}\"")));
        assert_eq!((error.name, error.value), ("notional_quote", format!("`{value}`")));
    }
}

#[test]
fn a_pair_needs_two_instruments_and_is_hedged_with_a_third() {
    let pairs = parse("kind = \"pairs\"\nhedge = {}").expect("a strategy");
    let build = |services: Services| pairs.build(FACTS, services).map(drop);
    assert_eq!(build(exchange()), Ok(()));
    let none = Services { pair: None, ..exchange() };
    assert_eq!(build(none), Err(BuildError::NothingToPair));
    let hedge = exchange().hedge.map(|hedge| HedgeSetup { instrument: InstrumentId(1), ..hedge });
    assert_eq!(build(Services { hedge, ..exchange() }), Err(BuildError::HedgesItsPair));
    let farmed = parse("kind = \"pairs\"\nfarm = {}").expect("a strategy");
    let refused = farmed.build(FACTS, exchange()).map(drop);
    assert_eq!(refused, Err(BuildError::NothingToFarm));
}

#[test]
fn every_kind_that_can_be_written_is_in_the_list_of_every_kind() {
    let refusal = parse("kind = \"unknown\"").expect_err("no such kind");
    let (_, list) = refusal.split_once("expected one of ").expect("a list");
    let written: Vec<_> = list.split('`').skip(1).step_by(2).collect();
    let listed: Vec<_> = StrategyKind::every().iter().map(StrategyKind::name).collect();
    assert_eq!(listed, written);
}
