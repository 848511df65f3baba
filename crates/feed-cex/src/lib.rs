//! Market data of exchanges.
