/// Seconds of the week that Curve's and Balancer's contracts count in (`WEEK`), and of the epoch of
/// Aerodrome's (`DURATION`). They begin on Thursdays at 00:00 UTC, as 1970-01-01 did.
pub const WEEK: u64 = 604_800;

/// Returns the beginning of the week that this second lies in.
pub(crate) fn week_start(at: u64) -> u64 {
    at.saturating_sub(at.checked_rem(WEEK).unwrap_or_default())
}
