//! Every operation of the pool, done to the model and to the contract.

use tidemill_amm::concentrated::{PoolError, PositionKey, SwapAmount, SwapRequest, SwapResult};
use tidemill_testkit::{Adjustment, Outcome, PoolBuild, PoolSwapCall, Revert, int_word};
use tidemill_units::{Amount, Amounts, Liquidity, Side, SqrtPrice, TickRange, U256};

use super::compare::id_of;
use super::{World, neighbour, revert_of};
use crate::tally::Tally;

/// What an actor pays beyond what it is asked for, as two's complement words.
fn is_short(adjustment: Adjustment, side: Side) -> bool {
    let [adjust0, adjust1] = adjustment.0;
    match side {
        Side::Token0 => adjust0.bit(255),
        Side::Token1 => adjust1.bit(255),
    }
}

fn words(amounts: Amounts) -> Vec<U256> {
    vec![amounts.amount0.0, amounts.amount1.0]
}

fn reason(text: &str) -> Revert {
    Revert::Reason(text.to_owned())
}

impl World {
    /// Mostly exactly what is asked for; else more of either token, or less.
    fn adjustment(&mut self) -> Adjustment {
        let mut adjust = [U256::ZERO; 2];
        if self.random.once_in(12) {
            for adjust in &mut adjust {
                let size = match self.random.below(4) {
                    0 => U256::ZERO,
                    1 => U256::ONE,
                    _ => self.random.wide(100),
                };
                *adjust = if self.random.once_in(2) { size } else { size.wrapping_neg() };
            }
        }
        Adjustment(adjust)
    }

    pub(super) fn mint(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(3) { self.old_key() } else { None };
        let key = old.unwrap_or_else(|| self.new_key());
        let (liquidity, adjustment) = (self.liquidity(), self.adjustment());
        self.last = format!("mint {liquidity} {key:?} {adjustment:?}");
        let mut trial = self.model.clone();
        let minted = trial.mint(key, liquidity, self.timestamp()).map_err(revert_of);
        let expected = minted.and_then(|amounts| {
            if !amounts.amount0.is_zero() && is_short(adjustment, Side::Token0) {
                Err(reason("M0"))
            } else if !amounts.amount1.is_zero() && is_short(adjustment, Side::Token1) {
                Err(reason("M1"))
            } else {
                self.model = trial;
                Ok(words(amounts))
            }
        });
        let actor = self.oracle.actors[self.random.below(2) as usize];
        let real = self.oracle.mint(actor, id_of(&key), liquidity.0, adjustment).unwrap();
        self.check("mint", expected, real, tally);
    }

    pub(super) fn burn(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(7) { None } else { self.old_key() };
        let key = old.unwrap_or_else(|| self.new_key());
        let held = self.model.position(&key).liquidity;
        let liquidity = match self.random.below(16) {
            0..6 => held,
            6 | 7 => Liquidity(0),
            8 => Liquidity(held.0.saturating_add(1)),
            9 => self.liquidity(),
            10 => Liquidity(self.random.pick(&[u128::MAX, 1 << 127, (1 << 127) - 1])),
            _ => Liquidity(self.random.up_to(U256::from(held.0)).to::<u128>()),
        };
        self.last = format!("burn {liquidity} {key:?}");
        let expected = self.model.burn(key, liquidity, self.timestamp());
        let real = self.oracle.burn(id_of(&key), liquidity.0).unwrap();
        self.check("burn", expected.map(words).map_err(revert_of), real, tally);
    }

    pub(super) fn collect(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(16) { None } else { self.old_key() };
        let key = old.unwrap_or_else(|| self.new_key());
        let requested = self.requested(self.model.position(&key).tokens_owed);
        self.last = format!("collect {requested:?} {key:?}");
        let expected = self.model.collect(key, requested);
        let real = self.oracle.collect(id_of(&key), requested).unwrap();
        self.check("collect", expected.map(words).map_err(revert_of), real, tally);
    }

