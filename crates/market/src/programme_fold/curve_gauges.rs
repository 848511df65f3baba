use tidemill_model::{Address, CurveGaugesLog};
use tidemill_rewards::crv_emission::CrvEmission;
use tidemill_rewards::curve_gauge::CurveGaugeError;
use tidemill_rewards::curve_gauges::GaugeDeposit;
use tidemill_rewards::{CurveGauges, Moment};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{
    Paid, ProgrammeMismatch, TokenTotal, account, address, gauge_controller, total, vote_escrow,
};

/// What a gauge logs of a boost that it set.
struct Limit {
    gauge: Address,
    user: Address,
    working_balance: Amount,
    working_supply: Amount,
}

/// Makes the call behind a log, in whichever of the contracts wrote it.
pub(super) fn apply(
    model: &mut CurveGauges,
    log: &CurveGaugesLog,
    now: Moment,
) -> Result<Option<Paid>, ProgrammeMismatch> {
    let with = Comparison { event: log.kind() };
    let at = now.at;
    let reverts = with.reverts::<CurveGaugeError>();
    match *log {
        CurveGaugesLog::Deposit { gauge, provider, value, working_balance, working_supply } => {
            // Whoever paid, it does the same as if the provider had.
            let (recipient, of) = (account(provider), account(gauge));
            let deposit = GaugeDeposit { gauge: of, recipient, value };
            model.deposit(recipient, deposit, at).map_err(reverts)?;
            match (value.is_zero(), working_balance, working_supply) {
                (true, None, None) => {}
                (false, Some(working_balance), Some(working_supply)) => {
                    let limit = Limit { gauge, user: provider, working_balance, working_supply };
                    limit.compare(model, with)?;
                }
                _ => {
                    return Err(with.fields(
                        "has a value without working_balance and working_supply, or these alone",
                    ));
                }
            }
        }
        CurveGaugesLog::Withdraw { gauge, provider, value, working_balance, working_supply } => {
            model.withdraw(account(provider), account(gauge), value, at).map_err(reverts)?;
            let limit = Limit { gauge, user: provider, working_balance, working_supply };
            limit.compare(model, with)?;
        }
        CurveGaugesLog::UpdateLiquidityLimit { .. } => user_checkpoint(model, log, now, with)?,
        CurveGaugesLog::Minted { recipient, gauge, minted, working_balance, working_supply } => {
            let (of, who) = (account(gauge), account(recipient));
            let paid = model.mint(who, of, at).map_err(reverts)?;
            with.value("minted", model.minter().minted(who, of), minted)?;
            let limit = Limit { gauge, user: recipient, working_balance, working_supply };
            limit.compare(model, with)?;
            return Ok(Some(Paid { token: None, amount: paid }));
        }
        CurveGaugesLog::GaugeDeployed { gauge } => {
            model.deploy_gauge(account(gauge), at).map_err(reverts)?;
        }
        CurveGaugesLog::GaugeCheckpointed { gauge, user } => {
            model.claimable_tokens(account(gauge), account(user), at).map_err(reverts)?;
        }
        CurveGaugesLog::ApproveDepositSet { gauge, recipient, caller, can_deposit } => {
            let (recipient, caller) = (account(recipient), account(caller));
            let set = model.set_approve_deposit(recipient, account(gauge), caller, can_deposit);
            set.map_err(reverts)?;
        }
        CurveGaugesLog::ApproveMintToggled { user, minting_user } => {
            model.toggle_approve_mint(account(user), account(minting_user));
        }
        CurveGaugesLog::UpdateMiningParameters { rate, supply } => {
            update_mining_parameters(&mut model.token, [rate, supply], at, with)?;
        }
        CurveGaugesLog::Burned { value } => model.token.burn(value).map_err(with.reverts())?,
        CurveGaugesLog::Controller(log) => {
            gauge_controller::apply((&mut model.controller, &model.escrow), &log, at, with)?;
        }
        CurveGaugesLog::Escrow(log) => vote_escrow::apply(&mut model.escrow, &log, now, with)?,
    }
    Ok(None)
}

/// Begins an epoch, and compares its rate and what there may be at its start.
fn update_mining_parameters(
    token: &mut CrvEmission,
    [rate, supply]: [Amount; 2],
    at: Timestamp,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    token.update_mining_parameters(at).map_err(with.reverts())?;
    with.value("rate", Amount(token.rate), rate)?;
    with.value("supply", Amount(token.start_epoch_supply), supply)
}

/// What `user_checkpoint`, `kick` and a `mint` of nothing all do.
fn user_checkpoint(
    model: &mut CurveGauges,
    log: &CurveGaugesLog,
    now: Moment,
    with: Comparison,
) -> Result<(), ProgrammeMismatch> {
    let CurveGaugesLog::UpdateLiquidityLimit {
        gauge,
        user,
        original_balance,
        original_supply,
        working_balance,
        working_supply,
    } = *log
    else {
        return Err(with.fields("is a log of another call"));
    };
    let (of, who) = (account(gauge), account(user));
    let checkpointed = model.user_checkpoint(who, of, who, now.at);
    checkpointed.map_err(with.reverts::<CurveGaugeError>())?;
    Limit { gauge, user, working_balance, working_supply }.compare(model, with)?;
    let known = model.gauge(of).ok_or_else(|| with.unknown("gauge", gauge))?;
    with.value("original_balance", Amount(known.stake_of(who).balance), original_balance)?;
    with.value("original_supply", Amount(known.period().total_supply), original_supply)
}

impl Limit {
    fn compare(&self, model: &CurveGauges, with: Comparison) -> Result<(), ProgrammeMismatch> {
        let gauge = model.gauge(account(self.gauge));
        let gauge = gauge.ok_or_else(|| with.unknown("gauge", self.gauge))?;
        let stake = gauge.stake_of(account(self.user));
        with.value("working_balance", Amount(stake.working_balance), self.working_balance)?;
        with.value("working_supply", Amount(gauge.period().working_supply), self.working_supply)
    }
}

/// The stakes of each gauge, by the gauge.
pub(super) fn staked(model: &CurveGauges) -> Vec<TokenTotal> {
    let gauges = model.state().gauges;
    let staked = gauges.iter().map(|gauge| TokenTotal {
        token: Some(address(gauge.account)),
        amount: Amount(gauge.period.total_supply),
    });
    staked.collect()
}

/// What everybody could mint from each gauge; left out is what no call could work out either.
pub(super) fn unclaimed(model: &CurveGauges, now: Moment) -> Vec<TokenTotal> {
    let mut model = model.clone();
    let gauges = model.state().gauges;
    let accounts = gauges
        .iter()
        .flat_map(|gauge| gauge.stakes.iter().map(move |staker| (gauge.account, staker.account)));
    let mut claimable = Vec::new();
    for (gauge, who) in accounts {
        claimable.extend(model.claimable(gauge, who, now.at).ok());
    }
    vec![TokenTotal { token: None, amount: total(claimable.into_iter()) }]
}
