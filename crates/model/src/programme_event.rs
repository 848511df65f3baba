use tidemill_units::{BlockNumber, Gas, GasPrice, LogIndex, Timestamp};

use crate::{Address, ChainId, ProgrammeKind, ProgrammeLog};

/// The number of a reward programme within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProgrammeId(pub u16);

/// What happened to a reward programme, as the log of a run has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeEvent {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its block.
    pub block: BlockNumber,
    /// Its place in the block.
    pub log_index: LogIndex,
    /// What the transaction paid per gas, where recorded.
    pub gas_price: Option<GasPrice>,
    /// What happened.
    pub log: ProgrammeLog,
}

/// One recorded event of a reward programme and where it stands on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeTapeEvent {
    /// Its block.
    pub block: BlockNumber,
    /// Its place in the block; of an entry from a call trace, that of the log after it.
    pub log_index: LogIndex,
    /// The block's time.
    pub time: Timestamp,
    /// Gas that the whole transaction used, where recorded.
    pub gas_used: Option<Gas>,
    /// What the transaction paid per gas, where recorded.
    pub gas_price: Option<GasPrice>,
    /// What happened.
    pub log: ProgrammeLog,
}

impl ProgrammeTapeEvent {
    /// Returns the event as the log has it, of a programme of a run.
    pub fn of_programme(&self, programme: ProgrammeId) -> ProgrammeEvent {
        ProgrammeEvent {
            programme,
            block: self.block,
            log_index: self.log_index,
            gas_price: self.gas_price,
            log: self.log.clone(),
        }
    }
}

/// What a tape says of a reward programme beside its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeHeader {
    /// Which programme.
    pub kind: ProgrammeKind,
    /// The chain.
    pub chain_id: ChainId,
    /// The programme's contract.
    pub address: Address,
    /// What it pays; empty where its events name the tokens.
    pub reward_tokens: Vec<Address>,
    /// The pool whose providers it pays, where it is about one.
    pub pool: Option<Address>,
    /// The last block whose effects are in the state that the tape starts from.
    pub state_after_block: BlockNumber,
}