    fn requested(&mut self, owed: [u128; 2]) -> [u128; 2] {
        owed.map(|owed| match self.random.below(4) {
            0 => self.random.wide(128).to::<u128>(),
            1 => owed,
            2 => u128::MAX,
            _ => self.random.up_to(U256::from(owed)).to::<u128>(),
        })
    }

    /// A swap to some price, sometimes to where it would have stopped anyway, or of about the
    /// amount that it takes to get there.
    fn request(&mut self, tally: &mut Tally) -> (SwapRequest, SqrtPrice) {
        let mut price_limit = self.price_limit();
        let upwards = price_limit > self.model.sqrt_price();
        let wrong_way = self.random.once_in(40);
        let input = if upwards != wrong_way { Side::Token1 } else { Side::Token0 };
        let is_exact_in = self.random.once_in(2);
        let side = if is_exact_in { input } else { input.other() };
        let amount = match self.random.below(16) {
            0..3 => Amount(U256::MAX >> 1),
            3 if !is_exact_in => Amount(U256::ONE << 255),
            _ => self.amount(side),
        };
        let amount =
            if is_exact_in { SwapAmount::ExactIn(amount) } else { SwapAmount::ExactOut(amount) };
        // No limit means the last price before the end, as the routers pass it.
        let ends = [neighbour(SqrtPrice::MIN, true), neighbour(SqrtPrice::MAX, false)];
        let unlimited = ends[usize::from(input == Side::Token1)];
        let request = |limit| {
            let price_limit = (limit != unlimited).then_some(limit);
            SwapRequest { input, amount, price_limit }
        };
        match self.random.below(8) {
            0 => {
                if let Ok(staged) = self.model.stage_swap(request(price_limit), &mut ()) {
                    price_limit = staged.result().sqrt_price;
                    tally.count("swap at its natural end");
                }
                (request(price_limit), price_limit)
            }
            1 => {
                let amount = self.amount_to_limit(request(price_limit), tally).unwrap_or(amount);
                (SwapRequest { amount, ..request(price_limit) }, price_limit)
            }
            _ => (request(price_limit), price_limit),
        }
    }

    /// The amount that exactly, or all but a unit, takes a swap to its limit.
    fn amount_to_limit(&mut self, request: SwapRequest, tally: &mut Tally) -> Option<SwapAmount> {
        let unbounded = Amount(U256::MAX >> 1);
        let (amount, side) = match request.amount {
            SwapAmount::ExactIn(_) => (SwapAmount::ExactIn(unbounded), request.input),
            SwapAmount::ExactOut(_) => (SwapAmount::ExactOut(unbounded), request.input.other()),
        };
        let staged = self.model.stage_swap(SwapRequest { amount, ..request }, &mut ()).ok()?;
        let exact = staged.result().amounts.get(side).magnitude();
        let exact = match self.random.below(4) {
            0 => exact.checked_add(Amount::from_u64(1))?,
            1 => exact.checked_sub(Amount::from_u64(1))?,
            _ => exact,
        };
        tally.count("swap of the amount to its limit");
        Some(match request.amount {
            SwapAmount::ExactIn(_) => SwapAmount::ExactIn(exact),
            SwapAmount::ExactOut(_) => SwapAmount::ExactOut(exact),
        })
    }

