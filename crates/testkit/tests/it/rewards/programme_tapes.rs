//! Programme tapes written down from the logs of the real contracts: folding them makes no
//! difference to any recorded number, and ends in the contract's own state.

mod aerodrome;
mod balancer_gauges;
mod cumulative_claim;
mod curve_gauges;
mod encoded;
mod fee_distribution;
mod liquid_staking;
mod master_chef;
mod merkl;
mod merkle_claim;
mod staking_rewards;
mod token_admin;
mod v3_staker;
mod validator_staking;
mod vote_escrow;

use tidemill_feed_evm::{
    LogPlace, ProgrammeContracts, ProgrammeLogs, ProgrammeTransaction, TransactionCall,
};
use tidemill_market::{FoldedProgramme, ProgrammeFold, ProgrammeMismatch, ProgrammePools};
use tidemill_model::{
    Address, ChainId, ProgrammeHeader, ProgrammeKind, ProgrammeLog, ProgrammeTapeEvent,
};
use tidemill_rewards::{Account, Moment};
use tidemill_store::{
    ProgrammeState, ProgrammeTape, TapeError, decode_programme_tape, encode_programme_tape,
};
use tidemill_testkit::{
    Address as EvmAddress, Artifacts, Call, ContractLog, Random, Transaction, built_code,
};
use tidemill_units::{BlockNumber, LogIndex, TickRange, Timestamp, U256};

use crate::share_logs::raw_logs;
use crate::tally::Tally;

/// What happened to a programme, with places in blocks.
pub(super) struct Recorder {
    pub(super) events: Vec<ProgrammeTapeEvent>,
    pub(super) place: Place,
}

/// A log that a second model says a call writes, where no contract does: the block, or none
/// where its time tells it; the time; and the log.
pub(super) type Written = (Option<u64>, u64, ProgrammeLog);

/// Where the next log stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) block: BlockNumber,
    pub(super) log_index: LogIndex,
    pub(super) time: Timestamp,
}

impl Recorder {
    pub(super) fn new() -> Self {
        let (block, log_index, time) = (BlockNumber(0), LogIndex(0), Timestamp(0));
        Self { events: Vec::new(), place: Place { block, log_index, time } }
    }

    /// The next transaction's block is told by its time.
    pub(super) fn begin(&mut self, transaction: &Transaction) {
        let time = Timestamp(transaction.timestamp.to());
        if self.place.block.0 == 0 || time != self.place.time {
            let block = BlockNumber(self.place.block.0 + 1);
            self.place = Place { block, log_index: LogIndex(0), time };
        }
    }

    /// The next transaction is in a block of this number, whose time is that of its first.
    pub(super) fn begin_in_block(&mut self, transaction: &Transaction) {
        let block = BlockNumber(transaction.block);
        if block != self.place.block {
            let time = Timestamp(transaction.timestamp.to());
            self.place = Place { block, log_index: LogIndex(0), time };
        }
    }

    /// The next transaction is in the first block of its time.
    pub(super) fn begin_at(&mut self, time: Timestamp) {
        if self.place.block.0 == 0 || time != self.place.time {
            let block = BlockNumber(self.place.block.0 + 1);
            self.place = Place { block, log_index: LogIndex(0), time };
        }
    }

    /// Takes a second model's logs of one programme down.
    pub(super) fn of(written: &[Written], kind: ProgrammeKind) -> Self {
        let mut recorder = Self::new();
        for (height, time, log) in written.iter().filter(|(.., log)| log.programme() == kind) {
            let time = Timestamp(*time);
            let is_new = recorder.place.block.0 == 0 || time != recorder.place.time;
            let next = BlockNumber(recorder.place.block.0 + u64::from(is_new));
            let block = height.map_or(next, BlockNumber);
            if block != recorder.place.block {
                recorder.place = Place { block, log_index: LogIndex(0), time };
            }
            recorder.log(log.clone());
        }
        recorder
    }

    pub(super) fn log(&mut self, log: ProgrammeLog) {
        let Place { block, log_index, time } = self.place;
        if !log.is_from_trace() {
            self.place.log_index = LogIndex(log_index.0 + 1);
        }
        let (gas_used, gas_price) = (None, None);
        self.events.push(ProgrammeTapeEvent { block, log_index, time, gas_used, gas_price, log });
    }

    /// Writes the tape and reads it back.
    pub(super) fn tape(&self, start: impl Into<ProgrammeState>) -> (ProgrammeTape, String) {
        let start = start.into();
        let header = ProgrammeHeader {
            kind: ProgrammeKind::from_name(start.kind()).unwrap(),
            chain_id: ChainId(1),
            address: Address([7; 20]),
            reward_tokens: vec![Address([8; 20])],
            pool: None,
            state_after_block: BlockNumber(0),
        };
        let tape = ProgrammeTape { header, start, events: self.events.clone() };
        let text = encode_programme_tape(&tape, "world.jsonl").unwrap();
        let read = decode_programme_tape(text.as_bytes(), "world.jsonl").unwrap();
        assert_eq!(read, tape);
        (read, text)
    }
}

