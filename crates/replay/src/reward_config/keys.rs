//! Which keys a kind of programme has.

use super::RewardConfig;
use crate::ConfigError;
use crate::config::not_allowed;

const GAUGES: &[&str] = &["curve_gauge", "balancer_gauge"];
const MERKL: &[&str] = &["merkl"];

impl RewardConfig {
    /// Keys that only some kinds have: each with whether it is given, and with those kinds.
    fn keys(&self) -> [(&'static str, bool, &'static [&'static str]); 9] {
        [
            ("reward.relative_weight_bps", self.relative_weight_bps.is_some(), GAUGES),
            ("reward.others_boost_bps", self.others_boost_bps.is_some(), GAUGES),
            ("reward.others_locked", self.others_locked.is_some(), GAUGES),
            ("reward.fees_weight_bps", self.fees_weight_bps.is_some(), MERKL),
            ("reward.token0_weight_bps", self.token0_weight_bps.is_some(), MERKL),
            ("reward.token1_weight_bps", self.token1_weight_bps.is_some(), MERKL),
            ("reward.out_of_range_incentivized", self.out_of_range_incentivized.is_some(), MERKL),
            ("reward.settle_hours", self.settle_hours.is_some(), MERKL),
            ("reward.delay_hours", self.delay_hours.is_some(), MERKL),
        ]
    }

    /// Refuses what a programme that is made up does not have.
    pub(super) fn check_keys(&self, kind: &str) -> Result<(), ConfigError> {
        let boost = ("reward.boost_locked", self.boost_locked.is_some(), GAUGES);
        for (key, is_given, kinds) in self.keys().into_iter().chain([boost]) {
            self.refuse(key, is_given && !kinds.contains(&kind))?;
        }
        for (key, is_given) in [
            ("reward.incentive", self.incentive.is_some()),
            ("reward.chef_pool", self.chef_pool.is_some()),
            ("reward.gauge", self.gauge.is_some()),
        ] {
            if is_given {
                return Err(not_allowed(key, &"given", "left out without reward.tape"));
            }
        }
        Ok(())
    }

    /// Refuses what only a programme that is made up has.
    pub(super) fn check_keys_of_tape(&self) -> Result<(), ConfigError> {
        let given = self.keys().into_iter().find(|(_, is_given, _)| *is_given);
        given.map_or(Ok(()), |(key, ..)| {
            Err(not_allowed(key, &"given", "left out beside reward.tape, which has recorded it"))
        })
    }
}
