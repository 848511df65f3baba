use std::time::Duration;

use serde::Serialize;
use tidemill_catalogue::Catalogue;
use tidemill_feed_cex::{CexEvent, Live};
use tidemill_model::Interval;
use tidemill_units::InstantUs;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::super::Place;
use super::recorder::{Recorder, Recording};
use super::track::Recorded;
use crate::failure::Failure;
use crate::{output, progress};

/// How many rows are held before they are written.
const HELD_ROWS: usize = 1 << 16;

/// How long what is on its way is waited for at the end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long is recorded, and where to.
#[derive(clap::Args)]
pub(super) struct Session {
    /// How long to record, such as 10m or 8h; until Ctrl-C where not given
    #[arg(long = "for", value_name = "LENGTH")]
    length: Option<Interval>,
    /// How often what was seen is written: a kill loses no more, and that is named
    #[arg(long, value_name = "LENGTH", default_value = "10s")]
    every: Interval,
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was recorded.
#[derive(Serialize)]
struct Json {
    seconds: u64,
    /// `time`, `signal` or `feed`.
    ended_by: &'static str,
    connections: u64,
    sources: Vec<Recorded>,
}

impl Session {
    /// Opens the data folder for these series.
    pub(super) async fn open(&self, recordings: Vec<Recording>) -> Result<Recorder, Failure> {
        let data: Catalogue = self.place.create()?;
        let mut recorder = Recorder::default();
        for recording in recordings {
            recorder.add(&data, recording).await?;
        }
        Ok(recorder)
    }

    /// Records until the time is over or somebody says stop; what was seen by then is written.
    pub(super) async fn run(
        self,
        mut recorder: Recorder,
        mut lines: Vec<Live>,
    ) -> Result<(), Failure> {
        let mut stop = stop_signal()?;
        let (began, started) = (now(), Instant::now());
        let end = self.length.and_then(|length| started.checked_add(duration(length)));
        let mut due = interval(duration(self.every));
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let spinner = progress::spinner("recording");
        let mut rows = 0_u64;
        let ended_by = loop {
            let is_due = tokio::select! {
                event = next_of(&mut lines) => match event {
                    (line, Some(event)) => {
                        rows += 1;
                        recorder.take(line, event);
                        recorder.held() >= HELD_ROWS
                    }
                    (_, None) => break "feed",
                },
                _ = due.tick() => {
                    spinner.set_message(format!("recording, {rows} events"));
                    true
                }
                () = sleep_until(end.unwrap_or(started)), if end.is_some() => break "time",
                _ = stop.recv() => break "signal",
            };
            if is_due {
                recorder.write().await?;
            }
        };
        let ended = now();
        let last_word = |event: &CexEvent| event.seen_at <= ended;
        while let Ok((line, Some(event))) = timeout(LAST_WORDS, next_of(&mut lines)).await {
            if !last_word(&event) {
                break;
            }
            recorder.take(line, event);
        }
        drop(lines);
        let (connections, last_end) = (recorder.connected, recorder.last_end.clone());
        let sources = recorder.finish(began, ended).await?;
        spinner.finish_and_clear();
        let seconds = started.elapsed().as_secs();
        let done = Json { seconds, ended_by, connections, sources };
        if self.json {
            output::print_json(&done)?
        } else {
            print(&done)?
        }
        match last_end.filter(|_| connections == 0) {
            Some(said) => Err(Failure::finding(format!("nothing was seen: {said}"))),
            None => Ok(()),
        }
    }
}

/// Returns the next event of any connection, and of which.
async fn next_of(lines: &mut [Live]) -> (usize, Option<CexEvent>) {
    match lines {
        [] => (0, None),
        [only] => (0, only.next().await),
        // A venue has at most two.
        [one, other, ..] => tokio::select! {
            event = one.next() => (0, event),
            event = other.next() => (1, event),
        },
    }
}

/// Returns what hears of Ctrl-C, and on Unix of a polite request to end.
fn stop_signal() -> Result<mpsc::Receiver<()>, Failure> {
    let (sender, receiver) = mpsc::channel(1);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::input)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::input)?;
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            // Nobody listens any more where the time was over first.
            let _ = sender.send(()).await;
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            let _ = sender.send(()).await;
        }
    });
    Ok(receiver)
}

fn duration(length: Interval) -> Duration {
    Duration::from_micros(length.us().unsigned_abs())
}

/// This machine's clock.
fn now() -> InstantUs {
    InstantUs(jiff::Timestamp::now().as_microsecond())
}

fn print(done: &Json) -> Result<(), Failure> {
    let mut text = String::new();
    for Recorded { source, rows, duplicates, gaps } in &done.sources {
        text.push_str(&format!(
            "{source}\n    {rows} new rows, {duplicates} there already, {gaps} gaps named\n"
        ));
    }
    text.push_str(&format!("{} s, {} connections\n", done.seconds, done.connections));
    output::print(&text)
}
