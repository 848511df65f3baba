use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::verify::svg;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the data may be just so.
    Note,
    /// Something is missing or strange; results that use it need care.
    Warning,
    /// The data is damaged or contradicts itself.
    Error,
}

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A file: there, undamaged, in order, as the manifest says.
    File,
    /// Two rows of one key.
    Duplicate,
    /// A hole in times, numbers or blocks.
    Gap,
    /// A row where none was asked for, or in the folder of another day.
    Place,
    /// Times that run backwards, or arrive before they happened.
    Clock,
    /// A value far from its neighbours.
    Outlier,
    /// Prices, ticks or amounts of one row that contradict each other.
    Consistency,
    /// Fees or gas that are not recorded.
    MissingFees,
    /// A second source, or a pool, that says something else.
    SecondSource,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was checked.
    pub check: Check,
    /// The source.
    pub source: String,
    /// Where: a file, a time, a block, or the first of several.
    pub place: String,
    /// What was found.
    pub what: String,
    /// What is allowed.
    pub allowed: String,
    /// How many rows, places or intervals it stands for.
    pub count: u64,
}

/// How many rows a day has, and how many findings point into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day, `2024-01-05`.
    pub day: String,
    /// Its rows.
    pub rows: u64,
    /// How many it should have, where that is known.
    pub expected: Option<u64>,
}

/// What was found about one source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceReport {
    /// The source.
    pub source: String,
    /// Rows that were read.
    pub rows: u64,
    /// Files that the manifest names.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The first row's place: a time or a block.
    pub first: Option<String>,
    /// The last row's place.
    pub last: Option<String>,
    /// Days with rows, and those between without.
    pub days: Vec<Day>,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

/// What was found in a data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// The sources that were read.
    pub sources: Vec<SourceReport>,
}

impl Severity {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Note, Self::Warning, Self::Error];
        let found = known.into_iter().find(|severity| severity.name() == text);
        found.ok_or_else(|| format!("`{text}` is none of note, warning, error"))
    }
}

impl VerifyReport {
    /// Returns all findings, by source.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sources.iter().flat_map(|source| &source.findings)
    }

    /// Returns the worst severity.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|finding| finding.severity).max()
    }

    /// Returns the rows of each day as a page of bars: one line of bars a source, days below what
    /// they should have in another colour.
    pub fn to_svg(&self) -> String {
        svg::draw(&self.sources)
    }
}
