use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::clock::Clock;
use super::error::{RpcError, RpcFault};
use super::limiter::Limiter;
use super::node_url::NodeUrl;
use super::wire::{self, Ask};

/// How a node may be used; set by what its operator allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndpointOptions {
    /// How long a whole answer may take.
    pub timeout: Duration,
    /// The longest answer that is read, in bytes after decompression.
    pub body_bytes: usize,
    /// Requests a second; each part of a batch counts.
    pub per_second: u32,
    /// Requests at once after a pause.
    pub burst: u32,
    /// Requests under way at the same time.
    pub concurrent: usize,
    /// The most parts that one batch has.
    pub batch: usize,
}

impl Default for EndpointOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            body_bytes: 64 << 20,
            per_second: 25,
            burst: 50,
            concurrent: 8,
            batch: 50,
        }
    }
}

/// A node asked by HTTP. One call is one request: who asks again, and when, is for
/// [`super::Endpoints`] to say.
pub struct Endpoint {
    url: NodeUrl,
    http: reqwest::Client,
    options: EndpointOptions,
    limiter: Limiter,
    places: Semaphore,
    clock: Arc<dyn Clock>,
    id: AtomicU64,
    requests: AtomicU64,
}

impl Endpoint {
    /// Makes ready to ask a node; nothing is sent yet.
    ///
    /// The process's TLS provider has to be installed before.
    ///
    /// Errors: [`RpcFault::Connect`] when the address is not one of HTTP, or TLS is not there.
    pub fn new(
        url: NodeUrl,
        options: EndpointOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RpcError> {
        let error = |text: String| RpcError {
            endpoint: url.to_string(),
            method: "connect",
            fault: RpcFault::Connect(text),
        };
        if url.is_web_socket() {
            return Err(error("a node is asked by http or https".to_owned()));
        }
        // A redirect would take the key to whoever is named there.
        let mut builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        if url.is_loopback() {
            builder = builder.no_proxy();
        }
        if !url.is_encrypted() {
            // Reading the machine's certificates takes a while, and nobody would show one.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|fault| error(url.scrub(&words(fault))))?;
        Ok(Self {
            http,
            options,
            limiter: Limiter::new(options.per_second, options.burst),
            places: Semaphore::new(options.concurrent.max(1)),
            clock,
            id: AtomicU64::new(1),
            requests: AtomicU64::new(0),
            url,
        })
    }

    /// The node, as it may be shown.
    pub fn name(&self) -> String {
        self.url.to_string()
    }

    /// How it may be used.
    pub fn options(&self) -> EndpointOptions {
        self.options
    }

    /// How many requests were sent, each part of a batch counted.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Asks once; `None` is the node's `null`.
    ///
    /// Errors: whatever of [`RpcFault`] one request can end in.
    pub async fn call<T: DeserializeOwned>(&self, ask: &Ask) -> Result<Option<T>, RpcError> {
        let id = self.id.fetch_add(1, Ordering::Relaxed);
        let answer = self.post(wire::one(id, ask), 1).await;
        let read = answer.and_then(|body| wire::read_one(id, &body));
        read.map_err(|fault| self.error(ask.method, fault))
    }

    /// Asks for several things of one method in one request; the answers are in their order.
    ///
    /// Errors: as [`Endpoint::call`]; one part that fails fails all.
    pub async fn batch<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: &[Value],
    ) -> Result<Vec<Option<T>>, RpcError> {
        let count = u64::try_from(params.len()).unwrap_or(u64::MAX);
        let id = self.id.fetch_add(count, Ordering::Relaxed);
        let answer = self.post(wire::batch(id, method, params), count).await;
        let read = answer.and_then(|body| wire::read_batch(id, params.len(), &body));
        read.map_err(|fault| self.error(method, fault))
    }

    /// Says of this node what is wrong; what its address hides is blackened.
    pub(crate) fn error(&self, method: &'static str, fault: RpcFault) -> RpcError {
        let scrub = |text: String| self.url.scrub(&text);
        let fault = match fault {
            RpcFault::Connect(text) => RpcFault::Connect(scrub(text)),
            RpcFault::Lost(text) => RpcFault::Lost(scrub(text)),
            RpcFault::NotJson(text) => RpcFault::NotJson(scrub(text)),
            RpcFault::OtherAnswer(text) => RpcFault::OtherAnswer(scrub(text)),
            RpcFault::Shape(text) => RpcFault::Shape(scrub(text)),
            RpcFault::Answer { code, message } => {
                RpcFault::Answer { code, message: scrub(message) }
            }
            other @ (RpcFault::Timeout(_)
            | RpcFault::Http { .. }
            | RpcFault::BodyTooLarge { .. }
            | RpcFault::Nothing
            | RpcFault::WrongChain { .. }
            | RpcFault::Lagging { .. }
            | RpcFault::StaleHead { .. }
            | RpcFault::Data(_)) => other,
        };
        RpcError { endpoint: self.name(), method, fault }
    }

    async fn post(&self, body: Vec<u8>, parts: u64) -> Result<Vec<u8>, RpcFault> {
        let closed = |_| RpcFault::Connect("the node is no longer used".to_owned());
        let _place = self.places.acquire().await.map_err(closed)?;
        let parts_booked = u32::try_from(parts).unwrap_or(u32::MAX);
        let wait = self.limiter.book(parts_booked, self.clock.now());
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        self.requests.fetch_add(parts, Ordering::Relaxed);
        tokio::select! {
            biased;
            // An answer that is there counts, however late it was looked for.
            answer = self.exchange(body) => answer,
            () = self.clock.deadline(self.options.timeout) => {
                Err(RpcFault::Timeout(self.options.timeout))
            }
        }
    }

    /// Sends nothing more for a time.
    pub(super) fn hold(&self, wait: Duration) {
        self.limiter.hold(self.clock.now().saturating_add(wait));
    }

    async fn exchange(&self, body: Vec<u8>) -> Result<Vec<u8>, RpcFault> {
        let request = self.http.post(self.url.reveal().clone());
        let request = request.header("content-type", "application/json").body(body);
        let sent = request.send().await;
        let mut response = sent.map_err(|error| match error.is_connect() {
            true => RpcFault::Connect(words(error)),
            false => RpcFault::Lost(words(error)),
        })?;
        let status = response.status();
        let retry_after = retry_after(response.headers(), self.clock.wall().0);
        let mut whole = Vec::new();
        let limit = if status.is_success() { self.options.body_bytes } else { 1 << 16 };
        loop {
            let chunk = response.chunk().await;
            match chunk {
                Ok(None) => break,
                Ok(Some(chunk)) if chunk.len() > limit.saturating_sub(whole.len()) => {
                    if status.is_success() {
                        return Err(RpcFault::BodyTooLarge { limit });
                    }
                    break;
                }
                Ok(Some(chunk)) => whole.extend_from_slice(&chunk),
                Err(_) if !status.is_success() => break,
                Err(error) => return Err(RpcFault::Lost(words(error))),
            }
        }
        if status.is_success() {
            return Ok(whole);
        }
        let http = RpcFault::Http { status: status.as_u16(), retry_after };
        match wire::read_error(&whole) {
            // What the status says of limits is more than what the words say.
            Some(told) if !matches!(status.as_u16(), 429 | 503) => Err(told),
            Some(_) | None => Err(http),
        }
    }
}

/// The words of an error and its causes, without the address.
fn words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text.chars().take(300).collect()
}

/// `Retry-After` as RFC 9110, section 10.2.3, has it: seconds, or a date.
fn retry_after(headers: &reqwest::header::HeaderMap, wall: u64) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let told = text("retry-after")?.trim();
    if let Ok(seconds) = told.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
    // The server's own clock is what its date is by, where it tells both.
    let now = match text("date").and_then(date) {
        Some(date) => date.as_second(),
        None => i64::try_from(wall).ok()?,
    };
    let wait = date(told)?.as_second().saturating_sub(now);
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)))
}

#[cfg(test)]
mod tests;
