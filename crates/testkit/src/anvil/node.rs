use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::anvil::{AnvilClient, AnvilError};

/// The variable that names another anvil than the registry's.
const VARIABLE: &str = "TIDEMILL_ANVIL";
/// The platform that the registry used here has an anvil for.
const PACKAGE: &str = "@foundry-rs/anvil-linux-amd64";
/// Lines that anvil prints before it listens, at most.
const MOST_LINES: usize = 200;

/// An anvil of its own on a free port of the loopback interface; killed when dropped.
#[derive(Debug)]
pub struct AnvilNode {
    child: Child,
    port: u16,
}

/// Returns where anvil is: what `TIDEMILL_ANVIL` names, else what `contracts/fetch.sh` fetched.
///
/// Errors: `NotHere` with the reason, for a test to report and skip: the registry has it for Linux
/// on x86-64 only. On that platform a missing file is a missing `fetch.sh`, and an error too.
pub fn find_anvil() -> Result<PathBuf, AnvilError> {
    if let Some(path) = env::var_os(VARIABLE) {
        let path = PathBuf::from(path);
        let missing = || format!("{VARIABLE} names {}, which is not there", path.display());
        return if path.is_file() { Ok(path) } else { Err(AnvilError::NotHere(missing())) };
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/node_modules");
    let path = root.join(PACKAGE).join("bin/anvil");
    if path.is_file() {
        return Ok(path);
    }
    Err(AnvilError::NotHere(if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        format!("{} is missing: run `sh contracts/fetch.sh`", path.display())
    } else {
        format!("{PACKAGE} is for Linux on x86-64; set {VARIABLE} to an anvil 1.7.1 of your own")
    }))
}

impl AnvilNode {
    /// Starts a node whose first block has this time and number, and which mines only when told
    /// to. Gas is free, and any address may send.
    ///
    /// Errors: those of [`find_anvil`], `Process` where it does not come up.
    pub fn start(timestamp: u64, number: u64) -> Result<Self, AnvilError> {
        let failed = |error: std::io::Error| AnvilError::Process(error.to_string());
        let mut command = Command::new(find_anvil()?);
        command.args(["--host", "127.0.0.1", "--port", "0", "--hardfork", "cancun"]);
        command.args(["--no-mining", "--order", "fifo", "--timestamp", &timestamp.to_string()]);
        command.args(["--number", &number.to_string()]);
        command.args(["--block-base-fee-per-gas", "0", "--gas-price", "0"]);
        command.args(["--disable-block-gas-limit", "--auto-impersonate", "--accounts", "6"]);
        command.args(["--max-persisted-states", "100000", "--threads", "2"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(failed)?;
        let Some(output) = child.stdout.take() else {
            return Err(AnvilError::Process("its output is closed".to_owned()));
        };
        let mut node = Self { child, port: 0 };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref().take(MOST_LINES) {
            let line = line.map_err(failed)?;
            let port = line.trim().strip_prefix("Listening on 127.0.0.1:");
            if let Some(port) = port.and_then(|port| port.parse().ok()) {
                node.port = port;
                // What it says later has to go somewhere, or it would wait for a reader.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(node);
            }
        }
        Err(AnvilError::Process("it ended before it listened".to_owned()))
    }

    /// Returns a connection of its own.
    pub fn client(&self) -> AnvilClient {
        AnvilClient::new(self.port)
    }

    /// Returns where it answers plain requests.
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns where it answers requests and sends what was subscribed to.
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }
}

impl Drop for AnvilNode {
    fn drop(&mut self) {
        // Nothing can be done about a process that is already gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
