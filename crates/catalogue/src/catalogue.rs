use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::SchemaRef;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, UpdateVersion};
use tidemill_model::{BestQuote, Candle, Funding, MarkPrice, TapeEvent, Trade};
use tokio::sync::OnceCell;

use crate::manifest::MANIFEST;
#[cfg(feature = "s3")]
use crate::s3::S3Settings;
use crate::store_fault::{self, StoreFault};
use crate::synced_folder::SyncedFolder;
use crate::{
    Block, BookRow, CatalogueError, Dataset, Manifest, PoolBar, PoolSnapshot, Range, Record, Rows,
    Seen, SeriesInfo, SeriesValue, Source, Writer,
};

mod conditions;
mod files;

/// How many manifests or folders are asked for at once.
const ASKED_TOGETHER: usize = 8;

/// A data folder: Parquet files by dataset, source and day, on a disk or in an object store.
///
/// Cheap to clone. Any number may read; a source has one [`Writer`] at a time. In a folder of this
/// machine a second one is refused; in an object store the one that began last goes on, and the one
/// before finds out when it writes.
#[derive(Clone)]
pub struct Catalogue {
    store: Arc<dyn ObjectStore>,
    root: Path,
    /// How errors name it.
    place: String,
    /// Where it is on this machine.
    folder: Option<PathBuf>,
    /// What no error may repeat.
    secrets: Arc<[String]>,
    /// Whether the store was found to keep two writers apart; `None` for one that is known to.
    keeps_apart: Option<Arc<OnceCell<()>>>,
}

/// A manifest as it was read.
pub(crate) struct ReadManifest {
    pub(crate) manifest: Manifest,
    /// `None` while there is none.
    pub(crate) version: Option<UpdateVersion>,
}

impl Catalogue {
    /// Opens a folder that is there, or `s3://bucket/prefix`.
    ///
    /// An object store's endpoint, region and credentials come from the environment alone, as
    /// `S3Settings` says. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Location`] for anything else, `Settings` for an environment that says
    /// nothing of a store, or something wrong, and [`CatalogueError::NoObjectStores`] for an object
    /// store where the feature `s3` is off.
    pub fn open(location: &str) -> Result<Self, CatalogueError> {
        if location.starts_with("s3://") {
            return Self::open_object_store(location);
        }
        let folder = PathBuf::from(location);
        if !folder.is_dir() {
            let expected = "a folder that is there, or s3://bucket/prefix";
            return Err(CatalogueError::Location { found: shown(location), expected });
        }
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(|cause| {
            let fault = StoreFault::new(&cause, &[]);
            CatalogueError::Store { place: location.to_owned(), fault }
        })?;
        let store = Arc::new(store.with_automatic_cleanup(true));
        Ok(Self::in_folder(store, folder, location.trim_end_matches('/')))
    }

    /// Opens a folder, which is made where it is not there, or `s3://bucket/prefix`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`CatalogueError::Location`] where no folder can be made.
    pub fn create(location: &str) -> Result<Self, CatalogueError> {
        if !location.starts_with("s3://") && std::fs::create_dir_all(location).is_err() {
            let expected = "a folder, or a place where one can be made, or s3://bucket/prefix";
            return Err(CatalogueError::Location { found: shown(location), expected });
        }
        Self::open(location)
    }

    #[cfg(feature = "s3")]
    fn open_object_store(location: &str) -> Result<Self, CatalogueError> {
        let settings = S3Settings::from_environment();
        let settings =
            settings.map_err(|fault| CatalogueError::Settings { place: shown(location), fault })?;
        Self::open_s3(location, &settings)
    }

    #[cfg(not(feature = "s3"))]
    fn open_object_store(location: &str) -> Result<Self, CatalogueError> {
        Err(CatalogueError::NoObjectStores { found: shown(location) })
    }

