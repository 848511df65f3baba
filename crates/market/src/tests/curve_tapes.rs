//! Tapes of Curve's pools that random calls made: they fold to the pool that was left, whatever we
//! do beside, and a wrong number is found in the row that has it.

use std::collections::BTreeMap;

use tidemill_amm::crypto_swap::CryptoGeneration;
use tidemill_amm::stable_swap_meta_ng::MetaNgBase;
use tidemill_amm::{Pool, SharePool};
use tidemill_model::{PoolEvent, ShareEvent};
use tidemill_units::{Amount, RelativeTolerance, TokenAmounts, TokenIndex, TokenPair};

use super::shares::{FOOTPRINTS, ShareLog, desired};
use super::synthetic_curve::{crypto, metapool, three_coins};
use super::synthetic_meta_ng::{Under, metapool_ng};
use super::synthetic_shares::{SyntheticShares, amounts};
use crate::{Footprint, ShareMismatch, fold};

fn tapes(seed: u64, calls: usize) -> Vec<SyntheticShares> {
    let mut tapes = vec![three_coins(seed, calls), metapool(seed, calls)];
    tapes.extend(Under::ALL.map(|under| metapool_ng(under, seed, calls)));
    tapes.extend(CryptoGeneration::ALL.map(|generation| crypto(generation, seed, calls)));
    tapes
}

fn event_of(event: &PoolEvent) -> &ShareEvent {
    let PoolEvent::Shares(event) = event else { panic!("an event of shares") };
    event
}

#[test]
fn tapes_of_curve_pools_fold_to_the_pool_that_was_left() {
    for seed in 0..4 {
        for tape in tapes(seed, 200) {
            for footprint in FOOTPRINTS {
                let mut log = ShareLog::new(&tape, footprint);
                log.record(&tape, 0..50);
                let (first, _) = log.open(&desired(&tape, 10));
                log.record(&tape, 50..120);
                log.open(&desired(&tape, 30));
                log.close(first);
                log.record(&tape, 120..tape.events.len());
                assert_eq!(log.pool().history(), &tape.pool, "{footprint:?}, seed {seed}");
                if footprint == Footprint::PriceTaker {
                    assert_eq!(log.pool().pool(), &tape.pool, "seed {seed}");
                }
            }
        }
    }
}

/// The tapes have something of everything, or the other tests say little.
#[test]
fn the_tapes_have_every_kind_of_row() {
    let mut kinds = BTreeMap::<(&str, &str), usize>::new();
    for seed in 0..4 {
        for tape in tapes(seed, 200) {
            for event in &tape.events {
                let event = event_of(&event.event);
                *kinds.entry((tape.pool.kind(), event.kind())).or_default() += 1;
                if matches!(event, ShareEvent::Claiming { .. }) {
                    *kinds.entry((tape.pool.kind(), "claiming")).or_default() += 1;
                }
            }
        }
    }
    let of_all = ["swap", "deposit", "withdraw", "withdraw_one", "gift", "ramp", "stop_ramp"];
    let of_stable = ["withdraw_imbalance", "claim_admin_fees"];
    let of_crypto = ["claim_admin_shares", "claiming", "set_parameters"];
    let has = |pool, kind| assert!(kinds.contains_key(&(pool, kind)), "{pool} {kind}: {kinds:?}");
    for pool in ["stable_swap", "stable_swap_meta", "stable_swap_meta_ng", "crypto_swap"] {
        of_all.iter().for_each(|kind| has(pool, kind));
        let more = if pool == "crypto_swap" { of_crypto.iter() } else { of_stable.iter() };
        more.for_each(|kind| has(pool, kind));
    }
    has("stable_swap", "set_parameters");
    has("stable_swap_meta_ng", "set_parameters");
    let of_base = [
        "base_swap",
        "base_deposit",
        "base_withdraw",
        "base_withdraw_one",
        "base_withdraw_imbalance",
        "base_gift",
        "base_claim_admin_fees",
        "base_ramp",
        "base_set_parameters",
    ];
    for pool in ["stable_swap_meta", "stable_swap_meta_ng"] {
        has(pool, "swap_underlying");
        of_base.iter().for_each(|kind| has(pool, kind));
    }
}

