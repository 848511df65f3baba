use tidemill_model::{Intent, OrderKey, Placement, PoolId, PositionId, Sequence};
use tidemill_strategy::{Strategy, View};
use tidemill_units::{Amount, Side, Tick, TokenPair};

use super::seeded::Seeded;
use super::synthetic_tape::{POOL, amounts, range};

/// Never wants anything.
pub(super) struct Idle;

impl Strategy for Idle {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        Vec::new()
    }
}

/// Wants the same at every event.
pub(super) struct Always(pub(super) Vec<Intent>);

impl Strategy for Always {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        self.0.clone()
    }
}

/// Wants these once, at the first event with a price.
pub(super) struct Once(pub(super) Vec<Intent>);

impl Strategy for Once {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        view.pool().map(|_| std::mem::take(&mut self.0)).unwrap_or_default()
    }
}

/// Opens, closes and swaps at random, and now and then asks for what it cannot have.
pub(super) struct Restless(pub(super) Seeded);

impl Strategy for Restless {
    fn decide(&mut self, view: &View<'_>) -> Vec<Intent> {
        let Self(random) = self;
        if view.pool().is_none() || !random.once_in(4) {
            return Vec::new();
        }
        let wishes = 1 + random.below(3);
        (0..wishes).map(|_| wish(random, view)).collect()
    }
}

fn wish(random: &mut Seeded, view: &View<'_>) -> Intent {
    let amount = |random: &mut Seeded| u128::from(random.below(400_000_000_000));
    match random.below(8) {
        0..3 => {
            let near = Tick(view.tick().0 / 60 * 60);
            let lower = near.0 - 60 * random.between(0, 4);
            let range = range(lower, near.0 + 60 * random.between(1, 5));
            let desired = amounts(amount(random), amount(random));
            Intent::Open { pool: POOL, placement: Placement::Range(range), desired: desired.into() }
        }
        3..5 => {
            let position = view.positions().map(|(id, _)| id).next();
            let nonsense = PositionId(OrderKey { sequence: Sequence(9_999_999), intent: 0 });
            Intent::Close { position: position.unwrap_or(nonsense) }
        }
        5..7 => {
            let input = if random.once_in(2) { Side::Token0 } else { Side::Token1 };
            let amount_in = Amount::from_u128(amount(random));
            Intent::Swap {
                pool: POOL,
                pair: input.into_other(),
                amount_in,
                min_amount_out: Amount::ZERO,
            }
        }
        _ => nonsense()[usize::try_from(random.below(4)).expect("small")],
    }
}

/// Things that nobody can have.
pub(super) fn nonsense() -> [Intent; 6] {
    let input = Side::Token0;
    let none = Amount::ZERO;
    [
        Intent::Open {
            pool: POOL,
            placement: Placement::Range(range(61, -7)),
            desired: amounts(1, 1).into(),
        },
        Intent::Open {
            pool: POOL,
            placement: Placement::Range(range(-60, 60)),
            desired: amounts(u128::MAX, 0).into(),
        },
        Intent::Swap {
            pool: PoolId(60_000),
            pair: input.into_other(),
            amount_in: none,
            min_amount_out: none,
        },
        Intent::Swap {
            pool: POOL,
            pair: input.into_other(),
            amount_in: Amount::MAX,
            min_amount_out: none,
        },
        Intent::Open { pool: POOL, placement: Placement::Shares, desired: amounts(1, 1).into() },
        Intent::Swap {
            pool: POOL,
            pair: TokenPair { input: input.index(), output: input.index() },
            amount_in: Amount::from_u64(1),
            min_amount_out: none,
        },
    ]
}
