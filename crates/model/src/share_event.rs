use tidemill_units::{
    Amount, Amounts, RelativeTolerance, Timestamp, TokenAmounts, TokenIndex, TokenPair,
};

use crate::{Address, ChainId, Token};

/// What the logs of one call say happened to a pool of shares, whatever its kind.
///
/// Logs differ in what they say, so the parts that only some protocols write may be missing. Where
/// a protocol writes one log for each token (Balancer v1 `LOG_JOIN`, `LOG_EXIT`) or leaves the
/// shares to the share token's `Transfer`, the logs of one call are one event, which stands where
/// the first of them stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareEvent {
    /// One token was swapped for another: Curve `TokenExchange`, Balancer v1 `LOG_SWAP`, Balancer
    /// v2 `Swap`.
    Swap {
        /// Which tokens.
        pair: TokenPair,
        /// Paid in, fee included.
        amount_in: Amount,
        /// Taken out, after the fee.
        amount_out: Amount,
    },
    /// As [`Swap`](Self::Swap), between tokens of a metapool and its base pool counted as one list:
    /// Curve `TokenExchangeUnderlying`.
    SwapUnderlying {
        /// Which tokens: the metapool's own first, then the base pool's in place of its share.
        pair: TokenPair,
        /// Paid in.
        amount_in: Amount,
        /// Taken out.
        amount_out: Amount,
        /// What the base pool's own log of this call says, where recorded.
        base: Option<Box<BaseLog>>,
    },
    /// Either or both tokens of a pair came in and went out: v2-core and Solidly `Swap`. What was
    /// given to the pair before the call counts as paid.
    PairSwap {
        /// What came in.
        paid: Amounts,
        /// What went out.
        taken: Amounts,
    },
    /// Shares were minted: v2 `Mint`, Balancer `LOG_JOIN` and `PoolBalanceChanged`, Curve
    /// `AddLiquidity`.
    Deposit(Box<LiquidityChange>),
    /// Shares were burned for tokens, in proportion or, in Balancer's pools, for amounts of the
    /// caller's choice: v2 `Burn`, Balancer `LOG_EXIT` and `PoolBalanceChanged`, Curve
    /// `RemoveLiquidity`.
    Withdraw(Box<LiquidityChange>),
    /// Shares were burned for exact amounts: Curve `RemoveLiquidityImbalance`.
    WithdrawImbalance(Box<LiquidityChange>),
    /// Shares were burned for one token: Curve `RemoveLiquidityOne`.
    WithdrawOne {
        /// Which token; the older pools' log does not say.
        token: Option<TokenIndex>,
        /// Shares burned.
        shares: Amount,
        /// Paid out.
        amount: Amount,
    },
    /// Tokens were sent to the pool by plain transfers, for nothing or for a later call to find.
    Gift(Box<TokenAmounts>),
    /// What a pair held beyond its reserves was paid out (v2 and Solidly `skim`).
    Skim(Box<TokenAmounts>),
    /// The reserves after a call: v2 and Solidly `Sync`. Where they are not what the calls before
    /// left, the difference was given to the pair and `sync` took it in.
    Sync(Box<TokenAmounts>),
    /// Fees kept apart from the reserves were paid out to a provider: Solidly `Claim`.
    ClaimFees(Box<TokenAmounts>),
    /// The administrator's fees were paid out: Curve `withdraw_admin_fees`. A metapool pays all of
    /// them in its base pool's shares.
    ClaimAdminFees(Box<TokenAmounts>),
    /// The administrator's part of the profit was taken in new shares, so many, by a call of its
    /// own: Curve's crypto pools, `ClaimAdminFee`.
    ClaimAdminShares(Amount),
    /// A call that took the administrator's part of the profit on its way, in so many new shares:
    /// Curve's crypto pools, `ClaimAdminFee` among the logs of another call; Balancer v2, what a
    /// join or exit mints to the protocol.
    Claiming {
        /// What the call's other logs say.
        event: Box<Self>,
        /// New shares for the administrator.
        admin_shares: Amount,
    },
    /// Others' call to the base pool of a metapool, whose state is part of the metapool's: an event
    /// that the base pool has as a pool of its own.
    Base(Box<Self>),
    /// Amplification begins to move: Curve `RampA`, `RampAgamma`, Balancer `AmpUpdateStarted`.
    Ramp(Box<Ramp>),
    /// Amplification stays where it is: Curve `StopRampA`, `StopRampAgamma`, Balancer
    /// `AmpUpdateStopped`.
    StopRamp,
    /// Fees or other parameters were set: Curve `NewFee`, `ApplyNewFee`, `NewParameters`, Balancer
    /// `SwapFeePercentageChanged`, the v2 factory's `setFeeTo`.
    SetParameters(Box<ParameterChange>),
}

/// What the base pool of a metapool logs of an exchange of underlying coins through it,
/// beside the amounts that the metapool's own log has too: Curve `AddLiquidity` where a base coin
/// came in, `RemoveLiquidityOne` where one went out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BaseLog {
    /// The base pool's shares that were minted or burned.
    pub shares: Option<Amount>,
    /// The fee of each of its tokens.
    pub fees: Option<TokenAmounts>,
    /// Its invariant.
    pub invariant: Option<Amount>,
    /// All its shares afterwards.
    pub total_shares: Option<Amount>,
}

