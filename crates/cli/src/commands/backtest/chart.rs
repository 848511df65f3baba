use std::path::{Path, PathBuf};

use clap::Args;
use tidemill_report::{RunChart, TearSheet, render_run_chart};
use tidemill_store::write_atomically;

use crate::failure::Failure;

/// What is asked for as a picture.
#[derive(Args)]
pub(super) struct ChartArguments {
    /// Where a picture of one strategy's run goes; an existing file is replaced
    #[arg(long, value_name = "FILE.svg")]
    chart: Option<PathBuf>,
    /// The strategy of the picture, where the configuration has several
    #[arg(long, value_name = "NAME", requires = "chart")]
    strategy: Option<String>,
    /// Draw it against this strategy, not against holding
    #[arg(long, value_name = "NAME", requires = "chart")]
    against: Option<String>,
}

/// A picture that can be drawn once the run is done.
pub(super) struct Picture<'a> {
    pub(super) file: &'a Path,
    /// Places among the strategies.
    strategy: usize,
    against: Option<usize>,
}

impl ChartArguments {
    /// Returns what to draw of strategies with these names; `None` where nothing is asked for. A
    /// place that cannot be written is found here, and not at the end of a long run.
    pub(super) fn picture(&self, names: &[String]) -> Result<Option<Picture<'_>>, Failure> {
        let Some(file) = &self.chart else { return Ok(None) };
        let place = |option: &str, wanted: &String| {
            names.iter().position(|name| name == wanted).ok_or_else(|| {
                let allowed = listed(names.iter());
                Failure::input(format!("{option} is {wanted}; allowed is {allowed}"))
            })
        };
        let against = self.against.as_ref().map(|name| place("--against", name)).transpose()?;
        let strategy = match &self.strategy {
            Some(name) => place("--strategy", name)?,
            None => the_only(names, against)?,
        };
        if against == Some(strategy) {
            let name = names.get(strategy).map_or("", String::as_str);
            let error = format!("--against is {name}, the strategy that is drawn; name another");
            return Err(Failure::input(error));
        }
        try_place(file)?;
        Ok(Some(Picture { file, strategy, against }))
    }
}

impl Picture<'_> {
    /// Draws and writes it.
    pub(super) fn write(&self, sheet: &TearSheet) -> Result<(), Failure> {
        let of = |place: usize| sheet.strategies.get(place);
        let Some(strategy) = of(self.strategy) else { return Ok(()) };
        let against = self.against.and_then(of);
        let svg = render_run_chart(&RunChart { sheet, strategy, against });
        write_atomically(self.file, svg.as_bytes()).map_err(Failure::input)
    }
}

fn the_only(names: &[String], against: Option<usize>) -> Result<usize, Failure> {
    let mut others = (0..names.len()).filter(|place| Some(*place) != against);
    match (others.next(), others.next()) {
        (Some(only), None) => Ok(only),
        (_, _) => {
            let allowed = listed(names.iter());
            let error = format!("--chart draws one strategy; name it with --strategy: {allowed}");
            Err(Failure::input(error))
        }
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.map(String::as_str).collect();
    match names.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        few => few.concat(),
    }
}

fn try_place(file: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::input(format!("{}: cannot be written: {error}", file.display()))
    };
    if file.is_dir() {
        return Err(failed(&"it is a folder"));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let tried = tempfile::tempfile_in(folder.unwrap_or(Path::new(".")));
    tried.map(drop).map_err(|error| failed(&error))
}
