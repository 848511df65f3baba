use std::collections::{BTreeMap, BTreeSet};

use tidemill_units::{Amount, Timestamp};

use super::{CumulativeClaimError as Error, Node};
use crate::{Account, StateError};

/// Seconds of an epoch where no other duration is set (`_EPOCH_DURATION`).
const EPOCH_SECONDS: u64 = 3600;
/// The contract keeps times in 48 bits.
const TIME_MASK: u64 = 0xffff_ffff_ffff;
/// The widest cumulative amount that the contract can note, in bits.
const AMOUNT_BITS: usize = 208;

/// Merkl's distributor: a root of cumulative amounts per user and token, each new one in force
/// after a period in which it can be disputed.
///
/// Source: `Distributor.sol` of AngleProtocol/merkl-contracts at 005348eb, without its recipients
/// of choice, callbacks and main operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CumulativeClaim {
    state: Rules,
    claimed: BTreeMap<(Account, Account), Amount>,
    balances: BTreeMap<Account, Amount>,
    operators: BTreeSet<Operator>,
}

/// What of the state is no table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rules {
    tree: Node,
    last_tree: Node,
    end_of_dispute_period: Timestamp,
    disputer: Option<Account>,
    governance: Governance,
}

/// What the governors set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Governance {
    /// Who may do everything, claim for others included.
    pub governors: Vec<Account>,
    /// Who may update the tree, but not within a dispute period (`canUpdateMerkleRoot`).
    pub trusted: Vec<Account>,
    /// Token that a dispute is backed with.
    pub dispute_token: Account,
    /// How much of it, raw units.
    pub dispute_amount: Amount,
    /// Whole epochs for which a new tree waits (`disputePeriod`), below 2^48.
    pub dispute_period: u64,
    /// Seconds of an epoch, below 2^32; 0 stands for 3600 (`_epochDuration`).
    pub epoch_seconds: u64,
}

/// All that determines what a [`CumulativeClaim`] does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CumulativeClaimState {
    /// The newest root; zero for none.
    pub tree: Node,
    /// The root before it, which is in force until the newest is; zero for none.
    pub last_tree: Node,
    /// From when on the newest root is in force.
    pub end_of_dispute_period: Timestamp,
    /// Who disputes the newest root.
    pub disputer: Option<Account>,
    /// What the governors set.
    pub governance: Governance,
    /// Cumulative amounts that were claimed, ascending by user, then token; none of them zero.
    pub claimed: Vec<UserTokenAmount>,
    /// Tokens it has, ascending by token; none of them zero.
    pub balances: Vec<TokenAmount>,
    /// Who may claim for whom, ascending.
    pub operators: Vec<Operator>,
}

/// An amount of a token that belongs to a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserTokenAmount {
    /// Whose.
    pub user: Account,
    /// Of what.
    pub token: Account,
    /// How much, raw units.
    pub amount: Amount,
}

/// An amount of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenAmount {
    /// Of what.
    pub token: Account,
    /// How much, raw units.
    pub amount: Amount,
}

/// Leave to claim for a user. The zero account as operator means everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operator {
    /// For whom.
    pub user: Account,
    /// Who may.
    pub operator: Account,
}

/// A leaf: all that a user has ever earned of a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CumulativeReward {
    /// Who earned it.
    pub user: Account,
    /// The token.
    pub token: Account,
    /// How much in all, raw units.
    pub amount: Amount,
}

/// What the distributor has to pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payment {
    /// To whom.
    pub to: Account,
    /// The token.
    pub token: Account,
    /// How much, raw units; perhaps nothing.
    pub amount: Amount,
}

impl CumulativeReward {
    /// Returns the leaf: keccak256 over user, token and amount as three words.
    pub fn leaf(&self) -> Node {
        let mut bytes = [0; 96];
        let padding = [0; 12];
        let parts: [&[u8]; 5] =
            [&padding, &self.user.0, &padding, &self.token.0, &self.amount.0.to_be_bytes::<32>()];
        for (place, byte) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        Node::hash(&bytes)
    }
}

impl Governance {
    fn check(&self) -> Result<(), StateError> {
        if self.dispute_period > TIME_MASK {
            return Err(StateError::of("dispute_period", "0 to 2^48 - 1"));
        }
        if self.epoch_seconds > u64::from(u32::MAX) {
            return Err(StateError::of("epoch_seconds", "0 to 2^32 - 1"));
        }
        Ok(())
    }

