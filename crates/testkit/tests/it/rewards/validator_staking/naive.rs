//! The Cosmos SDK's staking and distribution keepers in big integers, store by store and as slowly
//! as they read. Past periods are kept for ever, so no reference is counted.

use std::collections::BTreeMap;

use num_bigint::BigInt;

/// How a call failed, by the name our error has.
pub(super) type Failure = &'static str;
type Number = Result<BigInt, Failure>;
/// Accounts go by number.
pub(super) type Who = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Unbonded,
    Unbonding(u64, u64),
    Bonded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Val {
    pub(super) status: Status,
    pub(super) jailed: bool,
    pub(super) tokens: BigInt,
    pub(super) shares: BigInt,
    pub(super) commission: BigInt,
    pub(super) min_self: BigInt,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) period: u64,
    pub(super) stake: BigInt,
    pub(super) height: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) height: u64,
    pub(super) time: u64,
    pub(super) initial: BigInt,
    /// The balance of an unbonding, the destination's shares of a redelegation.
    pub(super) rest: BigInt,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Naive {
    pub(super) unbonding_time: u64,
    pub(super) max_entries: usize,
    pub(super) reduction: BigInt,
    pub(super) tax: BigInt,
    pub(super) base: BigInt,
    pub(super) bonus: BigInt,
    pub(super) height: u64,
    pub(super) time: u64,
    pub(super) vals: BTreeMap<Who, Val>,
    pub(super) dels: BTreeMap<(Who, Who), BigInt>,
    pub(super) starts: BTreeMap<(Who, Who), Start>,
    pub(super) history: BTreeMap<(Who, u64), BigInt>,
    pub(super) current: BTreeMap<Who, (BigInt, u64)>,
    pub(super) accumulated: BTreeMap<Who, BigInt>,
    pub(super) outstanding: BTreeMap<Who, BigInt>,
    pub(super) slashes: BTreeMap<(Who, u64, u64), BigInt>,
    pub(super) ubds: BTreeMap<(Who, Who), Vec<Entry>>,
    pub(super) reds: BTreeMap<(Who, Who, Who), Vec<Entry>>,
    pub(super) community: BigInt,
    /// What all rewards came to, and what was paid of them.
    pub(super) allocated: BigInt,
    pub(super) paid_out: BigInt,
    /// What the operation pays, without the amounts of nothing.
    pub(super) paid: Vec<(Who, BigInt)>,
}

fn one() -> BigInt {
    BigInt::from(1_000_000_000_000_000_000_u64)
}

fn nil() -> BigInt {
    BigInt::from(0)
}

fn word(value: BigInt) -> Number {
    if value < nil() {
        Err("Underflow")
    } else if value.bits() > 256 {
        Err("Overflow")
    } else {
        Ok(value)
    }
}

/// Banker's rounding off of 18 digits.
fn chop(value: &BigInt) -> Number {
    let (mut whole, rest) = (value / one(), value % one());
    let twice: BigInt = rest * 2;
    if twice > one() || (twice == one() && &whole % 2_u32 == BigInt::from(1)) {
        whole += 1;
    }
    word(whole)
}

fn mul(a: &BigInt, b: &BigInt) -> Number {
    chop(&(a * b))
}

fn mul_truncate(a: &BigInt, b: &BigInt) -> Number {
    word(a * b / one())
}

/// The quotient of two decimals, to the nearest.
fn quo(a: &BigInt, b: &BigInt) -> Number {
    if *b == nil() { Err("DivisionByZero") } else { chop(&(a * one() * one() / b)) }
}

fn quo_truncate(a: &BigInt, b: &BigInt) -> Number {
    if *b == nil() { Err("DivisionByZero") } else { word(a * one() / b) }
}

fn quo_round_up(a: &BigInt, b: &BigInt) -> Number {
    let scaled = a * one();
    let quotient = &scaled / b;
    word(if &quotient * b < scaled { quotient + 1 } else { quotient })
}

impl Val {
    fn tokens_from_shares(&self, shares: &BigInt) -> Number {
        quo(&(shares * &self.tokens), &self.shares)
    }

    fn shares_from_tokens(&self, amount: &BigInt) -> Number {
        if self.tokens == nil() {
            return Err("InsufficientShares");
        }
        word(&self.shares * amount / &self.tokens)
    }

