use std::collections::{BTreeMap, BTreeSet};

use tidemill_units::{Amount, Timestamp};

use super::CurveGauges;
use crate::curve_gauge::CurveGaugeError;
use crate::{Account, StateError};

/// What the minter remembers: what was minted, and who may mint for whom.
///
/// Source: `Minter.vy` (Vyper 0.2.4); `BalancerMinter.sol` remembers the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Minter {
    minted: BTreeMap<(Account, Account), Amount>,
    /// Who may mint for whom.
    allowed: BTreeSet<(Account, Account)>,
}

/// Everything that determines what a minter does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MinterState {
    /// What was minted; sorted by account and gauge, no pair twice.
    pub minted: Vec<MintedState>,
    /// Who may mint for whom; sorted, no pair twice.
    pub allowed: Vec<(Account, Account)>,
}

/// What an account has ever minted from one gauge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MintedState {
    /// The account.
    pub account: Account,
    /// The gauge.
    pub gauge: Account,
    /// Raw units of the token.
    pub amount: Amount,
}

impl Minter {
    /// Returns the minter in this state.
    ///
    /// Errors: the field that no minter can have.
    pub fn new(state: &MinterState) -> Result<Self, StateError> {
        let mut minted = BTreeMap::new();
        for (index, entry) in state.minted.iter().enumerate() {
            let key = (entry.account, entry.gauge);
            if minted.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(StateError::at("minted", index, "sorted, no pair twice"));
            }
            minted.insert(key, entry.amount);
        }
        let allowed: BTreeSet<_> = state.allowed.iter().copied().collect();
        if !allowed.iter().eq(&state.allowed) {
            return Err(StateError::of("allowed", "sorted, no pair twice"));
        }
        Ok(Self { minted, allowed })
    }

    /// Returns everything that determines what the minter does.
    pub fn state(&self) -> MinterState {
        let minted = self.minted.iter().map(|((account, gauge), amount)| MintedState {
            account: *account,
            gauge: *gauge,
            amount: *amount,
        });
        MinterState { minted: minted.collect(), allowed: self.allowed.iter().copied().collect() }
    }

    /// Returns what an account has ever minted from a gauge (`minted`).
    pub fn minted(&self, account: Account, gauge: Account) -> Amount {
        self.minted.get(&(account, gauge)).copied().unwrap_or_default()
    }

    /// Says whether one account may mint for another (`allowed_to_mint_for`).
    pub fn may_mint_for(&self, caller: Account, account: Account) -> bool {
        self.allowed.contains(&(caller, account))
    }

    /// Lets one account mint for another, or no longer.
    pub(crate) fn set_may_mint_for(&mut self, caller: Account, account: Account, may: bool) {
        if may {
            self.allowed.insert((caller, account));
        } else {
            self.allowed.remove(&(caller, account));
        }
    }

    /// Returns the entry of what was minted, to be set again if an operation is taken back.
    pub(crate) fn entry(&self, account: Account, gauge: Account) -> Option<Amount> {
        self.minted.get(&(account, gauge)).copied()
    }

    /// Sets what an account has ever minted from a gauge; without an amount there is no entry.
    pub(crate) fn set_entry(&mut self, account: Account, gauge: Account, minted: Option<Amount>) {
        match minted {
            Some(minted) => self.minted.insert((account, gauge), minted),
            None => self.minted.remove(&(account, gauge)),
        };
    }
}

impl CurveGauges {
    /// Mints what an account has earned in a gauge and not minted yet; returns the tokens, which
    /// are the account's. Its boost is set anew on the way.
    ///
    /// Errors: `Controller` with `UnknownGauge` for a gauge that was not added, `UnknownGauge` for
    /// one that is not there; `Token` where more would be minted than there may be; those of
    /// [`CurveGauge::user_checkpoint`](crate::curve_gauge::CurveGauge::user_checkpoint).
    /// Source: `mint`.
    pub fn mint(
        &mut self,
        account: Account,
        gauge: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        self.mint_many(account, &[gauge], at)
    }

    /// Mints from several gauges, all or nothing; returns the sum. The contract has room for eight
    /// and stops at the first that is the zero address.
    ///
    /// Errors: as [`mint`](Self::mint), and `Overflow`. Source: `mint_many`.
    pub fn mint_many(
        &mut self,
        account: Account,
        gauges: &[Account],
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        let token = self.token;
        let mark = self.controller.hold();
        let mut undone = Vec::new();
        let mut result = Ok(Amount::ZERO);
        for gauge in gauges {
            let before = self.gauge(*gauge).map(|gauge| gauge.before(account));
            undone.push((*gauge, before, self.minter.entry(account, *gauge)));
            let minted = self.mint_one(account, *gauge, at);
            result =
                result.and_then(|sum| sum.checked_add(minted?).ok_or(CurveGaugeError::Overflow));
            if result.is_err() {
                break;
            }
        }
        self.controller.release(mark, result.is_err());
        if result.is_err() {
            self.token = token;
            for (gauge, before, minted) in undone.into_iter().rev() {
                self.minter.set_entry(account, gauge, minted);
                if let (Some(gauge), Some(before)) = (self.gauges.get_mut(&gauge), before) {
                    gauge.restore(before);
                }
            }
        }
        result
    }

    /// Mints for another account what is its own, where it has allowed that; otherwise does nothing
    /// at all, and succeeds.
    ///
    /// Errors: as [`mint`](Self::mint). Source: `mint_for`.
    pub fn mint_for(
        &mut self,
        caller: Account,
        gauge: Account,
        account: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        if self.minter.may_mint_for(caller, account) {
            self.mint(account, gauge, at)
        } else {
            Ok(Amount::ZERO)
        }
    }

    /// Lets an account mint for `account`, or no longer. Source: `toggle_approve_mint`.
    pub fn toggle_approve_mint(&mut self, account: Account, caller: Account) {
        let may = self.minter.may_mint_for(caller, account);
        self.minter.set_may_mint_for(caller, account, !may);
    }

    /// Source: `_mint_for`.
    fn mint_one(
        &mut self,
        account: Account,
        gauge: Account,
        at: Timestamp,
    ) -> Result<Amount, CurveGaugeError> {
        self.controller.gauge_type(gauge)?;
        let (checkpointed, sources) = self.parts(gauge)?;
        checkpointed.user_checkpoint(account, sources, at)?;
        let earned = Amount(checkpointed.stake_of(account).integrate_fraction);
        let minted = self.minter.minted(account, gauge);
        let due = earned.checked_sub(minted).ok_or(CurveGaugeError::Underflow)?;
        if !due.is_zero() {
            self.token.mint(due, at)?;
            self.minter.set_entry(account, gauge, Some(earned));
        }
        Ok(due)
    }
}
