mod against_an_exchange;
mod concentrated;
mod cycles;
mod searches;

use tidemill_amm::constant_product::{Holder, Pair, PairFee, PairParameters, ProtocolShare};
use tidemill_amm::{Pool, PriceRatio};
use tidemill_units::{Amount, Amounts, Side, Timestamp, TokenPair, U256};

use crate::{BestTrade, Hop, executed};

const NOW: Timestamp = Timestamp(1);
const UP: TokenPair = Side::Token1.into_other();
const DOWN: TokenPair = Side::Token0.into_other();
const E12: u128 = 1_000_000_000_000;
const E18: u128 = 1_000_000_000_000_000_000;

/// A pair of these reserves with a fee of thousandths.
fn pair(amount0: u128, amount1: u128, fee: u32) -> Pool {
    let fee = PairFee::new(fee, 1_000).unwrap();
    let parameters = PairParameters { fee, protocol_share: ProtocolShare::UNISWAP };
    let mut pair = Pair::empty(parameters);
    let [amount0, amount1] = [amount0, amount1].map(Amount::from_u128);
    pair.give(Amounts { amount0, amount1 }).unwrap();
    pair.mint(Holder::Account([1; 20]), NOW).unwrap();
    Pool::ConstantProduct(Box::new(pair))
}

fn through(pool: &Pool, pair: TokenPair) -> Hop<'_> {
    Hop::through(pool, pair, NOW)
}

fn price(output: u64, input: u64) -> Hop<'static> {
    Hop::at_price(PriceRatio { output: U256::from(output), input: U256::from(input) })
}

fn whole(amount: u128) -> Amount {
    Amount::from_u128(amount)
}

fn float(amount: Amount) -> f64 {
    crate::number::real(amount.0)
}

fn check_close(amount: Amount, scale: f64, expected: f64) {
    let found = float(amount) / scale;
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} is not {expected}");
}

/// What was promised is what executing it gives, and no input of these earns more but by what
/// rounding takes: a unit of each token on the way, at what it is worth.
fn check_best(hops: &[Hop<'_>], best: Option<&BestTrade>, inputs: impl Iterator<Item = u128>) {
    if let Some(best) = best {
        assert_eq!(executed(hops, best.amount_in).as_ref(), Some(best));
        assert_eq!(best.amounts.len(), hops.len());
    }
    let profit = best.map_or(0.0, |best| float(best.profit));
    let worth = hops.iter().rev().scan(1.0, |worth, hop| {
        let before = *worth;
        *worth *= hop.best_rate()?;
        Some(before)
    });
    let rounding = 1.0 + worth.sum::<f64>();
    let other = inputs.filter_map(|input| executed(hops, whole(input))).max_by_key(|it| it.profit);
    let Some(other) = other else { return };
    let least = float(other.profit) * (1.0 - 1e-9) - rounding;
    assert!(profit >= least, "{best:?} earns less than {other:?} by more than {rounding}");
}
