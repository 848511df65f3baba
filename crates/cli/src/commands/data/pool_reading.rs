use std::path::{Path, PathBuf};

use tidemill_amm::Pool;
use tidemill_amm::crypto_swap::CryptoGeneration;
use tidemill_amm::stable_swap_meta_ng::MetaNgBase;
use tidemill_catalogue::{Dataset, Source};
use tidemill_feed_evm::rpc::{LogFilter, LogQuery, Opened};
use tidemill_feed_evm::snapshot::{AtBlock, BlockChoice, EndpointReader, read_at_block, vault_of};
use tidemill_feed_evm::{CurveContracts, CurveLogs, ShareContracts, TapeLogs};
use tidemill_model::{
    Address, Bytes32, ChainId, PoolBuild, PoolHeader, PoolStart, SharePoolHeader, Token,
};
use tidemill_store::PoolDescription;
use tidemill_units::{Amounts, BlockNumber, TokenAmounts};

use crate::failure::Failure;

/// A reorganisation while two constants are read is answered by reading them again.
const TRIES: u32 = 3;

/// A pool's description, as on tapes.
pub(super) struct PoolFile {
    path: PathBuf,
    pub(super) description: PoolDescription,
}

/// What a pool's logs are asked for by, and read with.
pub(super) struct Reading {
    pub(super) query: LogQuery,
    pub(super) logs: TapeLogs,
    /// Whether what a log says depends on those before it.
    pub(super) carries: bool,
}

/// Contracts beside a pool of shares that its description does not name.
#[derive(clap::Args)]
pub(super) struct Contracts {
    /// A Curve pool's share token, where it is not the pool itself
    #[arg(long, value_name = "ADDRESS")]
    share_token: Option<Address>,
    /// A Curve metapool's base pool
    #[arg(long, value_name = "ADDRESS")]
    base_pool: Option<Address>,
    /// The base pool's share token, where it is not the base pool itself
    #[arg(long, value_name = "ADDRESS")]
    base_share_token: Option<Address>,
    /// A Balancer v2 pool's vault; asked of the pool where there is a node
    #[arg(long, value_name = "ADDRESS", requires = "pool_id")]
    vault: Option<Address>,
    /// What the vault calls the pool
    #[arg(long, value_name = "ID", requires = "vault")]
    pool_id: Option<Bytes32>,
}

impl PoolFile {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let text =
            std::fs::read(path).map_err(|error| Failure::input(format!("{name}: {error}")))?;
        let description = PoolDescription::read(&name, &text).map_err(Failure::input)?;
        Ok(Self { path: path.to_owned(), description })
    }

    pub(super) fn chain(&self) -> ChainId {
        match &self.description {
            PoolDescription::Shares(header, _) => header.chain_id,
            PoolDescription::Concentrated(header) => header.chain_id,
        }
    }

    /// The block that the description's state is of.
    pub(super) fn start(&self) -> Option<BlockNumber> {
        match &self.description {
            PoolDescription::Shares(header, _) => Some(header.state_after_block),
            PoolDescription::Concentrated(header) => match header.start {
                PoolStart::Creation => None,
                PoolStart::Snapshot { block, .. } => Some(block),
                PoolStart::Window(window) => window.state.map(|state| state.block),
            },
        }
    }

    /// Where its events lie.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        match &self.description {
            PoolDescription::Concentrated(header) => Ok(Source::of_pool(header)),
            PoolDescription::Shares(header, _) => {
                Source::of_address(Dataset::PoolEvents, header.chain_id, header.pool)
                    .map_err(Failure::input)
            }
        }
    }

    fn wrong(&self, what: &str) -> Failure {
        Failure::input(format!("{}: {what}", self.path.display()))
    }

    fn addresses(&self, tokens: &[Token]) -> Result<Vec<Address>, Failure> {
        let address = |token: &Token| {
            let missing = || self.wrong(&format!("token {}: its address is missing", token.symbol));
            token.address.ok_or_else(missing)
        };
        tokens.iter().map(address).collect()
    }
}

