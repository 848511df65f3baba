mod description;
mod kind;
mod programme;

use std::path::{Path, PathBuf};

use serde::Serialize;
use tidemill_feed_evm::rpc::Opened;
use tidemill_feed_evm::snapshot::{
    AtBlock, BlockChoice, EndpointReader, PoolAtBlock, PoolContract, SnapshotBlock, SnapshotError,
    pool_at_block, read_agreed,
};
use tidemill_model::{Address, AddressError, ChainId, Token};
use tidemill_store::PoolState;
use tidemill_units::BlockNumber;

use self::kind::{Contract, Kind};
use super::nodes::Nodes;
use super::token::metadata;
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Example:
  export NODE='https://…' OTHER='https://…'
  tidemill data snapshot 0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640 --kind uniswap_v3 --chain 1 \\
      --url-env NODE --url-env OTHER --out state.json --description pool.json

The state is for `quote`; the description, whose state is that block's, is for `data get rpc`. A
tape of a pool of positions from there: `data export … --tape --state state.json`. A programme's
state is for `data get programme`, `claim` and `earn`; --account or --accounts name everybody who
ever staked, whom its logs tell. Two nodes have to say the same of one block. See
docs/sources/json-rpc.md for what has to be told of which kind, and what it costs in requests.";

/// A reorganisation while the state is read is answered by reading it again.
const TRIES: u32 = 3;

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The contract of the pool or programme; of a v4 pool the manager
    #[arg(value_name = "ADDRESS")]
    pool: Address,
    #[command(flatten)]
    kind: Kind,
    /// The chain's number, such as 1 for Ethereum
    #[arg(long, value_name = "N")]
    chain: u64,
    /// The block at whose end; 64 before the newest where not given. Old ones need archive nodes
    #[arg(long, value_name = "N")]
    block: Option<u64>,
    /// Where the state goes; an existing file is replaced
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
    /// Where the pool's description goes; an existing file is replaced
    #[arg(long, value_name = "pool.json")]
    description: Option<PathBuf>,
    /// A symbol for a token that tells none, such as 0x…=DGD
    #[arg(long = "symbol", value_name = "ADDRESS=SYMBOL", value_parser = read_symbol)]
    symbols: Vec<(Address, String)>,
    #[command(flatten)]
    nodes: Nodes,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Json {
    pool: String,
    kind: &'static str,
    tokens: Vec<String>,
    block: u64,
    block_hash: String,
    requests: u64,
    files: Vec<String>,
}

fn read_symbol(text: &str) -> Result<(Address, String), String> {
    let parts = text.split_once('=').filter(|(_, symbol)| !symbol.is_empty());
    let (address, symbol) = parts.ok_or_else(|| format!("`{text}` is not ADDRESS=SYMBOL"))?;
    let address = address.parse().map_err(|error: AddressError| error.to_string())?;
    Ok((address, symbol.to_owned()))
}

/// How a v4 pool names the chain's own coin, which every EVM counts with 18 decimals.
const COIN: Address = Address([0; 20]);
const COIN_DECIMALS: u8 = 18;

