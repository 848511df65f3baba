//! What serde says, in the words of somebody who writes a configuration.

/// What is said of the key that tells the variants of an enum apart, whose names serde leaves out.
pub(crate) const TAG: &str = "one of its names, in quotes";

/// Returns the name that a wrong one was most likely meant to be; `None` where none is near: more
/// than a third of its letters would have to change, and there is not one name alone that goes on
/// behind it, as `max_loss_quote` behind `max_loss`.
pub(crate) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let most = (wrong.chars().count() / 3).max(1);
    let names: Vec<&'a str> = names.into_iter().collect();
    let near = |name: &&'a str| (strsim::damerau_levenshtein(wrong, name), *name);
    let found = names.iter().map(near).filter(|(distance, _)| (1..=most).contains(distance));
    let found = found.min_by_key(|(distance, _)| *distance).map(|(_, name)| name);
    found.or_else(|| only_longer(wrong, &names))
}

/// Returns the only name that begins with a word or more and goes on with another.
fn only_longer<'a>(wrong: &str, names: &[&'a str]) -> Option<&'a str> {
    let goes_on =
        |name: &&'a str| name.strip_prefix(wrong).is_some_and(|rest| rest.starts_with('_'));
    let mut longer = names.iter().copied().filter(goes_on);
    let first = longer.next().filter(|_| !wrong.is_empty())?;
    longer.all(|other| other == first).then_some(first)
}

/// Returns the name that a wrong one was most likely meant to be, of those in a text that says what
/// is allowed; `None` where more than a third of its letters would
/// have to change. Words of fewer letters than `least_letters`
/// are all alike, and say nothing.
pub fn nearest_allowed<'a>(wrong: &str, allowed: &'a str, least_letters: usize) -> Option<&'a str> {
    let is_long = |word: &str| word.chars().count() >= least_letters;
    let is_part = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let words = allowed.split(|letter| !is_part(letter)).filter(|word| is_long(word));
    let is_name = is_long(wrong) && wrong.contains(char::is_alphabetic);
    if is_name { nearest(wrong, words) } else { None }
}

/// Returns what is in backticks.
pub(crate) fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Splits `invalid type: integer `5`, expected a string` into what was found and what was expected,
/// both in plain words; `None` of other messages.
pub(crate) fn found_and_expected(message: &str) -> Option<(String, String)> {
    let rest = message.strip_prefix("invalid type: ");
    let rest = rest.or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let found = match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        other => format!("the {other}"),
    };
    Some((found, plain(expected)))
}

/// Returns a type of Rust's as what can be written for it.
pub(crate) fn plain(expected: &str) -> String {
    let words = match expected {
        "a string" | "string" | "str" | "a character" => "a text in quotes",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "u128" | "usize" => "a whole number from 0 on",
        "i32" => "a whole number from -2147483648 to 2147483647",
        "i64" | "i128" | "isize" => "a whole number",
        "f64" | "f32" => "a number",
        "a boolean" | "bool" => "true or false",
        "a sequence" => "a list",
        "a map" => "a table",
        "variant identifier" => TAG,
        other if other.starts_with("struct ") || other.contains("tagged enum ") => "a table",
        other => other,
    };
    words.to_owned()
}
