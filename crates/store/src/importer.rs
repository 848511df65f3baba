use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use tidemill_model::{PoolStart, Tape};

use crate::csv_lines::CsvLines;
use crate::csv_rows::{CsvRows, Table};
use crate::limits::MAX_POOL_JSON_BYTES;
use crate::pool_json::{STATE_FIELDS, TICK_MAP_FIELD, read_pool_json};
use crate::share_builder::ShareTapeBuilder;
use crate::share_csv::for_each_share_row;
use crate::share_pool_json::{is_share_pool_json, read_share_pool_json};
use crate::tape_builder::{Part, TapeBuilder};
use crate::{AnyTape, Fault, FormatFault, ShareTape, TapeError};

/// A CSV file to import, wherever its bytes come from.
pub struct CsvSource<'a> {
    /// How errors name it.
    pub file: String,
    /// Its bytes, compressed or not.
    pub bytes: Box<dyn BufRead + 'a>,
    /// Whether the bytes are gzip data; several members after one another are one text.
    pub is_gzip: bool,
}

/// What a folder to import holds.
pub struct ImportSources<'a> {
    /// How errors name `pool.json`.
    pub pool_file: String,
    /// The bytes of `pool.json`.
    pub pool_json: Vec<u8>,
    /// `events.csv`, `events.csv.gz` or `events.csv.zst`.
    pub events: CsvSource<'a>,
    /// `initial_positions.csv`, or the same compressed.
    pub initial_positions: Option<CsvSource<'a>>,
}

/// Reads a tape of either form from whatever a path names: a folder to import, or a Parquet file.
///
/// # Errors
///
/// As [`import_any_folder`] for a folder, as [`crate::read_any_tape`] for anything else.
pub fn open_tape(path: &Path) -> Result<AnyTape, TapeError> {
    if path.is_dir() { import_any_folder(path) } else { crate::read_any_tape(path) }
}

/// Imports a folder with `pool.json`, `events.csv[.gz|.zst]` and perhaps
/// `initial_positions.csv[.gz|.zst]`, in the columns of `docs/tape-format.md`.
///
/// # Errors
///
/// Any [`TapeError`] but [`TapeError::Write`], naming the file, and where it lies in one, the row
/// and column. Nothing is guessed or repaired.
pub fn import_folder(folder: &Path) -> Result<Tape, TapeError> {
    import(folder_sources(folder)?)
}

/// Imports a folder of either form: where its `pool.json` has a `state`, it is one of a pool of
/// shares.
///
/// # Errors
///
/// As [`import_folder`].
pub fn import_any_folder(folder: &Path) -> Result<AnyTape, TapeError> {
    let sources = folder_sources(folder)?;
    if is_share_pool_json(&sources.pool_json) {
        import_shares(sources).map(AnyTape::Shares)
    } else {
        import(sources).map(AnyTape::Concentrated)
    }
}

const POSITION_FILES: [&str; 3] =
    ["initial_positions.csv", "initial_positions.csv.gz", "initial_positions.csv.zst"];

fn folder_sources(folder: &Path) -> Result<ImportSources<'static>, TapeError> {
    if !folder.is_dir() {
        return Err(file_error(&folder.display().to_string(), FormatFault::NotAFolder));
    }
    let pool_path = folder.join("pool.json");
    let pool_file = pool_path.display().to_string();
    let pool_json = read_limited(&pool_path, MAX_POOL_JSON_BYTES)?;
    let events = open_csv(folder, ["events.csv", "events.csv.gz", "events.csv.zst"])?;
    let missing =
        || file_error(&folder.join("events.csv").display().to_string(), FormatFault::NoFile);
    Ok(ImportSources {
        pool_file,
        pool_json,
        events: events.ok_or_else(missing)?,
        initial_positions: open_csv(folder, POSITION_FILES)?,
    })
}

/// Imports what a folder of a pool of shares would hold, from any readers.
///
/// # Errors
///
/// As [`import_folder`].
pub fn import_shares(sources: ImportSources<'_>) -> Result<ShareTape, TapeError> {
    let ImportSources { pool_file, pool_json, events, initial_positions } = sources;
    if let Some(source) = initial_positions {
        return Err(file_error(&source.file, FormatFault::NoPositions));
    }
    let (header, start) = read_share_pool_json(&pool_file, &pool_json)?;
    let mut builder = ShareTapeBuilder::new(header, start);
    let file = events.file.clone();
    for_each_share_row(&file, lines(events, &file), |row| builder.push(row))?;
    builder.finish().map_err(|fault| file_error(&file, fault))
}

