//! What `docs/rules.md` has to say.

use super::super::program::{ACTIONS, KINDS, OPENING};
use super::super::values::{FUNCTIONS, known_names};

const DOCUMENTATION: &str = include_str!("../../../../../docs/rules.md");

/// The first cells of all rows of its tables.
fn named() -> Vec<&'static str> {
    let rows = DOCUMENTATION.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn every_name_key_and_action_has_its_row() {
    let named = named();
    let all = known_names().chain(ACTIONS.iter().copied()).chain(KINDS.iter().copied());
    for name in all.chain(OPENING.iter().copied()) {
        assert!(named.contains(&name), "{name}");
    }
}

#[test]
fn every_function_is_named_with_as_many_arguments_as_it_takes() {
    for (name, takes) in FUNCTIONS {
        let call = DOCUMENTATION
            .split('`')
            .skip(1)
            .step_by(2)
            .find_map(|code| code.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')'));
        let call = call.unwrap_or_else(|| panic!("{name}"));
        assert_eq!(call.split(", ").count(), *takes, "{name}({call})");
    }
}