    fn invalid_rate(&self) -> bool {
        self.tokens == nil() && self.shares > nil()
    }
}

impl Naive {
    fn val(&self, who: Who) -> Result<Val, Failure> {
        self.vals.get(&who).cloned().ok_or("NoValidator")
    }

    fn pay(&mut self, who: Who, amount: BigInt) {
        self.paid_out += &amount * one();
        if amount > nil() {
            self.paid.push((who, amount));
        }
    }

    // Distribution.

    pub(super) fn create(
        &mut self,
        who: Who,
        rate: BigInt,
        min_self: BigInt,
    ) -> Result<(), Failure> {
        if self.vals.contains_key(&who) {
            return Err("ValidatorExists");
        }
        if rate > one() {
            return Err("CommissionTooHigh");
        }
        let (tokens, shares) = (nil(), nil());
        let (status, jailed, commission) = (Status::Unbonded, false, rate);
        self.vals.insert(who, Val { status, jailed, tokens, shares, commission, min_self });
        self.history.insert((who, 0), nil());
        self.current.insert(who, (nil(), 1));
        self.accumulated.insert(who, nil());
        self.outstanding.insert(who, nil());
        Ok(())
    }

    fn increment_period(&mut self, who: Who) -> Result<u64, Failure> {
        let (rewards, period) = self.current[&who].clone();
        let tokens = self.vals[&who].tokens.clone();
        let ratio = if tokens == nil() {
            self.community += &rewards;
            *self.outstanding.get_mut(&who).unwrap() -= &rewards;
            nil()
        } else {
            quo_truncate(&rewards, &(tokens * one()))?
        };
        let before = self.history[&(who, period - 1)].clone();
        self.history.insert((who, period), word(before + ratio)?);
        self.current.insert(who, (nil(), period + 1));
        Ok(period)
    }

    fn between(&self, who: Who, from: u64, to: u64, stake: &BigInt) -> Number {
        let difference = &self.history[&(who, to)] - &self.history[&(who, from)];
        mul_truncate(&word(difference)?, stake)
    }

    fn calculate(&self, (del, val): (Who, Who), ending: u64) -> Number {
        let start = &self.starts[&(del, val)];
        if start.height == self.height {
            return Ok(nil());
        }
        let (mut from, mut stake, mut rewards) = (start.period, start.stake.clone(), nil());
        if self.height > start.height {
            for ((of, height, period), fraction) in &self.slashes {
                if *of != val || *height < start.height || *height > self.height {
                    continue;
                }
                if *period > from {
                    rewards = word(rewards + self.between(val, from, *period, &stake)?)?;
                    stake = mul_truncate(&stake, &(one() - fraction))?;
                    from = *period;
                }
            }
        }
        let current = self.val(val)?.tokens_from_shares(&self.dels[&(del, val)])?;
        if stake > current {
            if stake > word(&current + 3)? {
                return Err("StakeAboveShares");
            }
            stake = current;
        }
        word(rewards + self.between(val, from, ending, &stake)?)
    }

    fn withdraw_inner(&mut self, del: Who, val: Who) -> Result<BigInt, Failure> {
        if !self.starts.contains_key(&(del, val)) {
            return Err("NoDelegation");
        }
        let ending = self.increment_period(val)?;
        let raw = self.calculate((del, val), ending)?;
        let outstanding = self.outstanding[&val].clone();
        let rewards = raw.min(outstanding.clone());
        let (coins, rest) = (&rewards / one(), &rewards % one());
        self.outstanding.insert(val, outstanding - rewards);
        self.community += rest;
        self.starts.remove(&(del, val));
        self.pay(del, coins.clone());
        Ok(coins)
    }

    fn initialize(&mut self, del: Who, val: Who) -> Result<(), Failure> {
        let period = self.current[&val].1 - 1;
        let of = self.val(val)?;
        let stake = quo_truncate(&(&self.dels[&(del, val)] * &of.tokens), &of.shares)?;
        self.starts.insert((del, val), Start { period, stake, height: self.height });
        Ok(())
    }

    pub(super) fn withdraw(&mut self, del: Who, val: Who) -> Number {
        self.val(val)?;
        let coins = self.withdraw_inner(del, val)?;
        self.initialize(del, val)?;
        Ok(coins)
    }

