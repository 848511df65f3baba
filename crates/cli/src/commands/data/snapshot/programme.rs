use std::path::Path;

use tidemill_feed_evm::rpc::Opened;
use tidemill_feed_evm::snapshot::{
    AtBlock, CurveGaugeContract, MasterChefContract, SnapshotBlock, SnapshotError,
    StakingProgramme, VoteEscrowContract, curve_gauge_state, master_chef_state,
    staking_rewards_state, vote_escrow_state,
};
use tidemill_model::Address;
use tidemill_store::{ProgrammeState, write_programme_state};

use super::{Arguments, Json, write};
use crate::failure::Failure;
use crate::{output, progress};

/// A reward programme whose state is read, with everybody who ever staked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Programme {
    StakingRewards(StakingProgramme),
    CurveGauge(CurveGaugeContract),
    MasterChef(MasterChefContract),
    VoteEscrow(VoteEscrowContract),
}

impl Programme {
    async fn read(&self, at: &AtBlock<'_>) -> Result<ProgrammeState, SnapshotError> {
        Ok(match self {
            Self::StakingRewards(programme) => ProgrammeState::StakingRewards(Box::new(
                staking_rewards_state(at, programme).await?,
            )),
            Self::CurveGauge(gauge) => {
                ProgrammeState::CurveGauge(Box::new(curve_gauge_state(at, gauge).await?))
            }
            Self::MasterChef(chef) => {
                ProgrammeState::MasterChef(Box::new(master_chef_state(at, chef).await?))
            }
            Self::VoteEscrow(escrow) => {
                ProgrammeState::VoteEscrow(Box::new(vote_escrow_state(at, escrow).await?))
            }
        })
    }
}

/// Reads a programme's state from two nodes and writes it.
pub(super) async fn run(
    arguments: &Arguments,
    nodes: &Opened,
    programme: &Programme,
) -> Result<(), Failure> {
    if arguments.description.is_some() {
        let text = "--description is of pools; a programme's tape begins with its state: \
                    `data get programme --state`";
        return Err(Failure::input(text));
    }
    let spinner = progress::spinner("reading the programme");
    let read = async |at: &AtBlock<'_>| programme.read(at).await;
    let agreed = arguments.agreed(nodes, read).await;
    spinner.finish_and_clear();
    let (SnapshotBlock { number, hash, .. }, state) = agreed?;
    let mut files = Vec::new();
    if let Some(out) = &arguments.out {
        let text = write_programme_state(&state).map_err(Failure::input)?;
        write(out, &text, &mut files)?;
    }
    let told = Json {
        pool: arguments.pool.to_string(),
        kind: state.kind(),
        tokens: Vec::new(),
        block: number.0,
        block_hash: hash.to_string(),
        requests: nodes.endpoints.requests(),
        files,
    };
    if arguments.json { output::print_json(&told) } else { told.print() }
}

/// Reads addresses from a file, one a line.
pub(super) fn read_accounts(file: &Path) -> Result<Vec<Address>, Failure> {
    let name = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::input(format!("{name}: {error}")))?;
    let lines = (1_u64..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = |(number, line): (u64, &str)| {
        let address = line.trim().parse::<Address>();
        address.map_err(|error| Failure::input(format!("{name}, line {number}: {error}")))
    };
    lines.map(read).collect()
}
