//! What is done in Balancer's weighted pool, through the vault.

use revm::primitives::Address;
use tidemill_units::U256;

use super::{AnvilDriver, Step};
use crate::anvil::AnvilError;
use crate::{Call, address_word};

impl AnvilDriver {
    pub(super) fn vault(&mut self) -> Result<Vec<Step>, AnvilError> {
        let (user, pool) = (self.user(), self.world.vault.pool);
        let balances = Call::new("getPoolTokens(bytes32)", 1).word(self.world.vault.id);
        let balances = self.world.chain.view(self.world.vault.address, balances)?;
        let balances = [balances.word(7)?, balances.word(8)?];
        if balances[0].is_zero() {
            let amounts = [U256::from(1_u64 << 60), U256::from(1_u64 << 52)];
            let data = Call::bare(2).word(U256::ZERO).array(&amounts).encode();
            return Ok(vec![self.vault_change("balancer initial join", user, &data)]);
        }
        let held = Call::new("balanceOf(address)", 1).address(user);
        let held = self.world.chain.ask(pool, held)?;
        Ok(vec![match self.random.below(10) {
            0..5 => self.vault_swap(user, balances),
            7 if !held.is_zero() => {
                let shares = self.random.up_to(held >> 2_usize) + U256::ONE;
                let data = Call::bare(2).word(U256::ONE).word(shares).encode();
                self.vault_change("balancer exit", user, &data)
            }
            8 if !held.is_zero() => {
                let shares = self.random.up_to(held >> 6_usize) + U256::ONE;
                let token = U256::from(self.random.below(2));
                let data = Call::bare(3).word(U256::ZERO).word(shares).word(token).encode();
                self.vault_change("balancer exit in one token", user, &data)
            }
            9 if self.random.once_in(3) => {
                let admin = self.world.chain.admin();
                let fee = U256::from(1_000_000_000_000_000 + self.random.below(1 << 50));
                let call = Call::new("setSwapFeePercentage(uint256)", 1).word(fee);
                Step::new("balancer swap fee", admin, pool, call)
            }
            _ => {
                let amounts =
                    balances.map(|balance| self.random.up_to(balance >> 4_usize) + U256::from(9));
                let data = Call::bare(3).word(U256::ONE).array(&amounts).word(U256::ZERO).encode();
                self.vault_change("balancer join", user, &data)
            }
        }])
    }

    /// A join or an exit, as its name says, at any price.
    fn vault_change(&mut self, name: &'static str, user: Address, data: &[u8]) -> Step {
        let assets = self.world.tokens.map(address_word);
        let is_join = name.ends_with("join");
        let (signature, limit) = if is_join {
            ("joinPool(bytes32,address,address,(address[],uint256[],bytes,bool))", U256::MAX)
        } else {
            ("exitPool(bytes32,address,address,(address[],uint256[],bytes,bool))", U256::ZERO)
        };
        let request = Call::bare(4).array(&assets).array(&[limit; 2]).bytes(data).word(U256::ZERO);
        let call = Call::new(signature, 4).word(self.world.vault.id).address(user).address(user);
        Step::new(name, user, self.world.vault.address, call.tuple(request))
    }

    fn vault_swap(&mut self, user: Address, balances: [U256; 2]) -> Step {
        let signature = "swap((bytes32,uint8,address,address,uint256,bytes),\
                         (address,bool,address,bool),uint256,uint256)";
        let input = self.random.below(2) as usize;
        let kind = self.random.below(2);
        let fixed = if kind == 0 { input } else { 1 - input };
        let amount = self.random.up_to(balances[fixed] >> 4_usize) + U256::from(100);
        let tokens = self.world.tokens;
        let single = Call::bare(6).word(self.world.vault.id).word(U256::from(kind));
        let single = single.address(tokens[input]).address(tokens[1 - input]);
        let single = single.word(amount).bytes(&[]);
        let call = Call::new(signature, 7).tuple(single);
        let call = call.address(user).word(U256::ZERO).address(user).word(U256::ZERO);
        let limit = if kind == 0 { U256::ZERO } else { U256::MAX };
        let call = call.word(limit).word(U256::MAX);
        Step::new("balancer swap", user, self.world.vault.address, call)
    }
}
