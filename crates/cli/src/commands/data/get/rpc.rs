mod kept;
mod resume;

use std::path::PathBuf;

use tidemill_feed_evm::backfill::HeadersKept;
use tidemill_model::TapeEvent;
use tidemill_store::PoolDescription;

use self::kept::Kept;
use super::super::Place;
use super::super::nodes::Nodes;
use super::super::pool_reading::{Contracts, PoolFile, Reading};
use super::fetch::{Fetched, How, Wanted};
use super::{blocks, chunks};
use crate::failure::Failure;

const EXAMPLES: &str = "Example:
  export NODE='https://…'
  tidemill data get rpc --pool pool.json --url-env NODE --from-block 21303934 --to-block 21304933

--url-env names an environment variable that holds a node's URL, --url-file a file that only its
owner can read: URLs have keys in them. Give several to have them share the work, and --agree to
have two of them say the same of every range. Goes on where an earlier fetch ended.

pool.json is what `data snapshot --description` writes, or your own; a pool of shares is read from
the block after its state on. See docs/sources/json-rpc.md for what it costs in requests.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The pool's description, as on tapes
    #[arg(long, value_name = "pool.json")]
    pool: PathBuf,
    /// The first block; the one after the description's state where not given
    #[arg(long, value_name = "N")]
    from_block: Option<u64>,
    /// The last block
    #[arg(long, value_name = "N")]
    to_block: u64,
    #[command(flatten)]
    nodes: Nodes,
    /// Fetch headers of blocks with logs alone, and keep none: fewer requests, and holes are
    /// harder to notice
    #[arg(long)]
    few_headers: bool,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    contracts: Contracts,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let pool = PoolFile::read(&self.pool)?;
        let chain = pool.chain();
        let after_start = pool.start().map(|block| block.0.saturating_add(1));
        let from = self.from_block.or(after_start).ok_or_else(|| {
            Failure::input("--from-block is missing, and the description has no state's block")
        })?;
        let nodes = self.nodes.open(chain).await?;
        let Reading { query, logs, carries } = self.contracts.reading(&pool, Some(&nodes)).await?;
        let data = self.place.create()?;
        let source = pool.source()?;
        let writer = data.writer::<TapeEvent>(&source, pool.description.clone()).await;
        let writer = writer.map_err(Failure::input)?;
        if let PoolDescription::Shares(header, _) = &pool.description {
            resume::check_no_hole(&writer, header.state_after_block.0, from)?;
        }
        let next = chunks::first_missing(&writer.manifest().coverage, (from, self.to_block));
        let again = match carries {
            true => resume::last_reserves(&data, &writer, next).await?,
            false => None,
        };
        let (blocks, headers) = match self.few_headers {
            true => (None, HeadersKept::OfLogs),
            false => (Some(blocks::writer(&data, chain).await?), HeadersKept::Every),
        };
        let mut sink = Kept { logs, carries, writer, blocks, next, again };
        let wanted = Wanted { query, from, to: self.to_block, headers };
        let report = self.how.fetch(&nodes, wanted, &mut sink).await?;
        sink.writer.compact().await.map_err(Failure::input)?;
        if let Some(blocks) = &mut sink.blocks {
            blocks.compact().await.map_err(Failure::input)?;
        }
        Fetched::new(source.to_string(), &nodes, &report).print(self.json)
    }
}
