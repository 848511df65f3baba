//! Gauges of Curve's and Balancer's that a configuration makes up, as they are at a tape's first
//! event: with emission, votes and others' stakes.

use tidemill_market::{FoldedProgramme, GaugeSeat, Seat};
use tidemill_rewards::balancer_gauge::{BalancerDeposit, GaugeIdentity};
use tidemill_rewards::crv_emission::{CrvEmission, CrvEmissionError};
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::gauge_controller::{GaugeController, GaugeControllerError, NewGauge};
use tidemill_rewards::token_admin::{TokenAdmin, TokenAdminError};
use tidemill_rewards::vote_escrow::{EscrowParameters, VoteEscrowError};
use tidemill_rewards::{Account, BalancerGauges, CurveGauges, Moment, VoteEscrow, WEEK};
use tidemill_store::time_text;
use tidemill_units::{Amount, BlockNumber, Timestamp, U256, mul_div};

use super::made_up::{OTHERS, SPONSOR, Start};
use super::{Period, RewardConfig, RewardScene};
use crate::ConfigError;
use crate::config::{not_allowed, whole};

/// The gauge that a configuration makes up.
const GAUGE: Account = Account([0x6a; 20]);
/// The gauge that has the rest of the votes for gauges.
const OTHER_GAUGE: Account = Account([0x6b; 20]);
/// Who has locked what nobody who stakes has.
const REST: Account = Account([0x08; 20]);
const POOL_TOKEN: Account = Account([0x1b; 20]);
const VAULT: Account = Account([0xba; 20]);
/// 10^14: so many times this, basis points add up to the 10^18 of relative weights.
const OF_BASIS_POINT: u64 = 100_000_000_000_000;
const ONE: u64 = 1_000_000_000_000_000_000;
/// Decimals of CRV and of the pool token that Balancer's escrow locks.
const ESCROW_DECIMALS: u8 = 18;
/// Others' locks where none of ours is beside them: a million tokens, which no answer depends on.
const ANY_LOCKS: u128 = 1_000_000_000_000_000_000_000_000;
/// No boost, and the largest that there is: 2.5.
const BOOSTS: std::ops::RangeInclusive<u32> = 10_000..=25_000;
/// Time for which one rate holds, of both tokens.
const EPOCH_SECONDS: u64 = 31_536_000;
/// When CRV was created, a day before its first epoch (mainnet, block 10,647,813).
const CRV_CREATED: Timestamp = Timestamp(1_597_270_648);
const CRV_FIRST_EPOCH: Timestamp = Timestamp(1_597_357_048);
/// Raw units of CRV that there were at first (`ERC20CRV.vy`, its share of the supply).
const CRV_AT_FIRST: u128 = 1_303_030_303_000_000_000_000_000_000;
/// When the admin of BAL was activated (`getStartEpochTime` of its first epoch, mainnet).
const BAL_FIRST_EPOCH: Timestamp = Timestamp(1_648_465_251);

/// What a gauge is made up of.
struct Plan {
    /// When everything begins.
    first: Moment,
    /// Long enough before for the gauge's weight to count and for boosts to be known.
    created: Moment,
    emission: Emission,
    others: Amount,
    others_boost_bps: u32,
    /// All locks but ours.
    others_locked: Amount,
    seat: GaugeSeat,
}

/// What the token emits.
#[derive(Clone, Copy)]
enum Emission {
    /// So many raw units a second, all for the gauge.
    Rate(U256),
    /// What the real one emits, of which the gauge has a part in basis points.
    Schedule(u32),
}

impl Emission {
    fn weight_bps(self) -> u32 {
        match self {
            Self::Rate(_) => 10_000,
            Self::Schedule(weight) => weight,
        }
    }
}

impl RewardConfig {
    pub(super) fn curve_gauge(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        let plan = self.gauge_plan(scene, period, decimals)?;
        let token = match plan.emission {
            Emission::Rate(rate) => CrvEmission {
                mining_epoch: 0,
                start_epoch_time: period.first,
                rate,
                start_epoch_supply: U256::ZERO,
                total_supply: Amount::ZERO,
            },
            Emission::Schedule(_) => {
                self.check_emitted("CRV", CRV_FIRST_EPOCH, period.first)?;
                crv_at(period.first).map_err(|error| self.failed(&error))?
            }
        };
        let escrow = plan.escrow(EscrowParameters::CURVE).map_err(|error| self.failed(&error))?;
        let controller = plan.controller().map_err(|error| self.failed(&error))?;
        let mut system = CurveGauges::deployed(token, escrow, controller);
        let (created, first) = (plan.created.at, plan.first.at);
        system.deploy_gauge(GAUGE, created).map_err(|error| self.failed(&error))?;
        if !plan.others.is_zero() {
            let deposit = GaugeDeposit { gauge: GAUGE, recipient: OTHERS, value: plan.others };
            system.deposit(OTHERS, deposit, first).map_err(|error| self.failed(&error))?;
        }
        Ok((FoldedProgramme::from(system), Seat::CurveGauge(plan.seat)))
    }

