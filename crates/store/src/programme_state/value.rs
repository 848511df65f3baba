//! How each type of a programme's state is written, and read back: one way for each type.

use std::fmt::Display;

use tidemill_model::{Address, Bytes32};
use tidemill_rewards::Account;
use tidemill_rewards::merkle_claim::Node;
use tidemill_units::{Amount, BlockNumber, Liquidity, Tick, TickRange, Timestamp, U256};

use crate::pool_state::{FieldFault, Fields, Json, Object, Value, integer};

/// A type that a field of a state can have.
pub(crate) trait StateValue: Sized {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault>;

    fn write(&self) -> Json;
}

/// A struct of a state: an object with a field for each of the struct's.
pub(crate) trait Record: Sized {
    fn read_fields(fields: &mut Fields<'_>) -> Result<Self, FieldFault>;

    fn write_fields(&self, fields: &mut Object);
}

impl Fields<'_> {
    /// Takes a field that must be there, and reads it.
    pub(crate) fn get<T: StateValue>(&mut self, name: &str) -> Result<T, FieldFault> {
        T::read(&self.take(name)?)
    }
}

/// Reads an object that is a struct and nothing else.
pub(crate) fn read_record<T: Record>(value: &Value<'_>) -> Result<T, FieldFault> {
    let mut fields = Fields::of(value)?;
    let record = T::read_fields(&mut fields)?;
    fields.finish()?;
    Ok(record)
}

pub(crate) fn write_record<T: Record>(record: &T) -> Json {
    let mut fields = Object::default();
    record.write_fields(&mut fields);
    Json::Object(fields)
}

/// Reads and writes a struct by the names of its fields, all of which have to be listed.
///
/// No function can name a field, and written by hand each name stood three times.
macro_rules! record {
    ($record:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::programme_state::value::Record for $record {
            fn read_fields(
                fields: &mut $crate::pool_state::Fields<'_>,
            ) -> Result<Self, $crate::pool_state::FieldFault> {
                Ok(Self { $($field: fields.get(stringify!($field))?),+ })
            }

            fn write_fields(&self, fields: &mut $crate::pool_state::Object) {
                let Self { $($field),+ } = self;
                $(
                    let value = $crate::programme_state::value::StateValue::write($field);
                    fields.put(stringify!($field), value);
                )+
            }
        }

        impl $crate::programme_state::value::StateValue for $record {
            fn read(
                value: &$crate::pool_state::Value<'_>,
            ) -> Result<Self, $crate::pool_state::FieldFault> {
                $crate::programme_state::value::read_record(value)
            }

            fn write(&self) -> $crate::pool_state::Json {
                $crate::programme_state::value::write_record(self)
            }
        }
    };
}

pub(crate) use record;

/// A number in its type, with what the type allows.
macro_rules! number {
    ($number:ty, $read:ident, $allowed:literal) => {
        impl StateValue for $number {
            fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
                value.$read($allowed)
            }

            fn write(&self) -> Json {
                integer(self)
            }
        }
    };
}

number!(u8, unsigned, "an integer from 0 to 255, decimal digits");
number!(u16, unsigned, "an integer from 0 to 65535, decimal digits");
number!(u32, unsigned, "an integer from 0 to 2^32 - 1, decimal digits");
number!(u64, unsigned, "an integer from 0 to 2^64 - 1, decimal digits");
number!(usize, unsigned, "an integer from 0 to 2^64 - 1, decimal digits");
number!(i64, signed, "an integer with its sign, from -2^63 to 2^63 - 1");
number!(i128, signed, "an integer with its sign, from -2^127 to 2^127 - 1");

impl StateValue for U256 {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.u256()
    }

    fn write(&self) -> Json {
        integer(self)
    }
}

impl StateValue for Amount {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.amount()
    }

    fn write(&self) -> Json {
        integer(self)
    }
}

impl StateValue for Liquidity {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.unsigned("liquidity, 0 to 2^128 - 1").map(Self)
    }

    fn write(&self) -> Json {
        integer(self)
    }
}

impl StateValue for Tick {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "a tick, -887272 to 887272";
        let tick = value.signed(EXPECTED).map(Self)?;
        if (Self::MIN..=Self::MAX).contains(&tick) { Ok(tick) } else { Err(value.fault(EXPECTED)) }
    }

    fn write(&self) -> Json {
        integer(self)
    }
}

