//! The same laws for every kind, through `SharePool` alone.

use proptest::prelude::*;
use tidemill_amm::balancer_v1::BPool;
use tidemill_amm::constant_product::Pair;
use tidemill_amm::crypto_swap::{CryptoGeneration, CryptoSwap};
use tidemill_amm::solidly::{SolidlyBuild, SolidlyPool};
use tidemill_amm::stable_swap::{Generation, StableSwap};
use tidemill_amm::stable_swap_meta::StableSwapMeta;
use tidemill_amm::stable_swap_meta_ng::StableSwapMetaNg;
use tidemill_amm::stable_swap_ng::StableSwapNg;
use tidemill_amm::weighted::{Weighted, WeightedBuild};
use tidemill_amm::{PoolError, Quote, SwapAmount, Trade};
use tidemill_units::{Amount, Timestamp, TokenAmounts, TokenIndex, TokenPair, U256, mul_div};

use crate::pools::{self, Kind, NOW};

/// What is done to a pool, in millionths of what it has.
#[derive(Clone, Copy, Debug)]
struct Move {
    choice: u8,
    input: u8,
    output: u8,
    part: u32,
    wait: u32,
}

/// What is particular to a kind.
#[derive(Clone, Copy, Default)]
struct Slack {
    /// By how many parts of 10^18 a virtual price may fall.
    virtual_price: u64,
    /// How many parts of 10^18 of a balance a deposit taken back may gain.
    round_trip: u64,
    /// The token whose balance is scaled by a rate that is no whole number, where there is one.
    ///
    /// The scaled balance is cut to a whole unit of 10^-18, so that twice the balance can scale to
    /// one unit more than twice: a deposit in proportion is then given shares for a unit of this
    /// token that it never paid. By Euler's theorem the shares' part of every balance together is
    /// worth that unit, so of each token it is at most the unit's worth at the margin: much, where
    /// the token has become scarce and dear.
    cut: Option<TokenIndex>,
}

const MILLION: U256 = U256::from_limbs([1_000_000, 0, 0, 0]);
const E18: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

fn part_of(amount: Amount, part: u32) -> Amount {
    Amount(mul_div(amount.0, U256::from(part), MILLION).unwrap())
}

fn index(place: usize) -> TokenIndex {
    TokenIndex(u8::try_from(place).unwrap())
}

/// Whatever is asked, it is refused with no change or does what the quote says.
fn check_trade<P: Kind>(pool: &mut P, trade: &Trade, at: Timestamp, slack: Slack) {
    let before = pool.clone();
    let (quote, swapped) = (pool.quote(trade, at), pool.swap(trade, at));
    match (quote, swapped) {
        (Err(refused), swapped) => {
            assert_eq!(swapped, Err(refused), "{trade:?}");
            assert_eq!(*pool, before, "a refused trade changes nothing");
        }
        // The contract refuses its own quote, of nothing for instance.
        (Ok(_), Err(_)) => assert_eq!(*pool, before, "a refused trade changes nothing"),
        (Ok(quote), Ok(swapped)) => {
            assert_eq!(swapped, quote, "{trade:?}");
            check_quote(trade, &quote);
            let (old, new) = (before.virtual_price(at).unwrap(), pool.virtual_price(at).unwrap());
            let lost = mul_div(old.0, U256::from(slack.virtual_price), E18).unwrap();
            assert!(new.0 + lost >= old.0, "{trade:?}: {old:?} to {new:?} of {before:?}");
        }
    }
}

fn check_quote(trade: &Trade, quote: &Quote) {
    match trade.amount {
        SwapAmount::ExactIn(amount) => assert_eq!(quote.amount_in, amount),
        SwapAmount::ExactOut(amount) => assert!(quote.amount_out >= amount, "{quote:?}"),
    }
    let TokenPair { input, output } = trade.pair;
    assert!(quote.fee.token == input || quote.fee.token == output);
    let of = if quote.fee.token == input { quote.amount_in } else { quote.amount_out };
    assert!(quote.fee.token == output || quote.fee.amount <= of, "{quote:?}");
}

/// A deposit in proportion and back again gains nothing of any token.
fn check_round_trip<P: Kind>(pool: &P, part: u32, at: Timestamp, slack: Slack) {
    let mut after = pool.clone();
    let mut given = pool.balances();
    for amount in given.as_mut_slice() {
        *amount = part_of(*amount, part);
    }
    let Ok(shares) = after.deposit(&given, at) else {
        assert_eq!(after, *pool, "a refused deposit changes nothing");
        return;
    };
    let deposited = after.clone();
    let Ok(taken) = after.withdraw(shares, at) else {
        assert_eq!(after, deposited, "a refused withdrawal changes nothing");
        return;
    };
    for ((token, given), taken) in given.iter().zip(taken.as_slice()) {
        let balance = deposited.balances().get(token).unwrap();
        let mut gain = mul_div(balance.0, U256::from(slack.round_trip), E18).unwrap();
        if let Some(cut) = slack.cut {
            gain += worth_of_a_unit(pool, cut, token, at);
        }
        assert!(taken.0 <= given.0 + gain, "{token:?}: {given:?} in, {taken:?} out of {pool:?}");
    }
}

