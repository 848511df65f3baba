use std::fmt;

use futures_util::future::join;
use serde::de::DeserializeOwned;

use super::endpoints::Endpoints;
use super::error::{CallError, RpcError};
use super::wire::Ask;

/// What two nodes said alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed<T> {
    /// What they said.
    pub value: T,
    /// Which ones did, by their places.
    pub endpoints: [usize; 2],
}

/// Why two nodes did not say the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuorumError {
    /// Fewer than two answered.
    #[error("two nodes have to say the same, {answered} answered: {failures}")]
    TooFew {
        /// How many did.
        answered: usize,
        /// What the others said.
        failures: CallError,
    },
    /// Two answered, and not the same. Which one is right is not for a third to say.
    #[error("{method}: {first}, {second}")]
    Disagreement {
        /// What they were asked.
        method: &'static str,
        /// The first.
        first: Box<Said>,
        /// The second.
        second: Box<Said>,
    },
}

/// What one node said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{endpoint} says {said}")]
pub struct Said {
    /// The node, as it may be shown.
    pub endpoint: String,
    /// Its answer, cut at 200 characters.
    pub said: String,
}

impl Endpoints {
    /// Asks until two nodes have answered, and returns what both said.
    ///
    /// For reads that money depends on. The question has to name a block by number or hash: two
    /// nodes' newest blocks differ in good faith. Compared is what the answers mean; of a call's
    /// result that is its bytes. Costs two requests.
    ///
    /// Errors: fewer than two answered; they said different things.
    pub async fn quorum<T>(&self, ask: &Ask) -> Result<Agreed<T>, QuorumError>
    where
        T: DeserializeOwned + PartialEq + fmt::Debug,
    {
        let mut answered: Vec<(usize, T)> = Vec::new();
        let mut failures: Vec<RpcError> = Vec::new();
        let mut keep =
            |index, answer: Result<T, RpcError>, answered: &mut Vec<(usize, T)>| match answer {
                Ok(answer) => answered.push((index, answer)),
                Err(error) => failures.push(error),
            };
        if self.len() >= 2 {
            let (first, second) = join(self.on(0, ask), self.on(1, ask)).await;
            keep(0, first, &mut answered);
            keep(1, second, &mut answered);
        }
        for index in 2..self.len() {
            if answered.len() < 2 {
                let answer = self.on(index, ask).await;
                keep(index, answer, &mut answered);
            }
        }
        let count = answered.len();
        let mut answered = answered.into_iter();
        match (answered.next(), answered.next()) {
            (Some((first, value)), Some((second, other))) if value == other => {
                Ok(Agreed { value, endpoints: [first, second] })
            }
            (Some(first), Some(second)) => Err(QuorumError::Disagreement {
                method: ask.method,
                first: Box::new(self.said(&first)),
                second: Box::new(self.said(&second)),
            }),
            _ => {
                let failures = CallError { failures };
                Err(QuorumError::TooFew { answered: count, failures })
            }
        }
    }

    fn said<T: fmt::Debug>(&self, (index, value): &(usize, T)) -> Said {
        let endpoint = self.name(*index);
        Said { endpoint, said: format!("{value:?}").chars().take(200).collect() }
    }
}
