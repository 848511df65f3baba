//! Where the rungs of a ladder are, and what goes into each.

use tidemill_amm::concentrated::{Pool, Rounding};
use tidemill_units::{Amount, Amounts, Liquidity, Side, Tick, TickRange, U256, mul_div};

use super::LadderWeights;

/// One of a ladder's ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// How many widths its lower end is above the base.
    place: i32,
    /// What its value is to those of the others.
    pub(crate) weight: u32,
}

impl Rung {
    /// Returns its range where the first one from the price on begins at `base`.
    pub(crate) fn range(self, base: Tick, width: i32) -> TickRange {
        let at = |place: i32| Tick(base.0.saturating_add(place.saturating_mul(width)));
        TickRange { lower: at(self.place), upper: at(self.place.saturating_add(1)) }
    }
}

/// The weight of the nearest rung, where each has a part of the one before.
const NEAREST: f64 = 1_000_000.0;

/// Returns the rungs, so many below the price and so many from it on.
pub(crate) fn rungs([below, above]: [u32; 2], weights: LadderWeights, ratio: f64) -> Vec<Rung> {
    let weight = |away: u32, of: u32| match weights {
        LadderWeights::Uniform => 1,
        LadderWeights::Linear => of - away,
        LadderWeights::Geometric => {
            let power = (0..away).fold(NEAREST, |power, _| power * ratio);
            // Below two to the twentieth, and never nothing.
            (power as u32).max(1)
        }
    };
    let signed = |place: u32| i32::try_from(place).unwrap_or(i32::MAX);
    let under =
        (0..below).map(|away| Rung { place: -1 - signed(away), weight: weight(away, below) });
    let over = (0..above).map(|away| Rung { place: signed(away), weight: weight(away, above) });
    under.chain(over).collect()
}

/// Enough liquidity for its amounts to have many digits, little enough for them to fit.
const PROBE: Liquidity = Liquidity(1 << 100);
/// A value of which amounts keep many digits; some token1 are worth so much at any price.
const VALUE: U256 = U256::from_limbs([0, 0, 1, 0]);

/// Returns amounts for each range at the pool's price whose values are to each other as the
/// weights; `None` where a value does not fit.
pub(crate) fn wanted(pool: &Pool, ranges: &[(TickRange, u32)]) -> Option<Vec<Amounts>> {
    let price = pool.sqrt_price();
    let scaled = |(range, weight): &(TickRange, u32)| {
        let probe = pool.amounts_of(*range, PROBE, Rounding::Up).ok()?;
        let worth = price.convert(probe.amount0, Side::Token0)?.checked_add(probe.amount1)?;
        let value = VALUE.checked_mul(U256::from(*weight))?;
        let part = |amount: Amount| mul_div(amount.0, value, worth.0).map(Amount);
        Some(Amounts { amount0: part(probe.amount0)?, amount1: part(probe.amount1)? })
    };
    ranges.iter().map(scaled).collect()
}

/// Divides a wallet as these amounts divide their sum, each part rounded down.
pub(crate) fn divided(wallet: Amounts, wanted: &[Amounts], whole: Amounts) -> Vec<Amounts> {
    let part = |side: Side, wanted: Amounts| {
        let part = mul_div(wallet.get(side).0, wanted.get(side).0, whole.get(side).0);
        part.map_or(Amount::ZERO, Amount)
    };
    let of = |wanted: &Amounts| Amounts {
        amount0: part(Side::Token0, *wanted),
        amount1: part(Side::Token1, *wanted),
    };
    wanted.iter().map(of).collect()
}