fn one_more(amount: &mut Amount) -> Option<()> {
    *amount = amount.checked_add(Amount::from_u64(1))?;
    Some(())
}

/// The event with one of its numbers one too high: each that it has, one at a time.
fn corrupted(event: &ShareEvent) -> Vec<(ShareEvent, &'static str)> {
    let mut all = Vec::new();
    let mut with = |field, change: &dyn Fn(&mut ShareEvent) -> Option<()>| {
        let mut event = event.clone();
        if change(&mut event).is_some() {
            all.push((event, field));
        }
    };
    with("amount_out", &|event| match event {
        ShareEvent::Swap { amount_out, .. }
        | ShareEvent::SwapUnderlying { amount_out, .. }
        | ShareEvent::WithdrawOne { amount: amount_out, .. } => one_more(amount_out),
        _ => None,
    });
    with("amounts_out[1]", &|event| match event {
        ShareEvent::ClaimAdminFees(amounts) => one_more(&mut amounts.as_mut_slice()[1]),
        ShareEvent::Withdraw(change) => one_more(&mut change.amounts.as_mut_slice()[1]),
        _ => None,
    });
    let change = |event: &mut ShareEvent, set: &dyn Fn(&mut _) -> Option<()>| match event {
        ShareEvent::Deposit(change) | ShareEvent::WithdrawImbalance(change) => set(change.as_mut()),
        _ => None,
    };
    let first = |amounts: &mut TokenAmounts| one_more(&mut amounts.as_mut_slice()[0]);
    with("shares", &|event| change(event, &|change| change.shares.as_mut().and_then(one_more)));
    with("fees[0]", &|event| change(event, &|change| change.fees.as_mut().and_then(first)));
    with("invariant", &|event| {
        change(event, &|change| change.invariant.as_mut().and_then(one_more))
    });
    with("total_shares", &|event| {
        change(event, &|change| change.total_shares.as_mut().and_then(one_more))
    });
    let log = |event: &mut ShareEvent, set: &dyn Fn(&mut _) -> Option<()>| match event {
        ShareEvent::SwapUnderlying { base: Some(log), .. } => set(log.as_mut()),
        _ => None,
    };
    with("base.shares", &|event| log(event, &|log| log.shares.as_mut().and_then(one_more)));
    with("base.fees[0]", &|event| log(event, &|log| log.fees.as_mut().and_then(first)));
    with("base.invariant", &|event| log(event, &|log| log.invariant.as_mut().and_then(one_more)));
    with("base.total_shares", &|event| {
        log(event, &|log| log.total_shares.as_mut().and_then(one_more))
    });
    with("shares", &|event| match event {
        ShareEvent::ClaimAdminShares(shares) => one_more(shares),
        _ => None,
    });
    with("admin_shares", &|event| match event {
        ShareEvent::Claiming { admin_shares, .. } => one_more(admin_shares),
        _ => None,
    });
    if let ShareEvent::Base(inner) = event {
        let inner = corrupted(inner).into_iter();
        all.extend(inner.map(|(event, field)| (ShareEvent::Base(Box::new(event)), field)));
    }
    all
}

#[test]
fn a_number_that_is_one_too_high_is_found_in_its_row() {
    let mut found = BTreeMap::<(&str, &str), usize>::new();
    for tape in tapes(9, 150) {
        let mut pool = tape.start.clone();
        for recorded in &tape.events {
            let (event, at) = (event_of(&recorded.event), recorded.time);
            for (wrong, named) in corrupted(event) {
                let before = pool.clone();
                let said = fold(&mut pool, &wrong, at, RelativeTolerance::EXACT);
                let Err(ShareMismatch::Value { kind, field, .. }) = said else {
                    panic!("{wrong:?}: {said:?}");
                };
                assert_eq!(kind, event.kind());
                assert_eq!(field, named, "{wrong:?}");
                assert_eq!(pool, before);
                *found.entry((kind, named)).or_default() += 1;
            }
            fold(&mut pool, event, at, RelativeTolerance::EXACT).expect("the recorded event");
        }
        assert_eq!(pool, tape.pool);
    }
    for row in [
        ("base_swap", "amount_out"),
        ("base_deposit", "invariant"),
        ("swap_underlying", "base.shares"),
        ("swap_underlying", "base.fees[0]"),
        ("swap_underlying", "base.invariant"),
        ("claim_admin_fees", "amounts_out[1]"),
        ("claim_admin_shares", "shares"),
        ("swap", "admin_shares"),
        ("deposit", "admin_shares"),
        ("withdraw", "admin_shares"),
    ] {
        assert!(found.contains_key(&row), "{row:?}: {found:?}");
    }
}

