//! Lido's token, wrapper and queue, a rate token and a vault in big integers, by their contracts.

use std::collections::BTreeMap;

use num_bigint::BigInt;

pub(super) type Failure = &'static str;
type Number = Result<BigInt, Failure>;
pub(super) type Who = usize;

/// The contracts among the accounts, which go by number.
pub(super) const TOKEN: Who = 0;
pub(super) const WRAPPER: Who = 1;
pub(super) const QUEUE: Who = 2;
pub(super) const BURNER: Who = 3;
pub(super) const TREASURY: Who = 4;

pub(super) fn int(value: u64) -> BigInt {
    BigInt::from(value)
}

pub(super) fn ten(power: u32) -> BigInt {
    int(10).pow(power)
}

fn fits(value: &BigInt) -> bool {
    value.bits() <= 256
}

fn mul(a: &BigInt, b: &BigInt) -> Number {
    Some(a * b).filter(fits).ok_or("MulOverflow")
}

fn add(a: &BigInt, b: &BigInt) -> Number {
    Some(a + b).filter(fits).ok_or("AddOverflow")
}

fn sub(a: &BigInt, b: &BigInt) -> Number {
    if a < b { Err("SubUnderflow") } else { Ok(a - b) }
}

fn div(a: &BigInt, b: &BigInt) -> Number {
    if *b == int(0) { Err("DivisionByZero") } else { Ok(a / b) }
}

/// Checked arithmetic of Solidity 0.8.
fn word(value: BigInt, bits: u64) -> Number {
    if value < int(0) || value.bits() > bits { Err("PanicOverflow") } else { Ok(value) }
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) owner: Who,
    pub(super) cumulative: [BigInt; 2],
    pub(super) time: u64,
    pub(super) claimed: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Lido {
    pub(super) buffered: BigInt,
    pub(super) balance: BigInt,
    pub(super) deposited: u64,
    pub(super) appeared: u64,
    pub(super) total: BigInt,
    pub(super) shares: BTreeMap<Who, BigInt>,
    pub(super) wrapped: BTreeMap<Who, BigInt>,
    pub(super) burn_requested: BigInt,
    pub(super) requests: Vec<Request>,
    pub(super) last_final: u64,
    pub(super) checkpoints: Vec<(u64, BigInt)>,
    pub(super) locked: BigInt,
    pub(super) modules: Vec<(Who, BigInt)>,
    pub(super) fee: BigInt,
    pub(super) precision: BigInt,
    pub(super) margin: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub(super) time: u64,
    pub(super) appeared: u64,
    pub(super) balance: BigInt,
    pub(super) withdrawals: BigInt,
    pub(super) execution: BigInt,
    pub(super) burn: BigInt,
    pub(super) batches: Vec<u64>,
    pub(super) rate: BigInt,
}

impl Lido {
    fn of(&self, who: Who) -> BigInt {
        self.shares.get(&who).cloned().unwrap_or_default()
    }

    pub(super) fn pooled(&self) -> Number {
        let transient = mul(&int(self.deposited - self.appeared), &(int(32) * ten(18)))?;
        add(&add(&self.buffered, &self.balance)?, &transient)
    }

    pub(super) fn shares_by_pooled(&self, amount: &BigInt) -> Number {
        div(&mul(amount, &self.total)?, &self.pooled()?)
    }

    pub(super) fn pooled_by_shares(&self, shares: &BigInt) -> Number {
        div(&mul(shares, &self.pooled()?)?, &self.total)
    }

    fn mint(&mut self, to: Who, shares: &BigInt) -> Result<(), Failure> {
        self.total = add(&self.total, shares)?;
        *self.shares.entry(to).or_default() += shares;
        Ok(())
    }

    fn move_shares(&mut self, from: Who, to: Who, shares: &BigInt) -> Result<(), Failure> {
        if to == TOKEN {
            return Err("ToTokenContract");
        }
        if *shares > self.of(from) {
            return Err("BalanceExceeded");
        }
        *self.shares.entry(from).or_default() -= shares;
        *self.shares.entry(to).or_default() += shares;
        Ok(())
    }

    pub(super) fn submit(&mut self, who: Who, amount: &BigInt) -> Number {
        if *amount == int(0) {
            return Err("ZeroDeposit");
        }
        let shares = self.shares_by_pooled(amount)?;
        self.mint(who, &shares)?;
        self.buffered = add(&self.buffered, amount)?;
        Ok(shares)
    }