    pub(super) fn balancer_gauge(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Start, ConfigError> {
        let plan = self.gauge_plan(scene, period, decimals)?;
        let token_admin = match plan.emission {
            Emission::Rate(rate) => {
                TokenAdmin { start_epoch_time: period.first, rate, ..TokenAdmin::default() }
            }
            Emission::Schedule(_) => {
                self.check_emitted("BAL", BAL_FIRST_EPOCH, period.first)?;
                bal_at(period.first).map_err(|error| self.failed(&error))?
            }
        };
        let escrow = plan.escrow(EscrowParameters::BALANCER);
        let escrow = escrow.map_err(|error| self.failed(&error))?;
        let controller = plan.controller().map_err(|error| self.failed(&error))?;
        let mut system = BalancerGauges::deployed(token_admin, Amount::ZERO, escrow, controller);
        let identity =
            GaugeIdentity { account: GAUGE, pool_token: POOL_TOKEN, admin: SPONSOR, vault: VAULT };
        let deployed = system.deploy_gauge(identity, U256::from(ONE), plan.created.at);
        deployed.map_err(|error| self.failed(&error))?;
        if !plan.others.is_zero() {
            let deposit = BalancerDeposit { recipient: OTHERS, value: plan.others, claims: false };
            let deposited = system.deposit(GAUGE, deposit, plan.first.at);
            deposited.map_err(|error| self.failed(&error))?;
        }
        Ok((FoldedProgramme::from(system), Seat::BalancerGauge(plan.seat)))
    }

    fn gauge_plan(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Plan, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.refuse("reward.end", self.end.is_some())?;
        self.check_starts_first(period)?;
        let others = self.others(scene)?;
        let emission = self.emission(period, decimals)?;
        let others_boost_bps = self.others_boost_bps.unwrap_or(*BOOSTS.start());
        if !BOOSTS.contains(&others_boost_bps) {
            let allowed = "10000, which is no boost, to 25000";
            return Err(not_allowed("reward.others_boost_bps", &others_boost_bps, allowed));
        }
        let (locked, others_locked) = self.locks()?;
        let block = scene.tape.events().first().map_or(BlockNumber(0), |event| event.block);
        let lead = Timestamp(period.first.0.saturating_sub(WEEK.saturating_mul(4)));
        Ok(Plan {
            first: Moment { at: period.first, block },
            created: Moment { at: lead, block },
            emission,
            others,
            others_boost_bps,
            others_locked,
            seat: GaugeSeat { gauge: GAUGE, locked },
        })
    }

    fn emission(&self, period: &Period, decimals: u8) -> Result<Emission, ConfigError> {
        if let Some(weight) = self.relative_weight_bps {
            if self.amount.is_some() {
                let allowed = "given, or reward.amount, and not both";
                return Err(not_allowed("reward.relative_weight_bps", &weight, allowed));
            }
            if !(1..=10_000).contains(&weight) {
                return Err(not_allowed("reward.relative_weight_bps", &weight, "1 to 10000"));
            }
            return Ok(Emission::Schedule(weight));
        }
        let Some(text) = &self.amount else {
            let allowed = "an amount in whole reward tokens, or reward.relative_weight_bps";
            return Err(not_allowed("reward.amount", &"missing", allowed));
        };
        let amount = whole("reward.amount", text, decimals)?;
        let seconds = period.end.seconds_since(period.first);
        if seconds > EPOCH_SECONDS {
            let allowed = "reward.relative_weight_bps for a tape of more than 365 days, in which \
                           an emission falls";
            return Err(not_allowed("reward.amount", text, allowed));
        }
        let rate = amount.0.checked_div(U256::from(seconds)).unwrap_or_default();
        if rate.is_zero() || amount > Amount::from_u128(u128::MAX) {
            let allowed = "at least one raw unit a second, and below 2^128 raw units";
            return Err(not_allowed("reward.amount", text, allowed));
        }
        Ok(Emission::Rate(rate))
    }

    /// What we lock, and what all others have locked.
    fn locks(&self) -> Result<(Amount, Amount), ConfigError> {
        let locked = self.boost_locked()?;
        match (&self.others_locked, locked.is_zero()) {
            (None, true) => Ok((locked, Amount::from_u128(ANY_LOCKS))),
            (None, false) => {
                let allowed = "what all others have locked, in whole tokens, beside boost_locked";
                Err(not_allowed("reward.others_locked", &"missing", allowed))
            }
            (Some(text), true) => {
                let allowed = "left out without reward.boost_locked, beside which it counts";
                Err(not_allowed("reward.others_locked", text, allowed))
            }
            (Some(text), false) => Ok((locked, locked_amount("reward.others_locked", text)?)),
        }
    }

    /// What backs our boost; zero for none.
    pub(super) fn boost_locked(&self) -> Result<Amount, ConfigError> {
        let text = self.boost_locked.as_ref();
        text.map_or(Ok(Amount::ZERO), |text| locked_amount("reward.boost_locked", text))
    }

    fn check_emitted(
        &self,
        token: &str,
        from: Timestamp,
        first: Timestamp,
    ) -> Result<(), ConfigError> {
        if first >= from {
            return Ok(());
        }
        let allowed = format!(
            "in a tape that begins at {} or later: {token}'s first epoch, or \
                               reward.amount instead",
            time_text(from)
        );
        Err(not_allowed("reward.relative_weight_bps", &time_text(first), &allowed))
    }
}

impl Plan {
    /// Everybody else's locks, which fall alike.
    fn escrow(&self, parameters: EscrowParameters) -> Result<VoteEscrow, VoteEscrowError> {
        let mut escrow = VoteEscrow::deployed(parameters, self.created);
        let until = self.first.at.0.saturating_add(parameters.maximum_lock);
        // A boost of 1 + 1.5 f takes the fraction f of all votes to the only staker there is.
        let above = self.others_boost_bps.saturating_sub(*BOOSTS.start());
        let most = BOOSTS.end().saturating_sub(*BOOSTS.start());
        let stakers = mul_div(self.others_locked.0, U256::from(above), U256::from(most));
        let stakers = Amount(stakers.unwrap_or_default());
        let rest = self.others_locked.checked_sub(stakers).unwrap_or_default();
        for (account, value) in [(OTHERS, stakers), (REST, rest)] {
            if !value.is_zero() {
                escrow.create_lock(account, value, Timestamp(until), self.first)?;
            }
        }
        Ok(escrow)
    }

