use tidemill_market::{Market, MarketError, PoolPrices};
use tidemill_model::{Address, ChainId, PoolEvent, PoolId, PoolStart, Tape, TapeEvent, Token};
use tidemill_store::{AnyTape, ShareTape};
use tidemill_strategies::PoolFacts;
use tidemill_units::{RelativeTolerance, Timestamp, TokenAmounts, TokenIndex};

/// A tape of either form, and what runs ask of both.
#[derive(Clone, Copy, Debug)]
pub enum RunTape<'a> {
    /// Of a concentrated pool.
    Concentrated(&'a Tape),
    /// Of a pool of shares.
    Shares(&'a ShareTape),
}

impl<'a> From<&'a Tape> for RunTape<'a> {
    fn from(tape: &'a Tape) -> Self {
        Self::Concentrated(tape)
    }
}

impl<'a> From<&'a ShareTape> for RunTape<'a> {
    fn from(tape: &'a ShareTape) -> Self {
        Self::Shares(tape)
    }
}

impl<'a> From<&'a AnyTape> for RunTape<'a> {
    fn from(tape: &'a AnyTape) -> Self {
        match tape {
            AnyTape::Concentrated(tape) => Self::Concentrated(tape),
            AnyTape::Shares(tape) => Self::Shares(tape),
        }
    }
}

impl<'a> RunTape<'a> {
    /// Returns what happened, in order.
    pub fn events(self) -> &'a [TapeEvent] {
        match self {
            Self::Concentrated(tape) => &tape.events,
            Self::Shares(tape) => &tape.events,
        }
    }

    /// Returns the pool's tokens, in its order.
    pub fn tokens(self) -> Vec<&'a Token> {
        match self {
            Self::Concentrated(tape) => vec![&tape.header.token0, &tape.header.token1],
            Self::Shares(tape) => tape.header.tokens.iter().collect(),
        }
    }

    /// Returns the chain.
    pub fn chain_id(self) -> ChainId {
        match self {
            Self::Concentrated(tape) => tape.header.chain_id,
            Self::Shares(tape) => tape.header.chain_id,
        }
    }

    pub(crate) fn address(self) -> Address {
        match self {
            Self::Concentrated(tape) => tape.header.pool,
            Self::Shares(tape) => tape.header.pool,
        }
    }

    pub(crate) fn tolerance(self) -> RelativeTolerance {
        match self {
            Self::Concentrated(tape) => tape.header.amount_tolerance,
            Self::Shares(tape) => tape.header.amount_tolerance,
        }
    }

    pub(crate) fn facts(self) -> PoolFacts {
        match self {
            Self::Concentrated(tape) => {
                PoolFacts::Concentrated { tick_spacing: tape.header.tick_spacing }
            }
            Self::Shares(tape) => PoolFacts::Shares { kind: tape.start.kind() },
        }
    }

    pub(crate) fn decimals(self) -> Vec<u8> {
        self.tokens().iter().map(|token| token.decimals).collect()
    }

    pub(crate) fn first_time(self) -> Timestamp {
        self.events().first().map_or(Timestamp(0), |event| event.time)
    }

    /// Adds the pool as it is at the tape's start.
    ///
    /// Errors: those of a start that is no pool's state.
    pub(crate) fn add_to(self, market: &mut Market) -> Result<PoolId, MarketError> {
        match self {
            Self::Concentrated(tape) => market.add_pool(tape),
            Self::Shares(tape) => {
                market.add_share_pool(&tape.header, &tape.start, self.first_time())
            }
        }
    }

    /// Returns the prices at the start, in a token, with what a pool of shares holds there; `None`
    /// where the tape has no event, or the pool no price.
    pub(crate) fn start(self, quote: TokenIndex) -> Option<StartState> {
        let first = self.events().first()?;
        match self {
            Self::Concentrated(tape) => {
                let price = match (&tape.header.start, &first.event) {
                    (PoolStart::Snapshot { sqrt_price, .. }, _)
                    | (PoolStart::Creation, PoolEvent::Initialize { sqrt_price, .. }) => sqrt_price,
                    _ => return None,
                };
                Some(StartState { prices: PoolPrices::Concentrated(*price), balances: None })
            }
            Self::Shares(tape) => {
                let mut market = Market::new(tidemill_market::Footprint::PriceTaker);
                let pool = self.add_to(&mut market).ok()?;
                let prices = market.pool(pool)?.prices(quote, first.time)?;
                Some(StartState { prices, balances: Some(tape.start.shares()?.balances()) })
            }
        }
    }
}

/// Where a run starts from.
pub(crate) struct StartState {
    pub(crate) prices: PoolPrices,
    /// What a pool of shares holds.
    pub(crate) balances: Option<TokenAmounts>,
}
