//! A vote escrow in big integers, written from the contract's source alone: lists and maps, every
//! search a walk, every range checked where the contract's types do.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use tidemill_rewards::vote_escrow::{EscrowParameters, VoteEscrow};
use tidemill_rewards::{Account, Moment};
use tidemill_units::{Timestamp, U256};

type Refusal = &'static str;

#[derive(Clone, Default)]
struct Point {
    bias: BigInt,
    slope: BigInt,
    ts: BigInt,
    blk: BigInt,
}

#[derive(Clone, Default)]
struct Lock {
    amount: BigInt,
    end: BigInt,
}

pub(super) struct NaiveEscrow {
    maxtime: u64,
    searches_past: bool,
    supply: BigInt,
    points: Vec<Point>,
    changes: BTreeMap<BigInt, BigInt>,
    locks: BTreeMap<u8, Lock>,
    user_points: BTreeMap<u8, Vec<Point>>,
}

impl NaiveEscrow {
    pub(super) fn new(parameters: EscrowParameters, now: Moment) -> Self {
        let first = Point { ts: now.at.0.into(), blk: now.block.0.into(), ..Point::default() };
        Self {
            maxtime: parameters.maximum_lock,
            searches_past: parameters.searches_past,
            supply: BigInt::ZERO,
            points: vec![first],
            changes: BTreeMap::new(),
            locks: BTreeMap::new(),
            user_points: BTreeMap::new(),
        }
    }

    pub(super) fn create_lock(
        &mut self,
        actor: u8,
        value: U256,
        until: u64,
        now: Moment,
    ) -> Result<(), Refusal> {
        let end = until / 604_800 * 604_800;
        refuse(value.is_zero(), "")?;
        refuse(self.lock(actor).amount != BigInt::ZERO, "Withdraw old tokens first")?;
        refuse(end <= now.at.0, "Can only lock until time in the future")?;
        refuse(end > now.at.0 + self.maxtime, self.too_long())?;
        self.deposit(actor, value, Some(end), now)
    }

    pub(super) fn increase_amount(
        &mut self,
        actor: u8,
        value: U256,
        now: Moment,
    ) -> Result<(), Refusal> {
        let lock = self.lock(actor);
        refuse(value.is_zero(), "")?;
        refuse(lock.amount == BigInt::ZERO, "No existing lock found")?;
        refuse(lock.end <= now.at.0.into(), "Cannot add to expired lock. Withdraw")?;
        self.deposit(actor, value, None, now)
    }

    pub(super) fn increase_unlock_time(
        &mut self,
        actor: u8,
        until: u64,
        now: Moment,
    ) -> Result<(), Refusal> {
        let lock = self.lock(actor);
        let end = until / 604_800 * 604_800;
        refuse(lock.end <= now.at.0.into(), "Lock expired")?;
        refuse(BigInt::from(end) <= lock.end, "Can only increase lock duration")?;
        refuse(end > now.at.0 + self.maxtime, self.too_long())?;
        self.deposit(actor, U256::ZERO, Some(end), now)
    }

    pub(super) fn withdraw(&mut self, actor: u8, now: Moment) -> Result<(), Refusal> {
        let old = self.lock(actor);
        refuse(BigInt::from(now.at.0) < old.end, "The lock didn't expire")?;
        let amount = old.amount.clone();
        self.record(Some((actor, old, Lock::default())), now)?;
        self.supply -= amount;
        self.locks.insert(actor, Lock::default());
        Ok(())
    }

    pub(super) fn checkpoint(&mut self, now: Moment) -> Result<(), Refusal> {
        self.record(None, now)
    }

    fn too_long(&self) -> Refusal {
        if self.maxtime == 31_536_000 {
            "Voting lock can be 1 year max"
        } else {
            "Voting lock can be 4 years max"
        }
    }

    fn lock(&self, actor: u8) -> Lock {
        self.locks.get(&actor).cloned().unwrap_or_default()
    }

    fn deposit(
        &mut self,
        actor: u8,
        value: U256,
        end: Option<u64>,
        now: Moment,
    ) -> Result<(), Refusal> {
        let value = in_int128(big(value))?;
        let old = self.lock(actor);
        let mut new = old.clone();
        new.amount = in_int128(new.amount + &value)?;
        if let Some(end) = end {
            new.end = end.into();
        }
        self.record(Some((actor, old, new.clone())), now)?;
        self.supply += value;
        self.locks.insert(actor, new);
        Ok(())
    }

