use tidemill_units::Amount;

use crate::Address;

/// What happened to a token of staked ether with a reported rate.
///
/// Source: Rocket Pool `RocketTokenRETH.sol`, `RocketDepositPool.sol`,
/// `RocketNetworkBalances.sol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateTokenLog {
    /// `TokensMinted`, with the `DepositReceived` of the same call.
    TokensMinted {
        /// Who deposited.
        to: Address,
        /// The ether deposited, the fee included.
        deposited: Amount,
        /// The tokens minted.
        amount: Amount,
    },
    /// `TokensBurned`.
    TokensBurned {
        /// Who burned.
        from: Address,
        /// How many tokens.
        amount: Amount,
        /// The ether paid.
        eth_amount: Amount,
    },
    /// `Transfer` that neither mints nor burns.
    Transfer {
        /// Whose tokens.
        from: Address,
        /// To whom.
        to: Address,
        /// How many.
        value: Amount,
    },
    /// `BalancesUpdated`: the rate from now on.
    BalancesUpdated {
        /// The network's ether.
        total_eth: Amount,
        /// The token's supply.
        reth_supply: Amount,
    },
    /// `EtherDeposited`: ether that burning can be paid from.
    EtherDeposited {
        /// How much.
        amount: Amount,
    },
    /// `DepositAssigned`: ether that went to a validator.
    DepositAssigned {
        /// How much.
        amount: Amount,
    },
}

impl RateTokenLog {
    /// Returns the event's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::TokensMinted { .. } => "tokens_minted",
            Self::TokensBurned { .. } => "tokens_burned",
            Self::Transfer { .. } => "transfer",
            Self::BalancesUpdated { .. } => "balances_updated",
            Self::EtherDeposited { .. } => "ether_deposited",
            Self::DepositAssigned { .. } => "deposit_assigned",
        }
    }
}
