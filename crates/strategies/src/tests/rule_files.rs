//! Rules files: what is read, and how mistakes are shown.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    BuildError, FarmConfig, FeedNeed, PoolFacts, QuoteScale, RulesConfig, Services, StrategyConfig,
    StrategyKind,
};
use tidemill_units::TokenIndex;

const CONCENTRATED: PoolFacts = PoolFacts::Concentrated { tick_spacing: 60 };

fn config(text: &str) -> StrategyConfig {
    let rules = RulesConfig { text: Some(text.to_owned()), ..RulesConfig::default() };
    let kind = StrategyKind::Rules(rules);
    StrategyConfig::of(kind)
}

fn services() -> Services {
    let scale = Some(QuoteScale::new(&[18, 6], TokenIndex(1)));
    Services { scale, ..Services::default() }
}

fn build(text: &str) -> Result<(), BuildError> {
    config(text).build(CONCENTRATED, services()).map(drop)
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let shown = build(text).expect_err(text).to_string();
    assert_eq!(shown, expected.trim_start_matches('\n'), "\n{shown}");
}

/// The first line of what is said of a rule in a file that is right but for it.
#[track_caller]
fn refused_rule(rule: &str, expected: &str) {
    let text = format!("hypothesis = \"h\"\n[[rule]]\n{rule}\n");
    let shown = build(&text).expect_err(&text).to_string();
    assert_eq!(shown.lines().next(), Some(expected), "\n{shown}");
}

