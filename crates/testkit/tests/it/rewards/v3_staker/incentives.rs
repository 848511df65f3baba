//! Every operation of the staker, done to the model and to the contract.

use tidemill_rewards::v3_staker::{
    DepositCall, IncentiveKey, Payment, StakeCall, V3Staker, V3StakerError,
};
use tidemill_testkit::{Address, Outcome, Revert, encode_incentives};
use tidemill_units::{Amount, Timestamp, U256};

use super::positions::id;
use super::{World, account, address, reason, words};
use crate::tally::Tally;

impl World {
    /// Moves reward tokens, as the token contract does.
    fn pay(&mut self, from: Address, payment: Payment, refusal: &str) -> Result<U256, Revert> {
        let Payment { token, to, amount } = payment;
        let (token, to) = (address(token), address(to));
        if !self.oracle.reward_tokens.contains(&token) {
            let function = if refusal == "STF" { "safeTransferFrom" } else { "safeTransfer" };
            let text = format!("TransferHelperExtended::{function}: call to non-contract");
            return Err(reason(&text));
        }
        let held = self.balances.entry((token, from)).or_default();
        *held = held.checked_sub(amount.0).ok_or_else(|| reason(refusal))?;
        let received = self.balances.entry((token, to)).or_default();
        *received = received.wrapping_add(amount.0);
        Ok(amount.0)
    }

    /// Does what ends in a payment: both or neither.
    fn with_payment(
        &mut self,
        (from, refusal): (Address, &str),
        operation: impl FnOnce(&mut V3Staker, Timestamp) -> Result<Payment, V3StakerError>,
    ) -> Result<U256, Revert> {
        let before = self.staker.clone();
        let payment = self.on_staker(|staker, now, _| operation(staker, now))?;
        let paid = self.pay(from, payment, refusal);
        if paid.is_err() {
            self.staker = before;
        }
        paid
    }

    pub(super) fn create_incentive(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(4) { self.old_key() } else { None };
        let old = old.filter(|key| self.now <= key.start_time.0);
        let key = old.unwrap_or_else(|| self.new_key());
        let is_new = !self.keys.contains(&key);
        let (sender, reward) = (self.user(), self.reward());
        self.last = format!("create {key:?} with {reward} by {sender}");
        let expected = self.with_payment((sender, "STF"), |staker, now| {
            staker.create_incentive(key, Amount(reward), now)
        });
        if expected.is_ok() {
            if is_new {
                self.keys.push(key);
            } else {
                tally.count("top up incentive");
            }
        }
        let real = self.oracle.create_incentive(sender, words(&key), reward).unwrap();
        self.check("create incentive", expected.map(|_| Vec::new()), real, tally);
    }

    pub(super) fn end_incentive(&mut self, tally: &mut Tally) {
        let (key, sender) = (self.any_key(), self.user());
        self.last = format!("end {key:?}");
        let staker = self.oracle.staker;
        let expected =
            self.with_payment((staker, "ST"), |staker, now| staker.end_incentive(key, now));
        let real = self.oracle.end_incentive(sender, words(&key)).unwrap();
        self.check("end incentive", expected.map(|refund| vec![refund]), real, tally);
    }