    pub(super) fn unfinalized(&self) -> BigInt {
        self.cumulative(self.requests.len() as u64)[0].clone()
            - &self.cumulative(self.last_final)[0]
    }

    pub(super) fn deposit(&mut self, most: u64) -> Number {
        let reserve = self.unfinalized();
        let free = if self.buffered > reserve { &self.buffered - reserve } else { int(0) };
        let count = (free / (int(32) * ten(18))).min(int(most));
        self.buffered -= &count * int(32) * ten(18);
        self.deposited += u64::try_from(&count).unwrap();
        Ok(count)
    }

    pub(super) fn transfer(&mut self, from: Who, to: Who, amount: &BigInt) -> Number {
        let shares = self.shares_by_pooled(amount)?;
        self.move_shares(from, to, &shares)?;
        Ok(shares)
    }

    pub(super) fn transfer_shares(&mut self, from: Who, to: Who, shares: &BigInt) -> Number {
        self.move_shares(from, to, shares)?;
        self.pooled_by_shares(shares)
    }

    pub(super) fn wrap(&mut self, who: Who, amount: &BigInt) -> Number {
        if *amount == int(0) {
            return Err("ZeroWrap");
        }
        let minted = self.shares_by_pooled(amount)?;
        *self.wrapped.entry(who).or_default() += &minted;
        self.transfer(who, WRAPPER, amount)?;
        Ok(minted)
    }

    pub(super) fn unwrap(&mut self, who: Who, tokens: &BigInt) -> Number {
        if *tokens == int(0) {
            return Err("ZeroUnwrap");
        }
        let amount = self.pooled_by_shares(tokens)?;
        let held = self.wrapped.entry(who).or_default();
        if *held < *tokens {
            return Err("WrappedExceeded");
        }
        *held -= tokens;
        self.transfer(WRAPPER, who, &amount)?;
        Ok(amount)
    }

    fn check_amount(amount: &BigInt) -> Result<(), Failure> {
        if *amount < int(100) {
            return Err("RequestTooSmall");
        }
        if *amount > int(1000) * ten(18) {
            return Err("RequestTooLarge");
        }
        Ok(())
    }

    fn enqueue(&mut self, who: Who, amount: &BigInt, time: u64) -> Result<u64, Failure> {
        let shares = self.shares_by_pooled(amount)? % (int(1) << 128);
        let [amounts, all] = self.cumulative(self.requests.len() as u64);
        let all = word(all + shares, 128)?;
        let cumulative = [word(amounts + amount, 128)?, all];
        self.requests.push(Request { owner: who, cumulative, time, claimed: false });
        Ok(self.requests.len() as u64)
    }

    pub(super) fn request(&mut self, who: Who, amount: &BigInt, at: u64) -> Result<u64, Failure> {
        Self::check_amount(amount)?;
        self.transfer(who, QUEUE, amount)?;
        self.enqueue(who, amount, at)
    }

    pub(super) fn request_wrapped(
        &mut self,
        who: Who,
        tokens: &BigInt,
        at: u64,
    ) -> Result<u64, Failure> {
        if self.wrapped.get(&who).cloned().unwrap_or_default() < *tokens {
            return Err("WrappedExceeded");
        }
        *self.wrapped.entry(who).or_default() -= tokens;
        *self.wrapped.entry(QUEUE).or_default() += tokens;
        let amount = self.unwrap(QUEUE, tokens)?;
        Self::check_amount(&amount)?;
        self.enqueue(who, &amount, at)
    }

    fn cumulative(&self, id: u64) -> [BigInt; 2] {
        match id.checked_sub(1) {
            Some(index) if index < self.requests.len() as u64 => {
                self.requests[index as usize].cumulative.clone()
            }
            _ => [int(0), int(0)],
        }
    }

    /// The ether and the shares of the requests after one id up to another, at a rate.
    fn batch(&self, before: u64, end: u64, rate: &BigInt) -> Result<[BigInt; 2], Failure> {
        let [amount_before, shares_before] = self.cumulative(before);
        let [amount, shares] = self.cumulative(end);
        let amount = word(amount - amount_before, 256)?;
        let shares = word(shares - shares_before, 256)?;
        if shares == int(0) {
            return Err("PanicDivision");
        }
        if &amount * ten(27) / &shares > *rate {
            return Ok([word(&shares * rate, 256)? / ten(27), shares]);
        }
        Ok([amount, shares])
    }

