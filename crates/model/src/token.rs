use std::fmt;

use crate::Address;

/// The EIP-155 id of a chain; 1 is Ethereum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(pub u64);

impl ChainId {
    /// Whether the coin that gas is paid in is ether.
    pub const fn has_ether_gas(self) -> bool {
        // Ethereum, Optimism, zkSync Era, Base, Arbitrum One, Linea, Scroll, Katana, Sepolia.
        matches!(self.0, 1 | 10 | 324 | 8_453 | 42_161 | 59_144 | 534_352 | 747_474 | 11_155_111)
    }
}

/// The number of an asset within one run: a token, or a chain's native coin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(pub u16);

/// An ERC-20 token as people name and write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The ticker, for printing.
    pub symbol: String,
    /// Digits behind the point when its amounts are written in whole tokens.
    pub decimals: u8,
    /// Its contract, where the source names it.
    pub address: Option<Address>,
}

impl Token {
    /// The most decimals a token may have here: 10^38 is the largest power of ten below 2^128.
    pub const MAX_DECIMALS: u8 = 38;

    /// Whether the ticker is that of a US dollar stablecoin; decides the default quote token only.
    pub fn is_usd_stable(&self) -> bool {
        const STABLE: [&str; 12] = [
            "USDC", "USDT", "DAI", "USDC.E", "USDBC", "VBUSDC", "FRAX", "LUSD", "PYUSD", "TUSD",
            "USDS", "BUSD",
        ];
        STABLE.contains(&self.symbol.to_ascii_uppercase().as_str())
    }

    /// Whether the ticker is that of ether or its one-to-one wrapper, in which gas is paid.
    pub fn is_ether(&self) -> bool {
        matches!(self.symbol.as_str(), "WETH" | "ETH")
    }
}

impl fmt::Display for ChainId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
