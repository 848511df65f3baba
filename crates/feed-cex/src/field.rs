//! Fields of messages, exact: a number stays the text that it was sent as until it is a decimal.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use tidemill_model::{BookLevel, Interval, Taker};
use tidemill_units::{Decimal, InstantUs};

use crate::fault::{MessageError, MessageFault, clipped};

/// More fields than any message of a venue has; what repeats more is not one.
const MOST_FIELDS: usize = 64;

/// More levels than any venue tells of one side.
const MOST_LEVELS: usize = 20_000;

/// The fields of one JSON object, in the order they were sent.
pub(crate) struct Object<'a> {
    message: &'static str,
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
}

/// One field: a JSON value as text, or a cell of a table.
#[derive(Clone, Copy)]
pub(crate) struct Field<'a> {
    message: &'static str,
    name: &'static str,
    text: &'a str,
}

/// The values of a JSON list, which have names only by their places.
pub(crate) struct Row<'a> {
    message: &'static str,
    cells: Vec<&'a RawValue>,
}

/// The names by which a venue calls the parts of a level; `None` where it is a pair.
pub(crate) type LevelNames = Option<(&'static str, &'static str)>;

impl<'a> Object<'a> {
    /// Reads an object; errors name `message`.
    pub(crate) fn read(message: &'static str, text: &'a str) -> Result<Self, MessageError> {
        let shape = |detail| {
            let fault = MessageFault::Shape { expected: "a JSON object", detail };
            MessageError { message, fault }
        };
        let mut reader = serde_json::Deserializer::from_str(text);
        let fields = FieldsSeed.deserialize(&mut reader);
        let fields = fields.map_err(|error| shape(error.to_string()))?;
        reader.end().map_err(|error| shape(error.to_string()))?;
        Ok(Self { message, fields })
    }

    /// The same object under the name of what it turned out to be.
    pub(crate) fn named(mut self, message: &'static str) -> Self {
        self.message = message;
        self
    }