    fn is_governor(&self, account: Account) -> bool {
        self.governors.contains(&account)
    }

    /// Returns when a tree of this time can no longer be disputed: the next whole epoch, and the
    /// period after it.
    fn end_of_dispute_period(&self, at: Timestamp) -> Option<Timestamp> {
        let epoch = if self.epoch_seconds == 0 { EPOCH_SECONDS } else { self.epoch_seconds };
        let whole = (at.0 & TIME_MASK).checked_sub(1)?.checked_div(epoch)?.checked_add(1)?;
        let end = whole.checked_add(self.dispute_period).filter(|epochs| *epochs <= TIME_MASK)?;
        let end = end.checked_mul(epoch).filter(|end| *end <= TIME_MASK)?;
        Some(Timestamp(end))
    }
}

impl CumulativeClaim {
    /// Resumes from a state.
    ///
    /// Errors: a time or duration wider than the contract keeps it, an amount that is zero or
    /// passes 2^208 - 1, a table that does not ascend.
    pub fn new(state: &CumulativeClaimState) -> Result<Self, StateError> {
        state.governance.check()?;
        if state.end_of_dispute_period.0 > TIME_MASK {
            return Err(StateError::of("end_of_dispute_period", "0 to 2^48 - 1"));
        }
        let allowed = "ascending, each amount 1 to 2^208 - 1";
        let mut claimed = BTreeMap::new();
        for (index, entry) in state.claimed.iter().enumerate() {
            let key = (entry.user, entry.token);
            let ascends = claimed.last_key_value().is_none_or(|(last, _)| *last < key);
            if !ascends || entry.amount.is_zero() || entry.amount.0.bit_len() > AMOUNT_BITS {
                return Err(StateError::at("claimed", index, allowed));
            }
            claimed.insert(key, entry.amount);
        }
        let mut balances = BTreeMap::new();
        for (index, entry) in state.balances.iter().enumerate() {
            let ascends = balances.last_key_value().is_none_or(|(last, _)| *last < entry.token);
            if !ascends || entry.amount.is_zero() {
                let allowed = "ascending by token, no amount zero";
                return Err(StateError::at("balances", index, allowed));
            }
            balances.insert(entry.token, entry.amount);
        }
        let mut operators = BTreeSet::new();
        for (index, operator) in state.operators.iter().enumerate() {
            if operators.last().is_some_and(|last| last >= operator) {
                return Err(StateError::at("operators", index, "ascending by user, then operator"));
            }
            operators.insert(*operator);
        }
        let rules = Rules {
            tree: state.tree,
            last_tree: state.last_tree,
            end_of_dispute_period: state.end_of_dispute_period,
            disputer: state.disputer,
            governance: state.governance.clone(),
        };
        Ok(Self { state: rules, claimed, balances, operators })
    }

    /// Returns all there is to resume from.
    pub fn state(&self) -> CumulativeClaimState {
        let Rules { tree, last_tree, end_of_dispute_period, disputer, governance } =
            self.state.clone();
        let claimed = self.claimed.iter().map(|((user, token), amount)| UserTokenAmount {
            user: *user,
            token: *token,
            amount: *amount,
        });
        let balances = self.balances.iter();
        let balances =
            balances.map(|(token, amount)| TokenAmount { token: *token, amount: *amount });
        CumulativeClaimState {
            tree,
            last_tree,
            end_of_dispute_period,
            disputer,
            governance,
            claimed: claimed.collect(),
            balances: balances.collect(),
            operators: self.operators.iter().copied().collect(),
        }
    }

    /// Returns the root in force: the newest once its dispute period is over and nobody disputes
    /// it, else the one before (`getMerkleRoot`).
    pub fn merkle_root(&self, at: Timestamp) -> Node {
        let is_due = at >= self.state.end_of_dispute_period;
        if is_due && self.state.disputer.is_none() { self.state.tree } else { self.state.last_tree }
    }

    /// Returns the newest root, in force or not; zero for none.
    pub fn tree(&self) -> Node {
        self.state.tree
    }

    /// Returns from when on the newest root is in force, if nobody disputes it.
    pub fn end_of_dispute_period(&self) -> Timestamp {
        self.state.end_of_dispute_period
    }

    /// Returns what the governors set.
    pub fn governance(&self) -> &Governance {
        &self.state.governance
    }

