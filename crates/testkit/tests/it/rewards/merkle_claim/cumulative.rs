//! Merkl's distributor beside a second model, which keeps every number as a big integer and writes
//! its maps as the contract's storage has them.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use tidemill_model::{Bytes32, CumulativeClaimLog, ProgrammeLog};
use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::{
    CumulativeClaim, CumulativeClaimError, CumulativeClaimState, CumulativeReward, Governance,
    MerkleTree, Node, Operator, Payment,
};
use tidemill_testkit::{MerkleOracle, Random};
use tidemill_units::{Amount, Timestamp, U256};

use crate::rewards::programme_tapes::{Written, of_account};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS: [&str; 10] = [
    "fund",
    "claim",
    "claim of several",
    "claim of nothing new",
    "toggle operator",
    "update tree",
    "dispute tree",
    "resolve dispute",
    "revoke tree",
    "set governance",
];
const REVERTS: [&str; 18] = [
    "fund: token overflow",
    "claim: InvalidLengths",
    "claim: NotWhitelisted",
    "claim: InvalidUninitializedRoot",
    "claim: InvalidProof",
    "claim: panic",
    "claim: SafeCast: value doesn't fit in 208 bits",
    "claim: unfunded",
    "toggle operator: NotTrusted",
    "update tree: NotTrusted",
    "update tree: panic",
    "dispute tree: UnresolvedDispute",
    "dispute tree: InvalidDispute",
    "resolve dispute: NotGovernor",
    "resolve dispute: NoDispute",
    "resolve dispute: unfunded",
    "revoke tree: UnresolvedDispute",
    "set governance: UnresolvedDispute",
];

#[test]
fn cumulative_claim_equals_the_second_model() {
    let worlds = Worlds {
        name: "merkl distributor",
        stream: 502,
        tests: 1,
        most_in_one: 300,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        (0..most).for_each(|_| world.step(tally));
        most
    });
}

type Answer = Result<Vec<Payment>, String>;

/// The second model.
#[derive(Clone, Default)]
struct Naive {
    tree: Vec<u8>,
    last_tree: Vec<u8>,
    end_of_dispute_period: BigUint,
    disputer: Option<Account>,
    governance: Governance,
    claimed: BTreeMap<Account, BTreeMap<Account, BigUint>>,
    balance_of: BTreeMap<Account, BigUint>,
    operators: BTreeMap<Account, BTreeMap<Account, u8>>,
}

fn bits(count: u32) -> BigUint {
    BigUint::from(1_u8) << count
}

fn big(amount: Amount) -> BigUint {
    BigUint::from_bytes_be(&amount.0.to_be_bytes::<32>())
}

fn small(value: &BigUint) -> Amount {
    Amount(U256::from_be_slice(&value.to_bytes_be()))
}

fn keccak(bytes: &[u8]) -> Vec<u8> {
    MerkleOracle::keccak(bytes).to_be_bytes_vec()
}

impl Naive {
    fn balance(&self, token: Account) -> BigUint {
        self.balance_of.get(&token).cloned().unwrap_or_default()
    }

    fn is_governor(&self, account: Account) -> bool {
        self.governance.governors.contains(&account)
    }

    fn root(&self, now: u64) -> Vec<u8> {
        let due = BigUint::from(now) >= self.end_of_dispute_period;
        if due && self.disputer.is_none() { self.tree.clone() } else { self.last_tree.clone() }
    }

    fn end(&self, now: u64) -> Result<BigUint, String> {
        let panic = || "panic".to_owned();
        let epoch = BigUint::from(match self.governance.epoch_seconds {
            0 => 3600,
            seconds => seconds,
        });
        let now = BigUint::from(now) % bits(48);
        if now == BigUint::default() {
            return Err(panic());
        }
        let period = BigUint::from(self.governance.dispute_period);
        let epochs = (now - 1_u8) / &epoch + 1_u8 + period;
        if epochs >= bits(48) || &epochs * &epoch >= bits(48) {
            return Err(panic());
        }
        Ok(epochs * epoch)
    }

    fn fund(&mut self, token: Account, amount: Amount) -> Answer {
        let after = self.balance(token) + big(amount);
        if after >= bits(256) {
            return Err("token overflow".to_owned());
        }
        self.balance_of.insert(token, after);
        Ok(vec![])
    }

    fn pay(&mut self, to: Account, token: Account, amount: &BigUint) -> Result<Payment, String> {
        let before = self.balance(token);
        if before < *amount {
            return Err("unfunded".to_owned());
        }
        self.balance_of.insert(token, before - amount);
        Ok(Payment { to, token, amount: small(amount) })
    }

