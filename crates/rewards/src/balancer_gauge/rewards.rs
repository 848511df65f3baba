use tidemill_units::{Amount, Timestamp, U256};

use super::BalancerGaugeError::{Overflow, TokenRefuses, Underflow};
use super::{BalancerGauge, BalancerGaugeError, Done, Paid, SCALE};
use crate::Account;
use crate::week::WEEK;

/// Reward tokens a gauge has at most (`MAX_REWARDS`).
pub const MOST_REWARDS: usize = 8;
/// Seconds that a deposit of a reward token is spread over (`WEEK`).
pub const REWARD_DURATION: u64 = WEEK;
/// Bits of what was claimed; what can be claimed is stored above them.
const CLAIMED_BITS: usize = 128;

/// A reward token and how it is paid (`Reward`, and its place in `reward_tokens`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RewardStream {
    /// The token.
    pub token: Account,
    /// Who may bring it; never the zero address.
    pub distributor: Account,
    /// When the last deposit is paid out.
    pub period_finish: Timestamp,
    /// Raw units a second until then.
    pub rate: U256,
    /// Up to when the integral counts.
    pub last_update: Timestamp,
    /// What was paid for each unit staked since the beginning, in 1e-18.
    pub integral: U256,
}

/// An account's part of one reward token, as of its last checkpoint of rewards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RewardClaim {
    /// The token's integral then (`reward_integral_for`).
    pub integral_for: U256,
    /// What waits to be claimed, below 2^128.
    pub claimable: Amount,
    /// What was claimed, below 2^128 (`claimed_reward`).
    pub claimed: Amount,
}

/// A claim of reward tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardClaimFor {
    /// Whose rewards.
    pub account: Account,
    /// Where they go; the zero address for where the account says, or else the account itself.
    pub receiver: Account,
}

/// Reward tokens that are to be paid out of what the gauge holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RewardPayment {
    /// The token.
    pub token: Account,
    /// To whom.
    pub receiver: Account,
    /// Raw units.
    pub amount: Amount,
}

impl RewardStream {
    /// The integral brought forward to now, and the time it then counts up to. While nothing is
    /// staked only the time goes on.
    fn at(&self, total_supply: U256, at: Timestamp) -> Result<Self, BalancerGaugeError> {
        let mut stream = *self;
        stream.last_update = at.min(self.period_finish);
        let seconds = stream.last_update.0.checked_sub(self.last_update.0).ok_or(Underflow)?;
        if seconds != 0 && !total_supply.is_zero() {
            let paid = U256::from(seconds).checked_mul(self.rate).ok_or(Overflow)?;
            let paid = paid.checked_mul(U256::from(SCALE)).ok_or(Overflow)?;
            let paid = paid.checked_div(total_supply).unwrap_or_default();
            stream.integral = self.integral.checked_add(paid).ok_or(Overflow)?;
        }
        Ok(stream)
    }
}

impl RewardClaim {
    /// What an integral brings a balance since this claim, rounded down.
    fn earned(&self, balance: U256, integral: U256) -> Result<U256, BalancerGaugeError> {
        let grown = integral.checked_sub(self.integral_for).ok_or(Underflow)?;
        let earned = balance.checked_mul(grown).ok_or(Overflow)?;
        Ok(earned.checked_div(U256::from(SCALE)).unwrap_or_default())
    }

    /// Writes both halves of the contract's word. What passes 2^128 as claimed counts as claimable
    /// again; what passes it as claimable is gone.
    fn set_word(&mut self, word: U256) {
        let claimable = word.wrapping_shr(CLAIMED_BITS);
        self.claimable = Amount(claimable);
        self.claimed = Amount(word ^ claimable.wrapping_shl(CLAIMED_BITS));
    }
}

impl BalancerGauge {
    /// Returns the reward tokens in the order in which they were added (`reward_tokens`).
    pub fn rewards(&self) -> &[RewardStream] {
        &self.extra.streams
    }

    /// Returns an account's part of a reward token, as of its last checkpoint of rewards.
    pub fn reward_claim_of(&self, account: Account, token: Account) -> RewardClaim {
        let place = self.extra.streams.iter().position(|stream| stream.token == token);
        let claim = place.and_then(|place| self.stakers.get(&account)?.rewards.get(place));
        claim.copied().unwrap_or_default()
    }

