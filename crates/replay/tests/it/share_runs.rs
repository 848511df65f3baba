//! Backtests of pools of shares, from synthetic tapes.

use tidemill_replay::{
    BacktestConfig, ReplayEnd, RunTape, Setup, audit, backtest, record_journal, replay, tear_sheet,
};
use tidemill_report::{Provenance, render_page, render_table};
use tidemill_store::ShareTape;
use tidemill_units::{Amount, SignedAmount, TokenIndex};

use crate::data::FOOTPRINTS;
use crate::seeded::Seeded;
use crate::synthetic_shares::SyntheticShares;

fn busy(mut synthetic: SyntheticShares, seed: u64) -> ShareTape {
    let mut random = Seeded(seed);
    synthetic.busy(400, &mut |bound| random.below(bound));
    let SyntheticShares { header, start, events, .. } = synthetic;
    ShareTape { header, start, events }
}

pub(crate) fn tapes() -> [ShareTape; 2] {
    [busy(SyntheticShares::pair(), 1), busy(SyntheticShares::three_coins(), 2)]
}

fn setup(tape: &ShareTape, footprint: &str, more: &str) -> Setup {
    let text = format!("footprint = \"{footprint}\"\nnative_price_quote = \"3000\"\n{more}");
    BacktestConfig::from_toml(&text).unwrap().resolve(tape).unwrap()
}

fn provenance() -> Provenance {
    let text = String::new;
    Provenance { tidemill_version: text(), tape_blake3: None, command: text() }
}

#[test]
fn fees_less_losses_and_costs_are_the_net_of_shares_to_the_unit() {
    for tape in tapes() {
        for footprint in FOOTPRINTS {
            let finished = backtest(&tape, setup(&tape, footprint, ""), &|_| {}).unwrap();
            let [hold, shares] = finished.runs.as_slice() else { panic!("hold and full_range") };
            let zero = SignedAmount::ZERO;
            let none = &hold.record.settlement.identity;
            assert_eq!([none.fees, none.il, none.swap_cost, none.gas, none.net], [zero; 5]);

            let identity = &shares.record.settlement.identity;
            assert!(identity.holds(), "{identity:?}");
            assert!(identity.fees > zero && identity.gas > zero, "{identity:?}");
            assert!(identity.swap_cost.is_zero());
            let value = shares.record.deposit_value.magnitude().0;
            let rest = Amount(value / Amount::from_u64(1_000).0);
            let paid_in = &shares.record.actions[0];
            assert_eq!(paid_in.what, "open");
            assert!(shares.record.lvr >= 0.0, "{}", shares.record.lvr);
            assert!(shares.record.time_in_range > 0.9, "{}", shares.record.time_in_range);
            assert!(rest > Amount::ZERO);
            let bound = shares.dilution_bound;
            assert_eq!(bound.is_some(), footprint == "price-taker", "{bound:?}");
        }
    }
}

#[test]
fn a_price_taker_is_paid_more_by_the_dilution_bound_at_most() {
    for tape in tapes() {
        let run = |footprint| {
            let setup = setup(&tape, footprint, "deposit_quote = \"300000\"");
            let mut finished = backtest(&tape, setup, &|_| {}).unwrap();
            let run = finished.runs.pop().unwrap();
            let fees = run.record.settlement.identity.fees.to_string().parse::<f64>().unwrap();
            (fees, run.dilution_bound)
        };
        let (taker, bound) = run("price-taker");
        let (real, _) = run("re-executed");
        let most = real * (1.0 + bound.unwrap());
        // Re-executed swaps of the same input move a deeper pool less, so it is not exact.
        assert!(real < taker && taker < most * 1.02, "{real} {taker} {most}");
    }
}

#[test]
fn a_journal_of_shares_has_the_digest_of_its_run() {
    for tape in tapes() {
        for footprint in FOOTPRINTS {
            let setup = setup(&tape, footprint, "");
            let finished = backtest(&tape, setup.clone(), &|_| {}).unwrap();
            for run in &finished.runs {
                let (journal, digest) = record_journal(&tape, &setup, &run.strategy).unwrap();
                assert_eq!(digest, run.digest);
                assert_eq!(audit(&tape, &setup, &run.strategy, journal).unwrap(), digest);
            }
        }
    }
}

#[test]
fn a_strategy_with_ranges_is_refused_by_name() {
    for (tape, kind) in tapes().iter().zip(["constant_product", "stable_swap"]) {
        let config = "native_price_quote = \"1\"\n[[strategy]]\nkind = \"recentre\"";
        let refused = BacktestConfig::from_toml(config).unwrap().resolve(tape).unwrap_err();
        let expected = format!(
            "strategy `recentre`: recentre places ranges of ticks, and a {kind} pool has none: \
             its providers hold shares; hold and full_range run on it"
        );
        assert_eq!(refused.to_string(), expected);
    }
}