    fn record(&mut self, change: Option<(u8, Lock, Lock)>, now: Moment) -> Result<(), Refusal> {
        let t = BigInt::from(now.at.0);
        let blk = BigInt::from(now.block.0);
        let mut last = match self.points.len() {
            1 => Point { ts: t.clone(), blk: blk.clone(), ..Point::default() },
            _ => self.points[self.points.len() - 1].clone(),
        };
        let start = last.clone();
        let mut block_slope = BigInt::ZERO;
        if t > last.ts {
            block_slope = scale() * (&blk - &last.blk) / (&t - &last.ts);
        }
        let mut week: BigInt = &last.ts / 604_800 * 604_800;
        let mut recorded = Vec::new();
        for _ in 0..255 {
            week += 604_800;
            let (until, d_slope) = if week > t {
                (t.clone(), BigInt::ZERO)
            } else {
                (week.clone(), self.change(&week))
            };
            last.bias = in_int128(&last.bias - in_int128(&last.slope * (&until - &last.ts))?)?;
            last.slope = in_int128(&last.slope + d_slope)?.max(BigInt::ZERO);
            last.bias = last.bias.max(BigInt::ZERO);
            last.blk = &start.blk + &block_slope * (&until - &start.ts) / scale();
            last.ts = until;
            if last.ts == t {
                last.blk = blk.clone();
                recorded.push(last.clone());
                break;
            }
            recorded.push(last.clone());
        }
        if let Some((actor, old, new)) = change {
            let old_line = self.line(&old, now)?;
            let new_line = self.line(&new, now)?;
            let last = recorded.last_mut().unwrap();
            last.slope =
                in_int128(&last.slope + (&new_line.slope - &old_line.slope))?.max(BigInt::ZERO);
            last.bias = in_int128(&last.bias + in_int128(&new_line.bias - &old_line.bias)?)?
                .max(BigInt::ZERO);
            // The slope that was to end with the old lock ends with the new one.
            let mut changes = self.changes.clone();
            if old.end > t {
                *changes.entry(old.end.clone()).or_default() += &old_line.slope;
            }
            if new.end > t {
                *changes.entry(new.end.clone()).or_default() -= &new_line.slope;
            }
            for change in changes.values() {
                in_int128(change.clone())?;
            }
            self.changes = changes;
            self.user_points.entry(actor).or_default().push(new_line);
        }
        self.points.extend(recorded);
        Ok(())
    }

    fn line(&self, lock: &Lock, now: Moment) -> Result<Point, Refusal> {
        let mut line = Point { ts: now.at.0.into(), blk: now.block.0.into(), ..Point::default() };
        if lock.end > line.ts && lock.amount > BigInt::ZERO {
            line.slope = &lock.amount / self.maxtime;
            line.bias = in_int128(&line.slope * (&lock.end - &line.ts))?;
        }
        Ok(line)
    }

    fn change(&self, week: &BigInt) -> BigInt {
        self.changes.get(week).cloned().unwrap_or_default()
    }

    pub(super) fn balance_of(&self, actor: u8, at: u64) -> Result<U256, ()> {
        let mut points = self.user_points.get(&actor).into_iter().flatten();
        let point = points.rfind(|point| !self.searches_past || point.ts <= at.into());
        point.map_or(Ok(U256::ZERO), |point| word(height(point, &at.into())?))
    }

    pub(super) fn balance_of_at(&self, actor: u8, block: u64, now: Moment) -> Result<U256, ()> {
        let at = self.time_of(block, now)?;
        let points = self.user_points.get(&actor).into_iter().flatten();
        let point = points.rfind_before(block);
        word(height(&point, &at)?)
    }

    pub(super) fn total_supply(&self, at: u64) -> Result<U256, ()> {
        let last = self.points.last().unwrap();
        let point = if self.searches_past {
            self.points.iter().skip(1).rfind(|point| point.ts <= at.into())
        } else {
            Some(last)
        };
        point.map_or(Ok(U256::ZERO), |point| self.supply_from(point.clone(), &at.into()))
    }

    pub(super) fn total_supply_at(&self, block: u64, now: Moment) -> Result<U256, ()> {
        let at = self.time_of(block, now)?;
        self.supply_from(self.points[self.place_of(block)].clone(), &at)
    }

    fn place_of(&self, block: u64) -> usize {
        self.points.iter().rposition(|point| point.blk <= block.into()).unwrap_or_default()
    }

