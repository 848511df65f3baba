use tidemill_units::U256;

/// Percent of a balance that works without any votes (`TOKENLESS_PRODUCTION`).
pub(crate) const TOKENLESS_PERCENT: u64 = 40;
/// Percent that votes can add.
const BOOST_PERCENT: u64 = 60;
const PERCENT: u64 = 100;

/// What decides how much of an account's stake works.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoostedStake {
    /// What the account has staked.
    pub(crate) balance: U256,
    /// What all have staked.
    pub(crate) total_supply: U256,
    /// The account's voting balance.
    pub(crate) votes: U256,
    /// All voting balances; zero where no boost is known.
    pub(crate) all_votes: U256,
}

impl BoostedStake {
    /// Returns what works: 40 percent of the balance, and 60 percent of the whole stake times the
    /// account's share of the votes, at most all of it; each division rounds down. `None` where
    /// something passes 2^256 - 1.
    ///
    /// Source: `_update_liquidity_limit` of Curve's and Balancer's gauges.
    pub(crate) fn working(self) -> Option<U256> {
        let mut limit = percent(self.balance, TOKENLESS_PERCENT)?;
        if !self.all_votes.is_zero() {
            let boost = self.total_supply.checked_mul(self.votes)?.checked_div(self.all_votes)?;
            limit = limit.checked_add(percent(boost, BOOST_PERCENT)?)?;
        }
        Some(limit.min(self.balance))
    }
}

/// Returns so many hundredths of a value, rounded down; `None` where the product passes 2^256 - 1.
pub(crate) fn percent(value: U256, percent: u64) -> Option<U256> {
    value.checked_mul(U256::from(percent))?.checked_div(U256::from(PERCENT))
}
