//! Positions of the real `NonfungiblePositionManager`: what it does to the pool, and its own books.

use tidemill_amm::concentrated::{Owner, PositionKey, liquidity_for_amounts};
use tidemill_testkit::{
    Address, Artifacts, MintCall, PoolOracle, PositionManager, Revert, int_word,
};
use tidemill_units::{Amounts, FeeGrowth, Liquidity, TickRange, U256};

use super::operations::words2;
use super::{World, revert_of};
use crate::tally::Tally;

/// The manager and the positions it has issued, token ids from one.
pub(super) struct Manager {
    real: PositionManager,
    positions: Vec<Issued>,
}

/// What the manager keeps of a position (`NonfungiblePositionManager.Position`).
#[derive(Clone, Copy)]
struct Issued {
    owner: Address,
    range: TickRange,
    liquidity: u128,
    inside_last: [FeeGrowth; 2],
    owed: [u128; 2],
}

impl Issued {
    /// Books the fees since the last time, by the pool's figure for the whole range.
    fn settle(&mut self, inside: [FeeGrowth; 2]) {
        let growths = inside.iter().zip(self.inside_last);
        for (owed, (inside, last)) in self.owed.iter_mut().zip(growths) {
            let earned = inside.wrapping_sub(last).earned_by(Liquidity(self.liquidity)).unwrap();
            *owed = owed.wrapping_add(low_128(earned));
        }
        self.inside_last = inside;
    }
}

fn low_128(value: U256) -> u128 {
    (value & U256::from(u128::MAX)).to::<u128>()
}

impl Manager {
    pub(super) fn deploy(oracle: &mut PoolOracle, artifacts: &Artifacts) -> Self {
        let real = PositionManager::deploy(oracle, artifacts).unwrap();
        for actor in oracle.actors.clone() {
            oracle.endow(actor, [U256::ONE << 254; 2]).unwrap();
        }
        Self { real, positions: Vec::new() }
    }

    fn key(&self, range: TickRange) -> PositionKey {
        PositionKey { owner: Owner(self.real.address.0.0), range }
    }

    pub(super) fn compare(&self, oracle: &mut PoolOracle, context: &str) {
        for (id, issued) in (1_u64..).zip(&self.positions) {
            let answer = self.real.position(oracle, U256::from(id)).unwrap().unwrap();
            let [inside0, inside1] = issued.inside_last.map(|growth| growth.0);
            let [owed0, owed1] = issued.owed.map(U256::from);
            let expected = [
                int_word(i64::from(issued.range.lower.0)),
                int_word(i64::from(issued.range.upper.0)),
                U256::from(issued.liquidity),
                inside0,
                inside1,
                owed0,
                owed1,
            ];
            assert_eq!(expected, answer.words()[5..], "position {id} of the manager, {context}");
        }
    }
}

impl World {
    pub(super) fn through_the_manager(&mut self, tally: &mut Tally) {
        let Some(mut manager) = self.manager.take() else { return };
        let count = manager.positions.len() as u64;
        let index = if count == 0 { 0 } else { self.random.below(count) as usize };
        match self.random.below(8) {
            0..2 => self.manager_mint(&mut manager, tally),
            _ if count == 0 => self.manager_mint(&mut manager, tally),
            2 | 3 => self.manager_increase(&mut manager, index, tally),
            4 | 5 => self.manager_decrease(&mut manager, index, tally),
            _ => self.manager_collect(&mut manager, index, tally),
        }
        self.manager = Some(manager);
    }

    /// Deposits into the model at the manager's position, as much as the amounts buy.
    fn deposit(
        &mut self,
        key: PositionKey,
        desired: Amounts,
    ) -> Result<(Liquidity, Amounts), Revert> {
        let price = self.model.sqrt_price();
        let liquidity = liquidity_for_amounts(price, key.range, desired);
        // The manager narrows to 128 bits with a `require` that gives no reason.
        let liquidity = liquidity.map_err(|_| Revert::Empty)?;
        let paid = self.model.mint(key, liquidity, self.timestamp()).map_err(revert_of)?;
        Ok((liquidity, paid))
    }

    /// A range the manager's own price look-ups accept.
    fn placed_range(&mut self) -> TickRange {
        loop {
            let range = self.range();
            if range.lower < range.upper && range.lower.is_valid() && range.upper.is_valid() {
                return range;
            }
        }
    }

