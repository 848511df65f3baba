//! Tapes of gauges by themselves: written down from calls made by hand, executed again beside the
//! pool's tape, every number changed in turn, and farmed in whole runs.

use std::collections::BTreeMap;

use tidemill_amm::concentrated::{Build, SwapAmount, SwapStep, sqrt_price_at_tick};
use tidemill_model::{
    Address, AerodromeGaugeLog, ChainId, ConcentratedGaugeLog, PoolStart, ProgrammeHeader,
    ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent, Tape,
};
use tidemill_replay::{
    BacktestConfig, ConfigError, ProgrammeReplay, ProgrammeReplayError, RunTape, Setup, backtest,
    replay_programme,
};
use tidemill_rewards::Account;
use tidemill_rewards::aerodrome::{
    ConcentratedGauge, ConcentratedGaugeState, Gauge, GaugeState, Notification, PoolNow,
    PositionId, StakedPosition,
};
use tidemill_store::{
    Fault, FormatFault, ProgrammeTape, TapeError, decode_programme_tape, encode_programme_tape,
};
use tidemill_units::{
    Amount, Amounts, BlockNumber, Liquidity, LogIndex, Side, SignedAmount, SignedLiquidity, Tick,
    Timestamp, U256,
};

use crate::gauge_runs::quiet_shares;
use crate::synthetic_builds::{MANAGER, SyntheticBuild, range};

const WEEK: u64 = 604_800;
const DEEP: u128 = 1_000_000_000_000_000_000_000_000;
/// Where somebody stakes, none twice.
const RANGES: [(i32, i32); 5] = [(-600, 600), (-120, 240), (0, 180), (-900, -60), (60, 1_500)];

/// A generator that makes the same numbers every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % most
    }
}

fn user(number: u64) -> Address {
    Address([0xa0 + number as u8; 20])
}

fn account(address: Address) -> Account {
    Account(address.0)
}

fn amount(units: u128) -> Amount {
    Amount::from_u128(units)
}

/// A Slipstream pool and its gauge, each called as the contracts call each other.
struct Recorded {
    made: SyntheticBuild,
    gauge: ConcentratedGauge,
    events: Vec<ProgrammeTapeEvent>,
    /// The range's number and the owner, by position.
    staked: BTreeMap<u64, (usize, Address)>,
    next_id: u64,
    paid: Amount,
}

impl Recorded {
    fn new() -> Self {
        Self {
            made: SyntheticBuild::new(Build::Slipstream),
            gauge: ConcentratedGauge::default(),
            events: Vec::new(),
            staked: BTreeMap::new(),
            next_id: 40,
            paid: Amount::ZERO,
        }
    }

    fn now(&self) -> PoolNow {
        let pool = &self.made.pool;
        PoolNow { tick: pool.tick(), staked_liquidity: pool.staked_liquidity() }
    }

    /// A log in the pool's present block, after all of the pool's.
    fn log(&mut self, log: ConcentratedGaugeLog) {
        let time = self.made.now();
        let place = place_at(time, &self.events);
        self.events.push(event(place, time, ProgrammeLog::ConcentratedGauge(log)));
    }

    fn deposit(&mut self, place: usize, user: Address, liquidity: u128) {
        let (lower, upper) = RANGES[place];
        let (range, at) = (range(lower, upper), self.made.now());
        self.made.add(MANAGER, range, liquidity);
        let liquidity = Liquidity(liquidity);
        let position = StakedPosition {
            owner: account(user),
            range,
            liquidity,
            reward_growth_inside: U256::ZERO,
            rewards: Amount::ZERO,
            last_update_time: Timestamp(0),
        };
        let token_id = self.next_id;
        self.next_id += 1;
        let pool = self.now();
        self.gauge.deposit((PositionId(token_id), position), true, pool, at).unwrap();
        self.made.stake(range, SignedLiquidity::positive(liquidity).unwrap().0);
        self.staked.insert(token_id, (place, user));
        self.log(ConcentratedGaugeLog::Deposit { user, token_id, liquidity, range });
    }

