use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use csv::StringRecord;
use tidemill_model::{Candle, Funding, Interval, TapeEvent};
use tidemill_store::PoolDescription;

use crate::import::ImportError;
use crate::import::convert::{Converter, FieldFault};
use crate::import::layout::{Layout, Unfit};
use crate::import::staged::Staged;
use crate::import::table::{CsvForm, Table};
use crate::{
    Answered, Block, Catalogue, CoverageUnit, Dataset, Gap, PoolBar, PoolSnapshot, Record,
    SeriesInfo, SeriesValue, Source, Span, Writer,
};

/// Rows that are held before they are written.
const HELD_ROWS: usize = 1 << 17;

/// The most sources of one file.
const MAX_SOURCES: usize = 4096;

/// Rows between two signs of life.
const PROGRESS_ROWS: u64 = 4096;

/// One file on its way into the data folder.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The file.
    pub file: &'a Path,
    /// How it is laid out.
    pub layout: &'a Layout,
    /// What the layout's names stand for where no column tells.
    pub settings: &'a BTreeMap<String, String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file that were read.
    pub bytes_read: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows read.
    pub rows: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows of the file.
    pub rows: u64,
    /// Numbers that had more places than are kept, and were rounded to the nearest.
    pub rounded: u64,
    /// Values that no column can hold, each now a named gap.
    pub unfit: u64,
    /// What became of each source.
    pub sources: Vec<ImportedSource>,
}

/// What an import did to one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSource {
    /// The source.
    pub source: Source,
    /// Rows that are new.
    pub rows: u64,
    /// Rows that were there already.
    pub duplicates: u64,
    /// Gaps that were named.
    pub gaps: u64,
}

