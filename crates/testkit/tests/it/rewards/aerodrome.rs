//! Aerodrome beside a naive model of its contracts in big integers, since no registry carries
//! their bytecode.

mod concentrated;
mod dump;
pub(super) mod naive;

use num_bigint::BigInt;
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{
    Aerodrome, AerodromeError, GaugeId, LockId, LockKind, NewGauge, TailProposal, WEEK,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Amounts, Timestamp, U256};

use self::naive::{BRIBES, Event, FEES, Failure, Naive, Place};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const OPERATIONS_PER_WORLD: u64 = 150;
const ACCOUNTS: u64 = 4;
/// The tokens' numbers; the first is the one that is locked.
const TOKENS: u64 = 4;
const LATEST: u64 = 4_294_967_295;

#[test]
fn the_system_equals_the_naive_model() {
    let worlds = Worlds {
        name: "Aerodrome",
        stream: 0xae20,
        tests: 1,
        most_in_one: OPERATIONS_PER_WORLD,
        unit: "operations",
    };
    let reached = Reached { operations: &OPERATIONS, reverts: &REVERTS };
    worlds.run(&reached, |seed, most, tally| {
        let mut world = World::new(seed);
        for _ in 0..most {
            world.step(tally);
        }
        most
    });
}

const OPERATIONS: [&str; 40] = [
    "transfer lock",
    "notify without claim",
    "create lock",
    "deposit for",
    "increase amount",
    "increase unlock time",
    "withdraw lock",
    "merge",
    "split",
    "lock permanent",
    "unlock permanent",
    "checkpoint",
    "vote",
    "reset",
    "poke",
    "create gauge",
    "kill",
    "revive",
    "stake",
    "unstake",
    "claim emission",
    "update for",
    "update period",
    "distribute",
    "bribe",
    "claim bribes",
    "claim fees",
    "claim rebase",
    "nudge",
    "team rate",
    "max voting num",
    "create managed",
    "managed state",
    "deposit managed",
    "withdraw managed",
    "notify free",
    "claim free",
    "bribes claimed above zero",
    "emission claimed above zero",
    "rebase locked",
];

const REVERTS: [&str; 67] = [
    "transfer lock: NotManagedOrNormalNFT",
    "transfer lock: NotApprovedOrOwner",
    "notify without claim: ZeroRewardRate",
    "notify without claim: ZeroAmount",
    "create lock: ZeroAmount",
    "create lock: LockDurationNotInFuture",
    "create lock: LockDurationTooLong",
    "create lock: SafeCastOverflow",
    "withdraw managed: AlreadyVotedOrDeposited",
    "deposit for: NotDistributor",
    "deposit for: NotManagedOrNormalNFT",
    "deposit for: ZeroAmount",
    "deposit for: NoLockFound",
    "deposit for: LockExpired",
    "increase amount: NotApprovedOrOwner",
    "increase unlock time: NotApprovedOrOwner",
    "increase unlock time: NotNormalNFT",
    "increase unlock time: PermanentLock",
    "increase unlock time: LockExpired",
    "increase unlock time: LockDurationNotInFuture",
    "increase unlock time: LockDurationTooLong",
    "withdraw lock: NotApprovedOrOwner",
    "withdraw lock: AlreadyVoted",
    "withdraw lock: NotNormalNFT",
    "withdraw lock: PermanentLock",
    "withdraw lock: LockNotExpired",
    "merge: AlreadyVoted",
    "merge: NotNormalNFT",
    "merge: SameNFT",
    "merge: NotApprovedOrOwner",
    "merge: LockExpired",
    "merge: PermanentLock",
    "split: SplitNoOwner",
    "split: SplitNotAllowed",
    "split: NotNormalNFT",
    "split: AlreadyVoted",
    "split: LockExpired",
    "split: ZeroAmount",
    "split: AmountTooBig",
    "lock permanent: PermanentLock",
    "lock permanent: LockExpired",
    "unlock permanent: NotPermanentLock",
    "unlock permanent: AlreadyVoted",
    "vote: AlreadyVotedOrDeposited",
    "vote: DistributeWindow",
    "vote: NotApprovedOrOwner",
    "vote: TooManyPools",
    "vote: InactiveManagedNFT",
    "vote: NotWhitelistedNFT",
    "vote: GaugeDoesNotExist",
    "vote: GaugeNotAlive",
    "vote: NonZeroVotes",
    "vote: ZeroBalance",
    "vote: 12",
    "vote: 11",
    "poke: ZeroBalance",
    "poke: GaugeNotAlive",
    "stake: NotAlive",
    "unstake: 11",
    "claim emission: NotAuthorized",
    "bribe: NotWhitelisted",
    "claim rebase: ERC20: transfer to the zero address",
    "claim rebase: UpdatePeriod",
    "deposit managed: SpecialVotingWindow",
    "deposit managed: NotNormalNFT",
    "withdraw managed: InvalidManagedNFTId",
    "nudge: AlreadyNudged",
];