    fn claim(
        &mut self,
        sender: Account,
        claims: &[(CumulativeReward, Vec<Node>)],
        now: u64,
    ) -> Answer {
        if claims.is_empty() {
            return Err("InvalidLengths".to_owned());
        }
        let mut payments = Vec::new();
        for (reward, proof) in claims {
            let CumulativeReward { user, token, amount } = *reward;
            let may = |operator: Account| {
                self.operators.get(&user).and_then(|known| known.get(&operator)) == Some(&1)
            };
            let anybody = may(sender) || may(Account([0; 20]));
            if sender != user && !anybody && !self.is_governor(sender) {
                return Err("NotWhitelisted".to_owned());
            }
            let mut encoded = vec![0; 12];
            encoded.extend(user.0);
            encoded.extend([0; 12]);
            encoded.extend(token.0);
            encoded.extend(amount.0.to_be_bytes::<32>());
            let mut hash = keccak(&encoded);
            for sibling in proof {
                let mut pair = [hash, sibling.0.to_vec()];
                pair.sort();
                hash = keccak(&pair.concat());
            }
            let root = self.root(now);
            if root == [0; 32] {
                return Err("InvalidUninitializedRoot".to_owned());
            }
            if hash != root {
                return Err("InvalidProof".to_owned());
            }
            let claimed = self.claimed.entry(user).or_default().entry(token).or_default();
            if big(amount) < *claimed {
                return Err("panic".to_owned());
            }
            let to_send = big(amount) - claimed.clone();
            if big(amount) >= bits(208) {
                return Err("SafeCast: value doesn't fit in 208 bits".to_owned());
            }
            *claimed = big(amount);
            payments.push(self.pay(user, token, &to_send)?);
        }
        Ok(payments)
    }

    fn toggle_operator(&mut self, sender: Account, user: Account, operator: Account) -> Answer {
        if user != sender && !self.is_governor(sender) {
            return Err("NotTrusted".to_owned());
        }
        let value = self.operators.entry(user).or_default().entry(operator).or_default();
        *value = 1 - *value;
        Ok(vec![])
    }

    fn update_tree(&mut self, sender: Account, root: Node, now: u64) -> Answer {
        let is_trusted = self.governance.trusted.contains(&sender);
        let early = BigUint::from(now) < self.end_of_dispute_period;
        if self.disputer.is_some() || ((!is_trusted || early) && !self.is_governor(sender)) {
            return Err("NotTrusted".to_owned());
        }
        self.last_tree = self.tree.clone();
        self.tree = root.0.to_vec();
        self.end_of_dispute_period = self.end(now)?;
        Ok(vec![])
    }

    fn dispute_tree(&mut self, sender: Account, now: u64) -> Answer {
        if self.disputer.is_some() {
            return Err("UnresolvedDispute".to_owned());
        }
        if BigUint::from(now) >= self.end_of_dispute_period {
            return Err("InvalidDispute".to_owned());
        }
        let Governance { dispute_token: token, dispute_amount: amount, .. } = self.governance;
        self.fund(token, amount)?;
        self.disputer = Some(sender);
        Ok(vec![Payment { to: sender, token, amount }])
    }

    fn resolve_dispute(&mut self, sender: Account, valid: bool, now: u64) -> Answer {
        if !self.is_governor(sender) {
            return Err("NotGovernor".to_owned());
        }
        let Some(disputer) = self.disputer else { return Err("NoDispute".to_owned()) };
        let Governance { dispute_token: token, dispute_amount: amount, .. } = self.governance;
        let to = if valid { disputer } else { sender };
        let payment = self.pay(to, token, &big(amount))?;
        if valid {
            self.revoke();
        } else {
            self.end_of_dispute_period = self.end(now)?;
        }
        self.disputer = None;
        Ok(vec![payment])
    }

    fn revoke(&mut self) {
        self.tree = self.last_tree.clone();
        self.end_of_dispute_period = BigUint::default();
    }

    fn revoke_tree(&mut self, sender: Account) -> Answer {
        if !self.is_governor(sender) {
            return Err("NotGovernor".to_owned());
        }
        if self.disputer.is_some() {
            return Err("UnresolvedDispute".to_owned());
        }
        self.revoke();
        Ok(vec![])
    }

