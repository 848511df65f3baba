use tidemill_units::{BlockNumber, U256};

use super::{
    BONUS_MULTIPLIER, ChefPool, ChefUser, MasterChef, MasterChefError, difference, product,
    quotient, sum,
};
use crate::Account;

/// The unit of `accSushiPerShare`.
const SHARE: U256 = U256::from_limbs([1_000_000_000_000, 0, 0, 0]);
/// The developers get one in so many on top.
const DEV: U256 = U256::from_limbs([10, 0, 0, 0]);

/// The reward token, as far as the chef moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sushi {
    /// All there is.
    pub(super) supply: U256,
    /// What the chef holds.
    pub(super) held: U256,
}

/// What a pool is due since its last update.
pub(super) struct Accrued {
    /// What is minted for the stakers.
    pub(super) reward: U256,
    /// What a share is then worth; it may fail after the tokens were minted, where that fails.
    pub(super) per_share: Result<U256, MasterChefError>,
}

impl Sushi {
    /// Pays an amount, or all that the chef holds (`safeSushiTransfer`); returns what it paid.
    pub(super) fn pay(&mut self, amount: U256) -> U256 {
        let paid = amount.min(self.held);
        self.held = self.held.wrapping_sub(paid);
        paid
    }

    /// Source: `SushiToken.mint` and OpenZeppelin 3.1.0 `ERC20._mint`.
    fn minted(self, amount: U256, is_ours: bool) -> Result<Self, MasterChefError> {
        let supply = sum(self.supply, amount)?;
        let held = if is_ours { sum(self.held, amount)? } else { self.held };
        Ok(Self { supply, held })
    }
}

impl MasterChef {
    /// Returns a pool as `updatePool` leaves it, and the reward token.
    pub(super) fn updated(
        &self,
        pool: &ChefPool,
        sushi: &Sushi,
        at: BlockNumber,
    ) -> Result<(ChefPool, Sushi), MasterChefError> {
        if at <= pool.last_reward_block {
            return Ok((*pool, *sushi));
        }
        let Some(accrued) = self.accrued(pool, sushi, at)? else {
            return Ok((ChefPool { last_reward_block: at, ..*pool }, *sushi));
        };
        if self.dev == Account::default() {
            return Err(MasterChefError::MintToZeroAddress);
        }
        let for_dev = quotient(accrued.reward, DEV)?;
        let sushi = sushi.minted(for_dev, self.dev == self.address)?;
        let sushi = sushi.minted(accrued.reward, true)?;
        let acc_sushi_per_share = accrued.per_share?;
        Ok((ChefPool { last_reward_block: at, acc_sushi_per_share, ..*pool }, sushi))
    }

    /// Returns all pools as `massUpdatePools` leaves them, and the reward token.
    pub(super) fn updated_all(
        &self,
        at: BlockNumber,
    ) -> Result<(Vec<ChefPool>, Sushi), MasterChefError> {
        let mut sushi = self.sushi;
        let mut pools = Vec::with_capacity(self.pools.len());
        for pool in &self.pools {
            let (updated, after) = self.updated(pool, &sushi, at)?;
            pools.push(updated);
            sushi = after;
        }
        Ok((pools, sushi))
    }

    /// Returns what a pool is due; `None` where no block has passed or nothing is in it.
    pub(super) fn accrued(
        &self,
        pool: &ChefPool,
        sushi: &Sushi,
        at: BlockNumber,
    ) -> Result<Option<Accrued>, MasterChefError> {
        let lp_supply = self.balance(pool.lp_token, sushi);
        if at <= pool.last_reward_block || lp_supply.is_zero() {
            return Ok(None);
        }
        let blocks = self.multiplier(pool.last_reward_block, at);
        let all = product(product(blocks, self.sushi_per_block)?, pool.alloc_point)?;
        let reward = quotient(all, self.total_alloc_point)?;
        let per_share = product(reward, SHARE)
            .and_then(|scaled| quotient(scaled, lp_supply))
            .and_then(|growth| sum(pool.acc_sushi_per_share, growth));
        Ok(Some(Accrued { reward, per_share }))
    }

    /// Returns the blocks from one to a later one, each before the bonus' end ten times
    /// (`getMultiplier`): at most eleven times 2^64.
    fn multiplier(&self, from: BlockNumber, to: BlockNumber) -> U256 {
        let bonus_end = self.bonus_end_block.clamp(from, to);
        let with_bonus = U256::from(bonus_end.0.saturating_sub(from.0));
        let without = U256::from(to.0.saturating_sub(bonus_end.0));
        with_bonus.wrapping_mul(U256::from(BONUS_MULTIPLIER)).wrapping_add(without)
    }
}

/// What a stake would have earned had it always been there.
pub(super) fn entitlement(user: &ChefUser, share: U256) -> Result<U256, MasterChefError> {
    quotient(product(user.amount.0, share)?, SHARE)
}

/// What a stake has earned since the staker was last paid.
pub(super) fn pending(user: &ChefUser, share: U256) -> Result<U256, MasterChefError> {
    difference(entitlement(user, share)?, user.reward_debt)
}
