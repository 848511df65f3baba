/// A message, an answer or a row of a file that is not what its venue writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}: {fault}")]
pub struct MessageError {
    /// The kind of message, in the venue's words.
    pub message: &'static str,
    /// What is wrong with it.
    pub fault: MessageFault,
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageFault {
    /// No JSON, or JSON of another shape.
    #[error("expected {expected}: {detail}")]
    Shape {
        /// The shape it has to have.
        expected: &'static str,
        /// What the reader says.
        detail: String,
    },
    /// A field that has to be there is not.
    #[error("`{field}` is missing")]
    Missing {
        /// The field, in the venue's words.
        field: &'static str,
    },
    /// A field of another type, or outside what it can be.
    #[error("`{field}` is `{found}`; expected {expected}")]
    Value {
        /// The field, in the venue's words.
        field: &'static str,
        /// Its text, cut to 80 characters.
        found: String,
        /// What would have been read.
        expected: &'static str,
    },
    /// More parts than any such message has.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

/// Returns the first 80 characters of a text.
pub(crate) fn clipped(text: &str) -> String {
    text.chars().take(80).collect()
}
