use std::sync::Arc;

use alloy_rpc_types_eth::Log;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::options::LiveOptions;
use crate::RawLog;
use crate::rpc::{BlockHeader, Clock, LogQuery, NodeUrl, raw};

/// The longest message of a socket that is read, in bytes.
const MESSAGE_BYTES: usize = 4 << 20;

/// What makes the follower do something.
#[derive(Debug)]
pub(super) enum Trigger {
    /// Ask for the newest block.
    Poll,
    /// A block.
    Head(Box<BlockHeader>),
    /// A log.
    Log(Box<RawLog>),
    /// The socket is gone.
    Dropped(String),
}

/// The other end of the triggers is gone.
pub(super) struct Closed;

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A subscription to a chain's newest blocks and logs, taken up again whenever it is lost.
pub(super) struct Socket<'a> {
    pub(super) url: Option<&'a NodeUrl>,
    pub(super) query: &'a LogQuery,
    pub(super) options: LiveOptions,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) triggers: mpsc::Sender<Trigger>,
}

impl Socket<'_> {
    /// Sends triggers as long as someone takes them: those of the socket while there is one, and
    /// evenly timed ones while there is none.
    pub(super) async fn run(&self) -> Closed {
        loop {
            let Err(closed) = self.once().await else { continue };
            return closed;
        }
    }

    async fn once(&self) -> Result<(), Closed> {
        if let Some(url) = self.url {
            let why = match self.subscribe(url).await {
                Ok((mut stream, ids)) => self.read(&mut stream, &ids).await?,
                Err(why) => why,
            };
            self.send(Trigger::Dropped(url.scrub(&why))).await?;
        }
        self.send(Trigger::Poll).await?;
        self.clock.sleep(self.options.poll).await;
        Ok(())
    }

    async fn send(&self, trigger: Trigger) -> Result<(), Closed> {
        self.triggers.send(trigger).await.map_err(|_| Closed)
    }

    /// Connects and subscribes; gives back the subscriptions' names, that of the blocks
    /// first. Errors: why it did not.
    async fn subscribe(&self, url: &NodeUrl) -> Result<(Stream, Vec<Value>), String> {
        let work = async {
            let mut limits = WebSocketConfig::default();
            limits.max_message_size = Some(MESSAGE_BYTES);
            limits.max_frame_size = Some(MESSAGE_BYTES);
            let address = url.reveal().as_str();
            let connected = connect_async_with_config(address, Some(limits), false).await;
            let (mut stream, _) = connected.map_err(|error| error.to_string())?;
            let mut names = vec![self.ask(&mut stream, 1, json!(["newHeads"])).await?];
            for (filter, id) in self.query.filters.iter().zip(2..) {
                names.push(self.ask(&mut stream, id, json!(["logs", filter.json()])).await?);
            }
            Ok((stream, names))
        };
        tokio::select! {
            biased;
            done = work => done,
            () = self.clock.deadline(self.options.silence) => Err("no answer in time".to_owned()),
        }
    }

    async fn ask(&self, stream: &mut Stream, id: u64, params: Value) -> Result<Value, String> {
        let method = "eth_subscribe";
        let text = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let sent = stream.send(Message::text(text.to_string())).await;
        sent.map_err(|error| error.to_string())?;
        while let Some(message) = stream.next().await {
            let message = message.map_err(|error| error.to_string())?;
            let Some(answer) = json_of(&message) else { continue };
            if answer["id"] == json!(id) {
                let refused = answer["error"]["message"].as_str().map(str::to_owned);
                return match refused {
                    Some(refused) => Err(refused.chars().take(200).collect()),
                    None => Ok(answer["result"].clone()),
                };
            }
        }
        Err("closed while subscribing".to_owned())
    }

    /// Reads until the socket is lost, and says why it was.
    async fn read(&self, stream: &mut Stream, ids: &[Value]) -> Result<String, Closed> {
        // What came between the last block told and the subscription is made up for.
        self.send(Trigger::Poll).await?;
        let mut tried = false;
        loop {
            let message = tokio::select! {
                biased;
                message = stream.next() => message,
                () = self.clock.deadline(self.options.silence) => {
                    if tried {
                        return Ok("silent".to_owned());
                    }
                    tried = true;
                    if let Err(error) = stream.send(Message::Ping(Default::default())).await {
                        return Ok(error.to_string());
                    }
                    // The socket may live while its subscription does not.
                    self.send(Trigger::Poll).await?;
                    continue;
                }
            };
            tried = false;
            match message {
                None => return Ok("closed".to_owned()),
                Some(Err(error)) => return Ok(error.to_string()),
                Some(Ok(message)) => {
                    if let Some(trigger) = json_of(&message).and_then(|said| trigger(&said, ids)) {
                        self.send(trigger).await?;
                    }
                }
            }
        }
    }
}

fn json_of(message: &Message) -> Option<Value> {
    let text = message.to_text().ok().filter(|_| message.is_text())?;
    serde_json::from_str(text).ok()
}

/// What a notification asks to do: whatever cannot be read is a reason to look.
fn trigger(said: &Value, names: &[Value]) -> Option<Trigger> {
    let (heads, logs) = names.split_first()?;
    let (name, result) = (&said["params"]["subscription"], &said["params"]["result"]);
    if name.is_null() {
        return None;
    }
    if name == heads {
        let header = serde_json::from_value(result.clone());
        return Some(header.map_or(Trigger::Poll, |header| Trigger::Head(Box::new(header))));
    }
    if !logs.contains(name) {
        return None;
    }
    if result["removed"] == json!(true) {
        // The new branch's blocks are told as well; nothing is taken back for this alone.
        return Some(Trigger::Poll);
    }
    let log = serde_json::from_value::<Log>(result.clone()).ok().and_then(|log| raw(log).ok());
    Some(log.map_or(Trigger::Poll, |log| Trigger::Log(Box::new(log))))
}