    /// Returns a field; `None` where it is missing or null.
    pub(crate) fn find(&self, name: &'static str) -> Option<Field<'a>> {
        let (_, value) = self.fields.iter().find(|(key, _)| key == name)?;
        let text = value.get();
        (text != "null").then_some(Field { message: self.message, name, text })
    }

    /// Returns the one field that is not called so; `None` where there is none, or more.
    pub(crate) fn only_other(&self, name: &str) -> Option<(&str, &'a str)> {
        let mut others = self.fields.iter().filter(|(key, _)| key != name);
        let (key, value) = others.next()?;
        others.next().is_none().then_some((key.as_ref(), value.get()))
    }

    /// Returns a field that has to be there.
    pub(crate) fn get(&self, name: &'static str) -> Result<Field<'a>, MessageError> {
        let fault = MessageFault::Missing { field: name };
        self.find(name).ok_or(MessageError { message: self.message, fault })
    }
}

impl<'a> Row<'a> {
    /// Returns the value at a place, by the name the venue's documents give it.
    pub(crate) fn get(&self, at: usize, name: &'static str) -> Result<Field<'a>, MessageError> {
        let fault = MessageFault::Missing { field: name };
        let cell = self.cells.get(at).ok_or(MessageError { message: self.message, fault })?;
        Ok(Field { message: self.message, name, text: cell.get() })
    }
}

impl<'a> Field<'a> {
    /// Returns a cell of a table as a field.
    pub(crate) fn cell(message: &'static str, name: &'static str, text: &'a str) -> Self {
        Self { message, name, text }
    }

    /// A whole text as one field, to read it as a list.
    pub(crate) fn whole(message: &'static str, text: &'a str) -> Self {
        Self { message, name: "the answer", text }
    }

    /// Returns an error about this field.
    pub(crate) fn expected(&self, expected: &'static str) -> MessageError {
        let fault = MessageFault::Value { field: self.name, found: clipped(self.text), expected };
        MessageError { message: self.message, fault }
    }

    /// The text without the quotes of a JSON string. What has escapes is no number, and is left.
    fn bare(&self) -> &'a str {
        let inside = self.text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        inside.unwrap_or(self.text)
    }

    /// Whether it is a string of nothing, or an empty cell.
    pub(crate) fn is_empty(&self) -> bool {
        self.bare().is_empty()
    }

    /// Reads a decimal, quoted or bare; one with an exponent only where 18 places hold all of it.
    pub(crate) fn decimal(&self) -> Result<Decimal, MessageError> {
        let text = self.bare();
        if let Ok(value) = text.parse() {
            return Ok(value);
        }
        let scientific = Decimal::from_scientific(text).ok().filter(|read| read.exact);
        let expected = "a decimal number with at most 18 digits behind the point";
        scientific.map(|read| read.value).ok_or_else(|| self.expected(expected))
    }

    /// Reads a decimal above zero.
    pub(crate) fn price(&self) -> Result<Decimal, MessageError> {
        let value = self.decimal()?;
        let positive = value > Decimal::ZERO;
        if positive { Ok(value) } else { Err(self.expected("a price above zero")) }
    }

    /// Reads a decimal of zero or more.
    pub(crate) fn quantity(&self) -> Result<Decimal, MessageError> {
        let value = self.decimal()?;
        if value.is_negative() { Err(self.expected("zero or more")) } else { Ok(value) }
    }

    /// Reads a whole number below 2^64.
    pub(crate) fn number(&self) -> Result<u64, MessageError> {
        let text = self.bare();
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let read = text.parse().ok().filter(|_| digits);
        read.ok_or_else(|| self.expected("a whole number below 2^64"))
    }

    /// Reads milliseconds since 1970.
    pub(crate) fn millis(&self) -> Result<InstantUs, MessageError> {
        let millis = i64::try_from(self.number()?).ok();
        let read = millis.and_then(InstantUs::from_millis);
        read.ok_or_else(|| self.expected("milliseconds since 1970"))
    }

    /// Reads milliseconds or microseconds since 1970: from 10^15 on it can only be the latter,
    /// which as milliseconds would be the year 33658.
    pub(crate) fn millis_or_micros(&self) -> Result<InstantUs, MessageError> {
        let number = self.number()?;
        if number < 1_000_000_000_000_000 {
            return self.millis();
        }
        let micros = i64::try_from(number).map(InstantUs);
        micros.map_err(|_| self.expected("milliseconds or microseconds since 1970"))
    }

    /// Reads seconds since 1970 with any fraction: the first microsecond at or after.
    pub(crate) fn seconds(&self) -> Result<InstantUs, MessageError> {
        const EXPECTED: &str = "seconds since 1970";
        let raw = self.decimal()?.raw();
        // A decimal counts 10^-18, so a microsecond is 10^12 of it.
        const MICRO: i128 = 1_000_000_000_000;
        let whole = raw.div_euclid(MICRO);
        let micros = if raw.rem_euclid(MICRO) == 0 { Some(whole) } else { whole.checked_add(1) };
        let read = micros.and_then(|micros| i64::try_from(micros).ok());
        let read = read.filter(|micros| *micros >= 0);
        read.map(InstantUs).ok_or_else(|| self.expected(EXPECTED))
    }

    /// Reads a time as RFC 3339 writes it: the first microsecond at or after.
    pub(crate) fn rfc3339(&self) -> Result<InstantUs, MessageError> {
        let read = self.bare().parse::<Timestamp>().ok();
        let nanos = read.and_then(|time| i64::try_from(time.as_nanosecond()).ok());
        let expected = "a time such as 2023-10-06T17:35:55.440295Z";
        nanos.map(InstantUs::from_nanos_up).ok_or_else(|| self.expected(expected))
    }

    /// Reads an interval such as `1m`.
    pub(crate) fn interval(&self) -> Result<Interval, MessageError> {
        let expected = "an interval of a fixed length, such as 1m";
        self.bare().parse().map_err(|_| self.expected(expected))
    }

    /// Reads a text.
    pub(crate) fn text(&self) -> Result<Cow<'a, str>, MessageError> {
        let bare = self.bare();
        if bare.len() < self.text.len() && !bare.contains('\\') {
            return Ok(Cow::Borrowed(bare));
        }
        let read = serde_json::from_str(self.text).map(Cow::Owned);
        read.map_err(|_| self.expected("a text"))
    }

    /// Reads the name of a market: a text of 1 to 64 printable characters.
    pub(crate) fn symbol(&self) -> Result<String, MessageError> {
        let text = self.text()?;
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || text.is_empty() || text.len() > 64 {
            return Err(self.expected("a market's name"));
        }
        Ok(text.into_owned())
    }

    /// Reads a truth value, also as Python writes it and quoted.
    pub(crate) fn flag(&self) -> Result<bool, MessageError> {
        match self.bare() {
            "true" | "True" | "TRUE" => Ok(true),
            "false" | "False" | "FALSE" => Ok(false),
            _ => Err(self.expected("true or false")),
        }
    }

    /// Reads who took a trade from whether the buyer was there before.
    pub(crate) fn buyer_was_maker(&self) -> Result<Taker, MessageError> {
        Ok(if self.flag()? { Taker::Seller } else { Taker::Buyer })
    }

    /// Reads an object.
    pub(crate) fn object(&self) -> Result<Object<'a>, MessageError> {
        Object::read(self.message, self.text)
    }

