//! The rows of each dataset.

pub(crate) mod block;
pub(crate) mod book;
pub(crate) mod candle;
pub(crate) mod pool_bar;
pub(crate) mod pool_event;
pub(crate) mod pool_state;
pub(crate) mod rates;
pub(crate) mod series;
pub(crate) mod trades;
