//! The order book, which is the same for whoever folds what venues say.

pub use tidemill_model::{Book, BookFault, BookWindow};
