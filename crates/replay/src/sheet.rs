use tidemill_market::Footprint;
use tidemill_model::{ChainId, PoolEvent, PoolHeader, Tape};
use tidemill_report::{
    Footprint as SheetFootprint, PoolHeader as SheetPool, PricePoint, PriceScale, Provenance,
    RunRecord, StrategySheet, TearSheet,
};
use tidemill_signals::performance::{SharpeConvention, annualised_return, sharpe_ratio};
use tidemill_signals::{MaxDrawdown, ReturnMoments};
use tidemill_units::{Side, SignedAmount};

use crate::config::token;
use crate::{Backtest, StrategyRun};

const HOURS_PER_YEAR: f64 = 24.0 * 365.0;
const PRICE_POINTS: usize = 2_000;

/// Fills the sheet that page and table show.
pub fn tear_sheet(tape: &Tape, backtest: &Backtest, provenance: Provenance) -> TearSheet {
    let header = &tape.header;
    let quote = backtest.setup.valuation.quote;
    let pool = sheet_pool(tape, quote);
    let title = format!("{} liquidity strategies", pool.name);
    let strategies = backtest.runs.iter().map(|run| strategy_sheet(run, &pool, backtest)).collect();
    let price = prices(tape, PriceScale::new(header, quote));
    TearSheet { title, pool, price, strategies, provenance, notes: notes(tape, backtest) }
}

fn sheet_pool(tape: &Tape, quote: Side) -> SheetPool {
    let header = &tape.header;
    let (first, last) = (tape.events.first(), tape.events.last());
    let is_swap = |event: &PoolEvent| matches!(event, PoolEvent::Swap { .. });
    SheetPool {
        name: pool_name(header),
        chain: chain_name(header.chain_id),
        address: header.pool.to_string(),
        base_symbol: token(header, quote.other()).symbol.clone(),
        quote_symbol: token(header, quote).symbol.clone(),
        quote_decimals: token(header, quote).decimals,
        from_unix: first.map_or(0, |event| event.time.0),
        to_unix: last.map_or(0, |event| event.time.0),
        first_block: first.map_or(0, |event| event.block.0),
        last_block: last.map_or(0, |event| event.block.0),
        events: tape.events.len() as u64,
        swaps: tape.events.iter().filter(|event| is_swap(&event.event)).count() as u64,
    }
}

