//! Curve's gauge: the only one of its controller, with a boost by votes.

use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::gauge_controller::{GaugeController, NewGauge};
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, CurveGauges, Moment, VoteEscrow};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use super::{Capture, Clock, Group};
use crate::programme::{ALL_VOTES, GAUGE_LEAD};

const ADMIN: Account = Account([0xad; 20]);
const GAUGE: Account = Account([0x60; 20]);
/// Who has the votes of nobody who stakes.
const OTHERS: Account = Account([0x07; 20]);
const ONE: u128 = 1_000_000_000_000_000_000;
/// Votes are locked for as long as can be, so that all of them fall alike.
const LOCK_SECONDS: u64 = 4 * 365 * 86_400;

/// The system whose emission over the campaign is the budget.
pub(crate) struct Boosted {
    system: CurveGauges,
    budget: Amount,
    clock: Clock,
}

impl Boosted {
    pub(crate) fn new(budget: Amount, votes: [u64; 2], clock: Clock) -> Result<Self, String> {
        let at = Timestamp(clock.start.0.saturating_sub(GAUGE_LEAD));
        let rate = budget.0.checked_div(U256::from(clock.seconds)).ok_or("no time to pay in")?;
        let token = CrvEmission {
            mining_epoch: 0,
            start_epoch_time: at,
            rate,
            start_epoch_supply: U256::ZERO,
            total_supply: Amount::ZERO,
        };
        let token = token.checked().map_err(|error| error.to_string())?;
        let now = Moment { at, block: BlockNumber(1) };
        let mut escrow = VoteEscrow::deployed(EscrowParameters::CURVE, now);
        let [present, added] = votes;
        let others = ALL_VOTES.saturating_sub(present).saturating_sub(added);
        let lockers = [
            (Group::Present.account(), present),
            (Group::Added.account(), added),
            (OTHERS, others),
        ];
        for (account, votes) in lockers {
            if votes > 0 {
                let value = Amount::from_u128(u128::from(votes) * ONE);
                let until = Timestamp(at.0.saturating_add(LOCK_SECONDS));
                let locked = escrow.create_lock(account, value, until, now);
                locked.map_err(|error| error.to_string())?;
            }
        }
        let mut controller = GaugeController::deployed(ADMIN, at);
        controller.add_type(ADMIN, U256::from(ONE), at).map_err(|error| error.to_string())?;
        let gauge = NewGauge { account: GAUGE, gauge_type: 0, weight: U256::from(ONE) };
        controller.add_gauge(ADMIN, gauge, at).map_err(|error| error.to_string())?;
        let mut system = CurveGauges::deployed(token, escrow, controller);
        system.deploy_gauge(GAUGE, at).map_err(|error| error.to_string())?;
        Ok(Self { system, budget, clock })
    }

    /// Changes a stake; a change of nothing is a checkpoint.
    pub(crate) fn change(
        &mut self,
        group: Group,
        (less, more): (Amount, Amount),
        at: Timestamp,
    ) -> Result<(), String> {
        let account = group.account();
        if !less.is_zero() {
            let withdrawn = self.system.withdraw(account, GAUGE, less, at);
            withdrawn.map_err(|error| error.to_string())?;
        }
        let deposit = GaugeDeposit { gauge: GAUGE, recipient: account, value: more };
        if !more.is_zero() {
            self.system.deposit(account, deposit, at).map_err(|error| error.to_string())?;
        }
        if less.is_zero() && more.is_zero() {
            let done = self.system.user_checkpoint(account, GAUGE, account, at);
            done.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Capture, String> {
        let mut paid = Vec::new();
        let mut rest = self.budget;
        for group in Group::ALL {
            let minted = self.system.mint(group.account(), GAUGE, self.clock.end());
            let minted = minted.map_err(|error| error.to_string())?;
            rest = rest.checked_sub(minted).ok_or("more was minted than the budget")?;
            paid.push((group, minted));
        }
        let all = self.system.token.total_supply;
        let counted = self.budget.checked_sub(all).ok_or("more was minted than the budget")?;
        if counted != rest {
            return Err(String::from("the token counts other mints than the minter"));
        }
        Ok(Capture { paid, rest, ..Capture::default() })
    }
}
