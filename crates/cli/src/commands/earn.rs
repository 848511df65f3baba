//! `tidemill earn`: who has staked what in a reward programme, and what it can claim.

mod claims;
mod entry;
mod farms;
mod gauges;
mod stakes;
mod votes;

use std::io::Read as _;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use serde::Serialize;
use tidemill_amm::Pool;
use tidemill_model::Address;
use tidemill_rewards::aerodrome::PoolNow;
use tidemill_rewards::emission::EmissionClock;
use tidemill_rewards::{Account, Programme};
use tidemill_store::{MAX_PROGRAMME_STATE_BYTES, PoolState, ProgrammeState};
use tidemill_units::U256;

use crate::failure::Failure;
use crate::output;

use entry::{Earnings, Entry, Times};
use farms::Inside;

const EXAMPLES: &str = "Examples:
  tidemill earn farm.json --at 1700345600 --until 1700604800
  tidemill earn farm.json --account 0xa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 --json

The state of a programme is one JSON file, of any kind: docs/programme-state.md. Amounts are raw
units. Claimable is what a claim would pay at --at, claimable until what it would pay at --until if
nobody did anything in between. Unallocated is what is held and belongs to nobody: streamed while
nobody was staked, rounding, gifts.";

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The programme's state; - is standard input
    #[arg(value_name = "STATE.json")]
    state: PathBuf,
    /// Only this account
    #[arg(long, value_name = "ADDRESS")]
    account: Option<String>,
    /// When, in seconds since 1970; now without it. A block for a programme that counts blocks
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    at: Option<String>,
    /// A later time to look ahead to
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// The vote escrow whose locks a fee distributor pays
    #[arg(long, value_name = "STATE.json")]
    escrow: Option<PathBuf>,
    /// The pool whose staked positions a concentrated gauge pays
    #[arg(long, value_name = "STATE.json")]
    pool: Option<PathBuf>,
    /// Seconds per liquidity inside a staked position's range at --at, Q32.128, as its pool
    /// answers; for a v3-staker, one for each position
    #[arg(long, value_name = "TOKEN_ID=SECONDS")]
    inside: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Json<'a> {
    kind: &'a str,
    at: String,
    until: Option<String>,
    streams: &'a [Entry],
    accounts: &'a [Entry],
}

