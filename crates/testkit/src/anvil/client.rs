use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::anvil::AnvilError;

/// Plain JSON-RPC requests to a node on loopback, one after the other over one connection. For
/// tests to look at the chain by another way than the code they test.
#[derive(Debug)]
pub struct AnvilClient {
    port: u16,
    connection: Option<BufReader<TcpStream>>,
    id: u64,
}

/// An answer that takes longer means a broken node, not a slow one.
const TIMEOUT: Duration = Duration::from_secs(60);

impl AnvilClient {
    pub(super) fn new(port: u16) -> Self {
        Self { port, connection: None, id: 0 }
    }

    /// Sends a request and returns its result.
    ///
    /// Errors: `Refused` where the node answers with an error, `Transport` where it does not
    /// answer.
    pub fn request(&mut self, method: &str, parameters: &Value) -> Result<Value, AnvilError> {
        self.id += 1;
        let body = json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": parameters});
        let transport =
            |detail: String| AnvilError::Transport { method: method.to_owned(), detail };
        let answer = self.exchange(&body.to_string());
        let answer = answer.map_err(|error| {
            self.connection = None;
            transport(error.to_string())
        })?;
        let mut answer: Value =
            serde_json::from_slice(&answer).map_err(|error| transport(error.to_string()))?;
        if let Some(error) = answer.get("error") {
            let (method, detail) = (method.to_owned(), error.to_string());
            return Err(AnvilError::Refused { method, detail });
        }
        answer.get_mut("result").map(Value::take).ok_or_else(|| transport("no result".to_owned()))
    }

    fn exchange(&mut self, body: &str) -> std::io::Result<Vec<u8>> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(("127.0.0.1", self.port))?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(TIMEOUT))?;
                self.connection.insert(BufReader::new(stream))
            }
        };
        let request = format!(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if connection.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        let mut answer = vec![0; length];
        connection.read_exact(&mut answer)?;
        Ok(answer)
    }
}
