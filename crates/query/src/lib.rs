//! SQL over the data folder.
