//! Configurations: what the documentation says of them, and what is refused.

use tidemill_replay::{BacktestConfig, Setup};
use tidemill_strategies::{FixedRange, Recentre, RecentreReset, StrategyKind, VolatilityRange};
use tidemill_units::TokenIndex;

use crate::data::{FIVE, setup, week};

const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/strategies");
const DOCUMENTATION: &str = include_str!("../../../../docs/configuration.md");

fn resolve(toml: &str) -> Result<Setup, String> {
    let config = BacktestConfig::from_toml(toml).map_err(|error| error.to_string())?;
    config.resolve(week()).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(toml: &str) -> String {
    resolve(toml).unwrap_err()
}

fn examples() -> Vec<&'static str> {
    let blocks = DOCUMENTATION.split("```toml\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap()).collect()
}

/// The first example under a heading.
fn example_of(heading: &str) -> &'static str {
    let (_, section) = DOCUMENTATION.split_once(&format!("{heading}\n")).expect(heading);
    section.split("```toml\n").nth(1).and_then(|block| block.split("```").next()).expect(heading)
}

fn names(setup: &Setup) -> Vec<String> {
    setup.strategies.iter().map(|strategy| strategy.name()).collect()
}

#[test]
fn the_documented_examples_are_configurations() {
    let example = example_of("# The configuration of a backtest");
    let (sized, exchanges) = (example_of("### Size"), example_of("## Exchanges"));
    let (feeds, rewards) = (example_of("## Feeds"), example_of("## Reward programmes"));
    let (voting, staking) = (example_of("## Voting services"), example_of("## Staking services"));
    let covered = setup(example_of("### Options"));
    assert_eq!(names(&covered), ["fixed_range covered"]);
    assert_eq!(covered.exchanges[0].options.len(), 12);
    let traded = setup(exchanges);
    assert_eq!(names(&traded), ["fixed_range hedged"]);
    assert_eq!(traded.exchanges[0].sheet.name, "binance");
    let fed = setup(feeds);
    let names_of = |setup: &Setup| -> Vec<_> {
        setup.feeds.iter().map(|feed| feed.terms.name.clone()).collect()
    };
    assert_eq!(names_of(&fed), ["binance", "inflation", "pool"]);
    assert_eq!(fed.strategies[0].needs.len(), 2);
    let folder = include_str!("../../../../examples/binance-hours.toml");
    assert_eq!(names_of(&setup(folder)), ["binance"]);
    let config = BacktestConfig::from_toml(example).unwrap();
    assert_eq!(config.tape.as_deref(), Some("week.parquet"));
    assert_eq!(names(&setup(example)), ["hold", "narrow", "wide"]);
    assert_eq!(names(&setup(sized)), ["recentre sized filtered"]);
    assert_eq!(names(&setup(voting)), ["vote"]);
    assert_eq!(setup(voting).votings[0].name, "aerodrome");
    assert_eq!(names(&setup(staking)), ["stake"]);
    let farmed = setup(rewards);
    assert_eq!(names(&farmed), ["fixed_range farmed"]);
    assert_eq!(farmed.rewards[0].name, "v3_staker");
    let several = BacktestConfig::from_toml(example_of("## Several pools")).unwrap();
    assert_eq!(several.pool[0].name, "thirty");
    assert_eq!(several.strategy[0].name(), "full_range in thirty");
    // Nothing else in the documentation is no configuration.
    for example in examples() {
        let whole = match example.starts_with("[[exchange.instrument]]") {
            true => format!("[[exchange]]\nname = \"deribit\"\ndeposit = \"1\"\n{example}"),
            false => example.to_owned(),
        };
        assert!(BacktestConfig::from_toml(&whole).is_ok(), "{example}");
    }
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    let defaults = examples().pop().unwrap();
    let (mut written, mut empty) = (setup(defaults), setup(""));
    assert_eq!(written, empty);
    // A table without parameters takes those that the tables of the documentation say.
    let bare = setup("[[strategy]]\nkind = \"fixed_range\"\n[[strategy]]\nkind = \"recentre\"\n");
    assert_eq!(bare.strategies[0].kind, StrategyKind::FixedRange(FixedRange::default()));
    assert_eq!(bare.strategies[1].kind, written.strategies.swap_remove(2).kind);
    let bare = setup("[[strategy]]\nkind = \"volatility_range\"\n");
    assert_eq!(bare.strategies[0].kind, empty.strategies.remove(3).kind);
}

