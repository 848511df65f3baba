use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Writes to standard output. A reader that has gone away is not a failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::input(format!("standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a value as indented JSON.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).map_err(Failure::input)?)
}

/// Writes names and values in two columns.
pub(crate) fn print_rows(rows: &[(&str, String)]) -> Result<(), Failure> {
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let names = width(&mut rows.iter().map(|(name, _)| name.chars().count()));
    let values = width(&mut rows.iter().map(|(_, value)| value.chars().count()));
    let line = |(name, value): &(&str, String)| format!("{name:<names$}  {value:>values$}\n");
    print(&rows.iter().map(line).collect::<String>())
}

/// Returns the width to lay tables out for.
pub(crate) fn terminal_width() -> u16 {
    terminal_size::terminal_size().map_or(120, |(terminal_size::Width(columns), _)| columns)
}