    /// The two questions divide by the same blocks; only where there are none may `block` lie
    /// before the first point.
    fn time_of(&self, block: u64, now: Moment) -> Result<BigInt, ()> {
        if block > now.block.0 {
            return Err(());
        }
        let place = self.place_of(block);
        let before = &self.points[place];
        let (next_blk, next_ts) = match self.points.get(place + 1) {
            Some(next) => (next.blk.clone(), next.ts.clone()),
            None => (BigInt::from(now.block.0), BigInt::from(now.at.0)),
        };
        let blocks = next_blk - &before.blk;
        if blocks == BigInt::ZERO {
            return Ok(before.ts.clone());
        }
        let passed = BigInt::from(block) - &before.blk;
        if passed < BigInt::ZERO {
            return Err(());
        }
        Ok(&before.ts + (next_ts - &before.ts) * passed / blocks)
    }

    fn supply_from(&self, mut point: Point, at: &BigInt) -> Result<U256, ()> {
        let mut week: BigInt = &point.ts / 604_800 * 604_800;
        for _ in 0..255 {
            week += 604_800;
            if week >= *at {
                point.bias = height(&point, at)?;
                break;
            }
            point.bias = height(&point, &week)?;
            point.slope = in_int128(&point.slope + self.change(&week)).map_err(drop)?;
            point.ts = week.clone();
        }
        word(point.bias)
    }

    /// Checks that our model has the same, points from index `seen` on.
    pub(super) fn compare(&self, model: &VoteEscrow, seen: usize, context: &str) {
        assert_eq!(self.supply, big(model.locked_supply().0), "supply {context}");
        assert_eq!(self.points.len(), model.history().len(), "epoch {context}");
        for (index, point) in self.points.iter().enumerate().skip(seen - 1) {
            let ours = model.history()[index];
            assert_eq!(point.bias, ours.bias.into(), "bias {index} {context}");
            assert_eq!(point.slope, ours.slope.into(), "slope {index} {context}");
            assert_eq!(point.ts, ours.at.0.into(), "time {index} {context}");
            assert_eq!(point.blk, ours.block.0.into(), "block {index} {context}");
        }
        for (week, change) in &self.changes {
            let week = Timestamp(week.try_into().unwrap());
            assert_eq!(*change, model.slope_change(week).into(), "{week:?} {context}");
        }
        for (actor, lock) in &self.locks {
            let account = Account([0x11 * (actor + 1); 20]);
            let ours = model.locked(account);
            assert_eq!(lock.amount, ours.amount.into(), "amount {context}");
            assert_eq!(lock.end, ours.end.0.into(), "end {context}");
            let points = model.user_points(account);
            assert_eq!(self.user_points[actor].len(), points.len(), "user epoch {context}");
            let (naive, ours) = (self.user_points[actor].last().unwrap(), points.last().unwrap());
            assert_eq!(naive.bias, ours.bias.into(), "user bias {context}");
            assert_eq!(naive.slope, ours.slope.into(), "user slope {context}");
            assert_eq!(naive.ts, ours.at.0.into(), "user time {context}");
            assert_eq!(naive.blk, ours.block.0.into(), "user block {context}");
        }
    }
}

trait LastBefore {
    fn rfind_before(self, block: u64) -> Point;
}

impl<'a, T: Iterator<Item = &'a Point>> LastBefore for T {
    fn rfind_before(self, block: u64) -> Point {
        self.filter(|point| point.blk <= block.into()).last().cloned().unwrap_or_default()
    }
}

fn refuse(is_bad: bool, reason: Refusal) -> Result<(), Refusal> {
    if is_bad { Err(reason) } else { Ok(()) }
}

fn height(point: &Point, at: &BigInt) -> Result<BigInt, ()> {
    let elapsed = at - &point.ts;
    if elapsed < BigInt::ZERO {
        return Err(());
    }
    in_int128(&point.bias - in_int128(&point.slope * elapsed).map_err(drop)?).map_err(drop)
}

fn in_int128(value: BigInt) -> Result<BigInt, Refusal> {
    if i128::try_from(&value).is_ok() { Ok(value) } else { Err("") }
}

fn word(value: BigInt) -> Result<U256, ()> {
    Ok(U256::from(u128::try_from(value.max(BigInt::ZERO)).unwrap()))
}

fn big(value: U256) -> BigInt {
    value.to_string().parse().unwrap()
}

fn scale() -> BigInt {
    BigInt::from(10).pow(18)
}
