use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidemill_catalogue::{Catalogue, Dataset, FileEntry, Manifest, Source};

use crate::QueryError;

/// What lies in a data folder: the files that its manifests name, and no others.
#[derive(Clone, Debug, Default)]
pub(crate) struct DataFiles {
    files: Vec<DataFile>,
}

/// One Parquet file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// Whose rows it has.
    pub(crate) source: Arc<Source>,
    /// What the manifest says of it.
    pub(crate) entry: FileEntry,
}

/// The files of one partition: a day or a year of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its value, such as `2024-01-05` or `2024`.
    pub(crate) value: String,
    /// Its files, in the order of their names.
    pub(crate) files: Vec<DataFile>,
}

/// What the folders of partitions are called in SQL.
pub(crate) const PERIOD: &str = "period";

impl DataFiles {
    /// Reads the manifests of a data folder.
    ///
    /// Errors: [`QueryError::Folder`].
    pub(crate) async fn read(data: &Catalogue) -> Result<Self, QueryError> {
        let manifests = data.manifests().await.map_err(QueryError::folder)?;
        let of_source = |manifest: Manifest| {
            let source = Arc::new(manifest.source);
            let file = move |entry| DataFile { source: Arc::clone(&source), entry };
            manifest.files.into_iter().map(file)
        };
        let mut files: Vec<_> = manifests.into_iter().flat_map(of_source).collect();
        files.sort_by(|one, other| {
            (&one.source, &one.entry.partition, &one.entry.name).cmp(&(
                &other.source,
                &other.entry.partition,
                &other.entry.name,
            ))
        });
        Ok(Self { files })
    }

    /// Returns the files of each dataset that has any.
    pub(crate) fn datasets(&self) -> BTreeMap<Dataset, Vec<DataFile>> {
        let mut datasets: BTreeMap<Dataset, Vec<DataFile>> = BTreeMap::new();
        for file in &self.files {
            datasets.entry(file.source.dataset()).or_default().push(file.clone());
        }
        datasets
    }

    /// Returns the values that a key has within a dataset, among the sources that match.
    pub(crate) fn values(&self, dataset: Dataset, wanted: &[(&str, &str)], key: &str) -> Vec<&str> {
        let matching = self.files.iter().filter(|file| file.matches(dataset, wanted));
        let values: BTreeSet<_> = matching.filter_map(|file| file.source.value(key)).collect();
        values.into_iter().collect()
    }

    /// Returns the partitions of one source, earliest first.
    pub(crate) fn partitions(&self, dataset: Dataset, wanted: &[(&str, &str)]) -> Vec<Partition> {
        let mut partitions: Vec<Partition> = Vec::new();
        for file in self.files.iter().filter(|file| file.matches(dataset, wanted)) {
            let value = file.period();
            match partitions.last_mut().filter(|last| last.value == value) {
                Some(last) => last.files.push(file.clone()),
                None => partitions.push(Partition { value, files: vec![file.clone()] }),
            }
        }
        partitions
    }

    /// Returns the first source that matches.
    pub(crate) fn source(&self, dataset: Dataset, wanted: &[(&str, &str)]) -> Option<Arc<Source>> {
        let file = self.files.iter().find(|file| file.matches(dataset, wanted))?;
        Some(Arc::clone(&file.source))
    }
}

impl DataFile {
    /// Returns the value of its folder, such as `2024-01-05`.
    pub(crate) fn period(&self) -> String {
        let folder = self.entry.partition.to_string();
        folder.split_once('=').map_or(String::new(), |(_, value)| value.to_owned())
    }

    fn matches(&self, dataset: Dataset, wanted: &[(&str, &str)]) -> bool {
        let has = |(key, value): &(&str, &str)| {
            self.source.value(key).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        self.source.dataset() == dataset && wanted.iter().all(has)
    }
}