impl Import<'_> {
    /// Imports the file, all of it or nothing, and compacts what it wrote. Doing it again changes
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`ImportError`], naming file, row and column; nothing has changed then, but with
    /// [`ImportError::Unfinished`], which says what has.
    pub async fn run(
        &self,
        data: &Catalogue,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let Some(dataset) = self.layout.dataset() else {
            return Err(self.wrong("into: no dataset"));
        };
        match dataset {
            Dataset::Candles => {
                self.rows::<Candle>(data, (), |c, row| c.candle(row), on_progress).await
            }
            Dataset::Funding => {
                self.rows::<Funding>(data, (), |c, row| c.funding(row), on_progress).await
            }
            Dataset::Blocks => {
                self.rows::<Block>(data, (), |c, row| c.block(row), on_progress).await
            }
            Dataset::PoolStates => {
                let read = |c: &mut Converter<'_>, row: &StringRecord| c.pool_snapshot(row);
                self.rows::<PoolSnapshot>(data, (), read, on_progress).await
            }
            Dataset::PoolBars => {
                self.rows::<PoolBar>(data, (), |c, row| c.pool_bar(row), on_progress).await
            }
            Dataset::PoolEvents => {
                let pool = self.pool()?;
                let read = |c: &mut Converter<'_>, row: &StringRecord| c.pool_event(row);
                self.rows::<TapeEvent>(data, pool, read, on_progress).await
            }
            Dataset::Series => self.series(data, on_progress).await,
            Dataset::Trades | Dataset::Quotes | Dataset::Book | Dataset::Marks => {
                Err(self.wrong("into: this dataset is not imported from tables"))
            }
        }
    }

    async fn rows<R: Record>(
        &self,
        data: &Catalogue,
        frame: R::Frame,
        read: impl Fn(&mut Converter<'_>, &StringRecord) -> Result<R, FieldFault>,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let names = Names::of(&self.layout.into);
        let mut reader = self.reader(&names)?;
        let mut sink = Sink::new(data, self);
        let read = async {
            while reader.next(on_progress)? {
                let source = self.source(&names, &reader, None)?;
                match read(&mut reader.converter, &reader.row) {
                    Ok(row) => sink.push(&source, &frame, row).await?,
                    Err(fault) => return Err(reader.field_error(fault)),
                }
            }
            Ok(())
        };
        let read = read.await;
        let sources = sink.end(read).await?;
        Ok(ImportReport { rows: reader.rows, rounded: reader.converter.rounded, unfit: 0, sources })
    }

    async fn series(
        &self,
        data: &Catalogue,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let names = Names::of(&self.layout.into);
        let mut reader = self.reader(&names)?;
        let mut sink = Sink::new(data, self);
        let mut repeats = Repeats::default();
        let mut unfit = 0;
        let read = async {
            while reader.next(on_progress)? {
                for (name, column) in &self.layout.values {
                    let source = self.source(&names, &reader, Some(name))?;
                    let info = SeriesInfo { unit: column.unit.clone() };
                    match reader.converter.series_value(&reader.row, &column.column) {
                        Ok(None) => {}
                        Ok(Some(mut value)) => {
                            if self.layout.number_repeats {
                                repeats.number(name, &mut value);
                            }
                            sink.push(&source, &info, value).await?;
                        }
                        Err(fault) if fault.too_large && self.layout.unfit == Unfit::Gap => {
                            let time = reader.converter.time(&reader.row, "time");
                            let time = time.map_err(|fault| reader.field_error(fault))?;
                            let cause = reader.converter.unfit_cause(&reader.row, &fault);
                            sink.name_gap(&source, &info, time.0, cause).await?;
                            unfit += 1;
                        }
                        Err(fault) => return Err(reader.field_error(fault)),
                    }
                }
            }
            Ok(())
        };
        let read = read.await;
        let sources = sink.end(read).await?;
        Ok(ImportReport { rows: reader.rows, rounded: reader.converter.rounded, unfit, sources })
    }

    fn reader(&self, names: &Names) -> Result<Reader<'_>, ImportError> {
        let has_values = !self.layout.values.is_empty();
        let told =
            |name: &String| !(self.settings.contains_key(name) || has_values && name == "name");
        let pool = ["chain", "pool"];
        let is_pool = |name: &String| self.layout.pool.is_some() && pool.contains(&name.as_str());
        let more: Vec<_> =
            names.names.iter().filter(|name| told(name) && !is_pool(name)).cloned().collect();
        let converter = Converter::new(self.layout, &more).map_err(|fault| self.wrong(&fault))?;
        let form = CsvForm { delimiter: self.layout.delimiter, header: self.layout.header.clone() };
        let opened = Table::open(self.file, converter.columns.clone(), &form);
        // A name that is neither set nor a column is more likely one to be set.
        let table = opened.map_err(|error| match (&error, more.first()) {
            (ImportError::File { fault, .. }, Some(name))
                if fault.starts_with(&format!("column {name} is missing")) =>
            {
                ImportError::Unset { name: name.clone() }
            }
            _ => error,
        })?;
        let row = StringRecord::new();
        Ok(Reader { table, converter, row, rows: 0, file: self.file.display().to_string() })
    }

    fn source(
        &self,
        names: &Names,
        reader: &Reader<'_>,
        value: Option<&str>,
    ) -> Result<Source, ImportError> {
        let text = names.fill(&self.layout.into, |name| {
            if let (Some(value), "name") = (value, name) {
                return value.to_owned();
            }
            if let Some(set) = self.settings.get(name) {
                return set.clone();
            }
            match &self.layout.pool {
                Some(pool) if name == "chain" => pool["chain_id"].to_string(),
                Some(pool) if name == "pool" => {
                    pool["pool"].as_str().unwrap_or_default().to_owned()
                }
                Some(_) | None => reader.converter.text(&reader.row, name).to_owned(),
            }
        });
        Ok(text.parse()?)
    }

    fn pool(&self) -> Result<PoolDescription, ImportError> {
        let text = self.layout.pool.as_ref().map(ToString::to_string).unwrap_or_default();
        let read = PoolDescription::read("pool of the layout", text.as_bytes());
        read.map_err(|error| self.wrong(&error.to_string()))
    }

    fn wrong(&self, fault: &str) -> ImportError {
        ImportError::Layout { place: "layout".to_owned(), fault: fault.to_owned() }
    }

    /// Returns the cause of what the file leaves out.
    fn cause(&self) -> String {
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        format!("not in {name}")
    }
}

/// A file being read by a layout.
struct Reader<'a> {
    table: Table,
    converter: Converter<'a>,
    row: StringRecord,
    rows: u64,
    file: String,
}

