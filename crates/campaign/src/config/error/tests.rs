use tidemill_configuration::{Mistake, Place};

use super::ConfigError;

#[test]
fn a_mistake_in_the_text_of_an_item_is_where_it_is() {
    let mistake = Mistake { message: "unknown field `a`".to_owned(), at: 7..8 };
    let error = ConfigError::Syntax(mistake).of_item("programme", 1);
    assert!(matches!(error.place(), Place::Bytes(at) if at == (7..8)));
    let other = ConfigError::SameName("a".to_owned()).of_item("programme", 1);
    assert!(matches!(other.place(), Place::Keys(keys) if keys.len() == 2));
}
