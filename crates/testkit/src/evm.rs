use revm::context::TxEnv;
use revm::context_interface::result::{ExecutionResult, Output};
use revm::database::{CacheDB, EmptyDB};
use revm::handler::MainnetContext;
use revm::primitives::hardfork::SpecId;
use revm::primitives::{Address, Bytes, Log, TxKind};
use revm::state::EvmState;
use revm::{Context, DatabaseCommit, ExecuteEvm, MainBuilder, MainContext, MainnetEvm};
use tidemill_units::U256;

use crate::anvil::EvmAccount;
use crate::{Answer, Call, OracleError, Revert};

type Database = CacheDB<EmptyDB>;

/// An in-process chain of its own: accounts, contracts and a clock that the test sets.
///
/// Gas is free and without limit, any address may send, nonces are not checked.
pub struct Evm {
    inner: MainnetEvm<MainnetContext<Database>>,
    watched: Address,
    gas_limit: u64,
    logs: Vec<ContractLog>,
    journal: Option<Vec<Transaction>>,
}

/// A transaction that did not revert, as a node tells of it.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Who sent it.
    pub from: Address,
    /// The contract that was called, or created.
    pub to: Address,
    /// The call: a selector and its arguments; empty where a contract was created.
    pub input: Bytes,
    /// The block's time, in seconds since 1970.
    pub timestamp: U256,
    /// The block's number.
    pub block: u64,
    /// What the call answered; nothing where a contract was created.
    pub answer: Answer,
    /// What was logged, by whichever contract, in the order it was written.
    pub logs: Vec<(Address, ContractLog)>,
}

/// A log that the watched contract wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractLog {
    /// The signature's hash, and the indexed arguments.
    pub topics: Vec<U256>,
    /// The other arguments.
    pub data: Answer,
}

/// A storage slot that a transaction changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotChange {
    /// The slot.
    pub slot: U256,
    /// The word in it afterwards.
    pub word: U256,
}

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it gave back, or how it failed.
    pub result: Result<Answer, Revert>,
    /// The slots it changed in the watched contract, in no order; none if it failed.
    pub changes: Vec<SlotChange>,
    /// Gas used as a receipt has it, refunds taken off.
    pub gas: u64,
}

/// An execution whose changes are not kept yet.
struct Executed {
    result: Result<Answer, Revert>,
    state: EvmState,
    gas: u64,
    logs: Vec<Log>,
}

const GAS_LIMIT: u64 = 1 << 50;

impl Evm {
    /// Returns an empty chain at time and height zero.
    pub fn new() -> Self {
        let inner = Context::mainnet()
            .with_db(CacheDB::new(EmptyDB::new()))
            .modify_cfg_chained(|config| {
                config.set_spec_and_mainnet_gas_params(SpecId::CANCUN);
                config.disable_nonce_check = true;
                config.disable_eip3607 = true;
                config.tx_gas_limit_cap = Some(u64::MAX);
            })
            .modify_block_chained(|block| block.gas_limit = u64::MAX)
            .build_mainnet();
        Self {
            inner,
            watched: Address::ZERO,
            gas_limit: GAS_LIMIT,
            logs: Vec::new(),
            journal: None,
        }
    }

    /// Makes every [`Outcome`] from now on tell what changed in this contract.
    pub fn watch(&mut self, contract: Address) {
        self.watched = contract;
    }

    /// Sets what `block.timestamp` gives from now on, in seconds since 1970.
    pub fn set_timestamp(&mut self, timestamp: U256) {
        self.inner.ctx.block.timestamp = timestamp;
    }

    /// Sets what a transaction may use of gas from now on; a call that needs more halts.
    pub fn set_gas_limit(&mut self, gas: u64) {
        self.gas_limit = gas;
    }

    /// Sets what `block.number` gives from now on.
    pub fn set_block_number(&mut self, number: u64) {
        self.inner.ctx.block.number = U256::from(number);
    }

    /// Creates a contract and returns its address; `SetUp` where its constructor reverts.
    pub fn deploy(&mut self, from: Address, init_code: Bytes) -> Result<Address, OracleError> {
        let transaction = TxEnv {
            caller: from,
            gas_limit: GAS_LIMIT,
            kind: TxKind::Create,
            data: init_code,
            ..TxEnv::default()
        };
        let executed = self.inner.transact(transaction).map_err(refused)?;
        self.inner.ctx.journaled_state.database.commit(executed.state);
        match executed.result {
            ExecutionResult::Success { output: Output::Create(_, Some(address)), logs, .. } => {
                self.write_down((from, address), [Bytes::new(), Bytes::new()], &logs);
                Ok(address)
            }
            failed @ (ExecutionResult::Success { .. }
            | ExecutionResult::Revert { .. }
            | ExecutionResult::Halt { .. }) => {
                Err(OracleError::SetUp { call: "a constructor", revert: format!("{failed:?}") })
            }
        }
    }

