use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;

use crate::QueryError;

/// What lies in a data folder, by its names alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct DataFiles {
    files: Vec<DataFile>,
}

/// One Parquet file, `<dataset>/<key>=<value>/…/<day or year>=<value>/<name>.parquet`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// The dataset, such as `candles`.
    pub(crate) dataset: String,
    /// The keys of its folder, outermost first; the last is the partition.
    pub(crate) keys: Vec<(String, String)>,
    /// Where it lies.
    pub(crate) path: Path,
}

/// The files of one partition: a day or a year of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Its value, such as `2024-01-05` or `2024`.
    pub(crate) value: String,
    /// Its files, in the order of their names.
    pub(crate) paths: Vec<Path>,
}

impl DataFiles {
    /// Lists a folder.
    ///
    /// Errors: [`QueryError::Folder`].
    pub(crate) async fn list(
        store: &Arc<dyn ObjectStore>,
        root: &Path,
    ) -> Result<Self, QueryError> {
        let listed = store.list(Some(root)).try_collect::<Vec<_>>().await;
        let listed = listed.map_err(|error| QueryError::Folder {
            location: root.to_string(),
            detail: error.to_string(),
        })?;
        let mut files: Vec<_> =
            listed.into_iter().filter_map(|object| DataFile::read(root, object.location)).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { files })
    }

    /// Returns the datasets there are, with the keys their folders have.
    pub(crate) fn datasets(&self) -> BTreeMap<&str, BTreeSet<Vec<&str>>> {
        let mut datasets: BTreeMap<&str, BTreeSet<Vec<&str>>> = BTreeMap::new();
        for file in &self.files {
            let keys = file.keys.iter().map(|(key, _)| key.as_str()).collect();
            datasets.entry(&file.dataset).or_default().insert(keys);
        }
        datasets
    }

    /// Returns the first file of each source of a dataset.
    pub(crate) fn one_of_each_source(&self, dataset: &str) -> impl Iterator<Item = &DataFile> {
        let mut seen = BTreeSet::new();
        let of_dataset = self.files.iter().filter(move |file| file.dataset == dataset);
        of_dataset.filter(move |file| {
            let source = file.keys.split_last().map(|(_, source)| source.to_vec());
            seen.insert(source)
        })
    }

    /// Returns the values that a key has within a dataset, among the folders that match.
    pub(crate) fn values(&self, dataset: &str, wanted: &[(&str, &str)], key: &str) -> Vec<&str> {
        let matching = self.files.iter().filter(|file| file.matches(dataset, wanted));
        let values: BTreeSet<_> = matching.filter_map(|file| file.key(key)).collect();
        values.into_iter().collect()
    }

    /// Returns the partitions of one source, earliest first.
    pub(crate) fn partitions(&self, dataset: &str, wanted: &[(&str, &str)]) -> Vec<Partition> {
        let mut partitions: Vec<Partition> = Vec::new();
        let mut matching: Vec<_> =
            self.files.iter().filter(|file| file.matches(dataset, wanted)).collect();
        matching.sort_by_key(|file| (file.partition(), &file.path));
        for file in matching {
            let value = file.partition();
            match partitions.last_mut().filter(|last| last.value == value) {
                Some(last) => last.paths.push(file.path.clone()),
                None => partitions
                    .push(Partition { value: value.to_owned(), paths: vec![file.path.clone()] }),
            }
        }
        partitions
    }

    /// Returns the folder above the partitions of one source, where its description lies.
    pub(crate) fn folder(&self, dataset: &str, wanted: &[(&str, &str)]) -> Option<Path> {
        let file = self.files.iter().find(|file| file.matches(dataset, wanted))?;
        let parts: Vec<_> = file.path.parts().collect();
        let above = parts.get(..parts.len().checked_sub(2)?)?;
        Some(above.iter().cloned().collect())
    }
}

impl DataFile {
    fn read(root: &Path, path: Path) -> Option<Self> {
        let parts: Vec<_> = path.prefix_match(root)?.map(|part| part.as_ref().to_owned()).collect();
        let (name, folders) = parts.split_last()?;
        let (dataset, folders) = folders.split_first()?;
        let keys = folders.iter().map(|folder| {
            folder.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
        });
        let keys: Vec<_> = keys.collect::<Option<_>>()?;
        let is_data = name.ends_with(".parquet") && !keys.is_empty();
        is_data.then(|| Self { dataset: dataset.clone(), keys, path })
    }

    fn key(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn partition(&self) -> &str {
        self.keys.last().map_or("", |(_, value)| value.as_str())
    }

    fn matches(&self, dataset: &str, wanted: &[(&str, &str)]) -> bool {
        let has = |(key, value): &(&str, &str)| {
            self.key(key).is_some_and(|found| found.eq_ignore_ascii_case(value))
        };
        self.dataset == dataset && wanted.iter().all(has)
    }
}
