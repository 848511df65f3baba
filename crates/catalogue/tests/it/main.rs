//! The data folder from outside: what is appended is read back, whatever happens in between.
#![cfg(test)]

mod append_and_read;
mod bad_imports;
mod books;
mod crash;
mod damage;
mod exports;
mod faulty_store;
mod imports;
mod read_ahead;
#[path = "../../../store/tests/support/recorded_data.rs"]
mod recorded_data;
mod rows;
mod s3;
#[path = "../support/s3_server.rs"]
mod s3_server;
mod writers;
