//! A JSON object read field by field: each must be there once, no other may be, and no number
//! passes through a float.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tidemill_model::Address;
use tidemill_units::{Amount, Timestamp, TokenAmounts, U256};

use crate::csv_rows::whole;
use crate::error::clip;
use crate::{Fault, FormatFault};

/// A field's path and what is wrong with it.
pub(crate) type FieldFault = (String, Fault);

/// The fields of one object that were not asked for yet.
pub(crate) struct Fields<'a> {
    path: String,
    left: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// One value and where it stands.
#[derive(Clone)]
pub(crate) struct Value<'a> {
    path: String,
    raw: &'a RawValue,
}

/// The text of an object's fields, in the file's order.
struct Entries<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Entries<'de>, M::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    entries.push((Cow::Owned(name), map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

const OBJECT: &str = "an object";

impl<'a> Fields<'a> {
    /// Takes an object apart; the path is empty for the whole of a file.
    ///
    /// # Errors
    ///
    /// A value that is no object, and a field that is there twice.
    pub(crate) fn of(value: &Value<'a>) -> Result<Self, FieldFault> {
        let raw = value.raw.get();
        if !raw.starts_with('{') {
            return Err(value.fault(OBJECT));
        }
        let parsed = serde_json::from_str::<Entries<'a>>(raw);
        let Entries(left) = parsed.map_err(|error| {
            (value.path.clone(), Fault::Format(FormatFault::Json(error.to_string())))
        })?;
        let fields = Self { path: value.path.clone(), left };
        let mut seen = BTreeSet::new();
        if let Some((name, _)) = fields.left.iter().find(|(name, _)| !seen.insert(name)) {
            return Err((fields.path_of(name), Fault::FieldTwice));
        }
        Ok(fields)
    }

    fn path_of(&self, name: &str) -> String {
        let name = clip(name);
        if self.path.is_empty() { name } else { format!("{}.{name}", self.path) }
    }

    /// Takes a field that must be there.
    ///
    /// # Errors
    ///
    /// That it is not.
    pub(crate) fn take(&mut self, name: &str) -> Result<Value<'a>, FieldFault> {
        self.take_optional(name).ok_or_else(|| (self.path_of(name), Fault::AbsentField))
    }

    /// Takes a field that may be left out.
    pub(crate) fn take_optional(&mut self, name: &str) -> Option<Value<'a>> {
        let place = self.left.iter().position(|(there, _)| there == name)?;
        let (_, raw) = self.left.remove(place);
        Some(Value { path: self.path_of(name), raw })
    }

    /// Ends the object.
    ///
    /// # Errors
    ///
    /// A field that nobody asked for.
    pub(crate) fn finish(self) -> Result<(), FieldFault> {
        match self.left.first() {
            None => Ok(()),
            Some((name, _)) => Err((self.path_of(name), Fault::UnknownField)),
        }
    }
}

