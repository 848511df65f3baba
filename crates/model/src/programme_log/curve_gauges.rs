use tidemill_units::{Amount, Timestamp, U256};

use crate::Address;

/// What happened to Curve's token, escrow, controller, minter or one of the gauges, which work
/// across each other and have one tape.
///
/// Where a gauge sets a boost, its `UpdateLiquidityLimit` stands right before the log of the call
/// that does so; `working_balance` and `working_supply` are from there.
///
/// Source: `LiquidityGauge.vy`, `GaugeController.vy`, `Minter.vy`, `ERC20CRV.vy` and
/// `VotingEscrow.vy` of curve-dao-contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveGaugesLog {
    /// `Deposit` of a gauge.
    Deposit {
        /// The gauge.
        gauge: Address,
        /// Whose stake it became, whoever paid.
        provider: Address,
        /// How much, perhaps nothing.
        value: Amount,
        /// The part of the stake that counts; none where nothing was deposited.
        working_balance: Option<Amount>,
        /// The sum of these parts; none where nothing was deposited.
        working_supply: Option<Amount>,
    },
    /// `Withdraw` of a gauge.
    Withdraw {
        /// The gauge.
        gauge: Address,
        /// Whose stake it was.
        provider: Address,
        /// How much, perhaps nothing.
        value: Amount,
        /// The part of the stake that counts.
        working_balance: Amount,
        /// The sum of these parts.
        working_supply: Amount,
    },
    /// `UpdateLiquidityLimit` by itself: a `user_checkpoint`, a `kick` or a `mint` of nothing,
    /// which all do the same.
    UpdateLiquidityLimit {
        /// The gauge.
        gauge: Address,
        /// Whose boost.
        user: Address,
        /// The stake.
        original_balance: Amount,
        /// All stakes.
        original_supply: Amount,
        /// The part of the stake that counts.
        working_balance: Amount,
        /// The sum of these parts.
        working_supply: Amount,
    },
    /// `Minted`; `mint_many` writes one for each gauge.
    Minted {
        /// Who was paid.
        recipient: Address,
        /// Where it was earned.
        gauge: Address,
        /// All that was ever minted for it there.
        minted: Amount,
        /// The part of the stake that counts.
        working_balance: Amount,
        /// The sum of these parts.
        working_supply: Amount,
    },
    /// `VoteForGauge`.
    VoteForGauge {
        /// Who voted.
        user: Address,
        /// For what.
        gauge_addr: Address,
        /// With how much of the voting power, in 10,000ths.
        weight: U256,
    },
    /// `AddType`, with the weight of the `NewTypeWeight` before it.
    AddType {
        /// The type's number.
        type_id: u64,
        /// Its weight, not zero.
        weight: U256,
    },
    /// From a call trace: `add_type` without a weight, which logs nothing.
    TypeAdded {},
    /// `NewTypeWeight` by itself.
    NewTypeWeight {
        /// The type's number.
        type_id: u64,
        /// Its new weight.
        weight: U256,
        /// The sum of all weights.
        total_weight: U256,
    },
    /// `NewGauge`.
    NewGauge {
        /// The gauge.
        addr: Address,
        /// Its type.
        gauge_type: u64,
        /// Its weight.
        weight: U256,
    },
    /// `NewGaugeWeight`.
    NewGaugeWeight {
        /// The gauge.
        gauge_address: Address,
        /// Its new weight.
        weight: U256,
        /// The sum of all weights.
        total_weight: U256,
    },
    /// `UpdateMiningParameters`, of a call to the token itself. In the course of a gauge's or the
    /// minter's call it has no entry: that call does it again.
    UpdateMiningParameters {
        /// Units per second of the new epoch.
        rate: Amount,
        /// All there may be at its start.
        supply: Amount,
    },
    /// `Transfer` of the token to the zero address: `burn`.
    Burned {
        /// How much.
        value: Amount,
    },
    /// `Deposit` of the escrow, with the `Supply` that follows it.
    EscrowDeposit {
        /// Whose lock it is.
        provider: Address,
        /// How much was added.
        value: Amount,
        /// When the lock ends, the beginning of a week.
        locktime: Timestamp,
        /// Which call (`type`), 0 to 3.
        deposit_type: u64,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// `Withdraw` of the escrow, with the `Supply` that follows it.
    EscrowWithdraw {
        /// Whose lock it was.
        provider: Address,
        /// The whole lock.
        value: Amount,
        /// All that is locked afterwards.
        supply: Amount,
    },
    /// From a call trace: the escrow's `checkpoint`.
    EscrowCheckpointed {},
    /// From a call trace: a gauge was created.
    GaugeDeployed {
        /// The gauge.
        gauge: Address,
    },
    /// From a call trace: `claimable_tokens` sent as a transaction, which counts what was earned
    /// and leaves the boost as it is.
    GaugeCheckpointed {
        /// The gauge.
        gauge: Address,
        /// Whose.
        user: Address,
    },
    /// From a call trace: `set_approve_deposit`.
    ApproveDepositSet {
        /// The gauge.
        gauge: Address,
        /// Who allows it.
        recipient: Address,
        /// Who may deposit.
        caller: Address,
        /// Whether it may.
        can_deposit: bool,
    },
    /// From a call trace: `toggle_approve_mint`.
    ApproveMintToggled {
        /// Who allows it, or no longer.
        user: Address,
        /// Who may mint.
        minting_user: Address,
    },
    /// From a call trace: the controller's `checkpoint`.
    ControllerCheckpointed {},
    /// From a call trace: `checkpoint_gauge` or `gauge_relative_weight_write`, which write the
    /// same.
    ControllerGaugeCheckpointed {
        /// The gauge.
        addr: Address,
    },
}

