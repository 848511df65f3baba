use tidemill_units::{Amount, Timestamp, U256};

use super::rates::Rates;
use super::{ComposableStable, ComposableStableBuild, ComposableStableError, Upscaled, maths};
use crate::balancer_fixed_point::{add, complement, div_down, mul, mul_down, quotient_down};

/// An invariant is stored in this many bits.
pub(super) const INVARIANT_BITS: usize = 233;

/// What the protocol is due before a join or exit.
pub(super) struct Due {
    /// Its new shares.
    pub shares: U256,
    /// The shares there are outside the vault, without the new ones.
    pub supply: U256,
    /// The invariant at the present amplification.
    pub invariant: U256,
    /// Times 1000.
    pub amplification: u64,
}

impl ComposableStable {
    /// Looks the protocol's parts of swap fees and of the growth of rates up, 18 decimals, which
    /// the provider answers now; what is due at the old parts is minted first. Returns that.
    ///
    /// Errors: `Maths` with `ZeroDivision` before the first join, and as of joins;
    /// `ProtocolFeeTooHigh` for parts that the provider cannot have. Source:
    /// `updateProtocolFeePercentageCache`, which anybody may call.
    pub fn update_protocol_fees(
        &mut self,
        swap_fee: U256,
        yield_fee: U256,
        at: Timestamp,
    ) -> Result<Amount, ComposableStableError> {
        if !super::state::are_protocol_fees(swap_fee, yield_fee) {
            return Err(ComposableStableError::ProtocolFeeTooHigh);
        }
        let balances = self.stored_balances()?;
        let due = self.due(&self.rates, &balances, at)?;
        let total_supply = add(self.total_supply.0, due.shares)?;
        store_invariant(due.invariant)?;
        self.total_supply = Amount(total_supply);
        self.rebase(due.invariant, due.amplification);
        self.protocol_swap_fee = swap_fee;
        self.protocol_yield_fee = yield_fee;
        Ok(Amount(due.shares))
    }

    /// Turns recovery mode on: the protocol takes nothing from now on, and shares can be exchanged
    /// for their part without any formula. Source: `enableRecoveryMode`.
    pub fn enable_recovery_mode(&mut self) {
        self.in_recovery_mode = true;
    }

    /// Turns recovery mode off; what the protocol would have been due until now is forgotten.
    ///
    /// Errors: `Maths`, `InvariantDidNotConverge`, `StorageOverflow`. Source:
    /// `disableRecoveryMode`.
    pub fn disable_recovery_mode(&mut self, at: Timestamp) -> Result<(), ComposableStableError> {
        let balances = self.stored_balances()?;
        let amplification = self.amplification(at);
        let invariant = maths::invariant(amplification, self.live(&balances))?;
        store_invariant(invariant)?;
        self.in_recovery_mode = false;
        self.rebase(invariant, amplification);
        Ok(())
    }

    /// Returns the shares outside the vault and those that the protocol is due, at the rates as
    /// stored (`getActualSupply`).
    ///
    /// Errors: `Maths`, with `ZeroDivision` before the first join, `InvariantDidNotConverge`.
    pub fn actual_supply(&self) -> Result<Amount, ComposableStableError> {
        let (shares, _) = self.shares_due(&self.rates, &self.stored_balances()?)?;
        Ok(Amount(add(self.virtual_supply().0, shares)?))
    }

    /// Returns the invariant per share with 18 decimals, rounded down, at the rates as stored
    /// (`getRate`). Errors: as [`actual_supply`](Self::actual_supply).
    pub fn rate(&self, at: Timestamp) -> Result<U256, ComposableStableError> {
        let due = self.due(&self.rates, &self.stored_balances()?, at)?;
        Ok(div_down(due.invariant, add(due.supply, due.shares)?)?)
    }

    /// The protocol's parts as the pool applies them.
    fn protocol_fees(&self) -> [U256; 2] {
        if self.in_recovery_mode {
            return [U256::ZERO; 2];
        }
        [self.protocol_swap_fee, self.protocol_yield_fee]
    }

    /// What is due before a join or exit (`_payProtocolFeesBeforeJoinExit`).
    pub(super) fn due(
        &self,
        rates: &Rates,
        balances: &Upscaled,
        at: Timestamp,
    ) -> Result<Due, ComposableStableError> {
        let supply = self.virtual_supply().0;
        let (shares, last) = self.shares_due(rates, balances)?;
        let amplification = self.amplification(at);
        let invariant = if amplification == self.last_amplification {
            last
        } else {
            maths::invariant(amplification, self.live(balances))?
        };
        Ok(Due { shares, supply, invariant, amplification })
    }

