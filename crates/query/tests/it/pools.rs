//! The embedded week and a recorded day, asked in SQL and counted apart.

use std::collections::BTreeMap;

use tidemill_catalogue::Source;
use tidemill_market::{Footprint, Market, PoolMarket};
use tidemill_model::{Event, EventBody, PoolEvent, Sequence, Tape, TapeEvent};
use tidemill_store::{PoolDescription, sample};

use crate::folder::Folder;

const POOL: &str = "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640";

/// The week's events, a partition a day, as a data folder has them.
async fn week() -> Folder {
    let folder = Folder::new();
    let tape = with_liquidity(sample().unwrap());
    let source = Source::of_pool(&tape.header);
    assert_eq!(source.value("pool"), Some(POOL));
    let description = PoolDescription::Concentrated(tape.header);
    folder.append::<TapeEvent>(&source, description, tape.events).await;
    folder
}

/// The week with the liquidity after each swap, which its logs had and its source left out.
fn with_liquidity(mut tape: Tape) -> Tape {
    let mut market = Market::new(Footprint::PriceTaker);
    let pool = market.add_pool(&tape).unwrap();
    for (at, recorded) in tape.events.iter_mut().enumerate() {
        let body = EventBody::Chain(recorded.in_pool(pool));
        let event = Event::at(Sequence(at as u64 + 1), recorded.time, body);
        market.apply(&event).unwrap();
        if let PoolEvent::Swap { after, .. } = &mut recorded.event {
            let Some(PoolMarket::Concentrated(replayed)) = market.pool(pool) else { panic!() };
            after.liquidity = Some(replayed.pool().liquidity());
        }
    }
    tape
}

/// The swaps of the tape: amounts in raw units, price and liquidity after.
fn swaps(tape: &Tape) -> Vec<(i64, f64, f64, f64)> {
    let mut swaps = Vec::new();
    for recorded in &tape.events {
        if let PoolEvent::Swap { amounts, after } = &recorded.event {
            let number = |text: String| text.parse::<f64>().unwrap();
            let root = number(after.sqrt_price.unwrap().to_string()) / 2_f64.powi(96);
            swaps.push((
                recorded.time.0 as i64,
                number(amounts.amount0.to_string()) / 1e6,
                number(amounts.amount1.to_string()) / 1e18,
                root * root / 1e12,
            ));
        }
    }
    swaps
}

fn numbers(line: &str) -> Vec<f64> {
    line.split(',').map(|number| number.parse().unwrap()).collect()
}

#[tokio::test]
async fn swaps_and_their_candles_are_those_of_the_tape() {
    let (folder, tape) = (week().await, sample().unwrap());
    let expected = swaps(&tape);
    let lines = folder
        .csv(&format!(
            "SELECT count(*), sum(CASE WHEN token_in = 'USDC' THEN amount_in ELSE amount_out END), \
             sum(fee) FILTER (WHERE token_in = 'USDC'), min(pool_price), max(pool_price) FROM \
             swaps('{POOL}')"
        ))
        .await;
    let found = numbers(&lines[1]);
    let volume: f64 = expected.iter().map(|swap| swap.1.abs()).sum();
    let fees: f64 = expected.iter().map(|swap| swap.1.max(0.0) * 500e-6).sum();
    let lowest = expected.iter().map(|swap| swap.3).fold(f64::MAX, f64::min);
    let highest = expected.iter().map(|swap| swap.3).fold(0.0, f64::max);
    for (found, expected) in found.iter().zip([38_235.0, volume, fees, lowest, highest]) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
    }
    let hour = |second: i64| second / 3_600 * 3_600;
    let mut candles: BTreeMap<i64, (f64, f64, f64, f64, f64, u64)> = BTreeMap::new();
    for (second, _, weth, price) in &expected {
        let start = (*price, *price, *price, *price, 0.0, 0);
        let candle = candles.entry(hour(*second)).or_insert(start);
        candle.1 = candle.1.max(*price);
        candle.2 = candle.2.min(*price);
        (candle.3, candle.4, candle.5) = (*price, candle.4 + weth.abs(), candle.5 + 1);
    }
    let lines = folder
        .csv(&format!(
            "SELECT CAST(arrow_cast(open_time, 'Int64') / 1000000 AS DOUBLE), open, high, low, \
             close, quote_volume, CAST(trades AS DOUBLE) FROM pool_candles('{POOL}', '1h') \
             ORDER BY 1"
        ))
        .await;
    assert_eq!(lines.len() - 1, candles.len());
    for (line, (start, candle)) in lines[1..].iter().zip(&candles) {
        let expected =
            [*start as f64, candle.0, candle.1, candle.2, candle.3, candle.4, candle.5 as f64];
        for (found, expected) in numbers(line).iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-9, "{line}: {expected}");
        }
    }
}