    /// Returns what the distributor has of each token, ascending, raw units.
    pub fn balances(&self) -> impl Iterator<Item = (Account, Amount)> {
        self.balances.iter().map(|(token, amount)| (*token, *amount))
    }

    /// Returns what a user has claimed of a token so far, raw units.
    pub fn claimed(&self, user: Account, token: Account) -> Amount {
        self.claimed.get(&(user, token)).copied().unwrap_or_default()
    }

    /// Returns what the distributor has of a token, raw units.
    pub fn balance(&self, token: Account) -> Amount {
        self.balances.get(&token).copied().unwrap_or_default()
    }

    /// Gives the distributor tokens: a plain transfer to it.
    ///
    /// Errors: `TokenOverflow`.
    pub fn fund(&mut self, token: Account, amount: Amount) -> Result<(), Error> {
        let balance = self.balance(token).checked_add(amount).ok_or(Error::TokenOverflow)?;
        self.set_balance(token, balance);
        Ok(())
    }

    /// Claims what several leaves have over what was claimed before; answers what to pay, in their
    /// order.
    ///
    /// Errors: `InvalidLengths` for none; for each in turn `NotWhitelisted`,
    /// `InvalidUninitializedRoot`, `InvalidProof`, `BelowClaimed`, `AmountTooWide`, `Unfunded`.
    /// Source: `Distributor.claim`.
    pub fn claim(
        &mut self,
        caller: Account,
        claims: &[(CumulativeReward, Vec<Node>)],
        at: Timestamp,
    ) -> Result<Vec<Payment>, Error> {
        if claims.is_empty() {
            return Err(Error::InvalidLengths);
        }
        if let [(reward, proof)] = claims {
            return Ok(vec![self.claim_one(caller, reward, proof, at)?]);
        }
        // All or nothing: a later claim may fail after an earlier one is paid.
        let mut after = self.clone();
        let mut payments = Vec::with_capacity(claims.len());
        for (reward, proof) in claims {
            payments.push(after.claim_one(caller, reward, proof, at)?);
        }
        *self = after;
        Ok(payments)
    }

    fn claim_one(
        &mut self,
        caller: Account,
        reward: &CumulativeReward,
        proof: &[Node],
        at: Timestamp,
    ) -> Result<Payment, Error> {
        let CumulativeReward { user, token, amount } = *reward;
        if !self.may_claim_for(caller, user) {
            return Err(Error::NotWhitelisted);
        }
        let root = self.merkle_root(at);
        if root == Node::default() {
            return Err(Error::InvalidUninitializedRoot);
        }
        if reward.leaf().root_by(proof) != root {
            return Err(Error::InvalidProof);
        }
        let unpaid = amount.checked_sub(self.claimed(user, token)).ok_or(Error::BelowClaimed)?;
        if amount.0.bit_len() > AMOUNT_BITS {
            return Err(Error::AmountTooWide);
        }
        self.pay(token, unpaid)?;
        if !amount.is_zero() {
            self.claimed.insert((user, token), amount);
        }
        Ok(Payment { to: user, token, amount: unpaid })
    }

    fn may_claim_for(&self, caller: Account, user: Account) -> bool {
        let is_operator = |operator| self.operators.contains(&Operator { user, operator });
        caller == user
            || is_operator(caller)
            || is_operator(Account::default())
            || self.state.governance.is_governor(caller)
    }

    fn pay(&mut self, token: Account, amount: Amount) -> Result<(), Error> {
        let left = self.balance(token).checked_sub(amount).ok_or(Error::Unfunded)?;
        self.set_balance(token, left);
        Ok(())
    }

    fn set_balance(&mut self, token: Account, balance: Amount) {
        if balance.is_zero() {
            self.balances.remove(&token);
        } else {
            self.balances.insert(token, balance);
        }
    }

    /// Gives an account leave to claim for a user, or takes it away; answers whether it may now.
    ///
    /// Errors: `NotTrusted` where the caller is neither the user nor a governor.
    pub fn toggle_operator(&mut self, caller: Account, operator: Operator) -> Result<bool, Error> {
        if caller != operator.user && !self.state.governance.is_governor(caller) {
            return Err(Error::NotTrusted);
        }
        let may = !self.operators.remove(&operator);
        if may {
            self.operators.insert(operator);
        }
        Ok(may)
    }

