//! Laws that all kinds of pools obey, and states and amounts that none may panic at.
#![allow(clippy::unwrap_used, reason = "a state that cannot be made is a failed test")]

mod extremes;
mod laws;
mod pools;
