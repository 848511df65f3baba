//! What all configurations share: reading a TOML text, finding the place of a key in it, and
//! showing a mistake with its line.
//!
//! It knows no key of any configuration and opens no file. A check of a value says which key it is
//! about, as a [`KeyPath`]; where that stands is found here, in the text.
//!
//! ```
//! use tidemill_configuration::{Document, KeyPath, Place};
//!
//! let document = Document { name: "my.toml", text: "[limits]\nmax_positions = 0\n" };
//! let at = Place::Keys(vec![KeyPath::of("limits.max_positions")]);
//! let shown = document.show("limits.max_positions is 0; allowed is 1 to 1000", &at);
//! assert_eq!(
//!     shown,
//!     "my.toml:2:17: limits.max_positions is 0; allowed is 1 to 1000\n  \
//!        |\n\
//!      2 | max_positions = 0\n  \
//!        |                 ^"
//! );
//! ```

mod blame;
mod document;
mod key_path;
mod read;
mod tree;
mod words;

pub use document::{Document, Place};
pub use key_path::{KeyPath, Step};
pub use read::{Mistake, read};
pub use words::nearest_allowed;

#[cfg(test)]
mod tests;
