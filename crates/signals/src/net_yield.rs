/// What liquidity earns and costs over one time, all in one unit: amounts of a currency, or
/// fractions of the value provided. Costs are positive.
///
/// Source: the accounting of Milionis et al. 2022 (arXiv 2208.06046), a hedged position's profit
/// being its fees less its LVR, with rewards and costs added.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetYield {
    /// Swap fees.
    pub fees: f64,
    /// Rewards of programmes, at what they sell for.
    pub rewards: f64,
    /// Loss versus rebalancing, or, over a whole path and without a hedge, impermanent loss.
    pub loss: f64,
    /// Gas of all transactions.
    pub gas: f64,
    /// Funding, borrowing and commissions of the hedge.
    pub hedge: f64,
}

impl NetYield {
    /// Returns what is left: `fees + rewards - loss - gas - hedge`.
    pub fn net(&self) -> f64 {
        self.fees + self.rewards - self.loss - self.gas - self.hedge
    }
}

/// Returns how long liquidity has to stay where it earns more for a move there to pay:
/// `cost / (amount * gain)`, in the unit of time of `gain`; `None` where it never does.
///
/// Shape: `amount` is what moves and `cost` what moving it costs, there and back, in one currency;
/// `gain` is by how much the rate there is higher, per unit of time.
pub fn break_even_time(amount: f64, cost: f64, gain: f64) -> Option<f64> {
    let earned = amount * gain;
    (earned > 0.0).then(|| cost / earned)
}
