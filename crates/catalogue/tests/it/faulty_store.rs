//! A store that stops working, as a killed process does.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// Passes on so many operations; from then on none, not even reading.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    left: AtomicUsize,
    /// Whether the operation at which it stops is still done, and only its answer lost.
    loses_answer: bool,
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, operations: usize, loses_answer: bool) -> Self {
        Self { inner, left: AtomicUsize::new(operations), loses_answer }
    }

    /// Whether every operation was passed on.
    pub(crate) fn held(&self) -> bool {
        self.left.load(Ordering::Relaxed) > 0
    }

    fn step(&self) -> Step {
        let take = |left: usize| left.checked_sub(1);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            Ok(1) if self.loses_answer => Step::Last,
            Ok(1) | Err(_) => Step::Stopped,
            Ok(_) => Step::Works,
        }
    }
}

enum Step {
    Works,
    Last,
    Stopped,
}

fn stopped<T>() -> Result<T> {
    Err(Error::Generic { store: "faulty", source: "stopped by the test".into() })
}

macro_rules! pass_on {
    ($self:ident, $call:expr) => {
        match $self.step() {
            Step::Works => $call.await,
            Step::Last => {
                let _ = $call.await;
                stopped()
            }
            Step::Stopped => stopped(),
        }
    };
}

impl fmt::Display for FaultyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "faulty {}", self.inner)
    }
}

#[async_trait::async_trait]
impl ObjectStore for FaultyStore {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        pass_on!(self, self.inner.put_opts(location, payload, options))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        pass_on!(self, self.inner.put_multipart_opts(location, options))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        pass_on!(self, self.inner.get_opts(location, options))
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        pass_on!(self, self.inner.get_ranges(location, ranges))
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        match self.step() {
            Step::Works => self.inner.delete_stream(locations),
            Step::Last => self.inner.delete_stream(locations).map(|_| stopped()).boxed(),
            Step::Stopped => Box::pin(futures_util::stream::once(async { stopped() })),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.step() {
            Step::Works => self.inner.list(prefix),
            Step::Last | Step::Stopped => Box::pin(futures_util::stream::once(async { stopped() })),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        pass_on!(self, self.inner.list_with_delimiter(prefix))
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        pass_on!(self, self.inner.copy_opts(from, to, options))
    }
}
