/// How the funding rate of a perpetual future follows from how far it trades from its index.
///
/// All are fractions of the notional for one funding period, eight hours on most venues. Where the
/// rate is positive, those who are long pay those who are short. The premium is the venue's own
/// average of the period, which each takes in its own way. Source: the documentation of Binance
/// Futures, "Introduction to Binance Futures Funding Rates", and of Bybit, whose formulas agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FundingRule {
    /// What holding the quote rather than the base earns.
    pub interest: f64,
    /// How far the premium may be from the interest to leave the rate there, at least zero.
    pub tolerance: f64,
}

impl FundingRule {
    /// One basis point of interest, and five of tolerance: most pairs of both venues.
    pub const USUAL: Self = Self { interest: 0.000_1, tolerance: 0.000_5 };

    /// Returns the rate of a period: `premium + clamp(interest - premium, +-tolerance)`, which is
    /// the interest, or the end of `premium +- tolerance` that is nearer to it.
    ///
    /// # Panics
    /// Where the tolerance is negative, or it or the premium is not a number.
    pub fn rate(&self, premium: f64) -> f64 {
        self.interest.clamp(premium - self.tolerance, premium + self.tolerance)
    }
}
