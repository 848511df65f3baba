use crate::U256;

/// Why a text is not the number that was expected of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text is empty.
    #[error("is empty; expected {expected}")]
    Empty {
        /// What would have been read.
        expected: &'static str,
    },
    /// A character that no number of this kind has.
    #[error("`{text}` is not {expected}")]
    NotANumber {
        /// The offending text, cut to 80 characters.
        text: String,
        /// What would have been read.
        expected: &'static str,
    },
    /// A number, but outside the type's range.
    #[error("`{text}` is out of range; expected {expected}")]
    OutOfRange {
        /// The offending text, cut to 80 characters.
        text: String,
        /// What would have been read.
        expected: &'static str,
    },
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Reads a run of decimal digits; refuses signs, exponents, spaces, separators and anything
/// longer than the 78 digits that 2^256 has.
pub(crate) fn digits(text: &str, expected: &'static str) -> Result<U256, ParseError> {
    if text.is_empty() {
        return Err(ParseError::Empty { expected });
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError::NotANumber { text: clip(text), expected });
    }
    U256::from_str_radix(text, 10).map_err(|_| out_of_range(text, expected))
}

pub(crate) fn out_of_range(text: &str, expected: &'static str) -> ParseError {
    ParseError::OutOfRange { text: clip(text), expected }
}

/// Splits one leading minus sign off; `-` alone and `-0` are left for [`digits`] to judge.
pub(crate) fn split_sign(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text), |rest| (true, rest))
}