impl Contracts {
    /// Says what to ask for and how to read it.
    pub(super) async fn reading(
        &self,
        pool: &PoolFile,
        nodes: Option<&Opened>,
    ) -> Result<Reading, Failure> {
        let (header, start) = match &pool.description {
            PoolDescription::Concentrated(header) => {
                let (query, logs) = (own_logs(header), TapeLogs::concentrated(header));
                return Ok(Reading { query, logs, carries: false });
            }
            PoolDescription::Shares(header, start) => (header, start),
        };
        let vault = match (self.vault, self.pool_id, start.as_ref()) {
            (Some(vault), Some(id), _) => Some((vault, id)),
            (_, _, Pool::Weighted(_) | Pool::ComposableStable(_)) => match nodes {
                Some(nodes) => Some(vault_told(header.pool, nodes).await?),
                None => None,
            },
            _ => None,
        };
        let contracts = self.of(pool, (header, start), vault)?;
        let logs = TapeLogs::shares(header, contracts.clone());
        let (logs, carries) = match reserves(start) {
            Some([reserves, given]) => (logs.with_reserves(reserves, given), true),
            None => (logs, false),
        };
        Ok(Reading { query: query(&contracts), logs, carries })
    }

    fn of(
        &self,
        file: &PoolFile,
        (header, start): (&SharePoolHeader, &Pool),
        vault: Option<(Address, Bytes32)>,
    ) -> Result<ShareContracts, Failure> {
        let pool = header.pool;
        let tokens = file.addresses(&header.tokens)?;
        let curve = |logs| ShareContracts::Curve(self.curve(pool, tokens.clone(), logs));
        Ok(match start {
            Pool::Concentrated(_) => return Err(file.wrong("is no pool of shares")),
            Pool::ConstantProduct(_) | Pool::Solidly(_) => {
                let [token0, token1] = tokens.as_slice() else {
                    return Err(file.wrong("a pair has two tokens"));
                };
                ShareContracts::Pair { pair: pool, tokens: [*token0, *token1] }
            }
            Pool::BalancerV1(_) => ShareContracts::BalancerV1 { pool, tokens },
            Pool::Weighted(_) | Pool::ComposableStable(_) => {
                let missing = || file.wrong("--vault and --pool-id are missing");
                let (vault, pool_id) = vault.ok_or_else(missing)?;
                ShareContracts::Vault { vault, pool, pool_id, tokens }
            }
            Pool::StableSwap(_) => curve(CurveLogs::StableSwap),
            Pool::StableSwapNg(_) => curve(CurveLogs::StableSwapNg),
            Pool::CryptoSwap(swap) => curve(match swap.generation() {
                CryptoGeneration::TwoCrypto(_) | CryptoGeneration::Tricrypto2 => CurveLogs::Crypto,
                CryptoGeneration::TricryptoNg | CryptoGeneration::TwocryptoNg(_) => {
                    CurveLogs::CryptoNg
                }
            }),
            Pool::StableSwapMeta(_) => ShareContracts::Metapool {
                pool: self.curve(pool, tokens, CurveLogs::StableSwap),
                base: self.base(file, header, CurveLogs::StableSwap)?,
            },
            Pool::StableSwapMetaNg(meta) => ShareContracts::Metapool {
                pool: self.curve(pool, tokens, CurveLogs::StableSwapNg),
                base: self.base(
                    file,
                    header,
                    match meta.base() {
                        MetaNgBase::Plain(_) => CurveLogs::StableSwap,
                        MetaNgBase::Ng(_) => CurveLogs::StableSwapNg,
                    },
                )?,
            },
        })
    }

    fn curve(&self, pool: Address, coins: Vec<Address>, logs: CurveLogs) -> CurveContracts {
        CurveContracts { pool, shares: self.share_token.unwrap_or(pool), coins, logs }
    }

