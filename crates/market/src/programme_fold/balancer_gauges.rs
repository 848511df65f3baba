use std::collections::BTreeMap;

use tidemill_model::{Address, BalancerGaugesLog, GaugeMint, GaugePayment, TokenAdminLog};
use tidemill_rewards::balancer_gauge::{
    BalancerDeposit, BalancerGauge, BalancerGaugeError, BalancerWithdrawal, GaugeIdentity,
    RewardClaimFor, RewardPayment, StakeTransfer,
};
use tidemill_rewards::{Account, BalancerGauges, Moment};
use tidemill_units::{Amount, Timestamp};

use super::mismatch::Comparison;
use super::{
    Paid, ProgrammeMismatch, TokenTotal, account, address, gauge_controller, token_admin, total,
    vote_escrow,
};

type Done = Result<(), ProgrammeMismatch>;

/// One log, and the system whose call wrote it.
struct Call<'a> {
    model: &'a mut BalancerGauges,
    now: Moment,
    with: Comparison,
}

/// What a gauge logs of a boost that it set.
#[derive(Clone, Copy)]
struct Limit {
    gauge: Address,
    user: Address,
    working_balance: Option<Amount>,
    working_supply: Option<Amount>,
}

/// Makes the call behind a log, in whichever of the contracts wrote it, and returns what it paid.
pub(super) fn apply(
    model: &mut BalancerGauges,
    log: &BalancerGaugesLog,
    now: Moment,
) -> Result<Vec<Paid>, ProgrammeMismatch> {
    Call { model, now, with: Comparison { event: log.kind() } }.run(log)
}

