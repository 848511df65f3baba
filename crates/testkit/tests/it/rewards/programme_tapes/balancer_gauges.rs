use tidemill_market::{FoldedProgramme, NoPools};
use tidemill_model::{
    Address as ModelAddress, BalancerGaugesLog, GaugeControllerLog, GaugeMint, GaugePayment,
    ProgrammeLog,
};
use tidemill_rewards::BalancerGauges;
use tidemill_testkit::{Address, BalancerGaugeOracle, ContractLog, Random, Transaction};
use tidemill_units::Amount;

use super::curve_gauges::{of_controller, of_controller_call};
use super::{
    Recorder, Tampering, amount, argument, data, fold, folded, is_call, is_log, of_evm, to_address,
    vote_escrow, with_logging_tokens,
};
use crate::rewards::gauge_v5::World;
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

#[test]
fn a_tape_of_balancers_gauges_folds_to_the_contracts_state() {
    let artifacts = with_logging_tokens();
    let worlds = Worlds {
        name: "tape of Balancer's gauges",
        stream: 811,
        tests: 10,
        most_in_one: 250,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &[] };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::recorded(&artifacts, seed, tally);
        let start = world.model.state();
        for _ in 0..most {
            world.step(tally);
        }
        let mut recorder = Recorder::new();
        for transaction in world.oracle.evm.take_journal() {
            recorder.begin_in_block(&transaction);
            let node = Node { oracle: &world.oracle, gauges: &world.gauges };
            for log in node.logs(&transaction) {
                recorder.log(ProgrammeLog::BalancerGauges(log));
            }
        }
        if recorder.events.is_empty() {
            return most;
        }
        for event in &recorder.events {
            count(&event.log, tally);
        }
        let (tape, text) = recorder.tape(start);
        let fold_of = folded(&tape, &NoPools, &format!("world {seed}"), tally);
        world.model = model(fold_of.programme()).clone();
        world.compare_all();
        world.compare("after the tape");
        check_tampering(&text, seed, tally, &world.model);
        most
    });
}

/// Counts what a kind of log alone does not tell.
#[expect(clippy::wildcard_enum_match_arm, reason = "most logs tell all")]
fn count(log: &ProgrammeLog, tally: &mut Tally) {
    match log {
        ProgrammeLog::BalancerGauges(BalancerGaugesLog::Minted { gauges, .. }) => {
            if gauges.iter().filter(|of| of.minted.is_some()).count() > 1 {
                tally.count("several gauges of one mint");
            }
            if gauges.iter().any(|of| of.minted.is_none()) {
                tally.count("a mint of a gauge with nothing due");
            }
        }
        ProgrammeLog::BalancerGauges(BalancerGaugesLog::Deposit { paid, .. })
            if !paid.is_empty() =>
        {
            tally.count("rewards paid with a deposit");
        }
        _ => {}
    }
}

fn check_tampering(text: &str, seed: u64, tally: &mut Tally, end: &BalancerGauges) {
    let tampering = Tampering { shift: &[], blind: &BLIND };
    tampering.run(text, &mut Random::new(seed), tally, |tape| {
        let fold = fold(tape, &NoPools).map_err(|both| both.1)?;
        Ok(model(fold.programme()) == end)
    });
}

const OPERATIONS: [&str; 43] = [
    "folded deposit",
    "folded withdraw",
    "folded transfer",
    "folded approval",
    "folded update_liquidity_limit",
    "folded reward_distributor_updated",
    "folded reward_token_deposited",
    "folded given",
    "folded relative_weight_cap_changed",
    "folded gauge_created",
    "folded minted",
    "folded minter_approval_set",
    "folded mining_parameters_updated",
    "folded vote_for_gauge",
    "folded add_type",
    "folded new_type_weight",
    "folded new_gauge",
    "folded new_gauge_weight",
    "folded escrow_deposit",
    "folded escrow_withdraw",
    "folded rewards_claimed",
    "folded rewards_receiver_set",
    "folded killed_set",
    "folded gauge_checkpointed",
    "folded controller_gauge_checkpointed",
    "several gauges of one mint",
    "a mint of a gauge with nothing due",
    "rewards paid with a deposit",
    "found deposit.value",
    "found deposit.paid",
    "found deposit.working_balance",
    "found deposit.working_supply",
    "found withdraw.value",
    "found withdraw.working_supply",
    "found transfer.value",
    "found transfer.to_working_balance",
    "found update_liquidity_limit.working_balance",
    "found update_liquidity_limit.original_supply",
    "found minted.gauges",
    "found minted.value",
    "found rewards_claimed.paid",
    "found reward_token_deposited.amount",
    "found escrow_deposit.supply",
];