    fn claim(&mut self, token_id: u64) {
        let (_, from) = self.staked[&token_id];
        let (pool, at) = (self.now(), self.made.now());
        let paid = self.gauge.claim(account(from), PositionId(token_id), pool, at).unwrap();
        self.paid = self.paid.checked_add(paid).unwrap();
        self.log(match paid.is_zero() {
            true => ConcentratedGaugeLog::Checkpointed { from, token_id },
            false => ConcentratedGaugeLog::ClaimRewards { from, token_id, amount: paid },
        });
    }

    fn withdraw(&mut self, token_id: u64) {
        let (place, user) = self.staked.remove(&token_id).unwrap();
        let (lower, upper) = RANGES[place];
        let (range, pool, at) = (range(lower, upper), self.now(), self.made.now());
        let liquidity = self.gauge.position(PositionId(token_id)).unwrap().liquidity;
        let paid = self.gauge.withdraw(account(user), PositionId(token_id), pool, at).unwrap();
        self.paid = self.paid.checked_add(paid).unwrap();
        self.made.stake(range, -(liquidity.0 as i128));
        if !paid.is_zero() {
            self.log(ConcentratedGaugeLog::ClaimRewards { from: user, token_id, amount: paid });
        }
        self.log(ConcentratedGaugeLog::Withdraw { user, token_id, liquidity });
        if place % 2 == 0 {
            // Ticks that nobody uses any more are forgotten, after the gauge's logs.
            self.made.skip_blocks(1);
            self.made.remove(MANAGER, range, liquidity.0);
            for tick in [range.lower, range.upper] {
                if self.made.pool.tick_info(tick).is_none() {
                    self.gauge.clear_tick(tick);
                }
            }
        }
    }

    fn notify(&mut self, emission: Amount, most: Option<Amount>, claimed: Amounts) {
        let (pool, at) = (self.now(), self.made.now());
        let notification = Notification { amount: emission, most, claimed };
        let notified = self.gauge.notify(notification, pool, at).unwrap();
        self.log(ConcentratedGaugeLog::NotifyReward {
            amount: notified.streamed,
            emission,
            excess: notified.excess,
            claimed0: claimed.amount0,
            claimed1: claimed.amount1,
            fees0: notified.fees.amount0,
            fees1: notified.fees.amount1,
        });
    }

    /// Swaps, and crosses the ticks on which a step of the swap ends.
    fn swap(&mut self, input: Side, size: u128) {
        let (staked, at) = (self.made.pool.staked_liquidity(), self.made.now());
        let exact = SwapAmount::ExactIn(amount(size));
        let before = self.made.pool.clone();
        self.made.swap(input, exact);
        let request =
            tidemill_amm::concentrated::SwapRequest { input, amount: exact, price_limit: None };
        let mut steps = Vec::<SwapStep>::new();
        before.stage_swap(request, &mut steps).unwrap();
        for step in steps.iter().filter(|step| step.tick[0] != step.tick[1]) {
            let reached = match step.input {
                Side::Token0 => Tick(step.tick[1].0 + 1),
                Side::Token1 => step.tick[1],
            };
            let is_reached = sqrt_price_at_tick(reached) == Some(step.sqrt_price[1]);
            if is_reached && before.tick_info(reached).is_some() {
                self.gauge.cross(reached, staked, at).unwrap();
            }
        }
    }

    fn step(&mut self, dice: &mut Dice) {
        let blocks = if dice.below(3) == 0 { 3_000 } else { 30 };
        self.made.skip_blocks(1 + dice.below(blocks));
        let ids: Vec<u64> = self.staked.keys().copied().collect();
        let one = |dice: &mut Dice| ids[dice.below(ids.len() as u64) as usize];
        match dice.below(10) {
            0 | 1 => {
                let place = dice.below(5) as usize;
                if self.staked.values().all(|(taken, _)| *taken != place) {
                    let liquidity = DEEP / 20 * u128::from(1 + dice.below(20));
                    self.deposit(place, user(dice.below(3)), liquidity);
                }
            }
            2 if !ids.is_empty() => self.withdraw(one(dice)),
            3 | 4 if !ids.is_empty() => {
                let id = one(dice);
                self.claim(id);
                if dice.below(3) == 0 {
                    self.claim(id);
                }
            }
            5 => {
                let emission = amount(10_u128.pow(20) + u128::from(dice.below(1_000_000_000)));
                let most = (dice.below(3) == 0).then(|| amount(10_u128.pow(19)));
                let fees = |dice: &mut Dice| amount(u128::from(dice.below(3 * WEEK)));
                let claimed = Amounts { amount0: fees(dice), amount1: fees(dice) };
                self.notify(emission, most, claimed);
            }
            _ => {
                let up = dice.below(1_800) as i32 - 900 > self.made.pool.tick().0;
                let side = if up { Side::Token1 } else { Side::Token0 };
                self.swap(side, DEEP / 1_000 * u128::from(1 + dice.below(60)));
            }
        }
    }

