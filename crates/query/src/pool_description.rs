use std::sync::Arc;

use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Deserialize;
use serde_json::Value;

/// What of a pool's description (`docs/tape-format.md`) queries need.
#[derive(Clone, Debug)]
pub(crate) struct PoolDescription {
    /// Its tokens, in its own order.
    pub(crate) tokens: Vec<PoolToken>,
    /// The swap fee at the start, in pips; `None` for a pool of shares.
    pub(crate) fee_pips: Option<f64>,
}

/// A token of a pool.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PoolToken {
    /// What people call it.
    pub(crate) symbol: String,
    decimals: Value,
}

impl PoolDescription {
    /// Reads the `pool.json` beside the partitions.
    pub(crate) async fn read(store: &Arc<dyn ObjectStore>, folder: &Path) -> Result<Self> {
        let path = folder.clone().join("pool.json");
        let text = store.get(&path).await?.bytes().await?;
        let json: Value = serde_json::from_slice(&text)
            .map_err(|error| exec_datafusion_err!("{path}: {error}"))?;
        Self::of(&json).ok_or_else(|| exec_datafusion_err!("{path} does not describe a pool"))
    }

    fn of(json: &Value) -> Option<Self> {
        let token = |json: &Value| PoolToken::deserialize(json).ok();
        let tokens = match json.get("state") {
            Some(state) => {
                state.get("tokens")?.as_array()?.iter().map(token).collect::<Option<_>>()?
            }
            None => vec![token(json.get("token0")?)?, token(json.get("token1")?)?],
        };
        let described = Self { tokens, fee_pips: json.get("fee_pips").and_then(number) };
        described.tokens.iter().all(|token| token.unit().is_some()).then_some(described)
    }

    /// Returns how many raw units of a token are one whole token; `None` where there is none.
    pub(crate) fn unit(&self, token: usize) -> Option<f64> {
        self.tokens.get(token)?.unit()
    }
}

impl PoolToken {
    fn unit(&self) -> Option<f64> {
        let decimals = number(&self.decimals).filter(|decimals| (0.0..=77.0).contains(decimals))?;
        Some(10_f64.powf(decimals))
    }
}

/// A number, bare or quoted, as descriptions have them.
fn number(json: &Value) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.parse().ok())
}
