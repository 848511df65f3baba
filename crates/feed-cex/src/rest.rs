//! One venue's HTTP interface, asked politely: within its weights, and again where that helps.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::fault::{MessageError, clipped};

/// How a venue is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestConfig {
    /// Where it is, such as `https://api.binance.com`.
    pub base_url: String,
    /// How much may be asked for in one window, in the venue's weights; above zero.
    pub weight_limit: u32,
    /// The window.
    pub window: Duration,
    /// How often one question is asked before it is given up; above zero.
    pub attempts: u32,
    /// How long one answer may take.
    pub timeout: Duration,
    /// The longest wait that the venue can ask for; what would take longer is given up.
    pub longest_wait: Duration,
    /// How long an answer may be, in bytes.
    pub largest_answer: usize,
    /// How long to wait before asking again.
    pub back_off: BackOff,
}

/// Waits that double, each a random part of at least a half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// The first wait at most.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
}

/// A question that has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}, asked {asked} times: {fault}")]
pub struct RestError {
    /// What was asked.
    pub path: String,
    /// How often.
    pub asked: u32,
    /// What came of it last.
    pub fault: RestFault,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestFault {
    /// What was asked for cannot be asked.
    #[error("`{found}` cannot be asked for; allowed is {allowed}")]
    Question {
        /// What was asked for.
        found: String,
        /// What can be.
        allowed: &'static str,
    },
    /// No connection, no answer in time, or one that broke off.
    #[error("{0}")]
    Transport(String),
    /// The venue says no.
    #[error("status {status}: {said}")]
    Status {
        /// The status of HTTP.
        status: u16,
        /// The beginning of what else it says.
        said: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The venue says no, under a status that says yes.
    #[error("{said}")]
    Refused {
        /// In its words.
        said: String,
        /// What to do about it.
        class: ErrorClass,
    },
    /// More than an answer can have.
    #[error("the answer has more than {limit} bytes")]
    TooLong {
        /// How many are read.
        limit: usize,
    },
    /// An answer that is not what was asked for.
    #[error("{0}")]
    Answer(#[from] MessageError),
}

/// What to do about a question without an answer. Reading changes nothing, so that asking again is
/// always safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Ask again soon.
    Retry,
    /// Ask again after this.
    RetryAfter(Duration),
    /// The same question will have no answer.
    DoNotRetry,
    /// Nobody can say; ask again a few times.
    Unknown,
}

/// A venue's HTTP interface. Clones share one budget.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    client: reqwest::Client,
    config: Arc<RestConfig>,
    budget: Arc<Mutex<Budget>>,
}

/// One question.
pub(crate) struct Question<'a> {
    pub(crate) path: &'static str,
    pub(crate) query: &'a [(&'static str, String)],
    pub(crate) weight: u32,
}

#[derive(Debug)]
struct Budget {
    limit: u32,
    window: Duration,
    started: Instant,
    used: u32,
    /// Nothing is asked before this.
    closed_until: Option<Instant>,
}

/// The venue's own count of what was used in its window.
const USED_WEIGHT: &str = "x-mbx-used-weight-1m";

/// How long to wait where the venue asks for patience and does not say how much.
const UNSAID_WAIT: Duration = Duration::from_secs(60);

impl RestConfig {
    /// Returns what suits a venue of so much weight a minute.
    pub fn new(base_url: &str, weight_limit: u32) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            weight_limit,
            window: Duration::from_secs(60),
            attempts: 5,
            timeout: Duration::from_secs(30),
            longest_wait: Duration::from_secs(300),
            largest_answer: 32 << 20,
            back_off: BackOff::default(),
        }
    }
}

impl Default for BackOff {
    /// From half a second to half a minute.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(30) }
    }
}

impl BackOff {
    /// Returns the wait after so many failures in a row, the first being 0.
    pub fn wait(&self, failures: u32) -> Duration {
        let doubled = 2_u32.checked_pow(failures).and_then(|times| self.first.checked_mul(times));
        let whole = doubled.unwrap_or(self.longest).min(self.longest);
        let half = whole / 2;
        // A fresh hasher's keys are random: that is all the randomness that is needed.
        let random = RandomState::new().build_hasher().finish();
        let nanos = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX);
        let part = random.checked_rem(nanos.saturating_add(1)).unwrap_or(0);
        half.saturating_add(Duration::from_nanos(part))
    }
}

impl RestFault {
    /// Returns what to do about it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Question { .. } | Self::TooLong { .. } => ErrorClass::DoNotRetry,
            Self::Transport(_) => ErrorClass::Retry,
            Self::Status { status: 418 | 429, retry_after, .. } => {
                ErrorClass::RetryAfter(retry_after.unwrap_or(UNSAID_WAIT))
            }
            Self::Status { status, retry_after, .. } => match (status, retry_after) {
                (408 | 500..=599, Some(wait)) => ErrorClass::RetryAfter(*wait),
                (408 | 500..=599, None) => ErrorClass::Retry,
                (400..=499, _) => ErrorClass::DoNotRetry,
                _ => ErrorClass::Unknown,
            },
            Self::Refused { class, .. } => *class,
            Self::Answer(_) => ErrorClass::Unknown,
        }
    }
}

