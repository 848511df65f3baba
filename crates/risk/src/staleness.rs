use tidemill_model::{FeedId, PoolId};
use tidemill_units::InstantUs;

use crate::{Minutes, Refusal};

/// Refuses a feed that was last heard too long ago.
pub(crate) fn check_feed(
    limit: Minutes,
    feed: FeedId,
    (heard_at, now): (Option<InstantUs>, InstantUs),
) -> Result<(), Refusal> {
    let (silent_minutes, limit_minutes) = (silence(heard_at, now), limit.count());
    if silent_minutes <= limit_minutes {
        Ok(())
    } else {
        Err(Refusal::FeedSilent { feed, silent_minutes, limit_minutes })
    }
}

/// Refuses a pool that was last heard of too long ago.
pub(crate) fn check_pool(
    limit: Minutes,
    pool: PoolId,
    (heard_at, now): (Option<InstantUs>, InstantUs),
) -> Result<(), Refusal> {
    let (silent_minutes, limit_minutes) = (silence(heard_at, now), limit.count());
    if silent_minutes <= limit_minutes {
        Ok(())
    } else {
        Err(Refusal::PoolSilent { pool, silent_minutes, limit_minutes })
    }
}

/// Returns the minutes since something was heard, one that has begun counted as a whole one; the
/// largest number where it never was.
fn silence(heard_at: Option<InstantUs>, now: InstantUs) -> u32 {
    const MINUTE_US: u64 = 60_000_000;
    let Some(heard_at) = heard_at else { return u32::MAX };
    let micros = now.us_since(heard_at).and_then(|micros| u64::try_from(micros).ok());
    // Something heard later than now was heard just now.
    let minutes = micros.map_or(0, |micros| micros.div_ceil(MINUTE_US));
    u32::try_from(minutes).unwrap_or(u32::MAX)
}