impl StateValue for Timestamp {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.time()
    }

    fn write(&self) -> Json {
        integer(self.0)
    }
}

impl StateValue for BlockNumber {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.unsigned("a block number, 0 to 2^64 - 1").map(Self)
    }

    fn write(&self) -> Json {
        integer(self)
    }
}

impl StateValue for bool {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.boolean()
    }

    fn write(&self) -> Json {
        Json::Boolean(*self)
    }
}

impl StateValue for Account {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.address().map(|Address(bytes)| Self(bytes))
    }

    fn write(&self) -> Json {
        text(self)
    }
}

impl StateValue for Node {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "thirty-two bytes: 0x and 64 hexadecimal digits";
        let bytes = value.string(EXPECTED)?.parse::<Bytes32>();
        bytes.map(|Bytes32(bytes)| Self(bytes)).map_err(|_| value.fault(EXPECTED))
    }

    fn write(&self) -> Json {
        text(self)
    }
}

impl<T: StateValue> StateValue for Option<T> {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.or_null().map(T::read).transpose()
    }

    fn write(&self) -> Json {
        self.as_ref().map_or(Json::Null, T::write)
    }
}

impl<T: StateValue> StateValue for Box<T> {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        T::read(value).map(Self::new)
    }

    fn write(&self) -> Json {
        T::write(self)
    }
}

impl<T: StateValue> StateValue for Vec<T> {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        value.list("a list")?.iter().map(T::read).collect()
    }

    fn write(&self) -> Json {
        Json::List(self.iter().map(T::write).collect())
    }
}

impl<T: StateValue> StateValue for [T; 2] {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        <(T, T)>::read(value).map(|(first, second)| [first, second])
    }

    fn write(&self) -> Json {
        Json::List(self.iter().map(T::write).collect())
    }
}

impl<A: StateValue, B: StateValue> StateValue for (A, B) {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "a list of two";
        let list = value.list(EXPECTED)?;
        let [first, second] = list.as_slice() else { return Err(value.fault(EXPECTED)) };
        Ok((A::read(first)?, B::read(second)?))
    }

    fn write(&self) -> Json {
        Json::List(vec![self.0.write(), self.1.write()])
    }
}

impl<A: StateValue, B: StateValue, C: StateValue> StateValue for (A, B, C) {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        const EXPECTED: &str = "a list of three";
        let list = value.list(EXPECTED)?;
        let [first, second, third] = list.as_slice() else { return Err(value.fault(EXPECTED)) };
        Ok((A::read(first)?, B::read(second)?, C::read(third)?))
    }

    fn write(&self) -> Json {
        Json::List(vec![self.0.write(), self.1.write(), self.2.write()])
    }
}

impl StateValue for TickRange {
    fn read(value: &Value<'_>) -> Result<Self, FieldFault> {
        let mut fields = Fields::of(value)?;
        let range = Self { lower: fields.get("lower")?, upper: fields.get("upper")? };
        fields.finish()?;
        if range.lower < range.upper { Ok(range) } else { Err(value.fault("lower below upper")) }
    }

    fn write(&self) -> Json {
        let fields = [("lower", self.lower.write()), ("upper", self.upper.write())];
        Json::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
    }
}

/// Writes one of a few names.
pub(super) fn text(name: impl Display) -> Json {
    Json::Text(name.to_string())
}

/// Reads one of a few names.
pub(super) fn one_of<T: Copy>(
    value: &Value<'_>,
    all: &[(&str, T)],
    expected: &'static str,
) -> Result<T, FieldFault> {
    let name = value.string(expected)?;
    let found = all.iter().find(|(known, _)| *known == name);
    found.map(|(_, of)| *of).ok_or_else(|| value.fault(expected))
}

/// Takes the name that says which of several forms an object has.
pub(super) fn tag<'a>(
    fields: &mut Fields<'a>,
    expected: &'static str,
) -> Result<(Value<'a>, String), FieldFault> {
    let value = fields.take("type")?;
    let name = value.string(expected)?;
    Ok((value, name))
}

/// Writes an object of one of several forms.
pub(super) fn tagged<const N: usize>(name: &str, of: [(&str, Json); N]) -> Json {
    let mut fields = Object::default();
    fields.put("type", text(name));
    for (name, value) in of {
        fields.put(name, value);
    }
    Json::Object(fields)
}
