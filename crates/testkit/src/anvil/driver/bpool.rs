//! What is done in the pool of Balancer v1.

use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::Call;
use crate::anvil::AnvilError;

/// 10^18, of which the first shares are a hundred times as many.
const ONE: u64 = 1_000_000_000_000_000_000;

impl AnvilDriver {
    pub(super) fn bpool(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (pool, admin) = (self.world.bpool, self.world.chain.admin());
        let [token0, token1] = self.world.tokens;
        let (input, output) =
            if self.random.once_in(2) { (token0, token1) } else { (token1, token0) };
        let user = self.user();
        let shares = U256::from(ONE / 50 + self.random.below(ONE));
        Ok(vec![match self.random.below(8) {
            0..5 => {
                let balance = Call::new("getBalance(address)", 1).address(input);
                let balance = self.world.chain.ask(pool, balance)?;
                let amount = self.random.up_to(balance >> 4_usize) + U256::from(1000);
                let signature = "swapExactAmountIn(address,uint256,address,uint256,uint256)";
                let call = Call::new(signature, 5).address(input).word(amount).address(output);
                let call = call.word(U256::ZERO).word(U256::MAX);
                Step::new("bpool swap", user, pool, call)
            }
            5 => {
                let call = Call::new("joinPool(uint256,uint256[])", 2).word(shares);
                Step::new("bpool join", user, pool, call.array(&[U256::MAX; 2]))
            }
            6 => {
                let call = Call::new("exitPool(uint256,uint256[])", 2).word(shares);
                Step::new("bpool exit", admin, pool, call.array(&[U256::ZERO; 2]))
            }
            _ => {
                let signature = "joinswapExternAmountIn(address,uint256,uint256)";
                let amount = U256::from((1_u64 << 40) + self.random.below(1 << 45));
                let call = Call::new(signature, 3).address(input).word(amount).word(U256::ZERO);
                Step::new("bpool join with one token", user, pool, call)
            }
        }])
    }
}
