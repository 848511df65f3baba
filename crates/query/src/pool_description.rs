use datafusion::common::exec_datafusion_err;
use datafusion::error::Result;
use tidemill_catalogue::{Catalogue, Source};
use tidemill_model::{TapeEvent, Token};
use tidemill_store::PoolDescription as Described;

/// What of a pool's description (`docs/tape-format.md`) queries need.
#[derive(Clone, Debug)]
pub(crate) struct PoolDescription {
    /// Its tokens, in its own order.
    pub(crate) tokens: Vec<Token>,
    /// The swap fee at the start, in pips; `None` for a pool of shares.
    pub(crate) fee_pips: Option<f64>,
}

impl PoolDescription {
    /// Reads the `pool.json` beside the partitions of a pool's events.
    pub(crate) async fn read(data: &Catalogue, source: &Source) -> Result<Self> {
        let described = data.frame::<TapeEvent>(source).await;
        Ok(match described.map_err(|error| exec_datafusion_err!("{error}"))? {
            Described::Concentrated(pool) => Self {
                tokens: vec![pool.token0, pool.token1],
                fee_pips: Some(f64::from(pool.fee.0)),
            },
            Described::Shares(pool, _) => Self { tokens: pool.tokens, fee_pips: None },
        })
    }

    /// Returns how many raw units of a token are one whole token; `None` where there is none.
    pub(crate) fn unit(&self, token: usize) -> Option<f64> {
        self.tokens.get(token).map(|token| 10_f64.powi(i32::from(token.decimals)))
    }
}