/// Imports what a folder would hold, from any readers.
///
/// # Errors
///
/// As [`import_folder`].
pub fn import(sources: ImportSources<'_>) -> Result<Tape, TapeError> {
    let ImportSources { pool_file, pool_json, events, initial_positions } = sources;
    let header = read_pool_json(&pool_file, &pool_json)?;
    let (has_state, has_positions) =
        (matches!(header.start, PoolStart::Snapshot { .. }), initial_positions.is_some());
    let is_window = matches!(header.start, PoolStart::Window(_));
    if has_state != has_positions && !is_window {
        let fault =
            if has_state { Fault::StateWithoutPositions } else { Fault::PositionsWithoutState };
        let field = STATE_FIELDS[0].to_owned();
        return Err(TapeError::Field { file: pool_file, field, fault: fault.into() });
    }
    if has_positions && is_window {
        let (field, fault) = (TICK_MAP_FIELD.to_owned(), Fault::PositionsWithoutTickMap);
        return Err(TapeError::Field { file: pool_file, field, fault: fault.into() });
    }
    let build = header.build;
    let mut builder = TapeBuilder::new(header);
    let events_file = events.file.clone();
    let positions_file = initial_positions.as_ref().map(|source| source.file.clone());
    if let Some(source) = initial_positions {
        let file = source.file.clone();
        let rows = CsvRows::new(&file, lines(source, &file), (Table::InitialPositions, &build))?;
        rows.for_each(|row| builder.push_initial_position(row))?;
    }
    let rows = CsvRows::new(&events_file, lines(events, &events_file), (Table::Events, &build))?;
    rows.for_each(|row| builder.push_event(row))?;
    builder.finish().map_err(|(part, fault)| {
        let file = match part {
            Part::InitialPositions => positions_file.unwrap_or(pool_file),
            Part::Events => events_file,
        };
        TapeError::File { file, fault: fault.into() }
    })
}

fn lines<'a>(source: CsvSource<'a>, file: &'a str) -> CsvLines<'a> {
    let reader: Box<dyn BufRead + 'a> = if source.is_gzip {
        Box::new(BufReader::new(MultiGzDecoder::new(source.bytes)))
    } else {
        source.bytes
    };
    CsvLines::new(file, reader, source.is_gzip)
}

/// Opens the one of three names that is there: as it is, in gzip, in Zstandard.
fn open_csv(
    folder: &Path,
    names: [&'static str; 3],
) -> Result<Option<CsvSource<'static>>, TapeError> {
    let there: Vec<(PathBuf, &'static str)> = names
        .into_iter()
        .map(|name| (folder.join(name), name))
        .filter(|(path, _)| path.exists())
        .collect();
    let path = match there.as_slice() {
        [] => return Ok(None),
        [(path, _)] => path,
        [(first, _), (_, second), ..] => {
            let fault = FormatFault::TwoFiles(second);
            return Err(file_error(&first.display().to_string(), fault));
        }
    };
    let ends_in = |ending: &str| path.extension().is_some_and(|found| found == ending);
    let file = path.display().to_string();
    let read_error = |source| TapeError::Read { file: file.clone(), source };
    let opened = File::open(path).map_err(read_error)?;
    let bytes: Box<dyn BufRead> = if ends_in("zst") {
        Box::new(BufReader::new(zstd::Decoder::new(opened).map_err(read_error)?))
    } else {
        Box::new(BufReader::new(opened))
    };
    Ok(Some(CsvSource { is_gzip: ends_in("gz"), file, bytes }))
}

/// Reads a file whole, refusing one past the limit without holding more than that.
pub(crate) fn read_limited(path: &Path, limit: u64) -> Result<Vec<u8>, TapeError> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    let opened = File::open(path).map(|opened| opened.take(limit.saturating_add(1)));
    let read = opened.and_then(|mut opened| opened.read_to_end(&mut bytes));
    let read = match read {
        Ok(count) => u64::try_from(count).unwrap_or(u64::MAX),
        Err(source) => return Err(TapeError::Read { file, source }),
    };
    if read > limit {
        return Err(file_error(&file, FormatFault::LargeFile { limit }));
    }
    Ok(bytes)
}

pub(crate) fn file_error(file: &str, fault: impl Into<Fault>) -> TapeError {
    TapeError::File { file: file.to_owned(), fault: Box::new(fault.into()) }
}
