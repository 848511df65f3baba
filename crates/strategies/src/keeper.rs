use tidemill_model::{Holding, Intent, Placement, PositionId};
use tidemill_strategy::View;
use tidemill_units::{Amounts, Tick, TickRange};

use crate::balance::{Balance, Readiness};

/// Keeps one position: brings the wallet to the ratio of a range, then opens it with all there is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Keeper {
    balance: Balance,
    /// The wallet when its last swap was asked for.
    swapped_from: Option<Amounts>,
}

impl Keeper {
    /// Returns our position, if one is open.
    pub(crate) fn position(view: &View<'_>) -> Option<(PositionId, TickRange)> {
        view.positions().find_map(|(id, position)| match position.holding {
            Holding::Range { range, .. } => Some((id, range)),
            Holding::Shares(_) | Holding::Stake { .. } | Holding::Lock { .. } => None,
        })
    }

    /// Returns the next intent on the way to a position in this range.
    ///
    /// One swap is enough: it moves the price and with it the ratio, and to follow that with
    /// another swap, and so on, would cost more than what stays behind.
    pub(crate) fn enter(&mut self, view: &View<'_>, range: TickRange) -> Vec<Intent> {
        let Some((pool, id)) = view.pool().zip(view.pool_id()) else { return Vec::new() };
        let Some(wallet) = view.available().and_then(|wallet| wallet.two()) else {
            return Vec::new();
        };
        if wallet.is_zero() {
            return Vec::new();
        }
        // A wallet that did not change is that of a swap that was refused.
        let has_swapped = self.swapped_from.take().is_some_and(|before| before != wallet);
        let readiness =
            if has_swapped { Readiness::Ready } else { self.balance.swap(pool, id, range, wallet) };
        match readiness {
            Readiness::Ready => {
                let placement = Placement::Range(range);
                vec![Intent::Open { pool: id, placement, desired: wallet.into() }]
            }
            Readiness::After(swap) => {
                self.swapped_from = Some(wallet);
                vec![swap]
            }
            Readiness::NotNow => Vec::new(),
        }
    }
}

/// Returns the range of a half-width around a tick, both ends on the spacing and within bounds, the
/// tick inside; `None` where there is none, beyond the last multiple of the spacing.
pub(crate) fn range_around(centre: Tick, half_width: i32, spacing: i32) -> Option<TickRange> {
    range_between(centre, [half_width, half_width], spacing)
}

/// Returns the range from so many ticks below a tick to so many above it, as [`range_around`].
pub(crate) fn range_between(
    centre: Tick,
    [below, above]: [i32; 2],
    spacing: i32,
) -> Option<TickRange> {
    let full = TickRange::full(spacing)?;
    let lower = Tick(centre.0.checked_sub(below)?).floor_to(spacing)?.max(full.lower);
    let above = centre.0.checked_add(above)?.checked_add(spacing)?;
    let upper = Tick(above.checked_sub(1)?).floor_to(spacing)?.min(full.upper);
    let range = TickRange { lower, upper };
    range.contains(centre).then_some(range)
}
