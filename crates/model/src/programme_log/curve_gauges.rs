use tidemill_units::Amount;

use super::{GaugeControllerLog, VoteEscrowLog};
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
    /// Of the controller.
    Controller(GaugeControllerLog),
    /// Of the escrow.
    Escrow(VoteEscrowLog),
}

impl CurveGaugesLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::UpdateLiquidityLimit { .. } => "update_liquidity_limit",
            Self::Minted { .. } => "minted",
            Self::UpdateMiningParameters { .. } => "update_mining_parameters",
            Self::Burned { .. } => "burned",
            Self::GaugeDeployed { .. } => "gauge_deployed",
            Self::GaugeCheckpointed { .. } => "gauge_checkpointed",
            Self::ApproveDepositSet { .. } => "approve_deposit_set",
            Self::ApproveMintToggled { .. } => "approve_mint_toggled",
            Self::Controller(log) => log.kind(),
            Self::Escrow(log) => log.kind_in_a_system(),
        }
    }

    pub(super) const fn is_from_trace(&self) -> bool {
        match self {
            Self::GaugeDeployed { .. }
            | Self::GaugeCheckpointed { .. }
            | Self::ApproveDepositSet { .. }
            | Self::ApproveMintToggled { .. } => true,
            Self::Deposit { .. }
            | Self::Withdraw { .. }
            | Self::UpdateLiquidityLimit { .. }
            | Self::Minted { .. }
            | Self::UpdateMiningParameters { .. }
            | Self::Burned { .. } => false,
            Self::Controller(log) => log.is_from_trace(),
            Self::Escrow(log) => log.is_from_trace(),
        }
    }
}