/// Tokens that came in or went out against shares, and what the log says beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidityChange {
    /// Tokens paid in or out, one for each of the pool's, zero where a token was left out.
    pub amounts: TokenAmounts,
    /// Shares minted to or burned from the provider, where recorded.
    pub shares: Option<Amount>,
    /// The fee of each token (Curve), or what the protocol took (Balancer v2), where recorded.
    pub fees: Option<TokenAmounts>,
    /// The invariant that the log of Curve's pools has, where recorded.
    pub invariant: Option<Amount>,
    /// All shares afterwards, where recorded.
    pub total_shares: Option<Amount>,
}

/// The aim of a ramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    /// Amplification at the end, in the unit of the kind's state file.
    pub amplification: Amount,
    /// Gamma at the end, times 10^18, in crypto pools.
    pub gamma: Option<Amount>,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// The parameters that a call set; in each kind's own unit, as in its state file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParameterChange {
    /// The swap fee.
    pub fee: Option<Amount>,
    /// The administrator's part of it.
    pub admin_fee: Option<Amount>,
    /// Amplification, at once (Curve's first generation, which knows no ramps).
    pub amplification: Option<Amount>,
    /// How much larger the fee gets off the peg (stableswap-ng).
    pub offpeg_fee_multiplier: Option<Amount>,
    /// Whether the protocol takes its sixth of the fees (v2).
    pub protocol_fee_on: Option<bool>,
    /// Fee at balance (crypto pools).
    pub mid_fee: Option<Amount>,
    /// Fee far from balance (crypto pools).
    pub out_fee: Option<Amount>,
    /// How fast one becomes the other (crypto pools).
    pub fee_gamma: Option<Amount>,
    /// Profit that must be there before the price scale moves (crypto pools).
    pub allowed_extra_profit: Option<Amount>,
    /// Its smallest step (crypto pools).
    pub adjustment_step: Option<Amount>,
    /// Half-life or time constant of the price oracle, in seconds.
    pub moving_average_time: Option<Amount>,
}

/// What a tape says of a pool of shares beside its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharePoolHeader {
    /// The chain.
    pub chain_id: ChainId,
    /// The pool's contract.
    pub pool: Address,
    /// Its tokens in the pool's order, 2 to 8.
    pub tokens: Vec<Token>,
    /// The tokens of a metapool's base pool in that pool's order, where they are told; else none.
    pub base_tokens: Vec<Token>,
    /// The last block whose effects are in the state that the tape starts from.
    pub state_after_block: tidemill_units::BlockNumber,
    /// How exact the recorded amounts are.
    pub amount_tolerance: RelativeTolerance,
}

impl ShareEvent {
    /// Returns the kind's name as tapes write it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Swap { .. } => "swap",
            Self::SwapUnderlying { .. } => "swap_underlying",
            Self::PairSwap { .. } => "pair_swap",
            Self::Deposit(_) => "deposit",
            Self::Withdraw(_) => "withdraw",
            Self::WithdrawImbalance(_) => "withdraw_imbalance",
            Self::WithdrawOne { .. } => "withdraw_one",
            Self::Gift(_) => "gift",
            Self::Skim(_) => "skim",
            Self::Sync(_) => "sync",
            Self::ClaimFees(_) => "claim_fees",
            Self::ClaimAdminFees(_) => "claim_admin_fees",
            Self::ClaimAdminShares(_) => "claim_admin_shares",
            Self::Claiming { event, .. } => event.kind(),
            Self::Base(event) => event.base_kind(),
            Self::Ramp(_) => "ramp",
            Self::StopRamp => "stop_ramp",
            Self::SetParameters(_) => "set_parameters",
        }
    }

    /// Returns the name of the kind where it is the base pool's.
    const fn base_kind(&self) -> &'static str {
        match self {
            Self::Swap { .. } => "base_swap",
            Self::SwapUnderlying { .. } => "base_swap_underlying",
            Self::PairSwap { .. } => "base_pair_swap",
            Self::Deposit(_) => "base_deposit",
            Self::Withdraw(_) => "base_withdraw",
            Self::WithdrawImbalance(_) => "base_withdraw_imbalance",
            Self::WithdrawOne { .. } => "base_withdraw_one",
            Self::Gift(_) => "base_gift",
            Self::Skim(_) => "base_skim",
            Self::Sync(_) => "base_sync",
            Self::ClaimFees(_) => "base_claim_fees",
            Self::ClaimAdminFees(_) => "base_claim_admin_fees",
            Self::ClaimAdminShares(_) => "base_claim_admin_shares",
            Self::Claiming { event, .. } => event.base_kind(),
            Self::Ramp(_) => "base_ramp",
            Self::StopRamp => "base_stop_ramp",
            Self::SetParameters(_) => "base_set_parameters",
            Self::Base(_) => "base",
        }
    }

    /// Returns what the call's other logs say, where it took the administrator's part on its way;
    /// else the event itself.
    pub fn without_claim(&self) -> &Self {
        if let Self::Claiming { event, .. } = self { event } else { self }
    }
}