/// So far below the newest block no reorganisation is waited for.
const SETTLED: u64 = 64;

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.out.is_none() && self.description.is_none() {
            return Err(Failure::input("nothing to write: give --out or --description"));
        }
        let contract = match self.kind.contract(self.pool)? {
            Contract::Pool(contract) => contract,
            Contract::Programme(programme) => {
                let nodes = self.nodes.open(ChainId(self.chain)).await?;
                return programme::run(&self, &nodes, &programme).await;
            }
        };
        let nodes = self.nodes.open(ChainId(self.chain)).await?;
        let spinner = progress::spinner("reading the pool");
        let read = self.read(&nodes, &contract).await;
        spinner.finish_and_clear();
        let (block, state) = read?;
        let mut files = Vec::new();
        let description = match &self.description {
            Some(_) => Some(description::of(&self, &contract, block.number, &state)?),
            None => None,
        };
        if let Some(out) = &self.out {
            write(out, &state.to_json().map_err(Failure::input)?, &mut files)?;
        }
        if let Some((out, pool)) = self.description.as_ref().zip(description) {
            write(out, &pool.to_json().map_err(Failure::input)?, &mut files)?;
        }
        let told = Json {
            pool: self.pool.to_string(),
            kind: state.pool.kind(),
            tokens: state.tokens.iter().map(|token| token.symbol.clone()).collect(),
            block: block.number.0,
            block_hash: block.hash.to_string(),
            requests: nodes.endpoints.requests(),
            files,
        };
        if self.json { output::print_json(&told) } else { told.print() }
    }

    /// Reads the pool and what its tokens are.
    async fn read(
        &self,
        nodes: &Opened,
        contract: &PoolContract,
    ) -> Result<(SnapshotBlock, PoolState), Failure> {
        let read = async |at: &AtBlock<'_>| pool_at_block(at, contract).await;
        let (block, said) = self.agreed(nodes, read).await?;
        let PoolAtBlock { pool, tokens, base_tokens } = said;
        let tokens = self.tokens(nodes, tokens).await?;
        let base_tokens = self.tokens(nodes, base_tokens).await?;
        Ok((block, PoolState { tokens, base_tokens, pool }))
    }

    /// Reads from one node, and asks another for the same block.
    async fn agreed<T: PartialEq>(
        &self,
        nodes: &Opened,
        read: impl AsyncFn(&AtBlock<'_>) -> Result<T, SnapshotError>,
    ) -> Result<(SnapshotBlock, T), Failure> {
        if nodes.endpoints.len() < 2 {
            let text = "one node can be used; a state needs two that say the same: give another \
                        --url-env VARIABLE or --url-file FILE";
            return Err(Failure::input(text));
        }
        let choice = match self.block {
            Some(number) => BlockChoice::Number(BlockNumber(number)),
            None => BlockChoice::Number(settled(nodes).await?),
        };
        let [first, second] = [0, 1].map(|place| EndpointReader::new(&nodes.endpoints, place));
        read_agreed([&first, &second], choice, TRIES, read).await.map_err(|error| {
            let (one, two) = (nodes.endpoints.name(0), nodes.endpoints.name(1));
            Failure::input(format!("{one} and {two}: {error}"))
        })
    }

    async fn tokens(&self, nodes: &Opened, addresses: Vec<Address>) -> Result<Vec<Token>, Failure> {
        let mut tokens = Vec::with_capacity(addresses.len());
        for address in addresses {
            let named = self.symbols.iter().find(|(token, _)| *token == address);
            let named = named.map(|(_, symbol)| symbol.as_str());
            tokens.push(match (address == COIN, named) {
                (false, _) => metadata(nodes, address, named).await?.token,
                (true, Some(symbol)) => {
                    Token { symbol: symbol.into(), decimals: COIN_DECIMALS, address: Some(COIN) }
                }
                (true, None) => {
                    let text = "the chain's own coin has no contract that tells its symbol: give \
                                it with --symbol";
                    return Err(Failure::input(format!("{text} {COIN}=ETH")));
                }
            });
        }
        Ok(tokens)
    }
}

/// The newest block that no reorganisation is expected to take back.
async fn settled(nodes: &Opened) -> Result<BlockNumber, Failure> {
    let heads = nodes.endpoints.heads().await;
    let head = heads.into_iter().next().map(|head| head.map_err(Failure::input)).transpose()?;
    let head = head.ok_or_else(|| Failure::input("no node tells its newest block"))?;
    Ok(BlockNumber(head.number.0.saturating_sub(SETTLED)))
}

fn write(out: &Path, text: &str, files: &mut Vec<String>) -> Result<(), Failure> {
    tidemill_store::write_atomically(out, text.as_bytes()).map_err(Failure::input)?;
    files.push(out.display().to_string());
    Ok(())
}

impl Json {
    fn print(&self) -> Result<(), Failure> {
        let mut rows = vec![
            ("pool", self.pool.clone()),
            ("kind", self.kind.to_owned()),
            ("tokens", self.tokens.join(", ")),
            ("block", self.block.to_string()),
            ("block hash", self.block_hash.clone()),
            ("requests", self.requests.to_string()),
        ];
        rows.extend(self.files.iter().map(|file| ("file", file.clone())));
        output::print_rows(&rows)
    }
}