    /// Puts a new tree up; the newest before it is in force until the new one is.
    ///
    /// Errors: `NotTrusted` for a stranger, during a dispute, and for whoever is trusted but no
    /// governor within the dispute period; `TimeOverflow`.
    /// Source: `Distributor.updateTree`.
    pub fn update_tree(&mut self, caller: Account, tree: Node, at: Timestamp) -> Result<(), Error> {
        let rules = &mut self.state;
        let is_in_time = at >= rules.end_of_dispute_period;
        let is_trusted = rules.governance.trusted.contains(&caller) && is_in_time;
        let may = is_trusted || rules.governance.is_governor(caller);
        if rules.disputer.is_some() || !may {
            return Err(Error::NotTrusted);
        }
        let end = rules.governance.end_of_dispute_period(at).ok_or(Error::TimeOverflow)?;
        rules.last_tree = std::mem::replace(&mut rules.tree, tree);
        rules.end_of_dispute_period = end;
        Ok(())
    }

    /// Disputes the newest tree, which keeps it out of force; the caller pays the deposit in.
    ///
    /// Errors: `UnresolvedDispute`, `InvalidDispute`, `TokenOverflow`.
    /// Source: `Distributor.disputeTree`.
    pub fn dispute_tree(&mut self, caller: Account, at: Timestamp) -> Result<Payment, Error> {
        if self.state.disputer.is_some() {
            return Err(Error::UnresolvedDispute);
        }
        if at >= self.state.end_of_dispute_period {
            return Err(Error::InvalidDispute);
        }
        let Governance { dispute_token: token, dispute_amount: amount, .. } = self.state.governance;
        self.fund(token, amount)?;
        self.state.disputer = Some(caller);
        Ok(Payment { to: caller, token, amount })
    }

    /// Ends a dispute: a valid one brings the last tree back and its deposit to the disputer, any
    /// other starts the dispute period again and leaves the deposit to the governor. Answers what
    /// to pay.
    ///
    /// Errors: `NotGovernor`, `NoDispute`, `Unfunded`, `TimeOverflow`.
    /// Source: `Distributor.resolveDispute`.
    pub fn resolve_dispute(
        &mut self,
        caller: Account,
        is_valid: bool,
        at: Timestamp,
    ) -> Result<Payment, Error> {
        self.check_governor(caller)?;
        let disputer = self.state.disputer.ok_or(Error::NoDispute)?;
        let Governance { dispute_token: token, dispute_amount: amount, .. } = self.state.governance;
        let left = self.balance(token).checked_sub(amount).ok_or(Error::Unfunded)?;
        let to = if is_valid {
            self.fall_back();
            disputer
        } else {
            let end = self.state.governance.end_of_dispute_period(at).ok_or(Error::TimeOverflow)?;
            self.state.end_of_dispute_period = end;
            caller
        };
        self.set_balance(token, left);
        self.state.disputer = None;
        Ok(Payment { to, token, amount })
    }

    /// Brings the last tree back at once.
    ///
    /// Errors: `NotGovernor`, `UnresolvedDispute`.
    /// Source: `Distributor.revokeTree`.
    pub fn revoke_tree(&mut self, caller: Account) -> Result<(), Error> {
        self.check_governor(caller)?;
        if self.state.disputer.is_some() {
            return Err(Error::UnresolvedDispute);
        }
        self.fall_back();
        Ok(())
    }

    /// Sets what governors may set at any time.
    ///
    /// Errors: `NotGovernor`; `UnresolvedDispute` where the deposit would change during a dispute;
    /// `TimeOverflow` for durations wider than the contract's own types.
    pub fn set_governance(&mut self, caller: Account, governance: Governance) -> Result<(), Error> {
        self.check_governor(caller)?;
        governance.check().map_err(|_| Error::TimeOverflow)?;
        let now = &self.state.governance;
        let keeps_deposit = now.dispute_token == governance.dispute_token
            && now.dispute_amount == governance.dispute_amount;
        if self.state.disputer.is_some() && !keeps_deposit {
            return Err(Error::UnresolvedDispute);
        }
        self.state.governance = governance;
        Ok(())
    }

    fn check_governor(&self, caller: Account) -> Result<(), Error> {
        if self.state.governance.is_governor(caller) { Ok(()) } else { Err(Error::NotGovernor) }
    }

    fn fall_back(&mut self) {
        self.state.end_of_dispute_period = Timestamp(0);
        self.state.tree = self.state.last_tree;
    }
}
