//! Whatever is asked for, wherever prices go and however orders end: no approval passes a limit,
//! and every position can be closed.
//!
//! What is guaranteed is said at each approval: with the order in flight and the market as it
//! stands, everything is within its limit. Limits are told here again, in other words than the
//! crate's. While the price stands still that holds after every outcome too; when it moves, what
//! was approved before may be worth more, and only then.

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};
use tidemill_model::{Intent, Order, OutcomeKind, Placement, PositionId, Rejection};
use tidemill_units::{Amount, Bps, Side, U256};

use super::guarded::{Guarded, amount, minutes};
use super::synthetic_tape::{POOL, SyntheticTape, amounts, full_range, range};
use super::{ASSETS, Desk, swap};
use crate::{
    AssetLimit, Budget, ExposureLimits, Fall, RangeTimer, Safeguards, StopRule, ValueLimits,
};

const MOST_OF_TOKEN1: u128 = 1_300_000;
const MOST_IN_POOL: u128 = 700_000;
const MOST_NET: u128 = 1_400_000;
const CONCENTRATION: u32 = 3_000;
const SHARE: u32 = 2_000;
const OPENINGS: u32 = 7;
const SWAPPED: u128 = 1_500_000;
const SLIPPAGE: u32 = 60;

fn safeguards() -> Safeguards {
    let rule = StopRule { stop_loss: Fall::new(3_000), trailing: Fall::new(3_500) };
    Safeguards {
        assets: vec![AssetLimit { asset: ASSETS.tokens()[1], most: amount(MOST_OF_TOKEN1) }],
        values: ValueLimits { pool: Some(amount(MOST_IN_POOL)), ..ValueLimits::default() },
        exposures: ExposureLimits { net: Some(amount(MOST_NET)), delta: None },
        max_concentration: Some(Bps(CONCENTRATION)),
        max_pool_share: Some(Bps(SHARE)),
        max_slippage: Some(Bps(SLIPPAGE)),
        budget: Budget {
            max_openings_per_day: Some(OPENINGS),
            max_swap_quote_per_day: Some(amount(SWAPPED)),
            max_gas_quote_per_day: None,
        },
        portfolio_stop: rule,
        position_stop: rule,
        cool_down: Some(minutes(10)),
        out_of_range: Some(RangeTimer { close_after: minutes(120), reset_after: Some(minutes(5)) }),
        ..Safeguards::default()
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Deed {
    Open {
        lower: i32,
        width: i32,
        desired: [u128; 2],
    },
    Swap {
        input: Side,
        amount_in: u128,
    },
    Close,
    /// The oldest order ends as the market says.
    Settle,
    /// The oldest order comes to nothing.
    Reject,
    Move {
        tick: i32,
        blocks: u64,
    },
}

fn deeds(moves: bool) -> impl Strategy<Value = Vec<Deed>> {
    let tokens = || 0_u128..500_000;
    let opening =
        (-3_i32..3, 0_i32..4, [tokens(), tokens()]).prop_map(|(lower, width, desired)| {
            Deed::Open { lower: lower * 60, width: width * 60, desired }
        });
    let swap = (any::<bool>(), tokens()).prop_map(|(first, amount_in)| Deed::Swap {
        input: if first { Side::Token0 } else { Side::Token1 },
        amount_in,
    });
    let reach = if moves { 600 } else { 0 };
    let moved = (-reach..=reach, 1_u64..400).prop_map(|(tick, blocks)| Deed::Move { tick, blocks });
    let deed = prop_oneof![
        4 => opening,
        3 => swap,
        2 => Just(Deed::Close),
        5 => Just(Deed::Settle),
        1 => Just(Deed::Reject),
        2 => moved,
    ];
    collection::vec(deed, 1..60)
}

/// A desk whose books are told again beside it.
struct Story {
    guarded: Guarded,
    flying: Vec<Order>,
    /// When each opening was approved, and each swap with its value.
    openings: Vec<u64>,
    swaps: Vec<(u64, Amount)>,
}

impl Story {
    /// Beside a pool that holds a good deal, but not so much that nobody could own a part of it.
    fn begin() -> Self {
        let mut tape = SyntheticTape::at_tick(0);
        tape.mint(0, full_range(), 400_000_000);
        let guarded = Guarded::beside(tape, safeguards());
        Self { guarded, flying: Vec::new(), openings: Vec::new(), swaps: Vec::new() }
    }

    fn desk(&self) -> &Desk {
        &self.guarded.desk
    }

    /// One of token0 in token1, times 2^192.
    fn price(&self) -> U256 {
        let pool = self.desk().market.pool(POOL).and_then(|pool| pool.concentrated());
        let root = pool.expect("added").pool().sqrt_price().to_x96();
        root.checked_mul(root).expect("near one")
    }

    /// Token0 in token1, rounded up.
    fn in_token1(&self, of_token0: Amount) -> Amount {
        let product = of_token0.0.checked_mul(self.price()).expect("small");
        Amount((product + ((U256::ONE << 192) - U256::ONE)) >> 192)
    }

    fn in_token0(&self, of_token1: Amount) -> Amount {
        let product: U256 = of_token1.0 << 192;
        Amount(product.div_ceil(self.price()))
    }

    /// What is in positions, fees and all, of each token.
    fn in_positions(&self) -> [Amount; 2] {
        let market = &self.desk().market;
        let worths = self.desk().ledger.positions().map(|(id, _)| market.worth(id).expect("open"));
        worths.fold([Amount::ZERO; 2], |sum, worth| {
            let both = worth.principal.checked_add(&worth.fees).expect("small");
            std::array::from_fn(|i| sum[i].checked_add(both.as_slice()[i]).expect("small"))
        })
    }

    /// Everything that is approved, as it stands now.
    fn check(&self, context: &str) -> Result<(), proptest::test_runner::TestCaseError> {
        let ledger = &self.desk().ledger;
        let mut held = self.in_positions();
        let mut in_pool = self.in_token1(held[0]).checked_add(held[1]).expect("small");
        for (sum, asset) in held.iter_mut().zip(ASSETS.tokens()) {
            *sum = sum.checked_add(ledger.wallet(*asset)).expect("small");
        }
        let equity = self.in_token1(held[0]).checked_add(held[1]).expect("small");
        for order in ledger.in_flight() {
            match order.intent {
                Intent::Open { desired, .. } => {
                    let [of0, of1] = [desired.as_slice()[0], desired.as_slice()[1]];
                    let value = self.in_token1(of0).checked_add(of1).expect("small");
                    in_pool = in_pool.checked_add(value).expect("small");
                }
                Intent::Swap { pair, amount_in, .. } if pair == Side::Token0.into_other() => {
                    held[1] = held[1].checked_add(self.in_token1(amount_in)).expect("small");
                }
                Intent::Swap { amount_in, .. } => {
                    held[0] = held[0].checked_add(self.in_token0(amount_in)).expect("small");
                }
                Intent::Close { .. }
                | Intent::Stake { .. }
                | Intent::Claim { .. }
                | Intent::Unstake { .. }
                | Intent::Compound { .. }
                | Intent::Vote { .. }
                | Intent::Extend { .. }
                | Intent::ClaimBribes { .. }
                | Intent::Arbitrage { .. }
                | Intent::Trade { .. }
                | Intent::Sell { .. } => {}
            }
        }
        // Each part that the crate values is rounded by itself.
        let slack = amount(20);
        let within = |value: Amount, most: u128| value.0 <= amount(most).0 + slack.0;
        prop_assert!(within(in_pool, MOST_IN_POOL), "{} in the pool, {}", in_pool, context);
        let ten_thousand = U256::from(10_000);
        let part = in_pool.0.checked_mul(ten_thousand).expect("small");
        let most = equity.0 * U256::from(CONCENTRATION) + slack.0 * ten_thousand;
        prop_assert!(part <= most, "{} of {}, {}", in_pool, equity, context);
        Ok(())
    }

    /// What an opening or a swap must not have led past: exposure and what is held.
    fn check_order(&self, order: &Order) -> Result<(), proptest::test_runner::TestCaseError> {
        let ledger = &self.desk().ledger;
        let mut held = self.in_positions();
        for (sum, asset) in held.iter_mut().zip(ASSETS.tokens()) {
            *sum = sum.checked_add(ledger.wallet(*asset)).expect("small");
        }
        let (mut opened, mut sold) = (Vec::new(), Amount::ZERO);
        for other in ledger.in_flight() {
            match other.intent {
                Intent::Swap { pair, amount_in, .. } if pair == Side::Token0.into_other() => {
                    held[1] = held[1].checked_add(self.in_token1(amount_in)).expect("small");
                    if other.key == order.key {
                        sold = amount_in;
                    }
                }
                Intent::Swap { amount_in, .. } => {
                    held[0] = held[0].checked_add(self.in_token0(amount_in)).expect("small");
                }
                Intent::Open { placement: Placement::Range(range), desired, .. } => {
                    opened.push((range, desired));
                }
                Intent::Open { .. }
                | Intent::Close { .. }
                | Intent::Stake { .. }
                | Intent::Claim { .. }
                | Intent::Unstake { .. }
                | Intent::Compound { .. }
                | Intent::Vote { .. }
                | Intent::Extend { .. }
                | Intent::ClaimBribes { .. }
                | Intent::Arbitrage { .. }
                | Intent::Trade { .. }
                | Intent::Sell { .. } => {}
            }
        }
        let slack = amount(20);
        let is_sale = !sold.is_zero();
        let buys_token1 = matches!(order.intent, Intent::Open { .. }) || is_sale;
        prop_assert!(
            !buys_token1 || held[1].0 <= amount(MOST_OF_TOKEN1).0 + slack.0,
            "{}",
            held[1]
        );
        let net = self.in_token1(held[0]);
        prop_assert!(is_sale || net.0 <= amount(MOST_NET).0 + slack.0, "{}", net);
        if matches!(order.intent, Intent::Open { .. }) {
            let market = self.desk().market.pool(POOL).and_then(|pool| pool.concentrated());
            let market = market.expect("added");
            let pool = market.pool();
            let there = market.own().filter(|own| own.range.contains(pool.tick()));
            let there: u128 = there.map(|own| own.liquidity.0).sum();
            let coming = opened.iter().map(|(range, desired)| {
                pool.liquidity_for(*range, desired.two().expect("two")).expect("a range").0
            });
            let ours = there + coming.sum::<u128>();
            let all = ours + pool.liquidity().0;
            prop_assert!(ours * 10_000 <= all * u128::from(SHARE), "{} of {}", ours, all);
        }
        Ok(())
    }

    fn check_day(&self) -> Result<(), proptest::test_runner::TestCaseError> {
        let now = self.desk().market.now().0;
        let is_recent = |at: u64| now - at < 86_400;
        let openings = self.openings.iter().filter(|at| is_recent(**at)).count();
        prop_assert!(openings <= OPENINGS as usize);
        let swapped = self.swaps.iter().filter(|(at, _)| is_recent(*at));
        let swapped = swapped.fold(U256::ZERO, |sum, (_, value)| sum + value.0);
        prop_assert!(swapped <= amount(SWAPPED + 60).0, "{}", swapped);
        Ok(())
    }

    fn ask(&mut self, intent: Intent) -> Result<(), proptest::test_runner::TestCaseError> {
        let is_stopped = self.desk().risk.state().stopped().is_some();
        let Ok(order) = self.guarded.ask(intent) else { return Ok(()) };
        let now = self.desk().market.now().0;
        self.flying.push(order);
        match intent {
            Intent::Open { .. } => {
                prop_assert!(!is_stopped, "opened after a stop");
                self.openings.push(now);
                self.check("approved")?;
                self.check_order(&order)?;
            }
            Intent::Swap { pair, amount_in, .. } => {
                let into_quote = pair == Side::Token0.into_other();
                prop_assert!(into_quote || !is_stopped, "swapped after a stop");
                let value = if into_quote { self.in_token1(amount_in) } else { amount_in };
                // Rounded up here, and down there.
                let value = value.checked_sub(amount(1)).unwrap_or(value);
                self.swaps.push((now, value));
                self.check_order(&order)?;
                let outcome = super::outcome_of(&order, &self.desk().market);
                let OutcomeKind::Swapped { amount_out, .. } = outcome.kind else {
                    panic!("it was simulated: {outcome:?}")
                };
                let at_spot =
                    if into_quote { self.in_token1(amount_in) } else { self.in_token0(amount_in) };
                let kept = at_spot.0 * U256::from(10_000 - SLIPPAGE);
                prop_assert!(amount_out.0 * U256::from(10_000) + U256::from(20_000) >= kept);
            }
            Intent::Close { .. }
            | Intent::Stake { .. }
            | Intent::Claim { .. }
            | Intent::Unstake { .. }
            | Intent::Compound { .. }
            | Intent::Vote { .. }
            | Intent::Extend { .. }
            | Intent::ClaimBribes { .. }
            | Intent::Arbitrage { .. }
            | Intent::Trade { .. }
            | Intent::Sell { .. } => {}
        }
        self.check_day()
    }

    fn end(&mut self, order: Order, fails: bool) {
        let mut outcome = super::outcome_of(&order, &self.guarded.desk.market);
        if fails {
            outcome.kind = OutcomeKind::Rejected(Rejection::PoolReverted);
        }
        self.guarded.desk.end(outcome);
    }

    /// Everything that risk wants closed is closed by the entrance that is always open.
    fn leave(&mut self, exits: Vec<Intent>) -> Result<(), proptest::test_runner::TestCaseError> {
        for exit in exits {
            let reduces = matches!(exit, Intent::Close { .. } | Intent::Unstake { .. });
            prop_assert!(reduces, "{:?}", exit);
            self.flying.push(self.guarded.reduce(exit));
        }
        Ok(())
    }

    fn happen(&mut self, deed: &Deed) -> Result<(), proptest::test_runner::TestCaseError> {
        match *deed {
            Deed::Open { lower, width, desired: [desired0, desired1] } => {
                let placement = Placement::Range(range(lower, lower + width));
                let desired = amounts(desired0, desired1).into();
                self.ask(Intent::Open { pool: POOL, placement, desired })?;
            }
            Deed::Swap { input, amount_in } => self.ask(swap(input, amount_in))?,
            Deed::Close => {
                let position = self.desk().ledger.positions().map(|(id, _)| id).next();
                if let Some(position) = position {
                    self.ask(Intent::Close { position })?;
                }
            }
            Deed::Settle | Deed::Reject if !self.flying.is_empty() => {
                let order = self.flying.remove(0);
                self.end(order, matches!(deed, Deed::Reject));
            }
            Deed::Settle | Deed::Reject => {}
            Deed::Move { tick, blocks } => {
                self.guarded.move_to(blocks, tick);
                self.guarded.wait(0);
            }
        }
        let exits = self.guarded.exits();
        self.leave(exits)
    }

    /// Closes whatever is open, by the second entrance.
    fn close_all(&mut self) -> Result<(), proptest::test_runner::TestCaseError> {
        for order in std::mem::take(&mut self.flying) {
            self.end(order, true);
        }
        let open: Vec<PositionId> = self.desk().ledger.positions().map(|(id, _)| id).collect();
        for position in open {
            let order = self.guarded.reduce(Intent::Close { position });
            self.end(order, false);
        }
        prop_assert_eq!(self.desk().ledger.positions().count(), 0);
        Ok(())
    }
}

fn bounded() -> ProptestConfig {
    ProptestConfig { cases: 150, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(bounded())]

    /// With a price that stands still nothing is ever past a limit, and in the end all is closed.
    #[test]
    fn while_the_price_stands_still_no_limit_is_passed_at_any_time(deeds in deeds(false)) {
        let mut story = Story::begin();
        for deed in &deeds {
            story.happen(deed)?;
            story.check("at rest")?;
        }
        story.close_all()?;
    }

    /// Wherever the price goes, no approval leads past a limit, and in the end all is closed.
    #[test]
    fn wherever_the_price_goes_no_approval_leads_past_a_limit(deeds in deeds(true)) {
        let mut story = Story::begin();
        for deed in &deeds {
            story.happen(deed)?;
        }
        story.close_all()?;
    }
}