    /// Returns where an account's rewards go by default; the zero address for the account itself
    /// (`rewards_receiver`).
    pub fn rewards_receiver(&self, account: Account) -> Account {
        self.receivers.get(&account).copied().unwrap_or_default()
    }

    /// Returns what the gauge has of a token, that of the pool included.
    pub fn held(&self, token: Account) -> Amount {
        self.extra.held.get(&token).copied().unwrap_or_default()
    }

    /// Books a token that somebody sends to the gauge's address. A deposit books it itself.
    ///
    /// Errors: `Overflow`.
    pub fn receive(&mut self, token: Account, amount: Amount) -> Done {
        let held = self.held(token).checked_add(amount).ok_or(Overflow)?;
        self.extra.held.insert(token, held);
        Ok(())
    }

    /// Returns what an account could claim of a reward token now; nothing of one that was not
    /// added. Errors: `Overflow`. Source: `claimable_reward`.
    pub fn claimable_reward(
        &self,
        account: Account,
        token: Account,
        at: Timestamp,
    ) -> Result<Amount, BalancerGaugeError> {
        let Some(stream) = self.extra.streams.iter().find(|stream| stream.token == token) else {
            return Ok(Amount::ZERO);
        };
        let stream = stream.at(self.period.total_supply, at)?;
        let claim = self.reward_claim_of(account, token);
        let earned = claim.earned(self.stake_of(account).balance, stream.integral)?;
        claim.claimable.checked_add(Amount(earned)).ok_or(Overflow)
    }

    /// Adds a reward token. Errors: `ZeroDistributor`, `NotAdmin`, `TooManyRewards`, `KnownReward`,
    /// in this order. Source: `add_reward`.
    pub fn add_reward(&mut self, caller: Account, token: Account, distributor: Account) -> Done {
        if distributor == Account::default() {
            return Err(BalancerGaugeError::ZeroDistributor);
        }
        self.check_admin(caller)?;
        if self.extra.streams.len() >= MOST_REWARDS {
            return Err(BalancerGaugeError::TooManyRewards);
        }
        if self.extra.streams.iter().any(|stream| stream.token == token) {
            return Err(BalancerGaugeError::KnownReward);
        }
        self.extra.streams.push(RewardStream { token, distributor, ..RewardStream::default() });
        Ok(())
    }

    /// Sets who may bring a reward token. Errors: `NotDistributor`, `UnknownReward`,
    /// `ZeroDistributor`, in this order. Source: `set_reward_distributor`.
    pub fn set_reward_distributor(
        &mut self,
        caller: Account,
        token: Account,
        distributor: Account,
    ) -> Done {
        let is_admin = caller == self.identity.admin;
        let stream = self.extra.streams.iter_mut().find(|stream| stream.token == token);
        if !is_admin && stream.as_ref().is_none_or(|stream| stream.distributor != caller) {
            return Err(BalancerGaugeError::NotDistributor);
        }
        let stream = stream.ok_or(BalancerGaugeError::UnknownReward)?;
        if distributor == Account::default() {
            return Err(BalancerGaugeError::ZeroDistributor);
        }
        stream.distributor = distributor;
        Ok(())
    }

    /// Spreads an amount of a reward token, and what is left of a running period, over the week to
    /// come; the caller pays it. The rate is rounded down.
    ///
    /// Errors: `NotDistributor`, `Overflow`. Source: `deposit_reward_token`.
    pub fn deposit_reward_token(
        &mut self,
        caller: Account,
        token: Account,
        amount: Amount,
        at: Timestamp,
    ) -> Done {
        let is_theirs =
            |stream: &RewardStream| stream.token == token && stream.distributor == caller;
        let place = self.extra.streams.iter().position(is_theirs);
        let place = place.ok_or(BalancerGaugeError::NotDistributor)?;
        let mut after = self.extra.clone();
        for stream in &mut after.streams {
            *stream = stream.at(self.period.total_supply, at)?;
        }
        let stream = after.streams.get_mut(place).ok_or(BalancerGaugeError::NotDistributor)?;
        let left = stream.period_finish.seconds_since(at);
        let left = U256::from(left).checked_mul(stream.rate).ok_or(Overflow)?;
        let spread = amount.0.checked_add(left).ok_or(Overflow)?;
        stream.rate = spread.checked_div(U256::from(REWARD_DURATION)).unwrap_or_default();
        stream.last_update = at;
        stream.period_finish = Timestamp(at.0.checked_add(REWARD_DURATION).ok_or(Overflow)?);
        let held = self.held(token).checked_add(amount).ok_or(Overflow)?;
        after.held.insert(token, held);
        self.extra = after;
        Ok(())
    }