    /// Sends a transaction and keeps what it changed.
    pub fn send(&mut self, from: Address, to: Address, call: Call) -> Result<Outcome, OracleError> {
        let input = call.clone().encode();
        let Executed { result, state, gas, logs } = self.execute(from, to, call)?;
        if let Ok(Answer(answer)) = &result {
            self.write_down((from, to), [input, answer.clone()], &logs);
        }
        let watched = logs.into_iter().filter(|log| log.address == self.watched);
        self.logs = watched.map(ContractLog::of).collect();
        let changes = match (&result, state.get(&self.watched)) {
            (Ok(_), Some(account)) => account
                .storage
                .iter()
                .filter(|(_, slot)| slot.present_value != slot.original_value)
                .map(|(key, slot)| SlotChange { slot: *key, word: slot.present_value })
                .collect(),
            (Ok(_), None) | (Err(_), _) => Vec::new(),
        };
        self.inner.ctx.journaled_state.database.commit(state);
        Ok(Outcome { result, changes, gas })
    }

    /// Writes down every transaction from now on that does not revert.
    pub fn start_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    /// Takes the transactions that were written down so far.
    pub fn take_journal(&mut self) -> Vec<Transaction> {
        self.journal.as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn write_down(
        &mut self,
        (from, to): (Address, Address),
        [input, answer]: [Bytes; 2],
        logs: &[Log],
    ) {
        let Some(journal) = &mut self.journal else { return };
        let block = &self.inner.ctx.block;
        let logs = logs.iter().map(|log| (log.address, ContractLog::of(log.clone())));
        journal.push(Transaction {
            from,
            to,
            input,
            answer: Answer(answer),
            timestamp: block.timestamp,
            block: u64::try_from(block.number).unwrap_or(u64::MAX),
            logs: logs.collect(),
        });
    }

    /// Takes what the watched contract logged in the last transaction; nothing if that failed.
    pub fn take_logs(&mut self) -> Vec<ContractLog> {
        std::mem::take(&mut self.logs)
    }

    /// Sends a transaction that sets the test's world up; `SetUp` where it reverts.
    pub fn set_up(
        &mut self,
        from: Address,
        to: Address,
        name: &'static str,
        call: Call,
    ) -> Result<Answer, OracleError> {
        let revert = |revert: Revert| OracleError::SetUp { call: name, revert: revert.to_string() };
        self.send(from, to, call)?.result.map_err(revert)
    }

    /// Calls without keeping any change.
    pub fn view(&mut self, to: Address, call: Call) -> Result<Result<Answer, Revert>, OracleError> {
        Ok(self.execute(Address::ZERO, to, call)?.result)
    }

    /// Returns a word of a contract's storage.
    pub fn storage(&self, contract: Address, slot: U256) -> U256 {
        let accounts = &self.inner.ctx.journaled_state.database.cache.accounts;
        let word = accounts.get(&contract).and_then(|account| account.storage.get(&slot));
        word.copied().unwrap_or_default()
    }

    /// Returns every slot of a contract that was ever written and is not zero, in no order.
    pub fn occupied_slots(&self, contract: Address) -> Vec<SlotChange> {
        let accounts = &self.inner.ctx.journaled_state.database.cache.accounts;
        let storage = accounts.get(&contract).into_iter().flat_map(|account| &account.storage);
        let occupied = storage.filter(|(_, word)| !word.is_zero());
        occupied.map(|(slot, word)| SlotChange { slot: *slot, word: *word }).collect()
    }

    /// Returns what `block.timestamp` and `block.number` give; beyond 64 bits the most.
    pub fn moment(&self) -> (u64, u64) {
        let block = &self.inner.ctx.block;
        [block.timestamp, block.number].map(|word| u64::try_from(word).unwrap_or(u64::MAX)).into()
    }

    /// Returns every account that has code, in no order.
    pub fn accounts(&self) -> Vec<EvmAccount> {
        let cache = &self.inner.ctx.journaled_state.database.cache;
        let accounts = cache.accounts.iter().map(|(address, account)| EvmAccount {
            address: *address,
            code: match (&account.info.code, cache.contracts.get(&account.info.code_hash)) {
                (Some(code), _) | (None, Some(code)) => code.original_bytes(),
                (None, None) => Bytes::new(),
            },
            nonce: account.info.nonce,
            storage: self.occupied_slots(*address),
        });
        accounts.filter(|account| !account.code.is_empty()).collect()
    }

    fn execute(&mut self, from: Address, to: Address, call: Call) -> Result<Executed, OracleError> {
        let transaction = TxEnv {
            caller: from,
            gas_limit: self.gas_limit,
            kind: TxKind::Call(to),
            data: call.encode(),
            ..TxEnv::default()
        };
        let executed = self.inner.transact(transaction).map_err(refused)?;
        let gas = executed.result.tx_gas_used();
        let mut written = Vec::new();
        let result = match executed.result {
            ExecutionResult::Success { output, logs, .. } => {
                written = logs;
                Ok(Answer(output.into_data()))
            }
            ExecutionResult::Revert { output, .. } => Err(Revert::decode(&output)),
            ExecutionResult::Halt { reason, .. } => Err(Revert::from_halt(&reason)),
        };
        Ok(Executed { result, state: executed.state, gas, logs: written })
    }
}

impl ContractLog {
    fn of(log: Log) -> Self {
        let topics = log.topics().iter().map(|topic| (*topic).into()).collect();
        Self { topics, data: Answer(log.data.data) }
    }
}

impl Default for Evm {
    fn default() -> Self {
        Self::new()
    }
}

fn refused(error: impl std::fmt::Debug) -> OracleError {
    OracleError::Refused(format!("{error:?}"))
}
