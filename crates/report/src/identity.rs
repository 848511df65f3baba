use tidemill_units::SignedAmount;

use crate::StrategySheet;

/// The sum that every report must satisfy: `fees + rewards - IL - swap cost - gas - funding + hedge
/// = net versus hold`.
///
/// All are raw units of the quote token, and the check is exact. A loss is a positive `il`; a
/// payment is a positive `swap_cost`, `gas` or `funding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Swap fees earned.
    pub fees: SignedAmount,
    /// Rewards earned, sold or not, before what selling them costs.
    pub rewards: SignedAmount,
    /// Impermanent loss against holding the deposit.
    pub il: SignedAmount,
    /// What the strategy's own swaps and trades cost it, commissions among it.
    pub swap_cost: SignedAmount,
    /// Gas paid.
    pub gas: SignedAmount,
    /// Funding paid on perpetual futures, less what was received.
    pub funding: SignedAmount,
    /// What contracts of exchanges gained.
    pub hedge: SignedAmount,
    /// The strategy's final value less that of holding, measured apart from the others.
    pub net: SignedAmount,
    /// The difference that the run itself measured between the two sides.
    pub reported_difference: SignedAmount,
}

impl Identity {
    /// Returns the identity of one strategy.
    pub fn of(strategy: &StrategySheet) -> Self {
        Self {
            fees: strategy.fees_quote,
            rewards: strategy.rewards_quote,
            il: strategy.il_quote,
            swap_cost: strategy.swap_cost_quote,
            gas: strategy.gas_quote,
            funding: strategy.funding_quote,
            hedge: strategy.hedge_quote,
            net: strategy.net_quote,
            reported_difference: strategy.identity_difference,
        }
    }

    /// Returns `fees + rewards - IL - swap cost - gas - funding + hedge`, or `None` outside 256
    /// signed bits.
    pub fn attributed(&self) -> Option<SignedAmount> {
        let earned = self.fees.checked_add(self.rewards)?;
        let rest =
            earned.checked_sub(self.il)?.checked_sub(self.swap_cost)?.checked_sub(self.gas)?;
        rest.checked_sub(self.funding)?.checked_add(self.hedge)
    }

    /// Returns the attributed sum less the measured net, or `None` outside 256 signed bits.
    pub fn difference(&self) -> Option<SignedAmount> {
        self.attributed()?.checked_sub(self.net)
    }

    /// Whether both the sum worked out here and the run's own check differ by exactly nothing.
    pub fn holds(&self) -> bool {
        self.difference().is_some_and(SignedAmount::is_zero) && self.reported_difference.is_zero()
    }
}

#[cfg(test)]
mod tests;