    fn tape(&self) -> ProgrammeTape {
        let start = ConcentratedGaugeState::default();
        ProgrammeTape {
            header: header(ProgrammeKind::ConcentratedGauge, self.made.tape.header.pool),
            start: start.into(),
            events: self.events.clone(),
        }
    }
}

fn header(kind: ProgrammeKind, pool: Address) -> ProgrammeHeader {
    ProgrammeHeader {
        kind,
        chain_id: ChainId(8_453),
        address: Address([0x6a; 20]),
        reward_tokens: vec![Address([0xae; 20])],
        pool: Some(pool),
        state_after_block: BlockNumber(999),
    }
}

/// The place of a log in the block of a time, after all of the pool's.
fn place_at(time: Timestamp, events: &[ProgrammeTapeEvent]) -> (BlockNumber, LogIndex) {
    let block = BlockNumber(1_000 + (time.0 - 1_700_000_000) / 12);
    let index = match events.last() {
        Some(last) if last.block == block && last.log.is_from_trace() => last.log_index.0,
        Some(last) if last.block == block => last.log_index.0 + 1,
        _ => 1_000,
    };
    (block, LogIndex(index))
}

fn event(
    (block, log_index): (BlockNumber, LogIndex),
    time: Timestamp,
    log: ProgrammeLog,
) -> ProgrammeTapeEvent {
    ProgrammeTapeEvent { block, log_index, time, gas_used: None, gas_price: None, log }
}

fn recorded(seed: u64, steps: u32) -> Recorded {
    let (mut recorded, mut dice) = (Recorded::new(), Dice(seed));
    for _ in 0..steps {
        recorded.step(&mut dice);
    }
    recorded.made.skip_blocks(1);
    recorded
}

fn replayed(tape: &ProgrammeTape, pool: Option<&Tape>) -> ProgrammeReplay {
    replay_programme(tape, pool, |_| {}).unwrap()
}

