use tidemill_units::{Bps, U256};

/// The numbers that a fork of Uniswap v2 compiles into its pairs.
///
/// [`Default`] is Uniswap's, which SushiSwap keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairParameters {
    /// The fee on every swap.
    pub fee: PairFee,
    /// The protocol's share of the fees, while its switch is on.
    pub protocol_share: ProtocolShare,
}

/// A fee on the input of a swap, in the units of the pair's product check: thousandths or
/// ten-thousandths.
///
/// One fee in the two units quotes alike, but for absurd amounts, whose products overflow later in
/// thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PairFee {
    fee: u32,
    scale: u32,
}

/// The protocol's share of the fees, as a fraction.
///
/// The contracts do not reduce it: with `a / b` they mint `supply * growth * a` over
/// `root * (b - a) + last root * a`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolShare {
    numerator: u32,
    denominator: u32,
}

impl PairParameters {
    /// Uniswap and SushiSwap: 0.3 %, of it a sixth to the protocol.
    pub const UNISWAP: Self =
        Self { fee: PairFee::UNISWAP, protocol_share: ProtocolShare::UNISWAP };

    /// PancakeSwap's first factory (pancake-swap-core 0.1.0): 0.2 %, of it a quarter to the
    /// protocol.
    pub const PANCAKE_V1: Self = Self {
        fee: PairFee { fee: 2, scale: 1000 },
        protocol_share: ProtocolShare { numerator: 1, denominator: 4 },
    };

    /// PancakeSwap's second factory (`0xcA143Ce32Fe78f1f7019d7d551a6402fC5350c73`): 0.25 %, of it
    /// 8/25 to the protocol.
    pub const PANCAKE_V2: Self = Self {
        fee: PairFee { fee: 25, scale: 10_000 },
        protocol_share: ProtocolShare { numerator: 8, denominator: 25 },
    };
}

impl PairFee {
    /// 3 of 1000.
    pub const UNISWAP: Self = Self { fee: 3, scale: 1000 };

    /// Returns a fee of `fee` in `scale`; `None` unless the scale is 1000 or 10,000 and the fee is
    /// below it.
    pub const fn new(fee: u32, scale: u32) -> Option<Self> {
        if Self::is_scale(scale) && fee < scale { Some(Self { fee, scale }) } else { None }
    }

    /// Whether deployed pairs check their product in such units.
    pub(super) const fn is_scale(scale: u32) -> bool {
        scale == 1000 || scale == 10_000
    }

    /// Returns the fee in basis points, exactly.
    pub fn bps(self) -> Bps {
        Bps(if self.scale == 1000 { self.fee.saturating_mul(10) } else { self.fee })
    }

    /// Returns the fee and its scale.
    pub(super) const fn parts(self) -> (u32, u32) {
        (self.fee, self.scale)
    }

    pub(super) fn taken(self) -> U256 {
        U256::from(self.fee)
    }

    pub(super) fn scale(self) -> U256 {
        U256::from(self.scale)
    }

    pub(super) fn kept(self) -> U256 {
        U256::from(self.scale.saturating_sub(self.fee))
    }
}

impl ProtocolShare {
    /// A sixth.
    pub const UNISWAP: Self = Self { numerator: 1, denominator: 6 };

    /// Returns the share `numerator / denominator`; `None` unless it is between nothing and
    /// everything, both excluded, and the denominator is at most 10,000.
    pub const fn new(numerator: u32, denominator: u32) -> Option<Self> {
        if numerator > 0 && numerator < denominator && denominator <= 10_000 {
            Some(Self { numerator, denominator })
        } else {
            None
        }
    }

    /// Returns numerator and denominator.
    pub(super) const fn parts(self) -> (u32, u32) {
        (self.numerator, self.denominator)
    }

    pub(super) fn taken(self) -> U256 {
        U256::from(self.numerator)
    }

    pub(super) fn left(self) -> U256 {
        U256::from(self.denominator.saturating_sub(self.numerator))
    }
}

impl Default for PairFee {
    fn default() -> Self {
        Self::UNISWAP
    }
}

impl Default for ProtocolShare {
    fn default() -> Self {
        Self::UNISWAP
    }
}