impl Arguments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let account = self.account()?;
        let inside = self.inside()?;
        let file = self.state.display().to_string();
        let state = self.read(&file)?;
        let times = self.times(&state)?;
        self.check_options(&state)?;
        check_inside(&state, &inside)?;
        let kind = state.kind();
        let said = |error: &dyn std::fmt::Display| Failure::input(format!("{file}: {error}"));
        let programme = state.resume().map_err(|error| said(&error))?;
        let mut earnings = self.earnings(&programme, &inside, times, &said)?;
        if let Some(account) = account {
            earnings.accounts.retain(|entry| entry.account == Some(account));
            if earnings.accounts.is_empty() {
                let error = format!("--account: the programme knows no {account}");
                return Err(Failure::input(error));
            }
        }
        let Earnings { streams, accounts } = &earnings;
        if self.json {
            let (at, until) = (times.at.to_string(), times.until.map(|until| until.to_string()));
            return output::print_json(&Json { kind, at, until, streams, accounts });
        }
        output::print(&table(kind, times, &earnings))
    }

    fn earnings(
        &self,
        programme: &Programme,
        inside: &[Inside],
        times: Times,
        said: &dyn Fn(&dyn std::fmt::Display) -> Failure,
    ) -> Result<Earnings, Failure> {
        let earnings = match programme {
            Programme::StakingRewards(programme) => farms::staking_rewards(programme, times),
            Programme::MasterChef(chef) => farms::master_chef(chef, times),
            Programme::V3Staker(staker) => farms::v3_staker(staker, inside, times),
            Programme::VoteEscrow(escrow) => votes::vote_escrow(escrow, times),
            Programme::GaugeController(_) => {
                Err("nobody stakes in a gauge controller; its system is a curve_gauges".to_owned())
            }
            Programme::CurveGauge(_) => Err("a gauge by itself does not know the emission; its \
                                             system is a curve_gauges"
                .to_owned()),
            Programme::BalancerGauge(_) => {
                Err("a gauge by itself does not know the emission; its system is a balancer_gauges"
                    .to_owned())
            }
            Programme::CurveGauges(system) => gauges::curve_gauges(system, times),
            Programme::BalancerGauges(system) => gauges::balancer_gauges(system, times),
            Programme::CrvEmission(token) => claims::crv_emission(token, times),
            Programme::TokenAdmin(admin) => claims::token_admin(admin, times),
            Programme::FeeDistributor(fees) => {
                let Programme::VoteEscrow(escrow) = self.escrow()? else {
                    let error = "--escrow: is no vote_escrow, which a fee distributor pays";
                    return Err(Failure::input(error));
                };
                votes::fee_distributor(fees, &escrow, times)
            }
            Programme::FeeDistribution(both) => {
                votes::fee_distributor(&both.distributor, &both.escrow, times)
            }
            Programme::Aerodrome(system) => gauges::aerodrome(system, times),
            Programme::ConcentratedGauge(gauge) => {
                gauges::concentrated_gauge(gauge, self.pool()?, times)
            }
            Programme::AerodromeGauge(gauge) => gauges::aerodrome_gauge(gauge, times),
            Programme::Merkl(campaign) => Ok(claims::merkl(campaign)),
            Programme::MerkleClaim(claim) => Ok(claims::merkle_claim(claim)),
            Programme::CumulativeClaim(claim) => Ok(claims::cumulative_claim(claim, times)),
            Programme::Emission(emission) => claims::emission(emission, times),
            Programme::ValidatorStaking(staking) => stakes::validator_staking(staking, times),
            Programme::LiquidStaking(pool) => stakes::liquid_staking(pool, times),
            Programme::RateToken(token) => stakes::rate_token(token),
            Programme::Vault(vault) => stakes::vault(vault),
        };
        earnings.map_err(|error| said(&error))
    }

    fn read(&self, file: &str) -> Result<ProgrammeState, Failure> {
        if file != "-" {
            return ProgrammeState::read(&self.state).map_err(Failure::input);
        }
        let mut bytes = Vec::new();
        let mut limited = std::io::stdin().lock().take(MAX_PROGRAMME_STATE_BYTES + 1);
        limited
            .read_to_end(&mut bytes)
            .map_err(|error| Failure::input(format!("standard input: {error}")))?;
        if bytes.len() as u64 > MAX_PROGRAMME_STATE_BYTES {
            let error = format!("-: is larger than {MAX_PROGRAMME_STATE_BYTES} bytes");
            return Err(Failure::input(error));
        }
        ProgrammeState::from_json(file, &bytes).map_err(Failure::input)
    }

    fn account(&self) -> Result<Option<Account>, Failure> {
        let parsed = self.account.as_deref().map(str::parse::<Address>).transpose();
        let address = parsed.map_err(|error| Failure::input(format!("--account: {error}")))?;
        Ok(address.map(|Address(bytes)| Account(bytes)))
    }

    fn inside(&self) -> Result<Vec<Inside>, Failure> {
        let read = |text: &String| {
            let (token_id, seconds) = text.split_once('=')?;
            let number = |text: &str| {
                let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                if is_digits { text.parse::<U256>().ok() } else { None }
            };
            let seconds_per_liquidity_x128 = number(seconds).filter(|of| of.bit_len() <= 160)?;
            Some(Inside { token_id: number(token_id)?, seconds_per_liquidity_x128 })
        };
        let wrong = |text: &String| {
            let expected = "expected TOKEN_ID=SECONDS, integers below 2^256 and 2^160";
            Failure::input(format!("--inside: `{}` is not allowed; {expected}", clip(text)))
        };
        self.inside.iter().map(|text| read(text).ok_or_else(|| wrong(text))).collect()
    }

    /// An option that the kind has no use for is a mistake.
    fn check_options(&self, state: &ProgrammeState) -> Result<(), Failure> {
        let (kind, is) = (state.kind(), |name| state.kind() == name);
        let refuse = |option, of| {
            let error = format!("{option}: is for a {of}; the state is of a {kind}");
            Err(Failure::input(error))
        };
        if self.escrow.is_some() && !is("fee_distributor") {
            return refuse("--escrow", "fee_distributor");
        }
        if self.pool.is_some() && !is("concentrated_gauge") {
            return refuse("--pool", "concentrated_gauge");
        }
        if !self.inside.is_empty() && !is("v3_staker") {
            return refuse("--inside", "v3_staker");
        }
        Ok(())
    }

    fn escrow(&self) -> Result<Programme, Failure> {
        let Some(path) = &self.escrow else {
            let error = "--escrow: is missing; a fee distributor pays the locks of a vote escrow";
            return Err(Failure::input(error));
        };
        let state = ProgrammeState::read(path).map_err(Failure::input)?;
        state.resume().map_err(|error| Failure::input(format!("{}: {error}", path.display())))
    }

    fn pool(&self) -> Result<PoolNow, Failure> {
        let Some(path) = &self.pool else {
            let error = "--pool: is missing; what a concentrated gauge pays depends on its pool";
            return Err(Failure::input(error));
        };
        let pool = PoolState::read(path).map_err(Failure::input)?.pool;
        let Pool::Concentrated(pool) = pool else {
            let (path, kind) = (path.display(), pool.kind());
            let error = format!("{path}: is a {kind} pool; a concentrated one has the gauge");
            return Err(Failure::input(error));
        };
        let state = pool.state();
        Ok(PoolNow { tick: state.tick, staked_liquidity: state.staked_liquidity })
    }

    fn times(&self, state: &ProgrammeState) -> Result<Times, Failure> {
        let at = self.at.as_deref().map(|text| time("--at", text)).transpose()?;
        let until = self.until.as_deref().map(|text| time("--until", text)).transpose()?;
        let kind = state.kind();
        let at = match at {
            Some(at) => at,
            None if counts_blocks(state) => {
                let error =
                    format!("--at: is missing; this {kind} counts blocks, say at which one");
                return Err(Failure::input(error));
            }
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                since.map_or(0, |since| since.as_secs())
            }
        };
        if let Some(last) = last_update(state).filter(|last| *last > at) {
            let error = format!("--at: {at} is before the state's last update, {last}");
            return Err(Failure::input(error));
        }
        if until.is_some_and(|until| until < at) {
            let error = format!("--until: is before --at, which is {at}");
            return Err(Failure::input(error));
        }
        Ok(Times { at, until })
    }
}

