//! The names that every expression may use, besides a file's own parameters and signals.

use crate::pool_meter::LOG_RETURN_PER_TICK;

/// A number that the view gives a name to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberValue {
    Price,
    Tick,
    TickSpacing,
    FeeBps,
    Liquidity,
    Block,
    NowSeconds,
    HourOfDay,
    DayOfWeek,
    MinutesSinceStart,
    FirstTick,
    FirstPrice,
    GasPriceGwei,
    AvailableQuote,
    AvailableBase,
    WalletValueQuote,
    PositionsValueQuote,
    OpenPositions,
    MinutesSinceAction,
    LowerTick,
    UpperTick,
    CentreTick,
    LowerPrice,
    UpperPrice,
    PositionValueQuote,
    ValueAtOpenQuote,
    PriceAtOpen,
    MinutesOpen,
    MinutesOutOfRange,
    RewardQuote,
}

impl NumberValue {
    /// Whether it is told of a pool, and not of the time.
    pub(super) const fn is_of_pool(self) -> bool {
        match self {
            Self::NowSeconds
            | Self::HourOfDay
            | Self::DayOfWeek
            | Self::MinutesSinceStart
            | Self::MinutesSinceAction => false,
            Self::Price
            | Self::Tick
            | Self::TickSpacing
            | Self::FeeBps
            | Self::Liquidity
            | Self::Block
            | Self::FirstTick
            | Self::FirstPrice
            | Self::GasPriceGwei
            | Self::AvailableQuote
            | Self::AvailableBase
            | Self::WalletValueQuote
            | Self::PositionsValueQuote
            | Self::OpenPositions
            | Self::LowerTick
            | Self::UpperTick
            | Self::CentreTick
            | Self::LowerPrice
            | Self::UpperPrice
            | Self::PositionValueQuote
            | Self::ValueAtOpenQuote
            | Self::PriceAtOpen
            | Self::MinutesOpen
            | Self::MinutesOutOfRange
            | Self::RewardQuote => true,
        }
    }
}

/// A claim that the view gives a name to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TruthValue {
    IsOpen,
    InRange,
    IsStaked,
}

/// The numbers, by name.
pub(super) const NUMBERS: &[(&str, NumberValue)] = &[
    ("price", NumberValue::Price),
    ("tick", NumberValue::Tick),
    ("tick_spacing", NumberValue::TickSpacing),
    ("fee_bps", NumberValue::FeeBps),
    ("liquidity", NumberValue::Liquidity),
    ("block", NumberValue::Block),
    ("now_seconds", NumberValue::NowSeconds),
    ("hour_of_day", NumberValue::HourOfDay),
    ("day_of_week", NumberValue::DayOfWeek),
    ("minutes_since_start", NumberValue::MinutesSinceStart),
    ("first_tick", NumberValue::FirstTick),
    ("first_price", NumberValue::FirstPrice),
    ("gas_price_gwei", NumberValue::GasPriceGwei),
    ("available_quote", NumberValue::AvailableQuote),
    ("available_base", NumberValue::AvailableBase),
    ("wallet_value_quote", NumberValue::WalletValueQuote),
    ("positions_value_quote", NumberValue::PositionsValueQuote),
    ("open_positions", NumberValue::OpenPositions),
    ("minutes_since_action", NumberValue::MinutesSinceAction),
    ("lower_tick", NumberValue::LowerTick),
    ("upper_tick", NumberValue::UpperTick),
    ("centre_tick", NumberValue::CentreTick),
    ("lower_price", NumberValue::LowerPrice),
    ("upper_price", NumberValue::UpperPrice),
    ("position_value_quote", NumberValue::PositionValueQuote),
    ("value_at_open_quote", NumberValue::ValueAtOpenQuote),
    ("price_at_open", NumberValue::PriceAtOpen),
    ("minutes_open", NumberValue::MinutesOpen),
    ("minutes_out_of_range", NumberValue::MinutesOutOfRange),
    ("reward_quote", NumberValue::RewardQuote),
];

/// The numbers that never change, by name.
pub(super) const CONSTANTS: &[(&str, f64)] = &[("log_return_per_tick", LOG_RETURN_PER_TICK)];

/// The claims, by name.
pub(super) const TRUTHS: &[(&str, TruthValue)] = &[
    ("is_open", TruthValue::IsOpen),
    ("in_range", TruthValue::InRange),
    ("is_staked", TruthValue::IsStaked),
];

/// The functions, and how many values each takes.
pub(super) const FUNCTIONS: &[(&str, usize)] = &[
    ("abs", 1),
    ("sqrt", 1),
    ("exp", 1),
    ("ln", 1),
    ("floor", 1),
    ("ceil", 1),
    ("round", 1),
    ("min", 2),
    ("max", 2),
    ("clamp", 3),
    ("select", 3),
    ("is_known", 1),
    ("gas_quote", 1),
];

/// Returns the names of the numbers and claims that every file has.
pub(super) fn known_names() -> impl Iterator<Item = &'static str> {
    let constants = CONSTANTS.iter().map(|(name, _)| *name);
    let numbers = NUMBERS.iter().map(|(name, _)| *name);
    constants.chain(numbers).chain(TRUTHS.iter().map(|(name, _)| *name))
}

/// Whether a name is one of those that every file has.
pub(super) fn is_taken(name: &str) -> bool {
    known_names().any(|taken| taken == name) || FUNCTIONS.iter().any(|(taken, _)| *taken == name)
}

/// Returns the name that is nearest to one that is not there: the fewest letters changed, left out
/// or put in, the first of several; `None` where more than a third of the letters would be.
pub(super) fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = wanted.chars().count();
    let near = |name: &&str| distance(wanted, name);
    let found = names.into_iter().min_by_key(near)?;
    (distance(wanted, found) <= (length.max(found.chars().count())).div_ceil(3)).then_some(found)
}

/// How many letters are to be changed, left out or put in (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (place, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *against);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// Returns what a message says is allowed in the place of a name that is not there.
pub(super) fn instead(wanted: &str, names: &[&str]) -> String {
    match nearest(wanted, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "there are none".to_owned(),
        None => format!("allowed are {}", names.join(", ")),
    }
}