/// What is set and not made use of, or overwritten before it makes a difference, leaves none; nor
/// does leave for nothing, a claim where no reward token is, or how much one sends to oneself.
const BLIND: [&str; 24] = [
    "add_type.weight",
    "approval.owner",
    "approval.spender",
    "approval.value",
    "controller_gauge_checkpointed.addr",
    "escrow_deposit.deposit_type",
    "gauge_checkpointed.user",
    "gauge_created.relative_weight_cap",
    "killed_set.is_killed",
    "minter_approval_set.approval",
    "minter_approval_set.minter",
    "minter_approval_set.user",
    "new_gauge.weight",
    "new_type_weight.type_id",
    "new_type_weight.weight",
    "relative_weight_cap_changed.new_relative_weight_cap",
    "reward_distributor_updated.distributor",
    "rewards_claimed.receiver",
    "rewards_claimed.user",
    "rewards_receiver_set.receiver",
    "rewards_receiver_set.user",
    "transfer.spender",
    "transfer.value",
    "vote_for_gauge.weight",
];

fn model(programme: &FoldedProgramme) -> &BalancerGauges {
    let FoldedProgramme::BalancerGauges(model) = programme else { panic!("{programme:?}") };
    model
}

/// What a node tells of transactions, and which contracts are meant.
struct Node<'a> {
    oracle: &'a BalancerGaugeOracle,
    gauges: &'a [Address],
}

/// What stands before the log that it belongs to.
#[derive(Default)]
struct Before {
    /// Boosts that gauges have set.
    limits: Vec<(Address, ContractLog)>,
    /// Reward tokens that a gauge has paid.
    paid: Vec<GaugePayment>,
    /// Gauges that the minter has asked.
    mints: Vec<GaugeMint>,
    /// Whether the next transfer of the gauge's own token is a deposit's or withdrawal's.
    is_stake: bool,
}

const LIMIT: &str = "UpdateLiquidityLimit(address,uint256,uint256,uint256,uint256)";
const TRANSFER: &str = "Transfer(address,address,uint256)";

