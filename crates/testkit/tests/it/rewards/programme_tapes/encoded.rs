//! Logs and calls as contracts write them, made from what a second model says happened: no registry
//! has these contracts' bytecode.

pub(super) mod aerodrome;
pub(super) mod cumulative_claim;
pub(super) mod liquid_staking;

use tidemill_feed_evm::{
    LogPlace, ProgrammeContracts, ProgrammeLogs, ProgrammeTransaction, RawLog, TransactionCall,
};
use tidemill_model::{Address, Bytes32, ProgrammeLog};
use tidemill_testkit::MerkleOracle;
use tidemill_units::{Amount, BlockNumber, LogIndex, U256};

use super::Written;

/// A transaction that is being written down.
#[derive(Default)]
struct Encoded {
    logs: Vec<RawLog>,
    call: Option<TransactionCall>,
}

/// An argument of a call.
enum Argument {
    Word(U256),
    List(Vec<U256>),
    Lists(Vec<Vec<U256>>),
    Tuple(Vec<Argument>),
}

fn hash(signature: &str) -> [u8; 32] {
    MerkleOracle::keccak(signature.as_bytes()).to_be_bytes()
}

/// A field that is an address.
fn of(address: Address) -> U256 {
    U256::from_be_slice(&address.0)
}

fn number(number: u64) -> U256 {
    U256::from(number)
}

/// One of a system's contracts.
fn contract(kind: u8, number: u64) -> Address {
    let mut bytes = [kind; 20];
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    Address(bytes)
}

impl Encoded {
    fn log(&mut self, address: Address, signature: &str, indexed: &[U256], others: &[U256]) {
        let mut topics = vec![Bytes32(hash(signature))];
        topics.extend(indexed.iter().map(|word| Bytes32(word.to_be_bytes())));
        let data: Vec<u8> = others.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
        let log_index = LogIndex(self.logs.len() as u32);
        self.logs.push(RawLog {
            address: Some(address),
            topics,
            data: data.into(),
            place: LogPlace { block: BlockNumber(1), log_index },
            block_hash: None,
            time: None,
            transaction: None,
        });
    }

    fn transfer(&mut self, token: Address, from: Address, to: Address, amount: Amount) {
        let signature = "Transfer(address,address,uint256)";
        self.log(token, signature, &[of(from), of(to)], &[amount.0]);
    }

    fn call(&mut self, from: Address, to: Address, signature: &str, arguments: &[Argument]) {
        let mut input = hash(signature)[..4].to_vec();
        input.extend(encode(arguments).iter().flat_map(|word| word.to_be_bytes::<32>()));
        let place = LogPlace { block: BlockNumber(1), log_index: LogIndex(u32::MAX) };
        self.call = Some(TransactionCall { from, to, input: input.into(), place, time: None });
    }

    /// What the feed's decoder reads in it.
    fn told(&self, contracts: &ProgrammeContracts) -> Vec<ProgrammeLog> {
        let Self { logs, call } = self;
        let (range_of, left_of) = (&|_| None, &|_| None);
        let read = ProgrammeTransaction { logs, call: call.as_ref(), range_of, left_of };
        let told = ProgrammeLogs::new(contracts).decode(&read);
        let told = told.unwrap_or_else(|error| panic!("{error}, {logs:#?}, {call:?}"));
        told.into_iter().map(|told| told.log).collect()
    }
}

/// The words of arguments: first each, or the place of its words, which come behind.
fn encode(arguments: &[Argument]) -> Vec<U256> {
    let mut heads = Vec::new();
    let mut tails = Vec::new();
    for argument in arguments {
        let tail = match argument {
            Argument::Word(word) => {
                heads.push(*word);
                continue;
            }
            Argument::List(words) => counted(words.len(), words.clone()),
            Argument::Lists(lists) => {
                let lists: Vec<_> = lists.iter().cloned().map(Argument::List).collect();
                counted(lists.len(), encode(&lists))
            }
            Argument::Tuple(fields) => encode(fields),
        };
        heads.push(number(32 * (arguments.len() + tails.len()) as u64));
        tails.extend(tail);
    }
    heads.extend(tails);
    heads
}

fn counted(count: usize, words: Vec<U256>) -> Vec<U256> {
    [vec![number(count as u64)], words].concat()
}

/// What comes of a second model's logs when they are written as the contracts' and read again: the
/// same. What no contract does, though the model is asked to, cannot be written and stays as it is.
fn same(
    written: &[Written],
    contracts: &ProgrammeContracts,
    mut write: impl FnMut(&ProgrammeLog) -> Option<Encoded>,
) -> Vec<Written> {
    let own = written.iter().filter(|(.., log)| log.programme() == contracts.kind());
    let read = |(height, time, log): &Written| {
        let Some(encoded) = write(log) else { return (*height, *time, log.clone()) };
        let told = encoded.told(contracts);
        assert_eq!(told, std::slice::from_ref(log));
        (*height, *time, told.into_iter().next().unwrap())
    };
    own.map(read).collect()
}
