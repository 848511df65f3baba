use tidemill_catalogue::{Block, Catalogue, Dataset, Source, Writer};
use tidemill_feed_evm::backfill::{Chunk, HeadersKept, Resume, Sink, SinkError};
use tidemill_feed_evm::rpc::LogQuery;
use tidemill_model::ChainId;
use tidemill_units::BlockNumber;

use super::super::Place;
use super::super::nodes::Nodes;
use super::chunks;
use super::fetch::{Fetched, How, Wanted};
use crate::failure::Failure;

const EXAMPLES: &str = "Example:
  export NODE='https://…'
  tidemill data get blocks --chain 1 --url-env NODE --from-block 21303934 --to-block 21304933

Time, hash, base fee and gas used of every block, each checked to name the one before it. Goes on
where an earlier fetch ended. One request a block, sent in batches of 50, and no logs.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The chain's number, such as 1 for Ethereum
    #[arg(long, value_name = "N")]
    chain: u64,
    /// The first block
    #[arg(long, value_name = "N")]
    from_block: u64,
    /// The last block
    #[arg(long, value_name = "N")]
    to_block: u64,
    #[command(flatten)]
    nodes: Nodes,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let chain = ChainId(self.chain);
        let nodes = self.nodes.open(chain).await?;
        let writer = writer(&self.place.create()?, chain).await?;
        let source = writer.manifest().source.to_string();
        let (from, to) = (self.from_block, self.to_block);
        let next = chunks::first_missing(&writer.manifest().coverage, (from, to));
        let mut sink = Headers { writer, next };
        let wanted = Wanted { query: LogQuery::default(), from, to, headers: HeadersKept::Every };
        let report = self.how.fetch(&nodes, wanted, &mut sink).await?;
        sink.writer.compact().await.map_err(Failure::input)?;
        Fetched::new(source, &nodes, &report).print(self.json)
    }
}

/// Opens the blocks of a chain, as nodes tell them.
pub(super) async fn writer(data: &Catalogue, chain: ChainId) -> Result<Writer<Block>, Failure> {
    let source = Source::new(Dataset::Blocks, &[&chain.0.to_string(), "rpc"]);
    let writer = data.writer::<Block>(&source.map_err(Failure::input)?, ()).await;
    writer.map_err(Failure::input)
}

struct Headers {
    writer: Writer<Block>,
    next: u64,
}

impl Sink for Headers {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        Ok(Some(Resume { next: BlockNumber(self.next), parent: None }))
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        let answered = chunks::answered(&chunk)?;
        let rows = chunk.headers.iter().map(chunks::block).collect();
        chunks::append(&mut self.writer, rows, &answered)?;
        self.next = chunk.to.0.saturating_add(1);
        Ok(())
    }
}
