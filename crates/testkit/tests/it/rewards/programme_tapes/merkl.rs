#[path = "../../../../../market/tests/support/synthetic_tape.rs"]
mod synthetic_tape;

mod beside_its_pool;

use tidemill_market::{FoldedProgramme, NoPools, ProgrammeFold, ProgrammeMismatch};
use tidemill_model::ProgrammeKind;
use tidemill_rewards::Moment;
use tidemill_rewards::merkl::Merkl;
use tidemill_store::ProgrammeTape;
use tidemill_testkit::Random;
use tidemill_units::Timestamp;

use super::{Recorder, Tampering, refuse_every_field, start};
use crate::rewards::merkl::World;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_a_merkl_campaign_folds_to_the_second_models_state() {
    let worlds = Worlds {
        name: "tape of a Merkl campaign",
        stream: 808,
        tests: 10,
        most_in_one: 200,
        unit: "operations",
    };
    let operations = [
        "folded settled",
        "folded boost_set",
        "folded boost_supply_set",
        "found settled.rewards",
        "found boost_set.account",
        "found boost_set.boost",
        "found boost_supply_set.supply",
    ];
    let reached = Reached { operations: &operations, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let (lived, done) = World::lived(seed, most, tally);
        let Some((began, world)) = lived.filter(|(_, world)| !world.written.is_empty()) else {
            return done;
        };
        let (tape, text) = Recorder::of(&world.written, ProgrammeKind::Merkl).tape(began);
        let fold = fold(&tape, &world);
        let fold = fold.unwrap_or_else(|error| panic!("{error}, world {seed}"));
        for (kind, count) in fold.counts() {
            tally.add(&format!("folded {kind}"), *count);
        }
        assert_eq!(model(&fold), &world.model, "world {seed}");
        // A boost counts at a settlement, if there is one before it is set anew.
        let blind = ["boost_set.boost", "boost_set.account", "boost_supply_set.supply"];
        let tampering = Tampering { shift: &[], blind: &blind };
        refuse_every_field(&text, &mut Random::new(seed), tally);
        tampering.run(&text, &mut Random::new(seed), tally, |tape| {
            Ok(model(&self::fold(tape, &world)?) == &world.model)
        });
        done
    });
}

/// Executes the logs, and between them the swaps that came there.
fn fold(tape: &ProgrammeTape, world: &World) -> Result<ProgrammeFold, ProgrammeMismatch> {
    let mut fold = start(&tape.start);
    let mut swaps = world.swaps.iter().peekable();
    for (place, event) in tape.events.iter().map(Some).chain([None]).enumerate() {
        while let Some((_, at, holdings)) = swaps.next_if(|(before, ..)| *before <= place) {
            fold.observe_swap(holdings, Timestamp(*at))?;
        }
        if let Some(event) = event {
            fold.apply(&event.log, Moment { at: event.time, block: event.block }, &NoPools)?;
        }
    }
    Ok(fold)
}

fn model(fold: &ProgrammeFold) -> &Merkl {
    let FoldedProgramme::Merkl(merkl) = fold.programme() else { panic!("{fold:?}") };
    merkl.campaign()
}