impl Reader<'_> {
    fn next(
        &mut self,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<bool, ImportError> {
        let more = self.table.next_row(&mut self.row)?;
        self.rows += u64::from(more);
        if self.rows.is_multiple_of(PROGRESS_ROWS) || !more {
            let (bytes_read, bytes) = (self.table.bytes_read(), self.table.bytes);
            on_progress(Progress { bytes_read, bytes, rows: self.rows });
        }
        Ok(more)
    }

    fn field_error(&self, fault: FieldFault) -> ImportError {
        let FieldFault { column, found, expected, .. } = fault;
        ImportError::Field { file: self.file.clone(), row: self.rows, column, found, expected }
    }
}

/// The names in braces of a source.
struct Names {
    names: BTreeSet<String>,
}

impl Names {
    fn of(into: &str) -> Self {
        let parts = into.split('{').skip(1);
        let names = parts.filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned());
        Self { names: names.collect() }
    }

    fn fill(&self, into: &str, value: impl Fn(&str) -> String) -> String {
        let fill = |text: String, name: &String| text.replace(&format!("{{{name}}}"), &value(name));
        self.names.iter().fold(into.to_owned(), fill)
    }
}

/// Counts the values of one time and item.
#[derive(Default)]
struct Repeats {
    /// By the series' name: the time, and how often each item came there.
    seen: BTreeMap<String, (i64, BTreeMap<Box<str>, u64>)>,
}

impl Repeats {
    /// Numbers a value that is not the first of its time and item. Rows of one time follow one
    /// another; where they do not, the second of them is an error when it is appended.
    fn number(&mut self, name: &str, value: &mut SeriesValue) {
        let time = value.observation.time.0;
        if self.seen.get(name).is_none_or(|(before, _)| *before != time) {
            self.seen.insert(name.to_owned(), (time, BTreeMap::new()));
        }
        let Some((_, items)) = self.seen.get_mut(name) else { return };
        let count = items.entry(value.item.clone()).or_default();
        *count += 1;
        if *count > 1 {
            value.item = format!("{}#{count}", value.item).into();
        }
    }
}

/// Rows on their way into their sources.
struct Sink<'a, R: Record> {
    data: &'a Catalogue,
    import: &'a Import<'a>,
    sources: BTreeMap<Source, Pending<R>>,
    held: usize,
}

struct Pending<R: Record> {
    writer: Writer<R>,
    rows: Vec<R>,
    /// What the rows cover, in the order they came.
    spans: Vec<Span>,
    /// The first place and the first one behind, of all rows.
    ends: Option<Span>,
    /// What became a gap: the first cause, and of how many rows.
    gaps: BTreeMap<Span, (String, u64)>,
    done: ImportedSource,
}

impl<'a, R: Record> Sink<'a, R> {
    fn new(data: &'a Catalogue, import: &'a Import<'a>) -> Self {
        Self { data, import, sources: BTreeMap::new(), held: 0 }
    }

    async fn push(&mut self, source: &Source, frame: &R::Frame, row: R) -> Result<(), ImportError> {
        let step = self.step(source);
        let pending = self.pending(source, frame).await?;
        pending.cover(&row, step);
        pending.rows.push(row);
        self.held += 1;
        if self.held >= HELD_ROWS {
            self.flush().await?;
        }
        Ok(())
    }

    async fn name_gap(
        &mut self,
        source: &Source,
        frame: &R::Frame,
        from: i64,
        cause: String,
    ) -> Result<(), ImportError> {
        let to = from.saturating_add(self.step(source).unwrap_or(1));
        // Several items of one time are one gap, which says how many.
        let gaps = &mut self.pending(source, frame).await?.gaps;
        gaps.entry(Span { from, to }).or_insert((cause, 0)).1 += 1;
        Ok(())
    }

    async fn pending(
        &mut self,
        source: &Source,
        frame: &R::Frame,
    ) -> Result<&mut Pending<R>, ImportError> {
        let (count, file) = (self.sources.len(), self.import.file);
        match self.sources.entry(source.clone()) {
            Entry::Occupied(there) => Ok(there.into_mut()),
            Entry::Vacant(_) if count == MAX_SOURCES => {
                let file = file.display().to_string();
                Err(ImportError::TooManySources { file, limit: MAX_SOURCES })
            }
            Entry::Vacant(place) => {
                let writer = self.data.writer::<R>(source, frame.clone()).await?;
                let source = source.clone();
                let done = ImportedSource { source, rows: 0, duplicates: 0, gaps: 0 };
                let (rows, spans, gaps) = (Vec::new(), Vec::new(), BTreeMap::new());
                Ok(place.insert(Pending { writer, rows, spans, ends: None, gaps, done }))
            }
        }
    }

