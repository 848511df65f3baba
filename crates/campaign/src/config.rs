mod error;

use serde::Deserialize;
use tidemill_configuration::read;
use tidemill_model::Token;
use tidemill_units::{Amount, TokenIndex};

use crate::programme::{Programme, ProgrammeConfig};
use crate::recording::Recording;

pub use error::ConfigError;

/// A campaign as its TOML file writes it. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignConfig {
    /// A tape or a folder to import, relative to the file; the built-in sample without one.
    pub tape: Option<String>,
    /// Symbol of the token that values are stated in; a dollar stablecoin if the pool has one, else
    /// token1.
    pub quote: Option<String>,
    /// What is spent, in whole reward tokens, one design each; 1 to 12 of them, ascending.
    pub budgets: Option<Vec<String>>,
    /// What is paid.
    #[serde(default)]
    pub reward: RewardConfig,
    /// When it is paid.
    #[serde(default)]
    pub schedule: ScheduleConfig,
    /// Who brings capital for how much.
    #[serde(default)]
    pub supply: SupplyConfig,
    /// What is measured.
    #[serde(default)]
    pub measure: MeasureConfig,
    /// Who else comes.
    #[serde(default)]
    pub cast: CastConfig,
    /// The programmes to compare; those that fit the pool without any.
    #[serde(default)]
    pub programme: Vec<ProgrammeConfig>,
}

/// The reward token.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardConfig {
    /// Its symbol; the quote token without one.
    pub symbol: Option<String>,
    /// Its decimals; those of the pool's token of this symbol, else 18.
    pub decimals: Option<u8>,
    /// What one whole token is worth, in whole quote tokens; the pool's own price without one.
    pub price_quote: Option<String>,
}

/// When rewards are paid.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    /// For how long, in days; 28 without one.
    pub duration_days: Option<f64>,
    /// How long before its start the campaign is created, in days; 1 without one.
    pub lead_days: Option<f64>,
}

/// The supply of liquidity.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyConfig {
    /// Net return a year that capital asks for, as a fraction; what the pool's present capital is
    /// content with without one.
    pub required_return: Option<f64>,
    /// Elasticity of capital to its income over its need; `inf` without one, the pure equilibrium.
    pub epsilon: Option<f64>,
    /// Costs of providing, a year, as a fraction of the capital; 0 without one.
    pub cost_return: Option<f64>,
    /// `present`, `band` or `full`; `band` without one, and `present` in a pool of shares.
    pub placement: Option<String>,
    /// Half-width of the band, in percent of the price; 10 without one.
    pub band_percent: Option<f64>,
    /// Elasticity of volume to liquidity in range; 0 without one.
    pub volume_elasticity: Option<f64>,
    /// Days in which half of what came for the reward leaves after it; 7 without one.
    pub half_life_days: Option<f64>,
    /// Part of the present capital that stakes; 1 without one.
    pub staked_part: Option<f64>,
}

/// What is measured.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureConfig {
    /// Moves of the price that depth is stated for, in percent; 1 and 2 without any.
    pub depth_percent: Option<Vec<f64>>,
    /// The trade whose price impact is stated, in whole quote tokens; 1,000,000 without one.
    pub trade_quote: Option<String>,
    /// Days after the end at which what remains is stated; 7, 30 and 90 without any.
    pub after_days: Option<Vec<f64>>,
}

/// Who else comes, and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CastConfig {
    /// Part of the capital that comes which is put at every price; 0.2 without one.
    pub wide_part: Option<f64>,
    /// Capital parked out of range, for each of capital that comes; 0.25 without one.
    pub parked_part: Option<f64>,
    /// How far from the price it is parked, in percent; 20 without one.
    pub parked_distance_percent: Option<f64>,
    /// Capital of the just-in-time provider, whole quote tokens; 1,000,000 without one.
    pub jit_quote: Option<String>,
    /// Input from which on a swap is worth its while, whole quote tokens; 250,000 without one.
    pub jit_trade_quote: Option<String>,
    /// Capital that comes and goes within a block, whole quote tokens; 1,000,000 without one.
    pub same_block_quote: Option<String>,
    /// It does so around every so many swaps; 50 without one.
    pub same_block_every: Option<u64>,
}

