use tidemill_rewards::BalancerGauges;
use tidemill_units::{Amount, Timestamp};

use super::{TokenTotal, address, total};

/// The stakes of each gauge, by the gauge.
pub(super) fn staked(model: &BalancerGauges) -> Vec<TokenTotal> {
    let gauges = model.state().gauges;
    let staked = gauges.iter().map(|gauge| TokenTotal {
        token: Some(address(gauge.identity.account)),
        amount: Amount(gauge.period.total_supply),
    });
    staked.collect()
}

/// What everybody could mint from each gauge; left out is what no call could work out either.
pub(super) fn unclaimed(model: &BalancerGauges, at: Timestamp) -> Vec<TokenTotal> {
    let mut model = model.clone();
    let gauges = model.state().gauges;
    let accounts = gauges.iter().flat_map(|gauge| {
        gauge.stakes.iter().map(move |staker| (gauge.identity.account, staker.account))
    });
    let mut claimable = Vec::new();
    for (gauge, who) in accounts {
        claimable.extend(model.claimable(gauge, who, at).ok());
    }
    vec![TokenTotal { token: None, amount: total(claimable.into_iter()) }]
}