impl<'a> Value<'a> {
    /// Returns a whole JSON text as one value.
    pub(crate) fn whole(raw: &'a RawValue) -> Self {
        Self { path: String::new(), raw }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the start of the value's text, for an error.
    pub(crate) fn found(&self) -> String {
        clip(&self.raw.get().split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// Returns the first field of that name, if the value is an object with one.
    pub(crate) fn peek(&self, name: &str) -> Option<Self> {
        let Entries(entries) = serde_json::from_str(self.raw.get()).ok()?;
        let (_, raw) = entries.into_iter().find(|(there, _)| there == name)?;
        Some(Self { path: name.to_owned(), raw })
    }

    /// Says that something else was expected here.
    pub(crate) fn fault(&self, expected: &'static str) -> FieldFault {
        (self.path.clone(), Fault::Value { found: self.found(), expected })
    }

    fn is_number(&self) -> bool {
        self.raw.get().starts_with(|first: char| first.is_ascii_digit() || first == '-')
    }

    /// Reads a string.
    pub(crate) fn string(&self, expected: &'static str) -> Result<String, FieldFault> {
        if !self.raw.get().starts_with('"') {
            return Err(self.fault(expected));
        }
        serde_json::from_str(self.raw.get()).map_err(|_| self.fault(expected))
    }

    /// Returns the digits of an integer, which may be quoted.
    fn integer(&self, expected: &'static str) -> Result<String, FieldFault> {
        if self.is_number() { Ok(self.raw.get().to_owned()) } else { self.string(expected) }
    }

    /// Returns the text of a number that need not be whole, which may be quoted.
    pub(crate) fn decimal(&self, expected: &'static str) -> Result<String, FieldFault> {
        self.integer(expected)
    }

    /// Reads an integer from 0 to 2^256 - 1.
    pub(crate) fn amount(&self) -> Result<Amount, FieldFault> {
        const EXPECTED: &str = "an integer from 0 to 2^256 - 1, decimal digits";
        let digits = self.integer(EXPECTED)?;
        digits.parse().map_err(|_| self.fault(EXPECTED))
    }

    /// Reads an integer from 0 to 2^256 - 1.
    pub(crate) fn u256(&self) -> Result<U256, FieldFault> {
        self.amount().map(|amount| amount.0)
    }

    /// Reads an unsigned integer of a smaller type.
    pub(crate) fn unsigned<T: std::str::FromStr>(
        &self,
        expected: &'static str,
    ) -> Result<T, FieldFault> {
        let digits = self.integer(expected)?;
        whole(&digits, expected).map_err(|_| self.fault(expected))
    }

    /// Reads an integer from 0 to 2^64 - 1.
    pub(crate) fn u64(&self) -> Result<u64, FieldFault> {
        self.unsigned("an integer from 0 to 2^64 - 1, decimal digits")
    }

    /// Reads an integer from 0 to 2^32 - 1.
    pub(crate) fn u32(&self) -> Result<u32, FieldFault> {
        self.unsigned("an integer from 0 to 2^32 - 1, decimal digits")
    }

    /// Reads an integer with a sign.
    pub(crate) fn signed<T: std::str::FromStr>(
        &self,
        expected: &'static str,
    ) -> Result<T, FieldFault> {
        let text = self.integer(expected)?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let value = if is_plain { text.parse().ok() } else { None };
        value.ok_or_else(|| self.fault(expected))
    }

    /// Reads `true` or `false`.
    pub(crate) fn boolean(&self) -> Result<bool, FieldFault> {
        match self.raw.get() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.fault("true or false")),
        }
    }

    /// Reads an address.
    pub(crate) fn address(&self) -> Result<Address, FieldFault> {
        const EXPECTED: &str = "an address: 0x and 40 hexadecimal digits";
        self.string(EXPECTED)?.parse().map_err(|_| self.fault(EXPECTED))
    }

    /// Returns nothing for `null`, else the value.
    pub(crate) fn or_null(&self) -> Option<&Self> {
        (self.raw.get() != "null").then_some(self)
    }

    /// Reads a list.
    pub(crate) fn list(&self, expected: &'static str) -> Result<Vec<Self>, FieldFault> {
        let parsed = serde_json::from_str::<Vec<&'a RawValue>>(self.raw.get());
        let items = parsed.map_err(|_| self.fault(expected))?;
        let item = |(at, raw)| Self { path: format!("{}[{at}]", self.path), raw };
        Ok(items.into_iter().enumerate().map(item).collect())
    }

    /// Reads a list of integers from 0 to 2^256 - 1, one for each token.
    pub(crate) fn token_amounts(&self) -> Result<TokenAmounts, FieldFault> {
        const EXPECTED: &str = "a list of 2 to 8 integers, one for each token";
        let amounts: Result<Vec<Amount>, FieldFault> =
            self.list(EXPECTED)?.iter().map(Self::amount).collect();
        TokenAmounts::new(&amounts?).ok_or_else(|| self.fault(EXPECTED))
    }

    /// Reads a list of integers from 0 to 2^256 - 1.
    pub(crate) fn amounts(&self) -> Result<Vec<Amount>, FieldFault> {
        self.list("a list of integers")?.iter().map(Self::amount).collect()
    }

    /// Reads a list of integers from 0 to 2^256 - 1.
    pub(crate) fn u256s(&self) -> Result<Vec<U256>, FieldFault> {
        self.list("a list of integers")?.iter().map(Self::u256).collect()
    }

    /// Reads a list of integers from 0 to 255.
    pub(crate) fn u8s(&self) -> Result<Vec<u8>, FieldFault> {
        const EXPECTED: &str = "an integer from 0 to 255";
        let list = self.list("a list of integers")?;
        list.iter().map(|item| item.unsigned(EXPECTED)).collect()
    }

    /// Reads a list of integers from 0 to 2^64 - 1.
    pub(crate) fn u64s(&self) -> Result<Vec<u64>, FieldFault> {
        self.list("a list of integers")?.iter().map(Self::u64).collect()
    }

    /// Reads a time: seconds since 1970.
    pub(crate) fn time(&self) -> Result<Timestamp, FieldFault> {
        self.unsigned("seconds since 1970, 0 to 2^64 - 1").map(Timestamp)
    }

    /// Reads an object of addresses with an integer each.
    pub(crate) fn amounts_by_address(&self) -> Result<BTreeMap<Address, Amount>, FieldFault> {
        self.by_address(Self::amount)
    }

    /// Reads an object of addresses with a value each.
    pub(crate) fn by_address<T>(
        &self,
        read: impl Fn(&Self) -> Result<T, FieldFault>,
    ) -> Result<BTreeMap<Address, T>, FieldFault> {
        let mut fields = Fields::of(self)?;
        let mut found = BTreeMap::new();
        for (name, raw) in std::mem::take(&mut fields.left) {
            let path = fields.path_of(&name);
            let address = name.parse::<Address>();
            let address = address.map_err(|error| (path.clone(), Fault::Address(error)))?;
            if found.insert(address, read(&Value { path: path.clone(), raw })?).is_some() {
                return Err((path, Fault::FieldTwice));
            }
        }
        Ok(found)
    }
}
