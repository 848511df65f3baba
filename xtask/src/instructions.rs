//! `cargo xtask instructions`: machine instructions per operation, counted by callgrind.
//!
//! Unlike a time, the count does not depend on what else the machine is doing. A workload is run
//! twice, without any iteration and with many, and the difference divided by the number of them.
//!
//! The benchmark binary answers `--list` with one workload a line, its name and, where one
//! iteration is more than one operation, how many; and runs one, untimed, when given
//! `--workload NAME --iterations N`.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::Failure;
use crate::workspace::cargo;

/// The benchmark target that has the workloads.
const TARGET: &str = "compare";
/// About how many instructions a counted run should execute; callgrind does some 50 million a
/// second, and start-up differs by a few hundred from run to run.
const WANTED_INSTRUCTIONS: u64 = 50_000_000;
/// The most iterations run however cheap one is.
const MOST_ITERATIONS: u64 = 1_000_000;

/// Counts every workload, or those whose names contain one of the words given.
///
/// # Errors
/// [`Failure::Environment`] when valgrind, the benchmark or a workload by that name is absent.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let options = Options::parse(arguments)?;
    require_valgrind()?;
    let binary = build()?;
    let listed = output(Command::new(&binary).arg("--list"))?.stdout;
    let workloads: Vec<Workload<'_>> = listed
        .lines()
        .filter_map(Workload::parse)
        .filter(|workload| options.selects(workload.name))
        .collect();
    if workloads.is_empty() {
        return Err(Failure::Environment("no workload by that name".to_owned()));
    }
    let width = workloads.iter().map(|workload| workload.name.len()).max().unwrap_or(0);
    println!("{:<width$}  {:>18}  {:>10}", "workload", "instructions/op", "operations");
    for Workload { name, operations } in workloads {
        let baseline = count(&binary, name, 0)?;
        let iterations = match options.iterations {
            Some(fixed) => fixed,
            None => worthwhile(count(&binary, name, 1)?.saturating_sub(baseline)),
        };
        let total = count(&binary, name, iterations)?.saturating_sub(baseline);
        let counted = iterations.saturating_mul(operations);
        println!("{name:<width$}  {:>18}  {counted:>10}", per_operation(total, counted));
    }
    Ok(())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    words: Vec<String>,
    iterations: Option<u64>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if argument == "--iterations" {
                let count = rest.next().and_then(|word| word.parse().ok()).filter(|&n| n > 0);
                options.iterations = Some(count.ok_or_else(|| {
                    Failure::Usage("--iterations needs a whole number above 0".to_owned())
                })?);
            } else if argument.starts_with('-') {
                return Err(Failure::Usage(format!("instructions does not know `{argument}`")));
            } else {
                options.words.push(argument.clone());
            }
        }
        Ok(options)
    }

    fn selects(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

/// One line of the benchmark's list.
#[derive(Debug, PartialEq, Eq)]
struct Workload<'a> {
    name: &'a str,
    /// Operations in one iteration, at least 1.
    operations: u64,
}

impl<'a> Workload<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        let operations = words.next().and_then(|word| word.parse().ok()).unwrap_or(1).max(1);
        Some(Self { name, operations })
    }
}

/// Returns how many iterations of this cost make a count that start-up noise cannot move.
fn worthwhile(instructions_each: u64) -> u64 {
    (WANTED_INSTRUCTIONS / instructions_each.max(1)).clamp(1, MOST_ITERATIONS)
}

/// Writes `total / operations` with one digit behind the point, rounded down.
fn per_operation(total: u64, operations: u64) -> String {
    let tenths = u128::from(total) * 10 / u128::from(operations.max(1));
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn require_valgrind() -> Result<(), Failure> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(found) if found.status.success() => Ok(()),
        _ => Err(Failure::Environment(
            "valgrind is missing; on Debian: sudo apt-get install valgrind".to_owned(),
        )),
    }
}

/// Builds the benchmark and returns the path of its binary.
fn build() -> Result<PathBuf, Failure> {
    let messages = cargo(&[
        "bench",
        "--package",
        "tidemill-bench",
        "--bench",
        TARGET,
        "--no-run",
        "--message-format=json",
    ])?;
    executable(&messages).ok_or_else(|| {
        Failure::Environment(format!("cargo built no benchmark binary named `{TARGET}`"))
    })
}

/// Returns the benchmark's binary from cargo's messages, one JSON object a line.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok())
        .filter(|message| {
            message.target.as_ref().is_some_and(|target| {
                target.name == TARGET && target.kind.iter().any(|kind| kind == "bench")
            })
        })
        .find_map(|message| message.executable)
}

#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Returns the instructions of one process that runs the workload `iterations` times.
fn count(binary: &Path, workload: &str, iterations: u64) -> Result<u64, Failure> {
    let run = output(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(binary)
            .args(["--workload", workload, "--iterations", &iterations.to_string()]),
    )?;
    collected(&run.stderr).ok_or_else(|| {
        Failure::Environment(format!("callgrind gave no count for `{workload}`:\n{}", run.stderr))
    })
}

/// Returns the count from callgrind's closing line, `==123== Collected : 456`.
fn collected(stderr: &str) -> Option<u64> {
    let line = stderr.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(':').next()?.trim().parse().ok()
}

/// What a process wrote.
struct Written {
    stdout: String,
    stderr: String,
}

fn output(command: &mut Command) -> Result<Written, Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let run =
        command.output().map_err(|error| Failure::Environment(format!("{program}: {error}")))?;
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
    if run.status.success() {
        Ok(Written { stdout, stderr })
    } else {
        Err(Failure::Environment(format!("{program} ended with {}:\n{stderr}", run.status)))
    }
}
