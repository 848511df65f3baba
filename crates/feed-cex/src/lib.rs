//! Market data of exchanges: candles, trades, books and funding, from files and live.
//!
//! Stands on `model` and speaks it: what a venue writes becomes [`tidemill_model::Trade`],
//! [`tidemill_model::BookUpdate`] and so on, each number exact as it was written. It knows the
//! venues' rules of sequence, and names every hole it sees as a [`Gap`]; it does not know where
//! data is kept, nor what a strategy makes of it.
//!
//! ```
//! use tidemill_feed_cex::binance::{BinanceMessage, parse_stream_message};
//!
//! let text = r#"{"stream":"ethusdt@trade","data":{"e":"trade","E":1723161255343,"s":"ETHUSDT",
//!     "t":7,"p":"2683.80000000","q":"0.02000000","T":1723161255342,"m":true,"M":true}}"#;
//! let message = parse_stream_message(text)?;
//! let BinanceMessage::Trade { symbol, trade } = message else { panic!("no trade") };
//! assert_eq!((symbol.as_str(), trade.price.to_string()), ("ETHUSDT", "2683.8".to_owned()));
//! # Ok::<(), tidemill_feed_cex::MessageError>(())
//! ```

mod archive;
pub mod binance;
mod book;
mod continuity;
mod dump;
mod event;
mod fault;
mod field;
pub mod kraken;
mod live;
mod pages;
mod rest;
mod socket;

pub use book::{Book, BookFault, BookWindow};
pub use continuity::{Continuity, Missing, Place};
pub use dump::{Dump, DumpError, DumpFault, DumpOptions};
pub use event::{CexBody, CexEvent, Gap, GapCause, Series};
pub use fault::{MessageError, MessageFault};
pub use live::{Live, Overflow};
pub use pages::{Page, TimeRange};
pub use rest::{BackOff, ErrorClass, RestConfig, RestError, RestFault};
pub use socket::SocketConfig;
