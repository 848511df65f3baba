//! What is done in Curve's sUSD pool.

use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::Call;
use crate::anvil::AnvilError;

/// What one unit of each coin counts for, in powers of two: 10^12 is about 2^40.
const MORE_BITS: [u64; 4] = [40, 0, 0, 40];

impl AnvilDriver {
    pub(super) fn curve(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (user, pool) = (self.user(), self.world.curve.address);
        let held = Call::new("balanceOf(address)", 1).address(user);
        let held = self.world.chain.ask(self.world.curve.shares, held)?;
        let has_shares = held >> 20_usize != U256::ZERO;
        Ok(vec![match self.random.below(10) {
            0..5 => self.curve_exchange(),
            7 if has_shares => {
                let burned = self.random.up_to(held >> 3_usize) + U256::ONE;
                let call = Call::new("remove_liquidity(uint256,uint256[4])", 5).word(burned);
                let call = [U256::ZERO; 4].into_iter().fold(call, Call::word);
                Step::new("curve remove", user, pool, call)
            }
            8 if has_shares => {
                let bits = held.bit_len() as u64;
                let amounts = MORE_BITS.map(|more| {
                    self.random.wide((bits.saturating_sub(44) + more).saturating_sub(6))
                });
                let call = Call::new("remove_liquidity_imbalance(uint256[4],uint256)", 5);
                let call = amounts.into_iter().fold(call, Call::word).word(held);
                Step::new("curve remove imbalance", user, pool, call)
            }
            9 if self.random.once_in(3) => {
                let admin = self.world.chain.admin();
                Step::new("curve admin fees", admin, pool, Call::new("withdraw_admin_fees()", 0))
            }
            _ => {
                let amounts = MORE_BITS.map(|more| self.amount(34 + more));
                let call = Call::new("add_liquidity(uint256[4],uint256)", 5);
                let call = amounts.into_iter().fold(call, Call::word).word(U256::ZERO);
                Step::new("curve add", user, pool, call)
            }
        }])
    }

    fn curve_exchange(&mut self) -> Step {
        let user = self.user();
        let from = self.random.below(4);
        let to = (from + 1 + self.random.below(3)) % 4;
        let amount = self.amount(36 + MORE_BITS[from as usize]);
        let call = Call::new("exchange(int128,int128,uint256,uint256)", 4);
        let call = call.word(U256::from(from)).word(U256::from(to)).word(amount).word(U256::ZERO);
        Step::new("curve exchange", user, self.world.curve.address, call)
    }
}