/// Such as `USDC/WETH 0.05 %`.
fn pool_name(header: &PoolHeader) -> String {
    let percent = format!("{:.4}", f64::from(header.fee.0) / 10_000.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    format!("{}/{} {percent} %", header.token0.symbol, header.token1.symbol)
}

fn chain_name(id: ChainId) -> String {
    let known = [
        (1, "Ethereum"),
        (10, "Optimism"),
        (56, "BNB Chain"),
        (100, "Gnosis"),
        (137, "Polygon"),
        (8_453, "Base"),
        (42_161, "Arbitrum One"),
        (43_114, "Avalanche"),
        (747_474, "Katana"),
    ];
    let name = known.iter().find(|(known, _)| *known == id.0).map(|(_, name)| (*name).to_owned());
    name.unwrap_or_else(|| format!("chain {id}"))
}

/// Every so-and-so-many-th recorded price, and the last.
fn prices(tape: &Tape, scale: PriceScale) -> Vec<PricePoint> {
    let recorded = tape.events.iter().filter_map(|event| match event.event {
        PoolEvent::Swap { after, .. } => after.sqrt_price.map(|price| (event.time.0, price)),
        PoolEvent::Initialize { sqrt_price, .. } => Some((event.time.0, sqrt_price)),
        PoolEvent::Mint { .. }
        | PoolEvent::Burn { .. }
        | PoolEvent::Collect { .. }
        | PoolEvent::Flash { .. }
        | PoolEvent::SetFeeProtocol { .. } => None,
    });
    let recorded: Vec<_> = recorded.collect();
    let step = recorded.len().div_ceil(PRICE_POINTS).max(1);
    let last = recorded.len().saturating_sub(1);
    let kept = recorded.iter().enumerate().filter(|(index, _)| index % step == 0 || *index == last);
    kept.map(|(_, (unix, price))| PricePoint { unix: *unix, price: scale.price(*price) }).collect()
}

fn strategy_sheet(run: &StrategyRun, pool: &SheetPool, backtest: &Backtest) -> StrategySheet {
    let record = &run.record;
    let identity = &record.settlement.identity;
    let ratio = |value: SignedAmount| relative(value, record.deposit_value);
    let return_ = ratio(record.settlement.final_value);
    let seconds = pool.to_unix.saturating_sub(pool.from_unix) as f64;
    StrategySheet {
        name: run.strategy.name(),
        summary: run.strategy.kind.summary().to_owned(),
        parameters: run.strategy.kind.parameters(),
        footprint: match backtest.setup.footprint {
            Footprint::PriceTaker => SheetFootprint::PriceTaker,
            Footprint::ReExecuted => SheetFootprint::ReExecuted,
        },
        dilution_bound: run.dilution_bound,
        fees_quote: identity.fees,
        il_quote: identity.il,
        lvr_quote: SignedAmount::from_i128(record.lvr.round() as i128),
        swap_cost_quote: identity.swap_cost,
        gas_quote: identity.gas,
        net_quote: identity.net,
        deposit_quote: record.deposit_value,
        final_quote: record.settlement.final_value,
        hold_final_quote: record.settlement.hold_value,
        time_in_range: record.time_in_range,
        return_,
        annualised_return: annualised_return(return_, seconds).unwrap_or(f64::NAN),
        hold_return: ratio(record.settlement.hold_value),
        max_drawdown: max_drawdown(record),
        sharpe: sharpe(record),
        rebalances: record.rebalances,
        digest: run.digest.clone(),
        value: record.value.clone(),
        cumulative_fees: record.cumulative_fees.clone(),
        ranges: record.ranges.clone(),
        actions: record.actions.clone(),
        refusals: run
            .refused
            .iter()
            .map(|refused| (refused.at.0, format!("{} ({} times)", refused.refusal, refused.times)))
            .collect(),
        identity_difference: identity.reported_difference,
    }
}

fn max_drawdown(record: &RunRecord) -> f64 {
    let mut drawdown = MaxDrawdown::default();
    for point in &record.value {
        drawdown.update(point.value);
    }
    drawdown.worst().map_or(0.0, |worst| worst.depth)
}

/// Of hourly returns, without a risk-free rate, put on a year of 365 days.
fn sharpe(record: &RunRecord) -> Option<f64> {
    let mut moments = ReturnMoments::default();
    for period_return in record.hourly.windows(2).filter_map(period_return) {
        moments.update(period_return);
    }
    let convention =
        SharpeConvention { benchmark_per_period: 0.0, periods_per_year: HOURS_PER_YEAR };
    sharpe_ratio(&moments, convention).map(|sharpe| sharpe.annualised)
}

fn period_return(pair: &[f64]) -> Option<f64> {
    match pair {
        [from, to] if *from > 0.0 => Some(to / from - 1.0),
        _ => None,
    }
}

/// `value / base - 1`; both are far below 2^127 raw units wherever a ratio means anything.
fn relative(value: SignedAmount, base: SignedAmount) -> f64 {
    let float = |amount: SignedAmount| {
        let limbs = amount.magnitude().0.into_limbs().map(|limb| limb as f64);
        let size =
            limbs.iter().rev().fold(0.0, |sum, limb| sum * 18_446_744_073_709_551_616.0 + limb);
        if amount.is_negative() { -size } else { size }
    };
    if base.is_zero() { 0.0 } else { float(value) / float(base) - 1.0 }
}

fn notes(tape: &Tape, backtest: &Backtest) -> Vec<String> {
    let delay = backtest.setup.inclusion.delay_blocks;
    let mut notes = vec![
        "Each strategy starts with half of its deposit in either token.".to_owned(),
        format!(
            "An order is executed at the end of the block {delay} after the one it was decided in."
        ),
        "Gas per action was measured on the real contracts; it is valued when it is paid."
            .to_owned(),
    ];
    if tape.events.iter().all(|event| event.gas_price.is_none()) {
        notes.push(format!(
            "The tape records no gas prices: {} wei per gas were assumed.",
            backtest.setup.gas.fallback_price
        ));
    }
    if !tape.header.amount_tolerance.is_exact() {
        notes.push(
            "The tape's amounts are rounded; they were compared within its tolerance.".into(),
        );
    }
    notes
}
