//! Curve's and Balancer's gauges: each the only one of its controller, with a boost by votes.

use tidemill_rewards::balancer_gauge::{BalancerDeposit, BalancerWithdrawal, GaugeIdentity};
use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::gauge_controller::{GaugeController, NewGauge, RELATIVE_ONE};
use tidemill_rewards::token_admin::TokenAdmin;
use tidemill_rewards::vote_escrow::EscrowParameters;
use tidemill_rewards::{Account, BalancerGauges, CurveGauges, Moment, VoteEscrow};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use super::{Capture, Clock, Group};
use crate::programme::{ALL_VOTES, GAUGE_LEAD, GaugeFamily, Votes};

const ADMIN: Account = Account([0xad; 20]);
const GAUGE: Account = Account([0x60; 20]);
const SHARE: Account = Account([0x5a; 20]);
const VAULT: Account = Account([0xba; 20]);
/// Who has the votes of nobody who stakes.
const OTHERS: Account = Account([0x07; 20]);
const ONE: u128 = 1_000_000_000_000_000_000;

/// The system whose emission over the campaign is the budget.
pub(crate) struct Boosted {
    system: System,
    budget: Amount,
    clock: Clock,
}

enum System {
    Curve(Box<CurveGauges>),
    Balancer(Box<BalancerGauges>),
}

impl Boosted {
    pub(crate) fn new(
        budget: Amount,
        (family, votes): (GaugeFamily, Votes),
        clock: Clock,
    ) -> Result<Self, String> {
        let at = Timestamp(clock.start.0.saturating_sub(GAUGE_LEAD));
        let rate = budget.0.checked_div(U256::from(clock.seconds)).ok_or("no time to pay in")?;
        let controller = sole_gauge(at).map_err(|error| error.to_string())?;
        let system = match family {
            GaugeFamily::Curve => {
                let emission = CrvEmission {
                    mining_epoch: 0,
                    start_epoch_time: at,
                    rate,
                    start_epoch_supply: U256::ZERO,
                    total_supply: Amount::ZERO,
                };
                let emission = emission.checked().map_err(|error| error.to_string())?;
                let escrow = escrow(EscrowParameters::CURVE, votes, at)?;
                let mut system = CurveGauges::deployed(emission, escrow, controller);
                system.deploy_gauge(GAUGE, at).map_err(|error| error.to_string())?;
                System::Curve(Box::new(system))
            }
            GaugeFamily::Balancer => {
                let emission = TokenAdmin { rate, ..TokenAdmin::activated(Amount::ZERO, at) };
                let escrow = escrow(EscrowParameters::BALANCER, votes, at)?;
                let mut system =
                    BalancerGauges::deployed(emission, Amount::ZERO, escrow, controller);
                let identity =
                    GaugeIdentity { account: GAUGE, pool_token: SHARE, admin: ADMIN, vault: VAULT };
                // Without a cap: the gauge is the only one.
                let deployed = system.deploy_gauge(identity, U256::from(RELATIVE_ONE), at);
                deployed.map_err(|error| error.to_string())?;
                System::Balancer(Box::new(system))
            }
        };
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
            self.system.withdraw(account, less, at)?;
        }
        if !more.is_zero() {
            self.system.deposit(account, more, at)?;
        }
        if less.is_zero() && more.is_zero() {
            self.system.checkpoint(account, at)?;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Capture, String> {
        let mut paid = Vec::new();
        let mut returned = self.budget;
        for group in Group::ALL {
            let minted = self.system.mint(group.account(), self.clock.end())?;
            returned = returned.checked_sub(minted).ok_or("more was minted than the budget")?;
            paid.push((group, minted));
        }
        let all = self.system.token_supply();
        let counted = self.budget.checked_sub(all).ok_or("more was minted than the budget")?;
        if counted != returned {
            return Err(String::from("the token counts other mints than the minter"));
        }
        Ok(Capture { paid, returned, ..Capture::default() })
    }
}

impl System {
    fn deposit(&mut self, account: Account, value: Amount, at: Timestamp) -> Result<(), String> {
        match self {
            Self::Curve(system) => {
                let deposit = GaugeDeposit { gauge: GAUGE, recipient: account, value };
                system.deposit(account, deposit, at).map_err(|error| error.to_string())
            }
            Self::Balancer(system) => {
                let deposit = BalancerDeposit { recipient: account, value, claims: false };
                let paid = system.deposit(GAUGE, deposit, at);
                paid.map(drop).map_err(|error| error.to_string())
            }
        }
    }

    fn withdraw(&mut self, account: Account, value: Amount, at: Timestamp) -> Result<(), String> {
        match self {
            Self::Curve(system) => {
                let withdrawn = system.withdraw(account, GAUGE, value, at);
                withdrawn.map_err(|error| error.to_string())
            }
            Self::Balancer(system) => {
                let withdrawal = BalancerWithdrawal { account, value, claims: false };
                let paid = system.withdraw(GAUGE, withdrawal, at);
                paid.map(drop).map_err(|error| error.to_string())
            }
        }
    }

    fn checkpoint(&mut self, account: Account, at: Timestamp) -> Result<(), String> {
        match self {
            Self::Curve(system) => {
                let done = system.user_checkpoint(account, GAUGE, account, at);
                done.map_err(|error| error.to_string())
            }
            Self::Balancer(system) => {
                let done = system.user_checkpoint(account, GAUGE, account, at);
                done.map_err(|error| error.to_string())
            }
        }
    }

    fn mint(&mut self, account: Account, at: Timestamp) -> Result<Amount, String> {
        match self {
            Self::Curve(system) => {
                system.mint(account, GAUGE, at).map_err(|error| error.to_string())
            }
            Self::Balancer(system) => {
                system.mint(account, GAUGE, at).map_err(|error| error.to_string())
            }
        }
    }

    fn token_supply(&self) -> Amount {
        match self {
            Self::Curve(system) => system.token.total_supply,
            Self::Balancer(system) => system.bal_supply,
        }
    }
}

/// Returns a controller whose whole emission goes to the gauge.
fn sole_gauge(
    at: Timestamp,
) -> Result<GaugeController, tidemill_rewards::gauge_controller::GaugeControllerError> {
    let mut controller = GaugeController::deployed(ADMIN, at);
    controller.add_type(ADMIN, U256::from(ONE), at)?;
    let gauge = NewGauge { account: GAUGE, gauge_type: 0, weight: U256::from(ONE) };
    controller.add_gauge(ADMIN, gauge, at)?;
    Ok(controller)
}

/// Returns an escrow with all votes locked for as long as it allows, so that they fall alike:
/// longer than a campaign can last.
fn escrow(parameters: EscrowParameters, votes: Votes, at: Timestamp) -> Result<VoteEscrow, String> {
    let now = Moment { at, block: BlockNumber(1) };
    let mut escrow = VoteEscrow::deployed(parameters, now);
    let Votes { of_present, of_added } = votes;
    let others = ALL_VOTES.saturating_sub(of_present).saturating_sub(of_added);
    let lockers = [
        (Group::Present.account(), of_present),
        (Group::Added.account(), of_added),
        (OTHERS, others),
    ];
    for (account, votes) in lockers {
        if votes > 0 {
            let value = Amount::from_u128(u128::from(votes) * ONE);
            let until = Timestamp(at.0.saturating_add(parameters.maximum_lock));
            let locked = escrow.create_lock(account, value, until, now);
            locked.map_err(|error| error.to_string())?;
        }
    }
    Ok(escrow)
}
