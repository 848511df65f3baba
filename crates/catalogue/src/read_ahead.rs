use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::vec::IntoIter;

use tokio::runtime::{Builder, Runtime};

use crate::{Catalogue, CatalogueError, Manifest, Range, Record, Rows, Source};

/// The rows of a source for code that does not wait for anything: a thread reads them ahead.
///
/// They come in the order of their keys, each key once, as from [`Rows`]. Held at a time are what
/// `Rows` holds and at most three batches of 8,192 rows: one being given out, one waiting, one
/// being read. The thread ends with the rows, or when this is dropped.
pub struct ReadAhead<R: Record> {
    manifest: Manifest,
    batches: Receiver<Batch<R>>,
    rows: IntoIter<R>,
    is_over: bool,
}

/// `None` behind the last, so that a reader that breaks off is told from one that has ended.
type Batch<R> = Result<Option<Vec<R>>, CatalogueError>;

/// The manifest that the rows are read by.
type Opened = Result<Manifest, CatalogueError>;

/// Batches that wait for who reads them.
const WAITING_BATCHES: usize = 1;

impl Catalogue {
    /// Reads the rows of a range on a thread of its own.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read), and [`CatalogueError::Reader`]; what is wrong with a file, the rows
    /// say when they come.
    pub fn read_ahead<R: Record>(
        &self,
        source: &Source,
        range: Range,
    ) -> Result<ReadAhead<R>, CatalogueError> {
        let (open, opened) = sync_channel::<Opened>(1);
        let (send, batches) = sync_channel(WAITING_BATCHES);
        let (catalogue, from) = (self.clone(), source.clone());
        let read = move || read_all(&catalogue, (&from, range), (&open, &send));
        let spawned = thread::Builder::new().name(String::from("rows")).spawn(read);
        spawned.map_err(|cause| self.no_reader(cause))?;
        let broken = |_| self.no_reader(broken_off());
        let manifest = opened.recv().map_err(broken)??;
        let rows = Vec::new().into_iter();
        Ok(ReadAhead { manifest, batches, rows, is_over: false })
    }

    /// Returns what [`sources`](Self::sources) does, for code that does not wait.
    ///
    /// # Errors
    ///
    /// As there, and [`CatalogueError::Reader`].
    pub fn sources_now(&self) -> Result<Vec<Source>, CatalogueError> {
        self.now(async || self.sources().await)
    }

    /// Returns what [`frame`](Self::frame) does, for code that does not wait.
    ///
    /// # Errors
    ///
    /// As there, and [`CatalogueError::Reader`].
    pub fn frame_now<R: Record>(&self, source: &Source) -> Result<R::Frame, CatalogueError> {
        self.now(async || self.frame::<R>(source).await)
    }

    /// Waits on a thread of its own: in one that belongs to another runtime none may be waited for,
    /// or even ended.
    fn now<T: Send>(
        &self,
        read: impl AsyncFnOnce() -> Result<T, CatalogueError> + Send,
    ) -> Result<T, CatalogueError> {
        let told = thread::scope(|scope| {
            let read = || runtime().map(|runtime| runtime.block_on(read()));
            let reading = thread::Builder::new().spawn_scoped(scope, read)?;
            reading.join().map_err(|_| broken_off()).flatten()
        });
        told.unwrap_or_else(|cause| Err(self.no_reader(cause)))
    }

    fn no_reader(&self, cause: io::Error) -> CatalogueError {
        CatalogueError::Reader { place: self.place().to_owned(), cause }
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn broken_off() -> io::Error {
    io::Error::other("it broke off")
}

/// Sends a source's manifest, then its rows until nobody wants them any more.
fn read_all<R: Record>(
    catalogue: &Catalogue,
    (source, range): (&Source, Range),
    (open, send): (&SyncSender<Opened>, &SyncSender<Batch<R>>),
) {
    let no_reader = |cause| catalogue.no_reader(cause);
    let begun = runtime().map_err(no_reader).and_then(|runtime| {
        let rows: Rows<R> = runtime.block_on(catalogue.read(source, range))?;
        Ok((runtime, rows))
    });
    let (runtime, mut rows) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            // Whoever asked is gone if this cannot be sent, and needs no answer.
            let _ = open.send(Err(error));
            return;
        }
    };
    let told = open.send(Ok(rows.manifest().clone()));
    let mut is_wanted = told.is_ok();
    while is_wanted {
        let batch = runtime.block_on(rows.next_rows());
        let is_last = !matches!(batch, Ok(Some(_)));
        is_wanted = send.send(batch).is_ok() && !is_last;
    }
}

impl<R: Record> ReadAhead<R> {
    /// Returns the manifest that the rows are read by.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}

impl<R: Record> Iterator for ReadAhead<R> {
    type Item = Result<R, CatalogueError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.next() {
                return Some(Ok(row));
            }
            if self.is_over {
                return None;
            }
            let place = || self.manifest.source.to_string();
            let broken = |_| CatalogueError::Reader { place: place(), cause: broken_off() };
            match self.batches.recv().map_err(broken).flatten() {
                Ok(Some(rows)) => self.rows = rows.into_iter(),
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    return Some(Err(error));
                }
            }
        }
    }
}
