//! SushiSwap's MasterChef: one pool that gets every block's mint.

use tidemill_rewards::Account;
use tidemill_rewards::master_chef::{Allocation, MasterChef, MasterChefState};
use tidemill_units::{Amount, BlockNumber, Timestamp, U256};

use super::{Capture, Clock, Group};

const CHEF: Account = Account([0xc4; 20]);
const OWNER: Account = Account([0x0e; 20]);
const DEV: Account = Account([0xde; 20]);
const SUSHI: Account = Account([0x50; 20]);
const SHARE: Account = Account([0x60; 20]);
const START: u64 = 1_000_000;

/// A chef that mints a budget, the developers' tenth within it.
pub(crate) struct Farmed {
    chef: MasterChef,
    budget: Amount,
    clock: Clock,
    block_seconds: u64,
    paid: Vec<(Group, Amount)>,
}

impl Farmed {
    pub(crate) fn new(budget: Amount, block_seconds: u64, clock: Clock) -> Result<Self, String> {
        let blocks = U256::from(clock.seconds / block_seconds);
        // A tenth comes on top of what stakers get, so that they get ten elevenths.
        let for_stakers = budget.0.checked_mul(U256::from(10_u8));
        let per_block = for_stakers
            .and_then(|amount| amount.checked_div(U256::from(11_u8)))
            .and_then(|amount| amount.checked_div(blocks))
            .ok_or("the budget passes 2^256 - 1, or there is no block")?;
        let state = MasterChefState {
            address: CHEF,
            owner: OWNER,
            dev: DEV,
            sushi_token: SUSHI,
            sushi_per_block: Amount(per_block),
            start_block: BlockNumber(START),
            bonus_end_block: BlockNumber(0),
            sushi_supply: Amount::ZERO,
            sushi_balance: Amount::ZERO,
            lp_balances: Vec::new(),
            pools: Vec::new(),
            users: Vec::new(),
        };
        let mut chef = MasterChef::new(&state).map_err(|error| error.to_string())?;
        let allocation = Allocation { alloc_point: U256::ONE, with_update: false };
        let added = chef.add(OWNER, SHARE, allocation, BlockNumber(START));
        added.map_err(|error| error.to_string())?;
        Ok(Self { chef, budget, clock, block_seconds, paid: Vec::new() })
    }

    fn block(&self, at: Timestamp) -> BlockNumber {
        let blocks = at.seconds_since(self.clock.start) / self.block_seconds;
        BlockNumber(START.saturating_add(blocks))
    }

    pub(crate) fn change(
        &mut self,
        group: Group,
        (less, more): (Amount, Amount),
        at: Timestamp,
    ) -> Result<(), String> {
        let (account, block) = (group.account(), self.block(at));
        let withdrawn = self.chef.withdraw(account, 0, less, block);
        self.paid.push((group, withdrawn.map_err(|error| error.to_string())?));
        let deposited = self.chef.deposit(account, 0, more, block);
        self.paid.push((group, deposited.map_err(|error| error.to_string())?));
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<Capture, String> {
        let end = self.clock.end();
        for group in Group::ALL {
            if !self.chef.user(0, group.account()).amount.is_zero() {
                self.change(group, (Amount::ZERO, Amount::ZERO), end)?;
            }
        }
        let minted = self.chef.sushi_supply();
        let held = self.chef.balance_of(SUSHI);
        let returned = self.budget.checked_sub(minted).ok_or("more was minted than the budget")?;
        let mut to_stakers = Amount::ZERO;
        for (_, paid) in &self.paid {
            to_stakers = to_stakers.checked_add(*paid).unwrap_or(to_stakers);
        }
        // What was minted and is neither the stakers' nor the chef's went to the developers.
        let makers = minted.checked_sub(held).and_then(|left| left.checked_sub(to_stakers));
        let makers = makers.ok_or("more was paid than was minted")?;
        Ok(Capture { paid: self.paid, makers, returned, rest: held, ..Capture::default() })
    }
}
