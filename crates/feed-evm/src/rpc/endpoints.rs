use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::U64;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tidemill_model::{Bytes32, ChainId};
use tidemill_units::{BlockNumber, Timestamp};

use super::block_header::BlockHeader;
use super::clock::Clock;
use super::endpoint::Endpoint;
use super::error::{CallError, RpcError, RpcFault};
use super::error_class::ErrorClass;
use super::retry::{Jitter, RetryPolicy};
use super::wire::Ask;

/// Several nodes of one chain, asked in turn until one answers.
pub struct Endpoints {
    list: Vec<Endpoint>,
    policy: RetryPolicy,
    jitter: Jitter,
    clock: Arc<dyn Clock>,
}

/// What a node has to show before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// The chain.
    pub chain: ChainId,
    /// How many blocks its newest may be behind the newest of all nodes.
    pub lag_blocks: u64,
    /// How old its newest block may be by this machine's clock; not checked when `None`, as for
    /// chains that stand still.
    pub head_age: Option<Duration>,
}

/// The nodes that can be used, and what is wrong with the others.
pub struct Opened {
    /// Those that can be used; at least one.
    pub endpoints: Endpoints,
    /// Why each of the others is set aside.
    pub set_aside: Vec<RpcError>,
}

/// No node can be used: what is wrong with each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no node can be used: {0}")]
pub struct OpenError(pub CallError);

/// The newest block of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The node's place in the list.
    pub endpoint: usize,
    /// The block.
    pub number: BlockNumber,
    /// Its hash.
    pub hash: Bytes32,
    /// Its time.
    pub time: Timestamp,
}

