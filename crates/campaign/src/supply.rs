//! How much capital comes: the supply of liquidity against what it is paid.

use crate::config::Supply;
use crate::flow::{Flow, Interval};
use crate::programme::{ALL_VOTES, Rule, Votes};

pub(crate) const SECONDS_PER_YEAR: f64 = 365.0 * 86_400.0;
/// Of Curve's and Balancer's gauges: what of a stake works without votes, and what votes can add.
const TOKENLESS: f64 = 0.4;

/// A pool that is to be added to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Market<'a> {
    pub(crate) flow: &'a Flow,
    pub(crate) supply: &'a Supply,
}

/// What is paid on top: raw units of the quote token in a year, by a rule. A leak is what of its
/// part does not reach the capital that came; below zero it gets more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incentive<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) a_year: f64,
    pub(crate) leak: f64,
}

/// Returns of capital that came, a year, as fractions of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Yields {
    pub(crate) fees: f64,
    pub(crate) rewards: f64,
    pub(crate) lvr: f64,
    pub(crate) costs: f64,
}

impl Yields {
    pub(crate) fn net(&self) -> f64 {
        self.fees + self.rewards - self.lvr - self.costs
    }
}

impl Market<'_> {
    fn a_year(&self, of: impl Fn(&Interval) -> f64) -> f64 {
        self.flow.intervals.iter().map(of).sum::<f64>() * (SECONDS_PER_YEAR / self.flow.seconds)
    }

    /// Returns fees a year of one unit of capital when so much has come.
    fn fees(&self, added: f64) -> f64 {
        self.fees_by(added, |interval| interval.per_capital)
    }

    /// Returns a year's fees of some liquidity in each interval when so much capital has come.
    fn fees_by(&self, added: f64, of: impl Fn(&Interval) -> f64) -> f64 {
        let elasticity = self.supply.volume_elasticity;
        self.a_year(|interval| {
            if interval.fees == 0.0 {
                return 0.0;
            }
            let all = interval.fee_liquidity + added * interval.per_capital;
            let response = match elasticity {
                0.0 => 1.0,
                some => libm::pow(all / interval.fee_liquidity, some),
            };
            interval.fees * response * of(interval) / all
        })
    }

    /// Returns the loss versus rebalancing a year of one unit of capital.
    pub(crate) fn lvr(&self) -> f64 {
        self.a_year(|interval| interval.lvr_per_liquidity * interval.per_capital)
    }

    /// Returns what capital has to earn before it stays; the fees of the first to come where no
    /// return is required: the pool as recorded is then at rest.
    pub(crate) fn need(&self) -> f64 {
        match self.supply.required_return {
            Some(required) => required + self.lvr() + self.supply.cost_return,
            None => self.fees(0.0),
        }
    }

    /// Returns what capital that came is paid, and what it loses, when so much has come.
    pub(crate) fn yields(&self, added: f64, incentive: &Incentive<'_>) -> Yields {
        let (fees, staked) = (self.fees(added), self.staked(added, incentive));
        let rewards = self.rewards(staked, incentive);
        let (lvr, costs) = (self.lvr(), self.supply.cost_return);
        if !incentive.rule.gives_fees_to_voters() {
            return Yields { fees, rewards, lvr, costs };
        }
        let part = match added > 0.0 {
            true => staked / added,
            false => f64::from(u8::from(rewards >= fees)),
        };
        Yields { fees: fees * (1.0 - part), rewards: rewards * part, lvr, costs }
    }

    /// Returns what of the capital that came is staked: all of it, or, where the fees of what is
    /// staked are the voters', as much as is paid for it what fees pay the rest.
    pub(crate) fn staked(&self, added: f64, incentive: &Incentive<'_>) -> f64 {
        let fees = self.fees(added);
        let is_worth_it = |staked: f64| self.rewards(staked, incentive) >= fees;
        if !incentive.rule.gives_fees_to_voters() || is_worth_it(added) {
            return added;
        }
        let (mut low, mut high) = (0.0, added);
        for _ in 0..128 {
            let middle = low + (high - low) / 2.0;
            if is_worth_it(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Returns what capital is paid a year, where it may choose between fees and emission if it
    /// cannot have both.
    fn income(&self, added: f64, incentive: &Incentive<'_>) -> f64 {
        let (fees, rewards) = (self.fees(added), self.rewards(added, incentive));
        if incentive.rule.gives_fees_to_voters() { fees.max(rewards) } else { fees + rewards }
    }

    /// Returns what a rule has to pay a year before it brings anybody beside those who come unpaid,
    /// raw units of the quote token; `None` where nothing brings anybody.
    pub(crate) fn brings_from(&self, unpaid: f64, rule: &Rule) -> Option<f64> {
        let fees = self.fees(unpaid);
        let asked = if unpaid > 0.0 { fees } else { self.need() };
        let paid = if rule.gives_fees_to_voters() { 0.0 } else { fees };
        let budget = (asked - paid).max(0.0) / self.share(unpaid, rule);
        (self.supply.epsilon > 0.0 && budget.is_finite()).then_some(budget)
    }

    /// Returns what a year's fees of staked liquidity come to, which a gauge's voters get; nothing
    /// where the stakers keep them.
    pub(crate) fn fees_to_voters(&self, added: f64, incentive: &Incentive<'_>) -> f64 {
        if !incentive.rule.gives_fees_to_voters() {
            return 0.0;
        }
        let staked = self.staked(added, incentive);
        self.fees_by(added, |interval| {
            self.supply.staked_part * interval.fee_liquidity + staked * interval.per_capital
        })
    }

    fn rewards(&self, added: f64, incentive: &Incentive<'_>) -> f64 {
        if incentive.a_year == 0.0 {
            return 0.0;
        }
        incentive.a_year * (1.0 - incentive.leak) * self.share(added, incentive.rule)
    }

    /// Returns the part of a budget that goes to all of the capital that came and is staked.
    pub(crate) fn part_of_budget(&self, staked: f64, incentive: &Incentive<'_>) -> f64 {
        staked * self.share(staked, incentive.rule)
    }

    /// Returns the part of a budget that goes to one unit of the capital that came.
    fn share(&self, added: f64, rule: &Rule) -> f64 {
        let Supply { staked_part, parked_part, .. } = *self.supply;
        let flow = self.flow;
        let staked = staked_part * flow.capital;
        let by_seconds = |part: f64| {
            let of = |interval: &Interval| {
                let all = part * interval.liquidity + added * interval.per_capital;
                // The last events of a tape may all be of one second.
                if interval.per_capital == 0.0 || interval.seconds == 0.0 {
                    return 0.0;
                }
                interval.seconds * interval.per_capital / all
            };
            flow.intervals.iter().map(of).sum::<f64>() / flow.seconds
        };
        match rule {
            Rule::StakingRewards => 1.0 / (staked + added * (1.0 + parked_part)),
            Rule::V3Staker => by_seconds(1.0),
            Rule::SlipstreamGauge => by_seconds(staked_part),
            Rule::AerodromeGauge => 1.0 / (staked + added),
            Rule::MasterChef { .. } => (10.0 / 11.0) / (staked + added),
            Rule::Merkl { weights, is_out_of_range_incentivized, rules } => {
                let fees = f64::from(weights.fees) / 10_000.0;
                let parked = if *is_out_of_range_incentivized { parked_part } else { 0.0 };
                let kept = 1.0 - rules.default_fees as f64 / 1e9;
                let by_fees = self.share_of_fees(added);
                let by_holding = self.share_of_holding(added, parked);
                kept * (fees * by_fees + (1.0 - fees) * by_holding)
            }
            Rule::BoostedGauge { votes: Votes { of_present, of_added }, .. } => {
                // One unit stands for those who come while nobody has.
                let came = added.max(1.0);
                let all = staked + came;
                let working = |stake: f64, votes: u64| {
                    let boost = all * votes as f64 / ALL_VOTES as f64;
                    stake.min(TOKENLESS * stake + (1.0 - TOKENLESS) * boost)
                };
                let ours = working(came, *of_added);
                ours / (ours + working(staked, *of_present)) / came
            }
        }
    }

    fn share_of_fees(&self, added: f64) -> f64 {
        let all: f64 = self.flow.intervals.iter().map(|interval| interval.fees).sum();
        let of = |interval: &Interval| {
            let liquidity = interval.fee_liquidity + added * interval.per_capital;
            interval.fees * interval.per_capital / liquidity
        };
        let fees = self.flow.intervals.iter().filter(|interval| interval.fees > 0.0);
        if all > 0.0 { fees.map(of).sum::<f64>() / all } else { 0.0 }
    }

    fn share_of_holding(&self, added: f64, parked: f64) -> f64 {
        let all: f64 = self.flow.intervals.iter().map(|interval| interval.swaps).sum();
        let of = |interval: &Interval| {
            let held = interval.capital_in_range + added * (interval.in_range_part + parked);
            interval.swaps * interval.in_range_part / held
        };
        let held = self.flow.intervals.iter().filter(|interval| interval.swaps > 0.0);
        if all > 0.0 { held.map(of).sum::<f64>() / all } else { 0.0 }
    }

    /// Returns how much capital comes, raw units of the quote token: where income meets need, or,
    /// of finite elasticity, where the pool's capital is what it was times the power of income over
    /// need. Nothing leaves, for what is there was recorded.
    pub(crate) fn added(&self, incentive: &Incentive<'_>) -> f64 {
        let need = self.need();
        let excess = |added: f64| {
            let ratio = self.income(added, incentive) / need;
            match self.supply.epsilon {
                0.0 => -added,
                epsilon if epsilon.is_finite() => {
                    self.flow.capital * (libm::pow(ratio, epsilon) - 1.0) - added
                }
                _ => ratio - 1.0,
            }
        };
        // Where no return is required the ratio is one to the last bit, and rounding is no capital.
        if excess(0.0) <= 0.0 {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, self.flow.capital);
        for _ in 0..128 {
            if excess(high) <= 0.0 {
                break;
            }
            (low, high) = (high, high * 2.0);
        }
        for _ in 0..128 {
            let middle = low + (high - low) / 2.0;
            if excess(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests;
