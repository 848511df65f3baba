/// How far trades undo each other: of one account with one other, or within a set of accounts.
///
/// Source: Victor and Weintraud 2021 (arXiv 2102.07001), who look for sets of trades after which
/// each account holds about what it held before, within a hundredth of the mean trade.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TradeNetting {
    net: f64,
    gross: f64,
    count: u64,
}

impl TradeNetting {
    /// Takes in a trade as the account saw it: positive where it got so much of the asset, negative
    /// where it gave it away.
    ///
    /// # Panics
    /// Unless it is finite.
    pub fn update(&mut self, amount: f64) {
        assert!(amount.is_finite(), "amount {amount} must be finite");
        self.net += amount;
        self.gross += amount.abs();
        self.count = self.count.saturating_add(1);
    }

    /// Returns how much of the volume was undone by other trades, `1 - |net| / gross`: 0 for trades
    /// of one direction, 1 for a round trip; `None` without volume.
    pub fn netting(&self) -> Option<f64> {
        (self.gross > 0.0).then(|| 1.0 - self.net.abs() / self.gross)
    }

    /// Returns what the account's holding changed by in all, as a part of the mean trade; `None`
    /// without volume.
    pub fn margin(&self) -> Option<f64> {
        (self.gross > 0.0).then(|| self.net.abs() * self.count as f64 / self.gross)
    }
}
