//! Reward programmes as a configuration writes them.

use std::path::Path;
use std::{fs, io};

use serde::Deserialize;
use tidemill_exec_sim::TimedPrice;
use tidemill_market::{ChefFarm, Footprint, Programme, V3Incentive};
use tidemill_model::{AssetId, PriceEvent, QuotePrice};
use tidemill_report::ProgrammeSheet;
use tidemill_rewards::master_chef::{Allocation, MasterChef, MasterChefState};
use tidemill_rewards::staking_rewards::{StakingRewards, StakingRewardsState};
use tidemill_rewards::v3_staker::{IncentiveKey, V3Staker, V3StakerState};
use tidemill_rewards::{Account, KindFacts};
use tidemill_store::{PricedAt, read_price_series, read_time, time_text};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256, mul_div};

use crate::ConfigError;
use crate::RunTape;
use crate::config::{not_allowed, whole};

/// A reward programme for the pool's providers, as a configuration writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardConfig {
    /// `v3_staker` in a concentrated pool, re-executed; `staking_rewards` or `master_chef` in a
    /// pool of shares.
    pub kind: String,
    /// What strategies and the report call it; the kind without one.
    pub name: Option<String>,
    /// Symbol of the token that it pays.
    pub token: String,
    /// Its decimals, 0 to 77; 18 without.
    pub token_decimals: Option<u8>,
    /// What it pays in all, in whole tokens; not of a `master_chef`.
    pub amount: Option<String>,
    /// What a `master_chef` pays a block, in whole tokens.
    pub per_block: Option<String>,
    /// When it begins, as `YYYY-MM-DD HH:MM:SS` UTC; at the tape's first event without one.
    pub start: Option<String>,
    /// When it ends; at the tape's last event without one.
    pub end: Option<String>,
    /// What one whole token is worth, in whole quote tokens, throughout.
    pub price_quote: Option<String>,
    /// Instead of `price_quote`: a CSV file of prices, relative to the configuration.
    pub prices: Option<String>,
    /// What part of the pool's shares at the start others have staked, 0 to 10000 basis points;
    /// all of them without. Not of a `v3_staker`, which shares its rewards with all liquidity.
    pub others_staked_bps: Option<u32>,
    /// What `prices` says, once it was read.
    #[serde(skip)]
    pub series: Option<Vec<PricedAt>>,
}

/// A reward programme made definite for one tape.
#[derive(Clone, Debug, PartialEq)]
pub struct RewardSetup {
    /// Its name.
    pub name: String,
    /// The token that it pays.
    pub asset: AssetId,
    /// It, as it is before the tape's first event.
    pub programme: Programme,
    /// The token's prices, the first at the tape's first event or before.
    pub prices: Vec<TimedPrice>,
    /// What the report says of it.
    pub sheet: ProgrammeSheet,
}

/// What a programme is set up for.
pub(crate) struct RewardScene<'a> {
    pub(crate) tape: RunTape<'a>,
    pub(crate) footprint: Footprint,
    pub(crate) quote_decimals: u8,
    pub(crate) asset: AssetId,
}

/// Times within one tape.
struct Period {
    first: Timestamp,
    start: Timestamp,
    end: Timestamp,
}

const KINDS: &str = "v3_staker in a concentrated pool; staking_rewards or master_chef in a pool of \
                     shares";

impl RewardConfig {
    /// Reads the prices that the configuration names, from `folder`.
    ///
    /// Errors: [`ConfigError::Reward`], with what is wrong with the file.
    pub fn read_prices(&mut self, folder: &Path, quote_decimals: u8) -> Result<(), ConfigError> {
        let Some(name) = &self.prices else { return Ok(()) };
        let path = folder.join(name);
        let shown = path.display().to_string();
        let failed = |error: &dyn std::fmt::Display| self.failed(error);
        let file = fs::File::open(&path).map_err(|error| failed(&format!("{shown}: {error}")))?;
        let series = read_price_series(&shown, io::BufReader::new(file), quote_decimals);
        self.series = Some(series.map_err(|error| failed(&error))?);
        Ok(())
    }

    /// Returns what strategies and the report call it.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.kind.clone())
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ConfigError {
        ConfigError::Reward { name: self.name(), error: error.to_string() }
    }