/// Where capital that comes is put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Placement {
    /// As the present liquidity is distributed, at every moment.
    Present,
    /// In a band around the price; the half-width as a fraction of the price.
    Band(f64),
    /// At every price.
    Full,
}

/// A configuration made definite for one pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Which of the pool's tokens values are stated in.
    pub quote: TokenIndex,
    /// Its decimals.
    pub quote_decimals: u8,
    /// The budgets, in raw units of the reward token.
    pub budgets: Vec<Amount>,
    /// The reward token's symbol.
    pub reward_symbol: String,
    /// Its decimals.
    pub reward_decimals: u8,
    /// What one whole reward token is worth, raw units of the quote token.
    pub reward_price: Amount,
    /// Seconds from start to end.
    pub duration_seconds: u64,
    /// Seconds from creation to start.
    pub lead_seconds: u64,
    /// The supply of liquidity.
    pub supply: Supply,
    /// Moves of the price, as fractions.
    pub depth_moves: Vec<f64>,
    /// The trade whose impact is stated, raw units of the quote token.
    pub trade: Amount,
    /// Days after the end.
    pub after_days: Vec<f64>,
    /// Who else comes.
    pub cast: Cast,
    /// The programmes.
    pub programmes: Vec<Programme>,
    /// Why kinds were left out, where no programmes were given.
    pub left_out: Vec<String>,
}

/// The supply of liquidity, made definite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// Net return a year that capital asks for; what the present capital has where `None`.
    pub required_return: Option<f64>,
    /// Elasticity; may be infinite.
    pub epsilon: f64,
    /// Costs a year, of the capital.
    pub cost_return: f64,
    /// Where it is put.
    pub placement: Placement,
    /// Elasticity of volume.
    pub volume_elasticity: f64,
    /// Days in which half of what came leaves.
    pub half_life_days: f64,
    /// Part of the present capital that stakes.
    pub staked_part: f64,
    /// Part of what comes that is put at every price.
    pub wide_part: f64,
    /// Parked beside each of what comes.
    pub parked_part: f64,
}

/// Who else comes, made definite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cast {
    /// How far away parked capital is, as a fraction of the price.
    pub parked_distance: f64,
    /// Capital of the just-in-time provider, raw units of the quote token.
    pub jit: Amount,
    /// The input it waits for, raw units of the quote token.
    pub jit_trade: Amount,
    /// Capital within a block, raw units of the quote token.
    pub same_block: Amount,
    /// Around every so many swaps.
    pub same_block_every: u64,
}

const SECONDS_PER_DAY: f64 = 86_400.0;

