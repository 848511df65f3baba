use tidemill_model::ProgrammeKind;

/// Something that a tape of a programme has and that no log says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotInLogs {
    /// The tape's event, or the field of one as `event.field`.
    pub what: &'static str,
    /// What says it instead.
    pub from: Source,
}

/// What says something that is in no log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The transaction's call: who sent it, or its arguments.
    Call,
    /// A call of a contract in the course of another's, by a trace.
    Trace,
    /// Another contract, asked at the block.
    State,
    /// A chain that is no EVM chain, or a file from elsewhere.
    Elsewhere,
}

const fn call(what: &'static str) -> NotInLogs {
    NotInLogs { what, from: Source::Call }
}

const fn trace(what: &'static str) -> NotInLogs {
    NotInLogs { what, from: Source::Trace }
}

const fn state(what: &'static str) -> NotInLogs {
    NotInLogs { what, from: Source::State }
}

const fn elsewhere(what: &'static str) -> NotInLogs {
    NotInLogs { what, from: Source::Elsewhere }
}

const STAKING_REWARDS: [NotInLogs; 2] = [call("checkpointed"), call("rewards_distribution_set")];
const MASTER_CHEF: [NotInLogs; 5] = [
    call("pool_added"),
    call("pool_set"),
    call("pool_updated"),
    call("pools_updated"),
    call("dev_set"),
];
const V3_STAKER: [NotInLogs; 3] = [
    state("deposit_transferred.range"),
    call("reward_claimed.owner"),
    call("reward_claimed.requested"),
];
const VOTE_ESCROW: [NotInLogs; 1] = [call("checkpointed")];
const MERKLE_CLAIM: [NotInLogs; 1] = [call("claimed.merkle_proof")];
const CURVE_GAUGES: [NotInLogs; 8] = [
    call("type_added"),
    call("escrow_checkpointed"),
    call("gauge_deployed"),
    call("gauge_checkpointed"),
    call("approve_deposit_set"),
    call("approve_mint_toggled"),
    call("controller_checkpointed"),
    call("controller_gauge_checkpointed"),
];
const BALANCER_GAUGES: [NotInLogs; 11] = [
    call("transfer.spender"),
    call("reward_token_deposited"),
    call("gauge_created.pool_token"),
    call("type_added"),
    call("escrow_checkpointed"),
    call("controller_checkpointed"),
    call("controller_gauge_checkpointed"),
    call("rewards_claimed"),
    call("rewards_receiver_set"),
    call("killed_set"),
    call("gauge_checkpointed"),
];
// At which of the times that a call names one token it was paid is in its answer.
const FEE_DISTRIBUTION: [NotInLogs; 7] = [
    call("token_deposited"),
    call("token_checkpointed"),
    call("claimed"),
    trace("claimed.claims"),
    call("checkpointed"),
    call("user_checkpointed"),
    call("escrow_checkpointed"),
];
const AERODROME: [NotInLogs; 16] = [
    call("voted"),
    call("poked"),
    call("abstained"),
    call("bribe_claim_rewards.token_id"),
    call("fees_claim_rewards.token_id"),
    call("free_claim_rewards.token_id"),
    state("distribute_reward.left"),
    call("gauge_checkpointed"),
    call("gauge_updated"),
    call("voted_for_nothing"),
    call("rebase_checkpointed"),
    call("escrow_checkpointed"),
    call("split_toggled"),
    call("managed_state_set"),
    call("max_voting_num_set"),
    call("team_rate_set"),
];
// Of a reward that a withdrawal pays the position manager's log says which position it is of.
const CONCENTRATED_GAUGE: [NotInLogs; 3] =
    [state("deposit.range"), call("claim_rewards.token_id"), call("checkpointed")];
const AERODROME_GAUGE: [NotInLogs; 1] = [call("checkpointed")];
const CUMULATIVE_CLAIM: [NotInLogs; 3] =
    [call("claimed.cumulative"), call("claimed.merkle_proof"), call("claimed.caller")];
const MERKL: [NotInLogs; 1] = [elsewhere("settled")];
// Validators are logged where a report sees new ones.
const LIQUID_STAKING: [NotInLogs; 3] = [
    call("token_rebased.batches"),
    call("token_rebased.share_rate"),
    call("token_rebased.cl_validators"),
];
const VALIDATOR_STAKING: [NotInLogs; 1] = [elsewhere("all events")];

/// Returns what no log of a programme says. Of those that are from a call, the decoder reads it
/// where it is given; a call of a contract in the course of another's it cannot see.
pub const fn not_in_logs(kind: ProgrammeKind) -> &'static [NotInLogs] {
    match kind {
        ProgrammeKind::StakingRewards => &STAKING_REWARDS,
        ProgrammeKind::MasterChef => &MASTER_CHEF,
        ProgrammeKind::V3Staker => &V3_STAKER,
        ProgrammeKind::VoteEscrow => &VOTE_ESCROW,
        ProgrammeKind::MerkleClaim => &MERKLE_CLAIM,
        ProgrammeKind::CurveGauges => &CURVE_GAUGES,
        ProgrammeKind::BalancerGauges => &BALANCER_GAUGES,
        ProgrammeKind::FeeDistribution => &FEE_DISTRIBUTION,
        ProgrammeKind::Aerodrome => &AERODROME,
        ProgrammeKind::ConcentratedGauge => &CONCENTRATED_GAUGE,
        ProgrammeKind::AerodromeGauge => &AERODROME_GAUGE,
        ProgrammeKind::CumulativeClaim => &CUMULATIVE_CLAIM,
        ProgrammeKind::Merkl => &MERKL,
        ProgrammeKind::LiquidStaking => &LIQUID_STAKING,
        ProgrammeKind::ValidatorStaking => &VALIDATOR_STAKING,
        ProgrammeKind::TokenAdmin | ProgrammeKind::RateToken | ProgrammeKind::Vault => &[],
    }
}