impl Rest {
    /// Gets ready to ask.
    ///
    /// Errors: a base URL that is none.
    pub(crate) fn new(config: RestConfig) -> Result<Self, RestError> {
        install_ring();
        // A user's own URL may have a secret in it, so no more than its kind is said.
        let error = |fault| RestError { path: "the base URL".to_owned(), asked: 0, fault };
        let url = reqwest::Url::parse(&config.base_url).ok();
        let scheme = url.map(|url| url.scheme().to_owned()).unwrap_or_default();
        if !matches!(scheme.as_str(), "http" | "https") {
            let found = clipped(&scheme);
            let allowed = "a URL that begins with http:// or https://";
            return Err(error(RestFault::Question { found, allowed }));
        }
        let client = reqwest::Client::builder()
            .timeout(config.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("tidemill/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|told| error(RestFault::Transport(described(told))))?;
        let budget = Budget::new(config.weight_limit, config.window);
        let budget = Arc::new(Mutex::new(budget));
        Ok(Self { client, config: Arc::new(config), budget })
    }

    /// Asks until there is an answer that can be read, or none to be had.
    pub(crate) async fn ask<T>(
        &self,
        question: Question<'_>,
        read: impl Fn(&str) -> Result<T, RestFault>,
    ) -> Result<T, RestError> {
        let mut asked = 0_u32;
        loop {
            if let Err(fault) = self.wait_for(question.weight).await {
                return Err(RestError { path: question.path.to_owned(), asked, fault });
            }
            asked = asked.saturating_add(1);
            let answer = self.once(&question).await;
            let fault = match answer.and_then(|text| read(&text)) {
                Ok(read) => return Ok(read),
                Err(fault) => fault,
            };
            let wait = match fault.class() {
                ErrorClass::DoNotRetry => None,
                ErrorClass::Retry | ErrorClass::Unknown => {
                    Some(self.config.back_off.wait(asked.saturating_sub(1)))
                }
                ErrorClass::RetryAfter(wait) => {
                    self.budget.lock().await.close(wait);
                    Some(wait).filter(|wait| *wait <= self.config.longest_wait)
                }
            };
            match wait.filter(|_| asked < self.config.attempts) {
                Some(wait) => sleep(wait).await,
                None => return Err(RestError { path: question.path.to_owned(), asked, fault }),
            }
        }
    }

    /// Waits until so much weight is left, and takes it.
    async fn wait_for(&self, weight: u32) -> Result<(), RestFault> {
        let longest = self.config.longest_wait.max(self.config.window);
        loop {
            let Some(wait) = self.budget.lock().await.take(weight, Instant::now()) else {
                return Ok(());
            };
            if wait > longest {
                let said = format!("the venue asked to be left alone for {} s", wait.as_secs());
                return Err(RestFault::Refused { said, class: ErrorClass::RetryAfter(wait) });
            }
            sleep(wait).await;
        }
    }

    async fn once(&self, question: &Question<'_>) -> Result<String, RestFault> {
        let url = format!("{}{}", self.config.base_url, question.path);
        let url = reqwest::Url::parse_with_params(&url, question.query);
        let url = url.map_err(|error| RestFault::Transport(error.to_string()))?;
        let sent = self.client.get(url).send().await;
        let mut answer = sent.map_err(|told| RestFault::Transport(described(told)))?;
        let status = answer.status();
        if let Some(used) = header(answer.headers(), USED_WEIGHT) {
            self.budget.lock().await.told(u32::try_from(used).unwrap_or(u32::MAX));
        }
        let retry_after = header(answer.headers(), RETRY_AFTER.as_str()).map(Duration::from_secs);
        let mut bytes = Vec::new();
        let limit = self.config.largest_answer;
        loop {
            let chunk = answer.chunk().await;
            let chunk = chunk.map_err(|told| RestFault::Transport(described(told)))?;
            let Some(chunk) = chunk else { break };
            if bytes.len().saturating_add(chunk.len()) > limit {
                return Err(RestFault::TooLong { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let said = clipped(&String::from_utf8_lossy(&bytes));
            return Err(RestFault::Status { status: status.as_u16(), said, retry_after });
        }
        // What is no UTF-8 is no JSON either, and the reader says where.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Makes ring the maker of TLS, unless the program has chosen already.
pub(crate) fn install_ring() {
    // An error says that there is one, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Says what went wrong, and never the URL: a user's own may have a secret in it.
fn described(error: reqwest::Error) -> String {
    use std::error::Error;
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said.chars().take(300).collect()
}

fn header(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

impl Budget {
    fn new(limit: u32, window: Duration) -> Self {
        Self { limit, window, started: Instant::now(), used: 0, closed_until: None }
    }

    /// Takes so much, or says how long to wait before asking again. More than a whole window has
    /// is given when nothing of it is used.
    fn take(&mut self, weight: u32, now: Instant) -> Option<Duration> {
        if let Some(until) = self.closed_until {
            if now < until {
                return Some(until.duration_since(now));
            }
            self.closed_until = None;
        }
        let passed = now.duration_since(self.started);
        if passed >= self.window {
            self.started = now;
            self.used = 0;
        }
        let after = self.used.saturating_add(weight);
        if after > self.limit && self.used > 0 {
            return Some(self.window.saturating_sub(passed).max(Duration::from_millis(1)));
        }
        self.used = after;
        None
    }

    /// Takes the venue's word for what was used, where that is more: others may use the address.
    fn told(&mut self, used: u32) {
        self.used = self.used.max(used);
    }

    fn close(&mut self, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        self.closed_until = self.closed_until.max(until);
    }
}

#[cfg(test)]
mod tests;
