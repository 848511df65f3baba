//! Running the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The documented state of a pool of some kind.
pub(crate) fn example_state(kind: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pool-state");
    folder.join(format!("{kind}.json"))
}

/// The documented state of a reward programme of some kind.
pub(crate) fn example_programme(kind: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/programme-state");
    folder.join(format!("{kind}.json"))
}

/// The command, in a folder, with a fixed width for what it lays out.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidemill"));
    command.args(arguments).current_dir(folder).env("COLUMNS", "100").stdin(Stdio::null());
    command
}

/// Runs the command in a folder.
pub(crate) fn tidemill(folder: &Path, arguments: &[&str]) -> Ran {
    let output = command(folder, arguments).output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// What a run printed that went well.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    /// The JSON of a run that went well.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.good()).unwrap()
    }

    /// The one line that a run with this exit code said on standard error, apart from the line of a
    /// configuration that is shown below it.
    #[track_caller]
    pub(crate) fn refusal(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().collect();
        let [line, shown @ ..] = lines.as_slice() else { panic!("nothing is said") };
        match shown {
            [] => {}
            [gutter, source, carets] => {
                let is_shown = gutter.ends_with(" |") && source.contains(" | ");
                assert!(is_shown && carets.ends_with('^'), "{lines:#?}");
            }
            _ => panic!("one line, not {lines:#?}"),
        }
        line.strip_prefix("tidemill: ").unwrap()
    }
}

/// What is said of a configuration, with its file and without the line and the column: where these
/// are the matter, all of what is said is checked.
fn without_place(message: &str) -> String {
    let Some((file, rest)) = message.split_once(".toml:") else { return message.to_owned() };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = rest.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(line), Some(column), Some(said)) if is_number(line) && is_number(column) => {
            format!("{file}.toml:{said}")
        }
        _ => message.to_owned(),
    }
}

/// All files below a folder with their content, and folders without.
pub(crate) fn content(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            let below = content(&path).into_iter();
            found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
            found.insert(name, None);
        } else {
            found.insert(name, Some(fs::read(path).unwrap()));
        }
    }
    found
}

/// Runs the command on something wrong and returns what it says; nothing in the folder may change.
#[track_caller]
pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> String {
    let before = content(folder);
    let ran = tidemill(folder, arguments);
    assert_eq!(ran.stdout, "", "{arguments:?}");
    let message = without_place(ran.refusal(2));
    assert!(before == content(folder), "{arguments:?} left something behind: {message}");
    message
}
