use serde::Serialize;
use tidemill_feed_evm::backfill::{
    Agreement, BackfillOptions, BackfillReport, BackfillRequest, HeadersKept, Progress, Sink,
    backfill,
};
use tidemill_feed_evm::rpc::{LogQuery, Opened};
use tidemill_units::BlockNumber;

use crate::failure::Failure;
use crate::{output, progress};

/// How to ask nodes for a range of blocks.
#[derive(clap::Args)]
pub(super) struct How {
    /// Two nodes have to say the same of every range
    #[arg(long)]
    agree: bool,
    /// How many blocks have to follow the last one
    #[arg(long, default_value_t = 64, value_name = "N")]
    confirmations: u64,
    /// How many blocks are asked for, and kept, at once
    #[arg(long, default_value_t = 2_000, value_name = "N")]
    chunk_blocks: u64,
}

/// What is fetched.
pub(super) struct Wanted {
    pub(super) query: LogQuery,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) headers: HeadersKept,
}

impl How {
    /// Fetches into a sink, with a bar.
    pub(super) async fn fetch(
        &self,
        nodes: &Opened,
        wanted: Wanted,
        sink: &mut dyn Sink,
    ) -> Result<BackfillReport, Failure> {
        let bar = progress::bar(wanted.to.saturating_sub(wanted.from), "fetching blocks");
        let mut tell = |progress: &Progress| bar.set_position(progress.blocks);
        let (from, to) = (BlockNumber(wanted.from), BlockNumber(wanted.to));
        let request = BackfillRequest { query: wanted.query, from, to };
        let options = BackfillOptions {
            headers: wanted.headers,
            agreement: if self.agree { Agreement::Two } else { Agreement::One },
            confirmations: self.confirmations,
            chunk_blocks: self.chunk_blocks,
            ..BackfillOptions::default()
        };
        let report = backfill(&nodes.endpoints, &request, options, sink, &mut tell).await;
        bar.finish_and_clear();
        report.map_err(Failure::input)
    }
}

/// What was fetched.
#[derive(Serialize)]
pub(super) struct Fetched {
    place: String,
    blocks: u64,
    logs: u64,
    gaps: u64,
    requests: u64,
    seconds: f64,
    nodes_left_out: Vec<String>,
}

impl Fetched {
    /// Says what went to a place: a source, or a file.
    pub(super) fn new(place: String, nodes: &Opened, report: &BackfillReport) -> Self {
        let left_out = nodes.set_aside.iter().chain(&report.left_out);
        Self {
            place,
            blocks: report.progress.blocks,
            logs: report.progress.logs,
            gaps: report.progress.gaps,
            requests: nodes.endpoints.requests(),
            seconds: report.progress.elapsed.as_secs_f64(),
            nodes_left_out: left_out.map(ToString::to_string).collect(),
        }
    }

    pub(super) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            return output::print_json(self);
        }
        let mut rows = vec![
            ("place", self.place.clone()),
            ("blocks", self.blocks.to_string()),
            ("logs", self.logs.to_string()),
            ("gaps", self.gaps.to_string()),
            ("requests", self.requests.to_string()),
            ("seconds", format!("{:.1}", self.seconds)),
        ];
        rows.extend(self.nodes_left_out.iter().map(|node| ("node left out", node.clone())));
        output::print_rows(&rows)
    }
}