/// What one unit of a token is worth of another at the margin, rounded up.
fn worth_of_a_unit<P: Kind>(pool: &P, of: TokenIndex, other: TokenIndex, at: Timestamp) -> U256 {
    if of == other {
        return U256::ONE;
    }
    let price = pool.spot_price(TokenPair { input: of, output: other }, at).unwrap();
    price.convert(Amount::from_u64(1)).unwrap().0 + U256::ONE
}

/// A millionth of the input's balance trades at the margin's price, but for the fee.
fn check_spot_price<P: Kind>(pool: &P, pair: TokenPair, at: Timestamp) {
    let amount = part_of(pool.balances().get(pair.input).unwrap(), 1);
    let trade = Trade { pair, amount: SwapAmount::ExactIn(amount) };
    let (Ok(price), Ok(quote)) = (pool.spot_price(pair, at), pool.quote(&trade, at)) else {
        return;
    };
    // A wei in or out must be less than what is asserted.
    if amount.0 < U256::from(10_000) || quote.amount_out.0 < U256::from(10_000) {
        return;
    }
    let free = if quote.fee.token == pair.input {
        price.convert(amount.checked_sub(quote.fee.amount).unwrap()).unwrap()
    } else {
        price.convert(amount).unwrap().checked_sub(quote.fee.amount).unwrap()
    };
    let away = free.0.abs_diff(quote.amount_out.0);
    let bound = free.0 / U256::from(5_000) + U256::from(2);
    assert!(away <= bound, "{pair:?}: {free:?} by the price, {quote:?} of {pool:?}");
}

/// What has one meaning in all kinds.
fn check_misuse<P: Kind>(pool: &mut P, amount: Amount, at: Timestamp) {
    let before = pool.clone();
    let count = pool.balances().len();
    let (first, last) = (TokenIndex(0), index(count));
    for (input, output) in [(first, first), (first, last), (last, first), (last, TokenIndex(255))] {
        let pair = TokenPair { input, output };
        assert_eq!(pool.spot_price(pair, at), Err(PoolError::NoSuchPair), "{pair:?}");
        for amount in [SwapAmount::ExactIn(amount), SwapAmount::ExactOut(amount)] {
            let trade = Trade { pair, amount };
            assert_eq!(pool.quote(&trade, at), Err(PoolError::NoSuchPair), "{trade:?}");
            assert_eq!(pool.swap(&trade, at), Err(PoolError::NoSuchPair), "{trade:?}");
        }
    }
    for wrong in [count - 1, count + 1] {
        let amounts = TokenAmounts::new(&vec![amount; wrong]).unwrap();
        assert_eq!(pool.deposit(&amounts, at), Err(PoolError::WrongTokenCount));
    }
    assert!(pool.withdraw(Amount::MAX, at).is_err());
    assert_eq!(*pool, before, "a refused operation changes nothing");
}

fn check_move<P: Kind>(pool: &mut P, step: Move, at: Timestamp, slack: Slack) {
    let balances = pool.balances();
    let count = balances.len();
    let (input, output) = (usize::from(step.input) % count, usize::from(step.output) % count);
    let pair = TokenPair { input: index(input), output: index(output) };
    match step.choice {
        0 | 1 => {
            let amount = part_of(balances.as_slice()[input], step.part / 3);
            check_trade(pool, &Trade { pair, amount: SwapAmount::ExactIn(amount) }, at, slack);
        }
        2 => {
            let amount = part_of(balances.as_slice()[output], step.part / 4);
            check_trade(pool, &Trade { pair, amount: SwapAmount::ExactOut(amount) }, at, slack);
        }
        3 => check_round_trip(pool, step.part, at, slack),
        4 => {
            let before = pool.clone();
            if pool.withdraw(part_of(pool.total_shares(), step.part), at).is_err() {
                assert_eq!(*pool, before, "a refused withdrawal changes nothing");
            }
        }
        _ => {
            let before = pool.clone();
            let mut amounts = balances;
            for (place, amount) in amounts.as_mut_slice().iter_mut().enumerate() {
                let part = step.part / u32::try_from(place % 2 + 1).unwrap();
                *amount = part_of(*amount, part);
            }
            if pool.deposit(&amounts, at).is_err() {
                assert_eq!(*pool, before, "a refused deposit changes nothing");
            }
        }
    }
    if input != output {
        check_spot_price(pool, pair, at);
    }
}

