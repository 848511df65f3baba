//! Reads arbitrary text as a file of rules.
//!
//! What is refused is refused with a message, and what is accepted is built the same way again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemill_strategies::{
    PoolFacts, QuoteScale, RulesConfig, Services, StrategyConfig, StrategyKind,
};
use tidemill_units::TokenIndex;

fuzz_target!(|text: &str| {
    let config = RulesConfig { text: Some(text.to_owned()), ..RulesConfig::default() };
    let mut strategy = StrategyConfig::of(StrategyKind::Rules(config));
    let scale = Some(QuoteScale::new(&[6, 18], TokenIndex(0)));
    let services = Services { scale, ..Services::default() };
    let facts = PoolFacts::Concentrated { tick_spacing: 10 };
    let built = strategy.build(facts, services.clone()).map(drop);
    if let Err(error) = &built {
        assert!(!error.to_string().is_empty(), "a refusal says why");
    }
    let needs = strategy.add_own_needs();
    assert!(built.is_err() || needs.is_ok(), "what is built says what it needs");
    assert_eq!(strategy.build(facts, services).map(drop), built);
});
