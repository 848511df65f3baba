use tidemill_amm::Pool;
use tidemill_market::Footprint;
use tidemill_model::{ChainId, PoolBuild, PoolEvent, ShareEvent, Token};
use tidemill_report::{
    DecisionRow, Footprint as SheetFootprint, OnChain, OtherPoolSheet, PoolHeader as SheetPool,
    PriceScale, Provenance, Provision, RealisedGain, RunRecord, StoppedAt, StrategySheet,
    TearSheet, ValuePoint,
};
use tidemill_risk::Decision;
use tidemill_signals::performance::{SharpeConvention, annualised_return, sharpe_ratio};
use tidemill_store::time_text;
use tidemill_units::{SignedAmount, Timestamp, TokenIndex};

use crate::{Backtest, PoolSetup, RunSource, RunTape, StrategyRun};

const HOURS_PER_YEAR: f64 = 24.0 * 365.0;

/// Fills the sheet that page and table show.
pub fn tear_sheet<'a>(
    source: impl Into<RunSource<'a>>,
    backtest: &Backtest,
    provenance: Provenance,
) -> TearSheet {
    let (scale, pool, title, notes) = match source.into() {
        RunSource::Tape(tape) => {
            let quote = backtest.setup.quote().unwrap_or(TokenIndex(0));
            let scale = PriceScale::new(&tape.decimals(), quote);
            let pool = sheet_pool(tape, scale, backtest);
            let title = format!("{} liquidity strategies", pool.name);
            (scale, pool, title, notes(tape, backtest))
        }
        RunSource::Exchanges(tokens) => {
            let pool = sheet_of_exchanges(tokens, backtest);
            let title = format!("Strategies at {}", pool.name);
            (PriceScale::without_pool(pool.quote_decimals), pool, title, notes_of_exchanges())
        }
    };
    let strategies =
        backtest.runs.iter().map(|run| strategy_sheet(run, (&pool, scale), backtest)).collect();
    let price = backtest.runs.first().map(|run| run.record.price.clone()).unwrap_or_default();
    let rewards = backtest.setup.rewards.iter().map(|reward| reward.sheet.clone());
    let stakings = backtest.setup.stakings.iter().map(|staking| staking.sheet.clone());
    let votings = backtest.setup.votings.iter().map(|voting| voting.sheet.clone());
    let programmes = rewards.chain(stakings).chain(votings).collect();
    let exchanges = backtest.setup.exchanges.iter().map(|exchange| exchange.sheet.clone());
    let exchanges = exchanges.collect();
    let other_pools = backtest.setup.pools.iter().map(other_pool).collect();
    TearSheet {
        title,
        pool,
        price,
        programmes,
        other_pools,
        exchanges,
        strategies,
        provenance,
        notes,
    }
}

fn sheet_pool(tape: RunTape<'_>, scale: PriceScale, backtest: &Backtest) -> SheetPool {
    let tokens = tape.tokens();
    let token = |index: TokenIndex| tokens.get(index.place());
    let symbol = |index| token(index).map(|token| token.symbol.clone()).unwrap_or_default();
    let quote = backtest.setup.quote().unwrap_or(TokenIndex(0));
    let (first, last) = (tape.events().first(), tape.events().last());
    SheetPool {
        name: pool_name(tape),
        on_chain: Some(OnChain {
            chain: chain_name(tape.chain_id()),
            address: tape.address().to_string(),
            provision: provision(tape),
            token_count: tokens.len(),
            first_block: first.map_or(0, |event| event.block.0),
            last_block: last.map_or(0, |event| event.block.0),
            swaps: tape.events().iter().filter(|event| is_swap(&event.event)).count() as u64,
        }),
        base_symbol: symbol(scale.base()),
        quote_symbol: symbol(quote),
        quote_decimals: token(quote).map_or(0, |token| token.decimals),
        from_unix: first.map_or(0, |event| event.time.0),
        to_unix: last.map_or(0, |event| event.time.0),
        events: tape.events().len() as u64,
    }
}