    /// The gauge's part of the weights, and another gauge's with the rest.
    fn controller(&self) -> Result<GaugeController, GaugeControllerError> {
        let at = self.created.at;
        let mut controller = GaugeController::deployed(SPONSOR, at);
        controller.add_type(SPONSOR, U256::from(ONE), at)?;
        let ours = self.emission.weight_bps();
        for (account, bps) in [(GAUGE, ours), (OTHER_GAUGE, 10_000_u32.saturating_sub(ours))] {
            let weight = U256::from(bps).saturating_mul(U256::from(OF_BASIS_POINT));
            controller.add_gauge(SPONSOR, NewGauge { account, gauge_type: 0, weight }, at)?;
        }
        Ok(controller)
    }
}

/// An amount that an escrow can hold beside another of its size.
fn locked_amount(key: &'static str, text: &str) -> Result<Amount, ConfigError> {
    let locked = whole(key, text, ESCROW_DECIMALS)?;
    if locked.is_zero() || locked >= Amount::from_u128(1 << 126) {
        let allowed = "an amount in whole tokens, above zero and below 8 * 10^19";
        return Err(not_allowed(key, &text, allowed));
    }
    Ok(locked)
}

/// CRV's emission in the epoch of this time.
fn crv_at(at: Timestamp) -> Result<CrvEmission, CrvEmissionError> {
    let mut token = CrvEmission::deployed(Amount::from_u128(CRV_AT_FIRST), CRV_CREATED)?;
    loop {
        let epoch = token.mining_epoch;
        token.start_epoch_time_write(at)?;
        if token.mining_epoch == epoch {
            return Ok(token);
        }
    }
}

/// BAL's emission in the epoch of this time.
fn bal_at(at: Timestamp) -> Result<TokenAdmin, TokenAdminError> {
    let mut token = TokenAdmin::activated(Amount::ZERO, BAL_FIRST_EPOCH);
    loop {
        let epoch = token.mining_epoch;
        token.start_epoch_time_write(at)?;
        if token.mining_epoch == epoch {
            return Ok(token);
        }
    }
}

#[cfg(test)]
mod tests;
