use tidemill_units::{Amount, Bps};

use crate::Refusal;
use crate::scene::part_bps;

/// Refuses an opening after which a pool's part of equity would be larger than it may; `in_pool`
/// counts the opening. Of no equity every part is too large.
///
/// When an opening is approved, the part is within the limit. What passes it later is a price, what
/// positions earn, or equity that falls.
pub(crate) fn check_concentration(
    limit: Bps,
    in_pool: Amount,
    equity: Amount,
) -> Result<(), Refusal> {
    let part_bps = part_bps(in_pool, equity);
    if part_bps <= limit.0 {
        Ok(())
    } else {
        Err(Refusal::TooConcentrated { part_bps, limit_bps: limit.0 })
    }
}
