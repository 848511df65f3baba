//! An exchange's public HTTP interface on loopback: a real peer that says what a test tells it to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A question: its path and what stands behind the `?`.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
}

impl Asked {
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.query.get(name).map(|text| text.parse().unwrap())
    }
}

/// The interface, and what was asked of it.
pub(crate) struct Exchange {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Exchange {
    /// Answers until the test ends, with a status and a text.
    pub(crate) fn open(answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (told, answer) = (Arc::clone(&told), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let stream = stream.unwrap();
                    let Some(asked) = heard(&stream) else { return };
                    let (status, body) = answer(&asked);
                    told.lock().unwrap().push(asked);
                    say(&stream, status, &body);
                });
            }
        });
        Self { url, asked }
    }

    /// What was asked for since this was asked last, but for the venue's clock.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.retain(|asked| !asked.path.to_ascii_lowercase().ends_with("/time"));
        asked
    }
}

fn heard(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next()?.ok()?;
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let target = request.split(' ').nth(1)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = pairs.map(|(name, value)| (name.to_owned(), value.replace("%2F", "/")));
    Some(Asked { path: path.to_owned(), query: query.collect() })
}

fn say(mut stream: &TcpStream, status: u16, body: &str) {
    let head = "content-type: application/json\r\nconnection: close\r\n";
    let length = body.len();
    // A client that has gone away has what it wanted.
    let _ =
        write!(stream, "HTTP/1.1 {status} said\r\n{head}content-length: {length}\r\n\r\n{body}");
}