    /// Says where the account's rewards go; the zero address for the account itself.
    /// Source: `set_rewards_receiver`.
    pub fn set_rewards_receiver(&mut self, account: Account, receiver: Account) {
        if receiver == Account::default() {
            self.receivers.remove(&account);
        } else {
            self.receivers.insert(account, receiver);
        }
    }

    /// Claims an account's reward tokens, all of them; anybody may, for where the account says.
    /// Returns what is to be paid.
    ///
    /// Errors: `CannotRedirect`, `TokenRefuses`, `Overflow`. Source: `claim_rewards`.
    pub fn claim_rewards(&mut self, caller: Account, claim: RewardClaimFor, at: Timestamp) -> Paid {
        let RewardClaimFor { account, receiver } = claim;
        let is_named = receiver != Account::default();
        if is_named && caller != account {
            return Err(BalancerGaugeError::CannotRedirect);
        }
        let undo = self.before([account; 2]);
        let receiver = is_named.then_some(receiver);
        let paid = self.checkpoint_rewards(account, true, receiver, at);
        if paid.is_err() {
            self.restore(undo);
        }
        paid
    }

    /// Brings all reward tokens up to now, and an account's part of them; the zero address has
    /// none. Not atomic. Source: `_checkpoint_rewards`.
    pub(super) fn checkpoint_rewards(
        &mut self,
        account: Account,
        claims: bool,
        receiver: Option<Account>,
        at: Timestamp,
    ) -> Paid {
        let by_default = Some(self.rewards_receiver(account));
        let by_default = by_default.filter(|receiver| *receiver != Account::default());
        let receiver = receiver.or(by_default).unwrap_or(account);
        let balance = self.stake_of(account).balance;
        let mut paid = Vec::new();
        for place in 0..self.extra.streams.len() {
            let Some(stream) = self.extra.streams.get_mut(place) else { break };
            *stream = stream.at(self.period.total_supply, at)?;
            let RewardStream { token, integral, .. } = *stream;
            if account == Account::default() {
                continue;
            }
            let mut claim = self.reward_claim_of(account, token);
            let earned = claim.earned(balance, integral)?;
            claim.integral_for = integral;
            let claimable = claim.claimable.checked_add(Amount(earned)).ok_or(Overflow)?;
            if claims && !claimable.is_zero() {
                self.pay(token, receiver, claimable)?;
                paid.push(RewardPayment { token, receiver, amount: claimable });
                claim.set_word(claim.claimed.checked_add(claimable).ok_or(Overflow)?.0);
            } else if earned != U256::ZERO {
                // What does not fit above the claimed half falls out of the word, as there.
                let claimable = claimable.0.wrapping_shl(CLAIMED_BITS);
                claim.set_word(claimable | claim.claimed.0);
            }
            let staker = self.stakers.entry(account).or_default();
            if staker.rewards.len() <= place {
                staker.rewards.resize(place.saturating_add(1), RewardClaim::default());
            }
            if let Some(entry) = staker.rewards.get_mut(place) {
                *entry = claim;
            }
        }
        Ok(paid)
    }

    /// Takes a payment out of what the gauge holds, unless it goes to the gauge itself.
    pub(super) fn pay(&mut self, token: Account, receiver: Account, amount: Amount) -> Done {
        let left = self.held(token).checked_sub(amount).ok_or(TokenRefuses)?;
        if receiver != self.identity.account {
            self.extra.held.insert(token, left);
        }
        Ok(())
    }
}