impl Call<'_> {
    fn run(mut self, log: &BalancerGaugesLog) -> Result<Vec<Paid>, ProgrammeMismatch> {
        match log {
            BalancerGaugesLog::Deposit {
                gauge,
                provider,
                value,
                paid,
                working_balance,
                working_supply,
            } => {
                let limit = Limit::of(*gauge, *provider, *working_balance, *working_supply);
                return self.deposit(limit, *value, paid);
            }
            BalancerGaugesLog::Withdraw {
                gauge,
                provider,
                value,
                paid,
                working_balance,
                working_supply,
            } => {
                let limit = Limit::of(*gauge, *provider, *working_balance, *working_supply);
                return self.withdraw(limit, *value, paid);
            }
            BalancerGaugesLog::Minted { recipient, gauges, value } => {
                return self.mint(*recipient, gauges, *value);
            }
            BalancerGaugesLog::RewardsClaimed { gauge, user, receiver, paid } => {
                let receiver = receiver.map(account).unwrap_or_default();
                let claim = RewardClaimFor { account: account(*user), receiver };
                return self.claim(*gauge, claim, paid);
            }
            BalancerGaugesLog::Transfer { .. } => self.transfer(log),
            BalancerGaugesLog::UpdateLiquidityLimit { .. } => self.user_checkpoint(log),
            BalancerGaugesLog::GaugeCreated { .. } => self.create(log),
            BalancerGaugesLog::GaugeCheckpointed { gauge, user } => {
                self.checkpoint(account(*gauge), account(*user))
            }
            BalancerGaugesLog::MinterApprovalSet { user, minter, approval } => {
                self.model.set_minter_approval(account(*user), account(*minter), *approval);
                Ok(())
            }
            BalancerGaugesLog::MiningParametersUpdated { rate, supply } => {
                let (rate, supply) = (*rate, *supply);
                let log = TokenAdminLog::MiningParametersUpdated { rate, supply };
                token_admin::apply(&mut self.model.token_admin, &log, self.now.at)
            }
            BalancerGaugesLog::Approval { .. }
            | BalancerGaugesLog::RewardDistributorUpdated { .. }
            | BalancerGaugesLog::RewardTokenDeposited { .. }
            | BalancerGaugesLog::Given { .. }
            | BalancerGaugesLog::RelativeWeightCapChanged { .. }
            | BalancerGaugesLog::RewardsReceiverSet { .. }
            | BalancerGaugesLog::KilledSet { .. } => self.set(log),
            BalancerGaugesLog::Controller(log) => {
                let parts = (&mut self.model.controller, &self.model.escrow);
                gauge_controller::apply(parts, log, self.now.at, self.with)
            }
            BalancerGaugesLog::Escrow(log) => {
                vote_escrow::apply(&mut self.model.escrow, log, self.now, self.with)
            }
        }?;
        Ok(Vec::new())
    }

    fn gauge(&mut self, gauge: Address) -> Result<&mut BalancerGauge, ProgrammeMismatch> {
        let with = self.with;
        self.model.gauge_mut(account(gauge)).map_err(|_| with.unknown("gauge", gauge))
    }

    /// Whoever pays for a deposit, it does the same; and one that claims where there is nothing to
    /// be paid does the same as one that does not.
    fn deposit(
        &mut self,
        limit: Limit,
        value: Amount,
        paid: &[GaugePayment],
    ) -> Result<Vec<Paid>, ProgrammeMismatch> {
        let (recipient, claims) = (account(limit.user), !paid.is_empty());
        let deposit = BalancerDeposit { recipient, value, claims };
        let payments = self.model.deposit(account(limit.gauge), deposit, self.now.at);
        let payments = payments.map_err(self.with.reverts())?;
        self.limited(&[limit], value)?;
        self.paid(&payments, paid)
    }

    fn withdraw(
        &mut self,
        limit: Limit,
        value: Amount,
        paid: &[GaugePayment],
    ) -> Result<Vec<Paid>, ProgrammeMismatch> {
        let (account_of, claims) = (account(limit.user), !paid.is_empty());
        let withdrawal = BalancerWithdrawal { account: account_of, value, claims };
        let payments = self.model.withdraw(account(limit.gauge), withdrawal, self.now.at);
        let payments = payments.map_err(self.with.reverts())?;
        self.limited(&[limit], value)?;
        self.paid(&payments, paid)
    }

    fn checkpoint(&mut self, gauge: Account, user: Account) -> Done {
        let earned = self.model.claimable_tokens(gauge, user, self.now.at);
        earned.map(drop).map_err(self.with.reverts())
    }

    fn claim(
        &mut self,
        gauge: Address,
        claim: RewardClaimFor,
        paid: &[GaugePayment],
    ) -> Result<Vec<Paid>, ProgrammeMismatch> {
        let at = self.now.at;
        let claimed = self.gauge(gauge)?.claim_rewards(claim.account, claim, at);
        self.paid(&claimed.map_err(self.with.reverts())?, paid)
    }

    fn transfer(&mut self, log: &BalancerGaugesLog) -> Done {
        let BalancerGaugesLog::Transfer {
            gauge,
            from,
            to,
            value,
            spender,
            from_working_balance,
            to_working_balance,
            working_supply,
        } = *log
        else {
            return Err(self.with.fields("is a log of another call"));
        };
        let of = account(gauge);
        let transfer = StakeTransfer { from: account(from), to: account(to), value };
        let moved = match spender {
            None => self.model.transfer(of, transfer, self.now.at),
            Some(spender) => self.model.transfer_from(account(spender), of, transfer, self.now.at),
        };
        moved.map_err(self.with.reverts())?;
        let second = Limit::of(gauge, to, to_working_balance, working_supply);
        if from != to {
            let first = Limit::of(gauge, from, from_working_balance, working_supply);
            return self.limited(&[first, second], value);
        }
        // The boost is set twice, and what it was between leaves nothing to compare with.
        if from_working_balance.is_some() {
            return Err(self.with.fields("to oneself has a from_working_balance"));
        }
        self.limited(&[second], value)
    }

    /// What `user_checkpoint`, `kick` and a mint of nothing all do.
    fn user_checkpoint(&mut self, log: &BalancerGaugesLog) -> Done {
        let BalancerGaugesLog::UpdateLiquidityLimit {
            gauge,
            user,
            original_balance,
            original_supply,
            working_balance,
            working_supply,
        } = *log
        else {
            return Err(self.with.fields("is a log of another call"));
        };
        let who = account(user);
        let checkpointed = self.model.user_checkpoint(who, account(gauge), who, self.now.at);
        checkpointed.map_err(self.with.reverts())?;
        Limit::of(gauge, user, Some(working_balance), Some(working_supply)).compare(self)?;
        let with = self.with;
        let known = self.gauge(gauge)?;
        with.value("original_balance", Amount(known.stake_of(who).balance), original_balance)?;
        with.value("original_supply", Amount(known.period().total_supply), original_supply)
    }

    fn create(&mut self, log: &BalancerGaugesLog) -> Done {
        let BalancerGaugesLog::GaugeCreated {
            gauge,
            pool_token,
            relative_weight_cap,
            admin,
            vault,
        } = *log
        else {
            return Err(self.with.fields("is a log of another call"));
        };
        let identity = GaugeIdentity {
            account: account(gauge),
            pool_token: account(pool_token),
            admin: account(admin),
            vault: account(vault),
        };
        let created = self.model.deploy_gauge(identity, relative_weight_cap, self.now.at);
        created.map_err(self.with.reverts())
    }

    fn mint(
        &mut self,
        recipient: Address,
        gauges: &[GaugeMint],
        value: Amount,
    ) -> Result<Vec<Paid>, ProgrammeMismatch> {
        let who = account(recipient);
        let before: Vec<Amount> = gauges.iter().map(|of| self.minted(who, of)).collect();
        let asked: Vec<Account> = gauges.iter().map(|of| account(of.gauge)).collect();
        let paid = self.model.mint_many(who, &asked, self.now.at);
        let paid = paid.map_err(self.with.reverts())?;
        for (place, (of, before)) in gauges.iter().zip(before).enumerate() {
            let minted = self.minted(who, of);
            // What is asked twice in one call has nothing due the second time.
            let is_again = gauges.iter().take(place).any(|earlier| earlier.gauge == of.gauge);
            match of.minted {
                Some(recorded) if !is_again && minted != before => {
                    self.with.value("minted", minted, recorded)?;
                }
                None if is_again || minted == before => {}
                _ => return Err(self.with.fields("has minted where nothing was due, or not")),
            }
            let (balance, supply) = (Some(of.working_balance), Some(of.working_supply));
            Limit::of(of.gauge, recipient, balance, supply).compare(self)?;
        }
        self.with.value("value", paid, value)?;
        Ok(vec![Paid { token: None, amount: paid }])
    }

    fn minted(&self, who: Account, of: &GaugeMint) -> Amount {
        self.model.minter().minted(who, account(of.gauge))
    }

    /// Calls that one gauge does by itself and that nothing comes of at once.
    fn set(&mut self, log: &BalancerGaugesLog) -> Done {
        let (at, with) = (self.now.at, self.with);
        let done: Result<(), BalancerGaugeError> = match *log {
            BalancerGaugesLog::Approval { gauge, owner, spender, value } => {
                self.gauge(gauge)?.approve(account(owner), account(spender), value);
                Ok(())
            }
            BalancerGaugesLog::RewardDistributorUpdated { gauge, reward_token, distributor } => {
                let gauge = self.gauge(gauge)?;
                let admin = gauge.identity().admin;
                let (token, distributor) = (account(reward_token), account(distributor));
                if gauge.rewards().iter().any(|stream| stream.token == token) {
                    gauge.set_reward_distributor(admin, token, distributor)
                } else {
                    gauge.add_reward(admin, token, distributor)
                }
            }
            BalancerGaugesLog::RewardTokenDeposited { gauge, reward_token, amount } => {
                let gauge = self.gauge(gauge)?;
                let token = account(reward_token);
                let stream = gauge.rewards().iter().find(|stream| stream.token == token);
                let distributor = stream.map(|stream| stream.distributor);
                let distributor =
                    distributor.ok_or_else(|| with.unknown("reward_token", reward_token))?;
                gauge.deposit_reward_token(distributor, token, amount, at)
            }
            BalancerGaugesLog::Given { gauge, token, amount } => {
                self.gauge(gauge)?.receive(account(token), amount)
            }
            BalancerGaugesLog::RelativeWeightCapChanged { gauge, new_relative_weight_cap } => {
                let gauge = self.gauge(gauge)?;
                gauge.set_relative_weight_cap(gauge.identity().admin, new_relative_weight_cap)
            }
            BalancerGaugesLog::RewardsReceiverSet { gauge, user, receiver } => {
                self.gauge(gauge)?.set_rewards_receiver(account(user), account(receiver));
                Ok(())
            }
            BalancerGaugesLog::KilledSet { gauge, is_killed } => {
                let gauge = self.gauge(gauge)?;
                gauge.set_killed(gauge.identity().admin, is_killed)
            }
            BalancerGaugesLog::Deposit { .. }
            | BalancerGaugesLog::Withdraw { .. }
            | BalancerGaugesLog::Transfer { .. }
            | BalancerGaugesLog::UpdateLiquidityLimit { .. }
            | BalancerGaugesLog::GaugeCreated { .. }
            | BalancerGaugesLog::Minted { .. }
            | BalancerGaugesLog::MinterApprovalSet { .. }
            | BalancerGaugesLog::MiningParametersUpdated { .. }
            | BalancerGaugesLog::RewardsClaimed { .. }
            | BalancerGaugesLog::GaugeCheckpointed { .. }
            | BalancerGaugesLog::Controller(_)
            | BalancerGaugesLog::Escrow(_) => {
                return Err(with.fields("is a log of another call"));
            }
        };
        done.map_err(with.reverts())
    }

    /// Compares boosts, which a call of nothing does not set.
    fn limited(&mut self, limits: &[Limit], value: Amount) -> Done {
        for limit in limits {
            match (value.is_zero(), limit.working_balance, limit.working_supply) {
                (true, None, None) => {}
                (false, Some(_), Some(_)) => limit.compare(self)?,
                _ => {
                    return Err(self.with.fields(
                        "has a value without its working balances and working_supply, or these \
                         alone",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Compares the reward tokens that were paid, one by one.
    fn paid(
        &self,
        computed: &[RewardPayment],
        recorded: &[GaugePayment],
    ) -> Result<Vec<Paid>, ProgrammeMismatch> {
        self.with.value("paid", computed.len(), recorded.len())?;
        let each = computed.iter().zip(recorded).map(|(computed, recorded)| {
            let RewardPayment { token, receiver, amount } = *computed;
            self.with.value("paid.token", address(token), recorded.token)?;
            self.with.value("paid.receiver", address(receiver), recorded.receiver)?;
            self.with.value("paid.amount", amount, recorded.amount)?;
            Ok(Paid { token: Some(recorded.token), amount })
        });
        each.collect()
    }
}

impl Limit {
    fn of(
        gauge: Address,
        user: Address,
        working_balance: Option<Amount>,
        working_supply: Option<Amount>,
    ) -> Self {
        Self { gauge, user, working_balance, working_supply }
    }

    /// Compares what was recorded.
    fn compare(&self, call: &mut Call<'_>) -> Done {
        let with = call.with;
        let gauge = call.gauge(self.gauge)?;
        if let Some(recorded) = self.working_balance {
            let stake = gauge.stake_of(account(self.user));
            with.value("working_balance", Amount(stake.working_balance), recorded)?;
        }
        match self.working_supply {
            Some(recorded) => {
                with.value("working_supply", Amount(gauge.period().working_supply), recorded)
            }
            None => Ok(()),
        }
    }
}

/// The stakes of each gauge, by the gauge.
pub(super) fn staked(model: &BalancerGauges) -> Vec<TokenTotal> {
    let gauges = model.state().gauges;
    let staked = gauges.iter().map(|gauge| TokenTotal {
        token: Some(address(gauge.identity.account)),
        amount: Amount(gauge.period.total_supply),
    });
    staked.collect()
}

/// What everybody could mint from each gauge, and claim of each reward token; left out is what no
/// call could work out either.
pub(super) fn unclaimed(model: &BalancerGauges, at: Timestamp) -> Vec<TokenTotal> {
    let mut model = model.clone();
    let mut mintable = Vec::new();
    let mut brought: BTreeMap<Account, Vec<Amount>> = BTreeMap::new();
    for gauge in model.state().gauges {
        let of = gauge.identity.account;
        for staker in &gauge.stakes {
            mintable.extend(model.claimable(of, staker.account, at).ok());
            // The contract keeps no rewards of the zero address.
            let Some(known) = model.gauge(of).filter(|_| staker.account != Account::default())
            else {
                continue;
            };
            for stream in &gauge.rewards {
                let claimable = known.claimable_reward(staker.account, stream.token, at);
                brought.entry(stream.token).or_default().extend(claimable.ok());
            }
        }
    }
    let mut unclaimed = vec![TokenTotal { token: None, amount: total(mintable.into_iter()) }];
    unclaimed.extend(brought.into_iter().map(|(token, amounts)| TokenTotal {
        token: Some(address(token)),
        amount: total(amounts.into_iter()),
    }));
    unclaimed
}
