use tidemill_model::AssetId;
use tidemill_units::{TokenAmounts, TokenIndex};

/// Which assets a pool's tokens and the gas of its chain are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolAssets {
    count: u8,
    /// The default asset from `count` on, so that equality can be derived.
    tokens: [AssetId; TokenAmounts::MOST],
    /// The coin that gas is paid in, kept apart from the pool's tokens even where one of them wraps
    /// it: gas is paid from outside the deposit.
    pub native: AssetId,
}

impl PoolAssets {
    /// Returns the assets of a pool's tokens, in the pool's order; `None` for no token and for more
    /// than [`TokenAmounts::MOST`].
    pub fn new(tokens: &[AssetId], native: AssetId) -> Option<Self> {
        let count = u8::try_from(tokens.len()).ok().filter(|count| *count > 0)?;
        let mut all = [AssetId(0); TokenAmounts::MOST];
        all.get_mut(..tokens.len())?.copy_from_slice(tokens);
        Some(Self { count, tokens: all, native })
    }

    /// Returns the assets of a pool of two tokens.
    pub const fn of_two(token0: AssetId, token1: AssetId, native: AssetId) -> Self {
        let none = AssetId(0);
        Self { count: 2, tokens: [token0, token1, none, none, none, none, none, none], native }
    }

    /// Returns one of the pool's tokens; `None` where there is no such token.
    pub fn token(&self, token: TokenIndex) -> Option<AssetId> {
        self.tokens().get(token.place()).copied()
    }

    /// Returns which of the pool's tokens an asset is; `None` where it is none of them.
    pub fn index_of(&self, asset: AssetId) -> Option<TokenIndex> {
        let place = self.tokens().iter().position(|token| *token == asset)?;
        u8::try_from(place).ok().map(TokenIndex)
    }

    /// Returns which of the pool's tokens one of another pool is; where it is none of them, the
    /// first that both pools have. `None` where they have none in common.
    pub fn nearest(&self, other: &Self, token: TokenIndex) -> Option<TokenIndex> {
        let same = other.token(token).and_then(|asset| self.index_of(asset));
        let shared = || self.tokens().iter().find(|asset| other.index_of(**asset).is_some());
        same.or_else(|| self.index_of(*shared()?))
    }

    /// Returns all the pool's tokens, in its order.
    pub fn tokens(&self) -> &[AssetId] {
        self.tokens.get(..usize::from(self.count)).unwrap_or_default()
    }
}