    pub(super) fn swap(&mut self, tally: &mut Tally) {
        let (request, price_limit) = self.request(tally);
        let adjustment = self.adjustment();
        self.last = format!("{request:?} {adjustment:?}");
        let staged = self.model.stage_swap(request, &mut ());
        let expected = staged.map_err(revert_of).and_then(|staged| {
            let SwapResult { amounts, .. } = *staged.result();
            let paid = amounts.get(request.input);
            if !paid.is_zero() && is_short(adjustment, request.input) {
                return Err(reason("IIA"));
            }
            let result = self.model.commit_swap(&staged, self.timestamp());
            tally.add("ticks crossed", result.crossings as u64);
            if self.model.tick_info(result.tick).is_some() && result.crossings > 0 {
                tally.count("swap ending on a tick");
            }
            Ok(vec![amounts.amount0.to_twos_complement(), amounts.amount1.to_twos_complement()])
        });
        let (amount, name) = match request.amount {
            SwapAmount::ExactIn(amount) => (amount.0, "swap exact in"),
            SwapAmount::ExactOut(amount) => (amount.0.wrapping_neg(), "swap exact out"),
        };
        let call = PoolSwapCall {
            zero_for_one: request.input == Side::Token0,
            amount_specified: amount,
            sqrt_price_limit: price_limit.to_x96(),
            adjustment,
        };
        let name = if expected.is_ok() { name } else { "swap" };
        let real = self.oracle.swap(self.oracle.actors[1], call).unwrap();
        self.check(name, expected, real, tally);
    }

    pub(super) fn flash(&mut self, tally: &mut Tally) {
        let [held0, held1] = self.oracle.holdings();
        let loan = match self.random.below(8) {
            0 => Amounts { amount0: Amount(held0), amount1: Amount(held1) },
            1 => self.amounts(),
            2 => Amounts::ZERO,
            _ => Amounts {
                amount0: Amount(self.random.up_to(held0)),
                amount1: Amount(self.random.up_to(held1)),
            },
        };
        let fee = self.model.flash_fee(loan).unwrap();
        let paid = Amounts { amount0: self.on_top(fee.amount0), amount1: self.on_top(fee.amount1) };
        self.last = format!("flash {loan:?} paying {paid:?}");
        let is_covered = loan.amount0.0 <= held0 && loan.amount1.0 <= held1;
        let lends = self.model.is_initialized() && !self.model.liquidity().is_zero();
        let expected = if lends && !is_covered {
            Err(reason("TF"))
        } else {
            self.model.flash(loan, paid).map(|()| Vec::new()).map_err(revert_of)
        };
        // The actor is asked for the fee alone, and pays that, the loan, and the difference.
        let adjust = |loan: Amount, paid: Amount, fee: Amount| {
            loan.0.wrapping_add(paid.0).wrapping_sub(fee.0)
        };
        let adjustment = Adjustment([
            adjust(loan.amount0, paid.amount0, fee.amount0),
            adjust(loan.amount1, paid.amount1, fee.amount1),
        ]);
        let real = self.oracle.flash(self.oracle.actors[0], words2(loan), adjustment).unwrap();
        self.check("flash", expected, real, tally);
    }

    fn on_top(&mut self, fee: Amount) -> Amount {
        let one = Amount::from_u64(1);
        match self.random.below(12) {
            0 => fee.checked_sub(one).unwrap_or(fee),
            1 => fee.checked_add(one).unwrap_or(fee),
            2 => Amount(self.random.wide(100)),
            3 => Amount(self.random.wide(170)),
            _ => fee,
        }
    }

    pub(super) fn set_fee_protocol(&mut self, tally: &mut Tally) {
        let shares = match self.oracle.build {
            PoolBuild::UniswapV3 => [0, 0, 0, 4, 5, 7, 9, 10, 1, 3, 11, 15],
            PoolBuild::PancakeV3 => {
                [0, 0, 3_200, 1_000, 1_001, 3_999, 4_000, 2_500, 999, 1, 4_001, 65_535]
            }
        };
        let shares = [self.random.pick(&shares), self.random.pick(&shares[..9])];
        self.last = format!("set fee protocol {shares:?}");
        let expected = match self.oracle.build {
            PoolBuild::UniswapV3 => self.model.set_fee_protocol(shares.map(|share| share as u8)),
            PoolBuild::PancakeV3 => self.model.set_pancake_fee_protocol(shares),
        };
        let real = self.oracle.set_fee_protocol(shares).unwrap();
        let expected = expected.map(|()| Vec::new()).map_err(revert_of);
        self.check("set fee protocol", expected, real, tally);
    }