/// What is said of a position that is not staked, or is said twice, is a mistake.
fn check_inside(state: &ProgrammeState, inside: &[Inside]) -> Result<(), Failure> {
    let ProgrammeState::V3Staker(state) = state else { return Ok(()) };
    for (place, said) in inside.iter().enumerate() {
        let id = said.token_id;
        if !state.stakes.iter().any(|stake| stake.token_id.0 == id) {
            return Err(Failure::input(format!("--inside: token {id} is not staked")));
        }
        if inside.iter().take(place).any(|before| before.token_id == id) {
            return Err(Failure::input(format!("--inside: token {id} is there twice")));
        }
    }
    Ok(())
}

fn counts_blocks(state: &ProgrammeState) -> bool {
    if let ProgrammeState::Emission(state) = state {
        return state.clock == EmissionClock::Blocks;
    }
    matches!(state, ProgrammeState::MasterChef(_))
}

/// When the state was last brought up to date, where that is known: it cannot go back.
fn last_update(state: &ProgrammeState) -> Option<u64> {
    match state {
        ProgrammeState::StakingRewards(state) => Some(state.last_update_time.0),
        ProgrammeState::MasterChef(state) => {
            state.pools.iter().map(|pool| pool.last_reward_block.0).max()
        }
        ProgrammeState::VoteEscrow(state) => state.history.last().map(|point| point.at.0),
        ProgrammeState::CurveGauges(state) => {
            state.gauges.iter().map(|gauge| gauge.period.at.0).max()
        }
        ProgrammeState::BalancerGauges(state) => {
            state.gauges.iter().map(|gauge| gauge.period.at.0).max()
        }
        ProgrammeState::CrvEmission(state) => Some(state.start_epoch_time.0),
        ProgrammeState::TokenAdmin(state) => Some(state.start_epoch_time.0),
        ProgrammeState::FeeDistributor(state) => {
            state.tokens.iter().map(|token| token.time_cursor).max()
        }
        ProgrammeState::FeeDistribution(state) => {
            let of_tokens = state.distributor.tokens.iter().map(|token| token.time_cursor);
            of_tokens.chain(state.escrow.history.last().map(|point| point.at.0)).max()
        }
        ProgrammeState::Aerodrome(state) => Some(state.updated_at.0),
        ProgrammeState::ConcentratedGauge(state) => Some(state.last_updated.0),
        ProgrammeState::AerodromeGauge(state) => Some(state.totals.last_update_time.0),
        ProgrammeState::Merkl(state) => Some(state.updated_at.0),
        ProgrammeState::V3Staker(_)
        | ProgrammeState::GaugeController(_)
        | ProgrammeState::CurveGauge(_)
        | ProgrammeState::BalancerGauge(_)
        | ProgrammeState::MerkleClaim(_)
        | ProgrammeState::CumulativeClaim(_)
        | ProgrammeState::Emission(_)
        | ProgrammeState::ValidatorStaking(_)
        | ProgrammeState::LiquidStaking(_)
        | ProgrammeState::RateToken(_)
        | ProgrammeState::Vault(_) => None,
    }
}

