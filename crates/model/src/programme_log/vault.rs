use tidemill_units::Amount;

use crate::Address;

/// What happened to a vault of one asset.
///
/// Source: ERC-4626; OpenZeppelin Contracts 5.0 `ERC4626.sol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultLog {
    /// `Deposit`, of `deposit` or `mint`.
    Deposit {
        /// Who has the shares.
        owner: Address,
        /// The assets paid in.
        assets: Amount,
        /// The shares minted.
        shares: Amount,
    },
    /// `Withdraw`, of `withdraw` or `redeem`.
    Withdraw {
        /// Whose shares.
        owner: Address,
        /// The assets paid out.
        assets: Amount,
        /// The shares burned.
        shares: Amount,
    },
    /// `Transfer` of shares that neither mints nor burns.
    Transfer {
        /// Whose shares.
        from: Address,
        /// To whom.
        to: Address,
        /// How many.
        value: Amount,
    },
    /// `Transfer` of the asset to the vault that is no deposit.
    Given {
        /// How much.
        amount: Amount,
    },
}

impl VaultLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Deposit { .. } => "deposit",
            Self::Withdraw { .. } => "withdraw",
            Self::Transfer { .. } => "transfer",
            Self::Given { .. } => "given",
        }
    }
}
