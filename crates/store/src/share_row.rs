use tidemill_units::Timestamp;

use crate::csv_rows::NamedColumn;
use crate::error::RowFault;
use crate::{Fault, limits};

/// The columns of a tape of a pool of shares, in the order of the Parquet file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShareColumn {
    Kind,
    Time,
    Block,
    LogIndex,
    TokenIn,
    AmountIn,
    TokenOut,
    AmountOut,
    AmountsIn,
    AmountsOut,
    Shares,
    Fees,
    Invariant,
    TotalShares,
    Balances,
    Parameters,
    GasUsed,
    GasPrice,
}

impl ShareColumn {
    /// How many there are.
    pub(crate) const COUNT: usize = 18;

    /// All columns in order.
    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Kind,
        Self::Time,
        Self::Block,
        Self::LogIndex,
        Self::TokenIn,
        Self::AmountIn,
        Self::TokenOut,
        Self::AmountOut,
        Self::AmountsIn,
        Self::AmountsOut,
        Self::Shares,
        Self::Fees,
        Self::Invariant,
        Self::TotalShares,
        Self::Balances,
        Self::Parameters,
        Self::GasUsed,
        Self::GasPrice,
    ];

    /// The columns that some kinds leave empty; each is text in both forms of a tape.
    pub(crate) const SELECTIVE: [Self; Self::TEXTS] = [
        Self::TokenIn,
        Self::AmountIn,
        Self::TokenOut,
        Self::AmountOut,
        Self::AmountsIn,
        Self::AmountsOut,
        Self::Shares,
        Self::Fees,
        Self::Invariant,
        Self::TotalShares,
        Self::Balances,
        Self::Parameters,
    ];

    /// How many of them there are.
    pub(crate) const TEXTS: usize = 12;

    /// Returns the place among the selective columns.
    pub(crate) fn text_place(self) -> Option<usize> {
        Self::SELECTIVE.iter().position(|column| *column == self)
    }

    /// Pairs a fault with this column.
    pub(crate) fn fault(self, fault: impl Into<Fault>) -> RowFault {
        RowFault { column: self.name(), fault: fault.into() }
    }
}

impl NamedColumn for ShareColumn {
    const FIRST: Self = Self::Kind;

    fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Time => "time_utc",
            Self::Block => "block",
            Self::LogIndex => "log_index",
            Self::TokenIn => "token_in",
            Self::AmountIn => "amount_in",
            Self::TokenOut => "token_out",
            Self::AmountOut => "amount_out",
            Self::AmountsIn => "amounts_in",
            Self::AmountsOut => "amounts_out",
            Self::Shares => "shares",
            Self::Fees => "fees",
            Self::Invariant => "invariant",
            Self::TotalShares => "total_shares",
            Self::Balances => "balances",
            Self::Parameters => "parameters",
            Self::GasUsed => "gas_used",
            Self::GasPrice => "gas_price_wei",
        }
    }
}

/// One row as both readers see it. `None` is an empty field or a null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShareRow<'a> {
    pub(crate) kind: &'a str,
    pub(crate) time: Option<Timestamp>,
    pub(crate) block: Option<u64>,
    pub(crate) log_index: Option<u32>,
    pub(crate) gas_used: Option<u64>,
    pub(crate) gas_price: Option<u64>,
    /// In the order of [`ShareColumn::SELECTIVE`].
    pub(crate) texts: [Option<&'a str>; ShareColumn::TEXTS],
}

impl<'a> ShareRow<'a> {
    /// Returns one of the selective columns.
    pub(crate) fn text(&self, column: ShareColumn) -> Option<&'a str> {
        column.text_place().and_then(|place| self.texts.get(place).copied().flatten())
    }
}

/// Whether a tape with this many rows is still allowed one more.
pub(crate) fn has_room(rows: usize) -> bool {
    u64::try_from(rows).is_ok_and(|rows| rows < limits::MAX_ROWS)
}
