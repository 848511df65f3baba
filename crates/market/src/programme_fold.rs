//! Executing the recorded logs of a reward programme again, and comparing every number they have.
//!
//! A log stands for the call that wrote it. The exact model makes that call at the log's time and
//! block; what it answers must be what was recorded.

mod aerodrome;
mod aerodrome_gauge;
mod balancer_gauges;
mod concentrated_gauge;
mod cumulative_claim;
mod curve_gauges;
mod fee_distribution;
mod folded_programme;
mod gauge_controller;
mod liquid_staking;
mod master_chef;
mod merkl;
mod merkle_claim;
mod mismatch;
mod pools;
mod rate_token;
mod staking_rewards;
mod token_admin;
mod upcoming_emissions;
mod v3_staker;
mod validator_staking;
mod vault;
mod vote_escrow;

use std::collections::BTreeMap;

use tidemill_amm::concentrated::Pool;
use tidemill_model::{Address, PoolEvent, ProgrammeLog};
use tidemill_rewards::aerodrome::{AerodromeError, PoolNow};
use tidemill_rewards::merkl::Holding;
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Amount, Timestamp};

pub use aerodrome_gauge::AerodromeGaugeFold;
pub use concentrated_gauge::ConcentratedGaugeFold;
pub use folded_programme::{FoldedProgramme, NoFold};
pub use merkl::{MerklFold, MerklSchedule};
pub use mismatch::{ProgrammeError, ProgrammeMismatch};
pub use pools::{NoPools, ProgrammePools};
pub use upcoming_emissions::EpochEmission;
pub use v3_staker::V3StakerFold;

use crate::gauge_trail::{PoolChange, PoolMove};
use mismatch::Comparison;
use upcoming_emissions::UpcomingEmissions;

/// A reward programme that follows its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeFold {
    programme: FoldedProgramme,
    paid: BTreeMap<Option<Address>, Amount>,
    counts: BTreeMap<&'static str, u64>,
    now: Moment,
}

/// An amount of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTotal {
    /// The token; `None` where the programme has only one such, which the tape's header names.
    pub token: Option<Address>,
    /// How much; what would pass 2^256 - 1 is that.
    pub amount: Amount,
}

/// What a programme's log comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgrammeTotals {
    /// What is staked, at the end.
    pub staked: Vec<TokenTotal>,
    /// What was paid out in rewards since the start of the tape.
    pub paid: Vec<TokenTotal>,
    /// What has been earned and not been paid, at the end.
    pub unclaimed: Vec<TokenTotal>,
}

/// A reward that a call paid.
#[derive(Clone, Copy)]
struct Paid {
    token: Option<Address>,
    amount: Amount,
}

impl ProgrammeFold {
    /// Starts from a programme's state.
    pub fn new(programme: impl Into<FoldedProgramme>) -> Self {
        let (paid, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { programme: programme.into(), paid, counts, now: Moment::default() }
    }

    /// Returns the programme as its log has left it.
    pub fn programme(&self) -> &FoldedProgramme {
        &self.programme
    }

    /// Returns the programme, to put positions of ours into it.
    pub(crate) fn programme_mut(&mut self) -> &mut FoldedProgramme {
        &mut self.programme
    }

    /// Returns how many logs of each kind were executed, by name.
    pub fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }

