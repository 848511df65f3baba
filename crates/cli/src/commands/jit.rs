use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use tidemill_model::{Tape, Token};
use tidemill_replay::{
    BacktestConfig, ConfigError, JustInTimeReport, JustInTimeTerms, ServedSwap, serve_just_in_time,
};
use tidemill_units::{Amount, Bps, Gas, Side, SignedAmount};

use crate::failure::Failure;
use crate::{output, progress};

const EXAMPLES: &str = "Examples:
  tidemill jit
  tidemill jit week.parquet --capital 5000000 --least 50000 --bid-bps 9000 --json

For each recorded swap whose fees are worth the gas: liquidity in the ticks that it went through,
minted right before it, burned and collected right after, executed in the pool as it was. It takes
knowing each swap before it happens; with --hindsight, what the price is after it, too.
docs/just-in-time.md";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A tape, or a folder to import; the built-in sample without one
    #[arg(value_name = "TAPE|DIR")]
    tape: Option<PathBuf>,
    /// The token that values are stated in; a dollar stablecoin without it, if there is one
    #[arg(long, value_name = "SYMBOL")]
    quote: Option<String>,
    /// The most that the liquidity for one swap may cost, in whole quote tokens
    #[arg(long, value_name = "AMOUNT", default_value = "1000000")]
    capital: String,
    /// The least that a swap has to pay in, in whole quote tokens
    #[arg(long, value_name = "AMOUNT", default_value = "10000")]
    least: String,
    /// What the block's builder is paid of what fees leave over gas, 0 to 10000 basis points
    #[arg(long, value_name = "BPS", default_value_t = 5_000,
          value_parser = clap::value_parser!(u32).range(0..=10_000))]
    bid_bps: u32,
    /// Value what came back so many blocks after the swap, at the end of the block
    #[arg(long, value_name = "BLOCKS", default_value_t = 5)]
    markout_blocks: u64,
    /// Leave out what loses by that price: nobody can know that
    #[arg(long)]
    hindsight: bool,
    /// What minting, burning and collecting take; as measured of a position on new ticks without it
    #[arg(long, value_name = "GAS")]
    gas: Option<u64>,
    /// What 10^18 wei are worth, in whole quote tokens; needed where no token is the chain's coin
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    native_price: Option<String>,
    /// Print JSON, with every swap that was provided for
    #[arg(long)]
    json: bool,
}

/// Big integers are decimal strings, of raw units; values are of the quote token.
#[derive(Serialize)]
struct Json {
    quote: String,
    swaps: u64,
    looked_at: u64,
    served: usize,
    volume: String,
    most_capital: String,
    gas_units: u64,
    fees: String,
    inventory: String,
    gas: String,
    bid: String,
    net: String,
    served_swaps: Vec<JsonSwap>,
}

#[derive(Serialize)]
struct JsonSwap {
    block: u64,
    log_index: u32,
    lower: i32,
    upper: i32,
    liquidity: String,
    deposited0: String,
    deposited1: String,
    withdrawn0: String,
    withdrawn1: String,
    fees0: String,
    fees1: String,
    volume: String,
    capital: String,
    fees: String,
    inventory: String,
    gas: String,
    bid: String,
    net: String,
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let tape = super::open_concentrated(self.tape.as_deref())?;
        let (terms, quote) = self.terms(&tape)?;
        let bar = progress::bar(tape.events.len() as u64, "replaying");
        let report = serve_just_in_time(&tape, &terms, |done| bar.set_position(done));
        bar.finish_and_clear();
        let report = report.map_err(|error| super::unusable_tape(self.tape.as_deref(), &error))?;
        let totals = Totals::of(&report)
            .ok_or_else(|| Failure::input("the sums pass 2^255 - 1 raw units"))?;
        if self.json {
            return output::print_json(&totals.json(&report, terms.gas, &quote));
        }
        totals.print(&report, terms.gas, &quote)
    }

    fn terms(&self, tape: &Tape) -> Result<(JustInTimeTerms, Token), Failure> {
        let config = BacktestConfig {
            quote: self.quote.clone(),
            native_price_quote: self.native_price.clone(),
            ..BacktestConfig::default()
        };
        let setup = config.resolve(tape).map_err(|error| self.refused(&error))?;
        let stated = setup.valuation.pool().copied();
        let valuation = stated.ok_or_else(|| Failure::input("the tape has no price"))?;
        let quote = match valuation.quote.side() {
            Some(Side::Token0) => &tape.header.token0,
            Some(Side::Token1) | None => &tape.header.token1,
        };
        let whole = |option: &str, text: &str| {
            Amount::from_decimal_str(text, quote.decimals)
                .map_err(|error| Failure::input(format!("{option}: {error}")))
        };
        let capital = whole("--capital", &self.capital)?;
        if capital.is_zero() {
            return Err(Failure::input("--capital: 0 is not allowed; expected an amount above 0"));
        }
        let model = setup.models.gas;
        let measured = [model.mint_new_ticks, model.decrease, model.collect];
        let measured = measured.iter().fold(0_u64, |sum, gas| sum.saturating_add(gas.0));
        let terms = JustInTimeTerms {
            valuation,
            capital,
            least: whole("--least", &self.least)?,
            gas: Gas(self.gas.unwrap_or(measured)),
            fallback_price: model.fallback_price,
            bid: Bps(self.bid_bps),
            markout_blocks: self.markout_blocks,
            hindsight: self.hindsight,
        };
        Ok((terms, quote.clone()))
    }

    /// Says what is wrong with an option, or with the tape.
    fn refused(&self, error: &ConfigError) -> Failure {
        if let ConfigError::NoNativePrice { tokens, chain } = error {
            return Failure::input(format!(
                "--native-price is missing; needed because {tokens} is the coin that gas is paid \
                 in on chain {chain}"
            ));
        }
        if let ConfigError::NotAllowed { key, value, allowed } = error {
            let option = option(key);
            return Failure::input(format!("{option}: {value} is not allowed; expected {allowed}"));
        }
        if let ConfigError::Number { key, error } = error {
            return Failure::input(format!("{}: {error}", option(key)));
        }
        super::unusable_tape(self.tape.as_deref(), error)
    }
}

