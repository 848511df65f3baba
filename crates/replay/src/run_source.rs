use std::borrow::Cow;
use std::sync::Arc;

use tidemill_market::MarketError;
use tidemill_model::{Tape, Token};
use tidemill_store::{AnyTape, ShareTape};

use crate::RunTape;
use crate::missing_prices::{Prepared, prepared};

/// What a run is over.
#[derive(Clone, Copy, Debug)]
pub enum RunSource<'a> {
    /// The tape of a pool, and feeds and exchanges beside it.
    Tape(RunTape<'a>),
    /// Feeds and exchanges alone, in these tokens: there is no pool, no chain and no gas.
    Exchanges(&'a [Token]),
}

/// A [`RunSource`] that nothing is borrowed from.
#[derive(Clone, Debug, PartialEq)]
pub enum OwnedSource {
    /// The tape of a pool.
    Tape(Box<AnyTape>),
    /// Feeds and exchanges alone, in these tokens.
    Exchanges(Vec<Token>),
}

impl<'a> From<RunTape<'a>> for RunSource<'a> {
    fn from(tape: RunTape<'a>) -> Self {
        Self::Tape(tape)
    }
}

impl<'a> From<&'a Tape> for RunSource<'a> {
    fn from(tape: &'a Tape) -> Self {
        Self::Tape(tape.into())
    }
}

impl<'a> From<&'a ShareTape> for RunSource<'a> {
    fn from(tape: &'a ShareTape) -> Self {
        Self::Tape(tape.into())
    }
}

impl<'a> From<&'a AnyTape> for RunSource<'a> {
    fn from(tape: &'a AnyTape) -> Self {
        Self::Tape(tape.into())
    }
}

impl<'a> From<&'a OwnedSource> for RunSource<'a> {
    fn from(source: &'a OwnedSource) -> Self {
        match source {
            OwnedSource::Tape(tape) => Self::Tape(tape.as_ref().into()),
            OwnedSource::Exchanges(tokens) => Self::Exchanges(tokens),
        }
    }
}

impl From<AnyTape> for OwnedSource {
    fn from(tape: AnyTape) -> Self {
        Self::Tape(Box::new(tape))
    }
}

impl<'a> RunSource<'a> {
    /// Returns the tape; `None` of a run without a pool.
    pub fn tape(self) -> Option<RunTape<'a>> {
        match self {
            Self::Tape(tape) => Some(tape),
            Self::Exchanges(_) => None,
        }
    }

    /// Returns the tokens: those of the pool in its order, or of a run without one as they are
    /// declared.
    pub fn tokens(self) -> Vec<&'a Token> {
        match self {
            Self::Tape(tape) => tape.tokens(),
            Self::Exchanges(tokens) => tokens.iter().collect(),
        }
    }
}

/// Returns the source with the prices filled in that its tape leaves out.
///
/// Errors: those of a start that is no pool's state.
pub(crate) fn prepared_owned(source: &Arc<OwnedSource>) -> Result<Arc<OwnedSource>, MarketError> {
    let Some(tape) = RunSource::from(source.as_ref()).tape() else {
        return Ok(Arc::clone(source));
    };
    Ok(match prepared(tape)? {
        Prepared::Concentrated(Cow::Owned(filled)) => {
            Arc::new(AnyTape::Concentrated(filled).into())
        }
        Prepared::Concentrated(Cow::Borrowed(_)) | Prepared::Shares(_) => Arc::clone(source),
    })
}
