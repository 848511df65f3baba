//! Recorded reserves of v2 pairs, and pools of many kinds at one moment.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use tidemill_amm::concentrated::{Pool, Snapshot, TickLiquidity};
use tidemill_amm::constant_product::{
    Pair, PairError, PairFee, PairState, TradeReserves, amount_out,
};
use tidemill_amm::{SharePool, SwapAmount, Trade};
use tidemill_units::{
    Amount, FeePips, Liquidity, SignedLiquidity, Tick, Timestamp, TokenIndex, TokenPair, U256,
};

use crate::recorded_data::recorded;

fn unpacked(file: &str) -> Option<String> {
    let file = std::fs::File::open(recorded(file)?).unwrap();
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    Some(text)
}

/// Reserves of USDC and WETH as they were recorded: WETH from a double.
#[derive(Clone, Copy)]
struct Recorded {
    time: u64,
    usdc: U256,
    weth: U256,
}

/// What a step of the recorded reserves is found to be.
#[derive(Default, Debug, PartialEq, Eq)]
struct Steps {
    swaps: u64,
    /// The product check's two sides agree to 10^-9, after the fee of 0.3 %.
    keep_the_product: u64,
    /// Of those, the output is the library's, as far as the recorded digits tell.
    give_the_quote: u64,
    /// The product is not kept, and a neighbour of the step shares its timestamp with others,
    /// which are then not always in the chain's order.
    beside_equal_times: u64,
    /// The product is not kept, with no such excuse.
    unexplained: u64,
}

#[test]
fn recorded_reserves_follow_the_formula_where_they_can_be_checked() {
    let file = "univ2-usdc-weth-reserves/reserves_2022-01-01_05.csv.gz";
    let Some(text) = unpacked(file) else { return };
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = rows
        .records()
        .map(|row| {
            let row = row.unwrap();
            let amount = |text: &str, decimals| Amount::from_decimal_str(text, decimals).unwrap().0;
            let [time, usdc, weth] = [&row[0], &row[1], &row[2]];
            let time = time.parse().unwrap();
            Recorded { time, usdc: amount(usdc, 6), weth: amount(weth, 18) }
        })
        .collect();
    let mut times = BTreeMap::<_, u64>::new();
    for row in &rows {
        *times.entry(row.time).or_default() += 1;
    }
    let mut steps = Steps::default();
    for step in rows.windows(2) {
        let (before, after) = (step[0], step[1]);
        let rises = (after.usdc > before.usdc, after.weth > before.weth);
        let falls = (after.usdc < before.usdc, after.weth < before.weth);
        let is_swap = (rises.0 && falls.1) || (falls.0 && rises.1);
        if before.time == after.time || !is_swap {
            continue;
        }
        steps.swaps += 1;
        if keeps_the_product(before, after) {
            steps.keep_the_product += 1;
            steps.give_the_quote += u64::from(gives_the_quote(before, after));
        } else if times[&before.time] > 1 || times[&after.time] > 1 {
            steps.beside_equal_times += 1;
        } else {
            steps.unexplained += 1;
        }
    }
    println!("{} states, {steps:?}", rows.len());
    let expected = Steps {
        swaps: 7_615,
        keep_the_product: 6_680,
        give_the_quote: 5_763,
        beside_equal_times: 935,
        unexplained: 0,
    };
    assert_eq!(steps, expected);
}

/// The pair's own check, but to 10^-9 and both ways: nothing was lost, and nothing given away.
fn keeps_the_product(before: Recorded, after: Recorded) -> bool {
    let [thousand, three] = [1000_u64, 3].map(U256::from);
    let adjusted =
        |after: U256, before: U256| after * thousand - after.saturating_sub(before) * three;
    let left = adjusted(after.usdc, before.usdc) * adjusted(after.weth, before.weth);
    let right = before.usdc * before.weth * thousand * thousand;
    left.abs_diff(right) * U256::from(1_000_000_000) < right
}

/// Whether some reserves of WETH within what the recorded digits leave open make the output the
/// library's. A double has seventeen digits, and the reserves were summed up in doubles.
fn gives_the_quote(before: Recorded, after: Recorded) -> bool {
    let slack = U256::from(20_000_000);
    let twice = slack + slack;
    let quote = |amount: U256, input: U256, output: U256| {
        let reserves = TradeReserves { input: Amount(input), output: Amount(output) };
        amount_out(Amount(amount), reserves).map_or(U256::ZERO, |out| out.0)
    };
    if after.usdc > before.usdc {
        let paid = after.usdc - before.usdc;
        let out = before.weth - after.weth;
        let least = quote(paid, before.usdc, before.weth - slack);
        let most = quote(paid, before.usdc, before.weth + slack);
        least <= out + twice && out <= most + twice
    } else {
        let paid = after.weth - before.weth;
        let out = before.usdc - after.usdc;
        let least = quote(paid.saturating_sub(twice), before.weth + slack, before.usdc);
        let most = quote(paid + twice, before.weth - slack, before.usdc);
        least <= out && out <= most
    }
}

