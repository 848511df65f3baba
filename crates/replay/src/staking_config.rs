//! Staking services as a configuration writes them.

use serde::Deserialize;
use tidemill_configuration::KeyPath;
use tidemill_market::{
    LiquidService, LiquidTerms, SlashAt, StakingMarket, StakingService, ValidatorService,
    ValidatorTerms,
};
use tidemill_model::{PoolId, Token};
use tidemill_report::ProgrammeSheet;
use tidemill_store::read_time;
use tidemill_units::{Amount, Bps, Timestamp, TokenIndex};

use crate::ConfigError;
use crate::config::{alternatives, not_allowed, whole};

/// A service that stakes one of the pool's tokens, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakingConfig {
    /// `liquid_staking` or `validator_staking`.
    pub kind: String,
    /// What strategies and the report call it; the kind without one.
    pub name: Option<String>,
    /// Symbol of the pool's token that it stakes.
    pub token: String,
    /// What it pays in a year before the fee, as a part of one with at most six decimals, up to 10.
    pub yearly_rate: String,
    /// What the protocol or the validator keeps of that, 0 to 10000 basis points; 1000 of
    /// `liquid_staking` and 500 of `validator_staking` without.
    pub fee_bps: Option<u32>,
    /// How long it takes to have a stake back, 0 to 8760 hours; 48 of `liquid_staking`, where it
    /// counts to the next report, and 504 of `validator_staking`, where it is above zero.
    pub unbonding_hours: Option<u64>,
    /// Between two reports, which bring what was earned, 1 to 720 hours; 24 without.
    pub report_every_hours: Option<u64>,
    /// What all others have staked, in whole tokens; 1,000,000 without.
    pub others: Option<String>,
    /// Slashes of a `validator_staking`, in order of time.
    #[serde(default)]
    pub slash: Vec<SlashConfig>,
}

/// A slash.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlashConfig {
    /// When, as `YYYY-MM-DD HH:MM:SS` UTC; it is made with the next report.
    pub at: String,
    /// The part of all the validator's tokens that is burned, 1 to 10000 basis points.
    pub bps: u32,
}

/// A staking service made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct StakingSetup {
    /// Its name.
    pub name: String,
    /// Which of the pool's tokens it stakes.
    pub token: TokenIndex,
    /// It, as it is at the tape's first event.
    pub service: StakingService,
    /// Seconds between two reports.
    pub interval: u64,
    /// When it begins.
    pub start: Timestamp,
    /// What the report says of it.
    pub sheet: ProgrammeSheet,
}

const HOUR: u64 = 3_600;