/// The contracts, with tokens that log what they move.
pub(super) fn with_logging_tokens() -> Artifacts {
    let artifacts = Artifacts::load().unwrap_or_else(|error| panic!("{error}"));
    Artifacts { token: built_code("LoggingToken").unwrap(), ..artifacts }
}

/// Starts a fold from the state that a tape begins with.
pub(super) fn start(state: &ProgrammeState) -> ProgrammeFold {
    ProgrammeFold::new(FoldedProgramme::try_from(state.resume().unwrap()).unwrap())
}

/// Executes a tape again.
pub(super) fn fold(
    tape: &ProgrammeTape,
    pools: &dyn ProgrammePools,
) -> Result<ProgrammeFold, Box<(ProgrammeTapeEvent, ProgrammeMismatch)>> {
    let mut fold = start(&tape.start);
    for event in &tape.events {
        let now = Moment { at: event.time, block: event.block };
        fold.apply(&event.log, now, pools).map_err(|error| Box::new((event.clone(), error)))?;
    }
    Ok(fold)
}

/// Executes a tape of which nothing may differ.
pub(super) fn folded(
    tape: &ProgrammeTape,
    pools: &dyn ProgrammePools,
    context: &str,
    tally: &mut Tally,
) -> ProgrammeFold {
    let fold = fold(tape, pools).unwrap_or_else(|error| panic!("{error:?}, {context}"));
    for (kind, count) in fold.counts() {
        tally.add(&format!("folded {kind}"), *count);
    }
    fold
}

/// Changes every value of some lines of a tape, one after another, under a right seal.
pub(super) struct Tampering<'a> {
    /// Fields, as `event.field`, in which the contract itself tells only such a difference.
    pub(super) shift: &'a [(&'a str, u64)],
    /// Fields in which a change may make no difference to the contract either.
    pub(super) blind: &'a [&'a str],
}

impl Tampering<'_> {
    /// Each change must be found: by the reader, by a log that differs, or by the end's not being
    /// the contract's, which `execute` compares with.
    pub(super) fn run(
        &self,
        text: &str,
        random: &mut Random,
        tally: &mut Tally,
        execute: impl Fn(&ProgrammeTape) -> Result<bool, ProgrammeMismatch>,
    ) {
        let lines: Vec<&str> = text.lines().collect();
        let events = lines.len() - 2;
        for _ in 0..events.min(6) {
            let place = 1 + random.below(events as u64) as usize;
            let line: serde_json::Value = serde_json::from_str(lines[place]).unwrap();
            let event = line["event"].as_str().unwrap();
            for (name, value) in line.as_object().unwrap() {
                if ["block", "log_index", "time", "event"].contains(&name.as_str()) {
                    continue;
                }
                let field = format!("{event}.{name}");
                let shift = self.shift.iter().find(|(of, _)| *of == field);
                for other in beside(value, shift.map_or(1, |(_, by)| *by)) {
                    let mut changed = line.clone();
                    changed[name] = other;
                    let changed = changed.to_string();
                    let mut lines = lines.clone();
                    lines[place] = &changed;
                    let what = match decode_programme_tape(sealed(&lines).as_bytes(), "tampered") {
                        Err(TapeError::Line { .. }) => "refused",
                        Err(error) => panic!("{error}"),
                        Ok(tape) => match execute(&tape) {
                            Ok(true) if self.blind.contains(&field.as_str()) => "made no change",
                            Ok(true) => panic!("nobody noticed {name} in {changed}"),
                            Err(_) | Ok(false) => "found",
                        },
                    };
                    tally.count(&format!("{what} {field}"));
                }
            }
        }
    }
}

/// Writes nonsense into every place of some lines of a tape, one after another: each is refused by
/// its line and field. So is a line without one of its fields.
pub(super) fn refuse_every_field(text: &str, random: &mut Random, tally: &mut Tally) {
    let lines: Vec<&str> = text.lines().collect();
    for _ in 0..2 {
        let place = 1 + random.below(lines.len() as u64 - 2) as usize;
        let line: serde_json::Value = serde_json::from_str(lines[place]).unwrap();
        let refused = |changed: serde_json::Value, expected: &str| {
            let changed = changed.to_string();
            let mut lines = lines.clone();
            lines[place] = &changed;
            match decode_programme_tape(sealed(&lines).as_bytes(), "bad") {
                Err(TapeError::Line { file, line, field, .. }) => {
                    assert_eq!((file.as_str(), line), ("bad", place as u64 + 1), "{changed}");
                    assert_eq!(field, expected, "{changed}");
                }
                other => panic!("{other:?} of {changed}"),
            }
        };
        let mut found = Vec::new();
        leaves(&line, "", "", &mut found);
        for (path, pointer) in found {
            let mut changed = line.clone();
            *changed.pointer_mut(&pointer).unwrap() = serde_json::Value::String("-0x".to_owned());
            refused(changed, &path);
            tally.count(&format!("nonsense in {}", line["event"].as_str().unwrap()));
        }
        for name in line.as_object().unwrap().keys() {
            let mut changed = line.clone();
            changed.as_object_mut().unwrap().remove(name);
            refused(changed, name);
        }
    }
}

