//! One WebSocket that stays up: subscribed again after every end, and every end is told.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use tidemill_units::InstantUs;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::rest::{BackOff, install_ring};

/// When a connection is kept, tried and given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketConfig {
    /// How often we ping; venues count pings among the messages they allow.
    pub ping_every: Duration,
    /// After how long without a word from the venue the connection counts as dead.
    pub silence: Duration,
    /// After how long we connect anew: before the venue ends it.
    pub renew_after: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long to wait before connecting again.
    pub back_off: BackOff,
    /// The largest message, in bytes.
    pub largest_message: usize,
}

impl Default for SocketConfig {
    /// Pings each minute, gives up after two without a word, and connects anew ten minutes before
    /// the venues' 24 hours are over.
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(60),
            silence: Duration::from_secs(120),
            renew_after: Duration::from_secs(24 * 3_600 - 600),
            connect: Duration::from_secs(20),
            back_off: BackOff::default(),
            largest_message: 16 << 20,
        }
    }
}

/// What comes out of a connection.
#[derive(Debug)]
pub(crate) enum SocketEvent {
    /// It stands, and what was to be said is said.
    Connected,
    /// A message.
    Text { text: Utf8Bytes, seen_at: InstantUs },
    /// It ended, or could not be made; it is tried again.
    Disconnected(String),
}

/// A connection kept by a task of its own, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    events: mpsc::Receiver<SocketEvent>,
    say: mpsc::Sender<String>,
}

/// How many messages wait to be read before the venue has to wait.
const WAITING: usize = 1_024;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Socket {
    /// Starts to connect to `url`, and says `greetings` whenever a connection stands.
    pub(crate) fn open(url: String, greetings: Vec<String>, config: SocketConfig) -> Self {
        install_ring();
        let (sender, events) = mpsc::channel(WAITING);
        let (say, heard) = mpsc::channel(64);
        let keeper = Keeper { url, greetings, config, sender, heard };
        tokio::spawn(keeper.keep());
        Self { events, say }
    }

    /// Returns the next event; `None` never, while this lives. Nothing is lost when it is dropped
    /// half-way.
    pub(crate) async fn next(&mut self) -> Option<SocketEvent> {
        self.events.recv().await
    }

    /// Says something as soon as it can be said; dropped where the connection ends before.
    pub(crate) fn say(&self, text: String) {
        // A full queue means that the connection is stuck, and its end will bring a new greeting.
        let _ = self.say.try_send(text);
    }
}

/// Nobody listens any more.
struct Abandoned;

struct Keeper {
    url: String,
    greetings: Vec<String>,
    config: SocketConfig,
    sender: mpsc::Sender<SocketEvent>,
    heard: mpsc::Receiver<String>,
}

impl Keeper {
    async fn keep(mut self) {
        let mut failures = 0_u32;
        loop {
            let ended = match self.connect().await {
                Ok(stream) => self.listen(stream, &mut failures).await,
                Err(said) => Ok(said),
            };
            let Ok(said) = ended else { return };
            if self.tell(SocketEvent::Disconnected(said)).await.is_err() {
                return;
            }
            let wait = self.config.back_off.wait(failures);
            failures = failures.saturating_add(1);
            tokio::select! {
                () = sleep(wait) => {}
                () = self.sender.closed() => return,
            }
        }
    }

    async fn connect(&self) -> Result<Stream, String> {
        let limit = Some(self.config.largest_message);
        let config = WebSocketConfig::default().max_message_size(limit).max_frame_size(limit);
        let connecting = connect_async_with_config(self.url.as_str(), Some(config), true);
        match timeout(self.config.connect, connecting).await {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(error)) => Err(format!("not connected: {error}")),
            Err(_) => Err("not connected in time".to_owned()),
        }
    }

    /// Reads until the connection ends; says why it did.
    async fn listen(
        &mut self,
        mut stream: Stream,
        failures: &mut u32,
    ) -> Result<String, Abandoned> {
        while self.heard.try_recv().is_ok() {}
        for greeting in self.greetings.clone() {
            if let Err(error) = stream.send(Message::text(greeting)).await {
                return Ok(error.to_string());
            }
        }
        self.tell(SocketEvent::Connected).await?;
        let start = Instant::now();
        let renew_at = start + self.config.renew_after;
        let (mut heard_at, mut ping_at) = (start, start + self.config.ping_every);
        loop {
            tokio::select! {
                () = self.sender.closed() => return Err(Abandoned),
                () = sleep_until(renew_at) => {
                    // The venue may hear of it; what counts is that we leave.
                    let _ = stream.close(None).await;
                    return Ok("renewed before the venue's limit of 24 hours".to_owned());
                }
                () = sleep_until(heard_at + self.config.silence) => {
                    return Ok(format!("silent for {} s", self.config.silence.as_secs_f32()));
                }
                () = sleep_until(ping_at) => {
                    ping_at += self.config.ping_every;
                    if let Err(error) = stream.send(Message::Ping(Bytes::new())).await {
                        return Ok(error.to_string());
                    }
                }
                Some(text) = self.heard.recv() => {
                    if let Err(error) = stream.send(Message::text(text)).await {
                        return Ok(error.to_string());
                    }
                }
                frame = stream.next() => {
                    heard_at = Instant::now();
                    if let Some(ended) = self.take(frame, failures).await? {
                        return Ok(ended);
                    }
                }
            }
        }
    }

    /// Takes a frame; `Some` says why there will be no other. Pings are answered by the library.
    async fn take(
        &self,
        frame: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
        failures: &mut u32,
    ) -> Result<Option<String>, Abandoned> {
        match frame {
            Some(Ok(Message::Text(text))) => {
                *failures = 0;
                let seen_at = now();
                self.tell(SocketEvent::Text { text, seen_at }).await?;
                Ok(None)
            }
            Some(Ok(Message::Binary(_))) => Ok(Some("a binary message".to_owned())),
            Some(Ok(Message::Close(frame))) => {
                let said = frame.map(|frame| format!(": {} {}", frame.code, frame.reason));
                Ok(Some(format!("closed by the venue{}", said.unwrap_or_default())))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
            Some(Err(error)) => Ok(Some(error.to_string())),
            None => Ok(Some("ended by the venue".to_owned())),
        }
    }

    async fn tell(&self, event: SocketEvent) -> Result<(), Abandoned> {
        self.sender.send(event).await.map_err(|_| Abandoned)
    }
}

/// This machine's clock.
pub(crate) fn now() -> InstantUs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    InstantUs(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