    /// Makes the call behind a log, and compares every number that was recorded.
    ///
    /// Errors: a call that the programme refuses, the first number that differs, a name of
    /// something that is not there, or a log of another programme. The fold is then not to be used
    /// any more.
    pub fn apply(
        &mut self,
        log: &ProgrammeLog,
        now: Moment,
        pools: &dyn ProgrammePools,
    ) -> Result<(), ProgrammeMismatch> {
        let paid = match (&mut self.programme, log) {
            (FoldedProgramme::StakingRewards(model), ProgrammeLog::StakingRewards(log)) => {
                staking_rewards::apply(model, log, now.at)
            }
            (FoldedProgramme::MasterChef(model), ProgrammeLog::MasterChef(log)) => {
                master_chef::apply(model, log, now.block)
            }
            (FoldedProgramme::V3Staker(fold), ProgrammeLog::V3Staker(log)) => {
                fold.apply(log, now.at, pools)
            }
            (FoldedProgramme::VoteEscrow(model), ProgrammeLog::VoteEscrow(log)) => {
                let with = Comparison { event: log.kind() };
                vote_escrow::apply(model, log, now, with).map(|()| None)
            }
            (FoldedProgramme::CurveGauges(model), ProgrammeLog::CurveGauges(log)) => {
                curve_gauges::apply(model, log, now)
            }
            (FoldedProgramme::BalancerGauges(model), ProgrammeLog::BalancerGauges(log)) => {
                let all = balancer_gauges::apply(model, log, now)?;
                all.into_iter().for_each(|paid| book(&mut self.paid, paid));
                Ok(None)
            }
            (FoldedProgramme::FeeDistribution(model), ProgrammeLog::FeeDistribution(log)) => {
                let all = fee_distribution::apply(model, log, now)?;
                all.into_iter().for_each(|paid| book(&mut self.paid, paid));
                Ok(None)
            }
            (FoldedProgramme::TokenAdmin(model), ProgrammeLog::TokenAdmin(log)) => {
                token_admin::apply(model, log, now.at).map(|()| None)
            }
            (FoldedProgramme::MerkleClaim(model), ProgrammeLog::MerkleClaim(log)) => {
                merkle_claim::apply(model, log)
            }
            (FoldedProgramme::Aerodrome(model), ProgrammeLog::Aerodrome(log)) => {
                aerodrome::apply(model, log, now.at)
            }
            (FoldedProgramme::ConcentratedGauge(fold), ProgrammeLog::ConcentratedGauge(log)) => {
                fold.apply(log, now.at, pools)
            }
            (FoldedProgramme::AerodromeGauge(fold), ProgrammeLog::AerodromeGauge(log)) => {
                fold.apply(log, now.at)
            }
            (FoldedProgramme::CumulativeClaim(model), ProgrammeLog::CumulativeClaim(log)) => {
                cumulative_claim::apply(model, log, now.at)
            }
            (FoldedProgramme::Merkl(fold), ProgrammeLog::Merkl(log)) => fold.apply(log, now.at),
            (FoldedProgramme::LiquidStaking(model), ProgrammeLog::LiquidStaking(log)) => {
                liquid_staking::apply(model, log, now.at)
            }
            (FoldedProgramme::RateToken(model), ProgrammeLog::RateToken(log)) => {
                rate_token::apply(model, log)
            }
            (FoldedProgramme::Vault(model), ProgrammeLog::Vault(log)) => vault::apply(model, log),
            (FoldedProgramme::ValidatorStaking(model), ProgrammeLog::ValidatorStaking(log)) => {
                validator_staking::apply(model, log, now)
            }
            (programme, _) => Err(ProgrammeMismatch::OtherProgramme {
                programme: programme.kind(),
                event: log.kind(),
                of: log.programme(),
            }),
        }?;
        if let Some(paid) = paid {
            book(&mut self.paid, paid);
        }
        let count = self.counts.entry(log.kind()).or_default();
        *count = count.saturating_add(1);
        self.now = now;
        Ok(())
    }

    /// Follows a change of the pool that a gauge is for, which keeps the growth of its rewards;
    /// `before` is what the gauge reads of the pool before it, `after` the pool after it. Other
    /// programmes take no note of it.
    ///
    /// # Errors
    ///
    /// Those of the gauge, which could emit no more.
    pub fn follow(
        &mut self,
        event: &PoolEvent,
        before: PoolNow,
        after: &Pool,
        now: Timestamp,
    ) -> Result<(), AerodromeError> {
        let FoldedProgramme::ConcentratedGauge(fold) = &mut self.programme else { return Ok(()) };
        fold.follow(PoolChange { before, kind: PoolMove::of(event) }, after, now)
    }