    pub(crate) fn resolve(&self, scene: &RewardScene<'_>) -> Result<RewardSetup, ConfigError> {
        let decimals = self.token_decimals.unwrap_or(18);
        if decimals > 77 {
            return Err(not_allowed("reward.token_decimals", &decimals, "0 to 77"));
        }
        let period = self.period(scene.tape)?;
        let is = |facts: &KindFacts| self.kind == facts.name;
        let programme = if is(&tidemill_rewards::v3_staker::FACTS) {
            self.v3_staker(scene, &period, decimals)?
        } else if is(&tidemill_rewards::staking_rewards::FACTS) {
            self.staking_rewards(scene, &period, decimals)?
        } else if is(&tidemill_rewards::master_chef::FACTS) {
            self.master_chef(scene, &period, decimals)?
        } else {
            return Err(not_allowed("reward.kind", &self.kind, KINDS));
        };
        Ok(RewardSetup {
            name: self.name(),
            asset: scene.asset,
            programme,
            prices: self.timed_prices(scene, period.first, decimals)?,
            sheet: self.sheet(&period),
        })
    }

    fn period(&self, tape: RunTape<'_>) -> Result<Period, ConfigError> {
        let (Some(first), Some(last)) = (tape.events().first(), tape.events().last()) else {
            return Err(ConfigError::EmptyTape);
        };
        let read = |key: &'static str, text: &Option<String>, default| match text {
            None => Ok(default),
            Some(text) => read_time(text).map_err(|error| self.failed(&format!("{key} {error}"))),
        };
        let start = read("start", &self.start, first.time)?;
        let end = read("end", &self.end, last.time)?;
        if end <= start {
            let allowed = "later than the start";
            return Err(not_allowed("reward.end", &time_text(end), allowed));
        }
        Ok(Period { first: first.time, start, end })
    }

    fn required(
        &self,
        key: &'static str,
        text: &Option<String>,
        decimals: u8,
    ) -> Result<Amount, ConfigError> {
        let text = text.as_ref().ok_or_else(|| {
            not_allowed(key, &"missing", "an amount in whole reward tokens, above zero")
        })?;
        let amount = whole(key, text, decimals)?;
        if amount.is_zero() {
            return Err(not_allowed(key, text, "an amount in whole reward tokens, above zero"));
        }
        Ok(amount)
    }

    fn refuse(&self, key: &'static str, is_given: bool) -> Result<(), ConfigError> {
        if is_given {
            return Err(not_allowed(key, &"given", &format!("left out of a {}", self.kind)));
        }
        Ok(())
    }

    fn v3_staker(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Programme, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.refuse("reward.others_staked_bps", self.others_staked_bps.is_some())?;
        if matches!(scene.tape, RunTape::Shares(_)) {
            return Err(not_allowed("reward.kind", &self.kind, KINDS));
        }
        if scene.footprint == Footprint::PriceTaker {
            let allowed = "re-executed beside a v3_staker, which pays by the pool's own seconds";
            return Err(not_allowed("footprint", &"price-taker", allowed));
        }
        let reward = self.required("reward.amount", &self.amount, decimals)?;
        let key = IncentiveKey {
            reward_token: REWARD_TOKEN,
            pool: Account(scene.tape.address().0),
            start_time: period.start,
            end_time: period.end,
            refundee: SPONSOR,
        };
        let mut staker = V3Staker::new(&V3StakerState::default()).map_err(|e| self.failed(&e))?;
        staker.create_incentive(key, reward, period.first).map_err(|e| self.failed(&e))?;
        Ok(Programme::V3Staker(Box::new(V3Incentive { staker, key })))
    }

    fn staking_rewards(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Programme, ConfigError> {
        self.refuse("reward.per_block", self.per_block.is_some())?;
        self.check_starts_first(period)?;
        let others = self.others(scene)?;
        let reward = self.required("reward.amount", &self.amount, decimals)?;
        let duration = U256::from(period.end.seconds_since(period.start));
        let state = StakingRewardsState::synthetix(SPONSOR, SPONSOR);
        let mut programme = StakingRewards::new(&state).map_err(|error| self.failed(&error))?;
        let set_up = |programme: &mut StakingRewards| {
            programme.set_rewards_duration(SPONSOR, duration, period.first)?;
            if !others.is_zero() {
                programme.stake(OTHERS, others, period.first)?;
            }
            programme.fund(reward)?;
            programme.notify_reward_amount(SPONSOR, reward, period.first)
        };
        set_up(&mut programme).map_err(|error| self.failed(&error))?;
        Ok(Programme::StakingRewards(Box::new(programme)))
    }

    fn master_chef(
        &self,
        scene: &RewardScene<'_>,
        period: &Period,
        decimals: u8,
    ) -> Result<Programme, ConfigError> {
        self.refuse("reward.amount", self.amount.is_some())?;
        self.refuse("reward.end", self.end.is_some())?;
        self.check_starts_first(period)?;
        let others = self.others(scene)?;
        let sushi_per_block = self.required("reward.per_block", &self.per_block, decimals)?;
        let block = scene.tape.events().first().map_or(BlockNumber(0), |event| event.block);
        let state = MasterChefState {
            address: PROGRAMME,
            owner: SPONSOR,
            dev: SPONSOR,
            sushi_token: REWARD_TOKEN,
            sushi_per_block,
            start_block: block,
            bonus_end_block: block,
            sushi_supply: Amount::ZERO,
            sushi_balance: Amount::ZERO,
            lp_balances: Vec::new(),
            pools: Vec::new(),
            users: Vec::new(),
        };
        let mut chef = MasterChef::new(&state).map_err(|error| self.failed(&error))?;
        let allocation = Allocation { alloc_point: U256::ONE, with_update: false };
        let pool = chef.add(SPONSOR, Account(scene.tape.address().0), allocation, block);
        let pool = pool.map_err(|error| self.failed(&error))?;
        if !others.is_zero() {
            chef.deposit(OTHERS, pool, others, block).map_err(|error| self.failed(&error))?;
        }
        Ok(Programme::MasterChef(Box::new(ChefFarm { chef, pool })))
    }

    fn check_starts_first(&self, period: &Period) -> Result<(), ConfigError> {
        if period.start == period.first {
            return Ok(());
        }
        let allowed = format!("{}, the tape's first event, or left out", time_text(period.first));
        Err(not_allowed("reward.start", &time_text(period.start), &allowed))
    }

    /// What others have staked of the pool's shares.
    fn others(&self, scene: &RewardScene<'_>) -> Result<Amount, ConfigError> {
        let RunTape::Shares(tape) = scene.tape else {
            return Err(not_allowed("reward.kind", &self.kind, KINDS));
        };
        let part = self.others_staked_bps.unwrap_or(10_000);
        if part > 10_000 {
            return Err(not_allowed("reward.others_staked_bps", &part, "0 to 10000"));
        }
        let supply = tape.start.shares().map(|pool| pool.total_shares());
        let shares = supply.and_then(|supply| {
            mul_div(supply.0, U256::from(part), U256::from(10_000_u32)).map(Amount)
        });
        shares.ok_or_else(|| not_allowed("reward.kind", &self.kind, KINDS))
    }

    /// The prices that hold from the tape's first event on.
    fn timed_prices(
        &self,
        scene: &RewardScene<'_>,
        first: Timestamp,
        decimals: u8,
    ) -> Result<Vec<TimedPrice>, ConfigError> {
        let series = match (&self.price_quote, &self.prices, &self.series) {
            (Some(text), None, _) => {
                let price = whole("reward.price_quote", text, scene.quote_decimals)?;
                vec![PricedAt { time: first, price }]
            }
            (None, Some(_), Some(series)) => series.clone(),
            _ => {
                let allowed = "one of price_quote and prices: a reward without a price is worth \
                               nothing that could be reported";
                let found = if self.prices.is_some() { "both, or unread" } else { "missing" };
                return Err(not_allowed("reward.price_quote", &found, allowed));
            }
        };
        let begun = series.partition_point(|priced| priced.time <= first);
        if begun == 0 {
            let allowed = format!("a price at {} or before", time_text(first));
            let found = series.first().map_or_else(String::new, |priced| time_text(priced.time));
            return Err(not_allowed("reward.prices", &found, &allowed));
        }
        let timed = |priced: &PricedAt| {
            let price = QuotePrice::of_whole(priced.price, decimals);
            let price = price.ok_or_else(|| not_allowed("token_decimals", &decimals, "0 to 77"))?;
            let price = PriceEvent { asset: scene.asset, price };
            Ok(TimedPrice { time: priced.time.max(first), price })
        };
        series.iter().skip(begun.saturating_sub(1)).map(timed).collect()
    }

    fn sheet(&self, period: &Period) -> ProgrammeSheet {
        let mut parameters = vec![("token".to_owned(), self.token.clone())];
        let mut row = |name: &str, value: Option<String>| {
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        };
        row("amount", self.amount.clone());
        row("per_block", self.per_block.clone());
        row("start", Some(time_text(period.start)));
        row("end", self.per_block.is_none().then(|| time_text(period.end)));
        row("price_quote", self.price_quote.clone());
        row("prices", self.prices.clone());
        row("others_staked_bps", self.others_staked_bps.map(|part| part.to_string()));
        ProgrammeSheet { name: self.name(), kind: self.kind.clone(), parameters }
    }
}

/// Who pays for a programme that was made up, and is paid back what nobody earned.
const SPONSOR: Account = Account([0x5f; 20]);
/// All others' stakes together.
const OTHERS: Account = Account([0x07; 20]);
/// A programme that was made up.
const PROGRAMME: Account = Account([0x9a; 20]);
/// A reward token, to a programme that was made up.
const REWARD_TOKEN: Account = Account([0x4e; 20]);