    pub(super) fn prefinalize(
        &self,
        batches: &[u64],
        rate: &BigInt,
    ) -> Result<[BigInt; 2], Failure> {
        if *rate == int(0) {
            return Err("ZeroShareRate");
        }
        if batches[0] <= self.last_final || batches[batches.len() - 1] > self.requests.len() as u64
        {
            return Err("InvalidRequest");
        }
        let (mut before, mut sums) = (self.last_final, [int(0), int(0)]);
        for end in batches {
            if *end <= before {
                return Err("BatchesNotSorted");
            }
            let [ether, shares] = self.batch(before, *end, rate)?;
            sums[0] += ether;
            sums[1] += shares;
            before = *end;
        }
        Ok(sums)
    }

    pub(super) fn claim(&mut self, id: u64, who: Who) -> Number {
        if id == 0 || id > self.requests.len() as u64 {
            return Err("InvalidRequest");
        }
        if id > self.last_final {
            return Err("NotFinalized");
        }
        let request = &self.requests[id as usize - 1];
        if request.claimed {
            return Err("AlreadyClaimed");
        }
        if request.owner != who {
            return Err("NotOwner");
        }
        let checkpoint = self.checkpoints.iter().rfind(|(from, _)| *from <= id).unwrap();
        let [ether, _] = self.batch(id - 1, id, &checkpoint.1)?;
        self.locked = word(&self.locked - &ether, 256)?;
        self.requests[id as usize - 1].claimed = true;
        Ok(ether)
    }

    /// The fee's shares, the ether locked and the shares to burn.
    pub(super) fn report(&mut self, report: &Report) -> Result<[BigInt; 3], Failure> {
        let (pooled, total) = (self.pooled()?, self.total.clone());
        if report.appeared > self.deposited {
            return Err("ReportedMoreDeposited");
        }
        if report.appeared < self.appeared {
            return Err("ReportedLessValidators");
        }
        let new = mul(&int(report.appeared - self.appeared), &(int(32) * ten(18)))?;
        let before = add(&self.balance, &new)?;
        self.appeared = report.appeared;
        self.balance = report.balance.clone();
        let mut lock = int(0);
        let mut burn = int(0);
        if let Some(last) = report.batches.last() {
            if *last == 0 || *last > self.requests.len() as u64 {
                return Err("InvalidRequest");
            }
            if self.requests[*last as usize - 1].time + self.margin > report.time {
                return Err("TooEarly");
            }
            [lock, burn] = self.prefinalize(&report.batches, &report.rate)?;
            if burn > int(0) {
                self.pooled_by_shares(&burn)?;
                self.move_shares(QUEUE, BURNER, &burn)?;
                self.burn_requested += &burn;
            }
            if lock > int(0) {
                self.checkpoints.push((self.last_final + 1, report.rate.clone()));
                self.locked = word(&self.locked + &lock, 256)?;
                self.last_final = *last;
            }
        }
        let collected = add(&add(&self.buffered, &report.execution)?, &report.withdrawals)?;
        self.buffered = sub(&collected, &lock)?;
        if report.burn > int(0) {
            if report.burn > self.burn_requested {
                return Err("BurnExceeded");
            }
            self.burn_requested -= &report.burn;
            if self.of(BURNER) < report.burn {
                return Err("BalanceExceeded");
            }
            self.pooled_by_shares(&report.burn)?;
            self.total = sub(&self.total, &report.burn)?;
            *self.shares.get_mut(&BURNER).unwrap() -= &report.burn;
            self.pooled_by_shares(&report.burn)?;
        }
        let after = add(&report.balance, &report.withdrawals)?;
        let mut minted = int(0);
        if after > before {
            let rewards = add(&(after - before), &report.execution)?;
            minted = self.distribute(&pooled, &total, &rewards)?;
        }
        self.pooled()?;
        Ok([minted, lock, burn])
    }

