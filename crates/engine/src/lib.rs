//! The deterministic step, and the driver that every mode runs.
//!
//! A step applies an event to the market, posts it to the ledger, asks the strategy, and has risk
//! check each intent in turn; every approval is booked as in flight before the next intent is
//! checked. A strategy that panics, floods or asks for nonsense is stopped and what it has open is
//! closed. A BLAKE3 digest takes in each event and each decision: the same journal gives the same
//! digest, on any machine. It knows no venue, file or clock.
//!
//! ```
//! use tidemill_engine::Digest;
//!
//! // Of nothing yet: the BLAKE3 hash of no bytes.
//! let digest = Digest::default().to_hex();
//! assert!(digest.starts_with("af1349b9f5f9a1a6") && digest.len() == 64);
//! ```

mod audit;
mod digest;
mod driver;
mod engine;
mod guard;

pub use audit::{AuditWorld, Journal};
pub use digest::Digest;
pub use driver::{DriveError, drive, drive_while};
pub use engine::{Engine, EngineError, RefusedIntent, Step};
pub use guard::{
    MAX_INTENTS, MAX_NONSENSE, MAX_REFUSED_IN_A_ROW, MAX_REFUSED_PER_EVENT, Stop, StopCause,
};

#[cfg(test)]
mod tests;
