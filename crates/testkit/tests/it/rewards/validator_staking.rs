//! Proof-of-stake delegation beside a naive model of the SDK's keepers in big integers.

mod naive;
mod written;

use std::fmt::Debug;

use num_bigint::{BigInt, Sign};
use tidemill_model::ValidatorStakingLog;
use tidemill_rewards::Account;
use tidemill_rewards::validator_staking::{
    Block, BondStatus, CancelledUnbonding, Decimal, Infraction, Payment, Staking, StakingError,
    StakingParameters, StakingState, Vote,
};
use tidemill_testkit::Random;
use tidemill_units::{Amount, Timestamp, U256};

use self::naive::{Entry, Failure, Naive, Status, Who};
use self::written::{logged, only, small};
use crate::rewards::programme_tapes::{Written, of_account};
use crate::tally::Tally;
use crate::worlds::{Reached, Worlds};

const WHOLE: u64 = 1_000_000_000_000_000_000;
const OPERATIONS_PER_WORLD: u64 = 400;
const ACCOUNTS: u64 = 7;
const VALIDATORS: u64 = 4;

const OPERATIONS: [&str; 17] = [
    "allocate",
    "begin unbonding",
    "bond",
    "cancel unbonding",
    "commission",
    "create",
    "delegate",
    "end block",
    "jail",
    "redelegate",
    "rewards",
    "set commission",
    "slash",
    "slash of redelegations",
    "slash of unbondings",
    "undelegate",
    "withdraw",
];
const REVERTS: [&str; 39] = [
    "allocate: NoValidator",
    "allocate: Overflow",
    "begin unbonding: NoValidator",
    "begin unbonding: WrongStatus",
    "bond: Jailed",
    "bond: WrongStatus",
    "cancel unbonding: Jailed",
    "cancel unbonding: NoUnbonding",
    "cancel unbonding: SharesWithoutTokens",
    "cancel unbonding: UnbondingComplete",
    "cancel unbonding: UnbondingExceeded",
    "cancel unbonding: ZeroAmount",
    "commission: NoCommission",
    "create: CommissionTooHigh",
    "create: ValidatorExists",
    "delegate: NoValidator",
    "delegate: Overflow",
    "delegate: SharesWithoutTokens",
    "delegate: ZeroAmount",
    "jail: Jailed",
    "redelegate: InsufficientShares",
    "redelegate: NoDelegation",
    "redelegate: NoDestination",
    "redelegate: NoValidator",
    "redelegate: SelfRedelegation",
    "redelegate: SharesExceeded",
    "redelegate: SharesWithoutTokens",
    "redelegate: TinyRedelegation",
    "redelegate: TooManyRedelegations",
    "redelegate: TransitiveRedelegation",
    "set commission: CommissionTooHigh",
    "slash: FutureInfraction",
    "slash: SlashOfUnbonded",
    "undelegate: InsufficientShares",
    "undelegate: NoDelegation",
    "undelegate: SharesExceeded",
    "undelegate: TooManyUnbondings",
    "undelegate: ZeroAmount",
    "withdraw: NoDelegation",
];

