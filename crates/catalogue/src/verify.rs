//! What is wrong with what is recorded: a quality report.

mod book;
mod checks;
mod compare;
mod finding;
mod rows;
mod run;
mod svg;

pub use finding::{Check, Day, Finding, Severity, SourceReport, VerifyReport};
pub use run::{Verify, VerifyProgress};