/// The names in backticks of a refusal that lists what was expected.
fn expected(refusal: &str) -> Vec<&str> {
    let (_, list) = refusal.split_once("expected ").unwrap();
    list.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_key_and_every_kind_is_documented() {
    let tables = [
        "",
        "[limits]\n",
        "[[pool]]\n",
        "[[token]]\n",
        "[[reward]]\n",
        "[[staking]]\n",
        "[[voting]]\n",
        "[[voting]]\n[[voting.gauge]]\n",
        "[[voting]]\n[[voting.bribe_token]]\n",
        "[[feed]]\n",
        "[[exchange]]\n",
        "[[exchange]]\n[[exchange.tier]]\n",
        "[[exchange]]\n[[exchange.instrument]]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.hedge]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.option_hedge]\n",
        "[[strategy]]\nkind = \"hold\"\n[[strategy.needs]]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.farm]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.size]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.trend_filter]\n",
        "[[strategy]]\nkind = \"fixed_range\"\n[strategy.volatility_filter]\n",
    ];
    for kind in StrategyKind::every().iter().filter(|kind| !kind.parameters().is_empty()) {
        let kind = kind.name();
        let (_, section) = DOCUMENTATION.split_once(&format!("\n### `{kind}`\n")).unwrap();
        let section = section.split("\n## ").next().unwrap().split("\n### ").next().unwrap();
        let refusal = refused(&format!("[[strategy]]\nkind = \"{kind}\"\nunknown = 1\n"));
        assert!(refusal.contains("unknown field `unknown`"), "{refusal}");
        // What any strategy may have is listed once, before them.
        let bare = refused("[[strategy]]\nkind = \"hold\"\nunknown = 1\n");
        let of_all = expected(&bare);
        for key in expected(&refusal).into_iter().filter(|key| !of_all.contains(key)) {
            assert!(section.contains(&format!("\n| `{key}` | ")), "{kind}: {key}");
        }
    }
    for table in tables {
        let refusal = refused(&format!("{table}unknown = 1\n"));
        assert!(refusal.contains("unknown field `unknown`"), "{refusal}");
        for key in expected(&refusal) {
            assert!(DOCUMENTATION.contains(&format!("\n| `{key}` | ")), "{table}{key}");
        }
    }
    let refusal = refused("[[strategy]]\nkind = \"unknown\"\n");
    let kinds = expected(&refusal);
    assert_eq!(kinds.len(), StrategyKind::every().len());
    for kind in kinds {
        let page = format!("{PAGES}/{kind}.md");
        let page = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{page} {error}"));
        for part in ["Hypothesis", "Parameters", "When it stops", "When it loses"] {
            assert!(page.contains(&format!("\n## {part}\n")), "{kind}: {part}");
        }
        assert!(DOCUMENTATION.contains(&format!("\n### `{kind}`\n")), "{kind}");
    }
}

/// Checks that a parameter may be its least and its largest value, and nothing beyond, and that
/// the message and the documentation say so.
#[track_caller]
fn check_range(kind: &str, key: &str, [below, least, largest, above]: [&str; 4]) {
    let with = |value| resolve(&format!("[[strategy]]\nkind = \"{kind}\"\n{key} = {value}\n"));
    for value in [least, largest] {
        assert_eq!(with(value).map(drop), Ok(()), "{key} = {value}");
    }
    let allowed = format!("allowed is {least} to {largest}");
    for value in [below, above] {
        let shown = value.trim_end_matches(".0");
        let message = format!("strategy `{kind}`: {key} is {shown}; {allowed}");
        assert_eq!(with(value), Err(message));
    }
    let (_, section) = DOCUMENTATION.split_once(&format!("\n### `{kind}`\n")).unwrap();
    let row = section.lines().find(|line| line.starts_with(&format!("| `{key}` "))).unwrap();
    let documented = match (key, least) {
        ("max_half_width_ticks", _) => format!("`min_half_width_ticks` to {largest}"),
        (_, "10") => format!("tick spacing to {largest}"),
        _ => format!("{least} to {largest}"),
    };
    assert!(row.ends_with(&format!("| {documented} |")), "{row} says {documented}");
}

#[test]
fn parameters_have_the_documented_ranges() {
    let width = ["9", "10", "443636", "443637"];
    check_range("fixed_range", "half_width_ticks", width);
    check_range("recentre", "half_width_ticks", width);
    check_range("recentre", "threshold_ticks", ["0", "1", "443636", "443637"]);
    check_range("volatility_range", "sigmas", ["0.09", "0.1", "20", "20.1"]);
    check_range("volatility_range", "horizon_days", ["0.0", "0.01", "365", "365.5"]);
    check_range("volatility_range", "half_life_hours", ["0.0", "0.1", "8760", "9000.0"]);
    check_range("volatility_range", "sample_minutes", ["0", "1", "1440", "1441"]);
    check_range("volatility_range", "max_half_width_ticks", ["199", "200", "443636", "443637"]);
    for key in ["half_life_hours", "warm_up_hours"] {
        check_range("optimal_width", key, ["0.0", "0.1", "8760", "9000.0"]);
    }
    check_range("optimal_width", "max_half_width_ticks", ["199", "200", "443636", "443637"]);
    check_range("stable_pair", "half_width_ticks", width);
    check_range("stable_pair", "depeg_bps", ["0", "1", "10000", "10001"]);
    check_range("ratio_allocation", "threshold_bps", ["0", "1", "10000", "10001"]);
    check_range("mean_reversion", "window_samples", ["2", "3", "10000", "10001"]);
    check_range("mean_reversion", "sample_minutes", ["0", "1", "1440", "1441"]);
    check_range("mean_reversion", "entry_sigmas", ["0.09", "0.1", "20", "20.1"]);
    let refusal = refused("[[strategy]]\nkind = \"volatility_range\"\nmin_half_width_ticks = 9\n");
    assert!(refusal.ends_with("min_half_width_ticks is 9; allowed is 10 to 443636"), "{refusal}");
    for not_a_number in ["nan", "-nan", "inf", "-inf"] {
        let toml = format!("[[strategy]]\nkind = \"volatility_range\"\nsigmas = {not_a_number}\n");
        assert!(refused(&toml).ends_with("allowed is 0.1 to 20"), "{not_a_number}");
    }
}

#[test]
fn keys_outside_their_range_are_refused() {
    let long = "x".repeat(41);
    let deposit = "an amount that gives 1 to 2^128 - 1 raw units of each token";
    let name = "1 to 40 characters, none of them a control character";
    let huge = format!("1{}", "0".repeat(50));
    for (toml, expected) in [
        ("deposit_quote = \"0\"", format!("deposit_quote is 0; allowed is {deposit}")),
        (
            "deposit_quote = \"0.000001\"",
            format!("deposit_quote is 0.000001; allowed is {deposit}"),
        ),
        (
            &format!("deposit_quote = \"{huge}\""),
            format!("deposit_quote is {huge}; allowed is {deposit}"),
        ),
        ("latency_blocks = 101", "latency_blocks is 101; allowed is 0 to 100".to_owned()),
        (
            "footprint = \"both\"",
            "footprint is both; allowed is price-taker or re-executed".to_owned(),
        ),
        ("quote = \"DAI\"", "quote is DAI; allowed is USDC or WETH".to_owned()),
        ("limits.max_positions = 0", "limits.max_positions is 0; allowed is 1 to 1000".to_owned()),
        (
            "limits.max_loss_quote = \"0\"",
            "limits.max_loss_quote is 0; allowed is a loss, as an amount above zero".to_owned(),
        ),
        (
            "[[strategy]]\nkind = \"ladder\"",
            "limits.max_positions is 1; allowed is 6 to 1000, for strategy `ladder` keeps so many"
                .to_owned(),
        ),
        (
            "[[strategy]]\nkind = \"hold\"\n[[strategy]]\nkind = \"hold\"",
            "two strategies are called `hold`; give each its own name".to_owned(),
        ),
        (
            "[[strategy]]\nkind = \"hold\"\nname = \"\"",
            format!("strategy.name is ; allowed is {name}"),
        ),
        (
            "[[strategy]]\nkind = \"hold\"\nname = \"a\\nb\"",
            format!("strategy.name is a\\nb; allowed is {name}"),
        ),
        (
            &format!("[[strategy]]\nkind = \"hold\"\nname = \"{long}\""),
            format!("strategy.name is {long}; allowed is {name}"),
        ),
    ] {
        assert_eq!(refused(toml), expected);
    }
}

/// An exchange with one key of it, or of its instrument, written differently.
fn exchange_with(key: &str, value: &str) -> String {
    let mut exchange = vec![("name", "\"binance\""), ("deposit", "\"5\"")];
    let mut instrument = vec![
        ("name", "\"perp\""),
        ("kind", "\"perpetual\""),
        ("base", "\"WETH\""),
        ("prices", "\"pool\""),
    ];
    let (table, key) = key.rsplit_once('.').unwrap();
    let keys = if table == "exchange" { &mut exchange } else { &mut instrument };
    keys.retain(|(other, _)| *other != key);
    keys.push((key, value));
    let written = |keys: &[(&str, &str)]| -> String {
        keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect()
    };
    let (exchange, instrument) = (written(&exchange), written(&instrument));
    let feeds = "[[feed]]\nname = \"pool\"\nkind = \"pool\"\nbase = \"WETH\"\n\
                 [[feed]]\nname = \"paid\"\nkind = \"funding\"\nfile = \"paid.csv\"\n";
    format!("{feeds}[[exchange]]\n{exchange}[[exchange.instrument]]\n{instrument}")
}

#[test]
fn an_exchange_that_cannot_be_is_refused() {
    for (key, value, shown, allowed) in [
        ("exchange.quote", "\"DAI\"", "DAI", "USDC or WETH"),
        ("exchange.latency_ms", "60001", "60001", "0 to 60000"),
        ("exchange.commission_bps", "-1", "-1", "0 to 100, whole hundredths"),
        ("exchange.commission_bps", "100.01", "100.01", "0 to 100, whole hundredths"),
        ("exchange.commission_bps", "0.001", "0.001", "0 to 100, whole hundredths"),
        ("exchange.commission_bps", "nan", "NaN", "0 to 100, whole hundredths"),
        ("exchange.half_spread_bps", "1001", "1001", "0 to 1000, whole hundredths"),
        ("exchange.liquidation_fee_bps", "1001", "1001", "0 to 1000, whole hundredths"),
        ("exchange.depth_quote", "\"0\"", "0", "an amount above zero"),
        ("exchange.instrument.kind", "\"future\"", "future", "spot, perpetual or option"),
        ("exchange.instrument.base", "\"DAI\"", "DAI", "USDC or WETH"),
        ("exchange.instrument.base", "\"USDC\"", "USDC", "another token than the exchange's quote"),
        ("exchange.instrument.prices", "\"paid\"", "paid", "pool"),
        ("exchange.instrument.marks", "\"none\"", "none", "pool"),
        ("exchange.instrument.funding", "\"pool\"", "pool", "paid"),
        ("exchange.instrument.step", "\"0\"", "0", "an amount above zero"),
        ("exchange.instrument.initial_margin_bps", "0", "0", "1 to 10000"),
        ("exchange.instrument.initial_margin_bps", "10001", "10001", "1 to 10000"),
        ("exchange.instrument.maintenance_margin_bps", "1001", "1001", "1 to 1000"),
    ] {
        let refusal = refused(&exchange_with(key, value));
        assert_eq!(refusal, format!("{key} is {shown}; allowed is {allowed}"));
    }
    assert!(refused(&exchange_with("exchange.deposit", "\"-5\"")).contains("exchange.deposit"));
    let spot = exchange_with("exchange.instrument.kind", "\"spot\"");
    assert!(resolve(&spot).is_ok());
    let refusal = refused(&format!("{spot}funding = \"paid\"\n"));
    assert_eq!(refusal, "exchange.instrument.funding is given; allowed is no key of a spot");
    let twice = exchange_with("exchange.latency_ms", "1");
    let (feeds, exchange) = twice.split_at(twice.find("[[exchange]]").unwrap());
    let refusal = refused(&format!("{feeds}{exchange}{exchange}"));
    assert_eq!(refusal, "two exchanges are called `binance`; give each its own name");
    let other = exchange.replace("binance", "kraken");
    let refusal = refused(&format!("{feeds}{exchange}{other}"));
    assert_eq!(refusal, "two instruments are called `perp`; give each its own name");
    let tiers = "[[exchange.tier]]\nfrom_volume = \"5\"\ntaker_bps = 4\n";
    let refusal = refused(&format!("{twice}{tiers}"));
    assert!(refusal.starts_with("exchange.tier.from_volume is 5; allowed is "), "{refusal}");
    let flat = exchange_with("exchange.commission_bps", "4");
    let refusal = refused(&format!("{flat}{tiers}"));
    assert!(refusal.ends_with("allowed is left out beside [[exchange.tier]]"), "{refusal}");
    for hedge in ["hedge = {}", "hedge = { instrument = \"perp\" }"] {
        let refusal = refused(&format!("[[strategy]]\nkind = \"hold\"\n{hedge}"));
        assert!(refusal.contains("[[exchange.instrument]]"), "{refusal}");
    }
    let hedged = |key: &str| format!("{twice}[[strategy]]\nkind = \"hold\"\nhedge = {{ {key} }}");
    assert!(resolve(&hedged("band_bps = 1")).is_ok());
    for (key, allowed) in [
        ("instrument = \"none\"", "perp"),
        ("ratio_bps = 20001", "1 to 20000"),
        ("band_bps = 0", "1 to 10000"),
        ("every_seconds = 0", "1 to 86400"),
        ("max_slippage_bps = 1001", "1 to 1000"),
    ] {
        let refusal = refused(&hedged(key));
        assert!(refusal.ends_with(&format!("allowed is {allowed}")), "{refusal}");
    }
}

#[test]
fn amounts_are_read_exactly_or_not_at_all() {
    for (toml, key) in [
        ("deposit_quote = \"1.0000001\"", "deposit_quote"),
        ("deposit_quote = \"-5\"", "deposit_quote"),
        ("deposit_quote = \"1e6\"", "deposit_quote"),
        ("deposit_quote = \"\"", "deposit_quote"),
        ("native_price_quote = \"nan\"", "native_price_quote"),
        ("limits.max_loss_quote = \"-5\"", "limits.max_loss_quote"),
        ("limits.max_exposure_quote = \"1,000\"", "limits.max_exposure_quote"),
    ] {
        let refusal = refused(toml);
        let is_named = refusal.starts_with(&format!("{key} "));
        assert!(is_named && refusal.contains(" an amount in whole tokens"), "{refusal}");
    }
    let refusal = refused("limits.max_loss_quote = \"-5\"");
    let allowed = "an amount in whole tokens: digits, with at most one point among them";
    assert_eq!(refusal, format!("limits.max_loss_quote is `-5`; allowed is {allowed}"));
    // A bare number would have passed through a float.
    let refusal = refused("deposit_quote = 1000000");
    assert_eq!(refusal, "deposit_quote is the integer `1000000`; allowed is a text in quotes");
}

/// Both ways to write parameters, with five strategies, come out as what they say.
#[test]
fn strategies_are_read_as_written() {
    let setup = setup(FIVE);
    assert_eq!(
        names(&setup),
        ["hold", "full_range", "fixed_range", "recentre", "volatility_range"]
    );
    let strategies = setup.strategies;
    assert_eq!(
        strategies[3].kind,
        StrategyKind::Recentre(Recentre {
            half_width_ticks: 300,
            reset: RecentreReset::Tau { threshold_ticks: 200 },
        })
    );
    let StrategyKind::VolatilityRange(range) = &strategies[4].kind else {
        panic!("{:?}", strategies[4]);
    };
    let VolatilityRange { sigmas, half_life_hours, .. } = *range;
    // An integer where a float is meant is that float.
    assert_eq!((sigmas, half_life_hours), (1.5, 12.0));
}

/// What the defaults follow from the tokens.
#[test]
fn quote_and_gas_follow_the_tokens() {
    let mut tape = week().clone();
    let mut quote_of = |symbols: [&str; 2], toml: &str| {
        let header = &mut tape.header;
        [&mut header.token0, &mut header.token1]
            .into_iter()
            .zip(symbols)
            .for_each(|(token, symbol)| symbol.clone_into(&mut token.symbol));
        let setup = BacktestConfig::from_toml(toml).unwrap().resolve(&tape);
        setup.map(|setup| setup.valuation.pool().unwrap().quote).map_err(|error| error.to_string())
    };
    assert_eq!(quote_of(["USDC", "WETH"], ""), Ok(TokenIndex(0)));
    assert_eq!(quote_of(["WETH", "USDT"], ""), Ok(TokenIndex(1)));
    assert_eq!(quote_of(["WETH", "ENS"], ""), Ok(TokenIndex(1)));
    assert_eq!(quote_of(["WETH", "ENS"], "quote = \"WETH\""), Ok(TokenIndex(0)));
    let missing = "native_price_quote is missing; needed because neither USDC nor USDT is the coin \
                   that gas is paid in on chain 1";
    assert_eq!(quote_of(["USDC", "USDT"], ""), Err(missing.to_owned()));
    assert_eq!(quote_of(["USDC", "USDT"], "native_price_quote = \"3000\""), Ok(TokenIndex(1)));
}