#[test]
fn every_pool_of_a_moment_loads_or_is_refused_with_a_reason() {
    let Some(text) = unpacked("amm-pool-snapshot-2023-07-12/pools.jsonl.gz") else { return };
    let mut outcomes = BTreeMap::<String, u64>::new();
    for line in text.lines() {
        let pool: Value = serde_json::from_str(line).unwrap();
        let exchange = pool["exchange"].as_str().unwrap();
        let outcome = match exchange {
            "uniswap_v2" | "sushiswap_v2" => load_pair(&pool),
            "uniswap_v3" => load_range(&pool),
            _ => Err("no such kind of pool".to_owned()),
        };
        let outcome = outcome.err().unwrap_or_else(|| "loads".to_owned());
        *outcomes.entry(format!("{exchange}: {outcome}")).or_default() += 1;
    }
    println!("{outcomes:#?}");
    let expected = [
        ("bancor_v3: no such kind of pool", 34),
        ("carbon_v1: no such kind of pool", 220),
        ("sushiswap_v2: loads", 78),
        ("uniswap_v2: loads", 1066),
        ("uniswap_v3: loads", 640),
    ];
    let expected = expected.map(|(outcome, count)| (outcome.to_owned(), count));
    assert_eq!(outcomes, expected.into_iter().collect());
    assert_eq!(outcomes.values().sum::<u64>(), 2_038);
}

/// What a field says, as a number.
fn number<T: std::str::FromStr>(pool: &Value, field: &str) -> T {
    let value = &pool[field];
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_else(|_| panic!("{field} of {pool}"))
}

/// Loads a pair, and swaps a thousandth of a reserve.
fn load_pair(pool: &Value) -> Result<(), String> {
    let (reserve0, reserve1): (Amount, Amount) =
        (number(pool, "reserve0"), number(pool, "reserve1"));
    let fee_ppm: u32 = number(pool, "fee_ppm");
    let fee = PairFee::new(fee_ppm / 1000, 1000).ok_or("a fee no pair has")?;
    assert_eq!(fee, PairFee::UNISWAP);
    let state = PairState {
        reserve0,
        reserve1,
        balance0: reserve0,
        balance1: reserve1,
        ..PairState::default()
    };
    let mut pair = Pair::new(&state).map_err(|error| error.to_string())?;
    let amount = Amount((reserve0.0 >> 10_usize) + U256::from(1));
    let pair_of_tokens = TokenPair { input: TokenIndex(0), output: TokenIndex(1) };
    let trade = Trade { pair: pair_of_tokens, amount: SwapAmount::ExactIn(amount) };
    if let Ok(quote) = pair.quote(&trade, Timestamp(1))
        && !quote.amount_out.is_zero()
    {
        // One of them is full: hardly less than 2^112 of a token, which is all a pair can hold.
        let is_full = (reserve0.0 + amount.0).bit_len() > 112;
        let expected = if is_full { Err(PairError::Overflow.into()) } else { Ok(quote) };
        assert_eq!(SharePool::swap(&mut pair, &trade, Timestamp(1)), expected, "{pool}");
    }
    Ok(())
}

/// Loads what is known of a concentrated pool: the liquidity of the range it is in. Where that
/// really ends was not recorded, so it ends here at the next multiples of the tick spacing.
fn load_range(pool: &Value) -> Result<(), String> {
    let spacing: i32 = number(pool, "tick_spacing");
    let tick: i32 = number(pool, "tick");
    let liquidity: u128 = number(pool, "liquidity");
    let lower = tick.div_euclid(spacing) * spacing;
    let net = i128::try_from(liquidity).map_err(|error| error.to_string())?;
    let gross = Liquidity(liquidity);
    let end = |tick, net| TickLiquidity { tick: Tick(tick), gross, net: SignedLiquidity(net) };
    let ends = vec![end(lower, net), end(lower + spacing, -net)];
    let snapshot = Snapshot {
        sqrt_price: number(pool, "sqrt_price_x96"),
        tick: Tick(tick),
        ticks: if liquidity == 0 { Vec::new() } else { ends },
    };
    let fee = FeePips(number(pool, "fee_ppm"));
    let loaded = Pool::from_snapshot(fee, spacing, &snapshot, Timestamp(1_689_120_000));
    let loaded = loaded.map_err(|error| error.to_string())?;
    assert_eq!(loaded.liquidity(), gross, "{pool}");
    Ok(())
}