    /// Opens `s3://bucket/prefix`, with what is known of the store.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Location`] for anything else, and [`CatalogueError::Store`] where there
    /// can be no such client.
    #[cfg(feature = "s3")]
    pub fn open_s3(location: &str, settings: &S3Settings) -> Result<Self, CatalogueError> {
        let (bucket, prefix) = location
            .strip_prefix("s3://")
            .map(|rest| rest.split_once('/').unwrap_or((rest, "")))
            .unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_bucket = !bucket.is_empty() && bucket.bytes().all(is_plain);
        let root = Path::parse(prefix.trim_end_matches('/')).ok().filter(|_| is_bucket);
        let Some(root) = root else {
            let expected = "s3://bucket or s3://bucket/prefix; credentials are not part of it";
            return Err(CatalogueError::Location { found: shown(location), expected });
        };
        let place = location.trim_end_matches('/').to_owned();
        let store = settings.client(bucket).map_err(|cause| {
            let fault = StoreFault::new(&cause, settings.secrets());
            CatalogueError::Store { place: place.clone(), fault }
        })?;
        let secrets = settings.secrets().into();
        let keeps_apart = Some(Arc::default());
        Ok(Self { store: Arc::new(store), root, place, folder: None, secrets, keeps_apart })
    }

    /// Opens a folder of this machine through a store of its files; `place` is how errors name it.
    /// What is written is synced to the disk before it is named.
    pub fn in_folder(store: Arc<dyn ObjectStore>, folder: PathBuf, place: &str) -> Self {
        let synced = Arc::new(SyncedFolder::new(store, folder.clone()));
        Self { folder: Some(folder), ..Self::over(synced, Path::default(), place) }
    }

    /// Opens what lies below a path of a store; `place` is how errors name it.
    ///
    /// The store has to refuse a conditional put, or to say that it knows none.
    pub fn over(store: Arc<dyn ObjectStore>, root: Path, place: &str) -> Self {
        let (place, secrets) = (place.to_owned(), Arc::default());
        Self { store, root, place, folder: None, secrets, keeps_apart: None }
    }

    /// Returns how errors name it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Returns the store that it is in, and the path there, for readers of their own.
    pub fn store(&self) -> (Arc<dyn ObjectStore>, Path) {
        (self.store.clone(), self.root.clone())
    }

    /// Takes out of a text what it must not repeat, such as what a store answered.
    pub fn redacted(&self, text: &str) -> String {
        store_fault::redacted(text, &self.secrets)
    }

    /// Returns where it is on this machine, if it is.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// Returns every source that has a manifest, in order.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`].
    pub async fn sources(&self) -> Result<Vec<Source>, CatalogueError> {
        let found = futures_util::stream::iter(self.source_folders().await?)
            .map(|source| async move {
                let there = self.head(&source, MANIFEST).await?.is_some();
                Ok::<_, CatalogueError>(there.then_some(source))
            })
            .buffered(ASKED_TOGETHER)
            .try_collect::<Vec<_>>();
        Ok(found.await?.into_iter().flatten().collect())
    }

    /// Returns what is recorded of every source that has a manifest, in order.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`], and [`CatalogueError::File`] for a manifest that is none.
    pub async fn manifests(&self) -> Result<Vec<Manifest>, CatalogueError> {
        let found = futures_util::stream::iter(self.source_folders().await?)
            .map(|source| async move { self.read_manifest(&source).await })
            .buffered(ASKED_TOGETHER)
            .try_collect::<Vec<_>>();
        let there = found.await?.into_iter().filter(|read| read.version.is_some());
        Ok(there.map(|read| read.manifest).collect())
    }

    /// Returns the folders that may be of sources, in order.
    async fn source_folders(&self) -> Result<Vec<Source>, CatalogueError> {
        let datasets = futures_util::stream::iter(Dataset::ALL)
            .map(|dataset| self.source_folders_of(dataset))
            .buffered(ASKED_TOGETHER)
            .try_collect::<Vec<_>>();
        let mut sources: Vec<_> = datasets.await?.into_iter().flatten().collect();
        sources.sort();
        Ok(sources)
    }

    async fn source_folders_of(&self, dataset: Dataset) -> Result<Vec<Source>, CatalogueError> {
        let mut folders = vec![dataset.name().to_owned()];
        for level in dataset.levels() {
            let listed = futures_util::stream::iter(folders)
                .map(|folder| async move {
                    let names = self.folders_in(&folder).await?;
                    let fits = names.into_iter().filter(|name| {
                        name.strip_prefix(level).is_some_and(|rest| rest.starts_with('='))
                    });
                    let deeper = fits.map(|name| format!("{folder}/{name}"));
                    Ok::<_, CatalogueError>(deeper.collect::<Vec<_>>())
                })
                .buffered(ASKED_TOGETHER)
                .try_collect::<Vec<_>>();
            folders = listed.await?.into_iter().flatten().collect();
        }
        Ok(folders.iter().filter_map(|folder| folder.parse::<Source>().ok()).collect())
    }