fn time(option: &str, text: &str) -> Result<u64, Failure> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let time = if is_digits { text.parse().ok() } else { None };
    let expected = "expected seconds since 1970 or a block, 0 to 2^64 - 1";
    let text = clip(text);
    time.ok_or_else(|| Failure::input(format!("{option}: `{text}` is not allowed; {expected}")))
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect::<String>().escape_debug().to_string()
}

/// Lays out the streams name by name, and the accounts line by line.
fn table(kind: &str, times: Times, earnings: &Earnings) -> String {
    let until = times.until.map(|until| format!(", until {until}")).unwrap_or_default();
    let mut text = format!("{kind} at {}{until}\n", times.at);
    let spaced = |name: &str| name.replace('_', " ");
    for stream in &earnings.streams {
        text.push_str(&format!("\n{}\n", stream.place));
        let width = stream.facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in &stream.facts {
            let value = value.as_deref().unwrap_or("-");
            text.push_str(&format!("  {:width$}  {value}\n", spaced(name)));
        }
    }
    let mut columns = Vec::new();
    for (name, _) in earnings.accounts.iter().flat_map(|entry| &entry.facts) {
        if !columns.contains(name) {
            columns.push(*name);
        }
    }
    let head = ["account", "place"].map(str::to_owned).into_iter();
    let mut lines: Vec<Vec<String>> =
        vec![head.chain(columns.iter().map(|name| spaced(name))).collect()];
    for entry in &earnings.accounts {
        let account = entry.account.map(|account| account.to_string()).unwrap_or_default();
        let facts = columns.iter().map(|name| entry.fact(name).unwrap_or("-").to_owned());
        lines.push([account, entry.place.clone()].into_iter().chain(facts).collect());
    }
    if lines.len() > 1 {
        text.push('\n');
        text.push_str(&aligned(&lines));
    }
    text
}

/// Aligns the first two columns to the left and the numbers to the right.
fn aligned(lines: &[Vec<String>]) -> String {
    let count = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate();
        let cell = |(column, (cell, width)): (usize, (&String, &usize))| match column {
            0 | 1 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        };
        text.push_str(cells.map(cell).collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
