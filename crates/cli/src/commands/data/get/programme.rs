mod facts;
mod tape;

use std::path::PathBuf;

use tidemill_feed_evm::backfill::HeadersKept;
use tidemill_feed_evm::rpc::{LogQuery, Opened};
use tidemill_feed_evm::{ProgrammeContracts, ProgrammeLogs};
use tidemill_model::{Address, ChainId, ProgrammeHeader, ProgrammeKind};
use tidemill_store::{ProgrammeState, ProgrammeTape, write_programme_tape};
use tidemill_units::BlockNumber;

use self::facts::Facts;
use self::tape::Events;
use super::super::nodes::Nodes;
use super::fetch::{Fetched, How, Wanted};
use crate::failure::Failure;

const EXAMPLES: &str = "Example:
  export NODE='https://…'
  tidemill data get programme 0x7FBa4B8Dc5E7616e59622806932DBea72537A56b --chain 1 \\
      --state farm.json --state-after-block 10849999 --url-env NODE --to-block 10900000 \\
      --reward-token 0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984 --out farm.jsonl

A programme's history as a tape, which `replay` reads, from a state as docs/programme-state.md has
it: staking_rewards, v3_staker, merkle_claim, vote_escrow and token_admin. The file is written when
all is there; a fetch that is stopped begins again. Calls that log nothing are not found: see
docs/raw-logs.md. One request more for each transaction with logs.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The programme's contract
    #[arg(value_name = "ADDRESS")]
    programme: Address,
    /// The chain's number, such as 1 for Ethereum
    #[arg(long, value_name = "N")]
    chain: u64,
    /// Its state, which says its kind
    #[arg(long, value_name = "STATE.json")]
    state: PathBuf,
    /// The last block whose effects are in the state
    #[arg(long, value_name = "N")]
    state_after_block: u64,
    /// The last block
    #[arg(long, value_name = "N")]
    to_block: u64,
    /// What it pays; several where it pays several
    #[arg(long, value_name = "ADDRESS")]
    reward_token: Vec<Address>,
    /// The pool whose providers it pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Option<Address>,
    /// Where the tape goes; an existing file is replaced
    #[arg(long, value_name = "FILE.jsonl")]
    out: PathBuf,
    #[command(flatten)]
    nodes: Nodes,
    #[command(flatten)]
    how: How,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let start = ProgrammeState::read(&self.state).map_err(Failure::input)?;
        let kind = ProgrammeKind::from_name(start.kind());
        let kind = kind.ok_or_else(|| self.wrong("is the state of a programme without tapes"))?;
        self.check_tokens(kind)?;
        let nodes = self.nodes.open(ChainId(self.chain)).await?;
        let contracts = self.contracts(kind, &nodes).await?;
        let query = LogQuery::of(&[self.programme]);
        let query = match self.reward_token.as_slice() {
            [] => query,
            tokens => query.with_transfers(tokens, self.programme),
        };
        let facts = Facts::new(&nodes, self.programme, kind).await?;
        let mut sink = Events { logs: ProgrammeLogs::new(&contracts), facts, events: Vec::new() };
        let from = self.state_after_block.saturating_add(1);
        let headers = HeadersKept::Every;
        let wanted = Wanted { query, from, to: self.to_block, headers };
        let report = self.how.fetch(&nodes, wanted, &mut sink).await?;
        let header = ProgrammeHeader {
            kind,
            chain_id: ChainId(self.chain),
            address: self.programme,
            reward_tokens: self.reward_token.clone(),
            pool: self.pool,
            state_after_block: BlockNumber(self.state_after_block),
        };
        let tape = ProgrammeTape { header, start, events: sink.events };
        write_programme_tape(&tape, &self.out).map_err(Failure::input)?;
        Fetched::new(self.out.display().to_string(), &nodes, &report).print(self.json)
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::input(format!("{}: {what}", self.state.display()))
    }

    fn check_tokens(&self, kind: ProgrammeKind) -> Result<(), Failure> {
        let is_one = self.reward_token.len() == 1;
        let needs_one = matches!(kind, ProgrammeKind::StakingRewards | ProgrammeKind::MerkleClaim);
        if needs_one && !is_one {
            let text = format!("a {} pays one token: give one --reward-token", kind.name());
            return Err(Failure::input(text));
        }
        Ok(())
    }

    /// Whose logs tell of it.
    async fn contracts(
        &self,
        kind: ProgrammeKind,
        nodes: &Opened,
    ) -> Result<ProgrammeContracts, Failure> {
        let contract = self.programme;
        let token = self.reward_token.first().copied();
        Ok(match (kind, token) {
            (ProgrammeKind::StakingRewards, Some(reward_token)) => {
                let staking_token = facts::address(nodes, contract, "stakingToken()").await?;
                ProgrammeContracts::StakingRewards { contract, staking_token, reward_token }
            }
            (ProgrammeKind::V3Staker, _) => ProgrammeContracts::V3Staker { staker: contract },
            (ProgrammeKind::MerkleClaim, Some(token)) => {
                ProgrammeContracts::MerkleClaim { distributor: contract, token }
            }
            (ProgrammeKind::VoteEscrow, _) => ProgrammeContracts::VoteEscrow { escrow: contract },
            (ProgrammeKind::TokenAdmin, _) => ProgrammeContracts::TokenAdmin { admin: contract },
            (other, _) => {
                let name = other.name();
                let text = format!(
                    "is of kind {name}; fetched are staking_rewards, v3_staker, merkle_claim, \
                     vote_escrow and token_admin"
                );
                return Err(self.wrong(&text));
            }
        })
    }
}
