use tidemill_model::{AssetId, OrderKey, PositionId, Sequence, VenueId};
use tidemill_units::SignedAmount;

/// Where value is, or why it moved. Balances of what we own are positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Tokens at hand.
    Wallet,
    /// Tokens paid into an open position, at what was paid.
    Position(PositionId),
    /// What was put in at the start (negative).
    Capital,
    /// Swap fees earned (negative).
    FeesEarned,
    /// Rewards that programmes paid (negative), each in its own token.
    RewardsEarned,
    /// What a position returned more (negative) or less (positive) of than was paid in, fees apart:
    /// the change of its composition.
    Divergence,
    /// What swaps and sales of rewards gave (negative) and took (positive).
    Swaps,
    /// Gas paid.
    Gas,
    /// What an account at an exchange holds; of a contract below zero where we are short.
    Exchange(VenueId),
    /// What trades at exchanges gave (negative) and took (positive).
    Trades,
    /// What exchanges took for trades and liquidations.
    Commissions,
    /// Funding received (negative) and paid (positive).
    Funding,
}

/// One side of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The account.
    pub account: Account,
    /// Of what.
    pub asset: AssetId,
    /// How much; positive adds to what is ours or to an expense.
    pub amount: SignedAmount,
}

/// One entry of the journal; its legs add up to zero for each asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The event that caused it.
    pub sequence: Sequence,
    /// The order that it is about; none for the opening balance.
    pub order: Option<OrderKey>,
    /// The event whose posting for the same order it takes back, since the block was reverted.
    pub reverses: Option<Sequence>,
    /// What moved.
    pub legs: Vec<Leg>,
}