/// Returns the option that a key of a configuration is here.
fn option(key: &str) -> &'static str {
    if key == "quote" { "--quote" } else { "--native-price" }
}

struct Totals {
    volume: Amount,
    fees: SignedAmount,
    inventory: SignedAmount,
    gas: SignedAmount,
    bid: SignedAmount,
    net: SignedAmount,
}

impl Totals {
    fn of(report: &JustInTimeReport) -> Option<Self> {
        Some(Self {
            volume: report.volume()?,
            fees: report.total(|served| served.fees)?,
            inventory: report.total(|served| served.inventory)?,
            gas: report.total(|served| served.gas)?,
            bid: report.total(|served| served.bid)?,
            net: report.total(|served| served.net)?,
        })
    }

    fn json(&self, report: &JustInTimeReport, gas: Gas, quote: &Token) -> Json {
        Json {
            quote: quote.symbol.clone(),
            swaps: report.swaps,
            looked_at: report.looked_at,
            served: report.served.len(),
            volume: self.volume.to_string(),
            most_capital: report.most_capital().to_string(),
            gas_units: gas.0,
            fees: self.fees.to_string(),
            inventory: self.inventory.to_string(),
            gas: self.gas.to_string(),
            bid: self.bid.to_string(),
            net: self.net.to_string(),
            served_swaps: report.served.iter().map(JsonSwap::of).collect(),
        }
    }

    fn print(&self, report: &JustInTimeReport, gas: Gas, quote: &Token) -> Result<(), Failure> {
        let Token { symbol, decimals, .. } = quote;
        let amount = |amount: Amount| format!("{} {symbol}", amount.to_decimal_string(*decimals));
        let signed =
            |amount: SignedAmount| format!("{} {symbol}", amount.to_decimal_string(*decimals));
        output::print_rows(&[
            ("swaps", report.swaps.to_string()),
            ("looked at", report.looked_at.to_string()),
            ("provided for", report.served.len().to_string()),
            ("they pay in", amount(self.volume)),
            ("largest deposit", amount(report.most_capital())),
            ("gas of each", gas.0.to_string()),
            ("fees", signed(self.fees)),
            ("inventory", signed(self.inventory)),
            ("gas", signed(self.gas)),
            ("builder", signed(self.bid)),
            ("net", signed(self.net)),
        ])
    }
}

impl JsonSwap {
    fn of(served: &ServedSwap) -> Self {
        let paid = served.paid;
        Self {
            block: served.block.0,
            log_index: served.log_index.0,
            lower: served.range.lower.0,
            upper: served.range.upper.0,
            liquidity: served.liquidity.0.to_string(),
            deposited0: paid.deposited.amount0.to_string(),
            deposited1: paid.deposited.amount1.to_string(),
            withdrawn0: paid.withdrawn.amount0.to_string(),
            withdrawn1: paid.withdrawn.amount1.to_string(),
            fees0: paid.fees.amount0.to_string(),
            fees1: paid.fees.amount1.to_string(),
            volume: served.volume.to_string(),
            capital: served.capital.to_string(),
            fees: served.fees.to_string(),
            inventory: served.inventory.to_string(),
            gas: served.gas.to_string(),
            bid: served.bid.to_string(),
            net: served.net.to_string(),
        }
    }
}
