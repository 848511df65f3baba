//! Small pieces of HTML.

use std::fmt::Write;

/// Writes text for an element's body or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Writes a name as text, with no break before a percent sign or an asterisk.
pub(crate) fn name(text: &str) -> String {
    escape(&text.replace(" %", "\u{a0}%").replace(" *", "\u{a0}*"))
}

/// Writes a printed number with a true minus sign and no break before its unit.
pub(crate) fn number(text: &str) -> String {
    escape(&text.replace('-', "\u{2212}").replace(' ', "\u{a0}"))
}

/// Returns the class that colours a signed number: gain, loss or neither.
pub(crate) fn tone(text: &str) -> &'static str {
    if text.starts_with('-') {
        "loss"
    } else if text.starts_with('+') {
        "gain"
    } else {
        "level"
    }
}

/// Writes a description list; both sides of each pair are HTML.
pub(crate) fn pairs<'a>(class: &str, rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut html = format!("<dl class=\"{class}\">");
    for (name, value) in rows {
        put(&mut html, format_args!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
    }
    html + "</dl>"
}

/// Appends formatted text.
pub(crate) fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text).expect("writing to a string does not fail");
}