#[tokio::test]
async fn positions_that_were_opened_and_closed_have_their_exact_fees() {
    let (folder, tape) = (week().await, sample().unwrap());
    let lines = folder
        .csv(&format!(
            "SELECT owner, tick_lower, tick_upper, events, minted, burned, fee0, fee1 FROM \
             positions('{POOL}') ORDER BY first_time"
        ))
        .await;
    // Liquidity minted less burned by position, counted apart.
    let mut nets: BTreeMap<(String, i32, i32), (i128, u64)> = BTreeMap::new();
    for recorded in &tape.events {
        let (owner, range, net) = match &recorded.event {
            PoolEvent::Mint { owner, range, liquidity, .. } => (owner, range, liquidity.0 as i128),
            PoolEvent::Burn { owner, range, liquidity, .. } => {
                (owner, range, -(liquidity.0 as i128))
            }
            PoolEvent::Initialize { .. }
            | PoolEvent::Swap { .. }
            | PoolEvent::Collect { .. }
            | PoolEvent::Flash { .. }
            | PoolEvent::SetFeeProtocol { .. }
            | PoolEvent::Build(_)
            | PoolEvent::Shares(_) => continue,
        };
        let owner = owner.map(|owner| owner.to_string()).unwrap_or_default();
        let position = nets.entry((owner, range.lower.0, range.upper.0)).or_default();
        *position = (position.0 + net, position.1 + 1);
    }
    assert_eq!(lines.len() - 1, nets.len());
    for line in &lines[1..] {
        let fields: Vec<_> = line.split(',').collect();
        let key = (fields[0].to_owned(), fields[1].parse().unwrap(), fields[2].parse().unwrap());
        let (net, events) = nets[&key];
        let [minted, burned]: [i128; 2] = [4, 5].map(|at| fields[at].parse().unwrap());
        assert_eq!((minted - burned, fields[3]), (net, events.to_string().as_str()), "{line}");
    }
}

#[tokio::test]
async fn depth_and_fee_yield_follow_from_price_liquidity_and_fee() {
    let folder = week().await;
    let lines = folder
        .csv(&format!(
            "SELECT s.pool_price, s.liquidity, d.sells0, d.sells1 FROM swaps('{POOL}') s JOIN \
             depth('{POOL}', 10) d ON s.time = d.time AND s.pool_price = d.pool_price LIMIT 50"
        ))
        .await;
    assert_eq!(lines.len(), 51);
    for line in &lines[1..] {
        let [price, liquidity, sells0, sells1] = numbers(line)[..] else { panic!("{line}") };
        // WETH per USDC; both in raw units.
        let raw = price * 1e12;
        let token0 = liquidity * (1.0 / raw.sqrt() - 1.0 / (raw * 1.001).sqrt()) / 1e6;
        let token1 = liquidity * (raw.sqrt() - (raw * 0.999).sqrt()) / 1e18;
        assert!((sells0 / token0 - 1.0).abs() < 1e-6, "{line}: {token0}");
        assert!((sells1 / token1 - 1.0).abs() < 1e-6, "{line}: {token1}");
    }
    // All the week's fees by unit of liquidity, valued at each swap's own price.
    let lines = folder
        .csv(&format!(
            "SELECT sum((CASE WHEN token_in = 'USDC' THEN fee * pool_price ELSE fee END) * 1e18 / \
             liquidity / (2 * sqrt(pool_price * 1e12))) FROM swaps('{POOL}')"
        ))
        .await;
    let expected = numbers(&lines[1])[0];
    let lines = folder
        .csv(&format!("SELECT fee_yield, annual FROM fee_yield('{POOL}', '8d') ORDER BY time"))
        .await;
    let [found, annual] = numbers(&lines[lines.len() - 1])[..] else { panic!("two numbers") };
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
    assert!((annual / (found * 365.0 / 8.0) - 1.0).abs() < 1e-9);
}
