//! Nodes over JSON-RPC: where they are, what they fail with, and how often they are asked again.

mod answer_class;
mod block_header;
mod clock;
mod endpoint;
mod endpoints;
mod error;
mod error_class;
mod limiter;
mod log_query;
mod log_rules;
mod node_url;
mod quorum;
mod retry;
mod wire;

pub use block_header::BlockHeader;
pub use clock::{Clock, Pause, SystemClock};
pub use endpoint::{Endpoint, EndpointOptions};
pub use endpoints::{Endpoints, Head, OpenError, OpenOptions, Opened};
pub use error::{CallError, DataFault, RpcError, RpcFault};
pub use error_class::{ErrorClass, RangeLimit};
pub use log_query::{LogFilter, LogQuery};
pub use node_url::{NodeUrl, NodeUrlError, NodeUrlFault};
pub use quorum::{Agreed, QuorumError, Said};
pub use retry::RetryPolicy;
pub use wire::Ask;

pub(crate) use log_query::quantity;
pub(crate) use log_rules::{Receipt, check_logs, maybe_missing, merge_logs, proves, raw, settle};
