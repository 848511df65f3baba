//! Pools beside the one that values are stated in.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use tidemill_ledger::PoolAssets;
use tidemill_market::{Footprint, Market};
use tidemill_model::{AssetId, PoolBuild, PoolHeader, PoolId, PoolStart, Token};
use tidemill_store::{AnyTape, open_tape};
use tidemill_units::InstantUs;

use super::text::{alternatives, is_printable, not_allowed};
use crate::missing_prices::{Prepared, prepared};
use crate::{ConfigError, RunTape, cut_tape};

/// What strategies and programmes call the pool that values are stated in.
pub(super) const MAIN: &str = "main";

/// Another pool of the run, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolConfig {
    /// What strategies, programmes and the report call it; not `main`, which is the pool of the
    /// run's own tape.
    pub name: String,
    /// Its tape or a folder to import, relative to the file.
    pub tape: String,
    /// What `tape` says, once it was read.
    #[serde(skip)]
    pub recorded: Option<Arc<AnyTape>>,
}

/// Another pool made definite for one run.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolSetup {
    /// Its name.
    pub name: String,
    /// Its tape, from the run's first event on.
    pub tape: Arc<AnyTape>,
    /// Its tokens.
    pub assets: PoolAssets,
}

impl PoolSetup {
    /// Returns its tape as runs take it.
    pub(crate) fn run_tape(&self) -> RunTape<'_> {
        RunTape::from(self.tape.as_ref())
    }
}

/// The numbers of the pools of [`Setup::pools`](super::Setup::pools), in their order.
pub(crate) fn numbers() -> impl Iterator<Item = PoolId> {
    (1..).map(PoolId)
}

/// The assets that the tokens of a run's pools are.
pub(super) struct TokenAssets {
    known: Vec<(Token, AssetId)>,
    native: AssetId,
    next: AssetId,
}

impl TokenAssets {
    /// Returns those of the first pool; the next new one is `next`.
    pub(super) fn new(tokens: &[&Token], assets: &PoolAssets, next: AssetId) -> Self {
        let tokens = tokens.iter().copied().cloned();
        let known = tokens.zip(assets.tokens().iter().copied()).collect();
        Self { known, native: assets.native, next }
    }

    /// Returns the number of the first asset that is none of these.
    pub(super) fn next(&self) -> AssetId {
        self.next
    }

    /// A token is another's equal by its contract; where one of the two names none, by what it is
    /// called and how it is counted.
    fn asset(&mut self, token: &Token) -> AssetId {
        let is_same = |known: &Token| match (known.address, token.address) {
            (Some(known), Some(address)) => known == address,
            _ => (&known.symbol, known.decimals) == (&token.symbol, token.decimals),
        };
        if let Some((_, asset)) = self.known.iter().find(|(known, _)| is_same(known)) {
            return *asset;
        }
        let asset = self.next;
        self.next = AssetId(asset.0.saturating_add(1));
        self.known.push((token.clone(), asset));
        asset
    }
}

/// Checks that every pool has a name of its own.
pub(super) fn check_names(pools: &[PoolConfig]) -> Result<(), ConfigError> {
    for (place, pool) in pools.iter().enumerate() {
        let earlier = pools.get(..place).unwrap_or_default();
        pool.check_name(earlier).map_err(|error| error.of_item("pool", place))?;
    }
    Ok(())
}

/// Makes all pools of a configuration definite.
pub(super) fn resolve_pools(
    pools: &[PoolConfig],
    main: RunTape<'_>,
    first: &PoolAssets,
    assets: &mut TokenAssets,
) -> Result<Vec<PoolSetup>, ConfigError> {
    check_names(pools)?;
    let mut setups: Vec<PoolSetup> = Vec::new();
    for (place, pool) in pools.iter().enumerate() {
        let setup = pool.resolve(main, first, assets);
        let setup = setup.map_err(|error| error.of_item("pool", place))?;
        let is_same = |other: &PoolSetup| is_same_pool(other.run_tape(), setup.run_tape());
        if let Some(other) = setups.iter().find(|other| is_same(other)) {
            let error = format!("it is the pool of `{}`", other.name);
            return Err(pool.failed(&error).of_item("pool", place));
        }
        setups.push(setup);
    }
    Ok(setups)
}

/// Another pool by its name, and its number; `None` for the run's own, which no name stands for,
/// too.
///
/// Errors: [`ConfigError::NotAllowed`] for no pool's name.
pub(crate) fn named<'a>(
    key: &'static str,
    name: Option<&str>,
    pools: &'a [PoolSetup],
) -> Result<Option<(PoolId, &'a PoolSetup)>, ConfigError> {
    let Some(name) = name.filter(|name| *name != MAIN) else { return Ok(None) };
    let found = numbers().zip(pools).find(|(_, pool)| pool.name == name);
    found.map(Some).ok_or_else(|| {
        let others = pools.iter().map(|pool| pool.name.as_str());
        let names: Vec<_> = std::iter::once(MAIN).chain(others).collect();
        not_allowed(key, &name, &names.join(", "))
    })
}

