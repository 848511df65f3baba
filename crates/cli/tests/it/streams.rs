//! An exchange's WebSocket on loopback: a real peer that a test leads connection by connection.

use std::future::Future;
use std::process::{Child, Command, Stdio};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::run::{Ran, command};

/// One connection of a client.
pub(crate) struct Line(WebSocketStream<TcpStream>);

/// The address, and where connections come in.
pub(crate) struct Streams {
    pub(crate) url: String,
    runtime: Runtime,
}

impl Streams {
    /// Leads every connection by `lead`, which is told how many came before.
    pub(crate) fn open<F: Future<Output = ()> + Send + 'static>(
        lead: impl Fn(usize, Line) -> F + Send + 'static,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("ws://{}/stream", listener.local_addr().unwrap());
        runtime.spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                    tokio::spawn(lead(number, Line(socket)));
                }
            }
        });
        Self { url, runtime }
    }

    /// Waits for something that a connection tells.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

impl Line {
    /// Says something; false where nobody hears it.
    pub(crate) async fn say(&mut self, text: impl Into<String>) -> bool {
        self.0.send(Message::text(text.into())).await.is_ok()
    }

    /// Hears what the client says.
    pub(crate) async fn heard(&mut self) -> Option<String> {
        loop {
            match self.0.next().await?.ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Waits until the client has read all that was said; false where it has gone.
    pub(crate) async fn is_read(&mut self) -> bool {
        let word = Bytes::from_static(b"read");
        if self.0.send(Message::Ping(word.clone())).await.is_err() {
            return false;
        }
        loop {
            match self.0.next().await {
                Some(Ok(Message::Pong(told))) if told == word => return true,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return false,
            }
        }
    }

    /// Stays until the client goes.
    pub(crate) async fn stay(mut self) {
        while self.heard().await.is_some() {}
    }
}

/// A recording in the background.
pub(crate) struct Recording(Child);

impl Recording {
    pub(crate) fn start(folder: &std::path::Path, arguments: &[&str]) -> Self {
        let mut command = command(folder, arguments);
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(self) -> Ran {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        self.finish()
    }

    pub(crate) fn finish(self) -> Ran {
        let output = self.0.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills it at once.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