#[test]
fn staking_equals_the_naive_model() {
    let worlds = Worlds {
        name: "Cosmos staking",
        stream: 401,
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

pub(super) struct World {
    seed: u64,
    random: Random,
    pub(super) model: Staking,
    naive: Naive,
    /// What the naive model says that the modules' events are.
    pub(super) written: Vec<Written>,
    /// Whether a block has one time, as on a chain.
    has_real_blocks: bool,
    /// Amounts have about this many bits.
    bits: u64,
    last: String,
}

fn big(value: U256) -> BigInt {
    BigInt::from_bytes_le(Sign::Plus, &value.to_le_bytes::<32>())
}

fn account(who: Who) -> Account {
    let mut bytes = [0; 20];
    bytes[0] = who as u8 + 1;
    Account(bytes)
}

fn who(account: Account) -> Who {
    usize::from(account.0[0]) - 1
}

fn payments(payments: &[Payment]) -> Vec<(Who, BigInt)> {
    payments.iter().map(|each| (who(each.to), big(each.amount.0))).collect()
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut third = || Decimal(U256::from(random.below(WHOLE / 3)));
        let is_plain = third().0.bit(0);
        let of = |part: Decimal| if is_plain { Decimal::ZERO } else { part };
        let parameters = StakingParameters {
            community_tax: third(),
            base_proposer_reward: of(third()),
            bonus_proposer_reward: of(third()),
            unbonding_seconds: random.pick(&[1, 100, 1_814_400]),
            max_entries: random.pick(&[1, 2, 7]),
            power_reduction: Amount::from_u64(random.pick(&[1, 1_000_000, WHOLE])),
        };
        let bits = random.pick(&[4, 12, 30, 60, 90, 130, 200]);
        let model = Staking::new(&StakingState { parameters, ..StakingState::default() }).unwrap();
        let naive = Naive {
            unbonding_time: parameters.unbonding_seconds,
            max_entries: parameters.max_entries as usize,
            reduction: big(parameters.power_reduction.0),
            tax: big(parameters.community_tax.0),
            base: big(parameters.base_proposer_reward.0),
            bonus: big(parameters.bonus_proposer_reward.0),
            height: 1,
            time: 1_700_000_000,
            ..Naive::default()
        };
        let (written, has_real_blocks, last) = (Vec::new(), false, String::new());
        let mut world = Self { seed, random, model, naive, written, has_real_blocks, bits, last };
        world.settle();
        world
    }

    /// Most worlds begin with validators that vote, so that more happens in them.
    fn settle(&mut self) {
        if self.random.once_in(4) {
            return;
        }
        for operator in 0..VALIDATORS as Who - 1 {
            let rate = U256::from(self.random.below(WHOLE));
            let of = account(operator);
            self.model.create_validator(of, Decimal(rate), Amount::ZERO).unwrap();
            self.naive.create(operator, big(rate), BigInt::from(0)).unwrap();
            self.model.bond(of).unwrap();
            self.naive.vals.get_mut(&operator).unwrap().status = Status::Bonded;
        }
    }

    fn at(&self) -> Block {
        Block { height: self.naive.height, time: Timestamp(self.naive.time) }
    }

    /// A world whose blocks have one time each.
    pub(super) fn recorded(seed: u64) -> Self {
        Self { has_real_blocks: true, ..Self::new(seed) }
    }

    pub(super) fn step(&mut self, tally: &mut Tally) {
        match self.random.below(64) {
            0..2 => self.create(tally),
            2..14 => self.delegate(tally),
            14..22 => self.undelegate(tally),
            22..31 => self.redelegate(tally),
            31..34 => self.withdraw(tally),
            34..36 => self.commission(tally),
            36..42 => self.allocate(tally),
            42..46 => self.slash(tally),
            46..48 => self.status(tally),
            48..51 => self.cancel(tally),
            51 => self.set_commission(tally),
            _ => self.next_block(tally),
        }
    }

    fn delegator(&mut self) -> Who {
        self.random.below(ACCOUNTS) as Who
    }

    fn validator(&mut self) -> Who {
        self.random.below(VALIDATORS) as Who
    }

    /// One that exists, mostly.
    fn delegation(&mut self) -> (Who, Who) {
        let keys: Vec<_> = self.naive.dels.keys().copied().collect();
        if keys.is_empty() || self.random.once_in(20) {
            return (self.delegator(), self.validator());
        }
        self.random.pick(&keys)
    }

    fn amount(&mut self) -> Amount {
        Amount(match self.random.below(40) {
            0 => U256::ZERO,
            1 => U256::ONE,
            2 => self.random.wide(256),
            _ => self.random.wide(self.bits) | U256::ONE,
        })
    }

    /// Some of a delegation: mostly all or part of what it is worth.
    fn part(&mut self, (delegator, validator): (Who, Who)) -> Amount {
        let worth = self.model.tokens_of(account(delegator), account(validator));
        let worth = worth.unwrap_or_default();
        match self.random.below(16) {
            0 => self.amount(),
            1 => worth.checked_add(Amount::from_u64(1)).unwrap_or(worth),
            2..6 => worth,
            6..8 => Amount::from_u64(1),
            _ => Amount(self.random.up_to(worth.0).max(U256::ONE)),
        }
    }

    fn fraction(&mut self) -> Decimal {
        let whole = U256::from(WHOLE);
        Decimal(match self.random.below(20) {
            0 => U256::ZERO,
            1 => U256::ONE,
            2..5 => whole,
            5 => whole - U256::ONE,
            6 => whole + U256::ONE,
            7 => whole / U256::from(2),
            _ => U256::from(self.random.below(WHOLE)),
        })
    }

    fn create(&mut self, tally: &mut Tally) {
        let (operator, rate) = (self.validator(), self.fraction());
        let least = Amount(self.random.wide(self.bits));
        self.last = format!("create {operator} with {rate:?}, {least}");
        let result = self.model.create_validator(account(operator), rate, least);
        let naive = self.tried(|naive| naive.create(operator, big(rate.0), big(least.0)));
        self.write(
            &naive,
            |(), validator| ValidatorStakingLog::CreateValidator {
                validator,
                commission_rate: rate.0,
                min_self_delegation: least,
            },
            operator,
        );
        self.check("create", &result, &naive, tally);
    }

    fn set_commission(&mut self, tally: &mut Tally) {
        let (operator, rate) = (self.validator(), self.fraction());
        self.last = format!("set commission of {operator} to {rate:?}");
        let result = self.model.set_commission(account(operator), rate);
        let naive = self.tried(|naive| {
            let of = naive.vals.get_mut(&operator).ok_or("NoValidator")?;
            if rate.0 > U256::from(WHOLE) {
                return Err("CommissionTooHigh");
            }
            of.commission = big(rate.0);
            Ok(())
        });
        self.write(
            &naive,
            |(), validator| ValidatorStakingLog::EditValidator {
                validator,
                commission_rate: rate.0,
            },
            operator,
        );
        self.check("set commission", &result, &naive, tally);
    }

    fn delegate(&mut self, tally: &mut Tally) {
        let (delegator, validator) = if self.random.once_in(4) {
            let operator = self.validator();
            (operator, operator)
        } else {
            (self.delegator(), self.validator())
        };
        let amount = self.amount();
        self.last = format!("delegate {amount} of {delegator} to {validator}");
        let (from, to) = (account(delegator), account(validator));
        let result = self.model.delegate(from, to, amount, self.at());
        let naive = self.tried(|naive| {
            let shares = naive.delegate(delegator, validator, &big(amount.0))?;
            Ok((shares, naive.paid.clone()))
        });
        let result = result.map(|done| (big(done.shares.0), paid(delegator, done.rewards)));
        self.write(
            &naive,
            |(shares, paid), validator| ValidatorStakingLog::Delegate {
                delegator: of_account(from),
                validator,
                amount,
                new_shares: small(shares),
                rewards: only(paid),
            },
            validator,
        );
        self.check("delegate", &result, &naive, tally);
    }

    fn undelegate(&mut self, tally: &mut Tally) {
        let (delegator, validator) = self.delegation();
        let amount = self.part((delegator, validator));
        self.last = format!("undelegate {amount} of {delegator} from {validator}");
        let (from, to) = (account(delegator), account(validator));
        let result = self.model.undelegate(from, to, amount, self.at());
        let naive = self.tried(|naive| {
            let amount = naive.undelegate(delegator, validator, &big(amount.0))?;
            Ok((amount, naive.time + naive.unbonding_time, naive.paid.clone()))
        });
        let result =
            result.map(|done| (big(done.amount.0), done.completes_at.0, payments(&done.payments)));
        self.write(
            &naive,
            |(unbonded, time, paid), validator| ValidatorStakingLog::Unbond {
                delegator: of_account(from),
                validator,
                amount,
                unbonded: Amount(small(unbonded)),
                completion_time: Timestamp(*time),
                payments: logged(paid),
            },
            validator,
        );
        self.check("undelegate", &result, &naive, tally);
    }

    fn redelegate(&mut self, tally: &mut Tally) {
        let (delegator, source) = self.delegation();
        let destination = self.validator();
        let amount = self.part((delegator, source));
        self.last = format!("redelegate {amount} of {delegator} from {source} to {destination}");
        let ends = [account(source), account(destination)];
        let result = self.model.redelegate(account(delegator), ends, amount, self.at());
        let entries = |naive: &Naive| {
            naive.reds.get(&(delegator, source, destination)).cloned().unwrap_or_default()
        };
        let before = entries(&self.naive).len();
        let naive = self.tried(|naive| {
            let done = naive.redelegate(delegator, [source, destination], &big(amount.0))?;
            Ok((done, naive.paid.clone()))
        });
        let result =
            result.map(|done| ([big(done.amount.0), big(done.shares.0)], payments(&done.payments)));
        let entry = entries(&self.naive).get(before).map(|entry| Timestamp(entry.time));
        self.write(
            &naive,
            |([moved, shares], paid), validator| ValidatorStakingLog::Redelegate {
                delegator: of_account(account(delegator)),
                source_validator: of_account(ends[0]),
                destination_validator: validator,
                amount,
                moved: Amount(small(moved)),
                new_shares: small(shares),
                completion_time: entry,
                payments: logged(paid),
            },
            destination,
        );
        self.check("redelegate", &result, &naive, tally);
    }

    fn cancel(&mut self, tally: &mut Tally) {
        let keys: Vec<_> = self.naive.ubds.keys().copied().collect();
        let (delegator, validator) = if keys.is_empty() || self.random.once_in(20) {
            (self.delegator(), self.validator())
        } else {
            self.random.pick(&keys)
        };
        let entries = self.naive.ubds.get(&(delegator, validator)).cloned().unwrap_or_default();
        let index = self.random.below(entries.len() as u64 + 1) as usize;
        let (creation_height, balance) =
            entries.get(index).map_or((self.naive.height, BigInt::from(1)), |entry| {
                (entry.height, entry.rest.clone())
            });
        let balance = U256::from_le_slice(&balance.to_bytes_le().1);
        let amount = match self.random.below(8) {
            0 => U256::ZERO,
            1 => balance + U256::ONE,
            2..5 => balance,
            _ => self.random.up_to(balance),
        };
        let amount = Amount(amount);
        self.last = format!("cancel {amount} of {delegator} at {validator}, {creation_height}");
        let (from, to) = (account(delegator), account(validator));
        let entry = CancelledUnbonding { creation_height, amount };
        let result = self.model.cancel_unbonding(from, to, entry, self.at());
        let naive = self.tried(|naive| {
            let shares = naive.cancel(delegator, validator, creation_height, &big(amount.0))?;
            Ok((shares, naive.paid.clone()))
        });
        let result = result.map(|done| (big(done.shares.0), paid(delegator, done.rewards)));
        self.write(
            &naive,
            |(shares, paid), validator| ValidatorStakingLog::CancelUnbondingDelegation {
                delegator: of_account(from),
                validator,
                amount,
                creation_height,
                new_shares: small(shares),
                rewards: only(paid),
            },
            validator,
        );
        self.check("cancel unbonding", &result, &naive, tally);
    }

    fn withdraw(&mut self, tally: &mut Tally) {
        let (delegator, validator) = self.delegation();
        self.last = format!("withdraw of {delegator} at {validator}");
        let (from, to) = (account(delegator), account(validator));
        let rewards = self.model.rewards_of(from, to, self.at());
        let naive = self.naive.clone().rewards(delegator, validator);
        self.check("rewards", &rewards.map(|rewards| big(rewards.0)), &naive, tally);
        let result = self.model.withdraw_rewards(from, to, self.at());
        let naive = self.tried(|naive| naive.withdraw(delegator, validator));
        self.write(
            &naive,
            |paid, validator| ValidatorStakingLog::WithdrawRewards {
                delegator: of_account(from),
                validator,
                amount: Amount(small(paid)),
            },
            validator,
        );
        self.check("withdraw", &result.map(|paid| big(paid.0)), &naive, tally);
    }

    fn commission(&mut self, tally: &mut Tally) {
        let operator = self.validator();
        self.last = format!("commission of {operator}");
        let result = self.model.withdraw_commission(account(operator));
        let naive = self.tried(|naive| naive.withdraw_commission(operator));
        self.write(
            &naive,
            |paid, validator| ValidatorStakingLog::WithdrawCommission {
                validator,
                amount: Amount(small(paid)),
            },
            operator,
        );
        self.check("commission", &result.map(|paid| big(paid.0)), &naive, tally);
    }

    fn allocate(&mut self, tally: &mut Tally) {
        let fees = self.amount();
        let mut votes = Vec::new();
        for validator in 0..VALIDATORS as Who {
            if self.naive.vals.contains_key(&validator) || self.random.once_in(30) {
                let bits = self.random.pick(&[4, 40, 40, 62]);
                let power = self.random.wide(bits).to::<u64>();
                let power = if self.random.once_in(200) { u64::MAX } else { power };
                votes.push((validator, power, !self.random.once_in(4)));
            }
        }
        let proposer = (!self.random.once_in(8)).then(|| self.validator());
        self.last = format!("allocate {fees} to {votes:?}, proposer {proposer:?}");
        let ours: Vec<_> = votes
            .iter()
            .map(|(validator, power, has_signed)| Vote {
                validator: account(*validator),
                power: *power,
                has_signed: *has_signed,
            })
            .collect();
        let result = self.model.allocate(fees, &ours, proposer.map(account));
        let before = self.naive.outstanding.clone();
        let naive = self.tried(|naive| naive.allocate(&big(fees.0), &votes, proposer));
        self.write_allocation(&naive, fees, (&votes, proposer), &before);
        self.check("allocate", &result, &naive, tally);
    }

    fn slash(&mut self, tally: &mut Tally) {
        let validator = self.validator();
        let back = self.random.pick(&[0, 1, 2, 3, 10, 1000]);
        let now = self.naive.height;
        let height = if self.random.once_in(20) { now + 1 } else { now.saturating_sub(back) };
        let reduction = self.model.parameters().power_reduction.0;
        let tokens = self.model.validator(account(validator)).map(|of| of.tokens.0);
        let power = match self.random.below(4) {
            0 => self.random.wide(self.bits.min(64)),
            _ => tokens.unwrap_or_default() / reduction + U256::ONE,
        };
        let power = u64::try_from(power).unwrap_or(u64::MAX);
        let fraction = self.fraction();
        self.last = format!("slash {validator} for {height}, {power}, {fraction:?}");
        let infraction = Infraction { validator: account(validator), height, power, fraction };
        let result = self.model.slash(infraction, self.at());
        let naive = self.tried(|naive| {
            let burned = naive.slash(validator, height, power, &big(fraction.0))?;
            Ok((burned, naive.paid.clone()))
        });
        let result = result.map(|done| {
            let burned = [done.from_validator, done.from_unbondings, done.from_redelegations];
            (burned.map(|burned| big(burned.0)), payments(&done.payments))
        });
        if let Ok((burned, _)) = &naive {
            let zero = BigInt::from(0);
            for (what, burned) in ["validator", "unbondings", "redelegations"].iter().zip(burned) {
                if *burned > zero {
                    tally.count(&format!("slash of {what}"));
                }
            }
        }
        self.write(
            &naive,
            |(burned, paid), validator| {
                let [burned, burned_unbonding, burned_redelegated] =
                    burned.each_ref().map(|burned| Amount(small(burned)));
                ValidatorStakingLog::Slash {
                    validator,
                    infraction_height: height,
                    power,
                    fraction: fraction.0,
                    burned,
                    burned_unbonding,
                    burned_redelegated,
                    payments: logged(paid),
                }
            },
            validator,
        );
        self.check("slash", &result, &naive, tally);
    }

    fn status(&mut self, tally: &mut Tally) {
        let operator = self.validator();
        let (of, at) = (account(operator), self.at());
        let which =
            self.random.pick(&["bond", "bond", "bond", "unjail", "begin unbonding", "jail"]);
        self.last = format!("{which} {operator}");
        let result = match which {
            "bond" => self.model.bond(of),
            "begin unbonding" => self.model.begin_unbonding(of, at),
            "jail" => self.model.jail(of),
            _ => self.model.unjail(of),
        };
        let naive = self.tried(|naive| {
            let until = naive.time + naive.unbonding_time;
            let height = naive.height;
            let val = naive.vals.get_mut(&operator).ok_or("NoValidator")?;
            match which {
                "bond" if val.jailed => Err("Jailed"),
                "bond" if val.status == Status::Bonded => Err("WrongStatus"),
                "bond" => {
                    val.status = Status::Bonded;
                    Ok(())
                }
                "begin unbonding" if val.status != Status::Bonded => Err("WrongStatus"),
                "begin unbonding" => {
                    val.status = Status::Unbonding(height, until);
                    Ok(())
                }
                "jail" if val.jailed => Err("Jailed"),
                "unjail" if !val.jailed => Err("NotJailed"),
                _ => {
                    val.jailed = which == "jail";
                    Ok(())
                }
            }
        });
        self.write(
            &naive,
            |(), validator| match which {
                "bond" => ValidatorStakingLog::Bonded { validator },
                "begin unbonding" => ValidatorStakingLog::BeganUnbonding { validator },
                "jail" => ValidatorStakingLog::Jailed { validator },
                _ => ValidatorStakingLog::Unjailed { validator },
            },
            operator,
        );
        self.check(which, &result, &naive, tally);
    }

    fn next_block(&mut self, tally: &mut Tally) {
        self.last = "end block".to_owned();
        if !self.random.once_in(8) {
            let result = self.model.end_block(self.at());
            let naive = self.tried(|naive| {
                let done = naive.end_block();
                Ok((done, naive.paid.clone()))
            });
            let result = result.map(|done| {
                let unbonded = done
                    .unbonded
                    .iter()
                    .map(|each| (who(each.delegator), who(each.validator), big(each.amount.0)));
                (unbonded.collect::<Vec<_>>(), payments(&done.payments))
            });
            self.write(
                &naive,
                |(done, paid), _| {
                    let unbonded = done.iter().map(|(delegator, validator, amount)| {
                        let [delegator, validator] =
                            [*delegator, *validator].map(|who| of_account(account(who)));
                        (delegator, validator, Amount(small(amount)))
                    });
                    ValidatorStakingLog::Completed {
                        unbonded: unbonded.collect(),
                        payments: logged(paid),
                    }
                },
                0,
            );
            self.check("end block", &result, &naive, tally);
        }
        let blocks = self.random.pick(&[0, 1, 1, 1, 100]);
        self.naive.height += blocks;
        let unbonding = self.naive.unbonding_time;
        let seconds = self.random.pick(&[0, 1, 6, 6, unbonding / 3, unbonding]);
        self.naive.time += if self.has_real_blocks && blocks == 0 { 0 } else { seconds };
    }

    /// Keeps what the naive model did only where it did not fail.
    fn tried<T>(
        &mut self,
        call: impl FnOnce(&mut Naive) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut after = self.naive.clone();
        after.paid.clear();
        let result = call(&mut after)?;
        self.naive = after;
        Ok(result)
    }

    fn check<T: PartialEq + Debug>(
        &mut self,
        operation: &str,
        model: &Result<T, StakingError>,
        naive: &Result<T, Failure>,
        tally: &mut Tally,
    ) {
        match (model, naive) {
            (Ok(model), Ok(naive)) => {
                assert_eq!(model, naive, "after {} (world {})", self.last, self.seed);
                tally.count(operation);
            }
            (Err(model), Err(reason)) if format!("{model:?}") == **reason => {
                tally.revert(operation, reason);
            }
            _ => panic!("{model:?}, {naive:?} after {} (world {})", self.last, self.seed),
        }
        self.compare();
    }

    fn compare(&self) {
        let context = || format!("after {} (world {})", self.last, self.seed);
        let (naive, state) = (&self.naive, self.model.state());
        assert_eq!(big(state.community_pool.0), naive.community, "community {}", context());
        let held = &naive.allocated - &naive.paid_out;
        assert_eq!(big(self.model.held().0), held, "held {}", context());
        assert_eq!(state.validators.len(), naive.vals.len(), "validators {}", context());
        for of in &state.validators {
            let key = who(of.operator);
            let val = &naive.vals[&key];
            let status = match of.status {
                BondStatus::Unbonded => Status::Unbonded,
                BondStatus::Unbonding { height, until } => Status::Unbonding(height, until.0),
                BondStatus::Bonded => Status::Bonded,
            };
            let ours = naive::Val {
                status,
                jailed: of.is_jailed,
                tokens: big(of.tokens.0),
                shares: big(of.shares.0),
                commission: big(of.commission_rate.0),
                min_self: big(of.min_self_delegation.0),
            };
            assert_eq!(ours, *val, "validator {key} {}", context());
            let current = (big(of.current_rewards.0), of.period);
            assert_eq!(current, naive.current[&key], "current of {key} {}", context());
            let ratio = &naive.history[&(key, of.period - 1)];
            assert_eq!(big(of.reward_ratio.0), *ratio, "ratio of {key} {}", context());
            let accumulated = &naive.accumulated[&key];
            assert_eq!(big(of.commission.0), *accumulated, "commission {}", context());
            assert_eq!(big(of.outstanding.0), naive.outstanding[&key], "{}", context());
            let ours = of.slashes.iter().map(|slash| {
                let ratio = &naive.history[&(key, slash.period)];
                assert_eq!(big(slash.reward_ratio.0), *ratio, "slash {}", context());
                ((key, slash.height, slash.period), big(slash.fraction.0))
            });
            let theirs = naive.slashes.iter().filter(|((of, ..), _)| *of == key);
            let theirs = theirs.map(|(key, fraction)| (*key, fraction.clone()));
            assert!(ours.eq(theirs), "slashes of {key} {}", context());
        }
        self.compare_delegations(&state, &context);
        assert_eq!(Staking::new(&state).map(|model| model.state()), Ok(state));
    }

    fn compare_delegations(&self, state: &StakingState, context: &dyn Fn() -> String) {
        let naive = &self.naive;
        assert_eq!(state.delegations.len(), naive.dels.len(), "delegations {}", context());
        for of in &state.delegations {
            let key = (who(of.delegator), who(of.validator));
            assert_eq!(big(of.shares.0), naive.dels[&key], "shares {key:?} {}", context());
            let start = &naive.starts[&key];
            let ours = naive::Start {
                period: of.start_period,
                stake: big(of.start_stake.0),
                height: of.start_height,
            };
            assert_eq!(ours, *start, "start {key:?} {}", context());
            let ratio = &naive.history[&(key.1, start.period)];
            assert_eq!(big(of.start_ratio.0), *ratio, "start {key:?} {}", context());
        }
        let ours = state.unbondings.iter().map(|of| {
            let entries = of.entries.iter().map(|entry| Entry {
                height: entry.creation_height,
                time: entry.completes_at.0,
                initial: big(entry.initial_balance.0),
                rest: big(entry.balance.0),
            });
            ((who(of.delegator), who(of.validator)), entries.collect::<Vec<_>>())
        });
        assert_eq!(ours.collect::<Vec<_>>(), pairs(&naive.ubds), "{}", context());
        let ours = state.redelegations.iter().map(|of| {
            let entries = of.entries.iter().map(|entry| Entry {
                height: entry.creation_height,
                time: entry.completes_at.0,
                initial: big(entry.initial_balance.0),
                rest: big(entry.shares.0),
            });
            let key = (who(of.delegator), who(of.source), who(of.destination));
            (key, entries.collect::<Vec<_>>())
        });
        assert_eq!(ours.collect::<Vec<_>>(), pairs(&naive.reds), "{}", context());
    }
}

fn paid(to: Who, amount: Amount) -> Vec<(Who, BigInt)> {
    if amount.is_zero() { Vec::new() } else { vec![(to, big(amount.0))] }
}

fn pairs<K: Copy, V: Clone>(map: &std::collections::BTreeMap<K, V>) -> Vec<(K, V)> {
    map.iter().map(|(key, value)| (*key, value.clone())).collect()
}
