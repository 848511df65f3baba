use std::collections::VecDeque;

use tidemill_units::{Amount, Timestamp};

use crate::Refusal;

/// What may be done in any 24 hours.
///
/// Openings and swaps count when they are approved, whatever becomes of them; gas counts when it is
/// paid. So a limit on openings or swaps is never passed by an approval, and gas by no more than
/// what the orders cost that were on their way, and those that only reduce. What was counted stays
/// counted where a block is taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Openings.
    pub max_openings_per_day: Option<u32>,
    /// Value paid into swaps, in raw quote units at the prices of their approvals.
    pub max_swap_quote_per_day: Option<Amount>,
    /// Gas, in raw quote units at the price of the moment that is asked at: from there on nothing
    /// passes but what reduces.
    pub max_gas_quote_per_day: Option<Amount>,
}

/// What was done in the last 24 hours.
///
/// Bound: one entry for each second of a day, and of openings as many as are allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BudgetUse {
    pub(crate) openings: VecDeque<Timestamp>,
    /// In raw quote units.
    pub(crate) swaps: VecDeque<(Timestamp, Amount)>,
    /// In wei.
    pub(crate) gas: VecDeque<(Timestamp, Amount)>,
}

const DAY_SECONDS: u64 = 86_400;

impl Budget {
    pub(crate) fn is_set(&self) -> bool {
        self.max_openings_per_day.is_some()
            || self.max_swap_quote_per_day.is_some()
            || self.max_gas_quote_per_day.is_some()
    }

    /// Refuses one opening too many.
    pub(crate) fn check_opening(&self, used: &BudgetUse, now: Timestamp) -> Result<(), Refusal> {
        let Some(limit) = self.max_openings_per_day else { return Ok(()) };
        let openings = used.openings.iter().filter(|at| counts(**at, now)).count();
        let openings = u32::try_from(openings).unwrap_or(u32::MAX);
        if openings < limit { Ok(()) } else { Err(Refusal::TooManyOpenings { openings, limit }) }
    }

    /// Refuses a swap of a value that is too much with those before.
    pub(crate) fn check_swap(
        &self,
        used: &BudgetUse,
        now: Timestamp,
        value: Amount,
    ) -> Result<(), Refusal> {
        let Some(limit) = self.max_swap_quote_per_day else { return Ok(()) };
        let swapped = sum(&used.swaps, now).and_then(|sum| sum.checked_add(value));
        let swapped = swapped.ok_or(Refusal::NoPrice)?;
        if swapped <= limit { Ok(()) } else { Err(Refusal::TooMuchSwapped { swapped, limit }) }
    }

    /// Refuses what costs gas once all of it is spent.
    pub(crate) fn check_gas(&self, paid: Amount) -> Result<(), Refusal> {
        let Some(limit) = self.max_gas_quote_per_day else { return Ok(()) };
        if paid < limit { Ok(()) } else { Err(Refusal::TooMuchGas { paid, limit }) }
    }
}

impl BudgetUse {
    /// Returns the wei paid in the last day; `None` past 2^256 - 1.
    pub(crate) fn gas_paid(&self, now: Timestamp) -> Option<Amount> {
        sum(&self.gas, now)
    }

    pub(crate) fn note_opening(&mut self, now: Timestamp) {
        self.forget(now);
        self.openings.push_back(now);
    }

    pub(crate) fn note_swap(&mut self, now: Timestamp, value: Amount) {
        self.forget(now);
        note(&mut self.swaps, now, value);
    }

    pub(crate) fn note_gas(&mut self, now: Timestamp, wei: Amount) {
        self.forget(now);
        note(&mut self.gas, now, wei);
    }

    fn forget(&mut self, now: Timestamp) {
        let is_old = |at: Timestamp| !counts(at, now);
        while self.openings.front().is_some_and(|at| is_old(*at)) {
            self.openings.pop_front();
        }
        for entries in [&mut self.swaps, &mut self.gas] {
            while entries.front().is_some_and(|(at, _)| is_old(*at)) {
                entries.pop_front();
            }
        }
    }
}

/// Whether something is less than a day ago.
fn counts(at: Timestamp, now: Timestamp) -> bool {
    now.seconds_since(at) < DAY_SECONDS
}

fn note(entries: &mut VecDeque<(Timestamp, Amount)>, now: Timestamp, amount: Amount) {
    if let Some((_, sum)) = entries.back_mut().filter(|(at, _)| *at == now) {
        *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
        return;
    }
    entries.push_back((now, amount));
}

/// Returns what was spent in the last day; `None` past 2^256 - 1.
fn sum(entries: &VecDeque<(Timestamp, Amount)>, now: Timestamp) -> Option<Amount> {
    let recent = entries.iter().filter(|(at, _)| counts(*at, now));
    recent.map(|(_, amount)| *amount).try_fold(Amount::ZERO, Amount::checked_add)
}
