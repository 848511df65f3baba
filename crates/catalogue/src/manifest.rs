use serde::{Deserialize, Serialize};

use crate::error::FileFault;
use crate::{Coverage, Gap, Key, Partition, Source, Span};

/// What is recorded of a source: its files, what was asked for and answered, and known holes.
///
/// Only what it names counts. It is written last, so that it never names what is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The source.
    pub source: Source,
    /// What was answered, and known holes.
    pub coverage: Coverage,
    /// The files, by partition and first key.
    pub files: Vec<FileEntry>,
    /// The mark of a writer that puts files in an object store which it does not name yet.
    pub(crate) writing: Option<String>,
}

/// One Parquet file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEntry {
    /// The folder that it is in.
    pub partition: Partition,
    /// The key of its first row.
    pub first: Key,
    /// The key of its last row.
    pub last: Key,
    /// Its name in the folder.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// The BLAKE3 of its bytes, as `b3sum` prints it.
    pub blake3: String,
}

/// The name of a manifest.
pub(crate) const MANIFEST: &str = "manifest.json";

/// The version written and read here.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestJson {
    version: u32,
    source: String,
    coverage: Vec<Span>,
    gaps: Vec<Gap>,
    files: Vec<FileJson>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    writing: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileJson {
    path: String,
    rows: u64,
    bytes: u64,
    blake3: String,
    first: KeyJson,
    last: KeyJson,
}

#[derive(Serialize, Deserialize)]
struct KeyJson(i64, i64, String);

impl From<&Key> for KeyJson {
    fn from(key: &Key) -> Self {
        Self(key.first, key.second, key.third.to_string())
    }
}

impl From<KeyJson> for Key {
    fn from(KeyJson(first, second, third): KeyJson) -> Self {
        Self { first, second, third: third.into() }
    }
}

impl FileEntry {
    /// Returns its path below the source's folder.
    pub fn path(&self) -> String {
        format!("{}/{}", self.partition, self.name)
    }

    /// Whether it is what compaction leaves.
    pub fn is_compacted(&self) -> bool {
        self.name.starts_with("data-")
    }
}

impl Manifest {
    /// Returns the manifest of a source of which nothing is recorded.
    pub fn empty(source: Source) -> Self {
        Self { source, coverage: Coverage::default(), files: Vec::new(), writing: None }
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.rows))
    }

    /// Returns how many bytes the files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().fold(0, |sum, file| sum.saturating_add(file.bytes))
    }

    /// Returns the key of the first and of the last row.
    pub fn ends(&self) -> Option<(&Key, &Key)> {
        let first = self.files.iter().map(|file| &file.first).min()?;
        self.files.iter().map(|file| &file.last).max().map(|last| (first, last))
    }

    /// Returns the partitions, ascending, each once.
    pub fn partitions(&self) -> Vec<Partition> {
        let mut partitions: Vec<_> = self.files.iter().map(|file| file.partition).collect();
        partitions.sort();
        partitions.dedup();
        partitions
    }

    pub(crate) fn to_json(&self) -> Result<String, FileFault> {
        let file = |entry: &FileEntry| FileJson {
            path: entry.path(),
            rows: entry.rows,
            bytes: entry.bytes,
            blake3: entry.blake3.clone(),
            first: (&entry.first).into(),
            last: (&entry.last).into(),
        };
        let json = ManifestJson {
            version: VERSION,
            source: self.source.to_string(),
            coverage: self.coverage.spans().to_vec(),
            gaps: self.coverage.gaps().to_vec(),
            files: self.files.iter().map(file).collect(),
            writing: self.writing.clone(),
        };
        let text = serde_json::to_string_pretty(&json);
        text.map(|text| text + "\n").map_err(|error| FileFault::Json(error.to_string()))
    }

    pub(crate) fn read(source: &Source, text: &[u8]) -> Result<Self, FileFault> {
        let bad = |found: String| FileFault::Json(found);
        let json: ManifestJson =
            serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
        if json.version != VERSION {
            let found = json.version;
            return Err(bad(format!("version {found}; this program reads version {VERSION}")));
        }
        if json.source != source.to_string() {
            return Err(bad(format!("is the manifest of {}, not of {source}", json.source)));
        }
        let coverage = Coverage::new(&json.coverage, &json.gaps);
        let is_canonical = coverage.spans() == json.coverage && coverage.gaps() == json.gaps;
        if !is_canonical {
            return Err(bad("its coverage is not ascending, or overlaps a gap".to_owned()));
        }
        let mut files = Vec::with_capacity(json.files.len());
        for file in json.files {
            let (partition, name) = file
                .path
                .split_once('/')
                .and_then(|(folder, name)| Some((Partition::named(folder)?, name)))
                .filter(|(_, name)| is_file_name(name))
                .ok_or_else(|| bad(format!("`{}` is not the path of a file", file.path)))?;
            files.push(FileEntry {
                partition,
                first: file.first.into(),
                last: file.last.into(),
                name: name.to_owned(),
                rows: file.rows,
                bytes: file.bytes,
                blake3: file.blake3,
            });
        }
        Ok(Self { source: source.clone(), coverage, files, writing: json.writing })
    }
}

/// Whether a file in a partition is named as those that are written here.
pub(crate) fn is_file_name(name: &str) -> bool {
    let stem = name.strip_suffix(".parquet");
    let rest = stem.and_then(|stem| stem.strip_prefix("part-").or(stem.strip_prefix("data-")));
    rest.is_some_and(|rest| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !rest.is_empty() && rest.bytes().all(is_plain)
    })
}