#[test]
fn a_deposit_is_in_the_pools_proportion_or_as_it_is_written() {
    let [_, tape] = tapes();
    let stable = setup(&tape, "price-taker", "quote = \"USDC\"\ndeposit_quote = \"3000\"");
    assert_eq!(stable.valuation.pool().unwrap().quote, TokenIndex(1));
    let raw = stable.deposit.as_slice().iter().map(|amount| amount.to_string());
    let raw: Vec<_> = raw.collect();
    // A million of each at the start: a third each, to the rounding of the prices.
    assert!(raw[1].starts_with("99999") || raw[1].starts_with("100000"), "{raw:?}");
    let named = "deposit = { DAI = \"10\", USDT = \"2.5\" }";
    let named = setup(&tape, "price-taker", named);
    let raw = named.deposit.as_slice().iter().map(|amount| amount.to_string());
    assert_eq!(raw.collect::<Vec<_>>(), ["10000000000000000000", "0", "2500000"]);
    for (bad, message) in [
        ("deposit = { WETH = \"1\" }", "deposit is WETH; allowed is DAI, USDC or USDT"),
        (
            "deposit_quote = \"1\"\ndeposit = { DAI = \"1\" }",
            "deposit is given beside deposit_quote; allowed is one of deposit and deposit_quote",
        ),
        (
            "deposit = { DAI = \"0\" }",
            "deposit is too little or too much; allowed is something of at least one token, and \
             at most 2^128 - 1 raw units of each",
        ),
    ] {
        let refused = BacktestConfig::from_toml(bad).unwrap().resolve(&tape).unwrap_err();
        assert_eq!(refused.to_string(), message);
    }
}

#[test]
fn a_replay_of_shares_ends_with_the_pool_as_it_was_left() {
    for tape in tapes() {
        let report = replay(&tape, |_| {}).unwrap();
        assert_eq!(report.mismatch, None);
        assert_eq!(report.counts.events, 400.min(tape.events.len() as u64));
        let ReplayEnd::Shares(end) = report.end else { panic!("{:?}", report.end) };
        assert!(!end.total_shares.is_zero());
        assert!(end.virtual_price.unwrap() > Amount::from_u64(1_000_000_000_000_000_000));
        assert_eq!(end.balances.len(), RunTape::from(&tape).tokens().len());
        assert!(report.counts.swaps() > 300 && report.counts.liquidity_changes > 10);
    }
}

#[test]
fn page_and_table_show_a_pool_of_three_tokens() {
    let [_, tape] = tapes();
    let finished = backtest(&tape, setup(&tape, "re-executed", ""), &|_| {}).unwrap();
    let sheet = tear_sheet(&tape, &finished, provenance());
    assert_eq!(sheet.pool.name, "DAI/USDC/USDT stable_swap");
    assert!(sheet.notes[0].starts_with("A share pool (stable_swap)"), "{:?}", sheet.notes);
    assert!(sheet.price.iter().all(|point| (0.5..2.0).contains(&point.price)));
    let page = render_page(&sheet);
    for text in ["A share pool (stable_swap)", "shares for", "in range at every price, so no band"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(render_table(&sheet, 160).contains("full_range"));
}

/// What a pair of stable tokens did over a tape, in the order of the log.
fn done_by(tape: &ShareTape, footprint: &str, rules: &str) -> Vec<String> {
    let rules = format!("[[strategy]]\nkind = \"stable_pair\"\n{rules}\n");
    let mut finished = backtest(tape, setup(tape, footprint, &rules), &|_| {}).unwrap();
    let run = finished.runs.pop().unwrap();
    assert!(run.record.settlement.identity.holds(), "{rules}");
    assert!(run.refused.is_empty(), "{rules}: {:?}", run.refused);
    run.record.actions.into_iter().map(|action| action.what).collect()
}

#[test]
fn a_pair_of_stable_tokens_is_left_when_a_price_is_off() {
    let [pair, coins] = tapes();
    for footprint in FOOTPRINTS {
        // Swaps of up to a fifteenth of the pool move a price by a basis point, and not to zero.
        assert_eq!(done_by(&coins, footprint, "depeg_bps = 10000"), ["open"]);
        let leaves = "depeg_bps = 1\ndepeg_minutes = 0";
        assert_eq!(done_by(&coins, footprint, leaves), ["open", "close"]);
        let returns = done_by(&coins, footprint, &format!("{leaves}\nreturn_minutes = 0"));
        assert!(returns.len() > 4, "{returns:?}");
        for (place, what) in returns.iter().enumerate() {
            assert_eq!(what, ["open", "close"][place % 2], "{returns:?}");
        }
        // A token that is worth thousands of the other is none of a pair.
        assert!(done_by(&pair, footprint, "").is_empty());
    }
    let config = "native_price_quote = \"1\"\n[[strategy]]\nkind = \"stable_pair\"\n\
                  half_width_ticks = 60";
    let refused = BacktestConfig::from_toml(config).unwrap().resolve(&coins).unwrap_err();
    let expected = "strategy `stable_pair`: stable_pair places ranges of ticks, and a stable_swap";
    assert!(refused.to_string().starts_with(expected), "{refused}");
}