/// Whether two tapes are of one pool.
fn is_same_pool(one: RunTape<'_>, other: RunTape<'_>) -> bool {
    // Pools of Uniswap v4 share their manager's address; their terms tell them apart.
    match (one, other) {
        (RunTape::Concentrated(one), RunTape::Concentrated(other)) => {
            let (one, other) = (&one.header, &other.header);
            let terms = |header: &PoolHeader| (header.fee, header.tick_spacing);
            let is_v4 = matches!(one.build, PoolBuild::UniswapV4 { .. });
            let same_tokens = one.token0 == other.token0 && one.token1 == other.token1;
            one.pool == other.pool && (!is_v4 || same_tokens && terms(one) == terms(other))
        }
        (one, other) => one.address() == other.address(),
    }
}

/// Whether a tape says what its pool was at the first event of the run.
fn is_known_at(own: RunTape<'_>, main: RunTape<'_>) -> bool {
    let Some(first) = main.events().first() else { return false };
    let begins_before = own.first_time() <= first.time;
    let RunTape::Concentrated(tape) = own else { return begins_before };
    match tape.header.start {
        // Before it there is no pool.
        PoolStart::Creation => true,
        PoolStart::Snapshot { block, .. } => block <= first.block,
        PoolStart::Window(_) => begins_before,
    }
}

impl PoolConfig {
    /// Reads its tape, from the configuration's folder.
    ///
    /// Errors: [`ConfigError::Pool`].
    pub(super) fn read(&mut self, folder: &Path) -> Result<(), ConfigError> {
        let tape = open_tape(&folder.join(&self.tape));
        self.recorded = Some(Arc::new(tape.map_err(|error| self.failed(&error))?));
        Ok(())
    }

    fn failed(&self, error: &dyn ToString) -> ConfigError {
        ConfigError::Pool { name: self.name.clone(), error: error.to_string() }
    }

    fn check_name(&self, earlier: &[Self]) -> Result<(), ConfigError> {
        if !is_printable(&self.name) || self.name == MAIN {
            let allowed = "1 to 40 characters, none of them a control character, and not `main`, \
                           which is the pool of the run's own tape";
            return Err(not_allowed("pool.name", &self.name.escape_debug(), allowed));
        }
        if earlier.iter().any(|other| other.name == self.name) {
            return Err(ConfigError::SamePool(self.name.clone()));
        }
        Ok(())
    }

    /// Its tape from the run's first event on, with the prices filled in that it leaves out.
    fn begun_with(&self, main: RunTape<'_>) -> Result<AnyTape, ConfigError> {
        let recorded = self.recorded.as_ref();
        let recorded = recorded.ok_or_else(|| self.failed(&"its tape was not read"))?;
        let own = RunTape::from(recorded.as_ref());
        if own.chain_id() != main.chain_id() {
            let (other, chain) = (own.chain_id(), main.chain_id());
            return Err(self.failed(&format!("it is on chain {other}, the run's tape on {chain}")));
        }
        if is_same_pool(own, main) {
            return Err(self.failed(&"it is the pool of the run's own tape"));
        }
        if !is_known_at(own, main) {
            return Err(self.failed(
                &"its tape begins after the run's first event, and what the pool was before is not \
                  known; one that begins earlier is needed",
            ));
        }
        let from = InstantUs::at_second(main.first_time());
        let tape = AnyTape::clone(recorded);
        let tape = cut_tape(tape, from).map_err(|error| self.failed(&error))?;
        let filled = match prepared(RunTape::from(&tape)).map_err(|error| self.failed(&error))? {
            Prepared::Concentrated(Cow::Owned(filled)) => Some(filled),
            Prepared::Concentrated(Cow::Borrowed(_)) | Prepared::Shares(_) => None,
        };
        Ok(filled.map_or(tape, AnyTape::Concentrated))
    }

    fn resolve(
        &self,
        main: RunTape<'_>,
        first: &PoolAssets,
        assets: &mut TokenAssets,
    ) -> Result<PoolSetup, ConfigError> {
        let tape = self.begun_with(main)?;
        let own = RunTape::from(&tape);
        // A start that is no pool's state is a mistake of the file.
        let added = own.add_to(&mut Market::new(Footprint::PriceTaker));
        added.map_err(|error| self.failed(&error))?;
        let tokens: Vec<_> = own.tokens().into_iter().map(|token| assets.asset(token)).collect();
        if !tokens.iter().any(|asset| first.index_of(*asset).is_some()) {
            let (own, known) = (alternatives(&own.tokens()), alternatives(&main.tokens()));
            let error = format!("its tokens are {own}; one of them has to be {known}");
            return Err(self.failed(&error));
        }
        let assets = PoolAssets::new(&tokens, assets.native).ok_or(ConfigError::EmptyTape)?;
        Ok(PoolSetup { name: self.name.clone(), tape: Arc::new(tape), assets })
    }
}
