//! Why a command did not end well.

use std::fmt;

use crate::finding::Finding;

/// Why a command did not end well; decides the exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The checks ran and the tree breaks these rules.
    Findings(Vec<Finding>),
    /// The command line cannot be understood.
    Usage(String),
    /// Something the command needs is absent or answered with an error.
    Environment(String),
}

impl Failure {
    /// Returns the process exit status: 1 for findings, 2 otherwise.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Findings(_) => 1,
            Self::Usage(_) | Self::Environment(_) => 2,
        }
    }

    /// Returns `Ok` without findings, the findings otherwise.
    pub(crate) fn unless_clean(findings: Vec<Finding>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self::Findings(findings)) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Environment(message) => formatter.write_str(message),
            Self::Findings(findings) => {
                for finding in findings {
                    writeln!(formatter, "{finding}")?;
                }
                let plural = if findings.len() == 1 { "" } else { "s" };
                write!(formatter, "{} finding{plural}", findings.len())
            }
        }
    }
}