    fn base(
        &self,
        file: &PoolFile,
        header: &SharePoolHeader,
        logs: CurveLogs,
    ) -> Result<CurveContracts, Failure> {
        let missing = || file.wrong("is a metapool: --base-pool is missing");
        let pool = self.base_pool.ok_or_else(missing)?;
        let coins = file.addresses(&header.base_tokens)?;
        if coins.is_empty() {
            return Err(file.wrong("the state does not name the base pool's tokens"));
        }
        let shares = self.base_share_token.unwrap_or(pool);
        Ok(CurveContracts { pool, shares, coins, logs })
    }
}

/// Asks for the pool's own logs; a v4 pool's are the manager's with its id.
fn own_logs(header: &PoolHeader) -> LogQuery {
    let mut filter = LogFilter::of(&[header.pool]);
    if let PoolBuild::UniswapV4 { pool_id, .. } = header.build {
        let [_, id, ..] = &mut filter.topics;
        id.push(pool_id);
    }
    LogQuery { filters: vec![filter] }
}

/// All logs of the pool's own contracts, and of its tokens the transfers to it and from it.
fn query(contracts: &ShareContracts) -> LogQuery {
    match contracts {
        ShareContracts::Pair { pair, tokens } => {
            LogQuery::of(&[*pair]).with_transfers(tokens, *pair)
        }
        ShareContracts::BalancerV1 { pool, .. } => LogQuery::of(&[*pool]),
        ShareContracts::Vault { vault, pool, pool_id, .. } => {
            let mut of_vault = LogFilter::of(&[*vault]);
            let [_, id, ..] = &mut of_vault.topics;
            id.push(*pool_id);
            let mut query = LogQuery::of(&[*pool]);
            query.filters.push(of_vault);
            query
        }
        ShareContracts::Curve(pool) => {
            LogQuery::of(&own(pool)).with_transfers(&pool.coins, pool.pool)
        }
        ShareContracts::Metapool { pool, base } => LogQuery::of(&[own(pool), own(base)].concat())
            .with_transfers(&pool.coins, pool.pool)
            .with_transfers(&base.coins, base.pool),
    }
}

fn own(curve: &CurveContracts) -> Vec<Address> {
    if curve.pool == curve.shares { vec![curve.pool] } else { vec![curve.pool, curve.shares] }
}

/// A pair's reserves, and what it holds beyond them.
fn reserves(start: &Pool) -> Option<[TokenAmounts; 2]> {
    let (reserves, holdings) = match start {
        Pool::ConstantProduct(pair) => (pair.reserves().amounts, pair.holdings()),
        Pool::Solidly(pool) => (pool.reserves().amounts, pool.holdings()),
        Pool::Concentrated(_)
        | Pool::StableSwap(_)
        | Pool::StableSwapMeta(_)
        | Pool::StableSwapMetaNg(_)
        | Pool::StableSwapNg(_)
        | Pool::CryptoSwap(_)
        | Pool::BalancerV1(_)
        | Pool::Weighted(_)
        | Pool::ComposableStable(_) => return None,
    };
    let both = |amounts: Amounts| TokenAmounts::new(&[amounts.amount0, amounts.amount1]);
    let given = holdings.checked_sub(reserves)?;
    Some([both(reserves)?, both(given)?])
}

/// A pool's vault, and what the vault calls it: its id begins with its address.
async fn vault_told(pool: Address, nodes: &Opened) -> Result<(Address, Bytes32), Failure> {
    let reader = EndpointReader::new(&nodes.endpoints, 0);
    let read = async |at: &AtBlock<'_>| vault_of(at, pool).await;
    let (_, (vault, id)) =
        read_at_block(&reader, BlockChoice::Latest, TRIES, read).await.map_err(Failure::input)?;
    let id = Bytes32(id.to_be_bytes());
    if id.0.starts_with(&pool.0) {
        return Ok((vault, id));
    }
    Err(Failure::input(format!("{pool} tells a pool's id that does not begin with its address")))
}
