//! What SQL says of a data folder, against counts made by other means.

mod candles;
mod folder;
mod formats;
mod pools;
mod refusals;
