use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tidemill_catalogue::{Answered, Block, Dataset, Gap, Source, Span, Writer, block_place};
use tidemill_feed_evm::TapeLogs;
use tidemill_feed_evm::backfill::{
    Agreement, BackfillOptions, BackfillRequest, Chunk, HeadersKept, Progress, Resume, Sink,
    SinkError, backfill,
};
use tidemill_feed_evm::rpc::{
    BlockHeader, Endpoint, EndpointOptions, Endpoints, LogQuery, NodeUrl, OpenOptions, RetryPolicy,
    SystemClock,
};
use tidemill_model::{PoolHeader, TapeEvent};
use tidemill_store::PoolDescription;
use tidemill_units::{BlockNumber, Gas, GasPrice, InstantUs};

use super::super::Place;
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Example:
  export NODE='https://…'
  tidemill data get rpc --pool pool.json --url-env NODE --from-block 21303934 --to-block 21304933

--url-env names an environment variable that holds a node's URL, --url-file a file that only its
owner can read: URLs have keys in them. Give several to have them share the work, and --agree to
have two of them say the same of every range. Goes on where an earlier fetch ended. See
docs/sources/json-rpc.md for what it costs in requests.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The pool's description, as on tapes
    #[arg(long, value_name = "pool.json")]
    pool: PathBuf,
    /// The first block
    #[arg(long, value_name = "N")]
    from_block: u64,
    /// The last block
    #[arg(long, value_name = "N")]
    to_block: u64,
    /// An environment variable with a node's URL
    #[arg(long, value_name = "VARIABLE")]
    url_env: Vec<String>,
    /// A file with a node's URL, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    url_file: Vec<PathBuf>,
    /// Two nodes have to say the same of every range
    #[arg(long)]
    agree: bool,
    /// Fetch headers of blocks with logs alone: fewer requests, and holes are harder to notice
    #[arg(long)]
    few_headers: bool,
    /// How many blocks have to follow the last one
    #[arg(long, default_value_t = 64, value_name = "N")]
    confirmations: u64,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was fetched.
#[derive(Serialize)]
struct Json {
    source: String,
    blocks: u64,
    events: u64,
    gaps: u64,
    requests: u64,
    seconds: f64,
    nodes_left_out: Vec<String>,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let header = read_pool(&self.pool)?;
        let nodes = self.open_nodes(&header).await?;
        let data = self.place.create()?;
        let source = Source::of_pool(&header);
        let frame = PoolDescription::Concentrated(header.clone());
        let writer = data.writer::<TapeEvent>(&source, frame).await.map_err(Failure::input)?;
        let chain = header.chain_id.0.to_string();
        let blocks = Source::new(Dataset::Blocks, &[&chain, "rpc"]).map_err(Failure::input)?;
        let blocks = data.writer::<Block>(&blocks, ()).await.map_err(Failure::input)?;
        let mut sink = Kept { header, writer, blocks, asked: (self.from_block, self.to_block) };
        let bar = progress::bar(self.to_block.saturating_sub(self.from_block), "fetching blocks");
        let mut tell = |progress: &Progress| bar.set_position(progress.blocks);
        let request = BackfillRequest {
            query: query(&sink.header),
            from: BlockNumber(self.from_block),
            to: BlockNumber(self.to_block),
        };
        let options = BackfillOptions {
            headers: if self.few_headers { HeadersKept::OfLogs } else { HeadersKept::Every },
            agreement: if self.agree { Agreement::Two } else { Agreement::One },
            confirmations: self.confirmations,
            ..BackfillOptions::default()
        };
        let report = backfill(&nodes, &request, options, &mut sink, &mut tell).await;
        bar.finish_and_clear();
        let report = report.map_err(Failure::input)?;
        sink.writer.compact().await.map_err(Failure::input)?;
        sink.blocks.compact().await.map_err(Failure::input)?;
        let done = Json {
            source: source.to_string(),
            blocks: report.progress.blocks,
            events: report.progress.logs,
            gaps: report.progress.gaps,
            requests: report.progress.requests,
            seconds: report.progress.elapsed.as_secs_f64(),
            nodes_left_out: report.left_out.iter().map(ToString::to_string).collect(),
        };
        if self.json { output::print_json(&done) } else { done.print() }
    }

    async fn open_nodes(&self, header: &PoolHeader) -> Result<Endpoints, Failure> {
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
        let options = OpenOptions { chain: header.chain_id, lag_blocks: 64, head_age: None };
        let opened = Endpoints::open(list, RetryPolicy::default(), clock, options).await;
        Ok(opened.map_err(Failure::input)?.endpoints)
    }
}

