use serde::Serialize;
use tidemill_catalogue::{CoverageUnit, Manifest};

use super::Place;
use crate::failure::Failure;
use crate::output;

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tidemill data ls\n  tidemill data ls --data data --json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One source, for scripts. Times are microseconds since 1970.
#[derive(Serialize)]
struct Listed {
    source: String,
    rows: u64,
    files: usize,
    bytes: u64,
    coverage_unit: &'static str,
    coverage: Vec<tidemill_catalogue::Span>,
    gaps: Vec<tidemill_catalogue::Gap>,
}

impl Arguments {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let data = self.place.open()?;
        let listed = data.manifests().await.map_err(Failure::input)?;
        if self.json {
            let listed: Vec<_> = listed.iter().map(of).collect();
            return output::print_json(&listed);
        }
        if listed.is_empty() {
            return output::print(&format!("nothing is recorded in {}", data.place()));
        }
        output::print(&listed.iter().map(line).collect::<String>())
    }
}

fn of(manifest: &Manifest) -> Listed {
    Listed {
        source: manifest.source.to_string(),
        rows: manifest.rows(),
        files: manifest.files.len(),
        bytes: manifest.bytes(),
        coverage_unit: match manifest.source.dataset().coverage_unit() {
            CoverageUnit::Blocks => "blocks",
            CoverageUnit::Microseconds => "microseconds",
        },
        coverage: manifest.coverage.spans().to_vec(),
        gaps: manifest.coverage.gaps().to_vec(),
    }
}

fn line(manifest: &Manifest) -> String {
    let spans = manifest.coverage.spans();
    let ends = spans.first().zip(spans.last()).map(|(first, last)| (first.from, last.to));
    let text = |place: i64| match manifest.source.dataset().coverage_unit() {
        CoverageUnit::Blocks => format!("block {place}"),
        CoverageUnit::Microseconds => jiff::Timestamp::from_microsecond(place)
            .map_or_else(|_| place.to_string(), |time| time.strftime("%Y-%m-%d %H:%M").to_string()),
    };
    let covered = ends.map_or("no coverage told".to_owned(), |(from, to)| {
        format!("{} to {}", text(from), text(to))
    });
    let gaps = match manifest.coverage.gaps().len() {
        0 => String::new(),
        1 => ", 1 gap".to_owned(),
        count => format!(", {count} gaps"),
    };
    let kib = manifest.bytes().div_ceil(1024);
    format!(
        "{}\n    {} rows, {} files, {kib} KiB, {covered}{gaps}\n",
        manifest.source,
        manifest.rows(),
        manifest.files.len()
    )
}