impl Node<'_> {
    fn logs(&self, transaction: &Transaction) -> Vec<BalancerGaugesLog> {
        let oracle = self.oracle;
        let (mut all, mut before) = (Vec::new(), Before::default());
        let mut type_weight = None;
        for (address, log) in &transaction.logs {
            if self.gauges.contains(address) {
                all.extend(before.of_gauge(*address, log, transaction));
            } else if *address == oracle.minter {
                all.extend(before.of_minter(log));
            } else if *address == oracle.controller {
                all.extend(of_controller(log, &mut type_weight).map(BalancerGaugesLog::Controller));
            } else if *address == oracle.token_admin {
                if transaction.to == *address {
                    let (rate, supply) = (amount(log, 0), amount(log, 1));
                    all.push(BalancerGaugesLog::MiningParametersUpdated { rate, supply });
                }
            } else if *address == oracle.token {
                all.extend(before.of_bal(log));
            } else if is_log(log, "GaugeCreated(address)") {
                all.push(BalancerGaugesLog::GaugeCreated {
                    gauge: to_address(log.topics[1]),
                    pool_token: to_address(argument(transaction, 0)),
                    relative_weight_cap: argument(transaction, 1),
                    admin: of_evm(oracle.admin),
                    vault: of_evm(oracle.vault),
                });
            } else if *address != oracle.escrow && is_log(log, TRANSFER) {
                all.extend(self.of_token(*address, log, transaction, &mut before));
            }
        }
        all.extend(before.limits.drain(..).map(|(gauge, log)| alone(gauge, &log)));
        if let Some((type_id, weight, total_weight)) = type_weight {
            let log = GaugeControllerLog::NewTypeWeight { type_id, weight, total_weight };
            all.push(BalancerGaugesLog::Controller(log));
        }
        let locks = vote_escrow::logs(oracle.escrow, transaction);
        all.extend(locks.into_iter().map(BalancerGaugesLog::Escrow));
        all.extend(self.call(transaction, &mut before));
        assert!(before.paid.is_empty() && before.mints.is_empty(), "{transaction:?}");
        all
    }

    /// A transfer of some token, which is a gauge's or somebody's to a gauge.
    fn of_token(
        &self,
        token: Address,
        log: &ContractLog,
        transaction: &Transaction,
        before: &mut Before,
    ) -> Option<BalancerGaugesLog> {
        let (from, to) = (to_address(log.topics[1]), to_address(log.topics[2]));
        let (token, amount) = (of_evm(token), amount(log, 0));
        let is_gauge = |who| self.gauges.iter().any(|gauge| of_evm(*gauge) == who);
        if is_gauge(from) {
            // After the boost only what was withdrawn is paid.
            if before.limits.is_empty() {
                before.paid.push(GaugePayment { token, receiver: to, amount });
            }
            return None;
        }
        if !is_gauge(to) || is_call(transaction, DEPOSIT) {
            return None;
        }
        if is_call(transaction, "deposit_reward_token(address,uint256)") {
            let (gauge, reward_token) = (to, token);
            return Some(BalancerGaugesLog::RewardTokenDeposited { gauge, reward_token, amount });
        }
        Some(BalancerGaugesLog::Given { gauge: to, token, amount })
    }

    /// A call that the contracts log nothing of.
    fn call(&self, transaction: &Transaction, before: &mut Before) -> Option<BalancerGaugesLog> {
        let to = transaction.to;
        let address = |index| to_address(argument(transaction, index));
        let is = |signature| is_call(transaction, signature);
        let is_gauge = self.gauges.contains(&to);
        let (gauge, user) = (of_evm(to), of_evm(transaction.from));
        Some(if is_gauge && is("claim_rewards(address,address)") {
            let receiver = Some(address(1)).filter(|receiver| *receiver != ModelAddress::default());
            let paid = std::mem::take(&mut before.paid);
            BalancerGaugesLog::RewardsClaimed { gauge, user: address(0), receiver, paid }
        } else if is_gauge && is("set_rewards_receiver(address)") {
            BalancerGaugesLog::RewardsReceiverSet { gauge, user, receiver: address(0) }
        } else if is_gauge && (is("killGauge()") || is("unkillGauge()")) {
            BalancerGaugesLog::KilledSet { gauge, is_killed: is("killGauge()") }
        } else if is_gauge && is("claimable_tokens(address)") {
            BalancerGaugesLog::GaugeCheckpointed { gauge, user: address(0) }
        } else if to == self.oracle.controller {
            BalancerGaugesLog::Controller(of_controller_call(transaction)?)
        } else {
            return None;
        })
    }
}

const DEPOSIT: &str = "deposit(uint256,address,bool)";

