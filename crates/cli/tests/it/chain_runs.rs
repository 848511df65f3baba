//! A real node on loopback that the command fetches from, and a way to it that counts requests.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tidemill_testkit::anvil::{AnvilDriver, AnvilError, AnvilWorld};

use crate::run::{Ran, command};

/// The variable that tests name to the command.
pub(crate) const VARIABLE: &str = "TIDEMILL_TEST_NODE";

/// Contracts that so many random actions were made on; `None`, said aloud, where there is no node
/// for the platform.
pub(crate) fn driven(seed: u64, actions: u64) -> Option<AnvilDriver> {
    let world = match AnvilWorld::start() {
        Ok(world) => world,
        Err(AnvilError::NotHere(reason))
            if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) =>
        {
            println!("skipped: {reason}");
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let mut driver = AnvilDriver::new(world, seed);
    driver.act(actions).unwrap();
    println!("seed {seed:#x}: {:?}", driver.counts);
    Some(driver)
}

/// The command with a node's URL in its environment, and none of its own.
pub(crate) fn with_node(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = command(folder, arguments);
    command.env(VARIABLE, url);
    command
}

/// Runs the command against a node.
pub(crate) fn run(folder: &Path, url: &str, arguments: &[&str]) -> Ran {
    let output = with_node(folder, url, arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What a run printed as JSON.
#[track_caller]
pub(crate) fn told(folder: &Path, url: &str, arguments: &[&str]) -> Value {
    run(folder, url, &[arguments, &["--json"]].concat()).json()
}

/// A way to a node that lets so many requests through and then kills the process that asks.
pub(crate) struct Passage {
    pub(crate) url: String,
    state: Arc<State>,
}

/// When a run is killed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KillAt<'a> {
    /// It runs to its end.
    Nowhere,
    /// When it sends the request of this number.
    Request(u64),
    /// Within its writing: when so many more changes were seen among the files of a folder.
    Step(&'a Path, u64),
}

/// The files below a folder with their sizes, those half written too.
fn listed(folder: &Path) -> BTreeMap<PathBuf, u64> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // A file may be gone by the time that it is looked at.
        match entry.metadata() {
            Ok(data) if data.is_dir() => found.extend(listed(&entry.path())),
            Ok(data) => drop(found.insert(entry.path(), data.len())),
            Err(_) => {}
        }
    }
    found
}

struct State {
    node: String,
    asked: AtomicU64,
    last: AtomicU64,
    victim: Mutex<Option<Child>>,
}

impl Passage {
    pub(crate) fn open(node: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            node: node.trim_start_matches("http://").to_owned(),
            asked: AtomicU64::new(0),
            last: AtomicU64::new(u64::MAX),
            victim: Mutex::new(None),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), state) = (stream, Arc::clone(&shared)) else { continue };
                std::thread::spawn(move || state.pass(&stream));
            }
        });
        Self { url, state }
    }

    /// Runs a command until it ends, or dies at a point; whether it died.
    pub(crate) fn kill_at(&self, at: KillAt<'_>, mut command: Command) -> bool {
        self.state.asked.store(0, Ordering::SeqCst);
        let (last, mut steps) = match at {
            KillAt::Nowhere => (u64::MAX, None),
            KillAt::Request(last) => (last, None),
            KillAt::Step(folder, steps) => (u64::MAX, Some((folder, steps, listed(folder)))),
        };
        self.state.last.store(last, Ordering::SeqCst);
        let null = std::process::Stdio::null;
        let child = command.stdout(null()).stderr(null()).spawn().unwrap();
        *self.state.victim.lock().unwrap() = Some(child);
        loop {
            let mut victim = self.state.victim.lock().unwrap();
            if let Some(status) = victim.as_mut().unwrap().try_wait().unwrap() {
                assert!(status.success() || status.code().is_none(), "{status}");
                return !status.success();
            }
            if let Some((folder, left, before)) = &mut steps {
                let now = listed(folder);
                if now != *before && *left == 0 {
                    // It may have ended by itself.
                    let _ = victim.as_mut().unwrap().kill();
                    steps = None;
                } else if now != *before {
                    (*left, *before) = (*left - 1, now);
                }
            }
            drop(victim);
            std::thread::yield_now();
        }
    }

    /// How many requests the last run sent.
    pub(crate) fn asked(&self) -> u64 {
        self.state.asked.load(Ordering::SeqCst)
    }
}

impl State {
    /// Carries bytes both ways. A request is small and comes at once, so a read is one.
    fn pass(&self, client: &TcpStream) {
        let Ok(node) = TcpStream::connect(&self.node) else { return };
        node.set_nodelay(true).unwrap();
        client.set_nodelay(true).unwrap();
        let (mut answers, mut back) = (node.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || {
            // Either end may be gone, which ends the other.
            let _ = std::io::copy(&mut answers, &mut back);
            let _ = back.shutdown(Shutdown::Both);
        });
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = (&mut &*client).read(&mut bytes) {
            let is_request = bytes[..count].starts_with(b"POST ");
            if is_request && self.asked.fetch_add(1, Ordering::SeqCst) == self.last() {
                if let Some(victim) = self.victim.lock().unwrap().as_mut() {
                    // It may have ended by itself.
                    let _ = victim.kill();
                }
                break;
            }
            if (&node).write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = node.shutdown(Shutdown::Both);
    }

    fn last(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }
}
