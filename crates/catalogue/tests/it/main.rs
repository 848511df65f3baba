//! The data folder from outside: what is appended is read back, whatever happens in between.
#![cfg(test)]

mod append_and_read;
mod crash;
mod faulty_store;
mod rows;