impl Before {
    fn of_gauge(
        &mut self,
        gauge: Address,
        log: &ContractLog,
        transaction: &Transaction,
    ) -> Option<BalancerGaugesLog> {
        if is_log(log, LIMIT) {
            self.limits.push((gauge, log.clone()));
            return None;
        }
        let is_stake = std::mem::take(&mut self.is_stake);
        let gauge = of_evm(gauge);
        let is = |signature| is_log(log, signature);
        Some(if is("Deposit(address,uint256)") {
            let (provider, value) = (to_address(log.topics[1]), amount(log, 0));
            let (working_balance, working_supply) = self.limit().unzip();
            let paid = std::mem::take(&mut self.paid);
            self.is_stake = true;
            BalancerGaugesLog::Deposit {
                gauge,
                provider,
                value,
                paid,
                working_balance,
                working_supply,
            }
        } else if is("Withdraw(address,uint256)") {
            let (provider, value) = (to_address(log.topics[1]), amount(log, 0));
            let (working_balance, working_supply) = self.limit().unzip();
            let paid = std::mem::take(&mut self.paid);
            self.is_stake = true;
            BalancerGaugesLog::Withdraw {
                gauge,
                provider,
                value,
                paid,
                working_balance,
                working_supply,
            }
        } else if is(TRANSFER) {
            if is_stake {
                return None;
            }
            let (to_working_balance, working_supply) = self.limit().unzip();
            let is_other = log.topics[1] != log.topics[2];
            let first = self.limit().filter(|_| is_other);
            let by_allowance = is_call(transaction, "transferFrom(address,address,uint256)");
            BalancerGaugesLog::Transfer {
                gauge,
                from: to_address(log.topics[1]),
                to: to_address(log.topics[2]),
                value: amount(log, 0),
                spender: by_allowance.then(|| of_evm(transaction.from)),
                from_working_balance: first.map(|(balance, _)| balance),
                to_working_balance,
                working_supply,
            }
        } else if is("Approval(address,address,uint256)") {
            let (owner, spender) = (to_address(log.topics[1]), to_address(log.topics[2]));
            BalancerGaugesLog::Approval { gauge, owner, spender, value: amount(log, 0) }
        } else if is("RewardDistributorUpdated(address,address)") {
            let (reward_token, distributor) = (to_address(log.topics[1]), to_address(data(log, 0)));
            BalancerGaugesLog::RewardDistributorUpdated { gauge, reward_token, distributor }
        } else {
            assert!(is("RelativeWeightCapChanged(uint256)"), "{log:?}");
            if is_call(transaction, "create(address,uint256)") {
                return None;
            }
            let new_relative_weight_cap = data(log, 0);
            BalancerGaugesLog::RelativeWeightCapChanged { gauge, new_relative_weight_cap }
        })
    }

    /// What of a stake counts after the last boost, and of all stakes.
    fn limit(&mut self) -> Option<(Amount, Amount)> {
        self.limits.pop().map(|(_, log)| (amount(&log, 2), amount(&log, 3)))
    }

    fn of_minter(&mut self, log: &ContractLog) -> Option<BalancerGaugesLog> {
        if is_log(log, "MinterApprovalSet(address,address,bool)") {
            return Some(BalancerGaugesLog::MinterApprovalSet {
                user: to_address(log.topics[1]),
                minter: to_address(log.topics[2]),
                approval: !data(log, 0).is_zero(),
            });
        }
        assert!(is_log(log, "Minted(address,address,uint256)"), "{log:?}");
        self.ask();
        let last = self.mints.last_mut().unwrap();
        assert_eq!(last.gauge, to_address(data(log, 0)), "{log:?}");
        last.minted = Some(amount(log, 1));
        None
    }

    /// Boosts that the minter's questions have set.
    fn ask(&mut self) {
        self.mints.extend(self.limits.drain(..).map(|(gauge, log)| GaugeMint {
            gauge: of_evm(gauge),
            minted: None,
            working_balance: amount(&log, 2),
            working_supply: amount(&log, 3),
        }));
    }

    fn of_bal(&mut self, log: &ContractLog) -> Option<BalancerGaugesLog> {
        if !is_log(log, TRANSFER) || self.mints.is_empty() {
            return None;
        }
        self.ask();
        assert!(log.topics[1].is_zero(), "{log:?}");
        let (recipient, value) = (to_address(log.topics[2]), amount(log, 0));
        let gauges = std::mem::take(&mut self.mints);
        Some(BalancerGaugesLog::Minted { recipient, gauges, value })
    }
}

fn alone(gauge: Address, log: &ContractLog) -> BalancerGaugesLog {
    BalancerGaugesLog::UpdateLiquidityLimit {
        gauge: of_evm(gauge),
        user: to_address(log.topics[1]),
        original_balance: amount(log, 0),
        original_supply: amount(log, 1),
        working_balance: amount(log, 2),
        working_supply: amount(log, 3),
    }
}
