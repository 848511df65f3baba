//! The fields of every log, by the names that the model gives them.

use tidemill_model::{
    Address, AerodromeGaugeLog, AerodromeLog, BalancerGaugesLog, Bytes32, ConcentratedGaugeLog,
    CumulativeClaimLog, CurveGaugesLog, FeeCheckpoint, FeeClaim, FeeDistributionLog, FeePayment,
    GaugeControllerLog, GaugeMint, GaugePayment, LiquidStakingLog, MasterChefLog, MerklLog,
    MerkleClaimLog, ProgrammeKind, ProgrammeLog, RateTokenLog, StakingRewardsLog, TokenAdminLog,
    V3StakerLog, ValidatorStakingLog, VaultLog, VoteEscrowLog,
};

use crate::Fault;
use crate::pool_state::{FieldFault, Fields, Json, Object, Value};
use crate::programme_state::StateValue;
use crate::programme_state::value::record;

/// The logs of one programme.
trait LogFields: Sized {
    /// The names of all of them, for messages.
    const KINDS: &'static str;

    /// Reads the fields of a kind; `None` for a kind that is none of these.
    fn read_fields(kind: &str, fields: &mut Fields<'_>) -> Result<Option<Self>, FieldFault>;

    fn write_fields(&self, fields: &mut Object);
}

/// Reads and writes logs by the names of their fields, all of which have to be listed.
///
/// No function can name a field, and written by hand each name stood three times. A log of one of a
/// system's contracts stands in the variant for it.
macro_rules! logs {
    ($log:ident {
        $($kind:literal => $variant:ident $(($part:ident::$of_part:ident))? { $($field:ident),* }),+
        $(,)?
    }) => {
        impl LogFields for $log {
            const KINDS: &'static str = concat!("one of" $(, " ", $kind)+);

            fn read_fields(
                kind: &str,
                fields: &mut Fields<'_>,
            ) -> Result<Option<Self>, FieldFault> {
                Ok(Some(match kind {
                    $($kind => {
                        $(let $field = StateValue::read(&fields.take(stringify!($field))?)?;)*
                        one!($variant $(($part::$of_part))? { $($field),* })
                    })+
                    _ => return Ok(None),
                }))
            }

            fn write_fields(&self, fields: &mut Object) {
                match self {
                    $(one!($variant $(($part::$of_part))? { $($field),* }) => {
                        $(fields.put(stringify!($field), $field.write());)*
                    })+
                }
            }
        }
    };
}

/// One log, made or taken apart.
macro_rules! one {
    ($variant:ident { $($field:ident),* }) => { Self::$variant { $($field),* } };
    ($variant:ident($part:ident::$of_part:ident) { $($field:ident),* }) => {
        Self::$variant($part::$of_part { $($field),* })
    };
}

logs!(StakingRewardsLog {
    "staked" => Staked { user, amount },
    "withdrawn" => Withdrawn { user, amount },
    "reward_paid" => RewardPaid { user, reward },
    "reward_added" => RewardAdded { reward },
    "funded" => Funded { amount },
    "checkpointed" => Checkpointed { user },
    "rewards_duration_updated" => RewardsDurationUpdated { new_duration },
    "pause_changed" => PauseChanged { is_paused },
    "recovered" => Recovered { amount },
    "rewards_distribution_set" => RewardsDistributionSet { rewards_distribution },
});

logs!(MasterChefLog {
    "deposit" => Deposit { user, pid, amount, paid, minted },
    "withdraw" => Withdraw { user, pid, amount, paid, minted },
    "emergency_withdraw" => EmergencyWithdraw { user, pid, amount },
    "pool_added" => PoolAdded { lp_token, alloc_point, with_update, minted },
    "pool_set" => PoolSet { pid, alloc_point, with_update, minted },
    "pool_updated" => PoolUpdated { pid, minted },
    "pools_updated" => PoolsUpdated { minted },
    "dev_set" => DevSet { dev },
    "given" => Given { token, amount },
});

logs!(V3StakerLog {
    "incentive_created" => IncentiveCreated {
        reward_token, pool, start_time, end_time, refundee, reward
    },
    "incentive_ended" => IncentiveEnded { incentive_id, refund },
    "deposit_transferred" => DepositTransferred { token_id, old_owner, new_owner, range },
    "token_staked" => TokenStaked { token_id, incentive_id, liquidity },
    "token_unstaked" => TokenUnstaked { token_id, incentive_id },
    "reward_claimed" => RewardClaimed { reward_token, owner, to, reward, requested },
});

logs!(VoteEscrowLog {
    "deposit" => Deposit { provider, value, locktime, deposit_type, supply },
    "withdraw" => Withdraw { provider, value, supply },
    "checkpointed" => Checkpointed {},
});

logs!(CurveGaugesLog {
    "deposit" => Deposit { gauge, provider, value, working_balance, working_supply },
    "withdraw" => Withdraw { gauge, provider, value, working_balance, working_supply },
    "update_liquidity_limit" => UpdateLiquidityLimit {
        gauge, user, original_balance, original_supply, working_balance, working_supply
    },
    "minted" => Minted { recipient, gauge, minted, working_balance, working_supply },
    "vote_for_gauge" => Controller(GaugeControllerLog::VoteForGauge) { user, gauge_addr, weight },
    "add_type" => Controller(GaugeControllerLog::AddType) { type_id, weight },
    "type_added" => Controller(GaugeControllerLog::TypeAdded) {},
    "new_type_weight" => Controller(GaugeControllerLog::NewTypeWeight) {
        type_id, weight, total_weight
    },
    "new_gauge" => Controller(GaugeControllerLog::NewGauge) { addr, gauge_type, weight },
    "new_gauge_weight" => Controller(GaugeControllerLog::NewGaugeWeight) {
        gauge_address, weight, total_weight
    },
    "update_mining_parameters" => UpdateMiningParameters { rate, supply },
    "burned" => Burned { value },
    "escrow_deposit" => Escrow(VoteEscrowLog::Deposit) {
        provider, value, locktime, deposit_type, supply
    },
    "escrow_withdraw" => Escrow(VoteEscrowLog::Withdraw) { provider, value, supply },
    "escrow_checkpointed" => Escrow(VoteEscrowLog::Checkpointed) {},
    "gauge_deployed" => GaugeDeployed { gauge },
    "gauge_checkpointed" => GaugeCheckpointed { gauge, user },
    "approve_deposit_set" => ApproveDepositSet { gauge, recipient, caller, can_deposit },
    "approve_mint_toggled" => ApproveMintToggled { user, minting_user },
    "controller_checkpointed" => Controller(GaugeControllerLog::Checkpointed) {},
    "controller_gauge_checkpointed" => Controller(GaugeControllerLog::GaugeCheckpointed) { addr },
});

logs!(BalancerGaugesLog {
    "deposit" => Deposit { gauge, provider, value, paid, working_balance, working_supply },
    "withdraw" => Withdraw { gauge, provider, value, paid, working_balance, working_supply },
    "transfer" => Transfer {
        gauge, from, to, value, spender, from_working_balance, to_working_balance, working_supply
    },
    "approval" => Approval { gauge, owner, spender, value },
    "update_liquidity_limit" => UpdateLiquidityLimit {
        gauge, user, original_balance, original_supply, working_balance, working_supply
    },
    "reward_distributor_updated" => RewardDistributorUpdated { gauge, reward_token, distributor },
    "reward_token_deposited" => RewardTokenDeposited { gauge, reward_token, amount },
    "given" => Given { gauge, token, amount },
    "relative_weight_cap_changed" => RelativeWeightCapChanged { gauge, new_relative_weight_cap },
    "gauge_created" => GaugeCreated { gauge, pool_token, relative_weight_cap, admin, vault },
    "minted" => Minted { recipient, gauges, value },
    "minter_approval_set" => MinterApprovalSet { user, minter, approval },
    "mining_parameters_updated" => MiningParametersUpdated { rate, supply },
    "vote_for_gauge" => Controller(GaugeControllerLog::VoteForGauge) { user, gauge_addr, weight },
    "add_type" => Controller(GaugeControllerLog::AddType) { type_id, weight },
    "type_added" => Controller(GaugeControllerLog::TypeAdded) {},
    "new_type_weight" => Controller(GaugeControllerLog::NewTypeWeight) {
        type_id, weight, total_weight
    },
    "new_gauge" => Controller(GaugeControllerLog::NewGauge) { addr, gauge_type, weight },
    "new_gauge_weight" => Controller(GaugeControllerLog::NewGaugeWeight) {
        gauge_address, weight, total_weight
    },
    "escrow_deposit" => Escrow(VoteEscrowLog::Deposit) {
        provider, value, locktime, deposit_type, supply
    },
    "escrow_withdraw" => Escrow(VoteEscrowLog::Withdraw) { provider, value, supply },
    "escrow_checkpointed" => Escrow(VoteEscrowLog::Checkpointed) {},
    "rewards_claimed" => RewardsClaimed { gauge, user, receiver, paid },
    "rewards_receiver_set" => RewardsReceiverSet { gauge, user, receiver },
    "killed_set" => KilledSet { gauge, is_killed },
    "gauge_checkpointed" => GaugeCheckpointed { gauge, user },
    "controller_checkpointed" => Controller(GaugeControllerLog::Checkpointed) {},
    "controller_gauge_checkpointed" => Controller(GaugeControllerLog::GaugeCheckpointed) { addr },
});

record!(GaugePayment { token, receiver, amount });
record!(GaugeMint { gauge, minted, working_balance, working_supply });

logs!(FeeDistributionLog {
    "token_deposited" => TokenDeposited { token, amount, before, after },
    "given" => Given { token, amount },
    "only_caller_opt_in" => OnlyCallerOptIn { user, enabled },
    "token_checkpointed" => TokenCheckpointed { token, checkpoint },
    "claimed" => Claimed { user, claims },
    "checkpointed" => Checkpointed {},
    "user_checkpointed" => UserCheckpointed { user },
    "escrow_deposit" => Escrow(VoteEscrowLog::Deposit) {
        provider, value, locktime, deposit_type, supply
    },
    "escrow_withdraw" => Escrow(VoteEscrowLog::Withdraw) { provider, value, supply },
    "escrow_checkpointed" => Escrow(VoteEscrowLog::Checkpointed) {},
});

record!(FeeCheckpoint { amount, last_checkpoint_timestamp });
record!(FeeClaim { token, checkpoint, claimed });
record!(FeePayment { amount, user_token_time_cursor });

logs!(TokenAdminLog {
    "mining_parameters_updated" => MiningParametersUpdated { rate, supply },
});

logs!(MerkleClaimLog {
    "claimed" => Claimed { index, account, amount, merkle_proof },
    "funded" => Funded { amount },
});

logs!(AerodromeLog {
    "deposit" => Deposit { token_id, deposit_type, value, locktime, owner, supply },
    "withdraw" => Withdraw { token_id, value, supply },
    "merge" => Merge { from, to, amount_from, amount_to, amount_final, locktime },
    "split" => Split { from, token_id1, token_id2, split_amount1, split_amount2, locktime },
    "lock_permanent" => LockPermanent { token_id, amount },
    "unlock_permanent" => UnlockPermanent { token_id, amount },
    "transfer" => Transfer { from, to, token_id },
    "create_managed" => CreateManaged { to, m_token_id },
    "deposit_managed" => DepositManaged { token_id, m_token_id, weight, abstained, voted },
    "withdraw_managed" => WithdrawManaged { token_id, m_token_id, weight, abstained, voted },
    "voted" => Voted { token_id, weights, abstained, voted },
    "poked" => Poked { token_id, abstained, voted },
    "abstained" => Abstained { token_id, abstained },
    "gauge_created" => GaugeCreated { gauge, tokens, is_elsewhere },
    "gauge_killed" => GaugeKilled { gauge },
    "gauge_revived" => GaugeRevived { gauge },
    "whitelist_token" => WhitelistToken { token, is_allowed },
    "whitelist_nft" => WhitelistNft { token_id, is_allowed },
    "distribute_reward" => DistributeReward {
        gauge, amount, claimed0, claimed1, fees0, fees1, left
    },
    "mint" => Mint { weekly, circulating_supply, is_tail, tokens, team },
    "nudge" => Nudge { period, old_rate, new_rate },
    "claimed" => Claimed { token_id, epoch_start, epoch_end, amount },
    "bribe_notify_reward" => BribeNotifyReward { gauge, reward, epoch, amount },
    "fees_notify_reward" => FeesNotifyReward { gauge, reward, epoch, amount },
    "free_notify_reward" => FreeNotifyReward { m_token_id, reward, epoch, amount },
    "bribe_claim_rewards" => BribeClaimRewards { gauge, token_id, from, reward, amount },
    "fees_claim_rewards" => FeesClaimRewards { gauge, token_id, from, reward, amount },
    "free_claim_rewards" => FreeClaimRewards { m_token_id, token_id, from, reward, amount },
    "gauge_deposit" => GaugeDeposit { gauge, to, amount },
    "gauge_withdraw" => GaugeWithdraw { gauge, from, amount },
    "gauge_claim_rewards" => GaugeClaimRewards { gauge, from, amount },
    "gauge_notify_reward" => GaugeNotifyReward { gauge, amount },
    "gauge_checkpointed" => GaugeCheckpointed { gauge, from },
    "gauge_updated" => GaugeUpdated { gauge },
    "voted_for_nothing" => VotedForNothing { token_id },
    "rebase_checkpointed" => RebaseCheckpointed { token_id },
    "escrow_checkpointed" => EscrowCheckpointed {},
    "split_toggled" => SplitToggled { account, is_allowed },
    "managed_state_set" => ManagedStateSet { m_token_id, is_deactivated },
    "max_voting_num_set" => MaxVotingNumSet { max_voting_num },
    "team_rate_set" => TeamRateSet { rate },
});

logs!(ConcentratedGaugeLog {
    "deposit" => Deposit { user, token_id, liquidity, range },
    "withdraw" => Withdraw { user, token_id, liquidity },
    "claim_rewards" => ClaimRewards { from, token_id, amount },
    "notify_reward" => NotifyReward {
        amount, emission, excess, claimed0, claimed1, fees0, fees1
    },
    "checkpointed" => Checkpointed { from, token_id },
});

logs!(AerodromeGaugeLog {
    "deposit" => Deposit { to, amount },
    "withdraw" => Withdraw { from, amount },
    "claim_rewards" => ClaimRewards { from, amount },
    "notify_reward" => NotifyReward { amount, claimed0, claimed1, fees0, fees1 },
    "checkpointed" => Checkpointed { from },
});

logs!(CumulativeClaimLog {
    "claimed" => Claimed { user, token, amount, cumulative, merkle_proof, caller },
    "tree_updated" => TreeUpdated { merkle_root, end_of_dispute_period },
    "disputed" => Disputed { disputer },
    "dispute_resolved" => DisputeResolved { valid, to, amount },
    "revoked" => Revoked { merkle_root },
    "operator_toggled" => OperatorToggled { user, operator, is_whitelisted },
    "trusted_toggled" => TrustedToggled { eoa, trust },
    "dispute_amount_updated" => DisputeAmountUpdated { dispute_amount },
    "dispute_token_updated" => DisputeTokenUpdated { dispute_token },
    "dispute_period_updated" => DisputePeriodUpdated { dispute_period },
    "epoch_duration_updated" => EpochDurationUpdated { new_epoch_duration },
    "funded" => Funded { token, amount },
});

logs!(MerklLog {
    "settled" => Settled { rewards },
    "boost_set" => BoostSet { account, boost },
    "boost_supply_set" => BoostSupplySet { supply },
});

logs!(LiquidStakingLog {
    "submitted" => Submitted { sender, amount, shares },
    "transfer_shares" => TransferShares { from, to, shares_value, value },
    "wrapped" => Wrapped { user, amount, tokens },
    "unwrapped" => Unwrapped { user, tokens, amount },
    "unbuffered" => Unbuffered { amount },
    "withdrawal_requested" => WithdrawalRequested { request_id, owner, amount, shares, wrapped },
    "token_rebased" => TokenRebased {
        report_timestamp, cl_validators, cl_balance, withdrawals, execution_rewards, shares_burnt,
        batches, share_rate, eth_locked, shares_to_burn, fee_shares, total_ether, total_shares
    },
    "withdrawal_claimed" => WithdrawalClaimed { request_id, owner, amount },
});

logs!(RateTokenLog {
    "tokens_minted" => TokensMinted { to, deposited, amount },
    "tokens_burned" => TokensBurned { from, amount, eth_amount },
    "transfer" => Transfer { from, to, value },
    "balances_updated" => BalancesUpdated { total_eth, reth_supply },
    "ether_deposited" => EtherDeposited { amount },
    "deposit_assigned" => DepositAssigned { amount },
});

logs!(VaultLog {
    "deposit" => Deposit { owner, assets, shares },
    "withdraw" => Withdraw { owner, assets, shares },
    "transfer" => Transfer { from, to, value },
    "given" => Given { amount },
});

logs!(ValidatorStakingLog {
    "create_validator" => CreateValidator { validator, commission_rate, min_self_delegation },
    "edit_validator" => EditValidator { validator, commission_rate },
    "delegate" => Delegate { delegator, validator, amount, new_shares, rewards },
    "unbond" => Unbond { delegator, validator, amount, unbonded, completion_time, payments },
    "redelegate" => Redelegate {
        delegator, source_validator, destination_validator, amount, moved, new_shares,
        completion_time, payments
    },
    "cancel_unbonding_delegation" => CancelUnbondingDelegation {
        delegator, validator, amount, creation_height, new_shares, rewards
    },
    "withdraw_rewards" => WithdrawRewards { delegator, validator, amount },
    "withdraw_commission" => WithdrawCommission { validator, amount },
    "allocated" => Allocated { fees, votes, proposer, rewards },
    "slash" => Slash {
        validator, infraction_height, power, fraction, burned, burned_unbonding,
        burned_redelegated, payments
    },
    "bonded" => Bonded { validator },
    "began_unbonding" => BeganUnbonding { validator },
    "jailed" => Jailed { validator },
    "unjailed" => Unjailed { validator },
    "completed" => Completed { unbonded, payments },
});

/// Reads the log that a line has beside its place; takes its fields and `event`.
pub(super) fn read_log(
    programme: ProgrammeKind,
    fields: &mut Fields<'_>,
) -> Result<ProgrammeLog, FieldFault> {
    match programme {
        ProgrammeKind::StakingRewards => read(fields).map(ProgrammeLog::StakingRewards),
        ProgrammeKind::MasterChef => read(fields).map(ProgrammeLog::MasterChef),
        ProgrammeKind::V3Staker => read(fields).map(ProgrammeLog::V3Staker),
        ProgrammeKind::VoteEscrow => read(fields).map(ProgrammeLog::VoteEscrow),
        ProgrammeKind::CurveGauges => read(fields).map(ProgrammeLog::CurveGauges),
        ProgrammeKind::BalancerGauges => read(fields).map(ProgrammeLog::BalancerGauges),
        ProgrammeKind::FeeDistribution => read(fields).map(ProgrammeLog::FeeDistribution),
        ProgrammeKind::TokenAdmin => read(fields).map(ProgrammeLog::TokenAdmin),
        ProgrammeKind::MerkleClaim => read(fields).map(ProgrammeLog::MerkleClaim),
        ProgrammeKind::Aerodrome => read(fields).map(ProgrammeLog::Aerodrome),
        ProgrammeKind::ConcentratedGauge => read(fields).map(ProgrammeLog::ConcentratedGauge),
        ProgrammeKind::AerodromeGauge => read(fields).map(ProgrammeLog::AerodromeGauge),
        ProgrammeKind::CumulativeClaim => read(fields).map(ProgrammeLog::CumulativeClaim),
        ProgrammeKind::Merkl => read(fields).map(ProgrammeLog::Merkl),
        ProgrammeKind::LiquidStaking => read(fields).map(Box::new).map(ProgrammeLog::LiquidStaking),
        ProgrammeKind::RateToken => read(fields).map(ProgrammeLog::RateToken),
        ProgrammeKind::Vault => read(fields).map(ProgrammeLog::Vault),
        ProgrammeKind::ValidatorStaking => read(fields).map(ProgrammeLog::ValidatorStaking),
    }
}

fn read<T: LogFields>(fields: &mut Fields<'_>) -> Result<T, FieldFault> {
    let event = fields.take("event")?;
    let kind = event.string(T::KINDS)?;
    let log = T::read_fields(&kind, fields)?;
    log.ok_or_else(|| {
        let fault = Fault::UnknownKind { found: crate::error::clip(&kind), expected: T::KINDS };
        (event.path().to_owned(), fault)
    })
}

/// Writes `event` and the log's fields.
pub(super) fn write_log(log: &ProgrammeLog, fields: &mut Object) {
    fields.put("event", Json::Text(log.kind().to_owned()));
    match log {
        ProgrammeLog::StakingRewards(log) => log.write_fields(fields),
        ProgrammeLog::MasterChef(log) => log.write_fields(fields),
        ProgrammeLog::V3Staker(log) => log.write_fields(fields),
        ProgrammeLog::VoteEscrow(log) => log.write_fields(fields),
        ProgrammeLog::CurveGauges(log) => log.write_fields(fields),
        ProgrammeLog::BalancerGauges(log) => log.write_fields(fields),
        ProgrammeLog::FeeDistribution(log) => log.write_fields(fields),
        ProgrammeLog::TokenAdmin(log) => log.write_fields(fields),
        ProgrammeLog::MerkleClaim(log) => log.write_fields(fields),
        ProgrammeLog::Aerodrome(log) => log.write_fields(fields),
        ProgrammeLog::ConcentratedGauge(log) => log.write_fields(fields),
        ProgrammeLog::AerodromeGauge(log) => log.write_fields(fields),
        ProgrammeLog::CumulativeClaim(log) => log.write_fields(fields),
        ProgrammeLog::Merkl(log) => log.write_fields(fields),
        ProgrammeLog::LiquidStaking(log) => log.write_fields(fields),
        ProgrammeLog::RateToken(log) => log.write_fields(fields),
        ProgrammeLog::Vault(log) => log.write_fields(fields),
        ProgrammeLog::ValidatorStaking(log) => log.write_fields(fields),
    }
}

impl StateValue for Address {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.address()
    }

    fn write(&self) -> Json {
        Json::Text(self.to_string())
    }
}

impl StateValue for Bytes32 {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "thirty-two bytes: 0x and 64 hexadecimal digits";
        value.string(EXPECTED)?.parse().map_err(|_| value.fault(EXPECTED))
    }

    fn write(&self) -> Json {
        Json::Text(self.to_string())
    }
}
