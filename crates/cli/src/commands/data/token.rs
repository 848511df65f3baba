use serde::Serialize;
use tidemill_feed_evm::rpc::Opened;
use tidemill_feed_evm::snapshot::{ChainReader, EndpointReader};
use tidemill_feed_evm::{TokenMetadata, token_metadata_named};
use tidemill_model::{Address, ChainId};

use super::nodes::Nodes;
use crate::failure::Failure;
use crate::output;

const EXAMPLES: &str = "Example:
  export NODE='https://…' OTHER='https://…'
  tidemill data token 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2 --chain 1 \\
      --url-env NODE --url-env OTHER

Two nodes have to say the same: every amount of a token depends on its decimals. A token that does
not tell them has none. Five requests a node.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The token's contract
    #[arg(value_name = "ADDRESS")]
    token: Address,
    /// The chain's number, such as 1 for Ethereum
    #[arg(long, value_name = "N")]
    chain: u64,
    #[command(flatten)]
    nodes: Nodes,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Json {
    address: String,
    symbol: String,
    decimals: u8,
    name: Option<String>,
    requests: u64,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let nodes = self.nodes.open(ChainId(self.chain)).await?;
        let TokenMetadata { token, name } = metadata(&nodes, self.token, None).await?;
        let told = Json {
            address: self.token.to_string(),
            symbol: token.symbol,
            decimals: token.decimals,
            name,
            requests: nodes.endpoints.requests(),
        };
        if self.json {
            return output::print_json(&told);
        }
        output::print_rows(&[
            ("address", told.address),
            ("symbol", told.symbol),
            ("decimals", told.decimals.to_string()),
            ("name", told.name.unwrap_or_default()),
            ("requests", told.requests.to_string()),
        ])
    }
}

/// Asks the first two nodes; a symbol given counts where the contract tells none.
pub(super) async fn metadata(
    nodes: &Opened,
    token: Address,
    named: Option<&str>,
) -> Result<TokenMetadata, Failure> {
    let readers: Vec<_> = (0..nodes.endpoints.len().min(2))
        .map(|node| EndpointReader::new(&nodes.endpoints, node))
        .collect();
    let readers: Vec<&dyn ChainReader> =
        readers.iter().map(|reader| reader as &dyn ChainReader).collect();
    token_metadata_named(&readers, token, named).await.map_err(Failure::input)
}
