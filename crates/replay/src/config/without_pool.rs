//! Runs of feeds and exchanges alone.

use serde::Deserialize;
use tidemill_configuration::KeyPath;
use tidemill_exec_sim::Models;
use tidemill_market::{Footprint, Valuation};
use tidemill_model::{Latency, Token};
use tidemill_units::{Amount, TokenAmounts, TokenIndex};

use super::text::{alternatives, is_printable, not_allowed};
use super::{BacktestConfig, Offered, Setup, after, assets_of};
use crate::ConfigError;
use crate::exchange_config::{ExchangeScene, ExchangeSetup, quote_feeds, resolve_exchanges};
use crate::feeds::check_needs;

/// What `tape` says where there is none.
const NONE: &str = "none";

/// A token of a run without a pool: nothing else says how it is counted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenConfig {
    /// What `quote` and exchanges call it.
    pub symbol: String,
    /// Digits behind the point of a whole token, 0 to 38.
    pub decimals: u8,
}

/// A key that says nothing in a run without a pool, and whether it is given.
type PoolKey = (&'static str, bool);

impl BacktestConfig {
    /// Whether it is of a run without a pool: `tape = "none"`.
    pub fn is_without_pool(&self) -> bool {
        self.tape.as_deref() == Some(NONE)
    }

    /// Returns the tokens of a run without a pool.
    ///
    /// Errors: [`ConfigError::NotAllowed`].
    pub fn own_tokens(&self) -> Result<Vec<Token>, ConfigError> {
        if self.token.is_empty() || self.token.len() > TokenAmounts::MOST {
            let allowed =
                format!("1 to {}, for tape = \"{NONE}\" has no tokens", TokenAmounts::MOST);
            return Err(not_allowed("token", &self.token.len(), &allowed));
        }
        let mut tokens: Vec<Token> = Vec::new();
        for (place, token) in self.token.iter().enumerate() {
            let of_item = |error: ConfigError| error.of_item("token", place);
            let TokenConfig { symbol, decimals } = token.clone();
            if !is_printable(&symbol) || tokens.iter().any(|other| other.symbol == symbol) {
                let allowed = "1 to 40 characters, none of them a control character, and no other \
                               token's";
                return Err(of_item(not_allowed("token.symbol", &symbol.escape_debug(), allowed)));
            }
            if decimals > Token::MAX_DECIMALS {
                return Err(of_item(not_allowed("token.decimals", &decimals, "0 to 38")));
            }
            tokens.push(Token { symbol, decimals, address: None });
        }
        Ok(tokens)
    }

    /// Refuses tokens beside a tape, which has its own.
    pub(super) fn check_no_tokens(&self) -> Result<(), ConfigError> {
        if self.token.is_empty() {
            return Ok(());
        }
        let allowed = "left out beside a tape; tokens are declared where tape = \"none\"";
        Err(not_allowed("token", &"given", allowed))
    }

    /// Makes a run without a pool definite.
    pub(super) fn resolve_without_pool(&self, tokens: &[Token]) -> Result<Setup, ConfigError> {
        self.check_pool_keys()?;
        let tokens: Vec<&Token> = tokens.iter().collect();
        let quote = self.own_quote(&tokens)?;
        let decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let assets = assets_of(tokens.len()).ok_or(ConfigError::EmptyTape)?;
        let mut feeds = self.feeds(&tokens, Latency::ZERO)?;
        let first_asset = after(assets.native, 0);
        let scene =
            ExchangeScene { tokens: &tokens, assets: &assets, quote, feeds: &feeds, first_asset };
        let exchanges = resolve_exchanges(&self.exchange, &scene)?;
        feeds.extend(quote_feeds(&exchanges));
        let deposit = self.check_accounts(&exchanges, (quote, &tokens))?;
        let models = Models::default();
        let offered = Offered {
            main: None,
            quote: (quote, decimals),
            assets: &assets,
            pools: &[],
            rewards: &[],
            stakings: &[],
            votings: &[],
            feeds: &feeds,
            exchanges: &exchanges,
        };
        let strategies = self.strategies(offered, &models.gas)?;
        check_needs(&feeds, &strategies)?;
        let stated_in = assets.token(quote).ok_or(ConfigError::EmptyTape)?;
        Ok(Setup {
            valuation: Valuation::Exchanges(stated_in),
            deposit: TokenAmounts::zero(tokens.len()).ok_or(ConfigError::EmptyTape)?,
            footprint: Footprint::PriceTaker,
            limits: self.limits.resolve(deposit, decimals)?,
            safeguards: self.limits.safeguards(&tokens, decimals)?,
            assets,
            pools: Vec::new(),
            strategies,
            models,
            rewards: Vec::new(),
            stakings: Vec::new(),
            votings: Vec::new(),
            feeds,
            exchanges,
            chain_latency: Latency::ZERO,
            answer_within_seconds: self.answer_within_seconds()?,
        })
    }

    fn own_quote(&self, tokens: &[&Token]) -> Result<TokenIndex, ConfigError> {
        let symbol = self.quote.as_deref().unwrap_or("missing");
        let place = tokens.iter().position(|token| Some(&token.symbol) == self.quote.as_ref());
        let place = place.and_then(|place| u8::try_from(place).ok()).map(TokenIndex);
        place.ok_or_else(|| not_allowed("quote", &symbol, &alternatives(tokens)))
    }

    /// Values are stated in what accounts are held in; returns what all of them start with.
    fn check_accounts(
        &self,
        exchanges: &[ExchangeSetup],
        (quote, tokens): (TokenIndex, &[&Token]),
    ) -> Result<Amount, ConfigError> {
        let mut all = Amount::ZERO;
        for (place, exchange) in exchanges.iter().enumerate() {
            if exchange.quote != quote {
                let symbol = |token: TokenIndex| {
                    tokens.get(token.place()).map_or("", |token| token.symbol.as_str())
                };
                let (own, stated) = (symbol(exchange.quote), symbol(quote));
                let allowed = format!("{stated}, in which values are stated, without a pool");
                let error = not_allowed("exchange.quote", &own, &allowed);
                return Err(error.of_item("exchange", place));
            }
            all = all.checked_add(exchange.deposit).ok_or(ConfigError::EmptyTape)?;
        }
        if all.is_zero() {
            let allowed = "above zero at one [[exchange]] at least, where tape = \"none\"";
            let given = if exchanges.is_empty() { "missing" } else { "0" };
            return Err(not_allowed("exchange.deposit", &given, allowed));
        }
        Ok(all)
    }

    /// Refuses what is about a pool or its chain.
    fn check_pool_keys(&self) -> Result<(), ConfigError> {
        let keys: [PoolKey; 12] = [
            ("deposit", self.deposit.is_some()),
            ("deposit_quote", self.deposit_quote.is_some()),
            ("footprint", self.footprint.is_some()),
            ("latency_blocks", self.latency_blocks.is_some()),
            ("native_price_quote", self.native_price_quote.is_some()),
            ("fallback_gas_price_wei", self.fallback_gas_price_wei.is_some()),
            ("reward_sale_cost_bps", self.reward_sale_cost_bps.is_some()),
            ("chain_latency_ms", self.chain_latency_ms.is_some()),
            ("pool", !self.pool.is_empty()),
            ("reward", !self.reward.is_empty()),
            ("staking", !self.staking.is_empty()),
            ("voting", !self.voting.is_empty()),
        ];
        let limits = self.limits.pool_keys();
        let given = keys.iter().chain(&limits).find(|(_, is_given)| *is_given);
        if let Some((key, _)) = given {
            let allowed = "left out where tape = \"none\": the run has no pool and no chain";
            return Err(not_allowed(key, &"given", allowed));
        }
        let place = self.feed.iter().position(|feed| feed.kind.as_deref() == Some("pool"));
        place.map_or(Ok(()), |place| {
            let allowed = "another kind where tape = \"none\": the run has no pool";
            Err(not_allowed("feed.kind", &"pool", allowed)
                .at(KeyPath::of("feed").item(place).key("kind")))
        })
    }
}
