use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::chain::Chain;

/// What a socket is told to do.
#[derive(Clone)]
pub(crate) enum Say {
    Head(Value),
    Log(Value),
    Close,
    /// Text that is no notification.
    Noise(&'static str),
}

/// A node's WebSocket, which says what the test tells it to.
pub(crate) struct Socket {
    pub(crate) url: String,
    chain: Arc<Mutex<Chain>>,
    say: broadcast::Sender<Say>,
}

impl Socket {
    pub(crate) async fn start(chain: &Arc<Mutex<Chain>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/ws/a-key-never-to-be-shown", listener.local_addr().unwrap());
        let say = broadcast::Sender::new(1_024);
        let told = say.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                stream.set_nodelay(true).unwrap();
                let _ = serve(stream, told.clone()).await;
            }
        });
        Self { url, chain: chain.clone(), say }
    }

    pub(crate) fn say(&self, what: Say) {
        // While nobody is connected nobody hears it, as with a real node.
        let _ = self.say.send(what);
    }

    pub(crate) fn head(&self, number: u64) {
        let header = self.chain.lock().unwrap().header(number);
        self.say(Say::Head(header));
    }

    pub(crate) fn logs(&self, number: u64) {
        let logs = self.chain.lock().unwrap().blocks[number as usize].logs.clone();
        let pools = super::chain::POOLS.map(|pool| json!(pool.to_string()));
        for log in logs.into_iter().filter(|log| pools.contains(&log["address"])) {
            self.say(Say::Log(log));
        }
    }
}

async fn serve(stream: TcpStream, told: broadcast::Sender<Say>) -> Option<()> {
    let mut socket = accept_async(stream).await.ok()?;
    let mut say = None;
    loop {
        let next = async {
            match &mut say {
                Some(say) => broadcast::Receiver::<Say>::recv(say).await.ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = socket.next() => {
                let message = message?.ok()?;
                let Ok(asked) = serde_json::from_str::<Value>(message.to_text().ok()?) else {
                    continue;
                };
                let name = asked["params"][0].as_str()?.to_owned();
                if name == "logs" {
                    say = Some(told.subscribe());
                }
                let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": name });
                socket.send(Message::text(answer.to_string())).await.ok()?;
            }
            what = next => {
                let (name, result) = match what? {
                    Say::Head(header) => ("newHeads", header),
                    Say::Log(log) => ("logs", log),
                    Say::Close => return None,
                    Say::Noise(text) => {
                        socket.send(Message::text(text)).await.ok()?;
                        continue;
                    }
                };
                let params = json!({ "subscription": name, "result": result });
                let text = json!({ "method": "eth_subscription", "params": params });
                socket.send(Message::text(text.to_string())).await.ok()?;
            }
        }
    }
}
