use std::path::PathBuf;
use std::sync::Arc;

use tidemill_feed_evm::rpc::{
    Endpoint, EndpointOptions, Endpoints, NodeUrl, OpenOptions, Opened, RetryPolicy, SystemClock,
};
use tidemill_model::ChainId;

use crate::failure::Failure;

/// So many blocks a node may be behind the newest of all.
const LAG_BLOCKS: u64 = 64;

/// Which nodes to ask.
#[derive(clap::Args)]
pub(super) struct Nodes {
    /// An environment variable with a node's URL
    #[arg(long, value_name = "VARIABLE")]
    url_env: Vec<String>,
    /// A file with a node's URL, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    url_file: Vec<PathBuf>,
}

impl Nodes {
    /// Opens those that are of the chain and not behind.
    pub(super) async fn open(&self, chain: ChainId) -> Result<Opened, Failure> {
        let clock = Arc::new(SystemClock::new());
        let named = self.url_env.iter().map(|variable| NodeUrl::from_environment(variable));
        let filed = self.url_file.iter().map(|file| NodeUrl::from_file(file));
        let mut list = Vec::new();
        for url in named.chain(filed) {
            let url = url.map_err(Failure::input)?;
            let node = Endpoint::new(url, EndpointOptions::default(), clock.clone());
            list.push(node.map_err(Failure::input)?);
        }
        if list.is_empty() {
            return Err(Failure::input("no node: give --url-env VARIABLE or --url-file FILE"));
        }
        let options = OpenOptions { chain, lag_blocks: LAG_BLOCKS, head_age: None };
        let opened = Endpoints::open(list, RetryPolicy::default(), clock, options).await;
        opened.map_err(Failure::input)
    }
}
