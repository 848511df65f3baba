//! Values of state files, in the order of the documentation. Integers are strings of digits, so
//! that no reader makes them floats.

use std::fmt::Display;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use tidemill_model::Address;

/// A JSON value whose fields keep their order.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Boolean(bool),
    Small(u8),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// The fields of an object, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object(Vec<(String, Json)>);

impl Object {
    pub(crate) fn put(&mut self, name: impl Into<String>, value: Json) {
        self.0.push((name.into(), value));
    }

    pub(crate) fn integer(&mut self, name: &str, value: impl Display) {
        self.put(name, integer(value));
    }

    pub(crate) fn integers<T: Display>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        self.put(name, Json::List(values.into_iter().map(integer).collect()));
    }
}

impl FromIterator<(String, Json)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Json)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Small(value) => serializer.serialize_u8(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

pub(crate) fn integer(value: impl Display) -> Json {
    Json::Text(value.to_string())
}

pub(crate) fn address(value: Address) -> Json {
    Json::Text(value.to_string())
}
