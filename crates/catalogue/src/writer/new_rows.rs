use std::collections::BTreeMap;

use super::Writer;
use crate::{CatalogueError, Manifest, Partition, Range, Record, Rows};

impl<R: Record> Writer<R> {
    /// Sorts rows, and leaves out those that are there twice.
    pub(super) fn sorted(
        &self,
        rows: Vec<R>,
    ) -> Result<Vec<(R, crate::Key, Partition)>, CatalogueError> {
        const YEARS: &str = "a time in the years 1 to 9999";
        let mut sorted = Vec::with_capacity(rows.len());
        for (row, number) in rows.into_iter().zip(1..) {
            let key = row.key().map_err(|fault| self.row_error(number, fault))?;
            let partition = self.source.partition(row.time()).ok_or_else(|| {
                let found = row.time().map(|time| time.0).unwrap_or_default();
                self.row_error(number, crate::RecordFault::value("time", &found, YEARS))
            })?;
            sorted.push((row, key, partition));
        }
        sorted.sort_by(|one, other| one.1.cmp(&other.1));
        let mut twice = None;
        sorted.dedup_by(|one, first| {
            let same = one.1 == first.1;
            if same && !one.0.says_as(&first.0) {
                twice.get_or_insert_with(|| one.1.clone());
            }
            same
        });
        match twice {
            None => Ok(sorted),
            Some(key) => {
                let given = || "the rows given".to_owned();
                let (from, one, other) = (self.source.clone(), given(), given());
                Err(CatalogueError::Conflict { from, key, one, other })
            }
        }
    }

    /// Leaves out rows that are recorded already; those that differ from what is are refused.
    pub(super) async fn without_recorded(
        &self,
        partition: Partition,
        rows: Vec<(crate::Key, R)>,
    ) -> Result<Vec<(crate::Key, R)>, CatalogueError> {
        let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(rows) };
        let mut overlapping = self.staged.clone();
        overlapping.files.retain(|file| {
            file.partition == partition && file.first <= last.0 && first.0 <= file.last
        });
        if overlapping.files.is_empty() {
            return Ok(rows);
        }
        let mut left = rows;
        for entry in overlapping.files {
            let mut one = Manifest::empty(self.source.clone());
            one.files.push(entry.clone());
            let (catalogue, frame) = (self.catalogue.clone(), self.frame.clone());
            let mut recorded = Rows::<R>::new(catalogue, one, frame, Range::All);
            let file = self.catalogue.file_place(&self.source, &entry.path());
            while let Some(batch) = recorded.next_rows().await? {
                let found = self.keep_new(&mut left, batch)?;
                if let Some(key) = found {
                    let (from, one, other) =
                        (self.source.clone(), file.clone(), "the rows given".to_owned());
                    return Err(CatalogueError::Conflict { from, key, one, other });
                }
            }
        }
        Ok(left)
    }

    /// Takes recorded rows out of those left; returns the key of one that differs.
    fn keep_new(
        &self,
        left: &mut Vec<(crate::Key, R)>,
        recorded: Vec<R>,
    ) -> Result<Option<crate::Key>, CatalogueError> {
        let mut there = BTreeMap::new();
        for row in recorded {
            let key = row.key().map_err(|fault| self.row_error(0, fault))?;
            there.insert(key, row);
        }
        let mut differs = None;
        left.retain(|(key, row)| match there.get(key) {
            None => true,
            Some(recorded) => {
                if !recorded.says_as(row) {
                    differs.get_or_insert_with(|| key.clone());
                }
                false
            }
        });
        Ok(differs)
    }
}
