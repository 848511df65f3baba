use std::fmt::Display;
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A file that is written beside its place, and named when it is whole.
pub(super) struct NewFile<'a> {
    out: &'a Path,
    writer: BufWriter<NamedTempFile>,
}

impl<'a> NewFile<'a> {
    pub(super) fn create(out: &'a Path) -> Result<Self, Failure> {
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let file = file.map_err(|error| failure(out, &error))?;
        Ok(Self { out, writer: BufWriter::new(file) })
    }

    pub(super) fn writer(&mut self) -> &mut BufWriter<NamedTempFile> {
        &mut self.writer
    }

    /// Says what went wrong with it.
    pub(super) fn failure(&self, error: &dyn Display) -> Failure {
        failure(self.out, error)
    }

    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let out = self.out;
        self.writer.flush().map_err(|error| failure(out, &error))?;
        let file = self.writer.into_inner().map_err(|error| failure(out, &error.into_error()))?;
        file.persist(out).map_err(|error| failure(out, &error.error))?;
        Ok(())
    }
}

fn failure(out: &Path, error: &dyn Display) -> Failure {
    Failure::input(format!("{}: {error}", out.display()))
}