    fn distribute(&mut self, pooled: &BigInt, total: &BigInt, rewards: &BigInt) -> Number {
        if self.fee == int(0) {
            return Ok(int(0));
        }
        let taken = mul(rewards, &self.fee)?;
        let with = mul(&add(pooled, rewards)?, &self.precision)?;
        let minted = div(&mul(&taken, total)?, &sub(&with, &taken)?)?;
        self.mint(TOKEN, &minted)?;
        let mut rest = minted.clone();
        for (recipient, fee) in self.modules.clone() {
            if fee > int(0) {
                let part = div(&mul(&minted, &fee)?, &self.fee)?;
                self.move_shares(TOKEN, recipient, &part)?;
                self.pooled_by_shares(&part)?;
                rest -= part;
            }
        }
        self.move_shares(TOKEN, TREASURY, &rest)?;
        self.pooled_by_shares(&rest)?;
        Ok(minted)
    }
}

/// A rate token or a vault: what it has, what it reported, and who holds what.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings {
    pub(super) assets: BigInt,
    pub(super) reported: [BigInt; 2],
    /// The rate token's fee, or the vault's virtual shares.
    pub(super) parameter: BigInt,
    pub(super) held: BTreeMap<Who, BigInt>,
}

impl Holdings {
    fn all(&self) -> BigInt {
        self.held.values().sum()
    }

    fn of(&self, who: Who) -> BigInt {
        self.held.get(&who).cloned().unwrap_or_default()
    }

    pub(super) fn rate_deposit(&mut self, who: Who, amount: &BigInt) -> Number {
        let net = sub(amount, &(mul(amount, &self.parameter)? / ten(18)))?;
        let [balance, supply] = &self.reported;
        let minted = if *supply == int(0) {
            net
        } else if *balance == int(0) {
            return Err("NoNetworkBalance");
        } else {
            mul(&net, supply)? / balance
        };
        if minted == int(0) {
            return Err("InvalidMint");
        }
        add(&self.all(), &minted)?;
        self.assets = add(&self.assets, amount)?;
        *self.held.entry(who).or_default() += &minted;
        Ok(minted)
    }

    pub(super) fn rate_burn(&mut self, who: Who, tokens: &BigInt) -> Number {
        if *tokens == int(0) {
            return Err("InvalidBurn");
        }
        if self.of(who) < *tokens {
            return Err("BalanceExceeded");
        }
        let [balance, supply] = &self.reported;
        let paid = if *supply == int(0) { tokens.clone() } else { mul(tokens, balance)? / supply };
        if paid > self.assets {
            return Err("InsufficientCollateral");
        }
        self.assets -= &paid;
        *self.held.get_mut(&who).unwrap() -= tokens;
        Ok(paid)
    }

    fn ratio(&self, amount: &BigInt, is_to_shares: bool, up: bool) -> Number {
        let shares = word(self.all() + &self.parameter, 256)?;
        let assets = word(&self.assets + 1, 256)?;
        let (by, over) = if is_to_shares { (shares, assets) } else { (assets, shares) };
        let product = amount * by;
        let quotient = if up { (product + &over - 1) / over } else { product / over };
        word(quotient, 256)
    }

    pub(super) fn vault_in(&mut self, who: Who, amount: &BigInt, is_mint: bool) -> Number {
        let answer = self.ratio(amount, !is_mint, is_mint)?;
        let (assets, shares) = if is_mint { (&answer, amount) } else { (amount, &answer) };
        self.assets = word(&self.assets + assets, 256)?;
        word(self.all() + shares, 256)?;
        *self.held.entry(who).or_default() += shares;
        Ok(answer)
    }

    pub(super) fn vault_out(&mut self, who: Who, amount: &BigInt, is_redeem: bool) -> Number {
        let held = self.of(who);
        if is_redeem && *amount > held {
            return Err("ExceededMaxRedeem");
        }
        if !is_redeem && *amount > self.ratio(&held, false, false)? {
            return Err("ExceededMaxWithdraw");
        }
        let answer = self.ratio(amount, !is_redeem, !is_redeem)?;
        let (assets, shares) = if is_redeem { (&answer, amount) } else { (amount, &answer) };
        self.assets = word(&self.assets - assets, 256)?;
        let left = held - shares;
        if left < int(0) {
            return Err("ExceededMaxRedeem");
        }
        self.held.insert(who, left);
        Ok(answer)
    }
}
