//! Rules files with damage in them are refused with a message or run: no text makes them panic.

use super::seeded::Seeded;
use super::synthetic_tape::{SyntheticTape, TICK_SPACING};
use super::{Desk, MILLION, chain_event};
use crate::{PoolFacts, QuoteScale, RulesConfig, Services, StrategyConfig, StrategyKind};

const FILES: [&str; 6] = [
    include_str!("../../../../examples/rules/hold.toml"),
    include_str!("../../../../examples/rules/full_range.toml"),
    include_str!("../../../../examples/rules/fixed_range.toml"),
    include_str!("../../../../examples/rules/recentre.toml"),
    include_str!("../../../../examples/rules/volatility_range.toml"),
    "hypothesis = 'all'\n[parameters]\nx = 2.0\n[signals]\n\
     a = { kind = \"sma\", length = 3, every_minutes = 1 }\n\
     [[rule]]\nposition = \"p\"\n\
     when = \"is_known(a) && select(tick > x, true, in_range ?? false) || 1 < 2\"\n\
     do = \"open\"\nlower_tick = \"tick - 60 * x\"\nupper_tick = \"clamp(tick + 60, 0, 600)\"\n\
     [[rule]]\nwhen = \"!is_open\"\ndo = \"swap\"\nsell_quote = \"min(available_quote, 10)\"\n",
];

/// Pieces that a grammar stumbles over.
const PIECES: [&str; 12] = [
    "(",
    ")",
    "\"",
    "'",
    "]",
    "=",
    "\u{0}",
    "\u{fffd}é",
    "99999999999999999999",
    "- -",
    "1e400",
    "when = true",
];

fn damaged(text: &str, random: &mut Seeded) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(letters.len() as u64) as usize;
        match random.below(5) {
            0 => {
                letters.remove(at);
            }
            1 => letters[at] = char::from(random.below(128) as u8),
            2 => {
                let piece = PIECES[random.below(PIECES.len() as u64) as usize];
                letters.splice(at..at, piece.chars());
            }
            3 => letters.truncate(at.max(1)),
            _ => {
                let end = (at + 1 + random.below(40) as usize).min(letters.len());
                let copied = letters[at..end].to_vec();
                letters.splice(at..at, copied);
            }
        }
    }
    letters.into_iter().collect()
}

#[test]
fn damaged_rules_are_refused_with_a_message_or_run() {
    let mut random = Seeded(6);
    let mut made = SyntheticTape::deep_at_tick(0);
    for tick in [70, -200, 5] {
        made.skip_blocks(6);
        made.swap_to(tick);
    }
    let facts = PoolFacts::Concentrated { tick_spacing: TICK_SPACING };
    let scale = Some(QuoteScale::new(&[0, 0], super::VALUATION.pool().expect("a pool").quote));
    let services = Services { scale, ..Services::default() };
    let of = |text: String| {
        let config = RulesConfig { text: Some(text), ..RulesConfig::default() };
        StrategyConfig::of(StrategyKind::Rules(config))
    };
    for file in FILES {
        let built = of(file.to_owned()).build(facts, services.clone()).map(drop);
        assert_eq!(built, Ok(()), "without damage: {file}");
    }
    let (mut refused, mut ran) = (0, 0);
    for round in 0..3_000 {
        let file = FILES[random.below(FILES.len() as u64) as usize];
        let text = damaged(file, &mut random);
        let strategy = of(text.clone());
        match strategy.build(facts, services.clone()) {
            Err(error) => {
                assert!(!error.to_string().is_empty(), "round {round}: {text}");
                refused += 1;
            }
            Ok(_) => {
                let mut desk = Desk::new(&strategy, MILLION, made.tape());
                for recorded in &made.tape().events {
                    desk.sequence += 1;
                    let event = chain_event(desk.sequence, recorded);
                    desk.market.apply(&event).expect("it reproduces");
                    desk.decide();
                    desk.settle();
                }
                ran += 1;
            }
        }
    }
    assert!(refused > 500 && ran > 100, "{refused} refused, {ran} ran");
}
