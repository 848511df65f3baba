//! The contracts once more: their storage as a map of big integers, statement by statement in the
//! contracts' order, and everything taken back where one of them fails.

use std::collections::BTreeMap;

use num_bigint::BigInt;

/// A variable and up to three keys of its mapping.
pub(super) type Key = (&'static str, u64, u64, u64);
pub(super) type Storage = BTreeMap<Key, BigInt>;
/// A reason, or the number of a panic.
pub(super) type Failure = &'static str;
type Number = Result<BigInt, Failure>;
type Done = Result<(), Failure>;

pub(super) const OVERFLOW: Failure = "11";
pub(super) const BY_ZERO: Failure = "12";
const WEEK: u64 = 604_800;
const MAXTIME: u64 = 126_144_000;
pub(super) const NORMAL: u64 = 0;
const LOCKED: u64 = 1;
const MANAGED: u64 = 2;

fn big(value: u64) -> BigInt {
    BigInt::from(value)
}

fn wad() -> BigInt {
    big(10).pow(18)
}

/// A `uint256`.
fn word(value: BigInt) -> Number {
    if value < big(0) || value >= big(2).pow(256) { Err(OVERFLOW) } else { Ok(value) }
}

/// An `int128`.
fn int128(value: BigInt) -> Number {
    let bound = big(2).pow(127);
    if value < -&bound || value >= bound { Err(OVERFLOW) } else { Ok(value) }
}

fn to_int128(value: &BigInt) -> Number {
    if *value >= big(2).pow(127) { Err("SafeCastOverflow") } else { Ok(value.clone()) }
}

fn div(a: BigInt, b: &BigInt) -> Number {
    if *b == big(0) { Err(BY_ZERO) } else { Ok(a / b) }
}

fn start(at: u64) -> u64 {
    at / WEEK * WEEK
}

fn num(value: &BigInt) -> u64 {
    let digits = value.to_u64_digits().1;
    assert!(digits.len() <= 1, "{value}");
    digits.first().copied().unwrap_or(0)
}

fn kind_of(place: Place) -> u64 {
    REWARDS.iter().position(|names| *names == place.0).unwrap() as u64
}

#[derive(Clone, Default)]
struct Bag {
    amount: BigInt,
    end: u64,
    permanent: bool,
}

/// What a node tells of a transaction: a log of a contract, or, with `call ` before its name, a
/// call that a trace shows.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) name: &'static str,
    pub(crate) of: Vec<BigInt>,
}

#[derive(Default)]
pub(super) struct Naive {
    pub(super) s: Storage,
    /// Of the latest call.
    pub(super) events: Vec<Event>,
    undo: Vec<(Key, Option<BigInt>)>,
    pub(super) now: u64,
}

