//! What is done in the v3 pool: by contracts that pay in callbacks, and through the position
//! manager.

use revm::primitives::Address;
use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::anvil::AnvilError;
use crate::{Call, PositionId};

const SPACING: i32 = 60;
/// The lowest and the highest square root price that a swap may aim at.
const LOWEST: u64 = 4_295_128_740;
const HIGHEST: &str = "1461446703485210103287273052203988822378723970341";

impl AnvilDriver {
    pub(super) fn pool(&mut self) -> Result<Vec<Step>, AnvilError> {
        if self.ranges.len() < 3 {
            return Ok(vec![self.pool_mint()]);
        }
        Ok(match self.random.below(20) {
            0..7 => vec![self.pool_swap()],
            7..9 => vec![self.pool_mint()],
            9..11 => self.pool_burn()?,
            11 => vec![self.pool_flash()],
            12 => vec![self.pool_administration()],
            13..15 => vec![self.manager_mint()],
            15 => self.manager_increase(),
            16..18 => self.manager_decrease(),
            _ => self.manager_collect(),
        })
    }

    fn actor(&mut self) -> Address {
        self.random.pick(&self.world.actors)
    }

    /// What an actor pays: exactly what it is asked for, and so much of each token on top.
    fn payment(&self, more: [U256; 2]) -> Vec<u8> {
        let [token0, token1] = self.world.tokens;
        let payment = Call::bare(4).address(token0).address(token1);
        payment.word(more[0]).word(more[1]).encode().to_vec()
    }

    fn range(&mut self) -> (i32, i32) {
        let centre = 1906 / SPACING;
        let lower = centre + self.random.between(-40, 20);
        (lower * SPACING, (lower + self.random.between(1, 40)) * SPACING)
    }

    fn pool_mint(&mut self) -> Step {
        let known = !self.ranges.is_empty() && self.random.once_in(3);
        let (actor, lower, upper) = if known {
            self.random.pick(&self.ranges)
        } else {
            let actor = self.actor();
            // The first is wide, so that the pool is never without liquidity for long.
            let (lower, upper) =
                if self.ranges.is_empty() { (-60_000, 60_000) } else { self.range() };
            (actor, lower, upper)
        };
        if !known {
            self.ranges.push((actor, lower, upper));
        }
        let call = Call::new("mint(address,int24,int24,uint128,bytes)", 5).address(actor);
        let call = call.int(i64::from(lower)).int(i64::from(upper));
        let liquidity = (U256::ONE << 40_usize) + self.amount(50);
        let call = call.word(liquidity).bytes(&self.payment([U256::ZERO; 2]));
        Step::new("v3 mint", actor, self.world.pool.address, call)
    }

    fn pool_swap(&mut self) -> Step {
        let actor = self.actor();
        let zero_for_one = self.random.once_in(2);
        let amount = (U256::ONE << 24_usize) + self.amount(42);
        let amount = if self.random.once_in(3) { amount.wrapping_neg() } else { amount };
        let highest = U256::from_str_radix(HIGHEST, 10).unwrap_or(U256::MAX);
        let limit = if zero_for_one { U256::from(LOWEST) } else { highest };
        let call = Call::new("swap(address,bool,int256,uint160,bytes)", 5).address(actor);
        let call = call.word(U256::from(zero_for_one)).word(amount).word(limit);
        let call = call.bytes(&self.payment([U256::ZERO; 2]));
        Step::new("v3 swap", actor, self.world.pool.address, call)
    }

    fn pool_burn(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (owner, lower, upper) = self.random.pick(&self.ranges);
        let pool = self.world.pool.address;
        let key = PositionId { owner, lower, upper }.key();
        let position = Call::new("positions(bytes32)", 1).word(key);
        let held = self.world.chain.ask(pool, position)?;
        let liquidity = match self.random.below(4) {
            0 => U256::ZERO,
            1 => held,
            _ => self.random.up_to(held),
        };
        // The pool has liquidity for as long as its widest range does.
        let liquidity = if (lower, upper) == (-60_000, 60_000) { U256::ZERO } else { liquidity };
        if held.is_zero() {
            return Ok(vec![self.pool_swap()]);
        }
        let ticks = |call: Call| call.int(i64::from(lower)).int(i64::from(upper));
        let burn = ticks(Call::new("burn(int24,int24,uint128)", 3)).word(liquidity);
        let mut steps = vec![Step::new("v3 burn", owner, pool, burn)];
        if self.random.once_in(2) {
            let collect = Call::new("collect(address,int24,int24,uint128,uint128)", 5);
            let collect = ticks(collect.address(owner));
            let most = U256::from(u128::MAX);
            let collect = collect.word(most).word(self.random.wide(60));
            steps.push(Step::new("v3 collect", owner, pool, collect));
        }
        Ok(steps)
    }

