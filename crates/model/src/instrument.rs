use tidemill_units::{Amount, Bps, SignedAmount};

use crate::{AssetId, OptionContract};

/// The number of an exchange that we have an account at, within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VenueId(pub u16);

/// The number of an instrument that can be traded at an exchange, within one run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstrumentId(pub u16);

/// Which way a trade of ours goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TradeSide {
    /// The base asset is bought.
    Buy,
    /// The base asset is sold; of a contract, short where none is held.
    Sell,
}

impl TradeSide {
    /// Returns the other one.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// Returns its name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Sell => "sell",
        }
    }

    /// Returns what a quantity adds to what is held; `None` past 2^255 - 1.
    pub fn signed(self, quantity: Amount) -> Option<SignedAmount> {
        match self {
            Self::Buy => SignedAmount::positive(quantity),
            Self::Sell => SignedAmount::negative(quantity),
        }
    }
}

/// What can be traded at an exchange, and in which assets it settles.
///
/// A contract is an asset of its own: who is short holds less than none of it. It is paid for in
/// full when it is traded, in the quote asset, so that cash and contract together are worth what
/// the trade has gained; what has to be kept as margin is the exchange's affair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instrument {
    /// Where.
    pub venue: VenueId,
    /// What it is.
    pub kind: InstrumentKind,
    /// What is bought and sold; of a contract, the contract.
    pub base: AssetId,
    /// What it is paid in.
    pub quote: AssetId,
    /// Quantities are multiples of this many raw units of the base asset; above zero.
    pub step: Amount,
    /// The least that a trade may be worth, in raw quote units, unless it closes what is held.
    pub least_value: Amount,
    /// What part of a contract's value the account has to hold.
    pub margin: Margin,
}

/// What part of the value of contracts an account has to hold; not looked at for other kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Margin {
    /// To hold more of it.
    pub initial: Bps,
    /// To go on holding it; at most as much.
    pub maintenance: Bps,
}

/// The kinds of instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InstrumentKind {
    /// One asset for another, at once and in full.
    Spot,
    /// A future without an end, whose two sides pay each other funding.
    Perpetual,
    /// An option that can only be used when it ends, and is settled in cash then. Who holds it has
    /// paid for it in full and owes nothing more; it cannot be sold short.
    Option(OptionContract),
}

impl InstrumentKind {
    /// Returns its name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Perpetual => "perpetual",
            Self::Option(_) => "option",
        }
    }

    /// Whether it is an asset of its own, which nothing but a trade of it makes or ends.
    pub const fn is_contract(self) -> bool {
        match self {
            Self::Spot => false,
            Self::Perpetual | Self::Option(_) => true,
        }
    }

    /// Whether less than none of it can be held, so that the account has to hold margin for it.
    pub const fn is_margined(self) -> bool {
        match self {
            Self::Spot | Self::Option(_) => false,
            Self::Perpetual => true,
        }
    }

    /// Returns the option that it is, if it is one.
    pub const fn option(self) -> Option<OptionContract> {
        match self {
            Self::Spot | Self::Perpetual => None,
            Self::Option(contract) => Some(contract),
        }
    }
}

/// What an exchange did to an account of ours without an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountEvent {
    /// Funding was paid on what was held of a perpetual future.
    Funding {
        /// The future.
        instrument: InstrumentId,
        /// What was received, in raw quote units; below zero what was paid.
        received: SignedAmount,
    },
    /// The exchange closed a contract, since the account could not carry it any more.
    Liquidated {
        /// The contract.
        instrument: InstrumentId,
        /// Which way it was closed.
        side: TradeSide,
        /// How much of it.
        quantity: Amount,
        /// What it was closed for, in raw quote units.
        amount: Amount,
        /// What the exchange kept for it, in raw quote units.
        fee: Amount,
    },
    /// An option ended, and the exchange paid what it was worth.
    Settled {
        /// The option.
        instrument: InstrumentId,
        /// How much of it was held.
        quantity: Amount,
        /// What was paid, in raw quote units: nothing for one that was out of the money.
        amount: Amount,
    },
}