pub(super) fn big(value: U256) -> BigInt {
    BigInt::from_bytes_be(num_bigint::Sign::Plus, &value.to_be_bytes::<32>())
}

pub(super) fn account(number: u64) -> Account {
    let mut bytes = [0xac; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Account(bytes)
}

pub(super) fn token(number: u64) -> Account {
    let mut bytes = [0x70; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Account(bytes)
}

pub(super) fn number(account: Account) -> u64 {
    u64::from_be_bytes(account.0[12..].try_into().unwrap())
}

pub(super) struct World {
    pub(super) system: Aerodrome,
    naive: Naive,
    random: Random,
    seed: u64,
    now: u64,
    last: String,
    /// What a node would tell of each transaction, by its time.
    pub(super) journal: Vec<(u64, Vec<Event>)>,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let now = 1_690_000_000 + random.below(2 * WEEK);
        let supply = Amount((U256::ONE << 89) + random.wide(88));
        let mut system = Aerodrome::deployed(token(0), supply, Timestamp(now));
        let mut state = system.state();
        if random.once_in(3) {
            // Near or in the tail.
            let weekly = U256::from(8_969_149_u64) + U256::from(random.below(300_000));
            state.minter.weekly = Amount(weekly * U256::from(10_u64.pow(18)));
            state.minter.epoch_count = 60 + random.below(10);
            state.minter.tail_emission_rate = random.pick(&[1, 2, 67, 99, 100]);
        }
        state.minter.team_rate = random.pick(&[0, 1, 499, 500]);
        state.minter.epoch_count += random.pick(&[0, 0, 12]);
        state.max_voting_num = 10;
        system = Aerodrome::new(&state).unwrap();
        let mut naive = Naive::default();
        dump::visit(&state, &mut |key, value| naive.set(key, value));
        let (last, journal) = (String::new(), Vec::new());
        let mut world = Self { system, naive, random, seed, now, last, journal };
        let mut tally = Tally::new("", 0);
        for _ in 0..3 {
            world.create_gauge(&mut tally);
            world.create_lock(&mut tally);
        }
        world.whitelist_token();
        world
    }

    fn pass_time(&mut self) {
        let week_end = self.now - self.now % WEEK + WEEK;
        let now = match self.random.below(40) {
            0..14 => self.now,
            14..22 => self.now + self.random.below(60),
            22..27 => self.now + self.random.below(86_400),
            27..30 => self.now + self.random.below(WEEK),
            30 => week_end,
            31 => week_end - 1,
            32 => week_end + 1 + self.random.below(3600),
            33 => week_end + 3600 + self.random.below(2),
            34 => (week_end - 3600 + self.random.below(2)).max(self.now),
            35 => (week_end - 1 - self.random.below(3600)).max(self.now),
            36 => week_end + 3601 + self.random.below(WEEK - 7200),
            37 => self.now + WEEK * self.random.below(4),
            38 if self.random.once_in(4) => self.now + WEEK * self.random.below(60),
            39 if self.random.once_in(60) => self.now + self.random.below(300 * WEEK),
            _ => self.now + 12,
        };
        self.now = now.min(LATEST);
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        self.pass_time();
        match self.random.below(132) {
            0..9 => self.create_lock(tally),
            9..13 => self.add_to_lock(tally),
            13..17 => self.increase_unlock_time(tally),
            17..22 => self.withdraw_lock(tally),
            22..26 => self.merge(tally),
            26..30 => self.split(tally),
            30..34 => self.permanence(tally),
            34 => self.checkpoint(tally),
            35..50 => self.vote(tally),
            50..53 => self.reset(tally),
            53..58 => self.poke(tally),
            58 => self.create_gauge(tally),
            59..62 => self.kill_or_revive(tally),
            62 => self.whitelist_lock(),
            63 => self.whitelist_token(),
            64..66 => self.settings(tally),
            66..73 => self.stake(tally),
            73 => self.notify_without_claim(tally),
            74..79 => self.unstake(tally),
            79..84 => self.claim_emission(tally),
            84..87 => self.update_for(tally),
            87..98 => self.distribute(tally),
            98..103 => self.bribe(tally),
            103..109 => self.claim_votes(tally),
            109..115 => self.claim_rebase(tally),
            115..130 => self.managed(tally),
            _ => self.transfer_lock(tally),
        }
        self.views();
    }

    fn amount(&mut self) -> Amount {
        let bits = match self.random.below(400) {
            0 => 256,
            1 => 128,
            2..100 => 40,
            _ => 84,
        };
        let amount = if self.random.once_in(40) { U256::ZERO } else { self.random.wide(bits) };
        Amount(amount)
    }

    fn account(&mut self) -> u64 {
        1 + self.random.below(ACCOUNTS)
    }

    /// Lets time pass to where votes are taken, mostly.
    fn open_polls(&mut self) {
        let into = self.now % WEEK;
        if into <= 3600 && !self.random.once_in(6) {
            self.now += 3601 + self.random.below(86_400);
        } else if into > WEEK - 3600 && !self.random.once_in(4) {
            self.now += 2 * 3600 + 1;
        }
        self.now = self.now.min(LATEST);
    }

    /// A gauge the lock votes for, mostly.
    fn gauge_of(&mut self, lock: u64) -> u64 {
        let ballot = self.system.voter().ballot(LockId(lock));
        let votes = ballot.map_or(&[][..], |ballot| &ballot.votes);
        let voted: Vec<_> = votes.iter().map(|(gauge, _)| u64::from(gauge.0)).collect();
        if voted.is_empty() || self.random.once_in(4) {
            self.gauge()
        } else {
            self.random.pick(&voted)
        }
    }

    /// A lock, and mostly its owner.
    fn lock(&mut self) -> (u64, u64) {
        let last = self.system.state().last_lock.0;
        let past_last = u64::from(self.random.once_in(30));
        let id = 1 + self.random.below(last + past_last);
        let owner = self.system.escrow().lock(LockId(id)).and_then(|lock| lock.owner);
        let sender = match owner {
            Some(owner) if !self.random.once_in(25) => number(owner),
            _ => self.account(),
        };
        (id, sender)
    }

    fn gauge(&mut self) -> u64 {
        let count = self.system.voter().gauges().len() as u64;
        let past_last = u64::from(self.random.once_in(60));
        self.random.below(count + past_last)
    }

    fn seconds(&mut self) -> u64 {
        match self.random.below(12) {
            0 => self.random.below(WEEK),
            1 => 126_144_000 + self.random.below(2 * WEEK),
            2 => u64::MAX,
            3..6 => WEEK * self.random.below(4),
            _ => self.random.below(126_144_000),
        }
    }

    /// Makes one operation on both, and compares answers and states.
    fn both<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        tally: &mut Tally,
        ours: impl FnOnce(&mut Aerodrome, Timestamp) -> Result<T, AerodromeError>,
        theirs: impl FnOnce(&mut Naive) -> Result<T, Failure>,
    ) -> Option<T> {
        self.last = format!("{name}: {}", self.last);
        let before = self.random.once_in(10).then(|| self.system.state());
        let result = ours(&mut self.system, Timestamp(self.now));
        let naive = self.naive.call(self.now, theirs);
        let context = || format!("seed {}, at {}, {}", self.seed, self.now, self.last);
        match (result, naive) {
            (Ok(answer), Ok(naive)) => {
                assert_eq!(answer, naive, "{}", context());
                tally.count(name);
                self.compare();
                self.last.clear();
                self.note();
                Some(answer)
            }
            (Err(error), Err(failure)) => {
                let reason = match error.reason() {
                    Some(reason) => reason,
                    None if error == AerodromeError::Overflow => naive::OVERFLOW,
                    None if error == AerodromeError::DivisionByZero => naive::BY_ZERO,
                    None => panic!("{error:?}, {}", context()),
                };
                assert_eq!(reason, failure, "{}", context());
                tally.revert(name, reason);
                if let Some(before) = before {
                    assert_eq!(before, self.system.state(), "{}", context());
                }
                self.compare();
                self.last.clear();
                None
            }
            (ours, theirs) => panic!("{ours:?} is not {theirs:?}, {}", context()),
        }
    }

    /// Notes what the latest transaction has logged.
    fn note(&mut self) {
        let events = std::mem::take(&mut self.naive.events);
        if !events.is_empty() {
            self.journal.push((self.now, events));
        }
    }

    fn compare(&mut self) {
        let state = self.system.state();
        let mut count = 0;
        let naive = &self.naive;
        let (seed, now, last) = (self.seed, self.now, &self.last);
        dump::visit(&state, &mut |key, value| {
            if value != BigInt::default() {
                count += 1;
                let theirs = naive.get(key);
                assert_eq!(value, theirs, "{key:?}, seed {seed}, at {now}, {last}");
            }
        });
        if count != naive.s.len() {
            let mut left = naive.s.clone();
            dump::visit(&state, &mut |key, _| {
                left.remove(&key);
            });
            panic!("only the naive model has {left:?}, seed {seed}, at {now}, {last}");
        }
        if self.random.once_in(16) {
            assert_eq!(Aerodrome::new(&state).as_ref(), Ok(&self.system));
        }
    }

    fn views(&mut self) {
        let (id, _) = self.lock();
        let back = self.random.pick(&[1, WEEK, 100 * WEEK]);
        let at = self.now - self.random.below(back);
        let escrow = self.system.escrow();
        let lock = LockId(id);
        let ours = escrow.balance_at(lock, Timestamp(at)).map(|power| big(power.0)).ok();
        assert_eq!(ours, self.naive.balance_at(id, at).ok());
        let ours = escrow.supply_at(Timestamp(at)).map(|power| big(power.0)).ok();
        assert_eq!(ours, self.naive.supply_at(at).ok());
        let ours = self.system.claimable_rebase(lock).map(|amount| big(amount.0)).ok();
        assert_eq!(ours, self.naive.claimable(id).map(|claim| claim.0).ok());
        let (number, reward, holder) = (self.gauge(), self.random.below(TOKENS), self.account());
        let now = Timestamp(self.now);
        self.naive.now = self.now;
        let Ok(gauge) = self.system.voter().gauge(GaugeId(number as u32)) else { return };
        for (rewards, names) in [(&gauge.bribes, BRIBES), (&gauge.fees, FEES)] {
            let ours = rewards.earned(token(reward), lock, now).map(|amount| big(amount.0));
            assert_eq!(ours.ok(), self.naive.earned(Place(names, number), reward, id).ok());
        }
        let gauge = gauge.gauge.as_ref().unwrap();
        let ours = gauge.earned(account(holder), now).map(|amount| big(amount.0)).ok();
        assert_eq!(ours, self.naive.gauge_earned(number, holder).ok());
        let ours = gauge.left(now).map(|amount| big(amount.0)).ok();
        assert_eq!(ours, self.naive.left(number).ok());
    }

    fn create_lock(&mut self, tally: &mut Tally) {
        let (owner, amount, seconds) = (self.account(), self.amount(), self.seconds());
        self.last = format!("{owner} {amount} {seconds}");
        self.both(
            "create lock",
            tally,
            |system, at| system.create_lock(account(owner), amount, seconds, at).map(|id| id.0),
            |naive| naive.create_lock(owner, &big(amount.0), seconds),
        );
    }

    fn add_to_lock(&mut self, tally: &mut Tally) {
        let ((id, sender), amount) = (self.lock(), self.amount());
        self.last = format!("{id} {amount}");
        if self.random.once_in(2) {
            self.both(
                "deposit for",
                tally,
                |system, at| system.deposit_for(LockId(id), amount, at),
                |naive| naive.deposit_for(id, &big(amount.0)),
            );
        } else {
            self.both(
                "increase amount",
                tally,
                |system, at| system.increase_amount(account(sender), LockId(id), amount, at),
                |naive| naive.increase_amount(sender, id, &big(amount.0)),
            );
        }
    }

    fn increase_unlock_time(&mut self, tally: &mut Tally) {
        let ((id, sender), seconds) = (self.lock(), self.seconds());
        self.last = format!("{id} {seconds}");
        self.both(
            "increase unlock time",
            tally,
            |system, at| system.increase_unlock_time(account(sender), LockId(id), seconds, at),
            |naive| naive.increase_unlock_time(sender, id, seconds),
        );
    }

    fn withdraw_lock(&mut self, tally: &mut Tally) {
        let (id, sender) = self.lock();
        self.last = format!("{id}");
        self.both(
            "withdraw lock",
            tally,
            |system, at| {
                system.withdraw_lock(account(sender), LockId(id), at).map(|paid| big(paid.0))
            },
            |naive| naive.withdraw_lock(sender, id),
        );
    }

    fn transfer_lock(&mut self, tally: &mut Tally) {
        let ((id, sender), to) = (self.lock(), self.account());
        self.last = format!("{id} to {to}");
        self.both(
            "transfer lock",
            tally,
            |system, _| system.transfer_lock(account(sender), LockId(id), account(to)),
            |naive| naive.transfer_lock(sender, id, to),
        );
    }

    fn merge(&mut self, tally: &mut Tally) {
        let ((from, sender), mut to) = (self.lock(), self.lock().0);
        if self.random.once_in(2) {
            let owns = |id: &u64| {
                let lock = self.system.escrow().lock(LockId(*id));
                lock.is_some_and(|lock| lock.owner == Some(account(sender)) && *id != from)
            };
            to = (1..=self.system.state().last_lock.0).rfind(owns).unwrap_or(to);
        }
        self.last = format!("{from} into {to}");
        self.both(
            "merge",
            tally,
            |system, at| system.merge(account(sender), LockId(from), LockId(to), at),
            |naive| naive.merge(sender, from, to),
        );
    }

    fn split(&mut self, tally: &mut Tally) {
        let (id, sender) = self.lock();
        if self.random.once_in(3) {
            let (who, allowed) = (self.random.below(3), !self.random.once_in(3));
            self.system.toggle_split((who != 0).then(|| account(who)), allowed);
            let allowed = BigInt::from(u64::from(allowed));
            self.naive.set(("canSplit", who, 0, 0), allowed.clone());
            self.naive.emit("call toggleSplit", [who.into(), allowed]);
            self.note();
        }
        let held = self.system.escrow().lock(LockId(id)).map_or(Amount::ZERO, |l| l.locked.amount);
        let amount = match self.random.below(10) {
            0 => Amount::ZERO,
            1 => held,
            2 => self.amount(),
            _ => Amount(self.random.up_to(held.0)),
        };
        self.last = format!("{id} {amount}");
        self.both(
            "split",
            tally,
            |system, at| {
                let parts = system.split(account(sender), LockId(id), amount, at);
                parts.map(|(first, second)| (first.0, second.0))
            },
            |naive| naive.split(sender, id, &big(amount.0)),
        );
    }

    fn permanence(&mut self, tally: &mut Tally) {
        let (id, sender) = self.lock();
        self.last = format!("{id}");
        if self.random.once_in(2) {
            self.both(
                "lock permanent",
                tally,
                |system, at| system.lock_permanent(account(sender), LockId(id), at),
                |naive| naive.lock_permanent(sender, id),
            );
        } else {
            self.both(
                "unlock permanent",
                tally,
                |system, at| system.unlock_permanent(account(sender), LockId(id), at),
                |naive| naive.unlock_permanent(sender, id),
            );
        }
    }

    fn checkpoint(&mut self, tally: &mut Tally) {
        self.both("checkpoint", tally, Aerodrome::checkpoint, Naive::escrow_checkpoint);
    }

    fn vote(&mut self, tally: &mut Tally) {
        self.open_polls();
        let (id, sender) = self.lock();
        let most = if self.random.once_in(20) { 12 } else { 4 };
        let count = self.random.below(most);
        let mut choices = Vec::new();
        for _ in 0..count {
            let bits = if self.random.once_in(100) { 256 } else { 16 };
            let gauge = self.gauge();
            let is_new = choices.iter().all(|(earlier, _)| *earlier != gauge);
            if is_new || self.random.once_in(20) || most == 12 {
                choices.push((gauge, self.random.wide(bits)));
            }
        }
        self.last = format!("{id} {choices:?}");
        let ours: Vec<_> = choices.iter().map(|(gauge, x)| (GaugeId(*gauge as u32), *x)).collect();
        let theirs: Vec<_> = choices.iter().map(|(gauge, share)| (*gauge, big(*share))).collect();
        self.both(
            "vote",
            tally,
            |system, at| system.vote(account(sender), LockId(id), &ours, at),
            |naive| naive.vote(sender, id, &theirs),
        );
    }

    fn reset(&mut self, tally: &mut Tally) {
        let (id, sender) = self.lock();
        self.last = format!("{id}");
        self.both(
            "reset",
            tally,
            |system, at| system.reset(account(sender), LockId(id), at),
            |naive| naive.reset(sender, id),
        );
    }

    fn poke(&mut self, tally: &mut Tally) {
        self.open_polls();
        let (id, _) = self.lock();
        self.last = format!("{id}");
        self.both("poke", tally, |system, at| system.poke(LockId(id), at), |naive| naive.poke(id));
    }

    fn create_gauge(&mut self, tally: &mut Tally) {
        let first = self.random.below(TOKENS - 1);
        let pair = [first, first + 1];
        let tokens = (!self.random.once_in(6)).then_some(pair);
        let by_governor = !self.random.once_in(4);
        let new = NewGauge {
            tokens: tokens.map(|pair| pair.map(token)),
            by_governor,
            is_elsewhere: false,
        };
        self.both(
            "create gauge",
            tally,
            |system, _| system.create_gauge(new).map(|gauge| u64::from(gauge.0)),
            |naive| naive.create_gauge(tokens, by_governor),
        );
    }

    fn kill_or_revive(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        self.last = format!("{gauge}");
        let id = GaugeId(gauge as u32);
        if self.random.once_in(3) {
            self.both("kill", tally, |system, _| system.kill_gauge(id), |naive| naive.kill(gauge));
        } else {
            let revive = |system: &mut Aerodrome, _| system.revive_gauge(id);
            self.both("revive", tally, revive, |naive| naive.revive(gauge));
        }
    }

    fn whitelist_lock(&mut self) {
        let ((id, _), allowed) = (self.lock(), !self.random.once_in(3));
        self.system.whitelist_lock(LockId(id), allowed);
        let allowed = BigInt::from(u64::from(allowed));
        self.naive.set(("whitelistedNFT", id, 0, 0), allowed.clone());
        self.naive.emit("WhitelistNFT", [id.into(), allowed]);
        self.note();
        self.compare();
    }

    fn whitelist_token(&mut self) {
        let (number, allowed) = (self.random.below(TOKENS), !self.random.once_in(4));
        self.system.whitelist_token(token(number), allowed);
        let allowed = BigInt::from(u64::from(allowed));
        self.naive.set(("whitelistedToken", number, 0, 0), allowed.clone());
        self.naive.emit("WhitelistToken", [number.into(), allowed]);
        self.note();
        self.compare();
    }

    fn settings(&mut self, tally: &mut Tally) {
        match self.random.below(4) {
            0 => {
                let rate = self.random.pick(&[0, 1, 250, 500, 501, u16::MAX]);
                self.both(
                    "team rate",
                    tally,
                    |system, _| system.set_team_rate(rate),
                    |naive| {
                        if rate > 500 {
                            return Err("RateTooHigh");
                        }
                        naive.set(("teamRate", 0, 0, 0), BigInt::from(rate));
                        naive.emit("call setTeamRate", [rate.into()]);
                        Ok(())
                    },
                );
            }
            1 => {
                let most = self.random.pick(&[9_u32, 10, 11, 30]);
                self.both(
                    "max voting num",
                    tally,
                    |system, _| system.set_max_voting_num(most),
                    |naive| {
                        if most < 10 {
                            return Err("MaximumVotingNumberTooLow");
                        }
                        if naive.get(("maxVotingNum", 0, 0, 0)) == BigInt::from(most) {
                            return Err("SameValue");
                        }
                        naive.set(("maxVotingNum", 0, 0, 0), BigInt::from(most));
                        naive.emit("call setMaxVotingNum", [most.into()]);
                        Ok(())
                    },
                );
            }
            _ => {
                let (ours, theirs) = self.random.pick(&[
                    (TailProposal::Succeeded, Some(true)),
                    (TailProposal::Defeated, Some(false)),
                    (TailProposal::Expired, None),
                ]);
                self.both("nudge", tally, |system, _| system.nudge(ours), |n| n.nudge(theirs));
            }
        }
    }

    fn stake(&mut self, tally: &mut Tally) {
        let (gauge, holder, amount) = (self.gauge(), self.account(), self.amount());
        self.last = format!("{gauge} {holder} {amount}");
        self.both(
            "stake",
            tally,
            |system, at| system.stake(GaugeId(gauge as u32), account(holder), amount, at),
            |naive| naive.stake(gauge, holder, &big(amount.0)),
        );
    }

    fn unstake(&mut self, tally: &mut Tally) {
        let (gauge, holder) = (self.gauge(), self.account());
        let id = GaugeId(gauge as u32);
        let held = self.system.voter().gauge(id).ok().and_then(|voted| voted.gauge.as_ref());
        let held = held.map_or(Amount::ZERO, |gauge| gauge.staker(account(holder)).balance);
        let amount = match self.random.below(6) {
            0 => self.amount(),
            1 => Amount(held.0.saturating_add(U256::ONE)),
            2..4 => held,
            _ => Amount(self.random.up_to(held.0)),
        };
        self.last = format!("{gauge} {holder} {amount}");
        self.both(
            "unstake",
            tally,
            |system, at| system.unstake(id, account(holder), amount, at),
            |naive| naive.unstake(gauge, holder, &big(amount.0)),
        );
    }

    fn claim_emission(&mut self, tally: &mut Tally) {
        let (gauge, holder) = (self.gauge(), self.account());
        let sender = if self.random.once_in(12) { self.account() } else { holder };
        self.last = format!("{gauge} {holder}");
        let paid = self.both(
            "claim emission",
            tally,
            |system, at| {
                let (sender, holder) = (account(sender), account(holder));
                let id = GaugeId(gauge as u32);
                system.claim_emission(sender, id, holder, at).map(|paid| big(paid.0))
            },
            |naive| naive.claim_emission(sender, gauge, holder),
        );
        if paid.is_some_and(|paid| paid > BigInt::default()) {
            tally.count("emission claimed above zero");
        }
    }

    fn update_for(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        self.both(
            "update for",
            tally,
            |system, at| system.update_for(GaugeId(gauge as u32), at),
            |naive| naive.update_for(gauge),
        );
    }

    fn distribute(&mut self, tally: &mut Tally) {
        if self.random.once_in(8) {
            self.both(
                "update period",
                tally,
                |system, at| system.update_period(at).map(|_| ()),
                Naive::update_period,
            );
            return;
        }
        let mut gauges = Vec::new();
        for _ in 0..1 + self.random.below(4) {
            let gauge = self.gauge();
            let mut fees = || match self.random.below(6) {
                0 => U256::ZERO,
                1..3 => self.random.wide(21),
                3 if self.random.once_in(30) => self.random.wide(256),
                _ => self.random.wide(70),
            };
            gauges.push((gauge, [fees(), fees()]));
        }
        self.last = format!("{gauges:?}");
        let ours = gauges.iter().map(|(gauge, [fees0, fees1])| {
            let fees = Amounts { amount0: Amount(*fees0), amount1: Amount(*fees1) };
            (GaugeId(*gauge as u32), fees)
        });
        let ours: Vec<_> = ours.collect();
        let theirs: Vec<_> = gauges.iter().map(|(gauge, fees)| (*gauge, fees.map(big))).collect();
        let paid = self.both(
            "distribute",
            tally,
            |system, at| {
                let paid = system.distribute(&ours, at)?.paid.into_iter();
                Ok(paid.map(|(gauge, paid)| (u64::from(gauge.0), big(paid.0))).collect::<Vec<_>>())
            },
            |naive| naive.distribute(&theirs),
        );
        if paid.is_some_and(|paid| !paid.is_empty()) {
            tally.count("distributed above zero");
        }
    }

    fn notify_without_claim(&mut self, tally: &mut Tally) {
        let gauge = self.gauge();
        let amount =
            if self.random.once_in(3) { Amount(self.random.wide(21)) } else { self.amount() };
        self.last = format!("{gauge} {amount}");
        self.both(
            "notify without claim",
            tally,
            |system, at| system.notify_without_claim(GaugeId(gauge as u32), amount, at),
            |naive| naive.notify_without_claim(gauge, &big(amount.0)),
        );
    }

    fn bribe(&mut self, tally: &mut Tally) {
        let lock = self.lock().0;
        let (gauge, reward, amount) =
            (self.gauge_of(lock), self.random.below(TOKENS), self.amount());
        self.last = format!("{gauge} {reward} {amount}");
        self.both(
            "bribe",
            tally,
            |system, at| system.notify_bribe(GaugeId(gauge as u32), token(reward), amount, at),
            |naive| naive.notify_bribe(gauge, reward, &big(amount.0)),
        );
    }

    fn tokens(&mut self) -> Vec<u64> {
        if self.random.once_in(2) {
            return (0..TOKENS).collect();
        }
        (0..self.random.below(4)).map(|_| self.random.below(TOKENS)).collect()
    }

    fn claim_votes(&mut self, tally: &mut Tally) {
        if self.random.once_in(3) {
            // What was voted for last can be claimed then.
            self.now = (self.now - self.now % WEEK + WEEK + self.random.below(7200)).min(LATEST);
        }
        let ((id, sender), numbers) = (self.lock(), self.tokens());
        let gauge = self.gauge_of(id);
        let tokens: Vec<_> = numbers.iter().map(|number| token(*number)).collect();
        self.last = format!("{id} {gauge} {numbers:?}");
        let of = (GaugeId(gauge as u32), LockId(id));
        let from = (sender, gauge, id);
        let amounts = |paid: Vec<Amount>| paid.iter().map(|paid| big(paid.0)).collect::<Vec<_>>();
        if self.random.once_in(2) {
            let paid = self.both(
                "claim bribes",
                tally,
                |system, at| system.claim_bribes(account(sender), of, &tokens, at).map(amounts),
                |naive| naive.claim_votes(BRIBES, from, &numbers),
            );
            if paid.is_some_and(|paid| paid.iter().any(|paid| *paid > BigInt::default())) {
                tally.count("bribes claimed above zero");
            }
        } else {
            self.both(
                "claim fees",
                tally,
                |system, at| system.claim_fees(account(sender), of, &tokens, at).map(amounts),
                |naive| naive.claim_votes(FEES, from, &numbers),
            );
        }
    }

    fn claim_rebase(&mut self, tally: &mut Tally) {
        let (id, _) = self.lock();
        self.last = format!("{id}");
        let due = self.system.claimable_rebase(LockId(id));
        let paid = self.both(
            "claim rebase",
            tally,
            |system, at| system.claim_rebase(LockId(id), at).map(|paid| big(paid.0)),
            |naive| naive.claim_rebase(id),
        );
        if paid == Some(BigInt::default()) && due.is_ok_and(|due| !due.is_zero()) {
            tally.count("rebase locked");
        }
    }

    fn managed_lock(&mut self) -> u64 {
        let escrow = self.system.escrow();
        let is_managed = |kind: &LockKind| matches!(kind, LockKind::Managed { .. });
        let managed: Vec<_> = escrow.locks().filter(|(_, lock)| is_managed(&lock.kind)).collect();
        let ids: Vec<_> = managed.iter().map(|(id, _)| id.0).collect();
        if ids.is_empty() || self.random.once_in(20) {
            self.lock().0
        } else {
            self.random.pick(&ids)
        }
    }

    /// A lock that is deposited into a managed one, if there is one, and its owner.
    fn inside_lock(&mut self) -> (u64, u64) {
        let escrow = self.system.escrow();
        let is_inside = |kind: &LockKind| matches!(kind, LockKind::Locked { .. });
        let inside = escrow.locks().filter(|(_, lock)| is_inside(&lock.kind));
        let inside: Vec<_> = inside.map(|(id, lock)| (id.0, number(lock.owner.unwrap()))).collect();
        if inside.is_empty() || self.random.once_in(8) {
            self.lock()
        } else {
            self.random.pick(&inside)
        }
    }

    fn managed(&mut self, tally: &mut Tally) {
        let choice = self.random.below(15);
        if (2..11).contains(&choice) {
            self.open_polls();
        }
        let (id, sender) = if choice >= 7 { self.inside_lock() } else { self.lock() };
        let mut managed = self.managed_lock();
        if let Some(lock) = self.system.escrow().lock(LockId(id))
            && let LockKind::Locked { managed: into, .. } = lock.kind
        {
            managed = into.0;
        }
        self.last = format!("{id} {managed}");
        match choice {
            0 => {
                let owner = self.account();
                let create = |system: &mut Aerodrome, at| {
                    system.create_managed_lock(account(owner), at).map(|id| id.0)
                };
                self.both("create managed", tally, create, |naive| naive.create_managed(owner));
            }
            1 => {
                let off = self.random.once_in(3);
                self.both(
                    "managed state",
                    tally,
                    |system, _| system.set_managed_state(LockId(managed), off),
                    |naive| naive.set_managed_state(managed, off),
                );
            }
            2..7 => {
                self.both(
                    "deposit managed",
                    tally,
                    |system, at| {
                        system.deposit_managed(account(sender), LockId(id), LockId(managed), at)
                    },
                    |naive| naive.deposit_managed(sender, id, managed),
                );
            }
            7..11 => {
                self.both(
                    "withdraw managed",
                    tally,
                    |system, at| system.withdraw_managed(account(sender), LockId(id), at),
                    |naive| naive.withdraw_managed(sender, id),
                );
            }
            11..13 => {
                let (reward, amount) = (self.random.below(TOKENS), self.amount());
                let pay = |system: &mut Aerodrome, at| {
                    system.notify_free_reward(LockId(managed), token(reward), amount, at)
                };
                let amount = big(amount.0);
                let naive = |naive: &mut Naive| naive.notify_free(managed, reward, &amount);
                self.both("notify free", tally, pay, naive);
            }
            _ => self.claim_free((sender, managed, id), tally),
        }
    }

    fn claim_free(&mut self, (sender, managed, id): (u64, u64, u64), tally: &mut Tally) {
        let numbers = self.tokens();
        let tokens: Vec<_> = numbers.iter().map(|number| token(*number)).collect();
        let of = (LockId(managed), LockId(id));
        self.both(
            "claim free",
            tally,
            |system, at| {
                let paid = system.claim_free_rewards(account(sender), of, &tokens, at)?;
                Ok(paid.iter().map(|paid| big(paid.0)).collect::<Vec<_>>())
            },
            |naive| naive.claim_free((sender, managed, id), &numbers),
        );
    }
}