    /// The new shares that the protocol is due, and the invariant at the amplification of the last
    /// join or exit.
    fn shares_due(
        &self,
        rates: &Rates,
        balances: &Upscaled,
    ) -> Result<(U256, U256), ComposableStableError> {
        let (part, last) = self.ownership(rates, balances)?;
        Ok((self.shares_for(self.virtual_supply().0, part)?, last))
    }

    /// The part of the pool that the protocol is due and the invariant, both at the amplification
    /// of the last join or exit (`_getProtocolPoolOwnershipPercentage`).
    fn ownership(
        &self,
        rates: &Rates,
        balances: &Upscaled,
    ) -> Result<(U256, U256), ComposableStableError> {
        let invariant =
            |balances: &Upscaled| maths::invariant(self.last_amplification, self.live(balances));
        let adjusted = self.at_old_rates(rates, balances, false)?;
        let of_swaps = invariant(&adjusted)?;
        // Equal balances have equal invariants: most often no rate moved.
        let again = |other: &Upscaled| {
            if *other == adjusted { Ok(of_swaps) } else { invariant(other) }
        };
        let (with_yield, all) = match self.exemption(rates) {
            Exemption::None => {
                let all = again(balances)?;
                (all, all)
            }
            Exemption::All => (of_swaps, again(balances)?),
            Exemption::Some => {
                let with_yield = again(&self.at_old_rates(rates, balances, true)?)?;
                (with_yield, again(balances)?)
            }
        };
        let [swap_fee, yield_fee] = self.protocol_fees();
        let swaps = div_down(of_swaps.saturating_sub(self.last_invariant), all)?;
        let swaps = mul_down(swaps, swap_fee)?;
        let growth = mul_down(div_down(with_yield.saturating_sub(of_swaps), all)?, yield_fee)?;
        Ok((add(swaps, growth)?, all))
    }

    fn exemption(&self, rates: &Rates) -> Exemption {
        let exempt = rates.iter().flatten().filter(|rate| rate.is_exempt).count();
        if exempt == 0 {
            Exemption::None
        } else if exempt == self.count() {
            Exemption::All
        } else {
            Exemption::Some
        }
    }

    /// The shares due for the swap fees that a join or exit itself pays, and the invariant after it
    /// (`_updateInvariantAfterJoinExit`).
    pub(super) fn due_after(
        &self,
        before: &Due,
        balances: &Upscaled,
        supply: U256,
    ) -> Result<(U256, U256), ComposableStableError> {
        let after = maths::invariant(before.amplification, self.live(balances))?;
        let growth = div_down(supply, add(before.supply, before.shares)?)?;
        let without_fees = mul_down(before.invariant, growth)?;
        let shares = match after.checked_sub(without_fees) {
            Some(fees) if !fees.is_zero() => {
                let [swap_fee, _] = self.protocol_fees();
                let part = quotient_down(mul(fees, swap_fee)?, after)?;
                self.shares_for(supply, part)?
            }
            Some(_) | None => U256::ZERO,
        };
        store_invariant(after)?;
        Ok((shares, after))
    }

    /// The new shares that are this part of all afterwards, rounded down.
    fn shares_for(&self, supply: U256, part: U256) -> Result<U256, ComposableStableError> {
        Ok(match self.build {
            ComposableStableBuild::September2022 => {
                div_down(mul_down(supply, part)?, complement(part))?
            }
            ComposableStableBuild::November2022 => {
                quotient_down(mul(supply, part)?, complement(part))?
            }
        })
    }

    /// Starts to count the protocol's part anew (`_updatePostJoinExit`).
    pub(super) fn rebase(&mut self, invariant: U256, amplification: u64) {
        self.last_invariant = invariant;
        self.last_amplification = amplification;
        for rate in self.rates.iter_mut().flatten() {
            rate.old = rate.current;
        }
    }

    /// The balances with 18 decimals at the rates as stored.
    pub(super) fn stored_balances(&self) -> Result<Upscaled, ComposableStableError> {
        self.upscaled(&self.balances, &self.factors(&self.rates)?)
    }
}

/// Of how many tokens the protocol takes no part of the growth of rates.
enum Exemption {
    None,
    Some,
    All,
}

/// Refuses an invariant that the contract cannot store.
pub(super) fn store_invariant(invariant: U256) -> Result<(), ComposableStableError> {
    if invariant.bit_len() > INVARIANT_BITS {
        return Err(ComposableStableError::StorageOverflow);
    }
    Ok(())
}
