use super::{
    Decimal, Delegation, RedelegationEntry, Staking, StakingError, UnbondingEntry, Validator,
};
use crate::Account;

/// What an operation may change besides the pools.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub(super) validators: Vec<Account>,
    pub(super) delegations: Vec<(Account, Account)>,
    pub(super) unbonding: Option<(Account, Account)>,
    pub(super) redelegation: Option<(Account, Account, Account)>,
}

/// How it was before.
struct Before {
    community_pool: Decimal,
    held: Decimal,
    validators: Vec<Option<Validator>>,
    delegations: Vec<Option<Delegation>>,
    unbonding: Option<Vec<UnbondingEntry>>,
    redelegation: Option<Vec<RedelegationEntry>>,
}

impl Staking {
    /// Runs an operation, and where it fails puts back all it touched.
    pub(super) fn atomically<T>(
        &mut self,
        touched: &Touched,
        operation: impl FnOnce(&mut Self) -> Result<T, StakingError>,
    ) -> Result<T, StakingError> {
        let before = self.before(touched);
        let result = operation(self);
        if result.is_err() {
            self.put_back(touched, before);
        }
        result
    }

    fn before(&self, touched: &Touched) -> Before {
        let validators = touched.validators.iter();
        let delegations = touched.delegations.iter();
        Before {
            community_pool: self.community_pool,
            held: self.held,
            validators: validators.map(|key| self.validators.get(key).cloned()).collect(),
            delegations: delegations.map(|key| self.delegations.get(key).copied()).collect(),
            unbonding: touched.unbonding.and_then(|key| self.unbondings.get(&key).cloned()),
            redelegation: touched
                .redelegation
                .and_then(|key| self.redelegations.get(&key).cloned()),
        }
    }

    fn put_back(&mut self, touched: &Touched, before: Before) {
        self.community_pool = before.community_pool;
        self.held = before.held;
        for (key, value) in touched.validators.iter().zip(before.validators) {
            match value {
                Some(value) => self.validators.insert(*key, value),
                None => self.validators.remove(key),
            };
        }
        for (key, value) in touched.delegations.iter().zip(before.delegations) {
            match value {
                Some(value) => self.delegations.insert(*key, value),
                None => self.delegations.remove(key),
            };
        }
        if let Some(key) = touched.unbonding {
            match before.unbonding {
                Some(value) => self.unbondings.insert(key, value),
                None => self.unbondings.remove(&key),
            };
        }
        if let Some(key) = touched.redelegation {
            match before.redelegation {
                Some(value) => self.redelegations.insert(key, value),
                None => self.redelegations.remove(&key),
            };
        }
    }
}