    /// Returns what is recorded of a source; an empty manifest where nothing is.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Store`], and [`CatalogueError::File`] for a manifest that is none.
    pub async fn manifest(&self, source: &Source) -> Result<Manifest, CatalogueError> {
        self.read_manifest(source).await.map(|read| read.manifest)
    }

    /// Returns the description beside a source's partitions, such as its `pool.json`.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::NoSource`] where nothing is recorded, and as [`Self::manifest`].
    pub async fn frame<R: Record>(&self, source: &Source) -> Result<R::Frame, CatalogueError> {
        check_dataset::<R>(source)?;
        let read = self.read_frame::<R>(source).await?;
        read.ok_or_else(|| CatalogueError::NoSource { from: source.clone() })
    }

    /// Returns the columns of a source's files. Only those of a pool's events are read from
    /// anywhere: its `pool.json`.
    ///
    /// # Errors
    ///
    /// As [`Self::frame`].
    pub async fn schema(&self, source: &Source) -> Result<SchemaRef, CatalogueError> {
        Ok(match source.dataset() {
            Dataset::PoolEvents => TapeEvent::schema(&self.frame::<TapeEvent>(source).await?),
            Dataset::PoolStates => PoolSnapshot::schema(&()),
            Dataset::PoolBars => PoolBar::schema(&()),
            Dataset::Blocks => Block::schema(&()),
            Dataset::Candles => Candle::schema(&()),
            Dataset::Trades => Seen::<Trade>::schema(&()),
            Dataset::Quotes => Seen::<BestQuote>::schema(&()),
            Dataset::Book => BookRow::schema(&()),
            Dataset::Funding => Funding::schema(&()),
            Dataset::Marks => MarkPrice::schema(&()),
            Dataset::Series => SeriesValue::schema(&SeriesInfo { unit: String::new() }),
        })
    }

    /// Reads the rows of a range in the order of their keys.
    ///
    /// # Errors
    ///
    /// As [`Self::frame`]; what is wrong with a file, its rows say when they come.
    pub async fn read<R: Record>(
        &self,
        source: &Source,
        range: Range,
    ) -> Result<Rows<R>, CatalogueError> {
        let manifest = self.manifest(source).await?;
        let frame = self.frame::<R>(source).await?;
        Ok(Rows::new(self.clone(), manifest, frame, range))
    }

    /// Begins to write a source; removes what an earlier writer left behind that no manifest
    /// names.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::OtherFrame`] where what is recorded is described otherwise,
    /// [`CatalogueError::File`] where a file that the manifest names is gone,
    /// [`CatalogueError::BeingWritten`] where a folder's source has a writer,
    /// [`CatalogueError::ChangedMeanwhile`] where an object store's got another one meanwhile,
    /// [`CatalogueError::WritersNotKeptApart`] for a store that cannot be written safely, and as
    /// [`Self::manifest`].
    pub async fn writer<R: Record>(
        &self,
        source: &Source,
        frame: R::Frame,
    ) -> Result<Writer<R>, CatalogueError> {
        check_dataset::<R>(source)?;
        self.check_conditions().await?;
        Writer::open(self.clone(), source.clone(), frame).await
    }
}

impl fmt::Debug for Catalogue {
    /// Names the place alone: a store's own text has its credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Catalogue").field(&self.place).finish()
    }
}

/// Returns a location as errors name it: one with a user in it may hold a key.
fn shown(location: &str) -> String {
    match location.starts_with("s3://") && location.contains('@') {
        true => "s3://***".to_owned(),
        false => location.to_owned(),
    }
}

fn check_dataset<R: Record>(source: &Source) -> Result<(), CatalogueError> {
    if source.dataset() == R::DATASET {
        return Ok(());
    }
    let found = source.to_string();
    Err(CatalogueError::Name { what: "source".to_owned(), found, expected: R::DATASET.name() })
}

#[cfg(all(test, not(feature = "s3")))]
mod tests;
