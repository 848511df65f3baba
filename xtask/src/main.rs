//! The gate's own commands, run as `cargo xtask <command>`.
//!
//! `graph` checks which crate may depend on which, `tidy` checks lengths and forbidden words, and
//! `instructions` counts machine instructions per operation. The rules are data: the level table
//! and the signer list are in `graph/rules.rs`, the crate lists of `tidy` in `tidy/rules.rs`, and
//! the exceptions, each with its reason, in `xtask/tidy.toml`.
//!
//! Exit status: 0 when clean, 1 with findings, 2 when the command could not be run as asked.

mod failure;
mod finding;
mod graph;
mod instructions;
mod kinds;
mod tidy;
mod workspace;

use std::process::ExitCode;

use failure::Failure;

const USAGE: &str = "\
usage: cargo xtask <command>

  graph                 print the crate graph and check it
  graph --mermaid       also redraw the picture in ARCHITECTURE.md
  graph --check         check only, and that ARCHITECTURE.md shows it as it is
  kinds [--check]       write docs/pool-kinds.md from the registry, or check it
  tidy [--verbose]      check lengths, forbidden words, crate headers and links
  instructions [NAME..] [--iterations N]
                        instructions per operation of the benchmark workloads, by callgrind";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_status())
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let usage = |problem: String| Failure::Usage(format!("{problem}\n\n{USAGE}"));
    let (command, rest) =
        arguments.split_first().ok_or_else(|| usage("no command given".to_owned()))?;
    match command.as_str() {
        "graph" => graph::run(rest),
        "kinds" => kinds::run(rest),
        "tidy" => tidy::run(rest),
        "instructions" => instructions::run(rest),
        "help" | "-h" | "--help" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(usage(format!("unknown command `{other}`"))),
    }
}