    pub(super) fn rewards(mut self, del: Who, val: Who) -> Number {
        self.val(val)?;
        if !self.dels.contains_key(&(del, val)) {
            return Err("NoDelegation");
        }
        let ending = self.increment_period(val)?;
        self.calculate((del, val), ending)
    }

    pub(super) fn withdraw_commission(&mut self, val: Who) -> Number {
        let accumulated = self.accumulated.get(&val).cloned().unwrap_or_default();
        if accumulated == nil() {
            return Err("NoCommission");
        }
        let (coins, rest) = (&accumulated / one(), &accumulated % one());
        self.accumulated.insert(val, rest);
        *self.outstanding.get_mut(&val).unwrap() -= &coins * one();
        self.pay(val, coins.clone());
        Ok(coins)
    }

    fn allocate_to(&mut self, val: Who, tokens: &BigInt) -> Result<(), Failure> {
        let commission = mul(tokens, &self.val(val)?.commission)?;
        let shared = word(tokens - &commission)?;
        *self.accumulated.get_mut(&val).unwrap() += commission;
        self.current.get_mut(&val).unwrap().0 += shared;
        *self.outstanding.get_mut(&val).unwrap() += tokens;
        Ok(())
    }

    pub(super) fn allocate(
        &mut self,
        fees: &BigInt,
        votes: &[(Who, u64, bool)],
        proposer: Option<Who>,
    ) -> Result<(), Failure> {
        let fees = word(fees * one())?;
        self.allocated += &fees;
        word(&self.allocated - &self.paid_out)?;
        let total: u128 = votes.iter().map(|vote| u128::from(vote.1)).sum();
        let signed = votes.iter().filter(|vote| vote.2);
        let signed: u128 = signed.map(|vote| u128::from(vote.1)).sum();
        if total > u128::from(u64::MAX) {
            return Err("Overflow");
        }
        if total == 0 {
            self.community += fees;
            return Ok(());
        }
        let total = BigInt::from(total) * one();
        let fraction = quo(&(BigInt::from(signed) * one()), &total)?;
        let multiplier = &self.base + mul_truncate(&self.bonus, &fraction)?;
        let proposer_reward = mul_truncate(&fees, &multiplier)?;
        let mut remaining = fees.clone();
        if let Some(proposer) = proposer.filter(|proposer| self.vals.contains_key(proposer)) {
            self.allocate_to(proposer, &proposer_reward)?;
            remaining -= proposer_reward;
        }
        let vote_multiplier = one() - multiplier - &self.tax;
        let fee_multiplier = mul_truncate(&fees, &vote_multiplier)?;
        for (val, power, _) in votes {
            let power = quo_truncate(&(BigInt::from(*power) * one()), &total)?;
            let reward = mul_truncate(&fee_multiplier, &power)?;
            self.allocate_to(*val, &reward)?;
            remaining = word(remaining - reward)?;
        }
        self.community += remaining;
        Ok(())
    }

    fn remove_validator(&mut self, who: Who) {
        self.vals.remove(&who);
        let commission = self.accumulated.remove(&who).unwrap();
        let outstanding = self.outstanding.remove(&who).unwrap() - &commission;
        self.community += &commission % one() + outstanding;
        self.pay(who, commission / one());
        self.current.remove(&who);
        self.history.retain(|(of, _), _| *of != who);
        self.slashes.retain(|(of, _, _), _| *of != who);
    }

    // Staking.

    pub(super) fn delegate(&mut self, del: Who, val: Who, amount: &BigInt) -> Number {
        if *amount == nil() {
            return Err("ZeroAmount");
        }
        self.val(val)?;
        self.delegate_inner(del, val, amount)
    }

    fn delegate_inner(&mut self, del: Who, val: Who, amount: &BigInt) -> Number {
        if self.val(val)?.invalid_rate() {
            return Err("SharesWithoutTokens");
        }
        if self.dels.contains_key(&(del, val)) {
            self.withdraw_inner(del, val)?;
        } else {
            self.increment_period(val)?;
        }
        let mut of = self.val(val)?;
        let shares =
            if of.shares == nil() { word(amount * one())? } else { of.shares_from_tokens(amount)? };
        of.tokens = word(of.tokens + amount)?;
        of.shares = word(of.shares + &shares)?;
        self.vals.insert(val, of);
        *self.dels.entry((del, val)).or_default() += &shares;
        self.initialize(del, val)?;
        Ok(shares)
    }

