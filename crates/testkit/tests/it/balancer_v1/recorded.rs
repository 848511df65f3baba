//! The pool `0x8b6e6e7b5b3801fed2cafd4b22b8a16c2f2db21a`, DAI and WETH at 20/80, event by event.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use tidemill_amm::balancer_v1::{BPool, Binding, SwapExactIn, SwapExactOut};
use tidemill_units::{Amount, TokenIndex, TokenPair, U256};

use crate::recorded_data::recorded;

const TOKENS: [&str; 2] = ["DAI", "WETH"];
const ZERO: &str = "0x0000000000000000000000000000000000000000";

#[test]
fn recorded_pool_is_exact_from_its_creation() {
    let Some(file) = recorded("balancer-v1-dai-weth-20-80/events.csv.gz") else { return };
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_string(&mut text).unwrap();
    let mut history = History::new();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    for row in rows.records() {
        history.follow(&row.unwrap());
    }
    let History { pool, calls, joined, left, burned } = history;
    assert!(joined.is_empty() && left.is_empty() && burned.is_none(), "no call is half read");
    let balances: Vec<_> = pool.tokens().iter().map(|token| token.balance.to_string()).collect();
    assert_eq!(balances, ["18100816745067137206566505", "59334054981925089822263"]);
    println!("{calls:?}");
    assert_eq!(calls["swap exact in"] + calls["swap exact out"], 10_537);
    let rows = calls["join pool"] * 2 + calls["join extern in"] + calls["join pool out"];
    assert_eq!(rows, 50, "all rows of joins");
    let rows = calls["exit pool"] * 2 + calls["exit pool in"] + calls["exit extern out"];
    assert_eq!(rows, 14, "all rows of exits");
}

/// The pool so far, and the rows of a call that are not complete yet.
struct History {
    pool: BPool,
    calls: BTreeMap<&'static str, u64>,
    joined: Vec<(TokenIndex, Amount)>,
    left: Vec<(TokenIndex, Amount)>,
    burned: Option<Amount>,
}

impl History {
    fn new() -> Self {
        let mut pool = BPool::default();
        let one = U256::from(1_000_000_000_000_000_000_u64);
        for (balance, weight) in
            [("10000000000000000000000000", 10_u64), ("67738636173102396002749", 40)]
        {
            let binding = Binding {
                balance: balance.parse().unwrap(),
                denormalized_weight: U256::from(weight) * one,
            };
            pool.bind(binding, Amount::ZERO).unwrap();
        }
        pool.set_swap_fee(U256::from(2_500_000_000_000_000_u64)).unwrap();
        pool.finalize().unwrap();
        let calls = ["swap exact in", "swap exact out", "join pool", "join extern in"];
        let calls = calls.into_iter().chain([
            "join pool out",
            "exit pool",
            "exit pool in",
            "exit extern out",
        ]);
        let calls = calls.map(|call| (call, 0)).collect();
        let (joined, left, burned) = Default::default();
        Self { pool, calls, joined, left, burned }
    }

    fn follow(&mut self, row: &csv::StringRecord) {
        let amount = |column: usize| row[column].parse::<Amount>().unwrap();
        let token = |column: usize| {
            let index = TOKENS.iter().position(|token| *token == &row[column]).unwrap();
            TokenIndex(index as u8)
        };
        match &row[3] {
            "swap" => {
                self.swap(TokenPair { input: token(4), output: token(6) }, amount(5), amount(7))
            }
            "join" => self.joined.push((token(4), amount(5))),
            "exit" => {
                self.left.push((token(6), amount(7)));
                // A proportional exit burns first and then pays every token.
                if self.burned.is_some() && self.left.len() == TOKENS.len() {
                    self.exit_pool();
                }
            }
            "bpt_transfer" => {
                let is_burned = row[9].ends_with(ZERO);
                // The hundred of the finalization are the first and come without a join.
                if &row[8] == ZERO && !self.joined.is_empty() {
                    self.join(amount(7));
                } else if is_burned && self.left.is_empty() {
                    self.burned = Some(amount(7));
                } else if is_burned {
                    self.exit_single(amount(7));
                }
            }
            kind => panic!("a row of kind {kind}"),
        }
    }

    fn called(&mut self, call: &'static str) {
        *self.calls.entry(call).or_default() += 1;
    }

    /// Which of the two calls it was the event does not say: the one that gives the amounts.
    fn swap(&mut self, pair: TokenPair, amount_in: Amount, amount_out: Amount) {
        let max_price = U256::MAX;
        let exact_in = SwapExactIn { pair, amount_in, min_amount_out: Amount::ZERO, max_price };
        let mut after = self.pool.clone();
        let swapped = after.swap_exact_amount_in(&exact_in).unwrap();
        if swapped.amount_out == amount_out {
            self.pool = after;
            return self.called("swap exact in");
        }
        let exact_out = SwapExactOut { pair, max_amount_in: Amount::MAX, amount_out, max_price };
        let swapped = self.pool.swap_exact_amount_out(&exact_out).unwrap();
        assert_eq!(swapped.amount_in, amount_in, "neither call gives {amount_in}, {amount_out}");
        self.called("swap exact out");
    }

    fn join(&mut self, shares: Amount) {
        let joined = std::mem::take(&mut self.joined);
        if let [(token, amount)] = joined[..] {
            let mut after = self.pool.clone();
            let minted = after.join_swap_extern_amount_in(token, amount, Amount::ZERO);
            if minted == Ok(shares) {
                self.pool = after;
                return self.called("join extern in");
            }
            let paid = self.pool.join_swap_pool_amount_out(token, shares, Amount::MAX);
            assert_eq!(paid, Ok(amount), "neither call gives {shares} shares, not {minted:?}");
            return self.called("join pool out");
        }
        let amounts = self.pool.join_pool(shares, &[Amount::MAX; 2]).unwrap();
        assert_eq!(amounts.iter().collect::<Vec<_>>(), joined);
        self.called("join pool");
    }

    fn exit_pool(&mut self) {
        let shares = self.burned.take().unwrap();
        let amounts = self.pool.exit_pool(shares, &[Amount::ZERO; 2]).unwrap();
        assert_eq!(amounts.iter().collect::<Vec<_>>(), std::mem::take(&mut self.left));
        self.called("exit pool");
    }

    fn exit_single(&mut self, shares: Amount) {
        let left = std::mem::take(&mut self.left);
        let [(token, amount)] = left[..] else { panic!("{left:?}") };
        let mut after = self.pool.clone();
        if after.exit_swap_pool_amount_in(token, shares, Amount::ZERO) == Ok(amount) {
            self.pool = after;
            return self.called("exit pool in");
        }
        let burned = self.pool.exit_swap_extern_amount_out(token, amount, Amount::MAX);
        assert_eq!(burned, Ok(shares));
        self.called("exit extern out");
    }
}
