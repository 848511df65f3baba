use serde::{Deserialize, Serialize};
use tidemill_model::Intent;
use tidemill_strategy::{Strategy, View};

use crate::BuildError;
use crate::declared::{Declared, Site};

/// Hypothesis: providing liquidity does not pay for its risk here; the two tokens are just held.
///
/// Parameters: none. Never stops, never trades: the yardstick of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {}

impl Declared for Hold {
    fn name(&self) -> &'static str {
        "hold"
    }

    fn summary(&self) -> &'static str {
        "Holds the tokens that it starts with: the yardstick."
    }

    fn parameters(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    fn most_positions(&self) -> u32 {
        0
    }

    fn needs_pool(&self) -> bool {
        false
    }

    fn build(&self, _: &Site) -> Result<Box<dyn Strategy>, BuildError> {
        Ok(Box::new(*self))
    }
}

impl Strategy for Hold {
    fn decide(&mut self, _: &View<'_>) -> Vec<Intent> {
        Vec::new()
    }
}