    fn manager_mint(&mut self, manager: &mut Manager, tally: &mut Tally) {
        let key = manager.key(self.placed_range());
        self.registry.note(key, self.model.tick_spacing());
        let (desired, owner) = (self.amounts(), self.oracle.actors[0]);
        self.last = format!("manager mint {key:?} {desired:?}");
        let id = U256::from(manager.positions.len() + 1);
        let expected = self.deposit(key, desired).map(|(liquidity, paid)| {
            manager.positions.push(Issued {
                owner,
                range: key.range,
                liquidity: liquidity.0,
                inside_last: self.model.position(&key).fee_growth_inside_last,
                owed: [0; 2],
            });
            vec![id, U256::from(liquidity.0), paid.amount0.0, paid.amount1.0]
        });
        let TickRange { lower, upper } = key.range;
        let call = MintCall { lower: lower.0, upper: upper.0, desired: words2(desired) };
        let real = manager.real.mint(&mut self.oracle, owner, call).unwrap();
        self.check("manager mint", expected, real, tally);
    }

    fn manager_increase(&mut self, manager: &mut Manager, index: usize, tally: &mut Tally) {
        let key = manager.key(manager.positions[index].range);
        let (desired, payer) = (self.amounts(), self.oracle.actors[1]);
        self.last = format!("manager increase {} {desired:?}", index + 1);
        let expected = self.deposit(key, desired).map(|(liquidity, paid)| {
            let issued = &mut manager.positions[index];
            issued.settle(self.model.position(&key).fee_growth_inside_last);
            issued.liquidity += liquidity.0;
            vec![U256::from(liquidity.0), paid.amount0.0, paid.amount1.0]
        });
        let id = U256::from(index + 1);
        let desired = words2(desired);
        let real = manager.real.increase(&mut self.oracle, payer, id, desired).unwrap();
        self.check("manager increase", expected, real, tally);
    }

    fn manager_decrease(&mut self, manager: &mut Manager, index: usize, tally: &mut Tally) {
        let issued = &mut manager.positions[index];
        let key = PositionKey { owner: Owner(manager.real.address.0.0), range: issued.range };
        let held = U256::from(issued.liquidity);
        let liquidity = match self.random.below(8) {
            0 => held.saturating_add(U256::ONE),
            1 => U256::ZERO,
            2 | 3 => held,
            _ => self.random.up_to(held),
        };
        let liquidity = u128::try_from(liquidity).unwrap();
        self.last = format!("manager decrease {} {liquidity}", index + 1);
        let expected = if liquidity == 0 || liquidity > issued.liquidity {
            Err(Revert::Empty)
        } else {
            let burned = self.model.burn(key, Liquidity(liquidity), self.timestamp());
            burned.map_err(revert_of).map(|released| {
                issued.settle(self.model.position(&key).fee_growth_inside_last);
                issued.liquidity -= liquidity;
                for (owed, amount) in issued.owed.iter_mut().zip(words2(released)) {
                    *owed = owed.wrapping_add(low_128(amount));
                }
                words2(released).to_vec()
            })
        };
        let (owner, id) = (issued.owner, U256::from(index + 1));
        let real = manager.real.decrease(&mut self.oracle, owner, id, liquidity).unwrap();
        self.check("manager decrease", expected, real, tally);
    }

    fn manager_collect(&mut self, manager: &mut Manager, index: usize, tally: &mut Tally) {
        let issued = &mut manager.positions[index];
        let key = PositionKey { owner: Owner(manager.real.address.0.0), range: issued.range };
        let most = match self.random.below(6) {
            0 => [0, 0],
            1 => issued.owed,
            2 => [0, u128::MAX],
            _ => [u128::MAX; 2],
        };
        self.last = format!("manager collect {} {most:?}", index + 1);
        let expected = if most == [0, 0] {
            Err(Revert::Empty)
        } else {
            if issued.liquidity > 0 {
                self.model.burn(key, Liquidity(0), self.timestamp()).unwrap();
                issued.settle(self.model.position(&key).fee_growth_inside_last);
            }
            let requested = [most[0].min(issued.owed[0]), most[1].min(issued.owed[1])];
            // The manager books what it asked for, the pool may hold less by rounding.
            issued.owed = [issued.owed[0] - requested[0], issued.owed[1] - requested[1]];
            let paid = self.model.collect(key, requested).map_err(revert_of);
            paid.map(|paid| words2(paid).to_vec())
        };
        let (owner, id) = (issued.owner, U256::from(index + 1));
        let real = manager.real.collect(&mut self.oracle, owner, id, most).unwrap();
        self.check("manager collect", expected, real, tally);
    }
}
