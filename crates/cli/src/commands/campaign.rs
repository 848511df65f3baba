use std::path::{Path, PathBuf};

use clap::Args;
use tidemill_campaign::{CampaignConfig, ConfigError, DesignError, Plan, Recording, design};
use tidemill_report::{CampaignProvenance, CampaignSheet};
use tidemill_store::{AnyTape, write_atomically};

use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = r#"Examples:
  tidemill campaign
  tidemill campaign --out report
  tidemill campaign campaign.toml --json

A configuration, every key optional:
  tape = "week.parquet"          # or a folder; the built-in sample without it
  quote = "USDC"
  budgets = ["50000", "200000"]  # whole reward tokens, one design each

  [reward]
  symbol = "ARB"
  price_quote = "0.75"           # quote tokens for one

  [schedule]
  duration_days = 28

  [supply]
  required_return = 0.15         # net, a year
  epsilon = inf                  # elasticity of capital to what it is paid
  placement = "band"             # or "present", "full"
  half_life_days = 7             # of what came, after the end

  [[programme]]
  kind = "merkl"

Kinds: staking_rewards, v3_staker, slipstream_gauge, merkl; in pools of shares
staking_rewards, master_chef, curve_gauge, balancer_gauge, aerodrome_gauge.
The model and all keys: docs/campaign.md"#;

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The configuration; the built-in sample and every programme that fits it without one
    #[arg(value_name = "CONFIG.toml")]
    config: Option<PathBuf>,
    /// Folder for campaign.html and campaign.json; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let text = self.config.as_deref().map_or(Ok(String::new()), super::read_config)?;
        let in_config = |error: ConfigError| self.in_config(&text, &error);
        let config = CampaignConfig::from_toml(&text).map_err(in_config)?;
        let path = self.tape_path(&config);
        let in_tape = |error| super::in_tape(self.config.as_deref(), &text, &error);
        let tape = super::open(path.as_deref()).map_err(in_tape)?;
        let recording = record(&tape)
            .map_err(|error| in_tape(super::unusable_tape(path.as_deref(), &error)))?;
        let plan = config.resolve(&recording).map_err(in_config)?;
        let provenance = self.provenance(&tape)?;
        let sheet =
            design_with_bar(&recording, &plan, provenance).map_err(|error| match error {
                DesignError::Config(error) => in_config(error),
                DesignError::Depth(_) | DesignError::Capture(_) => self.of_pool(&error),
            })?;
        if let Some(out) = &self.out {
            super::backtest::prepare(out)?;
            let page = tidemill_report::render_campaign_page(&sheet);
            write(&out.join("campaign.html"), page.as_bytes())?;
            let text = serde_json::to_vec_pretty(&sheet).map_err(Failure::input)?;
            write(&out.join("campaign.json"), &text)?;
        }
        if self.json {
            return output::print_json(&sheet);
        }
        let width = output::terminal_width();
        output::print(&tidemill_report::render_campaign_table(&sheet, width))?;
        match &self.out {
            Some(out) => {
                output::print(&format!("\nReport: {}", out.join("campaign.html").display()))
            }
            None => output::print("\nAdd `--out DIR` for the HTML report with charts."),
        }
    }

    fn in_config(&self, text: &str, error: &ConfigError) -> Failure {
        super::in_config(self.config.as_deref(), text, error, ConfigError::show_in)
    }

    /// What a pool does not take, whatever key it comes from.
    fn of_pool(&self, error: &DesignError) -> Failure {
        match &self.config {
            Some(path) => Failure::input(format!("{}: {error}", path.display())),
            None => Failure::input(error),
        }
    }

    /// A tape is looked for beside the configuration that names it.
    fn tape_path(&self, config: &CampaignConfig) -> Option<PathBuf> {
        let folder = self.config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        config.tape.as_ref().map(|tape| folder.join(tape))
    }

    fn provenance(&self, tape: &AnyTape) -> Result<CampaignProvenance, Failure> {
        let config = self.config.as_ref().map(|path| format!(" {}", path.display()));
        Ok(CampaignProvenance {
            tidemill_version: env!("CARGO_PKG_VERSION").to_owned(),
            tape_blake3: super::backtest::content_hash(tape)?,
            command: format!("tidemill campaign{}", config.unwrap_or_default()),
        })
    }
}

fn design_with_bar(
    recording: &Recording,
    plan: &Plan,
    provenance: CampaignProvenance,
) -> Result<CampaignSheet, DesignError> {
    let total = plan.programmes.len().saturating_mul(plan.budgets.len());
    let bar = progress::bar(total as u64, "designing");
    let sheet = design(recording, plan, provenance, &|done| bar.set_position(done));
    bar.finish_and_clear();
    sheet
}

fn record(tape: &AnyTape) -> Result<Recording, tidemill_market::MarketError> {
    let events = match tape {
        AnyTape::Concentrated(tape) => tape.events.len(),
        AnyTape::Shares(tape) => tape.events.len(),
    };
    let bar = progress::bar(events as u64, "reading");
    let recording = Recording::of(tape, &|done| bar.set_position(done));
    bar.finish_and_clear();
    recording
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_atomically(path, bytes).map_err(Failure::input)
}
