//! What is done in the two programmes: StakingRewards on the pair's shares, and the v3 staker.

use revm::primitives::Address;
use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::Call;
use crate::anvil::AnvilError;

impl AnvilDriver {
    pub(super) fn staking(&mut self) -> Result<Vec<Step>, AnvilError> {
        if self.random.once_in(2) { self.rewards() } else { Ok(self.staker()) }
    }

    fn rewards(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (user, programme) = (self.user(), self.world.rewards.address);
        let held = Call::new("balanceOf(address)", 1).address(user);
        let staked = self.world.chain.ask(programme, held.clone())?;
        let held = self.world.chain.ask(self.world.pair, held)?;
        let one = |name, signature, word| {
            vec![Step::new(name, user, programme, Call::new(signature, 1).word(word))]
        };
        let none =
            |name, signature| vec![Step::new(name, user, programme, Call::new(signature, 0))];
        Ok(match self.random.below(8) {
            0..4 if !held.is_zero() => {
                let amount = self.random.up_to(held >> 2_usize) + U256::ONE;
                one("rewards stake", "stake(uint256)", amount)
            }
            4 | 5 if !staked.is_zero() => {
                let amount = self.random.up_to(staked - U256::ONE) + U256::ONE;
                one("rewards withdraw", "withdraw(uint256)", amount)
            }
            6 if !staked.is_zero() => none("rewards claim", "getReward()"),
            7 if !staked.is_zero() && self.random.once_in(3) => none("rewards exit", "exit()"),
            _ => Vec::new(),
        })
    }

    fn with_key(&self, signature: &str, words: usize) -> Call {
        self.world.staker.incentive.0.into_iter().fold(Call::new(signature, words), Call::word)
    }

    fn staker(&mut self) -> Vec<Step> {
        match self.random.below(8) {
            0..3 => self.stake_token(),
            3 | 4 => self.unstake_token(),
            5 if !self.staked.is_empty() => {
                let (id, owner) = self.random.pick(&self.staked);
                self.restake(id, owner)
            }
            _ => {
                let user = self.user();
                let call = Call::new("claimReward(address,address,uint256)", 3);
                let call = call.address(self.world.staker.reward_token).address(user);
                let call = call.word(self.random.wide(66));
                vec![Step::new("staker claim", user, self.world.staker.address, call)]
            }
        }
    }

    /// Sends a token to the staker, to stake it on arrival. While the incentive has not begun the
    /// staker refuses it.
    fn stake_token(&mut self) -> Vec<Step> {
        let started = self.world.staker.incentive.0[2];
        if self.tokens.is_empty() || U256::from(self.world.chain.time()) < started {
            return Vec::new();
        }
        let place = self.random.below(self.tokens.len() as u64) as usize;
        let (id, owner) = self.tokens[place];
        if self.liquidity_of(id).is_none_or(|liquidity| liquidity.is_zero()) {
            return Vec::new();
        }
        self.tokens.swap_remove(place);
        self.staked.push((id, owner));
        let call = Call::new("safeTransferFrom(address,address,uint256,bytes)", 4).address(owner);
        let call = call.address(self.world.staker.address).word(U256::from(id));
        let call = call.bytes(&self.world.staker.incentive.encode());
        vec![Step::new("staker deposit and stake", owner, self.world.pool.manager, call)]
    }

    fn liquidity_of(&mut self, id: u64) -> Option<U256> {
        let position = Call::new("positions(uint256)", 1).word(U256::from(id));
        let position = self.world.chain.view(self.world.pool.manager, position).ok()?;
        position.word(7).ok()
    }

    fn unstake_token(&mut self) -> Vec<Step> {
        if self.staked.is_empty() {
            return Vec::new();
        }
        let place = self.random.below(self.staked.len() as u64) as usize;
        let (id, owner) = self.staked.swap_remove(place);
        self.tokens.push((id, owner));
        let staker = self.world.staker.address;
        let withdraw = Call::new("withdrawToken(uint256,address,bytes)", 3).word(U256::from(id));
        let withdraw = withdraw.address(owner).bytes(&[]);
        vec![self.unstake(id, owner), Step::new("staker withdraw", owner, staker, withdraw)]
    }

    fn unstake(&self, id: u64, owner: Address) -> Step {
        let signature = "unstakeToken((address,address,uint256,uint256,address),uint256)";
        let call = self.with_key(signature, 6).word(U256::from(id));
        Step::new("staker unstake", owner, self.world.staker.address, call)
    }

    fn restake(&mut self, id: u64, owner: Address) -> Vec<Step> {
        let signature = "stakeToken((address,address,uint256,uint256,address),uint256)";
        let call = self.with_key(signature, 6).word(U256::from(id));
        let stake = Step::new("staker stake", owner, self.world.staker.address, call);
        if self.liquidity_of(id).is_none_or(|liquidity| liquidity.is_zero()) {
            return Vec::new();
        }
        vec![self.unstake(id, owner), stake]
    }
}