    /// Shows a campaign a swap of the pool that it pays for, with all positions there; any other
    /// programme does not look at swaps.
    ///
    /// Errors: those of the campaign. The fold is then not to be used any more.
    pub fn observe_swap(
        &mut self,
        holdings: &[Holding],
        at: Timestamp,
    ) -> Result<(), ProgrammeMismatch> {
        let FoldedProgramme::Merkl(fold) = &mut self.programme else { return Ok(()) };
        fold.observe(holdings, at).map_err(Comparison { event: "swap" }.reverts())
    }

    /// Returns what the log has come to, with what has been earned by its last moment.
    pub fn totals(&self) -> ProgrammeTotals {
        let (staked, unclaimed) = match &self.programme {
            FoldedProgramme::StakingRewards(model) => {
                (staking_rewards::staked(model), staking_rewards::unclaimed(model, self.now.at))
            }
            FoldedProgramme::MasterChef(model) => {
                (master_chef::staked(model), master_chef::unclaimed(model, self.now.block))
            }
            FoldedProgramme::V3Staker(fold) => (fold.staked(), fold.unclaimed()),
            FoldedProgramme::VoteEscrow(model) => (vote_escrow::staked(model), Vec::new()),
            FoldedProgramme::CurveGauges(model) => {
                (curve_gauges::staked(model), curve_gauges::unclaimed(model, self.now))
            }
            FoldedProgramme::BalancerGauges(model) => {
                (balancer_gauges::staked(model), balancer_gauges::unclaimed(model, self.now.at))
            }
            FoldedProgramme::FeeDistribution(model) => {
                (fee_distribution::staked(model), fee_distribution::unclaimed(model, self.now))
            }
            FoldedProgramme::TokenAdmin(_) => (Vec::new(), Vec::new()),
            FoldedProgramme::MerkleClaim(model) => (Vec::new(), merkle_claim::unclaimed(model)),
            FoldedProgramme::Aerodrome(model) => {
                (aerodrome::staked(model), aerodrome::unclaimed(model, self.now.at))
            }
            FoldedProgramme::ConcentratedGauge(fold) => {
                (fold.staked(), fold.unclaimed(self.now.at))
            }
            FoldedProgramme::CumulativeClaim(model) => {
                (Vec::new(), cumulative_claim::unclaimed(model))
            }
            FoldedProgramme::LiquidStaking(model) => {
                (liquid_staking::staked(model), liquid_staking::unclaimed(model))
            }
            FoldedProgramme::RateToken(model) => (rate_token::staked(model), Vec::new()),
            FoldedProgramme::Vault(model) => (vault::staked(model), Vec::new()),
            FoldedProgramme::ValidatorStaking(model) => {
                (validator_staking::staked(model), validator_staking::unclaimed(model))
            }
            FoldedProgramme::AerodromeGauge(fold) => (fold.staked(), fold.unclaimed(self.now.at)),
            FoldedProgramme::Merkl(fold) => (Vec::new(), fold.unclaimed()),
        };
        let paid = self.paid.iter();
        let paid = paid.map(|(token, amount)| TokenTotal { token: *token, amount: *amount });
        ProgrammeTotals { staked, paid: paid.collect(), unclaimed }
    }
}

fn book(sums: &mut BTreeMap<Option<Address>, Amount>, Paid { token, amount }: Paid) {
    let sum = sums.entry(token).or_default();
    *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
}

fn account(address: Address) -> Account {
    Account(address.0)
}

fn address(account: Account) -> Address {
    Address(account.0)
}

/// What amounts come to; what would pass 2^256 - 1 is that.
fn total(amounts: impl Iterator<Item = Amount>) -> Amount {
    amounts.fold(Amount::ZERO, |sum, amount| sum.checked_add(amount).unwrap_or(Amount::MAX))
}