    fn pool_flash(&mut self) -> Step {
        let actor = self.actor();
        let loan = [self.amount(20), self.amount(20)];
        let call = Call::new("flash(address,uint256,uint256,bytes)", 4).address(actor);
        let call = call.word(loan[0]).word(loan[1]);
        // What is lent comes back, with the fee and a little more.
        let back = [loan[0] + self.amount(10), loan[1]];
        let call = call.bytes(&self.payment(back));
        Step::new("v3 flash", actor, self.world.pool.address, call)
    }

    fn pool_administration(&mut self) -> Step {
        let (admin, pool) = (self.world.chain.admin(), self.world.pool.address);
        match self.random.below(3) {
            0 => {
                let shares = [0, 4, 7, 10];
                let call = Call::new("setFeeProtocol(uint8,uint8)", 2);
                let call = call.word(U256::from(self.random.pick(&shares)));
                let call = call.word(U256::from(self.random.pick(&shares)));
                Step::new("v3 setFeeProtocol", admin, pool, call)
            }
            1 => {
                let call = Call::new("collectProtocol(address,uint128,uint128)", 3).address(admin);
                let call = call.word(self.random.wide(40)).word(self.random.wide(40));
                Step::new("v3 collectProtocol", admin, pool, call)
            }
            _ => {
                let call = Call::new("increaseObservationCardinalityNext(uint16)", 1);
                let call = call.word(U256::from(1 + self.random.below(8)));
                Step::new("v3 increaseObservations", admin, pool, call)
            }
        }
    }

    fn manager_mint(&mut self) -> Step {
        let (user, manager) = (self.user(), self.world.pool.manager);
        let signature = "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,\
                         uint256,address,uint256))";
        let (lower, upper) = self.range();
        let [token0, token1] = self.world.tokens;
        let call = Call::new(signature, 11).address(token0).address(token1);
        let call = call.word(U256::from(3000)).int(i64::from(lower)).int(i64::from(upper));
        let desired = [(); 2].map(|()| (U256::ONE << 34_usize) + self.amount(44));
        let call = call.word(desired[0]).word(desired[1]).word(U256::ZERO).word(U256::ZERO);
        // Identifiers count up from one.
        let id = 1 + self.tokens.len() as u64 + self.staked.len() as u64;
        self.tokens.push((id, user));
        Step::new("manager mint", user, manager, call.address(user).word(U256::MAX))
    }

    fn manager_increase(&mut self) -> Vec<Step> {
        let Some((id, _)) = self.any_token() else { return Vec::new() };
        let user = self.user();
        let signature = "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))";
        let call = Call::new(signature, 6).word(U256::from(id));
        let desired = [(); 2].map(|()| (U256::ONE << 30_usize) + self.amount(40));
        let call = call.word(desired[0]).word(desired[1]);
        let call = call.word(U256::ZERO).word(U256::ZERO).word(U256::MAX);
        vec![Step::new("manager increase", user, self.world.pool.manager, call)]
    }

    fn manager_decrease(&mut self) -> Vec<Step> {
        let Some((id, owner)) = self.own_token() else { return Vec::new() };
        let manager = self.world.pool.manager;
        let position = Call::new("positions(uint256)", 1).word(U256::from(id));
        // A reorganisation may have taken the token back.
        let position = self.world.chain.view(manager, position).ok();
        let held = position.and_then(|position| position.word(7).ok()).unwrap_or_default();
        if held.is_zero() {
            return Vec::new();
        }
        let liquidity = U256::ONE + self.random.up_to(held - U256::ONE);
        let signature = "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))";
        let call = Call::new(signature, 5).word(U256::from(id)).word(liquidity);
        let call = call.word(U256::ZERO).word(U256::ZERO).word(U256::MAX);
        vec![Step::new("manager decrease", owner, manager, call)]
    }

    fn manager_collect(&mut self) -> Vec<Step> {
        let Some((id, owner)) = self.own_token() else { return Vec::new() };
        let call = Call::new("collect((uint256,address,uint128,uint128))", 4);
        let most = U256::from(u128::MAX);
        let call = call.word(U256::from(id)).address(owner).word(most).word(most);
        vec![Step::new("manager collect", owner, self.world.pool.manager, call)]
    }

    fn any_token(&mut self) -> Option<(u64, Address)> {
        let all: Vec<_> = self.tokens.iter().chain(&self.staked).copied().collect();
        if all.is_empty() { None } else { Some(self.random.pick(&all)) }
    }

    fn own_token(&mut self) -> Option<(u64, Address)> {
        if self.tokens.is_empty() { None } else { Some(self.random.pick(&self.tokens)) }
    }
}
