use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Failure {
    /// Something that was given is wrong, or cannot be read or written.
    pub(crate) fn input(message: impl Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// The data contradicts itself: it does not reproduce or does not add up.
    pub(crate) fn finding(message: impl Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    pub(crate) fn print(&self) {
        if !self.message.is_empty() {
            // Nobody is left to tell if standard error is closed.
            let _unheard = writeln!(std::io::stderr(), "tidemill: {}", self.message).is_err();
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}
