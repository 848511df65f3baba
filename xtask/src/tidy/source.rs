//! Just enough of Rust's lexical grammar to tell code from comments and strings.

/// Returns `text` with the inside of comments, strings and character literals blanked.
/// Line breaks stay where they are, so line numbers do too.
pub(super) fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&current) = chars.get(at) {
        match opaque_end(&chars, at) {
            Some(end) => {
                let inside = chars[at..end].iter();
                out.extend(inside.map(|&inner| if inner == '\n' { '\n' } else { ' ' }));
                at = end;
            }
            None => {
                out.push(current);
                at += 1;
            }
        }
    }
    out
}

/// Returns the number of lines before an inline test module, or of all lines without one.
/// A test module is the last thing in its file (clippy sees to that).
pub(super) fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let opens_tests = |index: usize| {
        let next = lines[index + 1..].iter().find(|line| !line.trim_start().starts_with("#["));
        lines[index].trim() == "#[cfg(test)]"
            && next.is_some_and(|line| line.starts_with("mod ") && line.trim_end().ends_with('{'))
    };
    (0..lines.len()).find(|&index| opens_tests(index)).unwrap_or(lines.len())
}

/// Whether a name can contain `character`.
pub(super) fn in_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Returns whether `line` contains `word` as a whole: no name runs on at either end of it.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        let runs_on = |end: Option<char>, next: Option<char>| {
            end.is_some_and(in_name) && next.is_some_and(in_name)
        };
        !runs_on(word.chars().next(), before) && !runs_on(word.chars().next_back(), after)
    })
}

/// Returns where the comment or literal that begins at `at` ends, `None` when none begins there.
fn opaque_end(chars: &[char], at: usize) -> Option<usize> {
    let next = |ahead: usize| chars.get(at + ahead).copied();
    match (chars[at], next(1)) {
        ('/', Some('/')) => Some(find(chars, at, |character| character == '\n')),
        ('/', Some('*')) => Some(block_comment_end(chars, at)),
        ('"', _) => Some(quoted_end(chars, at + 1, '"')),
        ('r', Some('"' | '#')) if at == 0 || !in_raw_name(chars, at) => raw_string_end(chars, at),
        ('\'', Some('\\')) => Some(quoted_end(chars, at + 1, '\'')),
        ('\'', Some(_)) if next(2) == Some('\'') => Some(at + 3),
        _ => None,
    }
}

/// Whether the `r` at `at` is the end of a name, prefixes of byte and C strings aside.
fn in_raw_name(chars: &[char], at: usize) -> bool {
    match chars[at - 1] {
        'b' | 'c' => at >= 2 && in_name(chars[at - 2]),
        before => in_name(before),
    }
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|&character| wanted(character)).map_or(chars.len(), |n| from + n)
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut here = at;
    while here + 1 < chars.len() {
        match (chars[here], chars[here + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 1 => return here + 2,
            ('*', '/') => depth -= 1,
            _ => {
                here += 1;
                continue;
            }
        }
        here += 2;
    }
    chars.len()
}

fn quoted_end(chars: &[char], from: usize, quote: char) -> usize {
    let mut here = from;
    while let Some(&character) = chars.get(here) {
        match character {
            '\\' => here += 2,
            found if found == quote => return here + 1,
            _ => here += 1,
        }
    }
    chars.len()
}

/// Returns the end of a raw string, `None` when the `r` opens a raw name such as `r#type`.
fn raw_string_end(chars: &[char], at: usize) -> Option<usize> {
    let open = find(chars, at + 1, |character| character != '#');
    let hashes = open - at - 1;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |here: &usize| {
        chars[*here] == '"'
            && chars[here + 1..].iter().take_while(|&&character| character == '#').count() >= hashes
    };
    Some((open + 1..chars.len()).find(closes).map_or(chars.len(), |here| here + 1 + hashes))
}
