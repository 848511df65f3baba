//! What happens in the pool and to the manager's positions.

use tidemill_amm::concentrated::{
    Owner, PositionKey, SwapAmount, SwapRequest, liquidity_for_amounts, sqrt_price_at_tick,
};
use tidemill_rewards::v3_staker::TokenId;
use tidemill_testkit::{Adjustment, MintCall, PoolSwapCall};
use tidemill_units::{Amount, Amounts, Liquidity, Side, Tick, TickRange, U256};

use super::{Issued, World};
use crate::tally::Tally;

/// Positions of one world; each makes every comparison longer.
const MOST_TOKENS: usize = 12;

pub(super) fn id(token_id: u64) -> TokenId {
    TokenId(U256::from(token_id))
}

impl World {
    fn key(&self, range: TickRange) -> PositionKey {
        PositionKey { owner: Owner(self.oracle.manager.address.0.0), range }
    }

    /// Swaps to a tick at which ranges end, or beside it, whatever that takes.
    pub(super) fn swap(&mut self, tally: &mut Tally) {
        let index = self.random.below(self.ticks.len() as u64) as usize;
        let beside = self.random.between(-3, 3);
        let limit = sqrt_price_at_tick(Tick(self.ticks[index] + beside)).unwrap();
        let upwards = limit > self.pool.sqrt_price();
        let input = if upwards { Side::Token1 } else { Side::Token0 };
        let all = self.random.once_in(2);
        let amount = if all { U256::MAX >> 1 } else { self.pool_amount() };
        self.last = format!("swap of {amount} {input:?} to {limit}");
        let request = SwapRequest {
            input,
            amount: SwapAmount::ExactIn(Amount(amount)),
            price_limit: Some(limit),
        };
        let result = self.pool.swap(request, self.timestamp());
        let call = PoolSwapCall {
            zero_for_one: input == Side::Token0,
            amount_specified: amount,
            sqrt_price_limit: limit.to_x96(),
            adjustment: Adjustment::default(),
        };
        let actor = self.oracle.pool.actors[0];
        let real = self.oracle.pool.swap(actor, call).unwrap();
        assert_eq!(result.is_ok(), real.result.is_ok(), "{}", self.context());
        if let Ok(result) = result {
            let amounts = [result.amounts.amount0, result.amounts.amount1];
            let amounts = amounts.map(|amount| amount.to_twos_complement());
            assert_eq!(real.result.unwrap().words(), amounts, "{}", self.context());
            tally.count("swap");
            if result.crossings > 0 {
                tally.count("swap over a range's end");
            }
        }
    }

    /// Puts liquidity at a range of the manager's; `None` where the pool or the manager refuses.
    fn provide(&mut self, range: TickRange, desired: [U256; 2]) -> Option<(u128, Amounts)> {
        let [amount0, amount1] = desired.map(Amount);
        let price = self.pool.sqrt_price();
        let liquidity = liquidity_for_amounts(price, range, Amounts { amount0, amount1 }).ok()?;
        let (key, now) = (self.key(range), self.timestamp());
        let paid = self.pool.mint(key, liquidity, now).ok()?;
        Some((liquidity.0, paid))
    }

    pub(super) fn mint(&mut self, tally: &mut Tally) {
        if self.tokens.len() >= MOST_TOKENS {
            return self.swap(tally);
        }
        let (range, owner) = (self.range(), self.user());
        let desired = [self.pool_amount(), self.pool_amount()];
        self.last = format!("mint {range} {desired:?}");
        let expected = self.provide(range, desired);
        let call = MintCall { lower: range.lower.0, upper: range.upper.0, desired };
        let real = self.oracle.manager.mint(&mut self.oracle.pool, owner, call).unwrap();
        assert_eq!(expected.is_some(), real.result.is_ok(), "{}", self.context());
        if let Some((liquidity, paid)) = expected {
            let number = U256::from(self.tokens.len() + 1);
            let words = [number, U256::from(liquidity), paid.amount0.0, paid.amount1.0];
            assert_eq!(real.result.unwrap().words(), words, "{}", self.context());
            self.tokens.push(Issued { owner, range, liquidity });
            tally.count("mint");
        }
    }

    /// Adds liquidity to a position, staked or not, as anybody may.
    pub(super) fn increase(&mut self, tally: &mut Tally) {
        if self.tokens.is_empty() {
            return self.mint(tally);
        }
        let (token_id, payer) = (self.token_id(), self.user());
        let desired = [self.pool_amount(), self.pool_amount()];
        self.last = format!("increase {token_id} {desired:?}");
        let index = token_id as usize - 1;
        let expected = self.provide(self.tokens[index].range, desired);
        let number = U256::from(token_id);
        let real =
            self.oracle.manager.increase(&mut self.oracle.pool, payer, number, desired).unwrap();
        assert_eq!(expected.is_some(), real.result.is_ok(), "{}", self.context());
        if let Some((liquidity, _)) = expected {
            self.tokens[index].liquidity += liquidity;
            tally.count("increase");
        }
    }

    /// Takes liquidity out of a position that is not deposited, often all of it.
    pub(super) fn decrease(&mut self, tally: &mut Tally) {
        if self.tokens.is_empty() {
            return self.mint(tally);
        }
        let token_id = self.at_home();
        let index = token_id as usize - 1;
        let Issued { owner, range, liquidity } = self.tokens[index];
        let taken = self.random.up_to(U256::from(liquidity)).to::<u128>();
        let taken = if self.random.once_in(2) { liquidity } else { taken };
        if owner == self.oracle.staker || taken == 0 {
            return;
        }
        self.last = format!("decrease {token_id} by {taken}");
        let (key, now) = (self.key(range), self.timestamp());
        self.pool.burn(key, Liquidity(taken), now).unwrap();
        let number = U256::from(token_id);
        let manager = self.oracle.manager;
        let real = manager.decrease(&mut self.oracle.pool, owner, number, taken).unwrap();
        assert!(real.result.is_ok(), "{:?}, {}", real.result, self.context());
        self.tokens[index].liquidity -= taken;
        tally.count("decrease");
    }
}
