use std::fs::OpenOptions;
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

use tidemill_feed_evm::backfill::{Chunk, Gap, Resume, Sink, SinkError};
use tidemill_units::BlockNumber;

/// What a chunk says, a line each.
pub(crate) fn lines(chunk: &Chunk) -> Vec<String> {
    let mut logs = chunk.logs.iter().peekable();
    let mut lines = Vec::new();
    for header in &chunk.headers {
        lines.push(format!("{} {} {}", header.number, header.hash, header.parent_hash));
        while let Some(log) = logs.next_if(|log| log.place.block == header.number) {
            assert_eq!(log.block_hash, Some(header.hash));
            let (place, time) = (log.place, log.time.unwrap().0);
            let (address, data) = (log.address.unwrap(), &log.data);
            lines.push(format!("{}.{} {time} {address} {data}", place.block, place.log_index));
        }
    }
    assert!(logs.next().is_none(), "every log has its header");
    lines
}

/// Chunks in memory.
#[derive(Default)]
pub(crate) struct MemorySink {
    pub(crate) chunks: Vec<Chunk>,
}

impl MemorySink {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.chunks.iter().flat_map(lines).collect()
    }

    pub(crate) fn gaps(&self) -> Vec<&Gap> {
        self.chunks.iter().flat_map(|chunk| &chunk.gaps).collect()
    }
}

impl Sink for MemorySink {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        Ok(None)
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        if let Some(last) = self.chunks.last() {
            assert_eq!(last.to.0 + 1, chunk.from.0, "chunks follow on each other");
        }
        self.chunks.push(chunk);
        Ok(())
    }
}

/// A file of lines, and a file that says how much of it counts; may be killed at any step.
pub(crate) struct FileSink {
    folder: PathBuf,
    /// So many steps before it is killed.
    pub(crate) steps_left: Option<u32>,
}

impl FileSink {
    pub(crate) fn open(folder: &Path, steps_left: Option<u32>) -> Self {
        Self { folder: folder.to_owned(), steps_left }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = std::fs::read(self.folder.join("rows")).unwrap_or_default();
        bytes.truncate(self.kept().map_or(0, |(_, length)| length));
        bytes
    }

    fn kept(&self) -> Option<(Resume, usize)> {
        let text = std::fs::read_to_string(self.folder.join("progress")).ok()?;
        let mut words = text.split(' ');
        let next = BlockNumber(words.next()?.parse().unwrap());
        let length = words.next()?.parse().unwrap();
        let parent = words.next().map(|parent| parent.parse().unwrap());
        Some((Resume { next, parent }, length))
    }

    fn step(&mut self) -> Result<(), Error> {
        match &mut self.steps_left {
            Some(0) => Err(Error::other("killed")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn keep(&mut self, chunk: &Chunk) -> Result<(), Error> {
        let length = self.kept().map_or(0, |(_, length)| length);
        let text = lines(chunk).join("\n") + "\n";
        let file = OpenOptions::new().create(true).append(true).open(self.folder.join("rows"))?;
        file.set_len(length as u64)?;
        let (first, second) = text.as_bytes().split_at(text.len() / 2);
        self.step()?;
        (&file).write_all(first)?;
        self.step()?;
        (&file).write_all(second)?;
        self.step()?;
        let hash = chunk.headers.last().map(|header| header.hash);
        let parent = hash.map(|hash| format!(" {hash}")).unwrap_or_default();
        let progress = format!("{} {}{parent}", chunk.to.0 + 1, length + text.len());
        std::fs::write(self.folder.join("new"), progress)?;
        self.step()?;
        std::fs::rename(self.folder.join("new"), self.folder.join("progress"))?;
        self.step()
    }
}

impl Sink for FileSink {
    fn progress(&self) -> Result<Option<Resume>, SinkError> {
        Ok(self.kept().map(|(resume, _)| resume))
    }

    fn accept(&mut self, chunk: Chunk) -> Result<(), SinkError> {
        self.keep(&chunk).map_err(|error| SinkError(Box::new(error)))
    }
}