impl CampaignConfig {
    /// Reads a configuration.
    ///
    /// Errors: [`ConfigError::Syntax`], which knows where in the text it is.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        read(text, &[]).map_err(ConfigError::Syntax)
    }

    /// Makes the configuration definite for a recorded pool and checks every value.
    ///
    /// Errors: see [`ConfigError`].
    pub fn resolve(&self, recording: &Recording) -> Result<Plan, ConfigError> {
        let tokens = recording.tokens();
        let quote = self.quote_token(tokens)?;
        if recording.prices(quote).is_none() {
            return Err(ConfigError::Unmeasurable("leaves the pool without a price"));
        }
        let quote_decimals = tokens.get(quote.place()).map_or(0, |token| token.decimals);
        let whole = |key, text: &Option<String>, default: &str| {
            read_whole(key, text.as_deref().unwrap_or(default), quote_decimals)
        };
        let (symbol, reward_decimals) = self.reward.token(tokens, quote)?;
        let reward_price = self.reward.price(recording, (quote, quote_decimals))?;
        let [duration_seconds, lead_seconds] = self.schedule.seconds()?;
        let mut plan = Plan {
            quote,
            quote_decimals,
            budgets: self.budgets(reward_decimals)?,
            reward_symbol: symbol,
            reward_decimals,
            reward_price,
            duration_seconds,
            lead_seconds,
            supply: self.supply(!recording.is_concentrated())?,
            depth_moves: self.measure.moves()?,
            trade: whole("measure.trade_quote", &self.measure.trade_quote, "1000000")?,
            after_days: self.measure.after_days()?,
            cast: Cast {
                parked_distance: self.cast.parked_distance()?,
                jit: whole("cast.jit_quote", &self.cast.jit_quote, "1000000")?,
                jit_trade: whole("cast.jit_trade_quote", &self.cast.jit_trade_quote, "250000")?,
                same_block: whole("cast.same_block_quote", &self.cast.same_block_quote, "1000000")?,
                same_block_every: self.cast.same_block_every()?,
            },
            programmes: Vec::new(),
            left_out: Vec::new(),
        };
        for (key, amount) in [
            ("measure.trade_quote", plan.trade),
            ("cast.jit_quote", plan.cast.jit),
            ("cast.same_block_quote", plan.cast.same_block),
        ] {
            let most = Amount::from_u128(1 << 100);
            let is_trade = key.starts_with("measure");
            if amount > most || (is_trade && amount.is_zero()) {
                let allowed = if is_trade { "above 0, below" } else { "below" };
                let most = most.to_decimal_string(quote_decimals);
                let value = amount.to_decimal_string(quote_decimals);
                return Err(not_allowed(key, &value, &format!("an amount {allowed} {most}")));
            }
        }
        (plan.programmes, plan.left_out) =
            crate::programme::resolve(&self.programme, &plan, recording)?;
        Ok(plan)
    }

    fn quote_token(&self, tokens: &[Token]) -> Result<TokenIndex, ConfigError> {
        let place = match self.quote.as_deref() {
            None if tokens.iter().all(Token::is_usd_stable) => 1,
            None => tokens.iter().position(Token::is_usd_stable).unwrap_or(1),
            Some(symbol) => {
                let found = tokens.iter().position(|token| token.symbol == symbol);
                found.ok_or_else(|| not_allowed("quote", &symbol, &alternatives(tokens)))?
            }
        };
        Ok(TokenIndex(u8::try_from(place).unwrap_or(u8::MAX)))
    }

    fn budgets(&self, decimals: u8) -> Result<Vec<Amount>, ConfigError> {
        let default = ["50000", "200000", "800000"].map(str::to_owned);
        let texts = self.budgets.as_deref().unwrap_or(&default);
        if !(1..=12).contains(&texts.len()) {
            let allowed = "1 to 12 budgets";
            return Err(not_allowed("budgets", &format!("a list of {}", texts.len()), allowed));
        }
        let mut budgets = Vec::new();
        for text in texts {
            let of_item = |error: ConfigError| error.of_item("budgets", budgets.len());
            let budget = read_whole("budgets", text, decimals).map_err(of_item)?;
            if budgets.last().is_some_and(|last| *last >= budget) {
                let error = not_allowed("budgets", text, "ascending amounts, none twice");
                return Err(of_item(error));
            }
            if budget > Amount::from_u128(1 << 120) {
                let most = Amount::from_u128(1 << 120).to_decimal_string(decimals);
                let error = not_allowed("budgets", text, &format!("at most {most} each"));
                return Err(of_item(error));
            }
            budgets.push(budget);
        }
        Ok(budgets)
    }

    fn supply(&self, is_shares: bool) -> Result<Supply, ConfigError> {
        let SupplyConfig { required_return, epsilon, cost_return, .. } = self.supply;
        let CastConfig { wide_part, parked_part, .. } = self.cast;
        let required_return =
            required_return.map(|value| within("supply.required_return", value, (0.0, 100.0)));
        let epsilon = epsilon.unwrap_or(f64::INFINITY);
        if epsilon.is_nan() || epsilon < 0.0 || (epsilon > 1_000.0 && epsilon.is_finite()) {
            return Err(not_allowed("supply.epsilon", &epsilon, "0 to 1000, or inf"));
        }
        let part =
            |key, value: Option<f64>, default| within(key, value.unwrap_or(default), (0.0, 1.0));
        let of_ranges = if is_shares { 0.0 } else { 1.0 };
        Ok(Supply {
            required_return: required_return.transpose()?,
            epsilon,
            cost_return: within("supply.cost_return", cost_return.unwrap_or(0.0), (0.0, 10.0))?,
            placement: self.supply.placement(is_shares)?,
            volume_elasticity: within(
                "supply.volume_elasticity",
                self.supply.volume_elasticity.unwrap_or(0.0),
                (0.0, 0.9),
            )?,
            half_life_days: within(
                "supply.half_life_days",
                self.supply.half_life_days.unwrap_or(7.0),
                (0.01, 3_650.0),
            )?,
            staked_part: part("supply.staked_part", self.supply.staked_part, 1.0)?,
            wide_part: of_ranges * part("cast.wide_part", wide_part, 0.2)?,
            parked_part: of_ranges
                * within("cast.parked_part", parked_part.unwrap_or(0.25), (0.0, 100.0))?,
        })
    }
}