    fn set_governance(&mut self, sender: Account, governance: Governance) -> Answer {
        if !self.is_governor(sender) {
            return Err("NotGovernor".to_owned());
        }
        let deposit =
            |governance: &Governance| (governance.dispute_token, governance.dispute_amount);
        if self.disputer.is_some() && deposit(&self.governance) != deposit(&governance) {
            return Err("UnresolvedDispute".to_owned());
        }
        self.governance = governance;
        Ok(vec![])
    }
}

pub(in crate::rewards) struct World {
    pub(in crate::rewards) model: CumulativeClaim,
    naive: Naive,
    /// What the second model says that the calls log.
    pub(in crate::rewards) written: Vec<Written>,
    trees: Vec<(MerkleTree, Vec<CumulativeReward>)>,
    random: Random,
    now: u64,
    scale: u64,
    last: String,
}

const ACCOUNTS: u64 = 6;
const GOVERNOR: Account = Account([1; 20]);

impl World {
    pub(in crate::rewards) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let governance = Governance {
            governors: vec![GOVERNOR],
            trusted: vec![Account([2; 20])],
            dispute_token: Account([7; 20]),
            dispute_amount: Amount(random.wide(60)),
            dispute_period: random.below(4),
            epoch_seconds: random.pick(&[0, 3600, 1, 86_400]),
        };
        let state = CumulativeClaimState { governance: governance.clone(), ..Default::default() };
        let model = CumulativeClaim::new(&state).unwrap();
        let empty = vec![0; 32];
        let naive = Naive { governance, tree: empty.clone(), last_tree: empty, ..Naive::default() };
        let now = random.pick(&[0, 1, 1_700_000_000, (1 << 48) - 20_000, 1 << 48]);
        let scale = 1 + random.below(100);
        let (trees, last, written) = Default::default();
        Self { model, naive, written, trees, random, now, scale, last }
    }

    pub(in crate::rewards) fn step(&mut self, tally: &mut Tally) {
        self.now += match self.random.below(8) {
            0..4 => 0,
            4..7 => self.random.below(4000),
            _ => self.random.below(100_000),
        };
        let sender = if self.random.once_in(2) { GOVERNOR } else { self.account() };
        self.last = format!("at {} by {sender}", self.now);
        let before = self.naive.clone();
        let (operation, model, naive) = match self.random.below(100) {
            0..12 => {
                let amount = match self.random.below(40) {
                    0 => Amount::MAX,
                    _ => Amount(self.random.wide(self.scale + 4)),
                };
                let token = self.token();
                let model = self.model.fund(token, amount).map(|()| vec![]);
                let naive = self.naive.fund(token, amount);
                let token = of_account(token);
                self.write(&naive, || CumulativeClaimLog::Funded { token, amount });
                ("fund", model, naive)
            }
            12..62 => self.claim(sender, tally),
            62..68 => {
                let (user, operator) = (self.account(), self.account());
                let model = self.model.toggle_operator(sender, Operator { user, operator });
                let naive = self.naive.toggle_operator(sender, user, operator);
                let may = self.naive.operators.get(&user).and_then(|known| known.get(&operator));
                let is_whitelisted = may == Some(&1);
                let [user, operator] = [user, operator].map(of_account);
                self.write(&naive, || CumulativeClaimLog::OperatorToggled {
                    user,
                    operator,
                    is_whitelisted,
                });
                ("toggle operator", model.map(|_| vec![]), naive)
            }
            choice => self.administer(choice, sender, &before.governance),
        };
        if naive.is_err() {
            self.naive = before;
        }
        self.check(operation, model, &naive, tally);
    }

    /// What is done about trees and their rules.
    fn administer(
        &mut self,
        choice: u64,
        sender: Account,
        before: &Governance,
    ) -> (&'static str, Result<Vec<Payment>, CumulativeClaimError>, Answer) {
        let at = Timestamp(self.now);
        match choice {
            ..82 => {
                let tree = self.new_tree();
                let model = self.model.update_tree(sender, tree, at).map(|()| vec![]);
                let naive = self.naive.update_tree(sender, tree, self.now);
                let end = small(&self.naive.end_of_dispute_period);
                self.write(&naive, || CumulativeClaimLog::TreeUpdated {
                    merkle_root: Bytes32(tree.0),
                    end_of_dispute_period: Timestamp(end.0.to()),
                });
                ("update tree", model, naive)
            }
            82..87 => {
                let model = self.model.dispute_tree(sender, at).map(|payment| vec![payment]);
                let naive = self.naive.dispute_tree(sender, self.now);
                let disputer = of_account(sender);
                self.write(&naive, || CumulativeClaimLog::Disputed { disputer });
                ("dispute tree", model, naive)
            }
            87..93 => {
                let valid = self.random.once_in(2);
                let model = self.model.resolve_dispute(sender, valid, at);
                let naive = self.naive.resolve_dispute(sender, valid, self.now);
                let paid = naive.as_ref().map(|payments| payments[0]).unwrap_or_default();
                let (to, amount) = (of_account(paid.to), paid.amount);
                self.write(&naive, || CumulativeClaimLog::DisputeResolved { valid, to, amount });
                ("resolve dispute", model.map(|payment| vec![payment]), naive)
            }
            93..95 => {
                let model = self.model.revoke_tree(sender).map(|()| vec![]);
                let naive = self.naive.revoke_tree(sender);
                let mut root = [0; 32];
                root.copy_from_slice(&self.naive.tree);
                let merkle_root = Bytes32(root);
                self.write(&naive, || CumulativeClaimLog::Revoked { merkle_root });
                ("revoke tree", model, naive)
            }
            _ => {
                let governance = self.governance();
                let model = self.model.set_governance(sender, governance.clone());
                let naive = self.naive.set_governance(sender, governance);
                self.write_governance(before, &naive);
                ("set governance", model.map(|()| vec![]), naive)
            }
        }
    }

    /// Takes down what a call that went through logs.
    fn write(&mut self, answer: &Answer, log: impl FnOnce() -> CumulativeClaimLog) {
        if answer.is_ok() {
            self.written.push((None, self.now, ProgrammeLog::CumulativeClaim(log())));
        }
    }

    fn write_governance(&mut self, before: &Governance, answer: &Answer) {
        let Governance { dispute_token, dispute_amount, dispute_period, epoch_seconds, .. } =
            self.naive.governance;
        if before.dispute_amount != dispute_amount {
            self.write(answer, || CumulativeClaimLog::DisputeAmountUpdated { dispute_amount });
        }
        if before.dispute_token != dispute_token {
            let dispute_token = of_account(dispute_token);
            self.write(answer, || CumulativeClaimLog::DisputeTokenUpdated { dispute_token });
        }
        if before.dispute_period != dispute_period {
            self.write(answer, || CumulativeClaimLog::DisputePeriodUpdated { dispute_period });
        }
        if before.epoch_seconds != epoch_seconds {
            let new_epoch_duration = epoch_seconds;
            self.write(answer, || CumulativeClaimLog::EpochDurationUpdated { new_epoch_duration });
        }
    }

    fn account(&mut self) -> Account {
        Account([self.random.below(ACCOUNTS) as u8; 20])
    }

    fn token(&mut self) -> Account {
        Account([7 + self.random.below(2) as u8; 20])
    }

    fn governance(&mut self) -> Governance {
        let mut governance = self.naive.governance.clone();
        match self.random.below(4) {
            0 => governance.dispute_amount = Amount(self.random.wide(60)),
            1 => {
                governance.dispute_period = match self.random.below(12) {
                    0 => (1 << 48) - 1,
                    _ => self.random.below(30),
                };
            }
            2 => governance.epoch_seconds = self.random.pick(&[0, 1, 60, u64::from(u32::MAX)]),
            _ => governance.dispute_token = self.token(),
        }
        governance
    }

    /// Rewards around those of the last tree, most of them higher.
    fn new_tree(&mut self) -> Node {
        let count = 1 + self.random.below(12);
        let mut rewards = Vec::new();
        for _ in 0..count {
            let (user, token) = (self.account(), self.token());
            let claimed = self.model.claimed(user, token).0;
            let more = self.random.wide(self.scale);
            let amount = match self.random.below(30) {
                0 => U256::ONE << 208_usize,
                1 => claimed.saturating_sub(U256::ONE),
                2 => self.random.wide(210),
                _ => claimed.saturating_add(more),
            };
            rewards.push(CumulativeReward { user, token, amount: Amount(amount) });
        }
        let leaves: Vec<_> = rewards.iter().map(CumulativeReward::leaf).collect();
        let tree = match self.random.below(3) {
            0 => MerkleTree::in_order(leaves),
            1 => MerkleTree::sorted(leaves),
            _ => MerkleTree::distinct(leaves),
        };
        let tree = tree.unwrap();
        let root = tree.root();
        self.trees.push((tree, rewards));
        if self.trees.len() > 3 {
            self.trees.remove(0);
        }
        if self.random.once_in(20) { Node::default() } else { root }
    }

    fn claim(
        &mut self,
        sender: Account,
        tally: &mut Tally,
    ) -> (&'static str, Result<Vec<Payment>, CumulativeClaimError>, Answer) {
        let count = match self.random.below(40) {
            0 => 0,
            1..31 => 1,
            _ => 1 + self.random.below(4),
        };
        let root = self.model.merkle_root(Timestamp(self.now));
        let mut claims = Vec::new();
        for _ in 0..count {
            let in_force = self.trees.iter().position(|(tree, _)| tree.root() == root);
            let any = self.random.below(self.trees.len().max(1) as u64) as usize;
            let place = if self.random.once_in(10) { any } else { in_force.unwrap_or(any) };
            let Some((tree, rewards)) = self.trees.get(place) else {
                claims.push((CumulativeReward::default(), vec![]));
                continue;
            };
            let mut reward = rewards[self.random.below(rewards.len() as u64) as usize];
            let mut proof = tree.proof(reward.leaf()).unwrap();
            match self.random.below(30) {
                0 => proof.truncate(1),
                1 => proof.push(root),
                2 => reward.amount = Amount(reward.amount.0 + U256::ONE),
                _ => {}
            }
            claims.push((reward, proof));
        }
        let model = self.model.claim(sender, &claims, Timestamp(self.now));
        if let Ok(payments) = &model {
            if payments.len() > 1 {
                tally.count("claim of several");
            }
            if payments.iter().any(|payment| payment.amount.is_zero()) {
                tally.count("claim of nothing new");
            }
        }
        self.last = format!("{} claiming {claims:?}", self.last);
        let naive = self.naive.claim(sender, &claims, self.now);
        let paid = naive.clone().unwrap_or_default();
        for ((reward, proof), payment) in claims.iter().zip(paid) {
            self.write(&naive, || CumulativeClaimLog::Claimed {
                user: of_account(reward.user),
                token: of_account(reward.token),
                amount: payment.amount,
                cumulative: reward.amount,
                merkle_proof: proof.iter().map(|node| Bytes32(node.0)).collect(),
                caller: of_account(sender),
            });
        }
        ("claim", model, naive)
    }

    fn check(
        &self,
        operation: &str,
        model: Result<Vec<Payment>, CumulativeClaimError>,
        naive: &Answer,
        tally: &mut Tally,
    ) {
        let model = model.map_err(|error| {
            let other = if error == CumulativeClaimError::Unfunded {
                "unfunded"
            } else if error == CumulativeClaimError::TokenOverflow {
                "token overflow"
            } else {
                "panic"
            };
            error.reason().unwrap_or(other).to_owned()
        });
        assert_eq!(&model, naive, "{operation} {}", self.last);
        match naive {
            Ok(_) => tally.count(operation),
            Err(reason) => tally.revert(operation, reason),
        }
        let state = self.model.state();
        assert_eq!(CumulativeClaim::new(&state).as_ref(), Ok(&self.model), "{}", self.last);
        assert_eq!(state.tree.0.as_slice(), self.naive.tree, "{}", self.last);
        assert_eq!(state.last_tree.0.as_slice(), self.naive.last_tree, "{}", self.last);
        let end = BigUint::from(state.end_of_dispute_period.0);
        assert_eq!(end, self.naive.end_of_dispute_period, "{}", self.last);
        assert_eq!(state.disputer, self.naive.disputer, "{}", self.last);
        assert_eq!(state.governance, self.naive.governance, "{}", self.last);
        let claimed = self.naive.claimed.iter();
        let claimed = claimed.flat_map(|(user, tokens)| {
            tokens.iter().map(move |(token, amount)| (*user, *token, small(amount)))
        });
        let claimed: Vec<_> = claimed.filter(|(_, _, amount)| !amount.is_zero()).collect();
        let ours = state.claimed.iter().map(|entry| (entry.user, entry.token, entry.amount));
        assert_eq!(ours.collect::<Vec<_>>(), claimed, "{}", self.last);
        let balances = self.naive.balance_of.iter().map(|(token, amount)| (*token, small(amount)));
        let balances: Vec<_> = balances.filter(|(_, amount)| !amount.is_zero()).collect();
        let ours = state.balances.iter().map(|entry| (entry.token, entry.amount));
        assert_eq!(ours.collect::<Vec<_>>(), balances, "{}", self.last);
        let operators = self.naive.operators.iter();
        let operators = operators.flat_map(|(user, known)| {
            known.iter().map(move |(operator, may)| (*user, *operator, *may))
        });
        let operators: Vec<_> = operators.filter(|(.., may)| *may == 1).collect();
        let ours = state.operators.iter().map(|entry| (entry.user, entry.operator, 1));
        assert_eq!(ours.collect::<Vec<_>>(), operators, "{}", self.last);
    }
}