    fn validate_unbond(&self, del: Who, val: Who, amount: &BigInt) -> Number {
        if *amount == nil() {
            return Err("ZeroAmount");
        }
        let of = self.val(val)?;
        let has = self.dels.get(&(del, val)).ok_or("NoDelegation")?;
        let shares = of.shares_from_tokens(amount)?;
        let truncated = quo_truncate(&(&of.shares * amount), &(&of.tokens * one()))?;
        if truncated > *has {
            return Err("SharesExceeded");
        }
        Ok(shares.min(has.clone()))
    }

    fn unbond(&mut self, del: Who, val: Who, shares: &BigInt) -> Number {
        self.withdraw_inner(del, val)?;
        let kept = &self.dels[&(del, val)] - shares;
        if kept < nil() {
            return Err("SharesExceeded");
        }
        let mut of = self.val(val)?;
        if del == val && !of.jailed && of.tokens_from_shares(&kept)? / one() < of.min_self {
            of.jailed = true;
            self.vals.insert(val, of.clone());
        }
        if kept == nil() {
            self.dels.remove(&(del, val));
        } else {
            self.dels.insert((del, val), kept);
            self.initialize(del, val)?;
        }
        let left = &of.shares - shares;
        let issued =
            if left == nil() { of.tokens.clone() } else { of.tokens_from_shares(shares)? / one() };
        of.tokens = word(of.tokens - &issued)?;
        of.shares = left;
        let is_empty = of.shares == nil();
        let status = of.status;
        self.vals.insert(val, of);
        if is_empty && status == Status::Unbonded {
            self.remove_validator(val);
        }
        Ok(issued)
    }

    pub(super) fn undelegate(&mut self, del: Who, val: Who, amount: &BigInt) -> Number {
        let shares = self.validate_unbond(del, val, amount)?;
        if self.ubds.get(&(del, val)).is_some_and(|ubd| ubd.len() >= self.max_entries) {
            return Err("TooManyUnbondings");
        }
        let amount = self.unbond(del, val, &shares)?;
        let (height, time) = (self.height, self.later()?);
        let entries = self.ubds.entry((del, val)).or_default();
        match entries.iter_mut().find(|entry| entry.height == height && entry.time == time) {
            Some(entry) => {
                entry.initial += &amount;
                entry.rest += &amount;
            }
            None => {
                let (initial, rest) = (amount.clone(), amount.clone());
                entries.push(Entry { height, time, initial, rest });
            }
        }
        Ok(amount)
    }

    fn later(&self) -> Result<u64, Failure> {
        self.time.checked_add(self.unbonding_time).ok_or("Overflow")
    }

    pub(super) fn redelegate(
        &mut self,
        del: Who,
        [source, destination]: [Who; 2],
        amount: &BigInt,
    ) -> Result<[BigInt; 2], Failure> {
        let shares = self.validate_unbond(del, source, amount)?;
        if source == destination {
            return Err("SelfRedelegation");
        }
        if !self.vals.contains_key(&destination) {
            return Err("NoDestination");
        }
        if self.reds.keys().any(|(of, _, to)| *of == del && *to == source) {
            return Err("TransitiveRedelegation");
        }
        let key = (del, source, destination);
        if self.reds.get(&key).is_some_and(|red| red.len() >= self.max_entries) {
            return Err("TooManyRedelegations");
        }
        let amount = self.unbond(del, source, &shares)?;
        if amount == nil() {
            return Err("TinyRedelegation");
        }
        let created = self.delegate_inner(del, destination, &amount)?;
        let (height, time) = match self.vals.get(&source).map(|of| of.status) {
            Some(Status::Unbonded) => return Ok([amount, created]),
            Some(Status::Unbonding(height, time)) => (height, time),
            Some(Status::Bonded) | None => (self.height, self.later()?),
        };
        let entry = Entry { height, time, initial: amount.clone(), rest: created.clone() };
        self.reds.entry(key).or_default().push(entry);
        Ok([amount, created])
    }