impl CurveGaugesLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::UpdateLiquidityLimit { .. } => "update_liquidity_limit",
            Self::Minted { .. } => "minted",
            Self::VoteForGauge { .. } => "vote_for_gauge",
            Self::AddType { .. } => "add_type",
            Self::TypeAdded {} => "type_added",
            Self::NewTypeWeight { .. } => "new_type_weight",
            Self::NewGauge { .. } => "new_gauge",
            Self::NewGaugeWeight { .. } => "new_gauge_weight",
            Self::UpdateMiningParameters { .. } => "update_mining_parameters",
            Self::Burned { .. } => "burned",
            Self::EscrowDeposit { .. } => "escrow_deposit",
            Self::EscrowWithdraw { .. } => "escrow_withdraw",
            Self::EscrowCheckpointed {} => "escrow_checkpointed",
            Self::GaugeDeployed { .. } => "gauge_deployed",
            Self::GaugeCheckpointed { .. } => "gauge_checkpointed",
            Self::ApproveDepositSet { .. } => "approve_deposit_set",
            Self::ApproveMintToggled { .. } => "approve_mint_toggled",
            Self::ControllerCheckpointed {} => "controller_checkpointed",
            Self::ControllerGaugeCheckpointed { .. } => "controller_gauge_checkpointed",
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        match self {
            Self::TypeAdded {}
            | Self::EscrowCheckpointed {}
            | Self::GaugeDeployed { .. }
            | Self::GaugeCheckpointed { .. }
            | Self::ApproveDepositSet { .. }
            | Self::ApproveMintToggled { .. }
            | Self::ControllerCheckpointed {}
            | Self::ControllerGaugeCheckpointed { .. } => true,
            Self::Deposit { .. }
            | Self::Withdraw { .. }
            | Self::UpdateLiquidityLimit { .. }
            | Self::Minted { .. }
            | Self::VoteForGauge { .. }
            | Self::AddType { .. }
            | Self::NewTypeWeight { .. }
            | Self::NewGauge { .. }
            | Self::NewGaugeWeight { .. }
            | Self::UpdateMiningParameters { .. }
            | Self::Burned { .. }
            | Self::EscrowDeposit { .. }
            | Self::EscrowWithdraw { .. } => false,
        }
    }
}