fn meta(tape: &SyntheticShares) -> Pool {
    tape.start.clone()
}

#[test]
fn events_of_a_base_pool_are_those_of_a_stable_swap_under_a_metapool() {
    let tape = metapool(3, 1);
    let at = tape.now();
    let said = |pool: &mut Pool, event: ShareEvent| {
        let before = pool.clone();
        let event = ShareEvent::Base(Box::new(event));
        let said = fold(pool, &event, at, RelativeTolerance::EXACT).unwrap_err().to_string();
        assert_eq!(*pool, before);
        said
    };
    let gift = |count: usize| ShareEvent::Gift(Box::new(TokenAmounts::zero(count).unwrap()));
    let mut alone = three_coins(3, 1).start;
    let none = said(&mut alone, gift(3));
    assert_eq!(none, "a stable_swap pool has no base_gift events");
    let none = said(&mut meta(&tape), ShareEvent::ClaimAdminShares(Amount::ZERO));
    assert_eq!(none, "a stable_swap pool has no base_claim_admin_shares events");
    let twice = said(&mut meta(&tape), ShareEvent::Base(Box::new(gift(3))));
    assert_eq!(twice, "a stable_swap pool has no base events");
    let wrong = said(&mut meta(&tape), gift(2));
    assert!(wrong.starts_with("the base_gift reverts: "), "{wrong}");
}

/// Others can burn what is theirs, and no share more.
#[test]
fn the_metapools_own_shares_of_its_base_pool_are_not_others_to_burn() {
    let tape = metapool(3, 1);
    let (pool, at) = (meta(&tape), tape.now());
    let Pool::StableSwapMeta(before) = &pool else { panic!("a metapool") };
    let held = |amounts: TokenAmounts| amounts.get(TokenIndex(1)).unwrap();
    let own = held(before.balances()).checked_add(held(before.admin_balances())).unwrap();
    let mut theirs = before.base().total_shares().checked_sub(own).unwrap();
    let burn = |shares| {
        let mut alone = before.base().clone();
        let amounts = SharePool::withdraw(&mut alone, shares, at).unwrap();
        let change = super::share_folds::change(amounts, shares);
        let event = ShareEvent::Base(Box::new(ShareEvent::Withdraw(change)));
        fold(&mut pool.clone(), &event, at, RelativeTolerance::EXACT).map(|_| ())
    };
    assert_eq!(burn(theirs), Ok(()));
    one_more(&mut theirs).unwrap();
    let said = burn(theirs).unwrap_err().to_string();
    assert_eq!(said, "the base_withdraw reverts: the token cannot move that much");
}

/// What was given to a metapool of stableswap-ng is as little others' to burn.
#[test]
fn shares_given_to_a_metapool_are_not_others_to_burn() {
    for under in Under::ALL {
        let tape = metapool_ng(under, 3, 1);
        let (mut pool, at) = (tape.start.clone(), tape.now());
        let Pool::StableSwapMetaNg(meta) = &mut pool else { panic!("a metapool") };
        meta.give(&amounts(&[0, 1_000_000_000_000_000_000_000])).unwrap();
        let own = meta.state().own.token_balances.get(TokenIndex(1)).unwrap();
        let mut theirs = meta.base().total_shares().checked_sub(own).unwrap();
        let base = meta.base().clone();
        let burn = |shares| {
            let amounts = match base.clone() {
                MetaNgBase::Plain(mut base) => base.withdraw(shares, at).unwrap(),
                MetaNgBase::Ng(mut base) => base.withdraw(shares, at).unwrap(),
            };
            let change = super::share_folds::change(amounts, shares);
            let event = ShareEvent::Base(Box::new(ShareEvent::Withdraw(change)));
            fold(&mut pool.clone(), &event, at, RelativeTolerance::EXACT).map(|_| ())
        };
        assert_eq!(burn(theirs), Ok(()), "{under:?}");
        one_more(&mut theirs).unwrap();
        let said = burn(theirs).unwrap_err().to_string();
        let why = "the base_withdraw reverts: the base pool: the token cannot move that much";
        assert_eq!(said, why, "{under:?}");
    }
}

