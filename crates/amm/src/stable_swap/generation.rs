use crate::curve_math::Rounding;

/// Which of the deployed generations a pool is of: they round differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Generation {
    /// The sUSD pool of 2020 and its contemporaries: the amplification is set at once, one is added
    /// to a divisor of the invariant's loop, and nothing is kept back from an output.
    V0,
    /// The 3pool form of Vyper 0.2: the amplification ramps, one unit is kept back from outputs,
    /// and one-coin withdrawals are the pool's own.
    V1,
    /// The template of the later plain pools: amplification in hundredths, and loops that must
    /// converge.
    V2,
}

impl Generation {
    /// Returns into how many parts the unit of the amplification is divided (`A_PRECISION`).
    pub const fn amplification_precision(self) -> u64 {
        self.rounding().precision
    }

    /// Returns the largest part of the fee that an administrator can take, in 10^-10.
    pub const fn max_admin_fee(self) -> u64 {
        match self {
            Self::V0 => 5_000_000_000,
            Self::V1 | Self::V2 => 10_000_000_000,
        }
    }

    /// How the loops round.
    pub(crate) const fn rounding(self) -> &'static Rounding {
        match self {
            Self::V0 => &Rounding::FIRST,
            Self::V1 => &Rounding::SECOND,
            Self::V2 => &Rounding::THIRD,
        }
    }

    /// What exchanges keep back of the output, in scaled units, against rounding errors.
    pub(crate) const fn kept_back(self) -> u64 {
        match self {
            Self::V0 => 0,
            Self::V1 | Self::V2 => 1,
        }
    }
}
