use super::newton::Limits;

/// Which contracts a pool runs; they differ in rounding, in what moves their oracle, and in when
/// they take the administrators' part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CryptoGeneration {
    /// Two coins, of 2021 and 2022: `CurveCryptoSwap2` and `CurveCryptoSwap2ETH`.
    TwoCrypto(TwoCryptoBuild),
    /// Three coins, `tricrypto2` of 2021: `CurveCryptoSwap` with `CurveCryptoMath3`.
    Tricrypto2,
    /// Three coins, of the factory of 2023: `CurveTricryptoOptimizedWETH` "v2.0.0" with
    /// `CurveCryptoMathOptimized3`.
    TricryptoNg,
    /// Two coins, of the factory of 2024: `CurveTwocryptoOptimized` with
    /// `CurveCryptoMathOptimized2`.
    TwocryptoNg(TwocryptoNgBuild),
}

/// Which of the old contracts of two coins; they differ in how the price scale moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TwoCryptoBuild {
    /// October 2021, the pools of EURS and EURT: each move is `adjustment_step` and no more, and
    /// a move once due stays due until it is made or does not pay.
    Eurt,
    /// November 2021, the CRV-ETH pool: as `Eurt`, but a move goes at least a tenth of the way.
    Crv,
    /// December 2021, the CVX-ETH pool: a move goes at least a tenth of the way, is due only
    /// where the oracle is further than it goes, and once the oracle is near profit is claimed.
    Cvx,
    /// June 2022, the EUROC pool: as `Cvx`, and a balance is solved for with another derivative.
    Euroc,
    /// The factory of 2022: as `Cvx`, but a move goes at least a fifth of the way.
    Factory,
}

/// Which contracts of twocrypto-ng; they differ in the bounds of their maths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TwocryptoNgBuild {
    /// "v2.0.0", with the maths of the same name.
    V2_0_0,
    /// "v2.1.0", with the maths of the same name: a gamma up to 0.199, and balances down to half
    /// a hundredth of D.
    V2_1_0,
}

/// How the price scale of an old pool of two coins moves towards the oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Walk {
    /// A move goes at least the way over this; none where it goes the set step alone.
    pub(super) part: Option<u64>,
    /// Whether a move is due only where it is shorter than the way, and given up, with a claim,
    /// where it no longer is.
    pub(super) minds_distance: bool,
}

impl TwoCryptoBuild {
    pub(super) const fn walk(self) -> Walk {
        match self {
            Self::Eurt => Walk { part: None, minds_distance: false },
            Self::Crv => Walk { part: Some(10), minds_distance: false },
            Self::Cvx | Self::Euroc => Walk { part: Some(10), minds_distance: true },
            Self::Factory => Walk { part: Some(5), minds_distance: true },
        }
    }
}

impl CryptoGeneration {
    /// All of them, the oldest first.
    pub const ALL: [Self; 9] = [
        Self::Tricrypto2,
        Self::TwoCrypto(TwoCryptoBuild::Eurt),
        Self::TwoCrypto(TwoCryptoBuild::Crv),
        Self::TwoCrypto(TwoCryptoBuild::Cvx),
        Self::TwoCrypto(TwoCryptoBuild::Euroc),
        Self::TwoCrypto(TwoCryptoBuild::Factory),
        Self::TricryptoNg,
        Self::TwocryptoNg(TwocryptoNgBuild::V2_0_0),
        Self::TwocryptoNg(TwocryptoNgBuild::V2_1_0),
    ];

    /// Returns the number of coins.
    pub const fn coins(self) -> usize {
        match self {
            Self::TwoCrypto(_) | Self::TwocryptoNg(_) => 2,
            Self::Tricrypto2 | Self::TricryptoNg => 3,
        }
    }

    /// Whether of the second generation, whose maths start from roots in closed form.
    pub(super) const fn is_ng(self) -> bool {
        match self {
            Self::TwoCrypto(_) | Self::Tricrypto2 => false,
            Self::TricryptoNg | Self::TwocryptoNg(_) => true,
        }
    }

    /// Whether `price_oracle` averages up to now instead of up to the last operation.
    pub(super) const fn shows_average(self) -> bool {
        match self {
            Self::TwoCrypto(TwoCryptoBuild::Euroc | TwoCryptoBuild::Factory)
            | Self::TricryptoNg
            | Self::TwocryptoNg(_) => true,
            Self::TwoCrypto(TwoCryptoBuild::Eurt | TwoCryptoBuild::Crv | TwoCryptoBuild::Cvx)
            | Self::Tricrypto2 => false,
        }
    }

    /// Whether balances are held to a hundredth to a hundredfold of D once more at the price scale
    /// that a pool would move to.
    pub(super) const fn rechecks_balances(self) -> bool {
        match self {
            Self::TricryptoNg | Self::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => true,
            Self::TwoCrypto(_) | Self::Tricrypto2 | Self::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => {
                false
            }
        }
    }

    /// What the maths accept.
    pub(super) const fn limits(self) -> Limits {
        match self {
            Self::TwoCrypto(_) => {
                Limits { a: (4_000, 4_000_000_000), gamma: (MIN_GAMMA, 20_000_000_000_000_000) }
            }
            Self::Tricrypto2 | Self::TricryptoNg => {
                Limits { a: (2_700, 270_000_000), gamma: (MIN_GAMMA, 50_000_000_000_000_000) }
            }
            Self::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => {
                Limits { a: (4_000, 40_000_000), gamma: (MIN_GAMMA, 2_000_000_000_000_000) }
            }
            Self::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => {
                Limits { a: (4_000, 40_000_000), gamma: (MIN_GAMMA, 199_000_000_000_000_000) }
            }
        }
    }

    /// Where a ramp may end. Those of tricrypto2 and of twocrypto-ng v2.0.0 are not those of their
    /// maths: a ramp can lead to where nothing works.
    pub(super) const fn ramp_limits(self) -> Limits {
        match self {
            Self::TwoCrypto(_)
            | Self::TricryptoNg
            | Self::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => self.limits(),
            Self::Tricrypto2 => {
                Limits { a: (1, 2_700_000_000), gamma: (MIN_GAMMA, MIN_GAMMA * 1_000_000) }
            }
            Self::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => {
                Limits { a: (4_000, 40_000_000), gamma: (MIN_GAMMA, 50_000_000_000_000_000) }
            }
        }
    }

    /// Says where an amplification and a gamma can be.
    pub(super) const fn shape_bounds(self) -> (&'static str, &'static str) {
        match self {
            Self::TwoCrypto(_) => ("4000 to 4000000000", "10^10 to 2 * 10^16"),
            Self::Tricrypto2 => ("1 to 2700000000", "10^10 to 5 * 10^16"),
            Self::TricryptoNg => ("2700 to 270000000", "10^10 to 5 * 10^16"),
            Self::TwocryptoNg(TwocryptoNgBuild::V2_0_0) => {
                ("4000 to 40000000", "10^10 to 5 * 10^16")
            }
            Self::TwocryptoNg(TwocryptoNgBuild::V2_1_0) => {
                ("4000 to 40000000", "10^10 to 199 * 10^15")
            }
        }
    }
}

const MIN_GAMMA: u64 = 10_000_000_000;
