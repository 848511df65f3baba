//! Voting services as a configuration writes them.

mod files;
mod resolve;

use std::collections::BTreeMap;

use serde::Deserialize;
use tidemill_exec_sim::TimedPrice;
use tidemill_market::{VotingMarket, VotingService};
use tidemill_model::{AssetId, PoolId};
use tidemill_report::ProgrammeSheet;
use tidemill_store::{Bounty, OthersVotes, PostedBribe, PricedAt};
use tidemill_units::TokenIndex;

pub(crate) use resolve::VotingScene;

/// A service that locks one of the pool's tokens for votes, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotingConfig {
    /// `curve`, `balancer` or `aerodrome`.
    pub kind: String,
    /// What strategies and the report call it; the kind without one.
    pub name: Option<String>,
    /// Symbol of the pool's token that it locks.
    pub token: String,
    /// Others' votes by epoch: a CSV file, relative to the configuration.
    pub votes: Option<String>,
    /// Bribes by epoch: a CSV file, relative to the configuration.
    pub bribes: Option<String>,
    /// Bribes by epoch as one large voter was paid them: a file of bounties, relative to the
    /// configuration.
    pub bounties: Option<String>,
    /// Whose gauges of `bounties`, as the file writes it.
    pub protocol: Option<String>,
    /// The gauges, 1 to 1000.
    #[serde(default)]
    pub gauge: Vec<VotedGaugeConfig>,
    /// What bribes are paid in, 1 to 200 tokens.
    #[serde(default)]
    pub bribe_token: Vec<BribeTokenConfig>,
    /// What `votes` says, once it was read.
    #[serde(skip)]
    pub others: Option<Vec<OthersVotes>>,
    /// What `bribes` says, once it was read.
    #[serde(skip)]
    pub posted: Option<Vec<PostedBribe>>,
    /// What `bounties` says, once it was read.
    #[serde(skip)]
    pub recorded: Option<Vec<Bounty>>,
}

/// A gauge that can be voted for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VotedGaugeConfig {
    /// Its name.
    pub name: String,
    /// Its address, by which `bounties` are found.
    pub address: Option<String>,
    /// Others' votes at the end of every epoch before the first of `votes`, in whole tokens.
    pub others: Option<String>,
    /// What its voters share in every epoch, in whole tokens by symbol.
    #[serde(default)]
    pub bribe: BTreeMap<String, String>,
}

/// A token that bribes are paid in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BribeTokenConfig {
    /// Its symbol.
    pub symbol: String,
    /// Its decimals, 0 to 77; 18 without.
    pub decimals: Option<u8>,
    /// What one whole token is worth, in whole quote tokens, throughout.
    pub price_quote: Option<String>,
    /// Instead of `price_quote`: a CSV file of prices, relative to the configuration.
    pub prices: Option<String>,
    /// What `prices` says, once it was read.
    #[serde(skip)]
    pub series: Option<Vec<PricedAt>>,
}

/// A voting service made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct VotingSetup {
    /// Its name.
    pub name: String,
    /// Which of the pool's tokens it locks.
    pub token: TokenIndex,
    /// It, as it is at the tape's first event.
    pub service: VotingService,
    /// Whole weeks of its longest lock.
    pub longest_weeks: u64,
    /// What bribes are paid in.
    pub assets: Vec<AssetId>,
    /// The prices of those tokens, the first of each at the tape's first event or before.
    pub prices: Vec<TimedPrice>,
    /// What the report says of it.
    pub sheet: ProgrammeSheet,
}

impl VotingConfig {
    /// Returns what strategies and the report call it.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.kind.clone())
    }

    fn is_gauge(&self, name: &str) -> bool {
        self.gauge.iter().any(|gauge| gauge.name == name)
    }

    fn bribe_token(&self, symbol: &str) -> Option<usize> {
        self.bribe_token.iter().position(|token| token.symbol == symbol)
    }
}

impl BribeTokenConfig {
    fn decimals(&self) -> u8 {
        self.decimals.unwrap_or(18)
    }
}

impl VotingSetup {
    /// Returns the service as a market takes it.
    pub(crate) fn market(&self, pool: PoolId, tokens: usize) -> VotingMarket {
        VotingMarket::new(pool, (self.token, tokens), self.service.clone())
    }
}
