//! What is done in the v2 pair, by plain accounts that send it tokens first.

use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::Call;
use crate::anvil::AnvilError;

impl AnvilDriver {
    pub(super) fn pair(&mut self) -> Result<Vec<Step>, AnvilError> {
        let pair = self.world.pair;
        let reserves = self.world.chain.view(pair, Call::new("getReserves()", 0))?;
        let reserves = [reserves.word(0)?, reserves.word(1)?];
        if reserves[0].is_zero() || reserves[1].is_zero() {
            return Ok(self.pair_deposit([U256::from(1_u64 << 50), U256::from(3_u64 << 50)]));
        }
        Ok(match self.random.below(16) {
            0..8 => self.pair_swap(reserves),
            8..10 => {
                let part = self.random.up_to(reserves[0] >> 4_usize) + U256::from(1000);
                let other = part * reserves[1] / reserves[0] + self.amount(10);
                self.pair_deposit([part, other])
            }
            10..13 => self.pair_withdraw()?,
            13 => self.pair_gift("v2 skim", |user| Call::new("skim(address)", 1).address(user)),
            14 => self.pair_gift("v2 sync", |_| Call::new("sync()", 0)),
            _ => {
                let admin = self.world.chain.admin();
                let to = if self.random.once_in(2) { admin } else { Default::default() };
                let call = Call::new("setFeeTo(address)", 1).address(to);
                vec![Step::new("v2 setFeeTo", admin, self.world.pair_factory, call)]
            }
        })
    }

    fn pair_pays(&mut self, amounts: [U256; 2]) -> Vec<Step> {
        let (user, pair, mut steps) = (self.user(), self.world.pair, Vec::new());
        for (token, amount) in self.world.tokens.into_iter().zip(amounts) {
            if !amount.is_zero() {
                let call = Call::new("transfer(address,uint256)", 2).address(pair).word(amount);
                steps.push(Step::new("transfer", user, token, call));
            }
        }
        steps
    }

    fn pair_deposit(&mut self, amounts: [U256; 2]) -> Vec<Step> {
        let mut steps = self.pair_pays(amounts);
        let user = self.user();
        let call = Call::new("mint(address)", 1).address(user);
        steps.push(Step::new("v2 mint", user, self.world.pair, call));
        steps
    }

    fn pair_swap(&mut self, reserves: [U256; 2]) -> Vec<Step> {
        let input = self.random.below(2) as usize;
        let paid = self.random.up_to(reserves[input] >> 5_usize) + U256::from(1000);
        let kept = paid * U256::from(997);
        let taken = reserves[1 - input] * kept / (reserves[input] * U256::from(1000) + kept);
        let (mut amounts, mut out) = ([U256::ZERO; 2], [U256::ZERO; 2]);
        amounts[input] = paid;
        // Now and then less than the product allows.
        out[1 - input] = taken - U256::from(self.random.below(2));
        if out[1 - input].is_zero() {
            return Vec::new();
        }
        let mut steps = self.pair_pays(amounts);
        let user = self.user();
        let call = Call::new("swap(uint256,uint256,address,bytes)", 4).word(out[0]).word(out[1]);
        let call = call.address(user).bytes(&[]);
        steps.push(Step::new("v2 swap", user, self.world.pair, call));
        steps
    }

    fn pair_withdraw(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (user, pair) = (self.user(), self.world.pair);
        let held = Call::new("balanceOf(address)", 1).address(user);
        let held = self.world.chain.ask(pair, held)?;
        if held < U256::from(1_000_000) {
            return Ok(Vec::new());
        }
        let shares = self.random.up_to(held >> 2_usize) + U256::from(100_000);
        let send = Call::new("transfer(address,uint256)", 2).address(pair).word(shares);
        let burn = Call::new("burn(address)", 1).address(user);
        let send = Step::new("v2 transfer", user, pair, send);
        Ok(vec![send, Step::new("v2 burn", user, pair, burn)])
    }

    fn pair_gift(
        &mut self,
        name: &'static str,
        then: fn(revm::primitives::Address) -> Call,
    ) -> Vec<Step> {
        let gift = [self.amount(20), self.random.wide(20)];
        let mut steps = self.pair_pays(gift);
        let user = self.user();
        steps.push(Step::new(name, user, self.world.pair, then(user)));
        steps
    }
}