/// Where a voting reward's variables are: of a gauge's voters, or of a managed lock's depositors.
#[derive(Clone, Copy)]
pub(super) struct Place(pub(super) [&'static str; 6], pub(super) u64);

pub(super) const FEES: [&str; 6] =
    ["fees.cp.at", "fees.cp", "fees.num", "fees.reward", "fees.earn", "fees.token"];
pub(super) const BRIBES: [&str; 6] =
    ["bribe.cp.at", "bribe.cp", "bribe.num", "bribe.reward", "bribe.earn", "bribe.token"];
/// The contracts' names for the rewards of votes, in the order of their events' first number.
const REWARDS: [[&str; 6]; 4] = [FEES, BRIBES, LOCKED_REWARDS, FREE_REWARDS];
pub(super) const LOCKED_REWARDS: [&str; 6] =
    ["lmr.cp.at", "lmr.cp", "lmr.num", "lmr.reward", "lmr.earn", "lmr.token"];
pub(super) const FREE_REWARDS: [&str; 6] =
    ["fmr.cp.at", "fmr.cp", "fmr.num", "fmr.reward", "fmr.earn", "fmr.token"];

impl Naive {
    pub(super) fn emit<const N: usize>(&mut self, name: &'static str, of: [BigInt; N]) {
        self.events.push(Event { name, of: of.into() });
    }

    pub(super) fn get(&self, key: Key) -> BigInt {
        self.s.get(&key).cloned().unwrap_or_default()
    }

    fn n(&self, key: Key) -> u64 {
        num(&self.get(key))
    }

    pub(super) fn set(&mut self, key: Key, value: BigInt) {
        let old = if value == big(0) { self.s.remove(&key) } else { self.s.insert(key, value) };
        self.undo.push((key, old));
    }

    fn put(&mut self, key: Key, value: u64) {
        self.set(key, big(value));
    }

    fn add(&mut self, key: Key, value: &BigInt) -> Done {
        let sum = word(self.get(key) + value)?;
        self.set(key, sum);
        Ok(())
    }

    fn sub(&mut self, key: Key, value: &BigInt) -> Done {
        let rest = word(self.get(key) - value)?;
        self.set(key, rest);
        Ok(())
    }

    /// Makes a call at an instant; a call that fails leaves nothing behind.
    pub(super) fn call<T>(
        &mut self,
        now: u64,
        call: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.now = now;
        self.undo.clear();
        self.events.clear();
        let result = call(self);
        if result.is_err() {
            self.events.clear();
            for (key, old) in std::mem::take(&mut self.undo).into_iter().rev() {
                match old {
                    Some(value) => self.s.insert(key, value),
                    None => self.s.remove(&key),
                };
            }
        }
        result
    }

    // VotingEscrow

    fn bag(&self, id: u64) -> Bag {
        Bag {
            amount: self.get(("amount", id, 0, 0)),
            end: self.n(("end", id, 0, 0)),
            permanent: self.n(("permanent", id, 0, 0)) == 1,
        }
    }

    fn set_bag(&mut self, id: u64, bag: &Bag) {
        self.set(("amount", id, 0, 0), bag.amount.clone());
        self.put(("end", id, 0, 0), bag.end);
        self.put(("permanent", id, 0, 0), u64::from(bag.permanent));
    }

    fn kind(&self, id: u64) -> u64 {
        self.n(("kind", id, 0, 0))
    }

    fn owned(&self, sender: u64, id: u64) -> bool {
        self.n(("owner", id, 0, 0)) == sender
    }

    fn line(&self, bag: &Bag) -> Result<(BigInt, BigInt), Failure> {
        if bag.end > self.now && bag.amount > big(0) {
            let slope = &bag.amount / MAXTIME;
            let bias = int128(&slope * (bag.end - self.now))?;
            Ok((slope, bias))
        } else {
            Ok((big(0), big(0)))
        }
    }

    fn point(&self, epoch: u64) -> [BigInt; 4] {
        ["ph.bias", "ph.slope", "ph.ts", "ph.permanent"].map(|name| self.get((name, epoch, 0, 0)))
    }

    fn set_point(&mut self, epoch: u64, point: &[BigInt; 4]) {
        for (name, value) in ["ph.bias", "ph.slope", "ph.ts", "ph.permanent"].iter().zip(point) {
            self.set((name, epoch, 0, 0), value.clone());
        }
    }

    fn slope_change(&self, at: u64) -> BigInt {
        self.get(("slope", at, 0, 0))
    }

    fn checkpoint(&mut self, id: u64, old: &Bag, new: &Bag) -> Done {
        let now = self.now;
        let mut epoch = self.n(("epoch", 0, 0, 0));
        let (mut u_old, mut u_new) = ((big(0), big(0)), (big(0), big(0)));
        let (mut old_dslope, mut new_dslope) = (big(0), big(0));
        if id != 0 {
            u_old = self.line(old)?;
            u_new = self.line(new)?;
            old_dslope = self.slope_change(old.end);
            if new.end != 0 {
                new_dslope = self.slope_change(new.end);
            }
        }
        let mut last = [big(0), big(0), big(now), big(0)];
        if epoch > 0 {
            last = self.point(epoch);
        }
        let mut cursor = num(&last[2]);
        let mut week = start(cursor);
        for _ in 0..255 {
            week += WEEK;
            let mut dslope = big(0);
            if week > now {
                week = now;
            } else {
                dslope = self.slope_change(week);
            }
            last[0] = int128(&last[0] - int128(&last[1] * (week - cursor))?)?;
            last[1] = int128(&last[1] + dslope)?;
            last[0] = last[0].clone().max(big(0));
            last[1] = last[1].clone().max(big(0));
            cursor = week;
            last[2] = big(week);
            epoch += 1;
            if week == now {
                break;
            }
            self.set_point(epoch, &last);
        }
        if id != 0 {
            last[1] = int128(&last[1] + (&u_new.0 - &u_old.0))?.max(big(0));
            last[0] = int128(&last[0] + (&u_new.1 - &u_old.1))?.max(big(0));
            last[3] = self.get(("permanentLockBalance", 0, 0, 0));
        }
        if epoch != 1 && self.n(("ph.ts", epoch - 1, 0, 0)) == now {
            self.set_point(epoch - 1, &last);
        } else {
            self.put(("epoch", 0, 0, 0), epoch);
            self.set_point(epoch, &last);
        }
        if id == 0 {
            return Ok(());
        }
        if old.end > now {
            old_dslope = int128(old_dslope + &u_old.0)?;
            if new.end == old.end {
                old_dslope = int128(old_dslope - &u_new.0)?;
            }
            self.set(("slope", old.end, 0, 0), old_dslope);
        }
        if new.end > now && new.end > old.end {
            new_dslope = int128(new_dslope - &u_new.0)?;
            self.set(("slope", new.end, 0, 0), new_dslope);
        }
        let permanent = if new.permanent { new.amount.clone() } else { big(0) };
        self.user_point(id, [u_new.0, u_new.1, permanent]);
        Ok(())
    }

    fn user_point(&mut self, id: u64, [slope, bias, permanent]: [BigInt; 3]) {
        let now = self.now;
        let mut user_epoch = self.n(("uEpoch", id, 0, 0));
        if user_epoch == 0 || self.n(("u.ts", id, user_epoch, 0)) != now {
            user_epoch += 1;
            self.put(("uEpoch", id, 0, 0), user_epoch);
        }
        self.put(("u.ts", id, user_epoch, 0), now);
        self.set(("u.slope", id, user_epoch, 0), slope);
        self.set(("u.bias", id, user_epoch, 0), bias);
        self.set(("u.permanent", id, user_epoch, 0), permanent);
    }

    /// By looking at every point, from the last.
    pub(super) fn balance_at(&self, id: u64, at: u64) -> Number {
        let mut epoch = self.n(("uEpoch", id, 0, 0));
        while epoch > 0 && self.n(("u.ts", id, epoch, 0)) > at {
            epoch -= 1;
        }
        if epoch == 0 {
            return Ok(big(0));
        }
        let permanent = self.get(("u.permanent", id, epoch, 0));
        if permanent != big(0) {
            return Ok(permanent);
        }
        let elapsed = at - self.n(("u.ts", id, epoch, 0));
        let lost = int128(self.get(("u.slope", id, epoch, 0)) * elapsed)?;
        Ok(int128(self.get(("u.bias", id, epoch, 0)) - lost)?.max(big(0)))
    }

    pub(super) fn supply_at(&self, at: u64) -> Number {
        let mut epoch = self.n(("epoch", 0, 0, 0));
        while epoch > 0 && self.n(("ph.ts", epoch, 0, 0)) > at {
            epoch -= 1;
        }
        if epoch == 0 {
            return Ok(big(0));
        }
        let [mut bias, mut slope, from, permanent] = self.point(epoch);
        let mut from = num(&from);
        let mut week = start(from);
        for _ in 0..255 {
            week += WEEK;
            let mut dslope = big(0);
            if week > at {
                week = at;
            } else {
                dslope = self.slope_change(week);
            }
            bias = int128(bias - int128(&slope * (week - from))?)?;
            if week == at {
                break;
            }
            slope = int128(slope + dslope)?;
            from = week;
        }
        word(bias.max(big(0)) + permanent)
    }

    fn mint(&mut self, to: u64) -> u64 {
        let id = self.n(("tokenId", 0, 0, 0)) + 1;
        self.put(("tokenId", 0, 0, 0), id);
        self.put(("owner", id, 0, 0), to);
        self.emit("Transfer", [big(0), big(to), big(id)]);
        id
    }

    fn deposit_for_internal(
        &mut self,
        (id, kind): (u64, u64),
        value: &BigInt,
        end: u64,
        old: &Bag,
    ) -> Done {
        self.add(("supply", 0, 0, 0), value)?;
        let mut new = old.clone();
        new.amount = int128(new.amount + to_int128(value)?)?;
        if end != 0 {
            new.end = end;
        }
        self.set_bag(id, &new);
        self.checkpoint(id, old, &new)?;
        self.emit("Deposit", [big(id), big(kind), value.clone(), big(new.end)]);
        let supply = self.get(("supply", 0, 0, 0));
        self.emit("Supply", [supply]);
        Ok(())
    }

    pub(super) fn create_lock(
        &mut self,
        to: u64,
        value: &BigInt,
        duration: u64,
    ) -> Result<u64, Failure> {
        let end =
            ((u128::from(self.now) + u128::from(duration)) / u128::from(WEEK)) * u128::from(WEEK);
        if *value == big(0) {
            return Err("ZeroAmount");
        }
        if end <= u128::from(self.now) {
            return Err("LockDurationNotInFuture");
        }
        if end > u128::from(self.now + MAXTIME) {
            return Err("LockDurationTooLong");
        }
        let id = self.mint(to);
        self.deposit_for_internal((id, 1), value, end as u64, &Bag::default())?;
        Ok(id)
    }

    fn increase_amount_for(&mut self, id: u64, value: &BigInt, deposit_type: u64) -> Done {
        let kind = self.kind(id);
        if kind == LOCKED {
            return Err("NotManagedOrNormalNFT");
        }
        let old = self.bag(id);
        if *value == big(0) {
            return Err("ZeroAmount");
        }
        if old.amount <= big(0) {
            return Err("NoLockFound");
        }
        if old.end <= self.now && !old.permanent {
            return Err("LockExpired");
        }
        if old.permanent {
            self.add(("permanentLockBalance", 0, 0, 0), value)?;
        }
        self.deposit_for_internal((id, deposit_type), value, 0, &old)?;
        if kind == MANAGED {
            self.notify(Place(LOCKED_REWARDS, id), 0, value)?;
        }
        Ok(())
    }

    pub(super) fn deposit_for(&mut self, id: u64, value: &BigInt) -> Done {
        if self.kind(id) == MANAGED {
            return Err("NotDistributor");
        }
        self.increase_amount_for(id, value, 0)
    }

    pub(super) fn increase_amount(&mut self, sender: u64, id: u64, value: &BigInt) -> Done {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        self.increase_amount_for(id, value, 2)
    }

    pub(super) fn increase_unlock_time(&mut self, sender: u64, id: u64, duration: u64) -> Done {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if self.kind(id) != NORMAL {
            return Err("NotNormalNFT");
        }
        let old = self.bag(id);
        if old.permanent {
            return Err("PermanentLock");
        }
        let end =
            ((u128::from(self.now) + u128::from(duration)) / u128::from(WEEK)) * u128::from(WEEK);
        if old.end <= self.now {
            return Err("LockExpired");
        }
        if old.amount <= big(0) {
            return Err("NoLockFound");
        }
        if end <= u128::from(old.end) {
            return Err("LockDurationNotInFuture");
        }
        if end > u128::from(self.now + MAXTIME) {
            return Err("LockDurationTooLong");
        }
        self.deposit_for_internal((id, 3), &big(0), end as u64, &old)
    }

    fn burn(&mut self, id: u64) {
        let owner = self.get(("owner", id, 0, 0));
        self.emit("Transfer", [owner, big(0), big(id)]);
        self.put(("owner", id, 0, 0), 0);
    }

    fn voted(&self, id: u64) -> bool {
        self.n(("voted", id, 0, 0)) == 1
    }

    pub(super) fn withdraw_lock(&mut self, sender: u64, id: u64) -> Number {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if self.voted(id) {
            return Err("AlreadyVoted");
        }
        if self.kind(id) != NORMAL {
            return Err("NotNormalNFT");
        }
        let old = self.bag(id);
        if old.permanent {
            return Err("PermanentLock");
        }
        if self.now < old.end {
            return Err("LockNotExpired");
        }
        self.burn(id);
        self.set_bag(id, &Bag::default());
        self.sub(("supply", 0, 0, 0), &old.amount)?;
        self.checkpoint(id, &old, &Bag::default())?;
        self.emit("Withdraw", [big(id), old.amount.clone()]);
        let supply = self.get(("supply", 0, 0, 0));
        self.emit("Supply", [supply]);
        Ok(old.amount)
    }

    pub(super) fn transfer_lock(&mut self, sender: u64, id: u64, to: u64) -> Done {
        if self.kind(id) == LOCKED {
            return Err("NotManagedOrNormalNFT");
        }
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        self.put(("owner", id, 0, 0), to);
        self.emit("Transfer", [big(sender), big(to), big(id)]);
        Ok(())
    }

    pub(super) fn merge(&mut self, sender: u64, from: u64, to: u64) -> Done {
        if self.voted(from) {
            return Err("AlreadyVoted");
        }
        if self.kind(from) != NORMAL || self.kind(to) != NORMAL {
            return Err("NotNormalNFT");
        }
        if from == to {
            return Err("SameNFT");
        }
        if !self.owned(sender, from) || !self.owned(sender, to) {
            return Err("NotApprovedOrOwner");
        }
        let old_to = self.bag(to);
        if old_to.end <= self.now && !old_to.permanent {
            return Err("LockExpired");
        }
        let old_from = self.bag(from);
        if old_from.permanent {
            return Err("PermanentLock");
        }
        let end = old_from.end.max(old_to.end);
        self.burn(from);
        self.set_bag(from, &Bag::default());
        self.checkpoint(from, &old_from, &Bag::default())?;
        let amount = int128(&old_to.amount + &old_from.amount)?;
        let mut new = Bag { amount, end: 0, permanent: old_to.permanent };
        if new.permanent {
            self.add(("permanentLockBalance", 0, 0, 0), &old_from.amount)?;
        } else {
            new.end = end;
        }
        self.checkpoint(to, &old_to, &new)?;
        self.set_bag(to, &new);
        let amounts = [old_from.amount, old_to.amount, new.amount];
        let [of_from, of_to, all] = amounts;
        self.emit("Merge", [big(from), big(to), of_from, of_to, all, big(new.end)]);
        Ok(())
    }

    pub(super) fn split(
        &mut self,
        sender: u64,
        from: u64,
        amount: &BigInt,
    ) -> Result<(u64, u64), Failure> {
        let owner = self.n(("owner", from, 0, 0));
        if owner == 0 {
            return Err("SplitNoOwner");
        }
        if self.n(("canSplit", owner, 0, 0)) == 0 && self.n(("canSplit", 0, 0, 0)) == 0 {
            return Err("SplitNotAllowed");
        }
        if self.kind(from) != NORMAL {
            return Err("NotNormalNFT");
        }
        if self.voted(from) {
            return Err("AlreadyVoted");
        }
        if !self.owned(sender, from) {
            return Err("NotApprovedOrOwner");
        }
        let old = self.bag(from);
        if old.end <= self.now && !old.permanent {
            return Err("LockExpired");
        }
        let part = to_int128(amount)?;
        if part == big(0) {
            return Err("ZeroAmount");
        }
        if old.amount <= part {
            return Err("AmountTooBig");
        }
        self.burn(from);
        self.set_bag(from, &Bag::default());
        self.checkpoint(from, &old, &Bag::default())?;
        let first = self.split_nft(owner, &Bag { amount: &old.amount - &part, ..old.clone() })?;
        let second = self.split_nft(owner, &Bag { amount: part.clone(), ..old.clone() })?;
        let rest = &old.amount - &part;
        self.emit("Split", [big(from), big(first), big(second), rest, part, big(old.end)]);
        Ok((first, second))
    }

    fn split_nft(&mut self, to: u64, bag: &Bag) -> Result<u64, Failure> {
        let id = self.mint(to);
        self.set_bag(id, bag);
        self.checkpoint(id, &Bag::default(), bag)?;
        Ok(id)
    }

    pub(super) fn lock_permanent(&mut self, sender: u64, id: u64) -> Done {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if self.kind(id) != NORMAL {
            return Err("NotNormalNFT");
        }
        let old = self.bag(id);
        if old.permanent {
            return Err("PermanentLock");
        }
        if old.end <= self.now {
            return Err("LockExpired");
        }
        if old.amount <= big(0) {
            return Err("NoLockFound");
        }
        self.add(("permanentLockBalance", 0, 0, 0), &old.amount)?;
        let new = Bag { end: 0, permanent: true, amount: old.amount.clone() };
        self.checkpoint(id, &old, &new)?;
        self.set_bag(id, &new);
        self.emit("LockPermanent", [big(id), new.amount]);
        Ok(())
    }

    pub(super) fn unlock_permanent(&mut self, sender: u64, id: u64) -> Done {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if self.kind(id) != NORMAL {
            return Err("NotNormalNFT");
        }
        if self.voted(id) {
            return Err("AlreadyVoted");
        }
        let old = self.bag(id);
        if !old.permanent {
            return Err("NotPermanentLock");
        }
        self.sub(("permanentLockBalance", 0, 0, 0), &old.amount)?;
        let end = start(self.now + MAXTIME);
        let new = Bag { end, permanent: false, amount: old.amount.clone() };
        self.checkpoint(id, &old, &new)?;
        self.set_bag(id, &new);
        self.emit("UnlockPermanent", [big(id), new.amount]);
        Ok(())
    }

    pub(super) fn escrow_checkpoint(&mut self) -> Done {
        self.emit("call checkpoint", []);
        self.checkpoint(0, &Bag::default(), &Bag::default())
    }

    // Managed locks

    pub(super) fn create_managed(&mut self, to: u64) -> Result<u64, Failure> {
        let id = self.mint(to);
        let bag = Bag { permanent: true, ..Bag::default() };
        self.deposit_for_internal((id, 1), &big(0), 0, &bag)?;
        self.put(("kind", id, 0, 0), MANAGED);
        self.put((LOCKED_REWARDS[5], id, 0, 0), 1);
        self.put((FREE_REWARDS[5], id, 0, 0), 1);
        self.emit("CreateManaged", [big(to), big(id)]);
        Ok(id)
    }

    pub(super) fn set_managed_state(&mut self, id: u64, off: bool) -> Done {
        if self.kind(id) != MANAGED {
            return Err("NotManagedNFT");
        }
        if (self.n(("deactivated", id, 0, 0)) == 1) == off {
            return Err("SameState");
        }
        self.put(("deactivated", id, 0, 0), u64::from(off));
        self.emit("call setManagedState", [big(id), big(u64::from(off))]);
        Ok(())
    }

    pub(super) fn deposit_managed(&mut self, sender: u64, id: u64, managed: u64) -> Done {
        self.only_new_epoch(id)?;
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if self.n(("deactivated", managed, 0, 0)) == 1 {
            return Err("InactiveManagedNFT");
        }
        if self.now > start(self.now) + WEEK - 3600 {
            return Err("SpecialVotingWindow");
        }
        self.put(("lastVoted", id, 0, 0), self.now);
        if self.kind(managed) != MANAGED {
            return Err("NotManagedNFT");
        }
        if self.kind(id) != NORMAL {
            return Err("NotNormalNFT");
        }
        if self.balance_at(id, self.now)? == big(0) {
            return Err("ZeroBalance");
        }
        let old = self.bag(id);
        if old.permanent {
            self.sub(("permanentLockBalance", 0, 0, 0), &old.amount)?;
        }
        self.checkpoint(id, &old, &Bag::default())?;
        self.set_bag(id, &Bag::default());
        self.add(("permanentLockBalance", 0, 0, 0), &old.amount)?;
        let into = self.bag(managed);
        let mut new = into.clone();
        new.amount = int128(new.amount + &old.amount)?;
        self.checkpoint(managed, &into, &new)?;
        self.set_bag(managed, &new);
        self.set(("managedWeight", id, managed, 0), old.amount.clone());
        self.put(("idToManaged", id, 0, 0), managed);
        self.put(("kind", id, 0, 0), LOCKED);
        self.reward_deposit(Place(LOCKED_REWARDS, managed), id, &old.amount)?;
        self.reward_deposit(Place(FREE_REWARDS, managed), id, &old.amount)?;
        self.emit("DepositManaged", [big(id), big(managed), old.amount]);
        let weight = self.balance_at(managed, self.now)?;
        self.poke_internal(managed, &weight)
    }

    pub(super) fn withdraw_managed(&mut self, sender: u64, id: u64) -> Done {
        self.only_new_epoch(id)?;
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        let managed = self.n(("idToManaged", id, 0, 0));
        if managed == 0 {
            return Err("InvalidManagedNFTId");
        }
        if self.kind(id) != LOCKED {
            return Err("NotLockedNFT");
        }
        let place = Place(LOCKED_REWARDS, managed);
        let weight = self.get(("managedWeight", id, managed, 0));
        let total = word(&weight + self.earned(place, 0, id)?)?;
        self.get_reward(place, id, &[0])?;
        let end = start(self.now + MAXTIME);
        let new = Bag { amount: to_int128(&total)?, end, permanent: false };
        let old = self.bag(id);
        self.checkpoint(id, &old, &new)?;
        self.set_bag(id, &new);
        let from = self.bag(managed);
        let mut rest = from.clone();
        let holds = total.clone();
        rest.amount = &rest.amount - total.clone().min(rest.amount.clone());
        let permanent = self.get(("permanentLockBalance", 0, 0, 0));
        self.sub(("permanentLockBalance", 0, 0, 0), &total.min(permanent))?;
        self.checkpoint(managed, &from, &rest)?;
        self.set_bag(managed, &rest);
        self.reward_withdraw(place, id, &weight)?;
        self.reward_withdraw(Place(FREE_REWARDS, managed), id, &weight)?;
        self.put(("idToManaged", id, 0, 0), 0);
        self.put(("managedWeight", id, managed, 0), 0);
        self.put(("kind", id, 0, 0), NORMAL);
        self.emit("WithdrawManaged", [big(id), big(managed), holds]);
        let weight = self.balance_at(managed, self.now)?;
        if weight == big(0) {
            self.reset_internal(managed)?;
            self.put(("lastVoted", managed, 0, 0), 0);
            Ok(())
        } else {
            self.poke_internal(managed, &weight)
        }
    }

    // Reward

    /// The last checkpoint up to an instant, or the first.
    fn prior(&self, Place(names, at_place): Place, of: u64, at: u64) -> (u64, BigInt) {
        let count = self.n((names[2], at_place, of, 0));
        let mut index = count.saturating_sub(1);
        while index > 0 && self.n((names[0], at_place, of, index)) > at {
            index -= 1;
        }
        (self.n((names[0], at_place, of, index)), self.get((names[1], at_place, of, index)))
    }

    /// Lock 0 stands for the sum of all.
    fn write(&mut self, Place(names, place): Place, of: u64, balance: BigInt) {
        let count = self.n((names[2], place, of, 0));
        let mut index = count;
        let same = count > 0 && start(self.n((names[0], place, of, count - 1))) == start(self.now);
        if same {
            index -= 1;
        } else {
            self.put((names[2], place, of, 0), count + 1);
        }
        self.put((names[0], place, of, index), self.now);
        self.set((names[1], place, of, index), balance);
    }

    fn reward_balance(&self, place: Place, of: u64) -> BigInt {
        self.prior(place, of, u64::MAX).1
    }

    fn reward_deposit(&mut self, place: Place, id: u64, amount: &BigInt) -> Done {
        let supply = word(self.reward_balance(place, 0) + amount)?;
        let balance = word(self.reward_balance(place, id) + amount)?;
        self.write(place, id, balance);
        self.write(place, 0, supply);
        Ok(())
    }

    fn reward_withdraw(&mut self, place: Place, id: u64, amount: &BigInt) -> Done {
        let supply = word(self.reward_balance(place, 0) - amount)?;
        let balance = word(self.reward_balance(place, id) - amount)?;
        self.write(place, id, balance);
        self.write(place, 0, supply);
        Ok(())
    }

    pub(super) fn earned(&self, place: Place, token: u64, id: u64) -> Number {
        let Place(names, of) = place;
        if self.n((names[2], of, id, 0)) == 0 {
            return Ok(big(0));
        }
        let mut at = start(self.n((names[4], of, token, id)));
        at = at.max(start(self.prior(place, id, at).0));
        let epochs = start(self.now).checked_sub(at).ok_or(OVERFLOW)? / WEEK;
        let mut reward = big(0);
        for _ in 0..epochs {
            let balance = self.prior(place, id, at + WEEK - 1).1;
            let supply = self.prior(place, 0, at + WEEK - 1).1.max(big(1));
            let paid = self.get((names[3], of, token, at));
            reward = word(reward + word(balance * paid)? / supply)?;
            at += WEEK;
        }
        Ok(reward)
    }

    fn get_reward(
        &mut self,
        place: Place,
        id: u64,
        tokens: &[u64],
    ) -> Result<Vec<BigInt>, Failure> {
        let mut paid = Vec::new();
        for token in tokens {
            let reward = self.earned(place, *token, id)?;
            self.put((place.0[4], place.1, *token, id), self.now);
            let (kind, owner) = (kind_of(place), self.get(("owner", id, 0, 0)));
            let of = [big(kind), big(place.1), big(id), owner, big(*token), reward.clone()];
            self.emit("Reward.ClaimRewards", of);
            paid.push(reward);
        }
        Ok(paid)
    }

    fn notify(&mut self, Place(names, place): Place, token: u64, amount: &BigInt) -> Done {
        if *amount == big(0) {
            return Err("ZeroAmount");
        }
        let epoch = start(self.now);
        self.add((names[3], place, token, epoch), amount)?;
        let kind = kind_of(Place(names, place));
        let of = [big(kind), big(place), big(token), big(epoch), amount.clone()];
        self.emit("Reward.NotifyReward", of);
        Ok(())
    }

    fn notify_whitelisted(&mut self, place: Place, token: u64, amount: &BigInt) -> Done {
        let known = (place.0[5], place.1, token, 0);
        if self.n(known) == 0 {
            if self.n(("whitelistedToken", token, 0, 0)) == 0 {
                return Err("NotWhitelisted");
            }
            self.put(known, 1);
        }
        self.notify(place, token, amount)
    }

    pub(super) fn notify_bribe(&mut self, gauge: u64, token: u64, amount: &BigInt) -> Done {
        self.require_gauge(gauge)?;
        self.notify_whitelisted(Place(BRIBES, gauge), token, amount)
    }

    pub(super) fn notify_free(&mut self, managed: u64, token: u64, amount: &BigInt) -> Done {
        if self.kind(managed) != MANAGED {
            return Err("NotManagedNFT");
        }
        self.notify_whitelisted(Place(FREE_REWARDS, managed), token, amount)
    }

    pub(super) fn claim_votes(
        &mut self,
        names: [&'static str; 6],
        (sender, gauge, id): (u64, u64, u64),
        tokens: &[u64],
    ) -> Result<Vec<BigInt>, Failure> {
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        self.require_gauge(gauge)?;
        self.get_reward(Place(names, gauge), id, tokens)
    }

    pub(super) fn claim_free(
        &mut self,
        (sender, managed, id): (u64, u64, u64),
        tokens: &[u64],
    ) -> Result<Vec<BigInt>, Failure> {
        if self.kind(managed) != MANAGED {
            return Err("NotManagedNFT");
        }
        if !self.owned(sender, id) {
            return Err("NotAuthorized");
        }
        self.get_reward(Place(FREE_REWARDS, managed), id, tokens)
    }

    // Voter

    fn require_gauge(&self, gauge: u64) -> Done {
        if gauge >= self.n(("gauges", 0, 0, 0)) { Err("GaugeDoesNotExist") } else { Ok(()) }
    }

    fn only_new_epoch(&self, id: u64) -> Done {
        if start(self.now) <= self.n(("lastVoted", id, 0, 0)) {
            return Err("AlreadyVotedOrDeposited");
        }
        if self.now <= start(self.now) + 3600 {
            return Err("DistributeWindow");
        }
        Ok(())
    }

    fn update_for_internal(&mut self, gauge: u64) -> Done {
        let supplied = self.get(("weight", gauge, 0, 0));
        let index = self.get(("index", 0, 0, 0));
        let delta = word(&index - self.get(("supplyIndex", gauge, 0, 0)));
        self.set(("supplyIndex", gauge, 0, 0), index);
        if supplied == big(0) {
            return Ok(());
        }
        let delta = delta?;
        if delta > big(0) {
            let share = word(supplied * delta)? / wad();
            if self.n(("alive", gauge, 0, 0)) == 1 {
                self.add(("claimable", gauge, 0, 0), &share)?;
            } else {
                self.add(("minterBalance", 0, 0, 0), &share)?;
            }
        }
        Ok(())
    }

    pub(super) fn update_for(&mut self, gauge: u64) -> Done {
        self.require_gauge(gauge)?;
        self.emit("call updateFor", [big(gauge)]);
        self.update_for_internal(gauge)
    }

    fn reset_internal(&mut self, id: u64) -> Done {
        let count = self.n(("poolVotes", id, 0, 0));
        let mut total = big(0);
        for place in 0..count {
            let gauge = self.n(("poolVote", id, place, 0)) - 1;
            let votes = self.get(("votes", id, gauge, 0));
            if votes != big(0) {
                self.update_for_internal(gauge)?;
                self.sub(("weight", gauge, 0, 0), &votes)?;
                self.put(("votes", id, gauge, 0), 0);
                self.reward_withdraw(Place(FEES, gauge), id, &votes)?;
                self.reward_withdraw(Place(BRIBES, gauge), id, &votes)?;
                let left = self.get(("weight", gauge, 0, 0));
                self.emit("Abstained", [big(gauge), big(id), votes.clone(), left]);
                total += votes;
            }
            self.put(("poolVote", id, place, 0), 0);
        }
        self.put(("voted", id, 0, 0), 0);
        self.sub(("totalWeight", 0, 0, 0), &total)?;
        self.put(("usedWeights", id, 0, 0), 0);
        self.put(("poolVotes", id, 0, 0), 0);
        Ok(())
    }

    fn vote_internal(&mut self, id: u64, weight: &BigInt, choices: &[(u64, BigInt)]) -> Done {
        self.reset_internal(id)?;
        let mut sum = big(0);
        for (_, share) in choices {
            sum = word(sum + share)?;
        }
        let mut used = big(0);
        for (gauge, share) in choices {
            self.require_gauge(*gauge)?;
            if self.n(("alive", *gauge, 0, 0)) == 0 {
                return Err("GaugeNotAlive");
            }
            let votes = div(word(share * weight)?, &sum)?;
            if self.get(("votes", id, *gauge, 0)) != big(0) {
                return Err("NonZeroVotes");
            }
            if votes == big(0) {
                return Err("ZeroBalance");
            }
            self.update_for_internal(*gauge)?;
            let count = self.n(("poolVotes", id, 0, 0));
            self.put(("poolVote", id, count, 0), gauge + 1);
            self.put(("poolVotes", id, 0, 0), count + 1);
            self.add(("weight", *gauge, 0, 0), &votes)?;
            self.add(("votes", id, *gauge, 0), &votes)?;
            self.reward_deposit(Place(FEES, *gauge), id, &votes)?;
            self.reward_deposit(Place(BRIBES, *gauge), id, &votes)?;
            let all = self.get(("weight", *gauge, 0, 0));
            self.emit("Voted", [big(*gauge), big(id), votes.clone(), all]);
            used += votes;
        }
        if used > big(0) {
            self.put(("voted", id, 0, 0), 1);
        }
        self.add(("totalWeight", 0, 0, 0), &used)?;
        self.set(("usedWeights", id, 0, 0), used);
        Ok(())
    }

    pub(super) fn vote(&mut self, sender: u64, id: u64, choices: &[(u64, BigInt)]) -> Done {
        self.only_new_epoch(id)?;
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        if choices.len() as u64 > self.n(("maxVotingNum", 0, 0, 0)) {
            return Err("TooManyPools");
        }
        if self.n(("deactivated", id, 0, 0)) == 1 {
            return Err("InactiveManagedNFT");
        }
        let is_late = self.now > start(self.now) + WEEK - 3600;
        if is_late && self.n(("whitelistedNFT", id, 0, 0)) == 0 {
            return Err("NotWhitelistedNFT");
        }
        self.put(("lastVoted", id, 0, 0), self.now);
        let asked = choices.iter().flat_map(|(gauge, share)| [big(*gauge), share.clone()]);
        let of = std::iter::once(big(id)).chain(asked).collect();
        self.events.push(Event { name: "call vote", of });
        let weight = self.balance_at(id, self.now)?;
        self.vote_internal(id, &weight, choices)
    }

    pub(super) fn reset(&mut self, sender: u64, id: u64) -> Done {
        self.only_new_epoch(id)?;
        if !self.owned(sender, id) {
            return Err("NotApprovedOrOwner");
        }
        self.emit("call reset", [big(id)]);
        self.reset_internal(id)
    }

    pub(super) fn poke(&mut self, id: u64) -> Done {
        if self.now <= start(self.now) + 3600 {
            return Err("DistributeWindow");
        }
        self.emit("call poke", [big(id)]);
        let weight = self.balance_at(id, self.now)?;
        self.poke_internal(id, &weight)
    }

    fn poke_internal(&mut self, id: u64, weight: &BigInt) -> Done {
        let choices: Vec<_> = (0..self.n(("poolVotes", id, 0, 0)))
            .map(|place| {
                let gauge = self.n(("poolVote", id, place, 0)) - 1;
                (gauge, self.get(("votes", id, gauge, 0)))
            })
            .collect();
        self.vote_internal(id, weight, &choices)
    }

    pub(super) fn create_gauge(
        &mut self,
        tokens: Option<[u64; 2]>,
        governor: bool,
    ) -> Result<u64, Failure> {
        let listed = |token| self.n(("whitelistedToken", token, 0, 0)) == 1;
        if !governor && !tokens.is_some_and(|tokens| tokens.into_iter().all(listed)) {
            return Err("NotWhitelistedToken");
        }
        let gauge = self.n(("gauges", 0, 0, 0));
        self.put(("gauges", 0, 0, 0), gauge + 1);
        self.put(("alive", gauge, 0, 0), 1);
        for token in tokens.into_iter().flatten() {
            self.put((FEES[5], gauge, token, 0), 1);
            self.put((BRIBES[5], gauge, token, 0), 1);
        }
        if let Some(tokens) = tokens {
            self.put(("isPool", gauge, 0, 0), 1);
            self.put(("token0", gauge, 0, 0), tokens[0]);
            self.put(("token1", gauge, 0, 0), tokens[1]);
        }
        self.update_for_internal(gauge)?;
        let [token0, token1] = tokens.unwrap_or_default();
        let is_pool = u64::from(tokens.is_some());
        self.emit("GaugeCreated", [big(gauge), big(is_pool), big(token0), big(token1)]);
        Ok(gauge)
    }

    pub(super) fn kill(&mut self, gauge: u64) -> Done {
        if self.n(("alive", gauge, 0, 0)) == 0 {
            return Err("GaugeAlreadyKilled");
        }
        let claimable = self.get(("claimable", gauge, 0, 0));
        self.add(("minterBalance", 0, 0, 0), &claimable)?;
        self.put(("claimable", gauge, 0, 0), 0);
        self.put(("alive", gauge, 0, 0), 0);
        self.emit("GaugeKilled", [big(gauge)]);
        Ok(())
    }

    pub(super) fn revive(&mut self, gauge: u64) -> Done {
        self.require_gauge(gauge)?;
        if self.n(("alive", gauge, 0, 0)) == 1 {
            return Err("GaugeAlreadyRevived");
        }
        self.put(("alive", gauge, 0, 0), 1);
        self.emit("GaugeRevived", [big(gauge)]);
        Ok(())
    }

    pub(super) fn distribute(
        &mut self,
        gauges: &[(u64, [BigInt; 2])],
    ) -> Result<Vec<(u64, BigInt)>, Failure> {
        self.update_period()?;
        let mut paid = Vec::new();
        for (gauge, claimed) in gauges {
            self.update_for(*gauge)?;
            let claimable = self.get(("claimable", *gauge, 0, 0));
            if claimable > self.left(*gauge)? && claimable > big(WEEK) {
                self.put(("claimable", *gauge, 0, 0), 0);
                self.notify_gauge(*gauge, &claimable, claimed)?;
                self.emit("DistributeReward", [big(*gauge), claimable.clone()]);
                paid.push((*gauge, claimable));
            }
        }
        Ok(paid)
    }

    // Gauge

    fn reward_per_token(&self, gauge: u64) -> Number {
        let stored = self.get(("rewardPerTokenStored", gauge, 0, 0));
        let supply = self.get(("staked", gauge, 0, 0));
        if supply == big(0) {
            return Ok(stored);
        }
        let until = self.now.min(self.n(("periodFinish", gauge, 0, 0)));
        let elapsed = until.checked_sub(self.n(("lastUpdateTime", gauge, 0, 0))).ok_or(OVERFLOW)?;
        let emitted = word(word(self.get(("rewardRate", gauge, 0, 0)) * elapsed)? * wad())?;
        word(stored + emitted / supply)
    }

    pub(super) fn gauge_earned(&self, gauge: u64, account: u64) -> Number {
        let paid = self.get(("userRewardPerTokenPaid", gauge, account, 0));
        let growth = word(self.reward_per_token(gauge)? - paid)?;
        let earned = word(self.get(("balanceOf", gauge, account, 0)) * growth)? / wad();
        word(earned + self.get(("rewards", gauge, account, 0)))
    }

    fn update_rewards(&mut self, gauge: u64, account: u64) -> Done {
        let stored = self.reward_per_token(gauge)?;
        self.set(("rewardPerTokenStored", gauge, 0, 0), stored.clone());
        let until = self.now.min(self.n(("periodFinish", gauge, 0, 0)));
        self.put(("lastUpdateTime", gauge, 0, 0), until);
        let earned = self.gauge_earned(gauge, account)?;
        self.set(("rewards", gauge, account, 0), earned);
        self.set(("userRewardPerTokenPaid", gauge, account, 0), stored);
        Ok(())
    }

    pub(super) fn stake(&mut self, gauge: u64, account: u64, amount: &BigInt) -> Done {
        self.require_gauge(gauge)?;
        if *amount == big(0) {
            return Err("ZeroAmount");
        }
        if self.n(("alive", gauge, 0, 0)) == 0 {
            return Err("NotAlive");
        }
        self.update_rewards(gauge, account)?;
        self.add(("staked", gauge, 0, 0), amount)?;
        self.add(("balanceOf", gauge, account, 0), amount)?;
        self.emit("Gauge.Deposit", [big(gauge), big(account), amount.clone()]);
        Ok(())
    }

    pub(super) fn unstake(&mut self, gauge: u64, account: u64, amount: &BigInt) -> Done {
        self.require_gauge(gauge)?;
        self.update_rewards(gauge, account)?;
        self.sub(("staked", gauge, 0, 0), amount)?;
        self.sub(("balanceOf", gauge, account, 0), amount)?;
        self.emit("Gauge.Withdraw", [big(gauge), big(account), amount.clone()]);
        Ok(())
    }

    pub(super) fn claim_emission(&mut self, sender: u64, gauge: u64, account: u64) -> Number {
        self.require_gauge(gauge)?;
        if sender != account {
            return Err("NotAuthorized");
        }
        self.update_rewards(gauge, account)?;
        let reward = self.get(("rewards", gauge, account, 0));
        self.put(("rewards", gauge, account, 0), 0);
        self.sub(("gaugeBalance", gauge, 0, 0), &reward)?;
        let name = if reward == big(0) { "call getReward" } else { "Gauge.ClaimRewards" };
        self.emit(name, [big(gauge), big(account), reward.clone()]);
        Ok(reward)
    }

    pub(super) fn left(&self, gauge: u64) -> Number {
        let finish = self.n(("periodFinish", gauge, 0, 0));
        if self.now >= finish {
            return Ok(big(0));
        }
        word(self.get(("rewardRate", gauge, 0, 0)) * (finish - self.now))
    }

    fn notify_gauge(&mut self, gauge: u64, amount: &BigInt, claimed: &[BigInt; 2]) -> Done {
        let any = claimed.iter().any(|amount| *amount > big(0));
        if self.n(("isPool", gauge, 0, 0)) == 1 && any {
            for (place, name) in ["fees0", "fees1"].into_iter().enumerate() {
                let fees = word(self.get((name, gauge, 0, 0)) + &claimed[place])?;
                if fees > big(WEEK) {
                    self.put((name, gauge, 0, 0), 0);
                    let token = self.n((["token0", "token1"][place], gauge, 0, 0));
                    self.emit("call notifyRewardAmount", [big(place as u64)]);
                    self.notify(Place(FEES, gauge), token, &fees)?;
                } else {
                    self.set((name, gauge, 0, 0), fees);
                }
            }
            self.emit("ClaimFees", [big(gauge), claimed[0].clone(), claimed[1].clone()]);
        }
        let stored = self.reward_per_token(gauge)?;
        self.set(("rewardPerTokenStored", gauge, 0, 0), stored);
        let until_next = start(self.now) + WEEK - self.now;
        let leftover = self.left(gauge)?;
        self.add(("gaugeBalance", gauge, 0, 0), amount)?;
        let rate = word(amount + leftover)? / until_next;
        self.set(("rewardRate", gauge, 0, 0), rate.clone());
        if rate == big(0) {
            return Err("ZeroRewardRate");
        }
        if rate > self.get(("gaugeBalance", gauge, 0, 0)) / until_next {
            return Err("RewardRateTooHigh");
        }
        self.put(("lastUpdateTime", gauge, 0, 0), self.now);
        self.put(("periodFinish", gauge, 0, 0), self.now + until_next);
        self.emit("Gauge.NotifyReward", [big(gauge), amount.clone()]);
        Ok(())
    }

    pub(super) fn notify_without_claim(&mut self, gauge: u64, amount: &BigInt) -> Done {
        self.require_gauge(gauge)?;
        if *amount == big(0) {
            return Err("ZeroAmount");
        }
        self.notify_gauge(gauge, amount, &[big(0), big(0)])
    }

    // Minter

    pub(super) fn nudge(&mut self, succeeded: Option<bool>) -> Done {
        if self.get(("weekly", 0, 0, 0)) >= big(8_969_150) * wad() {
            return Err("TailEmissionsInactive");
        }
        let period = self.get(("activePeriod", 0, 0, 0));
        // One more, so that period 0 is not nudged from the start.
        if self.get(("nudged", 0, 0, 0)) == &period + 1 {
            return Err("AlreadyNudged");
        }
        let rate = self.n(("tailEmissionRate", 0, 0, 0));
        match succeeded {
            Some(true) => self.put(("tailEmissionRate", 0, 0, 0), (rate + 1).min(100)),
            Some(false) => self.put(("tailEmissionRate", 0, 0, 0), (rate - 1).max(1)),
            None => {}
        }
        let new = self.get(("tailEmissionRate", 0, 0, 0));
        self.emit("Nudge", [period.clone(), big(rate), new]);
        self.set(("nudged", 0, 0, 0), period + 1);
        Ok(())
    }

    pub(super) fn update_period(&mut self) -> Done {
        let mut period = self.n(("activePeriod", 0, 0, 0));
        if self.now < period + WEEK {
            return Ok(());
        }
        let count = self.n(("epochCount", 0, 0, 0)) + 1;
        self.put(("epochCount", 0, 0, 0), count);
        period = start(self.now);
        self.put(("activePeriod", 0, 0, 0), period);
        let mut weekly = self.get(("weekly", 0, 0, 0));
        let supply = self.get(("aeroSupply", 0, 0, 0));
        let emission;
        let is_tail = weekly < big(8_969_150) * wad();
        if weekly < big(8_969_150) * wad() {
            emission = word(&supply * self.get(("tailEmissionRate", 0, 0, 0)))? / 10_000;
        } else {
            emission = weekly.clone();
            weekly = word(&weekly * if count < 15 { 10_300 } else { 9_900 })? / 10_000;
            self.set(("weekly", 0, 0, 0), weekly.clone());
        }
        let ve = self.supply_at(period - 1)?;
        let free = word(&supply - ve)?;
        let once = div(word(&emission * &free)?, &supply)?;
        let growth = div(word(once * free)?, &supply)? / 2;
        let rate = self.get(("teamRate", 0, 0, 0));
        let team = word(&rate * word(&growth + weekly)?)? / (10_000 - rate);
        let required = word(word(&growth + &emission)? + &team)?;
        let balance = self.get(("minterBalance", 0, 0, 0));
        if balance < required {
            let minted = word(&required - balance)?;
            self.add(("aeroSupply", 0, 0, 0), &minted)?;
            self.add(("minterBalance", 0, 0, 0), &minted)?;
        }
        self.sub(("minterBalance", 0, 0, 0), &required)?;
        self.add(("distributorBalance", 0, 0, 0), &growth)?;
        self.emit("team Transfer", [team]);
        self.checkpoint_token()?;
        let total = self.get(("totalWeight", 0, 0, 0)).max(big(1));
        let ratio = word(&emission * wad())? / total;
        self.add(("index", 0, 0, 0), &ratio)?;
        let supply = self.get(("aeroSupply", 0, 0, 0));
        self.emit("Mint", [emission, supply, big(u64::from(is_tail))]);
        Ok(())
    }

    // RewardsDistributor

    fn checkpoint_token(&mut self) -> Done {
        let balance = self.get(("distributorBalance", 0, 0, 0));
        let to_distribute = word(&balance - self.get(("tokenLastBalance", 0, 0, 0)))?;
        self.set(("tokenLastBalance", 0, 0, 0), balance);
        self.emit("CheckpointToken", [to_distribute.clone()]);
        let mut t = self.n(("lastTokenTime", 0, 0, 0));
        let since = self.now.checked_sub(t).ok_or(OVERFLOW)?;
        self.put(("lastTokenTime", 0, 0, 0), self.now);
        let mut week = start(t);
        for _ in 0..20 {
            let next = week + WEEK;
            let until = if self.now < next { self.now } else { next };
            let part = if since == 0 && until == t {
                to_distribute.clone()
            } else {
                word(&to_distribute * (until - t))? / since
            };
            self.add(("tokensPerWeek", week, 0, 0), &part)?;
            if self.now < next {
                break;
            }
            t = next;
            week = next;
        }
        Ok(())
    }

    pub(super) fn claimable(&self, id: u64) -> Result<(BigInt, u64), Failure> {
        let mut cursor = self.n(("timeCursorOf", id, 0, 0));
        if self.n(("uEpoch", id, 0, 0)) == 0 {
            return Ok((big(0), cursor));
        }
        if cursor == 0 {
            cursor = start(self.n(("u.ts", id, 1, 0)));
        }
        let last = start(self.n(("lastTokenTime", 0, 0, 0)));
        if cursor >= last {
            return Ok((big(0), cursor));
        }
        cursor = cursor.max(self.n(("startTime", 0, 0, 0)));
        let mut amount = big(0);
        for _ in 0..50 {
            if cursor >= last {
                break;
            }
            let balance = self.balance_at(id, cursor + WEEK - 1)?;
            let supply = self.supply_at(cursor + WEEK - 1)?.max(big(1));
            let tokens = self.get(("tokensPerWeek", cursor, 0, 0));
            amount = word(amount + word(balance * tokens)? / supply)?;
            cursor += WEEK;
        }
        Ok((amount, cursor))
    }

    pub(super) fn claim_rebase(&mut self, id: u64) -> Number {
        if self.n(("activePeriod", 0, 0, 0)) < start(self.now) {
            return Err("UpdatePeriod");
        }
        if self.kind(id) == LOCKED {
            return Err("NotManagedOrNormalNFT");
        }
        let mut from = self.n(("timeCursorOf", id, 0, 0));
        if from == 0 {
            from = start(self.n(("u.ts", id, 1, 0)));
        }
        let (amount, cursor) = self.claimable(id)?;
        self.put(("timeCursorOf", id, 0, 0), cursor);
        if amount == big(0) {
            self.emit("call claim", [big(id)]);
            return Ok(amount);
        }
        self.emit("Claimed", [big(id), big(from), big(cursor), amount.clone()]);
        let bag = self.bag(id);
        let mut paid = big(0);
        if self.now >= bag.end && !bag.permanent {
            if self.n(("owner", id, 0, 0)) == 0 {
                return Err("ERC20: transfer to the zero address");
            }
            paid = amount.clone();
        } else {
            self.increase_amount_for(id, &amount, 0)?;
        }
        self.sub(("distributorBalance", 0, 0, 0), &amount)?;
        self.sub(("tokenLastBalance", 0, 0, 0), &amount)?;
        Ok(paid)
    }
}
