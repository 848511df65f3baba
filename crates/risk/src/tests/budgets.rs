//! What may be done in a day.

use tidemill_model::Intent;
use tidemill_units::Side;

use super::guarded::{Guarded, amount};
use super::{open, swap};
use crate::{Budget, Refusal, Safeguards};

fn budget(budget: Budget) -> Guarded {
    Guarded::new(Safeguards { budget, ..Safeguards::default() })
}

const NONE: Budget = Budget {
    max_openings_per_day: None,
    max_swap_quote_per_day: None,
    max_gas_quote_per_day: None,
};

#[test]
fn openings_of_a_day_are_counted_when_they_are_approved() {
    let mut guarded = budget(Budget { max_openings_per_day: Some(2), ..NONE });
    guarded.open(10, 10);
    guarded.wait(12 * 60);
    guarded.check(open(10, 10), Ok(()));
    let refused = Err(Refusal::TooManyOpenings { openings: 2, limit: 2 });
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token0, 10), Ok(()));
    // Twelve seconds short of a day after the first, and then a whole day.
    guarded.tape.skip_blocks(12 * 300 - 1);
    guarded.wait(0);
    guarded.check(open(10, 10), refused);
    guarded.tape.skip_blocks(1);
    guarded.wait(0);
    guarded.check(open(10, 10), Ok(()));
    guarded.check(open(10, 10), refused);
}

#[test]
fn what_is_paid_into_swaps_in_a_day_is_limited() {
    let mut guarded = budget(Budget { max_swap_quote_per_day: Some(amount(1_000)), ..NONE });
    guarded.check(swap(Side::Token0, 600), Ok(()));
    let refused = |swapped| {
        let (swapped, limit) = (amount(swapped), amount(1_000));
        Err(Refusal::TooMuchSwapped { swapped, limit })
    };
    guarded.check(swap(Side::Token1, 401), refused(1_001));
    guarded.check(swap(Side::Token1, 400), Ok(()));
    guarded.check(swap(Side::Token1, 1), refused(1_001));
    guarded.check(open(10, 10), Ok(()));
    guarded.wait(24 * 60);
    guarded.check(swap(Side::Token0, 1_001), refused(1_001));
    guarded.check(swap(Side::Token0, 1_000), Ok(()));
}

#[test]
fn once_the_gas_of_a_day_is_spent_only_what_reduces_passes() {
    let mut guarded = budget(Budget { max_gas_quote_per_day: Some(amount(500)), ..NONE });
    let position = guarded.open(10, 10);
    guarded.desk.burn_gas(499);
    guarded.check(open(10, 10), Ok(()));
    guarded.desk.burn_gas(1);
    let (paid, limit) = (amount(500), amount(500));
    let refused = Err(Refusal::TooMuchGas { paid, limit });
    guarded.check(open(10, 10), refused);
    guarded.check(swap(Side::Token0, 10), refused);
    guarded.check(Intent::Close { position }, Ok(()));
    guarded.wait(24 * 60);
    guarded.check(open(10, 10), Ok(()));
}