    pub(super) fn cancel(&mut self, del: Who, val: Who, height: u64, amount: &BigInt) -> Number {
        if *amount == nil() {
            return Err("ZeroAmount");
        }
        let of = self.val(val)?;
        if of.invalid_rate() {
            return Err("SharesWithoutTokens");
        }
        if of.jailed {
            return Err("Jailed");
        }
        let entries = self.ubds.get(&(del, val)).cloned().ok_or("NoUnbonding")?;
        let index = entries.iter().position(|entry| entry.height == height);
        let index = index.ok_or("NoUnbonding")?;
        if entries[index].rest < *amount {
            return Err("UnbondingExceeded");
        }
        if entries[index].time < self.time {
            return Err("UnbondingComplete");
        }
        let shares = self.delegate_inner(del, val, amount)?;
        let entries = self.ubds.get_mut(&(del, val)).unwrap();
        entries[index].rest -= amount;
        entries[index].initial -= amount;
        if entries[index].rest == nil() {
            entries.remove(index);
        }
        if entries.is_empty() {
            self.ubds.remove(&(del, val));
        }
        Ok(shares)
    }

    /// What was burned of the validator, of unbondings and of redelegations.
    pub(super) fn slash(
        &mut self,
        val: Who,
        infraction: u64,
        power: u64,
        factor: &BigInt,
    ) -> Result<[BigInt; 3], Failure> {
        let amount = word(BigInt::from(power) * &self.reduction)?;
        let amount = word(&amount * one() * factor / one() / one())?;
        let mut burned = [nil(), nil(), nil()];
        let Some(of) = self.vals.get(&val).cloned() else { return Ok(burned) };
        if of.status == Status::Unbonded {
            return Err("SlashOfUnbonded");
        }
        if infraction > self.height {
            return Err("FutureInfraction");
        }
        let mut remaining = amount;
        if infraction < self.height {
            let now = self.time;
            for ((_, from), entries) in &mut self.ubds {
                if *from != val {
                    continue;
                }
                for entry in entries {
                    if entry.height < infraction || entry.time <= now {
                        continue;
                    }
                    let part = word(factor * &entry.initial / one())?;
                    remaining -= &part;
                    let part = part.min(entry.rest.clone());
                    entry.rest -= &part;
                    burned[1] += part;
                }
            }
            for ((del, source, destination), entries) in self.reds.clone() {
                if source != val {
                    continue;
                }
                for entry in entries {
                    if entry.height < infraction || entry.time <= now {
                        continue;
                    }
                    remaining -= word(factor * &entry.initial / one())?;
                    let shares = mul(factor, &entry.rest)?;
                    if shares == nil() {
                        continue;
                    }
                    let Some(has) = self.dels.get(&(del, destination)) else { continue };
                    let shares = shares.min(has.clone());
                    burned[2] += self.unbond(del, destination, &shares)?;
                    self.val(destination)?;
                }
            }
        }
        let burn = remaining.min(of.tokens.clone()).max(nil());
        if burn == nil() {
            return Ok(burned);
        }
        let fraction = quo_round_up(&(&burn * one()), &(&of.tokens * one()))?.min(one());
        let period = self.increment_period(val)?;
        self.slashes.insert((val, self.height, period), fraction);
        self.vals.get_mut(&val).unwrap().tokens -= &burn;
        burned[0] = burn;
        Ok(burned)
    }

    pub(super) fn end_block(&mut self) -> Vec<(Who, Who, BigInt)> {
        for (who, mut of) in self.vals.clone() {
            let Status::Unbonding(height, time) = of.status else { continue };
            if height <= self.height && time <= self.time {
                of.status = Status::Unbonded;
                let is_empty = of.shares == nil();
                self.vals.insert(who, of);
                if is_empty {
                    self.remove_validator(who);
                }
            }
        }
        let mut done = Vec::new();
        for ((del, val), entries) in self.ubds.clone() {
            let (due, left): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|entry| entry.time <= self.time);
            let amount: BigInt = due.iter().map(|entry| &entry.rest).sum();
            if amount > nil() {
                done.push((del, val, amount));
            }
            if left.is_empty() {
                self.ubds.remove(&(del, val));
            } else {
                self.ubds.insert((del, val), left);
            }
        }
        for (key, entries) in self.reds.clone() {
            let left: Vec<_> = entries.into_iter().filter(|entry| entry.time > self.time).collect();
            if left.is_empty() {
                self.reds.remove(&key);
            } else {
                self.reds.insert(key, left);
            }
        }
        done
    }
}