#[test]
fn a_slipstream_gauge_follows_its_pool_to_every_reward() {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 1..9 {
        let world = recorded(seed, 300);
        let tape = world.tape();
        let text = encode_programme_tape(&tape, "gauge.jsonl").unwrap();
        let read = decode_programme_tape(text.as_bytes(), "gauge.jsonl").unwrap();
        assert_eq!(read, tape);
        let replay = replayed(&read, Some(&world.made.tape));
        assert_eq!(replay.mismatch, None, "seed {seed}");
        assert_eq!(replay.events, tape.events.len() as u64);
        for (kind, count) in replay.counts {
            *counts.entry(kind).or_default() += count;
        }
        let paid: Vec<_> = replay.totals.paid.iter().map(|paid| paid.amount).collect();
        assert_eq!(paid, [world.paid], "seed {seed}");
        let staked: u128 =
            world.gauge.state().positions.iter().map(|(_, staked)| staked.liquidity.0).sum();
        assert_eq!(replay.totals.staked[0].amount, amount(staked), "seed {seed}");
        assert_eq!(replay.totals.unclaimed.len(), 1);
    }
    let kinds: Vec<_> = counts.keys().copied().collect();
    let all = ["checkpointed", "claim_rewards", "deposit", "notify_reward", "withdraw"];
    assert_eq!(kinds, all);
    assert!(counts.values().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn what_is_unclaimed_is_what_claims_would_pay() {
    let mut world = recorded(3, 200);
    for place in 0..RANGES.len() {
        if world.staked.values().all(|(taken, _)| *taken != place) {
            world.deposit(place, user(2), DEEP / 10);
        }
    }
    let none = Amounts::ZERO;
    world.notify(amount(10_u128.pow(21)), None, none);
    world.made.skip_blocks(1_000);
    // A replay ends with the last log.
    world.claim(world.next_id - 1);
    let (pool, at) = (world.now(), world.made.now());
    let owed = world.gauge.state().positions.iter().fold(Amount::ZERO, |sum, (id, staked)| {
        let earned = world.gauge.earned(staked.owner, *id, pool, at).unwrap();
        sum.checked_add(earned).unwrap().checked_add(staked.rewards).unwrap()
    });
    assert!(owed > amount(10_u128.pow(18)), "{owed}");
    let replay = replayed(&world.tape(), Some(&world.made.tape));
    assert_eq!(replay.totals.unclaimed[0].amount, owed);
}

/// Makes a text's seal right again.
fn resealed(text: &str) -> String {
    let refused = decode_programme_tape(text.as_bytes(), "tampered").unwrap_err();
    let TapeError::Line { fault, .. } = &refused else { panic!("{refused}") };
    let Fault::Format(FormatFault::Damaged { found, recorded }) = fault.as_ref() else {
        return text.to_owned();
    };
    text.replace(recorded, found)
}

/// Values next to one.
fn beside(value: &serde_json::Value) -> Vec<serde_json::Value> {
    use serde_json::Value;
    match value {
        Value::String(text) if text.starts_with("0x") => {
            let (rest, last) = text.split_at(text.len() - 1);
            vec![Value::String(format!("{rest}{}", if last == "0" { "1" } else { "0" }))]
        }
        Value::String(text) => {
            let number: i128 = text.parse().unwrap();
            [number + 1, number - 1].map(|number| Value::String(number.to_string())).into()
        }
        Value::Object(fields) => {
            let one = |(name, value): (&String, &Value)| {
                let name = name.clone();
                beside(value).into_iter().map(move |value| (name.clone(), value))
            };
            let changed = fields.iter().flat_map(one).map(|(name, value)| {
                let mut fields = fields.clone();
                fields.insert(name, value);
                Value::Object(fields)
            });
            changed.collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => panic!("{value}"),
    }
}

/// Changes every field of lines of every kind, in turn: all are found, but those that leave no
/// trace in the end either.
fn tampered(tape: &ProgrammeTape, pool: Option<&Tape>, blind: &[&str]) -> BTreeMap<String, u64> {
    let text = encode_programme_tape(tape, "tape").unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let whole = replayed(tape, pool);
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate().skip(1).take(lines.len() - 2) {
        let fields: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = fields["event"].as_str().unwrap().to_owned();
        let count = seen.entry(kind.clone()).or_default();
        *count += 1;
        if *count > 4 {
            continue;
        }
        for (name, value) in fields.as_object().unwrap() {
            if ["block", "log_index", "time", "event"].contains(&name.as_str()) {
                continue;
            }
            for other in beside(value) {
                let mut changed = fields.clone();
                changed[name] = other;
                let changed = changed.to_string();
                let mut lines = lines.clone();
                lines[place] = &changed;
                let text = resealed(&(lines.join("\n") + "\n"));
                let field = format!("{kind}.{name}");
                let is_found = match decode_programme_tape(text.as_bytes(), "tampered") {
                    Err(TapeError::Line { line, .. }) => {
                        assert_eq!(line, place as u64 + 1, "{changed}");
                        true
                    }
                    Err(error) => panic!("{error}"),
                    Ok(tape) => {
                        let replay = replayed(&tape, pool);
                        replay.mismatch.is_some() || replay.totals != whole.totals
                    }
                };
                assert!(is_found || blind.contains(&field.as_str()), "nobody noticed {changed}");
                *found.entry(field).or_default() += u64::from(is_found);
            }
        }
    }
    found
}

#[test]
fn a_changed_number_of_a_slipstream_gauge_is_found() {
    let world = recorded(5, 300);
    // A range or a liquidity that earned the same to the unit; kept fees, which no total shows.
    let blind = ["deposit.range", "deposit.liquidity", "notify_reward.claimed0"];
    let blind = [&blind[..], &["notify_reward.claimed1", "checkpointed.token_id"]].concat();
    let found = tampered(&world.tape(), Some(&world.made.tape), &blind);
    assert_eq!(found.len(), 19, "{found:?}");
    assert!(found.values().all(|count| *count > 0), "{found:?}");
}

/// A gauge of a pool of shares, called by hand.
fn recorded_shares(seed: u64) -> (ProgrammeTape, Gauge, Amount) {
    let (mut dice, mut gauge, mut events) = (Dice(seed), Gauge::default(), Vec::new());
    let (mut at, mut paid) = (1_700_000_000, Amount::ZERO);
    for _ in 0..300 {
        at += 12 * dice.below(3_000);
        let (now, who) = (Timestamp(at), user(dice.below(4)));
        let units = amount(1_000 + u128::from(dice.below(1 << 31)) * 1_000_003);
        let log = match dice.below(8) {
            0..3 => {
                gauge.deposit(account(who), units, now).unwrap();
                AerodromeGaugeLog::Deposit { to: who, amount: units }
            }
            3 => {
                let held = gauge.staker(account(who)).balance;
                let units = units.min(held);
                gauge.withdraw(account(who), units, now).unwrap();
                AerodromeGaugeLog::Withdraw { from: who, amount: units }
            }
            4..7 => {
                let reward = gauge.claim(account(who), now).unwrap();
                paid = paid.checked_add(reward).unwrap();
                match reward.is_zero() {
                    true => AerodromeGaugeLog::Checkpointed { from: who },
                    false => AerodromeGaugeLog::ClaimRewards { from: who, amount: reward },
                }
            }
            _ => {
                let fees = |dice: &mut Dice| amount(u128::from(dice.below(3 * WEEK)));
                let claimed = Amounts { amount0: fees(&mut dice), amount1: fees(&mut dice) };
                let emission = amount(10_u128.pow(20)).checked_add(units).unwrap();
                let fees = gauge.notify_with_fees(emission, claimed, now).unwrap();
                AerodromeGaugeLog::NotifyReward {
                    amount: emission,
                    claimed0: claimed.amount0,
                    claimed1: claimed.amount1,
                    fees0: fees.amount0,
                    fees1: fees.amount1,
                }
            }
        };
        let place = place_at(now, &events);
        events.push(event(place, now, ProgrammeLog::AerodromeGauge(log)));
    }
    let header = header(ProgrammeKind::AerodromeGauge, Address([0x11; 20]));
    (ProgrammeTape { header, start: GaugeState::default().into(), events }, gauge, paid)
}

#[test]
fn a_gauge_of_shares_replays_and_a_changed_number_is_found() {
    for seed in 1..6 {
        let (tape, gauge, paid) = recorded_shares(seed);
        let replay = replayed(&tape, None);
        assert_eq!(replay.mismatch, None, "seed {seed}");
        assert_eq!(replay.counts.len(), 5, "{:?}", replay.counts);
        assert_eq!(replay.totals.paid[0].amount, paid);
        assert_eq!(replay.totals.staked[0].amount, gauge.totals().total_supply);
        let at = tape.events.last().unwrap().time;
        let owed = (0..4).fold(Amount::ZERO, |sum, number| {
            sum.checked_add(gauge.earned(account(user(number)), at).unwrap()).unwrap()
        });
        assert_eq!(replay.totals.unclaimed[0].amount, owed);
    }
    // Kept fees and what the rate rounds away, which no total shows; a call that moved nothing, of
    // somebody else.
    let kept = ["notify_reward.claimed0", "notify_reward.claimed1", "notify_reward.amount"];
    let blind = [&kept[..], &["checkpointed.from", "withdraw.from"]].concat();
    let found = tampered(&recorded_shares(2).0, None, &blind);
    assert_eq!(found.len(), 12, "{found:?}");
    let is_found = |(field, count): (&String, &u64)| {
        *count > 0 || field == kept[2] || field == "checkpointed.from"
    };
    assert!(found.iter().all(is_found), "{found:?}");
}

#[test]
fn tapes_that_do_not_go_together_are_refused() {
    let world = recorded(7, 60);
    let (tape, pool) = (world.tape(), &world.made.tape);
    let refused = |tape: &ProgrammeTape, pool| replay_programme(tape, pool, |_| {}).unwrap_err();
    let kind = ProgrammeKind::ConcentratedGauge;
    assert_eq!(refused(&tape, None), ProgrammeReplayError::NeedsPool(kind));
    let (shares, ..) = recorded_shares(1);
    let kind = ProgrammeKind::AerodromeGauge;
    assert_eq!(refused(&shares, Some(pool)), ProgrammeReplayError::ReadsNoPool(kind));
    let mut late = pool.clone();
    let (sqrt_price, liquidity) = (world.made.pool.sqrt_price(), Liquidity(1));
    let (block, tick) = (BlockNumber(1_000), world.made.pool.tick());
    late.header.start = PoolStart::Snapshot { block, sqrt_price, tick, liquidity };
    let error = refused(&tape, Some(&late));
    assert!(error.to_string().contains("is missing"), "{error}");
    let mut other = tape.clone();
    other.header.pool = Some(Address([9; 20]));
    let error = refused(&other, Some(pool));
    assert!(matches!(error, ProgrammeReplayError::OtherPool { .. }), "{error}");
    // A gauge that was told nothing of its pool pays something else.
    let mut still = pool.clone();
    still.events.retain(|event| event.event.kind() != "swap");
    assert!(replayed(&tape, Some(&still)).mismatch.is_some());
}

const FARM: &str = r#"
footprint = "re-executed"
native_price_quote = "3000"

[[strategy]]
name = "plain"
kind = "KIND"

[[strategy]]
name = "farmed"
kind = "KIND"
farm = { claim = "every", proceeds = "hold" }

[[reward]]
token = "AERO"
price_quote = "1.5"
"#;

const FIXED: &str = "fixed_range\"\nhalf_width_ticks = \"1200";

/// A run whose reward is made up (`reward`) or recorded.
fn farm<'a>(
    pool: impl Into<RunTape<'a>> + Copy,
    strategy: &str,
    reward: &str,
    tape: Option<ProgrammeTape>,
) -> Result<Setup, ConfigError> {
    let text = FARM.replace("KIND", strategy).replace("\"1200\"", "1200");
    let line = if tape.is_some() { "tape = \"gauge.jsonl\"\n" } else { "" };
    let mut config = BacktestConfig::from_toml(&format!("{text}{line}{reward}")).unwrap();
    config.reward[0].recorded = tape;
    config.resolve(pool.into())
}

/// Fees and rewards, plain and farmed.
fn earned(pool: RunTape<'_>, setup: Setup) -> Vec<(SignedAmount, SignedAmount)> {
    let finished = backtest(pool, setup, &|_| {}).unwrap();
    let of = |run: &tidemill_replay::StrategyRun| {
        let identity = run.record.settlement.identity;
        assert!(identity.holds(), "{identity:?}");
        (identity.fees, identity.rewards)
    };
    finished.runs.iter().map(of).collect()
}

const MADE_UP: &str = "amount = \"100000\"\nend = \"2023-11-15 12:00:00\"\n";

#[test]
fn a_recorded_slipstream_gauge_pays_as_one_made_up() {
    let pool = crate::gauge_runs::quiet_tape();
    let made_up = format!("kind = \"concentrated_gauge\"\n{MADE_UP}");
    let made_up = earned((&pool).into(), farm(&pool, FIXED, &made_up, None).unwrap());
    let (mut gauge, first) = (ConcentratedGauge::default(), pool.events[0].time);
    let before = PoolNow { tick: Tick(0), staked_liquidity: Liquidity(0) };
    let whole = amount(100_000 * 10_u128.pow(18));
    let notification = Notification { amount: whole, most: None, claimed: Amounts::ZERO };
    gauge.notify(notification, before, first).unwrap();
    // The only log comes after the pool's last event, and is no part of the run.
    let last = pool.events.last().unwrap();
    let late = (BlockNumber(last.block.0 + 1), LogIndex(0));
    let log = ConcentratedGaugeLog::Checkpointed { from: user(0), token_id: 1 };
    let log = ProgrammeLog::ConcentratedGauge(log);
    let tape = ProgrammeTape {
        header: header(ProgrammeKind::ConcentratedGauge, pool.header.pool),
        start: gauge.state().into(),
        events: vec![event(late, last.time, log)],
    };
    let recorded = earned((&pool).into(), farm(&pool, FIXED, "", Some(tape)).unwrap());
    assert_eq!(recorded, made_up);
    assert!(recorded[1].1 > SignedAmount::ZERO && recorded[1].0 < recorded[0].0);
}

#[test]
fn a_recorded_slipstream_gauge_with_others_in_it_pays_us_too() {
    let world = recorded(5, 300);
    let pool = &world.made.tape;
    let run = earned(pool.into(), farm(pool, FIXED, "", Some(world.tape())).unwrap());
    assert!(run[1].1 > SignedAmount::ZERO, "{run:?}");
    let mut taker = FARM.replace("re-executed", "price-taker").replace("KIND", FIXED);
    taker = taker.replace("\"1200\"", "1200") + "tape = \"gauge.jsonl\"\n";
    let mut config = BacktestConfig::from_toml(&taker).unwrap();
    config.reward[0].recorded = Some(world.tape());
    let refused = config.resolve(pool).unwrap_err().to_string();
    assert!(refused.contains("re-executed beside a concentrated_gauge"), "{refused}");
    let refuse = |change: &dyn Fn(&mut ProgrammeTape)| {
        let mut tape = world.tape();
        change(&mut tape);
        farm(pool, FIXED, "", Some(tape)).unwrap_err().to_string()
    };
    let said = refuse(&|tape| tape.header.state_after_block = BlockNumber(1_000));
    assert!(said.contains("the pool's tape begins in 1000"), "{said}");
    let said = refuse(&|tape| tape.events[0].block = BlockNumber(999));
    assert!(said.contains("it begins before the pool's tape"), "{said}");
    let uniswap = SyntheticBuild::lively(Build::PancakeV3, 3).tape;
    let mut tape = world.tape();
    tape.header.pool = None;
    let said = farm(&uniswap, FIXED, "", Some(tape)).unwrap_err().to_string();
    assert!(said.contains("concentrated_gauge in a Slipstream pool"), "{said}");
}

#[test]
fn a_recorded_gauge_of_shares_pays_as_one_made_up() {
    let pool = quiet_shares();
    let made_up = format!("kind = \"aerodrome_gauge\"\n{MADE_UP}");
    let made_up = earned((&pool).into(), farm(&pool, "full_range", &made_up, None).unwrap());
    let (first, last) = (pool.events[0].clone(), pool.events.last().unwrap());
    let shares = pool.start.shares().unwrap().total_shares();
    let mut gauge = Gauge::default();
    gauge.deposit(account(user(7)), shares, first.time).unwrap();
    let start = gauge.state();
    let whole = amount(100_000 * 10_u128.pow(18));
    let none = Amount::ZERO;
    let log = AerodromeGaugeLog::NotifyReward {
        amount: whole,
        claimed0: none,
        claimed1: none,
        fees0: none,
        fees1: none,
    };
    // The notification comes before the pool's tape begins.
    let before = BlockNumber(first.block.0 - 1);
    let late = (BlockNumber(last.block.0 + 1), LogIndex(0));
    let after = AerodromeGaugeLog::Checkpointed { from: user(7) };
    let mut header = header(ProgrammeKind::AerodromeGauge, pool.header.pool);
    header.chain_id = pool.header.chain_id;
    header.state_after_block = BlockNumber(before.0 - 1);
    let tape = ProgrammeTape {
        header,
        start: start.into(),
        events: vec![
            event((before, LogIndex(0)), first.time, ProgrammeLog::AerodromeGauge(log)),
            event(late, last.time, ProgrammeLog::AerodromeGauge(after)),
        ],
    };
    let recorded = farm(&pool, "full_range", "", Some(tape.clone())).unwrap();
    assert_eq!(earned((&pool).into(), recorded), made_up);
    let slipstream = crate::gauge_runs::quiet_tape();
    let mut tape = tape;
    tape.header.pool = None;
    tape.header.chain_id = slipstream.header.chain_id;
    let said = farm(&slipstream, FIXED, "", Some(tape)).unwrap_err().to_string();
    assert!(said.contains("aerodrome_gauge in a Solidly pool"), "{said}");
}
