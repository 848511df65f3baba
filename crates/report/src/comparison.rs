//! The headline figures, once for the page and the terminal: a column a metric, a row a strategy.

use crate::format::{MISSING, MoneyFormat, count, days, decimal, percent};
use crate::terms::price_moves;
use crate::{Identity, StrategySheet, TearSheet};

/// Below this length a period says little about a year.
const SHORT_PERIOD_SECONDS: u64 = 30 * 86_400;

/// The place of the rewards among the columns, where there are any.
const REWARDS_AT: usize = 1;

/// The place of funding and hedge among the columns without rewards, where there are any.
const HEDGES_AT: usize = 5;

/// The table of all strategies.
pub(crate) struct Comparison {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// A warning about the annualised figures, where the period is too short for them.
    pub(crate) caution: Option<String>,
}

/// A metric's heading.
pub(crate) struct Column {
    pub(crate) title: String,
    /// Whether its sign is shown as a gain or a loss; not for a figure that carries a caution.
    pub(crate) signed: bool,
}

/// One strategy's figures, in the order of the columns.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) cells: Vec<Cell>,
}

/// One figure.
pub(crate) struct Cell {
    pub(crate) text: String,
    /// All digits, where `text` is rounded.
    pub(crate) exact: Option<String>,
}

impl Comparison {
    pub(crate) fn of(sheet: &TearSheet) -> Self {
        let money = MoneyFormat::of(sheet);
        let length = sheet.pool.to_unix.saturating_sub(sheet.pool.from_unix);
        let caution = (length < SHORT_PERIOD_SECONDS)
            .then(|| format!("Annualised and Sharpe: from {}, not a forecast.", days(length)));
        let mark = if caution.is_some() { " *" } else { "" };
        let column = |title: &str, signed| Column { title: title.to_owned(), signed };
        if sheet.pool.on_chain.is_none() {
            let columns = vec![
                column("Price moves", true),
                column("Swap cost", false),
                column("Funding", false),
                column("Hedge", true),
                column("Net vs hold", true),
                column("Return", true),
                column(&format!("Annualised{mark}"), caution.is_none()),
                column("Max drawdown", false),
                column(&format!("Sharpe{mark}"), false),
            ];
            let of = |each| row_at_exchanges(each, money);
            return Self { columns, rows: sheet.strategies.iter().map(of).collect(), caution };
        }
        let mut columns = vec![
            column("Fees", false),
            column("IL", false),
            column("LVR", false),
            column("Swap cost", false),
            column("Gas", false),
            column("Net vs hold", true),
            column("Return", true),
            column(&format!("Annualised{mark}"), caution.is_none()),
            column("Max drawdown", false),
            column(&format!("Sharpe{mark}"), false),
            column("In range", false),
            column("Rebalances", false),
        ];
        let pays_rewards = !sheet.programmes.is_empty();
        let hedges = !sheet.exchanges.is_empty();
        if hedges {
            columns.insert(HEDGES_AT, column("Hedge", true));
            columns.insert(HEDGES_AT, column("Funding", false));
        }
        if pays_rewards {
            columns.insert(REWARDS_AT, column("Rewards", false));
        }
        let of = |each| row(each, money, (pays_rewards, hedges));
        let rows = sheet.strategies.iter().map(of).collect();
        Self { columns, rows, caution }
    }
}

/// The figures of a run without a pool.
fn row_at_exchanges(strategy: &StrategySheet, money: MoneyFormat) -> Row {
    let amount = |value| Cell { text: money.rounded(value), exact: Some(money.exact(value)) };
    let signed = |value| Cell { text: money.rounded_signed(value), ..amount(value) };
    let plain = |text| Cell { text, exact: None };
    let cells = vec![
        signed(price_moves(&Identity::of(strategy))),
        amount(strategy.swap_cost_quote),
        amount(strategy.funding_quote),
        amount(strategy.hedge_quote),
        signed(strategy.net_quote),
        plain(percent(strategy.return_, true)),
        plain(percent(strategy.annualised_return, true)),
        plain(percent(strategy.max_drawdown, false)),
        plain(strategy.sharpe.map_or(MISSING.to_owned(), |value| decimal(value, 2))),
    ];
    Row { name: strategy.name.clone(), cells }
}

fn row(strategy: &StrategySheet, money: MoneyFormat, (pays_rewards, hedges): (bool, bool)) -> Row {
    let amount = |value| Cell { text: money.rounded(value), exact: Some(money.exact(value)) };
    let plain = |text| Cell { text, exact: None };
    let net = strategy.net_quote;
    let mut cells = vec![
        amount(strategy.fees_quote),
        amount(strategy.il_quote),
        amount(strategy.lvr_quote),
        amount(strategy.swap_cost_quote),
        amount(strategy.gas_quote),
        Cell { text: money.rounded_signed(net), exact: Some(money.exact(net)) },
        plain(percent(strategy.return_, true)),
        plain(percent(strategy.annualised_return, true)),
        plain(percent(strategy.max_drawdown, false)),
        plain(strategy.sharpe.map_or(MISSING.to_owned(), |value| decimal(value, 2))),
        plain(percent(strategy.time_in_range, false)),
        plain(count(strategy.rebalances)),
    ];
    if hedges {
        cells.insert(HEDGES_AT, amount(strategy.hedge_quote));
        cells.insert(HEDGES_AT, amount(strategy.funding_quote));
    }
    if pays_rewards {
        cells.insert(REWARDS_AT, amount(strategy.rewards_quote));
    }
    Row { name: strategy.name.clone(), cells }
}
