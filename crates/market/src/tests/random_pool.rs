use tidemill_amm::concentrated::{Pool, SwapAmount, SwapRequest, sqrt_price_at_tick};
use tidemill_units::{Amount, Amounts, Side, Tick, TickRange, U256};

use super::seeded::Seeded;
use super::synthetic_tape::{DEEP, SyntheticTape, amounts, exact_in, full_range, range};

/// Ticks, in spacings, between which the price is kept.
pub(super) const REACH: i32 = 40;
const OWNERS: u64 = 3;

/// Something that may be done to a pool.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Swap(SwapRequest),
    Mint {
        owner: u8,
        range: TickRange,
        liquidity: u128,
    },
    /// Some thousandths of what the owner has.
    Burn {
        owner: u8,
        range: TickRange,
        thousandths: u128,
    },
    Collect {
        owner: u8,
        range: TickRange,
    },
    Flash(Amounts),
    SetFeeProtocol([u8; 2]),
    NextBlock(u64),
}

/// Some operation that a pool of [`DEEP`] liquidity can take; the price stays within reach.
pub(super) fn random_operation(random: &mut Seeded, pool: &Pool) -> Operation {
    let owner = u8::try_from(1 + random.below(OWNERS)).expect("few owners");
    match random.below(16) {
        0..8 => Operation::Swap(random_swap(random, pool)),
        8..10 => {
            let liquidity = 1 + random.wide(72);
            Operation::Mint { owner, range: random_range(random), liquidity }
        }
        10..12 => {
            let thousandths = [0, 1, 500, 1_000][usize::try_from(random.below(4)).unwrap()];
            Operation::Burn { owner, range: random_range(random), thousandths }
        }
        12 => Operation::Collect { owner, range: random_range(random) },
        13 => Operation::Flash(amounts(random.wide(60), random.wide(60))),
        14 => {
            let mut share = || [0, 4, 7, 10][usize::try_from(random.below(4)).unwrap()];
            Operation::SetFeeProtocol([share(), share()])
        }
        _ => Operation::NextBlock(1 + random.below(5)),
    }
}

/// One of few ranges, so that they are used again.
fn random_range(random: &mut Seeded) -> TickRange {
    let lower = random.between(-4, 3) * 120;
    range(lower, lower + 120 * random.between(1, 3))
}

/// A swap with a limit that keeps the price within reach: of an input, of an output, or to a price.
fn random_swap(random: &mut Seeded, pool: &Pool) -> SwapRequest {
    let is_above = pool.tick() > Tick(REACH * 60);
    let is_below = pool.tick() < Tick(-REACH * 60);
    let goes_down = is_above || (!is_below && random.once_in(2));
    let input = if goes_down { Side::Token0 } else { Side::Token1 };
    let amount = Amount::from_u128(1 + random.wide(66));
    match random.below(3) {
        0 => exact_in(input, 1 + random.wide(66)),
        1 => SwapRequest { input, amount: SwapAmount::ExactOut(amount), price_limit: None },
        _ => {
            let step = random.between(1, 200);
            let tick = pool.tick().0 + if goes_down { -step } else { step };
            let price_limit = sqrt_price_at_tick(Tick(tick));
            let amount = SwapAmount::ExactIn(Amount(U256::MAX >> 1));
            SwapRequest { input, amount, price_limit }
        }
    }
}

/// Does an operation to a tape; one that the pool would refuse is left out.
pub(super) fn perform(synthetic: &mut SyntheticTape, operation: Operation) {
    match operation {
        Operation::Swap(request) => drop(synthetic.swap(request)),
        Operation::Mint { owner, range, liquidity } => {
            synthetic.mint(owner, range, liquidity);
        }
        Operation::Burn { owner, range, thousandths } => {
            let held = synthetic.liquidity_of(owner, range);
            if held > 0 {
                synthetic.burn(owner, range, held * thousandths / 1_000);
            }
        }
        Operation::Collect { owner, range } => {
            synthetic.collect(owner, range);
        }
        Operation::Flash(paid) => synthetic.flash(paid),
        Operation::SetFeeProtocol(shares) => synthetic.set_fee_protocol(shares),
        Operation::NextBlock(blocks) => synthetic.skip_blocks(blocks),
    }
}

/// A tape of random operations on a pool with [`DEEP`] liquidity over all ticks.
pub(super) fn random_tape(random: &mut Seeded, operations: usize) -> SyntheticTape {
    let mut synthetic = SyntheticTape::at_tick(random.between(-600, 600));
    synthetic.mint(0, full_range(), DEEP);
    extend(&mut synthetic, random, operations);
    synthetic
}

pub(super) fn extend(synthetic: &mut SyntheticTape, random: &mut Seeded, operations: usize) {
    for _ in 0..operations {
        let operation = random_operation(random, synthetic.pool());
        perform(synthetic, operation);
    }
}