impl StakingConfig {
    /// Returns what strategies and the report call it.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.kind.clone())
    }

    pub(crate) fn resolve(
        &self,
        tokens: &[&Token],
        start: Timestamp,
    ) -> Result<StakingSetup, ConfigError> {
        let place = tokens.iter().position(|token| token.symbol == self.token);
        let place = place
            .ok_or_else(|| not_allowed("staking.token", &self.token, &alternatives(tokens)))?;
        let decimals = tokens.get(place).map_or(0, |token| token.decimals);
        let every = self.report_every_hours.unwrap_or(24);
        if !(1..=720).contains(&every) {
            return Err(not_allowed("staking.report_every_hours", &every, "1 to 720"));
        }
        let interval = every.saturating_mul(HOUR);
        let service = match self.kind.as_str() {
            "liquid_staking" => self.liquid(decimals, (start, interval))?,
            "validator_staking" => self.validator(decimals, start)?,
            _ => {
                let allowed = "liquid_staking or validator_staking";
                return Err(not_allowed("staking.kind", &self.kind, allowed));
            }
        };
        Ok(StakingSetup {
            name: self.name(),
            token: TokenIndex(u8::try_from(place).unwrap_or(u8::MAX)),
            service,
            interval,
            start,
            sheet: self.sheet(),
        })
    }

    fn fee(&self, default: u32) -> Result<u32, ConfigError> {
        let fee = self.fee_bps.unwrap_or(default);
        if fee > Bps::ONE.0 {
            return Err(not_allowed("staking.fee_bps", &fee, "0 to 10000"));
        }
        Ok(fee)
    }

    fn unbonding(&self, default: u64, least: u64) -> Result<u64, ConfigError> {
        let hours = self.unbonding_hours.unwrap_or(default);
        if !(least..=8_760).contains(&hours) {
            let allowed = format!("{least} to 8760");
            return Err(not_allowed("staking.unbonding_hours", &hours, &allowed));
        }
        Ok(hours.saturating_mul(HOUR))
    }

    fn yearly_ppm(&self) -> Result<u64, ConfigError> {
        let rate = whole("staking.yearly_rate", &self.yearly_rate, 6)?;
        let ppm = u64::try_from(rate.0).ok().filter(|ppm| *ppm <= 10_000_000);
        ppm.ok_or_else(|| not_allowed("staking.yearly_rate", &self.yearly_rate, "0 to 10"))
    }

    fn others(&self, decimals: u8) -> Result<Amount, ConfigError> {
        let text = self.others.as_deref().unwrap_or("1000000");
        let others = whole("staking.others", text, decimals)?;
        if others.is_zero() {
            return Err(not_allowed("staking.others", &text, "an amount above zero"));
        }
        Ok(others)
    }

    fn liquid(
        &self,
        decimals: u8,
        (start, interval): (Timestamp, u64),
    ) -> Result<StakingService, ConfigError> {
        if !self.slash.is_empty() {
            let allowed = "left out of liquid_staking: a lower rate says what slashes cost";
            return Err(not_allowed("staking.slash", &"given", allowed));
        }
        if decimals != 18 {
            let allowed = "a token of 18 decimals: validators are deposited with 32 ether";
            return Err(not_allowed("staking.token", &self.token, allowed));
        }
        let terms = LiquidTerms {
            others: self.others(decimals)?,
            yearly_ppm: self.yearly_ppm()?,
            fee_bps: self.fee(1_000)?,
            margin: self.unbonding(48, 0)?,
            interval,
            start,
        };
        let service = LiquidService::new(terms).ok_or_else(|| {
            let others = self.others.as_deref().unwrap_or("1000000");
            not_allowed("staking.others", &others, "32 to 10^15 ether")
        });
        service.map(|service| StakingService::Liquid(Box::new(service)))
    }

    fn validator(&self, decimals: u8, start: Timestamp) -> Result<StakingService, ConfigError> {
        let mut slashes: Vec<SlashAt> = Vec::new();
        for (place, slash) in self.slash.iter().enumerate() {
            let item = KeyPath::of("staking.slash").item(place);
            let at = read_time(&slash.at).map_err(|error| {
                let error = format!("slash.at {error}");
                ConfigError::Staking { name: self.name(), error }.at(item.clone().key("at"))
            })?;
            if !(1..=10_000).contains(&slash.bps) {
                let error = not_allowed("staking.slash.bps", &slash.bps, "1 to 10000");
                return Err(error.at(item));
            }
            if at < start || slashes.last().is_some_and(|last| last.at > at) {
                let allowed = "times in order, none before the tape's first event";
                return Err(not_allowed("staking.slash.at", &slash.at, allowed).at(item));
            }
            slashes.push(SlashAt { at, bps: slash.bps });
        }
        let terms = ValidatorTerms {
            others: self.others(decimals)?,
            yearly_ppm: self.yearly_ppm()?,
            commission_bps: self.fee(500)?,
            unbonding_seconds: self.unbonding(504, 1)?,
            slashes,
            start,
        };
        let service = ValidatorService::new(terms).ok_or_else(|| {
            let others = self.others.as_deref().unwrap_or("1000000");
            not_allowed("staking.others", &others, "an amount that a chain can count")
        });
        service.map(|service| StakingService::Validator(Box::new(service)))
    }

    fn sheet(&self) -> ProgrammeSheet {
        let mut parameters = vec![
            ("token".to_owned(), self.token.clone()),
            ("yearly_rate".to_owned(), self.yearly_rate.clone()),
        ];
        let mut row = |name: &str, value: Option<String>| {
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        };
        row("fee_bps", self.fee_bps.map(|fee| fee.to_string()));
        row("unbonding_hours", self.unbonding_hours.map(|hours| hours.to_string()));
        row("report_every_hours", self.report_every_hours.map(|hours| hours.to_string()));
        row("others", self.others.clone());
        for slash in &self.slash {
            row("slash", Some(format!("{} bps at {}", slash.bps, slash.at)));
        }
        ProgrammeSheet { name: self.name(), kind: self.kind.clone(), parameters }
    }
}

impl StakingSetup {
    /// Returns the service as a market takes it.
    pub(crate) fn market(&self, pool: PoolId, tokens: usize) -> StakingMarket {
        let clock = (self.start, self.interval);
        StakingMarket::new(pool, (self.token, tokens), self.service.clone(), clock)
    }
}
