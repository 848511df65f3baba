//! What the logs of reward programmes say.

mod aerodrome;
mod aerodrome_calls;
mod aerodrome_events;
mod aerodrome_gauge;
mod balancer_gauges;
mod call;
mod concentrated_gauge;
mod contracts;
mod cumulative_claim;
mod curve_gauges;
mod fee_distribution;
mod gauge_controller;
mod lido_events;
mod liquid_staking;
mod master_chef;
mod merkle_claim;
mod not_in_logs;
mod rate_token;
mod staking_rewards;
mod token_admin;
mod token_transfers;
mod v3_staker;
mod vault;
mod vote_escrow;

use std::fmt;

use tidemill_model::{Address, ProgrammeKind, ProgrammeLog};
use tidemill_units::{Amount, TickRange, Timestamp, U256};

pub use call::TransactionCall;
pub use contracts::{
    AerodromeContracts, AerodromeGaugeContracts, BalancerGaugesContracts,
    ConcentratedGaugeContracts, CurveGaugesContracts, FeeContracts, LiquidStakingContracts,
    ManagedLockContracts, ProgrammeContracts,
};
pub use not_in_logs::{NotInLogs, Source, not_in_logs};

use crate::{DecodeError, DecodeFault, LogPlace, RawLog};

/// An event of a programme and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedProgrammeLog {
    /// The place of the log that ends the event's; of a call without logs, the call's.
    pub place: LogPlace,
    /// The block's time, where it is told.
    pub time: Option<Timestamp>,
    /// What happened.
    pub log: ProgrammeLog,
}

/// A transaction: the logs of the programme's contracts and tokens, in the order of the chain, and
/// what is known beside.
#[derive(Clone, Copy)]
pub struct ProgrammeTransaction<'a> {
    /// Its logs; those of other contracts are passed over.
    pub logs: &'a [RawLog],
    /// The call, where transactions were recorded beside the logs. What is in no log is read of it;
    /// without it, see [`not_in_logs`].
    pub call: Option<&'a TransactionCall>,
    /// The ticks of a position of v3's manager by its number, where they are known.
    pub range_of: &'a dyn Fn(U256) -> Option<TickRange>,
    /// What a gauge of Slipstream's answers to `left` at the block, where that is known.
    pub left_of: &'a dyn Fn(Address) -> Option<Amount>,
}

/// Reads the logs of a reward programme, one transaction at a time.
pub struct ProgrammeLogs {
    kind: ProgrammeKind,
    reader: Box<dyn Reader + Send + Sync>,
}

/// What each programme's module does.
trait Reader {
    fn read(
        &self,
        transaction: &ProgrammeTransaction<'_>,
        all: &mut Told,
    ) -> Result<(), DecodeError>;
}

/// What has been told of a transaction.
#[derive(Debug, Default)]
struct Told(Vec<PlacedProgrammeLog>);

impl Told {
    fn push(&mut self, at: &RawLog, log: ProgrammeLog) {
        self.0.push(PlacedProgrammeLog { place: at.place, time: at.time, log });
    }

    fn call(&mut self, call: &TransactionCall, log: ProgrammeLog) {
        self.0.push(PlacedProgrammeLog { place: call.place, time: call.time, log });
    }
}

impl ProgrammeLogs {
    /// Begins to read the logs of a programme.
    pub fn new(contracts: &ProgrammeContracts) -> Self {
        let reader: Box<dyn Reader + Send + Sync> = match contracts {
            ProgrammeContracts::StakingRewards { contract, staking_token, reward_token } => {
                Box::new(staking_rewards::Reader::new(*contract, *staking_token, *reward_token))
            }
            ProgrammeContracts::MasterChef { chef, reward_token, tokens } => {
                Box::new(master_chef::Reader::new(*chef, *reward_token, tokens.clone()))
            }
            ProgrammeContracts::V3Staker { staker } => Box::new(v3_staker::Reader::new(*staker)),
            ProgrammeContracts::VoteEscrow { escrow } => {
                Box::new(vote_escrow::Reader::new(*escrow))
            }
            ProgrammeContracts::TokenAdmin { admin } => Box::new(token_admin::Reader::new(*admin)),
            ProgrammeContracts::MerkleClaim { distributor, token } => {
                Box::new(merkle_claim::Reader::new(*distributor, *token))
            }
            ProgrammeContracts::CurveGauges(contracts) => {
                Box::new(curve_gauges::Reader::new(contracts))
            }
            ProgrammeContracts::BalancerGauges(contracts) => {
                Box::new(balancer_gauges::Reader::new(contracts))
            }
            ProgrammeContracts::FeeDistribution(contracts) => {
                Box::new(fee_distribution::Reader::new(contracts))
            }
            ProgrammeContracts::AerodromeGauge { gauge, pool_fees_reward } => {
                Box::new(aerodrome_gauge::Reader::new(*gauge, *pool_fees_reward))
            }
            ProgrammeContracts::Aerodrome(contracts) => Box::new(aerodrome::Reader::new(contracts)),
            ProgrammeContracts::ConcentratedGauge(contracts) => {
                Box::new(concentrated_gauge::Reader::new(contracts))
            }
            ProgrammeContracts::CumulativeClaim { distributor } => {
                Box::new(cumulative_claim::Reader::new(*distributor))
            }
            ProgrammeContracts::LiquidStaking(contracts) => {
                Box::new(liquid_staking::Reader::new(contracts))
            }
            ProgrammeContracts::RateToken { token, deposit_pool, balances } => {
                Box::new(rate_token::Reader::new(*token, *deposit_pool, *balances))
            }
            ProgrammeContracts::Vault { vault, asset } => {
                Box::new(vault::Reader::new(*vault, *asset))
            }
        };
        Self { kind: contracts.kind(), reader }
    }

    /// Returns which programme it is.
    pub fn kind(&self) -> ProgrammeKind {
        self.kind
    }

    /// Returns what a transaction's logs, and its call where it is known, say happened.
    ///
    /// Errors, each with a log's place: a log that its contract does not write, and one whose event
    /// needs a fact that is in no log and was not given.
    pub fn decode(
        &self,
        transaction: &ProgrammeTransaction<'_>,
    ) -> Result<Vec<PlacedProgrammeLog>, DecodeError> {
        let mut all = Told::default();
        self.reader.read(transaction, &mut all)?;
        // A transaction's events stand where their logs do, its calls' last.
        all.0.sort_by_key(|told| told.place);
        Ok(all.0)
    }
}

impl fmt::Debug for ProgrammeLogs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProgrammeLogs").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn at(log: &RawLog) -> impl FnOnce(DecodeFault) -> DecodeError + Copy {
    let place = log.place;
    move |fault| DecodeError { place, fault }
}
