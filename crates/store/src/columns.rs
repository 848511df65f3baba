use std::sync::Arc;

use arrow_schema::{Field, Schema};

/// A Parquet column of another name or type than belongs there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {number} is `{found}`; expected `{expected}`")]
pub struct OtherColumn {
    /// Its place, from 1.
    pub number: usize,
    /// Its name and type.
    pub found: String,
    /// The name and type that belong there.
    pub expected: String,
}

/// Checks that a file has exactly these columns, in order.
///
/// Errors: the first column that is missing, is too much, or has another name, type or nullability.
pub fn check_columns(found: &Schema, expected: &Schema) -> Result<(), OtherColumn> {
    let describe = |field: Option<&Arc<Field>>| match field {
        None => "no column".to_owned(),
        Some(field) => {
            let null = if field.is_nullable() { "" } else { " not null" };
            format!("{} {}{null}", field.name().escape_debug(), field.data_type())
        }
    };
    for at in 0..found.fields().len().max(expected.fields().len()) {
        let (found, expected) = (found.fields().get(at), expected.fields().get(at));
        let same = found.zip(expected).is_some_and(|(found, expected)| {
            found.name() == expected.name()
                && found.data_type() == expected.data_type()
                && found.is_nullable() == expected.is_nullable()
        });
        if !same {
            let (found, expected) = (describe(found), describe(expected));
            return Err(OtherColumn { number: at.saturating_add(1), found, expected });
        }
    }
    Ok(())
}
