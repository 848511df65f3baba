//! Rules that say what a strategy of the library does decide as it does: to the digest, in both
//! models of our own footprint.

use rayon::prelude::*;
use tidemill_model::{EventBody, OutcomeKind};
use tidemill_replay::{Setup, record_journal, record_journal_of};
use tidemill_strategies::{PoolFacts, QuoteScale, Services, StrategyConfig, StrategyKind};
use tidemill_strategy::Strategy;

use crate::data::{FOOTPRINTS, setup, week};

/// A strategy of the library, and its twin with the parameters that say the same.
const TWINS: [(&str, &str); 7] = [
    ("kind = \"hold\"", include_str!("../../../../examples/rules/hold.toml")),
    ("kind = \"full_range\"", include_str!("../../../../examples/rules/full_range.toml")),
    ("kind = \"fixed_range\"", include_str!("../../../../examples/rules/fixed_range.toml")),
    ("kind = \"recentre\"", include_str!("../../../../examples/rules/recentre.toml")),
    (
        "kind = \"recentre\"\nhalf_width_ticks = 300\nthreshold_ticks = 200",
        include_str!("../../../../examples/rules/recentre.toml"),
    ),
    (
        "kind = \"volatility_range\"",
        include_str!("../../../../examples/rules/volatility_range.toml"),
    ),
    (
        "kind = \"volatility_range\"\nsigmas = 1.5\nhorizon_days = 0.5\nmax_half_width_ticks = 900",
        include_str!("../../../../examples/rules/volatility_range.toml"),
    ),
];

/// The strategy that rules with these parameters are, in the setup of another one.
fn rules(setup: &Setup, text: &str, library: &StrategyKind) -> Box<dyn Strategy> {
    let mut kind = toml::Table::new();
    kind.insert("kind".into(), "rules".into());
    kind.insert("text".into(), text.into());
    let file: toml::Table = text.parse().unwrap();
    let own = |name: &String| {
        let parameters = file.get("parameters").and_then(toml::Value::as_table);
        parameters.is_some_and(|parameters| parameters.contains_key(name))
    };
    let parameters = library.parameters().into_iter().filter(|(name, _)| own(name));
    let parameters =
        parameters.map(|(name, value)| (name, toml::Value::Float(value.parse::<f64>().unwrap())));
    kind.insert("parameters".into(), toml::Value::Table(parameters.collect()));
    let config: StrategyConfig = kind.try_into().unwrap();
    let quote = setup.valuation.pool().unwrap().quote;
    let header = &week().header;
    let scale = QuoteScale::new(&[header.token0.decimals, header.token1.decimals], quote);
    let services = Services { scale: Some(scale), ..Services::default() };
    let facts = PoolFacts::Concentrated { tick_spacing: header.tick_spacing };
    config.build(facts, services).unwrap()
}

#[test]
fn a_rule_twin_gives_the_journal_and_the_digest_of_its_library_strategy() {
    let pairs: Vec<_> = FOOTPRINTS
        .iter()
        .flat_map(|footprint| TWINS.map(|(library, text)| (*footprint, library, text)))
        .collect();
    let actions: usize = pairs
        .par_iter()
        .map(|(footprint, library, text)| {
            let setup = setup(&format!("footprint = \"{footprint}\"\n[[strategy]]\n{library}"));
            let declared = &setup.strategies[0];
            let (journal, digest) = record_journal(week(), &setup, declared).unwrap();
            let twin = rules(&setup, text, &declared.kind);
            let (same, digest_of_twin) = record_journal_of(week(), &setup, declared, twin).unwrap();
            assert_eq!(same.events.len(), journal.events.len(), "{footprint} {library}");
            assert_eq!(same, journal, "{footprint} {library}");
            assert_eq!(digest_of_twin, digest, "{footprint} {library}");
            journal.events.len() - week().events.len()
        })
        .sum();
    assert!(actions > 50, "{actions} orders are too few to compare anything");
}

/// A farm of a twin is a farm of its library strategy: the same events, order by order. This
/// programme is re-executed only: it pays by the pool's own seconds.
#[test]
fn a_farmed_rule_twin_gives_the_journal_of_its_farmed_library_strategy() {
    let farmed = |strategy: &str| {
        setup(&format!(
            r#"
            [[reward]]
            kind = "v3_staker"
            token = "UNI"
            amount = "100000"
            end = "2024-12-03 12:00:00"
            price_quote = "12.5"

            [[strategy]]
            {strategy}
            farm = {{ claim = "every", claim_every_hours = 12, proceeds = "compound" }}
            "#
        ))
    };
    ["fixed_range", "recentre", "volatility_range"].par_iter().for_each(|kind| {
        let library = farmed(&format!("kind = \"{kind}\""));
        let path = format!("{}/../../examples/rules/{kind}.toml", env!("CARGO_MANIFEST_DIR"));
        let text = toml::Value::from(std::fs::read_to_string(path).unwrap());
        let rules = farmed(&format!("kind = \"rules\"\ntext = {text}"));
        let [journal, twin] = [library, rules]
            .map(|setup| record_journal(week(), &setup, &setup.strategies[0]).unwrap().0);
        let staked = journal.events.iter().filter(|event| match &event.body {
            EventBody::Outcome(outcome) => matches!(outcome.kind, OutcomeKind::Staked { .. }),
            EventBody::Chain(_)
            | EventBody::Programme(_)
            | EventBody::Price(_)
            | EventBody::Block(_)
            | EventBody::Reverted(_)
            | EventBody::Data(_)
            | EventBody::Account(_)
            | EventBody::Feed(_) => false,
        });
        assert!(staked.count() > 0, "{kind}");
        assert_eq!(twin, journal, "{kind}");
    });
}
