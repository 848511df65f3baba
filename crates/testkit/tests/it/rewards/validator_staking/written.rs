//! What the naive model's answers are as events of the modules.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use tidemill_model::{Address, ProgrammeLog, ValidatorStakingLog};
use tidemill_units::{Amount, U256};

use super::naive::{Failure, Who};
use super::{World, account};
use crate::rewards::programme_tapes::of_account;

impl World {
    /// Takes down the event of a message that went through, with the validator it is about.
    pub(super) fn write<T>(
        &mut self,
        answer: &Result<T, Failure>,
        log: impl FnOnce(&T, Address) -> ValidatorStakingLog,
        validator: Who,
    ) {
        if let Ok(answer) = answer {
            let log = log(answer, of_account(account(validator)));
            let log = ProgrammeLog::ValidatorStaking(log);
            self.written.push((Some(self.naive.height), self.naive.time, log));
        }
    }

    pub(super) fn write_allocation(
        &mut self,
        answer: &Result<(), Failure>,
        fees: Amount,
        (votes, proposer): (&[(Who, u64, bool)], Option<Who>),
        before: &BTreeMap<Who, BigInt>,
    ) {
        let address = |who: Who| of_account(account(who));
        let whose: BTreeSet<Who> = votes.iter().map(|vote| vote.0).chain(proposer).collect();
        let rewards = whose.iter().filter_map(|of| {
            let had = before.get(of).cloned().unwrap_or_default();
            Some((address(*of), small(&(self.naive.outstanding.get(of)? - had))))
        });
        let rewards: Vec<_> = rewards.collect();
        let votes = votes.iter().map(|(who, power, signed)| (address(*who), *power, *signed));
        let (votes, proposer) = (votes.collect(), proposer.map(address));
        let log = |_: &(), _| ValidatorStakingLog::Allocated { fees, votes, proposer, rewards };
        self.write(answer, log, 0);
    }
}

pub(super) fn small(value: &BigInt) -> U256 {
    U256::from_le_slice(&value.to_bytes_le().1)
}

/// What a message paid whom.
pub(super) fn logged(paid: &[(Who, BigInt)]) -> Vec<(Address, Amount)> {
    let address = |who: Who| of_account(account(who));
    paid.iter().map(|(who, amount)| (address(*who), Amount(small(amount)))).collect()
}

/// What a message paid its sender, if anything.
pub(super) fn only(paid: &[(Who, BigInt)]) -> Amount {
    paid.first().map(|(_, amount)| Amount(small(amount))).unwrap_or_default()
}