impl RewardConfig {
    /// Returns symbol and decimals.
    fn token(&self, tokens: &[Token], quote: TokenIndex) -> Result<(String, u8), ConfigError> {
        let quote = tokens.get(quote.place()).map_or("", |token| token.symbol.as_str());
        let symbol = self.symbol.as_deref().unwrap_or(quote);
        let is_printable = (1..=20).contains(&symbol.chars().count())
            && !symbol.chars().any(|letter| letter.is_control() || letter.is_whitespace());
        if !is_printable {
            let allowed = "1 to 20 characters, none of them a space or a control character";
            return Err(not_allowed("reward.symbol", &symbol.escape_debug(), allowed));
        }
        let ours = tokens.iter().find(|token| token.symbol == symbol);
        let decimals = match (self.decimals, ours) {
            (Some(given), Some(token)) if given != token.decimals => {
                let allowed = format!("{}, those of the pool's {symbol}", token.decimals);
                return Err(not_allowed("reward.decimals", &given, &allowed));
            }
            (Some(given), None) if given > 30 => {
                return Err(not_allowed("reward.decimals", &given, "0 to 30"));
            }
            (given, ours) => ours.map(|token| token.decimals).or(given).unwrap_or(18),
        };
        Ok((symbol.to_owned(), decimals))
    }

    /// Returns what one whole token is worth.
    fn price(
        &self,
        recording: &Recording,
        (quote, decimals): (TokenIndex, u8),
    ) -> Result<Amount, ConfigError> {
        if let Some(text) = self.price_quote.as_deref() {
            let price = read_whole("reward.price_quote", text, decimals)?;
            if price.is_zero() || price > Amount::from_u128(1 << 100) {
                let most = Amount::from_u128(1 << 100).to_decimal_string(decimals);
                let allowed = format!("a price above 0, at most {most}");
                return Err(not_allowed("reward.price_quote", &text, &allowed));
            }
            return Ok(price);
        }
        let (symbol, _) = self.token(recording.tokens(), quote)?;
        let place = recording.tokens().iter().position(|token| token.symbol == symbol);
        let priced = place.and_then(|place| {
            let token = TokenIndex(u8::try_from(place).ok()?);
            let whole = Amount::from_decimal_str("1", recording.tokens().get(place)?.decimals);
            recording.prices(quote)?.in_quote(whole.ok()?, token, quote)
        });
        priced.filter(|price| !price.is_zero()).ok_or(ConfigError::NoRewardPrice { symbol })
    }
}

impl ScheduleConfig {
    fn seconds(&self) -> Result<[u64; 2], ConfigError> {
        let duration = self.duration_days.unwrap_or(28.0);
        let lead = self.lead_days.unwrap_or(1.0);
        let range = (1.0 / 86_400.0, 3_650.0);
        if !(range.0..=range.1).contains(&duration) {
            let allowed = "above 0, at most 3650 days";
            return Err(not_allowed("schedule.duration_days", &duration, allowed));
        }
        within("schedule.lead_days", lead, (0.0, 3_650.0))?;
        Ok([duration, lead].map(|days| (days * SECONDS_PER_DAY).round() as u64))
    }
}