impl Json {
    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("source", self.source.clone()),
            ("blocks", self.blocks.to_string()),
            ("logs", self.events.to_string()),
            ("gaps", self.gaps.to_string()),
            ("requests", self.requests.to_string()),
            ("seconds", format!("{:.1}", self.seconds)),
        ];
        rows.extend(self.nodes_left_out.iter().map(|node| ("node left out", node.clone())));
        output::print_rows(&rows)
    }
}

fn read_pool(file: &Path) -> Result<PoolHeader, Failure> {
    let named =
        |error: &dyn std::fmt::Display| Failure::input(format!("{}: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| named(&error))?;
    match PoolDescription::read(&file.display().to_string(), &text).map_err(Failure::input)? {
        PoolDescription::Concentrated(header) => Ok(header),
        PoolDescription::Shares(..) => {
            Err(named(&"describes a pool of shares; only pools of positions can be fetched"))
        }
    }
}

/// Asks for the pool's own logs; a v4 pool's are the manager's with its id.
fn query(header: &PoolHeader) -> LogQuery {
    let mut query = LogQuery::of(&[header.pool]);
    if let tidemill_model::PoolBuild::UniswapV4 { pool_id, .. } = header.build {
        query.topics[1] = vec![pool_id];
    }
    query
}

/// The data folder, chunk by chunk. The events' coverage says how far it is, and is written last.
struct Kept {
    header: PoolHeader,
    writer: Writer<TapeEvent>,
    blocks: Writer<Block>,
    /// The first and the last block asked for.
    asked: (u64, u64),
}

impl Sink for Kept {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        let place = |block| block_place(BlockNumber(block));
        let (from, to) = self.asked;
        let asked = place(from).zip(place(to.saturating_add(1)));
        let asked = asked.and_then(|(from, to)| Span::new(from, to));
        let missing = asked.map(|asked| self.writer.manifest().coverage.missing(asked));
        let next = match missing.as_deref().and_then(<[Span]>::first) {
            Some(span) => u64::try_from(span.from).unwrap_or(from),
            None => to.saturating_add(1),
        };
        let resume = Resume { next: BlockNumber(next), parent: None };
        Ok((next > from).then_some(resume))
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        let answered = answered(&chunk)?;
        let blocks = chunk.headers.iter().map(block).collect();
        let mut logs = TapeLogs::concentrated(&self.header);
        let mut events = Vec::new();
        for log in chunk.logs {
            logs.push(log).map_err(refused)?;
            events.extend(std::iter::from_fn(|| logs.take()));
        }
        logs.finish().map_err(refused)?;
        events.extend(std::iter::from_fn(|| logs.take()));
        tokio::task::block_in_place(|| {
            let here = tokio::runtime::Handle::current();
            here.block_on(self.blocks.append(blocks, &answered)).map_err(refused)?;
            here.block_on(self.writer.append(events, &answered)).map_err(refused)
        })?;
        Ok(())
    }
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> SinkError {
    SinkError(Box::new(error))
}

/// What of a chunk's blocks was answered, and what is a gap.
fn answered(chunk: &Chunk) -> Result<Answered, SinkError> {
    let past = || SinkError("a block's number is past 2^63".into());
    let span = |from: BlockNumber, to: BlockNumber| {
        let to = BlockNumber(to.0.saturating_add(1));
        block_place(from).zip(block_place(to)).ok_or_else(past)
    };
    let (from, to) = span(chunk.from, chunk.to)?;
    let mut gaps = Vec::new();
    for gap in &chunk.gaps {
        let (from, to) = span(gap.from, gap.to)?;
        gaps.push(Gap { from, to, cause: gap.cause.to_string() });
    }
    Ok(Answered { spans: Span::new(from, to).into_iter().collect(), gaps })
}

fn block(header: &BlockHeader) -> Block {
    Block {
        number: header.number,
        time: InstantUs::from_timestamp(header.time),
        hash: Some(header.hash),
        parent_hash: Some(header.parent_hash),
        base_fee: header.base_fee_wei.map(|fee| GasPrice(u128::from(fee))),
        gas_price: None,
        gas_used: Some(Gas(header.gas_used)),
    }
}