    pub(super) fn deposit(&mut self, tally: &mut Tally) {
        if self.tokens.is_empty() {
            return self.mint(tally);
        }
        let token_id = self.at_home();
        let owner = self.tokens[token_id as usize - 1].owner;
        let sender = if self.random.once_in(16) { self.user() } else { owner };
        let count = self.random.pick(&[0, 0, 1, 1, 1, 2, 2, 3]);
        let keys: Vec<IncentiveKey> = (0..count).map(|_| self.live_key()).collect();
        let encoded: Vec<_> = keys.iter().map(words).collect();
        let data = match encoded.as_slice() {
            [] if self.random.once_in(2) => Vec::new(),
            [key] if self.random.once_in(2) => key.encode(),
            keys => encode_incentives(keys),
        };
        self.last = format!("deposit {token_id} of {owner} by {sender}, staked in {keys:?}");
        let expected = if sender != owner || owner == self.oracle.staker {
            Err(reason("ERC721: transfer caller is not owner nor approved"))
        } else {
            let manager = account(self.oracle.manager.address);
            let call =
                DepositCall { sender: manager, from: account(owner), token_id: id(token_id) };
            self.on_staker(|staker, now, reader| staker.deposit(call, &keys, now, reader))
        };
        if expected.is_ok() {
            self.tokens[token_id as usize - 1].owner = self.oracle.staker;
            match count {
                0 => {}
                1 => tally.count("deposit and stake"),
                _ => tally.count("deposit and stake in several"),
            }
        }
        let number = U256::from(token_id);
        // The staker itself sends nothing: a token that it has is asked for by somebody else.
        let sender = if sender == self.oracle.staker { self.users[0] } else { sender };
        let real = self.oracle.deposit(sender, owner, number, &data).unwrap();
        self.check("deposit", expected.map(|()| Vec::new()), real, tally);
    }

    /// Somebody who is not the manager says that a token has arrived.
    pub(super) fn pretend_deposit(&mut self, tally: &mut Tally) {
        let (sender, token_id) = (self.user(), self.random.below(5));
        self.last = format!("{sender} pretends to deposit {token_id}");
        let from = account(sender);
        let call = DepositCall { sender: from, from, token_id: id(token_id) };
        let expected = self.on_staker(|staker, now, reader| staker.deposit(call, &[], now, reader));
        let real = self.oracle.pretend_deposit(sender, U256::from(token_id)).unwrap();
        self.check("deposit", expected.map(|()| Vec::new()), real, tally);
    }

    pub(super) fn transfer_deposit(&mut self, tally: &mut Tally) {
        if self.tokens.is_empty() {
            return self.mint(tally);
        }
        let token_id = self.deposited();
        let sender = self.owner_or_other(token_id);
        let to = if self.random.once_in(12) { Address::ZERO } else { self.user() };
        self.last = format!("transfer deposit {token_id} to {to} by {sender}");
        let expected = self.on_staker(|staker, _, _| {
            staker.transfer_deposit(account(sender), id(token_id), account(to))
        });
        let real = self.oracle.transfer_deposit(sender, U256::from(token_id), to).unwrap();
        self.check("transfer deposit", expected.map(|()| Vec::new()), real, tally);
    }

    pub(super) fn withdraw(&mut self, tally: &mut Tally) {
        if self.tokens.is_empty() {
            return self.mint(tally);
        }
        let token_id = self.deposited();
        let sender = self.owner_or_other(token_id);
        let actor = self.oracle.pool.actors[0];
        let to = match self.random.below(16) {
            0 => self.oracle.staker,
            1 => Address::ZERO,
            2 => actor,
            _ => self.user(),
        };
        self.last = format!("withdraw {token_id} to {to} by {sender}");
        let before = self.staker.clone();
        let expected = self
            .on_staker(|staker, _, _| staker.withdraw(account(sender), id(token_id), account(to)));
        let expected = expected.and_then(|()| {
            if to == Address::ZERO {
                Err(reason("ERC721: transfer to the zero address"))
            } else if to == actor {
                Err(reason("ERC721: transfer to non ERC721Receiver implementer"))
            } else {
                Ok(())
            }
        });
        if expected.is_ok() {
            self.tokens[token_id as usize - 1].owner = to;
        } else {
            self.staker = before;
        }
        let real = self.oracle.withdraw(sender, U256::from(token_id), to).unwrap();
        self.check("withdraw", expected.map(|()| Vec::new()), real, tally);
    }

