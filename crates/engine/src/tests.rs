#[path = "../../market/tests/support/immediate_fill.rs"]
mod immediate_fill;
#[path = "../../market/tests/support/seeded.rs"]
mod seeded;
#[path = "../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod digests;
mod exits;
mod feed_digests;
mod guards;
mod reorgs;
mod runs;
mod steps;
mod strategies;
mod venue;

use tidemill_ledger::{Ledger, PoolAssets};
use tidemill_market::{Footprint, Market, NativeValue, PoolValuation};
use tidemill_model::{AssetId, Tape};
use tidemill_risk::{Limits, LossLimit, Risk, Safeguards};
use tidemill_strategy::Strategy;
use tidemill_units::{Amount, Side};

use crate::{Engine, Journal, drive};
use seeded::Seeded;
use synthetic_tape::{SyntheticTape, range};
use venue::EndOfBlockVenue;

const DEPOSIT: u128 = 1_000_000_000_000;

/// An engine over a tape from its first event, with limits that nonsense runs into.
fn engine(tape: &Tape, footprint: Footprint, strategy: impl Strategy + 'static) -> Engine {
    guarded_engine(tape, footprint, strategy, Safeguards::default())
}

/// [`engine`] with limits that are off otherwise.
fn guarded_engine(
    tape: &Tape,
    footprint: Footprint,
    strategy: impl Strategy + 'static,
    safeguards: Safeguards,
) -> Engine {
    let mut market = Market::new(footprint);
    let pool = market.add_pool(tape).expect("a tape");
    let deposit = Amount::from_u128(DEPOSIT);
    let assets = PoolAssets::of_two(AssetId(0), AssetId(1), AssetId(2));
    let mut ledger =
        Ledger::funded(&[(AssetId(0), deposit), (AssetId(1), deposit)]).expect("small");
    ledger.add_pool(pool, assets);
    let native = NativeValue::Token(Side::Token1.index());
    let valuation = PoolValuation { pool, quote: Side::Token1.index(), native };
    let limits = Limits {
        max_positions: 3,
        max_exposure_quote: Amount::from_u128(DEPOSIT),
        max_loss: LossLimit::new(Amount::from_u128(DEPOSIT / 10)).expect("above zero"),
    };
    let risk = Risk::new(limits, valuation.into()).with_safeguards(safeguards);
    Engine::new(market, ledger, risk, Box::new(strategy))
}

/// A run to the end of a tape, and everything that it saw.
fn run(tape: &Tape, footprint: Footprint, strategy: impl Strategy + 'static) -> (Engine, Journal) {
    let mut engine = engine(tape, footprint, strategy);
    let mut journal = Journal::default();
    let mut venue = EndOfBlockVenue::new(tape);
    let driven = drive(&mut engine, &mut venue, |_, event, is_applied| {
        if is_applied {
            journal.events.push(event.clone());
        }
    });
    assert_eq!(driven, Ok(()));
    (engine, journal)
}

/// A pool's life from its first price on: mints, burns and swaps in both directions over a few
/// hundred blocks.
fn tape(seed: u64) -> SyntheticTape {
    let mut random = Seeded(seed);
    let mut synthetic = SyntheticTape::deep_at_tick(random.between(-100, 100));
    for _ in 0..150 {
        synthetic.skip_blocks(random.below(3));
        let held = range(-120 * random.between(1, 3), 120 * random.between(1, 3));
        match random.below(8) {
            0 => {
                synthetic.mint(1, held, 1 + random.wide(70));
            }
            1 => {
                let liquidity = synthetic.liquidity_of(1, held);
                if liquidity > 0 {
                    synthetic.burn(1, held, liquidity);
                }
            }
            2 => synthetic.swap_to(random.between(-300, 300)),
            _ => {
                let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
                synthetic.swap_in(input, 1 + random.wide(60));
            }
        }
    }
    synthetic
}
