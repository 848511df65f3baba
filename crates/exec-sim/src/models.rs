//! What orders cost, and when they are included. One file each; each lists its unrealities.

pub mod exchange;
pub mod gas;
pub mod inclusion;
pub mod option;
pub mod sale;