    pub(super) fn stake(&mut self, tally: &mut Tally) {
        if self.is_nothing_live() && !self.random.once_in(4) {
            return self.create_incentive(tally);
        }
        if self.is_nothing_deposited() && !self.random.once_in(16) {
            return self.deposit(tally);
        }
        let token_id = self.deposited();
        let (key, sender) = (self.live_key(), self.owner_or_other(token_id));
        self.last = format!("stake {token_id} in {key:?} by {sender}");
        let call = StakeCall { sender: account(sender), key, token_id: id(token_id) };
        let expected = self.on_staker(|staker, now, reader| staker.stake(call, now, reader));
        if expected.is_ok() && self.tokens[token_id as usize - 1].liquidity >= (1 << 96) - 1 {
            tally.count("stake of more than 2^96");
        }
        let real = self.oracle.stake(sender, words(&key), U256::from(token_id)).unwrap();
        self.check("stake", expected.map(|()| Vec::new()), real, tally);
    }

    fn is_nothing_deposited(&self) -> bool {
        self.staker.state().deposits.is_empty()
    }

    /// A stake that exists, or now and then any token and incentive.
    fn a_stake(&mut self) -> (IncentiveKey, u64) {
        let stakes = self.staker.state().stakes;
        if stakes.is_empty() || self.random.once_in(10) {
            return (self.any_key(), self.deposited());
        }
        let stake = stakes[self.random.below(stakes.len() as u64) as usize];
        (stake.key, stake.token_id.0.to::<u64>())
    }

    pub(super) fn unstake(&mut self, tally: &mut Tally) {
        if self.staker.state().stakes.is_empty() && !self.random.once_in(16) {
            return self.stake(tally);
        }
        let (key, token_id) = self.a_stake();
        let is_over = self.now >= key.end_time.0;
        let sender = if is_over { self.user() } else { self.owner_or_other(token_id) };
        self.last = format!("unstake {token_id} from {key:?} by {sender}");
        let call = StakeCall { sender: account(sender), key, token_id: id(token_id) };
        let expected = self.on_staker(|staker, now, reader| staker.unstake(call, now, reader));
        if let Ok(unstaked) = &expected {
            let counted = [
                (is_over, "unstake after the end"),
                (address(unstaked.owner) != sender, "unstake by a stranger"),
                (!unstaked.earned.reward.is_zero(), "unstake for a reward"),
            ];
            counted.iter().filter(|(is_so, _)| *is_so).for_each(|(_, name)| tally.count(name));
        }
        let real = self.oracle.unstake(sender, words(&key), U256::from(token_id)).unwrap();
        self.check("unstake", expected.map(|_| Vec::new()), real, tally);
    }

    pub(super) fn claim(&mut self, tally: &mut Tally) {
        let (sender, to) = (self.user(), self.user());
        let [token0, token1] = self.oracle.reward_tokens;
        let token =
            self.random.pick(&[token0, token0, token0, token1, token1, Address::repeat_byte(0x99)]);
        let owed = self.staker.claimable(account(token), account(sender)).0;
        let requested = match self.random.below(6) {
            0..3 => U256::ZERO,
            3 => U256::MAX,
            4 => owed,
            _ => self.random.up_to(owed),
        };
        self.last = format!("claim {requested} of {token} by {sender} to {to}");
        let staker = self.oracle.staker;
        let expected = self.with_payment((staker, "ST"), |staker, _| {
            Ok(staker.claim(account(sender), account(token), account(to), Amount(requested)))
        });
        if expected.as_ref().is_ok_and(|paid| *paid < owed) {
            tally.count("claim of a part");
        }
        let real = self.oracle.claim(sender, token, to, requested).unwrap();
        self.check("claim", expected.map(|paid| vec![paid]), real, tally);
    }

    pub(super) fn reward_info(&mut self, tally: &mut Tally) {
        if self.is_nothing_deposited() {
            return self.deposit(tally);
        }
        let (key, token_id) = self.a_stake();
        self.last = format!("reward info of {token_id} in {key:?}");
        let expected = self
            .on_staker(|staker, now, reader| staker.reward_info(key, id(token_id), now, reader));
        let expected = expected.map(|info| vec![info.reward.0, info.seconds_inside_x128]);
        let result = self.oracle.reward_info(words(&key), U256::from(token_id)).unwrap();
        self.check("reward info", expected, Outcome { result, changes: Vec::new(), gas: 0 }, tally);
    }
}
