use std::fmt;

use revm::context_interface::result::HaltReason;
use revm::primitives::{Bytes, hex};
use tidemill_units::U256;

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Revert {
    /// `require` with a reason, `Error(string)`.
    Reason(String),
    /// `require` or `revert` without one, and what solc checks itself without saying why.
    Empty,
    /// `Panic(uint256)`.
    Panic(U256),
    /// The invalid opcode: a failed `assert`, or a division by zero before solc 0.8.
    InvalidOpcode,
    /// Any other end the interpreter gives a call.
    Halt(String),
    /// Revert data of another form.
    Data(Bytes),
}

const ERROR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

impl Revert {
    /// Reads the data a call reverted with.
    pub fn decode(data: &Bytes) -> Self {
        if data.is_empty() {
            return Self::Empty;
        }
        let word = |index: usize| {
            let start = 4 + 32 * index;
            data.get(start..start + 32).map(U256::from_be_slice)
        };
        let reason = || {
            let length = usize::try_from(word(1)?).ok()?;
            let text = data.get(68..68_usize.checked_add(length)?)?;
            String::from_utf8(text.to_vec()).ok()
        };
        let decoded = match data.get(..4).and_then(|selector| selector.try_into().ok()) {
            Some(ERROR) => reason().map(Self::Reason),
            Some(PANIC) => word(0).map(Self::Panic),
            _ => None,
        };
        decoded.unwrap_or_else(|| Self::Data(data.clone()))
    }

    /// Reads how the interpreter stopped.
    pub(crate) fn from_halt(reason: &HaltReason) -> Self {
        if *reason == HaltReason::InvalidFEOpcode {
            Self::InvalidOpcode
        } else {
            Self::Halt(format!("{reason:?}"))
        }
    }

    /// Returns the reason as text, empty for a revert without data.
    pub fn reason(&self) -> &str {
        match self {
            Self::Reason(reason) => reason,
            Self::Empty => "",
            Self::Panic(_) => "<panic>",
            Self::InvalidOpcode => "<invalid opcode>",
            Self::Halt(_) => "<halt>",
            Self::Data(_) => "<data>",
        }
    }
}

impl fmt::Display for Revert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reason(reason) => write!(formatter, "'{reason}'"),
            Self::Empty => formatter.write_str("no data"),
            Self::Panic(code) => write!(formatter, "panic {code:#x}"),
            Self::InvalidOpcode => formatter.write_str("the invalid opcode"),
            Self::Halt(reason) => formatter.write_str(reason),
            Self::Data(data) => formatter.write_str(&hex::encode_prefixed(data)),
        }
    }
}