impl SupplyConfig {
    fn placement(&self, is_shares: bool) -> Result<Placement, ConfigError> {
        let band = self.band_percent.unwrap_or(10.0);
        let band = within("supply.band_percent", band, (0.01, 900.0))?;
        match (self.placement.as_deref(), is_shares) {
            (None | Some("present"), true) | (Some("present"), false) => Ok(Placement::Present),
            (Some(other), true) => {
                let allowed = "present, in a pool of shares";
                Err(not_allowed("supply.placement", &other.escape_debug(), allowed))
            }
            (None | Some("band"), false) => Ok(Placement::Band(band / 100.0)),
            (Some("full"), false) => Ok(Placement::Full),
            (Some(other), false) => {
                let allowed = "present, band or full";
                Err(not_allowed("supply.placement", &other.escape_debug(), allowed))
            }
        }
    }
}

impl MeasureConfig {
    fn moves(&self) -> Result<Vec<f64>, ConfigError> {
        let moves = self.depth_percent.clone().unwrap_or_else(|| vec![1.0, 2.0]);
        let moves = listed("measure.depth_percent", moves, (0.01, 50.0))?;
        Ok(moves.into_iter().map(|percent| percent / 100.0).collect())
    }

    fn after_days(&self) -> Result<Vec<f64>, ConfigError> {
        let days = self.after_days.clone().unwrap_or_else(|| vec![7.0, 30.0, 90.0]);
        listed("measure.after_days", days, (0.0, 3_650.0))
    }
}

impl CastConfig {
    fn parked_distance(&self) -> Result<f64, ConfigError> {
        let percent = self.parked_distance_percent.unwrap_or(20.0);
        within("cast.parked_distance_percent", percent, (1.0, 90.0)).map(|percent| percent / 100.0)
    }

    fn same_block_every(&self) -> Result<u64, ConfigError> {
        match self.same_block_every.unwrap_or(50) {
            0 => Err(not_allowed("cast.same_block_every", &0, "1 or more swaps")),
            every => Ok(every),
        }
    }
}

fn listed(key: &'static str, values: Vec<f64>, range: (f64, f64)) -> Result<Vec<f64>, ConfigError> {
    if !(1..=8).contains(&values.len()) {
        return Err(not_allowed(key, &format!("a list of {}", values.len()), "1 to 8 numbers"));
    }
    for (place, pair) in (1..).zip(values.windows(2)) {
        if let [before, after] = pair
            && before >= after
        {
            let error = not_allowed(key, after, "ascending numbers, none twice");
            return Err(error.of_item(key, place));
        }
    }
    let within = |(place, value)| {
        within(key, value, range).map_err(|error: ConfigError| error.of_item(key, place))
    };
    values.into_iter().enumerate().map(within).collect()
}

/// Checks that a number lies between two others, both allowed.
fn within(key: &'static str, value: f64, (least, most): (f64, f64)) -> Result<f64, ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(not_allowed(key, &value, &format!("{least} to {most}")))
}

pub(crate) fn not_allowed(key: &'static str, value: &dyn ToString, allowed: &str) -> ConfigError {
    ConfigError::NotAllowed { key, value: value.to_string(), allowed: allowed.to_owned() }
}

/// Reads an amount in whole tokens. Zero has to be written out: an empty text is no amount.
pub(crate) fn read_whole(
    key: &'static str,
    text: &str,
    decimals: u8,
) -> Result<Amount, ConfigError> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if text.is_empty() || !is_plain {
        let allowed = "an amount in whole tokens: digits, with at most one point among them";
        return Err(not_allowed(key, &format!("`{}`", text.escape_debug()), allowed));
    }
    Amount::from_decimal_str(text, decimals).map_err(|error| ConfigError::Number { key, error })
}

fn alternatives(tokens: &[Token]) -> String {
    let symbols: Vec<_> = tokens.iter().map(|token| token.symbol.as_str()).collect();
    match symbols.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        few => few.concat(),
    }
}