#[test]
fn a_mistake_is_shown_in_its_line_with_what_is_meant_underlined() {
    refused(
        "hypothesis = \"Buys low.\"\n\n[[rule]]\nwhen = \"pricee < 1000\"\ndo = \"close\"\n",
        "
text:4:9: when: there is no `pricee`; did you mean `price`?
  |
4 | when = \"pricee < 1000\"
  |         ^^^^^^",
    );
    refused(
        "hypothesis = \"h\"\n[[rule]]\nwhen = '''\n  is_open &&\n  tick + 1'''\ndo = \"close\"\n",
        "
text:5:8: when: this is a number; true or false is needed here
  |
5 |   tick + 1'''
  |        ^",
    );
    refused(
        "hypothesis = \"h\"\n[[rule]]\nwhen = true\ndo = \"open\"\nwidth_bps = \"4 * (1 / 0)\"\n",
        "
text:5:21: width_bps: this divides by zero
  |
5 | width_bps = \"4 * (1 / 0)\"
  |                     ^",
    );
    refused(
        "hypothesis = \"h\"\n[[rule]]\nwhen = true\ndo = \"clsoe\"\n",
        "
text:4:6: there is no action `clsoe`; did you mean `close`?
  |
4 | do = \"clsoe\"
  |      ^^^^^^^",
    );
    refused(
        "hypothesis = \"h\"\n[[rules]]\nwhen = true\n",
        "
text:2:3: unknown field `rules`, expected one of `hypothesis`, `parameters`, `signals`, `rule`
  |
2 | [[rules]]
  |   ^^^^^",
    );
    refused(
        "hypothesis = \"h\n",
        "
text:1:16: invalid basic string, expected `\"`
  |
1 | hypothesis = \"h
  |                ^",
    );
}

/// Characters of an expression with escapes are not those of the file: all of it is meant.
#[test]
fn an_expression_with_escapes_is_underlined_as_a_whole() {
    refused(
        "hypothesis = \"h\"\n[[rule]]\nwhen = \"pric\\u0065e < 1\"\ndo = \"close\"\n",
        "
text:3:8: when: there is no `pricee`; did you mean `price`?
  |
3 | when = \"pric\\u0065e < 1\"
  |        ^^^^^^^^^^^^^^^^^",
    );
}

#[test]
fn a_rule_has_what_its_action_takes() {
    let close = "when = true\ndo = \"close\"\n";
    refused_rule(
        &format!("{close}width_bps = 5"),
        "text:5:13: `close` takes no `width_bps`; it takes nothing besides `when`, `do`, \
         `position` and `every_minutes`",
    );
    refused_rule(
        "when = true\ndo = \"swap\"\n",
        "text:4:6: `swap` takes either sell_quote or sell_base",
    );
    refused_rule(
        "when = true\ndo = \"swap\"\nhalf_width_ticks = 60",
        "text:5:20: `swap` takes no `half_width_ticks`; it takes sell_quote, sell_base, \
         max_slippage_bps",
    );
    for keys in [
        "lower_tick = 1",
        "width_bps = 1\nhalf_width_ticks = 2",
        "centre_tick = 5",
        "lower_price = 1\nupper_tick = 2",
        "half_width_ticks = 60\nlower_tick = 1\nupper_tick = 2",
    ] {
        refused_rule(
            &format!("when = true\ndo = \"open\"\n{keys}"),
            "text:4:6: these keys give no range; allowed are half_width_ticks or width_bps, with \
             centre_tick or without; lower_tick and upper_tick; lower_price and upper_price; or \
             none for all prices",
        );
    }
    refused_rule("do = \"close\"", "text:2:1: missing field `when`");
    refused_rule(
        "when = 1\ndo = \"close\"",
        "text:3:8: when: this is a number; a condition is \
         needed, such as `price < 1000`",
    );
    refused_rule(
        "when = true\ndo = \"open\"\nwidth_bps = true",
        "text:5:13: width_bps: this is true or false; a number is needed",
    );
    refused_rule(
        "when = true\ndo = \"open\"\nwidth_bps = nan",
        "text:5:13: NaN is no number that a rule can use",
    );
    refused_rule(
        &format!("{close}position = \"A b\""),
        "text:5:12: a position's name has 1 to 40 small letters, digits and `_`, beginning with a \
         letter",
    );
}

#[test]
fn signals_are_checked_like_everything_else() {
    for (signal, expected) in [
        (
            "{ kind = \"smma\" }",
            "text:3:14: there is no kind of signal `smma`; did you mean `sma`?",
        ),
        (
            "{ kind = \"sma\", length = 5 }",
            "text:3:5: `sma` needs every_minutes, for the pool's price, or feed and interval, for \
             its candles",
        ),
        (
            "{ kind = \"sma\", length = 0, every_minutes = 1 }",
            "text:3:30: length is 0; allowed is 1 to 10000",
        ),
        (
            "{ kind = \"sma\", every_minutes = 1 }",
            "text:3:5: `sma` needs length; allowed is 1 to 10000",
        ),
        (
            "{ kind = \"sma\", length = 5, every_minutes = 0 }",
            "text:3:49: every_minutes is 0; allowed is 1 to 1440",
        ),
        (
            "{ kind = \"sma\", length = 5, fast = 2, every_minutes = 5 }",
            "text:3:40: `sma` takes no `fast`; allowed is length",
        ),
        (
            "{ kind = \"macd\", fast = 26, slow = 12, smoothing = 9, every_minutes = 5 }",
            "text:3:29: fast is 26; allowed is less than slow, which is 12",
        ),
        (
            "{ kind = \"atr\", length = 5, every_minutes = 5 }",
            "text:3:5: `atr` needs feed and interval",
        ),
        (
            "{ kind = \"mid\", feed = \"f\", interval = \"1m\" }",
            "text:3:5: `mid` needs feed, and neither interval nor every_minutes",
        ),
        (
            "{ kind = \"ewma_volatility\", half_life_hours = nan, every_minutes = 5 }",
            "text:3:51: half_life_hours is NaN; allowed is 0.1 to 8760",
        ),
    ] {
        let text = format!("hypothesis = \"h\"\n[signals]\ns = {signal}\n");
        let shown = build(&text).expect_err(&text).to_string();
        assert_eq!(shown.lines().next(), Some(expected), "\n{shown}");
    }
}

#[test]
fn names_are_free_plain_and_no_words_of_the_language() {
    for name in ["price", "is_open", "abs", "log_return_per_tick"] {
        let text = format!("hypothesis = \"h\"\n[parameters]\n{name} = 1\n");
        let shown = build(&text).expect_err(&text).to_string();
        let expected = format!("text:3:1: `{name}` means something already; choose another name");
        assert_eq!(shown.lines().next(), Some(expected.as_str()), "\n{shown}");
    }
    for name in ["Price", "a-b", "while", "9a", "this", "true", "print", "_"] {
        let text = format!("hypothesis = \"h\"\n[parameters]\n{name} = 1\n");
        let shown = build(&text).expect_err(&text).to_string();
        assert!(shown.contains("cannot be a name; allowed are 1 to 40 small letters"), "{shown}");
    }
    let text = "hypothesis = \"h\"\n[parameters]\nx_lower = 1\n[signals]\n\
                x = { kind = \"bollinger\", length = 20, deviations = 2, every_minutes = 5 }\n";
    let shown = build(text).expect_err("twice").to_string();
    assert!(shown.starts_with("text:5:1: `x_lower` means something already"), "{shown}");
}

#[test]
fn the_configuration_sets_parameters_that_the_file_has() {
    let text = "hypothesis = \"h\"\n[parameters]\nwidth = 600\n\
                [[rule]]\nwhen = true\ndo = \"open\"\nhalf_width_ticks = \"width\"\n";
    let with = |name: &str, value: f64| {
        let parameters = BTreeMap::from([(name.to_owned(), value)]);
        let text = Some(text.to_owned());
        let kind = StrategyKind::Rules(RulesConfig { text, parameters, ..RulesConfig::default() });
        StrategyConfig { kind, ..config("") }
    };
    let row = |config: &StrategyConfig| config.parameters();
    assert_eq!(row(&config(text)), [("width".to_owned(), "600".to_owned())]);
    assert_eq!(row(&with("width", 50.5)), [("width".to_owned(), "50.5".to_owned())]);
    let unknown = with("widht", 1.0).build(CONCENTRATED, services()).err().map(|e| e.to_string());
    let unknown = unknown.expect("no such parameter");
    assert!(
        unknown.starts_with(
            "text:1:1: the configuration sets `widht`, which is no parameter of this file; did \
             you mean `width`?"
        ),
        "{unknown}"
    );
    let nan = with("width", f64::NAN).build(CONCENTRATED, services()).err().map(|e| e.to_string());
    assert!(nan.expect("NaN").starts_with("text:3:9: width is NaN; a number is needed"));
}

#[test]
fn a_strategy_of_rules_is_read_from_one_place_and_says_what_it_is_about() {
    let both = RulesConfig {
        file: Some("a.toml".to_owned()),
        text: Some(String::new()),
        ..RulesConfig::default()
    };
    let unread = RulesConfig { file: Some("a.toml".to_owned()), ..RulesConfig::default() };
    let read = RulesConfig { read: Some("hypothesis = 'h'\nx = 1".to_owned()), ..unread.clone() };
    let build = |rules: RulesConfig| {
        let kind = StrategyKind::Rules(rules);
        let built = StrategyConfig { kind, ..config("") }.build(CONCENTRATED, services());
        built.err().map(|error| error.to_string()).expect("nothing to build")
    };
    let which = "rules take one of file, a path beside the configuration, and text";
    assert_eq!(build(both), which);
    assert_eq!(build(RulesConfig::default()), which);
    assert_eq!(build(unread), "the file of the rules was not read");
    assert!(build(read).starts_with("a.toml:2:1: unknown field `x`"));
    assert_eq!(config("hypothesis = 'Buys low.'").summary(), "Buys low.");
    assert_eq!(config("").summary(), "Does what the first of its rules says that holds.");
    let unscaled = config("hypothesis = 'h'").build(CONCENTRATED, Services::default());
    assert_eq!(unscaled.err(), Some(BuildError::NoScale));
}

/// Where a file lies is no part of what a run follows from, for digests; what it says is.
#[test]
fn the_same_rules_are_the_same_wherever_they_are() {
    let at = |file: Option<&str>, text: &str| {
        let (read, text) = match file {
            Some(_) => (Some(text.to_owned()), None),
            None => (None, Some(text.to_owned())),
        };
        let file = file.map(str::to_owned);
        format!("{:?}", RulesConfig { file, text, read, ..RulesConfig::default() })
    };
    assert_eq!(at(Some("a.toml"), "x"), at(None, "x"));
    assert_ne!(at(Some("a.toml"), "x"), at(Some("a.toml"), "y"));
}

#[test]
fn the_feeds_of_the_signals_are_what_the_strategy_needs() {
    let text = "hypothesis = \"h\"\n[signals]\n\
                a = { kind = \"close\", feed = \"f\", interval = \"1m\" }\n\
                b = { kind = \"rsi\", length = 14, feed = \"f\", interval = \"1m\" }\n\
                c = { kind = \"funding_rate\", feed = \"g\" }\n\
                d = { kind = \"sma\", length = 14, every_minutes = 5 }\n";
    let mut strategy = config(text);
    let given = FeedNeed { feed: "f".into(), interval: Some("1m".into()), keep: Some(9) };
    strategy.needs.push(given.clone());
    strategy.add_own_needs().expect("right");
    let other = FeedNeed { feed: "g".into(), interval: None, keep: None };
    assert_eq!(strategy.needs, [given, other]);
}

#[test]
fn only_rules_that_open_are_farmed_and_only_those_without_ranges_fit_pools_of_shares() {
    let farmed = |text: &str| {
        let farm = Some(FarmConfig::default());
        StrategyConfig { farm, ..config(text) }.build(CONCENTRATED, services()).err()
    };
    // What is missing besides is a programme, either way.
    assert_eq!(farmed("hypothesis = 'h'"), Some(BuildError::NothingToFarm));
    let shares = PoolFacts::Shares { kind: "stable_swap" };
    let open = "hypothesis = 'h'\n[[rule]]\nwhen = true\ndo = 'open'\n";
    assert_eq!(config(open).build(shares, services()).err(), None);
    for more in ["half_width_ticks = 60\n", "[[rule]]\nwhen = true\ndo = 'swap'\nsell_base = 1\n"] {
        let built = config(&format!("{open}{more}")).build(shares, services()).err();
        let expected = BuildError::NeedsRanges { strategy: "rules", pool: "stable_swap" };
        assert_eq!(built, Some(expected), "{more}");
    }
}

#[test]
fn files_are_bounded() {
    let long = format!("hypothesis = \"h\"\n#{}\n", "x".repeat(65_536));
    assert!(build(&long).expect_err("long").to_string().contains("allowed are 65536"));
    let rule = "[[rule]]\nwhen = true\ndo = \"close\"\n";
    assert_eq!(build(&format!("hypothesis = \"h\"\n{}", rule.repeat(64))), Ok(()));
    let many = build(&format!("hypothesis = \"h\"\n{}", rule.repeat(65))).expect_err("many");
    assert!(many.to_string().contains("there are 65 rules; allowed are 64"), "{many}");
    for hypothesis in ["", " ", "a\\nb", &"x".repeat(201)] {
        let text = format!("hypothesis = \"{hypothesis}\"\n");
        assert!(build(&text).expect_err(&text).to_string().contains("hypothesis is no line"));
    }
    assert!(build("").expect_err("nothing").to_string().contains("missing field `hypothesis`"));
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "hypothesis = \"h\"\n",
        "[parameters]\n",
        "[signals]\n",
        "[[rule]]\n",
        "when = ",
        "do = ",
        "\"is_open\"",
        "\"price < 1\"",
        "true",
        "1",
        "-0.5",
        "nan",
        "\n",
        "\"open\"\n",
        "\"close\"",
        "half_width_ticks = ",
        "\"\"\"\n",
        "'''",
        "a = ",
        "{ kind = \"sma\"",
        ", length = 5",
        ", every_minutes = 5 }\n",
        "\"\\u0041\"",
        "#\n",
        "width_bps",
        "=",
        "\u{e4}",
        "\r\n",
        "\t",
    ];
    prop_oneof![
        4 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => ".{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    /// Any text is a strategy or a message of a few lines.
    #[test]
    fn no_file_breaks_the_reader(pieces in proptest::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        if let Err(error) = build(&text) {
            let shown = error.to_string();
            prop_assert!(shown.lines().count() <= 12, "{}", shown);
            prop_assert!(shown.len() < 4_000, "{}", shown);
        }
    }
}
