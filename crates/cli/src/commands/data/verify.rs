use std::path::PathBuf;

use tidemill_catalogue::Source;
use tidemill_catalogue::verify::{Finding, Severity, SourceReport, Verify, VerifyReport};

use super::{Place, read_source};
use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Example:
  tidemill data verify --fail-on error --chart days.svg

Exit codes: 0 nothing found at or above --fail-on; 1 something was; 2 the folder or a source cannot
be read.";

#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The sources, as `data ls` names them; all where none is given
    #[arg(value_name = "SOURCE", value_parser = read_source)]
    sources: Vec<Source>,
    /// A second source of the same prices: candles, or a pool's events
    #[arg(long, value_name = "SOURCE", value_parser = read_source)]
    against: Option<Source>,
    /// The least severity that is exit code 1: note, warning or error
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: Severity,
    /// Where a chart of the rows of each day goes; an existing file is replaced
    #[arg(long, value_name = "FILE.svg")]
    chart: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let data = self.place.open()?;
        let sources = match self.sources.is_empty() {
            true => data.sources().await.map_err(Failure::input)?,
            false => self.sources.clone(),
        };
        if self.against.is_some() && sources.len() != 1 {
            return Err(Failure::input("--against compares one source; name it"));
        }
        let mut report = VerifyReport::default();
        for source in &sources {
            let bar = progress::bytes(0, "verifying");
            let verify = Verify { data: &data, source, against: self.against.as_ref() };
            let checked = verify
                .run(&mut |now| {
                    bar.set_length(now.bytes);
                    bar.set_position(now.bytes_read);
                })
                .await;
            bar.finish_and_clear();
            report.sources.push(checked.map_err(Failure::input)?);
        }
        if let Some(chart) = &self.chart {
            let svg = report.to_svg();
            tidemill_store::write_atomically(chart, svg.as_bytes()).map_err(Failure::input)?;
        }
        if self.json {
            output::print_json(&report)?;
        } else {
            output::print(&table(&report, data.place()))?;
        }
        match report.findings().filter(|finding| finding.severity >= self.fail_on).count() {
            0 => Ok(()),
            count => Err(Failure::finding(format!(
                "{count} findings of severity {} or above",
                self.fail_on
            ))),
        }
    }
}

fn table(report: &VerifyReport, place: &str) -> String {
    if report.sources.is_empty() {
        return format!("nothing is recorded in {place}\n");
    }
    report.sources.iter().map(of_source).collect()
}

fn of_source(source: &SourceReport) -> String {
    let ends = source.first.as_ref().zip(source.last.as_ref());
    let ends = ends.map_or(String::new(), |(first, last)| format!(", {first} to {last}"));
    let mut text = format!(
        "{}\n    {} rows, {} files, {} bytes{ends}\n",
        source.source, source.rows, source.files, source.bytes
    );
    if source.findings.is_empty() {
        text.push_str("    nothing found\n");
    }
    text.extend(source.findings.iter().map(line));
    text
}

fn line(finding: &Finding) -> String {
    let Finding { severity, place, what, allowed, .. } = finding;
    format!("    {severity:<8} {place}: {what}; expected {allowed}\n")
}