impl Endpoints {
    /// Asks every node for its chain and its newest block, and sets aside those of another chain,
    /// those that lag and those that do not answer.
    ///
    /// Costs two requests a node. Errors: none is left.
    pub async fn open(
        list: Vec<Endpoint>,
        policy: RetryPolicy,
        clock: Arc<dyn Clock>,
        options: OpenOptions,
    ) -> Result<Opened, OpenError> {
        let jitter = Jitter::new(policy.seed);
        let mut endpoints = Self { list, policy, jitter, clock };
        let indices = 0..endpoints.list.len();
        let heads = join_all(indices.map(|index| endpoints.introduce(index, options))).await;
        let best = heads.iter().flatten().map(|head| head.number).max().unwrap_or_default();
        let mut set_aside = Vec::new();
        let mut kept = Vec::new();
        for (endpoint, head) in endpoints.list.into_iter().zip(heads) {
            match head.and_then(|head| not_behind(&endpoint, head, best, options)) {
                Ok(()) => kept.push(endpoint),
                Err(error) => set_aside.push(error),
            }
        }
        if kept.is_empty() {
            return Err(OpenError(CallError { failures: set_aside }));
        }
        endpoints.list = kept;
        Ok(Opened { endpoints, set_aside })
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none; [`Endpoints::open`] leaves at least one.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many requests all nodes were sent.
    pub fn requests(&self) -> u64 {
        self.list.iter().map(Endpoint::requests).fold(0, u64::saturating_add)
    }

    /// A node, as it may be shown; empty for a place that there is not.
    pub fn name(&self, index: usize) -> String {
        self.list.get(index).map(Endpoint::name).unwrap_or_default()
    }

    /// The time that waits go by.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The places of all nodes, the given one first.
    pub(crate) fn order(&self, first: usize) -> impl Iterator<Item = usize> + use<> {
        let count = self.list.len();
        (0..count).map(move |step| first.wrapping_add(step).checked_rem(count).unwrap_or(0))
    }

    /// The most parts that a batch to a node has.
    pub(crate) fn batch_limit(&self, index: usize) -> usize {
        self.list.get(index).map_or(1, |endpoint| endpoint.options().batch.max(1))
    }

    /// Says of a node that its answer cannot be true.
    pub(crate) fn blame(&self, index: usize, method: &'static str, fault: RpcFault) -> RpcError {
        match self.list.get(index) {
            Some(endpoint) => endpoint.error(method, fault),
            None => RpcError { endpoint: String::new(), method, fault },
        }
    }

    /// Asks one node, again and again as the policy has it.
    ///
    /// Errors: the last failure.
    pub async fn on<T: DeserializeOwned>(&self, index: usize, ask: &Ask) -> Result<T, RpcError> {
        let endpoint = self.endpoint(index, ask.method)?;
        let mut failures = 0;
        loop {
            let answer = match endpoint.call(ask).await {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => endpoint.error(ask.method, RpcFault::Nothing),
                Err(error) => error,
            };
            self.wait_or_fail(endpoint, &mut failures, answer).await?;
        }
    }

    /// As [`Endpoints::on`], for several questions of one method in one request.
    pub(crate) async fn batch_on<T: DeserializeOwned>(
        &self,
        index: usize,
        method: &'static str,
        params: &[Value],
    ) -> Result<Vec<T>, RpcError> {
        let endpoint = self.endpoint(index, method)?;
        let mut failures = 0;
        loop {
            let error = match endpoint.batch(method, params).await {
                Ok(answers) => match answers.into_iter().collect::<Option<Vec<T>>>() {
                    Some(answers) => return Ok(answers),
                    None => endpoint.error(method, RpcFault::Nothing),
                },
                Err(error) => error,
            };
            self.wait_or_fail(endpoint, &mut failures, error).await?;
        }
    }

    /// Asks the nodes in turn, the given one first, until one answers; each as the policy has it.
    /// Returns the place of the one that did, and its answer.
    ///
    /// Errors: what each said last. One that would answer for less ends the turn at once, since
    /// the others are then better asked for less too.
    pub async fn any<T: DeserializeOwned>(
        &self,
        first: usize,
        ask: &Ask,
    ) -> Result<(usize, T), CallError> {
        let mut failures = Vec::new();
        for index in self.order(first) {
            match self.on(index, ask).await {
                Ok(answer) => return Ok((index, answer)),
                Err(error) => {
                    let less = error.fault.range_limit().is_some();
                    failures.push(error);
                    if less {
                        break;
                    }
                }
            }
        }
        Err(CallError { failures })
    }

    /// Asks every node for its newest block.
    pub async fn heads(&self) -> Vec<Result<Head, RpcError>> {
        join_all((0..self.list.len()).map(|index| self.head(index))).await
    }

    async fn head(&self, index: usize) -> Result<Head, RpcError> {
        let header: BlockHeader = self.on(index, &latest()).await?;
        let BlockHeader { number, hash, time, .. } = header;
        Ok(Head { endpoint: index, number, hash, time })
    }

    async fn introduce(&self, index: usize, options: OpenOptions) -> Result<Head, RpcError> {
        let ask = Ask { method: "eth_chainId", params: json!([]) };
        let chain: U64 = self.on(index, &ask).await?;
        let (expected, found) = (options.chain, ChainId(chain.to()));
        if found != expected {
            return Err(self.blame(index, ask.method, RpcFault::WrongChain { expected, found }));
        }
        let head = self.head(index).await?;
        let age_seconds = self.clock.wall().seconds_since(head.time);
        match options.head_age {
            Some(limit) if age_seconds > limit.as_secs() => {
                let fault = RpcFault::StaleHead { time: head.time, age_seconds };
                Err(self.blame(index, latest().method, fault))
            }
            Some(_) | None => Ok(head),
        }
    }

    fn endpoint(&self, index: usize, method: &'static str) -> Result<&Endpoint, RpcError> {
        let none = || self.blame(index, method, RpcFault::Connect("no such node".to_owned()));
        self.list.get(index).ok_or_else(none)
    }

    /// Waits before the next try, or gives the error back when there is to be none.
    async fn wait_or_fail(
        &self,
        endpoint: &Endpoint,
        failures: &mut u32,
        error: RpcError,
    ) -> Result<(), RpcError> {
        let number = *failures;
        *failures = failures.saturating_add(1);
        if *failures >= self.policy.tries || error.fault.range_limit().is_some() {
            return Err(error);
        }
        match error.fault.class() {
            ErrorClass::Retry => {
                self.clock.sleep(self.policy.wait(number, &self.jitter)).await;
                Ok(())
            }
            ErrorClass::RetryAfter(wait) if wait <= self.policy.longest_told_wait => {
                // All that is asked of this node waits, not this question alone.
                endpoint.hold(wait);
                Ok(())
            }
            ErrorClass::RetryAfter(_) | ErrorClass::DoNotRetry | ErrorClass::Unknown => Err(error),
        }
    }
}

fn latest() -> Ask {
    Ask { method: "eth_getBlockByNumber", params: json!(["latest", false]) }
}

fn not_behind(
    endpoint: &Endpoint,
    head: Head,
    best: BlockNumber,
    options: OpenOptions,
) -> Result<(), RpcError> {
    if best.0.saturating_sub(head.number.0) <= options.lag_blocks {
        return Ok(());
    }
    Err(endpoint.error(latest().method, RpcFault::Lagging { head: head.number, best }))
}