    pub(super) fn collect_protocol(&mut self, tally: &mut Tally) {
        let requested = self.requested(self.model.protocol_fees());
        self.last = format!("collect protocol {requested:?}");
        let expected = self.model.collect_protocol(requested);
        if expected.is_ok_and(|paid| !paid.is_zero()) {
            tally.count("protocol fees collected");
        }
        let real = self.oracle.collect_protocol(requested).unwrap();
        self.check("collect protocol", expected.map(words).map_err(revert_of), real, tally);
    }

    pub(super) fn increase_cardinality(&mut self, tally: &mut Tally) {
        let next = match self.random.below(2_000) {
            0 => u16::MAX,
            1..100 => self.random.below(1_000) as u16,
            _ => self.random.below(24) as u16,
        };
        self.last = format!("increase cardinality to {next}");
        let expected = self.model.increase_observation_cardinality_next(next);
        let real = self.oracle.increase_observation_cardinality_next(next).unwrap();
        let expected = expected.map(|()| Vec::new()).map_err(revert_of);
        self.check("increase cardinality", expected, real, tally);
    }

    fn seconds_ago(&mut self) -> u32 {
        let now = self.now as u32;
        let oracle = self.model.oracle();
        let index = self.random.below(u64::from(oracle.cardinality()) + 1) as u16;
        let since = now.wrapping_sub(oracle.observation(index).time);
        match self.random.below(12) {
            0 => 0,
            1 => self.random.next_u64() as u32,
            2 => self.random.wide(32).to::<u32>(),
            3 => since.wrapping_add(1),
            4 => since.wrapping_sub(1),
            5..8 => since,
            _ => self.random.below(u64::from(since) + 1) as u32,
        }
    }

    pub(super) fn observe(&mut self, tally: &mut Tally) {
        let count = self.random.below(5);
        let seconds: Vec<u32> = (0..count).map(|_| self.seconds_ago()).collect();
        self.last = format!("observe {seconds:?} at {}", self.now);
        let expected = self.model.observe(self.timestamp(), &seconds).map_err(revert_of);
        let expected = expected.map(|cumulatives| {
            let length = U256::from(count);
            let second = U256::from(64 + 32 * (1 + count));
            let mut words = vec![U256::from(64), second, length];
            words.extend(cumulatives.iter().map(|entry| int_word(entry.tick_cumulative)));
            words.push(length);
            words.extend(cumulatives.iter().map(|entry| entry.seconds_per_liquidity));
            words
        });
        let result = self.oracle.observe(&seconds).unwrap();
        self.check("observe", expected, Outcome { result, changes: Vec::new(), gas: 0 }, tally);
    }

    pub(super) fn snapshot(&mut self, tally: &mut Tally) {
        let old = if self.random.once_in(3) { None } else { self.old_key() };
        let range = old.map_or_else(|| self.range(), |key: PositionKey| key.range);
        let TickRange { lower, upper } = range;
        self.last = format!("snapshot {range} at {}", self.now);
        let expected = self.model.snapshot_cumulatives_inside(self.timestamp(), range);
        let expected = expected.map_err(|error: PoolError| revert_of(error)).map(|inside| {
            vec![
                int_word(inside.tick_cumulative),
                inside.seconds_per_liquidity,
                U256::from(inside.seconds),
            ]
        });
        let result = self.oracle.snapshot_cumulatives_inside(lower.0, upper.0).unwrap();
        self.check("snapshot", expected, Outcome { result, changes: Vec::new(), gas: 0 }, tally);
    }
}

pub(super) fn words2(amounts: Amounts) -> [U256; 2] {
    [amounts.amount0.0, amounts.amount1.0]
}