/// What the report says of a run without a pool: it begins and ends with its feeds.
fn sheet_of_exchanges(tokens: &[Token], backtest: &Backtest) -> SheetPool {
    let setup = &backtest.setup;
    let token = |index: Option<TokenIndex>| tokens.get(index?.place());
    let symbol = |index| token(index).map_or(String::new(), |token| token.symbol.clone());
    let names: Vec<_> = setup.exchanges.iter().map(|it| it.sheet.name.as_str()).collect();
    let mut instruments = setup.exchanges.iter().flat_map(|exchange| &exchange.instruments);
    let run = backtest.runs.first();
    let unix = |point: Option<&ValuePoint>| point.map_or(0, |point| point.unix);
    SheetPool {
        name: names.join(", "),
        on_chain: None,
        base_symbol: symbol(instruments.next().map(|(_, base)| *base)),
        quote_symbol: symbol(setup.quote()),
        quote_decimals: token(setup.quote()).map_or(0, |token| token.decimals),
        from_unix: unix(run.and_then(|run| run.record.value.first())),
        to_unix: unix(run.and_then(|run| run.record.value.last())),
        events: run.map_or(0, |run| run.told),
    }
}

fn notes_of_exchanges() -> Vec<String> {
    [
        "There is no pool: everything stands at the exchanges, and there is no chain and no gas.",
        "An order is executed its exchange's latency after it was decided, in full or not at all, \
         and moves no price for anybody after it. One whose time the feeds do not reach expires.",
        "Values, and so the drawdown, are taken one to two thousand times over the period.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// What the report says of a pool beside the first.
fn other_pool(pool: &PoolSetup) -> OtherPoolSheet {
    let tape = pool.run_tape();
    let swaps = tape.events().iter().filter(|event| is_swap(&event.event)).count();
    let end = tape.events().last().map_or(Timestamp(0), |event| event.time);
    let rows = [
        ("address", tape.address().to_string()),
        ("events", tape.events().len().to_string()),
        ("swaps", swaps.to_string()),
        ("first_event", time_text(tape.first_time())),
        ("last_event", time_text(end)),
    ];
    let parameters = rows.map(|(name, value)| (name.to_owned(), value)).to_vec();
    OtherPoolSheet { name: pool.name.clone(), kind: pool_name(tape), parameters }
}

fn provision(tape: RunTape<'_>) -> Provision {
    match tape {
        RunTape::Concentrated(_) => Provision::Ranges,
        RunTape::Shares(tape) if matches!(tape.start, Pool::Solidly(_)) => {
            Provision::SharesBesideFees
        }
        RunTape::Shares(_) => Provision::Shares,
    }
}

fn is_swap(event: &PoolEvent) -> bool {
    let PoolEvent::Shares(event) = event else { return event.swap().is_some() };
    matches!(
        event.without_claim(),
        ShareEvent::Swap { .. } | ShareEvent::SwapUnderlying { .. } | ShareEvent::PairSwap { .. }
    )
}

/// Such as `USDC/WETH 0.05 %`, or `DAI/USDC/USDT stable_swap`.
fn pool_name(tape: RunTape<'_>) -> String {
    let symbols: Vec<_> = tape.tokens().iter().map(|token| token.symbol.as_str()).collect();
    let symbols = symbols.join("/");
    match tape {
        RunTape::Concentrated(tape) => {
            let percent = format!("{:.4}", f64::from(tape.header.fee.0) / 10_000.0);
            let percent = percent.trim_end_matches('0').trim_end_matches('.');
            match tape.header.build {
                PoolBuild::UniswapV3 => format!("{symbols} {percent} %"),
                PoolBuild::PancakeV3 { .. }
                | PoolBuild::Slipstream { .. }
                | PoolBuild::UniswapV4 { .. } => {
                    format!("{symbols} {} {percent} %", tape.header.build.name())
                }
            }
        }
        RunTape::Shares(tape) => format!("{symbols} {}", tape.start.kind()),
    }
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

fn strategy_sheet(
    run: &StrategyRun,
    (pool, scale): (&SheetPool, PriceScale),
    backtest: &Backtest,
) -> StrategySheet {
    let record = &run.record;
    let identity = &record.settlement.identity;
    let deposit = scale.whole(record.deposit_value);
    let ratio = |value: SignedAmount| {
        if deposit > 0.0 { scale.whole(value) / deposit - 1.0 } else { 0.0 }
    };
    let return_ = ratio(record.settlement.final_value);
    let seconds = pool.to_unix.saturating_sub(pool.from_unix) as f64;
    StrategySheet {
        name: run.strategy.name(),
        summary: run.strategy.summary(),
        parameters: run.strategy.parameters(),
        footprint: match backtest.setup.footprint {
            Footprint::PriceTaker => SheetFootprint::PriceTaker,
            Footprint::ReExecuted => SheetFootprint::ReExecuted,
        },
        dilution_bound: run.dilution_bound,
        fees_quote: identity.fees,
        rewards_quote: identity.rewards,
        il_quote: identity.il,
        lvr_quote: SignedAmount::from_i128(record.lvr.round() as i128),
        swap_cost_quote: identity.swap_cost,
        commission_quote: record.settlement.commission,
        gas_quote: identity.gas,
        funding_quote: identity.funding,
        hedge_quote: identity.hedge,
        net_quote: identity.net,
        deposit_quote: record.deposit_value,
        final_quote: record.settlement.final_value,
        hold_final_quote: record.settlement.hold_value,
        time_in_range: record.time_in_range,
        return_,
        annualised_return: annualised_return(return_, seconds).unwrap_or(f64::NAN),
        hold_return: ratio(record.settlement.hold_value),
        max_drawdown: record.drawdown.worst().map_or(0.0, |worst| worst.depth),
        sharpe: sharpe(record),
        rebalances: record.rebalances,
        digest: run.digest.clone(),
        value: record.value.clone(),
        cumulative_fees: record.cumulative_fees.clone(),
        cumulative_rewards: if !backtest.setup.pays_rewards() {
            Vec::new()
        } else {
            record.cumulative_rewards.clone()
        },
        ranges: record.ranges.clone(),
        actions: record.actions.clone(),
        refusals: run
            .refused
            .iter()
            .map(|refused| {
                (refused.at.second().0, format!("{} ({} times)", refused.refusal, refused.times))
            })
            .collect(),
        stopped: run.stopped.as_ref().map(|stop| StoppedAt {
            unix: stop.at.second().0,
            event: stop.sequence.0,
            reason: stop.cause.to_string(),
        }),
        decisions: run.decisions.iter().map(decision_row).collect(),
        locked: record.locked.clone(),
        identity_difference: identity.reported_difference,
    }
}

fn decision_row(decision: &Decision) -> DecisionRow {
    let raw = |amount| SignedAmount::positive(amount).unwrap_or(SignedAmount::MAX);
    let realised = decision.realised.map(|realised| RealisedGain {
        gain_quote: raw(realised.gain),
        after_seconds: realised.after_seconds,
    });
    DecisionRow {
        unix: decision.at.0,
        what: decision.kind.name().to_owned(),
        predicted_gain_quote: raw(decision.predicted_gain),
        predicted_cost_quote: raw(decision.predicted_cost),
        realised,
    }
}

/// Of hourly returns, without a risk-free rate, put on a year of 365 days.
fn sharpe(record: &RunRecord) -> Option<f64> {
    let convention =
        SharpeConvention { benchmark_per_period: 0.0, periods_per_year: HOURS_PER_YEAR };
    sharpe_ratio(&record.hourly, convention).map(|sharpe| sharpe.annualised)
}

fn notes(tape: RunTape<'_>, backtest: &Backtest) -> Vec<String> {
    let delay = backtest.setup.models.inclusion.delay_blocks;
    let mut notes = vec![
        match tape {
            RunTape::Concentrated(_) => {
                "Each strategy starts with half of its deposit in either token.".to_owned()
            }
            RunTape::Shares(tape) => format!(
                "A share pool ({}): providers hold shares of the whole, which are in range at \
                 every price. {} A price-taker's shares count as if they had been minted outside \
                 the recorded pool.",
                tape.start.kind(),
                match provision(RunTape::Shares(tape)) {
                    Provision::SharesBesideFees => {
                        "Fees are kept beside its reserves, and each share has its part of them \
                         coming."
                    }
                    Provision::Shares | Provision::Ranges => {
                        "Fees are what its virtual price has grown by."
                    }
                }
            ),
        },
        format!(
            "An order is executed at the end of the block {delay} after the one it was decided in."
        ),
        "Values, and so the drawdown, are taken about a thousand times over the period.".to_owned(),
        "Gas per action was measured on the real contracts; it is valued when it is paid."
            .to_owned(),
    ];
    if tape.events().iter().all(|event| event.gas_price.is_none()) {
        notes.push(format!(
            "The tape records no gas prices: {} wei per gas were assumed.",
            backtest.setup.models.gas.fallback_price
        ));
    }
    if tape.chain_id() != ChainId(1) {
        notes.push("What a rollup charges for posting data to Ethereum is not in gas.".to_owned());
    }
    for run in backtest.runs.iter().filter(|run| run.reverted_with_us > 0) {
        notes.push(format!(
            "{}: {} recorded calls of others would have reverted with our liquidity in the pool, \
             and were left out.",
            run.strategy.name(),
            run.reverted_with_us
        ));
    }
    if !tape.tolerance().is_exact() {
        notes.push(
            "The tape's amounts are rounded; they were compared within its tolerance.".into(),
        );
    }
    notes
}
