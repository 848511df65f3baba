//! What a programme says of itself and of its accounts: names and numbers.

use std::fmt::Display;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use tidemill_rewards::Account;
use tidemill_units::{Amount, Timestamp};

/// When is asked about: seconds since 1970, or blocks.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) at: u64,
    pub(super) until: Option<u64>,
}

/// The streams of a programme, and who has what in them.
#[derive(Default)]
pub(super) struct Earnings {
    pub(super) streams: Vec<Entry>,
    pub(super) accounts: Vec<Entry>,
}

/// One stream, or one account in one place; all numbers are decimal strings.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) account: Option<Account>,
    pub(super) place: String,
    pub(super) facts: Vec<(&'static str, Option<String>)>,
}

impl Times {
    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.at)
    }
}

impl Entry {
    pub(super) fn stream(place: impl Display) -> Self {
        Self { account: None, place: place.to_string(), facts: Vec::new() }
    }

    pub(super) fn account(account: Account, place: impl Display) -> Self {
        Self { account: Some(account), ..Self::stream(place) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.facts.push((name, Some(value.to_string())));
        self
    }

    pub(super) fn with_optional(mut self, name: &'static str, value: Option<impl Display>) -> Self {
        self.facts.push((name, value.map(|value| value.to_string())));
        self
    }

    /// Adds what can be claimed at both times; what the programme refuses is said with whose and
    /// where it is.
    pub(super) fn claimable<E: Display>(
        mut self,
        times: Times,
        mut claimable: impl FnMut(u64) -> Result<Amount, E>,
    ) -> Result<Self, String> {
        let mut ask = |at| {
            let answer = claimable(at).map(|amount| Some(amount.to_string()));
            let account = self.account.map(|account| format!("{account}, "));
            let account = account.unwrap_or_default();
            answer.map_err(|error| format!("{account}{}: {error}", self.place))
        };
        let now = ask(times.at)?;
        let then = times.until.map(ask).transpose()?;
        self.facts.push(("claimable", now));
        self.facts.extend(then.map(|then| ("claimable_until", then)));
        Ok(self)
    }

    /// Returns a fact, nothing where there is none.
    pub(super) fn fact(&self, name: &str) -> Option<&str> {
        let found = self.facts.iter().find(|(known, _)| *known == name);
        found.and_then(|(_, value)| value.as_deref())
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(account) = self.account {
            map.serialize_entry("account", &account.to_string())?;
        }
        map.serialize_entry("place", &self.place)?;
        for (name, value) in &self.facts {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Adds amounts up; all of them were checked to be of one contract's holdings, or nearly so.
pub(super) fn sum(amounts: impl IntoIterator<Item = Amount>) -> Result<Amount, String> {
    let mut amounts = amounts.into_iter();
    let sum = amounts.try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount));
    sum.ok_or_else(|| "what everybody can claim passes 2^256 - 1 together".to_owned())
}

/// Adds what of a holding belongs to nobody, or what it is short of all that belongs to somebody.
pub(super) fn unallocated(entry: Entry, held: Amount, belongs: Amount) -> Entry {
    match held.checked_sub(belongs) {
        Some(rest) => entry.with("unallocated", rest),
        None => {
            let short = belongs.checked_sub(held).unwrap_or_default();
            entry.with("unallocated", Amount::ZERO).with("short_by", short)
        }
    }
}