fn check<P: Kind>(mut pool: P, moves: &[Move], slack: Slack) {
    let mut at = NOW;
    check_misuse(&mut pool, Amount::from_u64(1_000_000), at);
    for step in moves {
        at = Timestamp(at.0 + u64::from(step.wait));
        check_move(&mut pool, *step, at, slack);
    }
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let part = prop_oneof![0_u32..3, 0_u32..1000, 0_u32..300_000, Just(1_000_000_u32)];
    let wait = prop_oneof![Just(0_u32), 1_u32..100, 1_u32..10_000_000];
    let step = (0_u8..6, any::<u8>(), any::<u8>(), part, wait);
    let step = step.prop_map(|(choice, input, output, part, wait)| Move {
        choice,
        input,
        output,
        part,
        wait,
    });
    prop::collection::vec(step, 1..30)
}

const EXACT: Slack = Slack { virtual_price: 0, round_trip: 0, cut: None };
/// The first generation may lose a raw unit of the balance paid out of, here one of six decimals.
const LOST_UNITS: Slack = Slack { virtual_price: 10_000_000, ..EXACT };
/// Crypto pools spend half of what they earned on moving the price scale.
const SPENT_PROFIT: Slack =
    Slack { virtual_price: 10_000_000_000_000_000, round_trip: 100_000_000, ..EXACT };
/// Curve's loops end a wei or two from the invariant.
const LOOPS: Slack = Slack { virtual_price: 3, ..EXACT };
/// The second token's rate is 1.1, or a base pool's virtual price.
const CUT: Slack = Slack { cut: Some(TokenIndex(1)), ..LOOPS };
/// All products and quotients are rounded half up, also against the pool.
const HALVES: Slack = Slack { virtual_price: 100_000, round_trip: 2, ..EXACT };
/// Powers are right to about 10^-14, invariants that are products of them no better.
const POWERS: Slack = Slack { virtual_price: 100_000, ..EXACT };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn constant_product_obeys(moves in moves()) {
        check(Pair::new(&pools::pair()).unwrap(), &moves, Slack::default());
    }

    #[test]
    fn solidly_obeys(moves in moves()) {
        for build in [SolidlyBuild::Solidly, SolidlyBuild::Velodrome2] {
            for is_stable in [false, true] {
                let pool = SolidlyPool::new(&pools::solidly(build, is_stable)).unwrap();
                check(pool, &moves, Slack::default());
            }
        }
    }

    #[test]
    fn balancer_v1_obeys(moves in moves()) {
        check(BPool::new(&pools::balancer_v1()).unwrap(), &moves, HALVES);
    }

    #[test]
    fn weighted_obeys(moves in moves()) {
        for build in [WeightedBuild::April2021, WeightedBuild::September2022] {
            check(Weighted::new(&pools::weighted(build)).unwrap(), &moves, POWERS);
        }
    }

    #[test]
    fn stable_swap_obeys(moves in moves()) {
        for generation in [Generation::V0, Generation::V1, Generation::V2] {
            let pool = StableSwap::new(&pools::stable_swap(generation)).unwrap();
            check(pool, &moves, if generation == Generation::V0 { LOST_UNITS } else { LOOPS });
        }
    }

    #[test]
    fn stable_swap_meta_obeys(moves in moves()) {
        check(StableSwapMeta::new(&pools::stable_swap_meta()).unwrap(), &moves, CUT);
    }

    #[test]
    fn stable_swap_ng_obeys(moves in moves()) {
        check(StableSwapNg::new(&pools::stable_swap_ng()).unwrap(), &moves, CUT);
    }

    #[test]
    fn stable_swap_meta_ng_obeys(moves in moves()) {
        for is_base_ng in [false, true] {
            let pool = StableSwapMetaNg::new(&pools::stable_swap_meta_ng(is_base_ng)).unwrap();
            check(pool, &moves, CUT);
        }
    }

    #[test]
    fn crypto_swap_obeys(moves in moves()) {
        // Of an all but empty pool, what roundings left to nobody is a good part, and the next
        // deposit or trade gets it.
        let part = |step: &Move| step.part.min(300_000);
        let moves: Vec<_> = moves.iter().map(|step| Move { part: part(step), ..*step }).collect();
        for generation in CryptoGeneration::ALL {
            let pool = CryptoSwap::new(&pools::crypto_swap(generation)).unwrap();
            check(pool, &moves, SPENT_PROFIT);
        }
    }
}