    /// Returns how much one row covers, where rows stand at known places.
    fn step(&self, source: &Source) -> Option<i64> {
        let every = self.import.layout.every.as_deref().and_then(|every| every.parse().ok());
        match source.dataset() {
            Dataset::Blocks => Some(1),
            Dataset::Candles | Dataset::PoolBars => source.interval().map(Interval::us),
            Dataset::Series | Dataset::Funding => every.map(Interval::us),
            Dataset::PoolEvents
            | Dataset::PoolStates
            | Dataset::Trades
            | Dataset::Quotes
            | Dataset::Book
            | Dataset::Marks => None,
        }
    }

    async fn flush(&mut self) -> Result<(), ImportError> {
        for pending in self.sources.values_mut() {
            let rows = std::mem::take(&mut pending.rows);
            let spans = std::mem::take(&mut pending.spans);
            let answered = Answered { spans, gaps: Vec::new() };
            let appended = pending.writer.stage(rows, &answered).await?;
            pending.done.rows += appended.rows;
            pending.done.duplicates += appended.duplicates;
        }
        self.held = 0;
        Ok(())
    }

    /// Ends the import of what was read to its end, or takes everything back.
    async fn end(
        mut self,
        read: Result<(), ImportError>,
    ) -> Result<Vec<ImportedSource>, ImportError> {
        let staged = match read {
            Ok(()) => self.stage_rest().await,
            Err(error) => Err(error),
        };
        let parts = self.sources.into_values();
        let parts = parts.map(|Pending { writer, done, .. }| Staged { writer, done }).collect();
        match staged {
            Ok(()) => Staged::commit_all(parts).await,
            Err(error) => {
                Staged::discard_all(parts).await;
                Err(error)
            }
        }
    }

    /// Stages what is left, and names the holes.
    async fn stage_rest(&mut self) -> Result<(), ImportError> {
        self.flush().await?;
        let cause = self.import.cause();
        for (source, pending) in &mut self.sources {
            let mut gaps = named_gaps(std::mem::take(&mut pending.gaps));
            let is_sparse = source.dataset() == Dataset::Blocks;
            if let Some(ends) = pending.ends.filter(|_| !is_sparse) {
                // What has a name already needs no other.
                let mut named = pending.writer.staged().coverage.clone();
                let spans: Vec<_> = named.gaps().iter().chain(&gaps).map(Gap::span).collect();
                named.add(&spans, &[]);
                let missing = named.missing(ends).into_iter();
                gaps.extend(missing.map(|Span { from, to }| Gap {
                    from,
                    to,
                    cause: cause.clone(),
                }));
            }
            pending.done.gaps = u64::try_from(gaps.len()).unwrap_or(u64::MAX);
            let answered = Answered { spans: Vec::new(), gaps };
            pending.writer.stage(Vec::new(), &answered).await?;
        }
        Ok(())
    }
}

fn named_gaps(gaps: BTreeMap<Span, (String, u64)>) -> Vec<Gap> {
    let name = |(span, (cause, count)): (Span, (String, u64))| {
        let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
        Gap { from: span.from, to: span.to, cause: cause + &more }
    };
    gaps.into_iter().map(name).collect()
}

impl<R: Record> Pending<R> {
    fn cover(&mut self, row: &R, step: Option<i64>) {
        let place = match R::DATASET.coverage_unit() {
            CoverageUnit::Blocks => row.key().map(|key| key.first).unwrap_or_default(),
            CoverageUnit::Microseconds => row.time().map(|time| time.0).unwrap_or_default(),
        };
        let own = Span { from: place, to: place.saturating_add(step.unwrap_or(1)) };
        let ends = self.ends.get_or_insert(own);
        (ends.from, ends.to) = (ends.from.min(own.from), ends.to.max(own.to));
        match self.spans.last_mut() {
            // Without known places, all between two rows was answered.
            Some(last) if step.is_none() => {
                (last.from, last.to) = (last.from.min(own.from), last.to.max(own.to));
            }
            Some(last) if last.from <= own.from && own.from <= last.to => {
                last.to = last.to.max(own.to);
            }
            // What was flushed before goes on here.
            None if step.is_none() => self.spans.push(*ends),
            Some(_) | None => self.spans.push(own),
        }
    }
}