/// The places that hold neither a list of something nor an object, as errors name them and as JSON
/// pointers.
fn leaves(value: &serde_json::Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(value, &path, &format!("{pointer}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{at}]"), &format!("{pointer}/{at}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            found.push((path.to_owned(), pointer.to_owned()));
        }
    }
}

/// What the feed's decoder reads in a transaction, given its call as a node tells it.
pub(super) fn told(
    contracts: &ProgrammeContracts,
    transaction: &Transaction,
    range_of: &dyn Fn(U256) -> Option<TickRange>,
) -> Vec<ProgrammeLog> {
    let logs = raw_logs(transaction, 1);
    let call = TransactionCall {
        from: of_evm(transaction.from),
        to: of_evm(transaction.to),
        input: transaction.input.clone(),
        place: LogPlace { block: BlockNumber(1), log_index: LogIndex(u32::MAX) },
        time: None,
    };
    let left_of = &|_| None;
    let read = ProgrammeTransaction { logs: &logs, call: Some(&call), range_of, left_of };
    let told = ProgrammeLogs::new(contracts).decode(&read);
    let told = told.unwrap_or_else(|error| panic!("{error}, {transaction:#?}"));
    told.into_iter().map(|told| told.log).collect()
}

/// No position has ticks that a programme asks for.
pub(super) fn no_ranges(_: U256) -> Option<TickRange> {
    None
}

/// Joins lines whose last is a seal, made right.
fn sealed(lines: &[&str]) -> String {
    let body: String = lines[..lines.len() - 1].iter().map(|line| format!("{line}\n")).collect();
    let seal = blake3::hash(body.as_bytes()).to_hex();
    format!("{body}{{\"seal\":\"{seal}\"}}\n")
}

/// Values of the same type that are next to one.
fn beside(value: &serde_json::Value, by: u64) -> Vec<serde_json::Value> {
    use serde_json::Value;
    match value {
        Value::Bool(value) => vec![Value::Bool(!value)],
        Value::String(text) if text.starts_with("0x") => {
            let (rest, last) = text.split_at(text.len() - 1);
            let other = if last == "0" { "1" } else { "0" };
            vec![Value::String(format!("{rest}{other}"))]
        }
        Value::String(text) => match text.parse::<i128>() {
            Ok(number) => {
                let by = i128::from(by);
                let beside = [number.checked_add(by), number.checked_sub(by)];
                let beside = beside.into_iter().flatten().filter(|beside| *beside >= 0);
                beside.map(|number| Value::String(number.to_string())).collect()
            }
            Err(_) => {
                let number: U256 = text.parse().unwrap();
                let other = number.checked_add(U256::from(by)).unwrap_or(number - U256::from(by));
                vec![Value::String(other.to_string())]
            }
        },
        Value::Object(fields) => {
            let mut all = Vec::new();
            for (name, inner) in fields {
                for other in beside(inner, by) {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), other);
                    all.push(Value::Object(fields));
                }
            }
            all
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (place, inner) in items.iter().enumerate() {
                for other in beside(inner, by) {
                    let mut items = items.clone();
                    items[place] = other;
                    all.push(Value::Array(items));
                }
            }
            all
        }
        Value::Null | Value::Number(_) => Vec::new(),
    }
}

/// Whether a call or a log is of a function or event with this signature.
pub(super) fn is_call(transaction: &Transaction, signature: &str) -> bool {
    transaction.input.get(..4) == Some(&Call::new(signature, 0).encode()[..4])
}

/// Returns an argument of a call, by its place.
pub(super) fn argument(transaction: &Transaction, index: usize) -> U256 {
    let start = 4 + 32 * index;
    U256::from_be_slice(&transaction.input[start..start + 32])
}

pub(super) fn is_log(log: &ContractLog, signature: &str) -> bool {
    let selector = log.topics[0].to_be_bytes::<32>();
    selector[..4] == Call::new(signature, 0).encode()[..4]
}

pub(super) fn to_address(word: U256) -> Address {
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&word.to_be_bytes::<32>()[12..]);
    Address(bytes)
}

pub(super) fn of_account(account: Account) -> Address {
    Address(account.0)
}

pub(super) fn of_evm(address: EvmAddress) -> Address {
    Address(address.0.0)
}