    /// Returns the JSON text of it.
    pub(crate) fn json(&self) -> &'a str {
        self.text
    }

    /// Reads a list of at most `limit` values.
    pub(crate) fn list(&self, limit: usize) -> Result<Vec<Field<'a>>, MessageError> {
        let cells = self.cells(limit)?;
        let field = |cell: &'a RawValue| Field { text: cell.get(), ..*self };
        Ok(cells.into_iter().map(field).collect())
    }

    /// Reads a list whose values are known by their places.
    pub(crate) fn row(&self) -> Result<Row<'a>, MessageError> {
        Ok(Row { message: self.message, cells: self.cells(MOST_FIELDS)? })
    }

    fn cells(&self, limit: usize) -> Result<Vec<&'a RawValue>, MessageError> {
        let cells: Vec<&RawValue> =
            serde_json::from_str(self.text).map_err(|_| self.expected("a list"))?;
        if cells.len() > limit {
            let fault = MessageFault::TooMany { what: "values in a list", limit };
            return Err(MessageError { message: self.message, fault });
        }
        Ok(cells)
    }

    /// Reads one side of a book: a list of levels, each a list that begins with price and
    /// quantity, or an object that has both.
    pub(crate) fn levels(&self, names: LevelNames) -> Result<Vec<BookLevel>, MessageError> {
        self.levels_as(names, |_, _| ())
    }

    /// The same, and shows the text of each level's price and quantity.
    pub(crate) fn levels_as(
        &self,
        names: LevelNames,
        mut see: impl FnMut(&str, &str),
    ) -> Result<Vec<BookLevel>, MessageError> {
        let expected = "a list of levels, each a price and a quantity";
        let pairs: Vec<Pair<'a>> = match names {
            None => serde_json::from_str(self.text).map_err(|_| self.expected(expected))?,
            Some(names) => self.named_pairs(names)?,
        };
        if pairs.len() > MOST_LEVELS {
            let fault = MessageFault::TooMany { what: "levels in a book", limit: MOST_LEVELS };
            return Err(MessageError { message: self.message, fault });
        }
        let level = |Pair(price, quantity): Pair<'a>| {
            let price = Field { text: price.get(), ..*self };
            let quantity = Field { text: quantity.get(), ..*self };
            see(price.bare(), quantity.bare());
            Ok(BookLevel { price: price.price()?, quantity: quantity.quantity()? })
        };
        pairs.into_iter().map(level).collect()
    }

    fn named_pairs(
        &self,
        (price, quantity): (&'static str, &'static str),
    ) -> Result<Vec<Pair<'a>>, MessageError> {
        let pair = |field: Field<'a>| {
            let object = field.object()?;
            let find = |name| {
                let found = object.fields.iter().find(|(key, _)| key == name);
                let fault = MessageFault::Missing { field: name };
                found.map(|(_, value)| *value).ok_or(MessageError { message: self.message, fault })
            };
            Ok(Pair(find(price)?, find(quantity)?))
        };
        self.list(MOST_LEVELS)?.into_iter().map(pair).collect()
    }
}

/// The first two values of a list; venues may put more behind them.
struct Pair<'a>(&'a RawValue, &'a RawValue);

impl<'de> serde::Deserialize<'de> for Pair<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairVisitor;
        impl<'de> Visitor<'de> for PairVisitor {
            type Value = Pair<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a price and a quantity")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Pair<'de>, A::Error> {
                let short = || serde::de::Error::custom("fewer than two values");
                let price = values.next_element()?.ok_or_else(short)?;
                let quantity = values.next_element()?.ok_or_else(short)?;
                while values.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Pair(price, quantity))
            }
        }
        deserializer.deserialize_seq(PairVisitor)
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads all fields of an object, refusing a name that comes twice: which one counts is a guess.
struct FieldsSeed;

impl<'de> DeserializeSeed<'de> for FieldsSeed {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut read: Self::Value = Vec::with_capacity(12);
        while let Some((Key(name), value)) = fields.next_entry::<Key<'de>, &'de RawValue>()? {
            if read.len() == MOST_FIELDS {
                return Err(serde::de::Error::custom("more than 64 fields"));
            }
            if read.iter().any(|(known, _)| *known == name) {
                let twice = format!("`{}` stands there twice", clipped(&name));
                return Err(serde::de::Error::custom(twice));
            }
            read.push((name, value));
        }
        Ok(read)
    }
}
