//! The weekly emission.

use tidemill_units::{Amount, Timestamp, U256};

use super::words::{difference, part, product, quotient, sum};
use super::{AerodromeError, WEEK, epoch_start};

const ALL_BPS: U256 = U256::from_limbs([10_000, 0, 0, 0]);
const WEEKLY_GROWTH: U256 = U256::from_limbs([10_300, 0, 0, 0]);
const WEEKLY_DECAY: U256 = U256::from_limbs([9900, 0, 0, 0]);
const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);
/// Emissions before the one from which they shrink.
const FIRST_OF_DECAY: u64 = 15;
/// The largest share of the team, in ten-thousandths (`MAXIMUM_TEAM_RATE`).
pub const MOST_TEAM_RATE: u16 = 500;
/// The largest tail emission, in ten-thousandths of the supply (`MAXIMUM_TAIL_RATE`).
pub const MOST_TAIL_RATE: u16 = 100;
/// The smallest tail emission (`MINIMUM_TAIL_RATE`).
pub const LEAST_TAIL_RATE: u16 = 1;
/// The weekly emission below which the tail begins, 8,969,150 tokens (`TAIL_START`).
pub const TAIL_START: Amount =
    Amount(U256::from_limbs([10_989_969_089_232_371_712, 486_218, 0, 0]));
/// The first weekly emission, 10,000,000 tokens.
pub const FIRST_WEEKLY: Amount =
    Amount(U256::from_limbs([1_590_897_978_359_414_784, 542_101, 0, 0]));

/// What the emission depends on.
///
/// Source: `Minter.sol`, aerodrome-finance/contracts at d5e48b3b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinterState {
    /// The next emission, until the tail begins.
    pub weekly: Amount,
    /// When the epoch of the last emission began.
    pub active_period: Timestamp,
    /// Emissions so far.
    pub epoch_count: u64,
    /// The team's share, in ten-thousandths, 0 to 500.
    pub team_rate: u16,
    /// The tail emission, in ten-thousandths of the supply, 1 to 100.
    pub tail_emission_rate: u16,
    /// The period whose vote on the tail rate was last carried out.
    pub nudged_period: Option<Timestamp>,
    /// The token's supply.
    pub total_supply: Amount,
    /// Tokens that killed gauges gave back, used before new ones are minted.
    pub balance: Amount,
}

/// What a vote on the tail emission came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailProposal {
    /// To raise it.
    Succeeded,
    /// To lower it.
    Defeated,
    /// Nothing.
    Expired,
}

/// A weekly emission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Emission {
    /// What the gauges get.
    pub gauges: Amount,
    /// What the locks get, lest they be diluted.
    pub rebase: Amount,
    /// What the team gets.
    pub team: Amount,
    /// What had to be minted.
    pub minted: Amount,
    /// Whether it is the tail's.
    pub is_tail: bool,
}

impl MinterState {
    /// Returns a minter that will first emit in the epoch after this instant's.
    pub fn first(total_supply: Amount, at: Timestamp) -> Self {
        Self {
            weekly: FIRST_WEEKLY,
            active_period: epoch_start(at),
            epoch_count: 0,
            team_rate: MOST_TEAM_RATE,
            tail_emission_rate: 67,
            nudged_period: None,
            total_supply,
            balance: Amount::ZERO,
        }
    }

    /// Returns the period that is to be emitted for, if one is.
    pub(super) fn due(&self, at: Timestamp) -> Option<Timestamp> {
        let next = self.active_period.0.saturating_add(WEEK);
        (at.0 >= next).then(|| epoch_start(at))
    }

    /// Returns what the minter becomes with the emission of a period, and the emission; `locked` is
    /// the voting power in the period's last second before. Weeks that were left out are not made
    /// up for (`updatePeriod`).
    pub(super) fn emitted(
        &self,
        period: Timestamp,
        locked: Amount,
    ) -> Result<(Self, Emission), AerodromeError> {
        let epoch_count = self.epoch_count.saturating_add(1);
        let is_tail = self.weekly < TAIL_START;
        let (gauges, weekly) = if is_tail {
            let rate = U256::from(self.tail_emission_rate);
            (part(self.total_supply, rate, ALL_BPS)?, self.weekly)
        } else {
            let is_growing = epoch_count < FIRST_OF_DECAY;
            let factor = if is_growing { WEEKLY_GROWTH } else { WEEKLY_DECAY };
            (self.weekly, part(self.weekly, factor, ALL_BPS)?)
        };
        let rebase = growth(gauges, locked, self.total_supply)?;
        let rate = U256::from(self.team_rate);
        let after_team = ALL_BPS.checked_sub(rate).ok_or(AerodromeError::Overflow)?;
        // The team's part of the emission follows the one of next week.
        let team = Amount(quotient(product(rate, sum(rebase, weekly)?.0)?, after_team)?);
        let required = sum(sum(rebase, gauges)?, team)?;
        let minted = required.checked_sub(self.balance).unwrap_or(Amount::ZERO);
        let after = Self {
            weekly,
            active_period: period,
            epoch_count,
            total_supply: sum(self.total_supply, minted)?,
            balance: difference(sum(self.balance, minted)?, required)?,
            ..*self
        };
        Ok((after, Emission { gauges, rebase, team, minted, is_tail }))
    }

    /// Carries a vote on the tail emission out, once a period (`nudge`).
    ///
    /// Errors: `TailEmissionsInactive`, `AlreadyNudged`.
    pub(super) fn nudge(&mut self, proposal: TailProposal) -> Result<(), AerodromeError> {
        if self.weekly >= TAIL_START {
            return Err(AerodromeError::TailEmissionsInactive);
        }
        if self.nudged_period == Some(self.active_period) {
            return Err(AerodromeError::AlreadyNudged);
        }
        let rate = self.tail_emission_rate;
        self.tail_emission_rate = match proposal {
            TailProposal::Succeeded => rate.saturating_add(1).min(MOST_TAIL_RATE),
            TailProposal::Defeated => rate.saturating_sub(1).max(LEAST_TAIL_RATE),
            TailProposal::Expired => rate,
        };
        self.nudged_period = Some(self.active_period);
        Ok(())
    }
}

/// Returns what the locks get with an emission, half of it times the square of the part of the
/// supply that is not locked, each step rounded down (`calculateGrowth`).
///
/// Errors: `Overflow`, among others where more is locked than there is; `DivisionByZero` without a
/// supply.
pub fn growth(emission: Amount, locked: Amount, supply: Amount) -> Result<Amount, AerodromeError> {
    let free = difference(supply, locked)?;
    let once = part(emission, free.0, supply.0)?;
    let twice = part(once, free.0, supply.0)?;
    Ok(Amount(quotient(twice.0, TWO)?))
}
