use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::chain::Chain;
use super::clock::TestClock;

/// What a node does to one request.
pub(crate) enum Fault {
    /// Answers.
    None,
    /// Never answers; the client's deadline passes.
    Hang,
    /// Another status than success, with a `Retry-After` if told.
    Status(u16, Option<&'static str>),
    /// Says how long the answer is and ends before.
    Truncate,
    /// Ends the connection without a word.
    Close,
    /// Something else than JSON.
    NotJson,
    /// A JSON-RPC error.
    Error(i64, String),
    /// Changes what a method answers.
    Edit(fn(&mut Value)),
}

/// What was asked: the method of all parts, and the parameters of the first.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) params: &'a Value,
    pub(crate) parts: usize,
}

type Faults = Box<dyn FnMut(&Asked<'_>) -> Fault + Send>;

struct Shared {
    chain: Arc<Mutex<Chain>>,
    faults: Mutex<Faults>,
    clock: Arc<TestClock>,
    requests: watch::Sender<u64>,
    parts: AtomicU64,
}

/// A running node.
pub(crate) struct Node {
    pub(crate) url: String,
    pub(crate) chain: Arc<Mutex<Chain>>,
    shared: Arc<Shared>,
}

impl Node {
    /// Starts a node that does to each request what `faults` says.
    pub(crate) async fn start(
        chain: &Arc<Mutex<Chain>>,
        clock: &Arc<TestClock>,
        faults: impl FnMut(&Asked<'_>) -> Fault + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v3/a-key-never-to-be-shown", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            chain: chain.clone(),
            faults: Mutex::new(Box::new(faults)),
            clock: clock.clone(),
            requests: watch::Sender::new(0),
            parts: AtomicU64::new(0),
        });
        let serving = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = serving.clone();
                tokio::spawn(async move {
                    let _ = serve(stream, &shared).await;
                });
            }
        });
        Self { url, chain: chain.clone(), shared }
    }

    /// Starts a node that answers.
    pub(crate) async fn good(chain: &Arc<Mutex<Chain>>, clock: &Arc<TestClock>) -> Self {
        Self::start(chain, clock, |_| Fault::None).await
    }

    /// Hears of every request, as it comes in.
    pub(crate) fn requests(&self) -> watch::Receiver<u64> {
        self.shared.requests.subscribe()
    }

    /// All parts of all requests so far.
    pub(crate) fn parts(&self) -> u64 {
        self.shared.parts.load(Ordering::Relaxed)
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    // Head and body are written one after the other, and no answer waits for the head's receipt.
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    loop {
        let Some(body) = next_body(&mut stream, &mut read).await? else { return Ok(()) };
        let asked: Value = serde_json::from_slice(&body).unwrap();
        let first = if asked.is_array() { &asked[0] } else { &asked };
        let parts = asked.as_array().map_or(1, Vec::len);
        let what =
            Asked { method: first["method"].as_str().unwrap(), params: &first["params"], parts };
        let fault = (shared.faults.lock().unwrap())(&what);
        shared.parts.fetch_add(parts as u64, Ordering::Relaxed);
        shared.requests.send_modify(|requests| *requests += 1);
        let whole = answer(&asked, shared, &fault).to_string();
        let (length, sent) = match fault {
            Fault::Hang => {
                shared.clock.give_up();
                std::future::pending::<()>().await;
                return Ok(());
            }
            Fault::Close => return Ok(()),
            Fault::Status(status, retry_after) => {
                let told = retry_after.map(|told| format!("Retry-After: {told}\r\n"));
                let told = told.unwrap_or_default();
                let head = format!("HTTP/1.1 {status} No\r\n{told}Content-Length: 2\r\n\r\nno");
                stream.write_all(head.as_bytes()).await?;
                continue;
            }
            Fault::Truncate => (whole.len(), &whole[..whole.len() / 2]),
            Fault::NotJson => (12, "<html></html"),
            Fault::None | Fault::Error(..) | Fault::Edit(_) => (whole.len(), whole.as_str()),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(sent.as_bytes()).await?;
        if length != sent.len() {
            return Ok(());
        }
    }
}

fn answer(asked: &Value, shared: &Shared, fault: &Fault) -> Value {
    let one = |request: &Value| {
        let method = request["method"].as_str().unwrap();
        let told = shared.chain.lock().unwrap().answer(method, &request["params"]);
        let told = match fault {
            Fault::Error(code, message) => Err((*code, message.clone())),
            Fault::None
            | Fault::Hang
            | Fault::Status(..)
            | Fault::Truncate
            | Fault::Close
            | Fault::NotJson
            | Fault::Edit(_) => told,
        };
        match told {
            Ok(mut result) => {
                if let Fault::Edit(edit) = fault {
                    edit(&mut result);
                }
                json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
            }
            Err((code, message)) => {
                let error = json!({ "code": code, "message": message });
                json!({ "jsonrpc": "2.0", "id": request["id"], "error": error })
            }
        }
    };
    match asked.as_array() {
        // The parts of a batch may come in any order.
        Some(parts) => parts.iter().rev().map(one).collect(),
        None => one(asked),
    }
}

async fn next_body(stream: &mut TcpStream, read: &mut Vec<u8>) -> std::io::Result<Option<Vec<u8>>> {
    loop {
        if let Some(head) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
            let told = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let end = head + 4 + told.unwrap().trim().parse::<usize>().unwrap();
            if read.len() >= end {
                let body = read[head + 4..end].to_vec();
                read.drain(..end);
                return Ok(Some(body));
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}