/// twocrypto-ng pays its administrators in coins inside a withdrawal in one coin. No column of a
/// tape says it: the fold makes the claim again.
#[test]
fn claims_in_coins_are_made_again_within_withdrawals_in_one_coin() {
    let state = |pool: &Pool| {
        let Pool::CryptoSwap(pool) = pool else { panic!("a crypto pool") };
        pool.state()
    };
    let is_ng = |generation: &_| matches!(generation, CryptoGeneration::TwocryptoNg(_));
    for generation in CryptoGeneration::ALL.into_iter().filter(is_ng) {
        let mut claims = 0;
        for seed in 0..4 {
            let tape = crypto(generation, seed, 300);
            let mut pool = tape.start.clone();
            for recorded in &tape.events {
                let (event, at) = (event_of(&recorded.event), recorded.time);
                let before = pool.clone();
                fold(&mut pool, event, at, RelativeTolerance::EXACT).expect("the recorded event");
                let (old, new) = (state(&before), state(&pool));
                if old.last_admin_fee_claim_timestamp == new.last_admin_fee_claim_timestamp {
                    continue;
                }
                claims += 1;
                let ShareEvent::WithdrawOne { shares, .. } = event else { panic!("{event:?}") };
                let is_less = |index| new.holdings.get(index) < old.holdings.get(index);
                assert!(is_less(TokenIndex(0)) && is_less(TokenIndex(1)), "both coins are paid");
                assert_eq!(new.total_supply.checked_add(*shares), Some(old.total_supply));
                // Nothing was minted, and a row that says so is refused.
                let event = Box::new(event.clone());
                let minted = ShareEvent::Claiming { event, admin_shares: Amount::from_u64(1) };
                let said = fold(&mut before.clone(), &minted, at, RelativeTolerance::EXACT);
                assert!(said.is_err(), "{said:?}");
            }
            assert_eq!(pool, tape.pool);
        }
        assert!(claims > 3, "{generation:?}: {claims}");
    }
}

/// The base pool's log of an exchange of underlying coins belongs to its row. Where it has a row of
/// its own besides, it is not made twice in silence: the exchange then gives something else.
#[test]
fn a_base_log_told_twice_is_found_out() {
    let tape = metapool(3, 1);
    let at = tape.now();
    let pair = TokenPair { input: TokenIndex(1), output: TokenIndex(0) };
    let deposit = amounts(&[10_000_000_000_000_000_000_000, 0, 0]);
    let amount_in = deposit.get(TokenIndex(0)).unwrap();
    let Pool::StableSwapMeta(pool) = meta(&tape) else { panic!("a metapool") };
    let exchange =
        tidemill_amm::stable_swap_meta::MetaExchange { pair, amount_in, minimum_out: Amount::ZERO };
    let amount_out = pool.clone().exchange_underlying(exchange, at).unwrap();
    let minted = SharePool::deposit(&mut pool.base().clone(), &deposit, at).unwrap();
    let change = super::share_folds::change(deposit, minted);
    let of_base = ShareEvent::Base(Box::new(ShareEvent::Deposit(change)));
    let exchanged = ShareEvent::SwapUnderlying { pair, amount_in, amount_out, base: None };
    let mut once = meta(&tape);
    fold(&mut once, &exchanged, at, RelativeTolerance::EXACT).unwrap();
    let mut twice = meta(&tape);
    fold(&mut twice, &of_base, at, RelativeTolerance::EXACT).unwrap();
    let said = fold(&mut twice, &exchanged, at, RelativeTolerance::EXACT).unwrap_err();
    assert!(said.to_string().starts_with("the swap_underlying gives amount_out "), "{said}");
}
