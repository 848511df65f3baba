/// Why a strategy cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrategyFault {
    /// Something that it works out at run time cannot be worked out.
    #[error("{rule}: {error}")]
    Failed {
        /// Which part of it, such as a rule with its file and line.
        rule: String,
        /// Why not.
        error: String,
    },
    /// It did not return from a call; said by whoever asked it.
    #[error("it did not answer within {seconds} s")]
    NoAnswer {
        /// For how long it was waited.
        seconds: u64,
    },
}
