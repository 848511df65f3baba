//! A venue's HTTP side on loopback: a real peer that answers what a test tells it to.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with a question.
pub(crate) enum Answer {
    /// 200 and this text.
    Text(String),
    /// Another status, with headers and a text.
    Status(u16, &'static str, &'static str),
    /// As much of the text as this, though all of it was promised; then the end.
    Cut(String, usize),
    /// No word, until the client goes away.
    Silence,
}

/// A question: its path and what stands behind the `?`.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.query[name].parse().unwrap()
    }
}

/// Serves on a free port of loopback until the runtime ends; returns the base URL.
pub(crate) async fn serve(answer: impl Fn(Asked) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut chunk = [0_u8; 4_096];
                while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                    match stream.read(&mut chunk).await {
                        Ok(0) | Err(_) => return,
                        Ok(count) => request.extend_from_slice(&chunk[..count]),
                    }
                }
                let request = String::from_utf8(request).unwrap();
                let target = request.split(' ').nth(1).unwrap();
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                let asked = Asked { path: path.to_owned(), query: query.collect() };
                let head = |status: u16, headers: &str, length: usize| {
                    format!(
                        "HTTP/1.1 {status} said\r\nConnection: close\r\n{headers}\
                         Content-Length: {length}\r\n\r\n"
                    )
                };
                let said = match answer(asked) {
                    Answer::Text(text) => head(200, "", text.len()) + &text,
                    Answer::Status(status, headers, text) => {
                        head(status, headers, text.len()) + text
                    }
                    Answer::Cut(text, at) => head(200, "", text.len()) + &text[..at],
                    Answer::Silence => {
                        let _ = stream.read(&mut chunk).await;
                        return;
                    }
                };
                let _ = stream.write_all(said.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}
